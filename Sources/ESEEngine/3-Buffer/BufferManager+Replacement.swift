// Layer: ESEEngine/3-Buffer. Uses: FramePool. Used by: BufferManager's reads.
// Which page makes room. A clock hand goes over the frames and takes cold ones. A page gets warm when it is used again
// in a later epoch than those around its reading: however often a scan touches a page while it stands there, that
// counts as one use. Pages that were read by an announced scan make room for those that it reads next.
//
// Unsafe: nothing but handles from the pool.

import PlatformIO
import Synchronization

extension BufferManager {
    private static let greatestHeat: UInt32 = 3
    /// A page is used again if that happens so many epochs after it was read.
    private static let settlingEpochs: UInt32 = 2
    private static let epochsPerPool = 16
    /// Frames that scans may have before they take their own again, as a part of all.
    private static let scanShare = 16
    /// How many changed pages are written at once to get a frame, at most.
    private static let batchCount = 32
    /// How often, and for how long each time, a thread waits for a frame.
    private static let waitCount = 300
    private static let waitNanoseconds: UInt64 = 1_000_000

    /// Notes that a page is used; the latch is held.
    @inline(__always)
    func touch(_ frame: FrameHandle, _ hint: AccessHint) {
        let now = epoch.load(ordering: .relaxed)
        if frame.pointer.pointee.touchEpoch.load(ordering: .relaxed) != now, hint == .normal { warm(frame, now) }
    }

    private func warm(_ frame: FrameHandle, _ now: UInt32) {
        let record = frame.pointer
        record.pointee.touchEpoch.store(now, ordering: .relaxed)
        let age = now &- record.pointee.loadEpoch.load(ordering: .relaxed)
        let heat = record.pointee.heat.load(ordering: .relaxed)
        // Two threads may do this at once; then one use counts for both.
        if age >= Self.settlingEpochs, heat < Self.greatestHeat {
            record.pointee.heat.store(heat + 1, ordering: .relaxed)
        }
    }

    /// Counts a page that gets a frame; returns the epoch.
    func countLoad() -> UInt32 {
        let loads = counters.loads.wrappingAdd(1, ordering: .relaxed).newValue
        let stretch = max(1, pool.count.load(ordering: .relaxed) / Self.epochsPerPool)
        if loads % UInt64(stretch) == 0 { return epoch.wrappingAdd(1, ordering: .relaxed).newValue }
        return epoch.load(ordering: .relaxed)
    }

    /// A frame that holds nothing, exclusively latched. Waits for no latch, so it may be called with latches held.
    func takeFrame(_ hint: AccessHint) throws(JetError) -> FrameHandle {
        var waits = 0
        var failure: JetError?
        while true {
            if let frame = pool.takeFree() { return frame }
            if hint == .scan, let frame = evictScanned() { return frame }
            var changed: [PageReference] = []
            // When writing fails only clean pages are looked for.
            if let frame = evictByClock(&changed, mayWrite: failure == nil) { return frame }
            if let failure { throw failure }
            if !changed.isEmpty {
                pressure()
                failure = write(changed, .whatIsFree)
                for page in changed where evict(page) { return page.frame }
                if failure != nil { continue }
            }
            guard waits < Self.waitCount else { throw BufferError.outOfBuffers }
            waits += 1
            clock.sleep(nanoseconds: Self.waitNanoseconds)
        }
    }

    /// Drops the page if nobody has a latch on it and the file has all its changes. If so, its frame is exclusively
    /// latched and empty.
    private func evict(_ page: PageReference) -> Bool {
        let record = page.frame.pointer
        guard record.pointee.latch.identity == page.identity, record.pointee.latch.tryAcquire(.exclusive) else {
            return false
        }
        guard record.pointee.latch.identity == page.identity, record.pointee.isDroppable else {
            record.pointee.latch.release(.exclusive)
            return false
        }
        empty(page.frame)
        if pool.isBeyondLimit(page.frame) {
            pool.giveBack(page.frame)
            return false
        }
        counters.evictions.add(1, ordering: .relaxed)
        return true
    }

    /// A frame of the oldest page that a scan read, if scans have their share.
    private func evictScanned() -> FrameHandle? {
        let share = max(2, pool.count.load(ordering: .relaxed) / Self.scanShare)
        while let page = ringLock.withLock({ ring.popFirst(atLeast: share) }) {
            // A page that others use by now is no longer the scan's.
            if page.frame.pointer.pointee.heat.load(ordering: .relaxed) == 0, evict(page) { return page.frame }
        }
        return nil
    }

    /// A frame of a cold clean page; else, or if there are many before one, cold changed pages that could be written.
    private func evictByClock(_ changed: inout [PageReference], mayWrite: Bool) -> FrameHandle? {
        let count = pool.count.load(ordering: .acquiring)
        guard count > 0 else { return nil }
        let batch = min(max(1, count / 8), Self.batchCount)
        // After so many steps every page has lost all heat and was looked at once more.
        for _ in 0..<count * Int(Self.greatestHeat + 2) {
            let step = counters.hand.wrappingAdd(1, ordering: .relaxed).oldValue
            let frame = pool.frame(UInt32(step % UInt64(count)))
            let record = frame.pointer
            let page = PageReference(identity: record.pointee.latch.identity, frame: frame)
            guard page.identity != 0 else { continue }
            let heat = record.pointee.heat.load(ordering: .relaxed)
            if heat > 0 {
                record.pointee.heat.store(heat - 1, ordering: .relaxed)
            } else if record.pointee.has(Frame.writing) {
                continue
            } else if record.pointee.firstChange.load(ordering: .relaxed) == 0 {
                if evict(page) { return frame }
            } else if mayWrite, !changed.contains(where: { $0.identity == page.identity }) {
                changed.append(page)
                if changed.count == batch { return nil }
            }
        }
        return nil
    }

    /// Empties the frames beyond the limit, as far as they are not latched.
    func trim() throws(JetError) {
        for _ in 0..<Self.waitCount {
            let stuck = pool.trim { frame in
                let record = frame.pointer
                guard record.pointee.latch.tryAcquire(.exclusive) else { return false }
                if record.pointee.latch.identity == 0 { return true }
                guard record.pointee.isDroppable else {
                    record.pointee.latch.release(.exclusive)
                    return false
                }
                empty(frame)
                return true
            }
            guard let stuck else { return }
            let page = PageReference(identity: stuck.pointer.pointee.latch.identity, frame: stuck)
            if page.identity != 0, stuck.pointer.pointee.firstChange.load(ordering: .relaxed) != 0 {
                // Its neighbours are next: write them together.
                if let error = write(changedBeyondLimit(), .whatIsFree) { throw error }
            } else {
                clock.sleep(nanoseconds: Self.waitNanoseconds)
            }
        }
    }

    private func changedBeyondLimit() -> [PageReference] {
        let count = pool.count.load(ordering: .acquiring)
        return (min(pool.frameLimit, count)..<count).compactMap { index in
            let frame = pool.frame(UInt32(index))
            let identity = frame.pointer.pointee.latch.identity
            guard identity != 0, frame.pointer.pointee.firstChange.load(ordering: .relaxed) != 0 else { return nil }
            return PageReference(identity: identity, frame: frame)
        }
    }
}
