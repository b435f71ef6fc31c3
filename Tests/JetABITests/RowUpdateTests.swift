// Rows are prepared, set, written, deleted and locked, by one session and by two.

import CJet
import ESEEngine
import Jet
import JetABI
import Testing

extension InProcessTests {
    struct RowUpdateTests {
        @Test func insertReplaceDeleteWithoutATransaction() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(fixture.update() == JET_errUpdateNotPrepared)
            #expect(fixture.prepare(JET_prepCancel) == JET_errUpdateNotPrepared)
            #expect(fixture.prepare(77) == JET_errInvalidParameter)
            #expect(fixture.set("id", Int32(1)) == JET_errUpdateNotPrepared)
            #expect(fixture.prepare(JET_prepReplace) == JET_errNoCurrentRecord)
            #expect(fixture.insert(1, number: 5) == JET_errSuccess)
            #expect(fixture.insert(1) == JET_errKeyDuplicate)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errAlreadyPrepared)
            #expect(fixture.set("id", Int32(2)) == JET_errSuccess)
            var bookmark = [UInt8](repeating: 0, count: 16)
            var count: UInt32 = 0
            #expect(JetUpdate(session, rows, &bookmark, 3, &count) == JET_errBufferTooSmall)
            #expect(JetUpdate(session, rows, &bookmark, 16, &count) == JET_errSuccess && count == 5)
            #expect(JetGotoBookmark(session, rows, &bookmark, 5) == JET_errSuccess && fixture.number("id") == 2)
            #expect(fixture.prepare(JET_prepReplace) == JET_errSuccess)
            #expect(fixture.set("number", Int64(-9)) == JET_errSuccess)
            #expect(fixture.number("number") == nil && fixture.number("number", JET_bitRetrieveCopy) == -9)
            #expect(JetUpdate2(session, rows, nil, 0, nil, 0) == JET_errSuccess)
            #expect(fixture.number("number") == -9 && fixture.number("changes") == 1)
            #expect(JetDelete(session, rows) == JET_errSuccess)
            #expect(fixture.get("id").code == JET_errRecordDeleted)
            #expect(JetDelete(session, rows) == JET_errRecordDeleted)
            #expect(fixture.ids() == [1])
            #expect(JetDelete(session, rows) == JET_errNoCurrentRecord)
        }

        /// An update that fails at level 0 leaves other cursors, and itself prepared.
        @Test func failedUpdateWithoutATransactionMovesNobody() throws {
            let fixture = try RowFixture()
            for id in 1...5 as ClosedRange<Int32> { #expect(fixture.insert(id, name: "n\(id)") == JET_errSuccess) }
            var copy: JET_TABLEID = 0
            #expect(JetDupCursor(fixture.session, fixture.rows, &copy, 0) == JET_errSuccess)
            #expect(JetMove(fixture.session, copy, 2, 0) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess)
            #expect(fixture.set("id", Int32(9)) == JET_errSuccess)
            #expect(fixture.set("name", Array("n3".utf8)) == JET_errSuccess)
            #expect(fixture.update() == JET_errKeyDuplicate)
            #expect(fixture.number("id", on: copy) == 3)
            #expect(fixture.set("name", Array("n9".utf8)) == JET_errSuccess)
            #expect(fixture.update() == JET_errSuccess)
            #expect(fixture.ids() == [1, 2, 3, 4, 5, 9])
        }

        @Test func rollbackTakesRowsAndCursorsOfTheLevel() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(fixture.insert(1) == JET_errSuccess)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(fixture.insert(2) == JET_errSuccess)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            var inner: JET_TABLEID = 0
            #expect(JetDupCursor(session, rows, &inner, 0) == JET_errSuccess)
            #expect(fixture.insert(3) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess)
            #expect(JetRollback(session, 0) == JET_errSuccess)
            #expect(JetMove(session, inner, 0, 0) == JET_errInvalidTableId)
            #expect(fixture.update() == JET_errUpdateNotPrepared)
            #expect(fixture.ids() == [1, 2])
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(JetDupCursor(session, rows, &inner, 0) == JET_errSuccess)
            #expect(JetCommitTransaction(session, 0) == JET_errSuccess)
            #expect(JetMove(session, inner, 0, 0) == JET_errSuccess)
            #expect(JetRollback(session, 0) == JET_errSuccess)
            #expect(JetMove(session, inner, 0, 0) == JET_errInvalidTableId)
            #expect(fixture.ids() == [1])
        }

        @Test func columnsAreChecked() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess)
            #expect(fixture.set("id", [1, 2]) == JET_errInvalidBufferSize)
            #expect(fixture.set("id", []) == JET_errNullInvalid)
            #expect(fixture.set("auto", Int32(5)) == JET_errInvalidColumnType)
            #expect(fixture.set("name", [UInt8](repeating: 65, count: 21)) == JET_wrnColumnMaxTruncated)
            #expect(fixture.get("name", JET_bitRetrieveCopy).count == 20)
            #expect(fixture.set("id", Int32(1)) == JET_errSuccess)
            var value: Int32 = 1
            #expect(JetSetColumn(session, rows, 99, &value, 4, 0, nil) == JET_errColumnNotFound)
            #expect(JetSetColumn(session, rows, 0, &value, 4, 0, nil) == JET_errBadColumnId)
            #expect(JetSetColumn(session, rows, 0x7FFF_FFFF, &value, 4, 0, nil) == JET_errBadColumnId)
            #expect(
                JetSetColumn(session, rows, fixture.column("id"), &value, 4, 0x8000_0000, nil) == JET_errInvalidGrbit)
            #expect(JetSetColumn(session, rows, fixture.column("id"), nil, 4, 0, nil) == JET_errNullInvalid)
            var info = JET_SETINFO()
            #expect(JetSetColumn(session, rows, fixture.column("id"), &value, 4, 0, &info) == JET_errInvalidParameter)
            #expect(fixture.set("blob", [UInt8](repeating: 7, count: 5_000)) == JET_errNotInTransaction)
            #expect(fixture.prepare(JET_prepCancel) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess)
            #expect(fixture.update() == JET_errNullInvalid)
            #expect(fixture.prepare(JET_prepCancel) == JET_errSuccess)
            var columns = [JET_SETCOLUMN](repeating: JET_SETCOLUMN(), count: 2)
            #expect(JetSetColumns(session, rows, &columns, 2) == JET_errUpdateNotPrepared)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess)
            withUnsafePointer(to: &value) { value in
                columns[0].columnid = fixture.column("id")
                columns[0].pvData = UnsafeRawPointer(value)
                columns[0].cbData = 4
                columns[0].itagSequence = 1
                columns[1].columnid = fixture.column("number")
                columns[1].pvData = UnsafeRawPointer(value)
                columns[1].cbData = 3
                columns[1].itagSequence = 1
                #expect(JetSetColumns(session, rows, &columns, 2) == JET_errInvalidBufferSize)
                #expect(columns[0].err == 0 && columns[1].err == JET_errInvalidBufferSize)
                #expect(JetSetColumns(session, rows, &columns, 1) == JET_errSuccess)
            }
            #expect(JetSetColumns(session, rows, nil, 3) == JET_errInvalidParameter)
            #expect(fixture.update() == JET_errSuccess && fixture.ids() == [1])
        }

        @Test func copiesOfRows() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            let blob = [UInt8](repeating: 3, count: 20_000)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess && fixture.set("id", Int32(1)) == JET_errSuccess)
            #expect(fixture.set("blob", blob) == JET_errSuccess && fixture.update() == JET_errSuccess)
            #expect(fixture.seek(id: 1) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsertCopy) == JET_errSuccess)
            #expect(fixture.set("id", Int32(2)) == JET_errSuccess && fixture.update() == JET_errSuccess)
            #expect(fixture.seek(id: 2) == JET_errSuccess && fixture.get("blob").bytes == blob)
            #expect(fixture.number("auto") == 2)
            #expect(fixture.prepare(JET_prepInsertCopyDeleteOriginal) == JET_errSuccess)
            #expect(JetDelete(session, rows) == JET_errAlreadyPrepared)
            #expect(fixture.set("id", Int32(7)) == JET_errSuccess && fixture.update() == JET_errSuccess)
            #expect(fixture.ids() == [1, 7])
            #expect(fixture.seek(id: 7) == JET_errSuccess && fixture.number("auto") == 3)
            #expect(fixture.prepare(JET_prepInsertCopyReplaceOriginal) == JET_errSuccess)
            #expect(fixture.set("id", Int32(8)) == JET_errSuccess && fixture.update() == JET_errSuccess)
            #expect(fixture.seek(id: 8) == JET_errSuccess && fixture.number("auto") == 3)
            #expect(fixture.get("blob").bytes == blob)
            #expect(JetCommitTransaction(session, 0) == JET_errSuccess)
        }

        @Test func readOnlyCursorsAndTransactionsChangeNothing() throws {
            let fixture = try RowFixture()
            #expect(fixture.insert(1) == JET_errSuccess)
            let (session, rows) = try fixture.other(isReadOnly: true)
            #expect(JetPrepareUpdate(session, rows, UInt32(JET_prepInsert)) == JET_errPermissionDenied)
            #expect(JetDelete(session, rows) == JET_errPermissionDenied)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(JetGetLock(session, rows, JET_GRBIT(JET_bitWriteLock)) == JET_errPermissionDenied)
            #expect(JetGetLock(session, rows, JET_GRBIT(JET_bitReadLock)) == JET_errSuccess)
            #expect(JetRollback(session, 0) == JET_errSuccess)
            #expect(
                JetBeginTransaction2(fixture.session, JET_GRBIT(JET_bitTransactionReadOnly)) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errTransReadOnly)
            #expect(JetDelete(fixture.session, fixture.rows) == JET_errTransReadOnly)
            #expect(JetRollback(fixture.session, 0) == JET_errSuccess)
        }

        @Test func twoSessionsConflict() throws {
            let fixture = try RowFixture()
            for id in 1...3 as ClosedRange<Int32> { #expect(fixture.insert(id, number: 1) == JET_errSuccess) }
            let (session, rows) = try fixture.other()
            #expect(JetBeginTransaction(fixture.session) == JET_errSuccess)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(fixture.seek(id: 1) == JET_errSuccess && fixture.prepare(JET_prepReplace) == JET_errSuccess)
            #expect(fixture.set("number", Int64(2)) == JET_errSuccess && fixture.update() == JET_errSuccess)
            // The other one sees what was there when it began, and may not change it.
            #expect(JetMove(session, rows, 0, 0) == JET_errSuccess)
            #expect(fixture.number("number", on: rows, session: session) == 1)
            #expect(JetPrepareUpdate(session, rows, UInt32(JET_prepReplace)) == JET_errWriteConflict)
            #expect(JetDelete(session, rows) == JET_errWriteConflict)
            #expect(JetGetLock(session, rows, JET_GRBIT(JET_bitWriteLock)) == JET_errWriteConflict)
            #expect(JetGetCursorInfo(session, rows, nil, 0, 0) == JET_errWriteConflict)
            #expect(JetGetCursorInfo(session, rows, nil, 4, 0) == JET_errInvalidParameter)
            // A key that isn't committed yet is taken.
            #expect(fixture.insert(9) == JET_errSuccess)
            #expect(JetPrepareUpdate(session, rows, UInt32(JET_prepInsert)) == JET_errSuccess)
            #expect(fixture.set("id", [9, 0, 0, 0], on: rows, session: session) == JET_errSuccess)
            #expect(JetUpdate(session, rows, nil, 0, nil) == JET_errWriteConflict)
            #expect(JetPrepareUpdate(session, rows, UInt32(JET_prepCancel)) == JET_errSuccess)
            #expect(JetCommitTransaction(fixture.session, 0) == JET_errSuccess)
            #expect(fixture.number("number", on: rows, session: session) == 1)
            #expect(JetRollback(session, 0) == JET_errSuccess)
            #expect(JetMove(session, rows, Int32.min, 0) == JET_errSuccess)
            #expect(fixture.number("number", on: rows, session: session) == 2)
            // Without a lock the loser learns of it at the end.
            #expect(JetPrepareUpdate(session, rows, UInt32(JET_prepReplaceNoLock)) == JET_errSuccess)
            #expect(fixture.seek(id: 1) == JET_errSuccess && fixture.prepare(JET_prepReplace) == JET_errSuccess)
            #expect(fixture.set("number", Int64(3)) == JET_errSuccess && fixture.update() == JET_errSuccess)
            #expect(JetUpdate(session, rows, nil, 0, nil) == JET_errWriteConflict)
            #expect(JetPrepareUpdate(session, rows, UInt32(JET_prepCancel)) == JET_errSuccess)
        }

        @Test func locksNeedATransaction() throws {
            let fixture = try RowFixture()
            #expect(fixture.insert(1) == JET_errSuccess)
            let lock = JET_GRBIT(JET_bitReadLock)
            #expect(JetGetLock(fixture.session, fixture.rows, lock) == JET_errNotInTransaction)
            #expect(JetBeginTransaction(fixture.session) == JET_errSuccess)
            #expect(JetGetLock(fixture.session, fixture.rows, 0) == JET_errInvalidGrbit)
            #expect(JetGetLock(fixture.session, fixture.rows, 3) == JET_errInvalidGrbit)
            #expect(JetGetLock(fixture.session, fixture.rows, lock) == JET_errSuccess)
            let (session, rows) = try fixture.other()
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(JetGetLock(session, rows, lock) == JET_errSuccess)
            #expect(JetGetLock(session, rows, JET_GRBIT(JET_bitWriteLock)) == JET_errWriteConflict)
        }

        /// The documentation's table of two sessions that add to one counter.
        @Test func countersOfTwoSessions() throws {
            let fixture = try RowFixture()
            #expect(fixture.insert(1) == JET_errSuccess)
            let (session, rows) = try fixture.other()
            let column = fixture.column("count")
            func add(_ session: JET_SESID, _ rows: JET_TABLEID, _ delta: Int32) -> Int? {
                var (delta, old, count) = (delta, Int32(0), UInt32(0))
                let code = JetEscrowUpdate(session, rows, column, &delta, 4, &old, 4, &count, 0)
                return code == JET_errSuccess && count == 4 ? Int(old) : nil
            }
            func a() -> Int? { fixture.number("count") }
            func b() -> Int? { fixture.number("count", on: rows, session: session) }
            var delta: Int32 = 1
            #expect(
                JetEscrowUpdate(session, rows, column, &delta, 4, nil, 0, nil, 0) == JET_errNotInTransaction)
            #expect(fixture.move(0) == JET_errSuccess && JetMove(session, rows, 0, 0) == JET_errSuccess)
            #expect(JetBeginTransaction(fixture.session) == JET_errSuccess)
            #expect(a() == 0 && add(fixture.session, fixture.rows, 4) == 0 && a() == 4)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(b() == 0 && add(session, rows, 3) == 4 && b() == 3)
            #expect(add(fixture.session, fixture.rows, 2) == 7 && add(fixture.session, fixture.rows, -7) == 9)
            #expect(b() == 3 && a() == -1)
            #expect(JetEscrowUpdate(session, rows, column, &delta, 3, nil, 0, nil, 0) == JET_errInvalidBufferSize)
            #expect(
                JetEscrowUpdate(session, rows, fixture.column("id"), &delta, 4, nil, 0, nil, 0)
                    == JET_errInvalidOperation)
            #expect(JetRollback(session, 0) == JET_errSuccess)
            #expect(a() == -1)
            #expect(JetCommitTransaction(fixture.session, 0) == JET_errSuccess && a() == -1)
        }
    }
}
