import Foundation
import PeerRig
import Testing

/// Managers in C, Python and C#, written as their languages' programs for Windows are, with net-snmp's agent and its
/// notification tools. They share arguments and output: see Tests/Support/WinSNMPPrograms.
@Suite(
    .needsLibrary, .enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .serialized,
    .timeLimit(.minutes(10)))
struct LanguageTests {
    enum Language: String, CaseIterable, Sendable {
        case c, python, mono

        /// Program and leading arguments; compiles into `directory` first. Nil without Mono.
        func command(in directory: String) throws -> [String]? {
            switch self {
            case .c:
                let program = "\(directory)/snmpd_client"
                try compile(
                    "cc",
                    [
                        "-std=c99", "-Wall", "-Wextra", "-Werror", "-pthread", "-I\(Library.include)",
                        "\(Library.programs)/snmpd_client.c", "-o", program, "-L\(Library.directory)", "-lwsnmp32",
                    ])
                return [program]
            case .python: return ["python3", "\(Library.programs)/python/wsnmp_client.py", Library.path]
            case .mono:
                guard PeerRig.path(of: "mcs") != nil, PeerRig.path(of: "mono") != nil else { return nil }
                let program = "\(directory)/WsnmpClient.exe"
                try compile("mcs", ["-warnaserror+", "-out:\(program)", "\(Library.programs)/mono/WsnmpClient.cs"])
                try FileManager.default.copyItem(
                    atPath: "\(Library.programs)/mono/WsnmpClient.exe.config", toPath: "\(program).config")
                return ["mono", program]
            }
        }

        private func compile(_ compiler: String, _ arguments: [String]) throws {
            let result = try PeerProgram.run(compiler, arguments, seconds: 120)
            try #require(result.status == 0, "\(result)")
        }
    }

    private static let readOnly = PeerCredentials.v2c(community: SNMPDaemon.readOnly)
    private static let text = #"a "quoted" \ text"#

    /// The GET, the walk and the notifications against what net-snmp's tools say; checks 2 and 39 to 43 on the way.
    @Test(arguments: Language.allCases)
    func managesARealAgent(language: Language) async throws {
        let root = "1.3.6.1.2.1.1"
        let scratch = try Scratch()
        guard let command = try language.command(in: scratch.path) else { try Test.cancel("no Mono here") }
        let agent = try SNMPDaemon.shared()
        let result = try await Self.run([command], agent, root: root, in: scratch)[0]
        let report = try Report(result)
        #expect(result.status == 0 && report.failures == [], "\(result)")
        #expect(report.checks > 100)
        #expect(report.vendor == (language == .c ? nil : "Oriel"))
        let (description, rows) = try await PeerRig.onThread { () throws(PeerRigError) in
            (
                try PeerTool.get("1.3.6.1.2.1.1.1.0", from: agent.udp, as: Self.readOnly).varBinds,
                try PeerTool.walk(root, from: agent.udp, as: Self.readOnly).varBinds
            )
        }
        #expect(report.sysDescr == description.first?.value)
        #expect(rows.count > 5)
        #expect(report.names == rows.map { String($0.oid.dropFirst()) })
        Self.expectNotifications(report)
    }

    /// Check 65: what one program gets the others get as well, whatever they are written in.
    @Test func programsShareTheTrapPort() async throws {
        let scratch = try Scratch()
        let commands = try [Language.c, .python].compactMap { try $0.command(in: scratch.path) }
        let agent = try SNMPDaemon.shared()
        let results = try await Self.run(commands + [commands[0]], agent, root: "1.3.6.1.2.1.1.5", in: scratch)
        #expect(results.count == 3)
        for result in results {
            #expect(result.status == 0, "\(result)")
            Self.expectNotifications(try Report(result))
        }
    }

    // MARK: Programs

    /// Starts all programs with one trap port, sends the notifications when all listen, and returns how each ended.
    private static func run(
        _ commands: [[String]], _ agent: SNMPDaemon, root: String, in scratch: Scratch
    ) async throws -> [PeerToolResult] {
        // Programs that share a port meet in the run-time directory.
        let environment = Library.searchPath.merging(["HOME": scratch.path, "XDG_RUNTIME_DIR": scratch.path]) { $1 }
        return try await PeerRig.onThread { () throws(PeerRigError) in
            // Below the range that the kernel hands out, like the rig's daemons.
            let port = UInt16.random(in: 20_000..<32_000)
            var clients: [PeerProgram] = []
            for command in commands {
                clients.append(
                    try PeerProgram(
                        command[0],
                        command.dropFirst()
                            + ["127.0.0.1", "\(agent.port)", SNMPDaemon.readOnly, "\(port)", "3", root],
                        environment: environment))
            }
            for client in clients where !client.wait(for: "ready", seconds: 120) {
                throw .notReady("\(client.output)\(client.errorOutput)")
            }
            try sendNotifications(to: "127.0.0.1:\(port)")
            var results: [PeerToolResult] = []
            for client in clients { results.append(try client.finish(seconds: 120)) }
            return results
        }
    }

    /// The last line of a program's output.
    private struct Report: Decodable {
        var program: String
        var checks: Int
        var failures: [String]
        var vendor: String?
        var sysDescr: String?
        var names: [String]
        var notifications: [Notification]

        init(_ result: PeerToolResult) throws {
            let line = try #require(result.output.split(separator: "\n").last, "\(result)")
            self = try JSONDecoder().decode(Report.self, from: Data(line.utf8))
        }
    }

    private struct Notification: Decodable, Equatable {
        var type: Int
        var source = "127.0.0.1"
        var community: String
        /// Names and values.
        var bindings: [[String]]
    }

    // MARK: Notifications

    /// A trap of version 2c, one of version 1, an inform. The tool waits for the inform's answer.
    private static func sendNotifications(to receiver: String) throws(PeerRigError) {
        let trap = try PeerTool.trap(
            "1.3.6.1.4.1.99.0.7", ["1.3.6.1.4.1.99.1", "s", text], to: receiver, as: .v2c(community: "language"))
        let old = try PeerTool.run(
            "snmptrap",
            ["-v", "1", "-c", "old", receiver, "1.3.6.1.4.1.99", "192.0.2.9", "6", "8", "4712"]
                + ["1.3.6.1.4.1.99.2", "i", "-5"])
        let inform = try PeerTool.inform("1.3.6.1.6.3.1.1.5.3", to: receiver, as: .v2c(community: "language"))
        guard trap.status == 0, old.status == 0, inform.status == 0 else {
            throw .notReady("not sent, or the inform was not answered: \(trap) \(old) \(inform)")
        }
    }

    private static func expectNotifications(_ report: Report) {
        let (upTime, name) = ("1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0")
        let expected = [
            Notification(
                type: 0xA7, community: "language",
                bindings: [[upTime, "4711"], [name, "1.3.6.1.4.1.99.0.7"], ["1.3.6.1.4.1.99.1", text]]),
            // RFC 1908, section 3.1.2; the enterprise comes last.
            Notification(
                type: 0xA7, community: "old",
                bindings: [
                    [upTime, "4712"], [name, "1.3.6.1.4.1.99.0.8"], ["1.3.6.1.4.1.99.2", "-5"],
                    ["1.3.6.1.6.3.1.1.4.3.0", "1.3.6.1.4.1.99"],
                ]),
            Notification(
                type: 0xA6, community: "language", bindings: [[upTime, "4711"], [name, "1.3.6.1.6.3.1.1.5.3"]]),
        ]
        #expect(report.notifications == expected, "\(report.program)")
    }
}
