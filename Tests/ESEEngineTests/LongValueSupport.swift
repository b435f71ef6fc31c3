// Support of the tests of deltas and long values: redo of the log compared with memory, values made of seeds.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

/// Redoes the whole log of a fixture on empty pages and compares them with those in memory.
struct RedoComparison {
    let fixture: TreeFixture

    init(_ fixture: TreeFixture) { self.fixture = fixture }

    /// What a page is but for its checksum, unused bytes and version bits.
    private struct PageState: Equatable {
        let time: UInt64
        let links: [UInt32]
        let flags: UInt32
        let header: [UInt8]
        let nodes: [[UInt8]]

        init(_ page: Page) {
            time = page.databaseTime.rawValue
            links = [page.previous.rawValue, page.next.rawValue, page.objectID.rawValue]
            flags = page.flags.subtracting([.newChecksum, .flushType]).rawValue
            header = page.externalHeader.array()
            nodes = (0..<page.nodeCount).map { line in
                let node = page.node(line)
                return [node.flags.rawValue & NodeFlags.deleted.rawValue] + node.key.array() + [0xff]
                    + node.data.array()
            }
        }
    }

    func expectSamePages(_ comment: String) throws {
        try fixture.log?.flush()
        let pages = try RedoPageStore(pageSize: fixture.database.pageSize)
        try redo(on: pages)
        var compared = 0
        for number in try fixture.checkSpace(of: fixture.root, children: fixture.trees) {
            guard let redone = try pages.page(PageNumber(number)),
                let held = try? fixture.database.latch(PageNumber(number), .shared)
            else { continue }
            let expected = PageState(held.page)
            fixture.database.release(held)
            #expect(PageState(redone) == expected, "\(comment), page \(number)")
            compared += 1
        }
        #expect(compared > 0, "\(comment)")
    }

    private func redo(on pages: RedoPageStore) throws {
        let disk = fixture.disk
        let transactions = RedoTransactions()
        let redo = PageRedo(pages, database: 1, transactions: transactions)
        var macros = RedoMacros()
        let names = try disk.list("/log").filter { $0.hasSuffix(".log") && !$0.contains("tmp") }
        for name in names.filter({ $0 != "edb.log" }).sorted() + ["edb.log"] {
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
    }
}

/// Bytes of values.
enum LongValueBytes {
    /// Noise.
    static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, used in
            for place in stride(from: 0, to: count, by: 8) {
                UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
                    .storeBytes(of: random.next(), toByteOffset: place, as: UInt64.self)
            }
            used = count
        }
    }

    /// What compresses well, and differs with the seed.
    static func text(_ count: Int, seed: UInt64) -> [UInt8] {
        let line = (0..<280).map { UInt8(0x30 + ($0 / 7 &+ Int(seed)) % 40) }
        var result: [UInt8] = []
        result.reserveCapacity(count + line.count)
        while result.count < count { result += line }
        result.removeLast(result.count - count)
        return result
    }
}

extension LongValues {
    func insert(_ bytes: [UInt8], isCompressed: Bool = false, _ worker: Worker) throws(JetError) -> LongValueID {
        try bytes.lend { (bytes) throws(JetError) in
            try insert(bytes.buffer, isCompressed: isCompressed, worker)
        }
    }

    func edit(
        _ id: LongValueID, _ operation: LongValueOperation, _ bytes: [UInt8], offset: Int = 0,
        isCompressed: Bool = false, _ worker: Worker
    ) throws(JetError) -> LongValueID {
        try bytes.lend { (bytes) throws(JetError) in
            try edit(
                id, operation, bytes.buffer, byteCount: bytes.byteCount, offset: offset, isCompressed: isCompressed,
                worker)
        }
    }

    func resize(
        _ id: LongValueID, to count: Int, isCompressed: Bool = false, _ worker: Worker
    ) throws(JetError)
        -> LongValueID
    {
        try edit(id, .resize, .none, byteCount: count, offset: 0, isCompressed: isCompressed, worker)
    }

    /// A whole value or a part of it.
    func bytes(
        of id: LongValueID, from offset: Int = 0, count: Int = .max, _ worker: Worker
    ) throws(JetError) -> [UInt8] {
        let size = try byteCount(of: id, worker)
        var result = [UInt8](repeating: 0xee, count: max(0, min(count, size - offset)))
        var failure: JetError?
        var read = 0
        result.withUnsafeMutableBytes { buffer in
            do throws(JetError) { read = try self.read(id, from: offset, into: buffer, worker) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        #expect(read == result.count)
        return result
    }
}

/// A database with a tree of long values.
struct LongValueFixture {
    let fixture: TreeFixture
    let values: LongValues

    init(
        pageSize: PageSize = .kibibytes4, seed: UInt64 = 1, cachePages: Int = 256, isLogged: Bool = true
    ) throws {
        fixture = try TreeFixture(pageSize: pageSize, seed: seed, cachePages: cachePages, isLogged: isLogged)
        let tree = try fixture.makeTree(flags: .longValue, greatestKeyByteCount: LongValues.greatestKeyByteCount)
        values = LongValues(tree: tree, chunkByteCount: pageSize.longValueChunkByteCount)
    }

    /// Runs in a transaction of a worker.
    func transaction<Result>(_ worker: Worker, _ body: () throws -> Result) throws -> Result {
        try worker.begin(fixture.versions)
        let result = try body()
        _ = try worker.commit(fixture.versions, fixture.log)
        return result
    }

    func rollback(_ worker: Worker) throws { try worker.rollback(fixture.versions, fixture.log, fixture) }

    /// Live nodes of the tree.
    func nodes() throws -> [(key: [UInt8], data: [UInt8])] { try fixture.nodes(of: values.tree) }

    /// The values on the pages as the format's own code puts them together, by ID, with their counts of references.
    func stored() throws -> [LongValueID: (count: UInt32, bytes: [UInt8])] {
        var result: [LongValueID: (count: UInt32, bytes: [UInt8])] = [:]
        var sizes: [LongValueID: Int] = [:]
        for node in try nodes() {
            let key = try LongValueKey(node.key.span.bytes)
            guard let offset = key.offset else {
                let root = try LongValueRoot(node.data.span.bytes)
                result[key.id] = (root.referenceCount, [])
                sizes[key.id] = Int(root.byteCount)
                continue
            }
            let size = try #require(sizes[key.id], "a chunk of \(key.id) without a root")
            #expect(result[key.id]?.bytes.count == Int(offset), "a chunk of \(key.id)")
            let expected: Int = min(values.chunkByteCount, size - Int(offset))
            let bytes =
                node.data.count == expected
                ? node.data : try Compression.expand(node.data.span.bytes, limit: expected)
            result[key.id]?.bytes += bytes
        }
        for (id, size) in sizes { #expect(result[id]?.bytes.count == size, "value \(id)") }
        return result
    }
}
