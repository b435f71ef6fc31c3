// Layer: ESE/Interface. Uses: RowCursor, Row. Used by: programs.
// Columns of a row that is being made or changed.
// Unsafe: bytes that callers lend are handed on with their count.

public import ESEEngine

/// A row that is being made or changed. Lent: it can't be kept.
public struct RowWriter: ~Copyable {
    let cursor: RowCursor
    let scratch: ValueScratch

    @inline(__always)
    init(_ cursor: RowCursor, _ scratch: ValueScratch) {
        self.cursor = cursor
        self.scratch = scratch
    }

    /// The row as it is so far, with the number that the engine gave it in a column of the option `autoincrement`.
    public var row: Row { Row(cursor, scratch, .copy) }

    /// Sets a column; nil is NULL. C name: JetSetColumn.
    /// - Parameter occurrence: Which of several values, from 1. NULL takes it away.
    /// - Throws: `columnTooBig`, `columnDoesNotFit` if it is longer than the column may be; `recordTooBig`;
    ///   `nullInvalid`; `columnNotUpdatable`; `unicodeTranslationFail` if the column's code page lacks a character;
    ///   what storage of long values throws.
    @inline(__always)
    public func set<Value: StoredValue>(
        _ column: Column<Value>, _ value: Value?, _ occurrence: Int = 1
    ) throws(JetError) {
        guard let value else {
            try cursor.set(column.key, nil, byteCount: 0, occurrence: occurrence)
            return
        }
        try value.withStored(codePage: column.codePage) { (bytes) throws(JetError) in
            _ = try cursor.set(
                column.key, bytes.baseAddress, byteCount: bytes.count, occurrence: occurrence,
                options: bytes.count == 0 ? .zeroLength : [])
        }
    }

    /// Adds a value to a column that may have several.
    @inline(__always)
    public func add<Value: StoredValue>(_ column: Column<Value>, _ value: Value) throws(JetError) {
        try set(column, value, 0)
    }

    /// Makes these the values of a column that may have several.
    public func set<Value: StoredValue>(_ column: Column<Value>, all values: [Value]) throws(JetError) {
        var count = try row.count(column)
        while count > values.count {
            try set(column, nil, count)
            count -= 1
        }
        for (place, value) in values.enumerated() { try set(column, value, place < count ? place + 1 : 0) }
    }

    /// Sets a column to bytes as they are stored.
    public func setBytes<Value: StoredValue>(
        _ column: Column<Value>, _ bytes: UnsafeRawBufferPointer, _ occurrence: Int = 1
    ) throws(JetError) {
        try cursor.set(
            column.key, bytes.baseAddress, byteCount: bytes.count, occurrence: occurrence,
            options: bytes.count == 0 ? .zeroLength : [])
    }

    /// Makes a column's default hold again.
    public func reset<Value: StoredValue>(_ column: Column<Value>) throws(JetError) {
        try cursor.set(column.key, nil, byteCount: 0, options: .revertToDefault)
    }

    // MARK: Long values.

    /// Puts bytes behind a long value's end. A value of any size can be stored so, part by part.
    /// C name: JET_bitSetAppendLV.
    public func append<Value: StoredValue>(
        _ column: Column<Value>, _ bytes: UnsafeRawBufferPointer, _ occurrence: Int = 1
    ) throws(JetError) {
        try cursor.set(
            column.key, bytes.baseAddress, byteCount: bytes.count, occurrence: occurrence, options: .append)
    }

    /// Puts a value behind a long value's end.
    public func append<Value: StoredValue>(
        _ column: Column<Value>, _ value: Value, _ occurrence: Int = 1
    ) throws(JetError) {
        try value.withStored(codePage: column.codePage) { (bytes) throws(JetError) in
            try append(column, bytes, occurrence)
        }
    }

    /// Writes over a part of a long value, perhaps beyond its end. C name: JET_bitSetOverwriteLV.
    /// - Throws: `columnNoChunk` if the value ends before `offset`; as `set`.
    public func overwrite<Value: StoredValue>(
        _ column: Column<Value>, at offset: Int, _ bytes: UnsafeRawBufferPointer, _ occurrence: Int = 1
    ) throws(JetError) {
        guard offset >= 0 else { throw .invalidParameter }
        try cursor.set(
            column.key, bytes.baseAddress, byteCount: bytes.count, occurrence: occurrence, offset: offset,
            options: .overwrite)
    }

    /// Cuts a long value, or puts zeros behind its end. C name: JET_bitSetSizeLV.
    public func resize<Value: StoredValue>(
        _ column: Column<Value>, to byteCount: Int, _ occurrence: Int = 1
    ) throws(JetError) {
        guard byteCount >= 0 else { throw .invalidParameter }
        try cursor.set(
            column.key, nil, byteCount: byteCount, occurrence: occurrence,
            options: byteCount == 0 ? [.setSize, .zeroLength] : .setSize)
    }
}
