import Primitives
import StationSeries
import Testing

@Suite struct PackTests {
    private func gauge(_ series: Int32, _ bits: UInt64) -> SeriesValue {
        SeriesValue(series: series, value: RawValue(type: .gauge32, bits: bits))
    }

    @Test func nothingPacksToNothing() {
        let (timeline, blocks) = pack([])
        #expect(timeline.heads.isEmpty && blocks.isEmpty)
    }

    @Test func eachSeriesGetsAnEntryForEachRound() {
        let rounds = [
            Round(time: 30, values: [gauge(5, 1), gauge(2, 2)]),
            Round(time: 10, verdict: .none),
            Round(time: 20, values: [gauge(2, 3), gauge(9, 4), gauge(2, 5)]),
        ]
        let (timeline, blocks) = pack(rounds)
        #expect(timeline.heads == rounds.map(\.head))
        #expect(blocks.map(\.series) == [2, 5, 9])
        let bits = blocks.map { $0.1.values.map { $0?.bits } }
        #expect(bits == [[2, nil, 3], [1, nil, nil], [nil, nil, 4]])
    }

    /// Rounds with and without some values, in any order: every value stands at its place, and nothing else.
    @Test func anyRoundsComeBack() throws {
        for seed in UInt64(0)..<60 {
            var random = SeededRandom(seed: seed)
            let rounds = (0..<(1 + random.below(30))).map { _ in
                var series = (1...20).map { Int32($0) }.filter { _ in !random.oneIn(5) }
                if random.oneIn(5) { series.shuffle(using: &random) }
                let values = series.map { SeriesValue(series: $0, value: random.value(random.type())) }
                return Round(head: random.head(after: 0), values: values)
            }
            let (timeline, blocks) = pack(rounds)
            var restored = try Timeline(decoding: timeline.encoded()).heads.map { Round(head: $0, values: []) }
            for (series, block) in blocks {
                let values = try Block(decoding: block.encoded()).values
                #expect(values.count == rounds.count, "seed \(seed)")
                for (row, value) in values.enumerated() {
                    if let value { restored[row].values.append(SeriesValue(series: series, value: value)) }
                }
            }
            let sorted = rounds.map { Round(head: $0.head, values: $0.values.sorted { $0.series < $1.series }) }
            #expect(restored == sorted, "seed \(seed)")
        }
    }
}
