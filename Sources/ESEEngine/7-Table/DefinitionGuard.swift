// Layer: ESEEngine/7-Table. Uses: PlatformIO. Used by: tables, data definition.
// What data definition keeps of a table beside its schema.

import ESEFormat
import PlatformIO

/// The numbers and the place of the last columns, with deleted ones and ones that were rolled back: none is given
/// twice.
struct ColumnNumbers {
    /// ESE: fidFixedLast.
    var lastFixed: UInt16 = 0
    /// ESE: fidVarLast.
    var lastVariable: UInt16 = 127
    /// ESE: fidTaggedLast.
    var lastTagged: UInt16 = 255
    /// Where the fixed columns end in a record, in bytes. ESE: ibEndFixedColumns.
    var fixedEnd = RecordLayout.headerByteCount

    /// Counts a column in that is there, or was.
    mutating func include(_ id: ColumnID, end: Int) {
        switch id.storage {
        case .fixed:
            lastFixed = max(lastFixed, id.rawValue)
            fixedEnd = max(fixedEnd, end)
        case .variable: lastVariable = max(lastVariable, id.rawValue)
        case .tagged: lastTagged = max(lastTagged, id.rawValue)
        case nil: break
        }
    }

    /// Counts a template's columns in: its tagged ones are numbered apart.
    mutating func include(template: ColumnNumbers) {
        lastFixed = max(lastFixed, template.lastFixed)
        lastVariable = max(lastVariable, template.lastVariable)
        fixedEnd = max(fixedEnd, template.fixedEnd)
    }

    /// The number of a new column.
    /// - Throws: `tooManyColumns`.
    mutating func next(_ storage: ColumnID.Storage) throws(JetError) -> ColumnID {
        switch storage {
        case .fixed:
            guard lastFixed < 127 else { throw .tooManyColumns }
            lastFixed += 1
            return ColumnID(lastFixed)
        case .variable:
            guard lastVariable < 255 else { throw .tooManyColumns }
            lastVariable += 1
            return ColumnID(lastVariable)
        case .tagged:
            guard lastTagged < 65_248 else { throw .tooManyColumns }
            lastTagged += 1
            return ColumnID(lastTagged)
        }
    }
}

/// Keeps definitions of one table apart from each other, while each is done. Whoever has it takes no other one.
final class DefinitionGuard: @unchecked Sendable {  // everything under `lock`
    private let lock = Lock()
    private var columns = ColumnNumbers()

    /// Does something that changes the schema, or must not see it change.
    func exclusively<Result>(_ body: (inout ColumnNumbers) throws(JetError) -> Result) throws(JetError) -> Result {
        try lock.withLock { () throws(JetError) in try body(&columns) }
    }

    /// Sets what the catalog says.
    func set(_ numbers: ColumnNumbers) { lock.withLock { columns = numbers } }
}
