// Layer: SNMPPorts. Uses: ShareLink, SharePlace. Used by: SharedPortCore.
// What the owner of a shared port does for its followers, on the loop's thread: it gives each a copy of every datagram
// and sends what they want sent. A follower that doesn't keep up loses copies; nobody waits for it.
// Memory: payloads are passed on during the call in which they were handed in.

import PlatformIO
import Primitives

/// The owner's side of sharing.
final class ShareOwner {
    /// Sends a follower's datagram.
    typealias Relay = (_ payload: UnsafeMutableRawBufferPointer, SocketAddress, SocketAddress?) -> Void

    /// Followers at once. Beyond it one that never said hello makes room; else the newcomer is turned away.
    static let followerLimit = 256
    /// Copies collected for one write; more are written in between.
    private static let batchByteCount = 64 << 10

    private final class Follower {
        var link: ShareLink?
        var isGreeted = false
    }

    private let place: SharePlace
    // Nil once closed.
    private var lock: FileLock?
    private var listener: UnixListener?
    private let events: EventLoop
    private let welcome: [UInt8]
    private let relay: Relay
    /// In the order in which they came.
    private var followers: [Follower] = []
    private var greetedCount = 0
    /// Copies for all followers that haven't been written.
    private var batch: [UInt8] = []
    private var batchCount = 0
    /// When connections are accepted again; nil while they are.
    private(set) var acceptingAgain: Instant?
    /// Copies that followers didn't get because they didn't keep up.
    private(set) var droppedCount: UInt64 = 0

    init(
        _ holding: Holding, addresses: [SocketAddress], _ events: EventLoop, relay: @escaping Relay
    ) throws(IOError) {
        (lock, place, listener) = (holding.lock, holding.place, holding.listener)
        self.events = events
        self.relay = relay
        var welcome: [UInt8] = []
        ShareFrame.appendWelcome(addresses, to: &welcome)
        self.welcome = welcome
        try events.register(holding.listener.descriptor, interest: .read) { [weak self] _ in self?.accept() }
    }

    /// What makes a program the owner: the lock, and the socket that followers connect to.
    struct Holding {
        let lock: FileLock
        let place: SharePlace
        let listener: UnixListener
    }

    /// Ends all connections and gives the lock back, after which a follower can take over. The port must be closed.
    func close() {
        guard let listener else { return }
        events.unregister(listener.descriptor)
        self.listener = nil
        place.removeSocket()
        for follower in followers { follower.link?.close() }
        followers = []
        greetedCount = 0
        // Whoever calls may hold this object for a while.
        lock = nil
    }

    // MARK: Copies

    /// Adds a copy of a datagram to what followers get.
    func forward(
        _ datagram: UnsafeMutableRawBufferPointer, _ source: SocketAddress, _ local: SocketAddress?, _ isTruncated: Bool
    ) {
        guard greetedCount > 0 else { return }
        let isAppended = ShareFrame.appendDatagram(
            datagram, source: source, local: local, isTruncated: isTruncated, to: &batch)
        if isAppended { batchCount += 1 }
        if batch.count >= ShareOwner.batchByteCount { flush() }
    }

    /// Writes the copies that were added.
    func flush() {
        guard batchCount > 0 else { return }
        // A follower whose connection has failed leaves the list meanwhile.
        for follower in followers where follower.isGreeted {
            if follower.link?.write(batch) != true { droppedCount += UInt64(batchCount) }
        }
        batch.removeAll(keepingCapacity: true)
        batchCount = 0
    }

    // MARK: Followers

    private func accept() {
        do throws(IOError) {
            while let connection = try listener?.accept() { admit(connection) }
        } catch {
            // No descriptors or memory left: what waits stays ready, so asking again at once would never end.
            pause()
        }
    }

    private func pause() {
        guard let listener else { return }
        try? events.setInterest(listener.descriptor, [])
        acceptingAgain = SystemClock.now + .milliseconds(100)
    }

    /// Goes on accepting once it is time.
    func tick(_ now: Instant) {
        guard let time = acceptingAgain, time <= now, let listener else { return }
        acceptingAgain = nil
        try? events.setInterest(listener.descriptor, .read)
    }

    private func admit(_ connection: UnixConnection) {
        // The directory keeps other users out; root can come in, and is told nothing.
        guard connection.peer.userID == Program.userID else { return }
        if followers.count >= ShareOwner.followerLimit {
            guard let silent = followers.first(where: { !$0.isGreeted }) else { return }
            silent.link?.close()
            remove(silent)
        }
        let follower = Follower()
        // Without memory to watch it the connection closes, and the follower tries again.
        guard
            let link = try? ShareLink(
                connection, events,
                handler: { [weak self, weak follower] in
                    guard let self, let follower else { return false }
                    return handle($0, $1, follower)
                }, onEnd: { [weak self, weak follower] in if let follower { self?.remove(follower) } })
        else { return }
        follower.link = link
        followers.append(follower)
    }

    private func remove(_ follower: Follower) {
        if follower.isGreeted { greetedCount -= 1 }
        followers.removeAll { $0 === follower }
    }

    private func handle(_ frame: ShareFrame, _ payload: UnsafeMutableRawBufferPointer, _ follower: Follower) -> Bool {
        switch frame {
        case .hello where !follower.isGreeted:
            // What was collected is for those who were here.
            flush()
            follower.isGreeted = true
            greetedCount += 1
            // The first that is written to the connection, so there is room.
            return follower.link?.write(welcome) == true
        case .send(_, let destination, let source) where follower.isGreeted:
            relay(payload, destination, source)
            return true
        default: return false
        }
    }
}
