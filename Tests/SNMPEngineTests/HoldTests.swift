import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import SNMPTestKit
import Testing

/// Requests that are not sent again, but may still be answered.
@Suite struct HoldTests {
    private let fixed = RequestPolicy.fixed(timeout: .milliseconds(100), retries: 5)

    private func names() throws -> EncodedBindings { try EncodedBindings(names: [sysName]) }

    private func hold(_ network: SimulatedNetwork, _ token: RequestToken?, _ interval: Interval) throws -> Bool {
        network.engine.hold(try #require(token), for: interval, at: network.now)
    }

    /// The attempts of a request that ended as a timeout `interval` after `start`.
    private func attempts(
        _ network: SimulatedNetwork, _ number: Int, _ interval: Interval, after start: Instant
    ) throws -> Int {
        let outcome = try #require(network.outcome(number))
        guard case .timeout(let evidence)? = outcome.failure else {
            Issue.record("\(outcome.outcome)")
            return -1
        }
        let late = outcome.time - start - interval
        // Each timer fires up to a tick of the wheel late.
        #expect(late >= .zero && late <= .milliseconds(5 * Int64(max(evidence.attempts * 2, 1))), "\(late)")
        return evidence.attempts
    }

    @Test func inFlight() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1), policy: fixed)
        let request = network.submit(.get(try names()), to: target)
        network.run(for: .milliseconds(250))
        let start = network.now
        #expect(try hold(network, request.token, .seconds(30)))
        #expect(network.run())
        #expect(try attempts(network, request.number, .seconds(30), after: start) == 3)
        #expect(network.statistics(target)?.sent == 3 && network.engine.requestCount == 0)
        #expect(try !hold(network, request.token, .seconds(30)))
    }

    @Test func answerIsTaken() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([], delay: .seconds(5)), at: address(1))
        let target = try network.addTarget(address(1), policy: fixed)
        let request = network.submit(.get(try names()), to: target)
        network.run(for: .milliseconds(10))
        #expect(try hold(network, request.token, .seconds(30)))
        #expect(network.run())
        let response = try #require(network.outcome(request.number)?.response)
        #expect(response.attempts == 1 && response.roundTrip > .seconds(5))
        #expect(network.statistics(target)?.sent == 1 && network.statistics(target)?.answered == 1)
        // After the end it is late.
        let second = network.submit(.get(try names()), to: target)
        #expect(try hold(network, second.token, .seconds(4)))
        #expect(network.run())
        #expect(network.outcome(second.number)?.response == nil && network.statistics(target)?.late == 1)
    }

    @Test func queued() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = fixed
        policy.maximumInFlight = 1
        let target = try network.addTarget(address(1), policy: policy)
        let requests = try (0..<5).map { _ in network.submit(.get(try names()), to: target) }
        let start = network.now
        // The tail, the head, and one between.
        for index in [4, 1, 2] { #expect(try hold(network, requests[index].token, .seconds(60))) }
        #expect(network.run())
        for index in [4, 1, 2] {
            #expect(try attempts(network, requests[index].number, .seconds(60), after: start) == 0)
        }
        #expect(try attempts(network, requests[3].number, .milliseconds(1_200), after: start) == 6)
        #expect(network.statistics(target)?.sent == 12)
    }

    @Test func heldRequestsLeaveTheWindow() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = fixed
        policy.maximumInFlight = 1
        let target = try network.addTarget(address(1), policy: policy)
        let first = network.submit(.get(try names()), to: target)
        let second = network.submit(.get(try names()), to: target)
        network.run(for: .milliseconds(1))
        #expect(network.statistics(target)?.sent == 1)
        #expect(try hold(network, first.token, .seconds(600)))
        network.attach(FaultyAgent(), at: address(1))
        network.run(for: .milliseconds(10))
        #expect(network.outcome(second.number)?.response != nil && network.outcome(first.number) == nil)
        // Its place was given back once, also when it ends: the window is still one wide.
        #expect(network.run())
        network.detach(address(1))
        let before = try #require(network.statistics(target)?.sent)
        for _ in 0..<3 { network.submit(.get(try names()), to: target) }
        network.run(for: .milliseconds(1))
        #expect(network.statistics(target)?.sent == before + 1)
    }

    @Test func waitingForDiscovery() throws {
        let network = SimulatedNetwork(seed: 1)
        let user = try V3Tests.user()
        let target = try network.addV3Target(address(1), user, policy: fixed)
        let requests = try (0..<2).map { _ in network.submit(.get(try names()), to: target) }
        let start = network.now
        #expect(try hold(network, requests[0].token, .seconds(60)))
        network.run(for: .milliseconds(150))
        let agent = try USMAgent(
            engineID: V3Tests.engineID(1), users: [user], at: network.now, cache: V3Tests.agentKeys)
        network.attach(agent, at: address(1))
        #expect(network.run())
        #expect(try attempts(network, requests[0].number, .seconds(60), after: start) == 0)
        #expect(network.outcome(requests[1].number)?.response != nil && agent.answerCount == 1)
    }

    @Test func discoveryThatFailsLeavesHeldOnesAlone() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addV3Target(address(1), try V3Tests.user(), policy: fixed)
        let requests = try (0..<2).map { _ in network.submit(.get(try names()), to: target) }
        let start = network.now
        #expect(try hold(network, requests[0].token, .seconds(60)))
        #expect(network.run())
        #expect(try attempts(network, requests[0].number, .seconds(60), after: start) == 0)
        #expect(try attempts(network, requests[1].number, .milliseconds(600), after: start) == 6)
    }

    /// The slot of a held request is used again, for another device, while the discovery that it waited for goes on.
    @Test func discoveryForgetsTheOnesThatWereHeld() throws {
        let network = SimulatedNetwork(seed: 1)
        let user = try V3Tests.user()
        let policy = RequestPolicy.fixed(timeout: .seconds(1), retries: 5)
        let targets = try (1...2).map { try network.addV3Target(address($0), user, policy: policy) }
        let held = network.submit(.get(try names()), to: targets[0])
        #expect(try hold(network, held.token, .milliseconds(10)))
        network.run(for: .milliseconds(100))
        #expect(network.outcome(held.number)?.failure != nil)
        let other = network.submit(.get(try names()), to: targets[1])
        for device in 1...2 {
            let agent = try USMAgent(
                engineID: V3Tests.engineID(device), users: [user], at: network.now, cache: V3Tests.agentKeys)
            // The first device answers the second probe, the other one is slower.
            if device == 2 { agent.delay = .seconds(3) }
            network.attach(agent, at: address(device))
        }
        network.run(for: .milliseconds(1_500))
        #expect(network.engine.engineID(of: targets[0]) == V3Tests.engineID(1))
        #expect(network.statistics(targets[1])?.sent == 2, "the probe and its repetition")
        #expect(network.run())
        #expect(network.outcome(other.number)?.response != nil)
    }

    @Test func deferredByThePacketBudget() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = fixed
        policy.packetsPerSecond = 1
        let target = try network.addTarget(address(1), policy: policy)
        // The repetition of the first one waits for its turn, a second later than its timeout.
        let request = network.submit(.get(try names()), to: target)
        network.run(for: .milliseconds(500))
        #expect(network.statistics(target)?.sent == 1)
        let start = network.now
        #expect(try hold(network, request.token, .seconds(60)))
        #expect(network.run())
        #expect(try attempts(network, request.number, .seconds(60), after: start) == 1)
        #expect(network.statistics(target)?.sent == 1)
    }

    @Test func deferredBeforeItsFirstAttempt() throws {
        let user = try V3Tests.user()
        var policy = fixed
        policy.packetsPerSecond = 1
        let setup = try V3Tests.Setup(user, policy: policy)
        // Discovery takes the budget; the request itself then waits, in flight, for the next second.
        let request = setup.network.submit(.get(try names()), to: setup.target)
        setup.network.run(for: .milliseconds(200))
        #expect(setup.agent.discoveryCount == 1 && setup.statistics.sent == 1)
        let start = setup.network.now
        #expect(try hold(setup.network, request.token, .seconds(60)))
        #expect(setup.network.run())
        #expect(try attempts(setup.network, request.number, .seconds(60), after: start) == 0)
        #expect(setup.agent.answerCount == 0)
    }

    @Test func reportStartsNoRepetition() throws {
        let setup = try V3Tests.Setup(try V3Tests.user(), policy: fixed)
        #expect(try setup.network.get(from: setup.target).response != nil)
        // Another engine at the same address: its Report asks for a repetition with its own ID.
        try setup.agent.restart(engineID: V3Tests.engineID(2), boots: 1, at: setup.network.now)
        let request = setup.network.submit(.get(try names()), to: setup.target)
        let start = setup.network.now
        #expect(try hold(setup.network, request.token, .seconds(60)))
        #expect(setup.network.run())
        #expect(try attempts(setup.network, request.number, .seconds(60), after: start) == 1)
        #expect(setup.statistics.sent == 3 && setup.agent.answerCount == 1)
        #expect(try setup.network.get(from: setup.target).response != nil)
    }

    @Test func heldAgainAndForNoTime() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1), policy: fixed)
        let requests = try (0..<3).map { _ in network.submit(.get(try names()), to: target) }
        let start = network.now
        #expect(try hold(network, requests[0].token, .seconds(60)))
        #expect(try hold(network, requests[0].token, .seconds(2)))
        #expect(try hold(network, requests[1].token, .seconds(-5)))
        #expect(try hold(network, requests[2].token, Interval(nanoseconds: .max)))
        network.run(for: .seconds(10))
        #expect(try attempts(network, requests[0].number, .seconds(2), after: start) == 1)
        #expect(try attempts(network, requests[1].number, .zero, after: start) == 1)
        #expect(network.outcome(requests[2].number) == nil)
        let wasCancelled = network.engine.cancel(try #require(requests[2].token), at: network.now)
        #expect(wasCancelled && network.engine.nextDeadline == nil)
    }

    @Test func heldOnesEndWithTheirTargetOrTheirConnection() throws {
        let network = SimulatedNetwork(seed: 1)
        let ends: [(SimulatedNetwork, TargetID) -> RequestFailure] = [
            { network, target in
                network.engine.removeTarget(target, at: network.now)
                return .cancelled
            },
            { network, _ in
                network.engine.connectionLost(Peer(address(1)), reason: "gone", at: network.now)
                return .transport("gone")
            },
            { network, _ in
                network.engine.cancelAll()
                return .cancelled
            },
        ]
        for end in ends {
            let target = try network.addTarget(address(1), policy: fixed)
            let request = network.submit(.get(try names()), to: target)
            network.run(for: .milliseconds(1))
            #expect(try hold(network, request.token, .seconds(60)))
            let failure = end(network, target)
            #expect(network.run() && network.outcome(request.number)?.failure == failure)
            #expect(network.engine.requestCount == 0 && network.engine.nextDeadline == nil)
        }
    }

    /// Whatever is held, cancelled or answered, and when: each request ends once, and the window stays what it was.
    @Test func everythingEndsOnce() throws {
        let user = try V3Tests.user(auth: .hmacSHA1, priv: .aes128)
        for seed in seeds(40) {
            var random = SeededRandom(seed: seed)
            let network = SimulatedNetwork(seed: seed, conditions: .bad(loss: 200, duplication: 50, reordering: 100))
            var policy = RequestPolicy.fixed(timeout: .milliseconds(200), retries: 4)
            policy.maximumInFlight = 3
            policy.adaptsWindow = false
            policy.packetsPerSecond = random.oneIn(2) ? 20 : nil
            let isV3 = random.oneIn(2)
            let target =
                isV3
                ? try network.addV3Target(address(1), user, policy: policy)
                : try network.addTarget(address(1), policy: policy)
            if isV3 {
                network.attach(
                    try USMAgent(
                        engineID: V3Tests.engineID(1), users: [user], at: network.now, cache: V3Tests.agentKeys),
                    at: address(1))
            } else {
                network.attach(FaultyAgent([], delay: .milliseconds(50)), at: address(1))
            }
            let names = try names()
            var submitted: [(number: Int, token: RequestToken?)] = []
            for _ in 0..<40 {
                for _ in 0..<random.next() % 4 { submitted.append(network.submit(.get(names), to: target)) }
                network.run(for: .milliseconds(Int64(random.next() % 150)))
                for request in submitted where random.oneIn(12) {
                    guard let token = request.token else { continue }
                    if random.oneIn(4) {
                        network.engine.cancel(token, at: network.now)
                    } else {
                        let interval = Interval.milliseconds(Int64(random.next() % 3_000))
                        let isRunning = network.outcome(request.number) == nil
                        let isHeld = network.engine.hold(token, for: interval, at: network.now)
                        #expect(!isHeld || isRunning, "seed \(seed)")
                    }
                }
            }
            #expect(network.run(), "seed \(seed)")
            #expect(network.completedCount == submitted.count, "seed \(seed)")
            #expect(network.engine.requestCount == 0 && network.engine.nextDeadline == nil, "seed \(seed)")
            network.detach(address(1))
            guard policy.packetsPerSecond == nil else { continue }
            let before = try #require(network.statistics(target)?.sent)
            for _ in 0..<10 { network.submit(.get(names), to: target) }
            network.run(for: .milliseconds(1))
            let waits = isV3 && network.engine.engineID(of: target) == .empty
            if !waits { #expect(network.statistics(target)?.sent == before + 3, "seed \(seed)") }
        }
    }
}
