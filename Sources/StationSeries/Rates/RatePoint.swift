// Layer: StationSeries/Rates. Used by: rates, buckets, and the station's queries.
// What rates are computed from, and what comes out.

/// One sample of a series with what its rate depends on.
public struct Reading: Hashable, Sendable {
    /// Microseconds since 1970 UTC by this machine's clock.
    public var time: Int64
    /// The device's sysUpTime in hundredths of a second, modulo 2^32; nil if it didn't say.
    public var upTime: UInt32?
    /// What the device said; nil if the round has no value.
    public var value: RawValue?
    /// The interface's ifCounterDiscontinuityTime (RFC 2863); nil if it is not known.
    public var discontinuity: UInt64?

    /// A sample.
    public init(time: Int64, upTime: UInt32? = nil, value: RawValue?, discontinuity: UInt64? = nil) {
        self.time = time
        self.upTime = upTime
        self.value = value
        self.discontinuity = discontinuity
    }
}

/// What is known of a rate; a later one is worse.
public enum RateState: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    /// The counter grew, or stood still.
    case ok = 0
    /// The counter passed zero; the rate is right.
    case wrapped = 1
    /// The device restarted, or the counter began anew.
    case reset = 2
    /// The counter went backwards and nothing says why, or a sample is missing.
    case unknown = 3
    /// The samples lie too far apart, or there are none.
    case gap = 4

    /// True if the right one is worse.
    public static func < (left: RateState, right: RateState) -> Bool { left.rawValue < right.rawValue }
}

/// A rate between two neighbouring samples.
public struct RatePoint: Hashable, Sendable {
    /// Where it begins: microseconds since 1970 UTC, not after `end`.
    public var start: Int64
    /// Where it ends: the time of the later sample.
    public var end: Int64
    /// The growth in units of the counter per second, for gauges the value; only with the states ok and wrapped.
    public var perSecond: Double?
    /// What is known.
    public var state: RateState

    /// A rate.
    public init(start: Int64, end: Int64, perSecond: Double?, state: RateState) {
        self.start = start
        self.end = end
        self.perSecond = perSecond
        self.state = state
    }
}

/// What rates are judged by.
public struct RateRules: Hashable, Sendable {
    /// The fastest that the counter can grow, per second, such as ifSpeed / 8 for octets; nil if it is not known.
    public var maximumPerSecond: Double?
    /// The time between rounds; positive. More than three of them are a gap.
    public var intervalMicroseconds: Int64

    /// Rules. The interval must be positive.
    public init(maximumPerSecond: Double? = nil, intervalMicroseconds: Int64) {
        precondition(intervalMicroseconds > 0, "an interval that is not positive")
        self.maximumPerSecond = maximumPerSecond
        self.intervalMicroseconds = intervalMicroseconds
    }

    /// True if so much time is more than three intervals.
    @inline(__always) func isGap(_ microseconds: Int64) -> Bool {
        Double(microseconds) > 3 * Double(intervalMicroseconds)
    }
}

extension Int64 {
    /// The difference, or the nearest that there is: times come from a database, which may be damaged.
    @inline(__always) func saturatingMinus(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : difference
    }
}
