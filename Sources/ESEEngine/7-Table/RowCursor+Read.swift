// Layer: ESEEngine/7-Table. Uses: RowCursor, RecordView, LongValues. Used by: the Swift API, the C API.
// Values out of rows: of the record, of what is prepared, or of the entry of an index.

import ESEFormat

/// What was read of a column.
public struct RetrievedValue: Hashable, Sendable {
    /// How many bytes the value has from the offset on; the buffer has as many of them as fit.
    public var byteCount: Int
    /// Whether there is no value. C name: JET_wrnColumnNull.
    public var isNull = false
    /// Whether it stands outside its record.
    public var isSeparated = false
    /// Whether it is the column's default.
    public var isDefault = false
    /// Whether the record has it compressed.
    public var isCompressed = false
}

/// Where a value is read.
public enum ValueSource: UInt8, Sendable {
    /// The row that the cursor is on.
    case row
    /// What is prepared; if nothing is, the row. C name: JET_bitRetrieveCopy.
    case copy
}

extension RowCursor {
    /// Copies a column's value, expanded, from an offset on into a buffer, as much of it as fits.
    /// C name: JetRetrieveColumn.
    /// - Parameters:
    ///   - occurrence: Which of several values, from 1.
    ///   - ignoresDefault: NULL where the record says nothing. C name: JET_bitRetrieveIgnoreDefault.
    /// - Throws: `columnNotFound`; `noCurrentRecord`, `recordDeleted`; `decompressionFailed`, `lvCorrupted`,
    ///   `columnNoEncryptionKey`; what trees throw.
    @inline(__always)
    public func retrieve(
        _ key: ColumnKey, into buffer: UnsafeMutableRawBufferPointer, occurrence: Int = 1, offset: Int = 0,
        from source: ValueSource = .row, ignoresDefault: Bool = false
    ) throws(JetError) -> RetrievedValue {
        refresh()
        if state.pointee.hasColumnStates { try checkVisible(key) }
        if source == .copy, pending.kind != .none {
            return try copy(
                try pending.buffer.view().field(key, occurrence: occurrence, ignoresDefault: ignoresDefault),
                into: buffer,
                offset)
        }
        try latchRecord()
        defer { primary.release() }
        let field = try RecordView(primary.data.buffer, state.pointee.tables).field(
            key, occurrence: occurrence, ignoresDefault: ignoresDefault)
        if state.pointee.hasCounters, !field.isNull, key.rawValue < 128, let column = schema.shape.column(key),
            column.flags.contains(.escrowUpdate)
        {
            return try copyEscrow(column, field, into: buffer, offset)
        }
        return try copy(field, into: buffer, offset)
    }

    /// Fails if the transaction does not see a column: it is deleted, or another transaction adds it.
    /// - Throws: `columnNotFound`.
    @inline(never)
    func checkVisible(_ key: ColumnKey) throws(JetError) { if !sees(key) { throw .columnNotFound } }

    /// Whether the transaction sees a column. True for numbers that no column has.
    public func sees(_ key: ColumnKey) -> Bool {
        let states = schema.columnStates
        guard !states.isEmpty, let column = schema.shape.column(key), let state = states[column.key] else {
            return true
        }
        return state.isVisible(to: session.transaction)
    }

    @inline(__always)
    private func copy(
        _ field: RecordField, into buffer: UnsafeMutableRawBufferPointer, _ offset: Int
    ) throws(JetError) -> RetrievedValue {
        if field.isNull { return RetrievedValue(byteCount: 0, isNull: true) }
        if field.isPlain {
            return RetrievedValue(
                byteCount: try field.copy(into: buffer, from: offset), isDefault: field.traits.contains(.isDefault))
        }
        return try copySlowly(field, into: buffer, offset)
    }

    @inline(never)
    private func copySlowly(
        _ field: RecordField, into buffer: UnsafeMutableRawBufferPointer, _ offset: Int
    ) throws(JetError) -> RetrievedValue {
        if let id = try field.longValueID() {
            guard let reader = longValueReader else { throw .lvCorrupted }
            let size = try reader.byteCount(of: id)
            if offset < size, !buffer.isEmpty { _ = try reader.read(id, from: offset, into: buffer) }
            return RetrievedValue(byteCount: max(0, size - offset), isSeparated: true)
        }
        return RetrievedValue(
            byteCount: try field.copy(into: buffer, from: offset), isDefault: field.traits.contains(.isDefault),
            isCompressed: field.traits.contains(.compressed))
    }

    /// Copies a counter as the transaction sees it: without what others added and have not committed for it.
    private func copyEscrow(
        _ column: RecordColumn, _ field: RecordField, into buffer: UnsafeMutableRawBufferPointer, _ offset: Int
    ) throws(JetError) -> RetrievedValue {
        if field.traits.contains(.isDefault) { return try copy(field, into: buffer, offset) }
        let number = try primary.number(at: Int(column.offset), byteCount: Int(column.maximumByteCount))
        var bytes = number.littleEndian
        return try withUnsafeBytes(of: &bytes) { (bytes) throws(JetError) in
            try copy(RecordField(bytes.baseAddress, Int(column.maximumByteCount)), into: buffer, offset)
        }
    }

    /// How many values a column has. C name: what JetRetrieveColumns says for itagSequence 0.
    public func valueCount(
        _ key: ColumnKey, from source: ValueSource = .row, ignoresDefault: Bool = false
    ) throws(JetError) -> Int {
        refresh()
        if state.pointee.hasColumnStates { try checkVisible(key) }
        if source == .copy, pending.kind != .none {
            return try pending.buffer.view().valueCount(key, ignoresDefault: ignoresDefault)
        }
        return try withRecord { (record) throws(JetError) in
            try record.valueCount(key, ignoresDefault: ignoresDefault)
        }
    }

    // MARK: Counters.

    /// Adds to a counter that several sessions may change at once. C name: JetEscrowUpdate.
    /// - Returns: The number before, as the transaction saw it.
    /// - Throws: `notInTransaction`; `columnNotFound`; `invalidOperation` if the column is no counter;
    /// `alreadyPrepared`
    ///   while an update is; `noCurrentRecord`, `recordDeleted`, `writeConflict`; what trees throw.
    public func escrow(_ key: ColumnKey, by delta: Int64) throws(JetError) -> Int64 {
        try add(delta, to: key).seen
    }

    /// The same; returns the number before as the transaction saw it, and as it stood on the page, with what others
    /// have
    /// added and not committed.
    public func add(_ delta: Int64, to key: ColumnKey) throws(JetError) -> (seen: Int64, stored: Int64) {
        guard session.transaction.level > 0 else { throw .notInTransaction }
        if pending.kind != .none { throw .alreadyPrepared }
        table.updates.enter()
        defer { table.updates.leave() }
        refresh()
        if state.pointee.hasColumnStates { try checkVisible(key) }
        guard let column = schema.shape.column(key) else { throw .columnNotFound }
        guard column.flags.contains(.escrowUpdate), column.storage == .fixed else { throw .invalidOperation }
        try latchRecord()
        let size = Int(column.maximumByteCount)
        let field: RecordField
        do throws(JetError) {
            field = try RecordView(primary.data.buffer, shape: schema.shape).field(key)
        } catch {
            primary.release()
            throw error
        }
        let isStored = !field.isNull && !field.traits.contains(.isDefault)
        var before: Int64 = 0
        if !isStored, field.bytes.count == size {
            for byte in field.bytes.reversed() { before = before << 8 | Int64(byte) }
            if size == 4 { before = Int64(Int32(truncatingIfNeeded: before)) }
        }
        primary.release()
        if isStored {
            let outcome = try primary.delta(
                at: Int(column.offset), byteCount: size, delta,
                deletesRecord: !column.flags.isDisjoint(with: ColumnFlags.deletesRecord))
            let stored = outcome.onPage &- delta
            return (outcome.before, size == 4 ? Int64(Int32(truncatingIfNeeded: stored)) : stored)
        }
        // An old record, from before there was the column: it gets the number by a change of its own.
        try prepare(.replace)
        do throws(JetError) {
            try setByEngine(key, UInt64(bitPattern: before &+ delta), size)
            try primary.replace(Bytes(pending.buffer.bytes))
        } catch {
            try cancelUpdate()
            throw error
        }
        pending.end()
        return (before, before)
    }
}
