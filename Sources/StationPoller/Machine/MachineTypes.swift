// Layer: StationPoller/Machine. Uses: Plan, StationSeries. Used by: DeviceMachine, DevicePoller, callers.
// What goes into the machine of a device and what comes out.

public import Primitives
public import SNMPCodec
public import StationSeries

/// A moment, on both clocks.
public struct Moment: Hashable, Sendable {
    /// On the clock that doesn't jump: for schedules.
    public var instant: Instant
    /// On the wall: microseconds since 1970, UTC: for records.
    public var microseconds: Int64

    /// Makes a moment.
    public init(_ instant: Instant, microseconds: Int64) {
        self.instant = instant
        self.microseconds = microseconds
    }
}

/// How a device is polled.
public struct PollingOptions: Hashable, Sendable {
    /// From one round to the next.
    public var interval = Interval.seconds(10)
    /// After how long the tables are read again although nothing calls for it.
    public var rediscovery = Interval.seconds(3_600)
    /// How long reading the tables may take.
    public var discoveryLimit = Interval.seconds(300)
    /// How long a round may take; the interval if that is longer.
    public var roundLimit = Interval.seconds(60)
    /// Requests at once.
    public var requestsAtOnce = 4
    /// Names in one request to begin with: their values fit into one Ethernet frame.
    public var namesPerRequest = 48
    /// Datagrams a second, where the target's own policy has no limit.
    public var datagramsPerSecond = 50

    /// The options of the design.
    public init() {}

    /// The options of the design with another interval.
    public init(interval: Interval) { self.interval = interval }
}

/// Whether a device answers.
public enum DeviceState: String, Hashable, Sendable, CaseIterable {
    /// It was not asked yet.
    case new
    /// It answers.
    case up
    /// It doesn't.
    case down
}

/// A value of a round.
public struct PolledValue: Hashable, Sendable {
    /// The place of its instance in `DevicePlan.instances`.
    public var instance: Int32
    /// What the device said, in the type that it said it in.
    public var value: RawValue
}

/// What became of a round.
public struct PolledRound: Hashable, Sendable {
    /// The device's number.
    public var device: Int32
    /// When the answer with sysUpTime arrived, or when it was clear that none would come: microseconds since 1970, UTC.
    public var time: Int64
    /// sysUpTime in hundredths of a second; nil if there is none.
    public var upTime: UInt32?
    /// Whether all values came.
    public var verdict: RoundVerdict
    /// Why not, for people; empty if they did.
    public var text: String
    /// From the round's first request to its last answer.
    public var durationMicroseconds: UInt32
    /// Requests, those of reading tables included, repetitions not.
    public var requests: UInt16
    /// The round-trip time of the answer with sysUpTime; nil if there is none.
    public var roundTrip: Interval?
    /// The plan that the values belong to.
    public var revision: Int
    /// The values, by ascending instance.
    public var values: [PolledValue]
}

/// What the machine of a device wants done. Gets and walks end in a call of the machine that has their number.
public enum DeviceAction: Sendable {
    /// Send a GET. With a timeout: once, and wait for the answer so long.
    case get(number: Int, names: [ObjectIdentifier], timeout: Interval?)
    /// Walk columns side by side; stop as cancelled when it is `until`.
    case walk(number: Int, columns: [ObjectIdentifier], maximumRows: Int, until: Instant)
    /// The device has another plan, which the next rounds' values belong to; and what changed.
    case plan(DevicePlan, [PlanChange])
    /// The device is up or down now; the message is for people.
    case state(DeviceState, message: String)
    /// A round is over.
    case round(PolledRound)
}

/// Why tables are read again.
enum DiscoveryReason: Int, Comparable, Sendable {
    case hourly, missing, tableChange, restart, first

    static func < (a: DiscoveryReason, b: DiscoveryReason) -> Bool { a.rawValue < b.rawValue }
}
