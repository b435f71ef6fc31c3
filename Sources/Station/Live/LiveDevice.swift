// Layer: Station/Live. Uses: StationPoller (DevicePlan), StationStore, StationSeries. Used by: LiveState, views.
// What is known of a device at this moment: its newest values, and the rates that the last two rounds make.

import Primitives
import SNMPCodec
public import StationPoller
public import StationSeries
public import StationStore

/// The newest value of one series, and what it does.
public struct LiveValue: Sendable {
    /// What the device said last; nil before, or if the last round lacks it.
    public var value: RawValue?
    /// When, in microseconds since 1970 UTC.
    public var time: Int64 = 0
    /// The growth a second of a counter, between the last two rounds; nil for others, and unless the state is good.
    public var perSecond: Double?
    /// What is known of the rate.
    public var state = RateState.gap

    fileprivate var machine: RateMachine?
}

/// A device as it is now.
public struct LiveDevice: Sendable {
    /// What is kept of it.
    public internal(set) var record: DeviceRecord
    /// Whether it answers.
    public internal(set) var state = DeviceState.new
    /// Since when, in microseconds since 1970 UTC.
    public internal(set) var since: Int64
    /// Why it is down, for people; empty without.
    public internal(set) var message = ""
    /// When it last answered, in microseconds since 1970 UTC; nil: not since the station was started.
    public internal(set) var lastSeen: Int64?
    /// How its last round went.
    public internal(set) var verdict: RoundVerdict?
    /// Why the last round is not whole, for people; empty if it is.
    public internal(set) var verdictText = ""
    /// The round-trip time of the last answer, in microseconds.
    public internal(set) var roundTripMicroseconds: Int64?
    /// sysUpTime in the last round, in hundredths of a second.
    public internal(set) var upTime: UInt32?
    /// What there is on it.
    public internal(set) var plan = DevicePlan()
    /// The records of the plan's objects, in its order.
    public internal(set) var objects: [ObjectRecord] = []
    /// The records of the plan's instances, in its order.
    public internal(set) var series: [SeriesRecord] = []
    /// The newest values of the plan's instances, in its order.
    public internal(set) var values: [LiveValue] = []
    /// Traffic of the last hour.
    public internal(set) var traffic = TrafficHistory()

    /// For each instance the one that tells when its counters began anew; -1: none.
    private var discontinuities: [Int32] = []
    /// The places of a metric's instances.
    private var places: [Int: [Int]] = [:]

    /// A device that was not asked yet.
    init(_ record: DeviceRecord, now: Int64) {
        self.record = record
        since = now
    }

    /// The time between rounds in microseconds.
    public var interval: Int64 { Int64(record.intervalMilliseconds) * 1_000 }

    // MARK: What comes in.

    /// Takes over what was found on the device, with its records.
    mutating func adopt(_ plan: DevicePlan, objects: [ObjectRecord], series: [SeriesRecord]) {
        precondition(objects.count == plan.objects.count && series.count == plan.instances.count)
        // Values live on: a counter that is still there needs no second sample to have a rate.
        var known: [Int32: LiveValue] = [:]
        for (record, value) in zip(self.series, values) { known[record.id] = value }
        self.plan = plan
        self.objects = objects
        self.series = series
        places = [:]
        var marks: [Int: Int32] = [:]
        let mark = StationPoller.Catalogue.metric("ifCounterDiscontinuityTime")?.number
        for (place, instance) in plan.instances.enumerated() {
            places[instance.metric, default: []].append(place)
            if instance.metric == mark, let object = instance.object { marks[object] = Int32(place) }
        }
        discontinuities = plan.instances.map { $0.object.flatMap { marks[$0] } ?? -1 }
        values = zip(plan.instances, series).map { instance, record in
            if let value = known[record.id] { return value }
            var value = LiveValue()
            if instance.description.nature == .counter { value.machine = RateMachine(rules(instance)) }
            return value
        }
    }

    /// What a counter's rates are judged by.
    private func rules(_ instance: PolledInstance) -> RateRules {
        RateRules(
            maximumPerSecond: Self.maximumPerSecond(
                instance.description.name, instance.object.flatMap { plan.objects[$0].bitsPerSecond }),
            intervalMicroseconds: max(interval, 1_000))
    }

    /// The fastest that a counter of an interface can grow: its speed, with room for agents that say it roughly.
    static func maximumPerSecond(_ metric: String, _ bitsPerSecond: UInt64?) -> Double? {
        guard let bitsPerSecond, bitsPerSecond > 0 else { return nil }
        if metric.hasSuffix("Octets") { return Double(bitsPerSecond) / 8 * 1.5 }
        // The shortest frame takes 84 octets of time on the wire.
        return metric.hasPrefix("if") ? Double(bitsPerSecond) / (84 * 8) * 1.5 : nil
    }

    /// Takes over a round of the present plan.
    mutating func adopt(_ round: PolledRound) {
        verdict = round.verdict
        verdictText = round.text
        roundTripMicroseconds = round.roundTrip.map { $0.nanoseconds / 1_000 } ?? roundTripMicroseconds
        guard round.verdict != .none else { return }
        lastSeen = round.time
        upTime = round.upTime
        guard round.revision == plan.revision else { return }
        var next = 0
        for value in round.values where values.indices.contains(Int(value.instance)) {
            while next < Int(value.instance) {
                take(nil, at: next, round)
                next += 1
            }
            take(value.value, at: next, round)
            next += 1
        }
        while next < values.count {
            take(nil, at: next, round)
            next += 1
        }
        // Counters whose mark came later in the list have it by now: only its change matters, and that keeps.
        let (received, sent, _) = trafficRates()
        traffic.add(round.time, received, sent)
    }

    private mutating func take(_ value: RawValue?, at place: Int, _ round: PolledRound) {
        values[place].value = value
        values[place].time = round.time
        guard values[place].machine != nil else {
            values[place].state = value == nil ? .unknown : .ok
            return
        }
        let mark = discontinuities[place]
        let reading = Reading(
            time: round.time, upTime: round.upTime, value: value,
            discontinuity: mark < 0 ? nil : Self.value(of: mark, in: round.values)?.bits)
        guard let point = values[place].machine?.next(reading) else {
            values[place].perSecond = nil
            values[place].state = .gap
            return
        }
        values[place].perSecond = point.perSecond
        values[place].state = point.state
    }

    /// A value of a round, whose values ascend by instance.
    private static func value(of instance: Int32, in values: [PolledValue]) -> RawValue? {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle].instance < instance { low = middle + 1 } else { high = middle }
        }
        return low < values.count && values[low].instance == instance ? values[low].value : nil
    }

    // MARK: What can be asked.

    /// The places of a metric's instances, by its name.
    public func places(of metric: String) -> [Int] {
        StationPoller.Catalogue.metric(metric).flatMap { places[$0.number] } ?? []
    }

    /// The place of an object's instance of a metric; nil if it has none.
    public func place(of metric: String, object: Int) -> Int? {
        places(of: metric).first { plan.instances[$0].object == object }
    }

    /// The newest number of a metric of the device itself.
    public func number(of metric: String) -> Double? {
        places(of: metric).first.flatMap { values[$0].value?.number }
    }

    /// Bits a second received and sent, and errors and discards a second, of all interfaces but loopback; nil where
    /// nothing is known.
    public func trafficRates() -> (received: Double?, sent: Double?, errors: Double?) {
        func sum(_ metrics: [String], _ factor: Double) -> Double? {
            var sum: Double?
            for metric in metrics {
                for place in places(of: metric) where !isLoopback(plan.instances[place].object) {
                    if let rate = values[place].perSecond { sum = (sum ?? 0) + rate * factor }
                }
            }
            return sum
        }
        return (
            sum(["ifHCInOctets", "ifInOctets"], 8), sum(["ifHCOutOctets", "ifOutOctets"], 8),
            sum(["ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards"], 1)
        )
    }

    /// softwareLoopback(24) of IANAifType.
    private func isLoopback(_ object: Int?) -> Bool {
        object.map { plan.objects[$0].attributes["ifType"] == "24" } ?? false
    }

    /// ssCpuRaw parts that don't overlap, and those of them that are no work.
    static let processorParts = ["User", "Nice", "System", "Idle", "Wait", "Interrupt", "SoftIRQ", "Steal"]
    static let idleParts: Set<String> = ["Idle", "Wait"]

    /// Share of time that processors worked, in percent.
    public var processorPercent: Double? {
        var (total, idle) = (0.0, 0.0)
        for part in Self.processorParts {
            guard let place = places(of: "ssCpuRaw" + part).first, let rate = values[place].perSecond else { continue }
            total += rate
            if Self.idleParts.contains(part) { idle += rate }
        }
        if total > 0 { return (total - idle) / total * 100 }
        let loads = places(of: "hrProcessorLoad").compactMap { values[$0].value?.number }
        return loads.isEmpty ? nil : loads.reduce(0, +) / Double(loads.count)
    }

    /// Octets.
    public struct Space: Sendable {
        /// Of it all.
        public var total: Double
        /// Of what is in use.
        public var used: Double
        /// Percent in use.
        public var percent: Double { total > 0 ? min(used / total, 1) * 100 : 0 }
    }

    /// Memory, buffers and caches not counted as used.
    public var memory: Space? {
        if let total = number(of: "memTotalReal"), let free = number(of: "memAvailReal"), total > 0 {
            let unused = free + (number(of: "memBuffer") ?? 0) + (number(of: "memCached") ?? 0)
            return Space(total: total * 1_024, used: max(total - unused, 0) * 1_024)
        }
        // hrStorageRam is .2 of hrStorageTypes.
        return plan.objects.indices.lazy.filter { storageKind($0) == 2 }.compactMap { space($0) }.first
    }

    /// Swap space.
    public var swap: Space? {
        guard let total = number(of: "memTotalSwap"), let free = number(of: "memAvailSwap"), total > 0 else {
            return nil
        }
        return Space(total: total * 1_024, used: max(total - free, 0) * 1_024)
    }

    /// What kind of storage an object is: the last arc of hrStorageType (RFC 2790: 2 memory, 3 virtual memory, 4 fixed
    /// disk ...); nil if it is none.
    public func storageKind(_ object: Int) -> UInt32? {
        guard plan.objects[object].kind == .storage else { return nil }
        return plan.objects[object].attributes["hrStorageType"].flatMap { ObjectIdentifier($0)?.last }
    }

    /// Size and use of a storage area.
    public func space(_ object: Int) -> Space? {
        guard let unit = plan.objects[object].unitOctets, let size = place(of: "hrStorageSize", object: object),
            let used = place(of: "hrStorageUsed", object: object), let total = values[size].value?.number,
            let taken = values[used].value?.number, total > 0
        else { return nil }
        return Space(total: total * Double(unit), used: taken * Double(unit))
    }

    /// Disks: hrStorageFixedDisk, one for each size and use, as one disk may be mounted at several places.
    public var disks: [(object: Int, space: Space)] {
        var found: [(object: Int, space: Space)] = []
        for object in plan.objects.indices where storageKind(object) == 4 {
            guard let space = space(object),
                !found.contains(where: { $0.space.total == space.total && $0.space.used == space.used })
            else { continue }
            found.append((object, space))
        }
        return found
    }

    /// The mean of one minute of processes that run or want to.
    public var load: Double? { number(of: "laLoadInt.1").map { $0 / 100 } }

    /// A state of an interface as a word; nil if it is not known.
    public func interfaceState(_ metric: String, object: Int) -> String? {
        guard let place = place(of: metric, object: object), let value = values[place].value else { return nil }
        switch Int64(bitPattern: value.bits) {
        case 1: return "up"
        case 2: return "down"
        case 3: return "testing"
        case 4: return "unknown"
        case 5: return "dormant"
        case 6: return "not present"
        case 7: return "lower layer down"
        default: return nil
        }
    }

    /// How many interfaces there are, are up, and are down although they should not be.
    public var interfaceCounts: (up: Int, down: Int, total: Int) {
        var counts = (up: 0, down: 0, total: 0)
        for (object, interface) in plan.objects.enumerated() where interface.kind == .interface {
            counts.total += 1
            let state = interfaceState("ifOperStatus", object: object)
            if state == "up" { counts.up += 1 }
            if state == "down" || state == "lower layer down", interfaceState("ifAdminStatus", object: object) != "down"
            {
                counts.down += 1
            }
        }
        return counts
    }

    /// The name of an interface by its index now.
    func interfaceName(_ index: UInt32) -> String? {
        plan.objects.first { $0.kind == .interface && $0.index == index }?.name
    }
}

/// Traffic of the last hour, a point a minute.
public struct TrafficHistory: Sendable {
    private struct Minute {
        var number: Int64
        var received = 0.0
        var sent = 0.0
        var count = 0.0
    }
    private var minutes: [Minute] = []

    /// How many minutes there are.
    public static let length = 60

    /// Adds rates in bits a second; nil adds nothing.
    mutating func add(_ time: Int64, _ received: Double?, _ sent: Double?) {
        guard let received, let sent else { return }
        let number = time / 60_000_000
        if minutes.last?.number != number {
            minutes.removeAll { number - $0.number >= Int64(Self.length) || $0.number > number }
            minutes.append(Minute(number: number))
        }
        minutes[minutes.count - 1].received += received
        minutes[minutes.count - 1].sent += sent
        minutes[minutes.count - 1].count += 1
    }

    /// Means of the minutes up to a time, oldest first; nil is a gap. None before the first one that is known.
    public func points(to time: Int64) -> [(received: Double, sent: Double)?] {
        let last = time / 60_000_000
        guard let first = minutes.first(where: { last - $0.number < Int64(Self.length) })?.number, first <= last else {
            return []
        }
        var points: [(received: Double, sent: Double)?] = Array(repeating: nil, count: Int(last - first) + 1)
        for minute in minutes where minute.number >= first && minute.number <= last {
            points[Int(minute.number - first)] = (minute.received / minute.count, minute.sent / minute.count)
        }
        return points
    }
}

extension LiveDevice {
    /// Takes over what the store has, so that a station that was just started shows what it knew.
    mutating func restore(
        _ records: [ObjectRecord], _ seriesRecords: [SeriesRecord], _ newest: [Int32: (time: Int64, value: RawValue)]
    ) {
        var plan = DevicePlan(record, records)
        let present = records.filter { !$0.isGone && ObjectKind(rawValue: $0.kind) != nil }
        var places: [Int32: Int] = [:]
        for (place, object) in present.enumerated() { places[object.id] = place }
        var known: [SeriesRecord] = []
        for series in seriesRecords {
            guard let metric = StationPoller.Catalogue.metric(series.metric), let oid = ObjectIdentifier(series.oid),
                series.object == 0 || places[series.object] != nil
            else { continue }
            plan.instances.append(
                PolledInstance(object: places[series.object], metric: metric.number, oid: oid, type: series.type))
            known.append(series)
        }
        // Plans of the poller count from 1.
        plan.revision = 0
        adopt(plan, objects: present, series: known)
        for (place, series) in known.enumerated() {
            guard let (time, value) = newest[series.id] else { continue }
            values[place].value = value
            values[place].time = time
            values[place].state = values[place].machine == nil ? .ok : .gap
            lastSeen = max(lastSeen ?? time, time)
        }
    }
}
