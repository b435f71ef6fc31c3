// Layer: ESEFormat/Keys. Used by: KeyBuilder; the module ESECollation implements it.
// How Unicode text becomes bytes that sort as Windows sorts the text.

/// One sort order of Unicode text: makes sort keys, whose bytes compare as the order wants the text compared.
/// Windows' function for that is LCMapStringEx with LCMAP_SORTKEY. A value that keeps buffers; one user at a time.
public protocol TextCollator: Sendable {
    /// Appends the first `limit` bytes of the sort key of a text.
    ///
    /// - Parameters:
    ///   - text: UTF-16, little-endian, an even number of bytes, not empty. Need not be well-formed.
    ///   - key: Where the sort key is appended; nothing is appended when the result is nil.
    ///   - limit: The most bytes to append, 0 or more.
    /// - Returns: How many bytes the whole sort key has, or any number above `limit` if it was cut; nil if this order
    ///   doesn't know the sort key of this text, at least as far as the limit.
    mutating func appendSortKey(of text: RawSpan, to key: inout [UInt8], limit: Int) -> Int?
}
