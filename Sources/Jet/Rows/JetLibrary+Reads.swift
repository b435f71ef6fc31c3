// Layer: Jet. Uses: JetCursor, ESEEngine (RowCursor). Used by: JetABI.
// Values of columns.

public import ESEEngine
import ESEFormat

/// What was read of a column.
public struct ReadColumn: Sendable {
    /// How many bytes the value has from the offset on.
    public var byteCount = 0
    /// JET_wrnColumnNull, JET_wrnBufferTruncated, or nil.
    public var warning: JetWarning?
    /// The column, which is another one than was asked for if that was 0.
    public var column: UInt32 = 0
    /// Which of the values, from 1; how many there are, if 0 was asked for.
    public var occurrence: UInt32 = 1
}

extension JetLibrary {
    private static let readBits =
        RowBits.retrieveCopy | RowBits.retrieveFromIndex | RowBits.retrieveFromPrimaryBookmark | RowBits.retrieveTag
        | RowBits.retrieveNull | RowBits.retrieveIgnoreDefault | RowBits.retrieveTuple
        // Hints, which need nothing done.
        | 0xD0

    /// Copies a column's value. JET_errBadColumnId, JET_errColumnNotFound, JET_errBadItagSequence,
    /// JET_errInvalidGrbit, JET_errNoCurrentRecord … C name: JetRetrieveColumn.
    @inline(__always)
    public func retrieveColumn(
        _ session: UInt, _ cursor: UInt, _ column: UInt32, into buffer: UnsafeMutableRawBufferPointer, _ bits: UInt32
    ) throws(JetError) -> (byteCount: Int, warning: JetWarning?) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            if bits != 0 || column == 0 {
                let result = try Self.readSlowly(call.rows, column, into: buffer, bits, occurrence: 1, offset: 0)
                return (result.byteCount, result.warning)
            }
            let value: RetrievedValue
            do throws(JetError) {
                value = try call.rows.retrieve(ColumnKey(rawValue: column), into: buffer)
            } catch {
                throw Self.columnError(error, column)
            }
            if value.isNull { return (0, .columnNull) }
            return (value.byteCount, value.byteCount > buffer.count ? .bufferTruncated : nil)
        }
    }

    /// The same of any of several values, from an offset on, or of column 0: any tagged column.
    public func retrieveColumn(
        _ session: UInt, _ cursor: UInt, _ column: UInt32, into buffer: UnsafeMutableRawBufferPointer, _ bits: UInt32,
        occurrence: UInt32, offset: UInt32
    ) throws(JetError) -> ReadColumn {
        guard occurrence > 0 else { throw .badItagSequence }
        return try withCursor(session, cursor) { (call) throws(JetError) in
            try Self.readSlowly(call.rows, column, into: buffer, bits, occurrence: occurrence, offset: offset)
        }
    }

    @inline(never)
    private static func readSlowly(
        _ rows: RowCursor, _ column: UInt32, into buffer: UnsafeMutableRawBufferPointer, _ bits: UInt32,
        occurrence: UInt32, offset: UInt32
    ) throws(JetError) -> ReadColumn {
        guard bits & ~readBits == 0 else { throw .invalidGrbit }
        let both = RowBits.retrieveFromIndex | RowBits.retrieveFromPrimaryBookmark
        if bits & both == both { throw .invalidGrbit }
        if bits & RowBits.retrieveTuple != 0, bits & RowBits.retrieveFromIndex == 0 { throw .invalidGrbit }
        let source: ValueSource = bits & RowBits.retrieveCopy != 0 ? .copy : .row
        var result = ReadColumn()
        result.column = column
        result.occurrence = occurrence
        if column == 0 {
            let found = try rows.taggedValue(Int(occurrence), from: source)
            guard let found else {
                result.warning = .columnNull
                return result
            }
            result.column = found.key.rawValue
            result.occurrence = UInt32(found.occurrence)
            if found.occurrence == 0 {
                result.warning = .columnNull
                return result
            }
        } else if bits & RowBits.retrieveFromIndex != 0 {
            try checkIndex(rows, column, bits)
            if source == .row || !rows.isPrepared {
                result.occurrence = UInt32(try rows.occurrenceInEntry(ColumnKey(rawValue: column)))
            }
        }
        let value: RetrievedValue
        do throws(JetError) {
            value = try rows.retrieve(
                ColumnKey(rawValue: result.column), into: buffer, occurrence: Int(result.occurrence),
                offset: Int(offset), from: source, ignoresDefault: bits & RowBits.retrieveIgnoreDefault != 0)
        } catch {
            throw columnError(error, column)
        }
        if value.isNull {
            result.warning = .columnNull
        } else {
            result.byteCount = value.byteCount
            if value.byteCount > buffer.count { result.warning = .bufferTruncated }
        }
        return result
    }

    /// Values come from the record whatever they are asked for from; what can't be asked for is refused all the same.
    private static func checkIndex(_ rows: RowCursor, _ column: UInt32, _ bits: UInt32) throws(JetError) {
        guard let index = rows.index?.definition, index.flags.contains(.tuples) else { return }
        let key = ColumnKey(rawValue: column)
        guard let first = index.segments.first else { return }
        if ColumnKey(first.column, isFromTemplate: first.isFromTemplate) == key {
            throw .indexTuplesCannotRetrieveFromIndex
        }
    }

    /// One column of JetRetrieveColumns.
    public struct ColumnRead {
        /// C name: columnid.
        public var column: UInt32
        /// Gets the value. C names: pvData, cbData.
        public var buffer: UnsafeMutableRawBufferPointer
        /// C name: grbit.
        public var bits: UInt32
        /// C names: ibLongValue, itagSequence; value 0 asks how many there are.
        public var offset: UInt32
        public var occurrence: UInt32

        /// Makes one.
        public init(
            column: UInt32, buffer: UnsafeMutableRawBufferPointer, bits: UInt32, offset: UInt32, occurrence: UInt32
        ) {
            self.column = column
            self.buffer = buffer
            self.bits = bits
            self.offset = offset
            self.occurrence = occurrence
        }
    }

    /// Copies columns' values one after the other, until one fails. C name: JetRetrieveColumns.
    /// - Parameters:
    ///   - read: What is to be read, by its position.
    ///   - report: Is told what came of each: the value, or an error.
    /// - Returns: JET_wrnBufferTruncated if some value was.
    public func retrieveColumns(
        _ session: UInt, _ cursor: UInt, count: Int, _ read: (Int) -> ColumnRead,
        _ report: (Int, ReadColumn, JetError?) -> Void
    ) throws(JetError) -> JetWarning? {
        try withCursor(session, cursor) { (call) throws(JetError) in
            var warning: JetWarning?
            for index in 0..<count {
                let column = read(index)
                var result = ReadColumn()
                do throws(JetError) {
                    if column.occurrence == 0 {
                        result.column = column.column
                        result.occurrence = UInt32(try Self.valueCount(call.rows, column.column, column.bits))
                    } else {
                        result = try Self.readSlowly(
                            call.rows, column.column, into: column.buffer, column.bits, occurrence: column.occurrence,
                            offset: column.offset)
                    }
                } catch {
                    report(index, ReadColumn(), error)
                    throw error
                }
                if result.warning == .bufferTruncated { warning = .bufferTruncated }
                report(index, result, nil)
            }
            return warning
        }
    }

    private static func valueCount(_ rows: RowCursor, _ column: UInt32, _ bits: UInt32) throws(JetError) -> Int {
        guard bits & ~readBits == 0 else { throw .invalidGrbit }
        let source: ValueSource = bits & RowBits.retrieveCopy != 0 ? .copy : .row
        do throws(JetError) {
            if column == 0 { return try rows.taggedValueCount(from: source) }
            return try rows.valueCount(
                ColumnKey(rawValue: column), from: source, ignoresDefault: bits & RowBits.retrieveIgnoreDefault != 0)
        } catch {
            throw columnError(error, column)
        }
    }
}
