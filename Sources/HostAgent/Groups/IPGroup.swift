// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// IP-MIB, group ip (RFC 4293, and the objects of RFC 2011 that everybody still asks for).

import Primitives
import SNMPCodec

/// What the group ip is made of.
struct IPReading {
    var counters: NamedNumbers
    var interfaces: [Interface]
    var ipv4Addresses: [HostIPv4Address]
    var ipv6Addresses: [IPv6InterfaceAddress]
    var neighbours: [Neighbour]
    /// Seconds that fragments wait for the others.
    var reassemblyTimeout: UInt64?
    /// ipv6IpForwarding as the kernel has it: 0 or 1.
    var ipv6Forwarding: UInt64?
    var ipv6HopLimit: UInt64?

    init(_ sampler: HostSampler, at now: Instant) {
        let files = sampler.files
        counters = sampler.protocols(at: now)
        interfaces = sampler.interfaces(at: now) ?? []
        ipv4Addresses = Array(files.ipv4Addresses.prefix(HostLimits.addressCount))
        ipv6Addresses = files.text("/proc/net/if_inet6").map(IPv6InterfaceAddress.parse) ?? []
        neighbours = files.text("/proc/net/arp").map(Neighbour.parse) ?? []
        reassemblyTimeout = files.number("/proc/sys/net/ipv4/ipfrag_time")
        ipv6Forwarding = files.number("/proc/sys/net/ipv6/conf/all/forwarding")
        ipv6HopLimit = files.number("/proc/sys/net/ipv6/conf/all/hop_limit")
    }
}

/// The counters ipInReceives(3)…ipInDelivers(9), ipOutRequests(10)…ipOutNoRoutes(12) and
/// ipReasmReqds(14)…ipFragCreates(19).
private let scalarCounters: [(arc: UInt32, name: String)] = [
    (3, "IpInReceives"), (4, "IpInHdrErrors"), (5, "IpInAddrErrors"), (6, "IpForwDatagrams"),
    (7, "IpInUnknownProtos"), (8, "IpInDiscards"), (9, "IpInDelivers"), (10, "IpOutRequests"), (11, "IpOutDiscards"),
    (12, "IpOutNoRoutes"), (14, "IpReasmReqds"), (15, "IpReasmOKs"), (16, "IpReasmFails"), (17, "IpFragOKs"),
    (18, "IpFragFails"), (19, "IpFragCreates"),
]

/// The columns of ipSystemStatsEntry that Linux has numbers for: the 32-bit column, the 64-bit one if there is one, and
/// the kernel's names for IPv4 and IPv6.
private let statisticsColumns: [(narrow: UInt32, wide: UInt32?, ipv4: String?, ipv6: String?)] = [
    (3, 4, "IpInReceives", "Ip6InReceives"), (5, 6, "IpExtInOctets", "Ip6InOctets"),
    (7, nil, "IpInHdrErrors", "Ip6InHdrErrors"), (8, nil, "IpExtInNoRoutes", "Ip6InNoRoutes"),
    (9, nil, "IpInAddrErrors", "Ip6InAddrErrors"), (10, nil, "IpInUnknownProtos", "Ip6InUnknownProtos"),
    (11, nil, "IpExtInTruncatedPkts", "Ip6InTruncatedPkts"), (12, 13, "IpForwDatagrams", "Ip6OutForwDatagrams"),
    (14, nil, "IpReasmReqds", "Ip6ReasmReqds"), (15, nil, "IpReasmOKs", "Ip6ReasmOKs"),
    (16, nil, "IpReasmFails", "Ip6ReasmFails"), (17, nil, "IpInDiscards", "Ip6InDiscards"),
    (18, 19, "IpInDelivers", "Ip6InDelivers"), (20, 21, "IpOutRequests", "Ip6OutRequests"),
    (22, nil, "IpOutNoRoutes", "Ip6OutNoRoutes"), (25, nil, "IpOutDiscards", "Ip6OutDiscards"),
    (27, nil, "IpFragOKs", "Ip6FragOKs"), (28, nil, "IpFragFails", "Ip6FragFails"),
    (29, nil, "IpFragCreates", "Ip6FragCreates"), (30, 31, "IpOutTransmits", "Ip6OutTransmits"),
    (32, 33, "IpExtOutOctets", "Ip6OutOctets"), (34, 35, "IpExtInMcastPkts", "Ip6InMcastPkts"),
    (36, 37, "IpExtInMcastOctets", "Ip6InMcastOctets"), (38, 39, "IpExtOutMcastPkts", "Ip6OutMcastPkts"),
    (40, 41, "IpExtOutMcastOctets", "Ip6OutMcastOctets"), (42, 43, "IpExtInBcastPkts", nil),
    (44, 45, "IpExtOutBcastPkts", nil),
]

/// The group ip. Routes, prefixes and neighbours of IPv6 are not offered: the kernel has no bounded text of them.
func ipBindings(_ reading: IPReading) -> [VarBind] {
    var list = BindingList(HostGroup.ip.root)
    let counters = reading.counters
    let indexes = Dictionary(reading.interfaces.map { ($0.name, $0.index) }) { first, _ in first }

    list.scalar(1, value: counters["IpForwarding"].map { .integer(clamping: $0) })
    list.scalar(2, value: counters["IpDefaultTTL"].map { .integer(clamping: $0) })
    for (arc, name) in scalarCounters where arc < 13 {
        list.scalar(arc, value: counters[name].map { .counter32(wrapping: $0) })
    }
    list.scalar(13, value: reading.reassemblyTimeout.map { .integer(clamping: $0) })
    for (arc, name) in scalarCounters where arc > 13 {
        list.scalar(arc, value: counters[name].map { .counter32(wrapping: $0) })
    }
    list.table([20, 1], columns: Array(1...5), reading.ipv4Addresses.compactMap { addressEntry($0, indexes) })
    list.table([22, 1], columns: Array(1...4), reading.neighbours.compactMap { mediaEntry($0, indexes) })
    list.scalar(23, value: counters["IpInReceives"] == nil ? nil : .counter32(0))
    list.scalar(25, value: reading.ipv6Forwarding.map { .integer($0 == 1 ? 1 : 2) })
    list.scalar(26, value: reading.ipv6HopLimit.map { .integer(clamping: $0) })
    systemStatistics(counters, into: &list)
    let ipv4 = reading.ipv4Addresses.compactMap { address in
        addressTableRow(
            NetworkAddress(ipv4: address.address), interface: indexes[interfaceName(of: address)], zoneIndex: nil,
            flags: 0x80)
    }
    let ipv6 = reading.ipv6Addresses.compactMap { address in
        addressTableRow(
            address.address, interface: address.interfaceIndex,
            zoneIndex: address.address.isLinkLocal ? address.interfaceIndex : nil, flags: address.flags)
    }
    list.table([34, 1], columns: Array(3...11), ipv4 + ipv6)
    return list.bindings
}

/// The interface of an address whose name may carry the label of an alias, `eth0:1`.
private func interfaceName(of address: HostIPv4Address) -> String {
    String(address.interfaceName.prefix { $0 != ":" })
}

/// The arcs of an IpAddress in an index.
private func arcs(_ address: UInt32) -> [UInt32] { [24, 16, 8, 0].map { address >> $0 & 0xFF } }

/// ipAddrEntry.
private func addressEntry(_ address: HostIPv4Address, _ indexes: [String: UInt32]) -> Row? {
    guard let index = indexes[interfaceName(of: address)] else { return nil }
    return Row(
        arcs(address.address),
        [
            .ipAddress(address.address), .integer(clamping: UInt64(index)), .ipAddress(address.mask),
            .integer(address.canBroadcast ? 1 : 0), .integer(65_535),
        ])
}

/// ipNetToMediaEntry: dynamic(3) or static(4).
private func mediaEntry(_ neighbour: Neighbour, _ indexes: [String: UInt32]) -> Row? {
    guard let index = indexes[neighbour.interfaceName] else { return nil }
    return Row(
        [index] + arcs(neighbour.address),
        [
            .integer(clamping: UInt64(index)), .octetString(neighbour.physicalAddress),
            .ipAddress(neighbour.address), .integer(neighbour.isPermanent ? 4 : 3),
        ])
}

/// ipAddressEntry. An address that only means something on one link has the zone in its index, ipv6z(4).
private func addressTableRow(
    _ address: NetworkAddress, interface: UInt32?, zoneIndex: UInt32?, flags: UInt64
) -> Row? {
    guard let interface else { return nil }
    var index = address.index
    if let zoneIndex {
        index[0] = 4
        index[1] = 20
        index += arcs(zoneIndex)
    }
    // IpAddressOriginTC: random(6), linklayer(5), manual(2); what a router announced shows as not permanent.
    let origin: Int32 = flags & 0x1 != 0 ? 6 : address.isLinkLocal || flags & 0x80 == 0 ? 5 : 2
    // IpAddressStatusTC: duplicate(7), tentative(6), deprecated(2), preferred(1).
    let status: Int32 = flags & 0x8 != 0 ? 7 : flags & 0x40 != 0 ? 6 : flags & 0x20 != 0 ? 2 : 1
    return Row(
        index,
        [
            .integer(clamping: UInt64(interface)), .integer(1), .noIdentifier, .integer(origin), .integer(status),
            .timeTicks(0), .timeTicks(0), .integer(1), .integer(2),
        ])
}

/// ipSystemStatsTable: one row for each version of IP that the kernel counts.
private func systemStatistics(_ counters: NamedNumbers, into list: inout BindingList) {
    var columns: [UInt32] = []
    var rows = [Row([1], []), Row([2], [])]
    for (narrow, wide, ipv4, ipv6) in statisticsColumns {
        columns.append(narrow)
        if let wide { columns.append(wide) }
        for (position, name) in [ipv4, ipv6].enumerated() {
            let value = name.flatMap { counters[$0] }
            rows[position].values.append(value.map { .counter32(wrapping: $0) })
            if wide != nil { rows[position].values.append(value.map { .counter64($0) }) }
        }
    }
    // ipSystemStatsDiscontinuityTime: the counters began with the machine.
    // ipSystemStatsRefreshRate: milliseconds.
    columns += [46, 47]
    for (position, name) in ["IpInReceives", "Ip6InReceives"].enumerated() {
        let exists = counters[name] != nil
        rows[position].values += [exists ? .timeTicks(0) : nil, exists ? .gauge32(1000) : nil]
    }
    list.table([31, 1, 1], columns: columns, rows)
}
