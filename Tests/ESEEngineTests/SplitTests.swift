// Splits: trees that grow by records against sorted arrays, and the choices of single pages.

import ESEEngine
import ESEFormat
import Primitives
import Testing

@Suite struct SplitTests {
    @Test(arguments: writtenSizes, [1, 2] as [UInt64])
    func treesGrowLikeSortedArrays(_ size: PageSize, half: UInt64) throws {
        let seed = half + (size.isLarge ? 2 : 0)
        var random = SeededRandom(seed: seed &* 31 &+ UInt64(size.byteCount))
        let isNonUnique = seed % 2 == 0
        let tree = MiniTree(size, isNonUnique: isNonUnique)
        var model: [ModelNode] = []
        let most = size.byteCount / (seed > 2 ? 3 : 12)
        let comment: Comment = "size \(size), seed \(seed)"
        for step in 0..<400 {
            if random.oneIn(5), !model.isEmpty, !isNonUnique {
                let line = random.below(model.count)
                model[line].data = random.bytes(1 + random.below(most))
                try tree.replace(model[line])
            } else {
                var key = random.key()
                // Some at the end, and many of the same key where that is allowed.
                if random.oneIn(4) { key = [0xff, UInt8(step >> 8), UInt8(step & 255), 0] }
                if isNonUnique, random.oneIn(3), let other = model.randomElement(using: &random) { key = other.key }
                // The long keys make branches of large pages split too.
                if seed > 2 {
                    key.insert(contentsOf: [UInt8](repeating: 7, count: random.below(200)), at: 3 % key.count)
                }
                let data = random.bytes(isNonUnique ? 4 + random.below(12) : 1 + random.below(most))
                let node = ModelNode(key, data, random.oneIn(3) ? [.versioned] : [])
                if try tree.insert(node, hint: random.oneIn(4) ? .hotpoint : .balanced) {
                    model.insert(node, at: model.place(of: node))
                }
            }
            if step % 100 == 99 {
                #expect(tree.walk("\(comment), step \(step)") == model, "\(comment), step \(step)")
            }
        }
        #expect(tree.splits[.vertical, default: 0] > 0 || isNonUnique, comment)
    }

    @Test func branchesSplitAndTreesGetDeep() throws {
        var random = SeededRandom(seed: 12)
        let tree = MiniTree(.kibibytes4, isNonUnique: false)
        var model: [ModelNode] = []
        for step in 0..<500 {
            // Keys that differ late make separators long.
            let number = UInt16(truncatingIfNeeded: random.next())
            let key =
                [UInt8](repeating: UInt8(number >> 12), count: 150) + [UInt8(number >> 8), UInt8(number & 255), 0]
            let node = ModelNode(key, random.bytes(200 + random.below(400)))
            guard try tree.insert(node) else { continue }
            model.insert(node, at: model.place(of: node))
            if step % 100 == 99 { #expect(tree.walk("step \(step)") == model) }
        }
        #expect(tree.walk("end") == model)
        #expect(tree.splits[.vertical, default: 0] >= 2)
        #expect(tree.path(model[0].key, []).count >= 3)
    }

    @Test(arguments: writtenSizes) func appendedKeysFillPagesAndMoveNothing(_ size: PageSize) throws {
        let tree = MiniTree(size, isNonUnique: false)
        var model: [ModelNode] = []
        for number in 0..<(size.byteCount / 8) {
            let key: [UInt8] = [0x7f, 0x80, 0, 0, UInt8(number >> 8), UInt8(number & 255)]
            let node = ModelNode(key, [UInt8](repeating: 3, count: 40))
            #expect(try tree.insert(node))
            model.append(node)
        }
        #expect(tree.walk("size \(size)") == model)
        #expect(tree.splits[.append, default: 0] > 3 && tree.splits[.right] == nil)
        // All but the last are full, and share what keys have in common with the first of their page.
        let first = tree.page(tree.path(model[0].key, [])[1].number)
        #expect(first.freeByteCount < 60)
        let second = tree.page(first.next)
        #expect(second.prefix.byteCount == 6 && second.nodeFlags(1).contains(.compressed))
    }

    @Test func prependedKeysLeaveTheOtherPagesFull() throws {
        let tree = MiniTree(.kibibytes4, isNonUnique: false)
        for number in (0..<600).reversed() {
            let key: [UInt8] = [1, 2, 3, UInt8(number >> 8), UInt8(number & 255)]
            #expect(try tree.insert(ModelNode(key, [UInt8](repeating: 3, count: 40))))
        }
        let nodes = tree.walk("prepend")
        #expect(nodes.count == 600)
        // Pages of about 80 nodes of 48 bytes; halves would need twice as many.
        #expect(tree.pages.count < 10)
    }

    @Test func bestPrefixIsTheOneThatSavesMost() {
        var random = SeededRandom(seed: 41)
        for round in 0..<200 {
            let test = TestPage(.kibibytes4)
            var keys = Set<[UInt8]>()
            while keys.count < 2 + round % 20 {
                keys.insert((0..<(1 + random.below(9))).map { _ in UInt8(random.below(3)) } + [9])
            }
            let sorted = keys.sorted { $0.lexicographicallyPrecedes($1) }
            for (line, key) in sorted.enumerated() { test.insert(line, ModelNode(key, random.bytes(20))) }
            let new = ModelNode([5], [1])
            let plan = new.key.lend { key in
                new.data.lend { data in
                    SplitPlan.choose(
                        test.page, operation: .insert(key: BytePieces(key), data: BytePieces(data), flags: []),
                        at: sorted.count)
                }
            }
            guard let record = plan?.record else {
                Issue.record("no split")
                return
            }
            func savings(_ keys: ArraySlice<[UInt8]>, _ prefix: [UInt8]?) -> Int {
                guard let prefix else { return 0 }
                return keys.map { max(0, zip($0, prefix).prefix { $0 == $1 }.count - 2) }.reduce(-prefix.count, +)
            }
            let all = sorted + [new.key]
            for (part, line) in [
                (all[..<record.splitLine], record.prefixLineOfSource),
                (all[record.splitLine...], record.prefixLineOfNew),
            ] {
                let chosen = savings(part, line.map { part[part.startIndex + $0] })
                let best = part.map { savings(part, $0) }.max() ?? 0
                #expect(chosen == max(0, best), "round \(round)")
            }
        }
    }

    @Test func uncommittedFreeBytesAreKeptForTheirNodes() throws {
        var random = SeededRandom(seed: 8)
        for round in 0..<100 {
            let test = TestPage(.kibibytes4)
            var reserved: [Int] = []
            while true {
                let node = ModelNode([UInt8(reserved.count), 9, 9, 9], random.bytes(20 + random.below(80)))
                guard test.fits(node) else { break }
                test.insert(reserved.count, node)
                let more = random.oneIn(3) ? random.below(min(60, test.page.freeByteCount + 1)) : 0
                let most = test.page.freeByteCount - test.page.uncommittedFreeByteCount
                reserved.append(min(more, most))
                test.page.uncommittedFreeByteCount += reserved[reserved.count - 1]
            }
            let before = test.nodes
            let line = random.below(before.count)
            let data = random.bytes(before[line].data.count + reserved[line] + 100)
            try data.lend { data in
                let operation = SplitOperation.replace(data: BytePieces(data), flags: [.versioned])
                let plan = try #require(
                    SplitPlan.choose(test.page, operation: operation, at: line, reserved: { reserved[$0] }))
                var record = plan.record
                #expect(plan.performsOperation)
                record.page.page = test.number
                record.newPage = PageNumber(8)
                let new = TestPage(.kibibytes4, number: 8)
                try record.apply(source: test.page, new: new.page, right: nil, operation: operation)
                #expect(test.defect == nil && new.defect == nil, "round \(round)")
                var expected = before
                expected[line].data = data.array()
                expected[line].flags.insert(.versioned)
                #expect(test.nodes + new.nodes == expected)
                reserved[line] = 0
                #expect(test.page.uncommittedFreeByteCount == reserved[..<test.page.nodeCount].reduce(0, +))
                #expect(new.page.uncommittedFreeByteCount == reserved[test.page.nodeCount...].reduce(0, +))
            }
        }
    }

    @Test func recordsThatDoNotFitAreRefused() throws {
        var random = SeededRandom(seed: 99)
        let test = TestPage(.kibibytes4)
        var count = 0
        while test.fits(ModelNode([UInt8(count), 1, 2], [UInt8](repeating: 1, count: 90))) {
            test.insert(count, ModelNode([UInt8(count), 1, 2], [UInt8](repeating: 1, count: 90)))
            count += 1
        }
        let bytes = test.bytes
        let new = TestPage(.kibibytes4, number: 8)
        try ([1, 1, 3] as [UInt8]).lend { key in
            try [UInt8](repeating: 5, count: 90).lend { data in
                let operation = SplitOperation.insert(key: BytePieces(key), data: BytePieces(data), flags: [])
                var record = try #require(SplitPlan.choose(test.page, operation: operation, at: 2)).record
                record.page.page = test.number
                record.newPage = PageNumber(8)
                let encoded = record.encoded()
                var refused = 0
                for _ in 0..<4_000 {
                    var damaged = encoded
                    damaged[32 + random.below(damaged.count - 32)] = UInt8(truncatingIfNeeded: random.next())
                    if random.oneIn(9) { damaged.removeLast(random.below(20)) }
                    guard let decoded = try? SplitRecord(damaged.span.bytes) else { continue }
                    do {
                        try decoded.apply(source: test.page, new: new.page, right: nil, operation: operation)
                        #expect(test.page.check(number: test.number, keysAscend: false) == nil)
                    } catch {
                        #expect(error as? JetError == .logFileCorrupt)
                        #expect(test.bytes == bytes)
                        refused += 1
                    }
                    test.memory.copyBytes(from: bytes)
                }
                #expect(refused > 100)
            }
        }
    }

    @Test func separatorIsShort() {
        func between(_ a: ModelNode, _ b: ModelNode) -> [UInt8] {
            a.key.lend { aKey in
                a.data.lend { aData in
                    b.key.lend { bKey in
                        b.data.lend { bData in
                            PageSeparator.between(
                                key: BytePieces(aKey), data: BytePieces(aData), andKey: BytePieces(bKey),
                                data: BytePieces(bData))
                        }
                    }
                }
            }
        }
        #expect(between(ModelNode([1, 2, 3], []), ModelNode([1, 4, 5], [])) == [1, 4])
        #expect(between(ModelNode([1, 2], []), ModelNode([1, 2, 0, 9], [])) == [1, 2, 0])
        #expect(between(ModelNode([1, 2], [3, 4]), ModelNode([1, 2], [3, 6, 7])) == [1, 2, 3, 6])
    }
}
