// Layer: StationSeries/Records. Used by: the poller, which makes rounds, and the store, which keeps them.
// One round of a device: when, how it went and what the device said. Time lines and blocks hold many.

/// What a round got.
public enum RoundVerdict: UInt8, Hashable, Sendable, CaseIterable {
    /// All that was asked for.
    case complete = 0
    /// A part of it.
    case partial = 1
    /// No answer at all.
    case none = 2
}

/// A round without its values.
public struct RoundHead: Hashable, Sendable {
    /// When the answer with sysUpTime arrived: microseconds since 1970 UTC by this machine's clock.
    public var time: Int64
    /// The device's sysUpTime in hundredths of a second, modulo 2^32; nil if it didn't say.
    public var upTime: UInt32?
    /// What the round got.
    public var verdict: RoundVerdict
    /// How long the round took.
    public var durationMicroseconds: UInt32
    /// How many requests it took.
    public var requests: UInt16

    /// The head of a round.
    public init(
        time: Int64, upTime: UInt32? = nil, verdict: RoundVerdict = .complete, durationMicroseconds: UInt32 = 0,
        requests: UInt16 = 0
    ) {
        self.time = time
        self.upTime = upTime
        self.verdict = verdict
        self.durationMicroseconds = durationMicroseconds
        self.requests = requests
    }
}

/// One round of a device.
public struct Round: Hashable, Sendable {
    /// A record holds at most so many values.
    public static let maximumValueCount = 1 << 20

    /// When the answer with sysUpTime arrived: microseconds since 1970 UTC by this machine's clock.
    public var time: Int64
    /// The device's sysUpTime in hundredths of a second, modulo 2^32; nil if it didn't say.
    public var upTime: UInt32?
    /// What the round got.
    public var verdict: RoundVerdict
    /// How long the round took.
    public var durationMicroseconds: UInt32
    /// How many requests it took.
    public var requests: UInt16
    /// What the device said; smallest if series ascend. Of several values of a series the first counts.
    public var values: [SeriesValue]

    /// A round.
    public init(
        time: Int64, upTime: UInt32? = nil, verdict: RoundVerdict = .complete, durationMicroseconds: UInt32 = 0,
        requests: UInt16 = 0, values: [SeriesValue] = []
    ) {
        self.time = time
        self.upTime = upTime
        self.verdict = verdict
        self.durationMicroseconds = durationMicroseconds
        self.requests = requests
        self.values = values
    }

    /// A round out of its head and values.
    public init(head: RoundHead, values: [SeriesValue]) {
        self.init(
            time: head.time, upTime: head.upTime, verdict: head.verdict,
            durationMicroseconds: head.durationMicroseconds, requests: head.requests, values: values)
    }

    /// All but the values.
    public var head: RoundHead {
        RoundHead(
            time: time, upTime: upTime, verdict: verdict, durationMicroseconds: durationMicroseconds,
            requests: requests)
    }
}
