// Layer: PlatformIO. Uses: libc. Used by: HostAgent.

import CLinux

/// The units in which the system counts.
public enum SystemUnits {
    /// The bytes of a page of memory.
    public static let pageByteCount = UInt64(max(sysconf(Int32(oriel_page_size_name())), 1))
    /// The ticks per second in which the kernel reports the time of processors.
    public static let ticksPerSecond = UInt64(max(oriel_ticks_per_second(), 1))
}
