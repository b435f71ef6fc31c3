// Layer: StationWildTests. Tests: everything that makes a counter jump, from an agent's objects over the wire, the
// store and the charts to the API, /metrics and the command.

import Foundation
import HTTPService
import JSON
import PeerRig
import PlatformIO
import Primitives
import SNMP
import Station
import StationRig
import StationStore
import StationWeb
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct CounterTests {
    /// Octets a second; far below what the ports' 1 Gbit/s allow.
    private static let rate: UInt64 = 1_000_000
    private static let usual = Double(rate) * 8

    /// The devices, their agents, and the station that watches them.
    private final class Scene {
        let rig: StationRig
        let web: StationWeb
        let http: HTTPService
        let control: ControlService
        var devices: [String: (agent: SettableAgent, server: AgentServer, record: DeviceRecord)] = [:]

        init() throws {
            rig = try StationRig { $0.watchesThisMachine = false }
            try rig.start()
            let web = StationWeb(rig.station, version: "1")
            self.web = web
            http = try HTTPService(listen: .loopbackIPv4(port: 0)) { web.answer($0) }
            control = try ControlService(web)
        }

        func add(_ name: String, _ ports: [SettablePort], upTime: Ramp? = nil) throws {
            let agent = SettableAgent(ports)
            if let upTime { agent.change { $0.upTime = upTime } }
            let server = try agent.serve()
            let record = try rig.station.add(
                DeviceSpec(
                    name: name, host: "\(server.endpoints[0].address)",
                    security: .v2c(community: SettableAgent.community), intervalMilliseconds: 1_000))
            devices[name] = (agent, server, record)
        }

        /// Waits until the device has so many more rounds.
        func rounds(_ count: Int, of name: String) throws {
            let series = try series("ifHCInOctets/p1", of: name)
            let first = try samples(series).count
            let isThere = try rig.wait { try samples(series).count >= first + count }
            #expect(isThere, "\(name) has no rounds")
        }

        func series(_ text: String, of name: String) throws -> Int {
            let device = try #require(devices[name])
            var found: Int?
            _ = try rig.wait {
                found = try web.series(of: device.record.id)[text]
                return found != nil
            }
            return try #require(found, "\(name) has no \(text)")
        }

        func samples(_ series: Int) throws -> [JSONNode] {
            try web.node("/api/v1/series/\(series)/samples?from=-1h")["samples"]?.elements ?? []
        }

        func chart(_ series: Int) throws -> [ChartPoint] {
            ChartPoint.all(try web.node("/api/v1/chart?series=\(series)&from=-2m&points=2000"))
        }

        /// What the command prints, each line as JSON.
        func command(_ name: String, _ series: String) throws -> [JSONNode] {
            let result = try OrielProgram.run(
                "station", "query", "--data", rig.directory.path, name, series, "--from", "-2m", "--rate", "--json")
            #expect(result.status == 0 && result.errorOutput.isEmpty, "\(result)")
            return try result.output.split(separator: "\n").map { try JSONNode(text: String($0)) }
        }

        func metric(_ name: String, _ labels: String) throws -> Double? {
            let body = try PageClient.get(http.address, "/metrics", headers: ["Accept: text/plain"]).body
            let line = body.split(separator: "\n").first { $0.hasPrefix(name + "{") && $0.contains(labels) }
            return line?.split(separator: " ").last.flatMap { Double($0) }
        }

        func end() throws {
            control.stop()
            http.stop()
            try rig.station.stop()
            for device in devices.values { device.server.close() }
        }
    }

    private static func steady(_ base: UInt64 = 1_000_000_000) -> Ramp { Ramp(base: base, perSecond: rate) }

    /// Nothing is a spike: neither a counter's whole range, nor what it had counted before.
    private static func checkValues(_ points: [ChartPoint], _ what: String) {
        let values = points.compactMap(\.greatest)
        #expect(values.count > 3, "\(what) has hardly any rate")
        for value in values { #expect(value > usual / 4 && value < usual * 3, "\(what): \(value)") }
    }

    @Test("restarts, wraps, discontinuities, counters that fall and silence: states are right and nothing is a spike")
    func countersThatJump() async throws {
        try await blocking { try Self.run() }
    }

    private static func run() throws {
        let scene = try Scene()
        let wrap: UInt64 = 12
        let wrapAt = Station.now + Int64(wrap) * 1_000_000
        // The ports of one device wrap, fall or begin anew on their own; other devices restart, wrap their clock, or
        // are silent.
        try scene.add(
            "ports",
            [
                SettablePort(name: "p1", octets: steady()),
                SettablePort(name: "wide", octets: .wrapping(bits: 64, in: wrap, perSecond: rate)),
                SettablePort(name: "narrow", octets: .wrapping(bits: 32, in: wrap, perSecond: rate), isWide: false),
                SettablePort(name: "anew", octets: steady(4_000_000_000_000)),
                SettablePort(name: "falls", octets: steady(4_000_000_000_000)),
            ])
        for name in ["restarts", "silent"] { try scene.add(name, [SettablePort(name: "p1", octets: steady())]) }
        try scene.add(
            "clock", [SettablePort(name: "p1", octets: steady())],
            upTime: .wrapping(bits: 32, in: wrap, perSecond: 100))
        let narrow = "ifInOctets/narrow"
        for name in scene.devices.keys.sorted() { try scene.rounds(4, of: name) }

        // All at once.
        let silent = try #require(scene.devices["silent"])
        silent.server.close()
        let silence = Station.now
        let ports = try #require(scene.devices["ports"])
        ports.agent.change { contents in
            contents.ports[3].octets = steady(0)
            contents.ports[3].discontinuity = 370_000
            contents.ports[4].octets = steady(1_000_000)
        }
        let restarts = try #require(scene.devices["restarts"])
        restarts.agent.change { contents in
            contents.upTime = Ramp(base: 0, perSecond: 100)
            contents.ports[0].octets = steady(0)
        }
        while Station.now < wrapAt { pause(.milliseconds(100)) }
        for name in ["ports", "restarts", "clock"] { try scene.rounds(4, of: name) }
        // More than three intervals.
        while Station.now < silence + 6_000_000 { pause(.milliseconds(100)) }
        let again = try silent.agent.serve(port: silent.server.endpoints[0].address.port)
        defer { again.close() }
        let back = Station.now
        try scene.rounds(4, of: "silent")

        // The states that each chart has beside ok.
        let expected: [(device: String, series: String, states: Set<String>)] = [
            ("ports", "ifHCInOctets/p1", []), ("ports", "ifHCInOctets/wide", ["wrapped"]),
            ("ports", narrow, ["wrapped"]), ("ports", "ifHCInOctets/anew", ["reset"]),
            ("ports", "ifHCInOctets/falls", ["unknown"]), ("restarts", "ifHCInOctets/p1", ["reset"]),
            ("clock", "ifHCInOctets/p1", []), ("silent", "ifHCInOctets/p1", ["unknown"]),
        ]
        for (device, name, states) in expected {
            let what = "\(device) \(name)"
            let series = try scene.series(name, of: device)
            var points = try scene.chart(series)
            // Before the first sample there is nothing.
            let first = try #require(points.firstIndex { $0.mean != nil }, "\(what) has no rate")
            points.removeFirst(first)
            checkValues(points, what)
            // A round that comes late on a busy machine is a gap; what is looked for is there besides. Of a device that
            // doesn't answer samples are missing.
            let found = Set(points.map(\.state)).subtracting(["ok"])
            #expect(found.isSuperset(of: states), "\(what): \(found) instead of \(states)")
            #expect(found.subtracting(states).isSubset(of: ["gap"]), "\(what): \(found) instead of \(states)")
            let lines = try scene.command(device, name)
            let printed = Set(lines.compactMap { $0["state"]?.string })
            #expect(printed.isSuperset(of: states), "\(what)")
            // Times before the first sample are no lines.
            #expect(!lines.contains { $0["state"]?.string == "ok" && $0["mean"]?.number == nil }, "\(what)")
            for line in lines {
                guard let value = line["greatest"]?.number else { continue }
                #expect(value < usual * 3 && line["unit"]?.string == "bit/s", "\(what): \(line.text)")
            }
            // Prometheus gets the counter as it is.
            let last = try #require(try scene.samples(series).last?.elements?[1].string.flatMap { Double($0) })
            let port = name.split(separator: "/")[1]
            let exported = try scene.metric(
                "oriel_interface_receive_bytes_total", "device=\"\(device)\",interface=\"\(port)\"")
            #expect(exported.map { $0 >= last && $0 < last + usual * 10 } == true, "\(what): \(exported ?? -1) \(last)")
        }
        let points = try scene.chart(try scene.series("ifHCInOctets/p1", of: "silent"))
        let inside = points.filter { $0.time > Double(silence) / 1e6 + 1 && $0.time < Double(back) / 1e6 - 0.5 }
        #expect(inside.count > 2 && inside.allSatisfy { ["gap", "unknown"].contains($0.state) && $0.mean == nil })
        // The restart is an event of that device, and only of that.
        let restarted = try scene.web.node("/api/v1/events?kind=restart")["events"]?.elements ?? []
        #expect(restarted.map { $0["deviceName"]?.string } == ["restarts"], "\(restarted.map(\.text))")
        let states = try scene.web.node("/api/v1/events?kind=state")["events"]?.elements ?? []
        let changed = Set(states.compactMap { $0["deviceName"]?.string })
        #expect(changed.isSubset(of: ["silent"]))
        try scene.end()
    }
}
