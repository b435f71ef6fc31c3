// Layer: ESE/Environment. Uses: ESEEngine (EngineClock), PlatformIO. Used by: whoever makes an instance.

public import ESEEngine
public import ESEFormat
import PlatformIO
import Primitives

/// This machine's clocks and random numbers.
public final class SystemEngineClock: EngineClock {
    /// Makes a clock; it has no state of its own.
    public init() {}

    /// Now, in UTC, to the millisecond.
    public func logTime() -> LogTime {
        let nanoseconds = SystemClock.wallNanoseconds
        // Dates before 1970 round down as well.
        let second = Int64(1_000_000_000)
        let seconds = nanoseconds / second - (nanoseconds % second < 0 ? 1 : 0)
        guard let time = LocalTime(utcSeconds: seconds) else { return .none }
        return LogTime(
            year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
            second: time.second, millisecond: Int((nanoseconds - seconds * second) / 1_000_000))
    }

    /// Nanoseconds on the monotonic clock.
    public func nanoseconds() -> UInt64 { UInt64(max(SystemClock.now.nanoseconds, 0)) }

    /// 64 bits of the system's generator.
    public func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// Lets the calling thread sleep, about 50 µs longer than asked for.
    public func sleep(nanoseconds: UInt64) {
        let end = SystemClock.now + Interval(nanoseconds: Int64(clamping: nanoseconds))
        while true {
            let rest = end - SystemClock.now
            guard rest > .zero else { return }
            SystemClock.sleep(min(rest, .milliseconds(500)))
        }
    }
}
