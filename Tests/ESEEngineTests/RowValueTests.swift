// Layer: ESEEngineTests. Tests: long values and counters of rows.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct RowValueTests {
    private static let memo = ColumnKey(ColumnID(256))
    private static let other = ColumnKey(ColumnID(257))
    private static let counter = ColumnKey(ColumnID(2))
    private static let id = ColumnKey(ColumnID(1))

    private final class Rows {
        let fixture: TableFixture
        let session: TableSession
        let cursor: RowCursor

        init(_ pageSize: PageSize = .kibibytes4) throws {
            fixture = try TableFixture(
                pageSize: pageSize,
                columns: [
                    ColumnDefinition(
                        id: ColumnID(1), name: "id", type: .long, flags: .notNull, maximumByteCount: 4,
                        recordOffset: 4),
                    ColumnDefinition(
                        id: ColumnID(2), name: "counter", type: .long, flags: [.escrowUpdate, .hasDefault],
                        maximumByteCount: 4, recordOffset: 8, defaultValue: [7, 0, 0, 0]),
                    ColumnDefinition(
                        id: ColumnID(256), name: "memo", type: .longText, flags: .multivalued, codePage: 1_252),
                    ColumnDefinition(id: ColumnID(257), name: "other", type: .longBinary, flags: .compressed),
                ],
                indexes: [TableFixture.index("byMemo", [256], TableFixture.allNulls)])
            session = fixture.makeSession()
            cursor = fixture.cursor(session)
            let fixture = fixture
            fixture.table.setLongValues(nil) { (table, session) throws(JetError) in
                let values = try LongValues.create(
                    in: table.tree, objectID: table.database.nextObjectID(), worker: session.worker)
                fixture.trees.add(values.tree)
                return values
            }
        }

        func insert(_ id: Int32, _ values: [ColumnKey: [UInt8]]) throws(JetError) {
            try cursor.prepare(.insert)
            try cursor.set(RowValueTests.id, id)
            for (key, bytes) in values { try put(key, bytes) }
            try cursor.update()
        }

        func put(_ key: ColumnKey, _ bytes: [UInt8], _ options: SetOptions = [], offset: Int = 0) throws(JetError) {
            try bytes.lend { (lent: Bytes) throws(JetError) in
                _ = try cursor.set(key, lent.start, byteCount: bytes.count, offset: offset, options: options)
            }
        }

        func get(_ key: ColumnKey, from source: ValueSource = .row) throws(JetError) -> [UInt8] {
            let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            let count = try cursor.retrieve(key, into: none, from: source).byteCount
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
            defer { buffer.deallocate() }
            _ = try cursor.retrieve(key, into: buffer, from: source)
            return [UInt8](buffer)
        }

        func seek(_ id: Int32) throws -> Bool { try cursor.seek([id], .equal) == .equal }
    }

    private func bytes(_ count: Int, _ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 32..<127, using: &random) }
    }

    @Test(arguments: [PageSize.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32])
    func largeValuesStandOutsideAndComeBack(pageSize: PageSize) throws {
        let rows = try Rows(pageSize)
        try rows.fixture.begin(rows.session)
        let sizes = [0, 5, 1_000, 1_024, 5_000, 70_000, 300_000]
        for (number, size) in sizes.enumerated() where size > 0 {
            try rows.insert(Int32(number), [Self.memo: bytes(size, 1), Self.other: bytes(size, 2)])
        }
        try rows.fixture.commit(rows.session)
        for (number, size) in sizes.enumerated() where size > 0 {
            #expect(try rows.seek(Int32(number)))
            #expect(try rows.get(Self.memo) == bytes(size, 1) && rows.get(Self.other) == bytes(size, 2), "\(size)")
        }
        try rows.fixture.checkSpace()
    }

    @Test func recordsThatGetTooLargeMoveValuesOut() throws {
        let rows = try Rows()
        try rows.fixture.begin(rows.session)
        try rows.cursor.prepare(.insert)
        try rows.cursor.set(Self.id, Int32(1))
        for number in 1...12 {
            let value = bytes(600, UInt64(number))
            try value.lend { (lent: Bytes) throws(JetError) in
                _ = try rows.cursor.set(Self.memo, lent.start, byteCount: 600, occurrence: 0)
            }
        }
        try rows.cursor.update()
        try rows.fixture.commit(rows.session)
        #expect(try rows.seek(1) && rows.cursor.valueCount(Self.memo) == 12)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 600, alignment: 8)
        defer { buffer.deallocate() }
        for number in 1...12 {
            let value = try rows.cursor.retrieve(Self.memo, into: buffer, occurrence: number)
            #expect(value.byteCount == 600 && [UInt8](buffer) == bytes(600, UInt64(number)), "\(number)")
        }
    }

    @Test func partsAreAppendedAndOverwritten() throws {
        let rows = try Rows()
        try rows.fixture.begin(rows.session)
        try rows.insert(1, [Self.other: bytes(900, 1)])
        #expect(try rows.seek(1))
        try rows.cursor.prepare(.replace)
        try rows.put(Self.other, bytes(9_000, 2), .append)
        try rows.put(Self.other, [1, 2, 3], .overwrite, offset: 100)
        var expected = bytes(900, 1) + bytes(9_000, 2)
        expected.replaceSubrange(100..<103, with: [1, 2, 3])
        #expect(try rows.get(Self.other, from: .copy) == expected)
        #expect(try rows.get(Self.other) == bytes(900, 1), "the row as it was")
        try rows.cursor.update()
        #expect(try rows.get(Self.other) == expected)
        try rows.fixture.commit(rows.session)
    }

    @Test func cancelledUpdateLeavesLongValuesAsTheyWere() throws {
        let rows = try Rows()
        try rows.fixture.begin(rows.session)
        try rows.insert(1, [Self.other: bytes(5_000, 1)])
        #expect(try rows.seek(1))
        try rows.cursor.prepare(.replace)
        try rows.put(Self.other, bytes(100, 2), .overwrite, offset: 50)
        try rows.put(Self.memo, bytes(3_000, 3))
        try rows.cursor.prepare(.cancel)
        #expect(try rows.get(Self.other) == bytes(5_000, 1) && rows.get(Self.memo).isEmpty)
        try rows.fixture.commit(rows.session)
        rows.fixture.trees.clean()
        let values = try #require(rows.fixture.table.existingLongValues)
        #expect(try rows.fixture.trees.nodes(of: values.tree).count == 3, "root and two chunks of one value")
    }

    @Test func deletedRowTakesItsLongValuesAlong() throws {
        let rows = try Rows()
        try rows.fixture.begin(rows.session)
        try rows.insert(1, [Self.other: bytes(5_000, 1), Self.memo: bytes(2_000, 2)])
        try rows.fixture.commit(rows.session)
        try rows.fixture.begin(rows.session)
        #expect(try rows.seek(1))
        try rows.cursor.prepare(.insertCopy)
        try rows.cursor.set(Self.id, Int32(2))
        try rows.cursor.update()
        try rows.cursor.delete()
        try rows.fixture.commit(rows.session)
        rows.fixture.trees.clean()
        #expect(try rows.seek(2) && rows.get(Self.other) == bytes(5_000, 1), "the copy has them too")
        try rows.fixture.begin(rows.session)
        try rows.cursor.delete()
        try rows.fixture.commit(rows.session)
        rows.fixture.trees.clean()
        let values = try #require(rows.fixture.table.existingLongValues)
        #expect(try rows.fixture.trees.nodes(of: values.tree).isEmpty)
    }

    @Test func longValueOutsideATransactionIsAnError() throws {
        let rows = try Rows()
        try rows.cursor.prepare(.insert)
        #expect(throws: JetError.notInTransaction) { try rows.put(Self.other, bytes(5_000, 1)) }
        try rows.cursor.cancelUpdate()
    }

    @Test func countersAddUpWithoutConflict() throws {
        let rows = try Rows()
        try rows.fixture.begin(rows.session)
        try rows.insert(1, [:])
        try rows.fixture.commit(rows.session)
        let other = rows.fixture.makeSession()
        let cursor = rows.fixture.cursor(other)
        try rows.fixture.begin(rows.session)
        try rows.fixture.begin(other)
        #expect(try rows.seek(1) && cursor.seek([Int32(1)], .equal) == .equal)
        #expect(try rows.cursor.escrow(Self.counter, by: 5) == 7)
        #expect(try cursor.escrow(Self.counter, by: 10) == 7)
        #expect(try rows.get(Self.counter) == [12, 0, 0, 0])
        #expect(throws: JetError.writeConflict) { try cursor.prepare(.replace) }
        try rows.fixture.commit(rows.session)
        try rows.fixture.rollback(other)
        #expect(try rows.get(Self.counter) == [12, 0, 0, 0])
        #expect(throws: JetError.notInTransaction) { try rows.cursor.escrow(Self.counter, by: 1) }
    }
}
