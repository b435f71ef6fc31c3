// Layer: OrielCommand/Session. Uses: PlatformIO (AddressResolver). Used by: Session, listeners, agents.
// Reads `HOST[:PORT]` with an optional transport in front, as net-snmp's tools do.

import PlatformIO
import Primitives
import SNMP
import SNMPEngine

/// An endpoint as text: `switch.example`, `tcp:192.0.2.1:161`, `udp6:[::1]:161`.
struct HostText: Equatable {
    let transport: Transport
    /// The wanted family; nil for any.
    let family: SocketAddress.Family?
    /// Host and port.
    let address: String

    private static let transports: [(name: String, transport: Transport, family: SocketAddress.Family?)] = [
        ("udp", .udp, nil), ("udp4", .udp, .ipv4), ("udp6", .udp, .ipv6), ("udpv6", .udp, .ipv6),
        ("tcp", .tcp, nil), ("tcp4", .tcp, .ipv4), ("tcp6", .tcp, .ipv6), ("tcpv6", .tcp, .ipv6),
    ]

    init(_ text: String) {
        for (name, transport, family) in Self.transports where text.hasPrefix(name + ":") {
            let rest = text.dropFirst(name.utf8.count + 1)
            // A bare IPv6 address may begin with letters, but none of these.
            (self.transport, self.family, address) = (transport, family, String(rest))
            return
        }
        (transport, family, address) = (.udp, nil, text)
    }

    /// Finds the address; of a name's addresses the first IPv4 address unless IPv6 is asked for.
    func resolve(defaultPort: UInt16) throws(CommandError) -> Peer {
        do throws(ResolutionError) {
            let found = try AddressResolver.resolve(address, defaultPort: defaultPort, family: family)
            let best = found.first { $0.family == .ipv4 } ?? found[0]
            return Peer(best, transport)
        } catch {
            if case .syntax = error { throw CommandError(.usage, error.description) }
            throw CommandError(.localFailure, error.description)
        }
    }

    /// Where to listen. A text of digits only is a port on all addresses of a family.
    func endpoint(defaultPort: UInt16) throws(CommandError) -> ServiceEndpoint {
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
    var text: String { transport == .tcp ? "tcp:\(address)" : "\(address)" }
}

extension ServiceEndpoint {
    /// The endpoint with its transport.
    var text: String { "\(transport == .tcp ? "tcp" : "udp"):\(address)" }
}
