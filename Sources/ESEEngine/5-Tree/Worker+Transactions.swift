// Layer: ESEEngine/5-Tree. Uses: Worker, 2-Log, 4-Version. Used by: sessions, background work.
// Begin, commit and rollback of a level: log and version store in the right order.

import ESEFormat
import Synchronization

/// Finds trees by the names that revisions have for them.
protocol TreeDirectory: AnyObject {
    /// The tree with a root in a database; nil if it is gone.
    func tree(database: UInt8, root: PageNumber) -> Tree?
}

extension Worker {
    /// Begins a level. Throws JET_errTransTooDeep at an eighth.
    func begin(_ versions: VersionStore, readOnly: Bool = false) throws(JetError) {
        if transaction.level == 0 { loggedLevel = 0 }
        try versions.clock.begin(transaction, readOnly: readOnly)
    }

    /// Commits the innermost level.
    /// - Returns: Up to where the log must be durable before a caller may be told that it is; nil if there was
    /// nothing to
    ///   log or the level was an inner one.
    func commit(_ versions: VersionStore, _ log: LogStream?) throws(JetError) -> LogPosition? {
        let level = transaction.level
        var end: LogPosition?
        if let log, loggedLevel >= level {
            let session = number
            if level == 1 {
                let record = Commit0Record(
                    session: session, level: 0, transaction: versions.clock.approximateCommit.logged)
                let place = try append(record, log).end
                // Pages may have its changes, and what was before is forgotten next.
                if transaction.hasRevisions { log.holdPages(until: place) }
                end = place
            } else {
                _ = try append(CommitRecord(session: session, level: UInt8(level - 1)), log)
            }
            loggedLevel = level - 1
        }
        versions.commit(transaction)
        if level == 1 { transaction.loggedBegin = 0 }
        return end
    }

    /// Rolls the innermost level back. If this throws, what is left can be tried again; nothing else may be done.
    func rollback(
        _ versions: VersionStore, _ log: LogStream?, _ trees: any TreeDirectory
    ) throws(JetError) {
        let level = transaction.level
        try versions.rollback(transaction) { (revision) throws(JetError) in
            guard revision.operation.isUndoneOnPage else { return }
            guard let tree = trees.tree(database: revision.database, root: revision.tree) else {
                throw .databaseCorrupted
            }
            try tree.undo(revision, self)
        }
        if let log, loggedLevel >= level {
            _ = try append(RollbackRecord(session: number, levelCount: 1), log)
            loggedLevel = level - 1
        }
        if level == 1 { transaction.loggedBegin = 0 }
    }

    private func append(_ record: some LogRecordFields, _ log: LogStream) throws(JetError) -> LogSpan {
        record.encodeFixed(into: recordMemory)
        return try log.append(UnsafeRawBufferPointer(start: recordMemory, count: record.fixedByteCount))
    }
}
