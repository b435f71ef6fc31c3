// Layer: ESEEngine/1-Page. Uses: Page. Used by: trees.
// Where a key is, or would be, on a page: binary search. What keys share with the page's prefix is compared once.
//
// Unsafe: nodes lie inside of the page, which `Page.check` has seen to; counts of keys are those of their nodes.

/// Where a search ended.
public struct FoundLine: Hashable, Sendable {
    /// The first node that is not less than what was searched; `nodeCount` if there is none.
    public let line: Int
    /// Whether that node is equal to it.
    public let isExact: Bool

    /// Makes one.
    @inline(__always)
    public init(line: Int, isExact: Bool) {
        self.line = line
        self.isExact = isExact
    }
}

extension Page {
    /// How a search key stands to the page's prefix.
    struct PrefixMatch {
        /// How many bytes they share.
        let count: Int
        /// The order of a node to the key if the node shares more of the prefix than the key does.
        let order: Int

        @inline(__always)
        init(_ prefix: Bytes, _ key: Bytes) {
            count = prefix.commonByteCount(with: key)
            order = count == key.byteCount || count == prefix.byteCount || prefix[count] > key[count] ? 1 : -1
        }
    }

    /// The order of a node's key to another in one piece.
    @inline(__always)
    func compareKey(_ line: Int, _ key: Bytes, _ match: PrefixMatch) -> Int {
        let tag = tagWord(line &+ 1)
        var place = UnsafeRawPointer(body + Int(tag >> 16) & tagMask)
        var word = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
        var shared = 0
        let flags = isLarge ? UInt32(word) >> 13 : tag >> 29
        if flags & 4 != 0 {
            shared = Int(word & 0x1fff)
            if shared > match.count { return match.order }
            place += 2
            word = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
        }
        return Bytes.compare(
            Bytes(place + 2, Int(word & 0x1fff)), Bytes(key.start + shared, key.byteCount &- shared))
    }

    /// The order of a node's key to another: negative if it comes before.
    public func compareKey(_ line: Int, to key: BytePieces) -> Int { BytePieces.compare(node(line).key, key) }

    /// The order of a node, key first and then data, to a bookmark of a non-unique tree.
    public func compare(_ line: Int, toKey key: BytePieces, data: BytePieces) -> Int {
        let node = node(line)
        let order = BytePieces.compare(node.key, key)
        return order != 0 ? order : BytePieces.compare(BytePieces(node.data), data)
    }

    /// The first node whose key is not less than `key`. The empty key at the end of a branch is infinity.
    public func lowerBound(_ key: Bytes) -> FoundLine {
        let match = PrefixMatch(prefix, key)
        return lowerBound { compareKey($0, key, match) }
    }

    /// The first node whose key is not less than `key`, which may come in two pieces.
    public func lowerBound(_ key: BytePieces) -> FoundLine {
        if key.second.isEmpty { return lowerBound(key.first) }
        return key.withOnePiece { lowerBound($0) }
    }

    /// The first node that is not less than a bookmark of a non-unique tree: by key, then by data.
    public func lowerBound(_ key: BytePieces, data: BytePieces) -> FoundLine {
        guard key.second.isEmpty, data.second.isEmpty else {
            return lowerBound { compare($0, toKey: key, data: data) }
        }
        let match = PrefixMatch(prefix, key.first)
        return lowerBound { line in
            let order = compareKey(line, key.first, match)
            return order != 0 ? order : Bytes.compare(node(line).data, data.first)
        }
    }

    /// The first node whose key is greater than `key`; `nodeCount` if there is none.
    public func upperBound(_ key: Bytes) -> Int { upperBound(key, below: nodeCount) }

    /// The line of a branch page that leads to `key`: the first whose key is greater. An equal one leads to smaller
    /// keys. The last line takes everything else, whether its key is empty, which means infinity, or not. Bookmarks
    /// of non-unique trees are searched as key and data one behind the other.
    public func childLine(for key: BytePieces) -> Int {
        if key.second.isEmpty { return upperBound(key.first, below: nodeCount &- 1) }
        return key.withOnePiece { upperBound($0, below: nodeCount &- 1) }
    }

    /// Same for a key in one piece.
    @inline(__always)
    public func childLine(for key: Bytes) -> Int { upperBound(key, below: nodeCount &- 1) }

    private func upperBound(_ key: Bytes, below end: Int) -> Int {
        let match = PrefixMatch(prefix, key)
        var low = 0
        var high = end
        while low < high {
            let middle = (low &+ high) >> 1
            if compareKey(middle, key, match) <= 0 { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    @inline(__always)
    private func lowerBound(by order: (Int) -> Int) -> FoundLine {
        var low = 0
        var high = nodeCount
        if !isLeaf, high > 0, node(high &- 1).keyByteCount == 0 { high &-= 1 }
        var isExact = false
        while low < high {
            let middle = (low &+ high) >> 1
            let order = order(middle)
            if order < 0 {
                low = middle &+ 1
            } else {
                high = middle
                isExact = order == 0
            }
        }
        return FoundLine(line: low, isExact: isExact)
    }
}
