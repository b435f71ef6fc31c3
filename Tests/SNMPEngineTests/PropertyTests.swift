import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import SNMPTestKit
import Testing

/// What holds for any seed, network and mixture of faults.
@Suite struct PropertyTests {
    @Test func thousandDevicesGetTheirOwnAnswers() throws {
        for seed in seeds(3) {
            let network = SimulatedNetwork(seed: seed, conditions: .bad())
            var policy = RequestPolicy()
            policy.retries = 10
            let octets = SimulatedTable.root.appending(1).appending(16).appending(1)
            let names = try EncodedBindings(names: [sysName, octets])
            var expected: [(number: Int, device: UInt32)] = []
            for device in 1...1_000 {
                let table = SimulatedTable(rowCount: 10, identity: UInt32(device))
                network.attach(FaultyAgent([], table: table, seed: seed &+ UInt64(device)), at: address(device))
                let version: SNMPVersion = device % 3 == 0 ? .v1 : .v2c
                let target = try network.addTarget(address(device), version, policy: policy)
                for _ in 0..<5 { expected.append((network.submit(.get(names), to: target).number, UInt32(device))) }
            }
            #expect(network.run(), "seed \(seed)")
            #expect(network.completedCount == expected.count, "seed \(seed)")
            var wrong = 0
            for (number, device) in expected {
                // Completing twice would trap in the network.
                let values = network.outcome(number)?.bindings?.map(\.value)
                if values != [.gauge32(device), .counter32(device &* 1_000 &+ 7)] { wrong += 1 }
            }
            #expect(wrong == 0, "seed \(seed)")
            #expect(network.engine.requestCount == 0 && network.engine.nextDeadline == nil, "seed \(seed)")
        }
    }

    /// Some faults, a network and a profile, all from a seed.
    private struct Scenario {
        var random: SeededRandom
        var faults: [AgentFault] = []
        var conditions = NetworkConditions()
        var profile = TargetProfile()
        var policy = RequestPolicy()
        var options = WalkOptions()
        let version: SNMPVersion

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            version = random.oneIn(3) ? .v1 : .v2c
            let row = 1 + Int(random.next() % 300)
            let few = Int(random.next() % 12)
            let all: [AgentFault] = [
                .tooBigAbove(repetitions: few), .errorAfter(row: row), .silentAbove(repetitions: few),
                .shortReplies(repetitions: few), .jumpsBack(afterRow: row, back: min(row - 1, few)), .swappedNames,
                .longCounter(row: row), .truncatesReply(number: few), .absurdLength(number: few),
                .losesReplies(percent: few * 5), .duplicatesReplies, .wrongRequestID, .otherSource,
                .errorAt(row: row), .jumpsBackOnce(atRow: row, back: min(row - 1, few)), .skipsRows(every: few + 1),
                .endless, .neverEnds, .emptyResponses, .otherCommunity, .wrongVersion, .counter64(row: row),
                .noErrorIndex, .otherNames, .silentAfter(row: row), .slow(milliseconds: few),
                .overloaded(milliseconds: few, queue: few),
            ]
            for _ in 0..<random.next() % 4 { faults.append(all[Int(random.next() % UInt64(all.count))]) }
            if random.oneIn(2) { conditions = .bad(loss: few * 10, duplication: few * 10, reordering: few * 20) }
            if random.oneIn(8) { conditions.maximumDatagramByteCount = 200 + few * 100 }
            if random.oneIn(4) {
                profile.repetitions = Int(random.next() % 70)
                profile.failingRepetitions = random.oneIn(2) ? Int(random.next() % 70) : nil
                profile.maximumBindings = random.oneIn(2) ? Int(random.next() % 10) : nil
                profile.window = Int(random.next() % 10)
            }
            if random.oneIn(4) { policy.packetsPerSecond = 1 + Int(random.next() % 1_000) }
            if random.oneIn(4) { policy = .fixed(timeout: .milliseconds(200), retries: Int(random.next() % 3)) }
            options.maximumRows = 1_000
        }
    }

    @Test func everythingEndsWhateverHappens() throws {
        for seed in seeds(150) {
            var scenario = Scenario(seed: seed)
            let network = SimulatedNetwork(seed: seed, conditions: scenario.conditions)
            let table = SimulatedTable(hasNeighbours: !scenario.random.oneIn(4))
            network.attach(FaultyAgent(scenario.faults, table: table, seed: seed), at: address(1))
            let target = try network.addTarget(
                address(1), scenario.version, policy: scenario.policy, profile: scenario.profile)
            let columns = SimulatedTable.columns.map { SimulatedTable.root.appending(1).appending($0) }
            let walks = [[SimulatedTable.root], columns, [sysName]].map { roots in
                network.start(
                    Walk(
                        roots: roots, version: scenario.version, profile: scenario.profile, options: scenario.options),
                    on: target)
            }
            let names = try EncodedBindings(names: [sysName])
            let submitted = (0..<20).map { _ in network.submit(.get(names), to: target) }
            network.run(for: .milliseconds(Int64(scenario.random.next() % 3_000)))
            for index in 0..<submitted.count where scenario.random.oneIn(8) {
                if let token = submitted[index].token { _ = network.engine.cancel(token, at: network.now) }
            }
            let isRemoved = scenario.random.oneIn(10)
            if isRemoved { network.engine.removeTarget(target, at: network.now) }
            let comment = Comment("seed \(seed): \(scenario)")
            #expect(network.run(steps: 200_000), comment)
            for request in submitted { #expect(network.outcome(request.number) != nil, comment) }
            #expect(network.engine.requestCount == 0, comment)
            for walk in walks {
                let result = try #require(network.walkResult(walk), comment)
                // Each request gives a row or costs one of a bounded number of failures.
                #expect(result.verdict.requests <= result.verdict.rows * 3 + 200, comment)
                #expect(result.verdict.rows == result.rows.count, comment)
                let names = result.rows.map(\.name)
                #expect(Set(names).count == names.count, comment)
                check(result, scenario.faults, table, comment)
            }
        }
    }

    /// A walk that calls itself complete must have all rows, unless the agent hides them from everybody.
    private func check(
        _ result: SimulatedNetwork.WalkResult, _ faults: [AgentFault], _ table: SimulatedTable, _ comment: Comment
    ) {
        guard result.verdict.isComplete else { return }
        let hidesRows = faults.contains {
            switch $0 {
            case .skipsRows, .endless, .otherNames: true
            default: false
            }
        }
        guard !hidesRows, let first = result.rows.first, first.name.starts(with: SimulatedTable.root) else { return }
        #expect(result.rows.count >= table.rows.count - 1, comment)
    }

    @Test func thirdVersionDevicesUnderLossAndRestarts() throws {
        let credentials = try V3Tests.user(auth: .hmacSHA1, priv: .aes128)
        for seed in seeds(10) {
            let network = SimulatedNetwork(seed: seed, conditions: .bad(loss: 100, duplication: 50, reordering: 100))
            var random = SeededRandom(seed: seed)
            var policy = RequestPolicy()
            policy.retries = 10
            var targets: [TargetID] = []
            var agents: [USMAgent] = []
            for device in 1...10 {
                let agent = try USMAgent(
                    engineID: V3Tests.engineID(device % 4), users: [credentials], boots: Int32(device), at: network.now,
                    agent: FaultyAgent([], table: SimulatedTable(rowCount: 10, identity: UInt32(device))),
                    cache: V3Tests.agentKeys)
                agents.append(agent)
                network.attach(agent, at: address(device))
                targets.append(try network.addV3Target(address(device), credentials, policy: policy))
            }
            let names = try EncodedBindings(names: [sysName])
            var expected: [(number: Int, device: UInt32)] = []
            for _ in 0..<20 {
                for device in 1...10 {
                    expected.append((network.submit(.get(names), to: targets[device - 1]).number, UInt32(device)))
                }
                network.run(for: .milliseconds(Int64(random.next() % 500)))
                let agent = agents[Int(random.next() % 10)]
                // Some keep their boots, some do not.
                try agent.restart(boots: random.oneIn(2) ? agent.engineBoots + 1 : 1, at: network.now)
            }
            #expect(network.run(), "seed \(seed)")
            for (number, device) in expected {
                let outcome = network.outcome(number)
                #expect(
                    outcome?.bindings?.first?.value == .gauge32(device),
                    "seed \(seed), device \(device): \(String(describing: outcome?.failure))")
            }
        }
    }
}
