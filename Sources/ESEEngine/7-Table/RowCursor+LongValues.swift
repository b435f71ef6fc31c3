// Layer: ESEEngine/7-Table. Uses: RowCursor, LongValues, RecordBuffer. Used by: the Swift API, the C API.
// Setting columns: values that are too large for the record go to the tree of long values, at once and in the
// transaction; cancelling the update undoes that.

import ESEFormat

extension RowCursor {
    /// Sets a column of the row that is prepared. C name: JetSetColumn.
    /// - Parameters: See `RecordBuffer.set`.
    /// - Returns: Whether the value was cut to the column's size.
    /// - Throws: What `RecordBuffer.set` throws; `updateNotPrepared`; `illegalOperation` for a copy to look at;
    ///   `notInTransaction` if a long value has to be stored at level 0; what trees of long values throw. The row may
    ///   then lack what was moved out of it: it is to be cancelled.
    @discardableResult
    @inline(__always)
    public func set(
        _ key: ColumnKey, _ start: UnsafeRawPointer?, byteCount: Int, occurrence: Int = 1, offset: Int = 0,
        options: SetOptions = []
    ) throws(JetError) -> Bool {
        guard pending.kind != .none else { throw .updateNotPrepared }
        refresh()
        if state.pointee.hasColumnStates { try checkVisible(key) }
        let record = pending.buffer
        do throws(JetError) {
            let result = try record.set(
                key, start, byteCount: byteCount, occurrence: occurrence, offset: offset, options: options)
            if result.edit == nil, result.released == nil { return result.isTruncated }
            return try finish(result, key, start, byteCount, occurrence, offset)
        } catch {
            guard error == .recordTooBig else { throw error }
        }
        return try setAfterSeparation(key, start, byteCount, occurrence, offset, options)
    }

    /// Sets a column of a record that is too large: moves long values out, the largest first, until it fits.
    @inline(never)
    private func setAfterSeparation(
        _ key: ColumnKey, _ start: UnsafeRawPointer?, _ byteCount: Int, _ occurrence: Int, _ offset: Int,
        _ options: SetOptions
    ) throws(JetError) -> Bool {
        let record = pending.buffer
        var thresholds = SeparationThresholds(pageSize: table.database.pageSize)
        while let threshold = thresholds.next() {
            do throws(JetError) {
                try separate(above: threshold)
                let result = try record.set(
                    key, start, byteCount: byteCount, occurrence: occurrence, offset: offset, options: options,
                    threshold: threshold)
                return try finish(result, key, start, byteCount, occurrence, offset)
            } catch {
                guard error == .recordTooBig else { throw error }
            }
        }
        throw .recordTooBig
    }

    /// Moves long values of more bytes than that out of the record.
    private func separate(above threshold: Int) throws(JetError) {
        let record = pending.buffer
        var position = 0
        while let candidate = try record.nextSeparationCandidate(above: threshold, from: &position) {
            var plain: [UInt8] = []
            try candidate.value.expand(into: &plain)
            let (key, occurrence, isCompressed) = (candidate.column.key, candidate.occurrence, candidate.isCompressed)
            let values = try ownLongValues()
            let id = try plain.lend { (bytes: Bytes) throws(JetError) in
                try values.insert(bytes.buffer, isCompressed: isCompressed, update: pending.update, session.worker)
            }
            try record.setLongValue(key, occurrence: occurrence, id)
        }
    }

    /// Does in the tree of long values what setting a column asks for.
    @inline(never)
    private func finish(
        _ result: SetResult, _ key: ColumnKey, _ start: UnsafeRawPointer?, _ byteCount: Int, _ occurrence: Int,
        _ offset: Int
    ) throws(JetError) -> Bool {
        if let edit = result.edit {
            let values = try ownLongValues()
            let record = pending.buffer
            let needsBytes = edit.operation != .resize && edit.operation != .zeros
            let bytes = UnsafeRawBufferPointer(start: needsBytes ? start : nil, count: needsBytes ? byteCount : 0)
            let (update, worker) = (pending.update, session.worker)
            if let old = edit.existing {
                let new = try values.edit(
                    old, edit.operation, bytes, byteCount: byteCount, offset: offset, isCompressed: edit.isCompressed,
                    update: update, worker)
                if new != old { try record.setLongValue(key, occurrence: occurrence, new) }
            } else {
                // What the record has of it goes first, what is new follows.
                var plain: [UInt8] = []
                if edit.operation != .replace, edit.operation != .zeros, occurrence > 0 {
                    let field = try record.view().field(key, occurrence: occurrence)
                    if !field.isNull { try field.expand(into: &plain) }
                }
                let id: LongValueID
                switch edit.operation {
                case .zeros:
                    id = try values.insertZeros(
                        byteCount: byteCount, isCompressed: edit.isCompressed, update: update, worker)
                case .replace: id = try values.insert(bytes, isCompressed: edit.isCompressed, update: update, worker)
                default:
                    let first = try plain.lend { (plain: Bytes) throws(JetError) in
                        try values.insert(plain.buffer, isCompressed: edit.isCompressed, update: update, worker)
                    }
                    id = try values.edit(
                        first, edit.operation, bytes, byteCount: byteCount, offset: offset,
                        isCompressed: edit.isCompressed, update: update, worker)
                }
                try record.setLongValue(key, occurrence: occurrence, id)
            }
        }
        if let released = result.released { pending.released.append(released) }
        return result.isTruncated
    }

    /// The table's long values, for a change of them by the update that is prepared.
    private func ownLongValues() throws(JetError) -> LongValues {
        guard session.transaction.level > 0 else { throw .notInTransaction }
        if pending.update == 0 { pending.update = session.makeUpdateNumber() }
        return try table.longValues(session)
    }

    // MARK: What records name.

    /// Reads long values for keys and callers; nil if the table has none.
    var longValueReader: LongValueReader? {
        if let reader { return reader }
        guard let values = table.existingLongValues else { return nil }
        let new = LongValueReader(values, session.worker)
        reader = new
        return new
    }

    var longValueLender: (any LongValueLender)? { longValueReader }

    /// The long values that a record names.
    @inline(__always)
    func longValues(of record: RecordView) throws(JetError) -> [LongValueID] {
        if record.taggedCount == 0 { return [] }
        return try longValuesOfTagged(record)
    }

    @inline(never)
    private func longValuesOfTagged(_ record: RecordView) throws(JetError) -> [LongValueID] {
        var result: [LongValueID] = []
        for place in 0..<record.taggedCount {
            let entry = try record.entry(place)
            guard entry.flags.contains(.longValue), !entry.flags.contains(.null) else { continue }
            let count = try record.valueCount(entry)
            for number in 0..<count {
                if let id = try record.value(number, of: count, entry).longValueID() { result.append(id) }
            }
        }
        return result
    }

    /// The copy that is prepared names the same long values as its original.
    func shareLongValues() throws(JetError) {
        let names = try longValues(of: pending.buffer.view())
        if names.isEmpty { return }
        let values = try ownLongValues()
        for id in names { try values.addReference(id, update: pending.update, session.worker) }
    }

    /// A record no longer names a long value.
    func release(_ id: LongValueID, _ number: UInt32) throws(JetError) {
        guard let values = table.existingLongValues else { throw .lvCorrupted }
        try values.release(id, update: number, session.worker)
    }
}
