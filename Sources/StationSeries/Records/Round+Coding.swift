// Layer: StationSeries/Records. Uses: ByteCursor. Used by: the store, for the table of rounds.
// The bytes of a round record: docs/format/samples.md.

extension Round {
    /// The flags behind the version: the verdict in bits 0 and 1.
    private enum Flag {
        static let upTime: UInt8 = 4
        /// Series ascend: differences less one, without a sign.
        static let ascending: UInt8 = 8
        static let all: UInt8 = 15
    }

    /// The record's bytes. At most `maximumValueCount` values.
    public func encoded() -> [UInt8] {
        precondition(values.count <= Self.maximumValueCount, "a round with more values than a record holds")
        var last: Int64 = 0
        var isAscending = true
        for value in values {
            isAscending = isAscending && Int64(value.series) > last
            last = Int64(value.series)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24 + values.count * 7)
        bytes.append(1)
        bytes.append(verdict.rawValue | (upTime == nil ? 0 : Flag.upTime) | (isAscending ? Flag.ascending : 0))
        bytes.appendLittle(UInt64(bitPattern: time), byteCount: 8)
        if let upTime { bytes.appendVarint(UInt64(upTime)) }
        bytes.appendVarint(UInt64(durationMicroseconds))
        bytes.appendVarint(UInt64(requests))
        bytes.appendVarint(UInt64(values.count))
        last = 0
        for entry in values {
            let series = Int64(entry.series)
            let step = UInt64(bitPattern: series - last)
            last = series
            let type = entry.value.type
            let bits = type.held(entry.value.bits)
            bytes.appendVarint((isAscending ? step - 1 : step.toZigzag) &<< 3 | type.code)
            switch type {
            case .integer32: bytes.appendVarint(bits.toZigzag)
            case .float: bytes.appendLittle(bits, byteCount: 4)
            case .double: bytes.appendLittle(bits, byteCount: 8)
            case .counter32, .gauge32, .timeTicks, .counter64: bytes.appendVarint(bits)
            }
        }
        return bytes
    }

    /// Reads a record. Throws if the bytes are none.
    public init(decoding bytes: [UInt8]) throws(SeriesFormatError) {
        try self.init(decoding: bytes.span)
    }

    /// Reads a record. Throws if the bytes are none.
    public init(decoding bytes: RawSpan) throws(SeriesFormatError) {
        try self.init(decoding: Span<UInt8>(_bytes: bytes))
    }

    private init(decoding bytes: Span<UInt8>) throws(SeriesFormatError) {
        var reader = try Reader(bytes)
        var values: [SeriesValue] = []
        // A value takes two bytes at least, which the reader has checked.
        values.reserveCapacity(reader.left)
        while let value = try reader.next(bytes) { values.append(value) }
        self.init(head: reader.head, values: values)
    }

    /// All but the values, without looking at those. Throws if the bytes are no record.
    public static func head(of bytes: [UInt8]) throws(SeriesFormatError) -> RoundHead {
        try Reader(bytes.span).head
    }

    /// All but the values, without looking at those. Throws if the bytes are no record.
    public static func head(of bytes: RawSpan) throws(SeriesFormatError) -> RoundHead {
        try Reader(Span<UInt8>(_bytes: bytes)).head
    }

    /// The value of one series, nil if the round has none. Looks no further than it; allocates nothing. Throws if the
    /// bytes up to there are no record.
    public static func value(of series: Int32, in bytes: [UInt8]) throws(SeriesFormatError) -> RawValue? {
        try value(of: series, in: bytes.span)
    }

    /// The value of one series, nil if the round has none. Looks no further than it; allocates nothing. Throws if the
    /// bytes up to there are no record.
    public static func value(of series: Int32, in bytes: RawSpan) throws(SeriesFormatError) -> RawValue? {
        try value(of: series, in: Span<UInt8>(_bytes: bytes))
    }

    private static func value(of series: Int32, in bytes: Span<UInt8>) throws(SeriesFormatError) -> RawValue? {
        var reader = try Reader(bytes)
        while let entry = try reader.next(bytes) {
            if entry.series == series { return entry.value }
            if reader.isAscending, entry.series > series { return nil }
        }
        return nil
    }

    /// Goes through a record's values.
    private struct Reader {
        private var cursor: ByteCursor
        let head: RoundHead
        let isAscending: Bool
        /// How many values follow.
        private(set) var left: Int
        private var last: Int64 = 0

        init(_ bytes: Span<UInt8>) throws(SeriesFormatError) {
            cursor = ByteCursor(.round)
            try cursor.version(bytes)
            let flags = try cursor.byte(bytes)
            guard flags <= Flag.all, let verdict = RoundVerdict(rawValue: flags & 3) else {
                throw cursor.error(.code(UInt64(flags)), at: cursor.offset - 1)
            }
            isAscending = flags & Flag.ascending != 0
            let time = Int64(bitPattern: try cursor.little(bytes, byteCount: 8))
            let upTime: UInt32? =
                flags & Flag.upTime == 0
                ? nil : UInt32(truncatingIfNeeded: try cursor.varint(bytes, upTo: 0xFFFF_FFFF))
            let duration = try cursor.varint(bytes, upTo: 0xFFFF_FFFF)
            let requests = try cursor.varint(bytes, upTo: 0xFFFF)
            head = RoundHead(
                time: time, upTime: upTime, verdict: verdict,
                durationMicroseconds: UInt32(truncatingIfNeeded: duration),
                requests: UInt16(truncatingIfNeeded: requests))
            let place = cursor.offset
            let count = try cursor.varint(bytes)
            guard count <= Round.maximumValueCount, Int(count) * 2 <= bytes.count - cursor.offset else {
                throw cursor.error(.count(count), at: place)
            }
            left = Int(count)
        }

        @inline(__always)
        mutating func next(_ bytes: Span<UInt8>) throws(SeriesFormatError) -> SeriesValue? {
            guard left > 0 else {
                try cursor.end(bytes)
                return nil
            }
            left -= 1
            let place = cursor.offset
            let tag = try cursor.varint(bytes)
            guard let type = SampleType(code: tag & 7) else { throw cursor.error(.code(tag & 7), at: place) }
            // 61 bits, so neither the step nor the sum can overflow.
            let step = Int64(bitPattern: isAscending ? tag &>> 3 : (tag &>> 3).fromZigzag)
            guard let series = Int32(exactly: last + step + (isAscending ? 1 : 0)) else {
                throw cursor.error(.range, at: place)
            }
            last = Int64(series)
            let valuePlace = cursor.offset
            let bits =
                switch type {
                case .integer32: try cursor.zigzag(bytes)
                case .float: try cursor.little(bytes, byteCount: 4)
                case .double: try cursor.little(bytes, byteCount: 8)
                case .counter32, .gauge32, .timeTicks, .counter64: try cursor.varint(bytes)
                }
            guard type.held(bits) == bits else { throw cursor.error(.range, at: valuePlace) }
            return SeriesValue(series: series, value: RawValue(type: type, bits: bits))
        }
    }
}
