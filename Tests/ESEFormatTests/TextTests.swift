// Layer: ESEFormatTests. Tests: Text, ColumnValue as stored.

import ESEFormat
import Primitives
import Testing

@Suite struct TextTests {
    private func utf16(_ units: [UInt16], and more: [UInt8] = []) -> String {
        let bytes = units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] } + more
        return Text.string(bytes.span.bytes, codePage: 1200)
    }

    @Test func utf16OfAllKinds() {
        #expect(utf16(Array("plain ASCII of any length".utf16)) == "plain ASCII of any length")
        #expect(utf16(Array("Zürich, Ελλάδα, 東京, 🦊!".utf16)) == "Zürich, Ελλάδα, 東京, 🦊!")
        #expect(utf16([0x41, 0, 0x42]) == "A\0B")
        #expect(utf16([]) == "")
        #expect(utf16([0x41], and: [0x42]) == "A\u{fffd}")
        #expect(utf16([0xd83e]) == "\u{fffd}")
        #expect(utf16([0xd83e, 0x41]) == "\u{fffd}A")
        #expect(utf16([0xdd8a, 0xd83e, 0xdd8a]) == "\u{fffd}🦊")
    }

    /// The standard library decodes the same, whatever the units are.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func randomUnits(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let units = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                switch Int.random(in: 0...3, using: &random) {
                case 0: UInt16.random(in: 0...0x7f, using: &random)
                case 1: UInt16.random(in: 0xd800...0xdfff, using: &random)
                default: UInt16.random(in: 0...0xffff, using: &random)
                }
            }
            #expect(utf16(units) == String(decoding: units, as: UTF16.self))
        }
    }

    @Test func codePage1252() throws {
        let bytes: [UInt8] = [0x41, 0x80, 0x81, 0x9f, 0xa0, 0xff]
        let text = Text.string(bytes.span.bytes, codePage: 1252)
        #expect(text == "A€\u{81}Ÿ\u{a0}ÿ")
        #expect(Text.bytes(text, codePage: 1252) == bytes)
        #expect(Text.bytes("東", codePage: 1252) == nil)
        let all = (0...255).map { UInt8($0) }
        #expect(Text.bytes(Text.string(all.span.bytes, codePage: 1252), codePage: 1252) == all)
    }
}

@Suite struct StoredValueTests {
    @Test(
        arguments: [
            (ColumnType.bit, [0xff], ColumnValue.bit(true)), (.unsignedByte, [0xfe], .unsigned(254)),
            (.short, [0xff, 0xff], .signed(-1)), (.long, [1, 0, 0, 0x80], .signed(-2_147_483_647)),
            (.currency, [0, 0, 0, 0, 0, 0, 0, 0x80], .signed(.min)), (.single, [0, 0, 0xc0, 0x3f], .single(1.5)),
            (.dateTime, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], .dateTime(1.5)), (.unsignedShort, [1, 2], .unsigned(513)),
            (.unsignedLong, [0xff, 0xff, 0xff, 0xff], .unsigned(4_294_967_295)), (.binary, [], .binary([])),
            (.longText, [0x41, 0], .text("A")),
        ] as [(ColumnType, [UInt8], ColumnValue)])
    func values(type: ColumnType, bytes: [UInt8], value: ColumnValue) throws {
        #expect(try ColumnValue(decoding: bytes.span.bytes, type: type, codePage: 1200) == value)
        #expect(value.encoded(as: type, codePage: 1200) == bytes)
    }

    @Test(arguments: ColumnType.allCases) func wrongSizesThrow(type: ColumnType) {
        guard let count = type.fixedByteCount else { return }
        for wrong in 0...20 where wrong != count {
            let bytes = [UInt8](repeating: 1, count: wrong)
            #expect(throws: FormatError(.badValue, at: wrong)) {
                try ColumnValue(decoding: bytes.span.bytes, type: type, codePage: 0)
            }
        }
    }

    @Test func whatATypeCantHoldIsNotStored() {
        #expect(ColumnValue.signed(32_768).encoded(as: .short, codePage: 0) == nil)
        #expect(ColumnValue.unsigned(256).encoded(as: .unsignedByte, codePage: 0) == nil)
        #expect(ColumnValue.text("A").encoded(as: .long, codePage: 0) == nil)
        #expect(ColumnValue.null.encoded(as: .long, codePage: 0) == nil)
    }
}
