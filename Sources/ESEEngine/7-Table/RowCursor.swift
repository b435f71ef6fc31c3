// Layer: ESEEngine/7-Table. Uses: Table, TableSession, TreeCursor. Used by: the Swift API, the C API, the catalog.
// A cursor over the rows of a table, in the order of one of its indexes: where it stands, and moves.
//
// Between calls no latch is held. Entries of secondary indexes name their record; the record is looked up when it is
// asked for.

import ESEFormat
import Synchronization

/// A cursor over rows. One thread at a time. ESE's term: FUCB.
public final class RowCursor {
    /// Who uses it.
    public let session: TableSession
    /// The table.
    public let table: Table
    /// The search key.
    public let searchKey = SearchKey()

    /// Records.
    let primary: TreeCursor
    /// An update that is being prepared.
    let pending: PendingUpdate
    /// What changes with every move, in memory of its own: so that using it costs no checks of access.
    let state: UnsafeMutablePointer<State>

    /// The schema that the last call saw.
    public private(set) var schema: TableSchema
    /// The secondary index whose order it has; nil: that of the records.
    public private(set) var index: TableIndex?
    /// Keeps the index from being deleted.
    private var indexUse: IndexUse?
    /// Entries of the index; nil in the order of records.
    private(set) var secondary: TreeCursor?
    /// The limit that moves stop at; nil without a range.
    private(set) var range: KeyRange?
    /// Reads long values; made when needed.
    var reader: LongValueReader?
    /// Cursors that keep indexes up to date, in the schema's order; made when needed.
    var maintainers: [TreeCursor?] = []

    /// The key of the record that the index entry names, or of the record.
    private var recordKey = BookmarkBuffer()
    /// Where it was before a search by a bookmark.
    private var formerPlace = BookmarkBuffer()
    /// The key that a search did not find.
    private(set) var gap = BookmarkBuffer()

    /// What changes with every move, and what is asked for with every read.
    struct State {
        /// Where it is.
        var place = Place.beforeFirst
        /// Whether `primary` stands on the record of the entry.
        var isOnRecord = false
        /// Whether there is a secondary index.
        var hasSecondary = false
        /// Whether there is a limit of moves.
        var hasRange = false
        /// Whether some column is a counter that several may change.
        var hasCounters = false
        /// Whether some column may be there for some transactions only.
        var hasColumnStates = false
        /// The schema's number.
        var schemaNumber: UInt32 = 0
        /// The schema's columns.
        var tables: UnsafePointer<ShapeTables>

        init(_ schema: TableSchema) {
            tables = schema.shape.tables
            take(schema)
        }

        mutating func take(_ schema: TableSchema) {
            schemaNumber = schema.number
            tables = schema.shape.tables
            hasColumnStates = !schema.columnStates.isEmpty
            hasCounters = schema.definition.columns.contains { $0.flags.contains(.escrowUpdate) }
        }
    }

    /// Where it is.
    @inline(__always)
    var place: Place {
        get { state.pointee.place }
        set { state.pointee.place = newValue }
    }

    /// Whether `primary` stands on the record of the entry.
    @inline(__always)
    var isOnRecord: Bool {
        get { state.pointee.isOnRecord }
        set { state.pointee.isOnRecord = newValue }
    }

    /// Where a cursor is.
    enum Place {
        /// On the first row, which is looked for when it is needed.
        case firstDeferred
        /// Before the first row.
        case beforeFirst
        /// On a row, or where one was.
        case onRow
        /// Behind the last row.
        case afterLast
        /// Where a row with the key of `gap` would be.
        case inGap
        /// On a row beyond the limit of the range, which the next step back is needed from.
        case beyondRange
    }

    /// Whether the table counts it.
    private let isCounted: Bool

    /// Opens a cursor before the first row.
    public convenience init(_ table: Table, _ session: TableSession) { self.init(table, session, isCounted: true) }

    /// Opens a cursor before the first row. While one is open that is counted the table can't be deleted.
    init(_ table: Table, _ session: TableSession, isCounted: Bool) {
        self.isCounted = isCounted
        self.session = session
        self.table = table
        schema = table.schema
        primary = TreeCursor(table.tree, session.worker)
        pending = PendingUpdate(table.database.pageSize)
        state = .allocate(capacity: 1)
        state.initialize(to: State(schema))
        if isCounted { table.cursorCount.add(1, ordering: .relaxed) }
    }

    deinit {
        state.deallocate()
        if isCounted { table.cursorCount.subtract(1, ordering: .relaxed) }
    }

    /// The cursor that moves.
    @inline(__always)
    var current: TreeCursor { secondary ?? primary }

    /// Takes over a new schema if there is one.
    @inline(__always)
    func refresh() {
        if table.schemaNumber.load(ordering: .acquiring) != state.pointee.schemaNumber { refreshSlowly() }
    }

    @inline(never)
    private func refreshSlowly() {
        schema = table.schema
        state.pointee.take(schema)
        maintainers = []
    }

    // MARK: The index.

    /// Changes to the order of an index; nil: that of the records. The cursor is before the first row then, or stays on
    /// its row if asked to.
    /// - Throws: `noCurrentRecord`, `recordNotFound` if the row has no entry in the index, when it should stay.
    /// - Parameter occurrence: To which of the row's entries, from 1; `badItagSequence` if there are less.
    public func setIndex(_ index: TableIndex?, stays: Bool = false, occurrence: Int = 1) throws(JetError) {
        refresh()
        if index === self.index, stays { return }
        let use = try index.map { (index) throws(JetError) in try IndexUse(index) }
        let new = index.map { TreeCursor($0.tree, session.worker) }
        if stays {
            try latchRecord()
            defer { primary.release() }
            recordKey.set(key: BytePieces(try bookmark()), data: Bytes.empty)
            if let index, let new { try stand(new, on: index, key: recordKey.bookmark.bytes, occurrence) }
        }
        forgetRange()
        searchKey.reset()
        self.index = index
        indexUse = use
        secondary = new
        state.pointee.hasSecondary = new != nil
        if stays {
            place = .onRow
            isOnRecord = true
        } else {
            reset(to: .beforeFirst)
        }
    }

    /// Puts a cursor on the first entry of the record, which is latched.
    /// - Throws: `recordNotFound` if it has none.
    private func stand(
        _ cursor: TreeCursor, on index: TableIndex, key recordKey: Bytes, _ occurrence: Int = 1
    ) throws(JetError) {
        var entry: [UInt8]?
        var rest = occurrence
        let record = try RecordView(primary.data.buffer, shape: schema.shape)
        try index.plan.forEachKey(of: record, session.scratch, longValues: longValueLender) { (key) throws(JetError) in
            rest -= 1
            if rest == 0 { entry = [UInt8](key) }
        }
        guard var entry else { throw rest == occurrence ? .recordNotFound : .badItagSequence }
        let keyByteCount = entry.count
        if !index.isUnique { entry += recordKey.array() }
        // No latch is held while another tree's is taken.
        primary.release()
        let isThere = try entry.lend { (bytes) throws(JetError) in
            try cursor.go(to: Bookmark(bytes, keyByteCount: keyByteCount))
        }
        guard isThere else { throw .recordNotFound }
        cursor.release()
    }

    // MARK: Moves.

    /// Goes to the first row; false if there is none.
    public func first() throws(JetError) -> Bool {
        refresh()
        forgetRange()
        return try arrive(try current.first(), elseAt: .afterLast)
    }

    /// Goes to the last row; false if there is none.
    public func last() throws(JetError) -> Bool {
        refresh()
        forgetRange()
        return try arrive(try current.last(), elseAt: .beforeFirst)
    }

    /// Goes to the next row; false if there is none, or none in the range.
    @inline(__always)
    public func next() throws(JetError) -> Bool {
        let state = state
        if state.pointee.place == .onRow, !state.pointee.hasSecondary, !state.pointee.hasRange {
            if try primary.next() {
                primary.release()
                return true
            }
            return try arrive(false, elseAt: .afterLast)
        }
        return try nextSlowly()
    }

    @inline(never)
    private func nextSlowly() throws(JetError) -> Bool {
        if place == .firstDeferred, try !settle() { return false }
        switch place {
        case .firstDeferred: return false
        case .onRow: return try arrive(try current.next(), elseAt: .afterLast)
        case .beforeFirst: return try arrive(try current.first(), elseAt: .afterLast)
        case .afterLast: return false
        case .inGap: return try arrive(try current.seek(gap.bookmark.key, .greater), elseAt: .afterLast)
        case .beyondRange:
            guard let range, !range.isUpper else { return false }
            return try arrive(try current.next(), elseAt: .afterLast)
        }
    }

    /// Goes to the previous row; false if there is none, or none in the range.
    public func previous() throws(JetError) -> Bool {
        if place == .firstDeferred, try !settle() { return false }
        switch place {
        case .firstDeferred: return false
        case .onRow: return try arrive(try current.previous(), elseAt: .beforeFirst)
        case .beforeFirst: return false
        case .afterLast: return try arrive(try current.last(), elseAt: .beforeFirst)
        case .inGap: return try arrive(try current.seek(gap.bookmark.key, .less), elseAt: .beforeFirst)
        case .beyondRange:
            guard let range, range.isUpper else { return false }
            return try arrive(try current.previous(), elseAt: .beforeFirst)
        }
    }

    /// Goes to the next row with another key than this one's.
    public func nextKey() throws(JetError) -> Bool { try moveKey(.greater, elseAt: .afterLast) }

    /// Goes to the last row with a smaller key than this one's.
    public func previousKey() throws(JetError) -> Bool { try moveKey(.less, elseAt: .beforeFirst) }

    private func moveKey(_ kind: SeekKind, elseAt end: Place) throws(JetError) -> Bool {
        if place == .firstDeferred, try !settle() { return false }
        guard place == .onRow else { return try kind == .greater ? next() : previous() }
        let key = current.currentBookmark().key.array()
        return try key.lend { (key) throws(JetError) in try arrive(try current.seek(key, kind), elseAt: end) }
    }

    /// Goes before the first row.
    public func goBeforeFirst() {
        reset(to: .beforeFirst)
        forgetRange()
    }

    func reset(to place: Place) {
        current.reset()
        if secondary != nil { primary.reset() }
        isOnRecord = false
        self.place = place
    }

    /// Ends a move: the page is let go of.
    @inline(__always)
    func arrive(_ isThere: Bool, elseAt end: Place) throws(JetError) -> Bool {
        guard isThere else {
            place = end
            isOnRecord = false
            return false
        }
        if state.pointee.hasRange, let range, !range.contains(current.key) {
            current.release()
            isOnRecord = false
            place = .beyondRange
            return false
        }
        leave()
        place = .onRow
        return true
    }

    /// Lets go of the page of the row that the cursor is on.
    @inline(__always)
    func leave() {
        if state.pointee.hasSecondary, let secondary {
            recordKey.set(key: BytePieces(secondary.data), data: Bytes.empty)
            isOnRecord = false
            secondary.release()
        } else {
            primary.release()
        }
    }

    /// A search found nothing: the cursor is where its key would be.
    func standInGap(_ key: Bytes) {
        gap.set(key: BytePieces(key), data: Bytes.empty)
        isOnRecord = false
        place = .inGap
    }

    // MARK: The record.

    /// Latches the record of the row.
    /// - Throws: `noCurrentRecord`, `recordDeleted` if somebody deleted it.
    @inline(__always)
    func latchRecord() throws(JetError) {
        if place != .onRow { try needRow() }
        if !state.pointee.hasSecondary || state.pointee.isOnRecord { return try primary.latch() }
        try latchRecordOfEntry()
    }

    @inline(never)
    private func latchRecordOfEntry() throws(JetError) {
        guard try primary.go(to: recordKey.bookmark) else { throw .recordDeleted }
        isOnRecord = true
    }

    /// The bookmark of the record. C name: what JetGetBookmark gives. Lent until the cursor moves.
    /// - Throws: `noCurrentRecord`.
    public func bookmark() throws(JetError) -> Bytes {
        if place != .onRow { try needRow() }
        return secondary == nil ? primary.currentBookmark().bytes : recordKey.bookmark.bytes
    }

    /// The entry's key and, in an index that is not unique, its record's key. C name: what
    /// JetGetSecondaryIndexBookmark gives.
    /// - Throws: `noCurrentIndex` in the order of records, `noCurrentRecord`.
    public func entryBookmark() throws(JetError) -> Bookmark {
        guard let secondary else { throw .noCurrentIndex }
        if place != .onRow { try needRow() }
        return secondary.currentBookmark()
    }

    /// Goes to a record by its bookmark, in the order that it has on the record's first entry. After an error it is
    /// where it was, without a limit of moves.
    /// - Throws: `recordDeleted` if there is none with it, `recordNotFound` if it has no entry in the index,
    ///   `invalidBookmark` for no bytes.
    public func go(to bookmark: Bytes) throws(JetError) {
        refresh()
        guard !bookmark.isEmpty else { throw .invalidBookmark }
        forgetRange()
        try keepingPlace { () throws(JetError) in
            guard try primary.go(to: Bookmark(key: bookmark)) else { throw .recordDeleted }
            defer { primary.release() }
            if let index, let secondary { try stand(secondary, on: index, key: bookmark) }
        }
        recordKey.set(key: BytePieces(bookmark), data: Bytes.empty)
        place = .onRow
        isOnRecord = true
    }

    /// Does something that moves; if it fails, the cursor is where it was.
    private func keepingPlace(_ body: () throws(JetError) -> Void) throws(JetError) {
        let wasOnNode = current.isOnNode
        if wasOnNode {
            let old = current.currentBookmark()
            formerPlace.set(key: BytePieces(old.key), data: old.data)
        }
        do throws(JetError) {
            try body()
        } catch {
            if wasOnNode { current.stand(at: formerPlace.bookmark) } else { current.reset() }
            isOnRecord = false
            throw error
        }
    }

    /// Goes to an entry of the index by its bookmark. After an error it is where it was, without a limit of moves.
    /// - Parameter record: The key of the entry's record, if that is to be checked.
    /// - Throws: `noCurrentIndex` in the order of records, `recordDeleted`.
    public func go(toEntry bookmark: Bookmark, record: Bytes = .empty) throws(JetError) {
        guard let secondary else { throw .noCurrentIndex }
        forgetRange()
        try keepingPlace { () throws(JetError) in
            guard try secondary.go(to: bookmark) else { throw .recordDeleted }
            if !record.isEmpty, Bytes.compare(secondary.data, record) != 0 { throw .recordDeleted }
        }
        leave()
        place = .onRow
    }

    /// Sets or takes away the limit of moves.
    func setRange(_ range: KeyRange?) {
        self.range = range
        state.pointee.hasRange = range != nil
    }

    // MARK: The session.

    /// Follows a rollback of `level`: an update that was prepared in it is gone, the cursor is before the first row.
    public func rolledBack(level: Int) {
        pending.rolledBack(level: level)
        reset(to: .beforeFirst)
        forgetRange()
    }

    /// Follows a commit of an inner level.
    public func committed(level: Int) { pending.committed(level: level) }
}
