// Layer: ESEEngineTests. Tests: columns that are added to tables with rows, and who reaches them.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct DefinitionColumnTests {
    private func plain(_ count: Int32, hasPrimary: Bool = true) throws -> (CatalogFixture, TableSession, Table) {
        let fixture = try CatalogFixture()
        let session = fixture.makeSession()
        var request = TableRequest("plain", columns: [ColumnRequest("id", .long), ColumnRequest("name", .text)])
        if hasPrimary { request.indexes = [IndexRequest("primary", on: ["-id"], [.primary, .unique])] }
        let table = try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.createTable(request, session).table
        }
        let cursor = RowCursor(table, session)
        try fixture.transact(session) { () throws(JetError) in
            for id in 0..<count { try insert(id, cursor) }
        }
        return (fixture, session, table)
    }

    private func insert(_ id: Int32, _ cursor: RowCursor) throws(JetError) {
        try cursor.prepare(.insert)
        try cursor.set(ColumnKey(ColumnID(1)), id)
        try cursor.set(ColumnKey(ColumnID(128)), bytes: Array("name \(id)".utf8))
        try cursor.update()
    }

    private func numbers(_ key: ColumnKey, _ cursor: RowCursor) throws -> [Int32?] {
        var numbers: [Int32?] = []
        var isThere = try cursor.first()
        while isThere {
            numbers.append(
                try cursor.withRecord { (record) throws(JetError) in
                    let field = try record.field(key)
                    return field.isNull ? nil : Int32(littleEndian: field.bytes.loadUnaligned(as: Int32.self))
                })
            isThere = try cursor.next()
        }
        return numbers
    }

    @Test(arguments: [true, false]) func newAutoincrementColumnNumbersTheRows(hasPrimary: Bool) throws {
        let (fixture, session, table) = try plain(300, hasPrimary: hasPrimary)
        let cursor = RowCursor(table, session)
        let request = ColumnRequest("n", .long, .autoincrement)
        try fixture.begin(session)
        #expect(throws: JetError.exclusiveTableLockRequired) {
            try fixture.catalog.addColumn(request, to: table, session)
        }
        _ = try fixture.catalog.addColumn(request, to: table, session, isExclusive: true)
        try fixture.rollback(session)
        let made = try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.addColumn(request, to: table, session, isExclusive: true)
        }
        #expect(try numbers(made.key, cursor) == Array(1...300))
        try fixture.transact(session) { () throws(JetError) in try insert(-1, cursor) }
        #expect(try numbers(made.key, cursor) == Array(1...301))
        try fixture.verify()
    }

    @Test func rowThatIsNotSeenKeepsAutoincrementColumnsAway() throws {
        let (fixture, session, table) = try plain(3)
        let other = fixture.makeSession()
        let cursor = RowCursor(table, other)
        try fixture.begin(other)
        try insert(10, cursor)
        try fixture.begin(session)
        #expect(throws: JetError.writeConflict) {
            try fixture.catalog.addColumn(
                ColumnRequest("n", .long, .autoincrement), to: table, session, isExclusive: true)
        }
        try fixture.rollback(session)
        try fixture.commit(other)
        #expect(table.schema.column(named: "n", session.transaction) == nil)
        try fixture.verify()
    }

    @Test func columnOfAnotherTransactionIsNotReachedByItsNumber() throws {
        let (fixture, session, table) = try plain(3)
        let other = fixture.makeSession()
        let cursor = RowCursor(table, other)
        let own = RowCursor(table, session)
        func code(_ body: () throws(JetError) -> Void) -> JetError? {
            do throws(JetError) { try body() } catch { return error }
            return nil
        }
        func read(_ key: ColumnKey, _ cursor: RowCursor, _ source: ValueSource = .row) -> JetError? {
            code { () throws(JetError) in
                var bytes: Int64 = 0
                var failure: JetError?
                withUnsafeMutableBytes(of: &bytes) { buffer in
                    do throws(JetError) { _ = try cursor.retrieve(key, into: buffer, from: source) } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
                _ = try cursor.valueCount(key, from: source)
            }
        }
        func write(_ key: ColumnKey, _ cursor: RowCursor) -> JetError? {
            code { () throws(JetError) in
                try [1, 0, 0, 0].lend { (bytes: Bytes) throws(JetError) in
                    _ = try cursor.set(key, bytes.start, byteCount: 4)
                }
            }
        }
        try fixture.begin(session)
        let keys = [
            try fixture.catalog.addColumn(ColumnRequest("fixed", .long), to: table, session).key,
            try fixture.catalog.addColumn(ColumnRequest("tagged", .long, .tagged), to: table, session).key,
        ]
        try fixture.begin(other)
        #expect(try own.first() && cursor.first())
        try own.prepare(.replaceNoLock)
        try cursor.prepare(.replaceNoLock)
        for key in keys {
            #expect(read(key, cursor) == .columnNotFound && read(key, cursor, .copy) == .columnNotFound)
            #expect(write(key, cursor) == .columnNotFound)
            #expect(read(key, own) == nil && write(key, own) == nil && read(key, own, .copy) == nil)
        }
        try own.update()
        try fixture.commit(session)
        for key in keys { #expect(read(key, cursor) == .columnNotFound, "it began before the commit") }
        try cursor.cancelUpdate()
        try fixture.rollback(other)
        cursor.rolledBack(level: 1)
        #expect(try cursor.first())
        for key in keys { #expect(read(key, cursor) == nil) }
        try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.deleteColumn(named: "fixed", of: table, session)
        }
        #expect(read(keys[0], cursor) == .columnNotFound && read(keys[1], cursor) == nil)
        try fixture.verify()
    }
}
