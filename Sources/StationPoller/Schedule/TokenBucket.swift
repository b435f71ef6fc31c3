// Layer: StationPoller/Schedule. Used by: Schedule, DeviceMachine.
// A budget over time.

public import Primitives

/// So many tokens a second, and so many at once at most.
public struct TokenBucket: Hashable, Sendable {
    /// The most tokens at once.
    public let burst: Double
    /// Tokens a second.
    public let rate: Double
    private var tokens: Double
    private var updated: Instant?

    /// A full bucket. Both numbers must be above 0.
    public init(burst: Double, perSecond rate: Double) {
        precondition(burst > 0 && rate > 0, "a budget is more than nothing")
        self.burst = burst
        self.rate = rate
        tokens = burst
    }

    /// The tokens at `now`; below 0 after more was taken than there was.
    public mutating func available(at now: Instant) -> Double {
        if let updated, now > updated { tokens = min(burst, tokens + rate * (now - updated).inSeconds) }
        updated = max(updated ?? now, now)
        return tokens
    }

    /// Takes tokens, or gives some back if `count` is below 0. What was taken too much has to come back first.
    public mutating func take(_ count: Double, at now: Instant) {
        tokens = min(available(at: now) - count, burst)
    }

    /// When there will be `count` tokens, at most `burst`; now if there are.
    public mutating func whenAvailable(_ count: Double, at now: Instant) -> Instant {
        let missing = min(count, burst) - available(at: now)
        return missing <= 0 ? now : now + .fractionalSeconds(missing / rate) + Interval(nanoseconds: 1)
    }
}
