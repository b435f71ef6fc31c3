import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Testing

/// Retransmission, round-trip times, windows and budgets, on virtual time.
@Suite struct TimingTests {
    /// Timers fire at the end of a tick of the wheel, up to 4.2 ms late.
    private let tick = Interval.milliseconds(5)

    private func isAbout(_ time: Interval, _ expected: Interval) -> Bool {
        time >= expected && time <= expected + tick
    }

    /// Sends one GET to nobody and returns when it was sent, repeated and given up, from the start.
    private func attempts(_ policy: RequestPolicy) throws -> (sent: [Interval], end: Interval, TimeoutEvidence) {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1), policy: policy)
        let start = network.now
        nonisolated(unsafe) var times: [Interval] = []
        network.onSend = { _, _, now in times.append(now - start) }
        let outcome = try network.get(from: target)
        guard case .timeout(let evidence)? = outcome.failure else {
            throw Unexpected(description: "\(outcome.outcome)")
        }
        return (times, outcome.time - start, evidence)
    }

    struct Unexpected: Error, CustomStringConvertible { let description: String }

    @Test func attemptsDoubleTheirTimeout() throws {
        let (sent, end, evidence) = try attempts(RequestPolicy())
        #expect(evidence.attempts == 4)
        let waits = zip(sent.dropFirst() + [end], sent).map { $0 - $1 }
        for (wait, seconds) in zip(waits, [1, 2, 4, 8] as [Int64]) { #expect(isAbout(wait, .seconds(seconds))) }
        #expect(waits.count == 4)
    }

    @Test func attemptsNeverWaitLongerThanTheMaximum() throws {
        var policy = RequestPolicy()
        policy.retries = 7
        let (sent, end, _) = try attempts(policy)
        let waits = zip(sent.dropFirst() + [end], sent).map { $0 - $1 }
        #expect(waits.count == 8)
        for wait in waits.dropFirst(4) { #expect(isAbout(wait, policy.maximumTimeout)) }
    }

    @Test func fixedPolicyRepeatsAtEqualIntervals() throws {
        let (sent, end, evidence) = try attempts(.fixed(timeout: .milliseconds(300), retries: 4))
        #expect(evidence.attempts == 5)
        for wait in zip(sent.dropFirst() + [end], sent).map({ $0 - $1 }) {
            #expect(isAbout(wait, .milliseconds(300)))
        }
    }

    @Test func policyWithoutRetriesSendsOnce() throws {
        let (sent, _, evidence) = try attempts(.fixed(timeout: .seconds(1), retries: 0))
        #expect(sent == [.zero] && evidence.attempts == 1)
    }

    @Test func requestOverridesThePolicy() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        var request = Request.get(try EncodedBindings(names: [sysName]))
        request.retries = 1
        request.timeout = .milliseconds(100)
        let start = network.now
        let number = network.submit(request, to: target).number
        network.run()
        let outcome = try #require(network.outcome(number))
        #expect(isAbout(outcome.time - start, .milliseconds(200)) || isAbout(outcome.time - start, .milliseconds(204)))
    }

    // RFC 6298, section 2.
    @Test func estimatorFollowsTheNumbersOfRFC6298() {
        var estimator = RoundTripEstimator()
        var policy = RequestPolicy()
        policy.minimumTimeout = .milliseconds(1)
        #expect(estimator.timeout(attempt: 0, policy) == .seconds(1))
        estimator.sample(.milliseconds(100))
        #expect(estimator.smoothed == .milliseconds(100) && estimator.variation == .milliseconds(50))
        #expect(estimator.timeout(attempt: 0, policy) == .milliseconds(300))
        // RTTVAR = 3/4 * 50 + 1/4 * |100 - 180|, SRTT = 7/8 * 100 + 1/8 * 180.
        estimator.sample(.milliseconds(180))
        #expect(estimator.variation == .microseconds(57_500))
        #expect(estimator.smoothed == .milliseconds(110))
        #expect(estimator.timeout(attempt: 0, policy) == .milliseconds(340))
        #expect(estimator.timeout(attempt: 1, policy) == .milliseconds(680))
        #expect(estimator.minimum == .milliseconds(100))
        policy.minimumTimeout = .milliseconds(400)
        #expect(estimator.timeout(attempt: 0, policy) == .milliseconds(400))
        #expect(estimator.timeout(attempt: 1_000_000, policy) == policy.maximumTimeout)
    }

    @Test func repeatedRequestsGiveNoSample() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        network.attach(FaultyAgent([], delay: .milliseconds(20)), at: address(1))
        _ = try network.get(from: target)
        let before = try #require(network.profile(target)?.roundTripNanoseconds)
        // The first attempt is lost; the answer to the second one comes 300 ms after the first was sent.
        nonisolated(unsafe) var sent = 0
        network.onReceive = { octets, _ in
            sent += 1
            if sent == 1 { octets = [] }
        }
        let outcome = try network.get(from: target)
        #expect(outcome.response?.attempts == 2)
        #expect(network.profile(target)?.roundTripNanoseconds == before)
    }

    @Test func deviceThatGotSlowerIsMeasuredAgain() throws {
        // Every answer comes after the timeout learned before: without back-off kept between requests, each would be
        // sent twice for ever, and no sample ever taken.
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        network.attach(FaultyAgent([], delay: .milliseconds(20)), at: address(1))
        for _ in 0..<10 { _ = try network.get(from: target) }
        network.attach(FaultyAgent([], delay: .milliseconds(600)), at: address(1))
        for _ in 0..<20 { #expect(try network.get(from: target).response != nil) }
        #expect(try network.get(from: target).response?.attempts == 1)
        let mean = try #require(network.profile(target)?.roundTripNanoseconds)
        #expect(mean > 400_000_000)
    }

    @Test func savedRoundTripTimeIsUsed() throws {
        let network = SimulatedNetwork(seed: 1)
        var profile = TargetProfile()
        profile.roundTripNanoseconds = 300_000_000
        profile.variationNanoseconds = 50_000_000
        var policy = RequestPolicy()
        policy.retries = 0
        let target = try network.addTarget(address(1), policy: policy, profile: profile)
        let start = network.now
        let outcome = try network.get(from: target)
        #expect(isAbout(outcome.time - start, .milliseconds(500)))
    }

    @Test func packetBudgetIsNeverExceeded() throws {
        for rate in [1, 7, 10, 100, 1_000] {
            // Half of the replies are lost, so repetitions count as well; discovery does in the tests of SNMPv3.
            let network = SimulatedNetwork(seed: UInt64(rate))
            network.attach(FaultyAgent([.losesReplies(percent: 50)]), at: address(1))
            var policy = RequestPolicy()
            policy.packetsPerSecond = rate
            policy.retries = 5
            let target = try network.addTarget(address(1), policy: policy)
            nonisolated(unsafe) var times: [Instant] = []
            network.onSend = { _, _, now in times.append(now) }
            let names = try EncodedBindings(names: [sysName])
            let count = min(20 + rate, 500)
            for _ in 0..<count { network.submit(.get(names), to: target) }
            #expect(network.run())
            #expect(network.completedCount == count)
            #expect(times.count > count)
            for (index, time) in times.enumerated() {
                // The first and last of the messages may both be on the edge of the second, and 10 ms of slack.
                let later = index + rate + 1 + rate / 100
                guard later < times.count else { break }
                #expect(times[later] - time >= .milliseconds(995), "rate \(rate), message \(index)")
            }
        }
    }

    @Test func budgetIsUsedUp() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        var policy = RequestPolicy()
        policy.packetsPerSecond = 500
        let target = try network.addTarget(address(1), policy: policy)
        let names = try EncodedBindings(names: [sysName])
        let start = network.now
        for _ in 0..<1_000 { network.submit(.get(names), to: target) }
        #expect(network.run())
        let elapsed = (network.now - start).inSeconds
        #expect(elapsed > 1.9 && elapsed < 2.3, "\(elapsed) s")
    }

    @Test func windowGrowsWhileAllOfItIsUsed() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1))
        let names = try EncodedBindings(names: [sysName])
        for _ in 0..<50 { _ = try network.get(from: target) }
        #expect(network.profile(target)?.window == 4, "one at a time does not show that more are possible")
        for _ in 0..<2_000 { network.submit(.get(names), to: target) }
        #expect(network.run())
        #expect(network.profile(target)?.window == RequestPolicy().maximumInFlight)
    }

    @Test func inFlightRequestsNeverExceedTheWindow() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([], delay: .milliseconds(50)), at: address(1))
        var policy = RequestPolicy()
        policy.maximumInFlight = 6
        let target = try network.addTarget(address(1), policy: policy)
        nonisolated(unsafe) var sent = 0
        nonisolated(unsafe) var most = 0
        network.onSend = { _, _, _ in
            sent += 1
            most = max(most, sent)
        }
        network.onReceive = { _, _ in sent -= 1 }
        let names = try EncodedBindings(names: [sysName])
        for _ in 0..<200 { network.submit(.get(names), to: target) }
        #expect(network.run())
        #expect(most == 6)
    }

    @Test func silentDeviceHasItsWindowClosed() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        let names = try EncodedBindings(names: [sysName])
        for _ in 0..<8 { network.submit(.get(names), to: target) }
        #expect(network.run())
        #expect(network.profile(target)?.window == 1)
        #expect(network.statistics(target)?.overloads == 2)
        #expect(network.statistics(target)?.failed == 8)
    }

    @Test func plainLossLeavesTheWindowOpen() throws {
        for seed in seeds(5) {
            var conditions = NetworkConditions()
            conditions.lossPermille = 50
            let network = SimulatedNetwork(seed: seed, conditions: conditions)
            network.attach(FaultyAgent(), at: address(1))
            let target = try network.addTarget(address(1))
            let names = try EncodedBindings(names: [sysName])
            for _ in 0..<2_000 { network.submit(.get(names), to: target) }
            #expect(network.run())
            let statistics = try #require(network.statistics(target))
            #expect(statistics.losses > 50, "seed \(seed)")
            #expect(statistics.overloads <= 2, "seed \(seed): \(statistics)")
            #expect(try #require(network.profile(target)?.window) >= 8, "seed \(seed)")
        }
    }

    @Test func overloadedDeviceIsFoundOut() throws {
        // 10 ms for each request, and at most eight wait: a window of 32 would lose most of them.
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([.overloaded(milliseconds: 10, queue: 8)], delay: .zero), at: address(1))
        let target = try network.addTarget(address(1))
        let names = try EncodedBindings(names: [sysName])
        for _ in 0..<3_000 { network.submit(.get(names), to: target) }
        #expect(network.run())
        let statistics = try #require(network.statistics(target))
        #expect(statistics.answered == 3_000)
        #expect(statistics.retransmitted < 600, "\(statistics)")
        #expect(try #require(network.profile(target)?.window) < 16)
    }

    // MARK: Fixed windows and many retries

    @Test func fixedWindowIsOpenFromTheStartAndStaysSo() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = RequestPolicy.fixed(timeout: .seconds(1), retries: 2)
        #expect(policy.adaptsWindow, "fixed times are no fixed window")
        policy.adaptsWindow = false
        policy.maximumInFlight = 500
        var profile = TargetProfile()
        profile.window = 2
        let target = try network.addTarget(address(1), policy: policy, profile: profile)
        let names = try EncodedBindings(names: [sysName])
        for round in 1...3 {
            let before = try #require(network.statistics(target)?.sent)
            for _ in 0..<600 { network.submit(.get(names), to: target) }
            network.run(for: .milliseconds(1))
            #expect(network.statistics(target)?.sent == before + 500, "round \(round)")
            // Silence, which would halve any other window.
            #expect(network.run())
        }
        #expect(network.statistics(target)?.overloads == 0 && network.statistics(target)?.losses == 3 * 600 * 3)
        network.attach(FaultyAgent(), at: address(1))
        nonisolated(unsafe) var inFlight = 0
        nonisolated(unsafe) var most = 0
        network.onSend = { _, _, _ in
            inFlight += 1
            most = max(most, inFlight)
        }
        network.onReceive = { _, _ in inFlight -= 1 }
        for _ in 0..<5_000 { network.submit(.get(names), to: target) }
        #expect(network.run() && most == 500)
        #expect(network.profile(target)?.window == 2, "nothing was learned")
        // Back to learning, within the new bounds.
        policy.adaptsWindow = true
        policy.maximumInFlight = 64
        network.engine.setPolicy(policy, of: target)
        #expect(network.profile(target)?.window == 64)
        policy.adaptsWindow = false
        policy.maximumInFlight = 0
        network.engine.setPolicy(policy, of: target)
        #expect(try network.get(from: target).response != nil, "at least one")
    }

    @Test(arguments: [(255, 256), (256, 256), (.max, 256), (12, 13), (-1, 1), (.min, 1)])
    func retriesAreTakenFromZeroTo255(retries: Int, attempts: Int) throws {
        let (sent, end, evidence) = try self.attempts(.fixed(timeout: .milliseconds(50), retries: retries))
        #expect(sent.count == attempts && evidence.attempts == attempts)
        #expect(end >= .milliseconds(50) * Int64(attempts))
    }

    @Test func adaptiveTimesWithManyRetriesStayInTheirBounds() throws {
        var policy = RequestPolicy()
        policy.retries = 255
        let (sent, end, evidence) = try attempts(policy)
        let waits = zip(sent.dropFirst() + [end], sent).map { $0 - $1 }
        #expect(evidence.attempts == 256 && waits.count == 256)
        for wait in waits.dropFirst(4) { #expect(isAbout(wait, policy.maximumTimeout)) }
        // Times that can't be doubled, out of a policy or out of a profile.
        let long = Interval(nanoseconds: .max)
        for initial in [.zero, .seconds(1), .seconds(42_949_673), long] as [Interval] {
            policy.initialTimeout = initial
            policy.maximumTimeout = long
            var estimator = RoundTripEstimator()
            for attempt in 0...255 {
                let timeout = estimator.timeout(attempt: attempt, policy)
                #expect(timeout >= initial && timeout >= estimator.timeout(attempt: max(attempt - 1, 0), policy))
            }
            estimator.answered(after: .seconds(10), attempt: 255)
            #expect(estimator.timeout(attempt: 255, policy) >= initial)
        }
        var profile = TargetProfile()
        profile.roundTripNanoseconds = .max
        profile.variationNanoseconds = .min
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1), policy: policy, profile: profile)
        #expect(try network.get(from: target).response != nil)
    }
}
