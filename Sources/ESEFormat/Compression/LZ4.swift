// Layer: ESEFormat/Compression. Used by: Compression.
// A block as LZ4's "Block Format Description" has it: literals, a distance of two bytes and a length, in turns.

enum LZ4 {
    /// Expands to exactly `count` bytes.
    static func expand(
        _ stored: RawSpan, from start: Int, into output: inout [UInt8], count: Int
    ) throws(FormatError) {
        let base = output.count
        let end = base + count
        output.reserve(count)
        var place = start
        while place < stored.byteCount {
            let token = try stored.byte(place)
            place += 1
            let literals = try length(Int(token >> 4), stored, &place, limit: count)
            guard literals <= stored.byteCount - place, literals <= end - output.count else {
                throw FormatError(.badCompression, at: place)
            }
            output.append(contentsOf: stored, place..<(place + literals))
            place += literals
            // The last sequence has literals only.
            if place == stored.byteCount { break }
            let distance = Int(try stored.little(place, as: UInt16.self))
            place += 2
            let match = try length(Int(token & 15), stored, &place, limit: count) + 4
            guard distance >= 1, distance <= output.count - base, match <= end - output.count else {
                throw FormatError(.badCompression, at: place)
            }
            output.repeatBytes(distance: distance, count: match)
        }
        guard output.count == end else { throw FormatError(.badCompression, at: place) }
    }

    private static func length(
        _ nibble: Int, _ stored: RawSpan, _ place: inout Int, limit: Int
    ) throws(FormatError) -> Int {
        guard nibble == 15 else { return nibble }
        var length = nibble
        while true {
            let more = try stored.byte(place)
            place += 1
            length += Int(more)
            guard length <= limit else { throw FormatError(.badCompression, at: place) }
            if more < 255 { return length }
        }
    }
}
