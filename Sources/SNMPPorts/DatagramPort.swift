// Layer: SNMPPorts. Uses: PortSocket, PortLoop. Used by: whoever answers from the port where it was asked.
// Memory: see PortSocket; receivers get its slots.

import PlatformIO
public import Primitives

/// Takes a datagram on the loop's thread: its octets, which are valid and may be written to during the call; who sent
/// it; the local address that it came to, with the port, or nil for one that came to a multicast address; and whether
/// its end is missing.
///
/// May send, close ports and open ports. A receiver that takes long delays all ports of its loop.
public typealias PortReceiver =
    @Sendable (
        _ datagram: UnsafeMutableRawBufferPointer, _ source: SocketAddress, _ local: SocketAddress?, _ isTruncated: Bool
    ) -> Void

/// A UDP port that one program has for itself. Closes with its last reference or by `close`.
public final class DatagramPort: Sendable {
    private let socket: PortSocket
    private let loop: PortLoop

    /// Binds an address and starts to receive.
    /// - Parameters:
    ///   - address: port 0 takes a free one; `::` serves IPv6 only.
    ///   - receiveBufferByteCount: the wanted size of the kernel's buffer for what hasn't been received; the kernel may
    ///     grant less.
    ///   - receiver: see `PortReceiver`.
    public init(
        _ address: SocketAddress, loop: PortLoop, receiveBufferByteCount: Int, receiver: @escaping PortReceiver
    ) throws(PortError) {
        let socket: PortSocket
        do throws(IOError) {
            socket = try PortSocket(address.normalized, loop: loop, receiveBufferByteCount: receiveBufferByteCount)
        } catch {
            throw PortFailure(error: error, address: address).portError
        }
        self.socket = socket
        self.loop = loop
        let isAccepted = loop.async {
            // The address stays bound, and the socket in the loop's hands, until it is closed.
            loop.atEnd(of: socket) { socket.close() }
            socket.start(receiver)
        }
        guard isAccepted else { throw .io(.stopped("open a port on", address.description)) }
    }

    deinit { loop.async { [socket, loop] in DatagramPort.end(socket, loop) } }

    /// The bound address, with the port that the system chose if 0 was asked for.
    public var localAddress: SocketAddress { socket.localAddress }

    /// Sends a datagram from this port, from any thread, without waiting.
    ///
    /// Datagrams leave in the order of the calls. One that the network refuses, or for which too much waits already
    /// (4 MiB), is dropped. After `close` nothing is sent.
    /// - Parameters:
    ///   - destination: of the port's address family; another one is not sent to.
    ///   - source: the local address to send from, such as the one that a request came to; nil lets the system choose.
    public func send(_ message: [UInt8], to destination: SocketAddress, from source: SocketAddress?) {
        socket.send(message.span.bytes, to: destination, from: source)
    }

    /// Gives the port back. Idempotent, from any thread.
    ///
    /// When it returns, the address is free, and no call of the receiver runs or will run; unless it is called from a
    /// receiver on this port's loop, which it doesn't wait for. Elsewhere don't call it with a lock that the receiver
    /// takes.
    public func close() { loop.perform { [socket, loop] in DatagramPort.end(socket, loop) } }

    private static func end(_ socket: PortSocket, _ loop: PortLoop) {
        socket.close()
        loop.forget(socket)
    }
}
