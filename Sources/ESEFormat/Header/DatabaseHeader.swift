// Layer: ESEFormat/Header. Uses: LogTime, FormatVersion, XORChecksum. Used by: reader, verification, `oriel db info`.
// The header of a database: page 0 of the file, and again its shadow in page 1.

/// In what state a database was left. ESE's term: dbstate. Other numbers than the named ones are possible in damaged
/// files.
public struct DatabaseState: RawRepresentable, Hashable, Sendable {
    /// The number as stored.
    public var rawValue: UInt32

    /// Makes a state.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Being created. C name: JET_dbstateJustCreated.
    public static let justCreated = DatabaseState(rawValue: 1)
    /// In use, or the program ended without closing it. C name: JET_dbstateDirtyShutdown.
    public static let dirtyShutdown = DatabaseState(rawValue: 2)
    /// Closed in order. C name: JET_dbstateCleanShutdown.
    public static let cleanShutdown = DatabaseState(rawValue: 3)
    /// Being converted. C name: JET_dbstateBeingConverted.
    public static let beingConverted = DatabaseState(rawValue: 4)
    /// Detached by force. C name: JET_dbstateForceDetach.
    public static let forceDetached = DatabaseState(rawValue: 5)
    /// Pages are being replaced from another copy. ESE's term: incremental reseed in progress.
    public static let incrementalReseed = DatabaseState(rawValue: 6)
    /// Dirty, and pages were patched. ESE's term: dirty and patched shutdown.
    public static let dirtyAndPatched = DatabaseState(rawValue: 7)
    /// Going back to an earlier state. ESE's term: revert in progress.
    public static let revertInProgress = DatabaseState(rawValue: 8)
}

extension DatabaseState: CustomStringConvertible {
    /// In words, such as "dirty shutdown"; "state 9" for unknown ones.
    public var description: String {
        switch rawValue {
        case 1: "just created"
        case 2: "dirty shutdown"
        case 3: "clean shutdown"
        case 4: "being converted"
        case 5: "force detached"
        case 6: "incremental reseed in progress"
        case 7: "dirty and patched shutdown"
        case 8: "revert in progress"
        default: "state \(rawValue)"
        }
    }
}

/// What a file of the engine's is. C names: JET_filetype….
public struct FileType: RawRepresentable, Hashable, Sendable {
    /// The number as stored.
    public var rawValue: UInt32

    /// Makes a type.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Not said: files of old engines.
    public static let unknown = FileType(rawValue: 0)
    /// A database.
    public static let database = FileType(rawValue: 1)
    /// A transaction log.
    public static let log = FileType(rawValue: 3)
    /// A checkpoint.
    public static let checkpoint = FileType(rawValue: 4)
    /// A temporary database.
    public static let temporaryDatabase = FileType(rawValue: 5)
    /// A flush map.
    public static let flushMap = FileType(rawValue: 7)
}

extension FileType: CustomStringConvertible {
    /// In words, such as "database".
    public var description: String {
        switch rawValue {
        case 0: "unknown"
        case 1: "database"
        case 3: "log"
        case 4: "checkpoint"
        case 5: "temporary database"
        case 7: "flush map"
        default: "type \(rawValue)"
        }
    }
}

/// How often something happened since the database was last made, when last, and how often before. ESE's terms:
/// ul…Count, logtime…, ul…CountOld.
public struct EventCount: Hashable, Sendable {
    /// How often.
    public var count: UInt32 = 0
    /// When last.
    public var time = LogTime.none
    /// How often before the last offline defragmentation or repair.
    public var oldCount: UInt32 = 0

    /// Makes a count of zero.
    public init() {}
}

/// The header of a database. ESE's term: DBFILEHDR. All of its fields; `fields()` lists them with their names.
public struct DatabaseHeader: Hashable, Sendable {
    /// Bytes that have a meaning; the rest of the header's page is zero.
    public static let byteCount = 748

    /// The format of the database now.
    public var format = FormatVersion(version: 0, updateMajor: 0)
    /// The format it was created with; its minor update isn't stored and is 0.
    public var createdFormat = FormatVersion(version: 0, updateMajor: 0)
    /// 0 for a database. ESE's term: attrib.
    public var attributes: UInt32 = 0
    /// What kind of file it is.
    public var fileType = FileType.unknown
    /// The size of the pages.
    public var pageSize: PageSize
    /// In what state it was left.
    public var state = DatabaseState(rawValue: 0)
    /// The time of the last change of any page. ESE's term: dbtimeDirtied.
    public var lastDatabaseTime = DatabaseTime(0)
    /// Its signature.
    public var signature = DatabaseSignature()
    /// The signature of the logs that it belongs to.
    public var logSignature = DatabaseSignature()
    /// Its number in the logs. ESE's term: dbid.
    public var databaseID: UInt32 = 0
    /// Where it was last consistent. ESE's term: lgposConsistent.
    public var consistentPosition = LogPosition.none
    /// When it was last consistent.
    public var consistentTime = LogTime.none
    /// Where it was last attached. ESE's term: lgposAttach.
    public var attachPosition = LogPosition.none
    /// When it was last attached.
    public var attachTime = LogTime.none
    /// Where it was last detached. ESE's term: lgposDetach.
    public var detachPosition = LogPosition.none
    /// When it was last detached.
    public var detachTime = LogTime.none
    /// Where it was attached again without a detach. ESE's term: lgposLastReAttach.
    public var reattachPosition = LogPosition.none
    /// When it was attached again without a detach.
    public var reattachTime = LogTime.none
    /// The full backup before the current one. ESE's term: bkinfoFullPrev.
    public var previousFullBackup = BackupInfo()
    /// The last incremental backup. ESE's term: bkinfoIncPrev.
    public var previousIncrementalBackup = BackupInfo()
    /// The full backup that is being made or was restored. ESE's term: bkinfoFullCur.
    public var currentFullBackup = BackupInfo()
    /// The snapshot that is being made. ESE's term: bkinfoSnapshotCur.
    public var currentSnapshotBackup = BackupInfo()
    /// The last copy backup. ESE's term: bkinfoCopyPrev.
    public var previousCopyBackup = BackupInfo()
    /// The last differential backup. ESE's term: bkinfoDiffPrev.
    public var previousDifferentialBackup = BackupInfo()
    /// The type of the last full backup.
    public var previousFullBackupType: UInt32 = 0
    /// The type of the last incremental backup.
    public var previousIncrementalBackupType: UInt32 = 0
    /// The type of the last copy backup.
    public var previousCopyBackupType: UInt32 = 0
    /// The type of the last differential backup.
    public var previousDifferentialBackupType: UInt32 = 0
    /// 1: no shadow; 2: being upgraded. ESE's term: m_ulDbFlags.
    public var flags: UInt32 = 0
    /// The highest object ID that was ever given away. ESE's term: objidLast.
    public var lastObjectID = ObjectID(0)
    /// The major version of the Windows that wrote it last; 0 if not stored, here and below.
    public var osMajorVersion: UInt32 = 0
    /// The minor version of that Windows.
    public var osMinorVersion: UInt32 = 0
    /// The build of that Windows.
    public var osBuild: UInt32 = 0
    /// The service pack of that Windows.
    public var osServicePack: UInt32 = 0
    /// Repairs by Windows' tool, esentutl /p.
    public var repairs = EventCount()
    /// The signature of the streaming file of old Exchange.
    public var streamingFileSignature = DatabaseSignature()
    /// The database time of the last zeroing of deleted data.
    public var lastScrubDatabaseTime = DatabaseTime(0)
    /// When deleted data were last zeroed.
    public var lastScrubTime = LogTime.none
    /// The first generation of the log that a recovery needs. ESE's term: lGenMinRequired.
    public var firstRequiredGeneration: UInt32 = 0
    /// The last generation of the log that a recovery needs. ESE's term: lGenMaxRequired.
    public var lastRequiredGeneration: UInt32 = 0
    /// When the log of the last committed generation was made. ESE's term: logtimeGenMaxCreate.
    public var lastCommittedGenerationTime = LogTime.none
    /// The last generation of the log that has anything of this database. ESE's term: lGenMaxCommitted.
    public var lastCommittedGeneration: UInt32 = 0
    /// When the log of the last required generation was made. ESE's term: logtimeGenMaxRequired.
    public var lastRequiredGenerationTime = LogTime.none
    /// The generation that is being recovered.
    public var recoveringGeneration: UInt32 = 0
    /// The first generation that makes it consistent with what was written to it. ESE's term: lGenMinConsistent.
    public var firstConsistentGeneration: UInt32 = 0
    /// The same before a recovery started. ESE's term: lGenPreRedoMinConsistent.
    public var firstConsistentGenerationBeforeRedo: UInt32 = 0
    /// The first required generation before a recovery started. ESE's term: lGenPreRedoMinRequired.
    public var firstRequiredGenerationBeforeRedo: UInt32 = 0
    /// A counter of old upgrades.
    public var upgradeFrom55Format: UInt32 = 0
    /// A counter of old upgrades.
    public var upgradeFreePages: UInt32 = 0
    /// A counter of old upgrades.
    public var upgradeSpaceMapPages: UInt32 = 0
    /// Single bits that were corrected.
    public var correctedBits = EventCount()
    /// Single bits that could not be corrected.
    public var uncorrectedBits = EventCount()
    /// Pages with wrong checksums.
    public var badChecksums = EventCount()
    /// Reseeds of pages from another copy.
    public var incrementalReseeds = EventCount()
    /// Patches of pages.
    public var pagePatches = EventCount()
    /// The sort version of old engines; all bits one: the table MSysLocales has them.
    public var sortVersion: UInt64 = 0
    /// When the last scan of the database ended. ESE's term: logtimeDbscanPrev.
    public var previousScanTime = LogTime.none
    /// When the scan of the database that goes on started.
    public var scanStartTime = LogTime.none
    /// Up to where that scan came without a gap.
    public var scannedContinuousPage = PageNumber.none
    /// The highest page that was scanned.
    public var scannedHighestPage = PageNumber.none
    /// How often the file grew; `oldCount` is not stored, here and below.
    public var extends = EventCount()
    /// How often the file shrank.
    public var shrinks = EventCount()
    /// How often free space was given back inside the file.
    public var trimCount: UInt32 = 0
    /// Where the log stood when the size last changed. ESE's term: lgposLastResize.
    public var lastResizePosition = LogPosition.none
    /// The signature of the last write of the header.
    public var headerFlushSignature = DatabaseSignature()
    /// The signature of the last write of the flush map's header.
    public var flushMapFlushSignature = DatabaseSignature()
    /// The newest engine format that ever attached it; for diagnosis only. ESE's term: efvMaxBinAttachDiagnostic.
    public var newestEngineFormat: UInt32 = 0
    /// The signature of the last write of the revert snapshot's header.
    public var snapshotFlushSignature = DatabaseSignature()
    /// How often it went back to an earlier state.
    public var revertCount: UInt32 = 0
    /// From when it went back.
    public var revertFromTime = LogTime.none
    /// To when it went back.
    public var revertToTime = LogTime.none
    /// How many pages that changed.
    public var revertPageCount: UInt32 = 0
    /// Where the log stood before it went back.
    public var positionBeforeRevert = LogPosition.none

    /// Makes a header whose fields are all zero but the size of pages.
    public init(pageSize: PageSize) { self.pageSize = pageSize }

    /// Whether it was closed in order and needs no logs: what Windows asks for.
    public var isClean: Bool {
        state == .cleanShutdown && firstRequiredGeneration == 0 && lastRequiredGeneration == 0
            && lastCommittedGeneration == 0 && firstConsistentGeneration == 0 && !lastCommittedGenerationTime.isSet
            && consistentPosition == detachPosition
    }

    /// The generations of the log that recovery can't do without; nil if none are, or what the header says makes no
    /// sense.
    public var requiredLogs: ClosedRange<UInt32>? { generations(to: lastRequiredGeneration) }

    /// The generations of the log that recovery wants so that nothing is lost; at least the required ones.
    public var committedLogs: ClosedRange<UInt32>? {
        generations(to: max(lastRequiredGeneration, lastCommittedGeneration))
    }

    private func generations(to last: UInt32) -> ClosedRange<UInt32>? {
        guard firstRequiredGeneration > 0, firstRequiredGeneration <= last, last <= UInt32(Int32.max) else {
            return nil
        }
        return firstRequiredGeneration...last
    }

    /// The ends of names of log files of a generation without `.log`: five hexadecimal digits as Windows 2000 and the
    /// tools of today write them (if they suffice), and eight. Before them stands the base name, three letters such as
    /// `edb`. The newest log has no number at all.
    public static func logNumbers(ofGeneration generation: UInt32) -> [String] {
        let digits = String(generation, radix: 16, uppercase: true)
        return [5, 8].compactMap { count in
            digits.count > count ? nil : String(repeating: "0", count: count - digits.count) + digits
        }
    }
}
