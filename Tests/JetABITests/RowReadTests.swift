// Values of columns, through the functions of this process.

import CJet
import ESEEngine
import Jet
import JetABI
import Testing

/// Memory of an enumeration, counted.
private final class Pieces {
    var count = 0
    /// After how many pieces there is no more.
    var limit = Int.max
}

private func reallocate(
    _ context: UnsafeMutableRawPointer?, _ old: UnsafeMutableRawPointer?, _ count: UInt32
) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let pieces = Unmanaged<Pieces>.fromOpaque(context).takeUnretainedValue()
    if count == 0 {
        old?.deallocate()
        pieces.count -= 1
        return nil
    }
    guard pieces.count < pieces.limit else { return nil }
    pieces.count += 1
    return .allocate(byteCount: Int(count), alignment: 16)
}

extension InProcessTests {
    struct RowReadTests {
        private func row(_ fixture: RowFixture) {
            #expect(JetBeginTransaction(fixture.session) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess && fixture.set("id", Int32(1)) == JET_errSuccess)
            #expect(fixture.set("name", Array("Hello".utf8)) == JET_errSuccess)
            for tag in [11, 22, 33] as [Int32] {
                #expect(fixture.set("tags", tag, occurrence: 0) == JET_errSuccess)
            }
            #expect(fixture.set("blob", (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }) == JET_errSuccess)
            #expect(fixture.update() == JET_errSuccess)
            #expect(JetCommitTransaction(fixture.session, 0) == JET_errSuccess)
            #expect(fixture.move(0) == JET_errSuccess)
        }

        @Test func valuesFitOrAreCut() throws {
            let fixture = try RowFixture()
            row(fixture)
            #expect(fixture.get("name").bytes == Array("Hello".utf8))
            let cut = fixture.get("name", room: 3)
            #expect(cut.code == JET_wrnBufferTruncated && cut.count == 5 && cut.bytes == Array("Hel".utf8))
            #expect(fixture.get("name", room: 0).code == JET_wrnBufferTruncated)
            let column = fixture.column("name")
            var count: UInt32 = 0
            #expect(
                JetRetrieveColumn(fixture.session, fixture.rows, column, nil, 0, &count, 0, nil)
                    == JET_wrnBufferTruncated && count == 5)
            #expect(
                JetRetrieveColumn(fixture.session, fixture.rows, column, nil, 99, nil, 0, nil)
                    == JET_wrnBufferTruncated)
            let null = fixture.get("number")
            #expect(null.code == JET_wrnColumnNull && null.count == 0)
            #expect(fixture.number("level") == 7)
            #expect(fixture.get("level", JET_bitRetrieveIgnoreDefault).code == JET_errSuccess)
        }

        @Test func longValuesInParts() throws {
            let fixture = try RowFixture()
            row(fixture)
            let all = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
            #expect(fixture.get("blob").bytes == all)
            let part = fixture.get("blob", offset: 4_000, room: 100)
            #expect(part.code == JET_wrnBufferTruncated && part.count == 6_000)
            #expect(part.bytes == Array(all[4_000..<4_100]))
            let end = fixture.get("blob", offset: 10_000)
            #expect(end.code == JET_errSuccess && end.count == 0)
            #expect(JetBeginTransaction(fixture.session) == JET_errSuccess)
            #expect(fixture.prepare(JET_prepReplace) == JET_errSuccess)
            #expect(fixture.set("blob", [1, 2, 3], JET_bitSetAppendLV) == JET_errSuccess)
            #expect(fixture.set("blob", [9, 9], JET_bitSetOverwriteLV, offset: 1) == JET_errSuccess)
            #expect(fixture.get("blob", JET_bitRetrieveCopy).bytes == [0, 9, 9] + all[3...] + [1, 2, 3])
            #expect(
                JetSetColumn(
                    fixture.session, fixture.rows, fixture.column("blob"), nil, 5, JET_GRBIT(JET_bitSetSizeLV), nil)
                    == JET_errSuccess)
            #expect(fixture.update() == JET_errSuccess)
            #expect(fixture.get("blob").bytes == [0, 9, 9, 3, 4])
            #expect(JetRollback(fixture.session, 0) == JET_errSuccess)
            #expect(fixture.move(Int32.min) == JET_errSuccess && fixture.get("blob").bytes == all)
        }

        @Test func severalValues() throws {
            let fixture = try RowFixture()
            row(fixture)
            #expect(fixture.get("tags", occurrence: 3).bytes == [33, 0, 0, 0])
            #expect(fixture.get("tags", occurrence: 4).code == JET_wrnColumnNull)
            #expect(fixture.get("tags", occurrence: 0).code == JET_errBadItagSequence)
            var reads = [JET_RETRIEVECOLUMN](repeating: JET_RETRIEVECOLUMN(), count: 3)
            var number: Int32 = 0
            withUnsafeMutablePointer(to: &number) { number in
                reads[0].columnid = fixture.column("tags")
                reads[1].columnid = fixture.column("tags")
                reads[1].itagSequence = 2
                reads[1].pvData = UnsafeMutableRawPointer(number)
                reads[1].cbData = 4
                reads[2].columnid = fixture.column("number")
                reads[2].itagSequence = 1
                #expect(JetRetrieveColumns(fixture.session, fixture.rows, &reads, 3) == JET_errSuccess)
            }
            #expect(reads[0].itagSequence == 3 && reads[0].err == 0 && number == 22 && reads[1].cbActual == 4)
            #expect(reads[2].err == JET_wrnColumnNull)
            reads[1].cbData = 3
            withUnsafeMutablePointer(to: &number) { number in
                reads[1].pvData = UnsafeMutableRawPointer(number)
                #expect(JetRetrieveColumns(fixture.session, fixture.rows, &reads, 2) == JET_wrnBufferTruncated)
            }
            reads[1].columnid = 99
            #expect(JetRetrieveColumns(fixture.session, fixture.rows, &reads, 3) == JET_errColumnNotFound)
            #expect(reads[1].err == JET_errColumnNotFound)
            #expect(JetRetrieveColumns(fixture.session, fixture.rows, nil, 2) == JET_errInvalidParameter)
        }

        /// Column 0 is all tagged columns.
        @Test func columnZeroGoesThroughTaggedColumns() throws {
            let fixture = try RowFixture()
            row(fixture)
            var found: [JET_COLUMNID] = []
            for occurrence in 1...9 as ClosedRange<UInt32> {
                var info = JET_RETINFO()
                info.cbStruct = UInt32(MemoryLayout<JET_RETINFO>.size)
                info.itagSequence = occurrence
                let code = JetRetrieveColumn(fixture.session, fixture.rows, 0, nil, 0, nil, 0, &info)
                if code == JET_wrnColumnNull { break }
                #expect(code == JET_wrnBufferTruncated)
                found.append(info.columnidNextTagged)
            }
            let (tags, blob) = (fixture.column("tags"), fixture.column("blob"))
            #expect(found == [tags, tags, tags, blob])
        }

        @Test func requestsAreChecked() throws {
            let fixture = try RowFixture()
            row(fixture)
            let (session, rows) = (fixture.session, fixture.rows)
            var value = 0
            #expect(JetRetrieveColumn(session, rows, 99, &value, 8, nil, 0, nil) == JET_errColumnNotFound)
            #expect(JetRetrieveColumn(session, rows, 0x7000_0001, &value, 8, nil, 0, nil) == JET_errBadColumnId)
            #expect(
                JetRetrieveColumn(session, rows, fixture.column("id"), &value, 8, nil, 0x4000_0000, nil)
                    == JET_errInvalidGrbit)
            #expect(
                JetRetrieveColumn(session, rows, fixture.column("id"), &value, 8, nil, 6, nil) == JET_errInvalidGrbit)
            var info = JET_RETINFO()
            info.cbStruct = 3
            #expect(
                JetRetrieveColumn(session, rows, fixture.column("id"), &value, 8, nil, 0, &info)
                    == JET_errInvalidParameter)
            let index = JET_GRBIT(JET_bitRetrieveFromIndex)
            #expect(
                JetRetrieveColumn(session, rows, fixture.column("id"), &value, 8, nil, index, nil) == JET_errSuccess)
        }

        @Test func defaultsAreToldApart() throws {
            let fixture = try RowFixture()
            let (session, rows) = (fixture.session, fixture.rows)
            #expect(fixture.prepare(JET_prepInsert) == JET_errSuccess && fixture.set("id", Int32(1)) == JET_errSuccess)
            #expect(fixture.number("level", JET_bitRetrieveCopy) == 7)
            #expect(fixture.set("level", []) == JET_errSuccess)
            #expect(fixture.get("level", JET_bitRetrieveCopy).code == JET_wrnColumnNull)
            #expect(fixture.update() == JET_errSuccess)
            #expect(fixture.move(0) == JET_errSuccess && fixture.get("level").code == JET_wrnColumnNull)
            var size = JET_RECSIZE2()
            #expect(JetGetRecordSize2(session, rows, &size, 0) == JET_errSuccess)
            #expect(size.cNonTaggedColumns >= 2 && size.cbOverhead > 0 && size.cLongValues == 0)
            #expect(JetGetRecordSize2(session, rows, &size, 0x100) == JET_errInvalidGrbit)
            #expect(JetGetRecordSize2(session, rows, nil, 0) == JET_errInvalidParameter)
        }

        // MARK: Enumeration.

        private func enumerate(
            _ fixture: RowFixture, _ pieces: Pieces, _ requests: [JET_ENUMCOLUMNID] = [], _ grbit: Int32 = 0,
            limit: UInt32 = .max
        ) -> (code: JET_ERR, columns: [JET_ENUMCOLUMN], array: UnsafeMutablePointer<JET_ENUMCOLUMN>?) {
            var count: UInt32 = 77
            var array: UnsafeMutablePointer<JET_ENUMCOLUMN>?
            var requests = requests
            let context = Unmanaged.passUnretained(pieces).toOpaque()
            let code = JetEnumerateColumns(
                fixture.session, fixture.rows, UInt32(requests.count), &requests, &count, &array, reallocate, context,
                limit, JET_GRBIT(grbit))
            return (code, Array(UnsafeBufferPointer(start: array, count: Int(count))), array)
        }

        /// Frees all of it as a caller would.
        private func free(_ columns: [JET_ENUMCOLUMN], _ array: UnsafeMutableRawPointer?, _ pieces: Pieces) {
            let context = Unmanaged.passUnretained(pieces).toOpaque()
            for column in columns {
                if column.err == JET_wrnColumnSingleValue {
                    if let data = column.pvData { _ = reallocate(context, data, 0) }
                } else if let values = column.rgEnumColumnValue {
                    for number in 0..<Int(column.cEnumColumnValue) {
                        if let data = values[number].pvData { _ = reallocate(context, data, 0) }
                    }
                    _ = reallocate(context, values, 0)
                }
            }
            if let array { _ = reallocate(context, array, 0) }
        }

        @Test func enumeratesAllColumns() throws {
            let fixture = try RowFixture()
            row(fixture)
            let pieces = Pieces()
            let (code, columns, array) = enumerate(fixture, pieces)
            #expect(code == JET_errSuccess)
            let tags = try #require(columns.first { $0.columnid == fixture.column("tags") })
            #expect(tags.cEnumColumnValue == 3 && tags.err == 0)
            #expect(tags.rgEnumColumnValue?[1].itagSequence == 2 && tags.rgEnumColumnValue?[1].cbData == 4)
            let blob = try #require(columns.first { $0.columnid == fixture.column("blob") })
            #expect(blob.rgEnumColumnValue?[0].cbData == 10_000)
            #expect(columns.first { $0.columnid == fixture.column("number") }?.err == JET_wrnColumnNull)
            #expect(!columns.contains { $0.columnid == fixture.column("memo") })
            free(columns, array, pieces)
            #expect(pieces.count == 0)
        }

        @Test func enumeratesInShort() throws {
            let fixture = try RowFixture()
            row(fixture)
            let pieces = Pieces()
            let grbit = JET_bitEnumerateCompressOutput | JET_bitEnumerateTaggedOnly | JET_bitEnumerateIgnoreDefault
            let (code, columns, array) = enumerate(fixture, pieces, [], grbit, limit: 100)
            #expect(code == JET_errSuccess && columns.count == 2)
            // What was cut is no single value that could be given in short.
            #expect(columns.last?.rgEnumColumnValue?[0].err == JET_wrnColumnTruncated)
            #expect(columns.last?.rgEnumColumnValue?[0].cbData == 100)
            free(columns, array, pieces)
            let all = enumerate(fixture, pieces, [], JET_bitEnumerateCompressOutput)
            let name = try #require(all.columns.first { $0.columnid == fixture.column("name") })
            #expect(name.err == JET_wrnColumnSingleValue && name.cbData == 5)
            free(all.columns, all.array, pieces)
            let present = enumerate(fixture, pieces, [], JET_bitEnumeratePresenceOnly)
            #expect(present.columns.first { $0.columnid == fixture.column("tags") }?.err == JET_wrnColumnPresent)
            free(present.columns, present.array, pieces)
            #expect(pieces.count == 0)
        }

        @Test func enumeratesWhatIsAskedFor() throws {
            let fixture = try RowFixture()
            row(fixture)
            let pieces = Pieces()
            var occurrences: [UInt32] = [2, 0, 9]
            occurrences.withUnsafeMutableBufferPointer { occurrences in
                let requests = [
                    JET_ENUMCOLUMNID(
                        columnid: fixture.column("tags"), ctagSequence: 3, rgtagSequence: occurrences.baseAddress),
                    JET_ENUMCOLUMNID(columnid: 0, ctagSequence: 0, rgtagSequence: nil),
                    JET_ENUMCOLUMNID(columnid: 4_000, ctagSequence: 0, rgtagSequence: nil),
                    JET_ENUMCOLUMNID(columnid: fixture.column("memo"), ctagSequence: 0, rgtagSequence: nil),
                ]
                let (code, columns, array) = enumerate(fixture, pieces, requests)
                #expect(code == JET_errColumnNotFound && columns.count == 4)
                let values = columns[0].rgEnumColumnValue
                #expect(values?[0].cbData == 4 && values?[1].err == JET_wrnColumnSkipped)
                #expect(values?[2].err == JET_wrnColumnNull)
                #expect(columns[1].err == JET_wrnColumnSkipped && columns[2].err == JET_errColumnNotFound)
                #expect(columns[3].err == JET_wrnColumnNull)
                free(columns, array, pieces)
                #expect(enumerate(fixture, pieces, requests, JET_bitEnumerateTaggedOnly).code == JET_errInvalidGrbit)
            }
            #expect(enumerate(fixture, pieces, [], 0x4000_0000).code == JET_errInvalidGrbit)
            #expect(pieces.count == 0)
        }

        @Test func enumerationGivesMemoryBackWhenItRunsOut() throws {
            let fixture = try RowFixture()
            row(fixture)
            let pieces = Pieces()
            for limit in 0..<12 {
                pieces.limit = limit
                let (code, columns, array) = enumerate(fixture, pieces)
                #expect(code == JET_errOutOfMemory && columns.isEmpty && array == nil && pieces.count == 0)
            }
        }
    }
}
