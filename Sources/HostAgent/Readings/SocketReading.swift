// Layer: HostAgent/Readings. Uses: Access. Used by: HostSampler, TCP and UDP groups.
// Sockets from /proc/net/tcp, tcp6, udp and udp6, and addresses and neighbours from their files.

/// An address of either family, ordered like the index of a table.
struct NetworkAddress: Hashable {
    /// Four or sixteen octets.
    var octets: [UInt8]

    init(octets: [UInt8]) { self.octets = octets }

    init(ipv4 address: UInt32) {
        octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> $0) }
    }

    var isIPv4: Bool { octets.count == 4 }
    /// The address as IpAddress; nil for IPv6.
    var ipv4: UInt32? { isIPv4 ? octets.reduce(0) { $0 << 8 | UInt32($1) } : nil }
    var isUnspecified: Bool { octets.allSatisfy { $0 == 0 } }
    /// Whether it is an IPv4 address in IPv6 notation, `::ffff:0:0/96`.
    var isMapped: Bool {
        octets.count == 16 && octets[..<10].allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
    }
    /// fe80::/10.
    var isLinkLocal: Bool { octets.count == 16 && octets[0] == 0xFE && octets[1] & 0xC0 == 0x80 }

    /// InetAddressType and InetAddress as arcs of an index: type, length, octets (RFC 4001).
    var index: [UInt32] { [isIPv4 ? 1 : 2, UInt32(octets.count)] + octets.map { UInt32($0) } }

    /// Words of 32 bits in the machine's byte order, eight hexadecimal digits each, one or four of them.
    static func parse(_ text: ArraySlice<UInt8>) -> NetworkAddress? {
        guard text.count == 8 || text.count == 32 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(text.count / 2)
        var start = text.startIndex
        while start < text.endIndex {
            guard let word = TextCursor.hexadecimal(text[start..<(start + 8)]) else { return nil }
            let value = UInt32(bigEndian: UInt32(truncatingIfNeeded: word))
            for shift in [24, 16, 8, 0] as [UInt32] { octets.append(UInt8(truncatingIfNeeded: value >> shift)) }
            start += 8
        }
        return NetworkAddress(octets: octets)
    }
}

/// A socket.
struct NetworkSocket: Hashable {
    var localAddress: NetworkAddress
    var localPort: UInt16
    var remoteAddress: NetworkAddress
    var remotePort: UInt16
    /// The kernel's number of the state: 1 established … 10 listening.
    var state: UInt8
    var inode: UInt64

    /// Reads a list of sockets. A connection between IPv4 addresses is one of IPv4, however its socket was made.
    static func parse(_ text: TextCursor) -> [NetworkSocket] {
        var text = text
        var result: [NetworkSocket] = []
        while result.count < HostLimits.socketCount, text.nextLine() {
            // sl: local:port remote:port state queues timer retransmits uid timeout inode …; headings don't parse.
            guard text.skipWords(1), let local = end(&text), let remote = end(&text),
                let state = text.word().flatMap({ TextCursor.hexadecimal($0) }), text.skipWords(5),
                let inode = text.number()
            else { continue }
            var socket = NetworkSocket(
                localAddress: local.0, localPort: local.1, remoteAddress: remote.0, remotePort: remote.1,
                state: UInt8(truncatingIfNeeded: state), inode: inode)
            if local.0.isMapped, remote.0.isMapped {
                socket.localAddress.octets.removeFirst(12)
                socket.remoteAddress.octets.removeFirst(12)
            }
            result.append(socket)
        }
        return result
    }

    private static func end(_ text: inout TextCursor) -> (NetworkAddress, UInt16)? {
        guard let word = text.word(), let colon = word.lastIndex(of: TextCursor.colon),
            let address = NetworkAddress.parse(word[..<colon]),
            let port = TextCursor.hexadecimal(word[(colon + 1)...]).flatMap({ UInt16(exactly: $0) })
        else { return nil }
        return (address, port)
    }
}

/// An IPv6 address of an interface, a line of `/proc/net/if_inet6`.
struct IPv6InterfaceAddress: Hashable {
    var address: NetworkAddress
    var interfaceIndex: UInt32
    var prefixLength: UInt32
    /// IFA_F bits: 1 temporary, 8 duplicate, 0x20 deprecated, 0x40 tentative, 0x80 permanent.
    var flags: UInt64

    static func parse(_ text: TextCursor) -> [IPv6InterfaceAddress] {
        var text = text
        var result: [IPv6InterfaceAddress] = []
        while result.count < HostLimits.addressCount, text.nextLine() {
            guard let digits = text.word(), digits.count == 32,
                let index = text.word().flatMap({ TextCursor.hexadecimal($0) }).flatMap({ UInt32(exactly: $0) }),
                let prefix = text.word().flatMap({ TextCursor.hexadecimal($0) }), prefix <= 128, text.skipWords(1),
                let flags = text.word().flatMap({ TextCursor.hexadecimal($0) })
            else { continue }
            var octets: [UInt8] = []
            for start in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
                guard let octet = TextCursor.hexadecimal(digits[start..<(start + 2)]) else { break }
                octets.append(UInt8(truncatingIfNeeded: octet))
            }
            guard octets.count == 16 else { continue }
            result.append(
                IPv6InterfaceAddress(
                    address: NetworkAddress(octets: octets), interfaceIndex: index, prefixLength: UInt32(prefix),
                    flags: flags))
        }
        return result
    }
}

/// A neighbour, a line of `/proc/net/arp`.
struct Neighbour: Hashable {
    var address: UInt32
    var physicalAddress: [UInt8]
    var isPermanent: Bool
    var interfaceName: String

    /// Reads the list. Addresses that nobody answered for are left out.
    static func parse(_ text: TextCursor) -> [Neighbour] {
        var text = text
        var result: [Neighbour] = []
        while result.count < HostLimits.addressCount, text.nextLine() {
            guard let address = text.word().flatMap({ dotted($0) }), text.skipWords(1),
                let flags = text.word().flatMap({ TextCursor.hexadecimal($0) }), flags & 0x2 != 0,
                let physical = text.word().flatMap({ TextCursor.colonOctets($0) }), text.skipWords(1),
                let device = text.word()
            else { continue }
            result.append(
                Neighbour(
                    address: address, physicalAddress: physical, isPermanent: flags & 0x4 != 0,
                    interfaceName: String(decoding: device, as: UTF8.self)))
        }
        return result
    }

    private static func dotted(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let octet = TextCursor.decimal(part).flatMap({ UInt8(exactly: $0) }) else { return nil }
            address = address << 8 | UInt32(octet)
        }
        return address
    }
}
