// Layer: ESEFormat/Values. Uses: Text. Used by: the reader's rows, exports, defaults in the catalog.
// Values as records store them, and back. All numbers are little-endian.

extension ColumnValue {
    /// Reads a stored value: uncompressed, of exactly the size that its type has.
    /// - Throws: `badValue` if the size is wrong.
    public init(decoding bytes: RawSpan, type: ColumnType, codePage: UInt32) throws(FormatError) {
        if let count = type.fixedByteCount, bytes.byteCount != count {
            throw FormatError(.badValue, at: bytes.byteCount)
        }
        switch type {
        case .bit: self = .bit(try bytes.byte(0) != 0)
        case .unsignedByte: self = .unsigned(UInt64(try bytes.byte(0)))
        case .short: self = .signed(Int64(try bytes.little(0, as: Int16.self)))
        case .long: self = .signed(Int64(try bytes.little(0, as: Int32.self)))
        case .currency, .longLong: self = .signed(try bytes.little(0))
        case .single: self = .single(Float(bitPattern: try bytes.little(0)))
        case .double: self = .double(Double(bitPattern: try bytes.little(0)))
        case .dateTime: self = .dateTime(Double(bitPattern: try bytes.little(0)))
        case .unsignedShort: self = .unsigned(UInt64(try bytes.little(0, as: UInt16.self)))
        case .unsignedLong: self = .unsigned(UInt64(try bytes.little(0, as: UInt32.self)))
        case .unsignedLongLong: self = .unsigned(try bytes.little(0))
        case .guid: self = .guid(GUID(low: try bytes.little(0), high: try bytes.little(8)))
        case .text, .longText: self = .text(Text.string(bytes, codePage: codePage))
        case .binary, .longBinary, .superLongValue: self = .binary(bytes.bytes(0..<bytes.byteCount))
        }
    }

    /// The value as a record stores it; nil for NULL, and for a value that the type can't hold.
    public func encoded(as type: ColumnType, codePage: UInt32) -> [UInt8]? {
        switch (self, type) {
        case (.bit(let value), .bit): [value ? 0xff : 0]
        case (.unsigned(let value), .unsignedByte): UInt8(exactly: value).map { [$0] }
        case (.unsigned(let value), .unsignedShort): UInt16(exactly: value).map(Self.little)
        case (.unsigned(let value), .unsignedLong): UInt32(exactly: value).map(Self.little)
        case (.unsigned(let value), .unsignedLongLong): Self.little(value)
        case (.signed(let value), .short): Int16(exactly: value).map(Self.little)
        case (.signed(let value), .long): Int32(exactly: value).map(Self.little)
        case (.signed(let value), .longLong), (.signed(let value), .currency): Self.little(value)
        case (.single(let value), .single): Self.little(value.bitPattern)
        case (.double(let value), .double), (.dateTime(let value), .dateTime): Self.little(value.bitPattern)
        case (.guid(let value), .guid): value.bytes
        case (.text(let value), .text), (.text(let value), .longText): Text.bytes(value, codePage: codePage)
        case (.binary(let value), .binary), (.binary(let value), .longBinary): value
        default: nil
        }
    }

    private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
    }
}
