import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPSecurity
import Station
import StationRig
import StationStore
import Testing
import WinSNMP
import WinSNMPDatabase
import WinSNMPStore

/// Translated mode with a database.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct TranslatedTests {
    private func entry(_ name: String, _ port: UInt16, _ version: SNMPVersion) -> EntityEntry {
        var entry = EntityEntry(name: name, address: "127.0.0.1")
        entry.requestPort = port
        entry.version = version
        entry.timeoutCentiseconds = 77
        entry.retries = 5
        entry.notificationPort = 1_162
        return entry
    }

    private func caller(_ entities: [EntityEntry], _ contexts: [ContextEntry]) throws -> Caller {
        let database = MemoryDatabase()
        for entry in entities { try database.put(entry) }
        for entry in contexts { try database.put(entry) }
        let caller = try Caller(mode: .translated)
        try caller.library.setDatabase(database)
        return caller
    }

    @Test("an entity of the database brings version, port, timeout and retries; a context its community")
    func community() async throws {
        let agent = try ScriptedAgent()
        let caller = try caller(
            [entry("the router", agent.port, .v2c)],
            [ContextEntry(name: "reader", kind: .community(.literal("public")))])
        let library = caller.library
        let entity = try library.strToEntity(caller.session, "the router")
        let context = try library.strToContext(caller.session, Array("reader".utf8))
        #expect(try library.timeout(entity).policy == 77)
        #expect(try library.retry(entity).policy == 5)
        let info = try library.entityInfo(entity)
        #expect(info.requestPort == UInt32(agent.port) && info.notificationPort == 1_162 && info.version == 1)
        #expect(try library.entityToStr(entity) == "the router")
        #expect(try library.contextToStr(context) == Array("reader".utf8))
        #expect(try await caller.ask(entity, context).wParam == 0)
        let answer = try caller.receive()
        #expect(answer.handles.source == entity && answer.handles.context == context)
        let sent = try message(agent.datagrams[0].octets)
        #expect(sent.version == .v2c && sent.community == Array("public".utf8))
        // In untranslated modes they print as what they are.
        try library.setTranslateMode(2)
        #expect(try library.entityToStr(entity) == "127.0.0.1")
        #expect(try library.contextToStr(context) == Array("public".utf8))
        #expect(throws: SNMPAPIError.entityUnknown) { try library.strToEntity(caller.session, "the router") }
    }

    @Test("a user of the database: GET with SNMPv3", arguments: [4, 9])
    func user(index: Int) async throws {
        let user = V3User.all[index]
        let server = try agentServer([user])
        defer { server.close() }
        // Secrets are not in the database itself; the tests have no environment of their own, so they are in files.
        let directory = try PrivateFiles()
        let credentials = try user.credentials()
        let auth = try #require(credentials.authentication).auth
        let kept = try ContextUser(
            userName: user.name,
            authentication: .init(auth, password: .file(directory.write("auth", user.authPassword))),
            privacy: credentials.privacy.map {
                .init($0.priv, password: .file(try directory.write("priv", user.privPassword)))
            })
        let caller = try caller([entry("v3", server.port, .v3)], [ContextEntry(name: "u", kind: .user(kept))])
        let library = caller.library
        let entity = try library.strToEntity(caller.session, "v3")
        try library.setTimeout(entity, 500)
        let context = try library.strToContext(caller.session, Array("u".utf8))
        #expect(try await caller.ask(entity, context).wParam == 0)
        #expect(try caller.receive().bindings == [VarBind(.title, .string("an agent of ours"))])
        let info = try library.contextInfo(context)
        #expect(info.version == 3 && info.securityName == Array(user.name.utf8) && info.securityLevel == user.level)
    }

    @Test("a context whose secret is missing is unknown")
    func missingSecret() throws {
        let kept = ContextUser(
            userName: "u", authentication: .init(.hmacSHA1, password: .file("/nowhere/at/all")))
        let caller = try caller([], [ContextEntry(name: "u", kind: .user(kept))])
        #expect(throws: SNMPAPIError.contextUnknown) {
            try caller.library.strToContext(caller.session, Array("u".utf8))
        }
        #expect(caller.library.lastError(caller.session) == 4)
    }

    @Test("names that the database does not have are addresses, hosts and communities")
    func literals() async throws {
        let agent = try ScriptedAgent()
        let caller = try caller([], [])
        let library = caller.library
        let entity = try library.strToEntity(caller.session, "udp:127.0.0.1:\(agent.port)")
        #expect(try library.entityInfo(entity).requestPort == UInt32(agent.port))
        let context = try library.strToContext(caller.session, Array("secret".utf8))
        #expect(try await caller.ask(entity, context).wParam == 0)
        let sent = try message(agent.datagrams[0].octets)
        #expect(sent.version == .v1 && sent.community == Array("secret".utf8))
        #expect(try library.entityToStr(library.strToEntity(caller.session, "127.0.0.9")) == "127.0.0.9")
        #expect(try library.entityToStr(library.strToEntity(caller.session, "::1")) == "::1")
        #expect(try library.entityInfo(library.strToEntity(caller.session, "127.0.0.9")).requestPort == 161)
        for text in ["", "127.0.0.1:161", "udp:", "udp:127.0.0.1:99999", "no such host.invalid"] {
            #expect(throws: SNMPAPIError.entityUnknown, "\(text)") { try library.strToEntity(caller.session, text) }
        }
        // Octets that are no text are a community.
        #expect(try library.contextToStr(library.strToContext(caller.session, [0xFF, 0])) == [0xFF, 0])
    }

    @Test("a database chosen by path, read again after a change", arguments: ["database.json", "database"])
    func chosen(name: String) throws {
        let directory = try PrivateFiles()
        let path = directory.path + "/" + name
        let file = StandardDatabase.open(path: path)
        try file.put(entry("one", 1_000, .v2c))
        let caller = try Caller(mode: .translated)
        let library = caller.library
        try library.setDatabase(path: path)
        #expect(try library.entityInfo(library.strToEntity(caller.session, "one")).requestPort == 1_000)
        try file.put(entry("two", 2_000, .v1))
        #expect(try library.entityInfo(library.strToEntity(caller.session, "two")).requestPort == 2_000)
        let broken = try directory.write("broken", "{ not JSON")
        try library.setDatabase(path: broken)
        #expect(throws: SNMPAPIError.entityUnknown) { try library.strToEntity(caller.session, "one") }
        #expect(library.lastErrorText(caller.session).count > 10)
        try library.setDatabase(path: path)
        _ = try library.strToEntity(caller.session, "one")
    }

    @Test("a device that a station watches, by its friendly name: sysDescr with v2c and with v3 authPriv")
    func station() async throws {
        let user = DeviceUser(
            name: "mon", authentication: .init(protocolName: "SHA-256", password: Array("auth-s3cret".utf8)),
            privacy: .init(protocolName: "AES", password: Array("priv-s3cret".utf8)))
        let agent = try HostService(
            HostService.Settings(
                engineID: .random(using: .fromSystem()), engineBoots: 1, communities: [Array("inside".utf8)],
                users: [try user.credentials()]), [ServiceEndpoint(.loopbackIPv4(port: 0))])
        defer { agent.close() }
        let address = agent.endpoints[0].text
        let rig = try StationRig { $0.watchesThisMachine = false }
        try rig.start()
        let names = ["core-1", "Größe 2"]
        for (name, security) in zip(names, [DeviceSecurity.v2c(community: Array("inside".utf8)), .v3(user)]) {
            try rig.station.add(
                DeviceSpec(name: name, host: address, security: security, intervalMilliseconds: 1_000))
        }
        let kept = StandardDatabase.station(in: rig.directory.path)
        #expect(rig.wait { (try? kept.contextNames())?.count == 2 })

        let own = MemoryDatabase()
        let caller = try Caller(mode: .translated)
        let library = caller.library
        try library.setDatabase(
            LayeredDatabase(own, before: kept, changingOther: StandardDatabase.changingStation))
        for (name, version) in zip(names, [1, 3] as [UInt32]) {
            let entity = try library.strToEntity(caller.session, name)
            #expect(try library.entityInfo(entity).version == version)
            try library.setTimeout(entity, 500)
            let context = try library.strToContext(caller.session, Array(name.utf8))
            let before = caller.notices.count
            _ = try caller.send(caller.pdu(.get, [VarBind(.sysDescr)]), to: entity, context)
            #expect(try await caller.notices.first(before + 1)[before].wParam == 0)
            let answer = try caller.receive()
            guard case .octetString? = answer.bindings.first?.value else {
                Issue.record("\(answer.bindings)"); continue
            }
            // Answers come from the entity of the friendly name.
            #expect(try library.entityToStr(answer.handles.source) == name)
        }
        // A name in both: the user's own wins.
        try own.put(entry("core-1", 4_711, .v1))
        #expect(try library.entityInfo(library.strToEntity(caller.session, "core-1")).requestPort == 4_711)
        // Names that neither has are still addresses.
        #expect(try library.entityToStr(library.strToEntity(caller.session, "127.0.0.9")) == "127.0.0.9")
        try rig.station.stop()
    }
}
