import Foundation
import PeerRig
import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import Testing

@testable import OrielCommand

/// A secret that must never appear in any output; the rig's other passwords hold ordinary words.
private let wrongSecret = "w4ong-s3cret"

@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"))
struct AgentPeerTests {
    private let community = ["-c", SNMPDaemon.readOnly]

    @Test(arguments: [["-v1"], ["-v2c"], []])
    func readsWithCommunities(version: [String]) async throws {
        let agent = try SNMPDaemon.shared()
        for host in [agent.udp, agent.udp6, agent.tcp] {
            let result = await oriel(["get"] + version + community + [host, "sysName.0", "ifDescr.1"])
            #expect(result.status == 0, "\(host): \(result)")
            #expect(result.lines == ["SNMPv2-MIB::sysName.0 = STRING: rig", "IF-MIB::ifDescr.1 = STRING: lo"])
        }
    }

    @Test(arguments: [
        PeerUser(auth: .none, priv: .none), PeerUser(auth: .md5, priv: .none), PeerUser(auth: .sha1, priv: .des),
        PeerUser(auth: .sha256, priv: .aes128), PeerUser(auth: .sha512, priv: .aes256),
        PeerUser(auth: .sha1, priv: .aes256Reeder),
    ])
    func readsAsUser(user: PeerUser) async throws {
        let arguments = PeerCredentials.v3(user).arguments
        let result = await oriel(["get"] + arguments + [try SNMPDaemon.shared().udp, "sysName.0"])
        #expect(result.status == 0 && result.lines == ["SNMPv2-MIB::sysName.0 = STRING: rig"], "\(user): \(result)")
    }

    @Test func takesSecretsFromEnvironmentAndFiles() async throws {
        let agent = try SNMPDaemon.shared()
        let scratch = try Scratch()
        let fromVariable = await oriel(
            ["get", agent.udp, "sysName.0"], environment: ["ORIEL_COMMUNITY": SNMPDaemon.readOnly])
        #expect(fromVariable.status == 0, "\(fromVariable)")
        let file = try scratch.file("community", SNMPDaemon.readOnly + "\n")
        #expect(await oriel(["get", "-c", "@\(file)", agent.udp, "sysName.0"]).status == 0)
        let user = PeerUser(auth: .sha256, priv: .aes128)
        let v3 = await oriel(
            ["get", "-u", user.name, "-a", "SHA-256", agent.udp, "sysName.0"],
            environment: ["ORIEL_AUTH_PASSWORD": user.authPassword, "ORIEL_PRIV_PASSWORD": user.privPassword])
        #expect(v3.status == 0, "\(v3)")
    }

    @Test func missingObjectsAreStatusOne() async throws {
        let result = await oriel(["get"] + community + [try SNMPDaemon.shared().udp, "sysName.0", "sysName.1"])
        #expect(result.status == 1, "\(result)")
        #expect(result.lines.last == "SNMPv2-MIB::sysName.1 = No Such Instance currently exists at this OID")
    }

    @Test func nextAndBulkFollowNames() async throws {
        let agent = try SNMPDaemon.shared()
        let next = await oriel(["next", "-Oqv"] + community + [agent.udp, "ifDescr", "sysContact.0"])
        #expect(next.status == 0 && next.lines == ["lo", "rig"], "\(next)")
        let bulk = await oriel(["bulk", "-Cn1", "-Cr2", "-On"] + community + [agent.udp, "sysName", "sysORID"])
        #expect(bulk.status == 0, "\(bulk)")
        let names = bulk.lines.map { $0.prefix { $0 != " " } }
        #expect(names == [".1.3.6.1.2.1.1.5.0", ".1.3.6.1.2.1.1.9.1.2.1", ".1.3.6.1.2.1.1.9.1.2.2"], "\(bulk)")
    }

    @Test func walkEndsWithItsVerdict() async throws {
        let agent = try SNMPDaemon.shared()
        let quiet = await oriel(["walk"] + community + [agent.udp, "system"])
        #expect(quiet.status == 0 && quiet.errors.isEmpty && quiet.lines.count > 8, "\(quiet)")
        let verbose = await oriel(["walk", "-V", "--json"] + community + [agent.udp, "system"])
        #expect(verbose.errors.contains("SNMPv2-MIB::system: complete ("), "\(verbose)")
        let objects = verbose.objects
        #expect(objects.count == quiet.lines.count + 1)
        #expect(objects.dropLast().allSatisfy { $0["name"] is String && $0["oid"] is String && $0["type"] is String })
        #expect(objects.last?["verdict"] as? String == "complete")
        #expect(objects.last?["rows"] as? Int == quiet.lines.count)
        let limited = await oriel(["walk", "--rows", "5", "-Cr5"] + community + [agent.udp, "system"])
        #expect(limited.status == 1 && limited.lines.count >= 5, "\(limited)")
        #expect(limited.errors.contains("not complete: the limit of 5 rows was reached"), "\(limited)")
        let nothing = await oriel(["walk"] + community + [agent.udp, "1.3.6.1.4.1.99999"])
        #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.errors.contains("there is nothing below"))
    }

    @Test func walksLikeNetSNMP() async throws {
        let agent = try SNMPDaemon.shared()
        for version in ["1", "2c"] {
            let root = ".1.3.6.1.2.1.1.9.1.3"
            let theirs = try PeerTool.walk(root, from: agent.udp, as: .v2c(community: SNMPDaemon.readOnly))
            let ours = await oriel(["walk", "-v", version, "-On"] + community + [agent.udp, root])
            // Without MIB files net-snmp does not know that these are texts, and puts them in quotes.
            let expected = theirs.output.split(separator: "\n").map { String($0).replacing("\"", with: "") }
            #expect(ours.lines == expected)
        }
    }

    /// Values of all kinds, under names that neither side knows: the lines must be the same to the letter.
    @Test func printsValuesLikeNetSNMP() async throws {
        let base = ".1.3.6.1.4.1.99999"
        let values = [
            "integer -5", "integer 2147483647", "uinteger 4294967295", "octet_str \"plain text\"",
            "octet_str \"quote \\\" and \\\\ backslash\"", "object_id .1.3.6.1.2.1.1.1.0",
            "object_id .1.3.6.1.4.1.99999.5",
        ]
        let agent = try SNMPDaemon(
            extra: values.enumerated().map { "override \(base).\($0.offset + 1).0 \($0.element)" })
        let theirs = try PeerTool.run(
            "snmpwalk", ["-On"] + PeerCredentials.v2c(community: SNMPDaemon.readOnly).arguments + [agent.udp, base])
        let ours = await oriel(["walk", "-On"] + community + [agent.udp, base])
        #expect(theirs.output.split(separator: "\n").count == values.count, "\(theirs)")
        #expect(ours.output == theirs.output)
    }

    @Test func readsATable() async throws {
        let agent = try SNMPDaemon.shared()
        let table = await oriel(["table"] + community + [agent.udp, "ifTable", "ifDescr", "ifType", "ifMtu"])
        #expect(table.status == 0, "\(table)")
        #expect(table.lines.first?.split(separator: " ") == ["index", "ifDescr", "ifType", "ifMtu"])
        #expect(
            table.lines.contains { $0.split(separator: " ") == ["1", "lo", "softwareLoopback", "65536"] }, "\(table)")
        let json = await oriel(["table", "--json"] + community + [agent.udp, "ifTable", "ifDescr", "ifType"]).objects
        let first = try #require(json.first)
        #expect(first["index"] as? String == "1")
        #expect((first["indexes"] as? [String: Int]) == ["ifIndex": 1])
        let columns = try #require(first["columns"] as? [String: [String: Any]])
        #expect(columns["ifDescr"]?["value"] as? String == "lo")
        #expect(columns["ifType"]?["label"] as? String == "softwareLoopback")
        #expect(json.last?["verdict"] as? String == "complete")
        let whole = await oriel(["table"] + community + [agent.udp, "ifEntry"])
        #expect(whole.lines.first?.hasPrefix("ifIndex  ifDescr") == true, "\(whole)")
    }

    @Test func setsAndIsRefused() async throws {
        let agent = try SNMPDaemon()
        let done = await oriel(["set", "-c", SNMPDaemon.readWrite, agent.udp, "sysLocation.0", "=", "Room 12"])
        #expect(done.status == 0 && done.lines == ["SNMPv2-MIB::sysLocation.0 = STRING: Room 12"], "\(done)")
        let read = await oriel(["get", "-Oqv"] + community + [agent.udp, "sysLocation.0"])
        #expect(read.lines == ["Room 12"])
        let refused = await oriel(["set", "--json"] + community + [agent.udp, "sysLocation.0", "s", "x"])
        #expect(refused.status == 4 && refused.errors.contains("for SNMPv2-MIB::sysLocation.0"), "\(refused)")
        #expect(refused.objects.last?["error"] as? String == "refused")
    }

    @Test func keepsAProfile() async throws {
        let agent = try SNMPDaemon.shared()
        let scratch = try Scratch()
        let path = scratch.path + "/profiles.json"
        for _ in 0..<2 {
            let result = await oriel(["walk", "--profile", path] + community + [agent.udp, "ifTable"])
            #expect(result.status == 0, "\(result)")
        }
        let profiles = try ProfileStore(reading: path).profiles
        #expect(profiles["127.0.0.1:\(agent.port)"]?.repetitions ?? 0 > 0, "\(profiles)")
    }

    @Test func wrongCredentialsAreRefusedAndStaySecret() async throws {
        let agent = try SNMPDaemon.shared()
        let user = PeerUser(auth: .sha256, priv: .aes128)
        let known = ["-u", user.name, "-a", "SHA-256"]
        let cases: [(arguments: [String], status: Int32)] = [
            (["-c", wrongSecret, "-t", "0.2", "-r", "0"], 3), (["-u", "nobody-here", "-A", wrongSecret], 4),
            (known + ["-A", wrongSecret], 4), (known + ["-A", user.authPassword], 4),
            (known + ["-A", user.authPassword, "-X", wrongSecret, "-t", "0.3", "-r", "0"], 0),
        ]
        for (arguments, status) in cases {
            for json in [[], ["--json"]] {
                let result = await oriel(["get"] + json + arguments + [agent.udp, "sysName.0"])
                // What an agent says about a wrong privacy key is up to it: a Report or nothing.
                #expect(status == 0 ? result.status != 0 : result.status == status, "\(result)")
                #expect(!result.errors.isEmpty)
                for secret in [wrongSecret, user.authPassword, user.privPassword] {
                    #expect(!"\(result)".contains(secret))
                }
            }
        }
    }

    @Test func verdictsOfUnansweredWalks() async throws {
        let result = await oriel(
            ["walk", "--json", "-c", wrongSecret, "-t", "0.2", "-r", "0", try SNMPDaemon.shared().udp, "system"])
        #expect(result.status == 3, "\(result)")
        #expect(result.objects.last?["verdict"] as? String == "partial")
        #expect(result.errors.contains("not complete: no answer") && !"\(result)".contains(wrongSecret), "\(result)")
    }

    @Test func readerThatGoesAwayEndsItQuietly() async throws {
        let errors = Locked("")
        let console = Console(
            write: { _ throws(IOError) in throw IOError(code: 32, operation: "write to", subject: "standard output") },
            writeError: { text in errors.withLock { $0 += text } })
        let arguments = ["walk"] + community + [try SNMPDaemon.shared().udp, "system"]
        #expect(await Oriel.run(arguments, console: console) == 141)
        #expect(errors.withLock { $0 }.isEmpty)
    }

    @Test func liveShowsARemoteDevice() async throws {
        let result = await oriel(["live", "--json", "--count", "1"] + community + [try SNMPDaemon.shared().udp])
        #expect(result.status == 0, "\(result)")
        #expect(result.objects.first?["name"] as? String == "rig")
    }
}

@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"))
struct NotificationPeerTests {
    @Test func trapsArriveAtNetSNMP() async throws {
        let receiver = try TrapDaemon()
        let scratch = try Scratch()
        let environment = ["XDG_STATE_HOME": scratch.path]
        let community = ["-c", TrapDaemon.community]
        let user = PeerUser(auth: .sha256, priv: .aes128)
        let v3 = PeerCredentials.v3(user).arguments
        let linkDown = ["4711", "linkDown", "ifIndex.3", "i", "3", "ifDescr.3", "=", "eth0"]
        for arguments in [
            ["trap"] + community + [receiver.udp] + linkDown,
            ["trap", "-v1"] + community + [
                receiver.udp6, "1.3.6.1.4.1.99", "10.1.2.3", "6", "17", "55", "ifIndex.3", "i", "3",
            ],
            ["trap", "-e", TrapDaemon.senderEngineID] + v3 + [receiver.udp] + linkDown,
            ["inform"] + community + [receiver.tcp] + linkDown, ["inform"] + v3 + [receiver.udp] + linkDown,
        ] {
            let result = await oriel(arguments, environment: environment)
            #expect(result.status == 0 && result.output.isEmpty && result.errors.isEmpty, "\(arguments): \(result)")
        }
        let logged = await PeerRig.onThread { receiver.notifications(atLeast: 5) }
        #expect(logged.count == 5, "\(receiver.log)")
        let ours = logged.filter { $0.kind != "TRAP" }
        #expect(
            Set(ours.map { "\($0.kind) \($0.version)" }) == [
                "TRAP2 SNMP v2c", "TRAP2 SNMP v3", "INFORM SNMP v2c", "INFORM SNMP v3",
            ])
        for notification in ours {
            let text = notification.varBinds.map { "\($0.type) \($0.value)" }
            #expect(
                text == ["Timeticks 4711", "OID .1.3.6.1.6.3.1.1.5.3", "INTEGER 3", "STRING eth0"], "\(notification)")
        }
        let v1 = try #require(logged.first { $0.kind == "TRAP" })
        #expect(v1.enterprise == ".1.3.6.1.4.1.99" && v1.agentAddress == "10.1.2.3")
        let numbers: [Int] = [v1.generic, v1.specific, v1.timeStamp]
        #expect(numbers == [6, 17, 55])
        // The engine's start was counted before the trap was sent.
        let state = try String(
            contentsOfFile: scratch.path + "/oriel/engine-\(TrapDaemon.senderEngineID)", encoding: .utf8)
        #expect(state == "0x\(TrapDaemon.senderEngineID) 1\n")
    }

    @Test func unconfirmedInformIsStatusThree() async throws {
        let silent = try UDPSocket(binding: .loopbackIPv4(port: 0))
        let result = await oriel(["inform", "-t", "0.1", "-r", "0", "\(silent.localAddress)", "1", "coldStart"])
        #expect(result.status == 3 && result.errors.contains("no answer"), "\(result)")
    }

    @Test func listenPrintsAndConfirms() async throws {
        let user = PeerUser(auth: .sha256, priv: .aes128)
        let capture = Capture()
        let secret = "community-s3cret"
        let running = Task {
            await capture.run([
                "listen", "--json", "--count", "4", "-c", secret, "-u",
                "\(user.name),SHA-256,\(user.authPassword),AES,\(user.privPassword)", "127.0.0.1:0",
            ])
        }
        let address = try #require(
            (await capture.line(with: "listening on")).split(separator: " ").last.map(String.init))
        let linkDown = ".1.3.6.1.6.3.1.1.5.3"
        let ifIndex = [".1.3.6.1.2.1.2.2.1.1.3", "i", "3"]
        // A busy machine may let the listener wait.
        let patience = ["-t", "60"]
        let results = try await PeerRig.onThread { () throws(PeerRigError) in
            [
                // Not accepted, and so not counted.
                try PeerTool.trap(linkDown, ifIndex, to: address, as: .v2c(community: "other")),
                try PeerTool.trap(linkDown, ifIndex, to: address, as: .v2c(community: secret)),
                try PeerTool.run(
                    "snmptrap",
                    ["-v1", "-c", secret, address, ".1.3.6.1.4.1.99", "10.1.2.3", "6", "17", "55"] + ifIndex),
                try PeerTool.inform(linkDown, ifIndex, to: address, as: .v2c(community: secret), options: patience),
                try PeerTool.inform(linkDown, ifIndex, to: address, as: .v3(user), options: patience),
            ]
        }
        #expect(results.allSatisfy { $0.status == 0 }, "\(results)")
        let result = await running.value
        #expect(result.status == 0, "\(result)")
        let objects = result.objects
        #expect(
            objects.map { "\($0["version"] ?? "") \($0["kind"] ?? "")" } == [
                "v2c trap", "v1 trap", "v2c inform", "v3 inform",
            ])
        #expect(
            objects.map { $0["trap"] as? String } == [
                "IF-MIB::linkDown", "SNMPv2-SMI::enterprises.99.0.17", "IF-MIB::linkDown", "IF-MIB::linkDown",
            ])
        for object in objects {
            let bindings = try #require(object["bindings"] as? [[String: Any]])
            #expect(bindings.map { $0["name"] as? String } == ["IF-MIB::ifIndex.3"])
        }
        #expect(objects.last?["user"] as? String == user.name)
        #expect(objects[1]["agentAddress"] as? String == "10.1.2.3")
        #expect(result.errors.contains("4 notifications, 2 confirmed; 1 with another community"), "\(result)")
        for text in [secret, user.authPassword, user.privPassword] { #expect(!"\(result)".contains(text)) }
    }

    @Test func listenSpeaksToPeople() async throws {
        let capture = Capture()
        let running = Task { await capture.run(["listen", "--count", "1", "udp6:[::1]:0"]) }
        let address = try #require((await capture.line(with: "listening on")).split(separator: " ").last)
        let sent = await oriel(["inform", "\(address)", "4711", "linkDown", "ifIndex.3", "i", "3"])
        #expect(sent.status == 0, "\(sent)")
        let lines = await running.value.lines
        #expect(lines.first?.contains(" v2c inform IF-MIB::linkDown, up 0:00:47.11") == true, "\(lines)")
        #expect(lines.last == "    IF-MIB::ifIndex.3 = INTEGER: 3")
    }
}

@Suite struct ServiceTests {
    @Test func cancelledWalkEndsWithItsVerdict() async throws {
        // One thread at a time uses it.
        nonisolated(unsafe) let silent = try UDPSocket(binding: .loopbackIPv4(port: 0))
        let capture = Capture()
        let address = "\(silent.localAddress)"
        let running = Task { await capture.run(["walk", "-t", "3600", address, "system"]) }
        // The request is on its way once the socket has it.
        let isAsked = try await PeerRig.onThread { () throws(IOError) in
            try silent.waitReadable(timeout: .seconds(600))
        }
        #expect(isAsked)
        running.cancel()
        let result = await running.value
        #expect(result.status == 1, "\(result)")
        #expect(result.errors.contains("SNMPv2-MIB::system: interrupted (0 rows"), "\(result)")
    }

    @Test func portInUseIsExplained() async throws {
        let other = try UDPSocket(binding: .loopbackIPv4(port: 0))
        for arguments in [["listen", "\(other.localAddress)"], ["agent", "--listen", "\(other.localAddress)"]] {
            let scratch = try Scratch()
            let result = await oriel(arguments, environment: ["XDG_STATE_HOME": scratch.path])
            #expect(result.status == 5, "\(result)")
            #expect(
                result.errors.contains("\(other.localAddress)") && result.errors.contains("name another port: oriel"))
        }
    }

    @Test func cancelledListenerReports() async throws {
        let capture = Capture()
        let running = Task { await capture.run(["listen", "127.0.0.1:0", "tcp:127.0.0.1:0"]) }
        #expect((await capture.line(with: "listening on tcp:")).contains("127.0.0.1"))
        running.cancel()
        let result = await running.value
        #expect(result.status == 0 && result.errors.contains("0 notifications"), "\(result)")
    }

    @Test func agentServesThisMachine() async throws {
        let scratch = try Scratch()
        let environment = ["XDG_STATE_HOME": scratch.path]
        let capture = Capture(environment: environment)
        let running = Task {
            await capture.run([
                "agent", "-c", "agent-s3cret", "-u", "m,SHA-256,password1,AES,password2", "--listen", "127.0.0.1:0",
            ])
        }
        let line = await capture.line(with: "listening on")
        let address = try #require(line.split(separator: " ").last.map(String.init))
        let walk = await oriel(["walk", "-c", "agent-s3cret", address, "system"])
        #expect(walk.status == 0 && walk.output.contains("SNMPv2-MIB::sysDescr.0 = STRING: "), "\(walk)")
        let user = ["-u", "m", "-a", "SHA-256", "-A", "password1"]
        let asUser = await oriel(["get"] + user + ["-X", "password2", address, "sysName.0"])
        #expect(asUser.status == 0, "\(asUser)")
        let unencrypted = await oriel(["get"] + user + [address, "sysName.0"])
        #expect(unencrypted.status == 4, "\(unencrypted)")
        let written = await oriel(["set", "-c", "agent-s3cret", address, "sysContact.0", "s", "x"])
        #expect(written.status == 4, "\(written)")
        running.cancel()
        let result = await running.value
        #expect(result.status == 0 && !"\(result)".contains("agent-s3cret"), "\(result)")
    }

    @Test func writableAgentTakesSets() async throws {
        let scratch = try Scratch()
        let capture = Capture(environment: ["XDG_STATE_HOME": scratch.path])
        let running = Task { await capture.run(["agent", "--writable", "--json", "--listen", "127.0.0.1:0"]) }
        let line = await capture.line(with: "listening")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let address = try #require(object["listening"] as? String)
        let written = await oriel(["set", address, "sysContact.0", "s", "me"])
        #expect(written.lines == ["SNMPv2-MIB::sysContact.0 = STRING: me"], "\(written)")
        running.cancel()
        #expect(await running.value.status == 0)
    }

    @Test func liveShowsThisMachine() async throws {
        let text = await oriel(["live", "--count", "1"])
        #expect(text.status == 0, "\(text)")
        #expect(text.output.contains("Interface") && text.output.contains("SNMPv3"), "\(text)")
        #expect(!text.output.contains("\u{1B}"))
        let object = try #require(await oriel(["live", "--json", "--count", "1"]).objects.first)
        #expect((object["interfaces"] as? [[String: Any]])?.isEmpty == false)
        #expect(object["upTime"] is Int)
    }
}
