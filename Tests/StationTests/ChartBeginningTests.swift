// Layer: StationTests. Uses: Station. Used by: nothing.
// Where charts begin: nothing was recorded before the first record, and that is no gap; what was missed later is one.

import StationRig
import StationSeries
import StationStore
import Testing

@testable import Station

private let second: Int64 = 1_000_000
private let start: Int64 = 1_700_000_000 * second

@Suite struct ChartBeginningTests {
    /// A station that doesn't run, with one device that has two counters of an interface and a gauge.
    private struct Record {
        let rig: StationRig
        let device: Int32
        let object: Int32
        let series: [Int32]

        init(roundsPerBlock: Int = 120) throws {
            rig = try StationRig {
                $0.watchesThisMachine = false
                $0.store.roundsPerBlock = roundsPerBlock
            }
            let recorder = rig.station.store.recorder
            device = try recorder.add(
                DeviceRecord(name: "a", address: "udp:192.0.2.1:161", intervalMilliseconds: 10_000, added: start),
                security: .v2c(community: Array("public".utf8))
            ).id
            let port = DeviceCatalogue.Object(
                kind: "interface", key: "1", name: "eth0",
                series: ["ifHCInOctets", "ifHCOutOctets"].map {
                    .init(metric: $0, oid: "1.3.6.1.\($0.count)", type: .counter64, unit: "octets", nature: .counter)
                })
            let load = DeviceCatalogue.Series(
                metric: "laLoadInt.1", oid: "1.3.6.1.9", type: .integer32, unit: "", nature: .gauge)
            let result = try recorder.record(
                DeviceCatalogue(series: [load], objects: [port]), of: device, now: start)
            object = result.objects[0].record.id
            series = (result.objects[0].series + result.series).map(\.id)
        }

        /// A round each 10 s from one second after the start to another, with the named series in it.
        func poll(_ from: Int64, _ to: Int64, _ places: [Int] = [0, 1, 2], verdict: RoundVerdict = .complete) throws {
            let rounds = stride(from: from, through: to, by: 10).map { at in
                let values = places.map { place in
                    SeriesValue(
                        series: series[place],
                        value: RawValue(type: place == 2 ? .integer32 : .counter64, bits: UInt64(1_000 + at * 125)))
                }
                return Round(
                    time: start + at * second, upTime: UInt32(100_000 + at * 100), verdict: verdict,
                    durationMicroseconds: 1_500, requests: 1, values: values)
            }
            try rig.station.store.recorder.append(rounds: rounds.map { (device, $0) })
            while try rig.station.store.recorder.packDue(now: start + to * second) {}
        }

        /// A chart from one second after the start to another.
        func chart(_ selection: ChartSelection, _ from: Int64, _ to: Int64, count: Int = 400) throws -> Chart {
            try rig.station.charts.chart(
                selection, from: start + from * second, to: start + to * second, count: count)
        }

        var all: [ChartSelection] {
            [.object(object, "traffic"), .device(device, "load"), .device(device, "polling"), .series(series)]
        }
    }

    @Test(arguments: [120, 3])
    func nothingBeforeTheFirstRecordIsAGap(roundsPerBlock: Int) throws {
        let record = try Record(roundsPerBlock: roundsPerBlock)
        try record.poll(0, 120)
        for selection in record.all {
            let chart = try record.chart(selection, -3_480, 120)
            #expect(chart.begins == start, "\(selection)")
            for line in chart.lines {
                #expect(line.buckets.allSatisfy { $0.state == .ok }, "\(selection) \(line.name)")
                // A gauge's first value stands for the interval before it.
                let early = line.buckets.filter { $0.end <= start - 10 * second }
                #expect(early.count > 300 && early.allSatisfy { $0.mean == nil }, "\(selection) \(line.name)")
                #expect(line.buckets.count { $0.mean != nil } > 10, "\(selection) \(line.name)")
            }
        }
    }

    @Test(arguments: [120, 3])
    func timeWithoutTheStationIsAGap(roundsPerBlock: Int) throws {
        let record = try Record(roundsPerBlock: roundsPerBlock)
        try record.poll(0, 120)
        try record.poll(720, 840)
        for selection in record.all {
            for line in try record.chart(selection, -2_760, 840).lines {
                for bucket in line.buckets {
                    let at = (bucket.end - start) / second
                    if at > 130, at < 700 {
                        #expect(bucket.state == .gap && bucket.mean == nil, "\(selection) \(line.name) at \(at)")
                    } else if at <= 110 || at > 740 {
                        #expect(bucket.state == .ok, "\(selection) \(line.name) at \(at)")
                    }
                }
            }
        }
    }

    @Test func whatCameLaterIsNotUnknownBefore() throws {
        let record = try Record(roundsPerBlock: 7)
        try record.poll(0, 590, [0, 2])
        try record.poll(600, 1_200)
        let chart = try record.chart(.object(record.object, "traffic"), 0, 1_200, count: 120)
        #expect(chart.begins == start)
        #expect(chart.lines[0].buckets.allSatisfy { $0.state == .ok && $0.mean != nil })
        #expect(chart.lines[1].buckets.allSatisfy { $0.state == .ok })
        #expect(chart.lines[1].buckets.map { $0.mean != nil } == (0..<120).map { $0 >= 60 })
        // A value that is missing later is unknown.
        try record.poll(1_210, 1_250, [0, 2])
        let later = try record.chart(.object(record.object, "traffic"), 1_200, 1_250, count: 10)
        #expect(later.lines[1].buckets.allSatisfy { $0.state == .unknown })
    }

    @Test func deviceThatNeverAnsweredHasNoGaps() throws {
        let record = try Record()
        for selection in record.all {
            let chart = try record.chart(selection, -600, 0)
            #expect(chart.begins == nil && chart.lines.allSatisfy { $0.buckets.allSatisfy { $0.state == .ok } })
        }
        try record.poll(0, 600, [], verdict: .none)
        let chart = try record.chart(.object(record.object, "traffic"), -600, 600)
        #expect(chart.begins == start)
        #expect(chart.lines.allSatisfy { $0.buckets.allSatisfy { $0.state == .ok && $0.mean == nil } })
        let polling = try record.chart(.device(record.device, "polling"), -600, 600, count: 120)
        #expect(polling.lines[0].buckets.suffix(60).allSatisfy { $0.state == .unknown })
    }

    @Test func deviceThatIsAskedSeldomWhileItIsDownHasNoGaps() throws {
        let record = try Record()
        try record.poll(0, 60)
        for at in [70, 80, 90, 110, 150, 190, 230] as [Int64] { try record.poll(at, at, [], verdict: .none) }
        try record.poll(240, 300)
        let line = try record.chart(.device(record.device, "polling"), 0, 300, count: 30).lines[0]
        let states = line.buckets.map(\.state)
        #expect(states == (1...30).map { $0 < 7 || $0 > 23 ? RateState.ok : .unknown })
    }

    @Test func bucketsAreNotFinerThanTheInterval() throws {
        let record = try Record()
        try record.poll(0, 1_200)
        for selection in record.all {
            #expect(try record.chart(selection, 0, 1_200, count: 400).lines[0].buckets.count == 120)
            #expect(try record.chart(selection, 0, 1_200, count: 60).lines[0].buckets.count == 60)
            #expect(try record.chart(selection, 0, 100, count: 400).lines[0].buckets.count == 30)
            #expect(try record.chart(selection, 0, 100, count: 12).lines[0].buckets.count == 12)
        }
    }

    @Test func deviceThatWentDownHasAGapToTheEnd() throws {
        let record = try Record()
        try record.poll(0, 120)
        let line = try record.chart(.object(record.object, "traffic"), -600, 1_200, count: 180).lines[0]
        #expect(line.buckets.suffix(100).allSatisfy { $0.state == .gap })
        #expect(line.buckets.prefix(60).allSatisfy { $0.state == .ok })
    }
}
