// Layer: PlatformIO. Uses: libc, FileAccess. Used by: whoever writes long files from front to back.

import CLinux
import Primitives

/// A file that is written from front to back through a buffer. Safe to use from several threads; one `write` stays
/// in one
/// piece.
public final class FileOutput: Sendable {
    private let path: String
    private let number: Locked<Int32?>
    private let output: BufferedOutput

    /// Makes a file, or empties the one that is there. Its permissions are those that the umask leaves.
    public init(writing path: String) throws(IOError) {
        let file = try FileAccess.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666, "write to")
        let number = file.release()
        self.path = path
        self.number = Locked(number)
        output = BufferedOutput(descriptor: number, name: path, capacity: 1 << 16)
    }

    deinit { if let number = number.withLock({ $0 }) { _ = CLinux.close(number) } }

    /// Writes bytes.
    public func write(_ bytes: [UInt8]) throws(IOError) { try output.write(bytes) }

    /// Writes out what the buffer holds and closes the file; after that nothing may be written. An error is the
    /// first news
    /// of some failed writes.
    public func close() throws(IOError) {
        try output.flush()
        let number = number.withLock { number in
            defer { number = nil }
            return number
        }
        if let number { try Descriptor(owning: number).closeReporting(path) }
    }
}
