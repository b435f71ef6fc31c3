// Layer: ESEEngineTests. Tests: RowCursor, IndexMaintenance, PendingUpdate.

import ESEFormat
import Testing

@testable import ESEEngine

@Suite struct RowCursorTests {
    private func filled(_ count: Int32 = 20) throws -> (TableFixture, TableSession, RowCursor) {
        let fixture = try TableFixture()
        let session = fixture.makeSession()
        let cursor = fixture.cursor(session)
        try fixture.begin(session)
        for id in 0..<count {
            try cursor.insert(
                FixtureRow(id: id * 10, number: Int64(id % 5), name: "name \(id)", tags: [id % 3, 100 + id % 2]))
        }
        try fixture.commit(session)
        return (fixture, session, cursor)
    }

    @Test func movesStopAtBothEndsAndComeBack() throws {
        let (_, _, cursor) = try filled(3)
        #expect(try cursor.next() && cursor.row().id == 0, "from before the first row")
        #expect(try cursor.next() && cursor.next() && cursor.row().id == 20)
        #expect(try !cursor.next())
        #expect(throws: JetError.noCurrentRecord) { try cursor.row() }
        #expect(try !cursor.next())
        #expect(try cursor.previous() && cursor.row().id == 20, "back from behind the last row")
        #expect(try cursor.first() && !cursor.previous() && cursor.next() && cursor.row().id == 0)
    }

    @Test func seeksFindTheNearestRow() throws {
        let (_, _, cursor) = try filled()
        let cases: [(Int32, SeekKind, SeekResult, Int32?)] = [
            (50, .equal, .equal, 50), (55, .equal, .notFound, nil), (55, .greaterOrEqual, .notEqual, 60),
            (50, .greaterOrEqual, .equal, 50), (50, .greater, .notEqual, 60), (50, .less, .notEqual, 40),
            (55, .lessOrEqual, .notEqual, 50), (50, .lessOrEqual, .equal, 50), (190, .greater, .notFound, nil),
            (0, .less, .notFound, nil), (-5, .lessOrEqual, .notFound, nil),
        ]
        for (key, kind, expected, id) in cases {
            let result = try cursor.seek([key], kind)
            #expect(result == expected, "\(key) \(kind)")
            if let id { #expect(try cursor.row().id == id, "\(key) \(kind)") }
        }
    }

    @Test func failedSearchByABookmarkLeavesTheCursorWhereItWas() throws {
        let (fixture, session, cursor) = try filled()
        #expect(try cursor.seek([Int32(70)], .equal) == .equal)
        let gone = try cursor.bookmark().array()
        try fixture.begin(session)
        try cursor.delete()
        try fixture.commit(session)
        func fails() -> Bool {
            do throws(JetError) {
                try gone.lend { (key: Bytes) throws(JetError) in try cursor.go(to: key) }
                return false
            } catch { return error == .recordDeleted }
        }
        #expect(try cursor.seek([Int32(50)], .equal) == .equal)
        #expect(fails())
        #expect(try cursor.row().id == 50)
        #expect(try cursor.next() && cursor.row().id == 60)
        try cursor.setIndex(try fixture.index("byNumber"))
        #expect(fails(), "before the first row")
        #expect(try cursor.next() && cursor.row().id == 0)
        #expect(try cursor.next() && cursor.row().id == 50)
        #expect(fails())
        #expect(try cursor.row().id == 50)
        #expect(try cursor.next() && cursor.row().id == 100)
        #expect(try cursor.last())
        let entry = (try cursor.key().array(), try cursor.bookmark().array())
        let last = try cursor.row().id
        try fixture.begin(session)
        try cursor.delete()
        try fixture.commit(session)
        #expect(try cursor.first() && cursor.row().id == 0)
        for staysInGap in [false, true] {
            var code: JetError?
            do throws(JetError) {
                try entry.0.lend { (key: Bytes) throws(JetError) in
                    try entry.1.lend { (record: Bytes) throws(JetError) in
                        try cursor.go(toEntry: key, record: record, staysInGap: staysInGap)
                    }
                }
            } catch { code = error }
            #expect(code == .recordDeleted)
            if staysInGap {
                #expect(try !cursor.next() || cursor.row().id != 50, "it is where \(last) was")
            } else {
                #expect(try cursor.row().id == 0)
            }
        }
    }

    @Test func searchByABookmarkWithoutAnEntryLeavesTheCursorWhereItWas() throws {
        let columns = TableFixture.columns()
        let fixture = try TableFixture(
            columns: columns, indexes: [TableFixture.index("byName", [128], [])])
        let session = fixture.makeSession()
        let cursor = fixture.cursor(session)
        try fixture.begin(session)
        for id in 0..<4 as Range<Int32> {
            try cursor.insert(FixtureRow(id: id, number: 1, name: id == 2 ? nil : "name \(id)"))
        }
        try fixture.commit(session)
        #expect(try cursor.seek([Int32(2)], .equal) == .equal)
        let key = try cursor.bookmark().array()
        try cursor.setIndex(try fixture.index("byName"))
        #expect(try cursor.first() && cursor.next() && cursor.row().id == 1)
        var code: JetError?
        do throws(JetError) {
            try key.lend { (key: Bytes) throws(JetError) in try cursor.go(to: key) }
        } catch { code = error }
        #expect(code == .recordNotFound)
        #expect(try cursor.row().id == 1)
        #expect(try cursor.next() && cursor.row().id == 3)
    }

    @Test func missedSeekStandsBetweenItsNeighbours() throws {
        let (_, _, cursor) = try filled()
        #expect(try cursor.seek([Int32(55)], .equal) == .notFound)
        #expect(try cursor.next() && cursor.row().id == 60)
        #expect(try cursor.seek([Int32(55)], .equal) == .notFound)
        #expect(try cursor.previous() && cursor.row().id == 50)
    }

    @Test func rangesEndMovesAndLetThemTurn() throws {
        let (_, _, cursor) = try filled()
        #expect(try cursor.seek([Int32(50)], .equal) == .equal)
        _ = try Int32(80).littleEndianBytes.lend { (bytes: Bytes) throws(JetError) in
            try cursor.makeKey(bytes.buffer, .newKey)
        }
        #expect(try cursor.setRange(isUpper: true, isInclusive: false))
        var ids: [Int32] = []
        repeat { ids.append(try cursor.row().id) } while try cursor.next()
        #expect(ids == [50, 60, 70])
        #expect(try cursor.previous() && cursor.row().id == 70, "back into the range")
    }

    @Test func indexesHaveTheirOrder() throws {
        let (fixture, _, cursor) = try filled()
        try cursor.setIndex(fixture.index("byNumber"))
        let numbers = try cursor.allRows().map(\.number)
        #expect(numbers == numbers.sorted { ($0 ?? 0) < ($1 ?? 0) } && numbers.count == 20)
        try cursor.setIndex(fixture.index("byTag"))
        #expect(try cursor.allRows().count == 40, "one entry for each of two tags")
        try cursor.setIndex(fixture.index("byNumber"))
        #expect(try cursor.seek([Int64(3)], .equal) == .equal)
        #expect(try !cursor.isKeyUnique())
        let id = try cursor.row().id
        try cursor.setIndex(nil, stays: true)
        #expect(try cursor.row().id == id && cursor.next() && cursor.row().id == id + 10)
        try cursor.setIndex(fixture.index("byName"), stays: true)
        #expect(try cursor.row().id == id + 10)
    }

    @Test func bookmarksLeadBack() throws {
        let (fixture, _, cursor) = try filled()
        #expect(try cursor.seek([Int32(70)], .equal) == .equal)
        let bookmark = try cursor.bookmark().array()
        _ = try cursor.first()
        try bookmark.lend { (bytes: Bytes) throws(JetError) in try cursor.go(to: bytes) }
        #expect(try cursor.row().id == 70)
        try cursor.setIndex(fixture.index("byNumber"))
        try bookmark.lend { (bytes: Bytes) throws(JetError) in try cursor.go(to: bytes) }
        #expect(try cursor.row().id == 70)
        let entry = try cursor.entryBookmark()
        let (bytes, count) = (entry.bytes.array(), entry.keyByteCount)
        _ = try cursor.last()
        try bytes.lend { (bytes: Bytes) throws(JetError) in
            try cursor.go(toEntry: Bookmark(bytes, keyByteCount: count))
        }
        #expect(try cursor.row().id == 70)
    }

    @Test func changesMoveEntriesOfIndexes() throws {
        let (fixture, session, cursor) = try filled()
        try fixture.begin(session)
        #expect(try cursor.seek([Int32(70)], .equal) == .equal)
        try cursor.replace(with: FixtureRow(id: 75, number: 99, name: "new", tags: [7]))
        try cursor.setIndex(fixture.index("byNumber"))
        #expect(try cursor.seek([Int64(99)], .equal) == .equal && cursor.row().id == 75)
        try cursor.delete()
        #expect(throws: JetError.recordDeleted) { try cursor.row() }
        #expect(try cursor.seek([Int64(99)], .equal) == .notFound)
        try fixture.commit(session)
        fixture.trees.clean()
        for name in ["byNumber", "byName", "byTag"] {
            try cursor.setIndex(fixture.index(name))
            let ids = Set(try cursor.allRows().map(\.id))
            #expect(ids.count == 19 && !ids.contains(75) && !ids.contains(70), "\(name)")
        }
        try fixture.checkSpace()
    }

    @Test func failedUpdateLeavesNothing() throws {
        let (fixture, session, cursor) = try filled()
        try fixture.begin(session)
        #expect(throws: JetError.keyDuplicate) {
            try cursor.insert(FixtureRow(id: 71, number: 1, name: "name 3", tags: [1]))
        }
        #expect(try cursor.seek([Int32(71)], .equal) == .notFound)
        try cursor.setIndex(fixture.index("byNumber"))
        #expect(try cursor.allRows().count == 20)
        try cursor.setIndex(nil)
        #expect(try cursor.seek([Int32(50)], .equal) == .equal)
        #expect(throws: JetError.keyDuplicate) {
            try cursor.replace(with: FixtureRow(id: 60, number: 8, name: nil, tags: []))
        }
        #expect(try cursor.row() == FixtureRow(id: 50, number: 0, name: "name 5", tags: [2, 101]))
        try fixture.commit(session)
    }

    @Test func lockedRowIsAConflictForOthers() throws {
        let (fixture, session, cursor) = try filled()
        let other = fixture.makeSession()
        let otherCursor = fixture.cursor(other)
        try fixture.begin(session)
        try fixture.begin(other)
        #expect(try cursor.seek([Int32(50)], .equal) == .equal && otherCursor.seek([Int32(50)], .equal) == .equal)
        try cursor.prepare(.replace)
        #expect(throws: JetError.writeConflict) { try otherCursor.prepare(.replace) }
        try cursor.cancelUpdate()
        try fixture.rollback(session)
        try otherCursor.prepare(.replace)
        try otherCursor.set(TableFixture.number, Int64(42))
        try otherCursor.update()
        try fixture.commit(other)
        #expect(try otherCursor.row().number == 42)
    }

    @Test func unlockedReplaceNoticesOthersChanges() throws {
        let (fixture, session, cursor) = try filled()
        #expect(try cursor.seek([Int32(50)], .equal) == .equal)
        try cursor.prepare(.replaceNoLock)
        try cursor.set(TableFixture.number, Int64(1))
        let other = fixture.makeSession()
        let otherCursor = fixture.cursor(other)
        try fixture.begin(other)
        #expect(try otherCursor.seek([Int32(50)], .equal) == .equal)
        try otherCursor.replace(with: FixtureRow(id: 50, number: 2, name: nil, tags: []))
        try fixture.commit(other)
        try fixture.begin(session)
        #expect(throws: JetError.dataHasChanged) { try cursor.update() }
        try fixture.rollback(session)
    }

    @Test func deletedRowIsNotMistakenForItsNeighbour() throws {
        let (fixture, session, cursor) = try filled(3)
        #expect(try cursor.seek([Int32(10)], .equal) == .equal)
        let other = fixture.makeSession()
        try fixture.begin(other)
        let otherCursor = fixture.cursor(other)
        #expect(try otherCursor.seek([Int32(10)], .equal) == .equal)
        try otherCursor.delete()
        try fixture.commit(other)
        fixture.trees.clean()
        try fixture.begin(session)
        for _ in 0..<2 { #expect(throws: JetError.recordDeleted) { try cursor.delete() } }
        for _ in 0..<2 { #expect(throws: JetError.recordDeleted) { try cursor.row() } }
        #expect(try cursor.next() && cursor.row().id == 20)
        try fixture.commit(session)
    }

    @Test func rowsWithoutPrimaryIndexAreNumbered() throws {
        let fixture = try TableFixture(hasPrimary: false)
        let session = fixture.makeSession()
        let cursor = fixture.cursor(session)
        try fixture.begin(session)
        for id in [5, 3, 9, 3] as [Int32] { try cursor.insert(FixtureRow(id: id, number: nil, name: nil)) }
        #expect(try cursor.allRows().map(\.id) == [5, 3, 9, 3])
        let key = cursor.lastKey.array()
        #expect(key == [0, 0, 0, 4])
        try fixture.commit(session)
    }

    @Test func nullIsRefusedWhereAValueMustBe() throws {
        let (fixture, session, cursor) = try filled(1)
        try fixture.begin(session)
        try cursor.prepare(.insert)
        #expect(throws: JetError.nullInvalid) { try cursor.update() }
        try cursor.cancelUpdate()
        #expect(throws: JetError.updateNotPrepared) { try cursor.update() }
        try fixture.commit(session)
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] { Swift.withUnsafeBytes(of: littleEndian) { [UInt8]($0) } }
}
