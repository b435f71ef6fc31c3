// A small tree of pages in memory, for tests of splits and merges: every change goes through a record that is encoded,
// decoded and applied, as a log would have it.

import ESEEngine
import ESEFormat
import Primitives
import Testing

final class MiniTree {
    let size: PageSize
    let isNonUnique: Bool
    var pages: [PageNumber: TestPage] = [:]
    let root = PageNumber(1)
    var time: UInt64 = 1
    var splits: [SplitRecord.Kind: Int] = [:]
    var unperformed = 0
    var merges: [MergeRecord.Kind: Int] = [:]
    private var last: UInt32 = 1

    init(_ size: PageSize, isNonUnique: Bool) {
        self.size = size
        self.isNonUnique = isNonUnique
        var flags: PageFlags = [.root, .leaf, .newRecordFormat]
        if isNonUnique { flags.insert([.nonUnique, .index]) }
        pages[root] = TestPage(size, number: 1, flags: flags)
        [UInt8](repeating: 0xee, count: 16).lend { pages[root]!.page.setExternalHeader(BytePieces($0)) }
    }

    func page(_ number: PageNumber) -> Page { pages[number]!.page }

    /// From the root to the leaf.
    func path(_ key: [UInt8], _ data: [UInt8]) -> [(number: PageNumber, line: Int)] {
        var path: [(number: PageNumber, line: Int)] = []
        var number = root
        while true {
            let page = page(number)
            let line = key.lend { key in
                data.lend { data in
                    if page.isLeaf {
                        return isNonUnique
                            ? page.lowerBound(BytePieces(key), data: BytePieces(data)).line
                            : page.lowerBound(key).line
                    }
                    return page.childLine(for: isNonUnique ? BytePieces(key, data) : BytePieces(key))
                }
            }
            path.append((number, line))
            if page.isLeaf { return path }
            number = page.child(line)
        }
    }

    private func isThere(_ node: ModelNode, _ page: Page, _ line: Int) -> Bool {
        guard line < page.nodeCount else { return false }
        let found = ModelNode(page.node(line))
        return found.key == node.key && (!isNonUnique || found.data == node.data)
    }

    /// False if it is there already.
    func insert(_ node: ModelNode, hint: SplitHint = .balanced) throws -> Bool {
        for _ in 0..<20 {
            let path = path(node.key, node.data)
            let (number, line) = path[path.count - 1]
            let leaf = pages[number]!
            if isThere(node, leaf.page, line) { return false }
            if leaf.fits(node) {
                leaf.insert(line, node)
                return true
            }
            let isPerformed = try node.key.lend { key in
                try node.data.lend { data in
                    try split(
                        path, .insert(key: BytePieces(key), data: BytePieces(data), flags: node.flags), hint: hint)
                }
            }
            if isPerformed { return true }
            unperformed += 1
        }
        Issue.record("splits never make room")
        return false
    }

    func replace(_ node: ModelNode) throws {
        for _ in 0..<20 {
            let path = path(node.key, node.data)
            let (number, line) = path[path.count - 1]
            let page = page(number)
            let old = page.node(line)
            let isDone = try node.data.lend { data in
                if page.hasRoom(node.data.count - old.data.byteCount) {
                    page.replaceData(at: line, with: BytePieces(data))
                    return true
                }
                return try split(path, .replace(data: BytePieces(data), flags: []), hint: .balanced)
            }
            if isDone { return }
            unperformed += 1
        }
        Issue.record("splits never make room")
    }

    /// Splits the last page of a path; true if the operation was done on the way.
    private func split(
        _ path: [(number: PageNumber, line: Int)], _ operation: SplitOperation, hint: SplitHint
    ) throws -> Bool {
        let (number, line) = path[path.count - 1]
        var leafHint = hint
        let leaf = page(number)
        if leaf.isLeaf, leaf.next == .none, line == leaf.nodeCount { leafHint = .append }
        let plan = try #require(SplitPlan.choose(leaf, operation: operation, at: line, hint: leafHint))
        last += 1
        let new = PageNumber(last)
        var record = plan.record
        record.page.page = number
        record.newPage = new
        record.rightPage = leaf.isLeaf ? leaf.next : .none
        if !leaf.isRoot {
            let (above, aboveLine) = path[path.count - 2]
            let parent = page(above)
            record.parentPage = above
            let needed = record.separator.lend { parent.insertByteCount(key: BytePieces($0), dataByteCount: 4) }
            if !parent.hasRoom(needed) {
                // The page above is split first, with the new pointer as its operation.
                let isPerformed = try record.separator.lend { key in
                    try split(
                        Array(path.dropLast()),
                        .child(separator: BytePieces(key), left: number, right: new),
                        hint: plan.record.kind == .append || leafHint == .append ? .append : .balanced)
                }
                _ = aboveLine
                if !isPerformed { return false }
                try apply(&record, plan, operation, parent: nil)
                return plan.performsOperation
            }
            try apply(&record, plan, operation, parent: parent)
        } else {
            try apply(&record, plan, operation, parent: nil)
        }
        return plan.performsOperation
    }

    private func apply(
        _ record: inout SplitRecord, _ plan: SplitPlan, _ operation: SplitOperation, parent: Page?
    ) throws {
        time += 1
        record.page.databaseTime = DatabaseTime(time)
        let test = pages[record.page.page]!
        let source = test.page
        record.page.databaseTimeBefore = source.databaseTime
        let before = test.copy()
        if record.needsBeforeImage {
            let image = BeforeImage(of: source, databaseTime: record.page.databaseTime, compresses: time % 5 == 0)
            record.beforeImage = image.bytes
            record.beforeImageFlags = image.flags
        }
        let decoded = try SplitRecord(record.encoded().span.bytes)
        #expect(decoded == record)
        let new = TestPage(size, number: record.newPage.rawValue)
        pages[record.newPage] = new
        let right = record.rightPage == .none ? nil : page(record.rightPage)
        let performed = plan.performsOperation ? operation : .none
        try decoded.apply(source: source, new: new.page, right: right, parent: parent, operation: performed)
        splits[record.kind, default: 0] += 1
        // Done again from the image, it comes to the same nodes.
        if record.needsBeforeImage {
            let again = TestPage(size, number: record.page.page.rawValue)
            try BeforeImage(flags: decoded.beforeImageFlags, bytes: decoded.beforeImage).restore(
                to: again.page, number: record.page.page, databaseTime: record.page.databaseTimeBefore)
            #expect(again.nodes == before.nodes && again.page.databaseTime == before.page.databaseTime)
            #expect(again.page.freeByteCount == before.page.freeByteCount)
            let newAgain = TestPage(size, number: record.newPage.rawValue)
            try decoded.apply(source: again.page, new: newAgain.page, right: nil, operation: performed)
            #expect(again.nodes == test.nodes && newAgain.nodes == new.nodes)
            #expect(again.page.freeByteCount == source.freeByteCount)
        } else {
            let newAgain = TestPage(size, number: record.newPage.rawValue)
            try decoded.apply(source: nil, new: newAgain.page, right: nil, operation: performed)
            #expect(newAgain.nodes == new.nodes && newAgain.page.freeByteCount == new.page.freeByteCount)
            #expect(newAgain.bytes == new.bytes)
        }
    }

    /// Merges the leaf of a key, if that is possible.
    func merge(_ key: [UInt8], _ data: [UInt8], toLeft: Bool) throws {
        let path = path(key, data)
        let numbers = path.map(\.number)
        let up = path.reversed().map { (page: page($0.number), line: $0.line) }
        let leaf = up[0].page
        let left = leaf.previous == .none ? nil : page(leaf.previous)
        let right = leaf.next == .none ? nil : page(leaf.next)
        guard let plan = MergePlan.choose(up, left: left, right: right, toLeft: toLeft) else { return }
        merges[plan.kind, default: 0] += 1
        time += 1
        if plan.kind == .emptyTree {
            for number in pages.keys where number != root { pages[number] = nil }
            page(root).emptyTree(databaseTime: DatabaseTime(time))
            return
        }
        let (leftPage, rightPage) = (leaf.previous, leaf.next)
        var records = plan.records
        for level in records.indices {
            records[level].page.page = numbers[numbers.count - 1 - level]
            records[level].page.line = UInt16(up[level].line)
            records[level].page.databaseTime = DatabaseTime(time)
            if level == 0 {
                records[level].leftPage = leftPage
                records[level].rightPage = rightPage
                if records[level].needsBeforeImage {
                    let image = BeforeImage(of: leaf, databaseTime: DatabaseTime(time))
                    (records[level].beforeImage, records[level].beforeImageFlags) = (image.bytes, image.flags)
                }
            }
            #expect(try MergeRecord(records[level].encoded().span.bytes) == records[level])
        }
        for level in stride(from: records.count - 1, through: 1, by: -1) {
            try records[level].apply(above: up[level].page, leaf: records[0])
        }
        try records[0].apply(source: leaf, left: left, right: right)
        for level in records.indices where records[level].changes.contains(.emptyPage) {
            #expect(up[level].page.flags.contains(.empty))
            pages[numbers[numbers.count - 1 - level]] = nil
        }
    }

    /// All nodes in order; every page is checked on the way, and every key against those of the pages above.
    func walk(_ comment: Comment) -> [ModelNode] {
        var nodes: [ModelNode] = []
        var leaves: [PageNumber] = []
        var seen = 0
        func visit(_ number: PageNumber, low: [UInt8], high: [UInt8]?, depth: Int) {
            guard let test = pages[number] else {
                Issue.record("no page \(number)", sourceLocation: #_sourceLocation)
                return
            }
            seen += 1
            let page = test.page
            #expect(test.defect == nil, comment)
            #expect(page.flags.contains(.root) == (number == root) && page.objectID == ObjectID(9), comment)
            #expect(page.flags.contains(.nonUnique) == isNonUnique, comment)
            if page.isLeaf {
                leaves.append(number)
                for node in test.nodes {
                    let whole = isNonUnique ? node.key + node.data : node.key
                    #expect(!whole.lexicographicallyPrecedes(low), comment)
                    if let high { #expect(whole.lexicographicallyPrecedes(high), comment) }
                    nodes.append(node)
                }
                return
            }
            var below = low
            for line in 0..<page.nodeCount {
                let key = page.node(line).key.array()
                let isLast = line == page.nodeCount - 1
                if key.isEmpty { #expect(isLast && high == nil, comment) }
                if let high, !isLast { #expect(key.lexicographicallyPrecedes(high), comment) }
                let child = page.child(line)
                #expect(page.flags.contains(.parentOfLeaf) == self.page(child).isLeaf, comment)
                visit(child, low: below, high: isLast ? (key.isEmpty ? nil : high ?? key) : key, depth: depth + 1)
                below = key
            }
            if high == nil { #expect(page.node(page.nodeCount - 1).keyByteCount == 0, comment) }
        }
        visit(root, low: [], high: nil, depth: 0)
        #expect(seen == pages.count, comment)
        for (index, number) in leaves.enumerated() {
            #expect(page(number).previous == (index > 0 ? leaves[index - 1] : .none), comment)
            #expect(page(number).next == (index + 1 < leaves.count ? leaves[index + 1] : .none), comment)
        }
        return nodes
    }
}
