// Layer: ESEFormatTests. Tests: records of the log, each kind in both directions.

import ESEFormat
import Primitives
import Testing

/// Random bytes that are a record of this kind: only its lengths are kept small.
func randomLogRecord(_ type: LogRecordType, _ random: inout SeededRandom) -> [UInt8] {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
    var record = [type.rawValue] + bytes(type.fixedByteCount - 1)
    func put(_ value: Int, _ offset: Int, _ size: Int) {
        for index in 0..<size { record[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    func small() -> Int { Int(random.next() % 300) }
    let lengths: [Int]
    switch type {
    case .fullBackup, .incrementalBackup, .externalRestoreOld, .externalRestore, .fragment: lengths = [1]
    case .backupOld, .trace, .forceRollover: lengths = [3]
    case .detachDatabase: lengths = [4]
    case .fragmentBegin: lengths = [5]
    case .backup: lengths = [33]
    case .createDatabase: lengths = [40]
    case .attachDatabase: lengths = [72]
    case .mergeOld, .merge: lengths = [86]
    case .splitOld, .split: lengths = [96, 98, 100]
    case .scrub: lengths = [52]
    case .undoInfo: lengths = [44, 46, 54]
    case .insert: lengths = [44, 46, 48]
    case .emptyTree, .setExternalHeader, .replace, .replaceDifference: lengths = [44]
    case .delta, .delta64, .undo, .flagInsert, .flagInsertAndReplace: lengths = [44, 46]
    default: lengths = []
    }
    for offset in lengths { put(small(), offset, 2) }
    if type == .insert, random.next() % 8 == 0 { put(9_000, 48, 2) }
    switch type {
    case _ where type.isIgnorable: put(45 + small(), 1, 4)
    case .prepareCommit: put(small(), 3, 4)
    case .split: put(small(), 106, 4)
    case .merge: put(small(), 92, 4)
    case .pageMove:
        put(small(), 88, 4)
        put(small(), 92, 4)
    default: break
    }
    let count = (try? LogRecordType.byteCount(ofRecordIn: record.span.bytes)) ?? 0
    return record + bytes(count - record.count)
}

/// The same record, encoded from its decoded fields; nil for those without known fields.
func reencoded(_ bytes: [UInt8]) throws -> [UInt8]? {
    let record = try LogRecord(decoding: bytes.span.bytes)
    var fields = record.fields
    if case .initialize = record { fields = try InitializeRecord(decoding: bytes.span.bytes) }
    guard let fields else { return nil }
    #expect(fields.encodedByteCount == bytes.count)
    let payload = Array(bytes[fields.fixedByteCount...])
    let middle = payload.count / 3
    var copy = [UInt8](repeating: 0xcc, count: fields.encodedByteCount)
    payload.withUnsafeBytes { payload in
        copy.withUnsafeMutableBytes { copy in
            // The payload may come in pieces.
            fields.encode(
                into: copy.baseAddress!, UnsafeRawBufferPointer(rebasing: payload[..<middle]),
                UnsafeRawBufferPointer(rebasing: payload[middle...]))
        }
    }
    return copy
}

@Suite struct LogRecordTests {
    @Test(arguments: LogRecordType.allCases)
    func decodedRecordsEncodeToTheSame(type: LogRecordType) throws {
        for seed in 1...UInt64(10) {
            var random = SeededRandom(seed: seed)
            var bytes = randomLogRecord(type, &random)
            // What stands behind the zero of a path isn't kept.
            if type == .initialize { bytes.replaceSubrange(1..<576, with: repeatElement(0, count: 575)) }
            let record = try LogRecord(decoding: bytes.span.bytes)
            #expect(record.type == type, "seed \(seed)")
            if let copy = try reencoded(bytes) { #expect(copy == bytes, "seed \(seed)") }
            #expect(!LogRecord.describe(bytes.span.bytes).hasPrefix("no record"))
            #expect(record.description.hasPrefix(type.description))
        }
    }

    /// Every cut is an error, and so are bytes too many; no damage traps.
    @Test(arguments: LogRecordType.allCases)
    func damagedRecordsAreErrors(type: LogRecordType) throws {
        var random = SeededRandom(seed: UInt64(type.rawValue) + 1)
        let bytes = randomLogRecord(type, &random)
        let accepted = (0..<bytes.count).filter { count in
            (try? LogRecord(decoding: bytes.span.bytes.extracting(0..<count))) != nil
        }
        #expect(accepted.isEmpty)
        #expect(throws: FormatError.self) { try LogRecord(decoding: (bytes + [0]).span.bytes) }
        for _ in 0..<60 {
            var damaged = bytes
            for _ in 0..<Int(1 + random.next() % 4) {
                damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let count = Int(random.next() % UInt64(bytes.count + 1))
            _ = LogRecord.describe(damaged.span.bytes)
            _ = LogRecord.describe(damaged.span.bytes.extracting(0..<count))
        }
    }

    @Test func unknownKindsAreErrors() {
        for type in UInt8.min...UInt8.max where LogRecordType(rawValue: type) == nil {
            let bytes = [type] + [UInt8](repeating: 0, count: 100)
            #expect(throws: FormatError(.badRecord, at: 0)) { try LogRecord(decoding: bytes.span.bytes) }
        }
    }

    /// An ignorable record of a known kind that is shorter than its fields is passed over.
    @Test func shortIgnorableRecordsAreOther() throws {
        for type in LogRecordType.allCases where type.isIgnorable && type != .macroInfoOld {
            let bytes = [type.rawValue, 1, 0, 0, 0, 9]
            #expect(try LogRecord(decoding: bytes.span.bytes) == .other(type))
        }
    }

    @Test func anInsertHasItsPartsInOrder() throws {
        let page = LoggedPage(
            session: 3, database: 1, page: PageNumber(57), databaseTime: DatabaseTime(812),
            databaseTimeBefore: DatabaseTime(790), transaction: 0x14, level: 1, line: 4, flags: [.versioned, .unique])
        let node = LoggedNode(page: page, revision: 77, treeRoot: PageNumber(33), tree: ObjectID(9))
        let insert = InsertRecord(node: node, keyPrefixByteCount: 2, keySuffixByteCount: 3, dataByteCount: 4)
        var bytes = [UInt8](repeating: 0, count: insert.encodedByteCount)
        let payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        payload.withUnsafeBytes { payload in
            bytes.withUnsafeMutableBytes {
                insert.encode(
                    into: $0.baseAddress!, UnsafeRawBufferPointer(rebasing: payload[0..<2]),
                    UnsafeRawBufferPointer(rebasing: payload[2..<5]), UnsafeRawBufferPointer(rebasing: payload[5..<9]))
            }
        }
        #expect(Array(bytes[44..<50]) == [3, 0, 2, 0, 4, 0])
        let record = try LogRecord(decoding: bytes.span.bytes)
        #expect(record == .insert(insert) && record.page == page && record.node == node)
        #expect(Array(bytes[insert.key]) == [1, 2, 3, 4, 5] && Array(bytes[insert.data]) == [6, 7, 8, 9])
        #expect(
            record.description
                == "Insert session 3 trx 0x14:1 page 1:57 line 4 time 812 (before 790) versioned unique tree 9 root 33 "
                + "revision 77 key 2+3 data 4")
    }

    @Test func pathsAreRead() throws {
        let path = CreateDatabaseRecord.pathBytes("C:\\ä.edb")
        let create = CreateDatabaseRecord(
            session: 1, database: 1, options: 0, greatestPageCount: 0, signature: DatabaseSignature(random: 5),
            path: "C:\\ä.edb", hasVersion: true)
        var bytes = [UInt8](repeating: 0, count: create.encodedByteCount)
        ([0x20, 6, 20, 0] + path).withUnsafeBytes { payload in
            bytes.withUnsafeMutableBytes { create.encode(into: $0.baseAddress!, payload) }
        }
        #expect(create.path(in: bytes.span.bytes) == "C:\\ä.edb")
        let version = try create.version(in: bytes.span.bytes)
        #expect(version?.version == 0x620 && version?.updateMajor == 20)
        #expect(LogRecord.describe(bytes.span.bytes).hasSuffix("C:\\ä.edb"))
    }
}
