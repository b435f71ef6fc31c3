import SNMPCodec
import Testing

@Suite struct BERWriterTests {
    @Test(
        arguments: [
            (0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"), (65_535, "82ffff"),
            (65_536, "83010000"), (16_777_216, "8401000000"),
        ] as [(Int, String)])
    func lengthsTakeTheFewestOctets(count: Int, field: String) {
        let octets = written(limit: count + 6) { $0.octets([UInt8](repeating: 7, count: count)) }
        #expect(octets.count == count + 1 + field.utf8.count / 2)
        #expect(hexText(Array(octets.prefix(1 + field.utf8.count / 2))) == "04" + field)
    }

    @Test func elementsAreWrittenBackToFront() {
        let octets = written { writer in
            let mark = writer.byteCount
            writer.empty(BERTag.null)
            writer.signed(5)
            writer.header(BERTag.sequence, since: mark)
        }
        #expect(hexText(octets) == "3005" + "020105" + "0500")
    }

    @Test func requestsAreBindingsOfNull() {
        let request = written { $0.request(oid("1.3.6")) }
        let binding = written { $0.binding(VarBind(oid("1.3.6"))) }
        #expect(request == binding)
    }

    // Names that BER has no encoding for.
    @Test(
        arguments: [
            ([], "060100"), ([1], "060128"), ([2], "060150"), ([3], "060100"), ([3, 1], "060100"), ([1, 40], "060100"),
            ([0, 39], "060127"), ([2, 40], "060178"),
        ] as [([UInt32], String)])
    func namesWithoutAnEncoding(arcs: [UInt32], text: String) throws {
        let name = try #require(ObjectIdentifier(arcs: arcs))
        let octets = written { $0.objectIdentifier(name) }
        #expect(hexText(octets) == text)
    }

    @Test func zerosAreLeftForTheDigest() {
        var buffer = [UInt8](repeating: 0xEE, count: 20)
        buffer.withUnsafeMutableBytes { raw in
            var writer = BERWriter(raw)
            writer.empty(BERTag.null)
            let fromEnd = writer.zeros(3)
            writer.signed(1)
            #expect(fromEnd == 5)
            writer.withFinished { finished in
                #expect([UInt8](finished) == hex("020101 0403000000 0500"))
                finished[finished.count - fromEnd] = 0xAA
            }
            let patched = writer.finished
            #expect(patched == hex("020101 0403aa0000 0500"))
        }
        // What lies in front of the finished octets is untouched.
        #expect(buffer.prefix(10) == [UInt8](repeating: 0xEE, count: 10)[...])
    }

    @Test(arguments: [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16), (15, 16), (16, 16)])
    func paddingGoesToTheEnd(count: Int, padded: Int) {
        let content = (0..<count).map { UInt8($0 + 1) }
        let octets = written { writer in
            writer.raw(content.span.bytes)
            writer.padAtEnd(toMultipleOf: 8)
        }
        #expect(octets == content + [UInt8](repeating: 0, count: padded - count))
    }

    @Test func paddingThatDoesNotFitOverflows() {
        #expect(throws: BERError(.bufferTooSmall, at: 6)) {
            try BERWriter.encode(limit: 6) { writer in
                writer.raw([1, 2, 3, 4, 5].span.bytes)
                writer.padAtEnd(toMultipleOf: 8)
            }
        }
    }

    // Every limit below the length overflows, and only those do.
    @Test func everyTooSmallBufferOverflows() throws {
        let pdu = PDU(.response, requestID: 300, [VarBind(oid("1.3.6.300"), .float(1))])
        let message = CommunityMessage(version: .v2c, community: [0x70], pdu: .pdu(pdu))
        let length = try message.encoded().count
        for limit in 0..<length {
            #expect(throws: BERError(.bufferTooSmall, at: limit)) { try message.encoded(limit: limit) }
        }
        #expect(try message.encoded(limit: length).count == length)
    }

    @Test func nothingIsWrittenAfterAnOverflow() {
        var buffer = [UInt8](repeating: 0xEE, count: 4)
        buffer.withUnsafeMutableBytes { raw in
            var writer = BERWriter(raw)
            writer.octets([1, 2, 3, 4, 5])
            writer.empty(BERTag.null)
            let state = (writer.overflowed, writer.finished)
            #expect(state.0 && state.1.isEmpty)
            writer.withFinished { #expect($0.isEmpty) }
        }
        #expect(buffer == [0xEE, 0xEE, 0xEE, 0xEE])
        var nothing = BERWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        nothing.signed(1)
        let state = (nothing.overflowed, nothing.finished)
        #expect(state.0 && state.1.isEmpty)
    }

    @Test func v3HeaderLeavesRoomForTheDigest() throws {
        var digest = 0
        let octets = try BERWriter.encode(limit: 500) { writer in
            let mark = writer.byteCount
            writer.pdu(.pdu(PDU(.get, requestID: 1, [])))
            writer.scopedHeader(contextEngineID: [1, 2, 3, 4, 5], contextName: [], since: mark)
            digest = writer.v3Header(
                messageID: 9, maximumSize: 1_500, flags: [.authenticated, .reportable], engineID: [1, 2, 3, 4, 5],
                engineBoots: 2, engineTime: 3, userName: [0x75], authenticationByteCount: 12,
                salt: 0x0102_0304_0506_0708, since: mark)
        }
        var deviations = Deviations()
        guard case .v3(let layout) = try MessageLayout.parse(octets.span.bytes, &deviations) else {
            Issue.record("not v3")
            return
        }
        #expect(deviations == [])
        #expect(layout.authentication == octets.count - digest..<octets.count - digest + 12)
        #expect(octets[layout.authentication].allSatisfy { $0 == 0 })
        #expect(Array(octets[layout.privacy]) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(layout.engineBoots == 2 && layout.engineTime == 3 && layout.messageID == 9)
        #expect(Array(octets[layout.userName]) == [0x75] && Array(octets[layout.engineID]) == [1, 2, 3, 4, 5])
        #expect(layout.whole == 0..<octets.count)
        let scoped = try ScopedPDULayout.parse(octets.span.bytes, layout.payload, &deviations)
        #expect(scoped.pdu.type == .get && scoped.contextName.isEmpty)
    }
}
