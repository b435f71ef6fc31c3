// The fault table over real sockets: our walk, net-snmp's snmpbulkwalk and gosnmp's BulkWalkAll against the same
// misbehaving agents. No times: what counts is the rows, and whether a walker says that some are missing.

import Dispatch
import Foundation
import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Synchronization

/// A misbehaving agent on a socket of its own, until `stop`.
final class FaultServer: @unchecked Sendable {
    let address: SocketAddress
    private let socket: UDPSocket
    private let foreign: UDPSocket
    private let isStopped = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ fault: AgentFault?) throws {
        socket = try UDPSocket(binding: .loopbackIPv4(port: 0))
        foreign = try UDPSocket(binding: SocketAddress(ipv4: 127, 0, 0, 2, port: socket.localAddress.port))
        address = socket.localAddress
        _ = try Thread.start(name: "fault-agent") { self.serve(FaultyAgent(fault.map { [$0] } ?? [])) }
    }

    private func serve(_ agent: FaultyAgent) {
        var agent = agent
        while !isStopped.load(ordering: .relaxed) {
            guard (try? socket.waitReadable(timeout: .milliseconds(20))) == true else { continue }
            var answers: [(Reply, SocketAddress)] = []
            _ = try? socket.receiveBatch { bytes, source, _, _ in
                for reply in agent.reply(to: [UInt8](bytes), at: SystemClock.now) { answers.append((reply, source)) }
            }
            for (reply, destination) in answers {
                _ = try? (reply.otherSource == nil ? socket : foreign).send(reply.octets, to: destination)
            }
        }
        ended.signal()
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        ended.wait()
    }
}

enum FaultBench {
    private static let root = ".1.3.6.1.2.1.2.2"

    static func run() throws {
        print("| the agent | rows | our verdict | second walk: failed requests | snmpbulkwalk | gosnmp BulkWalkAll |")
        print("|---|---:|---|---:|---|---|")
        for (name, fault) in AgentFault.table {
            let server = try FaultServer(fault)
            defer { server.stop() }
            let (first, second) = try walkTwice(server.address)
            let netSNMP = snmpbulkwalk(server.address)
            let gosnmp = gosnmpWalk(server.address)
            print(
                "| \(name) | \(first.rows) | \(label(first)) | \(second.failedRequests) | \(netSNMP) | \(gosnmp) |")
        }
    }

    private static func label(_ verdict: WalkVerdict) -> String {
        switch verdict.outcome {
        case .complete:
            verdict.deviations.isEmpty ? "complete" : "complete; \(verdict.deviations.labels.joined(separator: ", "))"
        case .loop: "loop"
        case .skippedRows: "skipped rows"
        case .partial(let cause, _): "partial: \(cause)"
        }
    }

    /// A walk, and another one that knows what the first one learned.
    private static func walkTwice(_ address: SocketAddress) throws -> (WalkVerdict, WalkVerdict) {
        let manager = try SNMPManager()
        defer { manager.close() }
        guard let root = ObjectIdentifier(root) else { throw BenchFailure("malformed root") }
        let verdicts = Mutex<[WalkVerdict]>([])
        let done = DispatchSemaphore(value: 0)
        Task {
            var profile = TargetProfile()
            for _ in 0..<2 {
                let configuration = TargetConfiguration(Peer(address), .v2c(community: Array("public".utf8)))
                guard let target = try? manager.target(configuration, profile: profile) else { break }
                let result = await target.walk(root)
                verdicts.withLock { $0.append(result.verdict) }
                profile = target.profile
            }
            done.signal()
        }
        done.wait()
        let both = verdicts.withLock { $0 }
        guard both.count == 2 else { throw BenchFailure("a walk could not be begun") }
        return (both[0], both[1])
    }

    private static func snmpbulkwalk(_ address: SocketAddress) -> String {
        let arguments = [
            "snmpbulkwalk", "-m", "", "-v2c", "-c", "public", "-On", "-t", "1", "-r", "2", "-Cr25", "\(address)", root,
        ]
        guard let result = output(arguments) else { return "not installed" }
        let rows = result.text.split(separator: "\n").filter { $0.contains(" = ") && !$0.contains(" = No Such ") }.count
        if result.isKilled { return "\(rows) rows, endless" }
        return result.status == 0 ? "\(rows) rows" : "\(rows) rows, error"
    }

    private static func gosnmpWalk(_ address: SocketAddress) -> String {
        let program = ".build/peers/gosnmp"
        guard FileManager.default.isExecutableFile(atPath: program),
            let result = output([program, "-mode", "walkall", "-agent", "\(address)", "-root", root])
        else { return "not built" }
        if result.isKilled { return "endless" }
        // {"peer":"gosnmp","mode":"walkall","varbinds":0,"error":"nil"}
        guard let object = try? JSONSerialization.jsonObject(with: Data(result.text.utf8)) as? [String: Any],
            let rows = object["varbinds"] as? Int, let error = object["error"] as? String
        else { return "failed" }
        return error == "nil" ? "\(rows) rows, no error" : "\(rows) rows, error"
    }

    /// Runs a program for 15 seconds at most; nil if it is not there. Its output goes through a file, so that an
    /// endless one can't block on a full pipe.
    private static func output(_ arguments: [String]) -> (text: String, status: Int32, isKilled: Bool)? {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else { return nil }
        defer { try? FileManager.default.removeItem(at: file) }
        guard let handle = try? FileHandle(forWritingTo: file) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = handle
        process.standardError = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        guard (try? process.run()) != nil else { return nil }
        let isKilled = ended.wait(timeout: .now() + .seconds(15)) == .timedOut
        if isKilled {
            process.terminate()
            ended.wait()
        }
        guard isKilled || process.terminationStatus != 127 else { return nil }
        return (
            (try? String(contentsOf: file, encoding: .utf8)) ?? "", isKilled ? -1 : process.terminationStatus, isKilled
        )
    }
}
