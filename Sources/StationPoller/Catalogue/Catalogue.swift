// Layer: StationPoller/Catalogue. Uses: Metric. Used by: plan, exporters.
// Everything that the station polls without configuration: the table of docs/station/design.md.

import SNMPCodec

/// The metrics that are polled wherever a device has them.
public enum Catalogue {
    /// All metrics, by their number.
    public static let metrics: [Metric] = {
        var list = MetricList()
        list.addInterfaces()
        list.addProcessors()
        list.addMemory()
        list.addStorage()
        list.addLoad()
        return list.metrics
    }()

    private static let numbers: [String: Int] = {
        var numbers: [String: Int] = [:]
        for metric in metrics { numbers[metric.name] = metric.number }
        return numbers
    }()

    /// The metric of that name; nil if there is none.
    public static func metric(_ name: String) -> Metric? { numbers[name].map { metrics[$0] } }

    /// The metrics of the device itself.
    static let scalars: [Metric] = metrics.filter { $0.kind == nil }
}

/// Columns and scalars that are read for what they say about objects, or to notice changes.
enum Column {
    static let system: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1]
    static let sysDescr = system.appending(1).appending(0)
    static let sysObjectID = system.appending(2).appending(0)
    static let sysUpTime = system.appending(3).appending(0)
    static let sysContact = system.appending(4).appending(0)
    static let sysName = system.appending(5).appending(0)
    static let sysLocation = system.appending(6).appending(0)

    static let ifNumber: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 1, 0]
    static let ifTableLastChange: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 31, 1, 5, 0]
    static let ifEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 2, 2, 1]
    static let ifXEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1]
    static let hrProcessorLoad: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2]
    static let hrDeviceDescr: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3]
    static let hrStorageEntry: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25, 2, 3, 1]
    static let hrSystem: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 25, 1]
    static let ucd: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 2021]
}

/// Builds the list.
private struct MetricList {
    var metrics: [Metric] = []

    private mutating func add(
        _ name: String, _ oid: ObjectIdentifier, _ kind: ObjectKind?, _ group: MetricGroup, _ nature: MetricNature,
        unit: String, over: String? = nil, export: String, label: MetricLabel? = nil, scale: Double = 1, _ help: String
    ) {
        metrics.append(
            Metric(
                number: metrics.count, name: name, oid: oid, kind: kind, group: group, nature: nature, unit: unit,
                preferredOver: over, exportName: "oriel_" + export, exportLabel: label, exportScale: scale,
                help: help))
    }

    mutating func addInterfaces() {
        func ifTable(_ column: UInt32) -> ObjectIdentifier { Column.ifEntry.appending(column) }
        func ifXTable(_ column: UInt32) -> ObjectIdentifier { Column.ifXEntry.appending(column) }
        for (direction, word, verb, at) in [("In", "receive", "received", 0), ("Out", "transmit", "sent", 1)] {
            let offset = UInt32(at)
            // Wide counters first: the narrow ones are for devices without them.
            let parts: [(String, UInt32, ObjectIdentifier, String, String, String)] = [
                ("Octets", 6, ifTable(10 + 6 * offset), "octets", "bytes", "Octets"),
                ("UcastPkts", 7, ifTable(11 + 6 * offset), "packets", "unicast_packets", "Unicast packets"),
                ("MulticastPkts", 8, ifXTable(2 + 2 * offset), "packets", "multicast_packets", "Multicast packets"),
                ("BroadcastPkts", 9, ifXTable(3 + 2 * offset), "packets", "broadcast_packets", "Broadcast packets"),
            ]
            for (part, wide, narrow, unit, export, text) in parts {
                let name = "if" + direction + part
                add(
                    "ifHC" + direction + part, ifXTable(wide + 4 * offset), .interface, .interface, .counter,
                    unit: unit, over: name, export: "interface_\(word)_\(export)", "\(text) \(verb), 64 bits")
                add(
                    name, narrow, .interface, .interface, .counter, unit: unit, export: "interface_\(word)_\(export)",
                    "\(text) \(verb), 32 bits")
            }
            add(
                "if\(direction)Errors", ifTable(14 + 6 * offset), .interface, .interface, .counter, unit: "packets",
                export: "interface_\(word)_errors", "Packets with errors, not \(verb)")
            add(
                "if\(direction)Discards", ifTable(13 + 6 * offset), .interface, .interface, .counter, unit: "packets",
                export: "interface_\(word)_discards", "Packets without errors that were dropped, not \(verb)")
        }
        add(
            "ifAdminStatus", ifTable(7), .interface, .interface, .state, unit: "state",
            export: "interface_admin_status", "State that is wanted: 1 up, 2 down, 3 testing")
        add(
            "ifOperStatus", ifTable(8), .interface, .interface, .state, unit: "state",
            export: "interface_oper_status",
            "State: 1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 not present, 7 lower layer down")
        add(
            "ifCounterDiscontinuityTime", ifXTable(19), .interface, .interface, .state, unit: "hundredths of a second",
            export: "interface_discontinuity_seconds", scale: 0.01,
            "Up time of the device when the counters of the interface last began anew")
    }

    mutating func addProcessors() {
        add(
            "hrProcessorLoad", Column.hrProcessorLoad, .processor, .processor, .gauge, unit: "percent",
            export: "processor_load_percent", "Share of the last minute that the processor was not idle")
        let modes: [(String, UInt32, String)] = [
            ("User", 50, "user code"), ("Nice", 51, "user code of low priority"), ("System", 52, "the system"),
            ("Idle", 53, "nothing"), ("Wait", 54, "waiting for disks"), ("Interrupt", 56, "interrupts"),
            ("SoftIRQ", 61, "soft interrupts"), ("Steal", 64, "what other machines took of this virtual one"),
        ]
        for (mode, arc, text) in modes {
            add(
                "ssCpuRaw" + mode, Column.ucd.appending(11).appending(arc).appending(0), nil, .processor, .counter,
                unit: "ticks", export: "processor_time_seconds",
                label: MetricLabel(name: "mode", value: mode.lowercased()), scale: 0.01,
                "Time of all processors together for \(text)")
        }
    }

    mutating func addMemory() {
        let parts: [(String, UInt32, String, String)] = [
            ("memTotalReal", 5, "memory_total_bytes", "Memory"),
            ("memAvailReal", 6, "memory_free_bytes", "Memory that nothing uses"),
            ("memBuffer", 14, "memory_buffer_bytes", "Memory of buffers"),
            ("memCached", 15, "memory_cached_bytes", "Memory of caches"),
            ("memTotalSwap", 3, "swap_total_bytes", "Swap space"),
            ("memAvailSwap", 4, "swap_free_bytes", "Swap space that nothing uses"),
        ]
        for (name, arc, export, help) in parts {
            add(
                name, Column.ucd.appending(4).appending(arc).appending(0), nil, .memory, .gauge, unit: "kilobytes",
                export: export, scale: 1_024, help)
        }
    }

    mutating func addStorage() {
        add(
            "hrStorageSize", Column.hrStorageEntry.appending(5), .storage, .storage, .gauge, unit: "units",
            export: "storage_size_bytes", "Size")
        add(
            "hrStorageUsed", Column.hrStorageEntry.appending(6), .storage, .storage, .gauge, unit: "units",
            export: "storage_used_bytes", "What is used of the size")
    }

    mutating func addLoad() {
        for (index, minutes) in [(UInt32(1), 1), (2, 5), (3, 15)] {
            add(
                "laLoadInt.\(index)", Column.ucd.appending(10).appending(1).appending(5).appending(index), nil, .load,
                .gauge, unit: "hundredths", export: "load\(minutes)", scale: 0.01,
                "Processes that run or want to, mean of \(minutes) minute\(minutes == 1 ? "" : "s")")
        }
        add(
            "hrSystemProcesses", Column.hrSystem.appending(6).appending(0), nil, .load, .gauge, unit: "processes",
            export: "processes", "Processes")
        add(
            "hrSystemNumUsers", Column.hrSystem.appending(5).appending(0), nil, .load, .gauge, unit: "users",
            export: "users", "Sessions of users")
    }
}
