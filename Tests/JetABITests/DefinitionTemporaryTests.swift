// Temporary tables through the C functions.

import CJet
import Foundation
import JetABI
import Testing

extension OpenedDatabase {
    /// Opens a temporary table of columns (type, grbit).
    func temporary(
        _ columns: [(Int32, Int32)], _ grbit: Int32, _ table: inout JET_TABLEID, cp: UInt16 = 0
    ) -> (JET_ERR, [JET_COLUMNID]) {
        let definitions = columns.map { column in
            JET_COLUMNDEF(
                cbStruct: UInt32(MemoryLayout<JET_COLUMNDEF>.size), columnid: 0, coltyp: JET_COLTYP(column.0),
                wCountry: 0, langid: 0, cp: cp, wCollate: 0, cbMax: 0, grbit: JET_GRBIT(column.1))
        }
        var ids = [JET_COLUMNID](repeating: 0, count: columns.count)
        let result = JetOpenTempTable3(
            session, definitions, UInt32(columns.count), nil, JET_GRBIT(grbit), &table, &ids)
        return (result, ids)
    }

    /// What the update of a new row gives.
    func insert(_ table: JET_TABLEID, _ values: [(JET_COLUMNID, [UInt8]?)]) -> JET_ERR {
        let prepared = JetPrepareUpdate(session, table, UInt32(JET_prepInsert))
        guard prepared == JET_errSuccess else { return prepared }
        for (column, value) in values {
            let set = JetSetColumn(session, table, column, value, UInt32(value?.count ?? 0), 0, nil)
            if set < 0 { return set }
        }
        let result = JetUpdate(session, table, nil, 0, nil)
        if result < 0 { _ = JetPrepareUpdate(session, table, UInt32(JET_prepCancel)) }
        return result
    }
}

extension InProcessTests {
    struct DefinitionTemporaryTests {
        private func bytes(_ number: Int32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) } }

        @Test func sortsDropDuplicates() throws {
            let data = try OpenedDatabase(try Running())
            var table: JET_TABLEID = 0
            let key = JET_bitColumnTTKey
            let (result, ids) = data.temporary(
                [(JET_coltypLong, key), (JET_coltypLong, 0)], JET_bitTTScrollable | JET_bitTTUnique, &table)
            try #require(result == JET_errSuccess)
            for (place, number) in [5, 3, 9, 3, 1, 5, 7].enumerated() {
                let row: [(JET_COLUMNID, [UInt8]?)] = [(ids[0], bytes(Int32(number))), (ids[1], bytes(Int32(place)))]
                #expect(data.insert(table, row) == JET_errSuccess)
            }
            // The first move goes to the first row.
            #expect(JetMove(data.session, table, 1, 0) == JET_errSuccess)
            #expect(data.numbers(table, ids[0]) == [1, 3, 5, 7, 9])
            #expect(data.numbers(table, ids[1]) == [4, 1, 0, 6, 2])
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            _ = try data.end()
        }

        @Test func descendingKeysAndNulls() throws {
            let data = try OpenedDatabase(try Running())
            for grbit in [JET_bitTTScrollable, JET_bitTTScrollable | JET_bitTTSortNullsHigh] {
                var table: JET_TABLEID = 0
                let (result, ids) = data.temporary(
                    [(JET_coltypLong, JET_bitColumnTTKey), (JET_coltypText, JET_bitColumnTTKey)], grbit, &table)
                try #require(result == JET_errSuccess)
                for number in [2, nil, 1] as [Int32?] {
                    #expect(data.insert(table, [(ids[0], number.map(bytes)), (ids[1], [0x61])]) == JET_errSuccess)
                }
                let sorted: [[UInt8]?] =
                    grbit & JET_bitTTSortNullsHigh == 0
                    ? [nil, bytes(1), bytes(2)] : [bytes(1), bytes(2), nil]
                #expect(data.values(table, ids[0]) == sorted)
                #expect(JetCloseTable(data.session, table) == JET_errSuccess)
                let (again, other) = data.temporary(
                    [(JET_coltypLong, JET_bitColumnTTKey | JET_bitColumnTTDescending)], JET_bitTTScrollable, &table)
                try #require(again == JET_errSuccess)
                for number in [2, nil, 1] as [Int32?] {
                    #expect(data.insert(table, [(other[0], number.map(bytes))]) == JET_errSuccess)
                }
                #expect(data.values(table, other[0]) == [bytes(2), bytes(1), nil])
            }
            _ = try data.end()
        }

        @Test func duplicatesAreErrorsOrStay() throws {
            let data = try OpenedDatabase(try Running())
            var table: JET_TABLEID = 0
            let key = [(JET_coltypLong, JET_bitColumnTTKey), (JET_coltypLong, 0)]
            var (result, ids) = data.temporary(key, JET_bitTTErrorOnDuplicateInsertion, &table)
            try #require(result == JET_errSuccess)
            #expect(data.insert(table, [(ids[0], bytes(1))]) == JET_errSuccess)
            #expect(data.insert(table, [(ids[0], bytes(1))]) == JET_errKeyDuplicate)
            #expect(data.numbers(table, ids[0]) == [1])
            (result, ids) = data.temporary(key, JET_bitTTForwardOnly, &table)
            try #require(result == JET_errSuccess)
            for number in [3, 1, 3, 2] as [Int32] {
                #expect(data.insert(table, [(ids[0], bytes(number)), (ids[1], bytes(-number))]) == JET_errSuccess)
            }
            #expect(data.numbers(table, ids[0]) == [1, 2, 3, 3])
            (result, _) = data.temporary(key, JET_bitTTForwardOnly | JET_bitTTIndexed, &table)
            #expect(result == JET_errCannotMaterializeForwardOnlySort && table == JET_TABLEID.max)
            (result, _) = data.temporary([(JET_coltypLong, 0)], JET_bitTTForwardOnly, &table)
            #expect(result == JET_errCannotMaterializeForwardOnlySort)
            (result, _) = data.temporary([(99, 0)], 0, &table)
            #expect(result == JET_errInvalidColumnType)
            (result, _) = data.temporary([(JET_coltypText, 0)], 0, &table, cp: 99)
            #expect(result == JET_errInvalidCodePage)
            (result, _) = data.temporary([], 0, &table)
            #expect(result == JET_errInvalidParameter)
            _ = try data.end()
        }

        /// Rows are found by key, changed and deleted; long values work; without a key the order is that of insertion.
        @Test func tablesAreUsedLikeOthers() throws {
            let data = try OpenedDatabase(try Running())
            var table: JET_TABLEID = 0
            let grbit = JET_bitTTIndexed | JET_bitTTUpdatable | JET_bitTTScrollable
            let (result, ids) = data.temporary(
                [(JET_coltypLong, JET_bitColumnTTKey), (JET_coltypLongBinary, 0)], grbit, &table)
            try #require(result == JET_errSuccess)
            #expect(JetBeginTransaction(data.session) == JET_errSuccess)
            for number in 0..<300 as Range<Int32> {
                let long = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number % 10 == 0 ? 9_000 : 20)
                #expect(data.insert(table, [(ids[0], bytes(number)), (ids[1], long)]) == JET_errSuccess)
            }
            #expect(JetCommitTransaction(data.session, 0) == JET_errSuccess)
            var wanted: Int32 = 170
            #expect(JetMakeKey(data.session, table, &wanted, 4, JET_GRBIT(JET_bitNewKey)) == JET_errSuccess)
            #expect(JetSeek(data.session, table, JET_GRBIT(JET_bitSeekEQ)) == JET_errSuccess)
            var count: UInt32 = 0
            #expect(JetRetrieveColumn(data.session, table, ids[1], nil, 0, &count, 0, nil) == JET_wrnBufferTruncated)
            #expect(count == 9_000)
            #expect(JetDelete(data.session, table) == JET_errSuccess)
            #expect(JetMakeKey(data.session, table, &wanted, 4, JET_GRBIT(JET_bitNewKey)) == JET_errSuccess)
            #expect(JetSeek(data.session, table, JET_GRBIT(JET_bitSeekEQ)) == JET_errRecordNotFound)
            var copy: JET_TABLEID = 0
            #expect(JetDupCursor(data.session, table, &copy, 0) == JET_errSuccess)
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            #expect(data.numbers(copy, ids[0]).count == 299)
            var id: JET_COLUMNID = 0
            #expect(data.addResult("x", JET_coltypLong, to: copy, &id) == JET_errIllegalOperation)
            #expect(data.createIndex("x", "+x\0", on: copy) == JET_errIllegalOperation)
            var number: UInt32 = 0
            let level = JET_TblInfoDbid
            #expect(JetGetTableInfoA(data.session, copy, &number, 4, level) == JET_errInvalidOperation)
            #expect(JetCloseTable(data.session, copy) == JET_errSuccess)
            let (plain, columns) = data.temporary([(JET_coltypLong, 0)], 0, &table)
            try #require(plain == JET_errSuccess)
            for number in [3, 1, 2] as [Int32] { #expect(data.insert(table, [(columns[0], bytes(number))]) == 0) }
            #expect(data.numbers(table, columns[0]) == [3, 1, 2])
            _ = try data.end()
        }

        /// One that is opened in a transaction goes with it; space comes back when tables are closed.
        @Test func tablesGo() throws {
            let data = try OpenedDatabase(try Running())
            var table: JET_TABLEID = 0
            #expect(JetBeginTransaction(data.session) == JET_errSuccess)
            let (result, ids) = data.temporary([(JET_coltypLong, JET_bitColumnTTKey)], 0, &table)
            try #require(result == JET_errSuccess)
            #expect(data.insert(table, [(ids[0], bytes(1))]) == JET_errSuccess)
            #expect(JetRollback(data.session, 0) == JET_errSuccess)
            #expect(JetMove(data.session, table, 1, 0) == JET_errInvalidTableId)
            let path = "\(data.instance.directory.path)/tmp.edb"
            func size() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: path)).count }
            var first = 0
            for round in 0..<40 {
                let (result, ids) = data.temporary(
                    [(JET_coltypLong, JET_bitColumnTTKey), (JET_coltypBinary, 0)], JET_bitTTIndexed, &table)
                try #require(result == JET_errSuccess)
                #expect(JetBeginTransaction(data.session) == JET_errSuccess)
                for number in 0..<200 as Range<Int32> {
                    let row: [(JET_COLUMNID, [UInt8]?)] = [
                        (ids[0], bytes(number)), (ids[1], [UInt8](repeating: 7, count: 200)),
                    ]
                    #expect(data.insert(table, row) == JET_errSuccess)
                }
                #expect(JetCommitTransaction(data.session, 0) == JET_errSuccess)
                #expect(JetCloseTable(data.session, table) == JET_errSuccess)
                if round == 10 { first = try size() }
            }
            let last = try size()
            #expect(last <= first + 1 << 20, "\(first) \(last)")
            _ = try data.end()
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        @Test func structuresOfBothVersions() throws {
            let data = try OpenedDatabase(try Running())
            let arena = Arena()
            let column = JET_COLUMNDEF(
                cbStruct: UInt32(MemoryLayout<JET_COLUMNDEF>.size), columnid: 0, coltyp: JET_COLTYP(JET_coltypText),
                wCountry: 0, langid: 0, cp: 1_200, wCollate: 0, cbMax: 0, grbit: JET_GRBIT(JET_bitColumnTTKey))
            var ids: [JET_COLUMNID] = [0]
            let locale = arena.array([JET_UNICODEINDEX2(szLocaleName: arena.wide("en-US"), dwMapFlags: 0x30401)])
            var open = JET_OPENTEMPORARYTABLE2()
            open.cbStruct = UInt32(MemoryLayout<JET_OPENTEMPORARYTABLE2>.size)
            let columns = arena.array([column])
            open.prgcolumndef = UnsafePointer(columns)
            open.ccolumn = 1
            open.pidxunicode = locale
            open.grbit = JET_GRBIT(JET_bitTTScrollable)
            ids.withUnsafeMutableBufferPointer { ids in
                open.prgcolumnid = ids.baseAddress
                #expect(JetOpenTemporaryTable2(data.session, &open) == JET_errSuccess)
            }
            for text in ["b", "A", "C", "a"] {
                let bytes = text.utf8.flatMap { (unit: UInt8) -> [UInt8] in [unit, 0] }
                #expect(data.insert(open.tableid, [(ids[0], bytes)]) == JET_errSuccess)
            }
            // Case does not count, so "a" is a duplicate.
            #expect(data.values(open.tableid, ids[0]) == [[0x41, 0], [0x62, 0], [0x43, 0]])
            open.cbKeyMost = 100
            #expect(JetOpenTemporaryTable2(data.session, &open) == JET_errInvalidParameter)
            open.cbStruct -= 8
            #expect(JetOpenTemporaryTable2(data.session, &open) == JET_errInvalidParameter)
            _ = try data.end()
        }
    }
}
