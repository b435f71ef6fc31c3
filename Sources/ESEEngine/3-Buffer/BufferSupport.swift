// Layer: ESEEngine/3-Buffer. Uses: 0-Base. Used by: BufferManager; WriteGate is implemented above.
// What the buffer manager wants from others, and what it tells about itself.

public import ESEFormat
import PlatformIO
import Synchronization

/// Says when a page may be written (rule L2).
public protocol WriteGate: AnyObject, Sendable {
    /// Called before `mayWrite` for each page that is going to be written, whose bytes were copied already: logs what
    /// undoing its open changes takes. Returns where the log must be durable for that; `none` for nothing. As for
    /// `mayWrite`, no pages may be latched.
    func prepare(_ page: PageNumber) throws(JetError) -> LogPosition

    /// Called before `page` is written: returns when the log is durable up to `lastChange`, the end of the record of
    /// the page's last change, and the database's header covers that record's generation. `lastChange` is `none` for a
    /// page that was changed without the log. If several pages are written at once, it is called for the one that was
    /// changed last. No latch is held by the writing of pages itself, but the thread may hold some if it needs a frame:
    /// so it must not latch pages.
    func mayWrite(_ page: PageNumber, lastChange: LogPosition) throws(JetError)
}

extension WriteGate {
    /// Nothing is to be logged.
    public func prepare(_ page: PageNumber) throws(JetError) -> LogPosition { .none }
}

/// The structural check of a page that was read (rule P1): whether the bytes may be used as that page.
public typealias PageCheck = @Sendable (_ bytes: UnsafeRawBufferPointer, _ page: PageNumber) -> Bool

/// How a page is going to be used.
public enum AccessHint: Sendable {
    /// Perhaps again.
    case normal
    /// Once, in passing: the page takes the place of one that was used so before.
    case scan
}

/// Counts since the manager was made, and what is in it now.
public struct BufferStatistics: Hashable, Sendable {
    /// Frames that exist, with or without a page.
    public var frameCount = 0
    /// Bytes allocated for pages.
    public var byteCount = 0
    /// Frames with a page.
    public var pageCount = 0
    /// Pages with changes that are not in their file.
    public var changedPageCount = 0
    /// Pages read from files.
    public var readCount: UInt64 = 0
    /// Pages that were read and not good, or could not be read.
    public var failedReadCount: UInt64 = 0
    /// Pages written.
    public var writtenPageCount: UInt64 = 0
    /// Calls that wrote them.
    public var writeCount: UInt64 = 0
    /// Calls that failed to write.
    public var failedWriteCount: UInt64 = 0
    /// Pages dropped to make room.
    public var evictionCount: UInt64 = 0
}

/// The counters behind `BufferStatistics`; none of them is on the fast path.
final class BufferCounters: Sendable {
    let reads = Atomic<UInt64>(0)
    let failedReads = Atomic<UInt64>(0)
    let writtenPages = Atomic<UInt64>(0)
    let writes = Atomic<UInt64>(0)
    let failedWrites = Atomic<UInt64>(0)
    let evictions = Atomic<UInt64>(0)
    /// Pages loaded; drives the epochs.
    let loads = Atomic<UInt64>(0)
    /// The clock hand: frames looked at.
    let hand = Atomic<UInt64>(0)
}

/// A database that is attached to the manager.
final class BufferedDatabase: Sendable {
    let slot: DatabaseSlot
    let file: any StorageFile
    let gate: any WriteGate
    /// Held to make new parts of the page table.
    let tableLock = Lock()
    /// How many pages the file had when it was asked last.
    let pageCount = Atomic<UInt64>(0)

    init(slot: DatabaseSlot, file: any StorageFile, gate: any WriteGate) {
        self.slot = slot
        self.file = file
        self.gate = gate
    }
}

/// The pages that scans read, oldest first: a scan takes these frames before others.
struct ScanRing {
    private var entries: [PageReference] = []
    private var first = 0

    /// How many there are.
    var count: Int { entries.count - first }

    /// Adds the newest; forgets the oldest beyond `limit`.
    mutating func append(_ page: PageReference, limit: Int) {
        entries.append(page)
        if count > limit { _ = popFirst(atLeast: 1) }
    }

    /// Takes the oldest if there are at least `least`.
    mutating func popFirst(atLeast least: Int) -> PageReference? {
        guard count >= max(least, 1) else { return nil }
        defer {
            first += 1
            if first > 64, first * 2 > entries.count {
                entries.removeFirst(first)
                first = 0
            }
        }
        return entries[first]
    }

}

/// A page and the frame it was seen in, without a latch.
struct PageReference {
    /// The page.
    var identity: UInt64
    /// The frame.
    var frame: FrameHandle

    /// The page's number.
    var page: PageNumber { PageNumber(UInt32(truncatingIfNeeded: identity)) }
    /// The page's database.
    var database: DatabaseSlot { DatabaseSlot(rawValue: UInt8(truncatingIfNeeded: identity >> 32)) }
}

/// Errors of the buffer manager that have no name in the engine.
enum BufferError {
    /// All frames are latched. C name: JET_errOutOfBuffers.
    static let outOfBuffers = JetError(rawValue: -1014)
    /// A page behind the end of its file. C name: JET_errFileIOBeyondEOF.
    static let beyondEndOfFile = JetError(rawValue: -4001)

    /// The number for what the storage said.
    static func error(for error: StorageError) -> JetError {
        switch error.kind {
        case .full: .diskFull
        case .notFound: .fileNotFound
        case .exists: .fileAlreadyExists
        case .locked, .denied: .fileAccessDenied
        case .failed: .diskIO
        }
    }
}
