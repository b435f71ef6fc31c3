// Layer: ESEFormat/Checksum. Uses: BlockChecksum, XORChecksum. Used by: page reads and writes, verification.
// What the checksum of a page says: right, a single wrong bit, a page in another's place, or damage. Repairs are
// proven: nothing is called correctable unless the page verifies in full with that one bit flipped.

/// What the checksum of a page says about it.
public enum PageChecksumVerdict: Hashable, Sendable {
    /// The checksum fits the bytes and the page's number.
    case valid
    /// All bytes are zero: the page has never been written. ESE: JET_errPageNotInitialized.
    case uninitialized
    /// One bit is wrong, counted from bit 0 of byte 0; with it flipped the page is valid. The bit may be one of the
    /// checksum.
    case correctable(bitIndex: Int)
    /// The bytes are those of another page: a write or a read went astray.
    case misplaced(PageNumber)
    /// The checksum does not fit; the two numbers are those of the first block that differs.
    case invalid(stored: UInt64, computed: UInt64)
}

/// The checksum of pages, old and new. ESE's terms: XOR checksum, ECC checksum. Old ones have a 32-bit XOR and the
/// page's number; new ones (since Windows Vista) correct single bits. A page's flag tells which one it has.
public enum PageChecksum {
    /// The flag in the page header that says that the checksum is a new one. ESE's term: fPageNewChecksumFormat.
    public static let newFormatFlag: UInt32 = 0x2000

    private static let flagOffset = 36
    fileprivate static let flagBitIndex = 36 * 8 + 13
    private static let ownNumberOffset = 64

    /// Tells whether a page is as it was written, where `number` is its place in the file. Numbers beyond `lastPage`
    /// are taken for damage rather than for a misplaced page. A page of another size than `size` is invalid.
    ///
    /// Reads each byte once (a damaged page a few times); allocates nothing.
    public static func verify(
        _ page: RawSpan, number: PageNumber, size: PageSize, lastPage: PageNumber = .greatest
    ) -> PageChecksumVerdict {
        guard page.byteCount == size.byteCount, let flags = try? page.little(flagOffset, as: UInt32.self),
            let stored = try? page.little(0, as: UInt64.self)
        else { return .invalid(stored: 0, computed: 0) }
        let isNew = flags & newFormatFlag != 0
        if !isNew, stored == 0, page.isAllZero { return .uninitialized }
        let reading = Reading(number: number, size: size, lastPage: lastPage)
        let verdict = isNew ? reading.newVerdict(page) : reading.oldVerdict(page)
        // The flag itself may be the wrong bit; then the other checksum fits in full.
        if case .invalid = verdict, reading.fitsWithOtherFlag(page, isNew: isNew) {
            return .correctable(bitIndex: flagBitIndex)
        }
        return verdict
    }

    /// Flips the bits that the checksum proves wrong: one per page, in large pages one per block of a quarter page.
    /// Gives the indexes of the flipped bits, none for a valid page; nil if the page can't be made valid, and then it
    /// stays as it was.
    public static func repair(
        _ page: inout MutableRawSpan, number: PageNumber, size: PageSize, lastPage: PageNumber = .greatest
    ) -> [Int]? {
        var flipped: [Int] = []
        while true {
            switch verify(page.bytes, number: number, size: size, lastPage: lastPage) {
            case .valid: return flipped
            case .correctable(let bitIndex): flip(bitIndex, of: &page, &flipped)
            case .invalid where size.isLarge && page.byteCount == size.byteCount && flipped.count < 4:
                let reading = Reading(number: number, size: size, lastPage: lastPage)
                guard let bitIndex = reading.firstBitOfManyBlocks(page.bytes) else { return undo(&page, flipped) }
                flip(bitIndex, of: &page, &flipped)
            default: return undo(&page, flipped)
            }
            // One per block at most: more would mean that repairs go in a circle.
            if flipped.count > 4 { return undo(&page, flipped) }
        }
    }

    /// Same for bytes in an array.
    public static func repair(
        _ page: inout [UInt8], number: PageNumber, size: PageSize, lastPage: PageNumber = .greatest
    ) -> [Int]? {
        var span = page.mutableSpan
        var bytes = span.mutableBytes
        return repair(&bytes, number: number, size: size, lastPage: lastPage)
    }

    /// Makes a page ready to be written: sets the flag of the new checksum, in large pages also the page's own number,
    /// and stores the checksum. Throws `badPageSize` if the page isn't of that size.
    public static func seal(_ page: inout MutableRawSpan, number: PageNumber, size: PageSize) throws(FormatError) {
        guard page.byteCount == size.byteCount else { throw FormatError(.badPageSize, at: page.byteCount) }
        let flags: UInt32 = try page.bytes.little(flagOffset)
        page.storeBytes(of: (flags | newFormatFlag).littleEndian, toByteOffset: flagOffset, as: UInt32.self)
        if size.isLarge {
            page.storeBytes(of: number.rawValue.littleEndian, toByteOffset: ownNumberOffset, as: UInt32.self)
        }
        // The first block covers the codes of the others, so it comes last.
        for block in stride(from: size.blockCount - 1, through: 0, by: -1) {
            let code = Reading.code(page.bytes, block: block, number: number, size: size)
            page.storeBytes(
                of: code.rawValue.littleEndian, toByteOffset: Reading.codeOffset(block), as: UInt64.self)
        }
    }

    /// Same for bytes in an array.
    public static func seal(_ page: inout [UInt8], number: PageNumber, size: PageSize) throws(FormatError) {
        var span = page.mutableSpan
        var bytes = span.mutableBytes
        try seal(&bytes, number: number, size: size)
    }

    /// Stores the old checksum, the one of Windows XP and 2003, and clears the flag of the new one. For tests and
    /// tools; new pages get the new one. Throws `badPageSize` if the page isn't of that size.
    public static func sealOld(_ page: inout [UInt8], number: PageNumber, size: PageSize) throws(FormatError) {
        guard page.count == size.byteCount else { throw FormatError(.badPageSize, at: page.count) }
        let flags: UInt32 = try page.span.bytes.little(flagOffset)
        var span = page.mutableSpan
        var bytes = span.mutableBytes
        bytes.storeBytes(of: (flags & ~newFormatFlag).littleEndian, toByteOffset: flagOffset, as: UInt32.self)
        bytes.storeBytes(of: number.rawValue.littleEndian, toByteOffset: 4, as: UInt32.self)
        XORChecksum.seal(&bytes)
    }

    private static func flip(_ bitIndex: Int, of page: inout MutableRawSpan, _ flipped: inout [Int]) {
        guard let byte = try? page.bytes.byte(bitIndex / 8) else { return }
        page.storeBytes(of: byte ^ (1 << UInt8(bitIndex % 8)), toByteOffset: bitIndex / 8, as: UInt8.self)
        flipped.append(bitIndex)
    }

    private static func undo(_ page: inout MutableRawSpan, _ flipped: [Int]) -> [Int]? {
        var ignored: [Int] = []
        for bitIndex in flipped { flip(bitIndex, of: &page, &ignored) }
        return nil
    }
}

extension PageSize {
    /// How many blocks have a code of their own.
    fileprivate var blockCount: Int { isLarge ? 4 : 1 }

    /// The size of a block.
    fileprivate var blockByteCount: Int { byteCount / blockCount }
}

/// One page under examination: its size is right.
private struct Reading {
    let number: PageNumber
    let size: PageSize
    let lastPage: PageNumber

    /// Where the code of a block stands: the first at the start of the page, the others in the header of large pages.
    static func codeOffset(_ block: Int) -> Int { block == 0 ? 0 : 32 + 8 * block }

    static func code(_ page: RawSpan, block: Int, number: PageNumber, size: PageSize) -> BlockChecksum {
        BlockChecksum(
            page, at: block * size.blockByteCount, byteCount: size.blockByteCount, number: number,
            holdsCode: block == 0)
    }

    private func computed(_ page: RawSpan, _ block: Int) -> BlockChecksum {
        Self.code(page, block: block, number: number, size: size)
    }

    private func stored(_ page: RawSpan, _ block: Int) -> BlockChecksum {
        BlockChecksum(rawValue: (try? page.little(Self.codeOffset(block))) ?? 0)
    }

    private func invalid(_ page: RawSpan, _ block: Int, _ computed: BlockChecksum) -> PageChecksumVerdict {
        .invalid(stored: stored(page, block).rawValue, computed: computed.rawValue)
    }

    private func canBe(_ other: PageNumber) -> Bool { other != .none && other <= lastPage && other != number }

    func newVerdict(_ page: RawSpan) -> PageChecksumVerdict {
        let first = computed(page, 0)
        guard size.isLarge else {
            return first == stored(page, 0) ? .valid : verdictOfOnlyBlock(page, first)
        }
        let codes = (first, computed(page, 1), computed(page, 2), computed(page, 3))
        let difference = (
            first.rawValue ^ stored(page, 0).rawValue, codes.1.rawValue ^ stored(page, 1).rawValue,
            codes.2.rawValue ^ stored(page, 2).rawValue, codes.3.rawValue ^ stored(page, 3).rawValue
        )
        if difference == (0, 0, 0, 0) { return .valid }
        return verdictOfDamaged(page, [codes.0, codes.1, codes.2, codes.3])
    }

    /// The first (or only) block of a page whose other blocks are right.
    private func verdictOfOnlyBlock(_ page: RawSpan, _ computed: BlockChecksum) -> PageChecksumVerdict {
        switch computed.difference(from: stored(page, 0), byteCount: size.blockByteCount, holdsCode: true) {
        case .none: return .valid
        case .dataBit(let index), .codeBit(let index): return .correctable(bitIndex: index)
        case .xor(let change):
            // A wrong bit of the stored XOR looks the same as another page's number. The other blocks of a large page
            // tell; else a page in the wrong place is the safer guess, if there is such a page.
            let other = PageNumber(number.rawValue ^ change)
            if !size.isLarge, canBe(other) { return .misplaced(other) }
            guard change.nonzeroBitCount == 1 else { return invalid(page, 0, computed) }
            return .correctable(bitIndex: change.trailingZeroBitCount)
        case .many: return invalid(page, 0, computed)
        }
    }

    /// A large page of which a block or more don't fit.
    private func verdictOfDamaged(_ page: RawSpan, _ codes: [BlockChecksum]) -> PageChecksumVerdict {
        var changes: [UInt64] = []
        for block in codes.indices { changes.append(codes[block].rawValue ^ stored(page, block).rawValue) }
        let wrong = changes.indices.filter { changes[$0] != 0 }
        guard let block = wrong.first else { return .valid }
        let no = invalid(page, block, codes[block])
        let difference = difference(page, block, codes[block])
        switch wrong.count {
        case 1 where block == 0:
            let verdict = verdictOfOnlyBlock(page, codes[0])
            // The codes of the other blocks fit; a repair must not touch them.
            if case .correctable(let index) = verdict, codeBlock(of: index) != nil { return no }
            return verdict
        case 1:
            guard case .dataBit(let index) = difference else { return no }
            return .correctable(bitIndex: block * size.blockByteCount * 8 + index)
        case 2 where block == 0:
            // A wrong bit in the code of another block, which the first one covers.
            guard case .dataBit(let index) = difference, codeBlock(of: index) == wrong[1],
                changes[wrong[1]] == 1 << UInt64(index - Self.codeOffset(wrong[1]) * 8)
            else { return no }
            return .correctable(bitIndex: index)
        case 4 where Set(changes).count == 1:
            guard case .xor(let change) = difference else { return no }
            let other = PageNumber(number.rawValue ^ change)
            return canBe(other) ? .misplaced(other) : no
        default:
            return no
        }
    }

    private func difference(_ page: RawSpan, _ block: Int, _ code: BlockChecksum) -> BlockChecksum.Difference {
        code.difference(from: stored(page, block), byteCount: size.blockByteCount, holdsCode: block == 0)
    }

    /// The block whose code, stored in the header of a large page, the bit belongs to.
    private func codeBlock(of bitIndex: Int) -> Int? {
        size.isLarge && (40 * 8..<64 * 8).contains(bitIndex) ? bitIndex / 64 - 4 : nil
    }

    /// A wrong bit of a large page with several damaged blocks. The caller must verify what comes of it.
    func firstBitOfManyBlocks(_ page: RawSpan) -> Int? {
        for block in 0..<size.blockCount {
            switch difference(page, block, computed(page, block)) {
            case .dataBit(let index): return block * size.blockByteCount * 8 + index
            case .codeBit(let index) where block == 0: return index
            case .none: continue
            // The code of this block may be the wrong one; then the first block has said so already.
            default: return nil
            }
        }
        return nil
    }

    func oldVerdict(_ page: RawSpan) -> PageChecksumVerdict {
        let sum = XORChecksum.compute(page)
        let code = stored(page, 0)
        let own = PageNumber(code.ecc)
        let change = sum ^ code.xor
        if change == 0 {
            if own == number { return .valid }
            if canBe(own) { return .misplaced(own) }
        } else if own.rawValue ^ number.rawValue == change, change.nonzeroBitCount == 1 {
            return .correctable(bitIndex: 32 + change.trailingZeroBitCount)
        }
        return .invalid(stored: code.rawValue, computed: UInt64(number.rawValue) << 32 | UInt64(sum))
    }

    /// Whether the page would be valid with the flag of the new checksum flipped.
    func fitsWithOtherFlag(_ page: RawSpan, isNew: Bool) -> Bool {
        let flag = UInt32(PageChecksum.newFormatFlag)
        if isNew {
            let code = stored(page, 0)
            return code.ecc == number.rawValue && code.xor == XORChecksum.compute(page) ^ flag
        }
        for block in 1..<size.blockCount where computed(page, block) != stored(page, block) { return false }
        // The flag is the bit that differs.
        guard case .dataBit(PageChecksum.flagBitIndex) = difference(page, 0, computed(page, 0)) else { return false }
        return true
    }
}
