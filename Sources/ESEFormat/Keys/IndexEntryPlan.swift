// Layer: ESEFormat/Keys. Uses: KeyBuilder, RowValues. Used by: verification of indexes, the engine.
// Which entries a row has in an index: conditions, NULLs, several values, substrings. ESE: KeySequence (rec.hxx),
// recupd.cxx.

/// What came of a row for an index.
public struct IndexEntries: Hashable, Sendable {
    /// How many keys were handed out.
    public var count = 0
    /// False when some text's sort key is not known; keys that hang on one were not handed out.
    public var isExact = true
    /// Whether a key was cut.
    public var isTruncated = false
    /// Whether NULL stands where the index doesn't allow it (JET_errNullKeyDisallowed).
    public var hasDisallowedNull = false
    /// False when the row has more than `IndexEntryPlan.maximumEntryCount` entries; the rest was not made.
    public var isComplete = true

    /// Nothing yet.
    public init() {}
}

/// Says which entries a row has in an index, by their keys.
public struct IndexEntryPlan: Sendable {
    /// The most keys of one row that are made: far more than a record has room for values, but the combinations of
    /// several columns' values may be more.
    public static let maximumEntryCount = 1 << 20

    private var builder: KeyBuilder
    private let conditions: [IndexSegment]
    private let expanding: [Bool]
    private var key: [UInt8] = []
    private var attemptCount = 0

    /// Prepares for an index.
    ///
    /// - Parameters:
    ///   - index: The index.
    ///   - columns: The columns of its table, at least those of the key.
    ///   - collator: The index's order of Unicode text; nil when not available.
    /// - Throws: `badCatalogRow` if a key column is not among the columns, or substrings have no limits.
    public init(
        index: IndexDefinition, columns: [ColumnDefinition], collator: (any TextCollator)? = nil
    ) throws(FormatError) {
        builder = try KeyBuilder(index: index, columns: columns, collator: collator)
        if index.flags.contains(.tuples) {
            guard let limits = index.tupleLimits, limits.increment > 0, limits.maximumLength > 0 else {
                throw FormatError(.badCatalogRow, at: 0)
            }
        }
        conditions = index.flags.contains(.primary) ? [] : index.conditions
        // One column's values make entries each, unless the flags say that all columns' do.
        var expanding = builder.columns.map { _ in false }
        if index.flags.contains(.multivalued), !index.flags.contains(.primary) {
            for number in builder.columns.indices where builder.columns[number].isMultivalued {
                expanding[number] = true
                if index.flags.isDisjoint(with: [.crossProduct, .nestedTable]) { break }
            }
        }
        self.expanding = expanding
    }

    /// Makes all keys of a row, each once, in the engine's order.
    ///
    /// - Parameters:
    ///   - row: The values.
    ///   - body: Gets each key; the bytes are its only during the call.
    /// - Throws: `badValue` if a value has not the size of its type; what the row and `body` throw.
    public mutating func forEachKey<Row: RowValues & ~Copyable & ~Escapable>(
        of row: borrowing Row, _ body: (RawSpan) throws(FormatError) -> Void
    ) throws(FormatError) -> IndexEntries {
        var entries = IndexEntries()
        attemptCount = 0
        guard try meetsConditions(row) else { return entries }
        if builder.index.flags.contains(.primary) {
            let report = try builder.build(of: row, into: &key)
            entries.hasDisallowedNull = builder.index.flags.contains(.noNullSegment) && report.nulls != .none
            var seen: Set<[UInt8]>?
            try emit(report, &seen, &entries, body)
            return entries
        }
        let isTuple = builder.index.flags.contains(.tuples)
        let isExpanding = expanding.contains(true)
        var seen: Set<[UInt8]>? = isTuple || isExpanding ? [] : nil
        var selection = KeyBuilder.Selection.base
        if isExpanding { selection.occurrences = expanding.map { _ in 1 } }
        while true {
            let end =
                isTuple
                ? try emitTuples(row, selection, &entries, &seen, body)
                : try emitOne(row, selection, &entries, &seen, body)
            guard entries.isComplete, advance(&selection.occurrences, after: end) else { return entries }
        }
    }

    // MARK: Parts.

    /// How one combination of values ended.
    private enum End {
        /// Take the next values.
        case next
        /// This column has no more.
        case outOfValues(column: Int)
        /// The rest of this value is shorter than the shortest substring.
        case outOfTuples
        /// Nothing more in this row.
        case done
    }

    private func meetsConditions<Row: RowValues & ~Copyable & ~Escapable>(
        _ row: borrowing Row
    ) throws(FormatError) -> Bool {
        for condition in conditions {
            var isNull = true
            try row.withValue(of: condition, occurrence: 1, from: 0, limit: 1) {
                (value: RawSpan?) throws(FormatError) in
                isNull = value == nil
            }
            if isNull != condition.mustBeNull { return false }
        }
        return true
    }

    private mutating func emitOne<Row: RowValues & ~Copyable & ~Escapable>(
        _ row: borrowing Row, _ selection: KeyBuilder.Selection, _ entries: inout IndexEntries,
        _ seen: inout Set<[UInt8]>?, _ body: (RawSpan) throws(FormatError) -> Void
    ) throws(FormatError) -> End {
        guard attemptCount < Self.maximumEntryCount else {
            entries.isComplete = false
            return .done
        }
        attemptCount += 1
        switch try builder.build(of: row, selection, into: &key) {
        case .outOfValues(let column): return .outOfValues(column: column)
        case .outOfTuples: return .outOfTuples
        case .built(let report):
            let flags = builder.index.flags
            if flags.contains(.noNullSegment), report.nulls != .none { entries.hasDisallowedNull = true }
            switch report.nulls {
            case .none: break
            case .some: if !flags.contains(.allowSomeNulls) { return .done }
            case .first: if !flags.contains(.allowFirstNull) { return .done }
            case .all:
                if flags.contains(.allowAllNulls) { try emit(report, &seen, &entries, body) }
                return .done
            }
            try emit(report, &seen, &entries, body)
            return .next
        }
    }

    private mutating func emitTuples<Row: RowValues & ~Copyable & ~Escapable>(
        _ row: borrowing Row, _ selection: KeyBuilder.Selection, _ entries: inout IndexEntries,
        _ seen: inout Set<[UInt8]>?, _ body: (RawSpan) throws(FormatError) -> Void
    ) throws(FormatError) -> End {
        guard let limits = builder.index.tupleLimits else { return .done }
        var selection = selection
        var start = Int(limits.start)
        for _ in 0..<limits.indexedCharacterCount {
            selection.tupleStart = start
            let end = try emitOne(row, selection, &entries, &seen, body)
            // A short value may have longer ones after it.
            if case .outOfTuples = end { return builder.columns[0].isMultivalued ? .next : .done }
            guard case .next = end, entries.isComplete else { return end }
            start += Int(limits.increment)
        }
        return .next
    }

    private mutating func emit(
        _ report: KeyReport, _ seen: inout Set<[UInt8]>?, _ entries: inout IndexEntries,
        _ body: (RawSpan) throws(FormatError) -> Void
    ) throws(FormatError) {
        entries.isTruncated = entries.isTruncated || report.isTruncated
        guard report.isExact else {
            entries.isExact = false
            return
        }
        if seen != nil, seen?.insert(key).inserted == false { return }
        entries.count += 1
        try body(key.span.bytes)
    }

    /// To the next combination of values; false when there is none.
    private func advance(_ occurrences: inout [Int], after end: End) -> Bool {
        guard let least = expanding.lastIndex(of: true) else { return false }
        switch end {
        case .done, .outOfTuples: return false
        case .next:
            if builder.index.flags.contains(.nestedTable) {
                for number in occurrences.indices where expanding[number] { occurrences[number] += 1 }
            } else {
                occurrences[least] += 1
            }
            return true
        case .outOfValues(let column):
            guard column > 0, let carry = expanding[..<column].lastIndex(of: true) else { return false }
            occurrences[carry] += 1
            for number in column...max(column, least) { occurrences[number] = 1 }
            return true
        }
    }
}
