// Layer: ESEEngine/7-Table. Uses: RowCursor, Tree+Delta. Used by: the cleaning of versions.
// The end of a record whose counter is zero (JET_bitColumnDeleteOnZero, JET_bitColumnFinalize).

import ESEFormat

extension ColumnFlags {
    /// Those of counters whose record goes at zero. JET_bitColumnFinalize was meant for a callback one day; until then
    /// it deletes the record as well (Microsoft's page of JET_COLUMNDEF).
    static let deletesRecord: ColumnFlags = [.deleteOnZero, .finalize]
}

/// What became of a record whose counter was seen at zero.
enum ZeroOutcome {
    /// It is deleted.
    case deleted
    /// It is not there, or its counter is not zero any more.
    case kept
    /// Somebody changes it or may see it otherwise.
    case undecided
}

extension RowCursor {
    /// Deletes a record, with its entries and long values, if its counter is zero for everybody. In a transaction of
    /// the engine's own; whoever changes the record after that has begun makes it a write conflict.
    /// - Parameters:
    ///   - key: The record's.
    ///   - offset: Where in the record the counter is.
    /// - Throws: `writeConflict`, what `delete` throws.
    /// ESE: what FINALIZETASK does.
    func deleteAtZero(_ key: Bytes, offset: Int, byteCount: Int) throws(JetError) -> ZeroOutcome {
        refresh()
        // The column may have been deleted meanwhile, and the bytes be another's.
        let isCounter = schema.definition.columns.contains { column in
            !column.flags.isDisjoint(with: ColumnFlags.deletesRecord) && Int(column.recordOffset) == offset
                && isVisible(column)
        }
        guard isCounter, try primary.go(to: Bookmark(key: key)) else { return .kept }
        if let outcome = try whatElse(than: 0, at: offset, byteCount) { return outcome }
        place = .onRow
        isOnRecord = true
        try delete()
        return .deleted
    }

    /// Why a record, which is latched and let go of, is not to be deleted.
    private func whatElse(
        than number: Int64, at offset: Int, _ byteCount: Int
    ) throws(JetError) -> ZeroOutcome? {
        defer { primary.release() }
        if primary.isActive { return .undecided }
        return try primary.number(at: offset, byteCount: byteCount) == number ? nil : .kept
    }

    private func isVisible(_ column: ColumnDefinition) -> Bool {
        schema.isVisible(column, to: session.transaction)
    }
}
