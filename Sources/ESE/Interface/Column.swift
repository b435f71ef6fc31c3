// Layer: ESE/Interface. Uses: StoredValue. Used by: rows, cursors.
// Unsafe: bytes are lent for the time of a call and not looked at here.

public import ESEEngine
public import ESEFormat

/// A column of an open table, with the Swift type of its values. Got from `TableCursor.column`; good for every cursor
/// on the table, as long as the column is there.
public struct Column<Value: StoredValue>: Hashable, Sendable {
    /// Which one it is.
    public let key: ColumnKey
    /// Its type.
    public let type: ColumnType
    /// The code page of text, else 0.
    public let codePage: UInt32
}

/// One part of a key, for searches: taken as the key column's type asks for. Literals are parts of keys:
/// `[7, "name", nil]`.
public enum KeyValue: Hashable, Sendable {
    /// NULL.
    case null
    /// A truth value.
    case bool(Bool)
    /// A number for columns of any type of numbers; for dates, days.
    case integer(Int64)
    /// A number above those of `integer`.
    case unsigned(UInt64)
    /// A number with a fraction; for dates, days.
    case double(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case bytes([UInt8])
    /// A GUID.
    case guid(GUID)

    /// Lends the bytes that a column stores for it; none for NULL.
    /// - Throws: `invalidBufferSize` if columns of the type can't have it; `unicodeTranslationFail`.
    func withStored(
        _ type: ColumnType, codePage: UInt32, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Void
    ) throws(JetError) {
        switch self {
        case .null: try body(UnsafeRawBufferPointer(start: nil, count: 0))
        case .bool(let value): try store(type == .bit ? value : nil, body)
        case .text(let value):
            guard type.isText else { throw .invalidBufferSize }
            try value.withStored(codePage: codePage, body)
        case .bytes(let value): try value.withStored(codePage: 0, body)
        case .guid(let value): try store(type == .guid ? value : nil, body)
        case .double(let value):
            switch type {
            case .single: try store(Float(value), body)
            case .double, .dateTime: try store(value, body)
            default: throw .invalidBufferSize
            }
        case .integer(let value): try store(value, type, body)
        case .unsigned(let value): try store(value, type, body)
        }
    }

    private func store<Value: StoredValue>(
        _ value: Value?, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Void
    ) throws(JetError) {
        guard let value else { throw .invalidBufferSize }
        try value.withStored(codePage: 0, body)
    }

    private func store<Value: FixedWidthInteger>(
        _ value: Value, _ type: ColumnType, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Void
    ) throws(JetError) {
        switch type {
        case .bit: try store(value == 0 ? false : value == 1 ? true : nil, body)
        case .unsignedByte: try store(UInt8(exactly: value), body)
        case .short: try store(Int16(exactly: value), body)
        case .unsignedShort: try store(UInt16(exactly: value), body)
        case .long: try store(Int32(exactly: value), body)
        case .unsignedLong: try store(UInt32(exactly: value), body)
        case .longLong, .currency: try store(Int64(exactly: value), body)
        case .unsignedLongLong: try store(UInt64(exactly: value), body)
        case .single: try store(Float(value), body)
        case .double, .dateTime: try store(Double(value), body)
        default: throw .invalidBufferSize
        }
    }
}

extension KeyValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// A number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
}

/// One end of a range of keys: values of the first key columns. All keys that begin with them are meant.
public struct KeyBound: Hashable, Sendable {
    /// The values.
    public var values: [KeyValue]
    /// Whether rows with these values are in the range.
    public var isInclusive: Bool
    /// Whether the last value, a text or bytes, is only the beginning of what is meant.
    public var isBeginning: Bool

    /// The range has the rows with these values.
    public static func including(_ values: [KeyValue]) -> KeyBound {
        KeyBound(values: values, isInclusive: true, isBeginning: false)
    }

    /// The range ends before the rows with these values, or starts behind them.
    public static func excluding(_ values: [KeyValue]) -> KeyBound {
        KeyBound(values: values, isInclusive: false, isBeginning: false)
    }

    /// The range has the rows whose last value begins like this one's.
    public static func beginning(_ values: [KeyValue]) -> KeyBound {
        KeyBound(values: values, isInclusive: true, isBeginning: true)
    }
}
