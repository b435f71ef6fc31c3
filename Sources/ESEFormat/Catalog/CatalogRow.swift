// Layer: ESEFormat/Catalog. Uses: RecordLayout, TaggedField, Definitions. Used by: the reader's catalog, verification.
// A row of MSysObjects and of its shadow. The catalog describes itself too, but its own columns are the same in every
// database, so that they can be read without it; only ones at the end may be missing in older files.

/// What a row of the catalog describes.
public enum CatalogRowKind: UInt16, Sendable {
    /// A table.
    case table = 1
    /// A column.
    case column = 2
    /// An index.
    case index = 3
    /// The tree of a table's long values.
    case longValues = 4
    /// A callback.
    case callback = 5
}

/// A row of MSysObjects.
public struct CatalogRow: Hashable, Sendable {
    /// The table that it belongs to. Column 1, ObjidTable.
    public var tableID: ObjectID
    /// What it describes. Column 2, Type.
    public var kind: CatalogRowKind
    /// The column's ID, or the object ID of the table, index or tree. Column 3, Id.
    public var id: UInt32
    /// Columns: the type; others: the root page. Column 4, ColtypOrPgnoFDP.
    public var typeOrPage: UInt32
    /// Tables and indexes: the density in percent; columns: the most bytes. Column 5, SpaceUsage.
    public var spaceUsage: UInt32
    /// Flags of the table, column or index. Column 6, Flags.
    public var flags: UInt32
    /// Tables: the initial count of pages; columns: the code page; indexes: the number of the locale. Column 7.
    public var pagesOrLocale: UInt32
    /// Tables: true. Column 8, RootFlag.
    public var isRoot: Bool?
    /// Fixed columns: where they start in a record. Column 9, RecordOffset.
    public var recordOffset: UInt16?
    /// Indexes: how text is compared. Column 10, LCMapFlags.
    public var lcMapFlags: UInt32?
    /// Indexes: the most bytes of a key, if not 255. Column 11, KeyMost.
    public var keyMost: UInt16?
    /// Trees of long values: the size of chunks, if not that of the page size. Column 12, LVChunkMax.
    public var longValueChunk: UInt32?
    /// The name. Column 128, Name.
    public var name: String
    /// Tables: the template; columns: the function of the default. Column 130, TemplateTable.
    public var templateOrCallback: String?
    /// Columns: the default. Column 131, DefaultValue.
    public var defaultValue: [UInt8]?
    /// Indexes: the key columns. Column 132, KeyFldIDs.
    public var keySegments: [IndexSegment]
    /// Indexes: the most bytes of a variable column in the key, if not the key's. Column 133, VarSegMac.
    public var variableSegmentMost: UInt16?
    /// Indexes: the conditions. Column 134, ConditionalColumns.
    public var conditions: [IndexSegment]
    /// Indexes: limits of substrings. Column 135, TupleLimits.
    public var tupleLimits: TupleLimits?
    /// Indexes: the version of the sort order. Column 136, Version.
    public var sortVersion: UInt64?
    /// Indexes: the sort order. Column 137, SortID.
    public var sortID: GUID?
    /// Indexes: the locale. Column 261, LocaleName.
    public var localeName: String?

    /// Makes a row with what every kind has; the rest can be set.
    public init(tableID: ObjectID, kind: CatalogRowKind, id: UInt32, typeOrPage: UInt32, name: String) {
        self.tableID = tableID
        self.kind = kind
        self.id = id
        self.typeOrPage = typeOrPage
        self.name = name
        spaceUsage = 0
        flags = 0
        pagesOrLocale = 0
        keySegments = []
        conditions = []
    }
}

extension CatalogRow {
    /// The fixed columns of the catalog: their offsets and sizes.
    private enum Fixed {
        static let tableID = (column: ColumnID(1), offset: 4, count: 4)
        static let kind = (column: ColumnID(2), offset: 8, count: 2)
        static let id = (column: ColumnID(3), offset: 10, count: 4)
        static let typeOrPage = (column: ColumnID(4), offset: 14, count: 4)
        static let spaceUsage = (column: ColumnID(5), offset: 18, count: 4)
        static let flags = (column: ColumnID(6), offset: 22, count: 4)
        static let pagesOrLocale = (column: ColumnID(7), offset: 26, count: 4)
        static let rootFlag = (column: ColumnID(8), offset: 30, count: 1)
        static let recordOffset = (column: ColumnID(9), offset: 31, count: 2)
        static let lcMapFlags = (column: ColumnID(10), offset: 33, count: 4)
        static let keyMost = (column: ColumnID(11), offset: 37, count: 2)
        static let longValueChunk = (column: ColumnID(12), offset: 39, count: 4)
    }

    /// Reads a row.
    /// - Parameters:
    ///   - bytes: usually the page.
    ///   - range: where the record lies in it.
    /// - Throws: `badRecord` if it is no record, `badCatalogRow` if what every row has is missing or impossible.
    public init(_ bytes: RawSpan, _ range: Range<Int>, isLarge: Bool) throws(FormatError) {
        let record = try RecordLayout(bytes, range, isLarge: isLarge)
        let kind: UInt16 = try record.required(Fixed.kind, bytes)
        guard let kind = CatalogRowKind(rawValue: kind) else { throw FormatError(.badCatalogRow, at: range.lowerBound) }
        guard let name = try record.name(128, bytes) else { throw FormatError(.badCatalogRow, at: range.lowerBound) }
        self.init(
            tableID: ObjectID(try record.required(Fixed.tableID, bytes)), kind: kind,
            id: try record.required(Fixed.id, bytes),
            typeOrPage: try record.required(Fixed.typeOrPage, bytes), name: name)
        spaceUsage = try record.optional(Fixed.spaceUsage, bytes) ?? 0
        flags = try record.optional(Fixed.flags, bytes) ?? 0
        pagesOrLocale = try record.optional(Fixed.pagesOrLocale, bytes) ?? 0
        isRoot = try record.optional(Fixed.rootFlag, bytes, as: UInt8.self).map { $0 != 0 }
        recordOffset = try record.optional(Fixed.recordOffset, bytes)
        lcMapFlags = try record.optional(Fixed.lcMapFlags, bytes)
        keyMost = try record.optional(Fixed.keyMost, bytes)
        longValueChunk = try record.optional(Fixed.longValueChunk, bytes)
        templateOrCallback = try record.name(130, bytes)
        defaultValue = try record.octets(131, bytes)
        keySegments = try Self.segments(try record.octets(132, bytes))
        if let most = try record.octets(133, bytes), most.count == 2 {
            variableSegmentMost = try most.span.bytes.little(0)
        }
        conditions = try Self.segments(try record.octets(134, bytes))
        tupleLimits = try Self.limits(try record.octets(135, bytes))
        if let version = try record.octets(136, bytes), version.count == 8 {
            sortVersion = try version.span.bytes.little(0)
        }
        if let order = try record.octets(137, bytes), order.count == 16 {
            sortID = GUID(low: try order.span.bytes.little(0), high: try order.span.bytes.little(8))
        }
        localeName = try record.localeName(bytes)
    }

    /// Reads a list of key segments, four bytes each.
    private static func segments(_ bytes: [UInt8]?) throws(FormatError) -> [IndexSegment] {
        guard let bytes else { return [] }
        guard bytes.count % 4 == 0 else { throw FormatError(.badCatalogRow, at: 0) }
        var segments: [IndexSegment] = []
        for place in stride(from: 0, to: bytes.count, by: 4) {
            let flags = bytes[place]
            segments.append(
                IndexSegment(
                    column: ColumnID(try bytes.span.bytes.little(place + 2)), isFromTemplate: flags & 0x80 != 0,
                    isDescending: flags & 0x40 != 0, mustBeNull: flags & 0x20 != 0))
        }
        return segments
    }

    private static func limits(_ bytes: [UInt8]?) throws(FormatError) -> TupleLimits? {
        guard let bytes else { return nil }
        // The older form has the first three only.
        guard bytes.count == 20 || bytes.count == 12 else { throw FormatError(.badCatalogRow, at: 0) }
        let numbers = bytes.span.bytes
        var limits = TupleLimits(
            minimumLength: try numbers.little(0), maximumLength: try numbers.little(4),
            indexedCharacterCount: try numbers.little(8))
        if bytes.count == 20 {
            limits.increment = try numbers.little(12)
            limits.start = try numbers.little(16)
        }
        return limits
    }

    /// The row as the definition of a column; nil for other kinds and for types that don't exist.
    public var column: ColumnDefinition? {
        guard kind == .column, let id = UInt16(exactly: id), ColumnID(id).storage != nil,
            let type = UInt8(exactly: typeOrPage).flatMap(ColumnType.init(rawValue:))
        else { return nil }
        return ColumnDefinition(
            id: ColumnID(id), name: name, type: type, flags: ColumnFlags(rawValue: flags),
            codePage: type.isText ? pagesOrLocale : 0, maximumByteCount: spaceUsage, recordOffset: recordOffset ?? 0,
            defaultValue: defaultValue, callback: templateOrCallback)
    }

    /// The row as the definition of an index; nil for other kinds.
    public var index: IndexDefinition? {
        guard kind == .index else { return nil }
        var index = IndexDefinition(
            objectID: ObjectID(id), name: name, rootPage: PageNumber(typeOrPage), flags: IndexFlags(rawValue: flags),
            segments: keySegments)
        index.conditions = conditions
        index.density = spaceUsage
        index.maximumKeyByteCount = Int(keyMost ?? 255)
        index.maximumSegmentByteCount = Int(variableSegmentMost ?? keyMost ?? 255)
        index.lcMapFlags = lcMapFlags ?? 0
        index.localeName = localeName
        index.lcid = pagesOrLocale
        index.sortVersion = sortVersion
        index.sortID = sortID
        index.tupleLimits = tupleLimits
        return index
    }

    /// The row as the definition of a table, without columns and indexes; nil for other kinds.
    public var table: TableDefinition? {
        guard kind == .table else { return nil }
        var table = TableDefinition(
            objectID: ObjectID(id), name: name, rootPage: PageNumber(typeOrPage), flags: TableFlags(rawValue: flags))
        table.density = spaceUsage
        table.initialPageCount = pagesOrLocale
        table.templateName = templateOrCallback
        return table
    }
}

extension RecordLayout {
    fileprivate func optional<T: FixedWidthInteger & BitwiseCopyable>(
        _ field: (column: ColumnID, offset: Int, count: Int), _ bytes: RawSpan, as type: T.Type = T.self
    ) throws(FormatError) -> T? {
        guard case .at(let range) = try fixed(field.column, offset: field.offset, count: field.count, in: bytes)
        else { return nil }
        return try bytes.little(range.lowerBound)
    }

    fileprivate func required<T: FixedWidthInteger & BitwiseCopyable>(
        _ field: (column: ColumnID, offset: Int, count: Int), _ bytes: RawSpan
    ) throws(FormatError) -> T {
        guard let value: T = try optional(field, bytes) else { throw FormatError(.badCatalogRow, at: range.lowerBound) }
        return value
    }

    fileprivate func octets(_ column: UInt16, _ bytes: RawSpan) throws(FormatError) -> [UInt8]? {
        guard case .at(let range) = try variable(ColumnID(column), in: bytes) else { return nil }
        return bytes.bytes(range)
    }

    /// Names are ASCII, or code page 1252 in files of programs that do as they please.
    fileprivate func name(_ column: UInt16, _ bytes: RawSpan) throws(FormatError) -> String? {
        guard let octets = try octets(column, bytes) else { return nil }
        var name = ""
        for octet in octets { name.unicodeScalars.append(Unicode.Scalar(octet)) }
        return name
    }

    /// Column 261: UTF-16 with a final NUL.
    fileprivate func localeName(_ bytes: RawSpan) throws(FormatError) -> String? {
        guard let field = try taggedField(ColumnID(261), isFromTemplate: false, in: bytes), !field.isNull
        else { return nil }
        let value = try value(0, of: max(1, try valueCount(of: field, in: bytes)), in: field, bytes)
        guard !value.isSeparated, !value.isCompressed else { return nil }
        var units: [UInt16] = []
        for place in stride(from: value.range.lowerBound, to: value.range.upperBound - 1, by: 2) {
            let unit: UInt16 = try bytes.little(place)
            if unit == 0 { break }
            units.append(unit)
        }
        return String(decoding: units, as: UTF16.self)
    }
}
