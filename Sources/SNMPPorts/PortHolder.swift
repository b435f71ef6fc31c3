// Layer: SNMPPorts. Uses: PlatformIO (files). Used by: PortError.
// Who has a port: the kernel lists sockets with their addresses, users and inodes (/proc/net/udp and udp6, proc(5)),
// and the descriptors of each process that this user may look at say which inode they are. Cold: only after a failure.

import PlatformIO
import Primitives

/// The program that has a port, as far as this user may know.
public struct PortHolder: Sendable, Hashable {
    /// The process; nil if this user can't see whose socket it is.
    public var processID: Int32?
    /// The process's name, up to 15 bytes.
    public var name: String?
    /// The user who made the socket.
    public var userID: UInt32?

    /// Makes a description of a holder.
    public init(processID: Int32? = nil, name: String? = nil, userID: UInt32? = nil) {
        self.processID = processID
        self.name = name
        self.userID = userID
    }
}

extension PortHolder: CustomStringConvertible {
    /// Words such as "snmptrapd (process 1234)".
    public var description: String {
        switch (name, processID, userID) {
        case (let name?, let process?, _): "\(name) (process \(process))"
        case (nil, let process?, _): "process \(process)"
        case (let name?, nil, _): name
        case (nil, nil, let user?): "a program of user \(user)"
        case (nil, nil, nil): "another program"
        }
    }
}

extension PortHolder {
    /// A list of sockets longer than this is cut.
    private static let listLimit = 4 << 20

    /// Whose socket keeps `address` from being bound; nil if the system doesn't tell, or nobody's any more.
    static func find(_ address: SocketAddress) -> PortHolder? {
        // A dual-stack socket of IPv6 also takes the port of IPv4.
        for name in ["udp", "udp6"] {
            guard let list = try? FileAccess.readPrefix("/proc/net/\(name)", limit: listLimit),
                let entry = entries(list).first(where: { $0.blocks(address) })
            else { continue }
            var holder = process(withSocket: entry.inode).map(of(process:)) ?? PortHolder()
            holder.userID = entry.userID
            return holder
        }
        return nil
    }

    /// A process by its number, whose user isn't asked for.
    static func of(process: Int32) -> PortHolder {
        let name = try? FileAccess.readText("/proc/\(process)/comm", limit: 256)
        return PortHolder(processID: process, name: name.map { String($0.prefix { $0 != "\n" }) })
    }

    /// A line of /proc/net/udp or udp6.
    struct Entry: Equatable {
        /// The octets of the local address in network order, 4 or 16.
        var octets: [UInt8]
        var port: UInt16
        var userID: UInt32
        var inode: UInt64

        /// Whether a socket with this address is in the way of binding another address.
        func blocks(_ address: SocketAddress) -> Bool {
            guard port == address.port else { return false }
            let isAny = octets.allSatisfy { $0 == 0 }
            let isIPv4 = octets.count == 4
            if isIPv4 == (address.family == .ipv4) { return isAny || address.isAny || octets == address.octets }
            // Whether it refuses IPv4 isn't listed; an IPv4 socket is in nobody's way, as all here are of one family.
            return !isIPv4 && isAny
        }
    }

    /// Reads the list; lines that aren't as expected are left out.
    static func entries(_ list: [UInt8]) -> [Entry] {
        list.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // sl local remote state queues timer retransmits uid timeout inode …
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
            guard words.count >= 10 else { return nil }
            let end = words[1].split(separator: UInt8(ascii: ":"))
            guard end.count == 2, let octets = octets(end[0]), let port = number(end[1], radix: 16),
                let user = number(words[7], radix: 10), let inode = number(words[9], radix: 10)
            else { return nil }
            return Entry(
                octets: octets, port: UInt16(truncatingIfNeeded: port), userID: UInt32(truncatingIfNeeded: user),
                inode: inode)
        }
    }

    /// Words of 32 bits in the machine's byte order, eight hexadecimal digits each, one or four of them.
    private static func octets(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var octets: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            guard let word = number(rest.prefix(8), radix: 16) else { return nil }
            let inOrder = UInt32(bigEndian: UInt32(truncatingIfNeeded: word))
            for shift: UInt32 in [24, 16, 8, 0] { octets.append(UInt8(truncatingIfNeeded: inOrder >> shift)) }
            rest = rest.dropFirst(8)
        }
        return octets
    }

    private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> UInt64? {
        UInt64(String(decoding: digits, as: UTF8.self), radix: radix)
    }

    /// The process that has a socket open, among those whose descriptors this user may list.
    private static func process(withSocket inode: UInt64) -> Int32? {
        let target = "socket:[\(inode)]"
        // A socket without inode belongs to nobody any more.
        guard inode != 0, let names = try? FileAccess.list("/proc") else { return nil }
        return names.lazy.compactMap { Int32($0) }.first { process in
            let directory = "/proc/\(process)/fd"
            guard let descriptors = try? FileAccess.list(directory) else { return false }
            return descriptors.contains { (try? FileAccess.readLink("\(directory)/\($0)")) == target }
        }
    }
}
