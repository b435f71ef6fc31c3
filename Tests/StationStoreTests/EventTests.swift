// Layer: StationStoreTests. Tests: events and the questions about them.

import Primitives
import StationStore
import Testing

@Suite struct EventTests {
    private func ask(_ rig: Rig, _ change: (inout EventQuery) -> Void = { _ in }) throws -> EventPage {
        var query = EventQuery()
        change(&query)
        return try rig.reader.events(query)
    }

    @Test func numbersAreTimesOrOneMoreThanTheLast() throws {
        let rig = try Rig()
        let times: [Int64] = [100, 100, 50, 200, 0]
        let ids = try rig.recorder.append(events: times.map { EventRecord(time: $0, kind: "clock", title: "\($0)") })
        #expect(ids == [100, 101, 102, 200, 201])
        let again = try rig.reopened()
        #expect(try again.recorder.append(events: [EventRecord(time: 7, kind: "clock", title: "x")]) == [202])
        #expect(try again.reader.lastEvent() == 202)
        #expect(try ask(again).events.map(\.time) == [7, 0, 200, 50, 100, 100])
        #expect(try again.reader.eventCount(from: 102) == 4)
        #expect(try again.reader.eventCount(from: 0, limit: 3) == 3)
        #expect(try again.recorder.append(events: []) == [])
    }

    @Test func eventIsReadAsItWasWritten() throws {
        let rig = try Rig()
        var event = EventRecord(
            time: 5, device: 3, kind: "trap", severity: .error, source: "192.0.2.1:162", title: "linkDown (eth0)",
            trapOID: "1.3.6.1.6.3.1.1.5.3", detail: "{\"varbinds\": [\(String(repeating: "{},", count: 4_000))]}")
        _ = try rig.recorder.append(events: [event])
        let found = try ask(rig).events
        #expect(found.count == 1 && found[0].id == 5)
        event = try #require(found.first)
        #expect(event.severity == .error && event.trapOID == "1.3.6.1.6.3.1.1.5.3" && event.device == 3)
        #expect(event.source == "192.0.2.1:162" && event.title == "linkDown (eth0)" && event.kind == "trap")
        #expect(event.detail?.count == 4_000 * 3 + 16)
    }

    @Test func wordsAreFoundInAllTextsWithoutRegardToCase() throws {
        let rig = try Rig()
        let id = try rig.addDevice("Zürich-Core")
        _ = try rig.recorder.append(events: [
            EventRecord(
                time: 1, device: id, kind: "trap", source: "192.0.2.7", title: "linkDown", detail: "{\"a\":\"ETH0\"}"),
            EventRecord(time: 2, kind: "state", title: "started"),
        ])
        for search in ["", "  "] { #expect(try ask(rig) { $0.search = search }.events.count == 2) }
        for search in ["LINKDOWN", "zÜrich", "eth0 192.0.2.7", "core down zür", "t"] {
            #expect(try ask(rig) { $0.search = search }.events.contains { $0.id == 1 }, "\(search)")
        }
        for search in ["linkdown started", "eth1", "core-"] {
            #expect(try ask(rig) { $0.search = search }.events.isEmpty, "\(search)")
        }
    }

    @Test func rowLimitEndsASearchThatCanGoOn() throws {
        let rig = try Rig()
        _ = try rig.recorder.append(
            events: (1...100).map { EventRecord(time: $0, kind: "trap", title: $0 % 50 == 1 ? "rare" : "often") })
        var page = try ask(rig) {
            $0.search = "rare"
            $0.rowLimit = 30
        }
        #expect(page.events.isEmpty && page.more && page.next == 71)
        var found: [Int64] = []
        var rounds = 0
        while let next = page.next, rounds < 10 {
            page = try ask(rig) {
                $0.search = "rare"
                $0.rowLimit = 30
                $0.before = next
            }
            found += page.events.map(\.id)
            rounds += 1
        }
        #expect(found == [51, 1] && !page.more)
    }

    /// Any filters and limits against a list.
    @Test(arguments: [21, 22] as [UInt64]) func pagesAreThoseOfAModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rig = try Rig(seed: seed)
        let kinds = ["trap", "state", "walk"]
        var model: [EventRecord] = []
        var time: Int64 = 1_000
        while model.count < 150 {
            let group = (0...Int.random(in: 0...8, using: &random)).map { _ in
                time += Int64.random(in: -2...9, using: &random)
                return EventRecord(
                    time: time, device: Int32.random(in: 0...3, using: &random),
                    kind: kinds[Int.random(in: 0..<3, using: &random)],
                    title: "word\(Int.random(in: 0...3, using: &random)) rest")
            }
            let ids = try rig.recorder.append(events: group)
            model += group
            #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        }
        let all = try ask(rig) { $0.limit = 1_000 }.events
        #expect(all.reversed().map(\.title) == model.map(\.title), "seed \(seed)")
        for _ in 0..<60 {
            var query = EventQuery()
            if random.oneIn(2) { query.device = Int32.random(in: 0...3, using: &random) }
            if random.oneIn(3) { query.kind = kinds[Int.random(in: 0..<3, using: &random)] }
            if random.oneIn(3) { query.search = "WORD\(Int.random(in: 0...3, using: &random))" }
            if random.oneIn(2) { query.before = all[Int.random(in: 0..<all.count, using: &random)].id }
            if random.oneIn(2) { query.after = all[Int.random(in: 0..<all.count, using: &random)].id }
            query.limit = Int.random(in: 1...40, using: &random)
            let expected = all.filter { event in
                (query.device.map { event.device == $0 } ?? true) && (query.kind.map { event.kind == $0 } ?? true)
                    && (query.search.isEmpty || event.title.contains(query.search.lowercased()))
                    && (query.before.map { event.id < $0 } ?? true) && (query.after.map { event.id > $0 } ?? true)
            }
            let page = try rig.reader.events(query)
            #expect(page.events == Array(expected.prefix(query.limit)), "seed \(seed), \(query)")
            if expected.count > query.limit { #expect(page.more && page.next == page.events.last?.id) }
        }
    }
}
