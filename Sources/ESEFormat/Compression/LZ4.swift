// Layer: ESEFormat/Compression. Uses: MutableRawSpan+Words. Used by: Compression.
// A block as LZ4's "Block Format Description" has it: literals, a distance of two bytes and a length, in turns.

enum LZ4 {
    /// Fills `output` from the block that starts at `start` and takes the rest of `stored`.
    static func expand(_ stored: RawSpan, from start: Int, into output: inout MutableRawSpan) throws(FormatError) {
        let end = output.byteCount
        var place = start
        var written = 0
        while place < stored.byteCount {
            let token = try stored.byte(place)
            place += 1
            let literals = try length(Int(token >> 4), stored, &place, most: end)
            guard literals <= stored.byteCount - place, literals <= end - written else {
                throw FormatError(.badCompression, at: place)
            }
            if literals <= 32, stored.byteCount - place >= 32, end - written >= 32 {
                output.copy32(stored, from: place, to: written)
            } else {
                output.copy(stored, from: place, count: literals, to: written)
            }
            place += literals
            written += literals
            // The last sequence has literals only.
            if place == stored.byteCount { break }
            let distance = Int(try stored.little(place, as: UInt16.self))
            place += 2
            let match = try length(Int(token & 15), stored, &place, most: end) + 4
            guard distance >= 1, distance <= written, match <= end - written else {
                throw FormatError(.badCompression, at: place)
            }
            output.repeatBytes(at: written, distance: distance, count: match)
            written += match
        }
        guard written == end else { throw FormatError(.badCompression, at: place) }
    }

    @inline(__always)
    private static func length(
        _ nibble: Int, _ stored: RawSpan, _ place: inout Int, most: Int
    ) throws(FormatError) -> Int {
        guard nibble == 15 else { return nibble }
        var length = nibble
        while true {
            let more = try stored.byte(place)
            place += 1
            length += Int(more)
            guard length <= most else { throw FormatError(.badCompression, at: place) }
            if more < 255 { return length }
        }
    }
}
