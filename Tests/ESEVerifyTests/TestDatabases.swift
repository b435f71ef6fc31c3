// Layer: ESEVerifyTests. Used by: its tests.
// Databases that are well-formed, with something of everything that verification looks at.

import ESEFormat
import ESETestKit

enum TestDatabases {
    /// Four tables: one with indexes and long values in trees of several levels, one like it in extents of its own,
    /// one in a single extent, one with text that no collator knows.
    static func description(_ size: PageSize = .kibibytes4, rowCount: Int = 200) -> DatabaseBuilder {
        var builder = DatabaseBuilder(pageSize: size)
        builder.keepsSplitBuffers = true
        builder.tables = [people(rowCount), others(), small(), unknownText()]
        return builder
    }

    static let standard: Result<[UInt8], any Error> = Result { try description().build() }

    private static func people(_ count: Int) -> TableDescription {
        var table = TableDescription("People")
        table.density = 60
        table.addColumn("Id", .long, flags: .notNull)
        table.addColumn("Score", .long)
        table.addColumn("Flag", .unsignedByte)
        table.addColumn("Name", .text)
        table.addColumn("Note", .longText, codePage: 1_252)
        table.addColumn("Blob", .longBinary)
        table.addColumn("Numbers", .long, .tagged, flags: .multivalued)
        table.addIndex("Primary", on: ["Id"], flags: [.unique, .primary, .noNullSegment])
        table.addIndex("by Name", on: ["Name"])
        table.addIndex("by Score", on: ["Score"], flags: [.unique, .allowSomeNulls])
        table.addIndex("by Numbers", on: ["Numbers"], flags: .allowSomeNulls)
        for number in 0..<count {
            var fields: [String: TableDescription.Field] = [
                "Id": .value(.signed(Int64(number))), "Score": .value(.signed(Int64(number * 7 % count))),
                "Flag": .value(.unsigned(UInt64(number % 200))), "Name": .value(.text("person \(number % 50)")),
            ]
            if number % 3 == 0 { fields["Note"] = .value(.text("noted \(number)")) }
            if number % 13 == 0 {
                let byteCount = number % 2 == 0 ? 9_000 : 1_500
                fields["Blob"] = .separated(.binary((0..<byteCount).map { UInt8(truncatingIfNeeded: $0 * number) }))
            }
            if number % 4 == 1 { fields["Numbers"] = .value(.signed(Int64(number))) }
            if number % 4 == 2 { fields["Numbers"] = .values([.signed(Int64(number)), .signed(-1), .signed(5)]) }
            table.addRow(fields)
        }
        return table
    }

    private static func others() -> TableDescription {
        var table = TableDescription("Others")
        table.density = 60
        table.initialPageCount = 1
        table.addColumn("Id", .long)
        table.addColumn("Text", .text)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        for number in 0..<200 {
            table.addRow([
                "Id": .value(.signed(Int64(number))), "Text": .value(.text(String(repeating: "t", count: 50))),
            ])
        }
        return table
    }

    private static func small() -> TableDescription {
        var table = TableDescription("Small")
        table.initialPageCount = 8
        table.addColumn("Id", .long)
        table.addColumn("Maybe", .short)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        table.addIndex("by Maybe", on: ["Maybe"], flags: [.allowAllNulls, .allowFirstNull, .allowSomeNulls])
        for number in 0..<5 {
            table.addRow([
                "Id": .value(.signed(Int64(number))), "Maybe": number == 2 ? .null : .value(.signed(Int64(number))),
            ])
        }
        return table
    }

    private static func unknownText() -> TableDescription {
        var table = TableDescription("Unknown text")
        table.addColumn("Id", .long)
        table.addColumn("Text", .text, codePage: 1_200)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        table.addIndex("by Text", on: ["Text"])
        for number in 0..<20 {
            table.addRow(["Id": .value(.signed(Int64(number))), "Text": .value(.text("Wort \(number)"))])
        }
        return table
    }
}
