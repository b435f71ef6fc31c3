// Layer: ESEEngine/3-Buffer. Uses: 0-Base, FramePool, PageTable. Used by: trees, recovery, instances.
// Pages in memory: found, latched, let go. Reading, replacement and writing are in the extensions.
//
// Unsafe: frames are reached through numbers from the page table or handles that the pool gave out; their bytes only by
// who holds the latch and has checked the identity.

public import ESEFormat
import PlatformIO
import Synchronization

/// The pages of several databases of one page size, in a bounded amount of memory. ESE's term: BF.
///
/// Any number of threads use it. A latch is a pin: a latched page stays. What must not be done while latches are held
/// is said with each function.
public final class BufferManager: @unchecked Sendable {
    /// The size of all pages.
    public let pageSize: PageSize
    /// The frames.
    let pool: FramePool
    /// The pool's directory, one step nearer.
    private let directory: UnsafeMutablePointer<UnsafeMutablePointer<Frame>?>
    /// The page tables by slot.
    let tables: UnsafeMutablePointer<PageTable>
    /// Counts stretches of work, of about a sixteenth of the frames loaded each; see `Replacement`.
    let epoch = Atomic<UInt32>(0)
    let reporter: any EngineReporter
    let clock: any EngineClock
    let check: PageCheck
    /// Called when a page had to be written to get a frame.
    let pressure: @Sendable () -> Void
    let counters = BufferCounters()

    /// Held for moments when pages begin and end to be written, and by who looks for the oldest change.
    let writeLock = Lock()
    /// Goes with `writeLock`: some page is no longer being written.
    let writeDone = Condition()
    private let stateLock = Lock()
    private var databases: [BufferedDatabase?] = []
    let ringLock = Lock()
    /// The lock's: pages that scans read.
    var ring = ScanRing()
    /// The write lock's: memory for runs of pages.
    var writeBuffers: [UnsafeMutableRawPointer] = []

    private static let slotCount = 256

    /// Makes an empty manager.
    /// - Parameters:
    ///   - byteLimit: how much memory pages may take; at least four pages.
    ///   - reporter: gets repaired and bad pages, and failed calls.
    ///   - clock: used to wait a moment when all frames are latched.
    ///   - pressure: called, perhaps with latches held, when pages had to be written to get a frame; should make
    ///     background work call `writeSome`.
    ///   - check: the structural check of pages that were read.
    public init(
        pageSize: PageSize, byteLimit: Int, reporter: any EngineReporter, clock: any EngineClock,
        pressure: @escaping @Sendable () -> Void = {}, check: @escaping PageCheck
    ) {
        self.pageSize = pageSize
        self.reporter = reporter
        self.clock = clock
        self.pressure = pressure
        self.check = check
        pool = FramePool(pageByteCount: pageSize.byteCount, byteLimit: byteLimit)
        directory = pool.directory
        tables = .allocate(capacity: Self.slotCount)
        for slot in 0..<Self.slotCount { (tables + slot).initialize(to: PageTable()) }
    }

    deinit {
        for slot in 0..<Self.slotCount { tables[slot].removeAll() }
        tables.deinitialize(count: Self.slotCount)
        tables.deallocate()
        for buffer in writeBuffers { buffer.deallocate() }
    }

    // MARK: Databases

    /// Takes in a database, with a number that is free: the first one by default. The file stays the caller's: the
    /// manager never closes it and never changes its size but by writing pages. Throws `outOfMemory` when 255 are
    /// attached.
    @discardableResult
    public func attach(
        _ file: any StorageFile, gate: any WriteGate, as wanted: DatabaseSlot? = nil
    ) throws(JetError) -> DatabaseSlot {
        let slot: DatabaseSlot? = stateLock.withLock {
            if databases.isEmpty { databases.append(nil) }  // Slot 0 is nobody's.
            let index =
                wanted.map { Int($0.rawValue) } ?? databases.dropFirst().firstIndex { $0 == nil } ?? databases.count
            guard index < Self.slotCount else { return nil }
            let slot = DatabaseSlot(rawValue: UInt8(index))
            while databases.count <= index { databases.append(nil) }
            precondition(index > 0 && databases[index] == nil, "the number is free")
            databases[index] = BufferedDatabase(slot: slot, file: file, gate: gate)
            return slot
        }
        guard let slot else { throw .outOfMemory }
        return slot
    }

    /// Drops all pages of a database, changed or not, and forgets it. Waits for writes that are under way. Nobody may
    /// use the database at the same time or afterwards, or hold a latch on it.
    public func detach(_ database: DatabaseSlot) {
        forget(database, 0...UInt32.max)
        tables[Int(database.rawValue)].removeAll()
        stateLock.withLock {
            if Int(database.rawValue) < databases.count { databases[Int(database.rawValue)] = nil }
        }
    }

    /// Drops the pages with these numbers, changed or not: they are gone from the file, or will be. As for `detach`,
    /// nobody uses them.
    func forget(_ database: DatabaseSlot, _ numbers: ClosedRange<UInt32>) {
        for page in pages(of: database) where numbers.contains(page.page.rawValue) {
            let frame = page.frame.pointer
            waitForWrite(page.frame)
            guard frame.pointee.latch.acquire(.exclusive, of: page.identity) else { continue }
            waitForWrite(page.frame)
            frame.pointee.firstChange.store(0, ordering: .relaxed)
            drop(page.frame)
        }
    }

    /// What is known of an attached database.
    func attached(_ database: DatabaseSlot) -> BufferedDatabase {
        let found = stateLock.withLock {
            Int(database.rawValue) < databases.count ? databases[Int(database.rawValue)] : nil
        }
        guard let found else { preconditionFailure("the database is attached") }
        return found
    }

    /// The frames that hold a page of the database just now.
    func pages(of database: DatabaseSlot) -> [PageReference] {
        var result: [PageReference] = []
        for index in 0..<UInt32(pool.count.load(ordering: .acquiring)) {
            let frame = pool.frame(index)
            let page = PageReference(identity: frame.pointer.pointee.latch.identity, frame: frame)
            if page.identity != 0, page.database == database { result.append(page) }
        }
        return result
    }

    // MARK: Latches

    /// Latches a page, which is read if it is not there. Waits for the latch: latches must be taken in the order of
    /// rule T1. Not recursive.
    ///
    /// Throws `pageNotInitialized`, `readVerifyFailure`, `databaseCorrupted`, JET_errFileIOBeyondEOF or `diskIO` for
    /// the page; JET_errOutOfBuffers, or what a write failed with, if there is no frame for it.
    public func latch(
        _ database: DatabaseSlot, _ page: PageNumber, _ mode: LatchMode, hint: AccessHint = .normal
    ) throws(JetError) -> LatchedPage {
        if let latched = latchCached(database, page, mode, hint) { return latched }
        return try latchSlowly(database, page, mode, hint)
    }

    /// As `latch`, but nil instead of waiting for somebody else's latch. The page may still have to be read.
    public func tryLatch(
        _ database: DatabaseSlot, _ page: PageNumber, _ mode: LatchMode, hint: AccessHint = .normal
    ) throws(JetError) -> LatchedPage? {
        if let latched = latchCached(database, page, mode, hint) { return latched }
        guard tables[Int(database.rawValue)].lookup(page) == 0 else { return nil }
        return try load(database, page, mode, hint)
    }

    /// Latches the page that a cursor had before; nil if the frame holds something else by now, without a wait for that
    /// page's latch. The page may have been changed meanwhile: compare its database time.
    public func latchAgain(_ hint: FrameHint, _ mode: LatchMode) -> LatchedPage? {
        guard let frame = hint.frame else { return nil }
        let record = frame.pointer
        guard record.pointee.latch.identity == hint.identity else { return nil }
        if record.pointee.latch.tryAcquire(mode) {
            guard record.pointee.latch.identity == hint.identity else {
                record.pointee.latch.release(mode)
                return nil
            }
        } else {
            guard record.pointee.latch.acquire(mode, of: hint.identity) else { return nil }
        }
        touch(frame, .normal)
        return LatchedPage(frame, mode)
    }

    /// The same without waiting for anybody.
    public func tryLatchAgain(_ hint: FrameHint, _ mode: LatchMode) -> LatchedPage? {
        guard let frame = hint.frame, frame.pointer.pointee.latch.identity == hint.identity,
            latchFrame(frame, hint.identity, mode)
        else { return nil }
        touch(frame, .normal)
        return LatchedPage(frame, mode)
    }

    /// Latches, exclusively, a page whose contents don't matter since it is initialised next: nothing is read. A page
    /// that was not in memory has zeros; another one has its old contents, which the caller must overwrite all, but
    /// not before its log record is appended (rule L1). Unlatched without `changed`, everything is as before.
    public func latchNew(_ database: DatabaseSlot, _ page: PageNumber) throws(JetError) -> LatchedPage {
        while true {
            if let latched = latchCached(database, page, .exclusive, .normal) { return latched }
            let entry = tables[Int(database.rawValue)].lookup(page)
            if entry == 0 {
                if let latched = try makeNew(database, page) { return latched }
            } else {
                let frame = FramePool.frame(directory, entry &- 1)
                if frame.pointer.pointee.latch.acquire(.exclusive, of: pageIdentity(database, page)) {
                    touch(frame, .normal)
                    return LatchedPage(frame, .exclusive)
                }
            }
        }
    }

    /// Lets go of a page.
    @inline(__always)
    public func unlatch(_ page: LatchedPage) {
        let record = page.frame.pointer
        if page.mode == .exclusive, record.pointee.flags.load(ordering: .relaxed) & Frame.new != 0 {
            return drop(page.frame)
        }
        record.pointee.latch.release(page.mode)
    }

    /// Whether a page is in memory just now. For tests, and to choose between plans.
    public func isCached(_ database: DatabaseSlot, _ page: PageNumber) -> Bool {
        tables[Int(database.rawValue)].lookup(page) != 0
    }

    @inline(__always)
    private func latchCached(
        _ database: DatabaseSlot, _ page: PageNumber, _ mode: LatchMode, _ hint: AccessHint
    ) -> LatchedPage? {
        let entry = tables[Int(database.rawValue)].lookup(page)
        guard entry != 0 else { return nil }
        let frame = FramePool.frame(directory, entry &- 1)
        guard latchFrame(frame, pageIdentity(database, page), mode) else { return nil }
        touch(frame, hint)
        return LatchedPage(frame, mode)
    }

    @inline(__always)
    private func latchFrame(_ frame: FrameHandle, _ identity: UInt64, _ mode: LatchMode) -> Bool {
        guard frame.pointer.pointee.latch.tryAcquire(mode) else { return false }
        if frame.pointer.pointee.latch.identity == identity { return true }
        frame.pointer.pointee.latch.release(mode)
        return false
    }

    private func latchSlowly(
        _ database: DatabaseSlot, _ page: PageNumber, _ mode: LatchMode, _ hint: AccessHint
    ) throws(JetError) -> LatchedPage {
        while true {
            let entry = tables[Int(database.rawValue)].lookup(page)
            if entry == 0 {
                if let latched = try load(database, page, mode, hint) { return latched }
            } else {
                let frame = FramePool.frame(directory, entry &- 1)
                // If not, the page was dropped, or could not be read by who tried; then look again.
                if frame.pointer.pointee.latch.acquire(mode, of: pageIdentity(database, page)) {
                    touch(frame, hint)
                    return LatchedPage(frame, mode)
                }
            }
        }
    }

    // MARK: Changes

    /// Says that the page, exclusively latched, is about to be changed by a record that will be appended to the log at
    /// `position` or later. To be called before the record is appended, with the log's end: then `oldestChange` can't
    /// miss a change that is in the log already. Harmless if the change is given up.
    public func announceChange(_ page: LatchedPage, from position: LogPosition) {
        precondition(page.mode == .exclusive, "an exclusive latch")
        page.frame.pointer.pointee.lowerFirstChange(to: position.rawValue == 0 ? Frame.unlogged : position.rawValue)
    }

    /// Says that the page, exclusively latched, was or is now being changed by a log record from `first` to `last`
    /// (where it starts, where it ends). Both are `none` for a change without a record; then the page does not hold
    /// back the checkpoint.
    @inline(__always)
    public func changed(_ page: LatchedPage, from first: LogPosition, to last: LogPosition) {
        precondition(page.mode == .exclusive, "an exclusive latch")
        let record = page.frame.pointer
        let position = first.rawValue == 0 ? Frame.unlogged : first.rawValue
        let known = record.pointee.firstChange.load(ordering: .relaxed)
        if known == 0 || known > position { record.pointee.lowerFirstChange(to: position) }
        if record.pointee.lastChange.load(ordering: .relaxed) < last.rawValue {
            record.pointee.lastChange.store(last.rawValue, ordering: .relaxed)
        }
        if record.pointee.flags.load(ordering: .relaxed) & Frame.new != 0 {
            _ = record.pointee.flags.bitwiseAnd(~Frame.new, ordering: .relaxed)
        }
    }

    /// Where the oldest change of the database starts that is not written to its file; nil if there is none. Written
    /// is not durable: see `makeDurable`.
    public func oldestChange(_ database: DatabaseSlot) -> LogPosition? {
        var oldest = Frame.unlogged
        let count = UInt32(pool.count.load(ordering: .acquiring))
        writeLock.withLock {
            for index in 0..<count {
                let frame = pool.frame(index).pointer
                let change = frame.pointee.firstChange.load(ordering: .acquiring)
                let isWriting = frame.pointee.has(Frame.writing)
                guard change != 0 || isWriting, frame.pointee.latch.identity >> 32 == UInt64(database.rawValue) else {
                    continue
                }
                if change != 0 { oldest = min(oldest, change) }
                if isWriting { oldest = min(oldest, frame.pointee.writtenChange.load(ordering: .acquiring)) }
            }
        }
        return oldest == Frame.unlogged ? nil : LogPosition(rawValue: oldest)
    }

    // MARK: State

    /// Changes how much memory pages may take. If it gets less, frames are emptied, changed pages written; some may be
    /// left when that fails or while they are latched, and go with the next call or when the limit changes.
    public func setByteLimit(_ byteLimit: Int) throws(JetError) {
        pool.setByteLimit(byteLimit)
        try trim()
    }

    /// How many bytes pages may take.
    public var byteLimit: Int { pool.frameLimit * pageSize.byteCount }

    /// Counts. Looks at every frame.
    public var statistics: BufferStatistics {
        var result = BufferStatistics()
        result.frameCount = pool.count.load(ordering: .acquiring)
        result.byteCount = pool.byteCount
        for index in 0..<UInt32(result.frameCount) {
            let frame = pool.frame(index).pointer
            guard frame.pointee.latch.identity != 0 else { continue }
            result.pageCount += 1
            if frame.pointee.firstChange.load(ordering: .relaxed) != 0 { result.changedPageCount += 1 }
        }
        result.readCount = counters.reads.load(ordering: .relaxed)
        result.failedReadCount = counters.failedReads.load(ordering: .relaxed)
        result.writtenPageCount = counters.writtenPages.load(ordering: .relaxed)
        result.writeCount = counters.writes.load(ordering: .relaxed)
        result.failedWriteCount = counters.failedWrites.load(ordering: .relaxed)
        result.evictionCount = counters.evictions.load(ordering: .relaxed)
        return result
    }
}
