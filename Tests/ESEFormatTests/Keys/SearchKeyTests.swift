// Layer: ESEFormatTests/Keys. Tests: search keys with and without wildcards.

import ESEFormat
import Primitives
import Testing

@Suite struct SearchKeyTests {
    private func search(
        _ index: IndexDefinition, _ columns: [ColumnDefinition], _ values: [[UInt8]?], _ limit: KeyLimit
    ) throws -> [UInt8] {
        var builder = try KeyBuilder(index: index, columns: columns, collator: PlainCollator())
        var key: [UInt8] = []
        _ = try builder.buildSearchKey(of: values, limit: limit, into: &key)
        return key
    }

    @Test func limitsOfFullColumns() throws {
        let columns = [column(1, .short), column(2, .short)]
        let definition = index(columns, keyMost: 8)
        let one = little(Int16(1))
        #expect(try search(definition, columns, [one], .none) == hex("7f8001"))
        #expect(try search(definition, columns, [one], .fullColumnStart) == hex("7f8001"))
        #expect(try search(definition, columns, [one], .fullColumnEnd) == hex("7f8001 ffffffffffff"))
        #expect(try search(definition, columns, [one], .string) == hex("7f8001 ffffffffffff"))
        #expect(try search(definition, columns, [one], .subString) == hex("7f8001"))
        #expect(throws: FormatError(.badValue, at: 0)) {
            try search(definition, columns, [one], .partialColumnEnd)
        }
        #expect(throws: FormatError(.badValue, at: 3)) {
            try search(definition, columns, [one, one, one], .none)
        }
    }

    @Test func limitsOfText() throws {
        let ascii = [column(128, .text, codePage: 1_252)]
        #expect(try search(index(ascii, keyMost: 6), ascii, [Array("ab".utf8)], .partialColumnStart) == hex("7f4142"))
        #expect(
            try search(index(ascii, keyMost: 6), ascii, [Array("ab".utf8)], .partialColumnEnd)
                == hex("7f4142 ffffffff"))
        let unicode = [column(128, .text, codePage: 1_200)]
        #expect(try search(index(unicode), unicode, [utf16("a")], .partialColumnStart) == hex("7f0263"))
        let down = index(unicode, descending: [0], keyMost: 8)
        #expect(try search(down, unicode, [utf16("a")], .partialColumnEnd) == hex("80fd9c ffffffffffff"))
    }

    @Test func limitsOfFullKeysAreOneByteMore() throws {
        let columns = [column(128, .text, codePage: 1_252), column(129, .text, codePage: 1_252)]
        let definition = index(columns, keyMost: 5)
        let text = Array("abcdefgh".utf8)
        for limit in [KeyLimit.fullColumnEnd, .partialColumnEnd, .string, .subString] {
            #expect(try search(definition, columns, [text], limit) == hex("7f414243 44 ff"))
            // A column that had no room at all has no limit.
            #expect(try search(definition, columns, [text, text], limit) == hex("7f414243 44"))
        }
        #expect(try search(definition, columns, [text], .fullColumnStart) == hex("7f414243 44"))
    }

    @Test func fixedTextIsFilledUpWithSpaces() throws {
        let columns = [column(1, .text, codePage: 1_252, size: 4)]
        #expect(try search(index(columns), columns, [Array("ab".utf8)], .none) == hex("7f 41422020 00"))
        #expect(throws: FormatError(.badValue, at: 0)) {
            try search(index(columns), columns, [Array("abcde".utf8)], .none)
        }
    }

    @Test func limitsOfBinary() throws {
        let columns = [column(128, .binary)]
        let definition = index(columns)
        #expect(try search(definition, columns, [[1, 2]], .partialColumnStart) == hex("7f0102"))
        #expect(
            try search(definition, columns, [[1, 2]], .partialColumnEnd) == hex("7f0102 ffffffffffffffff"))
    }

    /// What begins with a prefix lies between the limits, and nothing else does.
    @Test(arguments: [ColumnType.longText, .longBinary], [false, true])
    func rangesHoldWhatBeginsWithThePrefix(type: ColumnType, isDescending: Bool) throws {
        var source = SeededRandom(seed: 0x5245_4e47)
        let columns = [column(256, type, codePage: type == .longText ? 1_252 : 0)]
        let definition = index(columns, descending: isDescending ? [0] : [])
        for _ in 0..<300 {
            let prefix = (0..<Int.random(in: 1...10, using: &source)).map { _ in
                UInt8.random(in: 0x30...0x31, using: &source)
            }
            var start = try search(definition, columns, [prefix], .partialColumnStart)
            var end = try search(definition, columns, [prefix], .partialColumnEnd)
            if isDescending { swap(&start, &end) }
            let (low, high) = isDescending ? (end, start) : (start, end)
            for _ in 0..<5 {
                let value = (0..<Int.random(in: 0...12, using: &source)).map { _ in
                    UInt8.random(in: 0x30...0x31, using: &source)
                }
                let key = try makeKey(definition, columns, [value]).key
                let isInside = !key.lexicographicallyPrecedes(low) && key.lexicographicallyPrecedes(high)
                #expect(isInside == value.starts(with: prefix), "seed 52454e47, \(prefix) \(value)")
            }
        }
    }
}
