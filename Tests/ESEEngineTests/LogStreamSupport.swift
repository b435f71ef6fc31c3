// What the tests of the log share: a stream on a simulated disk, records that tell themselves apart, and a reader of
// its own that knows segments and fragments only.

import ESEFormat
import ESETestKit
import Primitives

@testable import ESEEngine

/// A record of the tests: type 0xE0, byte count (4), number (4), writer (2), bytes that follow from the number.
struct TestRecord: Hashable {
    static let fixedByteCount = 11

    var writer: UInt16
    var number: UInt32
    var bytes: [UInt8]

    init(writer: UInt16 = 0, number: UInt32, byteCount: Int) {
        self.writer = writer
        self.number = number
        var random = SeededRandom(seed: UInt64(number) << 16 | UInt64(writer))
        bytes = [0xE0]
        for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: byteCount >> (8 * shift))) }
        for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * shift))) }
        for shift in 0..<2 { bytes.append(UInt8(truncatingIfNeeded: writer >> UInt16(8 * shift))) }
        precondition(byteCount >= bytes.count)
        var word: UInt64 = 0
        while bytes.count < byteCount {
            if bytes.count % 8 == 3 { word = random.next() }
            bytes.append(UInt8(truncatingIfNeeded: word))
            word >>= 8
        }
    }

    /// Appends it, cut into up to four pieces.
    func append(to stream: LogStream, cuts: [Int] = []) throws(JetError) -> LogSpan {
        var result: Result<LogSpan, JetError> = .failure(.invalidParameter)
        bytes.withUnsafeBytes { buffer in
            var places = [0] + cuts.prefix(3).map { min($0, buffer.count) }.sorted()
            while places.count < 4 { places.append(buffer.count) }
            places.append(buffer.count)
            let pieces = (0..<4).map { UnsafeRawBufferPointer(rebasing: buffer[places[$0]..<places[$0 + 1]]) }
            do throws(JetError) {
                result = .success(try stream.append(LogPieces(pieces[0], pieces[1], pieces[2], pieces[3])))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}

/// What the reader found.
struct FoundLog {
    struct Record: Hashable {
        var record: TestRecord
        var start: LogPosition
        var end: LogPosition
    }

    var records: [Record] = []
    /// Behind the last record, in the newest file.
    var end = LogPosition.none
    /// What is wrong, for people.
    var problem: String?
    var generations: [UInt32] = []
    var newestHeader: LogHeader?
    /// The newest file has its number already.
    var lacksCurrent = false
}

/// A log on a simulated disk.
final class TestLog {
    var disk: SimulatedDisk
    let tasks: ManualTaskRunner
    let reporter = CollectingReporter()
    var options: LogOptions
    var names: LogFileNames { LogFileNames(options) }
    var environment: LogEnvironment

    init(seed: UInt64, sectorCount: UInt16 = 16, isCircular: Bool = false) {
        disk = SimulatedDisk(seed: seed)
        tasks = ManualTaskRunner(seed: seed)
        options = LogOptions(
            directory: "/log", pageSize: .kibibytes4,
            signature: DatabaseSignature(random: UInt32(truncatingIfNeeded: seed)))
        options.sectorCount = sectorCount
        options.isCircular = isCircular
        environment = LogEnvironment(
            storage: disk, clock: SimulatedClock(seed: seed), tasks: tasks, reporter: reporter)
    }

    func create() throws -> LogStream { try LogStream.create(environment, options) }

    /// What recovery does: repairs the newest file, reads all, goes on.
    func recover() throws -> (LogStream, FoundLog) {
        if try disk.exists(names.current) {
            let file = try disk.open(names.current, .writing)
            var bytes = [UInt8](repeating: 0, count: 4_096)
            _ = try file.read(into: &bytes, at: 0)
            let outcome = try LogTail.repair(file, LogHeader(decoding: bytes.span.bytes))
            file.close()
            if case .damaged(let place) = outcome { throw TestFailure("damaged at \(place)") }
        }
        let found = read()
        guard found.problem == nil, let header = found.newestHeader else { return (try create(), found) }
        if found.lacksCurrent {
            let stream = try LogStream.create(
                environment, options, generation: header.generation + 1, previous: header.creationTime)
            return (stream, found)
        }
        return (try LogStream.resume(environment, options, at: found.end), found)
    }

    /// Reads all files from the oldest.
    func read(_ disk: SimulatedDisk? = nil) -> FoundLog {
        let disk = disk ?? self.disk
        var found = FoundLog()
        let closed = ((try? disk.list("/log")) ?? []).compactMap { names.generation(ofName: $0) }.sorted()
        var files = closed.map { names.closed($0) }
        let lacksCurrent = disk.contents(names.current) == nil
        if !lacksCurrent { files.append(names.current) }
        for path in files {
            guard let bytes = disk.contents(path), let header = try? LogHeader(decoding: bytes.span.bytes) else {
                found.problem = "no header in \(path)"
                return found
            }
            if path != names.current, path != names.closed(header.generation) {
                found.problem = "generation \(header.generation) in \(path)"
                return found
            }
            // Old files are removed one by one; what is before a gap was to be removed too.
            if let last = found.generations.last, header.generation != last + 1 { found = FoundLog() }
            found.generations.append(header.generation)
            found.newestHeader = header
            found.end = LogPosition(generation: header.generation, sector: 0, byte: 0)
            LogFileReader(bytes: bytes, generation: header.generation).read(&found)
            if found.problem != nil { return found }
        }
        found.lacksCurrent = lacksCurrent
        return found
    }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Reads one file.
private struct LogFileReader {
    let bytes: [UInt8]
    let generation: UInt32

    func segment(_ sector: Int, as place: Int) -> ArraySlice<UInt8>? {
        let range = sector * 4_096..<(sector + 1) * 4_096
        guard range.upperBound <= bytes.count else { return nil }
        let position = LogPosition(generation: generation, sector: UInt16(place), byte: 0)
        guard LogSegment.check(bytes.span.bytes.extracting(range), at: position) == .valid else { return nil }
        return bytes[range]
    }

    func read(_ found: inout FoundLog) {
        let count = bytes.count / 4_096
        // The bodies of segments from the first on.
        var body: [UInt8] = []
        var sector = 1
        while sector < count - 1, let slice = segment(sector, as: sector) ?? segment(sector + 1, as: sector) {
            body += slice.dropFirst(40)
            sector += 1
        }
        for later in sector..<count where segment(later, as: later) != nil {
            found.problem = "segment \(later) is valid, \(sector) is not, of generation \(generation)"
        }
        parse(body, &found)
    }

    private func position(_ index: Int) -> LogPosition {
        LogPosition(
            generation: generation, sector: UInt16(1 + index / 4_056), byte: UInt16(40 + index % 4_056))
    }

    private func parse(_ body: [UInt8], _ found: inout FoundLog) {
        var place = 0
        var parts: [UInt8] = []
        var total = 0
        var start = LogPosition.none
        func number(_ offset: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) {
                $0 | Int(place + offset + $1 < body.count ? body[place + offset + $1] : 0) << (8 * $1)
            }
        }
        func take(_ count: Int) -> ArraySlice<UInt8> { body[place..<min(place + count, body.count)] }
        while place < body.count {
            switch body[place] {
            case 0:
                // To the end of the segment.
                guard take(4_056 - place % 4_056).allSatisfy({ $0 == 0 }) else {
                    return found.problem = "no end of zeros at \(position(place))"
                }
                place += 4_056 - place % 4_056
                continue
            case 76:
                guard total == 0 else { return found.problem = "fragments in each other" }
                start = position(place)
                total = number(1, 4)
                let count = number(5, 2)
                place += 7
                parts = Array(take(count))
                place += count
            case 77:
                guard total > 0 else { return found.problem = "a fragment without a beginning" }
                let count = number(1, 2)
                place += 3
                parts += take(count)
                place += count
            case 0xE0:
                guard total == 0 else { return found.problem = "a record in another" }
                start = position(place)
                total = number(1, 4)
                parts = Array(take(total))
                place += total
            default:
                return found.problem = "type \(body[place]) at \(position(place))"
            }
            guard parts.count >= total else { continue }
            guard place <= body.count, parts.count == total, total >= TestRecord.fixedByteCount else {
                return found.problem = "a record of \(total) bytes at \(start)"
            }
            let id = (5..<11).map { Int(parts[$0]) }
            let record = TestRecord(
                writer: UInt16(id[4] | id[5] << 8), number: UInt32(id[0] | id[1] << 8 | id[2] << 16 | id[3] << 24),
                byteCount: total)
            guard record.bytes == parts else { return found.problem = "wrong bytes at \(start)" }
            var end = position(place - 1)
            end.byte += 1
            found.records.append(FoundLog.Record(record: record, start: start, end: end))
            found.end = end
            total = 0
        }
        // A record whose end was never written.
        if total > 0 { found.end = start }
    }
}
