// Layer: SNMP. Uses: SNMPEngine, PlatformIO. Used by: SNMPManager.
// Drives a ManagerEngine with sockets and a clock. One UDP socket for each address family serves all targets.
//
// Threads: the engine is guarded by `lock`. Requests may come from any thread, which then also sends them. Replies and
// deadlines are handled on the loop's thread; completions run there too, outside the lock, before the memory of the
// messages that they look into is used again. Requests that completions submit are sent together after the last
// completion of a round.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity

/// The working part of a manager. The loop holds it until it is closed, so nothing of it goes away in the middle of a
/// call.
final class ManagerDriver: @unchecked Sendable {
    /// Rounds of completions after which the sockets get their turn.
    private static let maximumRounds = 64

    /// With at least so many requests under way, replies are collected for a moment before they are read together.
    private static let coalescingRequestCount = 16

    private let loop: SNMPLoop
    private let ownsLoop: Bool
    private let lock = Lock()

    // Guarded by `lock`. The lock excludes overlapping accesses, so they are not checked again at run time, which would
    // cost as much as a tenth of a request.
    @exclusivity(unchecked) private var engine: ManagerEngine
    @exclusivity(unchecked) private var queueIPv4 = DatagramQueue()
    @exclusivity(unchecked) private var queueIPv6 = DatagramQueue()
    @exclusivity(unchecked) private var armedDeadline: Instant?
    @exclusivity(unchecked) private var isMarkedClosed = false
    /// Whether the loop's thread runs completions, and sends afterwards.
    @exclusivity(unchecked) private var isDispatching = false
    @exclusivity(unchecked) private var streamMessages: [(peer: Peer, message: [UInt8])] = []
    @exclusivity(unchecked) private var unroutable: [Peer] = []

    // Received from on the loop's thread only; sending, and the end, are guarded by `lock`.
    private var socketIPv4: UDPSocket?
    private var socketIPv6: UDPSocket?
    let localAddresses: [SocketAddress]

    // Touched on the loop's thread only.
    @exclusivity(unchecked) private var completions: [DueCompletion] = []
    private var deadlineID: EventLoop.DeadlineID?
    private var streams: [SocketAddress: StreamLink] = [:]
    @exclusivity(unchecked) private var isInDispatch = false

    private let masterKeys = MasterKeyCache()
    private let coalescing: Interval

    init(_ options: SNMPManager.Options, loop: SNMPLoop?) throws(SNMPServiceError) {
        coalescing = min(max(options.coalescing, .zero), .milliseconds(10))
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
                // A host without one of the families is an ordinary one; a manager that lacks one by chance is not.
                if error.isOutOfResources { throw .io(error) }
                firstError = firstError ?? error
                opened.append(nil)
            }
        }
        (socketIPv4, socketIPv6) = (opened[0], opened[1])
        localAddresses = opened.compactMap { $0?.localAddress }
        if let firstError, localAddresses.isEmpty { throw .io(firstError) }
        let random = RandomSource.fromSystem()
        let now = SystemClock.now
        let given = options.localEngine
        let local = LocalEngine(
            engineID: given?.engineID ?? EngineID.random(using: random), boots: given?.boots ?? 1, start: now)
        engine = ManagerEngine(
            random: random, local: local, masterKeys: masterKeys, limits: options.limits, at: now)
        ownsLoop = loop == nil
        if let loop { self.loop = loop } else { self.loop = try SNMPLoop(name: "snmp-manager") }
        let isRunning = self.loop.async { self.register() }
        if !isRunning { isMarkedClosed = true }
    }

    private func register() {
        guard !isClosed else { return }
        for socket in [socketIPv4, socketIPv6] {
            guard let socket else { continue }
            // Failing to watch a fresh descriptor takes a broken system; requests would end in timeouts.
            try? loop.events.register(socket.descriptor, interest: .read) { self.ready(socket, $0) }
        }
        deadlineID = loop.events.addDeadline(next: { self.nextDeadline() }, tick: { self.tick($0) })
        loop.atEnd(of: self) { self.shutDown() }
    }

    // MARK: Closing

    var isClosed: Bool { lock.withLock { isMarkedClosed } }

    func close() {
        let wasClosed = lock.withLock { () -> Bool in
            defer { isMarkedClosed = true }
            return isMarkedClosed
        }
        guard !wasClosed else { return }
        if !loop.async({ self.shutDown() }) { shutDown() }
        if ownsLoop { loop.stop() }
    }

    /// Ends all requests and leaves the loop; on its thread, or after its end.
    private func shutDown() {
        loop.forget(self)
        for socket in [socketIPv4, socketIPv6] {
            if let socket { loop.events.unregister(socket.descriptor) }
        }
        if let deadlineID { loop.events.removeDeadline(deadlineID) }
        deadlineID = nil
        for link in streams.values { link.close() }
        streams = [:]
        lock.withLock {
            isMarkedClosed = true
            (socketIPv4, socketIPv6) = (nil, nil)
            engine.cancelAll()
        }
        runCompletions(rounds: .max)
    }

    // MARK: From any thread

    /// Makes the master keys before the engine's lock is taken, so that no other request waits for it.
    func warm(_ credentials: USMCredentials) {
        guard let authentication = credentials.authentication else { return }
        for key in [authentication.key, credentials.privacy?.key] {
            guard let key, key.kind == .password else { continue }
            // A key that can't be made is reported by the request that needs it.
            _ = try? masterKeys.masterKey(password: key.secret, auth: authentication.auth)
        }
    }

    func submit(_ request: Request, to target: TargetID, completion: @escaping RequestCompletion) -> RequestToken? {
        let token = withEngine { engine, now -> RequestToken?? in
            isMarkedClosed ? .none : .some(engine.submit(request, to: target, at: now, completion: completion))
        }
        guard let token else {
            completion(.failure(.cancelled), [UInt8]().span.bytes)
            return nil
        }
        return token
    }

    /// Runs `body` with the engine, then sends what it made.
    func withEngine<Result>(_ body: (inout ManagerEngine, Instant) -> Result) -> Result {
        var wakes = false
        let result = lock.withLock { () -> Result in
            let now = SystemClock.now
            let result = body(&engine, now)
            if isDispatching || isMarkedClosed { return result }
            flush()
            if let next = engine.nextDeadline, next < armedDeadline ?? .distantFuture { wakes = true }
            // A completion that is due at once (an error), and what goes over connections, is for the loop.
            if engine.hasCompletions || !streamMessages.isEmpty { wakes = true }
            if wakes { armedDeadline = nil }
            return result
        }
        if wakes { loop.events.wake() }
        return result
    }

    // MARK: Sending

    /// Moves the engine's messages to the sockets. The lock is held.
    private func flush() {
        engine.drainOutgoing { message, peer in
            if peer.transport == .tcp {
                streamMessages.append((peer, [UInt8](message)))
            } else if peer.address.family == .ipv4, socketIPv4 != nil {
                queueIPv4.append(message, to: peer.address)
            } else if peer.address.family == .ipv6, socketIPv6 != nil {
                queueIPv6.append(message, to: peer.address)
            } else {
                unroutable.append(peer)
            }
        }
        for peer in unroutable {
            let reason = "\(peer.address): no socket of this address family"
            engine.unreachable(peer, reason: reason, isLocal: true, at: SystemClock.now)
        }
        unroutable.removeAll(keepingCapacity: true)
        send(socketIPv4, &queueIPv4)
        send(socketIPv6, &queueIPv6)
    }

    private func send(_ socket: UDPSocket?, _ queue: inout DatagramQueue) {
        guard !queue.isEmpty, let socket else { return }
        var refused: [(SocketAddress, IOError)] = []
        // An unusable socket leaves the requests to their timeouts.
        _ = try? socket.sendBatch(&queue) { refused.append(($0, $1)) }
        for (address, error) in refused {
            engine.unreachable(Peer(address), reason: "\(address): \(error.reason)", isLocal: true, at: SystemClock.now)
        }
    }

    // MARK: The loop's thread

    private func nextDeadline() -> Instant? {
        lock.withLock {
            // A deadline that was set before and is not over yet stays when nothing is due sooner: one visit of the
            // loop for nothing costs less than waking it for each request of a manager that sends one at a time.
            let previous = armedDeadline
            armedDeadline = engine.nextDeadline
            if let previous, previous < armedDeadline ?? .distantFuture, previous > SystemClock.now {
                armedDeadline = previous
            }
            // Datagrams that the kernel did not take are offered again soon.
            if !queueIPv4.isEmpty || !queueIPv6.isEmpty {
                let soon = SystemClock.now + .milliseconds(1)
                armedDeadline = min(armedDeadline ?? soon, soon)
            }
            if engine.hasCompletions || engine.hasOutgoing || !streamMessages.isEmpty { armedDeadline = .zero }
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
            if count == 0 { break }
            if count < 64 {
                // With many replies to come, waiting for a moment costs less than waking up for each.
                guard coalescing > .zero,
                    lock.withLock({ engine.requestCount }) >= ManagerDriver.coalescingRequestCount
                else { break }
                SystemClock.sleep(coalescing)
            }
        }
    }

    private func receive(_ socket: UDPSocket) -> Int {
        lock.withLock {
            let now = SystemClock.now
            // An unusable socket leaves the requests to their timeouts.
            let count = try? socket.receiveBatch { bytes, source, _, isTruncated in
                // The memory is the socket's and writable; it stays until the next batch, after the completions.
                engine.receive(
                    UnsafeMutableRawBufferPointer(mutating: bytes), from: Peer(source), isTruncated: isTruncated,
                    at: now)
            }
            return count ?? 0
        }
    }

    /// Runs the completions that are due, then sends what they submitted.
    private func dispatch() {
        // A connection that fails while it is written to gets here from below; the outer call goes on with its
        // requests.
        guard !isInDispatch else { return }
        isInDispatch = true
        defer { isInDispatch = false }
        var rounds = ManagerDriver.maximumRounds
        repeat {
            rounds -= runCompletions(rounds: rounds)
            let messages = lock.withLock { () -> [(peer: Peer, message: [UInt8])] in
                isDispatching = false
                if !isMarkedClosed { flush() }
                defer { streamMessages.removeAll() }
                return streamMessages
            }
            for (peer, message) in messages { sendStream(message, peer) }
        } while rounds > 0 && lock.withLock { engine.hasCompletions }
    }

    /// Runs completions until none is due, but no more than so many rounds. Returns the rounds it took.
    @discardableResult
    private func runCompletions(rounds: Int) -> Int {
        var count = 0
        while count < rounds {
            lock.withLock {
                engine.swapCompletions(&completions)
                isDispatching = !completions.isEmpty
            }
            if completions.isEmpty { break }
            count += 1
            for completion in completions { completion.run() }
            completions.removeAll(keepingCapacity: true)
        }
        return count
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
        case .closed(let reason):
            streams[peer.address] = nil
            lock.withLock { engine.connectionLost(peer, reason: reason, at: SystemClock.now) }
        }
        dispatch()
    }
}
