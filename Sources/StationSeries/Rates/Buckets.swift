// Layer: StationSeries/Rates. Used by: the station's charts.
// Points of any distance become buckets of equal length: what a chart of so many pixels shows.

/// What is known of a stretch of time.
public struct Bucket: Hashable, Sendable {
    /// Where it ends: microseconds since 1970 UTC.
    public var end: Int64
    /// The least value in it; nil without any.
    public var least: Double?
    /// The mean, weighted by the time that each value stands for; nil without any.
    public var mean: Double?
    /// The greatest value in it; nil without any.
    public var greatest: Double?
    /// The worst state in it; gap if it has no points.
    public var state: RateState

    /// A bucket.
    public init(end: Int64, least: Double?, mean: Double?, greatest: Double?, state: RateState) {
        self.end = end
        self.least = least
        self.mean = mean
        self.greatest = greatest
        self.state = state
    }
}

/// Collects points, in any order, into buckets of equal length.
public struct BucketSums: Sendable {
    /// The length of a bucket in microseconds; the last one may be shorter.
    public let step: Int64
    private let from: Int64
    private let to: Int64
    private var sums: [Sum]

    private struct Sum {
        var least = 0.0
        var greatest = 0.0
        var weighted = 0.0
        var weight = 0.0
        var state = RateState.ok
        var isEmpty = true
    }

    /// Buckets from one time to a later one, microseconds since 1970 UTC: at most `count`, at least one.
    public init(from: Int64, to: Int64, count: Int) {
        precondition(from < to, "buckets that end before they begin")
        precondition(count > 0, "no buckets")
        self.from = from
        self.to = to
        let span = UInt64(bitPattern: to &- from)
        // A length must fit 63 bits; only all of time needs more, and gets more buckets.
        let step = max((span - 1) / UInt64(count) + 1, 1)
        self.step = Int64(clamping: step)
        sums = Array(repeating: Sum(), count: Int((span - 1) / UInt64(self.step) + 1))
    }

    /// Adds a point to every bucket that it covers a part of. One without length counts where it ends.
    public mutating func add(_ point: RatePoint) {
        let start = min(point.start, point.end)
        // A bucket reaches from behind the end of the one before to its own end.
        guard point.end > from, start < to else { return }
        let size = UInt64(step)
        let last = UInt64(bitPattern: min(point.end, to) &- from)
        let first = start <= from ? 0 : UInt64(bitPattern: start &- from)
        let lastIndex = Int((last - 1) / size)
        let firstIndex = min(Int(first / size), lastIndex)
        for index in firstIndex...lastIndex {
            let low = max(first, UInt64(index) * size)
            let high = min(last, (UInt64(index) &* size).addingReportingOverflow(size).partialValue)
            add(point, Double(max(high, low) - low), index)
        }
    }

    private mutating func add(_ point: RatePoint, _ weight: Double, _ index: Int) {
        sums[index].isEmpty = false
        sums[index].state = max(sums[index].state, point.state)
        guard let value = point.perSecond, value.isFinite else { return }
        let isFirst = sums[index].weight == 0
        sums[index].least = isFirst ? value : min(sums[index].least, value)
        sums[index].greatest = isFirst ? value : max(sums[index].greatest, value)
        sums[index].weighted += value * max(weight, 1)
        sums[index].weight += max(weight, 1)
    }

    /// The buckets, oldest first.
    public var buckets: [Bucket] {
        sums.indices.map { index in
            let sum = sums[index]
            let end = index == sums.count - 1 ? to : from &+ step &* Int64(index + 1)
            let state = sum.isEmpty ? .gap : sum.state
            guard sum.weight > 0 else { return Bucket(end: end, least: nil, mean: nil, greatest: nil, state: state) }
            // Rounding must not carry the mean past the values that it is the mean of.
            let mean = min(max(sum.weighted / sum.weight, sum.least), sum.greatest)
            return Bucket(end: end, least: sum.least, mean: mean, greatest: sum.greatest, state: state)
        }
    }
}

/// Points, of rates or of gauges, in any order, as at most `count` buckets from one time to a later one, in
/// microseconds since 1970 UTC. The length of a bucket is in microseconds too; the last one may be shorter.
public func buckets(
    _ points: some Sequence<RatePoint>, from: Int64, to: Int64, count: Int
) -> (step: Int64, [Bucket]) {
    var sums = BucketSums(from: from, to: to, count: count)
    for point in points { sums.add(point) }
    return (sums.step, sums.buckets)
}
