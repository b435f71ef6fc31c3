import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 54 to 58.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct RequestTests {
    @Test("check 54: stale handles")
    func staleHandles() throws {
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(9)
        let context = try caller.context()
        let pdu = try caller.pdu(.trap, [])
        func send(
            _ session: SessionHandle, _ source: EntityHandle?, _ entity: EntityHandle, _ context: ContextHandle,
            _ pdu: PDUHandle
        ) throws(SNMPAPIError) {
            try library.sendMsg(session, source: source, destination: entity, context: context, pdu: pdu)
        }
        let noEntity = EntityHandle(rawValue: pdu.rawValue)
        let noContext = ContextHandle(rawValue: entity.rawValue)
        let noPDU = PDUHandle(rawValue: context.rawValue)
        // The handles are looked at in their order.
        #expect(throws: SNMPAPIError.sessionInvalid) {
            try send(SessionHandle(rawValue: entity.rawValue), noEntity, noEntity, noContext, noPDU)
        }
        #expect(throws: SNMPAPIError.entityInvalid) { try send(caller.session, noEntity, entity, noContext, noPDU) }
        #expect(throws: SNMPAPIError.entityInvalid) { try send(caller.session, nil, noEntity, noContext, noPDU) }
        #expect(throws: SNMPAPIError.contextInvalid) { try send(caller.session, nil, entity, noContext, noPDU) }
        #expect(throws: SNMPAPIError.pduInvalid) { try send(caller.session, nil, entity, context, noPDU) }
        #expect(library.lastError(caller.session) == 12)
        try send(caller.session, nil, entity, context, pdu)
    }

    @Test("check 54: what SNMPv1 can't say", arguments: [TranslateMode.untranslatedV1, .untranslatedV2])
    func inexpressible(mode: TranslateMode) async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller(mode: mode)
        let entity = try caller.entity(agent.port)
        let counter = VarBind(.ours, .counter64(1))
        for (type, list) in [(PDUType.inform, []), (.set, [counter]), (.get, [counter])] {
            let pdu = try caller.pdu(type, list)
            guard mode == .untranslatedV1 else {
                try caller.send(pdu, to: entity)
                continue
            }
            #expect(throws: SNMPAPIError.operationInvalid) { try caller.send(pdu, to: entity) }
            #expect(caller.library.lastError(caller.session) == 10)
        }
        try await settle(milliseconds: 50)
        #expect(mode == .untranslatedV2 || agent.count == 0)
    }

    @Test("check 54: what does not fit into a datagram, and what just does")
    func sizes() async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(agent.port)
        let context = try caller.context()
        func pdu(_ count: Int) throws -> PDUHandle {
            try caller.pdu(.set, [VarBind(.ours, .octetString([UInt8](repeating: 1, count: count)))], id: 1 << 24)
        }
        #expect(throws: SNMPAPIError.tlPduTooBig) { try caller.send(pdu(70_000), to: entity) }
        // The longest that encodes is the longest that is sent.
        func fits(_ count: Int) throws -> Bool {
            do throws(SNMPAPIError) {
                _ = try library.encodeMsg(
                    caller.session, source: nil, destination: entity, context: context,
                    pdu: (try? pdu(count)) ?? PDUHandle(rawValue: 0))
                return true
            } catch {
                #expect(error == .tlPduTooBig)
                return false
            }
        }
        let limit = try #require(try (65_300...65_507).first { try !fits($0) })
        #expect(throws: SNMPAPIError.tlPduTooBig) { try caller.send(pdu(limit), to: entity, context) }
        try caller.send(pdu(limit - 1), to: entity, context)
        #expect(try await agent.first(1)[0].octets.count > 65_490)
        #expect(try await caller.notices.first(1)[0].wParam == 0)
        #expect(try caller.receive().bindings[0].value.asOctets?.count == limit - 1)
    }

    @Test("check 55: GETBULK is GETNEXT in SNMPv1", arguments: [TranslateMode.untranslatedV1, .untranslatedV2])
    func bulk(mode: TranslateMode) async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller(mode: mode)
        let entity = try caller.entity(agent.port)
        try caller.send(caller.pdu(.getBulk, [VarBind(.ours.appending(1))], id: 0, 0, 5), to: entity)
        _ = try await caller.notices.first(1)
        let answer = try caller.receive()
        guard case .pdu(let sent) = try message(agent.datagrams[0].octets).pdu else { throw SNMPAPIError.otherError }
        if mode == .untranslatedV1 {
            #expect(sent.type == .getNext && sent.errorStatusField == 0 && sent.errorIndexField == 0)
            #expect(answer.bindings == [VarBind(.ours.appending(2), .integer(2))])
        } else {
            #expect(sent.type == .getBulk && sent.nonRepeaters == 0 && sent.maxRepetitions == 5)
            #expect(answer.bindings.map(\.value) == (2...6).map { .integer($0) })
        }
    }

    @Test("check 56: a closed port ends with one notice, of the timeout or of a message back")
    func closedPort() async throws {
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(ScriptedAgent.closedPort(), timeout: 20, retries: 2)
        let context = try caller.context()
        let id = try caller.send(caller.pdu(.get, id: 99), to: entity, context)
        let notice = try await caller.notices.first(1)[0]
        #expect(notice.lParam == Int(id))
        if notice.wParam == 0 {
            let message = try library.recvMsg(caller.session)
            #expect(message.failure == .tlUndeliverable)
            #expect(message.destination == entity && message.context == context)
            #expect(try library.pduData(message.pdu).fields == [0xA0, 99, 0, 0])
            #expect(library.lastError(caller.session) == 104)
            #expect(!library.lastErrorText(caller.session).isEmpty)
        } else {
            #expect(notice.wParam == 108)
        }
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(caller.session) }
        try await settle(milliseconds: 200)
        #expect(caller.notices.count == 1)
    }

    @Test("check 56: an agent that starts while the request is repeated is heard")
    func agentStartsLater() async throws {
        let caller = try Caller()
        let port = try ScriptedAgent.closedPort()
        let entity = try caller.entity(port, timeout: 30, retries: 255)
        try caller.send(caller.pdu(.get), to: entity)
        try await settle(milliseconds: 100)
        let agent = try ScriptedAgent(at: .loopbackIPv4(port: port))
        #expect(try await caller.notices.first(1)[0].wParam == 0)
        #expect(try caller.receive().data.type == 0xA2)
        #expect(agent.count >= 1)
    }

    @Test("check 57: 1,000 requests to 50 agents, answered in random order", arguments: 1...2)
    func manyOutstanding(seed: UInt64) async throws {
        let agents = try (0..<50).map { _ in try ScriptedAgent(.queue) }
        let caller = try Caller()
        let library = caller.library
        let entities = try agents.map { try caller.entity($0.port, timeout: 6_000) }
        let context = try caller.context()
        var sent: [Int: (EntityHandle, ObjectIdentifier)] = [:]
        for number in 0..<1_000 {
            let name = ObjectIdentifier.ours.appending(UInt32(number))
            let id = try caller.send(caller.pdu(.get, [VarBind(name)]), to: entities[number % 50], context)
            sent[Int(id)] = (entities[number % 50], name)
        }
        #expect(sent.count == 1_000)
        for agent in agents { _ = try await agent.first(20) }
        for (number, agent) in agents.enumerated() { agent.release(seed: seed &* 1_000 &+ UInt64(number)) }
        let notices = try await caller.notices.first(1_000)
        #expect(Set(notices.map(\.lParam)) == Set(sent.keys) && notices.allSatisfy { $0.wParam == 0 })
        for notice in notices {
            // Messages come in the order of their notices.
            let answer = try caller.receive()
            #expect(Int(answer.data.requestID) == notice.lParam)
            let (entity, name) = try #require(sent[notice.lParam])
            #expect(answer.handles.source == entity)
            #expect(answer.bindings == [VarBind(name, .string(name.description))])
        }
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(caller.session) }
    }

    @Test("check 58: a walk of 10,000 steps in the callback")
    func walkInCallback() async throws {
        let agent = try ScriptedAgent()
        let steps = 10_000
        let values = Log<SNMPValue>()
        let problems = Log<String>()
        let parts = Locked<(EntityHandle, ContextHandle)?>(nil)
        let caller = try Caller { library, notice in
            do {
                let answer = try library.message(notice.session)
                try library.freeEntity(answer.handles.source)
                try library.freeEntity(answer.handles.destination)
                try library.freeContext(answer.handles.context)
                values.append(answer.bindings[0].value)
                guard values.count < steps, let (entity, context) = parts.withLock({ $0 }) else { return true }
                let vbl = try library.createVbl(notice.session, name: answer.bindings[0].name)
                let pdu = try library.createPdu(notice.session, type: 0, vbl: vbl)
                try library.sendMsg(notice.session, source: nil, destination: entity, context: context, pdu: pdu)
                try library.freeVbl(vbl)
                try library.freePdu(pdu)
            } catch {
                problems.append("\(error) after \(notice)")
            }
            return true
        }
        let entity = try caller.entity(agent.port)
        let context = try caller.context()
        parts.withLock { $0 = (entity, context) }
        try caller.send(caller.pdu(.getNext, [VarBind(.ours.appending(0))]), to: entity, context)
        let isOver = try await eventually(200) { values.count >= steps || problems.count > 0 }
        #expect(isOver)
        #expect(problems.all == [])
        #expect(values.all == (1...Int32(steps)).map { .integer($0) })
    }

    @Test("several bindings, and requests of every type", arguments: [PDUType.get, .getNext, .set, .inform])
    func types(type: PDUType) async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let list = (1...30).map { VarBind(ObjectIdentifier.ours.appending($0), .integer(Int32($0))) }
        let id = try caller.send(caller.pdu(type, list), to: caller.entity(agent.port))
        _ = try await caller.notices.first(1)
        let answer = try caller.receive()
        #expect(answer.data.fields == [0xA2, id, 0, 0] && answer.bindings.count == 30)
        if type == .set || type == .inform { #expect(answer.bindings == list) }
    }

    @Test("request-ids of the application's own are used as they are", arguments: [0, -1, .min, .max, 1] as [Int32])
    func ownIDs(id: Int32) async throws {
        let agent = try ScriptedAgent()
        let caller = try Caller()
        let pdu = try caller.pdu(.get)
        try caller.library.setPduData(pdu, requestID: id)
        #expect(try caller.send(pdu, to: caller.entity(agent.port)) == id)
        #expect(try await caller.notices.first(1)[0].lParam == Int(id))
        #expect(try caller.receive().data.requestID == id)
        guard case .pdu(let sent) = try message(agent.datagrams[0].octets).pdu else { throw SNMPAPIError.otherError }
        #expect(sent.requestID == id)
    }
}
