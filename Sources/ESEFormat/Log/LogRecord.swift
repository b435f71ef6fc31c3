// Layer: ESEFormat/Log. Uses: all records. Used by: LogReader's users: redo, `oriel db log`.
// A record of any kind. Payloads are ranges of the record's bytes, so a value holds no memory of its own.

/// A record of the log.
public enum LogRecord: Hashable, Sendable {
    /// A transaction or nested ones begin.
    case begin(BeginRecord)
    /// A nested transaction commits.
    case commit(CommitRecord)
    /// A transaction commits.
    case commit0(Commit0Record)
    /// Levels of a transaction are undone.
    case rollback(RollbackRecord)
    /// A macro begins, is complete or is given up.
    case macro(MacroRecord)
    /// A node is inserted.
    case insert(InsertRecord)
    /// A deleted node is taken up again.
    case flagInsert(FlagInsertRecord)
    /// A deleted node is taken up again with other data.
    case flagInsertAndReplace(FlagInsertAndReplaceRecord)
    /// A node is marked as deleted.
    case flagDelete(FlagDeleteRecord)
    /// A node's data are replaced.
    case replace(ReplaceRecord)
    /// A node is removed.
    case delete(DeleteRecord)
    /// What undoing a change needs.
    case undoInfo(UndoInfoRecord)
    /// A number in a node is added to.
    case delta(DeltaRecord)
    /// A page's external header is set.
    case setExternalHeader(SetExternalHeaderRecord)
    /// A change of a node is undone.
    case undo(UndoRecord)
    /// A tree's pages are emptied.
    case emptyTree(EmptyTreeRecord)
    /// Deleted data on a page are overwritten.
    case scrub(ScrubRecord)
    /// A tree with space trees is made.
    case createMultipleExtentTree(CreateMultipleExtentTreeRecord)
    /// A small tree is made.
    case createSingleExtentTree(CreateSingleExtentTreeRecord)
    /// A small tree gets space trees.
    case convertTree(ConvertTreeRecord)
    /// A page is taken into use.
    case newPage(NewPageRecord)
    /// A page is moved.
    case pageMove(PageMoveRecord)
    /// A tree's root is moved by the macro that this begins.
    case rootPageMove(RootPageMoveRecord)
    /// A tree's pages will be given back.
    case freeTree(FreeTreeRecord)
    /// The pages that a macro changed.
    case macroPages(MacroPagesRecord)
    /// Pages were given back.
    case extentFreed(ExtentFreedRecord)
    /// A database's file grows.
    case extendDatabase(ExtendDatabaseRecord)
    /// A database's file shrinks.
    case shrinkDatabase(ShrinkDatabaseRecord)
    /// Pages become a hole of the file.
    case trimDatabase(TrimDatabaseRecord)
    /// A database gets a newer format.
    case setDatabaseVersion(SetDatabaseVersionRecord)
    /// What a scan saw on a page.
    case scanCheck(ScanCheckRecord)
    /// The same in the older form.
    case scanCheckOld(ScanCheckOldRecord)
    /// An engine or a recovery ends in order.
    case terminate(TerminateRecord)
    /// Recovery starts to undo.
    case recoveryUndo(RecoveryUndoRecord)
    /// A database is made.
    case createDatabase(CreateDatabaseRecord)
    /// A new database is complete.
    case createDatabaseFinish(CreateDatabaseFinishRecord)
    /// A database is attached.
    case attachDatabase(AttachDatabaseRecord)
    /// A database is detached.
    case detachDatabase(DetachDatabaseRecord)
    /// A database that recovery kept goes on.
    case reattachDatabase(ReattachDatabaseRecord)
    /// A database's pages may be read from here on.
    case signalAttach(SignalAttachRecord)
    /// What the application says to a commit.
    case commitContext(CommitContextRecord)
    /// A text, or why a new log file is begun.
    case trace(TraceRecord)
    /// A page is split; the rest of the record is `SplitRecord`'s.
    case split(LoggedPage, isOld: Bool)
    /// A page is merged; the rest of the record is `MergeRecord`'s.
    case merge(LoggedPage, isOld: Bool)
    /// An engine starts. The fields, which hold memory, are `InitializeRecord`'s.
    case initialize
    /// Every other kind: obsolete ones, those to be passed over, padding and fragments. Only their length is known.
    case other(LogRecordType)

    /// Decodes a record, given exactly its bytes. Throws `badRecord` for unknown kinds and for bytes that are not as
    /// many as the record's parts, `truncated` if its fixed part isn't all there.
    public init(decoding record: RawSpan) throws(FormatError) {
        let first = try record.byte(0)
        guard let type = LogRecordType(rawValue: first) else { throw FormatError(.badRecord, at: 0) }
        guard try LogRecordType.byteCount(ofRecordIn: record) == record.byteCount else {
            throw FormatError(.badRecord, at: record.byteCount)
        }
        // A known kind that may be passed over is not an error if it is too short to have its fields.
        switch type {
        case .begin, .begin0: self = .begin(try BeginRecord(decoding: record))
        case .commit: self = .commit(try CommitRecord(decoding: record))
        case .commit0: self = .commit0(try Commit0Record(decoding: record))
        case .rollback: self = .rollback(try RollbackRecord(decoding: record))
        case .macroBegin, .macroCommit, .macroAbort: self = .macro(try MacroRecord(decoding: record))
        case .insert: self = .insert(try InsertRecord(decoding: record))
        case .flagInsert: self = .flagInsert(try FlagInsertRecord(decoding: record))
        case .flagInsertAndReplace: self = .flagInsertAndReplace(try FlagInsertAndReplaceRecord(decoding: record))
        case .flagDelete: self = .flagDelete(try FlagDeleteRecord(decoding: record))
        case .replace, .replaceDifference: self = .replace(try ReplaceRecord(decoding: record))
        case .delete: self = .delete(try DeleteRecord(decoding: record))
        case .undoInfo: self = .undoInfo(try UndoInfoRecord(decoding: record))
        case .delta, .delta64: self = .delta(try DeltaRecord(decoding: record))
        case .setExternalHeader: self = .setExternalHeader(try SetExternalHeaderRecord(decoding: record))
        case .undo: self = .undo(try UndoRecord(decoding: record))
        case .emptyTree: self = .emptyTree(try EmptyTreeRecord(decoding: record))
        case .scrub: self = .scrub(try ScrubRecord(decoding: record))
        case .createMultipleExtentTree:
            self = .createMultipleExtentTree(try CreateMultipleExtentTreeRecord(decoding: record))
        case .createSingleExtentTree: self = .createSingleExtentTree(try CreateSingleExtentTreeRecord(decoding: record))
        case .convertTree, .convertTreeOld: self = .convertTree(try ConvertTreeRecord(decoding: record))
        case .newPage: self = .newPage(try NewPageRecord(decoding: record))
        case .pageMove: self = .pageMove(try PageMoveRecord(decoding: record))
        case .rootPageMove: self = .rootPageMove(try RootPageMoveRecord(decoding: record))
        case .freeTree where record.byteCount >= 15: self = .freeTree(try FreeTreeRecord(decoding: record))
        case .macroInfoOld: self = .macroPages(try MacroPagesRecord(decoding: record))
        case .macroInfo where record.byteCount >= 10: self = .macroPages(try MacroPagesRecord(decoding: record))
        case .extentFreed, .extentFreedOld: self = .extentFreed(try ExtentFreedRecord(decoding: record))
        case .extendDatabase where record.byteCount >= 10:
            self = .extendDatabase(try ExtendDatabaseRecord(decoding: record))
        case .shrinkDatabase1, .shrinkDatabase2, .shrinkDatabase:
            self = .shrinkDatabase(try ShrinkDatabaseRecord(decoding: record))
        case .trimDatabase: self = .trimDatabase(try TrimDatabaseRecord(decoding: record))
        case .setDatabaseVersion: self = .setDatabaseVersion(try SetDatabaseVersionRecord(decoding: record))
        case .scanCheck: self = .scanCheck(try ScanCheckRecord(decoding: record))
        case .scanCheckOld where record.byteCount >= 44: self = .scanCheckOld(try ScanCheckOldRecord(decoding: record))
        case .terminate, .recoveryQuit, .recoveryQuitKeepingAttachments:
            self = .terminate(try TerminateRecord(decoding: record))
        case .recoveryUndo: self = .recoveryUndo(try RecoveryUndoRecord(decoding: record))
        case .createDatabase: self = .createDatabase(try CreateDatabaseRecord(decoding: record))
        case .createDatabaseFinish: self = .createDatabaseFinish(try CreateDatabaseFinishRecord(decoding: record))
        case .attachDatabase: self = .attachDatabase(try AttachDatabaseRecord(decoding: record))
        case .detachDatabase: self = .detachDatabase(try DetachDatabaseRecord(decoding: record))
        case .reattachDatabase where record.byteCount >= 50:
            self = .reattachDatabase(try ReattachDatabaseRecord(decoding: record))
        case .signalAttach: self = .signalAttach(try SignalAttachRecord(decoding: record))
        case .commitContext where record.byteCount >= 7:
            self = .commitContext(try CommitContextRecord(decoding: record))
        case .trace, .forceRollover: self = .trace(try TraceRecord(decoding: record))
        case .split, .splitOld: self = .split(try LoggedPage(decoding: record), isOld: type == .splitOld)
        case .merge, .mergeOld: self = .merge(try LoggedPage(decoding: record), isOld: type == .mergeOld)
        case .initialize: self = .initialize
        default: self = .other(type)
        }
    }
}

extension LogRecord {
    /// The kind of record.
    public var type: LogRecordType {
        switch self {
        case .split(_, let isOld): isOld ? .splitOld : .split
        case .merge(_, let isOld): isOld ? .mergeOld : .merge
        case .initialize: .initialize
        case .other(let type): type
        default: fields?.type ?? .nop
        }
    }

    /// The head of records that change a node.
    public var node: LoggedNode? {
        switch self {
        case .insert(let record): record.node
        case .flagInsert(let record): record.node
        case .flagInsertAndReplace(let record): record.node
        case .flagDelete(let record): record.node
        case .replace(let record): record.node
        case .delete(let record): record.node
        case .undoInfo(let record): record.node
        case .delta(let record): record.node
        case .setExternalHeader(let record): record.node
        case .undo(let record): record.node
        case .emptyTree(let record): record.node
        case .scrub(let record): record.node
        default: nil
        }
    }

    /// The head of records that change a page.
    public var page: LoggedPage? {
        switch self {
        case .createMultipleExtentTree(let record): record.page
        case .createSingleExtentTree(let record): record.page
        case .convertTree(let record): record.page
        case .pageMove(let record): record.page
        case .split(let page, _), .merge(let page, _): page
        default: node?.page
        }
    }

    /// The fields, for those who treat all kinds alike; nil for splits, merges, Init2 and kinds whose fields aren't
    /// known. Makes a box.
    public var fields: (any LogRecordFields)? {
        switch self {
        case .begin(let record): record
        case .commit(let record): record
        case .commit0(let record): record
        case .rollback(let record): record
        case .macro(let record): record
        case .insert(let record): record
        case .flagInsert(let record): record
        case .flagInsertAndReplace(let record): record
        case .flagDelete(let record): record
        case .replace(let record): record
        case .delete(let record): record
        case .undoInfo(let record): record
        case .delta(let record): record
        case .setExternalHeader(let record): record
        case .undo(let record): record
        case .emptyTree(let record): record
        case .scrub(let record): record
        case .createMultipleExtentTree(let record): record
        case .createSingleExtentTree(let record): record
        case .convertTree(let record): record
        case .newPage(let record): record
        case .pageMove(let record): record
        case .rootPageMove(let record): record
        case .freeTree(let record): record
        case .macroPages(let record): record
        case .extentFreed(let record): record
        case .extendDatabase(let record): record
        case .shrinkDatabase(let record): record
        case .trimDatabase(let record): record
        case .setDatabaseVersion(let record): record
        case .scanCheck(let record): record
        case .scanCheckOld(let record): record
        case .terminate(let record): record
        case .recoveryUndo(let record): record
        case .createDatabase(let record): record
        case .createDatabaseFinish(let record): record
        case .attachDatabase(let record): record
        case .detachDatabase(let record): record
        case .reattachDatabase(let record): record
        case .signalAttach(let record): record
        case .commitContext(let record): record
        case .trace(let record): record
        case .split, .merge, .initialize, .other: nil
        }
    }
}

extension LogRecord: CustomStringConvertible {
    /// One line, without the position and without texts of the payload.
    public var description: String {
        switch self {
        case .split(let page, _), .merge(let page, _): "\(type) \(page)"
        case .initialize, .other: type.description
        default: fields?.description ?? type.description
        }
    }

    /// One line about a record, given its bytes, with what is worth reading of its payload. Bytes that are no record
    /// are said to be none.
    public static func describe(_ bytes: RawSpan) -> String {
        do throws(FormatError) {
            let record = try LogRecord(decoding: bytes)
            switch record {
            case .createDatabase(let fields): return "\(fields) \(fields.path(in: bytes))"
            case .attachDatabase(let fields): return "\(fields) \(fields.path(in: bytes))"
            case .detachDatabase(let fields): return "\(fields) \(fields.path(in: bytes))"
            case .trace(let fields): return "\(fields) \(LogText.text(bytes.extracting(fields.text), isUTF16: false))"
            case .initialize: return try InitializeRecord(decoding: bytes).description
            case .split, .merge, .other: return "\(record) bytes \(bytes.byteCount)"
            case .macroPages(let fields):
                var text = "\(fields)"
                for index in 0..<min(fields.pageCount, 64) {
                    text += " \(try fields.page(index, in: bytes))"
                }
                return text
            case .emptyTree(let fields):
                var text = "\(fields)"
                for index in 0..<min(fields.pageCount, 64) { text += " \(try fields.page(index, in: bytes).page)" }
                return text
            default: return record.description
            }
        } catch {
            return "no record: \(error)"
        }
    }
}
