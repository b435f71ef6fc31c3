import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Checks 34 to 37, and 38 through the Swift API: the halves of a Counter64 and the memory of values exist in C only.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct VBLTests {
    let caller: Caller
    var library: WinSNMPLibrary { caller.library }
    var session: SessionHandle { caller.session }

    init() throws { caller = try Caller() }

    @Test("check 34: an empty list")
    func empty() throws {
        let vbl = try library.createVbl(session)
        #expect(throws: SNMPAPIError.noop) { try library.countVbl(vbl) }
        #expect(throws: SNMPAPIError.indexInvalid) { try library.vb(vbl, index: 1) }
        #expect(throws: SNMPAPIError.noop) { try library.countVbl(library.duplicateVbl(session, vbl)) }
        // Without a name the value does not count.
        #expect(throws: SNMPAPIError.noop) { try library.countVbl(library.createVbl(session, value: .integer(1))) }
    }

    @Test("check 35: one binding, and what can't be one")
    func one() throws {
        let vbl = try library.createVbl(session, name: .sysDescr)
        #expect(try library.countVbl(vbl) == 1)
        #expect(try library.vb(vbl, index: 1) == VarBind(.sysDescr, .null))
        #expect(throws: SNMPAPIError.oidInvalid) { try library.createVbl(session, name: ObjectIdentifier()) }
        for tag: UInt8 in [0x99, 0x30, 0x00, 0xA0, 0x48, 0x83] {
            #expect(throws: SNMPAPIError.syntaxInvalid) {
                try library.createVbl(session, name: .sysDescr, value: .other(tag: tag, content: []))
            }
            #expect(throws: SNMPAPIError.syntaxInvalid) {
                try library.setVb(vbl, index: 1, name: nil, value: .other(tag: tag, content: []))
            }
        }
        #expect(library.lastError(session) == 14)
        #expect(try library.vb(vbl, index: 1) == VarBind(.sysDescr, .null))
    }

    @Test("check 36: setting bindings")
    func setting() throws {
        let vbl = try library.createVbl(session, name: .sysDescr)
        #expect(throws: SNMPAPIError.indexInvalid) {
            try library.setVb(vbl, index: 2, name: .sysUpTime, value: .integer(1))
        }
        #expect(try library.setVb(vbl, index: 0, name: .sysUpTime, value: .timeTicks(5)) == 2)
        #expect(try library.setVb(vbl, index: 0, name: .ours, value: nil) == 3)
        #expect(try library.setVb(vbl, index: 1, name: nil, value: .integer(-1)) == 1)
        #expect(throws: SNMPAPIError.oidInvalid) { try library.setVb(vbl, index: 0, name: nil, value: .integer(1)) }
        #expect(throws: SNMPAPIError.oidInvalid) {
            try library.setVb(vbl, index: 1, name: ObjectIdentifier(), value: .integer(1))
        }
        #expect(throws: SNMPAPIError.indexInvalid) { try library.setVb(vbl, index: .max, name: .ours, value: nil) }
        #expect(
            try library.bindings(vbl)
                == [VarBind(.sysDescr, .integer(-1)), VarBind(.sysUpTime, .timeTicks(5)), VarBind(.ours)])
    }

    @Test("check 37: deleting bindings")
    func deleting() throws {
        let vbl = try caller.vbl([VarBind(.sysDescr), VarBind(.sysUpTime), VarBind(.ours)])
        #expect(throws: SNMPAPIError.indexInvalid) { try library.deleteVb(vbl, index: 0) }
        #expect(throws: SNMPAPIError.indexInvalid) { try library.deleteVb(vbl, index: 4) }
        try library.deleteVb(vbl, index: 2)
        #expect(try library.bindings(vbl) == [VarBind(.sysDescr), VarBind(.ours)])
        try library.deleteVb(vbl, index: 1)
        try library.deleteVb(vbl, index: 1)
        #expect(throws: SNMPAPIError.noop) { try library.countVbl(vbl) }
        #expect(throws: SNMPAPIError.indexInvalid) { try library.deleteVb(vbl, index: 1) }
        #expect(try library.setVb(vbl, index: 0, name: .ours, value: nil) == 1)
        try library.freeVbl(vbl)
        #expect(throws: SNMPAPIError.vblInvalid) { try library.deleteVb(vbl, index: 1) }
        #expect(throws: SNMPAPIError.vblInvalid) { try library.countVbl(vbl) }
        #expect(throws: SNMPAPIError.vblInvalid) { try library.vb(vbl, index: 1) }
        #expect(throws: SNMPAPIError.vblInvalid) { try library.setVb(vbl, index: 0, name: .ours, value: nil) }
        #expect(throws: SNMPAPIError.vblInvalid) { try library.duplicateVbl(session, vbl) }
        #expect(throws: SNMPAPIError.vblInvalid) { try library.freeVbl(vbl) }
    }

    static let values: [SNMPValue] = [
        .integer(0), .integer(-1), .integer(.min), .integer(.max), .integer(127), .integer(128), .integer(-129),
        .counter32(0), .counter32(0x8000_0000), .counter32(.max), .gauge32(.max), .timeTicks(.max), .uinteger32(.max),
        .counter64(0), .counter64(0xFFFF_FFFF), .counter64(0xFFFF_FFFF_0000_0000), .counter64(.max),
        .octetString([]), .octetString([0]), .octetString([UInt8](repeating: 0xA5, count: 1_000)),
        .opaque([]), .opaque([0x9F, 0x78, 4]), .ipAddress(0), .ipAddress(0xFFFF_FFFF), .null,
        .objectIdentifier([2, 999, 1]), .objectIdentifier([0, 0]), .objectIdentifier([1, 3, 6, 1, .max]),
        .objectIdentifier([2, 39, 1]), .noSuchObject, .noSuchInstance, .endOfMibView,
        .other(tag: 0x03, content: [0, 0x80]), .other(tag: 0x45, content: [1, 2, 3]),
        .other(tag: 0x40, content: [UInt8](repeating: 1, count: 16)),
    ]

    @Test("check 38: values come back from lists and from messages", arguments: values)
    func roundTrip(value: SNMPValue) throws {
        let vbl = try library.createVbl(session, name: [2, 999, 1], value: value)
        #expect(try library.vb(vbl, index: 1) == VarBind([2, 999, 1], value))
        try library.setVb(vbl, index: 1, name: nil, value: .null)
        try library.setVb(vbl, index: 1, name: nil, value: value)
        #expect(try library.vb(vbl, index: 1).value == value)
        let pdu = try library.createPdu(session, type: 0xA2, requestID: -1, vbl: vbl)
        let octets = try library.encodeMsg(
            session, source: nil, destination: nil, context: caller.context(), pdu: pdu)
        let decoded = try library.decodeMsg(session, octets)
        #expect(decoded.byteCount == octets.count)
        #expect(try library.bindings(library.pduVbl(decoded.pdu)) == [VarBind([2, 999, 1], value)])
    }

    @Test("check 38: random lists come back", arguments: 0..<20)
    func randomLists(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<rounds(5) {
            let list = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                VarBind(
                    ObjectIdentifier.ours.appending(UInt32.random(in: 0 ... .max, using: &random)),
                    Self.values[Int.random(in: 0..<Self.values.count, using: &random)])
            }
            let pdu = try caller.pdu(.response, list, id: Int32.random(in: .min ... .max, using: &random))
            let octets = try library.encodeMsg(
                session, source: nil, destination: nil, context: caller.context(), pdu: pdu)
            let decoded = try library.decodeMsg(session, octets)
            #expect(try library.bindings(library.pduVbl(decoded.pdu)) == list)
            #expect(try library.pduData(decoded.pdu) == library.pduData(pdu) || library.pduData(pdu).requestID == 0)
        }
    }
}
