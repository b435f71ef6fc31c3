// Layer: ESE/Interface. Uses: ESEFormat (Text). Used by: columns, rows, keys.
// How Swift's types are stored in columns.
// Unsafe: values are lent as bytes for the time of a call; loads stand behind a check of the count.

public import ESEEngine
public import ESEFormat

/// A type that columns can hold.
public protocol StoredValue: Sendable {
    /// The type of a new column for it.
    static var columnType: ColumnType { get }
    /// Whether columns of a type hold it.
    static func fits(_ type: ColumnType) -> Bool
    /// Makes a value of what is stored; nil if the bytes are none.
    init?(stored bytes: UnsafeRawBufferPointer, codePage: UInt32)
    /// Lends the bytes to store.
    /// - Throws: `unicodeTranslationFail` if the code page lacks a character; what `body` throws.
    func withStored<Result>(
        codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result
}

extension StoredValue {
    /// Only its own.
    @inlinable
    public static func fits(_ type: ColumnType) -> Bool { type == columnType }
}

/// A type whose stored bytes are those in memory, on machines with the low byte first.
public protocol StoredNumber: StoredValue, BitwiseCopyable {
    /// Makes a value of one that was stored on a machine with the low byte first, or the other way round.
    static func stored(_ value: Self) -> Self
}

extension StoredNumber {
    /// See `StoredValue`.
    @inlinable
    public init?(stored bytes: UnsafeRawBufferPointer, codePage: UInt32) {
        guard bytes.count == MemoryLayout<Self>.size else { return nil }
        self = Self.stored(bytes.loadUnaligned(as: Self.self))
    }

    /// See `StoredValue`.
    @inlinable
    public func withStored<Result>(
        codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        var value = Self.stored(self)
        return try withUnsafeBytes(of: &value) { (bytes) throws(JetError) in try body(bytes) }
    }
}

extension StoredNumber where Self: FixedWidthInteger {
    /// See `StoredNumber`.
    @inlinable
    public static func stored(_ value: Self) -> Self { value.littleEndian }
}

extension UInt8: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .unsignedByte }
}

extension Int16: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .short }
}

extension UInt16: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .unsignedShort }
}

extension Int32: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .long }
}

extension UInt32: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .unsignedLong }
}

extension Int64: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .longLong }
    /// Currency too: it counts ten-thousandths.
    @inlinable
    public static func fits(_ type: ColumnType) -> Bool { type == .longLong || type == .currency }
}

extension UInt64: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .unsignedLongLong }
}

extension Float: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .single }
    /// See `StoredNumber`.
    @inlinable
    public static func stored(_ value: Float) -> Float { Float(bitPattern: value.bitPattern.littleEndian) }
}

extension Double: StoredNumber {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .double }
    /// See `StoredNumber`.
    @inlinable
    public static func stored(_ value: Double) -> Double { Double(bitPattern: value.bitPattern.littleEndian) }
}

extension GUID: StoredValue {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .guid }

    /// See `StoredValue`.
    @inlinable
    public init?(stored bytes: UnsafeRawBufferPointer, codePage: UInt32) {
        guard bytes.count == 16 else { return nil }
        self.init(
            low: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
            high: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// See `StoredValue`.
    @inlinable
    public func withStored<Result>(
        codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        var words = (low.littleEndian, high.littleEndian)
        return try withUnsafeBytes(of: &words) { (bytes) throws(JetError) in try body(bytes) }
    }
}

/// A date as OLE has it: days since 1899-12-30, of no time zone. Whole numbers are midnights; before day 0 the fraction
/// still counts forward from midnight: -1.25 is 6 o'clock on 1899-12-29.
public struct OLEDate: StoredNumber, Hashable {
    /// Days.
    public var days: Double

    /// Makes a date of days since 1899-12-30.
    @inlinable
    public init(days: Double) { self.days = days }

    /// Makes a date of seconds since 1970-01-01, from that day of 1899 on exact to about a millisecond.
    @inlinable
    public init(unixSeconds: Double) {
        let days = unixSeconds / 86_400 + 25_569
        let midnight = days.rounded(.down)
        self.days = days < 0 ? midnight - (days - midnight) : days
    }

    /// Seconds since 1970-01-01.
    @inlinable
    public var unixSeconds: Double {
        let midnight = days.rounded(.towardZero)
        return (midnight + abs(days - midnight) - 25_569) * 86_400
    }

    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .dateTime }
    /// See `StoredNumber`.
    @inlinable
    public static func stored(_ value: OLEDate) -> OLEDate { OLEDate(days: Double.stored(value.days)) }
}

extension Bool: StoredValue {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .bit }

    /// See `StoredValue`.
    @inlinable
    public init?(stored bytes: UnsafeRawBufferPointer, codePage: UInt32) {
        guard bytes.count == 1 else { return nil }
        self = bytes[0] != 0
    }

    /// See `StoredValue`.
    @inlinable
    public func withStored<Result>(
        codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        var value: UInt8 = self ? 0xff : 0
        return try withUnsafeBytes(of: &value) { (bytes) throws(JetError) in try body(bytes) }
    }
}

extension String: StoredValue {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .longText }
    /// Which types of columns hold it.
    @inlinable
    public static func fits(_ type: ColumnType) -> Bool { type.isText }

    /// What is not well-formed in the code page becomes U+FFFD.
    public init?(stored bytes: UnsafeRawBufferPointer, codePage: UInt32) {
        self = Text.string(RawSpan(_unsafeBytes: bytes), codePage: codePage)
    }

    /// See `StoredValue`.
    public func withStored<Result>(
        codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        guard let bytes = Text.bytes(self, codePage: codePage) else { throw .unicodeTranslationFail }
        return try bytes.withStored(codePage: 0, body)
    }
}

extension Array: StoredValue where Element == UInt8 {
    /// The type of a new column.
    @inlinable
    public static var columnType: ColumnType { .longBinary }
    /// Which types of columns hold it.
    @inlinable
    public static func fits(_ type: ColumnType) -> Bool { type == .binary || type == .longBinary }

    /// See `StoredValue`.
    @inlinable
    public init?(stored bytes: UnsafeRawBufferPointer, codePage: UInt32) { self.init(bytes) }

    /// See `StoredValue`.
    public func withStored<Result>(
        codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try lend { (bytes: Bytes) throws(JetError) in try body(bytes.buffer) }
    }
}
