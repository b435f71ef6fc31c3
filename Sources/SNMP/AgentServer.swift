// Layer: SNMP. Uses: SNMPAgent, ServiceSockets. Used by: applications, the `agent` command.

import PlatformIO
import Primitives
import SNMPCodec
public import SNMPAgent
import SNMPEngine

/// Serves an agent on sockets. Answers leave from the address that was asked.
public final class AgentServer: @unchecked Sendable {
    private let loop: SNMPLoop
    private let ownsLoop: Bool
    private let sockets: ServiceSockets
    // On the loop's thread once started.
    private let agent: Agent
    private let reply: UnsafeMutableRawBufferPointer
    private let state = Locked(false)

    /// The endpoints as bound, with the ports that the system chose.
    public let endpoints: [ServiceEndpoint]

    /// Binds the endpoints and starts to answer. The standard port is 161.
    ///
    /// The agent belongs to the server from here on; reach it through `perform`.
    /// Throws `io` when an endpoint can't be bound; the error names it.
    public init(
        _ agent: sending Agent, endpoints: [ServiceEndpoint], receiveBufferByteCount: Int = 4 << 20,
        loop: SNMPLoop? = nil
    ) throws(SNMPServiceError) {
        self.agent = agent
        ownsLoop = loop == nil
        if let loop { self.loop = loop } else { self.loop = try SNMPLoop(name: "snmp-agent") }
        do throws(IOError) {
            sockets = try ServiceSockets(
                endpoints, receiveBufferByteCount: receiveBufferByteCount, self.loop.events)
        } catch {
            if ownsLoop { self.loop.stop() }
            throw .io(error)
        }
        self.endpoints = sockets.endpoints
        reply = .allocate(byteCount: SNMPLimits.maximumMessageByteCount, alignment: 16)
        self.loop.async { [weak self] in
            guard let self, !state.withLock({ $0 }) else { return }
            self.loop.atEnd(of: self) { [weak self] in self?.close() }
            // Failing to watch fresh descriptors takes a broken system; nothing would be answered.
            try? sockets.start(
                { [weak self] bytes, peer, local, _ in self?.receive(bytes, peer, local) }, afterBatch: {})
        }
    }

    deinit {
        close()
        reply.deallocate()
    }

    /// Runs `body` with the agent, on the server's thread, later: to register objects or change who may do what.
    public func perform(_ body: @escaping @Sendable (Agent) -> Void) {
        loop.async { [agent] in body(agent) }
    }

    /// Stops to answer and closes the sockets. Idempotent.
    public func close() {
        let wasClosed = state.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        guard !wasClosed else { return }
        loop.forget(self)
        if !loop.async({ [sockets] in sockets.stop() }) { sockets.stop() }
        if ownsLoop { loop.stop() }
    }

    private func receive(_ bytes: UnsafeMutableRawBufferPointer, _ peer: Peer, _ local: SocketAddress?) {
        // A datagram that was cut fails to parse, and is counted there.
        guard let range = agent.receive(bytes, from: peer.address, at: SystemClock.now, reply: reply) else { return }
        sockets.send(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(reply)[range]), to: peer, from: local)
    }
}
