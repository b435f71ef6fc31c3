// The functions called in this process, where a test can have a store that fails or takes long. The library is the
// process's only one, so one test runs at a time, and each leaves it without instances.

import CJet
import ESE
import ESEEngine
import Foundation
import Jet
import JetABI
import Synchronization
import Testing

/// All suites that use the library of this process.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct InProcessTests {}

/// This machine's files, and a test that is asked before each call of a file.
final class WatchedStorage: StorageSystem {
    /// What is about to be done with a file.
    enum Operation: Sendable { case read, write, sync }

    private let base = FileStorage()
    let ask: @Sendable (Operation) throws(StorageError) -> Void

    init(_ ask: @escaping @Sendable (Operation) throws(StorageError) -> Void) { self.ask = ask }

    func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile {
        WatchedFile(try base.open(path, mode), ask)
    }
    func exists(_ path: String) throws(StorageError) -> Bool { try base.exists(path) }
    func remove(_ path: String) throws(StorageError) { try base.remove(path) }
    func rename(_ path: String, to newPath: String) throws(StorageError) { try base.rename(path, to: newPath) }
    func list(_ directory: String) throws(StorageError) -> [String] { try base.list(directory) }
    func createDirectory(_ path: String) throws(StorageError) { try base.createDirectory(path) }
    func syncDirectory(_ path: String) throws(StorageError) { try base.syncDirectory(path) }
    func fullPath(_ path: String) throws(StorageError) -> String { try base.fullPath(path) }
}

/// A file of a `WatchedStorage`.
final class WatchedFile: StorageFile {
    private let base: any StorageFile
    private let ask: @Sendable (WatchedStorage.Operation) throws(StorageError) -> Void

    init(
        _ base: any StorageFile, _ ask: @escaping @Sendable (WatchedStorage.Operation) throws(StorageError) -> Void
    ) {
        self.base = base
        self.ask = ask
    }

    var path: String { base.path }
    func byteCount() throws(StorageError) -> UInt64 { try base.byteCount() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        try ask(.read)
        return try base.read(into: buffer, at: offset)
    }
    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        try ask(.write)
        try base.write(buffer, at: offset)
    }
    func setByteCount(_ count: UInt64) throws(StorageError) { try base.setByteCount(count) }
    func sync() throws(StorageError) {
        try ask(.sync)
        try base.sync()
    }
    func close() { base.close() }
}

/// An instance, terminated at the end of the object.
final class Running: @unchecked Sendable {
    private(set) var handle: JET_INSTANCE = 0
    private(set) var isOver = false
    let directory: Scratch

    /// - Parameter ask: is asked before each call of a file.
    init(
        _ name: String = "instance", sessions: Int = 16, directory: Scratch? = nil, isInitialised: Bool = true,
        ask: (@Sendable (WatchedStorage.Operation) throws(StorageError) -> Void)? = nil
    ) throws {
        self.directory = try directory ?? Scratch()
        if let ask {
            JetLibrary.shared.use(EngineEnvironment(storage: WatchedStorage(ask), reporter: SilentReporter()))
        }
        defer { JetLibrary.shared.use(EngineEnvironment()) }
        try #require(JetCreateInstance(&handle, name) == JET_errSuccess)
        for parameter in [JET_paramSystemPath, JET_paramLogFilePath, JET_paramTempPath] {
            let result = JetSetSystemParameter(&handle, 0, UInt32(parameter), 0, self.directory.path + "/")
            try #require(result == JET_errSuccess)
        }
        for (parameter, value) in [(JET_paramMaxSessions, sessions), (JET_paramLogFileSize, 64)] {
            let none: JET_PCSTR? = nil
            let result = JetSetSystemParameter(&handle, 0, UInt32(parameter), JET_API_PTR(value), none)
            try #require(result == JET_errSuccess)
        }
        if isInitialised { try #require(initialise() == JET_errSuccess) }
    }

    deinit { if !isOver { _ = JetTerm2(handle, JET_GRBIT(JET_bitTermDirty)) } }

    /// Initialises.
    func initialise() -> JET_ERR { JetInit(&handle) }

    /// Terminates.
    func terminate(_ grbit: Int32 = JET_bitTermAbrupt) -> JET_ERR {
        let result = JetTerm2(handle, JET_GRBIT(grbit))
        isOver = result == JET_errSuccess || result == JET_errDirtyShutdown
        return result
    }

    /// Where it is in its life.
    var phase: InstancePhase? { (try? JetLibrary.shared.engine(handle))?.gate.state.phase }

    /// Begins a session.
    func session() throws -> JET_SESID {
        var session: JET_SESID = 0
        try #require(JetBeginSession(handle, &session, nil, nil) == JET_errSuccess)
        return session
    }

    /// What JetBeginSession returns.
    var beginResult: JET_ERR {
        var session: JET_SESID = 0
        return JetBeginSession(handle, &session, nil, nil)
    }
}

/// What JetDupSession returns.
func duplicateResult(_ session: JET_SESID) -> JET_ERR {
    var copy: JET_SESID = 0
    return JetDupSession(session, &copy)
}

/// A door that a thread waits at until a test opens it; the first one that passes it after it was closed.
final class Door: Sendable {
    private let reached = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)
    private let isClosed = Mutex(false)

    /// Closes it for the next one.
    func close() { isClosed.withLock { $0 = true } }

    /// Waits at the door if it is closed.
    func pass() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = false }
            return isClosed
        }
        guard isFirst else { return }
        reached.signal()
        opened.wait()
    }

    /// Returns when somebody waits at it.
    func waitForSomebody() { reached.wait() }

    /// Lets who waits go on.
    func open() { opened.signal() }
}

/// On or off.
final class Switch: Sendable {
    private let value = Atomic<Bool>(false)
    var isOn: Bool { value.load(ordering: .acquiring) }
    func turn(on: Bool) { value.store(on, ordering: .releasing) }
}

/// Runs something on a thread of its own; `wait` returns its result, and then nothing holds on to `body` any more.
final class Runner: @unchecked Sendable {
    private let group = DispatchGroup()
    private var body: (@Sendable () -> JET_ERR)?
    private var result: JET_ERR = 0

    init(_ body: @escaping @Sendable () -> JET_ERR) {
        self.body = body
        group.enter()
        Thread { [self] in
            run()
            group.leave()
        }.start()
    }

    private func run() {
        result = body?() ?? 0
        body = nil
    }

    func wait() -> JET_ERR {
        group.wait()
        return result
    }
}
