// Layer: PlatformIO. Uses: Primitives (SocketAddress). Used by: UDPSocket.sendBatch and the drivers that fill it.
// Datagrams waiting to be sent, in one block of bytes that is used again and again: after the first rounds, queueing
// and sending allocate nothing.

public import Primitives

/// A first-in first-out queue of datagrams for `UDPSocket.sendBatch`.
public struct DatagramQueue: Sendable {
    struct Entry {
        var offset: Int
        var byteCount: Int
        var destination: SocketAddress
        var source: SocketAddress?
    }

    private(set) var arena: [UInt8] = []
    private(set) var entries: [Entry] = []
    /// The first entry that hasn't been sent.
    private(set) var head = 0

    /// The most bytes that may wait; `append` refuses more. Bounds the memory when the network takes nothing.
    public let byteLimit: Int
    /// The most datagrams that may wait; bounds the memory for datagrams with few bytes or none.
    public let datagramLimit: Int

    /// Makes an empty queue.
    /// - Parameters:
    ///   - byteLimit: the most bytes that may wait, 16 MiB unless told.
    ///   - datagramLimit: the most datagrams that may wait, 262,144 unless told.
    ///   - reservedBytes: room to have from the start.
    ///   - reservedDatagrams: entries to have room for from the start.
    public init(
        byteLimit: Int = 16 << 20, datagramLimit: Int = 1 << 18, reservedBytes: Int = 0, reservedDatagrams: Int = 0
    ) {
        self.byteLimit = byteLimit
        self.datagramLimit = datagramLimit
        arena.reserveCapacity(reservedBytes)
        entries.reserveCapacity(reservedDatagrams)
    }

    /// The number of datagrams that wait.
    public var count: Int { entries.count - head }

    /// Whether no datagram waits.
    public var isEmpty: Bool { head == entries.count }

    /// The number of bytes that wait.
    public var byteCount: Int { isEmpty ? 0 : arena.count - entries[head].offset }

    /// Queues a copy of `bytes`.
    /// - Parameters:
    ///   - destination: where to send it.
    ///   - source: the local address to send it from, such as the one a request came to; nil lets the system choose.
    /// - Returns: false if the queue is full; nothing is queued then.
    @discardableResult
    public mutating func append(
        _ bytes: UnsafeRawBufferPointer, to destination: SocketAddress, from source: SocketAddress? = nil
    ) -> Bool {
        guard bytes.count <= byteLimit - byteCount, count < datagramLimit else { return false }
        reclaim(for: bytes.count)
        entries.append(
            Entry(offset: arena.count, byteCount: bytes.count, destination: destination, source: source))
        arena.append(contentsOf: bytes)
        return true
    }

    /// Queues a copy of `bytes`; see the form with a buffer.
    @discardableResult
    public mutating func append(
        _ bytes: RawSpan, to destination: SocketAddress, from source: SocketAddress? = nil
    ) -> Bool {
        bytes.withUnsafeBytes { append($0, to: destination, from: source) }
    }

    /// Queues a copy of `bytes`; see the form with a buffer.
    @discardableResult
    public mutating func append(
        _ bytes: [UInt8], to destination: SocketAddress, from source: SocketAddress? = nil
    ) -> Bool {
        append(bytes.span.bytes, to: destination, from: source)
    }

    /// Forgets everything that waits; keeps the memory.
    public mutating func removeAll() {
        arena.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        head = 0
    }

    /// Calls `body` with bytes, destination and source of the datagram at `index`, 0 being the next to go.
    ///
    /// For drivers that send by other means than a socket.
    /// - Precondition: `index` is in `0..<count`.
    public func withDatagram<Result>(
        at index: Int, _ body: (UnsafeRawBufferPointer, SocketAddress, SocketAddress?) -> Result
    ) -> Result {
        precondition(index >= 0 && index < count, "no such datagram")
        let entry = entries[head + index]
        return arena.withUnsafeBufferPointer { arena in
            let bytes = UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(arena)[entry.offset..<(entry.offset + entry.byteCount)])
            return body(bytes, entry.destination, entry.source)
        }
    }

    /// Forgets the first `count` datagrams that wait.
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "more removed than queued")
        head += count
        if head == entries.count { removeAll() }
    }

    /// Moves what waits to the front once at least half of the block is spent, so that a queue that never runs empty
    /// neither grows without end nor moves its bytes at every call.
    private mutating func reclaim(for byteCount: Int) {
        guard head > 0, head >= entries.count - head else { return }
        let spent = entries[head].offset
        guard spent >= arena.count - spent, arena.count + byteCount > arena.capacity || head > 4_096 else { return }
        arena.removeFirst(spent)
        entries.removeFirst(head)
        head = 0
        for index in entries.indices { entries[index].offset -= spent }
    }
}
