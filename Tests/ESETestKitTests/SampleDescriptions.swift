// Layer: ESETestKitTests. Used by: the tests of this target.
// Tables with everything that the builder can make.

import ESEFormat
import ESETestKit
import Primitives

enum SampleDescriptions {
    /// Every type of column in every kind of storage, several values, defaults, deleted rows, rows in no order.
    static func allTypes(rowCount: Int = 60, isCompressed: Bool = true) -> TableDescription {
        var table = TableDescription("All types")
        table.addColumn("Id", .long, flags: .notNull)
        for type in ColumnType.allCases where type.fixedByteCount != nil {
            table.addColumn("fixed \(type.name)", type)
            table.addColumn("tagged \(type.name)", type, .tagged, flags: .multivalued)
        }
        table.addColumn("fixed Binary", .binary, .fixed, maximumByteCount: 7)
        table.addColumn("variable Binary", .binary)
        table.addColumn("variable Text", .text)
        table.addColumn("variable Unicode", .text, codePage: 1_200)
        table.addColumn("tagged Text", .text, .tagged, flags: .multivalued)
        table.addColumn("long Text", .longText, flags: isCompressed ? .compressed : [], codePage: 1_200)
        table.addColumn("long Binary", .longBinary, flags: isCompressed ? [.compressed, .multivalued] : .multivalued)
        table.addColumn("with default", .long, .tagged, defaultValue: [42, 0, 0, 0])
        table.addColumn("late", .short, defaultValue: [7, 0])
        if isCompressed { table.compress = { TestCompression.automatic($0, $1) } }
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        table.addIndex("by Text", on: ["variable Text", "-Id"])
        table.addIndex("by Short", on: ["-fixed Short"], flags: [.allowAllNulls, .allowFirstNull, .allowSomeNulls])
        table.addIndex("unique", on: ["Id", "fixed GUID"], flags: [.unique, .allowSomeNulls])
        table.addIndex("by values", on: ["tagged Long"], flags: .allowSomeNulls)
        table.addIndex("conditional", on: ["variable Binary"], conditions: ["-with default"])
        table.addIndex(
            "substrings", on: ["variable Text"],
            tupleLimits: TupleLimits(minimumLength: 3, maximumLength: 6, indexedCharacterCount: 12))
        table.addIndex("by Unicode", on: ["variable Unicode"])
        for number in 0..<rowCount { addRow(number, of: rowCount, &table) }
        return table
    }

    private static func addRow(_ number: Int, of count: Int, _ table: inout TableDescription) {
        var random = SeededRandom(seed: UInt64(number))
        // Not in order of the key.
        let id = Int64((number * 37) % count)
        var fields: [String: TableDescription.Field] = ["Id": .value(.signed(id))]
        for type in ColumnType.allCases where type.fixedByteCount != nil {
            if random.oneIn(4) { continue }
            fields["fixed \(type.name)"] = random.oneIn(5) ? .null : .value(value(type, &random))
            fields["tagged \(type.name)"] = .values((0..<(random.next() % 4)).map { _ in value(type, &random) })
        }
        fields["fixed Binary"] = .value(.binary([1, 2, 3, 4, 5, 6, UInt8(truncatingIfNeeded: id)]))
        fields["variable Text"] = .value(.text("row number \(id)"))
        fields["variable Binary"] = .value(.binary((0..<(random.next() % 30)).map { UInt8($0) }))
        if !random.oneIn(3) { fields["variable Unicode"] = .value(.text("Zeile \(id % 10)")) }
        fields["tagged Text"] = .values((0..<(random.next() % 5)).map { .text("t\($0)") })
        let text = String(repeating: "text \(id) ", count: Int(random.next() % 200))
        fields["long Text"] = random.oneIn(3) ? .separated(.text(text)) : .value(.text(text))
        let blobs: [ColumnValue] = (0..<(random.next() % 3)).map { _ in
            .binary(octets(id % 20 == 0 ? 20_000 : 3_000, &random))
        }
        fields["long Binary"] = .values(blobs)
        switch id % 3 {
        case 0: fields["with default"] = .null
        case 1: fields["with default"] = .value(.signed(id))
        default: break
        }
        table.addRow(fields, isDeleted: id % 20 == 19)
    }

    private static func octets(_ most: UInt64, _ random: inout SeededRandom) -> [UInt8] {
        let isRepetitive = random.oneIn(2)
        return (0..<(random.next() % most)).map { UInt8(truncatingIfNeeded: isRepetitive ? $0 / 50 : random.next()) }
    }

    static func value(_ type: ColumnType, _ random: inout SeededRandom) -> ColumnValue {
        let bits = random.next()
        switch type {
        case .bit: return .bit(bits & 1 != 0)
        case .unsignedByte: return .unsigned(bits & 0xff)
        case .unsignedShort: return .unsigned(bits & 0xffff)
        case .unsignedLong: return .unsigned(bits & 0xffff_ffff)
        case .unsignedLongLong: return .unsigned(bits)
        case .short: return .signed(Int64(Int16(truncatingIfNeeded: bits)))
        case .long: return .signed(Int64(Int32(truncatingIfNeeded: bits)))
        case .longLong, .currency: return .signed(Int64(bitPattern: bits))
        case .single: return .single(Float(bits % 1_000) / 8)
        case .double: return .double(Double(bits % 100_000) / 16)
        case .dateTime: return .dateTime(Double(bits % 50_000) + 0.5)
        case .guid: return .guid(GUID(low: bits, high: random.next()))
        case .binary, .text, .longBinary, .longText, .superLongValue: return .null
        }
    }

    /// Many rows without a primary index, some of their long values in a tree of several levels.
    static func many(_ count: Int) -> TableDescription {
        var table = TableDescription("Many")
        table.initialPageCount = 1
        let number = table.addColumn("Number", .longLong)
        let text = table.addColumn("Text", .text)
        let blob = table.addColumn("Blob", .longBinary)
        table.addIndex("by Text", on: ["Text"])
        var next = 0
        table.makeRow = { row in
            guard next < count else { return false }
            row.set(number, integer: Int64(next))
            row.set(text, text: "value \(next % 100)")
            if next % 50 == 0 { row.set(blob, bytes: Array(repeating: UInt8(next % 251), count: 3_000)) }
            next += 1
            return true
        }
        return table
    }

    /// A row on each page and an entry of an index on half a page.
    static func fat(_ count: Int) -> TableDescription {
        var table = TableDescription("Fat")
        let data = table.addColumn("Data", .binary, .fixed, maximumByteCount: 1_300)
        var next = 0
        table.makeRow = { row in
            guard next < count else { return false }
            row.set(data, bytes: Array(repeating: UInt8(truncatingIfNeeded: next), count: 1_300))
            next += 1
            return true
        }
        return table
    }

    /// A template and a table made after it.
    static func templateAndDerived() -> [TableDescription] {
        var template = TableDescription("Template")
        template.isTemplate = true
        template.addColumn("Id", .long)
        template.addColumn("Name", .text)
        template.addColumn("Note", .longText, codePage: 1_200)
        template.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        var derived = TableDescription("Derived", after: template)
        derived.addColumn("Own", .short)
        derived.addColumn("Own note", .longText, codePage: 1_200)
        derived.addIndex("by Own", on: ["Own", "Name"])
        for number in 0..<10 {
            derived.addRow([
                "Id": .value(.signed(Int64(number))), "Name": .value(.text("name \(number)")),
                "Note": .value(.text("of the template \(number)")), "Own": .value(.signed(Int64(-number))),
                "Own note": .value(.text("own \(number)")),
            ])
        }
        return [template, derived]
    }
}
