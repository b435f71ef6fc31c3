// Layer: Jet. Uses: Descriptions, ListBuilder, ESEEngine (Catalog). Used by: JetABI.
// What is told about tables, columns and indexes: one at a time, and as lists in temporary tables.

public import ESEEngine
public import ESEFormat

/// A table by the session's cursor on it, or by its name. C names: JetGetTable…Info, JetGet…Info.
public enum TableReference: Sendable {
    /// JET_TABLEID.
    case cursor(UInt)
    /// JET_DBID and the table's name.
    case name(UInt32, String)
}

/// A list: a cursor on a temporary table. C names: JET_OBJECTLIST, JET_COLUMNLIST, JET_INDEXLIST.
public struct InformationList: Sendable {
    /// On the first row. C name: tableid.
    public var cursor: UInt
    /// How many rows there are. C name: cRecord.
    public var count: UInt32
    /// The numbers of the temporary table's columns, as listed in the function that makes it.
    public var columns: [ColumnKey]
}

/// How columns are listed. C names: JET_ColInfoGrbit….
public struct ColumnListOptions: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt32
    /// Makes options.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Without those of the template. C name: JET_ColInfoGrbitNonDerivedColumnsOnly.
    public static let ownOnly = ColumnListOptions(rawValue: 0x8000_0000)
    /// Names and numbers only. C name: JET_ColInfoGrbitMinimalInfo.
    public static let minimal = ColumnListOptions(rawValue: 0x4000_0000)
    /// In the order of their numbers. C names: JET_ColInfoGrbitSortByColumnid, JET_ColInfoListSortColumnid.
    public static let sortedByNumber = ColumnListOptions(rawValue: 0x2000_0000)
    /// In no order, without those of the template. C name: JET_ColInfoListCompact.
    public static let compact = ColumnListOptions(rawValue: 0x1000_0000)
}

extension JetLibrary {
    /// Runs `body` in a transaction with a table that is not to be changed.
    func withTable<Result>(
        _ session: UInt, _ table: TableReference,
        _ body: (JetCall, RowCursor, _ isUpdatable: Bool) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        switch table {
        case .cursor(let cursor):
            try withCursor(session, cursor) { (call) throws(JetError) in
                try call.call.inTransaction { () throws(JetError) in
                    try body(call.call, call.rows, !call.cursor.isReadOnly)
                }
            }
        case .name(let number, let name):
            try withSession(session) { (call) throws(JetError) in
                let database = try database(call, number)
                try Self.checkName(name)
                let catalog = try database.catalog()
                return try call.inTransaction { () throws(JetError) in
                    let rows = try catalog.open(name, call.tables)
                    return try body(call, rows, false)
                }
            }
        }
    }

    /// Runs `body` with what a session sees of a table.
    private func withDefinition<Result>(
        _ session: UInt, _ table: TableReference, _ body: (VisibleTable, Bool) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try withTable(session, table) { (_, rows, isUpdatable) throws(JetError) in
            try body(VisibleTable(rows.table, rows.session), isUpdatable)
        }
    }

    // MARK: Columns.

    /// A column by its name. JET_errColumnNotFound. C name: JET_ColInfo.
    public func describeColumn(
        _ session: UInt, _ table: TableReference, named name: String
    ) throws(JetError) -> ColumnDescription {
        try withDefinition(session, table) { (table, isUpdatable) throws(JetError) in
            if name.isEmpty { throw .columnNotFound }
            try Self.checkName(name)
            return ColumnDescription(try table.column(named: name), of: table.definition, isUpdatable: isUpdatable)
        }
    }

    /// A column by its number. JET_errColumnNotFound. C name: JET_ColInfoByColid.
    public func describeColumn(
        _ session: UInt, _ table: TableReference, _ key: ColumnKey
    ) throws(JetError) -> ColumnDescription {
        try withDefinition(session, table) { (table, isUpdatable) throws(JetError) in
            ColumnDescription(try table.column(key), of: table.definition, isUpdatable: isUpdatable)
        }
    }

    /// All columns, by name or by number. Columns of the list: order, name, number, type, country, language, code page,
    /// collation, size, flags, default, base table, base column. C name: JET_ColInfoList.
    public func listColumns(
        _ session: UInt, _ table: TableReference, _ options: ColumnListOptions, isUnicode: Bool
    ) throws(JetError) -> InformationList {
        try withTable(session, table) { (call, rows, isUpdatable) throws(JetError) in
            let table = VisibleTable(rows.table, rows.session)
            let isKey = !options.contains(.compact)
            let long = TemporaryTableRequest.Column(.long)
            let short = TemporaryTableRequest.Column(.short)
            let text = TemporaryTableRequest.Column(.text)
            return try ListBuilder.make(
                self, call,
                [
                    .init(.long, isKey: isKey), .init(.text, isKey: isKey), long, long, short, short, short, short,
                    long,
                    long, .init(.longBinary), text, text,
                ], isUnicode: isUnicode
            ) { (list) throws(JetError) in
                let skipsTemplate = !options.isDisjoint(with: [.ownOnly, .compact])
                for column in table.columns where !(skipsTemplate && column.definition.isFromTemplate) {
                    let one = ColumnDescription(column, of: table.definition, isUpdatable: isUpdatable)
                    let number = ListValue.long(one.key.rawValue)
                    let order = options.contains(.sortedByNumber) ? number : .null
                    if options.contains(.minimal) {
                        try list.add([order, .text(one.name), number])
                        continue
                    }
                    try list.add([
                        order, .text(one.name), number, .long(one.type), .short(ColumnDescription.country),
                        .short(ColumnDescription.language), .short(one.codePage), .short(0),
                        .long(one.maximumByteCount),
                        .long(one.flags), one.defaultValue.isEmpty ? .null : .bytes(one.defaultValue),
                        .text(table.definition.name), .text(one.name),
                    ])
                }
            }
        }
    }

    // MARK: Indexes.

    /// An index by its name; the primary one if that is empty. JET_errIndexNotFound. C names: JET_IdxInfo….
    public func describeIndex(
        _ session: UInt, _ table: TableReference, named name: String
    ) throws(JetError) -> IndexDescription {
        try withDefinition(session, table) { (table, _) throws(JetError) in
            if !name.isEmpty { try Self.checkName(name) }
            return try table.describe(try table.index(named: name))
        }
    }

    /// What names an index in JetSetCurrentIndex4. JET_errIndexNotFound. C name: JET_IdxInfoIndexId.
    public func indexIdentity(
        _ session: UInt, _ table: TableReference, named name: String
    ) throws(JetError) -> IndexIdentity {
        try withTable(session, table) { (_, rows, _) throws(JetError) in
            let table = VisibleTable(rows.table, rows.session)
            if !name.isEmpty { try Self.checkName(name) }
            return IndexIdentity(table.tableIndex(try table.index(named: name)), of: rows.table)
        }
    }

    /// How many indexes there are, with the one that every table has. C name: JET_IdxInfoCount.
    public func indexCount(_ session: UInt, _ table: TableReference) throws(JetError) -> UInt32 {
        try withDefinition(session, table) { (table, _) in
            1 + UInt32(table.indexes.count { !$0.definition.flags.contains(.primary) })
        }
    }

    /// One index, or all if no name is given, with a row for each column of a key. Columns of the list: name, flags,
    /// keys, entries, pages, columns, which column, number, type, country, language, code page, collation, order, the
    /// column's name, flags of the locale. JET_errIndexNotFound. C names: JET_IdxInfo, JET_IdxInfoList.
    public func listIndexes(
        _ session: UInt, _ table: TableReference, named name: String, isUnicode: Bool
    ) throws(JetError) -> InformationList {
        try withTable(session, table) { (call, rows, _) throws(JetError) in
            let table = VisibleTable(rows.table, rows.session)
            if !name.isEmpty { try Self.checkName(name) }
            let indexes = name.isEmpty ? table.indexes : [try table.index(named: name)]
            let long = TemporaryTableRequest.Column(.long)
            let short = TemporaryTableRequest.Column(.short)
            return try ListBuilder.make(
                self, call,
                [
                    .init(.text, isKey: true), long, long, long, long, long, .init(.long, isKey: true), long, long,
                    short,
                    short, short, short, long, .init(.text), long,
                ], isUnicode: isUnicode
            ) { (list) throws(JetError) in
                for index in indexes {
                    let one = try table.describe(index)
                    let counted = try statistics(of: table.tableIndex(index), rows, call)
                    let index = one.definition
                    let language = UInt16(truncatingIfNeeded: LocaleNumber.of(index))
                    for (place, column) in one.columns.enumerated() {
                        try list.add([
                            .text(index.name), .long(one.flags), .long(counted.keyCount), .long(counted.entryCount),
                            .long(counted.pageCount),
                            .long(UInt32(one.columns.count)), .long(UInt32(place)), .long(column.key.rawValue),
                            .long(column.type), .short(ColumnDescription.country), .short(language),
                            .short(column.codePage), .short(0), .long(index.segments[place].isDescending ? 1 : 0),
                            .text(column.name), .long(index.lcMapFlags),
                        ])
                    }
                }
            }
        }
    }

    /// The pages of an index; of the records if no name is given. JET_errIndexNotFound.
    public func indexSpace(
        _ session: UInt, _ table: TableReference, named name: String
    ) throws(JetError) -> SpaceUsage {
        try withTable(session, table) { (call, rows, _) throws(JetError) in
            let table = VisibleTable(rows.table, rows.session)
            let work = call.session.work.store
            guard let database = work.store.database(rows.table.database.slot.rawValue) else {
                throw .invalidDatabaseId
            }
            let index = name.isEmpty ? nil : table.tableIndex(try table.index(named: name))
            return try database.spaceUsage(of: index, in: rows.table, work)
        }
    }

    // MARK: Tables.

    /// What is told about a table. C names: JET_TblInfo….
    public struct TableDescription: Sendable {
        /// What the catalog says.
        public var definition: TableDefinition
        /// The number of its database. C name: JET_DBID.
        public var database: UInt32
        /// Whether it is a temporary one.
        public var isTemporary: Bool
        /// Whether the cursor may change rows.
        public var isUpdatable: Bool
        /// What JetComputeStats counted.
        public var statistics: TreeStatistics

        /// C names: JET_bitTableInfo….
        public var capabilities: UInt32 { 0x2 | 0x4 | (isUpdatable ? 0x1 : 0) }
        /// C names: JET_bitObject….
        public var flags: UInt32 { definition.flags.rawValue }
    }

    /// The table of a cursor, or of a name. C names: JetGetTableInfo, JetGetObjectInfo.
    public func describeTable(_ session: UInt, _ table: TableReference) throws(JetError) -> TableDescription {
        try withTable(session, table) { (call, rows, isUpdatable) throws(JetError) in
            let slot = rows.table.database.slot.rawValue
            let database = call.session.work.store.store.database(slot)
            let isTemporary = database?.isTemporary ?? false
            var isUpdatable = isUpdatable
            if case .name = table { isUpdatable = database?.isReadOnly == false }
            return TableDescription(
                definition: rows.schema.definition, database: UInt32(slot), isTemporary: isTemporary,
                isUpdatable: isUpdatable,
                statistics: isTemporary ? TreeStatistics() : try statistics(rows, call))
        }
    }

    /// What was counted of a table, or of an index. JetComputeStats counts.
    private func statistics(
        of index: TableIndex? = nil, _ rows: RowCursor, _ call: JetCall
    ) throws(JetError) -> TreeStatistics {
        let store = call.session.work.store.store
        guard let database = store.database(rows.table.database.slot.rawValue), !database.isTemporary else {
            return TreeStatistics()
        }
        return try database.catalog().statistics(of: index, in: rows.table, rows.session)
    }

    /// The pages of a cursor's table: of the records' own tree, or available ones of all its trees.
    public func tableSpace(
        _ session: UInt, _ cursor: UInt, countsAllTrees: Bool
    ) throws(JetError) -> SpaceUsage {
        try withTable(session, .cursor(cursor)) { (call, rows, _) throws(JetError) in
            let work = call.session.work.store
            guard let database = work.store.database(rows.table.database.slot.rawValue) else {
                throw .invalidDatabaseId
            }
            return countsAllTrees
                ? try database.spaceUsage(of: rows.table, work)
                : try database.spaceUsage(of: nil, in: rows.table, work)
        }
    }

    /// All tables of a database, those of the engine too, by name; none if others are asked for. Columns of the list:
    /// container, name, type, two times, records, pages, capabilities, flags. C name: JET_ObjInfoList.
    public func listTables(
        _ session: UInt, _ number: UInt32, isEmpty: Bool, isUnicode: Bool
    ) throws(JetError) -> InformationList {
        try withSession(session) { (call) throws(JetError) in
            let database = try database(call, number)
            let catalog = try database.catalog()
            return try call.inTransaction { () throws(JetError) in
                let long = TemporaryTableRequest.Column(.long)
                let time = TemporaryTableRequest.Column(.dateTime)
                return try ListBuilder.make(
                    self, call,
                    [
                        .init(.text, isKey: true), .init(.text, isKey: true), long, time, time, long, long, long, long,
                    ], isUnicode: isUnicode
                ) { (list) throws(JetError) in
                    let isUpdatable = !database.isReadOnly
                    if !isEmpty {
                        for table in try catalog.tableInfo(call.tables) {
                            try list.add([
                                .text("Tables"), .text(table.name), .long(1), .null, .null,
                                .long(table.statistics.entryCount), .long(table.statistics.pageCount),
                                .long(0x2 | 0x4 | (isUpdatable ? 0x1 : 0)), .long(table.flags.rawValue),
                            ])
                        }
                    }
                }
            }
        }
    }
}
