// Layer: StationTests. Uses: Station (TimeText, Cadence). Used by: nothing.

import Testing

@testable import Station

@Suite struct TimeTests {
    @Test(arguments: [
        ("0", 0 as Int64), ("1763740100.25", 1_763_740_100_250_000), ("now", 5_000_000_000), ("-1h", 1_400_000_000),
        ("-90s", 4_910_000_000), ("1970-01-02", 86_400_000_000), ("2026-11-21", 1_795_219_200_000_000),
        ("2026-11-21T08:30:15Z", 1_795_249_815_000_000), ("2024-02-29T00:00Z", 1_709_164_800_000_000),
    ])
    func readsTimes(text: String, expected: Int64) throws {
        #expect(try TimeText.microseconds(text, now: 5_000_000_000) == expected)
    }

    @Test(arguments: [
        "", "-", "yesterday", "-1", "-h", "2026-13-01", "2026-11-21T25:00Z", "2026-11-21T08:00", "nan", "1e300",
    ])
    func refusesWhatIsNoTime(text: String) {
        #expect(throws: StationError.self) { try TimeText.microseconds(text, now: 0) }
    }

    @Test func writesTimes() {
        #expect(TimeText.iso(1_795_249_815_042_999) == "2026-11-21T08:30:15.042Z")
    }

    /// A device that was asked every minute, and then every 10 s: the minutes are no gaps.
    @Test func regularSpacesAreNoGaps() {
        var cadence = Cadence(10)
        #expect(cadence.interval(at: 0) == 10)
        #expect(cadence.interval(at: 60) == 10)
        #expect(cadence.interval(at: 120) == 60)
        #expect(cadence.interval(at: 181) == 61)
        #expect(cadence.interval(at: 191) == 10)
        #expect(cadence.interval(at: 700) == 10)
    }
}
