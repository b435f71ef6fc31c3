// Layer: PlatformIO. Uses: libc. Used by: programs of one machine of which one at a time may do something.
// A lock that the system releases when its holder ends in whatever way.

import CLinux

/// An exclusive lock on a file, held until its last reference goes or the process ends.
///
/// Excludes other processes and other locks of this process alike. Advisory: it keeps out only those who ask for it as
/// well. The file stays: removing it would let two programs lock two files of the same name.
public final class FileLock: Sendable {
    private let number: Int32

    /// Takes the lock, making the file with mode 0600 if needed; never waits.
    /// - Returns: nil if somebody else has it.
    public static func take(_ path: String) throws(IOError) -> FileLock? {
        let file = try open(path)
        if retryingInterrupted({ oriel_try_lock(file.number) }) == 0 { return FileLock(file) }
        let code = oriel_errno()
        if IOError.isWouldBlock(code) { return nil }
        throw IOError(code: code, operation: "lock", subject: path)
    }

    /// Takes the lock, making the file with mode 0600 if needed; waits until nobody else has it.
    public static func waitAndTake(_ path: String) throws(IOError) -> FileLock {
        let file = try open(path)
        guard retryingInterrupted({ oriel_lock_file(file.number) }) == 0 else { throw .last("lock", path) }
        return FileLock(file)
    }

    private static func open(_ path: String) throws(IOError) -> Descriptor {
        // A symbolic link there would let somebody choose the file that is created.
        try FileAccess.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600, "open the lock")
    }

    private init(_ file: consuming Descriptor) { number = file.release() }

    deinit {
        // Before closing: a process forked from this one shares the open file, and would keep the lock.
        _ = oriel_unlock(number)
        _ = close(number)
    }
}
