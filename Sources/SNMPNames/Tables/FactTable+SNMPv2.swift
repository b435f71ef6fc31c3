// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about the roots, textual conventions and the objects of every agent (RFC 2578, 2579, 3417, 3418).
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let roots = FactTable(
        module: "",
        text: """
            0 ccitt
            1 iso
            2 joint-iso-ccitt
            """)

    static let snmpv2SMI = FactTable(
        module: "SNMPv2-SMI",
        text: """
            0.0 zeroDotZero
            1.3 org
             6 dod
              1 internet
               1 directory
               2 mgmt
                1 mib-2
                 10 transmission
               3 experimental
               4 private
                1 enterprises
               5 security
               6 snmpV2
                1 snmpDomains
                2 snmpProxys
                3 snmpModules
            """)

    static let snmpv2TC = FactTable(
        module: "SNMPv2-TC",
        text: """
            tc AutonomousType OID
            tc DateAndTime OCTETS hint=2d-1d-1d,1d:1d:1d.1d,1a1d:1d
            tc DisplayString OCTETS hint=255a
            tc InstancePointer OID
            tc MacAddress OCTETS size=6 hint=1x:
            tc PhysAddress OCTETS hint=1x:
            tc RowPointer OID
            tc RowStatus INTEGER enum=active(1),notInService(2),notReady(3),createAndGo(4),createAndWait(5),destroy(6)
            tc StorageType INTEGER enum=other(1),volatile(2),nonVolatile(3),permanent(4),readOnly(5)
            tc TAddress OCTETS
            tc TDomain OID
            tc TestAndIncr Integer32
            tc TimeInterval Integer32
            tc TimeStamp TimeTicks
            tc TruthValue INTEGER enum=true(1),false(2)
            tc VariablePointer OID
            """)

    static let hcnumTC = FactTable(
        module: "HCNUM-TC",
        text: """
            tc CounterBasedGauge64 Counter64
            """)

    static let snmpv2TM = FactTable(
        module: "SNMPv2-TM",
        text: """
            tc SnmpIPXAddress OCTETS size=12 hint=4x.1x:1x:1x:1x:1x:1x.2d
            tc SnmpNBPAddress OCTETS
            tc SnmpOSIAddress OCTETS hint=*1x:/1x:
            tc SnmpUDPAddress OCTETS size=6 hint=1d.1d.1d.1d/2d
            1.3.6.1.6.1.1 snmpUDPDomain
            1.3.6.1.6.1.2 snmpCLNSDomain
            1.3.6.1.6.1.3 snmpCONSDomain
            1.3.6.1.6.1.4 snmpDDPDomain
            1.3.6.1.6.1.5 snmpIPXDomain
            1.3.6.1.6.2.1 rfc1157Proxy
             1 rfc1157Domain
            1.3.6.1.6.3.19 snmpv2tm
            """)

    static let snmpv2MIB = FactTable(
        module: "SNMPv2-MIB",
        text: """
            1.3.6.1.2.1.1 system
             1 sysDescr DisplayString
             2 sysObjectID OID
             3 sysUpTime TimeTicks
             4 sysContact DisplayString
             5 sysName DisplayString
             6 sysLocation DisplayString
             7 sysServices Integer32
             8 sysORLastChange TimeStamp
             9 sysORTable table
              1 sysOREntry row index=sysORIndex
               1 sysORIndex Integer32
               2 sysORID OID
               3 sysORDescr DisplayString
               4 sysORUpTime TimeStamp
            1.3.6.1.2.1.11 snmp
             1 snmpInPkts Counter32
             2 snmpOutPkts Counter32
             3 snmpInBadVersions Counter32
             4 snmpInBadCommunityNames Counter32
             5 snmpInBadCommunityUses Counter32
             6 snmpInASNParseErrs Counter32
             8 snmpInTooBigs Counter32
             9 snmpInNoSuchNames Counter32
             10 snmpInBadValues Counter32
             11 snmpInReadOnlys Counter32
             12 snmpInGenErrs Counter32
             13 snmpInTotalReqVars Counter32
             14 snmpInTotalSetVars Counter32
             15 snmpInGetRequests Counter32
             16 snmpInGetNexts Counter32
             17 snmpInSetRequests Counter32
             18 snmpInGetResponses Counter32
             19 snmpInTraps Counter32
             20 snmpOutTooBigs Counter32
             21 snmpOutNoSuchNames Counter32
             22 snmpOutBadValues Counter32
             24 snmpOutGenErrs Counter32
             25 snmpOutGetRequests Counter32
             26 snmpOutGetNexts Counter32
             27 snmpOutSetRequests Counter32
             28 snmpOutGetResponses Counter32
             29 snmpOutTraps Counter32
             30 snmpEnableAuthenTraps INTEGER enum=enabled(1),disabled(2)
             31 snmpSilentDrops Counter32
             32 snmpProxyDrops Counter32
            1.3.6.1.6.3.1 snmpMIB
             1 snmpMIBObjects
              4 snmpTrap
               1 snmpTrapOID OID
               3 snmpTrapEnterprise OID
              5 snmpTraps
               1 coldStart notification
               2 warmStart notification
               5 authenticationFailure notification
              6 snmpSet
               1 snmpSetSerialNo TestAndIncr
             2 snmpMIBConformance
              1 snmpMIBCompliances
               2 snmpBasicCompliance
               3 snmpBasicComplianceRev2
              2 snmpMIBGroups
               5 snmpSetGroup
               6 systemGroup
               7 snmpBasicNotificationsGroup
               8 snmpGroup
               9 snmpCommunityGroup
               10 snmpObsoleteGroup
               11 snmpWarmStartNotificationGroup
               12 snmpNotificationGroup
            """)
}
