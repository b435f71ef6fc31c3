// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// IF-MIB (RFC 2863): ifTable and ifXTable from one reading.

import SNMPCodec

extension Interface {
    private var inUnicast: UInt64 { counters.inPackets.subtractingClamping(counters.inMulticast) }

    /// ifSpeed in bits per second; 4294967295 says "see ifHighSpeed". 0 where there is no notion of speed.
    private var bitsPerSecond: UInt64 { (attributes.speed ?? 0).multipliedClamping(by: 1_000_000) }

    /// The columns of ifEntry, all 22.
    var entry: Row {
        Row(
            [index],
            [
                .integer(clamping: UInt64(index)),
                .octets(name.utf8, limit: 255),
                .integer(attributes.type),
                attributes.mtu.map { .integer(clamping: $0) },
                .gauge32(clamping: bitsPerSecond),
                .octetString(attributes.address),
                .integer(attributes.isAdministrativelyUp ? 1 : 2),
                .integer(attributes.operationalStatus),
                .timeTicks(lastChange),
                .counter32(wrapping: counters.inOctets),
                .counter32(wrapping: inUnicast),
                .counter32(wrapping: counters.inMulticast),
                .counter32(wrapping: counters.inDrops),
                .counter32(wrapping: counters.inErrors),
                .counter32(0),
                .counter32(wrapping: counters.outOctets),
                .counter32(wrapping: counters.outPackets),
                .counter32(0),
                .counter32(wrapping: counters.outDrops),
                .counter32(wrapping: counters.outErrors),
                .gauge32(0),
                .noIdentifier,
            ])
    }

    /// The columns of ifXEntry, all 19. Linux counts received multicast packets only: broadcasts are among them, and
    /// what is sent counts as unicast.
    var extendedEntry: Row {
        Row(
            [index],
            [
                .octets(name.utf8, limit: 255),
                .counter32(wrapping: counters.inMulticast),
                .counter32(0),
                .counter32(0),
                .counter32(0),
                .counter64(counters.inOctets),
                .counter64(inUnicast),
                .counter64(counters.inMulticast),
                .counter64(0),
                .counter64(counters.outOctets),
                .counter64(counters.outPackets),
                .counter64(0),
                .counter64(0),
                .integer(2),
                .gauge32(clamping: attributes.speed ?? 0),
                .truth(attributes.isPromiscuous),
                .truth(attributes.hasDevice),
                .octetString(attributes.alias),
                .timeTicks(discontinuityTime),
            ])
    }
}

/// The interfaces group.
func interfaceBindings(_ interfaces: [Interface]?) -> [VarBind] {
    var list = BindingList(HostGroup.interfaces.root)
    guard let interfaces else { return [] }
    list.scalar(1, value: .integer(clamping: UInt64(interfaces.count)))
    list.table([2, 1], columns: Array(1...22), interfaces.map(\.entry))
    return list.bindings
}

/// The ifMIBObjects group. ifStackTable, ifTestTable and ifRcvAddressTable are not offered.
func interfaceExtensionBindings(_ interfaces: [Interface]?, tableLastChange: UInt32) -> [VarBind] {
    var list = BindingList(HostGroup.interfaceExtensions.root)
    guard let interfaces else { return [] }
    list.table([1, 1], columns: Array(1...19), interfaces.map(\.extendedEntry))
    list.scalar(5, value: .timeTicks(tableLastChange))
    return list.bindings
}
