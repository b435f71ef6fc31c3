// Layer: Primitives. Used by: engines, which need unpredictable identifiers without calling the system for each.

/// Random bits drawn from a source that the driver supplies: the system's generator, or a seed in simulations.
///
/// Bits are fetched in blocks, because a system call for each identifier would cost more than building its message.
public final class RandomSource: RandomNumberGenerator {
    private let refill: (inout [UInt64]) -> Void
    private var pool: [UInt64]
    private var used: Int

    /// Makes a source; `refill` replaces all words of the array by fresh random ones.
    public init(blockWordCount: Int = 32, refill: @escaping (inout [UInt64]) -> Void) {
        precondition(blockWordCount > 0)
        self.refill = refill
        pool = [UInt64](repeating: 0, count: blockWordCount)
        used = blockWordCount
    }

    /// A source that replays the sequence of `seed`: for simulations and tests only.
    public convenience init(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        self.init { pool in
            for index in pool.indices { pool[index] = generator.next() }
        }
    }

    /// The next 64 bits. Each word is given out once and wiped from the pool.
    public func next() -> UInt64 {
        if used == pool.count {
            refill(&pool)
            used = 0
        }
        let word = pool[used]
        pool[used] = 0
        used += 1
        return word
    }

    /// A number from 1 to 2^31 - 1, as request and message identifiers want.
    public func nextIdentifier() -> Int32 {
        while true {
            let candidate = Int32(truncatingIfNeeded: next() & 0x7FFF_FFFF)
            if candidate != 0 { return candidate }
        }
    }
}
