// Layer: Station/Devices. Uses: PlatformIO (AddressResolver). Used by: DeviceTarget, commands.
// Reads `HOST[:PORT]` with an optional transport in front, as net-snmp's tools do.

public import PlatformIO
public import Primitives
public import SNMP
public import SNMPEngine

/// An endpoint as text: `switch.example`, `tcp:192.0.2.1:161`, `udp6:[::1]:161`.
public struct HostText: Equatable {
    /// How messages travel.
    public let transport: Transport
    /// The wanted family; nil for any.
    public let family: SocketAddress.Family?
    /// Host and port.
    public let address: String

    private static let transports: [(name: String, transport: Transport, family: SocketAddress.Family?)] = [
        ("udp", .udp, nil), ("udp4", .udp, .ipv4), ("udp6", .udp, .ipv6), ("udpv6", .udp, .ipv6),
        ("tcp", .tcp, nil), ("tcp4", .tcp, .ipv4), ("tcp6", .tcp, .ipv6), ("tcpv6", .tcp, .ipv6),
    ]

    /// Takes a text apart; whether it is an address turns out in `resolve`.
    public init(_ text: String) {
        for (name, transport, family) in Self.transports where text.hasPrefix(name + ":") {
            let rest = text.dropFirst(name.utf8.count + 1)
            // A bare IPv6 address may begin with letters, but none of these.
            (self.transport, self.family, address) = (transport, family, String(rest))
            return
        }
        (transport, family, address) = (.udp, nil, text)
    }

    /// Finds the address; of a name's addresses the first IPv4 address unless IPv6 is asked for. May wait for a name
    /// server.
    public func resolve(defaultPort: UInt16) throws(ResolutionError) -> Peer {
        let found = try AddressResolver.resolve(address, defaultPort: defaultPort, family: family)
        let best = found.first { $0.family == .ipv4 } ?? found[0]
        return Peer(best, transport)
    }

    /// Where to listen. A text of digits only is a port on all addresses of a family.
    public func endpoint(defaultPort: UInt16) throws(ResolutionError) -> ServiceEndpoint {
        if let port = UInt16(address) {
            let any = family == .ipv6 ? SocketAddress.anyIPv6(port: port) : .anyIPv4(port: port)
            return ServiceEndpoint(any, transport)
        }
        let peer = try resolve(defaultPort: defaultPort)
        return ServiceEndpoint(peer.address, transport)
    }
}

extension Peer {
    /// The address as the user may write it; the transport only when it is not UDP.
    public var text: String { transport == .tcp ? "tcp:\(address)" : "\(address)" }
}

extension ServiceEndpoint {
    /// The endpoint with its transport.
    public var text: String { "\(transport == .tcp ? "tcp" : "udp"):\(address)" }
}
