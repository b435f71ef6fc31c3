// Layer: ESEEngine/1-Page. Uses: Bytes. Used by: everything that reads or changes pages.
// A page in memory: its header, its tags and its nodes, read without copies.
//
// Unsafe: nothing here is checked against the page's end. `Page.check` does that once for a page that came from a file
// (rule P1), and every change keeps what it checks.

public import ESEFormat

/// A page in memory. Trivial, two words; who has one holds the latch that keeps the bytes in place. ESE's name: CPAGE.
///
/// Lines count the nodes, from 0; tag `line + 1` tells where a node lies. Tag 0 is the external header.
public struct Page {
    /// The first byte, aligned to 8 bytes at least.
    public let base: UnsafeMutableRawPointer
    /// Bytes of the page: 4, 8, 16 or 32 KiB.
    public let byteCount: Int

    /// Looks at memory as a page. Fresh memory wants `initialize` first, bytes of a file `check`.
    @inline(__always)
    public init(_ base: UnsafeMutableRawPointer, size: PageSize) {
        self.base = base
        byteCount = size.byteCount
    }

    /// The size of the page.
    public var size: PageSize {
        switch byteCount {
        case 2_048: .kibibytes2
        case 4_096: .kibibytes4
        case 8_192: .kibibytes8
        case 16_384: .kibibytes16
        default: .kibibytes32
        }
    }

    // MARK: Places.

    /// Where the fields of the header are.
    enum Field {
        static let databaseTime = 8
        static let previous = 16
        static let next = 20
        static let objectID = 24
        static let free = 28
        static let uncommittedFree = 30
        static let used = 32
        static let tags = 34
        static let flags = 36
        static let ownNumber = 64
    }

    /// Whether the page has the layout of 16 and 32 KiB.
    @inline(__always)
    public var isLarge: Bool { byteCount > 8_192 }

    /// Bytes of the header: 40 or 80.
    @inline(__always)
    var headerByteCount: Int { isLarge ? 80 : 40 }

    /// The bits of a tag's words that mean something; files have leftovers in the others.
    @inline(__always)
    var tagMask: Int { isLarge ? 0x7fff : 0x1fff }

    /// Where the body starts, which the offsets of tags count from.
    @inline(__always)
    var body: UnsafeMutableRawPointer { base + headerByteCount }

    @inline(__always)
    func load16(_ offset: Int) -> Int { Int(UInt16(littleEndian: base.load(fromByteOffset: offset, as: UInt16.self))) }

    @inline(__always)
    func store16(_ value: Int, _ offset: Int) {
        base.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: UInt16.self)
    }

    @inline(__always)
    func load32(_ offset: Int) -> UInt32 { UInt32(littleEndian: base.load(fromByteOffset: offset, as: UInt32.self)) }

    @inline(__always)
    func store32(_ value: UInt32, _ offset: Int) {
        base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    // MARK: The header.

    /// The count of the last change. ESE: dbtimeDirtied.
    @inline(__always)
    public var databaseTime: DatabaseTime {
        get { DatabaseTime(UInt64(littleEndian: base.load(fromByteOffset: Field.databaseTime, as: UInt64.self))) }
        nonmutating set {
            base.storeBytes(of: newValue.rawValue.littleEndian, toByteOffset: Field.databaseTime, as: UInt64.self)
        }
    }

    /// The sibling to the left; none at the edge and above the leaves. ESE: pgnoPrev.
    @inline(__always)
    public var previous: PageNumber {
        get { PageNumber(load32(Field.previous)) }
        nonmutating set { store32(newValue.rawValue, Field.previous) }
    }

    /// The sibling to the right; none at the edge and above the leaves. ESE: pgnoNext.
    @inline(__always)
    public var next: PageNumber {
        get { PageNumber(load32(Field.next)) }
        nonmutating set { store32(newValue.rawValue, Field.next) }
    }

    /// Whose tree it belongs to. ESE: objidFDP.
    @inline(__always)
    public var objectID: ObjectID {
        get { ObjectID(load32(Field.objectID)) }
        nonmutating set { store32(newValue.rawValue, Field.objectID) }
    }

    /// What the page is.
    @inline(__always)
    public var flags: PageFlags {
        get { PageFlags(rawValue: load32(Field.flags)) }
        nonmutating set { store32(newValue.rawValue, Field.flags) }
    }

    /// All free bytes, in one piece or not. ESE: cbFree.
    @inline(__always)
    public internal(set) var freeByteCount: Int {
        get { load16(Field.free) }
        nonmutating set { store16(newValue, Field.free) }
    }

    /// Those of them that a rollback may need; never more than `freeByteCount`. The page only keeps the number: who
    /// makes and ends versions moves it. ESE: cbUncommittedFree.
    @inline(__always)
    public var uncommittedFreeByteCount: Int {
        get { load16(Field.uncommittedFree) }
        nonmutating set {
            precondition(newValue >= 0 && newValue <= freeByteCount, "uncommitted free bytes are a part of the free")
            store16(newValue, Field.uncommittedFree)
        }
    }

    /// The end of the used part, in bytes behind the header. ESE: ibMicFree.
    @inline(__always)
    public internal(set) var usedByteCount: Int {
        get { load16(Field.used) }
        nonmutating set { store16(newValue, Field.used) }
    }

    /// How many tags there are, the external header's included.
    @inline(__always)
    var tagCount: Int {
        get { load16(Field.tags) & 0x0fff }
        nonmutating set { store16(load16(Field.tags) & 0xf000 | newValue, Field.tags) }
    }

    /// How many nodes there are. ESE: Clines.
    @inline(__always)
    public var nodeCount: Int { tagCount &- 1 }

    /// Whether nodes are records or entries.
    @inline(__always)
    public var isLeaf: Bool { load32(Field.flags) & PageFlags.leaf.rawValue != 0 }

    /// Whether it is the root of its tree.
    @inline(__always)
    public var isRoot: Bool { load32(Field.flags) & PageFlags.root.rawValue != 0 }

    /// Whether the order is by key and data.
    @inline(__always)
    public var isNonUnique: Bool { load32(Field.flags) & PageFlags.nonUnique.rawValue != 0 }

    // MARK: Tags and nodes.

    /// A tag: bytes and place of a node in the lower and upper half.
    @inline(__always)
    func tagWord(_ tagIndex: Int) -> UInt32 { load32(byteCount &- 4 &* (tagIndex &+ 1)) }

    @inline(__always)
    func setTag(_ tagIndex: Int, offset: Int, count: Int, flags: UInt8) {
        store32(
            UInt32(truncatingIfNeeded: count) | UInt32(truncatingIfNeeded: offset) << 16 | UInt32(flags) << 29,
            byteCount &- 4 &* (tagIndex &+ 1))
    }

    /// The bytes that a tag leads to.
    @inline(__always)
    func tagBytes(_ tagIndex: Int) -> Bytes {
        let tag = tagWord(tagIndex)
        return Bytes(body + Int(tag >> 16) & tagMask, Int(tag) & tagMask)
    }

    /// Tag 0: on a root the tree's own header, elsewhere the prefix of keys.
    @inline(__always)
    public var externalHeader: Bytes { tagBytes(0) }

    /// What keys of nodes may start with; roots have none.
    @inline(__always)
    public var prefix: Bytes { isRoot ? Bytes.empty : tagBytes(0) }

    /// A node.
    /// - Parameter line: 0..<nodeCount.
    @inline(__always)
    public func node(_ line: Int) -> PageNode {
        assert(line >= 0 && line < nodeCount, "no such node")
        let tag = tagWord(line &+ 1)
        var place = UnsafeRawPointer(body + Int(tag >> 16) & tagMask)
        let end = place + Int(tag) & tagMask
        var word = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
        let flags = UInt8(truncatingIfNeeded: isLarge ? UInt32(word) >> 13 : tag >> 29)
        var shared = Bytes.empty
        if flags & NodeFlags.compressed.rawValue != 0 {
            shared = Bytes(tagBytes(0).start, Int(word & 0x1fff))
            place += 2
            word = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
        }
        place += 2
        let suffix = Bytes(place, Int(word & 0x1fff))
        return PageNode(
            flags: NodeFlags(rawValue: flags), prefix: shared, suffix: suffix, data: Bytes(suffix.end, end - suffix.end)
        )
    }

    /// A node's flags alone.
    @inline(__always)
    public func nodeFlags(_ line: Int) -> NodeFlags {
        assert(line >= 0 && line < nodeCount, "no such node")
        let tag = tagWord(line &+ 1)
        if !isLarge { return NodeFlags(rawValue: UInt8(truncatingIfNeeded: tag >> 29)) }
        let word = UInt16(littleEndian: (body + Int(tag >> 16) & tagMask).loadUnaligned(as: UInt16.self))
        return NodeFlags(rawValue: UInt8(truncatingIfNeeded: word >> 13))
    }

    /// Bytes that a node takes, without its tag.
    @inline(__always)
    public func storedByteCount(_ line: Int) -> Int { Int(tagWord(line &+ 1)) & tagMask }

    /// The page that a node of a branch leads to.
    @inline(__always)
    public func child(_ line: Int) -> PageNumber {
        assert(line >= 0 && line < nodeCount && !isLeaf, "no such child")
        let tag = tagWord(line &+ 1)
        // A branch node's data is the number and ends the node.
        let end = UnsafeRawPointer(body + (Int(tag >> 16) & tagMask) + (Int(tag) & tagMask))
        return PageNumber(UInt32(littleEndian: end.loadUnaligned(fromByteOffset: -4, as: UInt32.self)))
    }
}

/// A node of a page, lent: its bytes are those of the page. ESE's name: KEYDATAFLAGS.
public struct PageNode {
    /// Its flags.
    public let flags: NodeFlags
    /// The part of its key that it shares with the page's prefix.
    public let prefix: Bytes
    /// The rest of its key.
    public let suffix: Bytes
    /// Its data: a record, an entry's bookmark, a child's number, an extent's count.
    public let data: Bytes

    /// Whether it is deleted.
    @inline(__always)
    public var isDeleted: Bool { flags.rawValue & NodeFlags.deleted.rawValue != 0 }

    /// Whether there may be versions of it.
    @inline(__always)
    public var isVersioned: Bool { flags.rawValue & NodeFlags.versioned.rawValue != 0 }

    /// Its whole key.
    @inline(__always)
    public var key: BytePieces { BytePieces(prefix, suffix) }

    /// Bytes of its whole key.
    @inline(__always)
    public var keyByteCount: Int { prefix.byteCount &+ suffix.byteCount }
}
