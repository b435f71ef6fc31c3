// Layer: PlatformIO. Uses: libc. Used by: the SNMP drivers.

import CLinux
public import Primitives

extension RandomSource {
    /// A source over the system's generator for cryptographic use, filled a block at a time: identifiers are drawn for
    /// each message, and a system call for each would cost as much as building the message.
    public static func fromSystem() -> RandomSource {
        RandomSource { pool in
            #if os(Linux)
                let isFilled = pool.withUnsafeMutableBytes { bytes in
                    getrandom(bytes.baseAddress, bytes.count, 0) == bytes.count
                }
                if isFilled { return }
            #endif
            // Interrupted, or another system.
            var generator = SystemRandomNumberGenerator()
            for index in pool.indices { pool[index] = generator.next() }
        }
    }
}
