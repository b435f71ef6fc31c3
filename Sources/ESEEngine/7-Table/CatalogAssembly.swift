// Layer: ESEEngine/7-Table. Uses: CatalogRows, Table. Used by: the catalog, data definition.
// Rows of the catalog put together to definitions, and definitions to tables that are ready for use.

import ESEFormat

/// A table as the catalog has it.
struct AssembledTable {
    var definition: TableDefinition
    var numbers = ColumnNumbers()

    /// Puts the rows of one table together.
    /// - Parameter template: The table that it is made after.
    /// - Throws: `catalogCorrupted` if there is no row of the table itself.
    init(_ rows: [CatalogRow], template: Table? = nil) throws(JetError) {
        guard let table = rows.lazy.compactMap(\.table).first else { throw .catalogCorrupted }
        definition = table
        if let template {
            try template.definitionGuard.exclusively { (numbers) throws(JetError) in
                self.numbers.include(template: numbers)
            }
            definition.columns = template.schema.definition.columns.map { column in
                var column = column
                column.isFromTemplate = true
                return column
            }
        }
        var own: [ColumnDefinition] = []
        var indexes: [IndexDefinition] = []
        for row in rows {
            switch row.kind {
            case .column:
                guard let id = UInt16(exactly: row.id).map({ ColumnID($0) }), id.storage != nil else {
                    throw .catalogCorrupted
                }
                // Deleted ones have no type any more, but their number and their place.
                numbers.include(id, end: Int(row.recordOffset ?? 0) + Int(row.spaceUsage & 0xffff))
                if let column = row.column { own.append(column) }
            case .index: if let index = row.index { indexes.append(index) }
            case .longValues:
                definition.longValueObjectID = ObjectID(row.id)
                definition.longValueRootPage = PageNumber(row.typeOrPage)
                definition.longValueChunkByteCount = row.longValueChunk.map { Int($0) }
            case .table, .callback: break
            }
        }
        own.sort { $0.id < $1.id }
        if [PageNumber.catalog, .catalogShadow].contains(definition.rootPage) { pack(&own) }
        definition.columns += own
        definition.indexes =
            indexes.filter { $0.flags.contains(.primary) } + indexes.filter { !$0.flags.contains(.primary) }
        if let template { inheritSegments(from: template.schema.definition) }
    }

    /// The catalog says of its own fixed columns that they all start at byte 4; they lie one behind the other.
    private mutating func pack(_ columns: inout [ColumnDefinition]) {
        numbers.fixedEnd = RecordLayout.headerByteCount
        for place in columns.indices where columns[place].id.storage == .fixed {
            columns[place].recordOffset = UInt16(truncatingIfNeeded: numbers.fixedEnd)
            numbers.fixedEnd += columns[place].type.fixedByteCount ?? 0
        }
    }

    /// Indexes that come from the template have no columns of their own in the catalog.
    private mutating func inheritSegments(from template: TableDefinition) {
        for place in definition.indexes.indices where definition.indexes[place].segments.isEmpty {
            let name = definition.indexes[place].name
            guard let original = template.indexes.first(where: { $0.name.equalsIgnoringCase(name) }) else { continue }
            definition.indexes[place].segments = original.segments.map(\.ofTemplate)
            definition.indexes[place].conditions = original.conditions.map(\.ofTemplate)
        }
    }
}

extension IndexSegment {
    /// The same, of a template's column.
    var ofTemplate: IndexSegment {
        var segment = self
        segment.isFromTemplate = true
        return segment
    }
}

extension Catalog {
    /// Makes a table ready for use.
    /// - Throws: `databaseCorrupted`, `catalogCorrupted` if the definition can't be; what reading root pages throws.
    func makeTable(_ assembled: AssembledTable, _ state: DefinitionState) throws(JetError) -> Table {
        let definition = assembled.definition
        let keyByteCount = definition.primaryIndex?.maximumKeyByteCount ?? 4
        let tree = try trees.tree(definition.rootPage, greatestKeyByteCount: keyByteCount)
        guard tree.objectID == definition.objectID else { throw .catalogCorrupted }
        let shape = try RecordShape(
            columns: definition.columns, pageSize: trees.root.database.pageSize, keyByteCount: keyByteCount,
            limits: options.limits)
        var indexes: [TableIndex] = []
        for index in definition.indexes where !index.flags.contains(.primary) {
            indexes.append(try makeIndex(index, shape, keyByteCount, DefinitionState()))
        }
        let primary = try definition.primaryIndex.map { (index) throws(JetError) in
            try KeyPlan(index: index, shape: shape, collator: collator(index))
        }
        let schema = TableSchema(
            number: 1, definition: definition, shape: shape, primary: primary, indexes: indexes,
            isPrimaryOutdated: definition.primaryIndex.map(isOutdated) ?? false)
        let table = Table(trees.root.database, tree: tree, schema: schema, state: state)
        table.definitionGuard.set(assembled.numbers)
        try setLongValues(of: table)
        return table
    }

    /// Makes an index ready for use.
    func makeIndex(
        _ index: IndexDefinition, _ shape: RecordShape, _ primaryKeyByteCount: Int, _ state: DefinitionState
    ) throws(JetError) -> TableIndex {
        let isUnique = index.flags.contains(.unique)
        let tree = try trees.tree(
            index.rootPage, greatestKeyByteCount: index.maximumKeyByteCount + (isUnique ? 0 : primaryKeyByteCount))
        guard tree.objectID == index.objectID else { throw .catalogCorrupted }
        return TableIndex(
            index, plan: try KeyPlan(index: index, shape: shape, collator: collator(index)), tree: tree, state: state,
            isOutdated: isOutdated(index))
    }

    /// The order of text of an index.
    func collator(_ index: IndexDefinition) -> (any TextCollator)? {
        index.flags.contains(.localized) ? options.collator(index) : nil
    }

    /// Whether the order of an index's text is one that is not known here.
    func isOutdated(_ index: IndexDefinition) -> Bool {
        index.flags.contains(.localized) && options.collator(index) == nil
    }
}
