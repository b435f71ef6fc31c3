// Layer: SNMP. Uses: SNMPEngine, PlatformIO. Used by: SNMPTarget, WinSNMP, applications.
// Drives a ManagerEngine with sockets and a clock. One UDP socket for each address family serves all targets.
//
// Threads: the engine is guarded by `lock`. Requests may come from any thread, which then also sends them. Replies and
// deadlines are handled on the loop's thread; completions run there too, outside the lock. Requests that completions
// submit are sent together after the last completion of a round.

import PlatformIO
public import Primitives
public import SNMPCodec
public import SNMPEngine
import SNMPSecurity

/// A manager: sends requests to any number of devices and hands their responses back.
public final class SNMPManager: @unchecked Sendable {
    /// What a manager is made with.
    public struct Options: Sendable {
        /// Local IPv4 address and port; port 0 lets the system choose.
        public var localIPv4 = SocketAddress.anyIPv4(port: 0)
        /// Local IPv6 address and port.
        public var localIPv6 = SocketAddress.anyIPv6(port: 0)
        /// Size of the sockets' receive buffers in octets, as far as the system grants it.
        public var receiveBufferByteCount = 4 << 20
        /// The engine in whose name SNMPv3 traps are sent: its ID, and how often it was started. Made at random when nil,
        /// which no receiver of traps can know; give one that you keep.
        public var localEngine: (engineID: EngineID, boots: Int32)?
        /// Limits on requests and targets.
        public var limits = EngineLimits()

        /// The defaults.
        public init() {}
    }

    let loop: SNMPLoop
    private let ownsLoop: Bool
    private let lock = Lock()

    // Guarded by `lock`.
    private var engine: ManagerEngine
    private var queueIPv4 = DatagramQueue()
    private var queueIPv6 = DatagramQueue()
    private var armedDeadline: Instant?
    private var isClosed = false
    /// Whether the loop's thread runs completions, and sends afterwards.
    private var isDispatching = false
    private var streamMessages: [(peer: Peer, message: [UInt8])] = []

    // Touched on the loop's thread only, but for sending, which `lock` guards.
    private let socketIPv4: UDPSocket?
    private let socketIPv6: UDPSocket?
    private var completions: [DueCompletion] = []
    private var deadlineID: EventLoop.DeadlineID?
    private var streams: [SocketAddress: StreamLink] = [:]

    private let masterKeys = MasterKeyCache()

    /// Opens the sockets and starts to serve them.
    ///
    /// - Parameters:
    ///   - options: addresses and limits.
    ///   - loop: the thread to use; nil for one of its own, which ends with the manager.
    /// Throws when neither an IPv4 nor an IPv6 socket can be opened.
    public init(_ options: Options = Options(), loop: SNMPLoop? = nil) throws(SNMPServiceError) {
        var socketOptions = UDPSocket.Options()
        socketOptions.receiveBufferByteCount = options.receiveBufferByteCount
        socketOptions.reportsUnreachable = true
        var firstError: IOError?
        var opened: [UDPSocket?] = []
        for address in [options.localIPv4, options.localIPv6] {
            do throws(IOError) {
                socketOptions.isIPv6Only = address.family == .ipv6
                opened.append(try UDPSocket(binding: address, options: socketOptions))
            } catch {
                firstError = firstError ?? error
                opened.append(nil)
            }
        }
        (socketIPv4, socketIPv6) = (opened[0], opened[1])
        if let firstError, socketIPv4 == nil, socketIPv6 == nil { throw .io(firstError) }
        let random = RandomSource.fromSystem()
        let now = SystemClock.now
        let given = options.localEngine
        let local = LocalEngine(
            engineID: given?.engineID ?? EngineID.random(using: random), boots: given?.boots ?? 1, start: now)
        engine = ManagerEngine(
            random: random, local: local, masterKeys: masterKeys, limits: options.limits, at: now)
        ownsLoop = loop == nil
        if let loop { self.loop = loop } else { self.loop = try SNMPLoop(name: "snmp-manager") }
        self.loop.async { [weak self] in self?.register() }
    }

    deinit { close() }

    /// Ends the manager: its requests end as cancelled and its sockets are closed. Idempotent; from any thread but the loop's.
    public func close() {
        let wasClosed = lock.withLock { () -> Bool in
            defer { isClosed = true }
            return isClosed
        }
        guard !wasClosed else { return }
        let (v4, v6, id) = (socketIPv4, socketIPv6, deadlineID)
        let links = Array(streams.values)
        let events = loop.events
        var due: [DueCompletion] = []
        lock.withLock {
            engine.cancelAll()
            engine.swapCompletions(&due)
        }
        loop.async {
            if let v4 { events.unregister(v4.descriptor) }
            if let v6 { events.unregister(v6.descriptor) }
            for link in links { link.close(events) }
            if let id { events.removeDeadline(id) }
        }
        for completion in due { completion.run() }
        if ownsLoop { loop.stop() }
    }

    /// The addresses that the manager's sockets are bound to.
    public var localAddresses: [SocketAddress] { [socketIPv4, socketIPv6].compactMap { $0?.localAddress } }

    /// The engine in whose name SNMPv3 traps are sent.
    public var localEngine: LocalEngine { lock.withLock { engine.local } }

    // MARK: Targets

    /// Adds a device. `profile` is what was learned about it earlier.
    ///
    /// Keys are made from passwords here, once for each password, which takes a few milliseconds.
    /// Throws `closed` when there are as many targets as the limits allow.
    public func target(
        _ configuration: TargetConfiguration, profile: TargetProfile = TargetProfile()
    ) throws(SNMPError) -> SNMPTarget {
        if case .v3(let credentials, _, _) = configuration.security { warm(credentials) }
        let id = lock.withLock { isClosed ? nil : engine.addTarget(configuration, profile: profile) }
        guard let id else { throw .closed }
        return SNMPTarget(manager: self, id: id, configuration: configuration)
    }

    /// Makes the master keys before the engine's lock is taken, so that no other request waits for it.
    private func warm(_ credentials: USMCredentials) {
        guard let authentication = credentials.authentication else { return }
        for key in [authentication.key, credentials.privacy?.key] {
            guard let key, key.kind == .password else { continue }
            // A key that can't be made is reported by the request that needs it.
            _ = try? masterKeys.masterKey(password: key.secret, auth: authentication.auth)
        }
    }

    func remove(_ id: TargetID) {
        withEngine { engine, now in engine.removeTarget(id, at: now) }
    }

    // MARK: Requests

    /// Sends a request. The callback-level API: `completion` is called once, on the loop's thread, and must not block.
    ///
    /// On a response, the span holds the message that `Response` points into, valid during the call.
    @discardableResult
    public func submit(
        _ request: Request, to target: TargetID, completion: @escaping RequestCompletion
    ) -> RequestToken? {
        withEngine { engine, now in
            engine.submit(request, to: target, at: now, completion: completion)
        }
    }

    /// Ends a request; its completion gets `.cancelled`. False when it has ended already.
    @discardableResult
    public func cancel(_ token: RequestToken) -> Bool {
        withEngine { engine, now in engine.cancel(token, at: now) }
    }

    /// Runs `body` with the engine, then sends what it made.
    @discardableResult
    func withEngine<Result>(_ body: (inout ManagerEngine, Instant) -> Result) -> Result {
        var wakes = false
        var hasStreams = false
        let result = lock.withLock { () -> Result in
            let now = SystemClock.now
            let result = body(&engine, now)
            if isDispatching { return result }
            flush()
            hasStreams = !streamMessages.isEmpty
            if let next = engine.nextDeadline, next < armedDeadline ?? .distantFuture { wakes = true }
            // A completion that was due at once (an error) is run by the loop.
            if engine.hasCompletions { wakes = true }
            if wakes { armedDeadline = nil }
            return result
        }
        if wakes || hasStreams { loop.events.wake() }
        return result
    }

    // MARK: Sending

    /// Moves the engine's messages to the sockets. The lock is held.
    private func flush() {
        engine.drainOutgoing { message, peer in
            if peer.transport == .tcp {
                streamMessages.append((peer, [UInt8](message)))
            } else if peer.address.family == .ipv4 {
                queueIPv4.append(message, to: peer.address)
            } else {
                queueIPv6.append(message, to: peer.address)
            }
        }
        send(socketIPv4, &queueIPv4)
        send(socketIPv6, &queueIPv6)
    }

    private func send(_ socket: UDPSocket?, _ queue: inout DatagramQueue) {
        guard !queue.isEmpty else { return }
        guard let socket else {
            queue.removeAll()
            return
        }
        var refused: [(SocketAddress, IOError)] = []
        // An unusable socket leaves the requests to their timeouts.
        _ = try? socket.sendBatch(&queue) { refused.append(($0, $1)) }
        for (address, error) in refused {
            engine.unreachable(Peer(address), reason: "\(address): \(error.reason)", isLocal: true, at: SystemClock.now)
        }
    }

    // MARK: The loop's thread

    private func register() {
        guard !lock.withLock({ isClosed }) else { return }
        for socket in [socketIPv4, socketIPv6] {
            guard let socket else { continue }
            // Failing to watch a fresh descriptor takes a broken system; requests would end in timeouts.
            try? loop.events.register(socket.descriptor, interest: .read) { [weak self] readiness in
                self?.ready(socket, readiness)
            }
        }
        deadlineID = loop.events.addDeadline(
            next: { [weak self] in self?.nextDeadline() }, tick: { [weak self] now in self?.tick(now) })
    }

    private func nextDeadline() -> Instant? {
        lock.withLock {
            armedDeadline = engine.nextDeadline
            // Datagrams that the kernel did not take are offered again soon.
            if !queueIPv4.isEmpty || !queueIPv6.isEmpty {
                let soon = SystemClock.now + .milliseconds(1)
                armedDeadline = min(armedDeadline ?? soon, soon)
            }
            if engine.hasCompletions { armedDeadline = .zero }
            return armedDeadline
        }
    }

    private func tick(_ now: Instant) {
        lock.withLock { engine.advance(to: now) }
        dispatch()
    }

    private func ready(_ socket: UDPSocket, _ readiness: Readiness) {
        if readiness.contains(.error) {
            let now = SystemClock.now
            _ = try? socket.receiveErrors { address, error in
                lock.withLock {
                    engine.unreachable(Peer(address), reason: "\(address): \(error.reason)", at: now)
                }
            }
        }
        // Bounded, so that a flood can't keep the deadlines from being served.
        for _ in 0..<16 {
            let count = receive(socket)
            dispatch()
            if count < 64 { break }
        }
    }

    private func receive(_ socket: UDPSocket) -> Int {
        lock.withLock {
            let now = SystemClock.now
            // An unusable socket leaves the requests to their timeouts.
            let count = try? socket.receiveBatch { bytes, source, _, isTruncated in
                // The memory is the socket's and writable; it stays until the next batch, after the completions.
                engine.receive(
                    UnsafeMutableRawBufferPointer(mutating: bytes), from: Peer(source), isTruncated: isTruncated, at: now)
            }
            return count ?? 0
        }
    }

    /// Runs the completions that are due, then sends what they submitted.
    func dispatch() {
        var rounds = 0
        repeat {
            lock.withLock {
                engine.swapCompletions(&completions)
                isDispatching = !completions.isEmpty
            }
            for completion in completions { completion.run() }
            completions.removeAll(keepingCapacity: true)
            rounds += 1
            // Completions may have made others due (requests that failed at once); an endless chain gives way to the sockets.
        } while lock.withLock({ isDispatching && engine.hasCompletions }) && rounds < 64
        let messages = lock.withLock { () -> [(peer: Peer, message: [UInt8])] in
            isDispatching = false
            flush()
            defer { streamMessages.removeAll() }
            return streamMessages
        }
        for (peer, message) in messages { sendStream(message, peer) }
    }

    // MARK: TCP, on the loop's thread

    private func sendStream(_ message: [UInt8], _ peer: Peer) {
        let link: StreamLink
        if let known = streams[peer.address] {
            link = known
        } else {
            do throws(IOError) {
                link = try StreamLink(connectingTo: peer.address, loop.events) { [weak self] event in
                    self?.streamEvent(event, peer)
                }
                streams[peer.address] = link
            } catch {
                streamEvent(.closed("\(error)"), peer)
                return
            }
        }
        link.send(message)
    }

    private func streamEvent(_ event: StreamLink.Event, _ peer: Peer) {
        switch event {
        case .message(let buffer):
            lock.withLock { engine.receive(buffer, from: peer, at: SystemClock.now) }
            dispatch()
        case .closed(let reason):
            streams[peer.address] = nil
            lock.withLock { engine.connectionLost(peer, reason: reason, at: SystemClock.now) }
            dispatch()
        }
    }
}

extension EngineID {
    /// An ID of the format for octets assigned by the administrator (RFC 3411, section 5), with random content.
    static func random(using random: RandomSource) -> EngineID {
        // 8072 is the enterprise number of net-snmp, whose random scheme (format 128) this follows.
        var octets: [UInt8] = [0x80, 0x00, 0x1F, 0x88, 0x80]
        for _ in 0..<8 { octets.append(UInt8(truncatingIfNeeded: random.next())) }
        return EngineID(octets)
    }
}
