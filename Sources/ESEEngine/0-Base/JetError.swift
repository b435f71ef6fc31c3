// Layer: ESEEngine/0-Base. Used by: everything above.
// The one error of the engine: JET's number. What happened where is said once, when it is first seen, to the reporter.

/// An error of the engine. `rawValue` is JET's number, negative. Small and trivial, cheap to throw.
public struct JetError: Error, RawRepresentable, Hashable, Sendable {
    /// JET's number.
    public let rawValue: Int32

    /// Makes an error of a number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }
}

extension JetError {
    /// Memory ran out. C name: JET_errOutOfMemory.
    public static let outOfMemory = JetError(rawValue: -1011)
    /// A parameter is wrong. C name: JET_errInvalidParameter.
    public static let invalidParameter = JetError(rawValue: -1003)
    /// A file could not be read or written. C name: JET_errDiskIO.
    public static let diskIO = JetError(rawValue: -1022)
    /// The disk is full. C name: JET_errDiskFull.
    public static let diskFull = JetError(rawValue: -1808)
    /// A file is not there. C name: JET_errFileNotFound.
    public static let fileNotFound = JetError(rawValue: -1811)
    /// A file may not be opened, or another process has it. C name: JET_errFileAccessDenied.
    public static let fileAccessDenied = JetError(rawValue: -1032)
    /// A file is there already. C name: JET_errFileAlreadyExists.
    public static let fileAlreadyExists = JetError(rawValue: -1814)
    /// A directory is not there. C name: JET_errInvalidPath.
    public static let invalidPath = JetError(rawValue: -1023)
    /// A page's checksum is wrong and not to be repaired. C name: JET_errReadVerifyFailure.
    public static let readVerifyFailure = JetError(rawValue: -1018)
    /// A page was never written. C name: JET_errPageNotInitialized.
    public static let pageNotInitialized = JetError(rawValue: -1019)
    /// A page's contents are impossible. C name: JET_errDatabaseCorrupted.
    public static let databaseCorrupted = JetError(rawValue: -1206)
    /// A log's contents are impossible. C name: JET_errLogFileCorrupt.
    public static let logFileCorrupt = JetError(rawValue: -501)
    /// Writing the log failed. C name: JET_errLogWriteFail.
    public static let logWriteFail = JetError(rawValue: -510)
    /// The instance met an error that it can't go on after. C name: JET_errInstanceUnavailable.
    public static let instanceUnavailable = JetError(rawValue: -1090)
    /// Somebody else changes or changed the record. C name: JET_errWriteConflict.
    public static let writeConflict = JetError(rawValue: -1102)
    /// The version store is full. C name: JET_errVersionStoreOutOfMemory.
    public static let versionStoreOutOfMemory = JetError(rawValue: -1069)
    /// A revision is greater than a bucket of the version store. C name: JET_errVersionStoreEntryTooBig.
    public static let versionStoreEntryTooBig = JetError(rawValue: -1065)
    /// The key is there already. C name: JET_errKeyDuplicate.
    public static let keyDuplicate = JetError(rawValue: -1605)
    /// No record fits. C name: JET_errRecordNotFound.
    public static let recordNotFound = JetError(rawValue: -1601)
    /// The cursor stands on no record. C name: JET_errNoCurrentRecord.
    public static let noCurrentRecord = JetError(rawValue: -1603)
    /// The record was deleted. C name: JET_errRecordDeleted.
    public static let recordDeleted = JetError(rawValue: -1017)
    /// The record is too large. C name: JET_errRecordTooBig.
    public static let recordTooBig = JetError(rawValue: -1026)
}

extension JetError: CustomStringConvertible {
    /// The number.
    public var description: String { "JET error \(rawValue)" }
}
