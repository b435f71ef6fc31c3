// Layer: Station/Record. Uses: StationStore (Recorder), LiveState, PlanRecords. Used by: Station, TrapReceiver.
// The one thread that writes: takes what has come, writes it in as few transactions as the order allows, packs and
// deletes old rows when there is time. What can't be written waits, up to a limit, and is counted beyond it. Plans come
// before their rounds: see RecordingThread+Plans.

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
        /// Traps and informs that wait for their commit, and events that wait because the store can't be written.
        var events = 65_536
        /// Bytes of their texts.
        var eventBytes = 64 << 20
        /// Samples that wait because the store can't be written.
        var samples = 4_000_000
        /// Age after which samples and events are deleted, in microseconds.
        var retention: Int64 = 400 * 86_400 * 1_000_000
        /// How long the first deletion waits, so that the start is over.
        var retentionDelay = Interval.seconds(60)
    }

    let store: StationStore
    let live: LiveState
    private let limits: Limits
    private let wall: @Sendable () -> Int64
    private let note: @Sendable (String) -> Void
    private let lock = Lock()
    private let condition = Condition()
    private var thread: Thread?

    // Under the lock.
    private var queue: [RecordingWork] = []
    private var queued = Load()
    private var waiting = Load()
    private var isStopping = false

    // The thread's own.
    var plans: [Int32: (revision: Int, series: [Int32])] = [:]
    var held: [Int32: [HeldWork]] = [:]
    private var rounds: [(device: Int32, round: Round)] = []
    /// How many of `rounds`, the first ones, were written before and may be in the store after all.
    private var doubtful = 0
    /// Rounds that are committed, and perhaps not on the disk yet; and when to make sure.
    private var unflushed: [(device: Int32, round: Round)] = []
    private var flushAt: Instant?
    private var waitingSamples = 0
    var events: [(EventRecord, (@Sendable (Bool) -> Void)?)] = []
    private var writing = Trouble()
    var planning = Trouble()
    private var housekeeping = Trouble()
    /// Since when there is trouble of any kind.
    private var troubledSince: Instant?
    private var lostRounds: UInt64 = 0
    private var nextRetention: Instant
    private var clockOffset: Int64

    /// - Parameters:
    ///   - wall: the clock on the wall, in microseconds since 1970 UTC.
    ///   - note: gets a line for people when recording fails and when it works again.
    init(
        _ store: StationStore, _ live: LiveState, _ limits: Limits = Limits(),
        wall: @escaping @Sendable () -> Int64 = { SystemClock.wallNanoseconds / 1_000 },
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.store = store
        self.live = live
        self.limits = limits
        self.wall = wall
        self.note = note
        let now = SystemClock.now
        nextRetention = now + limits.retentionDelay
        clockOffset = wall() - now.nanoseconds / 1_000
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
            // What the station itself noticed is always taken: it is little.
            if case .event(let event, let confirm) = work, confirm != nil || event.trapOID != nil {
                let cost = event.byteCount
                guard queued.count + waiting.count < limits.events,
                    queued.byteCount + waiting.byteCount + cost <= limits.eventBytes
                else { return false }
                queued.add(cost)
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
            if isStopping || planning.isDue(now) { releaseHeld() }
            hasMore = isStopping || writing.isDue(now) ? write() : false
            if isStopping {
                while write() {}
                tell(now)
                return end()
            }
            if !writing.isThere, housekeeping.isDue(now), !hasMore { hasMore = keepHouse(now) }
            tell(now)
        }
    }

    /// Takes what has come; waits for the first piece, then a little for more, so that one transaction serves many.
    private func gather(wait: Interval) -> Bool {
        let (work, isStopping) = lock.withLock { () -> ([RecordingWork], Bool) in
            // What is written by now waits no more.
            waiting = Load()
            for (event, _) in events { waiting.add(event.byteCount) }
            if queue.isEmpty, !self.isStopping, wait > .zero { _ = condition.wait(lock, timeout: wait) }
            defer {
                queue = []
                waiting.count += queued.count
                waiting.byteCount += queued.byteCount
                queued = Load()
            }
            return (queue, self.isStopping)
        }
        for piece in work { take(piece) }
        return isStopping
    }

    private func take(_ work: RecordingWork) {
        switch work {
        case .plan(let device, let plan, let changes): take(plan, changes, of: device)
        case .round(let round):
            _ = live.change(round.device) { $0.adopt(round) }
            take(round)
        case .event(let event, let confirm): events.append((event, confirm))
        case .action(let body): body(store)
        }
    }

    /// Takes a round whose plan is recorded.
    func adopt(_ round: PolledRound) {
        var values: [SeriesValue] = []
        if let plan = plans[round.device], plan.revision == round.revision {
            values.reserveCapacity(round.values.count)
            for value in round.values where plan.series.indices.contains(Int(value.instance)) {
                values.append(SeriesValue(series: plan.series[Int(value.instance)], value: value.value))
            }
        }
        values.sort { $0.series < $1.series }
        guard reserve(values.count) else { return }
        rounds.append(
            (
                round.device,
                Round(
                    time: round.time, upTime: round.upTime, verdict: round.verdict,
                    durationMicroseconds: round.durationMicroseconds, requests: round.requests, values: values)
            ))
    }

    /// Makes room for samples that have to wait; false, and the round is lost, if there is none. What waits for a plan
    /// gets half of the room, so that one device's trouble doesn't become that of all.
    func reserve(_ samples: Int, isHeld: Bool = false) -> Bool {
        // A round without samples takes room as well.
        guard waitingSamples + samples + 1 <= (isHeld ? limits.samples / 2 : limits.samples) else {
            lostRounds += 1
            live.count { $0.lostRounds += 1 }
            return false
        }
        waitingSamples += samples + 1
        return true
    }

    /// Gives back what `reserve` took.
    func release(_ samples: Int) { waitingSamples -= samples + 1 }

    var wallMicroseconds: Int64 { wall() }

    // MARK: Writing.

    /// The most of one transaction, so that what waits while the store can't be written neither becomes a giant nor
    /// holds everything else up.
    private static let transaction = (rounds: 4_096, samples: 200_000, events: 2_048, eventBytes: 4 << 20)

    /// Writes a part of what is there; true if there is more.
    private func write() -> Bool {
        let mustFlush = flushAt.map { $0 <= SystemClock.now } ?? false
        guard !rounds.isEmpty || !events.isEmpty || mustFlush else { return false }
        do throws(StoreError) {
            try writeRounds()
            try writeEvents()
            if mustFlush, flushAt != nil {
                try store.recorder.flush()
                isFlushed()
            }
            writing.pass()
            return !rounds.isEmpty || !events.isEmpty
        } catch {
            writing.fail(error, SystemClock.now)
            takeBack()
            refuseInforms()
            return false
        }
    }

    /// What was written is on the disk.
    private func isFlushed() {
        unflushed = []
        flushAt = nil
    }

    /// Rounds are committed lazily: when the store fails, those of the last second may be lost, and are written again.
    private func takeBack() {
        let samples = unflushed.reduce(0) { $0 + $1.round.values.count }
        let count = unflushed.count
        waitingSamples += samples + count
        live.count {
            $0.rounds -= UInt64(count)
            $0.samples -= UInt64(samples)
        }
        rounds.insert(contentsOf: unflushed, at: 0)
        doubtful += count
        isFlushed()
    }

    /// Drops those of the doubtful rounds that are in the store.
    private func dropKnown() throws(StoreError) {
        // Opens the store if it has to be, which readers don't do while that keeps failing.
        try store.recorder.flush()
        var lost: [(device: Int32, round: Round)] = []
        for (device, round) in rounds.prefix(doubtful) {
            var isThere = false
            do throws(StoreError) {
                try store.reader.rounds(of: device, in: round.time..<(round.time + 1)) { head in
                    if head.time == round.time { isThere = true }
                    return !isThere
                }
            } catch {
                guard case .noDevice = error else { throw error }
            }
            guard isThere else {
                lost.append((device, round))
                continue
            }
            release(round.values.count)
            live.count {
                $0.rounds += 1
                $0.samples += UInt64(round.values.count)
            }
        }
        rounds.replaceSubrange(0..<doubtful, with: lost)
        doubtful = 0
    }

    private func writeRounds() throws(StoreError) {
        if doubtful > 0 { try dropKnown() }
        var (count, samples) = (0, 0)
        while count < min(rounds.count, Self.transaction.rounds), samples < Self.transaction.samples {
            samples += rounds[count].round.values.count
            count += 1
        }
        guard count > 0 else { return }
        try store.recorder.append(rounds: count == rounds.count ? rounds : Array(rounds.prefix(count)))
        unflushed += rounds.prefix(count)
        if flushAt == nil {
            // It is there by itself by then.
            flushAt = SystemClock.now + .milliseconds(Int64(store.options.commitDelayMilliseconds) + 250)
        }
        rounds.removeFirst(count)
        waitingSamples -= samples + count
        live.countSamples(samples, at: wallMicroseconds)
        live.count {
            $0.rounds += UInt64(count)
            $0.commits += 1
        }
    }

    private func writeEvents() throws(StoreError) {
        var load = Load()
        while load.count < min(events.count, Self.transaction.events), load.byteCount < Self.transaction.eventBytes {
            load.add(events[load.count].0.byteCount)
        }
        guard load.count > 0 else { return }
        let written = events.prefix(load.count)
        try store.recorder.append(events: written.map(\.0))
        events.removeFirst(load.count)
        // Durable, and with it all that was committed before.
        isFlushed()
        for (_, confirm) in written { confirm?(true) }
        live.count {
            $0.events += UInt64(written.count)
            $0.confirmedInforms += UInt64(written.count { $0.1 != nil })
            $0.commits += 1
        }
    }

    /// Whoever sent an inform sends it again; so it need not wait here. Traps wait, up to the limit.
    private func refuseInforms() {
        for (_, confirm) in events { confirm?(false) }
        events.removeAll { $0.1 != nil }
        if events.count > limits.events {
            let count = events.count - limits.events
            events.removeFirst(count)
            live.count { $0.lostTraps += UInt64(count) }
        }
    }

    /// Says what keeps the station from recording, and when nothing does any more.
    private func tell(_ now: Instant) {
        let problem = writing.text ?? planning.text ?? housekeeping.text
        let before = live.problem
        guard problem != before else { return }
        live.set(problem: problem)
        if let problem {
            if troubledSince == nil { troubledSince = now }
            return note("recording fails: \(problem)")
        }
        let seconds = troubledSince.map { (now - $0).nanoseconds / 1_000_000_000 } ?? 0
        troubledSince = nil
        let loss = lostRounds > 0 ? "; \(lostRounds) rounds were lost" : ""
        lostRounds = 0
        note("recording works again after \(seconds) s\(loss)")
        events.append(
            (
                EventRecord(
                    time: wallMicroseconds, kind: "station", severity: .error,
                    title: "nothing could be recorded for \(seconds) s: \(before ?? "")\(loss)"), nil
            ))
    }

    // MARK: When there is time.

    /// Packs or deletes a little; true if there is more to do.
    private func keepHouse(_ now: Instant) -> Bool {
        do throws(StoreError) {
            if try store.recorder.packDue(now: wallMicroseconds) { return true }
            guard now >= nextRetention else {
                housekeeping.pass()
                return false
            }
            if try store.recorder.retain(until: wallMicroseconds - limits.retention) { return true }
            nextRetention = now + .seconds(3_600)
            housekeeping.pass()
        } catch {
            housekeeping.fail(error, now)
        }
        return false
    }

    /// Notices when the clock on the wall jumps.
    private func watchClock() {
        let offset = wallMicroseconds - SystemClock.now.nanoseconds / 1_000
        let jump = offset - clockOffset
        clockOffset = offset
        guard abs(jump) > 2_000_000 else { return }
        let seconds = Double((abs(jump) + 50_000) / 100_000) / 10
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
        let lost = rounds.count + held.values.reduce(0) { $0 + $1.count }
        if lost + events.count > 0 { note("\(lost) rounds and \(events.count) events could not be written") }
        try? store.recorder.flush()
    }
}
