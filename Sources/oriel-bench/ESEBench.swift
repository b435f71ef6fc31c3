// Reading a database: every value of every row, typed (ese-read); every page with its checksum (ese-scan).

import ESEFormat
import ESEReader
import PlatformIO
import Primitives

enum ESEBench {
    /// Reads all tables, those of the engine too, `count` times; the file is opened each time.
    static func read(_ options: Options) throws -> Measurement {
        var measurement = Measurement()
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        var byteCount: UInt64 = 0
        var valueBytes = 0
        for _ in 0..<options.count {
            let database = try ESEDatabase(readingFrom: options.file)
            byteCount += (UInt64(database.lastPage.rawValue) + 2) * UInt64(database.pageSize.byteCount)
            for table in database.tables {
                let rows = table.rows()
                while rows.next() {
                    measurement.requests += 1
                    for column in rows.columns.indices {
                        for occurrence in 0..<(try rows.valueCount(column)) {
                            guard let value = try? rows.value(column, occurrence: occurrence) else { continue }
                            measurement.varbinds += 1
                            valueBytes &+= size(of: value)
                        }
                    }
                }
            }
            let damage = database.damage
            measurement.errors += damage.pageCount + damage.nodeCount + damage.valueCount
        }
        measurement.wall = SystemClock.now - wall
        measurement.cpu = SystemClock.processCPUTime - cpu
        measurement.extra = fields(options, measurement, bytes: byteCount) + [("value_bytes", "\(valueBytes)")]
        return measurement
    }

    /// Verifies the checksum of every page `count` times.
    static func scan(_ options: Options) throws -> Measurement {
        var measurement = Measurement()
        let source = try RandomAccessFile(reading: options.file)
        let database = try ESEDatabase(readingFrom: source)
        let size = database.pageSize
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        var bytes = [UInt8](repeating: 0, count: max(size.byteCount, 1 << 18))
        var byteCount: UInt64 = 0
        for _ in 0..<options.count {
            var place = size.fileOffset(of: PageNumber(1))
            var number: UInt32 = 1
            while true {
                let count = try source.read(at: place, into: &bytes, count: bytes.count)
                if count < size.byteCount { break }
                let span = bytes.span.bytes
                for start in stride(from: 0, to: count - size.byteCount + 1, by: size.byteCount) {
                    let page = span.extracting(start..<(start + size.byteCount))
                    switch PageChecksum.verify(page, number: PageNumber(number), size: size) {
                    case .valid, .uninitialized: measurement.requests += 1
                    default: measurement.errors += 1
                    }
                    number += 1
                }
                place += UInt64(count)
                byteCount += UInt64(count)
            }
        }
        measurement.wall = SystemClock.now - wall
        measurement.cpu = SystemClock.processCPUTime - cpu
        measurement.extra = fields(options, measurement, bytes: byteCount)
        return measurement
    }

    private static func fields(
        _ options: Options, _ measurement: Measurement, bytes: UInt64
    ) -> [(String, String)] {
        let rounds = options.count
        return [
            ("file", "\"\(options.file)\""), ("rows", "\(measurement.requests / rounds)"),
            ("values", "\(measurement.varbinds / rounds)"), ("bytes", "\(bytes / UInt64(rounds))"),
            ("rounds", "\(rounds)"), ("peak_rss_kb", "\(Program.peakResidentByteCount / 1_024)"),
        ]
    }

    private static func size(of value: ColumnValue) -> Int {
        switch value {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        case .null: 0
        default: 8
        }
    }
}
