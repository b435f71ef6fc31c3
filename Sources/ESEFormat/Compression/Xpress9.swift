// Layer: ESEFormat/Compression. Uses: Xpress9Bits, Xpress9Code, MutableRawSpan+Words. Used by: Compression.
// XPRESS9, which Exchange's ESE uses: LZ77 with recent distances, and Huffman codes. docs/ese/xpress9.md.

enum Xpress9 {
    private static let magic: UInt32 = 0x4e86_d72a
    /// Where the block and its bits start: behind the byte of the scheme and the checksum, and 32 bytes further.
    private static let headerPlace = 5
    private static let headerByteCount = 32
    private static let symbolCount = 256 + 28 * 16
    private static let longLengthCount = 256
    /// Symbols of long lengths below this are lengths; others say how many bits follow.
    private static let plainLongLengthCount = 232

    /// The header of a block, checked.
    private struct Header {
        let plainByteCount: Int
        let blockBitCount: Int
        let tableBitCount: Int
        let windowBits: Int
        let recentCount: Int
        let shortestMatch: Int
        let shortestRecentMatch: Int

        init(_ stored: RawSpan) throws(FormatError) {
            let start = headerPlace
            guard stored.byteCount >= start + headerByteCount else {
                throw FormatError(.badCompression, at: stored.byteCount)
            }
            func word(_ index: Int) -> UInt32 { stored.inside(start + 4 * index) }
            func check(_ isGood: Bool, _ index: Int) throws(FormatError) {
                guard isGood else { throw FormatError(.badCompression, at: start + 4 * index) }
            }
            try check(word(0) == magic, 0)
            try check(word(7) == Xpress9Checksum.of(stored, start..<(start + 28)), 7)
            try check(word(4) == 0, 4)
            // The number of the block; the engine reads the first one only.
            try check(word(6) == 0, 6)
            let flags = word(3)
            tableBitCount = Int(flags & 0x1fff)
            windowBits = Int(flags >> 13 & 7) + 16
            recentCount = Int(flags >> 16 & 3) * 2
            shortestMatch = Int(flags >> 18 & 1) + 3
            shortestRecentMatch = Int(flags >> 19 & 1) + 2
            try check(recentCount <= 4 && flags >> 20 == 0, 3)
            plainByteCount = Int(word(1))
            blockBitCount = Int(word(2))
            try check(blockBitCount > headerByteCount * 8 + tableBitCount, 2)
        }
    }

    /// How many bytes the value has, from its header.
    static func plainByteCount(_ stored: RawSpan) throws(FormatError) -> Int { try Header(stored).plainByteCount }

    /// Fills `output`, which has as many bytes as the header says. What follows the block is not looked at.
    static func expand(_ stored: RawSpan, into output: inout MutableRawSpan) throws(FormatError) {
        let header = try Header(stored)
        let start = headerPlace * 8
        guard header.plainByteCount == output.byteCount, header.blockBitCount <= stored.byteCount * 8 - start else {
            throw FormatError(.badCompression, at: stored.byteCount)
        }
        let firstBit = start + headerByteCount * 8
        var bits = Xpress9Bits(from: firstBit, to: start + header.blockBitCount)
        var recent = try RecentDistances(header, &bits, stored)
        let symbols = try Xpress9Code(&bits, stored, symbolCount: symbolCount)
        let longLengths = try Xpress9Code(&bits, stored, symbolCount: longLengthCount)
        guard bits.place - firstBit == header.tableBitCount else { throw bits.error }

        let end = output.byteCount
        var written = 0
        while written < end {
            let symbol = try symbols.symbol(&bits, stored)
            guard symbol >= 256 else {
                output.put(UInt8(symbol), at: written)
                written &+= 1
                recent.isAfterMatch = false
                continue
            }
            var length = symbol & 15
            if length == 15 { length = try longLength(longLengths, &bits, stored) }
            let kind = (symbol &- 256) >> 4
            let distance: Int
            if kind < header.recentCount {
                length += header.shortestRecentMatch
                let index = recent.isAfterMatch ? kind + 1 : kind
                guard index < header.recentCount else { throw bits.error }
                distance = recent.moveToFront(index)
            } else {
                length += header.shortestMatch
                let bitCount = kind - header.recentCount
                distance = try 1 << bitCount + bits.take(bitCount, stored)
                recent.pushFront(distance)
            }
            recent.isAfterMatch = true
            guard distance <= written, length <= end - written else { throw bits.error }
            output.repeatBytes(at: written, distance: distance, count: length)
            written += length
        }
        guard bits.place == bits.end else { throw bits.error }
        guard try Xpress9Checksum.of(output.bytes, 0..<end) == stored.little(1) else {
            throw FormatError(.badCompression, at: 1)
        }
    }

    private static func longLength(
        _ code: Xpress9Code, _ bits: inout Xpress9Bits, _ stored: RawSpan
    ) throws(FormatError) -> Int {
        let symbol = try code.symbol(&bits, stored)
        guard symbol >= plainLongLengthCount else { return 15 + symbol }
        let bitCount = symbol - plainLongLengthCount
        return try 15 + plainLongLengthCount - 1 + 1 << bitCount + bits.take(bitCount, stored)
    }

    /// The distances of the matches before (ESE: LZ77_MTF_STATE), the last one first. Those that a block doesn't have
    /// are pushed along, and are never asked for.
    private struct RecentDistances {
        private var first = 1
        private var second = 1
        private var third = 1
        private var fourth = 1
        /// Whether the element before was a match (ESE: m_iMtfLastPtr).
        var isAfterMatch = false

        init(_ header: Header, _ bits: inout Xpress9Bits, _ stored: RawSpan) throws(FormatError) {
            guard header.recentCount > 0 else { return }
            isAfterMatch = try bits.take(1, stored) == 1
            var distances: [Int] = []
            for _ in 0..<header.recentCount {
                let bitCount = try bits.take(5, stored)
                guard bitCount < header.windowBits else { throw bits.error }
                distances.append(try 1 << bitCount + bits.take(bitCount, stored))
            }
            for distance in distances.reversed() { pushFront(distance) }
        }

        @inline(__always)
        mutating func pushFront(_ distance: Int) { (first, second, third, fourth) = (distance, first, second, third) }

        /// The distance with that number, 0 to 3, which becomes the first one.
        @inline(__always)
        mutating func moveToFront(_ index: Int) -> Int {
            switch index {
            case 0: break
            case 1: (first, second) = (second, first)
            case 2: (first, second, third) = (third, first, second)
            default: (first, second, third, fourth) = (fourth, first, second, third)
            }
            return first
        }
    }
}
