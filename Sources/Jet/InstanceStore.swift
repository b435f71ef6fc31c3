// Layer: Jet. Uses: ESEEngine. Used by: JetInstance, sessions.
// The seam to what an instance stores. It is made when the instance is initialised, since its parameters are set before.

public import ESEEngine

/// What an instance is to be initialised with.
public struct InstanceRequest: Sendable {
    /// A database that has moved since its log was written.
    public struct Move: Hashable, Sendable {
        /// Its path in the log.
        public var oldPath: String
        /// Its path now.
        public var newPath: String

        /// Makes one.
        public init(oldPath: String, newPath: String) {
            self.oldPath = oldPath
            self.newPath = newPath
        }
    }

    /// The instance's name, for messages; may be empty.
    public var displayName: String
    /// All parameters, those of the process among them.
    public var parameters: InstanceParameters
    /// C names: JET_bitReplayIgnoreMissingDB, JET_bitRecoveryWithoutUndo …
    public var flags: UInt32
    /// C name: JET_RSTINFO.rgrstmap.
    public var moves: [Move]
    /// Is told how far recovery is, 0...1000. C name: JET_RSTINFO.pfnStatus.
    public var progress: (@Sendable (Int) -> Void)?
    /// To be called when data can't be kept safe any more: the instance is unavailable from then on.
    public var reportFailure: @Sendable (UnavailableCause) -> Void
}

/// What JetCommitTransaction2 tells of a commit: a place in a certain log. C name: JET_COMMIT_ID.
public struct CommitIdentity: Hashable, Sendable {
    /// The log's signature: its random number, the time it was made as bytes.
    public var logRandom: UInt32
    /// C name: JET_SIGNATURE.logtimeCreate, as an integer of the bytes.
    public var logCreated: UInt64
    /// Grows from commit to commit.
    public var number: Int64

    /// Makes one.
    public init(logRandom: UInt32, logCreated: UInt64, number: Int64) {
        self.logRandom = logRandom
        self.logCreated = logCreated
        self.number = number
    }
}

/// What an instance is made of below its sessions, from initialisation to termination.
public protocol InstanceStore: InstanceWork {
    /// What a session of this number works with. JET_errOutOfMemory.
    func makeSession(number: UInt16) throws(JetError) -> any SessionWork
    /// The paths of the databases that are attached, in the order of their numbers.
    var databasePaths: [String] { get }
}

/// Makes the store of an instance that is being initialised.
public typealias StoreFactory = @Sendable (InstanceRequest) throws(JetError) -> any InstanceStore

/// The store that instances get.
func makeWork(_ request: InstanceRequest) throws(JetError) -> any InstanceStore { TransactionOnlyStore() }

/// A store without databases: transactions begin, commit and roll back, and there is nothing in them.
final class TransactionOnlyStore: InstanceStore {
    var isBackupRunning: Bool { false }
    var databasePaths: [String] { [] }
    func initialise(recovery: (Bool) -> Void) throws(JetError) {}
    func stopBackup() {}
    func terminate(_ kind: TerminationKind) throws(JetError) {}
    func setStopped(_ flags: StopFlags, all: Bool) {}
    func makeSession(number: UInt16) throws(JetError) -> any SessionWork { TransactionOnlyWork() }
}

/// A session of a `TransactionOnlyStore`.
final class TransactionOnlyWork: SessionWork {
    func begin(level: Int, isReadOnly: Bool) throws(JetError) {}
    func commit(level: Int, flags: CommitFlags, maximumDelay: UInt32) throws(JetError) {}
    func rollback(level: Int) throws(JetError) {}
    func waitForLastCommit() throws(JetError) {}
    func waitForAllCommits() throws(JetError) {}
    func forceNewLog() throws(JetError) {}
    func closeAll() throws(JetError) {}
}
