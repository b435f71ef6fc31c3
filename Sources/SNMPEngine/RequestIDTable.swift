// Layer: SNMPEngine. Uses: IdentifierTable. Used by: ManagerEngine.
// Request-ids drawn at random are unique, and one look into the table finds their slot. Callers that choose their own
// may use one for many peers at once: the first slot stands in the table, the others beside it by identifier and peer,
// so that thousands of requests with one identifier cost no more than others.

/// A table from request-ids to the slots of their requests; each identifier once for each peer.
struct RequestIDTable {
    /// A slot that shares its identifier with an earlier one.
    struct Holder {
        var slot: Int
        var peer: Peer
    }

    private struct Key: Hashable {
        var identifier: Int32
        var peer: Peer
    }

    private var table = IdentifierTable()
    /// The later holders of an identifier, in their order.
    private var others: [Int32: [Holder]] = [:]
    private var slotsOfOthers: [Key: Int] = [:]

    /// The first slot with this identifier.
    func first(_ identifier: Int32) -> Int? { table[identifier] }

    /// Whether any identifier is used more than once.
    var hasShared: Bool { !others.isEmpty }

    /// The slot, other than the first, that uses the identifier towards `peer`.
    func other(_ identifier: Int32, _ peer: Peer) -> Int? {
        others.isEmpty ? nil : slotsOfOthers[Key(identifier: identifier, peer: peer)]
    }

    /// The slots after the first one.
    func others(_ identifier: Int32) -> [Holder] { others[identifier] ?? [] }

    /// Adds an identifier that nobody uses; false if somebody does.
    mutating func insert(_ identifier: Int32, slot: Int) -> Bool { table.insert(identifier, slot: slot) }

    /// Adds an identifier that other slots may use, none of them towards `peer`.
    mutating func share(_ identifier: Int32, slot: Int, peer: Peer) {
        if table.insert(identifier, slot: slot) { return }
        others[identifier, default: []].append(Holder(slot: slot, peer: peer))
        slotsOfOthers[Key(identifier: identifier, peer: peer)] = slot
    }

    /// Takes the identifier from a slot; of those that share it, the oldest becomes the first.
    mutating func remove(_ identifier: Int32, slot: Int) {
        guard !others.isEmpty, let place = others.index(forKey: identifier) else {
            table.remove(identifier)
            return
        }
        let isFirst = table[identifier] == slot
        guard let index = isFirst ? 0 : others.values[place].firstIndex(where: { $0.slot == slot }) else { return }
        let holder = others.values[place].remove(at: index)
        // It stands in the table from now on, or nowhere.
        if isFirst { table.reassign(identifier, to: holder.slot) }
        slotsOfOthers[Key(identifier: identifier, peer: holder.peer)] = nil
        if others.values[place].isEmpty { others.remove(at: place) }
    }
}
