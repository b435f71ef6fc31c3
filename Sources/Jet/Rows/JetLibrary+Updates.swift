// Layer: Jet. Uses: JetCursor, ESEEngine (RowCursor, SessionStore). Used by: JetABI.
// Rows are prepared, set, written, deleted, locked.

public import ESEEngine
import ESEFormat

extension JetCursorCall {
    /// Whether rows may be changed now. JET_errPermissionDenied, JET_errTransReadOnly.
    @inline(__always)
    func checkWritable() throws(JetError) {
        if cursor.isReadOnly { throw .permissionDenied }
        let transaction = rows.session.transaction
        if transaction.level > 0, transaction.isReadOnly { throw .transReadOnly }
    }

    /// Runs `body` in the session's transaction, or in one of its own if there is none.
    @inline(__always)
    func inTransaction(_ body: () throws(JetError) -> Void) throws(JetError) {
        if session.level > 0 { return try body() }
        try alone(body)
    }

    @inline(never)
    private func alone(_ body: () throws(JetError) -> Void) throws(JetError) {
        let store = cursor.work.store
        do throws(JetError) {
            try store.alone(session.commitDefault, body)
        } catch {
            // What could not be undone stays so until it is recovered.
            if store.level > 0 { cursor.work.instance.engine.gate.makeUnavailable(.fatalError) }
            throw error
        }
    }
}

extension JetLibrary {
    /// Prepares an update. JET_errInvalidParameter for a number that is none of JetPrepareUpdate's,
    /// JET_errAlreadyPrepared, JET_errUpdateNotPrepared, JET_errNoCurrentRecord, JET_errWriteConflict …
    /// C name: JetPrepareUpdate.
    @inline(__always)
    public func prepareUpdate(_ session: UInt, _ cursor: UInt, _ number: UInt32) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            if number == Preparation.insert.rawValue {
                try call.checkWritable()
                return try call.rows.prepare(.insert)
            }
            try Self.prepareSlowly(call, number)
        }
    }

    @inline(never)
    private static func prepareSlowly(_ call: JetCursorCall, _ number: UInt32) throws(JetError) {
        guard let preparation = Preparation(rawValue: number), preparation != .readOnlyCopy else {
            throw .invalidParameter
        }
        if preparation != .cancel { try call.checkWritable() }
        try call.rows.prepare(preparation)
    }

    // MARK: Setting.

    private static let setBits: SetOptions = [
        .append, .overwrite, .setSize, .zeroLength, .separate, .unique, .uniqueNormalized, .revertToDefault, .intrinsic,
        .uncompressed, .compressed, .contiguous,
    ]

    /// Sets a column of the row that is prepared. Errors of `RowCursor.set`; JET_errInvalidGrbit,
    /// JET_errBadColumnId; JET_wrnColumnMaxTruncated. C name: JetSetColumn.
    @inline(__always)
    public func setColumn(
        _ session: UInt, _ cursor: UInt, _ column: UInt32, _ start: UnsafeRawPointer?, byteCount: UInt32,
        _ bits: UInt32, occurrence: UInt32 = 1, offset: UInt32 = 0
    ) throws(JetError) -> JetWarning? {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try Self.set(call, column, start, byteCount, bits, occurrence, offset)
        }
    }

    @inline(__always)
    private static func set(
        _ call: JetCursorCall, _ column: UInt32, _ start: UnsafeRawPointer?, _ byteCount: UInt32, _ bits: UInt32,
        _ occurrence: UInt32, _ offset: UInt32
    ) throws(JetError) -> JetWarning? {
        let options = SetOptions(rawValue: bits)
        if bits != 0, !options.isSubset(of: setBits) { throw .invalidGrbit }
        do throws(JetError) {
            let isCut = try call.rows.set(
                ColumnKey(rawValue: column), start, byteCount: Int(byteCount), occurrence: Int(occurrence),
                offset: Int(offset), options: options)
            return isCut ? .columnMaxTruncated : nil
        } catch {
            throw columnError(error, column)
        }
    }

    /// JET_errBadColumnId instead of JET_errColumnNotFound for numbers that no column has.
    @inline(never)
    static func columnError(_ error: JetError, _ column: UInt32) -> JetError {
        guard error == .columnNotFound else { return error }
        let number = column & 0xffff
        return column & 0x7fff_0000 != 0 || number == 0 || number == 0xffff ? .badColumnId : error
    }

    /// One column of JetSetColumns.
    public struct ColumnValue {
        /// Its number. C name: columnid.
        public var column: UInt32
        /// The value. C names: pvData, cbData.
        public var start: UnsafeRawPointer?
        public var byteCount: UInt32
        /// C name: grbit.
        public var bits: UInt32
        /// C names: ibLongValue, itagSequence.
        public var offset: UInt32
        public var occurrence: UInt32

        /// Makes one.
        public init(
            column: UInt32, start: UnsafeRawPointer?, byteCount: UInt32, bits: UInt32, offset: UInt32,
            occurrence: UInt32
        ) {
            self.column = column
            self.start = start
            self.byteCount = byteCount
            self.bits = bits
            self.offset = offset
            self.occurrence = occurrence
        }
    }

    /// Sets columns one after the other, until one fails. C name: JetSetColumns.
    /// - Parameters:
    ///   - value: The columns, by their position.
    ///   - report: Is told what came of each.
    /// - Returns: The last one's warning.
    public func setColumns(
        _ session: UInt, _ cursor: UInt, count: Int, _ value: (Int) -> ColumnValue, _ report: (Int, Int32) -> Void
    ) throws(JetError) -> JetWarning? {
        try withCursor(session, cursor) { (call) throws(JetError) in
            guard call.rows.isPrepared else { throw .updateNotPrepared }
            var last: JetWarning?
            for index in 0..<count {
                let column = value(index)
                do throws(JetError) {
                    last = try Self.set(
                        call, column.column, column.start, column.byteCount, column.bits, column.occurrence,
                        column.offset)
                } catch {
                    report(index, error.rawValue)
                    throw error
                }
                report(index, last?.rawValue ?? 0)
            }
            return last
        }
    }

    // MARK: Writing.

    /// Writes what is prepared. Errors of `RowCursor.update`, JET_errBufferTooSmall for the bookmark of a new row.
    /// C names: JetUpdate, JetUpdate2.
    /// - Parameter buffer: Gets the row's bookmark; nil: nobody wants it.
    /// - Returns: How long the bookmark is.
    @inline(__always)
    public func update(
        _ session: UInt, _ cursor: UInt, bookmark buffer: UnsafeMutableRawBufferPointer? = nil
    ) throws(JetError) -> Int {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let rows = call.rows
            if call.session.level > 0 {
                if call.rows.session.transaction.isReadOnly { throw .transReadOnly }
                if buffer == nil {
                    do throws(JetError) {
                        try rows.update()
                    } catch {
                        if try Self.isDropped(call, error) { return 0 }
                        throw Self.updateError(error)
                    }
                    return rows.lastKey.byteCount
                }
            }
            return try Self.updateSlowly(call, buffer)
        }
    }

    @inline(never)
    private static func updateSlowly(
        _ call: JetCursorCall, _ buffer: UnsafeMutableRawBufferPointer?
    ) throws(JetError) -> Int {
        let rows = call.rows
        guard rows.isPrepared else { throw .updateNotPrepared }
        if let buffer, buffer.count < rows.greatestBookmarkByteCount, rows.isInserting {
            guard try rows.preparedKeyByteCount() <= buffer.count else { throw .bufferTooSmall }
        }
        do throws(JetError) {
            try call.inTransaction { () throws(JetError) in try rows.update() }
        } catch {
            if try isDropped(call, error) { return 0 }
            throw updateError(error)
        }
        let key = rows.lastKey
        return buffer.map { copy(key.buffer, into: $0) } ?? key.byteCount
    }

    /// Whether a new row was one of a sort, which has one with its key: it is gone then, and nobody is told.
    private static func isDropped(_ call: JetCursorCall, _ error: JetError) throws(JetError) -> Bool {
        guard error == .keyDuplicate, call.cursor.dropsDuplicates, call.rows.isInserting else { return false }
        try call.rows.cancelUpdate()
        return true
    }

    /// Another session was faster, whether the row was locked or not.
    private static func updateError(_ error: JetError) -> JetError { error == .dataHasChanged ? .writeConflict : error }

    /// Deletes the row; an update that is prepared is dropped. JET_errNoCurrentRecord, JET_errRecordDeleted,
    /// JET_errWriteConflict, JET_errAlreadyPrepared … C name: JetDelete.
    public func delete(_ session: UInt, _ cursor: UInt) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try call.checkWritable()
            let rows = call.rows
            if rows.isReplacingByInsert { throw .alreadyPrepared }
            try call.cancelUpdate()
            try call.inTransaction { () throws(JetError) in try rows.delete() }
        }
    }

    /// Adds to a counter. JET_errNotInTransaction, JET_errAlreadyPrepared, JET_errInvalidBufferSize,
    /// JET_errInvalidOperation, JET_errWriteConflict … C name: JetEscrowUpdate.
    /// - Parameters:
    ///   - delta: 4 bytes, or 8 of a long long column.
    ///   - old: Gets the number before, with what others have added and not committed.
    /// - Returns: How many bytes the number before has.
    public func escrowUpdate(
        _ session: UInt, _ cursor: UInt, _ column: UInt32, by delta: UnsafeRawBufferPointer,
        old: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        try withCursor(session, cursor) { (call) throws(JetError) in
            guard call.session.level > 0 else { throw .notInTransaction }
            try call.checkWritable()
            let key = ColumnKey(rawValue: column)
            if call.rows.isPrepared { throw .alreadyPrepared }
            guard let found = call.rows.schema.shape.column(key) else {
                throw Self.columnError(.columnNotFound, column)
            }
            guard found.flags.contains(.escrowUpdate) else { throw .invalidOperation }
            let size = Int(found.maximumByteCount)
            guard delta.count == size, old.isEmpty || old.count >= size else { throw .invalidBufferSize }
            let number: Int64 =
                size == 8 ? delta.loadUnaligned(as: Int64.self) : Int64(delta.loadUnaligned(as: Int32.self))
            let before = try call.rows.add(number, to: key).stored
            if old.count >= size {
                withUnsafeBytes(of: before.littleEndian) {
                    old.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(size)))
                }
            }
            return size
        }
    }

    // MARK: Locks.

    /// Keeps others from changing the row. JET_errNotInTransaction, JET_errInvalidGrbit, JET_errPermissionDenied,
    /// JET_errTransReadOnly, JET_errWriteConflict, JET_errNoCurrentRecord. C name: JetGetLock.
    public func lock(_ session: UInt, _ cursor: UInt, _ bits: UInt32) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            guard call.session.level > 0 else { throw .notInTransaction }
            switch bits & (RowBits.readLock | RowBits.writeLock) {
            case RowBits.readLock: try call.rows.lockRow(forWriting: false)
            case RowBits.writeLock:
                try call.checkWritable()
                try call.rows.lockRow(forWriting: true)
            default: throw .invalidGrbit
            }
        }
    }
}
