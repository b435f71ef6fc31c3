// Layer: SNMPNames. Used by: NameTable+Describe, OrielCommand.
// Whose branch of enterprises (1.3.6.1.4.1) an identifier lies in: the common ones of IANA's registry.

/// An organization with a private enterprise number.
public struct Enterprise: Sendable, Equatable {
    /// The number below `enterprises`.
    public let number: UInt32
    /// The organization's name in short.
    public let organization: String

    /// The organization of a number, if it is one of the common ones.
    public init?(number: UInt32) {
        guard let organization = Self.organizations[number] else { return nil }
        self.number = number
        self.organization = organization
    }

    /// The organization whose branch an object identifier lies in.
    public init?(of oid: [UInt32]) {
        guard oid.count > 6, oid.starts(with: [1, 3, 6, 1, 4, 1]) else { return nil }
        self.init(number: oid[6])
    }

    /// The numbers of the organizations that are built in, ascending.
    public static var knownNumbers: [UInt32] { organizations.keys.sorted() }

    private static let organizations: [UInt32: String] = {
        var organizations: [UInt32: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2, let number = UInt32(words[0]) { organizations[number] = String(words[1]) }
        }
        return organizations
    }()

    private static let text = """
        2 IBM
        9 Cisco Systems
        11 Hewlett-Packard
        23 Novell
        36 Digital Equipment
        42 Sun Microsystems
        43 3Com
        52 Enterasys Networks
        63 Apple
        94 Nokia
        99 SNMP Research
        111 Oracle
        116 Hitachi
        119 NEC
        161 Motorola
        164 RAD Data Communications
        171 D-Link
        193 Ericsson
        207 Allied Telesis
        211 Fujitsu
        232 Compaq
        248 Hirschmann
        253 Xerox
        311 Microsoft
        318 APC
        343 Intel
        367 Ricoh
        476 Vertiv
        534 Eaton
        637 Alcatel-Lucent
        641 Lexmark
        664 Adtran
        674 Dell
        789 NetApp
        850 Tripp Lite
        890 Zyxel
        1139 EMC
        1347 Kyocera
        1588 Brocade
        1602 Canon
        1916 Extreme Networks
        1991 Foundry Networks
        2011 Huawei
        2021 University of California, Davis
        2435 Brother
        2606 Rittal
        2620 Check Point
        2636 Juniper Networks
        3224 NetScreen
        3375 F5
        3417 Blue Coat
        3808 CyberPower
        3902 ZTE
        4413 Broadcom
        4526 Netgear
        4881 Ruijie Networks
        5951 NetScaler
        6027 Force10
        6486 Alcatel-Lucent Enterprise
        6527 Nokia Service Routers
        6574 Synology
        6876 VMware
        8072 Net-SNMP
        8741 SonicWall
        10704 Barracuda Networks
        11863 TP-Link
        12325 FOKUS
        12356 Fortinet
        14179 Airespace
        14823 Aruba Networks
        14988 MikroTik
        17163 Riverbed
        17713 Cambium Networks
        18334 Konica Minolta
        19046 Lenovo
        24681 QNAP
        25053 Ruckus
        25461 Palo Alto Networks
        25506 H3C
        28507 GUDE Systems
        29671 Meraki
        30065 Arista Networks
        30155 OpenBSD
        33049 Mellanox
        35265 Eltex
        40310 Cumulus Networks
        41112 Ubiquiti
        47196 HPE Aruba
        """
}
