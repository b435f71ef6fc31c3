// Layer: Jet. Uses: JetCursor, ESEEngine (RowCursor, TableIndex). Used by: JetABI.
// The index whose order a cursor has; counting.

public import ESEEngine
import ESEFormat

/// What JET_INDEXID holds: numbers that stay those of an index as long as it is there.
public struct IndexIdentity: Hashable, Sendable {
    /// The number of its table's tree.
    public var table: UInt
    /// The number of its tree; that of the table for the primary index.
    public var object: UInt32
    /// The root page of its tree.
    public var root: UInt32

    /// Makes one of what a caller gave.
    public init(table: UInt, object: UInt32, root: UInt32) {
        self.table = table
        self.object = object
        self.root = root
    }

    /// That of a secondary index of a table, or of its primary one.
    public init(_ index: TableIndex?, of table: Table) {
        let tree = index?.tree ?? table.tree
        self.init(table: UInt(table.objectID.rawValue), object: tree.objectID.rawValue, root: tree.root.rawValue)
    }
}

extension JetLibrary {
    /// Which index a call means.
    public enum IndexChoice: Sendable {
        /// That of a name, or for an empty one the order of records.
        case named(String)
        /// That of an identity.
        case identified(IndexIdentity)
    }

    /// Changes to the order of an index. JET_errIndexNotFound, JET_errInvalidIndexId, JET_errInvalidName,
    /// JET_errInvalidGrbit; JET_errNoCurrentRecord and JET_errBadItagSequence when the cursor is to stay on its row.
    /// C names: JetSetCurrentIndex, 2, 3, 4.
    public func setCurrentIndex(
        _ session: UInt, _ cursor: UInt, _ choice: IndexChoice, _ bits: UInt32 = 0, occurrence: UInt32 = 1
    ) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            guard bits & ~RowBits.noMove == 0 else { throw .invalidGrbit }
            let rows = call.rows
            try call.cancelUpdate()
            let index = try Self.find(choice, rows)
            guard bits == RowBits.noMove else {
                if index !== rows.index { try rows.setIndex(index) }
                rows.deferFirst()
                rows.searchKey.reset()
                return
            }
            do throws(JetError) {
                try rows.setIndex(index, stays: true, occurrence: Int(max(1, occurrence)))
            } catch {
                throw error == .recordNotFound ? .noCurrentRecord : error
            }
        }
    }

    private static func find(_ choice: IndexChoice, _ rows: RowCursor) throws(JetError) -> TableIndex? {
        let schema = rows.table.schema
        let transaction = rows.session.transaction
        switch choice {
        case .named(let name):
            if name.isEmpty || schema.isPrimary(name, transaction) { return nil }
            guard name.utf8.count <= 64 else { throw .invalidName }
            guard let index = schema.index(named: name, transaction) else { throw .indexNotFound }
            return index
        case .identified(let identity):
            if identity == IndexIdentity(nil, of: rows.table) { return nil }
            let index = schema.indexes.first {
                IndexIdentity($0, of: rows.table) == identity && $0.state.isVisible(to: transaction)
            }
            guard let index else { throw .invalidIndexId }
            return index
        }
    }

    /// The name of the index whose order the cursor has; empty if records are in the order in which they were inserted.
    /// C name: JetGetCurrentIndex.
    public func currentIndex(_ session: UInt, _ cursor: UInt) throws(JetError) -> String {
        try withCursor(session, cursor) { call in
            let schema = call.rows.table.schema
            guard let index = call.rows.index else {
                guard let primary = schema.definition.primaryIndex,
                    schema.isPrimary(primary.name, call.rows.session.transaction)
                else { return "" }
                return primary.name
            }
            return index.definition.name
        }
    }

    /// Counts rows from the cursor's on, with it, at most `limit` unless that is 0. JET_errNoCurrentRecord.
    /// C names: JetIndexRecordCount, JetIndexRecordCount2.
    public func countRows(_ session: UInt, _ cursor: UInt, limit: UInt64) throws(JetError) -> UInt64 {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try call.cancelUpdate()
            return try call.rows.count(upTo: limit)
        }
    }

    /// Tells whether another session has changed the row. JET_errWriteConflict, JET_errNoCurrentRecord.
    /// C name: JetGetCursorInfo.
    public func checkCursor(_ session: UInt, _ cursor: UInt) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            if try call.rows.wouldConflict() { throw .writeConflict }
        }
    }

    /// Checks the handles, for hints that need nothing done. C names: JetSetTableSequential, JetResetTableSequential,
    /// JetPrereadKeys.
    public func checkHandles(_ session: UInt, _ cursor: UInt) throws(JetError) {
        try withCursor(session, cursor) { _ in }
    }
}
