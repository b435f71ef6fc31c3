// Layer: ESEFormat/Keys. Uses: IndexSegment. Used by: KeyBuilder, IndexEntryPlan; implemented by whoever has rows.

/// The values of one row, as far as keys need them.
public protocol RowValues: ~Copyable, ~Escapable {
    /// Lends one value as a record stores it (after decompression): the default where the record has none.
    ///
    /// - Parameters:
    ///   - segment: Which column; `column` and `isFromTemplate` count.
    ///   - occurrence: Which of a column's values, from 1; columns that are not tagged have only the first.
    ///     ESE's term: itagSequence.
    ///   - offset: Where in the value to begin, in bytes; at or beyond its end there are no bytes, which is not NULL.
    ///   - limit: How many bytes are needed; more may be lent, but need not be read from a long value's tree.
    ///   - body: Called exactly once, with nil for NULL.
    /// - Throws: What `body` throws, and what is wrong with the row.
    func withValue(
        of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
        _ body: (RawSpan?) throws(FormatError) -> Void
    ) throws(FormatError)
}

/// Values in memory, one for each key column.
struct ListedValues: RowValues {
    let segments: [IndexSegment]
    let values: [[UInt8]?]

    func withValue(
        of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
        _ body: (RawSpan?) throws(FormatError) -> Void
    ) throws(FormatError) {
        let place = segments.firstIndex { $0.column == segment.column && $0.isFromTemplate == segment.isFromTemplate }
        guard occurrence == 1, let place, let value = values[place] else { return try body(nil) }
        let bytes = value.span.bytes
        try body(bytes.extracting(min(offset, bytes.byteCount)..<bytes.byteCount))
    }
}
