import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 59 to 64: one session and its registrations.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct TrapTests {
    let rig: TrapRig
    var library: WinSNMPLibrary { rig.library }
    var session: SessionHandle { rig.session }

    init() throws { rig = try TrapRig() }

    @Test("check 59: a trap comes with its request-id; after OFF nothing comes")
    func all() async throws {
        try library.register(session, isOn: true)
        try rig.sender.send(octets(TrapSender.pdu(.linkDown, id: -77, more: [VarBind(.ours, .integer(1))])))
        #expect(try await rig.caller.notices.first(1) == [Notice(session: session, wParam: 0, lParam: -77)])
        let trap = try rig.caller.receive()
        #expect(trap.data.fields == [0xA7, -77, 0, 0])
        #expect(
            trap.bindings == TrapSender.pdu(.linkDown, id: -77, more: [VarBind(.ours, .integer(1))]).variableBindings)
        #expect(try library.entityToStr(trap.handles.source) == "127.0.0.1")
        #expect(try library.entityToStr(trap.handles.destination) == "127.0.0.1")
        #expect(try library.contextToStr(trap.handles.context) == Array("public".utf8))
        #expect(try library.entityInfo(trap.handles.source).requestPort == UInt32(rig.sender.socket.localAddress.port))
        try library.register(session, isOn: false)
        #expect(try await rig.delivered([.linkDown]) == [])
        #expect(throws: SNMPAPIError.noop) { try library.register(session, isOn: false) }
        #expect(rig.caller.notices.count == 1)
    }

    static let v1Traps: [(TrapV1PDU, ObjectIdentifier)] = [
        (
            TrapV1PDU(enterprise: .ours, agentAddress: 1, genericTrap: 0, specificTrap: 0, timestamp: 9, []),
            [1, 3, 6, 1, 6, 3, 1, 1, 5, 1]
        ),
        (TrapV1PDU(enterprise: .ours, agentAddress: 1, genericTrap: 2, specificTrap: 0, timestamp: 9, []), .linkDown),
        (
            TrapV1PDU(enterprise: .ours, agentAddress: 1, genericTrap: 5, specificTrap: 3, timestamp: 9, []),
            [1, 3, 6, 1, 6, 3, 1, 1, 5, 6]
        ),
        (
            TrapV1PDU(enterprise: .ours, agentAddress: 1, genericTrap: 6, specificTrap: 7, timestamp: 9, []),
            [1, 3, 6, 1, 4, 1, 99, 0, 7]
        ),
    ]

    @Test("check 60: traps of SNMPv1 are delivered as notifications", arguments: 0..<4, [false, true])
    func v1(index: Int, hasOrigin: Bool) async throws {
        var (trap, name) = Self.v1Traps[index]
        trap.variableBindings = [VarBind(.sysDescr, .integer(4)), VarBind(.ours, .string("x"))]
        try library.setOption(.rfc3584Traps, hasOrigin ? 1 : 0)
        try library.register(session, isOn: true)
        try rig.sender.trapV1(trap)
        let notice = try await rig.caller.notices.first(1)[0]
        let message = try rig.caller.receive()
        #expect(message.data.type == 0xA7 && message.data.requestID != 0)
        #expect(notice.lParam == Int(message.data.requestID))
        var expected = [VarBind(.sysUpTime, .timeTicks(9)), VarBind(.snmpTrapOID, .objectIdentifier(name))]
        expected += trap.variableBindings
        if hasOrigin {
            // RFC 3584, section 3.1, (4).
            expected.append(VarBind([1, 3, 6, 1, 6, 3, 18, 1, 3, 0], .ipAddress(1)))
            expected.append(VarBind([1, 3, 6, 1, 6, 3, 18, 1, 4, 0], .string("public")))
        }
        expected.append(VarBind(.snmpTrapEnterprise, .objectIdentifier(.ours)))
        #expect(message.bindings == expected)
        #expect(try library.entityInfo(message.handles.source).version == 0)
    }

    @Test("check 60: a generic trap that there is not is dropped")
    func badGeneric() async throws {
        try library.register(session, isOn: true)
        for generic: Int32 in [7, -1, .max] {
            var (trap, _) = Self.v1Traps[0]
            trap.genericTrap = generic
            try rig.sender.trapV1(trap)
        }
        #expect(try await rig.delivered([.linkDown]) == [1])
    }

    @Test("check 61: names begin with what is registered")
    func names() async throws {
        try library.register(session, notification: .ours, isOn: true)
        let names: [ObjectIdentifier] = [
            [1, 3, 6, 1, 4, 1, 99, 0, 7], [1, 3, 6, 1, 4, 1, 9], [1, 3, 6, 1, 4, 1, 990], .ours, [1, 3, 6, 1, 4, 1],
            [1, 3, 6, 1, 4, 1, 98, 0, 7],
        ]
        #expect(try await rig.delivered(names) == [1, 4])
        // An empty name is any.
        try library.register(session, notification: .ours, isOn: false)
        try library.register(session, notification: ObjectIdentifier(), isOn: true)
        #expect(try await rig.delivered(names) == [1, 2, 3, 4, 5, 6])
        try library.register(session, isOn: false)
    }

    @Test("check 62: agent and community filter, the source does not, and the registered handles come back")
    func filters() async throws {
        let agent = try rig.caller.entity(161)
        let stranger = try rig.caller.entity(161, host: "10.9.8.7")
        let context = try rig.caller.context("secret")
        try library.register(session, source: stranger, destination: agent, context: context, isOn: true)
        let elsewhere = try TrapSender(rig.port, from: SocketAddress(ipv4: 127, 0, 0, 2, port: 0))
        #expect(try await rig.delivered([.linkDown], community: "public") == [])
        #expect(try await rig.delivered([.linkDown], elsewhere, community: "secret") == [])
        for _ in 0..<2 {
            try rig.sender.trap(.linkDown, id: 5, community: "secret")
            let isThere = try await eventually { (try? library.wait(session, milliseconds: 0)) != nil }
            #expect(isThere)
            let trap = try rig.caller.receive()
            #expect(trap.handles.source == agent && trap.handles.context == context)
            try library.freeEntity(trap.handles.source)
            try library.freeContext(trap.handles.context)
        }
        // The registration outlives the handles it was made with.
        try library.freeEntity(agent)
        try library.freeContext(context)
        try rig.sender.trap(.linkDown, id: 6, community: "secret")
        let isThere = try await eventually { (try? library.wait(session, milliseconds: 0)) != nil }
        #expect(isThere)
        let trap = try rig.caller.receive()
        #expect(trap.handles.source != agent && trap.handles.context != context)
        #expect(try library.entityToStr(trap.handles.source) == "127.0.0.1")
        #expect(try await rig.delivered([.linkDown], community: "public") == [])
        // Entities and contexts are compared by what they stand for.
        let other = try rig.caller.entity(99)
        let same = try rig.caller.context("secret")
        try library.register(session, destination: other, context: same, isOn: false)
        #expect(try await rig.delivered([.linkDown], community: "secret") == [])
    }

    @Test("check 63: what is narrower than a registration has no effect")
    func narrowing() async throws {
        try library.register(session, isOn: true)
        try library.register(session, notification: .ours, isOn: true)
        #expect(try await rig.delivered([[1, 3, 6, 1, 4, 1, 99, 1]]) == [1])
        try library.register(session, isOn: false)
        #expect(try await rig.delivered([[1, 3, 6, 1, 4, 1, 99, 1]]) == [])
        #expect(throws: SNMPAPIError.noop) { try library.register(session, notification: .ours, isOn: false) }
    }

    @Test("a narrow registration survives a broad one that came later")
    func broadening() async throws {
        try library.register(session, notification: .ours, isOn: true)
        try library.register(session, isOn: true)
        #expect(try await rig.delivered([.ours, .linkDown]) == [1, 2])
        try library.register(session, isOn: false)
        #expect(try await rig.delivered([.ours, .linkDown]) == [1])
    }

    @Test("check 64: the same twice; a prefix and what it covers")
    func repeated() async throws {
        for _ in 0..<2 { try library.register(session, notification: .ours, isOn: true) }
        try library.register(session, notification: .ours, isOn: false)
        #expect(try await rig.delivered([.ours]) == [])
        try library.register(session, notification: .ours, isOn: true)
        try library.register(session, notification: [1, 3, 6, 1, 4, 1, 99, 5], isOn: true)
        try library.register(session, notification: .ours, isOn: false)
        #expect(try await rig.delivered([[1, 3, 6, 1, 4, 1, 99, 5, 1]]) == [])
    }

    @Test("stale handles are refused, and leave nothing registered")
    func staleHandles() async throws {
        let bad = EntityHandle(rawValue: session.rawValue)
        #expect(throws: SNMPAPIError.sessionInvalid) {
            try library.register(SessionHandle(rawValue: 0), isOn: true)
        }
        #expect(throws: SNMPAPIError.entityInvalid) { try library.register(session, source: bad, isOn: true) }
        #expect(throws: SNMPAPIError.entityInvalid) { try library.register(session, destination: bad, isOn: true) }
        #expect(throws: SNMPAPIError.contextInvalid) {
            try library.register(session, context: ContextHandle(rawValue: 0), isOn: true)
        }
        #expect(try await rig.delivered([.linkDown]) == [])
    }

    @Test("octets that are no notification are dropped")
    func garbage() async throws {
        try library.register(session, isOn: true)
        let good = try octets(TrapSender.pdu(.linkDown))
        try rig.sender.send([])
        for count in 0..<good.count { try rig.sender.send(Array(good[..<count])) }
        try rig.sender.send(octets(PDU(.get, requestID: 1, [VarBind(.sysDescr)])))
        try rig.sender.send(octets(PDU(.response, requestID: 1, [VarBind(.sysDescr)])))
        #expect(try await rig.delivered([.linkDown]) == [1])
    }
}
