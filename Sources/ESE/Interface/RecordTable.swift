// Layer: ESE/Interface. Uses: TableCursor. Used by: programs.
// Rows as values of a Swift type. Nothing is looked up by name after the columns were found once.

public import ESEEngine

/// The columns of a table that a type's values are made of.
public protocol RecordColumns: Sendable {
    /// Finds them. Errors of `TableCursor.column`.
    init(_ table: TableCursor) throws(JetError)
}

/// A type whose values are rows.
public protocol TableRecord {
    /// The columns.
    associatedtype Columns: RecordColumns
    /// The table, for `RecordTable.init(_:)` that makes it.
    static var table: TableSpec { get }
    /// Makes a value of a row.
    init(_ row: borrowing Row, _ columns: Columns) throws(JetError)
    /// Sets a row's columns.
    func write(to row: borrowing RowWriter, _ columns: Columns) throws(JetError)
}

/// An open table whose rows are values of a type. Rules of threads and transactions are those of `TableCursor`.
public struct RecordTable<Record: TableRecord>: Sendable {
    /// The table.
    public let cursor: TableCursor
    /// The columns.
    public let columns: Record.Columns

    /// Takes an open table.
    public init(_ cursor: TableCursor) throws(JetError) {
        self.cursor = cursor
        columns = try Record.Columns(cursor)
    }

    /// Opens the type's table, which is made if it is missing.
    public init(in database: SessionDatabase) throws(JetError) { try self.init(try database.table(Record.table)) }

    /// Inserts a row. In a transaction. Errors of `TableCursor.insert`.
    public func insert(_ record: Record) throws(JetError) {
        let columns = columns
        try cursor.insert { (row) throws(JetError) in try record.write(to: row, columns) }
    }

    /// Puts a value in the place of the row that the cursor is on. In a transaction.
    public func replace(_ record: Record) throws(JetError) {
        let columns = columns
        try cursor.replace { (row) throws(JetError) in try record.write(to: row, columns) }
    }

    /// The row that the cursor is on. `noCurrentRecord`, `recordDeleted`.
    public func current() throws(JetError) -> Record {
        let columns = columns
        return try cursor.withRow { (row) throws(JetError) in try Record(row, columns) }
    }

    /// The first row with these values in the key columns of the cursor's order, which goes there; nil if there is
    /// none.
    public func find(_ values: [KeyValue]) throws(JetError) -> Record? {
        let columns = columns
        var found: Record?
        try cursor.scan(equal: values) { (row) throws(JetError) in
            found = try Record(row, columns)
            return false
        }
        return found
    }

    /// Hands out the rows of a range until `body` says false. See `TableCursor.scan`.
    @discardableResult
    public func scan(
        from lower: KeyBound? = nil, to upper: KeyBound? = nil, backward isBackward: Bool = false,
        _ body: (Record) throws(JetError) -> Bool
    ) throws(JetError) -> Int {
        let columns = columns
        return try cursor.scan(from: lower, to: upper, backward: isBackward) { (row) throws(JetError) in
            try body(try Record(row, columns))
        }
    }

    /// The rows of a range.
    public func all(from lower: KeyBound? = nil, to upper: KeyBound? = nil) throws(JetError) -> [Record] {
        var result: [Record] = []
        try scan(from: lower, to: upper) { (record) throws(JetError) in
            result.append(record)
            return true
        }
        return result
    }
}
