// Layer: HostAgent/Readings. Uses: Access. Used by: HostSampler, interface groups.
// Network interfaces: counters from /proc/net/dev, which costs one read for all, and attributes from /sys/class/net,
// which cost about ten reads for each interface.

/// The counters of one interface, a line of `/proc/net/dev`.
struct InterfaceCounters: Hashable {
    var inOctets: UInt64 = 0
    var inPackets: UInt64 = 0
    var inErrors: UInt64 = 0
    var inDrops: UInt64 = 0
    var inMulticast: UInt64 = 0
    var outOctets: UInt64 = 0
    var outPackets: UInt64 = 0
    var outErrors: UInt64 = 0
    var outDrops: UInt64 = 0

    /// All interfaces by name, in the file's order. Lines that make no sense are left out.
    static func parse(_ text: TextCursor) -> [(name: String, counters: InterfaceCounters)] {
        var text = text
        var result: [(name: String, counters: InterfaceCounters)] = []
        while result.count < HostLimits.interfaceCount, text.nextLine() {
            // The two lines of headings have no colon. A name has none either; old kernels write no blank behind it.
            guard let name = text.upTo(TextCursor.colon), !name.isEmpty, let counters = InterfaceCounters(&text)
            else { continue }
            result.append((String(decoding: name, as: UTF8.self), counters))
        }
        return result
    }

    /// The numbers of a line: bytes, packets, errs, drop, fifo, frame, compressed, multicast; then bytes, packets,
    /// errs, drop, fifo, colls, carrier, compressed.
    private init?(_ text: inout TextCursor) {
        guard let inOctets = text.number(), let inPackets = text.number(), let inErrors = text.number(),
            let inDrops = text.number(), text.skipWords(3), let inMulticast = text.number(),
            let outOctets = text.number(), let outPackets = text.number(), let outErrors = text.number(),
            let outDrops = text.number(), text.skipWords(4)
        else { return nil }
        self.init(
            inOctets: inOctets, inPackets: inPackets, inErrors: inErrors, inDrops: inDrops, inMulticast: inMulticast,
            outOctets: outOctets, outPackets: outPackets, outErrors: outErrors, outDrops: outDrops)
    }

    init(
        inOctets: UInt64, inPackets: UInt64, inErrors: UInt64, inDrops: UInt64, inMulticast: UInt64,
        outOctets: UInt64, outPackets: UInt64, outErrors: UInt64, outDrops: UInt64
    ) {
        self.inOctets = inOctets
        self.inPackets = inPackets
        self.inErrors = inErrors
        self.inDrops = inDrops
        self.inMulticast = inMulticast
        self.outOctets = outOctets
        self.outPackets = outPackets
        self.outErrors = outErrors
        self.outDrops = outDrops
    }

    /// Whether a counter stands lower than it did, so that the difference means nothing.
    func isBefore(_ earlier: InterfaceCounters) -> Bool {
        inOctets < earlier.inOctets || outOctets < earlier.outOctets || inPackets < earlier.inPackets
            || outPackets < earlier.outPackets
    }
}

/// What `/sys/class/net/NAME` says of an interface. What can't be read has the value that says "unknown".
struct InterfaceAttributes: Hashable {
    /// ifIndex (`uevent`, which has it together with the kind of device).
    var index: UInt32
    /// DEVTYPE in `uevent`: `vlan`, `bridge`, `bond`, `wlan`; empty for most.
    var kind = ""
    /// The kind of hardware, an ARPHRD number (`type`).
    var hardware: UInt64?
    /// In octets (`mtu`).
    var mtu: UInt64?
    /// In units of 1,000,000 bits per second (`speed`); nil where the driver does not know.
    var speed: UInt64?
    /// The hardware address; empty if it is missing or all zero (`address`).
    var address: [UInt8] = []
    /// RFC 2863 word (`operstate`).
    var operationalState: [UInt8] = []
    /// IFF bits (`flags`).
    var flags: UInt64 = 0
    /// Set by the administrator (`ifalias`).
    var alias: [UInt8] = []
    /// How often the carrier came or went (`carrier_changes`).
    var carrierChanges: UInt64?
    /// Whether a piece of hardware is behind it (`device`).
    var hasDevice = false

    static let root = "/sys/class/net/"

    /// Reads the attributes; nil if not even the index is there.
    init?(_ name: String, from files: some HostFiles) {
        // A name from /proc/net/dev becomes part of a path.
        guard !name.utf8.contains(0x2F), name != ".", name != ".." else { return nil }
        let path = InterfaceAttributes.root + name + "/"
        guard let uevent = files.text(path + "uevent", limit: HostLimits.valueByteCount) else { return nil }
        var index: UInt64?
        var text = uevent
        while text.nextLine() {
            guard let key = text.upTo(0x3D) else { continue }
            if key.elementsEqual("IFINDEX".utf8) { index = text.number() }
            if key.elementsEqual("DEVTYPE".utf8) { kind = String(decoding: text.rest, as: UTF8.self) }
        }
        guard let index, let small = UInt32(exactly: index), small > 0, small <= UInt32(Int32.max) else { return nil }
        self.index = small
        hardware = files.number(path + "type")
        mtu = files.number(path + "mtu")
        // Unknown speed reads as an error or as -1, of which old kernels print 4294967295.
        speed = files.number(path + "speed").flatMap { $0 == 0xFFFF_FFFF ? nil : $0 }
        address = files.value(path + "address").flatMap { TextCursor.colonOctets($0) } ?? []
        if address.allSatisfy({ $0 == 0 }) { address = [] }
        operationalState = files.value(path + "operstate").map { Array($0) } ?? []
        flags = files.value(path + "flags").flatMap { TextCursor.hexadecimal($0) } ?? 0
        alias = files.value(path + "ifalias").map { Array($0.prefix(64)) } ?? []
        carrierChanges = files.number(path + "carrier_changes")
        hasDevice = files.exists(path + "device")
    }

    /// Whether the administrator wants it up (IFF_UP).
    var isAdministrativelyUp: Bool { flags & 0x1 != 0 }
    /// Whether it takes what is not for it (IFF_PROMISC).
    var isPromiscuous: Bool { flags & 0x100 != 0 }

    /// ifOperStatus (RFC 2863): up(1), down(2), testing(3), unknown(4), dormant(5), notPresent(6), lowerLayerDown(7).
    ///
    /// Drivers without a notion of carrier (loopback, tunnels) leave the state unknown; the kernel's documentation has
    /// such an interface count as usable when it is up.
    var operationalStatus: Int32 {
        switch String(decoding: operationalState, as: UTF8.self) {
        case "up": 1
        case "down": 2
        case "testing": 3
        case "dormant": 5
        case "notpresent": 6
        case "lowerlayerdown": 7
        default: isAdministrativelyUp ? 1 : 2
        }
    }

    /// ifType (IANAifType-MIB) from the kind of device and the kind of hardware.
    var type: Int32 {
        switch kind {
        case "vlan": return 135  // l2vlan
        case "bridge": return 209  // bridge
        case "bond": return 161  // ieee8023adLag
        case "wlan": return 71  // ieee80211
        case "wireguard", "vxlan", "geneve": return 131  // tunnel
        default: break
        }
        switch hardware {
        case 1: return 6  // ethernetCsmacd
        case 32: return 199  // infiniband
        case 512: return 23  // ppp
        case 768, 769, 776, 778, 823: return 131  // tunnel: IP in IP, IPv6, SIT, GRE, GRE over IPv6
        case 772: return 24  // softwareLoopback
        case 801, 802, 803: return 71  // ieee80211
        default: return 1  // other
        }
    }
}

/// An interface with all that is known of it.
struct Interface: Hashable {
    var name: String
    var attributes: InterfaceAttributes
    var counters: InterfaceCounters
    /// sysUpTime when it entered its present state; 0 if it was in it when the agent started.
    var lastChange: UInt32 = 0
    /// sysUpTime when its counters last started afresh; 0 if they did not since the agent started.
    var discontinuityTime: UInt32 = 0

    var index: UInt32 { attributes.index }
}

/// What must be remembered of interfaces from one reading to the next, to know when they changed.
struct InterfaceHistory {
    private struct Known {
        var status: Int32
        var carrierChanges: UInt64?
        var counters: InterfaceCounters
        var lastChange: UInt32
        var discontinuityTime: UInt32
    }

    private var known: [UInt32: Known]?
    /// sysUpTime when an interface last came or went; 0 if none did (ifTableLastChange).
    private(set) var tableLastChange: UInt32 = 0

    /// Compares with the reading before, and fills in the times of the last changes.
    mutating func update(_ interfaces: inout [Interface], upTime: UInt32) {
        var next: [UInt32: Known] = [:]
        next.reserveCapacity(interfaces.count)
        for position in interfaces.indices {
            let interface = interfaces[position]
            var entry = Known(
                status: interface.attributes.operationalStatus, carrierChanges: interface.attributes.carrierChanges,
                counters: interface.counters, lastChange: 0, discontinuityTime: 0)
            if let known {
                if let old = known[interface.index] {
                    let isSame = old.status == entry.status && old.carrierChanges == entry.carrierChanges
                    entry.lastChange = isSame ? old.lastChange : upTime
                    entry.discontinuityTime =
                        entry.counters.isBefore(old.counters) ? upTime : old.discontinuityTime
                } else {
                    entry.lastChange = upTime
                    entry.discontinuityTime = upTime
                }
            }
            interfaces[position].lastChange = entry.lastChange
            interfaces[position].discontinuityTime = entry.discontinuityTime
            next[interface.index] = entry
        }
        if let known, Set(known.keys) != Set(next.keys) { tableLastChange = upTime }
        known = next
    }
}
