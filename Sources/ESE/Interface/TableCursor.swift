// Layer: ESE/Interface. Uses: Session, RowCursor. Used by: programs.
// An open table: a cursor that stands on one row at a time, in the order of one of the indexes.
// Unsafe: the scratch memory's owner gives it back, and lets nobody change it while it is lent.

public import ESEEngine
public import ESEFormat

/// An open table. Used by the thread that uses the session; rolling back the transaction that it was opened in closes
/// it, and rolling back any puts it before the first row. C name: JET_TABLEID.
public final class TableCursor: @unchecked Sendable {  // `Session.access`
    /// The session.
    public let session: Session
    /// What follows the session's transactions.
    private let member: Member
    /// Room for values.
    let scratch = ValueScratch()

    /// Follows the session's transactions for a cursor.
    private final class Member: SessionMember {
        var cursor: RowCursor?
        /// The transaction's level in which it was opened.
        var level: Int

        init(_ cursor: RowCursor, level: Int) {
            self.cursor = cursor
            self.level = level
        }

        func rollback(level: Int) {
            cursor?.rolledBack(level: level)
            if self.level >= level { cursor = nil }
        }

        func commit(level: Int) {
            cursor?.committed(level: level)
            if self.level >= level { self.level = level - 1 }
        }

        func close() { cursor = nil }
    }

    private let token: UInt64
    /// Whether the database is only to be read.
    private let isReadOnly: Bool

    init(_ session: Session, _ cursor: RowCursor, isReadOnly: Bool) throws(JetError) {
        self.session = session
        self.isReadOnly = isReadOnly
        let member = try session.access { () throws(JetError) in Member(cursor, level: session.engine.level) }
        self.member = member
        token = try session.access { () throws(JetError) in session.engine.add(member) }
    }

    deinit { try? close() }

    /// Closes it. Closing again does nothing. C name: JetCloseTable.
    public func close() throws(JetError) {
        try session.access { () throws(JetError) in
            guard let cursor = member.cursor else { return }
            if cursor.isPrepared { try cursor.cancelUpdate() }
            session.engine.remove(token)
            member.cursor = nil
        }
    }

    /// Does something with the engine's cursor, for what has no place in this API.
    /// - Throws: `invalidTableId` if it is closed; errors of `Session.access`; what `body` throws.
    @inline(__always)
    public func access<Result>(_ body: (RowCursor) throws(JetError) -> Result) throws(JetError) -> Result {
        try session.access { () throws(JetError) in
            guard let cursor = member.cursor else { throw .invalidTableId }
            return try body(cursor)
        }
    }

    /// The same, in a transaction.
    @inline(__always)
    func change<Result>(_ body: (RowCursor) throws(JetError) -> Result) throws(JetError) -> Result {
        try access { (cursor) throws(JetError) in
            try session.checkMayChange()
            if isReadOnly { throw .databaseFileReadOnly }
            return try body(cursor)
        }
    }

    // MARK: The schema.

    /// The table's name.
    public var name: String {
        get throws(JetError) { try access { (cursor) throws(JetError) in cursor.table.name } }
    }

    /// The names and types of the columns, in their order.
    public func columns() throws(JetError) -> [(name: String, type: ColumnType)] {
        try access { (cursor) throws(JetError) in
            cursor.table.columnInfo(cursor.session).map { ($0.definition.name, $0.definition.type) }
        }
    }

    /// The names of the indexes.
    public func indexNames() throws(JetError) -> [String] {
        try access { (cursor) throws(JetError) in
            cursor.table.indexInfo(cursor.session).map(\.definition.name)
        }
    }

    /// A column by its name, whatever its case, for values of a Swift type.
    /// - Throws: `columnNotFound`; `invalidColumnType` if its values are of another type.
    public func column<Value: StoredValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(JetError) -> Column<Value> {
        try access { (cursor) throws(JetError) in
            let found = cursor.table.schema.column(named: name, cursor.session.transaction)
            guard let found else { throw .columnNotFound }
            guard Value.fits(found.type) else { throw .invalidColumnType }
            return Column(
                key: ColumnKey(found.id, isFromTemplate: found.isFromTemplate), type: found.type,
                codePage: found.type.isText ? found.codePage : 0)
        }
    }

    /// Adds a column. Rows that are there have its default, or NULL. C name: JetAddColumn.
    /// - Throws: `columnDuplicate`, `invalidName`, `tooManyColumns` …; `writeConflict`; what storage throws.
    public func addColumn(_ spec: ColumnSpec) throws(JetError) {
        try define { (catalog, cursor) throws(JetError) in
            _ = try catalog.addColumn(spec.request, to: cursor.table, cursor.session)
        }
    }

    /// Deletes a column and its values. C name: JetDeleteColumn.
    /// - Throws: `columnNotFound`; `columnInUse` if an index needs it; `writeConflict`; what storage throws.
    public func deleteColumn(_ name: String) throws(JetError) {
        try define { (catalog, cursor) throws(JetError) in
            try catalog.deleteColumn(named: name, of: cursor.table, cursor.session)
        }
    }

    /// Makes an index of the rows that are there. C name: JetCreateIndex4.
    /// - Throws: `indexDuplicate`; `keyDuplicate`, `nullKeyDisallowed` of rows that are there; `invalidLanguageId` for
    ///   an order of text that isn't known; `writeConflict`; what storage throws.
    public func createIndex(_ spec: IndexSpec) throws(JetError) {
        try define { (catalog, cursor) throws(JetError) in
            try catalog.createIndex(spec.request, on: cursor.table, cursor.session)
        }
    }

    /// Deletes an index. C name: JetDeleteIndex.
    /// - Throws: `indexNotFound`; `indexInUse` while a cursor has its order; `writeConflict`; what storage throws.
    public func deleteIndex(_ name: String) throws(JetError) {
        try define { (catalog, cursor) throws(JetError) in
            try catalog.deleteIndex(named: name, of: cursor.table, cursor.session)
        }
    }

    private func define(_ body: (Catalog, RowCursor) throws(JetError) -> Void) throws(JetError) {
        try access { (cursor) throws(JetError) in
            let database = session.instance.store.database(cursor.table.database.slot.rawValue)
            try session.define(database) { () throws(JetError) in
                if let database { try body(try database.catalog(), cursor) }
            }
        }
    }
}

/// Memory for values that are read; grows to the greatest one.
final class ValueScratch {
    private(set) var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 8)
    /// Whether somebody was lent it.
    var isLent = false

    deinit { memory.deallocate() }

    func grow(to byteCount: Int) {
        precondition(!isLent, "what is lent stays")
        memory.deallocate()
        memory = .allocate(byteCount: byteCount, alignment: 8)
    }
}
