import SNMPCodec
import SNMPTestKit
import Testing

@Suite struct MessageLayoutTests {
    static func parse(_ text: String) throws -> (MessageLayout, Deviations) {
        let octets = hex(text)
        var deviations = Deviations()
        return (try MessageLayout.parse(octets.span.bytes, &deviations), deviations)
    }

    static func refusal(_ text: String) -> BERError? {
        let octets = hex(text)
        do {
            _ = try DecodedMessage(decoding: octets)
            return nil
        } catch {
            return error
        }
    }

    @Test func v1GetSaysWhereItsPartsLie() throws {
        let (layout, deviations) = try Self.parse("3016 020100 04017a a00e 020107 020100 020100 3003 020100")
        guard case .community(let message) = layout else {
            Issue.record("not a community message")
            return
        }
        #expect(deviations == [])
        #expect(message.version == .v1 && message.community == 7..<8)
        #expect(message.pdu.type == .get && message.pdu.requestID == 7 && message.pdu.trapV1 == nil)
        #expect(message.pdu.whole == 8..<24 && message.pdu.bindings == 21..<24)
    }

    @Test func v1TrapSaysWhereItsPartsLie() throws {
        let (layout, deviations) = try Self.parse(
            "301c 020100 0400 a415 06012b 4004c0000201 020106 020111 43020102 3000")
        guard case .community(let message) = layout, let trap = message.pdu.trapV1 else {
            Issue.record("not a trap")
            return
        }
        #expect(deviations == [])
        #expect(trap.enterprise == 11..<12 && trap.agentAddress == 0xC000_0201)
        #expect(trap.genericTrap == 6 && trap.specificTrap == 17 && trap.timestamp == 258)
        #expect(message.pdu.bindings.isEmpty && message.pdu.requestID == 0)
    }

    // One positive test for each deviation that a layout tolerates.
    @Test(
        arguments: [
            ("3013 020101 0400 a00c 020107 020100 020100 3000 00", .octetsAfterPDU),
            ("3014 020101 0400 a00d 020107 020100 020100 3001 00 00", .octetsAfterPDU),
            ("3013 020101 0400 a20c 020107 020113 020100 3000 00", [.octetsAfterPDU, .unknownErrorStatus]),
            ("3012 020101 0400 a20b 020107 020112 020100 3000", []),
            ("3012 020101 0400 a20b 020107 020113 020100 3000", .unknownErrorStatus),
            ("3012 020101 0400 a20b 020107 0201ff 020100 3000", .unknownErrorStatus),
            ("3012 020101 0400 a20b 020107 020100 020100 3000 00", .trailingOctets),
            ("3014 020101 0400 a00d 020107 020100 020100 3000 0500", .octetsAfterPDU),
            ("3013 02020001 0400 a00b 020107 020100 020100 3000", .paddedInteger),
            ("3016 020101 0400 a00f 02050000000007 020100 020100 3000", .paddedInteger),
            // v1 traps: an address of 3 octets, a time without octets, a time as INTEGER.
            ("301a 020100 0400 a413 06012b 4003c00002 020106 020111 430102 3000", .badAddressLength),
            ("301a 020100 0400 a413 06012b 4004c0000201 020106 020111 4300 3000", .emptyInteger),
            ("301b 020100 0400 a414 06012b 4004c0000201 020106 020111 020102 3000", []),
        ] as [(String, Deviations)])
    func toleratedDeviations(text: String, expected: Deviations) throws {
        let (_, deviations) = try Self.parse(text)
        #expect(deviations == expected, "\(deviations.labels)")
    }

    @Test func deviationsOfWholeMessages() throws {
        func deviations(_ pdu: PDU, _ version: SNMPVersion) throws -> Deviations {
            let octets = try CommunityMessage(version: version, community: [], pdu: .pdu(pdu)).encoded()
            var deviations = Deviations()
            _ = try CommunityMessage(decoding: octets.span.bytes, &deviations)
            return deviations
        }
        let counter = [VarBind(oid("1.3.6"), .counter64(1))]
        #expect(try deviations(PDU(.response, requestID: 1, counter), .v1) == .newerTypeInV1)
        #expect(try deviations(PDU(.response, requestID: 1, counter), .v2c) == [])
        for index: Int32 in [-1, 2] {
            let response = PDU(.response, requestID: 1, errorStatus: .genErr, errorIndex: index, counter)
            #expect(try deviations(response, .v2c) == .errorIndexOutOfRange)
        }
        #expect(try deviations(PDU(.response, requestID: 1, errorStatus: .genErr, errorIndex: 1, counter), .v2c) == [])
        // In a GETBULK the same fields are counts.
        let bulk = PDU.getBulk(requestID: 1, nonRepeaters: 20, maxRepetitions: 50, counter)
        #expect(try deviations(bulk, .v2c) == [])
    }

    @Test(
        arguments: [
            ("", .truncated, 0), ("30", .truncated, 0), ("0400", .unexpectedTag, 0), ("3000", .truncated, 2),
            ("3003 020102", .unknownVersion, 2), ("3003 020104", .unknownVersion, 2), ("3002 0200", .badInteger, 2),
            ("3003 020100", .truncated, 5), ("3005 020100 0500", .unexpectedTag, 5),
            ("3005 020100 0400", .truncated, 7), ("3007 020100 0400 a900", .unknownPDUType, 7),
            ("3007 020100 0400 3000", .unknownPDUType, 7),
            // Not in v1: GETBULK, INFORM, SNMPv2-Trap, Report.
            ("3012 020100 0400 a50b 020107 020100 020100 3000", .unknownPDUType, 7),
            ("3012 020100 0400 a60b 020107 020100 020100 3000", .unknownPDUType, 7),
            ("3012 020100 0400 a70b 020107 020100 020100 3000", .unknownPDUType, 7),
            ("3012 020100 0400 a80b 020107 020100 020100 3000", .unknownPDUType, 7),
            // Not in v2c: the trap of v1, Report.
            ("301a 020101 0400 a413 06012b 4004c0000201 020106 020111 4300 3000", .unknownPDUType, 7),
            ("3012 020101 0400 a80b 020107 020100 020100 3000", .unknownPDUType, 7),
            ("300a 020101 0400 a003 020107", .truncated, 12),
            ("3012 020101 0400 a00b 020107 020100 020100 0400", .unexpectedTag, 18),
            ("3012 020101 0400 a00b 020107 020100 020100 3001", .lengthBeyondContainer, 18),
            ("3018 020100 0400 a411 06012b 4104c0000201 020106 020111 3000", .unexpectedTag, 12),
            ("301a 020100 0400 a413 06012b 4004c0000201 020106 020111 4100 3000", .unexpectedTag, 24),
            // In the bindings: only found when they are read.
            ("3014 020101 0400 a00d 020107 020100 020100 3002 3000", .truncated, 22),
        ] as [(String, BERError.Code, Int)])
    func refused(text: String, code: BERError.Code, offset: Int) {
        #expect(Self.refusal(text) == BERError(code, at: offset))
    }

    @Test func decodingAV3MessageAsCommunityMessageIsRefused() throws {
        let template = try #require(MessageTemplates.all.first { $0.name == "v3-noauth-get" })
        var deviations = Deviations()
        #expect(throws: BERError(.unknownVersion, at: 0)) {
            try CommunityMessage(decoding: template.octets.span.bytes, &deviations)
        }
    }

    @Test func tooManyBindingsAreRefused() throws {
        // A stream may carry more than a datagram.
        let count = SNMPLimits.maximumVariableBindings
        let binding = hex("3005 06012b 0500")
        for extra in [0, 1] {
            let list = [[UInt8]](repeating: binding, count: count + extra).flatMap { $0 }
            let octets = written(limit: 300_000) { writer in
                let mark = writer.byteCount
                writer.octets(list, tag: BERTag.sequence)
                writer.pduHeader(.response, requestID: 1, 0, 0, since: mark)
                writer.messageHeader(version: .v2c, community: [], since: mark)
            }
            if extra == 0 {
                #expect(try DecodedMessage(decoding: octets).pdu?.variableBindings.count == count)
            } else {
                #expect(#expect(throws: BERError.self) { try DecodedMessage(decoding: octets) }?.code
                    == .tooManyVariableBindings)
            }
        }
    }

    @Test func theSmallestBindingsOfADatagramAreBelowTheLimit() {
        // 30 04 06 00 05 00
        #expect(SNMPLimits.maximumMessageByteCount / 6 <= SNMPLimits.maximumVariableBindings)
    }

    @Test func communitiesAreNotPrinted() {
        let message = CommunityMessage(
            version: .v2c, community: Array("s3cret".utf8), pdu: .pdu(PDU(.get, requestID: 1, [])))
        var dumped = ""
        dump(message, to: &dumped)
        let secret = "115, 51, 99"
        for text in [message.description, String(reflecting: message), "\(message)", dumped] {
            #expect(!text.contains("s3cret") && !text.contains(secret), "\(text)")
        }
        #expect(!dumped.contains("115"))
    }
}
