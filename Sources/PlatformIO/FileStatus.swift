// Layer: PlatformIO. Uses: libc, FileAccess. Used by: WinSNMPDatabase.
// What tells one state of a file from another, who may read it, and the lock that keeps two writers apart.

import CLinux

/// A file's state as the system keeps it. Two equal values mean that the file is the same and was not written between,
/// as far as the file system's clock can tell: a write within the same tick may go unseen.
public struct FileStatus: Equatable, Sendable {
    /// The file system's number.
    public let device: UInt64
    /// The file's number in the file system; another one after `FileAccess.writeAtomically`.
    public let inode: UInt64
    /// The size in bytes.
    public let byteCount: Int64
    /// The time of the last write, in nanoseconds since 1970-01-01 00:00 UTC. Programs may set it at will.
    public let modifiedNanoseconds: Int64
    /// The time of the last write, rename or change of permissions, by the file system's own clock.
    public let changedNanoseconds: Int64
    /// The permission bits, `0o7777` at most.
    public let permissions: UInt32
    /// Whether this is an ordinary file: no directory, device or pipe.
    public let isRegular: Bool

    init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        byteCount = Int64(status.st_size)
        #if os(Linux)
            modifiedNanoseconds = FileStatus.nanoseconds(status.st_mtim)
            changedNanoseconds = FileStatus.nanoseconds(status.st_ctim)
        #else
            modifiedNanoseconds = FileStatus.nanoseconds(status.st_mtimespec)
            changedNanoseconds = FileStatus.nanoseconds(status.st_ctimespec)
        #endif
        permissions = UInt32(status.st_mode) & 0o7777
        isRegular = withUnsafePointer(to: status) { oriel_is_regular($0) } != 0
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

extension FileAccess {
    /// The state of the file at `path`, links followed.
    public static func status(_ path: String) throws(IOError) -> FileStatus {
        try checkPath(path, "look at")
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { throw .last("look at", path) }
        return FileStatus(status)
    }

    /// Reads a whole ordinary file together with the state of that very file, whatever happens to the path meanwhile.
    /// Never waits: anything but an ordinary file, such as a pipe, throws `EINVAL`.
    /// - Parameter limit: the most bytes to accept; a longer file throws `EFBIG`.
    public static func readWithStatus(
        _ path: String, limit: Int = defaultLimit
    ) throws(IOError) -> (bytes: [UInt8], status: FileStatus) {
        let file = try open(path, O_RDONLY | O_NONBLOCK, mode: 0, "open")
        var system = stat()
        guard fstat(file.number, &system) == 0 else { throw .last("look at", path) }
        let status = FileStatus(system)
        guard status.isRegular else {
            throw IOError(code: EINVAL, operation: "read as an ordinary file", subject: path)
        }
        var bytes: [UInt8] = []
        try readAll(file, path, into: &bytes, limit: limit)
        return (bytes, status)
    }
}

extension IOError {
    /// The file is longer than the limit that was given (`EFBIG`).
    public var isTooLong: Bool { code == EFBIG }
}

/// An exclusive lock between programs, and between threads of one: held until the value goes out of scope or the
/// program ends. Advisory: it keeps out only those who ask for it as well.
public struct FileLock: ~Copyable {
    private let file: Descriptor

    /// Waits for the lock of the file at `path`, which is made if it is missing, with mode 0600. The file must stay
    /// where it is: programs that lock two files of the same name don't exclude each other.
    public init(_ path: String) throws(IOError) { file = try FileLock.locked(path) }

    /// Lets the next one in. The same happens when the value goes out of scope; this says when.
    public consuming func release() {}

    private static func locked(_ path: String) throws(IOError) -> Descriptor {
        // A symbolic link there would let somebody choose the file that is created.
        let file = try FileAccess.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600, "open the lock")
        let number = file.number
        guard retryingInterrupted({ oriel_lock_file(number) }) == 0 else { throw .last("lock", path) }
        return file
    }
}
