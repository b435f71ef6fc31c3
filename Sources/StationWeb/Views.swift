// Layer: StationWeb. Uses: Station (LiveDevice), JSON. Used by: StationWeb.
// What is known as JSON: docs/station/api.md.

import HTTPService
import JSON
import SNMPCodec
import Station
import StationPoller
import StationSeries
import StationStore

/// A device as JSON.
struct DeviceView {
    private let device: LiveDevice

    init(_ device: LiveDevice) { self.device = device }

    /// Health at a glance.
    func summary(now: Int64) -> JSONObject {
        let record = device.record
        var object = JSONObject()
        object.add("id", Int(record.id))
        object.add("name", record.name)
        object.add("address", record.address)
        object.add("version", record.version.text)
        object.add("origin", record.origin == .builtIn ? "built-in" : "user")
        object.add("state", device.state.rawValue)
        object.add("since", .seconds(device.since))
        object.add("lastSeen", device.lastSeen.map { .seconds($0) } ?? .null)
        object.add("interval", .number(Double(record.intervalMilliseconds) / 1_000))
        object.add("verdict", device.verdict.map { .string($0.word) } ?? .null)
        let message = [device.message, device.verdictText, device.plan.shortfall].first { !$0.isEmpty }
        object.add("message", message.map { .string($0) } ?? .null)
        object.add("roundTrip", device.roundTripMicroseconds.map { .number(Double($0) / 1e6) } ?? .null)
        object.add("upTime", device.upTime.map { .number(Double($0) / 100) } ?? .null)
        object.add("systemName", record.sysName)
        object.add("description", record.sysDescr)
        object.add("location", record.sysLocation)
        object.add("contact", record.sysContact)
        object.add("objectID", record.sysObjectID)
        object.add("cpu", number(device.processorPercent))
        object.add("memory", number(device.memory?.percent))
        object.add("storage", number(device.disks.map(\.space.percent).max()))
        object.add("load", number(device.load))
        let (received, sent, errors) = device.trafficRates()
        object.add("in", number(received))
        object.add("out", number(sent))
        object.add("errors", number(errors))
        let counts = device.interfaceCounts
        var interfaces = JSONObject()
        interfaces.add("up", counts.up)
        interfaces.add("down", counts.down)
        interfaces.add("total", counts.total)
        object.add("interfaces", .object(interfaces))
        let points = device.traffic.points(to: now)
        var history = JSONObject()
        history.add("in", .array(points.map { number($0?.received) }))
        history.add("out", .array(points.map { number($0?.sent) }))
        object.add("history", .object(history))
        return object
    }

    /// Everything but the events.
    func detail(now: Int64) -> JSONObject {
        var object = summary(now: now)
        object.add("interfaceList", .array(objects(.interface).map { .object(interface($0)) }))
        object.add("processors", .array(objects(.processor).map { .object(processor($0)) }))
        var memory = JSONObject()
        memory.add("total", number(device.memory?.total))
        memory.add("used", number(device.memory?.used))
        memory.add("swapTotal", number(device.swap?.total))
        memory.add("swapUsed", number(device.swap?.used))
        object.add("memoryUse", device.memory == nil ? .null : .object(memory))
        object.add("storageList", .array(objects(.storage).compactMap { storage($0).map { .object($0) } }))
        var charts: [JSONValue] = []
        func add(_ id: String, _ title: String, _ unit: String, _ isThere: Bool) {
            guard isThere else { return }
            var chart = JSONObject()
            chart.add("id", id)
            chart.add("title", title)
            chart.add("unit", unit)
            charts.append(.object(chart))
        }
        add(
            "cpu", "Processors", "percent",
            !device.places(of: "ssCpuRawIdle").isEmpty || !device.places(of: "hrProcessorLoad").isEmpty)
        add("memory", "Memory", "octets", device.memory != nil)
        add("load", "Load", "", !device.places(of: "laLoadInt.1").isEmpty)
        add("polling", "Time that a round took", "s", true)
        object.add("charts", .array(charts))
        return object
    }

    private func objects(_ kind: ObjectKind) -> [Int] {
        device.plan.objects.indices.filter { device.plan.objects[$0].kind == kind }
    }

    private func number(_ value: Double?) -> JSONValue {
        value.map { .number(($0 * 1_000).rounded() / 1_000) } ?? .null
    }

    private func first(_ metrics: [String], _ object: Int) -> Int? {
        for metric in metrics { if let place = device.place(of: metric, object: object) { return place } }
        return nil
    }

    private func interface(_ place: Int) -> JSONObject {
        let found = device.plan.objects[place]
        var object = JSONObject()
        object.add("object", Int(device.objects[place].id))
        object.add("index", String(found.index))
        object.add("name", found.name)
        object.add("alias", found.alias)
        object.add("type", found.attributes["ifType"].flatMap { Int64($0) }.map { .integer($0) })
        object.add("speed", found.bitsPerSecond.map { .unsigned($0) } ?? .null)
        object.add("mtu", found.attributes["ifMtu"].flatMap { Int64($0) }.map { .integer($0) })
        object.add("address", found.attributes["ifPhysAddress"])
        object.add("admin", device.interfaceState("ifAdminStatus", object: place).map { .string($0) } ?? .null)
        object.add("oper", device.interfaceState("ifOperStatus", object: place).map { .string($0) } ?? .null)
        var numbers = JSONObject()
        var busiest: Double?
        for (name, metrics) in [("in", ["ifHCInOctets", "ifInOctets"]), ("out", ["ifHCOutOctets", "ifOutOctets"])] {
            guard let series = first(metrics, place) else { continue }
            let rate = device.values[series].perSecond.map { $0 * 8 }
            object.add(name, number(rate))
            object.add(name + "State", device.values[series].state.word)
            numbers.add(name, Int(device.series[series].id))
            if let rate { busiest = max(busiest ?? 0, rate) }
        }
        let faults = ["ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards"].compactMap {
            device.place(of: $0, object: place)
        }
        let rates = faults.compactMap { device.values[$0].perSecond }
        object.add("errors", rates.isEmpty ? .null : number(rates.reduce(0, +)))
        numbers.add("errors", .array(faults.map { .integer(Int64(device.series[$0].id)) }))
        if let busiest, let speed = found.bitsPerSecond, speed > 0 {
            object.add("utilisation", number(busiest / Double(speed) * 100))
        } else {
            object.add("utilisation", .null)
        }
        object.add("series", .object(numbers))
        return object
    }

    private func processor(_ place: Int) -> JSONObject {
        var object = JSONObject()
        object.add("object", Int(device.objects[place].id))
        object.add("name", device.plan.objects[place].name)
        if let series = device.place(of: "hrProcessorLoad", object: place) {
            object.add("load", number(device.values[series].value?.number))
            object.add("series", Int(device.series[series].id))
        }
        return object
    }

    private func storage(_ place: Int) -> JSONObject? {
        guard let space = device.space(place) else { return nil }
        var object = JSONObject()
        object.add("object", Int(device.objects[place].id))
        object.add("name", device.plan.objects[place].name)
        object.add("kind", Self.storageKinds[device.storageKind(place) ?? 0] ?? "other")
        object.add("total", number(space.total))
        object.add("used", number(space.used))
        object.add("percent", number(space.percent))
        if let series = device.place(of: "hrStorageUsed", object: place) {
            object.add("series", Int(device.series[series].id))
        }
        return object
    }

    /// hrStorageTypes (RFC 2790).
    private static let storageKinds: [UInt32: String] = [
        2: "memory", 3: "virtual memory", 4: "disk", 5: "removable disk", 6: "floppy disk", 7: "compact disc",
        8: "RAM disk",
        9: "flash memory", 10: "network disk",
    ]
}

/// A series as JSON.
enum SeriesView {
    /// What it is.
    static func json(_ series: SeriesRecord, _ record: ObjectRecord?) -> JSONObject {
        var object = JSONObject()
        object.add("id", Int(series.id))
        object.add("object", record.map { .integer(Int64($0.id)) } ?? .null)
        object.add("objectName", record?.name)
        object.add("metric", series.metric)
        object.add("oid", series.oid)
        object.add("type", series.type.name)
        object.add("unit", series.unit)
        object.add("nature", series.nature.word)
        return object
    }
}

/// An event as JSON.
struct EventView {
    /// The event.
    let json: JSONObject

    init(_ event: EventRecord, _ name: (Int32) -> String?) {
        var object = JSONObject()
        object.add("id", .integer(event.id))
        object.add("time", .seconds(event.time))
        object.add("device", event.device == 0 ? .null : .integer(Int64(event.device)))
        object.add("deviceName", event.device == 0 ? nil : name(event.device))
        object.add("kind", event.kind)
        object.add("severity", event.severity.word)
        object.add("source", event.source)
        object.add("title", event.title)
        object.add("trapOID", event.trapOID)
        let fields = event.detail.flatMap { try? JSONNode(text: $0) }?.fields ?? []
        var varbinds = JSONValue.array([])
        var detail = JSONObject()
        for field in fields {
            if field.name == "varbinds" {
                varbinds = JSONValue(field.node)
            } else {
                detail.add(field.name, JSONValue(field.node))
            }
        }
        object.add("varbinds", varbinds)
        object.add("detail", .object(detail))
        json = object
    }
}

/// A chart as JSON and CSV.
struct ChartView {
    private let chart: Chart

    init(_ chart: Chart) { self.chart = chart }

    var json: JSONObject {
        var object = JSONObject()
        object.add("title", chart.title)
        object.add("unit", chart.unit)
        object.add("from", .seconds(chart.from))
        object.add("to", .seconds(chart.to))
        object.add("step", .seconds(chart.step))
        object.add("begins", chart.begins.map { .seconds($0) } ?? .null)
        object.add(
            "lines",
            .array(
                chart.lines.map { line in
                    var fields = JSONObject()
                    fields.add("name", line.name)
                    fields.add("series", line.series.map { .integer(Int64($0)) } ?? .null)
                    let points = line.buckets.map { bucket -> JSONValue in
                        .array([
                            .seconds(bucket.end), number(bucket.least), number(bucket.mean), number(bucket.greatest),
                            .string(bucket.state.word),
                        ])
                    }
                    fields.add("points", .array(points))
                    return .object(fields)
                }))
        return object
    }

    private func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }

    /// A line for each bucket: time, and mean and state of each line of the chart (RFC 4180).
    var csv: HTTPResponse {
        var text = "time"
        for line in chart.lines { text += ",\(field(line.name)),\(field(line.name + " state"))" }
        text += "\r\n"
        for place in chart.lines.first?.buckets.indices ?? 0..<0 {
            text += TimeText.iso(chart.lines[0].buckets[place].end)
            for line in chart.lines {
                let bucket = line.buckets[place]
                text += ",\(bucket.mean.map { "\($0)" } ?? ""),\(bucket.state.word)"
            }
            text += "\r\n"
        }
        return HTTPResponse(type: "text/csv; charset=utf-8", text)
            .adding("Content-Disposition", "attachment; filename=\"chart.csv\"")
    }

    /// A name that begins like a formula would be one for spreadsheets.
    private func field(_ text: String) -> String {
        let harmless = text.first.map { "=+-@\t\r".contains($0) } ?? false ? "'" + text : text
        guard harmless.contains(where: { "\",\r\n".contains($0) }) else { return harmless }
        return "\"\(harmless.replacing("\"", with: "\"\""))\""
    }
}

// MARK: Words.

extension DeviceVersion {
    /// `1`, `2c` or `3`.
    var text: String {
        switch self {
        case .v1: "1"
        case .v2c: "2c"
        case .v3: "3"
        }
    }
}

extension RoundVerdict {
    var word: String {
        switch self {
        case .complete: "complete"
        case .partial: "partial"
        case .none: "none"
        }
    }
}

extension RateState {
    var word: String {
        switch self {
        case .ok: "ok"
        case .wrapped: "wrapped"
        case .reset: "reset"
        case .unknown: "unknown"
        case .gap: "gap"
        }
    }
}

extension SeriesNature {
    var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .state: "state"
        }
    }
}

extension EventRecord.Severity {
    var word: String {
        switch self {
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

extension SampleType {
    /// The name of RFC 2578.
    var name: String {
        switch self {
        case .integer32: "Integer32"
        case .counter32: "Counter32"
        case .gauge32: "Gauge32"
        case .timeTicks: "TimeTicks"
        case .counter64: "Counter64"
        case .float: "Float"
        case .double: "Double"
        }
    }
}
