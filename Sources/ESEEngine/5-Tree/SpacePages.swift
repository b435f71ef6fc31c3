// Layer: ESEEngine/5-Tree. Uses: 1-Page, ESEFormat's space header. Used by: space, data definition, redo.
// What the pages of a tree's space look like when the tree is made or gets trees of extents: the same for do and redo
// (rule P2).

import ESEFormat

/// Pages of space, made from log records.
enum SpacePages {
    /// The root of a new tree in one extent, whose other pages are all free. ESE: SPICreateSingle.
    static func create(_ record: CreateSingleExtentTreeRecord, root: Page) {
        start(root, record.page.page, record.tree, PageFlags(rawValue: record.pageFlags), record.page.databaseTime)
        let count = record.primaryPageCount
        let header = SpaceHeader(
            singleExtentOf: count, parent: record.parentRoot,
            availableBits: count > 32 ? .max : (1 << (count - 1)) - 1, flags: flags(record.pageFlags))
        setHeader(root, header.encoded())
    }

    /// The three roots of a new tree with trees of extents. ESE: SPICreateMultiple.
    static func create(_ record: CreateMultipleExtentTreeRecord, root: Page, owned: Page, available: Page) {
        let time = record.page.databaseTime
        start(root, record.page.page, record.tree, PageFlags(rawValue: record.pageFlags), time)
        let header = SpaceHeader(
            pageCount: record.primaryPageCount, parent: record.parentRoot, ownedRoot: record.ownedRoot,
            flags: flags(record.pageFlags))
        setHeader(root, header.encoded())
        startExtents(owned, record.ownedRoot, record.tree, record.pageFlags, time)
        startExtents(available, record.availableRoot, record.tree, record.pageFlags, time)
        if let all = Extent(first: record.page.page, pageCount: record.primaryPageCount) { append(all, to: owned) }
        if record.primaryPageCount > 3,
            let rest = Extent(
                first: PageNumber(record.page.page.rawValue + 3), pageCount: record.primaryPageCount - 3)
        {
            append(rest, to: available)
        }
    }

    /// A tree in one extent gets trees of extents, in the first pages of a second extent. ESE: SPIConvertToMultiple.
    static func convert(_ record: ConvertTreeRecord, root: Page, owned: Page, available: Page) {
        let time = record.page.databaseTime
        let rootNumber = record.page.page
        let old = SpaceHeader(
            singleExtentOf: record.primaryPageCount, parent: record.parentRoot, availableBits: record.availableBits)
        startExtents(owned, record.ownedRoot, record.tree, record.pageFlags, time)
        startExtents(available, record.availableRoot, record.tree, record.pageFlags, time)
        var ownedExtents: [Extent] = []
        var free = old.availableExtents(root: rootNumber)
        if let primary = Extent(first: rootNumber, pageCount: record.primaryPageCount) { ownedExtents.append(primary) }
        if let secondary = Extent(first: record.secondaryFirst, pageCount: record.secondaryPageCount) {
            ownedExtents.append(secondary)
        }
        if record.secondaryPageCount > 2,
            let rest = Extent(
                first: PageNumber(record.secondaryFirst.rawValue + 2), pageCount: record.secondaryPageCount - 2)
        {
            free.append(rest)
        }
        for extent in ownedExtents.sorted(by: { $0.last < $1.last }) { append(extent, to: owned) }
        for extent in free.sorted(by: { $0.last < $1.last }) { append(extent, to: available) }
        let header = SpaceHeader(
            pageCount: record.primaryPageCount, parent: record.parentRoot, ownedRoot: record.ownedRoot,
            flags: flags(record.pageFlags))
        setHeader(root, header.encoded())
        root.databaseTime = time
    }

    private static func flags(_ pageFlags: UInt32) -> SpaceHeader.Flags {
        PageFlags(rawValue: pageFlags).contains(.nonUnique) ? .nonUnique : []
    }

    private static func start(
        _ page: Page, _ number: PageNumber, _ tree: ObjectID, _ flags: PageFlags, _ time: DatabaseTime
    ) {
        page.initialize(
            number: number, objectID: tree, flags: flags.union([.root, .leaf, .newRecordFormat]), databaseTime: time)
    }

    private static func startExtents(
        _ page: Page, _ number: PageNumber, _ tree: ObjectID, _ flags: UInt32, _ time: DatabaseTime
    ) {
        start(page, number, tree, PageFlags(rawValue: flags).subtracting(.nonUnique).union(.spaceTree), time)
        setHeader(page, SplitBuffer().encoded())
    }

    private static func setHeader(_ page: Page, _ bytes: [UInt8]) {
        bytes.lend { page.setExternalHeader(BytePieces($0)) }
    }

    /// A new page has room for a few dozen of them.
    private static func append(_ extent: Extent, to page: Page) {
        extent.key().lend { key in
            extent.data.lend { data in
                page.insert(at: page.nodeCount, key: BytePieces(key), data: BytePieces(data), flags: [])
            }
        }
    }
}

extension SpaceHeader {
    /// Marks pages of a single extent as used: those of the 32 behind the root.
    mutating func clear(_ extent: Extent, root: PageNumber) { spaceNumber &= ~Self.bits(extent, root) }

    /// Marks them as free.
    mutating func set(_ extent: Extent, root: PageNumber) { spaceNumber |= Self.bits(extent, root) }

    private static func bits(_ extent: Extent, _ root: PageNumber) -> UInt32 {
        extent.pages.reduce(0) { bits, page in
            page > root.rawValue && page - root.rawValue <= 32 ? bits | 1 << (page - root.rawValue - 1) : bits
        }
    }

    /// The header in the form that a page has it in now.
    func encoded(like page: Page) -> [UInt8] { encoded(withFieldFlags: page.externalHeader.byteCount > 16) }
}
