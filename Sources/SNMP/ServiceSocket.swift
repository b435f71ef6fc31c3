// Layer: SNMP. Uses: PlatformIO, StreamLink. Used by: NotificationListener, AgentServer.
// What services that wait for messages have in common: bound sockets, accepted connections, and replies that leave from
// the address that was asked. On the loop's thread, but for the counters.

import PlatformIO
public import Primitives
import SNMPCodec
public import SNMPEngine

/// Where a service listens.
public struct ServiceEndpoint: Hashable, Sendable {
    /// The local address and port; port 0 lets the system choose.
    public var address: SocketAddress
    /// Datagrams or connections.
    public var transport: Transport

    /// Makes an endpoint.
    public init(_ address: SocketAddress, _ transport: Transport = .udp) {
        self.address = address
        self.transport = transport
    }
}

/// The sockets of a service.
final class ServiceSockets {
    /// Takes a message: bytes that may be written to and are valid during the call, the sender, the local address, and
    /// whether the end is missing.
    typealias Receiver = (UnsafeMutableRawBufferPointer, Peer, SocketAddress?, Bool) -> Void

    /// Connections at once; beyond it the oldest one makes room for a new one.
    static let maximumConnections = 1_024

    private let events: EventLoop
    // Empty once stopped.
    private var udp: [UDPSocket]
    private var tcp: [TCPListener]
    private var links: [SocketAddress: StreamLink] = [:]
    private var linkOrder: [SocketAddress] = []
    private var receiver: Receiver?
    private var afterBatch: () -> Void = {}
    private var queues: [DatagramQueue]

    /// Binds all endpoints, or none.
    init(_ endpoints: [ServiceEndpoint], receiveBufferByteCount: Int, _ events: EventLoop) throws(IOError) {
        self.events = events
        var udp: [UDPSocket] = []
        var tcp: [TCPListener] = []
        var bound: [ServiceEndpoint] = []
        for endpoint in endpoints {
            switch endpoint.transport {
            case .udp:
                var options = UDPSocket.Options()
                options.receiveBufferByteCount = receiveBufferByteCount
                options.isIPv6Only = endpoint.address.family == .ipv6
                let socket = try UDPSocket(binding: endpoint.address, options: options)
                udp.append(socket)
                bound.append(ServiceEndpoint(socket.localAddress, .udp))
            case .tcp:
                let listener = try TCPListener(
                    binding: endpoint.address, isIPv6Only: endpoint.address.family == .ipv6)
                tcp.append(listener)
                bound.append(ServiceEndpoint(listener.localAddress, .tcp))
            }
        }
        self.endpoints = bound
        self.udp = udp
        self.tcp = tcp
        queues = udp.map { _ in DatagramQueue() }
    }

    /// The endpoints as bound, in their order, with the ports that the system chose.
    let endpoints: [ServiceEndpoint]

    /// Datagrams that the kernel dropped because the sockets' buffers were full; 0 after the end.
    var kernelDropCount: UInt64 { udp.reduce(0) { $0 + $1.droppedCount } }

    /// Starts to receive. `afterBatch` runs after each round of messages.
    func start(_ receiver: @escaping Receiver, afterBatch: @escaping () -> Void) throws(IOError) {
        self.receiver = receiver
        self.afterBatch = afterBatch
        for (index, socket) in udp.enumerated() {
            try events.register(socket.descriptor, interest: .read) { [weak self] readiness in
                self?.ready(index, readiness)
            }
        }
        for listener in tcp {
            try events.register(listener.descriptor, interest: .read) { [weak self] _ in self?.accept(listener) }
        }
    }

    /// Stops and closes everything.
    func stop() {
        for socket in udp { events.unregister(socket.descriptor) }
        for listener in tcp { events.unregister(listener.descriptor) }
        for link in links.values { link.close() }
        links = [:]
        linkOrder = []
        receiver = nil
        queues = []
        udp = []
        tcp = []
    }

    /// Queues a message for a peer; datagrams leave from `source`, when it is given, with the next `flush`.
    func send(_ message: UnsafeRawBufferPointer, to peer: Peer, from source: SocketAddress?) {
        guard peer.transport == .udp else {
            links[peer.address]?.send([UInt8](message))
            return
        }
        let usable = udp.indices.filter { udp[$0].localAddress.family == peer.address.family }
        // The socket of exactly that address; else one that is bound to its port; else any.
        let index =
            usable.first { udp[$0].localAddress == source }
            ?? usable.first { udp[$0].localAddress.port == source?.port && udp[$0].localAddress.isAny } ?? usable.first
        guard let index else { return }
        queues[index].append(message, to: peer.address, from: source)
    }

    /// Sends what was queued.
    func flush() {
        for index in udp.indices where !queues[index].isEmpty {
            // A datagram that can't be sent is repeated by whoever wants it.
            _ = try? udp[index].sendBatch(&queues[index])
            let interest: Interest = queues[index].isEmpty ? .read : [.read, .write]
            try? events.setInterest(udp[index].descriptor, interest)
        }
    }

    private func ready(_ index: Int, _ readiness: Readiness) {
        if readiness.contains(.write) { flush() }
        // Bounded, so that a flood can't keep other sockets from being served.
        for _ in 0..<16 {
            guard udp.indices.contains(index) else { return }
            let socket = udp[index]
            let count = try? socket.receiveBatch { bytes, source, local, isTruncated in
                // The memory is the socket's and writable; it stays until the next batch.
                receiver?(UnsafeMutableRawBufferPointer(mutating: bytes), Peer(source), local, isTruncated)
            }
            afterBatch()
            flush()
            guard let count, count == 64 else { break }
        }
    }

    private func accept(_ listener: TCPListener) {
        while let connection = try? listener.accept() {
            let address = connection.peerAddress
            let link = try? StreamLink(connection, events) { [weak self] event in
                guard let self else { return }
                switch event {
                case .message(let bytes):
                    receiver?(bytes, Peer(address, .tcp), nil, false)
                    afterBatch()
                case .closed: forget(address)
                }
            }
            guard let link else { continue }
            // A peer that was reset and is back from the same port, before its old connection was seen to end.
            links[address]?.close()
            forget(address)
            if links.count >= ServiceSockets.maximumConnections, let oldest = linkOrder.first {
                links[oldest]?.close()
                forget(oldest)
            }
            links[address] = link
            linkOrder.append(address)
        }
    }

    private func forget(_ address: SocketAddress) {
        links[address] = nil
        linkOrder.removeAll { $0 == address }
    }
}
