// Layer: ESEFormatTests. Tests: RecordLayout, TaggedField, CatalogRow.
// The golden rows were made by Windows: they stand in the catalog of every database (ESE's MSysObjects).

import ESEFormat
import Testing

@Suite struct RecordTests {
    /// The row of the table MSysObjects in MSysObjects itself.
    static let tableRow = hex(
        "08 80 2000 02000000 0100 02000000 04000000 50000000 000000c0 14000000 ff 00 0b00 4d5379734f626a65637473")
    /// The row of its column ObjidTable: RootFlag is NULL, and its byte is what was in memory.
    static let columnRow = hex(
        "09 80 2300 02000000 0200 01000000 04000000 04000000 01000000 e4040000 2a 0400 80fe 0a00 4f626a69645461626c65")

    @Test func rowOfATable() throws {
        let row = try CatalogRow(Self.tableRow.span.bytes, 0..<Self.tableRow.count, isLarge: false)
        #expect(row.kind == .table)
        #expect(row.name == "MSysObjects")
        #expect(row.isRoot == true)
        #expect(row.recordOffset == nil)
        let table = try #require(row.table)
        #expect(table.objectID == ObjectID(2))
        #expect(table.rootPage == .catalog)
        #expect(table.flags == [.system, .fixedDDL])
        #expect(table.density == 80)
        #expect(table.initialPageCount == 20)
        #expect(row.column == nil)
    }

    @Test func rowOfAColumn() throws {
        let row = try CatalogRow(Self.columnRow.span.bytes, 0..<Self.columnRow.count, isLarge: false)
        #expect(row.isRoot == nil)
        let column = try #require(row.column)
        #expect(column.id == ColumnID(1))
        #expect(column.name == "ObjidTable")
        #expect(column.type == .long)
        #expect(column.flags == .notNull)
        #expect(column.maximumByteCount == 4)
        #expect(column.recordOffset == 4)
        #expect(row.table == nil)
    }

    @Test func nullIsNotTheBytesThatLieThere() throws {
        let record = try RecordLayout(Self.columnRow.span.bytes, 0..<Self.columnRow.count, isLarge: false)
        #expect(try record.fixed(ColumnID(8), offset: 30, count: 1, in: Self.columnRow.span.bytes) == .null)
        #expect(try record.fixed(ColumnID(9), offset: 31, count: 2, in: Self.columnRow.span.bytes) == .at(31..<33))
        #expect(try record.fixed(ColumnID(10), offset: 33, count: 4, in: Self.columnRow.span.bytes) == .absent)
        #expect(try record.variable(ColumnID(129), in: Self.columnRow.span.bytes) == .absent)
    }

    /// A record without fixed and variable columns and with these tagged ones, on a small page.
    private static func record(_ fields: [(id: UInt16, word: UInt16, data: [UInt8])]) -> [UInt8] {
        var bytes: [UInt8] = [0, 127, 4, 0]
        var offset = UInt16(fields.count * 4)
        for field in fields {
            let word = offset | field.word
            bytes += [UInt8(field.id & 0xff), UInt8(field.id >> 8), UInt8(word & 0xff), UInt8(word >> 8)]
            offset += UInt16(field.data.count)
        }
        for field in fields { bytes += field.data }
        return bytes
    }

    @Test func taggedColumnsAreFoundInOrder() throws {
        let bytes = Self.record([
            (300, 0x8000, [1]), (256, 0, [2, 3]), (257, 0x2000, []), (300, 0, [4]), (65_248, 0x4000, [0x01, 5, 6]),
        ])
        let span = bytes.span.bytes
        let record = try RecordLayout(span, 0..<bytes.count, isLarge: false)
        #expect(record.taggedCount == 5)
        let template = try #require(try record.taggedField(ColumnID(300), isFromTemplate: true, in: span))
        #expect(span.bytes(template.data) == [1])
        let own = try #require(try record.taggedField(ColumnID(300), isFromTemplate: false, in: span))
        #expect(span.bytes(own.data) == [4])
        let null = try #require(try record.taggedField(ColumnID(257), isFromTemplate: false, in: span))
        #expect(null.isNull)
        #expect(try record.valueCount(of: null, in: span) == 0)
        let last = try #require(try record.taggedField(ColumnID(65_248), isFromTemplate: false, in: span))
        #expect(last.flags == .longValue)
        #expect(span.bytes(last.data) == [5, 6])
        #expect(try record.taggedField(ColumnID(258), isFromTemplate: false, in: span) == nil)
        #expect(try record.taggedField(ColumnID(256), isFromTemplate: true, in: span) == nil)
    }

    @Test func twoValues() throws {
        let bytes = Self.record([(256, 0x4000, [0x10, 2, 7, 8, 9])])
        let span = bytes.span.bytes
        let record = try RecordLayout(span, 0..<bytes.count, isLarge: false)
        let field = try #require(try record.taggedField(ColumnID(256), isFromTemplate: false, in: span))
        #expect(try record.valueCount(of: field, in: span) == 2)
        #expect(span.bytes(try record.value(0, of: 2, in: field, span).range) == [7, 8])
        #expect(span.bytes(try record.value(1, of: 2, in: field, span).range) == [9])
    }

    @Test func severalValuesOfWhichTheFirstIsCompressedAndTheSecondStandsOutside() throws {
        let bytes = Self.record([(256, 0x4000, [0x0b, 6, 0, 8, 0x80, 12, 0, 0x0e, 1, 44, 0, 0, 0, 5])])
        let span = bytes.span.bytes
        let record = try RecordLayout(span, 0..<bytes.count, isLarge: false)
        let field = try #require(try record.taggedField(ColumnID(256), isFromTemplate: false, in: span))
        #expect(try record.valueCount(of: field, in: span) == 3)
        let first = try record.value(0, of: 3, in: field, span)
        #expect(first.isCompressed && !first.isSeparated)
        let second = try record.value(1, of: 3, in: field, span)
        #expect(!second.isCompressed && second.isSeparated)
        #expect(try LongValueID(inRecord: span.extracting(second.range)) == LongValueID(44))
        let third = try record.value(2, of: 3, in: field, span)
        #expect(!third.isCompressed && !third.isSeparated)
        #expect(span.bytes(third.range) == [5])
    }

    /// Every byte of the golden rows set to each of some values, and every cut: an error or a row, never a trap.
    @Test func malformedRowsThrow() {
        for row in [Self.tableRow, Self.columnRow] {
            for count in 0..<row.count {
                _ = try? CatalogRow(row.span.bytes, 0..<count, isLarge: false)
                _ = try? CatalogRow(row.span.bytes, 0..<count, isLarge: true)
            }
            for place in row.indices {
                for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
                    var damaged = row
                    damaged[place] = value
                    _ = try? CatalogRow(damaged.span.bytes, 0..<damaged.count, isLarge: false)
                }
            }
        }
        #expect(throws: FormatError(.badRecord, at: 0)) {
            try CatalogRow(Self.tableRow.span.bytes, 0..<3, isLarge: false)
        }
        // The null bits would start inside the header.
        #expect(throws: FormatError(.badRecord, at: 2)) {
            try RecordLayout(([8, 127, 4, 0] as [UInt8]).span.bytes, 0..<4, isLarge: false)
        }
    }
}

@Suite struct LongValueTests {
    @Test func keys() throws {
        #expect(LongValueID(0x0102).keyBytes == [0, 0, 1, 2])
        #expect(LongValueID(0x0102).recordBytes == [2, 1, 0, 0])
        #expect(LongValueID(7).chunkKey(at: 4_014) == [0, 0, 0, 7, 0, 0, 0x0f, 0xae])
        let wide = LongValueID(wide: 0x8000_0000_8000_0001)
        for (id, offset) in [(LongValueID(7), nil), (LongValueID(7), 4_014), (wide, nil), (wide, 8_150)]
            as [(LongValueID, UInt32?)]
        {
            let bytes = offset.map(id.chunkKey(at:)) ?? id.keyBytes
            #expect(try LongValueKey(bytes.span.bytes) == LongValueKey(id: id, offset: offset))
            #expect(try LongValueID(inRecord: id.recordBytes.span.bytes) == id)
        }
        for count in [0, 3, 5, 9, 13] {
            let bytes = [UInt8](repeating: 1, count: count)
            #expect(throws: FormatError(.badKey, at: 0)) { try LongValueKey(bytes.span.bytes) }
        }
    }

    @Test(arguments: [nil, 0, 1] as [UInt8?]) func roots(flags: UInt8?) throws {
        let root = LongValueRoot(referenceCount: 3, byteCount: 65_536, flags: flags)
        #expect(root.bytes.count == (flags == nil ? 8 : 9))
        #expect(try LongValueRoot(root.bytes.span.bytes) == root)
        #expect(root.isEncrypted == (flags == 1))
        for count in 0..<8 {
            #expect(throws: FormatError(.badLongValue, at: 0)) {
                try LongValueRoot(root.bytes.span.bytes.extracting(0..<count))
            }
        }
    }
}
