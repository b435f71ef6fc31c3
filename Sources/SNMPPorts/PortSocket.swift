// Layer: SNMPPorts. Uses: PlatformIO (UDPSocket), PortLoop. Used by: DatagramPort, SharedDatagramPort.
// A bound socket: receives on the loop's thread, sends from any. Threads that send share a lock, which receiving does
// not need.
// Memory: what a handler gets is a slot of the socket, which nobody else touches until the next batch is received; that
// is when the handler has returned.

import PlatformIO
import Primitives

/// A socket of a port, and what waits to leave from it.
final class PortSocket: @unchecked Sendable {
    typealias Handler = (UnsafeMutableRawBufferPointer, SocketAddress, SocketAddress?, Bool) -> Void

    /// Batches received before others on the loop get their turn.
    private static let batchesPerRound = 16

    let localAddress: SocketAddress
    private let loop: PortLoop

    private let lock = Lock()
    // Guarded by `lock`. The socket is nil once closed.
    private var socket: UDPSocket?
    private var queue = DatagramQueue(byteLimit: 4 << 20, datagramLimit: 65_536)
    /// Whether the queue waits for room in the kernel's buffer.
    private var isFull = false

    // The loop's thread only.
    private var handler: Handler?
    private var afterBatch: () -> Void = {}

    /// Binds an address. An IPv6 socket is for IPv6 only.
    init(_ address: SocketAddress, loop: PortLoop, receiveBufferByteCount: Int) throws(IOError) {
        var options = UDPSocket.Options()
        options.receiveBufferByteCount = receiveBufferByteCount
        options.isIPv6Only = true
        let socket = try Self.bind(address, options)
        localAddress = socket.localAddress
        self.socket = socket
        self.loop = loop
    }

    /// Binds an address. A port that is taken is tried again for 100 ms: while a program starts another one, the child
    /// has copies of all its ports until the other program runs, also of those that are closed meanwhile.
    private static func bind(_ address: SocketAddress, _ options: UDPSocket.Options) throws(IOError) -> UDPSocket {
        for _ in 0..<20 {
            do throws(IOError) {
                return try UDPSocket(binding: address, options: options)
            } catch {
                guard error.isAddressInUse else { throw error }
                SystemClock.sleep(.milliseconds(5))
            }
        }
        return try UDPSocket(binding: address, options: options)
    }

    // MARK: The loop's thread

    /// Starts to receive; `afterBatch` runs after each group of datagrams.
    func start(_ handler: @escaping Handler, afterBatch: @escaping () -> Void = {}) {
        guard let socket = current else { return }
        self.handler = handler
        self.afterBatch = afterBatch
        // Failing to watch a fresh descriptor takes a system without memory; then nothing is received.
        try? loop.events.register(socket.descriptor, interest: .read) { self.ready($0) }
        // Something may have been sent, and not all of it, before.
        if lock.withLock({ isFull }) { try? loop.events.setInterest(socket.descriptor, [.read, .write]) }
    }

    /// Gives the address back; what waits to be sent is given up. No call of the handler follows.
    func close() {
        let socket = lock.withLock {
            defer { self.socket = nil }
            queue.removeAll()
            return self.socket
        }
        if let socket { loop.events.unregister(socket.descriptor) }
        handler = nil
        afterBatch = {}
    }

    private var current: UDPSocket? { lock.withLock { socket } }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.write) { flush() }
        for _ in 0..<PortSocket.batchesPerRound {
            guard let socket = current else { return }
            // An unusable socket receives nothing, and others go on.
            let count = try? socket.receiveBatch { bytes, source, local, isTruncated in
                // Nil once one of the batch has led to closing. The slots are the socket's own writable memory.
                handler?(UnsafeMutableRawBufferPointer(mutating: bytes), source, local, isTruncated)
            }
            afterBatch()
            guard let count, count == 64 else { return }
        }
    }

    private func flush() {
        let file = lock.withLock { () -> Int32? in
            guard let socket else { return nil }
            _ = try? socket.sendBatch(&queue)
            isFull = !queue.isEmpty
            return isFull ? nil : socket.descriptor
        }
        if let file { try? loop.events.setInterest(file, .read) }
    }

    // MARK: From any thread

    /// Sends a datagram after those that wait; drops it if too much waits.
    func send(_ message: RawSpan, to destination: SocketAddress, from source: SocketAddress?) {
        // An address of the other family can't be a source here; the system then chooses.
        let source = source?.family == localAddress.family ? source : nil
        let isNewlyFull = lock.withLock { () -> Bool in
            guard let socket, destination.family == localAddress.family else { return false }
            queue.append(message, to: destination, from: source)
            guard !isFull else { return false }
            // What the network refuses is dropped; whoever wants it repeats it.
            _ = try? socket.sendBatch(&queue)
            isFull = !queue.isEmpty
            return isFull
        }
        if isNewlyFull { loop.async { self.watchForRoom() } }
    }

    private func watchForRoom() {
        guard let socket = current, handler != nil, lock.withLock({ isFull }) else { return }
        try? loop.events.setInterest(socket.descriptor, [.read, .write])
    }
}
