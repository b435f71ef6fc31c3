// Layer: PlatformIO. Uses: libc, FileAccess. Used by: whoever must know whose a file is or whether it changed.

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
    /// The user who owns it.
    public let userID: UInt32
    /// The permission bits, `0o7777` at most.
    public let permissions: UInt32
    /// Whether this is an ordinary file: no directory, device or pipe.
    public let isRegular: Bool
    /// Whether this is a directory.
    public let isDirectory: Bool

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
        userID = status.st_uid
        permissions = UInt32(status.st_mode) & 0o7777
        let type = status.st_mode & mode_t(S_IFMT)
        isRegular = type == mode_t(S_IFREG)
        isDirectory = type == mode_t(S_IFDIR)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

extension FileAccess {
    /// The state of what is at `path`; of a link, what it points to, or with `followsLinks` false the link itself.
    public static func status(_ path: String, followsLinks: Bool = true) throws(IOError) -> FileStatus {
        try checkPath(path, "look at")
        var status = stat()
        let result = followsLinks ? stat(path, &status) : lstat(path, &status)
        guard result == 0 else { throw .last("look at", path) }
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

    /// What a symbolic link says, cut at 4,095 bytes.
    public static func readLink(_ path: String) throws(IOError) -> String {
        try checkPath(path, "read the link")
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { (buffer) throws(IOError) in
            guard let base = buffer.baseAddress else { return "" }
            let count = readlink(path, base, buffer.count - 1)
            guard count >= 0 else { throw .last("read the link", path) }
            return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
        }
    }
}

extension IOError {
    /// The file is longer than the limit that was given (`EFBIG`).
    public var isTooLong: Bool { code == EFBIG }
}
