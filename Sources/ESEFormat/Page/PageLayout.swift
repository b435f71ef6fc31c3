// Layer: ESEFormat/Page. Uses: PageHeader, Node. Used by: trees, verification, carving.
// What is needed of a page to find its nodes. Made once for a page, then asked for node after node; nothing is copied.
// Every offset out of the page is checked against the page before it is used.

/// The nodes of a page: numbers only, the bytes are passed to each call.
public struct PageLayout: Hashable, Sendable {
    /// The size of the page.
    public let size: PageSize
    /// What the page is.
    public let flags: PageFlags
    /// How many tags there are, with the reserved ones.
    public let tagCount: Int
    /// How many tags come before the nodes.
    public let reservedTagCount: Int
    /// Where the used part ends, in bytes from the start of the page.
    public let usedEnd: Int
    /// Where tag 0 points: on a root the tree's own header, elsewhere the prefix of keys.
    public private(set) var externalHeader: Range<Int>

    /// Reads what is needed of a page.
    /// - Throws: `truncated` if it is shorter than `size`, `badPageHeader` if the tags or the used part don't fit into
    ///   it, `badTag` if tag 0 points outside.
    public init(_ page: RawSpan, size: PageSize) throws(FormatError) {
        guard page.byteCount >= size.byteCount else { throw FormatError(.truncated, at: page.byteCount) }
        self.size = size
        flags = PageFlags(rawValue: try page.little(36))
        (tagCount, reservedTagCount) = Self.tagCounts(try page.little(34))
        usedEnd = size.headerByteCount + Int(try page.little(32, as: UInt16.self))
        guard tagCount >= reservedTagCount else { throw FormatError(.badPageHeader, at: 34) }
        guard usedEnd + 4 * tagCount <= size.byteCount else { throw FormatError(.badPageHeader, at: 32) }
        externalHeader = 0..<0
        externalHeader = try tag(0, in: page).range
    }

    /// Splits the word at offset 34, "itagState": the lower 12 bits count the tags, the next three those before the
    /// nodes, where 0 means 1.
    @inlinable
    static func tagCounts(_ state: UInt16) -> (tags: Int, reserved: Int) {
        (Int(state & 0x0fff), max(1, Int(state >> 12) & 7))
    }

    /// How many nodes there are.
    @inlinable
    public var nodeCount: Int { tagCount &- reservedTagCount }

    /// Whether the nodes are records or entries.
    @inlinable
    public var isLeaf: Bool { flags.contains(.leaf) }

    /// Whether it is the root of a tree.
    @inlinable
    public var isRoot: Bool { flags.contains(.root) }

    /// Where the tag's bytes lie and which flags they have.
    /// - Parameter index: 0..<tagCount; others are the caller's mistake.
    /// - Throws: `badTag` if they lie outside the used part.
    @inlinable
    public func tag(_ index: Int, in page: RawSpan) throws(FormatError) -> Tag {
        precondition(index >= 0 && index < tagCount, "there is no such tag")
        let place = size.byteCount &- 4 &* (index &+ 1)
        let count: UInt16 = try page.little(place)
        let offset: UInt16 = try page.little(place &+ 2)
        // Of a tag without bytes the offset may be a leftover.
        let isEmpty = count & size.tagMask == 0
        let start = size.headerByteCount &+ (isEmpty ? 0 : Int(offset & size.tagMask))
        let end = start &+ Int(count & size.tagMask)
        guard end <= usedEnd else { throw FormatError(.badTag, at: place) }
        var flags = UInt8(truncatingIfNeeded: offset >> 13)
        if size.isLarge {
            flags = end &- start >= 2 ? UInt8(truncatingIfNeeded: try page.little(start, as: UInt16.self) >> 13) : 0
        }
        return Tag(range: start..<end, flags: NodeFlags(rawValue: flags))
    }

    /// The parts of a node.
    /// - Parameter index: 0..<nodeCount; others are the caller's mistake.
    /// - Throws: `badTag` or `badNode` if the node, its key or its prefix don't fit.
    @inlinable
    public func node(_ index: Int, in page: RawSpan) throws(FormatError) -> Node {
        let tag = try tag(index &+ reservedTagCount, in: page)
        var place = tag.range.lowerBound
        let end = tag.range.upperBound
        var prefix = 0
        if tag.flags.contains(.compressed) {
            guard end &- place >= 4 else { throw FormatError(.badNode, at: place) }
            prefix = Int(try page.little(place, as: UInt16.self) & 0x1fff)
            // The root has no prefix; its tag 0 is something else.
            guard prefix <= (isRoot ? 0 : externalHeader.count) else { throw FormatError(.badNode, at: place) }
            place &+= 2
        }
        guard end &- place >= 2 else { throw FormatError(.badNode, at: place) }
        let suffix = Int(try page.little(place, as: UInt16.self) & 0x1fff)
        place &+= 2
        guard suffix <= end &- place else { throw FormatError(.badNode, at: place) }
        return Node(
            flags: tag.flags, prefixByteCount: prefix, suffix: place..<(place &+ suffix), data: (place &+ suffix)..<end)
    }

    /// Whether a node is deleted, without looking at its parts.
    @inlinable
    public func isDeleted(_ index: Int, in page: RawSpan) throws(FormatError) -> Bool {
        try tag(index &+ reservedTagCount, in: page).flags.contains(.deleted)
    }

    /// Puts a node's whole key in place of what `key` holds.
    public func copyKey(of node: Node, in page: RawSpan, to key: inout [UInt8]) {
        key.removeAll(keepingCapacity: true)
        let start = externalHeader.lowerBound
        key.append(contentsOf: page, start..<(start + node.prefixByteCount))
        key.append(contentsOf: page, node.suffix)
    }

    /// A node's whole key.
    public func key(of node: Node, in page: RawSpan) -> [UInt8] {
        var key: [UInt8] = []
        copyKey(of: node, in: page, to: &key)
        return key
    }

    /// The page that a node of a branch leads to.
    /// - Throws: `badNode` if the data is no page number.
    @inlinable
    public func child(_ index: Int, in page: RawSpan) throws(FormatError) -> PageNumber {
        let node = try node(index, in: page)
        guard node.data.count == 4 else { throw FormatError(.badNode, at: node.data.lowerBound) }
        let child = PageNumber(try page.little(node.data.lowerBound))
        guard child != .none, child <= .greatest else { throw FormatError(.badNode, at: node.data.lowerBound) }
        return child
    }

    /// How a node's key stands to another: less than 0 if it comes before, 0 if equal, greater than 0 if after.
    @inlinable
    public func compareKey(of node: Node, in page: RawSpan, to key: RawSpan) -> Int {
        let start = externalHeader.lowerBound
        return KeyOrder.compare(
            prefix: page.extracting(start..<(start + node.prefixByteCount)), suffix: page.extracting(node.suffix),
            to: key)
    }
}

extension RawSpan {
    /// How many bytes at the start are the same in both.
    public func commonPrefixByteCount(with other: RawSpan) -> Int {
        let count = Swift.min(byteCount, other.byteCount)
        var index = 0
        while index < count,
            inside(index, as: UInt8.self) == other.inside(index, as: UInt8.self)
        {
            index &+= 1
        }
        return index
    }
}

extension [UInt8] {
    /// Appends a part of a span; `extracting` has checked that it lies inside before the pointer is taken.
    public mutating func append(contentsOf span: RawSpan, _ range: Range<Int>) {
        span.extracting(range).withUnsafeBytes { append(contentsOf: $0) }
    }
}
