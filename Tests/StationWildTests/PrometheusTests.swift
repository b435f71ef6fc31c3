// Layer: StationWildTests. Tests: what the station exports is what Prometheus' own programs want.

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

@Suite(
    .serialized,
    .enabled(
        if: PeerRig.isRequired || (PeerRig.path(of: "prometheus") != nil && PeerRig.path(of: "promtool") != nil),
        "no prometheus here: run Scripts/install-deps test"),
    .timeLimit(.minutes(5)))
struct PrometheusTests {
    /// A station that runs and serves, with a device called `wild "1"`.
    private struct Rig {
        let rig: StationRig
        let http: HTTPService
        let agent: AgentServer

        init() throws {
            agent = try SettableAgent([SettablePort(name: "p1", octets: Ramp(base: 5, perSecond: 1_000))]).serve()
            rig = try StationRig()
            try rig.start()
            let record = try rig.station.add(
                DeviceSpec(
                    name: "wild \"1\"", host: "\(agent.endpoints[0].address)",
                    security: .v2c(community: SettableAgent.community), intervalMilliseconds: 1_000))
            // One that is down is in the metrics too.
            try rig.station.add(
                DeviceSpec(
                    name: "nobody", host: "127.0.0.1:1", security: .v2c(community: []), intervalMilliseconds: 1_000))
            let web = StationWeb(rig.station, version: "1.2.3")
            http = try HTTPService(listen: .loopbackIPv4(port: 0)) { web.answer($0) }
            let isFull = rig.wait { [rig] in
                rig.station.live.devices.allSatisfy { $0.record.name == "nobody" || $0.lastSeen != nil }
                    && rig.station.live.device(record.id)?.values.contains { $0.perSecond != nil } == true
            }
            #expect(isFull)
        }

        func end() throws {
            http.stop()
            try rig.station.stop()
            agent.close()
        }
    }

    /// As a browser or curl asks, and as Prometheus does.
    @Test(arguments: ["*/*", "text/plain;version=0.0.4"])
    func promtoolHasNothingToSay(accept: String) async throws {
        try await blocking {
            let rig = try Rig()
            let metrics = try PageClient.get(rig.http.address, "/metrics", headers: ["Accept: \(accept)"])
            #expect(metrics.status == 200 && metrics.body.contains("oriel_interface_receive_bytes_total"))
            let directory = try TemporaryDirectory()
            let path = directory.path + "/metrics"
            try FileAccess.writeAtomically(path, Array(metrics.body.utf8))
            let result = try PeerProgram.run("/bin/sh", ["-c", "promtool check metrics < \"$0\"", path])
            #expect(result.status == 0 && result.output.isEmpty && result.errorOutput.isEmpty, "\(result)")
            try rig.end()
        }
    }

    @Test func prometheusScrapesTheStation() async throws {
        try await blocking { try Self.scrape() }
    }

    private static func scrape() throws {
        let rig = try Rig()
        let directory = try TemporaryDirectory()
        let configuration = """
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: oriel
                static_configs:
                  - targets: ["\(rig.http.address)"]
            """
        try FileAccess.writeAtomically(directory.path + "/prometheus.yml", Array(configuration.utf8))
        let port = try freePort()
        let prometheus = try PeerProgram(
            "prometheus",
            [
                "--config.file=\(directory.path)/prometheus.yml", "--storage.tsdb.path=\(directory.path)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=info",
            ])
        let address = SocketAddress.loopbackIPv4(port: port)
        func query(_ text: String) -> JSONNode? {
            let escaped = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            guard let answer = try? PageClient.get(address, "/api/v1/query?query=\(escaped)", headers: ["Accept: */*"])
            else { return nil }
            return try? JSONNode(text: PageClient.plain(answer))
        }
        func value(_ text: String) -> Double? {
            query(text)?["data"]?["result"]?.elements?.first?["value"]?.elements?.last?.string.flatMap { Double($0) }
        }
        let isUp = rig.rig.wait(seconds: 90) { value("up{job=\"oriel\"}") == 1 }
        #expect(isUp, "\(prometheus.errorOutput)")
        let counter = "oriel_interface_receive_bytes_total{device=\"wild \\\"1\\\"\",interface=\"p1\"}"
        let first = value(counter)
        #expect(first != nil, "\(query("{job=\"oriel\"}")?.text.prefix(2_000) ?? "")")
        #expect(rig.rig.wait { value(counter) ?? 0 > first ?? .infinity })
        // The counter's own rate, as Prometheus sees it.
        let rate = rig.rig.wait { value("rate(\(counter)[10s])").map { $0 > 300 && $0 < 3_000 } ?? false }
        #expect(rate, "\(value("rate(\(counter)[10s])") ?? -1)")
        #expect(value("oriel_device_up{device=\"nobody\"}") == 0)
        #expect(value("oriel_device_up{device=\"wild \\\"1\\\"\"}") == 1)
        // Every scrape was good, not only the last one.
        #expect(value("min_over_time(up{job=\"oriel\"}[1m])") == 1)
        let targets = try JSONNode(
            text: PageClient.plain(try PageClient.get(address, "/api/v1/targets", headers: ["Accept: */*"])))
        let target = targets["data"]?["activeTargets"]?.elements?.first
        #expect(target?["health"]?.string == "up" && target?["lastError"]?.string == "", "\(targets.text)")
        let log = prometheus.output + prometheus.errorOutput
        for line in log.split(separator: "\n") {
            #expect(!line.contains("level=warn") && !line.contains("level=error"), "\(line)")
        }
        prometheus.interrupt()
        _ = try prometheus.finish(seconds: 60)
        try rig.end()
    }
}

extension PageClient {
    /// The body, put together if it came in chunks (RFC 9112 section 7.1).
    static func plain(_ answer: Answer) -> String {
        guard answer.head.lowercased().contains("transfer-encoding: chunked") else { return answer.body }
        var rest = Array(answer.body.utf8)[...]
        var whole: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let digits = String(decoding: rest[..<end], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let count = Int(digits, radix: 16), count > 0, rest.count > count else { break }
            whole += rest[(end + 1)...].prefix(count)
            rest = rest[(end + 1)...].dropFirst(count + 2)
        }
        return String(decoding: whole, as: UTF8.self)
    }
}
