// Layer: ESEFormat/Compression. Used by: Compression.
// Seven bits for each character, lowest bits first. The lower three bits of the first byte say how many bits of the
// last one are used, less one.

enum SevenBit {
    static func expand(
        _ stored: RawSpan, isUnicode: Bool, into output: inout [UInt8], limit: Int
    ) throws(FormatError) {
        let unused = 7 - Int(try stored.byte(0) & 7)
        let bitCount = (stored.byteCount - 1) * 8 - unused
        guard bitCount >= 0 else { throw FormatError(.badCompression, at: 0) }
        let count = bitCount / 7
        guard isUnicode ? count <= limit / 2 : count <= limit else { throw FormatError(.badCompression, at: 0) }
        output.reserve(isUnicode ? 2 * count : count)
        var place = 1
        var bits: UInt64 = 0
        var available = 0
        for _ in 0..<count {
            if available < 7 {
                bits |= UInt64(try stored.byte(place)) << UInt64(available)
                place += 1
                available += 8
            }
            output.append(UInt8(truncatingIfNeeded: bits & 0x7f))
            if isUnicode { output.append(0) }
            bits >>= 7
            available -= 7
        }
    }

    /// Packs characters; nil if one of them is 128 or above, or if there are none.
    static func pack(_ plain: RawSpan, isUnicode: Bool) -> [UInt8]? {
        let step = isUnicode ? 2 : 1
        guard plain.byteCount > 0, plain.byteCount % step == 0 else { return nil }
        var packed: [UInt8] = [0]
        var bits: UInt32 = 0
        var available: UInt32 = 0
        for place in stride(from: 0, to: plain.byteCount, by: step) {
            let low = plain.inside(place, as: UInt8.self)
            let high = isUnicode ? plain.inside(place + 1, as: UInt8.self) : 0
            guard low < 0x80, high == 0 else { return nil }
            bits |= UInt32(low) << available
            available += 7
            if available >= 8 {
                packed.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                available -= 8
            }
        }
        var used: UInt32 = 8
        if available > 0 {
            packed.append(UInt8(truncatingIfNeeded: bits))
            used = available
        }
        let scheme: CompressionScheme = isUnicode ? .sevenBitUnicode : .sevenBitASCII
        packed[0] = scheme.rawValue << 3 | UInt8(used - 1)
        return packed
    }
}
