// Layer: WinSNMP. Uses: threads. Used by: WinSNMPLibrary.
// Threads that run the applications' callbacks, apart from sockets and timers. A session is served by one thread at a
// time; sessions are served side by side. Threads are started as long as all are busy, and end when they had nothing to
// do for a while.

import PlatformIO
import Primitives

/// The callback threads of an instance.
final class Dispatcher: @unchecked Sendable {
    private static let maximumThreads = 64
    private static let idleTime = Interval.seconds(10)

    private let lock = Lock()
    private let condition = Condition()
    private let serve: @Sendable (SessionRecord) -> Void

    // Guarded by `lock`.
    private var ready = Fifo<SessionRecord>()
    private var idleCount = 0
    /// Idle threads that were signalled and have not come to it yet.
    private var wakingCount = 0
    private var workers: [Worker] = []
    private var isStopping = false

    private final class Worker: @unchecked Sendable {
        /// Set before the thread gets the lock for the first time.
        var thread: Thread?
    }

    /// `serve` runs the callbacks of a session.
    init(_ serve: @escaping @Sendable (SessionRecord) -> Void) { self.serve = serve }

    /// Has a session served. The caller sees to it that a session is not scheduled twice.
    func schedule(_ session: SessionRecord) {
        let work = Unchecked(session)
        let wakes = lock.withLock { () -> Bool in
            guard !isStopping else { return false }
            ready.append(work.value)
            if idleCount > wakingCount {
                wakingCount += 1
                return true
            }
            if workers.count < Dispatcher.maximumThreads { startWorker() }
            return false
        }
        // Not under the lock, which the woken thread wants first of all.
        if wakes { condition.signal() }
    }

    /// With the lock held. When the system has no thread to spare, the session waits for one that is busy now.
    private func startWorker() {
        let worker = Worker()
        do throws(IOError) {
            worker.thread = try Thread.start(name: "winsnmp-call") { [self] in run(worker) }
            workers.append(worker)
        } catch {
            return
        }
    }

    private func run(_ worker: Worker) {
        lock.withLock {
            while !isStopping {
                if let session = ready.popFirst() {
                    let work = Unchecked(session)
                    lock.unlocked { serve(work.value) }
                    continue
                }
                idleCount += 1
                let isSignalled = condition.wait(lock, timeout: Dispatcher.idleTime)
                idleCount -= 1
                // A signal can meet a thread whose time is up; it then counts for none of those that sleep on.
                wakingCount = min(max(0, wakingCount - (isSignalled ? 1 : 0)), idleCount)
                if !isSignalled, ready.isEmpty { break }
            }
            // The thread cleans up after itself, unless `stop` waits for it.
            workers.removeAll { $0 === worker }
        }
    }

    /// Ends the threads and waits for them. Called from one of them it waits for none, and returns false: they end when
    /// their callbacks return.
    func stop() -> Bool {
        let own = Thread.currentID
        let others = lock.withLock { () -> [Worker]? in
            isStopping = true
            ready.removeAll()
            condition.broadcast()
            return workers.contains { $0.thread?.id == own } ? nil : workers
        }
        guard let others else { return false }
        for worker in others { worker.thread?.join() }
        return true
    }
}

/// Carries a value whose accesses a lock orders.
struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
