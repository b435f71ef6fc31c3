// Layer: WinSNMPDatabase. Used by: JSONFile, stores of other kinds.
// The two kinds of entries, and changes of them in the form in which files have them.

package import JSON

/// The two lists of a database.
package enum EntryList: String, Sendable, CaseIterable {
    case entities, contexts

    /// The members of an entry that this module owns.
    package var members: [String] {
        switch self {
        case .entities: EntityEntry.members
        case .contexts: ContextEntry.members
        }
    }

    /// The members of an object that this module doesn't know.
    package func unknown(_ fields: [JSONNode.Field]) -> [JSONNode.Field] {
        fields.filter { !members.contains($0.name) }
    }
}

/// A change of one entry.
package enum EntryChange: Sendable {
    /// Puts an entry in the place of one with the same name, whose unknown members stay.
    case put(EntryList, JSONNode, name: String)
    /// Removes an entry.
    case remove(EntryList, name: String)

    /// Stores an entity.
    package init(_ entity: EntityEntry) { self = .put(.entities, entity.node, name: entity.name) }

    /// Stores a context.
    package init(_ context: ContextEntry) { self = .put(.contexts, context.node, name: context.name) }

    /// The list and the name.
    package var place: (list: EntryList, name: String) {
        switch self {
        case .put(let list, _, let name), .remove(let list, let name): (list, name)
        }
    }
}
