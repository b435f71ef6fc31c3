// Layer: ESEFormat/Compression. Uses: SevenBit, LZXpress, Xpress9, LZ4. Used by: rows, long values, verification.
// Compressed values start with a byte whose upper five bits name the scheme (ESE: CDataCompressor, compression.cxx).

/// How a value is compressed.
public enum CompressionScheme: UInt8, CaseIterable, Sendable {
    /// Bytes below 128, packed to seven bits.
    case sevenBitASCII = 1
    /// UTF-16 code units below 128, packed to seven bits.
    case sevenBitUnicode = 2
    /// XPRESS: the plain LZ77 of [MS-XCA] 2.4, with the uncompressed size before it.
    case xpress = 3
    /// A chunk of a long value that was overwritten after its deletion.
    case scrub = 4
    /// XPRESS9, of Exchange: CRC-32C of the plain value (four bytes), then a block of LZ77 and Huffman codes.
    case xpress9 = 5
    /// XPRESS10: the uncompressed size (two bytes), CRC-32C of the plain value (four), a checksum of the compressed one
    /// (eight), then a stream of a codec that is outside the engine and not described publicly.
    case xpress10 = 6
    /// A block of LZ4, with the uncompressed size before it.
    case lz4 = 7

    /// What the scheme is called.
    public var name: String {
        switch self {
        case .sevenBitASCII: "7-bit ASCII"
        case .sevenBitUnicode: "7-bit Unicode"
        case .xpress: "XPRESS"
        case .scrub: "scrubbed"
        case .xpress9: "XPRESS9"
        case .xpress10: "XPRESS10"
        case .lz4: "LZ4"
        }
    }
}

/// Expands compressed values.
public enum Compression {
    /// What a scrubbed value is filled up to if the caller's limit is higher: more than any chunk of a long value has.
    private static let scrubbedByteLimit = 1 << 15

    /// How a value is compressed; nil if its first byte names no scheme, or if there is none.
    public static func scheme(of stored: RawSpan) -> CompressionScheme? {
        guard let first = try? stored.byte(0) else { return nil }
        return CompressionScheme(rawValue: first >> 3)
    }

    /// How many bytes the value has when it is expanded, from its first bytes alone; nothing is expanded, so the rest
    /// may still turn out to be malformed. 0 for a scrubbed value, as the engine has it: nobody knows any more.
    /// XPRESS10 has its size, though its bytes can't be expanded.
    /// - Throws: `badCompression` if the first bytes make no sense.
    public static func expandedByteCount(of stored: RawSpan) throws(FormatError) -> Int {
        guard let scheme = scheme(of: stored) else { throw FormatError(.badCompression, at: 0) }
        switch scheme {
        case .sevenBitASCII: return try SevenBit.characterCount(stored)
        case .sevenBitUnicode: return try 2 * SevenBit.characterCount(stored)
        case .xpress, .xpress10, .lz4:
            // ESE: a byte for the scheme, then mle_cbUncompressed.
            guard let count = try? stored.little(1, as: UInt16.self) else { throw FormatError(.badCompression, at: 1) }
            return Int(count)
        case .scrub: return 0
        case .xpress9: return try Xpress9.plainByteCount(stored)
        }
    }

    /// Puts the expanded value behind what `output` holds. A scrubbed value gives zeros: as many as `limit` says, at
    /// most 32,768.
    /// - Parameters:
    ///   - stored: the value as stored, from the byte that names the scheme on.
    ///   - limit: the most bytes that may be added.
    /// - Throws: `badCompression` if the bytes make no sense or the value is longer than `limit`,
    ///   `unsupportedCompression` for XPRESS10. `output` holds what it held then.
    public static func expand(_ stored: RawSpan, into output: inout [UInt8], limit: Int) throws(FormatError) {
        guard let scheme = scheme(of: stored) else { throw FormatError(.badCompression, at: 0) }
        let count: Int
        switch scheme {
        case .xpress10: throw FormatError(.unsupportedCompression, at: 0)
        // What was there is gone; its place is kept.
        case .scrub: count = max(0, min(limit, scrubbedByteLimit))
        default:
            count = try expandedByteCount(of: stored)
            guard count <= limit else {
                throw FormatError(.badCompression, at: sizePlace(scheme))
            }
        }
        let base = output.count
        // This grows by half at least, so that a long value of many chunks is not copied for each of them.
        output.append(contentsOf: repeatElement(0, count: count))
        do throws(FormatError) {
            var span = output.mutableSpan
            var bytes = span.mutableBytes
            var room = bytes._mutatingExtracting(base..<(base + count))
            switch scheme {
            case .sevenBitASCII: try SevenBit.expand(stored, isUnicode: false, into: &room)
            case .sevenBitUnicode: try SevenBit.expand(stored, isUnicode: true, into: &room)
            case .xpress: try LZXpress.expand(stored, from: 3, into: &room)
            case .lz4: try LZ4.expand(stored, from: 3, into: &room)
            case .xpress9: try Xpress9.expand(stored, into: &room)
            case .scrub, .xpress10: break
            }
        } catch {
            output.removeSubrange(base...)
            throw error.code == .truncated ? FormatError(.badCompression, at: Int(error.offset)) : error
        }
    }

    /// Where the size stands, in bytes from the start of the value.
    private static func sizePlace(_ scheme: CompressionScheme) -> Int {
        switch scheme {
        case .xpress, .xpress10, .lz4: 1
        // Behind the byte of the scheme, the checksum and the block's magic number.
        case .xpress9: 9
        case .sevenBitASCII, .sevenBitUnicode, .scrub: 0
        }
    }

    /// The expanded value, of at most `limit` bytes. Throws as `expand(_:into:limit:)` does.
    public static func expand(_ stored: RawSpan, limit: Int) throws(FormatError) -> [UInt8] {
        var output: [UInt8] = []
        try expand(stored, into: &output, limit: limit)
        return output
    }
}
