// Layer: ESEEngine/8-Recovery. Uses: 2-Log. Used by: Recovery, Store.
// What recovery ended with.

public import ESEFormat

/// The log to go on with, and what became of the databases.
public struct RecoveryResult {
    /// The log, open: what is appended next comes behind what recovery wrote. All databases are detached in it.
    public var log: LogStream
    /// The log's own options: signature, size of files and names are those of the files that are there.
    public var options: LogOptions
    /// Whether there was no log: a new one was begun.
    public var isNew = false
    /// Whether the log had not ended in order: changes were redone, open transactions undone.
    public var didRecover = false
    /// The databases that the log spoke of, in the order in which it did.
    public var databases: [RecoveredDatabase] = []
    /// What redo did.
    public var redo = RedoReport()
    /// Transactions that were undone.
    public var undoneTransactionCount = 0
    /// Changes that were undone.
    public var undoneCount = 0
    /// Pages that belonged to nobody and were given back to the trees that own them.
    public var reclaimedPageCount = 0
}

/// What became of a database.
public struct RecoveredDatabase: Hashable, Sendable {
    /// What was done.
    public enum Outcome: Hashable, Sendable {
        /// Its changes were redone, those of open transactions undone; it is clean.
        case recovered
        /// It was clean already, by the end of the log or by an earlier recovery.
        case clean
        /// Its creation was not complete: the file was removed.
        case removed
        /// It is missing, or another database has its place. Only if that was allowed.
        case missing
    }

    /// Its path in the log.
    public var loggedPath: String
    /// Its path here; empty if it is not wanted.
    public var path: String
    /// What was done.
    public var outcome: Outcome
    /// Its header now; nil if there is no file.
    public var header: DatabaseHeader?
}
