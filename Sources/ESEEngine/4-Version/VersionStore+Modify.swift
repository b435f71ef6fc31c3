// Layer: ESEEngine/4-Version. Used by: trees, sessions, recovery.
// How revisions are made: conflicts (V2), confirmation when the page is changed, cancellation when it is not.

public import ESEFormat
import Synchronization

extension VersionStore {
    /// Makes a revision of a node before the node is changed, if nobody else changes it or changed it unseen.
    ///
    /// The revision counts for others at once. It belongs to the transaction after `confirm`; if the page can't be
    /// changed, `cancel` takes it back. ESE's name: ErrVERModify.
    ///
    /// Throws `writeConflict` (nobody waits), `versionStoreEntryTooBig` if it does not fit into a bucket, and
    /// `versionStoreOutOfMemory` if all buckets are in use; see `reserve`.
    public func modify(
        _ transaction: TransactionState, _ node: NodeName, _ modification: Modification
    ) throws(JetError) -> Revision {
        precondition(transaction.level > 0 && !transaction.isReadOnly, "not in a transaction that may write")
        let byteCount = try totalByteCount(node, modification)
        let hash = node.hash
        let head = head(hash)
        let first = head.pointee.lock()
        let (found, previous) = find(first, node, hash)
        if let found, conflicts(found, transaction, modification.operation) {
            head.pointee.unlock(first)
            throw .writeConflict
        }
        var beginsBucket = false
        let header = make(
            transaction, node, modification, hash, byteCount, nil, transaction.slot.pointee.level.value, &beginsBucket)
        guard let header else {
            head.pointee.unlock(first)
            suggestClean()
            throw .versionStoreOutOfMemory
        }
        if modification.operation == .replace {
            header.pointee.greatestDataByteCount.set(
                greatestData(found, transaction) ?? Int32(truncatingIfNeeded: modification.before.count))
        }
        head.pointee.unlock(link(header, found, previous, first))
        if beginsBucket { suggestClean() }
        return Revision(header)
    }

    /// Makes a revision that belongs to no node: of space or of the schema. Confirmed at once. ESE's name: ErrVERFlag.
    ///
    /// `payload` is for whoever undoes or cleans it.
    public func note(
        _ transaction: TransactionState, _ operation: RevisionOperation, database: UInt8, tree: PageNumber,
        payload: UnsafeRawBufferPointer
    ) throws(JetError) -> Revision {
        precondition(!operation.isOfNode && transaction.level > 0, "for operations without a node")
        let node = NodeName(database: database, tree: tree, key: UnsafeRawBufferPointer(start: nil, count: 0))
        let modification = Modification(operation, payload: payload)
        let byteCount = try totalByteCount(node, modification)
        var beginsBucket = false
        let header = make(
            transaction, node, modification, 0, byteCount, nil, transaction.slot.pointee.level.value, &beginsBucket)
        if beginsBucket { suggestClean() }
        guard let header else { throw .versionStoreOutOfMemory }
        let revision = Revision(header)
        join(transaction, revision)
        return revision
    }

    /// Makes a revision that a log speaks of, with its number and level, without asking for conflicts. nil if it is
    /// there already. To be confirmed like others.
    public func redo(
        _ transaction: TransactionState, _ node: NodeName, _ modification: Modification, id: UInt32, level: Int
    ) throws(JetError) -> Revision? {
        precondition((1...TransactionState.greatestLevel).contains(level) && id != 0)
        let byteCount = try totalByteCount(node, modification)
        let hash = node.hash
        let head = head(hash)
        let first = head.pointee.lock()
        let (found, previous) = find(first, node, hash)
        var newer: UnsafeMutablePointer<RevisionHeader>?
        var older = found
        while let other = older, other.pointee.id >= id {
            if other.pointee.id == id {
                head.pointee.unlock(first)
                return nil
            }
            newer = other
            older = other.pointee.older.value
        }
        var beginsBucket = false
        guard let header = make(transaction, node, modification, hash, byteCount, id, UInt8(level), &beginsBucket)
        else {
            head.pointee.unlock(first)
            suggestClean()
            throw .versionStoreOutOfMemory
        }
        if modification.operation == .replace {
            header.pointee.greatestDataByteCount.set(Int32(truncatingIfNeeded: modification.before.count))
        }
        if let newer {
            treeCount(header.pointee.tree).pointee.add(1, ordering: .releasing)
            header.pointee.newer.set(newer)
            header.pointee.older.set(older)
            newer.pointee.older.set(header)
            older?.pointee.newer.set(header)
            head.pointee.unlock(first)
        } else {
            head.pointee.unlock(link(header, found, previous, first))
        }
        if beginsBucket { suggestClean() }
        return Revision(header)
    }

    /// The node's page was changed, or will be without fail: the revision now belongs to the transaction.
    ///
    /// `page` is the node's page if the log is to have undo information before that page is written; 0 if the database
    /// is not logged. ESE's name: VERInsertRCEIntoLists.
    @inline(__always)
    public func confirm(_ transaction: TransactionState, _ revision: Revision, page: PageNumber = .none) {
        let header = revision.header
        if header.pointee.operation.value == .preInsert {
            let head = head(header.pointee.hash)
            let first = head.pointee.lock()
            header.pointee.operation.set(.insert)
            head.pointee.unlock(first)
        }
        join(transaction, revision)
        if page != .none && header.pointee.operation.value.needsUndoInformation { addUndoLink(header, page.rawValue) }
    }

    /// The node's page could not be changed: the revision goes away. It has not been confirmed.
    public func cancel(_ revision: Revision) { nullify(revision.header) }

    /// Says how long a replaced record is now, and returns by how many bytes more (or fewer) its page has to keep free
    /// for a rollback. `revision` is the newest `replace` of the node. ESE's name: VERSetCbAdjust.
    public func setDataByteCount(_ revision: Revision, from old: Int, to new: Int) -> Int {
        let header = revision.header
        precondition(header.pointee.operation.value == .replace)
        let head = head(header.pointee.hash)
        let first = head.pointee.lock()
        let greatest = Int(header.pointee.greatestDataByteCount.value)
        var change = new - old
        if new > greatest {
            header.pointee.greatestDataByteCount.set(Int32(new))
            change = greatest - old
        }
        header.pointee.reservedByteCount.set(header.pointee.reservedByteCount.value - Int32(change))
        head.pointee.unlock(first)
        return -change
    }

    // MARK: - Parts

    @inline(__always)
    private func totalByteCount(_ node: NodeName, _ modification: Modification) throws(JetError) -> Int {
        guard node.keyByteCount <= Int(UInt16.max), node.data.count <= Int(UInt16.max) else {
            throw .versionStoreEntryTooBig
        }
        let byteCount = (RevisionHeader.byteCount &+ node.bookmarkByteCount &+ modification.before.count &+ 7) & ~7
        guard byteCount <= buckets.pointee.capacity else { throw .versionStoreEntryTooBig }
        return byteCount
    }

    /// Takes memory and fills it. nil if there is none.
    ///
    /// All of the header is written under the lock of the buckets: the cleaner sees it, and that it is open, as soon as
    /// the lock is free. `byteCount` holds header, bookmark and payload.
    @inline(__always)
    private func make(
        _ transaction: TransactionState, _ node: NodeName, _ modification: Modification, _ hash: UInt32,
        _ byteCount: Int, _ id: UInt32?, _ level: UInt8, _ beginsBucket: inout Bool
    ) -> UnsafeMutablePointer<RevisionHeader>? {
        let keyByteCount = node.keyByteCount
        let slot = transaction.slot
        let begin = slot.pointee.begin.value
        let session = slot.pointee.session.value
        buckets.pointee.lock.lock()
        guard let bytes = buckets.pointee.take(byteCount, beginsBucket: &beginsBucket) else {
            buckets.pointee.lock.unlock()
            return nil
        }
        buckets.pointee.createdCount.set(buckets.pointee.createdCount.value &+ 1)
        if let id { buckets.pointee.lastID.set(max(buckets.pointee.lastID.value, id)) }
        let header = bytes.bindMemory(to: RevisionHeader.self, capacity: 1)
        header.initialize(
            to: RevisionHeader(
                commit: Atomic(TransactionNumber.open.rawValue), begin: begin, slot: slot,
                delta: modification.delta, id: id ?? buckets.pointee.makeID(), hash: hash, tree: node.tree.rawValue,
                update: modification.update, byteCount: UInt32(truncatingIfNeeded: byteCount),
                payloadByteCount: UInt32(truncatingIfNeeded: modification.before.count),
                keyByteCount: UInt16(truncatingIfNeeded: keyByteCount),
                dataByteCount: UInt16(truncatingIfNeeded: node.data.count), operation: Cell(modification.operation),
                offset: modification.offset, session: session, database: node.database, level: Cell(level),
                isDeferredDelete: modification.isDeferredDelete, deletesRecord: modification.deletesRecord))
        buckets.pointee.lock.unlock()
        node.copy(to: bytes + RevisionHeader.byteCount)
        if let before = modification.before.baseAddress {
            (bytes + (RevisionHeader.byteCount &+ node.bookmarkByteCount))
                .copyMemory(from: before, byteCount: modification.before.count)
        }
        return header
    }

    /// Puts a revision in front of its node's, `found`, which follows `previous` in the chain; returns the chain's
    /// first.
    @inline(__always)
    private func link(
        _ header: UnsafeMutablePointer<RevisionHeader>, _ found: UnsafeMutablePointer<RevisionHeader>?,
        _ previous: UnsafeMutablePointer<RevisionHeader>?, _ first: UnsafeMutablePointer<RevisionHeader>?
    ) -> UnsafeMutablePointer<RevisionHeader>? {
        treeCount(header.pointee.tree).pointee.add(1, ordering: .releasing)
        guard let found else {
            header.pointee.nextNode.set(first)
            return header
        }
        header.pointee.older.set(found)
        found.pointee.newer.set(header)
        header.pointee.nextNode.set(found.pointee.nextNode.value)
        found.pointee.nextNode.set(nil)
        guard let previous else { return header }
        previous.pointee.nextNode.set(header)
        return first
    }

    /// Puts a revision into its transaction's chain: by its number, which makes a difference in recovery only.
    @inline(__always)
    private func join(_ transaction: TransactionState, _ revision: Revision) {
        let header = revision.header
        let slot = transaction.slot
        precondition(header.pointee.slot == slot, "the revision is another's")
        guard let newest = slot.pointee.newestRevision.value, newest.pointee.id > header.pointee.id else {
            header.pointee.olderOfTransaction.set(slot.pointee.newestRevision.value)
            slot.pointee.newestRevision.set(header)
            return
        }
        var newer = newest
        while let older = newer.pointee.olderOfTransaction.value, older.pointee.id > header.pointee.id { newer = older }
        header.pointee.olderOfTransaction.set(newer.pointee.olderOfTransaction.value)
        newer.pointee.olderOfTransaction.set(header)
    }

    /// Whether an operation may not be done to the node whose newest revision is `newest`. ESE's name:
    /// FVERIWriteConflict.
    @inline(__always)
    func conflicts(
        _ newest: UnsafeMutablePointer<RevisionHeader>, _ transaction: TransactionState,
        _ operation: RevisionOperation
    ) -> Bool {
        if isActiveByOther(newest, transaction) {
            guard operation.commutes else { return true }
            // All that are not history yet must be of the same kind.
            var next: UnsafeMutablePointer<RevisionHeader>? = newest
            while let this = next, commitNumber(this) > transaction.horizon {
                if this.pointee.operation.value != operation { return true }
                next = this.pointee.older.value
            }
            return false
        }
        guard newest.pointee.operation.value.commutes && newest.pointee.operation.value != operation else {
            return false
        }
        // Mine is the newest, but others may have done the same before, which does not go with what comes now.
        var next: UnsafeMutablePointer<RevisionHeader>? = newest
        while let this = next {
            if isActiveByOther(this, transaction) { return true }
            next = this.pointee.older.value
        }
        return false
    }

    /// The greatest data the node had, by the newest open replacement of the transaction.
    private func greatestData(
        _ newest: UnsafeMutablePointer<RevisionHeader>?, _ transaction: TransactionState
    ) -> Int32? {
        var next = newest
        while let this = next, this.pointee.slot == transaction.slot,
            commitNumber(this) == TransactionNumber.open.rawValue
        {
            if this.pointee.operation.value == .replace { return this.pointee.greatestDataByteCount.value }
            next = this.pointee.older.value
        }
        return nil
    }
}
