// Layer: SNMPAgent. Uses: everything in this module. Used by: the SNMP driver, simulations.
// The agent as a state machine: datagrams and the time come in, at most one datagram goes out for each. It owns no
// socket and no clock, and it allocates its buffers once.

public import Primitives
public import SNMPCodec
public import SNMPSecurity

/// What an agent is made of.
public struct AgentConfiguration: Sendable {
    /// The agent's engine ID, 5 to 32 octets, the same after each start.
    public var engineID: EngineID
    /// How often the agent was started, at least 1; kept by the caller between starts (RFC 3414, section 2.2).
    public var engineBoots: Int32
    /// The communities of v1 and v2c; none by default.
    public var communities: CommunityTable
    /// Who may do what; nothing by default.
    public var access: AccessControl
    /// Bounds on the work for one request.
    public var limits: AgentLimits
    /// Whether the agent serves its own objects in the default context: the groups snmp, snmpSet, snmpEngine,
    /// snmpMPDStats, snmpTarget (context counters) and usmStats. A simulation that plays back a recording does not.
    public var servesOwnObjects: Bool
    /// A random number, from which the salts of encrypted responses count.
    public var firstSalt: UInt64

    /// Makes a configuration.
    public init(
        engineID: EngineID, engineBoots: Int32, communities: [Community] = [], access: AccessControl = AccessControl(),
        limits: AgentLimits = AgentLimits(), servesOwnObjects: Bool = true, firstSalt: UInt64
    ) {
        self.engineID = engineID
        self.engineBoots = engineBoots
        self.communities = CommunityTable(communities)
        self.access = access
        self.limits = limits
        self.servesOwnObjects = servesOwnObjects
        self.firstSalt = firstSalt
    }
}

/// An SNMP agent for v1, v2c and v3: command responder with access control and its own statistics.
///
/// Not thread-safe: one thread at a time may use it.
public final class Agent {
    /// The agent's engine ID, for the traps it sends.
    public let engineID: EngineID
    /// The agent's boots, for the traps it sends.
    public let engineBoots: Int32
    /// Bounds on the work for one request.
    public let limits: AgentLimits
    /// The communities; may be changed between requests.
    public var communities: CommunityTable
    /// Who may do what; may be changed between requests. Notification originators ask it for their views.
    public var access: AccessControl
    /// Called when a request was refused because of a wrong community, user or signature, while
    /// snmpEnableAuthenTraps is 1: who is to send the notification authenticationFailure does it here. Gets the
    /// request's source.
    public var onAuthenticationFailure: ((SocketAddress, Instant) -> Void)?

    let state = AgentState()
    let scratch = ResponseScratch()
    var authority: USMAuthority
    private var defaultRegistry = ObjectRegistry()
    private var otherRegistries: [[UInt8]: ObjectRegistry] = [:]

    /// Makes an agent.
    /// - Parameters:
    ///   - configuration: what the agent is made of; an engine ID of an impossible length is our own bug.
    ///   - start: when the agent was started; snmpEngineTime counts from here.
    ///   - cache: keeps the master keys of users.
    public init(_ configuration: AgentConfiguration, start: Instant, cache: MasterKeyCache) {
        engineID = configuration.engineID
        engineBoots = configuration.engineBoots
        var limits = configuration.limits
        limits.maximumMessageByteCount = min(
            max(limits.maximumMessageByteCount, SNMPLimits.minimumMaximumMessageByteCount),
            SNMPLimits.maximumMessageByteCount)
        self.limits = limits
        communities = configuration.communities
        access = configuration.access
        authority = USMAuthority(
            engineID: configuration.engineID, engineBoots: configuration.engineBoots, start: start,
            firstSalt: configuration.firstSalt, maximumMessageByteCount: limits.maximumMessageByteCount, cache: cache)
        guard configuration.servesOwnObjects else { return }
        let groups = state.groups(
            engineID: engineID, boots: engineBoots, start: start,
            maximumMessageByteCount: limits.maximumMessageByteCount)
        for group in groups {
            do throws(RegistrationError) {
                try defaultRegistry.register(group)
            } catch {
                preconditionFailure("the agent's own groups overlap")
            }
        }
    }

    /// Everything counted so far.
    public var counters: AgentCounters { state.counters }

    /// snmpEnableAuthenTraps: whether `onAuthenticationFailure` is called. Managers can set it too.
    public var reportsAuthenticationFailures: Bool {
        get { state.reportsAuthenticationFailures }
        set { state.reportsAuthenticationFailures = newValue }
    }

    /// snmpEngineTime: whole seconds since the start, for the traps that the agent sends.
    public func engineTime(at now: Instant) -> Int32 { authority.engineTime(at: now) }

    /// Adds an SNMPv3 user, instead of the one with the same name. What it may do is up to `access`.
    ///
    /// Takes milliseconds for a password that is not in the cache. Throws `passwordTooShort`, `keyLengthInvalid`,
    /// `algorithmUnavailable`, `cryptoFailure`.
    public func add(_ credentials: USMCredentials) throws(SecurityError) { try authority.add(credentials) }

    /// Removes an SNMPv3 user; false if there is none of that name.
    @discardableResult
    public func removeUser(_ name: [UInt8]) -> Bool { authority.removeUser(name) }

    /// Offers the objects of `subtree` in a context, which comes into being with its first subtree.
    ///
    /// Throws `rootTooShort` or `overlaps`.
    public func register(_ subtree: any ManagedSubtree, context: [UInt8] = []) throws(RegistrationError) {
        if context.isEmpty {
            try defaultRegistry.register(subtree)
        } else {
            var registry = otherRegistries[context] ?? ObjectRegistry()
            try registry.register(subtree)
            otherRegistries[context] = registry
        }
    }

    /// Offers the subtree with exactly this root no longer; false if there is none. A context without subtrees goes.
    @discardableResult
    public func unregister(root: ObjectIdentifier, context: [UInt8] = []) -> Bool {
        if context.isEmpty { return defaultRegistry.unregister(root: root) }
        guard var registry = otherRegistries[context], registry.unregister(root: root) else { return false }
        otherRegistries[context] = registry.roots.isEmpty ? nil : registry
        return true
    }

    /// The objects of a context; nil if there is no such context.
    func registry(_ context: [UInt8]) -> ObjectRegistry? {
        context.isEmpty ? defaultRegistry : otherRegistries[context]
    }

    /// Processes one message and writes the answer to it, if there is one.
    /// - Parameters:
    ///   - datagram: the message; encrypted parts are decrypted in place.
    ///   - source: where it came from.
    ///   - now: the time.
    ///   - reply: room for the answer: 65,507 octets, or less to bound answers further. Not the memory of `datagram`.
    /// - Returns: where in `reply` the answer lies; nil when nothing goes back. Bad messages are counted and dropped.
    public func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from source: SocketAddress, at now: Instant,
        reply: UnsafeMutableRawBufferPointer
    ) -> Range<Int>? {
        state.counters.inPackets &+= 1
        do throws(BERError) {
            let answer: Range<Int>?
            var deviations = Deviations()
            switch try MessageLayout.parse(UnsafeRawBufferPointer(datagram).bytes, &deviations) {
            case .community(let layout): answer = try receive(datagram, layout, source, now, reply)
            case .v3(let layout): answer = try receive(datagram, layout, source, now, reply)
            }
            if answer != nil { state.counters.outPackets &+= 1 }
            return answer
        } catch {
            switch error.code {
            case .unknownVersion: state.counters.inBadVersions &+= 1
            case .badV3Header: state.counters.invalidMessages &+= 1
            default: state.counters.inASNParseErrors &+= 1
            }
            return nil
        }
    }

    func authenticationFailed(_ source: SocketAddress, _ now: Instant) {
        if state.reportsAuthenticationFailures { onAuthenticationFailure?(source, now) }
    }
}
