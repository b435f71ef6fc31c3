// Layer: ESEEngine/7-Table. Uses: SystemCatalog, CatalogRows. Used by: the making of databases.
// Fills a new database with the tables that every one has.

import ESEFormat

extension Catalog {
    /// Makes the catalog of a new database, in which there is only the root of space.
    /// - Parameter session: At level 0. What is made is committed.
    /// - Throws: What trees, versions and log throw: the database is no use then.
    public static func create(in trees: TreeRegistry, _ session: TableSession) throws(JetError) {
        let database = trees.root.database
        let size = database.pageSize
        // The first numbers are the engine's.
        database.passObjectIDs(through: SystemCatalog.lastObjectID)
        let objects = SystemCatalog.catalog(isShadow: false, size)
        let shadow = SystemCatalog.catalog(isShadow: true, size)
        let tree = try makeTree(objects.objectID, [], SystemCatalog.objectsPageCount, true, in: trees.root, session)
        trees.add(tree)
        trees.add(
            try makeTree(shadow.objectID, [], SystemCatalog.shadowPageCount(size), true, in: trees.root, session))
        for index in objects.indexes where !index.flags.contains(.primary) {
            let root = try makeTree(index.objectID, .index, 3, true, in: tree, session)
            guard root.root == index.rootPage else { throw .databaseCorrupted }
            trees.add(root)
        }
        var all: [TableDefinition] = [objects, shadow]
        let objidsTree = try makeTree(ObjectID(6), [], 1, false, in: trees.root, session)
        let localesTree = try makeTree(ObjectID(7), [], 1, false, in: trees.root, session)
        trees.add(objidsTree)
        trees.add(localesTree)
        all.append(SystemCatalog.objids(root: objidsTree.root))
        all.append(SystemCatalog.locales(root: localesTree.root))
        let tables = try bootstrapTables(all, trees)
        try session.inLevel { () throws(JetError) in
            let writer = CatalogWriter(
                CatalogTables(objects: tables[0], shadow: tables[1], objids: tables[2]), session)
            for table in all { try writer.insert(table) }
            try fillLocales(tables[3], session)
        }
    }

    private static func makeTree(
        _ id: ObjectID, _ flags: PageFlags, _ pageCount: UInt32, _ withExtents: Bool, in parent: Tree,
        _ session: TableSession
    ) throws(JetError) -> Tree {
        try Tree.create(
            in: parent, objectID: id, pageFlags: flags, pageCount: pageCount, withExtents: withExtents,
            greatestKeyByteCount: 255, session.worker)
    }

    /// Tables of the definitions themselves, since there are no rows yet.
    private static func bootstrapTables(
        _ definitions: [TableDefinition], _ trees: TreeRegistry
    ) throws(JetError) -> [Table] {
        var tables: [Table] = []
        for definition in definitions {
            let plain = try makeBootstrap(definition, trees)
            var indexes: [TableIndex] = []
            for index in definition.indexes where !index.flags.contains(.primary) {
                indexes.append(
                    TableIndex(
                        index, plan: try KeyPlan(index: index, shape: plain.schema.shape),
                        tree: try trees.tree(index.rootPage), state: DefinitionState()))
            }
            let schema = TableSchema(
                number: 2, definition: definition, shape: plain.schema.shape, primary: plain.schema.primary,
                indexes: indexes)
            try plain.changeSchema { _ in schema }
            tables.append(plain)
        }
        return tables
    }

    private static func fillLocales(_ table: Table, _ session: TableSession) throws(JetError) {
        let cursor = RowCursor(table, session)
        for row in SystemCatalog.localeRows {
            var key: [UInt8] = []
            for unit in row.key.utf16 { key += [UInt8(unit & 0xff), UInt8(unit >> 8)] }
            key += [0, 0]
            try cursor.prepare(.insert)
            let record = try cursor.preparedRecord()
            try record.set(ColumnKey(ColumnID(1)), number: row.type)
            if row.value != 0 { try record.set(ColumnKey(ColumnID(2)), number: row.value) }
            try record.set(ColumnKey(ColumnID(128)), octets: key)
            try cursor.update()
        }
    }
}

extension CatalogWriter {
    /// Adds all rows of a table, with its objects.
    func insert(_ table: TableDefinition) throws(JetError) {
        // The catalog's description of its own columns is peculiar.
        let isCatalog = [PageNumber.catalog, .catalogShadow].contains(table.rootPage)
        try insert(CatalogRow(table: table))
        for column in table.columns where !column.isFromTemplate {
            var column = column
            if isCatalog { (column.codePage, column.recordOffset) = (1_252, 4) }
            try insert(CatalogRow(column: column, of: table.objectID))
        }
        try insertObject(table.objectID, of: table.objectID, .table)
        for index in table.indexes {
            try insert(CatalogRow(index: index, of: table.objectID))
            if !index.flags.contains(.primary) { try insertObject(index.objectID, of: table.objectID, .index) }
        }
    }
}
