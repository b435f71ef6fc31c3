// Layer: ESEFormat/Compression. Used by: Xpress9, Xpress9Code.
// The bits of a block, lowest first in each byte, and the checksum of XPRESS9: docs/ese/xpress9.md.

/// A place among the bits of a value. The bytes are passed along with each call, so that nothing holds on to them.
struct Xpress9Bits {
    /// The next bit, counted from the start of the value.
    private(set) var place: Int
    /// The bit behind the block; the caller has made sure that it is not behind the value.
    let end: Int

    init(from place: Int, to end: Int) {
        self.place = place
        self.end = end
    }

    /// The next bits, at least 57 of them, without taking them; zeros behind the value.
    @inline(__always)
    func peek(_ stored: RawSpan) -> UInt64 {
        let byte = place >> 3
        if byte <= stored.byteCount &- 8 {
            return stored.inside(byte, as: UInt64.self) >> UInt64(place & 7)
        }
        return peekAtEnd(stored, byte)
    }

    @inline(never)
    private func peekAtEnd(_ stored: RawSpan, _ byte: Int) -> UInt64 {
        var word: UInt64 = 0
        var next = byte
        while next < stored.byteCount {
            word |= UInt64(stored.inside(next, as: UInt8.self)) << UInt64((next - byte) * 8)
            next += 1
        }
        return word >> UInt64(place & 7)
    }

    /// Passes over bits; throws `badCompression` if the block has fewer.
    @inline(__always)
    mutating func skip(_ count: Int) throws(FormatError) {
        guard count <= end &- place else { throw error }
        place &+= count
    }

    /// Takes a number of at most 32 bits.
    @inline(__always)
    mutating func take(_ count: Int, _ stored: RawSpan) throws(FormatError) -> Int {
        let value = Int(truncatingIfNeeded: peek(stored) & (1 << UInt64(count) &- 1))
        try skip(count)
        return value
    }

    /// What a malformed block throws: the byte that is being read.
    var error: FormatError {
        @inline(never) get { FormatError(.badCompression, at: place >> 3) }
    }
}

/// CRC-32C, as the engine computes it of the plain value and of a block's header.
enum Xpress9Checksum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82f6_3b78 }
    }

    /// The checksum of `range`, which lies inside.
    static func of(_ bytes: RawSpan, _ range: Range<Int>) -> UInt32 {
        let table = table
        var sum = UInt32.max
        for place in range {
            let slot = UInt8(truncatingIfNeeded: sum) ^ bytes.inside(place, as: UInt8.self)
            sum = sum >> 8 ^ table[Int(slot)]
        }
        return ~sum
    }
}
