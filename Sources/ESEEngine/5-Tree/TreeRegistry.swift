// Layer: ESEEngine/5-Tree. Uses: Tree, Space. Used by: catalog, rollback, cleaning, the store.
// The trees of a database that are in use: one object for each, whoever finds it first.

public import ESEFormat
import PlatformIO

/// The trees of one database. Safe from any thread.
public final class TreeRegistry: @unchecked Sendable {
    /// The root of all space.
    public let root: Tree
    private let lock = Lock()
    private var trees: [PageNumber: Tree] = [:]

    /// Makes a registry with the database's root in it.
    public init(root: Tree) {
        self.root = root
        trees[root.root] = root
    }

    /// The tree with a root if it was asked for before.
    public func known(_ root: PageNumber) -> Tree? { lock.withLock { trees[root] } }

    /// Takes a new tree in.
    public func add(_ tree: Tree) {
        lock.withLock {
            precondition(trees[tree.root] == nil, "one object for a tree")
            trees[tree.root] = tree
        }
    }

    /// Forgets a tree that is gone.
    public func remove(_ root: PageNumber) { lock.withLock { _ = trees.removeValue(forKey: root) } }

    // MARK: Trees that go.

    /// Told of every table and index whose tree is gone.
    private var onDrop: ((PageNumber) -> Void)?

    /// Says whom to tell of tables and indexes that are gone.
    func setOnDrop(_ body: @escaping (PageNumber) -> Void) { lock.withLock { onDrop = body } }

    /// Drops a tree and forgets it, with its children. Nobody uses it. What fails loses pages, nothing else.
    func drop(_ tree: Tree, _ kind: DroppedTree, deletedBy: TransactionNumber, _ worker: Worker) {
        try? tree.drop(kind, deletedBy: deletedBy, worker)
        let tell = lock.withLock {
            for (root, other) in trees where other === tree || other.parent === tree { trees[root] = nil }
            return onDrop
        }
        tell?(tree.root)
    }

    /// Does what is left to do about a revision that everybody sees: deleted nodes go, and trees of deleted tables and
    /// indexes. For `VersionStore.cleanOldest`.
    func clean(_ revision: Revision, _ worker: Worker) -> CleanOutcome {
        guard let tree = known(revision.tree) else { return .done }
        switch revision.operation {
        case .deleteTable: drop(tree, .table, deletedBy: revision.commit, worker)
        case .deleteIndex: drop(tree, .index, deletedBy: revision.commit, worker)
        default: return tree.clean(revision, worker)
        }
        return .done
    }

    // MARK: Trees that are found.

    /// The tree with a root: what is not known of it says its root page.
    /// - Parameter greatestKeyByteCount: As the catalog says; nil if nothing is inserted before somebody knows.
    /// - Throws: `databaseCorrupted` if the page is no root; what reading throws.
    public func tree(_ root: PageNumber, greatestKeyByteCount: Int? = nil) throws(JetError) -> Tree {
        try tree(root, greatestKeyByteCount, depth: 0)
    }

    private func tree(_ root: PageNumber, _ greatestKeyByteCount: Int?, depth: Int) throws(JetError) -> Tree {
        if let tree = known(root) { return tree }
        let database = self.root.database
        let held = try database.latch(root, .shared)
        let (flags, objectID) = (held.page.flags, held.page.objectID)
        let header = held.page.externalHeader.array()
        database.release(held)
        guard flags.contains(.root), !flags.contains(.spaceTree),
            let space = try? SpaceHeader(decoding: header.span.bytes)
        else { throw .databaseCorrupted }
        // A table's trees stand below it, it stands below the database's root: more is damage.
        guard depth < 3 else { throw .databaseCorrupted }
        let parent = space.parent == .none ? nil : try tree(space.parent, nil, depth: depth + 1)
        let new = Tree(
            database: database, root: root, objectID: objectID,
            pageFlags: flags.intersection([.index, .longValue, .nonUnique]), parent: parent,
            greatestKeyByteCount: greatestKeyByteCount ?? Self.greatestKey(database.pageSize))
        return lock.withLock {
            if let tree = trees[root] { return tree }
            trees[root] = new
            return new
        }
    }

    /// The longest key that any index may have, and a bookmark behind it.
    private static func greatestKey(_ size: PageSize) -> Int {
        switch size.byteCount {
        case ...2_048: 1_000
        case ...4_096: 1_400
        default: 4_000
        }
    }
}
