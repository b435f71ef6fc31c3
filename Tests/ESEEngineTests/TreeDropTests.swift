// Trees that are dropped: their pages are their parent's again, and others use them. Rule S1 after each step.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite struct TreeDropTests {
    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
    }

    private func change(
        _ fixture: TreeFixture, _ tree: Tree, _ worker: Worker, inserts: some Sequence<Int>, deletes: some Sequence<Int>
    ) throws {
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        for number in inserts { try cursor.insert(Self.key(number), [UInt8](repeating: 5, count: 120)) }
        for number in deletes where try cursor.seek(Self.key(number), .equal) { try cursor.delete() }
        cursor.reset()
        _ = try worker.commit(fixture.versions, fixture.log)
    }

    private func check(_ fixture: TreeFixture) throws {
        try fixture.checkSpace(of: fixture.root, children: fixture.trees.filter { $0.parent === fixture.root })
    }

    @Test(arguments: [false, true]) func tableTakesItsIndexesWithIt(withExtents: Bool) throws {
        let fixture = try TreeFixture()
        let worker = fixture.makeWorker()
        var lastPage: UInt32 = 0
        for round in 0..<8 {
            let table = try fixture.makeTree(pageCount: withExtents ? 8 : 1, withExtents: withExtents)
            let index = try fixture.makeTree(in: table, flags: .index)
            let values = try fixture.makeTree(in: table, flags: .longValue, pageCount: 3, withExtents: withExtents)
            for tree in [table, index, values] {
                try change(fixture, tree, worker, inserts: 0..<900, deletes: [])
            }
            try check(fixture)
            if round == 0 { lastPage = fixture.database.lastPage }
            if round % 2 == 0 { try fixture.database.buffers.flush(fixture.database.slot) }
            if round == 5 { try fixture.drop(index, .index) }
            if round == 5 { try check(fixture) }
            fixture.clean()
            try fixture.drop(table)
            try check(fixture)
            try table.drop(.table, deletedBy: fixture.versions.clock.newest, fixture.system)
            try check(fixture)
        }
        #expect(fixture.database.lastPage == lastPage, "pages are used again")
        let free = try fixture.checkSpace(of: fixture.root)
        #expect(free.count == Int(lastPage))
    }

    @Test func pagesOfDroppedTreesLeaveMemoryIfTheFileHasThem() throws {
        let fixture = try TreeFixture()
        let worker = fixture.makeWorker()
        let table = try fixture.makeTree(pageCount: 8, withExtents: true)
        try change(fixture, table, worker, inserts: 0..<900, deletes: [])
        let owned = try fixture.checkSpace(of: table)
        let buffers = fixture.database.buffers
        try buffers.flush(fixture.database.slot)
        let changed = try fixture.database.latch(table.root, .exclusive)
        try table.setExternalHeader(changed, changed.page.externalHeader.array(), fixture.system)
        fixture.database.release(changed)
        fixture.clean()
        try fixture.drop(table)
        let cached = owned.filter { buffers.isCached(fixture.database.slot, PageNumber($0)) }
        // The log has a change of the root that the file has not.
        #expect(cached == [table.root.rawValue])
        try buffers.flush(fixture.database.slot)
        try check(fixture)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func treesComeAndGoWithoutEnd(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &* 31_337)
        let fixture = try TreeFixture(
            pageSize: seed == 5 ? .kibibytes16 : .kibibytes4, seed: seed, cachePages: seed % 2 == 0 ? 24 : 256,
            sectorByteCount: 4_096)
        let worker = fixture.makeWorker()
        var lastPage: UInt32 = 0
        for step in 0..<160 {
            let tables = fixture.trees.filter { $0.parent === fixture.root }
            let some = fixture.trees.randomElement(using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2 where tables.count < 6:
                _ = try fixture.makeTree(
                    pageCount: UInt32.random(in: 3...9, using: &random), withExtents: Bool.random(using: &random))
            case 2 where fixture.trees.count < 14:
                if let table = tables.randomElement(using: &random) {
                    _ = try fixture.makeTree(
                        in: table, flags: .index, pageCount: UInt32.random(in: 1...3, using: &random))
                }
            case 3 where tables.count > 3:
                fixture.clean()
                if let table = tables.randomElement(using: &random) { try fixture.drop(table) }
            case 4:
                fixture.clean()
                if let some, some.parent !== fixture.root { try fixture.drop(some, .index) }
            case 5..<8:
                let first = Int.random(in: 0..<10, using: &random) * 100
                if let some {
                    let cursor = TreeCursor(some, worker)
                    try worker.begin(fixture.versions, readOnly: true)
                    let isThere = try cursor.seek(Self.key(first), .equal)
                    cursor.reset()
                    _ = try worker.commit(fixture.versions, fixture.log)
                    if !isThere { try change(fixture, some, worker, inserts: first..<first + 100, deletes: []) }
                }
            default:
                let first = Int.random(in: 0..<10, using: &random) * 100
                if let some { try change(fixture, some, worker, inserts: [], deletes: first..<first + 100) }
                fixture.clean()
            }
            try check(fixture)
            if step == 40 { lastPage = fixture.database.lastPage }
        }
        #expect(fixture.database.lastPage <= max(lastPage, 254) * 2, "seed \(seed)")
        for tree in fixture.trees { _ = try fixture.nodes(of: tree) }
        // The log says the same.
        try fixture.log?.flush()
        let redo = TreeRedoTests()
        let fresh = try RedoPageStore(pageSize: fixture.database.pageSize)
        _ = try redo.redo(fixture.disk, on: fresh)
        let after = fixture.disk.copy(seed: seed)
        _ = after.powerFailure(.any)
        let rest = try RedoPageStore(pageSize: fixture.database.pageSize, file: try after.open("/test.edb", .reading))
        _ = try redo.redo(after, on: rest)
        for tree in fixture.trees {
            for number in try fixture.pages(tree.root) {
                let held = try fixture.database.latch(PageNumber(number), .shared)
                defer { fixture.database.release(held) }
                let expected = TreeRedoTests.PageState(held.page)
                for store in [fresh, rest] {
                    let redone = try store.page(PageNumber(number)).map { TreeRedoTests.PageState($0) }
                    #expect(redone == expected, "seed \(seed), page \(number)")
                }
            }
        }
    }
}
