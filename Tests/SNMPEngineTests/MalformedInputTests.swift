import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import SNMPTestKit
import Testing

/// Datagrams that were damaged by accident or on purpose never trap, and requests still end.
@Suite struct MalformedInputTests {
    /// Damages a message in one of several ways.
    static func damage(_ octets: inout [UInt8], _ random: inout SeededRandom) {
        guard !octets.isEmpty else { return }
        let place = Int(random.next() % UInt64(octets.count))
        switch random.next() % 7 {
        case 0: octets[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: octets[place] ^= 1 << UInt8(random.next() % 8)
        case 2: octets.removeSubrange(place...)
        case 3: octets.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 4: octets.remove(at: place)
        case 5: octets.append(contentsOf: octets[place...])
        default:
            let extremes: [UInt8] = [0x00, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF]
            octets[place] = extremes[Int(random.next() % 7)]
        }
    }

    @Test func requestsEndWhenEveryOtherReplyIsDamaged() throws {
        for seed in seeds(30) {
            let network = SimulatedNetwork(seed: seed)
            nonisolated(unsafe) var random = SeededRandom(seed: seed)
            network.onReceive = { octets, _ in
                while random.oneIn(2) { MalformedInputTests.damage(&octets, &random) }
            }
            let credentials = try V3Tests.user()
            network.attach(FaultyAgent(), at: address(1))
            network.attach(
                try USMAgent(
                    engineID: V3Tests.engineID(1), users: [credentials], at: network.now, cache: V3Tests.agentKeys),
                at: address(2))
            let targets = [
                try network.addTarget(address(1), .v1), try network.addTarget(address(1), .v2c),
                try network.addV3Target(address(2), credentials),
            ]
            let names = try EncodedBindings(names: [sysName])
            let numbers = targets.flatMap { target in
                (0..<20).map { _ in network.submit(.get(names), to: target).number }
            }
            let walks = zip(targets, [SNMPVersion.v1, .v2c, .v3]).map { target, version in
                network.start(Walk(roots: [SimulatedTable.root], version: version), on: target)
            }
            #expect(network.run(), "seed \(seed)")
            for number in numbers { #expect(network.outcome(number) != nil, "seed \(seed)") }
            for walk in walks { #expect(network.walkResult(walk) != nil, "seed \(seed)") }
            #expect(network.engine.requestCount == 0, "seed \(seed)")
        }
    }

    /// One answer of each kind, each octet of it replaced by each of a few values, and cut after each octet.
    @Test func everyOctetOfAnAnswerMayBeWrong() throws {
        let credentials = try V3Tests.user()
        for version in SNMPVersion.allCases {
            let network = SimulatedNetwork(seed: 1)
            let agent: any DatagramAgent =
                version == .v3
                ? try USMAgent(
                    engineID: V3Tests.engineID(1), users: [credentials], at: network.now, cache: V3Tests.agentKeys)
                : FaultyAgent()
            network.attach(agent, at: address(1))
            let target =
                version == .v3
                ? try network.addV3Target(address(1), credentials) : try network.addTarget(address(1), version)
            // Reports of discovery, then answers: each is fed in all its damaged forms before it arrives itself.
            nonisolated(unsafe) var fed = 0
            network.onReceive = { octets, peer in
                for place in octets.indices {
                    for value in [0x00, 0x01, 0x7F, 0x80, 0x84, 0xFF, octets[place] &+ 1] as [UInt8]
                    where value != octets[place] {
                        var copy = octets
                        copy[place] = value
                        feed(&copy, network, peer)
                        fed += 1
                    }
                    var prefix = Array(octets.prefix(place))
                    feed(&prefix, network, peer)
                }
            }
            for _ in 0..<3 { #expect(try network.get(from: target).message != [], "\(version)") }
            #expect(fed > 500, "\(version)")
            #expect(network.engine.requestCount == 0, "\(version)")
        }
    }

    /// Hands a datagram straight to the engine.
    private func feed(_ octets: inout [UInt8], _ network: SimulatedNetwork, _ peer: Peer) {
        network.receive(&octets, from: peer)
    }

    @Test func garbageFromAnywhereIsCounted() throws {
        let network = SimulatedNetwork(seed: 1)
        let target = try network.addTarget(address(1))
        network.submit(.get(try EncodedBindings(names: [sysName])), to: target)
        var random = SeededRandom(seed: 1)
        for length in 0..<500 {
            var octets = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if length > 2 { octets[0] = 0x30 }
            network.receive(&octets, from: Peer(address(1 + length % 2)))
        }
        #expect(try #require(network.statistics(target)).malformed > 100)
        #expect(network.engine.strayDatagrams > 100)
    }
}
