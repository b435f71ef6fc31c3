// Layer: SNMPAgent. Uses: ManagedSubtree. Used by: Agent, request processing.
// Which subtree answers for which name. Roots never contain one another, so the longest matching root is the greatest
// one that is not after the name, and a binary search finds it.

import Primitives
public import SNMPCodec

/// Why a subtree could not be registered.
public enum RegistrationError: Error, Hashable, Sendable {
    /// The root is empty, or a single arc, which no object name is.
    case rootTooShort
    /// The root equals, contains or lies in the root of a registered subtree, which is given.
    case overlaps(ObjectIdentifier)
}

/// The subtrees of one context, in the order of their names.
public struct ObjectRegistry {
    private struct Entry {
        let root: ObjectIdentifier
        let subtree: any ManagedSubtree
        let writable: (any WritableSubtree)?
    }

    private var entries: [Entry] = []

    /// Makes a registry without objects.
    public init() {}

    /// The roots of all subtrees, ascending.
    public var roots: [ObjectIdentifier] { entries.map(\.root) }

    /// Adds a subtree. Throws `rootTooShort` or `overlaps`; the registry is then unchanged. O(n) in subtrees.
    public mutating func register(_ subtree: any ManagedSubtree) throws(RegistrationError) {
        let root = subtree.root
        guard root.count >= 2 else { throw .rootTooShort }
        let index = firstIndex(after: root)
        if index > 0, root.starts(with: entries[index - 1].root) { throw .overlaps(entries[index - 1].root) }
        if index < entries.count, entries[index].root.starts(with: root) { throw .overlaps(entries[index].root) }
        entries.insert(Entry(root: root, subtree: subtree, writable: subtree as? any WritableSubtree), at: index)
    }

    /// Removes the subtree with exactly this root; false if there is none.
    @discardableResult
    public mutating func unregister(root: ObjectIdentifier) -> Bool {
        let index = firstIndex(after: root) - 1
        guard index >= 0, entries[index].root == root else { return false }
        entries.remove(at: index)
        return true
    }

    /// Index of the first entry whose root is after `name`.
    private func firstIndex(after name: ObjectIdentifier) -> Int {
        var low = 0, high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if name < entries[middle].root { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The value of `name`; `.noSuchObject` when no subtree holds it. O(log n) in subtrees.
    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        let index = firstIndex(after: name) - 1
        guard index >= 0, name.starts(with: entries[index].root) else { return .noSuchObject }
        return try entries[index].subtree.value(of: name, at: now)
    }

    /// The first instance after `name`; nil at the end of all subtrees.
    ///
    /// Throws genErr also when a subtree breaks its promise of order: a walk would otherwise never end.
    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        var index = firstIndex(after: name) - 1
        if index < 0 || !name.starts(with: entries[index].root) { index += 1 }
        while index < entries.count {
            if let found = try entries[index].subtree.next(after: name, at: now) {
                guard name < found.name, found.name.starts(with: entries[index].root) else {
                    throw ObjectError(.genErr)
                }
                return found
            }
            index += 1
        }
        return nil
    }

    /// The subtree that can set `name`; nil when none can.
    func writable(for name: ObjectIdentifier) -> (any WritableSubtree)? {
        let index = firstIndex(after: name) - 1
        guard index >= 0, name.starts(with: entries[index].root) else { return nil }
        return entries[index].writable
    }
}
