// Layer: ESEEngine/0-Base. Used by: everything above.
// Errors of indexes, columns, records, files and callbacks: numbers from -1400 down.

extension JetError {
    /// The index could not be built. C name: JET_errIndexCantBuild.
    public static let indexCantBuild = JetError(rawValue: -1401)
    /// The table has a primary index already. C name: JET_errIndexHasPrimary.
    public static let indexHasPrimary = JetError(rawValue: -1402)
    /// There is such an index already. C name: JET_errIndexDuplicate.
    public static let indexDuplicate = JetError(rawValue: -1403)
    /// There is no such index. C name: JET_errIndexNotFound.
    public static let indexNotFound = JetError(rawValue: -1404)
    /// The primary index can't be deleted. C name: JET_errIndexMustStay.
    public static let indexMustStay = JetError(rawValue: -1405)
    /// The definition of the index is wrong. C name: JET_errIndexInvalidDef.
    public static let indexInvalidDef = JetError(rawValue: -1406)
    /// What was given for making the index is wrong. C name: JET_errInvalidCreateIndex.
    public static let invalidCreateIndex = JetError(rawValue: -1409)
    /// Too many indexes are open. C name: JET_errTooManyOpenIndexes.
    public static let tooManyOpenIndexes = JetError(rawValue: -1410)
    /// Values of one record have the same key in the index. C name: JET_errMultiValuedIndexViolation.
    public static let multiValuedIndexViolation = JetError(rawValue: -1411)
    /// The index that was built does not fit the table. C name: JET_errIndexBuildCorrupted.
    public static let indexBuildCorrupted = JetError(rawValue: -1412)
    /// The primary index is damaged. C name: JET_errPrimaryIndexCorrupted.
    public static let primaryIndexCorrupted = JetError(rawValue: -1413)
    /// A secondary index is damaged. C name: JET_errSecondaryIndexCorrupted.
    public static let secondaryIndexCorrupted = JetError(rawValue: -1414)
    /// There is no such index; its table was changed or closed. C name: JET_errInvalidIndexId.
    public static let invalidIndexId = JetError(rawValue: -1416)
    /// Only a secondary index can be one of substrings. C name: JET_errIndexTuplesSecondaryIndexOnly.
    public static let indexTuplesSecondaryIndexOnly = JetError(rawValue: -1430)
    /// An index of substrings has one such column only. C name: JET_errIndexTuplesTooManyColumns.
    public static let indexTuplesTooManyColumns = JetError(rawValue: -1431)
    /// An index of substrings can't be unique. C name: JET_errIndexTuplesNonUniqueOnly.
    public static let indexTuplesNonUniqueOnly = JetError(rawValue: -1432)
    /// Only text and binary columns have substrings. C name: JET_errIndexTuplesTextBinaryColumnsOnly.
    public static let indexTuplesTextBinaryColumnsOnly = JetError(rawValue: -1433)
    /// An index of substrings has no cbVarSegMac. C name: JET_errIndexTuplesVarSegMacNotAllowed.
    public static let indexTuplesVarSegMacNotAllowed = JetError(rawValue: -1434)
    /// The limits of the index of substrings are wrong. C name: JET_errIndexTuplesInvalidLimits.
    public static let indexTuplesInvalidLimits = JetError(rawValue: -1435)
    /// An index of substrings does not hold whole values. C name: JET_errIndexTuplesCannotRetrieveFromIndex.
    public static let indexTuplesCannotRetrieveFromIndex = JetError(rawValue: -1436)
    /// The key is shorter than the substrings of the index. C name: JET_errIndexTuplesKeyTooSmall.
    public static let indexTuplesKeyTooSmall = JetError(rawValue: -1437)
    /// The size of chunks of long values is wrong. C name: JET_errInvalidLVChunkSize.
    public static let invalidLVChunkSize = JetError(rawValue: -1438)
    /// Only columns whose values may be stored outside the record can be encrypted.
    /// C name: JET_errColumnCannotBeEncrypted.
    public static let columnCannotBeEncrypted = JetError(rawValue: -1439)
    /// An encrypted column can't be indexed. C name: JET_errCannotIndexOnEncryptedColumn.
    public static let cannotIndexOnEncryptedColumn = JetError(rawValue: -1440)
    /// The value is a long one. C name: JET_errColumnLong.
    public static let columnLong = JetError(rawValue: -1501)
    /// A long value has no such part. C name: JET_errColumnNoChunk.
    public static let columnNoChunk = JetError(rawValue: -1502)
    /// The value does not fit in the record. C name: JET_errColumnDoesNotFit.
    public static let columnDoesNotFit = JetError(rawValue: -1503)
    /// The column must not be NULL. C name: JET_errNullInvalid.
    public static let nullInvalid = JetError(rawValue: -1504)
    /// An index uses the column; delete the index first. C name: JET_errColumnIndexed.
    public static let columnIndexed = JetError(rawValue: -1505)
    /// The value is longer than the column allows. C name: JET_errColumnTooBig.
    public static let columnTooBig = JetError(rawValue: -1506)
    /// There is no such column. C name: JET_errColumnNotFound.
    public static let columnNotFound = JetError(rawValue: -1507)
    /// There is such a column already. C name: JET_errColumnDuplicate.
    public static let columnDuplicate = JetError(rawValue: -1508)
    /// A column of many values must be a tagged one. C name: JET_errMultiValuedColumnMustBeTagged.
    public static let multiValuedColumnMustBeTagged = JetError(rawValue: -1509)
    /// The table has such an auto-increment or version column already. C name: JET_errColumnRedundant.
    public static let columnRedundant = JetError(rawValue: -1510)
    /// There is no such type of column, or it can't be used so. C name: JET_errInvalidColumnType.
    public static let invalidColumnType = JetError(rawValue: -1511)
    /// A tagged column can't forbid NULL. C name: JET_errTaggedNotNULL.
    public static let taggedNotNULL = JetError(rawValue: -1514)
    /// This needs an index; call JetSetCurrentIndex first. C name: JET_errNoCurrentIndex.
    public static let noCurrentIndex = JetError(rawValue: -1515)
    /// The key is complete already. C name: JET_errKeyIsMade.
    public static let keyIsMade = JetError(rawValue: -1516)
    /// There is no such column id. C name: JET_errBadColumnId.
    public static let badColumnId = JetError(rawValue: -1517)
    /// There is no such value of the column. C name: JET_errBadItagSequence.
    public static let badItagSequence = JetError(rawValue: -1518)
    /// The column is part of a relationship. C name: JET_errColumnInRelationship.
    public static let columnInRelationship = JetError(rawValue: -1519)
    /// Auto-increment and version columns can't be tagged. C name: JET_errCannotBeTagged.
    public static let cannotBeTagged = JetError(rawValue: -1521)
    /// The default value is too long. C name: JET_errDefaultValueTooBig.
    public static let defaultValueTooBig = JetError(rawValue: -1524)
    /// The column has this value already, and its values must differ. C name: JET_errMultiValuedDuplicate.
    public static let multiValuedDuplicate = JetError(rawValue: -1525)
    /// A long value is damaged. C name: JET_errLVCorrupted.
    public static let lvCorrupted = JetError(rawValue: -1526)
    /// The column has a value already that is the same when cut to the key's length.
    /// C name: JET_errMultiValuedDuplicateAfterTruncation.
    public static let multiValuedDuplicateAfterTruncation = JetError(rawValue: -1528)
    /// A derived table has a column that its template does not allow. C name: JET_errDerivedColumnCorruption.
    public static let derivedColumnCorruption = JetError(rawValue: -1529)
    /// The column can't become the placeholder of a primary index. C name: JET_errInvalidPlaceholderColumn.
    public static let invalidPlaceholderColumn = JetError(rawValue: -1530)
    /// Only long values can be compressed. C name: JET_errColumnCannotBeCompressed.
    public static let columnCannotBeCompressed = JetError(rawValue: -1538)
    /// There is no key for the encrypted column. C name: JET_errColumnNoEncryptionKey.
    public static let columnNoEncryptionKey = JetError(rawValue: -1540)
    /// No record fits. C name: JET_errRecordNotFound.
    public static let recordNotFound = JetError(rawValue: -1601)
    /// There is no copy of the record to work on. C name: JET_errRecordNoCopy.
    public static let recordNoCopy = JetError(rawValue: -1602)
    /// The cursor stands on no record. C name: JET_errNoCurrentRecord.
    public static let noCurrentRecord = JetError(rawValue: -1603)
    /// The primary key can't be changed this way. C name: JET_errRecordPrimaryChanged.
    public static let recordPrimaryChanged = JetError(rawValue: -1604)
    /// The key is there already, and must be unique. C name: JET_errKeyDuplicate.
    public static let keyDuplicate = JetError(rawValue: -1605)
    /// An update is prepared already; end or cancel it first. C name: JET_errAlreadyPrepared.
    public static let alreadyPrepared = JetError(rawValue: -1607)
    /// There is no key; call JetMakeKey first. C name: JET_errKeyNotMade.
    public static let keyNotMade = JetError(rawValue: -1608)
    /// No update is prepared; call JetPrepareUpdate first. C name: JET_errUpdateNotPrepared.
    public static let updateNotPrepared = JetError(rawValue: -1609)
    /// The record was changed meanwhile; read it again. C name: JET_errDataHasChanged.
    public static let dataHasChanged = JetError(rawValue: -1611)
    /// The locale is not known here. C name: JET_errLanguageNotSupported.
    public static let languageNotSupported = JetError(rawValue: -1619)
    /// A compressed value is damaged. C name: JET_errDecompressionFailed.
    public static let decompressionFailed = JetError(rawValue: -1620)
    /// An update without a version is only for tables that nobody else sees. C name: JET_errUpdateMustVersion.
    public static let updateMustVersion = JetError(rawValue: -1621)
    /// An encrypted value could not be read. C name: JET_errDecryptionFailed.
    public static let decryptionFailed = JetError(rawValue: -1622)
    /// Only the first value of a column can be encrypted. C name: JET_errEncryptionBadItag.
    public static let encryptionBadItag = JetError(rawValue: -1623)
    /// The auto-increment value is too high. C name: JET_errSetAutoIncrementTooHigh.
    public static let setAutoIncrementTooHigh = JetError(rawValue: -1624)
    /// The auto-increment column was not set. C name: JET_errAutoIncrementNotSet.
    public static let autoIncrementNotSet = JetError(rawValue: -1625)
    /// Too many sorts are open; set JET_paramMaxTemporaryTables. C name: JET_errTooManySorts.
    public static let tooManySorts = JetError(rawValue: -1701)
    /// This can't be done with a sort. C name: JET_errInvalidOnSort.
    public static let invalidOnSort = JetError(rawValue: -1702)
    /// A temporary file could not be opened. C name: JET_errTempFileOpenError.
    public static let tempFileOpenError = JetError(rawValue: -1803)
    /// Too many databases are attached. C name: JET_errTooManyAttachedDatabases.
    public static let tooManyAttachedDatabases = JetError(rawValue: -1805)
    /// The disk is full; make room. C name: JET_errDiskFull.
    public static let diskFull = JetError(rawValue: -1808)
    /// This is not allowed. C name: JET_errPermissionDenied.
    public static let permissionDenied = JetError(rawValue: -1809)
    /// A file is not there. C name: JET_errFileNotFound.
    public static let fileNotFound = JetError(rawValue: -1811)
    /// The file is of another kind. C name: JET_errFileInvalidType.
    public static let fileInvalidType = JetError(rawValue: -1812)
    /// A file is there already. C name: JET_errFileAlreadyExists.
    public static let fileAlreadyExists = JetError(rawValue: -1814)
    /// A restore comes before JetInit. C name: JET_errAfterInitialization.
    public static let afterInitialization = JetError(rawValue: -1850)
    /// The logs could not be read. C name: JET_errLogCorrupted.
    public static let logCorrupted = JetError(rawValue: -1852)
    /// This can't be done. C name: JET_errInvalidOperation.
    public static let invalidOperation = JetError(rawValue: -1906)
    /// This is not allowed. C name: JET_errAccessDenied.
    public static let accessDenied = JetError(rawValue: -1907)
    /// A page was split without end; report it. C name: JET_errTooManySplits.
    public static let tooManySplits = JetError(rawValue: -1909)
    /// Another thread uses the session; a session has one thread at a time. C name: JET_errSessionSharingViolation.
    public static let sessionSharingViolation = JetError(rawValue: -1910)
    /// A function of a library was not found. C name: JET_errEntryPointNotFound.
    public static let entryPointNotFound = JetError(rawValue: -1911)
    /// The session has a context already. C name: JET_errSessionContextAlreadySet.
    public static let sessionContextAlreadySet = JetError(rawValue: -1912)
    /// Another thread set the session's context. C name: JET_errSessionContextNotSetByThisThread.
    public static let sessionContextNotSetByThisThread = JetError(rawValue: -1913)
    /// The session is in use. C name: JET_errSessionInUse.
    public static let sessionInUse = JetError(rawValue: -1914)
    /// A record could not be converted. C name: JET_errRecordFormatConversionFailed.
    public static let recordFormatConversionFailed = JetError(rawValue: -1915)
    /// The session has a database open already, and may have one only. C name: JET_errOneDatabasePerSession.
    public static let oneDatabasePerSession = JetError(rawValue: -1916)
    /// Rolling back failed; the instance must be terminated. C name: JET_errRollbackError.
    public static let rollbackError = JetError(rawValue: -1917)
    /// The flush map has a version that this engine does not know. C name: JET_errFlushMapVersionUnsupported.
    public static let flushMapVersionUnsupported = JetError(rawValue: -1918)
    /// The flush map is of another database. C name: JET_errFlushMapDatabaseMismatch.
    public static let flushMapDatabaseMismatch = JetError(rawValue: -1919)
    /// The flush map can't be rebuilt. C name: JET_errFlushMapUnrecoverable.
    public static let flushMapUnrecoverable = JetError(rawValue: -1920)
    /// The database is being checked already. C name: JET_errDatabaseAlreadyRunningMaintenance.
    public static let databaseAlreadyRunningMaintenance = JetError(rawValue: -2004)
    /// A callback reported a failure. C name: JET_errCallbackFailed.
    public static let callbackFailed = JetError(rawValue: -2101)
    /// A callback was not found. C name: JET_errCallbackNotResolved.
    public static let callbackNotResolved = JetError(rawValue: -2102)
    /// The hints for space are wrong. C name: JET_errSpaceHintsInvalid.
    public static let spaceHintsInvalid = JetError(rawValue: -2103)
    /// The snapshot's functions were called in a wrong order. C name: JET_errOSSnapshotInvalidSequence.
    public static let osSnapshotInvalidSequence = JetError(rawValue: -2401)
    /// The snapshot took too long; JET_paramOSSnapshotTimeout says how long it may. C name: JET_errOSSnapshotTimeOut.
    public static let osSnapshotTimeOut = JetError(rawValue: -2402)
    /// No snapshot can be made now: a backup or recovery is running. C name: JET_errOSSnapshotNotAllowed.
    public static let osSnapshotNotAllowed = JetError(rawValue: -2403)
    /// There is no such snapshot. C name: JET_errOSSnapshotInvalidSnapId.
    public static let osSnapshotInvalidSnapId = JetError(rawValue: -2404)
    /// Local storage needs a callback that frees it. C name: JET_errLSCallbackNotSpecified.
    public static let lsCallbackNotSpecified = JetError(rawValue: -3000)
    /// There is something in the local storage already. C name: JET_errLSAlreadySet.
    public static let lsAlreadySet = JetError(rawValue: -3001)
    /// There is nothing in the local storage. C name: JET_errLSNotSet.
    public static let lsNotSet = JetError(rawValue: -3002)
    /// A part of the file was read or written that is not allocated. C name: JET_errFileIOSparse.
    public static let fileIOSparse = JetError(rawValue: -4000)
    /// The file ends before what was to be read. C name: JET_errFileIOBeyondEOF.
    public static let fileIOBeyondEOF = JetError(rawValue: -4001)
    /// A callback asked to give up. C name: JET_errFileIOAbort.
    public static let fileIOAbort = JetError(rawValue: -4002)
    /// A callback asked to try again. C name: JET_errFileIORetry.
    public static let fileIORetry = JetError(rawValue: -4003)
    /// A callback asked to fail. C name: JET_errFileIOFail.
    public static let fileIOFail = JetError(rawValue: -4004)
    /// Compressed files can't be used. C name: JET_errFileCompressed.
    public static let fileCompressed = JetError(rawValue: -4005)
}
