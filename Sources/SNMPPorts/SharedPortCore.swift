// Layer: SNMPPorts. Uses: ShareOwner, ShareLink, PortSocket. Used by: SharedDatagramPort.
// A shared port's role and how it changes:
//
//   open ──▶ owner      holds the lock and the sockets, serves followers
//     └────▶ follower   connected to the owner; when the connection ends ──▶ waiting
//   waiting ─▶ owner    if it gets the lock and the port
//     └────▶ joining    if another one was faster: connected, not welcomed yet ──▶ follower, or waiting again
//
// Roles belong to the loop's thread; what other threads may see of them is the view.

import PlatformIO
import Primitives

/// The port behind a `SharedDatagramPort`.
final class SharedPortCore: @unchecked Sendable {
    enum Standing { case owner, follower, waiting, closed }

    /// What other threads may see.
    struct View {
        var standing = Standing.waiting
        var addresses: [SocketAddress] = []
        /// The owner's.
        var sockets: [PortSocket] = []
        /// What a follower wants sent and hasn't handed to its connection.
        var outbox: [UInt8] = []
        var droppedCount: UInt64 = 0
    }

    enum Role {
        case owner(ShareOwner?, [PortSocket])
        case follower(ShareLink)
        case joining(ShareLink)
        case waiting
        case closed
    }

    let wanted: [SocketAddress]
    let loop: PortLoop
    let receiveBufferByteCount: Int
    let receiver: PortReceiver

    private let lock = Lock()
    // Guarded by `lock`.
    private var guardedView = View()

    // The loop's thread only, and `open` before.
    var place: SharePlace?
    var role = Role.waiting
    var nextAttempt: Instant?
    var attemptCount = 0
    private var deadlineID: EventLoop.DeadlineID?

    init(
        _ wanted: [SocketAddress], _ loop: PortLoop, receiveBufferByteCount: Int, _ receiver: @escaping PortReceiver
    ) {
        precondition(!wanted.isEmpty && wanted.count <= ShareFrame.addressLimit, "a port has 1 to 16 addresses")
        self.wanted = wanted.map(\.normalized)
        self.loop = loop
        self.receiveBufferByteCount = receiveBufferByteCount
        self.receiver = receiver
    }

    /// Reads one thing, so that the rest isn't copied.
    func view<Value: Sendable>(_ part: (View) -> Value) -> Value { lock.withLock { part(guardedView) } }

    func changeView(_ change: (inout View) -> Void) { lock.withLock { change(&guardedView) } }

    // MARK: Opening and closing

    func open(_ sharing: SharedDatagramPort.Sharing?) throws(PortError) {
        do throws(IOError) {
            // A port that the system chooses is nobody else's.
            if let sharing, wanted.allSatisfy({ $0.port != 0 }) {
                place = try SharePlace(sharing.directory, addresses: wanted)
            }
        } catch {
            throw .io(error)
        }
        let start = try firstRole()
        // Before the loop knows it, so that whoever opens the port sees what it is.
        show(start)
        let isAccepted = loop.async {
            self.loop.atEnd(of: self) { self.shutDown() }
            self.deadlineID = self.loop.events.addDeadline(
                next: { self.nextDeadline }, tick: { self.tick($0) })
            self.begin(start)
        }
        guard isAccepted else { throw .io(.stopped("open a port on", wanted[0].description)) }
    }

    func close() { loop.perform { self.shutDown() } }

    func closeLater() { loop.async { self.shutDown() } }

    private func shutDown() {
        leave(for: .closed)
        loop.forget(self)
        if let deadlineID { loop.events.removeDeadline(deadlineID) }
        deadlineID = nil
        nextAttempt = nil
    }

    /// Ends the present role.
    func leave(for next: Standing) {
        changeView {
            $0.standing = next
            $0.sockets = []
            $0.outbox = []
        }
        switch role {
        case .owner(let owner, let sockets):
            // The port first: who follows may bind it as soon as it knows.
            for socket in sockets { socket.close() }
            owner?.close()
        case .follower(let link), .joining(let link): link.close()
        case .waiting, .closed: break
        }
        role = next == .closed ? .closed : .waiting
    }

    private var nextDeadline: Instant? {
        if case .owner(let owner, _) = role { return owner?.acceptingAgain }
        return nextAttempt
    }

    private func tick(_ now: Instant) {
        if case .owner(let owner?, _) = role { owner.tick(now) }
        if let nextAttempt, nextAttempt <= now { attempt() }
    }

    // MARK: Sending

    func send(_ message: [UInt8], to destination: SocketAddress, from source: SocketAddress?) {
        let destination = destination.normalized
        let source = source?.normalized
        var isFirst = false
        let socket = lock.withLock { () -> PortSocket? in
            switch guardedView.standing {
            case .owner: return SharedPortCore.choose(guardedView.sockets, destination, source)
            case .follower:
                guard guardedView.outbox.count < ShareLink.pendingLimit else { return nil }
                isFirst = guardedView.outbox.isEmpty
                let isAppended = ShareFrame.appendSend(
                    message, destination: destination, source: source, to: &guardedView.outbox)
                isFirst = isFirst && isAppended
                return nil
            case .waiting, .closed: return nil
            }
        }
        socket?.send(message.span.bytes, to: destination, from: source)
        if isFirst { loop.async { self.emptyOutbox() } }
    }

    private func emptyOutbox() {
        let frames = lock.withLock {
            defer { guardedView.outbox = [] }
            return guardedView.outbox
        }
        // What came before the owner went is lost with it; so is what it doesn't take.
        if case .follower(let link) = role, !frames.isEmpty { _ = link.write(frames) }
    }

    /// The socket to send from: the one with exactly the source, else one of the family.
    static func choose(
        _ sockets: [PortSocket], _ destination: SocketAddress, _ source: SocketAddress?
    ) -> PortSocket? {
        let usable = sockets.filter { $0.localAddress.family == destination.family }
        return usable.first { $0.localAddress.with(port: 0) == source?.with(port: 0) }
            ?? usable.first { $0.localAddress.isAny } ?? usable.first
    }
}
