// Layer: ESEEngine/9-Session. Uses: 5-Tree. Used by: Store, tables.
// A database that is attached: its file, its trees, who has it open.

public import ESEFormat
import PlatformIO

/// An attached database. Its trees are found by their roots: one object for a tree, whoever asks. ESE's term: FMP.
///
/// Safe from any thread but for `catalog` and `cleanObject`, which the layer of tables sets before others use it.
public final class OpenDatabase: TreeDirectory, @unchecked Sendable {  // everything that changes is under `lock`
    /// The database as trees see it.
    public let database: Database
    /// Its file.
    public let file: DatabaseFile
    /// The tree that owns all pages.
    public let root: Tree
    /// Its complete path.
    public let path: String
    /// What it was attached with.
    public let flags: DatabaseFlags
    /// Pages that it may grow to; 0: no limit. ESE's term: cpgDatabaseSizeMax.
    public let greatestPageCount: UInt32
    /// The instance's storage, which has this one in its table.
    public unowned let store: Store
    /// What the layer of tables keeps with a database: its catalog.
    public var catalog: AnyObject?
    /// What the layer of tables does about revisions that aren't of nodes, when everybody sees them: frees the space of
    /// what was deleted. Called by the cleaner, without latches.
    public var cleanObject: (@Sendable (Revision, Worker) -> CleanOutcome)?

    /// Where the record is that attached or made it; `none` if it isn't logged.
    let attachPosition: LogPosition
    /// Where it was consistent before that.
    let consistentPosition: LogPosition

    private let lock = Lock()
    // Under the lock.
    private var trees: [PageNumber: Tree] = [:]
    private var openers: [ObjectIdentifier: Int] = [:]
    private var exclusiveOwner: ObjectIdentifier?

    init(
        database: Database, file: DatabaseFile, root: Tree, path: String, flags: DatabaseFlags,
        greatestPageCount: UInt32, store: Store, attachPosition: LogPosition, consistentPosition: LogPosition
    ) {
        self.database = database
        self.file = file
        self.root = root
        self.path = path
        self.flags = flags
        self.greatestPageCount = greatestPageCount
        self.store = store
        self.attachPosition = attachPosition
        self.consistentPosition = consistentPosition
        trees[root.root] = root
    }

    /// Its number in the buffer manager and in the log. ESE's term: dbid.
    public var slot: DatabaseSlot { database.slot }
    /// Whether nothing in it may be changed.
    public var isReadOnly: Bool { flags.contains(.readOnly) }
    /// Whether it is the one of temporary tables.
    public var isTemporary: Bool { slot.rawValue == StoreOptions.temporarySlot }
    /// Whether its changes are logged.
    public var isLogged: Bool { database.log != nil }
    /// How often it is open.
    public var openCount: Int { lock.withLock { openers.values.reduce(0, +) } }

    // MARK: Trees.

    /// Makes a tree known, as the only object for its root: gives back the one that is known already, if any.
    @discardableResult
    public func register(_ tree: Tree) -> Tree {
        lock.withLock {
            if let known = trees[tree.root] { return known }
            trees[tree.root] = tree
            return tree
        }
    }

    /// Forgets a tree that is gone. Its root may become another one's.
    public func forget(root: PageNumber) { _ = lock.withLock { trees.removeValue(forKey: root) } }

    /// A tree that was used before; nil if it isn't known. Latches nothing.
    public func knownTree(root: PageNumber) -> Tree? { lock.withLock { trees[root] } }

    /// The tree with this root; one that isn't known is made from its root page. Nil if the page is no root of a tree
    /// of data. Without latches. Who knows more of a tree than its page says registers it before.
    public func tree(root: PageNumber) throws(JetError) -> Tree? { try tree(root: root, depth: 0) }

    /// How far a tree may be from the root: indexes and long values belong to tables, those to the database.
    private static let greatestDepth = 4

    private func tree(root number: PageNumber, depth: Int) throws(JetError) -> Tree? {
        if let known = knownTree(root: number) { return known }
        guard depth < Self.greatestDepth, number != .none else { return nil }
        let held: HeldPage
        do throws(JetError) {
            held = try database.latch(number, .shared)
        } catch {
            if error == .pageNotInitialized || error == .fileIOBeyondEOF { return nil }
            throw error
        }
        let flags = held.page.flags
        let objectID = held.page.objectID
        let bytes = held.page.externalHeader.array()
        database.release(held)
        guard flags.contains(.root), flags.isDisjoint(with: [.spaceTree, .empty, .deletedRoot]),
            let header = try? SpaceHeader(decoding: bytes.span.bytes), header.parent != .none,
            let parent = try tree(root: header.parent, depth: depth + 1)
        else { return nil }
        return register(
            Tree(
                database: database, root: number, objectID: objectID,
                pageFlags: flags.intersection([.index, .longValue, .nonUnique]), parent: parent,
                greatestKeyByteCount: InstanceParameters.keyMost(pageByteCount: database.pageSize.byteCount)))
    }

    /// What is known already: for who asks with latches. See `Store` for others.
    func tree(database: UInt8, root: PageNumber) -> Tree? {
        database == slot.rawValue ? knownTree(root: root) : nil
    }

    // MARK: Who has it open.

    /// Opens it for a session. `databaseLocked` if another one has it for itself, `databaseInUse` if this one wants
    /// that and somebody has it.
    func open(by session: AnyObject, exclusively: Bool) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            let id = ObjectIdentifier(session)
            if let exclusiveOwner, exclusiveOwner != id { throw .databaseLocked }
            if exclusively {
                guard openers.isEmpty else { throw .databaseInUse }
                exclusiveOwner = id
            }
            openers[id, default: 0] += 1
        }
    }

    /// Closes it once; false if the session hasn't got it.
    func close(by session: AnyObject) -> Bool {
        lock.withLock {
            let id = ObjectIdentifier(session)
            guard let count = openers[id] else { return false }
            openers[id] = count > 1 ? count - 1 : nil
            if count == 1, exclusiveOwner == id { exclusiveOwner = nil }
            return true
        }
    }

    /// What logs and checkpoints say of it.
    var attachment: LogAttachment {
        LogAttachment(
            database: slot.rawValue, path: path, databaseTime: database.lastTime,
            lastObjectID: database.lastObjectID, greatestPageCount: greatestPageCount,
            attachPosition: attachPosition, consistentPosition: consistentPosition,
            signature: file.currentHeader.signature)
    }
}
