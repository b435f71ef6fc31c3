// Trees that shrink: cleaning takes pages away, and nothing is lost by that, neither nodes nor pages. Rules B1 to B3
// and S1 after each run.

import ESEFormat
import ESETestKit
import PlatformIO
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct TreeMergeTests {
    private static let sizes: [PageSize] = [.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32]

    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
    }

    /// One committed transaction.
    private func transaction(_ fixture: TreeFixture, _ worker: Worker, _ body: () throws -> Void) throws {
        try worker.begin(fixture.versions)
        try body()
        _ = try worker.commit(fixture.versions, fixture.log)
    }

    private func fill(_ fixture: TreeFixture, _ tree: Tree, _ numbers: Range<Int>, byteCount: Int = 100) throws {
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try transaction(fixture, worker) {
            for number in numbers {
                try cursor.insert(Self.key(number), [UInt8](repeating: UInt8(number & 0xff), count: byteCount))
            }
        }
    }

    private func delete(_ fixture: TreeFixture, _ tree: Tree, _ numbers: some Sequence<Int>) throws {
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try transaction(fixture, worker) {
            for number in numbers {
                #expect(try cursor.seek(Self.key(number), .equal))
                try cursor.delete()
            }
            cursor.reset()
        }
    }

    private func keys(_ fixture: TreeFixture, _ tree: Tree) throws -> [[UInt8]] {
        try fixture.nodes(of: tree).map(\.key)
    }

    @Test(arguments: sizes, [0, 1, 2]) func treeWhoseRecordsAllGoIsOneEmptyLeaf(size: PageSize, order: Int) throws {
        let fixture = try TreeFixture(pageSize: size)
        let tree = try fixture.makeTree()
        let count = size == .kibibytes4 ? 6_000 : 2_000
        try fill(fixture, tree, 0..<count)
        let before = try fixture.pages(tree.root).count
        #expect(before > 4)
        var random = SeededRandom(seed: 5)
        switch order {
        case 0: try delete(fixture, tree, 0..<count)
        case 1: try delete(fixture, tree, (0..<count).reversed())
        default: try delete(fixture, tree, (0..<count).shuffled(using: &random))
        }
        fixture.clean()
        #expect(try fixture.pages(tree.root) == [tree.root.rawValue])
        #expect(try fixture.nodes(of: tree).isEmpty)
        let root = try fixture.database.latch(tree.root, .shared)
        #expect(root.page.isLeaf && root.page.nodeCount == 0)
        fixture.database.release(root)
        try fixture.checkSpace(of: fixture.root, children: [tree])
        // Its extents went back to the parent.
        #expect(try fixture.checkSpace(of: tree).count < 20)
        // It is as good as new.
        try fill(fixture, tree, 0..<500)
        #expect(try keys(fixture, tree) == (0..<500).map { Self.key($0) })
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test func cleaningOneByOneTakesPagesAwayToo() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        try fill(fixture, tree, 0..<2_000)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        for number in 0..<1_990 {
            try transaction(fixture, worker) {
                #expect(try cursor.seek(Self.key(number), .equal))
                try cursor.delete()
                cursor.reset()
            }
            fixture.clean()
        }
        #expect(try keys(fixture, tree) == (1_990..<2_000).map { Self.key($0) })
        #expect(try fixture.pages(tree.root).count <= 4)
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test(arguments: sizes) func sparsePagesAreMergedToTheRight(size: PageSize) throws {
        let fixture = try TreeFixture(pageSize: size)
        let tree = try fixture.makeTree()
        let count = min(size.byteCount, 8_192)
        try fill(fixture, tree, 0..<count)
        let before = try fixture.pages(tree.root).count
        try delete(fixture, tree, (0..<count).filter { $0 % 8 != 3 })
        fixture.clean()
        #expect(try keys(fixture, tree) == (0..<count).filter { $0 % 8 == 3 }.map { Self.key($0) })
        let after = try fixture.pages(tree.root).count
        #expect(after * 3 < before, "\(before) pages became \(after)")
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test func queuesDoNotMakeTheFileGrow() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        try fill(fixture, tree, 0..<1_000)
        var lastPage: UInt32 = 0
        for round in 0..<40 {
            try fill(fixture, tree, (1_000 + round * 250)..<(1_250 + round * 250))
            try delete(fixture, tree, (round * 250)..<(250 + round * 250))
            fixture.clean()
            if round == 10 { lastPage = fixture.database.lastPage }
        }
        #expect(fixture.database.lastPage == lastPage)
        #expect(try keys(fixture, tree) == (10_000..<11_000).map { Self.key($0) })
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test func snapshotsKeepPagesUntilTheyEnd() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        try fill(fixture, tree, 0..<1_000)
        let reader = fixture.makeWorker()
        let reading = TreeCursor(tree, reader)
        try reader.begin(fixture.versions, readOnly: true)
        try delete(fixture, tree, 0..<1_000)
        fixture.clean()
        #expect(try reading.all().count == 1_000)
        #expect(try reading.all(forward: false).count == 1_000)
        _ = try reader.commit(fixture.versions, fixture.log)
        fixture.clean()
        #expect(try fixture.pages(tree.root).count == 1)
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test func rolledBackInsertsLeaveNoPages() throws {
        let fixture = try TreeFixture()
        let tree = try fixture.makeTree()
        try fill(fixture, tree, 0..<50)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        for number in 50..<2_000 { try cursor.insert(Self.key(number), [UInt8](repeating: 1, count: 100)) }
        try worker.rollback(fixture.versions, fixture.log, fixture)
        fixture.clean()
        #expect(try keys(fixture, tree) == (0..<50).map { Self.key($0) })
        #expect(try fixture.pages(tree.root).count <= 6)
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func randomGrowthAndShrinkingEqualAModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &* 104_729)
        let size = Self.sizes[Int(seed % 4)]
        let fixture = try TreeFixture(pageSize: size, seed: seed, cachePages: seed % 2 == 0 ? 20 : 256)
        let isUnique = seed % 3 != 0
        let tree = try fixture.makeTree(
            flags: isUnique ? [] : [.index, .nonUnique], greatestKeyByteCount: size.byteCount / 8)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        var model: Set<[UInt8]> = []
        // Long common starts make long separators, so that there are several levels.
        let starts = (0..<30).map { [UInt8(60 + $0 % 7)] + [UInt8](repeating: UInt8($0), count: size.byteCount / 20) }
        for round in 0..<12 {
            let grows = round % 6 < 3
            try worker.begin(fixture.versions)
            var changed = model
            let sorted = model.sorted { $0.lexicographicallyPrecedes($1) }
            for _ in 0..<100 {
                if grows || changed.isEmpty || sorted.isEmpty {
                    let key =
                        starts[Int.random(in: 0..<30, using: &random)]
                        + Self.key(Int.random(in: 0..<1_000, using: &random))
                    if changed.contains(key) { continue }
                    changed.insert(key)
                    if isUnique {
                        try cursor.insert(key, [UInt8](repeating: 7, count: 1 + key.count % 90))
                    } else {
                        #expect(try cursor.insertsNew(key: Array(key.dropLast(8)), data: Array(key.suffix(8))))
                    }
                } else {
                    // A run of neighbours.
                    let first = Int.random(in: 0..<sorted.count, using: &random)
                    for key in sorted[first..<min(sorted.count, first + 12)] where changed.contains(key) {
                        let isThere = try key.lend { (key) throws(JetError) in
                            try cursor.go(
                                to: isUnique
                                    ? Bookmark(key: key) : Bookmark(key, keyByteCount: key.byteCount - 8))
                        }
                        #expect(isThere, "seed \(seed), round \(round)")
                        if isThere { try cursor.delete() }
                        changed.remove(key)
                    }
                }
            }
            cursor.reset()
            if Int.random(in: 0..<5, using: &random) == 0 {
                try worker.rollback(fixture.versions, fixture.log, fixture)
            } else {
                _ = try worker.commit(fixture.versions, fixture.log)
                model = changed
            }
            if round % 2 == 1 { fixture.clean() }
            let found: [[UInt8]] = try fixture.nodes(of: tree).map { isUnique ? $0.key : $0.key + $0.data }
            #expect(found == model.sorted { $0.lexicographicallyPrecedes($1) }, "seed \(seed), round \(round)")
            try fixture.checkSpace(of: fixture.root, children: [tree])
        }
        #expect(fixture.versions.brokenLink() == nil)
        try worker.begin(fixture.versions)
        while try cursor.first() { try cursor.delete() }
        _ = try worker.commit(fixture.versions, fixture.log)
        fixture.clean()
        fixture.clean()
        #expect(try fixture.pages(tree.root).count == 1, "seed \(seed)")
        try fixture.checkSpace(of: fixture.root, children: [tree])
    }

    // MARK: Redo.

    /// Growth and shrinking in turns, with rollbacks and pages written in between; the last transaction stays open.
    private func growAndShrink(_ fixture: TreeFixture, _ tree: Tree, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        for step in 0..<3_000 {
            let number = step / 600 % 2 == 0 ? Int.random(in: 0..<1_500, using: &random) : step * 37 % 1_500
            let key = Self.key(number)
            let isThere = try cursor.seek(key, .equal)
            cursor.release()
            if step / 600 % 2 == 0 {
                let data = [UInt8](repeating: UInt8(step & 0xff), count: Int.random(in: 1...200, using: &random))
                if isThere { try cursor.replace(data) } else { try cursor.insert(key, data) }
            } else if isThere {
                try cursor.delete()
            }
            if step % 50 == 49 {
                if step % 350 == 349 {
                    try worker.rollback(fixture.versions, fixture.log, fixture)
                } else {
                    _ = try worker.commit(fixture.versions, fixture.log)
                }
                try worker.begin(fixture.versions)
            }
            if step % 97 == 96 { fixture.clean() }
            if step % 61 == 60 { _ = try fixture.database.buffers.writeSome(targetPages: 5) }
        }
        let key = Self.key(1_600)
        try cursor.insert(key, [1])
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func redoOfMergesEndsWithThePagesInMemory(seed: UInt64) throws {
        let fixture = try TreeFixture(
            pageSize: seed == 4 ? .kibibytes16 : .kibibytes4, seed: seed, cachePages: seed % 2 == 0 ? 20 : 256,
            sectorByteCount: 4_096)
        let tree = try fixture.makeTree()
        try growAndShrink(fixture, tree, seed: seed)
        try fixture.log?.flush()
        let redo = TreeRedoTests()
        let fresh = try RedoPageStore(pageSize: fixture.database.pageSize)
        _ = try redo.redo(fixture.disk, on: fresh)
        try redo.compare(fixture, fresh, seed)
        for attempt in 0..<3 as Range<UInt64> {
            let after = fixture.disk.copy(seed: seed * 10 + attempt)
            _ = after.powerFailure(.any)
            let file = try after.open("/test.edb", .reading)
            let pages = try RedoPageStore(pageSize: fixture.database.pageSize, file: file)
            let open = try redo.redo(after, on: pages)
            #expect(open.count == 1, "seed \(seed)")
            try redo.compare(fixture, pages, seed)
            file.close()
        }
    }

    /// Pages that took nodes are lost in a power failure, those that the nodes left are not: what undoing takes must
    /// be in the log then.
    @Test(arguments: [false, true]) func undoInformationIsLoggedForNodesThatMoved(byMerge: Bool) throws {
        let fixture = try TreeFixture(sectorByteCount: 4_096)
        let tree = try fixture.makeTree()
        try fill(fixture, tree, 0..<100)
        try delete(fixture, tree, (0..<100).filter { $0 < 60 && $0 % 5 != 0 })
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try fixture.database.buffers.flush(fixture.database.slot)
        try worker.begin(fixture.versions)
        let number = byMerge ? 20 : 95
        #expect(try cursor.seek(Self.key(number), .equal))
        let before = cursor.data.array()
        try cursor.replace([1, 2, 3])
        cursor.reset()
        let old = try leaf(fixture, tree, number)
        if byMerge {
            fixture.clean()
        } else {
            for other in 200..<230 { try cursor.insert(Self.key(other), [UInt8](repeating: 1, count: 100)) }
            for other in 1_000..<1_040 { try cursor.insert(Self.key(90) + Self.key(other), [1] + Self.key(other)) }
        }
        let new = try leaf(fixture, tree, number)
        #expect(old != new, "the node moved")
        // All but that page is written.
        let held = try fixture.database.latch(new, .exclusive)
        _ = try fixture.database.buffers.writeSome(targetPages: 10_000)
        fixture.database.release(held)
        try fixture.file.file.sync()
        let after = fixture.disk.copy(seed: 1)
        _ = after.powerFailure(.any)
        let pages = try RedoPageStore(
            pageSize: fixture.database.pageSize, file: try after.open("/test.edb", .reading))
        let redo = TreeRedoTests()
        let open = try redo.redo(after, on: pages)
        let replaced = open.flatMap(\.operations).filter { $0.kind == .replace }
        #expect(replaced.map(\.before) == [before])
    }

    private func leaf(_ fixture: TreeFixture, _ tree: Tree, _ number: Int) throws -> PageNumber {
        try Self.key(number).lend { (key) throws(JetError) in
            let held = try tree.leaf(for: key, .shared)
            defer { fixture.database.release(held) }
            return held.number
        }
    }

    // MARK: Threads.

    /// Inserts and deletes keys of its own, in runs, and looks at everybody's fixed ones.
    private final class Churner: @unchecked Sendable {
        let fixture: TreeFixture
        let worker: Worker
        let cursor: TreeCursor
        let number: Int
        var random: SeededRandom

        init(_ fixture: TreeFixture, _ tree: Tree, _ number: Int, seed: UInt64) {
            self.fixture = fixture
            worker = fixture.makeWorker()
            cursor = TreeCursor(tree, worker)
            self.number = number
            random = SeededRandom(seed: seed &+ UInt64(number))
        }

        /// Keys between the fixed ones: fixed ones are multiples of 1,000.
        private func key(_ index: Int) -> [UInt8] { TreeMergeTests.key(index * 10 + number + 1) }

        func churn(_ rounds: Int) throws(JetError) {
            for round in 0..<rounds {
                let first = Int.random(in: 0..<1_800, using: &random)
                try worker.begin(fixture.versions)
                for index in first..<first + 120 where index % 100 != 0 {
                    try cursor.insert(key(index), [UInt8](repeating: 1, count: 60))
                }
                if round % 4 == 3 {
                    try worker.rollback(fixture.versions, fixture.log, fixture)
                    continue
                }
                _ = try worker.commit(fixture.versions, fixture.log)
                try worker.begin(fixture.versions)
                for index in first..<first + 120 where index % 100 != 0 {
                    guard try cursor.seek(key(index), .equal) else { throw .recordNotFound }
                    try cursor.delete()
                }
                cursor.reset()
                _ = try worker.commit(fixture.versions, fixture.log)
            }
        }

        /// A snapshot has every fixed key once, in order, whichever way it is read.
        func scan(_ rounds: Int, fixedCount: Int) throws(JetError) {
            for round in 0..<rounds {
                let forward = (round + number) % 2 == 0
                try worker.begin(fixture.versions, readOnly: true)
                var found: [Int] = []
                var last: Int?
                var isThere = try forward ? cursor.first() : cursor.last()
                while isThere {
                    let value = cursor.key.array().reduce(0) { $0 << 8 | Int($1) }
                    cursor.release()
                    if let last { #expect(forward ? value > last : value < last, "not in order") }
                    last = value
                    if value % 1_000 == 0 { found.append(value / 1_000) }
                    isThere = try forward ? cursor.next() : cursor.previous()
                }
                _ = try worker.commit(fixture.versions, fixture.log)
                let expected = forward ? Array(0..<fixedCount) : (0..<fixedCount).reversed()
                #expect(found == expected)
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func scansSeeEveryKeyOnceWhilePagesComeAndGo(seed: UInt64) throws {
        let fixture = try TreeFixture(seed: seed, cachePages: seed == 2 ? 40 : 256)
        let tree = try fixture.makeTree()
        let fixedCount = 20
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try transaction(fixture, worker) {
            for number in 0..<fixedCount { try cursor.insert(Self.key(number * 1_000), [9]) }
        }
        let failures = Locked<[JetError]>([])
        let isDone = Atomic(false)
        let churners = (0..<3).map { Churner(fixture, tree, $0, seed: seed * 100) }
        let scanners = (3..<5).map { Churner(fixture, tree, $0, seed: seed * 100) }
        var threads = try churners.map { churner in
            try Thread.start(name: "churner") {
                do throws(JetError) { try churner.churn(24) } catch { failures.withLock { $0.append(error) } }
            }
        }
        threads += try scanners.map { scanner in
            try Thread.start(name: "scanner") {
                do throws(JetError) {
                    try scanner.scan(24, fixedCount: fixedCount)
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
        }
        let cleaner = try Thread.start(name: "cleaner") {
            while !isDone.load(ordering: .acquiring) { fixture.clean() }
        }
        for thread in threads { thread.join() }
        isDone.store(true, ordering: .releasing)
        cleaner.join()
        #expect(failures.withLock { $0 }.isEmpty, "seed \(seed)")
        fixture.clean()
        fixture.clean()
        #expect(try keys(fixture, tree) == (0..<fixedCount).map { Self.key($0 * 1_000) }, "seed \(seed)")
        #expect(try fixture.pages(tree.root).count < 20, "seed \(seed)")
        try fixture.checkSpace(of: fixture.root, children: [tree])
        #expect(fixture.versions.brokenLink() == nil)
    }
}
