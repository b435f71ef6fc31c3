// Layer: ESEReader/Rows. Used by: RowCursor.
// What is needed of each column to find its value in a record, in an array, so that a row costs no look-ups.

import ESEFormat

/// How a column is found in a record.
struct ColumnPlan {
    enum Place {
        case fixed(ColumnID, offset: Int, count: Int)
        case variable(ColumnID)
        case tagged(ColumnID, isFromTemplate: Bool)
    }

    let place: Place
    let type: ColumnType
    let codePage: UInt32
    /// The value of a record that says nothing; nil is NULL.
    let defaultValue: [UInt8]?

    /// nil if the definition is impossible, such as a fixed column of a type without a size.
    init?(_ column: ColumnDefinition) {
        switch column.id.storage {
        case .fixed:
            // Text and Binary may be fixed too; then the most bytes are the size.
            let count = column.type.fixedByteCount ?? Int(column.maximumByteCount)
            guard count > 0, count <= 255 else { return nil }
            place = .fixed(column.id, offset: Int(column.recordOffset), count: count)
        case .variable: place = .variable(column.id)
        case .tagged: place = .tagged(column.id, isFromTemplate: column.isFromTemplate)
        case nil: return nil
        }
        type = column.type
        codePage = column.codePage
        defaultValue = column.flags.contains(.userDefinedDefault) ? nil : column.defaultValue
    }
}
