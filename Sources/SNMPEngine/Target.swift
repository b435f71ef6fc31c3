// Layer: SNMPEngine. Uses: SNMPSecurity. Used by: ManagerEngine, applications.

import Primitives
public import SNMPCodec
public import SNMPSecurity

/// How messages to a target are named and protected.
public enum TargetSecurity: Sendable {
    /// SNMPv1 with a community.
    case v1(community: [UInt8])
    /// SNMPv2c with a community.
    case v2c(community: [UInt8])
    /// SNMPv3 with a user of USM. An empty context engine ID stands for the target's own engine.
    case v3(USMCredentials, contextName: [UInt8] = [], contextEngineID: EngineID = .empty)

    /// The version of the messages.
    public var version: SNMPVersion {
        switch self {
        case .v1: .v1
        case .v2c: .v2c
        case .v3: .v3
        }
    }
}

extension TargetSecurity: CustomStringConvertible, CustomReflectable {
    /// The version, without community or keys.
    public var description: String { "\(version), credentials redacted" }

    /// Mirrors the version only, so that `dump` prints no secret.
    public var customMirror: Mirror { Mirror(self, children: ["version": version]) }
}

/// A device to talk to.
public struct TargetConfiguration: Sendable {
    /// Where it is.
    public var peer: Peer
    /// Version and credentials.
    public var security: TargetSecurity
    /// Timing and limits.
    public var policy: RequestPolicy

    /// Makes a configuration.
    public init(_ peer: Peer, _ security: TargetSecurity, policy: RequestPolicy = RequestPolicy()) {
        self.peer = peer
        self.security = security
        self.policy = policy
    }
}

/// The name of a target inside its engine. A removed target's name is not used again.
public struct TargetID: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}

/// The name of a request inside its engine, for `cancel`.
public struct RequestToken: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
    /// The request-id on the wire.
    public let requestID: Int32
}

/// What was learned about a device, to be kept and given back when it is added again.
public struct TargetProfile: Hashable, Sendable, Codable {
    /// Max-repetitions that worked last.
    public var repetitions: Int?
    /// The least max-repetitions known to fail: too big for the agent, or dropped in silence.
    public var failingRepetitions: Int?
    /// The most bindings in one request that the agent takes.
    public var maximumBindings: Int?
    /// Smoothed round-trip time in nanoseconds.
    public var roundTripNanoseconds: Int64?
    /// Its mean deviation in nanoseconds.
    public var variationNanoseconds: Int64?
    /// The in-flight window.
    public var window: Int?
    /// The engine ID of an SNMPv3 agent, as hexadecimal digits.
    public var engineID: String?
    /// The key extension that AES-192 or AES-256 works with: `blumenthal` or `reeder`.
    public var keyExtension: String?
    /// Whether replies came from another address than requests went to.
    public var answersFromOtherAddress = false

    /// Nothing learned yet.
    public init() {}
}

/// What happened between an engine and a target, counted since the target was added.
public struct TargetStatistics: Hashable, Sendable {
    /// Messages sent, repetitions and discovery included.
    public var sent = 0
    /// Repetitions among them.
    public var retransmitted = 0
    /// Responses that answered a request.
    public var answered = 0
    /// Requests that ended without a response.
    public var failed = 0
    /// Replies that could not be decoded.
    public var malformed = 0
    /// Replies whose identifier fits no request.
    public var unmatched = 0
    /// Replies to requests that were answered already.
    public var duplicates = 0
    /// Replies to requests that had been given up.
    public var late = 0
    /// Replies that fit, but came from another address.
    public var fromOtherAddress = 0
    /// SNMPv3 messages that failed authentication, decryption or the time window.
    public var rejected = 0
    /// Timeouts put down to loss on the way.
    public var losses = 0
    /// Timeouts put down to too many requests at once, each of which halved the window.
    public var overloads = 0
    /// Times that the engine's boots and time were adopted.
    public var timeSynchronisations = 0
    /// Times that an engine came back with lower boots and was believed.
    public var bootsRollbacks = 0
    /// All deviations that were tolerated.
    public var deviations: Deviations = []

    /// Nothing counted yet.
    public init() {}
}

/// The counters that make up the evidence of a timeout; they wrap.
struct EvidenceCounters {
    var malformed: UInt32 = 0
    var unmatched: UInt32 = 0
    var late: UInt32 = 0
    var foreign: UInt32 = 0
    var rejected: UInt32 = 0

    init() {}

    init(_ statistics: TargetStatistics) {
        malformed = UInt32(truncatingIfNeeded: statistics.malformed)
        unmatched = UInt32(truncatingIfNeeded: statistics.unmatched)
        late = UInt32(truncatingIfNeeded: statistics.late)
        foreign = UInt32(truncatingIfNeeded: statistics.fromOtherAddress)
        rejected = UInt32(truncatingIfNeeded: statistics.rejected)
    }

    static func - (a: EvidenceCounters, b: EvidenceCounters) -> EvidenceCounters {
        var result = a
        result.malformed &-= b.malformed
        result.unmatched &-= b.unmatched
        result.late &-= b.late
        result.foreign &-= b.foreign
        result.rejected &-= b.rejected
        return result
    }
}

/// State of a target.
struct TargetState {
    var configuration: TargetConfiguration
    /// Version and community out of the configuration, where they can be had without copying credentials.
    let version: SNMPVersion
    let community: [UInt8]
    var generation: UInt32
    var inUse = true
    var roundTrip = RoundTripEstimator()
    var statistics = TargetStatistics()
    var profile = TargetProfile()

    /// Requests allowed at once, and those that are.
    var window = 4
    var answersSinceWindowChange = 0
    /// Share of requests lost lately, in 1,024ths.
    var lossEstimate = 0
    var lastAnswer = Instant(nanoseconds: .min)
    var inFlight = 0
    /// When the window was last halved; once in a round-trip is enough.
    var lastOverload = Instant(nanoseconds: .min)

    /// The first of the slots that wait for discovery or are in flight, linked through `Slot.next`.
    var startedHead: Int32 = -1
    /// Queue of slots that wait for a place in the window, linked through `Slot.next`.
    var queueHead: Int32 = -1
    var queueTail: Int32 = -1

    /// The time at which the packet budget allows the next message.
    var nextSend = Instant(nanoseconds: .min)

    // For evidence in timeouts.
    var lastError: BERError?

    // SNMPv3.
    var endpoint: Int32 = -1
    var keys: LocalizedKeys?
    var keysEngineID = EngineID.empty
    /// The dialect in use; meaningful for AES-192 and AES-256.
    var keyExtension = KeyExtension.blumenthal
    /// Whether a decrypted response has proved the dialect.
    var keyExtensionProved = false

    init(_ configuration: TargetConfiguration, generation: UInt32) {
        self.configuration = configuration
        self.generation = generation
        version = configuration.security.version
        community =
            switch configuration.security {
            case .v1(let community), .v2c(let community): community
            case .v3: []
            }
    }
}

/// What is known of the SNMPv3 engine at an address. Engines are kept apart by address, because devices copied from one
/// image share their engine ID but not their clock.
struct EndpointState {
    enum Discovery {
        case unknown
        case underway(slot: Int)
        case known
    }
    var peer: Peer
    var discovery = Discovery.unknown
    var engineID = EngineID.empty
    var boots: Int32 = 0
    /// The engine's time at `timeLearned`, in seconds.
    var time: Int32 = 0
    var timeLearned = Instant.zero
    /// Whether boots and time came out of an authenticated message. Until then they are a guess to begin with.
    var isSynchronised = false
    /// The greatest message the engine says it takes.
    var maximumSize: Int32 = 65_507
    /// Slots that wait for discovery, linked through `Slot.next`.
    var waiting: [Int] = []
    var targetCount = 0

    func engineTime(at now: Instant) -> Int32 {
        let elapsed = max(0, (now - timeLearned).nanoseconds / 1_000_000_000)
        return Int32(clamping: Int64(time) + elapsed)
    }
}
