// Layer: WinSNMP. Uses: SNMPPorts. Used by: entities that listen, the trap service.

import Primitives
import SNMPPorts

/// A port that an entity listens on.
final class Listener: Sendable {
    let port: DatagramPort
    init(_ port: DatagramPort) { self.port = port }
    func close() { port.close() }
}

/// Where the answer to a message leaves from.
struct ReplyPath: Sendable {
    private enum Port: Sendable {
        case listener(DatagramPort)
        case trapPort(SharedDatagramPort)
    }
    private let port: Port
    /// The local address that the message came to.
    private let local: SocketAddress?

    init(_ listener: Listener, local: SocketAddress? = nil) { (port, self.local) = (.listener(listener.port), local) }

    init(_ trapPort: SharedDatagramPort, local: SocketAddress?) { (port, self.local) = (.trapPort(trapPort), local) }

    func send(_ message: [UInt8], to address: SocketAddress) {
        switch port {
        case .listener(let port): port.send(message, to: address, from: local)
        case .trapPort(let port): port.send(message, to: address, from: local)
        }
    }
}
