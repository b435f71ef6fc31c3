// Layer: ESEEngine/3-Buffer. Uses: PageLatch. Used by: FramePool, BufferManager; the trees hold `LatchedPage`.
// One place for a page in memory, and the small values that stand for it.
//
// Unsafe: frames' records are never freed before their pool. Their bytes are read and written by holders of the latch
// only, who have checked the identity, and are freed only while the frame holds nothing.

public import ESEFormat
import Synchronization

/// A database whose pages are in the pool: a small number, from 1. ESE's terms: IFMP, dbid.
public struct DatabaseSlot: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt8

    /// Makes a slot of a number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// What a frame holds: the database's slot and the page's number in one word; 0 is nothing.
@inline(__always)
func pageIdentity(_ database: DatabaseSlot, _ page: PageNumber) -> UInt64 {
    UInt64(database.rawValue) << 32 | UInt64(page.rawValue)
}

/// The record of a frame: 64 bytes. ESE's term: BF.
struct Frame: ~Copyable {
    /// The latch, and what the frame holds.
    let latch: PageLatch
    /// The page's bytes. Changed only under the exclusive latch while the frame holds nothing.
    var bytes: UnsafeMutableRawPointer
    /// Where the log record of the first change starts that is not in the file; 0: clean; `unlogged`: changed without
    /// a record. From 0 to another value only under the exclusive latch, back only under a writer's latch and the
    /// manager's write lock. ESE's term: lgposOldestBegin0.
    let firstChange = Atomic<UInt64>(0)
    /// Where the log record of the last change ends. Set under the exclusive latch. ESE's term: lgposModify.
    let lastChange = Atomic<UInt64>(0)
    /// The first change of the bytes that are being written just now, while the flag `writing` is set.
    let writtenChange = Atomic<UInt64>(0)
    /// The epoch in which the page was touched last.
    let touchEpoch = Atomic<UInt32>(0)
    /// The epoch in which the page was read.
    let loadEpoch = Atomic<UInt32>(0)
    /// In how many epochs, long enough after it was read, it was touched; less what the clock hand took away; 0...3.
    let heat = Atomic<UInt32>(0)
    /// `writing`, `new`, `retired`.
    let flags = Atomic<UInt32>(0)

    /// The page is being written: it must stay, and nobody else may write it.
    static let writing: UInt32 = 1
    /// The page was made by `latchNew` and has not been changed: nothing to be kept.
    static let new: UInt32 = 2
    /// The frame has no bytes.
    static let retired: UInt32 = 4
    /// The first change of a page whose changes are not logged.
    static let unlogged = UInt64.max

    init(index: UInt32, bytes: UnsafeMutableRawPointer) {
        latch = PageLatch(index: index)
        self.bytes = bytes
    }

    /// Whether a flag is set.
    @inline(__always)
    func has(_ flag: UInt32) -> Bool { flags.load(ordering: .acquiring) & flag != 0 }

    /// Whether the page may be dropped: the file has it, and no write is under way. The exclusive latch is held.
    var isDroppable: Bool {
        // In this order: a write that failed restores the change before it clears the flag.
        !has(Self.writing) && firstChange.load(ordering: .acquiring) == 0
    }

    /// Makes the first change no later than `position`; never 0.
    func lowerFirstChange(to position: UInt64) {
        var value = firstChange.load(ordering: .relaxed)
        while value == 0 || value > position {
            let result = firstChange.compareExchange(
                expected: value, desired: position, successOrdering: .acquiringAndReleasing,
                failureOrdering: .relaxed)
            if result.exchanged { return }
            value = result.original
        }
    }
}

/// A pointer to a frame's record.
struct FrameHandle {
    /// The record.
    let pointer: UnsafeMutablePointer<Frame>

    /// The frame's number.
    @inline(__always)
    var index: UInt32 { pointer.pointee.latch.index }
}

/// A page with a latch on it. As long as it is latched the page stays where it is. A small trivial value: whoever lets
/// go of the latch through one copy must forget the others.
public struct LatchedPage {
    /// The page's bytes. Only an exclusive latch allows to change them.
    public let bytes: UnsafeMutableRawPointer
    /// The frame.
    let frame: FrameHandle
    /// How it is latched.
    public internal(set) var mode: LatchMode

    /// Wraps a frame whose latch is held.
    @inline(__always)
    init(_ frame: FrameHandle, _ mode: LatchMode) {
        self.frame = frame
        bytes = frame.pointer.pointee.bytes
        self.mode = mode
    }

    /// The page's number.
    public var number: PageNumber {
        PageNumber(UInt32(truncatingIfNeeded: frame.pointer.pointee.latch.identity))
    }

    /// The page's database.
    public var database: DatabaseSlot {
        DatabaseSlot(rawValue: UInt8(truncatingIfNeeded: frame.pointer.pointee.latch.identity >> 32))
    }

    /// Whether the page has changes that the file has not. Certain under an exclusive latch.
    public var isChanged: Bool { frame.pointer.pointee.firstChange.load(ordering: .relaxed) != 0 }

    /// What a cursor remembers to find the page again quickly.
    public var hint: FrameHint { FrameHint(frame: frame, identity: frame.pointer.pointee.latch.identity) }

    /// From write intent to exclusive: waits for the readers to leave.
    public mutating func upgrade() {
        precondition(mode == .writeIntent, "an upgrade from write intent")
        frame.pointer.pointee.latch.upgrade()
        mode = .exclusive
    }

    /// To a stronger mode if nobody is in the way; else false, and the latch is as it was.
    public mutating func tryUpgrade(to new: LatchMode) -> Bool {
        guard frame.pointer.pointee.latch.tryUpgrade(from: mode, to: new) else { return false }
        mode = new
        return true
    }

    /// To a weaker mode. Never waits. A page of `latchNew` must have been changed before.
    public mutating func downgrade(to new: LatchMode) {
        precondition(!frame.pointer.pointee.has(Frame.new), "a new page that was changed")
        frame.pointer.pointee.latch.downgrade(from: mode, to: new)
        mode = new
    }
}

/// Where a page was last time: for `BufferManager.latchAgain`. Good for as long as its manager lives.
public struct FrameHint {
    /// The frame, nil for none.
    let frame: FrameHandle?
    /// What the frame held.
    let identity: UInt64

    init(frame: FrameHandle, identity: UInt64) {
        self.frame = frame
        self.identity = identity
    }

    /// A hint that never finds anything.
    public init() {
        frame = nil
        identity = 0
    }
}
