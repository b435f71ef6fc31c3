import SNMPCodec
import SNMPTestKit
import Testing

@Suite struct V3LayoutTests {
    /// A v3 message from its parts, each with a well-formed default.
    static func message(
        id: String = "02020101", size: String = "020205dc", flags: String = "040104", model: String = "020103",
        more: String = "", parameters: String? = nil, payload: String? = nil
    ) -> [UInt8] {
        let usm = parameters ?? hexText(element(0x30, hex(usmFields())))
        let scoped = payload ?? "3016 04050102030405 0400 a00b 020107 020100 020100 3000"
        let header = hexText(element(0x30, hex(id + size + flags + model + more)))
        return element(0x30, hex("020103" + header) + element(0x04, hex(usm)) + hex(scoped))
    }

    static func usmFields(
        engineID: String = "04050102030405", boots: String = "020102", time: String = "02020300",
        user: String = "040175", digest: String = "0400", salt: String = "0400"
    ) -> String { engineID + boots + time + user + digest + salt }

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { written { $0.octets(content, tag: tag) } }

    static func parse(_ octets: [UInt8]) throws -> (V3Layout, Deviations) {
        var deviations = Deviations()
        guard case .v3(let layout) = try MessageLayout.parse(octets.span.bytes, &deviations) else {
            throw BERError(.unknownVersion, at: 0)
        }
        return (layout, deviations)
    }

    static func code(_ octets: [UInt8]) -> BERError.Code? {
        do {
            _ = try DecodedMessage(decoding: octets)
            return nil
        } catch {
            return error.code
        }
    }

    /// An OCTET STRING of 33 octets.
    static let tooLong = "0421" + String(repeating: "61", count: 33)

    @Test func saysWhereItsPartsLie() throws {
        let octets = Self.message() + [0xFF]
        let (layout, deviations) = try Self.parse(octets)
        #expect(deviations == .trailingOctets)
        #expect(layout.messageID == 257 && layout.maximumSize == 1_500 && layout.flags == .reportable)
        #expect(layout.securityModel == 3 && layout.engineBoots == 2 && layout.engineTime == 768)
        #expect(Array(octets[layout.engineID]) == [1, 2, 3, 4, 5] && Array(octets[layout.userName]) == [0x75])
        #expect(layout.authentication.isEmpty && layout.privacy.isEmpty)
        #expect(layout.whole == 0..<octets.count - 1, "the digest does not cover what trails")
        #expect(octets[layout.payload.lowerBound] == 0x30 && layout.payload.upperBound == octets.count - 1)
    }

    @Test func encryptedPayloadIsTheContentOfItsString() throws {
        let (layout, deviations) = try Self.parse(Self.message(flags: "040103", payload: "0403aabbcc"))
        #expect(deviations == [] && layout.payload.count == 3 && layout.flags == [.authenticated, .encrypted])
    }

    @Test func otherSecurityModelsAreNotReadAsUSM() throws {
        let octets = Self.message(model: "020104", parameters: "010203")
        let (layout, _) = try Self.parse(octets)
        #expect(layout.securityModel == 4 && layout.engineID.isEmpty)
        #expect(Array(octets[layout.securityParameters]) == [1, 2, 3])
    }

    @Test(
        arguments: [
            (message(size: "020201e3"), .smallMaximumSize), (message(size: "0201ff"), .smallMaximumSize),
            (message(size: "020201e4"), Deviations()), (message(more: "0500"), .octetsAfterPDU),
            (message(parameters: hexText(element(0x30, hex(usmFields() + "0500")))), .octetsAfterPDU),
            (message(parameters: hexText(element(0x30, hex(usmFields()))) + "00"), .octetsAfterPDU),
            (message(payload: "3016 04050102030405 0400 a00b 020107 020100 020100 3000 0500"), .octetsAfterPDU),
            (message(id: "0203000001"), .paddedInteger),
        ] as [([UInt8], Deviations)])
    func toleratedDeviations(octets: [UInt8], expected: Deviations) throws {
        let (layout, deviations) = try Self.parse(octets)
        #expect(deviations == expected, "\(deviations.labels)")
        #expect(layout.maximumSize >= 484)
    }

    @Test(
        arguments: [
            (message(id: "0201ff"), .badV3Header), (message(id: "040101"), .unexpectedTag),
            (message(id: "0200"), .badInteger), (message(flags: "0400"), .badV3Header),
            (message(flags: "04020404"), .badV3Header), (message(flags: "020104"), .unexpectedTag),
            // Encrypted but not authenticated.
            (message(flags: "040102", payload: "0403aabbcc"), .badV3Header),
            // Flags and payload disagree.
            (message(flags: "040103"), .unexpectedTag), (message(payload: "0403aabbcc"), .unexpectedTag),
            (message(parameters: ""), .truncated), (message(parameters: "0400"), .unexpectedTag),
            (message(parameters: hexText(element(0x30, hex(usmFields(boots: "0201ff"))))), .badV3Header),
            (message(parameters: hexText(element(0x30, hex(usmFields(time: "0201ff"))))), .badV3Header),
            (message(parameters: hexText(element(0x30, hex(usmFields(salt: ""))))), .truncated),
            (message(parameters: hexText(element(0x30, hex(usmFields(engineID: tooLong))))), .badV3Header),
            (message(parameters: hexText(element(0x30, hex(usmFields(user: tooLong))))), .badV3Header),
            // PDUs that are not possible in v3.
            (message(payload: "3018 04050102030405 0400 a40d 06012b 4000 020100 020100 3000"), .unknownPDUType),
            (message(payload: "3000"), .truncated), (message(payload: "3007 04050102030405"), .truncated),
        ] as [([UInt8], BERError.Code)])
    func refused(octets: [UInt8], code: BERError.Code) { #expect(Self.code(octets) == code) }

    @Test func longestEngineIDAndUserName() {
        let long = "0420" + String(repeating: "61", count: 32)
        let fields = Self.usmFields(engineID: long, user: long)
        #expect(Self.code(Self.message(parameters: hexText(Self.element(0x30, hex(fields))))) == nil)
    }

    @Test func scopedPDUIgnoresCipherPadding() throws {
        let octets = hex("3016 04050102030405 0400 a00b 020107 020100 020100 3000 0000000000")
        var deviations = Deviations()
        let scoped = try ScopedPDULayout.parse(octets.span.bytes, 0..<octets.count, &deviations)
        #expect(deviations == [] && scoped.pdu.requestID == 7 && scoped.contextEngineID.count == 5)
    }

    // Every place at which a message of a stream can be cut.
    @Test(arguments: [5, 200, 300, 70_000])
    func lengthOfAMessageInAStream(count: Int) throws {
        let octets = written(limit: 80_000) { $0.octets([UInt8](repeating: 1, count: count), tag: BERTag.sequence) }
        let headerCount = octets.count - count
        for length in 0...headerCount + 1 {
            let prefix = Array(octets.prefix(length))
            let found = try MessageLayout.byteCount(startingWith: prefix.span.bytes, limit: octets.count)
            #expect(found == (length < headerCount ? nil : octets.count))
        }
        #expect(throws: BERError(.lengthBeyondContainer, at: 0)) {
            try MessageLayout.byteCount(startingWith: octets.span.bytes, limit: octets.count - 1)
        }
    }

    @Test(
        arguments: [
            ("04", .unexpectedTag), ("0400", .unexpectedTag), ("3080", .badLength), ("3085", .badLength),
            ("3084ffffffff", .lengthBeyondContainer), ("307f", nil), ("30", nil), ("", nil), ("3084ffffff", nil),
        ] as [(String, BERError.Code?)])
    func beginningsOfStreams(text: String, code: BERError.Code?) {
        let octets = hex(text)
        var found: BERError.Code?
        do {
            _ = try MessageLayout.byteCount(startingWith: octets.span.bytes, limit: 65_507)
        } catch {
            found = error.code
        }
        #expect(found == code)
    }
}
