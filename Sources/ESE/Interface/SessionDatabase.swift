// Layer: ESE/Interface. Uses: Session, Catalog, TableSpec. Used by: programs.
// Databases as a session has them open, and the tables in them.

public import ESEEngine

/// How a database is opened.
public enum DatabaseMode: Hashable, Sendable {
    /// It must be there.
    case existing
    /// It must be there, and nothing in it is changed. C name: JET_bitDbReadOnly.
    case readOnly
    /// It is made if there is no such file.
    case createIfMissing
    /// It must not be there.
    case createNew
    /// It is made, in place of what is there. C name: JET_bitDbOverwriteExisting.
    case overwrite
}

extension Session {
    /// Attaches and opens a database, or makes it. Not inside of a transaction.
    /// C names: JetAttachDatabase2, JetOpenDatabase, JetCreateDatabase2.
    /// - Parameter name: A path; relative ones start at the instance's directory.
    /// - Throws: `databaseNotFound`; `databaseDuplicate` if a new one is there already; `fileAccessDenied` if somebody
    ///   else has it; `databaseDirtyShutdown` if it needs logs of another instance; `pageSizeMismatch`;
    ///   `inTransaction`; `tooManyAttachedDatabases` for a seventh; `databaseCorrupted`; errors of files.
    public func openDatabase(
        _ name: String, _ mode: DatabaseMode = .createIfMissing
    ) throws(JetError) -> SessionDatabase {
        let path = instance.path(name)
        let store = instance.store
        let open = try access { () throws(JetError) -> OpenDatabase in
            switch mode {
            case .createNew: return try store.createDatabase(path, engine)
            case .overwrite: return try store.createDatabase(path, engine, .overwriteExisting)
            case .existing, .readOnly, .createIfMissing:
                do throws(JetError) {
                    let flags: DatabaseFlags = mode == .readOnly ? .readOnly : []
                    try store.attach(path, engine, flags)
                    return try store.open(path, engine, flags).database
                } catch {
                    guard error == .databaseNotFound, mode == .createIfMissing else { throw error }
                    return try store.createDatabase(path, engine)
                }
            }
        }
        return SessionDatabase(self, open)
    }

    /// Closes nothing, and lets the file go: no session may have the database open. It is clean then and may be copied
    /// or opened by others. Not inside of a transaction. C name: JetDetachDatabase2.
    /// - Throws: `databaseNotFound`, `databaseInUse`, `inTransaction`; errors of writing.
    public func detachDatabase(_ name: String) throws(JetError) {
        let path = instance.path(name)
        try access { () throws(JetError) in try instance.store.detach(path, engine) }
    }
}

/// A database as a session has it open. Used by the thread that uses the session. C name: JET_DBID.
public final class SessionDatabase: @unchecked Sendable {  // `Session.access`
    /// The session.
    public let session: Session
    /// The engine's database, for what has no place in this API.
    public let engine: OpenDatabase
    private var isOpen = true

    init(_ session: Session, _ engine: OpenDatabase) {
        self.session = session
        self.engine = engine
    }

    /// The path of its file.
    public var path: String { engine.path }

    /// Closes it; tables that are open stay so. C name: JetCloseDatabase.
    public func close() throws(JetError) {
        try session.access { () throws(JetError) in
            guard isOpen else { return }
            isOpen = false
            session.instance.store.close(engine, session.engine)
        }
    }

    /// Closes it and lets the file go. See `Session.detachDatabase`.
    public func detach() throws(JetError) {
        try close()
        try session.detachDatabase(path)
    }

    /// Does something with the catalog, while the session is owned and the database is open.
    func withCatalog<Result>(
        _ body: (Catalog, TableSession) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try session.access { () throws(JetError) in
            guard isOpen else { throw .invalidDatabaseId }
            return try body(try engine.catalog(), session.engine.tables)
        }
    }

    // MARK: Tables.

    /// The names of the tables that users made.
    public func tableNames() throws(JetError) -> [String] {
        try withCatalog { (catalog, tables) throws(JetError) in
            try catalog.tableInfo(tables).filter { $0.flags.isDisjoint(with: [.system, .systemDynamic]) }.map(\.name)
        }
    }

    /// Opens a table. C name: JetOpenTable.
    /// - Throws: `objectNotFound`, `tableLocked` while it is deleted; `invalidDatabaseId` after `close`.
    public func table(_ name: String) throws(JetError) -> TableCursor {
        let cursor = try withCatalog { (catalog, tables) throws(JetError) in try catalog.open(name, tables) }
        return try TableCursor(session, cursor, isReadOnly: engine.isReadOnly)
    }

    /// Opens a table, which is made if it is missing. One that is there is taken as it is.
    /// C name: JetCreateTableColumnIndex4.
    /// - Throws: As `table(_:)`, `createTable(_:)`.
    public func table(_ spec: TableSpec) throws(JetError) -> TableCursor {
        do throws(JetError) {
            return try table(spec.name)
        } catch {
            guard error == .objectNotFound else { throw error }
        }
        do throws(JetError) {
            try createTable(spec)
        } catch {
            // Another session was faster.
            guard error == .tableDuplicate else { throw error }
        }
        return try table(spec.name)
    }

    /// Makes a table, in a transaction of its own or in the one that is open.
    /// - Throws: `tableDuplicate`; `invalidName`, `columnDuplicate`, `indexDuplicate`, `invalidColumnType` and others
    ///   for what can't be; `transReadOnly`, `writeConflict`; what storage throws.
    public func createTable(_ spec: TableSpec) throws(JetError) {
        try session.define(engine) { () throws(JetError) in
            try withCatalog { (catalog, tables) throws(JetError) in
                _ = try catalog.createTable(spec.request(), tables)
            }
        }
    }

    /// Deletes a table. C name: JetDeleteTable.
    /// - Throws: `objectNotFound`; `tableInUse` while anybody has it open; `writeConflict`; what storage throws.
    public func deleteTable(_ name: String) throws(JetError) {
        try session.define(engine) { () throws(JetError) in
            try withCatalog { (catalog, tables) throws(JetError) in try catalog.deleteTable(named: name, tables) }
        }
    }

    /// Renames a table. C name: JetRenameTable.
    /// - Throws: `objectNotFound`, `tableDuplicate`, `invalidName`, `writeConflict`; what storage throws.
    public func renameTable(_ name: String, to newName: String) throws(JetError) {
        try session.define(engine) { () throws(JetError) in
            try withCatalog { (catalog, tables) throws(JetError) in
                try catalog.renameTable(name, to: newName, tables)
            }
        }
    }
}
