// Layer: ESETestKit. Uses: ESEFormat. Used by: tests, oriel-bench.
// Small compressors for databases that are to hold compressed values: simple, not good. Sources: [MS-XCA] plain LZ77,
// and the engine's schemes of seven bits.

public import ESEFormat

/// Compresses values in the engine's schemes.
public enum TestCompression {
    /// What the engine does: XPRESS for longer values, seven bits for short ones, where that helps.
    public static func automatic(_ value: RawSpan, _ column: ColumnDefinition) -> [UInt8]? {
        let isUnicode = column.type == .longText && column.codePage == 1_200
        let short = sevenBits(value, isUnicode: isUnicode)
        guard value.byteCount >= 1_024 else { return short }
        let long = xpress(value)
        guard let short else { return long }
        return long.count <= short.count ? long : short
    }

    /// Scheme 1 or 2: seven bits for each unit; nil if one needs more, or of nothing.
    public static func sevenBits(_ value: RawSpan, isUnicode: Bool) -> [UInt8]? {
        let step = isUnicode ? 2 : 1
        guard value.byteCount > 0, value.byteCount % step == 0 else { return nil }
        var output: [UInt8] = [0]
        var held: UInt32 = 0
        var heldCount: UInt32 = 0
        for place in stride(from: 0, to: value.byteCount, by: step) {
            guard let unit = try? value.byte(place), unit < 0x80 else { return nil }
            if isUnicode, (try? value.byte(place + 1)) != 0 { return nil }
            held |= UInt32(unit) << heldCount
            heldCount += 7
            while heldCount >= 8 {
                output.append(UInt8(truncatingIfNeeded: held))
                held >>= 8
                heldCount -= 8
            }
        }
        let used = heldCount == 0 ? 8 : heldCount
        if heldCount > 0 { output.append(UInt8(truncatingIfNeeded: held)) }
        output[0] = (isUnicode ? 2 : 1) << 3 | UInt8(used - 1)
        return output
    }

    /// Scheme 3: matches of 3 to 9 bytes that a table of three bytes' last places finds. At most 65,535 bytes.
    public static func xpress(_ value: RawSpan) -> [UInt8] {
        let input = value.bytes(0..<value.byteCount)
        var output: [UInt8] = [3 << 3]
        output.append(little: UInt16(truncatingIfNeeded: input.count))
        var places: [Int] = Array(repeating: -1, count: 4_096)
        var flags: UInt32 = 0
        var flagCount: UInt32 = 0
        var flagPlace = output.count
        output.append(little: UInt32(0))
        func storeFlags() {
            for index in 0..<4 { output[flagPlace + index] = UInt8(truncatingIfNeeded: flags >> UInt32(8 * index)) }
        }
        var position = 0
        while position < input.count {
            if flagCount == 32 {
                storeFlags()
                (flags, flagCount, flagPlace) = (0, 0, output.count)
                output.append(little: UInt32(0))
            }
            var length = 0
            var distance = 0
            if position + 3 <= input.count {
                let three = Int(input[position]) << 16 | Int(input[position + 1]) << 8 | Int(input[position + 2])
                let slot = (three &* 0x9e5) >> 3 & 4_095
                distance = position - places[slot]
                if places[slot] >= 0, distance <= 8_192 {
                    while length < 9, position + length < input.count,
                        input[position + length] == input[position + length - distance]
                    {
                        length += 1
                    }
                }
                places[slot] = position
            }
            flagCount += 1
            if length >= 3 {
                flags = flags << 1 | 1
                output.append(little: UInt16(truncatingIfNeeded: (distance - 1) << 3 | (length - 3)))
                position += length
            } else {
                flags <<= 1
                output.append(input[position])
                position += 1
            }
        }
        // The rest of the last flags is ones.
        let rest = 32 - flagCount
        flags = rest == 32 ? .max : flags << rest | (1 << rest - 1)
        storeFlags()
        return output
    }
}
