// Layer: ESEEngine/8-Recovery. Uses: PageRedo, DatabaseHeader. Used by: RedoDriver.
// A database while it is redone: its pages, its header, and whether the log speaks about the file as it is.

public import ESEFormat

/// A database that the logs speak about.
public final class RedoDatabase<Pages: RedoPages> {
    /// What redo does with it.
    public enum State: Hashable, Sendable {
        /// It is attached, and its records are redone.
        case attached
        /// It was detached; all of its records up to there were redone.
        case detached
        /// Its file was attached again later than the log stands: records are passed over until then.
        case laterInLog
        /// There is no file.
        case missing
        /// The file is another database, or one that needs other logs.
        case mismatch
    }

    /// Its number in the log, while it is attached.
    public internal(set) var number: UInt8
    /// Its path in the log.
    public let loggedPath: String
    /// Its path here; empty for one that was not looked for.
    public let path: String
    /// What redo does with it.
    public internal(set) var state: State
    /// Its header as it is to be written: state, positions and times are those that the log tells.
    public internal(set) var header: DatabaseHeader
    /// The generations that its file needed, as its header said before redo; nil for a clean one.
    public internal(set) var requiredGenerations: ClosedRange<UInt32>?
    /// What redid its pages; nil for one whose records are passed over.
    public internal(set) var redo: PageRedo<Pages>?
    /// Whether pages were redone, even if no more.
    var wasRedone = false
    /// Whether its file's header said, or is to say, that it was just created.
    var isJustCreated = false
    /// Whether its creation is not complete where redo stands.
    var isUnfinished = false
    /// Whether the log made it: there is no file yet.
    public internal(set) var isCreated = false
    /// Records that were passed over.
    public internal(set) var ignoredRecordCount = 0
    /// Its file, open for reading; closed with this.
    var file: (any StorageFile)?

    /// Makes one without pages.
    init(number: UInt8, loggedPath: String, path: String, state: State, header: DatabaseHeader) {
        self.number = number
        self.loggedPath = loggedPath
        self.path = path
        self.state = state
        self.header = header
    }

    deinit { file?.close() }

    /// Whether a path in the log is this one; small and capital letters are the same there.
    func isLogged(as path: String) -> Bool { loggedPath == path || loggedPath.lowercased() == path.lowercased() }

    /// Where its header says that it was attached, if that is inside of the record that did it; else the record's place.
    func attachPosition(from position: LogPosition, to end: LogPosition) -> LogPosition {
        header.attachPosition >= position && header.attachPosition < end ? header.attachPosition : position
    }

    /// Its pages; nil for one whose records are passed over.
    public var pages: Pages? { redo?.pages }
    /// What was done to its pages.
    public var counts: RedoCounts { redo?.counts ?? RedoCounts() }
}

extension RedoDatabase where Pages == RedoPageStore {
    /// Writes pages and header to a file: pages first, then both headers, each made durable before the next.
    /// - Throws: What the storage reports, as JET's errors.
    public func write(to storage: any StorageSystem, path: String) throws(RedoError) {
        guard let pages else { return }
        let bytes = header.encoded()
        let size = UInt64(header.pageSize.byteCount)
        let target = try RedoLogs.during { () throws(StorageError) in try storage.open(path, .writing) }
        defer { target.close() }
        do throws(JetError) {
            try pages.write(to: target)
        } catch {
            throw RedoError(error)
        }
        try RedoLogs.during { () throws(StorageError) in
            try target.sync()
            for offset in [0, size] {
                var failure: StorageError?
                bytes.withUnsafeBytes { buffer in
                    do throws(StorageError) { try target.write(buffer, at: offset) } catch { failure = error }
                }
                if let failure { throw failure }
                try target.sync()
            }
        }
    }
}

/// What redo found and did.
public struct RedoReport: Hashable, Sendable {
    /// The generations that were read; nil if none.
    public var generations: ClosedRange<UInt32>?
    /// Where it started.
    public var start = LogPosition.none
    /// Where the last complete record ends.
    public var end = LogPosition.none
    /// Where the last record stands.
    public var lastRecord = LogPosition.none
    /// Why the last log has no more records.
    public var logEnd: LogEnd?
    /// Whether the log ends inside a record.
    public var endsInsideRecord = false
    /// Records that were read.
    public var recordCount = 0
    /// Records of databases that aren't redone.
    public var ignoredRecordCount = 0
    /// Macros that were begun and not completed: nothing of them was done.
    public var droppedMacroCount = 0
    /// The generations that dirty databases said they need.
    public var requiredGenerations: ClosedRange<UInt32>?
    /// Whether the last record is that of an orderly end.
    public var isTerminated = false
    /// What was done to pages of all databases.
    public var counts = RedoCounts()
    /// The transactions to be undone.
    public var transactions: [RedoneTransaction] = []

    /// Makes a report of nothing.
    public init() {}
}
