// Layer: StationSeries/Records. Uses: Streams. Used by: the store, for the table of time lines.
// The heads of packed rounds, column by column. The blocks with the same start have an entry for each.

/// The heads of many rounds of one device, in the order of their arrival.
public struct Timeline: Hashable, Sendable {
    /// A time line holds at most so many rounds, and a block so many entries.
    public static let maximumCount = 65_536

    /// The rounds without their values.
    public var heads: [RoundHead]

    /// A time line; at most `maximumCount` heads.
    public init(heads: [RoundHead]) { self.heads = heads }

    /// The record's bytes: docs/format/samples.md.
    public func encoded() -> [UInt8] {
        precondition(heads.count <= Self.maximumCount, "a time line with more rounds than a record holds")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 + heads.count * 4)
        bytes.append(1)
        bytes.appendVarint(UInt64(heads.count))
        IntegerStream.append(heads.map { UInt64(bitPattern: $0.time) }, to: &bytes)
        Presence.append(heads.map { $0.upTime != nil }, to: &bytes)
        IntegerStream.append(heads.compactMap { $0.upTime.map(UInt64.init) }, to: &bytes)
        IntegerStream.append(heads.map { UInt64($0.verdict.rawValue) }, to: &bytes)
        IntegerStream.append(heads.map { UInt64($0.durationMicroseconds) }, to: &bytes)
        IntegerStream.append(heads.map { UInt64($0.requests) }, to: &bytes)
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
        var cursor = ByteCursor(.timeline)
        let count = try cursor.entryCount(bytes)
        heads = []
        heads.reserveCapacity(count)
        for time in try cursor.column(bytes, count, upTo: .max) {
            heads.append(RoundHead(time: Int64(bitPattern: time)))
        }
        let runs = try Presence.read(&cursor, bytes, count: count)
        let upTimes = try cursor.column(bytes, runs.present, upTo: 0xFFFF_FFFF)
        var next = 0
        runs.forEachPresent(count: count) { index in
            heads[index].upTime = UInt32(truncatingIfNeeded: upTimes[next])
            next += 1
        }
        let place = cursor.offset
        for (index, code) in try cursor.column(bytes, count, upTo: 0xFF).enumerated() {
            guard let verdict = RoundVerdict(rawValue: UInt8(truncatingIfNeeded: code)) else {
                throw cursor.error(.code(code), at: place)
            }
            heads[index].verdict = verdict
        }
        for (index, duration) in try cursor.column(bytes, count, upTo: 0xFFFF_FFFF).enumerated() {
            heads[index].durationMicroseconds = UInt32(truncatingIfNeeded: duration)
        }
        for (index, requests) in try cursor.column(bytes, count, upTo: 0xFFFF).enumerated() {
            heads[index].requests = UInt16(truncatingIfNeeded: requests)
        }
        try cursor.end(bytes)
    }
}

extension ByteCursor {
    /// Version and number of entries, at the start of time lines and blocks.
    mutating func entryCount(_ bytes: Span<UInt8>) throws(SeriesFormatError) -> Int {
        try version(bytes)
        let place = offset
        let count = try varint(bytes)
        guard count <= Timeline.maximumCount else { throw error(.count(count), at: place) }
        return Int(count)
    }

    /// A stream of `count` integers, none above `limit`.
    mutating func column(_ bytes: Span<UInt8>, _ count: Int, upTo limit: UInt64) throws(SeriesFormatError) -> [UInt64] {
        var values: [UInt64] = []
        values.reserveCapacity(count)
        let tooLarge = error(.range)
        try IntegerStream.read(&self, bytes, count: count) { value throws(SeriesFormatError) in
            guard value <= limit else { throw tooLarge }
            values.append(value)
        }
        return values
    }
}
