// Layer: StationSeries/Streams. Uses: ByteCursor. Used by: time lines and blocks.
// Integers in small groups of equal bit width: of what is left after a prediction: a constant, the value before,
// or the line through the two values before. All arithmetic is modulo 2^64.

enum IntegerStream {
    /// Groups have 8, 16, 32 or 64 entries: 8 shifted by 0 to 3.
    private static let shifts: ClosedRange<UInt8> = 0...3
    /// From here a group's header is a number of groups of zeros, less one.
    private static let zeroRun = 128

    /// Appends the smallest form of `values`; nothing if there are none.
    static func append(_ values: [UInt64], to bytes: inout [UInt8]) {
        guard let first = values.first else { return }
        var best: (plan: Plan, cost: Int)?
        // A constant needs no search.
        let isConstant = values.allSatisfy { $0 == first }
        for order in 0...(isConstant ? 0 : min(2, values.count - 1)) {
            let plan = Plan(values, order: order)
            for shift in isConstant ? 3...3 : shifts {
                let cost = plan.headCost + plan.cost(shift: shift)
                if cost < best?.cost ?? .max {
                    best = (plan, cost)
                    best?.plan.shift = shift
                }
            }
        }
        best?.plan.append(to: &bytes)
    }

    /// One way to write the values.
    private struct Plan {
        let order: Int
        /// What stands before the groups.
        let head: [UInt64]
        /// What is left after the prediction, in zigzag order.
        let rest: [UInt64]
        /// The bits in use in each eight entries of `rest`, as a mask.
        let masks: [UInt64]
        var shift: UInt8 = 0

        init(_ values: [UInt64], order: Int) {
            self.order = order
            var rest: [UInt64]
            switch order {
            case 0: rest = values
            case 1: rest = IntegerStream.differences(values)
            default: rest = IntegerStream.differences(IntegerStream.differences(values))
            }
            // The median as the constant: one outlier, such as a counter that was reset, costs one group only.
            let base = order < 2 ? IntegerStream.median(rest) : 0
            switch order {
            case 0: head = [base]
            case 1: head = [values[0], base]
            default: head = [values[0], values[1] &- values[0]]
            }
            for index in rest.indices { rest[index] = (rest[index] &- base).toZigzag }
            self.rest = rest
            var masks = [UInt64](repeating: 0, count: (rest.count + 7) / 8)
            for (index, value) in rest.enumerated() { masks[index / 8] |= value }
            self.masks = masks
        }

        var headCost: Int { head.reduce(0) { $0 + max(1, ($1.toZigzag.bitWidthInUse + 6) / 7) } }

        /// The bits of the group that starts at the eight entries `index`.
        @inline(__always) private func width(_ index: Int, shift: UInt8) -> Int {
            var mask: UInt64 = 0
            for place in index..<min(index + 1 << Int(shift), masks.count) { mask |= masks[place] }
            return mask.bitWidthInUse
        }

        /// The bytes of all groups.
        func cost(shift: UInt8) -> Int {
            var total = 0
            var zeros = 0
            for index in stride(from: 0, to: masks.count, by: 1 << Int(shift)) {
                let width = width(index, shift: shift)
                if width == 0 {
                    if zeros % 128 == 0 { total += 1 }
                    zeros += 1
                } else {
                    zeros = 0
                    total += 1 + (width * min(8 << Int(shift), rest.count - index * 8) + 7) / 8
                }
            }
            return total
        }

        func append(to bytes: inout [UInt8]) {
            bytes.append(UInt8(order) | shift << 2)
            for value in head { bytes.appendVarint(value.toZigzag) }
            var zeros = 0
            func flush(_ bytes: inout [UInt8]) {
                while zeros > 0 {
                    let run = min(zeros, 128)
                    bytes.append(UInt8(zeroRun + run - 1))
                    zeros -= run
                }
            }
            for index in stride(from: 0, to: masks.count, by: 1 << Int(shift)) {
                let width = width(index, shift: shift)
                if width == 0 {
                    zeros += 1
                    continue
                }
                flush(&bytes)
                bytes.append(UInt8(width))
                var writer = BitWriter()
                for value in rest[(index * 8)..<min(index * 8 + 8 << Int(shift), rest.count)] {
                    writer.append(value, width, to: &bytes)
                }
                writer.flush(to: &bytes)
            }
            flush(&bytes)
        }
    }

    private static func differences(_ values: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        result.reserveCapacity(values.count)
        for index in values.indices.dropFirst() { result.append(values[index] &- values[index - 1]) }
        return result
    }

    /// The middle of the values as numbers with a sign; 0 without values.
    private static func median(_ values: [UInt64]) -> UInt64 {
        if values.isEmpty { return 0 }
        let sorted = values.map { Int64(bitPattern: $0) }.sorted()
        return UInt64(bitPattern: sorted[sorted.count / 2])
    }

    /// Reads `count` integers; each is handed to `body` in order, which may refuse it.
    @inline(__always)
    static func read(
        _ cursor: inout ByteCursor, _ bytes: Span<UInt8>, count: Int,
        _ body: (UInt64) throws(SeriesFormatError) -> Void
    ) throws(SeriesFormatError) {
        guard count > 0 else { return }
        let mode = try cursor.byte(bytes)
        let order = Int(mode & 3)
        guard mode < 16, order < 3, order <= count - 1 || order == 0 else {
            throw cursor.error(.code(UInt64(mode)), at: cursor.offset - 1)
        }
        let size = 8 << Int(mode >> 2)
        // What the next value is predicted from: the value before it and the step to it.
        var value: UInt64 = 0
        var step: UInt64 = 0
        let first = try cursor.zigzag(bytes)
        switch order {
        case 0: step = first
        case 1:
            value = first
            step = try cursor.zigzag(bytes)
            try body(value)
        default:
            value = first
            step = try cursor.zigzag(bytes)
            try body(value)
            value &+= step
            try body(value)
        }
        var left = count - order
        while left > 0 {
            let header = Int(try cursor.byte(bytes))
            var width = 0
            var entries = min(size, left)
            if header >= zeroRun {
                let groups = header - zeroRun + 1
                guard groups <= (left + size - 1) / size else {
                    throw cursor.error(.code(UInt64(header)), at: cursor.offset - 1)
                }
                entries = min(size * groups, left)
            } else {
                guard header <= 64 else { throw cursor.error(.code(UInt64(header)), at: cursor.offset - 1) }
                width = header
            }
            var bits = BitReader()
            let end = cursor.offset + (entries * width + 7) / 8
            guard end <= bytes.count else { throw cursor.error(.truncated, at: bytes.count) }
            for _ in 0..<entries {
                let rest = width == 0 ? 0 : try bits.read(width, &cursor, bytes).fromZigzag
                switch order {
                case 0: value = step &+ rest
                case 1: value = value &+ step &+ rest
                default:
                    step &+= rest
                    value &+= step
                }
                try body(value)
            }
            left -= entries
        }
    }
}
