import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import StationSeries
import Testing

@testable import StationPoller

/// The machine against arbitrary answers in arbitrary order.
@Suite struct MachinePropertyTests {
    private struct UnderWay {
        var number: Int
        var names: [ObjectIdentifier]
        var isWalk: Bool
        var due: Instant
    }

    /// Everything under way, and what was seen.
    private struct World {
        var random: SeededRandom
        var now = Instant(nanoseconds: 1_000_000_000_000)
        var underWay: [UnderWay] = []
        var rounds = 0
        var requests = 0
        var walks = 0
        var states: [DeviceState] = []

        var moment: Moment { Moment(now, microseconds: now.nanoseconds / 1_000) }

        mutating func take(_ actions: [DeviceAction]) {
            for action in actions {
                let delay = Interval.milliseconds(Int64(random.next() % 3_000))
                switch action {
                case .get(let number, let names, _):
                    requests += 1
                    underWay.append(UnderWay(number: number, names: names, isWalk: false, due: now + delay))
                case .walk(let number, let columns, _, _):
                    walks += 1
                    underWay.append(UnderWay(number: number, names: columns, isWalk: true, due: now + delay))
                case .round: rounds += 1
                case .state(let state, _): states.append(state)
                case .plan: break
                }
            }
        }

        mutating func value() -> SNMPValue {
            switch random.next() % 8 {
            case 0: .noSuchInstance
            case 1: .timeTicks(UInt32(truncatingIfNeeded: random.next()))
            case 2: .counter64(random.next())
            case 3: .string("text")
            case 4: .integer(Int32(truncatingIfNeeded: random.next()))
            default: .counter32(5)
            }
        }

        mutating func error() -> SNMPError {
            switch random.next() % 6 {
            case 0: .request(.transport("127.0.0.1:161: connection refused"))
            case 1: .request(.refused(.wrongDigest))
            case 2: .request(.tooManyRequests(limit: 5))
            case 3: .request(.tooLarge(byteCount: 9, limit: 5))
            case 4: .malformed(BERError(.truncated, at: 3))
            default: .request(.transport("unreachable"))
            }
        }

        mutating func verdict() -> WalkVerdict {
            switch random.next() % 5 {
            case 0: WalkVerdict(.loop(at: [1, 3]))
            case 1: WalkVerdict(.partial(.rowLimit(5), last: nil))
            case 2: WalkVerdict(.partial(.noAnswer(.transport("unreachable")), last: nil))
            default: WalkVerdict(.complete)
            }
        }

        /// Answers something that is under way, well or badly.
        mutating func answer(_ machine: inout DeviceMachine, goodOf ten: UInt64) {
            guard !underWay.isEmpty else { return }
            let place = underWay.indices.min { underWay[$0].due < underWay[$1].due } ?? 0
            let request = underWay.remove(at: place)
            now = max(now, request.due)
            if request.isWalk {
                for _ in 0..<Int(random.next() % 4) {
                    let rows = (0..<20).map { row in
                        VarBind(request.names[row % request.names.count].appending(UInt32(row)), value())
                    }
                    if !machine.received(rows, ofWalk: request.number) { break }
                }
                take(machine.walked(request.number, verdict(), at: moment))
            } else if random.next() % 10 < ten {
                let bindings = request.names.map { VarBind($0, value()) }
                let status = random.next() % 10 == 0 ? ErrorStatus(rawValue: Int32(random.next() % 20)) : .noError
                take(
                    machine.answered(
                        request.number, status, index: Int(random.next() % 60), bindings, roundTrip: .milliseconds(5),
                        at: moment))
            } else {
                take(machine.failed(request.number, error(), at: moment))
            }
        }
    }

    @Test(arguments: 0..<24) func eachTurnEndsInOneRoundWhateverIsAnswered(seed: UInt64) {
        var world = World(random: SeededRandom(seed: seed))
        let good = world.random.next() % 11
        let interval = Interval.seconds([1, 10, 60][Int(world.random.next() % 3)])
        var machine = DeviceMachine(device: Int32(seed), options: PollingOptions(interval: interval))
        var nextTick = world.now
        var ticks = 0
        var begun = 0
        while ticks < 100 {
            let next = world.underWay.map(\.due).min() ?? .distantFuture
            if nextTick <= next {
                world.now = max(world.now, nextTick)
                let wasBusy = machine.isBusy
                let actions = machine.tick(at: world.moment, isForced: world.random.oneIn(20))
                #expect(!wasBusy || actions.isEmpty, "seed \(seed): two turns at once")
                world.take(actions)
                ticks += 1
                nextTick = nextTick + interval
            } else {
                world.answer(&machine, goodOf: good)
            }
            let walks = world.underWay.count { $0.isWalk }
            #expect(world.underWay.count <= machine.options.requestsAtOnce, "seed \(seed)")
            #expect(walks <= 1 && (walks == 0 || world.underWay.count == 1), "seed \(seed)")
            #expect(machine.isBusy == !world.underWay.isEmpty, "seed \(seed): stuck or idle too soon")
            begun = max(begun, world.rounds)
        }
        // When all is answered the machine rests: nothing begins by itself.
        var steps = 0
        while !world.underWay.isEmpty, steps < 5_000 {
            world.answer(&machine, goodOf: good)
            steps += 1
        }
        #expect(!machine.isBusy, "seed \(seed)")
        #expect(machine.rounds == world.rounds, "seed \(seed)")
        #expect(world.rounds <= ticks, "seed \(seed): more rounds than ticks")
        #expect(world.rounds + machine.missed <= ticks, "seed \(seed)")
        #expect(world.rounds > 0, "seed \(seed)")
        // No state is told twice in a row.
        #expect(zip(world.states, world.states.dropFirst()).allSatisfy { $0 != $1 }, "seed \(seed)")
        #expect(world.requests <= world.rounds * 1_000, "seed \(seed)")
    }

    @Test(arguments: 0..<10) func answersThatNobodyWaitsForChangeNothing(seed: UInt64) {
        var world = World(random: SeededRandom(seed: seed))
        var machine = DeviceMachine(device: 1)
        world.take(machine.tick(at: world.moment))
        for _ in 0..<Int(world.random.next() % 20) { world.answer(&machine, goodOf: 10) }
        let (rounds, isBusy) = (machine.rounds, machine.isBusy)
        for number in [0, -1, 1_000_000] {
            let moment = world.moment
            var actions = machine.answered(number, .noError, index: 0, [], roundTrip: .zero, at: moment)
            actions += machine.failed(number, .closed, at: moment)
            actions += machine.walked(number, WalkVerdict(.complete), at: moment)
            let isWanted = machine.received([VarBind([1, 3], .null)], ofWalk: number)
            #expect(actions.isEmpty && !isWanted)
        }
        #expect(machine.rounds == rounds && machine.isBusy == isBusy)
    }
}
