// Layer: PlatformIO. Uses: libc, Descriptor. Used by: readers of large files, at any place and without a position.

import CLinux

/// A file or block device open for reading at any place; many threads may read at once.
public final class RandomAccessFile: Sendable {
    /// The path it was opened with.
    public let path: String
    /// Its size in bytes when it was opened.
    public let byteCount: UInt64
    private let file: Descriptor

    /// Opens for reading; a directory is an error.
    public init(reading path: String) throws(IOError) {
        let file = try FileAccess.open(path, O_RDONLY, mode: 0, "open")
        guard try !FileAccess.status(path).isDirectory else {
            throw IOError(code: EISDIR, operation: "open", subject: path)
        }
        // Works for block devices too, whose status has no size.
        let end = lseek(file.number, 0, SEEK_END)
        guard end >= 0 else { throw .last("find the size of", path) }
        self.path = path
        self.file = file
        byteCount = UInt64(end)
    }

    /// Reads from `offset` over the first `count` bytes of `bytes`.
    /// - Returns: how many were read: fewer than `count` only at the end of the file.
    /// - Precondition: `bytes` holds at least `count`.
    public func read(at offset: UInt64, into bytes: inout [UInt8], count: Int) throws(IOError) -> Int {
        precondition(count >= 0 && count <= bytes.count, "the array is too small")
        guard offset < UInt64(Int64.max) else { return 0 }
        let number = file.number
        let result = bytes.withUnsafeMutableBytes { buffer -> Int in
            var done = 0
            while done < count {
                let place = off_t(offset) + off_t(done)
                let part = retryingInterrupted {
                    pread(number, buffer.baseAddress.map { $0 + done }, count - done, place)
                }
                if part < 0 { return -1 }
                if part == 0 { break }
                done += part
            }
            return done
        }
        guard result >= 0 else { throw .last("read", path) }
        return result
    }
}
