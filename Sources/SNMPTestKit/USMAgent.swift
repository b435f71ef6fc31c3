// Layer: SNMPTestKit. Uses: SNMPSecurity (USMAuthority), FaultyAgent. Used by: simulations, live tests.
// A well-behaved SNMPv3 agent around the objects of FaultyAgent, with the ways in which real ones are restarted, cloned
// and impersonated. It reads the message where it lies, as USMAuthority wants it; all offsets come out of its layout.

public import Primitives
public import SNMPCodec
public import SNMPSecurity

/// An SNMPv3 agent of USM.
public final class USMAgent: DatagramAgent {
    /// The objects, and how their agent misbehaves.
    public var agent: FaultyAgent
    /// Its users, with passwords or keys and one key extension each.
    public let users: [USMCredentials]
    /// Whether refused messages are dropped instead of answered with a Report.
    public var refusesInSilence = false
    /// From a request to its reply.
    public var delay: Interval
    /// Messages that were discoveries: for no engine at all.
    public private(set) var discoveryCount = 0
    /// Requests that were accepted and answered.
    public private(set) var answerCount = 0
    private let cache: MasterKeyCache
    private var authority: USMAuthority

    /// Makes an agent that was started `age` before `now`. Throws what making its keys throws.
    public init(
        engineID: EngineID, users: [USMCredentials], boots: Int32 = 1, age: Interval = .seconds(1_000), at now: Instant,
        agent: FaultyAgent = FaultyAgent(), cache: MasterKeyCache = MasterKeyCache(), delay: Interval = .milliseconds(1)
    ) throws(SecurityError) {
        self.agent = agent
        self.users = users
        self.cache = cache
        self.delay = delay
        authority = try USMAgent.makeAuthority(engineID, users, boots, start: now + age * -1, cache)
    }

    private static func makeAuthority(
        _ engineID: EngineID, _ users: [USMCredentials], _ boots: Int32, start: Instant, _ cache: MasterKeyCache
    ) throws(SecurityError) -> USMAuthority {
        var authority = USMAuthority(
            engineID: engineID, engineBoots: boots, start: start, firstSalt: UInt64(bitPattern: start.nanoseconds),
            cache: cache)
        for user in users { try authority.add(user) }
        return authority
    }

    /// The engine's ID.
    public var engineID: EngineID { authority.engineID }
    /// The engine's boots.
    public var engineBoots: Int32 { authority.engineBoots }
    /// What was counted.
    public var statistics: USMStatistics { authority.statistics }

    /// The engine's time.
    public func engineTime(at now: Instant) -> Int32 { authority.engineTime(at: now) }

    /// Restarts the agent, or lets another one take its place. A device that keeps its boots has one more than before;
    /// one that does not starts again at the same number.
    public func restart(engineID: EngineID? = nil, boots: Int32, at now: Instant) throws(SecurityError) {
        authority = try USMAgent.makeAuthority(engineID ?? authority.engineID, users, boots, start: now, cache)
    }

    /// Answers an SNMPv3 message; nothing to anything else.
    public func reply(to request: [UInt8], at now: Instant) -> [Reply] {
        var request = request
        var output = [UInt8](repeating: 0, count: SNMPLimits.maximumMessageByteCount)
        let range = request.withUnsafeMutableBytes { message in
            output.withUnsafeMutableBytes { answer(message, at: now, into: $0) }
        }
        return range.map { [Reply(Array(output[$0]), delay: delay)] } ?? []
    }

    private func answer(
        _ message: UnsafeMutableRawBufferPointer, at now: Instant, into output: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(message))
        var deviations = Deviations()
        guard case .v3(let layout)? = try? MessageLayout.parse(bytes, &deviations) else { return nil }
        if layout.engineID.isEmpty { discoveryCount += 1 }
        switch authority.receive(message, layout, at: now, reply: output) {
        case .drop: return nil
        case .reply(let report, let rejection):
            // Discovery is no refusal.
            return refusesInSilence && rejection != .unknownEngineID ? nil : report
        case .accepted(let accepted):
            guard let pdu = try? accepted.scoped.pdu.pdu(bytes, &deviations), case .pdu(let request) = pdu,
                let response = agent.respond(to: request, .v3)
            else { return nil }
            var writer = BERWriter(output)
            writer.pdu(.pdu(response))
            writer.scopedHeader(
                contextEngineID: authority.engineID.octets, contextName: bytes.octets(accepted.scoped.contextName),
                since: 0)
            guard (try? authority.protectReply(&writer, to: accepted, at: now)) != nil else { return nil }
            answerCount += 1
            return writer.start..<writer.capacity
        }
    }
}

/// SNMPv3 messages as somebody without keys can make them, who sees the requests.
public enum ForgedMessage {
    /// A Report without a digest that says one of usmStats' complaints (1...6) and gives a clock.
    public static func report(
        _ complaint: UInt32, messageID: Int32, engineID: [UInt8], boots: Int32, time: Int32, userName: [UInt8] = []
    ) -> [UInt8] {
        message(
            PDU(.report, requestID: 0, [VarBind(USMStatistics.root.appending(complaint).appending(0), .counter32(1))]),
            messageID, engineID, boots, time, userName, digestByteCount: 0)
    }

    /// A Response; with a digest of so many zero octets, or without any.
    public static func response(
        _ bindings: [VarBind], requestID: Int32, messageID: Int32, engineID: [UInt8], boots: Int32, time: Int32,
        userName: [UInt8], digestByteCount: Int
    ) -> [UInt8] {
        message(
            PDU(.response, requestID: requestID, bindings), messageID, engineID, boots, time, userName,
            digestByteCount: digestByteCount)
    }

    private static func message(
        _ pdu: PDU, _ messageID: Int32, _ engineID: [UInt8], _ boots: Int32, _ time: Int32, _ userName: [UInt8],
        digestByteCount: Int
    ) -> [UInt8] {
        let octets = try? BERWriter.encode(limit: 4_096) { writer in
            writer.pdu(.pdu(pdu))
            writer.scopedHeader(contextEngineID: engineID, contextName: [], since: 0)
            _ = writer.v3Header(
                messageID: messageID, maximumSize: 484, flags: digestByteCount > 0 ? .authenticated : [],
                engineID: engineID, engineBoots: boots, engineTime: time, userName: userName,
                authenticationByteCount: digestByteCount, salt: nil, since: 0)
        }
        return octets ?? []
    }
}

/// The outline of an SNMPv3 message, copied out of it.
public struct V3Outline: Sendable {
    /// The message's ID.
    public let messageID: Int32
    /// The engine it is for, or from.
    public let engineID: [UInt8]
    /// The user.
    public let userName: [UInt8]
    /// The clock in it.
    public let boots: Int32
    /// The clock in it.
    public let time: Int32
    /// How it is protected.
    public let flags: V3Flags

    /// Reads a message; nil if it is not one of SNMPv3.
    public init?(_ octets: [UInt8]) {
        var deviations = Deviations()
        let bytes = octets.span.bytes
        guard case .v3(let layout)? = try? MessageLayout.parse(bytes, &deviations) else { return nil }
        messageID = layout.messageID
        engineID = bytes.octets(layout.engineID)
        userName = bytes.octets(layout.userName)
        boots = layout.engineBoots
        time = layout.engineTime
        flags = layout.flags
    }
}
