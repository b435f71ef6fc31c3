// Layer: ESEFormat/Values. Used by: catalog, records, keys, everything above.

/// The type of a column. C name: JET_COLTYP; raw values as in `esent.h` (JET_coltypBit = 1 and so on).
public enum ColumnType: UInt8, CaseIterable, Sendable {
    /// True or false; one byte, 0 or 0xFF.
    case bit = 1
    /// 0...255.
    case unsignedByte = 2
    /// 16 bits, signed.
    case short = 3
    /// 32 bits, signed.
    case long = 4
    /// 64 bits, signed. (Some programs count money in it, in units of 1/10000.)
    case currency = 5
    /// 32-bit floating point.
    case single = 6
    /// 64-bit floating point.
    case double = 7
    /// An OLE date: days since 1899-12-30 as 64-bit floating point.
    case dateTime = 8
    /// At most 255 bytes.
    case binary = 9
    /// At most 255 bytes of text.
    case text = 10
    /// Bytes, up to 2 GiB.
    case longBinary = 11
    /// Text, up to 2 GiB.
    case longText = 12
    /// Obsolete; no values of it are known.
    case superLongValue = 13
    /// 32 bits, unsigned.
    case unsignedLong = 14
    /// 64 bits, signed.
    case longLong = 15
    /// 16 bytes in the order of a Windows GUID.
    case guid = 16
    /// 16 bits, unsigned.
    case unsignedShort = 17
    /// 64 bits, unsigned.
    case unsignedLongLong = 18

    /// Bytes of each value; nil for types whose values differ in size.
    @inlinable
    public var fixedByteCount: Int? {
        switch self {
        case .bit, .unsignedByte: 1
        case .short, .unsignedShort: 2
        case .long, .unsignedLong, .single: 4
        case .currency, .double, .dateTime, .longLong, .unsignedLongLong: 8
        case .guid: 16
        case .binary, .text, .longBinary, .longText, .superLongValue: nil
        }
    }

    /// Whether values may stand outside the record, in the table's long-value tree.
    @inlinable
    public var isLong: Bool { self == .longBinary || self == .longText }

    /// Whether values are text in the column's code page.
    @inlinable
    public var isText: Bool { self == .text || self == .longText }

    /// The name without its C prefix: "LongText".
    public var name: String {
        switch self {
        case .bit: "Bit"
        case .unsignedByte: "UnsignedByte"
        case .short: "Short"
        case .long: "Long"
        case .currency: "Currency"
        case .single: "IEEESingle"
        case .double: "IEEEDouble"
        case .dateTime: "DateTime"
        case .binary: "Binary"
        case .text: "Text"
        case .longBinary: "LongBinary"
        case .longText: "LongText"
        case .superLongValue: "SLV"
        case .unsignedLong: "UnsignedLong"
        case .longLong: "LongLong"
        case .guid: "GUID"
        case .unsignedShort: "UnsignedShort"
        case .unsignedLongLong: "UnsignedLongLong"
        }
    }
}
