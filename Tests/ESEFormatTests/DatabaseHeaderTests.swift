// Layer: ESEFormatTests. Tests: database headers, times, versions, and which of two headers is believed.
// Golden values: the header of dissect.esedb's basic.edb as Windows wrote it.

import ESEFormat
import Foundation
import PeerRig
import Primitives
import Testing

private func start(of sample: String) throws -> [UInt8] {
    let path = try #require(ESESamples.path(of: sample))
    let file = try #require(FileHandle(forReadingAtPath: path))
    return [UInt8](try file.read(upToCount: DatabaseHeader.usefulStartByteCount) ?? Data())
}

/// A header of random fields: what any bytes decode to.
private func randomHeader(_ size: PageSize, seed: UInt64) throws -> DatabaseHeader {
    var random = SeededRandom(seed: seed)
    var bytes = (0..<DatabaseHeader.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    bytes.replaceSubrange(4..<8, with: [0xef, 0xcd, 0xab, 0x89])
    return try DatabaseHeader(decoding: bytes.span.bytes, pageSize: size)
}

/// A small database: two headers and a page.
private func file(_ size: PageSize, seed: UInt64 = 1) throws -> [UInt8] {
    var header = DatabaseHeader(pageSize: size)
    header.format = .writable
    header.state = .cleanShutdown
    header.lastObjectID = ObjectID(UInt32(seed))
    var page = [UInt8](repeating: 7, count: size.byteCount)
    try PageChecksum.seal(&page, number: PageNumber(1), size: size)
    return header.encoded() + header.encoded() + page
}

@Suite struct DatabaseHeaderTests {
    @Test(arguments: PageSize.allCases)
    func encodedHeadersDecodeToTheSame(size: PageSize) throws {
        for seed in 1...UInt64(20) {
            let header = try randomHeader(size, seed: seed)
            let page = header.encoded()
            #expect(page.count == size.byteCount)
            let sealed = XORChecksum.isValid(page.span.bytes)
            #expect(sealed)
            #expect(try DatabaseHeader(decoding: page.span.bytes) == header, "seed \(seed)")
        }
    }

    @Test func fieldsAreInOrderAndDontOverlap() throws {
        let header = try randomHeader(.kibibytes8, seed: 3)
        let fields = header.fields()
        var end = 8
        for field in fields {
            #expect(field.byteOffset >= end && field.byteOffset - end <= 4, "\(field.eseName) at \(field.byteOffset)")
            switch field.value {
            case .signature: end = field.byteOffset + 28
            case .backup: end = field.byteOffset + 24
            case .time, .position: end = field.byteOffset + 8
            default: end = field.byteOffset + (["dbtime", "qwSort"].contains { field.eseName.hasPrefix($0) } ? 8 : 4)
            }
        }
        #expect(end == DatabaseHeader.byteCount)
        #expect(Set(fields.map(\.name)).count == fields.count)
        #expect(Set(fields.map(\.eseName)).count == fields.count)
    }

    @Test func everyTruncationThrows() throws {
        let page = try file(.kibibytes4)
        for count in 0..<DatabaseHeader.byteCount {
            #expect(throws: FormatError(.truncated, at: count)) {
                try DatabaseHeader(decoding: page.span.bytes.extracting(0..<count))
            }
        }
        for count in stride(from: 0, to: 4_096, by: 61) {
            #expect(throws: FormatError.self) {
                _ = try DatabaseHeader.read(start: [UInt8](repeating: 1, count: count).span.bytes)
            }
            _ = try? DatabaseHeader.read(start: page.span.bytes.extracting(0..<count))
        }
    }

    @Test(arguments: PageSize.allCases)
    func damagedCopiesAreReplaced(size: PageSize) throws {
        let whole = try file(size)
        let reading = try DatabaseHeader.read(start: whole.span.bytes)
        #expect(reading.source == .primary && reading.warnings.isEmpty && reading.header.pageSize == size)

        var bytes = whole
        bytes[300] ^= 4
        let second = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(second.source == .shadow && second.warnings == [.primaryDamaged])
        #expect(second.header == reading.header)

        // The whole first page gone, its size with it.
        bytes.replaceSubrange(0..<size.byteCount, with: [UInt8](repeating: 0, count: size.byteCount))
        #expect(try DatabaseHeader.read(start: bytes.span.bytes) == second)

        bytes = whole
        bytes[size.byteCount + 300] ^= 4
        let first = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(first.source == .primary && first.warnings == [.shadowDamaged])

        // Both damaged, the first one's page size with it.
        bytes[300] ^= 4
        bytes[237] = 0x77
        let damaged = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(damaged.source == .damaged && damaged.warnings == [.bothDamaged])
        #expect(damaged.header.pageSize == size && damaged.header.state == .cleanShutdown)

        // Nothing left but pages.
        bytes.replaceSubrange(0..<2 * size.byteCount, with: [UInt8](repeating: 0xee, count: 2 * size.byteCount))
        let lost = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(lost.source == .pages && lost.header.pageSize == size)
        bytes.removeLast(size.byteCount)
        #expect(throws: FormatError(.notADatabase, at: 0)) { try DatabaseHeader.read(start: bytes.span.bytes) }
    }

    @Test func interruptedWriteOfTheHeaderIsNoticed() throws {
        let old = try file(.kibibytes4, seed: 1)
        let new = try file(.kibibytes4, seed: 2)
        let bytes = Array(new[..<4_096]) + old[4_096...]
        let reading = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(reading.warnings == [.copiesDiffer])
        #expect(reading.header.lastObjectID == ObjectID(2))
        let pages = (Array(bytes[..<4_096]), Array(bytes[4_096..<8_192]))
        #expect(try DatabaseHeader.read(primary: pages.0.span.bytes, shadow: pages.1.span.bytes) == reading)
    }

    @Test func unknownFormatsAreReadWithAWarning() throws {
        var header = DatabaseHeader(pageSize: .kibibytes4)
        for (major, warning) in [
            (UInt32(301), DatabaseHeaderReading.Warning.newerFormat(FormatVersion(updateMajor: 301))),
            (8, .unknownFormat(FormatVersion(updateMajor: 8))),
        ] {
            header.format = FormatVersion(updateMajor: major)
            let page = header.encoded()
            #expect(try DatabaseHeader.read(primary: page.span.bytes, shadow: nil).warnings == [warning])
        }
    }

    @Test func cleanMeansThatNoLogsAreNeeded() {
        var header = DatabaseHeader(pageSize: .kibibytes4)
        header.state = .cleanShutdown
        #expect(header.isClean && header.requiredLogs == nil)
        header.detachPosition = LogPosition(generation: 1, sector: 2, byte: 3)
        #expect(!header.isClean)
        header.consistentPosition = header.detachPosition
        #expect(header.isClean)
        header.state = .dirtyShutdown
        header.firstRequiredGeneration = 78
        header.lastRequiredGeneration = 80
        header.lastCommittedGeneration = 81
        #expect(!header.isClean && header.requiredLogs == 78...80 && header.committedLogs == 78...81)
        header.firstRequiredGeneration = 90
        #expect(header.requiredLogs == nil, "a range that makes no sense")
        #expect(DatabaseHeader.logNumbers(ofGeneration: 78) == ["0004E", "0000004E"])
        #expect(DatabaseHeader.logNumbers(ofGeneration: 0x12_3456) == ["00123456"])
    }

    @Test func timesAndPositions() {
        let time = LogTime(year: 2024, month: 2, day: 29, hour: 23, minute: 5, second: 59, millisecond: 917)
        #expect(time.description == "2024-02-29T23:05:59.917Z")
        #expect(time.rawValue >> 32 & 0xffff == 0x7c02, "months from 1, years from 1900")
        #expect(LogTime(year: 1999, month: 12, day: 31, isUTC: false).description == "1999-12-31T00:00:00")
        #expect(LogTime.none.description == "-")
        let damaged = LogTime(rawValue: .max)
        #expect(damaged.millisecond == 1_023 && !damaged.description.isEmpty)
        let position = LogPosition(generation: 5, sector: 3, byte: 0x1d5)
        #expect(position.description == "(0x5,3,1D5)")
        #expect(position.rawValue == 0x0000_0005_0003_01d5)
        #expect(LogPosition(generation: 4, sector: 9, byte: 9) < position)
        #expect(LogPosition(generation: 5, sector: 3, byte: 0x1d4) < position)
    }

    @Test(arguments: [
        (FormatVersion(updateMajor: 20), UInt32(8_920), "Windows 8 to Windows 10 1909, and later ones by default"),
        (FormatVersion(updateMajor: 110, updateMinor: 240), 9_180, "Windows 10 2004 to 22H2"),
        (FormatVersion(updateMajor: 180, updateMinor: 400), 9_360, "Windows Server 2022"),
        (FormatVersion(updateMajor: 200, updateMinor: 440), 9_400, "Windows 11 21H2"),
        (FormatVersion(updateMajor: 230, updateMinor: 500), 9_480, "Windows 11 22H2"),
        (FormatVersion(updateMajor: 290, updateMinor: 600), 9_600, "Windows 11 23H2"),
        (FormatVersion(updateMajor: 210, updateMinor: 460), 9_420, "after Windows 11 21H2"),
    ])
    func versionsTellTheirWriter(version: FormatVersion, engine: UInt32, writer: String) {
        #expect(version.engineFormatVersion == engine)
        #expect(version.writer == writer)
        #expect(version.support == .known)
        #expect(version.isWritable == (version.updateMajor == 20))
        #expect(FormatVersion(updateMajor: 17).engineFormatVersion == nil)
    }
}

@Suite(.enabled(if: ESESamples.isAvailable, "no sample databases here: ORIEL_SAMPLES names their directory"))
struct DatabaseHeaderSampleTests {
    @Test func headerOfBasicEdb() throws {
        let bytes = try start(of: "dissect/basic.edb")
        let header = try DatabaseHeader.read(start: bytes.span.bytes).header
        #expect(try bytes.span.bytes.little(0, as: UInt32.self) == 0x98a8_10d4)
        #expect(header.lastDatabaseTime == DatabaseTime(403))
        #expect(header.lastObjectID == ObjectID(8))
        #expect(header.signature.random == 0x87c3_f09e)
        #expect(header.attachPosition == LogPosition(generation: 1, sector: 20, byte: 616))
        #expect(header.consistentPosition == LogPosition(generation: 1, sector: 22, byte: 0))
        #expect(header.detachPosition == header.consistentPosition)
        #expect(header.state == .cleanShutdown && header.isClean && header.fileType == .database)
        #expect([header.osMajorVersion, header.osMinorVersion, header.osBuild] == [6, 2, 9_200])
        #expect(header.format.description == "0x620,20,0" && header.createdFormat == header.format)
        #expect(header.sortVersion == .max)
        let fields = header.fields()
        #expect(fields.first { $0.eseName == "dbstate" }?.value.text == "clean shutdown (3)")
        #expect(fields.first { $0.eseName == "objidLast" }?.value == .number(8))
    }

    @Test(arguments: ESESamples.databases)
    func headersOfAllSamples(sample: ESESample) throws {
        let bytes = try start(of: sample.name)
        let reading = try DatabaseHeader.read(start: bytes.span.bytes)
        let header = reading.header
        #expect(reading.source == .primary && reading.warnings.isEmpty)
        #expect(header.pageSize.byteCount == sample.pageSize)
        #expect(header.isClean == (sample.state == "clean"))
        #expect((header.requiredLogs != nil) == (sample.state != "clean"))
        #expect(header.fileType == .database)
        // All of it is understood: encoding gives the same page.
        #expect(header.encoded() == Array(bytes[..<header.pageSize.byteCount]))
        #expect(DatabaseHeader.pageSize(ofPagesIn: bytes.span.bytes) == header.pageSize)
        let engine = header.format.engineFormatVersion
        if header.newestEngineFormat != 0 {
            #expect(header.format.updateMajor == 20 || engine == header.newestEngineFormat)
        }
        #expect(header.format.writer != nil)
    }

    /// Pages that the root of the database owns verify or are zero; what lies behind them may be anything.
    /// All space headers, split buffers and extents decode, and encode to the same.
    @Test(arguments: ESESamples.databases)
    func ownedPagesOfAllSamplesVerify(sample: ESESample) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: sample.path)))
        let size = try DatabaseHeader.read(start: bytes.span.bytes).header.pageSize
        func range(_ number: UInt32) -> Range<Int> {
            let offset = Int(size.fileOffset(of: PageNumber(number)))
            return offset..<offset + size.byteCount
        }
        let lastPage = UInt32(bytes.count / size.byteCount - 2)
        let root = bytes.span.bytes.extracting(range(1))
        let top = try PageLayout(root, size: size)
        let ownedRoot = try SpaceHeader(decoding: root.extracting(top.externalHeader)).ownedRoot
        let ownedPage = bytes.span.bytes.extracting(range(try #require(ownedRoot).rawValue))
        let layout = try PageLayout(ownedPage, size: size)
        try #require(layout.isLeaf)
        var owned = ExtentSet()
        for index in 0..<layout.nodeCount {
            let node = try layout.node(index, in: ownedPage)
            if node.isDeleted { continue }
            let (key, data) = (ownedPage.extracting(node.suffix), ownedPage.extracting(node.data))
            let extent = try #require(try Extent.decode(key: key, data: data).extent)
            #expect(extent.data == data.bytes(0..<4) && extent.key() == key.bytes(0..<key.byteCount))
            let isNew = owned.insert(extent)
            #expect(isNew)
        }
        #expect(owned.pageCount > 30 && owned.contains(PageNumber(1)))
        var bad: [String] = []
        for number in owned.pages where number.rawValue <= lastPage {
            let page = bytes.span.bytes.extracting(range(number.rawValue))
            let verdict = PageChecksum.verify(page, number: number, size: size)
            guard verdict == .valid else {
                if verdict != .uninitialized { bad.append("\(number): \(verdict)") }
                continue
            }
            // The header alone says that the page is free; its tags may be nonsense then.
            let flags = PageFlags(rawValue: try page.little(36))
            guard flags.contains(.root), !flags.contains(.empty) else { continue }
            let layout = try PageLayout(page, size: size)
            let external = page.extracting(layout.externalHeader)
            let stored = external.bytes(0..<external.byteCount)
            if layout.flags.contains(.spaceTree) {
                let buffer = try SplitBuffer(decoding: external)
                #expect(stored.isEmpty || buffer.encoded() == stored || buffer == SplitBuffer())
            } else {
                let header = try SpaceHeader(decoding: external)
                #expect(header.encoded(withFieldFlags: stored.count > 16) == stored, "page \(number)")
            }
        }
        #expect(bad.isEmpty, "\(bad.count) of \(owned.pageCount): \(bad.prefix(5))")
    }
}
