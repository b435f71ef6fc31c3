// Layer: ESEEngine/6-Record. Uses: ColumnID. Used by: records, key plans, cursors.
// How callers name columns, sets of columns, and the options of setting one.

public import ESEFormat

/// A column of a table as callers name it: its number, with bit 31 for those of the table's template.
/// C name: JET_COLUMNID; ESE's names: COLUMNID, fCOLUMNIDTemplate.
public struct ColumnKey: RawRepresentable, Hashable, Sendable {
    /// The number with the template's bit.
    public let rawValue: UInt32

    /// The bit of a template's column.
    public static let templateBit: UInt32 = 0x8000_0000

    /// Makes a key of what a caller passed; any number may come, most name no column.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Makes a key of a column's number.
    @inlinable
    public init(_ id: ColumnID, isFromTemplate: Bool = false) {
        rawValue = UInt32(id.rawValue) | (isFromTemplate ? Self.templateBit : 0)
    }

    /// The column's number; of a raw value that is no key, its low 16 bits.
    @inlinable
    public var id: ColumnID { ColumnID(UInt16(truncatingIfNeeded: rawValue)) }

    /// Whether the column is one of the template.
    @inlinable
    public var isFromTemplate: Bool { rawValue & Self.templateBit != 0 }

    /// Tagged columns sort by this: the template's before the table's own.
    @inlinable
    var order: UInt32 { (rawValue & 0xffff) | (~rawValue >> 31) << 16 }
}

/// A set of columns in 256 bits. Tagged columns share bits, with each other and with others, so that a column that is
/// "in" the set may be meant by another one; one that is not in it surely is not. ESE keeps changed columns like that
/// (rgbitSet).
public struct ColumnSet: Hashable, Sendable {
    private var a: UInt64 = 0
    private var b: UInt64 = 0
    private var c: UInt64 = 0
    private var d: UInt64 = 0

    /// The empty set.
    @inlinable
    public init() {}

    /// Adds a column.
    @inline(__always)
    public mutating func insert(_ id: ColumnID) {
        let bit: UInt64 = 1 << UInt64(id.rawValue & 63)
        switch id.rawValue >> 6 & 3 {
        case 0: a |= bit
        case 1: b |= bit
        case 2: c |= bit
        default: d |= bit
        }
    }

    /// False if the column was surely not added.
    @inline(__always)
    public func mayContain(_ id: ColumnID) -> Bool {
        let bit: UInt64 = 1 << UInt64(id.rawValue & 63)
        return switch id.rawValue >> 6 & 3 {
        case 0: a & bit != 0
        case 1: b & bit != 0
        case 2: c & bit != 0
        default: d & bit != 0
        }
    }

    /// Whether any column may be in both.
    @inline(__always)
    public func mayIntersect(_ other: Self) -> Bool {
        (a & other.a) | (b & other.b) | (c & other.c) | (d & other.d) != 0
    }

    /// Adds all of another set.
    public mutating func formUnion(_ other: Self) {
        a |= other.a
        b |= other.b
        c |= other.c
        d |= other.d
    }

    /// Whether nothing was added.
    @inline(__always)
    public var isEmpty: Bool { a | b | c | d == 0 }
}

/// How a column is set. Raw values are the grbits of JetSetColumn.
public struct SetOptions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set of options.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Behind the long value's end. C name: JET_bitSetAppendLV.
    public static let append = SetOptions(rawValue: 1)
    /// Over a part of the long value, from an offset. C name: JET_bitSetOverwriteLV.
    public static let overwrite = SetOptions(rawValue: 4)
    /// The count of bytes is the long value's new size; with `overwrite` its end is where the new bytes end.
    /// C name: JET_bitSetSizeLV.
    public static let setSize = SetOptions(rawValue: 8)
    /// No bytes are a value without bytes, not NULL. C name: JET_bitSetZeroLength.
    public static let zeroLength = SetOptions(rawValue: 0x20)
    /// The long value is to stand outside, if it is longer than its ID. C name: JET_bitSetSeparateLV.
    public static let separate = SetOptions(rawValue: 0x40)
    /// Fails if another value of the column has the same bytes. C name: JET_bitSetUniqueMultiValues.
    public static let unique = SetOptions(rawValue: 0x80)
    /// Fails if another value of the column has the same key. C name: JET_bitSetUniqueNormalizedMultiValues.
    public static let uniqueNormalized = SetOptions(rawValue: 0x100)
    /// With NULL: the default holds again. C name: JET_bitSetRevertToDefaultValue.
    public static let revertToDefault = SetOptions(rawValue: 0x200)
    /// The long value is to stand in the record, as long as it fits there. C name: JET_bitSetIntrinsicLV.
    public static let intrinsic = SetOptions(rawValue: 0x400)
    /// Not compressed, whatever the column says. C name: JET_bitSetUncompressed.
    public static let uncompressed = SetOptions(rawValue: 0x1_0000)
    /// Compressed if that is shorter, whatever the column says. C name: JET_bitSetCompressed.
    public static let compressed = SetOptions(rawValue: 0x2_0000)
    /// The long value's pages are to lie together; with `separate` only. C name: JET_bitSetContiguousLV.
    public static let contiguous = SetOptions(rawValue: 0x4_0000)
}
