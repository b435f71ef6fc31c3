// Layer: ESEEngine/7-Table. Uses: 6-Record. Used by: row cursors.
// A row that is being made or changed, between PrepareUpdate and Update.

import ESEFormat

/// What is prepared for a row. ESE's term: the copy buffer and its flags.
final class PendingUpdate {
    /// What it is for.
    enum Kind {
        /// Nothing is prepared.
        case none
        /// A new row.
        case insert
        /// A new row in the place of the cursor's.
        case insertAndDelete
        /// A change of the cursor's row, which is locked.
        case replace
        /// A change of the cursor's row, which others may change before.
        case replaceUnlocked
        /// A copy to look at.
        case readOnly
    }

    /// What it is for.
    private(set) var kind = Kind.none
    /// The level of the transaction that it was prepared in.
    private(set) var level = 0
    /// The number that changes of long values carry, so that they can be undone; 0 before there are any.
    var update: UInt32 = 0
    /// Long values that the row no longer names when it is written.
    var released: [LongValueID] = []
    /// The row as it was.
    private(set) var original: UnsafeMutableRawBufferPointer
    /// Bytes of `original` that count.
    private var originalByteCount = 0
    /// The key of the row as it was.
    var originalKey = BookmarkBuffer()
    private var made: RecordBuffer?
    private let pageSize: PageSize

    init(_ pageSize: PageSize) {
        self.pageSize = pageSize
        original = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit { original.deallocate() }

    /// The record.
    @inline(__always)
    var buffer: RecordBuffer {
        if let made { return made }
        let new = RecordBuffer(pageSize: pageSize)
        made = new
        return new
    }

    /// Starts.
    @inline(__always)
    func start(_ kind: Kind, level: Int) {
        self.kind = kind
        self.level = level
        update = 0
        if !released.isEmpty { released = [] }
    }

    /// Ends.
    @inline(__always)
    func end() {
        kind = .none
    }

    /// Keeps the row as it is.
    func keep(_ record: Bytes, key: BytePieces) {
        if original.count < record.byteCount {
            original.deallocate()
            original = .allocate(byteCount: max(256, pageSize.byteCount), alignment: 8)
        }
        original.copyMemory(from: record.buffer)
        originalByteCount = record.byteCount
        originalKey.set(key: key, data: Bytes.empty)
    }

    /// The row as it was.
    var originalBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: original.prefix(originalByteCount))
    }

    /// Follows a rollback: what was prepared in the level is gone, with the long values that it made.
    func rolledBack(level: Int) { if self.level >= level { end() } }

    /// Follows a commit of an inner level.
    func committed(level: Int) { if self.level >= level { self.level = level - 1 } }
}
