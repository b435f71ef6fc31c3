// Layer: tests. Uses: PeerRig, HostAgent on this machine.
// The same objects as net-snmp's agent on the same machine: the same names, types, and, where they hold still, values.
// What differs on purpose is not compared: the speed that theirs makes up where the driver knows none, what counts as a
// connector, the time-out of fragments (theirs shows a counter), and an error for a machine without any swap space.

import HostAgent
import PeerRig
import PlatformIO
import Primitives
import SNMPCodec
import Testing

/// A value as net-snmp's tools print it: the words they may use for its type, and its text.
private func printed(_ value: SNMPValue) -> (types: Set<String>, text: String) {
    switch value {
    case .integer(let number): (["INTEGER"], String(number))
    case .octetString(let octets):
        (["STRING", "Hex-STRING", ""], String(decoding: octets, as: UTF8.self))
    case .objectIdentifier(let identifier): (["OID"], "." + identifier.description)
    case .ipAddress(let address):
        (["IpAddress"], [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: "."))
    case .counter32(let number): (["Counter32"], String(number))
    case .gauge32(let number): (["Gauge32"], String(number))
    case .timeTicks(let number): (["Timeticks"], String(number))
    case .counter64(let number): (["Counter64"], String(number))
    case .float(let number): (["Opaque", "Opaque: Float"], String(number))
    default: ([], "\(value)")
    }
}

/// One agent of net-snmp for all tests, and all of our objects from just before it started: it reads some of its own at
/// the start, and keeps others for up to half a minute.
private struct Rig {
    let daemon: SNMPDaemon
    let before: [HostGroup: [VarBind]]

    init() throws(PeerRigError) {
        let agent = HostAgent(files: SystemFiles(), startedAt: SystemClock.now)
        let now = SystemClock.now
        before = Dictionary(uniqueKeysWithValues: HostGroup.allCases.map { ($0, agent.bindings(of: $0, at: now)) })
        daemon = try SNMPDaemon(extra: ["includeAllDisks 10%"])
    }

    static let shared = Result { () throws(PeerRigError) in try Rig() }
}

/// Both agents: ours from before theirs was started and from after theirs answered.
private struct Comparison {
    let theirs: [String: PrintedVarBind]
    let before: [VarBind]
    let after: [String: SNMPValue]

    init(_ group: HostGroup) throws {
        let rig = try Rig.shared.get()
        before = rig.before[group] ?? []
        let result = try PeerTool.bulkWalk(
            "." + group.root.description, from: rig.daemon.udp, as: .v2c(community: SNMPDaemon.readOnly))
        try #require(result.status == 0, "\(result)")
        theirs = Dictionary(result.varBinds.map { ($0.oid, $0) }) { first, _ in first }
        let agent = HostAgent(files: SystemFiles(), startedAt: SystemClock.now)
        let late = agent.bindings(of: group, at: SystemClock.now)
        after = Dictionary(late.map { ("." + $0.name.description, $0.value) }) { first, _ in first }
    }

    /// Ours and theirs for each instance that both have.
    var common: [(name: String, before: SNMPValue, theirs: PrintedVarBind, after: SNMPValue)] {
        before.compactMap { binding in
            let name = "." + binding.name.description
            guard let theirs = theirs[name], let after = after[name] else { return nil }
            return (name, binding.value, theirs, after)
        }
    }
}

@Suite(.enabled(if: PeerRig.isAvailable, "\(PeerRig.skipReason ?? "")"), .serialized)
struct NetSNMPTests {
    /// How many instances both must have at least, so that an empty comparison fails.
    private static let groups: [(group: HostGroup, leastCount: Int)] = [
        (.interfaces, 18), (.interfaceExtensions, 15), (.ip, 40), (.icmp, 26), (.tcp, 14), (.udp, 4), (.hostSystem, 5),
        (.hostStorage, 20), (.hostDevices, 10), (.hostSoftware, 100), (.hostSoftwarePerformance, 50), (.memory, 20),
        (.diskSpace, 14), (.load, 24), (.statistics, 10), (.diskActivity, 9),
    ]

    @Test(arguments: groups.map(\.group))
    func typesAreTheSame(_ group: HostGroup) throws {
        let comparison = try Comparison(group)
        let common = comparison.common
        let least = Self.groups.first { $0.group == group }?.leastCount ?? .max
        #expect(common.count >= least, "\(common.count) of \(comparison.before.count) ours, \(comparison.theirs.count)")
        for item in common {
            #expect(
                printed(item.before).types.contains(item.theirs.type), "\(item.theirs), ours: \(item.before)")
        }
    }

    /// Columns and scalars that hold still, by group, and that both agents must agree on.
    private static let still: [(group: HostGroup, types: [String])] = [
        (.interfaces, ["1"] + [1, 3, 4, 7, 8].map { "2.1.\($0)" }),
        (.interfaceExtensions, ["1.1.1", "1.1.16", "1.1.18"]),
        (.ip, ["1", "2", "20.1.1", "20.1.2", "20.1.3", "20.1.4", "22.1.1", "22.1.3", "25", "26", "34.1.3", "34.1.4"]),
        (.tcp, ["1", "2", "3", "4"]), (.hostStorage, ["2", "3.1.1", "3.1.2", "3.1.3", "3.1.4"]),
        (.hostDevices, ["2.1.1", "2.1.2", "2.1.4", "2.1.5", "4.1.1", "8.1.2", "8.1.5", "8.1.6", "8.1.7"]),
        (.memory, ["1", "2", "3", "5", "12", "18", "20"]), (.diskSpace, ["1.1", "1.2", "1.3", "1.6", "1.11", "1.12"]),
        (.load, ["1.1", "1.2", "1.4"]), (.statistics, ["1", "2", "67"]),
        (.diskActivity, ["1.1.1", "1.1.2"]),
    ]

    @Test(arguments: still.map(\.group))
    func valuesThatHoldStillAreTheSame(_ group: HostGroup) throws {
        let types = Self.still.first { $0.group == group }?.types ?? []
        let common = try Comparison(group).common
        for type in types {
            let prefix = "." + group.root.description + "." + type + "."
            let instances = common.filter { $0.name.hasPrefix(prefix) }
            // Only the neighbour's table may be empty, on a machine without neighbours.
            #expect(!instances.isEmpty || type.hasPrefix("22."), "\(group) \(type)")
            for item in instances {
                #expect(printed(item.before).text == item.theirs.value, "\(item.name)")
            }
        }
    }

    /// Counters that only grow: theirs must lie between ours from before and after. Their caches are filled when asked.
    private static let growing: [(group: HostGroup, types: [String])] = [
        (.interfaces, ["2.1.10", "2.1.16", "2.1.17"]), (.interfaceExtensions, ["1.1.6", "1.1.10", "1.1.11"]),
        (.ip, ["3", "9", "10", "31.1.1.4", "31.1.1.6", "31.1.1.33"]), (.icmp, ["1", "14"]),
        (.tcp, ["5", "6", "10", "11"]), (.udp, ["1", "2", "4"]), (.hostSystem, ["1"]),
        (.diskActivity, ["1.1.5", "1.1.6", "1.1.12", "1.1.13", "1.1.14"]),
    ]

    @Test(arguments: growing.map(\.group))
    func countersLieBetweenOurs(_ group: HostGroup) throws {
        let types = Self.growing.first { $0.group == group }?.types ?? []
        let common = try Comparison(group).common
        for type in types {
            let prefix = "." + group.root.description + "." + type + "."
            let instances = common.filter { $0.name.hasPrefix(prefix) }
            #expect(!instances.isEmpty, "\(group) \(type)")
            for item in instances {
                let low = try #require(item.before.asUInt64)
                let high = try #require(item.after.asUInt64)
                let value = try #require(UInt64(item.theirs.value))
                // A counter that wrapped meanwhile tells nothing.
                #expect(low > high || (low...high).contains(value), "\(item.theirs), ours \(low)...\(high)")
            }
        }
    }

    @Test func sizesOfStorageAgree() throws {
        let common = try Comparison(.hostStorage).common
        func value(_ column: Int, _ index: String) -> (ours: Int64, theirs: Int64)? {
            let name = ".\(HostGroup.hostStorage.root).3.1.\(column).\(index)"
            guard let item = common.first(where: { $0.name == name }), let ours = item.after.asInt64,
                let theirs = Int64(item.theirs.value)
            else { return nil }
            return (ours, theirs)
        }
        // Physical, virtual and swap memory, and all file systems.
        let indexes = common.filter { $0.name.hasPrefix(".\(HostGroup.hostStorage.root).3.1.1.") }.map(\.theirs.value)
            .filter { ["1", "3", "10"].contains($0) || Int($0).map { $0 > 30 } == true }
        #expect(indexes.count >= 3, "\(indexes)")
        for index in indexes {
            let size = try #require(value(5, index))
            #expect(size.ours == size.theirs, "size of \(index)")
            let used = try #require(value(6, index))
            #expect(abs(used.ours - used.theirs) <= size.ours / 20, "\(used) used of \(size.ours), \(index)")
        }
    }

    @Test func memoryAgrees() throws {
        let common = try Comparison(.memory).common
        let total = try #require(common.first { $0.name.hasSuffix(".4.5.0") }?.before.asInt64)
        for arc in [4, 6, 11, 13, 14, 15, 19, 21, 22, 24, 25, 26, 27] {
            let item = try #require(common.first { $0.name.hasSuffix(".2021.4.\(arc).0") }, "memory \(arc)")
            let ours = try #require(item.after.asInt64)
            let theirs = try #require(Int64(item.theirs.value))
            #expect(abs(ours - theirs) <= total / 20, "memory \(arc): \(ours), \(theirs)")
        }
    }
}
