// Layer: ESEVerify. Uses: PageCheck. Used by: Checker.
// One tree from the root down, leaves in order: levels, owners, order of keys, separators, links. A page is entered
// once in all walks together, so that a walk ends whatever the pages say.

import ESEFormat
import ESEReader

/// Walks over a tree.
final class TreeWalk {
    typealias Visit = (PageNumber, RawSpan, PageLayout) -> Void

    private let checker: Checker
    private let tree: TreeSpec
    private let visit: Visit?
    private var stack: [Level] = []
    private var visited = PageSet()
    private var leafDepth: Int?
    private var scratch: [UInt8]
    /// The leaf before: nil if it is not known.
    private var lastLeaf: PageNumber? = PageNumber.none
    /// Where the leaf before leads to: nil if it is not known.
    private var lastNext: PageNumber?
    private var lastKey: [UInt8]?
    private var lastData: [UInt8] = []
    private var treeFlags: PageFlags?
    /// The external header of the root; nil if it can't be read.
    private(set) var rootHeader: [UInt8]?
    /// Whether pages of the tree could not be looked at.
    private(set) var isIncomplete = false
    /// How many pages the tree has.
    private(set) var pageCount = 0

    /// Every tree of real databases has six levels at most or so.
    private static let depthLimit = 24
    /// Flags that all pages of a tree share.
    private static let shared: PageFlags = [.spaceTree, .index, .longValue, .nonUnique]

    private struct Level {
        let number: PageNumber
        let bytes: [UInt8]
        let layout: PageLayout
        var next = 0
        /// Keys of the page are not less than this; empty for all.
        let lower: [UInt8]
        /// Keys of the page are less than this; nil for all.
        let upper: [UInt8]?
    }

    init(_ tree: TreeSpec, _ checker: Checker, visit: Visit? = nil) {
        self.tree = tree
        self.checker = checker
        self.visit = visit
        scratch = [UInt8](repeating: 0, count: checker.size.byteCount)
    }

    /// Walks, to the end or until verification is stopped.
    func run() {
        if !tree.isQuiet { checker.counts.trees += 1 }
        enter(tree.root, lower: [], upper: nil, parent: nil)
        while let top = stack.last, !checker.isStopped {
            guard top.next < top.layout.nodeCount else {
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            descend(from: top)
        }
        if !checker.isStopped, let last = lastLeaf, last != .none, let next = lastNext, next != .none {
            add(.siblingNext, last, nil, "the last leaf leads to page \(next)", "0")
        }
    }

    private func add(
        _ kind: Finding.Kind, _ page: PageNumber, _ node: Int?, _ found: @autoclosure () -> String,
        _ expected: @autoclosure () -> String = ""
    ) {
        checker.add(kind, tree, page: page, node: node, found(), expected: expected())
    }

    /// To the child of a node of a branch.
    private func descend(from level: Level) {
        let page = level.bytes.span.bytes
        let index = level.next
        let child: PageNumber
        do {
            child = try level.layout.child(index, in: page)
        } catch {
            // Nodes without parts were reported with the page.
            if (try? level.layout.node(index, in: page)) != nil {
                add(.treeChild, level.number, index, "the node's data is no page number")
            }
            lostLeaves()
            return
        }
        guard child <= checker.reader.lastPage else {
            add(
                .treeChild, level.number, index, "leads to page \(child)",
                "at most \(checker.reader.lastPage), the last of the file")
            lostLeaves()
            return
        }
        func key(_ index: Int) -> [UInt8]? {
            (try? level.layout.node(index, in: page)).map { level.layout.key(of: $0, in: page) }
        }
        let lower = index == 0 ? level.lower : key(index - 1) ?? level.lower
        var upper = key(index) ?? level.upper
        if upper?.isEmpty == true { upper = level.upper }
        enter(child, lower: lower, upper: upper, parent: level)
    }

    /// What comes next is not next to the leaf before.
    private func lostLeaves() {
        isIncomplete = true
        lastLeaf = nil
        lastNext = nil
    }

    private func enter(_ number: PageNumber, lower: [UInt8], upper: [UInt8]?, parent: Level?) {
        guard stack.count < Self.depthLimit else {
            add(.treeDepth, number, nil, "more than \(Self.depthLimit) levels")
            return lostLeaves()
        }
        let isAboveLeaves = parent?.layout.flags.contains(.parentOfLeaf)
        // A leaf that can't be read still has its place among its siblings.
        func lost() {
            isIncomplete = true
            lastLeaf = isAboveLeaves == true ? number : nil
            lastNext = nil
        }
        guard mayEnter(number) else { return lost() }
        guard checker.load(number, into: &scratch, tree) else {
            // The parent says so, and the page itself nothing else.
            if !tree.isQuiet { checker.users[Int(number.rawValue)] = tree.user }
            return lost()
        }
        let bytes = scratch
        let page = bytes.span.bytes
        guard belongs(number, page) else { return lost() }
        guard let layout = checker.checkStructure(page, number, tree) else { return lost() }
        pageCount += 1
        if !tree.isQuiet { checker.counts.treePages += 1 }
        if number == tree.root { rootHeader = page.bytes(layout.externalHeader) }
        checkFlags(number, layout)
        checkLevel(number, layout, isAboveLeaves)
        if layout.isLeaf {
            checkLinks(number, page)
            checkLeaf(number, page, layout, lower: lower, upper: upper)
            visit?(number, page, layout)
        } else {
            checkBranch(number, page, layout, lower: lower, upper: upper)
            stack.append(Level(number: number, bytes: bytes, layout: layout, lower: lower, upper: upper))
        }
    }

    /// Whether the page was not met before. It counts as used from now on only if it proves to belong to the tree.
    private func mayEnter(_ number: PageNumber) -> Bool {
        guard !tree.isQuiet else { return visited.insert(number) }
        let place = Int(number.rawValue)
        guard place < checker.users.count else {
            add(.treeChild, number, nil, "the page lies beyond the end of the file")
            return false
        }
        let user = checker.users[place]
        guard user != 0 else { return true }
        if user == tree.user {
            add(.treePageTwice, number, nil, "the page was met before in this tree")
        } else {
            let other = checker.roots[Int(user) - 1].spec
            add(.treePageShared, number, nil, "the page belongs to object \(other.objectID) too")
        }
        return false
    }

    private func belongs(_ number: PageNumber, _ page: RawSpan) -> Bool {
        guard let object: UInt32 = try? page.little(24), let bits: UInt32 = try? page.little(36) else { return false }
        guard ObjectID(object) == tree.objectID else {
            add(.treeObject, number, nil, "the page of object \(object)", "object \(tree.objectID)")
            return false
        }
        let flags = PageFlags(rawValue: bits)
        if !flags.isDisjoint(with: [.empty, .preInit, .deletedRoot]) {
            add(
                .pageFlags, number, nil,
                "a page in use is flagged as free, not yet made or deleted: \(hex(UInt64(bits)))")
            // The engine marks pages as just made long after they were.
            if flags.contains(.empty) { return false }
        }
        if flags.contains(.spaceTree) != tree.isSpaceTree {
            add(
                .treeFlags, number, nil, "a page of \(flags.contains(.spaceTree) ? "extents" : "data")",
                "one of \(tree.isSpaceTree ? "extents" : "data")")
            return false
        }
        if !tree.isQuiet { checker.users[Int(number.rawValue)] = tree.user }
        return true
    }

    private func checkFlags(_ number: PageNumber, _ layout: PageLayout) {
        let isRoot = number == tree.root
        if layout.isRoot != isRoot {
            add(.treeRoot, number, nil, isRoot ? "the root is not flagged as one" : "flagged as a root")
        }
        let flags = layout.flags.intersection(Self.shared)
        if let treeFlags {
            if flags != treeFlags {
                add(
                    .treeFlags, number, nil, hex(UInt64(flags.rawValue)),
                    "\(hex(UInt64(treeFlags.rawValue))), as the root")
            }
        } else {
            treeFlags = flags
            guard !tree.isSpaceTree else { return }
            var expected: PageFlags = []
            if tree.kind == .entries { expected.insert(.index) }
            if tree.kind == .longValues { expected.insert(.longValue) }
            if !tree.isUnique { expected.insert(.nonUnique) }
            if flags != expected {
                add(.treeFlags, number, nil, hex(UInt64(flags.rawValue)), hex(UInt64(expected.rawValue)))
            }
        }
    }

    private func checkLevel(_ number: PageNumber, _ layout: PageLayout, _ isAboveLeaves: Bool?) {
        let isLeaf = layout.isLeaf
        if isLeaf, layout.flags.contains(.parentOfLeaf) {
            add(.treeLevel, number, nil, "flagged as a leaf and as the parent of leaves")
        }
        if let isAboveLeaves, isAboveLeaves != isLeaf {
            add(
                .treeLevel, number, nil, isLeaf ? "a leaf" : "no leaf",
                isLeaf ? "a branch" : "a leaf, as the parent says")
        }
        guard isLeaf else { return }
        if let leafDepth {
            if leafDepth != stack.count {
                add(.treeLevel, number, nil, "a leaf at depth \(stack.count)", "depth \(leafDepth)")
            }
        } else {
            leafDepth = stack.count
        }
    }

    private func checkLinks(_ number: PageNumber, _ page: RawSpan) {
        guard let previous: UInt32 = try? page.little(16), let next: UInt32 = try? page.little(20) else { return }
        if let lastLeaf, PageNumber(previous) != lastLeaf {
            add(.siblingPrevious, number, nil, "page \(previous) to the left", "\(lastLeaf)")
        }
        if let lastNext, let lastLeaf, lastNext != number {
            add(.siblingNext, lastLeaf, nil, "page \(lastNext) to the right", "\(number)")
        }
        lastLeaf = number
        lastNext = PageNumber(next)
    }

    // MARK: Keys.

    private func checkLeaf(
        _ number: PageNumber, _ page: RawSpan, _ layout: PageLayout, lower: [UInt8], upper: [UInt8]?
    ) {
        if layout.nodeCount == 0 {
            if number != tree.root { add(.treeEmptyPage, number, nil, "a leaf without nodes") }
            return
        }
        var last: Node?
        for index in 0..<layout.nodeCount {
            guard let node = checker.node(index, page, number, layout, tree) else { continue }
            if node.keyByteCount == 0 { add(.keyEmpty, number, index, "the node has no key") }
            if let last {
                var order = layout.compare(last, node, in: page)
                if order == 0, !tree.isUnique {
                    order = KeyOrder.compare(page.extracting(last.data), page.extracting(node.data))
                }
                if order >= 0 { outOfOrder(number, index, isEqual: order == 0) }
            } else {
                checkFirst(number, page, layout, index, node, lower)
            }
            last = node
        }
        guard let last else { return }
        var key = lastKey ?? []
        layout.copyKey(of: last, in: page, to: &key)
        if let upper {
            let isLess =
                tree.isUnique
                ? KeyOrder.compare(key.span.bytes, upper.span.bytes) < 0
                : KeyOrder.compare((key + page.bytes(last.data)).span.bytes, upper.span.bytes) < 0
            if !isLess {
                add(.keyRange, number, layout.nodeCount - 1, "the last key is \(text(key))", "less than \(text(upper))")
            }
        }
        if !tree.isUnique { lastData = page.bytes(last.data) }
        lastKey = key
    }

    private func checkFirst(
        _ number: PageNumber, _ page: RawSpan, _ layout: PageLayout, _ index: Int, _ node: Node, _ lower: [UInt8]
    ) {
        if !lower.isEmpty {
            var order = layout.compareKey(of: node, in: page, to: lower.span.bytes)
            if order < 0, !tree.isUnique {
                let whole = layout.key(of: node, in: page) + page.bytes(node.data)
                order = KeyOrder.compare(whole.span.bytes, lower.span.bytes)
            }
            if order < 0 {
                add(
                    .keyRange, number, index, "the first key is \(text(layout.key(of: node, in: page)))",
                    "not less than \(text(lower))")
            }
        }
        guard let lastKey else { return }
        var order = layout.compareKey(of: node, in: page, to: lastKey.span.bytes)
        if order == 0, !tree.isUnique {
            let lastData = lastData
            order = KeyOrder.compare(page.extracting(node.data), lastData.span.bytes)
        }
        if order <= 0 { outOfOrder(number, index, isEqual: order == 0) }
    }

    private func outOfOrder(_ number: PageNumber, _ index: Int, isEqual: Bool) {
        if isEqual, tree.kind == .entries, tree.isUnique {
            add(.indexDuplicate, number, index, "the same key as the entry before")
        } else {
            add(.keyOrder, number, index, "the key is \(isEqual ? "that of" : "less than") the node before", "greater")
        }
    }

    private func checkBranch(
        _ number: PageNumber, _ page: RawSpan, _ layout: PageLayout, lower: [UInt8], upper: [UInt8]?
    ) {
        if let previous: UInt32 = try? page.little(16), let next: UInt32 = try? page.little(20),
            previous != 0 || next != 0
        {
            add(.siblingBranch, number, nil, "links to pages \(previous) and \(next)", "none above the leaves")
        }
        if layout.nodeCount == 0 { add(.treeEmptyPage, number, nil, "a branch without nodes") }
        var last: Node?
        for index in 0..<layout.nodeCount {
            guard let node = checker.node(index, page, number, layout, tree) else {
                last = nil
                continue
            }
            let isLast = index == layout.nodeCount - 1
            if (node.keyByteCount == 0) != (isLast && upper == nil) {
                add(
                    .keyInfinite, number, index, node.keyByteCount == 0 ? "a node without a key" : "a key",
                    node.keyByteCount == 0 ? "a key" : "none in the last node of the right-most branch")
            } else if node.keyByteCount > 0 {
                if let last, layout.compare(last, node, in: page) >= 0 {
                    add(.keyOrder, number, index, "the separator is not greater than the one before")
                }
                if index == 0, !lower.isEmpty, layout.compareKey(of: node, in: page, to: lower.span.bytes) <= 0 {
                    add(
                        .keyRange, number, index, "the first separator is \(text(layout.key(of: node, in: page)))",
                        "greater than \(text(lower))")
                }
                if isLast, let upper, layout.compareKey(of: node, in: page, to: upper.span.bytes) > 0 {
                    add(
                        .keyRange, number, index, "the last separator is \(text(layout.key(of: node, in: page)))",
                        "at most \(text(upper))")
                }
            }
            last = node
        }
    }

    private func text(_ key: [UInt8]) -> String { hexText(key) }
}

/// Bytes in hexadecimal, the first 32 of them.
func hexText(_ bytes: [UInt8]) -> String {
    let digits = bytes.prefix(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return bytes.count > 32 ? digits + "…" : digits
}

extension PageLayout {
    /// The order of two nodes' keys: negative, 0 or positive. Both share the page's prefix, so that it is compared only
    /// where one has more of it than the other.
    func compare(_ a: Node, _ b: Node, in page: RawSpan) -> Int {
        if a.prefixByteCount > b.prefixByteCount { return -compare(b, a, in: page) }
        let suffix = page.extracting(a.suffix)
        let start = externalHeader.lowerBound
        let more = page.extracting((start + a.prefixByteCount)..<(start + b.prefixByteCount))
        guard !more.isEmpty else { return KeyOrder.compare(suffix, page.extracting(b.suffix)) }
        let common = min(suffix.byteCount, more.byteCount)
        let first = KeyOrder.compare(suffix.extracting(0..<common), more.extracting(0..<common))
        if first != 0 { return first }
        if suffix.byteCount < more.byteCount { return -1 }
        return KeyOrder.compare(suffix.extracting(common..<suffix.byteCount), page.extracting(b.suffix))
    }
}
