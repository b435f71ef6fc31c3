// Layer: SNMPPorts. Uses: ShareOwner, ShareLink, SharePlace. Used by: SharedPortCore.
// How a shared port gets a role: at the beginning on the caller's thread, which may wait; later on the loop's thread,
// which may not.
// Memory: payloads are passed on during the call in which they were handed in.

import PlatformIO
import Primitives

extension SharedPortCore {
    /// How long `open` waits for an owner that doesn't answer.
    static let openLimit = Interval.seconds(3)
    /// How long `open` tries to bind a port whose lock is free: an owner that dies loses its lock a moment before
    /// its port.
    static let bindLimit = Interval.milliseconds(60)

    /// What `open` found.
    enum Start {
        case owner(ShareOwner.Holding?, [PortSocket])
        case follower(UnixConnection, [SocketAddress], FrameBuffer)
    }

    /// What an attempt to follow came to.
    private enum Joining {
        case welcomed(Start)
        /// There is an owner, and it doesn't answer.
        case unanswered(UnixConnection.Peer)
        /// There is none, or it ended meanwhile.
        case noOwner
    }

    // MARK: On the caller's thread

    func firstRole() throws(PortError) -> Start {
        guard let place else {
            do throws(PortFailure) { return .owner(nil, try bind()) } catch { throw error.portError }
        }
        let deadline = SystemClock.now + SharedPortCore.openLimit
        var bindDeadline: Instant?
        while true {
            var failure: PortFailure?
            do throws(PortFailure) {
                if let (holding, sockets) = try own(place) { return .owner(holding, sockets) }
            } catch {
                guard error.error.isAddressInUse else { throw error.portError }
                failure = error
            }
            if let failure {
                let limit = bindDeadline ?? SystemClock.now + SharedPortCore.bindLimit
                bindDeadline = limit
                if SystemClock.now >= limit { throw failure.portError }
            } else {
                switch join(place, until: deadline) {
                case .welcomed(let start): return start
                case .unanswered(let peer):
                    throw .inUse(port: wanted[0].port, holder: SharedPortCore.holder(peer))
                case .noOwner:
                    if SystemClock.now >= deadline { throw .inUse(port: wanted[0].port, holder: .find(wanted[0])) }
                }
            }
            SystemClock.sleep(.milliseconds(.random(in: 1...10)))
        }
    }

    /// Connects to the owner and waits for its welcome.
    private func join(_ place: SharePlace, until deadline: Instant) -> Joining {
        // Whatever fails here looks like an owner that went; the caller's patience has its limit.
        guard let connection = try? place.connect() else { return .noOwner }
        var buffer = FrameBuffer()
        while true {
            let left = max(deadline - SystemClock.now, .zero)
            guard let isReadable = try? connection.wait(for: .read, timeout: left) else { return .noOwner }
            guard isReadable else { return .unanswered(connection.peer) }
            guard case .bytes? = try? buffer.read(connection) else { return .noOwner }
            do throws(ShareFrameError) {
                guard let frame = try buffer.takeFrame() else { continue }
                guard case .welcome(let addresses) = frame else { return .noOwner }
                return .welcomed(.follower(connection, addresses, buffer))
            } catch {
                return .noOwner
            }
        }
    }

    private static func holder(_ peer: UnixConnection.Peer) -> PortHolder {
        var holder = peer.processID.map(PortHolder.of(process:)) ?? PortHolder()
        holder.userID = peer.userID
        return holder
    }

    // MARK: Owning

    /// Takes the lock, the port and the socket for followers, or nothing; nil if another program has the lock.
    private func own(_ place: SharePlace) throws(PortFailure) -> (ShareOwner.Holding, [PortSocket])? {
        let lock = try PortFailure.wrap { () throws(IOError) in try place.takeLock() }
        guard let lock else { return nil }
        let sockets = try bind()
        let listener = try PortFailure.wrap { () throws(IOError) in try place.listen() }
        return (ShareOwner.Holding(lock: lock, place: place, listener: listener), sockets)
    }

    /// Binds all addresses, or none, but for those whose family is missing.
    private func bind() throws(PortFailure) -> [PortSocket] {
        var sockets: [PortSocket] = []
        var missing: PortFailure?
        for address in wanted {
            // A port that the system chose serves all addresses.
            let port = address.port == 0 ? sockets.first?.localAddress.port ?? 0 : address.port
            let address = address.with(port: port)
            do throws(IOError) {
                sockets.append(try PortSocket(address, loop: loop, receiveBufferByteCount: receiveBufferByteCount))
            } catch {
                let failure = PortFailure(error: error, address: address)
                guard failure.isMissingFamily else { throw failure }
                missing = failure
            }
        }
        if sockets.isEmpty, let missing { throw missing }
        return sockets
    }

    // MARK: On the loop's thread

    /// Lets other threads see a role that is to begin.
    func show(_ start: Start) {
        changeView {
            switch start {
            case .owner(_, let sockets):
                ($0.standing, $0.sockets, $0.addresses) = (.owner, sockets, sockets.map(\.localAddress))
            case .follower(_, let addresses, _): ($0.standing, $0.addresses) = (.follower, addresses)
            }
        }
    }

    func begin(_ start: Start) {
        nextAttempt = nil
        attemptCount = 0
        do throws(IOError) {
            switch start {
            case .owner(let holding, let sockets): try serve(holding, sockets)
            case .follower(let connection, _, let buffer):
                let link = try watch(connection, buffer)
                role = .follower(link)
                link.begin()
            }
        } catch {
            // No memory to watch a descriptor: what was opened closes with its last reference, and is tried again.
            wait()
        }
    }

    private func serve(_ holding: ShareOwner.Holding?, _ sockets: [PortSocket]) throws(IOError) {
        guard let holding else {
            role = .owner(nil, sockets)
            for socket in sockets { socket.start(receiver) }
            return
        }
        let owner = try ShareOwner(holding, addresses: sockets.map(\.localAddress), loop.events) { payload, to, from in
            let socket = SharedPortCore.choose(sockets, to, from)
            socket?.send(payload.bytes, to: to, from: from)
        }
        role = .owner(owner, sockets)
        for socket in sockets {
            socket.start { [receiver] datagram, source, local, isTruncated in
                // The copy first: the receiver may write to the datagram.
                owner.forward(datagram, source, local, isTruncated)
                receiver(datagram, source, local, isTruncated)
            } afterBatch: { [weak self] in
                owner.flush()
                self?.changeView { $0.droppedCount = owner.droppedCount }
            }
        }
    }

    private func watch(_ connection: UnixConnection, _ buffer: FrameBuffer = FrameBuffer()) throws(IOError) -> ShareLink
    {
        try ShareLink(connection, buffer: buffer, loop.events) { [weak self] in
            self?.handle($0, $1) ?? false
        } onEnd: { [weak self] in
            self?.wait()
        }
    }

    private func handle(_ frame: ShareFrame, _ payload: UnsafeMutableRawBufferPointer) -> Bool {
        switch (role, frame) {
        case (.follower, .datagram(_, let source, let local, let isTruncated)):
            receiver(payload, source, local, isTruncated)
            return true
        case (.joining(let link), .welcome(let addresses)):
            role = .follower(link)
            nextAttempt = nil
            attemptCount = 0
            changeView { ($0.standing, $0.addresses) = (.follower, addresses) }
            return true
        default: return false
        }
    }

    /// The owner has gone: tries for the port after a moment that is random, so that not all followers come at once,
    /// and longer each time, up to a second.
    private func wait() {
        leave(for: .waiting)
        let longest = min(Int64(5) << min(attemptCount, 8), 1_000)
        attemptCount += 1
        nextAttempt = SystemClock.now + .microseconds(.random(in: 200...(longest * 1_000)))
    }

    /// Takes the port, or follows who was faster.
    func attempt() {
        nextAttempt = nil
        guard case .waiting = role, let place else { return }
        do throws(PortFailure) {
            if let (holding, sockets) = try own(place) {
                let start = Start.owner(holding, sockets)
                show(start)
                return begin(start)
            }
        } catch {
            return wait()
        }
        // Welcomed later: this thread can't wait.
        guard let connection = try? place.connect(), let link = try? watch(connection) else { return wait() }
        role = .joining(link)
    }
}
