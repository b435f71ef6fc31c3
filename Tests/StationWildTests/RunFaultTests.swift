// Layer: StationWildTests. Tests: what must not stop a station that runs: a full disk, floods of notifications, and
// devices whose tables have no end.

import Foundation
import JSON
import PeerRig
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Station
import StationRig
import StationSeries
import StationStore
import Testing

/// A file system of its own in memory, small enough to be filled.
private final class SmallDisk: Sendable {
    let path: String

    init(megabytes: Int) throws {
        path = "/tmp/oriel-small-\(Program.id)-\(UInt64.random(in: 0 ... .max))"
        try FileAccess.createDirectory(path, mode: 0o700)
        let result = try PeerProgram.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        guard result.status == 0 else {
            try? FileAccess.remove(path)
            throw PeerRigError.cannotStart("mount: \(result)")
        }
    }

    deinit {
        _ = try? PeerProgram.run("umount", ["-l", path])
        try? FileAccess.remove(path)
    }

    /// Takes what room there is.
    func fill() throws {
        let file = FileHandle(forWritingAtPath: path + "/filler") ?? FileHandle.nullDevice
        defer { try? file.close() }
        for size in [65_536, 4_096, 512] {
            while (try? file.write(contentsOf: Data(count: size))) != nil {}
        }
    }

    func prepare() throws { try Data().write(to: URL(fileURLWithPath: path + "/filler")) }
    func free() throws { try FileAccess.remove(path + "/filler") }

    /// Whether this process may mount one.
    static let isPossible = (try? SmallDisk(megabytes: 1)) != nil
}

@Suite(.serialized, .timeLimit(.minutes(15))) struct RunFaultTests {
    private static func add(_ agent: AgentServer, _ name: String, to directory: String) throws {
        let added = try OrielProgram.run(
            "station", "add", "--data", directory, "\(agent.endpoints[0].address)", "-c", "wild", "--name", name,
            "-i", "1s")
        #expect(added.status == 0, "\(added)")
    }

    private static func inform(_ target: SNMPTarget, _ number: Int32) async -> Bool {
        do throws(SNMPError) {
            try await target.inform(
                [1, 3, 6, 1, 4, 1, 55_555, 0, 2], upTime: 1, [VarBind([1, 3, 6, 1, 4, 1, 55_555, 1], .integer(number))])
            return true
        } catch {
            return false
        }
    }

    private static func problem(_ process: StationProcess) throws -> String? {
        try process.node("/api/v1/station")["problem"]?.string
    }

    @Test(
        "a full disk: it says so, answers no inform, polls on, and records again when there is room",
        .enabled(if: SmallDisk.isPossible, "no file system of its own can be mounted here"))
    func fullDisk() async throws {
        let disk = try SmallDisk(megabytes: 48)
        let directory = disk.path + "/data"
        let device = SettableAgent([SettablePort(name: "p1", octets: Ramp(base: 0, perSecond: 1_000_000))])
        let server = try device.serve()
        defer { server.close() }
        let late = try SettableAgent([SettablePort(name: "late", octets: Ramp(base: 0, perSecond: 1_000_000))]).serve()
        defer { late.close() }
        try await blocking { try Self.add(server, "ramp", to: directory) }
        let trapPort = try freePort()
        let manager = try SNMPManager()
        defer { manager.close() }
        let target = try manager.target(
            TargetConfiguration(
                Peer(.loopbackIPv4(port: trapPort)), .v2c(community: SettableAgent.community),
                policy: .fixed(timeout: .milliseconds(500), retries: 20)))
        let process = try StationProcess(directory, trapPort: trapPort)
        let isRecording = try process.wait { try (process.node("/api/v1/station")["rounds"]?.number ?? 0) > 3 }
        #expect(isRecording)
        #expect(await Self.inform(target, 1))

        try disk.prepare()
        try disk.fill()
        let begin = Station.now
        // Large events, so that the room inside the database's files is used up too.
        let flood = TrapFlood(port: trapPort, octets: 8_000)
        var isFull = false
        for _ in 0..<400 where !isFull {
            try flood.send(5)
            try disk.fill()
            pause(.milliseconds(50))
            isFull = try Self.problem(process) != nil
        }
        #expect(isFull, "the disk did not get full")
        let problem = try Self.problem(process) ?? ""
        #expect(problem.contains("full"), "\(problem)")
        #expect(process.program.errorOutput.contains("full"), "\(process.program.errorOutput)")
        #expect(await !Self.inform(target, 2), "an inform was answered that can't be stored")
        // A device whose tables are read only now.
        device.change { $0.ports.append(SettablePort(name: "p2", octets: Ramp(base: 0, perSecond: 1_000_000))) }
        let before = try process.usage()
        let start = SystemClock.now
        pause(.seconds(6))
        let after = try process.usage()
        let share = (after.processor - before.processor) / (Double((SystemClock.now - start).nanoseconds) / 1e9)
        #expect(share < 0.6, "it spins: \(share) of a processor")
        #expect(try Self.problem(process) != nil)
        // It polls all the same.
        let seen = try process.node("/api/v1/devices")["devices"]?.elements?.first { $0["name"]?.string == "ramp" }
        #expect(seen?["state"]?.string == "up")
        #expect((seen?["lastSeen"]?.number ?? 0) > Double(Station.now) / 1e6 - 5)

        try disk.free()
        let isFine = try process.wait { try Self.problem(process) == nil }
        #expect(isFine, "it still has a problem")
        let end = Station.now
        // What waited meanwhile is written first, which takes a busy machine its time.
        var isAnswered = false
        for _ in 0..<6 where !isAnswered { isAnswered = await Self.inform(target, 3) }
        #expect(isAnswered, "\(process.program.errorOutput)")
        // Both ports are recorded, the new one as well.
        let records = try process.wait {
            let id = Int(seen?["id"]?.number ?? 0)
            let series = try process.node("/api/v1/devices/\(id)/series")["series"]?.elements ?? []
            let octets = series.filter { $0["metric"]?.string == "ifHCInOctets" }
            return octets.count == 2
                && octets.allSatisfy { ($0["last"]?["time"]?.number ?? 0) > Double(end) / 1e6 + 2 }
        }
        #expect(records)
        #expect(process.program.errorOutput.contains("works again"), "\(process.program.errorOutput)")
        #expect(process.program.errorOutput.split(separator: "\n").count < 20, "\(process.program.errorOutput)")
        let isSaid = try process.wait {
            try process.node("/api/v1/events?kind=station&search=recorded")["events"]?.elements?.isEmpty == false
        }
        #expect(isSaid, "no event tells of it")
        let ended = try process.stop()
        #expect(ended.status == 0, "\(ended)")
        let verified = try OrielProgram.run("db", "verify", directory + "/station.edb", seconds: 120)
        #expect(verified.status == 0, "\(verified)")

        var options = StationOptions(directory: directory)
        options.watchesThisMachine = false
        let station = try Station.open(options)
        var query = EventQuery()
        query.kind = "inform"
        let informs = try station.store.reader.events(query).events.compactMap(\.detail)
        #expect(
            informs.count { $0.contains("\"value\":1}") } == 1 && informs.contains { $0.contains("\"value\":3}") })
        // Rounds of the time before are whole, and those of the time in between waited.
        let ramp = try station.device("ramp")
        let all = try station.store.reader.series(of: ramp.id).filter { $0.metric == "ifHCInOctets" }
        let series = try #require(all.min { $0.id < $1.id })
        var times: [Int64] = []
        try station.store.reader.samples(of: series.id, in: 0..<Int64.max) { reading in
            if reading.value != nil { times.append(reading.time) }
            return true
        }
        #expect(times.contains { $0 < begin } && times.contains { $0 > end })
        #expect(times.count { $0 > begin && $0 < end } > 3, "what was polled meanwhile is lost")
        try station.stop()
    }

    @Test("a flood of 20,000 notifications a second: memory is bounded, and it polls on")
    func flood() async throws {
        let directory = try TemporaryDirectory()
        let server = try SettableAgent([SettablePort(name: "p1", octets: Ramp(base: 0, perSecond: 1_000_000))]).serve()
        defer { server.close() }
        try await blocking { try Self.add(server, "ramp", to: directory.path) }
        let trapPort = try freePort()
        let process = try StationProcess(directory.path, trapPort: trapPort, arguments: ["--no-agent"])
        func rounds() throws -> Double { try process.node("/api/v1/station")["rounds"]?.number ?? 0 }
        #expect(try process.wait { try rounds() >= 2 })
        let before = try rounds()
        let flood = TrapFlood(port: trapPort, octets: 40)
        var most = 0
        let start = SystemClock.now
        for step in 0..<60 {
            try flood.send(1_000)
            if step % 10 == 9 { most = max(most, try process.usage().memory) }
            let due = start + .milliseconds(50 * Int64(step + 1))
            if SystemClock.now < due { pause(due - SystemClock.now) }
        }
        let seconds = Double((SystemClock.now - start).nanoseconds) / 1e9
        #expect(try process.wait { try rounds() >= before + 3 }, "it polls no more")
        let state = try process.node("/api/v1/devices")["devices"]?.elements?.first?["state"]?.string
        #expect(state == "up")
        most = max(most, try process.usage().memory)
        let overview = try process.node("/api/v1/station")
        print(
            "60,000 traps in \(seconds) s: \(overview["events"]?.plain ?? "") events,"
                + " \(overview["lostTraps"]?.plain ?? "") lost, \(most >> 20) MiB")
        #expect(most < 700 << 20, "\(most >> 20) MiB")
        // What was taken is there in the end.
        let isWritten = try process.wait { try process.node("/api/v1/station")["events"]?.number ?? 0 > 1_000 }
        #expect(isWritten)
        #expect(try process.stop().status == 0)
    }

    @Test("a device whose tables never end and whose texts are huge costs only itself")
    func endlessTables() async throws {
        let directory = try TemporaryDirectory()
        let liar = try Liar().serve()
        defer { liar.close() }
        let server = try SettableAgent([SettablePort(name: "p1", octets: Ramp(base: 0, perSecond: 1_000_000))]).serve()
        defer { server.close() }
        try await blocking {
            try Self.add(server, "honest", to: directory.path)
            try Self.add(liar, "liar", to: directory.path)
        }
        let process = try StationProcess(directory.path, trapPort: try freePort(), arguments: ["--no-agent"])
        func device(_ name: String) throws -> JSONNode? {
            try process.node("/api/v1/devices")["devices"]?.elements?.first { $0["name"]?.string == name }
        }
        var most = 0
        let isSeen = try process.wait(seconds: 240) {
            most = max(most, try process.usage().memory)
            return try device("liar")?["verdict"]?.string == "partial"
        }
        let found = try device("liar")
        #expect(isSeen, "\(found?.text ?? "")")
        #expect(found?["state"]?.string == "up" && found?["message"]?.string?.contains("rows") == true)
        #expect(most < 700 << 20, "\(most >> 20) MiB")
        print("endless tables: \(most >> 20) MiB, \(found?["message"]?.string ?? "")")
        let honest = try #require(try device("honest"))
        #expect(honest["state"]?.string == "up" && honest["verdict"]?.string == "complete")
        #expect((honest["lastSeen"]?.number ?? 0) > Double(Station.now) / 1e6 - 10)
        #expect(try process.stop().status == 0)
    }
}

/// Sends traps of v2c as fast as it is told, each made beforehand.
private struct TrapFlood {
    private let socket: UDPSocket
    private let peer: SocketAddress
    private let datagram: [UInt8]

    init(port: UInt16, octets: Int) {
        peer = .loopbackIPv4(port: port)
        // The sizes are few, so that making a socket is all that can fail.
        guard let socket = try? UDPSocket(binding: .loopbackIPv4(port: 0)) else { preconditionFailure("no socket") }
        self.socket = socket
        // Letters at random: what repeats itself would be compressed.
        var random = SeededRandom(seed: 7)
        datagram = Self.trap((0..<octets).map { _ in UInt8(97 + random.next() % 26) })
    }

    func send(_ count: Int) throws {
        for _ in 0..<count { _ = try? datagram.withUnsafeBytes { try socket.send($0, to: peer) } }
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 128 ? [UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag] + length(content.count) + content }

    /// A trap of v2c with a string (RFC 3416).
    private static func trap(_ text: [UInt8]) -> [UInt8] {
        func oid(_ arcs: [UInt8]) -> [UInt8] { element(6, arcs) }
        let upTime = element(0x30, oid([43, 6, 1, 2, 1, 1, 3, 0]) + element(0x43, [1]))
        let name = element(
            0x30, oid([43, 6, 1, 6, 3, 1, 1, 4, 1, 0]) + oid([43, 6, 1, 6, 3, 1, 1, 5, 1]))
        let description = element(0x30, oid([43, 6, 1, 2, 1, 1, 1, 0]) + element(4, text))
        let pdu = element(
            0xA7, element(2, [1]) + element(2, [0]) + element(2, [0]) + element(0x30, upTime + name + description))
        return element(0x30, element(2, [1]) + element(4, Array("flood".utf8)) + pdu)
    }
}

/// Tables without an end: behind each name there is another one, and texts are as long as fits.
private final class Liar: ManagedSubtree, Sendable {
    let root: ObjectIdentifier = [1, 3, 6, 1]
    private static let text = Array(repeating: UInt8(0x58), count: 1_200)

    func serve() throws -> AgentServer {
        let configuration = AgentConfiguration(
            engineID: EngineID([0x80, 0, 0x1F, 0x88, 4] + Array("liar".utf8)), engineBoots: 1,
            communities: [Community(SettableAgent.community)], access: .readOnly(minimumUserLevel: .noAuthNoPriv),
            servesOwnObjects: false, firstSalt: 1)
        let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
        try agent.register(self)
        return try AgentServer(agent, endpoints: [ServiceEndpoint(.loopbackIPv4(port: 0))])
    }

    /// Whatever it is asked for it has.
    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        if name == [1, 3, 6, 1, 2, 1, 1, 3, 0] {
            return .timeTicks(UInt32(truncatingIfNeeded: now.nanoseconds / 10_000_000))
        }
        return name.last.map { $0 % 3 == 0 } == true ? .octetString(Self.text) : .counter32(5)
    }

    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        let last = name.last ?? 0
        let next = name.count < 11 ? name.appending(1) : name.prefix(name.count - 1).appending(last + 1)
        return VarBind(next, try value(of: next, at: now))
    }
}
