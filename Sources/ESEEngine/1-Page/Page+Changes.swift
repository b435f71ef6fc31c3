// Layer: ESEEngine/1-Page. Uses: Page. Used by: trees, splits and merges, redo.
// Changes of a page in place. Who calls has made sure that there is room (`Page+Room`); from then on nothing fails.
//
// Unsafe: room is a precondition of every change that takes some, so all bytes written lie between the header and the
// tags. Keys and data that are passed must not lie on the same page: nodes move when the page is compacted.

public import ESEFormat

extension Page {
    /// Makes an empty page of whatever was in the memory.
    /// - Parameter number: Large pages carry their own number.
    public func initialize(
        number: PageNumber, objectID: ObjectID, flags: PageFlags, databaseTime: DatabaseTime
    ) {
        base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        self.objectID = objectID
        self.flags = flags
        self.databaseTime = databaseTime
        freeByteCount = byteCount &- headerByteCount &- 4
        store16(1, Field.tags)
        if isLarge { store32(number.rawValue, Field.ownNumber) }
    }

    /// The page's own number, which only large pages have in themselves.
    public var ownNumber: PageNumber? { isLarge ? PageNumber(load32(Field.ownNumber)) : nil }

    // MARK: Nodes.

    /// Puts a node before the one at `line`, or behind the last; what its key shares with the prefix is left out if
    /// that is more than two bytes. That keys stay in order is the caller's business.
    /// - Parameter flags: `compressed` is set as needed.
    /// - Precondition: `insertByteCount` of the same is not more than `freeByteCount`; a key has at most 8,191 bytes.
    public func insert(at line: Int, key: BytePieces, data: BytePieces, flags: NodeFlags) {
        let tagCount = tagCount
        precondition(line >= 0 && line < tagCount, "no such line")
        let shared = sharedByteCount(key)
        let suffix = key.dropFirst(shared)
        let keyPart = (shared > 0 ? 4 : 2) &+ suffix.byteCount
        let total = keyPart &+ data.byteCount
        precondition(
            total &+ 4 <= freeByteCount && suffix.byteCount <= 0x1fff && tagCount < 0x0fff, "the node does not fit")
        if contiguousFreeByteCount < total &+ 4 { compact() }
        let offset = usedByteCount
        // Tags grow downward; those of the lines behind move by one.
        let lowest = base + (byteCount &- 4 &* tagCount)
        (lowest - 4).copyMemory(from: lowest, byteCount: 4 &* (tagCount &- 1 &- line))
        var bits = flags.rawValue & 3
        if shared > 0 { bits |= NodeFlags.compressed.rawValue }
        var place = body + offset
        var high = isLarge ? Int(bits) << 13 : 0
        if shared > 0 {
            place.storeBytes(of: UInt16(truncatingIfNeeded: shared | high).littleEndian, as: UInt16.self)
            place += 2
            high = 0
        }
        place.storeBytes(of: UInt16(truncatingIfNeeded: suffix.byteCount | high).littleEndian, as: UInt16.self)
        suffix.copy(to: place + 2)
        data.copy(to: place + 2 + suffix.byteCount)
        setTag(line &+ 1, offset: offset, count: total, flags: isLarge ? 0 : bits)
        self.tagCount = tagCount &+ 1
        usedByteCount = offset &+ total
        freeByteCount = freeByteCount &- total &- 4
    }

    /// Puts other data in place of a node's; key and flags stay.
    /// - Precondition: what it takes more than before is not more than `freeByteCount`.
    public func replaceData(at line: Int, with data: BytePieces) {
        let keyPart = storedByteCount(line) &- node(line).data.byteCount
        let place = resizeTag(line &+ 1, to: keyPart &+ data.byteCount, keeping: keyPart)
        data.copy(to: place + keyPart)
    }

    /// Writes over a part of a node's data.
    /// - Precondition: the part lies inside the data.
    public func overwriteData(at line: Int, from offset: Int, with bytes: Bytes) {
        let data = node(line).data
        precondition(offset >= 0 && bytes.byteCount <= data.byteCount &- offset, "outside of the node's data")
        UnsafeMutableRawPointer(mutating: data.start + offset).copyMemory(
            from: bytes.start, byteCount: bytes.byteCount)
    }

    /// Lets a node of a branch lead to another page.
    public func setChild(_ line: Int, _ child: PageNumber) {
        precondition(!isLeaf && line >= 0 && line < nodeCount, "no such child")
        withUnsafeBytes(of: child.rawValue.littleEndian) { overwriteData(at: line, from: 0, with: Bytes($0)) }
    }

    /// Puts a pointer to a page before a line of a branch; same preconditions as `insert`.
    public func insertChild(at line: Int, key: BytePieces, _ child: PageNumber) {
        withUnsafeBytes(of: child.rawValue.littleEndian) {
            insert(at: line, key: key, data: BytePieces(Bytes($0)), flags: [])
        }
    }

    /// Sets a node's flags; `compressed` stays what it is.
    public func setNodeFlags(at line: Int, _ flags: NodeFlags) {
        precondition(line >= 0 && line < nodeCount, "no such line")
        let kept = nodeFlags(line).rawValue & NodeFlags.compressed.rawValue
        let bits = flags.rawValue & 3 | kept
        let tag = tagWord(line &+ 1)
        if isLarge {
            let place = body + Int(tag >> 16) & tagMask
            let word = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self)) & 0x1fff | UInt16(bits) << 13
            place.storeBytes(of: word.littleEndian, as: UInt16.self)
        } else {
            store32(tag & 0x1fff_ffff | UInt32(bits) << 29, byteCount &- 4 &* (line &+ 2))
        }
    }

    /// Removes a node. ESE: NDDelete, Delete_.
    public func delete(at line: Int) {
        let tagCount = tagCount
        precondition(line >= 0 && line < tagCount &- 1, "no such line")
        let tag = tagWord(line &+ 1)
        let count = Int(tag) & tagMask
        if Int(tag >> 16) & tagMask &+ count == usedByteCount { usedByteCount = usedByteCount &- count }
        let lowest = base + (byteCount &- 4 &* tagCount)
        (lowest + 4).copyMemory(from: lowest, byteCount: 4 &* (tagCount &- 2 &- line))
        self.tagCount = tagCount &- 1
        freeByteCount = freeByteCount &+ count &+ 4
        // Without anything on the page its body starts anew.
        if tagCount == 2, Int(tagWord(0)) & tagMask == 0 { usedByteCount = 0 }
    }

    /// Removes nodes from `line` on.
    public func delete(from line: Int, count: Int) {
        precondition(line >= 0 && count >= 0 && line &+ count <= nodeCount, "no such lines")
        var next = line &+ count &- 1
        while next >= line {
            delete(at: next)
            next &-= 1
        }
    }

    // MARK: The external header.

    /// Sets tag 0. On a page that is no root it is the prefix of keys, and what nodes use of the old one must be the
    /// same in the new one: see `canSetExternalHeader`.
    /// - Precondition: what it takes more than before is not more than `freeByteCount`.
    public func setExternalHeader(_ bytes: BytePieces) {
        let place = resizeTag(0, to: bytes.byteCount, keeping: 0)
        bytes.copy(to: place)
    }

    /// Whether the external header may be set to this: there is room for it and no node's key would change.
    public func canSetExternalHeader(_ bytes: BytePieces) -> Bool {
        let old = tagBytes(0)
        guard bytes.byteCount &- old.byteCount <= freeByteCount else { return false }
        guard !isRoot else { return true }
        let common = BytePieces(old).commonByteCount(with: bytes)
        if common == old.byteCount { return true }
        for line in 0..<nodeCount where node(line).prefix.byteCount > common { return false }
        return true
    }

    // MARK: Room in one piece.

    /// Free bytes behind the used part.
    @inline(__always)
    var contiguousFreeByteCount: Int { byteCount &- headerByteCount &- usedByteCount &- 4 &* tagCount }

    /// Gives a tag `total` bytes, of which the first `kept` stay what they were; returns where they are.
    @inline(__always)
    private func resizeTag(_ tagIndex: Int, to total: Int, keeping kept: Int) -> UnsafeMutableRawPointer {
        let tag = tagWord(tagIndex)
        let count = Int(tag) & tagMask
        let offset = Int(tag >> 16) & tagMask
        let flags = isLarge ? 0 : UInt8(truncatingIfNeeded: tag >> 29)
        precondition(total &- count <= freeByteCount && total <= tagMask, "the new bytes don't fit")
        let isLast = offset &+ count == usedByteCount && count > 0
        if total <= count {
            if isLast { usedByteCount = offset &+ total }
            setTag(tagIndex, offset: total == 0 ? 0 : offset, count: total, flags: flags)
        } else if isLast, contiguousFreeByteCount >= total &- count {
            usedByteCount = offset &+ total
            setTag(tagIndex, offset: offset, count: total, flags: flags)
        } else if contiguousFreeByteCount >= total {
            let newOffset = usedByteCount
            (body + newOffset).copyMemory(from: body + offset, byteCount: kept)
            usedByteCount = newOffset &+ total
            setTag(tagIndex, offset: newOffset, count: total, flags: flags)
        } else {
            rebuild(growing: tagIndex, to: total, keeping: kept)
        }
        freeByteCount = freeByteCount &+ count &- total
        return body + Int(tagWord(tagIndex) >> 16) & tagMask
    }

    /// Moves the nodes together, in the order of their lines. ESE: ReorganizeData_.
    public func compact() { rebuild(growing: -1, to: 0, keeping: 0) }

    /// Same, and gives one tag more bytes on the way; `freeByteCount` is left to the caller.
    @inline(never)
    private func rebuild(growing grown: Int, to total: Int, keeping kept: Int) {
        let (body, used, tagCount, mask) = (body, usedByteCount, tagCount, tagMask)
        withUnsafeTemporaryAllocation(byteCount: max(used, 1), alignment: 8) { copy in
            let old = copy.baseAddress.unsafelyUnwrapped
            old.copyMemory(from: body, byteCount: used)
            var end = 0
            for tagIndex in 0..<tagCount {
                let tag = tagWord(tagIndex)
                var count = Int(tag) & mask
                let isGrown = tagIndex == grown
                (body + end).copyMemory(from: old + Int(tag >> 16) & mask, byteCount: isGrown ? kept : count)
                if isGrown { count = total }
                setTag(
                    tagIndex, offset: count == 0 ? 0 : end, count: count,
                    flags: isLarge ? 0 : UInt8(truncatingIfNeeded: tag >> 29))
                end &+= count
            }
            usedByteCount = end
        }
    }
}
