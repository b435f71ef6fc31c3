// Layer: SNMPEngine. Used by: NotificationReceiver.
// A token bucket for each source address, in bounded memory: a flood of forged addresses evicts quiet ones, never
// grows.

import Primitives

/// Counts and limits what each address sends.
struct SourceLimiter {
    private struct Bucket {
        var tokens: Double
        var updated: Instant
        var dropped: Int
    }

    let rate: Double
    let burst: Double
    let capacity: Int
    private var buckets: [SocketAddress: Bucket] = [:]

    init(_ limits: NotificationLimits) {
        rate = Double(limits.perSourceRate ?? 0)
        burst = Double(max(limits.perSourceBurst, 1))
        capacity = max(limits.maximumSources, 1)
    }

    /// Whether one more from `source` is within its limit. The port does not count.
    mutating func admits(_ source: SocketAddress, at now: Instant) -> Bool {
        guard rate > 0 else { return true }
        var key = source
        key.port = 0
        if buckets[key] == nil {
            if buckets.count >= capacity { evict(at: now) }
            buckets[key] = Bucket(tokens: burst, updated: now, dropped: 0)
        }
        guard var bucket = buckets[key] else { return true }
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.updated).inSeconds * rate)
        bucket.updated = now
        let isAdmitted = bucket.tokens >= 1
        if isAdmitted { bucket.tokens -= 1 } else { bucket.dropped += 1 }
        buckets[key] = bucket
        return isAdmitted
    }

    /// Forgets the older half, so that the cost of eviction is spread over many arrivals.
    private mutating func evict(at now: Instant) {
        let times = buckets.values.map(\.updated).sorted()
        let middle = times[times.count / 2]
        buckets = buckets.filter { $0.value.updated > middle }
        if buckets.count >= capacity { buckets.removeAll(keepingCapacity: true) }
    }

    /// The addresses that went over their limit, and by how much, most first.
    func offenders(limit: Int) -> [(source: SocketAddress, dropped: Int)] {
        buckets.filter { $0.value.dropped > 0 }.map { ($0.key, $0.value.dropped) }
            .sorted { $0.1 > $1.1 }.prefix(limit).map { ($0.0, $0.1) }
    }
}
