// Layer: ESEFormat/Compression. Used by: Compression.
// The plain LZ77 of [MS-XCA] 2.4: a word of 32 flags, highest first, before each 32 elements. 0: a literal byte. 1: a
// match, 13 bits of distance less one and 3 bits of length less three; longer lengths follow in half a byte (shared by
// two matches), a byte, two or four bytes.

enum LZXpress {
    /// Expands to exactly `count` bytes.
    static func expand(
        _ stored: RawSpan, from start: Int, into output: inout [UInt8], count: Int
    ) throws(FormatError) {
        let base = output.count
        let end = base + count
        output.reserve(count)
        var place = start
        var flags: UInt32 = 0
        var flagCount = 0
        var sharedByte = 0
        while output.count < end {
            if flagCount == 0 {
                flags = try stored.little(place)
                place += 4
                flagCount = 32
            }
            flagCount -= 1
            if flags >> UInt32(flagCount) & 1 == 0 {
                output.append(try stored.byte(place))
                place += 1
                continue
            }
            let word: UInt16 = try stored.little(place)
            place += 2
            let distance = Int(word >> 3) + 1
            var length = Int(word & 7)
            if length == 7 {
                if sharedByte == 0 {
                    sharedByte = place
                    length = Int(try stored.byte(place) & 15)
                    place += 1
                } else {
                    length = Int(try stored.byte(sharedByte) >> 4)
                    sharedByte = 0
                }
                if length == 15 {
                    length = Int(try stored.byte(place))
                    place += 1
                    if length == 255 {
                        length = Int(try stored.little(place, as: UInt16.self))
                        place += 2
                        if length == 0 {
                            length = Int(try stored.little(place, as: UInt32.self))
                            place += 4
                        }
                        guard length >= 22 else { throw FormatError(.badCompression, at: place) }
                        length -= 22
                    }
                    length += 15
                }
                length += 7
            }
            length += 3
            guard distance <= output.count - base, length <= end - output.count else {
                throw FormatError(.badCompression, at: place)
            }
            output.repeatBytes(distance: distance, count: length)
        }
    }
}

extension [UInt8] {
    /// Makes room for `more` bytes. `reserveCapacity` alone makes exactly the room that it is asked for, so that a long
    /// value would be copied as a whole for every chunk that comes behind it.
    mutating func reserve(_ more: Int) {
        let needed = count + more
        if needed > capacity { reserveCapacity(Swift.max(needed, 2 * capacity)) }
    }

    /// Appends bytes from `distance` before the end on; they may be among those that are being appended.
    /// - Precondition: `distance` is 1...count.
    mutating func repeatBytes(distance: Int, count: Int) {
        var source = self.count - distance
        for _ in 0..<count {
            append(self[source])
            source += 1
        }
    }
}
