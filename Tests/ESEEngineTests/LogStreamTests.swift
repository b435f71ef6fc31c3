// The log on a disk that works: order, places, files, group commit, checkpoint.

import ESEFormat
import ESETestKit
import PlatformIO
import Primitives
import Testing

@testable import ESEEngine

@Suite struct LogStreamTests {
    private func size(_ random: inout SeededRandom) -> Int {
        switch random.next() % 8 {
        case 0: Int.random(in: 3_900...4_100, using: &random)
        case 1: Int.random(in: 4_000...12_500, using: &random)
        default: Int.random(in: 11...400, using: &random)
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func recordsOfAllSizesComeBackAtTheirPlaces(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = TestLog(seed: seed, sectorCount: 40)
        let stream = try log.create()
        var expected: [FoundLog.Record] = []
        for number in 0..<400 {
            let record = TestRecord(number: UInt32(number), byteCount: size(&random))
            let cuts = (0..<3).map { _ in Int.random(in: 0...record.bytes.count, using: &random) }
            let span = try record.append(to: stream, cuts: cuts)
            expected.append(FoundLog.Record(record: record, start: span.start, end: span.end))
            if random.oneIn(10) {
                try stream.flush(upTo: span.end)
                #expect(stream.flushedPosition >= span.end)
            }
            if random.oneIn(60) { log.tasks.runAll() }
        }
        try stream.flush()
        #expect(stream.flushedPosition == stream.endPosition, "seed \(seed)")
        let found = log.read()
        #expect(found.problem == nil, "seed \(seed)")
        #expect(found.records == expected, "seed \(seed)")
        #expect(found.generations.count > 2, "seed \(seed)")
        stream.close()
    }

    @Test func restOfSegmentIsFilledOrFragmented() throws {
        for rest in 0...40 {
            let log = TestLog(seed: 1)
            let stream = try log.create()
            let first = try TestRecord(number: 1, byteCount: 4_056 - rest).append(to: stream)
            let second = try TestRecord(number: 2, byteCount: 60).append(to: stream)
            #expect(first.start == LogPosition(generation: 1, sector: 1, byte: 40))
            #expect(first.end == LogPosition(generation: 1, sector: 1, byte: UInt16(4_096 - rest)))
            // Fewer than 32 bytes stay unused.
            let expected =
                rest < 32
                ? LogPosition(generation: 1, sector: 2, byte: 40)
                : LogPosition(generation: 1, sector: 1, byte: UInt16(4_096 - rest))
            #expect(second.start == expected, "rest \(rest)")
            try stream.flush()
            let found = log.read()
            #expect(found.problem == nil && found.records.map(\.record.number) == [1, 2], "rest \(rest)")
        }
    }

    @Test func partialSegmentHasItsShadowBehind() throws {
        let log = TestLog(seed: 2)
        let stream = try log.create()
        for number in 0..<3 as Range<UInt32> {
            try stream.flush(upTo: TestRecord(number: number, byteCount: 100).append(to: stream).end)
            let bytes = try #require(log.disk.durableContents(log.names.current))
            #expect(bytes[4_096..<8_192] == bytes[8_192..<12_288])
            let place = LogPosition(generation: 1, sector: 1, byte: 0)
            let isShadow = LogSegment.isShadow(bytes.span.bytes.extracting(8_192..<12_288), of: place)
            #expect(isShadow)
        }
    }

    @Test func smallFlushIsOneWriteAndOneSync() throws {
        let log = TestLog(seed: 3, sectorCount: 64)
        let stream = try log.create()
        log.tasks.runAll()
        var calls = 0
        let flushCount = 100
        for number in 0..<flushCount {
            let span = try TestRecord(number: UInt32(number), byteCount: 200).append(to: stream)
            log.disk.startTrace()
            try stream.flush(upTo: span.end)
            calls += log.disk.trace.count
        }
        #expect(calls == 2 * flushCount)
        // Segments are used nearly to their end.
        #expect(stream.endPosition.sector <= 6)
    }

    @Test func recordsAppendedTogetherGetTheirPlaces() throws {
        let log = TestLog(seed: 4)
        let stream = try log.create()
        let records = (0..<20).map { TestRecord(number: UInt32($0), byteCount: 20 + 300 * $0) }
        let memory = records.map { record in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: record.bytes.count, alignment: 1)
            copy.copyBytes(from: record.bytes)
            return copy
        }
        defer { for bytes in memory { bytes.deallocate() } }
        let pieces = memory.map { LogPieces(UnsafeRawBufferPointer($0)) }
        var spans = [LogSpan](repeating: LogSpan(startRaw: 0, endRaw: 0), count: records.count)
        try pieces.withUnsafeBufferPointer { pieces throws(JetError) in
            try spans.withUnsafeMutableBufferPointer { spans throws(JetError) in
                try stream.append(all: pieces, spans)
            }
        }
        try stream.flush()
        let found = log.read()
        #expect(found.problem == nil)
        #expect(found.records.map(\.record) == records)
        #expect(found.records.map(\.start) == spans.map(\.start))
        #expect(found.records.map(\.end) == spans.map(\.end))
    }

    @Test func recordGreaterThanAFileIsRefusedAndNothingHappens() throws {
        let log = TestLog(seed: 5)
        let stream = try log.create()
        _ = try TestRecord(number: 1, byteCount: 50).append(to: stream)
        let end = stream.endPosition
        #expect(throws: LogError.recordTooGreat) {
            try TestRecord(number: 2, byteCount: 14 * 4_056).append(to: stream)
        }
        #expect(stream.endPosition == end)
        // The greatest one.
        _ = try TestRecord(number: 3, byteCount: 4_049 + 13 * 4_053).append(to: stream)
        try stream.flush()
        #expect(log.read().records.map(\.record.number) == [1, 3])
    }

    @Test func appendsOfManyThreadsComeBackWholeAndInOrder() throws {
        let log = TestLog(seed: 6, sectorCount: 200)
        let stream = try log.create()
        let ends = Locked<[LogPosition]>([])
        let threads = try (0..<4 as Range<UInt16>).map { writer in
            try Thread.start(name: "append") {
                var random = SeededRandom(seed: UInt64(writer))
                do {
                    for number in 0..<300 as Range<UInt32> {
                        let count = random.oneIn(20) ? 9_000 : Int.random(in: 11...300, using: &random)
                        let record = TestRecord(writer: writer, number: number, byteCount: count)
                        let span = try record.append(to: stream)
                        if random.oneIn(4) { try stream.flush(upTo: span.end) }
                    }
                    ends.withLock { $0.append(stream.endPosition) }
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        for thread in threads { thread.join() }
        log.tasks.drain()
        try stream.flush()
        #expect(ends.withLock { $0.count } == 4)
        let found = log.read()
        #expect(found.problem == nil)
        for writer in 0..<4 as Range<UInt16> {
            let numbers = found.records.filter { $0.record.writer == writer }.map(\.record.number)
            #expect(numbers == Array(0..<300))
        }
        stream.close()
    }

    @Test func manyThreadsShareSyncs() throws {
        let disk = SlowDisk(SimulatedDisk(seed: 7))
        let log = TestLog(seed: 7, sectorCount: 2_000)
        log.environment = LogEnvironment(
            storage: disk, clock: SimulatedClock(seed: 7), tasks: log.tasks, reporter: log.reporter)
        let stream = try log.create()
        let before = disk.syncCount.withLock { $0 }
        let threads = try (0..<8 as Range<UInt16>).map { writer in
            try Thread.start(name: "commit") {
                do {
                    for number in 0..<50 as Range<UInt32> {
                        let record = TestRecord(writer: writer, number: number, byteCount: 120)
                        let span = try record.append(to: stream)
                        try stream.flush(upTo: span.end)
                    }
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        for thread in threads { thread.join() }
        let count = disk.syncCount.withLock { $0 } - before
        // A thread's own flushes come one after the other.
        #expect(count >= 50)
        #expect(count < 8 * 50 / 2, "\(count) syncs for 400 flushes of 8 threads")
        #expect(log.read(disk.disk).records.count == 400)
        stream.close()
    }

    @Test func newFileIsStartedWhenAsked() throws {
        let log = TestLog(seed: 8)
        let stream = try log.create()
        stream.setAttachments([])
        for number in 0..<5 as Range<UInt32> {
            let span = try TestRecord(number: number, byteCount: 100).append(to: stream)
            #expect(span.start == LogPosition(generation: number + 1, sector: 1, byte: 40))
            try stream.startNewFile()
            #expect(stream.currentFile.generation == number + 2)
            #expect(stream.flushedPosition >= span.end)
        }
        let found = log.read()
        #expect(found.problem == nil && found.records.count == 5)
        #expect(found.generations == [1, 2, 3, 4, 5, 6])
        #expect(log.disk.contents("/log/edb00005.log") != nil)
    }

    @Test func circularLogUsesOldFilesAgain() throws {
        let log = TestLog(seed: 9, isCircular: true)
        let stream = try log.create()
        for number in 0..<400 as Range<UInt32> {
            let span = try TestRecord(number: number, byteCount: 1_000).append(to: stream)
            try stream.flush(upTo: span.end)
            log.tasks.runAll()
            if number % 10 == 9 {
                try stream.writeCheckpoint(
                    Checkpoint(position: span.start, signature: DatabaseSignature(), attachments: []))
            }
        }
        let files = try log.disk.list("/log").filter { log.names.generation(ofName: $0) != nil }
        #expect(files.count <= 5, "\(files)")
        #expect(stream.currentFile.generation >= 8)
        let found = log.read()
        #expect(found.problem == nil)
        #expect(found.records.last?.record.number == 399)
        #expect(found.records.map(\.record.number) == Array((400 - UInt32(found.records.count))...399))
        #expect(found.newestHeader?.isCircular == true)
        stream.close()
    }

    @Test func withoutCircularLoggingAllFilesStayUntilRemoved() throws {
        let log = TestLog(seed: 10)
        let stream = try log.create()
        var last = LogPosition.none
        for number in 0..<200 as Range<UInt32> {
            last = try TestRecord(number: number, byteCount: 1_000).append(to: stream).start
        }
        try stream.flush()
        try stream.writeCheckpoint(Checkpoint(position: last, signature: DatabaseSignature(), attachments: []))
        #expect(log.read().records.count == 200)
        try stream.removeFiles(before: 3)
        #expect(log.read().generations.first == 3)
        try stream.removeFiles(before: 1_000)
        #expect(log.read().generations == [stream.currentFile.generation])
    }

    @Test func headersNameTheirFileTheOneBeforeAndTheDatabases() throws {
        let log = TestLog(seed: 11)
        let stream = try log.create()
        let attachment = LogAttachment(
            database: 1, path: "/data/a.edb", databaseTime: DatabaseTime(7), lastObjectID: ObjectID(9),
            attachPosition: LogPosition(generation: 1, sector: 1, byte: 40), consistentPosition: .none,
            signature: DatabaseSignature(random: 3))
        stream.setAttachments([attachment])
        let first = stream.currentFile
        try stream.startNewFile()
        let second = stream.currentFile
        let bytes = try #require(log.disk.durableContents(log.names.current))
        let header = try LogHeader(decoding: bytes.span.bytes)
        #expect(header.generation == 2 && header.creationTime == second.creationTime)
        #expect(header.previousCreationTime == first.creationTime)
        #expect(header.attachments == [attachment])
        #expect(header.signature == log.options.signature && header.sectorCount == 16)
    }

    @Test func streamGoesOnWhereItEnded() throws {
        var random = SeededRandom(seed: 12)
        let log = TestLog(seed: 12)
        var stream = try log.create()
        var count: UInt32 = 0
        for _ in 0..<40 {
            for _ in 0..<Int(random.next() % 6) {
                _ = try TestRecord(number: count, byteCount: size(&random)).append(to: stream)
                count += 1
            }
            try stream.flush()
            stream.close()
            log.tasks.forgetAll()
            let (next, found) = try log.recover()
            #expect(found.problem == nil)
            #expect(found.records.map(\.record.number) == Array(0..<count))
            #expect(next.endPosition >= found.end)
            stream = next
        }
        #expect(count > 50)
    }

    @Test func streamRefusesTheLogOfOthers() throws {
        let log = TestLog(seed: 13)
        let stream = try log.create()
        let end = try TestRecord(number: 1, byteCount: 100).append(to: stream).end
        try stream.flush()
        stream.close()
        #expect(throws: JetError.fileAlreadyExists) { try log.create() }
        var other = log.options
        other.signature = DatabaseSignature(random: 99)
        #expect(throws: LogError.badSignature) { try LogStream.resume(log.environment, other, at: end) }
        other = log.options
        other.sectorCount = 20
        #expect(throws: LogError.sizeMismatch) { try LogStream.resume(log.environment, other, at: end) }
        var wrong = end
        wrong.generation = 2
        #expect(throws: JetError.logFileCorrupt) { try LogStream.resume(log.environment, log.options, at: wrong) }
        wrong = end
        wrong.sector = 9
        #expect(throws: JetError.logFileCorrupt) { try LogStream.resume(log.environment, log.options, at: wrong) }
        try LogStream.resume(log.environment, log.options, at: end).close()
    }

    @Test func namesAreThoseOfWindows() {
        let log = TestLog(seed: 14)
        #expect(log.names.current == "/log/edb.log")
        #expect(log.names.closed(26) == "/log/edb0001A.log")
        #expect(log.names.closed(0x100000) == "/log/edb00100000.log")
        #expect(log.names.reserve(2) == "/log/edbres00002.jrs")
        #expect(log.names.checkpoint == "/log/edb.chk")
        #expect(log.names.generation(ofName: "edb0001A.log") == 26)
        for name in ["edb.log", "edbtmp.log", "edbres00001.jrs", "edb0001G.log", "edb00000.log", "xyz00001.log"] {
            #expect(log.names.generation(ofName: name) == nil)
        }
    }
}

/// A disk whose syncs take time, so that others come while one runs.
private final class SlowDisk: StorageSystem {
    let disk: SimulatedDisk
    let syncCount = Locked(0)

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile {
        SlowFile(file: try disk.open(path, mode), disk: self)
    }
    func exists(_ path: String) throws(StorageError) -> Bool { try disk.exists(path) }
    func remove(_ path: String) throws(StorageError) { try disk.remove(path) }
    func rename(_ path: String, to newPath: String) throws(StorageError) { try disk.rename(path, to: newPath) }
    func list(_ directory: String) throws(StorageError) -> [String] { try disk.list(directory) }
    func createDirectory(_ path: String) throws(StorageError) { try disk.createDirectory(path) }
    func syncDirectory(_ path: String) throws(StorageError) { try disk.syncDirectory(path) }
    func fullPath(_ path: String) throws(StorageError) -> String { try disk.fullPath(path) }
}

private final class SlowFile: StorageFile {
    let file: any StorageFile
    let disk: SlowDisk

    init(file: any StorageFile, disk: SlowDisk) {
        self.file = file
        self.disk = disk
    }

    var path: String { file.path }
    func byteCount() throws(StorageError) -> UInt64 { try file.byteCount() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        try file.read(into: buffer, at: offset)
    }
    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        try file.write(buffer, at: offset)
    }
    func setByteCount(_ count: UInt64) throws(StorageError) { try file.setByteCount(count) }
    func sync() throws(StorageError) {
        disk.syncCount.withLock { $0 += 1 }
        // Nobody signals: a wait of that length.
        let lock = Lock()
        let condition = Condition()
        lock.withLock { _ = condition.wait(lock, timeout: .milliseconds(2)) }
        try file.sync()
    }
    func close() { file.close() }
}
