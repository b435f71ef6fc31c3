// Layer: ESE/Interface. Uses: RowCursor, Column. Used by: programs.
// Values out of the row that a cursor is on, and out of one that is prepared.
// Unsafe: the engine writes into the scratch memory no more than its size and says how much; what is lent out is that
// part, for the time of a call in which the memory neither grows nor goes.

public import ESEEngine

/// The row that a cursor is on. Lent: it can't be kept, and shows another row once the cursor moves.
public struct Row: ~Copyable {
    let cursor: RowCursor
    let scratch: ValueScratch
    let source: ValueSource

    @inline(__always)
    init(_ cursor: RowCursor, _ scratch: ValueScratch, _ source: ValueSource = .row) {
        self.cursor = cursor
        self.scratch = scratch
        self.source = source
    }

    /// A column's value; nil for NULL. C name: JetRetrieveColumn.
    /// - Parameter occurrence: Which of several values, from 1.
    /// - Throws: `recordDeleted` if another session deleted the row; `columnNotFound` if the column is gone;
    ///   `databaseCorrupted`, `decompressionFailed`, `columnNoEncryptionKey`; what storage throws.
    @inline(__always)
    public func value<Value: StoredValue>(
        _ column: Column<Value>, _ occurrence: Int = 1
    ) throws(JetError) -> Value? {
        try lend(column.key, occurrence) { (bytes) throws(JetError) in
            guard let value = Value(stored: bytes, codePage: column.codePage) else { throw .databaseCorrupted }
            return value
        }
    }

    /// A column's value, the first one; nil for NULL. Errors of `value(_:_:)`.
    @inline(__always)
    public subscript<Value: StoredValue>(_ column: Column<Value>) -> Value? {
        get throws(JetError) { try value(column) }
    }

    /// All values of a column that may have several.
    public func values<Value: StoredValue>(_ column: Column<Value>) throws(JetError) -> [Value] {
        var result: [Value] = []
        let count = try count(column)
        for occurrence in 1..<(count + 1) { if let value = try value(column, occurrence) { result.append(value) } }
        return result
    }

    /// How many values a column has; 0 for NULL.
    public func count<Value: StoredValue>(_ column: Column<Value>) throws(JetError) -> Int {
        try cursor.valueCount(column.key, from: source)
    }

    /// Lends the bytes of a value; nil, and `body` is not called, for NULL. Nothing is allocated for those that are
    /// shorter than the longest so far.
    public func withBytes<Value: StoredValue, Result>(
        _ column: Column<Value>, _ occurrence: Int = 1, _ body: (RawSpan) throws(JetError) -> Result
    ) throws(JetError) -> Result? {
        try lend(column.key, occurrence) { (bytes) throws(JetError) in
            // Lent for the time of the call.
            try body(RawSpan(_unsafeBytes: bytes))
        }
    }

    @inline(__always)
    private func lend<Result>(
        _ key: ColumnKey, _ occurrence: Int, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result? {
        let scratch = scratch
        if scratch.isLent { return try lendCopy(key, occurrence, body) }
        var found = try cursor.retrieve(key, into: scratch.memory, occurrence: occurrence, from: source)
        if found.isNull { return nil }
        // Another session can't make it longer: the transaction's view stays.
        while found.byteCount > scratch.memory.count {
            scratch.grow(to: found.byteCount)
            found = try cursor.retrieve(key, into: scratch.memory, occurrence: occurrence, from: source)
        }
        scratch.isLent = true
        defer { scratch.isLent = false }
        return try body(UnsafeRawBufferPointer(rebasing: scratch.memory.prefix(found.byteCount)))
    }

    /// For who reads a value while he is lent one.
    @inline(never)
    private func lendCopy<Result>(
        _ key: ColumnKey, _ occurrence: Int, _ body: (UnsafeRawBufferPointer) throws(JetError) -> Result
    ) throws(JetError) -> Result? {
        try Row(cursor, ValueScratch(), source).lend(key, occurrence, body)
    }

    // MARK: Long values.

    /// How many bytes a value has; nil for NULL.
    public func byteCount<Value: StoredValue>(
        _ column: Column<Value>, _ occurrence: Int = 1
    ) throws(JetError) -> Int? {
        let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        let found = try cursor.retrieve(column.key, into: none, occurrence: occurrence, from: source)
        return found.isNull ? nil : found.byteCount
    }

    /// Copies a part of a value, from an offset on, into a buffer.
    /// - Returns: How many bytes were copied; 0 at the end and for NULL.
    public func read<Value: StoredValue>(
        _ column: Column<Value>, _ occurrence: Int = 1, from offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        guard offset >= 0 else { throw .invalidParameter }
        let found = try cursor.retrieve(
            column.key, into: buffer, occurrence: occurrence, offset: offset, from: source)
        return found.isNull ? 0 : min(found.byteCount, buffer.count)
    }

    /// Lends a long value part by part, from its beginning.
    /// - Parameter partByteCount: How many bytes a part has, the last one less.
    public func forEachPart<Value: StoredValue>(
        of column: Column<Value>, _ occurrence: Int = 1, partByteCount: Int = 64 << 10,
        _ body: (RawSpan) throws(JetError) -> Void
    ) throws(JetError) {
        guard partByteCount > 0 else { throw .invalidParameter }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: partByteCount, alignment: 8)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try read(column, occurrence, from: offset, into: buffer)
            if count == 0 { return }
            try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer.prefix(count))))
            offset += count
        }
    }
}
