// Layer: ESEEngine/5-Tree. Uses: Database. Used by: cursors, space, catalog, records.
// A B+tree: what it is, and the way from its root to a leaf.

public import ESEFormat
import PlatformIO

/// A B+tree: a table, an index, a table's long values, or the extents of one of those. ESE's terms: FCB, FDP.
///
/// One object for a tree, shared by all who use it. Its root never moves.
public final class Tree: @unchecked Sendable {  // `space` and `hint` guard themselves
    /// The database.
    public let database: Database
    /// Its root. ESE's term: pgnoFDP.
    public let root: PageNumber
    /// Its number. ESE's term: objidFDP.
    public let objectID: ObjectID
    /// The flags that all pages of the tree carry.
    public let pageFlags: PageFlags
    /// The tree that its pages come from; nil for the database's root. ESE's term: pgnoParentFDP.
    public let parent: Tree?
    /// The most bytes a key may have: a branch page that has no room for one more of these is split first.
    public let greatestKeyByteCount: Int
    /// The root of the tree that records name: for a tree of extents that of the tree whose extents these are.
    let owningRoot: PageNumber
    /// Where its pages come from.
    let pages: PageSource

    /// Where the pages of a tree come from.
    enum PageSource {
        /// Its own space: trees of data.
        case space(Space)
        /// The pages that a space tree keeps for itself in its root.
        case splitBuffer
    }

    /// A tree of data.
    /// - Parameters:
    ///   - pageFlags: `index`, `longValue`, `nonUnique` as they apply.
    ///   - greatestKeyByteCount: Of a bookmark: key, and data if the tree is not unique.
    public init(
        database: Database, root: PageNumber, objectID: ObjectID, pageFlags: PageFlags, parent: Tree?,
        greatestKeyByteCount: Int
    ) {
        self.database = database
        self.root = root
        self.objectID = objectID
        self.pageFlags = pageFlags.union(.newRecordFormat)
        self.parent = parent
        self.greatestKeyByteCount = greatestKeyByteCount
        owningRoot = root
        pages = .space(Space())
    }

    /// One of the two trees of extents of another tree.
    init(extentsOf owner: Tree, root: PageNumber) {
        database = owner.database
        self.root = root
        objectID = owner.objectID
        pageFlags = [.newRecordFormat, .spaceTree]
        parent = nil
        greatestKeyByteCount = 5
        owningRoot = owner.root
        pages = .splitBuffer
    }

    /// Whether a key is there once at most.
    @inline(__always)
    public var isUnique: Bool { !pageFlags.contains(.nonUnique) }

    /// Whether it is a tree of extents.
    @inline(__always)
    var isSpaceTree: Bool { pageFlags.contains(.spaceTree) }

    // MARK: From the root to a leaf.

    /// Latches the leaf that a bookmark belongs to, others on the way only for a moment (rule T1).
    @inline(__always)
    func leaf(for key: Bytes, _ mode: LatchMode) throws(JetError) -> HeldPage {
        try descend(mode) { $0.childLine(for: key) }
    }

    /// Latches the first leaf.
    func firstLeaf(_ mode: LatchMode) throws(JetError) -> HeldPage { try descend(mode) { _ in 0 } }

    /// Latches the last leaf.
    func lastLeaf(_ mode: LatchMode) throws(JetError) -> HeldPage { try descend(mode) { $0.nodeCount &- 1 } }

    /// Latches the leaf that `choose` leads to; it gets each branch page and gives the line of a child.
    @inline(__always)
    func descend(_ mode: LatchMode, _ choose: (Page) -> Int) throws(JetError) -> HeldPage {
        var held = try latchRoot(mode)
        var depth = 0
        while !held.page.isLeaf {
            let parent = held
            let isLowest = parent.page.flags.contains(.parentOfLeaf)
            guard parent.page.nodeCount > 0 else { throw corrupted(parent) }
            let number = parent.page.child(choose(parent.page))
            do throws(JetError) {
                held = try database.latch(number, isLowest ? mode : .shared)
            } catch {
                database.release(parent)
                throw error
            }
            database.release(parent)
            depth &+= 1
            // A page of another tree, or a circle: the file is damaged.
            guard held.page.objectID == objectID, held.page.isLeaf == isLowest, depth < Self.greatestDepth else {
                throw corrupted(held)
            }
        }
        return held
    }

    /// Latches the root: as asked for if it is a leaf, else shared.
    @inline(__always)
    private func latchRoot(_ mode: LatchMode) throws(JetError) -> HeldPage {
        while true {
            let held = try database.latch(root, .shared)
            if !held.page.isLeaf { return held }
            if mode == .shared { return held }
            database.release(held)
            let again = try database.latch(root, mode)
            if again.page.isLeaf { return again }
            // It was split meanwhile.
            database.release(again)
        }
    }

    /// No tree of the format is higher: a branch page has two children at least.
    static let greatestDepth = 32

    /// Lets go of a page that can't be and says what is wrong.
    func corrupted(_ held: HeldPage) -> JetError {
        database.release(held)
        return .databaseCorrupted
    }
}
