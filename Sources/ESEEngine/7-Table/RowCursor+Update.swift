// Layer: ESEEngine/7-Table. Uses: PendingUpdate, IndexMaintenance, LongValues. Used by: the Swift API, the C API,
// the catalog.
// Rows are made, changed and deleted. All of an update is done or none: what it does carries a number by which it
// can be
// undone.

import ESEFormat

/// What an update is prepared for. Raw values are JetPrepareUpdate's.
public enum Preparation: UInt32, Sendable {
    /// A new row. C name: JET_prepInsert.
    case insert = 0
    /// A change, with the row locked at once. C name: JET_prepReplace.
    case replace = 2
    /// Nothing any more. C name: JET_prepCancel.
    case cancel = 3
    /// A change that fails if somebody else changes the row before. C name: JET_prepReplaceNoLock.
    case replaceNoLock = 4
    /// A new row that begins as a copy of the cursor's. C name: JET_prepInsertCopy.
    case insertCopy = 5
    /// The same, and the cursor's row goes when it is written. C name: JET_prepInsertCopyDeleteOriginal.
    case insertCopyDeleteOriginal = 7
    /// A copy to look at. C name: JET_prepReadOnlyCopy.
    case readOnlyCopy = 8
    /// As `insertCopyDeleteOriginal`, with the number of the original. C name: JET_prepInsertCopyReplaceOriginal.
    case insertCopyReplaceOriginal = 9
}

extension RowCursor {
    /// Whether an update is prepared.
    public var isPrepared: Bool { pending.kind != .none }

    /// Whether what is prepared is a new row.
    public var isInserting: Bool { pending.kind == .insert || pending.kind == .insertAndDelete }

    /// The record that is prepared, to be set.
    /// - Throws: `updateNotPrepared`.
    @inline(__always)
    public func preparedRecord() throws(JetError) -> RecordBuffer {
        guard pending.kind != .none else { throw .updateNotPrepared }
        return pending.buffer
    }

    // MARK: Before.

    /// Prepares an update. C name: JetPrepareUpdate.
    /// - Throws: `alreadyPrepared`; `updateNotPrepared` when there is nothing to cancel; `noCurrentRecord`,
    ///   `recordDeleted`, `writeConflict`; `notInTransaction` for copies at level 0; `outOfAutoincrementValues`.
    @inline(__always)
    public func prepare(_ preparation: Preparation) throws(JetError) {
        refresh()
        if preparation == .insert, pending.kind == .none {
            let shape = schema.shape
            pending.start(.insert, level: session.transaction.level)
            pending.buffer.startInsert(shape)
            if shape.autoincrement != nil || shape.version != nil { try setNumbers() }
            return
        }
        try prepareSlowly(preparation)
    }

    @inline(never)
    private func prepareSlowly(_ preparation: Preparation) throws(JetError) {
        if preparation == .cancel { return try cancelUpdate() }
        guard pending.kind == .none else { throw .alreadyPrepared }
        let level = session.transaction.level
        switch preparation {
        case .insert, .cancel: break
        case .replace, .replaceNoLock:
            let locks = preparation == .replace && level > 0
            if locks {
                try latchRecord()
                primary.release()
                try primary.lock(.writeLock)
            }
            try loadRecord(for: .replace)
            pending.start(locks ? .replace : .replaceUnlocked, level: level)
        case .readOnlyCopy:
            guard level > 0 else { throw .notInTransaction }
            try loadRecord(for: .replace)
            pending.start(.readOnly, level: level)
        case .insertCopy, .insertCopyDeleteOriginal, .insertCopyReplaceOriginal:
            guard level > 0 else { throw .notInTransaction }
            if preparation != .insertCopy {
                try latchRecord()
                primary.release()
                try primary.lock(.writeLock)
            }
            try loadRecord(for: .insert)
            pending.start(preparation == .insertCopy ? .insert : .insertAndDelete, level: level)
            do throws(JetError) {
                if preparation != .insertCopyReplaceOriginal { try setNumbers() }
                try shareLongValues()
            } catch {
                try? cancelUpdate()
                throw error
            }
        }
    }

    /// Copies the row into the buffer, and keeps it as it was.
    private func loadRecord(for update: RecordUpdate) throws(JetError) {
        try latchRecord()
        defer { primary.release() }
        let data = primary.data
        try pending.buffer.load(data.buffer, schema.shape, for: update)
        pending.keep(data, key: primary.key)
    }

    /// Sets what the engine numbers in a new row.
    private func setNumbers() throws(JetError) {
        let shape = schema.shape
        do throws(JetError) {
            if let key = shape.autoincrement, let column = shape.column(key) {
                let size = Int(column.maximumByteCount)
                let number = try table.nextAutoincrement(greatest: column.greatestAutoincrement) {
                    () throws(JetError) in
                    try greatestAutoincrement(key, size)
                }
                try setByEngine(key, number, size)
            }
            if let key = shape.version, let column = shape.column(key) {
                try setByEngine(key, 0, Int(column.maximumByteCount))
            }
        } catch {
            pending.end()
            throw error
        }
    }

    /// Changes the number that the row has in a column of the engine's. In a transaction.
    func replaceNumber(_ key: ColumnKey, _ number: UInt64, _ size: Int) throws(JetError) {
        try prepare(.replace)
        do throws(JetError) {
            try setByEngine(key, number, size)
            try update()
        } catch {
            try? cancelUpdate()
            throw error
        }
    }

    func setByEngine(_ key: ColumnKey, _ number: UInt64, _ size: Int) throws(JetError) {
        var bytes = number.littleEndian
        var failure: JetError?
        withUnsafeBytes(of: &bytes) { bytes in
            do throws(JetError) {
                try pending.buffer.setByEngine(key, UnsafeRawBufferPointer(rebasing: bytes.prefix(size)))
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The greatest number that any row has: that of the last one in an order that begins with it, else all are read.
    private func greatestAutoincrement(_ key: ColumnKey, _ size: Int) throws(JetError) -> UInt64 {
        func leads(_ definition: IndexDefinition) -> Bool {
            guard let first = definition.segments.first, definition.conditions.isEmpty else { return false }
            return ColumnKey(first.column, isFromTemplate: first.isFromTemplate) == key && !first.isDescending
        }
        let cursor = RowCursor(table, session)
        var isSorted = schema.primary.map { leads($0.index) } ?? false
        if !isSorted, let index = schema.indexes.first(where: { leads($0.definition) && !$0.state.isUncommitted }) {
            try cursor.setIndex(index)
            isSorted = true
        }
        var greatest: UInt64 = 0
        var isThere = try isSorted ? cursor.last() : cursor.first()
        while isThere {
            try cursor.withRecord { (record) throws(JetError) in
                let field = try record.field(key)
                var number: UInt64 = 0
                for byte in field.bytes.prefix(size).reversed() { number = number << 8 | UInt64(byte) }
                if number >> UInt64(8 * size - 1) == 0 { greatest = max(greatest, number) }
            }
            if isSorted { break }
            isThere = try cursor.next()
        }
        return greatest
    }

    /// Drops the update, with all long values it made. C name: JET_prepCancel.
    /// - Throws: `updateNotPrepared`; what undoing throws.
    public func cancelUpdate() throws(JetError) {
        guard pending.kind != .none else { throw .updateNotPrepared }
        let update = pending.update
        pending.end()
        if update != 0, session.transaction.level > 0 { try session.undo(update: update) }
    }

    // MARK: Writing.

    /// Writes what was prepared. C name: JetUpdate. In a transaction.
    ///
    /// The cursor stays where it is; `lastKey` is the bookmark of what was written.
    /// - Throws: `updateNotPrepared`; `keyDuplicate`, `nullKeyDisallowed`, `keyTruncated`, `nullInvalid`;
    /// `recordTooBig`;
    ///   `writeConflict`; `dataHasChanged` without a lock; what trees, versions and log throw. Then nothing was
    ///   changed, and the update is still prepared.
    @inline(__always)
    public func update() throws(JetError) {
        precondition(session.transaction.level > 0, "rows change in transactions")
        table.updates.enter()
        defer { table.updates.leave() }
        refresh()
        if schema.hasObstacle { try schema.checkObstacle(session.transaction) }
        switch pending.kind {
        case .insert: try insertRow()
        case .none: throw .updateNotPrepared
        case .readOnly: throw .illegalOperation
        default: try changeRow()
        }
        pending.end()
    }

    /// The bookmark of the row that was written last. Lent until the next update.
    public var lastKey: Bytes { pending.key.pointee.bookmark.bytes }

    @inline(__always)
    private func insertRow() throws(JetError) {
        let buffer = pending.buffer
        let schema = schema
        // The schema may be newer than the one that the record was begun with.
        let record = try RecordView(buffer.bytes, shape: schema.shape)
        if !schema.required.isEmpty { try checkRequired(record, schema) }
        if schema.indexes.isEmpty, !pending.hasReleased {
            try withKey(of: record, schema) { (key) throws(JetError) in
                try primary.insert(Bookmark(key: key), data: Bytes(buffer.bytes))
                pending.key.pointee.set(key: BytePieces(key), data: Bytes.empty)
            }
            return
        }
        try atomically { (number) throws(JetError) in
            try withKey(of: record, schema) { (key) throws(JetError) in
                try primary.insert(Bookmark(key: key), data: Bytes(buffer.bytes), update: number)
                pending.key.pointee.set(key: BytePieces(key), data: Bytes.empty)
            }
            try insertEntries(of: record, key: pending.key.pointee.bookmark.bytes, number)
            for id in pending.released { try release(id, number) }
        }
        pending.released = []
    }

    /// Does what belongs together: if it fails, all of it is undone. Long values that the update made stay, since it
    /// remains prepared.
    private func atomically(_ body: (_ number: UInt32) throws(JetError) -> Void) throws(JetError) {
        let number = session.makeUpdateNumber()
        do throws(JetError) {
            try body(number)
        } catch {
            try session.undo(update: number)
            throw error
        }
    }

    private func checkRequired(_ record: RecordView, _ schema: TableSchema) throws(JetError) {
        for key in schema.required where try record.field(key).isNull { throw .nullInvalid }
    }

    /// Makes the key of a record, or takes the next number.
    @inline(__always)
    private func withKey(
        of record: RecordView, _ schema: TableSchema, _ body: (Bytes) throws(JetError) -> Void
    ) throws(JetError) {
        let memory = session.keyMemory
        if let primary = schema.primary {
            let result = try primary.makeKey(of: record, into: memory, session.scratch, longValues: longValueLender)
            try body(Bytes(UnsafeRawBufferPointer(rebasing: memory.prefix(result.byteCount))))
        } else {
            let number = try table.nextKey(session.worker)
            memory.storeBytes(of: number.bigEndian, as: UInt32.self)
            try body(Bytes(UnsafeRawBufferPointer(rebasing: memory.prefix(4))))
        }
    }

    /// Replaces a row, or puts a new one in its place.
    private func changeRow() throws(JetError) {
        let buffer = pending.buffer
        if pending.kind == .replaceUnlocked { try checkUnchanged() }
        let isInsert = pending.kind == .insertAndDelete
        if !isInsert, let key = schema.shape.version, let column = schema.shape.column(key) {
            let size = Int(column.maximumByteCount)
            let old = try RecordView(pending.originalBytes, shape: schema.shape).field(key)
            var number: UInt64 = 0
            for byte in old.bytes.prefix(size).reversed() { number = number << 8 | UInt64(byte) }
            try setByEngine(key, number &+ 1, size)
        }
        let record = try RecordView(buffer.bytes, shape: schema.shape)
        if !schema.required.isEmpty { try checkRequired(record, schema) }
        let changed = buffer.changed
        let old = try RecordView(pending.originalBytes, shape: schema.shape)
        var moves = isInsert
        if !isInsert, let plan = schema.primary, plan.isAffected(by: changed) {
            try withKey(of: record, schema) { (key) throws(JetError) in
                moves = Bytes.compare(key, pending.key.pointee.bookmark.bytes) != 0
            }
        }
        let isAffected = schema.indexes.contains { $0.plan.isAffected(by: changed) }
        guard moves || isAffected || pending.hasReleased else {
            return try writeRow(buffer, 0)
        }
        try atomically { (number) throws(JetError) in
            let oldKey = pending.key.pointee.bookmark.bytes.array()
            try oldKey.lend { (oldKey) throws(JetError) in
                if moves {
                    try deleteEntries(of: old, key: oldKey, number)
                    try placeOnRecord(oldKey)
                    try primary.delete(update: number)
                    if isInsert { for id in try longValues(of: old) { try release(id, number) } }
                    try withKey(of: record, schema) { (key) throws(JetError) in
                        try primary.insert(Bookmark(key: key), data: Bytes(buffer.bytes), update: number)
                        pending.key.pointee.set(key: BytePieces(key), data: Bytes.empty)
                    }
                    try insertEntries(of: record, key: pending.key.pointee.bookmark.bytes, number)
                } else {
                    try changeEntries(from: old, to: record, changed, key: oldKey, number)
                    try writeRow(buffer, number)
                }
                for id in pending.released { try release(id, number) }
            }
        }
        pending.released = []
    }

    private func writeRow(_ buffer: RecordBuffer, _ number: UInt32) throws(JetError) {
        try placeOnRecord(pending.key.pointee.bookmark.bytes)
        try primary.replace(Bytes(buffer.bytes), update: number)
    }

    /// Sees to it that `primary` stands on the record that was prepared.
    private func placeOnRecord(_ key: Bytes) throws(JetError) {
        if primary.isOnNode, Bytes.compare(primary.currentBookmark().bytes, key) == 0 { return }
        guard try primary.go(to: Bookmark(key: key)) else { throw .recordDeleted }
        primary.release()
        isOnRecord = true
    }

    /// Fails if the row is not as it was when the update was prepared.
    private func checkUnchanged() throws(JetError) {
        try placeOnRecord(pending.key.pointee.bookmark.bytes)
        try primary.latch()
        defer { primary.release() }
        guard Bytes.compare(primary.data, Bytes(pending.originalBytes)) == 0 else { throw .dataHasChanged }
    }

    /// Deletes the row. The cursor stays where it was. C name: JetDelete. In a transaction.
    /// - Throws: `noCurrentRecord`, `recordDeleted`, `writeConflict`, what trees, versions and log throw.
    public func delete() throws(JetError) {
        precondition(session.transaction.level > 0, "rows change in transactions")
        table.updates.enter()
        defer { table.updates.leave() }
        refresh()
        if schema.hasObstacle { try schema.checkObstacle(session.transaction) }
        if pending.kind != .none { try cancelUpdate() }
        try latchRecord()
        pending.keep(primary.data, key: primary.key)
        primary.release()
        let old = try RecordView(pending.originalBytes, shape: schema.shape)
        let names = try longValues(of: old)
        guard !schema.indexes.isEmpty || !names.isEmpty else { return try primary.delete() }
        try atomically { (number) throws(JetError) in
            // The record first: who may not change it learns so before anything else is done.
            try primary.delete(update: number)
            try deleteEntries(of: old, key: pending.key.pointee.bookmark.bytes, number)
            for id in names { try release(id, number) }
        }
    }

    // MARK: Reading and locking.

    /// Lends the record of the row, as the transaction sees it.
    /// - Throws: `noCurrentRecord`, `recordDeleted`; what `body` throws.
    @inline(__always)
    public func withRecord<Result>(
        _ body: (RecordView) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        refresh()
        try latchRecord()
        defer { primary.release() }
        return try body(try RecordView(primary.data.buffer, state.pointee.tables))
    }

    /// Keeps others from changing the row before the transaction ends. C name: JetGetLock. In a transaction.
    /// - Throws: `writeConflict`, `noCurrentRecord`, `recordDeleted`.
    public func lockRow(forWriting: Bool) throws(JetError) {
        try latchRecord()
        primary.release()
        try primary.lock(forWriting ? .writeLock : .readLock)
    }
}

extension RecordColumn {
    /// The greatest number that the engine gives in the column.
    var greatestAutoincrement: UInt64 {
        maximumByteCount == 8 ? UInt64(Int64.max) : type == .unsignedLong ? 0xffff_ffff : 0x7fff_ffff
    }
}
