// Layer: SNMPCodec. Used by: security, engines, agent.

/// An snmpEngineID: the name of an SNMP engine, 5 to 32 octets (RFC 3411, section 5). Peers send other lengths too, so
/// what came from the network is kept up to 32 octets; empty means "not known".
public struct EngineID: Hashable, Sendable {
    /// The octets.
    public let octets: [UInt8]

    /// Makes an engine ID from its octets.
    @inlinable
    public init(_ octets: [UInt8]) { self.octets = octets }

    /// The empty ID, used in discovery.
    public static let empty = EngineID([])

    /// Whether there are no octets.
    public var isEmpty: Bool { octets.isEmpty }

    /// Whether the length is one that RFC 3411 allows.
    public var isWellFormed: Bool { (5...32).contains(octets.count) }

    /// Reads hexadecimal digits, with or without `0x` in front, in either case. Nil if malformed or above 32 octets.
    public init?(hex text: some StringProtocol) {
        var digits = text.utf8[...]
        if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) { digits = digits.dropFirst(2) }
        guard digits.count % 2 == 0, digits.count <= 64, !digits.isEmpty else { return nil }
        var result = [UInt8]()
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x41...0x46: value = digit - 0x37
            case 0x61...0x66: value = digit - 0x57
            default: return nil
            }
            if let upper = high {
                result.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        octets = result
    }
}

extension EngineID: CustomStringConvertible {
    /// Hexadecimal with `0x` in front, as net-snmp prints it.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = Array("0x".utf8)
        for octet in octets {
            text.append(digits[Int(octet >> 4)])
            text.append(digits[Int(octet & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
