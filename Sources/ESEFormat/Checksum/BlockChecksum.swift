// Layer: ESEFormat/Checksum. Used by: PageChecksum.
// The error-correcting checksum over one block: a whole small page, or a quarter of a large one. It can tell which bit
// is wrong if one is. Invariant used by repairs: flipping the bit j of the row i changes the XOR by 1 << j, and the
// code by (complement of index) << 16 | index, where index is 32 * i + j; no other single flip and no two flips do the
// same.

/// The code of one block. A block is seen as rows of 32 bits; the low half of the code is the XOR of all rows and the
/// page's number, the high half tells parities of rows and columns. ESE's term: the new checksum format, 64-bit ECC.
struct BlockChecksum: Hashable {
    /// The code as stored, a little-endian number.
    var rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The XOR of all rows and of the page's number.
    var xor: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The part that finds a bit.
    var ecc: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// Computes the code of `byteCount` bytes from `start`: a power of two of at least 64 that lies inside (else the
    /// caller erred, and this traps). A block that holds its own code in its first eight bytes is told so.
    init(_ page: RawSpan, at start: Int, byteCount: Int, number: PageNumber, holdsCode: Bool) {
        precondition(start >= 0 && byteCount >= 64 && byteCount <= page.byteCount - start, "a block inside its page")
        // Each code bit is the parity of some of the rows. XORs of whole rows stand for the parities until the end:
        // `oddN` is the XOR of the words whose index has the bit N. (A word is 64 bits, two rows.) Every load lies
        // inside the block: it is checked above, and its size is a multiple of 64.
        var all: UInt64 = 0
        var odd0: UInt64 = 0
        var odd1: UInt64 = 0
        var odd2: UInt64 = 0
        var lines: UInt32 = 0  // the XOR of the numbers of the 64-byte lines with odd parity
        var line: UInt32 = 0
        var offset = start
        let end = start &+ byteCount
        var first: UInt64 = holdsCode ? page.word(start) : 0
        while offset < end {
            let w0 = page.word(offset) ^ first
            let w1 = page.word(offset &+ 8)
            let w2 = page.word(offset &+ 16)
            let w3 = page.word(offset &+ 24)
            let w4 = page.word(offset &+ 32)
            let w5 = page.word(offset &+ 40)
            let w6 = page.word(offset &+ 48)
            let w7 = page.word(offset &+ 56)
            let high = w4 ^ w5 ^ w6 ^ w7
            let sum = w0 ^ w1 ^ w2 ^ w3 ^ high
            odd0 ^= w1 ^ w3 ^ w5 ^ w7
            odd1 ^= w2 ^ w3 ^ w6 ^ w7
            odd2 ^= high
            all ^= sum
            lines ^= line & (0 &- sum.parity)
            first = 0
            line &+= 1
            offset &+= 64
        }
        let column = UInt32(truncatingIfNeeded: all ^ (all >> 32))
        let row =
            (all >> 32).parity | odd0.parity << 1 | odd1.parity << 2 | odd2.parity << 3 | lines << 4
        let low = UInt64(column)
        let bit =
            (low & 0xaaaa_aaaa).parity | (low & 0xcccc_cccc).parity << 1 | (low & 0xf0f0_f0f0).parity << 2
            | (low & 0xff00_ff00).parity << 3 | (low & 0xffff_0000).parity << 4
        // The second half of the code XORs the complements of the same numbers: it is the complement of the first half
        // if their count is odd, and else the same.
        let index = row << 5 | bit
        let mask = UInt32(8 &* byteCount &- 1)
        let other = (index ^ (0 &- low.parity)) & mask
        rawValue = UInt64(other << 16 | index & mask) << 32 | UInt64(column ^ number.rawValue)
    }

    /// What a difference between a stored and a computed code says.
    enum Difference {
        /// They are the same.
        case none
        /// One bit of the block is wrong, not one of its own code: its index in the block.
        case dataBit(Int)
        /// One bit of the stored code that finds bits is wrong: its index in the code, 32...63.
        case codeBit(Int)
        /// Only the XORs differ, as they do for a page of another number: by this.
        case xor(UInt32)
        /// More than one bit is wrong.
        case many
    }

    /// What the difference of `stored` and this computed code of a block of `byteCount` bytes says.
    func difference(from stored: BlockChecksum, byteCount: Int, holdsCode: Bool) -> Difference {
        guard self != stored else { return .none }
        let code = ecc ^ stored.ecc
        let column = xor ^ stored.xor
        if code == 0 { return .xor(column) }
        if column == 0 { return code.nonzeroBitCount == 1 ? .codeBit(32 + code.trailingZeroBitCount) : .many }
        let mask = UInt32(8 * byteCount - 1)
        let index = code & 0xffff
        guard index <= mask, code >> 16 == ~index & mask, column == 1 << (index & 31), !holdsCode || index >= 64 else {
            return .many
        }
        return .dataBit(Int(index))
    }
}

extension RawSpan {
    /// Whether all bytes are zero, of whole words of 64 bits.
    var isAllZero: Bool {
        // Each load lies inside: it ends at most at byteCount.
        var offset = 0
        while offset <= byteCount &- 8 {
            if word(offset) != 0 { return false }
            offset &+= 8
        }
        return true
    }

    /// Two rows; the caller has checked that they lie inside.
    @inline(__always)
    fileprivate func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }
}

extension UInt64 {
    /// 1 if the count of one bits is odd, else 0.
    @inline(__always)
    fileprivate var parity: UInt32 { UInt32(truncatingIfNeeded: nonzeroBitCount) & 1 }
}
