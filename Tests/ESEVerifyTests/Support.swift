// Layer: ESEVerifyTests. What its tests share.

import Foundation
import PeerRig

extension ESESamples {
    /// The bytes of a file.
    static func bytes(of path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
