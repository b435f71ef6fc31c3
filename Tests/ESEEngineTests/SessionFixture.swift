// What the tests of sessions share: work that only notes what it was asked for.

import ESEEngine
import PlatformIO

/// Notes calls; fails when told.
final class NotedSessionWork: SessionWork {
    var calls: [String] = []
    var failures: [String: JetError] = [:]

    private func note(_ name: String, _ text: String = "") throws(JetError) {
        calls.append(name + text)
        if let error = failures[name] { throw error }
    }

    func begin(level: Int, isReadOnly: Bool) throws(JetError) {
        try note("begin", " \(level)\(isReadOnly ? " ro" : "")")
    }
    func commit(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError) {
        try note("commit", " \(level) \(flags.rawValue) \(maximumDelay)")
    }
    func rollback(level: Int) throws(JetError) { try note("rollback", " \(level)") }
    func waitForLastCommit() throws(JetError) { try note("waitLast") }
    func waitForAllCommits() throws(JetError) { try note("waitAll") }
    func forceNewLog() throws(JetError) { try note("newLog") }
    func closeAll() throws(JetError) { try note("close") }
}

/// An instance's work: its initialisation and termination call what a test puts there.
final class NotedInstanceWork: InstanceWork {
    struct State {
        var calls: [String] = []
        var isBackupRunning = false
        var failure: JetError?
    }
    let state = Locked(State())
    let duringInit: @Sendable ((Bool) -> Void) -> Void
    let duringTerm: @Sendable () -> Void

    init(
        duringInit: @escaping @Sendable ((Bool) -> Void) -> Void = { _ in },
        duringTerm: @escaping @Sendable () -> Void = {}
    ) {
        self.duringInit = duringInit
        self.duringTerm = duringTerm
    }

    var calls: [String] { state.withLock { $0.calls } }
    var isBackupRunning: Bool { state.withLock { $0.isBackupRunning } }
    private func note(_ text: String) throws(JetError) {
        let failure = state.withLock { state in
            state.calls.append(text)
            return state.failure
        }
        if let failure { throw failure }
    }

    func initialise(recovery: (Bool) -> Void) throws(JetError) {
        duringInit(recovery)
        try note("init")
    }
    func stopBackup() {
        state.withLock {
            $0.calls.append("stopBackup")
            $0.isBackupRunning = false
        }
    }
    func terminate(_ kind: TerminationKind) throws(JetError) {
        duringTerm()
        try note("term \(kind)")
    }
    func setStopped(_ flags: StopFlags, all: Bool) {
        state.withLock { $0.calls.append("stopped \(flags.rawValue)\(all ? " all" : "")") }
    }
}

/// A registry with one instance, and short forms of the API's calls that return JET's numbers.
final class SessionRig: @unchecked Sendable {
    let registry: InstanceRegistry
    let work: NotedInstanceWork
    let instance: EngineInstance

    init(
        _ work: NotedInstanceWork = NotedInstanceWork(), registry: InstanceRegistry = InstanceRegistry(),
        name: String = "one", start: Bool = true
    ) throws {
        self.work = work
        self.registry = registry
        instance = try registry.create(name: name, work: work)
        if start { try instance.initialise() }
    }

    var table: HandleTable { registry.table }

    func begin() throws(JetError) -> UInt { try instance.beginSession { _ in NotedSessionWork() } }

    func core(_ handle: UInt) -> SessionCore<NotedSessionWork> {
        let thread = CallThread(id: 99)
        defer { thread.release() }
        let entry = try! table.enterSession(handle, .endSession, thread)
        defer { table.leave(entry) }
        return entry.session as! SessionCore<NotedSessionWork>
    }

    /// Makes one call with a session.
    func call(
        _ handle: UInt, _ call: SessionCall = .ordinary, _ thread: CallThread,
        _ body: (SessionCore<NotedSessionWork>, SessionEntry) throws(JetError) -> Void = { _, _ in }
    ) -> Int32 {
        number { () throws(JetError) in
            let entry = try table.enterSession(handle, call, thread)
            defer { table.leave(entry) }
            try body(entry.session as! SessionCore<NotedSessionWork>, entry)
        }
    }

    func duplicate(_ handle: UInt, _ thread: CallThread) -> (code: Int32, handle: UInt) {
        var made: UInt = 0
        let code = call(handle, .ordinary, thread) { (_, entry) throws(JetError) in
            made = try EngineInstance.duplicateSession(entry) { _ in NotedSessionWork() }
        }
        return (code, made)
    }

    func end(_ handle: UInt, _ thread: CallThread) -> Int32 {
        number { () throws(JetError) in
            let entry = try table.enterSession(handle, .endSession, thread)
            do throws(JetError) {
                try EngineInstance.endSession(entry, as: SessionCore<NotedSessionWork>.self)
            } catch {
                table.leave(entry)
                throw error
            }
        }
    }

    func terminate(_ flags: TerminationFlags = .abrupt) -> Int32 {
        number { () throws(JetError) in try registry.terminate(instance.gate.handle, flags) }
    }
}

/// JET's number of what a call throws, 0 if nothing.
func number(_ body: () throws(JetError) -> Void) -> Int32 {
    do {
        try body()
        return 0
    } catch { return error.rawValue }
}
