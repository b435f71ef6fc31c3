// Layer: HostAgent/Readings. Uses: Access. Used by: system group of HOST-RESOURCES-MIB.
// Who is logged in, from the list of sessions that login programs keep in a file of C structures.

/// The number of sessions in `/run/utmp`.
enum UserSessions {
    static let path = "/run/utmp"

    #if arch(x86_64) || arch(i386) || arch(arm)
        /// The size of glibc's `struct utmp`, which on these machines holds times of 32 bits.
        static let recordByteCount = 384
    #else
        /// The size of glibc's `struct utmp`.
        static let recordByteCount = 400
    #endif

    /// USER_PROCESS in `ut_type`, the first two bytes of a record.
    private static let userProcess: UInt16 = 7

    /// Counts the records of sessions; an incomplete record at the end does not count.
    static func count(_ bytes: [UInt8]) -> UInt64 {
        var result: UInt64 = 0
        var start = 0
        while bytes.count - start >= recordByteCount {
            let pair = (UInt16(bytes[start]), UInt16(bytes[start + 1]))
            let type = isBigEndian ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0
            if type == userProcess { result += 1 }
            start += recordByteCount
        }
        return result
    }

    private static var isBigEndian: Bool { UInt16(bigEndian: 1) == 1 }
}
