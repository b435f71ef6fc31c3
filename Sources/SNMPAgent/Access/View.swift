// Layer: SNMPAgent. Uses: SNMPCodec. Used by: AccessControl, request processing.
// Which instances a principal may see: families of subtrees with masks (RFC 3415, section 4, vacmViewTreeFamilyTable).

public import SNMPCodec

/// A family of subtrees that is part of a view or cut out of it.
public struct ViewFamily: Hashable, Sendable {
    /// The name that members begin with, apart from what the mask leaves open.
    public let subtree: ObjectIdentifier
    /// Bit i, counted from the highest bit of the first octet, says whether arc i of the subtree must agree; arcs
    /// beyond the mask must. Empty: all must.
    public let mask: [UInt8]
    /// Whether members are in the view; otherwise they are not.
    public let isIncluded: Bool

    /// How many arcs at the start must agree before the first that the mask leaves open.
    let exactPrefixCount: Int

    /// Makes a family.
    public init(_ subtree: ObjectIdentifier, mask: [UInt8] = [], included: Bool = true) {
        self.subtree = subtree
        self.mask = mask
        isIncluded = included
        exactPrefixCount = (0..<subtree.count).first { !ViewFamily.mustAgree(mask, $0) } ?? subtree.count
    }

    private static func mustAgree(_ mask: [UInt8], _ index: Int) -> Bool {
        index / 8 >= mask.count || mask[index / 8] & (0x80 >> UInt8(index % 8)) != 0
    }

    /// Whether `name` is a member.
    func contains(_ name: ObjectIdentifier) -> Bool {
        if exactPrefixCount == subtree.count { return name.starts(with: subtree) }
        guard name.count >= subtree.count else { return false }
        for index in 0..<subtree.count where name[index] != subtree[index] {
            if ViewFamily.mustAgree(mask, index) { return false }
        }
        return true
    }
}

/// A MIB view: a set of instances.
public struct View: Hashable, Sendable {
    /// The families, the one that decides first in front: more arcs first, then the lexicographically greater.
    public let families: [ViewFamily]

    /// Makes a view from families in any order. Without families it holds nothing.
    public init(_ families: [ViewFamily]) {
        self.families = families.sorted { a, b in
            a.subtree.count != b.subtree.count ? a.subtree.count > b.subtree.count : b.subtree < a.subtree
        }
    }

    /// Everything below `iso`, where all SNMP objects are.
    public static let all = View([ViewFamily([1])])

    /// Whether the instance `name` is in the view: the matching family with the most arcs decides (RFC 3415,
    /// section 4).
    public func contains(_ name: ObjectIdentifier) -> Bool {
        for family in families where family.contains(name) { return family.isIncluded }
        return false
    }

    /// Where a search may go on after it met `name`, which is not in the view.
    enum Skip: Equatable {
        /// At the name after it.
        case onward
        /// At this name or after it: nothing before is in the view.
        case to(ObjectIdentifier)
        /// Nowhere: nothing after `name` is in the view.
        case end
    }

    /// How far a search can skip from `name`, so that a hidden table costs one step and not one for each row.
    func skip(from name: ObjectIdentifier) -> Skip {
        var nearest: ObjectIdentifier?
        for family in families where family.isIncluded {
            let start = family.subtree.prefix(family.exactPrefixCount)
            // Members may lie ahead inside the same prefix: no shortcut, unless an exact cut covers the name.
            if name.starts(with: start) { return skipInside(name) }
            if name < start, nearest.map({ start < $0 }) ?? true { nearest = start }
        }
        return nearest.map { .to($0) } ?? .end
    }

    /// The name lies inside an included family but is cut out of it: skips the cut if nothing in it is put back.
    private func skipInside(_ name: ObjectIdentifier) -> Skip {
        guard let cut = families.first(where: { $0.contains(name) }), !cut.isIncluded,
            cut.exactPrefixCount == cut.subtree.count
        else { return .onward }
        // Families that could decide inside the cut: those before it in the list.
        for family in families.prefix(while: { $0 != cut }) where family.isIncluded {
            let start = family.subtree.prefix(min(family.exactPrefixCount, cut.subtree.count))
            if cut.subtree.starts(with: start) { return .onward }
        }
        return cut.subtree.nextSibling.map { .to($0) } ?? .end
    }
}
