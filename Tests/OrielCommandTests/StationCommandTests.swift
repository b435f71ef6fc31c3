// Layer: OrielCommandTests. Tests: the station's sub-commands without a station that runs.

import Foundation
import Station
import StationStore
import Testing

@testable import OrielCommand

@Suite struct StationCommandTests {
    private final class Directory: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/oriel-command-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func run(_ arguments: String...) async -> CommandResult {
            await oriel(["station"] + arguments + ["--data", path], environment: ["HOME": path])
        }
    }

    /// A station with two devices and seven events, one each second.
    private static func filled() throws -> Directory {
        let directory = Directory()
        let station = try Station.open(StationOptions(directory: directory.path))
        let first = Int64(1_790_000_000) * 1_000_000
        for name in ["core", "edge 1"] {
            try station.add(
                DeviceSpec(name: name, host: "192.0.2.1:\(name.count)", security: .v2c(community: Array("c".utf8))))
        }
        let edge = try station.device("edge 1").id
        var events = (0..<5).map { number in
            EventRecord(time: first + Int64(number) * 1_000_000, kind: "station", title: "number \(number)")
        }
        events.append(
            EventRecord(
                time: first + 5_000_000, device: edge, kind: "state", severity: .error, title: "does not answer"))
        events.append(
            EventRecord(
                time: first + 6_000_000, kind: "trap", severity: .warning, source: "192.0.2.9:5000",
                title: "linkDown (100 % & more)", trapOID: "1.3.6.1.6.3.1.1.5.3",
                detail: "{\"varbinds\": [{\"oid\": \"1.3\", \"value\": \"Grüße\"}]}"))
        _ = try station.store.recorder.append(events: events)
        try station.stop()
        return directory
    }

    @Test func eventsAreLinesOldestFirst() async throws {
        let directory = try Self.filled()
        let all = await directory.run("events")
        #expect(all.status == 0 && all.lines.count == 7, "\(all)")
        #expect(all.lines.first == "2026-09-21T14:13:20.000Z  info  station  number 0", "\(all)")
        #expect(
            all.lines.suffix(2) == [
                "2026-09-21T14:13:25.000Z  error  edge 1  state  does not answer",
                "2026-09-21T14:13:26.000Z  warning  192.0.2.9:5000  trap  linkDown (100 % & more)",
            ], "\(all)")
        let newest = await directory.run("events", "--count", "2")
        #expect(newest.lines == Array(all.lines.suffix(2)))
    }

    @Test func eventsAreChosen() async throws {
        let directory = try Self.filled()
        let device = await directory.run("events", "EDGE 1")
        #expect(device.lines.count == 1 && device.output.contains("does not answer"), "\(device)")
        let kind = await directory.run("events", "--kind", "trap", "--json")
        #expect(kind.objects.map { $0["kind"] as? String } == ["trap"], "\(kind)")
        // Words with signs that mean something in a query, and letters beyond ASCII.
        for words in ["100 % & more", "grüße", "192.0.2.9 LINKDOWN"] {
            let found = await directory.run("events", "--search", words)
            #expect(found.lines.count == 1 && found.output.contains("linkDown"), "\(words): \(found)")
        }
        let times = await directory.run("events", "--from", "1790000001", "--to", "1790000004")
        #expect(times.lines.map { $0.suffix(1) } == ["1", "2", "3"], "\(times)")
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let directory = try Self.filled()
        let device = await directory.run("events", "nothing")
        #expect(device.status == 2 && device.errors.contains("oriel station list"), "\(device)")
        let time = await directory.run("events", "--from", "yesterday")
        #expect(time.status == 2 && time.errors.contains("no time"), "\(time)")
        let empty = Directory()
        let none = await empty.run("events")
        #expect(none.status == 2 && none.errors.contains("start one with oriel station"), "\(none)")
        #expect(!FileManager.default.fileExists(atPath: empty.path))
    }
}
