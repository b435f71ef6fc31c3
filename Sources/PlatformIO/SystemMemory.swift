// Layer: PlatformIO. Uses: the C library. Used by: who has to go on when memory runs out.

import CLinux

/// Memory whose lack is an answer: Swift's own allocation ends the process then.
public enum SystemMemory {
    /// Memory that is not initialised, or nil if there is none. To be given back with `deallocate`.
    /// - Parameter alignment: a power of two, at least 8.
    public static func allocate(byteCount: Int, alignment: Int = 16) -> UnsafeMutableRawPointer? {
        var memory: UnsafeMutableRawPointer?
        return posix_memalign(&memory, alignment, byteCount) == 0 ? memory : nil
    }
}
