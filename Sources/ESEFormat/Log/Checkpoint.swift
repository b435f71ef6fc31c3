// Layer: ESEFormat/Log. Uses: LogParameters, LogAttachment, XORChecksum. Used by: log stream, recovery.
// The file that says where recovery starts: two copies of the same 4096 bytes.

/// A checkpoint. ESE's term: CHECKPOINT.
public struct Checkpoint: Hashable, Sendable {
    /// Bytes of one copy.
    public static let byteCount = 4_096
    /// Bytes of the file: two copies.
    public static let fileByteCount = 8_192

    /// The checkpoint of the last full backup. ESE's term: lgposLastFullBackupCheckpoint.
    public var lastFullBackupCheckpoint: LogPosition = .none
    /// The oldest place in the log that a page not yet written or an open transaction needs. ESE's term:
    /// lgposCheckpoint.
    public var position: LogPosition
    /// The signature of the logs. ESE's term: signLog.
    public var signature: DatabaseSignature
    /// The engine's parameters. ESE's term: dbms_param.
    public var parameters = LogParameters()
    /// Where the last full backup was made. ESE's term: lgposFullBackup.
    public var fullBackupPosition: LogPosition = .none
    /// When the last full backup was made. ESE's term: logtimeFullBackup.
    public var fullBackupTime: LogTime = .none
    /// Where the last incremental backup was made. ESE's term: lgposIncBackup.
    public var incrementalBackupPosition: LogPosition = .none
    /// When the last incremental backup was made. ESE's term: logtimeIncBackup.
    public var incrementalBackupTime: LogTime = .none
    /// 1: the list of attached databases is there. ESE's term: fVersion, fCheckpointAttachInfoPresent.
    public var flags: UInt8 = 1
    /// The oldest place that the databases need to become consistent. ESE's term: lgposDbConsistency.
    public var consistencyPosition: LogPosition
    /// What the file is. ESE's term: filetype.
    public var fileType: FileType = .checkpoint
    /// The databases that were attached at `position`.
    public var attachments: [LogAttachment]

    /// Makes a checkpoint.
    public init(
        position: LogPosition, consistencyPosition: LogPosition? = nil, signature: DatabaseSignature,
        attachments: [LogAttachment] = []
    ) {
        self.position = position
        self.consistencyPosition = consistencyPosition ?? position
        self.signature = signature
        self.attachments = attachments
    }

    /// Whether the list of attached databases is there.
    public var hasAttachments: Bool { flags & 1 != 0 }

    /// Decodes one copy. Throws `truncated` for fewer than 4096 bytes, `badChecksum`, and `badValue` for a file that is
    /// no checkpoint.
    public init(decoding bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= Self.byteCount else { throw FormatError(.truncated, at: bytes.byteCount) }
        let copy = bytes.extracting(0..<Self.byteCount)
        guard XORChecksum.isValid(copy) else { throw FormatError(.badChecksum, at: 0) }
        lastFullBackupCheckpoint = LogPosition(rawValue: try copy.little(4))
        position = LogPosition(rawValue: try copy.little(12))
        signature = try DatabaseSignature(decoding: copy, at: 20)
        parameters = try LogParameters(decoding: copy, at: 48)
        fullBackupPosition = LogPosition(rawValue: try copy.little(615))
        fullBackupTime = LogTime(rawValue: try copy.little(623))
        incrementalBackupPosition = LogPosition(rawValue: try copy.little(631))
        incrementalBackupTime = LogTime(rawValue: try copy.little(639))
        flags = try copy.byte(647)
        consistencyPosition = LogPosition(rawValue: try copy.little(648))
        fileType = FileType(rawValue: try copy.little(667))
        attachments = flags & 1 != 0 ? try LogAttachment.list(copy, at: 679) : []
        guard fileType == .checkpoint || fileType == .unknown else { throw FormatError(.badValue, at: 667) }
    }

    /// Reads a file: the first copy if it is whole, else the second. Throws what is wrong with the first.
    public static func read(file: RawSpan) throws(FormatError) -> Checkpoint {
        do throws(FormatError) {
            return try Checkpoint(decoding: file)
        } catch {
            guard file.byteCount >= fileByteCount,
                let second = try? Checkpoint(decoding: file.extracting(byteCount..<fileByteCount))
            else { throw error }
            return second
        }
    }

    /// One copy with its checksum; the file holds it twice. A list of attached databases that is too long traps.
    public func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes.withUnsafeMutableBytes { encode(into: $0) }
        return bytes
    }

    /// Writes the checkpoint over 4096 bytes and seals it; bytes without a known meaning stay. A smaller buffer and a
    /// list of attached databases that is too long trap.
    public func encode(into buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count == Self.byteCount, "a checkpoint has 4096 bytes")
        let target = buffer.baseAddress.unsafelyUnwrapped
        target.put(lastFullBackupCheckpoint.rawValue, 4)
        target.put(position.rawValue, 12)
        target.put(signature, 20)
        parameters.encode(into: target + 48)
        target.put(fullBackupPosition.rawValue, 615)
        target.put(fullBackupTime.rawValue, 623)
        target.put(incrementalBackupPosition.rawValue, 631)
        target.put(incrementalBackupTime.rawValue, 639)
        target.put(flags, 647)
        target.put(consistencyPosition.rawValue, 648)
        target.put(fileType.rawValue, 667)
        if hasAttachments { LogAttachment.encode(attachments, into: target + 679) }
        target.put(XORChecksum.compute(UnsafeRawBufferPointer(buffer).bytes), 0)
    }
}
