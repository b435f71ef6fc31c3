// Layer: ESEEngine/9-Session. Uses: 5-Tree's Worker, Store. Used by: SessionCore, tables, cursors.
// What a session has below its rules: its transaction, its open databases, and those who must hear of its end.

import ESEFormat

/// Something of a session that follows its transactions: a cursor, a change of the schema that isn't committed.
/// Called on the session's thread.
public protocol SessionMember: AnyObject {
    /// A level is going to be rolled back, `level` and deeper ones: lets go of pages, forgets prepared updates, closes
    /// itself if it was opened in that level. Changes of pages are undone after this.
    func rollback(level: Int)
    /// The changes of a level that was rolled back are undone.
    func undone(level: Int)
    /// A level was committed: what belonged to it belongs to `level - 1` now, and is for good at 0.
    func commit(level: Int)
    /// The session ends: it is at level 0, or everything goes away with the instance.
    func close()
}

extension SessionMember {
    /// Does nothing.
    public func undone(level: Int) {}
}

/// The work of a session. Used by one thread at a time, as its session is. ESE's term: PIB.
public final class SessionStore: SessionWork {
    /// The instance's storage.
    public let store: Store
    /// The session as trees see it.
    public let worker: Worker
    /// The session as tables see it.
    public let tables: TableSession

    private let versions: VersionStore
    private let log: LogStream?
    private var members: [(token: UInt64, member: any SessionMember)] = []
    private var lastToken: UInt64 = 0
    private var databases: [(database: OpenDatabase, count: Int)] = []
    /// Up to where the log must be durable for the session's last commit.
    private var lastCommit = LogPosition.none
    private var isClosed = false

    /// Milliseconds after which a commit is durable that was given no time.
    private static let laziness: UInt32 = 1_000

    init(_ store: Store, _ worker: Worker) {
        self.store = store
        self.worker = worker
        versions = store.versions
        log = store.log
        tables = TableSession(worker, versions: store.versions, log: store.log, trees: store)
    }

    /// How deep its transaction is nested.
    public var level: Int { worker.transaction.level }

    // MARK: Members.

    /// Adds a member, which is held until it is removed.
    /// - Returns: What removes it.
    public func add(_ member: any SessionMember) -> UInt64 {
        lastToken += 1
        members.append((lastToken, member))
        return lastToken
    }

    /// Removes a member; nothing if it is gone. Members may do this while they are called.
    public func remove(_ token: UInt64) {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].token < token { low = middle + 1 } else { high = middle }
        }
        if low < members.count, members[low].token == token { members.remove(at: low) }
    }

    /// Calls all members, the newest first.
    private func tell(_ body: (any SessionMember) -> Void) {
        for (_, member) in members.reversed() { body(member) }
    }

    // MARK: Transactions.

    /// See `SessionWork`. `instanceUnavailable` if it is.
    public func begin(level: Int, isReadOnly: Bool) throws(JetError) {
        if let failure = store.failure { throw failure }
        try worker.begin(versions, readOnly: isReadOnly)
    }

    /// See `SessionWork`. An error at level 1 means that the instance is unavailable: whether the transaction is
    /// committed is known when it was recovered.
    public func commit(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError) {
        try commitWork(level: level, flags: flags, maximumDelay: maximumDelay)
        if !members.isEmpty { tell { $0.commit(level: level) } }
    }

    private func commitWork(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError) {
        let end = try worker.commit(versions, log)
        tables.committed(level: level, at: nil)
        if level == 1 { noteEnd(committed: true) }
        if let end, let log {
            lastCommit = end
            if flags.contains(.lazyFlush) {
                store.flushLater(milliseconds: maximumDelay > 0 ? maximumDelay : Self.laziness)
            } else {
                try log.flush(upTo: end)
            }
            store.noteProgress(log)
        }
    }

    /// Does something at level 0 in a transaction of its own, which members don't hear of: what was prepared before
    /// stays
    /// prepared, cursors stay where they are. After an error nothing was done; if even that fails, `level` is 1
    /// still, and
    /// the instance is to be made unavailable.
    public func alone(_ flags: CommitFlags, _ body: () throws(JetError) -> Void) throws(JetError) {
        try begin(level: 1, isReadOnly: false)
        do throws(JetError) { try body() } catch {
            try worker.rollback(versions, log, store)
            tables.rolledBack(level: 1)
            noteEnd(committed: false)
            throw error
        }
        try commitWork(level: 1, flags: flags, maximumDelay: 0)
    }

    /// The transaction is over: counters that it took to zero are to be looked at, also those of others for which it
    /// was too old.
    @inline(__always)
    private func noteEnd(committed: Bool) {
        if worker.hasZeroes {
            worker.hasZeroes = false
            if committed { store.noteZeroes() }
        }
        if store.hasZeroes { store.scheduleCleaning() }
    }

    /// See `SessionWork`.
    public func rollback(level: Int) throws(JetError) {
        if !members.isEmpty { tell { $0.rollback(level: level) } }
        // After a commit that could not be made durable there is nothing left to undo.
        guard worker.transaction.level >= level else { return }
        try worker.rollback(versions, log, store)
        tables.rolledBack(level: level)
        if level == 1 { noteEnd(committed: false) }
        if !members.isEmpty { tell { $0.undone(level: level) } }
    }

    /// See `SessionWork`.
    public func waitForLastCommit() throws(JetError) { try log?.flush(upTo: lastCommit) }

    /// See `SessionWork`.
    public func waitForAllCommits() throws(JetError) { try log?.flush() }

    /// See `SessionWork`.
    public func forceNewLog() throws(JetError) { try log?.startNewFile() }

    /// See `SessionWork`. Doing it again does nothing.
    public func closeAll() throws(JetError) {
        guard !isClosed else { return }
        isClosed = true
        tell { $0.close() }
        members = []
        for (database, count) in databases {
            for _ in 0..<count { _ = database.close(by: self) }
        }
        databases = []
        store.remove(worker)
    }

    // MARK: Databases.

    /// Whether it has any database open but this one.
    func hasOther(than database: OpenDatabase) -> Bool {
        databases.contains { $0.database !== database && !$0.database.isTemporary }
    }

    /// The database of a number, if the session has it open. C name: JET_DBID.
    public func database(_ number: UInt8) -> OpenDatabase? {
        databases.first { $0.database.slot.rawValue == number }?.database
    }

    /// How often it has a database open.
    public func openCount(of database: OpenDatabase) -> Int {
        databases.first { $0.database === database }?.count ?? 0
    }

    /// Notes that it opened a database.
    func noteOpened(_ database: OpenDatabase) {
        if let index = databases.firstIndex(where: { $0.database === database }) {
            databases[index].count += 1
        } else {
            databases.append((database, 1))
        }
    }

    /// Notes that it closed it once.
    func noteClosed(_ database: OpenDatabase) {
        guard let index = databases.firstIndex(where: { $0.database === database }) else { return }
        databases[index].count -= 1
        if databases[index].count == 0 { databases.remove(at: index) }
    }
}
