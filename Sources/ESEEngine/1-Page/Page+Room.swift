// Layer: ESEEngine/1-Page. Uses: Page. Used by: trees, splits and merges.
// What fits on a page.

public import ESEFormat

extension Page {
    /// Bytes that a node must have in common with the prefix, at least, to leave them out, less one: it takes two bytes
    /// to say how many. ESE: cbPrefixOverhead.
    static let prefixOverhead = 2

    /// How many bytes of the prefix a node with this key leaves out: 0 or more than two.
    @inline(__always)
    public func sharedByteCount(_ key: BytePieces) -> Int {
        let prefix = prefix
        if prefix.byteCount <= Page.prefixOverhead { return 0 }
        var count = prefix.commonByteCount(with: key.first)
        if count == key.first.byteCount, !key.second.isEmpty {
            count &+= prefix.dropFirst(count).commonByteCount(with: key.second)
        }
        return count > Page.prefixOverhead ? count : 0
    }

    /// Bytes that a node would take on this page, its tag included.
    @inline(__always)
    public func insertByteCount(key: BytePieces, dataByteCount: Int) -> Int {
        let shared = sharedByteCount(key)
        return Page.nodeByteCount(keyByteCount: key.byteCount, sharedByteCount: shared, dataByteCount: dataByteCount)
            &+ 4
    }

    /// Bytes that a node takes, without its tag.
    @inline(__always)
    static func nodeByteCount(keyByteCount: Int, sharedByteCount: Int, dataByteCount: Int) -> Int {
        (sharedByteCount > 0 ? 4 : 2) &+ keyByteCount &- sharedByteCount &+ dataByteCount
    }

    /// Whether so many more bytes fit and what a rollback may need stays free. ESE: FNDFreePageSpace.
    @inline(__always)
    public func hasRoom(_ byteCount: Int) -> Bool { byteCount <= freeByteCount &- uncommittedFreeByteCount }

    /// Whether so many more bytes fit at all: for rollbacks, and for who owns part of the uncommitted free bytes.
    @inline(__always)
    public func hasRoomUsingUncommitted(_ byteCount: Int) -> Bool { byteCount <= freeByteCount }

    /// Whether a node fits and what a rollback may need stays free.
    @inline(__always)
    public func fits(key: BytePieces, dataByteCount: Int) -> Bool {
        nodeCount < 0x0ffe && hasRoom(insertByteCount(key: key, dataByteCount: dataByteCount))
    }

    /// The most bytes that a node may have, its key and their counts included. ESE: CbPageDataMax.
    public static func largestNodeByteCount(_ size: PageSize) -> Int { size.byteCount - size.headerByteCount - 8 }

    /// The bytes that the nodes of a page have to share, their tags included. ESE: CbNDPageAvailMostNoInsert.
    static func availableByteCount(_ size: PageSize) -> Int { size.byteCount - size.headerByteCount - 4 }
}
