// Layer: StationPoller/Catalogue. Uses: SNMPCodec. Used by: Catalogue, plans, exporters.
// What the station knows about one thing that it records: its name, where it stands, and how it is shown.

public import SNMPCodec

/// What the numbers of a metric are.
public enum MetricNature: UInt8, Hashable, Sendable, CaseIterable {
    /// Only grows until it wraps or the device restarts; shown as a rate.
    case counter = 0
    /// A level at a moment.
    case gauge = 1
    /// A numbered state or a time stamp: no arithmetic makes sense.
    case state = 2
}

/// What a metric belongs to; the groups of docs/station/design.md.
public enum MetricGroup: String, Hashable, Sendable, CaseIterable {
    /// ifTable and ifXTable (RFC 2863).
    case interface
    /// hrProcessorTable (RFC 2790), and ssCpuRaw of UCD-SNMP-MIB.
    case processor
    /// The memory group of UCD-SNMP-MIB.
    case memory
    /// hrStorageTable (RFC 2790).
    case storage
    /// laTable of UCD-SNMP-MIB, and the number of processes and users (RFC 2790).
    case load
}

/// What a series of a device is about.
public enum ObjectKind: String, Hashable, Sendable, CaseIterable {
    /// A row of ifTable.
    case interface
    /// A row of hrProcessorTable.
    case processor
    /// A row of hrStorageTable.
    case storage
}

/// A label that tells apart metrics with one export name.
public struct MetricLabel: Hashable, Sendable {
    /// The label's name, such as `mode`.
    public let name: String
    /// Its value, such as `user`.
    public let value: String
}

/// One thing that is recorded.
public struct Metric: Hashable, Sendable {
    /// Its number: its place in `Catalogue.metrics`. Not stable between versions; the name is.
    public let number: Int
    /// The MIB object's name, such as `ifHCInOctets`; of a scalar with several instances with the index: `laLoadInt.1`.
    public let name: String
    /// The column, to which the object's index is appended; of a metric of the device itself the whole instance.
    public let oid: ObjectIdentifier
    /// What kind of object it belongs to; nil: the device itself.
    public let kind: ObjectKind?
    /// The group.
    public let group: MetricGroup
    /// What the numbers are.
    public let nature: MetricNature
    /// The unit of the numbers as the device says them: octets, packets, percent, kilobytes, ticks ...
    public let unit: String
    /// The name of the metric that is not polled where this one is there, such as `ifInOctets` for `ifHCInOctets`.
    public let preferredOver: String?
    /// The name in OpenMetrics, without `_total`; metrics that stand for the same thing share it.
    public let exportName: String
    /// What tells it apart from others with the same export name.
    public let exportLabel: MetricLabel?
    /// The device's numbers times this are in the unit of the export name. For storage, what comes out is still to be
    /// multiplied by the object's allocation unit (`PolledObject.unitOctets`).
    public let exportScale: Double
    /// What it is, in a sentence without a full stop.
    public let help: String
}
