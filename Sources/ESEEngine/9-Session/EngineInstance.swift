// Layer: ESEEngine/9-Session. Uses: InstanceGate, SessionPool, SessionCore. Used by: the registry, the C API.
// An instance's life: initialised, used, stopped, terminated; and the sessions in it.

import PlatformIO
import Synchronization

/// How an instance is terminated, as far as the databases go.
public enum TerminationKind: UInt8, Sendable, CaseIterable {
    /// Versions are cleaned, databases clean. C name: JET_bitTermComplete.
    case complete
    /// Databases clean. C name: JET_bitTermAbrupt.
    case abrupt
    /// Nothing is flushed: databases stay dirty. C name: JET_bitTermDirty, and after the instance became unavailable.
    case dirty
}

/// Flags of JetTerm2. Unknown bits mean nothing.
public struct TerminationFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface.
    public let rawValue: UInt32
    /// Makes flags of the API's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// C name: JET_bitTermComplete.
    public static let complete = TerminationFlags(rawValue: 1)
    /// C name: JET_bitTermAbrupt.
    public static let abrupt = TerminationFlags(rawValue: 2)
    /// C name: JET_bitTermStopBackup.
    public static let stopBackup = TerminationFlags(rawValue: 4)
    /// C name: JET_bitTermDirty.
    public static let dirty = TerminationFlags(rawValue: 8)
}

/// Flags of JetStopServiceInstance2.
public struct StopFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface.
    public let rawValue: UInt32
    /// Makes flags of the API's bits; none: stop everything. C name: JET_bitStopServiceAll.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// C name: JET_bitStopServiceBackgroundUserTasks.
    public static let backgroundTasks = StopFlags(rawValue: 2)
    /// C name: JET_bitStopServiceQuiesceCaches.
    public static let quiesceCaches = StopFlags(rawValue: 4)
    /// C name: JET_bitStopServiceStopAndEmitLog.
    public static let stopAndEmitLog = StopFlags(rawValue: 8)
    /// C name: JET_bitStopServiceResume.
    public static let resume = StopFlags(rawValue: 0x8000_0000)
    static let resumable: StopFlags = [.backgroundTasks, .quiesceCaches]
    static let all: StopFlags = [.backgroundTasks, .quiesceCaches, .stopAndEmitLog, .resume]
}

/// What an instance really does. Called by one thread at a time, except `setStopped`.
public protocol InstanceWork: AnyObject, Sendable {
    /// Opens the log, recovers, makes the temporary database. Calls `recovery(true)` before it replays a log and
    /// `recovery(false)` after. After an error everything is closed.
    func initialise(recovery: (Bool) -> Void) throws(JetError)
    /// Whether a backup runs.
    var isBackupRunning: Bool { get }
    /// Ends the backup that runs, if any.
    func stopBackup()
    /// Flushes and closes, as `kind` says. After an error everything is closed just so.
    func terminate(_ kind: TerminationKind) throws(JetError)
    /// Gives it the gate, to latch when it becomes unavailable. Called once, before everything else.
    func use(_ gate: InstanceGate)
    /// What was stopped now, or goes on again; `all`: everything for good, background work ends and dirty pages are
    /// written.
    func setStopped(_ flags: StopFlags, all: Bool)
}

extension InstanceWork {
    /// Does nothing: for work that never becomes unavailable.
    public func use(_ gate: InstanceGate) {}
}

/// An instance. Safe from any thread. ESE's name: INST.
public final class EngineInstance: @unchecked Sendable {
    /// Its name, which no other instance of the process has.
    public let name: String
    /// Who is let in.
    public let gate: InstanceGate
    private let work: any InstanceWork
    private let lock = Lock()
    // Under the lock.
    private var pool = SessionPool()
    private var sessions: [UInt: UnsafeMutablePointer<HandleSlot>] = [:]
    private var stopped: StopFlags = []

    init(name: String, gate: InstanceGate, work: any InstanceWork) {
        self.name = name
        self.gate = gate
        self.work = work
        work.use(gate)
    }

    /// The numbers of its sessions.
    public var sessionPool: SessionPool { lock.withLock { pool } }

    /// Sets how many sessions there may be. JET_errAlreadyInitialized after initialisation began.
    public func setSessions(limit: Int, quota: SessionPool.Quota) throws(JetError) {
        guard 0...SessionPool.greatestLimit ~= limit else { throw .invalidParameter }
        guard gate.state.phase == .created else { throw SessionError.alreadyInitialized }
        lock.withLock { pool = SessionPool(limit: limit, quota: quota) }
    }

    /// Initialises. JET_errAlreadyInitialized, JET_errInitInProgress …; errors of the work, after which it may be
    /// tried again. C name: JetInit.
    public func initialise() throws(JetError) {
        try start(.initialising) { recovery throws(JetError) in try work.initialise(recovery: recovery) }
    }

    /// Runs a restore, which leaves the instance as it was before. C name: JetRestoreInstance.
    public func restore(_ body: () throws(JetError) -> Void) throws(JetError) {
        try gate.enter(.initialise)
        defer { gate.leave() }
        guard gate.move(from: [.created], to: .restoring) else { throw SessionError.initInProgress }
        defer { _ = gate.move(from: [.restoring], to: .created) }
        try body()
    }

    private func start(
        _ phase: InstancePhase, _ body: ((Bool) -> Void) throws(JetError) -> Void
    ) throws(JetError) {
        try gate.enter(.initialise)
        defer { gate.leave() }
        guard gate.move(from: [.created], to: phase) else { throw SessionError.initInProgress }
        let pool = sessionPool
        do {
            try body { isRecovering in
                pool.setUnlimited(isRecovering)
                _ = gate.move(from: [.initialising, .recovering], to: isRecovering ? .recovering : .initialising)
            }
        } catch {
            pool.setUnlimited(false)
            gate.clearFlags()
            _ = gate.move(from: [.initialising, .recovering], to: .created)
            throw error
        }
        pool.setUnlimited(false)
        gate.table.counts.add(1, ordering: .sequentiallyConsistent)
        _ = gate.move(from: [.initialising, .recovering], to: .running)
    }

    /// Begins a session and returns its handle. Errors of the instance's check, JET_errOutOfSessions,
    /// JET_errOutOfMemory. `makeWork` gets the session's number. C name: JetBeginSession.
    public func beginSession<Work: SessionWork>(
        commitDefault: CommitFlags = [], _ makeWork: (UInt16) throws(JetError) -> Work
    ) throws(JetError) -> UInt {
        try gate.enter(.ordinary)
        defer { gate.leave() }
        return try addSession(commitDefault, makeWork)
    }

    /// Begins a session of the instance that `entry`'s session is of; nothing else of that one counts. As
    /// `beginSession` else. The caller is inside the session, which passed the checks. C name: JetDupSession.
    public static func duplicateSession<Work: SessionWork>(
        _ entry: SessionEntry, commitDefault: CommitFlags = [], _ makeWork: (UInt16) throws(JetError) -> Work
    ) throws(JetError) -> UInt {
        // Termination waits for the caller, and so the instance is there.
        guard let instance = HandleTable.object(HandleTable.owner(entry.slot)) as? EngineInstance else {
            throw SessionError.invalidSesid
        }
        return try instance.addSession(commitDefault, makeWork)
    }

    private func addSession<Work: SessionWork>(
        _ commitDefault: CommitFlags, _ makeWork: (UInt16) throws(JetError) -> Work
    ) throws(JetError) -> UInt {
        let pool = sessionPool
        let number = try pool.take(.application)
        do {
            let work = try makeWork(number)
            let (slot, handle) = try gate.table.reserve(.session, owner: gate.slot)
            let session = SessionCore(
                number: number, work: work, commitDefault: commitDefault, slot: slot, gate: gate)
            lock.withLock { sessions[handle] = slot }
            gate.table.publish(slot, handle, session)
            return handle
        } catch {
            pool.give(number, .application)
            throw error
        }
    }

    /// Ends a session: rolls back, closes what it has open, gives its number back. On success the handle is dead and
    /// the entry used up; on an error the caller is still inside. JET_errSessionInUse, JET_errSessionSharingViolation.
    /// C name: JetEndSession.
    public static func endSession<Work: SessionWork>(
        _ entry: SessionEntry, as type: SessionCore<Work>.Type
    ) throws(JetError) {
        guard !entry.isNested else { throw SessionError.sessionInUse }
        guard let session = entry.session as? SessionCore<Work>,
            let instance = HandleTable.object(HandleTable.owner(entry.slot)) as? EngineInstance
        else { throw SessionError.invalidSesid }
        try session.prepareEnd(thread: entry.thread.id)
        let number = session.number
        let pool = instance.sessionPool
        _ = instance.lock.withLock { instance.sessions.removeValue(forKey: entry.handle) }
        instance.gate.table.leaveAndEnd(entry)
        pool.give(number, .application)
    }

    /// Stops or resumes service. JET_errInvalidGrbit; JET_errClientRequestToStopJetService when what is to go on again
    /// was stopped for good. C name: JetStopServiceInstance, JetStopServiceInstance2.
    public func stopService(_ flags: StopFlags = []) throws(JetError) {
        try gate.enter(.stopService)
        defer { gate.leave() }
        try lock.withLock { () throws(JetError) in
            guard StopFlags.all.isSuperset(of: flags) else { throw SessionError.invalidGrbit }
            if flags.contains(.resume) {
                var what = flags.subtracting(.resume)
                if what.contains(.stopAndEmitLog) { throw SessionError.invalidGrbit }
                if what.isEmpty { what = stopped }
                if what.contains(.stopAndEmitLog) || gate.state.isStopped { throw SessionError.clientRequestToStop }
                stopped.subtract(what)
                work.setStopped(stopped, all: false)
                return
            }
            if flags.contains(.stopAndEmitLog), flags != .stopAndEmitLog { throw SessionError.invalidGrbit }
            stopped.formUnion(flags)
            if flags.isEmpty { gate.stop() }
            work.setStopped(stopped, all: gate.state.isStopped)
        }
    }

    /// Terminates. True: the instance is over, even if the error says something; false: it goes on as before, or
    /// somebody else terminates it.
    ///
    /// Never initialised: nothing to do. Waits until nobody is inside. JET_errBackupInProgress,
    /// JET_errTooManyActiveUsers while a transaction is open; JET_errDirtyShutdown after success with that flag.
    func terminate(_ flags: TerminationFlags) -> (isOver: Bool, error: JetError?) {
        if gate.move(from: [.created], to: .terminated) {
            closeGate()
            return (true, nil)
        }
        if let error = InstanceGate.check(gate.state, .terminate) { return (false, error) }
        guard gate.move(from: [.running], to: .terminating) else { return (false, SessionError.termInProgress) }
        gate.table.counts.add(1 << 32, ordering: .sequentiallyConsistent)
        waitForThoseInside()
        let isUnavailable = gate.state.cause != .none
        let kind: TerminationKind =
            isUnavailable || flags.contains(.dirty) ? .dirty : flags.contains(.abrupt) ? .abrupt : .complete
        if let error = obstacle(flags, kind) {
            gate.table.counts.subtract(1 << 32, ordering: .sequentiallyConsistent)
            _ = gate.move(from: [.terminating], to: .running)
            return (false, error)
        }
        closeSessions()
        var failure: JetError?
        do { try work.terminate(kind) } catch { failure = error }
        if failure == nil && flags.contains(.dirty) { failure = SessionError.dirtyShutdown }
        gate.table.counts.subtract(1 << 32 | 1, ordering: .sequentiallyConsistent)
        _ = gate.move(from: [.terminating], to: .terminated)
        closeGate()
        return (true, failure)
    }

    private func obstacle(_ flags: TerminationFlags, _ kind: TerminationKind) -> JetError? {
        if work.isBackupRunning {
            guard !flags.isDisjoint(with: [.stopBackup, .abrupt]) || kind == .dirty else {
                return SessionError.backupInProgress
            }
            work.stopBackup()
        }
        if kind == .dirty { return nil }
        let isOpen = lock.withLock { sessions.values.contains { $0.pointee.state.load(ordering: .acquiring) > 0 } }
        return isOpen ? SessionError.tooManyActiveUsers : nil
    }

    /// Waits until no call is inside the instance or one of its sessions. The state keeps new ones out.
    private func waitForThoseInside() {
        var turn = 0
        while true {
            let isQuiet =
                gate.insideCount == 0
                && lock.withLock {
                    sessions.allSatisfy { $1.pointee.entry.load(ordering: .sequentiallyConsistent) == $0 }
                }
            if isQuiet { return }
            NapRoom.shared.wait(&turn)
        }
    }

    private func closeSessions() {
        let all = lock.withLock {
            let all = sessions
            sessions = [:]
            return all
        }
        for (handle, slot) in all {
            let session = HandleTable.object(slot) as? any InstanceSession
            session?.closeForTermination()
            let table = gate.table
            table.invalidate(slot)
            // A call that looked before the state changed holds the word for a moment, or takes the session no more.
            var turn = 0
            while !slot.pointee.entry.compareExchange(expected: handle, desired: 0, ordering: .sequentiallyConsistent)
                .exchanged
            {
                NapRoom.shared.wait(&turn)
            }
            if let session { sessionPool.give(session.number, .application) }
            table.recycle(slot, handle)
        }
    }

    /// The handle is dead from here on; waits for those that came in just before.
    private func closeGate() {
        gate.table.invalidate(gate.slot)
        var turn = 0
        while gate.insideCount > 0 { NapRoom.shared.wait(&turn) }
    }
}
