// Clock, threads for background work, reports.

@testable import ESE
import ESEEngine
import ESEFormat
import PlatformIO
import Primitives
import Synchronization
import Testing

@Suite struct EnvironmentTests {
    @Test func clockTellsTheDateInUTC() throws {
        let clock = SystemEngineClock()
        let before = SystemClock.wallSeconds
        let time = clock.logTime()
        let after = SystemClock.wallSeconds
        #expect(time.isUTC && time.isSet)
        let dates = try (before...after).map { second in try #require(LocalTime(utcSeconds: second)) }
        #expect(dates.contains { $0.year == time.year && $0.minute == time.minute && $0.second == time.second })
    }

    @Test func clockNeverGoesBackAndSleepsLongEnough() {
        let clock = SystemEngineClock()
        let start = clock.nanoseconds()
        clock.sleep(nanoseconds: 2_000_000)
        #expect(clock.nanoseconds() - start >= 2_000_000)
        clock.sleep(nanoseconds: 0)
        #expect(clock.random() != clock.random())
    }

    @Test(arguments: [1, 2]) func scheduledWorkIsDoneByTheEndOfDrain(_ threadCount: Int) throws {
        let runner = try ThreadTaskRunner(threadCount: threadCount)
        let count = Counter()
        for round in 1...200 {
            for task in BackgroundTask.allCases { runner.schedule(task) { count.add() } }
            runner.drain()
            #expect(count.value == round * BackgroundTask.allCases.count)
        }
        runner.stop()
    }

    @Test(arguments: [1, 2]) func workThatWaitsIsDoneOnce(_ threadCount: Int) throws {
        let runner = try ThreadTaskRunner(threadCount: threadCount)
        let started = Latch(), gate = Latch()
        let count = Counter()
        runner.schedule(.cleanVersions) {
            started.open()
            gate.wait()
        }
        started.wait()
        // It runs, so the first of these waits for its end, even if another thread is free; the rest are the same work.
        for _ in 0..<10 { runner.schedule(.cleanVersions) { count.add() } }
        if threadCount == 2 {
            // The other thread would have taken the waiting one before this, if it could.
            let isPassed = Latch()
            runner.schedule(.prepareLog) { isPassed.open() }
            isPassed.wait()
        }
        #expect(count.value == 0)
        gate.open()
        runner.drain()
        #expect(count.value == 1)
        runner.stop()
    }

    @Test func twoThreadsDoTwoTasksAtOnce() throws {
        let runner = try ThreadTaskRunner(threadCount: 2)
        let first = Latch(), second = Latch()
        runner.schedule(.cleanVersions) {
            first.open()
            second.wait()
        }
        runner.schedule(.writePages) {
            first.wait()
            second.open()
        }
        runner.drain()
        runner.stop()
    }

    @Test func aTaskNeverRunsTwiceAtOnceNorIsForgotten() async throws {
        let runner = try ThreadTaskRunner(threadCount: 2)
        let inside = Counter(), overlaps = Counter()
        // Each caller counts first and schedules then; the work takes what was counted. Nothing may be left.
        let asked = Counter(), taken = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<2_000 {
                        asked.add()
                        runner.schedule(.writePages) {
                            if inside.add() != 1 { overlaps.add() }
                            taken.set(asked.value)
                            inside.subtract()
                        }
                    }
                }
            }
        }
        runner.drain()
        #expect(overlaps.value == 0)
        #expect(taken.value == 6_000)
        runner.stop()
    }

    @Test func stoppedRunnerForgetsAndTakesNothing() throws {
        let runner = try ThreadTaskRunner()
        let started = Latch(), gate = Latch()
        let count = Counter()
        runner.schedule(.writePages) {
            started.open()
            gate.wait()
            count.add()
        }
        started.wait()
        weak let forgotten = forgettable(runner, count)
        #expect(forgotten != nil)
        let stopper = try Thread.start(name: "stopper") { runner.stop() }
        // Once the runner is stopped it has dropped what waits; then what runs may end.
        while forgotten != nil { SystemClock.sleep(.milliseconds(1)) }
        gate.open()
        stopper.join()
        runner.stop()
        runner.drain()
        runner.schedule(.cleanVersions) { count.add() }
        runner.drain()
        #expect(count.value == 1)
    }

    private func forgettable(_ runner: ThreadTaskRunner, _ count: Counter) -> Token? {
        let token = Token()
        weak let kept = token
        runner.schedule(.cleanVersions) {
            withExtendedLifetime(token) {}
            count.add()
        }
        return kept
    }

    @Test func runnerMayEndWithItsOwnWork() throws {
        // The work holds the last reference: the runner ends on its own thread.
        let ended = Latch(), gate = Latch()
        var runner: ThreadTaskRunner? = try ThreadTaskRunner()
        runner?.schedule(.writePages) { [runner] in
            gate.wait()
            withExtendedLifetime(runner) {}
            ended.open()
        }
        runner = nil
        gate.open()
        ended.wait()
    }

    @Test func reportsAreOneLine() {
        #expect(StandardErrorReporter.oneLine("a\nb\u{1B}[1m\tcé") == "a b [1m cé")
        SilentReporter().report(.error, "nothing")
    }
}

/// A number that threads share.
private final class Counter: Sendable {
    private let number = Atomic(0)
    var value: Int { number.load(ordering: .sequentiallyConsistent) }
    @discardableResult func add() -> Int { number.add(1, ordering: .sequentiallyConsistent).newValue }
    func subtract() { number.subtract(1, ordering: .sequentiallyConsistent) }
    func set(_ value: Int) { number.store(value, ordering: .sequentiallyConsistent) }
}

/// Whether it lives says whether somebody keeps the work that holds it.
private final class Token: Sendable {}
