// Layer: ESEExportTests. Tests: what is known of well-known tables.

import ESEExport
import ESEFormat
import Testing

@Suite struct WellKnownTableTests {
    private func renderings(_ table: String, _ columns: [(String, ColumnType)]) -> [ValueRendering] {
        var definition = TableDefinition(objectID: ObjectID(10), name: table, rootPage: PageNumber(31))
        definition.columns = columns.map { ColumnDefinition(id: ColumnID(1), name: $0.0, type: $0.1) }
        return WellKnownTables.renderings(of: definition)
    }

    private func csv(_ bytes: [UInt8], _ rendering: ValueRendering) throws -> String {
        let output = MemoryOutput()
        let sink = CSVSink(output)
        let definition = ColumnDefinition(id: ColumnID(1), name: "c", type: .longBinary)
        try sink.beginTable(
            ExportTable(name: "t", columns: [ExportColumn(name: "c", rendering: rendering, definition: definition)]))
        sink.beginRow(.live)
        sink.beginColumn(valueCount: 1)
        _ = sink.value(bytes.span.bytes, rendering)
        sink.endColumn()
        try sink.endRow()
        try sink.finish()
        return String(decoding: output.bytes.dropFirst(3).dropLast(2), as: UTF8.self)
    }

    /// XP, Vista and Windows 7 call the table the same and keep numbers in different orders.
    @Test func versionsOfWindowsSearch() {
        let columns: [(String, ColumnType)] = [
            ("System_Search_GatherTime", .binary), ("System_Size", .currency),
            ("System_Document_TotalEditingTime", .binary),
        ]
        let big: [ValueRendering] = [.fileTimeBigEndian, .unsignedBigEndian, .binary]
        let little: [ValueRendering] = [.fileTime, .unsignedBytes, .binary]
        #expect(renderings("SystemIndex_0A", columns) == big)
        #expect(renderings("SystemIndex_0A", columns + [("__SDID", .binary)]).prefix(3) == big[...])
        #expect(renderings("SystemIndex_0A", columns + [("__SDID", .long)]).prefix(3) == little[...])
        #expect(
            renderings(
                "SystemIndex_PropertyStore",
                [("15F-System_DateModified", .binary), ("13F-System_Size", .binary), ("33-System_ItemUrl", .longText)])
                == [.fileTime, .unsignedBytes, .text(codePage: 0)])
        #expect(renderings("SystemIndex_Gthr", [("LastModified", .binary)]) == [.fileTimeBigEndian])
    }

    @Test func directory() throws {
        #expect(
            renderings(
                "datatable", [("ATTr589970", .longBinary), ("ATTr589945", .longBinary), ("ATTl131074", .currency)])
                == [.directorySID, .directorySID, .secondsSince1601])
        // The stored form and the text are those of a test of dissect.database.
        let stored: [UInt8] = [
            1, 5, 0, 0, 0, 0, 0, 5, 0x15, 0, 0, 0, 0xe9, 0xe8, 0xb2, 0x74, 0xbc, 0xd7, 0x7e, 0xfd, 0x4f, 0x1e, 0xb4,
            0x8c,
            0, 0, 4, 0x6e,
        ]
        #expect(try csv(stored, .directorySID) == "S-1-5-21-1957882089-4252948412-2360614479-1134")
        #expect(try csv([1, 0, 0, 0, 0, 0, 0, 5], .directorySID) == "S-1-5")
    }

    @Test func wholeNumbersInBytes() throws {
        #expect(try csv([1, 2, 0, 0, 0, 0, 0, 0], .unsignedBytes) == "513")
        #expect(try csv([0, 0, 0, 0, 0, 0, 2, 1], .unsignedBigEndian) == "513")
        #expect(try csv([2, 1, 0], .unsignedBigEndian) == "131328")
        #expect(try csv([2, 1, 0], .unsignedBytes) == "020100")
        #expect(try csv([], .unsignedBigEndian) == "\"\"")
    }

    @Test func webCacheAndSRUM() {
        #expect(
            renderings("Container_12", [("AccessedTime", .longLong), ("UrlHash", .longLong)]) == [.fileTime, .signed])
        #expect(renderings("Files", [("AccessedTime", .longLong)]) == [.signed])
        #expect(WellKnownTables.title(of: "{841A7317-3805-518B-C2EA-AD224CB4AF84}") == "SRUM: physical disks")
    }
}
