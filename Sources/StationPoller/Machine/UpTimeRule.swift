// Layer: StationPoller/Machine. Used by: DeviceMachine.
// What sysUpTime tells about a restart. It counts hundredths of a second in 32 bits and so passes zero after 497 days.

import Primitives

/// A value of sysUpTime, and when it was received.
struct UpTimeReading: Hashable, Sendable {
    var hundredths: UInt32
    var instant: Instant

    /// What the clocks of device and station may differ by, beside an eighth of the time: a minute.
    static let tolerance = Interval.seconds(60)

    /// Whether the device restarted between `earlier` and this.
    ///
    /// It did if its up time fell, unless it has just passed 2^32; and if it says that it began after `earlier`.
    func tellsOfRestart(since earlier: UpTimeReading) -> Bool {
        let elapsed = max(instant - earlier.instant, .zero)
        let tolerance = elapsed / 8 + Self.tolerance
        if hundredths >= earlier.hundredths {
            return Self.interval(Int64(hundredths)) + tolerance < elapsed
        }
        // Where it would be had it gone on, past zero.
        let expected = Int64(earlier.hundredths) + elapsed.nanoseconds / 10_000_000 - Int64(1) << 32
        let difference = Self.interval(Int64(hundredths) - expected)
        return !(difference <= tolerance && difference >= .zero - tolerance)
    }

    private static func interval(_ hundredths: Int64) -> Interval { .milliseconds(10) * hundredths }

    /// Up time for people: `3 days 4 h`, `12 min`.
    static func text(_ hundredths: UInt32) -> String {
        let seconds = hundredths / 100
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days) day\(days == 1 ? "" : "s") \(hours) h" }
        if hours > 0 { return "\(hours) h \(minutes) min" }
        return minutes > 0 ? "\(minutes) min" : "\(seconds) s"
    }
}
