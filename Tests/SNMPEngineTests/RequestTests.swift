import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Testing

/// The life of requests: what they complete with, cancellation, counting.
@Suite struct RequestTests {
    private func names() throws -> EncodedBindings { try EncodedBindings(names: [sysName]) }

    @Test func getIsAnswered() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([], table: SimulatedTable(identity: 77)), at: address(1))
        let target = try network.addTarget(address(1))
        let outcome = try network.get(from: target)
        #expect(outcome.bindings == [VarBind(sysName, .gauge32(77))])
        #expect(outcome.response?.attempts == 1 && outcome.response?.deviations == [])
        #expect(outcome.response?.source == address(1))
        let statistics = try #require(network.statistics(target))
        #expect(statistics.sent == 1 && statistics.answered == 1 && statistics.retransmitted == 0)
        #expect(network.engine.requestCount == 0)
    }

    @Test func otherNamesAreNoted() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([.otherNames]), at: address(1))
        let target = try network.addTarget(address(1))
        #expect(try network.get(from: target).response?.deviations == .otherNames)
        #expect(network.statistics(target)?.deviations.contains(.otherNames) == true)
    }

    @Test func missingBindingsAreNoted() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([.emptyResponses]), at: address(1))
        let target = try network.addTarget(address(1))
        #expect(try network.get(from: target).response?.deviations == .wrongBindingCount)
    }

    @Test func duplicatesLateAndUnmatchedRepliesAreCountedApart() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([.duplicatesReplies]), at: address(1))
        let target = try network.addTarget(address(1))
        for _ in 0..<10 { _ = try network.get(from: target) }
        var statistics = try #require(network.statistics(target))
        #expect(statistics.duplicates == 10 && statistics.late == 0 && statistics.unmatched == 0)

        network.attach(FaultyAgent([], delay: .seconds(3)), at: address(1))
        var request = Request.get(try names())
        request.retries = 0
        request.timeout = .seconds(1)
        network.submit(request, to: target)
        network.run()
        statistics = try #require(network.statistics(target))
        #expect(statistics.late == 1 && statistics.duplicates == 10 && statistics.unmatched == 0)

        network.attach(FaultyAgent([.wrongRequestID]), at: address(1))
        network.submit(request, to: target)
        network.run()
        statistics = try #require(network.statistics(target))
        #expect(statistics.unmatched == 1 && statistics.late == 1 && statistics.duplicates == 10)
        #expect(network.engine.strayDatagrams == 0)
        network.inject([0x30, 0], from: address(9))
        network.run()
        #expect(network.engine.strayDatagrams == 1)
    }

    @Test func cancelledInEveryState() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = RequestPolicy()
        policy.maximumInFlight = 2
        let target = try network.addTarget(address(1), policy: policy)
        let submitted = try (0..<6).map { _ in network.submit(.get(try names()), to: target) }
        // Two are in flight, four queued: cancel the head, the tail and one between, then one in flight.
        for index in [2, 5, 3, 0] {
            let token = try #require(submitted[index].token)
            let first = network.engine.cancel(token, at: network.now)
            let second = network.engine.cancel(token, at: network.now)
            #expect(first && !second)
        }
        #expect(network.engine.requestCount == 2)
        network.attach(FaultyAgent(), at: address(1))
        #expect(network.run())
        for (index, request) in submitted.enumerated() {
            let outcome = try #require(network.outcome(request.number), "request \(index) never completed")
            #expect((outcome.failure == .cancelled) == [0, 2, 3, 5].contains(index), "request \(index)")
        }
        #expect(network.engine.requestCount == 0)
        // The next ones are not held up by what was cancelled.
        #expect(try network.get(from: target).response != nil)
    }

    @Test func cancelledRequestsReplyIsLate() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1))
        let request = network.submit(.get(try names()), to: target)
        network.run(for: .microseconds(600))
        let wasCancelled = network.engine.cancel(try #require(request.token), at: network.now)
        #expect(wasCancelled)
        network.run()
        #expect(network.outcome(request.number)?.failure == .cancelled)
        #expect(network.statistics(target)?.late == 1)
    }

    @Test func removedTargetEndsItsRequestsAndNoOthers() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent([], table: SimulatedTable(identity: 2)), at: address(2))
        let first = try network.addTarget(address(1))
        let second = try network.addTarget(address(2))
        let dropped = try (0..<20).map { _ in network.submit(.get(try names()), to: first).number }
        let kept = try (0..<20).map { _ in network.submit(.get(try names()), to: second).number }
        network.engine.removeTarget(first, at: network.now)
        #expect(network.run())
        for number in dropped { #expect(network.outcome(number)?.failure == .cancelled) }
        for number in kept { #expect(network.outcome(number)?.bindings?.first?.value == .gauge32(2)) }
        #expect(network.statistics(first) == nil)
        // Its name is not used again, its place is.
        let third = try network.addTarget(address(3))
        #expect(third != first)
        let gone = network.submit(.get(try names()), to: first)
        network.run()
        #expect(gone.token == nil && network.outcome(gone.number)?.failure == .cancelled)
    }

    @Test func removedTargetWithAPacketBudget() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = RequestPolicy()
        policy.packetsPerSecond = 1
        let target = try network.addTarget(address(1), policy: policy)
        let numbers = try (0..<5).map { _ in network.submit(.get(try names()), to: target).number }
        network.engine.removeTarget(target, at: network.now)
        let other = try network.addTarget(address(2))
        #expect(network.run())
        for number in numbers { #expect(network.outcome(number)?.failure == .cancelled) }
        #expect(network.statistics(other)?.sent == 0)
    }

    @Test func requestThatCannotBeSentHoldsUpNoOther() throws {
        // The queue is at the limit of its window when a request fails while it is being sent.
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        var policy = RequestPolicy()
        policy.maximumInFlight = 1
        policy.maximumMessageByteCount = 484
        let target = try network.addTarget(address(1), policy: policy)
        let large = try EncodedBindings([VarBind(sysName, .octetString([UInt8](repeating: 0, count: 600)))])
        var numbers: [Int] = []
        for _ in 0..<10 {
            numbers.append(network.submit(.get(try names()), to: target).number)
            numbers.append(network.submit(.set(large), to: target).number)
        }
        #expect(network.run())
        for (index, number) in numbers.enumerated() {
            let outcome = try #require(network.outcome(number), "request \(index) never completed")
            if index % 2 == 0 {
                #expect(outcome.response != nil)
            } else {
                guard case .tooLarge(let count, 484)? = outcome.failure else {
                    Issue.record("\(outcome.outcome)")
                    continue
                }
                #expect(count > 600)
            }
        }
    }

    @Test func manyQueuedTrapsAreSentWithoutRecursion() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = RequestPolicy()
        policy.maximumInFlight = 1
        let target = try network.addTarget(address(1), policy: policy)
        // One request occupies the window; when it ends, all traps go at once.
        var request = Request.get(try names())
        request.retries = 0
        network.submit(request, to: target)
        let trap = try EncodedBindings([VarBind([1, 3, 6, 1, 2, 1, 1, 3, 0], .timeTicks(1))])
        for _ in 0..<20_000 { network.submit(.trap(trap), to: target) }
        #expect(network.run())
        #expect(network.completedCount == 20_001)
        #expect(network.statistics(target)?.sent == 20_001)
    }

    @Test func whatAVersionCannotSayFailsAtOnce() throws {
        let network = SimulatedNetwork(seed: 1)
        let v1 = try network.addTarget(address(1), .v1)
        let v2 = try network.addTarget(address(1), .v2c)
        let trap = TrapV1PDU(
            enterprise: [1, 3, 6, 1, 4, 1, 1], agentAddress: 0, genericTrap: 6, specificTrap: 1, timestamp: 0, [])
        let big = try EncodedBindings([VarBind(sysName, .counter64(1))])
        let cases: [(Request, TargetID)] = [
            (.inform(try names()), v1), (.trap(try names()), v1), (.set(big), v1), (try .trapV1(trap), v2),
        ]
        for (request, target) in cases {
            let submitted = network.submit(request, to: target)
            network.run()
            guard case .notExpressible? = network.outcome(submitted.number)?.failure else {
                Issue.record("\(request.type): \(String(describing: network.outcome(submitted.number)))")
                continue
            }
            #expect(submitted.token == nil)
        }
        #expect(network.engine.requestCount == 0)
    }

    @Test func getBulkBecomesGetNextInV1() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1), .v1)
        let number = network.submit(.getBulk(try names(), maxRepetitions: 20), to: target).number
        network.run()
        #expect(network.outcome(number)?.bindings?.count == 1)
    }

    @Test func limitOnRequestsIsKept() throws {
        var limits = EngineLimits()
        limits.maximumRequests = 10
        limits.maximumTargets = 2
        let network = SimulatedNetwork(seed: 1, limits: limits)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1))
        _ = try network.addTarget(address(2))
        let third = network.engine.addTarget(TargetConfiguration(Peer(address(3)), .v2c(community: [])))
        #expect(third == nil)
        let numbers = try (0..<12).map { _ in network.submit(.get(try names()), to: target).number }
        #expect(network.run())
        let failures = numbers.compactMap { network.outcome($0)?.failure }
        #expect(failures == [.tooManyRequests(limit: 10), .tooManyRequests(limit: 10)])
    }

    @Test func promisedRequestIDIsUsed() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1))
        for identifier in [1, -1, Int32.max, Int32.min] {
            var request = Request.get(try names())
            request.requestID = identifier
            let submitted = network.submit(request, to: target)
            #expect(submitted.token?.requestID == identifier)
            network.run()
            #expect(network.outcome(submitted.number)?.response?.pdu.requestID == identifier)
        }
    }

    @Test func lostConnectionEndsWhatIsInFlight() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        let numbers = try (0..<10).map { _ in network.submit(.get(try names()), to: target).number }
        network.run(for: .milliseconds(1))
        network.engine.connectionLost(Peer(address(1)), reason: "gone", at: network.now)
        network.attach(FaultyAgent(), at: address(1))
        #expect(network.run())
        let lost = numbers.filter { network.outcome($0)?.failure == .transport("gone") }
        let answered = numbers.filter { network.outcome($0)?.response != nil }
        #expect(lost.count == 4 && answered.count == 6)
    }

    @Test func cancelAllEndsEverything() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        let numbers = try (0..<1_000).map { _ in network.submit(.get(try names()), to: target).number }
        network.engine.cancelAll()
        #expect(network.run())
        for number in numbers { #expect(network.outcome(number)?.failure == .cancelled) }
        network.attach(FaultyAgent(), at: address(1))
        #expect(try network.get(from: target).response != nil)
    }
}
