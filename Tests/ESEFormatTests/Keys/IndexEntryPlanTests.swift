// Layer: ESEFormatTests/Keys. Tests: which rows have which entries in an index.

import ESEFormat
import Testing

@Suite struct IndexEntryPlanTests {
    private static let a = column(256, .unsignedByte, flags: .multivalued)
    private static let b = column(257, .unsignedByte, flags: .multivalued)
    private static let fixed = column(1, .unsignedByte)
    private static let nulls: IndexFlags = [.allowAllNulls, .allowFirstNull, .allowSomeNulls]

    private func key(_ values: UInt8?...) -> [UInt8] { values.flatMap { $0.map { [0x7f, $0] } ?? [0] } }

    @Test func onlyTheFirstMultivaluedColumnExpands() throws {
        let columns = [Self.fixed, Self.a, Self.b]
        let definition = index(columns, flags: Self.nulls.union(.multivalued))
        let made = try allKeys(definition, columns, Row(values: [1: [[9]], 256: [[1], [2]], 257: [[5], [6]]]))
        #expect(made.keys == [key(9, 1, 5), key(9, 2, 5)])
        #expect(made.entries.count == 2)
    }

    @Test func crossProductHasTheLastColumnFastest() throws {
        let columns = [Self.a, Self.fixed, Self.b]
        let definition = index(columns, flags: Self.nulls.union([.multivalued, .crossProduct]))
        let made = try allKeys(definition, columns, Row(values: [1: [[9]], 256: [[1], [2]], 257: [[5], [6], [7]]]))
        #expect(made.keys == [1, 2].flatMap { a in [5, 6, 7].map { key(a, 9, $0) } })
        let withNull = try allKeys(definition, columns, Row(values: [1: [[9]], 256: [[1], [2]]]))
        #expect(withNull.keys == [key(1, 9, nil), key(2, 9, nil)])
    }

    @Test func nestedTableTakesNthValuesTogether() throws {
        let columns = [Self.a, Self.b]
        let definition = index(columns, flags: Self.nulls.union([.multivalued, .nestedTable]))
        let made = try allKeys(definition, columns, Row(values: [256: [[1], [2], [3]], 257: [[5]]]))
        #expect(made.keys == [key(1, 5), key(2, nil), key(3, nil)])
    }

    @Test func sameKeysCollapse() throws {
        let columns = [Self.a]
        let definition = index(columns, flags: Self.nulls.union(.multivalued))
        #expect(try allKeys(definition, columns, Row(values: [256: [[1], [2], [1]]])).keys == [key(1), key(2)])
    }

    @Test func nullRules() throws {
        let columns = [Self.fixed, column(2, .unsignedByte)]
        let rows: [(Row, IndexFlags)] = [
            (Row(values: [:]), .allowAllNulls), (Row(values: [2: [[1]]]), .allowFirstNull),
            (Row(values: [1: [[1]]]), .allowSomeNulls),
        ]
        for (row, needed) in rows {
            for flags in [IndexFlags.allowAllNulls, .allowFirstNull, .allowSomeNulls] {
                let made = try allKeys(index(columns, flags: flags), columns, row)
                #expect(made.keys.count == (flags == needed ? 1 : 0))
                #expect(!made.entries.hasDisallowedNull)
            }
        }
        let made = try allKeys(index(columns, flags: [.noNullSegment]), columns, Row(values: [:]))
        #expect(made.entries.hasDisallowedNull)
        // Every row is in the primary index.
        #expect(try allKeys(index(columns, flags: [.primary]), columns, Row(values: [:])).keys == [key(nil, nil)])
    }

    @Test func conditions() throws {
        let columns = [Self.fixed]
        var definition = index(columns)
        definition.conditions = [
            IndexSegment(column: ColumnID(2)), IndexSegment(column: ColumnID(3), mustBeNull: true),
        ]
        let all: [(Row, Int)] = [
            (Row(values: [1: [[1]]]), 0), (Row(values: [1: [[1]], 2: [[1]]]), 1),
            (Row(values: [1: [[1]], 2: [[1]], 3: [[]]]), 0), (Row(values: [1: [[1]], 3: [[1]]]), 0),
        ]
        for (row, count) in all { #expect(try allKeys(definition, columns, row).keys.count == count) }
    }

    @Test func substrings() throws {
        let columns = [column(256, .longText, codePage: 1_252, flags: .multivalued)]
        var definition = index(columns, flags: [.tuples])
        definition.tupleLimits = TupleLimits(minimumLength: 2, maximumLength: 3, indexedCharacterCount: 100)
        func texts(_ values: String...) throws -> [String] {
            try allKeys(definition, columns, Row(values: [256: values.map { Array($0.utf8) }])).keys.map {
                String(decoding: $0.dropFirst().dropLast(), as: UTF8.self)
            }
        }
        #expect(try texts("abcde") == ["ABC", "BCD", "CDE", "DE"])
        #expect(try texts("aaaa") == ["AAA", "AA"])
        #expect(try texts("a") == [])
        #expect(try allKeys(definition, columns, Row(values: [:])).keys == [])
        definition.tupleLimits?.increment = 2
        definition.tupleLimits?.start = 1
        #expect(try texts("abcdef") == ["BCD", "DEF"])
        definition.tupleLimits?.indexedCharacterCount = 1
        #expect(try texts("abcdef") == ["BCD"])
        // Of several values, short ones are passed over.
        definition.flags.insert(.multivalued)
        definition.tupleLimits = TupleLimits(minimumLength: 3, maximumLength: 3, indexedCharacterCount: 100)
        #expect(try texts("ab", "x", "cdef") == ["CDE", "DEF"])
        definition.tupleLimits = nil
        #expect(throws: FormatError(.badCatalogRow, at: 0)) { try texts("a") }
    }

    @Test func textWithoutCollationMakesNoKey() throws {
        let columns = [column(256, .longText, codePage: 1_200, flags: .multivalued)]
        let definition = index(columns, flags: Self.nulls.union(.multivalued))
        let made = try allKeys(definition, columns, Row(values: [256: [utf16("a"), utf16("\u{3042}"), utf16("b")]]))
        #expect(made.keys.count == 2)
        #expect(!made.entries.isExact)
    }
}
