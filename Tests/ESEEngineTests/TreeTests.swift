// Trees against models: inserts, replaces, deletes, splits, snapshots, rollbacks; rules B1 to B3 and S1 after each run.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct TreeTests {
    static let sizes: [PageSize] = [.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32]

    private func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
    }

    private func keys(_ numbers: Range<Int>) -> [[UInt8]] { numbers.map { key($0) } }

    @Test(arguments: sizes) func ascendingInsertsFillPagesAndComeBackInOrder(size: PageSize) throws {
        let fixture = try TreeFixture(pageSize: size)
        let tree = try fixture.makeTree()
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        let count = 3_000
        try worker.begin(fixture.versions)
        for number in 0..<count {
            let data = [UInt8](repeating: UInt8(number & 0xff), count: 100)
            try cursor.insert(key(number), data)
        }
        _ = try worker.commit(fixture.versions, fixture.log)
        let nodes = try fixture.nodes(of: tree)
        let expected = keys(0..<count)
        let found: [[UInt8]] = nodes.map(\.key)
        #expect(found == expected)
        try fixture.checkSpace(of: fixture.root, children: [tree])
        try worker.begin(fixture.versions)
        #expect(try cursor.all().count == count)
        let backwards: [[UInt8]] = try cursor.all(forward: false).map(\.key)
        #expect(backwards == Array(expected.reversed()))
        _ = try worker.commit(fixture.versions, fixture.log)
        // Appended pages are full but for the rest that holds no node.
        let pages = try fixture.checkSpace(of: tree)
        let limit: Int = count * 260 + 64 * size.byteCount
        #expect(pages.count * size.byteCount < limit)
    }

    /// Inserts so many rows of 100 bytes of each group, whose keys begin alike, all groups in turn.
    private func bytesOfPages(groups: Int, rows: Int, size: PageSize) throws -> Int {
        let fixture = try TreeFixture(pageSize: size)
        let tree = try fixture.makeTree()
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        for row in 0..<rows {
            try worker.begin(fixture.versions)
            for group in 0..<groups {
                let data = [UInt8](repeating: UInt8(group & 0xff), count: 100)
                try cursor.insert(key(group) + key(row), data)
            }
            _ = try worker.commit(fixture.versions, fixture.log)
        }
        fixture.clean()
        let found: [[UInt8]] = try fixture.nodes(of: tree).map(\.key)
        let expected = (0..<groups).flatMap { group in (0..<rows).map { key(group) + key($0) } }
        #expect(found == expected)
        try fixture.checkSpace(of: fixture.root, children: [tree])
        return try fixture.pages(tree.root).count * size.byteCount
    }

    @Test(arguments: [.kibibytes4, .kibibytes8] as [PageSize])
    func groupsThatGrowAtTheirEndsFillTheirPages(size: PageSize) throws {
        let bytes = try bytesOfPages(groups: 10, rows: 400, size: size)
        // 120 bytes a node, a page of each group that is not full yet, and the branches. Halves would be 1 MB.
        #expect(bytes < 10 * 400 * 120 + 20 * size.byteCount, "\(bytes) bytes")
    }

    @Test(arguments: [.kibibytes4, .kibibytes8] as [PageSize])
    func shortGroupsSharePages(size: PageSize) throws {
        let bytes = try bytesOfPages(groups: 500, rows: 3, size: size)
        // Half full.
        #expect(bytes < 500 * 3 * 120 * 2 + 4 * size.byteCount, "\(bytes) bytes")
    }

    private func datas(_ cursor: TreeCursor) throws -> [[UInt8]] { try cursor.all().map(\.data) }

    @Test func oneSessionSeesItsChangesAndOthersTheirSnapshots() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        let (writer, reader) = (fixture.makeWorker(), fixture.makeWorker())
        let (writing, reading) = (TreeCursor(tree, writer), TreeCursor(tree, reader))
        try writer.begin(fixture.versions)
        for number in 0..<50 { try writing.insert(key(number), [1]) }
        _ = try writer.commit(fixture.versions, fixture.log)

        let snapshot = [[UInt8]](repeating: [1], count: 50)
        try reader.begin(fixture.versions)
        try writer.begin(fixture.versions)
        for number in 50..<60 { try writing.insert(key(number), [2]) }
        #expect(try writing.seek(key(7), .equal))
        try writing.replace([9, 9, 9])
        #expect(try writing.seek(key(8), .equal))
        try writing.delete()
        writing.reset()
        #expect(try datas(reading) == snapshot)
        _ = try writer.commit(fixture.versions, fixture.log)
        #expect(try datas(reading) == snapshot)
        // Rule V2: what came after the snapshot can't be changed.
        #expect(try reading.seek(key(7), .equal))
        #expect(throws: JetError.writeConflict) { try reading.replace([3]) }
        #expect(throws: JetError.writeConflict) { try reading.insert(key(55), [3]) }
        #expect(throws: JetError.keyDuplicate) { try reading.insert(key(5), [3]) }
        _ = try reader.commit(fixture.versions, fixture.log)
        try reader.begin(fixture.versions)
        #expect(try reading.all().count == 59)
        #expect(try reading.seek(key(7), .equal))
        #expect(reading.data.array() == [9, 9, 9])
        reading.reset()
        _ = try reader.commit(fixture.versions, fixture.log)
        fixture.clean()
        #expect(try fixture.nodes(of: tree).count == 59)
        #expect(fixture.versions.brokenLink() == nil)
    }

    /// Runs random transactions of one session with savepoints against a dictionary, for all page sizes.
    @Test(arguments: sizes, [1, 2, 3, 4] as [UInt64])
    func randomTransactionsEqualAModel(size: PageSize, seed: UInt64) throws {
        var random = SeededRandom(seed: seed &* 7_919)
        let fixture = try TreeFixture(pageSize: size, seed: seed, cachePages: seed % 2 == 0 ? 16 : 256)
        let tree = try fixture.makeTree()
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        var levels: [[[UInt8]: [UInt8]]] = [[:]]

        func someKey() -> [UInt8] {
            let number = Int.random(in: 0..<600, using: &random)
            var key = Array("k\(number % 7)".utf8)
            key += [UInt8](repeating: 0x41, count: number % 40)
            key += self.key(number)
            return key
        }
        func someData() -> [UInt8] {
            let count = Int.random(in: 1...(size.byteCount / 9), using: &random)
            return [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
        }
        for step in 0..<1_500 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<8 where levels.count <= 7:
                try worker.begin(fixture.versions)
                levels.append(levels[levels.count - 1])
            case 8..<14 where levels.count > 1:
                _ = try worker.commit(fixture.versions, fixture.log)
                let top = levels.removeLast()
                levels[levels.count - 1] = top
            case 14..<18 where levels.count > 1:
                try worker.rollback(fixture.versions, fixture.log, fixture)
                levels.removeLast()
            case 18..<22: fixture.clean()
            default:
                guard levels.count > 1 else { continue }
                let top = levels.count - 1
                let key = someKey()
                let isThere = try cursor.seek(key, .equal)
                #expect(isThere == (levels[top][key] != nil), "seed \(seed), step \(step)")
                if isThere { #expect(cursor.data.array() == levels[top][key], "seed \(seed), step \(step)") }
                cursor.release()
                let data = someData()
                if !isThere {
                    try cursor.insert(key, data)
                    levels[top][key] = data
                } else if Bool.random(using: &random) {
                    try cursor.replace(data)
                    levels[top][key] = data
                } else {
                    try cursor.delete()
                    levels[top][key] = nil
                }
            }
        }
        while levels.count > 1 {
            try worker.rollback(fixture.versions, fixture.log, fixture)
            levels.removeLast()
        }
        let expected = levels[0].sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let nodes = try fixture.nodes(of: tree)
        let expectedKeys: [[UInt8]] = expected.map(\.key)
        let expectedData: [[UInt8]] = expected.map(\.value)
        let foundKeys: [[UInt8]] = nodes.map(\.key)
        let foundData: [[UInt8]] = nodes.map(\.data)
        #expect(foundKeys == expectedKeys, "seed \(seed)")
        #expect(foundData == expectedData, "seed \(seed)")
        let backwards: [[UInt8]] = try cursor.all(forward: false).map(\.key)
        #expect(backwards == Array(expectedKeys.reversed()), "seed \(seed)")
        fixture.clean()
        try fixture.checkSpace(of: fixture.root, children: [tree])
        #expect(fixture.versions.brokenLink() == nil)
    }

    private func bookmark(_ cursor: TreeCursor) -> [UInt8] { cursor.key.array() + cursor.data.array() }

    @Test(arguments: [1, 2, 3] as [UInt64]) func treesThatAreNotUniqueOrderByKeyAndData(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let fixture = try TreeFixture(seed: seed)
        let tree = try fixture.makeTree(flags: [.index, .nonUnique])
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        var model: Set<[UInt8]> = []
        for _ in 0..<2_000 {
            let key = Array("key \(Int.random(in: 0..<6, using: &random))".utf8)
            let data = self.key(Int.random(in: 0..<5_000, using: &random))
            let isNew = model.insert(key + data).inserted
            #expect(try cursor.insertsNew(key: key, data: data) == isNew)
        }
        let sorted = model.sorted { $0.lexicographicallyPrecedes($1) }
        let found: [[UInt8]] = try cursor.all().map { $0.key + $0.data }
        #expect(found == sorted)
        for number in 0..<6 {
            let key = Array("key \(number)".utf8)
            #expect(try cursor.seek(key, .equal))
            let first = sorted.first { $0.starts(with: key) }
            #expect(bookmark(cursor) == first)
            #expect(try cursor.seek(key, .lessOrEqual))
            let last = sorted.last { $0.starts(with: key) }
            #expect(bookmark(cursor) == last)
            #expect(try cursor.seek(key, .greater) == (number < 5))
        }
        cursor.reset()
        _ = try worker.commit(fixture.versions, fixture.log)
        _ = try fixture.nodes(of: tree)
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }
}
