import SNMPCodec
import Testing

/// One value out of a whole element in hexadecimal.
func decodedValue(_ text: String) throws -> (SNMPValue, Deviations) {
    let octets = hex(text)
    var reader = BERReader(octets.span.bytes)
    let (tag, content) = try reader.element(octets.span.bytes)
    #expect(reader.isAtEnd, "one element only")
    var deviations = Deviations()
    return (try SNMPValue(tag: tag, octets.span.bytes, content, &deviations), deviations)
}

@Suite struct ValueDecodeTests {
    // X.690, 8.3, 8.7, 8.8, 8.19; RFC 3417, section 8; RFC 2578, section 7.
    static let strict: [(String, SNMPValue)] = [
        ("02 01 00", .integer(0)), ("02 01 7f", .integer(127)), ("02 02 0080", .integer(128)),
        ("02 01 80", .integer(-128)), ("02 02 ff7f", .integer(-129)), ("02 01 ff", .integer(-1)),
        ("02 02 7fff", .integer(32_767)), ("02 03 008000", .integer(32_768)), ("02 02 8000", .integer(-32_768)),
        ("02 04 7fffffff", .integer(.max)), ("02 04 80000000", .integer(.min)),
        ("04 00", .octetString([])), ("04 03 00ff41", .octetString([0, 255, 65])), ("05 00", .null),
        ("06 01 00", .objectIdentifier([0, 0])), ("06 01 2b", .objectIdentifier([1, 3])),
        ("06 02 8837", .objectIdentifier([2, 999])), ("06 01 4f", .objectIdentifier([1, 39])),
        ("06 01 50", .objectIdentifier([2, 0])),
        ("06 06 2b8fffffff7f", .objectIdentifier([1, 3, .max])),
        // 2 * 40 + 4294967295 is the greatest first sub-identifier.
        ("06 05 908080804f", .objectIdentifier([2, .max])),
        ("40 04 c00002ff", .ipAddress(0xC000_02FF)),
        ("41 01 00", .counter32(0)), ("41 05 00ffffffff", .counter32(.max)), ("41 02 0080", .counter32(128)),
        ("42 05 0080000000", .gauge32(0x8000_0000)), ("43 01 7f", .timeTicks(127)), ("47 01 07", .uinteger32(7)),
        ("44 03 010203", .opaque([1, 2, 3])), ("44 00", .opaque([])),
        ("44 07 9f7804 3fc00000", .float(1.5)), ("44 0b 9f7908 c002000000000000", .double(-2.25)),
        // Not exactly a wrapped number.
        ("44 06 9f7803 3fc000", .opaque([0x9F, 0x78, 3, 0x3F, 0xC0, 0])),
        ("44 08 9f7804 3fc0000000", .opaque([0x9F, 0x78, 4, 0x3F, 0xC0, 0, 0, 0])),
        ("44 07 9f7903 3fc00000", .opaque([0x9F, 0x79, 3, 0x3F, 0xC0, 0, 0])),
        ("46 01 00", .counter64(0)), ("46 09 00ffffffffffffffff", .counter64(.max)),
        ("46 08 7fffffffffffffff", .counter64(UInt64(Int64.max))),
        ("80 00", .noSuchObject), ("81 00", .noSuchInstance), ("82 00", .endOfMibView),
    ]

    @Test(arguments: strict)
    func strictEncodingsDecodeAndEncodeBack(text: String, value: SNMPValue) throws {
        let (decoded, deviations) = try decodedValue(text)
        #expect(decoded == value)
        #expect(deviations == [])
        #expect(value.tag == hex(text)[0])
        let octets = written { $0.value(value) }
        #expect(octets == hex(text))
    }

    // Every deviation that a value can have, with what it is read as.
    @Test(
        arguments: [
            ("02 02 0001", .integer(1), .paddedInteger), ("02 02 ffff", .integer(-1), .paddedInteger),
            ("02 05 0000000001", .integer(1), .paddedInteger),
            ("02 09 000000000000000001", .integer(1), .paddedInteger),
            ("02 0c ffffffffffffffffffffffff", .integer(-1), .paddedInteger),
            ("02 05 00ffffffff", .integer(-1), .oversizedInteger),
            ("02 05 0100000002", .integer(2), .oversizedInteger),
            ("02 09 010000000000000000", .integer(0), .oversizedInteger),
            ("02 0a 00010000000000000000", .integer(0), [.paddedInteger, .oversizedInteger]),
            ("41 02 0001", .counter32(1), .paddedInteger), ("41 05 0000000001", .counter32(1), .paddedInteger),
            ("41 04 ffffffff", .counter32(.max), .unsignedWithoutLeadingZero),
            ("42 01 ff", .gauge32(255), .unsignedWithoutLeadingZero),
            ("41 05 0100000002", .counter32(2), .oversizedInteger),
            ("43 06 000100000002", .timeTicks(2), [.oversizedInteger, .paddedInteger]),
            ("43 06 008000000002", .timeTicks(2), .oversizedInteger),
            ("46 08 ffffffffffffffff", .counter64(.max), .unsignedWithoutLeadingZero),
            ("46 09 010000000000000002", .counter64(2), .oversizedInteger),
            ("46 12 00000000000000000000 0000000000000003", .counter64(3), .paddedInteger),
            ("02 00", .other(tag: 0x02, content: []), .emptyInteger),
            ("41 00", .other(tag: 0x41, content: []), .emptyInteger),
            ("42 00", .other(tag: 0x42, content: []), .emptyInteger),
            ("43 00", .other(tag: 0x43, content: []), .emptyInteger),
            ("46 00", .other(tag: 0x46, content: []), .emptyInteger),
            ("47 00", .other(tag: 0x47, content: []), .emptyInteger),
            ("06 03 2b8006", .objectIdentifier([1, 3, 6]), .paddedSubidentifier),
            ("06 02 802b", .objectIdentifier([1, 3]), .paddedSubidentifier),
            ("06 00", .objectIdentifier([0, 0]), .emptyObjectIdentifier),
            ("40 03 c00002", .other(tag: 0x40, content: [192, 0, 2]), .badAddressLength),
            ("40 00", .other(tag: 0x40, content: []), .badAddressLength),
            ("40 06 c00002010000", .other(tag: 0x40, content: [192, 0, 2, 1, 0, 0]), .badAddressLength),
            ("05 01 00", .null, .nullWithContent), ("80 02 0000", .noSuchObject, .nullWithContent),
            ("81 01 ff", .noSuchInstance, .nullWithContent), ("82 01 00", .endOfMibView, .nullWithContent),
            ("45 01 07", .other(tag: 0x45, content: [7]), .unknownType),
            ("03 02 0080", .other(tag: 0x03, content: [0, 128]), .unknownType),
            ("30 00", .other(tag: 0x30, content: []), .unknownType),
        ] as [(String, SNMPValue, Deviations)])
    func toleratedDeviations(text: String, value: SNMPValue, expected: Deviations) throws {
        let (decoded, deviations) = try decodedValue(text)
        #expect(decoded == value)
        #expect(deviations == expected, "\(deviations.labels)")
    }

    @Test(
        arguments: [
            // 19 octets and more are no number.
            ("02 13 00000000000000000000000000000000000000", .badInteger, 2),
            ("41 13 00000000000000000000000000000000000000", .badInteger, 2),
            ("46 13 ffffffffffffffffffffffffffffffffffffff", .badInteger, 2),
            // An unfinished sub-identifier.
            ("06 01 80", .badObjectIdentifier, 3), ("06 03 2b06ff", .badObjectIdentifier, 5),
            // 2^32, and 2^32 + 80 in front.
            ("06 06 2b9080808000", .badObjectIdentifier, 7), ("06 05 9080808050", .badObjectIdentifier, 6),
            ("06 0b 2bffffffffffffffffff7f", .badObjectIdentifier, 7),
        ] as [(String, BERError.Code, Int)])
    func refused(text: String, code: BERError.Code, offset: Int) {
        #expect(throws: BERError(code, at: offset)) { try decodedValue(text) }
    }

    @Test func namesOf128ArcsAndNoMore() throws {
        let longest = "06 7f 2b" + String(repeating: "01", count: 126)
        let arcs = [1, 3] + [UInt32](repeating: 1, count: 126)
        #expect(try decodedValue(longest).0 == .objectIdentifier(#require(ObjectIdentifier(arcs: arcs))))
        let longer = "06 8180 2b" + String(repeating: "01", count: 127)
        #expect(throws: BERError(.badObjectIdentifier, at: 130)) { try decodedValue(longer) }
    }

    @Test func wrappedNaNKeepsItsBits() throws {
        let octets = hex("44 07 9f7804 7fa00001")
        let (value, _) = try decodedValue("44 07 9f7804 7fa00001")
        let back = written { $0.value(value) }
        #expect(back == octets)
    }

    @Test func numbersAndTextOfValues() {
        #expect(SNMPValue.integer(-1).asInt64 == -1 && SNMPValue.integer(-1).asUInt64 == nil)
        #expect(SNMPValue.counter64(.max).asInt64 == nil && SNMPValue.counter64(.max).asUInt64 == .max)
        let sevens: [SNMPValue] = [
            .counter32(7), .gauge32(7), .timeTicks(7), .uinteger32(7), .counter64(7), .integer(7),
        ]
        for value in sevens {
            #expect(value.asInt64 == 7 && value.asUInt64 == 7)
        }
        #expect(SNMPValue.null.asInt64 == nil && SNMPValue.null.asUInt64 == nil)
        #expect(SNMPValue.string("grün").asText == "grün" && SNMPValue.octetString([0xFF]).asText == nil)
        #expect(SNMPValue.opaque([1]).asOctets == [1] && SNMPValue.opaque([65]).asText == nil)
        #expect(SNMPValue.null.asOctets == nil)
    }

    @Test func deviationsAndErrorsHaveNames() {
        let all = Deviations(rawValue: .max)
        #expect(Set(all.labels).count == all.labels.count)
        #expect(Deviations([.paddedInteger, .otherNames]).labels == ["padded-integer", "other-names"])
        let texts = BERError.Code.allCases.map { BERError($0, at: 1).description }
        #expect(Set(texts).count == texts.count)
        #expect(BERError(.truncated, at: .max).offset == .max)
    }
}
