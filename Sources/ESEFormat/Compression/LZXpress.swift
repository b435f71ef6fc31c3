// Layer: ESEFormat/Compression. Uses: MutableRawSpan+Words. Used by: Compression, Compressor.
// The plain LZ77 of [MS-XCA] 2.3 and 2.4: a word of 32 flags, highest first, before each 32 elements. 0: a literal
// byte. 1: a match, 13 bits of distance less one and 3 bits of length less three; longer lengths follow in half a byte
// (shared by two matches), a byte, two or four bytes.

enum LZXpress {
    /// Fills `output` from the stream that starts at `start`. What follows in `stored` is not looked at.
    static func expand(_ stored: RawSpan, from start: Int, into output: inout MutableRawSpan) throws(FormatError) {
        let end = output.byteCount
        var place = start
        var written = 0
        var flags: UInt32 = 0
        var flagCount = 0
        var sharedByte = 0
        while written < end {
            if flagCount == 0 {
                flags = try stored.little(place)
                place += 4
                flagCount = 32
            }
            let literals = min(flags.leadingZeroBitCount, flagCount, end - written)
            if literals > 0 {
                if stored.byteCount - place >= 32, end - written >= 32 {
                    output.copy32(stored, from: place, to: written)
                } else {
                    guard literals <= stored.byteCount - place else { throw FormatError(.truncated, at: place) }
                    output.copy(stored, from: place, count: literals, to: written)
                }
                place += literals
                written += literals
                flags <<= UInt32(literals)
                flagCount -= literals
                if flagCount == 0 || written == end { continue }
            }
            flags <<= 1
            flagCount -= 1
            let word: UInt16 = try stored.little(place)
            place += 2
            let distance = Int(word >> 3) + 1
            var length = Int(word & 7) + 3
            if length == 10 { length = try longLength(stored, &place, &sharedByte) }
            guard distance <= written, length <= end - written else { throw FormatError(.badCompression, at: place) }
            output.repeatBytes(at: written, distance: distance, count: length)
            written += length
        }
    }

    /// A length of 10 or more. `sharedByte` is the place of a half byte that is still to be used, or 0.
    private static func longLength(
        _ stored: RawSpan, _ place: inout Int, _ sharedByte: inout Int
    ) throws(FormatError) -> Int {
        var length: Int
        if sharedByte == 0 {
            sharedByte = place
            length = Int(try stored.byte(place) & 15)
            place += 1
        } else {
            length = Int(try stored.byte(sharedByte) >> 4)
            sharedByte = 0
        }
        if length < 15 { return length + 10 }
        length = Int(try stored.byte(place))
        place += 1
        if length < 255 { return length + 25 }
        // From here on the length stands as a whole, less three.
        length = Int(try stored.little(place, as: UInt16.self))
        place += 2
        if length == 0 {
            length = Int(try stored.little(place, as: UInt32.self))
            place += 4
        }
        guard length >= 22 else { throw FormatError(.badCompression, at: place) }
        return length + 3
    }
}

// MARK: - Packing

extension LZXpress {
    private static let windowByteCount = 8_192
    private static let hashBits: UInt32 = 12
    /// How many earlier places with the same hash are tried, and the length that ends the search at once.
    private static let tries = 16
    private static let longEnough = 96

    /// A header with the scheme and the size, and the stream; nil if that is not smaller than `plain`, or if the size
    /// does not fit into the header.
    static func pack(_ plain: RawSpan) -> [UInt8]? {
        let count = plain.byteCount
        guard count > 8, count <= Int(UInt16.max) else { return nil }
        // An element takes at most ten bytes: flags, the word, half bytes and three bytes of length.
        var packed: [UInt8] = Array(repeating: 0, count: count + 16)
        var packedCount: Int? = nil
        do {
            var span = packed.mutableSpan
            var output = span.mutableBytes
            packedCount = pack(plain, into: &output)
        }
        guard let packedCount else { return nil }
        packed.removeSubrange(packedCount...)
        return packed
    }

    private static func pack(_ plain: RawSpan, into output: inout MutableRawSpan) -> Int? {
        let count = plain.byteCount
        output.put(CompressionScheme.xpress.rawValue << 3, at: 0)
        output.put(UInt16(count), at: 1)
        var flagPlace = 3
        var place = 7
        var flags: UInt32 = 0
        var flagCount: UInt32 = 0
        var sharedByte = 0
        var sharedValue: UInt8 = 0
        var matcher = Matcher()
        var position = 0
        while position < count {
            guard place < count else { return nil }
            let (length, distance) = matcher.longestMatch(in: plain, at: position)
            if length < 3 {
                output.put(plain.inside(position, as: UInt8.self), at: place)
                place += 1
                flags <<= 1
                position += 1
            } else {
                flags = flags << 1 | 1
                let rest = length - 3
                output.put(UInt16((distance - 1) << 3 | min(rest, 7)), at: place)
                place += 2
                if rest >= 7 {
                    let half = UInt8(min(rest - 7, 15))
                    if sharedByte == 0 {
                        sharedByte = place
                        sharedValue = half
                        output.put(half, at: place)
                        place += 1
                    } else {
                        output.put(sharedValue | half << 4, at: sharedByte)
                        sharedByte = 0
                    }
                    if half == 15 {
                        if rest - 22 < 255 {
                            output.put(UInt8(rest - 22), at: place)
                            place += 1
                        } else {
                            output.put(UInt8.max, at: place)
                            output.put(UInt16(rest), at: place + 1)
                            place += 3
                        }
                    }
                }
                matcher.skip(position + 1, position + length, in: plain)
                position += length
            }
            flagCount += 1
            if flagCount == 32 {
                output.put(flags, at: flagPlace)
                (flags, flagCount, flagPlace) = (0, 0, place)
                place += 4
            }
        }
        // Flags that are not used are ones.
        let unused = 32 - flagCount
        guard place < count else { return nil }
        output.put(unused == 32 ? .max : flags << unused | (1 << unused - 1), at: flagPlace)
        return place
    }

    /// Earlier places with the same three bytes: the last one for each hash, and from each place to the one before.
    private struct Matcher {
        /// Places plus one; 0: none.
        private var last: [UInt16] = Array(repeating: 0, count: 1 << Int(hashBits))
        private var earlier: [UInt16] = Array(repeating: 0, count: windowByteCount)

        /// The longest match that starts before `position`, which is noted. The length is 0 if there is none of three
        /// bytes.
        @inline(__always)
        mutating func longestMatch(in plain: RawSpan, at position: Int) -> (length: Int, distance: Int) {
            guard position + 4 <= plain.byteCount else { return (0, 0) }
            var candidate = note(position, in: plain)
            let most = plain.byteCount - position
            var best = (length: 2, distance: 0)
            var left = tries
            while candidate >= 0, left > 0 {
                let distance = position - candidate
                guard distance <= windowByteCount else { break }
                // The byte behind the best length decides before anything is compared.
                if plain.inside(candidate + best.length, as: UInt8.self)
                    == plain.inside(position + best.length, as: UInt8.self)
                {
                    let length = commonLength(plain, candidate, position, most: most)
                    if length > best.length {
                        best = (length, distance)
                        if length >= longEnough || length == most { break }
                    }
                }
                // What was overwritten in the ring leads to later places.
                let next = Int(earlier[candidate & (windowByteCount - 1)]) - 1
                guard next < candidate else { break }
                candidate = next
                left -= 1
            }
            return best.length >= 3 ? best : (0, 0)
        }

        /// Notes the places of a match.
        @inline(__always)
        mutating func skip(_ start: Int, _ end: Int, in plain: RawSpan) {
            for position in start..<min(end, plain.byteCount - 3) { _ = note(position, in: plain) }
        }

        /// Notes a place; returns the last one with the same hash, or -1.
        @inline(__always)
        private mutating func note(_ position: Int, in plain: RawSpan) -> Int {
            let three = plain.inside(position, as: UInt32.self) & 0xff_ffff
            let slot = Int((three &* 0x9e37_79b1) >> (32 - hashBits))
            let before = last[slot]
            earlier[position & (windowByteCount - 1)] = before
            last[slot] = UInt16(truncatingIfNeeded: position + 1)
            return Int(before) - 1
        }

        @inline(__always)
        private func commonLength(_ plain: RawSpan, _ first: Int, _ second: Int, most: Int) -> Int {
            var length = 0
            while length + 8 <= most {
                let difference =
                    plain.inside(first + length, as: UInt64.self) ^ plain.inside(second + length, as: UInt64.self)
                if difference != 0 { return length + difference.trailingZeroBitCount / 8 }
                length += 8
            }
            while length < most,
                plain.inside(first + length, as: UInt8.self) == plain.inside(second + length, as: UInt8.self)
            {
                length += 1
            }
            return length
        }
    }
}
