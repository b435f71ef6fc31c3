// Makes a large database for ese-read and ese-scan: narrow rows, rows of a usage log with a secondary index, texts
// with long values. The same size and seed make the same bytes. Rows are made as they are written, so that little is
// in memory.

import ESEFormat
import ESETestKit
import Foundation
import PlatformIO
import Primitives

enum ESEMake {
    /// Writes a database of about `options.bytes` bytes to `options.out`.
    static func run(_ options: Options) throws -> Measurement {
        guard !options.out.isEmpty else { throw BenchFailure("ese-make needs --out FILE") }
        guard let size = PageSize(rawValue: options.pageSize) else {
            throw BenchFailure("--page-size is 2048, 4096, 8192, 16384 or 32768")
        }
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        var builder = DatabaseBuilder(pageSize: size)
        builder.tables = [narrow(options.bytes * 4 / 10), usage(options.bytes * 3 / 10), texts(options.bytes * 3 / 10)]
        let file = try OutputFile(options.out)
        try builder.write(to: file.write)
        try file.finish()
        var measurement = Measurement()
        measurement.requests = file.pageCount
        measurement.wall = SystemClock.now - wall
        measurement.cpu = SystemClock.processCPUTime - cpu
        measurement.extra = [
            ("bytes", "\(file.byteCount)"),
            ("mb_per_s", "\(Double(file.byteCount) / 1e6 / max(measurement.wall.inSeconds, 1e-9))"),
        ]
        return measurement
    }

    // MARK: Tables. The counts of rows come from the bytes that rows of each were measured to take.

    private static func narrow(_ byteCount: Int) -> TableDescription {
        var table = TableDescription("Narrow")
        let key = table.addColumn("Key", .longLong, flags: .notNull)
        let number = table.addColumn("Number", .long)
        let date = table.addColumn("Date", .dateTime)
        let data = table.addColumn("Data", .binary, .fixed, maximumByteCount: 32)
        table.addIndex("Primary", on: ["Key"], flags: .defaultPrimary)
        let count = byteCount / 77
        var random = SeededRandom(seed: 1)
        var next = 0
        var octets: [UInt8] = Array(repeating: 0, count: 32)
        table.makeRow = { row in
            guard next < count else { return false }
            next += 1
            row.set(key, integer: Int64(next) * 3)
            row.set(number, integer: Int32(truncatingIfNeeded: random.next()))
            row.set(date, integer: (45_000 + Double(next) / 1_440).bitPattern)
            for part in 0..<4 {
                let bits = random.next()
                for index in 0..<8 { octets[8 * part + index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index)) }
            }
            row.set(data, bytes: octets)
            return true
        }
        return table
    }

    /// Like the network usage of SRUDB.dat.
    private static func usage(_ byteCount: Int) -> TableDescription {
        var table = TableDescription("{973F5D5C-1D90-4944-BE8E-24B94231A174}")
        let id = table.addColumn("AutoIncId", .long, flags: [.notNull, .autoincrement])
        let time = table.addColumn("TimeStamp", .dateTime)
        let app = table.addColumn("AppId", .long)
        let user = table.addColumn("UserId", .long)
        let interface = table.addColumn("InterfaceLuid", .longLong)
        let sent = table.addColumn("BytesSent", .longLong)
        let received = table.addColumn("BytesRecvd", .longLong)
        table.addIndex("AutoIncIndex", on: ["AutoIncId"], flags: .defaultPrimary)
        table.addIndex("TimeStampIndex", on: ["TimeStamp"])
        table.addIndex("AppIdIndex", on: ["AppId", "UserId"])
        let count = byteCount / 124
        var random = SeededRandom(seed: 2)
        var next = 0
        table.makeRow = { row in
            guard next < count else { return false }
            next += 1
            row.set(id, integer: Int32(truncatingIfNeeded: next))
            row.set(time, integer: (45_000 + Double(next / 40) / 24).bitPattern)
            row.set(app, integer: Int32(random.next() % 500))
            row.set(user, integer: Int32(random.next() % 8))
            row.set(interface, integer: Int64(0x17_0000_0000_0000))
            row.set(sent, integer: Int64(random.next() % 10_000_000))
            row.set(received, integer: Int64(random.next() % 100_000_000))
            return true
        }
        return table
    }

    private static func texts(_ byteCount: Int) -> TableDescription {
        var table = TableDescription("Texts")
        let id = table.addColumn("Id", .long, flags: .notNull)
        let title = table.addColumn("Title", .text, codePage: 1_200)
        let body = table.addColumn("Body", .longText, flags: .compressed, codePage: 1_200)
        let blob = table.addColumn("Blob", .longBinary)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        table.compress = { TestCompression.automatic($0, $1) }
        let words = ["record", "index", "page", "value", "straße", "данные", "データ", "table", "column", "tree", "log"]
        let count = byteCount / 1_190
        var random = SeededRandom(seed: 3)
        var next = 0
        table.makeRow = { row in
            guard next < count else { return false }
            next += 1
            row.set(id, integer: Int32(truncatingIfNeeded: next))
            row.set(title, text: "\(words[Int(random.next() % 11)]) \(next)")
            var text = ""
            for _ in 0..<(random.next() % 60) {
                text += words[Int(random.next() % 11)]
                text += " "
            }
            row.set(body, text: text)
            if next % 8 == 0 {
                row.set(blob, bytes: (0..<(1_024 + random.next() % 12_000)).map { UInt8(truncatingIfNeeded: $0 &* $0) })
            }
            return true
        }
        return table
    }
}

/// A file that is written in any order, mostly forwards: parts that follow each other go out together.
private final class OutputFile {
    private let handle: FileHandle
    private var pending: [UInt8] = []
    private var pendingOffset: UInt64 = 0
    private(set) var pageCount = 0
    private(set) var byteCount: UInt64 = 0

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw BenchFailure("can't write \(path)") }
        self.handle = handle
    }

    func write(_ part: RawSpan, at offset: UInt64) throws {
        pageCount += 1
        if pendingOffset + UInt64(pending.count) != offset || pending.count >= 1 << 20 {
            try flush()
            pendingOffset = offset
        }
        pending.append(contentsOf: part, 0..<part.byteCount)
        byteCount = max(byteCount, offset + UInt64(part.byteCount))
    }

    private func flush() throws {
        guard !pending.isEmpty else { return }
        try handle.seek(toOffset: pendingOffset)
        try handle.write(contentsOf: Data(pending))
        pending.removeAll(keepingCapacity: true)
    }

    func finish() throws {
        try flush()
        try handle.close()
    }
}
