// Layer: ESEEngine/5-Tree. Uses: MergePlan, Tree+Nodes, Space. Used by: cleaning, rollback, trees of extents.
// Pages that are empty or nearly so go away. The page above, and those further up that may have to change, are latched
// exclusively from the root down, then the leaf's left sibling, the leaf and its right sibling (rule T1). It is one
// macro, or one record if the whole tree becomes empty. The pages are given back when no latch is held any more: if the
// machine stops in between they are lost for a time, never used twice.

import ESEFormat

/// What became of an attempt to merge a leaf with its neighbours.
enum MergeOutcome {
    /// It was done, or there is nothing left to do.
    case done
    /// The neighbours were changing; another attempt may succeed.
    case later
    /// The page has to stay as long as it and its neighbours are what they are.
    case impossible
}

/// A page above the leaf and the line of the pointer that leads down.
private struct PathPage {
    let held: HeldPage
    let line: Int
}

/// The latched pages of a merge.
private struct MergePages {
    /// From the highest page that may have to change down to the one above the leaf.
    var path: [PathPage] = []
    var left: HeldPage?
    var leaf: HeldPage?
    var right: HeldPage?

    func release(_ database: Database) {
        if let right { database.release(right) }
        if let leaf { database.release(leaf) }
        if let left { database.release(left) }
        for page in path.reversed() { database.release(page.held) }
    }
}

extension Tree {
    /// Bytes that stay free on a page that takes the nodes of another. ESE: cbDensityFree.
    private var mergeDensityByteCount: Int { Page.availableByteCount(database.pageSize) / 5 }

    /// Removes a deleted node that nobody can see from a leaf, which is let go of, and the leaf with it if it is empty
    /// then or fits in the one to the right.
    /// - Returns: `done`, also if the node has to stay because it is the last of a page that has to stay.
    func removeDead(_ held: HeldPage, at line: Int, _ worker: Worker) throws(JetError) -> CleanOutcome {
        let page = held.page
        if !page.isRoot, isDead(page, from: line) {
            let bookmark = boundaryBookmark(page, line)
            database.release(held)
            return try removeDeadPage(bookmark, worker)
        }
        let before = usedByteCount(page)
        do throws(JetError) {
            try removeNode(held, at: line, worker)
        } catch {
            database.release(held)
            throw error
        }
        guard isHalved(page, usedBefore: before) else {
            database.release(held)
            return .done
        }
        var bookmark: [UInt8]?
        if fitsRight(held) { bookmark = boundaryBookmark(page, min(line, page.nodeCount - 1)) }
        let (left, number, room) = (page.previous, held.number, page.freeByteCount - page.uncommittedFreeByteCount)
        database.release(held)
        if bookmark == nil, left != .none { bookmark = bookmarkOfPage(left, before: number, ifItTakes: room) }
        // If it fails the page stays, which is no harm.
        if let bookmark { _ = try? bookmark.lend { (key) throws(JetError) in try merge(key, worker) } }
        return .done
    }

    /// All nodes of a leaf are deleted and seen by nobody.
    private func removeDeadPage(_ bookmark: [UInt8], _ worker: Worker) throws(JetError) -> CleanOutcome {
        let outcome = try bookmark.lend { (key) throws(JetError) in try merge(key, worker) }
        switch outcome {
        case .done: return .done
        case .later: return .later
        case .impossible: break
        }
        // All but the last can go.
        try bookmark.lend { (key) throws(JetError) in
            let held = try leaf(for: key, .exclusive)
            defer { database.release(held) }
            var line = held.page.nodeCount - 1
            while line >= 0, held.page.nodeCount > 1 || held.page.isRoot {
                if isDead(held.page, line) { try removeNode(held, at: line, worker) }
                line -= 1
            }
        }
        return .done
    }

    /// Whether a node is deleted and nobody can see it; the page is latched exclusively.
    func isDead(_ page: Page, _ line: Int) -> Bool {
        let node = page.node(line)
        return node.isDeleted && !database.versions.isActive(name(node), after: database.versions.clock.oldest)
    }

    /// Whether that is so of all nodes of a page. The flags come first, then the nodes behind `line`, which were likely
    /// deleted later than those before it.
    private func isDead(_ page: Page, from line: Int) -> Bool {
        let count = page.nodeCount
        for other in 0..<count where !page.nodeFlags(other).contains(.deleted) { return false }
        for step in 1...count where !isDead(page, (line + step) % count) { return false }
        return true
    }

    private func usedByteCount(_ page: Page) -> Int {
        Page.availableByteCount(database.pageSize) - page.freeByteCount
    }

    /// Whether what is on a page has become half, a quarter, an eighth … of what there could be: only then merges are
    /// tried, so that attempts are few, however many nodes are removed.
    private func isHalved(_ page: Page, usedBefore: Int) -> Bool {
        guard !page.isRoot, page.nodeCount > 0 else { return false }
        let all = Page.availableByteCount(database.pageSize)
        let (oldShare, newShare) = (UInt(all / max(usedBefore, 1)), UInt(all / max(usedByteCount(page), 1)))
        return newShare > 1 && oldShare.leadingZeroBitCount != newShare.leadingZeroBitCount
    }

    /// Whether what is on a page fits on the one to the right.
    private func fitsRight(_ held: HeldPage) -> Bool {
        // From left to right (rule T1).
        guard held.page.next != .none, let right = try? database.latch(held.page.next, .shared) else { return false }
        defer { database.release(right) }
        return right.page.hasRoom(usedByteCount(held.page) + mergeDensityByteCount)
    }

    /// What leads to a page if it is to the left of another one, which has so much room, and fits there.
    private func bookmarkOfPage(_ left: PageNumber, before number: PageNumber, ifItTakes room: Int) -> [UInt8]? {
        guard let held = try? database.latch(left, .shared) else { return nil }
        defer { database.release(held) }
        let page = held.page
        guard isLeaf(page), page.next == number, page.nodeCount > 0,
            usedByteCount(page) + mergeDensityByteCount <= room
        else { return nil }
        return boundaryBookmark(page, 0)
    }

    /// What leads from the root to the page of a node.
    private func boundaryBookmark(_ page: Page, _ line: Int) -> [UInt8] {
        let node = page.node(line)
        return isUnique ? node.key.array() : node.key.array() + node.data.array()
    }

    // MARK: Merging.

    /// Takes the leaf of a bookmark away if it can be emptied, and gives its page back, and those above that are empty
    /// then. No latch is held.
    /// - Throws: What log, buffers and space throw.
    func merge(_ bookmark: Bytes, _ worker: Worker) throws(JetError) -> MergeOutcome {
        var freed: [PageNumber] = []
        let outcome = try merge(bookmark, &freed, worker)
        for page in freed { giveBack(page, worker) }
        return outcome
    }

    /// The same; the pages are the caller's to give back.
    func merge(
        _ bookmark: Bytes, _ freed: inout [PageNumber], _ worker: Worker
    ) throws(JetError) -> MergeOutcome {
        var pages = MergePages()
        defer { pages.release(database) }
        guard try latchPath(bookmark, &pages), let parent = pages.path.last else { return .done }
        guard try latchLeaves(parent.held.page.child(parent.line), under: parent, &pages), let leaf = pages.leaf
        else { return .later }
        let versions = database.versions
        let oldest = versions.clock.oldest
        let page = leaf.page
        let up = [(page: page, line: 0)] + pages.path.reversed().map { (page: $0.held.page, line: $0.line) }
        let plan = MergePlan.choose(
            up, left: pages.left?.page, right: pages.right?.page, densityByteCount: mergeDensityByteCount,
            state: { line in
                let node = page.node(line)
                return MergePlan.NodeState(
                    isActive: node.isDeleted && versions.isActive(name(node), after: oldest),
                    reservedByteCount: page.uncommittedFreeByteCount == 0 || node.isDeleted
                        ? 0 : versions.reservedByteCount(name(node)))
            })
        switch plan?.kind {
        case .emptyTree:
            try emptyTree(pages, &freed, worker)
            return .done
        case .emptyPage, .fullRight:
            guard let plan else { return .impossible }
            try perform(plan, pages, &freed, worker)
            return .done
        default: return .impossible
        }
    }

    /// Latches the pages above the leaf of a bookmark, from the highest that may have to change. False if the root is
    /// the leaf.
    private func latchPath(_ bookmark: Bytes, _ pages: inout MergePages) throws(JetError) -> Bool {
        var held = try database.latch(root, .exclusive)
        while !held.page.isLeaf {
            let page = held.page
            guard page.objectID == objectID, page.nodeCount > 0, pages.path.count < Self.greatestDepth else {
                throw corrupted(held)
            }
            let line = page.childLine(for: bookmark)
            // What happens to a pointer that is not the last does not reach the pages above.
            if page.nodeCount > 1, line < page.nodeCount - 1 || page.node(line).keyByteCount == 0 {
                for above in pages.path { database.release(above.held) }
                pages.path.removeAll(keepingCapacity: true)
            }
            pages.path.append(PathPage(held: held, line: line))
            if page.flags.contains(.parentOfLeaf) { return true }
            held = try database.latch(page.child(line), .exclusive)
        }
        database.release(held)
        guard pages.path.isEmpty else { throw .databaseCorrupted }
        return false
    }

    /// Latches a leaf between its siblings. False if the one to the left was changing all the time.
    private func latchLeaves(
        _ number: PageNumber, under parent: PathPage, _ pages: inout MergePages
    ) throws(JetError) -> Bool {
        for _ in 0..<3 {
            var leftNumber = PageNumber.none
            if parent.line > 0 {
                leftNumber = parent.held.page.child(parent.line - 1)
            } else {
                // The sibling is below another page, so only the leaf knows it.
                let leaf = try database.latch(number, .shared)
                leftNumber = leaf.page.previous
                database.release(leaf)
            }
            if leftNumber != .none {
                pages.left = try database.latch(leftNumber, .exclusive)
                if let left = pages.left, !isLeaf(left.page) || left.page.next != number {
                    database.release(left)
                    pages.left = nil
                    continue
                }
            }
            let leaf = try database.latch(number, .exclusive)
            pages.leaf = leaf
            guard isLeaf(leaf.page), leaf.page.previous == leftNumber else {
                if leftNumber != .none { throw .databaseCorrupted }
                database.release(leaf)
                pages.leaf = nil
                continue
            }
            if leaf.page.next != .none {
                let right = try database.latch(leaf.page.next, .exclusive)
                pages.right = right
                guard isLeaf(right.page), right.page.previous == number else { throw .databaseCorrupted }
            }
            return true
        }
        return false
    }

    private func isLeaf(_ page: Page) -> Bool {
        page.isLeaf && page.objectID == objectID && !page.flags.contains(.empty)
            && page.flags.contains(.spaceTree) == isSpaceTree
    }

    /// Logs a merge as one macro and does it. Undo information that is not logged stays with the leaf: see splits.
    private func perform(
        _ plan: MergePlan, _ pages: MergePages, _ freed: inout [PageNumber], _ worker: Worker
    ) throws(JetError) {
        guard let leaf = pages.leaf else { preconditionFailure("the leaf is latched") }
        let time = database.nextTime()
        let above = Array(pages.path.reversed().prefix(plan.changes.count - 1))
        var records = plan.records
        for level in records.indices {
            let held = level == 0 ? leaf : above[level - 1].held
            records[level].page = splitFields(held, time, worker)
            records[level].page.line = level == 0 ? 0 : UInt16(truncatingIfNeeded: above[level - 1].line)
            records[level].root = owningRoot
            records[level].objectID = objectID
            if level < above.count {
                records[level].parentPage = above[level].held.number
                records[level].parentDatabaseTimeBefore = above[level].held.page.databaseTime
            }
        }
        if let left = pages.left {
            records[0].leftPage = left.number
            records[0].leftDatabaseTimeBefore = left.page.databaseTime
        }
        if let right = pages.right {
            records[0].rightPage = right.number
            records[0].rightDatabaseTimeBefore = right.page.databaseTime
        }
        if records[0].needsBeforeImage, database.log != nil {
            let image = BeforeImage(of: leaf.page, databaseTime: time, compresses: false)
            records[0].beforeImageFlags = image.flags
            records[0].beforeImage = image.bytes
        }
        var touched = [leaf] + above.map(\.held)
        if let left = pages.left { touched.append(left) }
        if let right = pages.right { touched.append(right) }
        for page in touched { database.announce(page) }

        let begin = try database.append(
            MacroRecord(type: .macroBegin, session: worker.number, databaseTime: time), worker)
        if database.log != nil { for record in records.reversed() { _ = try database.append(record.encoded()) } }
        let end = try database.append(
            MacroRecord(type: .macroCommit, session: worker.number, databaseTime: time), worker)

        // From here on nothing may fail: what `apply` checks was chosen by the plan.
        do throws(JetError) {
            try records[0].apply(source: leaf.page, left: pages.left?.page, right: pages.right?.page)
            for level in 1..<records.count {
                try records[level].apply(above: above[level - 1].held.page, leaf: records[0])
            }
        } catch {
            preconditionFailure("a merge that was planned can be done: \(error)")
        }
        let span = begin.through(end)
        for page in [leaf] + above.map(\.held) { database.changed(page, span) }
        let taking = span.fromOldestBegin(database.versions)
        for page in [pages.left, pages.right] { if let page { database.changed(page, taking) } }
        logUndoInformation(leaving: leaf)
        for level in records.indices where records[level].changes.contains(.emptyPage) {
            freed.append(records[level].page.page)
        }
    }

    /// The only leaf of the tree has no node that anybody can see: the root becomes the leaf.
    private func emptyTree(_ pages: MergePages, _ freed: inout [PageNumber], _ worker: Worker) throws(JetError) {
        guard let leaf = pages.leaf, let root = pages.path.first?.held, root.number == self.root else {
            throw .databaseCorrupted
        }
        let gone = pages.path.dropFirst().map(\.held) + [leaf]
        let time = database.nextTime()
        var list: [UInt8] = []
        for page in gone {
            // ESE: EMPTYPAGE.
            list.append(little: page.page.databaseTime.rawValue)
            list.append(little: page.number.rawValue)
            list.append(little: page.page.flags.rawValue)
        }
        database.announce(root)
        for page in gone { database.announce(page) }
        let record = EmptyTreeRecord(
            node: nodeFields(root, time: time, line: 0, revision: 0, worker),
            byteCount: UInt16(truncatingIfNeeded: list.count))
        let span = try list.lend { (list) throws(JetError) in try database.append(record, worker, list.buffer) }
        root.page.emptyTree(databaseTime: time)
        database.changed(root, span)
        for page in gone {
            page.page.flags.insert(.empty)
            page.page.databaseTime = time
            database.changed(page, span)
            freed.append(page.number)
        }
    }
}
