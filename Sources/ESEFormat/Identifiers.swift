// Layer: ESEFormat. Used by: everything of the ESE stack.
// The kinds of numbers of the format, a type for each, so that they can't be confused.

/// The number of a page, from 1; 0 means "none". The header and its shadow come before page 1. ESE's term: pgno.
public struct PageNumber: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number as stored.
    public let rawValue: UInt32

    /// Makes a page number.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Makes a page number.
    @inlinable
    public init(_ value: UInt32) { rawValue = value }

    /// No page.
    public static let none = PageNumber(0)
    /// The root of the database's space, which owns all pages.
    public static let databaseRoot = PageNumber(1)
    /// The root of the catalog, MSysObjects.
    public static let catalog = PageNumber(4)
    /// The root of the catalog's shadow, MSysObjectsShadow.
    public static let catalogShadow = PageNumber(24)
    /// The greatest number that the format allows.
    public static let greatest = PageNumber(0x7fef_ffff)

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension PageNumber: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// The number of a table, secondary index or long-value tree, unique in its database. ESE's term: objid, objidFDP.
public struct ObjectID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number as stored.
    public let rawValue: UInt32

    /// Makes an object ID.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Makes an object ID.
    @inlinable
    public init(_ value: UInt32) { rawValue = value }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension ObjectID: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// Counts the changes of a database; every page carries that of its last change. Not a time. ESE's term: dbtime.
public struct DatabaseTime: RawRepresentable, Hashable, Comparable, Sendable {
    /// The count as stored.
    public let rawValue: UInt64

    /// Makes a count.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes a count.
    @inlinable
    public init(_ value: UInt64) { rawValue = value }

    /// Orders by count.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension DatabaseTime: CustomStringConvertible {
    /// The count in decimal.
    public var description: String { String(rawValue) }
}

/// The number of a column in its table: 1...127 fixed, 128...255 variable, 256...65248 tagged. ESE's term: fid.
public struct ColumnID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number as stored.
    public let rawValue: UInt16

    /// Makes a column ID.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Makes a column ID.
    @inlinable
    public init(_ value: UInt16) { rawValue = value }

    /// How the columns of this number are stored.
    public enum Storage: Sendable {
        /// At a fixed place of every record.
        case fixed
        /// Behind the fixed ones, found through an array of end offsets.
        case variable
        /// Only in records that have a value.
        case tagged
    }

    /// How the column is stored; nil for 0 and beyond 65248.
    @inlinable
    public var storage: Storage? {
        switch rawValue {
        case 1...127: .fixed
        case 128...255: .variable
        case 256...65_248: .tagged
        default: nil
        }
    }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension ColumnID: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}
