// Layer: ESEFormat/Compression. Uses: MutableRawSpan+Words. Used by: Compression, Compressor.
// Seven bits for each character, lowest bits first. The lower three bits of the first byte say how many bits of the
// last one are used, less one. Eight characters are seven bytes, and are moved together.

enum SevenBit {
    /// How many characters a packed value has.
    static func characterCount(_ stored: RawSpan) throws(FormatError) -> Int {
        let unused = 7 - Int(try stored.byte(0) & 7)
        let bitCount = (stored.byteCount - 1) * 8 - unused
        guard bitCount >= 0 else { throw FormatError(.badCompression, at: 0) }
        return bitCount / 7
    }

    /// Fills `output`, which has a byte for each character, or two.
    static func expand(_ stored: RawSpan, isUnicode: Bool, into output: inout MutableRawSpan) throws(FormatError) {
        if isUnicode { try expandToUnits(stored, &output) } else { try expandToBytes(stored, &output) }
    }

    private static func expandToBytes(_ stored: RawSpan, _ output: inout MutableRawSpan) throws(FormatError) {
        let count = output.byteCount
        var place = 1
        var written = 0
        while count - written >= 8, stored.byteCount - place >= 8 {
            output.put(spread(try stored.little(place)), at: written)
            place += 7
            written += 8
        }
        var tail = Tail(place: place)
        while written < count {
            output.put(try tail.next(stored), at: written)
            written += 1
        }
    }

    private static func expandToUnits(_ stored: RawSpan, _ output: inout MutableRawSpan) throws(FormatError) {
        let count = output.byteCount / 2
        var place = 1
        var written = 0
        while count - written >= 8, stored.byteCount - place >= 8 {
            let characters = spread(try stored.little(place))
            output.put(widen(UInt32(truncatingIfNeeded: characters)), at: 2 * written)
            output.put(widen(UInt32(truncatingIfNeeded: characters >> 32)), at: 2 * written + 8)
            place += 7
            written += 8
        }
        var tail = Tail(place: place)
        while written < count {
            output.put(UInt16(try tail.next(stored)), at: 2 * written)
            written += 1
        }
    }

    /// The lower 56 bits as eight bytes: halves are moved apart, then their halves, then theirs.
    @inline(__always)
    private static func spread(_ packed: UInt64) -> UInt64 {
        var bits = packed & 0x0fff_ffff | (packed & 0x00ff_ffff_f000_0000) << 4
        bits = bits & 0x0000_3fff_0000_3fff | (bits & 0x0fff_c000_0fff_c000) << 2
        return bits & 0x007f_007f_007f_007f | (bits & 0x3f80_3f80_3f80_3f80) << 1
    }

    /// The other way; the top bits of all bytes are clear.
    @inline(__always)
    private static func gather(_ characters: UInt64) -> UInt64 {
        var bits = characters & 0x007f_007f_007f_007f | (characters & 0x7f00_7f00_7f00_7f00) >> 1
        bits = bits & 0x0000_3fff_0000_3fff | (bits & 0x3fff_0000_3fff_0000) >> 2
        return bits & 0x0fff_ffff | (bits & 0x0fff_ffff_0000_0000) >> 4
    }

    /// Four bytes as four units of 16 bits.
    @inline(__always)
    private static func widen(_ characters: UInt32) -> UInt64 {
        let bits = UInt64(characters) & 0xffff | (UInt64(characters) & 0xffff_0000) << 16
        return bits & 0x0000_00ff_0000_00ff | (bits & 0x0000_ff00_0000_ff00) << 8
    }

    /// Four units below 256 as four bytes.
    @inline(__always)
    private static func narrow(_ units: UInt64) -> UInt64 {
        let bits = units & 0x0000_00ff_0000_00ff | (units & 0x00ff_0000_00ff_0000) >> 8
        return bits & 0xffff | (bits & 0x0000_ffff_0000_0000) >> 16
    }

    /// Reads the last few characters one by one.
    private struct Tail {
        var place: Int
        private var bits: UInt32 = 0
        private var available: UInt32 = 0

        init(place: Int) { self.place = place }

        @inline(__always)
        mutating func next(_ stored: RawSpan) throws(FormatError) -> UInt8 {
            if available < 7 {
                bits |= UInt32(try stored.byte(place)) << available
                place += 1
                available += 8
            }
            let character = UInt8(truncatingIfNeeded: bits & 0x7f)
            bits >>= 7
            available -= 7
            return character
        }
    }
}

// MARK: - Packing

extension SevenBit {
    /// How many bytes `count` characters take, with the byte that names the scheme.
    static func packedByteCount(characters count: Int) -> Int { (count * 7 + 7) / 8 + 1 }

    /// True if all bytes, or all units of 16 bits, are below 128.
    static func fits(_ plain: RawSpan, isUnicode: Bool) -> Bool {
        let count = plain.byteCount
        if isUnicode, count % 2 != 0 { return false }
        let forbidden: UInt64 = isUnicode ? 0xff80_ff80_ff80_ff80 : 0x8080_8080_8080_8080
        var seen: UInt64 = 0
        var place = 0
        while count - place >= 32 {
            seen |= plain.inside(place, as: UInt64.self) | plain.inside(place + 8, as: UInt64.self)
            seen |= plain.inside(place + 16, as: UInt64.self) | plain.inside(place + 24, as: UInt64.self)
            if seen & forbidden != 0 { return false }
            place += 32
        }
        while place < count {
            seen |= UInt64(plain.inside(place, as: UInt8.self)) << UInt64(place % 2 * 8)
            place += 1
        }
        return seen & forbidden == 0
    }

    /// Packs characters that fit; nil if they don't, or if there are none.
    static func pack(_ plain: RawSpan, isUnicode: Bool) -> [UInt8]? {
        guard plain.byteCount > 0, fits(plain, isUnicode: isUnicode) else { return nil }
        let count = isUnicode ? plain.byteCount / 2 : plain.byteCount
        let packedCount = packedByteCount(characters: count)
        var packed: [UInt8] = Array(repeating: 0, count: packedCount)
        let used = (count * 7 - 1) % 8
        let scheme: CompressionScheme = isUnicode ? .sevenBitUnicode : .sevenBitASCII
        do {
            var span = packed.mutableSpan
            var output = span.mutableBytes
            output.put(scheme.rawValue << 3 | UInt8(used), at: 0)
            pack(plain, isUnicode: isUnicode, count: count, into: &output)
        }
        return packed
    }

    private static func pack(_ plain: RawSpan, isUnicode: Bool, count: Int, into output: inout MutableRawSpan) {
        var place = 1
        var done = 0
        // The eighth byte of a word is overwritten by the next one, or by the tail.
        while count - done >= 8, output.byteCount - place >= 8 {
            let characters =
                isUnicode
                ? narrow(plain.inside(2 * done)) | narrow(plain.inside(2 * done + 8)) << 32
                : plain.inside(done, as: UInt64.self)
            output.put(gather(characters), at: place)
            place += 7
            done += 8
        }
        var bits: UInt32 = 0
        var available: UInt32 = 0
        while done < count {
            bits |= UInt32(plain.inside(isUnicode ? 2 * done : done, as: UInt8.self)) << available
            available += 7
            done += 1
            if available >= 8 || done == count {
                output.put(UInt8(truncatingIfNeeded: bits), at: place)
                place += 1
                bits >>= 8
                available = available >= 8 ? available - 8 : 0
                if done == count, available > 0 { output.put(UInt8(truncatingIfNeeded: bits), at: place) }
            }
        }
    }
}
