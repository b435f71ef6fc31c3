// Layer: StationStoreTests. Tests: where the record of a device and of a series begins.

import StationSeries
import StationStore
import Testing

@Suite struct BeginningTests {
    @Test func nothingRecordedHasNoBeginning() throws {
        let rig = try Rig()
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        #expect(try rig.reader.firstRound(of: id) == nil)
        #expect(try rig.reader.firstValue(of: series[0]) == nil)
        #expect(storeError { _ = try rig.reader.firstRound(of: 99) } == .noDevice(99))
        #expect(storeError { _ = try rig.reader.firstValue(of: 99) } == .noSeries(99))
    }

    @Test func beginningsStayWhenRoundsArePacked() throws {
        let rig = try Rig { $0.roundsPerBlock = 4 }
        let (id, series) = try rig.addDevice("a", seriesCount: 3)
        let (other, others) = try rig.addDevice("b", seriesCount: 1)
        try rig.recorder.append(rounds: [(other, makeRound(1 * second, [(others[0], 1)]))])
        // The second series comes with the sixth round, the third never.
        for place in Int64(1)...10 {
            let values = (place < 6 ? [series[0]] : Array(series[0...1])).map { ($0, UInt64(place)) }
            try rig.recorder.append(rounds: [(id, makeRound(place * 10 * second, place == 1 ? [] : values))])
            if place == 7 { try check() }
        }
        try check()
        try rig.packAll(now: 200 * second)
        try check()
        let again = try rig.reopened()
        #expect(try again.reader.firstValue(of: series[1]) == 60 * second)

        func check() throws {
            #expect(try rig.reader.firstRound(of: id) == 10 * second)
            #expect(try series.map { try rig.reader.firstValue(of: $0) } == [20 * second, 60 * second, nil])
            #expect(try rig.reader.firstRound(of: other) == 1 * second)
        }
    }
}
