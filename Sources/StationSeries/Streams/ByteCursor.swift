// Layer: StationSeries/Streams. Used by: every decoder of the module.
// A place in bytes that come from outside: each read is checked against their end and moves on.

/// Reads numbers; the bytes are handed to each call, because a span can't be stored.
struct ByteCursor {
    /// What is read, for errors.
    let record: SeriesFormatError.Record
    /// The next byte.
    var offset = 0

    init(_ record: SeriesFormatError.Record) { self.record = record }

    /// An error at the next byte, or at `place`.
    func error(_ reason: SeriesFormatError.Reason, at place: Int? = nil) -> SeriesFormatError {
        SeriesFormatError(record, reason, at: place ?? offset)
    }

    /// One byte.
    @inline(__always)
    mutating func byte(_ bytes: Span<UInt8>) throws(SeriesFormatError) -> UInt8 {
        guard offset < bytes.count else { throw error(.truncated) }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// The version byte at the start of a record, which must be 1.
    mutating func version(_ bytes: Span<UInt8>) throws(SeriesFormatError) {
        let version = try byte(bytes)
        guard version == 1 else { throw error(.version(version), at: offset - 1) }
    }

    /// A number in groups of 7 bits, the lowest first; the top bit of a byte says that another follows.
    @inline(__always)
    mutating func varint(_ bytes: Span<UInt8>) throws(SeriesFormatError) -> UInt64 {
        let first = try byte(bytes)
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let next = try byte(bytes)
            // The tenth byte has room for one bit.
            if shift == 63, next > 1 { throw error(.range, at: offset - 1) }
            value |= UInt64(next & 0x7F) &<< shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    /// A number that may be at most `limit`.
    @inline(__always)
    mutating func varint(_ bytes: Span<UInt8>, upTo limit: UInt64) throws(SeriesFormatError) -> UInt64 {
        let place = offset
        let value = try varint(bytes)
        guard value <= limit else { throw error(.range, at: place) }
        return value
    }

    /// A number with a sign as a varint in zigzag order.
    @inline(__always)
    mutating func zigzag(_ bytes: Span<UInt8>) throws(SeriesFormatError) -> UInt64 {
        try varint(bytes).fromZigzag
    }

    /// A little-endian number of so many bytes, at most 8.
    @inline(__always)
    mutating func little(_ bytes: Span<UInt8>, byteCount: Int) throws(SeriesFormatError) -> UInt64 {
        guard byteCount <= bytes.count - offset else { throw error(.truncated, at: bytes.count) }
        var value: UInt64 = 0
        for index in 0..<byteCount { value |= UInt64(bytes[offset + index]) &<< UInt64(8 &* index) }
        offset += byteCount
        return value
    }

    /// Nothing may stand behind a record.
    func end(_ bytes: Span<UInt8>) throws(SeriesFormatError) {
        guard offset == bytes.count else { throw error(.trailing) }
    }
}

extension UInt64 {
    /// 0, -1, 1, -2 … (two's complement) to 0, 1, 2, 3 …
    @inline(__always) var toZigzag: UInt64 { (self &<< 1) ^ UInt64(bitPattern: Int64(bitPattern: self) &>> 63) }

    /// The way back.
    @inline(__always) var fromZigzag: UInt64 { (self &>> 1) ^ (0 &- (self & 1)) }

    /// The bits from the first to the last 1.
    @inline(__always) var bitWidthInUse: Int { 64 - leadingZeroBitCount }
}

extension [UInt8] {
    /// Appends a number in groups of 7 bits.
    @inline(__always)
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends the low bytes of a number, the lowest first.
    @inline(__always)
    mutating func appendLittle(_ value: UInt64, byteCount: Int) {
        for index in 0..<byteCount { append(UInt8(truncatingIfNeeded: value &>> UInt64(8 &* index))) }
    }
}
