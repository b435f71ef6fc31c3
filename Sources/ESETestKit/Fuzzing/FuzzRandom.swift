// Layer: ESETestKit/Fuzzing. Uses: SeededRandom. Used by: mutators.
// Draws that fuzzers need: numbers that are likely to be wrong in an interesting way.

import Primitives

extension SeededRandom {
    /// A number in 0..<limit; 0 if there is none.
    mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() % UInt64(limit)) }

    /// One of the elements; nil if there are none.
    mutating func pick<T>(_ elements: [T]) -> T? { elements.isEmpty ? nil : elements[below(elements.count)] }

    /// A number that differs from `old`: at an edge, a little off, a bit off, or any.
    mutating func wrong<T: FixedWidthInteger & UnsignedInteger>(_ old: T) -> T {
        switch below(9) {
        case 0: 0
        case 1: 1
        case 2: .max
        case 3: .max / 2
        case 4: .max / 2 + 1
        case 5: old &+ T(truncatingIfNeeded: 1 + below(8))
        case 6: old &- T(truncatingIfNeeded: 1 + below(8))
        case 7: old ^ 1 << T(truncatingIfNeeded: below(T.bitWidth))
        default: T(truncatingIfNeeded: next())
        }
    }
}
