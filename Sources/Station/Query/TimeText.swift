// Layer: Station/Query. Used by: StationWeb, the commands.
// Times as people write them.

import PlatformIO

/// Reads and writes times.
public enum TimeText {
    private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    /// The last moment of the year 9999.
    private static let limit = 253_402_300_800.0

    /// Reads a time: seconds since 1970 UTC, with fractions if wanted; `now`; something before now, such as `-1h`,
    /// `-90m` and `-7d`; or a date of UTC, `2026-11-21` or `2026-11-21T08:00:00Z`.
    /// - Parameter now: microseconds since 1970 UTC.
    /// - Returns: Microseconds since 1970 UTC.
    /// - Throws: `invalid`.
    public static func microseconds(_ text: String, now: Int64) throws(StationError) -> Int64 {
        if text == "now" { return now }
        if text.hasPrefix("-"), let unit = text.last.flatMap({ units[$0] }),
            let count = Double(text.dropFirst().dropLast()),
            count >= 0, count * unit < limit
        {
            return now - Int64(count * unit * 1e6)
        }
        if let seconds = Double(text), seconds >= 0, seconds < limit { return Int64(seconds * 1e6) }
        if let time = date(text) { return time }
        throw .invalid(
            "\"\(text)\" is no time; write seconds since 1970, -1h, -30m, -7d, now, 2026-11-21 or 2026-11-21T08:00:00Z")
    }

    /// Reads a date of UTC.
    private static func date(_ text: String) -> Int64? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let day = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
        guard parts.count <= 2, day.count == 3, let year = day[0], let month = day[1], let date = day[2],
            (1_970...9_999).contains(year), (1...12).contains(month), (1...31).contains(date)
        else { return nil }
        var seconds = days(year, month, date) * 86_400
        if parts.count == 2 {
            guard parts[1].hasSuffix("Z") else { return nil }
            let clock = parts[1].dropLast().split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
            guard (2...3).contains(clock.count), let hour = clock[0], let minute = clock[1], hour < 24, minute < 60
            else {
                return nil
            }
            seconds += hour * 3_600 + minute * 60
            if clock.count == 3 {
                guard let second = clock[2], second < 60 else { return nil }
                seconds += second
            }
        }
        return Int64(seconds) * 1_000_000
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && text.utf8.count <= 4 ? Int(text) : nil
    }

    /// Days since 1970-01-01 of the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Years that begin in March end with the leap day.
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    /// `2026-11-21T08:00:00.250Z`
    public static func iso(_ microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        let milliseconds = microseconds % 1_000_000 / 1_000
        guard let time = LocalTime(utcSeconds: seconds) else { return "\(seconds)" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let fraction =
            milliseconds < 10 ? "00\(milliseconds)" : milliseconds < 100 ? "0\(milliseconds)" : "\(milliseconds)"
        return "\(time.year)-\(two(time.month))-\(two(time.day))T\(two(time.hour)):\(two(time.minute))"
            + ":\(two(time.second)).\(fraction)Z"
    }
}
