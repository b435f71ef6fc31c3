// Layer: ESEFormat/Keys. Uses: KeyColumn, ColumnValue. Used by: verification, dumps of indexes.
// Keys back into values, as far as keys still hold them.

/// A part of a key: what one column gave to it.
public struct KeySegment: Hashable, Sendable {
    /// What the bytes say.
    public enum Content: Hashable, Sendable {
        /// NULL, or no bytes (`ColumnValue.text("")` and `.binary([])`), or a value. Text of a single-byte code page is
        /// in upper case, whatever its case was.
        case value(ColumnValue)
        /// The sort key of Unicode text; the text can't be had back.
        case sortKey([UInt8])
        /// The beginning of a value that did not fit; bytes as in an ascending column.
        case cut([UInt8])
    }

    /// The column.
    public var segment: IndexSegment
    /// Where in the key its bytes are.
    public var range: Range<Int>
    /// What they say.
    public var content: Content

    /// Makes a part.
    public init(segment: IndexSegment, range: Range<Int>, content: Content) {
        self.segment = segment
        self.range = range
        self.content = content
    }
}

/// Splits the keys of one index.
public struct KeyReader: Sendable {
    private let columns: [KeyColumn]
    private let maximumByteCount: Int
    private let segmentLimit: Int
    private let isDotNetGUID: Bool

    /// Prepares for an index.
    ///
    /// - Throws: `badCatalogRow` if a key column is not among the columns.
    public init(index: IndexDefinition, columns: [ColumnDefinition]) throws(FormatError) {
        self.columns = try KeyColumn.all(of: index, in: columns)
        maximumByteCount = index.maximumKeyByteCount
        segmentLimit = index.segmentLimit
        isDotNetGUID = index.flags.contains(.dotNetGUID)
    }

    /// Splits a key. There are fewer parts than columns if the key was cut.
    ///
    /// - Throws: `badKey` if it is no key of this index.
    public func segments(of key: RawSpan) throws(FormatError) -> [KeySegment] {
        guard key.byteCount <= maximumByteCount else { throw FormatError(.badKey, at: maximumByteCount) }
        var segments: [KeySegment] = []
        var place = 0
        for column in columns {
            guard place < key.byteCount else {
                // Only a full key may lack columns.
                guard place == maximumByteCount else { throw FormatError(.badKey, at: place) }
                return segments
            }
            var input = SegmentInput(
                start: place, end: key.byteCount, mask: column.mask,
                limit: column.mayBeEmpty ? segmentLimit : .max, isKeyFull: key.byteCount == maximumByteCount)
            let content = try read(&input, column, key)
            segments.append(KeySegment(segment: column.segment, range: place..<input.place, content: content))
            place = input.place
        }
        guard place == key.byteCount else { throw FormatError(.badKey, at: place) }
        return segments
    }

    /// The number of a record of a table without a primary index.
    ///
    /// - Throws: `badKey` if the key is no such number.
    public static func sequentialRecord(of key: RawSpan) throws(FormatError) -> UInt32 {
        guard key.byteCount == 4 else { throw FormatError(.badKey, at: min(key.byteCount, 4)) }
        return try key.big(0)
    }

    // MARK: Segments.

    /// Reads one segment's bytes, as if its column were ascending.
    private struct SegmentInput {
        let start: Int
        let end: Int
        let mask: UInt8
        let limit: Int
        let isKeyFull: Bool
        var place: Int

        init(start: Int, end: Int, mask: UInt8, limit: Int, isKeyFull: Bool) {
            self.start = start
            self.end = limit < end - start ? start + limit : end
            self.mask = mask
            self.limit = limit
            self.isKeyFull = isKeyFull
            place = start
        }

        /// The next byte; nil where the segment was cut.
        mutating func next(_ key: RawSpan) throws(FormatError) -> UInt8? {
            guard place < end else {
                // A segment ends early where the key is full, or at the column's own limit.
                guard place - start == limit || isKeyFull else { throw FormatError(.badKey, at: place) }
                return nil
            }
            defer { place += 1 }
            return try key.byte(place) ^ mask
        }

        mutating func next(_ count: Int, _ key: RawSpan, into bytes: inout [UInt8]) throws(FormatError) -> Bool {
            for _ in 0..<count {
                guard let byte = try next(key) else { return false }
                bytes.append(byte)
            }
            return true
        }
    }

    private func read(
        _ input: inout SegmentInput, _ column: KeyColumn, _ key: RawSpan
    ) throws(FormatError) -> KeySegment.Content {
        guard let prefix = try input.next(key) else { return .cut([]) }
        switch prefix {
        case KeyPrefix.null, KeyPrefix.nullHigh:
            return .value(.null)
        case KeyPrefix.empty where column.mayBeEmpty:
            return .value(column.type.isText ? .text("") : .binary([]))
        case KeyPrefix.data:
            break
        default:
            throw FormatError(.badKey, at: input.start)
        }
        switch column.type {
        case .text, .longText:
            return column.isUnicode ? try readSortKey(&input, key) : try readText(&input, key)
        case .binary, .longBinary:
            if let count = column.fixedByteCount { return try readBytes(count, &input, key) }
            return try readGroups(&input, key)
        default:
            return try readFixed(&input, column.type, key)
        }
    }

    private func readFixed(
        _ input: inout SegmentInput, _ type: ColumnType, _ key: RawSpan
    ) throws(FormatError) -> KeySegment.Content {
        var bytes: [UInt8] = []
        guard try input.next(type.fixedByteCount ?? 0, key, into: &bytes) else { return .cut(bytes) }
        let sortable = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let bits = KeyNumber.bits(of: sortable, type)
        switch type {
        case .bit: return .value(.bit(bits != 0))
        case .unsignedByte, .unsignedShort, .unsignedLong, .unsignedLongLong: return .value(.unsigned(bits))
        case .short: return .value(.signed(Int64(Int16(truncatingIfNeeded: bits))))
        case .long: return .value(.signed(Int64(Int32(truncatingIfNeeded: bits))))
        case .longLong, .currency: return .value(.signed(Int64(truncatingIfNeeded: bits)))
        case .single: return .value(.single(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .double: return .value(.double(Double(bitPattern: bits)))
        case .dateTime: return .value(.dateTime(Double(bitPattern: bits)))
        default:
            var halves: [UInt64] = [0, 0]
            for (place, stored) in GUIDOrder.stored(isDotNet: isDotNetGUID).enumerated() {
                halves[Int(stored) / 8] |= UInt64(bytes[place]) << UInt64(8 * (stored % 8))
            }
            return .value(.guid(GUID(low: halves[0], high: halves[1])))
        }
    }

    private func readBytes(
        _ count: Int, _ input: inout SegmentInput, _ key: RawSpan
    ) throws(FormatError) -> KeySegment.Content {
        var bytes: [UInt8] = []
        return try input.next(count, key, into: &bytes) ? .value(.binary(bytes)) : .cut(bytes)
    }

    private func readGroups(
        _ input: inout SegmentInput, _ key: RawSpan
    ) throws(FormatError) -> KeySegment.Content {
        var bytes: [UInt8] = []
        while true {
            guard try input.next(KeyBinary.groupByteCount, key, into: &bytes), let count = try input.next(key) else {
                return .cut(bytes)
            }
            switch count {
            case KeyBinary.continues:
                // A cut may fall between two groups.
                if input.place == input.end, input.place - input.start == input.limit || input.isKeyFull {
                    return .cut(bytes)
                }
            case 1...UInt8(KeyBinary.groupByteCount):
                let padding = KeyBinary.groupByteCount - Int(count)
                guard bytes.suffix(padding).allSatisfy({ $0 == 0 }) else { throw FormatError(.badKey, at: input.place) }
                bytes.removeLast(padding)
                return .value(.binary(bytes))
            default:
                throw FormatError(.badKey, at: input.place - 1)
            }
        }
    }

    private func readText(
        _ input: inout SegmentInput, _ key: RawSpan
    ) throws(FormatError) -> KeySegment.Content {
        var bytes: [UInt8] = []
        while let byte = try input.next(key) {
            if byte == 0 { return .value(.text(Windows1252.text(of: bytes))) }
            bytes.append(byte)
        }
        return .cut(bytes)
    }

    /// A sort key: four kinds of weights, each with a 1 after it, then places and weights of punctuation in groups of
    /// four, then a 0. (Places may have a byte 0, so that looking for the first 0 would not do.)
    private func readSortKey(
        _ input: inout SegmentInput, _ key: RawSpan
    ) throws(FormatError) -> KeySegment.Content {
        var bytes: [UInt8] = []
        var separatorCount = 0
        while separatorCount < 4 {
            guard let byte = try input.next(key) else { return .cut(bytes) }
            guard byte != 0 else { throw FormatError(.badKey, at: input.place - 1) }
            if byte == 1 { separatorCount += 1 }
            bytes.append(byte)
        }
        while true {
            guard let byte = try input.next(key) else { return .cut(bytes) }
            bytes.append(byte)
            if byte == 0 { return .sortKey(bytes) }
            guard try input.next(3, key, into: &bytes) else { return .cut(bytes) }
        }
    }
}

/// Windows' code page 1252, as far as keys need it.
private enum Windows1252 {
    /// 0x80...0x9f; the five that are undefined stay control characters.
    private static let high: [UInt16] = [
        0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d,
        0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
        0x0153, 0x009d, 0x017e, 0x0178,
    ]

    static func text(of bytes: [UInt8]) -> String {
        String(
            decoding: bytes.map { (0x80...0x9f).contains($0) ? high[Int($0) - 0x80] : UInt16($0) }, as: UTF16.self)
    }
}
