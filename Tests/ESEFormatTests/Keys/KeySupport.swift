// Layer: ESEFormatTests/Keys. Used by: the tests of keys. Indexes and rows made by hand.

import ESEFormat

/// Bytes written in hexadecimal.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).map { place in
        let start = digits.index(digits.startIndex, offsetBy: place)
        return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) ?? 0
    }
}

func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }

func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: value >> (8 * T($0))) }
}

/// A column for a test: fixed ones get small numbers, as in a table.
func column(
    _ id: UInt16, _ type: ColumnType, codePage: UInt32 = 0, size: UInt32 = 0, flags: ColumnFlags = []
) -> ColumnDefinition {
    ColumnDefinition(
        id: ColumnID(id), name: "c\(id)", type: type, flags: flags, codePage: codePage, maximumByteCount: size)
}

func index(
    _ columns: [ColumnDefinition], flags: IndexFlags = [.allowAllNulls, .allowFirstNull, .allowSomeNulls],
    descending: Set<Int> = [], keyMost: Int = 255, segmentMost: Int? = nil
) -> IndexDefinition {
    var index = IndexDefinition(
        objectID: ObjectID(1), name: "test", rootPage: PageNumber(2), flags: flags,
        segments: columns.enumerated().map {
            IndexSegment(column: $0.element.id, isDescending: descending.contains($0.offset))
        })
    index.maximumKeyByteCount = keyMost
    index.maximumSegmentByteCount = segmentMost ?? keyMost
    return index
}

/// A row of columns with several values each.
struct Row: RowValues {
    var values: [UInt16: [[UInt8]]]

    func withValue(
        of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
        _ body: (RawSpan?) throws(FormatError) -> Void
    ) throws(FormatError) {
        guard let all = values[segment.column.rawValue], all.indices.contains(occurrence - 1) else {
            return try body(nil)
        }
        let bytes = Array(all[occurrence - 1].dropFirst(offset))
        try body(bytes.span.bytes)
    }
}

/// Sort keys that are easy to foresee: the code units, big-endian, then what ends sort keys.
struct PlainCollator: TextCollator {
    mutating func appendSortKey(of text: RawSpan, to key: inout [UInt8], limit: Int) -> Int? {
        var whole: [UInt8] = []
        for place in stride(from: 0, to: text.byteCount, by: 2) {
            guard let unit = try? text.little(place, as: UInt16.self), unit < 0x2000 else { return nil }
            whole += [UInt8(unit >> 8) + 2, UInt8(truncatingIfNeeded: unit) | 2]
        }
        whole += [1, 1, 1, 1, 0]
        key += whole.prefix(limit)
        return whole.count
    }
}

func makeKey(
    _ index: IndexDefinition, _ columns: [ColumnDefinition], _ values: [[UInt8]?]
) throws -> (key: [UInt8], report: KeyReport) {
    var builder = try KeyBuilder(index: index, columns: columns, collator: PlainCollator())
    var key: [UInt8] = []
    let report = try builder.build(of: values, into: &key)
    return (key, report)
}

func allKeys(
    _ index: IndexDefinition, _ columns: [ColumnDefinition], _ row: Row
) throws -> (keys: [[UInt8]], entries: IndexEntries) {
    var plan = try IndexEntryPlan(index: index, columns: columns, collator: PlainCollator())
    var keys: [[UInt8]] = []
    let entries = try plan.forEachKey(of: row) { (key: RawSpan) throws(FormatError) in
        keys.append(key.bytes(0..<key.byteCount))
    }
    return (keys, entries)
}

func compare(_ a: [UInt8], _ b: [UInt8]) -> Int { KeyOrder.compare(a.span.bytes, b.span.bytes) }

func contents(_ reader: KeyReader, _ key: [UInt8]) throws -> [KeySegment.Content] {
    try reader.segments(of: key.span.bytes).map(\.content)
}
