// Layer: ESE/Interface. Uses: TableCursor, Row, KeyValue. Used by: programs.
// Moves, searches and scans.

public import ESEEngine
import ESEFormat

extension TableCursor {
    // MARK: Order and moves.

    /// Takes the order of an index; nil, or the primary one's name: that of the rows. The cursor is before the first
    /// row then. C name: JetSetCurrentIndex4.
    /// - Throws: `indexNotFound`.
    public func setIndex(_ name: String?) throws(JetError) {
        try access { (cursor) throws(JetError) in
            let (schema, transaction) = (cursor.table.schema, cursor.session.transaction)
            guard let name, !schema.isPrimary(name, transaction) else { return try cursor.setIndex(nil) }
            guard let index = schema.index(named: name, transaction) else { throw .indexNotFound }
            try cursor.setIndex(index)
        }
    }

    /// Goes to the first row; false if there is none.
    public func first() throws(JetError) -> Bool { try access { (cursor) throws(JetError) in try cursor.first() } }

    /// Goes to the last row; false if there is none.
    public func last() throws(JetError) -> Bool { try access { (cursor) throws(JetError) in try cursor.last() } }

    /// Goes to the next row; false if there is none.
    public func next() throws(JetError) -> Bool { try access { (cursor) throws(JetError) in try cursor.next() } }

    /// Goes to the previous row; false if there is none.
    public func previous() throws(JetError) -> Bool {
        try access { (cursor) throws(JetError) in try cursor.previous() }
    }

    /// Lends the row that the cursor is on.
    /// - Throws: `noCurrentRecord` if it is on none, when a value is read; what `body` throws.
    @inline(__always)
    public func withRow<Result>(
        _ body: (borrowing Row) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try access { (cursor) throws(JetError) in try body(Row(cursor, scratch)) }
    }

    // MARK: Searches.

    /// Searches by the first key column of the order. C names: JetMakeKey, JetSeek.
    /// - Throws: `invalidBufferSize` if the value is none of the column's type; what storage throws.
    @inline(__always)
    public func seek<Value: StoredValue>(_ kind: SeekKind, _ value: Value) throws(JetError) -> SeekResult {
        try access { (cursor) throws(JetError) in
            try value.withStored(codePage: try keyColumn(0, cursor).codePage) { (bytes) throws(JetError) in
                try cursor.makeKey(bytes, bytes.count == 0 ? [.newKey, .zeroLength] : .newKey)
            }
            return try cursor.seek(kind)
        }
    }

    /// Searches by values of the first key columns. Those that follow count as NULL.
    public func seek(_ kind: SeekKind, _ values: [KeyValue]) throws(JetError) -> SeekResult {
        try access { (cursor) throws(JetError) in
            try makeKey(values, [], cursor)
            return try cursor.seek(kind)
        }
    }

    /// Type and code page of a key column.
    private func keyColumn(_ place: Int, _ cursor: RowCursor) throws(JetError) -> (type: ColumnType, codePage: UInt32) {
        let schema = cursor.table.schema
        guard let index = cursor.index?.definition ?? schema.definition.primaryIndex else { throw .noCurrentIndex }
        guard place < index.segments.count else { throw .keyIsMade }
        let segment = index.segments[place]
        let key = ColumnKey(segment.column, isFromTemplate: segment.isFromTemplate)
        guard let column = schema.shape.column(key) else { throw .columnNotFound }
        return (column.type, column.codePage)
    }

    private func makeKey(
        _ values: [KeyValue], _ limit: MakeKeyOptions, _ cursor: RowCursor
    ) throws(JetError) {
        guard !values.isEmpty else { throw .keyNotMade }
        for (place, value) in values.enumerated() {
            let column = try keyColumn(place, cursor)
            var options: MakeKeyOptions = place == 0 ? .newKey : []
            if place == values.count - 1 { options.formUnion(limit) }
            try value.withStored(column.type, codePage: column.codePage) { (bytes) throws(JetError) in
                let isEmpty = bytes.count == 0 && value != .null
                try cursor.makeKey(bytes, isEmpty ? options.union(.zeroLength) : options)
            }
        }
    }

    // MARK: Scans.

    /// Lends the rows from one end to the other, in the cursor's order, until `body` says false. The cursor may change
    /// or delete the row it is on meanwhile; `body` must not move it.
    /// - Parameters:
    ///   - lower: Where the range starts; nil: at the first row.
    ///   - upper: Where the range ends; nil: with the last row.
    ///   - isBackward: From the end to the start.
    /// - Returns: How many rows `body` was lent.
    /// - Throws: `invalidBufferSize` if a value is none of its column's type; what `body` and storage throw.
    @discardableResult
    public func scan(
        from lower: KeyBound? = nil, to upper: KeyBound? = nil, backward isBackward: Bool = false,
        _ body: (borrowing Row) throws(JetError) -> Bool
    ) throws(JetError) -> Int {
        try access { (cursor) throws(JetError) in
            var isThere = try start(cursor, isBackward ? upper : lower, isUpper: isBackward)
            if isThere, let end = isBackward ? lower : upper {
                isThere = try limit(cursor, end, isUpper: !isBackward)
            }
            // Moves after the scan are not limited by its range.
            defer { if lower != nil || upper != nil { try? cursor.removeRange() } }
            var count = 0
            while isThere {
                count += 1
                guard try body(Row(cursor, scratch)) else { break }
                isThere = isBackward ? try cursor.previous() : try cursor.next()
            }
            return count
        }
    }

    /// Lends the rows that have these values in the first key columns.
    @discardableResult
    public func scan(
        equal values: [KeyValue], backward isBackward: Bool = false,
        _ body: (borrowing Row) throws(JetError) -> Bool
    ) throws(JetError) -> Int {
        try scan(from: .including(values), to: .including(values), backward: isBackward, body)
    }

    /// Goes to the row that a scan begins with.
    private func start(_ cursor: RowCursor, _ bound: KeyBound?, isUpper: Bool) throws(JetError) -> Bool {
        guard let bound else { return isUpper ? try cursor.last() : try cursor.first() }
        try makeKey(bound.values, bound.limit(isUpper: isUpper), cursor)
        let kind: SeekKind = isUpper ? (bound.isInclusive ? .lessOrEqual : .less) : .greaterOrEqual
        return try cursor.seek(kind) != .notFound
    }

    /// Sets the end of a scan; false if the row is beyond it.
    private func limit(_ cursor: RowCursor, _ bound: KeyBound, isUpper: Bool) throws(JetError) -> Bool {
        try makeKey(bound.values, bound.limit(isUpper: isUpper), cursor)
        // The limit before keys that begin with the values may be such a key itself.
        return try cursor.setRange(isUpper: isUpper, isInclusive: !isUpper || bound.isInclusive)
    }
}

extension KeyBound {
    /// The limit that lies before or behind all keys that begin with the values.
    fileprivate func limit(isUpper: Bool) -> MakeKeyOptions {
        let isBehind = isUpper == isInclusive
        if isBeginning { return isBehind ? .partialColumnEndLimit : .partialColumnStartLimit }
        return isBehind ? .fullColumnEndLimit : .fullColumnStartLimit
    }
}
