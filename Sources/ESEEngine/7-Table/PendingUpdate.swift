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

    private struct State {
        var kind = Kind.none
        var level = 0
        var update: UInt32 = 0
        var originalByteCount = 0
        var hasReleased = false
    }

    /// The record.
    let buffer: RecordBuffer
    /// The key of the row as it was, or of what was written last.
    let key: UnsafeMutablePointer<BookmarkBuffer>
    private let state: UnsafeMutablePointer<State>
    private let pageSize: PageSize
    /// The row as it was.
    private var original = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// Long values that the row no longer names when it is written.
    var released: [LongValueID] = [] {
        didSet { state.pointee.hasReleased = !released.isEmpty }
    }

    init(_ pageSize: PageSize) {
        self.pageSize = pageSize
        buffer = RecordBuffer(pageSize: pageSize)
        key = .allocate(capacity: 1)
        key.initialize(to: BookmarkBuffer())
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        original.deallocate()
        key.deinitialize(count: 1)
        key.deallocate()
        state.deallocate()
    }

    /// What it is for.
    @inline(__always)
    var kind: Kind { state.pointee.kind }
    /// The level of the transaction that it was prepared in.
    var level: Int { state.pointee.level }
    /// Whether the row will no longer name some long values.
    @inline(__always)
    var hasReleased: Bool { state.pointee.hasReleased }

    /// The number that changes of long values carry, so that they can be undone; 0 before there are any.
    @inline(__always)
    var update: UInt32 {
        get { state.pointee.update }
        set { state.pointee.update = newValue }
    }

    /// Starts.
    @inline(__always)
    func start(_ kind: Kind, level: Int) {
        state.pointee.kind = kind
        state.pointee.level = level
        state.pointee.update = 0
        if hasReleased { released = [] }
    }

    /// Ends.
    @inline(__always)
    func end() { state.pointee.kind = .none }

    /// Keeps the row as it is.
    func keep(_ record: Bytes, key: BytePieces) {
        if original.count < record.byteCount {
            original.deallocate()
            original = .allocate(byteCount: max(256, pageSize.byteCount), alignment: 8)
        }
        original.copyMemory(from: record.buffer)
        state.pointee.originalByteCount = record.byteCount
        self.key.pointee.set(key: key, data: Bytes.empty)
    }

    /// The row as it was.
    var originalBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: original.prefix(state.pointee.originalByteCount))
    }

    /// Follows a rollback: what was prepared in the level is gone, with the long values that it made.
    func rolledBack(level: Int) { if self.level >= level { end() } }

    /// Follows a commit of an inner level.
    func committed(level: Int) { if self.level >= level { state.pointee.level = level - 1 } }
}
