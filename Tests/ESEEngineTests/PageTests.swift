// Pages in memory against an array of nodes, and against pages that Windows wrote.

import ESEEngine
import ESEFormat
import Foundation
import PeerRig
import Primitives
import Testing

@Suite struct PageTests {
    @Test(arguments: writtenSizes) func freshPageIsEmptyAndValid(_ size: PageSize) {
        let test = TestPage(size)
        #expect(test.defect == nil)
        #expect(test.page.nodeCount == 0)
        #expect(test.page.freeByteCount == size.byteCount - size.headerByteCount - 4)
        #expect(test.page.usedByteCount == 0)
        #expect(test.page.ownNumber == (size.isLarge ? PageNumber(7) : nil))
        #expect(test.page.objectID == ObjectID(9) && test.page.databaseTime == DatabaseTime(1))
    }

    @Test(arguments: writtenSizes) func largestNodeFillsThePage(_ size: PageSize) {
        let test = TestPage(size)
        let node = ModelNode([1, 2, 3], [UInt8](repeating: 5, count: Page.largestNodeByteCount(size) - 5))
        #expect(test.fits(node))
        test.insert(0, node)
        #expect(test.page.freeByteCount == 0)
        #expect(test.defect == nil && test.nodes == [node])
        #expect(!test.fits(ModelNode([9], [1])))
        test.page.delete(at: 0)
        #expect(test.page.freeByteCount == size.byteCount - size.headerByteCount - 4)
        #expect(test.page.usedByteCount == 0)
    }

    @Test func prefixIsSharedFromThreeBytesOn() {
        let test = TestPage(.kibibytes4)
        ([1, 2, 3, 4] as [UInt8]).lend { test.page.setExternalHeader(BytePieces($0)) }
        let free = test.page.freeByteCount
        test.insert(0, ModelNode([1, 2, 3, 4, 5], [0]))
        #expect(test.page.freeByteCount == free - 4 - 4 - 1 - 1)
        #expect(test.page.nodeFlags(0) == [.compressed])
        test.insert(0, ModelNode([1, 2], [0]))
        #expect(test.page.nodeFlags(0) == [])
        #expect(test.page.freeByteCount == free - 10 - 4 - 2 - 2 - 1)
        #expect(test.nodes.map(\.key) == [[1, 2], [1, 2, 3, 4, 5]])
        ([1, 2, 3] as [UInt8]).lend { #expect(!test.page.canSetExternalHeader(BytePieces($0))) }
        ([1, 2, 3, 4, 4] as [UInt8]).lend { #expect(test.page.canSetExternalHeader(BytePieces($0))) }
    }

    @Test func rootHasNoPrefix() {
        let test = TestPage(.kibibytes4, flags: [.leaf, .root])
        ([1, 2, 3, 4] as [UInt8]).lend { test.page.setExternalHeader(BytePieces($0)) }
        test.insert(0, ModelNode([1, 2, 3, 4, 5], [0]))
        #expect(test.page.nodeFlags(0) == [])
        #expect(test.defect == nil)
    }

    @Test func flagsLeaveTheRestOfANodeAlone() {
        for size in writtenSizes {
            let test = TestPage(size)
            ([1, 2, 3, 4] as [UInt8]).lend { test.page.setExternalHeader(BytePieces($0)) }
            var node = ModelNode([1, 2, 3, 4, 5], [6, 7])
            test.insert(0, node)
            for bits in [3, 1, 2, 0] as [UInt8] {
                node.flags = NodeFlags(rawValue: bits)
                test.page.setNodeFlags(at: 0, node.flags)
                #expect(test.nodes == [node] && test.defect == nil)
                #expect(test.page.nodeFlags(0) == node.flags.union(.compressed))
            }
        }
    }

    @Test(arguments: writtenSizes, [1, 2, 3] as [UInt64])
    func randomChangesAgreeWithAnArray(_ size: PageSize, seed: UInt64) {
        var random = SeededRandom(seed: seed &* 977 &+ UInt64(size.byteCount))
        let isNonUnique = seed == 3
        let test = TestPage(size, flags: isNonUnique ? [.leaf, .index, .nonUnique] : [.leaf])
        let page = test.page
        if seed != 1 { ([0x7f, 0x80, 0, 0] as [UInt8]).lend { page.setExternalHeader(BytePieces($0)) } }
        let header = page.externalHeader.array()
        var model: [ModelNode] = []
        let most = size.byteCount / (seed == 2 ? 6 : 40)
        for step in 0..<1_500 {
            let comment: Comment = "size \(size), seed \(seed), step \(step)"
            switch random.below(10) {
            case 0...4:
                let flags = NodeFlags(rawValue: UInt8(random.below(4)))
                let node = ModelNode(random.key(), random.bytes(1 + random.below(most)), flags)
                let found = node.key.lend { key in
                    isNonUnique
                        ? node.data.lend { page.lowerBound(BytePieces(key), data: BytePieces($0)) }
                        : page.lowerBound(key)
                }
                let line = model.firstIndex { isNonUnique ? !($0 < node) : !($0 < ModelNode(node.key, [])) }
                #expect(found.line == line ?? model.count, comment)
                let isThere = line.map { model[$0].key == node.key && (!isNonUnique || model[$0].data == node.data) }
                #expect(found.isExact == isThere ?? false, comment)
                guard !found.isExact, test.fits(node) else { continue }
                test.insert(found.line, node)
                model.insert(node, at: found.line)
            case 5...6 where !model.isEmpty && !isNonUnique:
                let line = random.below(model.count)
                let data = random.bytes(1 + random.below(most))
                guard page.hasRoom(data.count - model[line].data.count) else { continue }
                model[line].data = data
                data.lend { page.replaceData(at: line, with: BytePieces($0.prefix(1), $0.dropFirst(1))) }
            case 7 where !model.isEmpty:
                let line = random.below(model.count)
                model[line].flags = NodeFlags(rawValue: UInt8(random.below(4)))
                page.setNodeFlags(at: line, model[line].flags)
            case 8 where !model.isEmpty:
                let line = random.below(model.count)
                model.remove(at: line)
                page.delete(at: line)
            case 9 where random.oneIn(8):
                page.compact()
                #expect(
                    page.usedByteCount == page.size.byteCount - page.size.headerByteCount
                        - 4 * (model.count + 1) - page.freeByteCount, comment)
            default: continue
            }
            #expect(test.defect == nil, comment)
            if test.defect != nil { return }
        }
        #expect(test.nodes == model, "size \(size), seed \(seed)")
        #expect(page.externalHeader.array() == header)
    }

    @Test func searchFindsChildrenByTheBranchRule() {
        let test = TestPage(.kibibytes4, flags: [.parentOfLeaf])
        ([1, 1, 1] as [UInt8]).lend { test.page.setExternalHeader(BytePieces($0)) }
        let keys: [[UInt8]] = [[0, 5], [1, 1, 1, 1], [1, 1, 1, 5], [1, 2], []]
        for (line, key) in keys.enumerated() { test.insert(line, ModelNode(key, [UInt8(line + 1), 0, 0, 0])) }
        #expect(test.defect == nil)
        let expected: [([UInt8], Int)] = [
            ([0], 0), ([0, 5], 1), ([0, 4, 9], 0), ([1, 1, 1, 1], 2), ([1, 1, 1], 1), ([1, 1], 1), ([1, 1, 2], 3),
            ([1, 2], 4), ([9], 4), ([], 0), ([1, 1, 1, 5, 0], 3),
        ]
        for (key, line) in expected {
            key.lend { bytes in
                #expect(test.page.childLine(for: bytes) == line, "\(key)")
                for cut in 0...key.count {
                    // A copy keeps the two pieces from being neighbours.
                    Array(key[cut...]).lend { rest in
                        #expect(test.page.childLine(for: BytePieces(bytes.prefix(cut), rest)) == line, "\(key)")
                    }
                }
            }
            #expect(test.page.child(line) == PageNumber(UInt32(line + 1)))
        }
        test.page.setChild(4, PageNumber(99))
        #expect(test.page.child(4) == PageNumber(99))
    }

    @Test func comparingBytesIsLexicographic() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<3_000 {
            let a = (0..<random.below(20)).map { _ in UInt8(random.below(2) * 255) }
            var b = random.oneIn(2) ? a : (0..<random.below(20)).map { _ in UInt8(random.below(2)) }
            if !b.isEmpty, random.oneIn(2) { b[random.below(b.count)] ^= 1 }
            if random.oneIn(3) { b.append(0) }
            let expected = a == b ? 0 : (a.lexicographicallyPrecedes(b) ? -1 : 1)
            let common = zip(a, b).prefix { $0 == $1 }.count
            a.lend { x in
                b.lend { y in
                    #expect(Bytes.compare(x, y).signum() == expected, "\(a) \(b)")
                    #expect(x.commonByteCount(with: y) == common)
                    let cut = random.below(b.count + 1)
                    Array(b[cut...]).lend { rest in
                        let pieces = BytePieces(y.prefix(cut), rest)
                        #expect(BytePieces.compare(BytePieces(x), pieces).signum() == expected, "\(a) \(b) \(cut)")
                        #expect(BytePieces(x).commonByteCount(with: pieces) == common)
                        #expect(pieces.array() == b)
                    }
                }
            }
        }
    }

    @Test(arguments: writtenSizes) func garbageNeverTraps(_ size: PageSize) {
        var random = SeededRandom(seed: 77)
        var passed = 0
        for round in 0..<300 {
            let test = TestPage(size)
            var node = 0
            while node < 40, random.below(50) > 0 {
                test.insert(node, ModelNode([9, UInt8(node), 1, 2], random.bytes(1 + random.below(30))))
                node += 1
            }
            let tagCount = test.page.nodeCount + 1
            for _ in 0..<(1 + random.below(4)) {
                // The header's counts, the tags and the first nodes are where it hurts.
                let place: Int
                switch random.below(3) {
                case 0: place = 28 + random.below(12)
                case 1: place = size.byteCount - 1 - random.below(4 * tagCount)
                default: place = size.headerByteCount + random.below(200)
                }
                test.memory[place] = UInt8(truncatingIfNeeded: random.next())
            }
            if round % 10 == 0 { test.memory.copyBytes(from: random.bytes(size.byteCount)) }
            guard test.defect == nil else { continue }
            passed += 1
            _ = test.nodes
            test.page.compact()
            #expect(test.defect == nil)
            while test.page.nodeCount > 0 { test.page.delete(at: 0) }
        }
        #expect(passed > 0)
    }

    @Test(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"))
    func pagesOfWindowsPassAndAreRebuilt() throws {
        var checked = 0
        for sample in ESESamples.databases {
            guard let byteCount = sample.pageSize, let size = PageSize(rawValue: byteCount),
                let file = FileManager.default.contents(atPath: sample.path)
            else { continue }
            for index in 2..<max(2, file.count / byteCount) {
                let bytes = [UInt8](file[(index * byteCount)..<((index + 1) * byteCount)])
                let number = PageNumber(UInt32(index - 1))
                guard case .valid = PageChecksum.verify(bytes.span.bytes, number: number, size: size) else { continue }
                let test = TestPage(size, number: number, bytes: bytes)
                if test.page.flags.contains(.empty) || test.page.flags.contains(.preInit) { continue }
                let comment: Comment = "\(sample.name), page \(number)"
                let defect = test.defect
                #expect(defect == nil, comment)
                if defect != nil { continue }
                checked += 1
                let rebuilt = TestPage(size, number: number.rawValue, flags: test.page.flags)
                rebuilt.page.setExternalHeader(BytePieces(test.page.externalHeader))
                for (line, node) in test.nodes.enumerated() {
                    let found = node.key.lend { key in
                        node.data.lend { data in
                            test.page.isNonUnique && test.page.isLeaf
                                ? test.page.lowerBound(BytePieces(key), data: BytePieces(data))
                                : test.page.lowerBound(key)
                        }
                    }
                    let isInfinity = node.key.isEmpty
                    #expect(isInfinity || found == FoundLine(line: line, isExact: true), comment)
                    rebuilt.insert(line, node)
                }
                #expect(rebuilt.nodes == test.nodes, comment)
                #expect(rebuilt.page.freeByteCount == test.page.freeByteCount, comment)
                #expect(rebuilt.defect == nil, comment)
            }
        }
        #expect(checked > 100)
    }
}
