// Layer: ESEEngine/7-Table. Uses: LongValues, LongValuesCursor, KeyScratch's LongValueLender. Used by: sessions'
// cursors, key plans.
// Reads long values for one session, with memory that is used again.

public import ESEFormat

/// Reads the long values of a table for one session; one thread at a time.
public final class LongValueReader: LongValueLender {
    /// What it reads.
    public let values: LongValues
    private let cursor: LongValueCursor
    private var memory: UnsafeMutableRawBufferPointer?

    /// More memory than this is given back after use.
    private static let keptByteCount = 1 << 20

    /// A reader for a session.
    public init(_ values: LongValues, _ worker: Worker) {
        self.values = values
        cursor = LongValueCursor(values, worker)
    }

    deinit { memory?.deallocate() }

    /// The size of a value in bytes; see `LongValues.byteCount`.
    public func byteCount(of id: LongValueID) throws(JetError) -> Int { try cursor.root(of: id).byteCount }

    /// Reads a part of a value; see `LongValues.read`.
    public func read(
        _ id: LongValueID, from offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        try cursor.read(id, from: offset, into: buffer)
    }

    /// Lends a part of a value; see `LongValueLender`. No page is latched meanwhile. Errors as those of
    /// `LongValues.read`.
    public func withLongValue(
        _ id: LongValueID, from offset: Int, limit: Int, _ body: (RawSpan) throws(JetError) -> Void
    ) throws(JetError) {
        precondition(offset >= 0 && limit >= 0, "offsets and counts are not negative")
        let size = try cursor.root(of: id).byteCount
        let count = offset < size ? min(limit, size - offset) : 0
        // Taken out, so that `body` may ask for another value.
        var room = memory ?? .allocate(byteCount: max(count, 4_096), alignment: 8)
        memory = nil
        if room.count < count {
            room.deallocate()
            room = .allocate(byteCount: max(count, 2 * room.count), alignment: 8)
        }
        defer {
            if let memory { memory.deallocate() }
            memory = nil
            if room.count <= Self.keptByteCount { memory = room } else { room.deallocate() }
        }
        let part = UnsafeMutableRawBufferPointer(rebasing: room[..<count])
        guard try cursor.read(id, size: size, from: offset, into: part) == count else { throw .lvCorrupted }
        try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(part)))
    }
}
