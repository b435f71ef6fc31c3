import Dispatch
import PeerRig
import Testing

private let sysUpTime = ".1.3.6.1.2.1.1.3.0"
private let sysContact = ".1.3.6.1.2.1.1.4.0"
private let sysLocation = ".1.3.6.1.2.1.1.6.0"
private let snmpEngineBoots = ".1.3.6.1.6.3.10.2.1.2.0"
private let snmpEngineID = ".1.3.6.1.6.3.10.2.1.1.0"
private let linkDown = ".1.3.6.1.6.3.1.1.5.3"
private let ifIndex = ".1.3.6.1.2.1.2.2.1.1.1"

@Suite struct PeerRigPresenceTests {
    /// The suites below skip without peers; this one makes sure that `make test` never skips them.
    @Test(.enabled(if: PeerRig.isRequired, "ORIEL_REQUIRE_PEERS is not 1"))
    func peersArePresentWhereTheyAreRequired() {
        #expect(PeerRig.skipReason == nil)
    }

    /// More waits than any machine has threads for tasks, all ended by a task: blocked tasks would never get there.
    @Test(.timeLimit(.minutes(6))) func blockingWorkLeavesTasksRunning() async {
        let gate = DispatchSemaphore(value: 0)
        let count = 200
        let answers = await withTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                group.addTask {
                    await PeerRig.onThread {
                        gate.wait()
                        return number
                    }
                }
            }
            group.addTask {
                for _ in 0..<count { gate.signal() }
                return count
            }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(answers == Set(0...count))
    }
}

@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"))
struct SNMPDaemonTests {
    @Test func answersBothCommunityVersions() throws {
        let agent = try SNMPDaemon.shared()
        for credentials in [PeerCredentials.v1(community: SNMPDaemon.readOnly), .v2c(community: SNMPDaemon.readOnly)] {
            let result = try PeerTool.get(sysUpTime, from: agent.udp, as: credentials)
            #expect(result.status == 0, "\(result)")
            #expect(result.varBinds.map(\.oid) == [sysUpTime], "\(result)")
            #expect(result.varBinds.map(\.type) == ["Timeticks"], "\(result)")
        }
    }

    @Test func answersOverEveryTransport() throws {
        let agent = try SNMPDaemon.shared()
        for endpoint in [agent.udp, agent.udp6, agent.tcp] {
            let result = try PeerTool.get(sysUpTime, from: endpoint, as: .v2c(community: SNMPDaemon.readOnly))
            #expect(result.varBinds.count == 1, "\(endpoint): \(result)")
        }
    }

    @Test(arguments: PeerUser.all)
    func answersUser(user: PeerUser) throws {
        let result = try PeerTool.get(snmpEngineID, from: SNMPDaemon.shared().udp, as: .v3(user))
        #expect(result.status == 0, "\(result)")
        let digits = result.varBinds.first?.value.filter { $0 != " " }.lowercased()
        #expect(digits == SNMPDaemon.engineID, "\(result)")
    }

    /// The two ways to lengthen a short key differ, so a daemon that mixed them up would be of no use.
    @Test func dialectsOfLongKeysDiffer() throws {
        let user = PeerUser(auth: .sha1, priv: .aes256)
        let wrong: [String] = ["-x", PeerPriv.aes256Reeder.rawValue, "-t", "0.3", "-r", "0"]
        let result = try PeerTool.get(sysUpTime, from: SNMPDaemon.shared().udp, as: .v3(user), options: wrong)
        #expect(result.status == 1, "\(result)")
        #expect(result.varBinds.isEmpty, "\(result)")
    }

    @Test func refusesLevelBelowTheUsersOwn() throws {
        let user = PeerUser(auth: .sha256, priv: .aes128)
        let result = try PeerTool.get(
            sysUpTime, from: SNMPDaemon.shared().udp, as: .v3(user), options: ["-l", "authNoPriv"])
        #expect(result.status != 0, "\(result)")
        #expect("\(result)".contains("authorizationError"), "\(result)")
    }

    @Test func setsWithTheWritingCommunityOnly() throws {
        let agent = try SNMPDaemon()
        let text = "a room, with \"quotes\""
        let refused = try PeerTool.set(
            [sysLocation, "s", text], on: agent.udp, as: .v2c(community: SNMPDaemon.readOnly))
        #expect(refused.status != 0, "\(refused)")
        let done = try PeerTool.set([sysLocation, "s", text], on: agent.udp, as: .v2c(community: SNMPDaemon.readWrite))
        #expect(done.status == 0, "\(done)")
        let user = PeerUser(auth: .sha512, priv: .aes256)
        let contact = try PeerTool.set([sysContact, "s", "somebody"], on: agent.udp, as: .v3(user))
        #expect(contact.status == 0, "\(contact)")
        let read = try PeerTool.get(sysLocation, sysContact, from: agent.udp, as: .v1(community: SNMPDaemon.readOnly))
        #expect(read.varBinds.map(\.type) == ["STRING", "STRING"], "\(read)")
        #expect(read.varBinds.map(\.value) == ["a room, with \\\"quotes\\\"", "somebody"], "\(read)")
    }

    @Test func walksToTheSameEndWithAndWithoutBulk() throws {
        let agent = try SNMPDaemon.shared()
        let system = ".1.3.6.1.2.1.1"
        let credentials = PeerCredentials.v2c(community: SNMPDaemon.readOnly)
        let single = try PeerTool.walk(system, from: agent.udp, as: credentials)
        let bulk = try PeerTool.bulkWalk(system, from: agent.udp, as: credentials)
        #expect(single.varBinds.count > 8, "\(single)")
        #expect(single.varBinds.map(\.oid) == bulk.varBinds.map(\.oid))
    }

    @Test func restartCountsAsBoot() throws {
        let agent = try SNMPDaemon()
        let credentials = PeerCredentials.v2c(community: SNMPDaemon.readOnly)
        let before = try PeerTool.get(snmpEngineBoots, from: agent.udp, as: credentials)
        try agent.restart()
        let after = try PeerTool.get(snmpEngineBoots, from: agent.udp, as: credentials)
        let boots = [before, after].map { Int($0.varBinds.first?.value ?? "") }
        #expect(boots == [1, 2], "\(before)\(after)")
    }

    @Test func stoppedAgentAnswersNoMore() throws {
        let agent = try SNMPDaemon()
        agent.stop()
        let result = try PeerTool.get(
            sysUpTime, from: agent.udp, as: .v2c(community: SNMPDaemon.readOnly), options: ["-t", "0.3", "-r", "0"])
        #expect(result.status == 1, "\(result)")
        #expect(result.varBinds.isEmpty, "\(result)")
    }
}

@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"))
struct TrapDaemonTests {
    @Test func logsVersion1Trap() throws {
        let receiver = try TrapDaemon()
        let sent = try PeerTool.run(
            "snmptrap",
            PeerCredentials.v1(community: TrapDaemon.community).arguments
                + [receiver.udp, ".1.3.6.1.4.1.99", "10.1.2.3", "6", "17", "55", ifIndex, "i", "3"])
        #expect(sent.status == 0, "\(sent)")
        let trap = try #require(receiver.notifications(atLeast: 1).first, "\(receiver.log)")
        #expect(trap.kind == "TRAP" && trap.version == "SNMP v1" && trap.security == "community rig-traps")
        #expect(trap.enterprise == ".1.3.6.1.4.1.99" && trap.agentAddress == "10.1.2.3")
        #expect([trap.generic, trap.specific, trap.timeStamp] == [6, 17, 55])
        #expect(trap.varBinds.map(\.description) == ["\(ifIndex) = INTEGER: 3"])
    }

    @Test func logsVersion2TrapWithAwkwardText() throws {
        let receiver = try TrapDaemon()
        let text = "tab\tand\nnew line, .1.3 = STRING: \"x\""
        let hex = String(repeating: "00 FF ", count: 20)
        let sent = try PeerTool.trap(
            linkDown, [ifIndex, "i", "3", sysLocation, "s", text, sysContact, "x", hex], to: receiver.udp,
            as: .v2c(community: TrapDaemon.community))
        #expect(sent.status == 0, "\(sent)")
        let trap = try #require(receiver.notifications(atLeast: 1).first, "\(receiver.log)")
        #expect(trap.kind == "TRAP2" && trap.version == "SNMP v2c" && trap.security == "community rig-traps")
        #expect(trap.transport.hasPrefix("UDP: [127.0.0.1]:"))
        #expect(trap.varBinds.map(\.type) == ["Timeticks", "OID", "INTEGER", "STRING", "Hex-STRING"], "\(trap)")
        #expect(
            trap.varBinds.map(\.value)
                == ["4711", linkDown, "3", "tab\tand\nnew line, .1.3 = STRING: \\\"x\\\"", String(hex.dropLast())],
            "\(trap)")
    }

    @Test func ignoresForeignCommunity() throws {
        let receiver = try TrapDaemon()
        _ = try PeerTool.trap(linkDown, to: receiver.udp, as: .v2c(community: "foreign"))
        // Sent second over the same socket: once it is there, the first has been judged.
        _ = try PeerTool.trap(linkDown, to: receiver.udp, as: .v2c(community: TrapDaemon.community))
        let logged = receiver.notifications(atLeast: 1)
        #expect(logged.map(\.security) == ["community \(TrapDaemon.community)"])
    }

    @Test func acknowledgesInformsOnEveryTransport() throws {
        let receiver = try TrapDaemon()
        for endpoint in [receiver.udp, receiver.udp6, receiver.tcp] {
            let sent = try PeerTool.inform(linkDown, to: endpoint, as: .v2c(community: TrapDaemon.community))
            #expect(sent.status == 0, "\(endpoint): \(sent)")
        }
        #expect(receiver.notifications(atLeast: 3).map(\.kind) == ["INFORM", "INFORM", "INFORM"])
    }

    @Test func logsTrapsAndInformsOfEveryUser() throws {
        let receiver = try TrapDaemon()
        for user in PeerUser.all {
            let trap = try PeerTool.trap(linkDown, to: receiver.udp, as: .v3(user))
            #expect(trap.status == 0, "\(user): \(trap)")
            let inform = try PeerTool.inform(linkDown, to: receiver.udp, as: .v3(user))
            #expect(inform.status == 0, "\(user): \(inform)")
        }
        let expected = PeerUser.all.flatMap { ["TRAP2 user \($0), context ", "INFORM user \($0), context "] }
        let logged = receiver.notifications(atLeast: expected.count)
        #expect(Set(logged.map { "\($0.kind) \($0.security)" }) == Set(expected))
        #expect(logged.count == expected.count && logged.allSatisfy { $0.version == "SNMP v3" })
    }
}
