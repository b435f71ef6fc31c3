// Layer: Jet. Uses: JetLibrary, JetCursor, TableLocks, ESEEngine (Catalog). Used by: JetABI.
// Tables are made, opened, renamed and deleted.

public import ESEEngine
import ESEFormat

extension JetCall {
    /// Does something in the session's transaction, or in one of its own if there is none.
    func inTransaction<Result>(
        _ flags: CommitFlags = [], _ body: () throws(JetError) -> Result
    ) throws(JetError) -> Result {
        if session.level > 0 { return try body() }
        try session.begin(thread: thread.id)
        do throws(JetError) {
            let result = try body()
            try session.commit(flags, thread: thread.id)
            return result
        } catch {
            if session.level > 0 { try? session.rollback(thread: thread.id) }
            throw error
        }
    }

    /// The session as tables see it.
    var tables: TableSession { session.work.store.tables }
    /// The cursors of the instance that keep others from tables.
    var locks: TableLocks { session.work.instance.tableLocks }
}

extension JetLibrary {
    /// What the name of an object has to be: 1 to 64 characters, none of ! . [ ] and no control characters, no space in
    /// front. JET_errInvalidName.
    static func checkName(_ name: String) throws(JetError) {
        let scalars = name.unicodeScalars
        guard (1...64).contains(scalars.count), scalars.first != " " else { throw .invalidName }
        for scalar in scalars where scalar.value < 0x20 || scalar.value > 0xff || "!.[]".unicodeScalars.contains(scalar)
        {
            throw .invalidName
        }
    }

    /// A database that the session may change. JET_errInvalidDatabaseId, JET_errPermissionDenied.
    func writableDatabase(_ call: JetCall, _ number: UInt32) throws(JetError) -> OpenDatabase {
        let database = try database(call, number)
        guard !database.isReadOnly else { throw .permissionDenied }
        return database
    }

    // MARK: Opening.

    /// Opens a cursor before the first row; its handle. C name: JetOpenTable.
    public func openTable(
        _ session: UInt, _ number: UInt32, _ name: String, _ flags: OpenTableFlags
    ) throws(JetError) -> UInt {
        try withSession(session) { (call) throws(JetError) in
            let database = try database(call, number)
            try Self.checkName(name)
            if flags.isSuperset(of: [.readOnly, .updatable]) { throw .invalidGrbit }
            if flags.contains(.updatable), database.isReadOnly { throw .permissionDenied }
            let rows = try database.catalog().open(name, call.tables)
            return try open(rows, call, flags, isReadOnly: flags.contains(.readOnly) || database.isReadOnly).handle
        }
    }

    /// Makes a cursor's handle, with what it keeps others from.
    func open(
        _ rows: RowCursor, _ call: JetCall, _ flags: OpenTableFlags, isReadOnly: Bool
    ) throws(JetError) -> JetCursor {
        let hold = TableLocks.Hold(
            table: ObjectIdentifier(rows.table), session: ObjectIdentifier(call.session.work), mayWrite: !isReadOnly,
            denies: flags.intersection([.denyRead, .denyWrite]))
        let locks = call.locks
        try locks.take(hold)
        var options = JetCursor.Options()
        options.isReadOnly = isReadOnly
        options.onDuplicate = { locks.again(hold) }
        options.onClose = { locks.giveBack(hold) }
        do throws(JetError) {
            return try JetCursor.open(rows, call, in: table, options)
        } catch {
            locks.giveBack(hold)
            throw error
        }
    }

    // MARK: Making.

    /// A table that was made, and what became of its parts.
    public struct CreatedTable {
        /// A cursor on it that keeps other sessions away; nil if none was wanted.
        public var cursor: UInt?
        /// The numbers of its columns, in the order of the request.
        public var columns: [MadeColumn]
        /// Tables, columns and indexes together. C name: cCreated.
        public var count: Int
    }

    /// Makes a table with columns and indexes, and opens it for this session alone.
    /// C names: JetCreateTable, JetCreateTableColumnIndex4.
    /// - Parameter failed: Is told which part of the request an error is about, and the error.
    public func createTable(
        _ session: UInt, _ number: UInt32, _ request: TableRequest, opens: Bool = true,
        failed: (FaultyPart, JetError) -> Void = { _, _ in }
    ) throws(JetError) -> CreatedTable {
        try withSession(session) { (call) throws(JetError) in
            let database = try writableDatabase(call, number)
            let catalog = try database.catalog()
            do throws(JetError) {
                return try call.inTransaction { () throws(JetError) in
                    let made = try catalog.createTable(request, call.tables)
                    var cursor: UInt?
                    if opens {
                        let rows = RowCursor(made.table, call.tables)
                        cursor = try open(rows, call, .denyRead, isReadOnly: false).handle
                    }
                    return CreatedTable(
                        cursor: cursor, columns: made.columns, count: 1 + request.columns.count + request.indexes.count)
                }
            } catch {
                if let part = catalog.faultyPart(of: request, call.tables) { failed(part, error) }
                throw error
            }
        }
    }

    /// Deletes a table. C name: JetDeleteTable.
    public func deleteTable(_ session: UInt, _ number: UInt32, _ name: String) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            let database = try writableDatabase(call, number)
            try Self.checkName(name)
            let catalog = try database.catalog()
            try call.inTransaction { () throws(JetError) in try catalog.deleteTable(named: name, call.tables) }
        }
    }

    /// Renames a table. C name: JetRenameTable.
    public func renameTable(
        _ session: UInt, _ number: UInt32, _ name: String, to newName: String
    ) throws(JetError) {
        try withSession(session) { (call) throws(JetError) in
            let database = try writableDatabase(call, number)
            try Self.checkName(name)
            let catalog = try database.catalog()
            try call.inTransaction { () throws(JetError) in
                try catalog.renameTable(name, to: newName, call.tables)
            }
        }
    }
}
