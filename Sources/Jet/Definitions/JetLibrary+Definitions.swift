// Layer: Jet. Uses: JetLibrary, JetCursor, ESEEngine (Catalog). Used by: JetABI.
// Columns and indexes of a table are added, renamed and deleted, with a cursor on it.

public import ESEEngine
import ESEFormat

extension JetLibrary {
    /// Runs `body` in a transaction with the catalog of a cursor's table.
    /// JET_errIllegalOperation for temporary tables, JET_errPermissionDenied for cursors that change nothing.
    private func define<Result>(
        _ session: UInt, _ cursor: UInt, _ flags: CommitFlags = [],
        _ body: (Catalog, JetCursorCall) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let catalog = try catalog(of: call)
            if call.cursor.isReadOnly { throw .permissionDenied }
            return try call.call.inTransaction(flags) { () throws(JetError) in try body(catalog, call) }
        }
    }

    /// The catalog that a cursor's table is in. JET_errIllegalOperation if there is none.
    func catalog(of call: JetCursorCall) throws(JetError) -> Catalog {
        let database = try database(of: call)
        guard !database.isTemporary else { throw .illegalOperation }
        return try database.catalog()
    }

    /// The database that a cursor's table is in.
    func database(of call: JetCursorCall) throws(JetError) -> OpenDatabase {
        let slot = call.rows.table.database.slot.rawValue
        guard let database = call.session.work.store.store.database(slot) else { throw .invalidDatabaseId }
        return database
    }

    // MARK: Columns.

    /// Adds a column; its number, and JET_wrnColumnMaxTruncated if its size was cut. C name: JetAddColumn.
    public func addColumn(
        _ session: UInt, _ cursor: UInt, _ request: ColumnRequest
    ) throws(JetError) -> (key: ColumnKey, warning: JetWarning?) {
        try define(session, cursor) { (catalog, call) throws(JetError) in
            let table = call.rows.table
            let isExclusive = call.call.locks.isExclusive(table, session: call.session.work)
            let made = try catalog.addColumn(request, to: table, call.rows.session, isExclusive: isExclusive)
            return (made.key, made.isSizeCut ? .columnMaxTruncated : nil)
        }
    }

    /// Deletes a column. With `ignoresTemplate` only the table's own ones are looked at.
    /// C names: JetDeleteColumn, JetDeleteColumn2.
    public func deleteColumn(
        _ session: UInt, _ cursor: UInt, _ name: String, ignoresTemplate: Bool = false
    ) throws(JetError) {
        try define(session, cursor) { (catalog, call) throws(JetError) in
            try Self.checkName(name)
            do throws(JetError) {
                try catalog.deleteColumn(named: name, of: call.rows.table, call.rows.session)
            } catch {
                throw ignoresTemplate && error == .fixedInheritedDDL ? .columnNotFound : error
            }
        }
    }

    /// Renames a column. C name: JetRenameColumn.
    public func renameColumn(
        _ session: UInt, _ cursor: UInt, _ name: String, to newName: String
    ) throws(JetError) {
        try define(session, cursor) { (catalog, call) throws(JetError) in
            try Self.checkName(name)
            try catalog.renameColumn(name, of: call.rows.table, to: newName, call.rows.session)
        }
    }

    // MARK: Indexes.

    /// Makes indexes, all or none. C names: JetCreateIndex, JetCreateIndex2, JetCreateIndex3, JetCreateIndex4.
    /// - Parameter done: Is told what became of each, as far as it came.
    public func createIndexes(
        _ session: UInt, _ cursor: UInt, _ requests: [IndexRequest], _ done: (Int, JetError?) -> Void = { _, _ in }
    ) throws(JetError) {
        let isLazy = !requests.isEmpty && requests.allSatisfy { $0.options.contains(.lazyFlush) }
        try define(session, cursor, isLazy ? .lazyFlush : []) { (catalog, call) throws(JetError) in
            // A primary index is another thing with others: ESE makes it alone.
            if requests.count > 1, requests.contains(where: { $0.options.contains(.primary) }) {
                throw .invalidCreateIndex
            }
            for (place, request) in requests.enumerated() {
                do throws(JetError) {
                    try catalog.createIndex(request, on: call.rows.table, call.rows.session)
                    done(place, nil)
                } catch {
                    done(place, error)
                    throw error
                }
            }
        }
    }

    /// Deletes an index. C name: JetDeleteIndex.
    public func deleteIndex(_ session: UInt, _ cursor: UInt, _ name: String) throws(JetError) {
        try define(session, cursor) { (catalog, call) throws(JetError) in
            try Self.checkName(name)
            try catalog.deleteIndex(named: name, of: call.rows.table, call.rows.session)
        }
    }

    // MARK: Statistics.

    /// Counts rows, keys and pages of a table and its indexes, and keeps that in the catalog. JET_errIllegalOperation
    /// for temporary tables, JET_errDatabaseFileReadOnly. C name: JetComputeStats.
    public func computeStatistics(_ session: UInt, _ cursor: UInt) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let database = try database(of: call)
            guard !database.isTemporary else { throw .illegalOperation }
            try call.call.inTransaction(.lazyFlush) { () throws(JetError) in
                try database.computeStatistics(of: call.rows.table, call.session.work.store)
            }
        }
    }
}
