// Layer: PlatformIO. Uses: libc. Used by: drivers, which hand the time to the state machines.
// The machine's clocks.

import CLinux
public import Primitives

/// The clocks of this machine.
public enum SystemClock {
    /// The time on the monotonic clock: never steps when somebody sets the date, stands still while asleep (Linux).
    public static var now: Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }

    /// Nanoseconds since 1970-01-01 00:00 UTC, not counting leap seconds. Steps when the date is set.
    public static var wallNanoseconds: Int64 { read(CLOCK_REALTIME) }

    /// Whole seconds since 1970-01-01 00:00 UTC. Steps when the date is set.
    public static var wallSeconds: Int64 { wallNanoseconds / 1_000_000_000 }

    /// Lets the thread sleep for a moment, about 50 µs longer than asked for. For less than a second.
    public static func sleep(_ interval: Interval) {
        precondition(interval < .seconds(1) && interval >= .zero, "the event loop is for waiting")
        var request = timespec(tv_sec: 0, tv_nsec: Int(interval.nanoseconds))
        // Interrupted early is early enough.
        _ = nanosleep(&request, nil)
    }

    /// The processor time that all threads of this process have used.
    public static var processCPUTime: Interval { Interval(nanoseconds: read(CLOCK_PROCESS_CPUTIME_ID)) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        let result = clock_gettime(clock, &time)
        precondition(result == 0, "the clock is missing")
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// A point in time as a calendar and a clock on the wall show it.
public struct LocalTime: Equatable, Sendable {
    /// The year, such as 2026.
    public let year: Int
    /// The month, 1...12.
    public let month: Int
    /// The day of the month, 1...31.
    public let day: Int
    /// The hour, 0...23.
    public let hour: Int
    /// The minute, 0...59.
    public let minute: Int
    /// The second, 0...60.
    public let second: Int
    /// The day of the week, 0 (Sunday)...6.
    public let weekday: Int
    /// How far local time is ahead of UTC, in seconds.
    public let utcOffsetSeconds: Int

    // glibc's localtime_r need not look at TZ by itself.
    private static let zoneIsLoaded: Void = tzset()

    /// The local time, by the machine's time zone, of a number of seconds since 1970-01-01 00:00 UTC.
    ///
    /// nil if the year doesn't fit the system's calendar.
    public init?(wallSeconds: Int64) {
        LocalTime.zoneIsLoaded
        var seconds = time_t(wallSeconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return nil }
        self.init(parts)
    }

    /// The same in UTC.
    public init?(utcSeconds: Int64) {
        var seconds = time_t(utcSeconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return nil }
        self.init(parts)
    }

    private init(_ parts: tm) {
        year = Int(parts.tm_year) + 1900
        month = Int(parts.tm_mon) + 1
        day = Int(parts.tm_mday)
        hour = Int(parts.tm_hour)
        minute = Int(parts.tm_min)
        second = Int(parts.tm_sec)
        weekday = Int(parts.tm_wday)
        utcOffsetSeconds = Int(parts.tm_gmtoff)
    }
}
