import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import Testing
import WinSNMP

/// The functions of the v3 addendum (section 8.1 of the map).
@Suite(.serialized, .timeLimit(.minutes(6)))
struct AddendumTests {
    @Test("users of all levels and protocols", arguments: V3User.all)
    func users(user: V3User) async throws {
        let server = try agentServer([user])
        defer { server.close() }
        let caller = try Caller()
        let context = try caller.library.createContext(caller.session, user.info(caller.library))
        let entity = try caller.v3Entity(server.port)
        for _ in 0..<3 {
            #expect(try await caller.ask(entity, context).wParam == 0)
            let answer = try caller.receive()
            #expect(answer.bindings == [VarBind(.title, .string("an agent of ours"))])
            #expect(answer.handles.source == entity && answer.handles.context == context)
        }
        // The engine was discovered.
        let info = try caller.library.entityInfo(entity)
        #expect(info.engineID == [0x80, 0, 0x1F, 0x88, 4] + Array("winsnmp".utf8))
    }

    @Test("Reports become codes: an unknown user")
    func unknownUser() async throws {
        let server = try agentServer([V3User.all[4]])
        defer { server.close() }
        let caller = try Caller()
        var info = try V3User.all[4].info(caller.library)
        info.securityName = Array("nobody".utf8)
        let context = try caller.library.createContext(caller.session, info)
        #expect(try await caller.ask(caller.v3Entity(server.port), context).wParam == 205)
        #expect(throws: SNMPAPIError.noop) { try caller.library.recvMsg(caller.session) }
    }

    @Test("Reports become codes: a wrong digest")
    func wrongDigest() async throws {
        let server = try agentServer([V3User.all[4]])
        defer { server.close() }
        let caller = try Caller()
        var info = try V3User.all[4].info(caller.library)
        info.authKey[3] ^= 1
        let context = try caller.library.createContext(caller.session, info)
        #expect(try await caller.ask(caller.v3Entity(server.port), context).wParam == 206)
        // The right key, set in the same context, works.
        info.authKey[3] ^= 1
        try caller.library.setContextInfo(context, info)
        #expect(try await caller.ask(caller.v3Entity(server.port), context).wParam == 0)
    }

    @Test("Reports become codes: a level that the user does not have")
    func unsupportedLevel() async throws {
        let server = try agentServer([V3User.all[0]])
        defer { server.close() }
        let caller = try Caller()
        var info = try V3User.all[4].info(caller.library)
        info.securityName = Array("plain".utf8)
        let context = try caller.library.createContext(caller.session, info)
        #expect(try await caller.ask(caller.v3Entity(server.port), context).wParam == 204)
    }

    @Test("Reports become codes: a wrong privacy key")
    func wrongPrivacy() async throws {
        let user = V3User.all[9]
        let server = try agentServer([user])
        defer { server.close() }
        let caller = try Caller()
        var info = try user.info(caller.library)
        info.privKey[3] ^= 1
        let context = try caller.library.createContext(caller.session, info)
        let notice = try await caller.ask(caller.v3Entity(server.port, timeout: 30, retries: 1), context)
        // An agent that reads garbage may also say that, or say nothing.
        #expect([208, 201, 108].contains(notice.wParam))
    }

    @Test("a polling session gets the code of a Report with the message")
    func polledReport() async throws {
        let server = try agentServer([V3User.all[4]])
        defer { server.close() }
        let started = try Started()
        let library = started.library
        let caller = try Caller(started)
        let session = try library.createPollingSession()
        var info = try V3User.all[4].info(library)
        info.securityName = Array("nobody".utf8)
        let context = try library.createContext(session, info)
        let entity = try caller.v3Entity(server.port)
        let pdu = try caller.pdu(.get, [VarBind(.title)])
        try library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
        try await Background { try library.wait(session, milliseconds: 30_000) }.value()
        let message = try library.recvMsg(session)
        #expect(message.failure == .rptUnknownUserName)
        #expect(message.destination == entity && message.context == context)
        #expect(library.lastError(session) == 205)
    }

    @Test("RFC 3414, A.3.1 and A.3.2: keys from the password maplesyrup")
    func passwordToKey() throws {
        let started = try Started()
        let library = started.library
        let password = Array("maplesyrup".utf8)
        #expect(
            try library.passwordToKey(password, protocol: 2)
                == [0x9F, 0xAF, 0x32, 0x83, 0x88, 0x4E, 0x92, 0x83, 0x4E, 0xBC, 0x98, 0x47, 0xD8, 0xED, 0xD9, 0x63])
        #expect(
            try library.passwordToKey(password, protocol: 3)
                == [
                    0x9F, 0xB5, 0xCC, 0x03, 0x81, 0x49, 0x7B, 0x37, 0x93, 0x52, 0x89, 0x39, 0xFF, 0x78, 0x8D, 0x5D,
                    0x79, 0x14, 0x52, 0x11,
                ])
        for (number, count): (Int32, Int) in [(4, 28), (5, 32), (6, 48), (7, 64)] {
            #expect(try library.passwordToKey(password, protocol: number).count == count)
        }
        for number: Int32 in [1, 0, 8, -1, .max] {
            #expect(throws: SNMPAPIError.modeInvalid) { try library.passwordToKey(password, protocol: number) }
        }
        for short in ["", "1234567"] {
            #expect(throws: SNMPAPIError.sizeInvalid) { try library.passwordToKey(Array(short.utf8), protocol: 2) }
        }
        #expect(library.lastError() == 17)
    }

    @Test("version and context must agree")
    func mixedVersions() async throws {
        let server = try agentServer([V3User.all[0]])
        defer { server.close() }
        let caller = try Caller()
        let library = caller.library
        let user = try library.createContext(caller.session, V3User.all[0].info(library))
        let v2c = try caller.entity(server.port)
        let v3 = try caller.v3Entity(server.port)
        #expect(throws: SNMPAPIError.contextInvalid) { try caller.send(caller.pdu(.get), to: v2c, user) }
        #expect(throws: SNMPAPIError.contextInvalid) { try caller.send(caller.pdu(.get), to: v3, caller.context()) }
        #expect(throws: SNMPAPIError.operationInvalid) {
            try library.encodeMsg(caller.session, source: nil, destination: v3, context: user, pdu: caller.pdu(.get))
        }
        // Communities made by the addendum serve v1 and v2c.
        var info = ContextInfo()
        info.version = 1
        info.securityName = Array("public".utf8)
        let context = try library.createContext(caller.session, info)
        #expect(try await caller.ask(v2c, context).wParam == 0)
    }

    @Test("what is given to an entity comes back")
    func entityInfo() throws {
        let caller = try Caller()
        let library = caller.library
        var info = EntityInfo()
        info.version = 3
        info.friendlyName = Array("a name".utf8)
        info.address = Array("[2001:db8::1]".utf8)
        info.requestPort = 1_161
        info.notificationPort = 1_162
        info.maximumMessageSize = 1_472
        info.engineID = [0x80, 1, 2, 3, 4]
        info.policyTimeout = 77
        info.policyRetry = 9
        let entity = try library.createEntity(caller.session, info)
        var expected = info
        expected.entity = entity
        expected.session = caller.session
        expected.translateMode = 3
        expected.addressFamily = 10
        expected.address = Array("2001:db8::1".utf8)
        #expect(try library.entityInfo(entity) == expected)
        #expect(try library.timeout(entity).policy == 77)
        #expect(try library.retry(entity).policy == 9)
        // An entity of a string has the same description.
        let other = try caller.entity(99, timeout: 5, retries: 6)
        let plain = try library.entityInfo(other)
        #expect(plain.version == 1 && plain.addressFamily == 2 && plain.address == Array("127.0.0.1".utf8))
        #expect(plain.requestPort == 99 && plain.policyTimeout == 5 && plain.policyRetry == 6)
        try library.setEntityInfo(other, info)
        expected.entity = other
        #expect(try library.entityInfo(other) == expected)
    }

    @Test("what can't be an entity")
    func badEntities() throws {
        let caller = try Caller()
        let library = caller.library
        var good = EntityInfo()
        good.address = Array("127.0.0.1".utf8)
        let entity = try library.createEntity(caller.session, good)
        let before = try library.entityInfo(entity)
        #expect(before.requestPort == 161 && before.notificationPort == 162)
        func refused(_ code: SNMPAPIError, _ change: (inout EntityInfo) -> Void) {
            var info = good
            change(&info)
            #expect(throws: code) { try library.createEntity(caller.session, info) }
            #expect(throws: code) { try library.setEntityInfo(entity, info) }
        }
        refused(.entityUnknown) { $0.address = [] }
        refused(.entityUnknown) { $0.address = [0xFF, 0xFE] }
        refused(.modeInvalid) { $0.version = 2 }
        refused(.modeInvalid) { $0.version = .max }
        refused(.engineInvalid) { $0.engineID = [1, 2, 3, 4] }
        refused(.engineInvalid) { $0.engineID = [UInt8](repeating: 1, count: 33) }
        refused(.tlInvalidParam) { $0.requestPort = 65_536 }
        refused(.tlInvalidParam) { $0.notificationPort = .max }
        #expect(try library.entityInfo(entity) == before)
        #expect(throws: SNMPAPIError.sessionInvalid) { try library.createEntity(SessionHandle(rawValue: 0), good) }
        #expect(throws: SNMPAPIError.entityInvalid) { try library.setEntityInfo(EntityHandle(rawValue: 0), good) }
    }

    @Test("what is given to a context comes back, and prints without its keys")
    func contextInfo() throws {
        let caller = try Caller()
        let library = caller.library
        var info = try V3User.all[9].info(library)
        info.contextName = Array("vlan-7".utf8)
        info.contextEngineID = [0x80, 1, 2, 3, 4]
        info.friendlyName = Array("a name".utf8)
        let context = try library.createContext(caller.session, info)
        var expected = info
        expected.context = context
        expected.session = caller.session
        expected.translateMode = 3
        #expect(try library.contextInfo(context) == expected)
        #expect(try library.contextToStr(context) == Array("vlan-7".utf8))
        var dumped = ""
        dump(info, to: &dumped)
        let key = info.authKey.map { String($0) }.prefix(4).joined(separator: ", ")
        #expect(!"\(info)".contains(key) && !dumped.contains(key))
    }

    @Test("what can't be a context")
    func badContexts() throws {
        let caller = try Caller()
        let library = caller.library
        let good = try V3User.all[9].info(library)
        func refused(_ code: SNMPAPIError, _ change: (inout ContextInfo) -> Void) {
            var info = good
            change(&info)
            #expect(throws: code) { try library.createContext(caller.session, info) }
            #expect(library.lastError(caller.session) == code.rawValue)
        }
        refused(.contextInvalid) { $0.securityName = [] }
        refused(.contextInvalid) { $0.securityName = [UInt8](repeating: 65, count: 33) }
        refused(.modeInvalid) { $0.version = 2 }
        refused(.modeInvalid) { $0.securityModel = 1 }
        refused(.modeInvalid) { $0.securityModel = 99 }
        refused(.operationInvalid) { $0.securityLevel = 2 }
        refused(.operationInvalid) { $0.authProtocol = 1 }
        refused(.operationInvalid) { $0.privProtocol = 1 }
        refused(.operationInvalid) { $0.privProtocol = 99 }
        refused(.sizeInvalid) { $0.authKey = [] }
        refused(.sizeInvalid) { $0.authKey.append(1) }
        refused(.engineInvalid) { $0.contextEngineID = [1] }
        var community = ContextInfo()
        #expect(throws: SNMPAPIError.contextInvalid) { try library.createContext(caller.session, community) }
        community.securityName = [65]
        _ = try library.createContext(caller.session, community)
    }
}
