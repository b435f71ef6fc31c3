// Layer: ESEEngine/6-Record. Uses: RecordBuffer. Used by: cursors, when a record gets too large.
// Which long values leave a record that is too large, and in which order.

public import ESEFormat

/// The sizes above which long values leave a record that is too large, one after the other: half a page, a quarter …,
/// at last that of an ID.
public struct SeparationThresholds: Sequence, IteratorProtocol, Sendable {
    private let least: Int
    private var last: Int

    /// Starts for pages of a size.
    public init(pageSize: PageSize) {
        least = pageSize.byteCount / 64
        last = pageSize.byteCount
    }

    /// The next threshold in bytes; nil if there is none left.
    public mutating func next() -> Int? {
        guard last > 4 else { return nil }
        last /= 2
        if last < least { last = 4 }
        return last
    }
}

/// A value that may leave the record.
public struct SeparationCandidate {
    /// The column.
    public let column: RecordColumn
    /// Which of its values, from 1.
    public let occurrence: Int
    /// The value as it stands in the record, perhaps compressed; valid until the record's next change.
    public let value: RecordField
    /// Whether the chunks are to be compressed: the value, or its column's first, was.
    public let isCompressed: Bool
}

extension RecordBuffer {
    /// The next long value in the record that takes more than `threshold` bytes. The caller stores it in the tree and
    /// calls `setLongValue`, which makes it none.
    /// - Parameter position: Where to look from; 0 at first, then as it was left.
    /// - Returns: nil if there is none left.
    /// - Throws: `databaseCorrupted`.
    public func nextSeparationCandidate(
        above threshold: Int, from position: inout Int
    ) throws(JetError) -> SeparationCandidate? {
        let view = try view()
        while position < view.taggedCount {
            let entry = try view.entry(position)
            if entry.flags.contains(.longValue), !entry.flags.contains(.null),
                let column = tables.pointee.column(ofField: entry.order)
            {
                let count = try view.valueCount(entry)
                for number in 0..<count {
                    let value = try view.value(number, of: count, entry)
                    guard !value.traits.contains(.separated), value.bytes.count > threshold else { continue }
                    return SeparationCandidate(
                        column: column.pointee, occurrence: number + 1, value: value,
                        isCompressed: entry.flags.contains(.compressed))
                }
            }
            position += 1
        }
        return nil
    }

    /// Takes out the fields of tagged columns that the table no longer has, as ESE does when it makes room.
    /// - Parameter body: Gets the ID of each long value that is no longer named.
    /// - Throws: `databaseCorrupted`, what `body` throws.
    public func removeDeletedColumns(
        _ body: (LongValueID) throws(JetError) -> Void
    ) throws(JetError) {
        var position = 0
        while true {
            let view = try view()
            guard position < view.taggedCount else { return }
            let entry = try view.entry(position)
            guard tables.pointee.column(ofField: entry.order) == nil else {
                position += 1
                continue
            }
            let count = try view.valueCount(entry)
            for number in 0..<count {
                if let id = try view.value(number, of: count, entry).longValueID() { try body(id) }
            }
            removeField(at: position, entry.end - entry.start + (entry.hasFlagByte ? 1 : 0))
        }
    }
}
