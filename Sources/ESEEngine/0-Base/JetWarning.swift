// Layer: ESEEngine/0-Base. Used by: everything above.
// JET's warnings: the call was done, and there is something to know.

/// A warning of the engine. `rawValue` is JET's number, positive.
public struct JetWarning: RawRepresentable, Hashable, Sendable {
    /// JET's number.
    public let rawValue: Int32

    /// Makes a warning of a number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }
}

extension JetWarning: CustomStringConvertible {
    /// C name, number and what it means.
    public var description: String { JetCode.describe(rawValue, in: JetCode.warnings) }
}

extension JetWarning {
    /// All warnings, ascending numbers.
    public static let all: [(warning: JetWarning, name: String, text: String)] =
        JetCode.warnings.map { (JetWarning(rawValue: $0.number), $0.name, $0.text) }
}

extension JetWarning {
    /// There are still revisions to clean. C name: JET_wrnRemainingVersions.
    public static let remainingVersions = JetWarning(rawValue: 321)
    /// The key found is the only such one. C name: JET_wrnUniqueKey.
    public static let uniqueKey = JetWarning(rawValue: 345)
    /// The value is stored outside its record. C name: JET_wrnSeparateLongValue.
    public static let separateLongValue = JetWarning(rawValue: 406)
    /// A log in the directory is of another stream. C name: JET_wrnExistingLogFileHasBadSignature.
    public static let existingLogFileHasBadSignature = JetWarning(rawValue: 558)
    /// There are gaps between the logs in the directory. C name: JET_wrnExistingLogFileIsNotContiguous.
    public static let existingLogFileIsNotContiguous = JetWarning(rawValue: 559)
    /// Leave out this record; internal. C name: JET_wrnSkipThisRecord.
    public static let skipThisRecord = JetWarning(rawValue: 564)
    /// The instance to restore to is running. C name: JET_wrnTargetInstanceRunning.
    public static let targetInstanceRunning = JetWarning(rawValue: 578)
    /// Logs with committed transactions were lost; the databases are older than they were.
    /// C name: JET_wrnCommittedLogFilesLost.
    public static let committedLogFilesLost = JetWarning(rawValue: 585)
    /// Logs with committed transactions were removed. C name: JET_wrnCommittedLogFilesRemoved.
    public static let committedLogFilesRemoved = JetWarning(rawValue: 587)
    /// Recovery has to undo as well. C name: JET_wrnFinishWithUndo.
    public static let finishWithUndo = JetWarning(rawValue: 588)
    /// The database was repaired. C name: JET_wrnDatabaseRepaired.
    public static let databaseRepaired = JetWarning(rawValue: 595)
    /// The column is NULL. C name: JET_wrnColumnNull.
    public static let columnNull = JetWarning(rawValue: 1004)
    /// The buffer was too small for all; what fits is in it. C name: JET_wrnBufferTruncated.
    public static let bufferTruncated = JetWarning(rawValue: 1006)
    /// The database is attached already. C name: JET_wrnDatabaseAttached.
    public static let databaseAttached = JetWarning(rawValue: 1007)
    /// The sort does not fit in memory and goes to disk. C name: JET_wrnSortOverflow.
    public static let sortOverflow = JetWarning(rawValue: 1009)
    /// There is no such key; the cursor stands on the next one. C name: JET_wrnSeekNotEqual.
    public static let seekNotEqual = JetWarning(rawValue: 1039)
    /// Nothing more is known of the error. C name: JET_wrnNoErrorInfo.
    public static let noErrorInfo = JetWarning(rawValue: 1055)
    /// There was nothing to do. C name: JET_wrnNoIdleActivity.
    public static let noIdleActivity = JetWarning(rawValue: 1058)
    /// There is no lock outside of a transaction. C name: JET_wrnNoWriteLock.
    public static let noWriteLock = JetWarning(rawValue: 1067)
    /// The column was set to NULL. C name: JET_wrnColumnSetNull.
    public static let columnSetNull = JetWarning(rawValue: 1068)
    /// The database could not be made smaller now. C name: JET_wrnShrinkNotPossible.
    public static let shrinkNotPossible = JetWarning(rawValue: 1122)
    /// The table is empty. C name: JET_wrnTableEmpty.
    public static let tableEmpty = JetWarning(rawValue: 1301)
    /// The engine is cleaning the table. C name: JET_wrnTableInUseBySystem.
    public static let tableInUseBySystem = JetWarning(rawValue: 1327)
    /// An index that was out of date was deleted; make it again. C name: JET_wrnCorruptIndexDeleted.
    public static let corruptIndexDeleted = JetWarning(rawValue: 1415)
    /// The primary index was made with another version of comparing text. C name: JET_wrnPrimaryIndexOutOfDate.
    public static let primaryIndexOutOfDate = JetWarning(rawValue: 1417)
    /// A secondary index was made with another version of comparing text; make it again.
    /// C name: JET_wrnSecondaryIndexOutOfDate.
    public static let secondaryIndexOutOfDate = JetWarning(rawValue: 1418)
    /// The column's length was cut to what is allowed. C name: JET_wrnColumnMaxTruncated.
    public static let columnMaxTruncated = JetWarning(rawValue: 1512)
    /// A value was moved out of its record. C name: JET_wrnCopyLongValue.
    public static let copyLongValue = JetWarning(rawValue: 1520)
    /// The column was not asked for or is not there. C name: JET_wrnColumnSkipped.
    public static let columnSkipped = JetWarning(rawValue: 1531)
    /// The value can't be given from the record alone. C name: JET_wrnColumnNotLocal.
    public static let columnNotLocal = JetWarning(rawValue: 1532)
    /// There are more values that were not asked for. C name: JET_wrnColumnMoreTags.
    public static let columnMoreTags = JetWarning(rawValue: 1533)
    /// The value was cut to the length that was asked for. C name: JET_wrnColumnTruncated.
    public static let columnTruncated = JetWarning(rawValue: 1534)
    /// There is a value, and it was not asked for. C name: JET_wrnColumnPresent.
    public static let columnPresent = JetWarning(rawValue: 1535)
    /// The column has one value, which is given at once. C name: JET_wrnColumnSingleValue.
    public static let columnSingleValue = JetWarning(rawValue: 1536)
    /// The column has its default value. C name: JET_wrnColumnDefault.
    public static let columnDefault = JetWarning(rawValue: 1537)
    /// The value is not in the record. C name: JET_wrnColumnNotInRecord.
    public static let columnNotInRecord = JetWarning(rawValue: 1539)
    /// A reference to the value is given instead of the value. C name: JET_wrnColumnReference.
    public static let columnReference = JetWarning(rawValue: 1541)
    /// The record was changed meanwhile. C name: JET_wrnDataHasChanged.
    public static let dataHasChanged = JetWarning(rawValue: 1610)
    /// The key was changed; a new one is used. C name: JET_wrnKeyChanged.
    public static let keyChanged = JetWarning(rawValue: 1618)
    /// The file was opened for reading only. C name: JET_wrnFileOpenReadOnly.
    public static let fileOpenReadOnly = JetWarning(rawValue: 1813)
    /// There is too much to do. C name: JET_wrnIdleFull.
    public static let idleFull = JetWarning(rawValue: 1908)
    /// The database is being defragmented already. C name: JET_wrnDefragAlreadyRunning.
    public static let defragAlreadyRunning = JetWarning(rawValue: 2000)
    /// The database is not being defragmented. C name: JET_wrnDefragNotRunning.
    public static let defragNotRunning = JetWarning(rawValue: 2001)
    /// There was no such callback. C name: JET_wrnCallbackNotRegistered.
    public static let callbackNotRegistered = JetWarning(rawValue: 2100)
}
