// Layer: ESETestKit. Uses: PageBuilder, PageSink. Used by: TableWriter, SystemTables, TreeSpace.
// Makes a B+tree of nodes that come in order. Leaves are handed out as they fill; of each only a separator stays in
// memory, and the levels above are made at the end.

import ESEFormat

/// Where a tree gets pages.
protocol PageSource: AnyObject {
    /// A page that is free no more.
    func takePage() throws -> PageNumber
}

/// A tree that grows at its right end.
struct TreeBuilder {
    private let sink: PageSink
    private let objectID: ObjectID
    private let treeFlags: PageFlags
    private let root: PageNumber
    private let reservedByteCount: Int
    private var page: PageBuilder
    /// Of the leaf that is being filled; nil while it may become the root.
    private var number: PageNumber?
    private var isAloneTooLarge = false
    private var lastKey: [UInt8] = []
    private var branch: [Separator] = []
    /// How many nodes there are.
    private(set) var nodeCount = 0
    /// How many pages there are, the root included.
    private(set) var pageCount = 1

    /// A node of the level above: a child and the least key that is beyond it.
    private struct Separator {
        var key: [UInt8]
        var child: PageNumber
    }

    /// Room that every root keeps for the longest header of a tree.
    private static let rootHeaderByteCount = 25

    /// - Parameters:
    ///   - flags: What all pages of the tree have: `index`, `longValue`, `nonUnique`, `spaceTree`.
    ///   - density: How full leaves are made, in percent.
    init(_ sink: PageSink, objectID: ObjectID, root: PageNumber, flags: PageFlags, density: UInt32 = 100) {
        self.sink = sink
        self.objectID = objectID
        self.root = root
        treeFlags = flags
        reservedByteCount = sink.size.byteCount * Int(100 - min(100, max(20, density))) / 100
        // The first page may become the root, and roots have no prefix.
        page = sink.page(flags: flags.union(.leaf), objectID: objectID)
    }

    /// Adds a node behind the others.
    /// - Throws: `badKey` if its key comes before the last one's, `badNode` if it is too large; what writing throws.
    mutating func add(
        key: RawSpan, data: RawSpan, flags: NodeFlags = [], pages: any PageSource
    ) throws {
        let isNonUnique = treeFlags.contains(.nonUnique)
        // Where keys are not unique the data decides.
        var whole: [UInt8] = []
        whole.reserveCapacity(key.byteCount + (isNonUnique ? data.byteCount : 0))
        whole.append(contentsOf: key, 0..<key.byteCount)
        if isNonUnique { whole.append(contentsOf: data, 0..<data.byteCount) }
        if nodeCount > 0, KeyOrder.compare(lastKey.span.bytes, whole.span.bytes) >= 0 {
            throw FormatError(.badKey, at: nodeCount)
        }
        let reserve = max(reservedByteCount, number == nil ? Self.rootHeaderByteCount : 0)
        let needed = page.byteCount(ofNodeWithKey: key, dataByteCount: data.byteCount)
        let fits =
            !isAloneTooLarge && page.freeByteCount - needed >= reserve
            && page.append(key: key, data: data, flags: flags)
        if !fits {
            if page.nodeCount > 0 { try closeLeaf(before: whole, firstKey: key, pages) }
            if !page.append(key: key, data: data, flags: flags) {
                // The prefix costs two bytes more than it saves on a page of one node.
                restart()
                guard page.append(key: key, data: data, flags: flags) else {
                    throw FormatError(.badNode, at: key.byteCount + data.byteCount)
                }
            }
            isAloneTooLarge = number == nil && page.freeByteCount < Self.rootHeaderByteCount
        }
        lastKey = whole
        nodeCount += 1
    }

    /// Hands out the leaf and starts the next.
    private mutating func closeLeaf(before key: [UInt8], firstKey: RawSpan, _ pages: any PageSource) throws {
        let own = try number ?? pages.takePage()
        let next = try pages.takePage()
        pageCount += number == nil ? 2 : 1
        page.next = next
        try sink.put(page, own)
        let common = lastKey.span.bytes.commonPrefixByteCount(with: key.span.bytes)
        branch.append(Separator(key: Array(key[...common]), child: own))
        number = next
        page = sink.page(flags: treeFlags.union(.leaf), objectID: objectID)
        page.previous = own
        if firstKey.byteCount > 2 { _ = page.setExternalHeader(firstKey) }
    }

    /// The same page without a prefix.
    private mutating func restart() {
        let previous = page.previous
        page = sink.page(flags: treeFlags.union(.leaf), objectID: objectID)
        page.previous = previous
    }

    /// Makes the levels above the leaves and the root, whose tag 0 says what the space is.
    mutating func finish(
        _ space: TreeSpace, isNonUnique: Bool = false, autoincrement: UInt64? = nil
    ) throws {
        try finishPages(space)
        try space.reserve()
        try finishRoot(space.header(isNonUnique: isNonUnique, autoincrement: autoincrement))
    }

    /// Makes the levels above the leaves, all but the root.
    mutating func finishPages(_ pages: any PageSource) throws {
        if number == nil, !isAloneTooLarge {
            page.flags.insert(.root)
            return
        }
        let last = try number ?? pages.takePage()
        if number == nil { pageCount += 1 }
        try sink.put(page, last)
        branch.append(Separator(key: [], child: last))
        var level = branch
        var flags = treeFlags.union(.parentOfLeaf)
        while true {
            if let top = rootPage(level, flags) {
                page = top
                return
            }
            level = try putLevel(level, flags, pages)
            flags = treeFlags
        }
    }

    /// Makes the root.
    /// - Parameter header: Its tag 0, at most 25 bytes.
    mutating func finishRoot(_ header: [UInt8]) throws {
        guard page.setExternalHeader(header.span.bytes) else { throw FormatError(.badPageHeader, at: header.count) }
        try sink.put(page, root)
    }

    /// The root with these nodes; nil if they don't fit.
    private func rootPage(_ level: [Separator], _ flags: PageFlags) -> PageBuilder? {
        var top = sink.page(flags: flags.union(.root), objectID: objectID)
        for separator in level where !Self.append(separator, to: &top) { return nil }
        return top.freeByteCount >= Self.rootHeaderByteCount ? top : nil
    }

    /// Makes the pages of a level; their last keys are the nodes of the one above.
    private mutating func putLevel(
        _ level: [Separator], _ flags: PageFlags, _ pages: any PageSource
    ) throws -> [Separator] {
        var above: [Separator] = []
        var position = 0
        while position < level.count {
            var page = sink.page(flags: flags, objectID: objectID)
            let first = level[position].key
            if first.count > 2 { _ = page.setExternalHeader(first.span.bytes) }
            let start = position
            while position < level.count, Self.append(level[position], to: &page) { position += 1 }
            guard position > start else { throw FormatError(.badKey, at: first.count) }
            let number = try pages.takePage()
            pageCount += 1
            try sink.put(page, number)
            above.append(Separator(key: level[position - 1].key, child: number))
        }
        return above
    }

    private static func append(_ separator: Separator, to page: inout PageBuilder) -> Bool {
        var child: [UInt8] = []
        child.append(little: separator.child.rawValue)
        return page.append(key: separator.key.span.bytes, data: child.span.bytes)
    }
}
