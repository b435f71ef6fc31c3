// Layer: ESETestKit. Uses: TableDefinition, RowBuffer. Used by: DatabaseBuilder.
// What a table is to be. Numbers of objects and pages are the builder's business, those of columns are given here.

public import ESEFormat

/// A table that `DatabaseBuilder` makes.
public struct TableDescription: Sendable {
    /// One value of a row, or several.
    public enum Field: Hashable, Sendable {
        /// NULL; for a column with a default NULL is written down.
        case null
        /// A value.
        case value(ColumnValue)
        /// Values of a multi-valued column.
        case values([ColumnValue])
        /// A long value that stands outside the record, however short.
        case separated(ColumnValue)
        /// Several of those.
        case separatedValues([ColumnValue])
    }

    /// Its name.
    public var name: String
    /// Its flags in the catalog; that it is a template or made after one is added by itself.
    public var flags: TableFlags = []
    /// The table that it is made after; nil for none.
    public let templateName: String?
    /// Whether other tables are made after it; it has no rows then.
    public var isTemplate = false
    /// Its columns, a template's first.
    public private(set) var columns: [ColumnDefinition]
    /// Its indexes, in the order that they were added.
    public private(set) var indexes: [IndexDefinition]
    /// How many pages it has at first; its space is one extent until they are used up.
    public var initialPageCount = 4
    /// How full pages are made, in percent.
    public var density: UInt32 = 100
    /// Whether its long values have IDs of 64 bits, as newest formats allow.
    public var hasWideLongValueIDs = false
    /// The flags of long values' root nodes; nil for the form without.
    public var longValueFlags: UInt8?
    /// Makes shorter chunks of the long values of columns with the flag `compressed`, and shorter values in records;
    /// nil: nothing is compressed. Gets the bytes and their column.
    public var compress: (@Sendable (RawSpan, ColumnDefinition) -> [UInt8]?)?
    /// Makes the rows: fills the empty row and returns true, or returns false when there are no more. Rows come in
    /// order of the primary index; then no more than a few pages of them are in memory. nil: the rows were added.
    public var makeRow: ((inout RowBuffer) throws -> Bool)? {
        get { generator?.next }
        set { generator = newValue.map(Generator.init) }
    }

    private(set) var rows: [RowBuffer] = []
    private var generator: Generator?
    private var nextOffset = RecordLayout.headerByteCount

    /// Generators stay with the thread that builds.
    private struct Generator: @unchecked Sendable {
        let next: (inout RowBuffer) throws -> Bool
    }

    /// A table without columns.
    /// - Parameter template: The table that it is made after, complete.
    public init(_ name: String, after template: TableDescription? = nil) {
        self.name = name
        templateName = template?.name
        columns = (template?.columns ?? []).map { column in
            var column = column
            column.isFromTemplate = true
            return column
        }
        indexes = (template?.indexes ?? []).map { index in
            var index = index
            index.flags.remove(.template)
            index.flags.insert(.derived)
            for position in index.segments.indices { index.segments[position].isFromTemplate = true }
            return index
        }
        nextOffset = template?.nextOffset ?? RecordLayout.headerByteCount
    }

    // MARK: Columns and indexes.

    /// Adds a column.
    /// - Parameters:
    ///   - storage: How it is stored; nil as the engine does it: long ones tagged, other Text and Binary variable,
    ///     the rest fixed.
    ///   - codePage: Of text: 1252 or 1200.
    ///   - maximumByteCount: The size of a fixed column of Text or Binary; else the most bytes, 0 for no limit.
    ///   - defaultValue: As a record stores it.
    /// - Returns: Its position among the columns, which rows mean it by.
    @discardableResult
    public mutating func addColumn(
        _ name: String, _ type: ColumnType, _ storage: ColumnID.Storage? = nil, flags: ColumnFlags = [],
        codePage: UInt32 = 1_252, maximumByteCount: UInt32? = nil, defaultValue: [UInt8]? = nil
    ) -> Int {
        let storage = storage ?? (type.isLong ? .tagged : type.fixedByteCount == nil ? .variable : .fixed)
        let (first, count): (UInt16, UInt32) =
            switch storage {
            case .fixed: (1, UInt32(type.fixedByteCount ?? 0))
            case .variable: (128, 255)
            case .tagged: (256, type.isLong ? 0 : UInt32(type.fixedByteCount ?? 255))
            }
        // Own tagged columns are told from the template's by a bit, fixed and variable ones go on counting.
        let used = columns.filter { $0.id.storage == storage && !(storage == .tagged && $0.isFromTemplate) }
        let number = used.map(\.id.rawValue).max().map { $0 + 1 } ?? first
        precondition(ColumnID(number).storage == storage, "too many columns of this kind")
        var column = ColumnDefinition(
            id: ColumnID(number), name: name, type: type, flags: flags, codePage: type.isText ? codePage : 0,
            maximumByteCount: maximumByteCount ?? count, defaultValue: defaultValue)
        if defaultValue != nil { column.flags.insert(.hasDefault) }
        if storage == .fixed {
            column.recordOffset = UInt16(truncatingIfNeeded: nextOffset)
            nextOffset += Int(column.maximumByteCount)
        }
        columns.append(column)
        return columns.count - 1
    }

    /// Adds an index. The first with the flag `primary` is the one whose leaves are the records.
    /// - Parameters:
    ///   - names: The columns of the key; a minus before the name means descending.
    ///   - flags: As in the catalog; `extendedColumns` and, where a column is Unicode text, `localized` are added.
    ///   - conditions: Columns that must have a value for a row to be in the index; a minus means that they must not.
    public mutating func addIndex(
        _ name: String, on names: [String], flags: IndexFlags = [.allowAllNulls, .allowFirstNull, .allowSomeNulls],
        conditions: [String] = [], tupleLimits: TupleLimits? = nil, maximumKeyByteCount: Int? = nil
    ) {
        var index = IndexDefinition(
            objectID: ObjectID(0), name: name, rootPage: .none, flags: flags.union(.extendedColumns),
            segments: names.map { segment($0, isCondition: false) })
        index.conditions = conditions.map { segment($0, isCondition: true) }
        index.tupleLimits = tupleLimits
        if tupleLimits != nil { index.flags.insert(.tuples) }
        index.density = density
        index.lcMapFlags = 0x30401
        let keyColumns = names.map { columns[position(of: $0.hasPrefix("-") ? String($0.dropFirst()) : $0)] }
        if keyColumns.contains(where: { $0.type.isText && $0.codePage == 1_200 }) { index.flags.insert(.localized) }
        if keyColumns.contains(where: { $0.flags.contains(.multivalued) }) { index.flags.insert(.multivalued) }
        if let maximumKeyByteCount {
            index.maximumKeyByteCount = maximumKeyByteCount
        } else if flags.contains(.primary), keyColumns.allSatisfy({ $0.id.storage == .fixed }) {
            // The engine notes the true maximum.
            index.maximumKeyByteCount = min(255, keyColumns.map { 1 + Int($0.maximumByteCount) }.reduce(0, +))
        }
        index.maximumSegmentByteCount = index.maximumKeyByteCount
        indexes.append(index)
    }

    private func segment(_ name: String, isCondition: Bool) -> IndexSegment {
        let isMinus = name.hasPrefix("-")
        let column = columns[position(of: isMinus ? String(name.dropFirst()) : name)]
        return IndexSegment(
            column: column.id, isFromTemplate: column.isFromTemplate, isDescending: isMinus && !isCondition,
            mustBeNull: isMinus && isCondition)
    }

    /// The position of a column; one that doesn't exist is the caller's mistake.
    public func position(of name: String) -> Int {
        guard let position = columns.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no column \(name)")
        }
        return position
    }

    // MARK: Rows.

    /// Adds a row. Columns that it doesn't name have their default.
    public mutating func addRow(_ fields: [String: Field], isDeleted: Bool = false) {
        var row = RowBuffer(columns: columns)
        row.isDeleted = isDeleted
        for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
            let column = position(of: name)
            switch field {
            case .null: row.setNull(column)
            case .value(let value): row.set(column, value)
            case .values(let values): row.set(column, values: values)
            case .separated(let value): row.set(column, value, placement: .separated)
            case .separatedValues(let values): row.set(column, values: values, placement: .separated)
            }
        }
        rows.append(row)
    }
}
