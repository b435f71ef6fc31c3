// Layer: StationStore. Uses: Recorder, StationSeries. Used by: Station.
// Rounds become blocks: a time line for a run of rounds of one device, and a block for each series in them.

import ESE
import PlatformIO
import StationSeries

extension Recorder {
    /// The most rounds of a device that are looked at to find what goes into the next blocks.
    private static let windowLimit = 1_024
    /// The longest time between two searches for devices with old rounds, in microseconds.
    private static let searchInterval: Int64 = 60_000_000

    /// Packs the rounds of one device that has enough of them (`StoreOptions.roundsPerBlock`), or old ones
    /// (`roundAgeLimit`), in one transaction.
    /// - Parameter now: This machine's time in microseconds since 1970 UTC.
    /// - Returns: Whether there may be more to do; false: nothing was to be packed.
    public func packDue(now: Int64) throws(StoreError) -> Bool {
        try state.lock.withLock { () throws(StoreError) -> Bool in
            let core = try loadedCore()
            findOld(now)
            while let id = state.queue.last {
                guard state.devices[id] != nil else {
                    state.queue.removeLast()
                    continue
                }
                let outcome = try store.watching(core) { () throws(StoreError) in
                    try core.writer.transaction(lazily) { (tables) throws(JetError) in try pack(id, now, tables) }
                }
                state.queue.removeLast()
                state.unreadableRounds += outcome.unreadable
                state.devices[id]?.isQueued = false
                state.devices[id]?.count = outcome.count
                state.devices[id]?.oldest = outcome.oldest
                if outcome.isDue { state.enqueue(id) }
                return true
            }
            return false
        }
    }

    /// Puts devices whose oldest round is too old into the queue, once a minute.
    private func findOld(_ now: Int64) {
        let age = store.options.roundAgeLimit
        if let last = state.lastSearch, now >= last, now.clampedMinus(last) < min(Self.searchInterval, age) { return }
        state.lastSearch = now
        for (id, device) in state.devices where device.oldest < now.clampedMinus(age) { state.enqueue(id) }
    }

    /// What is left after packing.
    private struct Outcome {
        /// How many rounds; nil: more than were looked at.
        var count: Int?
        /// The least key.
        var oldest: Int64
        /// Whether there is more to pack now.
        var isDue: Bool
        /// How many rounds were left out.
        var unreadable = 0
    }

    /// A round that isn't packed.
    private struct Waiting {
        var key: Int64
        var arrival: Int64
    }

    private func pack(_ id: Int32, _ now: Int64, _ tables: Tables) throws(JetError) -> Outcome {
        var waiting: [Waiting] = []
        let column = tables.round
        try tables.rounds.scan(equal: [.integer(Int64(id))]) { (row) throws(JetError) in
            waiting.append(Waiting(key: try row[column.time] ?? 0, arrival: try row[column.arrival] ?? 0))
            return waiting.count < Self.windowLimit
        }
        guard isDue(waiting, now) else { return outcome(waiting, now) }
        // In the order of arrival. Only a clock that was put back makes that another one than the order of keys.
        var byArrival = waiting
        if !zip(waiting, waiting.dropFirst()).allSatisfy({ $0.arrival < $1.arrival }) {
            byArrival.sort { $0.arrival < $1.arrival }
        }
        let taken = run(byArrival)
        let unreadable = try pack(id, taken, tables)
        let keys = Set(taken.map(\.key))
        var outcome = outcome(
            waiting.filter { !keys.contains($0.key) }, now, hasMore: waiting.count >= Self.windowLimit)
        outcome.unreadable = unreadable
        return outcome
    }

    private func isDue(_ waiting: [Waiting], _ now: Int64) -> Bool {
        guard let oldest = waiting.first else { return false }
        return waiting.count >= store.options.roundsPerBlock
            || oldest.key < now.clampedMinus(store.options.roundAgeLimit)
    }

    private func outcome(_ waiting: [Waiting], _ now: Int64, hasMore: Bool = false) -> Outcome {
        Outcome(
            count: hasMore ? nil : waiting.count, oldest: waiting.first?.key ?? .max,
            isDue: hasMore || isDue(waiting, now))
    }

    /// The first rounds that fit into one block: their keys go up, and don't span more than a day.
    private func run(_ waiting: [Waiting]) -> ArraySlice<Waiting> {
        var count = 1
        while count < min(waiting.count, store.options.roundsPerBlock), waiting[count].key > waiting[count - 1].key,
            waiting[count].key.clampedMinus(waiting[0].key) <= .blockSpanLimit
        {
            count += 1
        }
        return waiting[..<count]
    }

    /// Makes time line and blocks, and deletes the rounds. Returns how many of them can't be read.
    private func pack(_ id: Int32, _ taken: ArraySlice<Waiting>, _ tables: Tables) throws(JetError) -> Int {
        guard let first = taken.first, let last = taken.last else { return 0 }
        var rounds: [Round] = []
        rounds.reserveCapacity(taken.count)
        let data = tables.round.data
        for waiting in taken {
            guard try tables.findRound(id, waiting.key) else { throw .recordNotFound }
            let round = try tables.rounds.withRow { (row) throws(JetError) in
                try row.withBytes(data) { (bytes) throws(JetError) in tables.round(of: bytes) } ?? nil
            }
            // What can't be read now never can be; it must not keep the others from being packed.
            if let round { rounds.append(round) }
            try tables.rounds.delete()
        }
        guard !rounds.isEmpty else { return taken.count }
        var start = first.key
        while try tables.findTimeline(id, start) { start += 1 }
        let (timeline, blocks) = StationSeries.pack(rounds)
        let column = tables.timeline
        try tables.timelines.insert { (row) throws(JetError) in
            try row.set(column.device, id)
            try row.set(column.start, start)
            try row.set(column.last, max(start, last.key))
            try row.set(column.arrival, first.arrival)
            try row.set(column.count, Int32(rounds.count))
            try row.set(column.data, timeline.encoded())
        }
        let block = tables.block
        for (series, values) in blocks {
            try tables.blocks.insert { (row) throws(JetError) in
                try row.set(block.series, series)
                try row.set(block.start, start)
                try row.set(block.data, values.encoded())
            }
        }
        return taken.count - rounds.count
    }

    /// How many rounds could not be read when they were to be packed, and were deleted, since the store was opened.
    public var unreadableRoundCount: Int { state.lock.withLock { state.unreadableRounds } }
}

extension Tables {
    /// A round record; nil if it can't be read.
    func round(of bytes: RawSpan) -> Round? { try? Round(decoding: bytes) }
}
