// Layer: WinSNMPStore. Uses: EntryReading, EntryWriting, WinSNMPDatabase. Used by: WinSNMP, Station, the command.
// The database as a directory with an ESE database: docs/winsnmp/database.md.
// Readers take no lock and open no engine as long as the file is clean. Writers, and readers that find what a crash
// left, lock the file `lock` in the directory and open the engine, one at a time.

import ESE
import JSON
import PlatformIO
public import Primitives
public import WinSNMPDatabase

/// A database in a directory of its own, shared by processes in turn.
///
/// A missing directory is an empty database; the first entry makes it, readable by its owner only. What was stored is
/// on the disk when the call returns. Members of entries that nobody here knows are kept. Errors besides those of
/// `WinSNMPDatabase`: `busy`, `full`, `damaged`, `newerFormat`, `engine`, `writableByOthers`, `noDirectory`, `file`.
public final class ESEDatabase: StoredDatabase {
    /// The database's name in the directory.
    public static let fileName = "winsnmp.edb"

    /// The directory.
    public let path: String
    /// The file that had the entries before there was this database: read until the first change, which takes it over.
    let predecessor: JSONDatabase?
    let settings: Settings
    private let cache = TableCache()

    /// What tests change.
    struct Settings: Sendable {
        /// How long to wait for another writer.
        var patience = Interval.seconds(15)
        /// The engine's files, clocks and threads.
        var environment: @Sendable () -> EngineEnvironment = {
            var environment = EngineEnvironment(
                storage: FileStorage(permissions: 0o600), reporter: SilentReporter())
            environment.threadCount = 1
            return environment
        }
    }

    /// How often the file was read, for tests.
    var loadCount: Int { cache.loadCount }
    /// The database's file.
    var file: String { "\(path)/\(Self.fileName)" }

    /// A database in the directory at `path`, which is not read yet.
    /// - Parameter predecessor: A file of `JSONDatabase` whose entries this one has until it is made, and then takes
    ///   over; the file is renamed to `.imported`.
    public convenience init(path: String, takingOver predecessor: String? = nil) {
        self.init(path: path, takingOver: predecessor, Settings())
    }

    init(path: String, takingOver predecessor: String?, _ settings: Settings) {
        self.path = path
        self.predecessor = predecessor.map { JSONDatabase(path: $0) }
        self.settings = settings
    }

    // MARK: WinSNMPDatabase.

    /// As `WinSNMPDatabase` says.
    public func entity(named name: String) throws(DatabaseError) -> EntityEntry? { try table().entities[name] }

    /// As `WinSNMPDatabase` says.
    public func entity(at address: SocketAddress) throws(DatabaseError) -> EntityEntry? {
        try table().entity(at: address)
    }

    /// As `WinSNMPDatabase` says.
    public func entityNames() throws(DatabaseError) -> [String] { try table().entities.keys.sorted() }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ entity: EntityEntry) throws(DatabaseError) -> Bool {
        try entity.validate()
        return try apply([EntryChange(entity)])[0]
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func removeEntity(named name: String) throws(DatabaseError) -> Bool {
        try apply([.remove(.entities, name: name)])[0]
    }

    /// As `WinSNMPDatabase` says.
    public func context(named name: String) throws(DatabaseError) -> ContextEntry? { try table().contexts[name] }

    /// As `WinSNMPDatabase` says.
    public func contextNames() throws(DatabaseError) -> [String] { try table().contexts.keys.sorted() }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ context: ContextEntry) throws(DatabaseError) -> Bool {
        try context.validate()
        return try apply([EntryChange(context)])[0]
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func removeContext(named name: String) throws(DatabaseError) -> Bool {
        try apply([.remove(.contexts, name: name)])[0]
    }

    // MARK: Many at once.

    /// All entries by their names.
    public func entries() throws(DatabaseError) -> (entities: [String: EntityEntry], contexts: [String: ContextEntry]) {
        let table = try table()
        return (table.entities, table.contexts)
    }

    /// Stores and removes many entries in one transaction: all of it or, if it throws, nothing. Names to be removed
    /// that are not there are no error.
    public func change(
        putting entities: [EntityEntry], _ contexts: [ContextEntry], removingEntities: [String],
        removingContexts: [String]
    ) throws(DatabaseError) {
        var changes = removingEntities.map { EntryChange.remove(.entities, name: $0) }
        changes += removingContexts.map { EntryChange.remove(.contexts, name: $0) }
        for entity in entities {
            try entity.validate()
            changes.append(EntryChange(entity))
        }
        for context in contexts {
            try context.validate()
            changes.append(EntryChange(context))
        }
        _ = try apply(changes)
    }

    /// As `StoredDatabase` says.
    public func collection() throws(DatabaseError) -> EntryCollection {
        if try fileStatus() == nil, let predecessor {
            let entries = try predecessor.collection()
            // A writer may have taken it over meanwhile.
            if try fileStatus() == nil { return entries }
        }
        return try EntryCollection(try read()?.entries ?? [], file)
    }

    /// As `StoredDatabase` says.
    @discardableResult
    public func put(_ entries: EntryCollection) throws(DatabaseError) -> Int {
        try apply(entries.changes).count { $0 }
    }

    // MARK: Reading.

    /// The entries as the file has them now.
    func table() throws(DatabaseError) -> EntryTable {
        // A writer may make the file, and rename the one before, between two looks.
        for _ in 0..<3 {
            if let status = try fileStatus() {
                return try cache.table(status) { () throws(DatabaseError) in try load() }
            }
            guard let predecessor else { break }
            let table = try predecessor.table()
            if try fileStatus() == nil { return table }
        }
        return EntryTable()
    }

    private func load() throws(DatabaseError) -> (EntryTable, FileStatus?) {
        guard let (entries, status) = try read() else { return (EntryTable(), nil) }
        var table = EntryTable()
        for (number, entry) in entries.enumerated() {
            try table.put(entry.node, in: entry.list, "\(entry.list)[\(number)]", file: file)
        }
        return (table, status)
    }

    /// Reads the file; nil if there is none.
    private func read() throws(DatabaseError) -> (entries: [(list: EntryList, node: JSONNode)], status: FileStatus)? {
        cache.countLoad()
        try checkDirectory()
        guard let found = try fileStatus() else { return nil }
        try checkFile(found)
        if case .entries(let entries) = try EntryReading.read(file), try fileStatus() == found {
            return (entries, found)
        }
        // A writer is at work, or did not end as it should.
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        guard let settled = try fileStatus() else { return nil }
        if case .entries(let entries) = try EntryReading.read(file) { return (entries, settled) }
        try recover()
        guard let recovered = try fileStatus() else { return nil }
        guard case .entries(let entries) = try EntryReading.read(file) else {
            throw .engine(file: file, problem: "it could not be brought to a clean state; put it back from a copy")
        }
        return (entries, recovered)
    }

    // MARK: What stands there.

    /// The state of the database's file; nil if there is none.
    func fileStatus() throws(DatabaseError) -> FileStatus? {
        do throws(DatabaseError) { return try TableCache.status(file) } catch {
            if case .file(let cause) = error, cause.isNotDirectory { throw .noDirectory(path: path) }
            throw error
        }
    }

    /// Whoever can write the directory can have credentials sent to a machine of his own.
    func checkDirectory() throws(DatabaseError) {
        guard let status = try TableCache.status(path) else { return }
        guard status.isDirectory else { throw .noDirectory(path: path) }
        guard status.permissions & 0o002 == 0 else { throw .writableByOthers(file: path) }
    }

    func checkFile(_ status: FileStatus) throws(DatabaseError) {
        guard status.isRegular else {
            throw .damaged(file: file, problem: "it is no ordinary file")
        }
        guard status.permissions & 0o002 == 0 else { throw .writableByOthers(file: file) }
    }

    /// Takes the directory's lock, which one process has at a time.
    func lock() throws(DatabaseError) -> FileLock {
        let end = SystemClock.now + settings.patience
        while true {
            do throws(IOError) {
                if let lock = try FileLock.take("\(path)/lock") { return lock }
            } catch {
                throw .file(error)
            }
            guard SystemClock.now < end else { throw .busy(directory: path) }
            SystemClock.sleep(.milliseconds(10))
        }
    }
}
