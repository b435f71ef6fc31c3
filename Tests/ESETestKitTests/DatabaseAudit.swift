// Layer: ESETestKitTests. Used by: all tests of this target.
// Checks a whole database with nothing of the builder's: checksums, the rules of pages, links between pages, the
// order of keys, and that every page belongs to exactly one tree.

import ESEFormat

/// What an audit of a file finds.
struct DatabaseAudit {
    let size: PageSize
    private let bytes: [UInt8]
    private(set) var problems: [String] = []
    /// How many levels the highest tree has.
    private(set) var levels = 0
    /// The same of trees of extents.
    private(set) var extentLevels = 0
    /// How many extents are kept for splits.
    private(set) var splitBufferCount = 0
    /// The pages that are the roots of trees of data.
    private var spaces: [UInt32: Space] = [:]
    private var used: [UInt32: String] = [:]

    private struct Space {
        var owned: [ClosedRange<UInt32>] = []
        var parent: UInt32 = 0
    }

    init(_ bytes: [UInt8], size: PageSize, roots: [PageNumber]) {
        self.bytes = bytes
        self.size = size
        do {
            for root in [.databaseRoot] + roots { try audit(root.rawValue) }
            try checkOwners()
        } catch {
            problems.append("\(error)")
        }
    }

    private mutating func note(_ text: String) { if problems.count < 20 { problems.append(text) } }

    private func page(_ number: UInt32) -> [UInt8] {
        let start = Int(size.fileOffset(of: PageNumber(number)))
        guard start + size.byteCount <= bytes.count else { return [] }
        return Array(bytes[start..<(start + size.byteCount)])
    }

    private mutating func use(_ number: UInt32, _ what: String) {
        if let other = used.updateValue(what, forKey: number) { note("page \(number) is used by \(other) and \(what)") }
    }

    // MARK: Trees.

    private mutating func audit(_ root: UInt32) throws {
        let bytes = page(root)
        let layout = try PageLayout(bytes.span.bytes, size: size)
        var header = layout.externalHeader
        if header.count > 16 { header = (header.lowerBound + 1)..<(header.lowerBound + 17) }
        func word(_ index: Int) throws -> UInt32 { try bytes.span.bytes.little(header.lowerBound + 4 * index) }
        let (count, flags, place) = (try word(0), try word(2), try word(3))
        var space = Space(parent: try word(1))
        try walk(root, "tree \(root)")
        if flags & 1 != 0 {
            space.owned = try extents(place)
            try walk(place, "owned extents of \(root)")
            try walk(place + 1, "free extents of \(root)")
            for run in try extents(place + 1) { for number in run { use(number, "free in \(root)") } }
            for tree in [place, place + 1] {
                for run in try splitBuffer(tree) {
                    splitBufferCount += 1
                    for number in run { use(number, "split buffer of \(root)") }
                }
            }
            if flags & 4 == 0, space.owned.first?.count != Int(count) { note("first extent of \(root)") }
        } else {
            space.owned = [root...(root + count - 1)]
            for bit in UInt32(0)..<32 where place & 1 << bit != 0 { use(root + 1 + bit, "free in \(root)") }
        }
        spaces[root] = space
    }

    private func extents(_ root: UInt32) throws -> [ClosedRange<UInt32>] {
        var found: [ClosedRange<UInt32>] = []
        var pages = [root]
        while let number = pages.popLast() {
            let bytes = page(number)
            let layout = try PageLayout(bytes.span.bytes, size: size)
            for index in 0..<layout.nodeCount {
                let node = try layout.node(index, in: bytes.span.bytes)
                guard layout.isLeaf else {
                    pages.append(try layout.child(index, in: bytes.span.bytes).rawValue)
                    continue
                }
                let last = layout.key(of: node, in: bytes.span.bytes).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                let count: UInt32 = try bytes.span.bytes.little(node.data.lowerBound)
                found.append((last - count + 1)...last)
            }
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }
    }

    private func splitBuffer(_ root: UInt32) throws -> [ClosedRange<UInt32>] {
        let bytes = page(root)
        let header = try PageLayout(bytes.span.bytes, size: size).externalHeader
        guard header.count == 16 else { throw FormatError(.badSpace, at: Int(root)) }
        var found: [ClosedRange<UInt32>] = []
        for offset in [0, 8] {
            let last: UInt32 = try bytes.span.bytes.little(header.lowerBound + offset)
            let count: UInt32 = try bytes.span.bytes.little(header.lowerBound + offset + 4)
            if count > 0 { found.append((last - count + 1)...last) }
        }
        return found
    }

    /// Walks a tree from left to right.
    private mutating func walk(_ root: UInt32, _ what: String) throws {
        var leaves: [UInt32] = []
        var last: [UInt8]?
        try walk(root, isRoot: true, low: [], high: nil, depth: 1, what, &leaves, &last)
        for (index, leaf) in leaves.enumerated() {
            let header = try PageHeader(page(leaf).span.bytes, size: size)
            if header.previous.rawValue != (index > 0 ? leaves[index - 1] : 0)
                || header.next.rawValue != (index + 1 < leaves.count ? leaves[index + 1] : 0)
            {
                note("siblings of \(leaf) in \(what)")
            }
        }
    }

    private mutating func walk(
        _ number: UInt32, isRoot: Bool, low: [UInt8], high: [UInt8]?, depth: Int, _ what: String,
        _ leaves: inout [UInt32], _ last: inout [UInt8]?
    ) throws {
        guard depth < 8 else { throw FormatError(.badNode, at: Int(number)) }
        levels = max(levels, depth)
        if what.contains("extents") { extentLevels = max(extentLevels, depth) }
        use(number, what)
        let bytes = page(number)
        let span = bytes.span.bytes
        try checkPage(number, bytes)
        let layout = try PageLayout(span, size: size)
        if layout.isRoot != isRoot { note("root flag of \(number)") }
        if layout.isLeaf { leaves.append(number) }
        let isNonUnique = layout.flags.contains(.nonUnique)
        var before = low
        for index in 0..<layout.nodeCount {
            let node = try layout.node(index, in: span)
            if node.data.isEmpty { note("node \(index) of \(number) has no data") }
            if node.prefixByteCount > 0, node.prefixByteCount <= 2 { note("useless prefix in \(number)") }
            var key = layout.key(of: node, in: span)
            if layout.isLeaf {
                if key.isEmpty { note("node \(index) of \(number) has no key") }
                if isNonUnique { key += bytes[node.data] }
                if let last, !last.lexicographicallyPrecedes(key) { note("order at node \(index) of \(number)") }
                if key.lexicographicallyPrecedes(low) { note("node \(index) of \(number) is below its separator") }
                if let high, !key.lexicographicallyPrecedes(high) { note("node \(index) of \(number) is beyond") }
                last = key
            } else {
                let child = try layout.child(index, in: span)
                let isInfinite = key.isEmpty
                if isInfinite, index != layout.nodeCount - 1 || high != nil { note("empty key inside \(number)") }
                if !isInfinite, let high, high.lexicographicallyPrecedes(key) { note("separators of \(number)") }
                let childFlags = try PageHeader(page(child.rawValue).span.bytes, size: size).flags
                if childFlags.contains(.leaf) != layout.flags.contains(.parentOfLeaf) { note("level of \(child)") }
                try walk(
                    child.rawValue, isRoot: false, low: before, high: isInfinite ? nil : key, depth: depth + 1, what,
                    &leaves, &last)
                before = key
            }
        }
        if !layout.isLeaf, high == nil, layout.nodeCount == 0 { note("empty branch \(number)") }
    }

    /// The engine's rules for pages, and the checksum.
    private mutating func checkPage(_ number: UInt32, _ bytes: [UInt8]) throws {
        let span = bytes.span.bytes
        if PageChecksum.verify(span, number: PageNumber(number), size: size) != .valid { note("checksum of \(number)") }
        let layout = try PageLayout(span, size: size)
        let header = try PageHeader(span, size: size)
        var places: [Range<Int>] = []
        for index in 0..<layout.tagCount { places.append(try layout.tag(index, in: span).range) }
        let sum = places.map(\.count).reduce(0, +) + header.freeByteCount + 4 * layout.tagCount
        if sum != size.byteCount - size.headerByteCount { note("free bytes of \(number)") }
        if header.uncommittedFreeByteCount > header.freeByteCount { note("uncommitted free bytes of \(number)") }
        places.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (left, right) in zip(places, places.dropFirst()) where left.upperBound > right.lowerBound {
            note("nodes of \(number) overlap")
        }
        if size.isLarge, header.ownNumber != PageNumber(number) { note("own number of \(number)") }
    }

    // MARK: Space.

    /// Every owned page is used by its tree or owned by one of its children, and by nobody else.
    private mutating func checkOwners() throws {
        guard let all = spaces[1]?.owned else { return }
        for run in all { for number in run where used[number] == nil { note("page \(number) belongs to nobody") } }
        for (root, space) in spaces where root != 1 {
            guard let parent = spaces[space.parent] else {
                note("parent of \(root)")
                continue
            }
            for run in space.owned
            where !parent.owned.contains(where: { $0.contains(run.lowerBound) && $0.contains(run.upperBound) }) {
                note("extent \(run) of \(root) is not its parent's")
            }
        }
        // Of all trees that own a page, the innermost uses it.
        for (number, what) in used {
            let owners = spaces.filter { $0.value.owned.contains { $0.contains(number) } }
            let innermost = owners.max {
                $0.value.owned.reduce(0) { $0 + $1.count } > $1.value.owned.reduce(0) { $0 + $1.count }
            }
            guard let innermost else {
                note("nobody owns page \(number)")
                continue
            }
            let user = what.split(separator: " ").last.flatMap { UInt32($0) }
            if user != innermost.key { note("page \(number) is \(what), but \(innermost.key) owns it") }
        }
        let end = all.map(\.upperBound).max() ?? 0
        if bytes.count != (Int(end) + 2) * size.byteCount { note("the file does not end with its last page") }
    }
}
