import PeerRig
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

private let community = PeerCredentials.v2c(community: "rig-traps")
private let ifIndex: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 3]

/// net-snmp's snmptrap and snmpinform, and our listener.
@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .timeLimit(.minutes(6)))
struct NotificationReceivingTests {
    /// A listener of all users over every transport, with what it received.
    private final class Receiver: Sendable {
        let listener: NotificationListener
        let received = Recorder<ReceivedNotification>()

        init(
            communities: [String]? = nil, users: [PeerUser] = PeerUser.all,
            answer: @escaping @Sendable (NotificationListener, InformToken, Int) -> Void = { listener, token, _ in
                listener.confirm(token)
            }
        ) throws {
            var options = NotificationListener.Options([
                ServiceEndpoint(.loopbackIPv4(port: 0)), ServiceEndpoint(.loopbackIPv6(port: 0)),
                ServiceEndpoint(.loopbackIPv4(port: 0), .tcp),
            ])
            options.communities = communities.map { $0.map { Array($0.utf8) } }
            options.users = try users.map { try $0.credentials() }
            listener = try NotificationListener(options)
            listener.start { [received, unowned listener] notification in
                received.append(notification)
                if case .inform(let token) = notification.kind { answer(listener, token, received.values.count) }
            }
        }

        /// The endpoint as net-snmp's tools name it.
        func name(_ way: Way) -> String {
            switch way {
            case .udp: "udp:\(listener.endpoints[0].address)"
            case .udp6: "udp6:\(listener.endpoints[1].address)"
            case .tcp: "tcp:\(listener.endpoints[2].address)"
            }
        }
    }

    private func send(
        inform: Bool = false, _ assignments: [String] = [], to name: String, as credentials: PeerCredentials,
        options: [String] = []
    ) async throws -> PeerToolResult {
        try await PeerRig.onThread { () throws(PeerRigError) in
            let trapOID = ObjectIdentifier.linkDown.dotted
            return inform
                ? try PeerTool.inform(trapOID, assignments, to: name, as: credentials, options: options)
                : try PeerTool.trap(trapOID, assignments, to: name, as: credentials, options: options)
        }
    }

    // MARK: Contents

    @Test(arguments: 0...6)
    func version1TrapIsTranslated(generic: Int) async throws {
        let receiver = try Receiver()
        let enterprise: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 8_072, 3, 2, 10]
        let sent = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerTool.run(
                "snmptrap",
                [
                    "-v", "1", "-c", "some", receiver.name(.udp), enterprise.dotted, "192.0.2.9", "\(generic)", "77",
                    "4711",
                ]
                    + [ifIndex.dotted, "i", "3"])
        }
        #expect(sent.status == 0, "\(sent)")
        let trap = await receiver.received.values(atLeast: 1)[0]
        let expected: ObjectIdentifier =
            generic == 6
            ? [1, 3, 6, 1, 4, 1, 8_072, 3, 2, 10, 0, 77] : [1, 3, 6, 1, 6, 3, 1, 1, 5, UInt32(generic) + 1]
        #expect(trap.trapOID == expected && trap.upTime == 4_711 && trap.version == .v1)
        #expect(trap.community == Array("some".utf8))
        #expect(trap.variableBindings == [VarBind(ifIndex, .integer(3))])
        guard case .trapV1(let pdu) = trap.kind else {
            Issue.record("\(trap.kind)")
            return
        }
        #expect(pdu.enterprise == enterprise && pdu.agentAddress == 0xC000_0209 && pdu.genericTrap == Int32(generic))
    }

    @Test(arguments: [false, true])
    func everyTypeArrives(isInform: Bool) async throws {
        let receiver = try Receiver()
        func name(_ arc: UInt32) -> ObjectIdentifier { [1, 3, 6, 1, 4, 1, 8_072, 99, arc, 0] }
        let long = String(repeating: "long ", count: 300)
        let values: [(String, String, SNMPValue)] = [
            ("i", "-2147483648", .integer(.min)), ("i", "255", .integer(255)), ("u", "4294967295", .gauge32(.max)),
            ("c", "4294967295", .counter32(.max)), ("C", "18446744073709551615", .counter64(.max)),
            ("t", "128", .timeTicks(128)), ("a", "192.0.2.255", .ipAddress(0xC000_02FF)),
            ("o", ".1.3.6.1.4.1.4294967295.0", .objectIdentifier([1, 3, 6, 1, 4, 1, 4_294_967_295, 0])),
            ("s", "text", .string("text")), ("s", "", .string("")), ("s", long, .string(long)),
            ("x", "00ff80", .octetString([0, 255, 128])), ("d", "1 2 3", .octetString([1, 2, 3])),
            ("F", "1.5", .float(1.5)), ("D", "-2.25", .double(-2.25)),
        ]
        let assignments = values.enumerated().flatMap { [name(UInt32($0.offset)).dotted, $0.element.0, $0.element.1] }
        let sent = try await send(inform: isInform, assignments, to: receiver.name(.udp), as: community)
        #expect(sent.status == 0, "\(sent)")
        let notification = await receiver.received.values(atLeast: 1)[0]
        #expect(notification.trapOID == .linkDown && notification.upTime == 4_711)
        let bindings = notification.variableBindings.dropFirst(2)
        #expect(bindings.map(\.name) == values.indices.map { name(UInt32($0)) })
        for (binding, value) in zip(bindings, values) { #expect(binding.value == value.2, "\(value.0) \(value.1)") }
        #expect(bindings.count == values.count)
    }

    // MARK: Senders

    @Test func everyUserOverEveryTransport() async throws {
        let receiver = try Receiver()
        _ = try await inTasks(4) { lane in
            for (number, user) in PeerUser.all.enumerated() where number % 4 == lane {
                for isInform in [false, true] {
                    let name = receiver.name(Way.allCases[(number + (isInform ? 1 : 0)) % 3])
                    let sent = try await send(inform: isInform, to: name, as: .v3(user))
                    #expect(sent.status == 0, "\(user), inform \(isInform): \(sent)")
                }
            }
        }
        let received = await receiver.received.values(atLeast: 2 * PeerUser.all.count)
        for user in PeerUser.all {
            let own = received.filter { $0.userName == Array(user.name.utf8) }
            #expect(Set(own.map { $0.kind == .trap }) == [true, false] && own.count == 2, "\(user)")
            #expect(own.allSatisfy { "\($0.securityLevel)" == user.level && $0.trapOID == .linkDown })
        }
        #expect(receiver.listener.statistics.receiver.rejected == 0)
    }

    @Test(arguments: [PeerCredentials.v1(community: "any"), .v2c(community: "any")], Way.allCases)
    func communitiesOverEveryTransport(credentials: PeerCredentials, way: Way) async throws {
        let receiver = try Receiver(communities: ["any"])
        if case .v1 = credentials {
            let sent = try await PeerRig.onThread { () throws(PeerRigError) in
                try PeerTool.run("snmptrap", ["-v", "1", "-c", "any", receiver.name(way), "", "", "0", "0", ""])
            }
            #expect(sent.status == 0, "\(sent)")
            #expect(await receiver.received.values(atLeast: 1)[0].trapOID == .coldStart)
            return
        }
        for isInform in [false, true] {
            let sent = try await send(inform: isInform, to: receiver.name(way), as: credentials)
            #expect(sent.status == 0, "\(sent)")
        }
        let received = await receiver.received.values(atLeast: 2)
        #expect(
            received.allSatisfy {
                $0.community == Array("any".utf8) && $0.source.transport == (way == .tcp ? .tcp : .udp)
            })
    }

    /// Users of the same name on many engines, each with its own keys and clock, and informs in between.
    @Test func manyEnginesAtOnce() async throws {
        let receiver = try Receiver()
        let users = [PeerUser(auth: .sha512, priv: .aes256), PeerUser(auth: .md5, priv: .des)]
        _ = try await inTasks(24) { number in
            let engine = "80001f88046574657374" + (number < 16 ? "0" : "") + String(number, radix: 16)
            let boots = "\(number + 1),\(number * 1_000)"
            let user = PeerCredentials.v3(users[number % 2])
            let sent =
                number % 6 == 5
                ? try await send(inform: true, to: receiver.name(.udp), as: user)
                : try await PeerRig.onThread { () throws(PeerRigError) in
                    let sender = ["-e", "0x\(engine)", "-E", "0x\(engine)", "-Z", boots]
                    return try PeerTool.run(
                        "snmptrap",
                        user.arguments + sender + [receiver.name(.udp), "4711", ObjectIdentifier.linkDown.dotted])
                }
            #expect(sent.status == 0, "\(sent)")
        }
        let received = await receiver.received.values(atLeast: 24)
        #expect(Set(received.filter { $0.kind == .trap }.map(\.contextEngineID)).count == 20)
        #expect(receiver.listener.statistics.receiver.rejected == 0)
    }

    @Test func foreignersAreCounted() async throws {
        let receiver = try Receiver(communities: ["right"], users: [PeerUser(auth: .sha256, priv: .aes128)])
        let name = receiver.name(.udp)
        _ = try await send(to: name, as: .v2c(community: "wrong"))
        _ = try await send(to: name, as: .v3(PeerUser(auth: .sha1, priv: .aes128)))
        _ = try await send(
            to: name, as: .v3(PeerUser(auth: .sha256, priv: .aes128)), options: ["-A", "another password"])
        _ = try await send(
            to: name, as: .v3(PeerUser(auth: .sha256, priv: .aes128)), options: ["-X", "another password"])
        let refused: [(PeerUser, [String], String)] = [
            (PeerUser(auth: .sha1, priv: .aes128), [], "Unknown user name"),
            (PeerUser(auth: .sha256, priv: .aes128), ["-A", "another password"], "Authentication failure"),
            (PeerUser(auth: .sha256, priv: .aes128), ["-X", "another password"], "Decryption error"),
        ]
        for (user, options, text) in refused {
            let sent = try await send(inform: true, to: name, as: .v3(user), options: options)
            #expect(sent.status != 0 && sent.errorOutput.contains(text), "\(sent)")
        }
        _ = try await send(to: name, as: .v2c(community: "right"))
        #expect(await receiver.received.values(atLeast: 1).map(\.community) == [Array("right".utf8)])
        while receiver.listener.statistics.receiver.delivered < 1 { await Task.yield() }
        let statistics = receiver.listener.statistics.receiver
        #expect(statistics.badCommunity == 1 && statistics.rejected >= 6 && statistics.delivered == 1, "\(statistics)")
    }

    // MARK: Confirmation

    @Test(
        arguments: [
            PeerCredentials.v2c(community: "any"), .v3(PeerUser(auth: .none, priv: .none)),
            .v3(PeerUser(auth: .sha384, priv: .aes192Reeder)),
        ], Way.allCases)
    func informWaitsForItsConfirmation(credentials: PeerCredentials, way: Way) async throws {
        let receiver = try Receiver { _, _, _ in }
        let results = Recorder<PeerToolResult>()
        async let end: Void = results.append(
            send(
                inform: true, to: receiver.name(way), as: credentials, options: ["-t", "0.1", "-r", "500"]))
        guard case .inform(let token) = await receiver.received.values(atLeast: 1)[0].kind else {
            Issue.record("no inform")
            return
        }
        // Still waiting after it has repeated itself, and the repetitions are not delivered.
        while receiver.listener.statistics.receiver.duplicates < 2 { await Task.yield() }
        #expect(results.values.isEmpty)
        receiver.listener.confirm(token)
        try await end
        #expect(results.values.map(\.status) == [0], "\(results.values)")
        #expect(receiver.received.values.count == 1)
        #expect(receiver.listener.statistics.receiver.confirmed == 1)
    }

    @Test(arguments: [PeerCredentials.v2c(community: "any"), .v3(PeerUser(auth: .sha224, priv: .des))])
    func refusedInformIsDeliveredAgain(credentials: PeerCredentials) async throws {
        let receiver = try Receiver { listener, token, count in
            if count < 3 { listener.refuse(token) } else { listener.confirm(token) }
        }
        let sent = try await send(
            inform: true, to: receiver.name(.udp), as: credentials, options: ["-t", "0.1", "-r", "500"])
        #expect(sent.status == 0, "\(sent)")
        #expect(receiver.received.values.count == 3)
    }
}
