// Layer: WinSNMP. Used by: entities.

/// An address of the IPX protocol, which the API's strings can name: network and node number. Nothing can be sent to
/// one here.
struct IPXAddress: Equatable {
    /// The port of agents on IPX.
    static let requestPort: UInt16 = 36_879

    let network: UInt32
    /// The lower 48 bits.
    let node: UInt64

    /// Reads eight hexadecimal digits, one of `:`, `.` and `-`, and twelve hexadecimal digits.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 21, [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-")].contains(bytes[8]),
            let network = IPXAddress.number(bytes[..<8]), let node = IPXAddress.number(bytes[9...])
        else { return nil }
        self.network = UInt32(truncatingIfNeeded: network)
        self.node = node
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard let nibble = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt64(nibble)
        }
        return value
    }

    /// The form that is read, with a colon and capital letters.
    var text: String {
        func hexadecimal(_ value: UInt64, _ count: Int) -> String {
            let digits = String(value, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        return hexadecimal(UInt64(network), 8) + ":" + hexadecimal(node, 12)
    }
}
