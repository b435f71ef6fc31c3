// Layer: ESEEngine/7-Table. Uses: Catalog. Used by: the Swift API, the C API.
// What there is: tables, columns and indexes as a transaction sees them.

public import ESEFormat

/// A table as JetGetObjectInfo tells of it.
public struct TableInfo: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its number.
    public var objectID: ObjectID
    /// Its flags. C name: flags of JET_OBJECTINFO.
    public var flags: TableFlags
    /// Its template.
    public var templateName: String?
    /// How full pages are made, in percent.
    public var density: UInt32
    /// Pages that it got at first.
    public var initialPageCount: UInt32
    /// What was counted when somebody asked for that.
    public var statistics: TreeStatistics
}

/// A column as JetGetColumnInfo tells of it.
public struct ColumnInfo: Hashable, Sendable {
    /// Its number.
    public var key: ColumnKey
    /// Its definition, with the name that the transaction knows it by.
    public var definition: ColumnDefinition
    /// Its options: the grbits.
    public var options: ColumnOptions
    /// Its place among the columns, from 1. C name: PresentationOrder.
    public var position: Int
}

/// An index as JetGetIndexInfo tells of it.
public struct IndexInfo: Hashable, Sendable {
    /// Its definition, with the name that the transaction knows it by.
    public var definition: IndexDefinition
    /// Its options: the grbits.
    public var options: IndexOptions
    /// The names of its key columns, in their order.
    public var columnNames: [String]
    /// Whether its text is in an order that is not known here.
    public var isOutdated: Bool
}

extension Catalog {
    /// All tables that the session sees, by name, those of the engine too.
    /// - Throws: What reading throws.
    public func tableInfo(_ session: TableSession) throws(JetError) -> [TableInfo] {
        let cursor = RowCursor(tables.objects, session)
        if let index = cursor.schema.indexes.first(where: { $0.definition.name == SystemCatalog.rootObjects }) {
            try cursor.setIndex(index)
        }
        var result: [TableInfo] = []
        var isThere = try cursor.first()
        while isThere {
            if let table = try cursor.catalogRow().table {
                result.append(
                    TableInfo(
                        name: table.name, objectID: table.objectID, flags: table.flags,
                        templateName: table.templateName, density: table.density,
                        initialPageCount: table.initialPageCount, statistics: try cursor.statistics()))
            }
            isThere = try cursor.next()
        }
        return result
    }
}

extension Table {
    /// The columns that the session sees: the template's first, each part by number.
    public func columnInfo(_ session: TableSession) -> [ColumnInfo] {
        let schema = schema
        let isTemplate = schema.definition.flags.contains(.template)
        var result: [ColumnInfo] = []
        for column in schema.definition.columns where schema.isVisible(column, to: session.transaction) {
            var column = column
            let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
            column.name = schema.name(.column(key), column.name, session.transaction)
            result.append(
                ColumnInfo(
                    key: ColumnKey(column.id, isFromTemplate: column.isFromTemplate || isTemplate), definition: column,
                    options: ColumnOptions(column), position: result.count + 1))
        }
        return result
    }

    /// The indexes that the session sees, the primary one first.
    public func indexInfo(_ session: TableSession) -> [IndexInfo] {
        let schema = schema
        let transaction = session.transaction
        var result: [IndexInfo] = []
        for index in schema.definition.indexes {
            let own = schema.indexes.first { $0.definition.objectID == index.objectID }
            let isPrimary = index.flags.contains(.primary)
            let state = isPrimary ? schema.primaryState : own?.state
            guard let state, state.isVisible(to: transaction) else { continue }
            var index = index
            index.name = schema.name(.index(index.objectID), index.name, transaction)
            let names = index.segments.map { segment in
                let column = schema.definition.columns.first {
                    $0.id == segment.column && $0.isFromTemplate == segment.isFromTemplate
                }
                let key = ColumnKey(segment.column, isFromTemplate: segment.isFromTemplate)
                return column.map { schema.name(.column(key), $0.name, transaction) } ?? ""
            }
            result.append(
                IndexInfo(
                    definition: index, options: IndexOptions(index), columnNames: names,
                    isOutdated: isPrimary ? schema.isPrimaryOutdated : own?.isOutdated ?? false))
        }
        return result
    }
}

extension ColumnOptions {
    /// The options that JET tells of a column.
    init(_ column: ColumnDefinition) {
        self = column.id.storage == .tagged ? .tagged : column.id.storage == .fixed ? .fixed : []
        let pairs: [(ColumnFlags, ColumnOptions)] = [
            (.notNull, .notNull), (.version, .version), (.autoincrement, .autoincrement),
            (.multivalued, .multivalued), (.escrowUpdate, .escrowUpdate), (.finalize, .finalize),
            (.userDefinedDefault, .userDefinedDefault), (.deleteOnZero, .deleteOnZero), (.compressed, .compressed),
            (.encrypted, .encrypted),
        ]
        for (flag, option) in pairs where column.flags.contains(flag) { insert(option) }
        if column.flags.isDisjoint(with: [.version, .autoincrement]) { insert(.updatable) }
    }
}

extension IndexOptions {
    /// The options that JET tells of an index.
    init(_ index: IndexDefinition) {
        self = []
        let pairs: [(IndexFlags, IndexOptions)] = [
            (.unique, .unique), (.primary, .primary), (.noNullSegment, .disallowNull),
            (.nullsSortHigh, .sortNullsHigh), (.tuples, .tuples), (.crossProduct, .crossProduct),
            (.nestedTable, .nestedTable), (.disallowTruncation, .disallowTruncation), (.dotNetGUID, .dotNetGUID),
            (.localeSet, .unicode),
        ]
        for (flag, option) in pairs where index.flags.contains(flag) { insert(option) }
        if !index.flags.contains(.noNullSegment) {
            if !index.flags.contains(.allowSomeNulls) {
                insert(.ignoreAnyNull)
            } else if !index.flags.contains(.allowFirstNull) {
                insert(.ignoreFirstNull)
            } else if !index.flags.contains(.allowAllNulls) {
                insert(.ignoreNull)
            }
        }
        if index.maximumKeyByteCount > 255 { insert(.keyMost) }
    }
}
