// Layer: ESEReader/Pages. Uses: DatabaseSource, PageFrame. Used by: trees, verification, the page command.
// Pages by number, checked and, if asked, kept in a cache of limited size. What is read once, in order, does not go
// through the cache, so that a scan doesn't drive out the upper levels of trees.

import ESEFormat
import PlatformIO

/// The pages of a database.
final class PageStore {
    let source: any DatabaseSource
    let size: PageSize
    /// The last page that lies in the file, whole or in part.
    let lastPage: PageNumber
    /// How many pages were read from the source.
    private(set) var readCount = 0
    private let log: DamageLog

    private var slots: [PageFrame?]
    private var recentlyUsed: [Bool]
    private var hand = 0
    private var slotOfPage: [PageNumber: Int] = [:]
    /// Pages that can't be used: every entry of an index may lead to the same one, which is then not read again.
    private var problems: [PageNumber: PageProblem] = [:]
    private static let keptProblemLimit = 4_096

    /// - Parameter cacheByteLimit: the most bytes of pages to keep; at least 16 pages are.
    init(_ source: any DatabaseSource, size: PageSize, cacheByteLimit: Int, log: DamageLog) {
        self.source = source
        self.size = size
        self.log = log
        let pages = (source.byteCount + UInt64(size.byteCount) - 1) / UInt64(size.byteCount)
        lastPage = PageNumber(UInt32(clamping: min(UInt64(PageNumber.greatest.rawValue), pages < 2 ? 0 : pages - 2)))
        // A page in the cache costs some bytes besides its own.
        let capacity = max(16, cacheByteLimit / (size.byteCount + 256))
        let needed = max(16, min(capacity, Int(lastPage.rawValue)))
        slots = Array(repeating: nil, count: needed)
        recentlyUsed = Array(repeating: false, count: needed)
    }

    /// A page through the cache.
    func page(_ number: PageNumber) throws(PageProblem) -> PageFrame {
        if let slot = slotOfPage[number], let frame = slots[slot] {
            recentlyUsed[slot] = true
            return frame
        }
        let frame = try read(number)
        let slot = slotToReplace()
        if let old = slots[slot] { slotOfPage[old.number] = nil }
        slots[slot] = frame
        slotOfPage[number] = slot
        return frame
    }

    /// A page past the cache, unless it is there.
    func pageOnce(_ number: PageNumber) throws(PageProblem) -> PageFrame {
        if let slot = slotOfPage[number], let frame = slots[slot] { return frame }
        return try read(number)
    }

    /// The first slot from the hand on whose page was not used since the hand came by.
    private func slotToReplace() -> Int {
        while true {
            let slot = hand
            hand = hand + 1 == slots.count ? 0 : hand + 1
            guard slots[slot] != nil, recentlyUsed[slot] else { return slot }
            recentlyUsed[slot] = false
        }
    }

    /// The bytes of a page as they lie in the file, unchecked; short if the file ends in it.
    func rawPage(_ number: PageNumber) throws(PageProblem) -> [UInt8] {
        guard number != .none, number <= lastPage else { throw .beyondEnd }
        var bytes = [UInt8](repeating: 0, count: size.byteCount)
        let count: Int
        do {
            count = try source.read(at: size.fileOffset(of: number), into: &bytes, count: size.byteCount)
        } catch {
            throw .unreadable(error)
        }
        if count < bytes.count { bytes.removeLast(bytes.count - count) }
        return bytes
    }

    private func read(_ number: PageNumber) throws(PageProblem) -> PageFrame {
        if let problem = problems[number] { throw problem }
        do {
            return try readAgain(number)
        } catch {
            // What the system could not read it may read the next time.
            if case .unreadable = error { throw error }
            if problems.count < Self.keptProblemLimit { problems[number] = error }
            throw error
        }
    }

    private func readAgain(_ number: PageNumber) throws(PageProblem) -> PageFrame {
        readCount += 1
        var bytes = try rawPage(number)
        guard bytes.count == size.byteCount else { throw .beyondEnd }
        switch PageChecksum.verify(bytes.span.bytes, number: number, size: size, lastPage: lastPage) {
        case .valid: break
        case .uninitialized: throw .uninitialized
        case .misplaced(let other): throw .misplaced(other)
        case .correctable, .invalid:
            // Large pages have four checksums, each of which proves a bit.
            guard let flipped = PageChecksum.repair(&bytes, number: number, size: size, lastPage: lastPage) else {
                throw .badChecksum
            }
            for bit in flipped { log.add(Damage(page: number, reason: .repairedBit(bit))) }
        }
        do {
            return try PageFrame(number: number, bytes: bytes, size: size)
        } catch {
            throw .malformed(error)
        }
    }
}
