// Layer: ESEEngine/1-Page. Uses: Page, SplitPlan (separators). Used by: trees when they clean up.
// Whether a leaf can be emptied into a sibling, and what that means for the pages above: pure choices.

public import ESEFormat

/// How a leaf is to be merged. ESE's names: MERGE, MERGEPATH.
public struct MergePlan: Hashable, Sendable {
    /// What happens to the leaf. `emptyTree` is logged and done differently: see `Page.emptyTree`.
    public internal(set) var kind: MergeRecord.Kind
    /// The first line that moves to the right, or the last that moves to the left.
    public internal(set) var mergeLine = 0
    /// Bytes of the nodes that move, with whole keys and tags.
    public internal(set) var movedByteCount = 0
    /// Same, with what rollbacks may need.
    public internal(set) var movedMostByteCount = 0
    /// The uncommitted free bytes of the page that takes the nodes, afterwards.
    public internal(set) var uncommittedFreeOfTarget = 0
    /// The new key of the pointers whose key changes.
    public internal(set) var separator: [UInt8] = []
    /// What happens to each page, from the leaf up; levels above the last are not touched.
    public internal(set) var changes: [MergeRecord.Changes] = []

    /// What is known of a node of the leaf.
    public struct NodeState: Sendable {
        /// Whether a deleted node is still needed, because of versions.
        public var isActive: Bool
        /// Bytes that a rollback may need for it beyond what it has now.
        public var reservedByteCount: Int

        /// Makes a state.
        public init(isActive: Bool = false, reservedByteCount: Int = 0) {
            self.isActive = isActive
            self.reservedByteCount = reservedByteCount
        }
    }

    /// Chooses.
    /// - Parameters:
    ///   - path: The leaf first, then the pages above it, each with the line of the pointer (the leaf's is not used).
    ///   - left: The leaf's sibling to the left; nil if there is none.
    ///   - right: The one to the right; nil if there is none.
    ///   - toLeft: Nodes go to the left rather than to the right.
    ///   - densityByteCount: Bytes that stay free on the page that takes the nodes.
    ///   - state: What is known of a node.
    /// - Returns: nil if nothing can be merged now.
    public static func choose(
        _ path: [(page: Page, line: Int)], left: Page?, right: Page?, toLeft: Bool = false, densityByteCount: Int = 0,
        state: (Int) -> NodeState = { _ in NodeState() }
    ) -> MergePlan? {
        guard path.count > 1 else { return nil }
        let (leaf, parent) = (path[0].page, path[1].page)
        // The pointer to the left sibling would have to become infinity, and it is on a page that nobody latched.
        if left != nil, right == nil, parent.nodeCount == 1 { return nil }
        // Same for its key if nodes go to the left.
        if toLeft, path[1].line == 0 { return nil }
        var (isEmpty, isBlocked) = (true, false)
        for line in 0..<leaf.nodeCount {
            if !leaf.nodeFlags(line).contains(.deleted) {
                isEmpty = false
            } else if state(line).isActive {
                (isEmpty, isBlocked) = (false, true)
            }
        }
        var plan: MergePlan
        if isEmpty {
            if left == nil, right == nil { return MergePlan(kind: .emptyTree) }
            plan = MergePlan(kind: .emptyPage)
        } else {
            guard !isBlocked, let target = toLeft ? left : right else { return nil }
            plan = MergePlan(kind: toLeft ? .fullLeft : .fullRight)
            guard plan.fill(leaf, target, densityByteCount, state) else { return nil }
        }
        return plan.chooseAbove(path) ? plan : nil
    }

    /// Finds how many nodes the target takes; false if none.
    private mutating func fill(_ leaf: Page, _ target: Page, _ density: Int, _ state: (Int) -> NodeState) -> Bool {
        let count = leaf.nodeCount
        let isLeft = kind == .fullLeft
        var savings = 0
        var taken = 0
        var nodesAdded = 0
        while taken < count {
            let line = isLeft ? taken : count - 1 - taken
            let node = leaf.node(line)
            if !node.isDeleted {
                let bytes = 2 + node.keyByteCount + node.data.byteCount + 4
                let shared = target.sharedByteCount(node.key)
                let saved = savings + (shared > 0 ? shared - Page.prefixOverhead : 0)
                let most = movedMostByteCount + bytes + state(line).reservedByteCount
                guard target.hasRoom(most - saved + density), target.nodeCount + nodesAdded < 0x0ffe else { break }
                nodesAdded += 1
                savings = saved
                movedByteCount += bytes
                movedMostByteCount = most
            }
            mergeLine = line
            taken += 1
        }
        if taken == 0 || movedByteCount == 0 { return false }
        if taken < count { kind = isLeft ? .partialLeft : .partialRight }
        uncommittedFreeOfTarget = target.uncommittedFreeByteCount + movedMostByteCount - movedByteCount
        return true
    }

    /// Finds what happens above; false if a new key has no room.
    private mutating func chooseAbove(_ path: [(page: Page, line: Int)]) -> Bool {
        let (leaf, parent) = (path[0].page, path[1])
        switch kind {
        case .partialRight:
            changes = [[]]
            separator = Self.separator(leaf, mergeLine)
            // The new key is that of the pointer to this leaf, and of those above as long as it is their last.
            for level in 1..<path.count {
                let (page, line) = path[level]
                guard Self.canSetKey(page, line, separator) else { return false }
                changes.append(.keyChange)
                if line < page.nodeCount - 1 { break }
            }
            return true
        case .partialLeft:
            separator = Self.separator(leaf, mergeLine + 1)
            changes = [[], .keyChange]
            return Self.canSetKey(parent.page, parent.line - 1, separator)
        case .fullLeft:
            changes = [.emptyPage, [.keyChange, .deleteNode]]
            return true
        case .none, .emptyTree, .pageMove: return false
        case .emptyPage, .fullRight: return chooseAboveEmptied(path)
        }
    }

    private mutating func chooseAboveEmptied(_ path: [(page: Page, line: Int)]) -> Bool {
        changes = [.emptyPage]
        var keyChanges = false
        for level in 1..<path.count {
            let (page, line) = path[level]
            let isLast = line == page.nodeCount - 1
            if keyChanges {
                // The last key of the page below is another now.
                guard Self.canSetKey(page, line, separator) else { return false }
                changes.append(.keyChange)
                if !isLast { return true }
            } else if page.nodeCount == 1 {
                // The only pointer of the page leads to an emptied one.
                if page.isRoot { return false }
                changes.append(.emptyPage)
            } else {
                changes.append(.deleteNode)
                if !isLast { return true }
                // The pointer before it becomes the last; if its key is not to be infinity, pages above learn it.
                if page.node(line).keyByteCount == 0 { return true }
                keyChanges = true
                separator = page.node(line - 1).key.array()
            }
        }
        return true
    }

    private static func separator(_ leaf: Page, _ line: Int) -> [UInt8] {
        let (left, right) = (leaf.node(line - 1), leaf.node(line))
        return PageSeparator.between(
            key: left.key, data: BytePieces(left.data), andKey: right.key, data: BytePieces(right.data))
    }

    private static func canSetKey(_ page: Page, _ line: Int, _ key: [UInt8]) -> Bool {
        let needed = key.lend { page.insertByteCount(key: BytePieces($0), dataByteCount: 4) }
        // The infinity at the end stays what it is.
        return page.node(line).keyByteCount > 0 && page.hasRoom(needed - page.storedByteCount(line) - 4)
    }

    /// The records of the merge, from the leaf up; they are logged the other way round. Page numbers, times and the
    /// before-image are the caller's.
    public var records: [MergeRecord] {
        changes.enumerated().map { level, changes in
            var record = MergeRecord()
            record.changes = changes
            if level == 0 {
                record.kind = kind
                record.mergeLine = mergeLine
                record.movedByteCount = movedByteCount
                record.movedMostByteCount = movedMostByteCount
                record.uncommittedFreeOfTarget = uncommittedFreeOfTarget
                record.separator = separator
            }
            return record
        }
    }
}
