// Layer: ESETestKit/Fuzzing. Uses: DatabaseBuilder, DatabaseImage. Used by: the fuzzers.
// Small databases that have a bit of everything: what the fuzzers damage.

import ESEFormat

/// Databases to start from.
public enum FuzzSeeds {
    /// Databases of several page sizes and revisions, each with all kinds of columns, long values, indexes, a template.
    /// - Throws: `FormatError` if one can't be built: a mistake of the builder.
    public static func databases() throws -> [DatabaseImage] {
        let kinds: [(PageSize, UInt32)] = [
            (.kibibytes4, 20), (.kibibytes8, 9), (.kibibytes16, 300), (.kibibytes32, 110), (.kibibytes2, 17),
        ]
        return try kinds.compactMap { size, revision in
            DatabaseImage(try database(size, revision), name: "built-\(size.byteCount / 1_024)k-\(revision)")
        }
    }

    private static func database(_ size: PageSize, _ revision: UInt32) throws -> [UInt8] {
        var builder = DatabaseBuilder(pageSize: size, revision: revision)
        builder.tables.append(values(size))
        var template = TableDescription("Template")
        template.isTemplate = true
        template.addColumn("Id", .long)
        template.addColumn("Kind", .text, codePage: 1_252)
        template.addColumn("Note", .longText, codePage: 1_200)
        template.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        builder.tables.append(template)
        var derived = TableDescription("Derived", after: template)
        derived.addColumn("Own", .longBinary)
        for number in 0..<12 {
            derived.addRow([
                "Id": .value(.signed(Int64(number))), "Kind": .value(.text("kind \(number)")),
                "Note": .value(.text("a note")), "Own": .value(.binary([1, 2, UInt8(number)])),
            ])
        }
        builder.tables.append(derived)
        // Many short rows: a tree with branches.
        var many = TableDescription("Many")
        many.addColumn("Id", .long)
        many.addColumn("Name", .text, codePage: 1_252)
        many.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        many.addIndex("ByName", on: ["-Name"])
        let filler = String(repeating: "-", count: 60)
        for number in 0..<(size.byteCount / 24) {
            let name = "name \(number * 7_919 % 1_000) \(filler)"
            many.addRow(["Id": .value(.signed(Int64(number))), "Name": .value(.text(name))])
        }
        builder.tables.append(many)
        return try builder.build()
    }

    /// A table with columns of all types, values of all forms.
    private static func values(_ size: PageSize) -> TableDescription {
        var table = TableDescription("Values")
        table.hasWideLongValueIDs = size == .kibibytes16
        table.compress = TestCompression.automatic
        table.addColumn("Id", .long)
        table.addColumn("Bit", .bit)
        table.addColumn("Byte", .unsignedByte)
        table.addColumn("Short", .short)
        table.addColumn("Currency", .currency)
        table.addColumn("Single", .single)
        table.addColumn("Double", .double)
        table.addColumn("Date", .dateTime)
        table.addColumn("GUID", .guid)
        table.addColumn("Unsigned", .unsignedLong)
        table.addColumn("Short binary", .binary)
        table.addColumn("Short text", .text, codePage: 1_252)
        table.addColumn("Default", .longText, codePage: 1_252, defaultValue: [0x61, 0x62])
        table.addColumn("Text", .longText, flags: .compressed, codePage: 1_200)
        table.addColumn("Binary", .longBinary, flags: .compressed)
        table.addColumn("Several", .longText, flags: .multivalued, codePage: 1_252)
        table.addColumn("Numbers", .long, .tagged, flags: .multivalued)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        table.addIndex("ByText", on: ["Short text", "-Double"])
        table.addIndex("ByGUID", on: ["GUID"])
        table.addIndex("ByNumbers", on: ["Numbers"])
        let noise = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        for number in 0..<40 {
            var row: [String: TableDescription.Field] = [
                "Id": .value(.signed(Int64(number))), "Bit": .value(.bit(number % 2 == 0)),
                "Byte": .value(.unsigned(UInt64(number))), "Short": .value(.signed(Int64(-number))),
                "Currency": .value(.signed(Int64(number) << 40)), "Single": .value(.single(1.5)),
                "Double": .value(.double(Double(number) / 3)), "Date": .value(.dateTime(45_000)),
                "GUID": .value(.guid(GUID(low: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, high: 1))),
                "Unsigned": .value(.unsigned(4_000_000_000)), "Short binary": .value(.binary([1, 2, 3])),
                "Short text": .value(.text("text \(number % 9)")),
            ]
            switch number % 5 {
            case 0: row["Text"] = .value(.text(String(repeating: "some words ", count: 20)))
            case 1: row["Text"] = .separated(.text(String(repeating: "line \(number), ", count: 700)))
            case 2: row["Binary"] = .separated(.binary(Array(noise.prefix(900 * number))))
            case 3:
                row["Several"] = .values([.text("first"), .text("second"), .text("third")])
                row["Numbers"] = .values([.signed(3), .signed(Int64(number))])
            default:
                row["Several"] = .separatedValues([.text("a long one"), .text("another")])
                row["Default"] = .null
                row["Binary"] = .value(.binary(Array(repeating: 7, count: 100)))
            }
            table.addRow(row, isDeleted: number % 11 == 10)
        }
        return table
    }
}
