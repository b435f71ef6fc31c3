// Layer: ESETestKit. Uses: TableWriter, TreeSpace. Used by: DatabaseBuilder.
// The engine's own tables: both catalogs with two indexes, MSysObjids, MSysLocales; at the pages where they always are.

import ESEFormat

/// The tables that every database has.
struct SystemTables {
    private let sink: PageSink
    private let catalog: TreeSpace
    private let names: TreeSpace
    private let roots: TreeSpace
    private let shadow: TreeSpace
    private var objids: TableWriter
    private var locales: TableWriter

    /// The highest number that an object of the engine has.
    static let lastObjectID: UInt32 = 7

    init(_ context: inout WriterContext) throws {
        sink = context.sink
        let options = context.options
        func space(_ id: UInt32, _ parent: TreeSpace, _ pageCount: UInt32) throws -> TreeSpace {
            try TreeSpace(
                context.sink, objectID: ObjectID(id), parent: parent, pageCount: pageCount, isMultiple: true,
                options: options)
        }
        catalog = try space(2, context.databaseSpace, 20)
        names = try space(4, catalog, 3)
        roots = try space(5, catalog, 3)
        shadow = try space(3, context.databaseSpace, sink.size == .kibibytes2 ? 6 : 5)
        objids = try TableWriter(Self.objidsTable, &context, objectID: ObjectID(6))
        locales = try TableWriter(Self.localesTable, &context, objectID: ObjectID(7))
    }

    // MARK: Definitions.

    private static var objidsTable: TableDescription {
        var table = TableDescription("MSysObjids")
        table.flags = [.system, .fixedDDL, .systemDynamic]
        table.initialPageCount = 1
        table.addColumn("objid", .long, .tagged)
        table.addColumn("objidTable", .long, .tagged)
        table.addColumn("type", .short, .tagged)
        table.addIndex("primary", on: ["objid"], flags: [.unique, .noNullSegment, .primary])
        return table
    }

    private static var localesTable: TableDescription {
        var table = TableDescription("MSysLocales")
        table.flags = [.system, .systemDynamic]
        table.initialPageCount = 1
        table.addColumn("Type", .unsignedByte)
        table.addColumn("iValue", .long, flags: .escrowUpdate, defaultValue: [0, 0, 0, 0])
        table.addColumn("Key", .binary)
        table.addIndex(
            "KeyPrimary", on: ["Key"],
            flags: [.unique, .allowAllNulls, .allowFirstNull, .allowSomeNulls, .primary, .disallowTruncation])
        let schema = #".\Schema\"#
        let rows: [(UInt64, String, Int64)] = [
            (1, schema + #"External\Major"#, 1), (1, schema + #"External\Minor"#, 0),
            (1, schema + #"External\Update"#, 0), (1, schema + #"Internal\Major"#, 1),
            (1, schema + #"Internal\Minor"#, 0), (1, schema + #"Internal\Update"#, 0), (2, "MSysLocalesConsistent", 1),
        ]
        for (type, key, value) in rows {
            var octets: [UInt8] = []
            for unit in key.utf16 { octets.append(little: unit) }
            octets.append(little: UInt16(0))
            table.addRow([
                "Type": .value(.unsigned(type)), "iValue": .value(.signed(value)), "Key": .value(.binary(octets)),
            ])
        }
        return table
    }

    /// The columns and indexes of both catalogs.
    private static var catalogTable: TableDescription {
        var table = TableDescription("MSysObjects")
        table.flags = [.system, .fixedDDL]
        for name in ["ObjidTable", "Type", "Id", "ColtypOrPgnoFDP", "SpaceUsage", "Flags", "PagesOrLocale"] {
            table.addColumn(name, name == "Type" ? .short : .long, flags: .notNull)
        }
        table.addColumn("RootFlag", .bit)
        table.addColumn("RecordOffset", .short)
        table.addColumn("LCMapFlags", .long)
        table.addColumn("KeyMost", .unsignedShort)
        table.addColumn("LVChunkMax", .long)
        table.addColumn("Name", .text, flags: .notNull)
        table.addColumn("Stats", .binary)
        table.addColumn("TemplateTable", .text)
        for name in [
            "DefaultValue", "KeyFldIDs", "VarSegMac", "ConditionalColumns", "TupleLimits", "Version", "SortID",
        ] {
            table.addColumn(name, .binary)
        }
        for name in [
            "CallbackData", "CallbackDependencies", "SeparateLV", "SpaceHints", "SpaceDeferredLVHints", "LocaleName",
        ] {
            table.addColumn(name, .longBinary)
        }
        table.addIndex(
            "Id", on: ["ObjidTable", "Type", "Id"], flags: [.unique, .noNullSegment, .primary])
        table.addIndex("Name", on: ["ObjidTable", "Type", "Name"], flags: [.unique, .noNullSegment])
        table.addIndex("RootObjects", on: ["RootFlag", "Name"], flags: [.unique, .allowSomeNulls])
        return table
    }

    /// The rows that describe the catalog, or its shadow, which has no secondary indexes.
    private func catalogRows(isShadow: Bool) -> [CatalogRow] {
        let table = Self.catalogTable
        let space = isShadow ? shadow : catalog
        var definition = TableDefinition(
            objectID: space.objectID, name: isShadow ? "MSysObjectsShadow" : table.name, rootPage: space.root,
            flags: table.flags)
        definition.initialPageCount = space.owned.first?.count ?? 0
        var rows = [CatalogRow(table: definition)]
        for column in table.columns {
            var column = column
            // Peculiar to the catalog's description of itself.
            column.codePage = 1_252
            column.recordOffset = 4
            rows.append(CatalogRow(column: column, of: space.objectID))
        }
        for (index, place) in zip(table.indexes, [space, names, roots]) where !isShadow || place === space {
            var index = index
            index.objectID = place.objectID
            index.rootPage = place.root
            index.density = 80
            rows.append(CatalogRow(index: index, of: space.objectID))
        }
        return rows
    }

    // MARK: Writing.

    /// Writes everything; `rows` describe the other tables.
    mutating func write(_ rows: [CatalogRow], _ context: inout WriterContext) throws {
        try locales.write(&context)
        var all = rows + catalogRows(isShadow: false) + catalogRows(isShadow: true) + locales.catalogRows
        let itself = CatalogRow(
            table: TableDefinition(objectID: objids.objectID, name: "MSysObjids", rootPage: .none))
        for row in all + [itself] {
            let isObject = row.kind == .table || row.kind == .longValues
            guard isObject || row.kind == .index && row.flags & IndexFlags.primary.rawValue == 0 else { continue }
            objids.table.addRow([
                "objid": .value(.signed(Int64(row.id))), "objidTable": .value(.signed(Int64(row.tableID.rawValue))),
                "type": .value(.signed(Int64(row.kind.rawValue))),
            ])
        }
        try objids.write(&context)
        all += objids.catalogRows
        try writeCatalog(all)
    }

    private func writeCatalog(_ rows: [CatalogRow]) throws {
        let table = Self.catalogTable
        var builders: [KeyBuilder] = []
        for index in table.indexes { builders.append(try KeyBuilder(index: index, columns: table.columns)) }
        var records = EntryList()
        var byName = EntryList()
        var byRoot = EntryList()
        for row in rows {
            let name = row.name.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3f }
            let tableID = Self.bytes(row.tableID.rawValue)
            let kind = Self.bytes(row.kind.rawValue)
            var bookmark: [UInt8] = []
            var key: [UInt8] = []
            _ = try builders[0].build(of: [tableID, kind, Self.bytes(row.id)], into: &bookmark)
            let record = try row.record(isLarge: sink.size.isLarge)
            records.add(key: bookmark.span.bytes, data: record.span.bytes, flags: [])
            _ = try builders[1].build(of: [tableID, kind, name], into: &key)
            byName.add(key: key.span.bytes, data: bookmark.span.bytes, flags: [])
            guard row.isRoot == true else { continue }
            _ = try builders[2].build(of: [[0xff], name], into: &key)
            byRoot.add(key: key.span.bytes, data: bookmark.span.bytes, flags: [])
        }
        var again = records
        try Self.write(&byName, names, .index, sink)
        try Self.write(&byRoot, roots, .index, sink)
        try Self.write(&records, catalog, [], sink)
        try Self.write(&again, shadow, [], sink)
    }

    private static func write(
        _ entries: inout EntryList, _ space: TreeSpace, _ flags: PageFlags, _ sink: PageSink
    ) throws {
        var tree = TreeBuilder(sink, objectID: space.objectID, root: space.root, flags: flags)
        try entries.drain(into: &tree, pages: space)
        try tree.finish(space)
        try space.finish()
    }

    private static func bytes<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: number)
        return bytes
    }
}
