// The functions called in this process, where a test can have a store that fails or takes long. The library is the
// process's only one, so one test runs at a time, and each leaves it without instances.

import CJet
import ESEEngine
import Foundation
import Jet
import JetABI
import Testing

/// All suites that use the library of this process.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct InProcessTests {}

/// Calls of one session with a store behind it that does what a test says.
final class TestStore: InstanceStore, @unchecked Sendable {
    let onInitialise: @Sendable ((Bool) -> Void) throws(JetError) -> Void
    let onTerminate: @Sendable () -> Void
    let onBegin: @Sendable () throws(JetError) -> Void
    let onRollback: @Sendable () throws(JetError) -> Void

    init(
        onInitialise: @escaping @Sendable ((Bool) -> Void) throws(JetError) -> Void = { _ in },
        onTerminate: @escaping @Sendable () -> Void = {},
        onBegin: @escaping @Sendable () throws(JetError) -> Void = {},
        onRollback: @escaping @Sendable () throws(JetError) -> Void = {}
    ) {
        self.onInitialise = onInitialise
        self.onTerminate = onTerminate
        self.onBegin = onBegin
        self.onRollback = onRollback
    }

    var isBackupRunning: Bool { false }
    var databasePaths: [String] { ["/data/one.edb", "/data/ö.edb"] }
    func initialise(recovery: (Bool) -> Void) throws(JetError) { try onInitialise(recovery) }
    func stopBackup() {}
    func terminate(_ kind: TerminationKind) throws(JetError) { onTerminate() }
    func setStopped(_ flags: StopFlags, all: Bool) {}
    func makeSession(number: UInt16) throws(JetError) -> any SessionWork { TestWork(store: self) }
}

/// A session of a `TestStore`.
final class TestWork: SessionWork {
    let store: TestStore
    init(store: TestStore) { self.store = store }
    func begin(level: Int, isReadOnly: Bool) throws(JetError) { try store.onBegin() }
    func commit(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError) {}
    func rollback(level: Int) throws(JetError) { try store.onRollback() }
    func waitForLastCommit() throws(JetError) {}
    func waitForAllCommits() throws(JetError) {}
    func forceNewLog() throws(JetError) {}
    func closeAll() throws(JetError) {}
}

/// An instance that is initialised, and terminated at the end of the object.
final class Running: @unchecked Sendable {
    private(set) var handle: JET_INSTANCE = 0
    private(set) var isOver = false
    private let directory: Scratch

    /// - Parameter store: what it stores; nil: what programs get.
    init(
        _ name: String = "instance", sessions: Int = 16, store: (@Sendable () -> TestStore)? = nil,
        isInitialised: Bool = true
    ) throws {
        directory = try Scratch()
        if let store {
            JetLibrary.shared.useStores { _ throws(JetError) in store() }
        }
        defer { JetLibrary.shared.useStores(nil) }
        try #require(JetCreateInstance(&handle, name) == JET_errSuccess)
        for parameter in [JET_paramSystemPath, JET_paramLogFilePath, JET_paramTempPath] {
            let result = JetSetSystemParameter(&handle, 0, UInt32(parameter), 0, directory.path + "/")
            try #require(result == JET_errSuccess)
        }
        let result = JetSetSystemParameter(
            &handle, 0, UInt32(JET_paramMaxSessions), JET_API_PTR(sessions), nil as JET_PCSTR?)
        try #require(result == JET_errSuccess)
        if isInitialised { try #require(JetInit(&handle) == JET_errSuccess) }
    }

    deinit { if !isOver { _ = JetTerm2(handle, JET_GRBIT(JET_bitTermDirty)) } }

    /// Initialises.
    func initialise() -> JET_ERR { JetInit(&handle) }

    /// Terminates.
    func terminate() -> JET_ERR {
        let result = JetTerm(handle)
        isOver = result == JET_errSuccess
        return result
    }

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

/// A door that a thread waits at until a test opens it.
final class Door: Sendable {
    private let reached = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)

    /// Waits at the door.
    func pass() {
        reached.signal()
        opened.wait()
    }

    /// Returns when somebody waits at it.
    func waitForSomebody() { reached.wait() }

    /// Lets who waits go on.
    func open() { opened.signal() }
}

/// Runs something on a thread of its own; `wait` returns its result.
final class Runner: @unchecked Sendable {
    private let group = DispatchGroup()
    private var result: JET_ERR = 0

    init(_ body: @escaping @Sendable () -> JET_ERR) {
        let thread = Thread {
            self.result = body()
            self.group.leave()
        }
        group.enter()
        thread.start()
    }

    func wait() -> JET_ERR {
        group.wait()
        return result
    }
}
