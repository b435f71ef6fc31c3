// Layer: OrielCommand/Commands. Uses: StationWeb, TableText, TimeText. Used by: StationCommand.
// Samples, rates and events.

import JSON
import PlatformIO
import Station
import StationWeb

extension Invocation {
    // MARK: Samples.

    func query() throws(CommandError) -> ExitStatus {
        let device = try operand(0, "DEVICE")
        let id = try deviceNumber(device)
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

    /// The number of the device with a name or number.
    private func deviceNumber(_ device: String) throws(CommandError) -> Int {
        let found = try devices().first { node in
            node["name"]?.string?.lowercased() == device.lowercased()
                || node["id"]?.number.map { "\(Int($0))" } == device
        }
        guard let id = found?["id"]?.number.map({ Int($0) }) else {
            throw CommandError(
                .usage, "there is no device \"\(device)\"; oriel station list shows them", kind: .notFound)
        }
        return id
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
            let from = try TimeText.microseconds(settings.station.from ?? "-1h", now: now)
            let to = try TimeText.microseconds(settings.station.to ?? "now", now: now)
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

    // MARK: Events.

    func events() throws(CommandError) -> ExitStatus {
        let wanted = settings.station
        let now = Station.now
        func time(_ text: String?) throws(CommandError) -> Int64? {
            guard let text else { return nil }
            do throws(StationError) { return try TimeText.microseconds(text, now: now) } catch {
                throw CommandError(.usage, error.description)
            }
        }
        var parts: [String] = []
        if let name = operands.first { parts.append("device=\(try deviceNumber(name))") }
        if let kind = wanted.kind { parts.append("kind=\(kind.percentEncoded)") }
        if let search = wanted.search { parts.append("search=\(search.percentEncoded)") }
        // An event's number is its time.
        if let from = try time(wanted.from) { parts.append("after=\(max(from - 1, 0))") }
        var before = try time(wanted.to).map { "\($0)" }
        var found: [JSONNode] = []
        let limit = settings.count ?? 50
        while found.count < limit {
            let query = parts + (before.map { ["before=\($0)"] } ?? []) + ["limit=\(min(limit - found.count, 500))"]
            let page = try get("/api/v1/events?\(query.joined(separator: "&"))")
            found += page["events"]?.elements ?? []
            guard case .number(let next)? = page["next"]?.value else { break }
            before = next
        }
        for event in found.reversed() { try console.writeLine(line(of: event)) }
        return .success
    }

    private func line(of event: JSONNode) -> String {
        if settings.display.isJSON { return event.compactText }
        let time = TimeText.iso(Int64(((event["time"]?.number ?? 0) * 1e6).rounded()))
        let device = event["deviceName"]?.string ?? event["source"]?.string ?? ""
        let words = [time, event["severity"]?.string ?? "", device, event["kind"]?.string ?? ""]
        return (words.filter { !$0.isEmpty } + [event["title"]?.string ?? ""]).joined(separator: "  ")
    }
}

extension JSONNode {
    /// The number; nil if it is none.
    var number: Double? {
        if case .number(let digits) = value { Double(digits) } else { nil }
    }

    /// The string; nil if it is none.
    var string: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The value on one line.
    var compactText: String { JSONValue(self).text }
}

extension String {
    /// The text as a part of a query: all but letters, digits and `-._~` as `%XX` (RFC 3986, section 2.1).
    var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 128, character.isLetter || character.isNumber || "-._~".contains(character) {
                text.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
