// Layer: WinSNMPDatabase. Used by: WinSNMP, the command, stores of other kinds.
// The narrow border between the API and whatever keeps its administrative data.

public import Primitives

/// The administrative store that WinSNMP's translated mode is defined over: entities and contexts by friendly name.
///
/// Every function may be called from any thread, may block on a disk, and throws `DatabaseError`. Names differ by upper
/// and lower case. What a look-up returns is a copy: later changes of the store don't show in it.
public protocol WinSNMPDatabase: Sendable {
    /// The entity of a name; nil if there is none.
    func entity(named name: String) throws(DatabaseError) -> EntityEntry?

    /// The entity with a numeric address, for names of those who answered or sent a notification.
    ///
    /// The port does not have to agree; among several entities with the address one with `requestPort` equal to it goes
    /// first, and else the first by name. IPv4-mapped addresses are IPv4 addresses; a zone counts only where both sides
    /// have one. Entities with host names are not found: that would ask the network.
    func entity(at address: SocketAddress) throws(DatabaseError) -> EntityEntry?

    /// The names of all entities, sorted.
    func entityNames() throws(DatabaseError) -> [String]

    /// Stores an entity in the place of one with the same name; returns whether there was one.
    @discardableResult
    func put(_ entity: EntityEntry) throws(DatabaseError) -> Bool

    /// Removes an entity; returns whether there was one.
    @discardableResult
    func removeEntity(named name: String) throws(DatabaseError) -> Bool

    /// The context of a name; nil if there is none.
    func context(named name: String) throws(DatabaseError) -> ContextEntry?

    /// The names of all contexts, sorted.
    func contextNames() throws(DatabaseError) -> [String]

    /// Stores a context in the place of one with the same name; returns whether there was one.
    @discardableResult
    func put(_ context: ContextEntry) throws(DatabaseError) -> Bool

    /// Removes a context; returns whether there was one.
    @discardableResult
    func removeContext(named name: String) throws(DatabaseError) -> Bool
}
