// Layer: SNMPEngine. Used by: targets.

public import Primitives
import SNMPCodec

/// How requests to a target are timed, repeated and limited.
public struct RequestPolicy: Sendable, Hashable {
    /// How long to wait for the first reply of a target whose round-trip time is not known yet.
    public var initialTimeout: Interval = .seconds(1)
    /// The shortest time to wait, however fast the target was so far; agents that gather data on demand are fast until
    /// they are not.
    public var minimumTimeout: Interval = .milliseconds(250)
    /// The longest time to wait for one attempt.
    public var maximumTimeout: Interval = .seconds(10)
    /// How often a request is repeated after the first attempt, 0...255; values outside are clamped.
    public var retries: Int = 3
    /// Whether waiting times follow the measured round-trip time and double with each attempt (RFC 6298). If not, each
    /// attempt waits for `initialTimeout`.
    public var adaptsTimeout = true
    /// Requests under way at once, at most, 1 and up.
    public var maximumInFlight = 32
    /// Whether the number of requests under way follows what the target can take: it starts at 4, grows up to
    /// `maximumInFlight` while all goes well, and is halved by overload. If not, it is `maximumInFlight` all the time.
    public var adaptsWindow = true
    /// Messages per second to this target, repetitions included; nil for no limit other than the window.
    public var packetsPerSecond: Int?
    /// Whether a reply from another address is taken when its identifier and community or user fit. Reported as
    /// `Deviations.otherSourceAddress` in any case.
    public var acceptsOtherSourceAddress = true
    /// Whether an SNMPv3 engine may come back with a lower boot counter. Only believed when it is said in an
    /// authenticated answer to the very message that was sent, which can't be a replay.
    public var acceptsBootsRollback = true
    /// The greatest message to send, in octets, at least 484.
    public var maximumMessageByteCount = SNMPLimits.maximumMessageByteCount

    /// The default policy.
    public init() {}

    /// The greatest number of retries; more are taken as so many.
    public static var maximumRetries: Int { 255 }

    /// The window to use where the one learned so far is `learned`.
    func window(_ learned: Int) -> Int {
        let greatest = max(maximumInFlight, 1)
        return adaptsWindow ? min(max(learned, 1), greatest) : greatest
    }

    /// The policy of the WinSNMP and net-snmp kind: a fixed timeout, repeated `retries` times.
    public static func fixed(timeout: Interval, retries: Int) -> RequestPolicy {
        var policy = RequestPolicy()
        policy.initialTimeout = timeout
        policy.retries = retries
        policy.adaptsTimeout = false
        return policy
    }
}

/// Round-trip time of a target: smoothed mean and variation (RFC 6298), and the least seen.
public struct RoundTripEstimator: Sendable, Hashable {
    /// The smoothed round-trip time; nil before the first sample.
    public private(set) var smoothed: Interval?
    /// The smoothed mean deviation.
    public private(set) var variation: Interval = .zero
    /// The least round-trip time seen: the path without queues.
    public private(set) var minimum: Interval = Interval(nanoseconds: .max)

    /// Doublings that the first attempt of a request waits for. An answer that took repetitions gives no sample, so
    /// without this a device that got slower would never be measured again (RFC 6298, section 5, and Karn).
    private var backoff = 0

    /// An estimator without samples.
    public init() {}

    /// An estimator that goes on from saved values.
    public init(smoothed: Interval, variation: Interval) {
        self.smoothed = smoothed
        self.variation = variation
        minimum = smoothed
    }

    /// Takes note of an answer, `roundTrip` after the last of `attempt` + 1 sendings.
    public mutating func answered(after roundTrip: Interval, attempt: Int) {
        if attempt == 0 { sample(roundTrip) } else { backoff = min(backoff + attempt, 5) }
    }

    /// Takes a sample. Only of requests sent once: the reply to a repeated one can't be matched to an attempt (Karn).
    public mutating func sample(_ roundTrip: Interval) {
        backoff = 0
        minimum = min(minimum, roundTrip)
        guard let mean = smoothed else {
            smoothed = roundTrip
            variation = roundTrip / 2
            return
        }
        let error = mean.nanoseconds - roundTrip.nanoseconds
        variation = Interval(nanoseconds: (3 * variation.nanoseconds + abs(error)) / 4)
        smoothed = Interval(nanoseconds: (7 * mean.nanoseconds + roundTrip.nanoseconds) / 8)
    }

    /// How long attempt number `attempt` (0 for the first) waits under `policy`.
    public func timeout(attempt: Int, _ policy: RequestPolicy) -> Interval {
        guard policy.adaptsTimeout else { return policy.initialTimeout }
        var base = policy.initialTimeout
        if let smoothed {
            base = max(smoothed + variation * 4, policy.minimumTimeout)
        }
        return min(base * (1 << Int64(min(attempt + backoff, 20))), max(policy.maximumTimeout, policy.initialTimeout))
    }

    /// Whether replies take far longer than the path needs: requests are queueing in the device.
    public var showsQueueing: Bool {
        guard let smoothed, minimum.nanoseconds > 0 else { return false }
        return smoothed > minimum * 4 && smoothed > .milliseconds(20)
    }
}
