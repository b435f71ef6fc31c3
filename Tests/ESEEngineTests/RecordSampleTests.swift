// Layer: ESEEngineTests. Tests: RecordView, RecordBuffer and KeyPlan on databases that Windows made.

import ESECollation
import ESEFormat
import ESEReader
import PeerRig
import Testing

@testable import ESEEngine

/// Long values of a table, for keys.
private final class Lender: LongValueLender {
    let cursor: ESEReader.RowCursor

    init(_ cursor: ESEReader.RowCursor) { self.cursor = cursor }

    func withLongValue(
        _ id: LongValueID, from offset: Int, limit: Int, _ body: (RawSpan) throws(JetError) -> Void
    ) throws(JetError) {
        // The reader finds the value by the record that names it.
        for (position, column) in cursor.columns.enumerated() where column.type.isLong {
            guard let count = try? cursor.valueCount(position) else { continue }
            for occurrence in 0..<count {
                guard ids[Key(position: position, occurrence: occurrence)] == id else { continue }
                guard let bytes = try? cursor.withValue(position, occurrence: occurrence, { Array($0) }) else {
                    throw .databaseCorrupted
                }
                let span = bytes.span.bytes
                return try body(span.extracting(min(offset, span.byteCount)..<span.byteCount))
            }
        }
        throw .databaseCorrupted
    }

    struct Key: Hashable {
        var position: Int
        var occurrence: Int
    }
    var ids: [Key: LongValueID] = [:]
}

extension Array where Element == UInt8 {
    fileprivate init(_ span: RawSpan) { self = span.withUnsafeBytes { [UInt8]($0) } }
}

@Suite(.enabled(if: ESESamples.isAvailable, "no sample databases"))
struct RecordSampleTests {
    /// Few rows of each table of a large database, all of a small one.
    static let rowLimit = 120

    static let databases = ESESamples.databases.map(\.path).filter { path in
        (try? ESEDatabase(readingFrom: path)) != nil
    }

    /// Those that were closed well; in others indexes may be behind. Catalog1.edb was copied while it was in use and
    /// has an entry without a record.
    static let cleanDatabases = ESESamples.databases.filter {
        $0.state == "clean" && $0.name != "misc/Catalog1.edb"
    }.map(\.path).filter { databases.contains($0) }

    private static func shape(_ table: ESETable, _ size: PageSize) -> RecordShape? {
        try? RecordShape(
            columns: table.definition.columns, pageSize: size,
            keyByteCount: table.definition.primaryIndex?.maximumKeyByteCount ?? 4)
    }

    @Test(arguments: databases)
    func valuesAndRebuiltRecordsEqual(path: String) throws {
        let database = try ESEDatabase(readingFrom: path)
        let buffer = RecordBuffer(pageSize: database.pageSize)
        var rows = 0
        for table in database.tables {
            guard database.pageSize != .kibibytes2 else { return }
            let shape = try #require(Self.shape(table, database.pageSize), "\(table.name)")
            let cursor = table.rows()
            var count = 0
            while count < Self.rowLimit, cursor.next() {
                count += 1
                let record = try #require(cursor.withRecord { bytes, range in bytes.bytes(range) })
                try compare(record, shape, cursor, "\(path) \(table.name) row \(count)")
                try rebuild(record, shape, buffer, "\(path) \(table.name) row \(count)")
            }
            rows += count
        }
        #expect(rows > 0)
    }

    /// Every value as the reader has it.
    private func compare(
        _ record: [UInt8], _ shape: RecordShape, _ cursor: ESEReader.RowCursor, _ place: String
    ) throws {
        try record.withUnsafeBytes { bytes in
            let view = try RecordView(bytes, shape: shape)
            try view.check()
            for (position, column) in cursor.columns.enumerated() {
                let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
                let count = try cursor.valueCount(position)
                if try view.valueCount(key) != count { Issue.record("\(place) \(column.name): \(count) values") }
                for occurrence in 0..<min(count, 20) {
                    let field = try view.field(key, occurrence: occurrence + 1)
                    if field.traits.contains(.separated) || field.traits.contains(.encrypted) { continue }
                    guard
                        let expected = try? cursor.withValue(position, occurrence: occurrence, { Array($0) })
                    else { continue }
                    if try field.array() != expected { Issue.record("\(place) \(column.name): another value") }
                }
            }
        }
    }

    /// The same record, set column by column.
    private func rebuild(
        _ record: [UInt8], _ shape: RecordShape, _ buffer: RecordBuffer, _ place: String
    ) throws {
        var isComparable = true
        var masked = record
        try record.withUnsafeBytes { bytes in
            let view = try RecordView(bytes, shape: shape)
            try buffer.load([0, 127, 4, 0], shape, for: .insertWithNumber)
            let last = Int(record[0])
            for number in 1...255 where number <= last || number >= 128 && number <= Int(record[1]) {
                let column = shape.tables.pointee.fixed + number
                // A deleted column's bytes can't be set.
                guard column.pointee.exists else { return isComparable = false }
                let field = try view.field(column.pointee.key)
                if number < 128 {
                    if field.isNull {
                        let start = Int(column.pointee.offset)
                        for place in start..<column.pointee.fixedEnd { masked[place] = 0x2a }
                        guard column.pointee.flags.isDisjoint(with: [.notNull, .autoincrement]) else {
                            return isComparable = false
                        }
                    }
                    try buffer.setFixed(column, field.bytes.baseAddress, field.bytes.count, isEngine: true)
                } else {
                    _ = try buffer.setVariable(
                        column, field.bytes.baseAddress, field.bytes.count, isNull: field.isNull)
                }
            }
            for index in 0..<view.taggedCount {
                let entry = try view.entry(index)
                guard let column = shape.tables.pointee.column(ofField: entry.order),
                    !entry.flags.contains(.encrypted)
                else { return isComparable = false }
                let count = try view.valueCount(entry)
                if count == 0 {
                    try buffer.setTagged(column, nil, .init(), occurrence: 1, revertsToDefault: false)
                }
                for number in 0..<count {
                    let field = try view.value(number, of: count, entry)
                    let form = RecordBuffer.TaggedForm(
                        isSeparated: field.traits.contains(.separated),
                        isCompressed: field.traits.contains(.compressed))
                    try buffer.setTagged(column, field.bytes, form, occurrence: 0, revertsToDefault: false)
                }
            }
        }
        guard isComparable else { return }
        if buffer.array != masked { Issue.record("\(place): \(buffer.array)\n\(masked)") }
    }

    @Test(arguments: databases)
    func intrinsicCompressionIsThatOfWindows(path: String) throws {
        let database = try ESEDatabase(readingFrom: path)
        guard database.pageSize != .kibibytes2 else { return }
        for table in database.tables {
            let compressed = table.definition.columns.indices.filter {
                table.definition.columns[$0].flags.contains(.compressed)
                    && table.definition.columns[$0].id.storage == .tagged
            }
            guard !compressed.isEmpty, let shape = Self.shape(table, database.pageSize) else { continue }
            let cursor = table.rows()
            var count = 0
            while count < Self.rowLimit, cursor.next() {
                count += 1
                let record = try #require(cursor.withRecord { bytes, range in bytes.bytes(range) })
                try record.withUnsafeBytes { bytes in
                    let view = try RecordView(bytes, shape: shape)
                    for position in compressed {
                        let column = table.definition.columns[position]
                        let field = try view.field(
                            ColumnKey(column.id, isFromTemplate: column.isFromTemplate), ignoresDefault: true)
                        guard !field.isNull, field.traits.isDisjoint(with: [.separated, .encrypted]),
                            let plain = try? field.array()
                        else { continue }
                        let packed = plain.withUnsafeBytes { RecordBuffer.compress($0, 1_024) }
                        let stored = [UInt8](field.bytes)
                        // XPRESS has no one form; what is stored for a size below its least is fixed.
                        guard plain.count < 1_024 else { continue }
                        if (packed ?? plain) != stored, stored.first.map({ $0 >> 3 != 3 }) ?? true {
                            Issue.record("\(path) \(table.name) \(column.name): \(stored.prefix(8)) of \(plain.count)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: cleanDatabases)
    func storedEntriesAreThoseOfTheRecords(path: String) throws {
        let database = try ESEDatabase(readingFrom: path)
        guard database.pageSize != .kibibytes2 else { return }
        for table in database.tables {
            guard let shape = Self.shape(table, database.pageSize) else { continue }
            for index in table.definition.indexes {
                try compareEntries(index, table, shape, "\(path) \(table.name) \(index.name)")
            }
        }
    }

    private func compareEntries(
        _ index: IndexDefinition, _ table: ESETable, _ shape: RecordShape, _ place: String
    ) throws {
        let plan = try KeyPlan(index: index, shape: shape, collator: WindowsCollator(index: index))
        let scratch = KeyScratch()
        let cursor = table.rows()
        let lender = Lender(cursor)
        var expected: [[UInt8]] = []
        var count = 0
        while cursor.next() {
            count += 1
            // Large tables take too long in a debug build.
            if count > 800 { return }
            let record = try #require(cursor.withRecord { bytes, range in bytes.bytes(range) })
            do {
                try record.withUnsafeBytes { bytes in
                    let view = try RecordView(bytes, shape: shape)
                    try fill(lender, view, cursor)
                    _ = try plan.forEachKey(of: view, scratch, longValues: lender) { key throws(JetError) in
                        expected.append([UInt8](key))
                    }
                }
            } catch let error as JetError where error == .unicodeNormalizationNotSupported {
                return
            }
            if index.flags.contains(.primary), expected.last != cursor.key {
                Issue.record("\(place): row \(count)")
            }
        }
        guard !index.flags.contains(.primary) else { return }
        let entries = try table.entries(of: index.name)
        var stored: [[UInt8]] = []
        while entries.next() { if !entries.isDeleted { stored.append(entries.key) } }
        expected.sort { $0.lexicographicallyPrecedes($1) }
        stored.sort { $0.lexicographicallyPrecedes($1) }
        if expected != stored { Issue.record("\(place): \(expected.count) entries expected, \(stored.count) stored") }
    }

    private func fill(_ lender: Lender, _ view: RecordView, _ cursor: ESEReader.RowCursor) throws {
        lender.ids.removeAll(keepingCapacity: true)
        for (position, column) in cursor.columns.enumerated() where column.type.isLong {
            let key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
            for occurrence in 0..<(try view.valueCount(key)) {
                if let id = try view.field(key, occurrence: occurrence + 1).longValueID() {
                    lender.ids[Lender.Key(position: position, occurrence: occurrence)] = id
                }
            }
        }
    }
}
