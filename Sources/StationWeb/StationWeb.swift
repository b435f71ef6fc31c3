// Layer: StationWeb. Uses: Station, HTTPService. Used by: the commands.
// What the station answers over HTTP: docs/station/api.md. Read only.

public import HTTPService
import JSON
import PlatformIO
import Primitives
import SNMP
import SNMPEngine
public import Station
import StationPoller
import StationSeries
import StationStore

/// Answers the requests of the page, of programs and of Prometheus.
public struct StationWeb: Sendable {
    let station: Station
    private let version: String

    /// - Parameters:
    ///   - station: what to tell of.
    ///   - version: the program's version.
    public init(_ station: Station, version: String) {
        self.station = station
        self.version = version
    }

    /// Answers a request.
    public func answer(_ request: HTTPRequest) -> HTTPResponse {
        do throws(StationError) {
            return try route(request)
        } catch {
            switch error {
            case .notFound(let text): return .error(404, text)
            case .invalid(let text): return .error(400, text)
            case .store(.noDevice), .store(.noSeries): return .error(404, error.description)
            default: return .error(503, error.description)
            }
        }
    }

    private func route(_ request: HTTPRequest) throws(StationError) -> HTTPResponse {
        if let file = PageFile.at(request.path) { return file.response }
        if request.path == "/metrics" {
            return OpenMetrics(station, version: version).response(accept: request.header("Accept") ?? "")
        }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count >= 3, parts[0] == "api", parts[1] == "v1" else {
            throw .notFound("there is nothing at \(request.path); the page is at /")
        }
        let query = QueryReader(request)
        switch (parts[2], parts.count) {
        case ("station", 3): return .json(overview().text)
        case ("devices", 3):
            return list("devices", station.live.devices.map { .object(DeviceView($0).summary(now: Station.now)) })
        case ("devices", 4): return .json(try device(parts[3]).text)
        case ("devices", 5) where parts[4] == "series": return try series(of: parts[3])
        case ("series", 5) where parts[4] == "samples": return try samples(parts[3], query)
        case ("chart", 3): return .json(ChartView(try chart(query)).json.text)
        case ("chart.csv", 3): return ChartView(try chart(query)).csv
        case ("events", 3): return try events(query)
        default: throw .notFound("there is nothing at \(request.path)")
        }
    }

    private func list(_ name: String, _ values: [JSONValue]) -> HTTPResponse {
        var object = JSONObject()
        object.add(name, .array(values))
        return .json(object.text)
    }

    // MARK: Station and devices.

    private func overview() -> JSONObject {
        let now = Station.now
        let devices = station.live.devices
        var object = JSONObject()
        object.add("version", version)
        object.add("started", .seconds(station.started))
        object.add("now", .seconds(now))
        object.add("dataBytes", .integer(station.store.dataByteCount))
        var counts = JSONObject()
        counts.add("up", devices.count { $0.state == .up })
        counts.add("down", devices.count { $0.state == .down })
        counts.add("total", devices.count)
        object.add("devices", .object(counts))
        object.add("series", devices.reduce(0) { $0 + $1.series.count })
        object.add("samplesPerSecond", station.live.samplesPerSecond(now: now))
        let counters = station.live.counters
        object.add("rounds", .unsigned(counters.rounds))
        object.add("samples", .unsigned(counters.samples))
        object.add("events", .unsigned(counters.events))
        object.add("commits", .unsigned(counters.commits))
        let reader = station.store.reader
        // What keeps the store from being read must not keep the problem from being told.
        let events = try? reader.eventCount(from: now - 86_400_000_000, limit: 10_000)
        object.add("eventsToday", events.map { .integer(Int64($0)) } ?? .null)
        object.add("diskSyncs", .unsigned(DataFile.syncCount))
        object.add("missedRounds", station.missedRounds)
        object.add("lostRounds", .unsigned(counters.lostRounds))
        object.add("lostTraps", .unsigned(station.lostTraps))
        object.add("trapPort", station.trapEndpoints.first.map { .integer(Int64($0.address.port)) } ?? .null)
        object.add("problem", station.live.problem.map { .string($0) } ?? .null)
        object.add("sequence", .unsigned(station.live.sequence))
        return object
    }

    private func live(_ number: String) throws(StationError) -> LiveDevice {
        guard let id = Int32(number), let device = station.live.device(id) else {
            throw .notFound("there is no device \(number)")
        }
        return device
    }

    private func device(_ number: String) throws(StationError) -> JSONObject {
        let device = try live(number)
        var object = DeviceView(device).detail(now: Station.now)
        var query = EventQuery()
        query.device = device.record.id
        query.limit = 20
        object.add("events", .array(try page(query).events.map { .object(EventView($0, name(of:)).json) }))
        return object
    }

    private func name(of device: Int32) -> String? { station.live.device(device)?.record.name }

    private func series(of number: String) throws(StationError) -> HTTPResponse {
        let device = try live(number)
        return list(
            "series",
            device.series.indices.map { place in
                var object = SeriesView.json(
                    device.series[place], device.plan.instances[place].object.map { device.objects[$0] })
                if let value = device.values[place].value {
                    var last = JSONObject()
                    last.add("time", .seconds(device.values[place].time))
                    last.add("value", value.text)
                    object.add("last", .object(last))
                }
                return .object(object)
            })
    }

    // MARK: Samples, charts, events.

    /// The most samples of one answer.
    static let sampleLimit = 10_000

    private func samples(_ number: String, _ query: QueryReader) throws(StationError) -> HTTPResponse {
        let reader = station.store.reader
        guard let id = Int32(number), let record = try storing({ () throws(StoreError) in try reader.series(id) })
        else {
            throw .notFound("there is no series \(number)")
        }
        let object =
            record.object == 0 ? nil : try storing { () throws(StoreError) in try reader.object(record.object) }
        let (from, to) = try query.range()
        let limit = try query.number("limit", 1...Self.sampleLimit) ?? Self.sampleLimit
        var list: [JSONValue] = []
        var hasMore = false
        try storing { () throws(StoreError) in
            try reader.samples(of: id, in: from..<to) { reading in
                guard let value = reading.value else { return true }
                guard list.count < limit else {
                    hasMore = true
                    return false
                }
                list.append(
                    .array([
                        .seconds(reading.time), .string(value.text),
                        reading.upTime.map { .unsigned(UInt64($0)) } ?? .null,
                    ]))
                return true
            }
        }
        var answer = JSONObject()
        answer.add("series", .object(SeriesView.json(record, object)))
        answer.add("samples", .array(list))
        answer.add("more", .bool(hasMore))
        return .json(answer.text)
    }

    private func chart(_ query: QueryReader) throws(StationError) -> Chart {
        let (from, to) = try query.range()
        let count = try query.number("points", 10...2_000) ?? 400
        let selection: ChartSelection
        if let text = query.text("series") {
            let ids = text.split(separator: ",").map { Int32($0) }
            guard !ids.isEmpty, ids.allSatisfy({ $0 != nil }) else {
                throw .invalid("series takes numbers with commas between them, not \"\(text)\"")
            }
            selection = .series(ids.compactMap { $0 })
        } else if let device = try query.number("device", 1...Int(Int32.max)) {
            selection = .device(Int32(device), query.text("chart") ?? "cpu")
        } else if let object = try query.number("object", 1...Int(Int32.max)) {
            selection = .object(Int32(object), query.text("chart") ?? "traffic")
        } else {
            throw .invalid("a chart needs series=N,N or device=N&chart=NAME or object=N&chart=NAME")
        }
        return try station.charts.chart(selection, from: from, to: to, count: count)
    }

    private func page(_ query: EventQuery) throws(StationError) -> EventPage {
        let reader = station.store.reader
        return try storing { () throws(StoreError) in try reader.events(query) }
    }

    private func events(_ query: QueryReader) throws(StationError) -> HTTPResponse {
        var wanted = EventQuery()
        wanted.device = try query.number("device", 0...Int(Int32.max)).map { Int32($0) }
        wanted.kind = query.text("kind")
        wanted.search = query.text("search") ?? ""
        wanted.before = try query.number("before", 0...Int.max).map { Int64($0) }
        wanted.after = try query.number("after", 0...Int.max).map { Int64($0) }
        wanted.limit = try query.number("limit", 1...500) ?? 50
        let page = try page(wanted)
        var answer = JSONObject()
        answer.add("events", .array(page.events.map { .object(EventView($0, name(of:)).json) }))
        answer.add("more", .bool(page.more))
        answer.add("next", page.next.map { .integer($0) })
        return .json(answer.text)
    }

    private func storing<Result>(_ body: () throws(StoreError) -> Result) throws(StationError) -> Result {
        do throws(StoreError) { return try body() } catch { throw .store(error) }
    }
}

/// Reads the query of a request.
struct QueryReader {
    private let request: HTTPRequest

    init(_ request: HTTPRequest) { self.request = request }

    /// A text that is not empty.
    func text(_ name: String) -> String? { request.query(name).flatMap { $0.isEmpty ? nil : $0 } }

    /// A whole number in a range.
    func number(_ name: String, _ range: ClosedRange<Int>) throws(StationError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid("\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return number
    }

    /// `from` and `to` in microseconds; the last hour without them.
    func range() throws(StationError) -> (from: Int64, to: Int64) {
        let now = Station.now
        let to = try text("to").map { (text) throws(StationError) in try TimeText.microseconds(text, now: now) } ?? now
        let from =
            try text("from").map { (text) throws(StationError) in try TimeText.microseconds(text, now: now) }
            ?? to - 3_600_000_000
        guard from < to else { throw .invalid("from must be before to") }
        return (from, to)
    }
}

extension JSONValue {
    /// A time in microseconds as seconds with fractions.
    static func seconds(_ microseconds: Int64) -> JSONValue { .number(Double(microseconds) / 1e6) }
}
