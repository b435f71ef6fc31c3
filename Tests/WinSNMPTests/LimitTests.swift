import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Limits, options and error slots.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct LimitTests {
    private func options(handles: Int = 262_144, sessions: Int = 4_096) -> WinSNMPOptions {
        var options = WinSNMPOptions()
        options.maximumHandles = handles
        options.maximumSessions = sessions
        return options
    }

    @Test("as many sessions as allowed, and again after closing one")
    func sessions() throws {
        let started = try Started(.untranslatedV2, options(sessions: 3))
        let library = started.library
        for round in 0..<4 {
            let all = try (0..<3).map { _ in try library.createSession { _, _, _ in true } }
            #expect(throws: SNMPAPIError.allocError) { try library.createSession { _, _, _ in true } }
            #expect(throws: SNMPAPIError.allocError) { try library.createPollingSession() }
            #expect(library.lastError() == 2)
            try library.close(all[round % 3])
            let again = try library.createPollingSession()
            for session in all where session != all[round % 3] { try library.close(session) }
            try library.close(again)
        }
    }

    @Test("as many handles of each kind as allowed, and again after freeing one")
    func handles() throws {
        let caller = try Caller(options: options(handles: 5))
        let library = caller.library
        let session = caller.session
        func fill<Handle>(
            _ make: () throws(SNMPAPIError) -> Handle, _ free: (Handle) throws(SNMPAPIError) -> Void
        )
            throws
        {
            for _ in 0..<3 {
                var all: [Handle] = []
                for _ in 0..<5 { all.append(try make()) }
                #expect(throws: SNMPAPIError.allocError) { _ = try make() }
                #expect(library.lastError(session) == 2)
                try free(all.removeFirst())
                all.append(try make())
                #expect(throws: SNMPAPIError.allocError) { _ = try make() }
                for handle in all { try free(handle) }
            }
        }
        try fill({ () throws(SNMPAPIError) in try library.strToEntity(session, "::1") }, library.freeEntity)
        try fill({ () throws(SNMPAPIError) in try library.strToContext(session, [1]) }, library.freeContext)
        try fill({ () throws(SNMPAPIError) in try library.createPdu(session, type: 0) }, library.freePdu)
        try fill({ () throws(SNMPAPIError) in try library.createVbl(session) }, library.freeVbl)
        let pdu = try library.createPdu(session, type: 0)
        try fill({ () throws(SNMPAPIError) in try library.pduVbl(pdu) }, library.freeVbl)
        // A raised limit counts at once.
        let lists = try (0..<5).map { _ in try library.createVbl(session) }
        try library.setOption(.maximumHandles, 6)
        _ = try library.duplicateVbl(session, lists[0])
        #expect(throws: SNMPAPIError.allocError) { try library.duplicateVbl(session, lists[0]) }
    }

    @Test("a message waits until there are handles for it")
    func receiving() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller(options: options(handles: 3))
        let library = caller.library
        let entity = try caller.entity(agent.port)
        let id = try caller.send(caller.pdu(.get), to: entity)
        _ = try await caller.notices.first(1)
        let pdus = try (0..<3).map { _ in try library.createPdu(caller.session, type: 0) }
        for _ in 0..<3 {
            #expect(throws: SNMPAPIError.allocError) { try library.recvMsg(caller.session) }
            #expect(library.lastError(caller.session) == 2)
        }
        try library.freePdu(pdus[0])
        let answer = try library.recvMsg(caller.session)
        #expect(try library.pduData(answer.pdu).requestID == id)
        #expect(answer.source == entity)
        // The failed attempts took no references: the entity dies with ours and the message's.
        try library.freeEntity(entity)
        try library.freeEntity(entity)
        #expect(throws: SNMPAPIError.entityInvalid) { try library.freeEntity(entity) }
    }

    @Test("options take their ranges, and nothing else", arguments: WinSNMPOption.allCases)
    func ranges(option: WinSNMPOption) throws {
        let library = WinSNMPLibrary()
        for value in [option.range.lowerBound, option.range.upperBound, option.range.lowerBound + 1] {
            guard option.range.contains(value) else { continue }
            try library.setOption(option, value)
            #expect(library.option(option) == value)
        }
        let kept = library.option(option)
        var outside: [UInt32] = [.max]
        if option.range.lowerBound > 0 { outside.append(option.range.lowerBound - 1) }
        outside.append(option.range.upperBound + 1)
        for value in outside {
            #expect(throws: SNMPAPIError.sizeInvalid) { try library.setOption(option, value) }
            #expect(library.lastError() == 17)
            #expect(library.option(option) == kept)
        }
        // Settings outlive the library's lives.
        try library.startup()
        #expect(library.option(option) == kept)
        try library.cleanup()
        #expect(library.option(option) == kept)
    }

    @Test("the defaults, and what the environment says instead")
    func environment() throws {
        let defaults: [WinSNMPOption: UInt32] = [
            .trapPort: 162, .pollingSessions: 0, .rfc3584Traps: 0, .answerInforms: 1, .defaultTimeout: 300,
            .defaultRetries: 3, .maximumSessions: 4_096, .maximumHandles: 262_144, .shareTrapPort: 1,
        ]
        func values(_ environment: [String: String]) -> [WinSNMPOption: UInt32] {
            let library = WinSNMPLibrary(options: .fromEnvironment { environment[$0] })
            return Dictionary(uniqueKeysWithValues: WinSNMPOption.allCases.map { ($0, library.option($0)) })
        }
        #expect(values([:]) == defaults)
        let set = [
            "WINSNMP_TRAP_PORT": "1162", "WINSNMP_POLLING_SESSIONS": "1", "WINSNMP_RFC3584_TRAPS": "1",
            "WINSNMP_ANSWER_INFORMS": "0", "WINSNMP_TIMEOUT": "50", "WINSNMP_RETRIES": "0",
            "WINSNMP_MAX_SESSIONS": "7", "WINSNMP_MAX_HANDLES": "8", "WINSNMP_SHARE_TRAP_PORT": "0",
        ]
        let expected: [WinSNMPOption: UInt32] = [
            .trapPort: 1_162, .pollingSessions: 1, .rfc3584Traps: 1, .answerInforms: 0, .defaultTimeout: 50,
            .defaultRetries: 0, .maximumSessions: 7, .maximumHandles: 8, .shareTrapPort: 0,
        ]
        #expect(values(set) == expected)
        for bad in ["", "-1", "99999999", "x", " 1", "1.0", "4294967296"] {
            #expect(values(set.mapValues { _ in bad }) == defaults, "\(bad)")
        }
    }

    @Test("each thread reads its own error without a session; one that never failed the newest")
    func threads() async throws {
        let library = WinSNMPLibrary()
        try library.startup()
        let first = Gate()
        let second = Gate()
        let a = try Background { () -> [UInt32] in
            _ = try? library.freeVbl(VBLHandle(rawValue: 0))
            let before = library.lastError()
            first.open()
            second.pass()
            return [before, library.lastError()]
        }
        let b = try Background { () -> [UInt32] in
            first.pass()
            let before = library.lastError()
            _ = try? library.freePdu(PDUHandle(rawValue: 0))
            second.open()
            return [before, library.lastError()]
        }
        #expect(try await a.value() == [15, 15])
        #expect(try await b.value() == [15, 12])
        #expect(try await Background { library.lastError() }.value() == 12)
        try library.cleanup()
    }

    @Test("sentences say what was wrong, and belong to session and thread")
    func sentences() throws {
        let started = try Started()
        let library = started.library
        #expect(library.lastErrorText() == "no error")
        let a = try Caller(started)
        let b = try Caller(started)
        #expect(library.lastErrorText(a.session) == "no error")
        #expect(throws: SNMPAPIError.entityUnknown) { try library.strToEntity(a.session, "300.1.1.1") }
        #expect(library.lastErrorText(a.session) == "unknown entity: '300.1.1.1' is no address")
        #expect(library.lastErrorText() == "unknown entity: '300.1.1.1' is no address")
        #expect(library.lastErrorText(b.session) == "no error")
        #expect(throws: SNMPAPIError.vblInvalid) { try library.freeVbl(VBLHandle(rawValue: 0)) }
        #expect(library.lastErrorText() == "not a valid variable binding list")
        #expect(library.lastErrorText(a.session) == "unknown entity: '300.1.1.1' is no address")
        // A session that ended: that of the thread.
        try library.close(a.session)
        #expect(library.lastErrorText(a.session) == "not a valid variable binding list")
        for error in SNMPAPIError.allCases { #expect(!error.description.isEmpty) }
    }

    @Test("no community in a sentence")
    func secrets() throws {
        let caller = try Caller()
        let library = caller.library
        let context = try caller.context("hush-hush")
        let pdu = try caller.pdu(.set, [VarBind(.ours, .octetString([UInt8](repeating: 1, count: 70_000)))])
        #expect(throws: SNMPAPIError.tlPduTooBig) {
            try library.encodeMsg(caller.session, source: nil, destination: nil, context: context, pdu: pdu)
        }
        #expect(!library.lastErrorText(caller.session).contains("hush"))
    }
}
