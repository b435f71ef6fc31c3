// Layer: Jet. Uses: JetCursor, ESEEngine (RowCursor). Used by: JetABI.
// Where cursors go: moves, searches, ranges, bookmarks.

public import ESEEngine

/// Grbits of the calls on rows that have no option set in the engine.
public enum RowBits {
    /// C name: JET_bitMoveKeyNE.
    public static let moveKeyNE: UInt32 = 0x1
    /// C names: JET_bitSeekEQ, LT, LE, GE, GT.
    public static let seekEqual: UInt32 = 0x1
    public static let seekLess: UInt32 = 0x2
    public static let seekLessOrEqual: UInt32 = 0x4
    public static let seekGreaterOrEqual: UInt32 = 0x8
    public static let seekGreater: UInt32 = 0x10
    /// C name: JET_bitSetIndexRange.
    public static let setIndexRange: UInt32 = 0x20
    /// C name: JET_bitCheckUniqueness.
    public static let checkUniqueness: UInt32 = 0x40
    /// C names: JET_bitRange…
    public static let rangeInclusive: UInt32 = 0x1
    public static let rangeUpperLimit: UInt32 = 0x2
    public static let rangeInstantDuration: UInt32 = 0x4
    public static let rangeRemove: UInt32 = 0x8
    /// C name: JET_bitRetrieveCopy.
    public static let retrieveCopy: UInt32 = 0x1
    /// C name: JET_bitRetrieveFromIndex.
    public static let retrieveFromIndex: UInt32 = 0x2
    /// C name: JET_bitRetrieveFromPrimaryBookmark.
    public static let retrieveFromPrimaryBookmark: UInt32 = 0x4
    /// C name: JET_bitRetrieveTag.
    public static let retrieveTag: UInt32 = 0x8
    /// C name: JET_bitRetrieveNull.
    public static let retrieveNull: UInt32 = 0x10
    /// C name: JET_bitRetrieveIgnoreDefault.
    public static let retrieveIgnoreDefault: UInt32 = 0x20
    /// C name: JET_bitRetrieveTuple.
    public static let retrieveTuple: UInt32 = 0x800
    /// C name: JET_bitNoMove.
    public static let noMove: UInt32 = 0x2
    /// C name: JET_bitReadLock.
    public static let readLock: UInt32 = 0x1
    /// C name: JET_bitWriteLock.
    public static let writeLock: UInt32 = 0x2
}

extension JetCursorCall {
    /// Drops an update that is prepared, as moving does.
    @inline(__always)
    func cancelUpdate() throws(JetError) {
        if rows.isPrepared { try rows.cancelUpdate() }
    }
}

extension JetLibrary {
    /// JET_MoveFirst as a count.
    private static let moveFirst = Int32.min
    /// JET_MoveLast as a count.
    private static let moveLast = Int32.max

    /// Moves the cursor by rows, or to the first or last one. JET_errNoCurrentRecord. C name: JetMove.
    @inline(__always)
    public func move(_ session: UInt, _ cursor: UInt, _ count: Int32, _ bits: UInt32) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try call.cancelUpdate()
            if count == 1, bits & RowBits.moveKeyNE == 0 {
                guard try call.rows.next() else { throw .noCurrentRecord }
                return
            }
            try Self.moveSlowly(call.rows, count, byKey: bits & RowBits.moveKeyNE != 0)
        }
    }

    @inline(never)
    private static func moveSlowly(_ rows: RowCursor, _ count: Int32, byKey: Bool) throws(JetError) {
        switch count {
        case moveFirst: guard try rows.first() else { throw .noCurrentRecord }
        case moveLast: guard try rows.last() else { throw .noCurrentRecord }
        case 0: try rows.checkRow()
        default:
            var rest = count
            while rest > 0 {
                guard try byKey ? rows.nextKey() : rows.next() else { throw .noCurrentRecord }
                rest -= 1
            }
            while rest < 0 {
                guard try byKey ? rows.previousKey() : rows.previous() else { throw .noCurrentRecord }
                rest += 1
            }
        }
    }

    // MARK: Searches.

    /// Adds a key column to the search key. Errors of `SearchKey.add`. C name: JetMakeKey.
    @inline(__always)
    public func makeKey(
        _ session: UInt, _ cursor: UInt, _ value: UnsafeRawBufferPointer?, _ bits: UInt32
    ) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            try call.rows.makeKey(value, MakeKeyOptions(rawValue: bits))
        }
    }

    /// Searches the search key, which is gone after that. JET_errKeyNotMade, JET_errRecordNotFound,
    /// JET_wrnSeekNotEqual, JET_wrnUniqueKey; JET_errInvalidParameter if it isn't said how. C name: JetSeek.
    @inline(__always)
    public func seek(_ session: UInt, _ cursor: UInt, _ bits: UInt32) throws(JetError) -> JetWarning? {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let rows = call.rows
            guard bits == RowBits.seekEqual, rows.searchKey.isPrepared else { return try Self.seekSlowly(call, bits) }
            try call.cancelUpdate()
            defer { rows.searchKey.reset() }
            guard try rows.seek(.equal) == .equal else { throw .recordNotFound }
            return nil
        }
    }

    @inline(never)
    private static func seekSlowly(_ call: JetCursorCall, _ bits: UInt32) throws(JetError) -> JetWarning? {
        // The one that ESE looks for first counts if there are several.
        let kind: SeekKind
        if bits & RowBits.seekLess != 0 {
            kind = .less
        } else if bits & RowBits.seekLessOrEqual != 0 {
            kind = .lessOrEqual
        } else if bits & RowBits.seekGreaterOrEqual != 0 {
            kind = .greaterOrEqual
        } else if bits & RowBits.seekGreater != 0 {
            kind = .greater
        } else if bits & RowBits.seekEqual != 0 {
            kind = .equal
        } else {
            throw .invalidParameter
        }
        let rows = call.rows
        let key = rows.searchKey
        guard key.isPrepared else { throw .keyNotMade }
        try call.cancelUpdate()
        let result: SeekResult
        do throws(JetError) {
            result = try rows.seek(kind)
        } catch {
            key.reset()
            throw error
        }
        defer { key.reset() }
        guard result != .notFound else { throw .recordNotFound }
        if kind == .equal {
            if bits & RowBits.checkUniqueness != 0, rows.isIndexUnique { return .uniqueKey }
            if bits & RowBits.checkUniqueness != 0, try rows.isKeyUnique() { return .uniqueKey }
            if bits & RowBits.setIndexRange != 0 {
                guard try rows.setRange(isUpper: true, isInclusive: true) else { throw .noCurrentRecord }
            }
            return nil
        }
        return result == .notEqual && (kind == .greaterOrEqual || kind == .lessOrEqual) ? .seekNotEqual : nil
    }

    /// Limits moves by the search key, or takes the limit away. JET_errInvalidOperation, JET_errNoCurrentIndex,
    /// JET_errKeyNotMade, JET_errNoCurrentRecord. C name: JetSetIndexRange.
    public func setIndexRange(_ session: UInt, _ cursor: UInt, _ bits: UInt32) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let rows = call.rows
            if bits & RowBits.rangeRemove != 0 { return try rows.removeRange() }
            if rows.index == nil, rows.schema.primary == nil { throw .noCurrentIndex }
            guard
                try rows.setRange(
                    isUpper: bits & RowBits.rangeUpperLimit != 0, isInclusive: bits & RowBits.rangeInclusive != 0,
                    isForOnce: bits & RowBits.rangeInstantDuration != 0)
            else { throw .noCurrentRecord }
        }
    }

    /// Copies the row's key, or the search key. JET_errKeyNotMade, JET_errNoCurrentRecord; JET_wrnBufferTruncated, of
    /// the row's key only. C name: JetRetrieveKey.
    /// - Returns: How long it is, and a warning.
    public func retrieveKey(
        _ session: UInt, _ cursor: UInt, into buffer: UnsafeMutableRawBufferPointer, _ bits: UInt32
    ) throws(JetError) -> (byteCount: Int, warning: JetWarning?) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            if bits & RowBits.retrieveCopy != 0 {
                let key = try call.rows.searchKey.bytes()
                return (Self.copy(key, into: buffer), nil)
            }
            let count = Self.copy(try call.rows.key().buffer, into: buffer)
            return (count, count > buffer.count ? .bufferTruncated : nil)
        }
    }

    /// Copies as much as fits; returns how many bytes there are.
    @inline(__always)
    static func copy(_ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if let target = buffer.baseAddress, let start = bytes.baseAddress {
            target.copyMemory(from: start, byteCount: min(bytes.count, buffer.count))
        }
        return bytes.count
    }

    // MARK: Bookmarks.

    /// Copies the bookmark of the row's record. JET_errNoCurrentRecord. C name: JetGetBookmark.
    /// - Returns: How long it is; too long for the buffer is JET_errBufferTooSmall.
    public func bookmark(
        _ session: UInt, _ cursor: UInt, into buffer: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        try withCursor(session, cursor) { (call) throws(JetError) in
            Self.copy(try call.rows.bookmark().buffer, into: buffer)
        }
    }

    /// Goes to a record. JET_errInvalidBookmark, JET_errRecordDeleted, JET_errNoCurrentRecord if it has no entry in the
    /// current index. C name: JetGotoBookmark.
    public func goto(_ session: UInt, _ cursor: UInt, bookmark: UnsafeRawBufferPointer) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            guard !bookmark.isEmpty else { throw .invalidBookmark }
            try call.cancelUpdate()
            call.rows.searchKey.reset()
            do throws(JetError) {
                guard bookmark.count < 2_048 else { throw .recordDeleted }
                try call.rows.go(to: Bytes(bookmark))
            } catch {
                throw error == .recordNotFound ? .noCurrentRecord : error
            }
        }
    }

    /// Copies the entry's key and its record's bookmark. JET_errNoCurrentIndex, JET_errNoCurrentRecord.
    /// C name: JetGetSecondaryIndexBookmark.
    /// - Returns: How long both are; too long for a buffer is JET_errBufferTooSmall.
    public func secondaryBookmark(
        _ session: UInt, _ cursor: UInt, key: UnsafeMutableRawBufferPointer, record: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> (key: Int, record: Int) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let entry = try call.rows.entryBookmark()
            return (
                Self.copy(entry.key.buffer, into: key), Self.copy(try call.rows.bookmark().buffer, into: record)
            )
        }
    }

    /// Goes to an entry of the current index. JET_errNoCurrentIndex, JET_errInvalidBookmark, JET_errRecordDeleted.
    /// C name: JetGotoSecondaryIndexBookmark.
    public func goto(
        _ session: UInt, _ cursor: UInt, key: UnsafeRawBufferPointer, record: UnsafeRawBufferPointer,
        staysInGap: Bool
    ) throws(JetError) {
        try withCursor(session, cursor) { (call) throws(JetError) in
            let rows = call.rows
            guard rows.index != nil else { throw .noCurrentIndex }
            guard !key.isEmpty, rows.isIndexUnique || !record.isEmpty else { throw .invalidBookmark }
            try call.cancelUpdate()
            rows.searchKey.reset()
            try rows.go(toEntry: Bytes(key), record: Bytes(record), staysInGap: staysInGap)
        }
    }
}
