// Layer: SNMPEngine. Used by: Walk.
// How many rows to ask for at once. Agents differ in what they can take and say so in different ways: an error, a cut
// reply, or silence. The tuner searches for the greatest number that works and remembers it.

/// Finds the max-repetitions that an agent can take.
///
/// Grows by doubling until something fails, then searches a few times between what works and what fails. A timeout may
/// be plain loss, so silence only counts as a limit when the same number met it twice while smaller ones were answered.
/// A limit that is known already is respected, and only tried again after a long run of success.
public struct BulkTuner: Sendable, Hashable {
    /// Answers in a row after which a known limit is tried again.
    private static let patience = 500

    /// What to ask for now, from 1.
    public private(set) var repetitions: Int
    /// The greatest number to ask for.
    public let limit: Int
    /// The greatest number that was answered.
    public private(set) var proven: Int
    /// The least number known to fail for its size.
    public private(set) var failing: Int?
    /// A number that met silence once.
    private var suspect: Int?
    /// How often to search between what works and what fails.
    private var searchesLeft = 0
    private var successes = 0

    /// A tuner that begins with `first`, or with what a profile remembers, and never goes above `limit`.
    public init(first: Int = 10, limit: Int = 64, profile: TargetProfile = TargetProfile()) {
        self.limit = max(limit, 1)
        failing = profile.failingRepetitions.map { max($0, 2) }
        var start = profile.repetitions ?? first
        if let failing { start = min(start, failing - 1) }
        repetitions = min(max(start, 1), max(limit, 1))
        proven = min(max(profile.repetitions ?? 0, 0), max(limit, 1))
        if let failing { proven = min(proven, failing - 1) }
    }

    /// Whether the number in use was answered before.
    public var isProven: Bool { repetitions <= proven }

    /// Asks for `count` (at least 1) at most this time, because several columns share the reply.
    public mutating func cap(_ count: Int) { repetitions = min(repetitions, max(count, 1)) }

    /// The number in use was answered, with as many rows as asked for (`full`) or fewer.
    public mutating func succeeded(full: Bool) {
        proven = max(proven, repetitions)
        // What was thought to be too much is not.
        if let suspected = suspect, suspected <= proven { suspect = nil }
        if let known = failing, known <= proven { failing = nil }
        successes += 1
        guard full else { return }
        guard let failing else {
            repetitions = min(repetitions * 2, limit)
            return
        }
        // Back to what is known to work first; from there on only a search or patience goes further.
        if repetitions < proven {
            repetitions = min(repetitions * 2, proven)
            return
        }
        if successes >= BulkTuner.patience { searchesLeft = 1 }
        guard searchesLeft > 0, failing - repetitions > 1 else {
            if successes >= BulkTuner.patience, failing <= limit {
                // The limit itself may have gone.
                successes = 0
                repetitions = failing
            }
            return
        }
        if suspect == nil { searchesLeft -= 1 }
        successes = 0
        repetitions = suspect ?? (repetitions + failing) / 2
    }

    /// The number in use met silence or a cut reply. False when it can't be made smaller.
    public mutating func metSilence() -> Bool {
        guard repetitions > 1 else { return false }
        if repetitions > proven {
            if suspect == repetitions || repetitions == failing { fails(repetitions) } else { suspect = repetitions }
        } else {
            // It worked before: loss, or the rows have grown.
            proven = repetitions / 2
        }
        // Before anything was answered, silence most likely has another reason than size: find out with the least.
        repetitions = proven == 0 ? 1 : max(1, min(proven, repetitions - 1))
        return true
    }

    /// The agent said that the answer would be too big. False when the number can't be made smaller.
    public mutating func metTooBig() -> Bool {
        guard repetitions > 1 else { return false }
        fails(repetitions)
        proven = min(proven, repetitions - 1)
        repetitions = max(1, proven > 0 ? proven : repetitions / 2)
        return true
    }

    /// The agent failed for another reason, which may lie in one row. False when the number can't be made smaller.
    public mutating func metError() -> Bool {
        guard repetitions > 1 else { return false }
        repetitions /= 2
        return true
    }

    private mutating func fails(_ number: Int) {
        if failing == nil { searchesLeft = 3 }
        failing = min(failing ?? .max, number)
        suspect = nil
    }

    /// Writes what was found into a profile. A number that met silence once and was never answered counts as failing,
    /// so that the next walk needs no failed request.
    public func remember(in profile: inout TargetProfile) {
        if proven > 0 { profile.repetitions = proven }
        profile.failingRepetitions = failing ?? suspect
    }
}
