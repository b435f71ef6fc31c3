// Layer: ESEEngine/5-Tree. Uses: Tree+Nodes, 1-Page's plans. Used by: versioned changes, space.
// Makes room for a change that does not fit on its leaf.
//
// One page is split at a time, in a macro of its own. On the way down, with exclusive latches on a page and the one
// above it, a branch without room for one more separator is split before its children are looked at, so a split never
// spreads upwards. The new page is reserved before anything is latched (rule T1), and given back if it was not needed.

import ESEFormat

extension Tree {
    /// Splits pages on the way to a change's leaf until the change fits, and does it on the way if the split can.
    /// - Parameter prepare: Called with the leaf latched exclusively, before anything is changed for the last time;
    /// makes
    ///   the revisions, or says by nil that the change can't be done by a split: the caller looks again.
    /// - Returns: Whether the change was done. If not, there may be room now, or the caller must look again.
    /// - Throws: `recordTooBig` if it would not fit on an empty page; what space, log and version store throw.
    func split(
        for change: NodeChange, _ worker: Worker
    ) throws(JetError) -> Bool {
        let new = try takePage(worker)
        var isUsed = false
        let isDone: Bool
        do throws(JetError) {
            isDone = try split(for: change, new, &isUsed, worker)
        } catch {
            if !isUsed { giveBack(new, worker) }
            throw error
        }
        if !isUsed { giveBack(new, worker) }
        return isDone
    }

    private func split(
        for change: NodeChange, _ new: PageNumber, _ isUsed: inout Bool, _ worker: Worker
    ) throws(JetError) -> Bool {
        var parent: HeldPage?
        var held = try database.latch(root, .exclusive)
        defer {
            if let parent { database.release(parent) }
            database.release(held)
        }
        let separatorRoom = greatestKeyByteCount + 1 + 2 + 4 + 4
        var isAtEnd = true
        var lineOfChild = 0
        while !held.page.isLeaf {
            let page = held.page
            guard page.objectID == objectID, page.nodeCount > 0 else { throw .databaseCorrupted }
            if !page.hasRoom(separatorRoom) || page.nodeCount >= 0x0ff0 {
                guard let plan = SplitPlan.choose(page, operation: .none, at: 0, hint: isAtEnd ? .append : .balanced)
                else { throw .databaseCorrupted }
                try perform(plan, held, under: parent, new, change: nil, line: 0, ChangeRevisions(), &isUsed, worker)
                return false
            }
            let line = page.childLine(for: change.bookmark.bytes)
            isAtEnd = isAtEnd && line == page.nodeCount - 1
            let child = try database.latch(page.child(line), .exclusive)
            if let parent { database.release(parent) }
            parent = held
            lineOfChild = line
            held = child
            guard child.page.objectID == objectID else { throw .databaseCorrupted }
        }

        let page = held.page
        let found = find(change.bookmark, on: page)
        switch change.kind {
        case .insert: if found.isExact { return false }
        case .revive, .replace:
            if !found.isExact || page.node(found.line).isDeleted != (change.kind == .revive) { return false }
        }
        // Somebody else may have made room.
        let ownLine = change.kind == .insert ? nil : found.line
        if hasRoom(growth(change, at: found.line, on: page), at: ownLine, on: page), page.nodeCount < 0x0ffe {
            return false
        }

        let isAppend = change.kind == .insert && page.next == .none && found.line == page.nodeCount
        let flags: NodeFlags = change.isVersioned ? .versioned : []
        let operation: SplitOperation =
            switch change.kind {
            case .insert:
                .insert(key: BytePieces(change.bookmark.key), data: BytePieces(change.data), flags: flags)
            case .revive: .flagInsertAndReplace(data: BytePieces(change.data), flags: flags)
            case .replace: .replace(data: BytePieces(change.data), flags: flags)
            }
        let versions = database.versions
        var hint = SplitHint.balanced
        if let parent, change.kind == .insert {
            let bound = found.line < page.nodeCount ? page.node(found.line) : parent.page.node(lineOfChild)
            if isAppend {
                hint = .append
            } else if endsGroup(change.bookmark.key, at: found.line, on: page, before: bound.key) {
                hint = .hotpoint
            }
        }
        let plan = SplitPlan.choose(
            page, operation: operation, at: found.line, hint: hint,
            reserved: { line in
                page.uncommittedFreeByteCount == 0 ? 0 : versions.reservedByteCount(name(page.node(line)))
            })
        guard let plan else { throw .recordTooBig }
        guard plan.performsOperation else {
            try perform(plan, held, under: parent, new, change: nil, line: 0, ChangeRevisions(), &isUsed, worker)
            return false
        }
        let old = change.kind == .insert ? nil : page.node(found.line)
        let oldByteCount = old?.data.byteCount ?? 0
        let revisions = try makeRevisions(change, old: old, worker)
        do throws(JetError) {
            if change.isVersioned { try worker.logBegin(database) }
            try perform(
                plan, held, under: parent, new, change: change, line: found.line, revisions, &isUsed, worker)
        } catch {
            cancel(revisions)
            throw error
        }
        // The pages have it from the plan.
        if let replace = revisions.replace {
            _ = versions.setDataByteCount(replace, from: oldByteCount, to: change.data.byteCount)
        }
        return true
    }

    /// Whether a new node stands at the end of a group of keys that has half of the page or more: more of them will
    /// come behind it, such as the rows of one object by time, and halves would stay half full for ever. A group is
    /// what has more bytes of the key in common with it than what follows.
    private func endsGroup(_ key: Bytes, at line: Int, on page: Page, before bound: BytePieces) -> Bool {
        let half = (page.nodeCount + 1) / 2
        // Without a bound nothing is known of what follows.
        guard line >= max(half, 2), bound.byteCount > 0 else { return false }
        let key = BytePieces(key)
        return page.node(line - half).key.commonByteCount(with: key) > bound.commonByteCount(with: key)
    }

    /// Logs a split as one macro and does it, and confirms the revisions of the change on the way.
    private func perform(
        _ plan: SplitPlan, _ held: HeldPage, under parent: HeldPage?, _ newPage: PageNumber, change: NodeChange?,
        line: Int, _ revisions: ChangeRevisions, _ isUsed: inout Bool, _ worker: Worker
    ) throws(JetError) {
        let page = held.page
        let isVertical = plan.record.kind == .vertical
        let right: HeldPage? =
            !isVertical && page.isLeaf && page.next != .none ? try database.latch(page.next, .exclusive) : nil
        defer { if let right { database.release(right) } }
        let new = try database.latchNew(newPage)
        defer { database.release(new) }

        let time = database.nextTime()
        var record = plan.record
        record.page = splitFields(held, time, worker)
        record.newPage = newPage
        record.root = owningRoot
        if let right {
            record.rightPage = right.number
            record.rightDatabaseTimeBefore = right.page.databaseTime
        }
        if let parent, !isVertical {
            record.parentPage = parent.number
            record.parentDatabaseTimeBefore = parent.page.databaseTime
        }
        if record.needsBeforeImage, database.log != nil {
            let image = BeforeImage(of: page, databaseTime: time, compresses: false)
            record.beforeImageFlags = image.flags
            record.beforeImage = image.bytes
        }
        database.announce(held)
        database.announce(new)
        if let right { database.announce(right) }
        if let parent, !isVertical { database.announce(parent) }

        let begin = try database.append(
            MacroRecord(type: .macroBegin, session: worker.number, databaseTime: time), worker)
        if database.log != nil {
            if let parent, !isVertical {
                var pointer = SplitRecord()
                pointer.page = splitFields(parent, time, worker)
                pointer.root = owningRoot
                pointer.objectID = objectID
                pointer.operation = .insert
                pointer.splitPageFlags = parent.page.flags
                _ = try database.append(pointer.encoded())
            }
            _ = try database.append(record.encoded())
        }
        if let change { _ = try log(change, held, at: line, time: time, revisions, worker) }
        let end = try database.append(
            MacroRecord(type: .macroCommit, session: worker.number, databaseTime: time), worker)

        // From here on nothing may fail: what `apply` checks was chosen by the plan.
        isUsed = true
        do throws(JetError) {
            try record.apply(
                source: page, new: new.page, right: right?.page, parent: isVertical ? nil : parent?.page,
                operation: operation(change))
        } catch {
            preconditionFailure("a split that was planned can be done: \(error)")
        }
        let span = begin.through(end)
        database.changed(held, span)
        database.changed(new, new.page.isLeaf ? span.fromOldestBegin(database.versions) : span)
        if let right { database.changed(right, span) }
        if let parent, !isVertical { database.changed(parent, span) }
        if new.page.isLeaf { logUndoInformation(leaving: held) }
        // While both pages are latched: what undoing takes must be logged before the node's page is written.
        if let change {
            let isMoved = find(change.bookmark, on: new.page).isExact
            confirm(revisions, on: isMoved ? newPage : held.number, worker)
        }
    }

    private func operation(_ change: NodeChange?) -> SplitOperation {
        guard let change else { return .none }
        let flags: NodeFlags = change.isVersioned ? .versioned : []
        return switch change.kind {
        case .insert: .insert(key: BytePieces(change.bookmark.key), data: BytePieces(change.data), flags: flags)
        case .revive: .flagInsertAndReplace(data: BytePieces(change.data), flags: flags)
        case .replace: .replace(data: BytePieces(change.data), flags: flags)
        }
    }

    func splitFields(_ held: HeldPage, _ time: DatabaseTime, _ worker: Worker) -> LoggedPageFields {
        var fields = LoggedPageFields()
        fields.processID = worker.number
        fields.databaseID = database.slot.rawValue
        fields.page = held.number
        fields.databaseTime = time
        fields.databaseTimeBefore = held.page.databaseTime
        let level = worker.transaction.level
        fields.transactionBegin = level > 0 ? worker.transaction.begin.logged : 0
        fields.level = UInt8(truncatingIfNeeded: level)
        fields.flags = recordFlags.rawValue
        return fields
    }

    /// Nodes left a page. Redo can't learn any more what was before their open changes: the old page may be written as
    /// it is now, and its image in the log has the changes. So what undoing takes is logged, and pages wait for that.
    /// Should the log fail, no page is ever written again.
    func logUndoInformation(leaving old: HeldPage) {
        guard let log = database.log, !isSpaceTree else { return }
        let end = try? UndoInformation.log(of: old.number, database.slot.rawValue, database.versions, log) { root in
            root == self.root ? objectID : nil
        }
        if let end, end > .none { log.holdPages(until: end) }
    }

    // MARK: Pages.

    /// A page for a split, out of space.
    private func takePage(_ worker: Worker) throws(JetError) -> PageNumber {
        switch pages {
        case .space(let space): try space.takePage(for: self, worker)
        case .splitBuffer: try Space.takeFromSplitBuffer(of: self, worker)
        }
    }

    /// Gives it back; also one that is not used any more. No latch is held.
    func giveBack(_ page: PageNumber, _ worker: Worker) {
        switch pages {
        case .space(let space): space.giveBack(page, to: self, worker)
        case .splitBuffer: Space.giveBackToSplitBuffer(page, of: self, worker)
        }
    }
}
