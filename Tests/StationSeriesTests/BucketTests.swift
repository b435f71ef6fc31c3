import Primitives
import StationSeries
import Testing

@Suite struct BucketTests {
    private func point(_ start: Int64, _ end: Int64, _ value: Double?, _ state: RateState = .ok) -> RatePoint {
        RatePoint(start: start, end: end, perSecond: value, state: state)
    }

    private func means(_ points: [RatePoint], _ from: Int64, _ to: Int64, _ count: Int) -> [Double?] {
        buckets(points, from: from, to: to, count: count).1.map(\.mean)
    }

    @Test func nothingIsAllGaps() {
        let (step, found) = buckets([], from: 0, to: 100, count: 10)
        #expect(step == 10)
        #expect(found.map(\.end) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
        #expect(found.allSatisfy { $0.state == .gap && $0.mean == nil && $0.least == nil && $0.greatest == nil })
    }

    @Test func bucketsAreAtMostSoManyAndTheLastMayBeShorter() {
        let (step, found) = buckets([], from: 5, to: 105, count: 7)
        #expect(step == 15)
        #expect(found.map(\.end) == [20, 35, 50, 65, 80, 95, 105])
        // A microsecond is the least.
        #expect(buckets([], from: 0, to: 3, count: 10).1.map(\.end) == [1, 2, 3])
        #expect(buckets([], from: 0, to: 3, count: 1).1.map(\.end) == [3])
    }

    @Test func theMeanIsWeightedByTime() {
        let found = buckets([point(0, 20, 1), point(20, 100, 6)], from: 0, to: 100, count: 1).1
        #expect(found == [Bucket(end: 100, least: 1, mean: 5, greatest: 6, state: .ok)])
        // Only the part that lies inside counts.
        #expect(means([point(-1000, 20, 1), point(20, 900, 6)], 0, 100, 1) == [5])
    }

    @Test func aPointCoversAllBucketsFromItsStartToItsEnd() {
        let found = buckets([point(10, 70, 3), point(70, 95, 4)], from: 0, to: 100, count: 10).1
        #expect(found.map(\.mean) == [nil, 3, 3, 3, 3, 3, 3, 4, 4, 4])
        #expect(found.map(\.state) == [.gap, .ok, .ok, .ok, .ok, .ok, .ok, .ok, .ok, .ok])
    }

    @Test func pointsOutsideDoNotCount() {
        #expect(means([point(-50, 0, 1), point(20, 90, 2)], 0, 20, 2) == [nil, nil])
        #expect(means([point(-50, 1, 1), point(19, 90, 2)], 0, 20, 2) == [1, 2])
    }

    @Test func theWorstStateCountsButNumbersAreOfWhatIsGood() {
        let points = [
            point(0, 10, 8), point(10, 20, 4, .wrapped), point(20, 25, nil, .reset), point(25, 40, nil, .gap),
        ]
        let found = buckets(points, from: 0, to: 40, count: 2).1
        #expect(found[0] == Bucket(end: 20, least: 4, mean: 6, greatest: 8, state: .wrapped))
        #expect(found[1] == Bucket(end: 40, least: nil, mean: nil, greatest: nil, state: .gap))
        #expect(
            buckets(points, from: 0, to: 40, count: 1).1
                == [Bucket(end: 40, least: 4, mean: 6, greatest: 8, state: .gap)])
        #expect(buckets(points.prefix(3), from: 0, to: 40, count: 1).1[0].state == .reset)
    }

    @Test func aPointWithoutLengthCountsWhereItEnds() {
        let found = buckets([point(10, 10, nil, .unknown), point(20, 20, 7)], from: 0, to: 30, count: 3).1
        #expect(found.map(\.state) == [.unknown, .ok, .gap])
        #expect(found.map(\.mean) == [nil, 7, nil])
    }

    @Test func allOfTimeIsNoTrouble() {
        let all = [point(.min, .max, 2), point(.max, .max, 3), point(.min, .min, 4)]
        for count in [1, 2, 3, 1000] {
            let found = buckets(all, from: .min, to: .max, count: count).1
            #expect(found.last?.end == .max)
            #expect(found.allSatisfy { $0.state == .ok })
        }
        #expect(means(all, .max - 10, .max, 1).count == 1)
        #expect(means(all, .min, .min + 10, 2) == [2, 2])
    }

    /// Against the definition, microsecond by microsecond.
    @Test func anyPointsAgreeWithTheDefinition() {
        for seed in UInt64(0)..<150 {
            var random = SeededRandom(seed: seed)
            let from = Int64(random.below(50))
            let to = from + 1 + Int64(random.below(120))
            let points = (0..<random.below(12)).map { _ in
                let start = Int64(random.below(200)) - 20
                let state = RateState.allCases[random.below(5)]
                let value = state <= .wrapped ? Double(random.below(50)) : nil
                return point(start, start + 1 + Int64(random.below(60)), value, state)
            }
            let (step, found) = buckets(points, from: from, to: to, count: 1 + random.below(20))
            var low = from
            for bucket in found {
                #expect(bucket.end == min(low + step, to), "seed \(seed)")
                var sum = 0.0, weight = 0.0
                var state: RateState?
                var values: [Double] = []
                for instant in low..<bucket.end {
                    for point in points where point.start <= instant && instant < point.end {
                        state = max(state ?? .ok, point.state)
                        guard let value = point.perSecond else { continue }
                        sum += value
                        weight += 1
                        values.append(value)
                    }
                }
                #expect(bucket.state == state ?? .gap, "seed \(seed)")
                #expect(bucket.least == values.min() && bucket.greatest == values.max(), "seed \(seed)")
                let mean = weight > 0 ? sum / weight : nil
                #expect((bucket.mean == nil) == (mean == nil), "seed \(seed)")
                if let mean, let found = bucket.mean { #expect(abs(found - mean) < 1e-9, "seed \(seed)") }
                low = bucket.end
            }
            #expect(low == to, "seed \(seed)")
        }
    }
}
