// Layer: SNMPPorts. Uses: PlatformIO (IOError), PortHolder. Used by: whoever opens ports.
// Why a port could not be opened, told so that somebody can do something about it.

public import PlatformIO
import Primitives

/// Why a port could not be opened.
public enum PortError: Error, Equatable, Sendable {
    /// Another socket has the port, and its owner doesn't share it with this program. `holder` says who that is, as far
    /// as the system tells.
    case inUse(port: UInt16, holder: PortHolder?)
    /// This program may not open a port with so low a number.
    case notPermitted(port: UInt16)
    /// Anything else.
    case io(IOError)
}

/// A failed attempt to open a port, before anybody looked who is in the way, which takes time.
struct PortFailure: Error {
    var error: IOError
    /// What was to be bound; nil if it wasn't about an address.
    var address: SocketAddress?

    /// Whether the machine has none of an unspecified address's family, so that one of the other family may do alone.
    var isMissingFamily: Bool {
        address?.isAny == true && (error.isFamilyUnsupported || error.isAddressUnavailable)
    }

    /// What to tell; looks for the holder of a taken port.
    var portError: PortError {
        guard let address else { return .io(error) }
        if error.isAddressInUse { return .inUse(port: address.port, holder: PortHolder.find(address)) }
        if error.isPermissionDenied, error.operation == "bind" { return .notPermitted(port: address.port) }
        return .io(error)
    }

    static func wrap<Result>(_ body: () throws(IOError) -> Result) throws(PortFailure) -> Result {
        do throws(IOError) { return try body() } catch { throw PortFailure(error: error, address: nil) }
    }
}

extension PortError: CustomStringConvertible {
    /// One line: what is wrong, and what may help.
    public var description: String {
        switch self {
        case .inUse(let port, let holder): "UDP port \(port) is held by \(holder?.description ?? "another program")"
        case .notPermitted(let port):
            "UDP port \(port) needs a permission: give the program the capability CAP_NET_BIND_SERVICE, "
                + "lower the limit (sysctl net.ipv4.ip_unprivileged_port_start=\(port)), or use another port"
        case .io(let error): error.description
        }
    }
}
