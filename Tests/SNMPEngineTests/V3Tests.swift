import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import SNMPTestKit
import Testing

/// SNMPv3: discovery, clocks, refusals, key extensions, and what an attacker can and can't do.
@Suite struct V3Tests {
    /// Shared by the agents of all tests, apart from the manager's own.
    static let agentKeys = MasterKeyCache()

    static func user(
        _ name: String = "monitor", auth: AuthProtocol = .hmacSHA256, authPassword: String = "authentication",
        priv: PrivProtocol? = .aes128, privPassword: String = "privacy-key", _ dialect: KeyExtension? = nil
    ) throws -> USMCredentials {
        guard let priv else { return try USMCredentials(userName: name, auth: auth, authKey: .password(authPassword)) }
        return try USMCredentials(
            userName: name, auth: auth, authKey: .password(authPassword), priv: priv, privKey: .password(privPassword),
            keyExtension: dialect)
    }

    static func engineID(_ number: Int) -> EngineID {
        EngineID([0x80, 0, 0x1F, 0x88, 5, 0, 0, UInt8(number >> 8), UInt8(number & 0xFF)])
    }

    /// A network with one agent at `address(1)` and a target for it.
    struct Setup {
        let network: SimulatedNetwork
        let agent: USMAgent
        let target: TargetID

        init(
            _ credentials: USMCredentials, agentUsers: [USMCredentials]? = nil, boots: Int32 = 5, seed: UInt64 = 1,
            policy: RequestPolicy = RequestPolicy(), profile: TargetProfile = TargetProfile()
        ) throws {
            network = SimulatedNetwork(seed: seed)
            agent = try USMAgent(
                engineID: V3Tests.engineID(1), users: agentUsers ?? [credentials], boots: boots, at: network.now,
                cache: V3Tests.agentKeys)
            network.attach(agent, at: address(1))
            target = try network.addV3Target(address(1), credentials, policy: policy, profile: profile)
        }

        var statistics: TargetStatistics { network.statistics(target) ?? TargetStatistics() }
    }

    // MARK: The ordinary way

    @Test(arguments: SecurityLevel.allCases)
    func getAtEveryLevel(_ level: SecurityLevel) throws {
        let credentials =
            switch level {
            case .noAuthNoPriv: try USMCredentials(userName: "public")
            case .authNoPriv: try V3Tests.user(priv: nil)
            case .authPriv: try V3Tests.user()
            }
        let setup = try Setup(credentials)
        for _ in 0..<3 { #expect(try setup.network.get(from: setup.target).bindings?.count == 1) }
        // One probe, and no request twice: the discovery's clock is good enough to begin with.
        #expect(setup.agent.discoveryCount == 1)
        #expect(setup.statistics.sent == 4 && setup.statistics.failed == 0 && setup.statistics.rejected == 0)
        #expect(setup.network.engine.engineID(of: setup.target) == V3Tests.engineID(1))
        #expect(setup.statistics.timeSynchronisations == (level == .noAuthNoPriv ? 0 : 1))
    }

    @Test func walkOverV3() throws {
        let setup = try Setup(try V3Tests.user())
        let result = try setup.network.walk(setup.target, version: .v3)
        #expect(result.verdict.isComplete && result.rows.count == 300, "\(result.verdict)")
    }

    @Test func fiftyWaitingRequestsCauseOneProbe() throws {
        var policy = RequestPolicy()
        policy.maximumInFlight = 64
        var profile = TargetProfile()
        profile.window = 64
        let setup = try Setup(try V3Tests.user(), policy: policy, profile: profile)
        let names = try EncodedBindings(names: [sysName])
        let numbers = (0..<50).map { _ in setup.network.submit(.get(names), to: setup.target).number }
        #expect(setup.network.run())
        #expect(setup.agent.discoveryCount == 1)
        for number in numbers { #expect(setup.network.outcome(number)?.response != nil) }
        #expect(setup.statistics.sent == 51)
    }

    @Test func discoveryWithoutAnswerEndsAllThatWait() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addV3Target(address(1), try V3Tests.user())
        let names = try EncodedBindings(names: [sysName])
        let numbers = (0..<10).map { _ in network.submit(.get(names), to: target).number }
        #expect(network.run())
        for number in numbers {
            guard case .timeout(let evidence)? = network.outcome(number)?.failure else {
                Issue.record("\(String(describing: network.outcome(number)))")
                continue
            }
            #expect(evidence.attempts == 4)
        }
        #expect(network.statistics(target)?.failed == 10)
    }

    @Test func targetRemovedDuringDiscoveryLeavesOthersToAsk() throws {
        let setup = try Setup(try V3Tests.user())
        let second = try setup.network.addV3Target(address(1), try V3Tests.user())
        let names = try EncodedBindings(names: [sysName])
        // The probe belongs to the first target.
        let gone = setup.network.submit(.get(names), to: setup.target).number
        let kept = setup.network.submit(.get(names), to: second).number
        setup.network.engine.removeTarget(setup.target, at: setup.network.now)
        #expect(setup.network.run())
        #expect(setup.network.outcome(gone)?.failure == .cancelled)
        #expect(setup.network.outcome(kept)?.response != nil)
    }

    @Test func cancelledDuringDiscovery() throws {
        let setup = try Setup(try V3Tests.user())
        let names = try EncodedBindings(names: [sysName])
        let submitted = (0..<3).map { _ in setup.network.submit(.get(names), to: setup.target) }
        let wasCancelled = setup.network.engine.cancel(try #require(submitted[1].token), at: setup.network.now)
        #expect(wasCancelled)
        #expect(setup.network.run())
        #expect(setup.network.outcome(submitted[1].number)?.failure == .cancelled)
        for index in [0, 2] { #expect(setup.network.outcome(submitted[index].number)?.response != nil) }
    }

    @Test func cancelAllDuringDiscoveryDoesNotBlockTheEngineID() throws {
        let setup = try Setup(try V3Tests.user())
        setup.network.submit(.get(try EncodedBindings(names: [sysName])), to: setup.target)
        setup.network.engine.cancelAll()
        #expect(try setup.network.get(from: setup.target).response != nil)
    }

    @Test func lostConnectionDuringDiscoveryEndsWhatWaits() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addV3Target(address(1), try V3Tests.user())
        let number = network.submit(.get(try EncodedBindings(names: [sysName])), to: target).number
        network.run(for: .milliseconds(1))
        network.engine.connectionLost(Peer(address(1)), reason: "gone", at: network.now)
        network.run(for: .milliseconds(1))
        #expect(network.outcome(number)?.failure == .transport("gone"))
    }

    @Test func budgetHoldsDuringDiscovery() throws {
        var policy = RequestPolicy()
        policy.packetsPerSecond = 10
        let setup = try Setup(try V3Tests.user(), policy: policy)
        nonisolated(unsafe) var times: [Instant] = []
        setup.network.onSend = { _, _, now in times.append(now) }
        let names = try EncodedBindings(names: [sysName])
        for _ in 0..<20 { setup.network.submit(.get(names), to: setup.target) }
        #expect(setup.network.run())
        #expect(times.count == 21)
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= .milliseconds(85)) }
    }

    @Test func hundredDevicesWithOnePasswordCostOneDerivation() throws {
        let network = SimulatedNetwork(seed: 7)
        let keys = MasterKeyCache()
        let start = network.now
        network.engine = ManagerEngine(
            random: RandomSource(seed: 3),
            local: LocalEngine(engineID: V3Tests.engineID(9_999), boots: 1, start: start), masterKeys: keys, at: start)
        let credentials = try V3Tests.user(authPassword: "one password", privPassword: "one password")
        var numbers: [Int] = []
        let names = try EncodedBindings(names: [sysName])
        for device in 1...100 {
            let agent = FaultyAgent([], table: SimulatedTable(rowCount: 10, identity: UInt32(device)))
            network.attach(
                try USMAgent(
                    engineID: V3Tests.engineID(device), users: [credentials], boots: Int32(device),
                    age: .seconds(Int64(device)), at: network.now, agent: agent, cache: V3Tests.agentKeys),
                at: address(device))
            let target = try network.addV3Target(address(device), credentials)
            for _ in 0..<3 { numbers.append(network.submit(.get(names), to: target).number) }
        }
        #expect(network.run())
        for (index, number) in numbers.enumerated() {
            #expect(network.outcome(number)?.bindings?.first?.value == .gauge32(UInt32(index / 3 + 1)))
        }
        #expect(keys.derivationCount == 1)
        for device in 1...100 {
            let agent = try #require(network.agent(at: address(device)) as? USMAgent)
            #expect(agent.discoveryCount == 1)
        }
    }

    @Test func duplicateEngineIDsAreKeptApartByAddress() throws {
        // Two devices of one image: the same engine ID, other clocks.
        let network = SimulatedNetwork(seed: 1)
        let credentials = try V3Tests.user()
        var targets: [TargetID] = []
        for (device, boots) in [(1, Int32(3)), (2, Int32(4_000))] {
            let agent = FaultyAgent([], table: SimulatedTable(rowCount: 10, identity: UInt32(device)))
            network.attach(
                try USMAgent(
                    engineID: V3Tests.engineID(1), users: [credentials], boots: boots, age: .seconds(Int64(boots)),
                    at: network.now, agent: agent, cache: V3Tests.agentKeys),
                at: address(device))
            targets.append(try network.addV3Target(address(device), credentials))
        }
        for _ in 0..<20 {
            for (index, target) in targets.enumerated() {
                #expect(try network.get(from: target).bindings?.first?.value == .gauge32(UInt32(index + 1)))
            }
        }
        for target in targets {
            let statistics = try #require(network.statistics(target))
            #expect(statistics.sent == 21 && statistics.timeSynchronisations == 1 && statistics.bootsRollbacks == 0)
        }
    }

    // MARK: Clocks

    @Test func clockIsFollowedForHours() throws {
        let setup = try Setup(try V3Tests.user())
        for _ in 0..<50 {
            #expect(try setup.network.get(from: setup.target).response?.attempts == 1)
            setup.network.run(for: .seconds(600))
        }
        #expect(setup.statistics.sent == 51)
    }

    @Test func restartedDeviceIsSynchronisedAgain() throws {
        let setup = try Setup(try V3Tests.user())
        _ = try setup.network.get(from: setup.target)
        try setup.agent.restart(boots: 6, at: setup.network.now)
        #expect(try setup.network.get(from: setup.target).response != nil)
        #expect(setup.statistics.timeSynchronisations == 2 && setup.statistics.bootsRollbacks == 0)
        #expect(setup.statistics.retransmitted == 0, "a Report costs no timeout")
    }

    @Test func bootsThatAreNotKeptAreBelieved() throws {
        let setup = try Setup(try V3Tests.user(), boots: 40)
        _ = try setup.network.get(from: setup.target)
        try setup.agent.restart(boots: 1, at: setup.network.now)
        #expect(try setup.network.get(from: setup.target).response != nil)
        #expect(setup.statistics.bootsRollbacks == 1 && setup.statistics.retransmitted == 0)
        #expect(try setup.network.get(from: setup.target).response?.attempts == 1)
    }

    @Test func bootsThatGoBackAreRefusedWhereThePolicySaysSo() throws {
        var policy = RequestPolicy()
        policy.acceptsBootsRollback = false
        let setup = try Setup(try V3Tests.user(), boots: 40, policy: policy)
        _ = try setup.network.get(from: setup.target)
        try setup.agent.restart(boots: 1, at: setup.network.now)
        guard case .timeout(let evidence)? = try setup.network.get(from: setup.target).failure else {
            Issue.record("answered")
            return
        }
        #expect(evidence.rejectedReplies == evidence.attempts)
    }

    @Test func clockSetBackWithoutANewBootIsFollowed() throws {
        let setup = try Setup(try V3Tests.user())
        _ = try setup.network.get(from: setup.target)
        try setup.agent.restart(boots: 5, at: setup.network.now)
        #expect(try setup.network.get(from: setup.target).response != nil)
        #expect(setup.statistics.retransmitted == 0)
    }

    @Test func replacedDeviceWithAnotherEngineIDIsFoundAgain() throws {
        var profile = TargetProfile()
        profile.window = 8
        let setup = try Setup(try V3Tests.user(), profile: profile)
        _ = try setup.network.get(from: setup.target)
        try setup.agent.restart(engineID: V3Tests.engineID(77), boots: 1, at: setup.network.now)
        // Several at once: each is told of the new engine, and none may take that for a refusal.
        let names = try EncodedBindings(names: [sysName])
        let numbers = (0..<8).map { _ in setup.network.submit(.get(names), to: setup.target).number }
        #expect(setup.network.run())
        for number in numbers { #expect(setup.network.outcome(number)?.response != nil) }
        #expect(setup.network.engine.engineID(of: setup.target) == V3Tests.engineID(77))
        #expect(setup.statistics.retransmitted == 0)
    }

    // MARK: Refusals

    @Test func refusalsAreNamed() throws {
        let good = try V3Tests.user()
        let cases: [(USMCredentials, SecurityRefusal)] = [
            (try V3Tests.user(authPassword: "not the password"), .wrongDigest),
            (try V3Tests.user(auth: .hmacSHA1), .wrongDigest),
            (try V3Tests.user("nobody"), .unknownUserName),
            (try V3Tests.user(privPassword: "not the password"), .decryptionError),
        ]
        for (credentials, refusal) in cases {
            let setup = try Setup(credentials, agentUsers: [good])
            #expect(try setup.network.get(from: setup.target).failure == .refused(refusal), "\(refusal)")
        }
        let setup = try Setup(good, agentUsers: [try V3Tests.user(priv: nil)])
        #expect(try setup.network.get(from: setup.target).failure == .refused(.unsupportedSecurityLevel))
    }

    @Test func refusedRequestsHoldUpNoOthers() throws {
        let setup = try Setup(try V3Tests.user("nobody"), agentUsers: [try V3Tests.user()])
        let names = try EncodedBindings(names: [sysName])
        let numbers = (0..<100).map { _ in setup.network.submit(.get(names), to: setup.target).number }
        #expect(setup.network.run())
        for number in numbers {
            #expect(setup.network.outcome(number)?.failure == .refused(.unknownUserName))
        }
    }

    // MARK: Key extensions

    @Test(arguments: [PrivProtocol.aes192, .aes256], KeyExtension.allCases)
    func keyExtensionIsFoundAndRemembered(_ priv: PrivProtocol, _ dialect: KeyExtension) throws {
        let open = try V3Tests.user(auth: .hmacSHA1, priv: priv)
        let fixed = try V3Tests.user(auth: .hmacSHA1, priv: priv, dialect)
        for isSilent in [false, true] {
            var profile = TargetProfile()
            profile.window = 8
            let setup = try Setup(open, agentUsers: [fixed], profile: profile)
            setup.agent.refusesInSilence = isSilent
            // Several requests at once must not lead each other astray.
            let names = try EncodedBindings(names: [sysName])
            let numbers = (0..<8).map { _ in setup.network.submit(.get(names), to: setup.target).number }
            #expect(setup.network.run())
            for number in numbers { #expect(setup.network.outcome(number)?.response != nil, "silent: \(isSilent)") }
            let learned = try #require(setup.network.profile(setup.target))
            #expect(learned.keyExtension == dialect.description)
            // At most one more attempt for each of them: all change to the same extension.
            let isFirstRight = dialect == .blumenthal
            #expect(setup.statistics.retransmitted == (isSilent && !isFirstRight ? 8 : 0))

            let second = try Setup(open, agentUsers: [fixed], profile: learned)
            second.agent.refusesInSilence = isSilent
            #expect(try second.network.get(from: second.target).response?.attempts == 1)
            #expect(second.statistics.sent == 2 && second.agent.statistics.decryptionErrors == 0)
        }
    }

    @Test func keyExtensionIsFoundUnderLossAndReordering() throws {
        let open = try V3Tests.user(auth: .hmacSHA1, priv: .aes256)
        let fixed = try V3Tests.user(auth: .hmacSHA1, priv: .aes256, .reeder)
        for seed in seeds(10) {
            var policy = RequestPolicy()
            policy.retries = 10
            let setup = try Setup(open, agentUsers: [fixed], seed: seed, policy: policy)
            setup.network.conditions = .bad(loss: 150, duplication: 100, reordering: 300)
            setup.network.conditions.reorderingDelay = .milliseconds(1_500)
            let names = try EncodedBindings(names: [sysName])
            let numbers = (0..<8).map { _ in setup.network.submit(.get(names), to: setup.target).number }
            #expect(setup.network.run())
            for number in numbers {
                let outcome = setup.network.outcome(number)
                #expect(outcome?.response != nil, "seed \(seed): \(String(describing: outcome?.failure))")
            }
            #expect(setup.network.profile(setup.target)?.keyExtension == "reeder", "seed \(seed)")
        }
    }

    @Test func lateAnswerIsDecryptedAsItsOwnRequestWasEncrypted() throws {
        // The answer to the second attempt arrives when the third one, with the other extension, is under way.
        let setup = try Setup(
            try V3Tests.user(auth: .hmacSHA1, priv: .aes256),
            agentUsers: [try V3Tests.user(auth: .hmacSHA1, priv: .aes256, .reeder)])
        setup.agent.refusesInSilence = true
        setup.network.submit(.get(try EncodedBindings(names: [sysName])), to: setup.target)
        setup.network.run(for: .milliseconds(100))
        setup.agent.delay = .milliseconds(2_500)
        setup.network.run(for: .seconds(4))
        #expect(setup.network.profile(setup.target)?.keyExtension == "reeder")
        #expect(setup.statistics.answered == 1 && setup.statistics.malformed == 0 && setup.statistics.rejected == 0)
    }

    @Test func wrongRememberedKeyExtensionIsCorrected() throws {
        var profile = TargetProfile()
        profile.keyExtension = "blumenthal"
        let setup = try Setup(
            try V3Tests.user(auth: .hmacSHA1, priv: .aes256),
            agentUsers: [try V3Tests.user(auth: .hmacSHA1, priv: .aes256, .reeder)], profile: profile)
        #expect(try setup.network.get(from: setup.target).response != nil)
        #expect(setup.network.profile(setup.target)?.keyExtension == "reeder")
    }

    @Test func keyExtensionSetByTheUserIsNotChanged() throws {
        let setup = try Setup(
            try V3Tests.user(auth: .hmacSHA1, priv: .aes256, .blumenthal),
            agentUsers: [try V3Tests.user(auth: .hmacSHA1, priv: .aes256, .reeder)])
        #expect(try setup.network.get(from: setup.target).failure == .refused(.decryptionError))
    }
}

extension SimulatedNetwork {
    func addV3Target(
        _ address: SocketAddress, _ credentials: USMCredentials, policy: RequestPolicy = RequestPolicy(),
        profile: TargetProfile = TargetProfile()
    ) throws -> TargetID {
        let id = engine.addTarget(
            TargetConfiguration(Peer(address), .v3(credentials), policy: policy), profile: profile)
        return try #require(id)
    }
}
