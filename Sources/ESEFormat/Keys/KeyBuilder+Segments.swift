// Layer: ESEFormat/Keys. Uses: KeyColumn, TextCollator. Used by: KeyBuilder, search keys.
// One value into the bytes of its segment, for each type of column.

/// What became of a segment.
struct SegmentReport {
    /// Did not fit into the rest of the key. A cut to the column's own limit does not count.
    var isCut = false
    var isExact = true
    /// Of variable binary: where in the segment the value's last byte was followed by padding or the count; 0 if the
    /// value was cut before.
    var binaryEnd = 0
}

extension KeyBuilder {
    /// Appends the segment of a value that is not NULL, `room` bytes at most; `room` is at least 1.
    mutating func appendSegment(
        _ value: RawSpan, _ column: KeyColumn, room: Int, to key: inout [UInt8]
    ) throws(FormatError) -> SegmentReport {
        let start = key.count
        var report = SegmentReport()
        switch column.type {
        case _ where value.byteCount == 0 && column.mayBeEmpty:
            key.append(KeyPrefix.empty)
        case .text, .longText:
            report = try appendText(value, column, room: room, to: &key)
        case .binary, .longBinary:
            report = try appendBinary(value, column, room: room, to: &key)
        default:
            try appendFixed(value, column.type, to: &key)
            if key.count - start > room {
                key.removeLast(key.count - start - room)
                report.isCut = true
            }
        }
        if column.mask != 0 {
            for place in start..<key.count { key[place] ^= column.mask }
        }
        return report
    }

    // MARK: Numbers and GUIDs.

    private func appendFixed(_ value: RawSpan, _ type: ColumnType, to key: inout [UInt8]) throws(FormatError) {
        guard value.byteCount == type.fixedByteCount else { throw FormatError(.badValue, at: 0) }
        key.append(KeyPrefix.data)
        switch type {
        case .bit:
            key.append(try value.byte(0) == 0 ? 0 : 0xff)
        case .guid:
            for place in GUIDOrder.stored(isDotNet: index.flags.contains(.dotNetGUID)) {
                key.append(try value.byte(Int(place)))
            }
        default:
            let count = value.byteCount
            var bits: UInt64 = 0
            for place in 0..<count { bits |= UInt64(try value.byte(place)) << UInt64(8 * place) }
            key.append(bigEndian: KeyNumber.sortable(bits, type), byteCount: count)
        }
    }

    // MARK: Binary.

    private func appendBinary(
        _ value: RawSpan, _ column: KeyColumn, room: Int, to key: inout [UInt8]
    ) throws(FormatError) -> SegmentReport {
        var report = SegmentReport()
        let start = key.count
        key.append(KeyPrefix.data)
        if column.fixedByteCount != nil {
            let limit = min(value.byteCount + 1, segmentLimit)
            report.isCut = limit > room
            try key.append(contentsOf: value.extracting(0..<min(limit, room) - 1))
            return report
        }
        let groupCount = (value.byteCount + KeyBinary.groupByteCount - 1) / KeyBinary.groupByteCount
        let whole = groupCount * KeyBinary.storedGroupByteCount + 1
        let limit = min(whole, segmentLimit)
        report.isCut = limit > room
        let end = start + min(limit, room)
        let isWhole = end == start + whole
        var place = 0
        // Whole groups first; then, where the segment is cut, a part of one.
        while key.count < end {
            let count = min(KeyBinary.groupByteCount, value.byteCount - place, end - key.count)
            try key.append(contentsOf: value.extracting(place..<place + count))
            place += count
            let isLast = place == value.byteCount
            if isLast, key.count < end, report.binaryEnd == 0 { report.binaryEnd = key.count - start }
            for _ in 0..<min(KeyBinary.groupByteCount - count, end - key.count) { key.append(0) }
            guard key.count < end else { break }
            // A value that ends with its group differs from one of which nothing more fits.
            key.append(isLast && (isWhole || count < KeyBinary.groupByteCount) ? UInt8(count) : KeyBinary.continues)
        }
        return report
    }

    // MARK: Text.

    private mutating func appendText(
        _ value: RawSpan, _ column: KeyColumn, room: Int, to key: inout [UInt8]
    ) throws(FormatError) -> SegmentReport {
        let width = column.characterByteCount
        var count = value.byteCount / width * width
        if index.maximumKeyByteCount == legacyKeyByteCount {
            count = min(count, (legacyKeyByteCount + width - 1) / width * width)
        }
        guard count > 0 else { throw FormatError(.badValue, at: 0) }
        let text = value.extracting(0..<count)
        let limit = min(room, segmentLimit) - 1
        key.append(KeyPrefix.data)
        var report = SegmentReport()
        let isCut: Bool
        if column.isUnicode {
            guard let whole = collator?.appendSortKey(of: text, to: &key, limit: limit) else {
                report.isExact = false
                return report
            }
            isCut = whole > limit
        } else {
            isCut = try appendSingleByteText(text, limit: limit, to: &key)
        }
        // Cut by the column's own limit is not cut.
        report.isCut = isCut && (segmentLimit == .max || limit + 1 < segmentLimit)
        return report
    }

    /// Upper case of ASCII letters, to the first NUL, and a NUL.
    private func appendSingleByteText(
        _ text: RawSpan, limit: Int, to key: inout [UInt8]
    ) throws(FormatError) -> Bool {
        guard limit > 0 else { return false }
        let isCut = limit <= text.byteCount
        for place in 0..<(isCut ? limit - 1 : text.byteCount) {
            let byte = try text.byte(place)
            if byte == 0 {
                key.append(0)
                return false
            }
            key.append((0x61...0x7a).contains(byte) ? byte - 0x20 : byte)
        }
        guard isCut, try text.byte(limit - 1) != 0 else {
            key.append(0)
            return false
        }
        // Engines always took 0x20 off the last byte of a cut text, letter or not, and so must all after them.
        key.append(try text.byte(limit - 1) &- 0x20)
        return true
    }
}

/// Numbers as keys have them: big-endian, in an order that is that of unsigned numbers.
enum KeyNumber {
    static func sortable(_ bits: UInt64, _ type: ColumnType) -> UInt64 {
        guard let sign = signBit(type) else { return bits }
        return isFloatingPoint(type) && bits & sign != 0 ? ~bits & (sign | (sign - 1)) : bits ^ sign
    }

    static func bits(of sortable: UInt64, _ type: ColumnType) -> UInt64 {
        guard let sign = signBit(type) else { return sortable }
        return isFloatingPoint(type) && sortable & sign == 0 ? ~sortable & (sign | (sign - 1)) : sortable ^ sign
    }

    private static func isFloatingPoint(_ type: ColumnType) -> Bool {
        type == .single || type == .double || type == .dateTime
    }

    private static func signBit(_ type: ColumnType) -> UInt64? {
        switch type {
        case .short: 1 << 15
        case .long, .single: 1 << 31
        case .longLong, .currency, .double, .dateTime: 1 << 63
        default: nil
        }
    }
}

/// The order of a GUID's bytes in keys.
enum GUIDOrder {
    private static let windows: [UInt8] = [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3]
    private static let dotNet: [UInt8] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

    /// For each byte of the key which stored byte it is.
    static func stored(isDotNet: Bool) -> [UInt8] { isDotNet ? dotNet : windows }
}

extension Array where Element == UInt8 {
    /// Appends the low `byteCount` bytes of a number, the most significant first.
    mutating func append(bigEndian value: UInt64, byteCount: Int) {
        for place in (0..<byteCount).reversed() { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
    }
}
