// Layer: ESEFormat/Log. Uses: LoggedPage. Used by: LogRecord, space, redo.
// The record with which a small tree becomes one with space trees; lists of pages in records.

/// A small tree gets space trees. ESE's terms: LRCONVERTFDP, LRCONVERTFDP_OBSOLETE.
public struct ConvertTreeRecord: LogRecordFields {
    /// Whether it lacks the last two fields. Types: ConvertFDP2, ConvertFDP.
    public var isOld: Bool
    /// The tree's root.
    public var page: LoggedPage
    /// The tree. ESE's term: objidFDP.
    public var tree: ObjectID
    /// The root of its owned extents. ESE's term: pgnoOE.
    public var ownedRoot: PageNumber
    /// The root of its available extents. ESE's term: pgnoAE.
    public var availableRoot: PageNumber
    /// The root of the tree that gave the pages. ESE's term: pgnoFDPParent.
    public var parentRoot: PageNumber
    /// The first page of its second extent. ESE's term: pgnoSecondaryFirst.
    public var secondaryFirst: PageNumber
    /// Pages of its first extent. ESE's term: cpgPrimary.
    public var primaryPageCount: UInt32
    /// Pages of its second extent. ESE's term: cpgSecondary.
    public var secondaryPageCount: UInt32
    /// Which pages of the first extent are free, a bit each; 0 in old ones. ESE's term: rgbitAvail.
    public var availableBits: UInt32
    /// Flags of its pages; 0 in old ones. ESE's term: fCpageFlags.
    public var pageFlags: UInt32

    /// Makes a record of the new form.
    public init(
        page: LoggedPage, tree: ObjectID, ownedRoot: PageNumber, availableRoot: PageNumber, parentRoot: PageNumber,
        secondaryFirst: PageNumber, primaryPageCount: UInt32, secondaryPageCount: UInt32, availableBits: UInt32,
        pageFlags: UInt32
    ) {
        isOld = false
        self.page = page
        self.tree = tree
        self.ownedRoot = ownedRoot
        self.availableRoot = availableRoot
        self.parentRoot = parentRoot
        self.secondaryFirst = secondaryFirst
        self.primaryPageCount = primaryPageCount
        self.secondaryPageCount = secondaryPageCount
        self.availableBits = availableBits
        self.pageFlags = pageFlags
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(60)
        isOld = record.inside(0, as: UInt8.self) == LogRecordType.convertTreeOld.rawValue
        page = try LoggedPage(decoding: record)
        tree = ObjectID(record.inside(32))
        ownedRoot = PageNumber(record.inside(36))
        availableRoot = PageNumber(record.inside(40))
        parentRoot = PageNumber(record.inside(44))
        secondaryFirst = PageNumber(record.inside(48))
        primaryPageCount = record.inside(52)
        secondaryPageCount = record.inside(56)
        availableBits = isOld ? 0 : try record.little(60)
        pageFlags = isOld ? 0 : try record.little(64)
        try record.hasAll(encodedByteCount)
    }

    /// The kind of record.
    public var type: LogRecordType { isOld ? .convertTreeOld : .convertTree }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { isOld ? 60 : 68 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        page.encode(type, into: target)
        target.put(tree.rawValue, 32)
        target.put(ownedRoot.rawValue, 36)
        target.put(availableRoot.rawValue, 40)
        target.put(parentRoot.rawValue, 44)
        target.put(secondaryFirst.rawValue, 48)
        target.put(primaryPageCount, 52)
        target.put(secondaryPageCount, 56)
        guard !isOld else { return }
        target.put(availableBits, 60)
        target.put(pageFlags, 64)
    }

    /// One line for people.
    public var description: String {
        "\(type) \(page) tree \(tree) owned \(ownedRoot) available \(availableRoot) parent \(parentRoot) "
            + "primary \(primaryPageCount) second \(secondaryFirst)+\(secondaryPageCount) "
            + "free 0x\(String(availableBits, radix: 16)) flags 0x\(String(pageFlags, radix: 16))"
    }
}

/// The pages that the macro before it changed, for those who read ahead. ESE's terms: LRMACROINFO, LRMACROINFO2.
public struct MacroPagesRecord: LogRecordFields {
    /// The database's number; nil in the first form. ESE's term: dbid. Types: MacroInfo2, MacroInfo.
    public var database: UInt8?
    /// How many pages, as the second form says; those of the first are counted by the record's size.
    public var declaredPageCount: UInt32
    /// Bytes of the list, four for each page.
    public var listByteCount: Int

    /// Makes a record of the first form, which all of today's logs have, or with a database of the second.
    public init(database: UInt8? = nil, pageCount: UInt32) {
        self.database = database
        declaredPageCount = pageCount
        listByteCount = Int(pageCount) * 4
    }

    /// Takes the fields out of a whole record.
    public init(decoding record: RawSpan) throws(FormatError) {
        try record.hasFixed(5)
        if record.inside(0, as: UInt8.self) == LogRecordType.macroInfo.rawValue {
            try record.hasFixed(10)
            database = record.inside(5)
            declaredPageCount = record.inside(6)
            listByteCount = record.byteCount - 10
        } else {
            database = nil
            listByteCount = record.byteCount - 5
            declaredPageCount = UInt32(truncatingIfNeeded: listByteCount / 4)
        }
    }

    /// The kind of record.
    public var type: LogRecordType { database == nil ? .macroInfoOld : .macroInfo }
    /// Bytes of the fixed part.
    public var fixedByteCount: Int { database == nil ? 5 : 10 }
    /// Bytes of the payload.
    public var payloadByteCount: Int { listByteCount }
    /// The list.
    public var list: Range<Int> { fixedByteCount..<encodedByteCount }
    /// How many pages the list has.
    public var pageCount: Int { listByteCount / 4 }

    /// Writes the fixed part.
    public func encodeFixed(into target: LogRecordTarget) {
        target.put(type.rawValue, 0)
        target.put(UInt32(encodedByteCount - 5), 1)
        guard let database else { return }
        target.put(database, 5)
        target.put(declaredPageCount, 6)
    }

    /// One line for people.
    public var description: String {
        "\(type)\(database.map { " database \($0)" } ?? "") pages \(declaredPageCount)"
    }

    /// A page of the list in this record's bytes. Throws `truncated` beyond the list.
    public func page(_ index: Int, in record: RawSpan) throws(FormatError) -> PageNumber {
        guard index >= 0, index < pageCount else { throw FormatError(.truncated, at: index) }
        return PageNumber(try record.little(fixedByteCount + 4 * index))
    }
}
