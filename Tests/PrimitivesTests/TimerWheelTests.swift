import Primitives
import Testing

@Suite struct TimerWheelTests {
    /// Random schedules, cancellations and steps of time against a plain dictionary of deadlines.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func agreesWithAModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var now = Instant(nanoseconds: Int64(random.next() % 1_000_000_000_000))
        var wheel = TimerWheel(start: now)
        var model: [Int: Instant] = [:]
        let tick: Int64 = 1 << 22
        for _ in 0..<5_000 {
            switch random.next() % 4 {
            case 0, 1:
                let id = Int(random.next() % 64)
                let far = random.oneIn(10) ? 20_000 : 300
                let deadline = now + .milliseconds(Int64(random.next() % UInt64(far)))
                wheel.schedule(id, at: deadline)
                model[id] = deadline
            case 2:
                let id = Int(random.next() % 64)
                wheel.cancel(id)
                model[id] = nil
            default:
                now = now + .microseconds(Int64(random.next() % 200_000))
                var due = [Int]()
                wheel.expire(at: now, into: &due)
                // Due: all whose tick has ended; none whose deadline lies ahead.
                let expected = model.filter { ($0.value.nanoseconds / tick + 1) * tick <= now.nanoseconds }
                #expect(Set(due) == Set(expected.keys), "seed \(seed)")
                #expect(due.count == Set(due).count)
                for id in due { model[id] = nil }
            }
            #expect(wheel.count == model.count)
            if let next = wheel.nextDeadline {
                let earliest = model.values.min() ?? .zero
                #expect(next.nanoseconds <= (max(earliest, now).nanoseconds / tick + 1) * tick, "seed \(seed)")
                #expect(next > now, "a deadline that is not ahead would spin the driver, seed \(seed)")
            } else {
                #expect(model.isEmpty)
            }
        }
    }

    @Test func identifiersArePositiveAndReplayFromTheirSeed() {
        let a = RandomSource(seed: 7), b = RandomSource(seed: 7)
        for _ in 0..<1_000 {
            let identifier = a.nextIdentifier()
            #expect(identifier > 0)
            #expect(identifier == b.nextIdentifier())
        }
    }
}
