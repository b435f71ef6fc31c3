// Layer: ESEVerify. Uses: ESEReader's cursors, IndexEntryPlan, WindowsCollator. Used by: Checker.
// Keys made anew from records: the primary key of each, and the entries of each index. Sums of hashes over (key,
// bookmark) tell whether an index has what its table asks for; only if not are the entries compared one by one.

import ESECollation
import ESEFormat
import ESEReader

/// An index while the records of its table are read.
private struct IndexTally {
    let definition: IndexDefinition
    var plan: IndexEntryPlan
    /// What the records ask for.
    var expected = ReferenceSum()
    /// How many records have a key that can't be made.
    var inexactCount = 0

    init?(_ definition: IndexDefinition, _ table: TableDefinition) {
        self.definition = definition
        let collator = WindowsCollator(index: definition)
        guard let plan = try? IndexEntryPlan(index: definition, columns: table.columns, collator: collator) else {
            return nil
        }
        self.plan = plan
    }

    static func hash(_ key: [UInt8], _ bookmark: [UInt8]) -> (low: UInt64, high: UInt64) {
        var hash = PairHash()
        hash.add(key)
        hash.add(bookmark)
        return hash.value
    }
}

/// The current row of a cursor, as key machinery wants it.
private struct CursorValues: RowValues {
    let cursor: RowCursor
    /// The column's position by number, the template's with bit 16; those without are of either.
    let positions: [UInt32: Int]

    init(_ cursor: RowCursor) {
        self.cursor = cursor
        var positions: [UInt32: Int] = [:]
        for (position, column) in cursor.columns.enumerated() {
            let number = UInt32(column.id.rawValue)
            positions[number | (column.isFromTemplate ? 0x1_0000 : 0x2_0000)] = position
            positions[number] = position
        }
        self.positions = positions
    }

    func withValue(
        of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
        _ body: (RawSpan?) throws(FormatError) -> Void
    ) throws(FormatError) {
        let number = UInt32(segment.column.rawValue)
        guard
            let position = positions[number | (segment.isFromTemplate ? 0x1_0000 : 0x2_0000)] ?? positions[number]
        else { return try body(nil) }
        let isThere: Void? = try cursor.withValue(position, occurrence: occurrence - 1) {
            (value: RawSpan) throws(FormatError) in
            try body(value.extracting(min(offset, value.byteCount)..<value.byteCount))
        }
        if isThere == nil { try body(nil) }
    }
}

extension Checker {
    /// Checks the keys of all tables.
    func checkIndexes() {
        let database: ESEDatabase
        do { database = try ESEDatabase(readingFrom: source) } catch { return }
        for table in database.tables {
            begin(.indexes, table.name)
            if isStopped { return }
            checkIndexes(of: table)
        }
    }

    private func checkIndexes(of table: ESETable) {
        let definition = table.definition
        guard !definition.flags.contains(.template) || !definition.indexes.isEmpty else { return }
        var tallies = definition.indexes.compactMap { index -> IndexTally? in
            index.flags.contains(.primary) || index.flags.contains(.deferredPopulate)
                ? nil : IndexTally(index, definition)
        }
        var primary = definition.primaryIndex.flatMap { IndexTally($0, definition) }
        guard !tallies.isEmpty || primary != nil else { return }
        let rows = table.rows()
        let values = CursorValues(rows)
        while rows.next() {
            if rows.rowCount & 0x3ff == 0 {
                tell()
                if isStopped { return }
            }
            let bookmark = rows.key
            if primary != nil { checkPrimary(&primary, values, rows, bookmark) }
            for position in tallies.indices { add(values, rows, bookmark, to: &tallies[position]) }
        }
        for tally in tallies { checkEntries(tally, table) }
    }

    private func checkPrimary(
        _ primary: inout IndexTally?, _ values: CursorValues, _ rows: RowCursor, _ bookmark: [UInt8]
    ) {
        var made: [UInt8]?
        // Values that can't be read were reported with their records.
        guard let entries = try? primary?.plan.forEachKey(of: values, { made = $0.bytes(0..<$0.byteCount) }) else {
            return
        }
        if entries.isExact { counts.keysRecomputed += 1 } else { primary?.inexactCount += 1 }
        guard entries.isExact, let made, made != bookmark else { return }
        add(
            Finding(
                .primaryKey, page: rows.page, node: rows.position, tree: rows.table.objectID, table: rows.table.name,
                index: primary?.definition.name, found: hexText(bookmark), expected: hexText(made)))
    }

    private func add(_ values: CursorValues, _ rows: RowCursor, _ bookmark: [UInt8], to tally: inout IndexTally) {
        var sum = tally.expected
        var made: UInt64 = 0
        guard
            let entries = try? tally.plan.forEachKey(
                of: values,
                { key in
                    sum.add(IndexTally.hash(key.bytes(0..<key.byteCount), bookmark))
                    made += 1
                })
        else {
            tally.inexactCount += 1
            return
        }
        if entries.hasDisallowedNull {
            add(
                Finding(
                    .indexNull, page: rows.page, node: rows.position, table: rows.table.name,
                    index: tally.definition.name, found: "NULL in a key column"))
        }
        guard entries.isExact, entries.isComplete else {
            tally.inexactCount += 1
            return
        }
        counts.keysRecomputed += Int(made)
        tally.expected = sum
    }

    private func checkEntries(_ tally: IndexTally, _ table: ESETable) {
        guard let cursor = try? table.entries(of: tally.definition.name) else { return }
        var found = ReferenceSum()
        while cursor.next() {
            found.add(IndexTally.hash(cursor.key, cursor.data))
            if found.count & 0x3ff == 0 {
                tell()
                if isStopped { return }
            }
        }
        counts.entries += Int(found.count)
        if tally.inexactCount > 0 {
            add(
                Finding(
                    .indexNotRecomputed, tree: tally.definition.objectID, table: table.name,
                    index: tally.definition.name, found: "the keys of \(tally.inexactCount) records were not made anew")
            )
        }
        guard tally.inexactCount > 0 || found != tally.expected else { return }
        compareEntries(tally, table, count: found.count)
    }

    /// Compares the entries of an index with what the records ask for, one by one, in as many parts as `compareLimit`
    /// asks for.
    private func compareEntries(_ tally: IndexTally, _ table: ESETable, count: UInt64) {
        struct Place {
            var page: PageNumber
            var node: Int
        }
        let name = tally.definition.name
        let partCount = UInt64(1) + max(count, tally.expected.count) / UInt64(max(1, options.compareLimit))
        for part in 0..<partCount {
            guard !isStopped, let cursor = try? table.entries(of: name) else { return }
            // Entries by hash; bookmarks tell the part, so that a record's entries are all in the same.
            var entries: [UInt64: Place] = [:]
            var bookmarks: [UInt64: [UInt64]] = [:]
            while cursor.next() {
                let bookmark = bookmarkHash(cursor.data)
                guard bookmark % partCount == part else { continue }
                let hash = IndexTally.hash(cursor.key, cursor.data).low
                entries[hash] = Place(page: cursor.page, node: cursor.position)
                bookmarks[bookmark, default: []].append(hash)
            }
            var tally = tally
            let rows = table.rows()
            let values = CursorValues(rows)
            while rows.next() {
                let bookmark = rows.key
                let bookmarkHash = bookmarkHash(bookmark)
                guard bookmarkHash % partCount == part else { continue }
                var hashes: [UInt64] = []
                let made = try? tally.plan.forEachKey(
                    of: values, { hashes.append(IndexTally.hash($0.bytes(0..<$0.byteCount), bookmark).low) })
                let stored = bookmarks.removeValue(forKey: bookmarkHash) ?? []
                guard let made, made.isExact, made.isComplete else {
                    // Keys that can't be made can't be missing; the entries lead to this record.
                    for hash in stored { entries[hash] = nil }
                    continue
                }
                for hash in hashes where entries.removeValue(forKey: hash) == nil {
                    add(
                        Finding(
                            .indexMissing, page: rows.page, node: rows.position, tree: tally.definition.objectID,
                            table: table.name, index: name, found: "no entry for record \(hexText(bookmark))",
                            expected: "an entry of each key"))
                }
                for hash in stored {
                    guard let place = entries.removeValue(forKey: hash) else { continue }
                    add(
                        Finding(
                            .indexExtra, page: place.page, node: place.node, tree: tally.definition.objectID,
                            table: table.name, index: name, found: "an entry for record \(hexText(bookmark))",
                            expected: "none: the record has not this key"))
                }
            }
            for place in entries.values.sorted(by: { ($0.page, $0.node) < ($1.page, $1.node) }) {
                add(
                    Finding(
                        .indexDangling, page: place.page, node: place.node, tree: tally.definition.objectID,
                        table: table.name, index: name, found: "an entry that leads to no record"))
            }
        }
    }

    private func bookmarkHash(_ bookmark: [UInt8]) -> UInt64 {
        var hash = PairHash()
        hash.add(bookmark)
        return hash.value.high
    }
}
