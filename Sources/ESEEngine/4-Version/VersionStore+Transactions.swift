// Layer: ESEEngine/4-Version. Used by: sessions, recovery.
// The end of a transaction: commit of a level, rollback of a level or of an update.

import Synchronization

extension VersionStore {
    /// Commits the transaction's innermost level. At level 1 all its revisions become visible at once, to whoever
    /// begins after that, and the number of the commit is returned; nil if it had none, or the level was deeper.
    ///
    /// The log has the commit before. `given` is the number a log has, for recovery. ESE's name: VERCommitTransaction.
    @discardableResult
    public func commit(_ transaction: TransactionState, at given: TransactionNumber? = nil) -> TransactionNumber? {
        let slot = transaction.slot
        let level = slot.pointee.level.value
        precondition(level > 0, "not in a transaction")
        slot.pointee.level.set(level - 1)
        guard let newest = slot.pointee.newestRevision.value else {
            if level == 1 { clock.end(slot) }
            return nil
        }
        if level > 1 {
            var next: UnsafeMutablePointer<RevisionHeader>? = newest
            while let this = next, this.pointee.level.value == level {
                this.pointee.level.set(level - 1)
                next = this.pointee.olderOfTransaction.value
            }
            return nil
        }
        let number = clock.commit(slot, at: given)
        let temporary = temporaryDatabase
        var next: UnsafeMutablePointer<RevisionHeader>? = newest
        while let this = next {
            next = this.pointee.olderOfTransaction.value
            this.pointee.level.set(0)
            if Int(this.pointee.database) == temporary {
                // Only its session sees a temporary table: nobody asks for these, nobody has to clean them.
                nullify(this)
            } else {
                removeUndoLink(this)
                // The cleaner may take it from here on.
                this.pointee.commit.store(number, ordering: .releasing)
            }
        }
        slot.pointee.newestRevision.set(nil)
        return TransactionNumber(number)
    }

    /// Rolls back the transaction's innermost level: calls `undo` with its revisions, newest first, and takes each away
    /// after that. ESE's name: ErrVERRollback.
    ///
    /// What changes a page should call `removeUndone` itself while it has the page latched: others judge what they see
    /// there by the revisions. If `undo` throws, this throws it; the revision stays, and the call may be repeated.
    public func rollback(
        _ transaction: TransactionState, undo: (Revision) throws(JetError) -> Void
    ) throws(JetError) {
        let slot = transaction.slot
        let level = slot.pointee.level.value
        precondition(level > 0, "not in a transaction")
        // In recovery a level of the log may be gone already; what is deeper goes too.
        while let this = slot.pointee.newestRevision.value, this.pointee.level.value >= level {
            try undoOne(transaction, this, undo)
        }
        slot.pointee.level.set(level - 1)
        if level == 1 {
            precondition(slot.pointee.newestRevision.value == nil)
            clock.end(slot)
        }
    }

    /// Rolls back all levels. C name: JET_bitRollbackAll.
    public func rollbackAll(
        _ transaction: TransactionState, undo: (Revision) throws(JetError) -> Void
    ) throws(JetError) {
        while transaction.level > 0 { try rollback(transaction, undo: undo) }
    }

    /// Rolls back what one update of the transaction did, in whatever level, as `rollback` does.
    public func rollback(
        _ transaction: TransactionState, update: UInt32, undo: (Revision) throws(JetError) -> Void
    ) throws(JetError) {
        precondition(update != 0 && transaction.level > 0)
        var next = transaction.slot.pointee.newestRevision.value
        while let this = next {
            next = this.pointee.olderOfTransaction.value
            if this.pointee.update == update { try undoOne(transaction, this, undo) }
        }
    }

    private func undoOne(
        _ transaction: TransactionState, _ header: UnsafeMutablePointer<RevisionHeader>,
        _ undo: (Revision) throws(JetError) -> Void
    ) throws(JetError) {
        let id = header.pointee.id
        transaction.slot.pointee.lastRemoved.set(0)
        try undo(Revision(header))
        if transaction.slot.pointee.lastRemoved.value != id { removeUndone(transaction, Revision(header)) }
    }

    /// Takes away a revision that was undone on its page, which is still latched exclusively.
    public func removeUndone(_ transaction: TransactionState, _ revision: Revision) {
        let header = revision.header
        let slot = transaction.slot
        if slot.pointee.newestRevision.value == header {
            slot.pointee.newestRevision.set(header.pointee.olderOfTransaction.value)
        } else {
            var newer = slot.pointee.newestRevision.value
            while let this = newer, this.pointee.olderOfTransaction.value != header {
                newer = this.pointee.olderOfTransaction.value
            }
            guard let newer else { preconditionFailure("not a revision of the transaction") }
            newer.pointee.olderOfTransaction.set(header.pointee.olderOfTransaction.value)
        }
        slot.pointee.lastRemoved.set(header.pointee.id)
        nullify(header)
    }
}
