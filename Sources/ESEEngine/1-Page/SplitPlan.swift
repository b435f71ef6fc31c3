// Layer: ESEEngine/1-Page. Uses: SplitLines. Used by: trees.
// Where a full page is split: pure choices on the page's nodes, before anything is reserved, logged or changed.

public import ESEFormat

/// What the tree knows of where the next nodes will come.
public enum SplitHint: Sendable {
    /// Nothing: both halves get as many bytes.
    case balanced
    /// At the end: the operation is behind the last node of the last page; on a branch, the leaf below appends.
    case append
    /// Behind the operation's line again and again, inside of the tree.
    case hotpoint
}

/// How one page is to be split. ESE's name: SPLIT.
public struct SplitPlan: Hashable, Sendable {
    /// The fields of the record that follow from the choice: kind, lines, prefixes, page flags, uncommitted free
    /// bytes and the separator. Page numbers, times and the before-image are the caller's.
    public let record: SplitRecord
    /// Whether the operation is done in the split; if not it is tried again afterwards.
    public let performsOperation: Bool

    /// Chooses.
    /// - Parameters:
    ///   - page: The page that is full; a root is split vertically.
    ///   - operation: What did not fit.
    ///   - line: Where it is to be done.
    ///   - hint: Where the next nodes will come.
    ///   - reserved: Bytes that a rollback may need for the node at a line of the page beyond what it has now. ESE:
    ///     CbBTIMaxSizeOfNode.
    /// - Returns: nil if the page can't be split: it has but one node, and the operation fits neither way.
    public static func choose(
        _ page: Page, operation: SplitOperation, at line: Int, hint: SplitHint = .balanced,
        reserved: (Int) -> Int = { _ in 0 }
    ) -> SplitPlan? {
        do {
            return try SplitLines.with(page, operation, at: line) { (lines) throws(JetError) in
                guard lines.isConsistent else { return nil }
                return choose(lines, hint, reserved)
            }
        } catch {
            return nil
        }
    }

    private static func choose(_ lines: SplitLines, _ hint: SplitHint, _ reserved: (Int) -> Int) -> SplitPlan? {
        let page = lines.page
        let weights = SplitWeights(lines, reserved)
        if page.isRoot {
            if weights.fitsNew(0) { return SplitPlan(lines, weights, .vertical, 0, source: nil) }
        } else if hint == .append, page.isLeaf, lines.inserts, lines.operationLine == lines.count - 1, lines.count > 1 {
            return append(lines, weights)
        } else if hint == .hotpoint, page.isLeaf, lines.inserts, lines.operationLine >= 2 {
            if let plan = hotpoint(lines, weights, reserved) { return plan }
        } else if let split = chooseLine(lines, weights, hint) {
            return SplitPlan(lines, weights, .right, split, source: weights.prefix(0..<split))
        }
        guard lines.operation.recorded != .none else { return nil }
        return withoutOperation(page, reserved) { lines, weights in
            if page.isRoot {
                return weights.fitsNew(0) ? SplitPlan(lines, weights, .vertical, 0, source: nil) : nil
            }
            return chooseLine(lines, weights, .balanced).map {
                SplitPlan(lines, weights, .right, $0, source: weights.prefix(0..<$0))
            }
        }
    }

    private static func withoutOperation(
        _ page: Page, _ reserved: (Int) -> Int, _ body: (SplitLines, SplitWeights) -> SplitPlan?
    ) -> SplitPlan? {
        let lines = SplitLines(
            page: page, operation: .none, operationLine: 0, left: BytePieces.empty, right: BytePieces.empty)
        guard lines.count > 0 else { return nil }
        return body(lines, SplitWeights(lines, reserved))
    }

    /// Only the new node goes to the new page; its key is the prefix, since the next will be alike.
    private static func append(_ lines: SplitLines, _ weights: SplitWeights) -> SplitPlan {
        let split = lines.count - 1
        let key = lines[split].key.byteCount
        let fits = weights.byteCount(split..<lines.count) + Page.prefixOverhead <= weights.available
        let prefix = fits && key > Page.prefixOverhead ? SplitWeights.Prefix(line: 0, savings: 0) : nil
        return SplitPlan(lines, weights, .append, split, source: nil, new: .some(prefix))
    }

    /// The nodes behind the line go to a page of their own, then the operation is tried again; once there are none,
    /// the new node goes there.
    private static func hotpoint(
        _ lines: SplitLines, _ weights: SplitWeights, _ reserved: (Int) -> Int
    ) -> SplitPlan? {
        let split = lines.operationLine
        if split == lines.count - 1 {
            guard weights.fitsSource(split), weights.fitsNew(split) else { return nil }
            return SplitPlan(lines, weights, .right, split, source: weights.prefix(0..<split))
        }
        return withoutOperation(lines.page, reserved) { lines, weights in
            guard weights.fitsSource(split), weights.fitsNew(split) else { return nil }
            return SplitPlan(lines, weights, .right, split, source: weights.prefix(0..<split))
        }
    }

    /// The first line of the new page; nil if none makes both fit.
    private static func chooseLine(_ lines: SplitLines, _ weights: SplitWeights, _ hint: SplitHint) -> Int? {
        let count = lines.count
        guard count > 1 else { return nil }
        let page = lines.page
        if hint == .append, !page.isLeaf {
            var split = count - 1
            while split > 0, !(weights.fitsSource(split) && weights.fitsNew(split)) { split -= 1 }
            return split > 0 ? split : nil
        }
        // A new first node of the whole tree: the others move, and the page has room for more before it.
        if page.isLeaf, page.previous == .none, lines.inserts, lines.operationLine == 0, weights.fitsNew(1) { return 1 }
        var split = weights.evenLine()
        var direction = 0
        while split > 0, split < count {
            let (source, new) = (weights.fitsSource(split), weights.fitsNew(split))
            if source, new { return split }
            if !source, !new { return nil }
            let step = source ? 1 : -1
            if direction == -step { return nil }
            direction = step
            split += step
        }
        return nil
    }

    private init(
        _ lines: SplitLines, _ weights: SplitWeights, _ kind: SplitRecord.Kind, _ split: Int,
        source: SplitWeights.Prefix?, new chosen: SplitWeights.Prefix?? = nil
    ) {
        let page = lines.page
        let count = lines.count
        var record = SplitRecord()
        record.kind = kind
        record.operation = lines.operation.recorded
        record.operationLine = record.operation == .none ? 0 : lines.operationLine
        record.splitLine = split
        record.lineCount = count
        record.objectID = page.objectID
        let flags = page.flags.subtracting([.newChecksum, .flushType, .preInit, .scrubbed])
        record.newPageFlags = flags.subtracting([.root, .deletedRoot])
        record.splitPageFlags = flags
        if kind == .vertical {
            record.splitPageFlags.remove([.leaf, .parentOfLeaf, .repaired])
            if page.isLeaf { record.splitPageFlags.insert(.parentOfLeaf) }
        }
        if page.isLeaf {
            record.uncommittedFreeOfSource = weights.reserved(0..<split)
            record.uncommittedFreeOfNew = weights.reserved(split..<count)
        }
        record.prefixLineOfNew = (chosen ?? weights.prefix(split..<count)).map { $0.line }
        record.prefixLineOfSource = source.map { $0.line }
        if !page.isRoot { record.oldPrefix = page.externalHeader.array() }
        if let source { record.newPrefix = lines[source.line].key.array() }
        if kind != .vertical { record.separator = Self.separator(lines, split) }
        self.record = record
        performsOperation = record.operation != .none
    }

    private static func separator(_ lines: SplitLines, _ split: Int) -> [UInt8] {
        let (left, right) = (lines[split - 1], lines[split])
        guard lines.page.isLeaf else { return left.key.array() }
        return PageSeparator.between(key: left.key, data: left.data, andKey: right.key, data: right.data)
    }
}

/// The keys that stand above two leaves.
public enum PageSeparator {
    /// The shortest key that is greater than what is left and not greater than what is right: what they have in
    /// common and one byte more. If the keys are equal, as in non-unique trees, the data goes on behind the key.
    public static func between(
        key leftKey: BytePieces, data leftData: BytePieces, andKey rightKey: BytePieces, data rightData: BytePieces
    ) -> [UInt8] {
        let common = leftKey.commonByteCount(with: rightKey)
        if common < rightKey.byteCount { return rightKey.prefix(common + 1).array() }
        let same = leftData.commonByteCount(with: rightData)
        return rightKey.array() + rightData.prefix(same + 1).array()
    }
}
