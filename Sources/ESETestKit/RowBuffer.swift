// Layer: ESETestKit. Uses: ColumnDefinition, RowValues. Used by: TableDescription's rows, RecordEncoder, index entries.
// One row's values in one flat run of bytes, so that a million rows can be made without as many small arrays.

public import ESEFormat

/// The values of a row that is to be written. Columns are meant by their position in the table's list.
public struct RowBuffer: RowValues, Sendable {
    /// Where a value of a LongText or LongBinary column goes.
    public enum Placement: Sendable {
        /// Out of the record if it is longer than 1,023 bytes or the record would not fit.
        case automatic
        /// Out of the record.
        case separated
    }

    /// The columns of the table, a template's first.
    public let columns: [ColumnDefinition]
    /// Whether the row's node and its entries in indexes are marked as deleted.
    public var isDeleted = false

    private var storage: [UInt8] = []
    private(set) var values: [StoredValue] = []
    private(set) var slots: [Slot]

    /// A value: where its bytes are.
    struct StoredValue {
        var range: Range<Int>
        var placement: Placement
    }

    /// What the row says of a column.
    enum Slot {
        /// Nothing: the default holds.
        case absent
        case null
        /// Positions in `values`.
        case values(Range<Int>)
    }

    /// A row that says nothing.
    public init(columns: [ColumnDefinition]) {
        self.columns = columns
        slots = Array(repeating: .absent, count: columns.count)
    }

    /// Forgets all values; keeps the room.
    public mutating func removeAll() {
        isDeleted = false
        storage.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = .absent }
    }

    // MARK: Setting values.

    /// Says that a column is NULL.
    public mutating func setNull(_ column: Int) { slots[column] = .null }

    /// Sets a column to bytes as a record stores them.
    public mutating func set(_ column: Int, bytes: RawSpan, placement: Placement = .automatic) {
        let start = storage.count
        storage.append(contentsOf: bytes, 0..<bytes.byteCount)
        finish(column, start, placement)
    }

    /// Sets a column to bytes as a record stores them.
    public mutating func set(_ column: Int, bytes: [UInt8], placement: Placement = .automatic) {
        let start = storage.count
        storage.append(contentsOf: bytes)
        finish(column, start, placement)
    }

    /// Sets a column to an integer of its size.
    public mutating func set<T: FixedWidthInteger>(_ column: Int, integer: T) {
        let start = storage.count
        storage.append(little: integer)
        finish(column, start, .automatic)
    }

    /// Sets a column to text in its code page.
    public mutating func set(_ column: Int, text: String, placement: Placement = .automatic) {
        let start = storage.count
        if columns[column].codePage == 1_200 {
            for unit in text.utf16 { storage.append(little: unit) }
        } else {
            for scalar in text.unicodeScalars { storage.append(UInt8(exactly: scalar.value) ?? 0x3f) }
        }
        finish(column, start, placement)
    }

    /// Sets a column to any value of its type.
    public mutating func set(_ column: Int, _ value: ColumnValue, placement: Placement = .automatic) {
        switch value {
        case .null: setNull(column)
        case .bit(let isTrue): set(column, integer: isTrue ? 0xff : 0 as UInt8)
        case .unsigned(let number): set(column, low: number)
        case .signed(let number): set(column, low: UInt64(bitPattern: number))
        case .single(let number): set(column, integer: number.bitPattern)
        case .double(let number), .dateTime(let number): set(column, integer: number.bitPattern)
        case .guid(let guid): set(column, bytes: guid.bytes)
        case .text(let text): set(column, text: text, placement: placement)
        case .binary(let bytes): set(column, bytes: bytes, placement: placement)
        }
    }

    /// Sets a tagged column to several values; none is NULL.
    public mutating func set(_ column: Int, values several: [ColumnValue], placement: Placement = .automatic) {
        let first = values.count
        for value in several { set(column, value, placement: placement) }
        slots[column] = several.isEmpty ? .null : .values(first..<values.count)
    }

    private mutating func set(_ column: Int, low number: UInt64) {
        let start = storage.count
        for index in 0..<(columns[column].type.fixedByteCount ?? 8) {
            storage.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index)))
        }
        finish(column, start, .automatic)
    }

    private mutating func finish(_ column: Int, _ start: Int, _ placement: Placement) {
        slots[column] = .values(values.count..<(values.count + 1))
        values.append(StoredValue(range: start..<storage.count, placement: placement))
    }

    // MARK: Reading values.

    /// Lends one of `values`.
    func withBytes<Failure: Error>(_ value: Int, _ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        try body(storage.span.bytes.extracting(values[value].range))
    }

    /// The bytes of one of `values`.
    func bytes(_ value: Int) -> [UInt8] { Array(storage[values[value].range]) }

    /// For keys: the value, or the column's default.
    public func withValue(
        of segment: IndexSegment, occurrence: Int, from offset: Int, limit: Int,
        _ body: (RawSpan?) throws(FormatError) -> Void
    ) throws(FormatError) {
        // A template's own indexes mark their columns differently, so the number alone will do as well.
        let column =
            columns.firstIndex { $0.id == segment.column && $0.isFromTemplate == segment.isFromTemplate }
            ?? columns.firstIndex { $0.id == segment.column }
        guard let column else { return try body(nil) }
        switch slots[column] {
        case .null: try body(nil)
        case .absent:
            guard occurrence == 1, let bytes = columns[column].defaultValue else { return try body(nil) }
            let span = bytes.span.bytes
            try body(span.extracting(min(offset, span.byteCount)..<span.byteCount))
        case .values(let several):
            guard occurrence <= several.count else { return try body(nil) }
            let range = values[several.lowerBound + occurrence - 1].range
            try body(storage.span.bytes.extracting(min(range.lowerBound + offset, range.upperBound)..<range.upperBound))
        }
    }
}
