import Primitives
import Testing

@Suite struct InstantTests {
    @Test func additionSaturatesInsteadOfOverflowing() {
        #expect(Instant.distantFuture + Interval.seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: .min) + Interval.seconds(-1) == Instant(nanoseconds: .min))
    }

    @Test func differenceSaturates() {
        #expect(Instant.distantFuture - Instant(nanoseconds: -1) == Interval(nanoseconds: .max))
        #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 3) == Interval(nanoseconds: 2))
    }

    @Test(arguments: [(0.25, 250_000_000), (-1.0, -1_000_000_000), (.nan, 0)] as [(Double, Int64)])
    func secondsRoundToNanoseconds(seconds: Double, nanoseconds: Int64) {
        #expect(Interval.fractionalSeconds(seconds).nanoseconds == nanoseconds)
    }

    @Test func seededRandomReplaysItsSequence() {
        var a = SeededRandom(seed: 42), b = SeededRandom(seed: 42)
        #expect((0..<100).map { _ in a.next() } == (0..<100).map { _ in b.next() })
        // First output of SplitMix64 for seed 0 (reference implementation by Vigna).
        var zero = SeededRandom(seed: 0)
        #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
    }
}
