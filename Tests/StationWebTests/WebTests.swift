// Layer: StationWebTests. Uses: StationWeb, Station. Used by: nothing.
// What the station answers: the routes of docs/station/api.md, OpenMetrics, CSV, the control socket.

import HTTPService
import JSON
import PlatformIO
import Primitives
import Station
import StationRig
import StationStore
import Testing

@testable import StationWeb

@Suite(.serialized) struct WebTests {
    private static func node(_ web: StationWeb, _ target: String, status: Int = 200) throws -> JSONNode {
        let request = try #require(HTTPRequest(target: target))
        let response = web.answer(request)
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == status, "\(target): \(body)")
        return try JSONNode(text: body)
    }

    private static func running() throws -> (StationRig, StationWeb, Int32) {
        let rig = try StationRig()
        try rig.start()
        let id = try #require(rig.station.live.devices.first).record.id
        #expect(rig.wait { rig.station.live.device(id)?.trafficRates().received != nil })
        return (rig, StationWeb(rig.station, version: "9.9.9"), id)
    }

    @Test func answersWhatTheDocumentSays() throws {
        let (rig, web, id) = try Self.running()
        let overview = try Self.node(web, "/api/v1/station")
        #expect(overview["version"]?.value == .string("9.9.9"))
        #expect(overview["devices"]?["up"]?.value == .number("1"))
        let devices = try #require(try Self.node(web, "/api/v1/devices")["devices"]?.elements)
        #expect(devices.count == 1 && devices[0]["state"]?.value == .string("up"))
        for name in ["cpu", "memory", "in", "out", "interfaces", "history", "roundTrip", "upTime", "lastSeen"] {
            #expect(devices[0][name] != nil && devices[0][name]?.value != .null, "\(name)")
        }
        let device = try Self.node(web, "/api/v1/devices/\(id)")
        let interfaces = try #require(device["interfaceList"]?.elements)
        #expect(!interfaces.isEmpty && device["charts"]?.elements?.isEmpty == false)
        guard case .number(let object)? = interfaces[0]["object"]?.value else { return #expect(Bool(false)) }
        for chart in ["traffic", "packets", "errors"] {
            let answer = try Self.node(web, "/api/v1/chart?object=\(object)&chart=\(chart)&from=-5m&points=50")
            #expect(answer["lines"]?.elements?.isEmpty == false, "\(chart)")
        }
        for chart in ["cpu", "memory", "load", "polling"] {
            let answer = try Self.node(web, "/api/v1/chart?device=\(id)&chart=\(chart)&from=-5m")
            #expect(answer["lines"]?.elements?.isEmpty == false, "\(chart)")
        }
        let series = try #require(try Self.node(web, "/api/v1/devices/\(id)/series")["series"]?.elements)
        #expect(series.count > 20)
        guard case .number(let number)? = series[0]["id"]?.value else { return #expect(Bool(false)) }
        let samples = try Self.node(web, "/api/v1/series/\(number)/samples?from=-5m")
        #expect(samples["samples"]?.elements?.isEmpty == false && samples["more"]?.value == .bool(false))
        let events = try #require(try Self.node(web, "/api/v1/events?limit=5")["events"]?.elements)
        #expect(events.contains { $0["title"]?.value == .string("the station was started") })
        try rig.station.stop()
    }

    @Test(arguments: [
        ("/nothing", 404), ("/api/v1/devices/99", 404), ("/api/v1/series/99/samples", 404), ("/api/v1/chart", 400),
        ("/api/v1/chart?series=1,x", 400), ("/api/v1/chart?series=99", 404), ("/api/v1/chart?device=99", 404),
        ("/api/v1/chart?device=1&chart=x&from=yesterday", 400), ("/api/v1/events?limit=501", 400),
        ("/api/v1/chart?series=1&from=-1h&to=-2h", 400), ("/api/v2/station", 404),
    ])
    func refusesWithAReason(target: String, status: Int) throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        let answer = try Self.node(StationWeb(rig.station, version: "1"), target, status: status)
        guard case .string(let text)? = answer["error"]?["message"]?.value else { return #expect(Bool(false)) }
        #expect(!text.isEmpty)
    }

    @Test func servesThePage() throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        let web = StationWeb(rig.station, version: "1")
        let page = web.answer(HTTPRequest(path: "/"))
        #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
        let html = String(decoding: page.body, as: UTF8.self)
        // Every file that the page names is there.
        for name in ["/style.css", "/app.js", "/icon.svg"] {
            #expect(web.answer(HTTPRequest(path: name)).status == 200)
        }
        #expect(html.contains("app.js") && page.header("ETag") != nil)
    }

    @Test func metricsKeepTheFormat() throws {
        let (rig, web, _) = try Self.running()
        let response = web.answer(HTTPRequest(path: "/metrics"))
        #expect(response.header("Content-Type")?.hasPrefix("application/openmetrics-text; version=1.0.0") == true)
        let lines = String(decoding: response.body, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.suffix(2) == ["# EOF", ""])
        var families: Set<Substring> = []
        var family: Substring = ""
        var type: Substring = ""
        for line in lines.dropLast(2) {
            let words = line.split(separator: " ", maxSplits: 3)
            if words[0] == "#" {
                if words[1] == "TYPE" { type = words[3] }
                if words[1] == "HELP" {
                    family = words[2]
                    #expect(families.insert(family).inserted, "\(family) stands twice")
                }
                if words[1] == "UNIT" { #expect(family.hasSuffix("_\(words[3])")) }
                #expect(words[2] == family)
                continue
            }
            let name = line.prefix { $0 != "{" && $0 != " " }
            let suffix = type == "counter" ? "_total" : type == "info" ? "_info" : ""
            #expect(name == "\(family)\(suffix)", "\(line)")
            #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
        }
        #expect(families.contains("oriel_device_up") && families.contains("oriel_interface_receive_bytes"))
        let plain = web.answer(HTTPRequest(path: "/metrics", headers: [("Accept", "text/plain")]))
        #expect(plain.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(!String(decoding: plain.body, as: UTF8.self).contains("# EOF"))
        try rig.station.stop()
    }

    @Test func chartsAreTablesToo() throws {
        let (rig, web, id) = try Self.running()
        let request = try #require(HTTPRequest(target: "/api/v1/chart.csv?device=\(id)&chart=cpu&from=-1m&points=10"))
        let response = web.answer(request)
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.first == "time,busy,busy state" && lines.count == 11)
        #expect(response.header("Content-Type") == "text/csv; charset=utf-8")
        try rig.station.stop()
    }

    @Test func commandsReachTheStationThroughItsSocket() throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        let path = rig.directory.path
        #expect(try ControlClient.ask(.get("/api/v1/devices"), directory: path) == nil)
        let service = try ControlService(StationWeb(rig.station, version: "1"))
        defer { service.stop() }
        let spec = DeviceSpec(name: "a", host: "192.0.2.1", security: .v2c(community: Array("hidden".utf8)))
        let added = try #require(try ControlClient.ask(.add([spec]), directory: path)).checked()
        #expect(added.body.contains("192.0.2.1") && !added.body.contains("hidden"))
        let list = try #require(try ControlClient.ask(.get("/api/v1/devices"), directory: path)).checked().node()
        #expect(list["devices"]?.elements?.count == 1)
        #expect(try rig.station.store.reader.security(of: 1) == spec.security)
        let twice = try #require(try ControlClient.ask(.add([spec]), directory: path))
        #expect(twice.status == 400)
        let error = #expect(throws: StationError.self) { try twice.checked() }
        #expect(error?.description.contains("already") == true)
        _ = try #require(try ControlClient.ask(.remove("A"), directory: path)).checked()
        #expect(throws: StationError.self) {
            try #require(try ControlClient.ask(.remove("a"), directory: path)).checked()
        }
    }

    @Test(arguments: ["", "{", "[]", "{\"get\": 5}", "{\"add\": [{}]}", "\u{0}\u{1}", "{\"remove\": \"x\"}"])
    func socketAnswersNonsense(line: String) throws {
        let rig = try StationRig { $0.watchesThisMachine = false }
        let service = try ControlService(StationWeb(rig.station, version: "1"))
        defer { service.stop() }
        let connection = try UnixConnection.connect(to: ControlService.path(rig.directory.path))
        try ControlLine.write(line, connection, patience: .seconds(5))
        let answer = try ControlLine.read(connection, limit: 1 << 20, patience: .seconds(20))
        guard case .number(let status)? = try JSONNode(text: answer)["status"]?.value else {
            return #expect(Bool(false))
        }
        #expect((Int(status) ?? 0) >= 400)
    }
}
