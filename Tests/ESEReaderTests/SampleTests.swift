// Layer: ESEReaderTests. Tests: the reader on databases that Windows made, against foreign readers.
// reference.py says which of them is right where they differ.

import ESEFormat
import ESEReader
import PeerRig
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"), .serialized) struct SampleTests {
    @Test(
        "every value of every row", .enabled(if: ESEReference.isAvailable, "\(ESEReference.skipReason ?? "")"),
        arguments: ESESamples.databases)
    func values(sample: ESESample) async throws {
        let expected = try await ESEReference.tables(of: sample.path)
        let database = try ESEDatabase(readingFrom: sample.path)
        #expect(Set(database.tables.map(\.name)) == Set(expected.map(\.name)))
        for reference in expected {
            let table = try database.table(reference.name)
            let columns = table.definition.columns
            #expect(columns.map { Int($0.id.rawValue) } == reference.columns.map(\.id), "\(reference.name)")
            #expect(columns.map(\.name) == reference.columns.map(\.name), "\(reference.name)")
            #expect(columns.map { Int($0.type.rawValue) } == reference.columns.map(\.type), "\(reference.name)")
            var differences = 0
            var count = 0
            let rows = table.rows()
            while rows.next() {
                defer { count += 1 }
                guard count < reference.rows.count else { continue }
                let text = try rows.referenceText()
                let wanted = reference.rows[count].text
                guard text != wanted else { continue }
                differences += 1
                if differences <= 3 {
                    let cells = zip(text.split(separator: "\t"), wanted.split(separator: "\t")).enumerated()
                        .first { $0.element.0 != $0.element.1 }
                    Issue.record("\(reference.name), row \(count): \(String(describing: cells).prefix(300))")
                }
            }
            #expect(count == reference.rows.count, "\(reference.name)")
            #expect(differences == 0, "\(reference.name)")
        }
        #expect(database.damage.kept.map(\.description) == [])
    }

    @Test(
        "rows of users' tables",
        arguments: [
            ("misc/SRUDB-win10-7284rows.dat", 7_284), ("srum-belkasoft/dirty/SRUDB.dat", 7_287),
            ("srum-belkasoft/repaired/SRUDB.dat", 7_287), ("srum-server2022-full-chain/expected-t1/SRUDB.dat", 263),
            ("misc/Catalog1.edb", 3_463), ("misc/Duplex-Handover.xbim", 10_617), ("dissect/large.edb", 16),
        ])
    func counts(name: String, count: Int) throws {
        let database = try ESEDatabase(readingFrom: try #require(ESESamples.path(of: name)))
        var found = 0
        for table in database.tables where !table.name.hasPrefix("MSys") {
            let rows = table.rows()
            while rows.next() { found += 1 }
        }
        #expect(found == count)
        #expect(database.damage.isEmpty)
    }

    /// Catalog1.edb was copied while it was in use, although its header says that it was shut down cleanly: pages are
    /// newer than the header, and one entry's record came to the disk later than the entry.
    private static let knownDamage = [
        "misc/Catalog1.edb": ["page 49, node 150 (table backupset): the record of an index entry is missing"]
    ]

    @Test("the order of every index, and the records that its entries lead to", arguments: ESESamples.databases)
    func indexes(sample: ESESample) throws {
        let database = try ESEDatabase(readingFrom: sample.path)
        for table in database.tables {
            for index in table.definition.indexes where !index.flags.contains(.primary) {
                let entries = try table.entries(of: index.name)
                var bookmarks: [[UInt8]] = []
                var last: [UInt8] = []
                while entries.next() {
                    bookmarks.append(entries.data)
                    if entries.key.lexicographicallyPrecedes(last) { Issue.record("\(table.name), \(index.name)") }
                    last = entries.key
                }
                let rows = try table.rows(inOrderOf: index.name)
                var found: [[UInt8]] = []
                while rows.next() { found.append(rows.key) }
                let missing =
                    Self.knownDamage[sample.name] != nil && index.name == "timestampIndex" && table.name == "backupset"
                #expect(found == (missing ? bookmarks.dropLast() : bookmarks), "\(table.name), \(index.name)")
            }
        }
        #expect(database.damage.kept.map(\.description) == Self.knownDamage[sample.name] ?? [])
    }
}

extension RowCursor {
    /// The row in the form of reference.py.
    fileprivate func referenceText() throws -> String {
        var text: [UInt8] = []
        for column in columns.indices {
            if column > 0 { text.append(UInt8(ascii: "\t")) }
            let count = try valueCount(column)
            if count == 0 { text.append(UInt8(ascii: "-")) }
            for occurrence in 0..<count {
                if occurrence > 0 { text.append(UInt8(ascii: ",")) }
                let value = try withValue(column, occurrence: occurrence) { $0.bytes(0..<$0.byteCount) } ?? []
                for byte in value {
                    text.append(Self.digits[Int(byte >> 4)])
                    text.append(Self.digits[Int(byte & 15)])
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
