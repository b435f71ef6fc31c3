// Layer: ESEReader/Catalog. Uses: TreeRows, CatalogRow. Used by: DatabaseCore.
// The tables of a database: rows of MSysObjects put together. What can't be read there is taken from the shadow, which
// has the same rows.

package import ESEFormat

/// The definitions of all tables.
package struct Catalog {
    /// By name, which no two tables share but in damaged catalogs.
    let tables: [TableDefinition]
    /// Whether rows had to be taken from the shadow.
    let usedShadow: Bool

    static let tree = TreeIdentity(root: .catalog, objectID: ObjectID(2), table: "MSysObjects")
    static let shadowTree = TreeIdentity(root: .catalogShadow, objectID: ObjectID(3), table: "MSysObjectsShadow")

    /// Reads the catalog, and the shadow if the catalog is damaged.
    init(_ store: PageStore, log: DamageLog, salvage: @escaping () -> LeafDirectory) {
        let before = log.pageCount + log.nodeCount
        var rows = Self.rows(Self.tree, store, log, salvage)
        usedShadow = rows.isEmpty || log.pageCount + log.nodeCount > before
        if usedShadow {
            let known = Set(rows.map(RowKey.init))
            rows += Self.rows(Self.shadowTree, store, log, salvage).filter { !known.contains(RowKey($0)) }
        }
        tables = Self.tables(of: rows)
    }

    /// All rows of a catalog that can be read.
    static func rows(
        _ identity: TreeIdentity, _ store: PageStore, _ log: DamageLog, _ salvage: @escaping () -> LeafDirectory
    ) -> [CatalogRow] {
        let tree = Tree(identity, store: store, log: log)
        let source = TreeRows(tree, options: RowOptions(), salvage: salvage)
        var rows: [CatalogRow] = []
        while let (frame, index) = source.next() {
            let page = frame.bytes.span.bytes
            do {
                let node = try frame.layout.node(index, in: page)
                guard !node.isDeleted else { continue }
                rows.append(try CatalogRow(page, node.data, isLarge: store.size.isLarge))
            } catch {
                log.add(Damage(table: identity.table, page: frame.number, node: index, reason: .node(error)))
            }
        }
        return rows
    }

    /// The primary key of the catalog.
    private struct RowKey: Hashable {
        let table: ObjectID
        let kind: CatalogRowKind
        let id: UInt32

        init(_ row: CatalogRow) {
            table = row.tableID
            kind = row.kind
            id = row.id
        }
    }

    /// Puts rows together.
    package static func tables(of rows: [CatalogRow]) -> [TableDefinition] {
        var tables: [TableDefinition] = []
        var positions: [ObjectID: Int] = [:]
        for row in rows {
            guard let table = row.table, positions[table.objectID] == nil else { continue }
            positions[table.objectID] = tables.count
            tables.append(table)
        }
        // Damaged catalogs may have rows twice: the first counts.
        var known: Set<RowKey> = []
        for row in rows {
            guard let position = positions[row.tableID], known.insert(RowKey(row)).inserted else { continue }
            if let column = row.column { tables[position].columns.append(column) }
            if let index = row.index { tables[position].indexes.append(index) }
            if row.kind == .longValues {
                tables[position].longValueObjectID = ObjectID(row.id)
                tables[position].longValueRootPage = PageNumber(row.typeOrPage)
                tables[position].longValueChunkByteCount = row.longValueChunk.map { Int($0) }
            }
        }
        for position in tables.indices {
            tables[position].columns.sort { $0.id < $1.id }
            if [PageNumber.catalog, .catalogShadow].contains(tables[position].rootPage) {
                packFixedColumns(of: &tables[position])
            }
            // The primary index first, the others as they were made.
            let indexes = tables[position].indexes
            tables[position].indexes =
                indexes.filter { $0.flags.contains(.primary) } + indexes.filter { !$0.flags.contains(.primary) }
        }
        inheritTemplates(&tables)
        return tables.sorted { $0.objectID < $1.objectID }
    }

    /// The catalog says of its own fixed columns that they all start at byte 4; they lie one behind the other.
    private static func packFixedColumns(of table: inout TableDefinition) {
        var offset = UInt16(RecordLayout.headerByteCount)
        for index in table.columns.indices where table.columns[index].id.storage == .fixed {
            table.columns[index].recordOffset = offset
            offset += UInt16(table.columns[index].type.fixedByteCount ?? 0)
        }
    }

    /// Gives tables that were made after a template its columns and what its indexes say. A template has none itself.
    private static func inheritTemplates(_ tables: inout [TableDefinition]) {
        let templates = Dictionary(
            tables.filter { $0.flags.contains(.template) }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        for position in tables.indices {
            guard let name = tables[position].templateName, let template = templates[name],
                template.objectID != tables[position].objectID
            else { continue }
            let inherited = template.columns.map { column in
                var column = column
                column.isFromTemplate = true
                return column
            }
            tables[position].columns = inherited + tables[position].columns
            for index in tables[position].indexes.indices
            where tables[position].indexes[index].segments.isEmpty {
                guard let original = template.indexes.first(where: { $0.name == tables[position].indexes[index].name })
                else { continue }
                func inherited(_ segment: IndexSegment) -> IndexSegment {
                    var segment = segment
                    segment.isFromTemplate = true
                    return segment
                }
                tables[position].indexes[index].segments = original.segments.map(inherited)
                tables[position].indexes[index].conditions = original.conditions.map(inherited)
            }
        }
    }
}
