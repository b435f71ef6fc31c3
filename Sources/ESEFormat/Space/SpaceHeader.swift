// Layer: ESEFormat/Space. Uses: Extent, ExtentSet. Used by: reader, verification, later the engine's allocation.
// The external header of a tree's root: who its parent is, and where its pages are.

/// The space header of a tree. ESE's term: SPACE_HEADER, 16 bytes, in the external header of the root.
public struct SpaceHeader: Hashable, Sendable {
    /// The flags of a space header.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits as stored.
        public let rawValue: UInt32

        /// Makes a set of flags.
        @inlinable
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The tree has trees of its owned and available extents. ESE: fSPHMultipleExtent.
        public static let multipleExtents = Flags(rawValue: 1)
        /// Keys of the tree need not be unique. ESE: fSPHNonUnique.
        public static let nonUnique = Flags(rawValue: 2)
        /// The first number is that of pages in the last allocation. ESE: fSPHv2.
        public static let version2 = Flags(rawValue: 4)
    }

    /// Where the pages of a tree are.
    public enum Space: Hashable, Sendable {
        /// In one run of pages from the root. Bit k is set if page root + 1 + k is free. ESE: rgbitAvail.
        case singleExtent(availableBits: UInt32)
        /// In the extents of a tree with this root; the tree of available extents has its root behind it. ESE: pgnoOE.
        case multipleExtents(ownedRoot: PageNumber)
    }

    /// How many pages the first extent has (version 1), or the last allocation had (version 2). ESE: cpgPrimary,
    /// cpgLastAlloc.
    public var pageCount: UInt32
    /// The root of the tree that its pages come from; none for the root of the database. ESE: pgnoParentFDP.
    public var parent: PageNumber
    /// The flags.
    public var flags: Flags
    /// The last four bytes: free pages as bits, or the root of the tree of owned extents, according to the flags.
    public var spaceNumber: UInt32
    /// The highest number that an autoincrement column has given away so far; stored from revision 30 on, if at all.
    public var autoincrement: UInt64?

    /// Makes the header of a tree in one run of pages.
    public init(singleExtentOf pageCount: UInt32, parent: PageNumber, availableBits: UInt32, flags: Flags = []) {
        self.pageCount = pageCount
        self.parent = parent
        self.flags = flags.subtracting(.multipleExtents)
        spaceNumber = availableBits
    }

    /// Makes the header of a tree in several runs of pages.
    public init(pageCount: UInt32, parent: PageNumber, ownedRoot: PageNumber, flags: Flags = []) {
        self.pageCount = pageCount
        self.parent = parent
        self.flags = flags.union(.multipleExtents)
        spaceNumber = ownedRoot.rawValue
    }

    /// Where the pages of the tree are.
    public var space: Space {
        flags.contains(.multipleExtents)
            ? .multipleExtents(ownedRoot: PageNumber(spaceNumber)) : .singleExtent(availableBits: spaceNumber)
    }

    /// The root of the tree of owned extents; nil for a tree in one extent. ESE: pgnoOE.
    public var ownedRoot: PageNumber? {
        flags.contains(.multipleExtents) ? PageNumber(spaceNumber) : nil
    }

    /// The root of the tree of available extents, always behind that of the owned ones. ESE: pgnoAE.
    public var availableRoot: PageNumber? {
        ownedRoot.map { PageNumber($0.rawValue == .max ? 0 : $0.rawValue + 1) }
    }

    /// Decodes the external header of a root: 16 bytes, or a byte of flags and what they name (revision 30 and above).
    /// Throws `truncated` for fewer bytes, and `badSpace` for impossible ones: fields that aren't known, a root or
    /// count that no file can have, bytes that are left over.
    public init(decoding bytes: RawSpan) throws(FormatError) {
        var offset = 0
        var hasCounter = false
        if bytes.byteCount > 16 {
            let fields = try bytes.byte(0)
            guard fields & ~3 == 0, fields & 1 == 1 else { throw FormatError(.badSpace, at: 0) }
            hasCounter = fields & 2 != 0
            offset = 1
        }
        pageCount = try bytes.little(offset)
        parent = PageNumber(try bytes.little(offset + 4))
        flags = Flags(rawValue: try bytes.little(offset + 8))
        spaceNumber = try bytes.little(offset + 12)
        autoincrement = hasCounter ? try bytes.little(offset + 16, as: UInt64.self) : nil
        guard bytes.byteCount == offset + (hasCounter ? 24 : 16) else {
            throw FormatError(.badSpace, at: offset + 16)
        }
        guard pageCount <= PageNumber.greatest.rawValue else { throw FormatError(.badSpace, at: offset) }
        guard parent <= .greatest else { throw FormatError(.badSpace, at: offset + 4) }
        if let ownedRoot, ownedRoot == .none || ownedRoot >= .greatest {
            throw FormatError(.badSpace, at: offset + 12)
        }
    }

    /// The bytes of the external header: 16 as revision 20 has it, or 17 and 25 as from revision 30 on.
    /// A counter is stored only in the new form.
    public func encoded(withFieldFlags: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        if withFieldFlags { bytes.append(autoincrement == nil ? 1 : 3) }
        for number in [pageCount, parent.rawValue, flags.rawValue, spaceNumber] { bytes.append(little: number) }
        if withFieldFlags, let autoincrement { bytes.append(little: autoincrement) }
        return bytes
    }

    /// What a tree in one extent owns: pages from the root on. Nil for trees with several extents, for headers of
    /// version 2 (which don't say it) and for impossible counts.
    public func singleExtent(root: PageNumber) -> Extent? {
        guard ownedRoot == nil, !flags.contains(.version2) else { return nil }
        return Extent(first: root, pageCount: pageCount)
    }

    /// The free pages of a tree in one extent. Its bits tell of the 32 pages behind the root; pages behind those are
    /// free. Empty for trees with several extents.
    public func availableExtents(root: PageNumber) -> [Extent] {
        guard let owned = singleExtent(root: root) else { return [] }
        var extents: [Extent] = []
        var bits = spaceNumber
        if owned.pageCount <= 32 { bits &= (1 << (owned.pageCount - 1)) - 1 }
        while bits != 0 {
            let first = bits.trailingZeroBitCount
            // All ones from there: their count is that of the zeros of the complement.
            let count = (~(bits >> UInt32(first))).trailingZeroBitCount
            // Inside the owned extent, whose numbers were checked.
            extents.append(
                Extent(last: PageNumber(root.rawValue + UInt32(first + count)), pageCount: UInt32(count)))
            bits = first + count >= 32 ? 0 : bits & (.max << UInt32(first + count))
        }
        if owned.pageCount > 33 {
            let rest = owned.pageCount - 33
            if let last = extents.last, last.last.rawValue - root.rawValue == 32 {
                extents[extents.count - 1] = Extent(last: owned.last, pageCount: last.pageCount + rest)
            } else {
                extents.append(Extent(last: owned.last, pageCount: rest))
            }
        }
        return extents
    }
}

/// Pages that a space tree keeps so that it can be split itself. ESE's term: SPLIT_BUFFER, 16 bytes, in the external
/// header of the root of a space tree.
public struct SplitBuffer: Hashable, Sendable {
    /// The first run of pages; nil if there is none.
    public var first: Extent?
    /// The second run of pages; nil if there is none.
    public var second: Extent?

    /// Makes a buffer.
    public init(first: Extent? = nil, second: Extent? = nil) {
        self.first = first
        self.second = second
    }

    /// Decodes the external header of the root of a space tree. It may be empty: then the buffer was in memory.
    /// Throws `badSpace` for other sizes than 0 and 16, and for impossible extents.
    public init(decoding bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount != 0 else {
            self.init()
            return
        }
        guard bytes.byteCount == 16 else { throw FormatError(.badSpace, at: bytes.byteCount) }
        self.init(first: try Self.extent(bytes, at: 0), second: try Self.extent(bytes, at: 8))
    }

    private static func extent(_ bytes: RawSpan, at offset: Int) throws(FormatError) -> Extent? {
        let last = PageNumber(try bytes.little(offset))
        let count: UInt32 = try bytes.little(offset + 4)
        guard count != 0 else { return nil }
        guard let extent = Extent(checkedLast: last, pageCount: count) else {
            throw FormatError(.badSpace, at: offset)
        }
        return extent
    }

    /// The 16 bytes of the external header.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for extent in [first, second] {
            bytes.append(little: extent?.last.rawValue ?? 0)
            bytes.append(little: extent?.pageCount ?? 0)
        }
        return bytes
    }
}
