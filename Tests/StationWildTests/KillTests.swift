// Layer: StationWildTests. Tests: the station's process is killed again and again while informs come and devices are
// polled: what was acknowledged is there, once, the database is whole, and the time in between is a gap.

import Foundation
import JSON
import PeerRig
import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import Station
import StationRig
import StationSeries
import StationStore
import Testing

/// Sends informs with ascending numbers, and remembers which were answered.
private final class InformSender: Sendable {
    private struct State {
        var next = 1
        var waiting: Set<Int> = []
        var acknowledged: Set<Int> = []
        var isOver = false
    }
    private let state = Locked(State())
    private let manager: SNMPManager
    private let target: SNMPTarget

    static let trap: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555, 0, 1]
    static let number: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555, 1, 1, 0]

    init(port: UInt16) throws {
        manager = try SNMPManager()
        var policy = RequestPolicy.fixed(timeout: .milliseconds(150), retries: 40)
        policy.adaptsWindow = false
        target = try manager.target(
            TargetConfiguration(
                Peer(.loopbackIPv4(port: port)), .v2c(community: SettableAgent.community), policy: policy))
    }

    /// Those that were sent and not answered yet.
    var waiting: Set<Int> { state.withLock { $0.waiting } }
    var acknowledged: Set<Int> { state.withLock { $0.acknowledged } }
    func end() { state.withLock { $0.isOver = true } }
    func close() { manager.close() }

    /// Sends one after the other until `end`.
    func run() async {
        while let number = state.withLock({ state -> Int? in
            guard !state.isOver else { return nil }
            defer { state.next += 1 }
            state.waiting.insert(state.next)
            return state.next
        }) {
            let isAnswered: Bool
            do throws(SNMPError) {
                try await target.inform(Self.trap, upTime: 1, [VarBind(Self.number, .integer(Int32(number)))])
                isAnswered = true
            } catch {
                isAnswered = false
            }
            state.withLock { state in
                state.waiting.remove(number)
                if isAnswered { state.acknowledged.insert(number) }
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(10))) struct KillTests {
    /// How often; more in the long run.
    private static let kills = ProcessInfo.processInfo.environment["ORIEL_SOAK"] == nil ? 20 : 60
    /// What the port's counter grows by a second.
    private static let rate: UInt64 = 1_000_000

    @Test("killed in the middle, it serves again and has lost nothing that it acknowledged")
    func killedAgainAndAgain() async throws {
        let directory = try TemporaryDirectory()
        let trapPort = try freePort()
        let device = SettableAgent([SettablePort(name: "p1", octets: Ramp(base: 0, perSecond: Self.rate))])
        let server = try device.serve()
        defer { server.close() }
        let added = try OrielProgram.run(
            "station", "add", "--data", directory.path, "\(server.endpoints[0].address)", "-c", "wild", "--name",
            "ramp", "-i", "1s")
        #expect(added.status == 0, "\(added)")

        let sender = try InformSender(port: trapPort)
        defer { sender.close() }
        // On threads of their own: tests that block take all threads of the common pool.
        let sending = Task(executorPreference: ThreadExecutor()) {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { await sender.run() } }
            }
        }
        let (inFlight, times, gap) = try await blocking { [kills = Self.kills] in
            try Self.killAgainAndAgain(directory, trapPort, sender, kills: kills)
        }
        sender.end()
        await sending.value

        let sorted = times.sorted()
        print(
            "killed \(Self.kills) times; it served again after \(sorted[sorted.count / 2]) s (median),"
                + " \(sorted[sorted.count - 1]) s (worst); \(sender.acknowledged.count) informs were acknowledged")
        #expect(sorted[sorted.count - 1] < 30)

        let verified = try OrielProgram.run("db", "verify", "\(directory.path)/station.edb", seconds: 300)
        #expect(verified.status == 0, "\(verified)")

        var options = StationOptions(directory: directory.path)
        options.watchesThisMachine = false
        let station = try Station.open(options)
        let counts = try Self.informs(station)
        let lost = sender.acknowledged.filter { counts[$0] == nil }
        #expect(lost.isEmpty, "acknowledged and not there: \(lost.sorted())")
        // The answer to it was lost with the process, so it came again. One that was answered never does.
        let twice = counts.filter { $0.value > 1 }
        for (number, count) in twice {
            #expect(inFlight.contains(number) && count <= Self.kills + 1, "\(number) is there \(count) times")
        }
        #expect(sender.acknowledged.count > Self.kills * 5, "hardly any inform was sent")
        try Self.check(station, gap)
        try station.stop()
    }

    /// What is known after the kills: the numbers of informs that were under way at one, the seconds from each start
    /// to the first answer, and the longest time without a station.
    private typealias Outcome = (inFlight: Set<Int>, times: [Double], gap: (from: Int64, to: Int64))

    private static func killAgainAndAgain(
        _ directory: TemporaryDirectory, _ trapPort: UInt16, _ sender: InformSender, kills: Int
    ) throws -> Outcome {
        var times: [Double] = []
        var inFlight: Set<Int> = []
        var gap: (from: Int64, to: Int64) = (0, 0)
        for number in 0..<kills {
            let process = try StationProcess(directory.path, trapPort: trapPort)
            if number > 0 { times.append(process.secondsToServe) }
            // The moments differ: in the first rounds, while tables are read, while it packs.
            let patience = [600, 150, 350, 50, 500, 900][number % 6]
            if number == 1 { #expect(try process.wait { try Self.rounds(process) >= 4 }) }
            pause(.milliseconds(Int64(patience)))
            let end = Station.now
            process.program.kill()
            inFlight.formUnion(sender.waiting)
            if number == 1 {
                let dirty = try OrielProgram.run("db", "verify", "\(directory.path)/station.edb")
                // It was not shut down cleanly, and says so; damage it has none that could not be read.
                #expect([0, 1].contains(dirty.status) && !dirty.output.isEmpty, "\(dirty)")
                pause(.seconds(5))
                gap = (end, Station.now)
            }
        }
        let last = try StationProcess(directory.path, trapPort: trapPort)
        times.append(last.secondsToServe)
        #expect(try last.wait { try Self.rounds(last) >= 4 })
        let ended = try last.stop()
        #expect(ended.status == 0 && ended.errorOutput.isEmpty, "\(ended)")
        return (inFlight, times, gap)
    }

    private static func rounds(_ process: StationProcess) throws -> Double {
        try process.node("/api/v1/station")["rounds"]?.number ?? 0
    }

    /// How often each number was recorded.
    private static func informs(_ station: Station) throws -> [Int: Int] {
        var counts: [Int: Int] = [:]
        var query = EventQuery()
        query.kind = "inform"
        query.limit = 500
        while true {
            let page = try station.store.reader.events(query)
            for event in page.events {
                let detail = try JSONNode(text: event.detail ?? "")
                let bindings = detail["varbinds"]?.elements ?? []
                #expect(bindings.count == 1 && bindings[0]["oid"]?.string == "\(InformSender.number)", "\(detail)")
                guard let number = bindings.first?["value"]?.plain.flatMap({ Int($0) }) else { continue }
                counts[number, default: 0] += 1
            }
            guard let next = page.next else { return counts }
            query.before = next
        }
    }

    /// The time without a station is a gap, and nowhere is a rate that the counter never had.
    private static func check(_ station: Station, _ gap: (from: Int64, to: Int64)) throws {
        let device = try station.device("ramp")
        let series = try station.store.reader.series(of: device.id)
        let octets = try #require(series.first { $0.metric == "ifHCInOctets" })
        let chart = try station.charts.chart(
            .series([octets.id]), from: gap.from - 30_000_000, to: gap.to + 60_000_000, count: 360)
        let buckets = chart.lines[0].buckets
        let inside = buckets.filter { $0.end - chart.step >= gap.from && $0.end <= gap.to }
        #expect(inside.count > 2 && inside.allSatisfy { $0.state == .gap && $0.mean == nil }, "\(inside)")
        let values = buckets.compactMap(\.greatest)
        #expect(values.count > 5, "no rates at all")
        let usual = Double(rate) * 8
        #expect(values.allSatisfy { $0 < usual * 3 }, "\(values.max() ?? 0)")
    }
}
