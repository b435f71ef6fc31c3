// Layer: ESEEngine/5-Tree. Uses: Tree, 4-Version. Used by: records, indexes, space, background work.
// A place in a tree: to search, to go on from, and to read and change the node there.
//
// Between calls a cursor holds no latch (rule T1). It remembers the frame, the page's time and the line; if the page
// has changed since, it searches its bookmark again.

public import ESEFormat

/// A place in a tree. One thread at a time. ESE's terms: FUCB, CSR.
public final class TreeCursor {
    /// The tree.
    public let tree: Tree
    /// Who uses it.
    public let worker: Worker

    /// Where the cursor is.
    enum Place: UInt8 {
        /// Nowhere yet.
        case none
        /// On a node.
        case on
        /// Before the first one.
        case beforeFirst
        /// Behind the last one.
        case afterLast
        /// Between nodes: before the first one that is greater than the bookmark.
        case before
        /// Between nodes: behind the last one that is less than the bookmark.
        case behind
    }

    private(set) var place = Place.none
    /// The page of the node, while it is latched.
    private(set) var held: HeldPage?
    private(set) var line = 0

    // What is remembered when the latch is let go.
    private var bookmark = BookmarkBuffer()
    private var hint = FrameHint()
    private var time = DatabaseTime(0)

    /// Makes a cursor that is nowhere.
    public init(_ tree: Tree, _ worker: Worker) {
        self.tree = tree
        self.worker = worker
    }

    deinit { if let held { tree.database.release(held) } }

    /// Whether it is on a node.
    public var isOnNode: Bool { place == .on }

    // MARK: Latches.

    /// Lets go of the latch; remembers the place.
    @inline(__always)
    public func release() {
        guard let held else { return }
        if place == .on {
            let node = held.page.node(line)
            bookmark.set(key: node.key, data: tree.isUnique ? Bytes.empty : node.data)
            hint = held.latched.hint
            time = held.page.databaseTime
        }
        tree.database.release(held)
        self.held = nil
    }

    /// Lets go of the latch and of the place.
    public func reset() {
        if let held { tree.database.release(held) }
        held = nil
        place = .none
    }

    /// Takes the latch again where the cursor is.
    /// - Returns: Whether the node is still there, be it deleted or not. If not, the line is that of the next greater.
    @inline(__always)
    func restore(_ mode: LatchMode) throws(JetError) -> Bool {
        precondition(place == .on, "the cursor is on a node")
        if let held {
            if held.latched.mode == mode { return true }
            release()
        }
        if let latched = tree.database.buffers.latchAgain(hint, mode) {
            let again = HeldPage(latched, tree.database.pageSize)
            if again.page.databaseTime == time {
                held = again
                return true
            }
            tree.database.release(again)
        }
        return try search(bookmark.bookmark, mode)
    }

    /// Latches the leaf of a bookmark and finds its line.
    private func search(_ bookmark: Bookmark, _ mode: LatchMode) throws(JetError) -> Bool {
        let leaf = try tree.leaf(for: bookmark.bytes, mode)
        let found =
            tree.isUnique
            ? leaf.page.lowerBound(bookmark.bytes)
            : leaf.page.lowerBound(BytePieces(bookmark.key), data: BytePieces(bookmark.data))
        held = leaf
        line = found.line
        return found.isExact
    }
}
