// Layer: SNMPNames. Used by: NameTable.standard.
// Facts about interfaces and their types (RFC 2863, 3635; IANA ifType registry).
// Names, numbers, syntax, labels and indexes only; the format is described in FactReader.swift.

extension FactTable {
    static let ianaIfType = FactTable(
        module: "IANAifType-MIB",
        text: """
            tc IANAifType INTEGER enum=other(1),regular1822(2),hdh1822(3),ddnX25(4),rfc877x25(5),ethernetCsmacd(6),\
            iso88023Csmacd(7),iso88024TokenBus(8),iso88025TokenRing(9),iso88026Man(10),starLan(11),proteon10Mbit(12),\
            proteon80Mbit(13),hyperchannel(14),fddi(15),lapb(16),sdlc(17),ds1(18),e1(19),basicISDN(20),\
            primaryISDN(21),propPointToPointSerial(22),ppp(23),softwareLoopback(24),eon(25),ethernet3Mbit(26),\
            nsip(27),slip(28),ultra(29),ds3(30),sip(31),frameRelay(32),rs232(33),para(34),arcnet(35),arcnetPlus(36),\
            atm(37),miox25(38),sonet(39),x25ple(40),iso88022llc(41),localTalk(42),smdsDxi(43),frameRelayService(44),\
            v35(45),hssi(46),hippi(47),modem(48),aal5(49),sonetPath(50),sonetVT(51),smdsIcip(52),propVirtual(53),\
            propMultiplexor(54),ieee80212(55),fibreChannel(56),hippiInterface(57),frameRelayInterconnect(58),\
            aflane8023(59),aflane8025(60),cctEmul(61),fastEther(62),isdn(63),v11(64),v36(65),g703at64k(66),\
            g703at2mb(67),qllc(68),fastEtherFX(69),channel(70),ieee80211(71),ibm370parChan(72),escon(73),dlsw(74),\
            isdns(75),isdnu(76),lapd(77),ipSwitch(78),rsrb(79),atmLogical(80),ds0(81),ds0Bundle(82),bsc(83),\
            async(84),cnr(85),iso88025Dtr(86),eplrs(87),arap(88),propCnls(89),hostPad(90),termPad(91),\
            frameRelayMPI(92),x213(93),adsl(94),radsl(95),sdsl(96),vdsl(97),iso88025CRFPInt(98),myrinet(99),\
            voiceEM(100),voiceFXO(101),voiceFXS(102),voiceEncap(103),voiceOverIp(104),atmDxi(105),atmFuni(106),\
            atmIma(107),pppMultilinkBundle(108),ipOverCdlc(109),ipOverClaw(110),stackToStack(111),\
            virtualIpAddress(112),mpc(113),ipOverAtm(114),iso88025Fiber(115),tdlc(116),gigabitEthernet(117),\
            hdlc(118),lapf(119),v37(120),x25mlp(121),x25huntGroup(122),transpHdlc(123),interleave(124),fast(125),\
            ip(126),docsCableMaclayer(127),docsCableDownstream(128),docsCableUpstream(129),a12MppSwitch(130),\
            tunnel(131),coffee(132),ces(133),atmSubInterface(134),l2vlan(135),l3ipvlan(136),l3ipxvlan(137),\
            digitalPowerline(138),mediaMailOverIp(139),dtm(140),dcn(141),ipForward(142),msdsl(143),ieee1394(144),\
            if-gsn(145),dvbRccMacLayer(146),dvbRccDownstream(147),dvbRccUpstream(148),atmVirtual(149),\
            mplsTunnel(150),srp(151),voiceOverAtm(152),voiceOverFrameRelay(153),idsl(154),compositeLink(155),\
            ss7SigLink(156),propWirelessP2P(157),frForward(158),rfc1483(159),usb(160),ieee8023adLag(161),\
            bgppolicyaccounting(162),frf16MfrBundle(163),h323Gatekeeper(164),h323Proxy(165),mpls(166),mfSigLink(167),\
            hdsl2(168),shdsl(169),ds1FDL(170),pos(171),dvbAsiIn(172),dvbAsiOut(173),plc(174),nfas(175),tr008(176),\
            gr303RDT(177),gr303IDT(178),isup(179),propDocsWirelessMaclayer(180),propDocsWirelessDownstream(181),\
            propDocsWirelessUpstream(182),hiperlan2(183),propBWAp2Mp(184),sonetOverheadChannel(185),\
            digitalWrapperOverheadChannel(186),aal2(187),radioMAC(188),atmRadio(189),imt(190),mvl(191),reachDSL(192),\
            frDlciEndPt(193),atmVciEndPt(194),opticalChannel(195),opticalTransport(196),propAtm(197),\
            voiceOverCable(198),infiniband(199),teLink(200),q2931(201),virtualTg(202),sipTg(203),sipSig(204),\
            docsCableUpstreamChannel(205),econet(206),pon155(207),pon622(208),bridge(209),linegroup(210),\
            voiceEMFGD(211),voiceFGDEANA(212),voiceDID(213),mpegTransport(214),sixToFour(215),gtp(216),\
            pdnEtherLoop1(217),pdnEtherLoop2(218),opticalChannelGroup(219),homepna(220),gfp(221),ciscoISLvlan(222),\
            actelisMetaLOOP(223),fcipLink(224),rpr(225),qam(226),lmp(227),cblVectaStar(228),\
            docsCableMCmtsDownstream(229),adsl2(230),macSecControlledIF(231),macSecUncontrolledIF(232),\
            aviciOpticalEther(233),atmbond(234),voiceFGDOS(235),mocaVersion1(236),ieee80216WMAN(237),adsl2plus(238),\
            dvbRcsMacLayer(239),dvbTdm(240),dvbRcsTdma(241),x86Laps(242),wwanPP(243),wwanPP2(244),voiceEBS(245),\
            ifPwType(246),ilan(247),pip(248),aluELP(249),gpon(250),vdsl2(251),capwapDot11Profile(252),\
            capwapDot11Bss(253),capwapWtpVirtualRadio(254),bits(255),docsCableUpstreamRfPort(256),\
            cableDownstreamRfPort(257),vmwareVirtualNic(258),ieee802154(259),otnOdu(260),otnOtu(261),ifVfiType(262),\
            g9981(263),g9982(264),g9983(265),aluEpon(266),aluEponOnu(267),aluEponPhysicalUni(268),\
            aluEponLogicalLink(269),aluGponOnu(270),aluGponPhysicalUni(271),vmwareNicTeam(272),\
            docsOfdmDownstream(277),docsOfdmaUpstream(278),gfast(279),sdci(280),xboxWireless(281),fastdsl(282),\
            docsCableScte55d1FwdOob(283),docsCableScte55d1RetOob(284),docsCableScte55d2DsOob(285),\
            docsCableScte55d2UsOob(286),docsCableNdf(287),docsCableNdr(288),ptm(289),ghn(290),otnOtsi(291),\
            otnOtuc(292),otnOduc(293),otnOtsig(294),microwaveCarrierTermination(295),microwaveRadioLinkTerminal(296),\
            ieee8021axDrni(297),ax25(298),ieee19061nanocom(299),cpri(300),omni(301),roe(302),p2pOverLan(303)
            tc IANAtunnelType INTEGER enum=other(1),direct(2),gre(3),minimal(4),l2tp(5),pptp(6),l2f(7),udp(8),\
            atmp(9),msdp(10),sixToFour(11),sixOverFour(12),isatap(13),teredo(14),ipHttps(15),softwireMesh(16),\
            dsLite(17),aplusp(18),ipsectunnelmode(19)
            1.3.6.1.2.1.30 ianaifType
            """)

    static let ifMIB = FactTable(
        module: "IF-MIB",
        text: """
            tc InterfaceIndex Integer32 hint=d
            tc InterfaceIndexOrZero Integer32 hint=d
            tc OwnerString OCTETS hint=255a
            1.3.6.1.2.1.2 interfaces
             1 ifNumber Integer32
             2 ifTable table
              1 ifEntry row index=ifIndex
               1 ifIndex InterfaceIndex
               2 ifDescr DisplayString
               3 ifType IANAifType
               4 ifMtu Integer32
               5 ifSpeed Gauge32
               6 ifPhysAddress PhysAddress
               7 ifAdminStatus INTEGER enum=up(1),down(2),testing(3)
               8 ifOperStatus INTEGER enum=up(1),down(2),testing(3),unknown(4),dormant(5),notPresent(6),\
            lowerLayerDown(7)
               9 ifLastChange TimeTicks
               10 ifInOctets Counter32
               11 ifInUcastPkts Counter32
               12 ifInNUcastPkts Counter32
               13 ifInDiscards Counter32
               14 ifInErrors Counter32
               15 ifInUnknownProtos Counter32
               16 ifOutOctets Counter32
               17 ifOutUcastPkts Counter32
               18 ifOutNUcastPkts Counter32
               19 ifOutDiscards Counter32
               20 ifOutErrors Counter32
               21 ifOutQLen Gauge32
               22 ifSpecific OID
            1.3.6.1.2.1.31 ifMIB
             1 ifMIBObjects
              1 ifXTable table
               1 ifXEntry row augments=ifEntry
                1 ifName DisplayString
                2 ifInMulticastPkts Counter32
                3 ifInBroadcastPkts Counter32
                4 ifOutMulticastPkts Counter32
                5 ifOutBroadcastPkts Counter32
                6 ifHCInOctets Counter64
                7 ifHCInUcastPkts Counter64
                8 ifHCInMulticastPkts Counter64
                9 ifHCInBroadcastPkts Counter64
                10 ifHCOutOctets Counter64
                11 ifHCOutUcastPkts Counter64
                12 ifHCOutMulticastPkts Counter64
                13 ifHCOutBroadcastPkts Counter64
                14 ifLinkUpDownTrapEnable INTEGER enum=enabled(1),disabled(2)
                15 ifHighSpeed Gauge32
                16 ifPromiscuousMode TruthValue
                17 ifConnectorPresent TruthValue
                18 ifAlias DisplayString
                19 ifCounterDiscontinuityTime TimeStamp
              2 ifStackTable table
               1 ifStackEntry row index=ifStackHigherLayer,ifStackLowerLayer
                1 ifStackHigherLayer InterfaceIndexOrZero
                2 ifStackLowerLayer InterfaceIndexOrZero
                3 ifStackStatus RowStatus
              3 ifTestTable table
               1 ifTestEntry row augments=ifEntry
                1 ifTestId TestAndIncr
                2 ifTestStatus INTEGER enum=notInUse(1),inUse(2)
                3 ifTestType AutonomousType
                4 ifTestResult INTEGER enum=none(1),success(2),inProgress(3),notSupported(4),unAbleToRun(5),\
            aborted(6),failed(7)
                5 ifTestCode OID
                6 ifTestOwner OwnerString
              4 ifRcvAddressTable table
               1 ifRcvAddressEntry row index=ifIndex,ifRcvAddressAddress
                1 ifRcvAddressAddress PhysAddress
                2 ifRcvAddressStatus RowStatus
                3 ifRcvAddressType INTEGER enum=other(1),volatile(2),nonVolatile(3)
              5 ifTableLastChange TimeTicks
              6 ifStackLastChange TimeTicks
             2 ifConformance
              1 ifGroups
               1 ifGeneralGroup
               2 ifFixedLengthGroup
               3 ifHCFixedLengthGroup
               4 ifPacketGroup
               5 ifHCPacketGroup
               6 ifVHCPacketGroup
               7 ifRcvAddressGroup
               8 ifTestGroup
               9 ifStackGroup
               10 ifGeneralInformationGroup
               11 ifStackGroup2
               12 ifOldObjectsGroup
               13 ifCounterDiscontinuityGroup
               14 linkUpDownNotificationsGroup
              2 ifCompliances
               1 ifCompliance
               2 ifCompliance2
               3 ifCompliance3
            1.3.6.1.6.3.1.1.5.3 linkDown notification objects=ifIndex,ifAdminStatus,ifOperStatus
            1.3.6.1.6.3.1.1.5.4 linkUp notification objects=ifIndex,ifAdminStatus,ifOperStatus
            """)

    static let etherLike = FactTable(
        module: "EtherLike-MIB",
        text: """
            1.3.6.1.2.1.10.7 dot3
             2 dot3StatsTable table
              1 dot3StatsEntry row index=dot3StatsIndex
               1 dot3StatsIndex InterfaceIndex
               2 dot3StatsAlignmentErrors Counter32
               3 dot3StatsFCSErrors Counter32
               4 dot3StatsSingleCollisionFrames Counter32
               5 dot3StatsMultipleCollisionFrames Counter32
               6 dot3StatsSQETestErrors Counter32
               7 dot3StatsDeferredTransmissions Counter32
               8 dot3StatsLateCollisions Counter32
               9 dot3StatsExcessiveCollisions Counter32
               10 dot3StatsInternalMacTransmitErrors Counter32
               11 dot3StatsCarrierSenseErrors Counter32
               13 dot3StatsFrameTooLongs Counter32
               16 dot3StatsInternalMacReceiveErrors Counter32
               17 dot3StatsEtherChipSet OID
               18 dot3StatsSymbolErrors Counter32
               19 dot3StatsDuplexStatus INTEGER enum=unknown(1),halfDuplex(2),fullDuplex(3)
               20 dot3StatsRateControlAbility TruthValue
               21 dot3StatsRateControlStatus INTEGER enum=rateControlOff(1),rateControlOn(2),unknown(3)
             5 dot3CollTable table
              1 dot3CollEntry row index=ifIndex,dot3CollCount
               2 dot3CollCount Integer32
               3 dot3CollFrequencies Counter32
             6 dot3Tests
              1 dot3TestTdr
              2 dot3TestLoopBack
             7 dot3Errors
              1 dot3ErrorInitError
              2 dot3ErrorLoopbackError
             9 dot3ControlTable table
              1 dot3ControlEntry row index=dot3StatsIndex
               1 dot3ControlFunctionsSupported BITS bits=pause(0)
               2 dot3ControlInUnknownOpcodes Counter32
               3 dot3HCControlInUnknownOpcodes Counter64
             10 dot3PauseTable table
              1 dot3PauseEntry row index=dot3StatsIndex
               1 dot3PauseAdminMode INTEGER enum=disabled(1),enabledXmit(2),enabledRcv(3),enabledXmitAndRcv(4)
               2 dot3PauseOperMode INTEGER enum=disabled(1),enabledXmit(2),enabledRcv(3),enabledXmitAndRcv(4)
               3 dot3InPauseFrames Counter32
               4 dot3OutPauseFrames Counter32
               5 dot3HCInPauseFrames Counter64
               6 dot3HCOutPauseFrames Counter64
             11 dot3HCStatsTable table
              1 dot3HCStatsEntry row index=dot3StatsIndex
               1 dot3HCStatsAlignmentErrors Counter64
               2 dot3HCStatsFCSErrors Counter64
               3 dot3HCStatsInternalMacTransmitErrors Counter64
               4 dot3HCStatsFrameTooLongs Counter64
               5 dot3HCStatsInternalMacReceiveErrors Counter64
               6 dot3HCStatsSymbolErrors Counter64
            1.3.6.1.2.1.35 etherMIB
             1 etherMIBObjects
             2 etherConformance
              1 etherGroups
               1 etherStatsGroup
               2 etherCollisionTableGroup
               3 etherStats100MbsGroup
               4 etherStatsBaseGroup
               5 etherStatsLowSpeedGroup
               6 etherStatsHighSpeedGroup
               7 etherDuplexGroup
               8 etherControlGroup
               9 etherControlPauseGroup
               10 etherStatsBaseGroup2
               11 etherStatsHalfDuplexGroup
               12 etherHCStatsGroup
               13 etherHCControlGroup
               14 etherHCControlPauseGroup
               15 etherRateControlGroup
              2 etherCompliances
               1 etherCompliance
               2 ether100MbsCompliance
               3 dot3Compliance
               4 dot3Compliance2
            """)
}
