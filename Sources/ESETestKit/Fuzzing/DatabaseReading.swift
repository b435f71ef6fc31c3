// Layer: ESETestKit/Fuzzing. Uses: ESEReader. Used by: the database fuzzer.
// Reads everything that a database has, in every way that the reader offers, and counts what that took.

import ESEFormat
import ESEReader
import PlatformIO
import Primitives
import Synchronization

/// A database in memory that counts how often it is asked.
final class CountingSource: DatabaseSource {
    private let memory: MemorySource
    private let reads = Atomic<Int>(0)

    init(_ bytes: [UInt8], name: String) { memory = MemorySource(bytes, name: name) }

    var name: String { memory.name }
    var byteCount: UInt64 { memory.byteCount }
    /// How many reads there were.
    var readCount: Int { reads.load(ordering: .relaxed) }

    func read(at offset: UInt64, into bytes: inout [UInt8], count: Int) throws(IOError) -> Int {
        reads.add(1, ordering: .relaxed)
        return try memory.read(at: offset, into: &bytes, count: count)
    }
}

/// What reading everything took.
struct ReadingTally {
    /// How often trees were read from one end to the other.
    var scanCount = 0
    /// How many rows and entries were given.
    var rowCount = 0
    /// How many values were asked for.
    var valueCount = 0
    /// How many bytes of values were given.
    var valueByteCount = 0
    /// How many values threw.
    var errorCount = 0
}

/// Reads everything.
struct DatabaseReading {
    private let database: ESEDatabase
    private var tally = ReadingTally()
    private var random: SeededRandom
    /// Several rows may lead to the same long value, so that small files can hold many values; then it is enough.
    private let valueByteLimit: Int

    /// Opens and reads. A database that can't be opened has been read.
    static func readAll(
        of source: any DatabaseSource, options: ReadOptions, valueByteLimit: Int, seed: UInt64
    ) -> ReadingTally {
        guard let database = try? ESEDatabase(readingFrom: source, options: options) else { return ReadingTally() }
        var reading = DatabaseReading(database: database, seed: seed, valueByteLimit: valueByteLimit)
        reading.readAll()
        return reading.tally
    }

    private init(database: ESEDatabase, seed: UInt64, valueByteLimit: Int) {
        self.database = database
        self.valueByteLimit = valueByteLimit
        random = SeededRandom(seed: seed)
    }

    private mutating func readAll() {
        for table in database.tables {
            read(table.rows(), isWithValues: true)
            var options = RowOptions()
            options.includesDeleted = true
            read(table.rows(options), isWithValues: true)
            for index in table.definition.indexes { read(index, of: table) }
            if let nodes = table.longValueNodes(options) { read(nodes, reader: nil) }
        }
        for warning in database.warnings { _ = warning.description }
        for damage in database.damage.kept.prefix(100) { _ = damage.description }
        let last = database.lastPage.rawValue
        for number in [0, 1, 4, 5, last / 2, last, last &+ 1, .max] {
            guard let bytes = try? database.rawPage(PageNumber(number)), let table = random.pick(database.tables),
                let rows = try? table.rows(onPage: bytes, number: PageNumber(number))
            else { continue }
            // Records without a way to them, with the columns of any table.
            read(rows, isWithValues: true)
        }
    }

    private mutating func read(_ index: IndexDefinition, of table: ESETable) {
        // The whole of the values was read already; here it is about the way to the rows.
        if let rows = try? table.rows(inOrderOf: index.name) { read(rows, isWithValues: false) }
        let reader = try? KeyReader(index: index, columns: table.definition.columns)
        guard let entries = try? table.entries(of: index.name) else { return }
        let key = read(entries, reader: reader)
        var options = RowOptions()
        options.lowerKey = random.oneIn(4) ? [0x7f, UInt8(truncatingIfNeeded: random.next())] : key
        options.upperKey = random.oneIn(2) ? nil : random.oneIn(2) ? options.lowerKey : [0x7f, 0xff]
        if let rows = try? table.rows(inOrderOf: index.name, options) { read(rows, isWithValues: false) }
    }

    private mutating func read(_ rows: RowCursor, isWithValues: Bool) {
        tally.scanCount += 1
        while rows.next() {
            tally.rowCount += 1
            _ = rows.key
            _ = rows.withRecord { $1.count }
            guard isWithValues, tally.valueByteCount < valueByteLimit else { continue }
            for column in rows.columns.indices { readValues(column, rows) }
        }
    }

    private mutating func readValues(_ column: Int, _ rows: RowCursor) {
        guard let count = try? rows.valueCount(column) else {
            tally.errorCount += 1
            return
        }
        // One beyond the last: there is none, and that is no error.
        for occurrence in 0...count where tally.valueByteCount < valueByteLimit {
            tally.valueCount += 1
            do throws(FormatError) {
                let byteCount = try rows.withValue(column, occurrence: occurrence) { $0.byteCount } ?? 0
                tally.valueByteCount += byteCount
                // Decoding all of what many values share would only measure the decoding.
                if byteCount < 100_000 { _ = try rows.value(column, occurrence: occurrence) }
            } catch {
                tally.errorCount += 1
            }
        }
        _ = try? rows.integer(column)
    }

    /// Returns a key from the middle.
    @discardableResult
    private mutating func read(_ entries: EntryCursor, reader: KeyReader?) -> [UInt8] {
        tally.scanCount += 1
        var middle: [UInt8] = []
        while entries.next() {
            tally.rowCount += 1
            let key = entries.key
            _ = entries.data
            if let reader { _ = try? reader.segments(of: key.span.bytes) }
            if tally.rowCount.nonzeroBitCount == 1 { middle = key }
        }
        return middle
    }
}
