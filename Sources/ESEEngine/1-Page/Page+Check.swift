// Layer: ESEEngine/1-Page. Uses: Page. Used by: the buffer manager, when a page comes from a file; redo; tests.
// Whether a page may be worked on without further checks (rule P1). ESE: ErrCheckPage.
//
// Unsafe: the header is inside of any page; the count of tags is checked before the first tag is read, and each tag
// before the bytes it leads to.

public import ESEFormat

/// Why a page can't be worked on.
public enum PageDefect: UInt8, Error, Sendable, CaseIterable {
    /// The bytes are not as many as a page has.
    case size
    /// A large page carries another number.
    case number
    /// There are more tags or used bytes than the page has room for, or no tag.
    case header
    /// Tags before the nodes other than the external header, which this engine doesn't write.
    case reservedTags
    /// Leaf and branch at the same time, or a branch without nodes.
    case kind
    /// A tag leads outside of the used part.
    case tag
    /// The bytes of two tags overlap.
    case overlap
    /// The count of free bytes is wrong.
    case free
    /// The uncommitted free bytes are more than the free ones.
    case uncommittedFree
    /// The parts of a node don't fit into it, or one of them is missing.
    case node
    /// A node shares more of the prefix than there is.
    case prefix
    /// A branch's node does not hold the number of a page.
    case child
    /// Keys are not in order.
    case order
}

extension Page {
    /// Checks bytes from a file; the checksum is another's business.
    /// - Parameters:
    ///   - bytes: A page, aligned to 8 bytes.
    ///   - keysAscend: Whether keys are compared too.
    /// - Returns: What is wrong first; nil if `Page` can be used.
    public static func check(
        _ bytes: UnsafeMutableRawBufferPointer, number: PageNumber, size: PageSize, keysAscend: Bool = true
    ) -> PageDefect? {
        guard bytes.count == size.byteCount, let base = bytes.baseAddress else { return .size }
        return Page(base, size: size).check(number: number, keysAscend: keysAscend)
    }

    /// Checks everything that the other calls rely on.
    public func check(number: PageNumber, keysAscend: Bool = true) -> PageDefect? {
        let header = headerByteCount
        let state = load16(Field.tags)
        let (tagCount, used) = (tagCount, usedByteCount)
        if tagCount == 0 || header &+ used &+ 4 &* tagCount > byteCount { return .header }
        if state >> 12 & 7 > 1 { return .reservedTags }
        if let own = ownNumber, own != number { return .number }
        let flags = flags
        if flags.contains(.leaf) == false, tagCount < 2 { return .kind }
        if flags.contains([.leaf, .parentOfLeaf]) { return .kind }
        // From here on each tag can be read.
        if let defect = checkTags(tagCount, used) { return defect }
        if uncommittedFreeByteCount > freeByteCount { return .uncommittedFree }
        if let defect = checkNodes(tagCount, number) { return defect }
        return keysAscend ? checkOrder() : nil
    }

    private func checkTags(_ tagCount: Int, _ used: Int) -> PageDefect? {
        let mask = tagMask
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: tagCount) { extents in
            var (extentCount, total, lastEnd, isSorted) = (0, 0, 0, true)
            for tagIndex in 0..<tagCount {
                let tag = tagWord(tagIndex)
                let (offset, count) = (Int(tag >> 16) & mask, Int(tag) & mask)
                if count == 0 {
                    // Only the external header may be empty; its place means nothing then.
                    if tagIndex > 0 { return .node }
                    continue
                }
                if offset &+ count > used { return .tag }
                isSorted = isSorted && offset >= lastEnd
                lastEnd = offset &+ count
                total &+= count
                extents[extentCount] = UInt32(truncatingIfNeeded: offset << 16 | count)
                extentCount &+= 1
            }
            if total &+ freeByteCount &+ 4 &* tagCount != byteCount &- headerByteCount { return .free }
            if isSorted { return nil }
            var found = UnsafeMutableBufferPointer(rebasing: extents[0..<extentCount])
            found.sort()
            lastEnd = 0
            for extent in found {
                if Int(extent >> 16) < lastEnd { return .overlap }
                lastEnd = Int(extent >> 16) &+ Int(extent & 0xffff)
            }
            return nil
        }
    }

    private func checkNodes(_ tagCount: Int, _ number: PageNumber) -> PageDefect? {
        let (mask, isLarge, isLeaf) = (tagMask, isLarge, isLeaf)
        let prefixByteCount = prefix.byteCount
        for tagIndex in 1..<max(1, tagCount) {
            let tag = tagWord(tagIndex)
            let place = UnsafeRawPointer(body + Int(tag >> 16) & mask)
            var rest = Int(tag) & mask
            if rest < 2 { return .node }
            var word = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
            let flags = isLarge ? UInt32(word) >> 13 : tag >> 29
            rest &-= 2
            var keyByteCount = 0
            if flags & 4 != 0 {
                keyByteCount = Int(word & 0x1fff)
                if keyByteCount > prefixByteCount { return .prefix }
                if rest < 2 { return .node }
                word = UInt16(littleEndian: place.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
                rest &-= 2
            }
            let suffixByteCount = Int(word & 0x1fff)
            rest &-= suffixByteCount
            // Data is never empty. Neither are keys, but for the last of a branch.
            if rest <= 0 { return .node }
            keyByteCount &+= suffixByteCount
            if isLeaf {
                if keyByteCount == 0 { return .node }
            } else {
                if keyByteCount == 0, tagIndex < tagCount &- 1 { return .order }
                if rest != 4 { return .child }
                let child = PageNumber(
                    UInt32(littleEndian: (place + Int(tag) & mask).loadUnaligned(fromByteOffset: -4, as: UInt32.self)))
                if child == .none || child > .greatest || child == number { return .child }
            }
        }
        return nil
    }

    private func checkOrder() -> PageDefect? {
        let isKeyAndData = isNonUnique && isLeaf
        var line = 1
        while line < nodeCount {
            let (a, b) = (node(line &- 1), node(line))
            line &+= 1
            if b.keyByteCount == 0, !isLeaf { continue }
            var order = BytePieces.compare(a.key, b.key)
            if order == 0, isKeyAndData { order = Bytes.compare(a.data, b.data) }
            if order >= 0 { return .order }
        }
        return nil
    }
}
