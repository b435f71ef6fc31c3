// Layer: SNMPNames. Uses: nothing. Used by: OrielCommand.
// Object names without MIB files: a table of facts, sorted by object identifier and by name, read once.
// An entry's ancestors stand before it, so the deepest known node of any identifier is the last entry
// that does not come after it, or one of that entry's parents: one binary search and a short climb.

/// The built-in names of objects, and what is known about them.
///
/// Immutable and safe to use from any thread. Finding a name or an identifier takes logarithmic time.
public struct NameTable: Sendable {
    /// The built-in table; read at first use, which takes a few milliseconds.
    public static let standard: NameTable = {
        do throws(FactError) {
            return try NameTable(FactTable.all)
        } catch {
            preconditionFailure("built-in table \(error.module), line \(error.line): \(error.problem)")
        }
    }()

    struct Entry: Sendable {
        let label: String
        let module: Int
        /// Where the identifier stands in `numbers`.
        let oid: Range<Int>
        /// The nearest ancestor that has a name; -1 for a root.
        let parent: Int
        let kind: NodeKind
        /// The syntax, or -1.
        let syntax: Int
        /// The index of the row this is, or is a column of; -1 for others.
        let shape: Int
        let units: String?
        let objects: [String]
    }

    let modules: [String]
    /// By object identifier.
    let entries: [Entry]
    /// The identifiers of all entries, one behind the other.
    let numbers: [UInt32]
    /// The positions of the entries, by label and then by object identifier.
    let byLabel: [Int]
    let syntaxes: [Syntax]
    let shapes: [[IndexPart]]

    init(_ tables: [FactTable]) throws(FactError) {
        let reader = try FactReader(tables)
        let sorted = reader.entries.sorted { $0.oid.lexicographicallyPrecedes($1.oid) }
        modules = reader.modules
        syntaxes = reader.syntaxes
        func failure(_ entry: FactReader.Entry, _ problem: String) -> FactError {
            FactError(module: reader.modules[entry.module], line: 0, problem: "\(entry.label) \(problem)")
        }

        let order = sorted.indices.sorted { (sorted[$0].label, $0) < (sorted[$1].label, $1) }
        byLabel = order
        /// The entry of a label, in the same module if it has one there.
        func find(_ label: String, for entry: FactReader.Entry) -> FactReader.Entry? {
            var position = Self.firstPosition(in: order) { sorted[$0].label >= label }
            var found: FactReader.Entry?
            while position < order.count, sorted[order[position]].label == label {
                let candidate = sorted[order[position]]
                if candidate.module == entry.module { return candidate }
                found = found ?? candidate
                position += 1
            }
            return found
        }

        var numbers: [UInt32] = []
        var shapes: [[IndexPart]] = []
        var entries: [Entry] = []
        entries.reserveCapacity(sorted.count)
        // The named nodes on the way to the current one.
        var path: [Int] = []
        for entry in sorted {
            while let last = path.last, !entry.oid.starts(with: sorted[last].oid) { path.removeLast() }
            if let last = path.last, sorted[last].oid == entry.oid { throw failure(entry, "has a number taken before") }
            var shape = -1
            if entry.kind == .row {
                guard let base = entry.augments == nil ? entry : find(entry.augments ?? "", for: entry) else {
                    throw failure(entry, "augments an unknown row")
                }
                var parts: [IndexPart] = []
                for name in base.index {
                    let label = name.hasPrefix("*") ? String(name.dropFirst()) : name
                    guard let syntax = find(label, for: base)?.syntax else {
                        throw failure(entry, "has index \(label)?")
                    }
                    parts.append(
                        IndexPart(name: label, syntax: reader.syntaxes[syntax], isImplied: name.hasPrefix("*")))
                }
                shape = shapes.count
                shapes.append(parts)
            } else if entry.kind == .column, let row = path.last {
                shape = entries[row].shape
            }
            let start = numbers.count
            numbers += entry.oid
            path.append(entries.count)
            entries.append(
                Entry(
                    label: entry.label, module: entry.module, oid: start..<numbers.count,
                    parent: path.dropLast().last ?? -1, kind: entry.kind, syntax: entry.syntax ?? -1, shape: shape,
                    units: entry.units, objects: entry.objects))
        }
        self.numbers = numbers
        self.shapes = shapes
        self.entries = entries
    }

    /// The first position whose element satisfies a condition that all later ones satisfy too.
    static func firstPosition(in order: [Int], where condition: (Int) -> Bool) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if condition(order[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    // MARK: By object identifier

    /// Orders an entry's identifier against another: negative, zero or positive.
    private func compare(_ entry: Int, _ oid: [UInt32]) -> Int {
        let range = entries[entry].oid
        let common = min(range.count, oid.count)
        for offset in 0..<common {
            let a = numbers[range.lowerBound + offset]
            let b = oid[offset]
            if a != b { return a < b ? -1 : 1 }
        }
        return range.count - oid.count
    }

    /// True when the entry is the identifier's node or an ancestor of it.
    func isPrefix(_ entry: Int, of oid: [UInt32]) -> Bool {
        let range = entries[entry].oid
        guard range.count <= oid.count else { return false }
        for offset in 0..<range.count where numbers[range.lowerBound + offset] != oid[offset] { return false }
        return true
    }

    /// The deepest entry at or above an identifier, or nil when not even its root is known.
    func deepest(_ oid: [UInt32]) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if compare(middle, oid) <= 0 { low = middle + 1 } else { high = middle }
        }
        var entry = low - 1
        while entry >= 0, !isPrefix(entry, of: oid) { entry = entries[entry].parent }
        return entry >= 0 ? entry : nil
    }

    // MARK: By name

    /// The entries of a label, by ascending identifier.
    func entries(labelled label: String) -> ArraySlice<Int> {
        let start = Self.firstPosition(in: byLabel) { entries[$0].label >= label }
        var end = start
        while end < byLabel.count, entries[byLabel[end]].label == label { end += 1 }
        return byLabel[start..<end]
    }

    // MARK: Facts

    /// How many names the table holds.
    public var count: Int { entries.count }

    /// The names of the modules that are built in, without the roots.
    public var moduleNames: [String] { modules.filter { !$0.isEmpty } }

    /// Every node, by ascending object identifier.
    public var nodes: some Sequence<NamedNode> { entries.indices.lazy.map { self.node($0) } }

    /// The node of a name: `ifDescr` or `IF-MIB::ifDescr`. Nil when there is none; of several, the lowest.
    public func node(named name: String) -> NamedNode? {
        guard let separator = name.firstRange(of: "::") else { return entries(labelled: name).first.map(node) }
        let module = name[..<separator.lowerBound]
        return entries(labelled: String(name[separator.upperBound...]))
            .first { modules[entries[$0].module] == module }.map(node)
    }

    /// The deepest known node at or above an object identifier, for example `ifDescr` for one of its instances.
    public func node(above oid: [UInt32]) -> NamedNode? { deepest(oid).map(node) }

    /// The syntax and unit of the object that an instance belongs to; nil when it is unknown or has no value.
    public func syntax(of oid: [UInt32]) -> (syntax: Syntax, units: String?)? {
        guard let entry = deepest(oid).map({ entries[$0] }), entry.syntax >= 0 else { return nil }
        return (syntaxes[entry.syntax], entry.units)
    }

    func node(_ position: Int) -> NamedNode {
        let entry = entries[position]
        return NamedNode(
            module: modules[entry.module], label: entry.label, oid: Array(numbers[entry.oid]), kind: entry.kind,
            syntax: entry.syntax >= 0 ? syntaxes[entry.syntax] : nil, units: entry.units,
            indexes: entry.shape >= 0 ? shapes[entry.shape] : [], objects: entry.objects)
    }
}
