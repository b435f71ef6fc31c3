// Layer: PlatformIO. Uses: libc, Descriptor, Synchronization. Used by: stores that write at any place of a file.
// A file that is read and written in place and says when that is durable; one writer at a time, in all processes.

import CLinux
import Synchronization

/// An open file without a position; calls may come from several threads at once.
///
/// A writer locks the file (`flock`), which keeps out other writers in this and other processes that ask for the lock
/// too; readers take none. The lock belongs to the file, not to its name.
public final class DataFile: Sendable {
    /// How a file is opened.
    public enum Mode: Sendable {
        /// For reading, without a lock.
        case reading
        /// For reading and writing; it must be there.
        case writing
        /// For reading and writing; it must not be there.
        case creating
        /// For reading and writing; made if missing, emptied if there, once the lock was had.
        case replacing
    }

    /// The path it was opened with.
    public let path: String
    private let isWriter: Bool
    /// The descriptor; -1 once closed.
    private let number: Atomic<Int32>
    /// The error number of the first `sync` that failed; 0 while none has.
    private let syncFailure = Atomic<Int32>(0)

    /// Opens a file. Anything but an ordinary file is an error (`EISDIR`, `EINVAL`).
    /// - Parameter permissions: those of a new file, less what the umask takes away.
    /// - Throws: an error with `isWouldBlock` if another writer has the file open.
    public init(_ path: String, _ mode: Mode, permissions: UInt32 = 0o666) throws(IOError) {
        self.path = path
        isWriter = mode != .reading
        number = Atomic(try DataFile.open(path, mode, permissions).release())
    }

    deinit { close() }

    /// How often a file is opened again whose name went to another one before it was locked.
    private static let attemptCount = 16

    private static func open(_ path: String, _ mode: Mode, _ permissions: UInt32) throws(IOError) -> Descriptor {
        // Not blocking: opening a pipe would wait for its other end.
        let flags: Int32 = O_NONBLOCK | (mode == .reading ? O_RDONLY : O_RDWR)
        let creation: Int32 =
            switch mode {
            case .reading, .writing: 0
            case .creating: O_CREAT | O_EXCL
            case .replacing: O_CREAT
            }
        for _ in 0..<attemptCount {
            let file = try FileAccess.open(
                path, flags | creation, mode: permissions, mode == .creating ? "create" : "open")
            var status = stat()
            guard fstat(file.number, &status) == 0 else { throw .last("look at", path) }
            let type = status.st_mode & mode_t(S_IFMT)
            guard type == mode_t(S_IFREG) else {
                let code = type == mode_t(S_IFDIR) ? EISDIR : EINVAL
                throw IOError(code: code, operation: "open", subject: path)
            }
            if mode == .reading { return file }
            guard retryingInterrupted({ oriel_try_lock(file.number) }) == 0 else { throw .last("lock", path) }
            // Between opening and locking the name may have gone to another file, whose lock this one isn't.
            var named = stat()
            guard stat(path, &named) == 0, named.st_ino == status.st_ino, named.st_dev == status.st_dev else {
                if mode == .creating { throw IOError(code: ENOENT, operation: "create", subject: path) }
                continue
            }
            if mode == .replacing {
                guard retryingInterrupted({ ftruncate(file.number, 0) }) == 0 else { throw .last("empty", path) }
            }
            return file
        }
        throw IOError(code: EAGAIN, operation: "lock", subject: path)
    }

    private var open: Int32 {
        let number = number.load(ordering: .relaxed)
        precondition(number >= 0, "the file is closed")
        return number
    }

    /// Offsets beyond what the system can count are an error (`EFBIG`).
    private func place(_ offset: UInt64, _ count: Int, _ operation: String) throws(IOError) -> off_t {
        guard let start = off_t(exactly: offset), !start.addingReportingOverflow(off_t(count)).overflow
        else { throw IOError(code: EFBIG, operation: operation, subject: path) }
        return start
    }

    /// The size now, in bytes.
    public func byteCount() throws(IOError) -> UInt64 {
        var status = stat()
        guard fstat(open, &status) == 0 else { throw .last("look at", path) }
        return UInt64(max(status.st_size, 0))
    }

    /// Reads from `offset` until the buffer is full or the file ends; returns how many bytes that were.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(IOError) -> Int {
        let number = open
        let start = try place(offset, buffer.count, "read")
        var done = 0
        while done < buffer.count {
            let count = retryingInterrupted {
                pread(number, buffer.baseAddress.map { $0 + done }, buffer.count - done, start + off_t(done))
            }
            guard count >= 0 else { throw .last("read", path) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of the buffer at `offset`. After an error any part of it may have been written.
    public func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(IOError) {
        precondition(isWriter, "opened for reading")
        let number = open
        let start = try place(offset, buffer.count, "write")
        var done = 0
        while done < buffer.count {
            let count = retryingInterrupted {
                pwrite(number, buffer.baseAddress.map { $0 + done }, buffer.count - done, start + off_t(done))
            }
            guard count >= 0 else { throw .last("write", path) }
            // The system has no reason to write nothing; better an error than a loop without end.
            guard count > 0 else { throw IOError(code: EIO, operation: "write", subject: path) }
            done += count
        }
    }

    /// Sets the size. What is new reads as zeros; it is a hole, so writing into it later may find the disk full.
    public func setByteCount(_ count: UInt64) throws(IOError) {
        precondition(isWriter, "opened for reading")
        let number = open
        let size = try place(count, 0, "set the size of")
        guard retryingInterrupted({ ftruncate(number, size) }) == 0 else { throw .last("set the size of", path) }
    }

    /// Makes the file longer by writing zeros, so that it has no holes and later writes find their space. No effect on
    /// a file of `count` bytes or more. After an error the size is the old one, if the system lets it be set back.
    ///
    /// Only for one thread at a time, and while no other makes the file longer.
    public func growWithZeros(to count: UInt64) throws(IOError) {
        let old = try byteCount()
        guard count > old else { return }
        do throws(IOError) {
            try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 4_096) { (zeros) throws(IOError) in
                zeros.initializeMemory(as: UInt8.self, repeating: 0)
                var place = old
                while place < count {
                    // Pieces end at multiples of their size, which suits file systems.
                    let step = min(UInt64(zeros.count) - place % UInt64(zeros.count), count - place)
                    try write(UnsafeRawBufferPointer(rebasing: zeros[..<Int(step)]), at: place)
                    place += step
                }
            }
        } catch {
            _ = retryingInterrupted { ftruncate(open, off_t(old)) }
            throw error
        }
    }

    /// Returns when contents and size would survive a power failure.
    ///
    /// Fails for ever once it failed: the system counts what it could not write as written, and says so only once.
    public func sync() throws(IOError) {
        let number = open
        let earlier = syncFailure.load(ordering: .relaxed)
        guard earlier == 0 else { throw IOError(code: earlier, operation: "sync", subject: path) }
        guard retryingInterrupted({ oriel_sync_data(number) }) == 0 else {
            let error = IOError.last("sync", path)
            syncFailure.store(error.code, ordering: .relaxed)
            throw error
        }
        Self.syncs.add(1, ordering: .relaxed)
    }

    private static let syncs = Atomic<UInt64>(0)

    /// How often files of this kind were made durable since the program was started.
    public static var syncCount: UInt64 { syncs.load(ordering: .relaxed) }

    /// Closes the file and gives up its lock. Calls after that, and those still under way, are a mistake of the caller.
    /// Closing again does nothing.
    public func close() {
        let number = number.exchange(-1, ordering: .acquiringAndReleasing)
        guard number >= 0 else { return }
        // Before closing: a process forked from this one shares the open file, and would keep the lock.
        if isWriter { _ = oriel_unlock(number) }
        _ = CLinux.close(number)
    }
}
