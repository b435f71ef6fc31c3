// Layer: PlatformIO. Uses: pthread. Used by: what has a value for each thread.

import CLinux

/// A word of memory that each thread has for itself, 0 at first.
public final class ThreadSlot: Sendable {
    private let key: pthread_key_t
    private let isUsable: Bool

    /// Makes a slot. When the system has none left (1,024 in a process), it reads 0 for ever.
    /// - Parameter atThreadEnd: is called on a thread that ends with its value, unless that is 0. Not on the last
    ///   thread of a process that ends.
    public init(atThreadEnd: (@convention(c) (UnsafeMutableRawPointer?) -> Void)? = nil) {
        var key = pthread_key_t()
        isUsable = pthread_key_create(&key, atThreadEnd) == 0
        self.key = key
    }

    deinit { if isUsable { pthread_key_delete(key) } }

    /// The calling thread's value.
    public var value: UInt {
        get { isUsable ? UInt(bitPattern: pthread_getspecific(key)) : 0 }
        set { if isUsable { pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue)) } }
    }
}

extension Thread {
    /// The thread's `currentID`.
    public var id: UInt { oriel_thread_number(handle) }
}
