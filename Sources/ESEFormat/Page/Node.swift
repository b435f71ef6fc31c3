// Layer: ESEFormat/Page. Used by: PageLayout and everybody who reads nodes.

/// The flags of a node. ESE's names: fNDVersion, fNDDeleted, fNDCompressed.
public struct NodeFlags: OptionSet, Hashable, Sendable {
    /// The three bits.
    public let rawValue: UInt8

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// There may be versions of it in memory; in a file the bit says nothing.
    public static let versioned = NodeFlags(rawValue: 1)
    /// Deleted; it is no row any more.
    public static let deleted = NodeFlags(rawValue: 2)
    /// Its key starts with a part of the page's prefix.
    public static let compressed = NodeFlags(rawValue: 4)
}

/// Where the parts of a node lie. Ranges are in bytes from the start of the page.
public struct Node: Hashable, Sendable {
    /// Its flags.
    public var flags: NodeFlags
    /// How many bytes of the page's prefix its key starts with.
    public var prefixByteCount: Int
    /// The rest of its key.
    public var suffix: Range<Int>
    /// Its data: a record, an entry's bookmark, a child's page number, an extent's count.
    public var data: Range<Int>

    /// Makes a node.
    @inlinable
    public init(flags: NodeFlags, prefixByteCount: Int, suffix: Range<Int>, data: Range<Int>) {
        self.flags = flags
        self.prefixByteCount = prefixByteCount
        self.suffix = suffix
        self.data = data
    }

    /// Whether it is deleted.
    @inlinable
    public var isDeleted: Bool { flags.contains(.deleted) }

    /// Bytes of the whole key.
    @inlinable
    public var keyByteCount: Int { prefixByteCount &+ suffix.count }
}

/// A tag: where a node, or the external header, lies. The range is in bytes from the start of the page.
public struct Tag: Hashable, Sendable {
    /// Where.
    public var range: Range<Int>
    /// The flags of the node; on large pages they are read from its first bytes.
    public var flags: NodeFlags

    /// Makes a tag.
    @inlinable
    public init(range: Range<Int>, flags: NodeFlags) {
        self.range = range
        self.flags = flags
    }
}
