// Layer: PlatformIO. Uses: libc. Used by: the programs.
// Buffered text output. A reader that goes away (`oriel walk | head`) is an error value, not a signal that kills.

import CLinux
import Primitives

/// Writes text to a descriptor through a buffer. Safe to use from several threads; one `write` stays in one piece.
public final class BufferedOutput: Sendable {
    private let descriptor: Int32
    private let name: String
    private let capacity: Int
    private let buffer: Locked<[UInt8]>

    /// Writes to a descriptor that stays its owner's.
    /// - Parameters:
    ///   - descriptor: where to write.
    ///   - name: what errors call it.
    ///   - capacity: bytes to collect before writing; 0 writes everything at once.
    public init(descriptor: Int32, name: String, capacity: Int) {
        BufferedOutput.ignoreBrokenPipes
        self.descriptor = descriptor
        self.name = name
        self.capacity = capacity
        buffer = Locked([])
    }

    /// A broken pipe shall be an error of `write`; by default it would kill the process.
    private static let ignoreBrokenPipes: Void = { _ = oriel_ignore_signal(SIGPIPE) }()

    /// Writes text.
    /// - Throws: an error with `isBrokenPipe` once the reader has gone. A program then ends quietly with
    ///   `BufferedOutput.brokenPipeStatus`.
    public func write(_ text: String) throws(IOError) {
        try buffer.withLock { bytes throws(IOError) in
            bytes.append(contentsOf: text.utf8)
            if bytes.count > capacity { try writeOut(&bytes) }
        }
    }

    /// Writes bytes; see the form with text.
    public func write(_ more: [UInt8]) throws(IOError) {
        try buffer.withLock { bytes throws(IOError) in
            bytes.append(contentsOf: more)
            if bytes.count > capacity { try writeOut(&bytes) }
        }
    }

    /// Writes out what the buffer holds. Call before the program ends.
    public func flush() throws(IOError) {
        try buffer.withLock { bytes throws(IOError) in try writeOut(&bytes) }
    }

    /// The exit status of a program whose output nobody reads: what a shell shows for a death by SIGPIPE.
    public static let brokenPipeStatus: Int32 = 141

    private func writeOut(_ bytes: inout [UInt8]) throws(IOError) {
        // Whatever happens, the same bytes are not written twice.
        defer { bytes.removeAll(keepingCapacity: true) }
        var sentCount = 0
        while sentCount < bytes.count {
            let count = bytes.withUnsafeBufferPointer { buffer in
                retryingInterrupted {
                    CLinux.write(descriptor, buffer.baseAddress.map { $0 + sentCount }, buffer.count - sentCount)
                }
            }
            if count >= 0 {
                sentCount += count
                continue
            }
            let code = oriel_errno()
            // Another program may have made the shared terminal or pipe nonblocking.
            guard IOError.isWouldBlock(code) else { throw IOError(code: code, operation: "write to", subject: name) }
            _ = try Socket.wait(descriptor, for: Int32(POLLOUT), timeout: nil)
        }
    }
}

/// The program's standard output, buffered. On a terminal, flush after each line or block that a person waits for.
public enum StandardOutput {
    /// The stream behind the functions.
    public static let stream = BufferedOutput(descriptor: 1, name: "standard output", capacity: 65_536)
    /// Writes text; see `BufferedOutput.write`.
    public static func write(_ text: String) throws(IOError) { try stream.write(text) }
    /// Writes out what was collected. Call before the program ends.
    public static func flush() throws(IOError) { try stream.flush() }
}

/// The program's standard error, not buffered.
public enum StandardError {
    /// The stream behind the function.
    public static let stream = BufferedOutput(descriptor: 2, name: "standard error", capacity: 0)
    /// Writes text. If even that fails, there is nobody left to tell, so it is no error.
    public static func write(_ text: String) {
        do throws(IOError) { try stream.write(text) } catch {}
    }
}
