// Layer: ESETestKitTests. Uses: PeerRig. Tests: built databases are read by dissect.esedb and pyesedb.

import ESEFormat
import ESEReader
import ESETestKit
import Foundation
import PeerRig
import Testing

@Suite struct ForeignReaderTests {
    @Test(
        .enabled(if: ESEReference.isAvailable, Comment(rawValue: ESEReference.skipReason ?? "")),
        arguments: DatabaseBuilderTests.formats.filter { $0.revision != 20 })
    func readersSeeTheSameRows(size: PageSize, revision: UInt32) async throws {
        var builder = DatabaseBuilder(pageSize: size, revision: revision)
        builder.tables = [SampleDescriptions.allTypes(rowCount: 40), SampleDescriptions.many(600)]
        let bytes = try builder.build()
        let path = FileManager.default.temporaryDirectory.appending(path: "built-\(UUID().uuidString).edb").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try ESEDatabase(readingFrom: MemorySource(bytes))
        for name in ["All types", "Many", "MSysObjects", "MSysObjids", "MSysLocales"] {
            let reference = try await ESEReference.table(name, of: path)
            let table = try database.table(name)
            #expect(reference.columns.map(\.name) == table.rows().columns.map(\.name))
            let texts = try rowTexts(table)
            #expect(reference.rows.count == texts.count, "\(name) \(reference.notes)")
            #expect(reference.countedRows ?? texts.count == texts.count, "\(name) as pyesedb counts")
            for (theirs, ours) in zip(reference.rows, texts) where theirs.text != ours {
                Issue.record("\(name): \(theirs.text) is \(ours)")
                break
            }
        }
    }

    private func rowTexts(_ table: ESETable) throws -> [String] {
        let rows = table.rows()
        var texts: [String] = []
        while rows.next() {
            var cells: [[[UInt8]]?] = []
            for column in rows.columns.indices {
                let count = try rows.valueCount(column)
                var values: [[UInt8]] = []
                for occurrence in 0..<count {
                    try rows.withValue(column, occurrence: occurrence) { span in
                        values.append(span.bytes(0..<span.byteCount))
                    }
                }
                cells.append(count == 0 ? nil : values)
            }
            texts.append(ReferenceRow.text(of: cells))
        }
        return texts
    }
}
