import Primitives
import Testing

@testable import StationPoller

@Suite struct ScheduleTests {
    private let start = Instant(nanoseconds: 3_600_000_000_000)

    /// Runs a schedule for a while, asked whenever it wants to be; what was due when.
    private func run(
        _ schedule: inout Schedule, from: Instant, for length: Interval
    ) -> [(time: Instant, due: Schedule.Due)] {
        var result: [(Instant, Schedule.Due)] = []
        var now = from
        var asked = 0
        while let next = schedule.nextDeadline(at: now), max(next, now) <= from + length {
            now = max(next, now)
            var due: [Schedule.Due] = []
            schedule.due(at: now, into: &due)
            result += due.map { (now, $0) }
            asked += 1
            guard asked < 500_000 else { break }
        }
        return result
    }

    @Test(arguments: [50, 1_000, 10_000, 60_000, 300_000]) func roundsComeAtTheInterval(milliseconds: Int64) {
        var schedule = Schedule(start: start)
        let interval = Interval.milliseconds(milliseconds)
        schedule.add(7, interval: interval, at: start)
        let due = run(&schedule, from: start, for: interval * 20)
        #expect((18...21).contains(due.count))
        #expect(due.allSatisfy { $0.due.device == 7 && $0.due.missed == 0 })
        let soon = min(interval, Schedule.firstRoundWithin) + .milliseconds(10)
        #expect((due.first?.time ?? .distantFuture) <= start + soon)
        // After the first, always the same place in the interval, within a tick of the wheel.
        let places = due.dropFirst().map { $0.time.nanoseconds % interval.nanoseconds }
        let expected = Int64(Schedule.share(of: 7) * Double(interval.nanoseconds))
        #expect(places.allSatisfy { $0 - expected >= 0 && $0 - expected <= 9_000_000 })
    }

    @Test func devicesAreSpreadEvenly() {
        for count in [10, 100, 1_000] {
            let shares = (1...count).map { Schedule.share(of: Int32($0)) }.sorted()
            let gaps = zip(shares, shares.dropFirst()).map { $1 - $0 }
            #expect((gaps.max() ?? 1) < 3 / Double(count))
            #expect(shares.allSatisfy { (0..<1).contains($0) })
        }
        #expect((0..<1).contains(Schedule.share(of: -1)) && (0..<1).contains(Schedule.share(of: .max)))
    }

    @Test func tenThousandDevicesEachHaveTheirRounds() {
        var schedule = Schedule(start: start)
        for device in 0..<10_000 { schedule.add(Int32(device), interval: .seconds(60), at: start) }
        var counts = Array(repeating: 0, count: 10_000)
        var perSecond: [Int64: Int] = [:]
        for (time, due) in run(&schedule, from: start, for: .seconds(200)) {
            counts[Int(due.device)] += 1
            if time > start + .seconds(61) { perSecond[time.nanoseconds / 1_000_000_000, default: 0] += 1 }
        }
        #expect(counts.allSatisfy { (3...4).contains($0) })
        // 167 a second, and never far more.
        #expect((perSecond.values.max() ?? 0) < 200)
    }

    @Test func roundsThatNobodyAskedAboutAreMissed() {
        var schedule = Schedule(start: start)
        schedule.add(1, interval: .seconds(10), at: start)
        _ = run(&schedule, from: start, for: .seconds(30))
        // The process slept for an hour.
        var due: [Schedule.Due] = []
        let late = start + .seconds(3_630)
        schedule.due(at: late, into: &due)
        #expect(due.count == 1)
        #expect((359...360).contains(due[0].missed))
        // And then all is as before.
        let after = run(&schedule, from: late, for: .seconds(100))
        #expect((9...11).contains(after.count))
        #expect(after.allSatisfy { $0.due.missed == 0 })
    }

    @Test func theBudgetPutsRoundsOffAndCountsWhatIsMissed() {
        var schedule = Schedule(start: start, datagramsPerSecond: 10)
        for device in 1...20 {
            schedule.add(Int32(device), interval: .seconds(10), at: start)
            schedule.settle(Int32(device), datagrams: 20, at: start)
        }
        // 20 devices of 20 datagrams in 10 s are 40 a second: a quarter can be done.
        let due = run(&schedule, from: start + .seconds(60), for: .seconds(1_000))
        #expect((450...550).contains(due.count))
        let missed = due.reduce(0) { $0 + $1.due.missed }
        #expect((1_400...1_600).contains(missed))
        // Nobody is left out.
        for device in 1...20 { #expect(due.count { $0.due.device == Int32(device) } >= 20) }
    }

    @Test func whatIsRemovedIsNeverDue() {
        let seed: UInt64 = 42
        var random = SeededRandom(seed: seed)
        var schedule = Schedule(start: start, datagramsPerSecond: 50)
        var present: Set<Int32> = []
        var now = start
        for step in 0..<5_000 {
            let device = Int32(random.next() % 30)
            switch random.next() % 4 {
            case 0:
                schedule.add(device, interval: .milliseconds(Int64(random.next() % 5_000) + 50), at: now)
                present.insert(device)
            case 1:
                schedule.remove(device)
                present.remove(device)
            default:
                now = now + .milliseconds(Int64(random.next() % 400))
                var due: [Schedule.Due] = []
                schedule.due(at: now, into: &due)
                #expect(due.allSatisfy { present.contains($0.device) }, "seed \(seed), step \(step)")
                #expect(Set(due.map(\.device)).count == due.count, "seed \(seed), step \(step)")
            }
            #expect(schedule.count == present.count, "seed \(seed), step \(step)")
        }
        for device in present { schedule.remove(device) }
        var due: [Schedule.Due] = []
        schedule.due(at: now + .seconds(60), into: &due)
        #expect(due.isEmpty)
        let deadline = schedule.nextDeadline(at: now + .seconds(60))
        #expect(deadline == nil)
    }

    @Test func anEmptyScheduleHasNothingToDo() {
        var schedule = Schedule(start: start)
        let deadline = schedule.nextDeadline(at: start)
        #expect(deadline == nil)
        schedule.remove(1)
        schedule.settle(1, datagrams: 5, at: start)
        #expect(schedule.count == 0)
    }

    @Test func aBucketFillsOverTimeUpToItsBurst() {
        var bucket = TokenBucket(burst: 4, perSecond: 2)
        let fullCount = bucket.available(at: start)
        #expect(fullCount == 4)
        bucket.take(6, at: start)
        let overdrawnCount = bucket.available(at: start)
        #expect(overdrawnCount == -2)
        let full = bucket.whenAvailable(1, at: start)
        #expect(full > start + .milliseconds(1_499) && full < start + .milliseconds(1_501))
        let oneCount = bucket.available(at: full)
        #expect(oneCount >= 1)
        let mostCount = bucket.available(at: start + .seconds(100))
        #expect(mostCount == 4)
        // Time that stands still or goes back gives nothing.
        let sameCount = bucket.available(at: start)
        #expect(sameCount == 4)
        bucket.take(1, at: start)
        let lessCount = bucket.available(at: start)
        #expect(lessCount == 3)
    }
}
