// Layer: ESEEngine/5-Tree. Uses: Tree. Used by: row cursors.
// About where in a tree a key is, by the pages on the way to it.

/// About where a node is among those of its tree.
public struct TreePosition: Hashable, Sendable {
    /// About how many nodes are before it.
    public var before: UInt64
    /// About how many nodes there are. Never less than `before`.
    public var total: UInt64

    /// Makes one.
    public init(before: UInt64, total: UInt64) {
        self.before = before
        self.total = total
    }
}

extension Tree {
    /// About where a key is: as if all pages of a level had as many nodes as the one on the way. ESE: ErrBTGetPosition.
    func position(of key: Bytes) throws(JetError) -> TreePosition {
        var position = TreePosition(before: 0, total: 1)
        func add(_ line: Int, _ count: Int) {
            position.before = position.before &* UInt64(count) &+ UInt64(line)
            position.total = position.total &* UInt64(count)
            // Only the ratio matters; there is room for the next level.
            while position.total >> 40 != 0 {
                position.before >>= 1
                position.total >>= 1
            }
        }
        let leaf = try descend(.shared) { page in
            let line = page.childLine(for: key)
            add(line, page.nodeCount)
            return line
        }
        defer { database.release(leaf) }
        let count = leaf.page.nodeCount
        if count > 0 { add(min(leaf.page.lowerBound(key).line, count &- 1), count) }
        return position
    }

    /// The key of a node about there; nil if the leaf has none.
    func key(at position: TreePosition) throws(JetError) -> [UInt8]? {
        var rest = position.total == 0 ? 0 : Double(position.before) / Double(position.total)
        func choose(_ count: Int) -> Int {
            let place = rest * Double(count)
            let line = max(0, min(Int(place), count - 1))
            rest = min(max(place - Double(line), 0), 1)
            return line
        }
        let leaf = try descend(.shared) { choose($0.nodeCount) }
        defer { database.release(leaf) }
        let count = leaf.page.nodeCount
        return count == 0 ? nil : leaf.page.node(choose(count)).key.array()
    }
}
