// Layer: SNMPTestKit. Uses: SNMPEngine. Used by: tests, benchmarks.
// A network on virtual time between one manager engine and many agents. The same seed replays the same run.

public import Primitives
public import SNMPCodec
public import SNMPEngine

/// What happens to datagrams, in either direction.
public struct NetworkConditions: Sendable {
    /// Datagrams lost, of a thousand.
    public var lossPermille = 0
    /// Datagrams that arrive twice, of a thousand.
    public var duplicationPermille = 0
    /// Datagrams, of a thousand, that take `reorderingDelay` longer and so arrive after later ones.
    public var reorderingPermille = 0
    /// How much longer those take.
    public var reorderingDelay = Interval.milliseconds(30)
    /// From one end to the other.
    public var delay = Interval.microseconds(500)
    /// Up to so much more, evenly spread.
    public var jitter = Interval.zero
    /// Octets that fit; of longer datagrams the rest is cut off.
    public var maximumDatagramByteCount = Int.max

    /// A perfect network.
    public init() {}

    /// Some of everything, in thousandths.
    public static func bad(loss: Int = 50, duplication: Int = 50, reordering: Int = 50) -> NetworkConditions {
        var conditions = NetworkConditions()
        conditions.lossPermille = loss
        conditions.duplicationPermille = duplication
        conditions.reorderingPermille = reordering
        conditions.jitter = .milliseconds(5)
        return conditions
    }
}

/// What became of a request, with the message it points into.
public struct SimulatedOutcome: Sendable {
    /// What became of it.
    public let outcome: RequestOutcome
    /// The response's message; empty otherwise.
    public let message: [UInt8]
    /// When.
    public let time: Instant

    /// The bindings of a response that could be decoded; nil for all else.
    public var bindings: [VarBind]? {
        guard case .response(let response) = outcome else { return nil }
        var deviations = Deviations()
        return try? response.pdu.variableBindings(message.span.bytes, &deviations)
    }

    /// Why there is no response; nil if there is one.
    public var failure: RequestFailure? {
        if case .failure(let failure) = outcome { failure } else { nil }
    }

    /// The response; nil if there is none.
    public var response: Response? {
        if case .response(let response) = outcome { response } else { nil }
    }
}

/// A manager engine and the agents it talks to, on virtual time.
///
/// Confined to one thread, like the engine: it is only Sendable so that completions can refer to it.
public final class SimulatedNetwork: @unchecked Sendable {
    /// The engine.
    public var engine: ManagerEngine
    /// What happens to datagrams.
    public var conditions: NetworkConditions
    /// The virtual time.
    public private(set) var now: Instant
    /// Called with each datagram that the manager sends, before anything happens to it.
    public var onSend: ((_ octets: [UInt8], _ peer: Peer, _ now: Instant) -> Void)?
    /// Called with each datagram that reaches the manager; may change it, or lose it by emptying it.
    public var onReceive: ((_ octets: inout [UInt8], _ peer: Peer) -> Void)?
    /// Datagrams that reached the manager.
    public private(set) var deliveredCount = 0

    private var agents: [SocketAddress: any DatagramAgent] = [:]
    private var events = EventQueue()
    private var random: SeededRandom
    private var completions: [DueCompletion] = []
    private var outcomes: [Int: SimulatedOutcome] = [:]
    private var requestNumber = 0
    private var walks: [Int: RunningWalk] = [:]
    private var finishedWalks: [Int: WalkResult] = [:]

    /// Makes a network that starts an hour after the origin of its clock.
    public init(
        seed: UInt64, conditions: NetworkConditions = NetworkConditions(), limits: EngineLimits = EngineLimits()
    ) {
        let start = Instant(nanoseconds: 3_600_000_000_000)
        now = start
        self.conditions = conditions
        random = SeededRandom(seed: seed)
        engine = ManagerEngine(
            random: RandomSource(seed: seed ^ 0xA5A5),
            local: LocalEngine(
                engineID: EngineID([0x80, 0, 0x1F, 0x88, 4, 1, 2, 3, 4]), boots: 1, start: start),
            limits: limits, at: start)
    }

    /// Puts an agent at an address, in place of the one that was there.
    public func attach(_ agent: any DatagramAgent, at address: SocketAddress) { agents[address] = agent }

    /// Takes the agent at an address away.
    public func detach(_ address: SocketAddress) { agents[address] = nil }

    /// The agent at an address.
    public func agent(at address: SocketAddress) -> (any DatagramAgent)? { agents[address] }

    /// Puts a datagram on its way to the manager.
    public func inject(_ octets: [UInt8], from address: SocketAddress, after delay: Interval = .zero) {
        events.add(SimulatedEvent(time: now + delay, octets: octets, address: address, isForManager: true))
    }

    // MARK: Requests

    /// Submits a request; its outcome is kept under the number returned.
    @discardableResult
    public func submit(_ request: Request, to target: TargetID) -> (number: Int, token: RequestToken?) {
        requestNumber += 1
        let number = requestNumber
        let token = engine.submit(request, to: target, at: now) { outcome, message in
            precondition(self.outcomes[number] == nil, "request \(number) completed twice")
            let octets = message.byteCount == 0 ? [] : message.octets(0..<message.byteCount)
            self.outcomes[number] = SimulatedOutcome(outcome: outcome, message: octets, time: self.now)
        }
        return (number, token)
    }

    /// What became of a request; nil while it runs.
    public func outcome(_ number: Int) -> SimulatedOutcome? { outcomes[number] }

    /// Requests that have completed.
    public var completedCount: Int { outcomes.count }

    // MARK: Walks

    private struct RunningWalk {
        var walk: Walk
        let target: TargetID
        var rows: [VarBind] = []
        var request = 0
    }

    /// A walk that has ended.
    public struct WalkResult: Sendable {
        /// How it ended.
        public let verdict: WalkVerdict
        /// What it found.
        public let rows: [VarBind]
        /// The walk itself, with what it learned.
        public let walk: Walk
    }

    /// Starts a walk; its result is kept under the number returned.
    public func start(_ walk: Walk, on target: TargetID) -> Int {
        requestNumber += 1
        let number = requestNumber
        walks[number] = RunningWalk(walk: walk, target: target)
        advanceWalk(number)
        return number
    }

    /// The result of a walk; nil while it runs.
    public func walkResult(_ number: Int) -> WalkResult? { finishedWalks[number] }

    private func advanceWalk(_ number: Int) {
        guard var running = walks[number] else { return }
        running.rows += running.walk.takeRows()
        switch running.walk.next() {
        case .finished(let verdict):
            walks[number] = nil
            finishedWalks[number] = WalkResult(verdict: verdict, rows: running.rows, walk: running.walk)
        case .send(let request):
            running.request = submit(request, to: running.target).number
            walks[number] = running
        }
    }

    private func feedWalks() {
        for (number, running) in walks {
            guard let outcome = outcomes[running.request] else { continue }
            outcomes[running.request] = nil
            walks[number]?.walk.receive(outcome.outcome, outcome.message.span.bytes)
            advanceWalk(number)
        }
    }

    // MARK: Time

    /// Runs until nothing is left to do, or for `steps` events; whether it came to rest.
    @discardableResult
    public func run(steps: Int = 1_000_000) -> Bool {
        for _ in 0..<steps where !step(until: .distantFuture) { return true }
        return false
    }

    /// Runs until `interval` has passed, or for `steps` events.
    public func run(for interval: Interval, steps: Int = 1_000_000) {
        let end = now + interval
        for _ in 0..<steps where !step(until: end) { break }
        now = max(now, end)
    }

    /// Handles the next event, if there is one up to `end`; false if there is none.
    private func step(until end: Instant) -> Bool {
        settle()
        let deadline = engine.nextDeadline
        let next = min(events.nextTime ?? .distantFuture, deadline ?? .distantFuture)
        guard next <= end, next < .distantFuture else { return false }
        now = max(now, next)
        if let time = events.nextTime, time <= next, let event = events.removeFirst() {
            if event.isForManager { deliver(event) } else { answer(event) }
        } else {
            engine.advance(to: now)
        }
        settle()
        return true
    }

    /// Runs completions and sends what is to be sent, until there is no more of either.
    private func settle() {
        repeat {
            engine.swapCompletions(&completions)
            for completion in completions { completion.run() }
            completions.removeAll(keepingCapacity: true)
            feedWalks()
            engine.drainOutgoing { message, peer in
                let octets = [UInt8](message)
                self.onSend?(octets, peer, self.now)
                self.carry(octets, peer.address, isForManager: false, from: self.now)
            }
            engine.swapCompletions(&completions)
        } while !completions.isEmpty || engine.hasOutgoing
    }

    private func deliver(_ event: SimulatedEvent) {
        var octets = event.octets
        let peer = Peer(event.address)
        onReceive?(&octets, peer)
        guard !octets.isEmpty else { return }
        deliveredCount += 1
        receive(&octets, from: peer)
    }

    /// Hands a datagram to the engine now, and runs the completions that it causes.
    public func receive(_ octets: inout [UInt8], from peer: Peer) {
        octets.withUnsafeMutableBytes { bytes in
            engine.receive(bytes, from: peer, at: now)
            // The completions point into the bytes.
            engine.swapCompletions(&completions)
            for completion in completions { completion.run() }
            completions.removeAll(keepingCapacity: true)
        }
    }

    private func answer(_ event: SimulatedEvent) {
        guard let replies = agents[event.address]?.reply(to: event.octets, at: now) else { return }
        for reply in replies {
            let source = reply.otherSource?.with(port: event.address.port) ?? event.address
            carry(reply.octets, source, isForManager: true, from: now + reply.delay)
        }
    }

    private func carry(_ octets: [UInt8], _ address: SocketAddress, isForManager: Bool, from time: Instant) {
        guard !chance(conditions.lossPermille) else { return }
        let copies = chance(conditions.duplicationPermille) ? 2 : 1
        for _ in 0..<copies {
            var delay = conditions.delay
            if conditions.jitter > .zero {
                delay = delay + Interval(nanoseconds: Int64(random.next() % UInt64(conditions.jitter.nanoseconds)))
            }
            if chance(conditions.reorderingPermille) { delay = delay + conditions.reorderingDelay }
            events.add(
                SimulatedEvent(
                    time: time + delay, octets: Array(octets.prefix(conditions.maximumDatagramByteCount)),
                    address: address, isForManager: isForManager))
        }
    }

    private func chance(_ permille: Int) -> Bool { permille > 0 && random.next() % 1_000 < UInt64(permille) }
}
