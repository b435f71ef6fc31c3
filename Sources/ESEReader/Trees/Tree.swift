// Layer: ESEReader/Trees. Uses: PageStore, DamageLog. Used by: LeafScan, rows, long values, verification.
// A B+tree of the database: descending to a key, with every page checked to belong to the tree.

import ESEFormat

/// What a tree is.
struct TreeIdentity: Hashable, Sendable {
    let root: PageNumber
    let objectID: ObjectID
    /// Whether it is a tree of extents; those have their owner's object ID.
    var isSpaceTree = false
    /// Whose it is, for reports.
    var table: String?
}

/// A tree.
final class Tree {
    let store: PageStore
    let identity: TreeIdentity
    let log: DamageLog
    /// Every tree of real databases has at most six levels or so.
    static let depthLimit = 24

    init(_ identity: TreeIdentity, store: PageStore, log: DamageLog) {
        self.identity = identity
        self.store = store
        self.log = log
    }

    /// Whether a page that was read belongs to the tree.
    func check(_ frame: PageFrame) throws(PageProblem) {
        if frame.layout.flags.contains(.empty) { throw .isEmpty }
        if frame.objectID != identity.objectID { throw .wrongTree(frame.objectID) }
        if frame.layout.flags.contains(.spaceTree) != identity.isSpaceTree { throw .wrongKind }
        // Only the root is flagged as one.
        if frame.layout.isRoot != (frame.number == identity.root) { throw .wrongKind }
    }

    /// A page of the tree through the cache.
    func page(_ number: PageNumber) throws(PageProblem) -> PageFrame {
        let frame = try store.page(number)
        try check(frame)
        return frame
    }

    /// The position of the child that leads to `key`: that of the first node with a greater key, where the empty one is
    /// greater than all; the last child if there is none.
    func childIndex(for key: RawSpan, on frame: PageFrame) throws(FormatError) -> Int {
        let page = frame.bytes.span.bytes
        var low = 0
        var high = frame.layout.nodeCount
        while low < high {
            let middle = (low + high) / 2
            let node = try frame.layout.node(middle, in: page)
            let isGreater = node.keyByteCount == 0 || frame.layout.compareKey(of: node, in: page, to: key) > 0
            if isGreater { high = middle } else { low = middle + 1 }
        }
        return min(low, frame.layout.nodeCount - 1)
    }

    /// The position of the first node of a leaf whose key is not less than `key`; the count of nodes if there is none.
    func firstIndex(notBefore key: RawSpan, on frame: PageFrame) throws(FormatError) -> Int {
        let page = frame.bytes.span.bytes
        var low = 0
        var high = frame.layout.nodeCount
        while low < high {
            let middle = (low + high) / 2
            let node = try frame.layout.node(middle, in: page)
            if frame.layout.compareKey(of: node, in: page, to: key) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The leaf where `key` is or would be.
    func leaf(for key: RawSpan) throws(TreeProblem) -> PageFrame {
        var number = identity.root
        var isBelowParentOfLeaf = false
        for _ in 0..<Self.depthLimit {
            let frame: PageFrame
            do { frame = try page(number) } catch { throw TreeProblem(page: number, problem: error) }
            if frame.layout.isLeaf { return frame }
            guard !isBelowParentOfLeaf, frame.layout.nodeCount > 0 else {
                throw TreeProblem(page: number, problem: .wrongKind)
            }
            isBelowParentOfLeaf = frame.layout.flags.contains(.parentOfLeaf)
            do {
                let index = try childIndex(for: key, on: frame)
                number = try frame.layout.child(index, in: frame.bytes.span.bytes)
            } catch {
                throw TreeProblem(page: frame.number, problem: .malformed(error))
            }
        }
        throw TreeProblem(page: number, problem: .tooDeep)
    }

    /// The leaf and node with exactly this key that is not deleted; nil if there is none.
    func find(_ key: RawSpan) throws(TreeProblem) -> (frame: PageFrame, index: Int, node: Node)? {
        let frame = try leaf(for: key)
        return try find(key, on: frame)
    }

    /// The node of a leaf with exactly this key that is not deleted; nil if there is none.
    func find(
        _ key: RawSpan, on frame: PageFrame
    ) throws(TreeProblem) -> (frame: PageFrame, index: Int, node: Node)? {
        let page = frame.bytes.span.bytes
        do {
            let index = try firstIndex(notBefore: key, on: frame)
            guard index < frame.layout.nodeCount else { return nil }
            let node = try frame.layout.node(index, in: page)
            guard !node.isDeleted, frame.layout.compareKey(of: node, in: page, to: key) == 0 else { return nil }
            return (frame, index, node)
        } catch {
            throw TreeProblem(page: frame.number, problem: .malformed(error))
        }
    }
}

/// A page that stopped a descent.
struct TreeProblem: Error {
    let page: PageNumber
    let problem: PageProblem
}
