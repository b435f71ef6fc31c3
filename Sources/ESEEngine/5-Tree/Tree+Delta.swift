// Layer: ESEEngine/5-Tree. Uses: TreeCursor, Tree+Nodes, 4-Version. Used by: escrow columns, long values, cleaning.
// Numbers in a node's data that several sessions add to at the same time, and what goes when a count of references
// is zero.
//
// A delta does not conflict with the deltas of others, only with what else they do to the node. The page has the sum
// of all; what a session does not see of it is taken off when it reads: `VersionStore.compensation`.

import ESEFormat

/// What became of a number that was added to.
public struct DeltaOutcome: Equatable, Sendable {
    /// The number before, as the transaction saw it: without what others added and have not committed for it.
    public let before: Int64
    /// The number on the page now, with everything.
    public let onPage: Int64
}

extension TreeCursor {
    /// Adds to a number in the data of the node, in the transaction. Of 32 or 64 bits, signed, little-endian; sums wrap
    /// around. ESE: ErrDIRDelta; C name: what JetEscrowUpdate does.
    /// - Parameters:
    ///   - offset: Where in the data the number is.
    ///   - byteCount: 4 or 8.
    ///   - delta: What is added.
    ///   - isReferenceCount: The number says how many others need the node and those whose keys begin with its key. It
    ///     can't fall below zero, and when it is zero for everybody, cleaning removes them all.
    ///   - deletesRecord: When it is zero for everybody, the record is to be deleted: the worker is told, cleaning says
    ///     of which revisions (`Revision.deletesRecord`), and whoever knows the table does it.
    /// - Throws: `writeConflict` if others did something else to the node, or a count of references would be below
    ///   zero; `recordDeleted`; `databaseCorrupted` if the data is too short; what version store and log throw.
    @discardableResult
    public func delta(
        at offset: Int, byteCount: Int, _ delta: Int64, isReferenceCount: Bool = false,
        deletesRecord: Bool = false, update: UInt32 = 0
    ) throws(JetError) -> DeltaOutcome {
        precondition(byteCount == 4 || byteCount == 8, "numbers have 32 or 64 bits")
        precondition(tree.isUnique && offset >= 0, "the number is no part of the node's name")
        let (tree, worker) = (tree, worker)
        let versions = tree.database.versions
        let held = try latchForDelta()
        defer { release() }
        let node = held.page.node(line)
        let name = tree.name(node)
        guard let old = Tree.number(in: node.data, at: offset, byteCount: byteCount) else { throw .databaseCorrupted }
        var seen = old
        if node.isVersioned { seen &+= versions.compensation(of: name, at: offset, to: worker.transaction) }
        let new = Tree.narrow(old &+ delta, byteCount)
        var mayBeZero = false
        if isReferenceCount && delta < 0 || deletesRecord {
            if isReferenceCount, new < 0 { throw .writeConflict }
            // If others are at it too, a rollback of theirs may take it to zero later.
            mayBeZero = new == 0 || node.isVersioned && versions.isActive(name, after: versions.clock.oldest)
        }
        let modification: Modification = .delta(
            delta, byteCount: byteCount, at: UInt16(truncatingIfNeeded: offset),
            isDeferredDelete: isReferenceCount && mayBeZero, deletesRecord: deletesRecord && mayBeZero)
        let revision = try versions.modify(worker.transaction, name, modification.of(update: update))
        do throws(JetError) {
            try tree.setNumber(held, at: line, offset, byteCount, to: new, delta, revision: revision.id, worker)
        } catch {
            versions.cancel(revision)
            throw error
        }
        versions.confirm(worker.transaction, revision)
        if deletesRecord && mayBeZero { worker.hasZeroes = true }
        return DeltaOutcome(before: Tree.narrow(seen, byteCount), onPage: new)
    }

    /// A number in the data of the node, which is latched, as the transaction sees it.
    /// - Throws: `databaseCorrupted` if the data is too short.
    public func number(at offset: Int, byteCount: Int) throws(JetError) -> Int64 {
        guard let value = Tree.number(in: data, at: offset, byteCount: byteCount) else { throw .databaseCorrupted }
        let node = page.node(line)
        guard node.isVersioned else { return value }
        let unseen = tree.database.versions.compensation(of: tree.name(node), at: offset, to: worker.transaction)
        return Tree.narrow(value &+ unseen, byteCount)
    }

    /// Whether somebody changes the node, which is latched, or may see it otherwise than it is.
    var isActive: Bool {
        let node = page.node(line)
        let versions = tree.database.versions
        return node.isVersioned && versions.isActive(tree.name(node), after: versions.clock.oldest)
    }

    /// Latches the node exclusively, if it is there.
    private func latchForDelta() throws(JetError) -> HeldPage {
        release()
        let versions = tree.database.versions
        try versions.reserve(worker.transaction)
        guard try restore(.exclusive), let held else {
            letGo()
            throw .recordDeleted
        }
        let node = held.page.node(line)
        guard node.isDeleted else { return held }
        let isOthers = node.isVersioned && versions.hasActiveOther(tree.name(node), worker.transaction)
        release()
        throw isOthers ? .writeConflict : .recordDeleted
    }
}

extension Tree {
    /// A number of 4 or 8 bytes; nil if it does not lie inside the data.
    @inline(__always)
    static func number(in data: Bytes, at offset: Int, byteCount: Int) -> Int64? {
        guard offset >= 0, byteCount <= data.byteCount &- offset else { return nil }
        return byteCount == 4
            ? Int64(Int32(littleEndian: data.start.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            : Int64(littleEndian: data.start.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }

    /// What remains of a sum in so many bytes.
    @inline(__always)
    static func narrow(_ value: Int64, _ byteCount: Int) -> Int64 {
        byteCount == 4 ? Int64(Int32(truncatingIfNeeded: value)) : value
    }

    /// Logs a delta and does it. ESE: ErrNDDelta.
    fileprivate func setNumber(
        _ held: HeldPage, at line: Int, _ offset: Int, _ byteCount: Int, to new: Int64, _ delta: Int64,
        revision: UInt32, _ worker: Worker
    ) throws(JetError) {
        try worker.logBegin(database)
        database.announce(held)
        let page = held.page
        let key = page.node(line).key
        let time = database.nextTime()
        let record = DeltaRecord(
            node: nodeFields(held, time: time, line: line, revision: revision, worker),
            keyByteCount: UInt16(truncatingIfNeeded: key.byteCount), isWide: byteCount == 8, delta: delta,
            byteOffset: UInt16(truncatingIfNeeded: offset))
        let span = try database.append(record, worker, key.first.buffer, key.second.buffer)
        withUnsafeBytes(of: new.littleEndian) {
            page.overwriteData(at: line, from: offset, with: Bytes($0).prefix(byteCount))
        }
        page.setNodeFlags(at: line, page.nodeFlags(line).union(.versioned))
        page.databaseTime = time
        database.changed(held, span)
    }

    // MARK: Counts of references.

    /// How a node with a count of references stands.
    private enum ReferenceState {
        /// It is not there, or somebody needs it.
        case kept
        /// Somebody is still changing it, or may see it otherwise.
        case undecided
        /// Nobody needs it and nobody will.
        case dead
    }

    /// Removes the node of a delta that everybody sees, with those whose keys begin with its key, if its count of
    /// references is zero. ESE: what DELETELVTASK does.
    func cleanReferences(_ revision: Revision, _ worker: Worker) -> CleanOutcome {
        let byteCount = revision.operation == .delta ? 4 : 8
        do throws(JetError) {
            return try removeUnreferenced(Bytes(revision.key), at: revision.offset, byteCount, worker)
        } catch {
            return .later
        }
    }

    /// Removes a node whose count of references is zero for everybody, and those whose keys begin with its key, those
    /// first: what a crash leaves of them can be found by the node.
    ///
    /// Why nobody misses them: the count is zero, and no revision of the node is open or newer than the oldest
    /// transaction. So all transactions see it as zero, and to add to a count that one sees as zero is a write conflict
    /// (`LongValues.addReference`).
    func removeUnreferenced(
        _ key: Bytes, at offset: Int, _ byteCount: Int, _ worker: Worker
    ) throws(JetError) -> CleanOutcome {
        let bookmark = Bookmark(key: key)
        var held = try leaf(for: key, .shared)
        let state = referenceState(bookmark, on: held.page, at: offset, byteCount).state
        database.release(held)
        switch state {
        case .kept: return .done
        case .undecided: return .later
        case .dead: break
        }
        guard try removeNodes(below: key, worker) else { return .later }
        held = try leaf(for: key, .exclusive)
        let again = referenceState(bookmark, on: held.page, at: offset, byteCount)
        guard case .dead = again.state else {
            database.release(held)
            return .done
        }
        let outcome = try discard(held, again.line, worker)
        // A leaf that had to stay because there was another one may go now; if not, it is no harm.
        _ = try? removeNodes(below: key, worker)
        return outcome
    }

    private func referenceState(
        _ bookmark: Bookmark, on page: Page, at offset: Int, _ byteCount: Int
    ) -> (state: ReferenceState, line: Int) {
        let found = find(bookmark, on: page)
        guard found.isExact else { return (.kept, found.line) }
        let node = page.node(found.line)
        if node.isDeleted { return (.kept, found.line) }
        if isActive(node) { return (.undecided, found.line) }
        let count = Tree.number(in: node.data, at: offset, byteCount: byteCount)
        return (count == 0 ? .dead : .kept, found.line)
    }

    private func isActive(_ node: PageNode) -> Bool {
        node.isVersioned && database.versions.isActive(name(node), after: database.versions.clock.oldest)
    }

    /// Removes all nodes whose keys begin with `prefix` and are longer, and the leaves that are empty then.
    /// - Returns: False if there is one that somebody may see otherwise, or a leaf is being changed: it and what is
    ///   behind it are still there.
    private func removeNodes(below prefix: Bytes, _ worker: Worker) throws(JetError) -> Bool {
        // Nothing lies between the prefix and this.
        var from = prefix.array() + [0]
        while true {
            var last: [UInt8] = []
            let outcome = try from.lend { (key) throws(JetError) in
                try removeNodesOfLeaf(below: prefix, from: key, &last, worker)
            }
            guard let outcome else { return true }
            if case .later = outcome { return false }
            // The last one of a leaf that has to stay may be there still, deleted.
            from = last + [0]
        }
    }

    /// The same on the first leaf that has some from a key on; nil if there are none. `last` gets the key of the last.
    private func removeNodesOfLeaf(
        below prefix: Bytes, from key: Bytes, _ last: inout [UInt8], _ worker: Worker
    ) throws(JetError) -> CleanOutcome? {
        var held = try leaf(for: key, .exclusive)
        var line = held.page.lowerBound(key).line
        while line == held.page.nodeCount {
            let number = held.page.next
            guard number != .none else {
                database.release(held)
                return nil
            }
            let next: HeldPage
            do throws(JetError) {
                next = try database.latch(number, .exclusive)
            } catch {
                database.release(held)
                throw error
            }
            database.release(held)
            held = next
            line = 0
            guard held.page.isLeaf, held.page.objectID == objectID, !held.page.flags.contains(.empty) else {
                throw corrupted(held)
            }
        }
        var end = line
        while end < held.page.nodeCount {
            let node = held.page.node(end)
            guard node.keyByteCount > prefix.byteCount,
                node.key.commonByteCount(with: BytePieces(prefix)) == prefix.byteCount
            else { break }
            if isActive(node) {
                database.release(held)
                return .later
            }
            end += 1
        }
        guard end > line else {
            database.release(held)
            return nil
        }
        last = held.page.node(end - 1).key.array()
        do throws(JetError) {
            for _ in 1..<(end - line) { try removeNode(held, at: line, worker) }
        } catch {
            database.release(held)
            throw error
        }
        return try discard(held, line, worker)
    }

    /// Removes a node that nobody can see from a leaf, which is let go of, and the leaf if it is empty then.
    private func discard(_ held: HeldPage, _ line: Int, _ worker: Worker) throws(JetError) -> CleanOutcome {
        if !held.page.node(line).isDeleted {
            do throws(JetError) {
                try flagDelete(held, at: line, revision: 0, isVersioned: false, worker)
            } catch {
                database.release(held)
                throw error
            }
        }
        return try removeDead(held, at: line, worker)
    }
}
