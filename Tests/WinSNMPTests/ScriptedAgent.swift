import PlatformIO
import Primitives
import SNMPCodec

/// An agent on a thread of its own that keeps what it got and does with requests what it was told.
final class ScriptedAgent: @unchecked Sendable {
    struct Datagram: Sendable {
        var octets: [UInt8]
        var source: SocketAddress
        var time: Instant
    }

    enum Behaviour: Sendable {
        /// Answers at once.
        case answer
        case silent
        /// Answers after a time.
        case delayed(Interval)
        /// Answers with another request-id.
        case wrongID
        /// Answers so many times.
        case duplicate(Int)
        /// Answers from another address or, with port 0 and the same address, from another port.
        case foreignSource(SocketAddress)
        /// Answers with an error-status and error-index.
        case error(ErrorStatus, Int32)
        /// Answers with this community.
        case community(String)
        /// Keeps requests until `release`.
        case queue
        /// Answers the datagram of this number, counted from 1, and none before.
        case from(Int)
        /// Answers with any datagrams.
        case script(@Sendable (CommunityMessage) -> [[UInt8]])
    }

    let address: SocketAddress
    private let log = Log<Datagram>()
    private let state: State
    private let loop: EventLoop
    private let thread: Thread

    init(_ behaviour: Behaviour = .answer, at local: SocketAddress = .loopbackIPv4(port: 0)) throws {
        var options = UDPSocket.Options()
        options.receiveBufferByteCount = 4 << 20
        let socket = try UDPSocket(binding: local, options: options)
        let loop = try EventLoop()
        let state = State(socket, behaviour)
        let log = log
        try loop.register(socket.descriptor, interest: .read) { _ in
            var received: [Datagram] = []
            _ = try? socket.receiveBatch { bytes, source, _, _ in
                received.append(Datagram(octets: Array(bytes), source: source, time: SystemClock.now))
            }
            for datagram in received {
                log.append(datagram)
                state.take(datagram, log.count)
            }
        }
        loop.addDeadline(next: { state.nextDeadline }, tick: { state.tick($0) })
        address = socket.localAddress
        self.state = state
        self.loop = loop
        thread = try loop.start(threadName: "scripted-agent")
    }

    deinit {
        loop.stop()
        thread.join()
    }

    var port: UInt16 { address.port }
    /// All that came so far.
    var datagrams: [Datagram] { log.all }
    var count: Int { log.count }
    /// The first datagrams, once they are there.
    func first(_ count: Int) async throws -> [Datagram] { try await log.first(count) }

    /// Behaves otherwise from now on.
    func behave(_ behaviour: Behaviour) {
        let state = state
        loop.submit { state.behaviour = behaviour }
    }

    /// Answers what it kept, in an order drawn with `seed`.
    func release(seed: UInt64) {
        let state = state
        loop.submit { state.release(seed) }
    }

    /// Sends any datagram.
    func send(_ octets: [UInt8], to address: SocketAddress) {
        let state = state
        loop.submit { state.send(octets, to: address) }
    }

    /// A port on which nobody is.
    static func closedPort() throws -> UInt16 { try UDPSocket(binding: .loopbackIPv4(port: 0)).localAddress.port }

    /// What a good agent answers: names as text to GET, the next names with their last number to GETNEXT and GETBULK,
    /// the same bindings to SET and INFORM. Nil to what is no request.
    static func answer(to request: CommunityMessage) -> CommunityMessage? {
        guard case .pdu(let pdu) = request.pdu, pdu.type.isConfirmed else { return nil }
        func next(_ name: ObjectIdentifier) -> VarBind {
            let last = name.last ?? 0
            return VarBind(
                name.prefix(name.count - 1).appending(last + 1), .integer(Int32(truncatingIfNeeded: last + 1)))
        }
        var list: [VarBind] = []
        switch pdu.type {
        case .get: list = pdu.variableBindings.map { VarBind($0.name, .string($0.name.description)) }
        case .getNext: list = pdu.variableBindings.map { next($0.name) }
        case .getBulk:
            var names = pdu.variableBindings.map(\.name)
            for _ in 0..<max(1, pdu.maxRepetitions) {
                let row = names.map(next)
                list += row
                names = row.map(\.name)
            }
        default: list = pdu.variableBindings
        }
        var answer = request
        answer.pdu = .pdu(PDU(.response, requestID: pdu.requestID, list))
        return answer
    }
}

/// What the agent's thread owns.
private final class State: @unchecked Sendable {
    let socket: UDPSocket
    var behaviour: ScriptedAgent.Behaviour
    private var kept: [(octets: [UInt8], to: SocketAddress)] = []
    private var delayed: [(octets: [UInt8], to: SocketAddress, time: Instant)] = []

    init(_ socket: UDPSocket, _ behaviour: ScriptedAgent.Behaviour) {
        self.socket = socket
        self.behaviour = behaviour
    }

    var nextDeadline: Instant? { delayed.map(\.time).min() }

    func tick(_ now: Instant) {
        for reply in delayed where reply.time <= now { send(reply.octets, to: reply.to) }
        delayed.removeAll { $0.time <= now }
    }

    func send(_ octets: [UInt8], to address: SocketAddress) { _ = try? socket.send(octets, to: address) }

    func release(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for reply in kept.shuffled(using: &random) { send(reply.octets, to: reply.to) }
        kept = []
    }

    func take(_ datagram: ScriptedAgent.Datagram, _ number: Int) {
        guard let request = try? message(datagram.octets), var answer = ScriptedAgent.answer(to: request),
            case .pdu(var pdu) = answer.pdu
        else { return }
        var copies = 1
        var socket = socket
        var isKept = false
        switch behaviour {
        case .answer: break
        case .silent: return
        case .from(let first): if number < first { return }
        case .delayed(let interval):
            guard let octets = try? answer.encoded() else { return }
            delayed.append((octets, datagram.source, datagram.time + interval))
            return
        case .wrongID: pdu.requestID &+= 1
        case .duplicate(let count): copies = count
        case .foreignSource(let address):
            guard let other = try? UDPSocket(binding: address) else { return }
            socket = other
        case .error(let status, let index):
            pdu.errorStatusField = status.rawValue
            pdu.errorIndexField = index
            pdu.variableBindings = request.pdu.variableBindings
        case .community(let text): answer.community = Array(text.utf8)
        case .queue: isKept = true
        case .script(let body):
            for octets in body(request) { send(octets, to: datagram.source) }
            return
        }
        answer.pdu = .pdu(pdu)
        guard let octets = try? answer.encoded() else { return }
        if isKept {
            kept.append((octets, datagram.source))
        } else {
            for _ in 0..<copies { _ = try? socket.send(octets, to: datagram.source) }
        }
    }
}
