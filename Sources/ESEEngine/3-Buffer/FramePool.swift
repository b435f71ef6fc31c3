// Layer: ESEEngine/3-Buffer. Uses: Frame. Used by: BufferManager.
// The frames: their memory, and which of them hold nothing.
//
// Unsafe: a frame's number is always below `count` or was once; records stay where they are until the pool goes, and
// the blocks with the bytes are freed only when all frames in them are retired.

import PlatformIO
import Synchronization

/// All frames of a buffer manager. Frames are numbered from 0; those beyond the limit are given up from the top.
final class FramePool: @unchecked Sendable {
    /// Where the records are: groups of `groupCount`, nil where there are none yet.
    let directory: UnsafeMutablePointer<UnsafeMutablePointer<Frame>?>
    /// How many frames there are.
    let count = Atomic<Int>(0)

    /// Bytes of a frame.
    private let pageByteCount: Int
    private let lock = Lock()
    // All below are the lock's.
    private var limit: Int
    private var recordCount = 0
    private var free: [UInt32] = []
    private var blocks: [Block] = []

    /// Memory for the bytes of neighbouring frames.
    private struct Block {
        var first: Int
        var count: Int
        var bytes: UnsafeMutableRawPointer
    }

    /// Records in a group, as a power of two.
    static let groupShift: UInt32 = 12
    private static let groupCount = 1 << 12
    private static let directoryCount = 4_096
    /// The greatest count of frames: 64 GiB of small pages.
    private static let greatestCount = groupCount * directoryCount
    /// A pool is never smaller: an operation holds several latches.
    private static let leastCount = 4
    /// Bytes that are allocated at once.
    private static let blockByteCount = 1 << 20
    /// What memory for pages is aligned to, so that storage may go round the system's cache.
    static let alignment = 4_096

    /// Makes an empty pool for frames of `pageByteCount` bytes, `byteLimit` bytes in all.
    init(pageByteCount: Int, byteLimit: Int) {
        self.pageByteCount = pageByteCount
        limit = Self.limit(byteLimit, pageByteCount)
        directory = .allocate(capacity: Self.directoryCount)
        directory.initialize(repeating: nil, count: Self.directoryCount)
    }

    deinit {
        for index in 0..<recordCount { frame(UInt32(index)).pointer.deinitialize(count: 1) }
        for group in 0..<Self.directoryCount { directory[group]?.deallocate() }
        directory.deallocate()
        for block in blocks { block.bytes.deallocate() }
    }

    private static func limit(_ byteLimit: Int, _ pageByteCount: Int) -> Int {
        min(max(byteLimit / pageByteCount, leastCount), greatestCount)
    }

    /// How many frames there may be.
    var frameLimit: Int { lock.withLock { limit } }

    /// The frame of a number that was given out.
    @inline(__always)
    func frame(_ index: UInt32) -> FrameHandle { Self.frame(directory, index) }

    /// The same with the directory at hand.
    @inline(__always)
    static func frame(
        _ directory: UnsafeMutablePointer<UnsafeMutablePointer<Frame>?>, _ index: UInt32
    ) -> FrameHandle {
        // A number that was given out has a group.
        FrameHandle(
            pointer: directory[Int(index >> groupShift)].unsafelyUnwrapped + Int(index & (1 << groupShift &- 1)))
    }

    /// A frame that holds nothing, exclusively latched; nil if all are used.
    func takeFree() -> FrameHandle? {
        typealias Taken = (index: UInt32, bytes: UnsafeMutableRawPointer?)
        let taken = lock.withLock { () -> Taken? in
            if let index = free.popLast() { return (index, nil) }
            let index = count.load(ordering: .relaxed)
            guard index < limit else { return nil }
            let bytes = bytesOfNew(index)
            if index == recordCount {
                makeRecord(index, bytes)
            } else {
                _ = frame(UInt32(index)).pointer.pointee.flags.bitwiseAnd(~Frame.retired, ordering: .releasing)
            }
            count.store(index + 1, ordering: .releasing)
            return (UInt32(index), bytes)
        }
        guard let taken else { return nil }
        let handle = frame(taken.index)
        // Somebody with an old hint may have it for a moment; nobody waits for anything with such a latch.
        let isTaken = handle.pointer.pointee.latch.acquire(.exclusive, of: 0)
        precondition(isTaken, "a free frame holds nothing")
        if let bytes = taken.bytes { handle.pointer.pointee.bytes = bytes }
        return handle
    }

    private func bytesOfNew(_ index: Int) -> UnsafeMutableRawPointer {
        if let last = blocks.last, index < last.first + last.count {
            return last.bytes + (index - last.first) * pageByteCount
        }
        let frames = min(max(Self.blockByteCount / pageByteCount, 1), limit - index)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: frames * pageByteCount, alignment: Self.alignment)
        blocks.append(Block(first: index, count: frames, bytes: bytes))
        return bytes
    }

    private func makeRecord(_ index: Int, _ bytes: UnsafeMutableRawPointer) {
        let group = index >> Int(Self.groupShift)
        // Others look into the directory without the lock, at groups that they got a number of.
        let records: UnsafeMutablePointer<Frame>
        if let old = directory[group] {
            records = old
        } else {
            records = .allocate(capacity: Self.groupCount)
            directory[group] = records
        }
        (records + (index & (Self.groupCount - 1))).initialize(to: Frame(index: UInt32(index), bytes: bytes))
        recordCount += 1
    }

    /// Takes back a frame that holds nothing and is exclusively latched.
    func giveBack(_ frame: FrameHandle) {
        lock.withLock {
            if Int(frame.index) < limit {
                free.append(frame.index)
            } else {
                _ = frame.pointer.pointee.flags.bitwiseOr(Frame.retired, ordering: .releasing)
            }
        }
        frame.pointer.pointee.latch.release(.exclusive)
    }

    /// Whether the frame is one too many, which must be given back instead of used again.
    func isBeyondLimit(_ frame: FrameHandle) -> Bool { lock.withLock { Int(frame.index) >= limit } }

    /// Sets how many bytes there may be. More are made when needed; of fewer, see `trim`.
    func setByteLimit(_ byteLimit: Int) { lock.withLock { limit = Self.limit(byteLimit, pageByteCount) } }

    /// Gives up frames beyond the limit from the top until `evict` says no: it must leave the frame empty and
    /// exclusively latched. Returns the first that could not be given up.
    func trim(_ evict: (FrameHandle) -> Bool) -> FrameHandle? {
        lock.withLock {
            for index in free where Int(index) >= limit {
                _ = frame(index).pointer.pointee.flags.bitwiseOr(Frame.retired, ordering: .releasing)
            }
            free.removeAll { Int($0) >= limit }
            var stuck: FrameHandle?
            while stuck == nil, count.load(ordering: .relaxed) > limit {
                let top = frame(UInt32(count.load(ordering: .relaxed) - 1))
                if !top.pointer.pointee.has(Frame.retired) {
                    if evict(top) {
                        _ = top.pointer.pointee.flags.bitwiseOr(Frame.retired, ordering: .releasing)
                        top.pointer.pointee.latch.release(.exclusive)
                    } else {
                        stuck = top
                    }
                }
                if stuck == nil { count.subtract(1, ordering: .releasing) }
            }
            while let last = blocks.last, last.first >= count.load(ordering: .relaxed) {
                last.bytes.deallocate()
                blocks.removeLast()
            }
            return stuck
        }
    }

    /// Bytes that are allocated for pages: after `trim`, up to a block more than the limit.
    var byteCount: Int { lock.withLock { blocks.reduce(0) { $0 + $1.count * pageByteCount } } }
}
