// Layer: StationPoller/Driver. Uses: Machine. Used by: Poller, callers.
// Devices as they are handed to the poller, and what it says about them.

public import Primitives
public import SNMPEngine
public import StationSeries

/// A device to poll.
public struct PolledDevice: Sendable {
    /// Its number, which rounds and events carry.
    public var number: Int32
    /// Its name, for people.
    public var name: String
    /// Where it is and how to speak with it.
    public var configuration: TargetConfiguration
    /// How it is polled.
    public var options: PollingOptions
    /// What was learned about it earlier: see `Poller.profile`.
    public var profile: TargetProfile
    /// What was recorded of it earlier, so that its objects keep their keys.
    public var known: DevicePlan

    /// Makes a device.
    public init(
        number: Int32, name: String, configuration: TargetConfiguration, options: PollingOptions = PollingOptions(),
        profile: TargetProfile = TargetProfile(), known: DevicePlan = DevicePlan()
    ) {
        self.number = number
        self.name = name
        self.configuration = configuration
        self.options = options
        self.profile = profile
        self.known = known
    }
}

/// How a device is.
public struct DeviceHealth: Hashable, Sendable {
    /// Its number.
    public var device: Int32
    /// Its name.
    public var name: String
    /// Whether it answers.
    public var state: DeviceState
    /// Since when: microseconds since 1970, UTC.
    public var since: Int64
    /// When it last answered anything: microseconds since 1970, UTC; nil if it never did.
    public var lastSeen: Int64?
    /// Of the last round; nil before the first.
    public var verdict: RoundVerdict?
    /// Why it is down or its last round was not complete, for people; else empty.
    public var message: String
    /// Of the last round that had an answer.
    public var roundTrip: Interval?
    /// Rounds that ended, those without an answer included.
    public var rounds = 0
    /// Rounds that were due and never begun.
    public var missed = 0
    /// Datagrams sent to it since it was added, repetitions included.
    public var datagrams = 0
    /// Restarts that were seen.
    public var restarts = 0
    /// Times that its tables were read.
    public var discoveries = 0
}

/// What the poller tells.
public enum PollerEvent: Sendable {
    /// A round is over. Its values belong to the plan that was last told for the device.
    case round(PolledRound)
    /// The device has a new plan; and what changed on it.
    case plan(device: Int32, DevicePlan, [PlanChange])
    /// The device went up or down.
    case state(DeviceHealth)
}
