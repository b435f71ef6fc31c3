// Layer: ESETestKit. Uses: PageSink, TreeBuilder. Used by: DatabaseBuilder, TableWriter, SystemTables.
// Which pages belong to which tree. Every tree gets extents from its parent, the database's root from the end of the
// file; what a tree doesn't use stays its own, as free pages. At the end each tree writes its owned and free extents
// down.

import ESEFormat

/// Pages in a row.
struct PageRun: Hashable {
    var first: UInt32
    var count: UInt32

    /// The last page.
    var last: UInt32 { first + count - 1 }
}

/// The space of one tree. ESE's term: FDP.
final class TreeSpace: PageSource {
    let objectID: ObjectID
    let root: PageNumber
    private let parent: TreeSpace?
    private let sink: PageSink
    private let primary: PageRun
    /// The root of the tree of owned extents; that of free ones is the next page. nil: one extent and a set of bits.
    private var extentRoot: UInt32?
    private(set) var owned: [PageRun]
    private var available: [PageRun]
    /// Pages kept for splits of the trees of extents, two extents at most in the header of each.
    private var splitBuffers: [[PageRun]] = [[], []]

    /// What is written down of a space.
    struct Options {
        /// Newer engines note the size of the last extent instead of the first's.
        var notesLastExtent = false
        /// Trees with many extents keep pages for splits of their extents' trees.
        var keepsSplitBuffers = false
        /// The root's header has a byte of flags in front, as of revision 30.
        var hasRootFields = false
        /// The most pages that a tree asks its parent for at once, unless it needs more in a row.
        var mostExtentPages: UInt32 = 512
    }

    private let options: Options

    /// The most pages of a tree without trees of extents: a bit for each but the root.
    private static let mostPagesWithBits: UInt32 = 33

    /// - Parameters:
    ///   - parent: nil for the root of the database.
    ///   - isMultiple: Whether it has trees of extents from the start; else when its first pages are used up.
    init(
        _ sink: PageSink, objectID: ObjectID, parent: TreeSpace?, pageCount: UInt32, isMultiple: Bool, options: Options
    ) throws {
        self.sink = sink
        self.objectID = objectID
        self.parent = parent
        self.options = options
        let isMultiple = isMultiple || pageCount > Self.mostPagesWithBits
        let count = max(pageCount, isMultiple ? 3 : 1)
        primary = try parent?.takeRun(count) ?? PageRun(first: 1, count: count)
        root = PageNumber(primary.first)
        owned = [primary]
        let used: UInt32 = isMultiple ? 3 : 1
        extentRoot = isMultiple ? primary.first + 1 : nil
        available = []
        free(PageRun(first: primary.first + used, count: primary.count - used))
    }

    // MARK: Taking pages.

    /// The next free page.
    func takePage() throws -> PageNumber { PageNumber(try takeRun(1).first) }

    /// Free pages in a row.
    func takeRun(_ count: UInt32) throws -> PageRun {
        if let position = available.firstIndex(where: { $0.count >= count }) {
            let run = PageRun(first: available[position].first, count: count)
            available[position].first += count
            available[position].count -= count
            if available[position].count == 0 { available.remove(at: position) }
            return run
        }
        try grow(by: count)
        return try takeRun(count)
    }

    private func grow(by count: UInt32) throws {
        guard let parent else {
            // The file grows by 256 pages at a time.
            let first = (owned.last?.last ?? 0) + 1
            guard first < PageNumber.greatest.rawValue - count - 256 else { throw FormatError(.badSpace, at: 0) }
            let run = PageRun(first: first, count: (count + 255) / 256 * 256)
            owned.append(run)
            return free(run)
        }
        let quarter = owned.reduce(0) { $0 + $1.count } / 4
        let wish = max(count, min(options.mostExtentPages, quarter), extentRoot == nil ? 4 : 16)
        if extentRoot != nil {
            let run = try parent.takeRun(wish)
            owned.append(run)
            return free(run)
        }
        // From bits to trees of extents: the first two pages of the second extent are their roots.
        let run = try parent.takeRun(wish + 2)
        owned.append(run)
        extentRoot = run.first
        free(PageRun(first: run.first + 2, count: run.count - 2))
    }

    private func free(_ run: PageRun) {
        guard run.count > 0 else { return }
        available.append(run)
        available.sort { $0.first < $1.first }
    }

    // MARK: Writing it down.

    /// Tag 0 of the tree's root, when no more pages are taken but by `finish`.
    /// - Parameter autoincrement: The greatest value of the table's counter; written from revision 30 on.
    func header(isNonUnique: Bool, autoincrement: UInt64? = nil) throws -> [UInt8] {
        var flags: UInt32 = isNonUnique ? 2 : 0
        var count = primary.count
        var place: UInt32 = 0
        if let extentRoot {
            flags |= 1
            place = extentRoot
            if options.notesLastExtent, let last = owned.last, owned.count > 1 {
                flags |= 4
                count = last.count
            }
        } else {
            for run in available {
                for page in run.first...run.last { place |= 1 << (page - root.rawValue - 1) }
            }
        }
        var bytes: [UInt8] = []
        if options.hasRootFields, let autoincrement {
            bytes.append(3)
            bytes += Self.words([count, parent?.root.rawValue ?? 0, flags, place])
            bytes.append(little: autoincrement)
            return bytes
        }
        return Self.words([count, parent?.root.rawValue ?? 0, flags, place])
    }

    /// Takes what the trees of extents need. After this `header` tells the truth.
    func reserve() throws {
        guard extentRoot != nil else { return }
        if options.keepsSplitBuffers, parent != nil {
            for offset in splitBuffers.indices { splitBuffers[offset].append(try takeRun(2)) }
        }
        // Each page that is taken may change the extents, so it is tried until they suffice.
        while true {
            let needed = try pagesNeeded()
            if needed == extentPages.count { return }
            if needed > extentPages.count {
                extentPages.append(try takePage())
            } else {
                // Taking the last one made it unnecessary: it stays with the tree of extents for a later split.
                let run = PageRun(first: extentPages.removeLast().rawValue, count: 1)
                let offset = splitBuffers[0].count < 2 ? 0 : 1
                guard splitBuffers[offset].count < 2 else { throw FormatError(.badSpace, at: 0) }
                splitBuffers[offset].append(run)
            }
        }
    }

    private var extentPages: [PageNumber] = []

    private func pagesNeeded() throws -> Int {
        let nowhere = PageSink(
            size: sink.size, hasOldChecksum: true, reservedTagCount: sink.reservedTagCount
        ) { _, _ in }
        let pages = ListedPages(nil)
        try write(to: nowhere, pages)
        return pages.count
    }

    /// Pages of a list, or just any.
    private final class ListedPages: PageSource {
        private let list: [PageNumber]?
        private(set) var count = 0

        init(_ list: [PageNumber]?) { self.list = list }

        func takePage() throws -> PageNumber {
            count += 1
            guard let list else { return PageNumber(UInt32(count)) }
            guard count <= list.count else { throw FormatError(.badSpace, at: count) }
            return list[count - 1]
        }
    }

    /// Writes the trees of extents, after `reserve`.
    func finish() throws {
        try write(to: sink, ListedPages(extentPages))
    }

    private func write(to sink: PageSink, _ pages: any PageSource) throws {
        guard let extentRoot else { return }
        for (offset, runs) in [(UInt32(0), owned), (1, available)] {
            var tree = TreeBuilder(
                sink, objectID: objectID, root: PageNumber(extentRoot + offset), flags: .spaceTree)
            for run in runs.sorted(by: { $0.first < $1.first }) {
                let key = (0..<4).map { UInt8(truncatingIfNeeded: run.last >> (24 - 8 * UInt32($0))) }
                var data: [UInt8] = []
                data.append(little: run.count)
                try tree.add(key: key.span.bytes, data: data.span.bytes, pages: pages)
            }
            let words = splitBuffers[Int(offset)].flatMap { [$0.last, $0.count] }
            try tree.finishPages(pages)
            try tree.finishRoot(Self.words(words + Array(repeating: 0, count: 4 - words.count)))
        }
    }

    /// The last page that the space owns.
    var lastOwned: PageNumber { PageNumber(owned.map(\.last).max() ?? 0) }

    private static func words(_ words: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in words { bytes.append(little: word) }
        return bytes
    }
}
