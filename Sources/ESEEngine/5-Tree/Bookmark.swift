// Layer: ESEEngine/5-Tree. Uses: 1-Page. Used by: trees, cursors.
// How a tree calls one of its nodes.

/// A node of a tree: its key, and in trees that are not unique also its data. Lent bytes. ESE's name: BOOKMARK.
public struct Bookmark {
    /// Key and data, one behind the other.
    public let bytes: Bytes
    /// How many of them are the key.
    public let keyByteCount: Int

    /// Names a node of a unique tree.
    @inline(__always)
    public init(key: Bytes) {
        bytes = key
        keyByteCount = key.byteCount
    }

    /// Names a node of a tree that is not unique; the data starts `keyByteCount` bytes into `bytes`.
    @inline(__always)
    public init(_ bytes: Bytes, keyByteCount: Int) {
        self.bytes = bytes
        self.keyByteCount = keyByteCount
    }

    /// The key.
    @inline(__always)
    public var key: Bytes { bytes.prefix(keyByteCount) }

    /// The data; empty in unique trees.
    @inline(__always)
    public var data: Bytes { bytes.dropFirst(keyByteCount) }
}

/// A bookmark with memory of its own, used again and again.
struct BookmarkBuffer: ~Copyable {
    private(set) var start: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var byteCount = 0
    private(set) var keyByteCount = 0

    init() {
        capacity = 64
        start = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { start.deallocate() }

    /// What it holds; the bytes stay until it is set again.
    @inline(__always)
    var bookmark: Bookmark { Bookmark(Bytes(start, byteCount), keyByteCount: keyByteCount) }

    /// Copies a key, which may lie in two places, and data.
    @inline(__always)
    mutating func set(key: BytePieces, data: Bytes) {
        let count = key.byteCount &+ data.byteCount
        if count > capacity { grow(to: count) }
        key.copy(to: start)
        if !data.isEmpty { (start + key.byteCount).copyMemory(from: data.start, byteCount: data.byteCount) }
        byteCount = count
        keyByteCount = key.byteCount
    }

    private mutating func grow(to count: Int) {
        start.deallocate()
        capacity = count + count / 2
        start = .allocate(byteCount: capacity, alignment: 8)
    }
}
