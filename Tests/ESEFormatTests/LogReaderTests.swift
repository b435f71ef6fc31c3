// Layer: ESEFormatTests. Tests: records of log files in order, the end of a log, shadows, damage; Windows' logs.

import ESEFormat
import Foundation
import PeerRig
import Primitives
import Testing

/// A log file written the simple way: whole, with the last segment and its shadow.
private struct SimpleLog {
    let generation: UInt32 = 9
    let sectorCount: UInt16
    var file: [UInt8]
    var sector: UInt16 = 1
    var offset = 40
    /// Where each record stood, and its bytes.
    var records: [(position: LogPosition, bytes: [UInt8])] = []

    init(sectorCount: UInt16 = 16) {
        self.sectorCount = sectorCount
        file = [UInt8](repeating: 0, count: Int(sectorCount) * 4_096)
    }

    var position: LogPosition {
        offset == 4_096
            ? LogPosition(generation: generation, sector: sector + 1, byte: 0)
            : LogPosition(generation: generation, sector: sector, byte: offset == 40 ? 0 : UInt16(offset))
    }

    private mutating func put(_ bytes: some Collection<UInt8>) {
        let start = Int(sector) * 4_096 + offset
        file.replaceSubrange(start..<start + bytes.count, with: bytes)
        offset += bytes.count
    }

    private mutating func seal() {
        let start = Int(sector) * 4_096
        let place = LogPosition(generation: generation, sector: sector, byte: 0)
        file.withUnsafeMutableBytes { LogSegment.seal($0.baseAddress! + start, position: place, time: .none) }
    }

    private mutating func turn() {
        seal()
        sector += 1
        offset = 40
    }

    /// False if the file has no room.
    mutating func append(_ record: [UInt8]) -> Bool {
        let room = Int(sectorCount - 2 - sector) * 4_000 + 4_096 - offset
        guard record.count + 64 < room else { return false }
        records.append((position, record))
        if offset == 4_096 { turn() }
        if record.count > 4_096 - offset, 4_096 - offset < 32 { turn() }
        guard record.count > 4_096 - offset else {
            put(record)
            return true
        }
        var count = 4_096 - offset - 7
        func short(_ value: Int) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }
        let total = (0..<4).map { UInt8(truncatingIfNeeded: record.count >> (8 * $0)) }
        put([76] + total + short(count))
        put(record[..<count])
        var done = count
        while done < record.count {
            turn()
            count = min(record.count - done, 4_096 - 40 - 3)
            put([77] + short(count))
            put(record[done..<done + count])
            done += count
        }
        return true
    }

    /// Ends with a shadow of the last segment.
    mutating func finish() {
        seal()
        let start = Int(sector) * 4_096
        file.replaceSubrange(start + 4_096..<start + 8_192, with: file[start..<start + 4_096])
    }

    func reader(_ file: [UInt8]? = nil, from start: LogPosition? = nil) -> LogReader<LogFileBytes> {
        LogReader(LogFileBytes(file ?? self.file), generation: generation, sectorCount: sectorCount, from: start)
    }
}

/// Records of many kinds, small and up to three segments long.
private func randomLog(_ seed: UInt64, fill: Bool = false) -> SimpleLog {
    var random = SeededRandom(seed: seed)
    var log = SimpleLog()
    let kinds = LogRecordType.allCases.filter { type in
        type != .nop && type != .padding && type != .fragment && type != .fragmentBegin
    }
    for _ in 0..<(fill ? 10_000 : Int(random.next() % 120)) {
        let type = kinds[Int(random.next() % UInt64(kinds.count))]
        let record = randomLogRecord(type, &random)
        guard log.append(record) else { break }
    }
    log.finish()
    return log
}

private func read(
    _ reader: consuming LogReader<LogFileBytes>
) throws -> (records: [(LogPosition, [UInt8])], end: LogEnd?) {
    var records: [(LogPosition, [UInt8])] = []
    while let position = try reader.next() { records.append((position, [UInt8](reader.bytes))) }
    let after = try reader.next()
    #expect(after == nil)
    return (records, reader.end)
}

@Suite struct LogReaderTests {
    @Test func recordsComeBackInOrder() throws {
        for seed in 1...UInt64(30) {
            let log = randomLog(seed, fill: seed % 5 == 0)
            let found = try read(log.reader())
            #expect(found.records.count == log.records.count, "seed \(seed)")
            #expect(found.records.map(\.0) == log.records.map(\.position), "seed \(seed)")
            #expect(found.records.map(\.1) == log.records.map(\.bytes), "seed \(seed)")
            #expect(found.end == (log.sector == log.sectorCount - 2 ? .full : .unwritten), "seed \(seed)")
        }
    }

    @Test func readingStartsAnywhere() throws {
        for seed in 1...UInt64(4) {
            let log = randomLog(seed)
            for (index, record) in log.records.enumerated() {
                let found = try read(log.reader(from: record.position))
                #expect(found.records.map(\.1) == log.records[index...].map(\.bytes), "seed \(seed) \(record.position)")
            }
            let end = try read(log.reader(from: log.position))
            #expect(end.records.isEmpty)
        }
    }

    @Test func aStartInsideARecordIsAnError() throws {
        let log = randomLog(3)
        let record = try #require(log.records.first { $0.bytes.count > 20 && $0.position.byte > 0 })
        var place = record.position
        place.byte += 3
        var reader = log.reader(from: place)
        #expect(throws: LogReadError.self) { _ = try reader.next() }
        place.byte = 65_535
        var beyond = log.reader(from: place)
        #expect(throws: LogReadError.self) { _ = try beyond.next() }
    }

    @Test func paddingIsPassedOver() throws {
        var log = SimpleLog()
        let commit: [UInt8] = [9, 1, 0, 0, 5, 0, 0, 0]
        _ = log.append(commit)
        _ = log.append([71, 40, 0, 0, 0] + [UInt8](repeating: 3, count: 40))
        _ = log.append(commit)
        log.finish()
        #expect(try read(log.reader()).records.map(\.0) == [log.records[0].position, log.records[2].position])
        var reader = log.reader()
        reader.skipsPadding = false
        #expect(try read(reader).records.count == 3)
    }

    @Test func aDamagedLastSegmentIsReadFromItsShadow() throws {
        let log = randomLog(11)
        var file = log.file
        let start = Int(log.sector) * 4_096
        file.replaceSubrange(start + 512..<start + 1_024, with: [UInt8](repeating: 0xee, count: 512))
        var reader = log.reader(file)
        var count = 0
        while try reader.next() != nil { count += 1 }
        #expect(count == log.records.count && reader.shadowCount == 1)
    }

    @Test func aWrongBitIsCorrected() throws {
        let log = randomLog(12, fill: true)
        var file = log.file
        file[2 * 4_096 + 700] ^= 8
        var reader = log.reader(file)
        var count = 0
        while try reader.next() != nil { count += 1 }
        #expect(count == log.records.count && reader.correctedBitCount == 1)
    }

    @Test func damageInTheMiddleIsAnErrorAndAtTheEndIsTheEnd() throws {
        let log = randomLog(5, fill: true)
        for sector in 1...log.sector {
            var file = log.file
            let start = Int(sector) * 4_096
            file.replaceSubrange(start + 100..<start + 900, with: [UInt8](repeating: 0x5a, count: 800))
            if sector == log.sector {
                // Its shadow too.
                file.replaceSubrange(start + 4_196..<start + 4_996, with: [UInt8](repeating: 0x5a, count: 800))
                let found = try read(log.reader(file))
                #expect(found.end == .torn && found.records.count < log.records.count)
                continue
            }
            var reader = log.reader(file)
            let error = #expect(throws: LogReadError.self) { while try reader.next() != nil {} }
            #expect(error?.kind == .segmentBehindEnd(sector + 1))
            #expect(error?.position.sector == sector)
            // The same again.
            #expect(throws: LogReadError.self) { _ = try reader.next() }
            var lenient = log.reader(file)
            lenient.endsAtDamage = true
            let found = try read(lenient)
            let whole = log.records.prefix { $0.position < LogPosition(generation: 9, sector: sector, byte: 0) }
            #expect(found.end == .torn && found.records.count <= whole.count)
            #expect(whole.count - found.records.count <= 1)
        }
    }

    @Test func recordsOfAnEarlierUseOfTheFileAreNotRead() throws {
        let log = randomLog(5, fill: true)
        var reader = LogReader(LogFileBytes(log.file), generation: 10, sectorCount: log.sectorCount)
        let position = try reader.next()
        #expect(position == nil && reader.end == .unwritten)
        var earlier = LogReader(LogFileBytes(log.file), generation: 8, sectorCount: log.sectorCount)
        let error = #expect(throws: LogReadError.self) { _ = try earlier.next() }
        #expect(error?.kind == .misplacedSegment)
    }

    /// A record that a crash cut off, and recovery's first record in the next segment.
    @Test func recoveryGoesOnBehindAnIncompleteRecord() throws {
        var log = SimpleLog()
        _ = log.append([UInt8](repeating: 10, count: 1) + [UInt8](repeating: 1, count: 6))
        _ = log.append([35] + [UInt8](repeating: 0, count: 43))
        let long = [UInt8(38)] + [UInt8](repeating: 0, count: 43) + [0x88, 0x13] + [UInt8](repeating: 6, count: 5_000)
        _ = log.append(long)
        // Replace the second part.
        let start = 2 * 4_096 + 40
        let undo = [UInt8(51)] + [UInt8](repeating: 2, count: 8)
        log.file.replaceSubrange(start..<start + 1_200, with: undo + [UInt8](repeating: 0, count: 1_191))
        log.finish()
        let found = try read(log.reader())
        #expect(found.records.map(\.1) == [log.records[0].bytes, log.records[1].bytes, undo])
        #expect(found.records.last?.0 == LogPosition(generation: 9, sector: 2, byte: 0))
    }

    @Test func aLogMayEndInsideARecord() throws {
        var log = SimpleLog()
        _ = log.append([UInt8(35)] + [UInt8](repeating: 0, count: 43))
        _ = log.append(
            [UInt8(38)] + [UInt8](repeating: 0, count: 43) + [0x88, 0x13] + [UInt8](repeating: 6, count: 5_000))
        log.finish()
        var file = log.file
        file.replaceSubrange(2 * 4_096..<4 * 4_096, with: [UInt8](repeating: 0, count: 8_192))
        var reader = log.reader(file)
        let first = try reader.next()
        let second = try reader.next()
        #expect(first != nil && second == nil && reader.endsInsideRecord)
        #expect(reader.endPosition == log.records[1].position && reader.lastSector == 1)
    }

    /// Damage under right checksums, cut files, random starts: errors or fewer records, never a trap.
    @Test func randomDamageNeverTraps() {
        for seed in 1...UInt64(100) {
            var random = SeededRandom(seed: seed)
            let log = randomLog(seed % 7, fill: seed % 2 == 0)
            var file = log.file
            for _ in 0..<Int(1 + random.next() % 8) {
                let sector = UInt16(1 + random.next() % 15)
                let start = Int(sector) * 4_096
                for _ in 0..<Int(1 + random.next() % 6) {
                    file[start + 40 + Int(random.next() % 4_056)] = UInt8(truncatingIfNeeded: random.next())
                }
                if random.next() % 4 != 0 {
                    let place = LogPosition(generation: 9, sector: sector, byte: 0)
                    file.withUnsafeMutableBytes {
                        LogSegment.seal($0.baseAddress! + start, position: place, time: .none)
                    }
                }
            }
            if random.next() % 4 == 0 { file.removeLast(Int(random.next() % 20_000)) }
            var start: LogPosition?
            if random.next() % 3 == 0 {
                start = LogPosition(
                    generation: 9, sector: UInt16(random.next() % 18), byte: UInt16(random.next() % 5_000))
            }
            var reader = log.reader(file, from: start)
            reader.endsAtDamage = random.next() % 2 == 0
            var count = 0
            do {
                while try reader.next() != nil {
                    count += 1
                    _ = try? reader.decode()
                }
            } catch {}
            #expect(count < 70_000, "seed \(seed)")
        }
    }
}

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"))
struct LogReaderSampleTests {
    /// Records in each file of Windows', NOP2 included; docs/ese/log.md has their kinds.
    static let counts: [String: Int] = [
        "logs-only/edb.log": 2573,
        "srum-belkasoft/dirty/SRU.log": 0,
        "srum-belkasoft/dirty/SRU0004E.log": 379,
        "srum-belkasoft/dirty/SRU0004F.log": 625,
        "srum-belkasoft/dirty/SRU00050.log": 276,
        "srum-belkasoft/dirty/SRU00051.log": 273,
        "srum-server2022-full-chain/SRU.log": 140,
        "srum-server2022-full-chain/SRU00001.log": 757,
        "srum-server2022-full-chain/SRU00002.log": 785,
        "srum-server2022-full-chain/SRU00003.log": 743,
        "srum-server2022-full-chain/SRU00004.log": 574,
        "srum-server2022-full-chain/expected-t0/SRU.log": 37,
        "srum-win10-logs/SRU.log": 281,
        "srum-win10-logs/SRU00019.log": 755,
        "srum-win10-logs/SRU0001A.log": 691,
        "srum-win10-logs/SRU0001B.log": 582,
        "srum-win10-logs/SRU0001C.log": 584,
        "srum-win10-logs/SRU0001D.log": 593,
        "srum-win10-logs/SRU0001E.log": 572,
        "srum-win10-logs/SRU0001F.log": 584,
        "srum-win10-logs/SRUtmp.log": 586,
    ]

    /// Every byte is understood: each record decodes, and encodes to the same bytes.
    @Test(arguments: LogHeaderSampleTests.logs)
    func recordsOfAllSamples(sample: ESESample) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: sample.path)))
        guard let header = try? LogHeader(decoding: bytes.span.bytes) else { return }
        var reader = LogReader(LogFileBytes(bytes), generation: header.generation, sectorCount: header.sectorCount)
        reader.skipsPadding = false
        var kinds: [LogRecordType: Int] = [:]
        var last = LogPosition.none
        while let position = try reader.next() {
            #expect(position > last)
            last = position
            let record = [UInt8](reader.bytes)
            let decoded = try reader.decode()
            kinds[decoded.type, default: 0] += 1
            if let copy = try reencoded(record) { #expect(copy == record, "\(position)") }
            if case .other(let type) = decoded { #expect(type == .padding || type == .shutDownMark, "\(position)") }
            #expect(!LogRecord.describe(record.span.bytes).hasPrefix("no record"))
        }
        #expect(reader.shadowCount == 0 && reader.correctedBitCount == 0 && !reader.endsInsideRecord)
        #expect(kinds.values.reduce(0, +) == Self.counts[sample.name])
        // Files that are complete say so in the header of the next one.
        if sample.name.hasPrefix("srum-server2022-full-chain/SRU0000"), let number = sample.name.dropLast(4).last {
            let name = number == "4" ? "SRU.log" : "SRU0000\(Int(String(number))! + 1).log"
            let path = try #require(ESESamples.path(of: "srum-server2022-full-chain/\(name)"))
            let next = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let nextHeader = try LogHeader(decoding: next.span.bytes)
            #expect(nextHeader.generation == header.generation + 1)
            #expect(nextHeader.previousCreationTime == header.creationTime)
            #expect(nextHeader.previousSegmentsChecksum == reader.segmentsChecksum)
        }
    }
}
