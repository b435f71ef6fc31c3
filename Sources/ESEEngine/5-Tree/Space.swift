// Layer: ESEEngine/5-Tree. Uses: Tree, ESEFormat's space header. Used by: splits, merges, data definition.
// Where a tree's pages come from (format map, section 5; rule S1).
//
// A tree in one extent has its free pages as bits in its root. A larger one has two trees of extents, owned and
// available ones. What a tree lacks comes from its parent, and the database's root makes the file longer. All of this
// is logged page by page, and neither versioned nor undone.
//
// Latches: nobody calls with a page of a data tree latched. The space of a tree is locked while its trees of extents
// are used, child before parent. What is done in several steps is done so that a stop in between loses pages, which
// recovery finds, and never has one in two places.

import ESEFormat
import PlatformIO

/// The space of a tree.
final class Space: @unchecked Sendable {  // everything under `lock`
    private let lock = Lock()
    /// The trees of extents, once they are known; nil for a tree in one extent.
    private(set) var extents: Extents?
    private var isLoaded = false
    /// The tree was dropped: its pages belong to others.
    private var isGone = false
    /// Pages of the trees of extents that were emptied and not yet given back.
    var emptied: [PageNumber] = []
    /// Extents that are on their way to the parent.
    var returned: [Extent] = []

    /// The two trees of a tree with several extents.
    struct Extents {
        let owned: Tree
        let available: Tree
        /// About how many pages the tree owns: what it gets next depends on that.
        var ownedPageCount: UInt32
    }

    /// Pages that a small tree gets at once. ESE: cpgSmallGrow.
    private static let smallGrowth: UInt32 = 4
    /// Up to here a tree is small. ESE: cpgSmallFDP.
    private static let smallPageCount: UInt32 = 16
    /// Pages of one extent at most, beside what is asked for.
    private static let greatestGrowth: UInt32 = 4_096

    // MARK: Taking and giving.

    /// One page for a split.
    func takePage(for tree: Tree, _ worker: Worker) throws(JetError) -> PageNumber {
        try takeExtent(1, atLeast: 1, for: tree, worker).first
    }

    /// A run of pages: `count` if they can be had in one piece without asking the parent, at least `atLeast`.
    func takeExtent(
        _ count: UInt32, atLeast: UInt32, for tree: Tree, _ worker: Worker
    ) throws(JetError) -> Extent {
        let taken = try lock.withLock { () throws(JetError) in
            guard !isGone else { throw .objectNotFound }
            try load(tree, worker)
            if extents == nil {
                if let page = try takeBit(of: tree, atLeast, worker) { return page }
                try convert(tree, worker)
            }
            while true {
                guard let extents else { preconditionFailure("a tree that was converted has trees of extents") }
                if let found = try take(count, atLeast, from: extents.available, worker) {
                    // What fails here is tried again the next time.
                    try? settle(tree, worker)
                    return found
                }
                try grow(tree, by: max(count, atLeast), worker)
            }
        }
        returnExtents(of: tree, worker)
        return taken
    }

    /// Gives a page back that was not used, or is not used any more. A failure loses the page, nothing else.
    func giveBack(_ page: PageNumber, to tree: Tree, _ worker: Worker) {
        guard let extent = Extent(first: page, pageCount: 1) else { return }
        try? giveBack(extent, to: tree, worker)
    }

    /// Gives pages back to the tree that owns them. An extent that is not its first and is free as a whole goes back
    /// to the parent.
    func giveBack(_ extent: Extent, to tree: Tree, _ worker: Worker) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            if isGone { return }
            try load(tree, worker)
            if extents == nil { return try setBits(extent, of: tree, worker) }
            try add(extent, to: tree, worker)
            try settle(tree, worker)
        }
        returnExtents(of: tree, worker)
    }

    /// Gives back what trees of extents don't need any more.
    private func settle(_ tree: Tree, _ worker: Worker) throws(JetError) {
        while let page = emptied.popLast() {
            if let extent = Extent(first: page, pageCount: 1) { try add(extent, to: tree, worker) }
        }
    }

    /// Gives whole extents back to the parent; those that it does not take are lost.
    private func returnExtents(of tree: Tree, _ worker: Worker) {
        let extents = lock.withLock {
            defer { returned.removeAll() }
            return returned
        }
        guard !extents.isEmpty, let parent = tree.parent, case .space(let space) = parent.pages else { return }
        for extent in extents { try? space.giveBack(extent, to: parent, worker) }
    }

    /// Says that the tree is dropped: from now on it takes and gives nothing.
    /// - Returns: All that it owned, its children's pages included; nothing the second time.
    func close(of tree: Tree, _ worker: Worker) throws(JetError) -> [Extent] {
        try lock.withLock { () throws(JetError) in
            if isGone { return [] }
            try load(tree, worker)
            let extents = try allOwned(of: tree, worker)
            isGone = true
            self.extents = nil
            return extents
        }
    }

    /// An extent is the parent's again.
    func forget(_ extent: Extent) {
        extents?.ownedPageCount -= extent.pageCount
        returned.append(extent)
    }

    /// The runs that a tree owns; those of a tree in one extent too.
    func ownedExtents(of tree: Tree, _ worker: Worker) throws(JetError) -> [Extent] {
        try lock.withLock { () throws(JetError) in
            try load(tree, worker)
            return try allOwned(of: tree, worker)
        }
    }

    private func allOwned(of tree: Tree, _ worker: Worker) throws(JetError) -> [Extent] {
        if let extents { return try Self.all(in: extents.owned, worker) }
        return try Self.header(of: tree).singleExtent(root: tree.root).map { [$0] } ?? []
    }

    // MARK: What is there.

    private func load(_ tree: Tree, _ worker: Worker) throws(JetError) {
        guard !isLoaded else { return }
        if let owned = try Self.header(of: tree).ownedRoot { try useExtents(of: tree, owned, worker) }
        isLoaded = true
    }

    private func useExtents(of tree: Tree, _ owned: PageNumber, _ worker: Worker) throws(JetError) {
        let ownedTree = Tree(extentsOf: tree, root: owned)
        let available = Tree(extentsOf: tree, root: PageNumber(owned.rawValue + 1))
        let count = try Self.all(in: ownedTree, worker).reduce(0) { $0 + $1.pageCount }
        extents = Extents(owned: ownedTree, available: available, ownedPageCount: count)
    }

    /// The space header of a tree.
    static func header(of tree: Tree) throws(JetError) -> SpaceHeader {
        let held = try tree.database.latch(tree.root, .shared)
        defer { tree.database.release(held) }
        return try header(held)
    }

    private static func header(_ held: HeldPage) throws(JetError) -> SpaceHeader {
        let bytes = held.page.externalHeader.array()
        do throws(FormatError) { return try SpaceHeader(decoding: bytes.span.bytes) } catch { throw .databaseCorrupted }
    }

    /// All extents of a tree of extents, in order of pages.
    static func all(in tree: Tree, _ worker: Worker) throws(JetError) -> [Extent] {
        var result: [Extent] = []
        var held = try tree.firstLeaf(.shared)
        while true {
            for line in 0..<held.page.nodeCount {
                if let extent = try extent(held, line) { result.append(extent) }
            }
            let next = held.page.next
            guard next != .none else { break }
            let following: HeldPage
            do throws(JetError) {
                following = try tree.database.latch(next, .shared)
            } catch {
                tree.database.release(held)
                throw error
            }
            tree.database.release(held)
            held = following
        }
        tree.database.release(held)
        return result
    }

    /// The extent of a node; nil if it is deleted, empty or in a pool that is not ours.
    static func extent(_ held: HeldPage, _ line: Int) throws(JetError) -> Extent? {
        let node = held.page.node(line)
        if node.isDeleted { return nil }
        let key = node.key.array()
        let data = node.data.array()
        do throws(FormatError) {
            let found = try Extent.decode(key: key.span.bytes, data: data.span.bytes)
            return found.pool == .general ? found.extent : nil
        } catch {
            throw .databaseCorrupted
        }
    }

    // MARK: One extent.

    /// Takes a page, or some in a row, of a tree in one extent; nil if there are none.
    private func takeBit(of tree: Tree, _ count: UInt32, _ worker: Worker) throws(JetError) -> Extent? {
        let held = try tree.database.latch(tree.root, .exclusive)
        defer { tree.database.release(held) }
        var header = try Self.header(held)
        for free in header.availableExtents(root: tree.root) where free.pageCount >= count {
            // There are bits for the 32 pages behind the root only.
            guard let taken = Extent(first: free.first, pageCount: count),
                taken.last.rawValue - tree.root.rawValue <= 32
            else { continue }
            header.clear(taken, root: tree.root)
            try tree.setExternalHeader(held, header.encoded(like: held.page), worker)
            return taken
        }
        return nil
    }

    private func setBits(_ extent: Extent, of tree: Tree, _ worker: Worker) throws(JetError) {
        let held = try tree.database.latch(tree.root, .exclusive)
        defer { tree.database.release(held) }
        var header = try Self.header(held)
        header.set(extent, root: tree.root)
        try tree.setExternalHeader(held, header.encoded(like: held.page), worker)
    }

    /// Gives a tree in one extent trees of extents. ESE: ErrSPIConvertToMultipleExtent.
    private func convert(_ tree: Tree, _ worker: Worker) throws(JetError) {
        guard let parent = tree.parent, case .space(let parentSpace) = parent.pages else { throw .databaseCorrupted }
        let wanted = Self.smallGrowth + 2
        let secondary = try parentSpace.takeExtent(wanted, atLeast: 3, for: parent, worker)
        let held = try tree.database.latch(tree.root, .exclusive)
        defer { tree.database.release(held) }
        let header = try Self.header(held)
        let owned = try tree.database.latchNew(secondary.first)
        defer { tree.database.release(owned) }
        let available = try tree.database.latchNew(PageNumber(secondary.first.rawValue + 1))
        defer { tree.database.release(available) }

        let time = tree.database.nextTime()
        let pageFlags = tree.pageFlags.union([.root, .leaf, .spaceTree]).subtracting(.nonUnique)
        let record = ConvertTreeRecord(
            page: tree.pageFields(tree.root, time: time, before: held.page.databaseTime, line: 0, worker),
            tree: tree.objectID, ownedRoot: owned.number, availableRoot: available.number,
            parentRoot: parent.root, secondaryFirst: secondary.first, primaryPageCount: header.pageCount,
            secondaryPageCount: secondary.pageCount, availableBits: header.spaceNumber,
            pageFlags: pageFlags.subtracting(.spaceTree).rawValue)
        for page in [held, owned, available] { tree.database.announce(page) }
        let span = try tree.database.append(record, worker)
        SpacePages.convert(record, root: held.page, owned: owned.page, available: available.page)
        for page in [held, owned, available] { tree.database.changed(page, span) }
        let ownedTree = Tree(extentsOf: tree, root: owned.number)
        extents = Extents(
            owned: ownedTree, available: Tree(extentsOf: tree, root: available.number),
            ownedPageCount: header.pageCount + secondary.pageCount)
    }

    // MARK: Growth.

    /// Gets a tree more pages of its own, before it needs them: for the database's root, the file becomes longer.
    func reserve(_ count: UInt32, for tree: Tree, _ worker: Worker) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            try load(tree, worker)
            try grow(tree, by: count, worker)
        }
    }

    /// Gets an extent from the parent, or of the file.
    private func grow(_ tree: Tree, by count: UInt32, _ worker: Worker) throws(JetError) {
        guard let extents else { return }
        let extent: Extent
        if let parent = tree.parent {
            guard case .space(let parentSpace) = parent.pages else { throw .databaseCorrupted }
            let owned = extents.ownedPageCount
            let wanted = owned < Self.smallPageCount ? Self.smallGrowth : min(max(owned / 4, 16), Self.greatestGrowth)
            extent = try parentSpace.takeExtent(max(wanted, count), atLeast: count, for: parent, worker)
        } else {
            extent = try Self.extendFile(of: tree.database, by: count, worker)
        }
        try insert(extent, into: extents.owned, worker)
        try insert(extent, into: extents.available, worker)
        self.extents?.ownedPageCount += extent.pageCount
        // Now there are pages for the next time.
        try ensureSplitBuffer(of: extents.owned, extents.available, worker)
        try ensureSplitBuffer(of: extents.available, extents.available, worker)
    }

    /// Makes the file longer: as far as is usual, or as far as there is room.
    /// - Throws: `outOfDatabaseSpace` beyond the database's limit; `diskFull`, `diskIO`, what the log throws.
    private static func extendFile(
        of database: Database, by count: UInt32, _ worker: Worker
    ) throws(JetError) -> Extent {
        let step = UInt64(max(database.extensionPageCount, 1))
        let oldLast = database.lastPage
        let least = UInt64(oldLast) + UInt64(count)
        let limit = UInt64(database.pageLimit)
        guard least <= limit else { throw .outOfDatabaseSpace }
        // The two pages of the header count for the file's size.
        var last = UInt32(min((least + 2 + step - 1) / step * step - 2, limit))
        do throws(JetError) {
            try setLength(of: database, from: oldLast, to: last)
        } catch {
            guard error == .diskFull, last > least else { throw error }
            last = UInt32(least)
            try setLength(of: database, from: oldLast, to: last)
        }
        guard let extent = Extent((oldLast + 1)...last) else { throw .outOfDatabaseSpace }
        _ = try database.append(
            ExtendDatabaseRecord(database: database.slot.rawValue, lastPage: extent.last), worker)
        database.lastPage = last
        return extent
    }

    private static func setLength(
        of database: Database, from oldLast: UInt32, to last: UInt32
    ) throws(JetError) {
        let pageByteCount = UInt64(database.pageSize.byteCount)
        do throws(StorageError) {
            // Files of Windows may go on behind the last page, and so may ours after an extension that failed; what is
            // there is no page, and would look like a damaged one.
            let end = (UInt64(oldLast) + 2) * pageByteCount
            if try database.file.byteCount() > end { try database.file.setByteCount(end) }
            try database.file.setByteCount((UInt64(last) + 2) * pageByteCount)
        } catch {
            throw error.kind == .full ? .diskFull : .diskIO
        }
    }
}
