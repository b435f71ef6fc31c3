// Layer: ESEEngine/1-Page. Uses: Page. Used by: trees when they merge pages, redo.
// The merge of one level, done and redone by the same code (rule P2). What is checked before the first byte changes is
// all that a record could get wrong.

public import ESEFormat

extension MergeRecord {
    /// Merges the leaf: the record with a kind. Pages that need no redo are nil; the others are latched exclusively.
    /// - Parameters:
    ///   - source: The page that gives its nodes. It must be there if the one that takes them is.
    ///   - left: Its sibling to the left.
    ///   - right: Its sibling to the right.
    ///   - parent: The page above, if its record is at hand too.
    /// - Throws: `logFileCorrupt` if pages and record don't belong together or the nodes don't fit; nothing is changed.
    public func apply(
        source: Page?, left: Page?, right: Page?, parent: (page: Page, record: MergeRecord)? = nil
    ) throws(JetError) {
        try check(source, left, right)
        if let parent { try parent.record.checkAbove(parent.page, leaf: self) }
        if let target = isToLeft ? left : right, moves, let source {
            let end = target.nodeCount
            var insertions = 0
            for line in movedLines(source.nodeCount) {
                let node = source.node(line)
                if node.isDeleted { continue }
                target.insert(
                    at: isToLeft ? end + insertions : insertions, key: node.key, data: BytePieces(node.data),
                    flags: node.flags)
                insertions += 1
            }
            target.uncommittedFreeByteCount = uncommittedFreeOfTarget
        }
        if let source, isPartial {
            let lines = movedLines(source.nodeCount)
            source.delete(from: lines.lowerBound, count: lines.count)
        }
        if !isPartial {
            left?.next = rightPage
            right?.previous = leftPage
        }
        if let source, changes.contains(.emptyPage) { source.flags.insert(.empty) }
        for page in [source, left, right] { page?.databaseTime = self.page.databaseTime }
        if let parent { parent.record.changeAbove(parent.page, leaf: self) }
    }

    /// Changes a page above the leaf, whose record `leaf` is.
    /// - Throws: `logFileCorrupt` if page and records don't belong together; nothing is changed then.
    public func apply(above branch: Page, leaf: MergeRecord) throws(JetError) {
        try checkAbove(branch, leaf: leaf)
        changeAbove(branch, leaf: leaf)
    }

    /// Whether nodes move, so that the record must carry a before-image.
    public var needsBeforeImage: Bool { moves }

    // MARK: Parts.

    private var moves: Bool { isPartial || kind == .fullRight || kind == .fullLeft }
    private var isPartial: Bool { kind == .partialRight || kind == .partialLeft }
    private var isToLeft: Bool { kind == .fullLeft || kind == .partialLeft }

    private func movedLines(_ count: Int) -> Range<Int> {
        switch kind {
        case .fullRight, .partialRight: mergeLine..<count
        case .fullLeft, .partialLeft: 0..<(mergeLine + 1)
        default: 0..<0
        }
    }

    private func check(_ source: Page?, _ left: Page?, _ right: Page?) throws(JetError) {
        switch kind {
        case .none, .emptyTree, .pageMove: throw .logFileCorrupt
        case .emptyPage: break
        case .fullRight, .partialRight: guard rightPage != .none else { throw .logFileCorrupt }
        case .fullLeft, .partialLeft: guard leftPage != .none else { throw .logFileCorrupt }
        }
        for page in [source, left, right] {
            guard page?.isLeaf ?? true else { throw .logFileCorrupt }
        }
        guard left == nil || leftPage != .none, right == nil || rightPage != .none else { throw .logFileCorrupt }
        if isPartial, changes.contains(.emptyPage) { throw .logFileCorrupt }
        guard moves else { return }
        let target = isToLeft ? left : right
        guard let source else {
            // Without its source a target can't be redone.
            if target != nil { throw .logFileCorrupt }
            return
        }
        guard mergeLine >= 0, mergeLine < source.nodeCount, kind != .fullRight || mergeLine == 0,
            kind != .fullLeft || mergeLine == source.nodeCount - 1,
            !isPartial || movedLines(source.nodeCount).count < source.nodeCount
        else { throw .logFileCorrupt }
        guard let target else { return }
        var (needed, count) = (0, target.nodeCount)
        for line in movedLines(source.nodeCount) {
            let node = source.node(line)
            if node.isDeleted { continue }
            needed += target.insertByteCount(key: node.key, dataByteCount: node.data.byteCount)
            count += 1
        }
        guard count <= 0x0ffe, needed <= target.freeByteCount,
            uncommittedFreeOfTarget <= target.freeByteCount - needed
        else { throw .logFileCorrupt }
    }

    private func isNullKeyed(_ branch: Page, _ line: Int) -> Bool { branch.node(line).keyByteCount == 0 }

    private func checkAbove(_ branch: Page, leaf: MergeRecord) throws(JetError) {
        let line = Int(page.line)
        guard !branch.isLeaf, line < branch.nodeCount else { throw .logFileCorrupt }
        if changes.contains([.deleteNode, .keyChange]) || leaf.kind == .partialLeft && changes.contains(.keyChange) {
            guard line > 0 else { throw .logFileCorrupt }
        }
        if changes.contains(.deleteNode) {
            guard branch.nodeCount > 1 else { throw .logFileCorrupt }
            if changes.contains(.keyChange) {
                guard leaf.kind == .fullLeft, leaf.leftPage != .none else { throw .logFileCorrupt }
            }
        } else if changes.contains(.keyChange) {
            let changed = leaf.kind == .partialLeft ? line - 1 : line
            let room = branch.freeByteCount + branch.storedByteCount(changed) + 4
            let needed = leaf.separator.lend { branch.insertByteCount(key: BytePieces($0), dataByteCount: 4) }
            guard needed <= room, !leaf.separator.isEmpty, !isNullKeyed(branch, changed) else { throw .logFileCorrupt }
        }
    }

    private func changeAbove(_ branch: Page, leaf: MergeRecord) {
        let line = Int(page.line)
        if changes.contains([.deleteNode, .keyChange]) {
            // What the two pointers led to is in the left page now; the key to the right of it stays.
            branch.setChild(line, leaf.leftPage)
            branch.delete(at: line - 1)
        } else if changes.contains(.deleteNode) {
            let wasInfinity = isNullKeyed(branch, line)
            branch.delete(at: line)
            if wasInfinity { Self.setKey(branch, line - 1, []) }
        } else if changes.contains(.keyChange) {
            Self.setKey(branch, leaf.kind == .partialLeft ? line - 1 : line, leaf.separator)
        }
        if changes.contains(.emptyPage) { branch.flags.insert(.empty) }
        branch.databaseTime = page.databaseTime
    }

    private static func setKey(_ branch: Page, _ line: Int, _ key: [UInt8]) {
        let child = branch.child(line)
        branch.delete(at: line)
        key.lend { branch.insertChild(at: line, key: BytePieces($0), child) }
    }
}

extension Page {
    /// Makes an empty leaf of the root of a tree whose nodes are all deleted; its other pages get the flag `empty`.
    /// ESE: the record EmptyTree.
    public func emptyTree(databaseTime: DatabaseTime) {
        precondition(isRoot, "only roots become trees without nodes")
        removeAll(keepingExternalHeader: true)
        flags = flags.subtracting(.parentOfLeaf).union(.leaf)
        self.databaseTime = databaseTime
    }
}
