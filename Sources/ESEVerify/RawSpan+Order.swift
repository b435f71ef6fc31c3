// Layer: ESEVerify. Uses: KeyOrder. Used by: the checks of order.

import ESEFormat

extension RawSpan {
    /// The order of two runs of bytes: by the first that differs, else the shorter first. Negative, 0 or positive.
    func order(to other: RawSpan) -> Int { KeyOrder.compare(self, other) }
}
