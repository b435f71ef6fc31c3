// Layer: ESE/Interface. Uses: TableCursor, RowWriter. Used by: programs.
// Rows are inserted, changed and deleted; counters; bookmarks.

public import ESEEngine

extension TableCursor {
    /// Inserts a row: `body` sets its columns. The cursor stays where it was. In a transaction.
    /// C names: JetPrepareUpdate, JetUpdate2.
    /// - Throws: `keyDuplicate`, `nullKeyDisallowed`, `nullInvalid`, `recordTooBig`; `writeConflict`;
    ///   `notInTransaction`, `transReadOnly`; what `body` and storage throw. Nothing is inserted then.
    public func insert(_ body: (borrowing RowWriter) throws(JetError) -> Void) throws(JetError) {
        try change { (cursor) throws(JetError) in try update(cursor, .insert, body) }
    }

    /// Changes the row that the cursor is on. In a transaction. C names: JetPrepareUpdate, JetUpdate2.
    /// - Throws: `noCurrentRecord`, `recordDeleted`; `writeConflict` if another transaction changed the row; as
    ///   `insert`. The row is as it was then.
    public func replace(_ body: (borrowing RowWriter) throws(JetError) -> Void) throws(JetError) {
        try change { (cursor) throws(JetError) in try update(cursor, .replace, body) }
    }

    private func update(
        _ cursor: RowCursor, _ preparation: Preparation, _ body: (borrowing RowWriter) throws(JetError) -> Void
    ) throws(JetError) {
        try cursor.prepare(preparation)
        do throws(JetError) {
            try body(RowWriter(cursor, scratch))
            try cursor.update()
        } catch {
            if cursor.isPrepared { try cursor.cancelUpdate() }
            throw error
        }
    }

    /// Deletes the row that the cursor is on, which stays there. In a transaction. C name: JetDelete.
    /// - Throws: `noCurrentRecord`, `recordDeleted`, `writeConflict`; `notInTransaction`, `transReadOnly`; what storage
    ///   throws.
    public func delete() throws(JetError) {
        try change { (cursor) throws(JetError) in try cursor.delete() }
    }

    /// Adds to a counter, a column of the option `escrowUpdate`: several sessions may do so at the same time without a
    /// conflict. In a transaction. C name: JetEscrowUpdate.
    /// - Returns: The number before, as the transaction saw it.
    /// - Throws: `invalidOperation` if it is no counter; `noCurrentRecord`, `recordDeleted`; `writeConflict` if another
    ///   transaction replaced the row; `notInTransaction`; what storage throws.
    @discardableResult
    public func add(_ delta: Int32, to column: Column<Int32>) throws(JetError) -> Int32 {
        try change { (cursor) throws(JetError) in
            Int32(truncatingIfNeeded: try cursor.escrow(column.key, by: Int64(delta)))
        }
    }

    /// The same for counters of 64 bits.
    @discardableResult
    public func add(_ delta: Int64, to column: Column<Int64>) throws(JetError) -> Int64 {
        try change { (cursor) throws(JetError) in try cursor.escrow(column.key, by: delta) }
    }

    /// Keeps others from changing the row before the transaction ends. C name: JetGetLock.
    /// - Throws: `writeConflict`, `noCurrentRecord`, `recordDeleted`, `notInTransaction`.
    public func lockRow() throws(JetError) {
        try change { (cursor) throws(JetError) in try cursor.lockRow(forWriting: true) }
    }

    /// Names the row, as long as its primary key does not change. C name: JetGetBookmark.
    public func bookmark() throws(JetError) -> [UInt8] {
        try access { (cursor) throws(JetError) in [UInt8](try cursor.bookmark().buffer) }
    }

    /// Goes to the row of a bookmark. C name: JetGotoBookmark.
    /// - Throws: `recordDeleted` if it is gone; `invalidBookmark`.
    public func go(to bookmark: [UInt8]) throws(JetError) {
        try access { (cursor) throws(JetError) in
            try bookmark.lend { (bytes: Bytes) throws(JetError) in try cursor.go(to: bytes) }
        }
    }
}
