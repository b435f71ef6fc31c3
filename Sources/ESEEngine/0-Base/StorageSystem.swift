// Layer: ESEEngine/0-Base. Used by: log, buffer manager, recovery, instance.
// The seam to files. Production gives real files, tests a simulated disk that loses power.
// Buffers are pointers with a length, valid for the call only; who implements this stays within that length.

/// What became of a call of the storage.
public struct StorageError: Error, Hashable, Sendable {
    /// What was wrong.
    public enum Kind: UInt8, Sendable {
        /// There is no such file or directory.
        case notFound
        /// There is such a file already.
        case exists
        /// Another process, or somebody else in this one, has the file open for writing.
        case locked
        /// Forbidden, or a directory where a file was to be.
        case denied
        /// No space left.
        case full
        /// Everything else: the device failed.
        case failed
    }

    /// What was wrong.
    public var kind: Kind
    /// What failed, on which file, why; for the log and for people. Not for programs.
    public var text: String

    /// Makes an error.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

/// How a file is opened.
public enum StorageMode: Sendable {
    /// For reading. Others may read it too.
    case reading
    /// For reading and writing; nobody else may have it open for writing, here or in another process.
    case writing
    /// As `writing`, and it must not have been there: an empty one is made.
    case creating
    /// As `writing`, and if it was there it is emptied.
    case replacing
}

/// An open file. Calls may come from several threads at once. Offsets and counts are in bytes.
public protocol StorageFile: AnyObject, Sendable {
    /// The path it was opened with.
    var path: String { get }

    /// Its size now.
    func byteCount() throws(StorageError) -> UInt64

    /// Reads from `offset` until the buffer is full or the file ends; returns how many bytes that were.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int

    /// Writes all of the buffer at `offset`, making the file longer if needed. Not durable before `sync`: until then a
    /// power failure may leave any of its sectors old and any new. After an error any part of it may be written.
    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError)

    /// Sets the size; what is new reads as zeros. New space need not be reserved: a later write into it may find the
    /// disk full, unless whoever made the storage asked for it.
    func setByteCount(_ count: UInt64) throws(StorageError)

    /// Returns when everything that was written, and the size, would survive a power failure; the file's name does
    /// only after `syncDirectory`. Once it failed, it is unknown what is durable of all that was written since it last
    /// succeeded, and no later call finds out: it fails from then on.
    func sync() throws(StorageError)

    /// Closes it; the lock goes with it. Calls after that are a mistake of the caller. Closing twice does nothing.
    func close()
}

/// Files by path. A directory's changes (create, remove, rename) are durable after `syncDirectory`.
public protocol StorageSystem: AnyObject, Sendable {
    /// Opens a file. Locks are the file's, not the name's: they stay with it when it is renamed.
    func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile
    /// Whether there is a file or directory.
    func exists(_ path: String) throws(StorageError) -> Bool
    /// Removes a file. Who has it open goes on with it, here and in `rename`.
    func remove(_ path: String) throws(StorageError)
    /// Renames a file, which takes the place of another of the new name at once.
    func rename(_ path: String, to newPath: String) throws(StorageError)
    /// The names in a directory, sorted.
    func list(_ directory: String) throws(StorageError) -> [String]
    /// Makes a directory, and those above it, if missing. They are durable when this returns.
    func createDirectory(_ path: String) throws(StorageError)
    /// Returns when the names in the directory would survive a power failure.
    func syncDirectory(_ path: String) throws(StorageError)
    /// The path with everything relative and every link resolved, so that two names of one file are equal. What isn't
    /// there yet has a full path too.
    func fullPath(_ path: String) throws(StorageError) -> String
}
