// Layer: ESEFormat/Keys. Uses: KeyBuilder. Used by: seeks and ranges.
// Search keys: keys of given values, perhaps of the first columns only, perhaps with a wildcard at the end.

/// How a search key ends. C names: grbits of JetMakeKey.
public enum KeyLimit: UInt8, Sendable, CaseIterable {
    /// With its last value.
    case none
    /// Before all keys that begin with the values. C name: JET_bitFullColumnStartLimit.
    case fullColumnStart
    /// After all keys that begin with the values. C name: JET_bitFullColumnEndLimit.
    case fullColumnEnd
    /// Before all keys whose last value begins with the given one; text and variable binary only. C name:
    /// JET_bitPartialColumnStartLimit.
    case partialColumnStart
    /// After all keys whose last value begins with the given one; text and variable binary only. C name:
    /// JET_bitPartialColumnEndLimit.
    case partialColumnEnd
    /// The older form of the limits' end for all types. C name: JET_bitStrLimit.
    case string
    /// The older form of `partialColumnEnd` for text; does nothing for other types. C name: JET_bitSubStrLimit.
    case subString
}

extension KeyBuilder {
    /// Makes a search key.
    ///
    /// - Parameters:
    ///   - values: Of the first key columns, as records store them; nil is NULL. At least one, at most all columns.
    ///   - limit: How the key ends.
    ///   - key: Becomes the key; one byte longer than the index's keys at most.
    /// - Returns: Like that of a row's key; `nulls` looks at the given values only.
    /// - Throws: `badValue` if a value has not the size of its column, if there are none or too many, if a substring is
    ///   too short for the index (JET_errIndexTuplesKeyTooSmall), or if the column's type has no partial limits.
    public mutating func buildSearchKey(
        of values: [[UInt8]?], limit: KeyLimit = .none, into key: inout [UInt8]
    ) throws(FormatError) -> KeyReport {
        guard !values.isEmpty, values.count <= columns.count else { throw FormatError(.badValue, at: values.count) }
        key.removeAll(keepingCapacity: true)
        var report = KeyReport()
        for (number, value) in values.enumerated() {
            let column = columns[number]
            let room = index.maximumKeyByteCount - key.count
            guard room > 0, !report.isTruncated else {
                report.isTruncated = true
                break
            }
            let start = key.count
            let end = try appendSearchSegment(value, column, number, room, &report, &key)
            if number == values.count - 1 {
                try apply(limit, column, segment: start, binaryEnd: end, to: &key)
            }
        }
        let nullCount = values.count { $0 == nil }
        if nullCount == values.count {
            report.nulls = .all
        } else if nullCount > 0 {
            report.nulls = values.first == .some(nil) ? .first : .some
        }
        return report
    }

    /// Appends the segment of a value; where in it a binary value ends, 0 if it doesn't.
    private mutating func appendSearchSegment(
        _ value: [UInt8]?, _ column: KeyColumn, _ number: Int, _ room: Int, _ report: inout KeyReport,
        _ key: inout [UInt8]
    ) throws(FormatError) -> Int {
        let isTuple = number == 0 && index.flags.contains(.tuples)
        guard var bytes = value else {
            if isTuple { throw FormatError(.badValue, at: 0) }
            key.append((index.flags.contains(.nullsSortHigh) ? KeyPrefix.nullHigh : KeyPrefix.null) ^ column.mask)
            return 0
        }
        if let count = column.fixedByteCount, bytes.count != count {
            // Fixed text is filled up with spaces when it is stored.
            guard column.type == .text, bytes.count < count, bytes.count % column.characterByteCount == 0 else {
                throw FormatError(.badValue, at: 0)
            }
            while bytes.count < count { bytes += column.isUnicode ? [0x20, 0] : [0x20] }
        }
        if index.maximumKeyByteCount == legacyKeyByteCount, column.mayBeEmpty, bytes.count > legacyKeyByteCount {
            bytes.removeLast(bytes.count - legacyKeyByteCount)
        }
        if isTuple, let limits = index.tupleLimits {
            let width = column.characterByteCount
            guard bytes.count / width >= Int(limits.minimumLength) else { throw FormatError(.badValue, at: 0) }
            let most = Int(limits.maximumLength) * width
            if bytes.count > most { bytes.removeLast(bytes.count - most) }
        }
        let segment = try appendSegment(bytes.span.bytes, column, room: room, to: &key)
        report.isTruncated = segment.isCut
        report.isExact = report.isExact && segment.isExact
        return segment.binaryEnd
    }

    private func apply(
        _ limit: KeyLimit, _ column: KeyColumn, segment: Int, binaryEnd: Int, to key: inout [UInt8]
    ) throws(FormatError) {
        switch limit {
        case .none, .fullColumnStart:
            break
        case .fullColumnEnd:
            fill(&key)
        case .partialColumnStart, .partialColumnEnd:
            guard column.mayBeEmpty, column.type.isText || column.fixedByteCount == nil else {
                throw FormatError(.badValue, at: 0)
            }
            if column.type.isText {
                endText(column, segment, isEnd: limit == .partialColumnEnd, &key)
            } else {
                endBinary(segment, binaryEnd, isEnd: limit == .partialColumnEnd, &key)
            }
        case .string:
            endBinary(segment, binaryEnd, isEnd: true, &key)
        case .subString:
            if column.type.isText { endText(column, segment, isEnd: true, &key) }
        }
    }

    /// Fills the key, one byte more than stored keys may have, with the greatest byte.
    private func fill(_ key: inout [UInt8]) {
        while key.count <= index.maximumKeyByteCount { key.append(KeyPrefix.end) }
    }

    /// Takes off what ends a text, or all weights but the first kind of a sort key.
    private func endText(_ column: KeyColumn, _ segment: Int, isEnd: Bool, _ key: inout [UInt8]) {
        if key.count - segment >= 2 {
            if column.isUnicode {
                let separator: UInt8 = 1 ^ column.mask
                let end = key[(segment + 1)...].firstIndex(of: separator) ?? key.count
                key.removeLast(key.count - end)
            } else if key.last == column.mask {
                key.removeLast()
            }
        }
        if isEnd { fill(&key) }
    }

    /// Takes off what follows a binary value's bytes.
    private func endBinary(_ segment: Int, _ binaryEnd: Int, isEnd: Bool, _ key: inout [UInt8]) {
        guard binaryEnd > 0 else {
            if isEnd { fill(&key) }
            return
        }
        let count = key.count
        key.removeLast(count - segment - binaryEnd)
        // To one beyond the end of the group, as the engine does.
        if isEnd { while key.count <= count { key.append(KeyPrefix.end) } }
    }
}
