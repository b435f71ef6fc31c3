// Layer: Station/Query. Uses: StationStore (Reader), StationSeries. Used by: StationWeb, the commands.
// Charts: the samples of a few series between two times, as rates where they are counters, in buckets.

import PlatformIO
public import StationSeries
public import StationStore
import StationPoller

/// What a chart is of.
public enum ChartSelection: Hashable, Sendable {
    /// Some series, by their numbers.
    case series([Int32])
    /// A device as a whole: `cpu`, `memory`, `load` or `polling`.
    case device(Int32, String)
    /// An object: `traffic`, `packets`, `errors` of an interface, `load` of a processor, `use` of storage.
    case object(Int32, String)
}

/// A line of a chart.
public struct ChartLine: Sendable {
    /// What it is.
    public var name: String
    /// The series that it comes from; nil if it is computed from several.
    public var series: Int32?
    /// The values, oldest first.
    public var buckets: [Bucket]
}

/// A chart.
public struct Chart: Sendable {
    /// What it shows.
    public var title: String
    /// The unit of the values, such as `bit/s`.
    public var unit: String
    /// Where it begins, in microseconds since 1970 UTC.
    public var from: Int64
    /// Where it ends.
    public var to: Int64
    /// The length of a bucket in microseconds.
    public var step: Int64
    /// When the oldest round of its devices was taken, in microseconds since 1970 UTC; nil without any. A bucket
    /// before that, or before the first value of its line, is empty and no gap.
    public var begins: Int64?
    /// The lines.
    public var lines: [ChartLine]
}

/// Makes charts of a store.
public struct ChartMaker: Sendable {
    private let reader: Reader

    /// Makes charts of what a reader reads.
    public init(_ reader: Reader) { self.reader = reader }

    /// The most series in one chart.
    public static let seriesLimit = 16

    /// Makes a chart.
    /// - Parameters:
    ///   - from: microseconds since 1970 UTC.
    ///   - to: later than `from`.
    ///   - count: at most so many buckets, 1 to 10,000.
    /// - Throws: `notFound` if there is nothing of that name; `store`.
    public func chart(
        _ selection: ChartSelection, from: Int64, to: Int64, count: Int
    ) throws(StationError) -> Chart {
        precondition(from < to && (1...10_000).contains(count))
        let frame = Frame(from: from, to: to, count: count)
        switch selection {
        case .series(let ids): return try series(ids, frame)
        case .device(let id, let chart):
            guard let device = try storing({ () throws(StoreError) in try reader.device(id) }) else {
                throw .notFound("there is no device \(id)")
            }
            return try self.device(device, chart, frame.fitted(to: [device]))
        case .object(let id, let chart):
            guard let object = try storing({ () throws(StoreError) in try reader.object(id) }),
                let device = try storing({ () throws(StoreError) in try reader.device(object.device) })
            else { throw .notFound("there is no object \(id)") }
            return try self.object(object, device, chart, frame.fitted(to: [device]))
        }
    }

    private struct Frame {
        var from: Int64
        var to: Int64
        var count: Int

        /// Buckets as long as the shortest interval of the devices at least, for there is nothing finer to show; but
        /// thirty of them, if so many are wanted, so that a few samples have their places.
        func fitted(to devices: [DeviceRecord]) -> Frame {
            guard let interval = devices.map(\.intervalMicroseconds).min() else { return self }
            let rounds = UInt64(bitPattern: to &- from) / UInt64(interval)
            return Frame(from: from, to: to, count: min(count, max(30, Int(clamping: rounds))))
        }
    }

    // MARK: What there is.

    private func series(_ ids: [Int32], _ frame: Frame) throws(StationError) -> Chart {
        guard !ids.isEmpty, ids.count <= Self.seriesLimit else {
            throw .invalid("a chart has 1 to \(Self.seriesLimit) series")
        }
        var sources: [(name: String, source: ChartSource)] = []
        var title = ""
        for id in ids {
            guard let record = try storing({ () throws(StoreError) in try reader.series(id) }),
                let device = try storing({ () throws(StoreError) in try reader.device(record.device) })
            else { throw .notFound("there is no series \(id)") }
            let object =
                record.object == 0 ? nil : try storing({ () throws(StoreError) in try reader.object(record.object) })
            // The interface's discontinuity time, for its counters.
            let all = object == nil ? [] : try storing { () throws(StoreError) in try reader.series(of: device.id) }
            let source = ChartSource(record, device, object, all)
            let name = object.map { "\($0.name) \(record.metric)" } ?? record.metric
            title = ids.count == 1 ? "\(device.name) \(name)" : "\(ids.count) series"
            sources.append((name, source))
        }
        let frame = frame.fitted(to: sources.map(\.source.device))
        var lines: [ChartLine] = []
        for (name, source) in sources {
            lines.append(ChartLine(name: name, series: source.record.id, buckets: try buckets(of: source, frame)))
        }
        let units = Set(sources.map(\.source.unit))
        return try chart(
            title, units.count == 1 ? units.first ?? "" : "", frame, Set(sources.map(\.source.device.id)), lines)
    }

    private func device(_ device: DeviceRecord, _ name: String, _ frame: Frame) throws(StationError) -> Chart {
        let all = try storing { () throws(StoreError) in try reader.series(of: device.id) }
        func source(_ metric: String) -> ChartSource? {
            all.first { $0.metric == metric && $0.object == 0 }.map { ChartSource($0, device, nil) }
        }
        switch name {
        case "cpu":
            let parts = LiveDevice.processorParts.compactMap { part in
                source("ssCpuRaw" + part).map { (LiveDevice.idleParts.contains(part), $0) }
            }
            if parts.contains(where: \.0) {
                let line = try combined(parts.map(\.1), frame) { rates in
                    var (total, idle) = (0.0, 0.0)
                    for (rate, part) in zip(rates, parts) {
                        total += rate
                        if part.0 { idle += rate }
                    }
                    return total > 0 ? (total - idle) / total * 100 : nil
                }
                return try chart(
                    "Processors", "percent", frame, [device.id], [ChartLine(name: "busy", series: nil, buckets: line)])
            }
            let loads = all.filter { $0.metric == "hrProcessorLoad" }.prefix(256).map { ChartSource($0, device, nil) }
            let line = try combined(Array(loads), frame) { $0.reduce(0, +) / Double(max($0.count, 1)) }
            return try chart(
                "Processors", "percent", frame, [device.id], [ChartLine(name: "busy", series: nil, buckets: line)])
        case "memory":
            if let total = source("memTotalReal"), let free = source("memAvailReal") {
                let others = ["memBuffer", "memCached"].compactMap { source($0) }
                let used = try combined([total, free] + others, frame) { values in
                    max(values[0] - values.dropFirst().reduce(0, +), 0) * 1_024
                }
                let all = try combined([total], frame) { $0[0] * 1_024 }
                return try chart(
                    "Memory", "octets", frame, [device.id],
                    [
                        ChartLine(name: "used", series: nil, buckets: used),
                        ChartLine(name: "total", series: total.record.id, buckets: all),
                    ])
            }
            let objects = try storing { () throws(StoreError) in try reader.objects(of: device.id) }
            guard let memory = objects.first(where: { PolledObject($0)?.isMemory ?? false }) else {
                return try chart("Memory", "octets", frame, [device.id], [])
            }
            var use = try object(memory, device, "use", frame)
            use.title = "Memory"
            return use
        case "load":
            var lines: [ChartLine] = []
            for (metric, name) in [
                ("laLoadInt.1", "1 minute"), ("laLoadInt.2", "5 minutes"), ("laLoadInt.3", "15 minutes"),
            ] {
                guard let source = source(metric) else { continue }
                let line = try combined([source], frame) { $0[0] / 100 }
                lines.append(ChartLine(name: name, series: source.record.id, buckets: line))
            }
            return try chart("Load", "", frame, [device.id], lines)
        case "polling":
            var sums = BucketSums(from: frame.from, to: frame.to, count: frame.count)
            var gauge = GaugeMachine(RateRules(intervalMicroseconds: device.intervalMicroseconds))
            // A device that is down is asked more and more seldom: no gap, as long as that explains the space.
            let longest = max(4 * device.intervalMicroseconds, 60_000_000) * 3 / 2
            var silence: Int64?
            try storing { () throws(StoreError) in
                try reader.rounds(of: device.id, in: margin(device, frame)) { head in
                    var point = gauge.next(Reading(time: head.time, value: RawValue(double: 0)))
                    point.perSecond = head.verdict == .none ? nil : Double(head.durationMicroseconds) / 1e6
                    if head.verdict == .none { point.state = .unknown }
                    if let silence, head.time > silence, head.time - silence <= longest {
                        point.start = min(point.start, silence)
                    }
                    silence = head.verdict == .none ? head.time : nil
                    sums.add(point)
                    return true
                }
            }
            let first = try storing { () throws(StoreError) in try reader.firstRound(of: device.id) }
            return try chart(
                "Time that a round took", "s", frame, [device.id],
                [ChartLine(name: "round", series: nil, buckets: settled(sums.buckets, device, since: first))])
        default:
            throw .notFound("a device has the charts cpu, memory, load and polling, not \"\(name)\"")
        }
    }

    private func object(
        _ object: ObjectRecord, _ device: DeviceRecord, _ name: String, _ frame: Frame
    ) throws(StationError) -> Chart {
        let all = try storing { () throws(StoreError) in try reader.series(of: device.id) }
        func source(_ metrics: String...) -> ChartSource? {
            for metric in metrics {
                if let record = all.first(where: { $0.object == object.id && $0.metric == metric }) {
                    return ChartSource(record, device, object, all)
                }
            }
            return nil
        }
        var lines: [ChartLine] = []
        func add(_ name: String, _ source: ChartSource?) throws(StationError) {
            guard let source else { return }
            lines.append(ChartLine(name: name, series: source.record.id, buckets: try buckets(of: source, frame)))
        }
        switch name {
        case "traffic":
            try add("in", source("ifHCInOctets", "ifInOctets"))
            try add("out", source("ifHCOutOctets", "ifOutOctets"))
            return try chart("\(object.name) traffic", "bit/s", frame, [device.id], lines)
        case "packets":
            for (kind, word) in [("Ucast", "unicast"), ("Multicast", "multicast"), ("Broadcast", "broadcast")] {
                try add("in \(word)", source("ifHCIn\(kind)Pkts", "ifIn\(kind)Pkts"))
                try add("out \(word)", source("ifHCOut\(kind)Pkts", "ifOut\(kind)Pkts"))
            }
            return try chart("\(object.name) packets", "packets/s", frame, [device.id], lines)
        case "errors":
            try add("in errors", source("ifInErrors"))
            try add("out errors", source("ifOutErrors"))
            try add("in discards", source("ifInDiscards"))
            try add("out discards", source("ifOutDiscards"))
            return try chart("\(object.name) errors and discards", "packets/s", frame, [device.id], lines)
        case "load":
            try add("load", source("hrProcessorLoad"))
            return try chart("\(object.name) load", "percent", frame, [device.id], lines)
        case "use":
            let unit = Double(PolledObject(object)?.unitOctets ?? 1)
            for (name, metric) in [("used", "hrStorageUsed"), ("size", "hrStorageSize")] {
                guard let source = source(metric) else { continue }
                let line = try combined([source], frame) { $0[0] * unit }
                lines.append(ChartLine(name: name, series: source.record.id, buckets: line))
            }
            return try chart("\(object.name) use", "octets", frame, [device.id], lines)
        default:
            throw .notFound("an object has the charts traffic, packets, errors, load and use, not \"\(name)\"")
        }
    }

    // MARK: Values.

    private func chart(
        _ title: String, _ unit: String, _ frame: Frame, _ devices: Set<Int32>, _ lines: [ChartLine]
    ) throws(StationError) -> Chart {
        let step = BucketSums(from: frame.from, to: frame.to, count: frame.count).step
        var begins: Int64?
        for device in devices {
            let first = try storing { () throws(StoreError) in try reader.firstRound(of: device) }
            if let first { begins = min(begins ?? first, first) }
        }
        return Chart(
            title: title, unit: unit, from: frame.from, to: frame.to, step: step, begins: begins, lines: lines)
    }

    private func margin(_ device: DeviceRecord, _ frame: Frame) -> Range<Int64> {
        let before = max(4 * device.intervalMicroseconds, 600_000_000)
        return (frame.from - before)..<(frame.to + device.intervalMicroseconds)
    }

    private func buckets(of source: ChartSource, _ frame: Frame) throws(StationError) -> [Bucket] {
        var sums = BucketSums(from: frame.from, to: frame.to, count: frame.count)
        let factor = source.factor
        let first = try firstValue(of: [source])
        try points(of: source, frame, since: first) { point in
            var point = point
            point.perSecond = point.perSecond.map { $0 * factor }
            sums.add(point)
        }
        return settled(sums.buckets, source.device, since: first)
    }

    /// When the first value of one of several series was taken; nil if none has any.
    private func firstValue(of sources: [ChartSource]) throws(StationError) -> Int64? {
        var first: Int64?
        for source in sources {
            let time = try storing { () throws(StoreError) in try reader.firstValue(of: source.record.id) }
            if let time { first = min(first ?? time, time) }
        }
        return first
    }

    /// What lies before the first value is no gap, for nothing was recorded yet; nor is what comes behind the newest
    /// sample, before a round is overdue: nothing is known of it yet.
    private func settled(_ buckets: [Bucket], _ device: DeviceRecord, since first: Int64?) -> [Bucket] {
        var buckets = buckets
        for place in buckets.indices where buckets[place].state == .gap && buckets[place].end <= first ?? .max {
            buckets[place].state = .ok
        }
        guard let last = buckets.lastIndex(where: { $0.state != .gap }), let end = buckets.last?.end,
            end - buckets[last].end <= 3 * device.intervalMicroseconds
        else { return buckets }
        for place in (last + 1)..<buckets.count { buckets[place].state = .ok }
        return buckets
    }

    /// Buckets of what several series of one device give together; where one of them is missing it is unknown.
    private func combined(
        _ sources: [ChartSource], _ frame: Frame, _ value: ([Double]) -> Double?
    ) throws(StationError) -> [Bucket] {
        var sums = BucketSums(from: frame.from, to: frame.to, count: frame.count)
        guard !sources.isEmpty else { return sums.buckets }
        let first = try firstValue(of: sources)
        // Each round gives a sample of each series, so the points of one round have the same place in all lists.
        var lists: [[RatePoint]] = []
        for source in sources {
            var list: [RatePoint] = []
            try points(of: source, frame, since: first) { list.append($0) }
            lists.append(list)
        }
        var values = [Double](repeating: 0, count: lists.count)
        for place in 0..<(lists.map(\.count).min() ?? 0) {
            var point = lists[0][place]
            var isWhole = true
            for (number, list) in lists.enumerated() {
                point.state = max(point.state, list[place].state)
                if let part = list[place].perSecond { values[number] = part } else { isWhole = false }
            }
            point.perSecond = isWhole ? value(values) : nil
            if point.perSecond == nil, point.state < .reset { point.state = .unknown }
            sums.add(point)
        }
        return settled(sums.buckets, sources[0].device, since: first)
    }

    /// The points of a series. Rounds without a value from before its first one don't count: an interface that was
    /// plugged in later was not unknown until then.
    private func points(
        of source: ChartSource, _ frame: Frame, since first: Int64?, _ body: (RatePoint) -> Void
    ) throws(StationError) {
        var rate = RateMachine(source.rules)
        var gauge = GaugeMachine(source.rules)
        var cadence = Cadence(source.rules.intervalMicroseconds)
        let isCounter = source.record.nature == .counter
        try storing { () throws(StoreError) in
            try reader.samples(
                of: source.record.id, in: margin(source.device, frame), discontinuity: source.discontinuity
            ) { reading in
                if reading.value == nil, reading.time < first ?? .max { return true }
                let interval = cadence.interval(at: reading.time)
                if isCounter {
                    rate.rules.intervalMicroseconds = interval
                    if let point = rate.next(reading) { body(point) }
                } else {
                    gauge.rules.intervalMicroseconds = interval
                    body(gauge.next(reading))
                }
                return true
            }
        }
    }
}
