// Layer: StationSeries/Streams. Uses: ByteCursor. Used by: time lines and blocks.
// Which entries have a value: one byte if all have, else lengths of runs.

enum Presence {
    /// Appends 0 if all are present, else 1 and lengths of runs: present, absent, present … Only the first may be 0.
    static func append(_ isPresent: [Bool], to bytes: inout [UInt8]) {
        if isPresent.allSatisfy({ $0 }) {
            bytes.append(0)
            return
        }
        bytes.append(1)
        var current = true
        var length = 0
        for flag in isPresent {
            if flag != current {
                bytes.appendVarint(UInt64(length))
                length = 0
                current = flag
            }
            length += 1
        }
        bytes.appendVarint(UInt64(length))
    }

    /// The runs that were read: all present, or lengths as above.
    struct Runs {
        /// Empty if all are present.
        fileprivate(set) var lengths: [Int] = []
        /// How many entries have a value.
        fileprivate(set) var present: Int
    }

    /// Reads what `append` wrote for `count` entries.
    static func read(_ cursor: inout ByteCursor, _ bytes: Span<UInt8>, count: Int) throws(SeriesFormatError) -> Runs {
        let flag = try cursor.byte(bytes)
        guard flag <= 1 else { throw cursor.error(.code(UInt64(flag)), at: cursor.offset - 1) }
        var runs = Runs(present: flag == 0 ? count : 0)
        if flag == 0 { return runs }
        var left = count
        while left > 0 {
            let place = cursor.offset
            let length = Int(try cursor.varint(bytes, upTo: UInt64(left)))
            guard length > 0 || runs.lengths.isEmpty else { throw cursor.error(.range, at: place) }
            if runs.lengths.count % 2 == 0 { runs.present += length }
            runs.lengths.append(length)
            left -= length
        }
        return runs
    }
}

extension Presence.Runs {
    /// Calls `body` with the index of each entry, of `count`, that has a value.
    @inline(__always)
    func forEachPresent(count: Int, _ body: (Int) -> Void) {
        if lengths.isEmpty {
            for index in 0..<count { body(index) }
            return
        }
        var start = 0
        for (number, length) in lengths.enumerated() {
            if number % 2 == 0 {
                for index in start..<(start + length) { body(index) }
            }
            start += length
        }
    }
}
