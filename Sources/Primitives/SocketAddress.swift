// Layer: Primitives. Uses: nothing. Used by: the engines (as the name of a peer) and PlatformIO (as a sockaddr).
// A transport address as a plain 24-byte value, so that state machines can compare and hash peers without any system
// call. Text is in SocketAddress+Text.swift; conversion to and from `sockaddr` is PlatformIO's business.

/// An IPv4 or IPv6 address with a port: where a datagram comes from or goes to.
///
/// Two addresses are equal when family, address, zone and port are equal. An IPv4 address and its IPv4-mapped IPv6 form
/// (`::ffff:192.0.2.1`) are different values; `normalized` turns the second into the first.
public struct SocketAddress: Hashable, Sendable {
    /// The address family.
    public enum Family: UInt8, Sendable {
        /// Internet Protocol version 4: four octets.
        case ipv4 = 4
        /// Internet Protocol version 6: sixteen octets and a zone.
        case ipv6 = 6
    }

    /// The first eight octets as a big-endian number; zero for IPv4.
    public let highBits: UInt64
    /// The last eight octets as a big-endian number; for IPv4 `0x0000_FFFF` and the four octets, which is what the
    /// IPv4-mapped form holds (RFC 4291 section 2.5.5.2), so that normalising changes only the family.
    public let lowBits: UInt64
    /// The zone of a link-local address as an interface index; 0 is the default zone (RFC 4007). Always 0 for IPv4.
    public let scope: UInt32
    /// The port, in host byte order. 0 stands for "not chosen".
    public var port: UInt16
    /// The address family.
    public let family: Family

    /// Makes an IPv4 address from its number, the first octet highest: `0x7F00_0001` is 127.0.0.1.
    @inlinable
    public init(ipv4 address: UInt32, port: UInt16) {
        highBits = 0
        lowBits = 0x0000_FFFF_0000_0000 | UInt64(address)
        scope = 0
        self.port = port
        family = .ipv4
    }

    /// Makes an IPv4 address from its four octets in the order in which they are written.
    @inlinable
    public init(ipv4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) {
        self.init(ipv4: UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d), port: port)
    }

    /// Makes an IPv6 address from its two halves, each a big-endian number.
    @inlinable
    public init(ipv6High high: UInt64, low: UInt64, scope: UInt32 = 0, port: UInt16) {
        highBits = high
        lowBits = low
        self.scope = scope
        self.port = port
        family = .ipv6
    }

    /// Makes an address from 4 (IPv4) or 16 (IPv6) octets in network order; nil for any other count.
    /// - Parameter scope: the zone; ignored for IPv4.
    public init?(octets: some Collection<UInt8>, scope: UInt32 = 0, port: UInt16) {
        let count = octets.count
        guard count == 4 || count == 16 else { return nil }
        var high: UInt64 = 0, low: UInt64 = 0
        for octet in octets {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(octet)
        }
        if count == 4 {
            self.init(ipv4: UInt32(truncatingIfNeeded: low), port: port)
        } else {
            self.init(ipv6High: high, low: low, scope: scope, port: port)
        }
    }

    /// The unspecified IPv4 address 0.0.0.0: as a local address, every IPv4 address of this host.
    public static func anyIPv4(port: UInt16) -> SocketAddress { SocketAddress(ipv4: 0, port: port) }
    /// The unspecified IPv6 address `::`: as a local address, every address of this host.
    public static func anyIPv6(port: UInt16) -> SocketAddress { SocketAddress(ipv6High: 0, low: 0, port: port) }
    /// 127.0.0.1.
    public static func loopbackIPv4(port: UInt16) -> SocketAddress { SocketAddress(ipv4: 0x7F00_0001, port: port) }
    /// `::1`.
    public static func loopbackIPv6(port: UInt16) -> SocketAddress { SocketAddress(ipv6High: 0, low: 1, port: port) }
}

extension SocketAddress {
    /// The IPv4 address as a number, the first octet highest; nil for IPv6.
    @inlinable
    public var ipv4: UInt32? { family == .ipv4 ? UInt32(truncatingIfNeeded: lowBits) : nil }

    /// The number of octets of the address: 4 or 16.
    @inlinable
    public var octetCount: Int { family == .ipv4 ? 4 : 16 }

    /// The octet at `index` in network order.
    /// - Precondition: `index` is in `0..<octetCount`.
    @inlinable
    public func octet(at index: Int) -> UInt8 {
        precondition(index >= 0 && index < octetCount, "octet index out of range")
        let position = index + 16 - octetCount
        let half = position < 8 ? highBits : lowBits
        return UInt8(truncatingIfNeeded: half >> UInt64(56 - (position & 7) * 8))
    }

    /// The address's octets in network order: 4 or 16. Allocates; not for hot paths.
    public var octets: [UInt8] { (0..<octetCount).map { octet(at: $0) } }

    /// Whether this is the IPv4-mapped IPv6 form, `::ffff:0:0/96`.
    @inlinable
    public var isIPv4Mapped: Bool { family == .ipv6 && highBits == 0 && lowBits >> 32 == 0xFFFF }

    /// This address, with an IPv4-mapped IPv6 address turned into the IPv4 address it stands for.
    ///
    /// A dual-stack socket reports IPv4 peers in mapped form; normalising makes a peer the same value on every socket.
    @inlinable
    public var normalized: SocketAddress {
        isIPv4Mapped ? SocketAddress(ipv4: UInt32(truncatingIfNeeded: lowBits), port: port) : self
    }

    /// The IPv4-mapped IPv6 form of an IPv4 address; an IPv6 address unchanged. A dual-stack socket sends to this form.
    @inlinable
    public var mapped: SocketAddress {
        family == .ipv4 ? SocketAddress(ipv6High: highBits, low: lowBits, port: port) : self
    }

    /// The same address with another port.
    @inlinable
    public func with(port: UInt16) -> SocketAddress {
        var copy = self
        copy.port = port
        return copy
    }

    /// Whether this is the unspecified address (0.0.0.0 or `::`).
    @inlinable
    public var isAny: Bool {
        family == .ipv4 ? UInt32(truncatingIfNeeded: lowBits) == 0 : highBits == 0 && lowBits == 0
    }

    /// Whether this is a loopback address: 127.0.0.0/8 or `::1`.
    @inlinable
    public var isLoopback: Bool {
        family == .ipv4 ? octet(at: 0) == 127 : highBits == 0 && lowBits == 1
    }

    /// Whether this is a multicast address: 224.0.0.0/4 or `ff00::/8`.
    @inlinable
    public var isMulticast: Bool { family == .ipv4 ? octet(at: 0) >> 4 == 0xE : highBits >> 56 == 0xFF }

    /// Whether this address is valid on its link only: 169.254.0.0/16 or `fe80::/10`.
    @inlinable
    public var isLinkLocal: Bool {
        family == .ipv4 ? UInt32(truncatingIfNeeded: lowBits) >> 16 == 0xA9FE : highBits >> 54 == 0xFE80 >> 6
    }
}

extension SocketAddress: Comparable {
    /// Orders by family (IPv4 first), then address as a number, zone and port.
    @inlinable
    public static func < (a: SocketAddress, b: SocketAddress) -> Bool {
        if a.family != b.family { return a.family.rawValue < b.family.rawValue }
        if a.highBits != b.highBits { return a.highBits < b.highBits }
        if a.lowBits != b.lowBits { return a.lowBits < b.lowBits }
        if a.scope != b.scope { return a.scope < b.scope }
        return a.port < b.port
    }
}
