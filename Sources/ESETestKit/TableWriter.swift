// Layer: ESETestKit. Uses: TreeBuilder, TreeSpace, RecordEncoder, EntryList, ESECollation. Used by: DatabaseBuilder.
// Writes a table with all its trees: records, secondary indexes, long values.

import ESECollation
import ESEFormat

/// What the writers of one database share.
struct WriterContext {
    let sink: PageSink
    let revision: UInt32
    let options: TreeSpace.Options
    let databaseSpace: TreeSpace
    var lastObjectID: UInt32

    mutating func nextObjectID() -> ObjectID {
        lastObjectID += 1
        return ObjectID(lastObjectID)
    }
}

/// Writes one table and tells the catalog of it.
struct TableWriter {
    /// What it is to be; rows may still be added before `write`.
    var table: TableDescription
    private let sink: PageSink
    private let space: TreeSpace
    private var definition: TableDefinition
    private var longValues: LongValueWriter

    /// The number of the table.
    var objectID: ObjectID { definition.objectID }
    /// The table's rows of the catalog, when it is written.
    private(set) var catalogRows: [CatalogRow] = []

    init(_ table: TableDescription, _ context: inout WriterContext, objectID: ObjectID? = nil) throws {
        self.table = table
        sink = context.sink
        let id = objectID ?? context.nextObjectID()
        space = try TreeSpace(
            context.sink, objectID: id, parent: context.databaseSpace, pageCount: UInt32(table.initialPageCount),
            isMultiple: false, options: context.options)
        definition = TableDefinition(objectID: id, name: table.name, rootPage: space.root, flags: table.flags)
        definition.density = table.density
        definition.initialPageCount = UInt32(table.initialPageCount)
        definition.templateName = table.templateName
        if table.isTemplate { definition.flags.formUnion([.template, .fixedDDL]) }
        if table.templateName != nil { definition.flags.insert(.derived) }
        longValues = LongValueWriter(table, space, context)
    }

    mutating func write(_ context: inout WriterContext) throws {
        var indexes: [IndexWriter] = []
        for index in table.indexes { indexes.append(try IndexWriter(index, table, space, &context)) }
        let primary = indexes.firstIndex { $0.definition.flags.contains(.primary) }
        if let primary { indexes[primary].definition.rootPage = space.root }
        if let primary { indexes[primary].definition.objectID = definition.objectID }
        let tree = TreeBuilder(
            sink, objectID: definition.objectID, root: space.root, flags: [], density: table.density)
        var records = RecordTree(tree: tree, isSorted: table.makeRow != nil)
        let mostByteCount = Self.mostRecordByteCount(sink.size)
        var encoder = RecordEncoder(table, isLarge: sink.size.isLarge, mostByteCount: mostByteCount)
        var row = RowBuffer(columns: table.columns)
        var bookmark: [UInt8] = []
        var count = 0
        while try nextRow(count, &row) {
            count += 1
            try encoder.encode(row, &longValues, &context)
            if let primary {
                guard try indexes[primary].primaryKey(of: row, into: &bookmark) else {
                    throw FormatError(.badKey, at: count)
                }
            } else {
                KeyBuilder.build(sequentialRecord: UInt32(count), into: &bookmark)
            }
            let flags: NodeFlags = row.isDeleted ? .deleted : []
            try records.add(key: bookmark, data: encoder.record, flags, pages: space)
            for position in indexes.indices where position != primary {
                try indexes[position].add(row, bookmark: bookmark, flags)
            }
        }
        for position in indexes.indices where position != primary { try indexes[position].write(&context, space) }
        try longValues.finish()
        let autoincrement = table.columns.contains { $0.flags.contains(.autoincrement) } ? UInt64(count) : nil
        try records.finish(space, autoincrement: autoincrement)
        definition.indexes = indexes.map(\.definition)
        describe()
    }

    private func nextRow(_ count: Int, _ row: inout RowBuffer) throws -> Bool {
        if let makeRow = table.makeRow {
            row.removeAll()
            return try makeRow(&row)
        }
        guard count < table.rows.count else { return false }
        row = table.rows[count]
        return true
    }

    private mutating func describe() {
        let id = definition.objectID
        catalogRows = [CatalogRow(table: definition)]
        for column in table.columns where !column.isFromTemplate {
            var row = CatalogRow(column: column, of: id)
            if table.isTemplate { row.flags |= ColumnFlags.template.rawValue }
            catalogRows.append(row)
        }
        for index in definition.indexes {
            var row = CatalogRow(index: index, of: id)
            if table.isTemplate { row.flags |= IndexFlags.template.rawValue }
            catalogRows.append(row)
        }
        if let row = longValues.catalogRow { catalogRows.append(row) }
    }

    /// The engine's own limit, with the longest usual key. ESE's name: CbRecordMost.
    static func mostRecordByteCount(_ size: PageSize) -> Int {
        PageBuilder.largestNodeByteCount(size) - 4 - 257
    }
}

/// The tree of a table's records. Rows that were added come in any order.
private struct RecordTree {
    private var tree: TreeBuilder
    private let isSorted: Bool
    private var unsorted = EntryList()

    init(tree: TreeBuilder, isSorted: Bool) {
        self.tree = tree
        self.isSorted = isSorted
    }

    mutating func add(key: [UInt8], data: [UInt8], _ flags: NodeFlags, pages: TreeSpace) throws {
        if isSorted {
            try tree.add(key: key.span.bytes, data: data.span.bytes, flags: flags, pages: pages)
        } else {
            unsorted.add(key: key.span.bytes, data: data.span.bytes, flags: flags)
        }
    }

    mutating func finish(_ space: TreeSpace, autoincrement: UInt64?) throws {
        try unsorted.drain(into: &tree, pages: space)
        try tree.finish(space, autoincrement: autoincrement)
        try space.finish()
    }
}

/// An index of a table.
struct IndexWriter {
    var definition: IndexDefinition
    private var plan: IndexEntryPlan
    private var keys: KeyBuilder
    private var entries = EntryList()

    init(
        _ index: IndexDefinition, _ table: TableDescription, _ space: TreeSpace, _ context: inout WriterContext
    ) throws {
        var index = index
        let isLocalized = index.flags.contains(.localized)
        if context.revision >= 0x12 {
            if isLocalized { index.localeName = index.localeName ?? "en-US" }
        } else {
            index.lcid = 1_033
        }
        if isLocalized, index.sortVersion == nil {
            let version = UInt64(WindowsCollator.nlsVersion)
            index.sortVersion = version << 32 | version
            index.sortID = WindowsCollator.sortID
        }
        if !index.flags.contains(.primary) { index.objectID = context.nextObjectID() }
        definition = index
        let collator = isLocalized ? WindowsCollator(index: index) : nil
        plan = try IndexEntryPlan(index: index, columns: table.columns, collator: collator)
        keys = try KeyBuilder(index: index, columns: table.columns, collator: collator)
    }

    /// Makes the key of the primary index; false if that is not possible.
    mutating func primaryKey(of row: RowBuffer, into key: inout [UInt8]) throws -> Bool {
        try keys.build(of: row, into: &key).isExact
    }

    /// Takes the entries of a row.
    mutating func add(_ row: RowBuffer, bookmark: [UInt8], _ flags: NodeFlags) throws {
        var list = EntryList()
        swap(&list, &entries)
        let result = try plan.forEachKey(of: row) { (key) throws(FormatError) in
            list.add(key: key, data: bookmark.span.bytes, flags: flags)
        }
        swap(&list, &entries)
        guard result.isExact, !result.hasDisallowedNull else { throw FormatError(.badKey, at: 0) }
    }

    /// Writes the tree.
    mutating func write(_ context: inout WriterContext, _ table: TreeSpace) throws {
        let space = try TreeSpace(
            context.sink, objectID: definition.objectID, parent: table, pageCount: 1, isMultiple: false,
            options: context.options)
        definition.rootPage = space.root
        let isUnique = definition.flags.contains(.unique)
        var tree = TreeBuilder(
            context.sink, objectID: definition.objectID, root: space.root,
            flags: isUnique ? .index : [.index, .nonUnique], density: definition.density)
        try entries.drain(into: &tree, pages: space)
        try tree.finish(space, isNonUnique: !isUnique)
        try space.finish()
    }
}

/// The long values of a table; their tree comes into being with the first.
struct LongValueWriter {
    private let table: TableDescription
    private let tableSpace: TreeSpace
    private let chunkByteCount: Int
    private var tree: TreeBuilder?
    private var space: TreeSpace?
    private var count: UInt32 = 0
    private(set) var catalogRow: CatalogRow?

    init(_ table: TableDescription, _ space: TreeSpace, _ context: WriterContext) {
        self.table = table
        tableSpace = space
        chunkByteCount = context.sink.size.longValueChunkByteCount
    }

    mutating func add(
        _ value: [UInt8], _ column: ColumnDefinition, _ context: inout WriterContext
    ) throws -> LongValueID {
        let space = try self.space ?? start(&context)
        count += 1
        let id = table.hasWideLongValueIDs ? LongValueID(wide: 1 << 63 | 1 << 31 | UInt64(count)) : LongValueID(count)
        var compress: ((RawSpan) -> [UInt8]?)?
        if column.flags.contains(.compressed), let make = table.compress { compress = { make($0, column) } }
        guard var tree else { return id }
        self.tree = nil
        try id.forEachNode(
            of: value.span.bytes, flags: table.longValueFlags, chunkByteCount: chunkByteCount, compress: compress
        ) { (key, data) throws(any Error) in
            try tree.add(key: key.span.bytes, data: data.span.bytes, pages: space)
        }
        self.tree = tree
        return id
    }

    private mutating func start(_ context: inout WriterContext) throws -> TreeSpace {
        let id = context.nextObjectID()
        let space = try TreeSpace(
            context.sink, objectID: id, parent: tableSpace, pageCount: 1, isMultiple: false, options: context.options)
        self.space = space
        tree = TreeBuilder(context.sink, objectID: id, root: space.root, flags: .longValue)
        catalogRow = CatalogRow(longValuesOf: tableSpace.objectID, id: id, rootPage: space.root)
        return space
    }

    mutating func finish() throws {
        guard let space else { return }
        try tree?.finish(space)
        try space.finish()
    }
}
