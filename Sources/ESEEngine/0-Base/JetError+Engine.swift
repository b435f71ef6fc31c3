// Layer: ESEEngine/0-Base. Used by: everything above.
// Errors of pages, the log, recovery and backup: numbers above -1000.

extension JetError {
    /// The engine has no such function. C name: JET_wrnNyi.
    public static let nyi = JetError(rawValue: -1)
    /// A failure was asked for by a test. C name: JET_errRfsFailure.
    public static let rfsFailure = JetError(rawValue: -100)
    /// Simulated failures are not switched on. C name: JET_errRfsNotArmed.
    public static let rfsNotArmed = JetError(rawValue: -101)
    /// A file could not be closed. C name: JET_errFileClose.
    public static let fileClose = JetError(rawValue: -102)
    /// A thread could not be started; too many are running. C name: JET_errOutOfThreads.
    public static let outOfThreads = JetError(rawValue: -103)
    /// Too many reads and writes are under way; try again later. C name: JET_errTooManyIO.
    public static let tooManyIO = JetError(rawValue: -105)
    /// Background work could not be started. C name: JET_errTaskDropped.
    public static let taskDropped = JetError(rawValue: -106)
    /// The engine met a state that can't be; report it. C name: JET_errInternalError.
    public static let internalError = JetError(rawValue: -107)
    /// This was switched off when the library was built. C name: JET_errDisabledFunctionality.
    public static let disabledFunctionality = JetError(rawValue: -112)
    /// The system lacks something that is needed. C name: JET_errUnloadableOSFunctionality.
    public static let unloadableOSFunctionality = JetError(rawValue: -113)
    /// Pages would have been written in a wrong order during recovery.
    /// C name: JET_errDatabaseBufferDependenciesCorrupted.
    public static let databaseBufferDependenciesCorrupted = JetError(rawValue: -255)
    /// There was a revision already during recovery. C name: JET_errPreviousVersion.
    public static let previousVersion = JetError(rawValue: -322)
    /// The end of a page was reached; internal. C name: JET_errPageBoundary.
    public static let pageBoundary = JetError(rawValue: -323)
    /// The end of a key was reached; internal. C name: JET_errKeyBoundary.
    public static let keyBoundary = JetError(rawValue: -324)
    /// Two pages disagree on being neighbours: the database is damaged. C name: JET_errBadPageLink.
    public static let badPageLink = JetError(rawValue: -327)
    /// A bookmark leads to no record. C name: JET_errBadBookmark.
    public static let badBookmark = JetError(rawValue: -328)
    /// A call of the operating system failed. C name: JET_errNTSystemCallFailed.
    public static let ntSystemCallFailed = JetError(rawValue: -334)
    /// A page and its parent disagree: the database is damaged. C name: JET_errBadParentPageLink.
    public static let badParentPageLink = JetError(rawValue: -338)
    /// Free extents in memory are not those of the file. C name: JET_errSPAvailExtCacheOutOfSync.
    public static let spAvailExtCacheOutOfSync = JetError(rawValue: -340)
    /// The tree of free extents is damaged. C name: JET_errSPAvailExtCorrupted.
    public static let spAvailExtCorrupted = JetError(rawValue: -341)
    /// There is no memory for the cache of free extents. C name: JET_errSPAvailExtCacheOutOfMemory.
    public static let spAvailExtCacheOutOfMemory = JetError(rawValue: -342)
    /// The tree of owned extents is damaged. C name: JET_errSPOwnExtCorrupted.
    public static let spOwnExtCorrupted = JetError(rawValue: -343)
    /// A page is newer than its database's counter says: the database is damaged. C name: JET_errDbTimeCorrupted.
    public static let dbTimeCorrupted = JetError(rawValue: -344)
    /// The key is too long for an index that must not cut keys. C name: JET_errKeyTruncated.
    public static let keyTruncated = JetError(rawValue: -346)
    /// Pages belong to nobody; compacting the database returns them. C name: JET_errDatabaseLeakInSpace.
    public static let databaseLeakInSpace = JetError(rawValue: -348)
    /// A page is empty that must not be: the database is damaged. C name: JET_errBadEmptyPage.
    public static let badEmptyPage = JetError(rawValue: -351)
    /// A page has another number of nodes than it says: the database is damaged. C name: JET_errBadLineCount.
    public static let badLineCount = JetError(rawValue: -354)
    /// A tag of a page points nowhere: the database is damaged. C name: JET_errPageTagCorrupted.
    public static let pageTagCorrupted = JetError(rawValue: -357)
    /// A node of a page is impossible: the database is damaged. C name: JET_errNodeCorrupted.
    public static let nodeCorrupted = JetError(rawValue: -358)
    /// The key is too long. C name: JET_errKeyTooBig.
    public static let keyTooBig = JetError(rawValue: -408)
    /// This value must stay in its record. C name: JET_errCannotSeparateIntrinsicLV.
    public static let cannotSeparateIntrinsicLV = JetError(rawValue: -416)
    /// This can't be done with a value stored outside its record. C name: JET_errSeparatedLongValue.
    public static let separatedLongValue = JetError(rawValue: -421)
    /// Only columns whose values may be stored outside the record can be read ahead.
    /// C name: JET_errMustBeSeparateLongValue.
    public static let mustBeSeparateLongValue = JetError(rawValue: -423)
    /// Long values can't be read ahead by a secondary index. C name: JET_errInvalidPreread.
    public static let invalidPreread = JetError(rawValue: -424)
    /// A record of the log can't be redone: the log is damaged. C name: JET_errInvalidLoggedOperation.
    public static let invalidLoggedOperation = JetError(rawValue: -500)
    /// A log's contents are impossible. C name: JET_errLogFileCorrupt.
    public static let logFileCorrupt = JetError(rawValue: -501)
    /// No directory was given for the backup. C name: JET_errNoBackupDirectory.
    public static let noBackupDirectory = JetError(rawValue: -503)
    /// The directory of the backup is not empty; empty it or name another. C name: JET_errBackupDirectoryNotEmpty.
    public static let backupDirectoryNotEmpty = JetError(rawValue: -504)
    /// A backup is running already; wait for its end. C name: JET_errBackupInProgress.
    public static let backupInProgress = JetError(rawValue: -505)
    /// A restore is running. C name: JET_errRestoreInProgress.
    public static let restoreInProgress = JetError(rawValue: -506)
    /// The log that the checkpoint points to is missing; put it back. C name: JET_errMissingPreviousLogFile.
    public static let missingPreviousLogFile = JetError(rawValue: -509)
    /// Writing the log failed. C name: JET_errLogWriteFail.
    public static let logWriteFail = JetError(rawValue: -510)
    /// Nothing can be logged since recovery failed. C name: JET_errLogDisabledDueToRecoveryFailure.
    public static let logDisabledDueToRecoveryFailure = JetError(rawValue: -511)
    /// Nothing can be logged while recovery redoes. C name: JET_errCannotLogDuringRecoveryRedo.
    public static let cannotLogDuringRecoveryRedo = JetError(rawValue: -512)
    /// A log's name and the generation inside differ: it was renamed. C name: JET_errLogGenerationMismatch.
    public static let logGenerationMismatch = JetError(rawValue: -513)
    /// The log is of a version that this engine can't read. C name: JET_errBadLogVersion.
    public static let badLogVersion = JetError(rawValue: -514)
    /// A log does not follow the one before it: it is of another stream. C name: JET_errInvalidLogSequence.
    public static let invalidLogSequence = JetError(rawValue: -515)
    /// There is no log; JET_paramRecovery is off. C name: JET_errLoggingDisabled.
    public static let loggingDisabled = JetError(rawValue: -516)
    /// JET_paramLogBuffers is too small for recovery; make it larger. C name: JET_errLogBufferTooSmall.
    public static let logBufferTooSmall = JetError(rawValue: -517)
    /// The last possible generation of the log is reached. C name: JET_errLogSequenceEnd.
    public static let logSequenceEnd = JetError(rawValue: -519)
    /// No backup is running. C name: JET_errNoBackup.
    public static let noBackup = JetError(rawValue: -520)
    /// The backup's functions were called in a wrong order. C name: JET_errInvalidBackupSequence.
    public static let invalidBackupSequence = JetError(rawValue: -521)
    /// No backup can be made now; try again later. C name: JET_errBackupNotAllowedYet.
    public static let backupNotAllowedYet = JetError(rawValue: -523)
    /// A file of an older backup could not be removed. C name: JET_errDeleteBackupFileFail.
    public static let deleteBackupFileFail = JetError(rawValue: -524)
    /// The temporary directory of the backup could not be made. C name: JET_errMakeBackupDirectoryFail.
    public static let makeBackupDirectoryFail = JetError(rawValue: -525)
    /// With circular logging there is no incremental backup; make a full one. C name: JET_errInvalidBackup.
    public static let invalidBackup = JetError(rawValue: -526)
    /// The database was restored, with errors. C name: JET_errRecoveredWithErrors.
    public static let recoveredWithErrors = JetError(rawValue: -527)
    /// The newest log is missing; put it back. C name: JET_errMissingLogFile.
    public static let missingLogFile = JetError(rawValue: -528)
    /// The disk of the log is full; make room. C name: JET_errLogDiskFull.
    public static let logDiskFull = JetError(rawValue: -529)
    /// A log is of another stream than the others. C name: JET_errBadLogSignature.
    public static let badLogSignature = JetError(rawValue: -530)
    /// A database is another one than the log speaks of. C name: JET_errBadDbSignature.
    public static let badDbSignature = JetError(rawValue: -531)
    /// The checkpoint file is of another log stream. C name: JET_errBadCheckpointSignature.
    public static let badCheckpointSignature = JetError(rawValue: -532)
    /// The checkpoint file is missing or damaged. C name: JET_errCheckpointCorrupt.
    public static let checkpointCorrupt = JetError(rawValue: -533)
    /// A page of the patch file was not found. C name: JET_errMissingPatchPage.
    public static let missingPatchPage = JetError(rawValue: -534)
    /// A page of the patch file is damaged. C name: JET_errBadPatchPage.
    public static let badPatchPage = JetError(rawValue: -535)
    /// Redo ended early since the log could not be read. C name: JET_errRedoAbruptEnded.
    public static let redoAbruptEnded = JetError(rawValue: -536)
    /// A streaming file is another one than the log speaks of; not used any more. C name: JET_errBadSLVSignature.
    public static let badSLVSignature = JetError(rawValue: -537)
    /// The backup has no patch file. C name: JET_errPatchFileMissing.
    public static let patchFileMissing = JetError(rawValue: -538)
    /// The database does not belong to these logs; put the right ones there. C name: JET_errDatabaseLogSetMismatch.
    public static let databaseLogSetMismatch = JetError(rawValue: -539)
    /// The streaming file does not belong to the database; not used any more.
    /// C name: JET_errDatabaseStreamingFileMismatch.
    public static let databaseStreamingFileMismatch = JetError(rawValue: -540)
    /// The logs have another size than JET_paramLogFileSize; set the parameter to theirs.
    /// C name: JET_errLogFileSizeMismatch.
    public static let logFileSizeMismatch = JetError(rawValue: -541)
    /// There is no checkpoint file. C name: JET_errCheckpointFileNotFound.
    public static let checkpointFileNotFound = JetError(rawValue: -542)
    /// Logs that recovery needs are missing; put them back. C name: JET_errRequiredLogFilesMissing.
    public static let requiredLogFilesMissing = JetError(rawValue: -543)
    /// The database is part of a backup; restore it. C name: JET_errSoftRecoveryOnBackupDatabase.
    public static let softRecoveryOnBackupDatabase = JetError(rawValue: -544)
    /// Recovery is done, but the logs have another size than is set; remove them.
    /// C name: JET_errLogFileSizeMismatchDatabasesConsistent.
    public static let logFileSizeMismatchDatabasesConsistent = JetError(rawValue: -545)
    /// The log was written with another sector size than this disk has. C name: JET_errLogSectorSizeMismatch.
    public static let logSectorSizeMismatch = JetError(rawValue: -546)
    /// Recovery is done, but the logs have another sector size; remove them.
    /// C name: JET_errLogSectorSizeMismatchDatabasesConsistent.
    public static let logSectorSizeMismatchDatabasesConsistent = JetError(rawValue: -547)
    /// Recovery is done, and no generations of the log are left; remove the logs.
    /// C name: JET_errLogSequenceEndDatabasesConsistent.
    public static let logSequenceEndDatabasesConsistent = JetError(rawValue: -548)
    /// Data of a streaming file was not logged; not used any more. C name: JET_errStreamingDataNotLogged.
    public static let streamingDataNotLogged = JetError(rawValue: -549)
    /// The database was not closed cleanly. C name: JET_errDatabaseDirtyShutdown.
    public static let databaseDirtyShutdown = JetError(rawValue: -550)
    /// The log and the database disagree on when it was last consistent. C name: JET_errConsistentTimeMismatch.
    public static let consistentTimeMismatch = JetError(rawValue: -551)
    /// The patch file is of another backup. C name: JET_errDatabasePatchFileMismatch.
    public static let databasePatchFileMismatch = JetError(rawValue: -552)
    /// The last log to restore is older than the backup needs. C name: JET_errEndingRestoreLogTooLow.
    public static let endingRestoreLogTooLow = JetError(rawValue: -553)
    /// The first log to restore is newer than the backup needs. C name: JET_errStartingRestoreLogTooHigh.
    public static let startingRestoreLogTooHigh = JetError(rawValue: -554)
    /// A log to restore is of another stream. C name: JET_errGivenLogFileHasBadSignature.
    public static let givenLogFileHasBadSignature = JetError(rawValue: -555)
    /// There are gaps between the logs to restore. C name: JET_errGivenLogFileIsNotContiguous.
    public static let givenLogFileIsNotContiguous = JetError(rawValue: -556)
    /// Logs of the backup are missing. C name: JET_errMissingRestoreLogFiles.
    public static let missingRestoreLogFiles = JetError(rawValue: -557)
    /// The database has had no full backup; make one first. C name: JET_errMissingFullBackup.
    public static let missingFullBackup = JetError(rawValue: -560)
    /// The size of the database in the backup is no multiple of its page size. C name: JET_errBadBackupDatabaseSize.
    public static let badBackupDatabaseSize = JetError(rawValue: -561)
    /// The database has the new format already. C name: JET_errDatabaseAlreadyUpgraded.
    public static let databaseAlreadyUpgraded = JetError(rawValue: -562)
    /// The database was converted in part only. C name: JET_errDatabaseIncompleteUpgrade.
    public static let databaseIncompleteUpgrade = JetError(rawValue: -563)
    /// Logs are missing that the restore would go on with. C name: JET_errMissingCurrentLogFiles.
    public static let missingCurrentLogFiles = JetError(rawValue: -565)
    /// A page is older than the log expects: a write was lost. C name: JET_errDbTimeTooOld.
    public static let dbTimeTooOld = JetError(rawValue: -566)
    /// A page is newer than the log expects: the logs or the database are not the right ones.
    /// C name: JET_errDbTimeTooNew.
    public static let dbTimeTooNew = JetError(rawValue: -567)
    /// A file to back up is missing. C name: JET_errMissingFileToBackup.
    public static let missingFileToBackup = JetError(rawValue: -569)
    /// A log of the backup ends in a write that was cut off. C name: JET_errLogTornWriteDuringHardRestore.
    public static let logTornWriteDuringHardRestore = JetError(rawValue: -570)
    /// A log ends in a write that was cut off. C name: JET_errLogTornWriteDuringHardRecovery.
    public static let logTornWriteDuringHardRecovery = JetError(rawValue: -571)
    /// A log of the backup is damaged. C name: JET_errLogCorruptDuringHardRestore.
    public static let logCorruptDuringHardRestore = JetError(rawValue: -573)
    /// A log is damaged. C name: JET_errLogCorruptDuringHardRecovery.
    public static let logCorruptDuringHardRecovery = JetError(rawValue: -574)
    /// Set JET_paramRecovery to off to upgrade a database. C name: JET_errMustDisableLoggingForDbUpgrade.
    public static let mustDisableLoggingForDbUpgrade = JetError(rawValue: -575)
    /// The instance to restore to does not exist or does not fit. C name: JET_errBadRestoreTargetInstance.
    public static let badRestoreTargetInstance = JetError(rawValue: -577)
    /// Everything was redone and, as asked, nothing undone. C name: JET_errRecoveredWithoutUndo.
    public static let recoveredWithoutUndo = JetError(rawValue: -579)
    /// The databases are not of one snapshot. C name: JET_errDatabasesNotFromSameSnapshot.
    public static let databasesNotFromSameSnapshot = JetError(rawValue: -580)
    /// The database is part of a snapshot that can't be recovered alone. C name: JET_errSoftRecoveryOnSnapshot.
    public static let softRecoveryOnSnapshot = JetError(rawValue: -581)
    /// Logs with committed transactions are missing. C name: JET_errCommittedLogFilesMissing.
    public static let committedLogFilesMissing = JetError(rawValue: -582)
    /// The disk's sector size is not supported. C name: JET_errSectorSizeNotSupported.
    public static let sectorSizeNotSupported = JetError(rawValue: -583)
    /// Nothing was undone, and nothing was there to undo. C name: JET_errRecoveredWithoutUndoDatabasesConsistent.
    public static let recoveredWithoutUndoDatabasesConsistent = JetError(rawValue: -584)
    /// A log with committed transactions is damaged. C name: JET_errCommittedLogFileCorrupt.
    public static let committedLogFileCorrupt = JetError(rawValue: -586)
    /// A log does not follow the one before it: their checksums differ. C name: JET_errLogSequenceChecksumMismatch.
    public static let logSequenceChecksumMismatch = JetError(rawValue: -590)
    /// A page was initialized here, and not there. C name: JET_errPageInitializedMismatch.
    public static let pageInitializedMismatch = JetError(rawValue: -596)
    /// The buffer for converted text is too small. C name: JET_errUnicodeTranslationBufferTooSmall.
    public static let unicodeTranslationBufferTooSmall = JetError(rawValue: -601)
    /// Text could not be made comparable; its encoding is wrong or its locale unknown.
    /// C name: JET_errUnicodeTranslationFail.
    public static let unicodeTranslationFail = JetError(rawValue: -602)
    /// The system can't compare text as the index needs. C name: JET_errUnicodeNormalizationNotSupported.
    public static let unicodeNormalizationNotSupported = JetError(rawValue: -603)
    /// The locale of the index could not be checked. C name: JET_errUnicodeLanguageValidationFailure.
    public static let unicodeLanguageValidationFailure = JetError(rawValue: -604)
    /// A log in the directory is of another stream; remove it. C name: JET_errExistingLogFileHasBadSignature.
    public static let existingLogFileHasBadSignature = JetError(rawValue: -610)
    /// There are gaps between the logs in the directory. C name: JET_errExistingLogFileIsNotContiguous.
    public static let existingLogFileIsNotContiguous = JetError(rawValue: -611)
    /// A log's checksum is wrong. C name: JET_errLogReadVerifyFailure.
    public static let logReadVerifyFailure = JetError(rawValue: -612)
    /// A streaming file's checksum is wrong; not used any more. C name: JET_errSLVReadVerifyFailure.
    public static let slvReadVerifyFailure = JetError(rawValue: -613)
    /// Too many logs lie between the checkpoint and now; a transaction is too long.
    /// C name: JET_errCheckpointDepthTooDeep.
    public static let checkpointDepthTooDeep = JetError(rawValue: -614)
    /// The database to restore is not of a backup. C name: JET_errRestoreOfNonBackupDatabase.
    public static let restoreOfNonBackupDatabase = JetError(rawValue: -615)
    /// A log could not be copied. C name: JET_errLogFileNotCopied.
    public static let logFileNotCopied = JetError(rawValue: -616)
    /// A transaction has lasted for too many logs. C name: JET_errTransactionTooLong.
    public static let transactionTooLong = JetError(rawValue: -618)
    /// The asked format is too old for this engine. C name: JET_errEngineFormatVersionNoLongerSupportedTooLow.
    public static let engineFormatVersionNoLongerSupportedTooLow = JetError(rawValue: -619)
    /// The asked format is too new for this engine. C name: JET_errEngineFormatVersionNotYetImplementedTooHigh.
    public static let engineFormatVersionNotYetImplementedTooHigh = JetError(rawValue: -620)
    /// The asked format lacks what is used. C name: JET_errEngineFormatVersionParamTooLowForRequestedFeature.
    public static let engineFormatVersionParamTooLowForRequestedFeature = JetError(rawValue: -621)
    /// The log has a newer format than was asked for. C name: JET_errEngineFormatVersionSpecifiedTooLowForLogVersion.
    public static let engineFormatVersionSpecifiedTooLowForLogVersion = JetError(rawValue: -622)
    /// The database has a newer format than was asked for.
    /// C name: JET_errEngineFormatVersionSpecifiedTooLowForDatabaseVersion.
    public static let engineFormatVersionSpecifiedTooLowForDatabaseVersion = JetError(rawValue: -623)
    /// A page is newer than the logs that are required. C name: JET_errDbTimeBeyondMaxRequired.
    public static let dbTimeBeyondMaxRequired = JetError(rawValue: -625)
    /// A record of the log does not fit the database. C name: JET_errLogOperationInconsistentWithDatabase.
    public static let logOperationInconsistentWithDatabase = JetError(rawValue: -626)
    /// The backup was stopped by the program. C name: JET_errBackupAbortByServer.
    public static let backupAbortByServer = JetError(rawValue: -801)
    /// There is an option that the function does not know, or a contradiction. C name: JET_errInvalidGrbit.
    public static let invalidGrbit = JetError(rawValue: -900)
}
