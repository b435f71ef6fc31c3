// Layer: ESEFormat/Log. Used by: log headers, checkpoints, the records Init and Init2.
// What an engine's parameters were when it wrote a file. For people only: nothing is decided by them.

/// The parameters of the engine that wrote a log. ESE's term: DBMS_PARAM, 567 bytes.
public struct LogParameters: Hashable, Sendable {
    /// Bytes it takes.
    public static let byteCount = 567
    /// The most bytes a path may have; longer ones are cut when encoded.
    public static let greatestPathByteCount = 260

    /// The directory of the checkpoint, in an 8-bit code page: characters that it lacks are question marks. ESE's
    /// term: szSystemPathDebugOnly.
    public var systemPath: [UInt8] = []
    /// The directory of the logs, likewise. ESE's term: szLogFilePathDebugOnly.
    public var logPath: [UInt8] = []
    /// Bit 0: old logs are deleted. ESE's term: fDBMSPARAMFlags.
    public var flags: UInt8 = 0
    /// Sessions. ESE's term: lSessionsMax.
    public var sessionLimit: UInt32 = 0
    /// Open tables. ESE's term: lOpenTablesMax.
    public var openTableLimit: UInt32 = 0
    /// Pages of the version store. ESE's term: lVerPagesMax.
    public var versionPageLimit: UInt32 = 0
    /// Cursors. ESE's term: lCursorsMax.
    public var cursorLimit: UInt32 = 0
    /// Sectors of the log buffer. ESE's term: lLogBuffers.
    public var logBufferSectorCount: UInt32 = 0
    /// Sectors of a log file. ESE's term: lcsecLGFile.
    public var logSectorCount: UInt32 = 0
    /// Pages of the cache. ESE's term: ulCacheSizeMax.
    public var cachePageLimit: UInt32 = 0

    /// Makes parameters that are all zero.
    public init() {}

    /// Whether old logs are deleted. ESE's term: fLGCircularLogging.
    public var isCircular: Bool {
        get { flags & 1 != 0 }
        set { flags = newValue ? flags | 1 : flags & ~1 }
    }

    /// Decodes the parameters at `offset`; throws `truncated`.
    public init(decoding bytes: RawSpan, at offset: Int) throws(FormatError) {
        guard offset >= 0, bytes.byteCount - offset >= Self.byteCount else {
            throw FormatError(.truncated, at: bytes.byteCount)
        }
        systemPath = Self.text(bytes, offset)
        logPath = Self.text(bytes, offset + 261)
        flags = try bytes.byte(offset + 522)
        sessionLimit = try bytes.little(offset + 523)
        openTableLimit = try bytes.little(offset + 527)
        versionPageLimit = try bytes.little(offset + 531)
        cursorLimit = try bytes.little(offset + 535)
        logBufferSectorCount = try bytes.little(offset + 539)
        logSectorCount = try bytes.little(offset + 543)
        cachePageLimit = try bytes.little(offset + 547)
    }

    /// Writes all 567 bytes, the reserved ones as zero; the caller's buffer must have room for them.
    public func encode(into target: UnsafeMutableRawPointer) {
        target.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
        for (index, byte) in systemPath.prefix(Self.greatestPathByteCount).enumerated() { target.put(byte, index) }
        for (index, byte) in logPath.prefix(Self.greatestPathByteCount).enumerated() { target.put(byte, 261 + index) }
        target.put(flags, 522)
        target.put(sessionLimit, 523)
        target.put(openTableLimit, 527)
        target.put(versionPageLimit, 531)
        target.put(cursorLimit, 535)
        target.put(logBufferSectorCount, 539)
        target.put(logSectorCount, 543)
        target.put(cachePageLimit, 547)
    }

    /// The bytes of a path up to its zero; the caller has checked that 261 bytes are there.
    private static func text(_ bytes: RawSpan, _ offset: Int) -> [UInt8] {
        var end = 0
        while end < greatestPathByteCount, bytes.inside(offset + end, as: UInt8.self) != 0 { end += 1 }
        return bytes.bytes(offset..<offset + end)
    }
}

extension LogParameters: CustomStringConvertible {
    /// The directories and the numbers in one line.
    public var description: String {
        func text(_ path: [UInt8]) -> String {
            String(decoding: path.map { $0 < 0x20 || $0 > 0x7e ? 0x3f : $0 }, as: UTF8.self)
        }
        return "system \(text(systemPath)) log \(text(logPath)) sessions \(sessionLimit) tables \(openTableLimit) "
            + "versions \(versionPageLimit) cursors \(cursorLimit) buffer \(logBufferSectorCount) "
            + "file \(logSectorCount) cache \(cachePageLimit)\(isCircular ? " circular" : "")"
    }
}
