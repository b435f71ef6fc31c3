// Layer: FleetTests. Uses: StationTestKit, Station. Used by: nothing.
// A small fleet of devices: what the station records of it is what the agents served. `oriel-bench --mode fleet` does
// the same with many, and with the station as a process of its own.

import PlatformIO
import Primitives
import Station
import StationRig
import StationStore
import StationTestKit
import Testing

@Suite(.serialized) struct FleetTests {
    private static func station(_ fleet: Fleet, _ directory: TemporaryDirectory) throws -> StationRig {
        let rig = try StationRig(directory) { $0.watchesThisMachine = false }
        try rig.start()
        let list = fleet.devices.map { $0.json(interval: 1) }.joined(separator: ",")
        _ = try rig.station.add(try DeviceSpec.list("[\(list)]"))
        return rig
    }

    @Test func everySampleOfFiveAgentsIsRecordedAsItWasServed() throws {
        let fleet = try Fleet(agents: 5, interfaces: 24)
        let directory = try TemporaryDirectory()
        let rig = try Self.station(fleet, directory)
        #expect(rig.wait { rig.station.live.counters.rounds >= 50 })
        let counters = rig.station.live.counters
        #expect(counters.lostRounds == 0)
        try rig.station.stop()
        let logs = fleet.close()
        let store = try StationStore.open(directory: directory.path)
        var check = FleetCheck()
        try check.compare(logs, of: fleet.devices, in: store.reader, interval: 1)
        #expect(check.differenceCount == 0, "\(check.differences.joined(separator: "\n"))")
        #expect(check.devices == 5 && check.rounds >= 50)
        // 24 interfaces with 15 series each, and 25 of the device, its processors and its storage.
        #expect(check.samples == check.rounds * (24 * 15 + 25))
        try store.close()
    }

    @Test func aSampleThatDiffersIsNoticed() throws {
        let fleet = try Fleet(agents: 2, interfaces: 2)
        let directory = try TemporaryDirectory()
        let rig = try Self.station(fleet, directory)
        #expect(rig.wait { rig.station.live.counters.rounds >= 6 })
        try rig.station.stop()
        let logs = fleet.close()
        let file = directory.path + "/served"
        try ServedLog.write(logs, to: file)
        let read = try #require(try ServedLog.read(file))
        #expect(read == logs)
        let store = try StationStore.open(directory: directory.path)
        // The log of a device that served other values.
        var check = FleetCheck()
        try check.compare([logs[0], logs[0]], of: fleet.devices, in: store.reader, interval: 1)
        #expect(check.differenceCount > 0 && !check.isRight)
        // A device that is not there.
        var other = fleet.devices
        other[1].name = "fleet-0"
        check = FleetCheck()
        try check.compare(logs, of: other, in: store.reader, interval: 1)
        #expect(check.differences == ["fleet-0 is not recorded at all"])
        try store.close()
    }
}
