// Layer: ESEFormat/Log. Used by: all records of the log.
// The numbers of the kinds of records, and how long the part of each is that is always there.

/// The kind of a record of the log, its first byte. ESE's term: LRTYP; the names are ESE's where they say enough.
/// Numbers that no engine writes any more and whose length nobody knows are missing: 40, 41, 43, 44, 47, 55 and 56.
public enum LogRecordType: UInt8, Sendable, CaseIterable {
    /// Fills the rest of a segment: one zero byte each.
    case nop = 0
    /// An engine starts; old form.
    case initOld = 1
    /// An engine ends in order; old form.
    case termOld = 2
    /// Start of a multi-sector write; old logs.
    case multiSector = 3
    /// End of a file; old logs.
    case end = 4
    /// A nested transaction begins.
    case begin = 5
    /// A nested transaction commits.
    case commit = 6
    /// A transaction or nested ones are undone.
    case rollback = 7
    /// A transaction begins.
    case begin0 = 8
    /// A transaction commits.
    case commit0 = 9
    /// A transaction takes a new view; not written.
    case refresh = 10
    /// A macro begins: what follows up to its end is done as a whole.
    case macroBegin = 11
    /// A macro is complete.
    case macroCommit = 12
    /// A macro is given up.
    case macroAbort = 13
    /// A database is created.
    case createDatabase = 14
    /// A database is attached.
    case attachDatabase = 15
    /// A database is detached.
    case detachDatabase = 16
    /// Recovery starts to undo; old form.
    case recoveryUndoOld = 17
    /// Recovery ends; old form.
    case recoveryQuitOld = 18
    /// A full backup; old form.
    case fullBackup = 19
    /// An incremental backup; old form.
    case incrementalBackup = 20
    /// A call of the API; debugging engines only.
    case apiCall = 21
    /// A text.
    case trace = 22
    /// The service was told to stop.
    case shutDownMark = 23
    /// A tree with space trees of its own is created. ESE: CreateMultipleExtentFDP.
    case createMultipleExtentTree = 24
    /// A small tree is created. ESE: CreateSingleExtentFDP.
    case createSingleExtentTree = 25
    /// A small tree gets space trees; old form. ESE: ConvertFDP.
    case convertTreeOld = 26
    /// A page is split; old form.
    case splitOld = 27
    /// A page is merged; old form.
    case mergeOld = 28
    /// A node is inserted.
    case insert = 29
    /// A deleted node is taken up again.
    case flagInsert = 30
    /// A deleted node is taken up again with other data.
    case flagInsertAndReplace = 31
    /// A node is marked as deleted.
    case flagDelete = 32
    /// A node's data are replaced.
    case replace = 33
    /// A node's data are replaced; what is logged is the difference.
    case replaceDifference = 34
    /// A node is removed.
    case delete = 35
    /// What undoing a change needs, before its page is written.
    case undoInfo = 36
    /// A number in a node is added to.
    case delta = 37
    /// A page's external header is set.
    case setExternalHeader = 38
    /// A change of a node is undone.
    case undo = 39
    /// The checksum of a range of an old log.
    case checksum = 42
    /// A restore from a backup; old form. ESE: ExtRestore.
    case externalRestoreOld = 45
    /// A backup; old form.
    case backupOld = 46
    /// A tree's pages are emptied.
    case emptyTree = 48
    /// An engine starts.
    case initialize = 49
    /// An engine ends in order.
    case terminate = 50
    /// Recovery starts to undo.
    case recoveryUndo = 51
    /// Recovery ends.
    case recoveryQuit = 52
    /// A distributed transaction begins; not written.
    case beginDistributed = 53
    /// A distributed transaction is ready to commit; not written.
    case prepareCommit = 54
    /// A forced write of the log.
    case forceWrite = 57
    /// A small tree gets space trees. ESE: ConvertFDP2.
    case convertTree = 58
    /// A restore from a backup. ESE: ExtRestore2.
    case externalRestore = 59
    /// A backup.
    case backup = 60
    /// A new log file was asked for.
    case forceRollover = 61
    /// A page is split.
    case split = 62
    /// A page is merged.
    case merge = 63
    /// Deleted data on a page are overwritten.
    case scrub = 64
    /// A page is moved to another number.
    case pageMove = 65
    /// A page is to be patched from another copy.
    case pagePatchRequest = 66
    /// The pages of a macro; the form that today's logs have.
    case macroInfoOld = 67
    /// A database's file grows.
    case extendDatabase = 68
    /// The application's words to a commit.
    case commitContext = 69
    /// What a scan saw on a page; old form.
    case scanCheckOld = 70
    /// Fills a segment after a forced write.
    case padding = 71
    /// A database is attached again after recovery kept it.
    case reattachDatabase = 72
    /// The pages of a macro, with their database.
    case macroInfo = 73
    /// A tree's pages are given back.
    case freeTree = 74
    /// To be passed over.
    case ignored9 = 75
    /// The first part of a record that is longer than the rest of its segment.
    case fragmentBegin = 76
    /// A further part of it.
    case fragment = 77
    /// A database's file shrinks; first form.
    case shrinkDatabase1 = 78
    /// A database is complete.
    case createDatabaseFinish = 79
    /// Recovery ends and leaves databases attached.
    case recoveryQuitKeepingAttachments = 80
    /// Pages at the end of the file become a hole.
    case trimDatabase = 81
    /// To be passed over.
    case ignored10 = 82
    /// To be passed over.
    case ignored11 = 83
    /// To be passed over.
    case ignored12 = 84
    /// To be passed over.
    case ignored13 = 85
    /// To be passed over.
    case ignored14 = 86
    /// To be passed over.
    case ignored15 = 87
    /// To be passed over.
    case ignored16 = 88
    /// To be passed over.
    case ignored17 = 89
    /// To be passed over.
    case ignored18 = 90
    /// To be passed over.
    case ignored19 = 91
    /// A database gets a newer format.
    case setDatabaseVersion = 92
    /// A number of 64 bits in a node is added to.
    case delta64 = 93
    /// A database's file shrinks; second form.
    case shrinkDatabase2 = 94
    /// A page is taken into use.
    case newPage = 95
    /// A tree's root moves to another number.
    case rootPageMove = 96
    /// A database was attached, seen from a later place.
    case signalAttach = 97
    /// What a scan saw on a page.
    case scanCheck = 98
    /// A database's file shrinks.
    case shrinkDatabase = 99
    /// Pages were given back, for snapshots; first form.
    case extentFreedOld = 100
    /// Pages were given back, for snapshots.
    case extentFreed = 101

    /// Whether an engine that doesn't know the type passes over it: type, a count of 32 bits and so many bytes. ESE's
    /// term: LRIGNORED.
    public var isIgnorable: Bool { (67...75).contains(rawValue) || (82...91).contains(rawValue) }

    /// Bytes of the part that is always there. ESE: CbLGFixedSizeOfRec.
    public var fixedByteCount: Int {
        switch self {
        case .nop, .end, .shutDownMark, .recoveryUndoOld: 1
        case .initOld: 568
        case .termOld, .recoveryQuitOld: 18
        case .multiSector: 9
        case .begin, .commit, .rollback, .apiCall: 4
        case .begin0, .commit0, .beginDistributed: 8
        case .refresh, .prepareCommit: 7
        case .macroBegin, .macroCommit, .macroAbort: 11
        case .createDatabase: 43
        case .attachDatabase: 75
        case .detachDatabase: 7
        case .fullBackup, .incrementalBackup, .externalRestoreOld, .externalRestore, .fragment, .forceWrite: 3
        case .trace, .forceRollover, .ignored9, .backupOld: 5
        case .createMultipleExtentTree: 56
        case .createSingleExtentTree: 48
        case .convertTreeOld: 60
        case .convertTree: 68
        case .splitOld: 102
        case .split: 110
        case .mergeOld: 88
        case .merge: 96
        case .insert, .replace, .replaceDifference: 50
        case .flagInsert: 48
        case .flagInsertAndReplace: 52
        case .flagDelete, .delete: 44
        case .undoInfo: 56
        case .delta: 54
        case .delta64: 58
        case .setExternalHeader, .emptyTree: 46
        case .undo: 51
        case .checksum: 22
        case .initialize: 576
        case .terminate, .recoveryQuit, .recoveryQuitKeepingAttachments: 26
        case .recoveryUndo: 9
        case .backup: 35
        case .scrub: 54
        case .pageMove: 96
        case .pagePatchRequest: 46
        case .macroInfoOld, .extendDatabase, .commitContext, .scanCheckOld, .padding, .reattachDatabase, .macroInfo,
            .freeTree, .ignored10, .ignored11, .ignored12, .ignored13, .ignored14, .ignored15, .ignored16, .ignored17,
            .ignored18, .ignored19:
            5
        case .fragmentBegin: 7
        case .shrinkDatabase1, .shrinkDatabase2: 10
        case .createDatabaseFinish: 4
        case .trimDatabase: 10
        case .setDatabaseVersion: 14
        case .newPage: 20
        case .rootPageMove: 16
        case .signalAttach: 2
        case .scanCheck: 27
        case .shrinkDatabase: 18
        case .extentFreedOld: 11
        case .extentFreed: 19
        }
    }

    /// How long the record is that starts these bytes; more may follow it, or its end may be missing. Throws
    /// `badRecord` for unknown types and `truncated` if the fixed part isn't all there.
    public static func byteCount(ofRecordIn bytes: RawSpan) throws(FormatError) -> Int {
        let first = try bytes.byte(0)
        guard let type = LogRecordType(rawValue: first) else { throw FormatError(.badRecord, at: 0) }
        let fixed = type.fixedByteCount
        guard bytes.byteCount >= fixed else { throw FormatError(.truncated, at: bytes.byteCount) }
        // All loads below lie inside the fixed part.
        func short(_ offset: Int) -> Int { Int(bytes.inside(offset, as: UInt16.self)) }
        func long(_ offset: Int) -> Int { Int(bytes.inside(offset, as: UInt32.self)) }
        if type.isIgnorable { return fixed + long(1) }
        switch type {
        case .fullBackup, .incrementalBackup, .externalRestoreOld, .externalRestore, .fragment:
            return fixed + short(1)
        case .backupOld, .trace, .forceRollover: return fixed + short(3)
        case .backup: return fixed + short(33)
        case .createDatabase: return fixed + short(40) + (bytes.inside(42, as: UInt8.self) & 4 != 0 ? 4 : 0)
        case .attachDatabase: return fixed + short(72)
        case .detachDatabase: return fixed + short(4)
        case .prepareCommit: return fixed + long(3)
        case .splitOld: return fixed + short(96) + short(98) + short(100)
        case .split: return fixed + short(96) + short(98) + short(100) + long(106)
        case .mergeOld: return fixed + short(86)
        case .merge: return fixed + short(86) + long(92)
        case .pageMove: return fixed + long(88) + long(92)
        case .emptyTree, .setExternalHeader: return fixed + short(44)
        case .delta, .delta64, .undo, .flagInsert, .flagInsertAndReplace: return fixed + short(44) + short(46)
        case .insert: return fixed + short(44) + short(46) + short(48)
        case .replace, .replaceDifference: return fixed + short(44) & 0x7fff
        case .undoInfo: return fixed + short(44) + short(46) + short(54)
        case .scrub: return fixed + short(52)
        case .fragmentBegin: return fixed + short(5)
        default: return fixed
        }
    }
}
