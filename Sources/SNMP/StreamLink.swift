// Layer: SNMP. Uses: PlatformIO (TCPConnection, EventLoop). Used by: SNMPManager, AgentServer, NotificationListener.
// SNMP over a stream (RFC 3430): messages follow one another, each with its length in its own header.

import PlatformIO
import Primitives
import SNMPCodec

/// A TCP connection that carries SNMP messages. On the loop's thread only.
final class StreamLink {
    /// What happens on the connection.
    enum Event {
        /// A whole message arrived; the buffer is valid during the call and may be written to.
        case message(UnsafeMutableRawBufferPointer)
        /// The connection is gone. Comes once, last.
        case closed(String)
    }

    private let connection: TCPConnection
    /// The connection's, also after it has closed itself.
    private let descriptor: Int32
    private let events: EventLoop
    private let handler: (Event) -> Void
    private var received: [UInt8] = []
    private var unsent: [[UInt8]] = []
    private var isClosed = false

    /// Starts to connect to `address`.
    convenience init(
        connectingTo address: SocketAddress, _ events: EventLoop, handler: @escaping (Event) -> Void
    ) throws(IOError) {
        try self.init(TCPConnection.connect(to: address), events, handler: handler)
    }

    /// Serves an accepted connection.
    init(_ connection: TCPConnection, _ events: EventLoop, handler: @escaping (Event) -> Void) throws(IOError) {
        self.connection = connection
        descriptor = connection.descriptor
        self.events = events
        self.handler = handler
        try events.register(descriptor, interest: connection.interest) { [weak self] readiness in
            self?.ready(readiness)
        }
    }

    var peerAddress: SocketAddress { connection.peerAddress }

    /// Sends a message, after those before it; while the connection is being made it waits.
    func send(_ message: [UInt8]) {
        guard !isClosed else { return }
        guard connection.state == .open else {
            // Requests are bounded by the engine's limits, and repeated ones are few.
            if unsent.count < 1_024 { unsent.append(message) }
            return
        }
        do throws(IOError) {
            // A peer that reads nothing loses what is beyond the connection's limit, like datagrams.
            _ = try connection.write(message)
            try events.setInterest(descriptor, connection.interest)
        } catch {
            end(error.description)
        }
    }

    /// Closes the connection without an event.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        events.unregister(descriptor)
        connection.close()
    }

    private func end(_ reason: String) {
        guard !isClosed else { return }
        close()
        handler(.closed(reason))
    }

    private func ready(_ readiness: Readiness) {
        do throws(IOError) {
            if connection.state != .open {
                guard try connection.finishConnecting() else { return }
                let waiting = unsent
                unsent = []
                for message in waiting { _ = try connection.write(message) }
            }
            if readiness.contains(.write) { _ = try connection.flush() }
            if !readiness.isDisjoint(with: [.read, .hangup, .error]) {
                let result = try connection.read(appendingTo: &received)
                deliver()
                if result == .end {
                    end("\(connection.peerAddress) closed the connection")
                    return
                }
            }
            guard !isClosed else { return }
            try events.setInterest(descriptor, connection.interest)
        } catch {
            end(error.description)
        }
    }

    /// Hands over the whole messages that have arrived.
    private func deliver() {
        var offset = 0
        while !isClosed, offset < received.count {
            let length: Int?
            do throws(BERError) {
                length = try MessageLayout.byteCount(
                    startingWith: received.span.bytes.extracting(offset..<received.count),
                    limit: SNMPLimits.maximumMessageByteCount)
            } catch {
                // There is no way to find the next message in a stream that lost its framing.
                end("\(connection.peerAddress) sent something that is not SNMP: \(error)")
                return
            }
            guard let length, length <= received.count - offset else { break }
            received.withUnsafeMutableBytes { bytes in
                handler(.message(UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + length])))
            }
            offset += length
        }
        if offset > 0 { received.removeFirst(offset) }
    }
}
