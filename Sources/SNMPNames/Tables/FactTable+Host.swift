// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about host resources (RFC 2790).
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let hostResources = FactTable(
        module: "HOST-RESOURCES-MIB",
        text: """
            tc InternationalDisplayString OCTETS
            tc KBytes Integer32
            tc ProductID OID
            1.3.6.1.2.1.25 host
             1 hrSystem
              1 hrSystemUptime TimeTicks
              2 hrSystemDate DateAndTime
              3 hrSystemInitialLoadDevice Integer32
              4 hrSystemInitialLoadParameters InternationalDisplayString
              5 hrSystemNumUsers Gauge32
              6 hrSystemProcesses Gauge32
              7 hrSystemMaxProcesses Integer32
             2 hrStorage
              1 hrStorageTypes
              2 hrMemorySize KBytes units=KBytes
              3 hrStorageTable table
               1 hrStorageEntry row index=hrStorageIndex
                1 hrStorageIndex Integer32
                2 hrStorageType AutonomousType
                3 hrStorageDescr DisplayString
                4 hrStorageAllocationUnits Integer32 units=Bytes
                5 hrStorageSize Integer32
                6 hrStorageUsed Integer32
                7 hrStorageAllocationFailures Counter32
             3 hrDevice
              1 hrDeviceTypes
              2 hrDeviceTable table
               1 hrDeviceEntry row index=hrDeviceIndex
                1 hrDeviceIndex Integer32
                2 hrDeviceType AutonomousType
                3 hrDeviceDescr DisplayString
                4 hrDeviceID ProductID
                5 hrDeviceStatus INTEGER enum=unknown(1),running(2),warning(3),testing(4),down(5)
                6 hrDeviceErrors Counter32
              3 hrProcessorTable table
               1 hrProcessorEntry row index=hrDeviceIndex
                1 hrProcessorFrwID ProductID
                2 hrProcessorLoad Integer32
              4 hrNetworkTable table
               1 hrNetworkEntry row index=hrDeviceIndex
                1 hrNetworkIfIndex InterfaceIndexOrZero
              5 hrPrinterTable table
               1 hrPrinterEntry row index=hrDeviceIndex
                1 hrPrinterStatus INTEGER enum=other(1),unknown(2),idle(3),printing(4),warmup(5)
                2 hrPrinterDetectedErrorState OCTETS
              6 hrDiskStorageTable table
               1 hrDiskStorageEntry row index=hrDeviceIndex
                1 hrDiskStorageAccess INTEGER enum=readWrite(1),readOnly(2)
                2 hrDiskStorageMedia INTEGER enum=other(1),unknown(2),hardDisk(3),floppyDisk(4),opticalDiskROM(5),\
            opticalDiskWORM(6),opticalDiskRW(7),ramDisk(8)
                3 hrDiskStorageRemoveble TruthValue
                4 hrDiskStorageCapacity KBytes units=KBytes
              7 hrPartitionTable table
               1 hrPartitionEntry row index=hrDeviceIndex,hrPartitionIndex
                1 hrPartitionIndex Integer32
                2 hrPartitionLabel InternationalDisplayString
                3 hrPartitionID OCTETS
                4 hrPartitionSize KBytes units=KBytes
                5 hrPartitionFSIndex Integer32
              8 hrFSTable table
               1 hrFSEntry row index=hrFSIndex
                1 hrFSIndex Integer32
                2 hrFSMountPoint InternationalDisplayString
                3 hrFSRemoteMountPoint InternationalDisplayString
                4 hrFSType AutonomousType
                5 hrFSAccess INTEGER enum=readWrite(1),readOnly(2)
                6 hrFSBootable TruthValue
                7 hrFSStorageIndex Integer32
                8 hrFSLastFullBackupDate DateAndTime
                9 hrFSLastPartialBackupDate DateAndTime
              9 hrFSTypes
             4 hrSWRun
              1 hrSWOSIndex Integer32
              2 hrSWRunTable table
               1 hrSWRunEntry row index=hrSWRunIndex
                1 hrSWRunIndex Integer32
                2 hrSWRunName InternationalDisplayString
                3 hrSWRunID ProductID
                4 hrSWRunPath InternationalDisplayString
                5 hrSWRunParameters InternationalDisplayString
                6 hrSWRunType INTEGER enum=unknown(1),operatingSystem(2),deviceDriver(3),application(4)
                7 hrSWRunStatus INTEGER enum=running(1),runnable(2),notRunnable(3),invalid(4)
             5 hrSWRunPerf
              1 hrSWRunPerfTable table
               1 hrSWRunPerfEntry row augments=hrSWRunEntry
                1 hrSWRunPerfCPU Integer32
                2 hrSWRunPerfMem KBytes units=KBytes
             6 hrSWInstalled
              1 hrSWInstalledLastChange TimeTicks
              2 hrSWInstalledLastUpdateTime TimeTicks
              3 hrSWInstalledTable table
               1 hrSWInstalledEntry row index=hrSWInstalledIndex
                1 hrSWInstalledIndex Integer32
                2 hrSWInstalledName InternationalDisplayString
                3 hrSWInstalledID ProductID
                4 hrSWInstalledType INTEGER enum=unknown(1),operatingSystem(2),deviceDriver(3),application(4)
                5 hrSWInstalledDate DateAndTime
             7 hrMIBAdminInfo
              1 hostResourcesMibModule
              2 hrMIBCompliances
               1 hrMIBCompliance
              3 hrMIBGroups
               1 hrSystemGroup
               2 hrStorageGroup
               3 hrDeviceGroup
               4 hrSWRunGroup
               5 hrSWRunPerfGroup
               6 hrSWInstalledGroup
            """)

    static let hostResourcesTypes = FactTable(
        module: "HOST-RESOURCES-TYPES",
        text: """
            1.3.6.1.2.1.25.2.1.1 hrStorageOther
            1.3.6.1.2.1.25.2.1.2 hrStorageRam
            1.3.6.1.2.1.25.2.1.3 hrStorageVirtualMemory
            1.3.6.1.2.1.25.2.1.4 hrStorageFixedDisk
            1.3.6.1.2.1.25.2.1.5 hrStorageRemovableDisk
            1.3.6.1.2.1.25.2.1.6 hrStorageFloppyDisk
            1.3.6.1.2.1.25.2.1.7 hrStorageCompactDisc
            1.3.6.1.2.1.25.2.1.8 hrStorageRamDisk
            1.3.6.1.2.1.25.2.1.9 hrStorageFlashMemory
            1.3.6.1.2.1.25.2.1.10 hrStorageNetworkDisk
            1.3.6.1.2.1.25.3.1.1 hrDeviceOther
            1.3.6.1.2.1.25.3.1.2 hrDeviceUnknown
            1.3.6.1.2.1.25.3.1.3 hrDeviceProcessor
            1.3.6.1.2.1.25.3.1.4 hrDeviceNetwork
            1.3.6.1.2.1.25.3.1.5 hrDevicePrinter
            1.3.6.1.2.1.25.3.1.6 hrDeviceDiskStorage
            1.3.6.1.2.1.25.3.1.10 hrDeviceVideo
            1.3.6.1.2.1.25.3.1.11 hrDeviceAudio
            1.3.6.1.2.1.25.3.1.12 hrDeviceCoprocessor
            1.3.6.1.2.1.25.3.1.13 hrDeviceKeyboard
            1.3.6.1.2.1.25.3.1.14 hrDeviceModem
            1.3.6.1.2.1.25.3.1.15 hrDeviceParallelPort
            1.3.6.1.2.1.25.3.1.16 hrDevicePointing
            1.3.6.1.2.1.25.3.1.17 hrDeviceSerialPort
            1.3.6.1.2.1.25.3.1.18 hrDeviceTape
            1.3.6.1.2.1.25.3.1.19 hrDeviceClock
            1.3.6.1.2.1.25.3.1.20 hrDeviceVolatileMemory
            1.3.6.1.2.1.25.3.1.21 hrDeviceNonVolatileMemory
            1.3.6.1.2.1.25.3.9.1 hrFSOther
            1.3.6.1.2.1.25.3.9.2 hrFSUnknown
            1.3.6.1.2.1.25.3.9.3 hrFSBerkeleyFFS
            1.3.6.1.2.1.25.3.9.4 hrFSSys5FS
            1.3.6.1.2.1.25.3.9.5 hrFSFat
            1.3.6.1.2.1.25.3.9.6 hrFSHPFS
            1.3.6.1.2.1.25.3.9.7 hrFSHFS
            1.3.6.1.2.1.25.3.9.8 hrFSMFS
            1.3.6.1.2.1.25.3.9.9 hrFSNTFS
            1.3.6.1.2.1.25.3.9.10 hrFSVNode
            1.3.6.1.2.1.25.3.9.11 hrFSJournaled
            1.3.6.1.2.1.25.3.9.12 hrFSiso9660
            1.3.6.1.2.1.25.3.9.13 hrFSRockRidge
            1.3.6.1.2.1.25.3.9.14 hrFSNFS
            1.3.6.1.2.1.25.3.9.15 hrFSNetware
            1.3.6.1.2.1.25.3.9.16 hrFSAFS
            1.3.6.1.2.1.25.3.9.17 hrFSDFS
            1.3.6.1.2.1.25.3.9.18 hrFSAppleshare
            1.3.6.1.2.1.25.3.9.19 hrFSRFS
            1.3.6.1.2.1.25.3.9.20 hrFSDGCFS
            1.3.6.1.2.1.25.3.9.21 hrFSBFS
            1.3.6.1.2.1.25.3.9.22 hrFSFAT32
            1.3.6.1.2.1.25.3.9.23 hrFSLinuxExt2
            1.3.6.1.2.1.25.7.4 hostResourcesTypesModule
            """)
}
