// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about bridges and physical entities (RFC 4188, 4133).
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let bridge = FactTable(
        module: "BRIDGE-MIB",
        text: """
            tc BridgeId OCTETS size=8
            tc Timeout Integer32 hint=d
            1.3.6.1.2.1.17 dot1dBridge
             0 dot1dNotifications
              1 newRoot notification
              2 topologyChange notification
             1 dot1dBase
              1 dot1dBaseBridgeAddress MacAddress
              2 dot1dBaseNumPorts Integer32 units=ports
              3 dot1dBaseType INTEGER enum=unknown(1),transparent-only(2),sourceroute-only(3),srt(4)
              4 dot1dBasePortTable table
               1 dot1dBasePortEntry row index=dot1dBasePort
                1 dot1dBasePort Integer32
                2 dot1dBasePortIfIndex InterfaceIndex
                3 dot1dBasePortCircuit OID
                4 dot1dBasePortDelayExceededDiscards Counter32
                5 dot1dBasePortMtuExceededDiscards Counter32
             2 dot1dStp
              1 dot1dStpProtocolSpecification INTEGER enum=unknown(1),decLb100(2),ieee8021d(3)
              2 dot1dStpPriority Integer32
              3 dot1dStpTimeSinceTopologyChange TimeTicks units=centi-seconds
              4 dot1dStpTopChanges Counter32
              5 dot1dStpDesignatedRoot BridgeId
              6 dot1dStpRootCost Integer32
              7 dot1dStpRootPort Integer32
              8 dot1dStpMaxAge Timeout units=centi-seconds
              9 dot1dStpHelloTime Timeout units=centi-seconds
              10 dot1dStpHoldTime Integer32 units=centi-seconds
              11 dot1dStpForwardDelay Timeout units=centi-seconds
              12 dot1dStpBridgeMaxAge Timeout units=centi-seconds
              13 dot1dStpBridgeHelloTime Timeout units=centi-seconds
              14 dot1dStpBridgeForwardDelay Timeout units=centi-seconds
              15 dot1dStpPortTable table
               1 dot1dStpPortEntry row index=dot1dStpPort
                1 dot1dStpPort Integer32
                2 dot1dStpPortPriority Integer32
                3 dot1dStpPortState INTEGER enum=disabled(1),blocking(2),listening(3),learning(4),forwarding(5),\
            broken(6)
                4 dot1dStpPortEnable INTEGER enum=enabled(1),disabled(2)
                5 dot1dStpPortPathCost Integer32
                6 dot1dStpPortDesignatedRoot BridgeId
                7 dot1dStpPortDesignatedCost Integer32
                8 dot1dStpPortDesignatedBridge BridgeId
                9 dot1dStpPortDesignatedPort OCTETS size=2
                10 dot1dStpPortForwardTransitions Counter32
                11 dot1dStpPortPathCost32 Integer32
             3 dot1dSr
             4 dot1dTp
              1 dot1dTpLearnedEntryDiscards Counter32
              2 dot1dTpAgingTime Integer32 units=seconds
              3 dot1dTpFdbTable table
               1 dot1dTpFdbEntry row index=dot1dTpFdbAddress
                1 dot1dTpFdbAddress MacAddress
                2 dot1dTpFdbPort Integer32
                3 dot1dTpFdbStatus INTEGER enum=other(1),invalid(2),learned(3),self(4),mgmt(5)
              4 dot1dTpPortTable table
               1 dot1dTpPortEntry row index=dot1dTpPort
                1 dot1dTpPort Integer32
                2 dot1dTpPortMaxInfo Integer32 units=bytes
                3 dot1dTpPortInFrames Counter32 units=frames
                4 dot1dTpPortOutFrames Counter32 units=frames
                5 dot1dTpPortInDiscards Counter32 units=frames
             5 dot1dStatic
              1 dot1dStaticTable table
               1 dot1dStaticEntry row index=dot1dStaticAddress,dot1dStaticReceivePort
                1 dot1dStaticAddress MacAddress
                2 dot1dStaticReceivePort Integer32
                3 dot1dStaticAllowedToGoTo OCTETS
                4 dot1dStaticStatus INTEGER enum=other(1),invalid(2),permanent(3),deleteOnReset(4),deleteOnTimeout(5)
             8 dot1dConformance
              1 dot1dGroups
               1 dot1dBaseBridgeGroup
               2 dot1dBasePortGroup
               3 dot1dStpBridgeGroup
               4 dot1dStpPortGroup
               5 dot1dStpPortGroup2
               6 dot1dStpPortGroup3
               7 dot1dTpBridgeGroup
               8 dot1dTpFdbGroup
               9 dot1dTpGroup
               10 dot1dStaticGroup
               11 dot1dNotificationGroup
              2 dot1dCompliances
               1 bridgeCompliance1493
               2 bridgeCompliance4188
            """)

    static let entity = FactTable(
        module: "ENTITY-MIB",
        text: """
            tc PhysicalClass INTEGER enum=other(1),unknown(2),chassis(3),backplane(4),container(5),powerSupply(6),\
            fan(7),sensor(8),module(9),port(10),stack(11),cpu(12)
            tc PhysicalIndex Integer32 hint=d
            tc PhysicalIndexOrZero Integer32 hint=d
            tc SnmpEngineIdOrNone OCTETS
            1.3.6.1.2.1.47 entityMIB
             1 entityMIBObjects
              1 entityPhysical
               1 entPhysicalTable table
                1 entPhysicalEntry row index=entPhysicalIndex
                 1 entPhysicalIndex PhysicalIndex
                 2 entPhysicalDescr SnmpAdminString
                 3 entPhysicalVendorType AutonomousType
                 4 entPhysicalContainedIn PhysicalIndexOrZero
                 5 entPhysicalClass PhysicalClass
                 6 entPhysicalParentRelPos Integer32
                 7 entPhysicalName SnmpAdminString
                 8 entPhysicalHardwareRev SnmpAdminString
                 9 entPhysicalFirmwareRev SnmpAdminString
                 10 entPhysicalSoftwareRev SnmpAdminString
                 11 entPhysicalSerialNum SnmpAdminString
                 12 entPhysicalMfgName SnmpAdminString
                 13 entPhysicalModelName SnmpAdminString
                 14 entPhysicalAlias SnmpAdminString
                 15 entPhysicalAssetID SnmpAdminString
                 16 entPhysicalIsFRU TruthValue
                 17 entPhysicalMfgDate DateAndTime
                 18 entPhysicalUris OCTETS
              2 entityLogical
               1 entLogicalTable table
                1 entLogicalEntry row index=entLogicalIndex
                 1 entLogicalIndex Integer32
                 2 entLogicalDescr SnmpAdminString
                 3 entLogicalType AutonomousType
                 4 entLogicalCommunity OCTETS
                 5 entLogicalTAddress TAddress
                 6 entLogicalTDomain TDomain
                 7 entLogicalContextEngineID SnmpEngineIdOrNone
                 8 entLogicalContextName SnmpAdminString
              3 entityMapping
               1 entLPMappingTable table
                1 entLPMappingEntry row index=entLogicalIndex,entLPPhysicalIndex
                 1 entLPPhysicalIndex PhysicalIndex
               2 entAliasMappingTable table
                1 entAliasMappingEntry row index=entPhysicalIndex,entAliasLogicalIndexOrZero
                 1 entAliasLogicalIndexOrZero Integer32
                 2 entAliasMappingIdentifier RowPointer
               3 entPhysicalContainsTable table
                1 entPhysicalContainsEntry row index=entPhysicalIndex,entPhysicalChildIndex
                 1 entPhysicalChildIndex PhysicalIndex
              4 entityGeneral
               1 entLastChangeTime TimeStamp
             2 entityMIBTraps
              0 entityMIBTrapPrefix
               1 entConfigChange notification
             3 entityConformance
              1 entityCompliances
               1 entityCompliance
               2 entity2Compliance
               3 entity3Compliance
              2 entityGroups
               1 entityPhysicalGroup
               2 entityLogicalGroup
               3 entityMappingGroup
               4 entityGeneralGroup
               5 entityNotificationsGroup
               6 entityPhysical2Group
               7 entityLogical2Group
               8 entityPhysical3Group
            """)
}
