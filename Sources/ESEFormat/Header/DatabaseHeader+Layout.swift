// Layer: ESEFormat/Header. Uses: DatabaseHeader. Used by: its decoding, encoding and `fields()`.
// One table says where each field stands, what ESE calls it and what we do; everything else follows from it.

/// A value of a header's field.
public enum HeaderValue: Hashable, Sendable {
    /// A number.
    case number(UInt64)
    /// A number that stands for something: it and its text.
    case named(UInt64, String)
    /// A text.
    case text(String)
    /// A time.
    case time(LogTime)
    /// A place in the log.
    case position(LogPosition)
    /// A signature.
    case signature(DatabaseSignature)
    /// A backup.
    case backup(BackupInfo)

    /// For people: `-` for times, places, signatures and backups that are not there.
    public var text: String {
        switch self {
        case .number(let number): String(number)
        case .named(let number, let name): "\(name) (\(number))"
        case .text(let text): text
        case .time(let time): time.description
        case .position(let position): position == .none ? "-" : position.description
        case .signature(let signature): signature.description
        case .backup(let backup): backup.description
        }
    }

    /// Whether it is zero, or there is none.
    public var isZero: Bool {
        switch self {
        case .number(let number), .named(let number, _): number == 0
        case .text(let text): text.isEmpty
        case .time(let time): time.rawValue == 0
        case .position(let position): position == .none
        case .signature(let signature): !signature.isSet
        case .backup(let backup): !backup.isSet
        }
    }
}

/// A field of a header as it is shown.
public struct HeaderField: Hashable, Sendable {
    /// Its name in words, such as "last object ID".
    public let name: String
    /// ESE's name, such as `objidLast`.
    public let eseName: String
    /// Where it stands in the header.
    public let byteOffset: Int
    /// Its value.
    public let value: HeaderValue
}

/// Where a field stands and what it is.
struct HeaderSlot: Sendable {
    typealias Path<Value> = any (WritableKeyPath<DatabaseHeader, Value> & Sendable)

    enum Kind: Sendable {
        case number(Path<UInt32>)
        case named(
            Path<UInt32>, @Sendable (DatabaseHeader) -> String)
        case wide(Path<UInt64>)
        case time(Path<LogTime>)
        case position(Path<LogPosition>)
        case signature(Path<DatabaseSignature>)
        case backup(Path<BackupInfo>)
    }

    let offset: Int
    let eseName: String
    let name: String
    let kind: Kind

    init(_ offset: Int, _ eseName: String, _ name: String, _ kind: Kind) {
        self.offset = offset
        self.eseName = eseName
        self.name = name
        self.kind = kind
    }

    var byteCount: Int {
        switch kind {
        case .number, .named: 4
        case .wide, .time, .position: 8
        case .signature: DatabaseSignature.byteCount
        case .backup: BackupInfo.byteCount
        }
    }
}

extension DatabaseHeader {
    // Typed fields as the plain numbers that the table needs.
    fileprivate var timeNumber: UInt64 {
        get { lastDatabaseTime.rawValue }
        set { lastDatabaseTime = DatabaseTime(newValue) }
    }
    fileprivate var scrubNumber: UInt64 {
        get { lastScrubDatabaseTime.rawValue }
        set { lastScrubDatabaseTime = DatabaseTime(newValue) }
    }
    fileprivate var objectNumber: UInt32 {
        get { lastObjectID.rawValue }
        set { lastObjectID = ObjectID(newValue) }
    }
    fileprivate var continuousNumber: UInt32 {
        get { scannedContinuousPage.rawValue }
        set { scannedContinuousPage = PageNumber(newValue) }
    }
    fileprivate var highestNumber: UInt32 {
        get { scannedHighestPage.rawValue }
        set { scannedHighestPage = PageNumber(newValue) }
    }
    /// A size that doesn't exist is not taken over; whoever decodes looks at it before.
    fileprivate var sizeNumber: UInt32 {
        get { UInt32(pageSize.byteCount) }
        set { pageSize = PageSize(rawValue: Int(newValue)) ?? pageSize }
    }

    static let slots: [HeaderSlot] = [
        HeaderSlot(8, "ulVersion", "format version", .number(\.format.version)),
        HeaderSlot(12, "attrib", "attributes", .number(\.attributes)),
        HeaderSlot(16, "dbtimeDirtied", "last database time", .wide(\.timeNumber)),
        HeaderSlot(24, "signDb", "signature", .signature(\.signature)),
        HeaderSlot(52, "dbstate", "state", .named(\.state.rawValue, { $0.state.description })),
        HeaderSlot(56, "lgposConsistent", "last consistent position", .position(\.consistentPosition)),
        HeaderSlot(64, "logtimeConsistent", "last consistent time", .time(\.consistentTime)),
        HeaderSlot(72, "logtimeAttach", "last attach time", .time(\.attachTime)),
        HeaderSlot(80, "lgposAttach", "last attach position", .position(\.attachPosition)),
        HeaderSlot(88, "logtimeDetach", "last detach time", .time(\.detachTime)),
        HeaderSlot(96, "lgposDetach", "last detach position", .position(\.detachPosition)),
        HeaderSlot(104, "dbid", "database ID", .number(\.databaseID)),
        HeaderSlot(108, "signLog", "log signature", .signature(\.logSignature)),
        HeaderSlot(136, "bkinfoFullPrev", "previous full backup", .backup(\.previousFullBackup)),
        HeaderSlot(160, "bkinfoIncPrev", "previous incremental backup", .backup(\.previousIncrementalBackup)),
        HeaderSlot(184, "bkinfoFullCur", "current full backup", .backup(\.currentFullBackup)),
        HeaderSlot(208, "ulDbFlags", "flags", .number(\.flags)),
        HeaderSlot(212, "objidLast", "last object ID", .number(\.objectNumber)),
        HeaderSlot(216, "dwMajorVersion", "Windows major version", .number(\.osMajorVersion)),
        HeaderSlot(220, "dwMinorVersion", "Windows minor version", .number(\.osMinorVersion)),
        HeaderSlot(224, "dwBuildNumber", "Windows build", .number(\.osBuild)),
        HeaderSlot(228, "lSPNumber", "Windows service pack", .number(\.osServicePack)),
        HeaderSlot(232, "ulDaeUpdateMajor", "format update major", .number(\.format.updateMajor)),
        HeaderSlot(236, "cbPageSize", "page size", .number(\.sizeNumber)),
        HeaderSlot(240, "ulRepairCount", "repairs", .number(\.repairs.count)),
        HeaderSlot(244, "logtimeRepair", "last repair time", .time(\.repairs.time)),
        HeaderSlot(252, "signSLV", "streaming file signature", .signature(\.streamingFileSignature)),
        HeaderSlot(280, "dbtimeLastScrub", "last scrub database time", .wide(\.scrubNumber)),
        HeaderSlot(288, "logtimeScrub", "last scrub time", .time(\.lastScrubTime)),
        HeaderSlot(296, "lGenMinRequired", "first required log", .number(\.firstRequiredGeneration)),
        HeaderSlot(300, "lGenMaxRequired", "last required log", .number(\.lastRequiredGeneration)),
        HeaderSlot(304, "cpgUpgrade55Format", "pages upgraded", .number(\.upgradeFrom55Format)),
        HeaderSlot(308, "cpgUpgradeFreePages", "free pages upgraded", .number(\.upgradeFreePages)),
        HeaderSlot(312, "cpgUpgradeSpaceMapPages", "space map pages upgraded", .number(\.upgradeSpaceMapPages)),
        HeaderSlot(316, "bkinfoSnapshotCur", "current snapshot", .backup(\.currentSnapshotBackup)),
        HeaderSlot(340, "ulCreateVersion", "created format version", .number(\.createdFormat.version)),
        HeaderSlot(344, "ulCreateUpdate", "created format update major", .number(\.createdFormat.updateMajor)),
        HeaderSlot(348, "logtimeGenMaxCreate", "last committed log time", .time(\.lastCommittedGenerationTime)),
        HeaderSlot(356, "bkinfoTypeFullPrev", "previous full backup type", .number(\.previousFullBackupType)),
        HeaderSlot(
            360, "bkinfoTypeIncPrev", "previous incremental backup type", .number(\.previousIncrementalBackupType)),
        HeaderSlot(364, "ulRepairCountOld", "earlier repairs", .number(\.repairs.oldCount)),
        HeaderSlot(368, "ulECCFixSuccess", "corrected bits", .number(\.correctedBits.count)),
        HeaderSlot(372, "logtimeECCFixSuccess", "last corrected bit time", .time(\.correctedBits.time)),
        HeaderSlot(380, "ulECCFixSuccessOld", "earlier corrected bits", .number(\.correctedBits.oldCount)),
        HeaderSlot(384, "ulECCFixFail", "uncorrected bits", .number(\.uncorrectedBits.count)),
        HeaderSlot(388, "logtimeECCFixFail", "last uncorrected bit time", .time(\.uncorrectedBits.time)),
        HeaderSlot(396, "ulECCFixFailOld", "earlier uncorrected bits", .number(\.uncorrectedBits.oldCount)),
        HeaderSlot(400, "ulBadChecksum", "bad checksums", .number(\.badChecksums.count)),
        HeaderSlot(404, "logtimeBadChecksum", "last bad checksum time", .time(\.badChecksums.time)),
        HeaderSlot(412, "ulBadChecksumOld", "earlier bad checksums", .number(\.badChecksums.oldCount)),
        HeaderSlot(416, "lGenMaxCommitted", "last committed log", .number(\.lastCommittedGeneration)),
        HeaderSlot(420, "bkinfoCopyPrev", "previous copy backup", .backup(\.previousCopyBackup)),
        HeaderSlot(444, "bkinfoDiffPrev", "previous differential backup", .backup(\.previousDifferentialBackup)),
        HeaderSlot(468, "bkinfoTypeCopyPrev", "previous copy backup type", .number(\.previousCopyBackupType)),
        HeaderSlot(
            472, "bkinfoTypeDiffPrev", "previous differential backup type", .number(\.previousDifferentialBackupType)),
        HeaderSlot(476, "ulIncrementalReseedCount", "incremental reseeds", .number(\.incrementalReseeds.count)),
        HeaderSlot(
            480, "logtimeIncrementalReseed", "last incremental reseed time", .time(\.incrementalReseeds.time)),
        HeaderSlot(
            488, "ulIncrementalReseedCountOld", "earlier incremental reseeds", .number(\.incrementalReseeds.oldCount)),
        HeaderSlot(492, "ulPagePatchCount", "page patches", .number(\.pagePatches.count)),
        HeaderSlot(496, "logtimePagePatch", "last page patch time", .time(\.pagePatches.time)),
        HeaderSlot(504, "ulPagePatchCountOld", "earlier page patches", .number(\.pagePatches.oldCount)),
        HeaderSlot(508, "qwSortVersion", "sort version", .wide(\.sortVersion)),
        HeaderSlot(516, "logtimeDbscanPrev", "previous scan time", .time(\.previousScanTime)),
        HeaderSlot(524, "logtimeDbscanStart", "scan start time", .time(\.scanStartTime)),
        HeaderSlot(532, "pgnoDbscanHighestContinuous", "scanned continuous page", .number(\.continuousNumber)),
        HeaderSlot(536, "lGenRecovering", "recovering log", .number(\.recoveringGeneration)),
        HeaderSlot(540, "ulExtendCount", "extends", .number(\.extends.count)),
        HeaderSlot(544, "logtimeLastExtend", "last extend time", .time(\.extends.time)),
        HeaderSlot(552, "ulShrinkCount", "shrinks", .number(\.shrinks.count)),
        HeaderSlot(556, "logtimeLastShrink", "last shrink time", .time(\.shrinks.time)),
        HeaderSlot(564, "logtimeLastReAttach", "last reattach time", .time(\.reattachTime)),
        HeaderSlot(572, "lgposLastReAttach", "last reattach position", .position(\.reattachPosition)),
        HeaderSlot(580, "ulTrimCount", "trims", .number(\.trimCount)),
        HeaderSlot(584, "signDbHdrFlush", "header flush signature", .signature(\.headerFlushSignature)),
        HeaderSlot(612, "signFlushMapHdrFlush", "flush map flush signature", .signature(\.flushMapFlushSignature)),
        HeaderSlot(640, "lGenMinConsistent", "first consistent log", .number(\.firstConsistentGeneration)),
        HeaderSlot(644, "ulDaeUpdateMinor", "format update minor", .number(\.format.updateMinor)),
        HeaderSlot(648, "efvMaxBinAttachDiagnostic", "newest engine format", .number(\.newestEngineFormat)),
        HeaderSlot(652, "pgnoDbscanHighest", "scanned highest page", .number(\.highestNumber)),
        HeaderSlot(656, "lgposLastResize", "last resize position", .position(\.lastResizePosition)),
        HeaderSlot(667, "filetype", "file type", .named(\.fileType.rawValue, { $0.fileType.description })),
        HeaderSlot(672, "logtimeGenMaxRequired", "last required log time", .time(\.lastRequiredGenerationTime)),
        HeaderSlot(
            680, "lGenPreRedoMinConsistent", "first consistent log before redo",
            .number(\.firstConsistentGenerationBeforeRedo)),
        HeaderSlot(
            684, "lGenPreRedoMinRequired", "first required log before redo",
            .number(\.firstRequiredGenerationBeforeRedo)),
        HeaderSlot(688, "signRBSHdrFlush", "snapshot flush signature", .signature(\.snapshotFlushSignature)),
        HeaderSlot(716, "ulRevertCount", "reverts", .number(\.revertCount)),
        HeaderSlot(720, "logtimeRevertFrom", "reverted from", .time(\.revertFromTime)),
        HeaderSlot(728, "logtimeRevertTo", "reverted to", .time(\.revertToTime)),
        HeaderSlot(736, "ulRevertPageCount", "pages reverted", .number(\.revertPageCount)),
        HeaderSlot(740, "lgposCommitBeforeRevert", "position before revert", .position(\.positionBeforeRevert)),
    ]

    /// All fields in the order in which they are stored.
    public func fields() -> [HeaderField] {
        Self.slots.map { slot in
            HeaderField(name: slot.name, eseName: slot.eseName, byteOffset: slot.offset, value: value(of: slot.kind))
        }
    }

    private func value(of kind: HeaderSlot.Kind) -> HeaderValue {
        switch kind {
        case .number(let path): .number(UInt64(self[keyPath: path]))
        case .named(let path, let name): .named(UInt64(self[keyPath: path]), name(self))
        case .wide(let path): .number(self[keyPath: path])
        case .time(let path): .time(self[keyPath: path])
        case .position(let path): .position(self[keyPath: path])
        case .signature(let path): .signature(self[keyPath: path])
        case .backup(let path): .backup(self[keyPath: path])
        }
    }
}

extension DatabaseHeader {
    /// What stands in bytes 4...7 of every header. ESE's term: ulDAEMagic.
    public static let magic: UInt32 = 0x89ab_cdef

    private static let pageSizeOffset = 236

    /// The size of pages that a header names; nil if it names none that exists.
    static func pageSize(in page: RawSpan) -> PageSize? {
        guard let stored = try? page.little(pageSizeOffset, as: UInt32.self) else { return nil }
        return stored == 0 ? .kibibytes4 : PageSize(rawValue: Int(stored))
    }

    /// Decodes a header; the checksum is not looked at. The size of pages may be given if it is known otherwise.
    /// Throws `truncated` for fewer than 748 bytes, `notADatabase` without the magic number and `badPageSize`.
    public init(decoding page: RawSpan, pageSize known: PageSize? = nil) throws(FormatError) {
        guard page.byteCount >= Self.byteCount else { throw FormatError(.truncated, at: page.byteCount) }
        guard try page.little(4, as: UInt32.self) == Self.magic else { throw FormatError(.notADatabase, at: 4) }
        guard let size = known ?? Self.pageSize(in: page) else {
            throw FormatError(.badPageSize, at: Self.pageSizeOffset)
        }
        self.init(pageSize: size)
        for slot in Self.slots {
            switch slot.kind {
            case .number(let path), .named(let path, _): self[keyPath: path] = try page.little(slot.offset)
            case .wide(let path): self[keyPath: path] = try page.little(slot.offset)
            case .time(let path): self[keyPath: path] = LogTime(rawValue: try page.little(slot.offset))
            case .position(let path): self[keyPath: path] = LogPosition(rawValue: try page.little(slot.offset))
            case .signature(let path):
                self[keyPath: path] = try DatabaseSignature(decoding: page, at: slot.offset)
            case .backup(let path): self[keyPath: path] = try BackupInfo(decoding: page, at: slot.offset)
            }
        }
        pageSize = size
    }

    /// The page that holds this header, with its checksum.
    public func encoded() -> [UInt8] {
        var page = [UInt8](repeating: 0, count: pageSize.byteCount)
        var span = page.mutableSpan
        var bytes = span.mutableBytes
        encode(into: &bytes)
        return page
    }

    /// Writes this header over a page and seals it; bytes without a known meaning stay. The page must have the header's
    /// page size, else this traps.
    public func encode(into page: inout MutableRawSpan) {
        precondition(page.byteCount == pageSize.byteCount, "a header fills one page")
        page.put(Self.magic, 4)
        for slot in Self.slots {
            let offset = slot.offset
            switch slot.kind {
            case .number(let path), .named(let path, _): page.put(self[keyPath: path], offset)
            case .wide(let path): page.put(self[keyPath: path], offset)
            case .time(let path): page.put(self[keyPath: path].rawValue, offset)
            case .position(let path): page.put(self[keyPath: path].rawValue, offset)
            case .signature(let path):
                let signature = self[keyPath: path]
                page.put(signature.random, offset)
                page.put(signature.time.rawValue, offset + 4)
                page.put(signature.computerNameStart, offset + 12)
                page.put(signature.computerNameEnd, offset + 20)
            case .backup(let path):
                let backup = self[keyPath: path]
                page.put(backup.position.rawValue, offset)
                page.put(backup.time.rawValue, offset + 8)
                page.put(backup.firstGeneration, offset + 16)
                page.put(backup.lastGeneration, offset + 20)
            }
        }
        XORChecksum.seal(&page)
    }
}

extension MutableRawSpan {
    /// Stores a little-endian number; out of range traps.
    fileprivate mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
}
