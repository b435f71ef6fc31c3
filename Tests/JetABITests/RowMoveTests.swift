// Moves, searches, ranges, bookmarks and indexes, through the functions of this process.

import CJet
import ESEEngine
import Jet
import JetABI
import Testing

private let first = Int32.min
private let last = Int32.max

extension InProcessTests {
    struct RowMoveTests {
        private func filled(_ ids: [Int32]) throws -> RowFixture {
            let fixture = try RowFixture()
            for id in ids {
                let code = fixture.insert(id, number: Int64(id % 3), name: "n\(id)", tags: [id % 2, 5])
                try #require(code == JET_errSuccess)
            }
            return fixture
        }

        @Test func movesByRowsAndToTheEnds() throws {
            let fixture = try filled([5, 1, 3, 2, 4])
            #expect(fixture.ids() == [1, 2, 3, 4, 5])
            #expect(fixture.move(last) == JET_errSuccess && fixture.number("id") == 5)
            #expect(fixture.move(-3) == JET_errSuccess && fixture.number("id") == 2)
            #expect(fixture.move(2) == JET_errSuccess && fixture.number("id") == 4)
            #expect(fixture.move(0) == JET_errSuccess && fixture.number("id") == 4)
            #expect(fixture.move(2) == JET_errNoCurrentRecord)
            #expect(fixture.get("id").code == JET_errNoCurrentRecord)
            #expect(fixture.move(0) == JET_errNoCurrentRecord)
            #expect(fixture.move(-1) == JET_errSuccess && fixture.number("id") == 5)
            #expect(fixture.move(-9) == JET_errNoCurrentRecord)
            #expect(fixture.move(1) == JET_errSuccess && fixture.number("id") == 1)
        }

        @Test func countsAreThoseOfTheLastStatistics() throws {
            let fixture = try filled([1, 2, 3, 4, 5, 6, 7])
            func told() -> (records: UInt32, pages: UInt32) {
                var info = JET_OBJECTINFO()
                let size = UInt32(MemoryLayout<JET_OBJECTINFO>.size)
                let code = JetGetTableInfoA(fixture.session, fixture.rows, &info, size, UInt32(JET_TblInfo))
                #expect(code == JET_errSuccess)
                return (info.cRecord, info.cPage)
            }
            #expect(told() == (0, 0))
            #expect(JetComputeStats(fixture.session, fixture.rows) == JET_errSuccess)
            #expect(told() == (7, 1))
            #expect(fixture.insert(8) == JET_errSuccess)
            #expect(told() == (7, 1), "as of then")
            var list = JET_INDEXLIST()
            let size = UInt32(MemoryLayout<JET_INDEXLIST>.size)
            #expect(
                JetGetTableIndexInfoA(fixture.session, fixture.rows, "byNumber", &list, size, UInt32(JET_IdxInfoList))
                    == JET_errSuccess)
            func number(_ column: JET_COLUMNID) -> UInt32 {
                var number: UInt32 = 0
                _ = JetRetrieveColumn(fixture.session, list.tableid, column, &number, 4, nil, 0, nil)
                return number
            }
            #expect(JetMove(fixture.session, list.tableid, first, 0) == JET_errSuccess)
            #expect(number(list.columnidcEntry) == 7 && number(list.columnidcKey) == 3)
            #expect(number(list.columnidcPage) == 1)
            #expect(JetCloseTable(fixture.session, list.tableid) == JET_errSuccess)
        }

        /// Nothing but the position stays.
        @Test func failedBookmarkLeavesThePosition() throws {
            let fixture = try filled([1, 2, 3])
            #expect(fixture.seek(id: 2) == JET_errSuccess)
            var bookmark = [UInt8](repeating: 0, count: 64)
            var count: UInt32 = 0
            #expect(JetGetBookmark(fixture.session, fixture.rows, &bookmark, 64, &count) == JET_errSuccess)
            #expect(JetDelete(fixture.session, fixture.rows) == JET_errSuccess)
            #expect(fixture.seek(id: 3) == JET_errSuccess && fixture.prepare(JET_prepReplace) == JET_errSuccess)
            #expect(
                JetGotoBookmark(fixture.session, fixture.rows, &bookmark, count) == JET_errRecordDeleted)
            #expect(fixture.number("id") == 3 && fixture.update() == JET_errUpdateNotPrepared)
            #expect(JetGotoBookmark(fixture.session, fixture.rows, &bookmark, 0) == JET_errInvalidBookmark)
            #expect(fixture.move(-1) == JET_errSuccess && fixture.number("id") == 1)
        }

        @Test func emptyTableHasNoRow() throws {
            let fixture = try RowFixture()
            for count in [first, last, 1, -1, 0, 7] as [Int32] {
                #expect(fixture.move(count) == JET_errNoCurrentRecord, "\(count)")
            }
            #expect(fixture.seek(id: 1, JET_bitSeekGE) == JET_errRecordNotFound)
            var count: UInt32 = 9
            #expect(JetIndexRecordCount(fixture.session, fixture.rows, &count, 0) == JET_errSuccess && count == 0)
        }

        /// An opened or copied cursor, and one of another index, is on the first row.
        @Test func newCursorIsOnTheFirstRow() throws {
            let fixture = try filled([2, 1, 3])
            var copy: JET_TABLEID = 0
            #expect(JetDupCursor(fixture.session, fixture.rows, &copy, 0) == JET_errSuccess)
            #expect(fixture.number("id", on: copy) == 1)
            #expect(JetMove(fixture.session, copy, 1, 0) == JET_errSuccess)
            #expect(fixture.number("id", on: copy) == 2)
            var second: JET_TABLEID = 0
            #expect(JetDupCursor(fixture.session, fixture.rows, &second, 0) == JET_errSuccess)
            #expect(JetMove(fixture.session, second, 1, 0) == JET_errSuccess)
            #expect(fixture.number("id", on: second) == 2)
            #expect(JetCloseTable(fixture.session, copy) == JET_errSuccess)
            #expect(JetCloseTable(fixture.session, copy) == JET_errInvalidTableId)
            #expect(fixture.setIndex("byNumber") == JET_errSuccess)
            #expect(fixture.number("id") == 3)
        }

        @Test func movesByKeysSkipEntriesWithTheSameKey() throws {
            let fixture = try filled([1, 2, 3, 4, 5, 6, 7])
            #expect(fixture.setIndex("byNumber") == JET_errSuccess)
            #expect(fixture.ids() == [3, 6, 1, 4, 7, 2, 5])
            #expect(fixture.move(first) == JET_errSuccess)
            #expect(fixture.move(1, JET_bitMoveKeyNE) == JET_errSuccess && fixture.number("id") == 1)
            #expect(fixture.move(1, JET_bitMoveKeyNE) == JET_errSuccess && fixture.number("id") == 2)
            #expect(fixture.move(-1, JET_bitMoveKeyNE) == JET_errSuccess && fixture.number("id") == 7)
            #expect(fixture.move(2, JET_bitMoveKeyNE) == JET_errNoCurrentRecord)
        }

        @Test func searchesFindTheNearestRow() throws {
            let fixture = try filled([10, 20, 30])
            #expect(fixture.seek(JET_bitSeekEQ) == JET_errKeyNotMade)
            #expect(fixture.seek(id: 20) == JET_errSuccess && fixture.number("id") == 20)
            #expect(fixture.seek(JET_bitSeekEQ) == JET_errKeyNotMade)
            #expect(fixture.seek(id: 25) == JET_errRecordNotFound)
            #expect(fixture.get("id").code == JET_errNoCurrentRecord)
            #expect(fixture.move(1) == JET_errSuccess && fixture.number("id") == 30)
            #expect(fixture.seek(id: 25) == JET_errRecordNotFound)
            #expect(fixture.move(-1) == JET_errSuccess && fixture.number("id") == 20)
            #expect(fixture.seek(id: 20, JET_bitSeekGE) == JET_errSuccess && fixture.number("id") == 20)
            #expect(fixture.seek(id: 21, JET_bitSeekGE) == JET_wrnSeekNotEqual && fixture.number("id") == 30)
            #expect(fixture.seek(id: 20, JET_bitSeekGT) == JET_errSuccess && fixture.number("id") == 30)
            #expect(fixture.seek(id: 20, JET_bitSeekLE) == JET_errSuccess && fixture.number("id") == 20)
            #expect(fixture.seek(id: 19, JET_bitSeekLE) == JET_wrnSeekNotEqual && fixture.number("id") == 10)
            #expect(fixture.seek(id: 20, JET_bitSeekLT) == JET_errSuccess && fixture.number("id") == 10)
            #expect(fixture.seek(id: 10, JET_bitSeekLT) == JET_errRecordNotFound)
            #expect(fixture.seek(id: 30, JET_bitSeekGT) == JET_errRecordNotFound)
            #expect(fixture.seek(id: 20, 0) == JET_errInvalidParameter)
            #expect(fixture.seek(id: 20, JET_bitSeekEQ | JET_bitCheckUniqueness) == JET_wrnUniqueKey)
        }

        @Test func keysAreMadeColumnByColumn() throws {
            let fixture = try filled([1])
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(fixture.key(Int32(1), 0) == JET_errKeyNotMade)
            #expect(fixture.key(Int32(1)) == JET_errSuccess)
            #expect(fixture.key(Int32(1), 0) == JET_errKeyIsMade)
            #expect(fixture.key(Int64(1)) == JET_errInvalidBufferSize)
            #expect(JetMakeKey(session, rows, nil, 4, JET_GRBIT(JET_bitNewKey)) == JET_errInvalidParameter)
            var buffer = [UInt8](repeating: 0, count: 300)
            var count: UInt32 = 0
            let copy = JET_GRBIT(JET_bitRetrieveCopy)
            #expect(JetRetrieveKey(session, rows, &buffer, 300, &count, copy) == JET_errKeyNotMade)
            #expect(fixture.key(Int32(1)) == JET_errSuccess)
            #expect(JetRetrieveKey(session, rows, &buffer, 300, &count, copy) == JET_errSuccess)
            #expect(Array(buffer.prefix(Int(count))) == [0x7F, 0x80, 0, 0, 1])
            #expect(JetRetrieveKey(session, rows, &buffer, 2, &count, 0) == JET_wrnBufferTruncated && count == 5)
            #expect(JetMakeKey(session, rows, buffer, 5, JET_GRBIT(JET_bitNormalizedKey)) == JET_errSuccess)
            #expect(fixture.seek(JET_bitSeekEQ) == JET_errSuccess)
        }

        @Test func rangesEndMoves() throws {
            let fixture = try filled([1, 2, 3, 4, 5])
            let upper = JET_GRBIT(JET_bitRangeUpperLimit | JET_bitRangeInclusive)
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(JetSetIndexRange(session, rows, upper) == JET_errKeyNotMade)
            #expect(JetSetIndexRange(session, rows, JET_GRBIT(JET_bitRangeRemove)) == JET_errInvalidOperation)
            #expect(fixture.seek(id: 2) == JET_errSuccess)
            #expect(fixture.key(Int32(4)) == JET_errSuccess)
            #expect(JetSetIndexRange(session, rows, upper) == JET_errSuccess)
            var count: UInt32 = 0
            #expect(JetIndexRecordCount(session, rows, &count, 0) == JET_errSuccess && count == 3)
            #expect(JetIndexRecordCount(session, rows, &count, 2) == JET_errSuccess && count == 2)
            #expect(fixture.move(1) == JET_errSuccess && fixture.move(1) == JET_errSuccess)
            #expect(fixture.move(1) == JET_errNoCurrentRecord)
            #expect(fixture.move(last) == JET_errSuccess && fixture.number("id") == 5)
            #expect(fixture.seek(id: 4) == JET_errSuccess && fixture.key(Int32(2)) == JET_errSuccess)
            #expect(JetSetIndexRange(session, rows, 0) == JET_errSuccess)
            #expect(fixture.move(-1) == JET_errSuccess && fixture.number("id") == 3)
            #expect(JetSetIndexRange(session, rows, JET_GRBIT(JET_bitRangeRemove)) == JET_errSuccess)
            #expect(fixture.move(-1) == JET_errSuccess && fixture.number("id") == 2)
            #expect(fixture.seek(id: 4) == JET_errSuccess && fixture.key(Int32(3)) == JET_errSuccess)
            #expect(JetSetIndexRange(session, rows, upper) == JET_errNoCurrentRecord)
        }

        @Test func searchSetsItsOwnRange() throws {
            let fixture = try filled([1, 2, 3, 4, 5, 6, 7])
            #expect(fixture.setIndex("byNumber") == JET_errSuccess && fixture.key(Int64(1)) == JET_errSuccess)
            #expect(fixture.seek(JET_bitSeekEQ | JET_bitSetIndexRange) == JET_errSuccess)
            var count: UInt64 = 0
            #expect(JetIndexRecordCount2(fixture.session, fixture.rows, &count, 0) == JET_errSuccess && count == 3)
            #expect(fixture.move(2) == JET_errSuccess && fixture.number("id") == 7)
            #expect(fixture.move(1) == JET_errNoCurrentRecord)
            #expect(fixture.key(Int64(1)) == JET_errSuccess)
            #expect(fixture.seek(JET_bitSeekEQ | JET_bitCheckUniqueness) == JET_errSuccess)
        }

        @Test func bookmarksLeadBack() throws {
            let fixture = try filled([1, 2, 3])
            let (session, rows) = (fixture.session, fixture.rows)
            var bookmark = [UInt8](repeating: 0, count: 256)
            var count: UInt32 = 0
            #expect(fixture.seek(id: 2) == JET_errSuccess)
            #expect(JetGetBookmark(session, rows, &bookmark, 256, &count) == JET_errSuccess && count == 5)
            #expect(JetGetBookmark(session, rows, &bookmark, 3, &count) == JET_errBufferTooSmall && count == 5)
            #expect(JetGetBookmark(session, rows, nil, 0, &count) == JET_errBufferTooSmall && count == 5)
            #expect(fixture.move(first) == JET_errSuccess)
            #expect(JetGotoBookmark(session, rows, &bookmark, 0) == JET_errInvalidBookmark)
            #expect(JetGotoBookmark(session, rows, nil, 5) == JET_errInvalidBookmark)
            #expect(JetGotoBookmark(session, rows, &bookmark, 5) == JET_errSuccess && fixture.number("id") == 2)
            #expect(fixture.setIndex("byNumber") == JET_errSuccess)
            #expect(JetGotoBookmark(session, rows, &bookmark, 5) == JET_errSuccess && fixture.number("id") == 2)
            var key = [UInt8](repeating: 0, count: 256)
            var keyCount: UInt32 = 0
            #expect(
                JetGetSecondaryIndexBookmark(session, rows, &key, 256, &keyCount, &bookmark, 256, &count, 0)
                    == JET_errSuccess)
            #expect(keyCount == 9 && count == 5)
            #expect(fixture.move(first) == JET_errSuccess && fixture.number("id") == 3)
            #expect(
                JetGotoSecondaryIndexBookmark(session, rows, &key, keyCount, &bookmark, count, 0) == JET_errSuccess)
            #expect(fixture.number("id") == 2)
            #expect(JetGotoSecondaryIndexBookmark(session, rows, &key, 9, nil, 0, 0) == JET_errInvalidBookmark)
            #expect(JetDelete(session, rows) == JET_errSuccess)
            #expect(JetGotoSecondaryIndexBookmark(session, rows, &key, 9, &bookmark, 5, 0) == JET_errRecordDeleted)
            #expect(JetGotoBookmark(session, rows, &bookmark, 5) == JET_errRecordDeleted)
            #expect(fixture.setIndex(nil) == JET_errSuccess)
            #expect(
                JetGotoSecondaryIndexBookmark(session, rows, &key, keyCount, &bookmark, count, 0)
                    == JET_errNoCurrentIndex)
        }

        @Test func positionsLeadAboutBack() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            var position = JET_RECPOS()
            let size = UInt32(MemoryLayout<JET_RECPOS>.size)
            #expect(JetGetRecordPosition(session, rows, &position, size) == JET_errNoCurrentRecord)
            position = JET_RECPOS(cbStruct: size, centriesLT: 1, centriesInRange: 0, centriesTotal: 2)
            #expect(JetGotoPosition(session, rows, &position) == JET_errRecordNotFound)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            for id in 0..<2_000 as Range<Int32> {
                #expect(fixture.insert(id, number: Int64(id), name: "name \(id)") == JET_errSuccess)
            }
            #expect(JetCommitTransaction(session, 1) == JET_errSuccess)
            for index in [nil, "byNumber"] {
                #expect(fixture.setIndex(index) == JET_errSuccess)
                for part in 0...10 as ClosedRange<UInt32> {
                    position = JET_RECPOS(cbStruct: size, centriesLT: part, centriesInRange: 0, centriesTotal: 10)
                    #expect(JetGotoPosition(session, rows, &position) == JET_errSuccess)
                    let id = try #require(fixture.number("id"))
                    #expect(abs(id - Int(part) * 200) < 400, "part \(part): \(id)")
                    #expect(JetGetRecordPosition(session, rows, &position, size) == JET_errSuccess)
                    #expect(position.centriesInRange == 1 && position.centriesLT < position.centriesTotal)
                    let found = Double(position.centriesLT) / Double(position.centriesTotal)
                    #expect(abs(found - Double(part) / 10) < 0.2, "part \(part): \(found)")
                }
            }
            position.centriesLT = position.centriesTotal + 1
            #expect(JetGotoPosition(session, rows, &position) == JET_errInvalidParameter)
            position.cbStruct = 3
            #expect(JetGotoPosition(session, rows, &position) == JET_errInvalidParameter)
            #expect(JetGetRecordPosition(session, rows, &position, 3) == JET_errInvalidParameter)
        }

        @Test(arguments: [false, true]) func intersectionOfTwoIndexes(inTransaction: Bool) throws {
            let fixture = try filled((1...40).map { Int32($0) })
            let (session, rows) = (fixture.session, fixture.rows)
            var other: JET_TABLEID = 0
            #expect(JetDupCursor(session, rows, &other, 0) == JET_errSuccess)
            if inTransaction { #expect(JetBeginTransaction(session) == JET_errSuccess) }
            let range = { (rows: JET_TABLEID, grbit: Int32) in
                JET_INDEXRANGE(
                    cbStruct: UInt32(MemoryLayout<JET_INDEXRANGE>.size), tableid: rows, grbit: JET_GRBIT(grbit))
            }
            var ranges = [range(rows, JET_bitRecordInIndex), range(other, JET_bitRecordInIndex)]
            var list = JET_RECORDLIST()
            #expect(JetIntersectIndexes(session, &ranges, 2, &list, 0) == JET_errInvalidParameter)
            list.cbStruct = UInt32(MemoryLayout<JET_RECORDLIST>.size)
            #expect(JetIntersectIndexes(session, &ranges, 2, &list, 0) == JET_errInvalidParameter)
            // Rows whose number is 1, and those with the tag 0: 4, 10, 16 …
            #expect(JetSetCurrentIndex(session, rows, "byNumber") == JET_errSuccess)
            #expect(fixture.key(Int64(1)) == JET_errSuccess)
            #expect(fixture.seek(JET_bitSeekEQ | JET_bitSetIndexRange) == JET_errSuccess)
            #expect(JetSetCurrentIndex(session, other, "byTag") == JET_errSuccess)
            var zero: Int32 = 0
            #expect(JetMakeKey(session, other, &zero, 4, JET_GRBIT(JET_bitNewKey)) == JET_errSuccess)
            let seek = JET_GRBIT(JET_bitSeekEQ | JET_bitSetIndexRange)
            #expect(JetSeek(session, other, seek) == JET_errSuccess)
            ranges[1].grbit = JET_GRBIT(JET_bitRecordNotInIndex)
            #expect(JetIntersectIndexes(session, &ranges, 2, &list, 0) == JET_errInvalidGrbit)
            ranges[1] = range(other, JET_bitRecordInIndex)
            #expect(JetIntersectIndexes(session, &ranges, 2, &list, 0) == JET_errSuccess)
            #expect(list.cRecord == 7)
            #expect(fixture.setIndex(nil) == JET_errSuccess)
            var ids: [Int] = []
            var code = JetMove(session, list.tableid, first, 0)
            while code == JET_errSuccess {
                var bookmark = [UInt8](repeating: 0, count: 64)
                var count: UInt32 = 0
                #expect(
                    JetRetrieveColumn(
                        session, list.tableid, list.columnidBookmark, &bookmark, 64, &count, 0, nil) == JET_errSuccess)
                #expect(JetGotoBookmark(session, rows, &bookmark, count) == JET_errSuccess)
                ids.append(fixture.number("id") ?? -1)
                code = JetMove(session, list.tableid, 1, 0)
            }
            #expect(ids == [4, 10, 16, 22, 28, 34, 40])
            #expect(JetCloseTable(session, list.tableid) == JET_errSuccess)
        }

        @Test func indexesAreChosenByName() throws {
            let fixture = try filled([3, 1, 2])
            let (session, rows) = (fixture.session, fixture.rows)
            var name = [CChar](repeating: 1, count: 65)
            func current() -> String {
                _ = JetGetCurrentIndex(session, rows, &name, 65)
                return String(decoding: name.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
            }
            #expect(current() == "primary")
            #expect(JetSetCurrentIndex(session, rows, "BYNAME") == JET_errSuccess && current() == "byName")
            #expect(JetSetCurrentIndex(session, rows, "nothing") == JET_errIndexNotFound)
            #expect(JetSetCurrentIndexA(session, rows, "primary") == JET_errSuccess && current() == "primary")
            #expect(JetSetCurrentIndex2(session, rows, "byName", 0x80) == JET_errInvalidGrbit)
            #expect(fixture.seek(id: 2) == JET_errSuccess)
            let stays = JET_GRBIT(JET_bitNoMove)
            #expect(JetSetCurrentIndex2(session, rows, "byNumber", stays) == JET_errSuccess)
            #expect(fixture.number("id") == 2 && fixture.move(-1) == JET_errSuccess && fixture.number("id") == 1)
            #expect(JetSetCurrentIndex3(session, rows, "byTag", stays, 2) == JET_errSuccess)
            #expect(fixture.move(1) == JET_errSuccess)
            #expect(JetSetCurrentIndex(session, rows, "byNumber") == JET_errSuccess)
            #expect(JetSetCurrentIndex3(session, rows, "byTag", stays, 9) == JET_errBadItagSequence)
            #expect(JetSetCurrentIndex(session, rows, nil) == JET_errSuccess && current() == "primary")
            #expect(JetGetCurrentIndex(session, rows, &name, 0) == JET_wrnBufferTruncated)
            #expect(JetGetCurrentIndex(session, rows, &name, 4) == JET_errSuccess && name[3] == 0)
        }
    }
}
