// The log of trees says all that happened to their pages: redone from nothing, and on what a power failure left of the
// file, it ends with the pages that were in memory.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite struct TreeRedoTests {
    private static func key(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) } }

    /// What a page is but for its checksum and unused bytes.
    struct PageState: Equatable {
        var time: UInt64
        var links: [UInt32]
        var flags: UInt32
        var header: [UInt8]
        var nodes: [[UInt8]]

        init(_ page: Page) {
            time = page.databaseTime.rawValue
            links = [page.previous.rawValue, page.next.rawValue, page.objectID.rawValue]
            flags = page.flags.subtracting([.newChecksum, .flushType]).rawValue
            header = page.externalHeader.array()
            nodes = (0..<page.nodeCount).map { line in
                let node = page.node(line)
                // Whether there are versions of a node is nothing that survives.
                let bits: UInt8 = node.flags.rawValue & NodeFlags.deleted.rawValue
                return [bits] + node.key.array() + [0xff] + node.data.array()
            }
        }
    }

    /// Random transactions; some are rolled back, the last one stays open.
    func work(_ fixture: TreeFixture, _ tree: Tree, seed: UInt64, steps: Int) throws {
        var random = SeededRandom(seed: seed)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        try worker.begin(fixture.versions)
        for step in 0..<steps {
            let key = Self.key(Int.random(in: 0..<900, using: &random))
            let count = Int.random(in: 1...400, using: &random)
            let data = [UInt8](repeating: UInt8(step & 0xff), count: count)
            let isThere = try cursor.seek(key, .equal)
            cursor.release()
            if !isThere {
                try cursor.insert(key, data)
            } else if step % 3 == 0 {
                try cursor.delete()
            } else {
                try cursor.replace(data)
            }
            if step % 40 == 39 {
                if step % 120 == 119 {
                    try worker.rollback(fixture.versions, fixture.log, fixture)
                } else {
                    _ = try worker.commit(fixture.versions, fixture.log)
                }
                try worker.begin(fixture.versions)
            }
            if step % 97 == 96 { fixture.clean() }
            if step % 61 == 60 { _ = try fixture.database.buffers.writeSome(targetPages: 5) }
        }
    }

    /// Redoes all logs of a disk on pages; the sessions that are open at the end.
    func redo(_ disk: SimulatedDisk, on pages: RedoPageStore) throws -> [RedoneTransaction] {
        let transactions = RedoTransactions()
        let redo = PageRedo(pages, database: 1, transactions: transactions)
        var macros = RedoMacros()
        let names = try disk.list("/log").filter { $0.hasSuffix(".log") && !$0.contains("tmp") }
        let closed = names.filter { $0 != "edb.log" }.sorted()
        for name in closed + ["edb.log"] {
            let bytes = disk.contents("/log/\(name)") ?? []
            let header = try LogHeader(decoding: bytes.span.bytes)
            var reader = LogReader(
                LogFileBytes(bytes), generation: header.generation, sectorCount: UInt16(bytes.count / 4_096))
            reader.endsAtDamage = name == "edb.log"
            while let position = try reader.next() {
                let record = try reader.decode()
                let raw = [UInt8](reader.bytes)
                try raw.lend { (bytes) throws(RedoError) in
                    let item = RedoRecord(record, bytes, at: position, end: position)
                    switch record {
                    case .begin(let record): transactions.begin(record, at: position)
                    case .commit(let record): transactions.commit(record)
                    case .commit0(let record): transactions.commit(record)
                    case .rollback(let record): transactions.rollback(record)
                    case .macro(let record) where record.type == .macroBegin: macros.begin(record)
                    case .macro(let record):
                        try macros.end(record)?.withRecords { (records) throws(RedoError) in
                            try redo.apply(macro: records)
                        }
                    default: if !macros.take(item) { try redo.apply(item) }
                    }
                }
            }
        }
        return transactions.open
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func redoFromNothingEndsWithThePagesInMemory(seed: UInt64) throws {
        let fixture = try TreeFixture(pageSize: seed > 4 ? .kibibytes16 : .kibibytes4, seed: seed)
        let tree = try fixture.makeTree()
        try work(fixture, tree, seed: seed, steps: 900)
        try fixture.log?.flush()
        let pages = try RedoPageStore(pageSize: fixture.database.pageSize)
        let open = try redo(fixture.disk, on: pages)
        #expect(open.count == 1 && open.allSatisfy { $0.operations.allSatisfy(\.isComplete) }, "seed \(seed)")
        try compare(fixture, pages, seed)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func redoAfterAPowerFailureEndsWithThePagesInMemory(seed: UInt64) throws {
        // Torn pages are another matter: here a page is written whole or not.
        let fixture = try TreeFixture(seed: seed, cachePages: seed % 2 == 0 ? 16 : 256, sectorByteCount: 4_096)
        let tree = try fixture.makeTree()
        try work(fixture, tree, seed: seed &+ 50, steps: 900)
        try fixture.log?.flush()
        let after = fixture.disk.copy(seed: seed)
        _ = after.powerFailure(.any)
        let file = try after.open("/test.edb", .reading)
        let pages = try RedoPageStore(pageSize: fixture.database.pageSize, file: file)
        let open = try redo(after, on: pages)
        #expect(open.count == 1 && open.allSatisfy { $0.operations.allSatisfy(\.isComplete) }, "seed \(seed)")
        try compare(fixture, pages, seed)
    }

    func compare(_ fixture: TreeFixture, _ pages: RedoPageStore, _ seed: UInt64) throws {
        let owned = try fixture.checkSpace(of: fixture.root, children: fixture.trees)
        var compared = 0
        for number in owned {
            let number = PageNumber(number)
            guard let redone = try pages.page(number) else { continue }
            let held: HeldPage
            do { held = try fixture.database.latch(number, .shared) } catch { continue }
            let expected = PageState(held.page)
            fixture.database.release(held)
            #expect(PageState(redone) == expected, "seed \(seed), page \(number)")
            compared += 1
        }
        #expect(compared > 10, "seed \(seed)")
    }
}
