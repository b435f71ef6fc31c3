// Layer: StationTests. Uses: Station (RecordingThread), SimulatedDisk. Used by: nothing.
// What the recording thread does when things go wrong: a disk that fails, a clock that jumps, too many traps; and that
// what is too old is deleted.

import ESE
import ESETestKit
import PlatformIO
import Primitives
import SNMPCodec
import StationRig
import StationSeries
import StationStore
import Testing

@testable import Station
@testable import StationPoller

/// What the thread said to people.
private final class Notes: Sendable {
    private let lines = Locked<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A recording thread with a store on a disk in memory.
private final class Rig: Sendable {
    let disk = SimulatedDisk(seed: 1)
    let live = LiveState()
    let notes = Notes()
    let store: StationStore
    let recording: RecordingThread
    let device: DeviceRecord
    /// How far the clock on the wall is ahead of this machine's, in microseconds.
    let offset = Locked<Int64>(0)

    init(_ limits: RecordingThread.Limits = RecordingThread.Limits()) throws {
        var options = StoreOptions()
        options.cacheByteCount = 4 << 20
        store = try StationStore.open(
            simulated: "/data", key: [UInt8](0..<32), options: options,
            environment: EngineEnvironment(storage: disk, reporter: SilentReporter()))
        device = try store.recorder.add(
            DeviceRecord(name: "a", address: "192.0.2.1", intervalMilliseconds: 1_000, added: 1),
            security: .v2c(community: []))
        live.put(device, now: 1)
        recording = RecordingThread(
            store, live, limits,
            wall: { [offset] in SystemClock.wallNanoseconds / 1_000 + offset.withLock { $0 } },
            note: { [notes] in notes.add($0) })
        try recording.start()
    }

    func end() throws {
        recording.stop()
        try store.close()
    }

    /// Waits until something is so; false if it isn't after a time that only a broken station needs.
    func wait(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = SystemClock.now + .seconds(60)
        while SystemClock.now < end {
            if try condition() { return true }
            SystemClock.sleep(.milliseconds(10))
        }
        return try condition()
    }

    /// The events of a kind, oldest first; none as long as the store can't be read.
    func titles(_ kind: String) -> [String] {
        var query = EventQuery()
        query.kind = kind
        query.limit = 500
        return ((try? store.reader.events(query).events) ?? []).map(\.title).reversed()
    }

    /// The disk is full, for the database's file and its logs, and the thread knows: rounds are committed lazily.
    func fill() {
        defer {
            recording.add(.event(EventRecord(time: 2, kind: "mark", title: "full"), confirm: nil))
            #expect(wait { live.problem != nil })
        }
        disk.failCall(
            number: disk.callCount + 1, kind: .full, isLasting: true, only: [.write, .setByteCount, .sync],
            pathSuffix: "")
    }

    /// A plan with one value of the device itself.
    func plan(_ revision: Int) -> DevicePlan {
        var plan = DevicePlan()
        plan.revision = revision
        let metric = Catalogue.metric("hrSystemProcesses") ?? Catalogue.metrics[0]
        plan.instances = [PolledInstance(object: nil, metric: metric.number, oid: metric.oid, type: .gauge32)]
        // Something that has to be written.
        plan.system.name = "revision \(revision)"
        return plan
    }

    func round(_ number: Int, revision: Int, values: Int = 1) -> PolledRound {
        PolledRound(
            device: device.id, time: Int64(number) * 1_000_000, upTime: 1, verdict: .complete, text: "",
            durationMicroseconds: 1, requests: 1, roundTrip: nil, revision: revision,
            values: (0..<values).map {
                PolledValue(instance: Int32($0), value: RawValue(type: .gauge32, bits: UInt64(number)))
            })
    }

    /// The values of all series; none as long as the store can't be read.
    func samples() -> [UInt64] {
        var values: [UInt64] = []
        for series in (try? store.reader.series(of: device.id)) ?? [] {
            try? store.reader.samples(of: series.id, in: 0..<Int64.max) { reading in
                if let value = reading.value { values.append(value.bits) }
                return true
            }
        }
        return values
    }

    func trap(_ number: Int, confirm: (@Sendable (Bool) -> Void)? = nil) -> RecordingWork {
        .event(
            EventRecord(
                time: Int64(number), kind: confirm == nil ? "trap" : "inform", title: "\(number)", trapOID: "1.3"),
            confirm: confirm)
    }
}

@Suite struct RecordingTests {
    @Test func aPlanThatCantBeRecordedWaitsAndItsRoundsWithIt() throws {
        let rig = try Rig()
        rig.recording.add(.plan(rig.device.id, rig.plan(1), []))
        rig.recording.add(.round(rig.round(1, revision: 1)))
        #expect(rig.wait { rig.samples() == [1] })
        rig.fill()
        // A round, then another plan, and rounds of that.
        rig.recording.add(.round(rig.round(2, revision: 1)))
        rig.recording.add(.plan(rig.device.id, rig.plan(2), []))
        for number in 3...6 { rig.recording.add(.round(rig.round(number, revision: 2))) }
        rig.disk.clearFaults()
        #expect(rig.wait { rig.samples() == [1, 2, 3, 4, 5, 6] })
        #expect(rig.wait { rig.live.problem == nil })
        #expect(rig.live.counters.lostRounds == 0)
        try rig.end()
    }

    @Test func aFullDiskIsSaidOnceAndInformsAreNotAnswered() throws {
        let rig = try Rig()
        let answers = Locked<[Bool]>([])
        rig.fill()
        #expect(rig.notes.all.count == 1 && rig.notes.all[0].contains("disk is full"), "\(rig.notes.all)")
        for number in 1...20 { rig.recording.add(rig.trap(number)) }
        rig.recording.add(rig.trap(21) { answer in answers.withLock { $0.append(answer) } })
        #expect(rig.wait { answers.withLock { $0 } == [false] })
        #expect(rig.wait { rig.live.problem?.contains("disk is full") == true }, "\(rig.live.problem ?? "")")
        #expect(rig.notes.all.count == 1 && rig.notes.all[0].contains("disk is full"), "\(rig.notes.all)")
        rig.disk.clearFaults()
        #expect(rig.wait { rig.live.problem == nil })
        #expect(rig.wait { rig.titles("trap") == (1...20).map { "\($0)" } })
        #expect(rig.wait { rig.titles("station").contains { $0.contains("nothing could be recorded") } })
        #expect(rig.notes.all.count == 2 && rig.notes.all[1].contains("works again"), "\(rig.notes.all)")
        #expect(rig.titles("inform").isEmpty && answers.withLock { $0 } == [false])
        try rig.end()
    }

    @Test func whatCantBeWrittenIsCountedBeyondTheLimit() throws {
        var limits = RecordingThread.Limits()
        limits.samples = 20
        limits.events = 10
        let rig = try Rig(limits)
        rig.recording.add(.plan(rig.device.id, rig.plan(1), []))
        rig.recording.add(.round(rig.round(1, revision: 1)))
        #expect(rig.wait { rig.samples() == [1] })
        rig.fill()
        for number in 2...40 { rig.recording.add(.round(rig.round(number, revision: 1))) }
        #expect(rig.wait { rig.live.counters.lostRounds > 0 })
        // Nine are taken beside the one that waits, however often the thread looks at them meanwhile.
        var taken = 0
        for number in 0..<200 {
            if rig.recording.add(rig.trap(number)) { taken += 1 }
            if number % 50 == 0 { SystemClock.sleep(.milliseconds(200)) }
        }
        #expect(taken == 9)
        // What the station notices itself is taken all the same.
        #expect(rig.recording.add(.event(EventRecord(time: 1, kind: "state", title: "down"), confirm: nil)))
        rig.disk.clearFaults()
        #expect(rig.wait { rig.titles("trap").count == 9 && rig.titles("state") == ["down"] })
        #expect(rig.wait { rig.titles("station").contains { $0.contains("rounds were lost") } })
        // A round takes the room of its samples and one more. The first one may have to be written again.
        let samples = rig.samples()
        #expect((10...11).contains(samples.count) && samples.first == 1, "\(samples)")
        // There is room again.
        #expect(rig.recording.add(rig.trap(1_000)))
        #expect(rig.wait { rig.titles("trap").count == 10 })
        try rig.end()
    }

    @Test func aClockThatJumpsIsAnEvent() throws {
        let rig = try Rig()
        // The thread looks at the clock twice a second; less than two seconds is no jump.
        rig.offset.withLock { $0 = 1_500_000 }
        SystemClock.sleep(.milliseconds(900))
        rig.offset.withLock { $0 += 3_600_000_000 }
        #expect(rig.wait { rig.titles("clock").count == 1 })
        rig.offset.withLock { $0 -= 7_200_000_000 }
        #expect(rig.wait { rig.titles("clock").count == 2 })
        let titles = rig.titles("clock")
        #expect(titles.first?.contains("was advanced by 3600.0 s") == true, "\(titles)")
        #expect(titles.last?.contains("was put back by 7200.0 s") == true, "\(titles)")
        // Rounds and events go on.
        rig.recording.add(rig.trap(5))
        #expect(rig.wait { rig.titles("trap") == ["5"] })
        try rig.end()
    }

    @Test func whatIsTooOldIsDeletedAndTheRestStays() throws {
        let day: Int64 = 86_400_000_000
        let directory = try TemporaryDirectory()
        let rig = try StationRig(directory) {
            $0.watchesThisMachine = false
            $0.retentionDays = 2
            $0.retentionDelay = .milliseconds(1)
        }
        let station = rig.station
        let device = try station.add(DeviceSpec(name: "a", host: "192.0.2.1", security: .v2c(community: [])))
        let series = try station.store.recorder.record(
            DeviceCatalogue(series: [
                DeviceCatalogue.Series(metric: "m", oid: "1.3", type: .gauge32, unit: "", nature: .gauge)
            ]), of: device.id, now: 1
        ).series[0].id
        let now = Station.now
        for age in [3, 1] {
            let value = SeriesValue(series: series, value: RawValue(type: .gauge32, bits: UInt64(age)))
            try station.store.recorder.append(rounds: [
                (
                    device.id,
                    Round(
                        time: now - Int64(age) * day, upTime: 1, verdict: .complete, durationMicroseconds: 1,
                        requests: 1, values: [value])
                )
            ])
            try station.store.recorder.append(events: [
                EventRecord(time: now - Int64(age) * day, kind: "trap", title: "\(age) days ago")
            ])
        }
        try rig.start()
        func titles() throws -> [String] {
            var query = EventQuery()
            query.kind = "trap"
            return try station.store.reader.events(query).events.map(\.title)
        }
        func values() throws -> [UInt64] {
            var values: [UInt64] = []
            try station.store.reader.samples(of: series, in: 0..<Int64.max) { reading in
                if let value = reading.value { values.append(value.bits) }
                return true
            }
            return values
        }
        #expect(try rig.wait { try titles() == ["1 days ago"] && values() == [1] })
        try station.stop()
    }
}
