// Layer: StationSeries/Streams. Uses: BitStream. Used by: blocks.
// Floats as what differs, bit by bit, from the one before: the idea of Gorilla (Pelkonen and others, VLDB 2015, 4.1.2).

enum FloatStream {
    /// Appends bit patterns of 32 or 64 bits; nothing if there are none.
    static func append(_ values: [UInt64], isDouble: Bool, to bytes: inout [UInt8]) {
        guard var last = values.first else { return }
        let size = isDouble ? 64 : 32
        bytes.appendLittle(last, byteCount: size / 8)
        var writer = BitWriter()
        // The window of bits of the last difference that was written with one.
        var low = 0
        var width = 0
        for value in values.dropFirst() {
            let difference = value ^ last
            last = value
            if difference == 0 {
                writer.append(0, 1, to: &bytes)
                continue
            }
            let newLow = difference.trailingZeroBitCount
            let newWidth = difference.bitWidthInUse - newLow
            // The old window, if it fits and is not much too wide for what it saves: a new one costs about 11 bits.
            if newLow >= low, newLow + newWidth <= low + width, width - newWidth < 11 {
                writer.append(0b01, 2, to: &bytes)
            } else {
                low = newLow
                width = newWidth
                writer.append(0b11, 2, to: &bytes)
                writer.append(UInt64(low), isDouble ? 6 : 5, to: &bytes)
                writer.append(UInt64(width - 1), isDouble ? 6 : 5, to: &bytes)
            }
            writer.append(difference &>> UInt64(low), width, to: &bytes)
        }
        writer.flush(to: &bytes)
    }

    /// Reads `count` bit patterns; each is handed to `body` in order.
    @inline(__always)
    static func read(
        _ cursor: inout ByteCursor, _ bytes: Span<UInt8>, count: Int, isDouble: Bool,
        _ body: (UInt64) throws(SeriesFormatError) -> Void
    ) throws(SeriesFormatError) {
        guard count > 0 else { return }
        let size = isDouble ? 64 : 32
        var value = try cursor.little(bytes, byteCount: size / 8)
        try body(value)
        var bits = BitReader()
        var low = 0
        var width = 0
        for _ in 1..<count {
            if try bits.read(1, &cursor, bytes) == 1 {
                if try bits.read(1, &cursor, bytes) == 1 {
                    low = Int(try bits.read(isDouble ? 6 : 5, &cursor, bytes))
                    width = Int(try bits.read(isDouble ? 6 : 5, &cursor, bytes)) + 1
                    guard low + width <= size else { throw cursor.error(.range, at: cursor.offset - 1) }
                }
                value ^= try bits.read(width, &cursor, bytes) &<< UInt64(low)
            }
            try body(value)
        }
    }
}
