// Layer: ESEEngine/7-Table. Uses: ESEFormat. Used by: data definition, the Swift API, the C API.
// What callers ask of data definition. Option sets have the raw values of JET's grbits.

public import ESEFormat

/// Options of a new column. C names: JET_bitColumn….
public struct ColumnOptions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of options.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Stored at a fixed place: Text and Binary get all of their bytes. C name: JET_bitColumnFixed.
    public static let fixed = ColumnOptions(rawValue: 0x1)
    /// Stored only in records that have a value. C name: JET_bitColumnTagged.
    public static let tagged = ColumnOptions(rawValue: 0x2)
    /// Every record has a value. C name: JET_bitColumnNotNULL.
    public static let notNull = ColumnOptions(rawValue: 0x4)
    /// Counts changes. C name: JET_bitColumnVersion.
    public static let version = ColumnOptions(rawValue: 0x8)
    /// Numbered by the engine. C name: JET_bitColumnAutoincrement.
    public static let autoincrement = ColumnOptions(rawValue: 0x10)
    /// Means something in results only. C name: JET_bitColumnUpdatable.
    public static let updatable = ColumnOptions(rawValue: 0x20)
    /// May have several values. C name: JET_bitColumnMultiValued.
    public static let multivalued = ColumnOptions(rawValue: 0x400)
    /// A counter that several sessions may change. C name: JET_bitColumnEscrowUpdate.
    public static let escrowUpdate = ColumnOptions(rawValue: 0x800)
    /// Added without regard to snapshots; the same here. C name: JET_bitColumnUnversioned.
    public static let unversioned = ColumnOptions(rawValue: 0x1000)
    /// Means something in temporary tables only. C name: JET_bitColumnMaybeNull.
    public static let maybeNull = ColumnOptions(rawValue: 0x2000)
    /// When it reaches zero the record is deleted. C name: JET_bitColumnFinalize.
    public static let finalize = ColumnOptions(rawValue: 0x4000)
    /// The default is computed by a callback: not supported. C name: JET_bitColumnUserDefinedDefault.
    public static let userDefinedDefault = ColumnOptions(rawValue: 0x8000)
    /// The record is deleted when it reaches zero. C name: JET_bitColumnDeleteOnZero.
    public static let deleteOnZero = ColumnOptions(rawValue: 0x2_0000)
    /// Values are compressed where that makes them shorter. C name: JET_bitColumnCompressed.
    public static let compressed = ColumnOptions(rawValue: 0x8_0000)
    /// Values are encrypted: not supported. C name: JET_bitColumnEncrypted.
    public static let encrypted = ColumnOptions(rawValue: 0x10_0000)
}

/// A column to be made.
public struct ColumnRequest: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its type.
    public var type: ColumnType
    /// Its options.
    public var options: ColumnOptions
    /// The most bytes of a value, for types that have no size; 0: as many as the type may have.
    public var maximumByteCount: UInt32
    /// The code page of text: 1252 or 1200; 0: 1252.
    public var codePage: UInt32
    /// The default, as records store it; nil without one.
    public var defaultValue: [UInt8]?

    /// Asks for a column.
    public init(
        _ name: String, _ type: ColumnType, _ options: ColumnOptions = [], maximumByteCount: UInt32 = 0,
        codePage: UInt32 = 0, defaultValue: [UInt8]? = nil
    ) {
        self.name = name
        self.type = type
        self.options = options
        self.maximumByteCount = maximumByteCount
        self.codePage = codePage
        self.defaultValue = defaultValue
    }
}

/// Options of a new index. C names: JET_bitIndex….
public struct IndexOptions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of options.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No two rows have the same key. C name: JET_bitIndexUnique.
    public static let unique = IndexOptions(rawValue: 0x1)
    /// The index whose leaves are the records. C name: JET_bitIndexPrimary.
    public static let primary = IndexOptions(rawValue: 0x2)
    /// NULL in a key column is an error. C name: JET_bitIndexDisallowNull.
    public static let disallowNull = IndexOptions(rawValue: 0x4)
    /// Rows whose key columns are all NULL have no entry. C name: JET_bitIndexIgnoreNull.
    public static let ignoreNull = IndexOptions(rawValue: 0x8)
    /// Rows with a key column of NULL have no entry. C name: JET_bitIndexIgnoreAnyNull.
    public static let ignoreAnyNull = IndexOptions(rawValue: 0x20)
    /// Rows whose first key column is NULL have no entry. C name: JET_bitIndexIgnoreFirstNull.
    public static let ignoreFirstNull = IndexOptions(rawValue: 0x40)
    /// Does nothing. C name: JET_bitIndexLazyFlush.
    public static let lazyFlush = IndexOptions(rawValue: 0x80)
    /// All rows have NULL there, so nothing has to be built. C name: JET_bitIndexEmpty.
    public static let empty = IndexOptions(rawValue: 0x100)
    /// Added without regard to snapshots; the same here. C name: JET_bitIndexUnversioned.
    public static let unversioned = IndexOptions(rawValue: 0x200)
    /// NULL sorts after all values. C name: JET_bitIndexSortNullsHigh.
    public static let sortNullsHigh = IndexOptions(rawValue: 0x400)
    /// Locale and flags are given. C name: JET_bitIndexUnicode.
    public static let unicode = IndexOptions(rawValue: 0x800)
    /// Over substrings. C name: JET_bitIndexTuples.
    public static let tuples = IndexOptions(rawValue: 0x1000)
    /// Over substrings with limits. C name: JET_bitIndexTupleLimits.
    public static let tupleLimits = IndexOptions(rawValue: 0x2000)
    /// All combinations of several values. C name: JET_bitIndexCrossProduct.
    public static let crossProduct = IndexOptions(rawValue: 0x4000)
    /// The longest key is given. C name: JET_bitIndexKeyMost.
    public static let keyMost = IndexOptions(rawValue: 0x8000)
    /// Keys that don't fit are an error. C name: JET_bitIndexDisallowTruncation.
    public static let disallowTruncation = IndexOptions(rawValue: 0x1_0000)
    /// The n-th values of all columns together. C name: JET_bitIndexNestedTable.
    public static let nestedTable = IndexOptions(rawValue: 0x2_0000)
    /// GUIDs as .NET sorts them. C name: JET_bitIndexDotNetGuid.
    public static let dotNetGUID = IndexOptions(rawValue: 0x4_0000)
    /// The index is not to be rebuilt; means something to whole-file tools. C name: JET_bitIndexImmutableStructure.
    public static let immutableStructure = IndexOptions(rawValue: 0x8_0000)
}

/// An index to be made.
public struct IndexRequest: Hashable, Sendable {
    /// A column of the key.
    public struct KeyColumn: Hashable, Sendable {
        /// The column's name.
        public var name: String
        /// Whether it sorts from high to low.
        public var isDescending: Bool

        /// Names a column.
        public init(_ name: String, isDescending: Bool = false) {
            self.name = name
            self.isDescending = isDescending
        }
    }

    /// A condition for a row to have entries.
    public struct Condition: Hashable, Sendable {
        /// The column's name.
        public var name: String
        /// Whether it must be NULL; else it must not be.
        public var mustBeNull: Bool

        /// Names a column.
        public init(_ name: String, mustBeNull: Bool) {
            self.name = name
            self.mustBeNull = mustBeNull
        }
    }

    /// Its name.
    public var name: String
    /// The columns of the key, most significant first.
    public var key: [KeyColumn]
    /// Its options.
    public var options: IndexOptions
    /// How full pages are made, in percent; 0: as the table's.
    public var density: UInt32 = 0
    /// The longest key with `keyMost`.
    public var maximumKeyByteCount = 0
    /// The most bytes of a variable column in the key; 0: as many as the key has. ESE: cbVarSegMac.
    public var maximumSegmentByteCount = 0
    /// The conditions.
    public var conditions: [Condition] = []
    /// Limits with `tupleLimits`; 0 in them means the default.
    public var tupleLimits: TupleLimits?
    /// The locale with `unicode`; nil: the default.
    public var localeName: String?
    /// Flags of LCMapString with `unicode`; 0: the default.
    public var mapFlags: UInt32 = 0

    /// Asks for an index; the rest can be set.
    public init(_ name: String, _ key: [KeyColumn], _ options: IndexOptions = []) {
        self.name = name
        self.key = key
        self.options = options
    }

    /// The same with key columns as JET writes them: "+name" or "-name".
    public init(_ name: String, on key: [String], _ options: IndexOptions = []) {
        self.init(
            name,
            key.map { column in
                let hasSign = column.hasPrefix("+") || column.hasPrefix("-")
                return KeyColumn(hasSign ? String(column.dropFirst()) : column, isDescending: column.hasPrefix("-"))
            }, options)
    }
}

/// Options of a new table. C names: JET_bitTableCreate….
public struct TableOptions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of options.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Columns and indexes can't be changed afterwards. C name: JET_bitTableCreateFixedDDL.
    public static let fixedDDL = TableOptions(rawValue: 0x1)
    /// Other tables are made after it. C name: JET_bitTableCreateTemplateTable.
    public static let template = TableOptions(rawValue: 0x2)
    /// Tables made after it have no fixed or variable columns of their own.
    /// C name: JET_bitTableCreateNoFixedVarColumnsInDerivedTables.
    public static let noFixedOrVariableColumnsInDerivedTables = TableOptions(rawValue: 0x4)
}

/// A table to be made.
public struct TableRequest: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The table that it is made after.
    public var templateName: String?
    /// Pages that it gets at once; 0 or 1: one.
    public var pageCount: UInt32 = 0
    /// How full pages are made, in percent; 0: 80.
    public var density: UInt32 = 0
    /// Its columns.
    public var columns: [ColumnRequest]
    /// Its indexes.
    public var indexes: [IndexRequest]
    /// Its options.
    public var options: TableOptions = []

    /// Asks for a table; the rest can be set.
    public init(_ name: String, columns: [ColumnRequest] = [], indexes: [IndexRequest] = []) {
        self.name = name
        self.columns = columns
        self.indexes = indexes
    }
}

/// What a made column is called.
public struct MadeColumn: Hashable, Sendable {
    /// Its number. C name: JET_COLUMNID.
    public var key: ColumnKey
    /// Whether its size was cut to what its type may have. C name: JET_wrnColumnMaxTruncated.
    public var isSizeCut: Bool
}
