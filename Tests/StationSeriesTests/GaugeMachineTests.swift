import StationSeries
import Testing

@Suite struct GaugeMachineTests {
    private let rules = RateRules(intervalMicroseconds: 10)

    private func reading(_ time: Int64, _ value: Double?) -> Reading {
        Reading(time: time, value: value.map { RawValue(double: $0) })
    }

    @Test func aValueStandsForTheTimeSinceTheOneBefore() {
        let points = gauges([reading(100, 5), reading(112, 7), reading(122, -2)], rules: rules)
        #expect(
            points == [
                RatePoint(start: 90, end: 100, perSecond: 5, state: .ok),
                RatePoint(start: 100, end: 112, perSecond: 7, state: .ok),
                RatePoint(start: 112, end: 122, perSecond: -2, state: .ok),
            ])
    }

    @Test func afterAGapItStandsForOneInterval() {
        let points = gauges([reading(100, 5), reading(130, 6), reading(161, 7)], rules: rules)
        #expect(points.map(\.start) == [90, 100, 151])
        #expect(points.map(\.perSecond) == [5, 6, 7])
        // The buckets between are gaps.
        #expect(buckets(points, from: 130, to: 160, count: 3).1.map(\.state) == [.gap, .gap, .ok])
    }

    @Test func whenTheClockWasSetBackItStandsForOneInterval() {
        #expect(gauges([reading(100, 5), reading(50, 6), reading(50, 7)], rules: rules).map(\.start) == [90, 40, 40])
    }

    @Test func whatIsMissingOrNoNumberIsUnknown() {
        let points = gauges(
            [reading(100, nil), reading(110, .nan), reading(120, .infinity), reading(130, 1)], rules: rules)
        #expect(points.map(\.state) == [.unknown, .unknown, .unknown, .ok])
        #expect(points.map(\.perSecond) == [nil, nil, nil, 1])
    }

    @Test func extremesOfTimeAreNoTrouble() {
        let points = gauges([reading(.min, 1), reading(.max, 2), reading(.min, 3)], rules: rules)
        #expect(points.allSatisfy { $0.start <= $0.end })
    }
}
