import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Notifications of SNMPv3 between sessions of ours.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct V3TrapTests {
    private func entity(_ rig: TrapRig, _ caller: Caller) throws -> EntityHandle {
        var info = EntityInfo()
        info.version = 3
        info.address = Array("127.0.0.1".utf8)
        info.notificationPort = UInt32(rig.port)
        info.policyTimeout = 500
        return try caller.library.createEntity(caller.session, info)
    }

    @Test("informs and traps of a registered user are delivered", arguments: [0, 4, 9])
    func delivered(index: Int) async throws {
        let rig = try TrapRig()
        let library = rig.library
        let user = V3User.all[index]
        let context = try library.createContext(rig.session, user.info(library))
        try library.register(rig.session, context: context, isOn: true)
        let sending = try Caller(rig.started)
        let own = try library.createContext(sending.session, user.info(library))
        let list = TrapSender.pdu(.linkDown, more: [VarBind(.ours, .integer(1))]).variableBindings
        let target = try entity(rig, sending)
        let id = try sending.send(sending.pdu(.inform, list), to: target, own)
        #expect(try await sending.notices.first(1)[0].wParam == 0)
        #expect(try sending.receive().data.fields == [0xA2, id, 0, 0])
        _ = try await rig.caller.notices.first(1)
        let inform = try rig.caller.receive()
        #expect(inform.data.type == 0xA6 && inform.data.requestID == id && inform.bindings == list)
        #expect(inform.handles.context == context)
        #expect(try library.entityInfo(inform.handles.source).version == 3)
        try sending.send(sending.pdu(.trap, list, id: 55), to: target, own)
        #expect(try await rig.caller.notices.first(2)[1].lParam == 55)
        #expect(try rig.caller.receive().bindings == list)
        // Communities are not this user, and after OFF the user is nobody.
        #expect(try await rig.delivered([.linkDown]) == [])
        try library.register(rig.session, context: context, isOn: false)
    }

    @Test("an inform with another key, or of nobody's user, is refused with a Report")
    func refused() async throws {
        let rig = try TrapRig()
        let library = rig.library
        let context = try library.createContext(rig.session, V3User.all[4].info(library))
        try library.register(rig.session, context: context, isOn: true)
        let sending = try Caller(rig.started)
        let target = try entity(rig, sending)
        for (code, change): (UInt, (inout ContextInfo) -> Void) in [
            (206, { $0.authKey[0] ^= 1 }), (205, { $0.securityName = Array("nobody".utf8) }),
        ] {
            var info = try V3User.all[4].info(library)
            change(&info)
            let own = try library.createContext(sending.session, info)
            let before = sending.notices.count
            try sending.send(sending.pdu(.inform, TrapSender.pdu(.linkDown).variableBindings), to: target, own)
            #expect(try await sending.notices.first(before + 1)[before].wParam == code)
        }
        #expect(rig.caller.notices.count == 0)
    }
}
