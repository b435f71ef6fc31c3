// Layer: PlatformIO. Uses: libc. Used by: the programs.
// This process: its environment, memory and end.

import CLinux

/// This process.
public enum Program {
    /// The process's number.
    public static var id: Int32 { getpid() }

    /// The number of the user in whose name the process acts.
    public static var userID: UInt32 { geteuid() }

    /// Whether the process runs as root.
    public static var isRoot: Bool { geteuid() == 0 }

    /// The value of an environment variable; nil if it isn't set.
    public static func environment(_ name: String) -> String? {
        guard !name.utf8.contains(0) else { return nil }
        return name.withCString { getenv($0) }.map { String(cString: $0) }
    }

    /// Ends the process at once with a status, 0...255. Flush `StandardOutput` before.
    public static func exit(_ status: Int32) -> Never { CLinux.exit(status) }

    /// The memory of this process that is in RAM, in bytes; nil if the system doesn't tell (Linux: /proc/self/statm).
    public static var residentByteCount: Int? {
        guard let text = try? FileAccess.readText("/proc/self/statm", limit: 4_096) else { return nil }
        // The second number counts resident pages (proc(5)).
        let fields = text.split(separator: " ")
        guard fields.count >= 2, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(oriel_page_size_name()))
    }

    /// The most memory of this process that was in RAM at once, in bytes.
    public static var peakResidentByteCount: Int {
        var usage = rusage()
        guard oriel_own_usage(&usage) == 0 else { return 0 }
        #if os(Linux)
            return Int(usage.ru_maxrss) * 1_024
        #else
            return Int(usage.ru_maxrss)
        #endif
    }
}
