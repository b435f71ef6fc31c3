// Layer: StationWildTests. Tests: Net-SNMP's agent beside our own on the same machine, and the notifications of
// Net-SNMP's tools in all versions.

import Foundation
import HTTPService
import JSON
import PeerRig
import PlatformIO
import Primitives
import SNMP
import Station
import StationPoller
import StationRig
import StationStore
import StationWeb
import Testing

extension DeviceSecurity {
    /// A user of the rig's daemons.
    static func user(_ user: PeerUser) -> DeviceSecurity {
        .v3(
            DeviceUser(
                name: user.name,
                authentication: .init(protocolName: user.auth.rawValue, password: Array(user.authPassword.utf8)),
                privacy: .init(protocolName: user.priv.rawValue, password: Array(user.privPassword.utf8))))
    }
}

@Suite(
    .serialized, .enabled(if: PeerRig.isAvailable || PeerRig.isRequired, Comment(rawValue: PeerRig.skipReason ?? "")),
    .timeLimit(.minutes(5)))
struct DebianAgentTests {
    private static let user = PeerUser(auth: .sha256, priv: .aes128)

    private static func start(
        _ daemon: SNMPDaemon, interval: Int32 = 1_000
    ) throws -> (StationRig, StationWeb, v2c: DeviceRecord, v3: DeviceRecord) {
        let port = try freePort()
        let rig = try StationRig { $0.trapPort = port }
        try rig.start()
        let v2c = try rig.station.add(
            DeviceSpec(
                name: "debian", host: "127.0.0.1:\(daemon.port)",
                security: .v2c(community: Array(SNMPDaemon.readOnly.utf8)), intervalMilliseconds: interval))
        let v3 = try rig.station.add(
            DeviceSpec(
                name: "debian secure", host: "udp6:[::1]:\(daemon.port)", security: .user(user),
                intervalMilliseconds: interval))
        return (rig, StationWeb(rig.station, version: "1"), v2c, v3)
    }

    @Test("snmpd over v2c and v3 and our own agent see the same machine")
    func seesTheSameMachine() async throws {
        try await blocking { try Self.compareAgents() }
    }

    private static func compareAgents() throws {
        let daemon = try SNMPDaemon()
        defer { daemon.stop() }
        let (rig, web, v2c, v3) = try start(daemon)
        let own = try #require(rig.station.live.devices.first { $0.record.origin == .builtIn }).record
        let ids = [own.id, v2c.id, v3.id]
        for id in ids {
            let isWhole = rig.wait {
                guard let live = rig.station.live.device(id) else { return false }
                return live.state == .up && live.trafficRates().received != nil && live.processorPercent != nil
                    && live.memory != nil && live.load != nil && !live.disks.isEmpty && live.upTime != nil
            }
            let live = try #require(rig.station.live.device(id))
            try #require(
                isWhole,
                "\(live.record.name): \(live.state) \(live.message) \(live.verdictText) \(live.plan.summary)")
        }
        var devices: [JSONNode] = []
        for id in ids {
            // snmpd counts anew every few seconds only, so that there are rounds in which nothing seems to have run.
            let names = ["cpu", "memory", "storage", "load", "in", "out"]
            var missing = names
            var device = try web.node("/api/v1/devices/\(id)")
            _ = try rig.wait {
                device = try web.node("/api/v1/devices/\(id)")
                missing = names.filter { device[$0]?.number == nil }
                return missing.isEmpty && device["state"]?.string == "up" && device["verdict"]?.string == "complete"
            }
            let what = "\(device["name"]?.string ?? "") has no \(missing): \(device["message"]?.text ?? "")"
            #expect(missing.isEmpty && device["state"]?.string == "up", "\(what)")
            #expect(device["verdict"]?.string == "complete", "\(what)")
            devices.append(device)
        }
        // The same machine: the same interfaces with counters that fit, the same memory, load and disk.
        func interfaces(_ node: JSONNode) -> Set<String> {
            Set((node["interfaceList"]?.elements ?? []).compactMap { $0["name"]?.string })
        }
        func disk(_ node: JSONNode) -> Double? {
            node["storageList"]?.elements?.first { $0["name"]?.string == "/" }?["total"]?.number
        }
        for device in devices.dropFirst() {
            #expect(interfaces(device) == interfaces(devices[0]) && interfaces(device).contains("lo"))
            #expect(device["memoryUse"]?["total"]?.number == devices[0]["memoryUse"]?["total"]?.number)
            let (load, ours) = (device["load"]?.number ?? -100, devices[0]["load"]?.number ?? 100)
            #expect(abs(load - ours) < 5, "\(load) \(ours)")
            #expect(disk(device) != nil && disk(device) == disk(devices[0]))
        }
        let name = "ifHCInOctets/lo"
        var values: [UInt64] = []
        for id in ids {
            let series = try #require(try web.series(of: id)[name], "\(id) has no \(name)")
            let samples = try web.node("/api/v1/series/\(series)/samples?from=-5m")["samples"]?.elements ?? []
            let last = try #require(samples.last?.elements?[1].string.flatMap { UInt64($0) })
            values.append(last)
            let chart = ChartPoint.all(try web.node("/api/v1/chart?series=\(series)&from=-5m&points=300"))
            #expect(chart.contains { $0.state == "ok" && $0.mean != nil }, "\(id)")
        }
        // Counted since the machine started; seconds apart, and the tests talk over this interface. snmpd looks at its
        // interfaces every few seconds only.
        let (least, most) = (Double(values.min() ?? 0), Double(values.max() ?? 0))
        #expect(most - least < max(most / 10, 500_000_000), "\(values)")
        try rig.station.stop()
    }

    /// A notification as a tool sends it, and what is to be recorded.
    private struct Sent {
        var tool: String
        var arguments: [String]
        var kind: String
        var version: String
        var trapOID: String
        var device: String
    }

    @Test("what snmptrap and snmpinform send is recorded with all of it")
    func recordsNotifications() async throws {
        try await blocking { try Self.sendAll() }
    }

    private static func sendAll() throws {
        let daemon = try SNMPDaemon()
        defer { daemon.stop() }
        let (rig, web, _, _) = try start(daemon, interval: 60_000)
        let port = try #require(rig.station.trapEndpoints.first).address.port
        // Over IPv4 the tools send from the address of one device, over IPv6 from that of the other.
        let v2c = ["-v", "2c", "-c", "anything"]
        let secure = PeerCredentials.v3(user).arguments
        let sender = ["-e", "0x\(TrapDaemon.senderEngineID)"]
        let linkDown = "1.3.6.1.6.3.1.1.5.3"
        let varbinds = [
            ".1.3.6.1.2.1.2.2.1.1.2", "i", "2", ".1.3.6.1.2.1.2.2.1.2.2", "s", "eth\"0\" ä",
            ".1.3.6.1.4.1.55555.1.0", "c", "4294967295", ".1.3.6.1.4.1.55555.2.0", "a", "192.0.2.77",
            ".1.3.6.1.4.1.55555.3.0", "o", "1.3.6.1.4.1.1", ".1.3.6.1.4.1.55555.4.0", "t", "12345",
            ".1.3.6.1.4.1.55555.5.0", "x", "00ff10", ".1.3.6.1.4.1.55555.6.0", "u", "4000000000",
        ]
        let values = ["2", "eth\"0\" ä", "4294967295", "192.0.2.77", "1.3.6.1.4.1.1", "12345", nil, "4000000000"]
        let v1 = ["-v", "1", "-c", "anything"]
        let all: [Sent] = [
            // RFC 3584 section 3.1: a generic trap has a standard name, a specific one is ENTERPRISE.0.NUMBER.
            Sent(
                tool: "snmptrap", arguments: v1 + ["TO", "1.3.6.1.4.1.55555.7", "192.0.2.9", "2", "0", "4711"],
                kind: "trap", version: "1", trapOID: linkDown, device: "debian"),
            Sent(
                tool: "snmptrap", arguments: v1 + ["TO", "1.3.6.1.4.1.55555.7", "192.0.2.9", "6", "99", "4711"],
                kind: "trap", version: "1", trapOID: "1.3.6.1.4.1.55555.7.0.99", device: "debian"),
            Sent(
                tool: "snmptrap", arguments: v2c + ["TO", "4711", linkDown], kind: "trap", version: "2c",
                trapOID: linkDown, device: "debian"),
            Sent(
                tool: "snmptrap", arguments: secure + sender + ["TO", "4711", linkDown], kind: "trap", version: "3",
                trapOID: linkDown, device: "debian"),
            Sent(
                tool: "snmpinform", arguments: v2c + ["TO", "4711", linkDown], kind: "inform", version: "2c",
                trapOID: linkDown, device: "debian"),
            Sent(
                tool: "snmpinform", arguments: secure + ["TO", "4711", linkDown], kind: "inform", version: "3",
                trapOID: linkDown, device: "debian"),
            Sent(
                tool: "snmpinform", arguments: secure + ["TO6", "4711", linkDown], kind: "inform", version: "3",
                trapOID: linkDown, device: "debian secure"),
            Sent(
                tool: "snmptrap", arguments: v2c + ["TO6", "4711", linkDown], kind: "trap", version: "2c",
                trapOID: linkDown, device: "debian secure"),
        ]
        for (number, sent) in all.enumerated() {
            // Each can be told by its last variable.
            let arguments = sent.arguments.map {
                $0 == "TO" ? "127.0.0.1:\(port)" : $0 == "TO6" ? "udp6:[::1]:\(port)" : $0
            }
            let mark = [".1.3.6.1.4.1.55555.9.0", "s", "mark-\(number)-"]
            let result = try PeerTool.run(sent.tool, ["-t", "5", "-r", "3"] + arguments + varbinds + mark)
            // An inform's tool ends well only when it was answered.
            #expect(result.status == 0, "\(sent): \(result)")
            func find() throws -> JSONNode? {
                try web.node("/api/v1/events?kind=\(sent.kind)&search=mark-\(number)-")["events"]?.elements?.first
            }
            let isThere = try rig.wait(seconds: 20) { try find() != nil }
            #expect(isThere, "\(sent) was not recorded")
            guard let event = try find() else { continue }
            #expect(event["trapOID"]?.string == sent.trapOID, "\(event.text)")
            #expect(event["deviceName"]?.string == sent.device, "\(event.text)")
            let source = sent.arguments.contains("TO6") ? "[::1]:" : "127.0.0.1:"
            #expect(event["source"]?.string?.hasPrefix(source) == true, "\(event.text)")
            #expect(event["detail"]?["version"]?.string == sent.version, "\(event.text)")
            #expect(event["detail"]?["upTime"]?.number == 4_711)
            let found = event["varbinds"]?.elements ?? []
            #expect(found.count == 9, "\(event.text)")
            for (place, value) in values.enumerated() where place < found.count {
                #expect(found[place]["oid"]?.string == String(varbinds[place * 3].dropFirst()), "\(event.text)")
                if let value { #expect(found[place]["value"]?.plain == value, "\(event.text)") }
            }
            if sent.version == "1" {
                #expect(event["detail"]?["enterprise"]?.string == "1.3.6.1.4.1.55555.7", "\(event.text)")
            }
        }
        #expect(rig.station.live.counters.lostTraps == 0)
        try rig.station.stop()
    }
}
