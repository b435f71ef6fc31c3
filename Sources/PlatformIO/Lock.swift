// Layer: PlatformIO. Uses: pthread. Used by: whatever threads share.
// A mutex behind a name of our own. It is a pthread mutex rather than `Synchronization.Mutex` because Thread Sanitizer
// understands the former and reports correct use of the latter as a race.

import CLinux

/// A mutual exclusion lock. Not recursive: taking it twice on one thread is a bug and deadlocks.
public final class Lock: @unchecked Sendable {
    let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// Makes an open lock.
    public init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let result = pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init failed")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Runs `body` while holding the lock; releases it when `body` returns or throws.
    @inline(__always)
    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Releases the lock, which the caller holds, while `body` runs.
    public func unlocked<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        unlock()
        defer { lock() }
        try body()
    }

    @usableFromInline
    func lock() {
        let result = pthread_mutex_lock(mutex)
        precondition(result == 0, "pthread_mutex_lock failed")
    }

    @usableFromInline
    func unlock() { pthread_mutex_unlock(mutex) }
}

/// A value that only the holder of a lock can reach.
public final class Locked<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    /// Guards `value`.
    public init(_ value: sending Value) { self.value = value }

    /// Runs `body` with exclusive access to the value.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
