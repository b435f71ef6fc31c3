// Layer: ESEReaderTests. Tests: deleted rows of databases that Windows made.

import ESEFormat
import ESEReader
import PeerRig
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"), .serialized) struct CarvingSampleTests {
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
                if carved.confidence == .structureOnly || !carved.isEndKnown { print("DBG \(sample.name) \(table.name) \(rows.page) \(carved) key \(rows.key) \(rows.withRecord { $0.bytes($1.lowerBound-16..<$1.upperBound).map { String($0, radix:16) }.joined(separator: " ") } ?? "") \((try? rows.values(0)) ?? [])") }
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
        print(
            "\(sample.name): "
                + counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: "; "))
    }
}
