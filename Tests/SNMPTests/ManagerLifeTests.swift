import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing

/// How managers and their loops end.
@Suite(.timeLimit(.minutes(6)))
struct ManagerLifeTests {
    private func request() throws -> Request { .get(try EncodedBindings(names: [.title])) }

    /// Queued, waiting for discovery, in flight, over TCP: all end as cancelled, once.
    @Test func closeEndsEveryRequestOnce() async throws {
        let peer = try FakePeer.silent()
        let server = try FakeServer { _, _ in nil }
        let manager = try SNMPManager()
        let targets = [
            try manager.target(Peer(peer.address), .v2c, policy: patient),
            try manager.target(Peer(peer.address), .v3(users[2]), policy: patient),
            try manager.target(Peer(server.address, .tcp), .v2c, policy: patient),
        ]
        let outcomes = Recorder<RequestOutcome>()
        for target in targets {
            for _ in 0..<200 { manager.submit(try request(), to: target.id) { outcome, _ in outcomes.append(outcome) } }
        }
        manager.close()
        #expect(outcomes.values.count == 600 && outcomes.values.allSatisfy(\.isCancelled))
        manager.close()
        #expect(outcomes.values.count == 600)
    }

    @Test func closeAmongResponsesEndsEveryRequestOnce() async throws {
        let server = try agentServer()
        for round in 0..<10 {
            let manager = try SNMPManager()
            let targets = try server.peers.map { try manager.target($0) }
            let outcomes = Recorder<RequestOutcome>()
            let threads = try (0..<3).map { _ in
                let request = try request()
                return try Thread.start(name: "submitter") {
                    for number in 0..<400 {
                        manager.submit(request, to: targets[number % 4].id) { outcome, _ in outcomes.append(outcome) }
                    }
                }
            }
            _ = await outcomes.values(atLeast: 1 + round * 100)
            manager.close()
            for thread in threads { thread.join() }
            #expect(outcomes.values.count == 1_200)
            #expect(outcomes.values.allSatisfy { $0.label == "response" || $0.isCancelled })
        }
    }

    @Test func closedManagerTakesNothing() async throws {
        let server = try agentServer()
        let manager = try SNMPManager()
        let target = try manager.target(server.udp)
        #expect(!manager.isClosed)
        manager.close()
        #expect(manager.isClosed)
        let outcomes = Recorder<RequestOutcome>()
        #expect(manager.submit(try request(), to: target.id) { outcome, _ in outcomes.append(outcome) } == nil)
        #expect(outcomes.values.map(\.isCancelled) == [true])
        #expect(await failure { () async throws(SNMPError) in _ = try await target.get(.title) } == .closed)
        #expect(await target.walk(.root).verdict.outcome == .partial(.cancelled, last: nil))
        #expect(throws: SNMPError.closed) { try manager.target(server.udp) }
    }

    @Test func closeFromACompletion() async throws {
        let server = try agentServer()
        let peer = try FakePeer.silent()
        let manager = try SNMPManager()
        let silent = try manager.target(Peer(peer.address), policy: patient)
        let target = try manager.target(server.udp)
        let outcomes = Recorder<RequestOutcome>()
        for _ in 0..<10 { manager.submit(try request(), to: silent.id) { outcome, _ in outcomes.append(outcome) } }
        manager.submit(try request(), to: target.id) { outcome, _ in
            manager.close()
            outcomes.append(outcome)
        }
        #expect(await outcomes.values(atLeast: 11).filter(\.isCancelled).count == 10)
    }

    /// The last reference goes on the loop's own thread, in the middle of a call.
    @Test func managerReleasedByACompletion() async throws {
        let server = try agentServer()
        let peer = try FakePeer.silent()
        let outcomes = Recorder<RequestOutcome>()
        do {
            let manager = try SNMPManager()
            let silent = try manager.target(Peer(peer.address), policy: patient)
            let target = try manager.target(server.udp)
            let kept = Locked<(SNMPManager, SNMPTarget, SNMPTarget)?>((manager, silent, target))
            for _ in 0..<10 { manager.submit(try request(), to: silent.id) { outcome, _ in outcomes.append(outcome) } }
            manager.submit(try request(), to: target.id) { outcome, _ in
                kept.withLock { $0 = nil }
                outcomes.append(outcome)
            }
        }
        #expect(await outcomes.values(atLeast: 11).filter(\.isCancelled).count == 10)
    }

    @Test func droppedManagerEndsItsRequests() async throws {
        let peer = try FakePeer.silent()
        let outcomes = Recorder<RequestOutcome>()
        do {
            let manager = try SNMPManager()
            let target = try manager.target(Peer(peer.address), policy: patient)
            for _ in 0..<10 { manager.submit(try request(), to: target.id) { outcome, _ in outcomes.append(outcome) } }
        }
        #expect(await outcomes.values(atLeast: 10).allSatisfy(\.isCancelled))
    }

    @Test func servicesShareALoop() async throws {
        let loop = try SNMPLoop(name: "shared")
        let server = try agentServer(loop: loop)
        let first = try SNMPManager(loop: loop)
        let second = try SNMPManager(loop: loop)
        let targets = try [first, second].map { try $0.target(server.udp) }
        #expect(try await targets[0].get(.title) == .string("an agent of ours"))
        first.close()
        #expect(try await targets[1].get(.title) == .string("an agent of ours"))
        #expect(await failure { () async throws(SNMPError) in _ = try await targets[0].get(.title) } == .closed)
    }

    @Test func endOfTheLoopEndsWhatIsOnIt() async throws {
        let peer = try FakePeer.silent()
        let loop = try SNMPLoop(name: "shared")
        let manager = try SNMPManager(loop: loop)
        let listener = try NotificationListener(.init([ServiceEndpoint(.loopbackIPv4(port: 0))]), loop: loop)
        let target = try manager.target(Peer(peer.address), policy: patient)
        let notifications = listener.notifications
        async let error = failure { () async throws(SNMPError) in _ = try await target.get(.title) }
        while target.statistics.sent < 1 { await Task.yield() }
        loop.stop()
        #expect(await error == .request(.cancelled))
        for await _ in notifications { Issue.record("nothing was sent") }
        #expect(manager.isClosed)
        // What comes after the end is refused, not lost.
        let late = try SNMPManager(loop: loop)
        #expect(throws: SNMPError.closed) { try late.target(Peer(peer.address)) }
        manager.close()
        listener.close()
    }

    @Test func descriptorsAreGivenBack() async throws {
        let server = try agentServer()
        func lowestFreeDescriptor() throws -> Int32 { try UDPSocket(binding: .loopbackIPv4(port: 0)).descriptor }
        let before = try lowestFreeDescriptor()
        for _ in 0..<20 {
            let manager = try SNMPManager()
            let target = try manager.target(server.tcp)
            _ = try await target.get(.title)
            manager.close()
        }
        // Other tests open some of their own meanwhile; twenty managers would need more than a hundred.
        #expect(try lowestFreeDescriptor() < before + 60)
    }
}
