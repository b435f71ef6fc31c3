import Primitives
import Testing

@testable import StationPoller

@Suite struct UpTimeRuleTests {
    /// Whether a device whose up time was `before` and is `after` the given seconds later restarted.
    private func restarted(_ before: UInt32, _ after: UInt32, seconds: Int64) -> Bool {
        let start = Instant(nanoseconds: 5_000_000_000)
        let earlier = UpTimeReading(hundredths: before, instant: start)
        return UpTimeReading(hundredths: after, instant: start + .seconds(seconds)).tellsOfRestart(since: earlier)
    }

    @Test func timeThatGoesOnIsNoRestart() {
        #expect(!restarted(1_000, 2_000, seconds: 10))
        #expect(!restarted(1_000, 1_000, seconds: 10))
        // A clock that is a tenth fast or slow.
        #expect(!restarted(1_000, 100_000, seconds: 1_100))
        #expect(!restarted(1_000, 130_000, seconds: 1_100))
    }

    @Test func timeThatFallsIsARestart() {
        #expect(restarted(1_000_000, 500, seconds: 10))
        #expect(restarted(1_000, 999, seconds: 10))
        #expect(restarted(.max - 1_000_000, 500, seconds: 10))
    }

    @Test func timeThatGrewLessThanItShouldIsARestart() {
        // Up for two minutes when it was last seen; then an hour of silence; now up for ten minutes.
        #expect(restarted(12_000, 60_000, seconds: 3_600))
        // A virtual machine that stood still for an hour, but was up for long before.
        #expect(!restarted(10_000_000, 10_001_000, seconds: 3_600))
    }

    @Test func after497DaysTimePassesZero() {
        #expect(!restarted(.max - 500, 499, seconds: 10))
        #expect(!restarted(.max, 0, seconds: 0))
        #expect(!restarted(.max - 100_000, 260_000, seconds: 3_600))
        // It would have passed zero by now, but is not where it should be.
        #expect(restarted(.max - 100_000, 50, seconds: 3_600))
    }

    @Test func upTimeForPeople() {
        #expect(UpTimeReading.text(4_200) == "42 s")
        #expect(UpTimeReading.text(12 * 6_000) == "12 min")
        #expect(UpTimeReading.text(3 * 360_000 + 6_000) == "3 h 1 min")
        #expect(UpTimeReading.text(8_640_000) == "1 day 0 h")
    }
}
