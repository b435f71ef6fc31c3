// Layer: ESEEngine/0-Base. Uses: JetError. Used by: messages, the C API, documentation.
// What every number of JET is called and means. The words are ours; Tests/ESEEngineTests compares names with esent.h.

extension JetCode {
    /// All errors, -1 first.
    static let errors = parse(
        """
        -1 wrnNyi The engine has no such function.
        -100 errRfsFailure A failure was asked for by a test.
        -101 errRfsNotArmed Simulated failures are not switched on.
        -102 errFileClose A file could not be closed.
        -103 errOutOfThreads A thread could not be started; too many are running.
        -105 errTooManyIO Too many reads and writes are under way; try again later.
        -106 errTaskDropped Background work could not be started.
        -107 errInternalError The engine met a state that can't be; report it.
        -112 errDisabledFunctionality This was switched off when the library was built.
        -113 errUnloadableOSFunctionality The system lacks something that is needed.
        -255 errDatabaseBufferDependenciesCorrupted Pages would have been written in a wrong order during recovery.
        -322 errPreviousVersion There was a revision already during recovery.
        -323 errPageBoundary The end of a page was reached; internal.
        -324 errKeyBoundary The end of a key was reached; internal.
        -327 errBadPageLink Two pages disagree on being neighbours: the database is damaged. Restore or repair it.
        -328 errBadBookmark A bookmark leads to no record.
        -334 errNTSystemCallFailed A call of the operating system failed.
        -338 errBadParentPageLink A page and its parent disagree: the database is damaged. Restore or repair it.
        -340 errSPAvailExtCacheOutOfSync Free extents in memory are not those of the file.
        -341 errSPAvailExtCorrupted The tree of free extents is damaged. Restore or repair the database.
        -342 errSPAvailExtCacheOutOfMemory There is no memory for the cache of free extents.
        -343 errSPOwnExtCorrupted The tree of owned extents is damaged. Restore or repair the database.
        -344 errDbTimeCorrupted A page is newer than its database's counter says: the database is damaged.
        -346 errKeyTruncated The key is too long for an index that must not cut keys.
        -348 errDatabaseLeakInSpace Pages belong to nobody; compacting the database returns them.
        -351 errBadEmptyPage A page is empty that must not be: the database is damaged. Restore or repair it.
        -354 errBadLineCount A page has another number of nodes than it says: the database is damaged.
        -357 errPageTagCorrupted A tag of a page points nowhere: the database is damaged. Restore or repair it.
        -358 errNodeCorrupted A node of a page is impossible: the database is damaged. Restore or repair it.
        -408 errKeyTooBig The key is too long.
        -416 errCannotSeparateIntrinsicLV This value must stay in its record.
        -421 errSeparatedLongValue This can't be done with a value stored outside its record.
        -423 errMustBeSeparateLongValue Only columns whose values may be stored outside the record can be read ahead.
        -424 errInvalidPreread Long values can't be read ahead by a secondary index.
        -500 errInvalidLoggedOperation A record of the log can't be redone: the log is damaged.
        -501 errLogFileCorrupt A log's contents are impossible. Restore a backup, or repair the database.
        -503 errNoBackupDirectory No directory was given for the backup.
        -504 errBackupDirectoryNotEmpty The directory of the backup is not empty; empty it or name another.
        -505 errBackupInProgress A backup is running already; wait for its end.
        -506 errRestoreInProgress A restore is running.
        -509 errMissingPreviousLogFile The log that the checkpoint points to is missing; put it back.
        -510 errLogWriteFail Writing the log failed. The instance must be terminated; recovery brings back what was \
        committed.
        -511 errLogDisabledDueToRecoveryFailure Nothing can be logged since recovery failed.
        -512 errCannotLogDuringRecoveryRedo Nothing can be logged while recovery redoes.
        -513 errLogGenerationMismatch A log's name and the generation inside differ: it was renamed.
        -514 errBadLogVersion The log is of a version that this engine can't read.
        -515 errInvalidLogSequence A log does not follow the one before it: it is of another stream.
        -516 errLoggingDisabled There is no log; JET_paramRecovery is off.
        -517 errLogBufferTooSmall JET_paramLogBuffers is too small for recovery; make it larger.
        -519 errLogSequenceEnd The last possible generation of the log is reached. Remove all logs after a clean \
        shutdown.
        -520 errNoBackup No backup is running.
        -521 errInvalidBackupSequence The backup's functions were called in a wrong order.
        -523 errBackupNotAllowedYet No backup can be made now; try again later.
        -524 errDeleteBackupFileFail A file of an older backup could not be removed.
        -525 errMakeBackupDirectoryFail The temporary directory of the backup could not be made.
        -526 errInvalidBackup With circular logging there is no incremental backup; make a full one.
        -527 errRecoveredWithErrors The database was restored, with errors.
        -528 errMissingLogFile The newest log is missing; put it back.
        -529 errLogDiskFull The disk of the log is full; make room.
        -530 errBadLogSignature A log is of another stream than the others.
        -531 errBadDbSignature A database is another one than the log speaks of.
        -532 errBadCheckpointSignature The checkpoint file is of another log stream.
        -533 errCheckpointCorrupt The checkpoint file is missing or damaged. Remove it: recovery then starts with the \
        first log.
        -534 errMissingPatchPage A page of the patch file was not found.
        -535 errBadPatchPage A page of the patch file is damaged.
        -536 errRedoAbruptEnded Redo ended early since the log could not be read.
        -537 errBadSLVSignature A streaming file is another one than the log speaks of; not used any more.
        -538 errPatchFileMissing The backup has no patch file.
        -539 errDatabaseLogSetMismatch The database does not belong to these logs; put the right ones there.
        -540 errDatabaseStreamingFileMismatch The streaming file does not belong to the database; not used any more.
        -541 errLogFileSizeMismatch The logs have another size than JET_paramLogFileSize; set the parameter to theirs.
        -542 errCheckpointFileNotFound There is no checkpoint file.
        -543 errRequiredLogFilesMissing Logs that recovery needs are missing; put them back.
        -544 errSoftRecoveryOnBackupDatabase The database is part of a backup; restore it.
        -545 errLogFileSizeMismatchDatabasesConsistent Recovery is done, but the logs have another size than is set; \
        remove them.
        -546 errLogSectorSizeMismatch The log was written with another sector size than this disk has.
        -547 errLogSectorSizeMismatchDatabasesConsistent Recovery is done, but the logs have another sector size; \
        remove them.
        -548 errLogSequenceEndDatabasesConsistent Recovery is done, and no generations of the log are left; remove \
        the logs.
        -549 errStreamingDataNotLogged Data of a streaming file was not logged; not used any more.
        -550 errDatabaseDirtyShutdown The database was not closed cleanly. Run recovery with its logs first.
        -551 errConsistentTimeMismatch The log and the database disagree on when it was last consistent.
        -552 errDatabasePatchFileMismatch The patch file is of another backup.
        -553 errEndingRestoreLogTooLow The last log to restore is older than the backup needs.
        -554 errStartingRestoreLogTooHigh The first log to restore is newer than the backup needs.
        -555 errGivenLogFileHasBadSignature A log to restore is of another stream.
        -556 errGivenLogFileIsNotContiguous There are gaps between the logs to restore.
        -557 errMissingRestoreLogFiles Logs of the backup are missing.
        -560 errMissingFullBackup The database has had no full backup; make one first.
        -561 errBadBackupDatabaseSize The size of the database in the backup is no multiple of its page size.
        -562 errDatabaseAlreadyUpgraded The database has the new format already.
        -563 errDatabaseIncompleteUpgrade The database was converted in part only. Restore it.
        -565 errMissingCurrentLogFiles Logs are missing that the restore would go on with.
        -566 errDbTimeTooOld A page is older than the log expects: a write was lost. Restore the database.
        -567 errDbTimeTooNew A page is newer than the log expects: the logs or the database are not the right ones.
        -569 errMissingFileToBackup A file to back up is missing.
        -570 errLogTornWriteDuringHardRestore A log of the backup ends in a write that was cut off.
        -571 errLogTornWriteDuringHardRecovery A log ends in a write that was cut off.
        -573 errLogCorruptDuringHardRestore A log of the backup is damaged.
        -574 errLogCorruptDuringHardRecovery A log is damaged.
        -575 errMustDisableLoggingForDbUpgrade Set JET_paramRecovery to off to upgrade a database.
        -577 errBadRestoreTargetInstance The instance to restore to does not exist or does not fit.
        -579 errRecoveredWithoutUndo Everything was redone and, as asked, nothing undone.
        -580 errDatabasesNotFromSameSnapshot The databases are not of one snapshot.
        -581 errSoftRecoveryOnSnapshot The database is part of a snapshot that can't be recovered alone.
        -582 errCommittedLogFilesMissing Logs with committed transactions are missing. Put them back, or allow their \
        loss.
        -583 errSectorSizeNotSupported The disk's sector size is not supported.
        -584 errRecoveredWithoutUndoDatabasesConsistent Nothing was undone, and nothing was there to undo.
        -586 errCommittedLogFileCorrupt A log with committed transactions is damaged. Restore it, or allow its loss.
        -590 errLogSequenceChecksumMismatch A log does not follow the one before it: their checksums differ.
        -596 errPageInitializedMismatch A page was initialized here, and not there.
        -601 errUnicodeTranslationBufferTooSmall The buffer for converted text is too small.
        -602 errUnicodeTranslationFail Text could not be made comparable; its encoding is wrong or its locale unknown.
        -603 errUnicodeNormalizationNotSupported The system can't compare text as the index needs.
        -604 errUnicodeLanguageValidationFailure The locale of the index could not be checked.
        -610 errExistingLogFileHasBadSignature A log in the directory is of another stream; remove it.
        -611 errExistingLogFileIsNotContiguous There are gaps between the logs in the directory.
        -612 errLogReadVerifyFailure A log's checksum is wrong.
        -613 errSLVReadVerifyFailure A streaming file's checksum is wrong; not used any more.
        -614 errCheckpointDepthTooDeep Too many logs lie between the checkpoint and now; a transaction is too long.
        -615 errRestoreOfNonBackupDatabase The database to restore is not of a backup.
        -616 errLogFileNotCopied A log could not be copied.
        -618 errTransactionTooLong A transaction has lasted for too many logs. Commit sooner.
        -619 errEngineFormatVersionNoLongerSupportedTooLow The asked format is too old for this engine.
        -620 errEngineFormatVersionNotYetImplementedTooHigh The asked format is too new for this engine.
        -621 errEngineFormatVersionParamTooLowForRequestedFeature The asked format lacks what is used.
        -622 errEngineFormatVersionSpecifiedTooLowForLogVersion The log has a newer format than was asked for.
        -623 errEngineFormatVersionSpecifiedTooLowForDatabaseVersion The database has a newer format than was asked for.
        -625 errDbTimeBeyondMaxRequired A page is newer than the logs that are required.
        -626 errLogOperationInconsistentWithDatabase A record of the log does not fit the database.
        -801 errBackupAbortByServer The backup was stopped by the program.
        -900 errInvalidGrbit There is an option that the function does not know, or a contradiction.
        -1000 errTermInProgress The instance is about to terminate.
        -1001 errFeatureNotAvailable This engine does not do that.
        -1002 errInvalidName The name is empty, too long or has characters that are not allowed.
        -1003 errInvalidParameter A parameter is wrong: a null pointer, a number out of range, a structure's size.
        -1008 errDatabaseFileReadOnly The file is read-only; attach it with JET_bitDbReadOnly.
        -1010 errInvalidDatabaseId There is no such database id, or it is closed.
        -1011 errOutOfMemory Memory ran out.
        -1012 errOutOfDatabaseSpace The database has reached the size that was set for it.
        -1013 errOutOfCursors All cursors are used; close some or set JET_paramMaxCursors.
        -1014 errOutOfBuffers All pages of the cache are used; set JET_paramCacheSizeMax.
        -1015 errTooManyIndexes The table has too many indexes.
        -1016 errTooManyKeys The index has too many columns.
        -1017 errRecordDeleted The record was deleted.
        -1018 errReadVerifyFailure A page's checksum is wrong and not to be repaired. Check the disk and restore the \
        database.
        -1019 errPageNotInitialized A page was never written.
        -1020 errOutOfFileHandles The process has too many open files.
        -1021 errDiskReadVerificationFailure The system found that what it read is damaged.
        -1022 errDiskIO A file could not be read or written. Check the disk.
        -1023 errInvalidPath A directory is not there, or a path is wrong.
        -1024 errInvalidSystemPath JET_paramSystemPath is wrong.
        -1025 errInvalidLogDirectory JET_paramLogFilePath is wrong.
        -1026 errRecordTooBig The record is too large for a page; store long values outside of it.
        -1027 errTooManyOpenDatabases Too many databases are open.
        -1028 errInvalidDatabase The file is no database.
        -1029 errNotInitialized There is no instance; call JetInit first.
        -1030 errAlreadyInitialized The instance is running already; this is done before JetInit.
        -1031 errInitInProgress The instance is just starting.
        -1032 errFileAccessDenied A file may not be opened, or another process has it.
        -1038 errBufferTooSmall The buffer is too small for the result.
        -1040 errTooManyColumns The table has too many columns.
        -1043 errContainerNotEmpty The container is not empty.
        -1044 errInvalidFilename The name of the file is wrong.
        -1045 errInvalidBookmark The bookmark is not one of this table.
        -1046 errColumnInUse An index uses the column; delete the index first.
        -1047 errInvalidBufferSize The length of the data is not that of the column.
        -1048 errColumnNotUpdatable The column's value can't be set.
        -1051 errIndexInUse The index is in use.
        -1052 errLinkNotSupported Links are not supported.
        -1053 errNullKeyDisallowed A column of the index is NULL, and the index does not allow that.
        -1054 errNotInTransaction This needs a transaction; call JetBeginTransaction first.
        -1057 errMustRollback The transaction can only be rolled back.
        -1059 errTooManyActiveUsers Too many users are active.
        -1061 errInvalidCountry The country is unknown.
        -1062 errInvalidLanguageId The locale is unknown.
        -1063 errInvalidCodePage The code page is unknown; use 1252 or 1200.
        -1064 errInvalidLCMapStringFlags The flags of comparing text are wrong.
        -1065 errVersionStoreEntryTooBig A revision is greater than a bucket of the version store.
        -1066 errVersionStoreOutOfMemoryAndCleanupTimedOut The version store is full, and cleaning it took too long. \
        End long transactions.
        -1069 errVersionStoreOutOfMemory The version store is full. End long transactions, or set JET_paramMaxVerPages.
        -1071 errCannotIndex Columns of this kind can't be indexed.
        -1072 errRecordNotDeleted The record is not deleted.
        -1073 errTooManyMempoolEntries A record has too many variable parts.
        -1074 errOutOfObjectIDs All object ids are used; compact the database.
        -1075 errOutOfLongValueIDs All ids of long values are used; compact the database.
        -1076 errOutOfAutoincrementValues The auto-increment column has reached its end; compact the database.
        -1077 errOutOfDbtimeValues The database's counter has reached its end; compact the database.
        -1078 errOutOfSequentialIndexValues A counter of an index has reached its end; compact the database.
        -1080 errRunningInOneInstanceMode The process has one nameless instance; there can be no others.
        -1081 errRunningInMultiInstanceMode The process has several instances; name the one that is meant.
        -1082 errSystemParamsAlreadySet The global parameters were set already.
        -1083 errSystemPathInUse Another instance uses this JET_paramSystemPath.
        -1084 errLogFilePathInUse Another instance uses this JET_paramLogFilePath.
        -1085 errTempPathInUse Another instance uses this JET_paramTempPath.
        -1086 errInstanceNameInUse Another instance has this name.
        -1087 errSystemParameterConflict Another instance has set a parameter that must be the same for all.
        -1090 errInstanceUnavailable The instance met an error that it can't go on after. Terminate it; recovery \
        follows.
        -1091 errDatabaseUnavailable The database met an error that it can't go on after. Detach it.
        -1092 errInstanceUnavailableDueToFatalLogDiskFull The disk of the log was full. Make room and start the \
        instance again.
        -1093 errInvalidSesparamId There is no such parameter of a session.
        -1094 errTooManyRecords There are too many records for the result's size.
        -1095 errInvalidDbparamId There is no such parameter of a database.
        -1101 errOutOfSessions All sessions are used; end some or set JET_paramMaxSessions.
        -1102 errWriteConflict Somebody else changes or changed the record. Roll back and do the transaction again.
        -1103 errTransTooDeep Transactions are nested too deeply.
        -1104 errInvalidSesid There is no such session, or it has ended.
        -1105 errWriteConflictPrimaryIndex The primary index is being made by a transaction that has not been committed.
        -1108 errInTransaction This can't be done within a transaction.
        -1109 errRollbackRequired The transaction can only be rolled back.
        -1110 errTransReadOnly The transaction is for reading only.
        -1111 errSessionWriteConflict Two cursors of the session change the same record.
        -1112 errRecordTooBigForBackwardCompatibility The record would be too large for an older format.
        -1113 errCannotMaterializeForwardOnlySort The temporary table's options contradict each other.
        -1114 errSesidTableIdMismatch The cursor is of another session.
        -1115 errInvalidInstance There is no such instance, or it has been terminated.
        -1116 errDirtyShutdown The instance was terminated, but its databases need recovery.
        -1118 errReadPgnoVerifyFailure A page that was read is another one than was asked for.
        -1119 errReadLostFlushVerifyFailure A page that was read lacks the last write: the disk lost it. Restore the \
        database.
        -1121 errFileSystemCorruption The file system is damaged; check it.
        -1123 errRecoveryVerifyFailure Recovery found pages in a state that can't be.
        -1124 errFilteredMoveNotSupported A cursor with a filter can't move like that.
        -1201 errDatabaseDuplicate There is such a database already.
        -1202 errDatabaseInUse The database is in use.
        -1203 errDatabaseNotFound There is no such database; attach it first.
        -1204 errDatabaseInvalidName The name of the database is wrong.
        -1205 errDatabaseInvalidPages The number of pages is wrong.
        -1206 errDatabaseCorrupted The file is no database, or its contents are impossible. Restore or repair it.
        -1207 errDatabaseLocked Somebody has the database for themselves.
        -1208 errCannotDisableVersioning Versions can't be switched off for this database.
        -1209 errInvalidDatabaseVersion The database has a format that this engine does not know.
        -1210 errDatabase200Format The database has a format of before 1995.
        -1211 errDatabase400Format The database has a format of before 1997.
        -1212 errDatabase500Format The database has a format of before 1999.
        -1213 errPageSizeMismatch The database has another page size than JET_paramDatabasePageSize; set it to that.
        -1214 errTooManyInstances No more instances can be made; set JET_paramMaxInstances.
        -1215 errDatabaseSharingViolation Another instance has the database.
        -1216 errAttachedDatabaseMismatch A database was still attached when recovery ended, and it is not there.
        -1217 errDatabaseInvalidPath The path of the database is wrong.
        -1218 errDatabaseIdInUse The id of the database is taken.
        -1219 errForceDetachNotAllowed Detaching by force is for databases that can't be detached otherwise.
        -1220 errCatalogCorrupted The catalog contradicts itself: the database is damaged. Restore or repair it.
        -1221 errPartiallyAttachedDB The database is attached in part only, and can't be used.
        -1222 errDatabaseSignInUse A database of this signature is attached already; it is a copy.
        -1224 errDatabaseCorruptedNoRepair The database is damaged, and repair is not allowed.
        -1225 errInvalidCreateDbVersion The log makes a database of a format that this engine does not know.
        -1230 errDatabaseNotReady Recovery of the database is not far enough for this.
        -1231 errDatabaseAttachedForRecovery The database is attached for recovery only; attach it.
        -1232 errTransactionsNotReadyDuringRecovery Recovery does not know yet which transactions are open.
        -1302 errTableLocked Somebody has the table for themselves.
        -1303 errTableDuplicate There is such a table already.
        -1304 errTableInUse The table is in use.
        -1305 errObjectNotFound There is no such table or object.
        -1307 errDensityInvalid The density is not between 20 and 100 percent.
        -1308 errTableNotEmpty The table is not empty.
        -1310 errInvalidTableId There is no such cursor, or it is closed.
        -1311 errTooManyOpenTables Too many tables are open; set JET_paramMaxOpenTables.
        -1312 errIllegalOperation This can't be done with this table.
        -1313 errTooManyOpenTablesAndCleanupTimedOut Too many tables are open, and making room took too long.
        -1314 errObjectDuplicate The name is taken.
        -1316 errInvalidObject This can't be done with this object.
        -1317 errCannotDeleteTempTable A temporary table goes when it is closed.
        -1318 errCannotDeleteSystemTable The engine's own tables stay.
        -1319 errCannotDeleteTemplateTable Other tables depend on the template; it stays.
        -1322 errExclusiveTableLockRequired This needs the table opened with JET_bitTableDenyRead.
        -1323 errFixedDDL The table's definition is fixed.
        -1324 errFixedInheritedDDL What the table inherited can't be changed.
        -1325 errCannotNestDDL A template can't have a template.
        -1326 errDDLNotInheritable The table is no template; make it with JET_bitTableCreateTemplateTable.
        -1328 errInvalidSettings The parameters contradict each other.
        -1329 errClientRequestToStopJetService The service was stopped with JetStopService.
        -1330 errCannotAddFixedVarColumnToDerivedTable The template allows only tagged columns in derived tables.
        -1401 errIndexCantBuild The index could not be built.
        -1402 errIndexHasPrimary The table has a primary index already.
        -1403 errIndexDuplicate There is such an index already.
        -1404 errIndexNotFound There is no such index.
        -1405 errIndexMustStay The primary index can't be deleted.
        -1406 errIndexInvalidDef The definition of the index is wrong.
        -1409 errInvalidCreateIndex What was given for making the index is wrong.
        -1410 errTooManyOpenIndexes Too many indexes are open.
        -1411 errMultiValuedIndexViolation Values of one record have the same key in the index.
        -1412 errIndexBuildCorrupted The index that was built does not fit the table.
        -1413 errPrimaryIndexCorrupted The primary index is damaged. Restore or repair the database.
        -1414 errSecondaryIndexCorrupted A secondary index is damaged. Delete it and make it again.
        -1416 errInvalidIndexId There is no such index; its table was changed or closed.
        -1430 errIndexTuplesSecondaryIndexOnly Only a secondary index can be one of substrings.
        -1431 errIndexTuplesTooManyColumns An index of substrings has one such column only.
        -1432 errIndexTuplesNonUniqueOnly An index of substrings can't be unique.
        -1433 errIndexTuplesTextBinaryColumnsOnly Only text and binary columns have substrings.
        -1434 errIndexTuplesVarSegMacNotAllowed An index of substrings has no cbVarSegMac.
        -1435 errIndexTuplesInvalidLimits The limits of the index of substrings are wrong.
        -1436 errIndexTuplesCannotRetrieveFromIndex An index of substrings does not hold whole values.
        -1437 errIndexTuplesKeyTooSmall The key is shorter than the substrings of the index.
        -1438 errInvalidLVChunkSize The size of chunks of long values is wrong.
        -1439 errColumnCannotBeEncrypted Only columns whose values may be stored outside the record can be encrypted.
        -1440 errCannotIndexOnEncryptedColumn An encrypted column can't be indexed.
        -1501 errColumnLong The value is a long one.
        -1502 errColumnNoChunk A long value has no such part.
        -1503 errColumnDoesNotFit The value does not fit in the record.
        -1504 errNullInvalid The column must not be NULL.
        -1505 errColumnIndexed An index uses the column; delete the index first.
        -1506 errColumnTooBig The value is longer than the column allows.
        -1507 errColumnNotFound There is no such column.
        -1508 errColumnDuplicate There is such a column already.
        -1509 errMultiValuedColumnMustBeTagged A column of many values must be a tagged one.
        -1510 errColumnRedundant The table has such an auto-increment or version column already.
        -1511 errInvalidColumnType There is no such type of column, or it can't be used so.
        -1514 errTaggedNotNULL A tagged column can't forbid NULL.
        -1515 errNoCurrentIndex This needs an index; call JetSetCurrentIndex first.
        -1516 errKeyIsMade The key is complete already.
        -1517 errBadColumnId There is no such column id.
        -1518 errBadItagSequence There is no such value of the column.
        -1519 errColumnInRelationship The column is part of a relationship.
        -1521 errCannotBeTagged Auto-increment and version columns can't be tagged.
        -1524 errDefaultValueTooBig The default value is too long.
        -1525 errMultiValuedDuplicate The column has this value already, and its values must differ.
        -1526 errLVCorrupted A long value is damaged. Restore or repair the database.
        -1528 errMultiValuedDuplicateAfterTruncation The column has a value already that is the same when cut to the \
        key's length.
        -1529 errDerivedColumnCorruption A derived table has a column that its template does not allow.
        -1530 errInvalidPlaceholderColumn The column can't become the placeholder of a primary index.
        -1538 errColumnCannotBeCompressed Only long values can be compressed.
        -1540 errColumnNoEncryptionKey There is no key for the encrypted column.
        -1601 errRecordNotFound No record fits.
        -1602 errRecordNoCopy There is no copy of the record to work on.
        -1603 errNoCurrentRecord The cursor stands on no record.
        -1604 errRecordPrimaryChanged The primary key can't be changed this way.
        -1605 errKeyDuplicate The key is there already, and must be unique.
        -1607 errAlreadyPrepared An update is prepared already; end or cancel it first.
        -1608 errKeyNotMade There is no key; call JetMakeKey first.
        -1609 errUpdateNotPrepared No update is prepared; call JetPrepareUpdate first.
        -1611 errDataHasChanged The record was changed meanwhile; read it again.
        -1619 errLanguageNotSupported The locale is not known here.
        -1620 errDecompressionFailed A compressed value is damaged.
        -1621 errUpdateMustVersion An update without a version is only for tables that nobody else sees.
        -1622 errDecryptionFailed An encrypted value could not be read.
        -1623 errEncryptionBadItag Only the first value of a column can be encrypted.
        -1624 errSetAutoIncrementTooHigh The auto-increment value is too high.
        -1625 errAutoIncrementNotSet The auto-increment column was not set.
        -1701 errTooManySorts Too many sorts are open; set JET_paramMaxTemporaryTables.
        -1702 errInvalidOnSort This can't be done with a sort.
        -1803 errTempFileOpenError A temporary file could not be opened.
        -1805 errTooManyAttachedDatabases Too many databases are attached.
        -1808 errDiskFull The disk is full; make room.
        -1809 errPermissionDenied This is not allowed.
        -1811 errFileNotFound A file is not there.
        -1812 errFileInvalidType The file is of another kind.
        -1814 errFileAlreadyExists A file is there already.
        -1850 errAfterInitialization A restore comes before JetInit.
        -1852 errLogCorrupted The logs could not be read.
        -1906 errInvalidOperation This can't be done.
        -1907 errAccessDenied This is not allowed.
        -1909 errTooManySplits A page was split without end; report it.
        -1910 errSessionSharingViolation Another thread uses the session; a session has one thread at a time.
        -1911 errEntryPointNotFound A function of a library was not found.
        -1912 errSessionContextAlreadySet The session has a context already.
        -1913 errSessionContextNotSetByThisThread Another thread set the session's context.
        -1914 errSessionInUse The session is in use.
        -1915 errRecordFormatConversionFailed A record could not be converted.
        -1916 errOneDatabasePerSession The session has a database open already, and may have one only.
        -1917 errRollbackError Rolling back failed; the instance must be terminated.
        -1918 errFlushMapVersionUnsupported The flush map has a version that this engine does not know.
        -1919 errFlushMapDatabaseMismatch The flush map is of another database.
        -1920 errFlushMapUnrecoverable The flush map can't be rebuilt.
        -2004 errDatabaseAlreadyRunningMaintenance The database is being checked already.
        -2101 errCallbackFailed A callback reported a failure.
        -2102 errCallbackNotResolved A callback was not found.
        -2103 errSpaceHintsInvalid The hints for space are wrong.
        -2401 errOSSnapshotInvalidSequence The snapshot's functions were called in a wrong order.
        -2402 errOSSnapshotTimeOut The snapshot took too long; JET_paramOSSnapshotTimeout says how long it may.
        -2403 errOSSnapshotNotAllowed No snapshot can be made now: a backup or recovery is running.
        -2404 errOSSnapshotInvalidSnapId There is no such snapshot.
        -3000 errLSCallbackNotSpecified Local storage needs a callback that frees it.
        -3001 errLSAlreadySet There is something in the local storage already.
        -3002 errLSNotSet There is nothing in the local storage.
        -4000 errFileIOSparse A part of the file was read or written that is not allocated.
        -4001 errFileIOBeyondEOF The file ends before what was to be read.
        -4002 errFileIOAbort A callback asked to give up.
        -4003 errFileIORetry A callback asked to try again.
        -4004 errFileIOFail A callback asked to fail.
        -4005 errFileCompressed Compressed files can't be used.
        """)

    /// All warnings, ascending.
    static let warnings = parse(
        """
        321 wrnRemainingVersions There are still revisions to clean.
        345 wrnUniqueKey The key found is the only such one.
        406 wrnSeparateLongValue The value is stored outside its record.
        558 wrnExistingLogFileHasBadSignature A log in the directory is of another stream.
        559 wrnExistingLogFileIsNotContiguous There are gaps between the logs in the directory.
        564 wrnSkipThisRecord Leave out this record; internal.
        578 wrnTargetInstanceRunning The instance to restore to is running.
        585 wrnCommittedLogFilesLost Logs with committed transactions were lost; the databases are older than they were.
        587 wrnCommittedLogFilesRemoved Logs with committed transactions were removed.
        588 wrnFinishWithUndo Recovery has to undo as well.
        595 wrnDatabaseRepaired The database was repaired.
        1004 wrnColumnNull The column is NULL.
        1006 wrnBufferTruncated The buffer was too small for all; what fits is in it.
        1007 wrnDatabaseAttached The database is attached already.
        1009 wrnSortOverflow The sort does not fit in memory and goes to disk.
        1039 wrnSeekNotEqual There is no such key; the cursor stands on the next one.
        1055 wrnNoErrorInfo Nothing more is known of the error.
        1058 wrnNoIdleActivity There was nothing to do.
        1067 wrnNoWriteLock There is no lock outside of a transaction.
        1068 wrnColumnSetNull The column was set to NULL.
        1122 wrnShrinkNotPossible The database could not be made smaller now.
        1301 wrnTableEmpty The table is empty.
        1327 wrnTableInUseBySystem The engine is cleaning the table.
        1415 wrnCorruptIndexDeleted An index that was out of date was deleted; make it again.
        1417 wrnPrimaryIndexOutOfDate The primary index was made with another version of comparing text.
        1418 wrnSecondaryIndexOutOfDate A secondary index was made with another version of comparing text; make it \
        again.
        1512 wrnColumnMaxTruncated The column's length was cut to what is allowed.
        1520 wrnCopyLongValue A value was moved out of its record.
        1531 wrnColumnSkipped The column was not asked for or is not there.
        1532 wrnColumnNotLocal The value can't be given from the record alone.
        1533 wrnColumnMoreTags There are more values that were not asked for.
        1534 wrnColumnTruncated The value was cut to the length that was asked for.
        1535 wrnColumnPresent There is a value, and it was not asked for.
        1536 wrnColumnSingleValue The column has one value, which is given at once.
        1537 wrnColumnDefault The column has its default value.
        1539 wrnColumnNotInRecord The value is not in the record.
        1541 wrnColumnReference A reference to the value is given instead of the value.
        1610 wrnDataHasChanged The record was changed meanwhile.
        1618 wrnKeyChanged The key was changed; a new one is used.
        1813 wrnFileOpenReadOnly The file was opened for reading only.
        1908 wrnIdleFull There is too much to do.
        2000 wrnDefragAlreadyRunning The database is being defragmented already.
        2001 wrnDefragNotRunning The database is not being defragmented.
        2100 wrnCallbackNotRegistered There was no such callback.
        """)
}
