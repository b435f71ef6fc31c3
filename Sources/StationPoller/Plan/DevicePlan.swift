// Layer: StationPoller/Plan. Uses: Catalogue. Used by: the device machine, callers, who map instances to series.
// What was found on a device, and what is asked for each round.

public import SNMPCodec
public import StationSeries

/// What a device says about itself.
public struct SystemIdentity: Hashable, Sendable {
    /// sysDescr.
    public var description = ""
    /// sysObjectID, dotted.
    public var objectID = ""
    /// sysName.
    public var name = ""
    /// sysContact.
    public var contact = ""
    /// sysLocation.
    public var location = ""

    /// Nothing known.
    public init() {}
}

/// An interface, a processor or a storage area of a device.
public struct PolledObject: Hashable, Sendable {
    /// What it is.
    public var kind: ObjectKind
    /// What it is known by, unique for its kind and device, for ever: the index under which it was first seen, with
    /// something appended if another object was known by that. History hangs on it.
    public var key: String
    /// Its index in the device's tables now (ifIndex ...), which may change when the device restarts.
    public var index: UInt32
    /// The name for people: ifName, else ifDescr; hrStorageDescr; `cpu0` ...
    public var name: String
    /// ifAlias, which people give; else empty.
    public var alias: String
    /// What else the device says about it, by the names of MIB objects: ifDescr, ifType, ifMtu, ifSpeed, ifHighSpeed,
    /// ifPhysAddress; hrDeviceDescr; hrStorageType, hrStorageAllocationUnits.
    public var attributes: [String: String]

    /// Makes an object, such as one that was recorded earlier.
    public init(
        kind: ObjectKind, key: String, index: UInt32, name: String, alias: String = "",
        attributes: [String: String] = [:]
    ) {
        self.kind = kind
        self.key = key
        self.index = index
        self.name = name
        self.alias = alias
        self.attributes = attributes
    }

    /// The speed of an interface in bits a second; nil where the device doesn't say.
    public var bitsPerSecond: UInt64? {
        let exact = attributes["ifSpeed"].flatMap { UInt64($0) } ?? 0
        let megabits = attributes["ifHighSpeed"].flatMap { UInt64($0) } ?? 0
        // ifSpeed is stuck at its greatest value from 4.3 Gbit/s on (RFC 2863).
        if exact > 0, exact < UInt64(UInt32.max) { return exact }
        if megabits > 0, megabits < 1 << 40 { return megabits * 1_000_000 }
        return exact > 0 ? exact : nil
    }

    /// Octets in an allocation unit of storage; nil where the device doesn't say.
    public var unitOctets: UInt64? { attributes["hrStorageAllocationUnits"].flatMap { UInt64($0) } }
}

/// One number that is asked for each round.
public struct PolledInstance: Hashable, Sendable {
    /// The place of its object in `DevicePlan.objects`; nil: the device itself.
    public var object: Int?
    /// The number of its metric in `Catalogue.metrics`.
    public var metric: Int
    /// The full name.
    public var oid: ObjectIdentifier
    /// The type that the device gave it when the plan was made.
    public var type: SampleType

    /// Makes an instance, such as one that was recorded earlier.
    public init(object: Int?, metric: Int, oid: ObjectIdentifier, type: SampleType) {
        self.object = object
        self.metric = metric
        self.oid = oid
        self.type = type
    }

    /// What it is.
    public var description: Metric { Catalogue.metrics[metric] }
}

/// What there is on a device.
public struct DevicePlan: Hashable, Sendable {
    /// Counts the plans of a device while it is watched; rounds name the plan that their values belong to.
    public var revision = 0
    /// The device itself.
    public var system = SystemIdentity()
    /// What it has, by kind and index.
    public var objects: [PolledObject] = []
    /// What is asked for each round. A value of a round names its instance by its place here.
    public var instances: [PolledInstance] = []
    /// What it had earlier, so that it is recognised when it comes back; the last 1,000.
    public var gone: [PolledObject] = []
    /// Why this may not be all: tables that could not be read to their end, limits that were reached. Empty if it is.
    public var shortfall = ""
    /// ifNumber when the tables were read; nil where the device has none.
    public var interfaceCount: SNMPValue?
    /// ifTableLastChange when the tables were read; nil where the device has none.
    public var tableLastChange: SNMPValue?

    /// The most instances of a device.
    public static let maximumInstances = 10_000
    /// The most objects that are remembered after they went.
    public static let maximumGone = 1_000

    /// An empty plan.
    public init() {}

    /// What was recorded of a device earlier: the objects that it had, those gone included, so that their keys live on.
    public init(known: [PolledObject], gone: [PolledObject] = [], system: SystemIdentity = SystemIdentity()) {
        objects = known
        self.gone = gone
        self.system = system
    }

    /// The object of that kind and key; nil if there is none now.
    public func object(_ kind: ObjectKind, _ key: String) -> PolledObject? {
        objects.first { $0.kind == kind && $0.key == key }
    }

    /// What it consists of, for people: `24 interfaces, 4 processors, 3 storage areas`.
    public var summary: String {
        let words: [(ObjectKind, String, String)] = [
            (.interface, "interface", "interfaces"), (.processor, "processor", "processors"),
            (.storage, "storage area", "storage areas"),
        ]
        let parts = words.compactMap { kind, one, many -> String? in
            let count = objects.count { $0.kind == kind }
            return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
        }
        return parts.isEmpty ? "no interfaces, processors or storage" : parts.joined(separator: ", ")
    }
}
