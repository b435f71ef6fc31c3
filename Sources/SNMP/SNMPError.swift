// Layer: SNMP. Used by: applications.

public import PlatformIO
public import SNMPCodec
public import SNMPEngine
public import SNMPSecurity

/// Why an operation failed.
public enum SNMPError: Error, Hashable, Sendable {
    /// There was no response, or none that can be used.
    case request(RequestFailure)
    /// The agent answered with an error-status. `index` counts the bindings from 1 (0 when it is about none of them),
    /// and `name` is the one it points at.
    case agent(ErrorStatus, index: Int, name: ObjectIdentifier?)
    /// The response's bindings could not be decoded.
    case malformed(BERError)
    /// The request could not be encoded: it does not fit into any message.
    case unencodable(BERError)
    /// The manager was closed, or has as many targets as its limits allow.
    case closed
}

extension SNMPError: CustomStringConvertible {
    /// What happened and what to look at, for people.
    public var description: String {
        switch self {
        case .request(let failure): failure.description
        case .agent(let status, let index, let name):
            "the agent answered \(status)"
                + (name.map { " for \($0)" } ?? (index > 0 ? " for binding \(index)" : ""))
        case .malformed(let error): "the response can't be decoded: \(error)"
        case .unencodable(let error): "the request can't be encoded: \(error)"
        case .closed: "the SNMP manager is closed"
        }
    }
}

/// Why an SNMP service (manager, listener, agent) could not start.
public enum SNMPServiceError: Error, Equatable, Sendable {
    /// A system call failed; the error names what and where.
    case io(IOError)
    /// The keys of a user could not be made.
    case security(SecurityError)
}

extension SNMPServiceError: CustomStringConvertible {
    /// What happened, for people.
    public var description: String {
        switch self {
        case .io(let error): error.description
        case .security(let error): "SNMPv3 keys: \(error)"
        }
    }
}
