import Primitives
import StationSeries
import Testing

@Suite struct BlockTests {
    private func bytes(_ values: [RawValue?]) throws -> Int {
        let block = Block(values: values)
        let bytes = block.encoded()
        #expect(try Block(decoding: bytes) == block)
        #expect(try Block(decoding: bytes.span.bytes) == block)
        return bytes.count
    }

    @Test func anyBlockComesBack() throws {
        for seed in UInt64(0)..<200 {
            var random = SeededRandom(seed: seed)
            let block = random.block(count: random.below(300))
            #expect(try Block(decoding: block.encoded()) == block, "seed \(seed)")
        }
    }

    /// Every number of values around the sizes of groups.
    @Test func anyLengthComesBack() throws {
        for count in 0...140 {
            var random = SeededRandom(seed: UInt64(count))
            _ = try bytes((0..<count).map { RawValue(type: .counter64, bits: UInt64($0 * $0) + random.next() % 9) })
            _ = try bytes((0..<count).map { RawValue(double: Double($0) / 3) })
            _ = try bytes((0..<count).map { $0 % 3 == 0 ? RawValue(integer32: -Int32($0)) : nil })
        }
    }

    @Test func aConstantCostsNearlyNothing() throws {
        let value = RawValue(type: .gauge32, bits: 1_000_000_000)
        #expect(try bytes(Array(repeating: value, count: 120)) <= 12)
        #expect(try bytes(Array(repeating: value, count: 65_536)) <= 24)
        #expect(try bytes(Array(repeating: RawValue(float: 0.5), count: 120)) <= 24)
        #expect(try bytes(Array(repeating: nil, count: 65_536)) <= 10)
    }

    @Test func aSteadyCounterCostsNearlyNothing() throws {
        #expect(try bytes((0..<120).map { RawValue(type: .counter64, bits: 5_000_000_000 + 1500 * $0) }) <= 17)
    }

    /// A rate that changes slowly: three bits a sample, where the differences alone would take eight.
    @Test func aLineThatBendsCostsLittle() throws {
        #expect(try bytes((0..<120).map { RawValue(type: .counter64, bits: $0 * ($0 + 1_000_000)) }) <= 64)
    }

    @Test func aRestartCostsOneGroup() throws {
        let steady = (0..<120).map { RawValue(type: .counter64, bits: 5_000_000_000_000 + 1500 * UInt64($0)) }
        var restarted = steady
        for index in 60..<120 { restarted[index].bits = UInt64(index - 60) * 1500 }
        #expect(try bytes(restarted) < bytes(steady) + 60)
    }

    @Test func counterThatWrapsCostsNoMore() throws {
        let values = (0..<120).map { RawValue(type: .counter64, bits: UInt64.max &- 90_000 &+ 1500 &* $0) }
        #expect(try bytes(values) <= 20)
    }

    @Test func aMissingValueCostsFewBytes() throws {
        var values: [RawValue?] = (0..<120).map { RawValue(type: .counter64, bits: UInt64($0) * 1500) }
        let whole = try bytes(values)
        values[50] = nil
        #expect(try bytes(values) <= whole + 20)
        values = Array(repeating: values[0], count: 120)
        values[50] = nil
        #expect(try bytes(values) <= 15)
    }

    @Test func typesMayChangeInside() throws {
        let small = (0..<60).map { RawValue(type: .counter32, bits: $0 * 100) }
        let large = (0..<60).map { RawValue(type: .counter64, bits: $0 * 100) }
        #expect(try bytes(small + large) < 50)
        #expect(try bytes([small[1], nil, RawValue(float: 1), large[3], nil, RawValue(integer32: .min)]) < 64)
    }

    @Test func extremesComeBack() throws {
        let bits: [UInt64] = [0, .max, 1 << 63, (1 << 63) - 1, 1, .max - 1, 0x5555_5555_5555_5555]
        for type in SampleType.allCases {
            _ = try bytes(bits.map { RawValue(type: type, bits: $0) })
            _ = try bytes((bits + bits.reversed()).map { RawValue(type: type, bits: $0) })
        }
    }

    @Test func floatsThatAreNoNumbersComeBack() throws {
        _ = try bytes(
            [.nan, .infinity, -.infinity, -0.0, 0, .leastNonzeroMagnitude, .nan].map { RawValue(double: $0) })
        _ = try bytes([.nan, .infinity, -.infinity, -0.0, 0, .leastNonzeroMagnitude].map { RawValue(float: $0) })
    }

    @Test func damageIsNamedWithItsPlace() {
        func expect(_ hex: String, _ reason: SeriesFormatError.Reason, at place: Int) {
            #expect(throws: SeriesFormatError(.block, reason, at: place)) {
                try Block(decoding: [UInt8](hex: hex))
            }
        }
        // 120 times 7 as Gauge32.
        #expect(throws: Never.self) { try Block(decoding: [UInt8](hex: "01 78 00 42 00 0c 0e 81")) }
        expect("02 78 00 42 00 0c 0e 81", .version(2), at: 0)
        expect("01 818004", .count(65_537), at: 1)
        expect("01 78 02 42 00 0c 0e 81", .code(2), at: 2)
        expect("01 78 00 04 00 0c 0e 81", .code(4), at: 3)
        expect("01 78 00 42 79 0c 0e 81", .range, at: 4)
        // Order 3; groups of 128; the line through two values for one value.
        expect("01 78 00 42 00 03 0e 81", .code(3), at: 5)
        expect("01 78 00 42 00 10 0e 81", .code(16), at: 5)
        expect("01 01 00 42 00 02 0e 0e", .code(2), at: 5)
        // A run of more groups than there are; a width of 65; a width of 64 without bytes.
        expect("01 78 00 42 00 0c 0e 82", .code(0x82), at: 7)
        expect("01 78 00 42 00 0c 0e 41", .code(0x41), at: 7)
        expect("01 78 00 42 00 0c 0e 40", .truncated, at: 8)
        expect("01 78 00 42 00 0c 0e 81 00", .trailing, at: 8)
        // -1 is no Gauge32. The place is that of the stream.
        expect("01 78 00 42 00 0c 01 81", .range, at: 5)
        // Runs: longer than the block; a second one of no length.
        expect("01 78 01 79", .range, at: 3)
        expect("01 78 01 00 00", .range, at: 4)
        // A float whose window reaches past 32 bits: low 31, width 32.
        expect("01 02 00 78 00 00000000 ff ff", .range, at: 10)
    }
}
