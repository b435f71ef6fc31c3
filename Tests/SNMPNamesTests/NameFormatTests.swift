import Testing

@testable import SNMPNames

/// Identifiers as text and back. The expected texts are what snmptranslate 5.9.3 prints with the same modules.
@Suite struct NameFormatTests {
    let table = NameTable.standard

    /// The forms of one instance; nil where parsing the default form gives something else, because dots hide octets.
    struct Case: Sendable, CustomTestStringConvertible {
        let oid: String
        let module: String
        let brackets: String
        var losesOctets = false
        var testDescription: String { oid }
    }

    static let cases: [Case] = [
        Case(oid: ".1.3.6.1.2.1.1.1.0", module: "SNMPv2-MIB::sysDescr.0", brackets: "SNMPv2-MIB::sysDescr.0"),
        Case(oid: ".1.3.6.1.2.1.2.2.1.2.3", module: "IF-MIB::ifDescr.3", brackets: "IF-MIB::ifDescr[3]"),
        Case(
            oid: ".1.3.6.1.2.1.4.20.1.2.127.0.0.1", module: "IP-MIB::ipAdEntIfIndex.127.0.0.1",
            brackets: "IP-MIB::ipAdEntIfIndex[127.0.0.1]"),
        Case(
            oid: ".1.3.6.1.2.1.4.22.1.2.2.10.0.0.1", module: "IP-MIB::ipNetToMediaPhysAddress.2.10.0.0.1",
            brackets: "IP-MIB::ipNetToMediaPhysAddress[2][10.0.0.1]"),
        Case(
            oid: ".1.3.6.1.2.1.4.34.1.3.1.4.127.0.0.1", module: "IP-MIB::ipAddressIfIndex.ipv4.\"127.0.0.1\"",
            brackets: "IP-MIB::ipAddressIfIndex[ipv4][\"127.0.0.1\"]"),
        Case(
            oid: ".1.3.6.1.2.1.4.34.1.3.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1",
            module: "IP-MIB::ipAddressIfIndex.ipv6.\"fe:80:00:00:00:00:00:00:00:00:00:00:00:00:00:01\"",
            brackets: "IP-MIB::ipAddressIfIndex[ipv6][\"fe:80:00:00:00:00:00:00:00:00:00:00:00:00:00:01\"]"),
        Case(
            oid: ".1.3.6.1.2.1.4.34.1.3.3.8.10.0.0.1.0.0.1.2",
            module: "IP-MIB::ipAddressIfIndex.ipv4z.\"10.0.0.1%258\"",
            brackets: "IP-MIB::ipAddressIfIndex[ipv4z][\"10.0.0.1%258\"]"),
        Case(
            oid: ".1.3.6.1.2.1.31.1.4.1.2.3.6.0.1.2.3.4.5", module: "IF-MIB::ifRcvAddressStatus.3.\"......\"",
            brackets: "IF-MIB::ifRcvAddressStatus[3][STRING: 0:1:2:3:4:5]", losesOctets: true),
        Case(
            oid: ".1.3.6.1.2.1.17.4.3.1.2.0.1.2.3.65.66", module: "BRIDGE-MIB::dot1dTpFdbPort.'....AB'",
            brackets: "BRIDGE-MIB::dot1dTpFdbPort[STRING: 0:1:2:3:41:42]", losesOctets: true),
        Case(
            oid: ".1.3.6.1.6.3.16.1.2.1.3.1.3.97.98.99", module: "SNMP-VIEW-BASED-ACM-MIB::vacmGroupName.1.\"abc\"",
            brackets: "SNMP-VIEW-BASED-ACM-MIB::vacmGroupName[1][STRING: abc]"),
        Case(
            oid: ".1.3.6.1.6.3.12.1.2.1.2.97.98", module: "SNMP-TARGET-MIB::snmpTargetAddrTDomain.'ab'",
            brackets: "SNMP-TARGET-MIB::snmpTargetAddrTDomain[STRING: ab]"),
        Case(
            oid: ".1.3.6.1.6.3.16.1.4.1.4.3.97.98.99.0.3.1",
            module: """
                SNMP-VIEW-BASED-ACM-MIB::vacmAccessContextMatch."abc"."".3.noAuthNoPriv
                """,
            brackets: "SNMP-VIEW-BASED-ACM-MIB::vacmAccessContextMatch[STRING: abc][STRING: ][3][noAuthNoPriv]"),
        Case(
            oid: ".1.3.6.1.2.1.2.2.1.99.3", module: "IF-MIB::ifEntry.99.3", brackets: "IF-MIB::ifEntry.99[3]"),
        Case(oid: ".1.3.6.1.2.1.2.2.1.2", module: "IF-MIB::ifDescr", brackets: "IF-MIB::ifDescr"),
        Case(oid: ".1.3.6.1.2.1.2.2.1.2.3.4", module: "IF-MIB::ifDescr.3.4", brackets: "IF-MIB::ifDescr[3].4"),
        Case(
            oid: ".1.3.6.1.4.1.9.9.109.1", module: "SNMPv2-SMI::enterprises.9.9.109.1",
            brackets: "SNMPv2-SMI::enterprises.9.9.109.1"),
        Case(oid: ".1", module: "iso", brackets: "iso"), Case(oid: ".1.5", module: "iso.5", brackets: "iso.5"),
        Case(oid: ".2.5", module: "joint-iso-ccitt.5", brackets: "joint-iso-ccitt.5"),
        Case(oid: ".5.1", module: ".5.1", brackets: ".5.1"),
        Case(oid: ".0.0", module: "SNMPv2-SMI::zeroDotZero", brackets: "SNMPv2-SMI::zeroDotZero"),
    ]

    @Test(arguments: cases) func instanceIsWrittenAndRead(instance: Case) throws {
        let oid = try table.parse(instance.oid)
        #expect(table.format(oid, .numeric) == instance.oid)
        #expect(table.format(oid) == instance.module)
        #expect(table.format(oid, .brackets) == instance.brackets)
        #expect(try table.parse(instance.brackets) == oid)
        if !instance.losesOctets { #expect(try table.parse(instance.module) == oid) }
    }

    @Test func fullPathAndSuffix() throws {
        let oid = try table.parse("IF-MIB::ifDescr.3")
        #expect(table.format(oid, .full) == ".iso.org.dod.internet.mgmt.mib-2.interfaces.ifTable.ifEntry.ifDescr.3")
        #expect(table.format(oid, .suffix) == "ifDescr.3")
        #expect(
            table.format(try table.parse("BRIDGE-MIB::newRoot"), .full)
                == ".iso.org.dod.internet.mgmt.mib-2.dot1dBridge.dot1dNotifications.newRoot")
        #expect(table.format([], .module) == "" && table.format([], .numeric) == "")
    }

    /// Numbers that do not fit the table's index are left as they are.
    @Test(arguments: [
        (".1.3.6.1.2.1.31.1.4.1.2.3.6.0.1.2", "IF-MIB::ifRcvAddressStatus.3.6.0.1.2"),
        (".1.3.6.1.2.1.31.1.4.1.2.3.4294967295.1", "IF-MIB::ifRcvAddressStatus.3.4294967295.1"),
        (".1.3.6.1.2.1.31.1.4.1.2.3.1.300", "IF-MIB::ifRcvAddressStatus.3.1.300"),
        (".1.3.6.1.2.1.4.20.1.2.127.0.0", "IP-MIB::ipAdEntIfIndex.127.0.0"),
        (".1.3.6.1.2.1.4.20.1.2.127.0.0.256", "IP-MIB::ipAdEntIfIndex.127.0.0.256"),
        (".1.3.6.1.2.1.17.4.3.1.2.0.1.2.3.4", "BRIDGE-MIB::dot1dTpFdbPort.0.1.2.3.4"),
        (".1.3.6.1.2.1.4.34.1.3.99.4.127.0.0.1", "IP-MIB::ipAddressIfIndex.99.\"....\""),
        (".1.3.6.1.2.1.4.34.1.3.1.3.1.2.3", "IP-MIB::ipAddressIfIndex.ipv4.\"...\""),
        (".1.3.6.1.2.1.4.34.1.3.1", "IP-MIB::ipAddressIfIndex.ipv4"),
    ])
    func oddIndexes(oid: String, text: String) throws {
        #expect(table.format(try table.parse(oid)) == text)
    }

    /// What text can't show is not shown as text where nothing may be lost.
    @Test(arguments: [
        (".1.3.6.1.6.3.12.1.2.1.2.0.1", "SNMP-TARGET-MIB::snmpTargetAddrTDomain.0.1"),
        (".1.3.6.1.6.3.12.1.2.1.2.97.93", "SNMP-TARGET-MIB::snmpTargetAddrTDomain.97.93"),
        (".1.3.6.1.6.3.16.1.2.1.3.1.2.97.34", "SNMP-VIEW-BASED-ACM-MIB::vacmGroupName[1].2.97.34"),
        (".1.3.6.1.6.3.15.1.2.2.1.3.2.128.0.1.97", "SNMP-USER-BASED-SM-MIB::usmUserSecurityName.2.128.0[STRING: a]"),
        (".1.3.6.1.2.1.31.1.4.1.2.3.0", "IF-MIB::ifRcvAddressStatus[3][STRING: ]"),
    ])
    func bracketsLoseNothing(oid: String, text: String) throws {
        #expect(table.format(try table.parse(oid), .brackets) == text)
        #expect(table.format(try table.parse(text), .numeric) == oid)
    }

    @Test func describeDecodesIndexes() throws {
        let arp = table.describe(try table.parse("ipNetToMediaPhysAddress.2.10.0.0.1"))
        #expect(arp.node?.label == "ipNetToMediaPhysAddress" && arp.suffix == [2, 10, 0, 0, 1])
        #expect(arp.indexes == [.integer(2), .ipAddress([10, 0, 0, 1])] && arp.remainder.isEmpty)
        let address = table.describe(try table.parse(".1.3.6.1.2.1.4.34.1.3.1.4.127.0.0.1.9"))
        #expect(
            address.indexes == [.labelled(1, label: "ipv4"), .internetAddress(type: 1, octets: [127, 0, 0, 1])])
        #expect(address.remainder == [9])
        let mac = table.describe(try table.parse("dot1dTpFdbPort.0.1.2.3.4.255"))
        #expect(mac.indexes == [.octets([0, 1, 2, 3, 4, 255])])
        let view = table.describe(try table.parse(".1.3.6.1.6.3.16.1.5.2.1.3.3.97.108.108.1.3"))
        #expect(view.indexes.first == .octets(Array("all".utf8)))
        #expect(view.indexes.last == .objectIdentifier([3]))
        let scalar = table.describe(try table.parse("sysUpTime.0"))
        #expect(scalar.indexes.isEmpty && scalar.remainder == [0])
        #expect(table.describe([9, 9]).node == nil && table.describe([9, 9]).remainder == [9, 9])
        #expect(table.describe([]).node == nil)
    }

    /// Whatever is behind a column, the numeric form is exact, the bracket form reads back, and nothing traps.
    @Test func randomIndexesNeverTrapAndReadBack() throws {
        var random = SplitMix(state: 0x5EED)
        for node in table.nodes where node.kind == .column || node.kind == .row {
            for round in 0..<4 {
                let seed = random.state
                let suffix = (0..<Int(random.next() % 12)).map { _ -> UInt32 in
                    let wide = UInt32(truncatingIfNeeded: random.next())
                    return [wide, wide % 256, wide % 5, wide % 128][round]
                }
                let oid = node.oid + suffix
                #expect(try table.parse(table.format(oid, .numeric)) == oid, "seed \(seed)")
                for style in NameStyle.allCases { #expect(!table.format(oid, style).isEmpty) }
                let described = table.describe(oid)
                #expect(described.suffix.suffix(described.remainder.count) == described.remainder[...], "seed \(seed)")
            }
        }
    }
}

/// A seeded generator, so that a failing case can be run again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
