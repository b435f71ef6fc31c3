import Foundation
import PeerRig
import Testing

/// Managers in C, Python and C#, written as their languages' programs for Windows are, against snmpd and snmptrap.
@Suite(
    .needsLibrary, .enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .serialized,
    .timeLimit(.minutes(10)))
struct ClientTests {
    enum Language: String, CaseIterable, Sendable {
        case c, python, mono

        /// Program and leading arguments; compiles into `directory` first.
        func command(in directory: String) throws -> [String]? {
            switch self {
            case .c:
                let program = "\(directory)/snmpd_client"
                let result = try PeerProgram.run(
                    "cc",
                    [
                        "-std=c99", "-Wall", "-Wextra", "-Werror", "-pthread", "-I\(Library.include)",
                        "\(Library.programs)/snmpd_client.c", "-o", program, "-L\(Library.directory)", "-lwsnmp32",
                    ])
                try #require(result.status == 0, "\(result)")
                return [program]
            case .python: return ["python3", "\(Library.programs)/python/wsnmp_client.py", Library.path]
            case .mono:
                guard PeerRig.path(of: "mcs") != nil, PeerRig.path(of: "mono") != nil else { return nil }
                let program = "\(directory)/WsnmpClient.exe"
                let sources = "\(Library.programs)/mono"
                let result = try PeerProgram.run("mcs", ["-out:\(program)", "\(sources)/WsnmpClient.cs"], seconds: 120)
                try #require(result.status == 0, "\(result)")
                try FileManager.default.copyItem(
                    atPath: "\(sources)/WsnmpClient.exe.config", toPath: "\(program).config")
                return ["mono", program]
            }
        }
    }

    /// The last line of a client's output.
    private struct Report: Decodable {
        struct Notification: Decodable {
            let type: Int, source: String, community: String, bindings: [[String]]
        }
        let program: String, checks: Int, failures: [String]
        let sysDescr: String, names: [String]
        let notifications: [Notification]
    }

    @Test(arguments: Language.allCases)
    func managesARealAgent(language: Language) async throws {
        let scratch = try Scratch()
        guard let command = try language.command(in: scratch.path) else { try Test.cancel("no Mono here") }
        let agent = try SNMPDaemon.shared()
        // Below the range that the kernel hands out, like the rig's daemons.
        let port = UInt16.random(in: 20_000..<32_000)
        let client = try PeerProgram(
            command[0],
            command.dropFirst() + ["127.0.0.1", "\(agent.port)", SNMPDaemon.readOnly, "\(port)", "2"],
            environment: Library.searchPath.merging(["HOME": scratch.path, "XDG_RUNTIME_DIR": scratch.path]) { $1 })
        let (isReady, result) = try await PeerRig.onThread { () throws(PeerRigError) -> (Bool, PeerToolResult) in
            let isReady = client.wait(for: "ready", seconds: 120)
            if isReady {
                let receiver = "udp:127.0.0.1:\(port)"
                let linkDown = ".1.3.6.1.6.3.1.1.5.3"
                _ = try PeerTool.trap(
                    linkDown, [".1.3.6.1.2.1.2.2.1.1.7", "i", "7"], to: receiver, as: .v2c(community: "notes"))
                let inform = try PeerTool.inform(
                    linkDown, [".1.3.6.1.2.1.2.2.1.1.8", "i", "8"], to: receiver, as: .v2c(community: "notes"))
                guard inform.status == 0 else { throw .notReady("the inform was not answered: \(inform)") }
            }
            return (isReady, try client.finish(seconds: 120))
        }
        #expect(isReady && result.status == 0, "\(result)")
        let line = try #require(result.output.split(separator: "\n").last)
        let report = try JSONDecoder().decode(Report.self, from: Data(line.utf8))
        #expect(report.failures.isEmpty && report.checks > 10)

        let description = try PeerTool.get(
            ".1.3.6.1.2.1.1.1.0", from: agent.udp, as: .v2c(community: SNMPDaemon.readOnly))
        #expect(report.sysDescr == description.varBinds.first?.value)
        let walk = try PeerTool.walk(
            ".1.3.6.1.2.1.1", from: agent.udp, as: .v2c(community: SNMPDaemon.readOnly))
        #expect(report.names == walk.varBinds.map { String($0.oid.dropFirst()) })
        #expect(report.notifications.map(\.type) == [0xA7, 0xA6])
        for (notification, index) in zip(report.notifications, ["7", "8"]) {
            #expect(notification.source == "127.0.0.1" && notification.community == "notes")
            #expect(notification.bindings.count == 3)
            #expect(notification.bindings[1] == ["1.3.6.1.6.3.1.1.4.1.0", "1.3.6.1.6.3.1.1.5.3"])
            #expect(notification.bindings[2] == ["1.3.6.1.2.1.2.2.1.1.\(index)", index])
        }
    }
}
