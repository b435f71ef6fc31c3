// Layer: ESETestKit/Simulation. Uses: ESEEngine (TaskRunner, EngineReporter), PlatformIO. Used by: tests of the engine.
// Background work that is done when the test says so; reports that the test can look at.

public import ESEEngine
import PlatformIO
import Primitives

/// Does background work on the thread that asks for it, in an order that follows from a seed. From any thread.
public final class ManualTaskRunner: TaskRunner, @unchecked Sendable {
    private let lock = Lock()
    private let workEnded = Condition()
    // Only under the lock:
    private var random: SeededRandom
    private var waiting: [(task: BackgroundTask, work: @Sendable () -> Void)] = []
    private var running: [(task: BackgroundTask, thread: UInt)] = []

    /// Makes a runner with nothing to do.
    public init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Notes the work, unless the task waits already.
    public func schedule(_ task: BackgroundTask, _ work: @escaping @Sendable () -> Void) {
        lock.withLock {
            if !waiting.contains(where: { $0.task == task }) { waiting.append((task, work)) }
        }
    }

    /// The tasks that wait, in the order in which they were scheduled.
    public var scheduled: [BackgroundTask] { lock.withLock { waiting.map(\.task) } }

    /// Does one task of those that wait and don't run on another thread, chosen by chance.
    /// - Returns: which; nil if there is none.
    @discardableResult
    public func runOne() -> BackgroundTask? { runOne { _ in true } }

    /// Does a task if it waits and doesn't run on another thread; whether it did.
    @discardableResult
    public func run(_ task: BackgroundTask) -> Bool { runOne { $0 == task } != nil }

    /// Does tasks until none waits.
    /// - Parameter limit: how many at most, for work that schedules itself for ever.
    /// - Returns: how many.
    @discardableResult
    public func runAll(limit: Int = 100_000) -> Int {
        var count = 0
        while count < limit, runOne() != nil { count += 1 }
        return count
    }

    /// Does tasks until none waits, and waits for those that run on other threads. Not from within a task.
    public func drain() {
        let own = Thread.currentID
        while true {
            _ = runAll()
            let isDone = lock.withLock {
                precondition(!running.contains { $0.thread == own }, "a task can't wait for itself")
                if waiting.isEmpty && running.isEmpty { return true }
                if !running.isEmpty { workEnded.wait(lock) }
                return false
            }
            if isDone { return }
        }
    }

    /// Forgets what waits, as a crash of the program does.
    public func forgetAll() {
        let forgotten = lock.withLock {
            let forgotten = waiting
            waiting = []
            return forgotten
        }
        withExtendedLifetime(forgotten) {}
    }

    private func runOne(_ isWanted: (BackgroundTask) -> Bool) -> BackgroundTask? {
        let chosen: (task: BackgroundTask, work: @Sendable () -> Void)? = lock.withLock {
            let places = waiting.indices.filter { place in
                isWanted(waiting[place].task) && !running.contains { $0.task == waiting[place].task }
            }
            guard let place = places.randomElement(using: &random) else { return nil }
            running.append((waiting[place].task, Thread.currentID))
            return waiting.remove(at: place)
        }
        guard let chosen else { return nil }
        chosen.work()
        lock.withLock {
            running.removeAll { $0.task == chosen.task }
            workEnded.broadcast()
        }
        return chosen.task
    }
}

/// Keeps reports for the test. From any thread.
public final class CollectingReporter: EngineReporter {
    /// A report.
    public struct Report: Hashable, Sendable {
        /// How bad it is.
        public var level: ReportLevel
        /// What it says.
        public var text: String

        /// Makes a report.
        public init(level: ReportLevel, text: String) {
            self.level = level
            self.text = text
        }
    }

    private let collected = Locked<[Report]>([])

    /// Makes a reporter without reports.
    public init() {}

    /// What came so far.
    public var reports: [Report] { collected.withLock { $0 } }

    /// Keeps the report.
    public func report(_ level: ReportLevel, _ text: String) {
        collected.withLock { $0.append(Report(level: level, text: text)) }
    }
}
