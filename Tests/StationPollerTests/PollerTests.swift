import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import StationSeries
import Testing

@testable import StationPoller

/// A made-up device's objects for a real agent.
private final class FakeSubtree: ManagedSubtree, Sendable {
    private struct State {
        var objects: OIDMap<SNMPValue>
        var start: Instant
    }
    let root: ObjectIdentifier = [1, 3, 6, 1]
    private let state: Locked<State>

    init(_ contents: FakeContents) {
        let objects = OIDMap(contents.objects.map { ($0.name, $0.value) })
        state = Locked(State(objects: objects, start: SystemClock.now + .seconds(-100)))
    }

    func set(_ contents: FakeContents, restarts: Bool = false) {
        let objects = OIDMap(contents.objects.map { ($0.name, $0.value) })
        state.withLock { state in
            state.objects = objects
            if restarts { state.start = SystemClock.now }
        }
    }

    func value(of name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> SNMPValue {
        state.withLock { state in
            if name == Column.sysUpTime {
                return .timeTicks(UInt32(clamping: (now - state.start).nanoseconds / 10_000_000))
            }
            return state.objects[name] ?? .noSuchInstance
        }
    }

    func next(after name: ObjectIdentifier, at now: Instant) throws(ObjectError) -> VarBind? {
        state.withLock { state in state.objects.next(after: name).map { VarBind($0.key, $0.value) } }
    }
}

private func server(_ subtree: FakeSubtree, port: UInt16 = 0) throws -> AgentServer {
    let configuration = AgentConfiguration(
        engineID: EngineID([0x80, 0, 0x1F, 0x88, 4] + Array("poller".utf8)), engineBoots: 1,
        communities: [Community(Array("tests".utf8))], access: .readOnly(minimumUserLevel: .noAuthNoPriv),
        servesOwnObjects: false, firstSalt: 1)
    let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
    try agent.add(try USMCredentials(userName: "plain"))
    try agent.register(subtree)
    return try AgentServer(agent, endpoints: [ServiceEndpoint(.loopbackIPv4(port: port))])
}

private func device(
    _ number: Int32, _ address: SocketAddress, milliseconds: Int64 = 100, community: String = "tests"
) -> PolledDevice {
    var policy = RequestPolicy()
    policy.packetsPerSecond = 100_000
    return PolledDevice(
        number: number, name: "device \(number)",
        configuration: TargetConfiguration(
            Peer(address), .v2c(community: Array(community.utf8)), policy: policy),
        options: PollingOptions(interval: .milliseconds(milliseconds)))
}

extension [PollerEvent] {
    fileprivate func rounds(of device: Int32) -> [PolledRound] {
        compactMap { event in
            if case .round(let round) = event, round.device == device { round } else { nil }
        }
    }

    fileprivate var changes: [PlanChange] {
        flatMap { event in if case .plan(_, _, let changes) = event { changes } else { [PlanChange]() } }
    }

    fileprivate var states: [DeviceState] {
        compactMap { event in if case .state(let health) = event { health.state } else { nil } }
    }
}

/// The poller over real sockets and agents. Nothing here depends on how fast the machine is: tests wait for events.
@Suite(.timeLimit(.minutes(2))) struct PollerTests {
    private let events = Recorder<PollerEvent>()

    private func poller(_ manager: SNMPManager) throws -> Poller {
        let events = events
        return try Poller(manager: manager) { events.append($0) }
    }

    @Test func roundsOfADeviceWithTwentyFourInterfacesCome() async throws {
        let server = try server(FakeSubtree(FakeContents()))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        let before = SystemClock.wallNanoseconds / 1_000
        try poller.add(device(5, server.endpoints[0].address))
        let seen = await events.values { $0.rounds(of: 5).count { $0.verdict == .complete } >= 5 }
        poller.close()
        let plan = try #require(seen.compactMap { if case .plan(5, let plan, _) = $0 { plan } else { nil } }.first)
        #expect(plan.summary == "24 interfaces, 2 processors, 2 storage areas")
        let rounds = seen.rounds(of: 5)
        #expect(rounds.allSatisfy { $0.values.count == plan.instances.count && $0.revision == plan.revision })
        for (a, b) in zip(rounds, rounds.dropFirst()) { #expect(a.time < b.time) }
        let after = SystemClock.wallNanoseconds / 1_000
        #expect(rounds.allSatisfy { $0.time >= before - 1_000_000 && $0.time <= after + 1_000_000 })
        #expect(rounds.allSatisfy { ($0.upTime ?? 0) >= 10_000 && $0.roundTrip != nil })
        #expect(poller.health(of: 5) == nil)
        manager.close()
    }

    @Test func aRestartAndAChangeOfTablesAreSeen() async throws {
        var contents = FakeContents()
        let subtree = FakeSubtree(contents)
        let server = try server(subtree)
        let manager = try SNMPManager()
        let poller = try poller(manager)
        try poller.add(device(1, server.endpoints[0].address))
        await events.values { $0.rounds(of: 1).count { $0.verdict == .complete } >= 2 }
        for place in contents.ports.indices { contents.ports[place].index += 100 }
        subtree.set(contents, restarts: true)
        await events.values { $0.changes.contains { $0.kind == .restarted } }
        contents.ports.removeLast()
        contents.tableLastChange = 5_000
        subtree.set(contents)
        let seen = await events.values { events in
            events.changes.contains { $0.kind == .objectGone }
                && events.last.map { [$0].rounds(of: 1) }?.isEmpty == false
        }
        #expect(seen.changes.count { $0.kind == .indexChanged } == 24)
        #expect(seen.changes.last { $0.kind == .objectGone }?.text == "interface ge-24 is not there any more")
        #expect(!seen.changes.contains { $0.kind == .objectAdded })
        #expect(poller.plan(of: 1)?.object(.interface, "3")?.index == 103)
        poller.close()
        manager.close()
    }

    @Test func anAgentThatStopsAndStartsAgainGoesDownAndUp() async throws {
        let subtree = FakeSubtree(FakeContents(ports: 3))
        let first = try server(subtree)
        let address = first.endpoints[0].address
        let manager = try SNMPManager()
        let poller = try poller(manager)
        try poller.add(device(1, address))
        await events.values { $0.rounds(of: 1).count >= 2 }
        first.close()
        await events.values { $0.states == [.up, .down] }
        let health = try #require(poller.health(of: 1))
        #expect(health.state == .down && !health.message.isEmpty)
        #expect(health.lastSeen != nil && health.verdict == RoundVerdict.none)
        let second = try server(subtree, port: address.port)
        let seen = await events.values { events in
            events.states == [.up, .down, .up] && (events.last.map { [$0] }?.rounds(of: 1).isEmpty == false)
        }
        #expect(seen.rounds(of: 1).contains { $0.verdict == .none })
        #expect(poller.health(of: 1)?.message == "")
        // Nothing changed, so nothing was read again.
        #expect(poller.health(of: 1)?.discoveries == 1)
        poller.close()
        second.close()
        manager.close()
    }

    @Test func pollNowGivesTheRoundToAllWhoAsk() async throws {
        let server = try server(FakeSubtree(FakeContents()))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        // So seldom that no round comes by itself during the test.
        try poller.add(device(1, server.endpoints[0].address, milliseconds: 3_600_000))
        let rounds = await withTaskGroup(of: PolledRound?.self) { group in
            for _ in 0..<10 { group.addTask { await poller.pollNow(1) } }
            return await group.reduce(into: [PolledRound?]()) { $0.append($1) }
        }
        #expect(rounds.count == 10)
        #expect(rounds.allSatisfy { $0?.verdict == .complete })
        #expect(await poller.pollNow(99) == nil)
        poller.close()
        #expect(await poller.pollNow(1) == nil)
        manager.close()
    }

    @Test func askedTenTimesAtOnceADeviceIsReadOnce() async throws {
        let server = try server(FakeSubtree(FakeContents()))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        try poller.add(device(1, server.endpoints[0].address, milliseconds: 3_600_000))
        let answers = Recorder<PolledRound?>()
        for _ in 0..<10 { poller.pollNow(1) { answers.append($0) } }
        let rounds = await answers.values { $0.count == 10 }.compactMap { $0 }
        // One; two if this thread stood still for a whole round between two calls.
        #expect(rounds.count == 10 && Set(rounds.map(\.time)).count <= 2)
        poller.close()
        manager.close()
    }

    @Test func aDeviceGetsNoMoreDatagramsThanItsBudget() async throws {
        let server = try server(FakeSubtree(FakeContents(ports: 60)))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        var wanted = device(1, server.endpoints[0].address)
        // The poller's own limit: 50 a second. A round takes 20 and is due ten times a second.
        wanted.configuration.policy.packetsPerSecond = nil
        let start = SystemClock.now
        try poller.add(wanted)
        _ = await events.values { $0.rounds(of: 1).count >= 4 }
        poller.close()
        let received = await withCheckedContinuation { continuation in
            server.perform { continuation.resume(returning: $0.counters.inPackets) }
        }
        let seconds = (SystemClock.now - start).inSeconds
        #expect(received > 60 && Double(received) <= 50 * seconds + 2, "\(received) in \(seconds) s")
        manager.close()
    }

    @Test func manyDevicesArePolledAtOnce() async throws {
        let server = try server(FakeSubtree(FakeContents(ports: 2)))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        for number in 1...50 { try poller.add(device(Int32(number), server.endpoints[0].address, milliseconds: 200)) }
        let seen = await events.values { events in
            (1...50).allSatisfy { events.rounds(of: $0).count { $0.verdict == .complete } >= 2 }
        }
        #expect(seen.states.allSatisfy { $0 == .up })
        #expect(poller.health.map(\.device) == Array(1...50))
        #expect(poller.health.allSatisfy { $0.datagrams > 0 && $0.state == .up })
        poller.close()
        manager.close()
    }

    @Test func devicesAreRemovedAndReplacedAndChanged() async throws {
        let server = try server(FakeSubtree(FakeContents(ports: 2)))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        let address = server.endpoints[0].address
        try poller.add(device(1, address))
        await events.values { $0.rounds(of: 1).count >= 2 }
        // What was found is still known to the one that replaces it.
        try poller.add(device(1, address, milliseconds: 3_600_000))
        #expect(poller.plan(of: 1)?.objects.isEmpty == false)
        #expect(poller.health(of: 1)?.state == .new)
        #expect(poller.setInterval(.milliseconds(50), of: 1))
        let count = events.values.count
        await events.values { $0.dropFirst(count + 2).contains { if case .round = $0 { true } else { false } } }
        #expect(!events.values.changes.dropFirst().contains { $0.kind == .found || $0.kind == .objectAdded })
        #expect(poller.profile(of: 1)?.roundTripNanoseconds != nil)
        #expect(poller.remove(1))
        #expect(!poller.remove(1))
        #expect(!poller.setInterval(.seconds(1), of: 1))
        #expect(poller.health.isEmpty && poller.plan(of: 1) == nil)
        poller.close()
        manager.close()
    }

    @Test func aWrongCommunityIsSaidToBeALikelyCause() async throws {
        let server = try server(FakeSubtree(FakeContents(ports: 1)))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        var wrong = device(1, server.endpoints[0].address, community: "wrong")
        wrong.configuration.policy = .fixed(timeout: .milliseconds(50), retries: 1)
        try poller.add(wrong)
        let seen = await events.values { !$0.rounds(of: 1).isEmpty }
        let round = try #require(seen.rounds(of: 1).first)
        #expect(round.verdict == .none)
        #expect(round.text.contains("after 2 attempts") && round.text.contains("community"))
        #expect(!round.text.contains("wrong"))
        poller.close()
        manager.close()
    }

    @Test func devicesOfVersion3ArePolledAndRefusalsAreSaid() async throws {
        let server = try server(FakeSubtree(FakeContents(ports: 2)))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        for (number, user) in [(Int32(1), "plain"), (2, "stranger")] {
            var device = device(number, server.endpoints[0].address)
            device.configuration.security = .v3(try USMCredentials(userName: user))
            try poller.add(device)
        }
        let seen = await events.values { events in
            events.rounds(of: 1).contains { $0.verdict == .complete } && events.rounds(of: 2).count >= 2
        }
        let refused = try #require(seen.rounds(of: 2).last)
        #expect(refused.verdict == .none && refused.text.contains("user name"))
        #expect(poller.health(of: 2)?.state == .down)
        #expect(poller.profile(of: 1)?.engineID != nil)
        poller.close()
        manager.close()
    }

    @Test func aPollerWhoseManagerIsClosedStops() async throws {
        let server = try server(FakeSubtree(FakeContents(ports: 1)))
        let manager = try SNMPManager()
        let poller = try poller(manager)
        try poller.add(device(1, server.endpoints[0].address))
        await events.values { !$0.rounds(of: 1).isEmpty }
        manager.close()
        #expect(await poller.pollNow(1) == nil)
        #expect(throws: SNMPError.closed) { try poller.add(device(2, server.endpoints[0].address)) }
        poller.close()
        poller.close()
    }
}
