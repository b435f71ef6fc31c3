// Layer: Jet. Uses: ESEEngine (TableSchema), ESEFormat (definitions). Used by: lists, JetABI.
// What is told about columns and indexes, in terms of the C interface.

public import ESEEngine
public import ESEFormat

/// What is told about a column. C names: JET_COLUMNDEF, JET_COLUMNBASE.
public struct ColumnDescription: Sendable {
    /// Its number. C name: columnid.
    public var key: ColumnKey
    /// Its name.
    public var name: String
    /// JET's number of its type.
    public var type: UInt32
    /// Its code page; 0 if it is no text.
    public var codePage: UInt16
    /// The most bytes of a value; 0: no limit.
    public var maximumByteCount: UInt32
    /// C names: JET_bitColumn….
    public var flags: UInt32
    /// The default; empty if there is none.
    public var defaultValue: [UInt8]
    /// The table that it comes from: the template's name for inherited columns.
    public var baseTable: String

    /// What the engine gives for all columns. C name: wCountry.
    public static let country: UInt16 = 1
    /// The same: that of the default locale, English (United States). C name: langid.
    public static let language: UInt16 = 0x409

    init(_ column: ColumnDefinition, of table: TableDefinition, isUpdatable: Bool) {
        key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
        name = column.name
        type = UInt32(column.type.rawValue)
        codePage = UInt16(truncatingIfNeeded: column.codePage)
        maximumByteCount = column.maximumByteCount
        defaultValue = column.defaultValue ?? []
        baseTable = column.isFromTemplate ? table.templateName ?? table.name : table.name
        var options: ColumnOptions = []
        switch column.id.storage {
        case .fixed: options.insert(.fixed)
        case .tagged: options.insert(.tagged)
        default: break
        }
        if isUpdatable { options.insert(.updatable) }
        for (flag, option) in Self.pairs where column.flags.contains(flag) { options.insert(option) }
        flags = options.rawValue
    }

    private static let pairs: [(ColumnFlags, ColumnOptions)] = [
        (.notNull, .notNull), (.autoincrement, .autoincrement), (.version, .version), (.multivalued, .multivalued),
        (.escrowUpdate, .escrowUpdate), (.finalize, .finalize), (.deleteOnZero, .deleteOnZero),
        (.userDefinedDefault, .userDefinedDefault), (.compressed, .compressed), (.encrypted, .encrypted),
    ]
}

/// What is told about an index. C name: JET_INDEXCREATE.
public struct IndexDescription: Sendable {
    /// What the catalog says.
    public var definition: IndexDefinition
    /// The columns of its key, most significant first.
    public var columns: [ColumnDescription]
    /// The columns of its conditions.
    public var conditions: [ColumnDescription]

    /// C names: JET_bitIndex….
    public var flags: UInt32 {
        let flags = definition.flags
        var options: IndexOptions = []
        if flags.contains(.unique) { options.insert(.unique) }
        if flags.contains(.primary) { options.insert(.primary) }
        if flags.contains(.noNullSegment) {
            options.insert(.disallowNull)
        } else {
            if !flags.contains(.allowAllNulls) { options.insert(.ignoreNull) }
            if !flags.contains(.allowFirstNull) { options.insert(.ignoreFirstNull) }
            if !flags.contains(.allowSomeNulls) { options.insert(.ignoreAnyNull) }
        }
        for (flag, option) in Self.pairs where flags.contains(flag) { options.insert(option) }
        return options.rawValue
    }

    private static let pairs: [(IndexFlags, IndexOptions)] = [
        (.nullsSortHigh, .sortNullsHigh), (.localeSet, .unicode), (.tuples, .tuples),
        (.crossProduct, .crossProduct), (.nestedTable, .nestedTable), (.disallowTruncation, .disallowTruncation),
        (.dotNetGUID, .dotNetGUID),
    ]
}

/// A table as a transaction sees it.
struct VisibleTable {
    let definition: TableDefinition
    private let schema: TableSchema
    private let transaction: TransactionState

    init(_ table: Table, _ transaction: TransactionState) {
        schema = table.schema
        definition = schema.definition
        self.transaction = transaction
    }

    /// The columns, the template's first, each part by number: fixed, variable, tagged.
    var columns: [ColumnDefinition] {
        definition.columns.filter { column in
            let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
            return schema.columnStates[key]?.isVisible(to: transaction) ?? true
        }
    }

    /// The indexes, the primary one first.
    var indexes: [IndexDefinition] {
        var result: [IndexDefinition] = []
        if let primary = definition.primaryIndex, schema.primaryState.isVisible(to: transaction) {
            result.append(primary)
        }
        result += schema.indexes.filter { $0.state.isVisible(to: transaction) }.map(\.definition)
        return result
    }

    /// The index of a name, or the primary one if that is empty. JET_errIndexNotFound.
    func index(named name: String) throws(JetError) -> IndexDefinition {
        if name.isEmpty {
            guard let primary = definition.primaryIndex, schema.primaryState.isVisible(to: transaction) else {
                throw .indexNotFound
            }
            return primary
        }
        if schema.isPrimary(name, transaction), let primary = definition.primaryIndex { return primary }
        guard let index = schema.index(named: name, transaction) else { throw .indexNotFound }
        return index.definition
    }

    /// The secondary index of a number; nil for the primary one.
    func tableIndex(_ definition: IndexDefinition) -> TableIndex? {
        schema.indexes.first { $0.definition.objectID == definition.objectID }
    }

    /// The column of a name. JET_errColumnNotFound.
    func column(named name: String) throws(JetError) -> ColumnDefinition {
        guard let column = schema.column(named: name, transaction) else { throw .columnNotFound }
        return column
    }

    /// The column of a number. JET_errColumnNotFound.
    func column(_ key: ColumnKey) throws(JetError) -> ColumnDefinition {
        let found = columns.first { ColumnKey($0.id, isFromTemplate: $0.isFromTemplate) == key }
        guard let found else { throw .columnNotFound }
        return found
    }

    /// An index with its columns. JET_errCatalogCorrupted if one is missing.
    func describe(_ index: IndexDefinition) throws(JetError) -> IndexDescription {
        func describe(_ segments: [IndexSegment]) throws(JetError) -> [ColumnDescription] {
            var result: [ColumnDescription] = []
            for segment in segments {
                let found = definition.columns.first {
                    $0.id == segment.column && $0.isFromTemplate == segment.isFromTemplate
                }
                guard let found else { throw .catalogCorrupted }
                result.append(ColumnDescription(found, of: definition, isUpdatable: false))
            }
            return result
        }
        return IndexDescription(
            definition: index, columns: try describe(index.segments), conditions: try describe(index.conditions))
    }
}
