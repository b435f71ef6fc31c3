// Layer: StationStore. Uses: StationSeries. Used by: Recorder, Reader, whoever uses the store.
// What the database holds of devices, their objects and their series.

public import StationSeries

/// A device. Its secrets are kept apart: `Reader.security`.
public struct DeviceRecord: Hashable, Sendable {
    /// Where a device comes from.
    public enum Origin: UInt8, Sendable, Hashable {
        /// Somebody added it.
        case user = 0
        /// The station made it: this machine.
        case builtIn = 1
    }

    /// The most UTF-16 units of a name.
    public static let nameLimit = 120

    /// Its number, above 0; never given out again.
    public internal(set) var id: Int32
    /// Its name; no two devices have the same, whatever the case of letters.
    public var name: String
    /// Where it is, as it was typed: `udp:192.0.2.1:161`.
    public var address: String
    /// The time from one round to the next, in milliseconds.
    public var intervalMilliseconds: Int32
    /// Whether it is polled.
    public var isEnabled: Bool
    /// Where it comes from.
    public var origin: Origin
    /// The version of SNMP. Follows the secrets.
    public internal(set) var version: DeviceVersion
    /// When it was added, in microseconds since 1970 UTC.
    public var added: Int64
    /// What was learned of how to ask it, JSON.
    public var profile: String?
    /// Its SNMP engine.
    public var engineID: [UInt8]?
    /// sysName.
    public var sysName: String?
    /// sysDescr.
    public var sysDescr: String?
    /// sysObjectID, in numbers.
    public var sysObjectID: String?
    /// sysContact.
    public var sysContact: String?
    /// sysLocation.
    public var sysLocation: String?

    /// Describes a device to be added; its number is 0 until then.
    public init(
        name: String, address: String, intervalMilliseconds: Int32, isEnabled: Bool = true, origin: Origin = .user,
        added: Int64
    ) {
        id = 0
        version = .v2c
        self.name = name
        self.address = address
        self.intervalMilliseconds = intervalMilliseconds
        self.isEnabled = isEnabled
        self.origin = origin
        self.added = added
    }
}

/// A part of a device that has series of its own: an interface, a processor, a file system.
public struct ObjectRecord: Hashable, Sendable {
    /// Its number, above 0; never given out again.
    public internal(set) var id: Int32
    /// The device's number.
    public internal(set) var device: Int32
    /// What it is, such as `interface`.
    public var kind: String
    /// What tells it from others of its kind on the device.
    public var key: String
    /// Its name for people.
    public var name: String
    /// What its owner calls it, such as ifAlias; empty without.
    public var alias: String
    /// Its other attributes, JSON.
    public var attributes: String
    /// When it was first in a catalogue, in microseconds since 1970 UTC.
    public internal(set) var firstSeen: Int64
    /// When it was last in one.
    public internal(set) var lastSeen: Int64
    /// Whether the last complete catalogue lacks it.
    public internal(set) var isGone: Bool
}

/// What a series' values are.
public enum SeriesNature: UInt8, Sendable, Hashable {
    /// A counter, of which rates are made.
    case counter = 0
    /// A number that goes up and down.
    case gauge = 1
    /// A number that stands for a state.
    case state = 2
}

/// A series of samples.
public struct SeriesRecord: Hashable, Sendable {
    /// Its number, above 0; never given out again.
    public internal(set) var id: Int32
    /// The device's number.
    public internal(set) var device: Int32
    /// The object's number; 0: the device itself.
    public internal(set) var object: Int32
    /// What is measured, such as `ifHCInOctets`.
    public var metric: String
    /// The instance's name in numbers.
    public var oid: String
    /// The type that the device answered with when the series was made.
    public var type: SampleType
    /// The unit of values.
    public var unit: String
    /// What values are.
    public var nature: SeriesNature
}

/// What a device has, as it was found by a walk.
public struct DeviceCatalogue: Hashable, Sendable {
    /// A series that there is to be.
    public struct Series: Hashable, Sendable {
        /// What is measured; no two of an object are the same.
        public var metric: String
        /// The instance's name in numbers.
        public var oid: String
        /// The type of its values.
        public var type: SampleType
        /// Their unit.
        public var unit: String
        /// What they are.
        public var nature: SeriesNature

        /// Describes a series.
        public init(metric: String, oid: String, type: SampleType, unit: String, nature: SeriesNature) {
            self.metric = metric
            self.oid = oid
            self.type = type
            self.unit = unit
            self.nature = nature
        }
    }

    /// An object that there is to be.
    public struct Object: Hashable, Sendable {
        /// What it is.
        public var kind: String
        /// What tells it from others of its kind; letters of another case make another key.
        public var key: String
        /// Its name for people.
        public var name: String
        /// What its owner calls it.
        public var alias: String
        /// Other attributes, JSON.
        public var attributes: String
        /// Its series.
        public var series: [Series]

        /// Describes an object.
        public init(
            kind: String, key: String, name: String, alias: String = "", attributes: String = "{}",
            series: [Series] = []
        ) {
            self.kind = kind
            self.key = key
            self.name = name
            self.alias = alias
            self.attributes = attributes
            self.series = series
        }
    }

    /// Series of the device itself.
    public var series: [Series]
    /// Objects; kind and key tell them apart.
    public var objects: [Object]
    /// Whether this is all there is: objects that it lacks are gone.
    public var isComplete: Bool

    /// Describes what a device has.
    public init(series: [Series] = [], objects: [Object] = [], isComplete: Bool = true) {
        self.series = series
        self.objects = objects
        self.isComplete = isComplete
    }
}

/// What became of a catalogue in the database.
public struct CatalogueResult: Hashable, Sendable {
    /// What became of an object.
    public enum Change: UInt8, Sendable, Hashable {
        /// It is as it was.
        case none
        /// It was made.
        case added
        /// Name, alias or attributes changed.
        case changed
        /// It was gone and is back.
        case returned
    }

    /// An object.
    public struct Object: Hashable, Sendable {
        /// As it is now.
        public var record: ObjectRecord
        /// What became of it.
        public var change: Change
        /// Its name, alias and attributes before, if they changed.
        public var before: ObjectRecord?
        /// Its series, in the order of the catalogue.
        public var series: [SeriesRecord]
    }

    /// The device's own series, in the order of the catalogue.
    public var series: [SeriesRecord]
    /// The objects, in the order of the catalogue.
    public var objects: [Object]
    /// Objects that a complete catalogue lacks and that were there before.
    public var gone: [ObjectRecord]
}
