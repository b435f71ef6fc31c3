// Layer: Primitives. Uses: SocketAddress. Used by: everything that reads or prints an address.
// Numeric text forms only: RFC 4291 section 2.2 for reading IPv6, RFC 5952 for writing it, RFC 4007 section 11 for
// zones, RFC 3986 section 3.2.2 for brackets. Host names are resolved in PlatformIO.

/// Why a text is not a numeric address.
public enum AddressSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing stands where an address should.
    case empty
    /// Neither an IPv4 nor an IPv6 address: perhaps a host name.
    case notNumeric
    /// An opening bracket without its closing one, or text after the closing one that is not `:port`.
    case badBrackets
    /// The port is not a decimal number in `0...65535`.
    case badPort
    /// The zone after `%` is empty, unknown, or stands after an IPv4 address.
    case badZone

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .empty: "the address is empty"
        case .notNumeric: "not an IPv4 or IPv6 address"
        case .badBrackets: "brackets don't match: write [IPv6-address]:port"
        case .badPort: "the port must be a number from 0 to 65535"
        case .badZone: "no such zone: write IPv6-address%interface"
        }
    }
}

extension SocketAddress {
    /// Reads a numeric address with an optional port.
    ///
    /// Forms: `192.0.2.1`, `192.0.2.1:161`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:161`, `fe80::1%2`,
    /// `[fe80::1%eth0]:161`. IPv4 is strict: four decimal parts without leading zeros. An IPv6 address without brackets
    /// has no port.
    /// - Parameters:
    ///   - defaultPort: the port of a text without one.
    ///   - interfaceIndex: finds the index of the interface that a zone names; a decimal zone doesn't need it.
    public init(
        parsing text: String, defaultPort: UInt16 = 0, interfaceIndex: (String) -> UInt32? = { _ in nil }
    ) throws(AddressSyntaxError) {
        let (host, port) = try SocketAddress.splitPort(text)
        try self.init(numericHost: host, port: port ?? defaultPort, interfaceIndex: interfaceIndex)
    }

    /// Reads a numeric address without port or brackets, with an optional zone.
    public init(
        numericHost host: String, port: UInt16, interfaceIndex: (String) -> UInt32? = { _ in nil }
    ) throws(AddressSyntaxError) {
        guard !host.isEmpty else { throw .empty }
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        if let address = SocketAddress.parseIPv4(parts[0].utf8) {
            guard parts.count == 1 else { throw .badZone }
            self.init(ipv4: address, port: port)
            return
        }
        guard let (high, low) = SocketAddress.parseIPv6(parts[0].utf8) else { throw .notNumeric }
        var scope: UInt32 = 0
        if parts.count == 2 {
            guard let index = SocketAddress.decimal(parts[1].utf8, limit: .max) ?? interfaceIndex(String(parts[1]))
            else { throw .badZone }
            scope = index
        }
        self.init(ipv6High: high, low: low, scope: scope, port: port)
    }

    /// Separates the port from a host, which may be a name: `router:161`, `[::1]:161`, `::1`, `192.0.2.1`.
    ///
    /// The host comes back without brackets. A text with two or more colons and no bracket is an IPv6 address alone.
    public static func splitPort(_ text: String) throws(AddressSyntaxError) -> (host: String, port: UInt16?) {
        guard let first = text.first else { throw .empty }
        let host: Substring, rest: Substring
        if first == "[" {
            guard let close = text.firstIndex(of: "]") else { throw .badBrackets }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" else { throw .badBrackets }
            guard host.contains(":") else { throw host.isEmpty ? .empty : .badBrackets }
        } else if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        } else {
            host = text[...]
            rest = ""
        }
        guard !host.isEmpty else { throw .empty }
        guard !rest.isEmpty else { return (String(host), nil) }
        guard let port = decimal(rest.dropFirst().utf8, limit: 65_535) else { throw .badPort }
        return (String(host), UInt16(truncatingIfNeeded: port))
    }

    /// A decimal number of digits only, at most `limit`; nil for anything else.
    private static func decimal(_ text: Substring.UTF8View, limit: UInt32) -> UInt32? {
        guard !text.isEmpty, text.count <= 10 else { return nil }
        var value: UInt64 = 0
        for character in text {
            guard character >= UInt8(ascii: "0"), character <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + UInt64(character - UInt8(ascii: "0"))
        }
        return value <= UInt64(limit) ? UInt32(truncatingIfNeeded: value) : nil
    }

    /// Four decimal parts, strictly. Leading zeros are refused because some readers take them for octal.
    private static func parseIPv4(_ text: Substring.UTF8View) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard part.count == 1 || part.first != UInt8(ascii: "0"), let octet = decimal(part, limit: 255)
            else { return nil }
            value = value << 8 | octet
        }
        return value
    }

    /// Up to eight groups of hexadecimal digits with at most one `::`, the last two groups perhaps as an IPv4 address.
    private static func parseIPv6(_ text: Substring.UTF8View) -> (high: UInt64, low: UInt64)? {
        let colon = UInt8(ascii: ":")
        guard text.count >= 2, text.count <= 45 else { return nil }
        var parts = text.split(separator: colon, maxSplits: 9, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        // A text that begins or ends with "::" has two empty parts there: one is the gap, the other nothing.
        if parts[0].isEmpty {
            guard parts[1].isEmpty else { return nil }
            parts.removeFirst()
        }
        if parts[parts.count - 1].isEmpty {
            guard parts[parts.count - 2].isEmpty else { return nil }
            parts.removeLast()
        }
        var groups: [UInt16] = []
        var gap: Int?
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                guard gap == nil else { return nil }
                gap = groups.count
            } else if index == parts.count - 1, let tail = parseIPv4(part) {
                groups.append(UInt16(truncatingIfNeeded: tail >> 16))
                groups.append(UInt16(truncatingIfNeeded: tail))
            } else {
                guard let group = hexadecimalGroup(part) else { return nil }
                groups.append(group)
            }
        }
        // "::" stands for at least one group of zeros.
        guard gap == nil ? groups.count == 8 : groups.count <= 7 else { return nil }
        if let gap { groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap) }
        return (groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }, groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static func hexadecimalGroup(_ text: Substring.UTF8View) -> UInt16? {
        guard !text.isEmpty, text.count <= 4 else { return nil }
        var value: UInt16 = 0
        for character in text {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}

extension SocketAddress: CustomStringConvertible {
    /// The address with its port: `192.0.2.1:161`, `[2001:db8::1]:161`, `[fe80::1%2]:161`. `init(parsing:)` reads it.
    public var description: String { family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)" }

    /// The address without its port or brackets, in the canonical form of RFC 5952; the zone as a number.
    public var host: String {
        if family == .ipv4 { return SocketAddress.dotted(lowBits) }
        let zone = scope == 0 ? "" : "%\(scope)"
        if isIPv4Mapped { return "::ffff:" + SocketAddress.dotted(lowBits) + zone }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? highBits : lowBits) >> UInt64(48 - (index & 3) * 16))
        }
        let gap = SocketAddress.longestZeroRun(groups)
        let head = groups[..<gap.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
        guard !gap.isEmpty else { return head + zone }
        return head + "::" + groups[gap.upperBound...].map { String($0, radix: 16) }.joined(separator: ":") + zone
    }

    private static func dotted(_ bits: UInt64) -> String {
        "\(bits >> 24 & 0xFF).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    /// The first of the longest runs of at least two zero groups (RFC 5952 section 4.2); empty at the end if none.
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var best = groups.count..<groups.count
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > max(best.count, 1) {
                best = start..<(index + 1)
            }
        }
        return best
    }
}
