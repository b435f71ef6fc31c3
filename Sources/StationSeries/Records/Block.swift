// Layer: StationSeries/Records. Uses: Streams. Used by: the store, for the table of blocks.
// The values of one series in many rounds: which rounds have one, then stretches of one type each.

/// The values of one series, one entry for each head of the time line with the same start.
public struct Block: Hashable, Sendable {
    /// What the device said in each round; nil if it didn't.
    public var values: [RawValue?]

    /// A block; at most `Timeline.maximumCount` entries.
    public init(values: [RawValue?]) { self.values = values }

    /// The record's bytes: docs/format/samples.md.
    public func encoded() -> [UInt8] {
        precondition(values.count <= Timeline.maximumCount, "a block with more entries than a record holds")
        var bytes: [UInt8] = [1]
        bytes.appendVarint(UInt64(values.count))
        Presence.append(values.map { $0 != nil }, to: &bytes)
        let present = values.compactMap { $0 }
        var start = 0
        while start < present.count {
            let type = present[start].type
            var end = start + 1
            while end < present.count, present[end].type == type { end += 1 }
            bytes.append(type.rawValue)
            bytes.appendVarint(end == present.count ? 0 : UInt64(end - start))
            let bits = present[start..<end].map { type.held($0.bits) }
            switch type {
            case .float, .double: FloatStream.append(bits, isDouble: type == .double, to: &bytes)
            case .integer32, .counter32, .gauge32, .timeTicks, .counter64: IntegerStream.append(bits, to: &bytes)
            }
            start = end
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
        var cursor = ByteCursor(.block)
        let count = try cursor.entryCount(bytes)
        let runs = try Presence.read(&cursor, bytes, count: count)
        values = []
        values.reserveCapacity(count)
        while values.count < runs.present { try readStretch(&cursor, bytes, upTo: runs.present) }
        try cursor.end(bytes)
        if runs.present < count { spread(runs, count) }
    }

    /// Appends the values of one stretch of equal types.
    private mutating func readStretch(
        _ cursor: inout ByteCursor, _ bytes: Span<UInt8>, upTo present: Int
    ) throws(SeriesFormatError) {
        let code = try cursor.byte(bytes)
        guard let type = SampleType(rawValue: code) else {
            throw cursor.error(.code(UInt64(code)), at: cursor.offset - 1)
        }
        let left = present - values.count
        var length = Int(try cursor.varint(bytes, upTo: UInt64(left)))
        if length == 0 { length = left }
        switch type {
        case .float, .double:
            try FloatStream.read(&cursor, bytes, count: length, isDouble: type == .double) {
                value throws(SeriesFormatError) in values.append(RawValue(type: type, bits: value))
            }
        case .integer32, .counter32, .gauge32, .timeTicks, .counter64:
            let tooLarge = cursor.error(.range)
            try IntegerStream.read(&cursor, bytes, count: length) { value throws(SeriesFormatError) in
                guard type.held(value) == value else { throw tooLarge }
                values.append(RawValue(type: type, bits: value))
            }
        }
    }

    /// Moves the values, which stand at the start, to their places.
    private mutating func spread(_ runs: Presence.Runs, _ count: Int) {
        var spread = [RawValue?](repeating: nil, count: count)
        var next = 0
        runs.forEachPresent(count: count) { index in
            spread[index] = values[next]
            next += 1
        }
        values = spread
    }
}
