// Layer: StationStoreTests. Tests: what is too old is deleted, and what removed devices leave.

import ESE
import StationSeries
import StationStore
import Testing

@Suite struct RetentionTests {
    /// How many rows the tables of samples have, in a database that nobody else has open.
    private func rowCounts(_ rig: Rig) throws -> [String: Int] {
        try rig.store.close()
        var options = InstanceOptions()
        options.environment = EngineEnvironment(storage: rig.disk, reporter: SilentReporter())
        let instance = try Instance.open(directory: "/data", options)
        defer { try? instance.close() }
        let database = try instance.makeSession().openDatabase("station.edb", .existing)
        var counts: [String: Int] = [:]
        for name in ["devices", "objects", "series", "rounds", "timelines", "blocks", "events", "removals"] {
            counts[name] = try database.table(name).scan { _ in true }
        }
        return counts
    }

    @Test func olderSamplesAndEventsGoAndOthersStay() throws {
        let rig = try Rig {
            $0.roundsPerBlock = 5
            $0.deletionLimit = 7
        }
        let (a, seriesA) = try rig.addDevice("a", seriesCount: 20)
        let (b, seriesB) = try rig.addDevice("b", seriesCount: 1)
        for number in 1...40 as ClosedRange<Int64> {
            try rig.recorder.append(rounds: [
                (a, makeRound(number * second, seriesA.map { ($0, UInt64(number)) })),
                (b, makeRound(number * second, [(seriesB[0], UInt64(number))])),
            ])
            try rig.recorder.append(events: [EventRecord(time: number * second, kind: "clock", title: "\(number)")])
        }
        try rig.packAll(now: 41 * second)
        try rig.recorder.append(rounds: (41...43).map { (b, makeRound($0 * second, [(seriesB[0], UInt64($0))])) })
        var calls = 1
        while try rig.recorder.retain(until: 21 * second) { calls += 1 }
        #expect(calls > 12, "each call deletes 7 rows at most")
        #expect(try rig.samples(seriesA[19]).map(\.bits) == (21...40).map { $0 })
        #expect(try rig.samples(seriesB[0]).map(\.bits) == (21...43).map { $0 })
        var query = EventQuery()
        query.limit = 100
        #expect(try rig.reader.events(query).events.count == 20)
        #expect(try rig.recorder.retain(until: 21 * second) == false)
        while try rig.recorder.retain(until: 42 * second) {}
        #expect(try rig.samples(seriesA[0]).isEmpty)
        #expect(try rig.samples(seriesB[0]).map(\.bits) == [42, 43])
        let counts = try rowCounts(rig)
        #expect(
            counts == [
                "devices": 2, "objects": 0, "series": 21, "rounds": 2, "timelines": 0, "blocks": 0, "events": 0,
                "removals": 0,
            ])
    }

    @Test func blockThatReachesBeyondTheLimitStaysWhole() throws {
        let rig = try Rig { $0.roundsPerBlock = 10 }
        let (id, series) = try rig.addDevice("a", seriesCount: 1)
        try rig.recorder.append(rounds: (1...10).map { (id, makeRound($0 * second, [(series[0], UInt64($0))])) })
        try rig.packAll(now: 11 * second)
        while try rig.recorder.retain(until: 10 * second) {}
        #expect(try rig.samples(series[0]).count == 10)
        while try rig.recorder.retain(until: 10 * second + 1) {}
        #expect(try rig.samples(series[0]).isEmpty)
    }

    @Test func removedDeviceLeavesNothingButEvents() throws {
        let rig = try Rig {
            $0.roundsPerBlock = 5
            $0.deletionLimit = 11
        }
        let (gone, series) = try rig.addDevice("gone", seriesCount: 30)
        let (stays, others) = try rig.addDevice("stays", seriesCount: 2)
        _ = try rig.recorder.record(
            DeviceCatalogue(
                objects: [DeviceCatalogue.Object(kind: "interface", key: "1", name: "eth0")], isComplete: false),
            of: gone, now: 1)
        for number in 1...23 as ClosedRange<Int64> {
            try rig.recorder.append(rounds: [
                (gone, makeRound(number * second, series.map { ($0, UInt64(number)) })),
                (stays, makeRound(number * second, others.map { ($0, UInt64(number)) })),
            ])
        }
        try rig.packAll(now: 24 * second)
        try rig.recorder.append(events: [EventRecord(time: 5, device: gone, kind: "state", title: "up")])
        try rig.recorder.removeDevice(gone)
        #expect(try rig.recorder.retain(until: 0))
        #expect(try rig.recorder.retain(until: 0))
        // What is left to do is remembered by the database.
        let again = try rig.reopened()
        while try again.recorder.retain(until: 0) {}
        #expect(try again.samples(others[1]).count == 23)
        let counts = try rowCounts(again)
        #expect(
            counts == [
                "devices": 1, "objects": 0, "series": 2, "rounds": 3, "timelines": 4, "blocks": 8, "events": 1,
                "removals": 0,
            ])
    }
}
