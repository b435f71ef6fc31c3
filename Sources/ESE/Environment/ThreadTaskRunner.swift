// Layer: ESE/Environment. Uses: ESEEngine (TaskRunner), PlatformIO. Used by: whoever makes an instance.
// Background work on threads of its own.

public import ESEEngine
public import PlatformIO
import Primitives
import Synchronization

/// Does an instance's background work on one or two threads. One runner serves one instance: a task is known by its
/// kind alone.
///
/// A task runs on one thread at a time. One that is scheduled while it runs is run again. Of tasks that wait, the first
/// kind of `BackgroundTask` goes first.
public final class ThreadTaskRunner: TaskRunner {
    private let queue: TaskQueue
    private let threads: [Thread]

    /// Starts the threads.
    /// - Parameter threadCount: 1 or 2.
    public init(threadCount: Int = 1) throws(IOError) {
        precondition((1...2).contains(threadCount), "one or two threads")
        let queue = TaskQueue()
        var threads: [Thread] = []
        for _ in 0..<threadCount {
            do throws(IOError) {
                threads.append(try Thread.start(name: "ese-background") { queue.work() })
            } catch {
                queue.stop()
                throw error
            }
        }
        self.queue = queue
        self.threads = threads
    }

    // The threads end by themselves; they aren't waited for, since this may be one of them.
    deinit { queue.stop() }

    /// Calls `work` soon on one of the threads. If the task waits to be run already, this is no more than one atomic
    /// operation and the earlier work is done. Does nothing after `stop`.
    public func schedule(_ task: BackgroundTask, _ work: @escaping @Sendable () -> Void) { queue.schedule(task, work) }

    /// Calls `work` on one of the threads, about so many nanoseconds later, or sooner if the task is scheduled
    /// otherwise: then only that work is done. Of two times the earlier one counts, with its work.
    public func schedule(
        _ task: BackgroundTask, after nanoseconds: UInt64, _ work: @escaping @Sendable () -> Void
    ) { queue.schedule(task, after: nanoseconds, work) }

    /// Waits until nothing is scheduled nor runs; does what is to be done later at once. Not from within a task.
    public func drain() {
        precondition(!threads.contains { $0.id == Thread.currentID }, "a task can't wait for itself")
        queue.drain()
    }

    /// Lets the tasks that run come to their end, forgets those that wait, and returns when the threads have ended.
    /// Not from within a task. Doing it again does nothing.
    public func stop() {
        precondition(!threads.contains { $0.id == Thread.currentID }, "a task can't wait for itself")
        queue.stop()
        for thread in threads { thread.join() }
    }
}

/// What the threads share. A task has a bit of its own, by its raw value.
private final class TaskQueue: @unchecked Sendable {
    /// Tasks that wait, for `schedule` to see without the lock; set before `ready`, cleared together with it.
    private let scheduled = Atomic<UInt32>(0)

    // Only under the lock:
    private let lock = Lock()
    private let workCame = Condition()
    private let workEnded = Condition()
    private var works: [(@Sendable () -> Void)?] = Array(repeating: nil, count: 32)
    private var ready: UInt32 = 0
    /// When tasks are to be made ready, nil for those that aren't for later.
    private var times: [Instant?] = Array(repeating: nil, count: 32)
    private var lateCount = 0
    private var running: UInt32 = 0
    private var isStopped = false

    func schedule(_ task: BackgroundTask, _ work: @escaping @Sendable () -> Void) {
        let index = Int(task.rawValue)
        let bit = UInt32(1) << UInt32(index)
        // An operation that writes, not a mere load: the thread that clears the bit then sees what the caller did.
        guard scheduled.bitwiseOr(bit, ordering: .acquiringAndReleasing).oldValue & bit == 0 else { return }
        lock.withLock {
            if isStopped {
                scheduled.bitwiseAnd(~bit, ordering: .acquiringAndReleasing)
                return
            }
            setTime(index, nil)
            works[index] = work
            ready |= bit
            workCame.signal()
        }
    }

    func schedule(_ task: BackgroundTask, after nanoseconds: UInt64, _ work: @escaping @Sendable () -> Void) {
        let index = Int(task.rawValue)
        let time = SystemClock.now + Interval(nanoseconds: Int64(clamping: nanoseconds))
        lock.withLock {
            guard !isStopped, ready & 1 << UInt32(index) == 0, times[index].map({ time < $0 }) ?? true else { return }
            setTime(index, time)
            works[index] = work
            // Whoever waits has to wait for less long perhaps.
            workCame.signal()
        }
    }

    private func setTime(_ index: Int, _ time: Instant?) {
        lateCount += (time == nil ? 0 : 1) - (times[index] == nil ? 0 : 1)
        times[index] = time
    }

    /// Makes ready what its time has come for, or all; returns how long it is until the next.
    private func wakeLate(all: Bool = false) -> Interval? {
        guard lateCount > 0 else { return nil }
        let now = SystemClock.now
        var rest: Interval?
        for index in times.indices {
            guard let time = times[index] else { continue }
            if all || time <= now {
                let bit = UInt32(1) << UInt32(index)
                setTime(index, nil)
                ready |= bit
                scheduled.bitwiseOr(bit, ordering: .acquiringAndReleasing)
            } else {
                rest = min(rest ?? time - now, time - now)
            }
        }
        return rest
    }

    func drain() {
        lock.withLock {
            if !isStopped, lateCount > 0 {
                _ = wakeLate(all: true)
                workCame.broadcast()
            }
            // A task whose bit is set but that isn't ready yet is just being scheduled by another thread.
            while !isStopped && scheduled.load(ordering: .acquiring) != 0 || running != 0 { workEnded.wait(lock) }
        }
    }

    func stop() {
        // What is forgotten goes without the lock: it may hold the last reference to the runner.
        let forgotten = lock.withLock {
            let forgotten = works
            works = Array(repeating: nil, count: works.count)
            isStopped = true
            ready = 0
            times = Array(repeating: nil, count: times.count)
            lateCount = 0
            scheduled.store(0, ordering: .releasing)
            workCame.broadcast()
            workEnded.broadcast()
            return forgotten
        }
        withExtendedLifetime(forgotten) {}
    }

    /// A thread's life.
    func work() {
        while let (bit, work) = next() {
            work()
            lock.withLock {
                running &= ~bit
                // Another thread may have left it because it was running here.
                if ready != 0 { workCame.signal() }
                workEnded.broadcast()
            }
        }
    }

    private func next() -> (bit: UInt32, work: @Sendable () -> Void)? {
        lock.withLock {
            while true {
                if isStopped { return nil }
                let rest = wakeLate()
                let index = (ready & ~running).trailingZeroBitCount
                if index < works.count, let work = works[index] {
                    let bit = UInt32(1) << UInt32(index)
                    works[index] = nil
                    ready &= ~bit
                    running |= bit
                    scheduled.bitwiseAnd(~bit, ordering: .acquiringAndReleasing)
                    return (bit, work)
                }
                if let rest { _ = workCame.wait(lock, timeout: rest) } else { workCame.wait(lock) }
            }
        }
    }
}
