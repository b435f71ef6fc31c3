// Layer: StationStore. Uses: Recorder. Used by: Station.
// What is too old is deleted, and what is left of devices that were removed; a little at a time.

import ESE
import PlatformIO

extension Recorder {
    /// How many rows that are not there a transaction searches at most.
    private static let searchLimit = 5_000
    /// How many devices a transaction looks at at most.
    private static let deviceLimit = 2_000

    /// How much a transaction may do.
    private struct Budget {
        var deletions: Int
        var searches = Recorder.searchLimit
        var isUsedUp: Bool { deletions <= 0 || searches <= 0 }
    }

    /// Deletes samples and events older than `cutoff`, and the samples of devices that were removed: in one transaction
    /// at most `StoreOptions.deletionLimit` rows. To be called again until it returns false.
    /// - Parameter cutoff: Microseconds since 1970 UTC.
    /// - Returns: Whether there is more to do.
    public func retain(until cutoff: Int64) throws(StoreError) -> Bool {
        try state.lock.withLock { () throws(StoreError) -> Bool in
            let core = try loadedCore()
            var sweep = state.sweep
            var touched: Set<Int32> = []
            var endedRemoval: Int32?
            let isMore = try store.watching(core) { () throws(StoreError) in
                try core.writer.transaction(lazily) { (tables) throws(JetError) in
                    var budget = Budget(deletions: store.options.deletionLimit)
                    if let removed = state.removals.last {
                        if try purge(removed, &sweep, &budget, tables) { endedRemoval = removed }
                        return true
                    }
                    return try sweepAll(cutoff, &sweep, &budget, &touched, tables)
                }
            }
            state.sweep = sweep
            if endedRemoval != nil { state.removals.removeLast() }
            for id in touched {
                state.devices[id]?.count = nil
                state.enqueue(id)
            }
            return isMore
        }
    }

    /// All devices from where the sweep is, then the events. Returns whether there is more.
    private func sweepAll(
        _ cutoff: Int64, _ sweep: inout RecorderState.Sweep, _ budget: inout Budget, _ touched: inout Set<Int32>,
        _ tables: Tables
    ) throws(JetError) -> Bool {
        let place = sweep.device
        let ids = state.devices.keys.filter { $0 > place }.sorted()
        for (number, id) in ids.enumerated() {
            if number == Self.deviceLimit { return true }
            if try !deleteTimelines(of: id, before: cutoff, &sweep, &budget, tables) { return true }
            let before = budget.deletions
            let isDone = try deleteRounds(of: id, before: cutoff, &budget, tables)
            if budget.deletions != before { touched.insert(id) }
            guard isDone else { return true }
            sweep = RecorderState.Sweep(device: id)
        }
        guard try deleteEvents(before: cutoff, &budget, tables) else { return true }
        sweep = RecorderState.Sweep()
        return false
    }

    /// Deletes everything of a device that was removed. Returns whether that is done.
    private func purge(
        _ id: Int32, _ sweep: inout RecorderState.Sweep, _ budget: inout Budget, _ tables: Tables
    ) throws(JetError) -> Bool {
        guard try deleteTimelines(of: id, before: .max, &sweep, &budget, tables) else { return false }
        sweep = RecorderState.Sweep()
        guard try deleteRounds(of: id, before: .max, &budget, tables),
            try deleteRows(tables.series, of: id, &budget), try deleteRows(tables.objects, of: id, &budget)
        else { return false }
        if try tables.removals.seek(.equal, id) == .equal { try tables.removals.delete() }
        return true
    }

    /// Deletes the rows of a device in a table with the index `device`. Returns whether that is done.
    private func deleteRows(
        _ table: TableCursor, of id: Int32, _ budget: inout Budget
    ) throws(JetError) -> Bool {
        try table.setIndex("device")
        try table.scan(equal: [.integer(Int64(id))]) { (_) throws(JetError) in
            guard !budget.isUsedUp else { return false }
            try table.delete()
            budget.deletions -= 1
            return true
        }
        return !budget.isUsedUp
    }

    private func deleteRounds(
        of id: Int32, before cutoff: Int64, _ budget: inout Budget, _ tables: Tables
    ) throws(JetError) -> Bool {
        let device = KeyValue.integer(Int64(id))
        try tables.rounds.scan(
            from: .including([device]), to: .excluding([device, .integer(cutoff)])
        ) { (_) throws(JetError) in
            guard !budget.isUsedUp else { return false }
            try tables.rounds.delete()
            budget.deletions -= 1
            return true
        }
        return !budget.isUsedUp
    }

    private func deleteEvents(
        before cutoff: Int64, _ budget: inout Budget, _ tables: Tables
    ) throws(JetError) -> Bool {
        try tables.events.setIndex(nil)
        try tables.events.scan(to: .excluding([.integer(cutoff)])) { (_) throws(JetError) in
            guard !budget.isUsedUp else { return false }
            try tables.events.delete()
            budget.deletions -= 1
            return true
        }
        return !budget.isUsedUp
    }

    /// Deletes the blocks of time lines that end before `cutoff`, each time line after its blocks: as long as it is
    /// there its blocks can be found. Returns whether that is done.
    private func deleteTimelines(
        of id: Int32, before cutoff: Int64, _ sweep: inout RecorderState.Sweep, _ budget: inout Budget,
        _ tables: Tables
    ) throws(JetError) -> Bool {
        let limit = budget.deletions
        let starts = try oldTimelines(of: id, before: cutoff, limit: limit, tables)
        guard !starts.isEmpty else { return !budget.isUsedUp }
        let series = try tables.seriesNumbers(of: id)
        for start in starts {
            let first = sweep.start == start ? sweep.series : 0
            for number in series where number >= first {
                if budget.isUsedUp {
                    sweep.start = start
                    sweep.series = number
                    return false
                }
                if try tables.findBlock(number, start) {
                    try tables.blocks.delete()
                    budget.deletions -= 1
                } else {
                    budget.searches -= 1
                }
            }
            if budget.isUsedUp {
                (sweep.start, sweep.series) = (start, .max)
                return false
            }
            if try tables.findTimeline(id, start) { try tables.timelines.delete() }
            budget.deletions -= 1
        }
        // There may be more than were taken.
        return !budget.isUsedUp && starts.count < limit
    }

    private func oldTimelines(
        of id: Int32, before cutoff: Int64, limit: Int, _ tables: Tables
    ) throws(JetError) -> [Int64] {
        var starts: [Int64] = []
        let column = tables.timeline
        let device = KeyValue.integer(Int64(id))
        try tables.timelines.scan(
            from: .including([device]), to: .excluding([device, .integer(cutoff)])
        ) { (row) throws(JetError) in
            let start = try row[column.start] ?? 0
            let last = try row[column.last] ?? start
            if cutoff == .max || last < cutoff { starts.append(start) }
            return starts.count < limit
        }
        return starts
    }
}
