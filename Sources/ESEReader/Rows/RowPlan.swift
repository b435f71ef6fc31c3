// Layer: ESEReader/Rows. Used by: RowCursor.
// What is needed of each column to find its value in a record, in an array, so that a row costs no look-ups.

import ESEFormat

/// How a column is found in a record. Has no references, so that copying it costs nothing.
struct ColumnPlan {
    let id: ColumnID
    let storage: ColumnID.Storage
    let type: ColumnType
    let isFromTemplate: Bool
    /// Whether records that say nothing have a value.
    let hasDefault: Bool
    /// Of a fixed column: where it starts in the record, and its bytes.
    let offset: UInt16
    let count: UInt16
    let codePage: UInt32

    /// nil if the definition is impossible, such as a fixed column of a type without a size.
    init?(_ column: ColumnDefinition) {
        guard let storage = column.id.storage else { return nil }
        self.storage = storage
        id = column.id
        type = column.type
        isFromTemplate = column.isFromTemplate
        hasDefault = column.defaultValue != nil && !column.flags.contains(.userDefinedDefault)
        codePage = column.codePage
        offset = column.recordOffset
        guard storage == .fixed else {
            count = 0
            return
        }
        // Text and Binary may be fixed too; then the most bytes are the size.
        guard let count = UInt16(exactly: type.fixedByteCount ?? Int(column.maximumByteCount)),
            (1...255).contains(count)
        else { return nil }
        self.count = count
    }
}
