// Layer: PlatformIO. Uses: eventfd, or a pipe where there is none. Used by: EventLoop, sessions that are polled.

import CLinux
public import Primitives

/// A flag with a descriptor, which is readable while the flag is raised. From any thread.
public final class EventFlag: Sendable {
    private let reading: Int32
    private let writing: Int32

    /// Makes a flag that is not raised. Throws when the system has no descriptors left.
    public init() throws(IOError) {
        #if os(Linux)
            reading = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            guard reading >= 0 else { throw .last("make a wake-up descriptor") }
            writing = reading
        #else
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw .last("make a wake-up descriptor") }
            (reading, writing) = (ends[0], ends[1])
            for end in ends {
                _ = oriel_set_nonblocking(end)
                _ = oriel_set_close_on_exec(end)
            }
        #endif
    }

    deinit {
        _ = close(reading)
        if writing != reading { _ = close(writing) }
    }

    /// The descriptor to poll for reading; the flag's own, only to be waited for.
    public var descriptor: Int32 { reading }

    /// Raises the flag.
    public func signal() {
        var one: UInt64 = 1
        // Fails only when it is full of signals already, which is as good.
        _ = retryingInterrupted { write(writing, &one, MemoryLayout<UInt64>.size) }
    }

    /// Lowers the flag. Where it is a pipe, one raising at a time; its owner raises it once only.
    public func clear() {
        var count: UInt64 = 0
        _ = retryingInterrupted { read(reading, &count, MemoryLayout<UInt64>.size) }
    }

    /// Waits until the flag is raised or `timeout` has passed; nil waits for ever. Whether it is raised.
    public func wait(timeout: Interval?) throws(IOError) -> Bool {
        try Socket.wait(reading, for: Int32(POLLIN), timeout: timeout)
    }
}
