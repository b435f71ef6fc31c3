import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 69 and 70; requests by net-snmp belong to the tests of the C library.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct ListenTests {
    /// An agent that answers each request in its callback with one binding.
    private func agent(_ started: Started) throws -> Caller {
        try Caller(started) { library, notice in
            guard let request = try? library.message(notice.session),
                let vbl = try? library.createVbl(notice.session, name: .ours, value: .string("answer")),
                let pdu = try? library.createPdu(
                    notice.session, type: 0xA2, requestID: request.data.requestID, vbl: vbl)
            else { return true }
            _ = try? library.sendMsg(
                notice.session, source: request.handles.destination, destination: request.handles.source,
                context: request.handles.context, pdu: pdu)
            return true
        }
    }

    @Test(
        "check 69: requests reach the session of the entity, and its answer the manager",
        arguments: [TranslateMode.untranslatedV1, .untranslatedV2], ["127.0.0.1", "::1"])
    func requests(mode: TranslateMode, host: String) async throws {
        let port = try freePort()
        let started = try Started(mode)
        let agent = try agent(started)
        let local = try agent.entity(port, host: host)
        try started.library.listen(local, isOn: true)
        let manager = try Caller(started)
        let entity = try manager.entity(port, host: host)
        for type in [PDUType.get, .getNext, .set, .getBulk] {
            let before = manager.notices.count
            let id = try manager.send(manager.pdu(type, [VarBind(.ours, .integer(1))]), to: entity)
            let notice = try await manager.notices.first(before + 1)[before]
            #expect(notice == Notice(session: manager.session, wParam: 0, lParam: Int(id)))
            let answer = try manager.receive()
            #expect(answer.data.fields == [0xA2, id, 0, 0])
            #expect(answer.bindings == [VarBind(.ours, .string("answer"))])
            #expect(answer.handles.source == entity)
        }
    }

    @Test("check 69: what a request looks like to the agent")
    func request() async throws {
        let port = try freePort()
        let agent = try Caller()
        let library = agent.library
        let local = try agent.entity(port)
        try library.listen(local, isOn: true)
        let client = try TrapSender(port)
        try client.send(octets(PDU(.set, requestID: -6, [VarBind(.ours, .integer(1))]), community: "hush"))
        #expect(try await agent.notices.first(1) == [Notice(session: agent.session, wParam: 0, lParam: -6)])
        let request = try agent.receive()
        #expect(request.data.fields == [0xA3, -6, 0, 0] && request.bindings == [VarBind(.ours, .integer(1))])
        #expect(request.handles.destination == local)
        #expect(try library.contextToStr(request.handles.context) == Array("hush".utf8))
        #expect(try library.entityInfo(request.handles.source).requestPort == UInt32(client.socket.localAddress.port))
        // The answer leaves from the port that was asked, also long after.
        let pdu = try agent.pdu(.response, request.bindings, id: -6, 5, 1)
        try library.sendMsg(
            agent.session, source: local, destination: request.handles.source, context: request.handles.context,
            pdu: pdu)
        let reply = try message(#require(try client.receive()))
        #expect(reply.community == Array("hush".utf8))
        guard case .pdu(let sent) = reply.pdu else { throw SNMPAPIError.otherError }
        #expect(sent.errorStatus == .genErr && sent.errorIndexField == 1)
        // What is no request is dropped.
        try client.send(octets(PDU(.response, requestID: 3, [])))
        try client.send(octets(TrapSender.pdu(.ours, id: 4)))
        try client.send([0x30, 3, 1, 2])
        try client.send(octets(PDU(.get, requestID: 5, [])))
        #expect(try await agent.notices.first(2)[1].lParam == 5)
    }

    @Test("check 69: errors of SNMPv2 become those of SNMPv1")
    func translation() async throws {
        let port = try freePort()
        let agent = try Caller(mode: .untranslatedV1)
        try agent.library.listen(agent.entity(port), isOn: true)
        let client = try TrapSender(port)
        func reply(_ status: Int32, _ index: Int32, _ values: [SNMPValue]) async throws -> PDU {
            let before = agent.notices.count
            let names = values.map { _ in VarBind(.ours) }
            try client.send(octets(PDU(.get, requestID: 5, names), .v1))
            _ = try await agent.notices.first(before + 1)
            let request = try agent.receive()
            let pdu = try agent.pdu(.response, values.map { VarBind(.ours, $0) }, id: 5, status, index)
            try agent.library.sendMsg(
                agent.session, source: request.handles.destination, destination: request.handles.source,
                context: request.handles.context, pdu: pdu)
            let reply = try message(#require(try client.receive()))
            #expect(reply.version == .v1)
            guard case .pdu(let pdu) = reply.pdu else { throw SNMPAPIError.otherError }
            return pdu
        }
        let missing = try await reply(0, 0, [.integer(1), .noSuchInstance])
        #expect(missing.errorStatus == .noSuchName && missing.errorIndexField == 2)
        #expect(missing.variableBindings.allSatisfy { !$0.value.isException })
        // RFC 3584, section 4.4.
        #expect(try await reply(17, 1, [.null]).errorStatus == .noSuchName)
        #expect(try await reply(7, 1, [.null]).errorStatus == .badValue)
        #expect(try await reply(14, 1, [.null]).errorStatus == .genErr)
    }

    @Test("check 69: the states of listening")
    func states() throws {
        let port = try freePort()
        let caller = try Caller()
        let library = caller.library
        let entity = try caller.entity(port)
        #expect(throws: SNMPAPIError.noop) { try library.listen(entity, isOn: false) }
        try library.listen(entity, isOn: true)
        #expect(throws: SNMPAPIError.noop) { try library.listen(entity, isOn: true) }
        #expect(throws: SNMPAPIError.operationInvalid) { try library.setPort(entity, 99) }
        #expect(throws: SNMPAPIError.modeInvalid) { try library.listen(entity, status: 5, useEntityAddress: 0) }
        #expect(throws: SNMPAPIError.modeInvalid) { try library.listen(entity, status: 1, useEntityAddress: 2) }
        let twin = try caller.entity(port)
        #expect(throws: SNMPAPIError.tlOther) { try library.listen(twin, isOn: true) }
        #expect(library.lastError(caller.session) == 199)
        try library.listen(entity, isOn: false)
        #expect(throws: SNMPAPIError.noop) { try library.listen(entity, isOn: false) }
        try library.setPort(entity, UInt32(port))
        let foreign = try caller.entity(port, host: "192.0.2.1")
        #expect(throws: SNMPAPIError.tlOther) { try library.listen(foreign, isOn: true) }
        // The port goes with the entity, the session and the library.
        try library.listen(twin, isOn: true)
        try library.freeEntity(twin)
        try library.listen(entity, isOn: true)
        try library.close(caller.session)
        _ = try UDPSocket(binding: .loopbackIPv4(port: port))
        #expect(throws: SNMPAPIError.entityInvalid) { try library.listen(entity, isOn: true) }
        let session = try library.createSession { _, _, _ in true }
        let last = try library.strToEntity(session, "127.0.0.1")
        try library.setPort(last, UInt32(port))
        try library.listen(last, isOn: true)
        try library.cleanup()
        _ = try UDPSocket(binding: .loopbackIPv4(port: port))
    }

    @Test("check 70: the entity's address, or all", arguments: [false, true])
    func allAddresses(isAll: Bool) async throws {
        let port = try freePort()
        let started = try Started()
        let agent = try agent(started)
        try started.library.listen(agent.entity(port), isOn: true, allAddresses: isAll)
        let manager = try Caller(started)
        let own = try manager.entity(port, timeout: 20, retries: 255)
        #expect(try await manager.get(own).bindings == [VarBind(.ours, .string("answer"))])
        let other = try manager.entity(port, host: "127.0.0.2", timeout: isAll ? 100 : 10, retries: isAll ? 10 : 1)
        try manager.send(manager.pdu(.get), to: other)
        let notice = try await manager.notices.first(2)[1]
        // Nobody at the other address: the timeout, or the message comes back.
        if isAll {
            #expect(notice.wParam == 0)
            // The answer comes from the address that was asked: it would not be taken otherwise.
            #expect(try manager.receive().data.type == 0xA2)
        } else if notice.wParam == 0 {
            #expect(try manager.library.recvMsg(manager.session).failure == .tlUndeliverable)
        } else {
            #expect(notice.wParam == 108)
        }
    }

    @Test("a response without a request leaves from any port")
    func noListener() async throws {
        let manager = try ScriptedAgent(.silent)
        let caller = try Caller()
        let id = try caller.send(caller.pdu(.response), to: caller.entity(manager.port))
        let sent = try await message(manager.first(1)[0].octets)
        #expect(sent.pdu == .pdu(PDU(.response, requestID: id, [VarBind(.sysDescr)])))
    }
}
