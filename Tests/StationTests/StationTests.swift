// Layer: StationTests. Uses: Station, SNMP. Used by: nothing.
// The station on real sockets: this machine, another agent, traps and informs, ends and beginnings.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import StationPoller
import StationRig
import StationSeries
import StationStore
import Testing

@testable import Station

@Suite(.serialized) struct StationTests {
    @Test func watchesThisMachine() throws {
        let rig = try StationRig()
        try rig.start()
        let device = try #require(rig.station.live.devices.first)
        #expect(device.record.origin == .builtIn)
        let hasRates = rig.wait {
            guard let live = rig.station.live.device(device.record.id) else { return false }
            return live.state == .up && live.trafficRates().received != nil && live.processorPercent != nil
        }
        #expect(hasRates)
        let live = try #require(rig.station.live.device(device.record.id))
        #expect(live.verdict == .complete, "\(live.verdictText)")
        #expect(live.interfaceCounts.total > 0 && live.memory != nil)
        #expect(rig.wait { rig.station.live.counters.rounds >= 3 })
        let now = Station.now
        let chart = try rig.station.charts.chart(
            .device(device.record.id, "cpu"), from: now - 60_000_000, to: now, count: 60)
        #expect(chart.unit == "percent" && chart.lines.count == 1)
        #expect(chart.lines[0].buckets.contains { $0.mean != nil })
        try rig.station.stop()
    }

    @Test func knowsAfterAStopWhatItKnewBefore() throws {
        let directory = try TemporaryDirectory()
        let first = try StationRig(directory)
        try first.start()
        let id = try #require(first.station.live.devices.first).record.id
        #expect(first.wait { (first.station.live.device(id)?.trafficRates().received) != nil })
        let series = try #require(first.station.live.device(id)).series
        try first.station.stop()
        let second = try StationRig(directory)
        let live = try #require(second.station.live.device(id))
        #expect(Set(live.series.map(\.id)) == Set(series.map(\.id)))
        #expect(live.values.contains { $0.value != nil } && live.lastSeen != nil)
        let events = try second.station.store.reader.events(EventQuery()).events
        #expect(events.map(\.title).prefix(1) == ["the station was stopped"])
        try second.start()
        #expect(second.wait { second.station.live.device(id)?.state == .up })
        // The same machine is the same device.
        #expect(second.station.live.devices.count == 1)
        try second.station.stop()
    }

    @Test func secondStationOfADirectoryIsRefused() throws {
        let rig = try StationRig()
        let error = #expect(throws: StationError.self) { _ = try StationRig(rig.directory) }
        #expect(error?.description.contains("in use") == true, "\(error?.description ?? "")")
    }

    @Test func addsAndRemovesDevicesWhileItRuns() throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        try rig.start()
        let agent = try HostService(
            HostService.Settings(
                engineID: .random(using: .fromSystem()), engineBoots: 1, communities: [Array("inside".utf8)]),
            [ServiceEndpoint(.loopbackIPv4(port: 0))])
        defer { agent.close() }
        let address = agent.endpoints[0].text
        let record = try rig.station.add(
            DeviceSpec(
                name: "Other", host: address, security: .v2c(community: Array("inside".utf8)),
                intervalMilliseconds: 1_000))
        #expect(rig.wait { rig.station.live.device(record.id)?.values.contains { $0.perSecond != nil } == true })
        #expect(throws: StationError.self) {
            try rig.station.add(DeviceSpec(name: "OTHER", host: address, security: .v2c(community: [])))
        }
        // A wrong community: it is watched, and its state says so.
        let silent = try rig.station.add(
            DeviceSpec(host: address, security: .v2c(community: Array("wrong".utf8)), intervalMilliseconds: 1_000))
        #expect(rig.wait { rig.station.live.device(silent.id)?.state == .down })
        #expect(rig.station.live.device(silent.id)?.message.isEmpty == false)
        try rig.station.remove(record)
        #expect(rig.station.live.device(record.id) == nil)
        #expect(try rig.station.store.reader.device(named: "other") == nil)
        try rig.station.stop()
    }

    @Test func manyAreAddedOrNone() throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        let security = DeviceSecurity.v2c(community: Array("public".utf8))
        #expect(throws: StationError.self) {
            try rig.station.add([
                DeviceSpec(host: "192.0.2.1", security: security), DeviceSpec(host: "192.0.2.2", security: security),
                DeviceSpec(name: "192.0.2.1", host: "192.0.2.3", security: security),
            ])
        }
        #expect(rig.station.live.devices.isEmpty)
        #expect(try rig.station.store.reader.devices().isEmpty)
    }

    @Test func recordsTrapsAndAnswersInformsAfterTheirCommit() async throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        try rig.start()
        let endpoint = try #require(rig.station.trapEndpoints.first)
        let manager = try SNMPManager()
        defer { manager.close() }
        let target = try manager.target(
            TargetConfiguration(Peer(endpoint.address), .v2c(community: Array("secret".utf8))))
        let linkDown: ObjectIdentifier = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]
        let ifIndex = VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 7], .integer(7))
        try await target.inform(linkDown, upTime: 4_217, [ifIndex])
        // It was answered, so it is there.
        var query = EventQuery()
        query.kind = "inform"
        let inform = try #require(try rig.station.store.reader.events(query).events.first)
        #expect(inform.title == "linkDown (interface 7)" && inform.severity == .warning)
        #expect(inform.trapOID == linkDown.description && inform.detail?.contains("ifIndex.7") == true)
        #expect(inform.detail?.contains("secret") == false && inform.source.hasPrefix("127.0.0.1:"))
        try await target.trap([1, 3, 6, 1, 6, 3, 1, 1, 5, 1], upTime: 0)
        query.kind = "trap"
        let isThere = try rig.wait { try rig.station.store.reader.events(query).events.first?.title == "coldStart" }
        #expect(isThere)
        try rig.station.stop()
    }

    @Test func trapFromAnAddressOfTwoDevicesNamesNeither() async throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        try rig.start()
        let security = DeviceSecurity.v2c(community: Array("public".utf8))
        let first = try rig.station.add(DeviceSpec(name: "first", host: "127.0.0.1:1", security: security))
        let second = try rig.station.add(DeviceSpec(name: "second", host: "127.0.0.1:2", security: security))
        let endpoint = try #require(rig.station.trapEndpoints.first)
        let manager = try SNMPManager()
        defer { manager.close() }
        let target = try manager.target(
            TargetConfiguration(Peer(endpoint.address), .v2c(community: Array("public".utf8))))
        var query = EventQuery()
        query.kind = "inform"
        try await target.inform([1, 3, 6, 1, 6, 3, 1, 1, 5, 1], upTime: 1)
        #expect(try rig.station.store.reader.events(query).events.map(\.device) == [0])
        try rig.station.remove(second)
        try await target.inform([1, 3, 6, 1, 6, 3, 1, 1, 5, 1], upTime: 2)
        #expect(try rig.station.store.reader.events(query).events.map(\.device) == [first.id, 0])
        try rig.station.stop()
    }

    @Test func trapsOfUsersOfWatchedDevicesAreTaken() async throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        try rig.start()
        let user = DeviceUser(
            name: "monitor", authentication: .init(protocolName: "SHA-256", password: Array("authentication".utf8)),
            privacy: .init(protocolName: "AES", password: Array("encryption".utf8)))
        try rig.station.add(DeviceSpec(name: "sender", host: "127.0.0.1:1", security: .v3(user)))
        let endpoint = try #require(rig.station.trapEndpoints.first)
        let manager = try SNMPManager()
        defer { manager.close() }
        let target = try manager.target(TargetConfiguration(Peer(endpoint.address), .v3(try user.credentials())))
        try await target.inform([1, 3, 6, 1, 6, 3, 1, 1, 5, 2], upTime: 1)
        var query = EventQuery()
        query.kind = "inform"
        let event = try #require(try rig.station.store.reader.events(query).events.first)
        #expect(event.title == "warmStart" && event.detail?.contains("monitor") == true)
        #expect(rig.station.live.device(event.device)?.record.name == "sender")
        try rig.station.stop()
    }
}
