// Layer: Jet. Uses: JetInstance, ESEEngine (SessionStore). Used by: the calls that take a session.
// What the C API keeps of a session besides its transactions.

public import ESEEngine

/// A session's work, and the parameters of JetSetSessionParameter. One thread at a time.
public final class JetSession: SessionWork {
    /// The instance it is of.
    let instance: JetInstance
    /// Its transaction, databases and cursors.
    let store: SessionStore
    /// Its open cursors, in the order in which they were opened.
    var cursors: [JetCursor] = []
    /// On whose behalf it works, as it was given; the engine makes no use of it. C name: JET_sesparamOperationContext.
    var operationContext: UInt64 = 0
    /// As it was given; the engine makes no use of it. C name: JET_sesparamCorrelationID.
    var correlationID: UInt32 = 0

    init(instance: JetInstance, store: SessionStore) {
        self.instance = instance
        self.store = store
    }

    /// See `SessionWork`.
    public func begin(level: Int, isReadOnly: Bool) throws(JetError) {
        try store.begin(level: level, isReadOnly: isReadOnly)
    }
    /// See `SessionWork`.
    public func commit(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError) {
        try store.commit(level: level, flags: flags, maximumDelay: maximumDelay)
    }
    /// See `SessionWork`.
    public func rollback(level: Int) throws(JetError) { try store.rollback(level: level) }
    /// See `SessionWork`.
    public func waitForLastCommit() throws(JetError) { try store.waitForLastCommit() }
    /// See `SessionWork`.
    public func waitForAllCommits() throws(JetError) { try store.waitForAllCommits() }
    /// See `SessionWork`.
    public func forceNewLog() throws(JetError) { try store.forceNewLog() }
    /// See `SessionWork`.
    public func closeAll() throws(JetError) { try store.closeAll() }
}
