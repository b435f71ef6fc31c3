// Layer: ESEEngine/4-Version. Used by: trees, records.
// Who sees what (V1). Asked only for nodes whose versioned bit is set.

import Synchronization

/// What a transaction sees of a node that has the versioned bit.
public enum NodeVisibility: UInt8, Sendable {
    /// The node as it is on the page, or nothing if it is flagged as deleted there; there is no revision of it, so the
    /// bit is stale and may go. ESE's name: nsDatabase.
    case unversioned
    /// The same, but there are revisions. ESE's names: nsUncommittedVerInDB, nsCommittedVerInDB.
    case asOnPage
    /// Nothing. ESE's name: nsVersionedInsert.
    case invisible
    /// A record with the data on the page, even if it is flagged as deleted there. ESE's name: nsVersionedUpdate.
    case undeleted
    /// A record with the data of a revision, even if it is flagged as deleted. ESE's name: nsVersionedUpdate.
    case beforeImage
}

/// Who changed a node last.
public enum NodeStatus: UInt8, Sendable {
    /// What is on the page is committed. ESE's name: vsCommitted.
    case committed
    /// The transaction that asks did. ESE's name: vsUncommittedByCaller.
    case uncommittedByCaller
    /// Another open transaction did. ESE's name: vsUncommittedByOther.
    case uncommittedByOther
}

extension VersionStore {
    /// What a transaction sees of a node; at level 0: what is committed now. The node's page is latched.
    ///
    /// `before` is called at most once, with the data of a `.beforeImage`, while the node's chain is locked: it copies
    /// what it needs and calls nothing of the version store. ESE's name: ErrVERAccessNode.
    @inline(__always)
    public func visibility(
        of node: NodeName, to transaction: TransactionState, before: (UnsafeRawBufferPointer) -> Void
    ) -> NodeVisibility {
        if !mayHaveRevisions(node.tree) { return .unversioned }
        let hash = node.hash
        if head(hash).pointee.isEmpty { return .unversioned }
        return visibility(of: node, hash, to: transaction, before)
    }

    /// The same with the data copied to `buffer`, as much of it as fits. Also returns the count of all of it.
    public func visibility(
        of node: NodeName, to transaction: TransactionState, copyingTo buffer: UnsafeMutableRawBufferPointer
    ) -> (visibility: NodeVisibility, byteCount: Int) {
        var byteCount = 0
        let result = visibility(of: node, to: transaction) { data in
            byteCount = data.count
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: data.prefix(buffer.count)))
        }
        return (result, byteCount)
    }

    @inline(never)
    private func visibility(
        of node: NodeName, _ hash: UInt32, to transaction: TransactionState,
        _ before: (UnsafeRawBufferPointer) -> Void
    ) -> NodeVisibility {
        let open = TransactionNumber.open.rawValue
        let horizon = transaction.horizon
        let head = head(hash)
        let first = head.pointee.lock()
        defer { head.pointee.unlock(first) }
        guard let newest = find(first, node, hash).found else { return .unversioned }
        let newestCommit = commitNumber(newest)
        if newestCommit == open ? newest.pointee.slot == transaction.slot : newestCommit < horizon { return .asOnPage }
        // The oldest one that is not seen says whether there was a record, the oldest replacement says what it was.
        var oldest: UnsafeMutablePointer<RevisionHeader>?
        var oldestReplace: UnsafeMutablePointer<RevisionHeader>?
        var next: UnsafeMutablePointer<RevisionHeader>? = newest
        while let this = next {
            // Who is at level 0 must not see a transaction become committed half-way through the chain.
            let isSame =
                newestCommit == open && this.pointee.slot == newest.pointee.slot
                && this.pointee.begin == newest.pointee.begin
            if !isSame && commitNumber(this) < horizon { break }
            switch this.pointee.operation.value {
            case .delta, .delta64, .readLock, .writeLock: break
            case .replace:
                oldestReplace = this
                oldest = this
            default: oldest = this
            }
            next = this.pointee.older.value
        }
        switch oldest?.pointee.operation.value {
        case .insert: return .invisible
        case .replace, .flagDelete:
            guard let oldestReplace else { return .undeleted }
            before(Revision(oldestReplace).payload)
            return .beforeImage
        default: return .asOnPage
        }
    }

    /// What a transaction has to add to a number that is changed by deltas, to see its own value of it: minus all
    /// deltas of others that it does not see, and minus its own of updates that are not done yet.
    ///
    /// The number is at `offset` of the data that `visibility` gives it. ESE's name: DeltaVERGetDelta.
    public func compensation(
        of node: NodeName, at offset: Int, to transaction: TransactionState,
        isPending: (_ update: UInt32) -> Bool = { _ in false }
    ) -> Int64 {
        var sum: Int64 = 0
        forEach(node) { this in
            let isOthers = isActiveByOther(this, transaction)
            switch this.pointee.operation.value {
            case .replace:
                // The transaction sees the record before that: what came later is not in it.
                if isOthers { sum = 0 }
            case .delta, .delta64:
                guard Int(this.pointee.offset) == offset else { break }
                let isOwnPending =
                    !isOthers && this.pointee.update != 0 && this.pointee.slot == transaction.slot
                    && commitNumber(this) == TransactionNumber.open.rawValue && isPending(this.pointee.update)
                if isOthers || isOwnPending { sum &-= this.pointee.delta }
            default: break
            }
            return true
        }
        return sum
    }

    /// A number as a transaction sees it, made of what it is on the page; see `compensation`.
    public func adjustedValue(
        _ value: Int64, of node: NodeName, at offset: Int, to transaction: TransactionState
    ) -> Int64 {
        value &+ compensation(of: node, at: offset, to: transaction)
    }

    /// Who changed the node last. ESE's name: VsVERCheck.
    public func status(of node: NodeName, to transaction: TransactionState) -> NodeStatus {
        var status = NodeStatus.committed
        forEach(node) { this in
            if commitNumber(this) == TransactionNumber.open.rawValue {
                status = this.pointee.slot == transaction.slot ? .uncommittedByCaller : .uncommittedByOther
            }
            return false
        }
        return status
    }

    /// Whether the newest revision of the node is one that the transaction does not see: then inserting its key again
    /// is a write conflict and not a duplicate. ESE's name: FVERWriteConflict, for what does not commute.
    public func hasActiveOther(_ node: NodeName, _ transaction: TransactionState) -> Bool {
        var result = false
        forEach(node) { this in
            result = isActiveByOther(this, transaction)
            return false
        }
        return result
    }

    /// Whether an operation would be a write conflict now. ESE's name: FVERWriteConflict.
    public func wouldConflict(
        _ transaction: TransactionState, _ node: NodeName, _ modification: Modification
    ) -> Bool {
        let hash = node.hash
        let head = head(hash)
        let first = head.pointee.lock()
        defer { head.pointee.unlock(first) }
        guard let found = find(first, node, hash).found else { return false }
        return conflicts(found, transaction, modification.operation)
    }

    /// Whether the node has a revision that is open or was committed after `number`: then it can't be removed.
    /// ESE's name: FVERActive.
    public func isActive(_ node: NodeName, after number: TransactionNumber) -> Bool {
        if !mayHaveRevisions(node.tree) || head(node.hash).pointee.isEmpty { return false }
        var result = false
        forEach(node) { this in
            result = commitNumber(this) > number.rawValue
            return !result
        }
        return result
    }

    /// Whether somebody else's delta at `offset`, other than 0, is not seen by the transaction: what it sees may change
    /// by a rollback. ESE's name: FVERDeltaActiveNotByMe.
    public func hasActiveDelta(_ node: NodeName, at offset: Int, notOf transaction: TransactionState) -> Bool {
        var result = false
        forEach(node) { this in
            let operation = this.pointee.operation.value
            result =
                (operation == .delta || operation == .delta64) && Int(this.pointee.offset) == offset
                && this.pointee.delta != 0 && isActiveByOther(this, transaction)
            return !result
        }
        return result
    }

    /// How many bytes the node's page keeps free for the rollback of open replacements, of `transaction` or of anybody.
    /// ESE's name: CbVERGetNodeReserve.
    public func reservedByteCount(_ node: NodeName, of transaction: TransactionState? = nil) -> Int {
        if head(node.hash).pointee.isEmpty { return 0 }
        let open = TransactionNumber.open.rawValue
        var sum = 0
        var first: UnsafeMutablePointer<RevisionHeader>?
        forEach(node) { this in
            // Once one was seen open, the others of its transaction count as open too, or the sum would be of no state.
            let isSame =
                first.map { $0.pointee.slot == this.pointee.slot && $0.pointee.begin == this.pointee.begin } ?? false
            guard isSame || commitNumber(this) == open else { return false }
            if !isSame { first = this }
            if transaction.map({ this.pointee.slot == $0.slot }) ?? true {
                sum += Int(this.pointee.reservedByteCount.value)
            }
            return true
        }
        return max(0, sum)
    }

    /// Calls `body` with the revisions of a node, newest first, with the chain locked, until it returns false.
    @inline(__always)
    func forEach(_ node: NodeName, _ body: (UnsafeMutablePointer<RevisionHeader>) -> Bool) {
        let hash = node.hash
        let head = head(hash)
        let first = head.pointee.lock()
        var next = find(first, node, hash).found
        while let this = next, body(this) { next = this.pointee.older.value }
        head.pointee.unlock(first)
    }
}
