import Primitives
import SNMPCodec
import SNMPTestKit
import Testing
import WinSNMP

/// Checks 44 and 45. The functions on strings and names, and descriptors (checks 39 to 43) exist in C only.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct EncodeTests {
    @Test(
        "check 44: encodeMsg makes the octets that sendMsg sends",
        arguments: [TranslateMode.untranslatedV1, .untranslatedV2],
        [PDUType.get, .getNext, .set, .getBulk, .inform, .trap])
    func sameOctets(mode: TranslateMode, type: PDUType) async throws {
        let agent = try ScriptedAgent(.silent)
        let caller = try Caller(mode: mode)
        let library = caller.library
        let entity = try caller.entity(agent.port)
        try library.setRetry(entity, 0)
        let context = try caller.context("a community")
        let list = [
            VarBind(.sysUpTime, .timeTicks(7)), VarBind(.snmpTrapOID, .objectIdentifier(.linkDown)),
            VarBind(.ours, .octetString([1, 2, 3])),
        ]
        let pdu = type == .getBulk ? try caller.pdu(type, list, id: -3, 1, 20) : try caller.pdu(type, list, id: -3)
        func encode() throws(SNMPAPIError) -> [UInt8] {
            try library.encodeMsg(caller.session, source: nil, destination: entity, context: context, pdu: pdu)
        }
        guard mode != .untranslatedV1 || type != .inform else {
            #expect(throws: SNMPAPIError.operationInvalid) { try encode() }
            return
        }
        let octets = try encode()
        try caller.send(pdu, to: entity, context)
        let sent = try await agent.first(1)[0].octets
        #expect(octets == sent)
        let decoded = try library.decodeMsg(caller.session, octets + [1, 2, 3])
        #expect(decoded.byteCount == octets.count)
        #expect(try library.contextToStr(decoded.context) == Array("a community".utf8))
        let data = try library.pduData(decoded.pdu)
        if type == .trap, mode == .untranslatedV1 {
            // A v1 trap comes back as the notification it stands for, with its enterprise in the end.
            #expect(data.type == 0xA7 && data.requestID != 0)
            let enterprise = VarBind(.snmpTrapEnterprise, .objectIdentifier([1, 3, 6, 1, 6, 3, 1, 1, 5]))
            #expect(try library.bindings(library.pduVbl(decoded.pdu)) == list + [enterprise])
        } else {
            let isBulk = type == .getBulk && mode == .untranslatedV2
            let expected = type == .getBulk && !isBulk ? PDUType.getNext : type
            #expect(data.fields == [Int32(expected.rawValue), -3, isBulk ? 1 : 0, isBulk ? 20 : 0])
            #expect(try library.bindings(library.pduVbl(decoded.pdu)) == list)
        }
    }

    @Test("the version is the destination's, else the source's, else the mode's")
    func versions() throws {
        let caller = try Caller(mode: .untranslatedV1)
        let library = caller.library
        let first = try caller.entity(161)
        try library.setTranslateMode(2)
        let second = try caller.entity(161)
        let context = try caller.context()
        let pdu = try caller.pdu(.get)
        func version(_ source: EntityHandle?, _ destination: EntityHandle?) throws -> SNMPVersion {
            let octets = try library.encodeMsg(
                caller.session, source: source, destination: destination, context: context, pdu: pdu)
            return try message(octets).version
        }
        #expect(try version(nil, first) == .v1)
        #expect(try version(second, first) == .v1)
        #expect(try version(first, second) == .v2c)
        #expect(try version(first, nil) == .v1)
        #expect(try version(nil, nil) == .v2c)
        try library.setTranslateMode(1)
        #expect(try version(nil, nil) == .v1)
        for stale in [EntityHandle(rawValue: 0), EntityHandle(rawValue: context.rawValue)] {
            #expect(throws: SNMPAPIError.entityInvalid) { try version(stale, nil) }
            #expect(throws: SNMPAPIError.entityInvalid) { try version(nil, stale) }
        }
    }

    @Test("what encodeMsg refuses")
    func refusals() throws {
        let caller = try Caller()
        let library = caller.library
        let context = try caller.context()
        let pdu = try caller.pdu(.set, [VarBind(.ours, .octetString([UInt8](repeating: 1, count: 70_000)))])
        func encode(
            _ session: SessionHandle, _ context: ContextHandle, _ pdu: PDUHandle
        ) throws(SNMPAPIError) -> [UInt8] {
            try library.encodeMsg(session, source: nil, destination: nil, context: context, pdu: pdu)
        }
        #expect(throws: SNMPAPIError.sessionInvalid) { try encode(SessionHandle(rawValue: 0), context, pdu) }
        #expect(throws: SNMPAPIError.contextInvalid) { try encode(caller.session, ContextHandle(rawValue: 0), pdu) }
        #expect(throws: SNMPAPIError.pduInvalid) { try encode(caller.session, context, PDUHandle(rawValue: 0)) }
        #expect(throws: SNMPAPIError.tlPduTooBig) { try encode(caller.session, context, pdu) }
        #expect(throws: SNMPAPIError.sessionInvalid) { try library.decodeMsg(SessionHandle(rawValue: 0), [0x30, 0]) }
    }

    static let templates: [[UInt8]] = {
        let list = VBLTests.values.map { VarBind(ObjectIdentifier.ours.appending(1), $0) }
        let trap = TrapV1PDU(
            enterprise: .ours, agentAddress: 0x7F00_0001, genericTrap: 6, specificTrap: 7, timestamp: 5,
            [VarBind(.ours, .integer(1))])
        let messages = [
            CommunityMessage(version: .v2c, community: [65], pdu: .pdu(PDU(.response, requestID: 5, list))),
            CommunityMessage(version: .v1, community: [65], pdu: .pdu(PDU(.get, requestID: 5, [VarBind(.sysDescr)]))),
            CommunityMessage(version: .v1, community: [65], pdu: .trapV1(trap)),
        ]
        return messages.compactMap { try? $0.encoded() }
    }()

    /// Whether nothing of the session is alive but the session: the next handle of each kind would have come next.
    private func expectNothing(_ caller: Caller, _ octets: [UInt8], _ code: [SNMPAPIError]) {
        do throws(SNMPAPIError) {
            let decoded = try caller.library.decodeMsg(caller.session, octets)
            Issue.record("read \(decoded.byteCount) octets of \(octets)")
        } catch {
            #expect(code.contains(error))
        }
    }

    @Test("check 45: every truncation is outputTruncated or messageInvalid", arguments: 0..<3)
    func truncations(template: Int) throws {
        var options = WinSNMPOptions()
        options.maximumHandles = 1
        // With room for one handle, a handle that is left behind makes the next call fail otherwise.
        let caller = try Caller(options: options)
        let octets = Self.templates[template]
        for count in 0..<octets.count {
            expectNothing(caller, Array(octets[..<count]), [.outputTruncated, .messageInvalid])
        }
        let decoded = try caller.library.decodeMsg(caller.session, octets)
        #expect(decoded.byteCount == octets.count)
    }

    @Test("check 45: systematic faults", arguments: 0..<3)
    func faults(template: Int) async throws {
        try await Background { try decodeAll(BERMutator(Self.templates[template]).lazy.map(\.octets)) }.value()
    }

    @Test("check 45: 100,000 seeded mutations", arguments: 0..<4)
    func mutations(seed: UInt64) async throws {
        try await Background {
            var mutator = RandomMutator(seed: seed)
            let templates = Self.templates
            try decodeAll(
                (0..<rounds(25_000)).lazy.map { mutator.mutate(templates[$0 % 3], splicing: templates[($0 + 1) % 3]) })
        }.value()
    }

    private func decodeAll(_ messages: some Sequence<[UInt8]>) throws {
        var options = WinSNMPOptions()
        options.maximumHandles = 1
        let caller = try Caller(options: options)
        let library = caller.library
        var counts = [0, 0]
        for octets in messages {
            do throws(SNMPAPIError) {
                let decoded = try library.decodeMsg(caller.session, octets)
                #expect(decoded.byteCount > 0 && decoded.byteCount <= octets.count)
                // What was read can be used, and made to octets again.
                let vbl = try library.pduVbl(decoded.pdu)
                _ = try? library.countVbl(vbl)
                try library.freeVbl(vbl)
                try library.freePdu(decoded.pdu)
                try library.freeContext(decoded.context)
                counts[0] += 1
            } catch {
                #expect(error == .messageInvalid || error == .outputTruncated, "\(octets)")
                counts[1] += 1
            }
        }
        #expect(counts[0] > 0 && counts[1] > counts[0] / 100, "\(counts)")
    }

    @Test("check 45: a message that does not fit into the handles leaves none behind")
    func noHandles() throws {
        var options = WinSNMPOptions()
        options.maximumHandles = 1
        let caller = try Caller(options: options)
        let library = caller.library
        let octets = Self.templates[1]
        let pdu = try library.createPdu(caller.session, type: 0xA0)
        #expect(throws: SNMPAPIError.allocError) { try library.decodeMsg(caller.session, octets) }
        // The context that was made before the PDU is free again.
        let context = try caller.context()
        #expect(throws: SNMPAPIError.allocError) { try library.decodeMsg(caller.session, octets) }
        try library.freePdu(pdu)
        try library.freeContext(context)
        _ = try library.decodeMsg(caller.session, octets)
    }

    @Test("parts that are not asked for are not made")
    func parts() throws {
        let caller = try Caller()
        let library = caller.library
        let octets = Self.templates[1]
        let neither = try library.decodeMsg(caller.session, octets, parts: [])
        #expect(neither.context.rawValue == 0 && neither.pdu.rawValue == 0 && neither.byteCount == octets.count)
        let pdu = try library.decodeMsg(caller.session, octets, parts: .pdu)
        #expect(pdu.context.rawValue == 0)
        #expect(try library.pduData(pdu.pdu).requestID == 5)
        let context = try library.decodeMsg(caller.session, octets, parts: .context)
        #expect(context.pdu.rawValue == 0)
        #expect(try library.contextToStr(context.context) == [65])
    }

    @Test("messages of SNMPv3 and unknown versions are no messages here")
    func otherVersions() throws {
        let caller = try Caller()
        var octets = Self.templates[1]
        for version: UInt8 in [2, 3, 4, 0x7F] {
            octets[4] = version
            expectNothing(caller, octets, [.messageInvalid])
        }
        expectNothing(caller, [0x30, 0x80, 0, 0], [.messageInvalid])
        expectNothing(caller, [0x02, 1, 0], [.messageInvalid])
        expectNothing(caller, [], [.outputTruncated])
    }
}
