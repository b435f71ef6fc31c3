// Layer: Jet. Used by: JetABI, the calls that make tables, columns and indexes.
// Definitions as the C API gives them, without C's memory. What they mean is checked where they are carried out.

/// A column as JetAddColumn defines it. C name: JET_COLUMNDEF.
public struct ColumnDefinition: Hashable, Sendable {
    /// C name: JET_COLTYP.
    public var type: UInt32
    /// C name: cp.
    public var codePage: UInt16
    /// Bytes of a value at most; 0: what the type allows. C name: cbMax.
    public var byteCountMost: UInt32
    /// C name: JET_bitColumn….
    public var flags: UInt32

    /// Makes one.
    public init(type: UInt32, codePage: UInt16 = 0, byteCountMost: UInt32 = 0, flags: UInt32 = 0) {
        self.type = type
        self.codePage = codePage
        self.byteCountMost = byteCountMost
        self.flags = flags
    }
}

/// The value of a column where none was set.
public enum DefaultDefinition: Hashable, Sendable {
    /// There is none.
    case none
    /// A value.
    case value([UInt8])
    /// A callback computes it. C name: JET_USERDEFINEDDEFAULT.
    case computed(callback: String, userData: [UInt8], dependentColumns: [String])
}

/// A column that is made. C name: JET_COLUMNCREATE.
public struct ColumnCreation: Hashable, Sendable {
    /// C name: szColumnName.
    public var name: String
    /// Type, size and options.
    public var definition: ColumnDefinition
    /// C name: pvDefault.
    public var defaultValue: DefaultDefinition

    /// Makes one.
    public init(name: String, definition: ColumnDefinition, defaultValue: DefaultDefinition = .none) {
        self.name = name
        self.definition = definition
        self.defaultValue = defaultValue
    }
}

/// A column of an index's key.
public struct KeyColumn: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether its values are in descending order.
    public var isDescending: Bool

    /// Makes one.
    public init(name: String, isDescending: Bool = false) {
        self.name = name
        self.isDescending = isDescending
    }
}

/// How text of an index is compared.
public enum IndexLocale: Hashable, Sendable {
    /// As the instance's default says.
    case standard
    /// By the number of a locale, with the default's flags. C name: lcid.
    case number(UInt32)
    /// By number and LCMapString flags. C name: JET_UNICODEINDEX.
    case numberAndFlags(UInt32, mapFlags: UInt32)
    /// By name and LCMapString flags. C name: JET_UNICODEINDEX2.
    case nameAndFlags(String, mapFlags: UInt32)
}

/// Limits of an index of substrings. C name: JET_TUPLELIMITS.
public struct TupleLimits: Hashable, Sendable {
    /// C names: chLengthMin, chLengthMax, chToIndexMax.
    public var lengthMin, lengthMax, toIndexMax: UInt32
    /// C names: cchIncrement, ichStart.
    public var increment, start: UInt32

    /// Makes limits.
    public init(lengthMin: UInt32, lengthMax: UInt32, toIndexMax: UInt32, increment: UInt32, start: UInt32) {
        self.lengthMin = lengthMin
        self.lengthMax = lengthMax
        self.toIndexMax = toIndexMax
        self.increment = increment
        self.start = start
    }
}

/// A column that must, or must not, be NULL for a record to be in an index. C name: JET_CONDITIONALCOLUMN.
public struct IndexCondition: Hashable, Sendable {
    /// C name: szColumnName.
    public var column: String
    /// C names: JET_bitIndexColumnMustBeNull, JET_bitIndexColumnMustBeNonNull.
    public var flags: UInt32

    /// Makes one.
    public init(column: String, flags: UInt32) {
        self.column = column
        self.flags = flags
    }
}

/// How a tree shall use space. C name: JET_SPACEHINTS.
public struct SpaceHints: Hashable, Sendable {
    /// Percent. C names: ulInitialDensity, ulMaintDensity, ulGrowth.
    public var initialDensity, maintenanceDensity, growth: UInt32
    /// Bytes. C names: cbInitial, cbMinExtent, cbMaxExtent.
    public var initialByteCount, extentByteCountMin, extentByteCountMax: UInt32
    /// C name: JET_bitSpaceHints…, JET_bitCreateHint….
    public var flags: UInt32

    /// Makes hints.
    public init(
        initialDensity: UInt32, initialByteCount: UInt32, flags: UInt32, maintenanceDensity: UInt32, growth: UInt32,
        extentByteCountMin: UInt32, extentByteCountMax: UInt32
    ) {
        self.initialDensity = initialDensity
        self.initialByteCount = initialByteCount
        self.flags = flags
        self.maintenanceDensity = maintenanceDensity
        self.growth = growth
        self.extentByteCountMin = extentByteCountMin
        self.extentByteCountMax = extentByteCountMax
    }
}

/// An index that is made. C name: JET_INDEXCREATE.
public struct IndexCreation: Hashable, Sendable {
    /// C name: szIndexName.
    public var name: String
    /// C name: szKey.
    public var key: [KeyColumn]
    /// C name: JET_bitIndex….
    public var flags: UInt32
    /// Percent of a page that is filled; 0: the default. C name: ulDensity.
    public var density: UInt32
    /// C names: lcid, pidxunicode.
    public var locale = IndexLocale.standard
    /// Bytes of the key that a variable column takes at most; 0: the default. C name: cbVarSegMac.
    public var variableByteCountMost: UInt32 = 0
    /// C name: ptuplelimits.
    public var tupleLimits: TupleLimits?
    /// C name: rgconditionalcolumn.
    public var conditions: [IndexCondition] = []
    /// Bytes of a key at most; nil: the default. C name: cbKeyMost.
    public var keyByteCountMost: UInt32?
    /// C name: pSpacehints.
    public var spaceHints: SpaceHints?

    /// Makes one.
    public init(name: String, key: [KeyColumn], flags: UInt32 = 0, density: UInt32 = 0) {
        self.name = name
        self.key = key
        self.flags = flags
        self.density = density
    }
}

/// A table that is made with its columns and indexes. C name: JET_TABLECREATE.
public struct TableCreation: Hashable, Sendable {
    /// C name: szTableName.
    public var name: String
    /// C name: szTemplateTableName.
    public var template: String?
    /// C name: ulPages.
    public var pageCount: UInt32
    /// Percent of a page that is filled; 0: the default. C name: ulDensity.
    public var density: UInt32
    /// C name: rgcolumncreate.
    public var columns: [ColumnCreation] = []
    /// C name: rgindexcreate.
    public var indexes: [IndexCreation] = []
    /// C name: szCallback.
    public var callback: String?
    /// When it is called. C name: cbtyp.
    public var callbackEvents: UInt32 = 0
    /// C name: JET_bitTableCreate….
    public var flags: UInt32
    /// C names: pSeqSpacehints, pLVSpacehints.
    public var spaceHints, longValueSpaceHints: SpaceHints?
    /// Bytes from which on values stand outside their records; 0: the default. C name: cbSeparateLV.
    public var separationByteCount: UInt32 = 0

    /// Makes one.
    public init(name: String, template: String? = nil, pageCount: UInt32 = 0, density: UInt32 = 0, flags: UInt32 = 0) {
        self.name = name
        self.template = template
        self.pageCount = pageCount
        self.density = density
        self.flags = flags
    }
}

/// A value that is set, or where one is read. C names: JET_SETINFO, JET_RETINFO.
public struct ValuePlace: Hashable, Sendable {
    /// From which byte on. C name: ibLongValue.
    public var byteOffset: UInt32
    /// Which of the values, from 1 on; 0: a new one, or the column's number of values. C name: itagSequence.
    public var valueNumber: UInt32

    /// Makes one.
    public init(byteOffset: UInt32 = 0, valueNumber: UInt32 = 1) {
        self.byteOffset = byteOffset
        self.valueNumber = valueNumber
    }
}
