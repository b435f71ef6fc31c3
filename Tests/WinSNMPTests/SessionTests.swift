import PlatformIO
import Primitives
import SNMPCodec
import Testing

@testable import WinSNMP

/// A record that must not live on.
private struct Weak: @unchecked Sendable {
    weak var record: AnyObject?
}

/// Checks 10 to 17. The client data of check 10 exists in C only.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct SessionTests {
    /// Windows of a test: 1 and 2, and what was posted to them.
    private func hook(_ posted: Log<[Int]>) -> WindowHook {
        WindowHook(
            isWindow: { (1...2).contains($0) },
            postMessage: { window, message, wParam, lParam in
                posted.append([Int(window), Int(message), Int(wParam), lParam])
                return true
            })
    }

    @Test("check 10: the callback gets session, 0 and request-id")
    func callbackArguments() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let id = try caller.send(caller.pdu(.get, id: -7), to: caller.entity(agent.port))
        #expect(id == -7)
        #expect(try await caller.notices.first(1) == [Notice(session: caller.session, wParam: 0, lParam: -7)])
    }

    @Test("check 11: neither callback nor window is operationInvalid, or a polling session if the option says so")
    func pollingOption() throws {
        let started = try Started()
        let library = started.library
        #expect(throws: SNMPAPIError.operationInvalid) {
            try library.createSession(window: 0, message: 0, callback: nil)
        }
        try library.setOption(.pollingSessions, 1)
        let session = try library.createSession(window: 0, message: 0, callback: nil)
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(session) }
        try library.setOption(.pollingSessions, 0)
        #expect(throws: SNMPAPIError.operationInvalid) {
            try library.createSession(window: 0, message: 0, callback: nil)
        }
        try library.close(session)
    }

    @Test("check 12: bad windows and messages")
    func badWindows() throws {
        let started = try Started()
        let library = started.library
        func code(_ window: UInt, _ message: UInt32) -> SNMPAPIError? {
            do throws(SNMPAPIError) {
                try library.close(try library.createSession(window: window, message: message, callback: nil))
                return nil
            } catch {
                #expect(library.lastError() == error.rawValue)
                return error
            }
        }
        #expect(code(1, 0x401) == .hwndInvalid)
        library.setWindowHook(hook(Log()))
        #expect(code(3, 0x401) == .hwndInvalid)
        #expect(code(0, 0x401) == .hwndInvalid)
        #expect(code(3, 0) == .hwndInvalid)
        #expect(code(1, 0) == .messageInvalid)
        #expect(code(1, 0x3FF) == .messageInvalid)
        #expect(code(1, 0x400) == nil)
        #expect(throws: SNMPAPIError.hwndInvalid) { try library.open(window: 0, message: 0) }
        library.setWindowHook(nil)
        #expect(code(1, 0x400) == .hwndInvalid)
        // With a callback, window and message are the caller's business.
        try library.close(try library.createSession(window: 99, message: 1) { _, _, _ in true })
    }

    @Test("check 13: one posted message for an answer, one for a timeout", arguments: [false, true])
    func windowMessages(isSilent: Bool) async throws {
        let agent = try ScriptedAgent(isSilent ? .silent : .answer)
        let started = try Started()
        let library = started.library
        let posted = Log<[Int]>()
        library.setWindowHook(hook(posted))
        let session = try library.open(window: 2, message: 0x407)
        let entity = try library.strToEntity(session, "127.0.0.1")
        try library.setPort(entity, UInt32(agent.port))
        try library.setTimeout(entity, 5)
        try library.setRetry(entity, isSilent ? 0 : 200)
        let context = try library.strToContext(session, [65])
        let pdu = try library.createPdu(session, type: 0xA0, requestID: -5)
        try library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
        #expect(try await posted.first(1) == [[2, 0x407, isSilent ? 108 : 0, -5]])
        if isSilent {
            #expect(throws: SNMPAPIError.noop) { try library.recvMsg(session) }
        } else {
            #expect(try library.message(session).data.requestID == -5)
        }
        try await settle(milliseconds: 100)
        #expect(posted.count == 1)
    }

    @Test("check 14: a callback that returns false closes its session")
    func callbackCloses() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller { _, _ in false }
        let entity = try caller.entity(agent.port)
        for _ in 0..<3 { _ = try? caller.send(caller.pdu(.get), to: entity) }
        _ = try await caller.notices.first(1)
        let isClosed = try await eventually { (try? caller.context()) == nil }
        #expect(isClosed)
        #expect(throws: SNMPAPIError.sessionInvalid) { try caller.library.recvMsg(caller.session) }
        #expect(throws: SNMPAPIError.sessionInvalid) { try caller.library.close(caller.session) }
        #expect(throws: SNMPAPIError.entityInvalid) { try caller.library.freeEntity(entity) }
        try await settle(milliseconds: 100)
        #expect(caller.notices.count == 1)
    }

    @Test("check 15: closing a session in its own callback")
    func closeInCallback() async throws {
        let agent = try ScriptedAgent()
        let results = Log<Bool>()
        let caller = try Caller { library, notice in
            results.append((try? library.close(notice.session)) != nil)
            return true
        }
        let entity = try caller.entity(agent.port)
        for _ in 0..<5 { _ = try? caller.send(caller.pdu(.get), to: entity) }
        #expect(try await results.first(1) == [true])
        #expect(throws: SNMPAPIError.sessionInvalid) { try caller.library.recvMsg(caller.session) }
        try await settle(milliseconds: 100)
        #expect(caller.notices.count == 1)
    }

    @Test("check 16: 10,000 sessions one after the other leave no records, handles and descriptors")
    func manySessions() async throws {
        let agent = try ScriptedAgent()
        let started = try Started()
        let library = started.library
        let records = Locked<[Weak]>([])
        @Sendable func round(_ number: Int) throws {
            let session = try library.createSession { _, _, _ in true }
            let entity = try library.strToEntity(session, "127.0.0.1")
            try library.setPort(entity, UInt32(agent.port))
            let context = try library.strToContext(session, [65])
            let pdu = try library.createPdu(session, type: 0xA0)
            if number % 100 == 0 {
                let known = library.lock.withLock { [library.instance?.sessions[session.rawValue]] }
                let entities = library.lock.withLock { [library.instance?.entities[entity.rawValue]] }
                records.withLock {
                    $0 += known.compactMap(\.self).map { Weak(record: $0) }
                    $0 += entities.compactMap(\.self).map { Weak(record: $0) }
                }
            }
            try library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
            try library.close(session)
        }
        try await Background { try round(0) }.value()
        let descriptor = try UDPSocket(binding: .loopbackIPv4(port: 0)).descriptor
        try await Background { for number in 1...10_000 { try round(number) } }.value()
        // Other tests open some beside this one.
        #expect(try UDPSocket(binding: .loopbackIPv4(port: 0)).descriptor < descriptor + 1_000)
        let isFreed = try await eventually { records.withLock { $0.allSatisfy { $0.record == nil } } }
        #expect(isFreed)
        #expect(records.withLock { $0.count } > 200)
        let tables = library.lock.withLock { () -> [Int?] in
            let instance = library.instance
            return [
                instance?.sessions.count, instance?.entities.count, instance?.contexts.count, instance?.pdus.count,
                instance?.sessionSlots.compactMap(\.self).count,
            ]
        }
        #expect(tables == [0, 0, 0, 0, 0])
        #expect(library.lock.withLock { library.instance?.sessionSlots.count ?? .max } < 10)
        // Slots are used again.
        let session = try library.createSession { _, _, _ in true }
        let entity = try library.strToEntity(session, "127.0.0.1")
        #expect(entity.rawValue >> 3 & 0xF_FFFF < 2_048)
    }

    @Test("check 17: an entity of one session serves another until its owner closes")
    func sharedEntity() async throws {
        let agent = try ScriptedAgent()
        let started = try Started()
        let owner = try Caller(started)
        let other = try Caller(started)
        let entity = try owner.entity(agent.port)
        let answer = try await other.get(entity)
        #expect(answer.handles.source == entity)
        // The reference that the message brought does not keep it alive.
        try started.library.close(owner.session)
        #expect(throws: SNMPAPIError.entityInvalid) { try other.send(other.pdu(.get), to: entity) }
    }

    @Test("check 17: a request of one session survives the end of the session that owns its entity")
    func sharedEntityUnderWay() async throws {
        let agent = try ScriptedAgent(.queue)
        let started = try Started()
        let owner = try Caller(started)
        let other = try Caller(started)
        let entity = try owner.entity(agent.port)
        let id = try other.send(other.pdu(.get), to: entity)
        _ = try await agent.first(1)
        try started.library.close(owner.session)
        agent.release(seed: 1)
        _ = try await other.notices.first(1)
        let answer = try other.receive()
        #expect(answer.data.requestID == id)
        #expect(answer.handles.source != entity)
        #expect(try started.library.entityToStr(answer.handles.source) == "127.0.0.1")
    }
}
