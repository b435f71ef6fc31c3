import Foundation
import PeerRig
import Testing

private let sysUpTime = ".1.3.6.1.2.1.1.3.0"

@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"))
struct AbortTests {
    /// A test process that dies on the spot runs no `deinit`; its agent must die all the same.
    @Test func killedTestProcessLeavesNoDaemon() async throws {
        let child = await #expect(
            processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
        ) {
            let agent = try SNMPDaemon()
            let answer = try PeerTool.get(sysUpTime, from: agent.udp, as: .v2c(community: SNMPDaemon.readOnly))
            if answer.status == 0 { print("port=\(agent.port)") }
            fflush(nil)
            kill(getpid(), SIGKILL)
        }
        let output = String(decoding: child?.standardOutputContent ?? [], as: UTF8.self)
        let port = try #require(output.split(separator: "port=").last.flatMap { UInt16($0.prefix { $0.isNumber }) })
        // The first silence proves the point; the end of the other process takes its own time.
        for attempt in 1...20 {
            let result = try PeerTool.get(
                sysUpTime, from: "udp:127.0.0.1:\(port)", as: .v2c(community: SNMPDaemon.readOnly),
                options: ["-t", "0.5", "-r", "0"])
            if result.status != 0 { return }
            #expect(attempt < 20, "the agent on port \(port) is still there")
        }
    }
}
