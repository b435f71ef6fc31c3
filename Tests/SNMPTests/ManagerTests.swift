import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

/// Our manager and our agent.
@Suite(.timeLimit(.minutes(6)))
struct ManagerTests {
    private static let securities: [TargetSecurity] = [.v1, .v2c] + users.map { .v3($0) }

    @Test(arguments: securities)
    func everyOperationOverEveryTransport(security: TargetSecurity) async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        for (number, peer) in server.peers.enumerated() {
            let target = try manager.target(peer, security, policy: patient)
            #expect(try await target.get(.title) == .string("an agent of ours"))
            #expect(try await target.getNext([.root]).map(\.name) == [.title])
            let bulk = try await target.getBulk([.root, .entry], nonRepeaters: 1, maxRepetitions: 5)
            #expect(bulk.count == (security.version == .v1 ? 2 : 6) && bulk.first?.name == .title)
            let knob = VarBind(.knob, .integer(Int32(number)))
            #expect(try await target.set([knob]) == [knob])
            #expect(try await target.get(.knob) == .integer(Int32(number)))
            let missing = try await target.get([.knob, [1, 3, 6, 1, 4, 1, 9, 9], .title])
            #expect(missing.map(\.value.isException) == [false, true, false])
            let walk = await target.walk(.entry)
            #expect(walk.verdict.isComplete && walk.rows.count == 300, "\(walk.verdict)")
            let table = await target.table(entry: .entry)
            #expect(table.indexes.count == 100 && table[[7], ObjectIdentifier.entry.appending(2)] == .integer(2_007))
            #expect(target.statistics.retransmitted == 0 && target.statistics.failed == 0)
        }
        manager.close()
    }

    /// An agent that says what is wrong is believed at once.
    @Test func refusalsArePassedOn() async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let wrong: [(USMCredentials, SecurityRefusal)] = [
            (try USMCredentials(userName: "nobody"), .unknownUserName),
            (
                try USMCredentials(userName: "plain", auth: .hmacMD5, authKey: .password("some password")),
                .unsupportedSecurityLevel
            ),
            (
                try USMCredentials(userName: "signer", auth: .hmacSHA256, authKey: .password("other password")),
                .wrongDigest
            ),
            (
                try USMCredentials(
                    userName: "hider", auth: .hmacSHA512, authKey: .password("hider's password"), priv: .aes256,
                    privKey: .password("another privacy")), .decryptionError
            ),
        ]
        for (credentials, refusal) in wrong {
            let target = try manager.target(server.udp, .v3(credentials), policy: patient)
            let error = await failure { () async throws(SNMPError) in _ = try await target.get(.title) }
            #expect(error == .request(.refused(refusal)), "\(refusal)")
        }
        let elsewhere = try manager.target(
            server.udp, .v3(users[2], contextName: Array("elsewhere".utf8)), policy: patient)
        let error = await failure { () async throws(SNMPError) in _ = try await elsewhere.get(.title) }
        #expect(error == .request(.refused(.unknownContext)))
    }

    @Test func manyNamesGoInPartsOfWhatTheAgentTakes() async throws {
        let server = try agentServer(rowCount: 500)
        let manager = try SNMPManager()
        var policy = patient
        policy.maximumMessageByteCount = 484
        let target = try manager.target(server.udp, .v3(users[2]), policy: policy)
        let names = (1...500).map { ObjectIdentifier.entry.appending(1).appending($0) }
        #expect(try await target.get(names).map(\.value) == (1...500).map { .integer(1_000 + $0) })
        #expect(try await target.getNext(names.dropLast()).map(\.name) == Array(names.dropFirst()))
    }

    @Test(arguments: [Transport.udp, .tcp])
    func manyTasksAtOnce(transport: Transport) async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let targets = try Self.securities.map { security throws in
            try manager.target(transport == .udp ? server.udp : server.tcp, security)
        }
        let values = try await inTasks(1_000) { try await targets[$0 % targets.count].get(.title) }
        #expect(values == Array(repeating: .string("an agent of ours"), count: 1_000))
        let one = try await inTasks(200) { _ in try await targets[1].get(.title) }
        #expect(one.count == 200)
    }

    @Test func cancelledTaskEndsItsRequest() async throws {
        let peer = try FakePeer.silent()
        let manager = try SNMPManager()
        let target = try manager.target(Peer(peer.address), policy: patient)
        // Cancelled before it begins, and while it waits.
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure { () async throws(SNMPError) in _ = try await target.get(.title) }
        }
        #expect(await early.value == .request(.cancelled))
        let late = Task { await failure { () async throws(SNMPError) in _ = try await target.get(.title) } }
        while target.statistics.sent < 2 { await Task.yield() }
        late.cancel()
        #expect(await late.value == .request(.cancelled))
        let walk = Task { await target.walk(.root) }
        while target.statistics.sent < 3 { await Task.yield() }
        walk.cancel()
        #expect(await walk.value.verdict.outcome == .partial(.cancelled, last: nil))
    }

    @Test func tokenCancelsOnce() async throws {
        let peer = try FakePeer.silent()
        let manager = try SNMPManager()
        let target = try manager.target(Peer(peer.address), policy: patient)
        let outcomes = Recorder<RequestOutcome>()
        let request = Request.get(try EncodedBindings(names: [.title]))
        let tokens = (0..<10).compactMap { _ in
            manager.submit(request, to: target.id) { outcome, _ in outcomes.append(outcome) }
        }
        #expect(tokens.count == 10)
        #expect(tokens.allSatisfy { manager.cancel($0) })
        #expect(!tokens.contains { manager.cancel($0) })
        #expect(await outcomes.values(atLeast: 10).allSatisfy(\.isCancelled))
        manager.close()
        #expect(outcomes.values.count == 10)
    }

    @Test func completionsMaySubmit() async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let target = try manager.target(server.udp)
        let done = Recorder<RequestOutcome>()
        let request = Request.get(try EncodedBindings(names: [.title]))
        // A chain, and a tree of three requests for each that was answered.
        @Sendable func chain(_ rest: Int) {
            manager.submit(request, to: target.id) { outcome, _ in
                done.append(outcome)
                if rest > 1, !outcome.isCancelled { chain(rest - 1) }
            }
        }
        @Sendable func tree(_ depth: Int) {
            manager.submit(request, to: target.id) { outcome, _ in
                done.append(outcome)
                if depth > 1, !outcome.isCancelled { for _ in 0..<3 { tree(depth - 1) } }
            }
        }
        chain(300)
        tree(6)
        let outcomes = await done.values(atLeast: 300 + 364)
        #expect(outcomes.allSatisfy { $0.label == "response" })
        manager.close()
        #expect(done.values.count == 664)
    }

    /// Requests that fail at once, submitted from completions of their like, take turns with the sockets.
    @Test func completionsMaySubmitWhatFailsAtOnce() async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let target = try manager.target(server.udp, .v1)
        let done = Recorder<RequestOutcome>()
        let inform = Request.inform(try EncodedBindings(names: [.title]))
        @Sendable func chain(_ rest: Int) {
            manager.submit(inform, to: target.id) { outcome, _ in
                done.append(outcome)
                if rest > 1 { chain(rest - 1) }
            }
        }
        chain(5_000)
        #expect(try await target.get(.title) == .string("an agent of ours"))
        let outcomes = await done.values(atLeast: 5_000)
        #expect(
            outcomes.allSatisfy {
                if case .failure(.notExpressible(.inform, .v1)) = $0 { true } else { false }
            })
    }

    @Test func releasedTargetCancelsItsRequestsOnly() async throws {
        let peer = try FakePeer.silent()
        let server = try agentServer()
        let manager = try SNMPManager()
        let outcomes = Recorder<RequestOutcome>()
        let request = Request.get(try EncodedBindings(names: [.title]))
        let other = try manager.target(Peer(peer.address), .v3(users[1]), policy: patient)
        let others = Recorder<RequestOutcome>()
        manager.submit(request, to: other.id) { outcome, _ in others.append(outcome) }
        var id: TargetID?
        do {
            // With v3 its requests wait for the discovery that it began.
            let target = try manager.target(Peer(peer.address), .v3(users[1]), policy: patient)
            id = target.id
            for _ in 0..<20 { manager.submit(request, to: target.id) { outcome, _ in outcomes.append(outcome) } }
        }
        #expect(await outcomes.values(atLeast: 20).allSatisfy(\.isCancelled))
        // Its name leads nowhere, though its place is used again.
        let next = try manager.target(server.udp)
        #expect(try await next.get(.title) == .string("an agent of ours"))
        manager.submit(request, to: try #require(id)) { outcome, _ in outcomes.append(outcome) }
        #expect(await outcomes.values(atLeast: 21).last?.isCancelled == true)
        #expect(others.values.isEmpty)
        manager.close()
        #expect(others.values.count == 1 && others.values.allSatisfy(\.isCancelled))
    }

    @Test func limitsOfTargetsAndRequests() async throws {
        let peer = try FakePeer.silent()
        var options = SNMPManager.Options()
        options.limits.maximumTargets = 2
        options.limits.maximumRequests = 3
        let manager = try SNMPManager(options)
        let targets = try (0..<2).map { _ in try manager.target(Peer(peer.address), policy: patient) }
        #expect(throws: SNMPError.closed) { try manager.target(Peer(peer.address)) }
        let outcomes = Recorder<RequestOutcome>()
        let request = Request.get(try EncodedBindings(names: [.title]))
        for _ in 0..<5 { manager.submit(request, to: targets[0].id) { outcome, _ in outcomes.append(outcome) } }
        #expect(
            await outcomes.values(atLeast: 2).map(\.label)
                == Array(repeating: "more than 3 requests wait already", count: 2))
        manager.close()
        #expect(outcomes.values.count == 5)
    }
}
