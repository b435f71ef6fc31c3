// Layer: ESEFormat/Page. Uses: PageHeader, Node. Used by: the engine's fresh pages, the test kit's databases.
// Pages in the writing direction: nodes are appended in order, then the whole page is made. Without a checksum: that
// depends on the page's number and is the last thing before writing.

/// A page to which nodes are appended.
public struct PageBuilder: Sendable {
    /// The size of the page.
    public let size: PageSize
    /// What the page is.
    public var flags: PageFlags
    /// Whose tree it belongs to.
    public var objectID: ObjectID
    /// The count of the last change.
    public var databaseTime = DatabaseTime(0)
    /// The sibling to the left.
    public var previous = PageNumber.none
    /// The sibling to the right.
    public var next = PageNumber.none
    /// Free bytes that are kept for a rollback.
    public var uncommittedFreeByteCount = 0
    /// How many tags come before the nodes, as the header has it: 0 as in all files before revision 270, which means 1.
    public let storedReservedTagCount: Int

    /// Everything behind the header, in the order of arrival.
    private var body: [UInt8] = []
    private var tags: [StoredTag]
    private var prefix: [UInt8] = []

    /// A tag as it is written.
    private struct StoredTag {
        var offset = 0
        var count = 0
        /// On small pages; the nodes of large ones have them inside.
        var flags: NodeFlags = []
    }

    /// Starts a page without nodes.
    /// - Parameters:
    ///   - flags: What the page is. Roots never have a prefix of keys.
    ///   - reservedTagCount: What the header says of tags before the nodes, 0...7; 0 for files before revision 270.
    public init(size: PageSize, flags: PageFlags, objectID: ObjectID, reservedTagCount: Int = 0) {
        precondition((0...7).contains(reservedTagCount), "three bits hold the count of reserved tags")
        self.size = size
        self.flags = flags
        self.objectID = objectID
        storedReservedTagCount = reservedTagCount
        tags = Array(repeating: StoredTag(), count: max(1, reservedTagCount))
        body.reserveCapacity(size.byteCount)
    }

    // MARK: Room.

    /// How many nodes there are.
    public var nodeCount: Int { tags.count - max(1, storedReservedTagCount) }

    /// Bytes that are neither header nor tags nor nodes.
    public var freeByteCount: Int { size.byteCount - size.headerByteCount - 4 * tags.count - body.count }

    /// The most bytes that a node may have on an otherwise empty page, its key and their counts included.
    /// ESE's name: CbPageDataMax.
    public static func largestNodeByteCount(_ size: PageSize) -> Int { size.byteCount - size.headerByteCount - 8 }

    /// The bytes that a node would take, its tag included.
    public func byteCount(ofNodeWithKey key: RawSpan, dataByteCount: Int) -> Int {
        let common = sharedByteCount(key)
        return 4 + (common > 0 ? 4 : 2) + key.byteCount - common + dataByteCount
    }

    /// How many bytes of the prefix a node with this key leaves out: none unless it saves something.
    private func sharedByteCount(_ key: RawSpan) -> Int {
        let count = prefix.span.bytes.commonPrefixByteCount(with: key)
        return count > 2 ? count : 0
    }

    // MARK: Contents.

    /// Sets tag 0: on roots the tree's own header, elsewhere the prefix of keys, which must come before the nodes.
    /// - Returns: False if it doesn't fit; nothing is changed then.
    public mutating func setExternalHeader(_ bytes: RawSpan) -> Bool {
        precondition(tags[0].count == 0, "the external header is there already")
        precondition(flags.contains(.root) || nodeCount == 0, "the prefix comes before the nodes")
        guard bytes.byteCount <= freeByteCount else { return false }
        tags[0] = StoredTag(offset: body.count, count: bytes.byteCount)
        body.append(contentsOf: bytes, 0..<bytes.byteCount)
        if !flags.contains(.root) { prefix.append(contentsOf: bytes, 0..<bytes.byteCount) }
        return true
    }

    /// Appends a node behind the others. That keys come in order is the caller's business.
    /// - Parameters:
    ///   - key: The whole key; what it shares with the prefix is left out if that is more than two bytes.
    ///   - flags: `compressed` is set as needed.
    /// - Returns: False if there is no room; nothing is changed then.
    public mutating func append(key: RawSpan, data: RawSpan, flags nodeFlags: NodeFlags = []) -> Bool {
        let common = sharedByteCount(key)
        let suffixByteCount = key.byteCount - common
        let count = (common > 0 ? 4 : 2) + suffixByteCount + data.byteCount
        guard count + 4 <= freeByteCount, suffixByteCount <= 0x1fff, tags.count < 0x0fff else { return false }
        var stored = nodeFlags.subtracting(.compressed)
        if common > 0 { stored.insert(.compressed) }
        let offset = body.count
        // On large pages the flags are in the first word of the node, whichever count that is.
        var high = size.isLarge ? UInt16(stored.rawValue & 7) << 13 : 0
        if common > 0 {
            body.append(little: UInt16(common) | high)
            high = 0
        }
        body.append(little: UInt16(suffixByteCount) | high)
        body.append(contentsOf: key, common..<key.byteCount)
        body.append(contentsOf: data, 0..<data.byteCount)
        tags.append(StoredTag(offset: offset, count: count, flags: size.isLarge ? [] : stored))
        return true
    }

    /// Makes the page as it would be in a file, but for the checksum, whose bytes are 0.
    /// - Parameter number: Large pages carry their own number.
    public func bytes(number: PageNumber) -> [UInt8] {
        var page: [UInt8] = []
        page.reserveCapacity(size.byteCount)
        page.append(little: UInt64(0))
        page.append(little: databaseTime.rawValue)
        page.append(little: previous.rawValue)
        page.append(little: next.rawValue)
        page.append(little: objectID.rawValue)
        page.append(little: UInt16(truncatingIfNeeded: freeByteCount))
        page.append(little: UInt16(truncatingIfNeeded: uncommittedFreeByteCount))
        page.append(little: UInt16(truncatingIfNeeded: body.count))
        page.append(little: UInt16(truncatingIfNeeded: tags.count | storedReservedTagCount << 12))
        page.append(little: flags.rawValue)
        if size.isLarge {
            page.append(contentsOf: repeatElement(0, count: 24))
            page.append(little: number.rawValue)
            page.append(contentsOf: repeatElement(0, count: 12))
        }
        page.append(contentsOf: body)
        page.append(contentsOf: [UInt8](repeating: 0, count: freeByteCount))
        for tag in tags.reversed() {
            page.append(little: UInt16(truncatingIfNeeded: tag.count))
            page.append(little: UInt16(truncatingIfNeeded: tag.offset | Int(tag.flags.rawValue) << 13))
        }
        return page
    }
}

extension [UInt8] {
    /// Appends an integer, least significant byte first.
    @inlinable
    public mutating func append<T: FixedWidthInteger>(little value: T) {
        var rest = value
        for _ in 0..<(T.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: rest))
            rest = T.bitWidth > 8 ? rest >> 8 : rest
        }
    }
}
