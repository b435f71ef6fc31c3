// Layer: WinSNMP. Uses: SNMPPorts, SNMPEngine (NotificationReceiver). Used by: WinSNMPLibrary+Register.
// The trap port and the receiver of notifications behind it, for all sessions of a library.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPPorts
import SNMPSecurity

/// Receives notifications while a session is registered for any.
final class TrapService: @unchecked Sendable {
    /// What becomes of a notification: whether a session took it, and an inform of it may be answered.
    typealias Handler = (_ notification: ReceivedNotification, _ path: ReplyPath?) -> (isTaken: Bool, answers: Bool)

    private let lock = Lock()
    // Guarded by `lock`.
    private var receiver: NotificationReceiver
    private let reply: UnsafeMutableRawBufferPointer
    private var port: SharedDatagramPort?
    private var users: [USMCredentials] = []
    private let handler: Handler

    /// Opens the port. `handler` is called on the thread of `loop`.
    init(
        port number: UInt16, isShared: Bool, loop: PortLoop, _ handler: @escaping Handler
    ) throws(PortError) {
        let random = RandomSource.fromSystem()
        let cache = MasterKeyCache()
        let authority = USMAuthority(
            engineID: .random(using: random), engineBoots: 1, start: SystemClock.now, firstSalt: random.next(),
            cache: cache)
        var limits = NotificationLimits()
        // An application that answers by itself, or not at all, must not fill the memory.
        limits.maximumPendingInforms = 4_096
        receiver = NotificationReceiver(
            communities: nil, authority: authority,
            remoteEngines: USMRemoteEngines(identity: .engineIDAndSource, cache: cache), limits: limits)
        reply = .allocate(byteCount: SNMPLimits.maximumMessageByteCount, alignment: 16)
        self.handler = handler
        let port = try SharedDatagramPort(
            addresses: [.anyIPv4(port: number), .anyIPv6(port: number)],
            sharing: isShared ? SharedDatagramPort.Sharing() : nil, loop: loop, receiveBufferByteCount: 4 << 20
        ) { [weak self] datagram, source, local, isTruncated in
            self?.receive(datagram, source, local, isTruncated)
        }
        lock.withLock { self.port = port }
    }

    deinit { reply.deallocate() }

    func close() {
        let port = lock.withLock { self.port.take() }
        port?.close()
    }

    /// Lets a user send. Keys that can't be made leave the user's messages to be refused.
    func add(_ user: USMCredentials) {
        lock.withLock {
            guard !users.contains(user) else { return }
            users.append(user)
            try? receiver.add(user)
        }
    }

    private func receive(
        _ datagram: UnsafeMutableRawBufferPointer, _ source: SocketAddress, _ local: SocketAddress?,
        _ isTruncated: Bool
    ) {
        lock.withLock {
            guard let port else { return }
            let event = receiver.receive(
                datagram, from: Peer(source), to: local, isTruncated: isTruncated, at: SystemClock.now, reply: reply)
            switch event {
            case .none: break
            case .reply(let range): port.send([UInt8](reply[range]), to: source, from: local)
            case .notification(let notification):
                let path = notification.version == .v3 ? nil : ReplyPath(port, local: local)
                let (isTaken, answers) = handler(notification, path)
                guard case .inform(let token) = notification.kind else { return }
                guard isTaken, answers || path == nil else {
                    receiver.refuse(token)
                    return
                }
                guard let answer = receiver.confirm(token, at: SystemClock.now, into: reply) else { return }
                port.send([UInt8](reply[answer.message]), to: answer.peer.address, from: answer.source)
            }
        }
    }
}
