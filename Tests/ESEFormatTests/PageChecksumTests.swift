// Layer: ESEFormatTests. Tests: page checksums, old and new, and what they say about damaged pages.
// Golden values: pages of dissect.esedb's basic.edb, as Windows wrote them.

import ESEFormat
import Foundation
import PeerRig
import Primitives
import Testing

/// A page of random bytes with its new checksum.
private func randomPage(_ size: PageSize, number: UInt32, _ random: inout SeededRandom) throws -> [UInt8] {
    var page = (0..<size.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    try PageChecksum.seal(&page, number: PageNumber(number), size: size)
    return page
}

private func verdict(_ page: [UInt8], _ number: UInt32, _ size: PageSize) -> PageChecksumVerdict {
    PageChecksum.verify(page.span.bytes, number: PageNumber(number), size: size)
}

private func flip(_ bit: Int, _ page: inout [UInt8]) { page[bit / 8] ^= 1 << UInt8(bit % 8) }

/// The checksum as the format describes it, bit by bit.
private func slowCode(_ block: ArraySlice<UInt8>, number: UInt32, holdsCode: Bool) -> UInt64 {
    let bytes = [UInt8](block)
    let rows = bytes.count / 4
    var column: UInt32 = 0
    var p: UInt32 = 0
    var q: UInt32 = 0
    for row in (holdsCode ? 2 : 0)..<rows {
        var word: UInt32 = 0
        for byte in 0..<4 { word |= UInt32(bytes[4 * row + byte]) << UInt32(8 * byte) }
        column ^= word
        if word.nonzeroBitCount % 2 == 1 {
            p ^= UInt32(row)
            q ^= ~UInt32(row)
        }
    }
    var r: UInt32 = 0
    var s: UInt32 = 0
    for bit in 0..<UInt32(32) where column >> bit & 1 == 1 {
        r ^= bit
        s ^= ~bit
    }
    let mask = UInt32(rows - 1)
    let code = (q & mask) << 21 | (s & 31) << 16 | (p & mask) << 5 | r & 31
    return UInt64(code) << 32 | UInt64(column ^ number)
}

@Suite struct PageChecksumTests {
    static let seed: UInt64 = 0x4553_4531

    @Test(arguments: PageSize.allCases)
    func sealedPagesVerifyAndHaveTheDefinedCode(size: PageSize) throws {
        var random = SeededRandom(seed: Self.seed)
        for number in [UInt32(1), 2, 77, 0x7fef_ffff] {
            let page = try randomPage(size, number: number, &random)
            #expect(verdict(page, number, size) == .valid, "seed \(Self.seed)")
            let blocks = size.isLarge ? 4 : 1
            let count = size.byteCount / blocks
            for block in 0..<blocks {
                let code: UInt64 = try page.span.bytes.little(block == 0 ? 0 : 32 + 8 * block)
                let slow = slowCode(
                    page[block * count..<(block + 1) * count], number: number, holdsCode: block == 0)
                #expect(code == slow, "block \(block)")
            }
        }
    }

    @Test(arguments: PageSize.allCases)
    func everyFlippedBitIsFound(size: PageSize) throws {
        var random = SeededRandom(seed: Self.seed)
        // Far from the end of the numbers, so that a wrong bit of the XOR can't be another page's number.
        let number: UInt32 = 0x7000_0123
        let sealed = try randomPage(size, number: number, &random)
        var page = sealed
        let step = size.byteCount / 2_048
        var bits = Array(0..<640)
        bits += stride(from: 640 + Int(random.next() % 7), to: size.byteCount * 8, by: step * 5 + 2)
        bits += (0..<256).map { size.byteCount * 8 - 1 - $0 }
        for bit in bits {
            flip(bit, &page)
            let found = verdict(page, number, size)
            if !size.isLarge, bit < 31 {
                #expect(
                    found == .misplaced(PageNumber(number ^ 1 << UInt32(bit))) || found == .correctable(bitIndex: bit))
            } else {
                #expect(found == .correctable(bitIndex: bit), "bit \(bit), seed \(Self.seed)")
            }
            flip(bit, &page)
        }
        #expect(page == sealed)
    }

    @Test(arguments: PageSize.allCases)
    func twoFlipsNeverBecomeAWrongPage(size: PageSize) throws {
        var random = SeededRandom(seed: Self.seed + UInt64(size.rawValue))
        let number: UInt32 = 4_711
        let sealed = try randomPage(size, number: number, &random)
        var page = sealed
        for _ in 0..<600 {
            // Half of them near the header, where codes and flags are.
            let range = UInt64(random.oneIn(2) ? 640 : size.byteCount * 8)
            let bits = Set([Int(random.next() % range), Int(random.next() % range)])
            guard bits.count == 2 else { continue }
            for bit in bits { flip(bit, &page) }
            let damaged = page
            switch verdict(page, number, size) {
            case .invalid, .misplaced: break
            default: Issue.record("\(bits) not noticed, seed \(Self.seed)")
            }
            if let flipped = PageChecksum.repair(&page, number: PageNumber(number), size: size) {
                #expect(Set(flipped) == bits)
                #expect(page == sealed)
            } else {
                #expect(page == damaged, "a page without repair stays as it was")
            }
            page = sealed
        }
    }

    @Test(arguments: [PageSize.kibibytes16, .kibibytes32])
    func oneBitOfEachBlockIsRepaired(size: PageSize) throws {
        var random = SeededRandom(seed: Self.seed)
        let sealed = try randomPage(size, number: 9, &random)
        var page = sealed
        let bits = (0..<4).map { $0 * size.byteCount * 2 + 1_000 + 77 * $0 }
        for bit in bits { flip(bit, &page) }
        #expect(PageChecksum.repair(&page, number: PageNumber(9), size: size) == bits)
        #expect(page == sealed)
    }

    @Test(arguments: PageSize.allCases)
    func misplacedPagesTellTheirNumber(size: PageSize) throws {
        var random = SeededRandom(seed: Self.seed)
        var page = try randomPage(size, number: 300, &random)
        #expect(verdict(page, 301, size) == .misplaced(PageNumber(300)))
        #expect(verdict(page, 300 ^ 64, size) == .misplaced(PageNumber(300)))
        if !size.isLarge {
            // Beyond the file's end is no page that it could be: one bit of the XOR must be wrong.
            #expect(
                PageChecksum.verify(
                    page.span.bytes, number: PageNumber(300 ^ 256), size: size, lastPage: PageNumber(299))
                    == .correctable(bitIndex: 8))
        }
        try PageChecksum.sealOld(&page, number: PageNumber(300), size: size)
        #expect(verdict(page, 300, size) == .valid)
        #expect(verdict(page, 301, size) == .misplaced(PageNumber(300)))
    }

    @Test func oldChecksumsFindDamage() throws {
        var random = SeededRandom(seed: Self.seed)
        var page = try randomPage(.kibibytes4, number: 5, &random)
        try PageChecksum.sealOld(&page, number: PageNumber(5), size: .kibibytes4)
        for bit in stride(from: 0, to: 32_768, by: 37) {
            flip(bit, &page)
            switch verdict(page, 5, .kibibytes4) {
            case .invalid: break
            // Its own number and the flag of the checksum are known otherwise.
            case .correctable(let index): #expect(index == bit && (32..<64 ~= bit || bit == 301))
            default: Issue.record("bit \(bit)")
            }
            flip(bit, &page)
        }
        // Windows' definition, once by hand: the XOR of seed, number and one word.
        var small = [UInt8](repeating: 0, count: 2_048)
        small[100] = 0x10
        try PageChecksum.sealOld(&small, number: PageNumber(3), size: .kibibytes2)
        #expect(try small.span.bytes.little(0, as: UInt32.self) == 0x89ab_cdef ^ 0x10 ^ 3)
    }

    @Test(arguments: [PageSize.kibibytes4, .kibibytes32])
    func wrongFlagIsFoundBothWays(size: PageSize) throws {
        var random = SeededRandom(seed: Self.seed)
        var page = try randomPage(size, number: 5, &random)
        flip(301, &page)
        #expect(verdict(page, 5, size) == .correctable(bitIndex: 301))
        flip(301, &page)
        try PageChecksum.sealOld(&page, number: PageNumber(5), size: size)
        flip(301, &page)
        #expect(verdict(page, 5, size) == .correctable(bitIndex: 301))
    }

    @Test(arguments: PageSize.allCases)
    func emptyShortAndRandomPages(size: PageSize) {
        var page = [UInt8](repeating: 0, count: size.byteCount)
        #expect(verdict(page, 1, size) == .uninitialized)
        page.removeLast()
        #expect(verdict(page, 1, size) == .invalid(stored: 0, computed: 0))
        var random = SeededRandom(seed: Self.seed)
        for _ in 0..<50 {
            var page = (0..<size.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            guard case .invalid = verdict(page, 1, size) else { Issue.record("seed \(Self.seed)"); continue }
            #expect(PageChecksum.repair(&page, number: PageNumber(1), size: size) == nil)
        }
    }

    @Test(.enabled(if: ESESamples.isAvailable, "no sample databases here: ORIEL_SAMPLES names their directory"))
    func goldenCodesOfBasicEdb() throws {
        let path = try #require(ESESamples.path(of: "dissect/basic.edb"))
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let golden: [(UInt32, UInt64)] = [
            (1, 0x7fdf_7fdf_0001_a77c), (2, 0x0192_0192_00ec_59d4), (4, 0x13c0_13c0_7986_4f4b),
            (10, 0x07c8_07c8_a40e_e8d1), (31, 0x7b5e_04a1_075b_45fb),
        ]
        for (number, code) in golden {
            let start = Int(number + 1) * 4_096
            var page = Array(file[start..<start + 4_096])
            #expect(try page.span.bytes.little(0, as: UInt64.self) == code)
            #expect(verdict(page, number, .kibibytes4) == .valid)
            page.replaceSubrange(0..<8, with: [UInt8](repeating: 0xee, count: 8))
            try PageChecksum.seal(&page, number: PageNumber(number), size: .kibibytes4)
            #expect(try page.span.bytes.little(0, as: UInt64.self) == code)
        }
    }
}
