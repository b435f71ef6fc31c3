// Layer: ESEEngine/9-Session. Uses: Store, 7-Table's Catalog. Used by: the Swift and the C API.
// Databases with their catalogs.

import ESEFormat

extension Store {
    /// Makes a database with an empty catalog, which the session then has open. See
    /// `createDatabase(_:_:_:greatestPageCount:populate:)`. C name: JetCreateDatabase2.
    public func createDatabase(
        _ path: String, _ session: SessionStore, _ flags: DatabaseFlags = [], greatestPageCount: UInt32 = 0
    ) throws(JetError) -> OpenDatabase {
        try createDatabase(path, session, flags, greatestPageCount: greatestPageCount) {
            (database, worker) throws(JetError) in
            let tables = TableSession(worker, versions: versions, log: database.database.log, trees: database)
            try Catalog.create(in: database.trees, tables)
        }
    }

    /// Opens the catalog of a database, with a session of its own.
    func openCatalog(of database: OpenDatabase) throws(JetError) -> Catalog {
        let worker = makeOwnWorker(for: database)
        database.catalogWorker = worker
        do throws(JetError) {
            return try Catalog(
                opening: database.trees,
                TableSession(worker, versions: versions, log: database.database.log, trees: self),
                options: catalogOptions)
        } catch {
            database.catalogWorker = nil
            remove(worker)
            throw error
        }
    }

    /// A worker of the engine's own. Its number is none that an application's session gets.
    private func makeOwnWorker(for database: OpenDatabase) -> Worker {
        let number = Self.firstOwnSession + UInt16(database.slot.rawValue)
        let worker = Worker(versions.clock.make(session: number), isSystem: true)
        add(worker)
        return worker
    }

    /// Numbers of sessions from here on are the catalogs'.
    private static let firstOwnSession: UInt16 = 0xff00
}
