// Layer: ESEEngine/9-Session. Used by: Parameters, the C API.
// The parameters by name. Those without a word on what they mean are kept and given back, and have no effect here.

extension JetParameter {
    /// Directory of the checkpoint file, with its separator at the end. C name: JET_paramSystemPath.
    public static let systemPath = JetParameter(rawValue: 0)
    /// Path of the temporary database. C name: JET_paramTempPath.
    public static let tempPath = JetParameter(rawValue: 1)
    /// Directory of the log. C name: JET_paramLogFilePath.
    public static let logFilePath = JetParameter(rawValue: 2)
    /// Three characters that the names of log and checkpoint files begin with. C name: JET_paramBaseName.
    public static let baseName = JetParameter(rawValue: 3)
    /// Name of the program in messages. C name: JET_paramEventSource.
    public static let eventSource = JetParameter(rawValue: 4)
    /// Sessions at a time. C name: JET_paramMaxSessions.
    public static let maxSessions = JetParameter(rawValue: 5)
    /// Tables open at a time. C name: JET_paramMaxOpenTables.
    public static let maxOpenTables = JetParameter(rawValue: 6)
    /// C name: JET_paramPreferredMaxOpenTables.
    public static let preferredMaxOpenTables = JetParameter(rawValue: 7)
    /// Cursors at a time. C name: JET_paramMaxCursors.
    public static let maxCursors = JetParameter(rawValue: 8)
    /// Size of the version store, in buckets. C name: JET_paramMaxVerPages.
    public static let maxVerPages = JetParameter(rawValue: 9)
    /// Temporary tables at a time; 0 means no temporary database. C name: JET_paramMaxTemporaryTables.
    public static let maxTemporaryTables = JetParameter(rawValue: 10)
    /// Size of a log file in units of 1024 bytes. C name: JET_paramLogFileSize.
    public static let logFileSize = JetParameter(rawValue: 11)
    /// Size of the log buffer in sectors of 512 bytes. C name: JET_paramLogBuffers.
    public static let logBuffers = JetParameter(rawValue: 12)
    /// C name: JET_paramWaitLogFlush.
    public static let waitLogFlush = JetParameter(rawValue: 13)
    /// C name: JET_paramLogCheckpointPeriod.
    public static let logCheckpointPeriod = JetParameter(rawValue: 14)
    /// C name: JET_paramLogWaitingUserMax.
    public static let logWaitingUserMax = JetParameter(rawValue: 15)
    /// Options of a commit that gives none. C name: JET_paramCommitDefault.
    public static let commitDefault = JetParameter(rawValue: 16)
    /// Whether logs before the checkpoint are removed. C name: JET_paramCircularLog.
    public static let circularLog = JetParameter(rawValue: 17)
    /// By how many pages a database grows. C name: JET_paramDbExtensionSize.
    public static let dbExtensionSize = JetParameter(rawValue: 18)
    /// First size of the temporary database in pages. C name: JET_paramPageTempDBMin.
    public static let pageTempDBMin = JetParameter(rawValue: 19)
    /// C name: JET_paramPageFragment.
    public static let pageFragment = JetParameter(rawValue: 20)
    /// C name: JET_paramBatchIOBufferMax.
    public static let batchIOBufferMax = JetParameter(rawValue: 22)
    /// Most pages in the cache. C name: JET_paramCacheSizeMax.
    public static let cacheSizeMax = JetParameter(rawValue: 23)
    /// Bytes of log that recovery has to redo at most, about. C name: JET_paramCheckpointDepthMax.
    public static let checkpointDepthMax = JetParameter(rawValue: 24)
    /// C name: JET_paramLRUKCorrInterval.
    public static let lrukCorrInterval = JetParameter(rawValue: 25)
    /// C name: JET_paramLRUKHistoryMax.
    public static let lrukHistoryMax = JetParameter(rawValue: 26)
    /// C name: JET_paramLRUKPolicy.
    public static let lrukPolicy = JetParameter(rawValue: 27)
    /// C name: JET_paramLRUKTimeout.
    public static let lrukTimeout = JetParameter(rawValue: 28)
    /// C name: JET_paramLRUKTrxCorrInterval.
    public static let lrukTrxCorrInterval = JetParameter(rawValue: 29)
    /// Reads and writes under way at a time. C name: JET_paramOutstandingIOMax.
    public static let outstandingIOMax = JetParameter(rawValue: 30)
    /// Free pages below which writing begins, of 2,000,000,000. C name: JET_paramStartFlushThreshold.
    public static let startFlushThreshold = JetParameter(rawValue: 31)
    /// Free pages above which writing ends, of 2,000,000,000. C name: JET_paramStopFlushThreshold.
    public static let stopFlushThreshold = JetParameter(rawValue: 32)
    /// "on" if there is a log, else "off". C name: JET_paramRecovery.
    public static let recovery = JetParameter(rawValue: 34)
    /// What JetDefragment may touch. C name: JET_paramEnableOnlineDefrag.
    public static let enableOnlineDefrag = JetParameter(rawValue: 35)
    /// Pages in the cache now; setting it other than 0 holds it there. C name: JET_paramCacheSize.
    public static let cacheSize = JetParameter(rawValue: 41)
    /// C name: JET_paramCheckFormatWhenOpenFail.
    public static let checkFormatWhenOpenFail = JetParameter(rawValue: 44)
    /// How indexes of another version of comparing text are found. C name: JET_paramEnableIndexChecking.
    public static let enableIndexChecking = JetParameter(rawValue: 45)
    /// Whether temporary tables can be rolled back. C name: JET_paramEnableTempTableVersioning.
    public static let enableTempTableVersioning = JetParameter(rawValue: 46)
    /// C name: JET_paramIgnoreLogVersion.
    public static let ignoreLogVersion = JetParameter(rawValue: 47)
    /// C name: JET_paramDeleteOldLogs.
    public static let deleteOldLogs = JetParameter(rawValue: 48)
    /// C name: JET_paramEventSourceKey.
    public static let eventSourceKey = JetParameter(rawValue: 49)
    /// Whether messages that only inform are left out. C name: JET_paramNoInformationEvent.
    public static let noInformationEvent = JetParameter(rawValue: 50)
    /// How much is reported, 0 to 100. C name: JET_paramEventLoggingLevel.
    public static let eventLoggingLevel = JetParameter(rawValue: 51)
    /// Whether logs that are too new for the databases are removed. C name: JET_paramDeleteOutOfRangeLogs.
    public static let deleteOutOfRangeLogs = JetParameter(rawValue: 52)
    /// Milliseconds to go on trying when a file is locked. C name: JET_paramAccessDeniedRetryPeriod.
    public static let accessDeniedRetryPeriod = JetParameter(rawValue: 53)
    /// C name: JET_paramEnableIndexCleanup.
    public static let enableIndexCleanup = JetParameter(rawValue: 54)
    /// Least pages in the cache. C name: JET_paramCacheSizeMin.
    public static let cacheSizeMin = JetParameter(rawValue: 60)
    /// Buckets of the version store from which on cleaning hurries. C name: JET_paramPreferredVerPages.
    public static let preferredVerPages = JetParameter(rawValue: 63)
    /// Size of a page in bytes. C name: JET_paramDatabasePageSize.
    public static let databasePageSize = JetParameter(rawValue: 64)
    /// Whether callbacks are not called. C name: JET_paramDisableCallbacks.
    public static let disableCallbacks = JetParameter(rawValue: 65)
    /// C name: JET_paramLogFileCreateAsynch.
    public static let logFileCreateAsynch = JetParameter(rawValue: 69)
    /// Text of an error. C name: JET_paramErrorToString.
    public static let errorToString = JetParameter(rawValue: 70)
    /// C name: JET_paramZeroDatabaseDuringBackup.
    public static let zeroDatabaseDuringBackup = JetParameter(rawValue: 71)
    /// Locale and flags of indexes that name none: JET_UNICODEINDEX. C name: JET_paramUnicodeIndexDefault.
    public static let unicodeIndexDefault = JetParameter(rawValue: 72)
    /// Function that is told of changes of tables. C name: JET_paramRuntimeCallback.
    public static let runtimeCallback = JetParameter(rawValue: 73)
    /// Whether logs of another size are replaced after recovery. C name: JET_paramCleanupMismatchedLogFiles.
    public static let cleanupMismatchedLogFiles = JetParameter(rawValue: 77)
    /// C name: JET_paramRecordUpgradeDirtyLevel.
    public static let recordUpgradeDirtyLevel = JetParameter(rawValue: 78)
    /// Buckets of the version store that the process holds. C name: JET_paramGlobalMinVerPages.
    public static let globalMinVerPages = JetParameter(rawValue: 81)
    /// C name: JET_paramOSSnapshotTimeout.
    public static let osSnapshotTimeout = JetParameter(rawValue: 82)
    /// C name: JET_paramExceptionAction.
    public static let exceptionAction = JetParameter(rawValue: 98)
    /// C name: JET_paramEventLogCache.
    public static let eventLogCache = JetParameter(rawValue: 99)
    /// Whether missing directories are made. C name: JET_paramCreatePathIfNotExist.
    public static let createPathIfNotExist = JetParameter(rawValue: 100)
    /// C name: JET_paramPageHintCacheSize.
    public static let pageHintCacheSize = JetParameter(rawValue: 101)
    /// Whether a session may have one database only. C name: JET_paramOneDatabasePerSession.
    public static let oneDatabasePerSession = JetParameter(rawValue: 102)
    /// Instances at a time. C name: JET_paramMaxInstances.
    public static let maxInstances = JetParameter(rawValue: 104)
    /// C name: JET_paramVersionStoreTaskQueueMax.
    public static let versionStoreTaskQueueMax = JetParameter(rawValue: 105)
    /// C name: JET_paramDisablePerfmon.
    public static let disablePerfmon = JetParameter(rawValue: 107)
    /// Shortest substring that is indexed, in characters. C name: JET_paramIndexTuplesLengthMin.
    public static let indexTuplesLengthMin = JetParameter(rawValue: 110)
    /// Longest substring that is indexed, in characters. C name: JET_paramIndexTuplesLengthMax.
    public static let indexTuplesLengthMax = JetParameter(rawValue: 111)
    /// Most substrings of a value. C name: JET_paramIndexTuplesToIndexMax.
    public static let indexTuplesToIndexMax = JetParameter(rawValue: 112)
    /// Directory where recovery looks for databases. C name: JET_paramAlternateDatabaseRecoveryPath.
    public static let alternateDatabaseRecoveryPath = JetParameter(rawValue: 113)
    /// Schemas that are kept of closed tables. C name: JET_paramCachedClosedTables.
    public static let cachedClosedTables = JetParameter(rawValue: 125)
    /// C name: JET_paramEnableFileCache.
    public static let enableFileCache = JetParameter(rawValue: 126)
    /// C name: JET_paramEnableViewCache.
    public static let enableViewCache = JetParameter(rawValue: 127)
    /// Size of a bucket of the version store in bytes. C name: JET_paramVerPageSize.
    public static let verPageSize = JetParameter(rawValue: 128)
    /// A set of values for other parameters. C name: JET_paramConfiguration.
    public static let configuration = JetParameter(rawValue: 129)
    /// Whether other parameters than JET_paramConfiguration can be set. C name: JET_paramEnableAdvanced.
    public static let enableAdvanced = JetParameter(rawValue: 130)
    /// One more than the greatest type of column. C name: JET_paramMaxColtyp.
    public static let maxColtyp = JetParameter(rawValue: 131)
    /// From one substring to the next, in characters. C name: JET_paramIndexTupleIncrement.
    public static let indexTupleIncrement = JetParameter(rawValue: 132)
    /// Where the first substring begins, in characters. C name: JET_paramIndexTupleStart.
    public static let indexTupleStart = JetParameter(rawValue: 133)
    /// Longest key in bytes, by page size. C name: JET_paramKeyMost.
    public static let keyMost = JetParameter(rawValue: 134)
    /// C name: JET_paramCheckpointIOMax.
    public static let checkpointIOMax = JetParameter(rawValue: 135)
    /// Form of the names of log files. C name: JET_paramLegacyFileNames.
    public static let legacyFileNames = JetParameter(rawValue: 136)
    /// C name: JET_paramTableClass1Name.
    public static let tableClass1Name = JetParameter(rawValue: 137)
    /// C name: JET_paramTableClass2Name.
    public static let tableClass2Name = JetParameter(rawValue: 138)
    /// C name: JET_paramTableClass3Name.
    public static let tableClass3Name = JetParameter(rawValue: 139)
    /// C name: JET_paramTableClass4Name.
    public static let tableClass4Name = JetParameter(rawValue: 140)
    /// C name: JET_paramTableClass5Name.
    public static let tableClass5Name = JetParameter(rawValue: 141)
    /// C name: JET_paramTableClass6Name.
    public static let tableClass6Name = JetParameter(rawValue: 142)
    /// C name: JET_paramTableClass7Name.
    public static let tableClass7Name = JetParameter(rawValue: 143)
    /// C name: JET_paramTableClass8Name.
    public static let tableClass8Name = JetParameter(rawValue: 144)
    /// C name: JET_paramTableClass9Name.
    public static let tableClass9Name = JetParameter(rawValue: 145)
    /// C name: JET_paramTableClass10Name.
    public static let tableClass10Name = JetParameter(rawValue: 146)
    /// C name: JET_paramTableClass11Name.
    public static let tableClass11Name = JetParameter(rawValue: 147)
    /// C name: JET_paramTableClass12Name.
    public static let tableClass12Name = JetParameter(rawValue: 148)
    /// C name: JET_paramTableClass13Name.
    public static let tableClass13Name = JetParameter(rawValue: 149)
    /// C name: JET_paramTableClass14Name.
    public static let tableClass14Name = JetParameter(rawValue: 150)
    /// C name: JET_paramTableClass15Name.
    public static let tableClass15Name = JetParameter(rawValue: 151)
    /// C name: JET_paramIOPriority.
    public static let ioPriority = JetParameter(rawValue: 152)
    /// Logs to wait before pages of the newest are written. C name: JET_paramWaypointLatency.
    public static let waypointLatency = JetParameter(rawValue: 153)
    /// C name: JET_paramEnablePersistedCallbacks.
    public static let enablePersistedCallbacks = JetParameter(rawValue: 156)
    /// C name: JET_paramDefragmentSequentialBTrees.
    public static let defragmentSequentialBTrees = JetParameter(rawValue: 160)
    /// C name: JET_paramDefragmentSequentialBTreesDensityCheckFrequency.
    public static let defragmentSequentialBTreesDensityCheckFrequency = JetParameter(rawValue: 161)
    /// C name: JET_paramIOThrottlingTimeQuanta.
    public static let ioThrottlingTimeQuanta = JetParameter(rawValue: 162)
    /// Bytes of a long value that fit in a node, by page size. C name: JET_paramLVChunkSizeMost.
    public static let lvChunkSizeMost = JetParameter(rawValue: 163)
    /// Longest read in bytes. C name: JET_paramMaxCoalesceReadSize.
    public static let maxCoalesceReadSize = JetParameter(rawValue: 164)
    /// Longest write in bytes. C name: JET_paramMaxCoalesceWriteSize.
    public static let maxCoalesceWriteSize = JetParameter(rawValue: 165)
    /// C name: JET_paramMaxCoalesceReadGapSize.
    public static let maxCoalesceReadGapSize = JetParameter(rawValue: 166)
    /// C name: JET_paramMaxCoalesceWriteGapSize.
    public static let maxCoalesceWriteGapSize = JetParameter(rawValue: 167)
    /// C name: JET_paramEnableDBScanInRecovery.
    public static let enableDBScanInRecovery = JetParameter(rawValue: 169)
    /// Milliseconds between reads of checking in the background. C name: JET_paramDbScanThrottle.
    public static let dbScanThrottle = JetParameter(rawValue: 170)
    /// C name: JET_paramDbScanIntervalMinSec.
    public static let dbScanIntervalMinSec = JetParameter(rawValue: 171)
    /// C name: JET_paramDbScanIntervalMaxSec.
    public static let dbScanIntervalMaxSec = JetParameter(rawValue: 172)
    /// How much pages of this instance stay in the cache, percent. C name: JET_paramCachePriority.
    public static let cachePriority = JetParameter(rawValue: 177)
    /// Part of the version store that a transaction may fill, percent. C name: JET_paramMaxTransactionSize.
    public static let maxTransactionSize = JetParameter(rawValue: 178)
    /// Reads ahead at a time. C name: JET_paramPrereadIOMax.
    public static let prereadIOMax = JetParameter(rawValue: 179)
    /// C name: JET_paramEnableDBScanSerialization.
    public static let enableDBScanSerialization = JetParameter(rawValue: 180)
    /// C name: JET_paramHungIOThreshold.
    public static let hungIOThreshold = JetParameter(rawValue: 181)
    /// C name: JET_paramHungIOActions.
    public static let hungIOActions = JetParameter(rawValue: 182)
    /// Least bytes that are compressed. C name: JET_paramMinDataForXpress.
    public static let minDataForXpress = JetParameter(rawValue: 183)
    /// Whether databases become smaller. C name: JET_paramEnableShrinkDatabase.
    public static let enableShrinkDatabase = JetParameter(rawValue: 184)
    /// Name of the process in messages. C name: JET_paramProcessFriendlyName.
    public static let processFriendlyName = JetParameter(rawValue: 186)
    /// Function that is told what became durable. C name: JET_paramDurableCommitCallback.
    public static let durableCommitCallback = JetParameter(rawValue: 187)
    /// C name: JET_paramEnableSqm.
    public static let enableSqm = JetParameter(rawValue: 188)
    /// C name: JET_paramConfigStoreSpec.
    public static let configStoreSpec = JetParameter(rawValue: 189)
    /// C name: JET_paramEnableBlockCacheDetach.
    public static let enableBlockCacheDetach = JetParameter(rawValue: 220)
}
