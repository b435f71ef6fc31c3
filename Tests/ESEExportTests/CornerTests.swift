// Layer: ESEExportTests. Tests: values and names that a sink could lose, change or stumble over.

import ESEExport
import ESEFormat
import Foundation
import PeerRig
import Testing

@Suite struct CornerTests {
    private func column(_ name: String, _ rendering: ValueRendering, _ type: ColumnType) -> ExportColumn {
        ExportColumn(
            name: name, rendering: rendering, definition: ColumnDefinition(id: ColumnID(1), name: name, type: type))
    }

    private func row(_ sink: any RowSink, _ cells: [(ValueRendering, [[UInt8]])]) throws {
        sink.beginRow(.live)
        for (rendering, values) in cells {
            sink.beginColumn(valueCount: values.count)
            for value in values { _ = sink.value(value.span.bytes, rendering) }
            sink.endColumn()
        }
        try sink.endRow()
    }

    private func little(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    private func csv(_ bytes: [UInt8], _ rendering: ValueRendering) throws -> String {
        let output = MemoryOutput()
        let sink = CSVSink(output)
        try sink.beginTable(ExportTable(name: "t", columns: [column("c", rendering, .longBinary)]))
        try row(sink, [(rendering, [bytes])])
        try sink.finish()
        return String(decoding: output.bytes.dropFirst(3).dropLast(2), as: UTF8.self)
    }

    /// What Python's sqlite3 reads from a database that `fill` has made: a line for each table and row.
    private func sqlite(_ fill: (SQLiteSink) throws -> Void) async throws -> [Substring] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("oriel-corner-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let sink = try SQLiteSink(creating: path)
            try fill(sink)
            sink.finish()
        }
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for (name,) in db.execute("select name from sqlite_master order by rowid").fetchall():
                quoted = name.replace('"', '""')
                cursor = db.execute(f'select * from "{quoted}"')
                print(ascii(name), ascii([d[0] for d in cursor.description]))
                for row in cursor: print(ascii(row))
            """
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run("/usr/bin/env", ["python3", "-c", script, path], seconds: 60)
        }
        #expect(result.errorOutput == "")
        return result.output.split(separator: "\n")
    }

    @Test func sqliteKeepsNumbersExactly() async throws {
        let lines = try await sqlite { sink in
            let columns = [
                column("u", .unsigned, .unsignedLongLong), column("s", .signed, .longLong),
                column("f", .floating, .double), column("b", .bit, .bit),
            ]
            try sink.beginTable(ExportTable(name: "t", columns: columns))
            try row(
                sink,
                [
                    (.unsigned, [little(.max)]), (.signed, [little(1 << 63)]),
                    (.floating, [little(Double.nan.bitPattern)]), (.bit, [[0xff]]),
                ])
            try row(
                sink,
                [
                    (.unsigned, [little(1 << 63)]), (.signed, [little((1 << 53) + 1)]),
                    (.floating, [little(Double.infinity.bitPattern)]), (.bit, [[1, 1]]),
                ])
            try row(sink, [(.unsigned, [little(7)]), (.signed, []), (.floating, []), (.bit, [])])
            try sink.endTable()
        }
        #expect(
            lines == [
                "'t' ['u', 's', 'f', 'b']",
                "('18446744073709551615', -9223372036854775808, 'nan', 1)",
                "('9223372036854775808', 9007199254740993, inf, '#unreadable: a value has not the size of its type"
                    + " at byte 2')",
                "(7, None, None, None)",
            ])
    }

    @Test(.timeLimit(.minutes(1))) func anyNameIsAName() async throws {
        let names = [
            "sqlite_stat1", "SQLITE_x", "", "a\"b", "\"\u{301}", "a\0", "a\u{2400}", "select", "x; DROP TABLE t", "[y]",
        ]
        let lines = try await sqlite { sink in
            for name in names {
                let columns = names.map { column($0, .signed, .long) }
                try sink.beginTable(ExportTable(name: name, columns: columns))
                try row(sink, names.map { _ in (.signed, [[1, 0, 0, 0]]) })
                try sink.endTable()
            }
        }
        #expect(lines.count == 2 * names.count)
    }

    @Test func sqliteDoesNotTouchAFileThatIsThere() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("oriel-there-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        // SQLite itself would add to a database that is there.
        for _ in 0..<2 {
            let there = try? Data(contentsOf: URL(fileURLWithPath: path))
            do {
                let sink = try SQLiteSink(creating: path)
                #expect(there == nil)
                try sink.beginTable(ExportTable(name: "t", columns: [column("c", .signed, .long)]))
                try sink.endTable()
            } catch {
                #expect(there != nil)
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == there)
            }
        }
    }

    @Test func datesAtTheEndsOfTheirRange() throws {
        #expect(try csv(little((2_958_465.999_999_999).bitPattern), .oleDate) == "2958465.999999999")
        #expect(try csv(little((2_958_465.5).bitPattern), .oleDate) == "9999-12-31T12:00:00")
        #expect(try csv(little((-657_434.5).bitPattern), .oleDate) == "0100-01-01T12:00:00")
        #expect(try csv(little((-657_435.0).bitPattern), .oleDate) == "-657435.0")
        // 23:59:59.9999 is the next day to the millisecond, also before 1899.
        #expect(try csv(little((1.999_999_999).bitPattern), .oleDate) == "1900-01-01T00:00:00")
        #expect(try csv(little((-1.999_999_999).bitPattern), .oleDate) == "1899-12-30T00:00:00")
    }

    @Test func secondsBeyondTheCalendarStaySeconds() throws {
        #expect(try csv(little(300_000_000_000), .secondsSince1601) == "300000000000")
        #expect(try csv(little(.max), .secondsSince1601) == "18446744073709551615")
        #expect(try csv(little(11_644_473_600), .secondsSince1601) == "1970-01-01T00:00:00.0000000Z")
    }

    /// Bytes behind an identity would be lost, so it is no identity.
    @Test func identityWithMoreBytesIsWrittenAsBytes() throws {
        #expect(try csv([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 7], .sid) == "01010000000000051200000007")
    }

    @Test func jsonOfSeveralLongTexts() throws {
        let output = MemoryOutput()
        let sink = JSONLinesSink(output, namesTable: true)
        let text = ValueRendering.text(codePage: 1252)
        sink.beginTable(ExportTable(name: "t", columns: [column("_table", text, .longText)], hasOrigin: true))
        try row(sink, [(text, [Array("\"\\\u{1f}\u{7f}/{".utf8), []])])
        try sink.finish()
        let object = try JSONSerialization.jsonObject(with: Data(output.bytes)) as? [String: Any]
        // Names of the sink's own don't clash with those of columns.
        #expect(object?["_table"] as? String == "t")
        #expect(object?["_table_2"] as? [String] == ["\"\\\u{1f}\u{7f}/{", ""])
    }
}
