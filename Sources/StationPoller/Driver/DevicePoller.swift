// Layer: StationPoller/Driver. Uses: DeviceMachine, RequestPort. Used by: Poller.
// Does what the machine of a device wants. Completions come on the manager's thread, at the moment of arrival, which is
// what rounds record; no task stands between. Nothing is called while the lock is held.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import StationSeries

/// Polls one device whenever it is told to.
final class DevicePoller: Sendable {
    fileprivate struct State {
        var machine: DeviceMachine
        var health: DeviceHealth
        /// What walks learned, which the target doesn't know.
        var learned: TargetProfile
        var sentBefore = 0
        var isStopped = false
        var waiters: [@Sendable (PolledRound?) -> Void] = []
    }

    /// Called after each round with the datagrams that it took.
    typealias Settlement = @Sendable (_ datagrams: Int) -> Void

    private let port: RequestPort
    private let handler: @Sendable (PollerEvent) -> Void
    private let settle: Settlement
    private let state: Locked<State>

    init(
        _ device: PolledDevice, _ port: RequestPort, handler: @escaping @Sendable (PollerEvent) -> Void,
        settle: @escaping Settlement = { _ in }
    ) {
        self.port = port
        self.handler = handler
        self.settle = settle
        let machine = DeviceMachine(
            device: device.number, options: device.options, known: device.known,
            nameLimit: device.profile.maximumBindings)
        let health = DeviceHealth(
            device: device.number, name: device.name, state: .new, since: port.now().microseconds, message: "")
        state = Locked(State(machine: machine, health: health, learned: device.profile))
    }

    // MARK: From any thread

    /// How the device is.
    var health: DeviceHealth {
        let sent = port.sent()
        return state.withLock { state in
            var health = state.health
            health.datagrams = sent
            health.message = state.machine.message
            health.rounds = state.machine.rounds
            health.missed += state.machine.missed
            health.restarts = state.machine.restarts
            health.discoveries = state.machine.discoveries
            return health
        }
    }

    /// What there is on the device.
    var plan: DevicePlan { state.withLock { $0.machine.plan } }

    /// What was learned about the device.
    var profile: TargetProfile {
        let profile = port.profile()
        return state.withLock { $0.merged(profile) }
    }

    /// Another interval.
    func setInterval(_ interval: Interval) { state.withLock { $0.machine.options.interval = interval } }

    /// A round is due. `missed`: so many before it were not begun.
    func tick(missed: Int = 0) {
        feed { state, now in
            state.health.missed += missed
            return state.machine.tick(at: now)
        }
    }

    /// Has a round made now, unless one is under way; `completion` gets it, or nil when the device is removed.
    func pollNow(_ completion: @escaping @Sendable (PolledRound?) -> Void) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.waiters.append(completion) }
            return state.isStopped
        }
        guard !isStopped else { return completion(nil) }
        feed { state, now in state.machine.tick(at: now, isForced: true) }
    }

    /// Takes no more answers and sends no more requests. Who waits gets nil.
    func stop() {
        let waiters = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter(nil) }
    }

    // MARK: Actions

    private func feed(_ body: (inout State, Moment) -> [DeviceAction]) {
        let now = port.now()
        let actions = state.withLock { state -> [DeviceAction] in
            guard !state.isStopped else { return [] }
            let actions = body(&state, now)
            // Before anybody hears of them, so that what is told about the device agrees.
            for action in actions { state.note(action, now) }
            return actions
        }
        for action in actions { perform(action) }
    }

    private func perform(_ action: DeviceAction) {
        switch action {
        case .get(let number, let names, let timeout): get(number, names, timeout)
        case .walk(let number, let columns, let maximumRows, let until):
            var options = WalkOptions()
            options.maximumRows = maximumRows
            options.triesExactRoot = false
            let profile = profile
            step(Walk(roots: columns, version: port.version, profile: profile, options: options), number, until)
        case .plan(let plan, let changes):
            let device = state.withLock { $0.health.device }
            handler(.plan(device: device, plan, changes))
        case .state: handler(.state(health))
        case .round(let round): end(round)
        }
    }

    private func end(_ round: PolledRound) {
        let sent = port.sent()
        let (waiters, datagrams) = state.withLock { state in
            defer {
                state.waiters = []
                state.sentBefore = sent
            }
            return (state.waiters, sent - state.sentBefore)
        }
        settle(datagrams)
        handler(.round(round))
        for waiter in waiters { waiter(round) }
    }

    private func get(_ number: Int, _ names: [ObjectIdentifier], _ timeout: Interval?) {
        var request: Request
        do throws(BERError) {
            request = .get(try EncodedBindings(names: names))
        } catch {
            return feed { state, now in state.machine.failed(number, .unencodable(error), at: now) }
        }
        if let timeout {
            request.retries = 0
            request.timeout = timeout
        }
        port.submit(request) { [weak self] outcome, message in self?.completed(number, outcome, message) }
    }

    private func completed(_ number: Int, _ outcome: RequestOutcome, _ message: RawSpan) {
        switch outcome {
        // The target or the manager is gone.
        case .failure(.cancelled): stop()
        case .failure(let failure): feed { state, now in state.machine.failed(number, .request(failure), at: now) }
        case .sent: feed { state, now in state.machine.failed(number, .closed, at: now) }
        case .response(let response):
            let pdu = response.pdu
            var deviations = response.deviations
            do throws(BERError) {
                let bindings = try pdu.variableBindings(message, &deviations)
                feed { state, now in
                    state.health.lastSeen = now.microseconds
                    return state.machine.answered(
                        number, pdu.errorStatus, index: Int(pdu.errorIndexField), bindings,
                        roundTrip: response.roundTrip, at: now)
                }
            } catch {
                feed { state, now in state.machine.failed(number, .malformed(error), at: now) }
            }
        }
    }

    // MARK: Walks

    private func step(_ walk: Walk, _ number: Int, _ until: Instant) {
        var walk = walk
        switch walk.next() {
        case .finished(let verdict):
            feed { state, now in
                walk.remember(in: &state.learned)
                return state.machine.walked(number, verdict, at: now)
            }
        case .send(let request):
            let sent = walk
            port.submit(request) { [weak self] outcome, message in
                guard let self else { return }
                if case .failure(.cancelled) = outcome { return stop() }
                var walk = sent
                walk.receive(outcome, message)
                let rows = walk.takeRows()
                let now = port.now()
                let isWanted = state.withLock { state in
                    if !rows.isEmpty { state.health.lastSeen = now.microseconds }
                    return !state.isStopped && state.machine.received(rows, ofWalk: number)
                }
                if !isWanted || now.instant >= until { walk.cancel() }
                step(walk, number, until)
            }
        }
    }
}

extension DevicePoller.State {
    /// Takes note of what is about to be told.
    mutating func note(_ action: DeviceAction, _ now: Moment) {
        switch action {
        case .state(let state, _):
            health.state = state
            health.since = now.microseconds
        case .round(let round):
            health.verdict = round.verdict
            health.roundTrip = round.roundTrip ?? health.roundTrip
        case .get, .walk, .plan: break
        }
    }

    /// A profile with what walks learned.
    func merged(_ profile: TargetProfile) -> TargetProfile {
        var profile = profile
        profile.repetitions = learned.repetitions ?? profile.repetitions
        profile.failingRepetitions = learned.failingRepetitions ?? profile.failingRepetitions
        let limits = [learned.maximumBindings, profile.maximumBindings].compactMap { $0 }
        profile.maximumBindings = limits.min()
        return profile
    }
}
