// Layer: StationWeb. Uses: Station (LiveDevice), StationPoller (Catalogue). Used by: StationWeb.
// The newest values for Prometheus: OpenMetrics 1.0, or Prometheus' own text format for those that ask for that.

import HTTPService
import PlatformIO
import Station
import StationPoller
import StationSeries
import StationStore

/// Writes /metrics.
struct OpenMetrics {
    private let station: Station
    private let version: String

    init(_ station: Station, version: String) {
        self.station = station
        self.version = version
    }

    /// One family: all its samples stand together.
    private struct Family {
        var type: String
        var unit: String
        var help: String
        var samples = ""
    }

    /// The answer to a scraper.
    func response(accept: String) -> HTTPResponse {
        // curl says that it takes anything, and what it gets is most often for promtool, which knows the older format.
        let isOpen = accept.contains("application/openmetrics-text") || accept.isEmpty
        let text = text(isOpen: isOpen)
        return HTTPResponse(
            type: isOpen
                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8",
            text)
    }

    /// All families.
    func text(isOpen: Bool) -> String {
        var names: [String] = []
        var families: [String: Family] = [:]
        func add(
            _ name: String, _ type: String, unit: String = "", _ help: String, _ labels: [(String, String)],
            _ value: Double
        ) {
            if families[name] == nil {
                names.append(name)
                families[name] = Family(type: type, unit: unit, help: help)
            }
            let suffix = type == "counter" ? "_total" : type == "info" ? "_info" : ""
            families[name]?.samples += "\(name)\(suffix)\(Self.labels(labels)) \(Self.number(value))\n"
        }
        addStation(add)
        for device in station.live.devices { Self.add(device, add) }
        var text = ""
        for name in names {
            guard let family = families[name] else { continue }
            // The older format has no units and no type info, and names a counter with its suffix.
            let plain = family.type == "counter" ? name + "_total" : family.type == "info" ? name + "_info" : name
            text += "# HELP \(isOpen ? name : plain) \(family.help).\n"
            text += "# TYPE \(isOpen ? name : plain) \(!isOpen && family.type == "info" ? "gauge" : family.type)\n"
            if isOpen, !family.unit.isEmpty { text += "# UNIT \(name) \(family.unit)\n" }
            text += family.samples
        }
        return isOpen ? text + "# EOF\n" : text
    }

    private typealias Add = (String, String, String, String, [(String, String)], Double) -> Void

    private func addStation(_ add: Add) {
        let counters = station.live.counters
        add("oriel_station", "info", "", "The program", [("version", version)], 1)
        add("oriel_station_rounds", "counter", "", "Rounds that were recorded", [], Double(counters.rounds))
        add("oriel_station_samples", "counter", "", "Samples that were recorded", [], Double(counters.samples))
        add("oriel_station_events", "counter", "", "Events that were recorded", [], Double(counters.events))
        add("oriel_station_commits", "counter", "", "Commits", [], Double(counters.commits))
        add(
            "oriel_station_disk_syncs", "counter", "", "Times that a file of the store was made durable", [],
            Double(DataFile.syncCount))
        add(
            "oriel_station_missed_rounds", "gauge", "", "Rounds of the devices that were due and never begun", [],
            Double(station.missedRounds))
        add(
            "oriel_station_lost_rounds", "counter", "", "Rounds that could not be recorded", [],
            Double(counters.lostRounds))
        add(
            "oriel_station_lost_traps", "counter", "", "Traps that could not be recorded", [],
            Double(station.lostTraps))
        add(
            "oriel_station_data_bytes", "gauge", "bytes", "Size of the data directory", [],
            Double(station.store.dataByteCount))
    }

    private static func add(_ device: LiveDevice, _ add: Add) {
        let name = ("device", device.record.name)
        add("oriel_device_up", "gauge", "", "Whether the device answers", [name], device.state == .up ? 1 : 0)
        guard device.state == .up else { return }
        if let ticks = device.upTime {
            add("oriel_device_uptime_seconds", "gauge", "seconds", "sysUpTime", [name], Double(ticks) / 100)
        }
        if let roundTrip = device.roundTripMicroseconds {
            add(
                "oriel_device_round_trip_seconds", "gauge", "seconds", "Round-trip time of the last request", [name],
                Double(roundTrip) / 1e6)
        }
        for (place, instance) in device.plan.instances.enumerated() {
            guard let value = device.values[place].value else { continue }
            let metric = instance.description
            var labels = [name]
            var number = value.number * metric.exportScale
            if let object = instance.object {
                let found = device.plan.objects[object]
                labels.append((found.kind.rawValue, found.name))
                labels.append(("index", String(found.index)))
                if !found.alias.isEmpty { labels.append(("alias", found.alias)) }
                if found.kind == .storage { number *= Double(found.unitOctets ?? 1) }
            }
            if let label = metric.exportLabel { labels.append((label.name, label.value)) }
            add(
                metric.exportName, metric.nature == .counter ? "counter" : "gauge", unit(metric.exportName),
                metric.help,
                labels, number)
        }
    }

    /// The unit is the last word of the name, where that is one of the format's base units.
    private static func unit(_ name: String) -> String {
        let last = name.split(separator: "_").last.map(String.init) ?? ""
        return ["seconds", "bytes"].contains(last) ? last : ""
    }

    private static func labels(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let parts = labels.map { name, value in "\(name)=\"\(escaped(value))\"" }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func escaped(_ text: String) -> String {
        guard text.contains(where: { $0 == "\\" || $0 == "\"" || $0 == "\n" }) else { return text }
        return text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }
}
