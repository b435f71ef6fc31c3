// Layer: PlatformIO. Uses: libc. Used by: whoever must know whose a file is, and readers of /proc.

import CLinux

/// What the system says about a file.
public struct FileStatus: Equatable, Sendable {
    /// Whether it is a directory. A link is none, wherever it points.
    public var isDirectory: Bool
    /// The user who owns it.
    public var userID: UInt32
    /// The permission bits, 0...0o7777.
    public var permissions: UInt32
    /// The number of the file in its file system.
    public var inode: UInt64
}

extension FileAccess {
    /// What is at `path`; of a link, the link itself unless `followsLinks`.
    public static func status(_ path: String, followsLinks: Bool = false) throws(IOError) -> FileStatus {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "look at", subject: path) }
        var status = stat()
        let result = followsLinks ? stat(path, &status) : lstat(path, &status)
        guard result == 0 else { throw .last("look at", path) }
        return FileStatus(
            isDirectory: status.st_mode & mode_t(S_IFMT) == mode_t(S_IFDIR), userID: status.st_uid,
            permissions: UInt32(status.st_mode) & 0o7777, inode: UInt64(status.st_ino))
    }

    /// What a symbolic link says, cut at 4,095 bytes.
    public static func readLink(_ path: String) throws(IOError) -> String {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "read the link", subject: path) }
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { (buffer) throws(IOError) in
            guard let base = buffer.baseAddress else { return "" }
            let count = readlink(path, base, buffer.count - 1)
            guard count >= 0 else { throw .last("read the link", path) }
            return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
        }
    }
}
