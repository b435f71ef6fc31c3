import Testing

@testable import SNMPNames

@Suite struct NameTableTests {
    static let table = NameTable.standard

    @Test func everyNodeRoundTripsInEveryStyle() throws {
        #expect(Self.table.count > 1_500)
        for node in Self.table.nodes {
            for style in NameStyle.allCases where style != .suffix {
                let text = Self.table.format(node.oid, style)
                #expect(try Self.table.parse(text) == node.oid, "\(text)")
            }
            #expect(Self.table.node(named: node.qualifiedName)?.oid == node.oid, "\(node.qualifiedName)")
            #expect(Self.table.node(above: node.oid) == node)
            // A label alone may stand for several nodes, and means the lowest.
            let first = try #require(Self.table.node(named: node.label))
            #expect(!node.oid.lexicographicallyPrecedes(first.oid))
            #expect(try Self.table.parse(Self.table.format(node.oid, .suffix)) == first.oid)
        }
    }

    @Test func identifiersAscendAndHaveNamedParents() throws {
        var last: NamedNode?
        var names: Set<String> = []
        for node in Self.table.nodes {
            if let last { #expect(last.oid.lexicographicallyPrecedes(node.oid), "\(node.qualifiedName)") }
            #expect(names.insert(node.qualifiedName).inserted, "\(node.qualifiedName) stands twice")
            if node.oid.count > 1 {
                let parent = try #require(Self.table.node(above: node.oid.dropLast()))
                // Only the 0 of SNMPv1 traps stands between a node and its parent.
                let gap = node.oid.dropFirst(parent.oid.count).dropLast()
                #expect(gap.allSatisfy { $0 == 0 } || node.kind == .branch || node.kind == .notification)
            }
            last = node
        }
    }

    @Test func tablesHaveRowsAndColumnsHaveIndexes() throws {
        for node in Self.table.nodes {
            let parent = node.oid.count > 1 ? Self.table.node(above: node.oid.dropLast()) : nil
            switch node.kind {
            case .row:
                #expect(parent?.kind == .table && !node.indexes.isEmpty, "\(node.qualifiedName)")
                // Only the last part may go without a length.
                #expect(node.indexes.dropLast().allSatisfy { !$0.isImplied })
            case .column:
                #expect(parent?.kind == .row && node.indexes == parent?.indexes, "\(node.qualifiedName)")
                #expect(node.syntax != nil)
            case .scalar:
                #expect(parent?.kind == .branch && node.syntax != nil, "\(node.qualifiedName)")
            case .table, .branch, .notification:
                #expect(node.syntax == nil && node.indexes.isEmpty, "\(node.qualifiedName)")
            }
            for object in node.objects { #expect(Self.table.node(named: object)?.syntax != nil, "\(object)") }
        }
    }

    @Test func everyHintIsUnderstood() {
        for node in Self.table.nodes {
            guard let syntax = node.syntax, let hint = syntax.hint else { continue }
            if syntax.base == .octets {
                #expect(DisplayHint(hint) != nil, "\(node.qualifiedName): \(hint)")
            } else {
                #expect(DisplayHint.text(of: 1, hint: hint) != nil, "\(node.qualifiedName): \(hint)")
            }
        }
    }

    /// Numbers as the standards and Net-SNMP's snmptranslate give them.
    @Test(arguments: [
        ("SNMPv2-MIB::sysDescr", ".1.3.6.1.2.1.1.1"), ("SNMPv2-MIB::sysORDescr", ".1.3.6.1.2.1.1.9.1.3"),
        ("SNMPv2-MIB::snmpInPkts", ".1.3.6.1.2.1.11.1"), ("SNMPv2-MIB::coldStart", ".1.3.6.1.6.3.1.1.5.1"),
        ("SNMPv2-MIB::snmpTrapOID", ".1.3.6.1.6.3.1.1.4.1"), ("SNMPv2-MIB::snmpSetSerialNo", ".1.3.6.1.6.3.1.1.6.1"),
        ("IF-MIB::ifDescr", ".1.3.6.1.2.1.2.2.1.2"), ("IF-MIB::ifHCInOctets", ".1.3.6.1.2.1.31.1.1.1.6"),
        ("IF-MIB::linkDown", ".1.3.6.1.6.3.1.1.5.3"), ("IP-MIB::ipAdEntAddr", ".1.3.6.1.2.1.4.20.1.1"),
        ("TCP-MIB::tcpConnState", ".1.3.6.1.2.1.6.13.1.1"), ("UDP-MIB::udpEndpointProcess", ".1.3.6.1.2.1.7.7.1.8"),
        ("HOST-RESOURCES-MIB::hrSystemUptime", ".1.3.6.1.2.1.25.1.1"),
        ("HOST-RESOURCES-MIB::hrSWRunPerfMem", ".1.3.6.1.2.1.25.5.1.1.2"),
        ("HOST-RESOURCES-TYPES::hrStorageRam", ".1.3.6.1.2.1.25.2.1.2"),
        ("UCD-SNMP-MIB::laLoad", ".1.3.6.1.4.1.2021.10.1.3"), ("UCD-SNMP-MIB::dskPath", ".1.3.6.1.4.1.2021.9.1.2"),
        ("UCD-SNMP-MIB::memAvailReal", ".1.3.6.1.4.1.2021.4.6"),
        ("UCD-SNMP-MIB::ssCpuRawUser", ".1.3.6.1.4.1.2021.11.50"),
        ("SNMP-FRAMEWORK-MIB::snmpEngineID", ".1.3.6.1.6.3.10.2.1.1"),
        ("SNMP-USER-BASED-SM-MIB::usmStatsUnknownEngineIDs", ".1.3.6.1.6.3.15.1.1.4"),
        ("SNMP-VIEW-BASED-ACM-MIB::vacmViewTreeFamilyType", ".1.3.6.1.6.3.16.1.5.2.1.4"),
        ("SNMP-TARGET-MIB::snmpTargetAddrTAddress", ".1.3.6.1.6.3.12.1.2.1.3"),
        ("SNMP-NOTIFICATION-MIB::snmpNotifyTag", ".1.3.6.1.6.3.13.1.1.1.2"),
        ("BRIDGE-MIB::dot1dTpFdbPort", ".1.3.6.1.2.1.17.4.3.1.2"), ("BRIDGE-MIB::newRoot", ".1.3.6.1.2.1.17.0.1"),
        ("ENTITY-MIB::entPhysicalName", ".1.3.6.1.2.1.47.1.1.1.1.7"), ("SNMPv2-SMI::enterprises", ".1.3.6.1.4.1"),
        ("SNMPv2-SMI::zeroDotZero", ".0.0"), ("NET-SNMP-TC::linux", ".1.3.6.1.4.1.8072.3.2.10"),
    ])
    func wellKnownNumber(name: String, oid: String) throws {
        #expect(Self.table.format(try Self.table.parse(name), .numeric) == oid)
        #expect(Self.table.format(try Self.table.parse(oid), .module) == name)
    }

    @Test func factsOfAnEnumeration() throws {
        let node = try #require(Self.table.node(named: "ifOperStatus"))
        let syntax = try #require(node.syntax)
        #expect(syntax.base == .enumeration && node.kind == .column && node.module == "IF-MIB")
        #expect(syntax.label(for: 7) == "lowerLayerDown" && syntax.label(for: 8) == nil && syntax.label(for: 0) == nil)
        #expect(syntax.number(of: "dormant") == 5 && syntax.number(of: "Dormant") == nil)
        let type = try #require(Self.table.node(named: "ifType")?.syntax)
        #expect(
            type.name == "IANAifType" && type.label(for: 6) == "ethernetCsmacd"
                && type.label(for: 24) == "softwareLoopback")
    }

    @Test func factsOfConventionsUnitsAndIndexes() throws {
        let instance: [UInt32] = try Self.table.parse("dot1dTpFdbAddress.0.1.2.3.4.5")
        let mac = try #require(Self.table.syntax(of: instance))
        #expect(mac.syntax.name == "MacAddress" && mac.syntax.hint == "1x:" && mac.syntax.fixedByteCount == 6)
        #expect(Self.table.syntax(of: try Self.table.parse("memTotalReal.0"))?.units == "kB")
        #expect(Self.table.syntax(of: try Self.table.parse("system")) == nil)
        #expect(Self.table.syntax(of: [7, 7]) == nil)
        let row = try #require(Self.table.node(named: "ifXEntry"))
        #expect(row.indexes.map(\.name) == ["ifIndex"])
        let target = try #require(Self.table.node(named: "snmpTargetAddrTDomain"))
        #expect(target.indexes.map(\.isImplied) == [true])
        #expect(Self.table.node(named: "linkUp")?.objects == ["ifIndex", "ifAdminStatus", "ifOperStatus"])
        #expect(Self.table.node(named: "TCP-MIB::ifDescr") == nil)
        #expect(Self.table.moduleNames.contains("HOST-RESOURCES-MIB"))
    }

    @Test func enterprisesAreNamed() throws {
        #expect(Enterprise(number: 9)?.organization == "Cisco Systems")
        #expect(Self.table.describe([1, 3, 6, 1, 4, 1, 14988, 1]).enterprise?.organization == "MikroTik")
        #expect(Enterprise(of: [1, 3, 6, 1, 4, 1]) == nil)
        #expect(Enterprise(of: [1, 3, 6, 1, 4, 2, 9]) == nil)
        #expect(Enterprise.knownNumbers.count > 60)
    }
}
