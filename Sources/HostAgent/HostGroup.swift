// Layer: HostAgent. Uses: SNMPCodec. Used by: HostAgent, tests, benchmarks.
// The groups in which the objects are offered, with where they lie and how old they may be.

public import Primitives
public import SNMPCodec

/// A group of objects that is read and offered as a whole.
public enum HostGroup: String, CaseIterable, Sendable {
    /// IF-MIB, interfaces: ifNumber and ifTable (RFC 2863).
    case interfaces
    /// IP-MIB, ip: scalars, addresses, neighbours, statistics by version (RFC 4293).
    case ip
    /// IP-MIB, icmp: scalars and statistics by version and type (RFC 4293).
    case icmp
    /// TCP-MIB: scalars, connections, listeners (RFC 4022).
    case tcp
    /// UDP-MIB: scalars and endpoints (RFC 4113).
    case udp
    /// HOST-RESOURCES-MIB, hrSystem (RFC 2790).
    case hostSystem
    /// HOST-RESOURCES-MIB, hrStorage.
    case hostStorage
    /// HOST-RESOURCES-MIB, hrDevice: processors, network interfaces, disks, file systems.
    case hostDevices
    /// HOST-RESOURCES-MIB, hrSWRun: processes.
    case hostSoftware
    /// HOST-RESOURCES-MIB, hrSWRunPerf: what processes use.
    case hostSoftwarePerformance
    /// IF-MIB, ifMIBObjects: ifXTable, ifTableLastChange.
    case interfaceExtensions
    /// UCD-SNMP-MIB, memory.
    case memory
    /// UCD-SNMP-MIB, dskTable.
    case diskSpace
    /// UCD-SNMP-MIB, laTable.
    case load
    /// UCD-SNMP-MIB, systemStats.
    case statistics
    /// UCD-DISKIO-MIB, diskIOTable.
    case diskActivity

    /// What the names of all its objects begin with. No group's root begins with another's.
    public var root: ObjectIdentifier {
        switch self {
        case .interfaces: [1, 3, 6, 1, 2, 1, 2]
        case .ip: [1, 3, 6, 1, 2, 1, 4]
        case .icmp: [1, 3, 6, 1, 2, 1, 5]
        case .tcp: [1, 3, 6, 1, 2, 1, 6]
        case .udp: [1, 3, 6, 1, 2, 1, 7]
        case .hostSystem: [1, 3, 6, 1, 2, 1, 25, 1]
        case .hostStorage: [1, 3, 6, 1, 2, 1, 25, 2]
        case .hostDevices: [1, 3, 6, 1, 2, 1, 25, 3]
        case .hostSoftware: [1, 3, 6, 1, 2, 1, 25, 4]
        case .hostSoftwarePerformance: [1, 3, 6, 1, 2, 1, 25, 5]
        case .interfaceExtensions: [1, 3, 6, 1, 2, 1, 31, 1]
        case .memory: [1, 3, 6, 1, 4, 1, 2021, 4]
        case .diskSpace: [1, 3, 6, 1, 4, 1, 2021, 9]
        case .load: [1, 3, 6, 1, 4, 1, 2021, 10]
        case .statistics: [1, 3, 6, 1, 4, 1, 2021, 11]
        case .diskActivity: [1, 3, 6, 1, 4, 1, 2021, 13, 15]
        }
    }

    /// The arcs below `root` of the entries of its tables. What lies elsewhere is a scalar.
    public var tableEntries: [[UInt32]] {
        switch self {
        case .interfaces: [[2, 1]]
        case .ip: [[20, 1], [22, 1], [31, 1, 1], [34, 1]]
        case .icmp: [[29, 1], [30, 1]]
        case .tcp: [[13, 1], [19, 1], [20, 1]]
        case .udp: [[5, 1], [7, 1]]
        case .hostSystem, .memory, .statistics: []
        case .hostStorage: [[3, 1]]
        case .hostDevices: [[2, 1], [3, 1], [4, 1], [6, 1], [8, 1]]
        case .hostSoftware: [[2, 1]]
        case .hostSoftwarePerformance: [[1, 1]]
        case .interfaceExtensions: [[1, 1]]
        case .diskSpace, .load: [[1]]
        case .diskActivity: [[1, 1]]
        }
    }

    /// How old a value may be when it is served. What many groups need is read once for all of them, and lists are
    /// served while a walk goes over them.
    public var maximumAge: Interval {
        switch self {
        case .hostStorage, .hostDevices, .diskSpace: .seconds(4)
        case .hostSoftware, .hostSoftwarePerformance: .seconds(5)
        case .tcp, .udp: .seconds(2)
        default: .seconds(1)
        }
    }
}
