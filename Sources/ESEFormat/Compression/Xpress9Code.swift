// Layer: ESEFormat/Compression. Uses: Xpress9Bits. Used by: Xpress9.
// The Huffman codes of XPRESS9: how their lengths are stored, how words are read. docs/ese/xpress9.md, "The tables".

/// A canonical Huffman code, ready to read symbols.
struct Xpress9Code {
    /// The longest code word, in bits (ESE: HUFFMAN_MAX_CODEWORD_LENGTH).
    static let longestWord = 27
    /// Words up to this length are found in one look.
    private static let directBits = 10
    /// The longest word of a code with a single symbol.
    private static let longestSingleWord = 15

    /// By the next bits: the symbol, and the length of its word in the lowest four bits; 0: the word is longer.
    private let direct: [UInt16]
    private let directMask: UInt64
    /// Symbols by length, then by number.
    private let sorted: [UInt16]
    /// For each length: how many words, the first one, and where its symbol stands in `sorted`.
    private let lengths: [Length]

    private struct Length {
        var count: Int32 = 0
        var first: Int32 = 0
        var index: Int32 = 0
    }

    /// Makes a code of the lengths of all symbols' words, 0 for symbols that do not occur; nil if they make no code.
    init?(_ wordLengths: [UInt8]) {
        var lengths = Array(repeating: Length(), count: Self.longestWord + 1)
        var symbolCount = 0
        for length in wordLengths where length > 0 {
            guard length <= Self.longestWord else { return nil }
            lengths[Int(length)].count += 1
            symbolCount += 1
        }
        guard symbolCount > 0 else { return nil }
        let longest = lengths.lastIndex { $0.count > 0 } ?? 0
        // The first word of each length follows the last one of the length before; a complete code ends at all ones.
        var next: Int32 = 0
        var index: Int32 = 0
        for length in 1...longest {
            next *= 2
            lengths[length].first = next
            lengths[length].index = index
            next += lengths[length].count
            index += lengths[length].count
            guard next <= 1 << Int32(length) else { return nil }
        }
        let isSingle = symbolCount == 1
        guard isSingle ? longest <= Self.longestSingleWord : next == 1 << Int32(longest) else { return nil }

        var sorted: [UInt16] = Array(repeating: 0, count: symbolCount)
        var places = lengths.map { Int($0.index) }
        for (symbol, length) in wordLengths.enumerated() where length > 0 {
            sorted[places[Int(length)]] = UInt16(symbol)
            places[Int(length)] += 1
        }

        let bits = min(longest, Self.directBits)
        var direct: [UInt16] = Array(repeating: 0, count: 1 << bits)
        if isSingle {
            // The bits of the only word may have any value.
            direct = Array(repeating: sorted[0] << 4 | UInt16(longest), count: 1 << bits)
        } else {
            for length in 1...bits {
                let group = lengths[length]
                for number in 0..<group.count {
                    let entry = sorted[Int(group.index + number)] << 4 | UInt16(length)
                    var place = Self.reversed(Int(group.first + number), length)
                    while place < direct.count {
                        direct[place] = entry
                        place += 1 << length
                    }
                }
            }
        }
        self.direct = direct
        directMask = 1 << UInt64(bits) - 1
        self.sorted = sorted
        self.lengths = lengths
    }

    private static func reversed(_ word: Int, _ bits: Int) -> Int {
        (0..<bits).reduce(0) { $0 << 1 | word >> $1 & 1 }
    }

    /// Reads a symbol.
    @inline(__always)
    func symbol(_ bits: inout Xpress9Bits, _ stored: RawSpan) throws(FormatError) -> Int {
        let next = bits.peek(stored)
        let entry = Int(direct[Int(truncatingIfNeeded: next & directMask)])
        guard entry != 0 else { return try longSymbol(next, &bits) }
        try bits.skip(entry & 15)
        return entry >> 4
    }

    /// A word that is too long for the table: bit by bit, until it is one of its length.
    @inline(never)
    private func longSymbol(_ next: UInt64, _ bits: inout Xpress9Bits) throws(FormatError) -> Int {
        var word: Int32 = 0
        for length in 1...Self.longestWord {
            word = word << 1 | Int32(truncatingIfNeeded: next >> UInt64(length - 1) & 1)
            let group = lengths[length]
            if word >= group.first, word - group.first < group.count {
                try bits.skip(length)
                return Int(sorted[Int(group.index + word - group.first)])
            }
        }
        // A complete code has a word for all bits; this is never reached.
        throw bits.error
    }
}

// MARK: - Reading a code

extension Xpress9Code {
    /// Symbols of the small code that are not lengths (ESE: HUFFMAN_ENCODED_TABLE_FILL and so on).
    private enum Word {
        static let fill = 28
        static let zeros = 29
        static let previous = 30
        static let above = 31
        static let abovePlusOne = 32
        static let count = 33
    }

    /// Symbols in a row of the description.
    private static let row = 16

    /// Reads the lengths of a code for symbols below `symbolCount`, a multiple of 16.
    init(
        _ bits: inout Xpress9Bits, _ stored: RawSpan, symbolCount: Int
    ) throws(FormatError) {
        let lengths: [UInt8]
        switch try bits.take(3, stored) {
        case 0:
            let short = Int.bitWidth - 1 - symbolCount.leadingZeroBitCount
            let shortCount = 1 << (short + 1) - symbolCount
            lengths = (0..<symbolCount).map { UInt8($0 < shortCount ? short : short + 1) }
        case 1: lengths = try Self.lengths(&bits, stored, symbolCount)
        default: throw bits.error
        }
        guard let code = Xpress9Code(lengths) else { throw bits.error }
        self = code
    }

    private static func smallCode(_ bits: inout Xpress9Bits, _ stored: RawSpan) throws(FormatError) -> Xpress9Code {
        var lengths: [UInt8] = []
        var previous = 4
        for _ in 0..<Word.count {
            if try bits.take(1, stored) == 1 {
                let length = try bits.take(3, stored)
                previous = length >= previous ? length + 1 : length
                guard previous <= 8 else { throw bits.error }
            }
            lengths.append(UInt8(previous))
        }
        guard let code = Xpress9Code(lengths) else { throw bits.error }
        return code
    }

    private static func lengths(
        _ bits: inout Xpress9Bits, _ stored: RawSpan, _ symbolCount: Int
    ) throws(FormatError) -> [UInt8] {
        let code = try smallCode(&bits, stored)
        var lengths: [UInt8] = []
        lengths.reserveCapacity(symbolCount)
        var previous: UInt8 = 8
        while lengths.count < symbolCount {
            let inRow = lengths.count % row
            let word = try code.symbol(&bits, stored)
            switch word {
            case Word.fill: lengths.append(contentsOf: repeatElement(0, count: row - inRow))
            case Word.zeros:
                var more = try bits.take(2, stored)
                var count = 5 + more
                if more == 3 {
                    repeat {
                        more = try bits.take(3, stored)
                        count += more
                    } while more == 7
                }
                guard inRow + count < row else { throw bits.error }
                lengths.append(contentsOf: repeatElement(0, count: count))
            case Word.previous: lengths.append(previous)
            case Word.above, Word.abovePlusOne:
                guard lengths.count >= row else { throw bits.error }
                previous = lengths[lengths.count - row] + (word == Word.above ? 0 : 1)
                guard previous > 0, previous <= longestWord else { throw bits.error }
                lengths.append(previous)
            default:
                lengths.append(UInt8(word))
                if word != 0 { previous = UInt8(word) }
            }
        }
        return lengths
    }
}
