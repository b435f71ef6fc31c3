// Layer: ESEEngine/3-Buffer. Uses: ESEFormat's checksums, WriteGate. Used by: BufferManager's replacement, checkpoints.
// Changed pages go to their files. A page is copied under a write-intent latch; checksum, waiting for the log and the
// write itself happen on the copy. While that lasts the frame keeps its page and nobody else writes it; a change made
// meanwhile leaves it changed.
//
// Unsafe: a copy goes to a place in the run's buffer, which is bounded by `runCount`.

public import ESEFormat
import PlatformIO
import Synchronization

/// What to do about pages that are latched, or being written by another thread.
enum WritePatience {
    /// Leave them. May be used with latches held.
    case whatIsFree
    /// Wait, then write them if their first change is before the position. No latch may be held.
    case all(before: UInt64)
}

/// Pages on their way to their files, in order. They wait for the log together: a page with open changes needs what
/// undoes them there, and one wait for each of many pages takes long.
private struct WriteBatch {
    /// The pages; `lastChange` is where the record of the last change of each ends.
    var pages: [(page: PageReference, lastChange: UInt64)] = []
    /// Whether each page could not be written.
    var failures: [JetError?] = []
    let buffer: UnsafeMutableRawPointer
}

/// What became of an attempt to copy a page.
private enum CopyResult {
    case copied
    case nothingToWrite
    case latched
    case beingWritten
}

extension BufferManager {
    /// Bytes that are written by one call at most.
    private static let runByteCount = 256 << 10
    private static let keptBuffers = 4
    /// The bits of a page's flags that say how it was flushed; without a flush map they are 0.
    private static let flushTypeFlags: UInt32 = 0x1_8000

    /// Pages that a buffer of `takeBuffer` holds.
    var runCount: Int { max(1, Self.runByteCount / pageSize.byteCount) }

    /// Writes the pages of a database that were first changed before `position`, or all changed ones. What is changed
    /// after the call began may or may not be written. Waits for latches: the calling thread must have none. Written
    /// is not durable: see `makeDurable`.
    ///
    /// Throws the first error after all others were tried; a page that could not be written stays changed.
    public func flush(_ database: DatabaseSlot, upTo position: LogPosition? = nil) throws(JetError) {
        let limit = position?.rawValue ?? UInt64.max
        let wanted = pages(of: database).filter { page in
            let record = page.frame.pointer
            // First the flag: a write that fails gives its change back before.
            return record.pointee.has(Frame.writing) || record.pointee.firstChange.load(ordering: .acquiring) != 0
        }
        if let error = write(wanted, .all(before: limit)) { throw error }
    }

    /// Writes about so many changed pages, of those that replacement would want next. For background work; leaves
    /// latched pages alone. Returns how many there were to write. Throws the first error after all others were tried.
    @discardableResult
    public func writeSome(targetPages: Int) throws(JetError) -> Int {
        // Time passes also without reads: pages that are used from now on are warm.
        epoch.wrappingAdd(1, ordering: .relaxed)
        let count = pool.count.load(ordering: .acquiring)
        guard count > 0 else { return 0 }
        let hand = Int(counters.hand.load(ordering: .relaxed) % UInt64(count))
        var wanted: [PageReference] = []
        for isCold in [true, false] {
            for step in 0..<count where wanted.count < targetPages {
                let frame = pool.frame(UInt32((hand + step) % count))
                let record = frame.pointer
                let page = PageReference(identity: record.pointee.latch.identity, frame: frame)
                guard page.identity != 0, (record.pointee.heat.load(ordering: .relaxed) == 0) == isCold,
                    record.pointee.firstChange.load(ordering: .relaxed) != 0, !record.pointee.has(Frame.writing)
                else { continue }
                wanted.append(page)
            }
        }
        if let error = write(wanted, .whatIsFree) { throw error }
        return wanted.count
    }

    /// Makes what was written durable. Returns where the oldest change starts that is not: the log before it is not
    /// needed for this database; nil if all changes are in the file. To move the checkpoint, read the log's end before
    /// the call: the checkpoint is the lesser of both. If this throws, what the file holds is unknown (rule L4).
    public func makeDurable(_ database: DatabaseSlot) throws(JetError) -> LogPosition? {
        let oldest = oldestChange(database)
        do { try attached(database).file.sync() } catch {
            reporter.report(.error, error.text)
            throw BufferError.error(for: error)
        }
        return oldest
    }

    /// Waits until nobody writes the frame's page.
    func waitForWrite(_ frame: FrameHandle) {
        guard frame.pointer.pointee.has(Frame.writing) else { return }
        writeLock.withLock {
            while frame.pointer.pointee.has(Frame.writing) { writeDone.wait(writeLock) }
        }
    }

    /// Writes pages, sorted, neighbours by one call. Returns the first error.
    func write(_ pages: [PageReference], _ patience: WritePatience) -> JetError? {
        guard !pages.isEmpty else { return nil }
        let sorted = pages.sorted { $0.identity < $1.identity }
        var batch = WriteBatch(buffer: takeBuffer())
        defer { keepBuffer(batch.buffer) }
        var firstError: JetError?
        var index = 0
        while index < sorted.count {
            let page = sorted[index]
            if batch.pages.count == runCount { finish(&batch, &firstError) }
            // Pages that are on their way don't wait for somebody's latch.
            switch (copy(page, patience, mayWait: batch.pages.isEmpty, &batch), patience) {
            case (.copied, _), (.nothingToWrite, _), (_, .whatIsFree): index += 1
            case (.latched, _): finish(&batch, &firstError)
            case (.beingWritten, _):
                finish(&batch, &firstError)
                waitForWrite(page.frame)
            }
        }
        finish(&batch, &firstError)
        return firstError
    }

    private func copy(
        _ page: PageReference, _ patience: WritePatience, mayWait: Bool, _ batch: inout WriteBatch
    ) -> CopyResult {
        let record = page.frame.pointer
        if case .all = patience, mayWait {
            guard record.pointee.latch.acquire(.writeIntent, of: page.identity) else { return .nothingToWrite }
        } else {
            guard record.pointee.latch.tryAcquire(.writeIntent) else { return .latched }
        }
        defer { record.pointee.latch.release(.writeIntent) }
        guard record.pointee.latch.identity == page.identity else { return .nothingToWrite }
        if record.pointee.has(Frame.writing) { return .beingWritten }
        let change = record.pointee.firstChange.load(ordering: .acquiring)
        var limit = UInt64.max
        if case .all(let before) = patience { limit = before }
        // What was changed without the log is written only when everything is.
        guard change != 0, change < limit || limit == .max else { return .nothingToWrite }
        (batch.buffer + batch.pages.count * pageSize.byteCount).copyMemory(
            from: record.pointee.bytes, byteCount: pageSize.byteCount)
        batch.pages.append((page, record.pointee.lastChange.load(ordering: .relaxed)))
        writeLock.withLock {
            record.pointee.writtenChange.store(change, ordering: .relaxed)
            _ = record.pointee.flags.bitwiseOr(Frame.writing, ordering: .acquiringAndReleasing)
            record.pointee.firstChange.store(0, ordering: .releasing)
        }
        return .copied
    }

    /// Writes what the batch has and empties it.
    private func finish(_ batch: inout WriteBatch, _ firstError: inout JetError?) {
        guard !batch.pages.isEmpty else { return }
        seal(batch)
        batch.failures = [JetError?](repeating: nil, count: batch.pages.count)
        var start = 0
        while start < batch.pages.count {
            let database = batch.pages[start].page.database
            var end = start + 1
            while end < batch.pages.count, batch.pages[end].page.database == database { end += 1 }
            write(start..<end, of: &batch, attached(database), &firstError)
            start = end
        }
        writeLock.withLock {
            for (index, (page, _)) in batch.pages.enumerated() {
                let record = page.frame.pointer
                if batch.failures[index] != nil {
                    record.pointee.lowerFirstChange(to: record.pointee.writtenChange.load(ordering: .relaxed))
                }
                _ = record.pointee.flags.bitwiseAnd(~Frame.writing, ordering: .acquiringAndReleasing)
            }
            writeDone.broadcast()
        }
        batch.pages.removeAll(keepingCapacity: true)
    }

    private func seal(_ batch: WriteBatch) {
        for (index, (page, _)) in batch.pages.enumerated() {
            let bytes = UnsafeMutableRawBufferPointer(
                start: batch.buffer + index * pageSize.byteCount, count: pageSize.byteCount)
            let flags = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 36, as: UInt32.self))
            bytes.storeBytes(
                of: (flags & ~Self.flushTypeFlags).littleEndian, toByteOffset: 36, as: UInt32.self)
            var span = bytes.mutableBytes
            let isSealed: Void? = try? PageChecksum.seal(&span, number: page.page, size: pageSize)
            precondition(isSealed != nil, "a page has its size")
        }
    }

    /// Writes the pages of one database: waits for the log once, then writes each run of neighbours by one call. Only
    /// the first failure of one go is reported.
    private func write(
        _ range: Range<Int>, of batch: inout WriteBatch, _ attached: BufferedDatabase, _ firstError: inout JetError?
    ) {
        if let error = waitForLog(batch.pages[range], attached, isReported: firstError == nil) {
            firstError = firstError ?? error
            counters.failedWrites.add(1, ordering: .relaxed)
            for index in range { batch.failures[index] = error }
            return
        }
        var start = range.lowerBound
        while start < range.upperBound {
            let first = batch.pages[start].page
            var end = start + 1
            while end < range.upperBound, batch.pages[end].page.identity == first.identity + UInt64(end - start) {
                end += 1
            }
            let bytes = UnsafeRawBufferPointer(
                start: batch.buffer + start * pageSize.byteCount, count: (end - start) * pageSize.byteCount)
            counters.writes.add(1, ordering: .relaxed)
            do {
                try attached.file.write(bytes, at: pageSize.fileOffset(of: first.page))
                counters.writtenPages.add(UInt64(end - start), ordering: .relaxed)
            } catch {
                if firstError == nil {
                    reporter.report(.error, "page \(first.page) could not be written: \(error.text)")
                }
                let error = BufferError.error(for: error)
                firstError = firstError ?? error
                counters.failedWrites.add(1, ordering: .relaxed)
                for index in start..<end { batch.failures[index] = error }
            }
            start = end
        }
    }

    /// Returns when the log allows that pages are written, or the error because of which they may not.
    private func waitForLog(
        _ pages: ArraySlice<(page: PageReference, lastChange: UInt64)>, _ attached: BufferedDatabase, isReported: Bool
    ) -> JetError? {
        var last = (page: PageNumber.none, change: LogPosition.none)
        do {
            var needed = LogPosition.none
            for (page, change) in pages {
                let position = LogPosition(rawValue: change)
                if last.page == .none || position > last.change { last = (page.page, position) }
                needed = max(needed, try attached.gate.prepare(page.page))
            }
            try attached.gate.mayWrite(last.page, lastChange: max(last.change, needed))
            return nil
        } catch {
            if isReported {
                reporter.report(.error, "page \(last.page) of \(attached.file.path) may not be written: \(error)")
            }
            return error
        }
    }

    /// Memory for a run of pages; goes back by `keepBuffer`.
    func takeBuffer() -> UnsafeMutableRawPointer {
        writeLock.withLock { writeBuffers.popLast() }
            ?? .allocate(byteCount: runCount * pageSize.byteCount, alignment: FramePool.alignment)
    }

    /// Takes such memory back.
    func keepBuffer(_ buffer: UnsafeMutableRawPointer) {
        let isKept = writeLock.withLock {
            if writeBuffers.count < Self.keptBuffers { writeBuffers.append(buffer) }
            return writeBuffers.last == buffer
        }
        if !isKept { buffer.deallocate() }
    }
}
