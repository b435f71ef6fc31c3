// Layer: ESEExport/Sinks. Uses: SQLite. Used by: SQLiteSink.
// The few calls of SQLite that an export needs. Pointers go to SQLite only for the time of a call; SQLite copies what
// is bound (SQLITE_TRANSIENT), and checks every index itself.

internal import CSQLite
import ESEFormat
import PlatformIO

/// A database that is written.
final class SQLiteDatabase {
    private var handle: OpaquePointer?
    private var statement: OpaquePointer?

    /// Makes a database in a new file.
    init(creating path: String) throws(ExportError) {
        // Without a journal a database of somebody's would be at risk.
        guard !FileAccess.exists(path) else {
            throw .sqlite(operation: "make \(path)", reason: "there is a file of this name")
        }
        let result = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard result == SQLITE_OK else {
            let error = failure("open \(path)")
            sqlite3_close(handle)
            handle = nil
            throw error
        }
        // The file is new, and an export that fails is made again: no journal is needed.
        try run("PRAGMA journal_mode=OFF")
        try run("PRAGMA synchronous=OFF")
    }

    deinit {
        sqlite3_finalize(statement)
        sqlite3_close(handle)
    }

    func run(_ text: String) throws(ExportError) {
        guard sqlite3_exec(handle, text, nil, nil, nil) == SQLITE_OK else { throw failure("run \(text.prefix(80))") }
    }

    /// Prepares the statement that `step` runs.
    func prepare(_ text: String) throws(ExportError) {
        sqlite3_finalize(statement)
        statement = nil
        guard sqlite3_prepare_v2(handle, text, -1, &statement, nil) == SQLITE_OK else {
            throw failure("prepare \(text.prefix(80))")
        }
    }

    /// Runs the statement with what was bound, and forgets that.
    func step() throws(ExportError) {
        let result = sqlite3_step(statement)
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        guard result == SQLITE_DONE else { throw failure("insert a row") }
    }

    func bind(_ value: Int64, at index: Int) { sqlite3_bind_int64(statement, Int32(index), value) }

    func bind(_ value: Double, at index: Int) { sqlite3_bind_double(statement, Int32(index), value) }

    /// Binds well-formed UTF-8; false, and nothing, if it is longer than SQLite allows.
    func bind(text: [UInt8], at index: Int) -> Bool {
        text.withUnsafeBytes { bytes in
            sqlite3_bind_text64(
                statement, Int32(index), bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? Self.nothing,
                UInt64(bytes.count), oriel_sqlite_transient(), UInt8(SQLITE_UTF8)) == SQLITE_OK
        }
    }

    /// Binds bytes; false, and nothing, if they are more than SQLite allows.
    func bind(blob: RawSpan, at index: Int) -> Bool {
        guard blob.byteCount > 0 else {
            // A null pointer would be NULL.
            return sqlite3_bind_zeroblob(statement, Int32(index), 0) == SQLITE_OK
        }
        return blob.withUnsafeBytes { bytes in
            sqlite3_bind_blob64(
                statement, Int32(index), bytes.baseAddress, UInt64(bytes.count), oriel_sqlite_transient())
                == SQLITE_OK
        }
    }

    /// What an empty text points to; a null pointer would be NULL.
    nonisolated(unsafe) private static let nothing = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

    /// The most columns that a table may have.
    var columnLimit: Int { Int(sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, -1)) }

    private func failure(_ operation: String) -> ExportError {
        .sqlite(operation: operation, reason: String(cString: sqlite3_errmsg(handle)))
    }
}
