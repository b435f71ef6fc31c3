// Layer: PlatformIO. Uses: pthread. Used by: threads that wait for what others do.

import CLinux
public import Primitives

/// A condition variable that goes with a `Lock`.
public final class Condition: @unchecked Sendable {
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Makes a condition that nobody waits for.
    public init() {
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        let result = oriel_condition_init(condition)
        precondition(result == 0, "pthread_cond_init failed")
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deinitialize(count: 1)
        condition.deallocate()
    }

    /// Opens `lock`, which the caller holds, sleeps until it is signalled, and takes the lock again. May return without
    /// cause: what is waited for is to be checked each time.
    public func wait(_ lock: Lock) { pthread_cond_wait(condition, lock.mutex) }

    /// The same, for no longer than `timeout`. False when the time is over.
    public func wait(_ lock: Lock, timeout: Interval) -> Bool {
        let nanoseconds = max(0, min(timeout.nanoseconds, 1_000_000_000 * 86_400 * 365))
        return oriel_condition_wait(condition, lock.mutex, nanoseconds) == 0
    }

    /// Wakes one of the threads that wait.
    public func signal() { pthread_cond_signal(condition) }

    /// Wakes all threads that wait.
    public func broadcast() { pthread_cond_broadcast(condition) }
}
