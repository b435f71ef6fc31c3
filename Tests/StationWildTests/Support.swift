// Layer: StationWildTests. Uses: PeerRig, StationWeb. Used by: the suites beside it.
// The program oriel as a station in a process of its own, and questions to its page.

import Foundation
import HTTPService
import JSON
import PeerRig
import PlatformIO
import Primitives
import StationRig
import StationWeb
import Testing

/// The program oriel as it was built with the tests.
enum OrielProgram {
    /// Its path: ORIEL_PROGRAM, or beside the tests' own program.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["ORIEL_PROGRAM"] { return path }
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).standardized.deletingLastPathComponent().path
        let places = ["\(tests)/oriel", "\(PeerRig.packageRoot)/.build/debug/oriel"]
        return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? places[1]
    }()

    /// Runs it to its end.
    static func run(_ arguments: String..., seconds: Double = 60) throws -> PeerToolResult {
        try PeerProgram.run(path, arguments, environment: environment, seconds: seconds)
    }

    /// Nothing of whoever runs the tests.
    static let environment = ["ORIEL_DATA": "", "XDG_DATA_HOME": "", "SWIFT_BACKTRACE": "enable=no"]
}

/// A station in a process of its own.
final class StationProcess {
    let program: PeerProgram
    /// Where its page is.
    let page: SocketAddress
    /// How long it took from the start of the process to the first answer.
    let secondsToServe: Double

    /// Starts it and returns when it answers.
    init(_ directory: String, trapPort: UInt16, arguments: [String] = []) throws {
        let start = SystemClock.now
        let program = try PeerProgram(
            OrielProgram.path,
            ["station", "--data", directory, "--listen", "127.0.0.1:0", "--trap-port", "\(trapPort)"] + arguments,
            environment: OrielProgram.environment)
        self.program = program
        page = try StationProcess.page(of: program)
        _ = try PageClient.get(page, "/api/v1/station")
        secondsToServe = Double((SystemClock.now - start).nanoseconds) / 1e9
    }

    /// The address that it announces.
    private static func page(of program: PeerProgram) throws -> SocketAddress {
        let end = SystemClock.now + .seconds(60)
        while SystemClock.now < end {
            let isRunning = program.isRunning
            for line in program.output.split(separator: "\n") where line.hasPrefix("station: http://") {
                let text = line.dropFirst("station: http://".count).prefix { $0 != "/" }
                return try AddressResolver.numeric(String(text), defaultPort: 0)
            }
            guard isRunning else { break }
            pause(.milliseconds(5))
        }
        throw PeerRigError.notReady("\(program.output)\(program.errorOutput)")
    }

    /// An answer of its page as JSON.
    func node(_ target: String) throws -> JSONNode { try JSONNode(text: try PageClient.get(page, target).body) }

    /// Waits until something is so; false if it isn't after a time that only a broken station needs.
    func wait(seconds: Int64 = 60, _ condition: () throws -> Bool) rethrows -> Bool {
        let end = SystemClock.now + .seconds(seconds)
        while SystemClock.now < end {
            if try condition() { return true }
            pause(.milliseconds(50))
        }
        return try condition()
    }

    /// Ends it as Control-C does; its status, and what it wrote.
    func stop() throws -> PeerToolResult {
        program.interrupt()
        return try program.finish()
    }

    /// Resident memory in bytes, and processor time in seconds so far.
    func usage() throws -> (memory: Int, processor: Double) {
        let pages = try FileAccess.readText("/proc/\(program.processID)/statm").split(separator: " ")
        let text = try FileAccess.readText("/proc/\(program.processID)/stat")
        // Behind the name, which stands in brackets: state is field 3, utime and stime are 14 and 15.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
        return ((Int(pages[1]) ?? 0) * 4_096, ticks / 100)
    }
}

/// Asks a page, one request on a connection.
enum PageClient {
    struct Answer {
        var status: Int
        var head: String
        var body: String
    }

    static func get(_ address: SocketAddress, _ target: String, headers: [String] = []) throws -> Answer {
        let connection = try TCPConnection.connect(to: address)
        defer { connection.close() }
        while try !connection.finishConnecting() { _ = try connection.wait(for: .write, timeout: .seconds(30)) }
        let lines = ["GET \(target) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        _ = try connection.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        var bytes: [UInt8] = []
        while true {
            guard try connection.wait(for: .read, timeout: .seconds(60)) else {
                throw PeerRigError.timedOut("no answer to \(target)")
            }
            if try connection.read(appendingTo: &bytes) == .end { break }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let blank = text.firstRange(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw PeerRigError.unexpectedAnswer(String(text.prefix(500)))
        }
        return Answer(
            status: status, head: String(text[..<blank.lowerBound]), body: String(text[blank.upperBound...]))
    }
}

extension StationWeb {
    /// The answer to a request as JSON.
    func node(_ target: String, status: Int = 200) throws -> JSONNode {
        let response = answer(try #require(HTTPRequest(target: target)))
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == status, "\(target): \(body)")
        return try JSONNode(text: body)
    }

    /// The series of a device by metric and object: `ifHCInOctets/eth0`.
    func series(of device: Int32) throws -> [String: Int] {
        var found: [String: Int] = [:]
        for node in try node("/api/v1/devices/\(device)/series")["series"]?.elements ?? [] {
            guard let metric = node["metric"]?.string, let id = node["id"]?.number else { continue }
            found[node["objectName"]?.string.map { "\(metric)/\($0)" } ?? metric] = Int(id)
        }
        return found
    }
}

/// A point of a chart.
struct ChartPoint {
    var time: Double
    var least: Double?
    var mean: Double?
    var greatest: Double?
    var state: String

    /// The points of a chart's first line.
    static func all(_ chart: JSONNode) -> [ChartPoint] {
        (chart["lines"]?.elements?.first?["points"]?.elements ?? []).compactMap { node in
            guard let parts = node.elements, parts.count == 5, let time = parts[0].number, let state = parts[4].string
            else { return nil }
            return ChartPoint(
                time: time, least: parts[1].number, mean: parts[2].number, greatest: parts[3].number, state: state)
        }
    }
}

extension JSONNode {
    /// The number; nil if it is none.
    var number: Double? { if case .number(let digits) = value { Double(digits) } else { nil } }
    /// The string; nil if it is none.
    var string: String? { if case .string(let text) = value { text } else { nil } }
    /// A string, or a number as it is written.
    var plain: String? { if case .number(let digits) = value { digits } else { string } }
}

/// A port that nobody has at the moment, from below those that the system hands out.
func freePort() throws -> UInt16 {
    for _ in 0..<200 {
        let port = UInt16.random(in: 20_000..<32_000)
        let isFree =
            (try? UDPSocket(binding: .anyIPv4(port: port))) != nil
            && (try? TCPListener(binding: .loopbackIPv4(port: port))) != nil
        if isFree { return port }
    }
    throw PeerRigError.cannotStart("no free port")
}

/// Waits, as long as it may be.
func pause(_ interval: Interval) { Thread.sleep(forTimeInterval: Double(interval.nanoseconds) / 1e9) }

/// Runs what waits on a thread of its own: there are no more threads for tasks than processors. Unlike a thread that
/// knows nothing of tasks it is still part of the test, whose expectations count.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(ThreadExecutor()) { try body() }
}

/// Starts a thread for each job.
final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }.start()
    }
}
