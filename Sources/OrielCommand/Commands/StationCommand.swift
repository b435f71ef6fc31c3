// Layer: OrielCommand/Commands. Uses: Station, StationWeb, HTTPService. Used by: Oriel.
// station: the network recorder. Alone it runs; its sub-commands talk to the one that runs, or to its data.

import HTTPService
import JSON
import PlatformIO
import Primitives
import SNMP
import SNMPSecurity
import Station
import StationStore
import StationWeb
import WinSNMPStore

extension Command {
    static let station = Command(
        "station", "polls devices, receives their traps, records and shows it all",
        usage: ["[options]", "SUBCOMMAND [options] [operands]"],
        explanation: [
            "Without a sub-command the station runs: it watches this machine and all devices that were added, records"
                + " every sample, trap and inform in its data directory, and serves a page with charts. Control-C ends"
                + " it with everything written.",
            "Devices are added and removed while it runs or while it doesn't. The page is served to this machine only;"
                + " to see it from another one take ssh -L 8161:127.0.0.1:8161 HOST.",
        ],
        options: [.station],
        examples: [
            "oriel station", "oriel station --data /srv/oriel --listen 127.0.0.1:8080 --trap-port 1162",
            "oriel station add switch.example -c private --name core-switch",
            "oriel station add router.example -u monitor -a SHA-256 -A @auth.key -X @priv.key --interval 10s",
            "oriel station top",
        ],
        subcommands: [stationAdd, stationList, stationRemove, stationImport, stationQuery, stationTop]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try await invocation.runStation()
    }

    static let stationAdd = Command(
        "station add", "watches a device from now on",
        usage: ["[options] HOST"],
        explanation: [
            "The secrets are kept encrypted in the data directory and are never shown.", OptionGroup.hostNote,
            OptionGroup.secretsNote,
        ],
        options: [
            .stationDevice, .security,
            OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json]),
        ],
        examples: [
            "oriel station add 192.0.2.1 -c private", "oriel station add switch.example --name core -i 10s",
            "oriel station add router.example -u monitor -a SHA-256 -A @auth.key -x AES -X @priv.key",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 1)
        let session = invocation.settings.session
        if session.engineID != nil || session.contextEngineID != nil {
            throw CommandError(.usage, "-e and -E can't be kept with a device yet; leave them out")
        }
        let spec = DeviceSpec(
            name: invocation.settings.station.name, host: try invocation.operand(0, "HOST"),
            security: try session.deviceSecurity(invocation.console),
            intervalMilliseconds: invocation.settings.station.interval)
        return try invocation.showChanged(try invocation.ask(.add([spec])), "watching")
    }

    static let stationImport = Command(
        "station import", "watches the devices of a JSON file",
        usage: ["[options] FILE"],
        explanation: [
            "FILE holds an array of devices, or an object with the member devices. A device has host, and if wanted"
                + " name, version (1, 2c, 3), community, interval in seconds, and for SNMPv3 user: an object with"
                + " name, auth, authPassword, priv, privPassword and context. All of them are added or, if one can't"
                + " be, none. - reads standard input."
        ],
        options: [OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json])],
        examples: ["oriel station import devices.json"]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 1)
        let path = try invocation.operand(0, "FILE")
        let text: String
        do throws(IOError) {
            text = String(
                decoding: try FileAccess.read(path == "-" ? "/dev/stdin" : path, limit: 16 << 20), as: UTF8.self)
        } catch {
            throw CommandError(error)
        }
        let specs: [DeviceSpec]
        do throws(StationError) {
            specs = try DeviceSpec.list(text)
        } catch {
            throw CommandError(.usage, "\(path): \(error)")
        }
        guard !specs.isEmpty else { throw CommandError(.usage, "\(path) has no devices") }
        return try invocation.showChanged(try invocation.ask(.add(specs)), "watching")
    }

    static let stationRemove = Command(
        "station remove", "watches a device no more and forgets its samples",
        usage: ["[options] DEVICE..."],
        explanation: [
            "DEVICE is a name or number as oriel station list shows them. Events stay until they are too old."
        ],
        options: [OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json])],
        examples: ["oriel station remove core-switch"]
    ) { invocation throws(CommandError) in
        _ = try invocation.operand(0, "DEVICE")
        var status = ExitStatus.success
        for name in invocation.operands {
            status = try invocation.showChanged(try invocation.ask(.remove(name)), "removed")
        }
        return status
    }

    static let stationList = Command(
        "station list", "lists the devices and how they are",
        usage: ["[options]"],
        explanation: [
            "States are those of the station that runs; without one everything is new, and the values are the last"
                + " ones."
        ],
        options: [OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json])],
        examples: ["oriel station list", "oriel station list --json"]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try invocation.listDevices(try invocation.devices(), byTraffic: false)
    }

    static let stationTop = Command(
        "station top", "lists the devices with the most traffic first",
        usage: ["[options]"],
        explanation: ["On a terminal it is repeated every two seconds until Control-C; --count says how often."],
        options: [
            OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.count, OptionGroup.json])
        ],
        examples: ["oriel station top", "oriel station top --count 1 --json"]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 0)
        return try await invocation.top()
    }

    static let stationQuery = Command(
        "station query", "prints the samples of a series, or their rates",
        usage: ["[options] DEVICE", "[options] DEVICE SERIES"],
        explanation: [
            "DEVICE is a name or number. Without SERIES the device's series are listed. SERIES is a number out of that"
                + " list, or a metric and an object's name, such as ifHCInOctets/eth0.",
            "With --rate each line has the end of an interval, the growth a second (bits a second for octets) and the"
                + " state: ok, wrapped, reset, unknown or gap.",
        ],
        options: [
            .stationTimes, OptionGroup(title: "Other", options: [OptionGroup.stationData, OptionGroup.json]),
        ],
        examples: [
            "oriel station query core-switch", "oriel station query core-switch ifHCInOctets/eth0 --from -1d --rate",
            "oriel station query 1 11 --from 2026-11-21 --json",
        ]
    ) { invocation throws(CommandError) in
        try invocation.expect(atMost: 2)
        return try invocation.query()
    }
}

extension SessionSettings {
    /// Version and credentials as the store keeps them.
    func deviceSecurity(_ console: Console) throws(CommandError) -> DeviceSecurity {
        switch try security(console) {
        case .v1(let community): return .v1(community: community)
        case .v2c(let community): return .v2c(community: community)
        case .v3(let credentials, _, _):
            return .v3(
                DeviceUser(
                    name: String(decoding: credentials.userName, as: UTF8.self),
                    authentication: credentials.authentication.map {
                        .init(protocolName: auth ?? "SHA", password: $0.key.secret.octets)
                    },
                    privacy: credentials.privacy.map {
                        .init(protocolName: priv ?? "AES", password: $0.key.secret.octets)
                    }, contextName: context))
        }
    }
}

extension CommandError {
    init(_ error: StationError) {
        switch error {
        case .invalid, .store(.nameTaken), .store(.nameInvalid): self.init(.usage, error.description)
        case .notFound: self.init(.usage, error.description, kind: .notFound)
        default: self.init(.localFailure, error.description)
        }
    }
}

extension Invocation {
    /// The data directory.
    fileprivate func stationDirectory() throws(CommandError) -> String {
        if let directory = settings.station.directory, !directory.isEmpty { return directory }
        guard let directory = StandardDatabase.stationDirectory(environment: console.environment) else {
            throw CommandError(.usage, "HOME or ORIEL_DATA must be set, or --data given")
        }
        return directory
    }

    /// Asks the station that runs; without one opens its data and asks those.
    fileprivate func ask(_ request: ControlRequest) throws(CommandError) -> ControlAnswer {
        let directory = try stationDirectory()
        do throws(StationError) {
            if let answer = try ControlClient.ask(request, directory: directory) { return try answer.checked() }
            // Questions don't make a store.
            if case .get = request, !FileAccess.exists(directory + "/station.edb") {
                throw .notFound("there is no station at \(directory); start one with oriel station")
            }
            let station = try Station.open(StationOptions(directory: directory))
            let answer = StationWeb(station, version: Oriel.version).answer(request)
            try station.stop()
            return try answer.checked()
        } catch {
            throw CommandError(error)
        }
    }

    fileprivate func get(_ target: String) throws(CommandError) -> JSONNode {
        let answer = try ask(.get(target))
        do throws(StationError) { return try answer.node() } catch { throw CommandError(error) }
    }

    // MARK: Running.

    fileprivate func runStation() async throws(CommandError) -> ExitStatus {
        var options = StationOptions(directory: try stationDirectory())
        options.trapPort = settings.station.trapPort
        options.watchesThisMachine = !settings.station.leavesOutAgent
        options.retentionDays = settings.station.retentionDays
        let listen: SocketAddress
        do throws(AddressSyntaxError) {
            listen = try AddressResolver.numeric(settings.station.listen, defaultPort: 8_161)
        } catch {
            throw CommandError(.usage, "--listen takes an address such as 127.0.0.1:8161: \(error)")
        }
        let console = console
        let station: Station
        do throws(StationError) { station = try Station.open(options) } catch { throw CommandError(error) }
        let web = StationWeb(station, version: Oriel.version)
        var http: HTTPService?
        var control: ControlService?
        func end() throws(CommandError) {
            http?.stop()
            control?.stop()
            do throws(StationError) { try station.stop() } catch { throw CommandError(error) }
        }
        do throws(CommandError) {
            do throws(HTTPServiceError) {
                http = try HTTPService(listen: listen) { web.answer($0) }
            } catch {
                throw CommandError(.localFailure, error.description)
            }
            do throws(StationError) {
                control = try ControlService(web)
                try station.start { console.note($0) }
            } catch {
                throw CommandError(error)
            }
            try announce(station, http?.address ?? listen)
        } catch {
            try? end()
            throw error
        }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        if console.isErrorTerminal { console.note("writing what is left") }
        try end()
        return .success
    }

    private func announce(_ station: Station, _ address: SocketAddress) throws(CommandError) {
        try console.writeLine("station: http://\(address)/")
        for endpoint in station.trapEndpoints { try console.writeLine("traps and informs: \(endpoint.text)") }
        try console.writeLine("data: \(station.options.directory)")
        let count = station.live.devices.count
        try console.writeLine(
            "watching \(count) device\(count == 1 ? "" : "s"); more with: oriel station add HOST. Control-C ends the"
                + " station"
        )
        try console.flushOutput()
    }

    // MARK: Devices.

    fileprivate func showChanged(_ answer: ControlAnswer, _ word: String) throws(CommandError) -> ExitStatus {
        if settings.display.isJSON {
            try console.writeLine(answer.body)
            return .success
        }
        let node: JSONNode
        do throws(StationError) { node = try answer.node() } catch { throw CommandError(error) }
        for device in node["devices"]?.elements ?? [] {
            let interval = device["interval"]?.number.map { Quantity.seconds($0) } ?? ""
            let detail = word == "removed" ? "" : " every \(interval)"
            try console.writeLine(
                "\(word) \(device["name"]?.string ?? "") (\(device["address"]?.string ?? ""))\(detail)")
        }
        return .success
    }

    fileprivate func devices() throws(CommandError) -> [JSONNode] {
        try get("/api/v1/devices")["devices"]?.elements ?? []
    }

    fileprivate func listDevices(_ devices: [JSONNode], byTraffic: Bool) throws(CommandError) -> ExitStatus {
        for line in deviceLines(devices, byTraffic: byTraffic) { try console.writeLine(line) }
        return .success
    }

    private func deviceLines(_ devices: [JSONNode], byTraffic: Bool) -> [String] {
        var devices = devices
        if byTraffic {
            func traffic(_ node: JSONNode) -> Double { (node["in"]?.number ?? -1) + (node["out"]?.number ?? 0) }
            devices.sort { traffic($0) > traffic($1) }
        }
        if settings.display.isJSON { return devices.map { $0.compactText } }
        var table = TableText(titles: [
            "id", "name", "address", "state", "cpu", "memory", "storage", "in", "out", "interfaces", "round trip",
        ])
        for device in devices {
            func percent(_ name: String) -> TableText.Cell {
                .init(device[name]?.number.map { "\(Int($0.rounded())) %" } ?? "-", isNumber: true)
            }
            func rate(_ name: String) -> TableText.Cell {
                .init(device[name]?.number.map(Quantity.rate) ?? "-", isNumber: true)
            }
            let interfaces = device["interfaces"]
            table.add([
                .init("\(Int(device["id"]?.number ?? 0))", isNumber: true), .init(device["name"]?.string ?? ""),
                .init(device["address"]?.string ?? ""), .init(device["state"]?.string ?? ""), percent("cpu"),
                percent("memory"), percent("storage"), rate("in"), rate("out"),
                .init(
                    "\(Int(interfaces?["up"]?.number ?? 0))/\(Int(interfaces?["total"]?.number ?? 0))", isNumber: true),
                .init(
                    device["roundTrip"]?.number.map { "\(($0 * 100_000).rounded() / 100) ms" } ?? "-", isNumber: true),
            ])
        }
        return table.lines(width: console.outputWidth())
    }

    fileprivate func top() async throws(CommandError) -> ExitStatus {
        let isRepeated = console.outputHeight() != nil && !settings.display.isJSON
        var rest = settings.count ?? (isRepeated ? .max : 1)
        var drawn = 0
        while !Task.isCancelled {
            let lines = deviceLines(try devices(), byTraffic: true)
            if isRepeated {
                let visible = lines.prefix(max(1, (console.outputHeight() ?? 24) - 1))
                var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
                for line in visible { text += line + "\u{1B}[K\n" }
                drawn = visible.count
                do throws(IOError) { try console.write(text + "\u{1B}[J") } catch { throw CommandError(error) }
            } else {
                for line in lines { try console.writeLine(line) }
            }
            try console.flushOutput()
            rest -= 1
            if rest == 0 { break }
            try? await Task.sleep(for: .seconds(2))
        }
        return .success
    }

    // MARK: Samples.

    fileprivate func query() throws(CommandError) -> ExitStatus {
        let device = try operand(0, "DEVICE")
        let found = try devices().first { node in
            node["name"]?.string?.lowercased() == device.lowercased()
                || node["id"]?.number.map { "\(Int($0))" } == device
        }
        guard let id = found?["id"]?.number.map({ Int($0) }) else {
            throw CommandError(
                .usage, "there is no device \"\(device)\"; oriel station list shows them", kind: .notFound)
        }
        let series = try get("/api/v1/devices/\(id)/series")["series"]?.elements ?? []
        guard operands.count > 1 else { return try listSeries(series) }
        let wanted = operands[1]
        let match = series.first { node in
            let name = node["objectName"]?.string
            let full = name.map { "\(node["metric"]?.string ?? "")/\($0)" } ?? node["metric"]?.string
            return full == wanted || node["id"]?.number.map { "\(Int($0))" } == wanted
        }
        guard let match, let number = match["id"]?.number.map({ Int($0) }) else {
            throw CommandError(
                .usage, "\(device) has no series \"\(wanted)\"; oriel station query \(device) lists them",
                kind: .notFound)
        }
        return try settings.station.isRate ? showRates(number) : showSamples(number)
    }

    private func listSeries(_ series: [JSONNode]) throws(CommandError) -> ExitStatus {
        var table = TableText(titles: ["id", "metric", "object", "type", "unit", "last value"])
        for node in series {
            if settings.display.isJSON {
                try console.writeLine(node.compactText)
                continue
            }
            table.add([
                .init("\(Int(node["id"]?.number ?? 0))", isNumber: true), .init(node["metric"]?.string ?? ""),
                .init(node["objectName"]?.string ?? ""), .init(node["type"]?.string ?? ""),
                .init(node["unit"]?.string ?? ""), .init(node["last"]?["value"]?.string ?? "-", isNumber: true),
            ])
        }
        if !settings.display.isJSON {
            for line in table.lines(width: console.outputWidth()) { try console.writeLine(line) }
        }
        return .success
    }

    private func times() throws(CommandError) -> (from: Int64, to: Int64) {
        do throws(StationError) {
            let now = Station.now
            let from = try TimeText.microseconds(settings.station.from, now: now)
            let to = try TimeText.microseconds(settings.station.to, now: now)
            guard from < to else { throw .invalid("--from must be before --to") }
            return (from, to)
        } catch {
            throw CommandError(.usage, error.description)
        }
    }

    private func showSamples(_ series: Int) throws(CommandError) -> ExitStatus {
        var (from, to) = try times()
        while from < to {
            let page = try get(
                "/api/v1/series/\(series)/samples?from=\(Double(from) / 1e6)&to=\(Double(to) / 1e6)&limit=10000")
            let samples = page["samples"]?.elements ?? []
            for sample in samples {
                guard let parts = sample.elements, parts.count == 3, let seconds = parts[0].number,
                    let value = parts[1].string
                else { continue }
                let time = TimeText.iso(Int64((seconds * 1e6).rounded()))
                if settings.display.isJSON {
                    var object = JSONObject()
                    object.add("time", .number(seconds))
                    object.add("value", value)
                    object.add("upTime", parts[2].number.map { .integer(Int64($0)) })
                    try console.writeLine(object.text)
                } else {
                    try console.writeLine("\(time)  \(value)")
                }
                from = max(from, Int64((seconds * 1e6).rounded()) + 1)
            }
            guard case .bool(true)? = page["more"]?.value, !samples.isEmpty else { break }
        }
        return .success
    }

    private func showRates(_ series: Int) throws(CommandError) -> ExitStatus {
        let (from, to) = try times()
        let chart = try get(
            "/api/v1/chart?series=\(series)&from=\(Double(from) / 1e6)&to=\(Double(to) / 1e6)&points=2000")
        let unit = chart["unit"]?.string ?? ""
        for point in chart["lines"]?.elements?.first?["points"]?.elements ?? [] {
            guard let parts = point.elements, parts.count == 5, let seconds = parts[0].number,
                let state = parts[4].string,
                // Nothing was recorded yet.
                parts[2].number != nil || state != "ok"
            else { continue }
            if settings.display.isJSON {
                var object = JSONObject()
                object.add("time", .number(seconds))
                object.add("least", parts[1].number)
                object.add("mean", parts[2].number)
                object.add("greatest", parts[3].number)
                object.add("state", state)
                object.add("unit", unit)
                try console.writeLine(object.text)
            } else {
                let time = TimeText.iso(Int64((seconds * 1e6).rounded()))
                let value = parts[2].number.map { "\(($0 * 1_000).rounded() / 1_000) \(unit)" } ?? "-"
                try console.writeLine("\(time)  \(value)\(state == "ok" ? "" : "  \(state)")")
            }
        }
        return .success
    }
}

extension JSONNode {
    /// The number; nil if it is none.
    fileprivate var number: Double? {
        if case .number(let digits) = value { Double(digits) } else { nil }
    }

    /// The string; nil if it is none.
    fileprivate var string: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The value on one line.
    fileprivate var compactText: String { JSONValue(self).text }
}

extension Quantity {
    /// `10 s`, `5 min`
    fileprivate static func seconds(_ seconds: Double) -> String {
        if seconds >= 60, seconds.truncatingRemainder(dividingBy: 60) == 0 { return "\(Int(seconds / 60)) min" }
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
