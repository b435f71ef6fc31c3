// Layer: WinSNMPDatabase. Uses: EntryTable, PlatformIO (Locked). Used by: WinSNMP without a file, tests.

import PlatformIO
public import Primitives

/// A database that ends with the program. Throws only `DatabaseError.invalid`, when a bad entry is stored.
public final class MemoryDatabase: WinSNMPDatabase {
    private let table = Locked(EntryTable())

    /// An empty database.
    public init() {}

    /// As `WinSNMPDatabase` says.
    public func entity(named name: String) throws(DatabaseError) -> EntityEntry? {
        table.withLock { $0.entities[name] }
    }

    /// As `WinSNMPDatabase` says.
    public func entity(at address: SocketAddress) throws(DatabaseError) -> EntityEntry? {
        table.withLock { $0.entity(at: address) }
    }

    /// As `WinSNMPDatabase` says.
    public func entityNames() throws(DatabaseError) -> [String] { table.withLock { $0.entities.keys.sorted() } }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ entity: EntityEntry) throws(DatabaseError) -> Bool {
        try entity.validate()
        return table.withLock { $0.put(entity) }
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func removeEntity(named name: String) throws(DatabaseError) -> Bool {
        table.withLock { $0.removeEntity(named: name) }
    }

    /// As `WinSNMPDatabase` says.
    public func context(named name: String) throws(DatabaseError) -> ContextEntry? {
        table.withLock { $0.contexts[name] }
    }

    /// As `WinSNMPDatabase` says.
    public func contextNames() throws(DatabaseError) -> [String] { table.withLock { $0.contexts.keys.sorted() } }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ context: ContextEntry) throws(DatabaseError) -> Bool {
        try context.validate()
        return table.withLock { $0.put(context) }
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func removeContext(named name: String) throws(DatabaseError) -> Bool {
        table.withLock { $0.removeContext(named: name) }
    }
}
