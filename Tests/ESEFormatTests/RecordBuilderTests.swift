// Layer: ESEFormatTests. Tests: RecordBuilder, rows of the catalog, long values' nodes.

import ESEFormat
import Primitives
import Testing

@Suite struct RecordBuilderTests {
    // Rows of MSysObjects as Windows' engine writes them, from dissect.esedb's test file basic.edb.
    private let tableRow: [UInt8] =
        [0x08, 0x80, 0x20, 0, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 0xc0, 0x14, 0, 0, 0]
        + [0xff, 0, 0x0b, 0] + Array("MSysObjects".utf8)
    private let columnRow: [UInt8] =
        [9, 0x80, 0x23, 0, 2, 0, 0, 0, 2, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0xe4, 4, 0, 0]
        + [0x2a, 4, 0, 0x80, 0xfe, 0x0a, 0] + Array("ObjidTable".utf8)

    @Test func rowOfTheCatalogsTable() throws {
        var table = TableDefinition(objectID: ObjectID(2), name: "MSysObjects", rootPage: .catalog)
        table.flags = [.system, .fixedDDL]
        table.initialPageCount = 20
        #expect(try CatalogRow(table: table).record(isLarge: false) == tableRow)
    }

    @Test func rowOfAColumn() throws {
        let column = ColumnDefinition(
            id: ColumnID(1), name: "ObjidTable", type: .long, flags: .notNull, codePage: 1_252, maximumByteCount: 4,
            recordOffset: 4)
        var expected = columnRow
        // The byte of RootFlag, which is NULL, holds what was there before.
        expected[30] = 0
        #expect(try CatalogRow(column: column, of: ObjectID(2)).record(isLarge: false) == expected)
    }

    @Test func rowOfMSysObjids() throws {
        var record = RecordBuilder(isLarge: false)
        for (column, value) in [(256, [2, 0, 0, 0]), (257, [2, 0, 0, 0]), (258, [1, 0])] as [(UInt16, [UInt8])] {
            record.setTagged(ColumnID(column), isLongValue: false, [.plain(value)])
        }
        let expected: [UInt8] =
            [0, 0x7f, 4, 0, 0, 1, 0x0c, 0, 1, 1, 0x10, 0, 2, 1, 0x14, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0]
        #expect(try record.bytes() == expected)
    }

    @Test(arguments: [false, true]) func rowsOfTheCatalogComeBack(isLarge: Bool) throws {
        var index = IndexDefinition(
            objectID: ObjectID(9), name: "By text", rootPage: PageNumber(77), flags: [.extendedColumns, .localized],
            segments: [
                IndexSegment(column: ColumnID(256), isFromTemplate: true, isDescending: true),
                IndexSegment(column: ColumnID(1)),
            ])
        index.conditions = [IndexSegment(column: ColumnID(300), mustBeNull: true)]
        index.maximumKeyByteCount = 1_000
        index.maximumSegmentByteCount = 500
        index.lcMapFlags = 0x30401
        index.localeName = "en-US"
        index.sortVersion = 0x0006_020f_0006_020f
        index.sortID = GUID(low: 1, high: 2)
        index.tupleLimits = TupleLimits(minimumLength: 3, maximumLength: 10, indexedCharacterCount: 100, increment: 2)
        let column = ColumnDefinition(
            id: ColumnID(260), name: "Größe", type: .longText, flags: [.hasDefault, .multivalued], codePage: 1_200,
            maximumByteCount: 900, defaultValue: [1, 2, 3], callback: "library!function")
        var table = TableDefinition(objectID: ObjectID(8), name: "T", rootPage: PageNumber(40), flags: .derived)
        table.templateName = "Template"
        let rows = [
            CatalogRow(index: index, of: ObjectID(8)), CatalogRow(column: column, of: ObjectID(8)),
            CatalogRow(table: table),
            CatalogRow(longValuesOf: ObjectID(8), id: ObjectID(10), rootPage: PageNumber(80), chunkByteCount: 1_966),
        ]
        for row in rows {
            let bytes = try row.record(isLarge: isLarge)
            let read = try CatalogRow(bytes.span.bytes, 0..<bytes.count, isLarge: isLarge)
            #expect(read == row)
        }
        #expect(rows[0].index == index)
        #expect(rows[1].column == column)
    }

    @Test(arguments: [false, true]) func valuesComeBack(isLarge: Bool) throws {
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed: seed)
            try roundTrip(isLarge: isLarge, seed: seed, &random)
        }
    }

    /// A record of random columns, read again.
    private func roundTrip(isLarge: Bool, seed: UInt64, _ random: inout SeededRandom) throws {
        func octets(_ most: Int) -> [UInt8] { (0..<Int(random.next() % UInt64(most + 1))).map { _ in byte() } }
        func byte() -> UInt8 { UInt8(truncatingIfNeeded: random.next()) }
        var record = RecordBuilder(isLarge: isLarge)
        var fixed: [(column: ColumnID, offset: Int, count: Int, value: [UInt8]?)] = []
        var offset = 4
        for id in 1...20 where random.oneIn(2) {
            let count = [1, 2, 4, 8, 16][Int(random.next() % 5)]
            fixed.append((ColumnID(UInt16(id)), offset, count, random.oneIn(3) ? nil : (0..<count).map { _ in byte() }))
            offset += count
        }
        for field in fixed {
            field.value.map {
                record.setFixed(field.column, offset: field.offset, byteCount: field.count, $0.span.bytes)
            } ?? record.setFixed(field.column, offset: field.offset, byteCount: field.count, nil)
        }
        var variable: [UInt16: [UInt8]?] = [:]
        for id in UInt16(128)...150 where random.oneIn(3) {
            let value = random.oneIn(4) ? nil : octets(60)
            variable.updateValue(value, forKey: id)
            if let value {
                record.setVariable(ColumnID(id), value.span.bytes)
            } else {
                record.setVariable(ColumnID(id), nil)
            }
        }
        var tagged: [(column: ColumnID, isFromTemplate: Bool, isLong: Bool, values: [TaggedInput])] = []
        for isFromTemplate in [true, false] {
            for id in UInt16(256)...270 where random.oneIn(4) {
                let isLong = random.oneIn(2)
                let values: [TaggedInput] = (0..<Int(random.next() % 5)).map { index in
                    if isLong, random.oneIn(3) { return .separated(LongValueID(UInt32(random.next() % 1_000))) }
                    if isLong, index == 0, random.oneIn(3) { return .compressed(octets(40)) }
                    return .plain(octets(40))
                }
                tagged.append((ColumnID(id), isFromTemplate, isLong, values))
                record.setTagged(ColumnID(id), isFromTemplate: isFromTemplate, isLongValue: isLong, values)
            }
        }
        let bytes = try [7, 7, 7] + record.bytes()
        let span = bytes.span.bytes
        #expect(bytes.count == 3 + record.byteCount, "seed \(seed)")
        let layout = try RecordLayout(span, 3..<bytes.count, isLarge: isLarge)
        for field in fixed {
            let place = try layout.fixed(field.column, offset: field.offset, count: field.count, in: span)
            #expect(value(of: place, bytes) == field.value, "seed \(seed) column \(field.column)")
        }
        for (id, expected) in variable {
            #expect(
                try value(of: layout.variable(ColumnID(id), in: span), bytes) == expected, "seed \(seed) column \(id)")
        }
        #expect(layout.taggedCount == tagged.count, "seed \(seed)")
        for entry in tagged {
            let found = try layout.taggedField(entry.column, isFromTemplate: entry.isFromTemplate, in: span)
            let field = try #require(found)
            let count = try layout.valueCount(of: field, in: span)
            #expect(count == entry.values.count, "seed \(seed) column \(entry.column)")
            #expect(field.isNull == entry.values.isEmpty, "seed \(seed) column \(entry.column)")
            for index in 0..<min(count, entry.values.count) {
                let value = try layout.value(index, of: count, in: field, span)
                let read: TaggedInput =
                    value.isSeparated
                    ? .separated(try LongValueID(inRecord: span.extracting(value.range)))
                    : value.isCompressed ? .compressed(Array(bytes[value.range])) : .plain(Array(bytes[value.range]))
                #expect(read == entry.values[index], "seed \(seed) column \(entry.column) value \(index)")
            }
        }
    }

    /// nil for NULL; a test's columns are never absent.
    private func value(of place: FieldPlace, _ bytes: [UInt8]) -> [UInt8]? {
        guard case .at(let range) = place else { return nil }
        return Array(bytes[range])
    }

    @Test func tooMuchTaggedDataIsAnError() {
        var record = RecordBuilder(isLarge: false)
        record.setTagged(ColumnID(256), isLongValue: false, [.plain(Array(repeating: 1, count: 8_188))])
        #expect(throws: FormatError(.badRecord, at: record.byteCount)) { try record.bytes() }
    }

    @Test func longValuesBecomeChunks() throws {
        let value = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        for id in [LongValueID(7), LongValueID(wide: 0x8000_0000_8000_0001)] {
            var nodes: [(key: LongValueKey, data: [UInt8])] = []
            try id.forEachNode(
                of: value.span.bytes, chunkByteCount: 300,
                compress: { chunk in chunk.byteCount == 300 ? Array(repeating: 9, count: 300) : [1] }
            ) { (key, data) throws(FormatError) in
                nodes.append((try LongValueKey(key.span.bytes), data))
            }
            #expect(nodes.map(\.key.offset) == [nil, 0, 300, 600, 900])
            #expect(nodes.allSatisfy { $0.key.id == id })
            let data = nodes[0].data
            let root = try LongValueRoot(data.span.bytes)
            #expect(root.byteCount == 1_000)
            // What isn't shorter is left as it is.
            #expect(nodes[1].data == Array(value[..<300]))
            #expect(nodes[4].data == [1])
        }
    }
}
