// Layer: ESEFormat/Checksum. Used by: PageChecksum, DatabaseHeader, later logs and checkpoints.
// The simple checksum: all 32-bit words of a page XORed, but the first, which holds the result.

/// The checksum of database headers, log headers, checkpoints and of pages that Windows XP and 2003 wrote.
public enum XORChecksum {
    /// What the XOR starts with. ESE's term: ulDAEMagic.
    public static let seed: UInt32 = 0x89ab_cdef

    /// The checksum of `bytes`: the XOR of the seed and all 32-bit little-endian words but the first. Bytes behind the
    /// last whole word don't count. Empty bytes have the seed.
    public static func compute(_ bytes: RawSpan) -> UInt32 {
        // Two words at a time, and four of those; each load lies inside because its end is at most byteCount.
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var d: UInt64 = 0
        let count = bytes.byteCount
        var offset = 0
        while offset <= count &- 32 {
            a ^= bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            b ^= bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 8, as: UInt64.self)
            c ^= bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 16, as: UInt64.self)
            d ^= bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 24, as: UInt64.self)
            offset &+= 32
        }
        a ^= b ^ c ^ d
        var sum = seed ^ UInt32(truncatingIfNeeded: a ^ (a >> 32))
        while offset <= count &- 4 {
            sum ^= bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self)
            offset &+= 4
        }
        guard count >= 4 else { return sum }
        return sum ^ bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self)
    }

    /// Whether the first word of `bytes` is their checksum; false for fewer than four bytes.
    public static func isValid(_ bytes: RawSpan) -> Bool {
        guard let stored = try? bytes.little(0, as: UInt32.self) else { return false }
        return stored == compute(bytes)
    }

    /// Stores the checksum of `bytes` as their first word; fewer than four bytes stay as they are.
    public static func seal(_ bytes: inout MutableRawSpan) {
        guard bytes.byteCount >= 4 else { return }
        let sum = compute(bytes.bytes)
        bytes.storeBytes(of: sum.littleEndian, toByteOffset: 0, as: UInt32.self)
    }
}
