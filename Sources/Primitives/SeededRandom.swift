// Layer: Primitives. Used by: state machines (behind `RandomNumberGenerator`), simulations and property tests.

/// A small, fast generator whose whole sequence follows from its seed (SplitMix64).
///
/// For simulations and tests: the same seed replays the same run. Not for keys or salts;
/// drivers hand the engines a `SystemRandomNumberGenerator`.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    /// The internal state; advances by a constant with each draw.
    public private(set) var state: UInt64

    /// Makes a generator that replays the sequence of `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits of the sequence.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in `n` draws on average.
    public mutating func oneIn(_ n: UInt64) -> Bool { next() % n == 0 }
}
