import PlatformIO
import Primitives
import SNMPCodec
import Testing

/// A datagram socket on a thread of its own that answers each datagram with what `script` makes of it.
final class FakePeer: @unchecked Sendable {
    let address: SocketAddress
    private let loop: EventLoop
    private let thread: Thread

    /// Each reply leaves from the socket itself (nil), or from a second socket bound to that address.
    typealias Reply = (bytes: [UInt8], from: SocketAddress?)

    init(
        _ local: SocketAddress = .loopbackIPv4(port: 0), script: @escaping @Sendable ([UInt8]) -> [Reply]
    ) throws {
        let socket = try UDPSocket(binding: local)
        let loop = try EventLoop()
        try loop.register(socket.descriptor, interest: .read) { _ in
            var received: [([UInt8], SocketAddress)] = []
            _ = try? socket.receiveBatch { bytes, source, _, _ in received.append(([UInt8](bytes), source)) }
            for (bytes, source) in received {
                for reply in script(bytes) {
                    if let from = reply.from, let other = try? UDPSocket(binding: from) {
                        _ = try? other.send(reply.bytes, to: source)
                    } else {
                        _ = try? socket.send(reply.bytes, to: source)
                    }
                }
            }
        }
        address = socket.localAddress
        self.loop = loop
        thread = try loop.start(threadName: "fake-peer")
    }

    /// Takes everything and says nothing.
    static func silent() throws -> FakePeer { try FakePeer { _ in [] } }

    deinit {
        loop.stop()
        thread.join()
    }
}

/// A TCP server on a thread of its own: `script` gets each connection's number, all bytes received on it so far, and
/// says what to write and whether to close then.
final class FakeServer: @unchecked Sendable {
    struct Answer: Sendable {
        var chunks: [[UInt8]] = []
        var closes = false
    }

    let address: SocketAddress
    private let loop: EventLoop
    private let thread: Thread

    init(script: @escaping @Sendable (Int, [UInt8]) -> Answer?) throws {
        let listener = try TCPListener(binding: .loopbackIPv4(port: 0))
        let loop = try EventLoop()
        let state = ServerState(loop)
        try loop.register(listener.descriptor, interest: .read) { _ in
            while let connection = try? listener.accept() { state.serve(connection, script) }
        }
        address = listener.localAddress
        self.loop = loop
        thread = try loop.start(threadName: "fake-server")
    }

    deinit {
        loop.stop()
        thread.join()
    }
}

private final class ServerState {
    // The loop's registrations hold this.
    private unowned let loop: EventLoop
    private var count = 0

    init(_ loop: EventLoop) { self.loop = loop }

    func serve(
        _ connection: TCPConnection, _ script: @escaping (Int, [UInt8]) -> FakeServer.Answer?
    ) {
        let number = count
        count += 1
        var received: [UInt8] = []
        // The connection lives as long as its registration.
        func answer(_ answer: FakeServer.Answer?) {
            guard let answer else { return }
            received = []
            for chunk in answer.chunks { _ = try? connection.write(chunk) }
            if answer.closes {
                self.loop.unregister(connection.descriptor)
                connection.close()
            }
        }
        try? loop.register(connection.descriptor, interest: .read) { [unowned loop] _ in
            let result = try? connection.read(appendingTo: &received)
            if result == .end || result == nil {
                loop.unregister(connection.descriptor)
                connection.close()
                return
            }
            answer(script(number, received))
        }
        answer(script(number, []))
    }
}

/// A v2c message of the community `tests`.
func message(_ pdu: PDU, community: String = "tests") -> [UInt8] {
    (try? BERWriter.encode(limit: 65_507) { writer in
        writer.pdu(.pdu(pdu))
        writer.messageHeader(version: .v2c, community: Array(community.utf8), since: 0)
    }) ?? []
}

/// The PDU of a v1 or v2c message.
func pdu(_ bytes: [UInt8]) -> PDU? {
    var deviations = Deviations()
    guard case .community(let layout)? = try? MessageLayout.parse(bytes.span.bytes, &deviations),
        case .pdu(let pdu)? = try? layout.pdu.pdu(bytes.span.bytes, &deviations)
    else { return nil }
    return pdu
}

/// The answer to a request with an octet string for each name; nil for what is no whole request.
func answer(to bytes: [UInt8], text: String = "fake", requestIDOffset: Int32 = 0) -> [UInt8]? {
    guard let request = pdu(bytes) else { return nil }
    return message(
        PDU(
            .response, requestID: request.requestID &+ requestIDOffset,
            request.variableBindings.map { VarBind($0.name, .string(text)) }))
}
