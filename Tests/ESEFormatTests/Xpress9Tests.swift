// Layer: ESEFormatTests. Tests: Xpress9, Xpress9Code, Xpress9Bits, through Compression.
// Golden values: Vectors/xpress9, see SOURCES.md there. Blocks of single faults are put together by hand.

import ESEFormat
import Foundation
import Primitives
import Testing

/// The plain values of the vectors: a recipe and a count of bytes.
private enum PlainValue: String {
    case words, wide, noise, zeros, ramp, skewed, records, runs, far

    /// A generator that is easily had in any language: the upper 31 bits of a linear congruence.
    private struct Chance {
        var state: UInt64
        mutating func pick(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
    }

    private static let vocabulary = [
        "the", "index", "C:\\Windows", "svchost.exe", "document", "Zürich", " ", "message", "received", "ß",
    ]

    func bytes(_ count: Int) -> [UInt8] {
        var chance = Chance(state: UInt64(count))
        var bytes: [UInt8] = []
        switch self {
        case .words, .wide:
            while bytes.count < count {
                let word = Self.vocabulary[chance.pick(Self.vocabulary.count)]
                bytes += self == .words ? Array(word.utf8) : word.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
            }
        case .noise: bytes = (0..<count).map { _ in UInt8(chance.pick(256)) }
        case .zeros: bytes = Array(repeating: 0, count: count)
        case .ramp: bytes = (0..<count).map { UInt8($0 % 256) }
        case .skewed:
            // Each byte as often as Fibonacci's numbers say, in random order: code words of all lengths.
            var (often, next, symbol) = (1, 1, UInt8(0))
            while bytes.count + often <= count {
                bytes += Array(repeating: symbol, count: often)
                (often, next, symbol) = (next, often + next, symbol + 1)
            }
            for place in stride(from: bytes.count - 1, to: 0, by: -1) { bytes.swapAt(place, chance.pick(place + 1)) }
        case .records:
            var number = 0
            while bytes.count < count {
                bytes += [1, 0, UInt8(number & 255), UInt8(number >> 8 & 255), UInt8(chance.pick(4)), 0, 0, 0x80]
                bytes += Array("From: user".utf8) + [48 + UInt8(chance.pick(10))] + Array("@example.org\0".utf8)
                number += 1
            }
        case .runs:
            while bytes.count < count {
                let byte = UInt8(chance.pick(256))
                bytes += Array(repeating: byte, count: 1 + chance.pick(600))
            }
        case .far:
            let noise = PlainValue.noise.bytes(40)
            bytes = noise + Array(repeating: 0, count: count - 80) + noise
        }
        return Array(bytes.prefix(count))
    }
}

/// A line of the vectors.
private struct Vector: CustomTestStringConvertible {
    let testDescription: String
    let plain: [UInt8]
    let stored: [UInt8]

    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count == 4, let recipe = PlainValue(rawValue: String(fields[0])), let count = Int(fields[1]) else {
            return nil
        }
        testDescription = fields[0...2].joined(separator: " ")
        plain = recipe.bytes(count)
        stored = hex(String(fields[3]))
    }

    static let all: [Vector] = {
        guard
            let url = Bundle.module.url(forResource: "xpress9", withExtension: "txt", subdirectory: "Vectors/xpress9"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").compactMap(Vector.init)
    }()
}

/// CRC-32C, bit by bit.
private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82f6_3b78 }
    }
    return ~sum
}

private func put(_ value: UInt32, at place: Int, _ bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
}

/// Makes the checksum of the header right again.
private func sealHeader(_ bytes: inout [UInt8]) {
    guard bytes.count >= 37 else { return }
    put(checksum(bytes[5..<33]), at: 33, &bytes)
}

/// A block that is put together bit by bit; without further words its codes are flat.
private struct Block {
    private var bits: [Bool] = []
    private var tableBitCount: Int?
    var flags: UInt32 = 0
    var plain: [UInt8] = []
    /// The count of plain bytes that the header names, if not that of `plain`.
    var declared: UInt32?

    /// Recent distances: 0, 2 or 4. They are 1 at the start.
    init(recent: UInt32 = 0) {
        flags = (recent / 2) << 16
        if recent > 0 { number(0, 1 + 5 * Int(recent)) }
    }

    /// With one more symbol code to be described by `words`.
    static func flat(recent: UInt32 = 0) -> Block {
        var block = Block(recent: recent)
        block.number(0, 6)
        block.endTables()
        return block
    }

    mutating func number(_ value: Int, _ count: Int) { for bit in 0..<count { bits.append(value >> bit & 1 == 1) } }
    mutating func word(_ value: Int, _ count: Int) {
        for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
    }
    mutating func endTables() { tableBitCount = bits.count }

    /// A symbol of the flat code.
    mutating func symbol(_ symbol: Int) { symbol < 320 ? word(symbol, 9) : word(symbol + 320, 10) }
    /// A match: the kind of distance, and the length as the symbol has it.
    mutating func match(_ kind: Int, _ length: Int) { symbol(256 + kind << 4 + length) }

    /// The lengths of a small code in which only `used` occur, with words of that many bits.
    mutating func smallCode(_ used: [Int: Int]) {
        number(1, 3)
        var previous = 4
        for symbol in 0..<33 {
            let length = used[symbol] ?? 0
            if length == previous {
                number(0, 1)
            } else {
                number(1, 1)
                number(length > previous ? length - 1 : length, 3)
                previous = length
            }
        }
    }

    var stored: [UInt8] {
        var bytes = Array(repeating: 0 as UInt8, count: 37)
        bytes[0] = 0x28
        put(checksum(plain), at: 1, &bytes)
        put(0x4e86_d72a, at: 5, &bytes)
        put(declared ?? UInt32(plain.count), at: 9, &bytes)
        put(UInt32(256 + bits.count), at: 13, &bytes)
        put(flags | UInt32(tableBitCount ?? bits.count - 1), at: 17, &bytes)
        sealHeader(&bytes)
        for start in stride(from: 0, to: bits.count, by: 8) {
            let byte = bits[start..<min(start + 8, bits.count)].enumerated().reduce(0 as UInt8) {
                $0 | ($1.element ? 1 << UInt8($1.offset) : 0)
            }
            bytes.append(byte)
        }
        return bytes
    }
}

@Suite struct Xpress9Tests {
    private func expand(_ stored: [UInt8], limit: Int = 1 << 20) throws -> [UInt8] {
        try Compression.expand(stored.span.bytes, limit: limit)
    }

    private func expectMalformed(_ stored: [UInt8], at place: Int? = nil, _ name: Comment? = nil) {
        do {
            _ = try expand(stored)
            Issue.record(name ?? "expanded")
        } catch let error as FormatError {
            #expect(error.code == .badCompression, name)
            if let place { #expect(Int(error.offset) == place, name) }
        } catch {
            Issue.record(error)
        }
    }

    @Test func allVectorsAreThere() { #expect(Vector.all.count == 67) }

    @Test(arguments: Vector.all) private func vectorsExpand(vector: Vector) throws {
        let (stored, count) = (vector.stored, vector.plain.count)
        #expect(try Compression.expandedByteCount(of: stored.span.bytes) == count)
        #expect(try expand(stored, limit: count) == vector.plain)
        #expect(try expand(stored + [0xff, 0, 0xff], limit: count) == vector.plain, "what follows is not looked at")
        var output: [UInt8] = [1, 2, 3]
        #expect(throws: FormatError(.badCompression, at: 9)) {
            try Compression.expand(stored.span.bytes, into: &output, limit: count - 1)
        }
        #expect(output == [1, 2, 3])
    }

    @Test func cutValuesAreMalformed() {
        for vector in Vector.all where vector.stored.count < 120 {
            for count in 1..<vector.stored.count {
                expectMalformed(Array(vector.stored.prefix(count)), "\(vector.testDescription) cut to \(count)")
            }
        }
    }

    /// A header's checksum is right again in half of the cases, so that the block is looked at.
    @Test(arguments: [1, 2, 3] as [UInt64]) func damagedValuesNeverTrap(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for vector in Vector.all where vector.stored.count < 600 {
            for _ in 0..<40 {
                var stored = vector.stored
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    // The first half of the damage lies in the header and the tables.
                    let most = random.oneIn(2) ? min(stored.count, 90) : stored.count
                    let place = Int.random(in: 1..<most, using: &random)
                    if random.oneIn(2) {
                        stored[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    } else {
                        stored[place] = UInt8.random(in: 0...255, using: &random)
                    }
                }
                if random.oneIn(8) { stored.removeLast(Int.random(in: 0..<stored.count, using: &random)) }
                if !random.oneIn(4) { sealHeader(&stored) }
                do throws(FormatError) {
                    let plain = try Compression.expand(stored.span.bytes, limit: 70_000)
                    #expect(plain == vector.plain, "seed \(seed), \(vector.testDescription): another value")
                } catch {
                    #expect(error.code == .badCompression, "seed \(seed), \(vector.testDescription)")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("the magic number", 5, 1, 5), ("more plain bytes", 9, 1, nil), ("a bit more", 13, 1, nil),
            ("far more bits", 15, 1, nil), ("fewer bits than the header", 14, 1, 13),
            ("the bits of the tables", 17, 1, nil),
            ("six recent distances", 19, 1, 17), ("a reserved flag", 19, 0x10, 17), ("the reserved word", 21, 1, 21),
            ("the number of the block", 29, 1, 29), ("the checksum of the value", 1, 1, 1),
        ] as [(String, Int, UInt8, Int?)])
    func wrongHeader(name: String, place: Int, bits: UInt8, reported: Int?) throws {
        // 300 zeros: 0x148 bits, four recent distances.
        var stored = try #require(Vector.all.first { $0.testDescription == "zeros 300 4/4/2/6/0/16" }).stored
        stored[place] ^= bits
        sealHeader(&stored)
        expectMalformed(stored, at: reported, "\(name)")
        #expect(throws: FormatError.self) { try expand(stored) }
    }

    @Test func wrongChecksumOfTheHeader() throws {
        var stored = try #require(Vector.all.first).stored
        stored[34] ^= 1
        expectMalformed(stored, at: 33)
        #expect(throws: FormatError(.badCompression, at: 33)) {
            try Compression.expandedByteCount(of: stored.span.bytes)
        }
        expectMalformed([0x28], at: 1)
    }

    @Test func literalsAndMatchesOfAFlatCode() throws {
        var block = Block.flat()
        for byte in [97, 98, 99] { block.symbol(byte) }
        // A distance of 2 + 1, and 2 + 3 bytes; then 15 + 3 + 3; then 4 bits more, 15 + 231 + 16 + 5 + 3.
        block.match(1, 2)
        block.number(1, 1)
        block.match(1, 15)
        block.word(3, 8)
        block.number(1, 1)
        block.match(0, 15)
        block.word(236, 8)
        block.number(5, 4)
        block.plain = (0..<29).map { [97, 98, 99][$0 % 3] } + Array(repeating: 98, count: 270)
        #expect(try expand(block.stored) == block.plain)
    }

    @Test func recentDistancesMoveToTheFront() throws {
        var block = Block.flat(recent: 4)
        for byte in [1, 2, 3, 4] { block.symbol(byte) }
        // Distances of their own: 4, then 3; shortest match 3.
        block.match(4 + 2, 0)
        block.number(0, 2)
        block.match(4 + 1, 0)
        block.number(1, 1)
        // After a match number 0 is the one before the last: 4, two bytes. After a literal it is the last: 4 again.
        block.match(0, 0)
        block.symbol(9)
        block.match(0, 0)
        block.symbol(8)
        // Number 1 is 3 now, and number 3 is 1.
        block.match(1, 0)
        block.symbol(7)
        block.match(3, 1)
        block.plain = [1, 2, 3, 4]
        func copy(_ distance: Int, _ count: Int) {
            for _ in 0..<count { block.plain.append(block.plain[block.plain.count - distance]) }
        }
        copy(4, 3)
        copy(3, 3)
        copy(4, 2)
        block.plain.append(9)
        copy(4, 2)
        block.plain.append(8)
        copy(3, 2)
        block.plain.append(7)
        copy(1, 3)
        #expect(try expand(block.stored) == block.plain)
    }

    @Test(arguments: [0, 2, 4] as [UInt32])
    func matchesThatCannotBe(recent: UInt32) {
        let own = Int(recent)
        var early = Block.flat(recent: recent)
        early.symbol(1)
        early.match(own + 1, 0)
        early.number(0, 1)
        early.plain = [1, 1, 1, 1]
        expectMalformed(early.stored, "before the start")

        var long = Block.flat(recent: recent)
        long.symbol(1)
        long.match(own, 1)
        long.plain = [1, 1, 1, 1]
        expectMalformed(long.stored, "beyond the end")

        guard recent > 0 else { return }
        var number = Block.flat(recent: recent)
        number.symbol(1)
        number.match(own, 0)
        number.match(own - 1, 0)
        number.plain = [1, 1, 1, 1, 1, 1]
        expectMalformed(number.stored, "no such recent distance")
    }

    @Test func bitsThatAreLeftAreMalformed() {
        var block = Block.flat()
        block.symbol(5)
        block.plain = [5]
        #expect((try? expand(block.stored)) == [5])
        block.number(0, 1)
        expectMalformed(block.stored)
    }

    @Test func aRecentDistanceLargerThanTheWindowIsMalformed() {
        var block = Block()
        block.flags = 1 << 16
        block.number(0, 1)
        block.number(16, 5)
        block.number(0, 16 + 5 + 6)
        block.endTables()
        block.symbol(5)
        block.plain = [5]
        expectMalformed(block.stored)
        // With a larger window it is fine, as it is never asked for.
        block.flags |= 1 << 13
        #expect((try? expand(block.stored)) == [5])
    }

    /// A code with a single symbol: its bit may have any value.
    @Test(arguments: [0, 1, 15, 16]) func singleSymbol(length: Int) {
        var block = Block()
        // 28: zeros to the end of the row; the length; 0 for what is left of the row.
        let used = length == 0 ? [28: 1, 0: 1] : [0: 2, length: 2, 28: 1]
        block.smallCode(used)
        if length == 0 {
            for _ in 0..<44 { block.word(1, 1) }
        } else {
            // Words: 28 is 0, zero is 10, the length is 11.
            block.word(3, 2)
            for _ in 0..<44 { block.word(0, 1) }
        }
        block.number(0, 3)
        block.endTables()
        block.number(1, max(length, 1))
        block.number(0, length)
        block.plain = [0, 0]
        if length == 1 || length == 15 {
            #expect((try? expand(block.stored)) == [0, 0])
        } else {
            expectMalformed(block.stored)
        }
    }

    /// The description of a code, as words of a small code in which `first` and `second` have one bit each.
    @Test(
        arguments: [
            ("an incomplete code", 2, 28, [0, 1]), ("too many words", 1, 30, [0, 1, 1, 1]),
            ("the row above in the first row", 31, 28, [0]),
            ("one more than the row above in the first row", 32, 28, [0]),
            ("zero in the row above", 31, 28, [1, 0]),
            ("more than 27 bits", 27, 32, Array(repeating: 0, count: 16) + [1]),
        ] as [(String, Int, Int, [Int])])
    func impossibleDescriptions(name: String, first: Int, second: Int, words: [Int]) {
        var block = Block()
        block.smallCode([first: 1, second: 1])
        for word in words { block.word(first < second ? word : 1 - word, 1) }
        for _ in 0..<800 { block.word(second == 28 ? 1 : 0, 1) }
        block.plain = [0]
        expectMalformed(block.stored, "\(name)")
    }

    @Test func runsOfZerosStayInTheirRow() {
        for more in [0, 7] {
            var block = Block()
            // 1 is 0, 28 is 10, 29 is 11.
            block.smallCode([1: 1, 29: 2, 28: 2])
            block.word(0, 1)
            block.word(3, 2)
            // 5 + 3 + 5 zeros, or 5 + 3 + 7 + 0, which would end with the row.
            block.number(3, 2)
            block.number(more == 0 ? 5 : 7, 3)
            if more == 7 { block.number(0, 3) }
            block.word(0, 1)
            for _ in 0..<44 { block.word(2, 2) }
            block.number(0, 3)
            block.endTables()
            block.number(0b10, 2)
            block.plain = more == 0 ? [0, 14] : []
            if more == 0 {
                #expect((try? expand(block.stored)) == block.plain)
            } else {
                expectMalformed(block.stored)
            }
        }
    }

    @Test func codesOfUnknownKindsAreMalformed() {
        for kind in 2...7 {
            var block = Block()
            block.number(kind, 3)
            block.number(0, 60)
            block.plain = [0]
            expectMalformed(block.stored, at: 37)
        }
        var long = Block()
        // 1 and 7: eight or more bits; the second time, 8 is previous and 7 means 8 + 1 - 1.
        long.number(1, 3)
        long.number(0b1111, 4)
        long.number(0b1111, 4)
        long.number(0, 60)
        long.plain = [0]
        expectMalformed(long.stored)
    }
}
