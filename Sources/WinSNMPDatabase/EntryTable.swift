// Layer: WinSNMPDatabase. Used by: MemoryDatabase, JSONDatabase, stores of other kinds.
// All entries in memory, found by name and by address.

package import JSON
package import Primitives

/// The entries of a database.
package struct EntryTable: Sendable {
    /// Entities by their names.
    package private(set) var entities: [String: EntityEntry] = [:]
    /// Contexts by their names.
    package private(set) var contexts: [String: ContextEntry] = [:]
    /// The names of entities by address, without port and zone.
    private var namesByAddress: [SocketAddress: Set<String>] = [:]

    /// An empty table.
    package init() {}

    /// Takes an entry as files have it; `path` says where it stands.
    /// - Throws: `DatabaseError.damaged` if it breaks a rule.
    package mutating func put(
        _ node: JSONNode, in list: EntryList, _ path: String, file: String
    ) throws(DatabaseError) {
        do throws(MemberError) {
            let members = try MemberReader(node, path)
            switch list {
            case .entities: _ = put(try EntityEntry(members))
            case .contexts: _ = put(try ContextEntry(members))
            }
        } catch {
            throw .damaged(file: file, problem: "\(error.path): \(error.problem)")
        }
    }

    /// Whether there is an entry of a name.
    package func has(_ list: EntryList, _ name: String) -> Bool {
        switch list {
        case .entities: entities[name] != nil
        case .contexts: contexts[name] != nil
        }
    }

    mutating func put(_ entity: EntityEntry) -> Bool {
        let old = removeEntity(named: entity.name)
        entities[entity.name] = entity
        if let key = Self.key(of: entity) { namesByAddress[key, default: []].insert(entity.name) }
        return old
    }

    mutating func removeEntity(named name: String) -> Bool {
        guard let old = entities.removeValue(forKey: name) else { return false }
        if let key = Self.key(of: old) {
            namesByAddress[key]?.remove(name)
            if namesByAddress[key]?.isEmpty == true { namesByAddress[key] = nil }
        }
        return true
    }

    mutating func put(_ context: ContextEntry) -> Bool {
        contexts.updateValue(context, forKey: context.name) != nil
    }

    mutating func removeContext(named name: String) -> Bool { contexts.removeValue(forKey: name) != nil }

    /// The entity with an address, as `WinSNMPDatabase` says.
    package func entity(at address: SocketAddress) -> EntityEntry? {
        guard let names = namesByAddress[Self.key(of: address)] else { return nil }
        let found = names.sorted().compactMap { entities[$0] }.filter { entity in
            guard let scope = entity.numericAddress?.scope else { return true }
            return scope == 0 || address.scope == 0 || scope == address.scope
        }
        return found.first { $0.requestPort == address.port } ?? found.first
    }

    /// The address alone.
    private static func key(of address: SocketAddress) -> SocketAddress {
        let address = address.normalized
        guard address.family == .ipv6 else { return address.with(port: 0) }
        return SocketAddress(ipv6High: address.highBits, low: address.lowBits, port: 0)
    }

    /// The key must not change with the interfaces that exist, so a zone is read as any number.
    private static func key(of entity: EntityEntry) -> SocketAddress? {
        let address = try? SocketAddress(numericHost: entity.address, port: 0, interfaceIndex: { _ in 1 })
        return address.map(key(of:))
    }
}
