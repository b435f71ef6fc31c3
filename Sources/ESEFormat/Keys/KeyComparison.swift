// Layer: ESEFormat/Keys. Used by: search in pages, verification.
// Compares keys as bytes. Unsafe: loads of 8 bytes; each is at an offset that the loop has just checked against the
// end of both spans (`unsafeLoadUnaligned(fromByteOffset:as:)` checks again).

/// The order of keys: as unsigned bytes, a key before those it is a beginning of.
public enum KeyOrder {
    /// Compares two keys: negative, 0 or positive as `a` sorts before, with or after `b`.
    @inlinable
    public static func compare(_ a: RawSpan, _ b: RawSpan) -> Int {
        let common = min(a.byteCount, b.byteCount)
        let order = compare(a, 0, b, 0, byteCount: common)
        return order != 0 ? order : a.byteCount - b.byteCount
    }

    /// Compares a key in two parts, as nodes with a common beginning have it, with a whole one.
    @inlinable
    public static func compare(prefix: RawSpan, suffix: RawSpan, to key: RawSpan) -> Int {
        let first = min(prefix.byteCount, key.byteCount)
        let order = compare(prefix, 0, key, 0, byteCount: first)
        if order != 0 { return order }
        if first < prefix.byteCount { return 1 }
        let second = min(suffix.byteCount, key.byteCount - first)
        let rest = compare(suffix, 0, key, first, byteCount: second)
        return rest != 0 ? rest : suffix.byteCount - (key.byteCount - first)
    }

    /// Compares parts of two spans that hold at least `byteCount` bytes from where each starts.
    @inlinable
    static func compare(_ a: RawSpan, _ aStart: Int, _ b: RawSpan, _ bStart: Int, byteCount: Int) -> Int {
        var place = 0
        while byteCount - place >= 8 {
            let x = UInt64(bigEndian: a.unsafeLoadUnaligned(fromByteOffset: aStart + place, as: UInt64.self))
            let y = UInt64(bigEndian: b.unsafeLoadUnaligned(fromByteOffset: bStart + place, as: UInt64.self))
            if x != y { return x < y ? -1 : 1 }
            place += 8
        }
        while place < byteCount {
            let x = a.unsafeLoad(fromByteOffset: aStart + place, as: UInt8.self)
            let y = b.unsafeLoad(fromByteOffset: bStart + place, as: UInt8.self)
            if x != y { return x < y ? -1 : 1 }
            place += 1
        }
        return 0
    }
}
