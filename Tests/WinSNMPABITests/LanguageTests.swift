import Foundation
import PeerRig
import Testing

/// Programs in three languages over libwsnmp32, each with net-snmp's agent and its notification tools. They share
/// arguments and output: see Tests/Support/WinSNMPPrograms.
@Suite(.enabled(if: LanguageRig.skipReason == nil, "\(LanguageRig.skipReason ?? "")"), .timeLimit(.minutes(6)))
struct LanguageTests {
    private static let root = "1.3.6.1.2.1.1"
    private static let text = #"a "quoted" \ text"#

    @Test(arguments: Language.allCases)
    func readsWalksAndReceives(language: Language) async throws {
        try await PeerRig.onThread { () throws(PeerRigError) in
            let daemon = try SNMPDaemon.shared()
            let credentials = PeerCredentials.v2c(community: SNMPDaemon.readOnly)
            let (port, clients) = try LanguageRig.start([language], agentPort: daemon.port, root: Self.root)
            try Self.sendNotifications(to: port)
            let (status, output) = try clients[0].end(seconds: 60)
            guard let report = LanguageReport(output) else {
                Issue.record("\(language) ended with \(status): \(output)")
                return
            }
            #expect(status == 0, "\(language): \(output)")
            #expect(report.failures == [], "\(language)")
            #expect(report.checks > 50)
            #expect(report.vendor == nil || report.vendor == "Oriel")
            let description = try PeerTool.get("1.3.6.1.2.1.1.1.0", from: daemon.udp, as: credentials).varBinds
            #expect(report.sysDescr == description.first?.value)
            let rows = try PeerTool.walk(Self.root, from: daemon.udp, as: credentials).varBinds
            #expect(rows.count > 5)
            #expect(report.names == rows.map { String($0.oid.dropFirst()) })
            Self.expectNotifications(report)
        }
    }

    /// Check 65: what one program gets, the others get as well.
    @Test func programsShareTheTrapPort() async throws {
        try await PeerRig.onThread { () throws(PeerRigError) in
            let daemon = try SNMPDaemon.shared()
            let (port, clients) = try LanguageRig.start(
                [.c, .python, .c], agentPort: daemon.port, root: "1.3.6.1.2.1.1.5")
            try Self.sendNotifications(to: port)
            for client in clients {
                let (status, output) = try client.end(seconds: 60)
                #expect(status == 0, "\(client.language): \(output)")
                if let report = LanguageReport(output) { Self.expectNotifications(report) }
            }
        }
    }

    // MARK: Notifications

    /// A trap of version 2c, one of version 1, an inform. The tool waits for the inform's answer.
    private static func sendNotifications(to port: UInt16) throws(PeerRigError) {
        let receiver = "127.0.0.1:\(port)"
        let trap = try PeerTool.trap(
            "1.3.6.1.4.1.99.0.7", ["1.3.6.1.4.1.99.1", "s", text], to: receiver, as: .v2c(community: "language"))
        #expect(trap.status == 0, "\(trap)")
        let old = try PeerTool.run(
            "snmptrap",
            ["-v", "1", "-c", "old", receiver, "1.3.6.1.4.1.99", "192.0.2.9", "6", "8", "4712"]
                + ["1.3.6.1.4.1.99.2", "i", "-5"])
        #expect(old.status == 0, "\(old)")
        let inform = try PeerTool.inform("1.3.6.1.6.3.1.1.5.3", to: receiver, as: .v2c(community: "language"))
        #expect(inform.status == 0, "nobody answered the inform: \(inform)")
    }

    private static func expectNotifications(_ report: LanguageReport) {
        let (upTime, trapName) = ("1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0")
        let expected = [
            LanguageReport.Notification(
                type: 0xA7, source: "127.0.0.1", community: "language",
                bindings: [
                    [upTime, "4711"], [trapName, "1.3.6.1.4.1.99.0.7"], ["1.3.6.1.4.1.99.1", text],
                ]),
            // RFC 1908, section 3.1.2: the enterprise comes last.
            LanguageReport.Notification(
                type: 0xA7, source: "127.0.0.1", community: "old",
                bindings: [
                    [upTime, "4712"], [trapName, "1.3.6.1.4.1.99.0.8"], ["1.3.6.1.4.1.99.2", "-5"],
                    ["1.3.6.1.6.3.1.1.4.3.0", "1.3.6.1.4.1.99"],
                ]),
            LanguageReport.Notification(
                type: 0xA6, source: "127.0.0.1", community: "language",
                bindings: [[upTime, "4711"], [trapName, "1.3.6.1.6.3.1.1.5.3"]]),
        ]
        #expect(report.notifications == expected, "\(report.program)")
    }
}
