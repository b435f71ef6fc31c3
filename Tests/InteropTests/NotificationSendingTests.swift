import PeerRig
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

private let ifIndex = VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 3], .integer(3))

/// Our manager and net-snmp's snmptrapd.
@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .timeLimit(.minutes(6)))
struct NotificationSendingTests {
    private static let daemon = Result { () throws(PeerRigError) in try TrapDaemon() }

    /// A manager that is the engine which the daemon has users for.
    private func sender(boots: Int32 = 1) throws -> SNMPManager {
        var options = SNMPManager.Options()
        options.localEngine = (try #require(EngineID(hex: TrapDaemon.senderEngineID)), boots)
        return try SNMPManager(options)
    }

    private static let securities: [TargetSecurity] =
        [.v2c(community: Array(TrapDaemon.community.utf8))]
        + [PeerUser(auth: .none, priv: .none), PeerUser(auth: .sha256, priv: .aes128)].compactMap { try? .v3($0) }

    @Test func trapsAndInformsOfEveryUser() async throws {
        let daemon = try await PeerRig.onThread { try TrapDaemon() }
        let manager = try sender()
        _ = try await inTasks(PeerUser.all.count) { number in
            let target = try manager.target(
                TargetConfiguration(Way.udp.peer(daemon.port), try .v3(PeerUser.all[number])))
            try await target.inform(.linkDown, upTime: 4_711, [ifIndex])
            try await target.trap(.linkDown, upTime: 4_711, [ifIndex])
        }
        let logged = await PeerRig.onThread { daemon.notifications(atLeast: 2 * PeerUser.all.count) }
        let expected = PeerUser.all.flatMap { ["INFORM user \($0), context ", "TRAP2 user \($0), context "] }
        #expect(logged.map { "\($0.kind) \($0.security)" }.sorted() == expected.sorted())
        #expect(logged.allSatisfy { $0.varBinds.map(\.value) == ["4711", ObjectIdentifier.linkDown.dotted, "3"] })
    }

    @Test(arguments: securities, Way.allCases)
    func everyTransport(security: TargetSecurity, way: Way) async throws {
        let daemon = try await PeerRig.onThread { try TrapDaemon() }
        let target = try sender().target(TargetConfiguration(way.peer(daemon.port), security))
        try await target.inform(.coldStart, upTime: 1)
        try await target.trap(.coldStart, upTime: 2)
        try await target.trap([1, 3, 6, 1, 4, 1, 8_072, 0, 5], upTime: 3)
        let logged = await PeerRig.onThread { daemon.notifications(atLeast: 3) }
        #expect(
            Set(logged.map { "\($0.kind) \($0.varBinds.first?.value ?? "")" }) == ["INFORM 1", "TRAP2 2", "TRAP2 3"])
    }

    @Test func version1Traps() async throws {
        let daemon = try await PeerRig.onThread { try TrapDaemon() }
        let manager = try sender()
        let target = try manager.target(
            TargetConfiguration(Way.udp.peer(daemon.port), .v1(community: Array(TrapDaemon.community.utf8))))
        try await target.trap(.linkDown, upTime: 55, [ifIndex])
        try await target.trap([1, 3, 6, 1, 4, 1, 99, 0, 17], upTime: 56, [ifIndex])
        try await target.trap([1, 3, 6, 1, 4, 1, 99, 7, 18], upTime: 57)
        try await target.trap(
            TrapV1PDU(
                enterprise: [1, 3, 6, 1, 4, 1, 98], agentAddress: 0x0A01_0203, genericTrap: 6, specificTrap: 9,
                timestamp: 58, [ifIndex]))
        let error = await failure { () async throws(SNMPError) in
            try await target.trap(.linkDown, upTime: 1, [VarBind(ifIndex.name, .counter64(1))])
        }
        #expect(error == .request(.notExpressible(.trap, .v1)))
        let logged = await PeerRig.onThread { daemon.notifications(atLeast: 4) }.sorted { $0.timeStamp < $1.timeStamp }
        #expect(logged.allSatisfy { $0.kind == "TRAP" && $0.version == "SNMP v1" })
        #expect(
            logged.map { [$0.generic, $0.specific, $0.timeStamp] } == [
                [2, 0, 55], [6, 17, 56], [6, 18, 57], [6, 9, 58],
            ])
        #expect(logged.map(\.enterprise).dropFirst() == [".1.3.6.1.4.1.99", ".1.3.6.1.4.1.99.7", ".1.3.6.1.4.1.98"])
        #expect(logged[0].varBinds.map(\.description) == ["\(ifIndex.name.dotted) = INTEGER: 3"])
        #expect(logged[3].agentAddress == "10.1.2.3")
    }

    @Test func everyTypeArrives() async throws {
        let daemon = try await PeerRig.onThread { try TrapDaemon() }
        let values: [(SNMPValue, String, String)] = [
            (.integer(.min), "INTEGER", "-2147483648"), (.gauge32(.max), "Gauge32", "4294967295"),
            (.counter32(.max), "Counter32", "4294967295"), (.counter64(.max), "Counter64", "18446744073709551615"),
            (.timeTicks(.max), "Timeticks", "4294967295"), (.ipAddress(0xC000_02FF), "IpAddress", "192.0.2.255"),
            (.objectIdentifier([2, 999, 4_294_967_295]), "OID", ".2.999.4294967295"),
            (.string("text"), "STRING", "text"),
            (.octetString([0, 255, 128]), "Hex-STRING", "00 FF 80"), (.float(1.5), "Opaque", "Float: 1.500000"),
            (.double(-2.25), "Opaque", "Float: -2.250000"),
        ]
        let bindings = values.enumerated().map { VarBind([1, 3, 6, 1, 4, 1, 99, UInt32($0.offset)], $0.element.0) }
        let target = try sender().target(
            TargetConfiguration(Way.udp.peer(daemon.port), try .v3(PeerUser(auth: .sha512, priv: .aes256Reeder))))
        try await target.inform(.linkDown, upTime: 0, bindings)
        let logged = await PeerRig.onThread { daemon.notifications(atLeast: 1) }
        let printed = try #require(logged.first).varBinds.dropFirst(2)
        #expect(printed.map(\.type) == values.map(\.1))
        #expect(printed.map(\.value) == values.map(\.2))
    }

    /// snmptrapd gives a Report for each of these; a trap would vanish.
    @Test func refusals() async throws {
        let daemon = try await PeerRig.onThread { try TrapDaemon() }
        let manager = try sender()
        let user = PeerUser(auth: .sha256, priv: .aes128)
        for (credentials, refusal) in [
            (try USMCredentials(userName: "nobody"), SecurityRefusal.unknownUserName),
            (try user.credentials(authPassword: "another password"), .wrongDigest),
        ] {
            let target = try manager.target(
                TargetConfiguration(
                    Way.udp.peer(daemon.port), .v3(credentials), policy: .fixed(timeout: .seconds(50), retries: 0)))
            let error = await failure { () async throws(SNMPError) in try await target.inform(.linkDown, upTime: 0) }
            #expect(error == .request(.refused(refusal)))
        }
    }

    /// After a restart the sender's boots have grown, which is what its receivers require of it.
    @Test func restartedSenderIsBelieved() async throws {
        let daemon = try await PeerRig.onThread { try TrapDaemon() }
        for boots: Int32 in 1...3 {
            let manager = try sender(boots: boots)
            #expect(manager.localEngine.boots == boots)
            let target = try manager.target(
                TargetConfiguration(Way.udp.peer(daemon.port), try .v3(PeerUser(auth: .sha1, priv: .aes128))))
            try await target.trap(.linkDown, upTime: UInt32(boots))
            let logged = await PeerRig.onThread { daemon.notifications(atLeast: Int(boots)) }
            #expect(logged.last?.varBinds.first?.value == "\(boots)")
            manager.close()
        }
    }
}
