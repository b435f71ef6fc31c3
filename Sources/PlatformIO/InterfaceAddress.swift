// Layer: PlatformIO. Uses: libc. Used by: HostAgent.
// The IPv4 addresses of network interfaces, of which the kernel has no text.

import CLinux

/// An IPv4 address of a network interface.
public struct InterfaceAddress: Hashable, Sendable {
    /// The interface, for an alias with its label: "eth0", "eth0:1".
    public let name: String
    /// The address, first octet in the highest byte.
    public let address: UInt32
    /// The network mask, likewise.
    public let mask: UInt32
    /// Whether the interface can broadcast.
    public let canBroadcast: Bool

    /// The IPv4 addresses of all interfaces, in the system's order.
    public static func ipv4() throws(IOError) -> [InterfaceAddress] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { throw .last("list the addresses of interfaces") }
        defer { freeifaddrs(head) }
        var result: [InterfaceAddress] = []
        var next = head
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let name = entry.ifa_name, let address = value(entry.ifa_addr), let mask = value(entry.ifa_netmask)
            else { continue }
            result.append(
                InterfaceAddress(
                    name: String(cString: name), address: address, mask: mask,
                    canBroadcast: oriel_can_broadcast(UInt32(entry.ifa_flags)) != 0))
        }
        return result
    }

    private static func value(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
        guard let address, Int32(address.pointee.sa_family) == AF_INET else { return nil }
        // The family says what the structure is.
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
        }
    }
}
