// Layer: ESEFormat/Keys. Uses: KeyColumn, TextCollator, RowValues. Used by: IndexEntryPlan, seeks, the engine.
// Makes keys ("normalises"): bytes that, compared as bytes, sort as the values of an index's columns do. ESE:
// fldnorm.cxx.

/// What became of the values when a key was made.
public struct KeyReport: Hashable, Sendable {
    /// Which of the values were NULL.
    public enum Nulls: UInt8, Sendable, CaseIterable {
        /// None.
        case none
        /// Some, but not the first.
        case some
        /// The first, but not all.
        case first
        /// All of them.
        case all
    }

    /// Which of the values were NULL.
    public var nulls: Nulls
    /// Whether the key would be longer than the index allows and was cut. If the index says `disallowTruncation`, such
    /// a row can't exist (JET_errKeyTruncated).
    public var isTruncated: Bool
    /// False when some text's sort key is not known: no collator, or one that doesn't know this text. The bytes of the
    /// key mean nothing then.
    public var isExact: Bool

    /// Makes a report.
    public init(nulls: Nulls = .none, isTruncated: Bool = false, isExact: Bool = true) {
        self.nulls = nulls
        self.isTruncated = isTruncated
        self.isExact = isExact
    }
}

/// Makes the keys of one index.
public struct KeyBuilder: Sendable {
    let index: IndexDefinition
    let columns: [KeyColumn]
    let segmentLimit: Int
    var collator: (any TextCollator)?

    /// Prepares for an index.
    ///
    /// - Parameters:
    ///   - index: The index.
    ///   - columns: The columns of its table, at least those of the key.
    ///   - collator: The index's order of Unicode text; nil when not available.
    /// - Throws: `badCatalogRow` with the segment's number if a key column is not among the columns.
    public init(
        index: IndexDefinition, columns: [ColumnDefinition], collator: (any TextCollator)? = nil
    ) throws(FormatError) {
        self.index = index
        self.columns = try KeyColumn.all(of: index, in: columns)
        self.collator = collator
        segmentLimit = index.segmentLimit
    }

    /// Makes the key of a row: of the first values of its columns, without regard to conditions and substrings.
    ///
    /// - Parameters:
    ///   - row: The values.
    ///   - key: Becomes the key.
    /// - Throws: `badValue` if a value has not the size of its type; what the row throws.
    public mutating func build<Row: RowValues & ~Copyable & ~Escapable>(
        of row: borrowing Row, into key: inout [UInt8]
    ) throws(FormatError) -> KeyReport {
        guard case .built(let report) = try build(of: row, .base, into: &key) else { return KeyReport() }
        return report
    }

    /// Makes the key of values as records store them; nil is NULL. There is one for each key column.
    ///
    /// - Throws: `badValue` if a value has not the size of its type, or if their number is wrong.
    public mutating func build(of values: [[UInt8]?], into key: inout [UInt8]) throws(FormatError) -> KeyReport {
        guard values.count == columns.count else { throw FormatError(.badValue, at: values.count) }
        return try build(of: ListedValues(segments: index.segments, values: values), into: &key)
    }

    /// Makes the key of a record in a table without a primary index: its number, counted from 1. ESE's term: DBK.
    public static func build(sequentialRecord number: UInt32, into key: inout [UInt8]) {
        key.removeAll(keepingCapacity: true)
        key.append(bigEndian: UInt64(number), byteCount: 4)
    }
}

// MARK: One combination of a row's values.

extension KeyBuilder {
    /// Which of a row's values a key is made of.
    struct Selection {
        /// For each key column which of its values, from 1.
        var occurrences: [Int] = []
        /// Where the substring starts, in characters; nil: no substrings.
        var tupleStart: Int?

        static let base = Selection()

        func occurrence(_ column: Int) -> Int { column < occurrences.count ? occurrences[column] : 1 }
    }

    enum Outcome {
        case built(KeyReport)
        /// This column has no such value.
        case outOfValues(column: Int)
        /// The rest of the value is shorter than the shortest substring.
        case outOfTuples
    }

    /// Makes the key of a selection. Where keys may be long, a first try uses as many bytes of each value as the key
    /// may have; when that was not enough to fill the key (text with characters that have no weight), twice as many.
    mutating func build<Row: RowValues & ~Copyable & ~Escapable>(
        of row: borrowing Row, _ selection: Selection, into key: inout [UInt8]
    ) throws(FormatError) -> Outcome {
        // At least one UTF-16 code unit.
        var sourceLimit = max(index.maximumKeyByteCount, 2)
        while true {
            var needsMore = false
            let outcome = try attempt(row, selection, sourceLimit, &needsMore, &key)
            guard needsMore, sourceLimit < 1 << 31 else { return outcome }
            sourceLimit *= 2
        }
    }

    private mutating func attempt<Row: RowValues & ~Copyable & ~Escapable>(
        _ row: borrowing Row, _ selection: Selection, _ sourceLimit: Int, _ needsMore: inout Bool,
        _ key: inout [UInt8]
    ) throws(FormatError) -> Outcome {
        key.removeAll(keepingCapacity: true)
        let isNested = index.flags.contains(.nestedTable)
        var report = KeyReport()
        var nullCount = 0
        var isFirstNull = false
        var areAllOutOfValues = true
        for number in columns.indices {
            let column = columns[number]
            let occurrence = selection.occurrence(number)
            var tuple: (start: Int, bytes: Range<Int>)?
            if number == 0, let start = selection.tupleStart, let limits = index.tupleLimits {
                let width = column.characterByteCount
                let least = Int(limits.minimumLength) * width
                tuple = (start * width, least..<max(least, Int(limits.maximumLength) * width) + 1)
            }
            var stop: Outcome?
            try row.withValue(
                of: column.segment, occurrence: occurrence, from: tuple?.start ?? 0,
                limit: column.mayBeEmpty ? sourceLimit : column.type.fixedByteCount ?? sourceLimit
            ) { (value: RawSpan?) throws(FormatError) in
                if column.isTagged { areAllOutOfValues = areAllOutOfValues && occurrence > 1 && value == nil }
                if value == nil, occurrence > 1, !isNested {
                    stop = .outOfValues(column: number)
                    return
                }
                let room = index.maximumKeyByteCount - key.count
                guard room > 0 else {
                    report.isTruncated = true
                    if value == nil {
                        nullCount += 1
                        isFirstNull = isFirstNull || number == 0
                    }
                    return
                }
                if let tuple, (value?.byteCount ?? 0) < tuple.bytes.lowerBound {
                    stop = .outOfTuples
                    return
                }
                guard let value else {
                    nullCount += 1
                    isFirstNull = isFirstNull || number == 0
                    appendPrefix(
                        index.flags.contains(.nullsSortHigh) ? KeyPrefix.nullHigh : KeyPrefix.null, column, &key)
                    return
                }
                var count = min(value.byteCount, tuple.map { $0.bytes.upperBound - 1 } ?? .max)
                if column.mayBeEmpty { count = min(count, sourceLimit) }
                let used = value.extracting(0..<count)
                let before = key.count
                let segment = try appendSegment(used, column, room: room, to: &key)
                report.isTruncated = report.isTruncated || segment.isCut
                report.isExact = report.isExact && segment.isExact
                let made = key.count - before
                if used.byteCount == sourceLimit, made < room, made < segmentLimit,
                    index.maximumKeyByteCount != legacyKeyByteCount
                {
                    needsMore = true
                }
            }
            if let stop { return stop }
        }
        if isNested, areAllOutOfValues { return .outOfValues(column: 0) }
        if nullCount == columns.count {
            report.nulls = .all
        } else if nullCount > 0 {
            report.nulls = isFirstNull ? .first : .some
        }
        return .built(report)
    }

    private func appendPrefix(_ prefix: UInt8, _ column: KeyColumn, _ key: inout [UInt8]) {
        key.append(prefix ^ column.mask)
    }
}
