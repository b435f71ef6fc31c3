// Layer: ESEEngine/7-Table. Uses: RowCursor, ESEFormat's catalog rows. Used by: the catalog, data definition.
// Rows of the catalog as rows of ordinary tables: found, read, and written into both catalogs.

import ESEFormat

/// Keys of the catalog's indexes. Names are ASCII as far as order goes: only a...z are the same as A...Z.
enum CatalogKey {
    /// A key of the primary index, or the beginning of one.
    static func of(_ table: ObjectID, _ kind: CatalogRowKind? = nil, _ id: UInt32? = nil) -> [UInt8] {
        var key: [UInt8] = []
        append(table.rawValue ^ 0x8000_0000, to: &key)
        if let kind { append(kind.rawValue ^ 0x8000, to: &key) }
        if let id { append(id ^ 0x8000_0000, to: &key) }
        return key
    }

    /// A key of the index `Name`.
    static func of(_ table: ObjectID, _ kind: CatalogRowKind, named name: String) -> [UInt8] {
        of(table, kind) + text(name)
    }

    /// A key of the index `RootObjects`.
    static func ofRoot(named name: String) -> [UInt8] { [0x7f, 0xff] + text(name) }

    /// The name as indexes have it.
    static func fold(_ name: String) -> [UInt8] {
        name.unicodeScalars.map { scalar in
            let byte = UInt8(exactly: scalar.value) ?? 0x3f
            return (0x61...0x7a).contains(byte) ? byte - 0x20 : byte
        }
    }

    private static func text(_ name: String) -> [UInt8] { [0x7f] + fold(name) + [0] }

    private static func append<T: FixedWidthInteger>(_ number: T, to key: inout [UInt8]) {
        key.append(0x7f)
        withUnsafeBytes(of: number.bigEndian) { key.append(contentsOf: $0) }
    }
}

/// Columns of the catalog that are changed in rows that are there.
enum CatalogColumn {
    static let type = ColumnKey(ColumnID(4))
    static let flags = ColumnKey(ColumnID(6))
    static let name = ColumnKey(ColumnID(128))
    static let statistics = ColumnKey(ColumnID(129))
    static let defaultValue = ColumnKey(ColumnID(131))
}

extension RowCursor {
    /// Inserts a record that is made already.
    func insertRecord(_ bytes: [UInt8]) throws(JetError) {
        try prepare(.insert)
        do throws(JetError) {
            let record = try preparedRecord()
            let shape = schema.shape
            try bytes.lend { (bytes: Bytes) throws(JetError) in try record.load(bytes.buffer, shape, for: .insert) }
            try update()
        } catch {
            try? cancelUpdate()
            throw error
        }
    }

    /// Changes the record that the cursor is on.
    func change(_ body: (RecordBuffer) throws(JetError) -> Void) throws(JetError) {
        try prepare(.replace)
        do throws(JetError) {
            try body(try preparedRecord())
            try update()
        } catch {
            try? cancelUpdate()
            throw error
        }
    }

    /// The record as a row of the catalog.
    func catalogRow() throws(JetError) -> CatalogRow {
        let isLarge = table.database.pageSize.isLarge
        return try withRecord { (record) throws(JetError) in
            let bytes = [UInt8](UnsafeRawBufferPointer(start: record.base, count: record.byteCount))
            do throws(FormatError) {
                return try CatalogRow(bytes.span.bytes, 0..<bytes.count, isLarge: isLarge)
            } catch { throw .catalogCorrupted }
        }
    }

    /// Goes to the row with a key in the order of the cursor.
    func find(_ key: [UInt8]) throws(JetError) -> Bool {
        try key.lend { (key: Bytes) throws(JetError) in try seek(key, .equal) == .equal }
    }

    /// Reads the rows of a table, in the order of the primary index.
    func catalogRows(of table: ObjectID) throws(JetError) -> [CatalogRow] {
        var rows: [CatalogRow] = []
        let key = CatalogKey.of(table)
        var isThere = try key.lend { (key: Bytes) throws(JetError) in try seek(key, .greaterOrEqual) != .notFound }
        while isThere {
            let row = try catalogRow()
            guard row.tableID == table else { break }
            rows.append(row)
            isThere = try next()
        }
        return rows
    }
}

extension RecordBuffer {
    /// Sets a column to a number or to bytes.
    func set<T: FixedWidthInteger>(_ key: ColumnKey, number: T) throws(JetError) {
        try set(key, octets: withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) })
    }

    func set(_ key: ColumnKey, octets: [UInt8]) throws(JetError) {
        try octets.lend { (bytes: Bytes) throws(JetError) in _ = try set(key, bytes.buffer, options: .zeroLength) }
    }
}

/// Writes rows into both catalogs, for one operation of a session. The caller has a level of its own that it rolls back
/// if anything fails.
struct CatalogWriter {
    private let objects: RowCursor
    private let shadow: RowCursor?
    private let objids: RowCursor?
    private let isLarge: Bool

    init(_ tables: CatalogTables, _ session: TableSession) {
        objects = RowCursor(tables.objects, session)
        shadow = tables.shadow.map { RowCursor($0, session) }
        objids = tables.objids.map { RowCursor($0, session) }
        isLarge = tables.objects.database.pageSize.isLarge
    }

    private var both: [RowCursor] { [objects] + (shadow.map { [$0] } ?? []) }

    /// Adds a row.
    /// - Throws: `tableDuplicate`, `columnDuplicate`, `indexDuplicate` after the row's kind; `writeConflict`.
    func insert(_ row: CatalogRow) throws(JetError) {
        var bytes: [UInt8]
        do throws(FormatError) { bytes = try row.record(isLarge: isLarge) } catch { throw .recordTooBig }
        // As everywhere, what is NULL has bytes that mean nothing.
        let unset: [(column: UInt8, isNull: Bool, bytes: Range<Int>)] = [
            (8, row.isRoot == nil, 30..<31), (9, row.recordOffset == nil, 31..<33),
            (10, row.lcMapFlags == nil, 33..<37), (11, row.keyMost == nil, 37..<39),
        ]
        for field in unset where field.isNull && bytes[0] >= field.column {
            for place in field.bytes { bytes[place] = RecordShape.fill }
        }
        // Windows writes the locale, which stands last, without a NUL.
        if row.localeName != nil { bytes.removeLast(2) }
        for cursor in both {
            do throws(JetError) { try cursor.insertRecord(bytes) } catch { throw Self.error(error, row.kind) }
        }
    }

    /// Changes a row.
    /// - Throws: `catalogCorrupted` if it is not there; `writeConflict`; what `body` throws.
    func change(
        _ table: ObjectID, _ kind: CatalogRowKind, _ id: UInt32, _ body: (RecordBuffer) throws(JetError) -> Void
    ) throws(JetError) {
        for cursor in both {
            guard try cursor.find(CatalogKey.of(table, kind, id)) else { throw .catalogCorrupted }
            try cursor.change(body)
        }
    }

    /// Gives a row another name.
    /// - Throws: As `insert` and `change`.
    func rename(_ table: ObjectID, _ kind: CatalogRowKind, _ id: UInt32, to name: String) throws(JetError) {
        let octets = name.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        do throws(JetError) {
            try change(table, kind, id) { (record) throws(JetError) in
                try record.set(CatalogColumn.name, octets: octets)
            }
        } catch { throw Self.error(error, kind) }
    }

    /// What a key that is there already means.
    private static func error(_ error: JetError, _ kind: CatalogRowKind) -> JetError {
        guard error == .keyDuplicate else { return error }
        return switch kind {
        case .table: .tableDuplicate
        case .column: .columnDuplicate
        case .index: .indexDuplicate
        default: error
        }
    }

    /// Deletes a row.
    /// - Throws: `catalogCorrupted` if it is not there; `writeConflict`.
    func remove(_ table: ObjectID, _ kind: CatalogRowKind, _ id: UInt32) throws(JetError) {
        for cursor in both {
            guard try cursor.find(CatalogKey.of(table, kind, id)) else { throw .catalogCorrupted }
            try cursor.delete()
        }
    }

    /// Deletes all rows of a table.
    func removeAll(of table: ObjectID) throws(JetError) {
        for cursor in both {
            let key = CatalogKey.of(table)
            var isThere = try key.lend { (key: Bytes) throws(JetError) in
                try cursor.seek(key, .greaterOrEqual) != .notFound
            }
            while isThere, try cursor.catalogRow().tableID == table {
                try cursor.delete()
                isThere = try cursor.next()
            }
        }
    }

    /// Adds an object to MSysObjids: a table, a secondary index, a tree of long values.
    func insertObject(_ id: ObjectID, of table: ObjectID, _ kind: CatalogRowKind) throws(JetError) {
        guard let objids else { return }
        try objids.prepare(.insert)
        do throws(JetError) {
            let record = try objids.preparedRecord()
            try record.set(ColumnKey(ColumnID(256)), number: id.rawValue)
            try record.set(ColumnKey(ColumnID(257)), number: table.rawValue)
            try record.set(ColumnKey(ColumnID(258)), number: kind.rawValue)
            try objids.update()
        } catch {
            try? objids.cancelUpdate()
            throw error
        }
    }

    /// Takes an object out of MSysObjids. Older databases may lack it there.
    func removeObject(_ id: ObjectID) throws(JetError) {
        guard let objids, try objids.find(CatalogKey.of(id)) else { return }
        try objids.delete()
    }
}

/// The tables that the catalog stands in.
struct CatalogTables {
    /// MSysObjects.
    let objects: Table
    /// MSysObjectsShadow; nil in databases that have none.
    let shadow: Table?
    /// MSysObjids; nil in databases of older engines.
    var objids: Table?
}
