// Layer: PlatformIO. Uses: StreamOutput, libc. Used by: stream transports and servers.
// A nonblocking TCP connection: connecting, reading, and writing with a bounded buffer for what the peer doesn't take.

import CLinux
public import Primitives

/// A TCP connection. Belongs to one thread at a time; closes with its last reference or by `close`.
public final class TCPConnection {
    /// Where a connection is in its life.
    public enum State: Equatable, Sendable {
        /// Waiting for the peer's answer.
        case connecting
        /// Ready for reading and writing.
        case open
        /// Closed on this side.
        case closed
    }

    /// What a read gave.
    public typealias ReadResult = StreamReadResult

    private var file: Int32
    /// The peer's address.
    public let peerAddress: SocketAddress
    /// Where the connection is in its life.
    public private(set) var state: State
    /// Once this many bytes wait to be sent, `write` takes no more. 1 MiB unless set.
    public var pendingLimit: Int {
        get { output.limit }
        set { output.limit = newValue }
    }

    private var output = StreamOutput()
    /// Whether the stream is to end when nothing waits any more.
    private var isEnding = false

    private init(_ descriptor: consuming Descriptor, peer: SocketAddress, state: State) throws(IOError) {
        // Requests and answers are small and complete when written; waiting to fill a segment only delays them.
        try Socket.setOption(descriptor.number, Int32(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
        #if !os(Linux)
            try Socket.setOption(descriptor.number, SOL_SOCKET, SO_NOSIGPIPE, 1, "SO_NOSIGPIPE")
        #endif
        peerAddress = peer
        self.state = state
        file = descriptor.release()
    }

    convenience init(accepting descriptor: consuming Descriptor, peer: SocketAddress) throws(IOError) {
        try self.init(descriptor, peer: peer, state: .open)
    }

    /// Starts to connect. Watch for `Interest.write`, then call `finishConnecting`.
    /// - Parameters:
    ///   - peer: where to connect to.
    ///   - source: the local address to connect from; nil lets the system choose.
    public static func connect(
        to peer: SocketAddress, from source: SocketAddress? = nil
    ) throws(IOError) -> TCPConnection {
        let descriptor = try Socket.open(peer.family, type: streamSocketType)
        if let source { try Socket.bind(descriptor.number, to: source) }
        let result = peer.withSystemAddress { oriel_connect(descriptor.number, $0, $1) }
        let code = result == 0 ? 0 : oriel_errno()
        guard code == 0 || code == EINPROGRESS || code == EINTR
        else { throw IOError(code: code, operation: "connect to", subject: peer.description) }
        return try TCPConnection(descriptor, peer: peer, state: code == 0 ? .open : .connecting)
    }

    deinit { close() }

    /// The descriptor for `EventLoop.register`; stays the connection's own.
    /// - Precondition: the connection is not closed.
    public var descriptor: Int32 {
        precondition(state != .closed, "the connection is closed")
        return file
    }

    /// What to register for now: writing while connecting or while bytes wait, reading once open.
    public var interest: Interest {
        switch state {
        case .connecting: .write
        case .open: pendingByteCount > 0 ? [.read, .write] : .read
        case .closed: []
        }
    }

    /// Asks whether the attempt to connect has ended.
    /// - Returns: true once the connection is open, false while it is under way.
    /// - Throws: the reason why there is no connection, such as `ECONNREFUSED`; the connection is then closed.
    public func finishConnecting() throws(IOError) -> Bool {
        if state == .open { return true }
        try checkOpen("connect to")
        guard try Socket.wait(file, for: Int32(POLLOUT), timeout: .zero) else { return false }
        let code = try Socket.takeError(file)
        guard code == 0 else {
            close()
            throw failure("connect to", code)
        }
        state = .open
        return true
    }

    /// Reads what is there into `buffer`, which must not be empty. Never blocks.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(IOError) -> ReadResult {
        precondition(buffer.count > 0, "no room to read into")
        try checkOpen("read from")
        return try reporting("read from") { () throws(ErrorNumber) in try StreamOutput.read(file, into: buffer) }
    }

    /// Reads what is there, up to `limit` bytes, to the end of `bytes`. Never blocks.
    public func read(appendingTo bytes: inout [UInt8], limit: Int = 65_536) throws(IOError) -> ReadResult {
        // Not read into the array itself: that would clear the room for it first, each time.
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
    /// While connecting everything is kept. Watch for `Interest.write` while bytes wait, and call `flush` then.
    /// - Returns: false, having taken nothing, if `pendingLimit` bytes or more wait already: stop producing.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(IOError) -> Bool {
        try checkOpen("write to")
        if state == .open && pendingByteCount > 0 { _ = try flush() }
        let isOpen = state == .open
        return try reporting("write to") { () throws(ErrorNumber) in
            try output.write(bytes, to: isOpen ? file : nil)
        }
    }

    /// Sends bytes; see the form with a buffer.
    public func write(_ bytes: [UInt8]) throws(IOError) -> Bool {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(IOError) in try write(UnsafeRawBufferPointer(buffer)) }
        }
        return try result.get()
    }

    /// Sends what waits, as far as the peer takes it.
    /// - Returns: whether nothing waits any more. While connecting nothing is sent.
    public func flush() throws(IOError) -> Bool {
        try checkOpen("write to")
        guard state == .open else { return pendingByteCount == 0 }
        let isEmpty = try reporting("write to") { () throws(ErrorNumber) in try output.flush(to: file) }
        if isEmpty && isEnding { try shutDownWriting() }
        return isEmpty
    }

    /// Tells the peer that nothing more will be written, once what waits has been sent; reading goes on.
    public func endWriting() throws(IOError) {
        try checkOpen("end the stream to")
        isEnding = true
        _ = try flush()
    }

    private func shutDownWriting() throws(IOError) {
        #if os(Linux)
            let direction = Int32(SHUT_WR)
        #else
            let direction = SHUT_WR
        #endif
        isEnding = false
        guard shutdown(file, direction) == 0 else { throw failure("end the stream to", oriel_errno()) }
    }

    /// Closes the connection; bytes that wait are given up. Unregister it from its event loop before.
    public func close() {
        guard state != .closed else { return }
        state = .closed
        _ = CLinux.close(file)
        file = -1
        output.removeAll()
    }

    /// Blocks until reading (or writing) is possible or `timeout` has passed; nil waits for ever.
    public func wait(for interest: Interest, timeout: Interval?) throws(IOError) -> Bool {
        try checkOpen("wait for")
        var events: Int32 = 0
        if interest.contains(.read) { events |= Int32(POLLIN) }
        if interest.contains(.write) { events |= Int32(POLLOUT) }
        return try Socket.wait(file, for: events, timeout: timeout)
    }

    private func checkOpen(_ operation: String) throws(IOError) {
        guard state != .closed else { throw failure(operation, ENOTCONN) }
    }

    private func reporting<Result>(
        _ operation: String, _ body: () throws(ErrorNumber) -> Result
    ) throws(IOError) -> Result {
        do throws(ErrorNumber) { return try body() } catch { throw failure(operation, error.code) }
    }

    private func failure(_ operation: String, _ code: Int32) -> IOError {
        IOError(code: code, operation: operation, subject: peerAddress.description)
    }
}
