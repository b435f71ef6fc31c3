import Foundation
import Primitives
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import Testing

/// Seeds for property tests; 50 times as many with ORIEL_SOAK=1.
func seeds(_ count: Int) -> [UInt64] {
    let factor = ProcessInfo.processInfo.environment["ORIEL_SOAK"] == "1" ? 50 : 1
    return (1...UInt64(count * factor)).map { $0 }
}

func address(_ number: Int) -> SocketAddress {
    SocketAddress(ipv4: 0x0A00_0000 + UInt32(number), port: 161)
}

let sysName: ObjectIdentifier = [1, 3, 6, 1, 2, 1, 1, 5, 0]

extension SimulatedNetwork {
    /// A community target at an address.
    func addTarget(
        _ address: SocketAddress, _ version: SNMPVersion = .v2c, policy: RequestPolicy = RequestPolicy(),
        profile: TargetProfile = TargetProfile()
    ) throws -> TargetID {
        let community = Array("public".utf8)
        let security: TargetSecurity = version == .v1 ? .v1(community: community) : .v2c(community: community)
        let id = engine.addTarget(TargetConfiguration(Peer(address), security, policy: policy), profile: profile)
        return try #require(id)
    }

    func statistics(_ target: TargetID) -> TargetStatistics? { engine.statistics(of: target) }

    func profile(_ target: TargetID) -> TargetProfile? { engine.profile(of: target) }

    /// Walks the table of an agent from start to end.
    func walk(
        _ target: TargetID, version: SNMPVersion = .v2c, profile: TargetProfile = TargetProfile(),
        options: WalkOptions = WalkOptions(), roots: [ObjectIdentifier] = [SimulatedTable.root]
    ) throws -> WalkResult {
        let number = start(Walk(roots: roots, version: version, profile: profile, options: options), on: target)
        #expect(run(), "the simulation did not come to rest")
        return try #require(walkResult(number))
    }

    func get(_ name: ObjectIdentifier = sysName, from target: TargetID) throws -> SimulatedOutcome {
        let number = submit(.get(try EncodedBindings(names: [name])), to: target).number
        #expect(run(), "the simulation did not come to rest")
        return try #require(outcome(number))
    }
}

/// One walk of one agent over a perfect network, unless told otherwise.
func walk(
    _ faults: [AgentFault], version: SNMPVersion = .v2c, table: SimulatedTable = SimulatedTable(),
    profile: TargetProfile = TargetProfile(), options: WalkOptions = WalkOptions(),
    policy: RequestPolicy = RequestPolicy(), conditions: NetworkConditions = NetworkConditions(), seed: UInt64 = 1,
    roots: [ObjectIdentifier] = [SimulatedTable.root]
) throws -> SimulatedNetwork.WalkResult {
    let network = SimulatedNetwork(seed: seed, conditions: conditions)
    network.attach(FaultyAgent(faults, table: table, seed: seed), at: address(1))
    let target = try network.addTarget(address(1), version, policy: policy, profile: profile)
    return try network.walk(target, version: version, profile: profile, options: options, roots: roots)
}

extension WalkOptions {
    /// Walks with GETNEXT only.
    static var getNextOnly: WalkOptions {
        var options = WalkOptions()
        options.maximumRepetitions = 1
        return options
    }

    /// As in the fault table: GETBULK with 25 repetitions to begin with.
    static var bulk25: WalkOptions {
        var options = WalkOptions()
        options.firstRepetitions = 25
        return options
    }
}
