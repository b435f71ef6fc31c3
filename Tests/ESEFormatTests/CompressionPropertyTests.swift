// Layer: ESEFormatTests. Tests: Compression, Compressor over many values, and with damaged ones.
// Every test names its seed; the same seed makes the same values.

import ESEFormat
import Primitives
import Testing

/// Values of many kinds.
private enum Kind: CaseIterable {
    case ascii, wide, words, wideWords, noise, runs, periods, zeros

    func value(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        var value: [UInt8] = []
        switch self {
        case .ascii: value = (0..<count).map { _ in UInt8.random(in: 0...0x7f, using: &random) }
        case .wide: value = (0..<count).map { $0 % 2 == 0 ? UInt8.random(in: 0...0x7f, using: &random) : 0 }
        case .words, .wideWords:
            let words = ["the", "index", "C:\\Windows", "svchost.exe", "document", "Zürich", " "]
            while value.count < count {
                let word = words[Int.random(in: 0..<words.count, using: &random)]
                value += self == .words ? Array(word.utf8) : word.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
            }
        case .noise: value = (0..<count).map { _ in UInt8.random(in: 0...0xff, using: &random) }
        case .runs:
            while value.count < count {
                let byte = UInt8.random(in: 0...0xff, using: &random)
                value += Array(repeating: byte, count: Int.random(in: 1...400, using: &random))
            }
        case .periods:
            while value.count < count {
                let period = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                    UInt8.random(in: 0...0xff, using: &random)
                }
                for _ in 0..<Int.random(in: 1...12, using: &random) { value += period }
            }
        case .zeros: value = Array(repeating: 0, count: count)
        }
        return Array(value.prefix(count))
    }
}

/// The schemes as they are described, a bit and a byte at a time: what the fast decoders are held against.
private enum Plainly {
    static func sevenBits(_ plain: [UInt8], isUnicode: Bool) -> [UInt8] {
        var bits: [Bool] = []
        for place in stride(from: 0, to: plain.count, by: isUnicode ? 2 : 1) {
            bits += (0..<7).map { plain[place] >> UInt8($0) & 1 == 1 }
        }
        var packed: [UInt8] = [(isUnicode ? 2 : 1) << 3 | UInt8((bits.count - 1) % 8)]
        for start in stride(from: 0, to: bits.count, by: 8) {
            packed.append(
                bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) {
                    $0 | ($1.element ? 1 << UInt8($1.offset) : 0)
                })
        }
        return packed
    }

    /// A stream of random literals and matches, with the value that it stands for.
    static func lz4(_ random: inout SeededRandom) -> (stored: [UInt8], plain: [UInt8]) {
        var block: [UInt8] = []
        var plain: [UInt8] = []
        func more(_ length: Int) -> [UInt8] {
            guard length >= 15 else { return [] }
            return Array(repeating: 255, count: (length - 15) / 255) + [UInt8((length - 15) % 255)]
        }
        for step in (0..<Int.random(in: 0...8, using: &random)).reversed() {
            let literals = (0..<Int.random(in: plain.isEmpty ? 1...40 : 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            plain += literals
            let match = step == 0 ? 0 : Int.random(in: 0...(random.oneIn(4) ? 600 : 14), using: &random)
            block.append(UInt8(min(literals.count, 15) << 4 | min(match, 15)))
            block += more(literals.count) + literals
            if step == 0 { break }
            let distance = Int.random(in: 1...min(plain.count, random.oneIn(2) ? 20 : 65_535), using: &random)
            block += [UInt8(distance & 0xff), UInt8(distance >> 8)] + more(match)
            for _ in 0..<(match + 4) { plain.append(plain[plain.count - distance]) }
        }
        return ([0x38, UInt8(plain.count & 0xff), UInt8(plain.count >> 8)] + block, plain)
    }
}

@Suite struct CompressionPropertyTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func roundTrips(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for kind in Kind.allCases {
            let counts =
                Array(0...40) + (0..<6).map { _ in Int.random(in: 41...3_000, using: &random) } + [1_024, 8_150]
            for count in counts {
                let plain = kind.value(count, &random)
                for minimum in [1, 1_024, .max] {
                    guard let stored = Compressor.compress(plain.span.bytes, minimumForXpress: minimum) else {
                        continue
                    }
                    #expect(stored.count < plain.count)
                    let scheme = Compression.scheme(of: stored.span.bytes)
                    if minimum == .max { #expect(scheme == .sevenBitASCII || scheme == .sevenBitUnicode) }
                    #expect(try Compression.expandedByteCount(of: stored.span.bytes) == count)
                    let expanded = try Compression.expand(stored.span.bytes, limit: count)
                    #expect(expanded == plain, "\(kind), \(count) bytes, minimum \(minimum)")
                }
            }
        }
    }

    /// The window of 8,192 bytes and the 16 bits of the size end somewhere.
    @Test func largeValues() throws {
        var random = SeededRandom(seed: 7)
        let noise = Kind.noise.value(8_192, &random)
        // The same again, just inside the window, then one byte too far away.
        for gap in [0, 1] {
            let plain = noise + Array(repeating: 0xaa, count: gap) + noise
            let stored = Compressor.compress(plain.span.bytes)
            #expect((stored != nil) == (gap == 0))
            guard let stored else { continue }
            #expect(try Compression.expand(stored.span.bytes, limit: plain.count) == plain)
        }
        for kind in [Kind.runs, .words, .zeros] {
            let plain = kind.value(65_535, &random)
            let packed = Compressor.compress(plain.span.bytes)
            let stored = try #require(packed)
            #expect(stored[0] == 0x18)
            #expect(try Compression.expand(stored.span.bytes, limit: 65_535) == plain)
        }
        let zeros = Kind.zeros.value(65_536, &random)
        #expect(Compressor.compress(zeros.span.bytes)?.first == 0x17)
        let runs = Kind.runs.value(65_536, &random)
        #expect(Compressor.compress(runs.span.bytes) == nil)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func sevenBitsAsDescribed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for count in 1...80 {
            for isUnicode in [false, true] {
                let plain = (isUnicode ? Kind.wide : .ascii).value(isUnicode ? 2 * count : count, &random)
                let stored = Plainly.sevenBits(plain, isUnicode: isUnicode)
                #expect(try Compression.expand(stored.span.bytes, limit: plain.count) == plain)
                // Only what is smaller is returned; ASCII without any zero byte can't be Unicode.
                if stored.count < plain.count, isUnicode || !plain.contains(0) {
                    #expect(Compressor.compress(plain.span.bytes, minimumForXpress: .max) == stored)
                }
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func blocksOfLZ4(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<10 {
            let (stored, plain) = Plainly.lz4(&random)
            #expect(try Compression.expand(stored.span.bytes, limit: 65_535) == plain)
        }
    }

    // MARK: Policy

    @Test func policy() throws {
        let text = Array(String(repeating: "Oriel reads. ", count: 100).utf8)
        func scheme(_ plain: [UInt8], minimum: Int = 1_024) -> CompressionScheme? {
            Compressor.compress(plain.span.bytes, minimumForXpress: minimum).flatMap {
                Compression.scheme(of: $0.span.bytes)
            }
        }
        #expect(scheme(Array(text.prefix(1_024))) == .xpress)
        #expect(scheme(Array(text.prefix(1_023))) == .sevenBitASCII)
        #expect(scheme(Array(text.prefix(1_023)), minimum: 1_023) == .xpress)
        var random = SeededRandom(seed: 3)
        // Nothing repeats, so XPRESS saves less than the nine bits of each unit.
        #expect(scheme(Kind.wide.value(2_000, &random)) == .sevenBitUnicode)
        #expect(scheme(Kind.ascii.value(2_000, &random)) == .sevenBitASCII)
        #expect(scheme(Kind.noise.value(2_000, &random)) == nil)
        #expect(scheme(Array("Oriel".utf16.flatMap { [UInt8($0), 0] as [UInt8] })) == .sevenBitUnicode)
        // A byte for the scheme and seven for eight characters save nothing.
        #expect(scheme(Array("ABCDEFGH".utf8)) == nil)
        #expect(scheme(Array("ABCDEFGHIJKLMNOPQ".utf8)) == .sevenBitASCII)
        #expect(scheme(Array("ABCDEFGHIJKLMNOP€".utf8)) == nil)
        #expect(scheme([]) == nil)
    }

    @Test func leastByteCount() {
        let plain = Array("Oriel".utf16.flatMap { [UInt8($0), 0] as [UInt8] })
        #expect(Compressor.compress(plain.span.bytes, leastByteCount: 6)?.count == 6)
        #expect(Compressor.compress(plain.span.bytes, leastByteCount: 7) == nil)
    }

    // MARK: Damage

    /// Expands within the limit or throws, and leaves alone what was there.
    private func expandSafely(_ stored: [UInt8], limit: Int) -> Bool {
        var output: [UInt8] = [0xa5, 0x5a]
        do {
            try Compression.expand(stored.span.bytes, into: &output, limit: limit)
            return output.count <= limit + 2 && output.starts(with: [0xa5, 0x5a])
        } catch {
            return output == [0xa5, 0x5a] && (error.code == .badCompression || error.code == .unsupportedCompression)
        }
    }

    @Test(arguments: CompressedValue.all) func everyTruncation(_ value: CompressedValue) {
        for count in 0..<value.stored.count {
            #expect(expandSafely(Array(value.stored.prefix(count)), limit: value.plain.count))
            // Cut XPRESS and LZ4 can't be whole.
            if value.stored[0] == 0x18 || value.stored[0] == 0x38 {
                let cut = Array(value.stored.prefix(count))
                #expect(throws: FormatError.self) { try Compression.expand(cut.span.bytes, limit: 1 << 20) }
            }
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func mutations(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var values = CompressedValue.all.map(\.stored)
        for kind in Kind.allCases {
            let plain = kind.value(Int.random(in: 20...1_500, using: &random), &random)
            if let stored = Compressor.compress(plain.span.bytes, minimumForXpress: 1) { values.append(stored) }
        }
        for _ in 0..<4 { values.append(Plainly.lz4(&random).stored) }
        var sane = true
        for value in values {
            for _ in 0..<60 {
                var stored = value
                for _ in 0...(random.next() % 3) {
                    let place = Int.random(in: 0..<stored.count, using: &random)
                    switch random.next() % 4 {
                    case 0: stored[place] = UInt8.random(in: 0...255, using: &random)
                    case 1: stored[place] ^= 1 << UInt8(random.next() % 8)
                    case 2: stored[place] = random.oneIn(2) ? 0xff : 0
                    default: stored.removeLast(min(stored.count - 1, place))
                    }
                }
                sane = sane && expandSafely(stored, limit: Int(random.next() % 5_000))
            }
        }
        #expect(sane, "seed \(seed)")
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func noiseBehindEveryFirstByte(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var sane = true
        for first in UInt8.min...UInt8.max {
            var stored = Kind.noise.value(Int.random(in: 1...60, using: &random), &random)
            stored[0] = first
            sane = sane && expandSafely(stored, limit: 4_096)
        }
        #expect(sane, "seed \(seed)")
    }
}
