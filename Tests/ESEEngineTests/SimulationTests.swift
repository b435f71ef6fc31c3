// Simulated time and background work.

import ESEEngine
import ESEFormat
import ESETestKit
import PlatformIO
import Testing

@Suite struct SimulationTests {
    @Test func timePassesWhenToldSleptOrLookedAt() {
        let clock = SimulatedClock(seed: 1, tick: 10)
        #expect(clock.nanoseconds() == 10)
        clock.sleep(nanoseconds: 1_000_000_000)
        #expect(clock.nanoseconds() == 1_000_000_020)
        clock.advance(nanoseconds: 500_000_000)
        #expect(clock.logTime().description == "2024-01-01T00:00:01.500Z")
        clock.advance(nanoseconds: 86_400_000_000_000)
        #expect(clock.logTime().day == 2)
    }

    @Test func randomNumbersFollowFromTheSeed() {
        let clocks = [SimulatedClock(seed: 1), SimulatedClock(seed: 1), SimulatedClock(seed: 2)]
        let numbers = clocks.map { clock in (0..<5).map { _ in clock.random() } }
        #expect(numbers[0] == numbers[1] && numbers[0] != numbers[2])
    }

    /// The order in which the tasks of a runner are done.
    private func order(_ seed: UInt64) -> [BackgroundTask] {
        let runner = ManualTaskRunner(seed: seed)
        for task in BackgroundTask.allCases { runner.schedule(task) {} }
        return (0..<5).compactMap { _ in runner.runOne() }
    }

    @Test func orderFollowsFromTheSeedAndIsAnyOrder() {
        #expect(order(7) == order(7))
        #expect(Set((0..<2_000).map { order($0) }).count == 120)
    }

    @Test func workThatWaitsIsDoneOnceAndOnlyWhenTold() {
        let runner = ManualTaskRunner(seed: 1)
        let done = Locked(0)
        for _ in 0..<3 { runner.schedule(.writePages) { done.withLock { $0 += 1 } } }
        #expect(runner.scheduled == [.writePages] && done.withLock { $0 } == 0)
        #expect(!runner.run(.cleanVersions))
        #expect(runner.run(.writePages))
        #expect(runner.runOne() == nil && done.withLock { $0 } == 1)
        runner.schedule(.writePages) { done.withLock { $0 += 1 } }
        runner.forgetAll()
        runner.drain()
        #expect(done.withLock { $0 } == 1)
    }

    @Test func workMayScheduleMoreWork() {
        let runner = ManualTaskRunner(seed: 1)
        let rest = Locked(5)
        @Sendable func work() {
            let isMore = rest.withLock { rest in
                rest -= 1
                return rest > 0
            }
            if isMore { runner.schedule(.cleanVersions) { work() } }
        }
        runner.schedule(.cleanVersions) { work() }
        #expect(runner.runAll(limit: 2) == 2)
        runner.drain()
        #expect(rest.withLock { $0 } == 0 && runner.scheduled.isEmpty)
    }

    @Test func drainWaitsForWorkOfOtherThreads() throws {
        let runner = ManualTaskRunner(seed: 1)
        let started = Latch(), gate = Latch()
        let done = Locked(false)
        runner.schedule(.writePages) {
            started.open()
            gate.wait()
            done.withLock { $0 = true }
        }
        let worker = try Thread.start(name: "worker") { _ = runner.runOne() }
        started.wait()
        // The same task isn't run here while it runs there.
        runner.schedule(.writePages) {}
        #expect(runner.runOne() == nil)
        let opener = try Thread.start(name: "opener") { gate.open() }
        runner.drain()
        #expect(done.withLock { $0 } && runner.scheduled.isEmpty)
        worker.join()
        opener.join()
    }

    @Test func reportsAreKept() {
        let reporter = CollectingReporter()
        reporter.report(.warning, "a bit was repaired")
        #expect(reporter.reports == [CollectingReporter.Report(level: .warning, text: "a bit was repaired")])
    }
}
