// Layer: SNMPCodec. Uses: SNMPValue. Used by: messages, engines, agent.

/// Versions of the message format, by their number on the wire.
public enum SNMPVersion: Int32, Sendable, CaseIterable {
    /// SNMPv1 (RFC 1157).
    case v1 = 0
    /// Community-based SNMPv2 (RFC 1901).
    case v2c = 1
    /// SNMPv3 (RFC 3412).
    case v3 = 3
}

/// PDU types by their tag (RFC 1157, RFC 3416).
public enum PDUType: UInt8, Sendable, CaseIterable {
    /// GetRequest.
    case get = 0xA0
    /// GetNextRequest.
    case getNext = 0xA1
    /// Response (GetResponse in v1).
    case response = 0xA2
    /// SetRequest.
    case set = 0xA3
    /// The Trap of SNMPv1, with a layout of its own.
    case trapV1 = 0xA4
    /// GetBulkRequest, not in v1.
    case getBulk = 0xA5
    /// InformRequest, not in v1.
    case inform = 0xA6
    /// SNMPv2-Trap, not in v1.
    case trap = 0xA7
    /// Report, only in v3.
    case report = 0xA8

    /// Whether a receiver answers PDUs of this type ("confirmed class", RFC 3411, section 2.8).
    public var isConfirmed: Bool {
        switch self {
        case .get, .getNext, .set, .getBulk, .inform: true
        case .response, .trapV1, .trap, .report: false
        }
    }
}

/// The error-status of a response (RFC 3416, section 3). Values above 18 occur on the wire and are kept.
public struct ErrorStatus: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    public let rawValue: Int32
    /// Makes a status from its number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// No error.
    public static let noError = ErrorStatus(rawValue: 0)
    /// The response would not fit into one message.
    public static let tooBig = ErrorStatus(rawValue: 1)
    /// v1: no such object.
    public static let noSuchName = ErrorStatus(rawValue: 2)
    /// v1: the value to set is not acceptable.
    public static let badValue = ErrorStatus(rawValue: 3)
    /// v1: the object can't be written.
    public static let readOnly = ErrorStatus(rawValue: 4)
    /// Any other failure.
    public static let genErr = ErrorStatus(rawValue: 5)
    /// The object is not accessible.
    public static let noAccess = ErrorStatus(rawValue: 6)
    /// SET: the type does not match.
    public static let wrongType = ErrorStatus(rawValue: 7)
    /// SET: the length is not acceptable.
    public static let wrongLength = ErrorStatus(rawValue: 8)
    /// SET: the encoding is malformed.
    public static let wrongEncoding = ErrorStatus(rawValue: 9)
    /// SET: the value can never be assigned.
    public static let wrongValue = ErrorStatus(rawValue: 10)
    /// SET: the instance can never be created.
    public static let noCreation = ErrorStatus(rawValue: 11)
    /// SET: the value can't be assigned now.
    public static let inconsistentValue = ErrorStatus(rawValue: 12)
    /// SET: resources are missing.
    public static let resourceUnavailable = ErrorStatus(rawValue: 13)
    /// SET: committing failed, everything was undone.
    public static let commitFailed = ErrorStatus(rawValue: 14)
    /// SET: committing failed and could not be undone.
    public static let undoFailed = ErrorStatus(rawValue: 15)
    /// Access is denied.
    public static let authorizationError = ErrorStatus(rawValue: 16)
    /// SET: the object can't be written.
    public static let notWritable = ErrorStatus(rawValue: 17)
    /// SET: the instance can't be created now.
    public static let inconsistentName = ErrorStatus(rawValue: 18)

    static let names = [
        "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
        "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
        "undoFailed", "authorizationError", "notWritable", "inconsistentName",
    ]

    /// The name used in RFC 3416, or `error(N)` for numbers it does not define.
    public var description: String {
        rawValue >= 0 && rawValue < 19 ? ErrorStatus.names[Int(rawValue)] : "error(\(rawValue))"
    }
}

/// A PDU of any type but the v1 trap (RFC 3416, section 3).
public struct PDU: Hashable, Sendable {
    /// What it asks or says; not `.trapV1`.
    public var type: PDUType
    /// Ties a response to its request.
    public var requestID: Int32
    /// The error-status field; in a GETBULK the number of non-repeaters.
    public var errorStatusField: Int32
    /// The error-index field, counted from 1; in a GETBULK the max-repetitions.
    public var errorIndexField: Int32
    /// The variable bindings in their order.
    public var variableBindings: [VarBind]

    /// Makes a PDU. For GETBULK use `PDU.getBulk`.
    public init(
        _ type: PDUType, requestID: Int32, errorStatus: ErrorStatus = .noError, errorIndex: Int32 = 0,
        _ variableBindings: [VarBind]
    ) {
        self.type = type
        self.requestID = requestID
        errorStatusField = errorStatus.rawValue
        errorIndexField = errorIndex
        self.variableBindings = variableBindings
    }

    /// Makes a GETBULK; both counts are 0 or more (RFC 3416, section 4.2.3).
    public static func getBulk(
        requestID: Int32, nonRepeaters: Int32, maxRepetitions: Int32, _ variableBindings: [VarBind]
    ) -> PDU {
        PDU(
            .getBulk, requestID: requestID, errorStatus: ErrorStatus(rawValue: nonRepeaters),
            errorIndex: maxRepetitions, variableBindings)
    }

    /// The error-status of a response.
    public var errorStatus: ErrorStatus { ErrorStatus(rawValue: errorStatusField) }
    /// The number of non-repeaters of a GETBULK.
    public var nonRepeaters: Int32 { errorStatusField }
    /// The max-repetitions of a GETBULK.
    public var maxRepetitions: Int32 { errorIndexField }
}

/// The Trap-PDU of SNMPv1 (RFC 1157, section 4.1.6).
public struct TrapV1PDU: Hashable, Sendable {
    /// The kind of object that sends the trap (its sysObjectID for generic traps).
    public var enterprise: ObjectIdentifier
    /// IPv4 address of the sender, first octet in the highest byte.
    public var agentAddress: UInt32
    /// 0 coldStart, 1 warmStart, 2 linkDown, 3 linkUp, 4 authenticationFailure, 5 egpNeighborLoss, 6
    /// enterprise-specific.
    public var genericTrap: Int32
    /// The enterprise's own number, when `genericTrap` is 6.
    public var specificTrap: Int32
    /// sysUpTime of the sender in hundredths of a second.
    public var timestamp: UInt32
    /// The variable bindings in their order.
    public var variableBindings: [VarBind]

    /// Makes a v1 trap.
    public init(
        enterprise: ObjectIdentifier, agentAddress: UInt32, genericTrap: Int32, specificTrap: Int32, timestamp: UInt32,
        _ variableBindings: [VarBind]
    ) {
        self.enterprise = enterprise
        self.agentAddress = agentAddress
        self.genericTrap = genericTrap
        self.specificTrap = specificTrap
        self.timestamp = timestamp
        self.variableBindings = variableBindings
    }
}

/// A PDU of any type.
public enum AnyPDU: Hashable, Sendable {
    /// Every PDU but the v1 trap.
    case pdu(PDU)
    /// The trap of SNMPv1.
    case trapV1(TrapV1PDU)

    /// The type of the PDU inside.
    public var type: PDUType {
        switch self {
        case .pdu(let pdu): pdu.type
        case .trapV1: .trapV1
        }
    }

    /// The variable bindings inside.
    public var variableBindings: [VarBind] {
        switch self {
        case .pdu(let pdu): pdu.variableBindings
        case .trapV1(let trap): trap.variableBindings
        }
    }
}
