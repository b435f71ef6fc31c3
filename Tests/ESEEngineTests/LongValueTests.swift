// Long values of one session: what is stored is what the format says, and every change gives what an array gives.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct LongValueTests {
    static let sizes: [PageSize] = [.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32]

    @Test(arguments: sizes, [false, true]) func valuesComeBackWholeAndInParts(size: PageSize, isCompressed: Bool) throws
    {
        let fixture = try LongValueFixture(pageSize: size)
        let values = fixture.values
        let chunk = values.chunkByteCount
        let worker = fixture.fixture.makeWorker()
        let counts: [Int] = [0, 1, 100, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 7]
        var expected: [LongValueID: [UInt8]] = [:]
        for (index, count) in counts.enumerated() {
            for bytes in [
                LongValueBytes.text(count, seed: UInt64(index)), LongValueBytes.noise(count, seed: UInt64(index)),
            ] {
                let id = try fixture.transaction(worker) {
                    try values.insert(bytes, isCompressed: isCompressed, worker)
                }
                #expect(expected.updateValue(bytes, forKey: id) == nil)
            }
        }
        try fixture.transaction(worker) {
            let reader = LongValueReader(values, worker)
            for (id, bytes) in expected {
                #expect(try values.byteCount(of: id, worker) == bytes.count)
                #expect(try values.bytes(of: id, worker) == bytes)
                for offset in [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, bytes.count] where offset <= bytes.count {
                    for count in [0, 1, chunk, chunk + 2] {
                        let part = Array(bytes.dropFirst(offset).prefix(count))
                        #expect(try values.bytes(of: id, from: offset, count: count, worker) == part)
                        try reader.withLongValue(id, from: offset, limit: count) { (span) throws(JetError) in
                            let lent = span.withUnsafeBytes { [UInt8]($0) }
                            #expect(lent == part)
                        }
                    }
                }
                try reader.withLongValue(id, from: bytes.count + 5, limit: 10) { (span) throws(JetError) in
                    #expect(span.byteCount == 0)
                }
            }
        }
        // The nodes are those that the format's own code makes.
        let nodes = try fixture.nodes()
        var wanted: [[[UInt8]]] = []
        for (id, bytes) in expected.sorted(by: { $0.key < $1.key }) {
            let compress: (RawSpan) -> [UInt8]? = { chunk in
                guard isCompressed, chunk.withUnsafeBytes({ RecordBuffer.isWorthCompressing($0) }) else { return nil }
                return Compressor.compress(chunk)
            }
            id.forEachNode(of: bytes.span.bytes, chunkByteCount: chunk, compress: compress) { key, data in
                wanted.append([key, data])
            }
        }
        let found: [[[UInt8]]] = nodes.map { [$0.key, $0.data] }
        #expect(found == wanted)
        try fixture.fixture.checkSpace(of: fixture.fixture.root, children: [values.tree])
    }

    @Test(arguments: sizes, [1, 2, 3] as [UInt64])
    func randomEditsEqualThoseOfAnArray(size: PageSize, seed: UInt64) throws {
        var random = SeededRandom(seed: seed &* 65_537 &+ UInt64(size.byteCount))
        let fixture = try LongValueFixture(pageSize: size, seed: seed, cachePages: seed % 2 == 0 ? 32 : 256)
        let values = fixture.values
        let chunk = values.chunkByteCount
        let worker = fixture.fixture.makeWorker()
        var expected: [UInt8] = []
        func count(_ limit: Int) -> Int {
            // Often at the borders of chunks.
            let near =
                Int.random(in: 0...(limit / chunk), using: &random) * chunk + Int.random(in: -1...1, using: &random)
            let plain = Int.random(in: 0...limit, using: &random)
            return max(0, min(limit, Bool.random(using: &random) ? near : plain))
        }
        try worker.begin(fixture.fixture.versions)
        var id = try values.insert(expected, worker)
        for step in 0..<60 {
            let isCompressed = Bool.random(using: &random)
            let limit = max(0, min(3 * chunk, 6 * chunk - expected.count))
            let bytes =
                Bool.random(using: &random)
                ? LongValueBytes.noise(count(limit), seed: UInt64(step))
                : LongValueBytes.text(count(limit), seed: UInt64(step))
            let first = id
            var keepsID = true
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1:
                id = try values.edit(id, .append, bytes, isCompressed: isCompressed, worker)
                expected += bytes
            case 2, 3:
                let offset = count(expected.count)
                id = try values.edit(id, .overwrite, bytes, offset: offset, isCompressed: isCompressed, worker)
                let end = min(expected.count, offset + bytes.count)
                expected.replaceSubrange(offset..<end, with: bytes)
            case 4:
                let offset = count(expected.count)
                id = try values.edit(
                    id, .overwriteAndResize, bytes, offset: offset, isCompressed: isCompressed, worker)
                expected = Array(expected[..<offset]) + bytes
            case 5:
                let new = count(6 * chunk)
                id = try values.resize(id, to: new, isCompressed: isCompressed, worker)
                expected = Array(expected.prefix(new)) + [UInt8](repeating: 0, count: max(0, new - expected.count))
            default:
                keepsID = false
                if step % 2 == 0 {
                    id = try values.edit(id, .replace, bytes, isCompressed: isCompressed, worker)
                    expected = bytes
                } else {
                    id = try values.edit(
                        id, .zeros, .none, byteCount: bytes.count, offset: 0, isCompressed: isCompressed, worker)
                    expected = [UInt8](repeating: 0, count: bytes.count)
                }
            }
            #expect((id == first) == keepsID, "seed \(seed)")
            #expect(try values.bytes(of: id, worker) == expected, "seed \(seed), step \(step)")
            if step % 10 == 9 {
                _ = try worker.commit(fixture.fixture.versions, fixture.fixture.log)
                fixture.fixture.clean()
                let stored = try fixture.stored()
                #expect(stored.count == 1 && stored[id]?.bytes == expected && stored[id]?.count == 1, "seed \(seed)")
                try worker.begin(fixture.fixture.versions)
            } else if step % 10 == 4 {
                // A level that is rolled back leaves nothing.
                try worker.begin(fixture.fixture.versions)
                let other = try values.edit(id, .overwriteAndResize, [1, 2, 3], offset: expected.count / 3, worker)
                _ = try values.edit(other, .append, LongValueBytes.noise(chunk, seed: 1), worker)
                try values.release(other, worker)
                try fixture.rollback(worker)
                #expect(try values.bytes(of: id, worker) == expected, "seed \(seed), step \(step)")
            }
        }
        _ = try worker.commit(fixture.fixture.versions, fixture.fixture.log)
        try fixture.fixture.checkSpace(of: fixture.fixture.root, children: [values.tree])
        try RedoComparison(fixture.fixture).expectSamePages("seed \(seed)")
    }

    @Test func appendsToAValueOf10MegabytesTouchItsEndOnly() throws {
        let fixture = try LongValueFixture(pageSize: .kibibytes8, cachePages: 512)
        let (values, worker) = (fixture.values, fixture.fixture.makeWorker())
        var expected = LongValueBytes.text(10 << 20, seed: 3)
        let id = try fixture.transaction(worker) { try values.insert(expected, worker) }
        let piece = LongValueBytes.noise(32 << 10, seed: 4)
        let versions = fixture.fixture.versions
        for _ in 0..<3 {
            let before = versions.createdCount
            try worker.begin(versions)
            #expect(try values.edit(id, .append, piece, worker) == id)
            _ = try worker.commit(versions, fixture.fixture.log)
            expected += piece
            // The root, the last chunk, and those that are new.
            #expect(versions.createdCount - before <= 2 + piece.count / values.chunkByteCount + 1)
        }
        try fixture.transaction(worker) { () throws -> Void in
            #expect(try values.byteCount(of: id, worker) == expected.count)
            #expect(try values.bytes(of: id, worker) == expected)
            #expect(
                try values.bytes(of: id, from: 9_999_999, count: 70_000, worker)
                    == Array(expected[9_999_999...].prefix(70_000)))
        }
        try fixture.transaction(worker) { try values.release(id, worker) }
        fixture.fixture.clean()
        #expect(try fixture.nodes().isEmpty)
        try fixture.fixture.checkSpace(of: fixture.fixture.root, children: [values.tree])
        // The tree is a leaf again, without deleted nodes.
        let held = try fixture.fixture.database.latch(values.tree.root, .shared)
        #expect(held.page.isLeaf && held.page.nodeCount == 0)
        fixture.fixture.database.release(held)
    }

    @Test func limitsAndWrongOffsetsAreErrors() throws {
        let fixture = try LongValueFixture()
        let (values, worker) = (fixture.values, fixture.fixture.makeWorker())
        try worker.begin(fixture.fixture.versions)
        let id = try values.insert([1, 2, 3], worker)
        #expect(throws: JetError.columnNoChunk) { try values.edit(id, .overwrite, [1], offset: 4, worker) }
        #expect(throws: JetError.columnNoChunk) { try values.edit(id, .overwriteAndResize, [1], offset: 4, worker) }
        #expect(throws: JetError.columnTooBig) { try values.resize(id, to: 1 << 31, worker) }
        #expect(throws: JetError.columnTooBig) {
            try values.insertZeros(byteCount: 1 << 31, isCompressed: true, worker)
        }
        #expect(throws: JetError.invalidParameter) { try values.edit(id, .null, [], worker) }
        #expect(throws: JetError.lvCorrupted) { try values.bytes(of: LongValueID(77), worker) }
        #expect(throws: JetError.lvCorrupted) { try values.release(LongValueID(wide: 1 << 63), worker) }
        #expect(try values.bytes(of: id, worker) == [1, 2, 3])
        try fixture.rollback(worker)
        #expect(try fixture.nodes().isEmpty)
    }

    @Test func idsGoOnBehindTheLastNodeOfTheTree() throws {
        let fixture = try LongValueFixture()
        let worker = fixture.fixture.makeWorker()
        let chunk = fixture.values.chunkByteCount
        func insert(_ values: LongValues, count: Int = 1) throws -> LongValueID {
            try fixture.transaction(worker) { try values.insert([UInt8](repeating: 1, count: count), worker) }
        }
        #expect(try insert(fixture.values) == LongValueID(1))
        #expect(try insert(fixture.values, count: 3 * chunk) == LongValueID(2))
        let again = LongValues(tree: fixture.values.tree, chunkByteCount: chunk)
        #expect(try insert(again) == LongValueID(3))
        // Not yet committed nodes of others count too.
        let other = fixture.fixture.makeWorker()
        try other.begin(fixture.fixture.versions)
        #expect(try again.insert([9], other) == LongValueID(4))
        let third = LongValues(tree: fixture.values.tree, chunkByteCount: chunk)
        #expect(try insert(third) == LongValueID(5))
        try fixture.rollback(other)
        // A tree with IDs of 64 bits goes on with those.
        let wide = LongValueID(wide: 0x8000_0000_8000_0001)
        let bytes = LongValueBytes.text(2 * chunk + 5, seed: 1)
        try fixture.transaction(worker) {
            let cursor = TreeCursor(fixture.values.tree, worker)
            try wide.forEachNode(of: bytes.span.bytes, chunkByteCount: chunk) { (key, data) throws(JetError) in
                try cursor.insert(key, data)
            }
        }
        let fourth = LongValues(tree: fixture.values.tree, chunkByteCount: chunk)
        #expect(try insert(fourth) == LongValueID(wide: wide.rawValue + 1))
        try fixture.transaction(worker) { () throws -> Void in
            #expect(try fourth.edit(wide, .append, [7], worker) == wide)
            #expect(try fourth.bytes(of: wide, worker) == bytes + [7])
            try fourth.addReference(wide, worker)
            let copy = try fourth.edit(wide, .append, [8], worker)
            #expect(copy == LongValueID(wide: wide.rawValue + 2))
            #expect(try fourth.bytes(of: copy, worker) == bytes + [7, 8])
            try fourth.release(wide, worker)
        }
        fixture.fixture.clean()
        let stored = try fixture.stored()
        #expect(stored[wide] == nil && stored.count == 6)
    }

    @Test func whenIDsAreUsedUpThereIsAnError() throws {
        let fixture = try LongValueFixture()
        let worker = fixture.fixture.makeWorker()
        try fixture.transaction(worker) {
            let cursor = TreeCursor(fixture.values.tree, worker)
            let root = LongValueRoot(referenceCount: 1, byteCount: 0)
            try cursor.insert(LongValueID(0x7fff_fefe).keyBytes, root.bytes)
            #expect(try fixture.values.insert([1], worker) == LongValueID(0x7fff_feff))
            #expect(throws: JetError.outOfLongValueIDs) { try fixture.values.insert([1], worker) }
            #expect(throws: JetError.outOfLongValueIDs) { try fixture.values.insert([1], worker) }
        }
    }

    /// Changes nodes behind the back of the values and reads and edits.
    @Test func damagedValuesAreTypedErrors() throws {
        let fixture = try LongValueFixture()
        let (values, worker) = (fixture.values, fixture.fixture.makeWorker())
        let chunk = values.chunkByteCount
        let id = try fixture.transaction(worker) {
            try values.insert(LongValueBytes.text(3 * chunk + 9, seed: 1), isCompressed: true, worker)
        }
        let root = LongValueRoot(referenceCount: 1, byteCount: UInt32(3 * chunk + 9))
        func check(_ key: [UInt8], _ data: [UInt8]?, _ error: JetError) throws {
            try worker.begin(fixture.fixture.versions)
            let cursor = TreeCursor(values.tree, worker)
            #expect(try cursor.seek(key, .equal))
            if let data { try cursor.replace(data) } else { try cursor.delete() }
            cursor.reset()
            #expect(throws: error) { try values.bytes(of: id, worker) }
            #expect(throws: (any Error).self) { try values.edit(id, .overwrite, [1, 2], offset: chunk + 1, worker) }
            try fixture.rollback(worker)
        }
        try check(id.keyBytes, [1, 0, 0, 0], .lvCorrupted)
        try check(id.keyBytes, nil, .lvCorrupted)
        try check(
            id.keyBytes, LongValueRoot(referenceCount: 1, byteCount: root.byteCount, flags: 1).bytes, .decryptionFailed)
        try check(id.chunkKey(at: UInt32(chunk)), nil, .lvCorrupted)
        try check(id.chunkKey(at: UInt32(chunk)), [0xff, 1, 2], .decompressionFailed)
        try check(id.chunkKey(at: UInt32(chunk)), [UInt8](repeating: 1, count: chunk + 1), .lvCorrupted)
        // Compressed, but of too few bytes.
        let plain = [UInt8](repeating: 5, count: 90)
        let short: [UInt8] = Compressor.compress(plain.span.bytes) ?? []
        #expect(short.count > 1)
        try check(id.chunkKey(at: UInt32(chunk)), short, .lvCorrupted)
        try fixture.transaction(worker) { () throws -> Void in
            #expect(try values.bytes(of: id, worker) == LongValueBytes.text(3 * chunk + 9, seed: 1))
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func aTreeIsMadeInTheTablesSpace(seed: UInt64) throws {
        let fixture = try TreeFixture(seed: seed)
        let table = try fixture.makeTree()
        let values = try LongValues.create(
            in: table, objectID: fixture.database.nextObjectID(), worker: fixture.system)
        let worker = fixture.makeWorker()
        try worker.begin(fixture.versions)
        let bytes = LongValueBytes.noise(40_000 * Int(seed), seed: seed)
        let id = try values.insert(bytes, worker)
        #expect(try values.bytes(of: id, worker) == bytes)
        _ = try worker.commit(fixture.versions, fixture.log)
        #expect(try fixture.nodes(of: values.tree).count == 1 + (bytes.count + 4_013) / 4_014)
        try fixture.checkSpace(of: table, children: [values.tree])
        let held = try fixture.database.latch(values.tree.root, .shared)
        #expect(held.page.flags.contains(.longValue))
        fixture.database.release(held)
    }
}
