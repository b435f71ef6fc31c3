// Layer: HostAgent. Uses: Groups. Used by: agents and the command line.
// This machine as managed objects: the system group with the strings its owner keeps, and the groups read from the
// machine.

public import Primitives
public import SNMPCodec

/// What the owner of an agent decides about the objects of its machine.
public struct HostSettings: Hashable, Sendable {
    /// sysContact: whom to ask; at most 255 octets. Can be set through SNMP.
    public var contact = ""
    /// sysName: an administrative name; nil takes the name of the host. Can be set through SNMP.
    public var name: String?
    /// sysLocation: where the machine stands; at most 255 octets. Can be set through SNMP.
    public var location = ""
    /// sysDescr; nil takes what `uname` tells: system, host, release, version, architecture.
    public var description: String?
    /// sysObjectID. The default is what net-snmp's agent reports on Linux, since managers choose their templates by it
    /// and the objects offered here are those that such a template expects.
    public var objectID: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 8072, 3, 2, 10]
    /// sysServices (RFC 3418): end-to-end (8) and applications (64).
    public var services: Int32 = 72
    /// sysORTable: what is supported, by the names of modules.
    public var supported: [SupportedModule] = SupportedModule.host
    /// memMinimumSwap in KiB: with less free swap space memSwapError is set.
    public var minimumFreeSwap: UInt32 = 16_000
    /// dskMinPercent: with less free space dskErrorFlag is set. 0 never sets it.
    public var minimumFreeDiskPercent: Int32 = 10
    /// laConfig: with a higher load laErrorFlag is set.
    public var maximumLoad: Int32 = 12

    /// Whether hrSWRunParameters shows the arguments that processes were started with. Some programs take passwords
    /// there, and what every user of this machine can see then goes to every manager with access to the group.
    public var showsProcessArguments = true

    /// Makes the default settings.
    public init() {}
}

/// A row of sysORTable (RFC 3418).
public struct SupportedModule: Hashable, Sendable {
    /// sysORID: the module's name.
    public var identifier: ObjectIdentifier
    /// sysORDescr: a description for people.
    public var text: String

    /// Makes a row.
    public init(_ identifier: ObjectIdentifier, _ text: String) {
        self.identifier = identifier
        self.text = text
    }

    /// The modules that this target offers.
    public static let host: [SupportedModule] = [
        SupportedModule([1, 3, 6, 1, 6, 3, 1], "SNMPv2-MIB: the system group"),
        SupportedModule([1, 3, 6, 1, 2, 1, 31], "IF-MIB: network interfaces"),
        SupportedModule([1, 3, 6, 1, 2, 1, 48], "IP-MIB: IP and ICMP"),
        SupportedModule([1, 3, 6, 1, 2, 1, 49], "TCP-MIB: TCP"),
        SupportedModule([1, 3, 6, 1, 2, 1, 50], "UDP-MIB: UDP"),
        SupportedModule([1, 3, 6, 1, 2, 1, 25, 7, 1], "HOST-RESOURCES-MIB: storage, devices and processes"),
        SupportedModule([1, 3, 6, 1, 4, 1, 2021], "UCD-SNMP-MIB: memory, load, disks and statistics"),
    ]
}

/// This machine as managed objects.
///
/// Reads on demand, never in the background. Not for several threads at a time, like the subtrees of an agent.
public final class HostAgent {
    /// The settings; the writable strings among them change when they are set through SNMP.
    public internal(set) var settings: HostSettings
    /// Called after contact, name or location was set through SNMP, so that the owner can keep them for the next start.
    public var onSettingsChange: ((HostSettings) -> Void)?

    let sampler: HostSampler

    /// Which objects of a group are wanted.
    enum Part {
        case all
        case scalars
        case tables
    }

    /// Takes a first look at the machine.
    /// - Parameters:
    ///   - files: the machine; invented ones are for tests.
    ///   - settings: see there.
    ///   - now: the time; sysUpTime counts from here.
    public init(files: any HostFiles, settings: HostSettings = HostSettings(), startedAt now: Instant) {
        self.settings = settings
        sampler = HostSampler(files, startedAt: now)
    }

    /// sysUpTime: hundredths of a second since the agent started, wrapping after 497 days.
    public func upTime(at now: Instant) -> UInt32 { sampler.upTime(at: now) }

    /// All instances of a group, ascending by name. Objects whose files are missing or make no sense are left out.
    public func bindings(of group: HostGroup, at now: Instant) -> [VarBind] {
        switch group {
        case .interfaces: return interfaceBindings(sampler.interfaces(at: now))
        case .ip: return ipBindings(IPReading(sampler, at: now))
        case .icmp: return icmpBindings(sampler.protocols(at: now))
        case .tcp, .udp: return bindings(of: group, .all, at: now)
        case .hostSystem: return hostSystemBindings(sampler, at: now)
        case .hostStorage: return hostStorageBindings(sampler.memory(at: now), sampler.fileSystems(at: now))
        case .hostDevices: return hostDeviceBindings(DeviceReading(sampler, at: now))
        case .hostSoftware:
            return hostSoftwareBindings(sampler.processes(at: now), showsArguments: settings.showsProcessArguments)
        case .hostSoftwarePerformance:
            return hostSoftwarePerformanceBindings(sampler.processes(at: now), sampler.files)
        case .interfaceExtensions:
            let interfaces = sampler.interfaces(at: now)
            return interfaceExtensionBindings(interfaces, tableLastChange: sampler.interfaceTableLastChange)
        case .memory:
            return memoryBindings(sampler.memory(at: now), minimumSwap: UInt64(settings.minimumFreeSwap))
        case .diskSpace:
            return diskSpaceBindings(
                sampler.fileSystems(at: now), minimumFreePercent: settings.minimumFreeDiskPercent)
        case .load: return loadBindings(sampler.files, maximumLoad: settings.maximumLoad)
        case .statistics:
            return statisticsBindings(sampler.activity(at: now), pageByteCount: sampler.files.pageByteCount)
        case .diskActivity: return diskActivityBindings(sampler.diskActivity())
        }
    }

    /// Scalars and tables of TCP and UDP apart: the scalars are asked for often and cost little, the tables need lists
    /// of all sockets. Other groups come as a whole.
    func bindings(of group: HostGroup, _ part: Part, at now: Instant) -> [VarBind] {
        let counters = part == .tables ? NamedNumbers() : sampler.protocols(at: now)
        switch group {
        case .tcp: return tcpBindings(counters, sockets: part == .scalars ? nil : sampler.tcpSockets(at: now))
        case .udp: return udpBindings(counters, sockets: part == .scalars ? nil : sampler.udpSockets(at: now))
        default: return bindings(of: group, at: now)
        }
    }
}
