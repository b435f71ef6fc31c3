// Layer: ESEFormat/Values. Uses: ColumnType, GUID. Used by: reader, exports, keys.

/// One value of a column, typed.
public enum ColumnValue: Hashable, Sendable {
    /// No value.
    case null
    /// A Bit.
    case bit(Bool)
    /// An UnsignedByte, UnsignedShort, UnsignedLong or UnsignedLongLong.
    case unsigned(UInt64)
    /// A Short, Long, LongLong or Currency.
    case signed(Int64)
    /// An IEEESingle.
    case single(Float)
    /// An IEEEDouble.
    case double(Double)
    /// A DateTime: days since 1899-12-30. Some programs keep a FILETIME in these 8 bytes; `Double.bitPattern` has it.
    case dateTime(Double)
    /// A GUID.
    case guid(GUID)
    /// A Text or LongText. What is not well-formed in the column's code page became U+FFFD.
    case text(String)
    /// A Binary or LongBinary.
    case binary([UInt8])
}

/// A GUID: 16 bytes as Windows stores them, the first three fields little-endian.
public struct GUID: Hashable, Sendable {
    /// The first eight bytes as stored, as a little-endian number.
    public let low: UInt64
    /// The last eight bytes as stored, as a little-endian number.
    public let high: UInt64

    /// Makes a GUID of its two halves.
    @inlinable
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The 16 bytes as stored.
    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: low >> (8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: high >> (8 * $0)) }
    }
}

extension GUID: CustomStringConvertible {
    /// The usual form in lower case without braces: `d10ca2fe-6fcf-4f6d-848e-b2e99266fa89`.
    public var description: String {
        let order = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15]
        let stored = bytes
        var text = ""
        for index in order {
            guard index >= 0 else {
                text += "-"
                continue
            }
            let digits = String(stored[index], radix: 16)
            text += digits.count == 1 ? "0" + digits : digits
        }
        return text
    }
}
