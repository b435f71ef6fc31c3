// Layer: ESEEngine/0-Base. Used by: everything above.
// Errors of calls, limits, instances, sessions, databases and tables: numbers from -1000 to -1399.

extension JetError {
    /// The instance is about to terminate. C name: JET_errTermInProgress.
    public static let termInProgress = JetError(rawValue: -1000)
    /// This engine does not do that. C name: JET_errFeatureNotAvailable.
    public static let featureNotAvailable = JetError(rawValue: -1001)
    /// The name is empty, too long or has characters that are not allowed. C name: JET_errInvalidName.
    public static let invalidName = JetError(rawValue: -1002)
    /// A parameter is wrong: a null pointer, a number out of range, a structure's size.
    /// C name: JET_errInvalidParameter.
    public static let invalidParameter = JetError(rawValue: -1003)
    /// The file is read-only; attach it with JET_bitDbReadOnly. C name: JET_errDatabaseFileReadOnly.
    public static let databaseFileReadOnly = JetError(rawValue: -1008)
    /// There is no such database id, or it is closed. C name: JET_errInvalidDatabaseId.
    public static let invalidDatabaseId = JetError(rawValue: -1010)
    /// Memory ran out. C name: JET_errOutOfMemory.
    public static let outOfMemory = JetError(rawValue: -1011)
    /// The database has reached the size that was set for it. C name: JET_errOutOfDatabaseSpace.
    public static let outOfDatabaseSpace = JetError(rawValue: -1012)
    /// All cursors are used; close some or set JET_paramMaxCursors. C name: JET_errOutOfCursors.
    public static let outOfCursors = JetError(rawValue: -1013)
    /// All pages of the cache are used; set JET_paramCacheSizeMax. C name: JET_errOutOfBuffers.
    public static let outOfBuffers = JetError(rawValue: -1014)
    /// The table has too many indexes. C name: JET_errTooManyIndexes.
    public static let tooManyIndexes = JetError(rawValue: -1015)
    /// The index has too many columns. C name: JET_errTooManyKeys.
    public static let tooManyKeys = JetError(rawValue: -1016)
    /// The record was deleted. C name: JET_errRecordDeleted.
    public static let recordDeleted = JetError(rawValue: -1017)
    /// A page's checksum is wrong and not to be repaired. C name: JET_errReadVerifyFailure.
    public static let readVerifyFailure = JetError(rawValue: -1018)
    /// A page was never written. C name: JET_errPageNotInitialized.
    public static let pageNotInitialized = JetError(rawValue: -1019)
    /// The process has too many open files. C name: JET_errOutOfFileHandles.
    public static let outOfFileHandles = JetError(rawValue: -1020)
    /// The system found that what it read is damaged. C name: JET_errDiskReadVerificationFailure.
    public static let diskReadVerificationFailure = JetError(rawValue: -1021)
    /// A file could not be read or written. C name: JET_errDiskIO.
    public static let diskIO = JetError(rawValue: -1022)
    /// A directory is not there, or a path is wrong. C name: JET_errInvalidPath.
    public static let invalidPath = JetError(rawValue: -1023)
    /// JET_paramSystemPath is wrong. C name: JET_errInvalidSystemPath.
    public static let invalidSystemPath = JetError(rawValue: -1024)
    /// JET_paramLogFilePath is wrong. C name: JET_errInvalidLogDirectory.
    public static let invalidLogDirectory = JetError(rawValue: -1025)
    /// The record is too large for a page; store long values outside of it. C name: JET_errRecordTooBig.
    public static let recordTooBig = JetError(rawValue: -1026)
    /// Too many databases are open. C name: JET_errTooManyOpenDatabases.
    public static let tooManyOpenDatabases = JetError(rawValue: -1027)
    /// The file is no database. C name: JET_errInvalidDatabase.
    public static let invalidDatabase = JetError(rawValue: -1028)
    /// There is no instance; call JetInit first. C name: JET_errNotInitialized.
    public static let notInitialized = JetError(rawValue: -1029)
    /// The instance is running already; this is done before JetInit. C name: JET_errAlreadyInitialized.
    public static let alreadyInitialized = JetError(rawValue: -1030)
    /// The instance is just starting. C name: JET_errInitInProgress.
    public static let initInProgress = JetError(rawValue: -1031)
    /// A file may not be opened, or another process has it. C name: JET_errFileAccessDenied.
    public static let fileAccessDenied = JetError(rawValue: -1032)
    /// The buffer is too small for the result. C name: JET_errBufferTooSmall.
    public static let bufferTooSmall = JetError(rawValue: -1038)
    /// The table has too many columns. C name: JET_errTooManyColumns.
    public static let tooManyColumns = JetError(rawValue: -1040)
    /// The container is not empty. C name: JET_errContainerNotEmpty.
    public static let containerNotEmpty = JetError(rawValue: -1043)
    /// The name of the file is wrong. C name: JET_errInvalidFilename.
    public static let invalidFilename = JetError(rawValue: -1044)
    /// The bookmark is not one of this table. C name: JET_errInvalidBookmark.
    public static let invalidBookmark = JetError(rawValue: -1045)
    /// An index uses the column; delete the index first. C name: JET_errColumnInUse.
    public static let columnInUse = JetError(rawValue: -1046)
    /// The length of the data is not that of the column. C name: JET_errInvalidBufferSize.
    public static let invalidBufferSize = JetError(rawValue: -1047)
    /// The column's value can't be set. C name: JET_errColumnNotUpdatable.
    public static let columnNotUpdatable = JetError(rawValue: -1048)
    /// The index is in use. C name: JET_errIndexInUse.
    public static let indexInUse = JetError(rawValue: -1051)
    /// Links are not supported. C name: JET_errLinkNotSupported.
    public static let linkNotSupported = JetError(rawValue: -1052)
    /// A column of the index is NULL, and the index does not allow that. C name: JET_errNullKeyDisallowed.
    public static let nullKeyDisallowed = JetError(rawValue: -1053)
    /// This needs a transaction; call JetBeginTransaction first. C name: JET_errNotInTransaction.
    public static let notInTransaction = JetError(rawValue: -1054)
    /// The transaction can only be rolled back. C name: JET_errMustRollback.
    public static let mustRollback = JetError(rawValue: -1057)
    /// Too many users are active. C name: JET_errTooManyActiveUsers.
    public static let tooManyActiveUsers = JetError(rawValue: -1059)
    /// The country is unknown. C name: JET_errInvalidCountry.
    public static let invalidCountry = JetError(rawValue: -1061)
    /// The locale is unknown. C name: JET_errInvalidLanguageId.
    public static let invalidLanguageId = JetError(rawValue: -1062)
    /// The code page is unknown; use 1252 or 1200. C name: JET_errInvalidCodePage.
    public static let invalidCodePage = JetError(rawValue: -1063)
    /// The flags of comparing text are wrong. C name: JET_errInvalidLCMapStringFlags.
    public static let invalidLCMapStringFlags = JetError(rawValue: -1064)
    /// A revision is greater than a bucket of the version store. C name: JET_errVersionStoreEntryTooBig.
    public static let versionStoreEntryTooBig = JetError(rawValue: -1065)
    /// The version store is full, and cleaning it took too long.
    /// C name: JET_errVersionStoreOutOfMemoryAndCleanupTimedOut.
    public static let versionStoreOutOfMemoryAndCleanupTimedOut = JetError(rawValue: -1066)
    /// The version store is full. C name: JET_errVersionStoreOutOfMemory.
    public static let versionStoreOutOfMemory = JetError(rawValue: -1069)
    /// Columns of this kind can't be indexed. C name: JET_errCannotIndex.
    public static let cannotIndex = JetError(rawValue: -1071)
    /// The record is not deleted. C name: JET_errRecordNotDeleted.
    public static let recordNotDeleted = JetError(rawValue: -1072)
    /// A record has too many variable parts. C name: JET_errTooManyMempoolEntries.
    public static let tooManyMempoolEntries = JetError(rawValue: -1073)
    /// All object ids are used; compact the database. C name: JET_errOutOfObjectIDs.
    public static let outOfObjectIDs = JetError(rawValue: -1074)
    /// All ids of long values are used; compact the database. C name: JET_errOutOfLongValueIDs.
    public static let outOfLongValueIDs = JetError(rawValue: -1075)
    /// The auto-increment column has reached its end; compact the database. C name: JET_errOutOfAutoincrementValues.
    public static let outOfAutoincrementValues = JetError(rawValue: -1076)
    /// The database's counter has reached its end; compact the database. C name: JET_errOutOfDbtimeValues.
    public static let outOfDbtimeValues = JetError(rawValue: -1077)
    /// A counter of an index has reached its end; compact the database. C name: JET_errOutOfSequentialIndexValues.
    public static let outOfSequentialIndexValues = JetError(rawValue: -1078)
    /// The process has one nameless instance; there can be no others. C name: JET_errRunningInOneInstanceMode.
    public static let runningInOneInstanceMode = JetError(rawValue: -1080)
    /// The process has several instances; name the one that is meant. C name: JET_errRunningInMultiInstanceMode.
    public static let runningInMultiInstanceMode = JetError(rawValue: -1081)
    /// The global parameters were set already. C name: JET_errSystemParamsAlreadySet.
    public static let systemParamsAlreadySet = JetError(rawValue: -1082)
    /// Another instance uses this JET_paramSystemPath. C name: JET_errSystemPathInUse.
    public static let systemPathInUse = JetError(rawValue: -1083)
    /// Another instance uses this JET_paramLogFilePath. C name: JET_errLogFilePathInUse.
    public static let logFilePathInUse = JetError(rawValue: -1084)
    /// Another instance uses this JET_paramTempPath. C name: JET_errTempPathInUse.
    public static let tempPathInUse = JetError(rawValue: -1085)
    /// Another instance has this name. C name: JET_errInstanceNameInUse.
    public static let instanceNameInUse = JetError(rawValue: -1086)
    /// Another instance has set a parameter that must be the same for all. C name: JET_errSystemParameterConflict.
    public static let systemParameterConflict = JetError(rawValue: -1087)
    /// The instance met an error that it can't go on after. C name: JET_errInstanceUnavailable.
    public static let instanceUnavailable = JetError(rawValue: -1090)
    /// The database met an error that it can't go on after. C name: JET_errDatabaseUnavailable.
    public static let databaseUnavailable = JetError(rawValue: -1091)
    /// The disk of the log was full. C name: JET_errInstanceUnavailableDueToFatalLogDiskFull.
    public static let instanceUnavailableDueToFatalLogDiskFull = JetError(rawValue: -1092)
    /// There is no such parameter of a session. C name: JET_errInvalidSesparamId.
    public static let invalidSesparamId = JetError(rawValue: -1093)
    /// There are too many records for the result's size. C name: JET_errTooManyRecords.
    public static let tooManyRecords = JetError(rawValue: -1094)
    /// There is no such parameter of a database. C name: JET_errInvalidDbparamId.
    public static let invalidDbparamId = JetError(rawValue: -1095)
    /// All sessions are used; end some or set JET_paramMaxSessions. C name: JET_errOutOfSessions.
    public static let outOfSessions = JetError(rawValue: -1101)
    /// Somebody else changes or changed the record. C name: JET_errWriteConflict.
    public static let writeConflict = JetError(rawValue: -1102)
    /// Transactions are nested too deeply. C name: JET_errTransTooDeep.
    public static let transTooDeep = JetError(rawValue: -1103)
    /// There is no such session, or it has ended. C name: JET_errInvalidSesid.
    public static let invalidSesid = JetError(rawValue: -1104)
    /// The primary index is being made by a transaction that has not been committed.
    /// C name: JET_errWriteConflictPrimaryIndex.
    public static let writeConflictPrimaryIndex = JetError(rawValue: -1105)
    /// This can't be done within a transaction. C name: JET_errInTransaction.
    public static let inTransaction = JetError(rawValue: -1108)
    /// The transaction can only be rolled back. C name: JET_errRollbackRequired.
    public static let rollbackRequired = JetError(rawValue: -1109)
    /// The transaction is for reading only. C name: JET_errTransReadOnly.
    public static let transReadOnly = JetError(rawValue: -1110)
    /// Two cursors of the session change the same record. C name: JET_errSessionWriteConflict.
    public static let sessionWriteConflict = JetError(rawValue: -1111)
    /// The record would be too large for an older format. C name: JET_errRecordTooBigForBackwardCompatibility.
    public static let recordTooBigForBackwardCompatibility = JetError(rawValue: -1112)
    /// The temporary table's options contradict each other. C name: JET_errCannotMaterializeForwardOnlySort.
    public static let cannotMaterializeForwardOnlySort = JetError(rawValue: -1113)
    /// The cursor is of another session. C name: JET_errSesidTableIdMismatch.
    public static let sesidTableIdMismatch = JetError(rawValue: -1114)
    /// There is no such instance, or it has been terminated. C name: JET_errInvalidInstance.
    public static let invalidInstance = JetError(rawValue: -1115)
    /// The instance was terminated, but its databases need recovery. C name: JET_errDirtyShutdown.
    public static let dirtyShutdown = JetError(rawValue: -1116)
    /// A page that was read is another one than was asked for. C name: JET_errReadPgnoVerifyFailure.
    public static let readPgnoVerifyFailure = JetError(rawValue: -1118)
    /// A page that was read lacks the last write: the disk lost it. C name: JET_errReadLostFlushVerifyFailure.
    public static let readLostFlushVerifyFailure = JetError(rawValue: -1119)
    /// The file system is damaged; check it. C name: JET_errFileSystemCorruption.
    public static let fileSystemCorruption = JetError(rawValue: -1121)
    /// Recovery found pages in a state that can't be. C name: JET_errRecoveryVerifyFailure.
    public static let recoveryVerifyFailure = JetError(rawValue: -1123)
    /// A cursor with a filter can't move like that. C name: JET_errFilteredMoveNotSupported.
    public static let filteredMoveNotSupported = JetError(rawValue: -1124)
    /// There is such a database already. C name: JET_errDatabaseDuplicate.
    public static let databaseDuplicate = JetError(rawValue: -1201)
    /// The database is in use. C name: JET_errDatabaseInUse.
    public static let databaseInUse = JetError(rawValue: -1202)
    /// There is no such database; attach it first. C name: JET_errDatabaseNotFound.
    public static let databaseNotFound = JetError(rawValue: -1203)
    /// The name of the database is wrong. C name: JET_errDatabaseInvalidName.
    public static let databaseInvalidName = JetError(rawValue: -1204)
    /// The number of pages is wrong. C name: JET_errDatabaseInvalidPages.
    public static let databaseInvalidPages = JetError(rawValue: -1205)
    /// The file is no database, or its contents are impossible. C name: JET_errDatabaseCorrupted.
    public static let databaseCorrupted = JetError(rawValue: -1206)
    /// Somebody has the database for themselves. C name: JET_errDatabaseLocked.
    public static let databaseLocked = JetError(rawValue: -1207)
    /// Versions can't be switched off for this database. C name: JET_errCannotDisableVersioning.
    public static let cannotDisableVersioning = JetError(rawValue: -1208)
    /// The database has a format that this engine does not know. C name: JET_errInvalidDatabaseVersion.
    public static let invalidDatabaseVersion = JetError(rawValue: -1209)
    /// The database has a format of before 1995. C name: JET_errDatabase200Format.
    public static let database200Format = JetError(rawValue: -1210)
    /// The database has a format of before 1997. C name: JET_errDatabase400Format.
    public static let database400Format = JetError(rawValue: -1211)
    /// The database has a format of before 1999. C name: JET_errDatabase500Format.
    public static let database500Format = JetError(rawValue: -1212)
    /// The database has another page size than JET_paramDatabasePageSize; set it to that.
    /// C name: JET_errPageSizeMismatch.
    public static let pageSizeMismatch = JetError(rawValue: -1213)
    /// No more instances can be made; set JET_paramMaxInstances. C name: JET_errTooManyInstances.
    public static let tooManyInstances = JetError(rawValue: -1214)
    /// Another instance has the database. C name: JET_errDatabaseSharingViolation.
    public static let databaseSharingViolation = JetError(rawValue: -1215)
    /// A database was still attached when recovery ended, and it is not there. C name: JET_errAttachedDatabaseMismatch.
    public static let attachedDatabaseMismatch = JetError(rawValue: -1216)
    /// The path of the database is wrong. C name: JET_errDatabaseInvalidPath.
    public static let databaseInvalidPath = JetError(rawValue: -1217)
    /// The id of the database is taken. C name: JET_errDatabaseIdInUse.
    public static let databaseIdInUse = JetError(rawValue: -1218)
    /// Detaching by force is for databases that can't be detached otherwise. C name: JET_errForceDetachNotAllowed.
    public static let forceDetachNotAllowed = JetError(rawValue: -1219)
    /// The catalog contradicts itself: the database is damaged. C name: JET_errCatalogCorrupted.
    public static let catalogCorrupted = JetError(rawValue: -1220)
    /// The database is attached in part only, and can't be used. C name: JET_errPartiallyAttachedDB.
    public static let partiallyAttachedDB = JetError(rawValue: -1221)
    /// A database of this signature is attached already; it is a copy. C name: JET_errDatabaseSignInUse.
    public static let databaseSignInUse = JetError(rawValue: -1222)
    /// The database is damaged, and repair is not allowed. C name: JET_errDatabaseCorruptedNoRepair.
    public static let databaseCorruptedNoRepair = JetError(rawValue: -1224)
    /// The log makes a database of a format that this engine does not know. C name: JET_errInvalidCreateDbVersion.
    public static let invalidCreateDbVersion = JetError(rawValue: -1225)
    /// Recovery of the database is not far enough for this. C name: JET_errDatabaseNotReady.
    public static let databaseNotReady = JetError(rawValue: -1230)
    /// The database is attached for recovery only; attach it. C name: JET_errDatabaseAttachedForRecovery.
    public static let databaseAttachedForRecovery = JetError(rawValue: -1231)
    /// Recovery does not know yet which transactions are open. C name: JET_errTransactionsNotReadyDuringRecovery.
    public static let transactionsNotReadyDuringRecovery = JetError(rawValue: -1232)
    /// Somebody has the table for themselves. C name: JET_errTableLocked.
    public static let tableLocked = JetError(rawValue: -1302)
    /// There is such a table already. C name: JET_errTableDuplicate.
    public static let tableDuplicate = JetError(rawValue: -1303)
    /// The table is in use. C name: JET_errTableInUse.
    public static let tableInUse = JetError(rawValue: -1304)
    /// There is no such table or object. C name: JET_errObjectNotFound.
    public static let objectNotFound = JetError(rawValue: -1305)
    /// The density is not between 20 and 100 percent. C name: JET_errDensityInvalid.
    public static let densityInvalid = JetError(rawValue: -1307)
    /// The table is not empty. C name: JET_errTableNotEmpty.
    public static let tableNotEmpty = JetError(rawValue: -1308)
    /// There is no such cursor, or it is closed. C name: JET_errInvalidTableId.
    public static let invalidTableId = JetError(rawValue: -1310)
    /// Too many tables are open; set JET_paramMaxOpenTables. C name: JET_errTooManyOpenTables.
    public static let tooManyOpenTables = JetError(rawValue: -1311)
    /// This can't be done with this table. C name: JET_errIllegalOperation.
    public static let illegalOperation = JetError(rawValue: -1312)
    /// Too many tables are open, and making room took too long. C name: JET_errTooManyOpenTablesAndCleanupTimedOut.
    public static let tooManyOpenTablesAndCleanupTimedOut = JetError(rawValue: -1313)
    /// The name is taken. C name: JET_errObjectDuplicate.
    public static let objectDuplicate = JetError(rawValue: -1314)
    /// This can't be done with this object. C name: JET_errInvalidObject.
    public static let invalidObject = JetError(rawValue: -1316)
    /// A temporary table goes when it is closed. C name: JET_errCannotDeleteTempTable.
    public static let cannotDeleteTempTable = JetError(rawValue: -1317)
    /// The engine's own tables stay. C name: JET_errCannotDeleteSystemTable.
    public static let cannotDeleteSystemTable = JetError(rawValue: -1318)
    /// Other tables depend on the template; it stays. C name: JET_errCannotDeleteTemplateTable.
    public static let cannotDeleteTemplateTable = JetError(rawValue: -1319)
    /// This needs the table opened with JET_bitTableDenyRead. C name: JET_errExclusiveTableLockRequired.
    public static let exclusiveTableLockRequired = JetError(rawValue: -1322)
    /// The table's definition is fixed. C name: JET_errFixedDDL.
    public static let fixedDDL = JetError(rawValue: -1323)
    /// What the table inherited can't be changed. C name: JET_errFixedInheritedDDL.
    public static let fixedInheritedDDL = JetError(rawValue: -1324)
    /// A template can't have a template. C name: JET_errCannotNestDDL.
    public static let cannotNestDDL = JetError(rawValue: -1325)
    /// The table is no template; make it with JET_bitTableCreateTemplateTable. C name: JET_errDDLNotInheritable.
    public static let ddlNotInheritable = JetError(rawValue: -1326)
    /// The parameters contradict each other. C name: JET_errInvalidSettings.
    public static let invalidSettings = JetError(rawValue: -1328)
    /// The service was stopped with JetStopService. C name: JET_errClientRequestToStopJetService.
    public static let clientRequestToStopJetService = JetError(rawValue: -1329)
    /// The template allows only tagged columns in derived tables. C name: JET_errCannotAddFixedVarColumnToDerivedTable.
    public static let cannotAddFixedVarColumnToDerivedTable = JetError(rawValue: -1330)
}
