// Layer: ESEEngine/7-Table. Uses: RowCursor. Used by: the C API.
// Places of a cursor that only the C API asks for, and counting rows.

import ESEFormat

extension RowCursor {
    /// The cursor is on the first row, which is looked for when it is needed; if there is none then, it is before the
    /// first row. ESE's term: locDeferMoveFirst.
    public func deferFirst() {
        forgetRange()
        reset(to: .firstDeferred)
    }

    /// Looks for the row that is the first. False if there is none.
    func settle() throws(JetError) -> Bool {
        place = .beforeFirst
        return try arrive(try current.first(), elseAt: .beforeFirst)
    }

    /// Sees to it that the cursor is on a row.
    /// - Throws: `noCurrentRecord`.
    @inline(never)
    func needRow() throws(JetError) {
        if place == .onRow { return }
        guard place == .firstDeferred, try settle() else { throw .noCurrentRecord }
    }

    /// Whether it is on a row, or where one was.
    public var isOnRow: Bool { place == .onRow || place == .firstDeferred }

    /// Fails unless the row, and its entry in the index, are there as the transaction sees them.
    /// - Throws: `noCurrentRecord`, `recordDeleted`. C name: JetMove with 0.
    public func checkRow() throws(JetError) {
        if place != .onRow { try needRow() }
        if let secondary {
            try secondary.latch()
            leave()
            return
        }
        try primary.latch()
        primary.release()
    }

    /// The key of the row in the order it has: its entry's or its record's. Lent until the cursor moves.
    /// - Throws: `noCurrentRecord`.
    public func key() throws(JetError) -> Bytes {
        if place != .onRow { try needRow() }
        return current.currentBookmark().key
    }

    /// Whether bookmarks of the current index need no record's key.
    public var isIndexUnique: Bool { index?.isUnique ?? true }

    /// Counts rows from the row on, with it, up to the limit of moves. The cursor stays where it is.
    /// - Parameter limit: Where to stop; 0: not before the end.
    /// - Throws: `noCurrentRecord` if it is on no row and there are some; `recordDeleted`.
    public func count(upTo limit: UInt64) throws(JetError) -> UInt64 {
        let other = TreeCursor(current.tree, session.worker)
        if place == .firstDeferred { _ = try settle() }
        guard place == .onRow else {
            guard try !other.first() else {
                other.release()
                throw .noCurrentRecord
            }
            return 0
        }
        guard try other.go(to: current.currentBookmark()) else { throw .recordDeleted }
        defer { other.release() }
        var count: UInt64 = 1
        let range = range.flatMap { $0.isUpper ? $0 : nil }
        while limit == 0 || count < limit {
            guard try other.next(), range?.contains(other.key) ?? true else { break }
            count += 1
        }
        return count
    }

    /// How long the bookmark of the new row that is prepared will be.
    /// - Throws: `updateNotPrepared`; what making the key throws.
    public func preparedKeyByteCount() throws(JetError) -> Int {
        guard let plan = schema.primary else { return 4 }
        let record = try preparedRecord().view()
        return try plan.makeKey(
            of: record, into: session.keyMemory, session.scratch, longValues: longValueLender
        ).byteCount
    }

    /// The most bytes of a bookmark.
    public var greatestBookmarkByteCount: Int { schema.primary?.maximum ?? 4 }

    /// What is prepared is a row in the place of the cursor's. C name: JET_prepInsertCopyDeleteOriginal.
    public var isReplacingByInsert: Bool { pending.kind == .insertAndDelete }

    /// Goes to an entry of the index by its key and, in an index that is not unique, its record's.
    /// - Parameters:
    ///   - record: The record's key; in a unique index checked if it is not empty.
    ///   - staysInGap: Whether the cursor stands where the entry would be if there is none.
    /// - Throws: `noCurrentIndex` in the order of records, `recordDeleted`, after which the cursor is where it was.
    public func go(toEntry key: Bytes, record: Bytes, staysInGap: Bool) throws(JetError) {
        guard let index else { throw .noCurrentIndex }
        let limit = 2_048
        guard key.byteCount < limit, record.byteCount < limit else { throw .invalidBookmark }
        do throws(JetError) {
            if index.isUnique {
                try go(toEntry: Bookmark(key: key), record: record)
            } else {
                try go(toEntry: session.join(key, record))
            }
        } catch {
            if error == .recordDeleted, staysInGap { standInGap(key) }
            throw error
        }
    }

    /// About where in its order the row is. C name: what JetGetRecordPosition tells.
    /// - Throws: `noCurrentRecord`.
    public func position() throws(JetError) -> TreePosition {
        let key = try self.key().array()
        let tree = current.tree
        return try key.lend { (key: Bytes) throws(JetError) in try tree.position(of: key) }
    }

    /// Goes to a row that is about there; false if there is none. C name: JetGotoPosition.
    public func go(to position: TreePosition) throws(JetError) -> Bool {
        refresh()
        forgetRange()
        guard let key = try current.tree.key(at: position) else { return try last() }
        let isThere = try key.lend { (key: Bytes) throws(JetError) in try current.seek(key, .greaterOrEqual) }
        // What was there may be deleted.
        return isThere ? try arrive(true, elseAt: .afterLast) : try last()
    }

    // MARK: Records.

    /// Lends the record of the row, or what is prepared.
    /// - Throws: `noCurrentRecord`, `recordDeleted`; what `body` throws.
    public func withRecord<Result>(
        from source: ValueSource, _ body: (RecordView) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        if source == .copy, isPrepared { return try body(try pending.buffer.view()) }
        return try withRecord(body)
    }

    /// The column of the n-th of all values of tagged columns that the transaction sees; see `RecordView.taggedValue`.
    public func taggedValue(
        _ ordinal: Int, from source: ValueSource
    ) throws(JetError) -> (key: ColumnKey, occurrence: Int)? {
        try withRecord(from: source) { (record) throws(JetError) in
            guard state.pointee.hasColumnStates else {
                return try record.taggedValue(ordinal).map { ($0.column.key, $0.occurrence) }
            }
            var rest = ordinal
            var place = 1
            while let found = try record.taggedValue(place) {
                if sees(found.column.key) { rest -= 1 }
                if rest == 0 { return (found.column.key, found.occurrence) }
                place += 1
            }
            return nil
        }
    }

    /// How many values of tagged columns there are; a column that is NULL counts as one.
    public func taggedValueCount(from source: ValueSource) throws(JetError) -> Int {
        try withRecord(from: source) { (record) throws(JetError) in
            var count = 0
            var place = 1
            while let found = try record.taggedValue(place) {
                if !state.pointee.hasColumnStates || sees(found.column.key) { count += 1 }
                place += 1
            }
            return count
        }
    }

    /// Which of a column's values the entry of the index is of, from 1; 1 where that makes no difference or can't be
    /// told.
    /// - Throws: `noCurrentRecord`, `recordDeleted`.
    public func occurrenceInEntry(_ key: ColumnKey) throws(JetError) -> Int {
        guard let index, schema.shape.column(key)?.flags.contains(.multivalued) ?? false else { return 1 }
        let segments = index.definition.segments.map { ColumnKey($0.column, isFromTemplate: $0.isFromTemplate) }
        guard let place = segments.firstIndex(of: key) else { return 1 }
        let entry = try self.key().array()
        let scratch = session.scratch
        scratch.prepare(index.plan)
        return try withRecord { (record) throws(JetError) in
            var values: [[UInt8]?] = []
            for segment in segments {
                let field = try record.field(segment)
                if field.traits.contains(.separated) { return 1 }
                var plain: [UInt8] = []
                if !field.isNull { try field.expand(into: &plain) }
                values.append(field.isNull ? nil : plain)
            }
            let count = try record.valueCount(key)
            var occurrence = 1
            while occurrence <= count {
                let field = try record.field(key, occurrence: occurrence)
                if field.traits.contains(.separated) { return 1 }
                var plain: [UInt8] = []
                try field.expand(into: &plain)
                values[place] = plain
                if let made = try? scratch.buildSearchKey(of: values, limit: .none), made.key == entry {
                    return occurrence
                }
                occurrence += 1
            }
            return 1
        }
    }

    /// Whether a change of the row would be a write conflict now. C name: what JetGetCursorInfo tells.
    /// - Throws: `noCurrentRecord`; `recordDeleted`.
    public func wouldConflict() throws(JetError) -> Bool {
        try latchRecord()
        defer { primary.release() }
        return primary.wouldConflict()
    }

    /// How many bytes a long value has.
    func byteCount(of id: LongValueID) throws(JetError) -> Int {
        guard let reader = longValueReader else { throw .lvCorrupted }
        return try reader.byteCount(of: id)
    }
}

extension TreeCursor {
    /// Whether a change of the node, which is latched, would be a write conflict now.
    func wouldConflict() -> Bool {
        tree.database.versions.wouldConflict(worker.transaction, tree.name(page.node(line)), .writeLock)
    }
}
