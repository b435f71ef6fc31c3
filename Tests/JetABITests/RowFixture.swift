// Support of the tests of rows: an instance of this process with a table of all kinds of columns, and short spellings of
// the calls.

import CJet
import ESEEngine
import ESEFormat
import JetABI
import Testing

@testable import Jet

/// An instance with a database and a table, terminated at the end of the object.
final class RowFixture {
    let running: Running
    let session: JET_SESID
    /// A cursor on the table.
    let rows: JET_TABLEID
    /// Columns by name.
    let columns: [String: JET_COLUMNID]

    static var request: TableRequest {
        var request = TableRequest("rows")
        request.columns = [
            ColumnRequest("id", .long, .notNull), ColumnRequest("number", .longLong),
            ColumnRequest("level", .long, defaultValue: [7, 0, 0, 0]),
            ColumnRequest("count", .long, .escrowUpdate, defaultValue: [0, 0, 0, 0]),
            ColumnRequest("auto", .long, .autoincrement), ColumnRequest("changes", .long, .version),
            ColumnRequest("name", .text, maximumByteCount: 20), ColumnRequest("tags", .long, [.tagged, .multivalued]),
            ColumnRequest("memo", .longText, .multivalued), ColumnRequest("blob", .longBinary),
        ]
        request.indexes = [
            IndexRequest("primary", on: ["+id"], [.primary, .unique, .disallowNull]),
            IndexRequest("byNumber", on: ["+number"]), IndexRequest("byName", on: ["+name"], [.unique, .ignoreNull]),
            IndexRequest("byTag", on: ["+tags"], .ignoreNull),
        ]
        return request
    }

    init(_ request: TableRequest = RowFixture.request) throws {
        let running = try Running()
        self.running = running
        let session = try running.session()
        self.session = session
        var columns: [String: JET_COLUMNID] = [:]
        let path = running.directory.path + "/data.edb"
        rows = try JetLibrary.shared.withSession(session) { (call) throws(JetError) in
            let store = call.session.work.store
            let catalog = try store.store.createDatabase(path, store).catalog()
            try call.session.begin(thread: call.thread.id)
            _ = try catalog.createTable(request, store.tables)
            try call.session.commit(thread: call.thread.id)
            let rows = try catalog.open(request.name, store.tables)
            for column in rows.schema.definition.columns {
                columns[column.name] = ColumnKey(column.id, isFromTemplate: column.isFromTemplate).rawValue
            }
            return try JetCursor.open(rows, call, in: JetLibrary.shared.table).handle
        }
        self.columns = columns
    }

    deinit { if !running.isOver { _ = running.terminate(JET_bitTermDirty) } }

    /// A session of its own with a cursor on the table, as JetOpenTable gives it.
    func other(isReadOnly: Bool = false) throws -> (session: JET_SESID, rows: JET_TABLEID) {
        let session = try running.session()
        let path = running.directory.path + "/data.edb"
        let rows = try JetLibrary.shared.withSession(session) { (call) throws(JetError) in
            let store = call.session.work.store
            let catalog = try store.store.open(path, store).database.catalog()
            var options = JetCursor.Options()
            options.isReadOnly = isReadOnly
            return try JetCursor.open(
                try catalog.open("rows", store.tables), call, in: JetLibrary.shared.table, options
            ).handle
        }
        return (session, rows)
    }

    func column(_ name: String) -> JET_COLUMNID { columns[name] ?? 0 }

    // MARK: Calls.

    func set<Number: FixedWidthInteger>(
        _ name: String, _ value: Number, occurrence: UInt32 = 1, on rows: JET_TABLEID? = nil
    ) -> JET_ERR {
        withUnsafeBytes(of: value.littleEndian) { set(name, Array($0), occurrence: occurrence, on: rows) }
    }

    func set(
        _ name: String, _ bytes: [UInt8], _ grbit: Int32 = 0, occurrence: UInt32 = 1, offset: UInt32 = 0,
        on rows: JET_TABLEID? = nil, session: JET_SESID? = nil
    ) -> JET_ERR {
        var info = JET_SETINFO()
        info.cbStruct = UInt32(MemoryLayout<JET_SETINFO>.size)
        info.itagSequence = occurrence
        info.ibLongValue = offset
        return bytes.withUnsafeBytes {
            JetSetColumn(
                session ?? self.session, rows ?? self.rows, column(name), $0.baseAddress, UInt32($0.count),
                JET_GRBIT(grbit), &info)
        }
    }

    func get(
        _ name: String, _ grbit: Int32 = 0, occurrence: UInt32 = 1, offset: UInt32 = 0, room: Int = 70_000,
        on rows: JET_TABLEID? = nil, session: JET_SESID? = nil
    ) -> (code: JET_ERR, bytes: [UInt8], count: Int) {
        var info = JET_RETINFO()
        info.cbStruct = UInt32(MemoryLayout<JET_RETINFO>.size)
        info.itagSequence = occurrence
        info.ibLongValue = offset
        var bytes = [UInt8](repeating: 0xEE, count: room)
        var count: UInt32 = 0xFFFF
        let code = bytes.withUnsafeMutableBytes {
            JetRetrieveColumn(
                session ?? self.session, rows ?? self.rows, column(name), $0.baseAddress, UInt32($0.count), &count,
                JET_GRBIT(grbit), &info)
        }
        return (code, Array(bytes.prefix(Int(count))), Int(count))
    }

    func number(_ name: String, _ grbit: Int32 = 0, on rows: JET_TABLEID? = nil, session: JET_SESID? = nil) -> Int? {
        let value = get(name, grbit, room: 8, on: rows, session: session)
        guard value.code == JET_errSuccess else { return nil }
        let wide = value.bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return value.bytes.count == 4 ? Int(Int32(truncatingIfNeeded: wide)) : Int(Int64(bitPattern: wide))
    }

    func move(_ count: Int32, _ grbit: Int32 = 0) -> JET_ERR { JetMove(session, rows, count, JET_GRBIT(grbit)) }

    func prepare(_ prep: Int32) -> JET_ERR { JetPrepareUpdate(session, rows, UInt32(prep)) }

    func update() -> JET_ERR { JetUpdate(session, rows, nil, 0, nil) }

    func key<Number: FixedWidthInteger>(_ value: Number, _ grbit: Int32 = JET_bitNewKey) -> JET_ERR {
        withUnsafeBytes(of: value.littleEndian) {
            JetMakeKey(session, rows, $0.baseAddress, UInt32($0.count), JET_GRBIT(grbit))
        }
    }

    func seek(_ grbit: Int32) -> JET_ERR { JetSeek(session, rows, JET_GRBIT(grbit)) }

    func seek(id: Int32, _ grbit: Int32 = JET_bitSeekEQ) -> JET_ERR {
        let made = key(id)
        return made == JET_errSuccess ? seek(grbit) : made
    }

    func setIndex(_ name: String?, _ grbit: Int32 = 0) -> JET_ERR {
        JetSetCurrentIndex2(session, rows, name, JET_GRBIT(grbit))
    }

    /// Inserts a row in the session's transaction, or in one of its own.
    func insert(_ id: Int32, number: Int64? = nil, name: String? = nil, tags: [Int32] = []) -> JET_ERR {
        var code = prepare(JET_prepInsert)
        if code == JET_errSuccess { code = set("id", id) }
        if code == JET_errSuccess, let number { code = set("number", number) }
        if code == JET_errSuccess, let name { code = set("name", Array(name.utf8)) }
        for tag in tags where code == JET_errSuccess { code = set("tags", tag, occurrence: 0) }
        if code == JET_errSuccess { code = update() }
        if code != JET_errSuccess { _ = prepare(JET_prepCancel) }
        return code
    }

    /// All ids in the cursor's order.
    func ids() -> [Int] {
        var ids: [Int] = []
        var code = move(Int32.min)
        while code == JET_errSuccess {
            ids.append(number("id") ?? -1)
            code = move(1)
        }
        return ids
    }
}
