// Layer: ESEFormat/Log. Uses: LogParameters, LogAttachment, XORChecksum. Used by: LogReader, log stream, recovery.
// The first sector of a log file.

/// The format of a log. Engines read those with the same major and minor number and an update not above their own.
public struct LogVersion: Hashable, Sendable {
    /// ESE's term: ulLGVersionMajor. 8 for logs of segments, 7 for older ones.
    public var major: UInt32
    /// ESE's term: ulLGVersionMinor.
    public var minor: UInt32
    /// ESE's term: ulLGVersionUpdateMajor.
    public var updateMajor: UInt32
    /// ESE's term: ulLGVersionUpdateMinor.
    public var updateMinor: UInt32

    /// Makes a version.
    public init(major: UInt32, minor: UInt32, updateMajor: UInt32, updateMinor: UInt32) {
        self.major = major
        self.minor = minor
        self.updateMajor = updateMajor
        self.updateMinor = updateMinor
    }

    /// What we write: that of Windows 10 by default.
    public static let writable = LogVersion(major: 8, minor: 4_000, updateMajor: 5, updateMinor: 16)

    /// Whether the log consists of segments; older ones, of Windows 7 and before, are not read.
    public var hasSegments: Bool { major >= 8 }
}

extension LogVersion: CustomStringConvertible {
    /// As ESE prints it: `8.4000.5.16`.
    public var description: String { "\(major).\(minor).\(updateMajor).\(updateMinor)" }
}

/// The header of a log file. ESE's term: LGFILEHDR, one sector of 4096 bytes.
public struct LogHeader: Hashable, Sendable {
    /// Bytes of a header.
    public static let byteCount = 4_096

    /// The number of the file, from 1. ESE's term: lGeneration.
    public var generation: UInt32
    /// Bytes of a sector: 4096. ESE's term: cbSec.
    public var sectorByteCount: UInt16 = 4_096
    /// Sectors of the header: 1. ESE's term: csecHeader.
    public var headerSectorCount: UInt16 = 1
    /// Sectors of the file, with the header. ESE's term: csecLGFile.
    public var sectorCount: UInt16
    /// Bytes of a page of the databases; 0 in old logs means 4096. ESE's term: cbPageSize.
    public var pageByteCount: UInt16
    /// When the file was begun. ESE's term: tmCreate.
    public var creationTime: LogTime
    /// When the file before it was begun; none in the first. ESE's term: tmPrevGen.
    public var previousCreationTime: LogTime = .none
    /// The format.
    public var version: LogVersion = .writable
    /// Tells which logs belong together. ESE's term: signLog.
    public var signature: DatabaseSignature
    /// The engine's parameters. ESE's term: dbms_param.
    public var parameters = LogParameters()
    /// Bit 0: was a reserve; 1: old logs are deleted; 2: they were at some time before. ESE's term: fLGFlags.
    public var flags: UInt8 = 0
    /// The checkpoint when the file was begun. ESE's term: lgposCheckpoint.
    public var checkpoint: LogPosition = .none
    /// How the disk's sectors differ from the log's, for people. ESE's term: bDiskSecSizeMismatch.
    public var sectorSizeMismatch: UInt8 = 0
    /// The XOR of the checksums of all segments of the file before; 0: not known. ESE's term:
    /// checksumPrevLogAllSegments.
    public var previousSegmentsChecksum: UInt64 = 0
    /// The newest format that the engine knew, for people. ESE's term: efvEngineCurrentDiagnostic.
    public var newestEngineFormat: UInt32 = 0
    /// What the file is. ESE's term: filetype.
    public var fileType: FileType = .log
    /// The databases that were attached when the file was begun.
    public var attachments: [LogAttachment] = []

    /// Makes a header; the page size goes up to 32 KiB.
    public init(
        generation: UInt32, sectorCount: UInt16, pageSize: PageSize, creationTime: LogTime,
        signature: DatabaseSignature
    ) {
        self.generation = generation
        self.sectorCount = sectorCount
        pageByteCount = UInt16(pageSize.byteCount)
        self.creationTime = creationTime
        self.signature = signature
    }

    /// The size of pages; nil if there is no such size.
    public var pageSize: PageSize? { pageByteCount == 0 ? .kibibytes4 : PageSize(rawValue: Int(pageByteCount)) }
    /// Whether old logs are deleted. ESE's term: fLGCircularLoggingCurrent.
    public var isCircular: Bool { flags & 2 != 0 }

    /// Decodes a header. Throws `truncated` for fewer than 4096 bytes, `badChecksum`, `badValue` for a file that is no
    /// log, and for sectors and headers of other sizes than ours in logs of segments.
    public init(decoding bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= Self.byteCount else { throw FormatError(.truncated, at: bytes.byteCount) }
        let sector = bytes.extracting(0..<Self.byteCount)
        guard XORChecksum.isValid(sector) else { throw FormatError(.badChecksum, at: 0) }
        generation = try sector.little(4)
        sectorByteCount = try sector.little(8)
        headerSectorCount = try sector.little(10)
        sectorCount = try sector.little(12)
        pageByteCount = try sector.little(14)
        creationTime = LogTime(rawValue: try sector.little(16))
        previousCreationTime = LogTime(rawValue: try sector.little(24))
        version = LogVersion(
            major: try sector.little(32), minor: try sector.little(36), updateMajor: try sector.little(40),
            updateMinor: try sector.little(648))
        signature = try DatabaseSignature(decoding: sector, at: 44)
        parameters = try LogParameters(decoding: sector, at: 72)
        flags = try sector.byte(639)
        checkpoint = LogPosition(rawValue: try sector.little(640))
        sectorSizeMismatch = try sector.byte(652)
        previousSegmentsChecksum = try sector.little(653)
        newestEngineFormat = try sector.little(661)
        fileType = FileType(rawValue: try sector.little(667))
        attachments = try LogAttachment.list(sector, at: 671)
        guard fileType == .log || fileType == .unknown, generation > 0 else { throw FormatError(.badValue, at: 667) }
        guard !version.hasSegments || sectorByteCount == 4_096 && headerSectorCount == 1 else {
            throw FormatError(.badValue, at: 8)
        }
    }

    /// The sector that holds this header, with its checksum. A list of attached databases that is too long traps.
    public func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes.withUnsafeMutableBytes { encode(into: $0) }
        return bytes
    }

    /// Writes the header over 4096 bytes and seals it; bytes without a known meaning stay. A smaller buffer and a list
    /// of attached databases that is too long trap.
    public func encode(into buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count == Self.byteCount, "a log header fills one sector")
        let target = buffer.baseAddress.unsafelyUnwrapped
        target.put(generation, 4)
        target.put(sectorByteCount, 8)
        target.put(headerSectorCount, 10)
        target.put(sectorCount, 12)
        target.put(pageByteCount, 14)
        target.put(creationTime.rawValue, 16)
        target.put(previousCreationTime.rawValue, 24)
        target.put(version.major, 32)
        target.put(version.minor, 36)
        target.put(version.updateMajor, 40)
        target.put(signature, 44)
        parameters.encode(into: target + 72)
        target.put(flags, 639)
        target.put(checkpoint.rawValue, 640)
        target.put(version.updateMinor, 648)
        target.put(sectorSizeMismatch, 652)
        target.put(previousSegmentsChecksum, 653)
        target.put(newestEngineFormat, 661)
        target.put(fileType.rawValue, 667)
        LogAttachment.encode(attachments, into: target + 671)
        target.put(XORChecksum.compute(UnsafeRawBufferPointer(buffer).bytes), 0)
    }
}
