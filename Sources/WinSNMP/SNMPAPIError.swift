// Layer: WinSNMP. Used by: all of the module, the C library.

/// The error codes of the WinSNMP API, by their numbers in winsnmp.h.
public enum SNMPAPIError: UInt32, Error, Sendable, CaseIterable {
    /// No resources left (limits on sessions and handles included), or a required pointer was NULL.
    case allocError = 2
    /// Not a live context handle.
    case contextInvalid = 3
    /// No context of this name.
    case contextUnknown = 4
    /// Not a live entity handle.
    case entityInvalid = 5
    /// Not an address, and no entity of this name.
    case entityUnknown = 6
    /// No binding at this index.
    case indexInvalid = 7
    /// There was nothing to do: an empty queue or list, or no place to put a result.
    case noop = 8
    /// Not an object identifier.
    case oidInvalid = 9
    /// The operation can't be done so, or with this version of SNMP.
    case operationInvalid = 10
    /// The result is longer than the caller's memory.
    case outputTruncated = 11
    /// Not a live PDU handle, an unknown PDU type, or fields that don't go with the type.
    case pduInvalid = 12
    /// Not a live session handle.
    case sessionInvalid = 13
    /// Not a syntax of SNMP, or not one that fits.
    case syntaxInvalid = 14
    /// Not a live handle of a variable binding list.
    case vblInvalid = 15
    /// Not a mode that there is.
    case modeInvalid = 16
    /// A size of 0 or beyond the limits.
    case sizeInvalid = 17
    /// Nobody called `startup`, or somebody called `cleanup` since.
    case notInitialized = 18
    /// Octets that are no SNMP message, or a window message number that programs may not use.
    case messageInvalid = 19
    /// Not a window.
    case hwndInvalid = 20
    /// Not an SNMPv3 engine ID (v3 addendum).
    case engineInvalid = 30
    /// The engine of an SNMPv3 agent could not be found out (v3 addendum).
    case engineDiscoveryFailed = 31
    /// Any other error.
    case otherError = 99
    /// The transport is not up, or may not be used.
    case tlNotInitialized = 100
    /// There is no such transport.
    case tlNotSupported = 101
    /// The network is down.
    case tlNotAvailable = 102
    /// The system has no sockets or memory left.
    case tlResourceError = 103
    /// The other side can't be reached.
    case tlUndeliverable = 104
    /// The source entity is no local address.
    case tlSrcInvalid = 105
    /// A value that the transport does not take.
    case tlInvalidParam = 106
    /// Another program has the port.
    case tlInUse = 107
    /// No answer in time.
    case tlTimeout = 108
    /// More octets than fit into a message.
    case tlPduTooBig = 109
    /// Any other error of the transport.
    case tlOther = 199
    /// Report: invalid message (v3 addendum).
    case rptInvalidMsg = 200
    /// Report: the agent could not parse the message.
    case rptInASNParseErr = 201
    /// Report: unknown security model.
    case rptUnknownSecModel = 202
    /// Report: unknown engine ID.
    case rptUnknownEngineID = 203
    /// Report: the user does not have this security level.
    case rptUnsupSecLevel = 204
    /// Report: unknown user.
    case rptUnknownUserName = 205
    /// Report: wrong authentication key.
    case rptWrongDigest = 206
    /// Report: not in the time window.
    case rptNotInTimeWindow = 207
    /// Report: wrong privacy key.
    case rptDecryptionError = 208
    /// Any other Report.
    case rptOther = 299
}

extension SNMPAPIError: CustomStringConvertible {
    /// The meaning in a few words.
    public var description: String {
        switch self {
        case .allocError: "no resources left, or a NULL pointer where one is needed"
        case .contextInvalid: "not a valid context"
        case .contextUnknown: "unknown context"
        case .entityInvalid: "not a valid entity"
        case .entityUnknown: "unknown entity"
        case .indexInvalid: "no variable binding at this index"
        case .noop: "nothing to do"
        case .oidInvalid: "not a valid object identifier"
        case .operationInvalid: "this operation is not possible here"
        case .outputTruncated: "the output is longer than its buffer"
        case .pduInvalid: "not a valid PDU"
        case .sessionInvalid: "not a valid session"
        case .syntaxInvalid: "not a valid syntax"
        case .vblInvalid: "not a valid variable binding list"
        case .modeInvalid: "not a valid mode"
        case .sizeInvalid: "not a valid size"
        case .notInitialized: "WinSNMP is not started"
        case .messageInvalid: "not a valid message"
        case .hwndInvalid: "not a valid window"
        case .engineInvalid: "not a valid engine"
        case .engineDiscoveryFailed: "the SNMPv3 engine could not be discovered"
        case .otherError: "another error"
        case .tlNotInitialized: "the transport may not be used"
        case .tlNotSupported: "the transport is not supported"
        case .tlNotAvailable: "the network is not available"
        case .tlResourceError: "the transport has no resources left"
        case .tlUndeliverable: "the message can't be delivered"
        case .tlSrcInvalid: "the source entity can't be used"
        case .tlInvalidParam: "the transport does not take this value"
        case .tlInUse: "the port is in use"
        case .tlTimeout: "no answer in time"
        case .tlPduTooBig: "the message is too big"
        case .tlOther: "another error of the transport"
        case .rptInvalidMsg: "the agent reports an invalid message"
        case .rptInASNParseErr: "the agent reports a message that it can't parse"
        case .rptUnknownSecModel: "the agent reports an unknown security model"
        case .rptUnknownEngineID: "the agent reports an unknown engine ID"
        case .rptUnsupSecLevel: "the agent reports an unsupported security level"
        case .rptUnknownUserName: "the agent reports an unknown user name"
        case .rptWrongDigest: "the agent reports a wrong digest"
        case .rptNotInTimeWindow: "the agent reports a message outside its time window"
        case .rptDecryptionError: "the agent reports a decryption error"
        case .rptOther: "the agent sent another Report"
        }
    }
}

/// The error type of this module's functions.
typealias E = SNMPAPIError
