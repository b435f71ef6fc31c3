// Layer: StationStoreTests. Tests: rounds as they are recorded, packed and read.

import ESE
import Primitives
import StationSeries
import StationStore
import Testing

@Suite struct RoundTests {
    @Test func roundsAreReadBeforeAndAfterPacking() throws {
        let rig = try Rig { $0.roundsPerBlock = 4 }
        let (id, series) = try rig.addDevice("a", seriesCount: 2)
        let rounds = (1...10).map { makeRound($0 * second, [(series[0], UInt64($0)), (series[1], UInt64($0 * 7))]) }
        #expect(try rig.recorder.append(rounds: rounds.map { (id, $0) }) == 10)
        let expected = (1...10).map { Sample(time: $0 * second, bits: UInt64($0 * 7)) }
        #expect(try rig.samples(series[1]) == expected)
        try rig.packAll(now: 11 * second)
        #expect(try rig.samples(series[1]) == expected)
        let again = try rig.reopened()
        #expect(try again.samples(series[1]) == expected)
        var heads: [RoundHead] = []
        try again.reader.rounds(of: id, in: 0..<Int64.max) {
            heads.append($0)
            return true
        }
        #expect(heads == rounds.map(\.head))
    }

    @Test func rangesAreHalfOpenAndTheClosureEndsThem() throws {
        let rig = try Rig { $0.roundsPerBlock = 4 }
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        try rig.recorder.append(rounds: (1...10).map { (id, makeRound($0 * second, [(series[0], UInt64($0))])) })
        for isPacked in [false, true] {
            if isPacked { try rig.packAll(now: 11 * second) }
            #expect(try rig.samples(series[0], in: 3 * second..<9 * second).map(\.bits) == [3, 4, 5, 6, 7, 8])
            #expect(try rig.samples(series[0], in: 3 * second..<3 * second).isEmpty)
            #expect(try rig.samples(series[0], in: Int64.min..<Int64.max).count == 10)
            for wanted in 1...10 {
                var count = 0
                try rig.reader.samples(of: series[0], in: 0..<Int64.max) { _ in
                    count += 1
                    return count < wanted
                }
                #expect(count == wanted)
            }
        }
    }

    @Test func roundWithoutTheSeriesGivesAReadingWithoutValue() throws {
        let rig = try Rig { $0.roundsPerBlock = 3 }
        let (id, series) = try rig.addDevice("a", seriesCount: 2)
        try rig.recorder.append(rounds: [
            (id, makeRound(1, [(series[0], 5)])), (id, makeRound(2, [])), (id, makeRound(3, [(series[1], 6)])),
        ])
        let expected: [UInt64?] = [5, nil, nil]
        #expect(try rig.samples(series[0]).map(\.bits) == expected)
        try rig.packAll(now: 4)
        #expect(try rig.samples(series[0]).map(\.bits) == expected)
    }

    @Test func discontinuityGoesAlong() throws {
        let rig = try Rig { $0.roundsPerBlock = 2 }
        let (id, series) = try rig.addDevice("a", seriesCount: 2)
        try rig.recorder.append(rounds: [
            (id, makeRound(1, [(series[0], 5), (series[1], 100)])), (id, makeRound(2, [(series[0], 6)])),
            (id, makeRound(3, [(series[0], 7), (series[1], 200)])),
        ])
        for isPacked in [false, true] {
            if isPacked { try rig.packAll(now: 4) }
            var marks: [UInt64?] = []
            try rig.reader.samples(of: series[0], in: 0..<10, discontinuity: series[1]) {
                marks.append($0.discontinuity)
                return true
            }
            #expect(marks == [100, nil, 200])
        }
    }

    @Test func roundsOfOneTimeAreAllKept() throws {
        let rig = try Rig { $0.roundsPerBlock = 50 }
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        try rig.recorder.append(rounds: (0..<60).map { (id, makeRound(5 * second, [(series[0], $0)])) })
        try rig.recorder.append(rounds: (60..<120).map { (id, makeRound(5 * second, [(series[0], $0)])) })
        let expected = (0..<120).map { Sample(time: 5 * second, bits: $0) }
        #expect(try rig.samples(series[0]) == expected)
        try rig.packAll(now: 6 * second)
        #expect(try rig.samples(series[0]) == expected)
        #expect(try rig.samples(series[0], in: 5 * second..<(5 * second + 1)) == expected)
    }

    @Test func orderIsThatOfArrivalAfterTheClockWasPutBack() throws {
        let rig = try Rig { $0.roundsPerBlock = 7 }
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        let times = Array(1...20) + Array(11...30) + Array(21...25)
        let rounds = times.enumerated().map { (id, makeRound(Int64($1) * second, [(series[0], UInt64($0))])) }
        try rig.recorder.append(rounds: rounds)
        let expected = times.enumerated().map { Sample(time: Int64($1) * second, bits: UInt64($0)) }
        #expect(try rig.samples(series[0]) == expected)
        try rig.packAll(now: 100 * second)
        #expect(try rig.samples(series[0]) == expected)
        #expect(try rig.reopened().samples(series[0]) == expected)
    }

    @Test func clockThatWasWrongForYearsDoesNotHideWhatComesAfter() throws {
        let rig = try Rig { $0.roundsPerBlock = 3 }
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        let year: Int64 = 365 * 86_400 * second
        for (place, time) in [0, 40 * year, 40 * year + second, 20 * year, 20 * year + second].enumerated() {
            try rig.recorder.append(rounds: [(id, makeRound(time, [(series[0], UInt64(place))]))])
        }
        for isPacked in [false, true] {
            if isPacked { try rig.packAll(now: 100 * year) }
            #expect(try rig.samples(series[0], in: 20 * year..<21 * year).map(\.bits) == [3, 4])
            #expect(try rig.samples(series[0], in: 40 * year..<41 * year).map(\.bits) == [1, 2])
            #expect(try rig.samples(series[0]).map(\.bits) == [0, 1, 2, 3, 4])
        }
    }

    @Test func oldRoundsArePackedWhenTheyAreADayOld() throws {
        let rig = try Rig()
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        let day: Int64 = 86_400 * second
        try rig.recorder.append(rounds: [(id, makeRound(second, [(series[0], 1)]))])
        try rig.packAll(now: day)
        #expect(try rig.recorder.packDue(now: day) == false)
        let before = try rig.reader.newest(of: id)
        #expect(try rig.recorder.packDue(now: day + 60 * second + 2))
        #expect(try rig.recorder.packDue(now: day + 60 * second + 2) == false)
        #expect(try rig.reader.newest(of: id) == before && before[series[0]]?.value.bits == 1)
    }

    @Test func newestValueOfEachSeries() throws {
        let rig = try Rig { $0.roundsPerBlock = 3 }
        let (id, series) = try rig.addDevice("a", seriesCount: 4)
        try rig.recorder.append(rounds: [
            (id, makeRound(1, [(series[0], 1), (series[1], 10)])), (id, makeRound(2, [(series[0], 2)])),
            (id, makeRound(3, [(series[2], 30)])), (id, makeRound(4, [(series[0], 4), (9_999, 1)])),
        ])
        for isPacked in [false, true] {
            if isPacked { try rig.packAll(now: 5) }
            let newest = try rig.reader.newest(of: id)
            #expect(newest.mapValues(\.time) == [series[0]: 4, series[1]: 1, series[2]: 3])
            #expect(newest.mapValues(\.value.bits) == [series[0]: 4, series[1]: 10, series[2]: 30])
        }
    }

    @Test func damagedRoundIsAnErrorAndDoesNotKeepOthersFromBeingPacked() throws {
        var rig = try Rig { $0.roundsPerBlock = 4 }
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        try rig.recorder.append(rounds: (1...4).map { (id, makeRound($0 * second, [(series[0], UInt64($0))])) })
        try rig.store.close()
        var options = InstanceOptions()
        options.environment = EngineEnvironment(storage: rig.disk, reporter: SilentReporter())
        let instance = try Instance.open(directory: "/data", options)
        let session = try instance.makeSession()
        let table = try session.openDatabase("station.edb", .existing).table("rounds")
        let data: Column<[UInt8]> = try table.column("data")
        try session.transaction {
            _ = try table.first() && table.next()
            try table.replace { row throws(JetError) in try row.set(data, [0xFF, 0xFF]) }
        }
        try instance.close()
        rig = try Rig(rig.disk) { $0.roundsPerBlock = 4 }
        #expect(storeError { _ = try rig.samples(series[0]) } == .damaged("a round of device \(id)"))
        try rig.packAll(now: 5 * second)
        #expect(rig.recorder.unreadableRoundCount == 1)
        #expect(try rig.samples(series[0]).map(\.bits) == [1, 3, 4])
    }

    /// Devices, series, clocks that are put back and forth, packing and reopening in any order, compared with lists.
    @Test(arguments: [11, 12] as [UInt64]) func samplesAreThoseOfAModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var rig = try Rig(seed: seed) {
            $0.roundsPerBlock = Int.random(in: 1...9, using: &random)
            $0.roundAgeLimit = 300 * second
        }
        let devices = try (0..<3).map { try rig.addDevice("d\($0)", seriesCount: 3) }
        var model: [Int32: [Sample]] = [:]
        var now: Int64 = 1_000 * second
        for step in 0..<220 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0: now -= Int64.random(in: 0...200, using: &random) * second
            case 1: now += Int64.random(in: 0...2_000, using: &random) * second
            case 2..<6: while try rig.recorder.packDue(now: now) {}
            case 6: rig = try rig.reopened()
            default:
                var rounds: [(device: Int32, round: Round)] = []
                for _ in 0...Int.random(in: 0...5, using: &random) {
                    now += Int64.random(in: 0...3, using: &random) * second
                    let device = devices[Int.random(in: 0..<3, using: &random)]
                    let present = device.series.filter { _ in !random.oneIn(4) }
                    let values = present.map { ($0, random.next() >> 40) }
                    rounds.append((device.id, makeRound(now, values)))
                    for series in device.series {
                        model[series, default: []].append(
                            Sample(time: now, bits: values.first { $0.0 == series }?.1))
                    }
                }
                try rig.recorder.append(rounds: rounds)
            }
            guard step % 20 == 19 else { continue }
            let device = devices[Int.random(in: 0..<3, using: &random)]
            let series = device.series[Int.random(in: 0..<3, using: &random)]
            let samples = model[series] ?? []
            #expect(try rig.samples(series) == samples, "seed \(seed), step \(step)")
            let from = now - Int64.random(in: 0...2_000, using: &random) * second
            let range = from..<(from + Int64.random(in: 0...2_000, using: &random) * second)
            #expect(
                try rig.samples(series, in: range) == samples.filter { range.contains($0.time) },
                "seed \(seed), step \(step), \(range)")
        }
        for (series, samples) in model { #expect(try rig.samples(series) == samples, "seed \(seed), end") }
    }
}
