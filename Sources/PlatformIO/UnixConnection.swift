// Layer: PlatformIO. Uses: StreamOutput, libc. Used by: programs of one machine that talk to each other.
// A nonblocking connection between two programs of this machine, and who the other one is.

import CLinux
public import Primitives

/// A stream connection over a Unix-domain socket. Belongs to one thread at a time; closes with its last reference or by
/// `close`.
public final class UnixConnection {
    /// Who opened the other end, as the kernel noted it at that time.
    public struct Peer: Hashable, Sendable {
        /// The user, which no program can forge.
        public var userID: UInt32
        /// The process; nil where the system doesn't tell. It may have ended, and its number may be another's by now.
        public var processID: Int32?

        /// Makes a description of a peer.
        public init(userID: UInt32, processID: Int32?) {
            self.userID = userID
            self.processID = processID
        }
    }

    /// The path of the listener's socket.
    public let path: String
    /// Who is at the other end: for the one that connected, who listened; for the listener, who connected.
    public let peer: Peer
    /// Whether `close` has been called.
    public private(set) var isClosed = false
    /// Once this many bytes wait to be sent, `write` takes no more. 1 MiB unless set.
    public var pendingLimit: Int {
        get { output.limit }
        set { output.limit = newValue }
    }

    private var file: Int32
    private var output = StreamOutput()

    init(owning descriptor: consuming Descriptor, path: String) throws(IOError) {
        #if !os(Linux)
            try Socket.setOption(descriptor.number, SOL_SOCKET, SO_NOSIGPIPE, 1, "SO_NOSIGPIPE")
        #endif
        var process: pid_t = 0
        var user: uid_t = 0
        guard oriel_peer_of_unix(descriptor.number, &process, &user) == 0
        else { throw .last("ask who is at the other end of", path) }
        peer = Peer(userID: user, processID: process == 0 ? nil : process)
        self.path = path
        file = descriptor.release()
    }

    /// Connects to a listener's path, which succeeds or fails at once.
    /// - Throws: an error with `isNotFound` or `isRefused` if nobody listens there, with `isWouldBlock` if more
    ///   connections wait than the listener allows.
    public static func connect(to path: String) throws(IOError) -> UnixConnection {
        guard !path.utf8.contains(0) else { throw IOError(code: EINVAL, operation: "connect to", subject: path) }
        let descriptor = try Socket.open(AF_UNIX, type: streamSocketType)
        let result = retryingInterrupted { oriel_connect_unix(descriptor.number, path) }
        guard result == 0 else { throw .last("connect to", path) }
        return try UnixConnection(owning: descriptor, path: path)
    }

    deinit { close() }

    /// The descriptor for `EventLoop.register`; stays the connection's own.
    /// - Precondition: the connection is not closed.
    public var descriptor: Int32 {
        precondition(!isClosed, "the connection is closed")
        return file
    }

    /// What to register for now: reading, and writing while bytes wait.
    public var interest: Interest { isClosed ? [] : pendingByteCount > 0 ? [.read, .write] : .read }

    /// Reads what is there into `buffer`, which must not be empty. Never blocks.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(IOError) -> StreamReadResult {
        precondition(buffer.count > 0, "no room to read into")
        return try reporting("read from") { () throws(ErrorNumber) in try StreamOutput.read(file, into: buffer) }
    }

    /// Reads what is there, up to `limit` bytes, to the end of `bytes`. Never blocks.
    public func read(appendingTo bytes: inout [UInt8], limit: Int = 65_536) throws(IOError) -> StreamReadResult {
        try withUnsafeTemporaryAllocation(byteCount: limit, alignment: 16) { (room) throws(IOError) in
            let result = try read(into: room)
            if case .bytes(let count) = result { bytes.append(contentsOf: room[..<count]) }
            return result
        }
    }

    /// The bytes that were written here and wait for the peer to take them.
    public var pendingByteCount: Int { output.byteCount }

    /// Sends bytes; keeps what the peer doesn't take yet. Never blocks.
    ///
    /// Watch for `Interest.write` while bytes wait, and call `flush` then.
    /// - Returns: false, having taken nothing, if `pendingLimit` bytes or more wait already.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(IOError) -> Bool {
        if pendingByteCount > 0 { _ = try flush() }
        return try reporting("write to") { () throws(ErrorNumber) in try output.write(bytes, to: file) }
    }

    /// Sends bytes; see the form with a buffer.
    public func write(_ bytes: [UInt8]) throws(IOError) -> Bool {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(IOError) in try write(UnsafeRawBufferPointer(buffer)) }
        }
        return try result.get()
    }

    /// Sends what waits, as far as the peer takes it; returns whether nothing waits any more.
    public func flush() throws(IOError) -> Bool {
        try reporting("write to") { () throws(ErrorNumber) in try output.flush(to: file) }
    }

    /// Closes the connection; bytes that wait are given up. Unregister it from its event loop before.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        _ = CLinux.close(file)
        file = -1
        output.removeAll()
    }

    /// Blocks until reading (or writing) is possible or `timeout` has passed; nil waits for ever.
    public func wait(for interest: Interest, timeout: Interval?) throws(IOError) -> Bool {
        guard !isClosed else { throw IOError(code: ENOTCONN, operation: "wait for", subject: path) }
        var events: Int32 = 0
        if interest.contains(.read) { events |= Int32(POLLIN) }
        if interest.contains(.write) { events |= Int32(POLLOUT) }
        return try Socket.wait(file, for: events, timeout: timeout)
    }

    private func reporting<Result>(
        _ operation: String, _ body: () throws(ErrorNumber) -> Result
    ) throws(IOError) -> Result {
        guard !isClosed else { throw IOError(code: ENOTCONN, operation: operation, subject: path) }
        do throws(ErrorNumber) {
            return try body()
        } catch {
            throw IOError(code: error.code, operation: operation, subject: path)
        }
    }
}
