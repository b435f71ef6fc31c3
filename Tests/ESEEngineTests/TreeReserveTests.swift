// What a page keeps free for rollbacks: the node itself may grow into it, commits give it back, and nodes as large as a
// page's half come back whole whatever was done since.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct TreeReserveTests {
    private func bytes(_ count: Int, _ value: Int = 1) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: count)
    }

    @Test func aNodeMayGrowBackIntoWhatItKeepsForItsRollback() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        try cursor.insert([1], bytes(4_000))
        _ = try worker.commit(fixture.versions, fixture.log)
        try worker.begin(fixture.versions)
        for (step, count) in [10, 3_000, 1, 4_000, 20, 4_014, 5].enumerated() {
            #expect(try cursor.seek([1], .equal))
            cursor.release()
            try cursor.replace(bytes(count, step))
        }
        // Nobody else gets it.
        try cursor.insert([2], bytes(3_000))
        #expect(try cursor.seek([1], .equal))
        cursor.release()
        try cursor.delete()
        try cursor.insert([1], bytes(3_500, 8))
        try worker.rollback(fixture.versions, fixture.log, fixture)
        let nodes = try fixture.nodes(of: tree)
        #expect(nodes.count == 1 && nodes[0].data == bytes(4_000))
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test func aCommitGivesThePageItsRoomBack() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        try cursor.insert([1], bytes(3_900))
        _ = try worker.commit(fixture.versions, fixture.log)
        try worker.begin(fixture.versions)
        #expect(try cursor.seek([1], .equal))
        cursor.release()
        try cursor.replace(bytes(10))
        _ = try worker.commit(fixture.versions, fixture.log)
        // All on one page, which is the root still.
        try worker.begin(fixture.versions)
        for number in 2...31 { try cursor.insert([UInt8(number)], bytes(100)) }
        _ = try worker.commit(fixture.versions, fixture.log)
        let held = try fixture.database.latch(tree.root, .shared)
        #expect(held.page.isLeaf && held.page.nodeCount == 31)
        fixture.database.release(held)
    }

    /// Records of up to a whole page that shrink, grow, go and come, with savepoints, against a dictionary.
    @Test(arguments: [PageSize.kibibytes4, .kibibytes16], [1, 2, 3, 4, 5, 6] as [UInt64])
    func largeRecordsEqualAModel(size: PageSize, seed: UInt64) throws {
        var random = SeededRandom(seed: seed &* 48_271 &+ UInt64(size.byteCount))
        let fixture = try TreeFixture(pageSize: size, seed: seed, cachePages: 64)
        let tree = try fixture.makeTree(greatestKeyByteCount: 12)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        let most = size.longValueChunkByteCount
        var levels: [[UInt8: [UInt8]]] = [[:]]
        for step in 0..<600 {
            let choice = Int.random(in: 0..<20, using: &random)
            if choice == 0, levels.count < 5 || levels.count == 1 {
                try worker.begin(fixture.versions)
                levels.append(levels[levels.count - 1])
            } else if choice == 1, levels.count > 1 {
                _ = try worker.commit(fixture.versions, fixture.log)
                let top = levels.removeLast()
                levels[levels.count - 1] = top
            } else if choice == 2, levels.count > 1 {
                try worker.rollback(fixture.versions, fixture.log, fixture)
                levels.removeLast()
            } else if choice == 3 {
                fixture.clean()
            } else if levels.count > 1 {
                let key = UInt8.random(in: 0..<24, using: &random)
                let limit = Bool.random(using: &random) ? most : 200
                let data = bytes(Int.random(in: 1...limit, using: &random), step)
                let isThere = try cursor.seek([key], .equal)
                cursor.release()
                #expect(isThere == (levels[levels.count - 1][key] != nil), "seed \(seed), step \(step)")
                if !isThere {
                    try cursor.insert([key], data)
                    levels[levels.count - 1][key] = data
                } else if choice < 7 {
                    try cursor.delete()
                    levels[levels.count - 1][key] = nil
                } else {
                    try cursor.replace(data)
                    levels[levels.count - 1][key] = data
                }
            }
            if step % 50 == 49 {
                var found: [UInt8: [UInt8]] = [:]
                for node in try fixture.nodes(of: tree) { found[node.key[0]] = node.data }
                let isSame: Bool = found == levels[levels.count - 1]
                #expect(isSame, "seed \(seed), step \(step)")
            }
        }
        while worker.transaction.level > 0 {
            try worker.rollback(fixture.versions, fixture.log, fixture)
            levels.removeLast()
        }
        var found: [UInt8: [UInt8]] = [:]
        for node in try fixture.nodes(of: tree) { found[node.key[0]] = node.data }
        let isSame: Bool = found == levels[0]
        #expect(isSame, "seed \(seed)")
        try fixture.checkSpace(of: fixture.root, children: [tree])
        try RedoComparison(fixture).expectSamePages("seed \(seed)")
    }
}
