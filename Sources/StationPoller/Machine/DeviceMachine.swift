// Layer: StationPoller/Machine. Uses: Fetch, PlanBuilder, SNMP's errors. Used by: DevicePoller, simulations.
// The life of a device as a state machine: ticks and answers come in with the time, requests and rounds go out.
//
//   tick ─▶ [probe, if it was down] ─▶ [read tables, if called for] ─▶ GETs ─▶ round
//
// A turn begins with a tick and ends with exactly one round, whatever the device does; there is never a second one
// beside it. Everything that a device can say costs it an answer or counts against a limit.

public import Primitives
public import SNMP
public import SNMPCodec
public import SNMPEngine
import StationSeries

/// What is asked of a device, and when.
public struct DeviceMachine: Sendable {
    /// What a fetch is for.
    enum Purpose {
        case identity, scalars, round
    }

    /// What is waited for.
    enum Activity {
        case idle
        /// The probe of a device that was down.
        case waking(Int)
        /// The answers to `fetch`.
        case fetching(Purpose)
        /// A probe, to learn whether silence is the device's or that of large requests.
        case confirming(Int, Purpose)
        /// The same after a walk without an answer.
        case confirmingWalk(Int, TableStep)
        /// The rows of a table.
        case walking(Int, TableStep)
    }

    /// What happened in a turn so far.
    struct Turn {
        let start: Instant
        var fetchStart: Instant
        var didDiscover = false
        var restartsRound = false
        var confirmations = 0
        var requests = 0
        var headIsRead = false
        var time: Moment?
        var upTime: UInt32?
        var roundTrip: Interval?
    }

    /// Reading the tables.
    struct Discovery {
        var reason: DiscoveryReason
        let isFirst: Bool
        let deadline: Instant
        var builder: PlanBuilder
    }

    /// The device's number.
    public let device: Int32
    /// How it is polled. Another interval is used from the next turn on.
    public var options: PollingOptions
    /// Whether it answers.
    public internal(set) var state = DeviceState.new
    /// Why it is down, or why its last round was not complete; else empty.
    public internal(set) var message = ""
    /// What there is on it.
    public internal(set) var plan: DevicePlan
    /// Rounds that ended.
    public private(set) var rounds = 0
    /// Rounds that were due while the machine was busy with another.
    public private(set) var missed = 0
    /// Times that the tables were read.
    public internal(set) var discoveries = 0
    /// Restarts that were seen.
    public internal(set) var restarts = 0

    var activity = Activity.idle
    var turn: Turn?
    var fetch: Fetch?
    var discovery: Discovery?
    var sheet: RoundSheet
    /// Whether the plan was read from the device, not only from what was recorded.
    var hasPlan = false
    var reason: DiscoveryReason?
    var nextDiscovery = Instant.distantFuture
    /// Keeps a device whose tables change all the time from being walked all the time.
    var discoveryBudget = TokenBucket(burst: 4, perSecond: 1.0 / 120)
    /// Instances that the device says it lacks although its tables have them.
    var toleratedMissing = 0
    /// Names in one request, as far as was learned.
    var nameLimit: Int
    var lastUpTime: UpTimeReading?
    var actions: [DeviceAction] = []

    private var number = 0
    private var lateSince: Instant?
    private var silentProbes = 0
    private var nextProbe = Instant(nanoseconds: .min)

    /// The machine of a device that was not asked yet.
    ///
    /// - Parameters:
    ///   - known: what was recorded of it earlier: its objects keep their keys.
    ///   - nameLimit: names in one request that it is known to take; nil if nothing is known.
    public init(
        device: Int32, options: PollingOptions = PollingOptions(), known: DevicePlan = DevicePlan(),
        nameLimit: Int? = nil
    ) {
        self.device = device
        self.options = options
        plan = known
        sheet = RoundSheet(known)
        self.nameLimit = min(max(nameLimit ?? options.namesPerRequest, 1), options.namesPerRequest)
    }

    /// Whether a turn is under way.
    public var isBusy: Bool { turn != nil }

    // MARK: Time

    /// A round is due. If the last one isn't over, this one is late or missed, and nothing is done. `isForced`: somebody
    /// wants a round now, also of a device that is down and would be left alone for a while; a turn that is under way
    /// serves for that.
    public mutating func tick(at now: Moment, isForced: Bool = false) -> [DeviceAction] {
        if turn != nil {
            guard !isForced, state != .down else { return [] }
            if lateSince == nil { lateSince = now.instant } else { missed += 1 }
            return []
        }
        if state == .down, !isForced, now.instant < nextProbe { return [] }
        beginTurn(now)
        return takeActions()
    }

    private mutating func beginTurn(_ now: Moment) {
        turn = Turn(start: now.instant, fetchStart: now.instant)
        lateSince = nil
        if state == .down {
            activity = .waking(sendProbe())
        } else {
            proceed(now)
        }
    }

    /// Sends one request for sysUpTime, which is not repeated.
    mutating func sendProbe() -> Int {
        turn?.requests += 1
        // Longer than any device takes that is worth asking, but not so long that its return is missed.
        let timeout = min(max(options.interval, .seconds(2)), .seconds(5))
        actions.append(.get(number: nextNumber(), names: [Column.sysUpTime], timeout: timeout))
        return number
    }

    mutating func nextNumber() -> Int {
        number += 1
        return number
    }

    mutating func takeActions() -> [DeviceAction] {
        defer { actions = [] }
        return actions
    }

    /// Goes on with a device that answers: with its tables if they are to be read, else with the round.
    mutating func proceed(_ now: Moment) {
        if let reason = discoveryReason(now.instant), turn?.didDiscover == false {
            beginDiscovery(reason, now)
        } else {
            beginRound(now)
        }
    }

    /// Why the tables are to be read now; nil if they are not.
    mutating func discoveryReason(_ now: Instant) -> DiscoveryReason? {
        if !hasPlan { return .first }
        if let reason, discoveryBudget.available(at: now) >= 1 { return reason }
        return now >= nextDiscovery ? .hourly : nil
    }

    mutating func want(_ reason: DiscoveryReason) { self.reason = max(self.reason ?? reason, reason) }

    // MARK: Answers

    /// A response came to the GET of that number. `roundTrip` is from its last sending to the arrival.
    public mutating func answered(
        _ number: Int, _ error: ErrorStatus, index: Int, _ bindings: [VarBind], roundTrip: Interval, at now: Moment
    ) -> [DeviceAction] {
        switch activity {
        case .waking(number):
            noteUpTime(in: bindings, now)
            setState(.up, "")
            proceed(now)
        case .confirming(number, let purpose):
            // It answers; so it may be the size that it can't take.
            activity = .fetching(purpose)
            nameLimit = max(1, (fetch?.silentCount ?? 1) / 4)
            fetch?.resume(limit: nameLimit)
            pump(now)
        case .confirmingWalk(number, let step): nextTable(after: step, now)
        case .fetching(let purpose):
            guard fetch?.receive(number, error, index: index, bindings) == true else { return [] }
            if purpose == .round, readHead(roundTrip, now) { return takeActions() }
            pump(now)
        case .idle, .waking, .confirming, .confirmingWalk, .walking: return []
        }
        return takeActions()
    }

    /// There is no usable answer to the GET of that number.
    public mutating func failed(_ number: Int, _ error: SNMPError, at now: Moment) -> [DeviceAction] {
        switch activity {
        case .waking(number): goDown(error, now)
        case .confirming(number, _): goDown(fetch?.failure ?? error, now)
        case .confirmingWalk(number, _): goDown(error, now)
        case .fetching:
            guard fetch?.receive(number, error) == true else { return [] }
            pump(now)
        case .idle, .waking, .confirming, .confirmingWalk, .walking: return []
        }
        return takeActions()
    }

    /// Rows of the walk of that number. False when no more are wanted: the walk is to end as cancelled.
    public mutating func received(_ rows: [VarBind], ofWalk number: Int) -> Bool {
        guard case .walking(number, let step) = activity else { return false }
        for row in rows {
            guard discovery?.builder.take(row, of: step) == true else { return false }
        }
        return true
    }

    /// The walk of that number is over.
    public mutating func walked(_ number: Int, _ verdict: WalkVerdict, at now: Moment) -> [DeviceAction] {
        guard case .walking(number, let step) = activity else { return [] }
        turn?.requests += verdict.requests
        if let reason = verdict.shortfall { discovery?.builder.complain(step, reason) }
        if case .partial(.noAnswer, _) = verdict.outcome {
            activity = .confirmingWalk(sendProbe(), step)
        } else {
            nextTable(after: step, now)
        }
        return takeActions()
    }

    // MARK: Fetching

    mutating func begin(_ fetch: Fetch, _ purpose: Purpose, _ now: Moment) {
        self.fetch = fetch
        activity = .fetching(purpose)
        turn?.fetchStart = now.instant
        turn?.headIsRead = false
        pump(now)
    }

    /// Sends what may be sent; goes on when there is nothing left.
    mutating func pump(_ now: Moment) {
        guard let turn, case .fetching(let purpose) = activity else { return }
        if now.instant - turn.fetchStart > max(options.roundLimit, options.interval) { fetch?.giveUp() }
        while let names = fetch?.next(number + 1) {
            actions.append(.get(number: nextNumber(), names: names, timeout: nil))
        }
        guard let fetch, fetch.isDone else { return }
        if fetch.isSilent { return confirm(fetch, purpose, now) }
        self.turn?.requests += fetch.requests
        nameLimit = fetch.limit
        switch purpose {
        case .identity: identityIsRead(fetch, now)
        case .scalars: scalarsAreRead(fetch, now)
        case .round: roundIsRead(fetch, now)
        }
    }

    /// No answer at all: is the device gone, or are the requests too large for it?
    private mutating func confirm(_ fetch: Fetch, _ purpose: Purpose, _ now: Moment) {
        if fetch.silentCount > 1, let turn, turn.confirmations < 3 {
            self.turn?.confirmations += 1
            activity = .confirming(sendProbe(), purpose)
        } else {
            goDown(fetch.failure ?? .closed, now)
        }
    }

    // MARK: State

    mutating func setState(_ state: DeviceState, _ message: String) {
        self.message = message
        if state == .up { silentProbes = 0 }
        guard self.state != state else { return }
        self.state = state
        actions.append(.state(state, message: message))
    }

    private mutating func noteUpTime(in bindings: [VarBind], _ now: Moment) {
        guard let binding = bindings.first, binding.name == Column.sysUpTime else { return }
        noteUpTime(binding.value, now)
    }

    /// Takes note of sysUpTime, and of a restart that it tells of.
    mutating func noteUpTime(_ value: SNMPValue?, _ now: Moment) {
        guard case .timeTicks(let hundredths)? = value else { return }
        turn?.upTime = hundredths
        let reading = UpTimeReading(hundredths: hundredths, instant: now.instant)
        if let lastUpTime, reading.tellsOfRestart(since: lastUpTime) {
            restarts += 1
            want(.restart)
        }
        lastUpTime = reading
    }

    private mutating func goDown(_ error: SNMPError, _ now: Moment) {
        if let discovery, discovery.reason != .first { want(discovery.reason) }
        discovery = nil
        turn?.requests += fetch?.requests ?? 0
        if state == .down { silentProbes += 1 } else { silentProbes = 0 }
        let text = error.advice
        setState(.down, text)
        let interval = options.interval
        let wanted: Int64 = silentProbes < 3 ? 1 : silentProbes < 4 ? 2 : 4
        // At least once a minute, or at the interval if that is longer. An eighth earlier, as ticks jitter.
        let most = max(1, Interval.seconds(60).nanoseconds / max(interval.nanoseconds, 1))
        let spacing: Interval = interval * min(wanted, most) - interval / 8
        let start: Instant = turn?.start ?? now.instant
        nextProbe = start + spacing
        var round = emptyRound(now)
        round.verdict = .none
        round.upTime = nil
        round.text = text
        finish(round, now)
    }

    /// A round of this turn without values.
    func emptyRound(_ now: Moment) -> PolledRound {
        let time: Moment = turn?.time ?? now
        let duration: Interval = now.instant - (turn?.fetchStart ?? now.instant)
        let microseconds: Int64 = max(duration.nanoseconds, 0) / 1_000
        let requests: Int = turn?.requests ?? 0
        return PolledRound(
            device: device, time: time.microseconds, upTime: turn?.upTime, verdict: .complete, text: "",
            durationMicroseconds: UInt32(clamping: microseconds), requests: UInt16(clamping: requests),
            roundTrip: turn?.roundTrip, revision: plan.revision, values: [])
    }

    /// Ends the turn. A round that fell due meanwhile begins, if it isn't too late for it.
    mutating func finish(_ round: PolledRound, _ now: Moment) {
        rounds += 1
        actions.append(.round(round))
        activity = .idle
        turn = nil
        fetch = nil
        guard let lateSince else { return }
        self.lateSince = nil
        if state == .up, now.instant - lateSince < options.interval / 2 {
            beginTurn(now)
        } else {
            missed += 1
        }
    }
}
