// Layer: Primitives. Used by: every state machine.
// Time as the state machines see it: a number that the driver or the simulation hands in.

/// A point on a monotonic clock, in nanoseconds since an origin that only the clock's owner knows.
///
/// The engines never ask for the time: it comes in as an argument, so that tests run on a virtual clock.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's origin.
    public var nanoseconds: Int64

    /// Makes an instant from nanoseconds since the clock's origin.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The origin of the clock.
    public static let zero = Instant(nanoseconds: 0)

    /// An instant that no clock reaches.
    public static let distantFuture = Instant(nanoseconds: .max)

    /// Orders two instants of the same clock.
    @inlinable
    public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The instant `interval` later; saturates instead of overflowing.
    @inlinable
    public static func + (a: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        let nearest = interval.nanoseconds > 0 ? Instant.distantFuture : Instant(nanoseconds: .min)
        return overflow ? nearest : Instant(nanoseconds: sum)
    }

    /// The time from `b` to `a`; saturates instead of overflowing.
    @inlinable
    public static func - (a: Instant, b: Instant) -> Interval {
        let (difference, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
        return overflow
            ? Interval(nanoseconds: a.nanoseconds > b.nanoseconds ? .max : .min) : Interval(nanoseconds: difference)
    }
}

/// A length of time in nanoseconds: a trivial eight-byte stand-in for `Duration` on hot paths.
public struct Interval: Comparable, Hashable, Sendable {
    /// Nanoseconds; may be negative.
    public var nanoseconds: Int64

    /// Makes an interval from nanoseconds.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// No time at all.
    public static let zero = Interval(nanoseconds: 0)

    /// An interval of whole microseconds.
    @inlinable
    public static func microseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count &* 1_000) }

    /// An interval of whole milliseconds.
    @inlinable
    public static func milliseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count &* 1_000_000) }

    /// An interval of whole seconds.
    @inlinable
    public static func seconds(_ count: Int64) -> Interval { Interval(nanoseconds: count &* 1_000_000_000) }

    /// An interval of `count` seconds, rounded to nanoseconds; values out of range are clamped.
    @inlinable
    public static func fractionalSeconds(_ count: Double) -> Interval {
        let nanoseconds = count * 1e9
        if nanoseconds.isNaN { return .zero }
        if nanoseconds >= 9.2e18 { return Interval(nanoseconds: .max) }
        if nanoseconds <= -9.2e18 { return Interval(nanoseconds: .min) }
        return Interval(nanoseconds: Int64(nanoseconds))
    }

    /// The interval in seconds.
    @inlinable
    public var inSeconds: Double { Double(nanoseconds) / 1e9 }

    /// Orders two intervals by length.
    @inlinable
    public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The sum of two intervals; wraps on overflow, which takes 292 years.
    @inlinable
    public static func + (a: Interval, b: Interval) -> Interval {
        Interval(nanoseconds: a.nanoseconds &+ b.nanoseconds)
    }

    /// The difference of two intervals.
    @inlinable
    public static func - (a: Interval, b: Interval) -> Interval {
        Interval(nanoseconds: a.nanoseconds &- b.nanoseconds)
    }

    /// The interval taken `factor` times.
    @inlinable
    public static func * (a: Interval, factor: Int64) -> Interval {
        let (product, overflow) = a.nanoseconds.multipliedReportingOverflow(by: factor)
        return Interval(nanoseconds: overflow ? .max : product)
    }

    /// The interval divided into `parts`.
    @inlinable
    public static func / (a: Interval, parts: Int64) -> Interval { Interval(nanoseconds: a.nanoseconds / parts) }
}
