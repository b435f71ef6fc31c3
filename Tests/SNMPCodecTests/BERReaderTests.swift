import SNMPCodec
import Testing

@Suite struct BERReaderTests {
    static func element(_ text: String) throws -> (tag: UInt8, content: Range<Int>) {
        let octets = hex(text)
        var reader = BERReader(octets.span.bytes)
        return try reader.element(octets.span.bytes)
    }

    @Test(arguments: ["04 01 aa", "04 8101 aa", "04 820001 aa", "04 83000001 aa", "04 8400000001 aa"])
    func lengthsOfUpToFourOctets(text: String) throws {
        let (tag, content) = try Self.element(text)
        #expect(tag == 4 && content.count == 1)
        #expect(hex(text).span.bytes.octets(content) == [0xAA])
    }

    @Test(
        arguments: [
            ("", .truncated, 0), ("04", .truncated, 0), ("04 81", .truncated, 2), ("04 82 01", .truncated, 2),
            ("04 84 000000", .truncated, 2),
            // Indefinite, five octets, reserved.
            ("04 80 0000", .badLength, 1), ("04 85 0000000000", .badLength, 1), ("04 ff", .badLength, 1),
            ("04 01", .lengthBeyondContainer, 0), ("04 02 00", .lengthBeyondContainer, 0),
            ("04 84 80000000", .lengthBeyondContainer, 0), ("04 84 ffffffff 00", .lengthBeyondContainer, 0),
        ] as [(String, BERError.Code, Int)])
    func refused(text: String, code: BERError.Code, offset: Int) {
        #expect(throws: BERError(code, at: offset)) { try Self.element(text) }
    }

    @Test func containersBoundTheirElements() throws {
        // The inner element would end inside the message, but not inside the sequence.
        let octets = hex("30 03 04 02 aa bb")
        var outer = BERReader(octets.span.bytes)
        var inner = BERReader(try outer.content(BERTag.sequence, octets.span.bytes))
        #expect(throws: BERError(.lengthBeyondContainer, at: 2)) { try inner.element(octets.span.bytes) }
        #expect(!outer.isAtEnd)
    }

    // The check that all unchecked reads rest on (B1).
    @Test func readersOfOtherBytesAreOurOwnBug() async {
        await #expect(processExitsWith: .failure) {
            var reader = BERReader(0..<4)
            _ = try reader.element(([5, 0, 0] as [UInt8]).span.bytes)
        }
        await #expect(processExitsWith: .failure) {
            var deviations = Deviations()
            _ = try BER.unsigned(([1, 2] as [UInt8]).span.bytes, 1..<3, bits: 32, &deviations)
        }
        await #expect(processExitsWith: .failure) {
            var deviations = Deviations()
            _ = try BER.signed(([1, 2] as [UInt8]).span.bytes, 1..<3, &deviations)
        }
        await #expect(processExitsWith: .failure) {
            var deviations = Deviations()
            var name = ObjectIdentifier()
            try BER.objectIdentifier(([1, 2] as [UInt8]).span.bytes, 1..<3, into: &name, &deviations)
        }
        await #expect(processExitsWith: .failure) { _ = ([1, 2] as [UInt8]).span.bytes.octets(1..<3) }
    }

    @Test func unexpectedTagReportsItsPlace() {
        let octets = hex("04 00 02 01 05")
        var reader = BERReader(2..<5)
        #expect(throws: BERError(.unexpectedTag, at: 2)) { try reader.content(BERTag.null, octets.span.bytes) }
    }

    @Test func integersOfHeadersHaveAValue() throws {
        var deviations = Deviations()
        let empty = hex("02 00")
        var reader = BERReader(empty.span.bytes)
        #expect(throws: BERError(.badInteger, at: 0)) { try reader.integer(empty.span.bytes, &deviations) }
        let padded = hex("02 03 000001")
        reader = BERReader(padded.span.bytes)
        #expect(try reader.integer(padded.span.bytes, &deviations) == 1)
        #expect(deviations == .paddedInteger)
    }

    @Test func bindingsAreReadOneByOne() throws {
        let octets = hex("30 05 06012b 0500  30 06 06012a 0401aa")
        var deviations = Deviations()
        var reader = BERReader(octets.span.bytes)
        let first = try #require(try reader.binding(octets.span.bytes, &deviations))
        #expect(octets.span.bytes.octets(first.name) == [0x2B] && first.tag == BERTag.null && first.content.isEmpty)
        let second = try #require(try reader.binding(octets.span.bytes, &deviations))
        #expect(octets.span.bytes.octets(second.content) == [0xAA])
        #expect(try reader.binding(octets.span.bytes, &deviations) == nil)
        #expect(deviations == [])
    }

    @Test(
        arguments: [
            ("30", .truncated), ("31 05 06012b 0500", .unexpectedTag), ("30 05 04012b 0500", .unexpectedTag),
            ("30 03 06012b", .truncated), ("30 00", .truncated), ("30 05 06042b 0500", .lengthBeyondContainer),
        ] as [(String, BERError.Code)])
    func malformedBindings(text: String, code: BERError.Code) {
        let octets = hex(text)
        var deviations = Deviations()
        var reader = BERReader(octets.span.bytes)
        let error = #expect(throws: BERError.self) { _ = try reader.binding(octets.span.bytes, &deviations) }
        #expect(error?.code == code)
    }

    @Test func octetsBehindABindingsValueAreReported() throws {
        let octets = hex("30 07 06012b 0500 0500")
        var deviations = Deviations()
        var reader = BERReader(octets.span.bytes)
        _ = try reader.binding(octets.span.bytes, &deviations)
        #expect(deviations == .octetsAfterPDU)
    }
}
