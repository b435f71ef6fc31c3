// A station and a fleet of agents, each a process of its own: what is recorded is compared with what was served.

import Foundation
import JSON
import PlatformIO
import Primitives
import Station
import StationStore
import StationTestKit
import StationWeb

/// `--mode fleet`, and `--mode fleet-agents`, which it starts.
struct FleetBench {
    private var agents = 100
    private var interfaces = 24
    private var interval = 10
    private var seconds = 300
    /// The program `oriel`.
    private var program = ""
    /// Where the station's data go; of `fleet-agents` where the log of what was served goes.
    private var directory = ""
    private var keepsData = false
    private var isJSON = false

    /// Whether these arguments are for a fleet.
    static func isWanted(_ arguments: [String]) -> Bool {
        zip(arguments, arguments.dropFirst()).contains { $0 == "--mode" && $1.hasPrefix("fleet") }
    }

    /// Runs; the exit status.
    static func run(_ arguments: [String]) throws -> Int32 {
        var bench = FleetBench()
        var rest = arguments[...]
        var mode = "fleet"
        while let flag = rest.popFirst() {
            if flag == "--json" {
                bench.isJSON = true
                continue
            }
            if flag == "--keep" {
                bench.keepsData = true
                continue
            }
            guard let value = rest.popFirst() else { throw BenchFailure("\(flag) needs a value") }
            func number(_ range: ClosedRange<Int>) throws -> Int { try Options.number(flag, value, range) }
            switch flag {
            case "--mode": mode = value
            case "--agents": bench.agents = try number(1...10_000)
            case "--interfaces": bench.interfaces = try number(1...600)
            case "--interval": bench.interval = try number(1...3_600)
            case "--seconds": bench.seconds = try number(5...1_700)
            case "--program": bench.program = value
            case "--dir": bench.directory = value
            default: throw BenchFailure("unknown option \(flag); see Benchmarks/README.md")
            }
        }
        if mode == "fleet-agents" {
            try bench.serve()
            return 0
        }
        return try bench.measure()
    }

    // MARK: The agents.

    /// Serves until standard input ends.
    private func serve() throws {
        let fleet = try Fleet(agents: agents, interfaces: interfaces)
        let list = fleet.devices.map { $0.json(interval: interval) }.joined(separator: ",\n")
        try FileAccess.writeAtomically(directory + "/devices.json", Array("[\(list)]".utf8))
        try StandardOutput.write("ready\n")
        try StandardOutput.flush()
        _ = FileHandle.standardInput.readDataToEndOfFile()
        let cpu = SystemClock.processCPUTime
        try ServedLog.write(fleet.close(), to: directory + "/served")
        try StandardOutput.write("\(cpu.inSeconds)\n")
        try StandardOutput.flush()
    }

    // MARK: The station.

    /// What the system says of a process.
    private struct Usage {
        var cpu: Double
        var peakKilobytes = 0
        var writtenBytes = 0

        init?(_ process: Int32) {
            guard let stat = try? FileAccess.readText("/proc/\(process)/stat", limit: 4_096),
                let status = try? FileAccess.readText("/proc/\(process)/status", limit: 65_536)
            else { return nil }
            // Behind the name, which may hold anything: state is field 3, user and system time are 14 and 15 (proc(5)).
            let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
            guard fields.count > 14, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
            cpu = (user + system) / 100
            func number(_ text: String, _ name: String) -> Int {
                let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
                return line.flatMap { Int($0.split(whereSeparator: { !$0.isNumber }).first ?? "") } ?? 0
            }
            peakKilobytes = number(status, "VmHWM:")
            writtenBytes = (try? FileAccess.readText("/proc/\(process)/io")).map { number($0, "write_bytes:") } ?? 0
        }
    }

    /// What the station says of itself.
    private struct Overview {
        var numbers: [String: Double] = [:]

        init(_ directory: String) throws {
            guard let answer = try ControlClient.ask(.get("/api/v1/station"), directory: directory) else {
                throw BenchFailure("the station does not run any more")
            }
            for field in try answer.checked().node().fields ?? [] {
                if case .number(let digits) = field.node.value { numbers[field.name] = Double(digits) }
            }
        }

        func callAsFunction(_ name: String) throws -> Double {
            guard let number = numbers[name] else { throw BenchFailure("the station says nothing of \(name)") }
            return number
        }
    }

    private func start(_ path: String, _ arguments: [String]) throws -> (Process, FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output.fileHandleForReading)
    }

    private func measure() throws -> Int32 {
        let own = CommandLine.arguments[0]
        let program = program.isEmpty ? (own as NSString).deletingLastPathComponent + "/oriel" : program
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw BenchFailure("there is no program \(program); name it with --program")
        }
        let parent = directory.isEmpty ? NSTemporaryDirectory() : directory
        let directory = (parent as NSString).appendingPathComponent("oriel-fleet-\(Program.id)")
        try FileAccess.createDirectory(directory, mode: 0o700)
        let data = directory + "/data"
        defer { if !keepsData { try? FileManager.default.removeItem(atPath: directory) } }

        let input = Pipe()
        let (fleet, fleetOutput) = (Process(), Pipe())
        fleet.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        fleet.arguments = [
            "--mode", "fleet-agents", "--agents", "\(agents)", "--interfaces", "\(interfaces)", "--interval",
            "\(interval)", "--dir", directory,
        ]
        fleet.standardInput = input
        fleet.standardOutput = fleetOutput
        try fleet.run()
        defer { if fleet.isRunning { fleet.terminate() } }
        guard !fleetOutput.fileHandleForReading.availableData.isEmpty else { throw BenchFailure("no agents") }

        let (station, stationOutput) = try start(
            program, ["station", "--data", data, "--listen", "127.0.0.1:0", "--trap-port", "0", "--no-agent"])
        defer { if station.isRunning { station.terminate() } }
        guard !stationOutput.availableData.isEmpty else { throw BenchFailure("the station did not start") }

        let began = SystemClock.now
        let (importing, importOutput) = try start(
            program, ["station", "import", "--data", data, directory + "/devices.json"])
        _ = importOutput.readDataToEndOfFile()
        importing.waitUntilExit()
        guard importing.terminationStatus == 0 else { throw BenchFailure("the devices were not taken") }
        // Until all tables are read; what follows is the station at work.
        let settled = min(Double(interval) + 5, Double(seconds) / 3)
        wait(until: began, settled)
        guard let first = Usage(station.processIdentifier) else { throw BenchFailure("the station is gone") }
        let firstView = try Overview(data)
        let firstTime = SystemClock.now
        wait(until: began, Double(seconds))
        guard let last = Usage(station.processIdentifier) else { throw BenchFailure("the station is gone") }
        let view = try Overview(data)
        let wall = (SystemClock.now - firstTime).inSeconds

        let stopBegan = SystemClock.now
        station.interrupt()
        station.waitUntilExit()
        let stopTime = (SystemClock.now - stopBegan).inSeconds
        guard station.terminationStatus == 0 else {
            throw BenchFailure("the station ended with status \(station.terminationStatus)")
        }
        try input.fileHandleForWriting.close()
        let fleetText = String(decoding: fleetOutput.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        fleet.waitUntilExit()

        let agentSeconds = fleetText.split(separator: "\n").last.flatMap { Double($0) } ?? 0
        guard let logs = try ServedLog.read(directory + "/served") else {
            throw BenchFailure("what the agents wrote can't be read")
        }
        let devices = try DeviceSpec.list(try FileAccess.readText(directory + "/devices.json", limit: 64 << 20))
        let store = try StationStore.open(directory: data)
        var check = FleetCheck()
        try check.compare(
            logs, of: devices.map { FleetDevice(name: $0.effectiveName, host: $0.host, isSecure: false) },
            in: store.reader, interval: interval)
        let series = try store.reader.seriesCount()
        try store.close()
        let size = Double(try FileAccess.status(data + "/station.edb").byteCount)
        let missed = try view("missedRounds")
        let lost = try view("lostRounds")

        for difference in check.differences { StandardError.write("oriel-bench: \(difference)\n") }
        let samples = Double(max(check.samples, 1))
        let recorded = try view("samples") - firstView("samples")
        var rows: [(key: String, title: String, value: Double, digits: Int)] = []
        func add(_ key: String, _ title: String, _ value: Double, digits: Int = 0) {
            rows.append((key, title, value, digits))
        }
        add("agents", "agents", Double(agents))
        add("interfaces", "interfaces of each", Double(interfaces))
        add("interval_s", "seconds between rounds", Double(interval))
        add("seconds", "seconds", Double(seconds))
        add("series", "series", Double(series))
        add("served", "values served", Double(logs.reduce(0) { $0 + $1.count }))
        add("rounds", "rounds recorded", Double(check.rounds))
        add("samples", "samples recorded, as they were served", Double(check.samples))
        add("differences", "differences", Double(check.differenceCount))
        add("missed_rounds", "rounds missed, says the station", missed)
        add("missed_by_agents", "rounds missed, by the agents' clock", Double(check.missedRounds))
        add("lost_rounds", "rounds lost", lost)
        add("repeated", "requests sent again", Double(check.repeatedRequests))
        add("unfinished", "rounds under way at the end", Double(check.unfinishedRounds))
        add("unfinished_answered", "of them answered by the agent in full", Double(check.unfinishedAnsweredRounds))
        add("late_p50_ms", "a round's delay, median, ms", check.lateness(at: 0.5) * 1e3, digits: 1)
        add("late_p99_ms", "a round's delay, 99 of 100, ms", check.lateness(at: 0.99) * 1e3, digits: 1)
        add("late_max_ms", "a round's delay, most, ms", check.lateness(at: 1) * 1e3, digits: 1)
        add("samples_per_s", "samples a second", recorded / wall)
        add("cpu_percent", "processor of the station, % of one", (last.cpu - first.cpu) / wall * 100, digits: 2)
        add("cpu_total_s", "processor seconds of the station in all", last.cpu, digits: 2)
        add("agents_cpu_s", "processor seconds of the agents in all", agentSeconds, digits: 2)
        add("peak_rss_mib", "most memory of the station, MiB", Double(last.peakKilobytes) / 1_024, digits: 1)
        add("commits_per_s", "commits a second", (try view("commits") - firstView("commits")) / wall, digits: 2)
        let syncs = try view("diskSyncs") - firstView("diskSyncs")
        add("syncs_per_s", "times a second that the disk was waited for", syncs / wall, digits: 2)
        let written = Double(last.writtenBytes - first.writtenBytes)
        add("written_per_sample", "bytes a sample written, logs too", written / max(recorded, 1), digits: 2)
        add("file_bytes", "bytes of station.edb", size)
        add("bytes_per_sample", "bytes of station.edb a sample, catalogue too", size / samples, digits: 2)
        add("stop_s", "seconds to stop", stopTime, digits: 2)
        let isRight = check.isRight && missed == 0 && lost == 0
        if isJSON {
            let fields = rows.map { "\"\($0.key)\":\(String(format: "%.\($0.digits)f", $0.value))" }
            print("{\"peer\":\"oriel\",\"mode\":\"fleet\",\(fields.joined(separator: ",")),\"right\":\(isRight)}")
        } else {
            print("| what | value |\n|---|---:|")
            for row in rows { print("| \(row.title) | \(String(format: "%.\(row.digits)f", row.value)) |") }
            print("| all as served, none missed | \(isRight ? "yes" : "NO") |")
        }
        return isRight ? 0 : 1
    }

    private func wait(until begin: Instant, _ seconds: Double) {
        let end = begin + .fractionalSeconds(seconds)
        while SystemClock.now < end { SystemClock.sleep(min(max(end - SystemClock.now, .zero), .milliseconds(500))) }
    }
}
