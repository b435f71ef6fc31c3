// Layer: ESEEngine/9-Session. Uses: SessionErrors. Used by: sessions.
// Which thread a transaction belongs to. Threads come as numbers, so that tests need no threads.

/// Thread rules of a session. ESE's names: dwSessionContext, dwTrxContext.
///
/// Any thread may use a session outside a transaction. A transaction belongs to the thread that began it, or, if a
/// context was set before, to the thread that has set the same context last.
public struct SessionOwner: Hashable, Sendable {
    /// A context that means none.
    public static let noContext: UInt = 0
    /// A context that locks the session, which is about to end. ESE's name: dwPIBSessionContextUnusable.
    public static let unusableContext: UInt = .max

    private var context: UInt = 0
    private var contextThread: UInt = 0
    private var transactionContext: UInt = 0
    private var usesContext = false

    /// The rules of a new session.
    public init() {}

    /// The context that is set, or 0.
    public var sessionContext: UInt { context }

    /// Sets a context. JET_errInvalidParameter for a reserved value, JET_errSessionContextAlreadySet.
    /// C name: JetSetSessionContext.
    public mutating func setContext(_ value: UInt, thread: UInt) throws(JetError) {
        guard value != Self.noContext, value != Self.unusableContext else { throw .invalidParameter }
        guard context == Self.noContext else { throw SessionError.contextAlreadySet }
        context = value
        contextThread = thread
    }

    /// Takes the context away. JET_errSessionContextNotSetByThisThread. C name: JetResetSessionContext.
    public mutating func resetContext(thread: UInt) throws(JetError) {
        guard context != Self.noContext, contextThread == thread else { throw SessionError.contextNotSetByThisThread }
        context = Self.noContext
        contextThread = 0
    }

    /// Records who begins the outermost transaction.
    @inline(__always)
    public mutating func beginTransaction(thread: UInt) {
        usesContext = context != Self.noContext
        transactionContext = usesContext ? context : thread
    }

    /// Whether the thread may nest, commit or roll back. JET_errSessionSharingViolation.
    @inline(__always)
    public func check(thread: UInt) throws(JetError) {
        let mayGoOn =
            usesContext ? transactionContext == context && contextThread == thread : transactionContext == thread
        guard mayGoOn else { throw SessionError.sessionSharing }
    }

    /// Locks the session for its end. JET_errSessionInUse while a context is set.
    public mutating func lockForEnd(thread: UInt) throws(JetError) {
        guard context == Self.noContext else { throw SessionError.sessionInUse }
        context = Self.unusableContext
        contextThread = thread
        // The transaction of a context that was reset goes with the session, whoever ends it.
        if usesContext { transactionContext = context }
    }

    /// Opens it again, because the end failed. A transaction that anybody could have gone on with is the caller's now.
    public mutating func unlockAfterFailedEnd() {
        context = Self.noContext
        contextThread = 0
    }
}
