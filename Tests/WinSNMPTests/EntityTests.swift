import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 18 to 26. NULL pointers, and buffers too small for a string, exist in C only.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct EntityTests {
    @Test("check 18: translate modes 0, 1, 2; retransmit modes 0, 1")
    func modes() throws {
        let started = try Started()
        let library = started.library
        for mode: UInt32 in [0, 1, 2] {
            try library.setTranslateMode(mode)
            #expect(try library.translateMode().rawValue == mode)
        }
        for mode: UInt32 in [3, 99, .max] {
            #expect(throws: SNMPAPIError.modeInvalid) { try library.setTranslateMode(mode) }
            #expect(try library.translateMode() == .untranslatedV2)
        }
        for mode: UInt32 in [0, 1] {
            try library.setRetransmitMode(mode)
            #expect(try library.retransmitMode() == mode)
        }
        for mode: UInt32 in [2, .max] {
            #expect(throws: SNMPAPIError.modeInvalid) { try library.setRetransmitMode(mode) }
            #expect(try library.retransmitMode() == 1)
        }
    }

    @Test(
        "checks 19, 21, 22: addresses come back as they are written by the standard",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("::1", "::1"), ("[::1]", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("fe80::1%lo", "fe80::1%lo"),
            ("::ffff:10.0.0.1", "10.0.0.1"), ("00000001:00081A0D01C2", "00000001:00081A0D01C2"),
            ("00000001.00081a0d01c2", "00000001:00081A0D01C2"), ("deadbeef-ffffffffffff", "DEADBEEF:FFFFFFFFFFFF"),
        ])
    func addresses(text: String, printed: String) throws {
        for mode in [TranslateMode.untranslatedV1, .untranslatedV2] {
            let caller = try Caller(mode: mode)
            let entity = try caller.library.strToEntity(caller.session, text)
            #expect(try caller.library.entityToStr(entity) == printed)
        }
    }

    @Test(
        "checks 20, 21: what is no address",
        arguments: [
            "300.1.1.1", "", " ", "localhost", "127.0.0.1:161", "[::1]:161", "127.0.0", "127.0.0.1.1", "1", "[]",
            "[::1",
            ":::", "00000001:00081A0D01C", "0000000100081A0D01C2", "0000001:00081A0D01C22", "0000000g:00081A0D01C2",
            "udp:127.0.0.1:161", "127.0.0.1\u{0}", "fe80::1%nothere",
        ])
    func noAddresses(text: String) throws {
        let caller = try Caller()
        #expect(throws: SNMPAPIError.entityUnknown) { try caller.library.strToEntity(caller.session, text) }
        #expect(caller.library.lastError(caller.session) == 6)
    }

    @Test("check 21: nothing is sent over IPX")
    func ipx() throws {
        let caller = try Caller()
        let entity = try caller.library.strToEntity(caller.session, "00000001:00081A0D01C2")
        #expect(throws: SNMPAPIError.tlNotSupported) { try caller.send(caller.pdu(.get), to: entity) }
        #expect(throws: SNMPAPIError.tlOther) { try caller.library.listen(entity, isOn: true) }
    }

    @Test("check 22: GET over IPv6")
    func ipv6() async throws {
        let agent = try ScriptedAgent(at: .loopbackIPv6(port: 0))
        let caller = try Caller()
        let entity = try caller.entity(agent.port, host: "::1")
        let answer = try await caller.get(entity)
        #expect(answer.bindings == [VarBind(.sysDescr, .string("1.3.6.1.2.1.1.1.0"))])
        #expect(answer.handles.source == entity)
        #expect(try caller.library.entityToStr(answer.handles.destination) == "::1")
    }

    @Test("check 23: contexts are octets")
    func contexts() throws {
        let caller = try Caller()
        let library = caller.library
        #expect(throws: SNMPAPIError.contextInvalid) { try library.strToContext(caller.session, []) }
        for octets: [UInt8] in [[0], [0, 1, 0, 255], Array("public".utf8), [UInt8](repeating: 0x80, count: 5_000)] {
            let context = try library.strToContext(caller.session, octets)
            #expect(try library.contextToStr(context) == octets)
        }
    }

    @Test("check 24: freeing twice, and freeing one kind as another")
    func freeing() throws {
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(161)
        let context = try caller.context()
        let wrongEntity = EntityHandle(rawValue: context.rawValue)
        let wrongContext = ContextHandle(rawValue: entity.rawValue)
        #expect(throws: SNMPAPIError.entityInvalid) { try library.freeEntity(wrongEntity) }
        #expect(throws: SNMPAPIError.contextInvalid) { try library.freeContext(wrongContext) }
        try library.freeEntity(entity)
        try library.freeContext(context)
        #expect(throws: SNMPAPIError.entityInvalid) { try library.freeEntity(entity) }
        #expect(throws: SNMPAPIError.contextInvalid) { try library.freeContext(context) }
        #expect(library.lastError() == 3)
        for _ in 0..<2 {
            #expect(throws: SNMPAPIError.entityInvalid) { try library.entityToStr(entity) }
            #expect(throws: SNMPAPIError.contextInvalid) { try library.contextToStr(context) }
        }
    }

    @Test("each string makes a handle of its own")
    func handlesAreDistinct() throws {
        let caller = try Caller()
        let library = caller.library
        let first = try caller.entity(1_001, timeout: 7)
        let second = try library.strToEntity(caller.session, "127.0.0.1")
        #expect(first != second)
        #expect(try library.timeout(second).policy == 300)
        #expect(try caller.context() != caller.context())
    }

    @Test("check 25: timeouts, retries and ports")
    func policies() async throws {
        let agent = try ScriptedAgent(.delayed(.milliseconds(60)))
        let caller = try Caller()
        let library = caller.library
        let entity = try library.strToEntity(caller.session, "127.0.0.1")
        #expect(try library.timeout(entity) == (300, 0))
        #expect(try library.retry(entity) == (3, 0))
        try library.setTimeout(entity, 250)
        try library.setRetry(entity, 2)
        #expect(try library.timeout(entity) == (250, 0))
        #expect(try library.retry(entity) == (2, 0))
        try library.setPort(entity, UInt32(agent.port))
        for port: UInt32 in [0, 65_536, .max] {
            #expect(throws: SNMPAPIError.tlInvalidParam) { try library.setPort(entity, port) }
        }
        // The actual values are measured.
        _ = try await caller.get(entity)
        #expect(try library.timeout(entity).policy == 250)
        #expect(try library.timeout(entity).actual >= 6)
        #expect(try library.retry(entity) == (2, 0))
        let none = EntityHandle(rawValue: 0)
        #expect(throws: SNMPAPIError.entityInvalid) { try library.setTimeout(none, 1) }
        #expect(throws: SNMPAPIError.entityInvalid) { try library.setRetry(none, 1) }
        #expect(throws: SNMPAPIError.entityInvalid) { try library.setPort(none, 1) }
        #expect(throws: SNMPAPIError.entityInvalid) { try library.timeout(none) }
    }

    @Test("the retries that an answer took are measured")
    func actualRetries() async throws {
        let agent = try ScriptedAgent(.from(3))
        let caller = try Caller()
        let entity = try caller.entity(agent.port, timeout: 20, retries: 255)
        _ = try await caller.get(entity)
        #expect(try caller.library.retry(entity).actual >= 2)
        #expect(try caller.library.retry(entity).actual <= 20)
    }

    @Test("check 26: the version is the entity's, bound when its string was read")
    func versions() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller(mode: .untranslatedV1)
        let first = try caller.entity(agent.port)
        try caller.library.setTranslateMode(2)
        let second = try caller.entity(agent.port)
        _ = try await caller.get(first)
        try caller.library.setTranslateMode(1)
        _ = try await caller.get(second)
        // SEQUENCE, length, INTEGER, 1, version.
        #expect(agent.datagrams.map { $0.octets[4] } == [0, 1])
        #expect(try agent.datagrams.map { try message($0.octets).version } == [.v1, .v2c])
    }
}
