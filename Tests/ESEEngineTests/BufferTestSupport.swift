// What tests of the buffer manager share: a file in memory that fails when told, a gate that writes down what it is
// asked, and pages with counters.

import ESEFormat
import PlatformIO
import Primitives
import Synchronization

@testable import ESEEngine

/// A file in memory.
final class MemoryFile: StorageFile, @unchecked Sendable {
    struct Write: Equatable {
        var offset: UInt64
        var byteCount: Int
    }

    let path = "memory.edb"
    private let lock = Lock()
    private var bytes: [UInt8]
    private var log: [Write] = []
    private var readCalls = 0
    private var syncCalls = 0
    private var watcher: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    private var fault: (@Sendable (_ isWrite: Bool, _ offset: UInt64) -> StorageError?)?

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    var contents: [UInt8] { lock.withLock { bytes } }
    var writes: [Write] { lock.withLock { log } }
    var readCount: Int { lock.withLock { readCalls } }
    var syncCount: Int { lock.withLock { syncCalls } }

    /// From now on the function sees what is written, before it is.
    func watching(_ watcher: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
        lock.withLock { self.watcher = watcher }
    }

    /// From now on calls fail as the function says.
    func failing(_ fault: (@Sendable (_ isWrite: Bool, _ offset: UInt64) -> StorageError?)?) {
        lock.withLock { self.fault = fault }
    }

    func edit(_ body: (inout [UInt8]) -> Void) { lock.withLock { body(&bytes) } }

    func byteCount() -> UInt64 { lock.withLock { UInt64(bytes.count) } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        let fault = lock.withLock { self.fault }
        if let error = fault?(false, offset) { throw error }
        return lock.withLock {
            readCalls += 1
            let start = min(Int(offset), bytes.count)
            let count = min(buffer.count, bytes.count - start)
            bytes.withUnsafeBytes { source in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
            }
            return count
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        let fault = lock.withLock { self.fault }
        lock.withLock { watcher }?(buffer)
        if let error = fault?(true, offset) { throw error }
        lock.withLock {
            log.append(Write(offset: offset, byteCount: buffer.count))
            let end = Int(offset) + buffer.count
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[Int(offset)..<end]).copyMemory(from: buffer)
            }
        }
    }

    func setByteCount(_ count: UInt64) {
        lock.withLock {
            bytes = Array(bytes.prefix(Int(count)))
            bytes += [UInt8](repeating: 0, count: Int(count) - bytes.count)
        }
    }

    func sync() { lock.withLock { syncCalls += 1 } }
    func close() {}
}

/// A gate that says yes and remembers, or does what a test wants.
final class RecordingGate: WriteGate, @unchecked Sendable {
    private let lock = Lock()
    private var log: [(page: PageNumber, lastChange: LogPosition)] = []
    private var action: (@Sendable (PageNumber, LogPosition) -> JetError?)?

    var calls: [(page: PageNumber, lastChange: LogPosition)] { lock.withLock { log } }

    /// Done with each call; an error is a no.
    func doing(_ action: (@Sendable (PageNumber, LogPosition) -> JetError?)?) { lock.withLock { self.action = action } }

    func mayWrite(_ page: PageNumber, lastChange: LogPosition) throws(JetError) {
        let action = lock.withLock {
            log.append((page, lastChange))
            return self.action
        }
        if let error = action?(page, lastChange) { throw error }
    }
}

/// Keeps what is reported.
final class RecordingReporter: EngineReporter, @unchecked Sendable {
    private let lock = Lock()
    private var log: [(ReportLevel, String)] = []

    var lines: [(level: ReportLevel, text: String)] { lock.withLock { log } }
    func report(_ level: ReportLevel, _ text: String) { lock.withLock { log.append((level, text)) } }
}

/// A clock whose time passes only by sleeping, which takes a moment of real time so that others get on.
final class NappingClock: EngineClock {
    private let time = Atomic<UInt64>(0)

    func logTime() -> LogTime { LogTime(rawValue: 0) }
    func nanoseconds() -> UInt64 { time.load(ordering: .relaxed) }
    func random() -> UInt64 { 4 }
    func sleep(nanoseconds: UInt64) {
        time.add(nanoseconds, ordering: .relaxed)
        SystemClock.sleep(Interval(nanoseconds: 1_000))
    }
}

/// Pages that hold a counter, at their beginning (behind a header) and at their end.
enum CounterPage {
    static let headOffset = 96

    static func image(_ value: UInt64, _ number: PageNumber, _ size: PageSize) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size.byteCount)
        bytes.withUnsafeMutableBytes { store(value, in: $0) }
        bytes[17] = 7
        try? PageChecksum.seal(&bytes, number: number, size: size)
        return bytes
    }

    static func file(_ count: Int, _ size: PageSize) -> MemoryFile {
        var bytes = [UInt8](repeating: 0, count: 2 * size.byteCount)
        for page in 1...count { bytes += image(UInt64(page) << 32, PageNumber(UInt32(page)), size) }
        return MemoryFile(bytes)
    }

    static func store(_ value: UInt64, in bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: value, toByteOffset: headOffset, as: UInt64.self)
        bytes.storeBytes(of: value, toByteOffset: bytes.count - 8, as: UInt64.self)
    }

    /// The value; nil if the two copies differ.
    static func load(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        let head = bytes.load(fromByteOffset: headOffset, as: UInt64.self)
        return head == bytes.load(fromByteOffset: bytes.count - 8, as: UInt64.self) ? head : nil
    }
}

/// A manager with one file of counter pages.
struct BufferRig: @unchecked Sendable {
    let size: PageSize
    let file: MemoryFile
    let gate = RecordingGate()
    let reporter = RecordingReporter()
    let manager: BufferManager
    let database: DatabaseSlot

    init(
        pages: Int = 32, frames: Int = 8, size: PageSize = .kibibytes4,
        check: @escaping PageCheck = { bytes, _ in CounterPage.load(bytes) != nil }
    ) throws {
        self.size = size
        file = CounterPage.file(pages, size)
        manager = BufferManager(
            pageSize: size, byteLimit: frames * size.byteCount, reporter: reporter, clock: NappingClock(), check: check)
        database = try manager.attach(file, gate: gate)
    }

    func latch(_ page: UInt32, _ mode: LatchMode, hint: AccessHint = .normal) throws(JetError) -> LatchedPage {
        try manager.latch(database, PageNumber(page), mode, hint: hint)
    }

    func isCached(_ page: UInt32) -> Bool { manager.isCached(database, PageNumber(page)) }

    func value(_ page: LatchedPage) -> UInt64? {
        CounterPage.load(UnsafeRawBufferPointer(start: page.bytes, count: size.byteCount))
    }

    func set(_ value: UInt64, _ page: LatchedPage, at position: UInt32, to end: UInt32? = nil) {
        CounterPage.store(value, in: UnsafeMutableRawBufferPointer(start: page.bytes, count: size.byteCount))
        manager.changed(page, from: .at(position), to: .at(end ?? position + 1))
    }

    /// Latches a page, sets its value as of a log position, and lets go.
    func write(_ value: UInt64, to number: UInt32, at position: UInt32) throws(JetError) {
        let page = try latch(number, .exclusive)
        set(value, page, at: position)
        manager.unlatch(page)
    }

    /// Latches a page for a moment and gives its value.
    @discardableResult
    func read(_ number: UInt32, hint: AccessHint = .normal) throws(JetError) -> UInt64? {
        let page = try latch(number, .shared, hint: hint)
        defer { manager.unlatch(page) }
        return value(page)
    }

    /// The value of a page in the file; nil if the page is not good.
    func stored(_ number: UInt32) -> UInt64? {
        let start = Int(size.fileOffset(of: PageNumber(number)))
        let contents = file.contents
        guard contents.count >= start + size.byteCount else { return nil }
        let bytes = Array(contents[start..<start + size.byteCount])
        guard PageChecksum.verify(bytes.span.bytes, number: PageNumber(number), size: size) == .valid else {
            return nil
        }
        return bytes.withUnsafeBytes { CounterPage.load($0) }
    }
}

extension LogPosition {
    /// A position for tests, in generation 1.
    static func at(_ value: UInt32) -> LogPosition { LogPosition(rawValue: 1 << 32 | UInt64(value)) }
}

/// Runs `body` on several threads, which get numbers from 0, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
    let threads = try (0..<count).map { number in
        try PlatformIO.Thread.start(name: "test\(number)") { body(number) }
    }
    for thread in threads { thread.join() }
}
