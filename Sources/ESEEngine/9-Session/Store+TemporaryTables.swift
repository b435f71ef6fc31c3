// Layer: ESEEngine/9-Session. Uses: Store, 7-Table. Used by: the C API, the Swift API.
// Temporary tables: in the temporary database, without a catalog, gone with the last cursor.

public import ESEFormat
import PlatformIO

/// A temporary table to be made.
public struct TemporaryTableRequest: Sendable {
    /// A column of it.
    public struct Column: Sendable {
        /// Its type.
        public var type: ColumnType
        /// Whether it is stored at a fixed place, or only where it has a value; others are ignored.
        public var options: ColumnOptions
        /// The most bytes of a value; 0: as many as the type may have.
        public var maximumByteCount: UInt32
        /// The code page of text; 0: 1252.
        public var codePage: UInt32
        /// Whether it is part of the key, which sorts the table. C name: JET_bitColumnTTKey.
        public var isKey: Bool
        /// Whether it sorts from high to low. C name: JET_bitColumnTTDescending.
        public var isDescending: Bool

        /// Asks for a column.
        public init(
            _ type: ColumnType, _ options: ColumnOptions = [], maximumByteCount: UInt32 = 0, codePage: UInt32 = 0,
            isKey: Bool = false, isDescending: Bool = false
        ) {
            self.type = type
            self.options = options
            self.maximumByteCount = maximumByteCount
            self.codePage = codePage
            self.isKey = isKey
            self.isDescending = isDescending
        }
    }

    /// Its columns. At most 16 of the key count.
    public var columns: [Column]
    /// Whether rows of the same key may be there; else the second one is an error.
    public var allowsDuplicates = false
    /// Whether NULL sorts after all values. C name: JET_bitTTSortNullsHigh.
    public var nullsSortHigh = false
    /// Whether GUIDs sort as .NET does. C name: JET_bitTTDotNetGuid.
    public var sortsDotNetGUIDs = false
    /// The longest key; 0: 255.
    public var maximumKeyByteCount = 0
    /// The most bytes of a column in the key; 0: as many as the key has.
    public var maximumSegmentByteCount = 0
    /// How text is compared: a locale, nil for the default.
    public var localeName: String?
    /// Flags of LCMapString; 0: the default.
    public var mapFlags: UInt32 = 0

    /// Asks for a table; the rest can be set.
    public init(_ columns: [Column]) { self.columns = columns }
}

/// A temporary table, of one session. It goes when nobody has it any more: whoever opens a cursor on it takes it, and
/// releases it at the end. One thread at a time, as its session is.
public final class TemporaryTable {
    /// The table.
    public let table: Table
    /// The numbers of its columns, in the order of the request.
    public let columns: [ColumnKey]
    /// The index to be used if the rows are not in the order of the key themselves.
    public let order: TableIndex?
    private let session: SessionStore
    private let database: OpenDatabase
    private var count = 1
    private var token: UInt64 = 0

    fileprivate init(
        _ table: Table, _ columns: [ColumnKey], _ order: TableIndex?, _ database: OpenDatabase,
        _ session: SessionStore
    ) {
        self.table = table
        self.columns = columns
        self.order = order
        self.database = database
        self.session = session
    }

    /// Takes it once more.
    public func take() { count += 1 }

    /// Releases it once. With the last time it goes, but not before the transaction that may have to undo something in
    /// it is over.
    public func release() {
        precondition(count > 0, "what is taken is released once")
        count -= 1
        guard count == 0 else { return }
        if session.level == 0 { drop() } else { token = session.add(self) }
    }

    private func drop() {
        session.store.drop(table, of: database)
        if token != 0 { session.remove(token) }
    }
}

extension TemporaryTable: SessionMember {
    /// See `SessionMember`.
    public func rollback(level: Int) {}
    /// See `SessionMember`.
    public func undone(level: Int) { if level == 1 { drop() } }
    /// See `SessionMember`.
    public func commit(level: Int) { if level == 1 { drop() } }
    /// See `SessionMember`.
    public func close() {}
}

extension Store {
    /// Makes a temporary table, which the caller has taken once. It belongs to no transaction.
    /// - Throws: `invalidColumnType`, `invalidCodePage`, `tooManyColumns`, `recordTooBig`, `invalidParameter` for limits
    ///   of keys, `invalidLanguageId` for an order of text that is not known; what making trees throws.
    /// C name: JetOpenTemporaryTable2.
    public func makeTemporaryTable(
        _ request: TemporaryTableRequest, _ session: SessionStore
    ) throws(JetError) -> TemporaryTable {
        let plan = try TemporaryTablePlan(request, catalogOptions, pageSize)
        let database = try temporaryDatabase()
        return try databaseLock.withLock { () throws(JetError) in try make(plan, in: database, session) }
    }

    /// Under `databaseLock`, which keeps the engine's own worker to one thread.
    private func make(
        _ plan: TemporaryTablePlan, in database: OpenDatabase, _ session: SessionStore
    ) throws(JetError) -> TemporaryTable {
        let worker = running.system
        let keyByteCount = plan.primary?.maximumKeyByteCount ?? 4
        let tree = try Tree.create(
            in: database.trees.root, objectID: database.database.nextObjectID(), pageFlags: [], pageCount: 1,
            withExtents: false, greatestKeyByteCount: keyByteCount, worker)
        database.trees.add(tree)
        var made: TemporaryTable?
        defer { if made == nil { database.trees.drop(tree, .table, deletedBy: TransactionNumber(0), worker) } }
        var definition = TableDefinition(objectID: tree.objectID, name: "", rootPage: tree.root)
        definition.columns = plan.columns
        let shape = try RecordShape(
            columns: plan.columns, pageSize: pageSize, keyByteCount: keyByteCount, limits: catalogOptions.limits)
        func keyPlan(_ index: IndexDefinition) throws(JetError) -> KeyPlan {
            let collator = index.flags.contains(.localized) ? catalogOptions.collator(index) : nil
            return try KeyPlan(index: index, shape: shape, collator: collator)
        }
        var primary: KeyPlan?
        if var index = plan.primary {
            (index.objectID, index.rootPage) = (tree.objectID, tree.root)
            definition.indexes.append(index)
            primary = try keyPlan(index)
        }
        var order: TableIndex?
        if var index = plan.secondary {
            let own = try Tree.create(
                in: tree, objectID: database.database.nextObjectID(), pageFlags: [.index, .nonUnique], pageCount: 1,
                withExtents: false, greatestKeyByteCount: index.maximumKeyByteCount + keyByteCount, worker)
            database.trees.add(own)
            (index.objectID, index.rootPage) = (own.objectID, own.root)
            definition.indexes.append(index)
            order = TableIndex(index, plan: try keyPlan(index), tree: own, state: DefinitionState())
        }
        let table = Table(
            database.database, tree: tree,
            schema: TableSchema(
                number: 1, definition: definition, shape: shape, primary: primary,
                indexes: order.map { [$0] } ?? []))
        table.setLongValues(nil) { [unowned self, unowned database] (table, _) throws(JetError) in
            try makeLongValues(of: table, in: database)
        }
        let result = TemporaryTable(table, plan.keys, order, database, session)
        made = result
        return result
    }

    private func makeLongValues(of table: Table, in database: OpenDatabase) throws(JetError) -> LongValues {
        try databaseLock.withLock { () throws(JetError) in
            let values = try LongValues.create(
                in: table.tree, objectID: database.database.nextObjectID(), worker: running.system,
                minimumForXpress: catalogOptions.limits.minimumForXpress)
            database.trees.add(values.tree)
            return values
        }
    }

    /// A temporary table is not used any more: its pages are free. Nothing of it is in the version store, since what is
    /// committed in temporary tables leaves that at once.
    fileprivate func drop(_ table: Table, of database: OpenDatabase) {
        guard isRunning, failure == nil, self.database(database.slot.rawValue) === database else { return }
        databaseLock.withLock {
            database.trees.drop(table.tree, .table, deletedBy: TransactionNumber(0), running.system)
        }
    }
}

/// The definitions of a temporary table.
private struct TemporaryTablePlan {
    private(set) var columns: [ColumnDefinition] = []
    private(set) var keys: [ColumnKey] = []
    private(set) var primary: IndexDefinition?
    private(set) var secondary: IndexDefinition?

    private static let greatestKeyColumnCount = 16

    init(
        _ request: TemporaryTableRequest, _ options: Catalog.Options, _ size: PageSize
    ) throws(JetError) {
        let most = request.maximumKeyByteCount == 0 ? 255 : request.maximumKeyByteCount
        let segmentMost = request.maximumSegmentByteCount == 0 ? most : request.maximumSegmentByteCount
        guard (255...IndexRequest.greatestKeyByteCount(size)).contains(most), (1...most).contains(segmentMost) else {
            throw .invalidParameter
        }
        var numbers = ColumnNumbers()
        var segments: [IndexSegment] = []
        var isLocalized = false
        for (place, request) in request.columns.enumerated() {
            // Names are needed by nobody; they differ.
            var asked = ColumnRequest(
                "c\(place)", request.type, request.options.intersection([.fixed, .tagged]),
                maximumByteCount: request.maximumByteCount, codePage: request.codePage)
            // Both may be given: then it is tagged.
            if asked.options.contains(.tagged) || request.type.isLong { asked.options.remove(.fixed) }
            var (column, _) = try asked.definition(isExclusive: true)
            try numbers.place(&column, asked.storage, size, keyByteCount: most)
            columns.append(column)
            keys.append(ColumnKey(column.id))
            if request.isKey, segments.count < Self.greatestKeyColumnCount {
                segments.append(IndexSegment(column: column.id, isDescending: request.isDescending))
                if column.type.isText, column.codePage == 1_200 { isLocalized = true }
            }
        }
        columns.sort { $0.id < $1.id }
        guard !segments.isEmpty else { return }
        var index = IndexDefinition(
            objectID: ObjectID(0), name: "", rootPage: .none,
            flags: [.extendedColumns, .allowAllNulls, .allowFirstNull, .allowSomeNulls], segments: segments)
        index.maximumKeyByteCount = most
        index.maximumSegmentByteCount = segmentMost
        if request.nullsSortHigh { index.flags.insert(.nullsSortHigh) }
        if request.sortsDotNetGUIDs { index.flags.insert(.dotNetGUID) }
        index.lcMapFlags = request.mapFlags == 0 ? SystemCatalog.defaultMapFlags : request.mapFlags | 0x400
        index.localeName = request.localeName ?? options.localeName
        if isLocalized {
            index.flags.insert(.localized)
            (index.sortVersion, index.sortID) = (options.sortVersion, options.sortID)
            guard options.collator(index) != nil else { throw .invalidLanguageId }
        }
        if request.allowsDuplicates {
            secondary = index
        } else {
            index.flags.insert([.unique, .primary])
            primary = index
        }
    }
}
