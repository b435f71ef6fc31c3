import Primitives
import StationSeries
import Testing

@Suite struct RoundTests {
    private func round(_ values: [SeriesValue]) -> Round {
        Round(
            time: 1_763_740_100_123_456, upTime: 8_640_025, verdict: .partial, durationMicroseconds: 1200, requests: 3,
            values: values)
    }

    @Test func anyRoundComesBack() throws {
        for seed in UInt64(0)..<150 {
            var random = SeededRandom(seed: seed)
            let round = random.round()
            let bytes = round.encoded()
            #expect(try Round(decoding: bytes) == round, "seed \(seed)")
            #expect(try Round(decoding: bytes.span.bytes) == round, "seed \(seed)")
            #expect(try Round.head(of: bytes) == round.head, "seed \(seed)")
            #expect(try Round.head(of: bytes.span.bytes) == round.head, "seed \(seed)")
        }
    }

    @Test(arguments: SampleType.allCases) func extremesOfATypeComeBack(type: SampleType) throws {
        let bits: [UInt64] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 63, .max]
        let series: [Int32] = [1, 2, 3, 4, 5, 6, .max]
        let values = zip(series, bits).map { SeriesValue(series: $0, value: RawValue(type: type, bits: $1)) }
        #expect(try Round(decoding: round(values).encoded()) == round(values))
        #expect(try Round(decoding: round(values.reversed()).encoded()) == round(values.reversed()))
    }

    @Test func extremesOfAHeadComeBack() throws {
        for time in [Int64.min, -1, 0, .max] {
            let round = Round(
                time: time, upTime: .max, verdict: .none, durationMicroseconds: .max, requests: .max)
            #expect(try Round(decoding: round.encoded()) == round)
        }
        let least = Round(time: 0, upTime: 0)
        #expect(try Round(decoding: least.encoded()).upTime == 0)
    }

    @Test func seriesWithoutOrderComeBack() throws {
        let values = [7, -3, Int32.max, .min, 7].map { SeriesValue(series: $0, value: RawValue(integer32: $0 / 2)) }
        #expect(try Round(decoding: round(values).encoded()).values == values)
    }

    @Test func aValueIsFoundWithoutTheOthers() throws {
        for seed in UInt64(0)..<40 {
            var random = SeededRandom(seed: seed)
            let round = random.round()
            let bytes = round.encoded()
            for entry in round.values {
                let first = round.values.first { $0.series == entry.series }
                #expect(try Round.value(of: entry.series, in: bytes) == first?.value, "seed \(seed)")
                #expect(try Round.value(of: entry.series, in: bytes.span.bytes) == first?.value, "seed \(seed)")
            }
            let absent = Int32(12_345_678)
            if !round.values.contains(where: { $0.series == absent }) {
                #expect(try Round.value(of: absent, in: bytes) == nil, "seed \(seed)")
            }
        }
    }

    /// 24 interfaces with 15 values after some months: counters of up to 13 digits, some errors, states.
    @Test func aSwitchTakesLessThanTwoKilobytes() {
        var random = SeededRandom(seed: 1)
        let values = (0..<360).map { index in
            let value: RawValue
            switch index % 15 {
            case 0, 1: value = RawValue(type: .counter64, bits: random.next() % 5_000_000_000_000)
            case 2...7: value = RawValue(type: .counter64, bits: random.next() % 10_000_000_000)
            case 8...11: value = RawValue(type: .counter32, bits: random.next() % 100)
            case 12, 13: value = RawValue(integer32: 1)
            default: value = RawValue(type: .timeTicks, bits: 0)
            }
            return SeriesValue(series: Int32(1000 + index), value: value)
        }
        #expect(round(values).encoded().count < 2048)
    }

    @Test func numbersAndTexts() {
        #expect(RawValue(integer32: -5).number == -5)
        #expect(RawValue(integer32: -5).text == "-5")
        #expect(RawValue(type: .integer32, bits: 0xFFFF_FFFE) == RawValue(integer32: -2))
        #expect(RawValue(type: .counter64, bits: .max).text == "18446744073709551615")
        #expect(RawValue(type: .counter32, bits: 1 << 32 | 7).bits == 7)
        #expect(RawValue(float: 0.25).number == 0.25)
        #expect(RawValue(double: -1.5).text == "-1.5")
    }

    @Test func damageIsNamedWithItsPlace() {
        // Version, flags (up time, ascending), time, up time 1, duration 0, no requests, one value: series 1, 5.
        let good = [UInt8](hex: "01 0c 0000000000000000 01 00 00 01 01 05")
        #expect(throws: Never.self) { try Round(decoding: good) }
        let cases: [(Int, UInt8, SeriesFormatError.Reason)] = [
            (0, 2, .version(2)), (1, 0x0F, .code(15)), (1, 0x1C, .code(0x1C)), (13, 2, .count(2)), (14, 7, .code(7)),
            (15, 0x85, .truncated),
        ]
        for (place, byte, reason) in cases {
            var bad = good
            bad[place] = byte
            #expect(throws: SeriesFormatError(.round, reason, at: reason == .truncated ? 16 : place)) {
                try Round(decoding: bad)
            }
        }
        #expect(throws: SeriesFormatError(.round, .trailing, at: 16)) { try Round(decoding: good + [0]) }
        #expect(throws: SeriesFormatError(.round, .truncated, at: 0)) { try Round(decoding: []) }
        // Counter32 with 33 bits; more than 16 bits of requests; a varint of 65 bits.
        let prefix = "01 08 0000000000000000"
        #expect(throws: SeriesFormatError(.round, .range, at: 14)) {
            try Round(decoding: [UInt8](hex: prefix + "00 00 01 01 8080808010"))
        }
        #expect(throws: SeriesFormatError(.round, .range, at: 11)) {
            try Round(decoding: [UInt8](hex: prefix + "00 808004 00"))
        }
        #expect(throws: SeriesFormatError(.round, .range, at: 23)) {
            try Round(decoding: [UInt8](hex: prefix + "00 00 01 04 ffffffffffffffffff02"))
        }
        // A step beyond the greatest series number.
        #expect(throws: SeriesFormatError(.round, .range, at: 13)) {
            try Round(decoding: [UInt8](hex: prefix + "00 00 01 f9ffffff7f 00"))
        }
        #expect(
            SeriesFormatError(.round, .version(2), at: 0).description
                == "damaged round record, byte 0: its version 2 is unknown; a newer program may have written it")
    }
}
