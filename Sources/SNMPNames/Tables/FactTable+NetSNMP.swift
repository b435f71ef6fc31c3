// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about the objects of the UCD and Net-SNMP agents.
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let ucdSNMP = FactTable(
        module: "UCD-SNMP-MIB",
        text: """
            tc Float Opaque
            tc UCDErrorFix INTEGER enum=noError(0),runFix(1)
            tc UCDErrorFlag INTEGER enum=noError(0),error(1)
            1.3.6.1.4.1.2021 ucdavis
             2 prTable table
              1 prEntry row index=prIndex
               1 prIndex Integer32
               2 prNames DisplayString
               3 prMin Integer32
               4 prMax Integer32
               5 prCount Integer32
               100 prErrorFlag UCDErrorFlag
               101 prErrMessage DisplayString
               102 prErrFix UCDErrorFix
               103 prErrFixCmd DisplayString
             4 memory
              1 memIndex Integer32
              2 memErrorName DisplayString
              3 memTotalSwap Integer32 units=kB
              4 memAvailSwap Integer32 units=kB
              5 memTotalReal Integer32 units=kB
              6 memAvailReal Integer32 units=kB
              7 memTotalSwapTXT Integer32 units=kB
              8 memAvailSwapTXT Integer32 units=kB
              9 memTotalRealTXT Integer32 units=kB
              10 memAvailRealTXT Integer32 units=kB
              11 memTotalFree Integer32 units=kB
              12 memMinimumSwap Integer32 units=kB
              13 memShared Integer32 units=kB
              14 memBuffer Integer32 units=kB
              15 memCached Integer32 units=kB
              16 memUsedSwapTXT Integer32 units=kB
              17 memUsedRealTXT Integer32 units=kB
              18 memTotalSwapX CounterBasedGauge64 units=kB
              19 memAvailSwapX CounterBasedGauge64 units=kB
              20 memTotalRealX CounterBasedGauge64 units=kB
              21 memAvailRealX CounterBasedGauge64 units=kB
              22 memTotalFreeX CounterBasedGauge64 units=kB
              23 memMinimumSwapX CounterBasedGauge64 units=kB
              24 memSharedX CounterBasedGauge64 units=kB
              25 memBufferX CounterBasedGauge64 units=kB
              26 memCachedX CounterBasedGauge64 units=kB
              27 memSysAvail CounterBasedGauge64 units=kB
              100 memSwapError UCDErrorFlag
              101 memSwapErrorMsg DisplayString
             8 extTable table
              1 extEntry row index=extIndex
               1 extIndex Integer32
               2 extNames DisplayString
               3 extCommand DisplayString
               100 extResult Integer32
               101 extOutput DisplayString
               102 extErrFix UCDErrorFix
               103 extErrFixCmd DisplayString
             9 dskTable table
              1 dskEntry row index=dskIndex
               1 dskIndex Integer32
               2 dskPath DisplayString
               3 dskDevice DisplayString
               4 dskMinimum Integer32
               5 dskMinPercent Integer32
               6 dskTotal Integer32
               7 dskAvail Integer32
               8 dskUsed Integer32
               9 dskPercent Integer32
               10 dskPercentNode Integer32
               11 dskTotalLow Unsigned32
               12 dskTotalHigh Unsigned32
               13 dskAvailLow Unsigned32
               14 dskAvailHigh Unsigned32
               15 dskUsedLow Unsigned32
               16 dskUsedHigh Unsigned32
               100 dskErrorFlag UCDErrorFlag
               101 dskErrorMsg DisplayString
             10 laTable table
              1 laEntry row index=laIndex
               1 laIndex Integer32
               2 laNames DisplayString
               3 laLoad DisplayString
               4 laConfig DisplayString
               5 laLoadInt Integer32
               6 laLoadFloat Float
               100 laErrorFlag UCDErrorFlag
               101 laErrMessage DisplayString
             11 systemStats
              1 ssIndex Integer32
              2 ssErrorName DisplayString
              3 ssSwapIn Integer32 units=kB
              4 ssSwapOut Integer32 units=kB
              5 ssIOSent Integer32 units=blocks/s
              6 ssIOReceive Integer32 units=blocks/s
              7 ssSysInterrupts Integer32 units=interrupts/s
              8 ssSysContext Integer32 units=switches/s
              9 ssCpuUser Integer32
              10 ssCpuSystem Integer32
              11 ssCpuIdle Integer32
              50 ssCpuRawUser Counter32
              51 ssCpuRawNice Counter32
              52 ssCpuRawSystem Counter32
              53 ssCpuRawIdle Counter32
              54 ssCpuRawWait Counter32
              55 ssCpuRawKernel Counter32
              56 ssCpuRawInterrupt Counter32
              57 ssIORawSent Counter32
              58 ssIORawReceived Counter32
              59 ssRawInterrupts Counter32
              60 ssRawContexts Counter32
              61 ssCpuRawSoftIRQ Counter32
              62 ssRawSwapIn Counter32
              63 ssRawSwapOut Counter32
              64 ssCpuRawSteal Counter32
              65 ssCpuRawGuest Counter32
              66 ssCpuRawGuestNice Counter32
              67 ssCpuNumCpus Integer32
             12 ucdInternal
             13 ucdExperimental
             15 fileTable table
              1 fileEntry row index=fileIndex
               1 fileIndex Integer32
               2 fileName DisplayString
               3 fileSize Integer32 units=kB
               4 fileMax Integer32 units=kB
               100 fileErrorFlag UCDErrorFlag
               101 fileErrorMsg DisplayString
             16 logMatch
              1 logMatchMaxEntries Integer32
              2 logMatchTable table
               1 logMatchEntry row index=logMatchIndex
                1 logMatchIndex Integer32
                2 logMatchName DisplayString
                3 logMatchFilename DisplayString
                4 logMatchRegEx DisplayString
                5 logMatchGlobalCounter Counter32
                6 logMatchGlobalCount Integer32
                7 logMatchCurrentCounter Counter32
                8 logMatchCurrentCount Integer32
                9 logMatchCounter Counter32
                10 logMatchCount Integer32
                11 logMatchCycle Integer32
                100 logMatchErrorFlag UCDErrorFlag
                101 logMatchRegExCompilation DisplayString
             100 version
              1 versionIndex Integer32
              2 versionTag DisplayString
              3 versionDate DisplayString
              4 versionCDate DisplayString
              5 versionIdent DisplayString
              6 versionConfigureOptions DisplayString
              10 versionClearCache Integer32
              11 versionUpdateConfig Integer32
              12 versionRestartAgent Integer32
              13 versionSavePersistentData Integer32
              20 versionDoDebugging Integer32
             101 snmperrs
              1 snmperrIndex Integer32
              2 snmperrNames DisplayString
              100 snmperrErrorFlag UCDErrorFlag
              101 snmperrErrMessage DisplayString
             102 mrTable table
              1 mrEntry row index=*mrIndex
               1 mrIndex OID
               2 mrModuleName DisplayString
             250 ucdSnmpAgent
              1 hpux9
              2 sunos4
              3 solaris
              4 osf
              5 ultrix
              6 hpux10
              7 netbsd1
              8 freebsd
              9 irix
              10 linux
              11 bsdi
              12 openbsd
              13 win32
              14 hpux11
              15 aix
              16 macosx
              17 dragonfly
              255 unknown
             251 ucdTraps
              1 ucdStart notification
              2 ucdShutdown notification
            """)

    static let ucdDiskIO = FactTable(
        module: "UCD-DISKIO-MIB",
        text: """
            1.3.6.1.4.1.2021.13.15 ucdDiskIOMIB
             1 diskIOTable table
              1 diskIOEntry row index=diskIOIndex
               1 diskIOIndex Integer32
               2 diskIODevice DisplayString
               3 diskIONRead Counter32
               4 diskIONWritten Counter32
               5 diskIOReads Counter32
               6 diskIOWrites Counter32
               9 diskIOLA1 Integer32
               10 diskIOLA5 Integer32
               11 diskIOLA15 Integer32
               12 diskIONReadX Counter64
               13 diskIONWrittenX Counter64
               14 diskIOBusyTime Counter64
            """)

    static let lmSensors = FactTable(
        module: "LM-SENSORS-MIB",
        text: """
            1.3.6.1.4.1.2021.13.16 lmSensors
             1 lmSensorsMIB
             2 lmTempSensorsTable table
              1 lmTempSensorsEntry row index=lmTempSensorsIndex
               1 lmTempSensorsIndex Integer32
               2 lmTempSensorsDevice DisplayString
               3 lmTempSensorsValue Gauge32
               4 lmTempSensorsTemperature Integer32 units=mCel
             3 lmFanSensorsTable table
              1 lmFanSensorsEntry row index=lmFanSensorsIndex
               1 lmFanSensorsIndex Integer32
               2 lmFanSensorsDevice DisplayString
               3 lmFanSensorsValue Gauge32
             4 lmVoltSensorsTable table
              1 lmVoltSensorsEntry row index=lmVoltSensorsIndex
               1 lmVoltSensorsIndex Integer32
               2 lmVoltSensorsDevice DisplayString
               3 lmVoltSensorsValue Gauge32
             5 lmMiscSensorsTable table
              1 lmMiscSensorsEntry row index=lmMiscSensorsIndex
               1 lmMiscSensorsIndex Integer32
               2 lmMiscSensorsDevice DisplayString
               3 lmMiscSensorsValue Gauge32
            """)

    static let netSNMP = FactTable(
        module: "NET-SNMP-MIB",
        text: """
            1.3.6.1.4.1.8072 netSnmp
             1 netSnmpObjects
             3 netSnmpEnumerations
              1 netSnmpModuleIDs
              2 netSnmpAgentOIDs
              3 netSnmpDomains
             4 netSnmpNotificationPrefix
              0 netSnmpNotifications
              1 netSnmpNotificationObjects
             5 netSnmpConformance
              1 netSnmpCompliances
              2 netSnmpGroups
             9999 netSnmpExperimental
              9999 netSnmpPlaypen
            """)

    static let netSNMPTC = FactTable(
        module: "NET-SNMP-TC",
        text: """
            1.3.6.1.4.1.8072.3.1.1 netSnmpTCs
            1.3.6.1.4.1.8072.3.2.1 hpux9
            1.3.6.1.4.1.8072.3.2.2 sunos4
            1.3.6.1.4.1.8072.3.2.3 solaris
            1.3.6.1.4.1.8072.3.2.4 osf
            1.3.6.1.4.1.8072.3.2.5 ultrix
            1.3.6.1.4.1.8072.3.2.6 hpux10
            1.3.6.1.4.1.8072.3.2.7 netbsd
            1.3.6.1.4.1.8072.3.2.8 freebsd
            1.3.6.1.4.1.8072.3.2.9 irix
            1.3.6.1.4.1.8072.3.2.10 linux
            1.3.6.1.4.1.8072.3.2.11 bsdi
            1.3.6.1.4.1.8072.3.2.12 openbsd
            1.3.6.1.4.1.8072.3.2.13 win32
            1.3.6.1.4.1.8072.3.2.14 hpux11
            1.3.6.1.4.1.8072.3.2.15 aix
            1.3.6.1.4.1.8072.3.2.16 macosx
            1.3.6.1.4.1.8072.3.2.17 dragonfly
            1.3.6.1.4.1.8072.3.2.255 unknown
            1.3.6.1.4.1.8072.3.3.1 netSnmpTCPDomain
            1.3.6.1.4.1.8072.3.3.2 netSnmpUnixDomain
            1.3.6.1.4.1.8072.3.3.3 netSnmpAAL5PVCDomain
            1.3.6.1.4.1.8072.3.3.4 netSnmpUDPIPv6Domain
            1.3.6.1.4.1.8072.3.3.5 netSnmpTCPIPv6Domain
            1.3.6.1.4.1.8072.3.3.6 netSnmpCallbackDomain
            1.3.6.1.4.1.8072.3.3.7 netSnmpAliasDomain
            1.3.6.1.4.1.8072.3.3.8 netSnmpDTLSUDPDomain
            1.3.6.1.4.1.8072.3.3.9 netSnmpDTLSSCTPDomain
            1.3.6.1.4.1.8072.3.3.10 netSnmpTLSTCPDomain
            """)

    static let netSNMPAgent = FactTable(
        module: "NET-SNMP-AGENT-MIB",
        text: """
            tc NetsnmpCacheStatus INTEGER enum=enabled(1),disabled(2),empty(3),cached(4),expired(5)
            1.3.6.1.4.1.8072.1.1 nsVersion
            1.3.6.1.4.1.8072.1.2 nsMibRegistry
             1 nsModuleTable table
              1 nsModuleEntry row index=nsmContextName,nsmRegistrationPoint,nsmRegistrationPriority
               1 nsmContextName SnmpAdminString
               2 nsmRegistrationPoint OID
               3 nsmRegistrationPriority Integer32
               4 nsModuleName DisplayString
               5 nsModuleModes BITS bits=getAndGetNext(0),set(1),getBulk(2)
               6 nsModuleTimeout Integer32
            1.3.6.1.4.1.8072.1.3 nsExtensions
            1.3.6.1.4.1.8072.1.4 nsDLMod
            1.3.6.1.4.1.8072.1.5 nsCache
             1 nsCacheDefaultTimeout Integer32
             2 nsCacheEnabled TruthValue
             3 nsCacheTable table
              1 nsCacheEntry row index=*nsCachedOID
               1 nsCachedOID OID
               2 nsCacheTimeout Integer32
               3 nsCacheStatus NetsnmpCacheStatus
            1.3.6.1.4.1.8072.1.6 nsErrorHistory
            1.3.6.1.4.1.8072.1.7 nsConfiguration
             1 nsConfigDebug
              1 nsDebugEnabled TruthValue
              2 nsDebugOutputAll TruthValue
              3 nsDebugDumpPdu TruthValue
              4 nsDebugTokenTable table
               1 nsDebugTokenEntry row index=*nsDebugTokenPrefix
                2 nsDebugTokenPrefix DisplayString
                4 nsDebugTokenStatus RowStatus
             2 nsConfigLogging
              1 nsLoggingTable table
               1 nsLoggingEntry row index=nsLogLevel,*nsLogToken
                1 nsLogLevel INTEGER enum=emergency(0),alert(1),critical(2),error(3),warning(4),notice(5),info(6),\
            debug(7)
                2 nsLogToken DisplayString
                3 nsLogType INTEGER enum=stdout(1),stderr(2),file(3),syslog(4),callback(5)
                4 nsLogMaxLevel INTEGER enum=emergency(0),alert(1),critical(2),error(3),warning(4),notice(5),info(6),\
            debug(7)
                5 nsLogStatus RowStatus
            1.3.6.1.4.1.8072.1.8 nsTransactions
             1 nsTransactionTable table
              1 nsTransactionEntry row index=nsTransactionID
               1 nsTransactionID Unsigned32
               2 nsTransactionMode Integer32
            1.3.6.1.4.1.8072.3.1.2 netSnmpAgentMIB
            1.3.6.1.4.1.8072.4.0.1 nsNotifyStart notification
            1.3.6.1.4.1.8072.4.0.2 nsNotifyShutdown notification
            1.3.6.1.4.1.8072.4.0.3 nsNotifyRestart notification
            1.3.6.1.4.1.8072.5.2.2 nsModuleGroup
            1.3.6.1.4.1.8072.5.2.4 nsCacheGroup
            1.3.6.1.4.1.8072.5.2.7 nsConfigGroups
             1 nsDebugGroup
             2 nsLoggingGroup
            1.3.6.1.4.1.8072.5.2.8 nsTransactionGroup
            1.3.6.1.4.1.8072.5.2.9 nsAgentNotifyGroup
            """)

    static let netSNMPExtend = FactTable(
        module: "NET-SNMP-EXTEND-MIB",
        text: """
            1.3.6.1.4.1.8072.1.3.1 netSnmpExtendMIB
            1.3.6.1.4.1.8072.1.3.2 nsExtendObjects
             1 nsExtendNumEntries Integer32
             2 nsExtendConfigTable table
              1 nsExtendConfigEntry row index=nsExtendToken
               1 nsExtendToken DisplayString
               2 nsExtendCommand DisplayString
               3 nsExtendArgs DisplayString
               4 nsExtendInput DisplayString
               5 nsExtendCacheTime Integer32
               6 nsExtendExecType INTEGER enum=exec(1),shell(2)
               7 nsExtendRunType INTEGER enum=run-on-read(1),run-on-set(2),run-command(3)
               20 nsExtendStorage StorageType
               21 nsExtendStatus RowStatus
             3 nsExtendOutput1Table table
              1 nsExtendOutput1Entry row augments=nsExtendConfigEntry
               1 nsExtendOutput1Line DisplayString
               2 nsExtendOutputFull DisplayString
               3 nsExtendOutNumLines Integer32
               4 nsExtendResult Integer32
             4 nsExtendOutput2Table table
              1 nsExtendOutput2Entry row index=nsExtendToken,nsExtendLineIndex
               1 nsExtendLineIndex Integer32
               2 nsExtendOutLine DisplayString
            1.3.6.1.4.1.8072.1.3.3 nsExtendGroups
             1 nsExtendConfigGroup
             2 nsExtendOutputGroup
            """)
}
