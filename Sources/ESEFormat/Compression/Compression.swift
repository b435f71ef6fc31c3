// Layer: ESEFormat/Compression. Uses: SevenBit, LZXpress, LZ4. Used by: rows, long values, verification.
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
    /// XPRESS9, of Exchange; not described publicly.
    case xpress9 = 5
    /// XPRESS10; not described publicly.
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
    /// How a value is compressed; nil if its first byte names no scheme, or if there is none.
    public static func scheme(of stored: RawSpan) -> CompressionScheme? {
        guard let first = try? stored.byte(0) else { return nil }
        return CompressionScheme(rawValue: first >> 3)
    }

    /// Puts the expanded value behind what `output` holds.
    /// - Parameters:
    ///   - stored: the value as stored, from the byte that names the scheme on.
    ///   - limit: the most bytes that may be added.
    /// - Throws: `badCompression` if the bytes make no sense or the value is longer than `limit`,
    ///   `unsupportedCompression` for XPRESS9 and XPRESS10. `output` may have grown by a part of the value then.
    public static func expand(_ stored: RawSpan, into output: inout [UInt8], limit: Int) throws(FormatError) {
        guard let scheme = scheme(of: stored) else { throw FormatError(.badCompression, at: 0) }
        switch scheme {
        case .sevenBitASCII: try SevenBit.expand(stored, isUnicode: false, into: &output, limit: limit)
        case .sevenBitUnicode: try SevenBit.expand(stored, isUnicode: true, into: &output, limit: limit)
        case .xpress:
            let count = Int(try stored.little(1, as: UInt16.self))
            guard count <= limit else { throw FormatError(.badCompression, at: 1) }
            try LZXpress.expand(stored, from: 3, into: &output, count: count)
        case .lz4:
            let count = Int(try stored.little(1, as: UInt16.self))
            guard count <= limit else { throw FormatError(.badCompression, at: 1) }
            try LZ4.expand(stored, from: 3, into: &output, count: count)
        // What was there is gone; its place is kept.
        case .scrub: output.append(contentsOf: repeatElement(0, count: min(limit, 1 << 15)))
        case .xpress9, .xpress10: throw FormatError(.unsupportedCompression, at: 0)
        }
    }
}
