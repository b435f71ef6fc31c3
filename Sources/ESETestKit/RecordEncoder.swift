// Layer: ESETestKit. Uses: RecordBuilder, RowBuffer. Used by: TableWriter.
// A row becomes a record; what doesn't fit or shall not be in it goes to the long values.

import ESEFormat

/// Makes the records of one table.
struct RecordEncoder {
    private let columns: [ColumnDefinition]
    private let fixed: [Int]
    private let variable: [Int]
    private let tagged: [Int]
    private let mostByteCount: Int
    private let compress: (@Sendable (RawSpan, ColumnDefinition) -> [UInt8]?)?
    private var builder: RecordBuilder
    /// The last record.
    private(set) var record: [UInt8] = []

    /// Values that are longer never stay in the record.
    private static let longestInRecord = 1_023

    /// - Parameter mostByteCount: Larger records give away long values.
    init(_ table: TableDescription, isLarge: Bool, mostByteCount: Int) {
        columns = table.columns
        compress = table.compress
        self.mostByteCount = mostByteCount
        builder = RecordBuilder(isLarge: isLarge)
        let all = table.columns
        func positions(_ storage: ColumnID.Storage) -> [Int] {
            all.indices.filter { all[$0].id.storage == storage }.sorted {
                (all[$0].isFromTemplate ? 0 : 1, all[$0].id) < (all[$1].isFromTemplate ? 0 : 1, all[$1].id)
            }
        }
        fixed = positions(.fixed)
        variable = positions(.variable)
        tagged = positions(.tagged)
    }

    /// Makes the record of a row.
    mutating func encode(
        _ row: RowBuffer, _ longValues: inout LongValueWriter, _ context: inout WriterContext
    ) throws {
        var ids: [Int: LongValueID] = [:]
        for column in tagged where columns[column].type.isLong {
            guard case .values(let several) = row.slots[column] else { continue }
            for value in several {
                let stored = row.values[value]
                if stored.placement == .separated || stored.range.count > Self.longestInRecord {
                    ids[value] = try longValues.add(row.bytes(value), columns[column], &context)
                }
            }
        }
        put(row, ids)
        while builder.byteCount > mostByteCount {
            guard let (value, column) = longest(row, ids) else { throw FormatError(.badRecord, at: builder.byteCount) }
            ids[value] = try longValues.add(row.bytes(value), columns[column], &context)
            put(row, ids)
        }
        record.removeAll(keepingCapacity: true)
        try builder.append(to: &record)
    }

    private func longest(_ row: RowBuffer, _ ids: [Int: LongValueID]) -> (value: Int, column: Int)? {
        var found: (value: Int, column: Int)?
        for column in tagged where columns[column].type.isLong {
            guard case .values(let several) = row.slots[column] else { continue }
            for value in several where ids[value] == nil && row.values[value].range.count > 8 {
                if found.map({ row.values[$0.value].range.count < row.values[value].range.count }) ?? true {
                    found = (value, column)
                }
            }
        }
        return found
    }

    private mutating func put(_ row: RowBuffer, _ ids: [Int: LongValueID]) {
        builder.removeAll()
        let lastFixed = fixed.last { if case .absent = row.slots[$0] { false } else { true } }
        for column in fixed {
            guard let lastFixed, columns[column].id <= columns[lastFixed].id else { break }
            let offset = Int(columns[column].recordOffset)
            let count = Int(columns[column].maximumByteCount)
            let id = columns[column].id
            switch row.slots[column] {
            case .values(let several):
                row.withBytes(several.lowerBound) {
                    builder.setFixed(id, offset: offset, byteCount: count, $0)
                }
            case .null: builder.setFixed(id, offset: offset, byteCount: count, nil)
            case .absent: putDefault(column, offset, count)
            }
        }
        let lastVariable = variable.last { if case .absent = row.slots[$0] { false } else { true } }
        for column in variable {
            guard let lastVariable, columns[column].id <= columns[lastVariable].id else { break }
            switch row.slots[column] {
            case .values(let several):
                row.withBytes(several.lowerBound) { builder.setVariable(columns[column].id, $0) }
            case .null: builder.setVariable(columns[column].id, nil)
            case .absent:
                if let value = columns[column].defaultValue {
                    builder.setVariable(columns[column].id, value.span.bytes)
                } else {
                    builder.setVariable(columns[column].id, nil)
                }
            }
        }
        for column in tagged { putTagged(column, row, ids) }
    }

    /// Columns that the row doesn't name, but that come before one that it does, have their default in the record.
    private mutating func putDefault(_ column: Int, _ offset: Int, _ count: Int) {
        let id = columns[column].id
        if let value = columns[column].defaultValue {
            builder.setFixed(id, offset: offset, byteCount: count, value.span.bytes)
        } else {
            builder.setFixed(id, offset: offset, byteCount: count, nil)
        }
    }

    private mutating func putTagged(_ column: Int, _ row: RowBuffer, _ ids: [Int: LongValueID]) {
        let definition = columns[column]
        let isLong = definition.type.isLong
        switch row.slots[column] {
        case .absent: break
        case .null:
            // Without a default, nothing says the same.
            guard definition.defaultValue != nil else { break }
            builder.setTagged(definition.id, isFromTemplate: definition.isFromTemplate, isLongValue: isLong, [])
        case .values(let several):
            guard several.count > 1 || isLong else {
                row.withBytes(several.lowerBound) {
                    builder.setTagged(definition.id, isFromTemplate: definition.isFromTemplate, flags: [], $0)
                }
                return
            }
            let inputs: [TaggedInput] = several.map { value in
                if let id = ids[value] { return .separated(id) }
                var shorter: [UInt8]?
                if value == several.lowerBound, definition.flags.contains(.compressed), let compress {
                    row.withBytes(value) { shorter = compress($0, definition) }
                }
                if let shorter, shorter.count < row.values[value].range.count { return .compressed(shorter) }
                return .plain(row.bytes(value))
            }
            builder.setTagged(definition.id, isFromTemplate: definition.isFromTemplate, isLongValue: isLong, inputs)
        }
    }
}
