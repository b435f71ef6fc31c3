// Layer: SNMP. Uses: SNMPEngine (NotificationReceiver), PlatformIO. Used by: applications.
// Receives traps and informs on sockets. An inform is answered when it is confirmed, so a consumer that stores first
// and confirms afterwards never acknowledges what it could still lose.

import PlatformIO
import Primitives
public import SNMPCodec
public import SNMPEngine
public import SNMPSecurity

/// A receiver of traps and informs.
public final class NotificationListener: @unchecked Sendable {
    /// What a listener is made with.
    public struct Options: Sendable {
        /// Where to listen; the standard port is 162.
        public var endpoints: [ServiceEndpoint]
        /// The communities to accept; nil for all.
        public var communities: [[UInt8]]?
        /// The SNMPv3 users that may send, any number of them, each from any engine.
        public var users: [USMCredentials] = []
        /// This engine, to which senders of v3 informs address themselves: its ID and how often it was started. Made at
        /// random when nil.
        public var localEngine: (engineID: EngineID, boots: Int32)?
        /// Whether engines are kept apart by their address too, for devices that share an engine ID.
        public var separatesEnginesByAddress = true
        /// Limits.
        public var limits = NotificationLimits()
        /// Size of the sockets' receive buffers in octets, as far as the system grants it.
        public var receiveBufferByteCount = 16 << 20
        /// Notifications that may wait for the consumer of the asynchronous sequence. Beyond it traps are dropped and
        /// counted, and informs are left to be repeated.
        public var maximumWaiting = 65_536

        /// Listens at `endpoints`, with defaults for all else.
        public init(_ endpoints: [ServiceEndpoint]) { self.endpoints = endpoints }
    }

    /// What was counted, with what the sockets and the queue lost.
    public struct Statistics: Hashable, Sendable {
        /// Counters of the protocol.
        public var receiver = NotificationStatistics()
        /// Datagrams that the kernel dropped because the socket's buffer was full.
        public var kernelDrops: UInt64 = 0
        /// Notifications dropped because the consumer was too slow.
        public var overWaitingLimit = 0
    }

    private let loop: SNMPLoop
    private let ownsLoop: Bool
    private let sockets: ServiceSockets
    /// The endpoints as bound, with the ports that the system chose.
    public let endpoints: [ServiceEndpoint]

    // On the loop's thread only.
    private var receiver: NotificationReceiver
    private let reply: UnsafeMutableRawBufferPointer
    private var handler: ((ReceivedNotification) -> Void)?
    /// Whether the loop's thread is in a round of messages, which ends with settling what was confirmed.
    private var isInBatch = false

    private let shared = Locked(Shared())
    private struct Shared: Sendable {
        var statistics = Statistics()
        var confirmations: [(token: InformToken, isConfirmed: Bool)] = []
        var isClosed = false
        var continuation: AsyncStream<ReceivedNotification>.Continuation?
    }

    /// Binds the endpoints. Nothing is received before `notifications` or `start` is called.
    ///
    /// Throws `io` when an endpoint can't be bound (the error names it), `security` when a user's keys can't be made.
    public init(_ options: Options, loop: SNMPLoop? = nil) throws(SNMPServiceError) {
        let random = RandomSource.fromSystem()
        let cache = MasterKeyCache()
        let engineID = options.localEngine?.engineID ?? EngineID.random(using: random)
        var authority = USMAuthority(
            engineID: engineID,
            engineBoots: options.localEngine?.boots ?? 1, start: SystemClock.now, firstSalt: random.next(),
            cache: cache)
        var remote = USMRemoteEngines(
            identity: options.separatesEnginesByAddress ? .engineIDAndSource : .engineID, cache: cache)
        do throws(SecurityError) {
            for user in options.users {
                try authority.add(user)
                remote.add(user)
            }
        } catch {
            throw .security(error)
        }
        receiver = NotificationReceiver(
            communities: options.communities, authority: authority, remoteEngines: remote, limits: options.limits)
        maximumWaiting = options.maximumWaiting
        self.cache = cache
        self.engineID = engineID
        ownsLoop = loop == nil
        if let loop { self.loop = loop } else { self.loop = try SNMPLoop(name: "snmp-listener") }
        do throws(IOError) {
            sockets = try ServiceSockets(
                options.endpoints, receiveBufferByteCount: options.receiveBufferByteCount, self.loop.events)
        } catch {
            if ownsLoop { self.loop.stop() }
            throw .io(error)
        }
        endpoints = sockets.endpoints
        reply = .allocate(byteCount: SNMPLimits.maximumMessageByteCount, alignment: 16)
    }

    private let maximumWaiting: Int
    private let cache: MasterKeyCache
    /// This engine's ID, to which senders of SNMPv3 informs address themselves.
    public let engineID: EngineID

    deinit {
        close()
        reply.deallocate()
    }

    /// What was counted so far.
    public var statistics: Statistics { shared.withLock { $0.statistics } }

    /// Starts to receive and calls `handler` for each notification, on the listener's thread. The callback-level API:
    /// the handler must not block, and calls `confirm` for an inform when it has kept it, at once or later.
    public func start(_ handler: @escaping @Sendable (ReceivedNotification) -> Void) {
        loop.async { [weak self] in
            guard let self, !shared.withLock({ $0.isClosed }) else { return }
            loop.atEnd(of: self) { [weak self] in self?.close() }
            precondition(self.handler == nil, "the listener was started before")
            self.handler = handler
            // Failing to watch fresh descriptors takes a broken system; nothing would be received.
            try? sockets.start(
                { [weak self] bytes, peer, local, isTruncated in self?.receive(bytes, peer, local, isTruncated) },
                afterBatch: { [weak self] in self?.afterBatch() })
        }
    }

    /// Starts to receive; the notifications as an asynchronous sequence, to be consumed once. Informs in it are to be
    /// confirmed.
    public var notifications: AsyncStream<ReceivedNotification> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ReceivedNotification.self, bufferingPolicy: .bufferingOldest(maximumWaiting))
        shared.withLock { $0.continuation = continuation }
        start { [weak self] notification in
            switch continuation.yield(notification) {
            case .enqueued: return
            case .dropped: self?.shared.withLock { $0.statistics.overWaitingLimit += 1 }
            // Nobody consumes any more.
            case .terminated: break
            @unknown default: break
            }
            if case .inform(let token) = notification.kind { self?.refuse(token) }
        }
        return stream
    }

    /// Lets another user send, or one with other keys, from now on. From any thread.
    ///
    /// Throws `security` when the keys can't be made, which is found out here; they are in use a moment later.
    public func add(_ user: USMCredentials) throws(SNMPServiceError) {
        // The master keys stay in the cache, so that the loop's thread needs no hash of a megabyte.
        do throws(SecurityError) {
            _ = try LocalizedKeys(user, engineID: engineID.octets, cache: cache)
        } catch {
            throw .security(error)
        }
        loop.async { [weak self] in try? self?.receiver.add(user) }
    }

    /// Answers an inform, after its content was kept. From any thread.
    public func confirm(_ token: InformToken) { settle(token, isConfirmed: true) }

    /// Leaves an inform unanswered, so that its sender repeats it. From any thread.
    public func refuse(_ token: InformToken) { settle(token, isConfirmed: false) }

    private func settle(_ token: InformToken, isConfirmed: Bool) {
        let isFirst = shared.withLock { shared in
            shared.confirmations.append((token, isConfirmed))
            return shared.confirmations.count == 1
        }
        // One visit of the loop serves all confirmations of a burst; the end of a round of messages does so as well.
        guard isFirst, !(loop.events.isCurrentThread && isInBatch) else { return }
        loop.async { [weak self] in
            self?.settleAll()
            self?.sockets.flush()
        }
    }

    /// Stops to receive and closes the sockets. Idempotent.
    public func close() {
        let (wasClosed, continuation) = shared.withLock { shared in
            defer { shared.isClosed = true }
            return (shared.isClosed, shared.continuation)
        }
        guard !wasClosed else { return }
        continuation?.finish()
        loop.forget(self)
        if !loop.async({ [sockets] in sockets.stop() }) { sockets.stop() }
        if ownsLoop { loop.stop() }
    }

    // MARK: On the loop's thread

    private func receive(
        _ bytes: UnsafeMutableRawBufferPointer, _ peer: Peer, _ local: SocketAddress?, _ isTruncated: Bool
    ) {
        isInBatch = true
        let event = receiver.receive(
            bytes, from: peer, to: local, isTruncated: isTruncated, at: SystemClock.now, reply: reply)
        switch event {
        case .none: break
        case .reply(let range):
            sockets.send(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(reply)[range]), to: peer, from: local)
        case .notification(let notification): handler?(notification)
        }
    }

    private func afterBatch() {
        settleAll()
        isInBatch = false
        let receiverStatistics = receiver.statistics
        let drops = sockets.kernelDropCount
        shared.withLock { shared in
            shared.statistics.receiver = receiverStatistics
            shared.statistics.kernelDrops = max(drops, shared.statistics.kernelDrops)
        }
    }

    private func settleAll() {
        let confirmations = shared.withLock { shared in
            defer { shared.confirmations = [] }
            return shared.confirmations
        }
        for (token, isConfirmed) in confirmations {
            guard isConfirmed else {
                receiver.refuse(token)
                continue
            }
            guard let answer = receiver.confirm(token, at: SystemClock.now, into: reply) else { continue }
            sockets.send(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(reply)[answer.message]), to: answer.peer,
                from: answer.source)
        }
        let receiverStatistics = receiver.statistics
        shared.withLock { $0.statistics.receiver = receiverStatistics }
    }
}
