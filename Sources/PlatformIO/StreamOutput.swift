// Layer: PlatformIO. Uses: libc. Used by: TCPConnection, UnixConnection.
// What connected stream sockets have in common: reading what is there, and writing with a bounded buffer for what the
// peer doesn't take yet.

import CLinux

/// What a read of a stream gave.
public enum StreamReadResult: Equatable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing at the moment.
    case wouldBlock
    /// The peer has ended its stream.
    case end
}

/// The number of an error whose operation and subject the caller knows.
struct ErrorNumber: Error {
    let code: Int32
}

/// Bytes that were written to a stream and that the peer hasn't taken.
struct StreamOutput {
    /// Once this many bytes wait, `write` takes no more.
    var limit = 1 << 20
    private var pending: [UInt8] = []
    /// The first byte of `pending` that hasn't been sent.
    private var head = 0

    /// The bytes that wait.
    var byteCount: Int { pending.count - head }

    /// Sends bytes as far as the peer takes them, after those that wait, and keeps the rest.
    /// - Parameter file: the socket; nil while it isn't connected.
    /// - Returns: false, having taken nothing, if `limit` bytes or more wait already.
    mutating func write(_ bytes: UnsafeRawBufferPointer, to file: Int32?) throws(ErrorNumber) -> Bool {
        guard byteCount < limit else { return false }
        var sentCount = 0
        if let file, byteCount == 0 { sentCount = try StreamOutput.send(bytes, to: file) }
        pending.append(contentsOf: bytes[sentCount...])
        return true
    }

    /// Sends what waits as far as the peer takes it; returns whether nothing waits any more.
    mutating func flush(to file: Int32) throws(ErrorNumber) -> Bool {
        while byteCount > 0 {
            let head = head
            let result = pending.withUnsafeBufferPointer { buffer in
                Result { () throws(ErrorNumber) in
                    try StreamOutput.send(
                        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[head...]), to: file)
                }
            }
            let count = try result.get()
            self.head += count
            if count == 0 { break }
        }
        if byteCount == 0 {
            pending.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= pending.count / 2 {
            pending.removeFirst(head)
            head = 0
        }
        return byteCount == 0
    }

    /// Forgets what waits, and the memory.
    mutating func removeAll() {
        pending = []
        head = 0
    }

    /// Sends as much as the system takes.
    private static func send(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(ErrorNumber) -> Int {
        var sentCount = 0
        while sentCount < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sentCount...])
            let count = retryingInterrupted { CLinux.send(file, rest.baseAddress, rest.count, oriel_msg_nosignal()) }
            if count < 0 {
                let code = oriel_errno()
                if IOError.isWouldBlock(code) { break }
                throw ErrorNumber(code: code)
            }
            sentCount += count
        }
        return sentCount
    }

    /// Reads what is there into `buffer`, which isn't empty.
    static func read(
        _ file: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ErrorNumber) -> StreamReadResult {
        let count = retryingInterrupted { recv(file, buffer.baseAddress, buffer.count, 0) }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        let code = oriel_errno()
        if IOError.isWouldBlock(code) { return .wouldBlock }
        throw ErrorNumber(code: code)
    }
}
