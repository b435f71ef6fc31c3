// Layer: SNMPNames. Used by: OrielCommand (tables, JSON output).

/// What an object identifier says: the known part, and the index behind it.
public struct Name: Sendable, Equatable {
    /// The deepest known node; nil when not even the first number is known.
    public let node: NamedNode?
    /// The numbers behind the node.
    public let suffix: [UInt32]
    /// The parts of the index, as far as they fit the table's definition.
    public let indexes: [IndexValue]
    /// The numbers of `suffix` that belong to no part of an index: `0` for a scalar.
    public let remainder: [UInt32]
    /// The organization whose branch of `enterprises` this is, if it is one of the common ones.
    public let enterprise: Enterprise?
}

extension NameTable {
    /// Splits an object identifier into its name and its decoded index.
    public func describe(_ oid: [UInt32]) -> Name {
        guard let position = deepest(oid) else {
            return Name(node: nil, suffix: oid, indexes: [], remainder: oid, enterprise: nil)
        }
        let entry = entries[position]
        var decoder = IndexDecoder(indexShape(of: position), of: oid, from: entry.oid.count)
        var indexes: [IndexValue] = []
        while let piece = decoder.next() { indexes.append(decoder.value(piece)) }
        return Name(
            node: node(position), suffix: Array(oid[entry.oid.count...]), indexes: indexes,
            remainder: Array(oid[decoder.position...]), enterprise: Enterprise(of: oid))
    }

    /// The index that follows a node's identifier: a column's.
    func indexShape(of position: Int) -> [IndexPart] {
        let entry = entries[position]
        return entry.kind == .column && entry.shape >= 0 ? shapes[entry.shape] : []
    }
}
