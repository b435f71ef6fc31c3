// Layer: ESEEngine/5-Tree. Uses: TreeCursor. Used by: records, indexes, catalog, background work.
// Searches and moves. They stop at nodes that the transaction sees (rule V1) and leave the page latched shared, so
// that the caller can read the node before it calls `release`.

import ESEFormat

/// Which node a search wants.
public enum SeekKind: UInt8, Sendable {
    /// One with this key.
    case equal
    /// The first with this key or a greater one.
    case greaterOrEqual
    /// The first with a greater key.
    case greater
    /// The last with this key or a smaller one.
    case lessOrEqual
    /// The last with a smaller key.
    case less
}

extension TreeCursor {
    /// Goes to the node that a key asks for. In trees that are not unique "with this key" is the first of them, for
    /// `lessOrEqual` the last.
    /// - Returns: Whether there is one; if not, the cursor is nowhere.
    public func seek(_ key: Bytes, _ kind: SeekKind) throws(JetError) -> Bool {
        reset()
        let leaf = try tree.leaf(for: key, .shared)
        let page = leaf.page
        switch kind {
        case .equal, .greaterOrEqual:
            let found = page.lowerBound(key)
            stand(leaf, found.line)
            guard try settle(forward: true) else { return false }
            if kind == .equal, compareKey(key) != 0 {
                reset()
                return false
            }
            return true
        case .greater:
            // In trees that are not unique the entries with the key may go on to the right.
            stand(leaf, page.upperBound(key))
            guard try settle(forward: true) else { return false }
            while compareKey(key) == 0 { guard try next() else { return false } }
            return true
        case .less:
            stand(leaf, page.lowerBound(key).line - 1)
            return try settle(forward: false)
        case .lessOrEqual:
            stand(leaf, page.upperBound(key) - 1)
            guard try settle(forward: false) else { return false }
            if tree.isUnique { return true }
            while true {
                guard try next() else { return try last() }
                if compareKey(key) > 0 { return try previous() }
            }
        }
    }

    /// Goes to a node by its bookmark, if the transaction sees it.
    public func go(to bookmark: Bookmark) throws(JetError) -> Bool {
        reset()
        guard try search(bookmark, .shared), isVisible() else {
            reset()
            return false
        }
        stand()
        return true
    }

    /// Goes to the first node; false if there is none.
    public func first() throws(JetError) -> Bool {
        reset()
        stand(try tree.firstLeaf(.shared), 0)
        return try settle(forward: true)
    }

    /// Goes to the last node; false if there is none.
    public func last() throws(JetError) -> Bool {
        reset()
        let leaf = try tree.lastLeaf(.shared)
        stand(leaf, leaf.page.nodeCount - 1)
        return try settle(forward: false)
    }

    /// Goes to the next node; false if there is none, and then the cursor is nowhere.
    @inline(__always)
    public func next() throws(JetError) -> Bool {
        // If the node is gone, what was behind it is at its line now.
        let isThere = try restore(.shared)
        if isThere { step(1) }
        return try settle(forward: true)
    }

    /// Goes to the previous node; false if there is none, and then the cursor is nowhere.
    @inline(__always)
    public func previous() throws(JetError) -> Bool {
        _ = try restore(.shared)
        step(-1)
        return try settle(forward: false)
    }

    /// How the key of the node, which is latched, stands to another.
    func compareKey(_ key: Bytes) -> Int { page.compareKey(line, to: BytePieces(key)) }

    /// From the line on, to the next node that is visible.
    @inline(__always)
    private func settle(forward: Bool) throws(JetError) -> Bool {
        while true {
            let page = page
            if line >= 0, line < page.nodeCount {
                if page.nodeFlags(line).isDisjoint(with: [.deleted, .versioned]) || isVisible() { return true }
                step(forward ? 1 : -1)
            } else {
                guard try forward ? nextLeaf() : previousLeaf() else {
                    reset()
                    return false
                }
            }
        }
    }

    /// Whether the transaction sees the node at the line. If it sees an older state, that is in `before`.
    func isVisible() -> Bool {
        let node = page.node(line)
        hasBefore = false
        guard node.isVersioned else { return !node.isDeleted }
        let result = tree.database.versions.visibility(of: tree.name(node), to: worker.transaction) { data in
            setBefore(data)
        }
        switch result {
        case .unversioned, .asOnPage: return !node.isDeleted
        case .invisible: return false
        case .undeleted: return true
        case .beforeImage:
            hasBefore = true
            return true
        }
    }

    private func nextLeaf() throws(JetError) -> Bool {
        let next = page.next
        guard next != .none else { return false }
        if readAhead.passes(.right), try readAheadRight() { return true }
        let following = try checkedLeaf(page.next)
        guard let following else { throw .databaseCorrupted }
        replaceHeld(by: following, line: 0)
        return true
    }

    /// To the left latches go the wrong way (rule T1): the page is let go of first. Only if it has not changed at all
    /// when both are latched its neighbour is what came before; else the way is searched again.
    private func previousLeaf() throws(JetError) -> Bool {
        guard page.previous != .none else { return false }
        // The first node bounds the search; a leaf that is no root has one.
        guard page.nodeCount > 0 else { throw .databaseCorrupted }
        rememberBound(page.node(0))
        while true {
            let (previous, number, time) = (page.previous, heldNumber, page.databaseTime)
            guard previous != .none else { return false }
            letGo()
            if readAhead.passes(.left) { try fetch(.left, of: bound.bytes) }
            if let left = try? checkedLeaf(previous) {
                if left.page.next == number, isUnchanged(number, since: time) {
                    take(left, line: left.page.nodeCount - 1)
                    return true
                }
                tree.database.release(left)
            }
            let leaf = try tree.leaf(for: bound.bytes, .shared)
            let found = tree.find(bound, on: leaf.page)
            take(leaf, line: found.line - 1)
            if found.line > 0 { return true }
        }
    }

    /// Whether a page is as it was; one that can't be read is gone.
    private func isUnchanged(_ number: PageNumber, since time: DatabaseTime) -> Bool {
        guard let held = try? tree.database.latch(number, .shared) else { return false }
        defer { tree.database.release(held) }
        return held.page.databaseTime == time
    }

    /// Latches a neighbour; nil if it is no leaf of the tree any more.
    private func checkedLeaf(_ number: PageNumber) throws(JetError) -> HeldPage? {
        let leaf = try tree.database.latch(number, .shared)
        guard leaf.page.isLeaf, leaf.page.objectID == tree.objectID, !leaf.page.flags.contains(.empty),
            leaf.page.flags.contains(.spaceTree) == tree.isSpaceTree
        else {
            tree.database.release(leaf)
            return nil
        }
        return leaf
    }
}
