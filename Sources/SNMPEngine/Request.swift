// Layer: SNMPEngine. Uses: SNMPCodec. Used by: applications, walks.

public import Primitives
public import SNMPCodec

/// Variable bindings in their encoded form: built once, sent as often as needed without encoding them again.
public struct EncodedBindings: Sendable, Hashable {
    /// The list with its SEQUENCE header.
    let octets: [UInt8]
    /// The number of bindings.
    public let count: Int
    /// Whether there is a value whose type SNMPv1 does not have.
    let isNewerThanV1: Bool

    /// Encodes names with NULL values, as requests to read carry them.
    /// Throws `bufferTooSmall` when they don't fit into any message.
    public init(names: [ObjectIdentifier]) throws(BERError) {
        count = names.count
        isNewerThanV1 = false
        octets = try BERWriter.encode(limit: EncodedBindings.limit(names.count)) { writer in
            let mark = writer.byteCount
            for name in names.reversed() { writer.request(name) }
            writer.header(BERTag.sequence, since: mark)
        }
    }

    /// Encodes bindings with their values. Throws `bufferTooSmall` when they don't fit into any message.
    public init(_ bindings: [VarBind]) throws(BERError) {
        count = bindings.count
        isNewerThanV1 = bindings.contains { $0.value.isNewerThanV1 }
        octets = try BERWriter.encode(limit: SNMPLimits.maximumMessageByteCount) { writer in
            writer.bindingList(bindings)
        }
    }

    /// Encodes one name with a NULL value: the request of every step of a walk.
    init(name: ObjectIdentifier) {
        count = 1
        isNewerThanV1 = false
        // 128 arcs of five octets and three headers always fit.
        octets = withUnsafeTemporaryAllocation(byteCount: 704, alignment: 1) { buffer in
            var writer = BERWriter(buffer)
            writer.request(name)
            writer.header(BERTag.sequence, since: 0)
            return writer.finished
        }
    }

    private static func limit(_ count: Int) -> Int { min(count * 660 + 16, SNMPLimits.maximumMessageByteCount) }
}

/// What to ask of a target, or to tell it.
public struct Request: Sendable {
    /// The PDU's type.
    public private(set) var type: PDUType
    /// Whether there is a value whose type SNMPv1 does not have.
    private let isNewerThanV1: Bool
    /// The encoded bindings; for a v1 trap all content of the PDU.
    let content: [UInt8]
    /// The number of bindings.
    public let bindingCount: Int
    /// Octets of the encoded bindings; of a v1 trap, of its whole PDU.
    public var byteCount: Int { content.count }
    /// Non-repeaters of a GETBULK.
    public private(set) var nonRepeaters: Int32
    /// Max-repetitions of a GETBULK.
    public private(set) var maxRepetitions: Int32
    /// Attempts after the first, 0...255, when other than the target's policy.
    public var retries: Int?
    /// A fixed time to wait for each attempt, when other than the target's policy.
    public var timeout: Interval?
    /// News from the network that the peer can't be reached (ICMP) which end the request; 2 when nil.
    public var unreachableLimit: Int?
    /// The request-id to use; chosen at random when nil. For callers that promised one (WinSNMP).
    ///
    /// Any value, 0 and negative ones included, goes into each attempt as it is. Requests to different peers may use
    /// the same one at the same time; a second one to a peer ends as `requestIDInUse`. What nobody answers (traps) is
    /// not counted.
    public var requestID: Int32?

    private init(
        _ type: PDUType, _ bindings: EncodedBindings, nonRepeaters: Int32 = 0, maxRepetitions: Int32 = 0
    ) {
        self.type = type
        content = bindings.octets
        bindingCount = bindings.count
        isNewerThanV1 = bindings.isNewerThanV1
        self.nonRepeaters = nonRepeaters
        self.maxRepetitions = maxRepetitions
    }

    /// Asks for the values of the names.
    public static func get(_ names: EncodedBindings) -> Request { Request(.get, names) }

    /// Asks for what follows each of the names.
    public static func getNext(_ names: EncodedBindings) -> Request { Request(.getNext, names) }

    /// Asks for what follows the first `nonRepeaters` names once and for `maxRepetitions` successors of each other
    /// name. Negative counts are taken as 0. To a v1 target a GETNEXT is sent instead (RFC 3584, section 4.1.1).
    public static func getBulk(
        _ names: EncodedBindings, nonRepeaters: Int = 0, maxRepetitions: Int
    ) -> Request {
        Request(
            .getBulk, names, nonRepeaters: Int32(clamping: max(0, nonRepeaters)),
            maxRepetitions: Int32(clamping: max(0, maxRepetitions)))
    }

    /// Sets values.
    public static func set(_ bindings: EncodedBindings) -> Request { Request(.set, bindings) }

    /// A v2 notification that nobody confirms. The first two bindings must be sysUpTime.0 and snmpTrapOID.0.
    public static func trap(_ bindings: EncodedBindings) -> Request { Request(.trap, bindings) }

    /// A notification that the receiver confirms. The first two bindings must be sysUpTime.0 and snmpTrapOID.0.
    public static func inform(_ bindings: EncodedBindings) -> Request {
        Request(.inform, bindings)
    }

    /// A trap of SNMPv1. Throws `bufferTooSmall` when it doesn't fit into any message.
    public static func trapV1(_ trap: TrapV1PDU) throws(BERError) -> Request {
        let octets = try BERWriter.encode(limit: SNMPLimits.maximumMessageByteCount) { writer in
            writer.pdu(.trapV1(trap))
        }
        return Request(.trapV1, octets, trap.variableBindings.count)
    }

    private init(_ type: PDUType, _ content: [UInt8], _ count: Int) {
        self.type = type
        self.content = content
        bindingCount = count
        isNewerThanV1 = false
        nonRepeaters = 0
        maxRepetitions = 0
    }

    /// The request as `version` can say it; nil if it can't.
    func expressed(in version: SNMPVersion) -> Request? {
        switch (version, type) {
        case (.v1, .getBulk):
            var request = self
            request.type = .getNext
            request.nonRepeaters = 0
            request.maxRepetitions = 0
            return request
        case (.v1, .inform), (.v1, .trap), (.v2c, .trapV1), (.v3, .trapV1), (_, .response), (_, .report): return nil
        case (.v1, _) where isNewerThanV1: return nil
        default: return self
        }
    }
}

/// What became of a request. Passed to its completion once.
public enum RequestOutcome: Sendable {
    /// A response arrived; its bytes come with the outcome. The error-status inside may still say that the agent
    /// refused.
    case response(Response)
    /// A notification that nobody confirms was handed to the network.
    case sent
    /// There is no response.
    case failure(RequestFailure)
}

/// A response, as offsets into the message that is handed to the completion beside it.
public struct Response: Sendable {
    /// The PDU of the response.
    public var pdu: PDULayout
    /// What was tolerated.
    public var deviations: Deviations
    /// From the last sending to the arrival.
    public var roundTrip: Interval
    /// Attempts it took, from 1.
    public var attempts: Int
    /// Where the response came from.
    public var source: SocketAddress
    /// Length of the message in octets.
    public var messageByteCount: Int
}

/// Why there is no response.
public enum RequestFailure: Error, Hashable, Sendable {
    /// No usable reply to any attempt; what arrived instead is in the evidence.
    case timeout(TimeoutEvidence)
    /// `cancel` was called, or the target was removed.
    case cancelled
    /// The request takes more octets than the target or the policy allows.
    case tooLarge(byteCount: Int, limit: Int)
    /// The target's version can't express the request (an inform or Counter64 in v1, a v1 trap elsewhere).
    case notExpressible(PDUType, SNMPVersion)
    /// The engine has as many requests as its limit allows.
    case tooManyRequests(limit: Int)
    /// The request-id that the caller chose is that of another request to the same peer, which is not done yet.
    case requestIDInUse(Int32)
    /// The agent refused the security of the message, said in a Report.
    case refused(SecurityRefusal)
    /// The keys for the target could not be made or used.
    case security(String)
    /// The transport is gone: a connection that was refused or closed, an unreachable network.
    case transport(String)
}

/// What a Report of an agent complained about (RFC 3414, section 3.2; RFC 3412, section 7.2; RFC 3413, section 3.2).
public enum SecurityRefusal: UInt32, Hashable, Sendable, CaseIterable {
    /// usmStatsUnsupportedSecLevels: the user doesn't have this level.
    case unsupportedSecurityLevel = 1
    /// usmStatsNotInTimeWindows, again after the clock was corrected.
    case notInTimeWindow = 2
    /// usmStatsUnknownUserNames.
    case unknownUserName = 3
    /// usmStatsUnknownEngineIDs, again after discovery.
    case unknownEngineID = 4
    /// usmStatsWrongDigests: another authentication password or protocol.
    case wrongDigest = 5
    /// usmStatsDecryptionErrors: another privacy password, protocol or key extension.
    case decryptionError = 6
    /// snmpUnknownSecurityModels.
    case unknownSecurityModel = 101
    /// snmpInvalidMsgs.
    case invalidMessage = 102
    /// snmpUnknownPDUHandlers.
    case unknownPDUHandler = 103
    /// snmpUnavailableContexts.
    case unavailableContext = 201
    /// snmpUnknownContexts.
    case unknownContext = 202
    /// A Report about something else.
    case other = 999
}

/// What arrived from a target while a request ran into its timeout.
public struct TimeoutEvidence: Hashable, Sendable {
    /// Attempts made; 0 when the request was held before its first one.
    public var attempts: Int
    /// From the first sending to giving up.
    public var elapsed: Interval
    /// Replies that could not be decoded, and the last reason.
    public var malformedReplies: Int = 0
    /// The last decoding error among them.
    public var lastError: BERError?
    /// Replies from the target that fit no request: wrong or repeated identifiers.
    public var unmatchedReplies: Int = 0
    /// Replies that arrived too late for their own request.
    public var lateReplies: Int = 0
    /// Replies that fit, but from another address, where the policy forbids that.
    public var foreignReplies: Int = 0
    /// SNMPv3 messages that failed authentication, decryption or the time window.
    public var rejectedReplies: Int = 0
    /// Whether the SNMPv3 engine made itself known, but has answered no request since the target was added.
    public var onlyDiscoveryAnswered = false
}

extension RequestFailure: CustomStringConvertible {
    /// What happened and what to look at, for people.
    public var description: String {
        switch self {
        case .timeout(let evidence): evidence.description
        case .cancelled: "the request was cancelled"
        case .tooLarge(let count, let limit): "the request takes \(count) octets, more than the limit of \(limit)"
        case .notExpressible(let type, let version): "SNMP\(version) can't express a \(type) request with these values"
        case .tooManyRequests(let limit): "more than \(limit) requests wait already"
        case .requestIDInUse(let identifier): "another request to this peer has the request-id \(identifier) already"
        case .refused(let refusal): refusal.description
        case .security(let text): text
        case .transport(let text): text
        }
    }
}

extension TimeoutEvidence: CustomStringConvertible {
    /// The attempts, and what arrived instead of an answer.
    public var description: String {
        let seconds = (elapsed.inSeconds * 10).rounded() / 10
        var text = "no answer after \(attempts) attempt\(attempts == 1 ? "" : "s") in \(seconds) s"
        if malformedReplies > 0 {
            text += "; \(malformedReplies) malformed"
            if let lastError { text += " (\(lastError))" }
        }
        if unmatchedReplies > 0 { text += "; \(unmatchedReplies) with a wrong request-id" }
        if lateReplies > 0 { text += "; \(lateReplies) too late" }
        if foreignReplies > 0 { text += "; \(foreignReplies) from another address" }
        if rejectedReplies > 0 { text += "; \(rejectedReplies) failed SNMPv3 security" }
        if onlyDiscoveryAnswered {
            text += "; its SNMPv3 engine is there: some agents stay silent when they can't decrypt a message"
            text += " or do not know its context"
        }
        return text
    }
}

extension SecurityRefusal: CustomStringConvertible {
    /// The complaint and what to look at.
    public var description: String {
        switch self {
        case .unsupportedSecurityLevel:
            "the agent's user does not have this security level; check which of authentication and privacy it has"
        case .notInTimeWindow: "the agent says that the message is outside its time window, even after synchronising"
        case .unknownUserName: "the agent does not know this user name"
        case .unknownEngineID: "the agent does not accept its own engine ID"
        case .wrongDigest:
            "the agent could not authenticate the message; check the authentication protocol and password"
        case .decryptionError: "the agent could not decrypt the message; check the privacy protocol and password"
        case .unknownSecurityModel: "the agent does not know the user-based security model"
        case .invalidMessage: "the agent says that the message is invalid"
        case .unknownPDUHandler: "the agent does not handle this kind of request"
        case .unavailableContext: "the agent says that the context is not available"
        case .unknownContext: "the agent does not know the context"
        case .other: "the agent answered with a Report"
        }
    }
}
