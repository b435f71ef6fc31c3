import Foundation
import PeerRig
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

private let root: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55_555]
private let title = root.appending(1).appending(1).appending(0)
private let knob = root.appending(1).appending(2).appending(0)
private let secret = root.appending(3).appending(1).appending(0)
private let entry = root.appending(2).appending(1)
private let types = root.appending(4)
private let rowCount: UInt32 = 60

/// One value of each type, as net-snmp prints it.
private let everyType: [(SNMPValue, String, String)] = [
    (.integer(.min), "INTEGER", "-2147483648"), (.gauge32(.max), "Gauge32", "4294967295"),
    (.counter32(.max), "Counter32", "4294967295"), (.timeTicks(.max), "Timeticks", "4294967295"),
    (.ipAddress(0xC000_02FF), "IpAddress", "192.0.2.255"),
    (.objectIdentifier([1, 3, 4_294_967_295, 0]), "OID", ".1.3.4294967295.0"), (.string("text"), "STRING", "text"),
    (.string(""), "", ""), (.octetString([0, 255, 128]), "Hex-STRING", "00 FF 80"),
    (.float(1.5), "Opaque", "Float: 1.500000"), (.double(-2.25), "Opaque", "Float: -2.250000"),
    (.string(String(repeating: "long ", count: 250) + "."), "STRING", String(repeating: "long ", count: 250) + "."),
    (.counter64(.max), "Counter64", "18446744073709551615"),
]

/// net-snmp's tools, our manager, and our agent with all users of the rig.
@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .timeLimit(.minutes(6)))
struct AgentTests {
    static let readers: [PeerCredentials] = [
        .v1(community: "reads"), .v2c(community: "reads"), .v3(PeerUser(auth: .none, priv: .none)),
        .v3(PeerUser(auth: .sha256, priv: .aes128)), .v3(PeerUser(auth: .sha512, priv: .aes256Reeder)),
    ]
    static let writers: [PeerCredentials] = [
        .v1(community: "writes"), .v2c(community: "writes"), .v3(PeerUser(auth: .sha1, priv: .des)),
    ]

    /// Everybody may read all but `secret`; the community `writes` and every user with authentication may write.
    private static func access() -> AccessControl {
        var access = AccessControl()
        access.define(view: "all", View([ViewFamily([1]), ViewFamily(secret, included: false)]))
        access.define(view: "knobs", View([ViewFamily(root.appending(1))]))
        for (model, name, group) in [
            (SecurityModel.v1, "reader", "readers"), (.v2c, "reader", "readers"), (.v1, "writer", "writers"),
            (.v2c, "writer", "writers"),
        ] { access.assign(model, Array(name.utf8), to: group) }
        for user in PeerUser.all {
            access.assign(.usm, Array(user.name.utf8), to: user.auth == .none ? "readers" : "writers")
        }
        access.allow(AccessEntry(group: "readers", minimumLevel: .noAuthNoPriv, readView: "all"))
        access.allow(
            AccessEntry(group: "writers", model: .usm, minimumLevel: .authNoPriv, readView: "all", writeView: "knobs"))
        for model in [SecurityModel.v1, .v2c] {
            access.allow(
                AccessEntry(
                    group: "writers", model: model, minimumLevel: .noAuthNoPriv, readView: "all", writeView: "knobs"))
        }
        return access
    }

    private static func makeServer(users: [PeerUser] = PeerUser.all) throws -> AgentServer {
        let configuration = AgentConfiguration(
            engineID: try #require(EngineID(hex: "80001f880472696761676532")), engineBoots: 3,
            communities: [
                Community(Array("reads".utf8), securityName: "reader"),
                Community(Array("writes".utf8), securityName: "writer"),
            ], access: access(), firstSalt: 99)
        let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
        for user in users { try agent.add(try user.credentials()) }
        try agent.register(
            ScalarGroup(
                root: root.appending(1),
                [
                    .constant(1, .string("an agent of ours")),
                    .stored(
                        2, .integer(0),
                        check: { (value) throws(ObjectError) in
                            guard case .integer(0...100) = value else { throw ObjectError(.wrongValue) }
                        }), .stored(3, .string("")),
                ]))
        try agent.register(ScalarGroup(root: root.appending(3), [.constant(1, .string("secret"))]))
        let cells = (1...3).flatMap { column in
            (1...rowCount).map { row in
                VarBind(entry.appending(column).appending(row), .integer(Int32(column * 1_000 + row)))
            }
        }
        try agent.register(StoredSubtree(root: root.appending(2), typeDepth: 2, cells))
        try agent.register(
            StoredSubtree(
                root: types, typeDepth: 1,
                everyType.enumerated().map {
                    VarBind(types.appending(UInt32($0.offset + 1)).appending(0), $0.element.0)
                }))
        return try AgentServer(
            agent,
            endpoints: [
                ServiceEndpoint(.loopbackIPv4(port: 0)), ServiceEndpoint(.loopbackIPv6(port: 0)),
                ServiceEndpoint(.loopbackIPv4(port: 0), .tcp),
            ])
    }

    private static let sharedServer = Result { try makeServer() }

    private static func name(_ server: AgentServer, _ way: Way) -> String {
        switch way {
        case .udp: "udp:\(server.endpoints[0].address)"
        case .udp6: "udp6:\(server.endpoints[1].address)"
        case .tcp: "tcp:\(server.endpoints[2].address)"
        }
    }

    private static func run(
        _ tool: String, _ credentials: PeerCredentials, _ way: Way, _ rest: [String]
    ) async throws -> PeerToolResult {
        let address = name(try sharedServer.get(), way)
        return try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerTool.run(
                tool, ["-On", "-Oe", "-Ot", "-t", "5", "-r", "1"] + credentials.arguments + [address] + rest)
        }
    }

    private static func run(
        _ tool: String, _ credentials: PeerCredentials, _ rest: [String]
    ) async throws -> PeerToolResult {
        try await run(tool, credentials, .udp, rest)
    }

    // MARK: Reading

    @Test func everyUserIsAnswered() async throws {
        _ = try await inTasks(4) { lane in
            for (number, user) in PeerUser.all.enumerated() where number % 4 == lane {
                let result = try await Self.run("snmpget", .v3(user), Way.allCases[number % 3], [title.dotted])
                #expect(result.varBinds.map(\.value) == ["an agent of ours"], "\(user): \(result)")
            }
        }
    }

    @Test(arguments: readers, Way.allCases)
    func readsInEveryWay(credentials: PeerCredentials, way: Way) async throws {
        let isV1 = if case .v1 = credentials { true } else { false }
        var result = try await Self.run("snmpget", credentials, way, [title.dotted, knob.dotted])
        #expect(result.varBinds.map(\.oid) == [title.dotted, knob.dotted], "\(result)")
        result = try await Self.run("snmpgetnext", credentials, way, [root.dotted, title.dotted])
        #expect(result.varBinds.map(\.oid) == [title.dotted, knob.dotted], "\(result)")
        let expected = (1...3).flatMap { column in
            (1...rowCount).map {
                "\(entry.appending(UInt32(column)).appending($0).dotted) = INTEGER: \(UInt32(column) * 1_000 + $0)"
            }
        }
        result = try await Self.run("snmpwalk", credentials, way, [entry.dotted])
        #expect(result.varBinds.map(\.description) == expected, "\(result.errorOutput)")
        guard !isV1 else { return }
        result = try await Self.run("snmpbulkwalk", credentials, way, ["-Cr37", entry.dotted])
        #expect(result.varBinds.map(\.description) == expected, "\(result.errorOutput)")
        result = try await Self.run("snmpbulkget", credentials, way, ["-Cn1", "-Cr3", root.dotted, entry.dotted])
        #expect(result.varBinds.map(\.description).dropFirst() == expected.prefix(3)[...], "\(result)")
    }

    @Test(arguments: readers)
    func everyTypeIsPrintedAsItIs(credentials: PeerCredentials) async throws {
        let isV1 = if case .v1 = credentials { true } else { false }
        let result = try await Self.run("snmpwalk", credentials, [types.dotted])
        // v1 has no Counter64; it is left out there (RFC 3584, section 4.2.2.1).
        let expected = isV1 ? Array(everyType.dropLast()) : everyType
        #expect(result.varBinds.map(\.type) == expected.map(\.1), "\(result)")
        #expect(result.varBinds.map(\.value) == expected.map(\.2))
    }

    @Test func wholeTreeOfTheAgent() async throws {
        let single = try await Self.run("snmpwalk", .v2c(community: "reads"), [".1"])
        let bulk = try await Self.run("snmpbulkwalk", .v3(PeerUser(auth: .md5, priv: .aes192)), ["-Cr50", ".1"])
        #expect(single.status == 0 && bulk.status == 0, "\(single.errorOutput)\(bulk.errorOutput)")
        #expect(single.varBinds.map(\.oid) == bulk.varBinds.map(\.oid))
        #expect(single.varBinds.count > 3 * Int(rowCount) + 30)
        #expect(!single.varBinds.contains { $0.oid == secret.dotted })
    }

    @Test(arguments: [
        PeerCredentials.v1(community: "reads"), .v2c(community: "reads"), .v3(PeerUser(auth: .sha224, priv: .none)),
    ])
    func tableIsPrinted(credentials: PeerCredentials) async throws {
        // snmptable learns from a MIB which columns there are.
        let column = { (name: String, arc: Int) in
            """
            \(name) OBJECT-TYPE SYNTAX INTEGER MAX-ACCESS read-only STATUS current
                DESCRIPTION "" ::= { rigEntry \(arc) }

            """
        }
        let mib = """
            RIG-MIB DEFINITIONS ::= BEGIN
            rig OBJECT IDENTIFIER ::= { iso 3 6 1 4 1 55555 }
            rigTable OBJECT-TYPE SYNTAX SEQUENCE OF RigEntry MAX-ACCESS not-accessible STATUS current
                DESCRIPTION "" ::= { rig 2 }
            rigEntry OBJECT-TYPE SYNTAX RigEntry MAX-ACCESS not-accessible STATUS current
                DESCRIPTION "" INDEX { rigA } ::= { rigTable 1 }
            RigEntry ::= SEQUENCE { rigA INTEGER, rigB INTEGER, rigC INTEGER }
            \(column("rigA", 1))\(column("rigB", 2))\(column("rigC", 3))END
            """
        let path = NSTemporaryDirectory() + "oriel-rig-\(UInt64.random(in: 0 ... .max)).mib"
        try Data(mib.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        // With numeric output snmptable finds no columns.
        let address = Self.name(try Self.sharedServer.get(), .udp)
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerTool.run(
                "snmptable",
                credentials.arguments + ["-m", path, "-CH", "-Cf", ",", address, root.appending(2).dotted])
        }
        let expected = (1...rowCount).map { "\(1_000 + $0),\(2_000 + $0),\(3_000 + $0)" }
        #expect(result.output.split(separator: "\n").map(String.init) == expected, "\(result)")
    }

    @Test func missingNames() async throws {
        let absent = root.appending(9).appending(0)
        var result = try await Self.run("snmpget", .v2c(community: "reads"), [absent.dotted, title.dotted])
        #expect(result.varBinds.map(\.value).first == "No Such Object available on this agent at this OID", "\(result)")
        result = try await Self.run(
            "snmpget", .v2c(community: "reads"), [root.appending(1).appending(1).appending(7).dotted])
        #expect(result.varBinds.map(\.value) == ["No Such Instance currently exists at this OID"], "\(result)")
        result = try await Self.run("snmpgetnext", .v2c(community: "reads"), [".2.5"])
        #expect("\(result)".contains("No more variables left in this MIB View"), "\(result)")
        result = try await Self.run("snmpget", .v1(community: "reads"), [title.dotted, absent.dotted])
        #expect("\(result)".contains("noSuchName") && result.status == 2, "\(result)")
    }

    // MARK: Writing and access

    @Test(arguments: writers)
    func sets(credentials: PeerCredentials) async throws {
        let note = root.appending(1).appending(3).appending(0)
        var result = try await Self.run(
            "snmpset", credentials, .tcp, [knob.dotted, "i", "42", note.dotted, "s", "noted"])
        #expect(result.status == 0 && result.varBinds.map(\.value) == ["42", "noted"], "\(result)")
        let isV1 = if case .v1 = credentials { true } else { false }
        for (assignment, error) in [
            ([knob.dotted, "i", "101"], isV1 ? "badValue" : "wrongValue"),
            ([knob.dotted, "s", "x"], isV1 ? "badValue" : "wrongType"),
            ([title.dotted, "s", "x"], isV1 ? "noSuchName" : "notWritable"),
            ([entry.appending(1).appending(1).dotted, "i", "1"], isV1 ? "noSuchName" : "noAccess"),
            ([root.appending(1).appending(9).appending(0).dotted, "i", "1"], isV1 ? "noSuchName" : "notWritable"),
        ] {
            // All or nothing: the good assignment in front is not made.
            result = try await Self.run("snmpset", credentials, [note.dotted, "s", "lost"] + assignment)
            #expect(result.status != 0 && "\(result)".contains(error), "\(assignment): \(result)")
            #expect("\(result)".contains(assignment[0]), "\(result)")
        }
        result = try await Self.run("snmpget", .v2c(community: "reads"), [note.dotted])
        #expect(result.varBinds.map(\.value) == ["noted"])
    }

    @Test(arguments: readers)
    func readersMayNotWriteNorSeeSecrets(credentials: PeerCredentials) async throws {
        let isV1 = if case .v1 = credentials { true } else { false }
        if case .v3(let user) = credentials, user.auth != .none { return }
        var result = try await Self.run("snmpset", credentials, [knob.dotted, "i", "1"])
        #expect(result.status != 0 && "\(result)".contains(isV1 ? "noSuchName" : "authorizationError"), "\(result)")
        result = try await Self.run("snmpget", credentials, [secret.dotted])
        #expect("\(result)".contains(isV1 ? "noSuchName" : "No Such Object"), "\(result)")
    }

    @Test func strangersAreRefused() async throws {
        let user = PeerUser(auth: .sha256, priv: .aes128)
        func expect(_ text: String, _ credentials: PeerCredentials, _ options: [String] = []) async throws {
            let result = try await Self.run("snmpget", credentials, options + [title.dotted])
            #expect(result.status != 0 && "\(result)".contains(text), "\(result)")
        }
        // snmpget takes options behind the agent's name, too.
        try await expect("Unknown user name", .v3(user), ["-u", "stranger"])
        try await expect("Authentication failure", .v3(user), ["-A", "another password"])
        try await expect("Decryption error", .v3(user), ["-X", "another password"])
        try await expect(
            "Unsupported security level", .v3(PeerUser(auth: .sha256, priv: .none)),
            [
                "-l", "authPriv", "-x", "AES", "-X", "another password",
            ])
        try await expect("authorizationError", .v3(user), ["-l", "noAuthNoPriv"])
        try await expect("Timeout", .v2c(community: "stranger"), ["-t", "0.3", "-r", "0"])
        try await expect("Bad context specified", .v3(user), ["-n", "elsewhere"])
    }

    // MARK: Our manager

    @Test func ourManagerAndOurAgentForEveryUser() async throws {
        let server = try Self.sharedServer.get()
        _ = try await inTasks(PeerUser.all.count) { number in
            let user = PeerUser.all[number]
            let endpoint = server.endpoints[number % 3]
            let target = try sharedManager.get().target(
                TargetConfiguration(Peer(endpoint.address, endpoint.transport), try .v3(user)))
            #expect(try await target.get(title) == .string("an agent of ours"))
            let walk = await target.walk(entry)
            #expect(walk.verdict.isComplete && walk.rows.count == 3 * Int(rowCount), "\(user): \(walk.verdict)")
            #expect(try await target.get(secret) == .noSuchObject)
            guard user.hasDialects else { return }
            // Our agent says that it can't decrypt, so that the right extension is found without any waiting.
            let guessing = try sharedManager.get().target(
                TargetConfiguration(
                    Peer(endpoint.address, endpoint.transport), .v3(try user.credentials(isGuessing: true)),
                    policy: .fixed(timeout: .seconds(50), retries: 0)))
            #expect(try await guessing.get(title) == .string("an agent of ours"))
            #expect(guessing.profile.keyExtension == user.priv.ours?.keyExtension.description)
        }
    }

    @Test func ourAgentRestarted() async throws {
        let manager = try SNMPManager()
        let first = try Self.makeServer(users: [PeerUser(auth: .sha256, priv: .aes128)])
        let endpoints = first.endpoints
        let target = try manager.target(
            TargetConfiguration(Peer(endpoints[0].address), try .v3(PeerUser(auth: .sha256, priv: .aes128))))
        #expect(try await target.get(title) == .string("an agent of ours"))
        first.close()
        let configuration = AgentConfiguration(
            engineID: try #require(EngineID(hex: "80001f880472696761676532")), engineBoots: 4, access: Self.access(),
            firstSalt: 5)
        let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
        try agent.add(try PeerUser(auth: .sha256, priv: .aes128).credentials())
        try agent.register(ScalarGroup(root: root.appending(1), [.constant(1, .string("another start"))]))
        let second = try AgentServer(agent, endpoints: [endpoints[0]])
        #expect(try await target.get(title) == .string("another start"))
        #expect(try await target.get(.snmpEngineBoots) == .integer(4))
        second.close()
        manager.close()
    }
}
