// Layer: Jet. Uses: ESEEngine (ColumnInfo, IndexInfo), ESEFormat (definitions). Used by: lists, JetABI.
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

    init(_ column: ColumnInfo, of table: TableDefinition, isUpdatable: Bool) {
        let definition = column.definition
        key = column.key
        name = definition.name
        type = UInt32(definition.type.rawValue)
        codePage = UInt16(truncatingIfNeeded: definition.codePage)
        maximumByteCount = definition.maximumByteCount
        defaultValue = definition.defaultValue ?? []
        baseTable = definition.isFromTemplate ? table.templateName ?? table.name : table.name
        let options = column.options.subtracting(.updatable)
        flags = (isUpdatable ? options.union(.updatable) : options).rawValue
    }
}

/// What is told about an index. C name: JET_INDEXCREATE.
public struct IndexDescription: Sendable {
    /// What the catalog says, with the name that the transaction knows it by.
    public var definition: IndexDefinition
    /// C names: JET_bitIndex….
    public var flags: UInt32
    /// The columns of its key, most significant first.
    public var columns: [ColumnDescription]
    /// The columns of its conditions.
    public var conditions: [ColumnDescription]
}

/// A table as a session sees it.
struct VisibleTable {
    let definition: TableDefinition
    /// The columns, the template's first, each part by number: fixed, variable, tagged.
    let columns: [ColumnInfo]
    /// The indexes, the primary one first.
    let indexes: [IndexInfo]
    private let schema: TableSchema

    init(_ table: Table, _ session: TableSession) {
        schema = table.schema
        definition = schema.definition
        columns = table.columnInfo(session)
        indexes = table.indexInfo(session)
    }

    /// The index of a name, or the primary one if that is empty. JET_errIndexNotFound.
    func index(named name: String) throws(JetError) -> IndexInfo {
        let found = indexes.first {
            name.isEmpty ? $0.definition.flags.contains(.primary) : Self.isSame($0.definition.name, name)
        }
        guard let found else { throw .indexNotFound }
        return found
    }

    /// The secondary index with a definition; nil for the primary one.
    func tableIndex(_ index: IndexInfo) -> TableIndex? {
        schema.indexes.first { $0.definition.objectID == index.definition.objectID }
    }

    /// The column of a name; the table's own one if the template has one of it too. JET_errColumnNotFound.
    func column(named name: String) throws(JetError) -> ColumnInfo {
        guard let column = columns.last(where: { Self.isSame($0.definition.name, name) }) else {
            throw .columnNotFound
        }
        return column
    }

    /// The column of a number. JET_errColumnNotFound.
    func column(_ key: ColumnKey) throws(JetError) -> ColumnInfo {
        guard let found = columns.first(where: { $0.key == key }) else { throw .columnNotFound }
        return found
    }

    /// Whether names are the same: the case of ASCII letters does not count.
    private static func isSame(_ a: String, _ b: String) -> Bool {
        func fold(_ text: String) -> [UInt8] { text.utf8.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 } }
        return fold(a) == fold(b)
    }

    /// An index with its columns. JET_errCatalogCorrupted if one is missing.
    func describe(_ index: IndexInfo) throws(JetError) -> IndexDescription {
        func describe(_ segments: [IndexSegment]) throws(JetError) -> [ColumnDescription] {
            var result: [ColumnDescription] = []
            for segment in segments {
                let found = columns.first {
                    $0.definition.id == segment.column && $0.definition.isFromTemplate == segment.isFromTemplate
                }
                guard let found else { throw .catalogCorrupted }
                result.append(ColumnDescription(found, of: definition, isUpdatable: false))
            }
            return result
        }
        return IndexDescription(
            definition: index.definition, flags: index.options.rawValue,
            columns: try describe(index.definition.segments), conditions: try describe(index.definition.conditions))
    }
}
