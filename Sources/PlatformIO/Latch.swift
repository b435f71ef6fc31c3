// Layer: PlatformIO. Uses: Lock, Condition. Used by: threads that wait for another one to finish something.

/// A gate that opens once: threads wait before it until another one opens it.
public final class Latch: @unchecked Sendable {
    private let lock = Lock()
    private let condition = Condition()
    private var isOpen = false

    /// Makes a closed latch.
    public init() {}

    /// Lets everybody through, now and later.
    public func open() {
        lock.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    /// Blocks until the latch is open.
    public func wait() {
        lock.withLock {
            while !isOpen { condition.wait(lock) }
        }
    }
}
