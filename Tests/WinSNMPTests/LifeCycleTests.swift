import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 1 to 9 and Wine's four. Check 2's aliased pointers and check 9's structure exist in C only.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct LifeCycleTests {
    /// Every function but those that work always, on handles that are none.
    static let calls: [(String, @Sendable (WinSNMPLibrary) throws -> Void)] = {
        let session = SessionHandle(rawValue: 1)
        let entity = EntityHandle(rawValue: 2)
        let context = ContextHandle(rawValue: 3)
        let pdu = PDUHandle(rawValue: 4)
        let vbl = VBLHandle(rawValue: 5)
        return [
            ("cleanup", { try $0.cleanup() }), ("vendorInfo", { _ = try $0.vendorInfo() }),
            ("translateMode", { _ = try $0.translateMode() }), ("setTranslateMode", { try $0.setTranslateMode(1) }),
            ("retransmitMode", { _ = try $0.retransmitMode() }), ("setRetransmitMode", { try $0.setRetransmitMode(1) }),
            ("createSession", { _ = try $0.createSession { _, _, _ in true } }),
            ("createPollingSession", { _ = try $0.createPollingSession() }),
            ("createSession of C", { _ = try $0.createSession(window: 0, message: 0, callback: nil) }),
            ("open", { _ = try $0.open(window: 1, message: 0x400) }), ("close", { try $0.close(session) }),
            ("wait", { try $0.wait(session, milliseconds: 0) }), ("descriptor", { _ = try $0.descriptor(session) }),
            ("strToEntity", { _ = try $0.strToEntity(session, "127.0.0.1") }),
            ("entityToStr", { _ = try $0.entityToStr(entity) }), ("freeEntity", { try $0.freeEntity(entity) }),
            ("setPort", { try $0.setPort(entity, 161) }), ("timeout", { _ = try $0.timeout(entity) }),
            ("setTimeout", { try $0.setTimeout(entity, 1) }), ("retry", { _ = try $0.retry(entity) }),
            ("setRetry", { try $0.setRetry(entity, 1) }), ("listen", { try $0.listen(entity, isOn: true) }),
            ("strToContext", { _ = try $0.strToContext(session, [1]) }),
            ("contextToStr", { _ = try $0.contextToStr(context) }), ("freeContext", { try $0.freeContext(context) }),
            ("createPdu", { _ = try $0.createPdu(session, type: 0) }), ("pduData", { _ = try $0.pduData(pdu) }),
            ("pduVbl", { _ = try $0.pduVbl(pdu) }), ("setPduData", { try $0.setPduData(pdu, type: 0xA0) }),
            ("duplicatePdu", { _ = try $0.duplicatePdu(session, pdu) }), ("freePdu", { try $0.freePdu(pdu) }),
            ("createVbl", { _ = try $0.createVbl(session) }),
            ("duplicateVbl", { _ = try $0.duplicateVbl(session, vbl) }),
            ("freeVbl", { try $0.freeVbl(vbl) }), ("countVbl", { _ = try $0.countVbl(vbl) }),
            ("vb", { _ = try $0.vb(vbl, index: 1) }), ("setVb", { try $0.setVb(vbl, index: 0, name: nil, value: nil) }),
            ("deleteVb", { try $0.deleteVb(vbl, index: 1) }),
            ("sendMsg", { try $0.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu) }),
            ("recvMsg", { _ = try $0.recvMsg(session) }), ("cancelMsg", { try $0.cancelMsg(session, requestID: 1) }),
            ("register", { try $0.register(session, isOn: true) }),
            (
                "encodeMsg",
                { _ = try $0.encodeMsg(session, source: nil, destination: nil, context: context, pdu: pdu) }
            ),
            ("decodeMsg", { _ = try $0.decodeMsg(session, [0x30, 0]) }),
            ("createEntity", { _ = try $0.createEntity(session, EntityInfo()) }),
            ("entityInfo", { _ = try $0.entityInfo(entity) }),
            ("setEntityInfo", { try $0.setEntityInfo(entity, EntityInfo()) }),
            ("createContext", { _ = try $0.createContext(session, ContextInfo()) }),
            ("contextInfo", { _ = try $0.contextInfo(context) }),
            ("setContextInfo", { try $0.setContextInfo(context, ContextInfo()) }),
            ("passwordToKey", { _ = try $0.passwordToKey(Array("12345678".utf8), protocol: 2) }),
        ]
    }()

    @Test("check 1: before startup and after cleanup everything is notInitialized", arguments: calls.indices)
    func notInitialized(index: Int) throws {
        let (name, call) = Self.calls[index]
        let library = WinSNMPLibrary()
        #expect(library.lastError() == 1)
        #expect(throws: SNMPAPIError.notInitialized, "\(name)") { try call(library) }
        #expect(library.lastError() == 18, "\(name)")
        try library.startup()
        try library.cleanup()
        #expect(throws: SNMPAPIError.notInitialized, "\(name)") { try call(library) }
    }

    @Test("checks 2, W1 to W4: startup says 2, 0, 2, untranslated v1, on; twice in a process")
    func startup() throws {
        let library = WinSNMPLibrary()
        for _ in 0..<2 {
            let info = try library.startup()
            #expect(info.majorVersion == 2 && info.minorVersion == 0 && info.level == 2)
            #expect(info.translateMode == 1 && info.retransmitMode == 1)
            try library.cleanup()
        }
    }

    @Test("startup tells the modes in effect, and a new life begins with the defaults")
    func startupTellsModes() throws {
        let library = WinSNMPLibrary()
        try library.startup()
        try library.setTranslateMode(2)
        try library.setRetransmitMode(0)
        let info = try library.startup()
        #expect(info.translateMode == 2 && info.retransmitMode == 0)
        try library.cleanup()
        let fresh = try library.startup()
        #expect(fresh.translateMode == 1 && fresh.retransmitMode == 1)
        try library.cleanup()
    }

    @Test("check 3: three startups, one cleanup")
    func startupIsNotCounted() throws {
        let library = WinSNMPLibrary()
        for _ in 0..<3 { try library.startup() }
        try library.cleanup()
        #expect(throws: SNMPAPIError.notInitialized) { try library.translateMode() }
        #expect(throws: SNMPAPIError.notInitialized) { try library.cleanup() }
    }

    @Test("check 4: startupEx is counted")
    func startupExIsCounted() throws {
        let library = WinSNMPLibrary()
        try library.startupEx()
        try library.startupEx()
        try library.cleanupEx()
        #expect(try library.translateMode() == .untranslatedV1)
        try library.cleanupEx()
        #expect(throws: SNMPAPIError.notInitialized) { try library.translateMode() }
        #expect(throws: SNMPAPIError.otherError) { try library.cleanupEx() }
        #expect(library.lastError() == 99)
    }

    @Test("check 5: cleanup takes only startup back while startupEx is outstanding")
    func mixed() throws {
        let library = WinSNMPLibrary()
        try library.startupEx()
        try library.startup()
        let session = try library.createSession { _, _, _ in true }
        try library.cleanup()
        _ = try library.strToEntity(session, "127.0.0.1")
        try library.cleanupEx()
        #expect(throws: SNMPAPIError.notInitialized) { try library.translateMode() }
        // The other way round.
        try library.startupEx()
        try library.startup()
        try library.cleanupEx()
        #expect(try library.translateMode() == .untranslatedV1)
        try library.cleanup()
        #expect(throws: SNMPAPIError.notInitialized) { try library.translateMode() }
    }

    @Test("check 6: cleanup with outstanding requests: no callback afterwards, and startup works again")
    func cleanupWithRequests() async throws {
        let agent = try ScriptedAgent(.delayed(.milliseconds(100)))
        let silent = try ScriptedAgent(.silent)
        let library = WinSNMPLibrary()
        for _ in 0..<rounds(3) {
            let known = agent.count
            let isOver = Locked(false)
            let late = Log<Notice>()
            try library.startup()
            for _ in 0..<5 {
                let session = try library.createSession { session, wParam, lParam in
                    if isOver.withLock({ $0 }) {
                        late.append(Notice(session: session, wParam: wParam, lParam: lParam))
                    }
                    return true
                }
                for port in [agent.port, silent.port] {
                    let entity = try library.strToEntity(session, "127.0.0.1")
                    try library.setPort(entity, UInt32(port))
                    try library.setTimeout(entity, 10)
                    let context = try library.strToContext(session, [65])
                    let pdu = try library.createPdu(session, type: 0xA0)
                    try library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
                }
            }
            _ = try await agent.first(known + 5)
            try library.cleanup()
            isOver.withLock { $0 = true }
            // What the agent answers now, and timeouts of 100 ms, would be told within this time.
            try await settle(milliseconds: 250)
            #expect(late.all.isEmpty)
        }
    }

    @Test("check 7: closing twice, and closing what is no session")
    func closeTwice() throws {
        let caller = try Caller()
        try caller.library.close(caller.session)
        for raw in [caller.session.rawValue, 0, 1, 0xDEAD_BEEF, .max, caller.session.rawValue + 8] {
            #expect(throws: SNMPAPIError.sessionInvalid) { try caller.library.close(SessionHandle(rawValue: raw)) }
            #expect(caller.library.lastError() == 13)
        }
    }

    @Test("check 8: an error belongs to its session, and the newest to all")
    func lastErrors() throws {
        let started = try Started()
        let a = try Caller(started)
        let b = try Caller(started)
        let library = started.library
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(a.session) }
        #expect(library.lastError(a.session) == 8)
        #expect(library.lastError(b.session) == 1)
        #expect(library.lastError() == 8)
        #expect(throws: SNMPAPIError.contextInvalid) { try library.strToContext(b.session, []) }
        #expect(library.lastError(a.session) == 8)
        #expect(library.lastError(b.session) == 3)
        #expect(library.lastError() == 3)
        // A call that succeeds changes nothing.
        _ = try library.strToContext(b.session, [65])
        #expect(library.lastError(b.session) == 3)
        // A session that is none: the overall slot.
        #expect(library.lastError(SessionHandle(rawValue: 0)) == 3)
    }

    @Test("check 9: vendor strings fit their fields of 63 and 31 octets")
    func vendor() throws {
        let started = try Started()
        let vendor = try started.library.vendorInfo()
        #expect(!vendor.name.isEmpty && vendor.name.utf8.count <= 63 && vendor.contact.utf8.count <= 63)
        #expect(!vendor.version.isEmpty && vendor.version.utf8.count <= 31 && vendor.versionDate.utf8.count <= 31)
    }
}
