// Layer: Jet. Uses: JetLibrary, JetThreads, ESEEngine (SessionGate, SessionCore). Used by: JetABI.
// Sessions and their transactions.
//
// `unsafeDowncast` is safe: all sessions in this library's table were made by `beginSession` or `duplicateSession`
// below, so they are of this class, and `enterSession` finds sessions only.

public import ESEEngine
import PlatformIO

/// A session of the C API.
public typealias JetSessionCore = SessionCore<JetSession>

/// A call that takes a session, while it is inside.
struct JetCall {
    let session: JetSessionCore
    /// The proof that the thread is inside; cursors are looked up with it.
    let entry: SessionEntry
    let thread: CallThread
}

extension JetLibrary {
    /// Runs `body` inside a session. Errors of `HandleTable.enterSession`; where no instance runs that the handle could
    /// be of, the error is the reason for that instead of JET_errInvalidSesid.
    @inline(__always)
    func withSession<Result>(
        _ handle: UInt, _ kind: SessionCall = .ordinary, _ body: (JetCall) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        let thread = try threads.current()
        let entry = try enter(handle, kind, thread)
        defer { table.leave(entry) }
        guard let object = entry.session else { throw .invalidSesid }
        return try body(
            JetCall(session: unsafeDowncast(object, to: JetSessionCore.self), entry: entry, thread: thread))
    }

    @inline(__always)
    func enter(
        _ handle: UInt, _ kind: SessionCall, _ thread: CallThread
    ) throws(JetError) -> SessionEntry {
        do throws(JetError) { return try table.enterSession(handle, kind, thread) } catch {
            throw error == .invalidSesid ? reasonForNoSession() : error
        }
    }

    /// No session can be valid unless an instance runs. What is told then is what JetBeginSession would be told.
    @inline(never)
    private func reasonForNoSession() -> JetError {
        let phases = allInstances().map(\.engine.gate.state.phase)
        if phases.contains(.running) { return .invalidSesid }
        if phases.contains(.terminating) { return .termInProgress }
        if phases.contains(.recovering) || phases.contains(.restoring) { return .restoreInProgress }
        return .notInitialized
    }

    // MARK: Sessions

    /// Begins a session and returns its handle. C name: JetBeginSession.
    public func beginSession(_ instance: UInt) throws(JetError) -> UInt {
        let instance = try self.instance(instance)
        return try instance.engine.beginSession(commitDefault: Self.commitDefault(instance)) {
            (number) throws(JetError) in try Self.makeWork(instance, number)
        }
    }

    /// Begins a session of a session's instance and returns its handle. C name: JetDupSession.
    public func duplicateSession(_ session: UInt) throws(JetError) -> UInt {
        try withSession(session) { (call) throws(JetError) in
            let instance = call.session.work.instance
            return try EngineInstance.duplicateSession(call.entry, commitDefault: Self.commitDefault(instance)) {
                (number) throws(JetError) in try Self.makeWork(instance, number)
            }
        }
    }

    private static func makeWork(_ instance: JetInstance, _ number: UInt16) throws(JetError) -> JetSession {
        guard let store = instance.work.store else { throw .notInitialized }
        return JetSession(instance: instance, store: try store.makeSession(number: number))
    }

    private static func commitDefault(_ instance: JetInstance) -> CommitFlags {
        CommitFlags(rawValue: instance.parameters.withLock { $0.commitDefault })
    }

    /// Ends a session. C name: JetEndSession.
    public func endSession(_ session: UInt) throws(JetError) {
        let entry = try enter(session, .endSession, try threads.current())
        do throws(JetError) {
            try EngineInstance.endSession(entry, as: JetSessionCore.self)
        } catch {
            table.leave(entry)
            throw error
        }
    }

    /// Gives the session a context. C name: JetSetSessionContext.
    public func setSessionContext(_ session: UInt, _ context: UInt) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            try call.session.setContext(context, thread: call.thread.id)
        }
    }

    /// Takes the session's context away. C name: JetResetSessionContext.
    public func resetSessionContext(_ session: UInt) throws(JetError) {
        try withSession(session, .resetSessionContext) { (call) throws(JetError) in
            try call.session.resetContext(thread: call.thread.id)
        }
    }

    // MARK: Transactions

    /// Begins a transaction or a nested one. C names: JetBeginTransaction, JetBeginTransaction2, JetBeginTransaction3.
    public func beginTransaction(_ session: UInt, isReadOnly: Bool = false) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            try call.session.begin(isReadOnly: isReadOnly, thread: call.thread.id)
        }
    }

    /// Commits the innermost level, or waits for commits. C names: JetCommitTransaction, JetCommitTransaction2.
    public func commitTransaction(
        _ session: UInt, _ flags: CommitFlags, maximumDelay: UInt32 = 0
    ) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            try call.session.commit(flags, maximumDelay: maximumDelay, thread: call.thread.id)
        }
    }

    /// Rolls back the innermost level, or all. C name: JetRollback.
    public func rollback(_ session: UInt, all: Bool) throws(JetError) {
        try withSession(session, .rollback) { (call) throws(JetError) in
            try call.session.rollback(all: all, thread: call.thread.id)
        }
    }

    // MARK: What a session tells

    /// The version that JetGetVersion tells: bits 28...31 major, 24...27 minor, 8...23 build. That of the Windows whose
    /// formats are written, 10.0.19041; programs decide by the build what they may use.
    public static let version: UInt32 = 10 << 28 | 19041 << 8

    /// The engine's version. C name: JetGetVersion.
    public func version(_ session: UInt) throws(JetError) -> UInt32 {
        try withSession(session) { _ in Self.version }
    }
}

/// The parameters of a session that are kept. C name: JET_sesparam….
public enum SessionParameter: UInt32, Sendable, CaseIterable {
    /// Flags that every commit gets: 4 bytes. C name: JET_sesparamCommitDefault.
    case commitDefault = 4097
    /// How deep transactions are nested: 4 bytes, not to be set. C name: JET_sesparamTransactionLevel.
    case transactionLevel = 4099
    /// A structure of 8 bytes. C name: JET_sesparamOperationContext.
    case operationContext = 4100
    /// 4 bytes. C name: JET_sesparamCorrelationID.
    case correlationID = 4101

    /// Bytes of a value.
    public var byteCount: Int { self == .operationContext ? 8 : 4 }

    /// The parameter of a number. JET_errInvalidSesparamId.
    public init(number: UInt32) throws(JetError) {
        guard let parameter = SessionParameter(rawValue: number) else { throw .invalidSesparamId }
        self = parameter
    }
}

extension JetLibrary {
    /// A session's parameter; the bytes of the value as an integer, lowest first. C name: JetGetSessionParameter.
    public func sessionParameter(_ session: UInt, _ parameter: SessionParameter) throws(JetError) -> UInt64 {
        try withSession(session) { call in
            let session = call.session
            return switch parameter {
            case .commitDefault: UInt64(session.commitDefault.rawValue)
            case .transactionLevel: UInt64(session.level)
            case .operationContext: session.work.operationContext
            case .correlationID: UInt64(session.work.correlationID)
            }
        }
    }

    /// Sets a session's parameter. JET_errFeatureNotAvailable for the level, JET_errInvalidGrbit.
    /// C name: JetSetSessionParameter.
    public func setSessionParameter(
        _ session: UInt, _ parameter: SessionParameter, to value: UInt64
    ) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            let session = call.session
            let number = UInt32(truncatingIfNeeded: value)
            switch parameter {
            case .commitDefault:
                // What does something else than to commit is no default.
                let flags = CommitFlags(rawValue: number)
                guard CommitFlags.lazyFlush.isSuperset(of: flags) else { throw .invalidGrbit }
                session.commitDefault = flags
            case .transactionLevel: throw .featureNotAvailable
            case .operationContext: session.work.operationContext = value
            case .correlationID: session.work.correlationID = number
            }
        }
    }
}
