// Layer: StationTestKit. Uses: ServedLog, StationStore. Used by: benchmarks, tests.
// Compares what a station recorded with what the agents served: each round, each value, in order; nothing missing,
// nothing more.

import SNMPCodec
import StationSeries
public import StationStore

/// What became of what a fleet served.
public struct FleetCheck: Sendable {
    /// Devices that were compared.
    public private(set) var devices = 0
    /// Rounds that are recorded, and equal.
    public private(set) var rounds = 0
    /// Samples that are recorded, and equal.
    public private(set) var samples = 0
    /// What differs, for people; the first twenty.
    public private(set) var differences: [String] = []
    /// How much differs.
    public private(set) var differenceCount = 0
    /// Rounds that are missing by the times at which the agents were asked.
    public private(set) var missedRounds = 0
    /// Rounds that were under way when the station ended, at most one of each device.
    public private(set) var unfinishedRounds = 0
    /// Those of them for which the agent had answered all that was asked.
    public private(set) var unfinishedAnsweredRounds = 0
    /// Requests that came twice: the answer was late.
    public private(set) var repeatedRequests = 0
    /// How much later than at the best time of its device each round began, in seconds, ascending.
    public private(set) var lateness: [Double] = []

    /// Nothing compared yet.
    public init() {}

    /// Whether all is as it has to be.
    public var isRight: Bool { differenceCount == 0 && missedRounds == 0 && samples > 0 }

    /// The lateness that so great a part of the rounds don't exceed.
    public func lateness(at share: Double) -> Double {
        lateness.isEmpty ? 0 : lateness[min(Int(share * Double(lateness.count)), lateness.count - 1)]
    }

    private mutating func differ(_ text: @autoclosure () -> String) {
        differenceCount += 1
        if differences.count < 20 { differences.append(text()) }
    }

    private static let sysUpTime: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 3, 0]

    /// Compares devices. The station must not have run longer than half an hour, after which it reads tables again.
    /// - Parameters:
    ///   - logs: What the devices served, in their order.
    ///   - interval: The time between rounds, in seconds.
    public mutating func compare(
        _ logs: [ServedLog], of fleet: [FleetDevice], in reader: Reader, interval: Int
    ) throws(StoreError) {
        for (device, log) in zip(fleet, logs) {
            guard let record = try reader.device(named: device.name) else {
                differ("\(device.name) is not recorded at all")
                continue
            }
            try compare(log, record, reader, Int64(interval) * 1_000_000_000)
        }
        lateness.sort()
    }

    private mutating func compare(
        _ log: ServedLog, _ device: DeviceRecord, _ reader: Reader, _ interval: Int64
    ) throws(StoreError) {
        devices += 1
        var places: [String: Int] = [:]
        for (place, name) in log.names.enumerated() { places[name.description] = place }
        guard let upTime = places[Self.sysUpTime.description] else {
            return differ("\(device.name) has no sysUpTime")
        }
        let served = rounds(log, upTime, interval)
        noteTimes(served, interval)
        var stored: [RoundHead] = []
        try reader.rounds(of: device.id, in: .min ..< .max) { (head) in
            stored.append(head)
            return true
        }
        guard served.count == stored.count || served.count == stored.count + 1 else {
            return differ("\(device.name): \(served.count) rounds were served, \(stored.count) are recorded")
        }
        unfinishedRounds += served.count - stored.count
        for (number, head) in stored.enumerated() {
            if head.verdict != .complete { differ("\(device.name), round \(number): it is \(head.verdict)") }
            let said = head.upTime.map { RawValue(type: .timeTicks, bits: UInt64($0)) }
            if !served[number].has(said, at: upTime) { differ("\(device.name), round \(number): another sysUpTime") }
        }
        var seen: Set<Int> = [upTime]
        for series in try reader.series(of: device.id) {
            guard let place = places[series.oid], seen.insert(place).inserted else {
                differ("\(device.name): a series of \(series.oid), which is not there or there twice")
                continue
            }
            var number = 0
            var wrong = 0
            try reader.samples(of: series.id, in: .min ..< .max) { reading in
                defer { number += 1 }
                let isEqual =
                    number < served.count && reading.upTime == stored[number].upTime
                    && served[number].has(reading.value, at: place)
                if !isEqual { wrong += 1 }
                return true
            }
            if wrong > 0 || number != stored.count {
                differ("\(device.name), \(series.metric) \(series.oid): \(wrong) of \(number) samples differ")
            }
            samples += number - wrong
        }
        for (number, round) in served.prefix(stored.count).enumerated() where round.places != seen {
            let (missing, more) = (seen.subtracting(round.places).count, round.places.subtracting(seen).count)
            differ("\(device.name), round \(number): \(more) values are no series, \(missing) were not asked for")
        }
        if served.count > stored.count, served.last?.places == seen { unfinishedAnsweredRounds += 1 }
        rounds += stored.count
    }

    // MARK: Rounds as the agent saw them.

    private struct ServedRound {
        var start: Int64
        /// The first answer by places.
        var values: [RawValue?]
        /// Answers to repeated requests.
        var others: [(place: Int, value: RawValue)] = []
        var places: Set<Int> { Set(values.indices.filter { values[$0] != nil }) }

        func has(_ value: RawValue?, at place: Int) -> Bool {
            guard let value else { return false }
            return values[place] == value || others.contains { $0.place == place && $0.value == value }
        }
    }

    /// What was served after the last walk, by rounds, which begin with a request that has sysUpTime first.
    private mutating func rounds(_ log: ServedLog, _ upTime: Int, _ interval: Int64) -> [ServedRound] {
        var result: [ServedRound] = []
        let first = (log.values.lastIndex { $0.place == -1 } ?? -1) + 1
        var last: Int64?
        for value in log.values[first...] {
            let isNewRequest = value.at != last
            last = value.at
            let place = Int(value.place)
            let isFarOff = result.last.map { value.at - $0.start > interval / 4 } ?? true
            if isNewRequest, place == upTime, isFarOff {
                result.append(ServedRound(start: value.at, values: Array(repeating: nil, count: log.names.count)))
            }
            guard let current = result.indices.last else {
                differ("values were served before the first round")
                return []
            }
            if result[current].values[place] == nil {
                result[current].values[place] = value.value
            } else {
                if isNewRequest { repeatedRequests += 1 }
                result[current].others.append((place, value.value))
            }
        }
        return result
    }

    private mutating func noteTimes(_ served: [ServedRound], _ interval: Int64) {
        for (number, (a, b)) in zip(served, served.dropFirst()).enumerated() {
            // The second round stands where the schedule wants it, up to one and a half intervals after the first.
            let most = number == 0 ? interval * 7 / 4 : interval * 3 / 2
            if b.start - a.start > most { missedRounds += Int((b.start - a.start + interval / 2) / interval) - 1 }
        }
        let offsets = served.enumerated().dropFirst().map { $1.start - Int64($0) * interval }
        guard let best = offsets.min() else { return }
        for offset in offsets { lateness.append(Double(offset - best) / 1e9) }
    }
}
