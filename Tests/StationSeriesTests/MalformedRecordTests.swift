import Primitives
import StationSeries
import Testing

/// What a damaged disk can hand to the decoders: they throw or give a record, and never trap, hang or grow.
@Suite struct MalformedRecordTests {
    @Test func everyTruncationThrows() {
        for seed in UInt64(0)..<25 {
            var random = SeededRandom(seed: seed)
            let round = random.round().encoded()
            let timeline = random.timeline(count: 1 + random.below(40)).encoded()
            let block = random.block(count: 1 + random.below(40)).encoded()
            let rounds = taken(round) { (bytes: [UInt8]) throws(SeriesFormatError) in _ = try Round(decoding: bytes) }
            let times = taken(timeline) { (bytes: [UInt8]) throws(SeriesFormatError) in
                _ = try Timeline(decoding: bytes)
            }
            let blocks = taken(block) { (bytes: [UInt8]) throws(SeriesFormatError) in _ = try Block(decoding: bytes) }
            #expect(rounds == [round.count], "seed \(seed)")
            #expect(times == [timeline.count], "seed \(seed)")
            #expect(blocks == [block.count], "seed \(seed)")
        }
    }

    /// The lengths at which the start of a record is taken for one.
    private func taken(_ bytes: [UInt8], _ read: ([UInt8]) throws(SeriesFormatError) -> Void) -> [Int] {
        (0...bytes.count).filter { length in
            do throws(SeriesFormatError) {
                try read(Array(bytes[..<length]))
                return true
            } catch {
                return false
            }
        }
    }

    /// What is read from changed bytes is a record all the same: it can be written and read again.
    @Test func changedBytesAreRefusedOrMakeARecord() throws {
        var refused = 0
        var taken = 0
        for seed in UInt64(0)..<1500 {
            var random = SeededRandom(seed: seed)
            let kind = random.below(3)
            var bytes =
                switch kind {
                case 0: random.round().encoded()
                case 1: random.timeline(count: random.below(40)).encoded()
                default: random.block(count: random.below(40)).encoded()
                }
            change(&bytes, &random)
            do {
                switch kind {
                case 0:
                    let round = try Round(decoding: bytes)
                    #expect(try Round(decoding: round.encoded()) == round, "seed \(seed)")
                    #expect(try Round.head(of: bytes) == round.head, "seed \(seed)")
                    #expect(round.values.count * 2 <= bytes.count, "seed \(seed)")
                case 1:
                    let timeline = try Timeline(decoding: bytes)
                    #expect(try Timeline(decoding: timeline.encoded()) == timeline, "seed \(seed)")
                default:
                    let block = try Block(decoding: bytes)
                    #expect(try Block(decoding: block.encoded()) == block, "seed \(seed)")
                    #expect(block.values.count <= Timeline.maximumCount, "seed \(seed)")
                }
                taken += 1
            } catch {
                #expect(0...bytes.count ~= error.offset, "seed \(seed): \(error)")
                refused += 1
            }
        }
        // Both ways are tried.
        #expect(refused > 300 && taken > 100, "\(refused) refused, \(taken) taken")
    }

    @Test func aValueIsLookedForInChangedBytes() {
        for seed in UInt64(0)..<500 {
            var random = SeededRandom(seed: seed)
            var bytes = random.round().encoded()
            change(&bytes, &random)
            let series = Int32(random.below(40))
            do {
                let found = try Round.value(of: series, in: bytes)
                if let round = try? Round(decoding: bytes) {
                    #expect(found == round.values.first { $0.series == series }?.value, "seed \(seed)")
                }
            } catch {
                // What can't be searched can't be read either.
                #expect(throws: SeriesFormatError.self, "seed \(seed)") { try Round(decoding: bytes) }
            }
        }
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0...random.below(3) {
            let place = random.below(bytes.count)
            switch random.below(5) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[place] ^= 1 << UInt8(random.below(8))
            case 2: bytes[place] = 0xFF
            case 3: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            default: if bytes.count > 1 { bytes.remove(at: place) }
            }
        }
    }
}
