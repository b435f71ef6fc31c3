// Layer: ESEFormat/Page. Used by: trees, verification, the page command.
// The header of a page: 40 bytes, 80 on large pages.

/// What a page is and in which state. ESE's names: CPAGE::fPage….
public struct PageFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt32

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The root of a tree.
    public static let root = PageFlags(rawValue: 1)
    /// The lowest level: nodes are records or entries.
    public static let leaf = PageFlags(rawValue: 2)
    /// The level above the leaves.
    public static let parentOfLeaf = PageFlags(rawValue: 4)
    /// Freed; its contents mean nothing.
    public static let empty = PageFlags(rawValue: 8)
    /// Made by a repair.
    public static let repaired = PageFlags(rawValue: 0x10)
    /// Belongs to a tree of extents.
    public static let spaceTree = PageFlags(rawValue: 0x20)
    /// Belongs to a secondary index.
    public static let index = PageFlags(rawValue: 0x40)
    /// Belongs to a tree of long values.
    public static let longValue = PageFlags(rawValue: 0x80)
    /// Keys are not unique: order is by key and data.
    public static let nonUnique = PageFlags(rawValue: 0x400)
    /// The record format since Windows 2000.
    public static let newRecordFormat = PageFlags(rawValue: 0x800)
    /// The page has the 64-bit checksum.
    public static let newChecksum = PageFlags(rawValue: 0x2000)
    /// What was deleted has been overwritten.
    public static let scrubbed = PageFlags(rawValue: 0x4000)
    /// The counter of writes, two bits.
    public static let flushType = PageFlags(rawValue: 0x1_8000)
    /// Allocated and not yet used.
    public static let preInit = PageFlags(rawValue: 0x2_0000)
    /// The root of a tree that was deleted.
    public static let deletedRoot = PageFlags(rawValue: 0x4_0000)

    /// The names of all single flags, lowest first.
    public static let names: [(flag: PageFlags, name: String)] = [
        (.root, "root"), (.leaf, "leaf"), (.parentOfLeaf, "parent-of-leaf"), (.empty, "empty"),
        (.repaired, "repaired"), (.spaceTree, "space-tree"), (.index, "index"), (.longValue, "long-value"),
        (.nonUnique, "non-unique"), (.newRecordFormat, "new-record-format"), (.newChecksum, "new-checksum"),
        (.scrubbed, "scrubbed"), (.preInit, "pre-init"), (.deletedRoot, "deleted-root"),
    ]
}

/// The header of a page. ESE's names: CPAGE::PGHDR, PGHDR2.
public struct PageHeader: Hashable, Sendable {
    /// The checksum as stored, both words (an old one has the page number in the upper).
    public var checksum: UInt64
    /// The count of the last change.
    public var databaseTime: DatabaseTime
    /// The sibling to the left; 0 at the edge and above the leaves.
    public var previous: PageNumber
    /// The sibling to the right; 0 at the edge and above the leaves.
    public var next: PageNumber
    /// Whose tree it belongs to.
    public var objectID: ObjectID
    /// All free bytes, in one piece or not.
    public var freeByteCount: Int
    /// Those of them that are kept for a rollback.
    public var uncommittedFreeByteCount: Int
    /// The end of the used part, in bytes behind the header. ESE: ibMicFree.
    public var usedByteCount: Int
    /// How many tags there are, with the reserved ones.
    public var tagCount: Int
    /// How many tags come before the nodes; 1 but for pages of newest formats.
    public var reservedTagCount: Int
    /// What the page is.
    public var flags: PageFlags
    /// Large pages: the page's own number; others nil.
    public var ownNumber: PageNumber?

    /// Reads a header; of the counts nothing is checked yet.
    /// - Throws: `truncated` if the page is shorter than its header.
    public init(_ page: RawSpan, size: PageSize) throws(FormatError) {
        checksum = try page.little(0)
        databaseTime = DatabaseTime(try page.little(8))
        previous = PageNumber(try page.little(16))
        next = PageNumber(try page.little(20))
        objectID = ObjectID(try page.little(24))
        freeByteCount = Int(try page.little(28, as: UInt16.self))
        uncommittedFreeByteCount = Int(try page.little(30, as: UInt16.self))
        usedByteCount = Int(try page.little(32, as: UInt16.self))
        let state: UInt16 = try page.little(34)
        (tagCount, reservedTagCount) = PageLayout.tagCounts(state)
        flags = PageFlags(rawValue: try page.little(36))
        ownNumber = size.isLarge ? PageNumber(try page.little(64)) : nil
    }

    /// The value of the two bits that count the page's writes, 0...3.
    public var flushType: Int { Int(flags.rawValue >> 15) & 3 }
}
