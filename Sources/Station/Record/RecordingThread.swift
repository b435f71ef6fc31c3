// Layer: Station/Record. Uses: StationStore (Recorder), LiveState, PlanRecords. Used by: Station, TrapReceiver.
// The one thread that writes: takes what has come, writes it in as few transactions as the order allows, packs and
// deletes old rows when there is time. What can't be written waits, up to a limit, and is counted beyond it.

import PlatformIO
import Primitives
import StationPoller
import StationSeries
import StationStore

/// What is to be recorded.
enum RecordingWork: Sendable {
    /// A device has another plan.
    case plan(Int32, DevicePlan, [PlanChange])
    /// A round is over.
    case round(PolledRound)
    /// Something happened. Informs are answered by `confirm`, once: true after the commit.
    case event(EventRecord, confirm: (@Sendable (Bool) -> Void)?)
    /// Something else for the thread to do, with the store.
    case action(@Sendable (StationStore) -> Void)
}

/// The thread that records.
final class RecordingThread: @unchecked Sendable {
    /// How much may wait.
    struct Limits: Sendable {
        /// Traps and informs that wait for their commit.
        var events = 65_536
        /// Samples that wait because the store can't be written.
        var samples = 4_000_000
        /// Age after which samples and events are deleted, in microseconds.
        var retention: Int64 = 400 * 86_400 * 1_000_000
    }

    private let store: StationStore
    private let live: LiveState
    private let limits: Limits
    private let lock = Lock()
    private let condition = Condition()
    private var thread: Thread?

    // Under the lock.
    private var queue: [RecordingWork] = []
    private var queuedEvents = 0
    private var isStopping = false

    // The thread's own.
    private var plans: [Int32: (revision: Int, series: [Int32])] = [:]
    private var rounds: [(device: Int32, round: Round)] = []
    private var waitingSamples = 0
    private var events: [(EventRecord, (@Sendable (Bool) -> Void)?)] = []
    private var retryAt: Instant?
    private var failures = 0
    private var lostRounds: UInt64 = 0
    private var nextRetention: Instant
    private var clockOffset: Int64

    init(_ store: StationStore, _ live: LiveState, _ limits: Limits = Limits()) {
        self.store = store
        self.live = live
        self.limits = limits
        let now = SystemClock.now
        // The first cleaning waits until the start is over.
        nextRetention = now + .seconds(60)
        clockOffset = SystemClock.wallNanoseconds / 1_000 - now.nanoseconds / 1_000
    }

    func start() throws(IOError) {
        thread = try Thread.start(name: "recorder") { [self] in run() }
    }

    /// Writes what is there and ends the thread.
    func stop() {
        lock.withLock {
            isStopping = true
            condition.signal()
        }
        thread?.join()
        thread = nil
    }

    /// Takes something over. False for a trap or inform when too many wait: the caller counts and refuses it.
    @discardableResult
    func add(_ work: RecordingWork) -> Bool {
        lock.withLock {
            if isStopping { return false }
            if case .event = work {
                if queuedEvents >= limits.events { return false }
                queuedEvents += 1
            }
            queue.append(work)
            if queue.count == 1 { condition.signal() }
            return true
        }
    }

    // MARK: The thread.

    private func run() {
        var hasMore = false
        while true {
            let isStopping = gather(wait: hasMore ? .zero : .milliseconds(500))
            watchClock()
            let now = SystemClock.now
            if isStopping || retryAt.map({ $0 <= now }) ?? true { write() }
            hasMore = isStopping || failures > 0 ? false : keepHouse(now)
            if isStopping { return end() }
        }
    }

    /// Takes what has come; waits for the first piece, then a little for more, so that one transaction serves many.
    private func gather(wait: Interval) -> Bool {
        let (work, isStopping) = lock.withLock { () -> ([RecordingWork], Bool) in
            if queue.isEmpty, !self.isStopping, wait > .zero { _ = condition.wait(lock, timeout: wait) }
            defer {
                queue = []
                queuedEvents = 0
            }
            return (queue, self.isStopping)
        }
        for piece in work { take(piece) }
        return isStopping
    }

    private func take(_ work: RecordingWork) {
        switch work {
        case .plan(let device, let plan, let changes): adopt(plan, changes, of: device)
        case .round(let round): adopt(round)
        case .event(let event, let confirm): events.append((event, confirm))
        case .action(let body): body(store)
        }
    }

    private var wallMicroseconds: Int64 { SystemClock.wallNanoseconds / 1_000 }

    // MARK: Plans and rounds.

    private func adopt(_ plan: DevicePlan, _ changes: [PlanChange], of device: Int32) {
        let now = wallMicroseconds
        for change in changes { events.append((EventRecord(change, time: now, device: device), nil)) }
        do throws(StoreError) {
            let result = try store.recorder.record(plan.catalogue, of: device, now: now)
            let series = plan.series(result)
            // A device that was removed meanwhile, or a catalogue that names something twice.
            guard series.count == plan.instances.count else { return }
            plans[device] = (plan.revision, series.map(\.id))
            let record = try store.recorder.update(device: device) { record in
                record.sysDescr = plan.system.description
                record.sysObjectID = plan.system.objectID
                record.sysName = plan.system.name
                record.sysContact = plan.system.contact
                record.sysLocation = plan.system.location
            }
            _ = live.change(device) { live in
                live.record = record
                live.adopt(plan, objects: result.objects.map(\.record), series: series)
            }
        } catch {
            plans[device] = nil
            report(error)
        }
    }

    private func adopt(_ round: PolledRound) {
        _ = live.change(round.device) { $0.adopt(round) }
        var values: [SeriesValue] = []
        if let plan = plans[round.device], plan.revision == round.revision {
            values.reserveCapacity(round.values.count)
            for value in round.values where plan.series.indices.contains(Int(value.instance)) {
                values.append(SeriesValue(series: plan.series[Int(value.instance)], value: value.value))
            }
        }
        values.sort { $0.series < $1.series }
        guard waitingSamples + values.count <= limits.samples else {
            lostRounds += 1
            live.count { $0.lostRounds += 1 }
            return
        }
        waitingSamples += values.count
        rounds.append(
            (
                round.device,
                Round(
                    time: round.time, upTime: round.upTime, verdict: round.verdict,
                    durationMicroseconds: round.durationMicroseconds, requests: round.requests, values: values)
            ))
    }

    // MARK: Writing.

    private func write() {
        guard !rounds.isEmpty || !events.isEmpty else { return }
        do throws(StoreError) {
            if !rounds.isEmpty {
                try store.recorder.append(rounds: rounds)
                let (count, samples) = (rounds.count, waitingSamples)
                rounds = []
                waitingSamples = 0
                live.countSamples(samples, at: wallMicroseconds)
                live.count {
                    $0.rounds += UInt64(count)
                    $0.commits += 1
                }
            }
            if !events.isEmpty {
                try store.recorder.append(events: events.map(\.0))
                let written = events
                events = []
                for (_, confirm) in written { confirm?(true) }
                live.count {
                    $0.events += UInt64(written.count)
                    $0.confirmedInforms += UInt64(written.count { $0.1 != nil })
                    $0.commits += 1
                }
            }
            recovered()
        } catch {
            report(error)
        }
    }

    /// Notes that something could not be written, and when to try again.
    private func report(_ error: StoreError) {
        failures += 1
        retryAt = SystemClock.now + .milliseconds(min(250 << min(failures, 6), 10_000))
        live.set(problem: error.description)
        // Whoever sent an inform sends it again; so it need not wait here.
        let informs = events.filter { $0.1 != nil }
        for (_, confirm) in informs { confirm?(false) }
        events.removeAll { $0.1 != nil }
        if events.count > limits.events {
            let count = events.count - limits.events
            events.removeFirst(count)
            live.count { $0.lostTraps += UInt64(count) }
        }
    }

    private func recovered() {
        guard failures > 0 else { return }
        failures = 0
        retryAt = nil
        live.set(problem: nil)
        guard lostRounds > 0 else { return }
        events.append(
            (
                EventRecord(
                    time: wallMicroseconds, kind: "station", severity: .error,
                    title: "\(lostRounds) rounds were lost while the store could not be written"), nil
            ))
        lostRounds = 0
    }

    // MARK: When there is time.

    /// Packs or deletes a little; true if there is more to do.
    private func keepHouse(_ now: Instant) -> Bool {
        do throws(StoreError) {
            if try store.recorder.packDue(now: wallMicroseconds) { return true }
            guard now >= nextRetention else { return false }
            if try store.recorder.retain(until: wallMicroseconds - limits.retention) { return true }
            nextRetention = now + .seconds(3_600)
        } catch {
            report(error)
        }
        return false
    }

    /// Notices when the clock on the wall jumps.
    private func watchClock() {
        let offset = wallMicroseconds - SystemClock.now.nanoseconds / 1_000
        let jump = offset - clockOffset
        clockOffset = offset
        guard abs(jump) > 2_000_000 else { return }
        let seconds = Double(abs(jump) / 100_000) / 10
        events.append(
            (
                EventRecord(
                    time: wallMicroseconds, kind: "clock", severity: .warning,
                    title: "the clock of this machine was \(jump > 0 ? "advanced" : "put back") by \(seconds) s"), nil
            ))
    }

    private func end() {
        // What is left over now could not be written.
        for (_, confirm) in events { confirm?(false) }
        try? store.recorder.flush()
    }
}
