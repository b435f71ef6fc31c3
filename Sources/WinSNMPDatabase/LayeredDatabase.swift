// Layer: WinSNMPDatabase. Used by: WinSNMP, the command.
// A user's own database before one that somebody else keeps: the station's.

import PlatformIO
public import Primitives

/// Two databases as one: what the first has goes first, and only that one is changed.
public final class LayeredDatabase: WinSNMPDatabase {
    /// What is asked first, and changed.
    public let own: any WinSNMPDatabase
    /// What is asked for names that `own` doesn't have. One that this user may not read counts as empty.
    public let other: any WinSNMPDatabase
    /// How entries of `other` are changed, for the message that they can't be here.
    private let changingOther: String

    /// Puts one database before another.
    /// - Parameter changingOther: How entries of the other one are changed, for people.
    public init(_ own: any WinSNMPDatabase, before other: any WinSNMPDatabase, changingOther: String) {
        self.own = own
        self.other = other
        self.changingOther = changingOther
    }

    /// Asks the other database.
    private func asking<Result>(
        _ nothing: Result, _ body: (any WinSNMPDatabase) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        do throws(DatabaseError) { return try body(other) } catch {
            if case .file(let error) = error, error.isPermissionDenied { return nothing }
            throw error
        }
    }

    /// As `WinSNMPDatabase` says.
    public func entity(named name: String) throws(DatabaseError) -> EntityEntry? {
        if let found = try own.entity(named: name) { return found }
        return try asking(nil) { (other) throws(DatabaseError) in try other.entity(named: name) }
    }

    /// As `WinSNMPDatabase` says.
    public func entity(at address: SocketAddress) throws(DatabaseError) -> EntityEntry? {
        if let found = try own.entity(at: address) { return found }
        let found = try asking(nil) { (other) throws(DatabaseError) in try other.entity(at: address) }
        // Its name must not be that of something else.
        guard let found, try own.entity(named: found.name) == nil else { return nil }
        return found
    }

    /// As `WinSNMPDatabase` says.
    public func entityNames() throws(DatabaseError) -> [String] {
        let others = try asking([]) { (other) throws(DatabaseError) in try other.entityNames() }
        return Set(try own.entityNames()).union(others).sorted()
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ entity: EntityEntry) throws(DatabaseError) -> Bool { try own.put(entity) }

    /// As `WinSNMPDatabase` says; throws `readOnly` for an entity of the other database.
    @discardableResult
    public func removeEntity(named name: String) throws(DatabaseError) -> Bool {
        if try own.removeEntity(named: name) { return true }
        guard try entity(named: name) != nil else { return false }
        throw .readOnly(entry: name, how: changingOther)
    }

    /// As `WinSNMPDatabase` says.
    public func context(named name: String) throws(DatabaseError) -> ContextEntry? {
        if let found = try own.context(named: name) { return found }
        return try asking(nil) { (other) throws(DatabaseError) in try other.context(named: name) }
    }

    /// As `WinSNMPDatabase` says.
    public func contextNames() throws(DatabaseError) -> [String] {
        let others = try asking([]) { (other) throws(DatabaseError) in try other.contextNames() }
        return Set(try own.contextNames()).union(others).sorted()
    }

    /// As `WinSNMPDatabase` says.
    @discardableResult
    public func put(_ context: ContextEntry) throws(DatabaseError) -> Bool { try own.put(context) }

    /// As `WinSNMPDatabase` says; throws `readOnly` for a context of the other database.
    @discardableResult
    public func removeContext(named name: String) throws(DatabaseError) -> Bool {
        if try own.removeContext(named: name) { return true }
        guard try context(named: name) != nil else { return false }
        throw .readOnly(entry: name, how: changingOther)
    }
}
