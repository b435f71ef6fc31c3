// Layer: ESEEngine/5-Tree. Uses: Tree+Nodes, Tree+Split. Used by: records, indexes, catalog, space.
// Inserts into a tree: the leaf is found, others' changes are respected (rule V2), the change is done or the leaf
// split.

import ESEFormat

/// Where a tree was changed last: the next change may come right behind it.
struct InsertHint {
    var frame = FrameHint()
}

extension Tree {
    /// Inserts a node, in a transaction: others don't see it before the commit.
    /// - Parameters:
    ///   - bookmark: The key; in a tree that is not unique with the data behind it.
    ///   - data: The node's data.
    ///   - hint: Where the last insert was; saves the way from the root if this one belongs there too.
    /// - Throws: `keyDuplicate`; `writeConflict` if somebody whom the transaction can't see has the key;
    /// `recordTooBig`;
    ///   what version store, log and space throw.
    func insert(
        _ bookmark: Bookmark, data: Bytes, update: UInt32 = 0, _ hint: inout InsertHint, _ worker: Worker
    ) throws(JetError) {
        try database.versions.reserve(worker.transaction, byteCount: 2 &* bookmark.bytes.byteCount &+ 512)
        while true {
            let held = try leafForInsert(bookmark, hint)
            let change: NodeChange
            do throws(JetError) {
                let found = find(bookmark, on: held.page)
                change = NodeChange(
                    kind: try kindOfInsert(held, found, worker), bookmark: bookmark, data: data, isVersioned: true,
                    update: update)
                if try self.change(held, found.line, change, worker) {
                    hint.frame = held.latched.hint
                    database.release(held)
                    return
                }
            } catch {
                database.release(held)
                throw error
            }
            database.release(held)
            if try split(for: change, worker) { return }
        }
    }

    /// Inserts a node that nobody else sees the absence of: extents, catalogs of new databases, temporary tables.
    /// - Parameter replacing: Whether a node with the key gets the new data; otherwise it is a `keyDuplicate`.
    func insertUnversioned(
        _ bookmark: Bookmark, data: Bytes, replacing: Bool = false, _ worker: Worker
    ) throws(JetError) {
        while true {
            let held = try leaf(for: bookmark.bytes, .exclusive)
            let change: NodeChange
            do throws(JetError) {
                let found = find(bookmark, on: held.page)
                var kind = NodeChange.Kind.insert
                if found.isExact {
                    if held.page.node(found.line).isDeleted {
                        kind = .revive
                    } else if replacing {
                        kind = .replace
                    } else {
                        throw .keyDuplicate
                    }
                }
                change = NodeChange(kind: kind, bookmark: bookmark, data: data, isVersioned: false)
                if try self.change(held, found.line, change, worker) {
                    database.release(held)
                    return
                }
            } catch {
                database.release(held)
                throw error
            }
            database.release(held)
            if try split(for: change, worker) { return }
        }
    }

    /// What an insert has to do where its key is, or would be.
    @inline(__always)
    private func kindOfInsert(
        _ held: HeldPage, _ found: FoundLine, _ worker: Worker
    ) throws(JetError) -> NodeChange.Kind {
        guard found.isExact else { return .insert }
        let node = held.page.node(found.line)
        if node.isDeleted { return .revive }
        let isOthers = node.isVersioned && database.versions.hasActiveOther(name(node), worker.transaction)
        throw isOthers ? .writeConflict : .keyDuplicate
    }

    /// Does a change if it fits.
    @inline(__always)
    func change(
        _ held: HeldPage, _ line: Int, _ change: NodeChange, _ worker: Worker
    ) throws(JetError) -> Bool {
        let page = held.page
        let growth = growth(change, at: line, on: page)
        if growth > 0, !hasRoom(growth, at: change.kind == .insert ? nil : line, on: page) { return false }
        if change.kind == .insert, page.nodeCount >= 0x0ffe { return false }
        let old = change.kind == .insert ? nil : page.node(line)
        let revisions = try makeRevisions(change, old: old, worker)
        do throws(JetError) {
            try perform(change, held, at: line, revisions, worker)
        } catch {
            cancel(revisions)
            throw error
        }
        confirm(revisions, on: held.number, worker)
        return true
    }

    /// Whether so many more bytes fit and what rollbacks may need stays free. What the node at `line` keeps for that is
    /// its own: it may grow into it. ESE: FNDFreePageSpace.
    @inline(__always)
    func hasRoom(_ growth: Int, at line: Int?, on page: Page) -> Bool {
        page.hasRoom(growth) || growth <= page.freeByteCount && hasRoomAfterCounting(growth, at: line, on: page)
    }

    /// Counts anew what rollbacks may need, since commits don't tell the page. ESE: CbNDUncommittedFree.
    @inline(never)
    private func hasRoomAfterCounting(_ growth: Int, at line: Int?, on page: Page) -> Bool {
        guard page.isLeaf, page.uncommittedFreeByteCount > 0 else { return false }
        var (kept, own) = (0, 0)
        for index in 0..<page.nodeCount {
            let node = page.node(index)
            guard node.isVersioned else { continue }
            let count = database.versions.reservedByteCount(name(node))
            kept &+= count
            if index == line { own = count }
        }
        page.uncommittedFreeByteCount = min(kept, page.freeByteCount)
        return growth <= page.freeByteCount &- kept &+ own
    }

    /// The leaf of a bookmark, latched exclusively: that of the hint if it must be that.
    @inline(__always)
    private func leafForInsert(_ bookmark: Bookmark, _ hint: InsertHint) throws(JetError) -> HeldPage {
        if let latched = database.buffers.tryLatchAgain(hint.frame, .exclusive) {
            let held = HeldPage(latched, database.pageSize)
            if isLeaf(held, of: bookmark) { return held }
            database.release(held)
        }
        return try leaf(for: bookmark.bytes, .exclusive)
    }

    /// Whether a page is for certain the leaf of a bookmark: it lies between nodes of it, or behind the last of all.
    private func isLeaf(_ held: HeldPage, of bookmark: Bookmark) -> Bool {
        let page = held.page
        guard page.isLeaf, page.objectID == objectID, !page.flags.contains(.empty),
            page.flags.contains(.spaceTree) == isSpaceTree, page.nodeCount > 0
        else { return false }
        // The most frequent case is behind the last one.
        let found = find(bookmark, on: page)
        if found.line == page.nodeCount { return page.next == .none }
        return found.line > 0 || found.isExact
    }
}
