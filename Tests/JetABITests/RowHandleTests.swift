// What calls on rows make of handles that are none, of another session, or stale.

import CJet
import ESEEngine
import Jet
import JetABI
import Primitives
import Testing

extension InProcessTests {
    struct RowHandleTests {
        /// What all calls that take a cursor give for one.
        private func results(_ session: JET_SESID, _ rows: JET_TABLEID) -> [JET_ERR] {
            var (number, count, wide) = (Int32(0), UInt32(0), UInt64(0))
            var copy: JET_TABLEID = 0
            var size = JET_RECSIZE()
            var array: UnsafeMutablePointer<JET_ENUMCOLUMN>?
            return [
                JetDupCursor(session, rows, &copy, 0), JetMove(session, rows, 1, 0), JetSeek(session, rows, 1),
                JetMakeKey(session, rows, &number, 4, 1), JetSetIndexRange(session, rows, 0),
                JetRetrieveKey(session, rows, &number, 4, &count, 0), JetGetBookmark(session, rows, &number, 4, &count),
                JetGotoBookmark(session, rows, &number, 4), JetPrepareUpdate(session, rows, 0),
                JetSetColumn(session, rows, 1, &number, 4, 0, nil), JetSetColumns(session, rows, nil, 0),
                JetUpdate(session, rows, nil, 0, nil), JetUpdate2(session, rows, nil, 0, nil, 0),
                JetDelete(session, rows), JetRetrieveColumn(session, rows, 1, &number, 4, nil, 0, nil),
                JetRetrieveColumns(session, rows, nil, 0), JetGetLock(session, rows, 1),
                JetEscrowUpdate(session, rows, 1, &number, 4, nil, 0, nil, 0),
                JetSetCurrentIndex(session, rows, nil), JetIndexRecordCount(session, rows, &count, 0),
                JetIndexRecordCount2(session, rows, &wide, 0), JetGetRecordSize(session, rows, &size, 0),
                JetGetCursorInfo(session, rows, nil, 0, 0), JetSetTableSequential(session, rows, 0),
                JetResetTableSequential(session, rows, 0),
                JetEnumerateColumns(session, rows, 0, nil, &count, &array, { _, _, _ in nil }, nil, 0, 0),
                JetGotoSecondaryIndexBookmark(session, rows, &number, 4, nil, 0, 0),
                JetGetSecondaryIndexBookmark(session, rows, nil, 0, nil, nil, 0, nil, 0),
                JetCloseTable(session, rows),
            ]
        }

        @Test func garbageIsNoCursor() throws {
            let fixture = try RowFixture()
            var random = SeededRandom(seed: 11)
            var garbage: [JET_TABLEID] = [0, .max, fixture.session, fixture.running.handle, fixture.rows &+ 0x10]
            for bit in 0..<64 { garbage.append(fixture.rows ^ 1 << UInt(bit)) }
            for _ in 0..<200 { garbage.append(JET_TABLEID(truncatingIfNeeded: random.next())) }
            for handle in garbage {
                #expect(results(fixture.session, handle).allSatisfy { $0 == JET_errInvalidTableId }, "\(handle)")
            }
            for session in garbage where session != fixture.session {
                #expect(results(session, fixture.rows).allSatisfy { $0 == JET_errInvalidSesid }, "\(session)")
            }
            #expect(fixture.insert(1) == JET_errSuccess)
        }

        @Test func cursorOfAnotherSession() throws {
            let fixture = try RowFixture()
            let (session, _) = try fixture.other()
            #expect(results(session, fixture.rows).allSatisfy { $0 == JET_errSesidTableIdMismatch })
            #expect(fixture.insert(1) == JET_errSuccess)
        }

        @Test func closedCursorsAndEndedSessions() throws {
            let fixture = try RowFixture()
            let (session, rows) = try fixture.other()
            #expect(JetCloseTable(session, rows) == JET_errSuccess)
            #expect(results(session, rows).allSatisfy { $0 == JET_errInvalidTableId })
            let (other, kept) = try fixture.other()
            #expect(JetPrepareUpdate(other, kept, UInt32(JET_prepInsert)) == JET_errSuccess)
            #expect(JetEndSession(other, 0) == JET_errSuccess)
            #expect(results(other, kept).allSatisfy { $0 == JET_errInvalidSesid })
            #expect(results(fixture.session, kept).allSatisfy { $0 == JET_errInvalidTableId })
            #expect(fixture.running.terminate() == JET_errSuccess)
            #expect(results(fixture.session, fixture.rows).allSatisfy { $0 == JET_errNotInitialized })
        }

        @Test func nothingIsReadFromNowhere() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(JetDupCursor(session, rows, nil, 0) == JET_errInvalidParameter)
            #expect(JetIndexRecordCount(session, rows, nil, 0) == JET_errInvalidParameter)
            #expect(JetGetRecordSize(session, rows, nil, 0) == JET_errInvalidParameter)
            var count: UInt32 = 0
            var array: UnsafeMutablePointer<JET_ENUMCOLUMN>?
            #expect(
                JetEnumerateColumns(session, rows, 0, nil, &count, &array, nil, nil, 0, 0) == JET_errInvalidParameter)
            #expect(
                JetEnumerateColumns(session, rows, 5, nil, &count, &array, { _, _, _ in nil }, nil, 0, 0)
                    == JET_errInvalidParameter)
            #expect(JetGetCurrentIndex(session, rows, nil, 10) == JET_errInvalidParameter)
            #expect(fixture.insert(1) == JET_errSuccess && fixture.move(0) == JET_errSuccess)
            #expect(JetGetBookmark(session, rows, nil, 40, nil) == JET_errBufferTooSmall)
            #expect(JetRetrieveKey(session, rows, nil, 40, nil, 0) == JET_wrnBufferTruncated)
        }
    }
}
