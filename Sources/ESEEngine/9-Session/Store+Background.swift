// Layer: ESEEngine/9-Session. Uses: Store, 3-Buffer, 4-Version, 5-Tree. Used by: Store.
// What goes on behind the sessions: versions are cleaned, old pages written, the checkpoint moves, lazy commits become
// durable. Each is a small task that ends soon and asks for itself again if there is more to do.
//
// The checkpoint moves so: all that was changed before some place of the log is written and durable; the headers need
// no older log; then the checkpoint file says so, and older logs may go.

import ESEFormat
import PlatformIO
import Synchronization

extension Store {
    /// Revisions that the cleaner takes at once.
    private static let cleanCount = 1_000
    /// Pages that are written at once when frames are short.
    private static let writeCount = 128
    /// Bytes of log after which the background looks at old pages, if the checkpoint's depth allows so much.
    private static let progressByteCount: UInt64 = 4 << 20
    /// How long, and how often, somebody waits for the cleaner. ESE: a minute.
    private static let cleanWaitCount = 6_000
    private static let cleanWaitNanoseconds: UInt64 = 10_000_000

    // MARK: Asking for work. May be called with latches.

    /// Lets versions be cleaned soon.
    func scheduleCleaning() {
        guard !isEnding.load(ordering: .acquiring) else { return }
        tasks.schedule(.cleanVersions) { [weak self] in self?.cleanSome() }
    }

    /// Lets old pages be written soon.
    func scheduleWriting() {
        guard !isEnding.load(ordering: .acquiring) else { return }
        tasks.schedule(.writePages) { [weak self] in self?.writeSome() }
    }

    /// Lets the checkpoint be moved soon.
    func scheduleCheckpoint() {
        guard !isEnding.load(ordering: .acquiring) else { return }
        tasks.schedule(.advanceCheckpoint) { [weak self] in
            guard let self, !self.isEnding.load(ordering: .acquiring) else { return }
            do throws(JetError) {
                try self.advanceCheckpoint()
            } catch {
                self.reporter.report(.error, "the checkpoint could not be moved: \(error)")
            }
        }
    }

    /// Lets the log be made durable within some time.
    func flushLater(milliseconds: UInt32) {
        guard !isEnding.load(ordering: .acquiring), let log else { return }
        tasks.schedule(.flushLog, after: UInt64(milliseconds) * 1_000_000) { [weak self] in
            guard let self, !self.isEnding.load(ordering: .acquiring) else { return }
            // A failure latches the instance and was reported.
            try? log.flush()
        }
    }

    /// Looks whether the log has grown enough for the background to do something. Cheap.
    @inline(__always)
    func noteProgress(_ log: LogStream) {
        guard log.endPosition.rawValue >= nextProgress.load(ordering: .relaxed) else { return }
        setNextProgress(after: log.endPosition)
        scheduleWriting()
    }

    /// Says from where on that is so.
    func setNextProgress(after position: LogPosition) {
        guard let log else { return }
        let step = min(Self.progressByteCount, max(running.options.checkpointDepth / 4, 65_536))
        let next = log.position(log.byteOffset(position) + step)
        nextProgress.store(next.rawValue, ordering: .relaxed)
    }

    // MARK: Versions.

    /// Cleans one revision. `later` if its tree can't be read now.
    private func clean(_ revision: Revision, _ worker: Worker) -> CleanOutcome {
        guard let database = database(revision.database) else { return .done }
        do throws(JetError) {
            // Makes the tree known, if there is one.
            guard let tree = try database.tree(root: revision.tree) else { return .done }
            if revision.deletesRecord { zeroes.add(revision, tree.objectID) }
            return database.trees.clean(revision, worker)
        } catch {
            return .later
        }
    }

    private func cleanSome() {
        guard !isEnding.load(ordering: .acquiring), failure == nil, isRunning else { return }
        let worker = running.cleaner
        let wanted = zeroes.wantedCount
        let result = versions.cleanOldest(limit: Self.cleanCount) { clean($0, worker) }
        deleteZeroes()
        if !result.isBusy, !result.isMoreLeft, zeroes.isEmpty { zeroes.serve(wanted) }
        if !result.isBusy, result.cleanedCount == Self.cleanCount { scheduleCleaning() }
    }

    /// Cleans because there is no room for revisions; on the calling thread, which has no latches. False if that could
    /// not be done.
    func cleanForRoom() -> Bool {
        guard isRunning, failure == nil else { return false }
        let worker = running.cleaner
        for _ in 0..<Self.cleanWaitCount {
            if !versions.cleanOldest({ clean($0, worker) }).isBusy {
                // Not here: the caller may keep a change of a schema waiting.
                if !zeroes.isEmpty { scheduleCleaning() }
                return true
            }
            clock.sleep(nanoseconds: Self.cleanWaitNanoseconds)
        }
        return false
    }

    /// Cleans all revisions of a database that nobody has open. `databaseInUse` while a transaction has some.
    func cleanAll(of database: OpenDatabase) throws(JetError) {
        try cleanRevisions(of: database)
        // What that found, and what deleting it left.
        if deleteZeroes(of: database.slot.rawValue) { try cleanRevisions(of: database) }
        zeroes.forget(database.slot.rawValue)
    }

    private func cleanRevisions(of database: OpenDatabase) throws(JetError) {
        let worker = running.cleaner
        for _ in 0..<Self.cleanWaitCount {
            let result = versions.cleanOldest(database: database.slot.rawValue) { clean($0, worker) }
            if result.isInUse { throw .databaseInUse }
            if !result.isBusy { return }
            clock.sleep(nanoseconds: Self.cleanWaitNanoseconds)
        }
        throw .databaseInUse
    }

    /// Cleans everything that everybody sees, before the end.
    func cleanEverything() {
        cleanRevisions()
        if deleteZeroes() { cleanRevisions() }
    }

    private func cleanRevisions() {
        let worker = running.cleaner
        for _ in 0..<Self.cleanWaitCount {
            let result = versions.cleanOldest { clean($0, worker) }
            if !result.isBusy { return }
            clock.sleep(nanoseconds: Self.cleanWaitNanoseconds)
        }
    }

    // MARK: Pages and checkpoint.

    /// Says that pages had to be written to get frames, and lets some be written ahead. May be called with latches.
    func noteShortage() {
        isShortOfFrames.store(true, ordering: .releasing)
        scheduleWriting()
    }

    /// Writes some pages if frames are short, and those that hold the checkpoint back too far.
    private func writeSome() {
        guard !isEnding.load(ordering: .acquiring), failure == nil, isRunning else { return }
        var isBehind = false
        do throws(JetError) {
            try backgroundLock.withLock { () throws(JetError) in
                if isShortOfFrames.exchange(false, ordering: .acquiringAndReleasing) {
                    try buffers.writeSome(targetPages: Self.writeCount)
                }
                guard let log, let checkpointer = running.checkpointer else { return }
                let depth = running.options.checkpointDepth / 2
                let end = log.byteOffset(log.endPosition)
                isBehind = end > log.byteOffset(checkpointer.position) + depth
                if isQuiescing.load(ordering: .acquiring) {
                    isBehind = true
                    try writeOld(before: nil)
                } else if isBehind {
                    try writeOld(before: log.position(end - depth))
                }
            }
        } catch {
            reporter.report(.error, "pages could not be written: \(error)")
        }
        if isBehind { scheduleCheckpoint() }
    }

    /// Writes the pages of logged databases that were changed before a place of the log, or all.
    private func writeOld(before position: LogPosition?) throws(JetError) {
        for database in databases where database.isLogged {
            if let position {
                guard let oldest = buffers.oldestChange(database.slot), oldest < position else { continue }
            }
            try buffers.flush(database.slot, upTo: position)
        }
    }

    /// Moves the checkpoint as far as it may go now. Without latches.
    public func advanceCheckpoint() throws(JetError) {
        guard failure == nil else { return }
        try backgroundLock.withLock { () throws(JetError) in
            guard let checkpointer = running.checkpointer else { return }
            let known = databases.filter { $0.isLogged }
            let list = known.map { open in
                CheckpointDatabase(
                    file: open.file, path: open.path, lastTime: open.database.lastTime,
                    lastObjectID: open.database.lastObjectID, greatestPageCount: open.greatestPageCount)
            }
            _ = try checkpointer.advance(list) {
                var (position, databases) = needed()
                // One that was attached meanwhile.
                for open in databases where open.isLogged && !known.contains(where: { $0 === open }) {
                    position = min(position ?? open.attachPosition, open.attachPosition)
                }
                return position
            }
        }
    }
}

extension LogStream {
    /// Bytes of the log buffer.
    var bufferByteCount: Int { (slots.mask + 1) * LogSegment.byteCount }

    private var fileByteCount: UInt64 { UInt64(options.sectorCount) * UInt64(LogSegment.byteCount) }

    /// Bytes from the start of the first generation to a place; to reckon with distances.
    func byteOffset(_ position: LogPosition) -> UInt64 {
        UInt64(position.generation) * fileByteCount + UInt64(position.sector) * UInt64(LogSegment.byteCount)
            + UInt64(position.byte)
    }

    /// The place so many bytes from there; it need not be one of a record.
    func position(_ byteOffset: UInt64) -> LogPosition {
        let rest = byteOffset % fileByteCount
        let size = UInt64(LogSegment.byteCount)
        return LogPosition(
            generation: UInt32(clamping: byteOffset / fileByteCount), sector: UInt16(rest / size),
            byte: UInt16(rest % size))
    }
}
