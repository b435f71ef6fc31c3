import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import SNMPTestKit
import Testing

/// Request-ids that the caller chooses.
@Suite struct RequestIDTests {
    static let values: [Int32] = [0, 1, -1, 42, .max, .min, .min + 1, 0x7F, 0x80, -0x81]

    private func get(_ identifier: Int32?) throws -> Request {
        var request = Request.get(try EncodedBindings(names: [sysName]))
        request.requestID = identifier
        return request
    }

    private func response(_ identifier: Int32, value: UInt32 = 1, community: String = "public") throws -> [UInt8] {
        try CommunityMessage(
            version: .v2c, community: Array(community.utf8),
            pdu: .pdu(PDU(.response, requestID: identifier, [VarBind(sysName, .gauge32(value))]))
        ).encoded()
    }

    private func requestID(_ octets: [UInt8]) throws -> Int32 {
        var deviations = Deviations()
        guard case .community(let layout) = try MessageLayout.parse(octets.span.bytes, &deviations) else { return 0 }
        return layout.pdu.requestID
    }

    @Test(arguments: values)
    func everyAttemptCarriesTheVeryIdentifier(identifier: Int32) throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1), policy: .fixed(timeout: .seconds(1), retries: 3))
        nonisolated(unsafe) var sent: [[UInt8]] = []
        network.onSend = { octets, _, _ in sent.append(octets) }
        let submitted = network.submit(try get(identifier), to: target)
        #expect(submitted.token?.requestID == identifier)
        #expect(network.run())
        #expect(sent.count == 4 && Set(sent).count == 1)
        #expect(try sent.map { try requestID($0) } == Array(repeating: identifier, count: 4))
        guard case .timeout? = network.outcome(submitted.number)?.failure else {
            Issue.record("\(String(describing: network.outcome(submitted.number)))")
            return
        }
        // Its answer is late now, whatever the number.
        var late = try response(identifier)
        network.receive(&late, from: Peer(address(1)))
        #expect(network.statistics(target)?.late == 1 && network.statistics(target)?.unmatched == 0)
        // And free to be used again.
        network.attach(FaultyAgent(), at: address(1))
        let again = network.submit(try get(identifier), to: target)
        network.run()
        #expect(network.outcome(again.number)?.response?.pdu.requestID == identifier)
    }

    @Test func requestIDInUseTowardsThePeer() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        let sibling = try network.addTarget(address(1), .v1)
        let first = network.submit(try get(-7), to: target)
        for other in [target, sibling] {
            let second = network.submit(try get(-7), to: other)
            #expect(second.token == nil && network.outcome(second.number) == nil, "completions come later")
            network.run(for: .zero)
            let failure = network.outcome(second.number)?.failure
            #expect(failure == .requestIDInUse(-7))
            #expect(failure?.description == "another request to this peer has the request-id -7 already")
        }
        #expect(network.engine.requestCount == 1 && network.outcome(first.number) == nil)
        // Queued requests have their identifiers, too.
        let more = try (0..<8).map { network.submit(try get(100 + $0), to: target) }
        let queued = network.submit(try get(107), to: target)
        network.run(for: .zero)
        #expect(network.outcome(queued.number)?.failure == .requestIDInUse(107))
        network.attach(FaultyAgent(), at: address(1))
        #expect(network.run())
        for request in [first] + more { #expect(network.outcome(request.number)?.response != nil) }
        let again = network.submit(try get(-7), to: target)
        network.run()
        #expect(network.outcome(again.number)?.response?.pdu.requestID == -7)
    }

    /// A thousand devices under the same few identifiers: each answer reaches its own request.
    @Test func oneIdentifierForManyPeers() throws {
        for seed in seeds(2) {
            let network = SimulatedNetwork(seed: seed, conditions: .bad(loss: 50, duplication: 50, reordering: 200))
            var policy = RequestPolicy()
            policy.retries = 20
            policy.acceptsOtherSourceAddress = false
            var expected: [(number: Int, device: Int, identifier: Int32)] = []
            for device in 1...1_000 {
                network.attach(
                    FaultyAgent([], table: SimulatedTable(rowCount: 1, identity: UInt32(device))), at: address(device))
                let target = try network.addTarget(address(device), policy: policy)
                let identifier = Int32(device % 3 - 1)
                expected.append((network.submit(try get(identifier), to: target).number, device, identifier))
                expected.append((network.submit(try get(nil), to: target).number, device, 0))
            }
            #expect(network.run(), "seed \(seed)")
            for (number, device, identifier) in expected {
                let outcome = try #require(network.outcome(number), "seed \(seed)")
                #expect(outcome.bindings?.first?.value == .gauge32(UInt32(device)), "seed \(seed), device \(device)")
                if identifier != 0 { #expect(outcome.response?.pdu.requestID == identifier) }
            }
            #expect(network.engine.requestCount == 0)
        }
    }

    @Test func answerFromElsewhereGoesToTheOldestThatTakesIt() throws {
        let network = SimulatedNetwork(seed: 1)
        var strict = RequestPolicy.fixed(timeout: .seconds(1), retries: 0)
        strict.acceptsOtherSourceAddress = false
        let policies = [
            strict, .fixed(timeout: .seconds(1), retries: 0), strict, .fixed(timeout: .seconds(1), retries: 0),
        ]
        let targets = try policies.enumerated().map { try network.addTarget(address($0.offset), policy: $0.element) }
        let requests = try targets.map { network.submit(try get(0), to: $0) }
        // Another community from another address is one liberty too many for any of them.
        var reply = try response(0, community: "other")
        network.receive(&reply, from: Peer(address(9)))
        #expect(requests.allSatisfy { network.outcome($0.number) == nil })
        for (index, value) in [(1, 11), (3, 13)] as [(Int, UInt32)] {
            reply = try response(0, value: value)
            network.receive(&reply, from: Peer(address(9)))
            let outcome = network.outcome(requests[index].number)
            #expect(outcome?.bindings?.first?.value == .gauge32(value))
            #expect(outcome?.response?.deviations == .otherSourceAddress)
        }
        // Nobody is left who would take it.
        network.receive(&reply, from: Peer(address(9)))
        #expect(network.statistics(targets[0])?.fromOtherAddress == 2)
        // The exact source is always right, in any order.
        for index in [2, 0] {
            reply = try response(0, value: UInt32(index))
            network.receive(&reply, from: Peer(address(index)))
            #expect(network.outcome(requests[index].number)?.bindings?.first?.value == .gauge32(UInt32(index)))
        }
        #expect(network.engine.requestCount == 0)
    }

    @Test func answerToARequestThatWasNotSentIsNotTaken() throws {
        let network = SimulatedNetwork(seed: 1)
        var policy = RequestPolicy.fixed(timeout: .seconds(1), retries: 0)
        policy.maximumInFlight = 1
        let target = try network.addTarget(address(1), policy: policy)
        _ = network.submit(try get(1), to: target)
        let queued = network.submit(try get(2), to: target)
        var reply = try response(2)
        network.receive(&reply, from: Peer(address(1)))
        let isHeld = network.engine.hold(try #require(queued.token), for: .seconds(9), at: network.now)
        network.receive(&reply, from: Peer(address(1)))
        #expect(isHeld && network.outcome(queued.number) == nil)
        #expect(network.statistics(target)?.unmatched == 2)
    }

    /// The identifier that the engine would draw next is taken already.
    @Test func randomIdentifiersAvoidChosenOnes() throws {
        let seed: UInt64 = 77
        let probe = SimulatedNetwork(seed: seed)
        let drawn = try (0..<20).map { _ in
            try #require(probe.submit(try get(nil), to: try probe.addTarget(address(1))).token?.requestID)
        }
        let network = SimulatedNetwork(seed: seed)
        let target = try network.addTarget(address(1))
        for identifier in drawn {
            #expect(network.submit(try get(identifier), to: target).token?.requestID == identifier)
        }
        let others = try (0..<20).map { _ in try #require(network.submit(try get(nil), to: target).token?.requestID) }
        #expect(Set(drawn + others).count == 40)
    }

    @Test func notificationsOccupyNoIdentifier() throws {
        let network = SimulatedNetwork(seed: 1)
        network.attach(FaultyAgent(), at: address(1))
        let target = try network.addTarget(address(1))
        nonisolated(unsafe) var sent: [Int32] = []
        network.onSend = { octets, _, _ in if let identifier = try? requestID(octets) { sent.append(identifier) } }
        let first = network.submit(try get(5), to: target)
        var trap = Request.trap(
            try EncodedBindings([VarBind([1, 3, 6, 1, 2, 1, 1, 3, 0], .timeTicks(1)), VarBind(sysName, .gauge32(1))]))
        trap.requestID = 5
        let traps = (0..<2).map { _ in network.submit(trap, to: target) }
        #expect(network.run())
        for trap in traps {
            guard case .sent? = network.outcome(trap.number)?.outcome else {
                Issue.record("\(String(describing: network.outcome(trap.number)))")
                continue
            }
        }
        #expect(sent == [5, 5, 5] && network.outcome(first.number)?.response != nil)
    }

    // MARK: SNMPv3

    @Test(arguments: [0, -1, .min, 123_456] as [Int32])
    func scopedPDUCarriesTheIdentifier(identifier: Int32) throws {
        let network = SimulatedNetwork(seed: 3)
        let target = try network.addV3Target(
            address(1), try USMCredentials(userName: "public"), policy: .fixed(timeout: .seconds(1), retries: 2))
        let agent = try USMAgent(
            engineID: V3Tests.engineID(1), users: [try USMCredentials(userName: "public")], at: network.now,
            cache: V3Tests.agentKeys)
        network.attach(agent, at: address(1))
        #expect(try network.get(from: target).response != nil)
        nonisolated(unsafe) var sent: [(message: Int32, request: Int32)] = []
        network.onSend = { octets, _, _ in
            var deviations = Deviations()
            guard case .v3(let layout)? = try? MessageLayout.parse(octets.span.bytes, &deviations),
                let scoped = try? ScopedPDULayout.parse(octets.span.bytes, layout.payload, &deviations)
            else { return }
            sent.append((layout.messageID, scoped.pdu.requestID))
        }
        // The first two answers are lost.
        nonisolated(unsafe) var received = 0
        network.onReceive = { octets, _ in
            received += 1
            if received < 3 { octets = [] }
        }
        let first = network.submit(try get(identifier), to: target)
        let second = network.submit(try get(identifier), to: target)
        #expect(second.token == nil && first.token?.requestID == identifier)
        #expect(network.run())
        #expect(network.outcome(second.number)?.failure == .requestIDInUse(identifier))
        #expect(network.outcome(first.number)?.response?.pdu.requestID == identifier)
        #expect(sent.map(\.request) == Array(repeating: identifier, count: 3))
        #expect(Set(sent.map(\.message)).count == 3 && sent.allSatisfy { $0.message > 0 })
    }

    /// Message identifiers are the secret that answers must know; a request-id that anybody can guess does not do.
    @Test func requestIDIsNoMessageID() throws {
        let network = SimulatedNetwork(seed: 3)
        let user = try USMCredentials(userName: "public")
        let target = try network.addV3Target(address(1), user, policy: .fixed(timeout: .seconds(1), retries: 0))
        network.attach(
            try USMAgent(engineID: V3Tests.engineID(1), users: [user], at: network.now, cache: V3Tests.agentKeys),
            at: address(1))
        #expect(try network.get(from: target).response != nil)
        network.detach(address(1))
        let request = network.submit(try get(4_711), to: target)
        var forged = try BERWriter.encode(limit: 1_000) { writer in
            writer.pdu(.pdu(PDU(.response, requestID: 4_711, [VarBind(sysName, .gauge32(666))])))
            writer.scopedHeader(contextEngineID: V3Tests.engineID(1).octets, contextName: [], since: 0)
            _ = writer.v3Header(
                messageID: 4_711, maximumSize: 1_500, flags: [], engineID: V3Tests.engineID(1).octets, engineBoots: 1,
                engineTime: 1, userName: Array("public".utf8), authenticationByteCount: 0, salt: nil, since: 0)
        }
        network.receive(&forged, from: Peer(address(1)))
        #expect(network.outcome(request.number) == nil && network.statistics(target)?.unmatched == 1)
    }

    @Test func latestTwelveMessageIDsAreKept() throws {
        for (delay, isAnswered) in [(1_050, true), (2_050, false)] as [(Int64, Bool)] {
            let user = try V3Tests.user()
            let setup = try V3Tests.Setup(user, policy: .fixed(timeout: .milliseconds(100), retries: 60))
            #expect(try setup.network.get(from: setup.target).response != nil)
            setup.agent.delay = .milliseconds(delay)
            let outcome = try setup.network.get(from: setup.target)
            if isAnswered {
                #expect(outcome.response?.attempts == 11)
                #expect(setup.statistics.unmatched == 0 && setup.statistics.duplicates == 10)
                continue
            }
            guard case .timeout(let evidence)? = outcome.failure else {
                Issue.record("\(outcome.outcome)")
                continue
            }
            #expect(evidence.attempts == 61 && evidence.unmatchedReplies == 0)
            #expect(evidence.lateReplies >= 39 && setup.statistics.late == 61 && setup.statistics.unmatched == 0)
        }
    }
}
