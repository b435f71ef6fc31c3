import Primitives
import StationSeries
import Testing

@Suite struct TimelineTests {
    @Test func anyTimelineComesBack() throws {
        for seed in UInt64(0)..<120 {
            var random = SeededRandom(seed: seed)
            let timeline = random.timeline(count: random.below(200))
            let bytes = timeline.encoded()
            #expect(try Timeline(decoding: bytes) == timeline, "seed \(seed)")
            #expect(try Timeline(decoding: bytes.span.bytes) == timeline, "seed \(seed)")
        }
    }

    @Test func extremesComeBack() throws {
        let heads = [Int64.max, .min, 0, .max, -1].map {
            RoundHead(time: $0, upTime: .max, verdict: .none, durationMicroseconds: .max, requests: .max)
        }
        let timeline = Timeline(heads: heads + [RoundHead(time: 0)])
        #expect(try Timeline(decoding: timeline.encoded()) == timeline)
    }

    /// A round every 10 seconds, some milliseconds late, with three requests of about a millisecond.
    @Test func aRoundTakesLessThanSixBytes() {
        var random = SeededRandom(seed: 3)
        let heads = (0..<120).map { index in
            let late = Int64(random.below(2000))
            return RoundHead(
                time: 1_763_740_100_000_000 + Int64(index) * 10_000_000 + late,
                upTime: 8_640_000 + UInt32(index * 1000) + UInt32(late / 10_000),
                durationMicroseconds: 900 + UInt32(random.below(500)), requests: 3)
        }
        #expect(Timeline(heads: heads).encoded().count < 6 * 120)
    }

    @Test func theMostRoundsFit() throws {
        let timeline = Timeline(heads: Array(repeating: RoundHead(time: 5), count: Timeline.maximumCount))
        let bytes = timeline.encoded()
        #expect(bytes.count < 100)
        #expect(try Timeline(decoding: bytes) == timeline)
    }

    @Test func damageIsNamedWithItsPlace() {
        // Two heads: times 1 and 1, no up times, verdicts 0, durations 0, requests 0.
        let good = "01 02  0c 02 80  01 00 02  0c 00 80  0c 00 80  0c 00 80"
        func expect(_ hex: String, _ reason: SeriesFormatError.Reason, at place: Int) {
            #expect(throws: SeriesFormatError(.timeline, reason, at: place)) {
                try Timeline(decoding: [UInt8](hex: hex))
            }
        }
        #expect(throws: Never.self) { try Timeline(decoding: [UInt8](hex: good)) }
        expect("00", .version(0), at: 0)
        expect("01 818004", .count(65_537), at: 1)
        expect("01 02  0c 02 80  01 00 02  0c 06 80  0c 00 80  0c 00 80", .code(3), at: 8)
        expect("01 02  0c 02 80  01 00 02  0c 00 80  0c 8080808020 80  0c 00 80", .range, at: 11)
        expect("01 02  0c 02 80  01 00 02  0c 00 80  0c 00 80  0c 808008 80", .range, at: 14)
        expect("01 02  0c 02 80  00 0c 8080808020 80  0c 00 80", .range, at: 6)
        expect(good + "00", .trailing, at: 17)
    }
}
