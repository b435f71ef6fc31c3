import SNMPCodec
import Testing
import WinSNMP

/// Checks 27 to 33.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct PDUTests {
    let caller: Caller
    var library: WinSNMPLibrary { caller.library }
    var session: SessionHandle { caller.session }

    init() throws { caller = try Caller() }

    @Test("check 27: type 0 is GETNEXT, and request-ids are made")
    func defaults() throws {
        var ids: Set<Int32> = []
        for _ in 0..<1_000 {
            let pdu = try library.createPdu(session, type: 0)
            let data = try library.pduData(pdu)
            #expect(data.type == 0xA1 && data.errorStatus == 0 && data.errorIndex == 0)
            #expect(data.requestID != 0)
            ids.insert(data.requestID)
        }
        #expect(ids.count == 1_000)
    }

    @Test(
        "check 28: types that can't be made", arguments: [0xA4, 0x55, 0xA8, 0xA9, 0x9F, -1, 1, 0x1A0, .max] as [Int32])
    func badTypes(type: Int32) throws {
        #expect(throws: SNMPAPIError.pduInvalid) { try library.createPdu(session, type: type) }
        #expect(library.lastError(session) == 12)
        let pdu = try library.createPdu(session, type: 0xA0)
        #expect(throws: SNMPAPIError.pduInvalid) { try library.setPduData(pdu, type: type) }
        #expect(try library.pduData(pdu).type == 0xA0)
    }

    @Test("check 28: a stale list")
    func staleList() throws {
        let vbl = try library.createVbl(session)
        try library.freeVbl(vbl)
        #expect(throws: SNMPAPIError.vblInvalid) { try library.createPdu(session, type: 0xA0, vbl: vbl) }
        let pdu = try library.createPdu(session, type: 0xA0)
        #expect(throws: SNMPAPIError.vblInvalid) { try library.setPduData(pdu, vbl: vbl) }
    }

    @Test("check 29: the counts of GETBULK, and of no other PDU")
    func counts() throws {
        let bulk = try library.createPdu(session, type: 0xA5, errorStatus: 1, errorIndex: 20)
        #expect(try library.pduData(bulk).errorStatus == 1)
        #expect(try library.pduData(bulk).errorIndex == 20)
        try library.setPduData(bulk, nonRepeaters: 2)
        try library.setPduData(bulk, maxRepetitions: 30)
        #expect(try library.pduData(bulk).errorStatus == 2)
        #expect(try library.pduData(bulk).errorIndex == 30)
        let get = try library.createPdu(session, type: 0xA0)
        try library.setPduData(get, nonRepeaters: 2, maxRepetitions: 30)
        #expect(try library.pduData(get).errorStatus == 0)
        #expect(try library.pduData(get).errorIndex == 0)
        // The new type counts.
        try library.setPduData(get, type: 0xA5, nonRepeaters: 3, maxRepetitions: 4)
        #expect(try library.pduData(get).errorStatus == 3)
        #expect(try library.pduData(get).errorIndex == 4)
    }

    @Test("check 30: a request-id of 0 is set; nothing to set is noop")
    func setting() throws {
        let pdu = try library.createPdu(session, type: 0xA0, requestID: 77)
        try library.setPduData(pdu, requestID: 0)
        #expect(try library.pduData(pdu).requestID == 0)
        #expect(throws: SNMPAPIError.noop) { try library.setPduData(pdu) }
        #expect(library.lastError(session) == 8)
        try library.freePdu(pdu)
        #expect(throws: SNMPAPIError.pduInvalid) { try library.setPduData(pdu) }
        #expect(throws: SNMPAPIError.pduInvalid) { try library.pduData(pdu) }
        #expect(throws: SNMPAPIError.pduInvalid) { try library.pduVbl(pdu) }
        #expect(throws: SNMPAPIError.pduInvalid) { try library.freePdu(pdu) }
    }

    @Test("check 31: each list taken out of a PDU is one of its own")
    func lists() throws {
        let pdu = try caller.pdu(.get, [VarBind(.sysDescr), VarBind(.sysUpTime)])
        let first = try library.pduVbl(pdu)
        let second = try library.pduVbl(pdu)
        #expect(first != second)
        try library.freePdu(pdu)
        try library.deleteVb(first, index: 1)
        #expect(try library.bindings(first) == [VarBind(.sysUpTime)])
        #expect(try library.bindings(second) == [VarBind(.sysDescr), VarBind(.sysUpTime)])
        try library.freeVbl(first)
        try library.freeVbl(second)
        // One without bindings has a list as well, an empty one.
        let empty = try library.pduVbl(try library.createPdu(session, type: 0xA0))
        #expect(throws: SNMPAPIError.noop) { try library.countVbl(empty) }
    }

    @Test("check 32: PDUs keep copies")
    func copies() throws {
        let vbl = try library.createVbl(session, name: .sysDescr)
        let pdu = try library.createPdu(session, type: 0xA3, requestID: 5, vbl: vbl)
        try library.setVb(vbl, index: 1, name: .sysUpTime, value: .integer(1))
        #expect(try library.bindings(library.pduVbl(pdu)) == [VarBind(.sysDescr)])
        try library.setPduData(pdu, vbl: vbl)
        try library.freeVbl(vbl)
        let copy = try library.duplicatePdu(session, pdu)
        try library.setPduData(pdu, requestID: 6)
        try library.freePdu(pdu)
        #expect(try library.pduData(copy).fields == [0xA3, 5, 0, 0])
        #expect(try library.bindings(library.pduVbl(copy)) == [VarBind(.sysUpTime, .integer(1))])
        #expect(throws: SNMPAPIError.pduInvalid) { try library.duplicatePdu(session, pdu) }
        #expect(throws: SNMPAPIError.sessionInvalid) { try library.duplicatePdu(SessionHandle(rawValue: 0), copy) }
    }

    @Test("a copy belongs to the session it was made for")
    func copiesOfOthers() throws {
        let other = try Caller(caller.started)
        let pdu = try library.createPdu(session, type: 0xA0, requestID: 5)
        let copy = try library.duplicatePdu(other.session, pdu)
        let list = try library.duplicateVbl(other.session, library.createVbl(session))
        try library.close(session)
        #expect(try library.pduData(copy).requestID == 5)
        #expect(throws: SNMPAPIError.noop) { try library.countVbl(list) }
        #expect(throws: SNMPAPIError.pduInvalid) { try library.pduData(pdu) }
    }

    @Test(
        "check 33: error fields are for responses and GETBULK",
        arguments: [PDUType.get, .getNext, .set, .inform, .trap, .getBulk, .response])
    func errorFields(type: PDUType) throws {
        let entity = try caller.entity(161)
        let context = try caller.context()
        let isAllowed = type == .getBulk || type == .response
        for (status, index): (Int32, Int32) in [(5, 0), (0, 1), (5, 1)] {
            let pdu = try caller.pdu(type, [VarBind(.sysDescr)], id: 9, status, index)
            func encode() throws(SNMPAPIError) -> [UInt8] {
                try library.encodeMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
            }
            guard isAllowed else {
                #expect(throws: SNMPAPIError.pduInvalid) { try encode() }
                #expect(throws: SNMPAPIError.pduInvalid) {
                    try library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
                }
                continue
            }
            guard case .pdu(let sent) = try message(encode()).pdu else { throw SNMPAPIError.otherError }
            #expect(sent.errorStatusField == status && sent.errorIndexField == index && sent.type == type)
        }
    }
}

extension PDUData {
    /// Type, request-id, error-status, error-index.
    var fields: [Int32] { [type, requestID, errorStatus, errorIndex] }
}
