// Layer: StationSeries/Rates. Used by: the station's queries.
// Gauges as points of the same form as rates, so that both go through the same buckets.

/// Turns the samples of a gauge, in the order of their arrival, into points: a value stands for the time since the
/// sample before it. Allocates nothing.
public struct GaugeMachine: Sendable {
    /// Only the interval counts.
    public var rules: RateRules
    private var last: Int64?

    /// A machine that has seen nothing.
    public init(_ rules: RateRules) { self.rules = rules }

    /// A machine that has seen nothing.
    public init(rules: RateRules) { self.init(rules) }

    /// The point that ends at this sample. After a gap, at the start and when the clock was set back it begins one
    /// interval before the sample. A missing value, or one that is no finite number, is unknown.
    public mutating func next(_ reading: Reading) -> RatePoint {
        let since = last.map { reading.time.saturatingMinus($0) } ?? 0
        last = reading.time
        let isNear = since > 0 && !rules.isGap(since)
        let start = reading.time.saturatingMinus(isNear ? since : rules.intervalMicroseconds)
        let number = reading.value.map(\.number).flatMap { $0.isFinite ? $0 : nil }
        return RatePoint(start: start, end: reading.time, perSecond: number, state: number == nil ? .unknown : .ok)
    }
}

/// The points of a gauge's samples, which stand in the order of their arrival.
public func gauges(_ readings: some Sequence<Reading>, rules: RateRules) -> [RatePoint] {
    var machine = GaugeMachine(rules)
    return readings.map { machine.next($0) }
}
