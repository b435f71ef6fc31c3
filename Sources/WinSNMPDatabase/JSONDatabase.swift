// Layer: WinSNMPDatabase. Uses: JSONFile, TableCache, PlatformIO (files, locks). Used by: WinSNMPStore, the command.
// The database as a file that people can read and edit: docs/winsnmp/database.md.
// Readers take no lock, since the file is only ever replaced as a whole. Writers lock a file beside it, read afresh,
// change what they came for and replace the file, so that of two at once neither loses what the other wrote.

import JSON
import PlatformIO
public import Primitives

/// A database in a JSON file, which is read when it is needed first and again whenever it has changed.
///
/// A missing file is an empty database; the first entry makes it, with the directories above it, readable by its owner
/// only. Members of the file that this module doesn't know are kept when it is written.
public final class JSONDatabase: StoredDatabase {
    /// The longest file that is read or written: 8 MiB.
    public static let maximumByteCount = 8 << 20

    /// The file's path.
    public let path: String
    private let cache = TableCache()

    /// How often the file was read, for tests.
    var loadCount: Int { cache.loadCount }

    private let limit: Int

    /// A database in the file at `path`, which is not read yet.
    public convenience init(path: String) { self.init(path: path, limit: Self.maximumByteCount) }

    /// With another limit, for tests.
    init(path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }

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
        return try change { $0.put(entity.node, in: .entities, named: entity.name) }
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func removeEntity(named name: String) throws(DatabaseError) -> Bool {
        try change { $0.remove(name, from: .entities) }
    }

    /// As `WinSNMPDatabase` says.
    public func context(named name: String) throws(DatabaseError) -> ContextEntry? { try table().contexts[name] }

    /// As `WinSNMPDatabase` says.
    public func contextNames() throws(DatabaseError) -> [String] { try table().contexts.keys.sorted() }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ context: ContextEntry) throws(DatabaseError) -> Bool {
        try context.validate()
        return try change { $0.put(context.node, in: .contexts, named: context.name) }
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func removeContext(named name: String) throws(DatabaseError) -> Bool {
        try change { $0.remove(name, from: .contexts) }
    }

    /// As `StoredDatabase` says.
    public func collection() throws(DatabaseError) -> EntryCollection {
        try EntryCollection(try load().0, path)
    }

    /// As `StoredDatabase` says.
    @discardableResult
    public func put(_ entries: EntryCollection) throws(DatabaseError) -> Int {
        var count = 0
        _ = try change { file in
            count = 0
            for case .put(let list, let node, let name) in entries.changes where file.put(node, in: list, named: name) {
                count += 1
            }
            return true
        }
        return count
    }

    /// The entries as the file has them now.
    package func table() throws(DatabaseError) -> EntryTable {
        try cache.table(try TableCache.status(path)) { () throws(DatabaseError) in
            let (file, read) = try load()
            return (try file.table(path), read)
        }
    }

    /// Reads the file; an empty one if it is missing.
    private func load() throws(DatabaseError) -> (JSONFile, FileStatus?) {
        cache.countLoad()
        let bytes: [UInt8], status: FileStatus
        do throws(IOError) {
            (bytes, status) = try FileAccess.readWithStatus(path, limit: limit)
        } catch {
            if error.isNotFound { return (JSONFile(), nil) }
            throw error.isTooLong ? .tooLong(file: path) : .file(error)
        }
        // Whoever can write it can have credentials sent to a machine of his own.
        guard status.permissions & 0o002 == 0 else { throw .writableByOthers(file: path) }
        return (try JSONFile(bytes, path), status)
    }

    /// Changes the file under the lock; `body` returns whether the name was there. Nothing is written if the file's
    /// contents stay as they were.
    private func change(_ body: (inout JSONFile) -> Bool) throws(DatabaseError) -> Bool {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        return try changeLocked(body)
    }

    private func lock() throws(DatabaseError) -> FileLock {
        do throws(IOError) {
            // The directory may hold other private configuration, so it is nobody else's business.
            if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
                try FileAccess.createDirectory(String(path[..<slash]), mode: 0o700)
            }
            return try FileLock.waitAndTake(path + ".lock")
        } catch {
            throw .file(error)
        }
    }

    private func changeLocked(_ body: (inout JSONFile) -> Bool) throws(DatabaseError) -> Bool {
        var (file, _) = try load()
        // A damaged file is for its owner to mend; rewriting it could lose what is still legible.
        _ = try file.table(path)
        let old = file
        let wasThere = body(&file)
        guard file != old else { return wasThere }
        // What can't be read again is not written.
        _ = try file.table(path)
        let bytes = Array(file.root.text.utf8)
        guard bytes.count <= limit else { throw .tooLong(file: path) }
        do throws(IOError) { try FileAccess.writeAtomically(path, bytes, mode: 0o600) } catch { throw .file(error) }
        return wasThere
    }
}
