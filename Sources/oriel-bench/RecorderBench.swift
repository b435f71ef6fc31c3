// The recorder of the station without its network: made-up counters of 24 interfaces for two days, and rates of a day
// of one interface. RRDtool gets the same counters as commands (`recorder-feed`, Benchmarks/peers/recorder_rrdtool.py).

import Foundation
import PlatformIO
import Primitives
import StationSeries
import StationStore

/// Counters that traffic makes: a day's and a night's, bursts, packets that follow octets, few errors.
private struct MadeUpCounters {
    /// What is measured of an interface, and whether it is a counter.
    static let metrics: [(name: String, source: String, isCounter: Bool)] = [
        ("ifHCInOctets", "inOctets", true), ("ifHCOutOctets", "outOctets", true),
        ("ifHCInUcastPkts", "inUcast", true), ("ifHCOutUcastPkts", "outUcast", true),
        ("ifHCInMulticastPkts", "inMulticast", true), ("ifHCOutMulticastPkts", "outMulticast", true),
        ("ifHCInBroadcastPkts", "inBroadcast", true), ("ifHCOutBroadcastPkts", "outBroadcast", true),
        ("ifInErrors", "inErrors", true), ("ifOutErrors", "outErrors", true),
        ("ifInDiscards", "inDiscards", true), ("ifOutDiscards", "outDiscards", true),
        ("ifAdminStatus", "admin", false), ("ifOperStatus", "oper", false),
    ]
    /// When the first round is, in seconds since 1970: a multiple of all steps.
    static let start: Int64 = 1_763_596_800

    let interfaces: Int
    private var random = SeededRandom(seed: 24)
    /// By interface, then by metric.
    private(set) var values: [UInt64]
    private var round = 0

    init(interfaces: Int) {
        self.interfaces = interfaces
        values = []
        for _ in 0..<interfaces {
            for (name, _, isCounter) in Self.metrics {
                let first = random.next()
                values.append(!isCounter ? 1 : name.hasPrefix("ifHC") ? first >> 20 : first >> 45)
            }
        }
    }

    /// The next round's values.
    mutating func next(interval: Int) {
        let second = Double(round * interval)
        let day = 1.2 + Foundation.sin(second / 86_400 * 2 * .pi)
        for interface in 0..<interfaces {
            let place = interface * Self.metrics.count
            for direction in 0..<2 {
                // Up to 100 Mbit/s, each interface with a level of its own.
                let noise = Double(random.next() >> 40) / Double(1 << 24)
                let octets = UInt64(day * noise * Double(interface + 1) * 200_000 * Double(interval))
                values[place + direction] &+= octets
                values[place + 2 + direction] &+= octets / (300 + random.next() % 900)
                values[place + 4 + direction] &+= random.next() % 20
                values[place + 6 + direction] &+= random.next() % 8
                if random.oneIn(400) { values[place + 8 + direction] &+= 1 + random.next() % 3 }
                if random.oneIn(100) { values[place + 10 + direction] &+= 1 + random.next() % 9 }
            }
            if random.oneIn(20_000) { values[place + 13] = 3 - values[place + 13] }
        }
        round += 1
    }
}

/// `--mode recorder`, `recorder-day`, `recorder-feed`.
struct RecorderBench {
    private var interfaces = 24
    private var seconds = 2 * 86_400
    private var interval = 10
    private var count = 200
    private var directory = ""
    private var isDurable = false

    private var rounds: Int { seconds / interval }
    private var series: Int { interfaces * MadeUpCounters.metrics.count }

    static func isWanted(_ arguments: [String]) -> Bool {
        zip(arguments, arguments.dropFirst()).contains { $0 == "--mode" && $1.hasPrefix("recorder") }
    }

    static func run(_ arguments: [String]) throws {
        var bench = RecorderBench()
        var mode = ""
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchFailure("\(flag) needs a value") }
            func number(_ range: ClosedRange<Int>) throws -> Int { try Options.number(flag, value, range) }
            switch flag {
            case "--mode": mode = value
            case "--interfaces": bench.interfaces = try number(1...1_000)
            case "--seconds": bench.seconds = try number(100...31_536_000)
            case "--interval": bench.interval = try number(1...3_600)
            case "--count": bench.count = try number(1...1_000_000)
            case "--durable": bench.isDurable = try number(0...1) == 1
            case "--dir": bench.directory = value
            default: throw BenchFailure("unknown option \(flag); see Benchmarks/README.md")
            }
        }
        guard !bench.directory.isEmpty else { throw BenchFailure("--dir is missing") }
        switch mode {
        case "recorder": try bench.record()
        case "recorder-day": try bench.queryDays()
        case "recorder-feed": try bench.feed()
        default: throw BenchFailure("unknown mode \(mode)")
        }
    }

    private func report(_ mode: String, _ fields: [(String, String)]) {
        let all =
            [("peer", "\"\(isDurable ? "oriel, each round" : "oriel")\""), ("mode", "\"\(mode)\"")] + fields
        print("{" + all.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}")
    }

    // MARK: Recording.

    private static let device = "switch"

    private func catalogue() -> DeviceCatalogue {
        let objects = (1...interfaces).map { index in
            DeviceCatalogue.Object(
                kind: "interface", key: "\(index)", name: "Gi1/0/\(index)",
                series: MadeUpCounters.metrics.map { metric in
                    DeviceCatalogue.Series(
                        metric: metric.name, oid: "1.3.6.1.2.1.31.1.1.1.6.\(index)",
                        type: !metric.isCounter ? .integer32 : metric.name.hasPrefix("ifHC") ? .counter64 : .counter32,
                        unit: "", nature: metric.isCounter ? .counter : .state)
                })
        }
        return DeviceCatalogue(objects: objects)
    }

    /// Records as the station's recording thread does: a round at a time, lazily committed, and packs when it is due.
    private func record() throws {
        let store = try StationStore.open(directory: directory)
        let recorder = store.recorder
        let begin = MadeUpCounters.start * 1_000_000
        let device = try recorder.add(
            DeviceRecord(
                name: Self.device, address: "192.0.2.1", intervalMilliseconds: Int32(interval * 1_000), added: begin),
            security: .v2c(community: []))
        let ids = try recorder.record(catalogue(), of: device.id, now: begin).objects.flatMap { $0.series }
        try recorder.flush()

        var counters = MadeUpCounters(interfaces: interfaces)
        var random = SeededRandom(seed: 7)
        var (wall, cpu, syncs) = (Interval.zero, Interval.zero, UInt64(0))
        func measuring(_ body: () throws -> Void) rethrows {
            let (wallBegan, cpuBegan, syncsBegan) = (SystemClock.now, SystemClock.processCPUTime, DataFile.syncCount)
            try body()
            wall = wall + (SystemClock.now - wallBegan)
            cpu = cpu + (SystemClock.processCPUTime - cpuBegan)
            syncs += DataFile.syncCount - syncsBegan
        }
        var number = 0
        while number < rounds {
            // Made outside the measurement, some at a time.
            var made: [Round] = []
            for _ in 0..<min(200, rounds - number) {
                number += 1
                counters.next(interval: interval)
                // An answer is a little later each time.
                let time = begin + Int64(number * interval) * 1_000_000 + Int64(random.next() % 2_000)
                let values = zip(ids, counters.values).map {
                    SeriesValue(series: $0.id, value: RawValue(type: $0.type, bits: $1))
                }
                made.append(
                    Round(
                        time: time, upTime: UInt32(number * interval * 100), durationMicroseconds: 4_000, requests: 8,
                        values: values))
            }
            try measuring {
                for round in made {
                    try recorder.append(rounds: [(device.id, round)])
                    if isDurable { try recorder.flush() }
                    _ = try recorder.packDue(now: round.time)
                }
            }
        }
        try measuring {
            try recorder.flush()
            try store.close()
        }
        let size = try FileAccess.status(directory + "/station.edb").byteCount
        let samples = rounds * series
        report(
            "record",
            [
                ("samples", "\(samples)"), ("wall_s", "\(wall.inSeconds)"), ("cpu_s", "\(cpu.inSeconds)"),
                ("bytes", "\(size)"), ("syncs", "\(syncs)"),
                ("peak_rss_kb", "\(Program.peakResidentByteCount / 1_024)"), ("errors", "0"),
            ])
    }

    // MARK: A day of one interface.

    /// Rates of what comes in and goes out for a day: as numbers, and as lines of text, which is what RRDtool gives.
    private func queryDays() throws {
        let store = try StationStore.open(directory: directory)
        let reader = store.reader
        guard let device = try reader.device(named: Self.device) else { throw BenchFailure("no device") }
        var pairs: [(received: Int32, sent: Int32)] = []
        let all = try reader.series(of: device.id)
        for object in try reader.objects(of: device.id) {
            func find(_ metric: String) throws -> Int32 {
                guard let series = all.first(where: { $0.object == object.id && $0.metric == metric }) else {
                    throw BenchFailure("no \(metric)")
                }
                return series.id
            }
            pairs.append((try find("ifHCInOctets"), try find("ifHCOutOctets")))
        }
        let rules = RateRules(maximumPerSecond: 1e9, intervalMicroseconds: Int64(interval) * 1_000_000)
        func rates(_ id: Int32, _ from: Int64, _ to: Int64) throws -> [RatePoint] {
            var machine = RateMachine(rules)
            var points: [RatePoint] = []
            points.reserveCapacity(86_400 / interval + 1)
            try reader.samples(of: id, in: from * 1_000_000..<to * 1_000_000) { reading in
                if let point = machine.next(reading) { points.append(point) }
                return true
            }
            return points
        }
        var random = SeededRandom(seed: 3)
        var (numbers, texts): ([Double], [Double]) = ([], [])
        var points = 0
        var errors = 0
        for number in 0..<count {
            let pair = number == 0 ? pairs[0] : pairs[Int(random.next() % UInt64(pairs.count))]
            let slack = max(seconds - 86_400, 0)
            // The first question is the same for all peers.
            let offset = number == 0 ? slack : Int(random.next() % UInt64(slack / interval + 1)) * interval
            let from = MadeUpCounters.start + Int64(offset)
            let began = SystemClock.now
            let received = try rates(pair.received, from, from + 86_400)
            let sent = try rates(pair.sent, from, from + 86_400)
            numbers.append((SystemClock.now - began).inSeconds)
            var text: [UInt8] = []
            for (a, b) in zip(received, sent) {
                text += "\(a.end / 1_000_000): \(a.perSecond ?? .nan) \(b.perSecond ?? .nan)\n".utf8
            }
            texts.append((SystemClock.now - began).inSeconds)
            points = received.count
            if received.count < 86_400 / interval - 2 || received.count != sent.count || text.isEmpty { errors += 1 }
            if number == 0 {
                let octets = received.reduce(0) { $0 + ($1.perSecond ?? 0) } * Double(interval)
                report("check", [("octets", "\(octets)")])
            }
        }
        for (mode, times) in [("day", numbers.sorted()), ("day as text", texts.sorted())] {
            report(
                mode,
                [("median_ms", "\(times[times.count / 2] * 1e3)"), ("points", "\(points)"), ("errors", "\(errors)")])
        }
        try store.close()
    }

    // MARK: The same for RRDtool.

    /// Writes what `rrdtool -` is to read: one file to make the databases, one to fill them.
    private func feed() throws {
        let sources = MadeUpCounters.metrics.map {
            "DS:\($0.source):\($0.isCounter ? "COUNTER" : "GAUGE"):\(3 * interval):0:U"
        }
        let create = try FileOutput(writing: directory + "/create")
        for index in 1...interfaces {
            let line =
                "create if\(index).rrd --start \(MadeUpCounters.start) --step \(interval) "
                + sources.joined(separator: " ") + " RRA:AVERAGE:0.5:1:\(rounds)\n"
            try create.write(Array(line.utf8))
        }
        try create.close()
        let update = try FileOutput(writing: directory + "/update")
        var counters = MadeUpCounters(interfaces: interfaces)
        let width = MadeUpCounters.metrics.count
        for number in 1...rounds {
            counters.next(interval: interval)
            let time = MadeUpCounters.start + Int64(number * interval)
            for index in 0..<interfaces {
                let values = counters.values[index * width..<(index + 1) * width]
                let line = "update if\(index + 1).rrd \(time):" + values.map(String.init).joined(separator: ":") + "\n"
                try update.write(Array(line.utf8))
            }
        }
        try update.close()
        report("feed", [("samples", "\(rounds * series)"), ("start", "\(MadeUpCounters.start)")])
    }
}
