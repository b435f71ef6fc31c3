// Layer: ESEFormat/Catalog. Uses: ColumnType. Used by: catalog rows, reader, exports, verification.
// What the catalog says of tables, columns and indexes (format map, sections 6.1 to 6.4).

/// A column of a table.
public struct ColumnDefinition: Hashable, Sendable {
    /// Its number. In a table with a template it is the template's for columns of that.
    public var id: ColumnID
    /// Its name.
    public var name: String
    /// Its type.
    public var type: ColumnType
    /// Its flags.
    public var flags: ColumnFlags
    /// The code page of text: 1252 or 1200 (UTF-16, little-endian); 0 for other types.
    public var codePage: UInt32
    /// The most bytes a value may have; for fixed columns its size; 0 means no limit.
    public var maximumByteCount: UInt32
    /// Where a fixed column starts in the record, in bytes; 0 for others.
    public var recordOffset: UInt16
    /// The default as stored in a record; nil if there is none.
    public var defaultValue: [UInt8]?
    /// Whether it comes from the table's template.
    public var isFromTemplate: Bool
    /// The function that computes the default; nil for nearly all columns.
    public var callback: String?

    /// Makes a definition.
    public init(
        id: ColumnID, name: String, type: ColumnType, flags: ColumnFlags = [], codePage: UInt32 = 0,
        maximumByteCount: UInt32 = 0, recordOffset: UInt16 = 0, defaultValue: [UInt8]? = nil,
        isFromTemplate: Bool = false, callback: String? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.flags = flags
        self.codePage = codePage
        self.maximumByteCount = maximumByteCount
        self.recordOffset = recordOffset
        self.defaultValue = defaultValue
        self.isFromTemplate = isFromTemplate
        self.callback = callback
    }
}

/// The flags of a column in the catalog. ESE's names: fFIELD….
public struct ColumnFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt32

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Every record has a value.
    public static let notNull = ColumnFlags(rawValue: 1)
    /// Counts the changes of the record.
    public static let version = ColumnFlags(rawValue: 2)
    /// Numbered by the engine.
    public static let autoincrement = ColumnFlags(rawValue: 4)
    /// May have several values.
    public static let multivalued = ColumnFlags(rawValue: 8)
    /// Has a default.
    public static let hasDefault = ColumnFlags(rawValue: 0x10)
    /// A counter that several sessions may change at once.
    public static let escrowUpdate = ColumnFlags(rawValue: 0x20)
    /// Its record is of no use when it reaches zero.
    public static let finalize = ColumnFlags(rawValue: 0x40)
    /// The default is computed by a callback.
    public static let userDefinedDefault = ColumnFlags(rawValue: 0x80)
    /// Belongs to a template table made by an old engine.
    public static let template = ColumnFlags(rawValue: 0x100)
    /// Its record is deleted when it reaches zero.
    public static let deleteOnZero = ColumnFlags(rawValue: 0x200)
    /// Stands for the primary index's first column in a table of many like it.
    public static let primaryIndexPlaceholder = ColumnFlags(rawValue: 0x800)
    /// Values are compressed when that makes them shorter.
    public static let compressed = ColumnFlags(rawValue: 0x1000)
    /// Values are encrypted.
    public static let encrypted = ColumnFlags(rawValue: 0x2000)
}

/// A key segment of an index.
public struct IndexSegment: Hashable, Sendable {
    /// The column.
    public var column: ColumnID
    /// Whether the column is one of the template's.
    public var isFromTemplate: Bool
    /// Whether it sorts from high to low.
    public var isDescending: Bool
    /// In a list of conditions: the column must be NULL for the row to be in the index; otherwise it must not be.
    public var mustBeNull: Bool

    /// Makes a segment.
    public init(
        column: ColumnID, isFromTemplate: Bool = false, isDescending: Bool = false, mustBeNull: Bool = false
    ) {
        self.column = column
        self.isFromTemplate = isFromTemplate
        self.isDescending = isDescending
        self.mustBeNull = mustBeNull
    }
}

/// The limits of an index over the substrings of its first column. C name: JET_TUPLELIMITS.
public struct TupleLimits: Hashable, Sendable {
    /// The shortest substring, in characters.
    public var minimumLength: UInt32
    /// The longest substring, in characters.
    public var maximumLength: UInt32
    /// How many characters of the value are indexed.
    public var indexedCharacterCount: UInt32
    /// The distance from one substring to the next.
    public var increment: UInt32
    /// Where the first substring starts.
    public var start: UInt32

    /// Makes limits.
    public init(
        minimumLength: UInt32, maximumLength: UInt32, indexedCharacterCount: UInt32, increment: UInt32 = 1,
        start: UInt32 = 0
    ) {
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
        self.indexedCharacterCount = indexedCharacterCount
        self.increment = increment
        self.start = start
    }
}

/// The flags of an index in the catalog. ESE's names: fIDB….
public struct IndexFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt32

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No two rows have the same key.
    public static let unique = IndexFlags(rawValue: 1)
    /// Rows whose key columns are all NULL have entries.
    public static let allowAllNulls = IndexFlags(rawValue: 2)
    /// Rows whose first key column is NULL have entries.
    public static let allowFirstNull = IndexFlags(rawValue: 4)
    /// Rows with NULL in some key columns have entries.
    public static let allowSomeNulls = IndexFlags(rawValue: 8)
    /// NULL in a key column is an error.
    public static let noNullSegment = IndexFlags(rawValue: 0x10)
    /// The index whose leaves are the records.
    public static let primary = IndexFlags(rawValue: 0x20)
    /// The locale was given by the index's creator.
    public static let localeSet = IndexFlags(rawValue: 0x40)
    /// A key column may have several values, each with an entry.
    public static let multivalued = IndexFlags(rawValue: 0x80)
    /// An index of a template table.
    public static let template = IndexFlags(rawValue: 0x100)
    /// An index that comes from the template.
    public static let derived = IndexFlags(rawValue: 0x200)
    /// A key column is Unicode text, whose order depends on the locale.
    public static let localized = IndexFlags(rawValue: 0x400)
    /// NULL sorts after all values.
    public static let nullsSortHigh = IndexFlags(rawValue: 0x800)
    /// An index over substrings. (ESE: fIDBTuples.)
    public static let tuples = IndexFlags(rawValue: 0x1000)
    /// Every combination of the values of multi-valued key columns has an entry.
    public static let crossProduct = IndexFlags(rawValue: 0x2000)
    /// A key that doesn't fit is an error.
    public static let disallowTruncation = IndexFlags(rawValue: 0x4000)
    /// The n-th values of all multi-valued key columns make an entry.
    public static let nestedTable = IndexFlags(rawValue: 0x8000)
    /// The key columns stand in a list that allows any column ID; always set.
    public static let extendedColumns = IndexFlags(rawValue: 0x1_0000)
    /// GUIDs sort as .NET does.
    public static let dotNetGUID = IndexFlags(rawValue: 0x2_0000)
    /// Entries are made later.
    public static let deferredPopulate = IndexFlags(rawValue: 0x4_0000)
    /// Unique for those rows that don't say otherwise.
    public static let optionallyUnique = IndexFlags(rawValue: 0x8_0000)
}

/// An index of a table.
public struct IndexDefinition: Hashable, Sendable {
    /// The object ID of its tree; for the primary index the table's.
    public var objectID: ObjectID
    /// Its name.
    public var name: String
    /// The root of its tree; for the primary index the table's.
    public var rootPage: PageNumber
    /// Its flags.
    public var flags: IndexFlags
    /// The columns of the key, most significant first.
    public var segments: [IndexSegment]
    /// What must hold for a row to have entries; all of it.
    public var conditions: [IndexSegment]
    /// How full pages are made, in percent.
    public var density: UInt32
    /// The most bytes a key may have; longer ones are cut.
    public var maximumKeyByteCount: Int
    /// The most bytes a variable column may add to the key.
    public var maximumSegmentByteCount: Int
    /// How Unicode text is compared: flags of LCMapString.
    public var lcMapFlags: UInt32
    /// The locale, such as "en-US"; nil for the default or an old file that has `lcid`.
    public var localeName: String?
    /// The locale's number in files that have no names; else 0.
    public var lcid: UInt32
    /// The version of the sort order as Windows numbers them (NLS version, defined version); nil if not localized.
    public var sortVersion: UInt64?
    /// Which sort order; nil if not localized.
    public var sortID: GUID?
    /// Limits of substrings; nil unless the index is over substrings.
    public var tupleLimits: TupleLimits?

    /// Makes a definition of what nearly every index has; the rest can be set.
    public init(
        objectID: ObjectID, name: String, rootPage: PageNumber, flags: IndexFlags, segments: [IndexSegment]
    ) {
        self.objectID = objectID
        self.name = name
        self.rootPage = rootPage
        self.flags = flags
        self.segments = segments
        conditions = []
        density = 80
        maximumKeyByteCount = 255
        maximumSegmentByteCount = 255
        lcMapFlags = 0
        localeName = nil
        lcid = 0
        sortVersion = nil
        sortID = nil
        tupleLimits = nil
    }
}

/// The flags of a table in the catalog. ESE's names: JET_bitObject….
public struct TableFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt32

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A table of the engine's.
    public static let system = TableFlags(rawValue: 0x8000_0000)
    /// Its columns and indexes can't be changed.
    public static let fixedDDL = TableFlags(rawValue: 0x4000_0000)
    /// A template of other tables.
    public static let template = TableFlags(rawValue: 0x2000_0000)
    /// Made after a template.
    public static let derived = TableFlags(rawValue: 0x1000_0000)
    /// A table of the engine's that was made later.
    public static let systemDynamic = TableFlags(rawValue: 0x0800_0000)
    /// Tables made after it have no fixed or variable columns of their own.
    public static let noFixedOrVariableColumnsInDerivedTables = TableFlags(rawValue: 0x0400_0000)
}

/// A table.
public struct TableDefinition: Hashable, Sendable {
    /// Its number.
    public var objectID: ObjectID
    /// Its name.
    public var name: String
    /// The root of the tree of its records.
    public var rootPage: PageNumber
    /// Its flags.
    public var flags: TableFlags
    /// How full pages are made, in percent.
    public var density: UInt32
    /// How many pages it was given when made.
    public var initialPageCount: UInt32
    /// The name of its template; nil without one.
    public var templateName: String?
    /// Its columns, the template's first, each part by ID.
    public var columns: [ColumnDefinition]
    /// Its indexes, the primary one (if there is one) first.
    public var indexes: [IndexDefinition]
    /// The object ID of the tree of its long values; nil if there are none.
    public var longValueObjectID: ObjectID?
    /// The root of the tree of its long values; nil if there are none.
    public var longValueRootPage: PageNumber?
    /// The size of its long values' chunks if it is not the page size's; else nil.
    public var longValueChunkByteCount: Int?

    /// Makes a table without columns and indexes.
    public init(objectID: ObjectID, name: String, rootPage: PageNumber, flags: TableFlags = []) {
        self.objectID = objectID
        self.name = name
        self.rootPage = rootPage
        self.flags = flags
        density = 80
        initialPageCount = 0
        templateName = nil
        columns = []
        indexes = []
        longValueObjectID = nil
        longValueRootPage = nil
        longValueChunkByteCount = nil
    }

    /// The primary index; nil if the table's records are in order of insertion.
    public var primaryIndex: IndexDefinition? { indexes.first { $0.flags.contains(.primary) } }
}
