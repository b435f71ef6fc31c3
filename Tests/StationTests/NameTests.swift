// Layer: StationTests. Uses: Station (NameWatch), SNMP. Used by: nothing.
// Devices that were given by name, and whose name leads somewhere else after a while.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import StationPoller
import StationRig
import StationStore
import Testing

@testable import Station

@Suite(.serialized) struct NameTests {
    /// What the name leads to; nil: nowhere.
    private let address = Locked<SocketAddress?>(nil)

    private func rig() throws -> StationRig {
        try StationRig { [address] options in
            options.watchesThisMachine = false
            options.lookInterval = .milliseconds(50)
            options.resolve = { (record) throws(StationError) in
                guard record.address == "switch.example" else { return try record.peer() }
                guard let found = address.withLock({ $0 }) else { throw .invalid("switch.example leads nowhere") }
                return Peer(found)
            }
        }
    }

    private func agent(_ host: SocketAddress = .loopbackIPv4(port: 0)) throws -> HostService {
        try HostService(
            HostService.Settings(
                engineID: .random(using: .fromSystem()), engineBoots: 1, communities: [Array("inside".utf8)]),
            [ServiceEndpoint(host)])
    }

    private func add(_ station: Station) throws -> DeviceRecord {
        try station.add(
            DeviceSpec(
                name: "switch", host: "switch.example", security: .v2c(community: Array("inside".utf8)),
                intervalMilliseconds: 1_000))
    }

    @Test func aDeviceThatIsSilentIsLookedForByItsNameAgain() throws {
        let rig = try rig()
        try rig.start()
        let first = try agent()
        address.withLock { $0 = first.endpoints[0].address }
        let record = try add(rig.station)
        func state() -> DeviceState? { rig.station.live.device(record.id)?.state }
        #expect(rig.wait { state() == .up })
        // It moves; nobody asks the name server as long as it answers.
        let second = try agent()
        defer { second.close() }
        address.withLock { $0 = second.endpoints[0].address }
        #expect(rig.wait { rig.station.live.counters.rounds >= 3 })
        var query = EventQuery()
        query.kind = "change"
        query.search = "name leads"
        #expect(try rig.station.store.reader.events(query).events.isEmpty)
        first.close()
        #expect(rig.wait { state() == .down })
        #expect(rig.wait { state() == .up })
        let isTold = try rig.wait { try rig.station.store.reader.events(query).events.count == 1 }
        #expect(isTold)
        let event = try #require(try rig.station.store.reader.events(query).events.first)
        #expect(event.device == record.id && event.title.contains("\(second.endpoints[0].address)"), "\(event.title)")
        // The values go on in the same series.
        let series = try rig.station.store.reader.series(of: record.id)
        #expect(Set(series.map(\.metric)).count > 10)
        #expect(Set(series.map { "\($0.object) \($0.metric)" }).count == series.count, "series are there twice")
        try rig.station.stop()
    }

    @Test func aNameThatLeadsNowhereAtTheStartIsAskedForAgain() throws {
        let directory = try TemporaryDirectory()
        let service = try agent()
        defer { service.close() }
        do {
            let rig = try StationRig(directory) { $0.watchesThisMachine = false }
            _ = try rig.station.store.recorder.add(
                DeviceRecord(name: "switch", address: "switch.example", intervalMilliseconds: 1_000, added: 1),
                security: .v2c(community: Array("inside".utf8)))
            try rig.station.stop()
        }
        let rig = try StationRig(directory) { [address] options in
            options.watchesThisMachine = false
            options.lookInterval = .milliseconds(50)
            options.resolve = { (_) throws(StationError) in
                guard let found = address.withLock({ $0 }) else { throw .invalid("switch.example leads nowhere") }
                return Peer(found)
            }
        }
        try rig.start()
        func device() -> LiveDevice? { rig.station.live.devices.first }
        #expect(rig.wait { device()?.state == .down && device()?.message.contains("leads nowhere") == true })
        address.withLock { $0 = service.endpoints[0].address }
        #expect(rig.wait { device()?.state == .up })
        #expect(device()?.message == "")
        try rig.station.stop()
    }
}
