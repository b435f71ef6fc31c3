// Layer: ESEEngine/5-Tree. Uses: Tree, ESEFormat's space header. Used by: splits, merges, data definition.
// Where a tree's pages come from (format map, section 5; rule S1).
//
// A tree in one extent has its free pages as bits in its root. A larger one has two trees of extents, owned and
// available ones. What a tree lacks comes from its parent, and the database's root makes the file longer. All of this
// is logged
// page by page, and neither versioned nor undone.
//
// Latches: nobody calls with a page of a data tree latched. The space of a tree is locked while its trees of extents
// are used, child before parent.

import ESEFormat
import PlatformIO

/// The space of a tree.
final class Space: @unchecked Sendable {  // everything under `lock`
    private let lock = Lock()
    /// The trees of extents, once they are known; nil for a tree in one extent.
    private var extents: Extents?
    private var isLoaded = false

    /// The two trees of a tree with several extents.
    private struct Extents {
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
        try lock.withLock { () throws(JetError) in
            try load(tree, worker)
            if extents == nil {
                if let page = try takeBit(of: tree, atLeast, worker) { return page }
                try convert(tree, worker)
            }
            while true {
                guard let extents else { preconditionFailure("a tree that was converted has trees of extents") }
                if let found = try Self.take(count, atLeast, from: extents.available, worker) { return found }
                try grow(tree, by: max(count, atLeast), worker)
            }
        }
    }

    /// Gives a page back that was not used, or is not used any more. A failure loses the page, nothing else.
    func giveBack(_ page: PageNumber, to tree: Tree, _ worker: Worker) {
        guard let extent = Extent(first: page, pageCount: 1) else { return }
        try? giveBack(extent, to: tree, worker)
    }

    /// Gives pages back to the tree that owns them.
    func giveBack(_ extent: Extent, to tree: Tree, _ worker: Worker) throws(JetError) {
        try lock.withLock { () throws(JetError) in
            try load(tree, worker)
            if let extents { return try Self.add(extent, to: extents.available, owned: extents.owned, worker) }
            try setBits(extent, of: tree, worker)
        }
    }

    /// The runs that a tree owns; those of a tree in one extent too.
    func ownedExtents(of tree: Tree, _ worker: Worker) throws(JetError) -> [Extent] {
        try lock.withLock { () throws(JetError) in
            try load(tree, worker)
            if let extents { return try Self.all(in: extents.owned, worker) }
            return try Self.header(of: tree).singleExtent(root: tree.root).map { [$0] } ?? []
        }
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
    private static func all(in tree: Tree, _ worker: Worker) throws(JetError) -> [Extent] {
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
    private static func extent(_ held: HeldPage, _ line: Int) throws(JetError) -> Extent? {
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

    // MARK: Several extents.

    /// Takes pages out of a tree of available extents; nil if none has as many.
    private static func take(
        _ count: UInt32, _ atLeast: UInt32, from available: Tree, _ worker: Worker
    ) throws(JetError) -> Extent? {
        var held = try available.firstLeaf(.exclusive)
        while true {
            for line in 0..<held.page.nodeCount {
                guard let extent = try released(held, available, { () throws(JetError) in try extent(held, line) }),
                    extent.pageCount >= atLeast,
                    let taken = Extent(first: extent.first, pageCount: min(count, extent.pageCount))
                else { continue }
                defer { available.database.release(held) }
                if taken.pageCount == extent.pageCount {
                    try remove(held, line, available, worker)
                } else {
                    try resize(held, line, to: extent.pageCount - taken.pageCount, available, worker)
                }
                return taken
            }
            let next = held.page.next
            guard next != .none else { break }
            let following = try released(held, available) { () throws(JetError) in
                try available.database.latch(next, .exclusive)
            }
            available.database.release(held)
            held = following
        }
        available.database.release(held)
        return nil
    }

    /// Runs `body`; if it throws, the page is let go of.
    private static func released<Result>(
        _ held: HeldPage, _ tree: Tree, _ body: () throws(JetError) -> Result
    ) throws(JetError) -> Result {
        do throws(JetError) {
            return try body()
        } catch {
            tree.database.release(held)
            throw error
        }
    }

    /// Removes a node of a tree of extents. The last one of a root leaf goes too: a space tree may be empty.
    private static func remove(_ held: HeldPage, _ line: Int, _ tree: Tree, _ worker: Worker) throws(JetError) {
        if held.page.nodeCount == 1, !held.page.isRoot {
            // A page that is no root keeps its last node, as an extent of no pages, which readers pass over.
            try resize(held, line, to: 0, tree, worker)
        } else {
            try tree.removeNode(held, at: line, worker)
        }
    }

    private static func resize(
        _ held: HeldPage, _ line: Int, to count: UInt32, _ tree: Tree, _ worker: Worker
    ) throws(JetError) {
        let key = held.page.node(line).key.array()
        try key.lend { (key) throws(JetError) in
            try withCount(count) { (data) throws(JetError) in
                let change = NodeChange(kind: .replace, bookmark: Bookmark(key: key), data: data, isVersioned: false)
                try tree.perform(change, held, at: line, ChangeRevisions(), worker)
            }
        }
    }

    private static func withCount<Result>(
        _ count: UInt32, _ body: (Bytes) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        let data = [UInt8]((0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(8 * $0)) })
        return try data.lend(body)
    }

    /// Adds a run to a tree of available extents, joined with neighbours of the same owned extent.
    private static func add(
        _ extent: Extent, to available: Tree, owned: Tree?, _ worker: Worker
    ) throws(JetError) {
        var extent = extent
        if let owned {
            let container = try all(in: owned, worker).first { $0.contains(extent.last) } ?? extent
            for other in try all(in: available, worker) where container.contains(other.last) {
                if other.last.rawValue + 1 == extent.first.rawValue || extent.last.rawValue + 1 == other.first.rawValue
                {
                    try delete(other, from: available, worker)
                    let first = min(other.first, extent.first)
                    extent = Extent(first: first, pageCount: other.pageCount + extent.pageCount) ?? extent
                }
            }
        }
        try ensureSplitBuffer(of: available, available, worker)
        try insert(extent, into: available, worker)
    }

    private static func insert(_ extent: Extent, into tree: Tree, _ worker: Worker) throws(JetError) {
        let (key, data) = (extent.key(), extent.data)
        try key.lend { (key) throws(JetError) in
            try data.lend { (data) throws(JetError) in
                // A node of no pages may be there with that key.
                try tree.insertUnversioned(Bookmark(key: key), data: data, replacing: true, worker)
            }
        }
    }

    private static func delete(_ extent: Extent, from tree: Tree, _ worker: Worker) throws(JetError) {
        try extent.key().lend { (key) throws(JetError) in
            let held = try tree.leaf(for: key, .exclusive)
            defer { tree.database.release(held) }
            let found = held.page.lowerBound(key)
            guard found.isExact else { throw .databaseCorrupted }
            try remove(held, found.line, tree, worker)
        }
    }

    // MARK: Growth.

    /// Gets an extent from the parent, or of the file.
    private func grow(_ tree: Tree, by count: UInt32, _ worker: Worker) throws(JetError) {
        guard var extents else { return }
        let extent: Extent
        if let parent = tree.parent {
            guard case .space(let parentSpace) = parent.pages else { throw .databaseCorrupted }
            let owned = extents.ownedPageCount
            let wanted = owned < Self.smallPageCount ? Self.smallGrowth : min(max(owned / 4, 16), Self.greatestGrowth)
            extent = try parentSpace.takeExtent(max(wanted, count), atLeast: count, for: parent, worker)
        } else {
            extent = try Self.extendFile(of: tree.database, by: count, worker)
        }
        try Self.insert(extent, into: extents.owned, worker)
        try Self.insert(extent, into: extents.available, worker)
        extents.ownedPageCount += extent.pageCount
        self.extents = extents
        // Now there are pages for the next time.
        try Self.ensureSplitBuffer(of: extents.owned, extents.available, worker)
        try Self.ensureSplitBuffer(of: extents.available, extents.available, worker)
    }

    /// Makes the file longer. The two pages of the header count for the file's size.
    private static func extendFile(
        of database: Database, by count: UInt32, _ worker: Worker
    ) throws(JetError) -> Extent {
        let pageByteCount = UInt64(database.pageSize.byteCount)
        let step = max(database.extensionPageCount, 1)
        let oldLast = database.lastPage
        let wanted = (oldLast + 2 + count + step - 1) / step * step
        guard wanted - 2 <= PageNumber.greatest.rawValue, let extent = Extent((oldLast + 1)...(wanted - 2)) else {
            throw .diskFull
        }
        do throws(StorageError) {
            try database.file.setByteCount(UInt64(wanted) * pageByteCount)
        } catch {
            throw error.kind == .full ? .diskFull : .diskIO
        }
        _ = try database.append(
            ExtendDatabaseRecord(database: database.slot.rawValue, lastPage: extent.last), worker)
        database.lastPage = extent.last.rawValue
        return extent
    }

    // MARK: Pages for the trees of extents themselves.

    /// Sees to it that a tree of extents has the pages that its next insert may need: they are in its root, taken
    /// from the available ones, since asking for them then would need the very tree that is being split.
    private static func ensureSplitBuffer(of tree: Tree, _ available: Tree, _ worker: Worker) throws(JetError) {
        let held = try tree.database.latch(tree.root, .shared)
        let isRoomy = held.page.isLeaf && held.page.freeByteCount > 128
        let buffer = try released(held, tree) { () throws(JetError) in try splitBuffer(held) }
        tree.database.release(held)
        let count = (buffer.first?.pageCount ?? 0) + (buffer.second?.pageCount ?? 0)
        // A split for each level, and one for the root.
        if isRoomy || count >= 4 { return }
        guard let more = try take(8, 1, from: available, worker) else { return }
        let root = try tree.database.latch(tree.root, .exclusive)
        defer { tree.database.release(root) }
        var new = try splitBuffer(root)
        if new.first == nil {
            new.first = more
        } else if new.second == nil {
            new.second = more
        } else {
            return try add(more, to: available, owned: nil, worker)
        }
        try tree.setExternalHeader(root, new.encoded(), worker)
    }

    private static func splitBuffer(_ held: HeldPage) throws(JetError) -> SplitBuffer {
        let bytes = held.page.externalHeader.array()
        do throws(FormatError) { return try SplitBuffer(decoding: bytes.span.bytes) } catch { throw .databaseCorrupted }
    }

    /// A page for a split of a tree of extents.
    static func takeFromSplitBuffer(of tree: Tree, _ worker: Worker) throws(JetError) -> PageNumber {
        let root = try tree.database.latch(tree.root, .exclusive)
        defer { tree.database.release(root) }
        var buffer = try splitBuffer(root)
        if buffer.first == nil { (buffer.first, buffer.second) = (buffer.second, nil) }
        // JET_errSPAvailExtCorrupted would be said if this could happen in a sound database.
        guard let first = buffer.first else { throw .databaseCorrupted }
        buffer.first = Extent(first: PageNumber(first.first.rawValue + 1), pageCount: first.pageCount - 1)
        try tree.setExternalHeader(root, buffer.encoded(), worker)
        return first.first
    }

    /// Gives such a page back.
    static func giveBackToSplitBuffer(_ page: PageNumber, of tree: Tree, _ worker: Worker) {
        guard let root = try? tree.database.latch(tree.root, .exclusive) else { return }
        defer { tree.database.release(root) }
        guard var buffer = try? splitBuffer(root) else { return }
        if let first = buffer.first, first.first.rawValue == page.rawValue + 1 {
            buffer.first = Extent(first: page, pageCount: first.pageCount + 1)
        } else if buffer.first == nil {
            buffer.first = Extent(first: page, pageCount: 1)
        } else if buffer.second == nil {
            buffer.second = Extent(first: page, pageCount: 1)
        } else {
            return
        }
        try? tree.setExternalHeader(root, buffer.encoded(), worker)
    }
}
