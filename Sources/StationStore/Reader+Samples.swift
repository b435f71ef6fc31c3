// Layer: StationStore. Uses: Reader, StationSeries. Used by: Station.
// Samples out of blocks and of rounds that aren't packed yet, in the order of their arrival.

import ESE
public import StationSeries

extension Reader {
    /// Hands out the samples of a series whose time is in a range, in the order of their arrival, until `body` says
    /// false. Each round of the device gives one; the value is nil if the round lacks the series.
    /// - Parameters:
    ///   - id: The series.
    ///   - range: Microseconds since 1970 UTC.
    ///   - discontinuity: A series whose values go along as `Reading.discontinuity`, such as
    ///     ifCounterDiscontinuityTime of the same interface.
    /// - Throws: `noSeries`; `damaged` for a block that can't be read; what reading throws.
    public func samples(
        of id: Int32, in range: Range<Int64>, discontinuity: Int32? = nil, _ body: (Reading) -> Bool
    ) throws(StoreError) {
        try read { (tables) throws(JetError) in
            guard let series = try tables.livingSeries(id) else { throw tables.fail(.noSeries(id)) }
            let isFinished = try tables.packed(series.device, range) { (start, heads) throws(JetError) in
                let values = try tables.values(of: id, start)
                let marks = if let discontinuity { try tables.values(of: discontinuity, start) } else { [RawValue?]() }
                for (place, head) in heads.enumerated() where range.contains(head.time) {
                    let reading = Reading(
                        time: head.time, upTime: head.upTime, value: place < values.count ? values[place] : nil,
                        discontinuity: place < marks.count ? marks[place]?.bits : nil)
                    if !body(reading) { return false }
                }
                return true
            }
            guard isFinished else { return }
            try tables.unpacked(series.device, range) { (bytes) throws(JetError) in
                let head = try tables.reading("a round of device \(series.device)") { () throws(SeriesFormatError) in
                    try Round.head(of: bytes)
                }
                guard range.contains(head.time) else { return true }
                let (value, mark) = try tables.reading("a round of device \(series.device)") {
                    () throws(SeriesFormatError) in
                    (
                        try Round.value(of: id, in: bytes),
                        try discontinuity.flatMap { (mark) throws(SeriesFormatError) in
                            try Round.value(of: mark, in: bytes)
                        }
                    )
                }
                return body(
                    Reading(time: head.time, upTime: head.upTime, value: value, discontinuity: mark?.bits))
            }
        }
    }

    /// Hands out the heads of a device's rounds whose time is in a range, in the order of their arrival, until `body`
    /// says false.
    /// - Throws: `noDevice`; `damaged`; what reading throws.
    public func rounds(
        of device: Int32, in range: Range<Int64>, _ body: (RoundHead) -> Bool
    ) throws(StoreError) {
        try read { (tables) throws(JetError) in
            guard try tables.findDevice(device) else { throw tables.fail(.noDevice(device)) }
            let isFinished = try tables.packed(device, range) { (_, heads) throws(JetError) in
                heads.allSatisfy { !range.contains($0.time) || body($0) }
            }
            guard isFinished else { return }
            try tables.unpacked(device, range) { (bytes) throws(JetError) in
                let head = try tables.reading("a round of device \(device)") { () throws(SeriesFormatError) in
                    try Round.head(of: bytes)
                }
                return !range.contains(head.time) || body(head)
            }
        }
    }

    /// A series' newest value.
    public struct Newest: Hashable, Sendable {
        /// When it came, in microseconds since 1970 UTC.
        public var time: Int64
        /// The value.
        public var value: RawValue
    }

    /// How many time lines are searched for newest values.
    private static let newestTimelines = 4

    /// The newest value of each series of a device, by the series' numbers. Series that the last some hundred rounds
    /// lack have none.
    /// - Throws: `noDevice`; `damaged`; what reading throws.
    public func newest(of device: Int32) throws(StoreError) -> [Int32: Newest] {
        try read { (tables) throws(JetError) in
            guard try tables.findDevice(device) else { throw tables.fail(.noDevice(device)) }
            let series = try tables.seriesNumbers(of: device)
            var found: [Int32: Newest] = [:]
            for waiting in try tables.waiting(device, .min ..< .max).reversed() where found.count < series.count {
                guard try tables.findRound(device, waiting.key) else { continue }
                try tables.withRoundBytes { (bytes) throws(JetError) in
                    let round = try tables.reading("a round of device \(device)") { () throws(SeriesFormatError) in
                        try Round(decoding: bytes)
                    }
                    for value in round.values where found[value.series] == nil {
                        found[value.series] = Newest(time: round.time, value: value.value)
                    }
                }
            }
            var starts: [Int64] = []
            let column = tables.timeline.start
            try tables.timelines.scan(equal: [.integer(Int64(device))], backward: true) { (row) throws(JetError) in
                starts.append(try row[column] ?? 0)
                return starts.count < Self.newestTimelines
            }
            for start in starts where found.count < series.count {
                guard try tables.findTimeline(device, start) else { continue }
                let heads = try tables.heads(device, start)
                for id in series where found[id] == nil {
                    let values = try tables.values(of: id, start)
                    guard let place = values.lastIndex(where: { $0 != nil }), let value = values[place],
                        place < heads.count
                    else { continue }
                    found[id] = Newest(time: heads[place].time, value: value)
                }
            }
            // Rounds may have values of series that are unknown.
            let known = Set(series)
            return found.filter { known.contains($0.key) }
        }
    }
}

/// What tells where a device's rounds are: a time line by its start, or a round by its key.
struct Place {
    var key: Int64
    var arrival: Int64
}

extension Tables {
    /// Turns an error of the bytes into one of the store.
    func reading<Result>(
        _ what: String, _ body: () throws(SeriesFormatError) -> Result
    ) throws(JetError) -> Result {
        do throws(SeriesFormatError) { return try body() } catch { throw fail(.damaged(what)) }
    }

    /// In the order of arrival. They come in that of the clock, which is another one only after it was put back.
    private func ordered(_ places: [Place]) -> [Place] {
        let isOrdered = zip(places, places.dropFirst()).allSatisfy { $0.arrival < $1.arrival }
        return isOrdered ? places : places.sorted { $0.arrival < $1.arrival }
    }

    /// Hands out the time lines of a device that have times in a range. False if `body` said so.
    func packed(
        _ device: Int32, _ range: Range<Int64>, _ body: (Int64, [RoundHead]) throws(JetError) -> Bool
    ) throws(JetError) -> Bool {
        guard !range.isEmpty else { return true }
        var places: [Place] = []
        let column = timeline
        let number = KeyValue.integer(Int64(device))
        let from = range.lowerBound.clampedMinus(.blockSpanLimit + .keySlack)
        let to = range.upperBound.clampedPlus(.keySlack)
        try timelines.scan(
            from: .including([number, .integer(from)]), to: .including([number, .integer(to)])
        ) { (row) throws(JetError) in
            if try row[column.last] ?? 0 >= range.lowerBound {
                places.append(Place(key: try row[column.start] ?? 0, arrival: try row[column.arrival] ?? 0))
            }
            return true
        }
        for place in ordered(places) {
            guard try findTimeline(device, place.key) else { continue }
            if try !body(place.key, try heads(device, place.key)) { return false }
        }
        return true
    }

    /// The heads of the time line that the cursor is on.
    func heads(_ device: Int32, _ start: Int64) throws(JetError) -> [RoundHead] {
        let column = timeline.data
        return try timelines.withRow { (row) throws(JetError) in
            try row.withBytes(column) { (bytes) throws(JetError) in
                try reading("the time line of device \(device) at \(start)") { () throws(SeriesFormatError) in
                    try Timeline(decoding: bytes).heads
                }
            } ?? []
        }
    }

    /// The values of a block; none if there is no block.
    func values(of series: Int32, _ start: Int64) throws(JetError) -> [RawValue?] {
        guard try findBlock(series, start) else { return [] }
        let column = block.data
        return try blocks.withRow { (row) throws(JetError) in
            try row.withBytes(column) { (bytes) throws(JetError) in
                try reading("the block of series \(series) at \(start)") { () throws(SeriesFormatError) in
                    try Block(decoding: bytes).values
                }
            } ?? []
        }
    }

    /// The rounds of a device that aren't packed and may have times in a range, in the order of their arrival.
    func waiting(_ device: Int32, _ range: Range<Int64>) throws(JetError) -> [Place] {
        guard !range.isEmpty else { return [] }
        var places: [Place] = []
        let column = round
        let number = KeyValue.integer(Int64(device))
        let to = range.upperBound.clampedPlus(.keySlack)
        try rounds.scan(
            from: .including([number, .integer(range.lowerBound)]), to: .including([number, .integer(to)])
        ) { (row) throws(JetError) in
            places.append(Place(key: try row[column.time] ?? 0, arrival: try row[column.arrival] ?? 0))
            return true
        }
        return ordered(places)
    }

    /// Lends the bytes of the rounds of a device that aren't packed and may have times in a range.
    func unpacked(
        _ device: Int32, _ range: Range<Int64>, _ body: (RawSpan) throws(JetError) -> Bool
    ) throws(JetError) {
        for place in try waiting(device, range) {
            guard try findRound(device, place.key) else { continue }
            var goesOn = true
            try withRoundBytes { (bytes) throws(JetError) in goesOn = try body(bytes) }
            if !goesOn { return }
        }
    }

    /// Lends the bytes of the round that the cursor is on.
    func withRoundBytes(_ body: (RawSpan) throws(JetError) -> Void) throws(JetError) {
        let column = round.data
        try rounds.withRow { (row) throws(JetError) in
            _ = try row.withBytes(column) { (bytes) throws(JetError) in try body(bytes) }
        }
    }
}
