// Layer: ESEEngine/9-Session. Uses: 5-Tree, 7-Table's Catalog. Used by: Store, the Swift and the C API.
// A database that is attached: its file, its trees, who has it open.

public import ESEFormat
import PlatformIO

/// An attached database. Safe from any thread. ESE's term: FMP.
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
    /// Its trees that are in use: one object for a tree, whoever asks.
    public let trees: TreeRegistry

    /// Who works for the catalog; nil before it is opened. Under `opening`, and at the end.
    var catalogWorker: Worker?

    /// Where the record is that attached or made it; `none` if it isn't logged.
    let attachPosition: LogPosition
    /// Where it was consistent before that.
    let consistentPosition: LogPosition

    /// Held while the catalog is opened.
    private let opening = Lock()
    private let lock = Lock()
    // Under the lock.
    private var openCatalog: Catalog?
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
        trees = TreeRegistry(root: root)
        database.limit(toPageCount: greatestPageCount)
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

    // MARK: Trees and tables.

    /// The tree with this root; one that isn't known is made from its root page. Nil if the page is no root of a tree
    /// of data. Without latches.
    public func tree(root: PageNumber) throws(JetError) -> Tree? {
        do throws(JetError) {
            return try trees.tree(root)
        } catch {
            let isNone = error == .databaseCorrupted || error == .pageNotInitialized || error == .fileIOBeyondEOF
            if isNone { return nil }
            throw error
        }
    }

    /// What is known already: for who asks with latches. See `Store` for others.
    func tree(database: UInt8, root: PageNumber) -> Tree? {
        database == slot.rawValue ? trees.known(root) : nil
    }

    /// The catalog, opened when it is first asked for. Without latches.
    /// - Throws: `catalogCorrupted`, what reading throws.
    public func catalog() throws(JetError) -> Catalog {
        try opening.withLock { () throws(JetError) in
            if let known = lock.withLock({ openCatalog }) { return known }
            let new = try store.openCatalog(of: self)
            lock.withLock { openCatalog = new }
            return new
        }
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

    /// Whether a session has it for itself.
    func isOwned(by session: AnyObject) -> Bool { lock.withLock { exclusiveOwner == ObjectIdentifier(session) } }

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
