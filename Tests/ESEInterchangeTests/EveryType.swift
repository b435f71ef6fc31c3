// Layer: ESEInterchangeTests. Used by: WrittenTests.
// A table with every type of column and every kind of index, and rows for it.

import ESE
import ESEFormat
import Primitives

/// The table, and how its columns are set.
struct EveryType {
    typealias Setter = (borrowing RowWriter, ColumnValue, Int) throws(JetError) -> Void

    /// Types of a fixed size.
    static let fixedTypes = ColumnType.allCases.filter { $0.fixedByteCount != nil }

    /// The table; without columns of some types, for readers that don't know them.
    static func spec(_ tableName: String, without types: Set<ColumnType> = []) -> TableSpec {
        var columns = [ColumnSpec("Id", Int32.self, .notNull)]
        for type in fixedTypes { columns.append(ColumnSpec("fixed \(type.name)", type)) }
        columns += [
            ColumnSpec("fixed Binary", .binary, .fixed, maximumByteCount: 7), ColumnSpec("variable Binary", .binary),
            ColumnSpec("variable Text", .text, isUnicode: false), ColumnSpec("variable Unicode", .text),
        ]
        for type in fixedTypes { columns.append(ColumnSpec("tagged \(type.name)", type, [.tagged, .multivalued])) }
        columns += [
            ColumnSpec("tagged Text", .text, [.tagged, .multivalued], isUnicode: false),
            ColumnSpec("long Text", .longText, .compressed), ColumnSpec("plain Text", .longText, isUnicode: false),
            ColumnSpec("long Binary", .longBinary, [.compressed, .multivalued]),
            ColumnSpec("plain Binary", .longBinary, []), ColumnSpec("default", Int32.self, .tagged, defaultValue: 42),
        ]
        var conditional = IndexSpec("conditional", on: ["variable Text"])
        conditional.presentColumns = ["variable Binary"]
        conditional.absentColumns = ["fixed Bit"]
        var tuples = IndexSpec("tuples", on: ["variable Text"])
        tuples.tupleLimits = TupleLimits(minimumLength: 3, maximumLength: 6, indexedCharacterCount: 12)
        var locale = IndexSpec("locale", on: ["variable Unicode"])
        locale.localeName = "en-US"
        columns.removeAll { types.contains($0.type) }
        return TableSpec(
            tableName, columns: columns,
            indexes: [
                .primary(on: ["Id"]), IndexSpec("unique", on: ["fixed GUID", "Id"], .unique),
                IndexSpec("descending", on: ["-fixed Short", "+fixed IEEEDouble"]),
                IndexSpec("several", on: ["variable Text", "-fixed Long", "tagged UnsignedByte"]),
                IndexSpec("ignoreNull", on: ["fixed Long"], .ignoreNull),
                IndexSpec("ignoreAnyNull", on: ["fixed Long", "fixed Currency"], .ignoreAnyNull),
                IndexSpec("ignoreFirstNull", on: ["fixed LongLong", "fixed DateTime"], .ignoreFirstNull),
                IndexSpec("values", on: ["tagged Long"]),
                IndexSpec("cross", on: ["tagged Short", "tagged Text"], .crossProduct), conditional, tuples, locale,
                IndexSpec("longText", on: ["long Text"]),
            ])
    }

    let columns: [(name: String, type: ColumnType)]
    let setters: [Setter]

    init(_ table: TableCursor) throws(JetError) {
        columns = try table.columns()
        var setters: [Setter] = []
        for column in columns { setters.append(try Self.setter(table, column.name, column.type)) }
        self.setters = setters
    }

    private static func setter(
        _ table: TableCursor, _ name: String, _ type: ColumnType
    ) throws(JetError) -> Setter {
        func make<Value: StoredValue>(_ get: @escaping (ColumnValue) -> Value?) throws(JetError) -> Setter {
            let column = try table.column(name, as: Value.self)
            return { (row, value, occurrence) throws(JetError) in try row.set(column, get(value), occurrence) }
        }
        func number<Value: StoredValue & FixedWidthInteger>(_: Value.Type) throws(JetError) -> Setter {
            try make { value -> Value? in
                switch value {
                case .signed(let number): Value(truncatingIfNeeded: number)
                case .unsigned(let number): Value(truncatingIfNeeded: number)
                default: nil
                }
            }
        }
        switch type {
        case .bit: return try make { if case .bit(let value) = $0 { value } else { nil } }
        case .unsignedByte: return try number(UInt8.self)
        case .short: return try number(Int16.self)
        case .unsignedShort: return try number(UInt16.self)
        case .long: return try number(Int32.self)
        case .unsignedLong: return try number(UInt32.self)
        case .longLong, .currency: return try number(Int64.self)
        case .unsignedLongLong: return try number(UInt64.self)
        case .single: return try make { if case .single(let value) = $0 { value } else { nil } }
        case .double: return try make { if case .double(let value) = $0 { value } else { nil } }
        case .dateTime: return try make { if case .dateTime(let value) = $0 { OLEDate(days: value) } else { nil } }
        case .guid: return try make { if case .guid(let value) = $0 { value } else { nil } }
        case .text, .longText: return try make { if case .text(let value) = $0 { value } else { nil } }
        case .binary, .longBinary, .superLongValue:
            return try make { if case .binary(let value) = $0 { value } else { nil } }
        }
    }

    /// Values of a row, by column; no entry for what is not set.
    static func row(_ id: Int, seed: UInt64) -> [String: [ColumnValue]] {
        var random = SeededRandom(seed: seed &+ UInt64(id) &* 7_919)
        var row: [String: [ColumnValue]] = ["Id": [.signed(Int64(id))]]
        for type in fixedTypes {
            if !random.oneIn(4) { row["fixed \(type.name)"] = [value(type, &random)] }
            let several = (0..<(random.next() % 4)).map { _ in value(type, &random) }
            if !several.isEmpty { row["tagged \(type.name)"] = several }
        }
        if !random.oneIn(4) { row["fixed Binary"] = [.binary((0..<7).map { UInt8(truncatingIfNeeded: $0 * id) })] }
        if !random.oneIn(3) { row["variable Binary"] = [.binary(octets(random.next() % 200, &random))] }
        if !random.oneIn(4) { row["variable Text"] = [.text("Row number \(id % 10) \u{e9}\u{20ac}")] }
        if !random.oneIn(4) { row["variable Unicode"] = [.text(words[Int(random.next() % UInt64(words.count))])] }
        let texts = (0..<(random.next() % 4)).map { ColumnValue.text("t\($0) \(id % 3)") }
        if !texts.isEmpty { row["tagged Text"] = texts }
        if !random.oneIn(4) {
            row["long Text"] = [.text(String(repeating: "text \(id) \u{3b1} ", count: Int(random.next() % 400)))]
        }
        if !random.oneIn(4) {
            row["plain Text"] = [.text(String(repeating: "w\(id) ", count: Int(random.next() % 999)))]
        }
        let blobs = (0..<(random.next() % 3)).map { _ in
            ColumnValue.binary(octets(random.next() % (random.oneIn(5) ? 30_000 : 2_000), &random))
        }
        if !blobs.isEmpty { row["long Binary"] = blobs }
        if !random.oneIn(4) { row["plain Binary"] = [.binary(octets(random.next() % 5_000, &random))] }
        if random.oneIn(3) { row["default"] = [.signed(Int64(id))] }
        return row
    }

    private static let words = ["Zeile", "zeile", "co-op", "coop", "\u{e9}t\u{e9}", "ete", "", "M\u{fc}ller", "Muller"]

    private static func octets(_ count: UInt64, _ random: inout SeededRandom) -> [UInt8] {
        let isRepetitive = random.oneIn(2)
        return (0..<count).map { UInt8(truncatingIfNeeded: isRepetitive ? $0 / 50 : random.next()) }
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
        case .single: return .single(Float(Int32(truncatingIfNeeded: bits)) / 256)
        case .double: return .double(Double(Int64(bitPattern: bits)) / 4_096)
        case .dateTime: return .dateTime(Double(bits % 60_000) + 0.25)
        case .guid: return .guid(GUID(low: bits, high: random.next()))
        default: return .signed(Int64(bitPattern: bits))
        }
    }

    /// The bytes that a value has to be stored as.
    static func stored(_ value: ColumnValue, _ name: String, _ type: ColumnType) -> [UInt8] {
        func bytes(_ bits: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
        let count = type.fixedByteCount ?? 0
        switch value {
        case .null: return []
        case .bit(let value): return [value ? 0xff : 0]
        case .unsigned(let value): return bytes(value, count)
        case .signed(let value): return bytes(UInt64(bitPattern: value), count)
        case .single(let value): return bytes(UInt64(value.bitPattern), 4)
        case .double(let value), .dateTime(let value): return bytes(value.bitPattern, 8)
        case .guid(let value): return value.bytes
        case .binary(let value): return value
        case .text(let value):
            if name == "variable Unicode" || name == "long Text" {
                return value.utf16.flatMap { bytes(UInt64($0), 2) }
            }
            // The only characters here that are no ASCII.
            return value.unicodeScalars.map { $0 == "\u{20ac}" ? 0x80 : UInt8($0.value) }
        }
    }

    /// The row as readers have to see it: a cell for each column.
    func cells(_ row: [String: [ColumnValue]]) -> [[[UInt8]]?] {
        columns.map { column in
            let values = row[column.name] ?? (column.name == "default" ? [.signed(42)] : nil)
            return values?.map { Self.stored($0, column.name, column.type) }
        }
    }

    /// Sets a row's columns.
    func write(_ values: [String: [ColumnValue]], to row: borrowing RowWriter) throws(JetError) {
        for (place, column) in columns.enumerated() {
            for (number, value) in (values[column.name] ?? []).enumerated() {
                try setters[place](row, value, number + 1)
            }
        }
    }
}
