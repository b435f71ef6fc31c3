import SNMPCodec
import SNMPTestKit
import Testing

/// Faults that other SNMP implementations had, as far as their class touches a codec.
/// CVE-2008-0960 (a digest of one octet accepted) is not here: digests are checked in SNMPSecurity.
@Suite struct RegressionTests {
    /// A v2c message whose list of bindings is `bindings`, in hexadecimal.
    static func message(_ type: PDUType, bindings: String) -> [UInt8] {
        written { writer in
            let mark = writer.byteCount
            writer.octets(hex(bindings), tag: BERTag.sequence)
            writer.pduHeader(type, requestID: 1, 0, 0, since: mark)
            writer.messageHeader(version: .v2c, community: Array("public".utf8), since: mark)
        }
    }

    // CVE-2015-5621 and CVE-2018-1000116: a list whose later binding can't be parsed left a half-filled binding in the
    // result, with memory that was not initialised. Here the whole list is refused, whatever cuts it short.
    @Test(
        arguments: [
            "3006 06022b06", "3006 06022b06 02", "3008 06022b06 0205", "300a 06022b06 0284ffffffff",
            "300a 06022b06 04847fffffff", "3006 06022b86 0500", "3005 0500 0500", "3000", "30", "3084ffffffff",
            "3019 06022b06 0213 00000000000000000000000000000000000000",
        ])
    func incompleteBindingAfterAGoodOne(second: String) throws {
        let good = "3006 06022b06 0500"
        for type in [PDUType.get, .set, .response, .trap, .inform, .getBulk] {
            let octets = Self.message(type, bindings: good + second)
            var deviations = Deviations()
            let layout = try MessageLayout.parse(octets.span.bytes, &deviations)
            guard case .community(let community) = layout else {
                Issue.record("not a community message")
                return
            }
            #expect(throws: BERError.self) { try community.pdu.variableBindings(octets.span.bytes, &deviations) }
            #expect(throws: BERError.self) { try DecodedMessage(decoding: octets) }
        }
    }

    // CVE-2018-18066: comparing names ran into a missing name. A name of no octets is 0.0, and all comparisons work.
    @Test func namesWithoutOctetsCompare() throws {
        let octets = Self.message(.getNext, bindings: "3004 0600 0500 3006 06022b06 0500")
        var deviations = Deviations()
        let message = try DecodedMessage(decoding: octets.span.bytes, &deviations)
        let names = try #require(message.pdu?.variableBindings.map(\.name))
        #expect(names == [[0, 0], [1, 3, 6]])
        #expect(deviations == .emptyObjectIdentifier)
        #expect(names[0] < names[1] && !names[0].starts(with: names[1]) && names.sorted() == names)
        let map: OIDMap<Int> = [[0, 0]: 1, [1, 3, 6]: 2]
        #expect(map.next(after: names[0])?.value == 2)
        #expect(map.next(after: ObjectIdentifier())?.value == 1)
        #expect(ObjectIdentifier() < names[0] && ObjectIdentifier() == ObjectIdentifier())
    }

    // CVE-2019-20892: a v3 GETBULK made the agent free its security state twice. Layouts own nothing: reading one
    // twice, and with absurd counts, gives the same both times, and values outlive the message.
    @Test(arguments: [(-1, -1), (.max, .max), (.min, .max), (0, .min)] as [(Int32, Int32)])
    func bulkRequestsReadTwice(nonRepeaters: Int32, maxRepetitions: Int32) throws {
        let bulk = PDU.getBulk(
            requestID: 1, nonRepeaters: nonRepeaters, maxRepetitions: maxRepetitions,
            [VarBind(oid("1.3.6.1")), VarBind(oid("1.3.6.1.4.1"))])
        let octets = try DecodedMessage.v3(
            DecodedV3Message(
                messageID: 1, maximumSize: 484, flags: .reportable, securityModel: 3,
                payload: .plain(contextEngineID: [], contextName: [], .pdu(bulk)))).encoded()
        var deviations = Deviations()
        guard case .v3(let layout) = try MessageLayout.parse(octets.span.bytes, &deviations) else {
            Issue.record("not v3")
            return
        }
        let scoped = try ScopedPDULayout.parse(octets.span.bytes, layout.payload, &deviations)
        let first = try scoped.pdu.pdu(octets.span.bytes, &deviations)
        let second = try scoped.pdu.pdu(octets.span.bytes, &deviations)
        #expect(first == .pdu(bulk) && second == first)
        #expect(deviations == [])
    }

    // CVE-2025-68615: a trap with a too long identifier overflowed a fixed buffer of snmptrapd, which built the
    // notification's name from enterprise and specific trap.
    @Test(arguments: [126, 127, 128, 129, 1_000, 30_000])
    func trapsWithLongEnterprises(arcCount: Int) throws {
        let octets = written { writer in
            let mark = writer.byteCount
            writer.octets([], tag: BERTag.sequence)
            writer.unsigned(1, tag: BERTag.timeTicks)
            writer.signed(.max)
            writer.signed(6)
            writer.value(.ipAddress(0))
            writer.octets([0x2B] + [UInt8](repeating: 1, count: arcCount - 2), tag: BERTag.objectIdentifier)
            writer.header(PDUType.trapV1.rawValue, since: mark)
            writer.messageHeader(version: .v1, community: [], since: mark)
        }
        guard arcCount <= 128 else {
            let error = #expect(throws: BERError.self) { try DecodedMessage(decoding: octets) }
            #expect(error?.code == .badObjectIdentifier)
            return
        }
        guard case .trapV1(let trap)? = try DecodedMessage(decoding: octets).pdu else {
            Issue.record("not a trap")
            return
        }
        #expect(trap.enterprise.count == arcCount)
        if arcCount == 126 {
            #expect(try trap.notification(requestID: 1).notificationHead?.trapOID.count == 128)
        } else {
            #expect(throws: TranslationError.identifierTooLong) { try trap.notification(requestID: 1) }
        }
    }

    // The same in a v2c trap, and with strings as long as a datagram allows.
    @Test func trapsWithLongFields() throws {
        let long = "81ff" + "2b" + String(repeating: "01", count: 254)
        for bindings in ["3082 0104 06" + long + "0500", "3082 0106 06022b06 06" + long] {
            let error = #expect(throws: BERError.self) {
                try DecodedMessage(decoding: Self.message(.trap, bindings: bindings))
            }
            #expect(error?.code == .badObjectIdentifier)
        }
        let text = [UInt8](repeating: 0x41, count: 65_000)
        let pdu = PDU.notification(
            requestID: 1, NotificationHead(upTime: 1, oid("1.3.6.1.4.1")), [VarBind(oid("1.3.6"), .octetString(text))])
        let message = CommunityMessage(version: .v2c, community: text, pdu: .pdu(pdu))
        #expect(throws: BERError(.bufferTooSmall, at: 65_507)) { try message.encoded() }
        let octets = try message.encoded(limit: 200_000)
        #expect(try DecodedMessage(decoding: octets) == .community(message))
    }
}
