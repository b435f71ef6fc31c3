// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about the SNMPv3 framework and its configuration (RFC 3411 to 3415, 3584, 3826, 7860).
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let snmpFramework = FactTable(
        module: "SNMP-FRAMEWORK-MIB",
        text: """
            tc SnmpAdminString OCTETS hint=255t
            tc SnmpEngineID OCTETS
            tc SnmpMessageProcessingModel Integer32
            tc SnmpSecurityLevel INTEGER enum=noAuthNoPriv(1),authNoPriv(2),authPriv(3)
            tc SnmpSecurityModel Integer32
            1.3.6.1.6.3.10 snmpFrameworkMIB
             1 snmpFrameworkAdmin
              1 snmpAuthProtocols
              2 snmpPrivProtocols
             2 snmpFrameworkMIBObjects
              1 snmpEngine
               1 snmpEngineID SnmpEngineID
               2 snmpEngineBoots Integer32
               3 snmpEngineTime Integer32 units=seconds
               4 snmpEngineMaxMessageSize Integer32
             3 snmpFrameworkMIBConformance
              1 snmpFrameworkMIBCompliances
               1 snmpFrameworkMIBCompliance
              2 snmpFrameworkMIBGroups
               1 snmpEngineGroup
            """)

    static let snmpMPD = FactTable(
        module: "SNMP-MPD-MIB",
        text: """
            1.3.6.1.6.3.11 snmpMPDMIB
             1 snmpMPDAdmin
             2 snmpMPDMIBObjects
              1 snmpMPDStats
               1 snmpUnknownSecurityModels Counter32
               2 snmpInvalidMsgs Counter32
               3 snmpUnknownPDUHandlers Counter32
             3 snmpMPDMIBConformance
              1 snmpMPDMIBCompliances
               1 snmpMPDCompliance
              2 snmpMPDMIBGroups
               1 snmpMPDGroup
            """)

    static let snmpTarget = FactTable(
        module: "SNMP-TARGET-MIB",
        text: """
            tc SnmpTagList OCTETS hint=255t
            tc SnmpTagValue OCTETS hint=255t
            1.3.6.1.6.3.12 snmpTargetMIB
             1 snmpTargetObjects
              1 snmpTargetSpinLock TestAndIncr
              2 snmpTargetAddrTable table
               1 snmpTargetAddrEntry row index=*snmpTargetAddrName
                1 snmpTargetAddrName SnmpAdminString
                2 snmpTargetAddrTDomain TDomain
                3 snmpTargetAddrTAddress TAddress
                4 snmpTargetAddrTimeout TimeInterval
                5 snmpTargetAddrRetryCount Integer32
                6 snmpTargetAddrTagList SnmpTagList
                7 snmpTargetAddrParams SnmpAdminString
                8 snmpTargetAddrStorageType StorageType
                9 snmpTargetAddrRowStatus RowStatus
              3 snmpTargetParamsTable table
               1 snmpTargetParamsEntry row index=*snmpTargetParamsName
                1 snmpTargetParamsName SnmpAdminString
                2 snmpTargetParamsMPModel SnmpMessageProcessingModel
                3 snmpTargetParamsSecurityModel SnmpSecurityModel
                4 snmpTargetParamsSecurityName SnmpAdminString
                5 snmpTargetParamsSecurityLevel SnmpSecurityLevel
                6 snmpTargetParamsStorageType StorageType
                7 snmpTargetParamsRowStatus RowStatus
              4 snmpUnavailableContexts Counter32
              5 snmpUnknownContexts Counter32
             3 snmpTargetConformance
              1 snmpTargetCompliances
               1 snmpTargetCommandResponderCompliance
              2 snmpTargetGroups
               1 snmpTargetBasicGroup
               2 snmpTargetResponseGroup
               3 snmpTargetCommandResponderGroup
            """)

    static let snmpNotification = FactTable(
        module: "SNMP-NOTIFICATION-MIB",
        text: """
            1.3.6.1.6.3.13 snmpNotificationMIB
             1 snmpNotifyObjects
              1 snmpNotifyTable table
               1 snmpNotifyEntry row index=*snmpNotifyName
                1 snmpNotifyName SnmpAdminString
                2 snmpNotifyTag SnmpTagValue
                3 snmpNotifyType INTEGER enum=trap(1),inform(2)
                4 snmpNotifyStorageType StorageType
                5 snmpNotifyRowStatus RowStatus
              2 snmpNotifyFilterProfileTable table
               1 snmpNotifyFilterProfileEntry row index=*snmpTargetParamsName
                1 snmpNotifyFilterProfileName SnmpAdminString
                2 snmpNotifyFilterProfileStorType StorageType
                3 snmpNotifyFilterProfileRowStatus RowStatus
              3 snmpNotifyFilterTable table
               1 snmpNotifyFilterEntry row index=snmpNotifyFilterProfileName,*snmpNotifyFilterSubtree
                1 snmpNotifyFilterSubtree OID
                2 snmpNotifyFilterMask OCTETS
                3 snmpNotifyFilterType INTEGER enum=included(1),excluded(2)
                4 snmpNotifyFilterStorageType StorageType
                5 snmpNotifyFilterRowStatus RowStatus
             3 snmpNotifyConformance
              1 snmpNotifyCompliances
               1 snmpNotifyBasicCompliance
               2 snmpNotifyBasicFiltersCompliance
               3 snmpNotifyFullCompliance
              2 snmpNotifyGroups
               1 snmpNotifyGroup
               2 snmpNotifyFilterGroup
            """)

    static let snmpUSM = FactTable(
        module: "SNMP-USER-BASED-SM-MIB",
        text: """
            tc KeyChange OCTETS
            1.3.6.1.6.3.10.1.1.1 usmNoAuthProtocol
            1.3.6.1.6.3.10.1.1.2 usmHMACMD5AuthProtocol
            1.3.6.1.6.3.10.1.1.3 usmHMACSHAAuthProtocol
            1.3.6.1.6.3.10.1.2.1 usmNoPrivProtocol
            1.3.6.1.6.3.10.1.2.2 usmDESPrivProtocol
            1.3.6.1.6.3.15 snmpUsmMIB
             1 usmMIBObjects
              1 usmStats
               1 usmStatsUnsupportedSecLevels Counter32
               2 usmStatsNotInTimeWindows Counter32
               3 usmStatsUnknownUserNames Counter32
               4 usmStatsUnknownEngineIDs Counter32
               5 usmStatsWrongDigests Counter32
               6 usmStatsDecryptionErrors Counter32
              2 usmUser
               1 usmUserSpinLock TestAndIncr
               2 usmUserTable table
                1 usmUserEntry row index=usmUserEngineID,usmUserName
                 1 usmUserEngineID SnmpEngineID
                 2 usmUserName SnmpAdminString
                 3 usmUserSecurityName SnmpAdminString
                 4 usmUserCloneFrom RowPointer
                 5 usmUserAuthProtocol AutonomousType
                 6 usmUserAuthKeyChange KeyChange
                 7 usmUserOwnAuthKeyChange KeyChange
                 8 usmUserPrivProtocol AutonomousType
                 9 usmUserPrivKeyChange KeyChange
                 10 usmUserOwnPrivKeyChange KeyChange
                 11 usmUserPublic OCTETS
                 12 usmUserStorageType StorageType
                 13 usmUserStatus RowStatus
             2 usmMIBConformance
              1 usmMIBCompliances
               1 usmMIBCompliance
              2 usmMIBGroups
               1 usmMIBBasicGroup
            """)

    static let snmpUSMAES = FactTable(
        module: "SNMP-USM-AES-MIB",
        text: """
            1.3.6.1.6.3.10.1.2.4 usmAesCfb128Protocol
            1.3.6.1.6.3.20 snmpUsmAesMIB
            """)

    static let snmpUSMSHA2 = FactTable(
        module: "SNMP-USM-HMAC-SHA2-MIB",
        text: """
            1.3.6.1.2.1.235 snmpUsmHmacSha2MIB
            1.3.6.1.6.3.10.1.1.4 usmHMAC128SHA224AuthProtocol
            1.3.6.1.6.3.10.1.1.5 usmHMAC192SHA256AuthProtocol
            1.3.6.1.6.3.10.1.1.6 usmHMAC256SHA384AuthProtocol
            1.3.6.1.6.3.10.1.1.7 usmHMAC384SHA512AuthProtocol
            """)

    static let snmpVACM = FactTable(
        module: "SNMP-VIEW-BASED-ACM-MIB",
        text: """
            1.3.6.1.6.3.16 snmpVacmMIB
             1 vacmMIBObjects
              1 vacmContextTable table
               1 vacmContextEntry row index=vacmContextName
                1 vacmContextName SnmpAdminString
              2 vacmSecurityToGroupTable table
               1 vacmSecurityToGroupEntry row index=vacmSecurityModel,vacmSecurityName
                1 vacmSecurityModel SnmpSecurityModel
                2 vacmSecurityName SnmpAdminString
                3 vacmGroupName SnmpAdminString
                4 vacmSecurityToGroupStorageType StorageType
                5 vacmSecurityToGroupStatus RowStatus
              4 vacmAccessTable table
               1 vacmAccessEntry row index=vacmGroupName,vacmAccessContextPrefix,vacmAccessSecurityModel,\
            vacmAccessSecurityLevel
                1 vacmAccessContextPrefix SnmpAdminString
                2 vacmAccessSecurityModel SnmpSecurityModel
                3 vacmAccessSecurityLevel SnmpSecurityLevel
                4 vacmAccessContextMatch INTEGER enum=exact(1),prefix(2)
                5 vacmAccessReadViewName SnmpAdminString
                6 vacmAccessWriteViewName SnmpAdminString
                7 vacmAccessNotifyViewName SnmpAdminString
                8 vacmAccessStorageType StorageType
                9 vacmAccessStatus RowStatus
              5 vacmMIBViews
               1 vacmViewSpinLock TestAndIncr
               2 vacmViewTreeFamilyTable table
                1 vacmViewTreeFamilyEntry row index=vacmViewTreeFamilyViewName,vacmViewTreeFamilySubtree
                 1 vacmViewTreeFamilyViewName SnmpAdminString
                 2 vacmViewTreeFamilySubtree OID
                 3 vacmViewTreeFamilyMask OCTETS
                 4 vacmViewTreeFamilyType INTEGER enum=included(1),excluded(2)
                 5 vacmViewTreeFamilyStorageType StorageType
                 6 vacmViewTreeFamilyStatus RowStatus
             2 vacmMIBConformance
              1 vacmMIBCompliances
               1 vacmMIBCompliance
              2 vacmMIBGroups
               1 vacmBasicGroup
            """)

    static let snmpCommunity = FactTable(
        module: "SNMP-COMMUNITY-MIB",
        text: """
            1.3.6.1.6.3.18 snmpCommunityMIB
             1 snmpCommunityMIBObjects
              1 snmpCommunityTable table
               1 snmpCommunityEntry row index=*snmpCommunityIndex
                1 snmpCommunityIndex SnmpAdminString
                2 snmpCommunityName OCTETS
                3 snmpCommunitySecurityName SnmpAdminString
                4 snmpCommunityContextEngineID SnmpEngineID
                5 snmpCommunityContextName SnmpAdminString
                6 snmpCommunityTransportTag SnmpTagValue
                7 snmpCommunityStorageType StorageType
                8 snmpCommunityStatus RowStatus
              2 snmpTargetAddrExtTable table
               1 snmpTargetAddrExtEntry row augments=snmpTargetAddrEntry
                1 snmpTargetAddrTMask OCTETS
                2 snmpTargetAddrMMS Integer32
              3 snmpTrapAddress IpAddress
              4 snmpTrapCommunity OCTETS
             2 snmpCommunityMIBConformance
              1 snmpCommunityMIBCompliances
               1 snmpCommunityMIBCompliance
               2 snmpProxyTrapForwardCompliance
              2 snmpCommunityMIBGroups
               1 snmpCommunityGroup
               3 snmpProxyTrapForwardGroup
            """)

    static let transportAddress = FactTable(
        module: "TRANSPORT-ADDRESS-MIB",
        text: """
            tc TransportAddress OCTETS
            tc TransportAddressDns OCTETS hint=1a
            tc TransportAddressIPv4 OCTETS size=6 hint=1d.1d.1d.1d:2d
            tc TransportAddressIPv4z OCTETS size=10 hint=1d.1d.1d.1d%4d:2d
            tc TransportAddressIPv6 OCTETS size=18 hint=0a[2x:2x:2x:2x:2x:2x:2x:2x]0a:2d
            tc TransportAddressIPv6z OCTETS size=22 hint=0a[2x:2x:2x:2x:2x:2x:2x:2x%4d]0a:2d
            tc TransportAddressLocal OCTETS hint=1a
            tc TransportAddressType INTEGER enum=unknown(0),udpIpv4(1),udpIpv6(2),udpIpv4z(3),udpIpv6z(4),tcpIpv4(5),\
            tcpIpv6(6),tcpIpv4z(7),tcpIpv6z(8),sctpIpv4(9),sctpIpv6(10),sctpIpv4z(11),sctpIpv6z(12),local(13),\
            udpDns(14),tcpDns(15),sctpDns(16)
            tc TransportDomain OID
            1.3.6.1.2.1.100 transportAddressMIB
             1 transportDomains
              1 transportDomainUdpIpv4
              2 transportDomainUdpIpv6
              3 transportDomainUdpIpv4z
              4 transportDomainUdpIpv6z
              5 transportDomainTcpIpv4
              6 transportDomainTcpIpv6
              7 transportDomainTcpIpv4z
              8 transportDomainTcpIpv6z
              9 transportDomainSctpIpv4
              10 transportDomainSctpIpv6
              11 transportDomainSctpIpv4z
              12 transportDomainSctpIpv6z
              13 transportDomainLocal
              14 transportDomainUdpDns
              15 transportDomainTcpDns
              16 transportDomainSctpDns
            """)

    static let inetAddress = FactTable(
        module: "INET-ADDRESS-MIB",
        text: """
            tc InetAddress OCTETS
            tc InetAddressDNS OCTETS hint=255a
            tc InetAddressIPv4 OCTETS size=4 hint=1d.1d.1d.1d
            tc InetAddressIPv4z OCTETS size=8 hint=1d.1d.1d.1d%4d
            tc InetAddressIPv6 OCTETS size=16 hint=2x:2x:2x:2x:2x:2x:2x:2x
            tc InetAddressIPv6z OCTETS size=20 hint=2x:2x:2x:2x:2x:2x:2x:2x%4d
            tc InetAddressPrefixLength Unsigned32 hint=d
            tc InetAddressType INTEGER enum=unknown(0),ipv4(1),ipv6(2),ipv4z(3),ipv6z(4),dns(16)
            tc InetAutonomousSystemNumber Unsigned32 hint=d
            tc InetPortNumber Unsigned32 hint=d
            tc InetScopeType INTEGER enum=interfaceLocal(1),linkLocal(2),subnetLocal(3),adminLocal(4),siteLocal(5),\
            organizationLocal(8),global(14)
            tc InetVersion INTEGER enum=unknown(0),ipv4(1),ipv6(2)
            tc InetZoneIndex Unsigned32 hint=d
            1.3.6.1.2.1.76 inetAddressMIB
            """)
}
