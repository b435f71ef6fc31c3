// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about IP, ICMP, routes, TCP and UDP (RFC 4293, 4292, 4022, 4113).
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let ipMIB = FactTable(
        module: "IP-MIB",
        text: """
            tc IpAddressOriginTC INTEGER enum=other(1),manual(2),dhcp(4),linklayer(5),random(6)
            tc IpAddressPrefixOriginTC INTEGER enum=other(1),manual(2),wellknown(3),dhcp(4),routeradv(5)
            tc IpAddressStatusTC INTEGER enum=preferred(1),deprecated(2),invalid(3),inaccessible(4),unknown(5),\
            tentative(6),duplicate(7),optimistic(8)
            tc Ipv6AddressIfIdentifierTC OCTETS hint=2x:
            1.3.6.1.2.1.4 ip
             1 ipForwarding INTEGER enum=forwarding(1),notForwarding(2)
             2 ipDefaultTTL Integer32
             3 ipInReceives Counter32
             4 ipInHdrErrors Counter32
             5 ipInAddrErrors Counter32
             6 ipForwDatagrams Counter32
             7 ipInUnknownProtos Counter32
             8 ipInDiscards Counter32
             9 ipInDelivers Counter32
             10 ipOutRequests Counter32
             11 ipOutDiscards Counter32
             12 ipOutNoRoutes Counter32
             13 ipReasmTimeout Integer32 units=seconds
             14 ipReasmReqds Counter32
             15 ipReasmOKs Counter32
             16 ipReasmFails Counter32
             17 ipFragOKs Counter32
             18 ipFragFails Counter32
             19 ipFragCreates Counter32
             20 ipAddrTable table
              1 ipAddrEntry row index=ipAdEntAddr
               1 ipAdEntAddr IpAddress
               2 ipAdEntIfIndex Integer32
               3 ipAdEntNetMask IpAddress
               4 ipAdEntBcastAddr Integer32
               5 ipAdEntReasmMaxSize Integer32
             22 ipNetToMediaTable table
              1 ipNetToMediaEntry row index=ipNetToMediaIfIndex,ipNetToMediaNetAddress
               1 ipNetToMediaIfIndex Integer32
               2 ipNetToMediaPhysAddress PhysAddress
               3 ipNetToMediaNetAddress IpAddress
               4 ipNetToMediaType INTEGER enum=other(1),invalid(2),dynamic(3),static(4)
             23 ipRoutingDiscards Counter32
             25 ipv6IpForwarding INTEGER enum=forwarding(1),notForwarding(2)
             26 ipv6IpDefaultHopLimit Integer32
             27 ipv4InterfaceTableLastChange TimeStamp
             28 ipv4InterfaceTable table
              1 ipv4InterfaceEntry row index=ipv4InterfaceIfIndex
               1 ipv4InterfaceIfIndex InterfaceIndex
               2 ipv4InterfaceReasmMaxSize Integer32
               3 ipv4InterfaceEnableStatus INTEGER enum=up(1),down(2)
               4 ipv4InterfaceRetransmitTime Unsigned32 units=milliseconds
             29 ipv6InterfaceTableLastChange TimeStamp
             30 ipv6InterfaceTable table
              1 ipv6InterfaceEntry row index=ipv6InterfaceIfIndex
               1 ipv6InterfaceIfIndex InterfaceIndex
               2 ipv6InterfaceReasmMaxSize Unsigned32 units=octets
               3 ipv6InterfaceIdentifier Ipv6AddressIfIdentifierTC
               5 ipv6InterfaceEnableStatus INTEGER enum=up(1),down(2)
               6 ipv6InterfaceReachableTime Unsigned32 units=milliseconds
               7 ipv6InterfaceRetransmitTime Unsigned32 units=milliseconds
               8 ipv6InterfaceForwarding INTEGER enum=forwarding(1),notForwarding(2)
             31 ipTrafficStats
              1 ipSystemStatsTable table
               1 ipSystemStatsEntry row index=ipSystemStatsIPVersion
                1 ipSystemStatsIPVersion InetVersion
                3 ipSystemStatsInReceives Counter32
                4 ipSystemStatsHCInReceives Counter64
                5 ipSystemStatsInOctets Counter32
                6 ipSystemStatsHCInOctets Counter64
                7 ipSystemStatsInHdrErrors Counter32
                8 ipSystemStatsInNoRoutes Counter32
                9 ipSystemStatsInAddrErrors Counter32
                10 ipSystemStatsInUnknownProtos Counter32
                11 ipSystemStatsInTruncatedPkts Counter32
                12 ipSystemStatsInForwDatagrams Counter32
                13 ipSystemStatsHCInForwDatagrams Counter64
                14 ipSystemStatsReasmReqds Counter32
                15 ipSystemStatsReasmOKs Counter32
                16 ipSystemStatsReasmFails Counter32
                17 ipSystemStatsInDiscards Counter32
                18 ipSystemStatsInDelivers Counter32
                19 ipSystemStatsHCInDelivers Counter64
                20 ipSystemStatsOutRequests Counter32
                21 ipSystemStatsHCOutRequests Counter64
                22 ipSystemStatsOutNoRoutes Counter32
                23 ipSystemStatsOutForwDatagrams Counter32
                24 ipSystemStatsHCOutForwDatagrams Counter64
                25 ipSystemStatsOutDiscards Counter32
                26 ipSystemStatsOutFragReqds Counter32
                27 ipSystemStatsOutFragOKs Counter32
                28 ipSystemStatsOutFragFails Counter32
                29 ipSystemStatsOutFragCreates Counter32
                30 ipSystemStatsOutTransmits Counter32
                31 ipSystemStatsHCOutTransmits Counter64
                32 ipSystemStatsOutOctets Counter32
                33 ipSystemStatsHCOutOctets Counter64
                34 ipSystemStatsInMcastPkts Counter32
                35 ipSystemStatsHCInMcastPkts Counter64
                36 ipSystemStatsInMcastOctets Counter32
                37 ipSystemStatsHCInMcastOctets Counter64
                38 ipSystemStatsOutMcastPkts Counter32
                39 ipSystemStatsHCOutMcastPkts Counter64
                40 ipSystemStatsOutMcastOctets Counter32
                41 ipSystemStatsHCOutMcastOctets Counter64
                42 ipSystemStatsInBcastPkts Counter32
                43 ipSystemStatsHCInBcastPkts Counter64
                44 ipSystemStatsOutBcastPkts Counter32
                45 ipSystemStatsHCOutBcastPkts Counter64
                46 ipSystemStatsDiscontinuityTime TimeStamp
                47 ipSystemStatsRefreshRate Unsigned32 units=milli-seconds
              2 ipIfStatsTableLastChange TimeStamp
              3 ipIfStatsTable table
               1 ipIfStatsEntry row index=ipIfStatsIPVersion,ipIfStatsIfIndex
                1 ipIfStatsIPVersion InetVersion
                2 ipIfStatsIfIndex InterfaceIndex
                3 ipIfStatsInReceives Counter32
                4 ipIfStatsHCInReceives Counter64
                5 ipIfStatsInOctets Counter32
                6 ipIfStatsHCInOctets Counter64
                7 ipIfStatsInHdrErrors Counter32
                8 ipIfStatsInNoRoutes Counter32
                9 ipIfStatsInAddrErrors Counter32
                10 ipIfStatsInUnknownProtos Counter32
                11 ipIfStatsInTruncatedPkts Counter32
                12 ipIfStatsInForwDatagrams Counter32
                13 ipIfStatsHCInForwDatagrams Counter64
                14 ipIfStatsReasmReqds Counter32
                15 ipIfStatsReasmOKs Counter32
                16 ipIfStatsReasmFails Counter32
                17 ipIfStatsInDiscards Counter32
                18 ipIfStatsInDelivers Counter32
                19 ipIfStatsHCInDelivers Counter64
                20 ipIfStatsOutRequests Counter32
                21 ipIfStatsHCOutRequests Counter64
                23 ipIfStatsOutForwDatagrams Counter32
                24 ipIfStatsHCOutForwDatagrams Counter64
                25 ipIfStatsOutDiscards Counter32
                26 ipIfStatsOutFragReqds Counter32
                27 ipIfStatsOutFragOKs Counter32
                28 ipIfStatsOutFragFails Counter32
                29 ipIfStatsOutFragCreates Counter32
                30 ipIfStatsOutTransmits Counter32
                31 ipIfStatsHCOutTransmits Counter64
                32 ipIfStatsOutOctets Counter32
                33 ipIfStatsHCOutOctets Counter64
                34 ipIfStatsInMcastPkts Counter32
                35 ipIfStatsHCInMcastPkts Counter64
                36 ipIfStatsInMcastOctets Counter32
                37 ipIfStatsHCInMcastOctets Counter64
                38 ipIfStatsOutMcastPkts Counter32
                39 ipIfStatsHCOutMcastPkts Counter64
                40 ipIfStatsOutMcastOctets Counter32
                41 ipIfStatsHCOutMcastOctets Counter64
                42 ipIfStatsInBcastPkts Counter32
                43 ipIfStatsHCInBcastPkts Counter64
                44 ipIfStatsOutBcastPkts Counter32
                45 ipIfStatsHCOutBcastPkts Counter64
                46 ipIfStatsDiscontinuityTime TimeStamp
                47 ipIfStatsRefreshRate Unsigned32 units=milli-seconds
             32 ipAddressPrefixTable table
              1 ipAddressPrefixEntry row index=ipAddressPrefixIfIndex,ipAddressPrefixType,ipAddressPrefixPrefix,\
            ipAddressPrefixLength
               1 ipAddressPrefixIfIndex InterfaceIndex
               2 ipAddressPrefixType InetAddressType
               3 ipAddressPrefixPrefix InetAddress
               4 ipAddressPrefixLength InetAddressPrefixLength
               5 ipAddressPrefixOrigin IpAddressPrefixOriginTC
               6 ipAddressPrefixOnLinkFlag TruthValue
               7 ipAddressPrefixAutonomousFlag TruthValue
               8 ipAddressPrefixAdvPreferredLifetime Unsigned32 units=seconds
               9 ipAddressPrefixAdvValidLifetime Unsigned32 units=seconds
             33 ipAddressSpinLock TestAndIncr
             34 ipAddressTable table
              1 ipAddressEntry row index=ipAddressAddrType,ipAddressAddr
               1 ipAddressAddrType InetAddressType
               2 ipAddressAddr InetAddress
               3 ipAddressIfIndex InterfaceIndex
               4 ipAddressType INTEGER enum=unicast(1),anycast(2),broadcast(3)
               5 ipAddressPrefix RowPointer
               6 ipAddressOrigin IpAddressOriginTC
               7 ipAddressStatus IpAddressStatusTC
               8 ipAddressCreated TimeStamp
               9 ipAddressLastChanged TimeStamp
               10 ipAddressRowStatus RowStatus
               11 ipAddressStorageType StorageType
             35 ipNetToPhysicalTable table
              1 ipNetToPhysicalEntry row index=ipNetToPhysicalIfIndex,ipNetToPhysicalNetAddressType,\
            ipNetToPhysicalNetAddress
               1 ipNetToPhysicalIfIndex InterfaceIndex
               2 ipNetToPhysicalNetAddressType InetAddressType
               3 ipNetToPhysicalNetAddress InetAddress
               4 ipNetToPhysicalPhysAddress PhysAddress
               5 ipNetToPhysicalLastUpdated TimeStamp
               6 ipNetToPhysicalType INTEGER enum=other(1),invalid(2),dynamic(3),static(4),local(5)
               7 ipNetToPhysicalState INTEGER enum=reachable(1),stale(2),delay(3),probe(4),invalid(5),unknown(6),\
            incomplete(7)
               8 ipNetToPhysicalRowStatus RowStatus
             36 ipv6ScopeZoneIndexTable table
              1 ipv6ScopeZoneIndexEntry row index=ipv6ScopeZoneIndexIfIndex
               1 ipv6ScopeZoneIndexIfIndex InterfaceIndex
               2 ipv6ScopeZoneIndexLinkLocal InetZoneIndex
               3 ipv6ScopeZoneIndex3 InetZoneIndex
               4 ipv6ScopeZoneIndexAdminLocal InetZoneIndex
               5 ipv6ScopeZoneIndexSiteLocal InetZoneIndex
               6 ipv6ScopeZoneIndex6 InetZoneIndex
               7 ipv6ScopeZoneIndex7 InetZoneIndex
               8 ipv6ScopeZoneIndexOrganizationLocal InetZoneIndex
               9 ipv6ScopeZoneIndex9 InetZoneIndex
               10 ipv6ScopeZoneIndexA InetZoneIndex
               11 ipv6ScopeZoneIndexB InetZoneIndex
               12 ipv6ScopeZoneIndexC InetZoneIndex
               13 ipv6ScopeZoneIndexD InetZoneIndex
             37 ipDefaultRouterTable table
              1 ipDefaultRouterEntry row index=ipDefaultRouterAddressType,ipDefaultRouterAddress,\
            ipDefaultRouterIfIndex
               1 ipDefaultRouterAddressType InetAddressType
               2 ipDefaultRouterAddress InetAddress
               3 ipDefaultRouterIfIndex InterfaceIndex
               4 ipDefaultRouterLifetime Unsigned32 units=seconds
               5 ipDefaultRouterPreference INTEGER enum=reserved(-2),low(-1),medium(0),high(1)
             38 ipv6RouterAdvertSpinLock TestAndIncr
             39 ipv6RouterAdvertTable table
              1 ipv6RouterAdvertEntry row index=ipv6RouterAdvertIfIndex
               1 ipv6RouterAdvertIfIndex InterfaceIndex
               2 ipv6RouterAdvertSendAdverts TruthValue
               3 ipv6RouterAdvertMaxInterval Unsigned32 units=seconds
               4 ipv6RouterAdvertMinInterval Unsigned32 units=seconds
               5 ipv6RouterAdvertManagedFlag TruthValue
               6 ipv6RouterAdvertOtherConfigFlag TruthValue
               7 ipv6RouterAdvertLinkMTU Unsigned32
               8 ipv6RouterAdvertReachableTime Unsigned32 units=milliseconds
               9 ipv6RouterAdvertRetransmitTime Unsigned32 units=milliseconds
               10 ipv6RouterAdvertCurHopLimit Unsigned32
               11 ipv6RouterAdvertDefaultLifetime Unsigned32 units=seconds
               12 ipv6RouterAdvertRowStatus RowStatus
            1.3.6.1.2.1.5 icmp
             1 icmpInMsgs Counter32
             2 icmpInErrors Counter32
             3 icmpInDestUnreachs Counter32
             4 icmpInTimeExcds Counter32
             5 icmpInParmProbs Counter32
             6 icmpInSrcQuenchs Counter32
             7 icmpInRedirects Counter32
             8 icmpInEchos Counter32
             9 icmpInEchoReps Counter32
             10 icmpInTimestamps Counter32
             11 icmpInTimestampReps Counter32
             12 icmpInAddrMasks Counter32
             13 icmpInAddrMaskReps Counter32
             14 icmpOutMsgs Counter32
             15 icmpOutErrors Counter32
             16 icmpOutDestUnreachs Counter32
             17 icmpOutTimeExcds Counter32
             18 icmpOutParmProbs Counter32
             19 icmpOutSrcQuenchs Counter32
             20 icmpOutRedirects Counter32
             21 icmpOutEchos Counter32
             22 icmpOutEchoReps Counter32
             23 icmpOutTimestamps Counter32
             24 icmpOutTimestampReps Counter32
             25 icmpOutAddrMasks Counter32
             26 icmpOutAddrMaskReps Counter32
             29 icmpStatsTable table
              1 icmpStatsEntry row index=icmpStatsIPVersion
               1 icmpStatsIPVersion InetVersion
               2 icmpStatsInMsgs Counter32
               3 icmpStatsInErrors Counter32
               4 icmpStatsOutMsgs Counter32
               5 icmpStatsOutErrors Counter32
             30 icmpMsgStatsTable table
              1 icmpMsgStatsEntry row index=icmpMsgStatsIPVersion,icmpMsgStatsType
               1 icmpMsgStatsIPVersion InetVersion
               2 icmpMsgStatsType Integer32
               3 icmpMsgStatsInPkts Counter32
               4 icmpMsgStatsOutPkts Counter32
            1.3.6.1.2.1.48 ipMIB
             2 ipMIBConformance
              1 ipMIBCompliances
               1 ipMIBCompliance
               2 ipMIBCompliance2
              2 ipMIBGroups
               1 ipGroup
               2 icmpGroup
               3 ipv4GeneralGroup
               4 ipv4IfGroup
               5 ipv6GeneralGroup2
               6 ipv6IfGroup
               7 ipLastChangeGroup
               8 ipSystemStatsGroup
               9 ipv4SystemStatsGroup
               10 ipSystemStatsHCOctetGroup
               11 ipSystemStatsHCPacketGroup
               12 ipv4SystemStatsHCPacketGroup
               13 ipIfStatsGroup
               14 ipv4IfStatsGroup
               15 ipIfStatsHCOctetGroup
               16 ipIfStatsHCPacketGroup
               17 ipv4IfStatsHCPacketGroup
               18 ipAddressPrefixGroup
               19 ipAddressGroup
               20 ipNetToPhysicalGroup
               21 ipv6ScopeGroup
               22 ipDefaultRouterGroup
               23 ipv6RouterAdvertGroup
               24 icmpStatsGroup
            """)

    static let ipForward = FactTable(
        module: "IP-FORWARD-MIB",
        text: """
            1.3.6.1.2.1.4.24 ipForward
             1 ipForwardNumber Gauge32
             2 ipForwardTable table
              1 ipForwardEntry row index=ipForwardDest,ipForwardProto,ipForwardPolicy,ipForwardNextHop
               1 ipForwardDest IpAddress
               2 ipForwardMask IpAddress
               3 ipForwardPolicy Integer32
               4 ipForwardNextHop IpAddress
               5 ipForwardIfIndex Integer32
               6 ipForwardType INTEGER enum=other(1),invalid(2),local(3),remote(4)
               7 ipForwardProto INTEGER enum=other(1),local(2),netmgmt(3),icmp(4),egp(5),ggp(6),hello(7),rip(8),\
            is-is(9),es-is(10),ciscoIgrp(11),bbnSpfIgp(12),ospf(13),bgp(14),idpr(15)
               8 ipForwardAge Integer32
               9 ipForwardInfo OID
               10 ipForwardNextHopAS Integer32
               11 ipForwardMetric1 Integer32
               12 ipForwardMetric2 Integer32
               13 ipForwardMetric3 Integer32
               14 ipForwardMetric4 Integer32
               15 ipForwardMetric5 Integer32
             3 ipCidrRouteNumber Gauge32
             4 ipCidrRouteTable table
              1 ipCidrRouteEntry row index=ipCidrRouteDest,ipCidrRouteMask,ipCidrRouteTos,ipCidrRouteNextHop
               1 ipCidrRouteDest IpAddress
               2 ipCidrRouteMask IpAddress
               3 ipCidrRouteTos Integer32
               4 ipCidrRouteNextHop IpAddress
               5 ipCidrRouteIfIndex Integer32
               6 ipCidrRouteType INTEGER enum=other(1),reject(2),local(3),remote(4)
               7 ipCidrRouteProto INTEGER enum=other(1),local(2),netmgmt(3),icmp(4),egp(5),ggp(6),hello(7),rip(8),\
            isIs(9),esIs(10),ciscoIgrp(11),bbnSpfIgp(12),ospf(13),bgp(14),idpr(15),ciscoEigrp(16)
               8 ipCidrRouteAge Integer32
               9 ipCidrRouteInfo OID
               10 ipCidrRouteNextHopAS Integer32
               11 ipCidrRouteMetric1 Integer32
               12 ipCidrRouteMetric2 Integer32
               13 ipCidrRouteMetric3 Integer32
               14 ipCidrRouteMetric4 Integer32
               15 ipCidrRouteMetric5 Integer32
               16 ipCidrRouteStatus RowStatus
             5 ipForwardConformance
              1 ipForwardGroups
               2 ipForwardMultiPathGroup
               3 ipForwardCidrRouteGroup
               4 inetForwardCidrRouteGroup
              2 ipForwardCompliances
               1 ipForwardCompliance
               2 ipForwardOldCompliance
               3 ipForwardFullCompliance
               4 ipForwardReadOnlyCompliance
             6 inetCidrRouteNumber Gauge32
             7 inetCidrRouteTable table
              1 inetCidrRouteEntry row index=inetCidrRouteDestType,inetCidrRouteDest,inetCidrRoutePfxLen,\
            inetCidrRoutePolicy,inetCidrRouteNextHopType,inetCidrRouteNextHop
               1 inetCidrRouteDestType InetAddressType
               2 inetCidrRouteDest InetAddress
               3 inetCidrRoutePfxLen InetAddressPrefixLength
               4 inetCidrRoutePolicy OID
               5 inetCidrRouteNextHopType InetAddressType
               6 inetCidrRouteNextHop InetAddress
               7 inetCidrRouteIfIndex InterfaceIndexOrZero
               8 inetCidrRouteType INTEGER enum=other(1),reject(2),local(3),remote(4),blackhole(5)
               9 inetCidrRouteProto IANAipRouteProtocol
               10 inetCidrRouteAge Gauge32
               11 inetCidrRouteNextHopAS InetAutonomousSystemNumber
               12 inetCidrRouteMetric1 Integer32
               13 inetCidrRouteMetric2 Integer32
               14 inetCidrRouteMetric3 Integer32
               15 inetCidrRouteMetric4 Integer32
               16 inetCidrRouteMetric5 Integer32
               17 inetCidrRouteStatus RowStatus
             8 inetCidrRouteDiscards Counter32
            """)

    static let ianaRouteProtocol = FactTable(
        module: "IANA-RTPROTO-MIB",
        text: """
            tc IANAipMRouteProtocol INTEGER enum=other(1),local(2),netmgmt(3),dvmrp(4),mospf(5),pimSparseDense(6),\
            cbt(7),pimSparseMode(8),pimDenseMode(9),igmpOnly(10),bgmp(11),msdp(12)
            tc IANAipRouteProtocol INTEGER enum=other(1),local(2),netmgmt(3),icmp(4),egp(5),ggp(6),hello(7),rip(8),\
            isIs(9),esIs(10),ciscoIgrp(11),bbnSpfIgp(12),ospf(13),bgp(14),idpr(15),ciscoEigrp(16),dvmrp(17),rpl(18),\
            dhcp(19),ttdp(20)
            1.3.6.1.2.1.84 ianaRtProtoMIB
            """)

    static let tcpMIB = FactTable(
        module: "TCP-MIB",
        text: """
            1.3.6.1.2.1.6 tcp
             1 tcpRtoAlgorithm INTEGER enum=other(1),constant(2),rsre(3),vanj(4),rfc2988(5)
             2 tcpRtoMin Integer32 units=milliseconds
             3 tcpRtoMax Integer32 units=milliseconds
             4 tcpMaxConn Integer32
             5 tcpActiveOpens Counter32
             6 tcpPassiveOpens Counter32
             7 tcpAttemptFails Counter32
             8 tcpEstabResets Counter32
             9 tcpCurrEstab Gauge32
             10 tcpInSegs Counter32
             11 tcpOutSegs Counter32
             12 tcpRetransSegs Counter32
             13 tcpConnTable table
              1 tcpConnEntry row index=tcpConnLocalAddress,tcpConnLocalPort,tcpConnRemAddress,tcpConnRemPort
               1 tcpConnState INTEGER enum=closed(1),listen(2),synSent(3),synReceived(4),established(5),finWait1(6),\
            finWait2(7),closeWait(8),lastAck(9),closing(10),timeWait(11),deleteTCB(12)
               2 tcpConnLocalAddress IpAddress
               3 tcpConnLocalPort Integer32
               4 tcpConnRemAddress IpAddress
               5 tcpConnRemPort Integer32
             14 tcpInErrs Counter32
             15 tcpOutRsts Counter32
             17 tcpHCInSegs Counter64
             18 tcpHCOutSegs Counter64
             19 tcpConnectionTable table
              1 tcpConnectionEntry row index=tcpConnectionLocalAddressType,tcpConnectionLocalAddress,\
            tcpConnectionLocalPort,tcpConnectionRemAddressType,tcpConnectionRemAddress,tcpConnectionRemPort
               1 tcpConnectionLocalAddressType InetAddressType
               2 tcpConnectionLocalAddress InetAddress
               3 tcpConnectionLocalPort InetPortNumber
               4 tcpConnectionRemAddressType InetAddressType
               5 tcpConnectionRemAddress InetAddress
               6 tcpConnectionRemPort InetPortNumber
               7 tcpConnectionState INTEGER enum=closed(1),listen(2),synSent(3),synReceived(4),established(5),\
            finWait1(6),finWait2(7),closeWait(8),lastAck(9),closing(10),timeWait(11),deleteTCB(12)
               8 tcpConnectionProcess Unsigned32
             20 tcpListenerTable table
              1 tcpListenerEntry row index=tcpListenerLocalAddressType,tcpListenerLocalAddress,tcpListenerLocalPort
               1 tcpListenerLocalAddressType InetAddressType
               2 tcpListenerLocalAddress InetAddress
               3 tcpListenerLocalPort InetPortNumber
               4 tcpListenerProcess Unsigned32
            1.3.6.1.2.1.49 tcpMIB
             2 tcpMIBConformance
              1 tcpMIBCompliances
               1 tcpMIBCompliance
               2 tcpMIBCompliance2
              2 tcpMIBGroups
               1 tcpGroup
               2 tcpBaseGroup
               3 tcpConnectionGroup
               4 tcpListenerGroup
               5 tcpHCGroup
            """)

    static let udpMIB = FactTable(
        module: "UDP-MIB",
        text: """
            1.3.6.1.2.1.7 udp
             1 udpInDatagrams Counter32
             2 udpNoPorts Counter32
             3 udpInErrors Counter32
             4 udpOutDatagrams Counter32
             5 udpTable table
              1 udpEntry row index=udpLocalAddress,udpLocalPort
               1 udpLocalAddress IpAddress
               2 udpLocalPort Integer32
             7 udpEndpointTable table
              1 udpEndpointEntry row index=udpEndpointLocalAddressType,udpEndpointLocalAddress,udpEndpointLocalPort,\
            udpEndpointRemoteAddressType,udpEndpointRemoteAddress,udpEndpointRemotePort,udpEndpointInstance
               1 udpEndpointLocalAddressType InetAddressType
               2 udpEndpointLocalAddress InetAddress
               3 udpEndpointLocalPort InetPortNumber
               4 udpEndpointRemoteAddressType InetAddressType
               5 udpEndpointRemoteAddress InetAddress
               6 udpEndpointRemotePort InetPortNumber
               7 udpEndpointInstance Unsigned32
               8 udpEndpointProcess Unsigned32
             8 udpHCInDatagrams Counter64
             9 udpHCOutDatagrams Counter64
            1.3.6.1.2.1.50 udpMIB
             2 udpMIBConformance
              1 udpMIBCompliances
               1 udpMIBCompliance
               2 udpMIBCompliance2
              2 udpMIBGroups
               1 udpGroup
               2 udpBaseGroup
               3 udpHCGroup
               4 udpEndpointGroup
            """)
}
