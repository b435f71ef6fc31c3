// Layer: ESEEngine/6-Record. Uses: RecordView. Used by: JetEnumerateColumns, JetRetrieveColumns, index maintenance.
// All columns of a record, and the n-th of its tagged values.

import ESEFormat

/// A column that has something to say, as an enumeration hands it out.
public struct EnumeratedColumn {
    /// The column.
    public let column: RecordColumn
    /// How many values it has; 0: NULL, said by the record where the default is something else, or of a fixed or
    /// variable column.
    public let valueCount: Int
    /// Whether the value is the default, which the record does not name.
    public let isDefault: Bool
    private let view: RecordView
    private let entry: RecordView.Entry?

    init(_ column: RecordColumn, _ count: Int, isDefault: Bool, _ view: RecordView, _ entry: RecordView.Entry?) {
        self.column = column
        valueCount = count
        self.isDefault = isDefault
        self.view = view
        self.entry = entry
    }

    /// One of the values.
    /// - Parameter occurrence: From 1; beyond the last one NULL.
    /// - Throws: `databaseCorrupted` if it would lie outside.
    public func value(_ occurrence: Int = 1) throws(JetError) -> RecordField {
        guard occurrence >= 1, occurrence <= valueCount else { return .null }
        if let entry { return try view.value(occurrence - 1, of: valueCount, entry) }
        return try view.field(column.key, occurrence: occurrence)
    }
}

extension RecordView {
    /// Hands out the columns in order: fixed, variable, tagged ones of the template, tagged ones of the table. Tagged
    /// columns come only if the record names them or they have a default. Values of deleted columns are left out.
    /// - Parameter ignoresDefaults: Leave out columns that the record does not name. C name:
    ///   JET_bitEnumerateIgnoreDefault.
    /// - Throws: `databaseCorrupted` if a value would lie outside, and what `body` throws.
    public func forEachColumn(
        ignoresDefaults: Bool = false, _ body: (EnumeratedColumn) throws(JetError) -> Void
    ) throws(JetError) {
        let tables = shape.pointee
        for number in 1...255 where tables.fixed[number].exists {
            let column = tables.fixed[number]
            let value = try field(column.key, ignoresDefault: ignoresDefaults)
            try body(
                EnumeratedColumn(
                    column, value.isNull ? 0 : 1, isDefault: value.traits.contains(.isDefault), self, nil))
        }
        var next = 0
        for index in 0..<taggedCount {
            let entry = try entry(index)
            if !ignoresDefaults {
                while next < tables.taggedCount, tables.tagged[next].key.order < entry.order {
                    try enumerateDefault(tables.tagged[next], body)
                    next += 1
                }
            }
            guard let column = tables.column(ofField: entry.order) else { continue }
            next = column - tables.tagged + 1
            try body(EnumeratedColumn(column.pointee, try valueCount(entry), isDefault: false, self, entry))
        }
        while !ignoresDefaults, next < tables.taggedCount {
            try enumerateDefault(tables.tagged[next], body)
            next += 1
        }
    }

    private func enumerateDefault(
        _ column: RecordColumn, _ body: (EnumeratedColumn) throws(JetError) -> Void
    ) throws(JetError) {
        guard column.hasDefault else { return }
        try body(EnumeratedColumn(column, 1, isDefault: true, self, nil))
    }

    /// The n-th of all values of tagged columns that the record names, as a retrieval of "column 0" wants it. A column
    /// that is NULL counts as one.
    /// - Parameter ordinal: From 1.
    /// - Returns: nil beyond the last one; `occurrence` is 0 for NULL.
    /// - Throws: `databaseCorrupted` if it would lie outside.
    public func taggedValue(
        _ ordinal: Int
    ) throws(JetError) -> (column: RecordColumn, occurrence: Int, value: RecordField)? {
        var rest = ordinal
        guard rest >= 1 else { return nil }
        for index in 0..<taggedCount {
            let entry = try entry(index)
            guard let column = shape.pointee.column(ofField: entry.order) else { continue }
            let count = try valueCount(entry)
            if rest <= max(count, 1) {
                let value = count == 0 ? RecordField.null : try value(rest - 1, of: count, entry)
                return (column.pointee, count == 0 ? 0 : rest, value)
            }
            rest -= max(count, 1)
        }
        return nil
    }
}
