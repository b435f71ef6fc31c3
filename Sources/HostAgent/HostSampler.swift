// Layer: HostAgent. Uses: Readings. Used by: HostAgent.
// Reads the machine on demand. Several groups are made of the same files, so readings are kept for a short while; and
// some objects need what was read before.

import Primitives

/// A reading that is taken again when it is too old.
private struct Cached<Value> {
    let maximumAge: Interval
    private var held: (value: Value, at: Instant)?

    init(_ maximumAge: Interval) { self.maximumAge = maximumAge }

    mutating func value(at now: Instant, _ read: () -> Value) -> Value {
        // A clock that goes back is no clock of ours; but a value that never expires would be worse than one too many.
        if let held, now >= held.at, now - held.at < maximumAge { return held.value }
        let value = read()
        held = (value, now)
        return value
    }
}

/// The machine as readings. Each accessor reads, or serves what it read a moment ago; nil is a file that is missing.
final class HostSampler {
    let files: any HostFiles
    private let startedAt: Instant

    private var heldInterfaces = Cached<[Interface]?>(.milliseconds(500))
    private var heldAttributes = Cached<[String: InterfaceAttributes]>(.milliseconds(2500))
    private var attributeNames: [String] = []
    private var interfaceHistory = InterfaceHistory()
    private var heldProtocols = Cached<NamedNumbers>(.milliseconds(500))
    private var heldTCP = Cached<[NetworkSocket]?>(.milliseconds(500))
    private var heldUDP = Cached<[NetworkSocket]?>(.milliseconds(500))
    private var heldMemory = Cached<NamedNumbers>(.milliseconds(500))
    private var heldActivity = Cached<ActivityReading?>(.milliseconds(500))
    private var activityHistory = ActivityHistory()
    private var heldProcesses = Cached<[Process]?>(.milliseconds(2500))
    private var heldFileSystems = Cached<[FileSystem]?>(.seconds(2))
    private var fileSystemNumbers = LastingNumbers()
    private var heldDisks = Cached<[Disk]?>(.seconds(2))
    private var diskNumbers = LastingNumbers()
    private var activityNumbers = LastingNumbers()

    /// The name of the first processor's model; empty if the machine does not tell. It does not change.
    let processorModel: [UInt8]

    init(_ files: any HostFiles, startedAt: Instant) {
        self.files = files
        self.startedAt = startedAt
        processorModel = HostSampler.readProcessorModel(files)
        // Averages and changes count from here.
        _ = activity(at: startedAt)
        _ = interfaces(at: startedAt)
    }

    /// sysUpTime: hundredths of a second since the agent started, wrapping.
    func upTime(at now: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: max((now - startedAt).nanoseconds, 0) / 10_000_000)
    }

    /// Interfaces, ascending by index.
    func interfaces(at now: Instant) -> [Interface]? {
        heldInterfaces.value(at: now) {
            guard let counters = files.text("/proc/net/dev").map(InterfaceCounters.parse) else { return nil }
            let attributes = attributes(of: counters.map(\.name), at: now)
            var seen: Set<UInt32> = []
            var result: [Interface] = []
            for (name, counters) in counters {
                guard let attributes = attributes[name], seen.insert(attributes.index).inserted else { continue }
                result.append(Interface(name: name, attributes: attributes, counters: counters))
            }
            result.sort { $0.index < $1.index }
            interfaceHistory.update(&result, upTime: upTime(at: now))
            return result
        }
    }

    /// The attributes of interfaces. They take many reads and seldom change, so they may be older than the counters,
    /// but not of other interfaces.
    private func attributes(of names: [String], at now: Instant) -> [String: InterfaceAttributes] {
        if names != attributeNames {
            attributeNames = names
            heldAttributes = Cached(heldAttributes.maximumAge)
        }
        return heldAttributes.value(at: now) {
            var result: [String: InterfaceAttributes] = [:]
            for name in names { result[name] = InterfaceAttributes(name, from: files) }
            return result
        }
    }

    /// sysUpTime when an interface last came or went.
    var interfaceTableLastChange: UInt32 { interfaceHistory.tableLastChange }

    /// The counters of IP, ICMP, TCP and UDP. IPv4 by names such as `IpInReceives` and `IpExtInOctets`, IPv6 by names
    /// such as `Ip6InReceives`.
    func protocols(at now: Instant) -> NamedNumbers {
        heldProtocols.value(at: now) {
            var result = NamedNumbers()
            let common = ["Ip", "Icmp", "IcmpMsg", "Tcp", "Udp"]
            if let text = files.text("/proc/net/snmp") { result.merge(.pairedLines(text, protocols: common)) }
            if let text = files.text("/proc/net/netstat") { result.merge(.pairedLines(text, protocols: ["IpExt"])) }
            if let text = files.text("/proc/net/snmp6") { result.merge(.lines(text)) }
            return result
        }
    }

    /// TCP sockets of both families.
    func tcpSockets(at now: Instant) -> [NetworkSocket]? {
        heldTCP.value(at: now) { sockets("/proc/net/tcp", "/proc/net/tcp6") }
    }

    /// UDP sockets of both families.
    func udpSockets(at now: Instant) -> [NetworkSocket]? {
        heldUDP.value(at: now) { sockets("/proc/net/udp", "/proc/net/udp6") }
    }

    private func sockets(_ paths: String...) -> [NetworkSocket]? {
        let lists = paths.compactMap { path in
            files.readList(path, limit: HostLimits.socketListByteCount).map {
                NetworkSocket.parse(TextCursor($0, limit: HostLimits.socketListByteCount))
            }
        }
        return lists.isEmpty ? nil : lists.flatMap { $0 }
    }

    /// `/proc/meminfo`, in KiB.
    func memory(at now: Instant) -> NamedNumbers {
        heldMemory.value(at: now) { files.text("/proc/meminfo").map(NamedNumbers.lines) ?? NamedNumbers() }
    }

    /// What the processors and the paging have done, and where averages over the last minute start from.
    func activity(at now: Instant) -> (current: ActivityReading, base: (reading: ActivityReading, age: Interval)?)? {
        let current = heldActivity.value(at: now) {
            guard let statistics = files.text("/proc/stat").map(KernelStatistics.parse) else { return nil }
            let paging = files.text("/proc/vmstat").map(NamedNumbers.lines) ?? NamedNumbers()
            let reading = ActivityReading(statistics: statistics, paging: paging)
            activityHistory.add(reading, at: now)
            return reading
        }
        return current.map { ($0, activityHistory.base(at: now)) }
    }

    /// Processes, ascending by number.
    func processes(at now: Instant) -> [Process]? {
        heldProcesses.value(at: now) { Process.readAll(files) }
    }

    /// Mounted file systems, ascending by index.
    func fileSystems(at now: Instant) -> [FileSystem]? {
        heldFileSystems.value(at: now) { FileSystem.readAll(files, numbers: &fileSystemNumbers) }
    }

    /// Disks, ascending by index.
    func disks(at now: Instant) -> [Disk]? {
        heldDisks.value(at: now) { Disk.readAll(files, numbers: &diskNumbers) }
    }

    /// What disks and their parts have done, ascending by index. Not kept: one group needs it.
    func diskActivity() -> [DiskActivity]? {
        files.text("/proc/diskstats").map { DiskActivity.parse($0, numbers: &activityNumbers) }
    }

    private static func readProcessorModel(_ files: some HostFiles) -> [UInt8] {
        guard var text = files.text("/proc/cpuinfo", limit: 65_536) else { return [] }
        while text.nextLine() {
            guard let key = text.upTo(TextCursor.colon), key.starts(with: "model name".utf8) else { continue }
            return Array(text.rest.prefix(64))
        }
        return []
    }
}
