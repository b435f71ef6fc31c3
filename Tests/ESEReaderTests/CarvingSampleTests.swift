// Layer: ESEReaderTests. Tests: deleted rows of databases that Windows made.

import ESEFormat
import ESEReader
import Foundation
import PeerRig
import Primitives
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"), .serialized) struct CarvingSampleTests {
    /// How many rows have their keys, by sample; in the others there is none.
    private static let known = [
        "dissect/Current.mdb": 2_084, "dissect/large.edb": 1, "misc/qmgr-win10-16k-dirty.db": 89,
    ]

    @Test("what is sure to be a row can be read", arguments: ESESamples.databases)
    func survey(sample: ESESample) throws {
        let database = try ESEDatabase(readingFrom: sample.path)
        var counts: [String: Int] = [:]
        for table in database.tables {
            let rows = table.deletedRows()
            while rows.next() {
                let carved = try #require(rows.carved)
                #expect(rows.isDeleted)
                let version = carved.isOtherVersion ? "other version" : "gone"
                let end = carved.isEndKnown ? "" : ", end guessed"
                counts["\(carved.origin.rawValue), \(carved.confidence.rawValue), \(version)\(end)", default: 0] += 1
                guard carved.confidence == .keyMatches else { continue }
                for column in rows.columns.indices {
                    do {
                        _ = try rows.values(column)
                    } catch {
                        // Long values go with their rows.
                        if error.code == .badLongValue, rows.damage.valueCount > 0 { continue }
                        if !carved.isEndKnown { continue }
                        Issue.record(
                            "\(table.name), page \(rows.page), \(carved): \(rows.columns[column].name) \(error)")
                    }
                }
            }
        }
        #expect(database.damage.isEmpty)
        let sure = counts.filter { $0.key.contains("keyMatches") }.values.reduce(0, +)
        #expect(sure == Self.known[sample.name] ?? 0)
        print(
            "\(sample.name): "
                + counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: "; "))
    }

    @Test(
        "a node that is removed from each leaf comes back",
        arguments: [
            "misc/Duplex-Handover.xbim", "misc/Catalog1.edb", "misc/SRUDB-win10-7284rows.dat",
            "misc/decompress_test.edb", "misc/qmgr-win10-16k-dirty.db", "dissect/Current.mdb",
        ])
    func recall(name: String) throws {
        let path = try #require(ESESamples.path(of: name))
        let original = try ESEDatabase(readingFrom: path)
        let data = try Data(contentsOf: URL(filePath: path))
        var edited = EditedDatabase(Array(data), size: original.pageSize)
        let seed: UInt64 = 0x5eed
        var random = SeededRandom(seed: seed)
        var gone: [String: [[UInt8]: [[ColumnValue]]]] = [:]
        for table in original.tables where !table.name.hasPrefix("MSys") {
            var rowsOfPage: [PageNumber: [Int]] = [:]
            let rows = table.rows()
            while rows.next() { rowsOfPage[rows.page, default: []].append(rows.position) }
            var chosen: Set<[UInt32]> = []
            for (page, positions) in rowsOfPage.sorted(by: { $0.key < $1.key }) where positions.count > 2 {
                let position = positions[Int(random.next() % UInt64(positions.count))]
                chosen.insert([page.rawValue, UInt32(position)])
                try edited.removeNode(position, on: page)
            }
            let again = table.rows()
            while again.next() {
                guard chosen.contains([again.page.rawValue, UInt32(again.position)]) else { continue }
                gone[table.name, default: [:]][again.key] = try again.everything()
            }
        }
        let database = try edited.open()
        var (found, exact, all, guessed, other) = (0, 0, 0, 0, 0)
        for (name, expected) in gone {
            all += expected.count
            let rows = try database.table(name).deletedRows()
            var missing = Set(expected.keys)
            while rows.next() {
                guard let values = expected[rows.key], rows.carved?.isOtherVersion == false else { continue }
                if missing.remove(rows.key) != nil { found += 1 }
                if (try? rows.everything()) == values {
                    exact += 1
                } else if rows.carved?.isEndKnown == false {
                    guessed += 1
                } else {
                    // Older remains of the same row.
                    other += 1
                }
            }
        }
        print("\(name): \(all) removed, \(found) found, \(exact) with all values, \(guessed) cut, \(other) others")
        #expect(found == all && exact + guessed >= all && other <= 3, "seed \(seed)")
    }
}
