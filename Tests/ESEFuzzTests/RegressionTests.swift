// Layer: ESEFuzzTests. Tests: what fuzzing and looking for hostile files found, each by its name.

import ESEFormat
import ESETestKit
import PlatformIO
import Synchronization
import Testing

@testable import ESEReader

@Suite struct RegressionTests {
    @Test("an index whose records can't be reached reads the bad page once, not for every entry")
    func badPageBehindIndex() throws {
        var table = TableDescription("Many")
        table.addColumn("Id", .long)
        table.addColumn("Name", .text)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        table.addIndex("ByName", on: ["Name"])
        for number in 0..<400 {
            table.addRow(["Id": .value(.signed(Int64(number))), "Name": .value(.text("name \(number)"))])
        }
        var builder = DatabaseBuilder()
        builder.tables.append(table)
        var bytes = try builder.build()
        let root = try ESEDatabase(readingFrom: MemorySource(bytes)).table("Many").definition.rootPage
        // Many wrong bits: no repair.
        let start = Int(builder.pageSize.fileOffset(of: root))
        for place in (start + 100)..<(start + 200) { bytes[place] ^= 0x5a }
        let source = CountedReads(bytes)
        let database = try ESEDatabase(readingFrom: source)
        let rows = try database.table("Many").rows(inOrderOf: "ByName")
        let before = source.count.load(ordering: .relaxed)
        while rows.next() {}
        #expect(!database.damage.isEmpty)
        #expect(source.count.load(ordering: .relaxed) - before < 40)
    }

    @Test("rows of the catalog that come twice make no column twice")
    func doubledCatalogRows() throws {
        func row(_ kind: CatalogRowKind, _ id: UInt32, _ type: UInt32) -> CatalogRow {
            CatalogRow(tableID: ObjectID(2), kind: kind, id: id, typeOrPage: type, name: "A\(id)")
        }
        // The catalog's own fixed columns are laid out one behind the other: with 16 bytes each, 4,096 times, their
        // offsets would not fit.
        let column = row(.column, 1, UInt32(ColumnType.guid.rawValue))
        let rows = [row(.table, 2, PageNumber.catalog.rawValue)] + Array(repeating: column, count: 5_000)
        let tables = Catalog.tables(of: rows)
        #expect(tables.count == 1)
        #expect(tables.first?.columns.count == 1)
    }

    @Test("a long value of chunks without a size comes to an end")
    func emptyChunks() throws {
        // The root of the value, then a page with an empty chunk at 0 that is followed by itself.
        let size = PageSize.kibibytes4
        let id = LongValueID(7)
        let flags: PageFlags = [.leaf, .longValue, .newRecordFormat, .newChecksum]
        var root = PageBuilder(size: size, flags: flags.union(.root), objectID: ObjectID(9))
        var chunk = PageBuilder(size: size, flags: flags, objectID: ObjectID(9))
        root.next = PageNumber(2)
        chunk.next = PageNumber(2)
        let space = SpaceHeader(singleExtentOf: 2, parent: .databaseRoot, availableBits: 0).encoded()
        let hasHeader = root.setExternalHeader(space.span.bytes)
        #expect(hasHeader)
        let value = LongValueRoot(referenceCount: 1, byteCount: 100).bytes
        let (key, chunkKey, nothing) = (id.keyBytes, id.chunkKey(at: 0), [UInt8]())
        let hasRoot = root.append(key: key.span.bytes, data: value.span.bytes)
        let hasChunk = chunk.append(key: chunkKey.span.bytes, data: nothing.span.bytes)
        #expect(hasRoot && hasChunk)
        var bytes = [UInt8](repeating: 0, count: 2 * size.byteCount)
        for (builder, number) in [(root, PageNumber(1)), (chunk, PageNumber(2))] {
            var page = builder.bytes(number: number)
            try PageChecksum.seal(&page, number: number, size: size)
            bytes += page
        }
        let log = DamageLog()
        let store = PageStore(MemorySource(bytes), size: size, cacheByteLimit: 1 << 20, log: log)
        let tree = Tree(TreeIdentity(root: PageNumber(1), objectID: ObjectID(9)), store: store, log: log)
        var output: [UInt8] = []
        #expect(throws: LongValueProblem.self) {
            try LongValues(tree, chunkByteCount: 0).read(id, into: &output, limit: 1 << 20)
        }
    }

    @Test("children beyond the end are told and lead nowhere")
    func childrenBeyondEnd() throws {
        let size = PageSize.kibibytes4
        var root = PageBuilder(size: size, flags: [.root, .parentOfLeaf, .newChecksum], objectID: ObjectID(9))
        let space = SpaceHeader(singleExtentOf: 1, parent: .databaseRoot, availableBits: 0).encoded()
        let hasHeader = root.setExternalHeader(space.span.bytes)
        #expect(hasHeader)
        for number in 0..<100 as Range<UInt32> {
            let child = (0..<4).map { UInt8(truncatingIfNeeded: (0x100_0000 + number * 4_096) >> (8 * $0)) }
            let key = [UInt8(number)]
            let isAppended = root.append(key: key.span.bytes, data: child.span.bytes)
            #expect(isAppended)
        }
        var page = root.bytes(number: PageNumber(1))
        try PageChecksum.seal(&page, number: PageNumber(1), size: size)
        let source = CountedReads([UInt8](repeating: 0, count: 2 * size.byteCount) + page)
        let log = DamageLog()
        let store = PageStore(source, size: size, cacheByteLimit: 1 << 20, log: log)
        let tree = Tree(TreeIdentity(root: PageNumber(1), objectID: ObjectID(9)), store: store, log: log)
        let scan = LeafScan(tree) { LeafDirectory(store) }
        #expect(scan.next() == nil)
        #expect(log.kept.filter { $0.reason == .page(.beyondEnd) }.count == 100)
        #expect(source.count.load(ordering: .relaxed) <= 2)
    }

    @Test("chunks that are expanded one behind the other don't copy what is there each time")
    func growth() throws {
        let plain = (0..<4_000).map { UInt8(truncatingIfNeeded: $0 / 10) }
        let chunk = TestCompression.xpress(plain.span.bytes)
        var output: [UInt8] = []
        var growths = 0
        for _ in 0..<1_000 {
            let before = output.capacity
            try Compression.expand(chunk.span.bytes, into: &output, limit: 4_000)
            if output.capacity != before { growths += 1 }
        }
        #expect(output.count == 4_000_000)
        #expect(growths < 30)
    }
}

/// Bytes in memory that count how often they are asked for.
private final class CountedReads: DatabaseSource {
    let count = Atomic<Int>(0)
    private let memory: MemorySource

    init(_ bytes: [UInt8]) { memory = MemorySource(bytes) }

    var name: String { memory.name }
    var byteCount: UInt64 { memory.byteCount }

    func read(at offset: UInt64, into bytes: inout [UInt8], count wanted: Int) throws(IOError) -> Int {
        count.add(1, ordering: .relaxed)
        return try memory.read(at: offset, into: &bytes, count: wanted)
    }
}
