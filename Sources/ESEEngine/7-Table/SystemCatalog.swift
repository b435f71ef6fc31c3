// Layer: ESEEngine/7-Table. Uses: ESEFormat's definitions. Used by: the catalog, when a database is made or opened.
// The tables that every database has, at the pages and with the numbers that they always have (format map, 5.5, 6.1,
// 6.5).

import ESEFormat

/// What the engine's own tables are.
enum SystemCatalog {
    /// The highest number that an object of the engine has.
    static let lastObjectID = ObjectID(7)
    /// The index of all names of tables.
    static let rootObjects = "RootObjects"
    /// The table of all objects.
    static let objidsName = "MSysObjids"
    /// The table of locales that indexes need.
    static let localesName = "MSysLocales"
    /// How many pages the catalog gets.
    static let objectsPageCount: UInt32 = 20
    /// What an index compares text by if nobody says otherwise: LCMapString's flags.
    static let defaultMapFlags: UInt32 = 0x3_0401
    /// The locale of indexes that are given none.
    static let defaultLocale = "en-US"

    /// How many pages the shadow gets.
    static func shadowPageCount(_ size: PageSize) -> UInt32 { size == .kibibytes2 ? 6 : 5 }

    /// MSysObjects, or its shadow, which has the primary index only.
    static func catalog(isShadow: Bool, _ size: PageSize) -> TableDefinition {
        let id = ObjectID(isShadow ? 3 : 2)
        let root: PageNumber = isShadow ? .catalogShadow : .catalog
        var table = TableDefinition(
            objectID: id, name: isShadow ? "MSysObjectsShadow" : "MSysObjects", rootPage: root,
            flags: [.system, .fixedDDL])
        table.initialPageCount = isShadow ? shadowPageCount(size) : objectsPageCount
        let longs = ["ObjidTable", "Type", "Id", "ColtypOrPgnoFDP", "SpaceUsage", "Flags", "PagesOrLocale"]
        for name in longs { add(name, name == "Type" ? .short : .long, .notNull, to: &table) }
        add("RootFlag", .bit, to: &table)
        add("RecordOffset", .short, to: &table)
        add("LCMapFlags", .long, to: &table)
        add("KeyMost", .unsignedShort, to: &table)
        add("LVChunkMax", .long, to: &table)
        add("Name", .text, .notNull, to: &table)
        add("Stats", .binary, to: &table)
        add("TemplateTable", .text, to: &table)
        let binaries = [
            "DefaultValue", "KeyFldIDs", "VarSegMac", "ConditionalColumns", "TupleLimits", "Version", "SortID",
        ]
        for name in binaries { add(name, .binary, to: &table) }
        let others = [
            "CallbackData", "CallbackDependencies", "SeparateLV", "SpaceHints", "SpaceDeferredLVHints", "LocaleName",
        ]
        for name in others { add(name, .longBinary, to: &table) }
        let key: [UInt16] = [1, 2, 3]
        table.indexes = [index("Id", id, root, [.unique, .noNullSegment, .primary], key)]
        if !isShadow {
            table.indexes += [
                index("Name", ObjectID(4), PageNumber(7), [.unique, .noNullSegment], [1, 2, 128]),
                index(rootObjects, ObjectID(5), PageNumber(10), [.unique, .allowSomeNulls], [8, 128]),
            ]
        }
        return table
    }

    /// MSysObjids.
    static func objids(root: PageNumber) -> TableDefinition {
        let id = ObjectID(6)
        var table = TableDefinition(
            objectID: id, name: objidsName, rootPage: root, flags: [.system, .fixedDDL, .systemDynamic])
        table.density = 100
        table.columns = [
            ColumnDefinition(id: ColumnID(256), name: "objid", type: .long, maximumByteCount: 4),
            ColumnDefinition(id: ColumnID(257), name: "objidTable", type: .long, maximumByteCount: 4),
            ColumnDefinition(id: ColumnID(258), name: "type", type: .short, maximumByteCount: 2),
        ]
        var primary = index("primary", id, root, allNulls.union([.unique, .primary]), [256])
        primary.density = 100
        table.indexes = [primary]
        return table
    }

    /// MSysLocales.
    static func locales(root: PageNumber) -> TableDefinition {
        let id = ObjectID(7)
        var table = TableDefinition(objectID: id, name: localesName, rootPage: root, flags: [.system, .systemDynamic])
        table.density = 92
        add("Type", .unsignedByte, .notNull, to: &table)
        add("iValue", .long, [.escrowUpdate, .hasDefault], to: &table)
        table.columns[1].defaultValue = [0, 0, 0, 0]
        add("Key", .binary, to: &table)
        var primary = index("KeyPrimary", id, root, allNulls.union([.unique, .primary, .disallowTruncation]), [128])
        primary.density = 92
        table.indexes = [primary]
        return table
    }

    /// Rows of a new MSysLocales: type, key, value. The keys are what Windows writes: no backslash behind the period.
    static let localeRows: [(type: UInt8, key: String, value: Int32)] = [
        (1, #".Schema\External\Major"#, 1), (1, #".Schema\External\Minor"#, 0),
        (1, #".Schema\External\Update"#, 0), (1, #".Schema\Internal\Major"#, 1),
        (1, #".Schema\Internal\Minor"#, 0), (1, #".Schema\Internal\Update"#, 0), (2, "MSysLocalesConsistent", 1),
    ]

    static let allNulls: IndexFlags = [.allowAllNulls, .allowFirstNull, .allowSomeNulls]

    private static func add(
        _ name: String, _ type: ColumnType, _ flags: ColumnFlags = [], to table: inout TableDefinition
    ) {
        let storage: ColumnID.Storage =
            type.isLong ? .tagged : type.fixedByteCount == nil ? .variable : .fixed
        let first: UInt16 = storage == .fixed ? 1 : storage == .variable ? 128 : 256
        let others = table.columns.filter { $0.id.storage == storage }
        var column = ColumnDefinition(
            id: ColumnID((others.last?.id.rawValue ?? first - 1) + 1), name: name, type: type, flags: flags,
            codePage: type.isText ? 1_252 : 0)
        column.maximumByteCount = UInt32(type.fixedByteCount ?? (type.isLong ? 0 : 255))
        if storage == .fixed {
            let end = others.last.map { Int($0.recordOffset) + Int($0.maximumByteCount) }
            column.recordOffset = UInt16(end ?? RecordLayout.headerByteCount)
        }
        table.columns.append(column)
    }

    private static func index(
        _ name: String, _ id: ObjectID, _ root: PageNumber, _ flags: IndexFlags, _ columns: [UInt16]
    ) -> IndexDefinition {
        var index = IndexDefinition(
            objectID: id, name: name, rootPage: root, flags: flags.union(.extendedColumns),
            segments: columns.map { IndexSegment(column: ColumnID($0)) })
        index.lcMapFlags = defaultMapFlags
        index.localeName = defaultLocale
        return index
    }
}
