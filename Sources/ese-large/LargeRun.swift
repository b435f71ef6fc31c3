// Layer: a program for measurements. Uses: ESE. Used by: Scripts/bench-store, people.
// A database much larger than its cache: filled, read, changed, emptied in part; time and memory of each phase.

import ESE
import PlatformIO
import Primitives

/// What is asked of a run.
struct LargeOptions {
    var directory = ""
    var byteCount = 2 << 30
    var cacheByteCount = 16 << 20
    var pageSize = PageSize.kibibytes8
    var operationCount = 200_000
    var batchCount = 500
}

/// One run. Rows are numbered from 0; everything in a row follows from its number and how often it was changed.
final class LargeRun {
    private let options: LargeOptions
    private let say: (String) -> Void
    private var instance: Instance
    private var session: Session
    private var table: TableCursor
    private var columns: Columns
    private var rowCount: UInt64 = 0
    private var random = SeededRandom(seed: 4_711)
    /// The most of it since the last phase.
    private var most = Most()
    private var wrongCount = 0

    static let fileName = "large.edb"
    private static let spec = TableSpec(
        "rows",
        columns: [
            ColumnSpec("key", UInt64.self, .notNull), ColumnSpec("group", Int64.self),
            ColumnSpec("data", [UInt8].self), ColumnSpec("long", [UInt8].self),
        ],
        indexes: [.primary(on: ["key"]), IndexSpec("byGroup", on: ["group"])])

    private struct Most {
        var bufferByteCount = 0, changedPageCount = 0, versionByteCount = 0, logByteCount = 0
    }

    private struct Columns {
        let key: Column<UInt64>, group: Column<Int64>, data: Column<[UInt8]>, long: Column<[UInt8]>

        init(_ table: TableCursor) throws(JetError) {
            key = try table.column("key")
            group = try table.column("group")
            data = try table.column("data")
            long = try table.column("long")
        }
    }

    init(_ options: LargeOptions, say: @escaping (String) -> Void) throws(JetError) {
        self.options = options
        self.say = say
        (instance, session, table) = try Self.open(options)
        columns = try Columns(table)
    }

    private static func open(
        _ options: LargeOptions
    ) throws(JetError) -> (Instance, Session, TableCursor) {
        var settings = InstanceOptions()
        settings.pageSize = options.pageSize
        settings.cacheByteCount = options.cacheByteCount
        settings.logFileByteCount = 4 << 20
        settings.checkpointDepth = 64 << 20
        let instance = try Instance.open(directory: options.directory, settings)
        let session = try instance.makeSession()
        let table = try session.openDatabase(fileName).table(spec)
        return (instance, session, table)
    }

    // MARK: Rows.

    /// Never the same for two numbers, and in no order.
    private static func key(_ number: UInt64) -> UInt64 {
        var value = number &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// 100 to 500 bytes of a key's row that was changed so often.
    private static func dataByteCount(_ key: UInt64, _ changes: UInt64) -> Int {
        100 + Int((key ^ changes &* 77) % 401)
    }
    /// One row in 200 has 10,000 to 60,000 bytes more.
    private static func longByteCount(_ key: UInt64) -> Int { key % 200 == 0 ? 10_000 + Int(key % 50_001) : 0 }
    private static func group(_ key: UInt64, _ changes: UInt64) -> Int64 { Int64((key >> 20 &+ changes) % 1_000_003) }

    private static func fill(_ bytes: UnsafeMutableRawBufferPointer, _ seed: UInt64) {
        var state = seed | 1
        for at in bytes.indices {
            if at % 8 == 0 { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
            bytes[at] = UInt8(truncatingIfNeeded: state >> UInt64(24 + at % 8 * 4))
        }
    }

    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    deinit { buffer.deallocate() }

    private func bytes(_ count: Int, _ seed: UInt64) -> UnsafeRawBufferPointer {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count))
        Self.fill(part, seed)
        return UnsafeRawBufferPointer(part)
    }

    private func write(_ row: borrowing RowWriter, _ key: UInt64, changes: UInt64) throws(JetError) {
        try row.set(columns.group, Self.group(key, changes))
        try row.setBytes(columns.data, bytes(Self.dataByteCount(key, changes), key &+ changes))
        guard changes == 0 else { return }
        try row.set(columns.key, key)
        let long = Self.longByteCount(key)
        if long > 0 { try row.setBytes(columns.long, bytes(long, ~key)) }
    }

    /// Whether the row under the cursor is that of a key.
    private func isRight(_ row: borrowing Row, _ key: UInt64, changes: UInt64) throws(JetError) -> Bool {
        guard try row[columns.key] == key, try row[columns.group] == Self.group(key, changes) else { return false }
        let expected = bytes(Self.dataByteCount(key, changes), key &+ changes)
        let isData = try row.withBytes(columns.data) { $0.withUnsafeBytes { $0.elementsEqual(expected) } }
        guard isData == true else { return false }
        let long = Self.longByteCount(key)
        guard long > 0 else { return try row.byteCount(columns.long) == nil }
        let longBytes = bytes(long, ~key)
        return try row.withBytes(columns.long) { $0.withUnsafeBytes { $0.elementsEqual(longBytes) } } == true
    }

    // MARK: Phases.

    /// All phases.
    /// - Returns: Whether all that was read was right.
    func run() throws(JetError) -> Bool {
        try phase("fill", fill)
        try phase("close and open", reopen)
        try phase("random reads") { () throws(JetError) in try read() }
        try phase("scan forward") { () throws(JetError) in try scan(backward: false) }
        try phase("scan backward") { () throws(JetError) in try scan(backward: true) }
        try phase("scan by index", scanIndex)
        // Rows whose number is one more than a multiple of ten are changed, and three more deleted.
        try phase("updates") { () throws(JetError) in
            try change(of: 1) { (key) throws(JetError) in
                try self.table.replace { row throws(JetError) in try self.write(row, key, changes: 1) }
            }
        }
        try phase("deletes") { () throws(JetError) in
            try change(of: 3) { (key) throws(JetError) in try self.table.delete() }
        }
        try phase("scan of what is left") { () throws(JetError) in try scan(backward: false, isChanged: true) }
        try phase("close") { () throws(JetError) in
            try instance.close()
            return 0
        }
        return wrongCount == 0
    }

    private func phase(_ name: String, _ body: () throws(JetError) -> UInt64) throws(JetError) {
        let clock = ContinuousClock()
        let start = clock.now
        most = Most()
        let cpuStart = Self.cpuHundredths()
        let count = try body()
        let time = clock.now - start
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        let cpu = Double(Self.cpuHundredths() - cpuStart) / 100
        note()
        let file = (try? RandomAccessFile(reading: options.directory + "/" + Self.fileName).byteCount) ?? 0
        say(
            """
            {"phase":"\(name)","wall_s":\(fixed(seconds)),"cpu_s":\(fixed(cpu)),"rows":\(count),"rows_per_s":\
            \(Int(Double(count) / max(seconds, 1e-6))),"file_bytes":\(file),"cache_bytes":\(most.bufferByteCount),\
            "changed_pages":\(most.changedPageCount),"version_bytes":\(most.versionByteCount),\
            "log_bytes":\(most.logByteCount),"rss_kb":\((Program.residentByteCount ?? 0) >> 10),\
            "peak_rss_kb":\(Program.peakResidentByteCount >> 10),"wrong":\(wrongCount)}

            """)
    }

    /// User and system time of this process in hundredths of a second (Linux: proc(5)); 0 if it isn't told.
    private static func cpuHundredths() -> Int {
        let text = (try? FileAccess.readText("/proc/self/stat", limit: 4_096)) ?? ""
        // The program's name, which is in parentheses, may have spaces.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else { return 0 }
        return user + system
    }

    private func fixed(_ value: Double) -> String {
        let thousandths = Int(value * 1_000)
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private func note() {
        let memory = instance.memory
        most.bufferByteCount = max(most.bufferByteCount, memory.bufferByteCount)
        most.changedPageCount = max(most.changedPageCount, memory.changedPageCount)
        most.versionByteCount = max(most.versionByteCount, memory.versionByteCount)
        most.logByteCount = max(most.logByteCount, memory.logByteCount)
    }

    private func fill() throws(JetError) -> UInt64 {
        let path = options.directory + "/" + Self.fileName
        while ((try? RandomAccessFile(reading: path).byteCount) ?? 0) < UInt64(options.byteCount) {
            try session.transaction(.lazy()) { () throws(JetError) in
                for _ in 0..<options.batchCount {
                    let key = Self.key(rowCount)
                    try table.insert { row throws(JetError) in try write(row, key, changes: 0) }
                    rowCount += 1
                }
            }
            note()
        }
        return rowCount
    }

    private func reopen() throws(JetError) -> UInt64 {
        try instance.close()
        (instance, session, table) = try Self.open(options)
        columns = try Columns(table)
        return 0
    }

    private func read() throws(JetError) -> UInt64 {
        var left = options.operationCount
        while left > 0 {
            try session.transaction(isReadOnly: true) { () throws(JetError) in
                for _ in 0..<min(left, options.batchCount) {
                    let key = Self.key(UInt64.random(in: 0..<rowCount, using: &random))
                    let isThere = try table.seek(.equal, key) == .equal
                    if !isThere {
                        wrongCount += 1
                    } else {
                        let isRight = try table.withRow { row throws(JetError) in
                            try self.isRight(row, key, changes: 0)
                        }
                        if !isRight { wrongCount += 1 }
                    }
                }
            }
            left -= options.batchCount
            note()
        }
        return UInt64(options.operationCount)
    }

    private func scan(backward: Bool, isChanged: Bool = false) throws(JetError) -> UInt64 {
        var sum: UInt64 = 0
        var last: UInt64?
        let count = try session.transaction(isReadOnly: true) { () throws(JetError) in
            try table.scan(backward: backward) { row throws(JetError) in
                let key = try row[columns.key] ?? 0
                sum &+= key
                if let last, backward ? key >= last : key <= last { wrongCount += 1 }
                last = key
                // All of a row in a hundred, so that the scan is measured and not what makes the bytes.
                if !isChanged, key % 100 == 0, try !isRight(row, key, changes: 0) { wrongCount += 1 }
                return true
            }
        }
        note()
        var expected: UInt64 = 0
        for number in 0..<rowCount where !isChanged || number % 10 != 3 { expected &+= Self.key(number) }
        if sum != expected { wrongCount += 1 }
        return UInt64(count)
    }

    private func scanIndex() throws(JetError) -> UInt64 {
        var last = Int64.min
        try table.setIndex("byGroup")
        // Each row is somewhere else: a part is enough.
        var left = options.operationCount
        let count = try session.transaction(isReadOnly: true) { () throws(JetError) in
            try table.scan { row throws(JetError) in
                let group = try row[columns.group] ?? 0
                if group < last { wrongCount += 1 }
                last = group
                left -= 1
                return left > 0
            }
        }
        try table.setIndex(nil)
        return UInt64(count)
    }

    private func change(
        of rest: UInt64, _ body: (UInt64) throws(JetError) -> Void
    ) throws(JetError) -> UInt64 {
        var number = rest
        var count: UInt64 = 0
        while number < rowCount {
            try session.transaction(.lazy()) { () throws(JetError) in
                for _ in 0..<options.batchCount where number < rowCount {
                    let key = Self.key(number)
                    if try table.seek(.equal, key) == .equal { try body(key) } else { wrongCount += 1 }
                    number += 10
                    count += 1
                }
            }
            note()
        }
        return count
    }
}
