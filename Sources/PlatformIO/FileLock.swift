// Layer: PlatformIO. Uses: libc. Used by: programs of one machine of which one at a time may do something.
// A lock that the system releases when its holder ends in whatever way.

import CLinux

/// An exclusive lock on a file, held until its last reference goes or the process ends.
///
/// Excludes other processes and other locks of this process alike. The file stays: removing it would let two programs
/// lock two files of the same name.
public final class FileLock: Sendable {
    private let number: Int32

    /// Takes the lock, making the file if needed; never waits.
    /// - Returns: nil if somebody else has it.
    public static func take(_ path: String) throws(IOError) -> FileLock? {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "open", subject: path) }
        let number = retryingInterrupted { oriel_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard number >= 0 else { throw .last("open", path) }
        let file = Descriptor(owning: number)
        if retryingInterrupted({ oriel_try_lock(file.number) }) == 0 { return FileLock(file) }
        let code = oriel_errno()
        if IOError.isWouldBlock(code) { return nil }
        throw IOError(code: code, operation: "lock", subject: path)
    }

    private init(_ file: consuming Descriptor) { number = file.release() }

    deinit {
        // Before closing: a process forked from this one shares the open file, and would keep the lock.
        _ = oriel_unlock(number)
        _ = close(number)
    }
}
