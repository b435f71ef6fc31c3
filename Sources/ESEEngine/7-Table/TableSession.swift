// Layer: ESEEngine/7-Table. Uses: 5-Tree, 6-Record. Used by: row cursors, data definition, sessions.
// What tables need to know of a session, and what its transaction changed of the schema.

import ESEFormat
import Synchronization

/// A session as tables see it. One thread at a time.
public final class TableSession {
    /// The session as trees see it.
    public let worker: Worker
    /// Where older states of nodes are.
    public let versions: VersionStore

    /// The log, for rollbacks; nil without one.
    let log: LogStream?
    /// Finds trees for rollbacks.
    let trees: any TreeDirectory
    /// Memory for making keys.
    let scratch = KeyScratch()
    /// Room for a record's key.
    let keyMemory: UnsafeMutableRawBufferPointer
    /// Room for an entry of an index with its record's key.
    private let entryMemory: UnsafeMutableRawPointer
    /// Changes of the schema that are not committed, oldest first.
    private var changes: [DefinitionChange] = []

    /// Puts it together. `trees` outlives it.
    init(_ worker: Worker, versions: VersionStore, log: LogStream?, trees: any TreeDirectory) {
        self.worker = worker
        self.versions = versions
        self.log = log
        self.trees = trees
        keyMemory = .allocate(byteCount: Self.keyByteCount, alignment: 8)
        entryMemory = .allocate(byteCount: 2 * Self.keyByteCount, alignment: 8)
    }

    deinit {
        keyMemory.deallocate()
        entryMemory.deallocate()
    }

    /// More than any key has, whatever the pages' size.
    private static let keyByteCount = 2_048

    /// An entry of an index whose keys are not unique: its key, and its record's. Valid until the next.
    func join(_ entry: Bytes, _ key: Bytes) -> Bookmark {
        precondition(entry.byteCount <= Self.keyByteCount && key.byteCount <= Self.keyByteCount, "keys are short")
        entryMemory.copyMemory(from: entry.start, byteCount: entry.byteCount)
        (entryMemory + entry.byteCount).copyMemory(from: key.start, byteCount: key.byteCount)
        return Bookmark(Bytes(entryMemory, entry.byteCount + key.byteCount), keyByteCount: entry.byteCount)
    }

    /// Its transaction.
    @inline(__always)
    public var transaction: TransactionState { worker.transaction }

    /// A number that what belongs to one update carries.
    func makeUpdateNumber() -> UInt32 { transaction.makeUpdateNumber() }

    /// Undoes all that carries an update's number.
    func undo(update: UInt32) throws(JetError) { try worker.rollback(update: update, versions, trees) }

    // MARK: The schema.

    /// Keeps how to undo a change of the schema that was made in memory.
    func note(undo: @escaping () -> Void, commit: @escaping (TransactionNumber) -> Void) {
        precondition(transaction.level > 0, "schemas change in transactions")
        changes.append(DefinitionChange(level: transaction.level, undo: undo, commit: commit))
    }

    /// Whether there are changes of the schema that are not committed.
    public var hasDefinitionChanges: Bool { !changes.isEmpty }

    /// Follows a commit of `level`, which is done.
    /// - Parameter number: The number of the outermost level's commit.
    public func committed(level: Int, at number: TransactionNumber?) {
        if changes.isEmpty { return }
        guard level == 1 else {
            for index in changes.indices where changes[index].level >= level { changes[index].level = level - 1 }
            return
        }
        let all = changes
        changes = []
        // Rows of the catalog are among what was committed, so there is a number.
        let number = number ?? TransactionNumber(transaction.slot.pointee.commit.load(ordering: .acquiring))
        precondition(number != .open, "the transaction was committed")
        for change in all { change.commit(number) }
    }

    /// Does something in a level of its own, which is rolled back if that fails: data definition changes several rows.
    /// - Throws: `transTooDeep`; what `body` throws.
    func inLevel<Result>(_ body: () throws(JetError) -> Result) throws(JetError) -> Result {
        try worker.begin(versions)
        let level = transaction.level
        do throws(JetError) {
            let result = try body()
            _ = try worker.commit(versions, log)
            committed(level: level, at: nil)
            return result
        } catch {
            if transaction.level == level {
                try worker.rollback(versions, log, trees)
                rolledBack(level: level)
            }
            throw error
        }
    }

    /// Follows a rollback of `level`, which is done.
    public func rolledBack(level: Int) {
        while let last = changes.last, last.level >= level {
            changes.removeLast()
            last.undo()
        }
    }
}

/// A change of a schema in memory, as long as it is not committed.
private struct DefinitionChange {
    var level: Int
    let undo: () -> Void
    let commit: (TransactionNumber) -> Void
}

extension Worker {
    /// Undoes what one update did, in whatever level.
    func rollback(
        update: UInt32, _ versions: VersionStore, _ trees: any TreeDirectory
    ) throws(JetError) {
        try versions.rollback(transaction, update: update) { (revision) throws(JetError) in
            guard revision.operation.isUndoneOnPage else { return }
            guard let tree = trees.tree(database: revision.database, root: revision.tree) else {
                throw .databaseCorrupted
            }
            try tree.undo(revision, self)
        }
    }
}
