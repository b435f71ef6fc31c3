// Layer: Jet. Uses: JetSession, ESEEngine (RowCursor, HandleTable). Used by: the calls that take a cursor.
// A cursor of the C API: a handle, a row cursor, the session it belongs to.

public import ESEEngine

/// An open cursor. One thread at a time, as its session is. C name: JET_TABLEID; ESE's term: FUCB.
public final class JetCursor: SessionMember {
    /// What it may do, and what is to be done when it closes.
    struct Options {
        /// Changes get JET_errPermissionDenied. C name: JET_bitTableReadOnly, or the database is open for reading only.
        var isReadOnly = false
        /// A new row whose key is there already is dropped without a word, as in sorts.
        var dropsDuplicates = false
        /// Called before it is duplicated: takes what `onClose` will let go of once more.
        var onDuplicate: (() -> Void)?
        /// Called once when it is closed, in whatever way; lets go of locks on the table.
        var onClose: (() -> Void)?
    }

    /// Rows, in the order of an index.
    let rows: RowCursor
    /// What its session keeps.
    let work: JetSession
    /// C name: JET_TABLEID.
    private(set) var handle: UInt = 0
    /// Storage that others keep for the cursor. C names: JetSetLS, JetGetLS.
    var localStorage: UInt = .max

    private let table: HandleTable
    /// Its slot stays the session's while the cursor is open.
    private let entry: SessionEntry
    private let options: Options
    /// The level of the transaction that it was opened in.
    private var level: Int
    private var token: UInt64 = 0
    private(set) var isClosed = false

    private init(_ rows: RowCursor, _ call: JetCall, _ table: HandleTable, _ options: Options) {
        self.rows = rows
        work = call.session.work
        self.table = table
        entry = call.entry
        level = call.session.level
        self.options = options
    }

    /// Makes a cursor's handle, with the cursor on the first row; from now on it follows its session's transactions, and the session holds it.
    /// JET_errOutOfMemory: then `onClose` was not called.
    static func open(
        _ rows: RowCursor, _ call: JetCall, in table: HandleTable, _ options: Options = Options()
    ) throws(JetError) -> JetCursor {
        rows.deferFirst()
        let cursor = JetCursor(rows, call, table, options)
        cursor.handle = try table.makeCursor(cursor, session: call.entry)
        cursor.token = cursor.work.store.add(cursor)
        cursor.work.cursors.append(cursor)
        return cursor
    }

    /// Opens another one on the same table, before the first row in the order of records.
    func duplicate(_ call: JetCall) throws(JetError) -> JetCursor {
        options.onDuplicate?()
        do throws(JetError) {
            return try Self.open(RowCursor(rows.table, rows.session), call, in: table, options)
        } catch {
            options.onClose?()
            throw error
        }
    }

    /// Whether rows must not be changed.
    var isReadOnly: Bool { options.isReadOnly }
    /// Whether a new row whose key is there already is dropped.
    var dropsDuplicates: Bool { options.dropsDuplicates }

    // MARK: The session.

    /// See `SessionMember`.
    public func rollback(level: Int) {
        if self.level >= level { return close() }
        rows.rolledBack(level: level)
    }

    /// See `SessionMember`.
    public func commit(level: Int) {
        if self.level >= level { self.level = level - 1 }
        rows.committed(level: level)
    }

    /// Closes it: the handle is invalid, what was prepared is dropped. Closing again does nothing.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        // What cannot be undone now is undone when the transaction is rolled back.
        if rows.isPrepared { try? rows.cancelUpdate() }
        work.store.remove(token)
        work.cursors.removeAll { $0 === self }
        options.onClose?()
        _ = table.endCursor(handle, session: entry)
    }
}

/// A call that takes a cursor, while it is inside the session.
struct JetCursorCall {
    let session: JetSessionCore
    let entry: SessionEntry
    let thread: CallThread
    let cursor: JetCursor
    let rows: RowCursor

    /// The call as one of the session.
    var call: JetCall { JetCall(session: session, entry: entry, thread: thread) }
}

extension JetLibrary {
    /// Runs `body` inside a session with one of its cursors. Errors of `withSession`; JET_errInvalidTableId if the
    /// handle is no open cursor's; JET_errSesidTableIdMismatch if it is one of another session.
    @inline(__always)
    func withCursor<Result>(
        _ session: UInt, _ cursor: UInt, _ kind: SessionCall = .ordinary,
        _ body: (JetCursorCall) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        try withSession(session, kind) { (call) throws(JetError) in
            guard let pointer = table.cursorPointer(cursor, session: call.entry) else {
                throw table.isValid(cursor, .cursor) ? .sesidTableIdMismatch : .invalidTableId
            }
            // All cursors of this library's table are of this class, and the session keeps them while the call is inside.
            let found = Unmanaged<JetCursor>.fromOpaque(pointer).takeUnretainedValue()
            return try body(
                JetCursorCall(
                    session: call.session, entry: call.entry, thread: call.thread, cursor: found, rows: found.rows))
        }
    }

    /// Closes a cursor. C name: JetCloseTable.
    public func closeTable(_ session: UInt, _ cursor: UInt) throws(JetError) {
        try withCursor(session, cursor, .closeTable) { $0.cursor.close() }
    }

    /// Opens another cursor on the same table, before the first row, in the order of records. C name: JetDupCursor.
    public func duplicateCursor(_ session: UInt, _ cursor: UInt) throws(JetError) -> UInt {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try call.cursor.duplicate(call.call).handle
        }
    }
}
