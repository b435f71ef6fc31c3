// Layer: ESEEngine/8-Recovery. Uses: JetError. Used by: redo.
// What redo can't go on after: JET's number with the record and the page where it was seen.

public import ESEFormat

/// Why redo stopped.
public struct RedoError: Error, Hashable, Sendable {
    /// JET's number.
    public var code: JetError
    /// The record that was redone, or the place where the log could not be read.
    public var position: LogPosition
    /// The database's number in the log; 0 if no database is concerned.
    public var database: UInt8
    /// The page; none if no page is concerned.
    public var page: PageNumber
    /// The time that the page should have had, for `databaseTimeTooOld` and `databaseTimeTooNew`.
    public var expected: DatabaseTime?
    /// The time that the page has, for the same two; nil if it was never written.
    public var found: DatabaseTime?
    /// The generation that is missing or wrong; 0 if the error is of another kind.
    public var generation: UInt32

    /// Makes an error.
    public init(
        _ code: JetError, at position: LogPosition = .none, database: UInt8 = 0, page: PageNumber = .none,
        expected: DatabaseTime? = nil, found: DatabaseTime? = nil, generation: UInt32 = 0
    ) {
        self.code = code
        self.position = position
        self.database = database
        self.page = page
        self.expected = expected
        self.found = found
        self.generation = generation
    }

    /// The numbers of JET that redo reports.
    public enum Code {
        /// A log's contents are impossible. C name: JET_errLogFileCorrupt.
        public static let logFileCorrupt = JetError.logFileCorrupt
        /// The format of a log is unknown. C name: JET_errBadLogVersion.
        public static let badLogVersion = JetError(rawValue: -514)
        /// A log was not made right after the one before it. C name: JET_errInvalidLogSequence.
        public static let invalidLogSequence = JetError(rawValue: -515)
        /// A log belongs to another series. C name: JET_errBadLogSignature.
        public static let badLogSignature = JetError(rawValue: -530)
        /// The checkpoint belongs to other logs. C name: JET_errBadCheckpointSignature.
        public static let badCheckpointSignature = JetError(rawValue: -532)
        /// Both copies of the checkpoint are damaged. C name: JET_errCheckpointCorrupt.
        public static let checkpointCorrupt = JetError(rawValue: -533)
        /// A log that is needed is missing. C name: JET_errRequiredLogFilesMissing.
        public static let requiredLogFilesMissing = JetError(rawValue: -543)
        /// A page is older than the record expects: a write was lost. C name: JET_errDbTimeTooOld.
        public static let databaseTimeTooOld = JetError(rawValue: -566)
        /// A page is newer than the record expects. C name: JET_errDbTimeTooNew.
        public static let databaseTimeTooNew = JetError(rawValue: -567)
        /// The logs' pages have another size. C name: JET_errPageSizeMismatch.
        public static let pageSizeMismatch = JetError(rawValue: -1213)
        /// A database is not the one in the log. C name: JET_errAttachedDatabaseMismatch.
        public static let attachedDatabaseMismatch = JetError(rawValue: -1216)
    }
}

extension RedoError: CustomStringConvertible {
    /// The number, where, and what was expected.
    public var description: String {
        var text = "\(code) at \(position)"
        if generation > 0 { text += " generation \(generation)" }
        if database > 0 { text += " database \(database)" }
        if page != .none { text += " page \(page)" }
        if let expected { text += " expected time \(expected) found \(found.map(\.description) ?? "none")" }
        return text
    }
}

/// What redo did to pages.
public struct RedoCounts: Hashable, Sendable {
    /// Records that changed a page or a file.
    public var applied = 0
    /// Records whose pages all had them already.
    public var skipped = 0
    /// Pages that had to go back to their before-image, since the page that took their nodes was lost.
    public var beforeImages = 0
    /// Macros that were executed.
    public var macros = 0
    /// Pages that were not there, but were made anew or cut off by a later record.
    public var missing = 0

    /// Makes counts of zero.
    public init() {}
}
