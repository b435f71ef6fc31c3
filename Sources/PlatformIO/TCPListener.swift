// Layer: PlatformIO. Uses: TCPConnection, libc. Used by: servers on stream transports.
// A listening TCP socket.

import CLinux
public import Primitives

/// A nonblocking TCP socket that accepts connections. Belongs to one thread at a time; closes with its last reference.
public final class TCPListener {
    private let file: Descriptor
    /// The address it listens on, with the port the system chose if 0 was asked for.
    public let localAddress: SocketAddress

    /// Listens on an address.
    ///
    /// A port whose last connections are winding down can be taken again at once (`SO_REUSEADDR`); a port that another
    /// program listens on can't.
    /// - Parameters:
    ///   - backlog: connections that may wait to be accepted.
    ///   - isIPv6Only: refuses IPv4 on an IPv6 socket.
    public init(binding address: SocketAddress, backlog: Int32 = 128, isIPv6Only: Bool = false) throws(IOError) {
        file = try Socket.open(address.family, type: streamSocketType)
        try Socket.setOption(file.number, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
        if address.family == .ipv6 {
            try Socket.setOption(file.number, protocolIPv6, IPV6_V6ONLY, isIPv6Only ? 1 : 0, "IPV6_V6ONLY")
        }
        try Socket.bind(file.number, to: address)
        guard listen(file.number, backlog) == 0 else { throw .last("listen on", address.description) }
        localAddress = try SocketAddress.local(of: file.number)
    }

    /// The descriptor for `EventLoop.register`; stays the listener's own.
    public var descriptor: Int32 { file.number }

    /// Takes the next waiting connection; nil if none waits.
    /// - Throws: for lack of descriptors or memory. The connection then still waits: pause before trying again.
    public func accept() throws(IOError) -> TCPConnection? {
        while true {
            var storage = sockaddr_in6()
            var length = socklen_t(socketAddressByteCount)
            let number = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    oriel_accept(file.number, $0, &length)
                }
            }
            if number >= 0 {
                let peer = withUnsafeBytes(of: &storage) { bytes in
                    bytes.baseAddress.flatMap { SocketAddress(system: $0, byteCount: Int(length)) }
                }
                let connection = Descriptor(owning: number)
                guard let peer else { continue }
                return try TCPConnection(accepting: connection, peer: peer.normalized)
            }
            let code = oriel_errno()
            if IOError.isWouldBlock(code) { return nil }
            // These tell of a connection that ended while it waited (accept(2)), not of the listener.
            guard code == EINTR || code == ECONNABORTED || IOError.isUnreachable(code)
            else { throw IOError(code: code, operation: "accept a connection on", subject: localAddress.description) }
        }
    }

    /// Blocks until a connection waits or `timeout` has passed; nil waits for ever.
    public func waitReadable(timeout: Interval?) throws(IOError) -> Bool {
        try Socket.wait(file.number, for: Int32(POLLIN), timeout: timeout)
    }
}
