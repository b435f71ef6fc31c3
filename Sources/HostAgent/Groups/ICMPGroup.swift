// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// IP-MIB, group icmp (RFC 4293, and the scalars of RFC 2011).

import SNMPCodec

/// The scalars icmpInMsgs(1)…icmpOutAddrMaskReps(26) under their names in the kernel, in order.
private let scalars = [
    "InMsgs", "InErrors", "InDestUnreachs", "InTimeExcds", "InParmProbs", "InSrcQuenchs", "InRedirects", "InEchos",
    "InEchoReps", "InTimestamps", "InTimestampReps", "InAddrMasks", "InAddrMaskReps", "OutMsgs", "OutErrors",
    "OutDestUnreachs", "OutTimeExcds", "OutParmProbs", "OutSrcQuenchs", "OutRedirects", "OutEchos", "OutEchoReps",
    "OutTimestamps", "OutTimestampReps", "OutAddrMasks", "OutAddrMaskReps",
]

/// The group icmp.
func icmpBindings(_ counters: NamedNumbers) -> [VarBind] {
    var list = BindingList(HostGroup.icmp.root)
    for (position, name) in scalars.enumerated() {
        list.scalar(UInt32(position + 1), value: counters["Icmp" + name].map { .counter32(wrapping: $0) })
    }
    let families: [(version: UInt32, prefix: String)] = [(1, "Icmp"), (2, "Icmp6")]
    list.table(
        [29, 1], columns: Array(2...5),
        families.map { version, prefix in
            Row(
                [version],
                ["InMsgs", "InErrors", "OutMsgs", "OutErrors"].map { name in
                    counters[prefix + name].map { .counter32(wrapping: $0) }
                })
        })
    list.table(
        [30, 1], columns: [3, 4],
        families.flatMap { version, prefix in
            // The kernel names only types that occurred, and each direction by itself.
            let names = version == 1 ? "IcmpMsg" : prefix
            var types: [UInt32: (received: UInt64, sent: UInt64)] = [:]
            for (type, value) in counters.numbered(names + "InType") where type <= 255 {
                types[UInt32(type), default: (0, 0)].received = value
            }
            for (type, value) in counters.numbered(names + "OutType") where type <= 255 {
                types[UInt32(type), default: (0, 0)].sent = value
            }
            return types.map { type, count in
                Row([version, type], [.counter32(wrapping: count.received), .counter32(wrapping: count.sent)])
            }
        })
    return list.bindings
}
