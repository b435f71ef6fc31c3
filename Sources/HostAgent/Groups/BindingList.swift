// Layer: HostAgent/Groups. Uses: SNMPCodec. Used by: all groups.
// Builds the bindings of a group in the order of GETNEXT: scalars and tables by ascending arcs, tables by columns.

import SNMPCodec

/// A row of a table: the arcs of its index, and a value for each column.
struct Row {
    var index: [UInt32]
    /// nil where the row has no such instance.
    var values: [SNMPValue?]

    init(_ index: [UInt32], _ values: [SNMPValue?]) {
        self.index = index
        self.values = values
    }
}

/// The bindings of a group while they are put together.
struct BindingList {
    private let root: ObjectIdentifier
    private(set) var bindings: [VarBind] = []

    /// Starts a group whose names begin with `root`.
    init(_ root: ObjectIdentifier) { self.root = root }

    /// Adds the scalar `root.arcs.0`, unless its value is missing.
    mutating func scalar(_ arcs: UInt32..., value: SNMPValue?) {
        guard let value, let name = root.appending(contentsOf: arcs + [0]) else { return }
        bindings.append(VarBind(name, value))
    }

    /// Adds a table whose entry is `root.entry`.
    /// - Parameters:
    ///   - columns: ascending.
    ///   - rows: in any order, each with as many values as there are columns. Of rows with one index the first counts.
    mutating func table(_ entry: [UInt32], columns: [UInt32], _ rows: [Row]) {
        guard let entry = root.appending(contentsOf: entry) else { return }
        var rows = rows
        let isAscending = zip(rows, rows.dropFirst()).allSatisfy { BindingList.precedes($0.index, $1.index) }
        if !isAscending {
            // The standard library's sort is stable in fact but not by promise, so the position decides between equals.
            let order = rows.indices.sorted {
                rows[$0].index == rows[$1].index ? $0 < $1 : BindingList.precedes(rows[$0].index, rows[$1].index)
            }
            var sorted: [Row] = []
            sorted.reserveCapacity(rows.count)
            for position in order where sorted.last?.index != rows[position].index { sorted.append(rows[position]) }
            rows = sorted
        }
        bindings.reserveCapacity(bindings.count + rows.count * columns.count)
        for (position, column) in columns.enumerated() {
            let columnName = entry.appending(column)
            for row in rows {
                guard let value = row.values[position], let name = columnName.appending(contentsOf: row.index)
                else { continue }
                bindings.append(VarBind(name, value))
            }
        }
    }

    private static func precedes(_ a: [UInt32], _ b: [UInt32]) -> Bool { a.lexicographicallyPrecedes(b) }
}
