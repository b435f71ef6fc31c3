// Layer: ESEEngine/3-Buffer. Uses: BufferManager's reading. Used by: scans.
// Pages that will be needed soon are read before, neighbours by one call.
//
// Unsafe: pages are copied out of a run's buffer, which is bounded by `runCount`.

public import ESEFormat
import Synchronization

extension BufferManager {
    /// How many pages it makes sense to fetch at once: those read first must still be there when the last one is.
    public var prefetchLimit: Int { max(1, min(32, pool.frameLimit / 8)) }

    /// Reads those of some pages that are not in memory, the neighbours among them by one call. The calling thread
    /// holds no latch. Nothing is thrown: who needs a page that could not be read finds out by `latch`.
    /// - Parameter pages: At most `prefetchLimit` count.
    public func prefetch(_ database: DatabaseSlot, _ pages: some Collection<PageNumber>) {
        let missing = pages.prefix(prefetchLimit).filter { !isCached(database, $0) }.sorted()
        guard missing.count > 1 else { return }
        let attached = attached(database)
        let buffer = takeBuffer()
        defer { keepBuffer(buffer) }
        var start = 0
        while start < missing.count {
            var end = start + 1
            while end < missing.count, end - start < runCount,
                missing[end].rawValue == missing[end - 1].rawValue + 1
            { end += 1 }
            if !fetch(missing[start..<end], attached, buffer) { return }
            start = end
        }
    }

    /// Reads neighbours. False if there is no use in going on.
    private func fetch(
        _ pages: ArraySlice<PageNumber>, _ attached: BufferedDatabase, _ buffer: UnsafeMutableRawPointer
    ) -> Bool {
        guard let first = pages.first, let last = pages.last, (try? checkExists(last, attached)) != nil else {
            return false
        }
        // The frames are taken before the file is read: afterwards somebody else could have read, changed, written and
        // dropped a page. No latch is waited for with them.
        var frames: [FrameHandle?] = []
        for page in pages {
            // Nil, and then nothing is read for it, also if somebody else was faster.
            frames.append((try? enter(attached, page, .normal)) ?? nil)
        }
        let byteCount = pages.count * pageSize.byteCount
        let count = try? attached.file.read(
            into: UnsafeMutableRawBufferPointer(start: buffer, count: byteCount), at: pageSize.fileOffset(of: first))
        for (index, page) in pages.enumerated() {
            guard let frame = frames[index] else { continue }
            let bytes = UnsafeMutableRawBufferPointer(
                start: frame.pointer.pointee.bytes, count: pageSize.byteCount)
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(
                    start: buffer + index * pageSize.byteCount, count: pageSize.byteCount))
            if count == byteCount, (try? accept(page, attached, bytes)) != nil {
                counters.reads.add(1, ordering: .relaxed)
                frame.pointer.pointee.latch.release(.exclusive)
            } else {
                drop(frame)
            }
        }
        return count == byteCount
    }
}
