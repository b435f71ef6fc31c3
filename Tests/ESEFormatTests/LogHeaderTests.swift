// Layer: ESEFormatTests. Tests: headers of logs, checkpoints, segments.
// Golden values: files that Windows wrote.

import ESEFormat
import Foundation
import PeerRig
import Primitives
import Testing

private let time = LogTime(year: 2024, month: 6, day: 26, hour: 17, minute: 34, second: 23)
private let signature = DatabaseSignature(random: 0x1234_5678, time: time)

private func attachments(_ count: Int) -> [LogAttachment] {
    (1...max(count, 1)).prefix(count).map { number in
        LogAttachment(
            database: UInt8(number), path: "/data/ä\(number).edb", databaseTime: DatabaseTime(77),
            lastObjectID: ObjectID(9), greatestPageCount: 5, attachPosition: LogPosition(rawValue: 0x1_0002_0003),
            consistentPosition: .none, signature: signature, isSparse: number == 2)
    }
}

private func header() -> LogHeader {
    var header = LogHeader(
        generation: 7, sectorCount: 256, pageSize: .kibibytes32, creationTime: time, signature: signature)
    header.previousCreationTime = LogTime(year: 2024, month: 6, day: 25)
    header.parameters.logPath = Array("/log".utf8)
    header.parameters.isCircular = true
    header.parameters.cachePageLimit = 12
    header.flags = 6
    header.checkpoint = LogPosition(generation: 6, sector: 3, byte: 44)
    header.previousSegmentsChecksum = 0x0102_0304_0506_0708
    header.attachments = attachments(2)
    return header
}

private func sealed(_ position: LogPosition, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    var bytes = (0..<LogSegment.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    bytes.withUnsafeMutableBytes { LogSegment.seal($0.baseAddress!, position: position, time: time) }
    return bytes
}

@Suite struct LogHeaderTests {
    @Test func headersDecodeToWhatWasEncoded() throws {
        let header = header()
        let bytes = header.encoded()
        let decoded = try LogHeader(decoding: bytes.span.bytes)
        #expect(decoded == header)
        #expect(decoded.pageSize == .kibibytes32 && decoded.isCircular && decoded.parameters.isCircular)
        #expect(decoded.attachments.map(\.path) == ["/data/ä1.edb", "/data/ä2.edb"])
        #expect(decoded.version.description == "8.4000.5.16")
    }

    @Test func checkpointsDecodeToWhatWasEncoded() throws {
        var checkpoint = Checkpoint(
            position: LogPosition(generation: 3, sector: 9, byte: 60), signature: signature,
            attachments: attachments(3))
        checkpoint.fullBackupTime = time
        checkpoint.parameters.systemPath = Array("/system".utf8)
        let copy = checkpoint.encoded()
        var file = copy + copy
        #expect(try Checkpoint.read(file: file.span.bytes) == checkpoint)
        file[100] ^= 1
        #expect(try Checkpoint.read(file: file.span.bytes) == checkpoint)
        file[5_000] ^= 1
        #expect(throws: FormatError(.badChecksum, at: 0)) { try Checkpoint.read(file: file.span.bytes) }
    }

    @Test func damagedAndShortOnesAreErrors() throws {
        let log = header().encoded()
        let checkpoint = Checkpoint(position: .none, signature: signature, attachments: attachments(1)).encoded()
        for count in stride(from: 0, to: 4_096, by: 97) {
            #expect(throws: FormatError(.truncated, at: count)) {
                try LogHeader(decoding: log.span.bytes.extracting(0..<count))
            }
            #expect(throws: FormatError(.truncated, at: count)) {
                try Checkpoint(decoding: checkpoint.span.bytes.extracting(0..<count))
            }
        }
        // Neither is the other.
        #expect(throws: FormatError(.badValue, at: 667)) { try LogHeader(decoding: checkpoint.span.bytes) }
        #expect(throws: FormatError(.badValue, at: 667)) { try Checkpoint(decoding: log.span.bytes) }
    }

    /// Damage under a right checksum.
    @Test func randomContentsNeverTrap() {
        for seed in 1...UInt64(300) {
            var random = SeededRandom(seed: seed)
            var bytes = seed % 2 == 0 ? header().encoded() : [UInt8](repeating: 0, count: 4_096)
            for _ in 0..<Int(random.next() % 400) {
                bytes[Int(random.next() % 4_096)] = UInt8(truncatingIfNeeded: random.next())
            }
            bytes[667] = UInt8(random.next() % 2 == 0 ? 3 : 4)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            XORChecksum.seal(&raw)
            _ = try? LogHeader(decoding: bytes.span.bytes)
            _ = try? Checkpoint(decoding: bytes.span.bytes)
        }
    }
}

@Suite struct LogSegmentTests {
    let place = LogPosition(generation: 5, sector: 8, byte: 0)

    @Test func aSealedSegmentIsValidAtItsPlaceOnly() {
        let bytes = sealed(place, seed: 1)
        #expect(LogSegment.check(bytes.span.bytes, at: place) == .valid)
        #expect(bytes[36...39].elementsEqual([0, 0x20, 0, 0]))
        // One behind it is its shadow.
        let next = LogPosition(generation: 5, sector: 9, byte: 0)
        #expect(LogSegment.check(bytes.span.bytes, at: next) == .shadow)
        let isShadow = LogSegment.isShadow(bytes.span.bytes, of: place)
        #expect(isShadow)
        let later = LogPosition(generation: 6, sector: 8, byte: 0)
        #expect(LogSegment.check(bytes.span.bytes, at: later) == .stale)
        let laterNext = LogPosition(generation: 6, sector: 9, byte: 0)
        #expect(LogSegment.check(bytes.span.bytes, at: laterNext) == .stale)
        let earlier = LogPosition(generation: 4, sector: 8, byte: 0)
        #expect(LogSegment.check(bytes.span.bytes, at: earlier) == .misplaced)
        let elsewhere = LogPosition(generation: 5, sector: 13, byte: 0)
        #expect(LogSegment.check(bytes.span.bytes, at: elsewhere) == .invalid)
        #expect(LogSegment.check([UInt8](repeating: 0, count: 4_096).span.bytes, at: place) == .empty)
        #expect(LogSegment.check([UInt8](repeating: 0, count: 4_095).span.bytes, at: place) == .invalid)
    }

    /// Each single bit can be corrected, two cannot.
    @Test(arguments: [UInt16(1), 2, 8, 9, 255])
    func oneWrongBitIsFound(sector: UInt16) {
        let place = LogPosition(generation: 5, sector: sector, byte: 0)
        var bytes = sealed(place, seed: 2)
        for bit in stride(from: 0, to: 4_096 * 8, by: 37) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(LogSegment.check(bytes.span.bytes, at: place) == .correctable(bitIndex: bit))
            let other = (bit + 4_099) % (4_096 * 8)
            bytes[other / 8] ^= 1 << UInt8(other % 8)
            #expect(LogSegment.check(bytes.span.bytes, at: place) == .invalid)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            bytes[other / 8] ^= 1 << UInt8(other % 8)
        }
    }

    @Test func tornSegmentsAreInvalid() {
        let old = sealed(LogPosition(generation: 4, sector: 8, byte: 0), seed: 3)
        let new = sealed(place, seed: 4)
        for sectors in 1..<8 {
            let torn = Array(new[..<(512 * sectors)] + old[(512 * sectors)...])
            #expect(LogSegment.check(torn.span.bytes, at: place) == .invalid)
            let other = Array(old[..<(512 * sectors)] + new[(512 * sectors)...])
            #expect(LogSegment.check(other.span.bytes, at: place) == .invalid)
        }
    }
}

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"))
struct LogHeaderSampleTests {
    static let logs = ESESamples.all.filter { $0.name.hasSuffix(".log") }
    static let checkpoints = ESESamples.all.filter { $0.name.hasSuffix(".chk") }

    /// All of them are understood: encoding gives the same bytes. Windows' segments too.
    @Test(arguments: logs)
    func logsOfAllSamples(sample: ESESample) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: sample.path)))
        let sector = Array(bytes[..<4_096])
        guard sector.contains(where: { $0 != 0 }) else {
            #expect(throws: FormatError.self) { try LogHeader(decoding: bytes.span.bytes) }
            return
        }
        let header = try LogHeader(decoding: bytes.span.bytes)
        #expect(header.encoded() == sector)
        #expect(header.version.hasSegments && header.pageSize == .kibibytes4)
        #expect(bytes.count == Int(header.sectorCount) * LogSegment.byteCount)
        for index in 1..<header.sectorCount {
            let range = Int(index) * 4_096..<(Int(index) + 1) * 4_096
            var segment = Array(bytes[range])
            let place = LogPosition(generation: header.generation, sector: index, byte: 0)
            let verdict = LogSegment.check(segment.span.bytes, at: place)
            if verdict == .empty { continue }
            #expect(verdict == .valid || verdict == .shadow || verdict == .stale, "\(place)")
            let found = LogPosition(rawValue: segment.span.bytes.inside(8))
            let time = LogTime(rawValue: segment.span.bytes.inside(16))
            segment.withUnsafeMutableBytes { LogSegment.seal($0.baseAddress!, position: found, time: time) }
            #expect(segment == Array(bytes[range]))
        }
    }

    @Test(arguments: checkpoints)
    func checkpointsOfAllSamples(sample: ESESample) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: sample.path)))
        let checkpoint = try Checkpoint.read(file: bytes.span.bytes)
        #expect(bytes.count == Checkpoint.fileByteCount)
        #expect(bytes[..<4_096] == bytes[4_096...])
        var copy = checkpoint.encoded()
        if sample.name == "srum-win10-logs/SRU.chk" {
            // What stood behind the end of the list before is still there.
            copy.replaceSubrange(680..<2_727, with: bytes[680..<2_727])
            copy.withUnsafeMutableBytes { checkpoint.encode(into: $0) }
        }
        #expect(copy == Array(bytes[..<4_096]))
    }
}
