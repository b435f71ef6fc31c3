// Layer: StationSeries/Streams. Used by: integer and float streams.
// Numbers of any width, one behind the other, each with its lowest bit first.

/// Appends bits to bytes.
struct BitWriter {
    private var pool: UInt64 = 0
    private var held = 0

    /// Appends the low `width` bits, 0 to 64.
    @inline(__always)
    mutating func append(_ value: UInt64, _ width: Int, to bytes: inout [UInt8]) {
        if width > 32 {
            half(value & 0xFFFF_FFFF, 32, &bytes)
            half(value &>> 32, width - 32, &bytes)
        } else {
            half(value, width, &bytes)
        }
    }

    /// At most 32 bits, so that the pool, which holds up to 7, has room.
    @inline(__always)
    private mutating func half(_ value: UInt64, _ width: Int, _ bytes: inout [UInt8]) {
        pool |= (value & ((1 &<< UInt64(width)) - 1)) &<< UInt64(held)
        held += width
        while held >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pool))
            pool &>>= 8
            held -= 8
        }
    }

    /// Fills the last byte with zeros.
    mutating func flush(to bytes: inout [UInt8]) {
        if held > 0 { bytes.append(UInt8(truncatingIfNeeded: pool)) }
        pool = 0
        held = 0
    }
}

/// Reads what `BitWriter` wrote, a byte at a time, from the cursor's place.
struct BitReader {
    private var pool: UInt64 = 0
    private var held = 0

    /// The next `width` bits, 0 to 64.
    @inline(__always)
    mutating func read(
        _ width: Int, _ cursor: inout ByteCursor, _ bytes: Span<UInt8>
    ) throws(SeriesFormatError) -> UInt64 {
        if width <= 32 { return try half(width, &cursor, bytes) }
        let low = try half(32, &cursor, bytes)
        return low | (try half(width - 32, &cursor, bytes)) &<< 32
    }

    /// At most 32 bits, so that the pool never holds more than 39.
    @inline(__always)
    private mutating func half(
        _ width: Int, _ cursor: inout ByteCursor, _ bytes: Span<UInt8>
    ) throws(SeriesFormatError) -> UInt64 {
        while held < width {
            pool |= UInt64(try cursor.byte(bytes)) &<< UInt64(held)
            held += 8
        }
        let value = pool & ((1 &<< UInt64(width)) - 1)
        pool &>>= UInt64(width)
        held -= width
        return value
    }
}
