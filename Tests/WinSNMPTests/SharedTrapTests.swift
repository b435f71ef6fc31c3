import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 65 to 68: several receivers, ports, traps and informs of our own.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct SharedTrapTests {
    @Test("check 65: each registered session gets its copy")
    func sessions() async throws {
        let rig = try TrapRig()
        let callers = try [rig.caller, Caller(rig.started), Caller(rig.started)]
        for caller in callers { try rig.library.register(caller.session, isOn: true) }
        try rig.sender.trap(.linkDown, id: 4)
        for caller in callers {
            #expect(try await caller.notices.first(1)[0].lParam == 4)
            let trap = try caller.receive()
            #expect(trap.bindings == TrapSender.pdu(.linkDown).variableBindings)
            #expect(throws: SNMPAPIError.noop) { try rig.library.recvMsg(caller.session) }
        }
        // The port stays for the others.
        try rig.library.close(callers[1].session)
        try rig.sender.trap(.linkDown, id: 5)
        #expect(try await callers[2].notices.first(2)[1].lParam == 5)
    }

    @Test("one delivery, however many registrations match")
    func overlapping() async throws {
        let rig = try TrapRig()
        let agent = try rig.caller.entity(161)
        let context = try rig.caller.context()
        try rig.library.register(rig.session, destination: agent, isOn: true)
        try rig.library.register(rig.session, context: context, isOn: true)
        try rig.library.register(rig.session, notification: .linkDown, isOn: true)
        #expect(try await rig.delivered([.linkDown]) == [1])
    }

    @Test("check 65: libraries that share the port both receive")
    func sharedPort() async throws {
        let port = try freePort()
        let callers = try (0..<3).map { _ in try Caller(options: .trapPort(port, shared: true)) }
        for caller in callers {
            try await Background { try caller.library.register(caller.session, isOn: true) }.value()
        }
        let sender = try TrapSender(port)
        // A follower may still be joining: the first datagram that all got says that they have.
        var number: Int32 = 0
        let areTogether = try await eventually {
            number += 1
            try sender.trap(.linkDown, id: number)
            SystemClock.sleep(.milliseconds(5))
            return callers.allSatisfy { $0.notices.count > 0 }
        }
        #expect(areTogether)
        try sender.trap(.linkDown, id: -9)
        for caller in callers {
            let isThere = try await eventually { caller.notices.all.last?.lParam == -9 }
            #expect(isThere)
        }
        // The owner leaves; the others go on.
        try callers[0].library.cleanup()
        let goesOn = try await eventually {
            try sender.trap(.linkDown, id: -10)
            SystemClock.sleep(.milliseconds(5))
            return callers[1...].allSatisfy { $0.notices.all.last?.lParam == -10 }
        }
        #expect(goesOn)
    }

    @Test("check 66: a trap port that another program has; it is free again when nobody is registered")
    func portInUse() throws {
        let rig = try TrapRig()
        do {
            let occupied = try UDPSocket(binding: .anyIPv4(port: rig.port))
            #expect(throws: SNMPAPIError.tlInUse) { try rig.library.register(rig.session, isOn: true) }
            #expect(rig.library.lastError(rig.session) == 107)
            // Nothing was registered.
            #expect(throws: SNMPAPIError.noop) { try rig.library.register(rig.session, isOn: false) }
            _ = occupied.localAddress
        }
        try rig.library.register(rig.session, isOn: true)
        #expect(throws: IOError.self) { try UDPSocket(binding: .anyIPv4(port: rig.port)) }
        try rig.library.register(rig.session, isOn: false)
        _ = try UDPSocket(binding: .anyIPv4(port: rig.port))
        try rig.library.register(rig.session, isOn: true)
        try rig.library.close(rig.session)
        _ = try UDPSocket(binding: .anyIPv4(port: rig.port))
    }

    @Test("check 67: a trap to an SNMPv1 entity")
    func sendingTraps() async throws {
        let manager = try ScriptedAgent(.silent)
        let caller = try Caller(mode: .untranslatedV1)
        let library = caller.library
        let entity = try caller.entity(manager.port)
        let source = try library.strToEntity(caller.session, "127.0.0.7")
        func sent(_ name: ObjectIdentifier, _ more: [VarBind], _ source: EntityHandle?) async throws -> TrapV1PDU {
            let before = manager.count
            let pdu = try caller.pdu(.trap, TrapSender.pdu(name, more: more).variableBindings)
            try library.sendMsg(
                caller.session, source: source, destination: entity, context: caller.context(), pdu: pdu)
            guard case .trapV1(let trap) = try await message(manager.first(before + 1)[before].octets).pdu else {
                throw SNMPAPIError.otherError
            }
            return trap
        }
        let list = [VarBind(.sysDescr, .integer(3))]
        let generic = try await sent(.linkDown, list, nil)
        #expect(generic.genericTrap == 2 && generic.specificTrap == 0 && generic.timestamp == 5)
        #expect(generic.enterprise == [1, 3, 6, 1, 6, 3, 1, 1, 5])
        #expect(generic.agentAddress == 0x7F00_0001 && generic.variableBindings == list)
        let enterprise = VarBind(.snmpTrapEnterprise, .objectIdentifier(.ours))
        #expect(try await sent(.linkDown, list + [enterprise], nil).enterprise == .ours)
        let specific = try await sent([1, 3, 6, 1, 4, 1, 99, 0, 7], [], source)
        #expect(specific.genericTrap == 6 && specific.specificTrap == 7 && specific.enterprise == .ours)
        #expect(specific.agentAddress == 0x7F00_0007)
        let address = VarBind([1, 3, 6, 1, 6, 3, 18, 1, 3, 0], .ipAddress(0x0A00_0001))
        #expect(try await sent([1, 3, 6, 1, 4, 1, 99, 8], [address], source).agentAddress == 0x0A00_0001)
        let foreign = try library.strToEntity(caller.session, "192.0.2.7")
        #expect(throws: SNMPAPIError.tlSrcInvalid) {
            try library.sendMsg(
                caller.session, source: foreign, destination: entity, context: caller.context(),
                pdu: caller.pdu(.trap, TrapSender.pdu(.linkDown).variableBindings))
        }
        // What has no form in SNMPv1, and what is no notification.
        for (code, list) in [
            (
                SNMPAPIError.operationInvalid,
                TrapSender.pdu(.linkDown, more: [VarBind(.ours, .counter64(1))]).variableBindings
            ),
            (.pduInvalid, []), (.pduInvalid, [VarBind(.sysUpTime, .timeTicks(1))]),
            (.pduInvalid, [VarBind(.snmpTrapOID, .objectIdentifier(.ours)), VarBind(.sysUpTime, .timeTicks(1))]),
        ] {
            #expect(throws: code) { try caller.send(caller.pdu(.trap, list), to: entity) }
        }
        #expect(manager.count == 4)
        try await settle(milliseconds: 100)
        #expect(caller.notices.count == 0)
    }

    @Test("check 67: over IPv6 the agent-addr is 0.0.0.0")
    func sendingTrapsOverIPv6() async throws {
        let manager = try ScriptedAgent(.silent, at: .loopbackIPv6(port: 0))
        let caller = try Caller(mode: .untranslatedV1)
        let entity = try caller.entity(manager.port, host: "::1")
        try caller.send(caller.pdu(.trap, TrapSender.pdu(.linkDown).variableBindings), to: entity)
        guard case .trapV1(let trap) = try await message(manager.first(1)[0].octets).pdu else {
            throw SNMPAPIError.otherError
        }
        #expect(trap.agentAddress == 0)
    }

    @Test("check 68: our own inform is answered, and told once though it is repeated")
    func inform() async throws {
        let rig = try TrapRig()
        try rig.library.register(rig.session, isOn: true)
        let sending = try Caller(rig.started)
        let entity = try sending.entity(rig.port)
        let id = try sending.send(
            sending.pdu(.inform, TrapSender.pdu(.linkDown, more: [VarBind(.ours, .string("x"))]).variableBindings),
            to: entity)
        #expect(try await sending.notices.first(1)[0] == Notice(session: sending.session, wParam: 0, lParam: Int(id)))
        let answer = try sending.receive()
        #expect(answer.data.fields == [0xA2, id, 0, 0])
        #expect(answer.bindings == TrapSender.pdu(.linkDown, more: [VarBind(.ours, .string("x"))]).variableBindings)
        _ = try await rig.caller.notices.first(1)
        let inform = try rig.caller.receive()
        #expect(inform.data.fields == [0xA6, id, 0, 0] && inform.bindings == answer.bindings)
        // The same datagram again is answered again, and not told.
        let octets = try octets(TrapSender.pdu(.linkDown, .inform, id: 7))
        for _ in 0..<3 {
            try rig.sender.send(octets)
            let reply = try message(#require(try rig.sender.receive()))
            #expect(reply.pdu == .pdu(PDU(.response, requestID: 7, TrapSender.pdu(.linkDown).variableBindings)))
        }
        try rig.sender.trap(.linkDown, id: 8)
        _ = try await rig.caller.notices.first(3)
        #expect(rig.caller.notices.all.map(\.lParam) == [Int(id), 7, 8])
    }

    @Test("check 68: an inform that nobody registered for is not answered")
    func unwantedInform() throws {
        let rig = try TrapRig()
        try rig.library.register(rig.session, notification: .ours, isOn: true)
        try rig.sender.send(octets(TrapSender.pdu(.linkDown, .inform)))
        #expect(try rig.sender.receive(expecting: false) == nil)
        try rig.sender.send(octets(TrapSender.pdu(.ours, .inform)))
        #expect(try rig.sender.receive() != nil)
    }

    @Test("check 68: with the option off the application answers")
    func ownAnswer() async throws {
        let rig = try TrapRig { $0.answersInforms = false }
        try rig.library.register(rig.session, isOn: true)
        try rig.sender.send(octets(TrapSender.pdu(.linkDown, .inform, id: 7)))
        _ = try await rig.caller.notices.first(1)
        #expect(try rig.sender.receive(expecting: false) == nil)
        let inform = try rig.caller.receive()
        let pdu = try rig.caller.pdu(.response, inform.bindings, id: inform.data.requestID)
        try rig.library.sendMsg(
            rig.session, source: inform.handles.destination, destination: inform.handles.source,
            context: inform.handles.context, pdu: pdu)
        let reply = try message(#require(try rig.sender.receive()))
        #expect(reply.pdu == .pdu(PDU(.response, requestID: 7, inform.bindings)))
    }

    @Test("traps come over IPv6 as well")
    func ipv6() async throws {
        let rig = try TrapRig()
        try rig.library.register(rig.session, isOn: true)
        try TrapSender(rig.port, from: .loopbackIPv6(port: 0)).trap(.linkDown, id: 3)
        _ = try await rig.caller.notices.first(1)
        #expect(try rig.library.entityToStr(rig.caller.receive().handles.source) == "::1")
    }
}
