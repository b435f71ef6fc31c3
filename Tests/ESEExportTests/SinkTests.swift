// Layer: ESEExportTests. Tests: CSV, JSON lines, SQLite, read back by Python.

import ESEExport
import ESEFormat
import ESEReader
import Foundation
import PeerRig
import Testing

@Suite struct SinkTests {
    private static let columns = [
        ExportColumn(
            name: "id", rendering: .signed, definition: ColumnDefinition(id: ColumnID(1), name: "id", type: .long)),
        ExportColumn(
            name: "te,xt", rendering: .text(codePage: 1252),
            definition: ColumnDefinition(id: ColumnID(128), name: "te,xt", type: .text)),
        ExportColumn(
            name: "ID", rendering: .binary,
            definition: ColumnDefinition(id: ColumnID(256), name: "ID", type: .longBinary)),
    ]

    /// A row with nothing special, one with quotation marks and line ends, one with NULL, nothing and several values.
    private func write(to sink: any RowSink, name: String = "t", hasOrigin: Bool = false) throws {
        try sink.beginTable(ExportTable(name: name, columns: Self.columns, hasOrigin: hasOrigin))
        func row(_ origin: RowOrigin, _ cells: [[[UInt8]]]) throws {
            sink.beginRow(origin)
            for (cell, column) in zip(cells, Self.columns) {
                sink.beginColumn(valueCount: cell.count)
                for value in cell { _ = sink.value(value.span.bytes, column.rendering) }
                sink.endColumn()
            }
            try sink.endRow()
        }
        try row(.live, [[[1, 0, 0, 0]], [Array("plain".utf8)], [[0xab]]])
        try row(.deleted, [[[0xff, 0xff, 0xff, 0xff]], [Array("a \"b\",\r\nc\tü\\".utf8)], [[]]])
        try row(.slack, [[], [[]], [[1], [2]]])
        sink.beginRow(.live)
        sink.beginColumn(valueCount: 1)
        sink.unreadable(FormatError(.badRecord, at: 7))
        sink.endColumn()
        for _ in 0..<2 {
            sink.beginColumn(valueCount: 0)
            sink.endColumn()
        }
        try sink.endRow()
        try sink.endTable()
    }

    private static let mark = "the parts of a record don't fit into it at byte 7"

    @Test func csv() throws {
        let output = MemoryOutput()
        let sink = CSVSink(output)
        try write(to: sink, hasOrigin: true)
        try sink.finish()
        // The text is read as code page 1252, where ü is two characters.
        #expect(
            String(decoding: output.bytes, as: UTF8.self) == """
                _origin,id,"te,xt",ID\r
                live,1,plain,ab\r
                deleted,-1,"a ""b"",\r
                c\tÃ¼\\",""\r
                slack,,"","[""01"",""02""]"\r
                live,#unreadable: \(Self.mark),,\r

                """)
    }

    @Test func jsonLines() throws {
        let output = MemoryOutput()
        let sink = JSONLinesSink(output, namesTable: true)
        try write(to: sink)
        try sink.finish()
        let lines = String(decoding: output.bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines[0] == #"{"_table":"t","id":1,"te,xt":"plain","ID":"ab"}"#)
        #expect(lines[1] == #"{"_table":"t","id":-1,"te,xt":"a \"b\",\r\nc\tÃ¼\\","ID":""}"#)
        #expect(lines[2] == #"{"_table":"t","id":null,"te,xt":"","ID":["01","02"]}"#)
        #expect(lines[3] == #"{"_table":"t","id":{"unreadable":"\#(Self.mark)"},"te,xt":null,"ID":null}"#)
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    @Test func sqlite() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("oriel-sink-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("out.sqlite").path
        do {
            let sink = try SQLiteSink(creating: path)
            try write(to: sink, hasOrigin: true)
            try write(to: sink, name: "T")
            sink.finish()
        }
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for (name,) in db.execute("select name from sqlite_master order by rowid"):
                cursor = db.execute(f'select * from "{name}"')
                print(name, [d[0] for d in cursor.description])
                for row in cursor: print(row)
            """
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run("/usr/bin/env", ["python3", "-c", script, path], seconds: 60)
        }
        #expect(
            result.output == """
                t ['_origin', 'id', 'te,xt', 'ID_2']
                ('live', 1, 'plain', b'\\xab')
                ('deleted', -1, 'a "b",\\r\\nc\\tÃ¼\\\\', b'')
                ('slack', None, '', '["01","02"]')
                ('live', "#unreadable: \(Self.mark)", None, None)
                T_2 ['id', 'te,xt', 'ID_2']
                (1, 'plain', b'\\xab')
                (-1, 'a "b",\\r\\nc\\tÃ¼\\\\', b'')
                (None, '', '["01","02"]')
                ("#unreadable: \(Self.mark)", None, None)

                """, "\(result.errorOutput)")
    }

    @Test func tooManyColumnsForSQLiteIsAnErrorThatSaysSo() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("oriel-wide-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sink = try SQLiteSink(creating: path)
        let table = ExportTable(name: "wide", columns: Array(repeating: Self.columns[0], count: 2_001))
        #expect(throws: ExportError.self) { try sink.beginTable(table) }
    }
}

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")")) struct ExportTests {
    /// Every sample's every table in all forms: as many rows as there are, no value that can't be read.
    @Test(arguments: ESESamples.databases) func everything(sample: ESESample) throws {
        let database = try ESEDatabase(readingFrom: sample.path)
        let output = MemoryOutput()
        for table in database.tables where !(sample.name.contains("large") && table.name.hasPrefix("MSys")) {
            let exporter = try Exporter(table.definition)
            for sink in [CSVSink(output), JSONLinesSink(output, namesTable: true)] as [any RowSink] {
                var summary = ExportSummary()
                try sink.beginTable(exporter.table)
                let rows = table.rows()
                try exporter.write(rows, to: sink, into: &summary)
                try sink.endTable()
                #expect(summary.unreadableCount == 0)
                #expect(summary.rowCount == rows.rowCount)
            }
        }
        #expect(String(validating: output.bytes, as: UTF8.self) != nil)
    }

    @Test func srumIdentitiesAreReadable() throws {
        let database = try ESEDatabase(readingFrom: try #require(ESESamples.path(of: "dissect/SRUDB.dat")))
        let table = try database.table("SruDbIdMapTable")
        var options = ExportOptions()
        options.columns = ["IdType", "IdBlob"]
        let exporter = try Exporter(table.definition, options: options)
        let output = MemoryOutput()
        let sink = CSVSink(output)
        var summary = ExportSummary()
        try sink.beginTable(exporter.table)
        try exporter.write(table.rows(), to: sink, into: &summary)
        try sink.finish()
        let lines = String(decoding: output.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.contains { $0.hasPrefix("3,S-1-5-") })
        #expect(lines.contains { $0.lowercased().contains(".exe") || $0.contains("svchost") || $0.contains("System") })
        options.isRaw = true
        options.columns = ["idblob", "nothing"]
        #expect(throws: ESEError.noColumn("nothing", table: "SruDbIdMapTable")) {
            try Exporter(table.definition, options: options)
        }
    }
}
