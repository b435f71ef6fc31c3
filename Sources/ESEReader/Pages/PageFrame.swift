// Layer: ESEReader/Pages. Used by: PageStore, trees, rows.

import ESEFormat

/// A page that was read and found good. Immutable; copies share the bytes.
struct PageFrame: Sendable {
    let number: PageNumber
    let bytes: [UInt8]
    let layout: PageLayout
    let objectID: ObjectID
    /// The sibling to the right.
    let next: PageNumber

    init(number: PageNumber, bytes: [UInt8], size: PageSize) throws(FormatError) {
        layout = try PageLayout(bytes.span.bytes, size: size)
        objectID = ObjectID(try bytes.span.bytes.little(24))
        next = PageNumber(try bytes.span.bytes.little(20))
        self.number = number
        self.bytes = bytes
    }
}
