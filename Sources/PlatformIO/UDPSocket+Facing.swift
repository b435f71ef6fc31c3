// Layer: PlatformIO. Uses: libc. Used by: whoever has to name this host to a peer.

import CLinux
public import Primitives

extension UDPSocket {
    /// Whether datagrams can leave from an address: it is one of this machine's.
    public static func isLocal(_ address: SocketAddress) -> Bool {
        guard let descriptor = try? Socket.open(address.family, type: datagramSocketType) else { return false }
        return (try? Socket.bind(descriptor.number, to: address.with(port: 0))) != nil
    }

    /// The local address, without a port, that datagrams to `peer` leave from; nil when there is no way to it. Sends
    /// nothing.
    public static func localAddress(facing peer: SocketAddress) -> SocketAddress? {
        guard let descriptor = try? Socket.open(peer.family, type: datagramSocketType) else { return nil }
        let number = descriptor.number
        guard peer.withSystemAddress({ oriel_connect(number, $0, $1) }) == 0,
            let address = try? SocketAddress.local(of: number)
        else { return nil }
        return address.normalized.with(port: 0)
    }
}
