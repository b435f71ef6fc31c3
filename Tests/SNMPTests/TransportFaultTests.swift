import Foundation
import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

/// What the network and bad peers do to a manager.
@Suite(.timeLimit(.minutes(6)))
struct TransportFaultTests {
    private func get(_ target: SNMPTarget) async -> SNMPError? {
        await failure { () async throws(SNMPError) in _ = try await target.get(.title) }
    }

    private func transportReason(_ error: SNMPError?) -> String? {
        if case .request(.transport(let reason)) = error { reason } else { nil }
    }

    // MARK: UDP

    /// A port where nobody listens: the second ICMP message ends the request, long before its retries are used up.
    @Test(arguments: ["127.0.0.1", "::1"])
    func nobodyListens(host: String) async throws {
        let manager = try SNMPManager()
        for security in [TargetSecurity.v2c, .v3(users[2])] {
            let free = try UDPSocket(binding: SocketAddress(numericHost: host, port: 0)).localAddress
            let target = try manager.target(
                Peer(free), security, policy: .fixed(timeout: .milliseconds(20), retries: 2_000_000))
            let reason = transportReason(await get(target))
            #expect(reason?.hasPrefix("\(free): Connection refused") == true, "\(reason ?? "nil")")
            #expect(target.statistics.sent == 2)
        }
    }

    /// ICMP about one peer is nothing to another, though both share a socket.
    @Test func nobodyListensNextToSomebody() async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let free = try UDPSocket(binding: .loopbackIPv4(port: 0)).localAddress
        let dead = try manager.target(Peer(free), policy: .fixed(timeout: .milliseconds(1), retries: 10))
        let alive = try manager.target(server.udp, policy: patient)
        let values = try await inTasks(200) { number -> SNMPValue? in
            number % 2 == 0 ? try await alive.get(.title) : try? await dead.get(.title)
        }
        #expect(values.compactMap(\.self).count == 100)
        #expect(alive.statistics.failed == 0)
    }

    @Test func familyWithoutASocketFailsAtOnce() async throws {
        var options = SNMPManager.Options()
        // Documentation addresses are nobody's.
        options.localIPv6 = SocketAddress(ipv6High: 0x2001_0DB8_0000_0000, low: 1, port: 0)
        let manager = try SNMPManager(options)
        #expect(manager.localAddresses.map(\.family) == [.ipv4])
        let target = try manager.target(Peer(.loopbackIPv6(port: 161)), policy: patient)
        #expect(transportReason(await get(target))?.contains("no socket") == true)
        options.localIPv4 = SocketAddress(ipv4: 192, 0, 2, 1, port: 0)
        #expect(throws: SNMPServiceError.self) { try SNMPManager(options) }
    }

    @Test func messageTooLongForTheNetworkFailsAtOnce() async throws {
        let manager = try SNMPManager()
        let peer = try FakePeer.silent()
        let target = try manager.target(Peer(peer.address), policy: patient)
        let long = VarBind(.title, .octetString(Array(repeating: 0, count: 65_400)))
        let fits = Task { await failure { () async throws(SNMPError) in try await target.set([long]) } }
        while target.statistics.sent < 1 { await Task.yield() }
        fits.cancel()
        #expect(await fits.value == .request(.cancelled))
        let longer = VarBind(.title, .octetString(Array(repeating: 0, count: 66_000)))
        let error = await failure { () async throws(SNMPError) in try await target.set([longer]) }
        guard case .unencodable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func garbageAndWrongIdentifiersAreEvidence() async throws {
        let peer = try FakePeer { bytes in
            [([0x30, 0x82, 0xFF, 0xFF, 1], nil), (answer(to: bytes, requestIDOffset: 1) ?? [], nil), ([], nil)]
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(peer.address), policy: .fixed(timeout: .milliseconds(200), retries: 1))
        guard case .request(.timeout(let evidence)) = await get(target) else {
            Issue.record("answered")
            return
        }
        #expect(evidence.attempts == 2 && evidence.unmatchedReplies == 2 && evidence.malformedReplies == 4)
        #expect(evidence.lastError != nil)
    }

    @Test func garbageBeforeTheAnswerDoesNotMatter() async throws {
        let peer = try FakePeer { bytes in
            [
                ([0x30, 0x03], nil), (Array("HTTP/1.1 400".utf8), nil), (answer(to: bytes) ?? [], nil),
                (answer(to: bytes) ?? [], nil),
            ]
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(peer.address), policy: patient)
        for _ in 0..<3 { #expect(try await target.get(.title) == .string("fake")) }
        #expect(target.statistics.malformed >= 4 && target.statistics.answered == 3)
    }

    @Test func answerFromAnotherAddress() async throws {
        let peer = try FakePeer { bytes in [(answer(to: bytes) ?? [], SocketAddress(ipv4: 127, 0, 0, 2, port: 0))] }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(peer.address), policy: patient)
        let response = try await target.exchange(.get(try EncodedBindings(names: [.title])))
        #expect(response.source?.host == "127.0.0.2" && response.deviations.contains(.otherSourceAddress))
        #expect(target.profile.answersFromOtherAddress)
        var policy = RequestPolicy.fixed(timeout: .milliseconds(200), retries: 0)
        policy.acceptsOtherSourceAddress = false
        let strict = try manager.target(Peer(peer.address), policy: policy)
        guard case .request(.timeout(let evidence)) = await get(strict) else {
            Issue.record("answered")
            return
        }
        #expect(evidence.foreignReplies == 1)
    }

    // MARK: TCP

    @Test func connectionRefused() async throws {
        let manager = try SNMPManager()
        let free = try TCPListener(binding: .loopbackIPv4(port: 0)).localAddress
        for security in [TargetSecurity.v2c, .v3(users[1])] {
            let target = try manager.target(Peer(free, .tcp), security, policy: patient)
            let reason = transportReason(await get(target))
            #expect(reason?.contains("cannot connect to \(free): Connection refused") == true, "\(reason ?? "nil")")
        }
    }

    /// All that wait for a connection fail with it, however many.
    @Test func connectionRefusedToThousands() async throws {
        let manager = try SNMPManager()
        let free = try TCPListener(binding: .loopbackIPv4(port: 0)).localAddress
        let target = try manager.target(Peer(free, .tcp), policy: patient)
        let outcomes = Recorder<RequestOutcome>()
        let request = Request.get(try EncodedBindings(names: [.title]))
        for _ in 0..<2_000 { manager.submit(request, to: target.id) { outcome, _ in outcomes.append(outcome) } }
        #expect(await outcomes.values(atLeast: 2_000).allSatisfy { $0.label.contains("Connection refused") })
        manager.close()
        #expect(outcomes.values.count == 2_000)
    }

    @Test func connectionClosedInTheMiddle() async throws {
        // Closed: at once; after the request; in the middle of the answer; the fourth connection works.
        let server = try FakeServer { connection, bytes in
            if connection == 0 { return .init(closes: true) }
            guard !bytes.isEmpty, let answer = answer(to: bytes) else { return nil }
            switch connection {
            case 1: return .init(closes: true)
            case 2: return .init(chunks: [Array(answer.dropLast(3))], closes: true)
            default: return .init(chunks: [answer])
            }
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(server.address, .tcp), policy: patient)
        for _ in 0..<3 { #expect(transportReason(await get(target)) != nil) }
        for _ in 0..<3 { #expect(try await target.get(.title) == .string("fake")) }
    }

    @Test(arguments: [Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 2], [0x30, 0x80, 1]])
    func garbageInAStreamEndsIt(garbage: [UInt8]) async throws {
        let server = try FakeServer { connection, bytes in
            guard !bytes.isEmpty, let answer = answer(to: bytes) else { return nil }
            return .init(chunks: [connection == 0 ? garbage : answer])
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(server.address, .tcp), policy: patient)
        let reason = transportReason(await get(target))
        #expect(reason?.contains("sent something that is not SNMP") == true, "\(reason ?? "nil")")
        #expect(try await target.get(.title) == .string("fake"))
    }

    /// A stream has no borders: answers come in pieces, and several at once.
    @Test func answersInPiecesAndTogether() async throws {
        let server = try FakeServer { _, bytes in
            guard !bytes.isEmpty else { return nil }
            var rest = bytes[...]
            var answers: [[UInt8]] = []
            while let length = try? MessageLayout.byteCount(startingWith: Array(rest).span.bytes, limit: 65_507),
                length <= rest.count
            {
                if let answer = answer(to: Array(rest.prefix(length))) { answers.append(answer) }
                rest = rest.dropFirst(length)
            }
            guard rest.isEmpty, !answers.isEmpty else { return nil }
            // One answer octet by octet, several in one piece, the last request's answer first.
            let all = Array(answers.reversed().joined())
            return .init(chunks: answers.count == 1 ? all.map { [$0] } : [all])
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(server.address, .tcp), policy: patient)
        #expect(try await target.get(.title) == .string("fake"))
        let values = try await inTasks(500) { _ in try await target.get(.title) }
        #expect(values == Array(repeating: .string("fake"), count: 500))
        #expect(target.statistics.retransmitted == 0)
    }

    @Test func longMessagesOverTCP() async throws {
        let text = String(repeating: "x", count: 60_000)
        let server = try FakeServer { _, bytes in
            guard let answer = answer(to: bytes, text: text) else { return nil }
            return .init(chunks: [answer])
        }
        let manager = try SNMPManager()
        let target = try manager.target(Peer(server.address, .tcp), policy: patient)
        for _ in 0..<5 { #expect(try await target.get(.title).asText == text) }
        let result = try await target.set([VarBind(.title, .string(text))])
        #expect(result.map(\.value.asText) == [text])
    }

    @Test func agentThatComesBackOverTCP() async throws {
        let manager = try SNMPManager()
        let first = try agentServer()
        let peer = first.tcp
        let target = try manager.target(peer, .v3(users[2]), policy: patient)
        #expect(try await target.get(.title) == .string("an agent of ours"))
        first.close()
        // The end of the connection arrives with the next request at the latest.
        var error = await get(target)
        while transportReason(error) == nil { error = await get(target) }
        let second = try agentServer(port: peer.address.port)
        #expect(second.tcp == peer)
        #expect(try await target.get(.title) == .string("an agent of ours"))
    }

    /// More connections than the agent keeps: the oldest makes room, and its manager connects again.
    @Test func manyConnectionsToOneAgent() async throws {
        let server = try agentServer()
        let loop = try SNMPLoop()
        let managers = try (0..<40).map { _ in try SNMPManager(loop: loop) }
        let targets = try managers.map { try $0.target(server.tcp, policy: patient) }
        let values = try await inTasks(400) { try await targets[$0 % 40].get(.title) }
        #expect(values.count == 400)
        for manager in managers { manager.close() }
    }

    /// Without descriptors the agent leaves connections waiting, and takes them once there are some again.
    @Test func connectionsWaitForDescriptors() async {
        await #expect(processExitsWith: .success) {
            let server = try agentServer()
            let manager = try SNMPManager()
            let target = try manager.target(server.tcp, policy: patient)
            var limit = rlimit()
            getrlimit(openFiles, &limit)
            limit.rlim_cur = 256
            setrlimit(openFiles, &limit)
            var hogs: [UDPSocket] = []
            while let hog = try? UDPSocket(binding: .loopbackIPv4(port: 0)) { hogs.append(hog) }
            // Enough for the manager's end of the connection alone.
            let last = hogs.removeLast().descriptor
            async let value = target.get(.title)
            while fcntl(last, F_GETFD) == -1 { await Task.yield() }
            // A round of the agent's thread, in which it finds the connection waiting and nothing to take it with.
            let counted = Recorder<Bool>()
            server.perform { _ in counted.append(true) }
            _ = await counted.values(atLeast: 1)
            hogs = []
            let isRight = try await value == .string("an agent of ours")
            exit(isRight ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

#if canImport(Glibc)
    private let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
    private let openFiles = RLIMIT_NOFILE
#endif
