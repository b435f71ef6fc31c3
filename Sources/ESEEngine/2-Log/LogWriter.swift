// Layer: ESEEngine/2-Log. Uses: ESEFormat. Used by: LogStream's leader, recovery's preparations.
// The current log file and the bytes on their way into it. Not for several threads at once.
// Unsafe: `staging` has room for `runLimit` segments and a shadow; slots are checked against that.

import ESEFormat

/// The current log file and a place where segments are made ready.
final class LogWriter: @unchecked Sendable {
    /// The most segments that one call writes, without a shadow.
    static let runLimit = 32

    /// The current file.
    private(set) var file: any StorageFile
    /// Its generation and age.
    private(set) var state: LogFileState
    /// How far its last segment is on the disk, durable, if records may still come behind that: bytes of it with its
    /// header. Else 0.
    var partByteCount = 0

    private var isDirty = false
    private let staging: UnsafeMutableRawPointer

    /// Takes an open file.
    init(file: any StorageFile, state: LogFileState) {
        self.file = file
        self.state = state
        staging = .allocate(byteCount: (Self.runLimit + 1) * LogSegment.byteCount, alignment: LogSegment.byteCount)
    }

    deinit { staging.deallocate() }

    /// Goes on with another file; everything in the old one is durable.
    func use(_ file: any StorageFile, _ state: LogFileState) {
        precondition(!isDirty && partByteCount == 0, "a log file is left when it is durable")
        self.file.close()
        self.file = file
        self.state = state
    }

    /// Copies `byteCount` bytes of a segment, whose rest is zero, and seals it. `durable` (raw) is what was durable at
    /// this time.
    func stage(
        _ segment: UnsafeRawPointer, byteCount: Int, at position: LogPosition, durable: UInt64, slot: Int
    ) {
        precondition(slot < Self.runLimit && byteCount <= LogSegment.byteCount, "room in the staging buffer")
        let target = staging + slot * LogSegment.byteCount
        target.copyMemory(from: segment, byteCount: byteCount)
        (target + byteCount).initializeMemory(
            as: UInt8.self, repeating: 0, count: LogSegment.byteCount - byteCount)
        LogTail.seal(target, at: position, durable: durable)
    }

    /// Copies the last of `count` staged segments behind itself.
    func stageShadow(behind count: Int) {
        precondition(count > 0 && count <= Self.runLimit, "room in the staging buffer")
        let target = staging + count * LogSegment.byteCount
        target.copyMemory(from: target - LogSegment.byteCount, byteCount: LogSegment.byteCount)
    }

    /// Writes the first staged segments from a sector of the file on.
    func write(segmentCount: Int, at sector: UInt16) throws(StorageError) {
        isDirty = true
        let bytes = UnsafeRawBufferPointer(start: staging, count: segmentCount * LogSegment.byteCount)
        try file.write(bytes, at: UInt64(sector) * UInt64(LogSegment.byteCount))
    }

    /// Makes durable what was written.
    func sync() throws(StorageError) {
        guard isDirty else { return }
        try file.sync()
        isDirty = false
    }

    /// Closes the file.
    func close() { file.close() }
}
