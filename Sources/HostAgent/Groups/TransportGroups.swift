// Layer: HostAgent/Groups. Uses: Readings. Used by: HostAgent.
// TCP-MIB (RFC 4022) and UDP-MIB (RFC 4113), with the tables of their predecessors for IPv4. The process behind a
// socket is reported as 0, "not known": finding it would take a look at every open file of every process.

import SNMPCodec

private enum TCPState {
    /// The kernel's number of listening sockets.
    static let listen: UInt8 = 10
    /// tcpConnState by the kernel's number: established(5), synSent(3), synReceived(4), finWait1(6), finWait2(7),
    /// timeWait(11), closed(1), closeWait(8), lastAck(9), listen(2), closing(10), and again synReceived(4).
    static let table: [Int32] = [5, 3, 4, 6, 7, 11, 1, 8, 9, 2, 10, 4]

    static func value(_ state: UInt8) -> SNMPValue? {
        state >= 1 && Int(state) <= table.count ? .integer(table[Int(state) - 1]) : nil
    }
}

extension NetworkSocket {
    /// An address and a port as both IPv4 tables have them in their indexes.
    private static func ipv4Index(_ address: NetworkAddress, _ port: UInt16) -> [UInt32] {
        address.octets.map { UInt32($0) } + [UInt32(port)]
    }

    private var localIndex: [UInt32] { localAddress.index + [UInt32(localPort)] }
    private var remoteIndex: [UInt32] { remoteAddress.index + [UInt32(remotePort)] }

    /// tcpConnEntry, of IPv4 only.
    fileprivate var connEntry: Row? {
        guard let local = localAddress.ipv4, let remote = remoteAddress.ipv4, let state = TCPState.value(self.state)
        else { return nil }
        return Row(
            NetworkSocket.ipv4Index(localAddress, localPort) + NetworkSocket.ipv4Index(remoteAddress, remotePort),
            [
                state, .ipAddress(local), .integer(Int32(localPort)), .ipAddress(remote), .integer(Int32(remotePort)),
            ])
    }

    /// tcpConnectionEntry.
    fileprivate var connectionEntry: Row? {
        guard state != TCPState.listen, let state = TCPState.value(state) else { return nil }
        return Row(localIndex + remoteIndex, [state, .gauge32(0)])
    }

    /// tcpListenerEntry.
    fileprivate var listenerEntry: Row? {
        state == TCPState.listen ? Row(localIndex, [.gauge32(0)]) : nil
    }

    /// udpEntry, of IPv4 only.
    fileprivate var udpEntry: Row? {
        localAddress.ipv4.map {
            Row(NetworkSocket.ipv4Index(localAddress, localPort), [.ipAddress($0), .integer(Int32(localPort))])
        }
    }

    /// udpEndpointEntry. A socket without a peer has the address type unknown(0) and no address for it; the last arc of
    /// the index tells sockets of the same addresses apart.
    fileprivate var endpointEntry: Row {
        let hasPeer = !remoteAddress.isUnspecified || remotePort != 0
        return Row(
            localIndex + (hasPeer ? remoteIndex : [0, 0, 0]) + [max(UInt32(truncatingIfNeeded: inode), 1)],
            [.gauge32(0)])
    }
}

/// TCP-MIB.
func tcpBindings(_ counters: NamedNumbers, sockets: [NetworkSocket]?) -> [VarBind] {
    var list = BindingList(HostGroup.tcp.root)
    let sockets = sockets ?? []
    func counter(_ arc: UInt32, _ name: String) {
        list.scalar(arc, value: counters[name].map { .counter32(wrapping: $0) })
    }
    list.scalar(1, value: counters["TcpRtoAlgorithm"].map { .integer(clamping: $0) })
    list.scalar(2, value: counters["TcpRtoMin"].map { .integer(clamping: $0) })
    list.scalar(3, value: counters["TcpRtoMax"].map { .integer(clamping: $0) })
    // -1 where there is no fixed limit.
    list.scalar(4, value: counters["TcpMaxConn"].map { .integer(Int32(clamping: Int64(bitPattern: $0))) })
    counter(5, "TcpActiveOpens")
    counter(6, "TcpPassiveOpens")
    counter(7, "TcpAttemptFails")
    counter(8, "TcpEstabResets")
    list.scalar(9, value: counters["TcpCurrEstab"].map { .gauge32(clamping: $0) })
    counter(10, "TcpInSegs")
    counter(11, "TcpOutSegs")
    counter(12, "TcpRetransSegs")
    list.table([13, 1], columns: Array(1...5), sockets.compactMap(\.connEntry))
    counter(14, "TcpInErrs")
    counter(15, "TcpOutRsts")
    list.scalar(17, value: counters["TcpInSegs"].map { .counter64($0) })
    list.scalar(18, value: counters["TcpOutSegs"].map { .counter64($0) })
    list.table([19, 1], columns: [7, 8], sockets.compactMap(\.connectionEntry))
    list.table([20, 1], columns: [4], sockets.compactMap(\.listenerEntry))
    return list.bindings
}

/// UDP-MIB. The kernel counts IPv4 and IPv6 apart; the group is about both.
func udpBindings(_ counters: NamedNumbers, sockets: [NetworkSocket]?) -> [VarBind] {
    var list = BindingList(HostGroup.udp.root)
    let sockets = sockets ?? []
    func sum(_ name: String) -> UInt64? { counters["Udp" + name].map { $0 &+ (counters["Udp6" + name] ?? 0) } }
    let received = sum("InDatagrams")
    let sent = sum("OutDatagrams")
    list.scalar(1, value: received.map { .counter32(wrapping: $0) })
    list.scalar(2, value: sum("NoPorts").map { .counter32(wrapping: $0) })
    list.scalar(3, value: sum("InErrors").map { .counter32(wrapping: $0) })
    list.scalar(4, value: sent.map { .counter32(wrapping: $0) })
    list.table([5, 1], columns: [1, 2], sockets.compactMap(\.udpEntry))
    list.table([7, 1], columns: [8], sockets.map(\.endpointEntry))
    list.scalar(8, value: received.map { .counter64($0) })
    list.scalar(9, value: sent.map { .counter64($0) })
    return list.bindings
}
