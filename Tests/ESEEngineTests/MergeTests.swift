// Merges: trees that shrink by records against sorted arrays.

import ESEEngine
import ESEFormat
import Primitives
import Testing

@Suite struct MergeTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]) func treesShrinkLikeSortedArrays(seed: UInt64) throws {
        let size = writtenSizes[Int(seed % 4)]
        var random = SeededRandom(seed: seed &* 71)
        let isNonUnique = seed % 3 == 0
        let tree = MiniTree(size, isNonUnique: isNonUnique)
        let comment: Comment = "size \(size), seed \(seed)"
        var model: [ModelNode] = []
        // Groups of long keys, so that separators are long and there are several levels.
        let starts = (0..<40).map { _ in random.bytes(size.byteCount / 12) }
        for _ in 0..<240 {
            let key = starts[random.below(40)] + random.key()
            let node = ModelNode(key, random.bytes(isNonUnique ? 4 : 1 + random.below(size.byteCount / 12)))
            if try tree.insert(node) { model.insert(node, at: model.place(of: node)) }
        }
        #expect(tree.walk(comment) == model, comment)
        let depth = tree.path(model[0].key, model[0].data).count
        #expect(depth > 2 || isNonUnique, comment)
        var step = 0
        while !model.isEmpty {
            step += 1
            // A run of nodes is deleted, and then the pages they were on are cleaned.
            let first = random.oneIn(5) ? 0 : random.below(model.count)
            let run = first..<min(model.count, first + 1 + random.below(12))
            var bookmarks: [ModelNode] = []
            for line in run {
                let node = model[line]
                let path = tree.path(node.key, node.data)
                let (number, place) = path[path.count - 1]
                tree.page(number).setNodeFlags(at: place, [.deleted, .versioned])
                bookmarks.append(node)
            }
            model.removeSubrange(run)
            for node in bookmarks where random.oneIn(2) || model.isEmpty {
                try tree.merge(node.key, node.data, toLeft: seed > 3 && random.oneIn(2))
            }
            if step % 6 != 0, !model.isEmpty { continue }
            let there = tree.walk("\(comment), step \(step)").filter { !$0.flags.contains(.deleted) }
            #expect(there == model, "\(comment), step \(step)")
            if there != model { return }
        }
        // What is left are deleted nodes on pages that were not cleaned.
        for node in tree.walk(comment) { try tree.merge(node.key, node.data, toLeft: false) }
        for node in tree.walk(comment).reversed() { try tree.merge(node.key, node.data, toLeft: false) }
        #expect(tree.pages.count == 1, comment)
        #expect(tree.page(tree.root).isLeaf && tree.page(tree.root).externalHeader.byteCount == 16, comment)
        #expect(tree.merges[.emptyTree] == 1, comment)
        #expect(tree.merges[.emptyPage, default: 0] > 0 && tree.merges[.fullRight, default: 0] > 0, comment)
    }

    @Test func nodesGoRightUntilThePageIsFull() throws {
        for toLeft in [false, true] {
            let tree = MiniTree(.kibibytes4, isNonUnique: false)
            for number in 0..<200 {
                let node = ModelNode([1, UInt8(number), 0], [UInt8](repeating: 1, count: 100))
                #expect(try tree.insert(node))
            }
            var expected = tree.walk("full")
            // Pages are full; some nodes of the one in the middle leave, and some of its neighbour on one side.
            let middle = tree.path([1, 50, 0], []).last!.number
            let target = toLeft ? tree.page(middle).previous : tree.page(middle).next
            for number in [middle, target] {
                let page = tree.page(number)
                for _ in 0..<10 {
                    let node = ModelNode(page.node(3))
                    expected.removeAll { $0 == node }
                    page.delete(at: 3)
                }
            }
            let before = tree.page(middle).nodeCount
            try tree.merge([1, 50, 0], [], toLeft: toLeft)
            #expect(tree.merges == [toLeft ? .partialLeft : .partialRight: 1])
            #expect(tree.page(middle).nodeCount < before)
            #expect(tree.walk("partial") == expected)
        }
    }

    @Test func recordsThatDoNotFitAreRefused() throws {
        var random = SeededRandom(seed: 4)
        let source = TestPage(.kibibytes4, number: 5)
        let target = TestPage(.kibibytes4, number: 6)
        for line in 0..<10 {
            source.insert(line, ModelNode([1, UInt8(line), 2], [UInt8](repeating: 1, count: 90)))
            target.insert(line, ModelNode([2, UInt8(line), 2], [UInt8](repeating: 1, count: 90)))
        }
        let branch = TestPage(.kibibytes4, number: 4, flags: [.parentOfLeaf])
        branch.insert(0, ModelNode([2], [5, 0, 0, 0]))
        branch.insert(1, ModelNode([], [6, 0, 0, 0]))
        var record = MergeRecord()
        record.kind = .fullRight
        record.rightPage = PageNumber(6)
        record.changes = [.emptyPage]
        let saved = [source.bytes, target.bytes, branch.bytes]
        for round in 0..<3_000 {
            var bytes = record.encoded()
            for _ in 0..<3 { bytes[29 + random.below(bytes.count - 29)] = UInt8(random.below(12)) }
            guard let damaged = try? MergeRecord(bytes.span.bytes) else { continue }
            var above = MergeRecord()
            above.page.line = UInt16(random.below(3))
            above.changes = MergeRecord.Changes(rawValue: UInt8(random.below(8)))
            do {
                try damaged.apply(
                    source: source.page, left: nil, right: target.page, parent: (branch.page, above))
                for page in [source, target, branch] {
                    #expect(page.page.check(number: page.number, keysAscend: false) == nil, "round \(round)")
                }
            } catch {
                #expect([source.bytes, target.bytes, branch.bytes] == saved)
            }
            for (page, bytes) in zip([source, target, branch], saved) { page.memory.copyBytes(from: bytes) }
        }
    }
}
