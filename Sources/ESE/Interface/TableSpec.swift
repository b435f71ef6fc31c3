// Layer: ESE/Interface. Uses: StoredValue. Used by: programs.
// What tables are made of, said in a few words.

public import ESEEngine
public import ESEFormat

/// A column to be made.
public struct ColumnSpec: Hashable, Sendable {
    /// Its name: up to 64 characters of one byte.
    public var name: String
    /// Its type.
    public var type: ColumnType
    /// Its options.
    public var options: ColumnOptions
    /// The most bytes of a value; 0: as many as the type may have (255, or 2 GiB for the long ones).
    public var maximumByteCount: UInt32
    /// Whether text is stored as UTF-16; else in code page 1252.
    public var isUnicode: Bool
    /// The default as it is stored; nil without one.
    public var defaultBytes: [UInt8]?

    /// A column of a type of its own choice.
    public init(
        _ name: String, _ type: ColumnType, _ options: ColumnOptions = [], maximumByteCount: UInt32 = 0,
        isUnicode: Bool = true, defaultBytes: [UInt8]? = nil
    ) {
        self.name = name
        self.type = type
        self.options = options
        self.maximumByteCount = maximumByteCount
        self.isUnicode = isUnicode
        self.defaultBytes = defaultBytes
    }

    /// A column for values of a Swift type.
    /// - Parameter defaultValue: What rows have that say nothing; no text that the code page lacks.
    public init<Value: StoredValue>(
        _ name: String, _ valueType: Value.Type, _ options: ColumnOptions = [], defaultValue: Value? = nil
    ) {
        self.init(name, Value.columnType, options)
        let codePage = codePage
        defaultBytes = defaultValue.flatMap { value in
            try? value.withStored(codePage: codePage) { (bytes) throws(JetError) in [UInt8](bytes) }
        }
    }

    /// The code page of text, else 0.
    var codePage: UInt32 { type.isText ? (isUnicode ? 1_200 : 1_252) : 0 }

    var request: ColumnRequest {
        ColumnRequest(
            name, type, options, maximumByteCount: maximumByteCount, codePage: codePage, defaultValue: defaultBytes)
    }
}

/// An index to be made.
public struct IndexSpec: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The columns of the key, most significant first: "+name" or "name" ascending, "-name" descending.
    public var key: [String]
    /// Its options.
    public var options: IndexOptions
    /// Rows are in the index only if these columns have a value.
    public var presentColumns: [String] = []
    /// Rows are in the index only if these columns have none.
    public var absentColumns: [String] = []
    /// How parts of texts are indexed, with the option `tuples`; nil: the defaults.
    public var tupleLimits: TupleLimits?
    /// The locale by whose rules text is in order, such as "en-US"; nil: the default.
    public var localeName: String?
    /// Windows' flags for comparing text (LCMAP…, NORM…); 0: the default, which ignores case and widths.
    public var mapFlags: UInt32 = 0
    /// The most bytes of a key; 0: 255. Longer ones are cut.
    public var maximumKeyByteCount = 0

    /// Asks for an index.
    public init(_ name: String, on key: [String], _ options: IndexOptions = []) {
        self.name = name
        self.key = key
        self.options = options
    }

    /// The order of the rows themselves: no two have the same key.
    public static func primary(_ name: String = "primary", on key: [String]) -> IndexSpec {
        IndexSpec(name, on: key, [.primary, .unique, .disallowNull])
    }

    var request: IndexRequest {
        var options = options
        if localeName != nil || mapFlags != 0 { options.insert(.unicode) }
        if tupleLimits != nil { options.formUnion([.tuples, .tupleLimits]) }
        var request = IndexRequest(name, on: key, options)
        request.conditions =
            presentColumns.map { IndexRequest.Condition($0, mustBeNull: false) }
            + absentColumns.map { IndexRequest.Condition($0, mustBeNull: true) }
        request.tupleLimits = tupleLimits
        request.localeName = localeName
        request.mapFlags = mapFlags
        request.maximumKeyByteCount = maximumKeyByteCount
        return request
    }
}

/// A table to be made.
public struct TableSpec: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its columns.
    public var columns: [ColumnSpec]
    /// Its indexes. Without a primary one rows are in the order in which they were inserted.
    public var indexes: [IndexSpec]

    /// Asks for a table.
    public init(_ name: String, columns: [ColumnSpec], indexes: [IndexSpec] = []) {
        self.name = name
        self.columns = columns
        self.indexes = indexes
    }

    func request() -> TableRequest {
        TableRequest(name, columns: columns.map(\.request), indexes: indexes.map(\.request))
    }
}
