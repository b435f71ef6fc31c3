import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPTestKit
import StationSeries

@testable import StationPoller

/// A port of a made-up switch.
struct FakePort {
    var index: UInt32
    /// Tells the port's counters from those of others: ifHCInOctets is this times a million, at first.
    var number: UInt64
    var name: String
    var description: String
    var alias = ""
    var isWide = true
    var hasNarrow = true
    var type: Int32 = 6
}

/// The objects of a made-up device.
struct FakeContents {
    var ports: [FakePort] = []
    var name = "switch"
    var processors = 2
    var disks = ["/", "/var"]
    var hasUCD = true
    var tableLastChange: UInt32? = 100
    /// How much was counted since the start.
    var growth: UInt64 = 0

    /// A switch with ports named `ge-1`, `ge-2` ...
    init(ports count: Int = 24) {
        ports = (0..<count).map {
            FakePort(index: UInt32($0 + 1), number: UInt64($0 + 1), name: "ge-\($0 + 1)", description: "Port \($0 + 1)")
        }
    }

    var objects: [VarBind] {
        var list: [VarBind] = [
            VarBind(Column.sysDescr, .string("a made-up switch")),
            VarBind(Column.sysObjectID, .objectIdentifier([1, 3, 6, 1, 4, 1, 55_555])),
            VarBind(Column.sysContact, .string("nobody")), VarBind(Column.sysName, .string(name)),
            VarBind(Column.sysLocation, .string("nowhere")),
        ]
        if !ports.isEmpty { list.append(VarBind(Column.ifNumber, .integer(Int32(ports.count)))) }
        if let tableLastChange { list.append(VarBind(Column.ifTableLastChange, .timeTicks(tableLastChange))) }
        for port in ports { append(port, to: &list) }
        for processor in 0..<processors {
            let index = UInt32(196_608 + processor)
            list.append(VarBind(Column.hrProcessorLoad.appending(index), .integer(Int32(processor))))
            list.append(VarBind(Column.hrDeviceDescr.appending(index), .string("GenuineMadeUp")))
        }
        // Not a processor.
        list.append(VarBind(Column.hrDeviceDescr.appending(393_216), .string("a disk")))
        for (place, disk) in disks.enumerated() {
            let index = UInt32(31 + place)
            let cells: [(UInt32, SNMPValue)] = [
                (2, .objectIdentifier([1, 3, 6, 1, 2, 1, 25, 2, 1, 4])), (3, .string(disk)), (4, .integer(4_096)),
                (5, .integer(1_000_000)), (6, .integer(Int32(place * 1_000))),
            ]
            for (column, value) in cells {
                list.append(VarBind(Column.hrStorageEntry.appending(column).appending(index), value))
            }
        }
        if hasUCD {
            for scalar in Catalogue.scalars {
                let isCounter = scalar.nature == .counter
                list.append(VarBind(scalar.oid, isCounter ? .counter32(UInt32(scalar.number)) : .integer(7)))
            }
        }
        return list
    }

    private func append(_ port: FakePort, to list: inout [VarBind]) {
        func add(_ entry: ObjectIdentifier, _ column: UInt32, _ value: SNMPValue) {
            list.append(VarBind(entry.appending(column).appending(port.index), value))
        }
        let octets = port.number * 1_000_000 + growth
        add(Column.ifEntry, 2, .string(port.description))
        add(Column.ifEntry, 3, .integer(port.type))
        add(Column.ifEntry, 4, .integer(1_500))
        add(Column.ifEntry, 5, .gauge32(1_000_000_000))
        add(Column.ifEntry, 6, .octetString([2, 0, 0, 0, 0, UInt8(truncatingIfNeeded: port.number)]))
        for column: UInt32 in [7, 8] { add(Column.ifEntry, column, .integer(1)) }
        for column: UInt32 in [13, 14, 19, 20] { add(Column.ifEntry, column, .counter32(0)) }
        if port.hasNarrow {
            for column: UInt32 in [10, 11, 16, 17] {
                add(Column.ifEntry, column, .counter32(UInt32(truncatingIfNeeded: octets)))
            }
        }
        guard port.isWide else { return }
        add(Column.ifXEntry, 1, .string(port.name))
        for column: UInt32 in 6...13 { add(Column.ifXEntry, column, .counter64(octets)) }
        add(Column.ifXEntry, 15, .gauge32(1_000))
        add(Column.ifXEntry, 18, .string(port.alias))
        add(Column.ifXEntry, 19, .timeTicks(0))
    }
}

/// A made-up device on the simulated network. Confined to the test's thread.
final class FakeDevice: DatagramAgent {
    var contents: FakeContents { didSet { rebuild() } }
    /// When it started; its up time at that moment.
    var start: Instant
    var upTimeAtStart: UInt32 = 0
    var hasUpTime = true
    var isAlive = true
    var delay = Interval.milliseconds(2)
    /// GETs with more names than this get no answer.
    var silentAbove = Int.max
    /// Requests that get no answer.
    var isSilent: (PDU) -> Bool = { _ in false }
    /// Changes an answer.
    var mangle: ((_ answer: inout PDU, _ request: PDU) -> Void)?
    private(set) var requests = 0
    private(set) var walkRequests = 0
    /// When requests came.
    private(set) var times: [Instant] = []
    private var objects: OIDMap<SNMPValue> = [:]

    init(_ contents: FakeContents = FakeContents(), start: Instant) {
        self.contents = contents
        self.start = start
        rebuild()
    }

    private func rebuild() { objects = OIDMap(contents.objects.map { ($0.name, $0.value) }) }

    /// Starts anew at `now`.
    func restart(at now: Instant) {
        start = now
        upTimeAtStart = 0
    }

    func reply(to request: [UInt8], at now: Instant) -> [Reply] {
        requests += 1
        times.append(now)
        var deviations = Deviations()
        guard isAlive, let message = try? CommunityMessage(decoding: request.span.bytes, &deviations),
            case .pdu(let pdu) = message.pdu, !isSilent(pdu), var answer = respond(to: pdu, message.version, now)
        else { return [] }
        mangle?(&answer, pdu)
        let response = CommunityMessage(version: message.version, community: message.community, pdu: .pdu(answer))
        guard let octets = try? response.encoded() else { return [] }
        return [Reply(octets, delay: delay)]
    }

    private func value(_ name: ObjectIdentifier, _ version: SNMPVersion, _ now: Instant) -> SNMPValue? {
        if name == Column.sysUpTime, hasUpTime {
            return .timeTicks(upTimeAtStart &+ UInt32(truncatingIfNeeded: (now - start).nanoseconds / 10_000_000))
        }
        guard let value = objects[name] else { return nil }
        if version == .v1, case .counter64 = value { return nil }
        return value
    }

    private func respond(to request: PDU, _ version: SNMPVersion, _ now: Instant) -> PDU? {
        var answer = PDU(.response, requestID: request.requestID, [])
        switch request.type {
        case .get:
            guard request.variableBindings.count <= silentAbove else { return nil }
            for (place, binding) in request.variableBindings.enumerated() {
                if let value = value(binding.name, version, now) {
                    answer.variableBindings.append(VarBind(binding.name, value))
                } else if version == .v1 {
                    return PDU(
                        .response, requestID: request.requestID, errorStatus: .noSuchName, errorIndex: Int32(place + 1),
                        request.variableBindings)
                } else {
                    answer.variableBindings.append(VarBind(binding.name, .noSuchInstance))
                }
            }
        case .getNext, .getBulk:
            walkRequests += 1
            let repetitions = request.type == .getBulk ? Int(request.maxRepetitions) : 1
            var names = request.variableBindings.map(\.name)
            for _ in 0..<min(repetitions, 10) {
                for place in names.indices {
                    guard let next = next(names[place], version) else {
                        if version == .v1 {
                            return PDU(
                                .response, requestID: request.requestID, errorStatus: .noSuchName,
                                errorIndex: Int32(place + 1), request.variableBindings)
                        }
                        answer.variableBindings.append(VarBind(names[place], .endOfMibView))
                        continue
                    }
                    answer.variableBindings.append(next)
                    names[place] = next.name
                }
            }
        default: return nil
        }
        return answer
    }

    private func next(_ name: ObjectIdentifier, _ version: SNMPVersion) -> VarBind? {
        var name = name
        while let next = objects.next(after: name) {
            name = next.key
            if version == .v1, case .counter64 = next.value { continue }
            return VarBind(next.key, next.value)
        }
        return nil
    }
}

/// A device, its poller and the network between, on virtual time. Confined to the test's thread.
final class Rig {
    let network: SimulatedNetwork
    let device: FakeDevice
    let poller: DevicePoller
    let interval: Interval
    private let log = Locked<[PollerEvent]>([])

    init(
        _ contents: FakeContents = FakeContents(), seed: UInt64 = 1,
        conditions: NetworkConditions = NetworkConditions(),
        options: PollingOptions = PollingOptions(), version: SNMPVersion = .v2c, known: DevicePlan = DevicePlan()
    ) throws {
        let network = SimulatedNetwork(seed: seed, conditions: conditions)
        self.network = network
        interval = options.interval
        device = FakeDevice(contents, start: network.now + .seconds(-1_000))
        let address = SocketAddress(ipv4: 10, 0, 0, 1, port: 161)
        network.attach(device, at: address)
        let community = Array("tests".utf8)
        let security: TargetSecurity = version == .v1 ? .v1(community: community) : .v2c(community: community)
        guard let target = network.engine.addTarget(TargetConfiguration(Peer(address), security)) else {
            throw RigError.noTarget
        }
        let port = RequestPort(
            version: version,
            submit: { request, completion in
                network.engine.submit(request, to: target, at: network.now, completion: completion)
            },
            profile: { network.engine.profile(of: target) ?? TargetProfile() },
            sent: { network.engine.statistics(of: target)?.sent ?? 0 },
            now: { Moment(network.now, microseconds: 1_700_000_000_000_000 + network.now.nanoseconds / 1_000) })
        let description = PolledDevice(
            number: 1, name: "device", configuration: TargetConfiguration(Peer(address), security), options: options,
            known: known)
        let log = log
        poller = DevicePoller(description, port, handler: { event in log.withLock { $0.append(event) } })
    }

    enum RigError: Error { case noTarget }

    /// Lets `count` rounds fall due, one an interval.
    func run(_ count: Int = 1) {
        for _ in 0..<count {
            poller.tick()
            network.run(for: interval)
        }
    }

    var events: [PollerEvent] { log.withLock { $0 } }

    var rounds: [PolledRound] {
        events.compactMap { event in if case .round(let round) = event { round } else { nil } }
    }

    var changes: [PlanChange] {
        events.flatMap { event in if case .plan(_, _, let changes) = event { changes } else { [PlanChange]() } }
    }

    var plans: [DevicePlan] {
        events.compactMap { event in if case .plan(_, let plan, _) = event { plan } else { nil } }
    }

    var states: [DeviceState] {
        events.compactMap { event in if case .state(let health) = event { health.state } else { nil } }
    }

    /// The value of a metric of an object in a round.
    func value(_ metric: String, _ kind: ObjectKind, _ key: String, in round: PolledRound) -> RawValue? {
        let plan = poller.plan
        guard plan.revision == round.revision else { return nil }
        return round.values.first { value in
            let instance = plan.instances[Int(value.instance)]
            guard instance.description.name == metric, let object = instance.object else { return false }
            return plan.objects[object].kind == kind && plan.objects[object].key == key
        }?.value
    }
}

/// Values that arrive on any thread, and can be waited for.
final class Recorder<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiters: [(isEnough: @Sendable ([Value]) -> Bool, continuation: CheckedContinuation<[Value], Never>)] = []
    }
    private let state = Locked(State())

    func append(_ value: Value) {
        let (values, due) = state.withLock { state in
            state.values.append(value)
            let values = state.values
            let due = state.waiters.filter { $0.isEnough(values) }.map(\.continuation)
            state.waiters.removeAll { $0.isEnough(values) }
            return (values, due)
        }
        for continuation in due { continuation.resume(returning: values) }
    }

    /// All values so far.
    var values: [Value] { state.withLock { $0.values } }

    /// Waits until the values are enough; ends with the test's time limit only.
    @discardableResult
    func values(when isEnough: @escaping @Sendable ([Value]) -> Bool) async -> [Value] {
        await withCheckedContinuation { continuation in
            let values = state.withLock { state -> [Value]? in
                if isEnough(state.values) { return state.values }
                state.waiters.append((isEnough, continuation))
                return nil
            }
            if let values { continuation.resume(returning: values) }
        }
    }
}
