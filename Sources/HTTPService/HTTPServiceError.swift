// Layer: HTTPService. Uses: PlatformIO (IOError). Used by: HTTPService.
// Why a service can't start.

public import PlatformIO
public import Primitives

/// Why an HTTP service can't start.
public enum HTTPServiceError: Error, Equatable, Sendable {
    /// The address can be reached from other machines; there is neither encryption nor a login yet.
    case notLoopback(SocketAddress)
    /// Another program listens on the address.
    case addressInUse(SocketAddress)
    /// The system refuses the address.
    case cannotListen(SocketAddress, IOError)
    /// There are no threads, descriptors or memory for it.
    case cannotStart(SocketAddress, IOError)
}

extension HTTPServiceError: CustomStringConvertible {
    /// What is wrong with which address, and what to do.
    public var description: String {
        switch self {
        case .notLoopback(let address):
            let port = address.port == 0 ? "PORT" : String(address.port)
            return "cannot serve HTTP on \(address): only loopback addresses for now, such as 127.0.0.1:\(port); "
                + "to reach it from another machine, run there: ssh -L \(port):127.0.0.1:\(port) THIS-MACHINE"
        case .addressInUse(let address):
            return "cannot serve HTTP on \(address): another program listens there; choose another port, "
                + "or let the system choose one with --listen \(address.with(port: 0))"
        case .cannotListen(let address, let error):
            return "cannot serve HTTP on \(address): \(error)"
        case .cannotStart(let address, let error):
            return "cannot start the HTTP service on \(address): \(error)"
        }
    }
}
