// Layer: ESEFormatTests. Tests: Xpress9, Xpress9Code, Xpress9Bits, through Compression.
// Golden values and blocks of single faults: Xpress9TestValues.swift.

import ESEFormat
import Primitives
import Testing

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

    @Test func allVectorsAreThere() { #expect(Xpress9Vector.all.count == 67) }

    @Test(arguments: Xpress9Vector.all) func vectorsExpand(vector: Xpress9Vector) throws {
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
        for vector in Xpress9Vector.all where vector.stored.count < 90 {
            for count in Set([1, 4, 5, 36, 37]).union(38..<vector.stored.count) {
                expectMalformed(Array(vector.stored.prefix(count)), "\(vector.testDescription) cut to \(count)")
            }
        }
    }

    /// A header's checksum is right again in half of the cases, so that the block is looked at.
    @Test(arguments: [1, 2, 3] as [UInt64]) func damagedValuesNeverTrap(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for vector in Xpress9Vector.all where vector.stored.count < 600 {
            for _ in 0..<5 {
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
                if !random.oneIn(4) { sealXpress9Header(&stored) }
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
        var stored = try #require(Xpress9Vector.all.first { $0.testDescription == "zeros 300 4/4/2/6/0/16" }).stored
        stored[place] ^= bits
        sealXpress9Header(&stored)
        expectMalformed(stored, at: reported, "\(name)")
    }

    @Test func wrongChecksumOfTheHeader() throws {
        var stored = try #require(Xpress9Vector.all.first).stored
        stored[34] ^= 1
        expectMalformed(stored, at: 33)
        #expect(throws: FormatError(.badCompression, at: 33)) {
            try Compression.expandedByteCount(of: stored.span.bytes)
        }
        expectMalformed([0x28], at: 1)
    }

    @Test func literalsAndMatchesOfAFlatCode() throws {
        var block = Xpress9Block.flat()
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
        var block = Xpress9Block.flat(recent: 4)
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
        var early = Xpress9Block.flat(recent: recent)
        early.symbol(1)
        early.match(own + 1, 0)
        early.number(0, 1)
        early.plain = [1, 1, 1, 1]
        expectMalformed(early.stored, "before the start")

        var long = Xpress9Block.flat(recent: recent)
        long.symbol(1)
        long.match(own, 1)
        long.plain = [1, 1, 1, 1]
        expectMalformed(long.stored, "beyond the end")

        guard recent > 0 else { return }
        var number = Xpress9Block.flat(recent: recent)
        number.symbol(1)
        number.match(own, 0)
        number.match(own - 1, 0)
        number.plain = [1, 1, 1, 1, 1, 1]
        expectMalformed(number.stored, "no such recent distance")
    }

    @Test func bitsThatAreLeftAreMalformed() {
        var block = Xpress9Block.flat()
        block.symbol(5)
        block.plain = [5]
        #expect((try? expand(block.stored)) == [5])
        block.number(0, 1)
        expectMalformed(block.stored)
    }

    @Test func aRecentDistanceLargerThanTheWindowIsMalformed() {
        var block = Xpress9Block()
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
        var block = Xpress9Block()
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
            ("an incomplete code", 2, 28, [0, 0, 1]), ("too many words", 1, 30, [0, 1, 1, 1]),
            ("the row above in the first row", 31, 28, [0]),
            ("one more than the row above in the first row", 32, 28, [0]),
            ("zero in the row above", 31, 28, [1, 0]),
            ("more than 27 bits", 27, 32, Array(repeating: 0, count: 16) + [1]),
        ] as [(String, Int, Int, [Int])])
    func impossibleDescriptions(name: String, first: Int, second: Int, words: [Int]) {
        var block = Xpress9Block()
        block.smallCode([first: 1, second: 1])
        for word in words { block.word(first < second ? word : 1 - word, 1) }
        for _ in 0..<800 { block.word(second == 28 ? 1 : 0, 1) }
        block.plain = [0]
        expectMalformed(block.stored, "\(name)")
    }

    @Test func runsOfZerosStayInTheirRow() {
        for more in [0, 7] {
            var block = Xpress9Block()
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
            var block = Xpress9Block()
            block.number(kind, 3)
            block.number(0, 60)
            block.plain = [0]
            expectMalformed(block.stored, at: 37)
        }
        var long = Xpress9Block()
        // 1 and 7: eight or more bits; the second time, 8 is previous and 7 means 8 + 1 - 1.
        long.number(1, 3)
        long.number(0b1111, 4)
        long.number(0b1111, 4)
        long.number(0, 60)
        long.plain = [0]
        expectMalformed(long.stored)
    }
}
