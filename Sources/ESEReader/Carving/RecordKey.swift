// Layer: ESEReader/Carving. Uses: KeyBuilder, RecordLayout, WindowsCollator. Used by: PageCarver.
// The primary key of a record, made again from its values.

import ESECollation
import ESEFormat

/// Makes the primary keys of a table's records.
struct RecordKey {
    private var builder: KeyBuilder?
    private let columns: [ColumnDefinition]
    private let plans: [ColumnPlan?]
    private let positions: [UInt32: Int]
    private let expandLimit: Int
    /// Whether the table has no primary index: keys are numbers that the records don't have.
    let isSequential: Bool
    /// The most bytes of a key.
    let byteLimit: Int

    init(_ table: TableDefinition, size: PageSize) {
        columns = table.columns
        plans = table.columns.map(ColumnPlan.init)
        var positions: [UInt32: Int] = [:]
        for (index, column) in table.columns.enumerated() {
            positions[Self.code(column.id, column.isFromTemplate)] = index
        }
        self.positions = positions
        expandLimit = size.byteCount * 64
        isSequential = table.primaryIndex == nil
        byteLimit = table.primaryIndex.map { min($0.maximumKeyByteCount, size.byteCount) } ?? 4
        guard let index = table.primaryIndex else { return }
        builder = try? KeyBuilder(index: index, columns: table.columns, collator: WindowsCollator(index: index))
    }

    private static func code(_ id: ColumnID, _ isFromTemplate: Bool) -> UInt32 {
        UInt32(id.rawValue) | (isFromTemplate ? 0x1_0000 : 0)
    }

    /// Makes the key of a record; false if it can't be made.
    mutating func make(_ bytes: [UInt8], _ record: RecordLayout, into key: inout [UInt8]) -> Bool {
        guard builder != nil else { return false }
        let row = RecordValues(
            bytes: bytes, record: record, columns: columns, plans: plans, positions: positions, limit: expandLimit)
        return (try? builder?.build(of: row, into: &key))?.isExact == true
    }

    /// The values of a record, as far as they stand in it.
    private struct RecordValues: RowValues {
        let bytes: [UInt8]
        let record: RecordLayout
        let columns: [ColumnDefinition]
        let plans: [ColumnPlan?]
        let positions: [UInt32: Int]
        let limit: Int

        func withValue(
            of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
            _ body: (RawSpan?) throws(FormatError) -> Void
        ) throws(FormatError) {
            // The template's rows of the catalog don't all agree on the mark.
            let found =
                positions[RecordKey.code(segment.column, segment.isFromTemplate)]
                ?? positions[RecordKey.code(segment.column, !segment.isFromTemplate)]
            guard let found, let plan = plans[found] else { throw FormatError(.badCatalogRow, at: 0) }
            let page = bytes.span.bytes
            if plan.storage == .tagged {
                if let field = try record.taggedField(plan.id, isFromTemplate: plan.isFromTemplate, in: page) {
                    return try tagged(field, occurrence - 1, from: offset, body)
                }
            } else if occurrence == 1 {
                let place =
                    plan.storage == .fixed
                    ? try record.fixed(plan.id, offset: Int(plan.offset), count: Int(plan.count), in: page)
                    : try record.variable(plan.id, in: page)
                switch place {
                case .absent: break
                case .null: return try body(nil)
                case .at(let range): return try lend(page.extracting(range), from: offset, body)
                }
            }
            guard occurrence == 1, plan.hasDefault, let value = columns[found].defaultValue else {
                return try body(nil)
            }
            try lend(value.span.bytes, from: offset, body)
        }

        private func tagged(
            _ field: TaggedField, _ index: Int, from offset: Int, _ body: (RawSpan?) throws(FormatError) -> Void
        ) throws(FormatError) {
            let page = bytes.span.bytes
            let count = try record.valueCount(of: field, in: page)
            guard index >= 0, index < count else { return try body(nil) }
            let value = try record.value(index, of: count, in: field, page)
            if value.isEncrypted { throw FormatError(.encrypted, at: value.range.lowerBound) }
            if value.isSeparated { throw FormatError(.badLongValue, at: value.range.lowerBound) }
            guard value.isCompressed else { return try lend(page.extracting(value.range), from: offset, body) }
            var expanded: [UInt8] = []
            try Compression.expand(page.extracting(value.range), into: &expanded, limit: limit)
            try lend(expanded.span.bytes, from: offset, body)
        }

        private func lend(
            _ value: RawSpan, from offset: Int, _ body: (RawSpan?) throws(FormatError) -> Void
        ) throws(FormatError) {
            try body(value.extracting(min(offset, value.byteCount)..<value.byteCount))
        }
    }
}
