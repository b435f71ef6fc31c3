// Layer: ESEEngine/9-Session. Uses: SessionOwner, SessionGate. Used by: sessions' calls, instances.
// Transactions of a session as the API has them; what really begins, commits and rolls back comes through a seam.

import Synchronization

/// What a session does with the version store, the log and its cursors. One thread at a time.
public protocol SessionWork: AnyObject {
    /// Begins the outermost transaction or a nested one; `level` is the new one, 1...7.
    func begin(level: Int, isReadOnly: Bool) throws(JetError)
    /// Commits the innermost level, `level`; at level 1 makes it as durable as `flags` say. After an error the level
    /// is still open.
    func commit(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError)
    /// Rolls back the innermost level: cursors opened in it are closed, the others are before the first record, updates
    /// that were prepared in it are dropped, changes are undone. After an error the level is still open.
    func rollback(level: Int) throws(JetError)
    /// Returns when the session's last commit is durable.
    func waitForLastCommit() throws(JetError)
    /// Returns when all commits are durable.
    func waitForAllCommits() throws(JetError)
    /// Starts a new log file and returns when the old one is durable.
    func forceNewLog() throws(JetError)
    /// Closes cursors, temporary tables and databases of the session, which is at level 0 unless the instance is
    /// unavailable or is terminated dirtily.
    func closeAll() throws(JetError)
}

/// Flags of a commit. C name: JET_bitCommit…, JET_bitWait…
public struct CommitFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface.
    public let rawValue: UInt32
    /// Makes flags of the API's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Doesn't wait for the log. C name: JET_bitCommitLazyFlush.
    public static let lazyFlush = CommitFlags(rawValue: 0x1)
    /// Waits for the session's last commit, and does nothing else. C name: JET_bitWaitLastLevel0Commit.
    public static let waitLastLevel0 = CommitFlags(rawValue: 0x2)
    /// Waits for all commits, and does nothing else. C name: JET_bitWaitAllLevel0Commit.
    public static let waitAllLevel0 = CommitFlags(rawValue: 0x8)
    /// Starts a new log file, and does nothing else. C name: JET_bitForceNewLog.
    public static let forceNewLog = CommitFlags(rawValue: 0x10)
    /// All that are known.
    public static let all: CommitFlags = [.lazyFlush, .waitLastLevel0, .waitAllLevel0, .forceNewLog]
}

/// What an instance has to know of a session of any kind.
protocol InstanceSession: AnyObject {
    var number: UInt16 { get }
    /// Ends what is open, without an application's call.
    func closeForTermination()
}

/// A session: levels of transactions, thread rules. Its methods are called inside the session
/// (`HandleTable.enterSession`),
/// and so by one thread at a time. ESE's name: PIB.
public final class SessionCore<Work: SessionWork>: InstanceSession {
    /// The deepest level. C name: the limit behind JET_errTransTooDeep.
    public static var greatestLevel: Int { 7 }

    /// Its number in the log. ESE's name: procid.
    public let number: UInt16
    /// Who does the work.
    public let work: Work
    /// The thread rules.
    public private(set) var owner = SessionOwner()
    /// Flags that every commit gets. C name: JET_paramCommitDefault.
    public var commitDefault: CommitFlags
    /// Commits fail from here until everything is rolled back. ESE's name: FMustRollbackToLevel0.
    public private(set) var mustRollBack = false
    /// The error of a rollback that failed: no transaction begins any more. ESE's name: ErrRollbackFailure.
    public private(set) var rollbackFailure: JetError?
    /// How deep transactions are nested, 0...7.
    public private(set) var level = 0

    private let slot: UnsafeMutablePointer<HandleSlot>
    private let gate: InstanceGate

    init(
        number: UInt16, work: Work, commitDefault: CommitFlags, slot: UnsafeMutablePointer<HandleSlot>,
        gate: InstanceGate
    ) {
        self.number = number
        self.work = work
        self.commitDefault = commitDefault
        self.slot = slot
        self.gate = gate
    }

    private func setLevel(_ level: Int) {
        self.level = level
        // Termination looks at it when nobody is inside.
        slot.pointee.state.store(UInt(level), ordering: .relaxed)
    }

    /// C name: JetSetSessionContext. See `SessionOwner.setContext`.
    public func setContext(_ value: UInt, thread: UInt) throws(JetError) {
        try owner.setContext(value, thread: thread)
    }

    /// C name: JetResetSessionContext. See `SessionOwner.resetContext`.
    public func resetContext(thread: UInt) throws(JetError) { try owner.resetContext(thread: thread) }

    /// Begins a transaction or a nested one. JET_errTransTooDeep, JET_errRollbackError after a rollback failed,
    /// JET_errSessionSharingViolation when it is another thread's. C name: JetBeginTransaction.
    public func begin(isReadOnly: Bool = false, thread: UInt) throws(JetError) {
        guard level < Self.greatestLevel else { throw SessionError.transactionTooDeep }
        if rollbackFailure != nil { throw SessionError.rollbackError }
        if level > 0 { try owner.check(thread: thread) }
        try work.begin(level: level + 1, isReadOnly: isReadOnly)
        if level == 0 { owner.beginTransaction(thread: thread) }
        setLevel(level + 1)
    }

    /// Commits the innermost level, or waits for commits. JET_errInvalidGrbit, JET_errNotInTransaction,
    /// JET_errMustRollback, JET_errSessionSharingViolation, and errors of the work: the level is open still.
    ///
    /// `maximumDelay` are milliseconds after which a lazy commit is durable, 0: no promise. Only for lazy ones.
    /// C name: JetCommitTransaction, JetCommitTransaction2.
    public func commit(_ flags: CommitFlags = [], maximumDelay: UInt32 = 0, thread: UInt) throws(JetError) {
        guard CommitFlags.all.isSuperset(of: flags) else { throw SessionError.invalidGrbit }
        for alone in [CommitFlags.forceNewLog, .waitAllLevel0, .waitLastLevel0] where flags.contains(alone) {
            guard flags == alone else { throw SessionError.invalidGrbit }
            switch alone {
            case .forceNewLog: return try work.forceNewLog()
            case .waitAllLevel0: return try work.waitForAllCommits()
            default: return try work.waitForLastCommit()
            }
        }
        guard level > 0 else { throw SessionError.notInTransaction }
        if mustRollBack { throw SessionError.mustRollback }
        try owner.check(thread: thread)
        let flags = flags.union(commitDefault)
        guard maximumDelay == 0 || flags.contains(.lazyFlush) else { throw SessionError.invalidGrbit }
        try work.commit(level: level, flags: flags, maximumDelay: maximumDelay)
        setLevel(level - 1)
    }

    /// Rolls back the innermost level, or all. JET_errNotInTransaction, JET_errSessionSharingViolation, or what made
    /// the rollback fail: then the instance is unavailable, and the session begins no transaction any more.
    /// C name: JetRollback, JET_bitRollbackAll.
    public func rollback(all: Bool = false, thread: UInt) throws(JetError) {
        guard level > 0 else { throw SessionError.notInTransaction }
        repeat {
            try owner.check(thread: thread)
            // What could not be undone stays so; trying again would undo some of it twice.
            if let rollbackFailure { throw rollbackFailure }
            do {
                try work.rollback(level: level)
            } catch {
                rollbackFailure = error
                gate.makeUnavailable(error == SessionError.unavailableLogDiskFull ? .logDiskFull : .fatalError)
                throw error
            }
            setLevel(level - 1)
        } while all && level > 0
        if level == 0 { mustRollBack = false }
    }

    /// Something that has no versions failed half-way: commits get JET_errMustRollback until level 0.
    /// ESE's name: SetMustRollbackToLevel0.
    public func setMustRollBack() { if level > 0 { mustRollBack = true } }

    /// Makes the session ready to be freed: rolls back and closes everything. JET_errSessionInUse while a context is
    /// set; JET_errSessionSharingViolation if the transaction is another thread's: the session stays usable.
    func prepareEnd(thread: UInt) throws(JetError) {
        try owner.lockForEnd(thread: thread)
        do {
            if level > 0 { try rollback(all: true, thread: thread) }
            try work.closeAll()
        } catch {
            owner.unlockAfterFailedEnd()
            throw error
        }
    }

    func closeForTermination() {
        // The instance is going away; what can't be closed goes with it.
        try? work.closeAll()
    }
}
