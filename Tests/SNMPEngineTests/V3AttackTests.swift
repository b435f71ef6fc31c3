import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import SNMPTestKit
import Testing

/// An attacker who sees every request and answers before the agent does, but has no keys.
@Suite struct V3AttackTests {
    private let bogus = [VarBind(sysName, .gauge32(666))]

    /// Sends a forged datagram ahead of each answer of the agent.
    private func attack(
        _ setup: V3Tests.Setup, _ forge: @escaping (_ request: V3Outline, _ octets: [UInt8]) -> [[UInt8]]
    ) {
        let network = setup.network
        network.onSend = { octets, _, _ in
            guard let request = V3Outline(octets) else { return }
            for forged in forge(request, octets) { network.inject(forged, from: address(1)) }
        }
    }

    @Test func forgedTimeReportsChangeNothing() throws {
        for boots in [Int32(0), 6, Int32.max] {
            let setup = try V3Tests.Setup(try V3Tests.user())
            _ = try setup.network.get(from: setup.target)
            attack(setup) { request, _ in
                [
                    ForgedMessage.report(
                        2, messageID: request.messageID, engineID: request.engineID, boots: boots, time: 1,
                        userName: request.userName)
                ]
            }
            let number = setup.network.submit(.get(try EncodedBindings(names: [sysName])), to: setup.target).number
            #expect(setup.network.run())
            #expect(setup.network.outcome(number)?.response != nil, "boots \(boots)")
            setup.network.onSend = nil
            // One single forged Report must not disable the engine for ever after either.
            for _ in 0..<5 { #expect(try setup.network.get(from: setup.target).response?.attempts == 1) }
            #expect(setup.statistics.rejected == 1)
            #expect(setup.statistics.timeSynchronisations == 1 && setup.statistics.bootsRollbacks == 0)
            #expect(setup.agent.statistics.notInTimeWindows == 0)
        }
    }

    @Test func forgedTimeReportWithADigestFieldChangesNothing() throws {
        let setup = try V3Tests.Setup(try V3Tests.user())
        _ = try setup.network.get(from: setup.target)
        attack(setup) { request, _ in
            [12, 24, 1].map { count in
                ForgedMessage.response(
                    [VarBind(USMStatistics.root.appending(2).appending(0), .counter32(1))], requestID: 0,
                    messageID: request.messageID, engineID: request.engineID, boots: Int32.max - 1, time: 1,
                    userName: request.userName, digestByteCount: count)
            }
        }
        #expect(try setup.network.get(from: setup.target).response != nil)
        #expect(setup.statistics.rejected == 3 && setup.statistics.timeSynchronisations == 1)
    }

    @Test func forgedResponsesAreRejected() throws {
        // CVE-2008-0960: a digest of one octet among them.
        let setup = try V3Tests.Setup(try V3Tests.user(priv: nil))
        attack(setup) { request, octets in
            var deviations = Deviations()
            let bytes = octets.span.bytes
            guard case .v3(let layout)? = try? MessageLayout.parse(bytes, &deviations),
                let scoped = try? ScopedPDULayout.parse(bytes, layout.payload, &deviations)
            else { return [] }
            return [0, 1, 12, 24].map { count in
                ForgedMessage.response(
                    self.bogus, requestID: scoped.pdu.requestID, messageID: request.messageID,
                    engineID: request.engineID, boots: request.boots, time: request.time, userName: request.userName,
                    digestByteCount: count)
            }
        }
        for _ in 0..<10 {
            #expect(try setup.network.get(from: setup.target).bindings?.first?.value == .gauge32(0))
        }
        #expect(setup.statistics.rejected >= 40)
    }

    @Test func replayedResponsesAreRejected() throws {
        let setup = try V3Tests.Setup(try V3Tests.user())
        nonisolated(unsafe) var recorded: [[UInt8]] = []
        setup.network.onReceive = { octets, _ in recorded.append(octets) }
        _ = try setup.network.get(from: setup.target)
        setup.network.onReceive = nil
        setup.agent.agent = FaultyAgent([], table: SimulatedTable(identity: 5))
        let network = setup.network
        network.onSend = { _, _, _ in
            for octets in recorded { network.inject(octets, from: address(1)) }
        }
        #expect(try network.get(from: setup.target).bindings?.first?.value == .gauge32(5))
        #expect(setup.statistics.duplicates >= 1)
    }

    @Test func replayUnderTheIDOfANewRequestIsRejected() throws {
        // The attacker puts the identifier of the new request into an old answer, which breaks its digest.
        let setup = try V3Tests.Setup(try V3Tests.user())
        nonisolated(unsafe) var recorded: [UInt8] = []
        setup.network.onReceive = { octets, _ in recorded = octets }
        _ = try setup.network.get(from: setup.target)
        setup.network.onReceive = nil
        setup.agent.agent = FaultyAgent([], table: SimulatedTable(identity: 5))
        let old = try #require(V3Outline(recorded)).messageID
        attack(setup) { request, _ in [replace(old, by: request.messageID, in: recorded)] }
        #expect(try setup.network.get(from: setup.target).bindings?.first?.value == .gauge32(5))
        #expect(setup.statistics.rejected >= 1)
    }

    /// Exchanges one four-octet INTEGER for another.
    private func replace(_ old: Int32, by new: Int32, in octets: [UInt8]) -> [UInt8] {
        func encoded(_ value: Int32) -> [UInt8] {
            [2, 4] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        }
        var result = octets
        for start in 0..<octets.count - 6 where Array(octets[start..<start + 6]) == encoded(old) {
            result.replaceSubrange(start..<start + 6, with: encoded(new))
            break
        }
        return result
    }

    @Test func forgedMaximumSizeDoesNotLimitRequests() throws {
        let setup = try V3Tests.Setup(try V3Tests.user())
        _ = try setup.network.get(from: setup.target)
        // The forged Report states 484 octets.
        attack(setup) { request, _ in
            [
                ForgedMessage.report(
                    2, messageID: request.messageID, engineID: request.engineID, boots: request.boots,
                    time: request.time)
            ]
        }
        // No answer of the agent sets it right again.
        setup.network.detach(address(1))
        _ = try setup.network.get(from: setup.target)
        setup.network.onSend = nil
        setup.network.attach(setup.agent, at: address(1))
        let large = try EncodedBindings([VarBind(sysName, .octetString([UInt8](repeating: 1, count: 1_000)))])
        let number = setup.network.submit(.set(large), to: setup.target).number
        #expect(setup.network.run())
        #expect(setup.network.outcome(number)?.response != nil)
    }

    @Test func forgedEngineIDHealsByItself() throws {
        let setup = try V3Tests.Setup(try V3Tests.user())
        _ = try setup.network.get(from: setup.target)
        attack(setup) { request, _ in
            [
                ForgedMessage.report(
                    4, messageID: request.messageID, engineID: [1, 2, 3, 4, 5], boots: 1, time: 1,
                    userName: request.userName)
            ]
        }
        _ = try setup.network.get(from: setup.target)
        setup.network.onSend = nil
        for _ in 0..<5 { #expect(try setup.network.get(from: setup.target).response != nil) }
        #expect(setup.network.engine.engineID(of: setup.target) == V3Tests.engineID(1))
    }

    @Test func plainResponseToASignedRequestIsRejected() throws {
        // noAuthNoPriv, everything else right: a downgrade.
        let setup = try V3Tests.Setup(try V3Tests.user(priv: nil))
        _ = try setup.network.get(from: setup.target)
        setup.network.detach(address(1))
        attack(setup) { request, octets in
            var deviations = Deviations()
            let bytes = octets.span.bytes
            guard case .v3(let layout)? = try? MessageLayout.parse(bytes, &deviations),
                let scoped = try? ScopedPDULayout.parse(bytes, layout.payload, &deviations)
            else { return [] }
            return [
                ForgedMessage.response(
                    self.bogus, requestID: scoped.pdu.requestID, messageID: request.messageID,
                    engineID: request.engineID, boots: request.boots, time: request.time, userName: request.userName,
                    digestByteCount: 0)
            ]
        }
        guard case .timeout(let evidence)? = try setup.network.get(from: setup.target).failure else {
            Issue.record("a forged response was taken")
            return
        }
        #expect(evidence.rejectedReplies == evidence.attempts)
    }
}
