// Layer: SNMPEngine. Uses: SNMPCodec, SNMPSecurity. Used by: SNMP (drivers), simulations.
// The manager side of SNMP as a state machine: datagrams, time and requests go in; datagrams, completions and the next
// deadline come out. No sockets, no clock, no threads; the owner serialises the calls.
//
// A request lives in a slot: queued (its target's window is full) -> waiting (for discovery of an SNMPv3 engine) ->
// in flight (sent, its timer runs) -> free; out of each of them it may be held (no more attempts, its timer runs). Its
// completion is queued exactly once, and run by the owner outside any lock.

public import Primitives
public import SNMPCodec
public import SNMPSecurity

/// Called once with what became of a request. On a response the span holds the message that `Response` points into; it
/// is only valid during the call.
public typealias RequestCompletion = @Sendable (_ outcome: RequestOutcome, _ message: RawSpan) -> Void

/// A completion that is due. The owner runs it after releasing its lock and before reusing the receive buffers.
public struct DueCompletion {
    let completion: RequestCompletion
    let outcome: RequestOutcome
    let message: UnsafeRawBufferPointer

    /// Calls the completion.
    public func run() {
        completion(outcome, RawSpan(_unsafeBytes: message))
    }
}

/// Limits of an engine.
public struct EngineLimits: Sendable {
    /// Requests queued, waiting and in flight together.
    public var maximumRequests = 262_144
    /// Targets at once.
    public var maximumTargets = 262_144

    /// The default limits.
    public init() {}
}

/// The local SNMPv3 engine, in whose name traps are sent.
public struct LocalEngine: Sendable {
    /// Its ID.
    public var engineID: EngineID
    /// How often it was started, 1 and up; kept by the owner.
    public var boots: Int32
    /// When it was started.
    public var start: Instant

    /// Makes a local engine.
    public init(engineID: EngineID, boots: Int32, start: Instant) {
        self.engineID = engineID
        self.boots = boots
        self.start = start
    }

    /// Seconds since the start (RFC 3411, snmpEngineTime).
    public func time(at now: Instant) -> Int32 {
        Int32(clamping: max(0, (now - start).nanoseconds / 1_000_000_000))
    }
}

/// The protocol engine of a manager. Not thread-safe: its owner serialises the calls.
public struct ManagerEngine: ~Copyable {
    /// A request from submission to completion.
    struct Slot {
        enum State: UInt8 {
            case free, queued, waiting, inFlight, held

            /// Whether the peer may have something to do with it.
            var isUnderWay: Bool { self == .inFlight || self == .held }
            /// Whether the slot has a place in its target's window.
            var isInWindow: Bool { self == .waiting || self == .inFlight }
        }
        var state = State.free
        var isDiscovery = false
        var generation: UInt32 = 0
        var target: Int32 = -1
        /// Next slot in the target's queue, or in its list of started ones.
        var next: Int32 = -1
        /// The slot before this one among the target's started ones.
        var previous: Int32 = -1
        var requestID: Int32 = 0
        /// Whether a response is due. Only then the request-id is in use.
        var isConfirmed = true
        /// Message identifiers of the latest SNMPv3 attempts, the last one last; 0 where unused.
        var messageIDs = InlineArray<12, Int32>(repeating: 0)
        var messageIDCount = 0
        /// Which of `messageIDs` went out under the Reeder key extension, by bits.
        var sentWithReeder: UInt16 = 0
        /// Key extensions that the agent could not decrypt, by bits of their raw values.
        var refusedExtensions: UInt8 = 0
        var attempt = 0
        /// Messages sent.
        var sentCount = 0
        /// Repetitions that a Report asked for; bounded apart from timeouts.
        var reportResends = 0
        /// Whether the next attempt waits for the packet budget; the slot's timer then sends it.
        var isDeferred = false
        var firstSent = Instant.zero
        var lastSent = Instant.zero
        var request: Request?
        var completion: RequestCompletion?
        /// Counters of the target when the request was first sent, for the evidence of a timeout.
        var before = EvidenceCounters()
        var lastRefusal: SecurityRefusal?
        /// Times that the network said the peer can't be reached.
        var unreachableCount = 0

        /// Makes the slot free for the next request.
        mutating func clear() {
            request = nil
            state = .free
            isDiscovery = false
            isDeferred = false
            messageIDCount = 0
            sentWithReeder = 0
            refusedExtensions = 0
            reportResends = 0
            lastRefusal = nil
            unreachableCount = 0
            attempt = 0
            sentCount = 0
            isConfirmed = true
            generation &+= 1
        }

        /// Whether there is something to answer.
        var isSent: Bool { sentCount > 0 }
        /// Attempts made; the one that waits for the packet budget is none yet.
        var attemptsMade: Int { min(attempt + 1, sentCount) }
    }

    let random: RandomSource
    let limits: EngineLimits
    /// The engine that traps are sent from.
    public let local: LocalEngine

    var slots: [Slot] = []
    var freeSlots: [Int32] = []
    var targets: [TargetState] = []
    var freeTargets: [Int32] = []
    var targetsByPeer: [Peer: [Int32]] = [:]
    var endpoints: [EndpointState] = []
    var freeEndpoints: [Int32] = []
    var endpointsByPeer: [Peer: Int32] = [:]
    var requestIDs = RequestIDTable()
    var messageIDs = IdentifierTable()
    var timers: TimerWheel
    var pacing: TimerWheel
    var due: [Int] = []
    var completions: [DueCompletion] = []
    var outgoing = OutgoingMessages()
    let scratch: UnsafeMutableRawBufferPointer
    /// Requests not completed yet.
    public private(set) var requestCount = 0
    var saltCounter: UInt64
    let masterKeys: MasterKeyCache
    /// Identifiers of finished requests and what became of them, by their low bits, to tell repeated and late replies
    /// from wrong ones.
    var recent = [RecentRequest](repeating: RecentRequest(), count: 4_096)
    /// Datagrams that no target could be found for.
    public internal(set) var strayDatagrams = 0

    struct RecentRequest {
        var identifier: Int32 = 0
        var target: Int32 = -1
        var wasAnswered = false
    }

    /// Makes an engine.
    ///
    /// - Parameters:
    ///   - random: the source of identifiers and salts; unpredictable in production.
    ///   - local: the engine in whose name SNMPv3 traps are sent.
    ///   - masterKeys: where keys made from passwords are kept.
    ///   - now: the current time.
    public init(
        random: RandomSource, local: LocalEngine, masterKeys: MasterKeyCache = MasterKeyCache(),
        limits: EngineLimits = EngineLimits(), at now: Instant
    ) {
        self.random = random
        self.local = local
        self.limits = limits
        self.masterKeys = masterKeys
        timers = TimerWheel(start: now)
        pacing = TimerWheel(start: now)
        scratch = .allocate(byteCount: SNMPLimits.maximumMessageByteCount, alignment: 16)
        saltCounter = random.next()
    }

    deinit { scratch.deallocate() }

    // MARK: Targets

    /// Adds a target; nil when there are as many as the limits allow. `profile` is what was learned about it before.
    public mutating func addTarget(
        _ configuration: TargetConfiguration, profile: TargetProfile = TargetProfile()
    ) -> TargetID? {
        let index: Int
        if let free = freeTargets.popLast() {
            index = Int(free)
            targets[index] = TargetState(configuration, generation: targets[index].generation + 1)
        } else {
            guard targets.count < limits.maximumTargets else { return nil }
            index = targets.count
            targets.append(TargetState(configuration, generation: 1))
        }
        targets[index].profile = profile
        targets[index].window = configuration.policy.window(profile.window ?? 4)
        if let mean = profile.roundTripNanoseconds, mean > 0 {
            // A profile comes out of a file: nothing in it may overflow what is reckoned with it.
            let limit = Interval.seconds(3_600)
            let variation = Interval(nanoseconds: profile.variationNanoseconds ?? mean / 2)
            targets[index].roundTrip = RoundTripEstimator(
                smoothed: min(Interval(nanoseconds: mean), limit), variation: min(max(variation, .zero), limit))
        }
        targetsByPeer[configuration.peer, default: []].append(Int32(index))
        if case .v3(let credentials, _, _) = configuration.security {
            attachEndpoint(index)
            targets[index].keyExtension =
                credentials.privacy?.keyExtension ?? KeyExtension(profileName: profile.keyExtension)
            targets[index].keyExtensionProved =
                credentials.candidateKeyExtensions.count < 2 || profile.keyExtension != nil
        }
        return TargetID(index: Int32(index), generation: targets[index].generation)
    }

    /// Removes a target; its requests end as cancelled.
    public mutating func removeTarget(_ id: TargetID, at now: Instant) {
        guard let index = resolve(id) else { return }
        // All of the queue goes: no need to unlink its slots one by one.
        var queued = targets[index].queueHead
        targets[index].queueHead = -1
        targets[index].queueTail = -1
        while queued >= 0 {
            let next = slots[Int(queued)].next
            finish(Int(queued), .failure(.cancelled))
            queued = next
        }
        while targets[index].startedHead >= 0 { finish(Int(targets[index].startedHead), .failure(.cancelled)) }
        let peer = targets[index].configuration.peer
        targetsByPeer[peer]?.removeAll { $0 == id.index }
        if targetsByPeer[peer]?.isEmpty == true { targetsByPeer[peer] = nil }
        targets[index].inUse = false
        detachEndpoint(index, at: now)
        pacing.cancel(index)
        targets[index].keys = nil
        freeTargets.append(id.index)
    }

    /// Changes the policy of a target for requests from now on.
    public mutating func setPolicy(_ policy: RequestPolicy, of id: TargetID) {
        guard let index = resolve(id) else { return }
        targets[index].configuration.policy = policy
        targets[index].window = policy.window(targets[index].window)
    }

    /// What was counted for a target; nil if it is not there.
    public func statistics(of id: TargetID) -> TargetStatistics? {
        resolve(id).map { targets[$0].statistics }
    }

    /// What was learned about a target, to be saved; nil if it is not there.
    public func profile(of id: TargetID) -> TargetProfile? {
        guard let index = resolve(id) else { return nil }
        var profile = targets[index].profile
        profile.roundTripNanoseconds = targets[index].roundTrip.smoothed?.nanoseconds
        let hasSamples = targets[index].roundTrip.smoothed != nil
        profile.variationNanoseconds = hasSamples ? targets[index].roundTrip.variation.nanoseconds : nil
        if targets[index].configuration.policy.adaptsWindow { profile.window = targets[index].window }
        if case .v3 = targets[index].configuration.security {
            let endpoint = targets[index].endpoint
            if endpoint >= 0, !endpoints[Int(endpoint)].engineID.isEmpty {
                profile.engineID = endpoints[Int(endpoint)].engineID.description
            }
            if targets[index].keyExtensionProved { profile.keyExtension = targets[index].keyExtension.description }
        }
        return profile
    }

    /// Changes what is kept as learned about a target; walks use it to remember what the agent can take.
    public mutating func updateProfile(of id: TargetID, _ change: (inout TargetProfile) -> Void) {
        guard let index = resolve(id) else { return }
        change(&targets[index].profile)
    }

    /// The configuration of a target; nil if it is not there.
    public func configuration(of id: TargetID) -> TargetConfiguration? {
        resolve(id).map { targets[$0].configuration }
    }

    /// The engine ID discovered at a target, empty if none was; nil if there is no such target.
    public func engineID(of id: TargetID) -> EngineID? {
        guard let index = resolve(id) else { return nil }
        let endpoint = targets[index].endpoint
        return endpoint < 0 ? .empty : endpoints[Int(endpoint)].engineID
    }

    func resolve(_ id: TargetID) -> Int? {
        let index = Int(id.index)
        guard targets.indices.contains(index), targets[index].inUse, targets[index].generation == id.generation else {
            return nil
        }
        return index
    }

    func resolve(_ token: RequestToken) -> Int? {
        let slot = Int(token.index)
        guard slots.indices.contains(slot), slots[slot].state != .free, slots[slot].generation == token.generation
        else { return nil }
        return slot
    }

    // MARK: Requests

    /// Queues a request and sends it as soon as the target's window allows.
    ///
    /// `completion` is queued exactly once, also when the request can't be sent at all. Returns a token for `cancel`,
    /// or nil when the request failed at once.
    @discardableResult
    public mutating func submit(
        _ request: Request, to id: TargetID, at now: Instant, completion: @escaping RequestCompletion
    ) -> RequestToken? {
        guard let target = resolve(id) else { return refuse(completion, .cancelled) }
        guard requestCount < limits.maximumRequests else {
            return refuse(completion, .tooManyRequests(limit: limits.maximumRequests))
        }
        let version = targets[target].version
        guard let request = request.expressed(in: version) else {
            return refuse(completion, .notExpressible(request.type, version))
        }
        let isConfirmed = request.type.isConfirmed
        if let wanted = request.requestID, isConfirmed, isInUse(wanted, target) {
            return refuse(completion, .requestIDInUse(wanted))
        }
        let slot = takeSlot()
        slots[slot].target = id.index
        slots[slot].request = request
        slots[slot].completion = completion
        slots[slot].isConfirmed = isConfirmed
        slots[slot].requestID = registeredRequestID(request.requestID, slot, target)
        let token = RequestToken(
            index: Int32(slot), generation: slots[slot].generation, requestID: slots[slot].requestID)
        if targets[target].inFlight < targets[target].window, targets[target].queueHead < 0,
            mayPace(target, now)
        {
            start(slot, at: now)
        } else {
            enqueue(slot, target)
        }
        return token
    }

    /// Queues the completion of a request that gets no slot.
    private mutating func refuse(
        _ completion: @escaping RequestCompletion, _ failure: RequestFailure
    ) -> RequestToken? {
        completions.append(DueCompletion(completion: completion, outcome: .failure(failure), message: .empty))
        return nil
    }

    /// Ends a request; its completion gets `.cancelled`. False when it has ended already.
    @discardableResult
    public mutating func cancel(_ token: RequestToken, at now: Instant) -> Bool {
        guard let slot = resolve(token) else { return false }
        let target = Int(slots[slot].target)
        finish(slot, .failure(.cancelled))
        pump(target, at: now)
        return true
    }

    /// Lets time pass: repeats and gives up what is due.
    public mutating func advance(to now: Instant) {
        due.removeAll(keepingCapacity: true)
        timers.expire(at: now, into: &due)
        for index in 0..<due.count { timeout(due[index], at: now) }
        due.removeAll(keepingCapacity: true)
        pacing.expire(at: now, into: &due)
        for index in 0..<due.count { pump(due[index], at: now) }
    }

    /// When `advance` should be called next; nil if nothing is pending.
    public var nextDeadline: Instant? {
        switch (timers.nextDeadline, pacing.nextDeadline) {
        case (let a?, let b?): min(a, b)
        case (let a, let b): a ?? b
        }
    }

    /// Hands over the messages to send, in their order, and forgets them. The bytes are valid during the call.
    public mutating func drainOutgoing(_ body: (UnsafeRawBufferPointer, Peer) -> Void) {
        outgoing.drain(body)
    }

    /// Whether there are messages to send.
    public var hasOutgoing: Bool { !outgoing.isEmpty }

    /// Exchanges the completions that are due for the contents of `array`, which should be empty.
    /// The owner runs them outside its lock, and hands the emptied array back the next time.
    public mutating func swapCompletions(_ array: inout [DueCompletion]) {
        swap(&completions, &array)
    }

    /// Ends all requests to a peer whose connection is gone.
    public mutating func connectionLost(_ peer: Peer, reason: String, at now: Instant) {
        guard let affected = targetsByPeer[peer] else { return }
        for slot in inFlight(affected) where slots[slot].state.isUnderWay {
            if slots[slot].isDiscovery {
                discoveryFailed(slot, .transport(reason), at: now)
            } else {
                finish(slot, .failure(.transport(reason)))
            }
        }
        for target in affected { pump(Int(target), at: now) }
    }

    /// The slots of some targets in flight now: what ends some of them starts others, which are not meant.
    private func inFlight(_ affected: [Int32]) -> [Int] {
        var found: [Int] = []
        for target in affected {
            var slot = targets[Int(target)].startedHead
            while slot >= 0 {
                if slots[Int(slot)].state.isUnderWay { found.append(Int(slot)) }
                slot = slots[Int(slot)].next
            }
        }
        return found
    }

    /// Whether completions are due.
    public var hasCompletions: Bool { !completions.isEmpty }

    /// Ends all requests as cancelled.
    public mutating func cancelAll() {
        for target in targets.indices {
            targets[target].queueHead = -1
            targets[target].queueTail = -1
        }
        for slot in slots.indices where slots[slot].state != .free { finish(slot, .failure(.cancelled)) }
        for endpoint in endpoints.indices {
            if case .underway = endpoints[endpoint].discovery { endpoints[endpoint].discovery = .unknown }
        }
    }

    /// Takes the news that a peer can't be reached. From this host itself (`isLocal`: no route, message too long) it is
    /// final. From the network (ICMP) it is a hint, as such news can be forged and devices restart: a request ends at
    /// the second.
    public mutating func unreachable(_ peer: Peer, reason: String, isLocal: Bool = false, at now: Instant) {
        guard let affected = targetsByPeer[peer] else { return }
        for slot in inFlight(affected) where slots[slot].state.isUnderWay {
            slots[slot].unreachableCount += 1
            let limit = slots[slot].request?.unreachableLimit ?? 2
            guard isLocal || slots[slot].unreachableCount >= limit else { continue }
            if slots[slot].isDiscovery {
                discoveryFailed(slot, .transport(reason), at: now)
            } else {
                finish(slot, .failure(.transport(reason)))
            }
        }
        for target in affected { pump(Int(target), at: now) }
    }

    // MARK: Slots

    private mutating func takeSlot() -> Int {
        requestCount += 1
        if let free = freeSlots.popLast() { return Int(free) }
        slots.append(Slot())
        return slots.count - 1
    }

    /// A slot for the engine's own discovery request.
    mutating func takeDiscoverySlot(_ target: Int) -> Int {
        let slot = takeSlot()
        slots[slot].isDiscovery = true
        slots[slot].target = Int32(target)
        slots[slot].requestID = registeredRequestID(nil, slot, target)
        slots[slot].before = EvidenceCounters(targets[target].statistics)
        return slot
    }

    private mutating func enqueue(_ slot: Int, _ target: Int) {
        slots[slot].state = .queued
        slots[slot].next = -1
        if targets[target].queueTail >= 0 {
            slots[Int(targets[target].queueTail)].next = Int32(slot)
        } else {
            targets[target].queueHead = Int32(slot)
        }
        targets[target].queueTail = Int32(slot)
    }

    /// Takes a slot out of its target's queue, wherever it stands.
    mutating func unlink(_ slot: Int, _ target: Int) {
        var previous: Int32 = -1
        var current = targets[target].queueHead
        while current >= 0, current != Int32(slot) {
            previous = current
            current = slots[Int(current)].next
        }
        guard current >= 0 else { return }
        let next = slots[slot].next
        if previous >= 0 { slots[Int(previous)].next = next } else { targets[target].queueHead = next }
        if next < 0 { targets[target].queueTail = previous }
    }

    /// Puts a slot that leaves the queue, or was never in it, among its target's started ones.
    mutating func linkStarted(_ slot: Int, _ target: Int) {
        let head = targets[target].startedHead
        slots[slot].next = head
        slots[slot].previous = -1
        if head >= 0 { slots[Int(head)].previous = Int32(slot) }
        targets[target].startedHead = Int32(slot)
    }

    private mutating func unlinkStarted(_ slot: Int, _ target: Int) {
        let (previous, next) = (slots[slot].previous, slots[slot].next)
        if previous >= 0 { slots[Int(previous)].next = next } else { targets[target].startedHead = next }
        if next >= 0 { slots[Int(next)].previous = previous }
    }

    /// Starts queued requests as far as window and budget allow.
    mutating func pump(_ target: Int, at now: Instant) {
        guard targets[target].inUse else { return }
        while targets[target].queueHead >= 0, targets[target].inFlight < targets[target].window, mayPace(target, now) {
            let slot = Int(targets[target].queueHead)
            targets[target].queueHead = slots[slot].next
            if slots[slot].next < 0 { targets[target].queueTail = -1 }
            slots[slot].next = -1
            start(slot, at: now)
        }
    }

    /// Whether the packet budget allows a message now; if not, a timer continues when it does.
    private mutating func mayPace(_ target: Int, _ now: Instant) -> Bool {
        guard targets[target].configuration.policy.packetsPerSecond != nil else { return true }
        guard targets[target].nextSend > now else { return true }
        pacing.schedule(target, at: targets[target].nextSend)
        return false
    }

    /// Sends a request for the first time, or lets it wait for discovery.
    private mutating func start(_ slot: Int, at now: Instant) {
        let target = Int(slots[slot].target)
        targets[target].inFlight += 1
        linkStarted(slot, target)
        slots[slot].firstSent = now
        slots[slot].before = EvidenceCounters(targets[target].statistics)
        if needsDiscovery(slot, target) {
            slots[slot].state = .waiting
            discover(for: target, waiting: slot, at: now)
            return
        }
        slots[slot].state = .inFlight
        send(slot, at: now)
    }

    /// Sends the next attempt of a slot in flight, now or when the packet budget allows. The slot may have ended when
    /// this returns: a notification that nobody confirms, or a request that can't be sent at all. Callers pump the
    /// target then.
    mutating func send(_ slot: Int, at now: Instant) {
        let target = Int(slots[slot].target)
        if let rate = targets[target].configuration.policy.packetsPerSecond, rate > 0, !slots[slot].isDeferred {
            let turn = targets[target].nextSend
            let step = Interval(nanoseconds: 1_000_000_000 / Int64(rate))
            targets[target].nextSend = max(turn, now + ManagerEngine.pacingSlack * -1) + step
            if turn > now {
                slots[slot].isDeferred = true
                timers.schedule(slot, at: turn)
                return
            }
        }
        slots[slot].isDeferred = false
        transmit(slot, target, at: now)
    }

    /// Unused budget of this long may be made up for in a burst. Covers the ticks of the timer wheel.
    private static var pacingSlack: Interval { .milliseconds(10) }

    /// Encodes and sends the next attempt of a slot in flight, and sets its timer.
    private mutating func transmit(_ slot: Int, _ target: Int, at now: Instant) {
        var limit = targets[target].configuration.policy.maximumMessageByteCount
        limit = min(max(limit, SNMPLimits.minimumMaximumMessageByteCount), SNMPLimits.maximumMessageByteCount)
        let result = encode(slot, target, at: now)
        guard case .success(let byteCount) = result else {
            if case .failure(let failure) = result { finish(slot, .failure(failure)) }
            return
        }
        guard byteCount > 0, byteCount <= limit else {
            finish(slot, .failure(.tooLarge(byteCount: max(byteCount, limit + 1), limit: limit)))
            return
        }
        let message = UnsafeRawBufferPointer(rebasing: scratch[(scratch.count - byteCount)...])
        outgoing.append(message, targets[target].configuration.peer)
        targets[target].statistics.sent += 1
        if slots[slot].attempt > 0 { targets[target].statistics.retransmitted += 1 }
        slots[slot].lastSent = now
        slots[slot].sentCount += 1
        guard slots[slot].isConfirmed else {
            finish(slot, .sent)
            return
        }
        let wait =
            slots[slot].request?.timeout
            ?? targets[target].roundTrip.timeout(attempt: slots[slot].attempt, targets[target].configuration.policy)
        timers.schedule(slot, at: now + wait)
    }

    private mutating func timeout(_ slot: Int, at now: Instant) {
        if slots[slot].state == .held {
            finish(slot, .failure(.timeout(evidence(slot, Int(slots[slot].target), at: now))))
            return
        }
        guard slots[slot].state == .inFlight else { return }
        let target = Int(slots[slot].target)
        if slots[slot].isDeferred {
            send(slot, at: now)
            pump(target, at: now)
            return
        }
        let wanted = slots[slot].request?.retries ?? targets[target].configuration.policy.retries
        let retries = min(max(wanted, 0), RequestPolicy.maximumRetries)
        noteTimeout(slot, target, at: now)
        if slots[slot].attempt < retries {
            slots[slot].attempt += 1
            tryOtherKeyExtension(target, slot)
            send(slot, at: now)
        } else if slots[slot].isDiscovery {
            discoveryFailed(slot, .timeout(evidence(slot, target, at: now)), at: now)
        } else if let refusal = slots[slot].lastRefusal {
            finish(slot, .failure(.refused(refusal)))
        } else {
            finish(slot, .failure(.timeout(evidence(slot, target, at: now))))
        }
        pump(target, at: now)
    }

    /// Tells loss from overload. Overload, which halves the window, is a timeout while replies queue up in the device,
    /// or while it answers nothing at all, or when most requests are lost; all else is loss on the way and only costs
    /// the repetition.
    private mutating func noteTimeout(_ slot: Int, _ target: Int, at now: Instant) {
        targets[target].lossEstimate += (1_024 - targets[target].lossEstimate) >> 4
        let isOverload =
            targets[target].lastAnswer < slots[slot].lastSent || targets[target].lossEstimate > 512
            || targets[target].roundTrip.showsQueueing
        // A device can't be overloaded by a window that was not used.
        let isUsed = targets[target].window > 1 && targets[target].inFlight >= max(2, targets[target].window / 2)
        guard isOverload, isUsed, targets[target].configuration.policy.adaptsWindow else {
            targets[target].statistics.losses += 1
            return
        }
        // One halving in a round of timeouts.
        let pause = targets[target].roundTrip.smoothed ?? targets[target].configuration.policy.initialTimeout
        guard now - targets[target].lastOverload > pause else { return }
        targets[target].window = max(1, targets[target].window / 2)
        targets[target].lossEstimate = min(targets[target].lossEstimate, 256)
        targets[target].answersSinceWindowChange = 0
        targets[target].statistics.overloads += 1
        targets[target].lastOverload = now
    }

    private func evidence(_ slot: Int, _ target: Int, at now: Instant) -> TimeoutEvidence {
        let statistics = targets[target].statistics
        let new = EvidenceCounters(statistics) - slots[slot].before
        var evidence = TimeoutEvidence(attempts: slots[slot].attemptsMade, elapsed: now - slots[slot].firstSent)
        evidence.malformedReplies = Int(new.malformed)
        evidence.lastError = new.malformed > 0 ? targets[target].lastError : nil
        evidence.unmatchedReplies = Int(new.unmatched)
        evidence.lateReplies = Int(new.late)
        if !targets[target].configuration.policy.acceptsOtherSourceAddress {
            evidence.foreignReplies = Int(new.foreign)
        }
        evidence.rejectedReplies = Int(new.rejected)
        let endpoint = targets[target].endpoint
        if endpoint >= 0, case .known = endpoints[Int(endpoint)].discovery {
            evidence.onlyDiscoveryAnswered = statistics.answered == 0
        }
        return evidence
    }

    /// Frees a slot and queues its completion.
    mutating func finish(
        _ slot: Int, _ outcome: RequestOutcome, message: UnsafeRawBufferPointer = .empty
    ) {
        let state = slots[slot].state
        precondition(state != .free, "a request ended twice")
        let target = Int(slots[slot].target)
        var wasAnswered = false
        switch outcome {
        case .response:
            wasAnswered = true
            targets[target].statistics.answered += 1
        case .failure: if !slots[slot].isDiscovery { targets[target].statistics.failed += 1 }
        case .sent: break
        }
        if state == .queued { unlink(slot, target) } else { unlinkStarted(slot, target) }
        if state == .waiting { stopWaiting(slot, target) }
        if state.isInWindow, !slots[slot].isDiscovery { targets[target].inFlight -= 1 }
        timers.cancel(slot)
        forgetIdentifiers(slot, target, wasAnswered)
        if let completion = slots[slot].completion.take() {
            completions.append(DueCompletion(completion: completion, outcome: outcome, message: message))
        }
        slots[slot].clear()
        freeSlots.append(Int32(slot))
        requestCount -= 1
    }
}

extension UnsafeRawBufferPointer {
    /// No bytes at all.
    static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}
