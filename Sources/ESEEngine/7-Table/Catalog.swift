// Layer: ESEEngine/7-Table. Uses: CatalogRows, CatalogAssembly, TreeRegistry. Used by: the Swift API, the C API,
// stores.
// The tables of a database: found in the catalog, and kept as one object each for all sessions.
//
// A table is read from the catalog when somebody asks for it first, and stays. Whatever data definition changes is
// changed in the rows and in the object, so that a table that is not here has not changed since the database was
// opened.

public import ESEFormat
import PlatformIO
import Synchronization

/// The catalog of one open database. Safe from any thread; each session from one at a time. ESE's term: CAT.
public final class Catalog: @unchecked Sendable {  // what changes is under `lock`
    /// What a catalog is told by who opens the database.
    public struct Options: Sendable {
        /// Makes the order of text of a localized index; nil if it is none that is known.
        public var collator: @Sendable (IndexDefinition) -> (any TextCollator)? = { _ in nil }
        /// The version of the order of text that new localized indexes get. nil: they can't be made.
        public var sortVersion: UInt64?
        /// The order of text that new localized indexes get.
        public var sortID: GUID?
        /// The locale of indexes that are given none.
        public var localeName = SystemCatalog.defaultLocale
        /// Limits of records.
        public var limits = RecordShape.Limits()

        /// No localized indexes.
        public init() {}
    }

    /// The trees of the database.
    public let trees: TreeRegistry
    /// What it was told.
    public let options: Options
    /// The tables that it stands in.
    private(set) var tables: CatalogTables
    /// What the engine does by itself, in transactions of its own.
    private let ownSession: TableSession
    private let ownLock = Lock()

    private let lock = Lock()
    // Under the lock.
    private var byObject: [ObjectID: Table] = [:]
    private var byName: [[UInt8]: [NamedTable]] = [:]

    /// A table under one of its names: a renamed one has two, seen by different transactions.
    struct NamedTable {
        let table: Table
        /// Who sees the name.
        let state: DefinitionState

        func isVisible(to transaction: TransactionState) -> Bool {
            state.isVisible(to: transaction) && table.state.isVisible(to: transaction)
        }
    }

    /// Opens the catalog of a database.
    /// - Parameter session: One of the catalog's own, at level 0. Nobody else uses it then.
    /// - Throws: `catalogCorrupted`, `databaseCorrupted` if it can't be; what reading throws.
    public init(
        opening trees: TreeRegistry, _ session: TableSession, options: Options = Options()
    ) throws(JetError) {
        self.trees = trees
        self.options = options
        ownSession = session
        let size = trees.root.database.pageSize
        // First as every database has it, to read what this one has.
        tables = CatalogTables(
            objects: try Self.makeBootstrap(SystemCatalog.catalog(isShadow: false, size), trees), shadow: nil,
            objids: nil)
        let cursor = RowCursor(tables.objects, session)
        let objects = try makeTable(
            try AssembledTable(try cursor.catalogRows(of: ObjectID(2))), DefinitionState())
        let shadowRows = try cursor.catalogRows(of: ObjectID(3))
        let shadow =
            shadowRows.isEmpty ? nil : try makeTable(try AssembledTable(shadowRows), DefinitionState())
        tables = CatalogTables(objects: objects, shadow: shadow, objids: nil)
        for table in [objects, shadow] { if let table { keep(table) } }
        tables.objids = try find(SystemCatalog.objidsName, session)
        trees.setOnDrop { [weak self] root in self?.forget(root) }
    }

    /// A catalog's table with its primary index only.
    static func makeBootstrap(_ definition: TableDefinition, _ trees: TreeRegistry) throws(JetError) -> Table {
        let size = trees.root.database.pageSize
        let shape = try RecordShape(columns: definition.columns, pageSize: size, keyByteCount: 255)
        guard let index = definition.primaryIndex else { throw .catalogCorrupted }
        let tree = try trees.tree(definition.rootPage, greatestKeyByteCount: 255)
        guard tree.objectID == definition.objectID else { throw .catalogCorrupted }
        return Table(
            trees.root.database, tree: tree,
            schema: TableSchema(
                number: 1, definition: definition, shape: shape, primary: try KeyPlan(index: index, shape: shape),
                indexes: []))
    }

    // MARK: Tables.

    /// A table by its name, whatever its case.
    /// - Throws: `objectNotFound` if the session sees none; `tableLocked` if another transaction is deleting it;
    ///   `catalogCorrupted`, what reading throws.
    public func table(named name: String, _ session: TableSession) throws(JetError) -> Table {
        guard let table = try find(name, session) else { throw .objectNotFound }
        return table
    }

    /// A table by its number.
    /// - Throws: As `table(named:_:)`.
    public func table(objectID: ObjectID, _ session: TableSession) throws(JetError) -> Table {
        guard let table = try find(objectID, session) else { throw .objectNotFound }
        return table
    }

    /// Opens a cursor on a table: from then on it can't be deleted.
    /// - Throws: As `table(named:_:)`.
    public func open(_ name: String, _ session: TableSession) throws(JetError) -> RowCursor {
        while true {
            let table = try table(named: name, session)
            if let cursor = lock.withLock({ table.state.isDeleted ? nil : RowCursor(table, session) }) { return cursor }
        }
    }

    func find(_ name: String, _ session: TableSession) throws(JetError) -> Table? {
        let folded = CatalogKey.fold(name)
        if let found = try known(folded, session) { return found }
        let cursor = RowCursor(tables.objects, session)
        if let index = cursor.schema.indexes.first(where: { $0.definition.name == SystemCatalog.rootObjects }) {
            try cursor.setIndex(index)
        }
        let isThere: Bool
        if cursor.index != nil {
            isThere = try cursor.find(CatalogKey.ofRoot(named: name))
        } else {
            isThere = try scan(cursor, for: folded)
        }
        guard isThere else { return nil }
        _ = try find(try cursor.catalogRow().tableID, session)
        return try known(folded, session)
    }

    /// A catalog without an index of names is read through.
    private func scan(_ cursor: RowCursor, for folded: [UInt8]) throws(JetError) -> Bool {
        var isThere = try cursor.first()
        while isThere {
            let row = try cursor.catalogRow()
            if row.kind == .table, CatalogKey.fold(row.name) == folded { return true }
            isThere = try cursor.next()
        }
        return false
    }

    private func find(_ objectID: ObjectID, _ session: TableSession) throws(JetError) -> Table? {
        if let table = lock.withLock({ byObject[objectID] }) { return try visible(table, session) }
        let rows = try RowCursor(tables.objects, session).catalogRows(of: objectID)
        guard let name = rows.first(where: { $0.kind == .table })?.templateOrCallback else {
            if rows.isEmpty { return nil }
            return try visible(keep(try makeTable(try AssembledTable(rows), DefinitionState())), session)
        }
        let template = try find(name, session)
        guard template?.objectID != objectID else { throw .catalogCorrupted }
        let assembled = try AssembledTable(rows, template: template)
        return try visible(keep(try makeTable(assembled, DefinitionState())), session)
    }

    private func visible(_ table: Table, _ session: TableSession) throws(JetError) -> Table? {
        guard table.state.isVisible(to: session.transaction) else { return nil }
        if table.state.isDeleted { throw .tableLocked }
        return table
    }

    private func known(_ folded: [UInt8], _ session: TableSession) throws(JetError) -> Table? {
        let found = lock.withLock {
            byName[folded]?.last { $0.isVisible(to: session.transaction) }
        }
        guard let found else { return nil }
        if found.table.state.isDeleted { throw .tableLocked }
        return found.table
    }

    /// Takes a table in that was read; another one may have been faster.
    @discardableResult
    private func keep(_ table: Table) -> Table {
        lock.withLock {
            if let known = byObject[table.objectID] { return known }
            byObject[table.objectID] = table
            byName[CatalogKey.fold(table.name), default: []].append(NamedTable(table: table, state: DefinitionState()))
            return table
        }
    }

    // MARK: Data definition.

    /// Takes a table in under a name that its transaction gives it.
    func add(_ table: Table, named name: String, _ state: DefinitionState) {
        lock.withLock {
            byObject[table.objectID] = table
            byName[CatalogKey.fold(name), default: []].append(NamedTable(table: table, state: state))
        }
    }

    /// Takes a name away, of which there is an end: what it was for was rolled back, or everybody sees its end.
    func removeName(_ name: String, _ state: DefinitionState) {
        let folded = CatalogKey.fold(name)
        lock.withLock {
            byName[folded]?.removeAll { $0.state === state }
            if byName[folded]?.isEmpty == true { byName[folded] = nil }
        }
    }

    /// Forgets a table that is gone.
    func forget(_ table: Table) {
        lock.withLock {
            byObject[table.objectID] = nil
            for (name, entries) in byName where entries.contains(where: { $0.table === table }) {
                let others = entries.filter { $0.table !== table }
                byName[name] = others.isEmpty ? nil : others
            }
        }
    }

    private func forget(_ root: PageNumber) {
        if let table = lock.withLock({ byObject.values.first { $0.tree.root == root } }) { forget(table) }
    }

    /// The state of a table's name.
    func nameState(of table: Table, _ session: TableSession) -> DefinitionState? {
        lock.withLock {
            byName.values.joined().first { $0.table === table && $0.isVisible(to: session.transaction) }?.state
        }
    }

    /// Marks a table as deleted, if nobody has a cursor on it.
    /// - Throws: `tableInUse`; `writeConflict` if another transaction deletes it.
    func markDeleted(_ table: Table, _ session: TableSession) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            guard table.cursorCount.load(ordering: .acquiring) == 0 else { throw .tableInUse }
            guard table.state.delete(by: session.transaction) else { throw .writeConflict }
        }
    }

    /// Does something in a transaction of the engine's own.
    func inOwnTransaction<Result>(
        _ body: (TableSession) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try ownLock.withLock { () throws(JetError) in
            try ownSession.inLevel { () throws(JetError) in try body(ownSession) }
        }
    }
}
