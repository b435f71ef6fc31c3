import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 46 to 53.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct SendTests {
    @Test(
        "check 46: an answer, and the handles it comes with",
        arguments: [TranslateMode.untranslatedV1, .untranslatedV2])
    func answer(mode: TranslateMode) async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller(mode: mode)
        let library = caller.library
        let entity = try caller.entity(agent.port)
        let source = try caller.entity(1)
        let context = try caller.context()
        let pdu = try caller.pdu(.get, [VarBind(.sysDescr), VarBind(.sysUpTime)])
        let id = try library.pduData(pdu).requestID
        for _ in 0..<3 {
            let before = caller.notices.count
            try library.sendMsg(caller.session, source: source, destination: entity, context: context, pdu: pdu)
            let notice = try await caller.notices.first(before + 1)[before]
            #expect(notice == Notice(session: caller.session, wParam: 0, lParam: Int(id)))
            let answer = try caller.receive()
            #expect(answer.data.fields == [0xA2, id, 0, 0])
            #expect(
                answer.bindings == [
                    VarBind(.sysDescr, .string("1.3.6.1.2.1.1.1.0")), VarBind(.sysUpTime, .string("1.3.6.1.2.1.1.3.0")),
                ])
            #expect(answer.handles.source == entity && answer.handles.destination == source)
            #expect(answer.handles.context == context && answer.handles.failure == nil)
            // Each free takes away the reference that the message brought.
            try library.freeEntity(answer.handles.source)
            try library.freeEntity(answer.handles.destination)
            try library.freeContext(answer.handles.context)
        }
        try library.freeEntity(entity)
        #expect(throws: SNMPAPIError.entityInvalid) { try library.freeEntity(entity) }
    }

    @Test("errors of the agent are an answer")
    func errorStatus() async throws {
        let agent = try ScriptedAgent(.error(.noSuchName, 1))
        let caller = try Caller(mode: .untranslatedV1)
        let answer = try await caller.get(caller.entity(agent.port))
        #expect(answer.data.errorStatus == 2 && answer.data.errorIndex == 1)
        #expect(answer.bindings == [VarBind(.sysDescr)])
    }

    @Test("an answer with another community brings that one")
    func otherCommunity() async throws {
        let agent = try ScriptedAgent(.community("other"))
        let caller = try Caller()
        let answer = try await caller.get(caller.entity(agent.port))
        #expect(try caller.library.contextToStr(answer.handles.context) == Array("other".utf8))
    }

    @Test("check 47: an empty queue is noop, and a message can be thrown away")
    func emptyQueue() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(agent.port)
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(caller.session) }
        for _ in 0..<2 { try caller.send(caller.pdu(.get), to: entity) }
        _ = try await caller.notices.first(2)
        let nothing = try library.recvMsg(caller.session, parts: [])
        #expect(nothing.source.rawValue == 0 && nothing.destination.rawValue == 0)
        #expect(nothing.context.rawValue == 0 && nothing.pdu.rawValue == 0 && nothing.failure == nil)
        _ = try caller.receive()
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(caller.session) }
        #expect(library.lastError(caller.session) == 8)
    }

    @Test("check 48: everything can be freed after sendMsg")
    func freeing() async throws {
        let agent = try ScriptedAgent(.queue)
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(agent.port)
        let context = try caller.context("a name")
        let vbl = try caller.vbl([VarBind(.sysDescr)])
        let pdu = try library.createPdu(caller.session, type: 0xA0, vbl: vbl)
        try library.sendMsg(caller.session, source: entity, destination: entity, context: context, pdu: pdu)
        try library.freeEntity(entity)
        try library.freeContext(context)
        try library.freePdu(pdu)
        try library.freeVbl(vbl)
        _ = try await agent.first(1)
        agent.release(seed: 1)
        _ = try await caller.notices.first(1)
        let answer = try caller.receive()
        #expect(answer.handles.source != entity && answer.handles.context != context)
        #expect(try library.entityToStr(answer.handles.source) == "127.0.0.1")
        #expect(try library.contextToStr(answer.handles.context) == Array("a name".utf8))
        #expect(answer.bindings.count == 1)
    }

    @Test("check 49: three equal datagrams, then the timeout and nothing to receive")
    func timeout() async throws {
        let agent = try ScriptedAgent(.silent)
        let caller = try Caller()
        let entity = try caller.entity(agent.port, timeout: 20, retries: 2)
        let start = SystemClock.now
        let id = try caller.send(caller.pdu(.get), to: entity)
        #expect(try await caller.notices.first(1) == [Notice(session: caller.session, wParam: 108, lParam: Int(id))])
        #expect(SystemClock.now - start >= .milliseconds(600))
        let sent = agent.datagrams
        #expect(sent.count == 3)
        #expect(Set(sent.map(\.octets)).count == 1 && Set(sent.map(\.source)).count == 1)
        for (number, datagram) in sent.enumerated() {
            #expect(datagram.time - start >= .milliseconds(Int64(number) * 200))
        }
        #expect(throws: SNMPAPIError.noop) { try caller.library.recvMsg(caller.session) }
        #expect(throws: SNMPAPIError.pduInvalid) { try caller.library.cancelMsg(caller.session, requestID: id) }
        try await settle(milliseconds: 300)
        #expect(agent.count == 3 && caller.notices.count == 1)
    }

    @Test("the default timeout counts for entities without one")
    func defaultTimeout() async throws {
        var options = WinSNMPOptions()
        options.defaultTimeout = 10
        options.defaultRetries = 1
        let agent = try ScriptedAgent(.silent)
        let caller = try Caller(options: options)
        let entity = try caller.entity(agent.port, timeout: 0)
        #expect(try caller.library.timeout(entity).policy == 10)
        #expect(try caller.library.retry(entity).policy == 1)
        // 0 leaves it to the library, which takes the same.
        try caller.library.setTimeout(entity, 0)
        let start = SystemClock.now
        try caller.send(caller.pdu(.get), to: entity)
        #expect(try await caller.notices.first(1)[0].wParam == 108)
        #expect(SystemClock.now - start >= .milliseconds(200))
        let times = agent.datagrams.map(\.time)
        try #require(times.count == 2)
        // The usual default is three seconds.
        #expect(times[1] - times[0] < .seconds(2))
    }

    @Test("check 50: without retransmission one datagram, no notice, and a late answer is delivered")
    func retransmissionOff() async throws {
        let agent = try ScriptedAgent(.queue)
        let caller = try Caller()
        try caller.library.setRetransmitMode(0)
        let entity = try caller.entity(agent.port, timeout: 5, retries: 3)
        let id = try caller.send(caller.pdu(.get), to: entity)
        _ = try await agent.first(1)
        try await settle(milliseconds: 400)
        #expect(agent.count == 1 && caller.notices.count == 0)
        agent.release(seed: 1)
        #expect(try await caller.notices.first(1) == [Notice(session: caller.session, wParam: 0, lParam: Int(id))])
        #expect(try caller.receive().data.requestID == id)
    }

    @Test("check 51: switching retransmission off ends that of requests under way")
    func switchOff() async throws {
        let agent = try ScriptedAgent(.queue)
        let caller = try Caller()
        let entity = try caller.entity(agent.port, timeout: 30, retries: 255)
        let ids = try (0..<3).map { _ in try caller.send(caller.pdu(.get), to: entity) }
        _ = try await agent.first(3)
        try caller.library.setRetransmitMode(0)
        let known = agent.count
        try await settle(milliseconds: 900)
        #expect(agent.count <= known + 3)
        let after = agent.count
        try await settle(milliseconds: 600)
        #expect(agent.count == after && caller.notices.count == 0)
        agent.release(seed: 1)
        let notices = try await caller.notices.first(3)
        #expect(Set(notices.map(\.lParam)) == Set(ids.map { Int($0) }) && notices.allSatisfy { $0.wParam == 0 })
        // On counts for what is sent from now on.
        try caller.library.setRetransmitMode(1)
        agent.behave(.silent)
        try caller.library.setTimeout(entity, 5)
        try caller.library.setRetry(entity, 1)
        try caller.send(caller.pdu(.get), to: entity)
        #expect(try await caller.notices.first(4)[3].wParam == 108)
    }

    @Test("check 52: a cancelled request is not told of")
    func cancelling() async throws {
        let agent = try ScriptedAgent(.queue)
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(agent.port, timeout: 12_000, retries: 0)
        let id = try caller.send(caller.pdu(.get), to: entity)
        _ = try await agent.first(1)
        try library.cancelMsg(caller.session, requestID: id)
        agent.release(seed: 1)
        #expect(throws: SNMPAPIError.pduInvalid) { try library.cancelMsg(caller.session, requestID: id) }
        #expect(throws: SNMPAPIError.pduInvalid) { try library.cancelMsg(caller.session, requestID: 12_345) }
        #expect(library.lastError(caller.session) == 12)
        // One whose time would be over soon: no timeout is told, and it is not repeated.
        agent.behave(.silent)
        try library.setTimeout(entity, 10)
        try library.setRetry(entity, 1)
        try library.cancelMsg(caller.session, requestID: caller.send(caller.pdu(.get), to: entity))
        try await settle(milliseconds: 400)
        #expect(agent.count <= 2)
        #expect(caller.notices.count == 0)
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(caller.session) }
    }

    @Test("check 52: of two requests with the same id, cancelling takes the older")
    func cancellingTwins() async throws {
        let agents = try [ScriptedAgent(.queue), ScriptedAgent(.queue)]
        let caller = try Caller()
        for agent in agents { try caller.send(caller.pdu(.get, id: 77), to: caller.entity(agent.port)) }
        for agent in agents { _ = try await agent.first(1) }
        try caller.library.cancelMsg(caller.session, requestID: 77)
        for agent in agents { agent.release(seed: 1) }
        _ = try await caller.notices.first(1)
        #expect(try caller.library.entityToStr(caller.receive().handles.source) == "127.0.0.1")
        try await settle(milliseconds: 100)
        #expect(caller.notices.count == 1)
        #expect(throws: SNMPAPIError.pduInvalid) { try caller.library.cancelMsg(caller.session, requestID: 77) }
    }

    @Test(
        "check 53: answers that are none of this request's",
        arguments: [
            ScriptedAgent.Behaviour.wrongID, .foreignSource(.loopbackIPv4(port: 0)),
            .foreignSource(SocketAddress(ipv4: 127, 0, 0, 2, port: 0)), .script { _ in [[], [0x30, 0], [1, 2, 3]] },
            .script { request in
                // The answer of another version.
                guard var answer = ScriptedAgent.answer(to: request) else { return [] }
                answer.version = request.version == .v1 ? .v2c : .v1
                return (try? [answer.encoded()]) ?? []
            },
            .script { request in
                // The request itself, and an answer that is no response.
                guard case .pdu(var pdu)? = ScriptedAgent.answer(to: request)?.pdu else { return [] }
                pdu.type = .set
                return (try? [octets(pdu), request.encoded()]) ?? []
            },
        ])
    func foreignAnswers(behaviour: ScriptedAgent.Behaviour) async throws {
        let agent = try ScriptedAgent(behaviour)
        let caller = try Caller()
        let entity = try caller.entity(agent.port, timeout: 15, retries: 1)
        let id = try caller.send(caller.pdu(.get), to: entity)
        #expect(try await caller.notices.first(1) == [Notice(session: caller.session, wParam: 108, lParam: Int(id))])
        #expect(agent.count == 2)
    }

    @Test("check 53: duplicates are delivered once")
    func duplicates() async throws {
        let agent = try ScriptedAgent(.duplicate(5))
        let caller = try Caller()
        let entity = try caller.entity(agent.port)
        for _ in 0..<20 { _ = try await caller.get(entity) }
        #expect(caller.notices.count == 20)
        #expect(throws: SNMPAPIError.noop) { try caller.library.recvMsg(caller.session) }
    }
}
