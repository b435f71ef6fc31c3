// Layer: SNMPEngine. Uses: Primitives. Used by: targets, drivers.

public import Primitives

/// How messages travel.
public enum Transport: UInt8, Hashable, Sendable {
    /// One message in each datagram (RFC 3417).
    case udp
    /// Messages one after the other in a stream (RFC 3430).
    case tcp
}

/// The other end of an exchange: an address and the way to it.
public struct Peer: Hashable, Sendable {
    /// Where it is.
    public var address: SocketAddress
    /// How to reach it.
    public var transport: Transport

    /// Makes a peer.
    @inlinable
    public init(_ address: SocketAddress, _ transport: Transport = .udp) {
        self.address = address
        self.transport = transport
    }
}

extension Peer: CustomStringConvertible {
    /// `udp:192.0.2.1:161`, `tcp:[2001:db8::1]:161`.
    public var description: String { "\(transport):\(address)" }
}
