// Support of the tests of a whole instance against a model: rows of two tables in two databases, changed by several
// sessions in nested transactions, and what each of them must see.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

/// A row: columns of `FixtureRow`, a counter, and bytes that may be a long value.
struct ModelRow: Hashable {
    var row: FixtureRow
    var count: Int32 = 0
    var blob: [UInt8]?

    static let countKey = ColumnKey(ColumnID(3))
    static let blobKey = ColumnKey(ColumnID(257))

    static let request: TableRequest = {
        var request = TableRequest("rows")
        request.columns = [
            ColumnRequest("id", .long, .notNull), ColumnRequest("number", .longLong),
            ColumnRequest("count", .long, .escrowUpdate, defaultValue: [0, 0, 0, 0]),
            ColumnRequest("name", .text), ColumnRequest("tags", .long, [.tagged, .multivalued]),
            ColumnRequest("blob", .longBinary, .compressed),
        ]
        request.indexes = [
            IndexRequest("primary", on: ["+id"], [.primary, .unique, .disallowNull]),
            IndexRequest("byNumber", on: ["+number"]), IndexRequest("byName", on: ["-name"], .ignoreNull),
            IndexRequest("byTag", on: ["+tags", "+number"]),
        ]
        return request
    }()
}

/// A row's place: its table, from 0, and its number.
struct ModelKey: Hashable {
    var table: Int
    var id: Int32
}

typealias ModelState = [ModelKey: ModelRow]

/// What a transaction did, all levels down to one together.
struct ModelChanges {
    /// Rows written, nil: deleted.
    var rows: [ModelKey: ModelRow?] = [:]
    /// What was added to counters of rows that were not written.
    var deltas: [ModelKey: Int32] = [:]
}

/// What is committed, and which states a crash may leave.
final class SharedModel {
    private(set) var committed: ModelState = [:]
    /// When a row was last written, and when its counter was last changed.
    private var writes: [ModelKey: Int] = [:]
    private var additions: [ModelKey: Int] = [:]
    private(set) var time = 0
    /// States that a crash may leave; the first one is durable for sure.
    private(set) var possible: [ModelState] = [[:]]

    /// Whether the row was written, and whether its counter was changed, by a commit after a time.
    func isWritten(_ key: ModelKey, after begin: Int) -> Bool { (writes[key] ?? 0) > begin }
    func isAddedTo(_ key: ModelKey, after begin: Int) -> Bool { (additions[key] ?? 0) > begin }

    /// - Returns: Whether there is anything new in it, so that a durable commit has to write it.
    func commit(_ changes: ModelChanges) -> Bool {
        time += 1
        let old = committed
        for (key, row) in changes.rows {
            committed[key] = row
            writes[key] = time
        }
        for (key, delta) in changes.deltas {
            committed[key]?.count &+= delta
            additions[key] = time
        }
        let isNew = !changes.deltas.isEmpty || changes.rows.contains { old[$0.key] != $0.value }
        if isNew { possible.append(committed) }
        return isNew
    }

    /// All that was committed is durable.
    func settle() { possible = [committed] }

    /// A crash left this.
    func restart(with state: ModelState) {
        committed = state
        possible = [state]
        writes = [:]
        additions = [:]
    }
}

/// A session, and what it must see.
final class StoreModelSession {
    /// As the interfaces' cursors do.
    private final class Member: SessionMember {
        let cursor: RowCursor
        init(_ cursor: RowCursor) { self.cursor = cursor }
        func rollback(level: Int) { cursor.rolledBack(level: level) }
        func commit(level: Int) { cursor.committed(level: level) }
        func close() {}
    }

    let session: SessionStore
    let cursors: [RowCursor]
    /// The time at which the transaction began.
    var begin = 0
    /// What was committed then.
    var snapshot: ModelState = [:]
    /// What was done, for each level with all outer ones.
    var levels: [ModelChanges] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 8)

    init(_ session: SessionStore, _ catalogs: [Catalog]) throws {
        self.session = session
        cursors = try catalogs.map { try $0.open("rows", session.tables) }
        for cursor in cursors { _ = session.add(Member(cursor)) }
    }

    deinit { buffer.deallocate() }

    var isOpen: Bool { !levels.isEmpty }
    var changes: ModelChanges {
        get { levels.last ?? ModelChanges() }
        set { levels[levels.count - 1] = newValue }
    }

    /// What it sees of a row.
    func view(_ key: ModelKey) -> ModelRow? {
        if let written = changes.rows[key] { return written }
        guard var row = snapshot[key] else { return nil }
        row.count &+= changes.deltas[key] ?? 0
        return row
    }

    /// What it sees of a table.
    func view(table: Int) -> [ModelRow] {
        var keys = Set(snapshot.keys.filter { $0.table == table })
        keys.formUnion(changes.rows.keys.filter { $0.table == table })
        return keys.compactMap { view($0) }.sorted { $0.row.id < $1.row.id }
    }

    // MARK: The engine's side.

    /// The row that a cursor is on.
    func row(_ cursor: RowCursor) throws(JetError) -> ModelRow {
        var result = ModelRow(row: try cursor.row())
        let count = try cursor.retrieve(ModelRow.countKey, into: buffer)
        if !count.isNull { result.count = Int32(littleEndian: buffer.loadUnaligned(as: Int32.self)) }
        let blob = try cursor.retrieve(ModelRow.blobKey, into: buffer)
        if !blob.isNull { result.blob = [UInt8](buffer.prefix(blob.byteCount)) }
        return result
    }

    private func set(_ blob: [UInt8]?, _ cursor: RowCursor) throws(JetError) {
        guard let blob else { return _ = try cursor.set(ModelRow.blobKey, nil, byteCount: 0) }
        try blob.lend { (bytes: Bytes) throws(JetError) in
            _ = try cursor.set(
                ModelRow.blobKey, bytes.buffer.baseAddress, byteCount: blob.count,
                options: blob.isEmpty ? .zeroLength : [])
        }
    }

    /// Inserts a row, or puts it in place of the one that the cursor is on. Of the old row's blob only what is new is
    /// written, if `edit` says so.
    func write(_ row: ModelRow, over old: ModelRow?, _ cursor: RowCursor, edit: BlobEdit) throws(JetError) {
        try cursor.prepare(old == nil ? .insert : .replace)
        do throws(JetError) {
            try cursor.fill(row.row, setsID: old == nil)
            switch edit {
            case .set: try set(row.blob, cursor)
            case .keep: break
            case .append(let more):
                try more.lend { (bytes: Bytes) throws(JetError) in
                    _ = try cursor.set(
                        ModelRow.blobKey, bytes.buffer.baseAddress, byteCount: more.count, options: .append)
                }
            }
            try cursor.update()
        } catch {
            if cursor.isPrepared { try cursor.cancelUpdate() }
            throw error
        }
    }
}

/// How a blob is changed.
enum BlobEdit {
    case set
    case keep
    case append([UInt8])
}
