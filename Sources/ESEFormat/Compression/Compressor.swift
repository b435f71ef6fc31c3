// Layer: ESEFormat/Compression. Uses: SevenBit, LZXpress. Used by: whatever writes values.
// Which scheme a value gets, as the engine chooses (ESE: CDataCompressor::ErrCompress with compress7Bit and
// compressXpress).

/// Compresses values in the schemes that every version of the engine reads: 7-bit ASCII, 7-bit Unicode and XPRESS.
public enum Compressor {
    /// The value as it is to be stored, from the byte that names the scheme on; nil: store it raw.
    ///
    /// XPRESS is tried from `minimumForXpress` bytes on and kept unless 7-bit Unicode is possible and smaller.
    /// Otherwise it is seven bits, if every unit of 16 bits or else every byte is below 128. The type of the column
    /// plays no part. What is returned is always smaller than `plain`. Only values of columns with the compressed flag
    /// are compressed, in a record only the first of several, and never those that are encrypted.
    /// - Parameters:
    ///   - plain: the value, or one chunk of a long value. XPRESS takes at most 65,535 bytes.
    ///   - minimumForXpress: the least size in bytes for XPRESS (`JET_paramMinDataForXpress`, 1,024 by default).
    ///   - leastByteCount: nil is returned for results below that. In a record, the engine wants no less than a long
    ///     value's ID takes (4 or 8 bytes), or columns would fit that did not fit raw.
    public static func compress(
        _ plain: RawSpan, minimumForXpress: Int = 1_024, leastByteCount: Int = 0
    ) -> [UInt8]? {
        let count = plain.byteCount
        let unicodeByteCount = SevenBit.packedByteCount(characters: count / 2)
        var best: [UInt8]?
        if count >= minimumForXpress { best = LZXpress.pack(plain) }
        if let packed = best {
            // The engine does not try 7-bit ASCII when XPRESS has saved anything.
            if packed.count > unicodeByteCount, let short = SevenBit.pack(plain, isUnicode: true) { best = short }
        } else if unicodeByteCount < count, let short = SevenBit.pack(plain, isUnicode: true) {
            best = short
        } else if SevenBit.packedByteCount(characters: count) < count {
            best = SevenBit.pack(plain, isUnicode: false)
        }
        guard let best, best.count < count, best.count >= leastByteCount else { return nil }
        return best
    }
}
