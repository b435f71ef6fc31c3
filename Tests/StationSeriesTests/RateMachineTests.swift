import Primitives
import StationSeries
import Testing

@Suite struct RateMachineTests {
    private static let second: Int64 = 1_000_000
    private static let start: Int64 = 1_763_740_100_000_000

    /// A sample so many seconds after the start, with sysUpTime in seconds.
    private func sample(
        _ seconds: Double, up: Double? = nil, _ value: UInt64?, _ type: SampleType = .counter64,
        discontinuity: UInt64? = nil
    ) -> Reading {
        Reading(
            time: Self.start + Int64(seconds * 1e6), upTime: up.map { UInt32(truncatingIfNeeded: Int64($0 * 100)) },
            value: value.map { RawValue(type: type, bits: $0) }, discontinuity: discontinuity)
    }

    private func rates(_ readings: [Reading], maximum: Double? = nil) -> [RatePoint] {
        StationSeries.rates(
            readings, rules: RateRules(maximumPerSecond: maximum, intervalMicroseconds: 10 * Self.second))
    }

    private func states(_ readings: [Reading], maximum: Double? = nil) -> [RateState] {
        rates(readings, maximum: maximum).map(\.state)
    }

    private func numbers(_ readings: [Reading], maximum: Double? = nil) -> [Double?] {
        rates(readings, maximum: maximum).map(\.perSecond)
    }

    @Test func aGrowingCounter() {
        let points = rates([sample(0, up: 1000, 500), sample(10, up: 1010, 1500), sample(30, up: 1030, 1500)])
        #expect(
            points == [
                RatePoint(start: Self.start, end: Self.start + 10 * Self.second, perSecond: 100, state: .ok),
                RatePoint(
                    start: Self.start + 10 * Self.second, end: Self.start + 30 * Self.second, perSecond: 0, state: .ok),
            ])
    }

    @Test func oneSampleIsNoRate() {
        #expect(rates([]).isEmpty)
        #expect(rates([sample(0, up: 1, 5)]).isEmpty)
    }

    @Test func aRestartHasNoNumber() {
        let readings = [sample(0, up: 1000, 500), sample(10, up: 4, 20), sample(20, up: 14, 120)]
        #expect(states(readings) == [.reset, .ok])
        #expect(numbers(readings) == [nil, 10])
    }

    /// The counter is larger than before the restart, which would look like growth.
    @Test func aRestartIsSeenThoughTheCounterGrew() {
        #expect(states([sample(0, up: 3, 5), sample(10, up: 2, 900)]) == [.reset])
        // Up for longer than before by now, but started after the older sample.
        #expect(states([sample(0, up: 3, 5), sample(25, up: 12, 900)]) == [.reset])
    }

    @Test func aRestartWhileNothingWasHeardIsAReset() {
        let readings = [sample(0, up: 1000, 500), sample(10, nil), sample(20, up: 5, 20), sample(30, up: 15, 30)]
        #expect(states(readings) == [.unknown, .reset, .ok])
    }

    @Test func sysUpTimePassesZeroWithoutARestart() {
        let wrap = 42_949_672.96
        let readings = [sample(0, up: wrap - 4, 500), sample(10, up: 6, 1500), sample(20, up: 16, 2500)]
        #expect(states(readings) == [.ok, .ok])
        #expect(numbers(readings) == [100, 100])
    }

    @Test func aRestartShortlyBeforeSysUpTimeWouldWrapIsAReset() {
        #expect(states([sample(0, up: 42_949_672 - 300, 500), sample(10, up: 6, 1500)]) == [.reset])
    }

    /// What the time in between doesn't explain is no wrap.
    @Test func aRestartWhenSysUpTimeWouldWrapButTooEarly() {
        #expect(states([sample(0, up: 42_949_672 - 4, 500), sample(30, up: 6, 1500)]) == [.reset])
    }

    @Test func counter32Wraps() {
        let readings = [sample(0, up: 1000, 0xFFFF_FF00, .counter32), sample(10, up: 1010, 0x300, .counter32)]
        #expect(states(readings) == [.wrapped])
        #expect(numbers(readings) == [102.4])
        #expect(numbers(readings, maximum: 102.4) == [102.4])
    }

    @Test func counter64Wraps() {
        let readings = [sample(0, up: 1000, .max - 255), sample(10, up: 1010, 0x300)]
        #expect(states(readings) == [.wrapped])
        #expect(numbers(readings) == [102.4])
        #expect(numbers(readings, maximum: 102.4) == [102.4])
    }

    @Test func aCounterThatGoesBackwardsIsUnknown() {
        // A bond that lost a member, then goes on.
        let readings = [
            sample(0, up: 1000, 9_000_000), sample(10, up: 1010, 7_000_000), sample(20, up: 1020, 7_000_100),
        ]
        #expect(states(readings) == [.unknown, .ok])
        #expect(states(readings, maximum: 1.25e8) == [.unknown, .ok])
        #expect(numbers(readings) == [nil, 10])
        let short = readings.map { reading in
            var short = reading
            short.value = reading.value.map { RawValue(type: .counter32, bits: $0.bits) }
            return short
        }
        #expect(states(short) == [.unknown, .ok])
        // At 10 Gbit/s the whole range is possible, so the speed proves no wrap.
        #expect(states(short, maximum: 1.25e9) == [.unknown, .ok])
    }

    @Test func aWrapThatTheSpeedForbidsIsUnknown() {
        // 100,000 in 10 seconds: 10,000 a second.
        let wrapped = [sample(0, up: 1000, (1 << 32) - 50_000, .counter32), sample(10, up: 1010, 50_000, .counter32)]
        #expect(states(wrapped) == [.wrapped])
        #expect(states(wrapped, maximum: 10_000) == [.wrapped])
        #expect(states(wrapped, maximum: 9000) == [.unknown])
        let long = [sample(0, up: 1000, .max - 50_000), sample(10, up: 1010, 49_999)]
        #expect(states(long, maximum: 10_000) == [.wrapped])
        #expect(states(long, maximum: 9000) == [.unknown])
    }

    @Test func withoutASpeedHalfTheRangeIsTheLimit() {
        func states(_ step: UInt64, maximum: Double? = nil) -> [RateState] {
            let from: UInt64 = 0xF000_0000
            return self.states(
                [sample(0, up: 1000, from, .counter32), sample(10, up: 1010, (from + step) % (1 << 32), .counter32)],
                maximum: maximum)
        }
        #expect(states(1 << 31) == [.wrapped])
        #expect(states((1 << 31) + 1) == [.unknown])
        // The speed says more: 3.5e9 in 10 seconds is possible.
        #expect(states((1 << 31) + 1, maximum: 3.5e8) == [.wrapped])
        // No interface counts 2^62 octets in ten seconds.
        #expect(self.states([sample(0, up: 1000, 3 << 62), sample(10, up: 1010, 5)]) == [.unknown])
    }

    @Test func aNewDiscontinuityTimeIsAReset() {
        let readings = [
            sample(0, up: 1000, 500, discontinuity: 7), sample(10, up: 1010, 1500, discontinuity: 7),
            sample(20, up: 1020, 1600, discontinuity: 101_500), sample(30, up: 1030, 1700, discontinuity: 101_500),
        ]
        #expect(states(readings) == [.ok, .reset, .ok])
        // It is remembered while it isn't known.
        let hidden = [
            sample(0, up: 1000, 500, discontinuity: 7), sample(10, up: 1010, 1500),
            sample(20, up: 1020, 1600, discontinuity: 8),
        ]
        #expect(states(hidden) == [.ok, .reset])
    }

    @Test func aMissingValueIsUnknownOnBothSides() {
        let readings = [
            sample(0, up: 1000, 5), sample(10, up: 1010, nil), sample(20, up: 1020, 9), sample(30, up: 1030, 19),
        ]
        #expect(states(readings) == [.unknown, .unknown, .ok])
        #expect(numbers(readings) == [nil, nil, 1])
    }

    @Test func aTypeThatChangedIsUnknown() {
        #expect(states([sample(0, up: 1000, 5, .counter32), sample(10, up: 1010, 9, .counter64)]) == [.unknown])
    }

    @Test func moreThanThreeIntervalsAreAGap() {
        #expect(states([sample(0, up: 1000, 5), sample(30, up: 1030, 95)]) == [.ok])
        let readings = [sample(0, up: 1000, 5), sample(30.1, up: 1030.1, 95), sample(40.1, up: 1040.1, 195)]
        #expect(states(readings) == [.gap, .ok])
        #expect(numbers(readings) == [nil, 10])
        // Whatever else happened in it.
        #expect(states([sample(0, up: 1000, 5), sample(3600, up: 7, 95)]) == [.gap])
    }

    @Test func ourClockJumpedForward() {
        let readings = [sample(0, up: 90_000, 5), sample(3610, up: 90_010, 1005), sample(3620, up: 90_020, 2005)]
        let points = rates(readings)
        #expect(points.map(\.state) == [.ok, .ok])
        #expect(points.map(\.perSecond) == [100, 100])
        // It covers the ten seconds that passed, not the hour that didn't.
        #expect(points[0].start == Self.start + 3600 * Self.second)
        #expect(points[0].end == Self.start + 3610 * Self.second)
    }

    @Test func ourClockJumpedBack() {
        let points = rates([sample(0, up: 90_000, 5), sample(-3590, up: 90_010, 1005), sample(-3580, up: 90_020, 2005)])
        #expect(points.map(\.state) == [.ok, .ok])
        #expect(points.map(\.perSecond) == [100, 100])
        #expect(points[0].start == Self.start - 3600 * Self.second)
        #expect(points[0].end == Self.start - 3590 * Self.second)
    }

    @Test func smallDifferencesOfTheClocksDoNotMatter() {
        // 1.9 seconds of 5, and 10 % of a minute: our own clock counts.
        let rules = RateRules(intervalMicroseconds: 60 * Self.second)
        let short = [sample(0, up: 1000, 0), sample(5, up: 1003.1, 500)]
        #expect(StationSeries.rates(short, rules: rules).map(\.perSecond) == [100])
        let long = [sample(0, up: 1000, 0), sample(60, up: 1066, 6000)]
        #expect(StationSeries.rates(long, rules: rules).map(\.perSecond) == [100])
        let larger = [sample(0, up: 1000, 0), sample(60, up: 1075, 6000)]
        #expect(StationSeries.rates(larger, rules: rules).map(\.perSecond) == [80])
    }

    @Test func timesThatAreTheSame() {
        // Without the device's clock there is nothing to divide by; the older sample stays.
        let readings = [sample(0, 0), sample(0, 700), sample(10, 1000)]
        #expect(rates(readings).count == 1)
        #expect(numbers(readings) == [100])
        // With it there is.
        #expect(numbers([sample(0, up: 1000, 0), sample(0, up: 1010, 1000)]) == [100])
        #expect(rates([sample(0, up: 1000, 0), sample(0, up: 1000, 0)]).isEmpty)
        #expect(states([sample(0, up: 1000, 0), sample(0, up: 3, 0)]) == [.reset])
    }

    @Test func withoutSysUpTimeOurClockCounts() {
        #expect(numbers([sample(0, 0), sample(10, 1000), sample(20, up: 5, 2000)]) == [100, 100])
        let back = rates([sample(0, 0), sample(-5, 1000), sample(5, 2000)])
        #expect(back.map(\.state) == [.unknown, .ok])
        #expect(back[0].perSecond == nil && back[0].start == back[0].end)
    }

    @Test func anAgentThatAnswersFromACacheIsOk() {
        // Value and sysUpTime stand still for a round, then make up for it.
        let readings = [sample(0, up: 1000, 0), sample(10, up: 1000, 0), sample(20, up: 1020, 2000)]
        #expect(states(readings) == [.ok, .ok])
        #expect(numbers(readings) == [0, 100])
        // Right after its start, too.
        #expect(states([sample(0, up: 1, 0), sample(10, up: 1, 0)]) == [.ok])
    }

    @Test func otherTypesMayCountButNotWrap() {
        func pair(_ old: RawValue, _ new: RawValue) -> RateState? {
            rates([Reading(time: 0, value: old), Reading(time: 10 * Self.second, value: new)]).first?.state
        }
        #expect(pair(RawValue(type: .gauge32, bits: 5), RawValue(type: .gauge32, bits: 9)) == .ok)
        #expect(pair(RawValue(type: .gauge32, bits: 9), RawValue(type: .gauge32, bits: 5)) == .unknown)
        #expect(pair(RawValue(integer32: -9), RawValue(integer32: 5)) == .ok)
        #expect(pair(RawValue(integer32: .max), RawValue(integer32: .min)) == .unknown)
        #expect(pair(RawValue(double: 1), RawValue(double: .infinity)) == .unknown)
        #expect(pair(RawValue(double: .nan), RawValue(double: 1)) == .unknown)
        #expect(pair(RawValue(type: .timeTicks, bits: 0xFFFF_FFFF), RawValue(type: .timeTicks, bits: 5)) == .wrapped)
    }

    /// Whatever comes: only ok and wrapped have a number, finite and not negative; no point ends before it starts.
    @Test func anyReadingsMakeSense() {
        let times: [Int64] = [.min, .max, 0, Self.start]
        for seed in UInt64(0)..<100 {
            var random = SeededRandom(seed: seed)
            var machine = RateMachine(
                RateRules(maximumPerSecond: random.oneIn(2) ? nil : 1e8, intervalMicroseconds: 1 << 24))
            var time = Self.start
            for _ in 0..<60 {
                time = random.oneIn(12) ? times[random.below(4)] : time &+ Int64(random.below(20_000_000) - 100_000)
                let reading = Reading(
                    time: time, upTime: random.oneIn(4) ? nil : UInt32(truncatingIfNeeded: random.bits()),
                    value: random.oneIn(6) ? nil : random.value(random.oneIn(5) ? random.type() : .counter64),
                    discontinuity: random.oneIn(4) ? 7 : nil)
                guard let point = machine.next(reading) else { continue }
                #expect(point.start <= point.end, "seed \(seed)")
                let hasNumber = point.state <= .wrapped
                #expect(hasNumber == (point.perSecond != nil), "seed \(seed)")
                if let number = point.perSecond { #expect(number >= 0 && number.isFinite, "seed \(seed)") }
            }
        }
    }

    /// A device of any speed, watched with restarts, wraps and missing samples: every number is the truth.
    @Test func numbersAreTheTruth() {
        var wraps = 0
        for seed in UInt64(0)..<80 {
            var random = SeededRandom(seed: seed)
            let is32 = random.oneIn(2)
            let mask: UInt64 = is32 ? 0xFFFF_FFFF : .max
            var machine = RateMachine(RateRules(maximumPerSecond: 1e8, intervalMicroseconds: 10 * Self.second))
            var counter = random.next()
            var ticks = random.next()
            var time = Self.start
            for _ in 0..<100 {
                let seconds = UInt64(9 + random.below(3))
                let perSecond = random.bits() % 100_000_000
                time += Int64(seconds) * Self.second
                ticks &+= seconds * 100
                let restarted = random.oneIn(30)
                if restarted {
                    ticks = random.next() % 300
                    counter = random.next() % 1000
                } else {
                    counter &+= perSecond * seconds
                }
                let reading = Reading(
                    time: time, upTime: UInt32(truncatingIfNeeded: ticks),
                    value: random.oneIn(20) ? nil : RawValue(type: is32 ? .counter32 : .counter64, bits: counter & mask)
                )
                guard let point = machine.next(reading) else { continue }
                if restarted { #expect(point.state == .reset, "seed \(seed)") }
                if let number = point.perSecond {
                    #expect(abs(number - Double(perSecond)) <= 1e-6 * Double(perSecond), "seed \(seed)")
                    wraps += point.state == .wrapped ? 1 : 0
                }
            }
        }
        #expect(wraps > 10, "too few wraps to prove anything")
    }
}
