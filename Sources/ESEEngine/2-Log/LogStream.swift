// Layer: ESEEngine/2-Log. Uses: LogRing, PlatformIO (locks). Used by: everything that changes pages.
// The log: records are appended to a buffer and made durable together. Rules L1, L2 and L4 of docs/ese/engine.md.
//
// Two roles. Whoever appends holds `lock` for the time of a copy. Whoever finds nobody writing and needs something
// written becomes the leader: it writes all that is there, without the lock, makes it durable, and releases all who
// waited for that; those who came meanwhile find their next leader among them.

public import ESEFormat
import PlatformIO
import Synchronization

/// The writer of the log. Its calls may come from any thread. ESE's term: LOG, LOG_STREAM.
public final class LogStream: @unchecked Sendable {
    let environment: LogEnvironment
    let storage: any StorageSystem
    let clock: any EngineClock
    let tasks: any TaskRunner
    let reporter: any EngineReporter
    let options: LogOptions
    let names: LogFileNames

    /// Guards `ring` and `control`.
    let lock = Lock()
    /// Says that anything of `control` changed.
    let changed = Condition()
    let ring: UnsafeMutablePointer<LogRing>
    /// The memory of `ring`, for the leader.
    let slots: LogSlots
    let control: UnsafeMutablePointer<Control>
    /// Files and what the leader remembers. The leader's alone.
    let writer: LogWriter
    let checkpointFile = CheckpointFile()

    private let endRaw: Atomic<UInt64>
    private let durableRaw: Atomic<UInt64>
    private let pageBarrierRaw = Atomic<UInt64>(0)

    /// What is under the lock.
    struct Control {
        /// Somebody writes.
        var isLed = false
        /// Threads that wait for free slots.
        var roomWaiterCount = 0
        /// Once something failed: its number. Nothing works any more then.
        var failure: JetError?
        /// Somebody makes, renames or removes files other than the current one.
        var hasFileWork = false
        /// The next file, filled with zeros and durable.
        var prepared: PreparedLog?
        /// What the header of the next file shall say.
        var attachments: [LogAttachment] = []
        /// The last checkpoint that was written.
        var checkpoint = LogPosition.none
        /// The oldest closed file that may be there.
        var oldestGeneration: UInt32 = 1
        /// A reserve was used and not yet made again.
        var isShortOfSpace = false
        /// The current file, for those who ask.
        var current = LogFileState(generation: 0, creationTime: .none)
        /// Nothing is to be begun any more.
        var isClosed = false
        /// Who wants to know of what happens.
        var onEvent: (@Sendable (LogEvent) -> Void)?
    }

    /// Everything is ready: the file is open, its header durable, the ring stands where the next record goes.
    init(_ environment: LogEnvironment, _ options: LogOptions, _ ring: LogRing, _ writer: LogWriter) {
        self.environment = environment
        storage = environment.storage
        clock = environment.clock
        tasks = environment.tasks
        reporter = environment.reporter
        self.options = options
        names = LogFileNames(options)
        self.ring = .allocate(capacity: 1)
        self.ring.initialize(to: ring)
        slots = ring.slots
        control = .allocate(capacity: 1)
        control.initialize(to: Control())
        control.pointee.current = writer.state
        control.pointee.oldestGeneration = writer.state.generation
        self.writer = writer
        endRaw = Atomic(ring.end)
        durableRaw = Atomic(ring.end)
    }

    deinit {
        slots.deallocate()
        ring.deallocate()
        control.deinitialize(count: 1)
        control.deallocate()
    }

    /// Behind the last record. Only ever grows.
    public var endPosition: LogPosition { LogPosition(rawValue: endRaw.load(ordering: .acquiring)) }

    /// All before this is durable. Only ever grows.
    public var flushedPosition: LogPosition { LogPosition(rawValue: durableRaw.load(ordering: .acquiring)) }

    /// Says that no page is to be written before the log is durable up to a position: a page may have changes that
    /// undoing takes nothing for any more, if this record is there. To be called before that is forgotten.
    func holdPages(until end: LogPosition) { pageBarrierRaw.max(end.rawValue, ordering: .releasing) }

    /// Up to where the log must be durable before any page is written.
    var pageBarrier: LogPosition { LogPosition(rawValue: pageBarrierRaw.load(ordering: .acquiring)) }

    /// The file that is being written: its generation and when it was begun. Records may already stand in later
    /// generations, which have no file yet.
    public var currentFile: LogFileState { lock.withLock { control.pointee.current } }

    /// Whether a reserve file had to be used. The caller should let no new changes begin, only finish or undo those
    /// that run.
    public var isShortOfSpace: Bool { lock.withLock { control.pointee.isShortOfSpace } }

    /// What latched the stream; nil while it works.
    public var failure: JetError? { lock.withLock { control.pointee.failure } }

    /// Sets who is told of events, on the threads where they happen, perhaps with the log's lock and latches held:
    /// so it
    /// must not wait for anything nor call the stream.
    public func setEventHandler(_ handler: (@Sendable (LogEvent) -> Void)?) {
        lock.withLock { control.pointee.onEvent = handler }
    }

    /// The databases that the headers of later files name. The list must fit (`LogAttachment.fit`).
    public func setAttachments(_ attachments: [LogAttachment]) {
        precondition(LogAttachment.fit(attachments), "too many attached databases for a log header")
        lock.withLock { control.pointee.attachments = attachments }
    }

    /// Appends a record; it is not durable before `flush`. If the buffer is full this waits for or does some writing.
    /// Throws what latched the stream, and `recordTooGreat` (-517) for more than a log file or the buffer holds; then
    /// nothing was appended. The record must not be empty.
    @inline(__always)
    public func append(_ pieces: LogPieces) throws(JetError) -> LogSpan {
        let ring = ring
        return try lock.withLock { () throws(JetError) -> LogSpan in
            let byteCount = pieces.byteCount
            // The ring's end is closed while the stream is latched: then nothing fits.
            guard let span = ring.pointee.appendWhole(pieces, byteCount: byteCount) else {
                return try appendWithSegments(pieces)
            }
            endRaw.store(span.endRaw, ordering: .releasing)
            return span
        }
    }

    /// Same for a record of one piece.
    @inline(__always)
    public func append(_ bytes: UnsafeRawBufferPointer) throws(JetError) -> LogSpan { try append(LogPieces(bytes)) }

    /// Appends records one behind the other and puts where they stand into `spans`, which has room for as many. Those
    /// of other threads may come between. If this throws, some may have been appended, as if the machine stopped then;
    /// the stream is latched or a record was too great.
    public func append(
        all records: UnsafeBufferPointer<LogPieces>, _ spans: UnsafeMutableBufferPointer<LogSpan>
    ) throws(JetError) {
        precondition(spans.count >= records.count, "room for all positions")
        let ring = ring
        try lock.withLock { () throws(JetError) in
            for index in 0..<records.count {
                let pieces = records[index]
                if let span = ring.pointee.appendWhole(pieces, byteCount: pieces.byteCount) {
                    spans[index] = span
                    endRaw.store(span.endRaw, ordering: .releasing)
                } else {
                    spans[index] = try appendWithSegments(pieces)
                }
            }
        }
    }

    /// The rest of `append`, with the lock held: the record does not fit into the last segment.
    @inline(never)
    private func appendWithSegments(_ pieces: LogPieces) throws(JetError) -> LogSpan {
        let byteCount = pieces.byteCount
        precondition(byteCount > 0, "a record has a type")
        while true {
            if let failure = control.pointee.failure { throw failure }
            guard let placement = ring.pointee.placement(byteCount: byteCount) else { throw LogError.recordTooGreat }
            if ring.pointee.freeCount >= placement.segmentCount {
                let span = ring.pointee.append(pieces, byteCount: byteCount, placement, time: clock.logTime())
                endRaw.store(span.endRaw, ordering: .releasing)
                return span
            }
            if control.pointee.isLed {
                control.pointee.roomWaiterCount += 1
                changed.wait(lock)
                control.pointee.roomWaiterCount -= 1
            } else {
                try lead(.fullSegments)
            }
        }
    }

    /// Returns when everything before `position` is durable: writes it together with all that others appended, or waits
    /// for somebody who does. Positions beyond the end mean the end. Throws what latched the stream.
    public func flush(upTo position: LogPosition) throws(JetError) {
        guard durableRaw.load(ordering: .acquiring) < position.rawValue else { return }
        try lock.withLock { () throws(JetError) in
            let wanted = min(position.rawValue, endRaw.load(ordering: .relaxed))
            while true {
                if durableRaw.load(ordering: .relaxed) >= wanted { return }
                if let failure = control.pointee.failure { throw failure }
                if control.pointee.isLed { changed.wait(lock) } else { try lead(.all) }
            }
        }
    }

    /// Makes everything durable that was appended before the call.
    public func flush() throws(JetError) { try flush(upTo: endPosition) }

    /// Makes everything durable and goes on in a new file. ESE's term: JET_bitForceNewLog.
    public func startNewFile() throws(JetError) {
        try lock.withLock { () throws(JetError) in
            let last = UInt32(truncatingIfNeeded: ring.pointee.entryPosition >> 32)
            while control.pointee.current.generation <= last {
                if let failure = control.pointee.failure { throw failure }
                if control.pointee.isLed { changed.wait(lock) } else { try lead(.newFile(after: last)) }
            }
        }
    }

    /// Waits for file work that runs, closes all files; what is not flushed is lost. Nothing may be called after that.
    public func close() {
        lock.withLock {
            control.pointee.isClosed = true
            while control.pointee.isLed || control.pointee.hasFileWork { changed.wait(lock) }
            control.pointee.failure = control.pointee.failure ?? .instanceUnavailable
            ring.pointee.closeEntry()
            control.pointee.prepared?.file.close()
            control.pointee.prepared = nil
        }
        writer.close()
        checkpointFile.close()
    }

    /// Becomes the leader for one piece of work. Called with the lock held and nobody leading; the lock is free while
    /// the work runs. A failure latches the stream.
    private func lead(_ work: LogWork) throws(JetError) {
        control.pointee.isLed = true
        var failure: JetError?
        lock.unlocked {
            do throws(JetError) {
                try self.work(work)
            } catch {
                failure = error
            }
        }
        control.pointee.isLed = false
        if let failure {
            if control.pointee.failure == nil {
                control.pointee.failure = failure
                // So that the short way of appending finds no room.
                ring.pointee.closeEntry()
                control.pointee.onEvent?(.failed(failure))
            }
            changed.broadcast()
            throw failure
        }
        changed.broadcast()
    }

    /// Says that all before `raw` is durable. The leader's.
    func setDurable(_ raw: UInt64) { durableRaw.store(raw, ordering: .releasing) }
}

/// What happens to a log stream.
public enum LogEvent: Sendable {
    /// It is latched: nothing works any more (rule L4).
    case failed(JetError)
    /// A file is full and the next one was begun.
    case newFile
}

/// What a leader is to do.
enum LogWork {
    /// Write the segments that nothing is added to any more, to make room; nothing needs to become durable.
    case fullSegments
    /// Write everything and make it durable.
    case all
    /// The same, and begin the file after this generation if that wasn't done meanwhile.
    case newFile(after: UInt32)
}

/// A log file and its age.
public struct LogFileState: Hashable, Sendable {
    /// Its number.
    public var generation: UInt32
    /// When it was begun.
    public var creationTime: LogTime
}

/// The seams that a log stream uses.
public struct LogEnvironment: Sendable {
    let storage: any StorageSystem
    let clock: any EngineClock
    let tasks: any TaskRunner
    let reporter: any EngineReporter

    /// Gathers them.
    public init(
        storage: any StorageSystem, clock: any EngineClock, tasks: any TaskRunner, reporter: any EngineReporter
    ) {
        self.storage = storage
        self.clock = clock
        self.tasks = tasks
        self.reporter = reporter
    }
}
