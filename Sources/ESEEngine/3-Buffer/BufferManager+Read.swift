// Layer: ESEEngine/3-Buffer. Uses: ESEFormat's checksums. Used by: BufferManager's latches.
// A page that is not in memory: it gets a frame, is read and checked (rule P1) under the exclusive latch of the frame.
// Others who want it wait for the latch.
//
// Unsafe: the bytes of a frame are reached by who holds it exclusively; a frame has the bytes of one page.
//
// Read-ahead would go here: frames are taken and entered as in `load`, neighbours read by one call, and unlatched.

import ESEFormat
import PlatformIO
import Synchronization

extension BufferManager {
    /// Where the flags of a page are, and those that exist only in files: the checksum's kind, the flush type.
    private static let flagsOffset = 36
    private static let fileFlags: UInt32 = PageChecksum.newFormatFlag | 0x1_8000

    /// Reads a page into a frame; nil if somebody else was faster.
    func load(
        _ database: DatabaseSlot, _ page: PageNumber, _ mode: LatchMode, _ hint: AccessHint
    ) throws(JetError) -> LatchedPage? {
        let attached = attached(database)
        // A number from a damaged page must not make the page table grow.
        try checkExists(page, attached)
        guard let frame = try enter(attached, page, hint) else { return nil }
        do {
            try read(page, attached, frame)
        } catch {
            counters.failedReads.add(1, ordering: .relaxed)
            drop(frame)
            throw error
        }
        counters.reads.add(1, ordering: .relaxed)
        if hint == .scan {
            let reference = PageReference(identity: pageIdentity(database, page), frame: frame)
            let limit = pool.count.load(ordering: .relaxed)
            ringLock.withLock { ring.append(reference, limit: limit) }
        }
        if mode != .exclusive { frame.pointer.pointee.latch.downgrade(from: .exclusive, to: mode) }
        return LatchedPage(frame, mode)
    }

    /// Gives a page that is not in memory a frame with zeros; nil if somebody else was faster.
    func makeNew(_ database: DatabaseSlot, _ page: PageNumber) throws(JetError) -> LatchedPage? {
        guard page != .none, page <= .greatest else { throw .databaseCorrupted }
        guard let frame = try enter(attached(database), page, .normal) else { return nil }
        frame.pointer.pointee.bytes.initializeMemory(as: UInt8.self, repeating: 0, count: pageSize.byteCount)
        _ = frame.pointer.pointee.flags.bitwiseOr(Frame.new, ordering: .relaxed)
        return LatchedPage(frame, .exclusive)
    }

    /// Takes a frame and enters it as that of the page, exclusively latched.
    func enter(
        _ attached: BufferedDatabase, _ page: PageNumber, _ hint: AccessHint
    ) throws(JetError) -> FrameHandle? {
        let frame = try takeFrame(hint)
        let record = frame.pointer
        let now = countLoad()
        record.pointee.loadEpoch.store(now, ordering: .relaxed)
        record.pointee.touchEpoch.store(now, ordering: .relaxed)
        record.pointee.heat.store(0, ordering: .relaxed)
        record.pointee.lastChange.store(0, ordering: .relaxed)
        record.pointee.latch.setIdentity(pageIdentity(attached.slot, page))
        let table = tables + Int(attached.slot.rawValue)
        let entry = table.pointee.existingEntry(page) ?? attached.tableLock.withLock { table.pointee.entry(page) }
        let isFirst = entry.pointee.compareExchange(
            expected: 0, desired: frame.index + 1, ordering: .acquiringAndReleasing
        ).exchanged
        guard isFirst else {
            record.pointee.latch.setIdentity(0)
            pool.giveBack(frame)
            return nil
        }
        return frame
    }

    /// Takes the page out of an exclusively latched frame, which becomes free.
    func drop(_ frame: FrameHandle) {
        empty(frame)
        pool.giveBack(frame)
    }

    /// The same, but the frame stays latched.
    func empty(_ frame: FrameHandle) {
        let page = PageReference(identity: frame.pointer.pointee.latch.identity, frame: frame)
        let entry = tables[Int(page.database.rawValue)].existingEntry(page.page)
        entry?.pointee.store(0, ordering: .releasing)
        _ = frame.pointer.pointee.flags.bitwiseAnd(~Frame.new, ordering: .relaxed)
        frame.pointer.pointee.latch.setIdentity(0)
    }

    func checkExists(_ page: PageNumber, _ attached: BufferedDatabase) throws(JetError) {
        guard page != .none, page <= .greatest else { throw .databaseCorrupted }
        // Two header pages come before page 1.
        let needed = UInt64(page.rawValue) + 2
        guard attached.pageCount.load(ordering: .relaxed) < needed else { return }
        let count: UInt64
        do { count = try attached.file.byteCount() / UInt64(pageSize.byteCount) } catch {
            reporter.report(.error, error.text)
            throw BufferError.error(for: error)
        }
        attached.pageCount.store(count, ordering: .relaxed)
        guard count >= needed else { throw BufferError.beyondEndOfFile }
    }

    private func read(_ page: PageNumber, _ attached: BufferedDatabase, _ frame: FrameHandle) throws(JetError) {
        let buffer = UnsafeMutableRawBufferPointer(start: frame.pointer.pointee.bytes, count: pageSize.byteCount)
        let count: Int
        do { count = try attached.file.read(into: buffer, at: pageSize.fileOffset(of: page)) } catch {
            reporter.report(.error, error.text)
            throw BufferError.error(for: error)
        }
        guard count == buffer.count else {
            attached.pageCount.store(0, ordering: .relaxed)
            throw BufferError.beyondEndOfFile
        }
        try accept(page, attached, buffer)
    }

    /// Checks a page that was read, and makes it what it is in memory (rule P1).
    func accept(
        _ page: PageNumber, _ attached: BufferedDatabase, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(JetError) {
        try verify(page, attached, buffer)
        // In memory there are only the flags that say something about the contents.
        let flags = UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: Self.flagsOffset, as: UInt32.self))
        buffer.storeBytes(
            of: (flags & ~Self.fileFlags).littleEndian, toByteOffset: Self.flagsOffset, as: UInt32.self)
        guard check(UnsafeRawBufferPointer(buffer), page) else {
            reporter.report(.error, "page \(page) of \(attached.file.path): its contents are impossible")
            throw .databaseCorrupted
        }
    }

    private func verify(
        _ page: PageNumber, _ attached: BufferedDatabase, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(JetError) {
        let known = attached.pageCount.load(ordering: .relaxed)
        let last = PageNumber(UInt32(min(UInt64(PageNumber.greatest.rawValue), max(known, 2) - 2)))
        let verdict = PageChecksum.verify(buffer.bytes, number: page, size: pageSize, lastPage: last)
        switch verdict {
        case .valid: return
        case .uninitialized: throw .pageNotInitialized
        case .correctable, .misplaced, .invalid: break
        }
        let place = "page \(page) of \(attached.file.path)"
        var bytes = buffer.mutableBytes
        if let bits = PageChecksum.repair(&bytes, number: page, size: pageSize, lastPage: last) {
            let list = bits.map(String.init).joined(separator: ", ")
            return reporter.report(.warning, "\(place): wrong bits were corrected: \(list)")
        }
        if case .misplaced(let other) = verdict {
            reporter.report(.error, "\(place): these are the bytes of page \(other)")
        } else {
            reporter.report(.error, "\(place): the checksum is wrong")
        }
        throw .readVerifyFailure
    }
}
