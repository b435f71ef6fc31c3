// Layer: ESE/Interface. Uses: Instance, SessionCore. Used by: programs.
// Sessions: transactions, and the databases that one user has open.
//
// A thread that is in a call of a session, or in a transaction's closure, owns the session until it leaves. Others get
// `sessionSharingViolation` meanwhile. That is what makes the memory behind a session safe.
// Unsafe: `inside` is there from init to deinit, and only the thread that owns the session looks at it.

public import ESEEngine
import PlatformIO
import Synchronization

/// Which thread is in a session: its number, 0: none.
final class SessionOwnerWord: Sendable {
    let thread = Atomic<UInt>(0)
}

/// When a commit is durable.
public enum Durability: Hashable, Sendable {
    /// When `transaction` returns. The log's write is shared with other sessions that commit at the time.
    case durable
    /// Some milliseconds later, 0: about a second. A crash before loses the transaction, but never a part of it.
    /// C name: JET_bitCommitLazyFlush.
    case lazy(milliseconds: UInt32 = 0)
}

/// A session: one user's transactions and cursors. Any thread may use it, one at a time; another one gets
/// `sessionSharingViolation`. C name: JET_SESID.
///
/// A session that is not ended ends when the last reference goes.
public final class Session: @unchecked Sendable {
    /// The instance.
    public let instance: Instance
    /// The engine's session, for what has no place in this API. To be used inside `access` only.
    public let engine: SessionStore

    private let handle: UInt
    private let core: SessionCore<SessionStore>
    private let thread: CallThread
    private let owner = SessionOwnerWord()
    /// What only the owner touches.
    private let inside: UnsafeMutablePointer<Inside>

    private struct Inside {
        /// How many calls of the owner are inside each other.
        var depth = 0
        /// The engine's proof of that.
        var entry: SessionEntry?
    }

    /// The engine's number of the one "thread" that a session has; `owner` knows the real ones.
    private static let threadNumber: UInt = 1

    init(_ instance: Instance) throws(JetError) {
        let handle = try instance.engine.beginSession { (number) throws(JetError) in
            try instance.store.makeSession(number: number)
        }
        let thread = CallThread(id: Self.threadNumber)
        let entry: SessionEntry
        do throws(JetError) {
            entry = try Instance.registry.table.enterSession(handle, .ordinary, thread)
        } catch {
            thread.release()
            throw error
        }
        defer { Instance.registry.table.leave(entry) }
        guard let core = entry.session as? SessionCore<SessionStore> else { throw .invalidSesid }
        self.instance = instance
        self.handle = handle
        self.core = core
        self.thread = thread
        engine = core.work
        inside = .allocate(capacity: 1)
        inside.initialize(to: Inside())
        let owner = owner
        instance.owners.withLock { $0[handle] = owner }
    }

    deinit {
        try? end()
        let handle = handle
        _ = instance.owners.withLock { $0.removeValue(forKey: handle) }
        inside.deinitialize(count: 1)
        inside.deallocate()
        thread.release()
    }

    // MARK: Who is inside.

    /// Does something while the calling thread owns the session. Calls of this API do it themselves; for those of the
    /// engine's that `engine` offers.
    /// - Throws: `sessionSharingViolation` if another thread owns it; `invalidSesid` after its end; `termInProgress`
    ///   while the instance closes; `instanceUnavailable`; what `body` throws.
    @inline(__always)
    public func access<Result>(_ body: () throws(JetError) -> Result) throws(JetError) -> Result {
        try enter(.ordinary)
        defer { leave() }
        return try body()
    }

    @inline(__always)
    private func enter(_ call: SessionCall) throws(JetError) {
        let thread = Thread.currentID
        if owner.thread.load(ordering: .relaxed) == thread {
            inside.pointee.depth &+= 1
            return
        }
        try enterFirst(call, thread)
    }

    @inline(never)
    private func enterFirst(_ call: SessionCall, _ thread: UInt) throws(JetError) {
        guard owner.thread.compareExchange(expected: 0, desired: thread, ordering: .acquiring).exchanged else {
            throw .sessionSharingViolation
        }
        do throws(JetError) {
            inside.pointee.entry = try Instance.registry.table.enterSession(handle, call, self.thread)
            inside.pointee.depth = 1
        } catch {
            owner.thread.store(0, ordering: .releasing)
            throw error
        }
    }

    @inline(__always)
    private func leave() {
        inside.pointee.depth &-= 1
        if inside.pointee.depth == 0 { leaveLast() }
    }

    @inline(never)
    private func leaveLast() {
        if let entry = inside.pointee.entry { Instance.registry.table.leave(entry) }
        inside.pointee.entry = nil
        owner.thread.store(0, ordering: .releasing)
    }

    /// Ends the session and closes what it has open. Ending it again does nothing. C name: JetEndSession.
    /// - Throws: `sessionInUse` inside of a transaction; `sessionSharingViolation`; `termInProgress`.
    public func end() throws(JetError) {
        do throws(JetError) {
            try enter(.endSession)
        } catch {
            if error == .invalidSesid { return }
            throw error
        }
        if inside.pointee.depth > 1 {
            leave()
            throw .sessionInUse
        }
        guard let entry = inside.pointee.entry else { return leave() }
        do throws(JetError) {
            try EngineInstance.endSession(entry, as: SessionCore<SessionStore>.self)
        } catch {
            leave()
            throw error
        }
        // The entry is used up.
        inside.pointee.entry = nil
        leave()
    }

    /// Begins another session of the same instance. C name: JetDupSession.
    public func duplicate() throws(JetError) -> Session { try instance.makeSession() }

    // MARK: Transactions.

    /// - Throws: `notInTransaction`; `transReadOnly` in one that is only to read.
    @inline(__always)
    func checkMayChange() throws(JetError) {
        let transaction = engine.worker.transaction
        guard transaction.level > 0 else { throw .notInTransaction }
        if transaction.isReadOnly { throw .transReadOnly }
    }

    /// Does something that changes a schema, in a transaction of its own or in the one that is open.
    func define(_ database: OpenDatabase?, _ body: () throws(JetError) -> Void) throws(JetError) {
        try transaction { () throws(JetError) in
            try checkMayChange()
            guard let database else { throw .invalidDatabaseId }
            if database.isReadOnly { throw .databaseFileReadOnly }
            try body()
        }
    }

    /// How deep transactions are nested now, 0...7.
    public var level: Int { get throws(JetError) { try access { () throws(JetError) in core.level } } }

    /// Runs `body` in a transaction: commits if it returns, rolls back if it throws. Transactions may be nested, seven
    /// deep; the outermost one decides. C names: JetBeginTransaction3, JetCommitTransaction2, JetRollback.
    ///
    /// Within it the session sees the database as it was at the transaction's begin, and its own changes.
    /// - Parameters:
    ///   - durability: When the changes are durable. Means nothing for nested ones.
    ///   - isReadOnly: Changes are refused, with `transReadOnly`. Means nothing for nested ones.
    /// - Throws: What `body` throws, after the rollback. `transTooDeep`; `sessionSharingViolation` and the other errors
    ///   of `access`; errors of writing the log, after which the instance is unavailable; those of rollback.
    @discardableResult
    public func transaction<Result>(
        _ durability: Durability = .durable, isReadOnly: Bool = false, _ body: () throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try enter(.ordinary)
        defer { leave() }
        try begin(isReadOnly)
        let result: Result
        do throws(JetError) {
            result = try body()
        } catch {
            try core.rollback(thread: Self.threadNumber)
            throw error
        }
        try commit(durability)
        return result
    }

    /// The same for a body that throws errors of its own.
    @_disfavoredOverload
    @discardableResult
    public func transaction<Result>(
        _ durability: Durability = .durable, isReadOnly: Bool = false, _ body: () throws -> Result
    ) throws -> Result {
        try enter(.ordinary)
        defer { leave() }
        try begin(isReadOnly)
        let result: Result
        do {
            result = try body()
        } catch {
            try core.rollback(thread: Self.threadNumber)
            throw error
        }
        try commit(durability)
        return result
    }

    private func begin(_ isReadOnly: Bool) throws(JetError) {
        try core.begin(isReadOnly: isReadOnly, thread: Self.threadNumber)
    }

    /// Commits, or rolls back if that fails.
    private func commit(_ durability: Durability) throws(JetError) {
        do throws(JetError) {
            switch durability {
            case .durable: try core.commit(thread: Self.threadNumber)
            case .lazy(let milliseconds):
                try core.commit(.lazyFlush, maximumDelay: milliseconds, thread: Self.threadNumber)
            }
        } catch {
            try? core.rollback(thread: Self.threadNumber)
            throw error
        }
    }

    /// Returns when the session's last commit is durable. C name: JET_bitWaitLastLevel0Commit.
    public func waitForLastCommit() throws(JetError) {
        try access { () throws(JetError) in try core.commit(.waitLastLevel0, thread: Self.threadNumber) }
    }
}
