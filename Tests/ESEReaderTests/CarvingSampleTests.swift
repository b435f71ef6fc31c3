// Layer: ESEReaderTests. Tests: deleted rows of databases that Windows made.

import ESEFormat
import ESEReader
import PeerRig
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"), .serialized) struct CarvingSampleTests {
    /// How many rows have their keys, by sample; in the others there is none. What Windows scrubbed or compacted has none.
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
}
