// Support of the tests of tables: tables put together by hand on a simulated disk, without a catalog.

import ESEFormat
import Testing

@testable import ESEEngine

/// A database with one table.
final class TableFixture {
    let trees: TreeFixture
    let table: Table

    static let id = ColumnKey(ColumnID(1))
    static let number = ColumnKey(ColumnID(2))
    static let name = ColumnKey(ColumnID(128))
    static let tags = ColumnKey(ColumnID(256))

    /// Columns: id (long), number (long long), name (text, variable), tags (long, several).
    static func columns() -> [ColumnDefinition] {
        [
            ColumnDefinition(
                id: ColumnID(1), name: "id", type: .long, flags: .notNull, maximumByteCount: 4, recordOffset: 4),
            ColumnDefinition(id: ColumnID(2), name: "number", type: .longLong, maximumByteCount: 8, recordOffset: 8),
            ColumnDefinition(id: ColumnID(128), name: "name", type: .text, codePage: 1_252, maximumByteCount: 255),
            ColumnDefinition(id: ColumnID(256), name: "tags", type: .long, flags: .multivalued, maximumByteCount: 4),
        ]
    }

    static func index(
        _ name: String, _ columns: [UInt16], _ flags: IndexFlags, objectID: ObjectID = ObjectID(0)
    ) -> IndexDefinition {
        IndexDefinition(
            objectID: objectID, name: name, rootPage: .none, flags: flags.union(.extendedColumns),
            segments: columns.map { IndexSegment(column: ColumnID($0)) })
    }

    static let allNulls: IndexFlags = [.allowAllNulls, .allowFirstNull, .allowSomeNulls]

    /// - Parameters:
    ///   - hasPrimary: Whether records are in order of `id`; else they are numbered.
    ///   - indexes: Secondary ones; the tables' trees are made here.
    init(
        pageSize: PageSize = .kibibytes4, seed: UInt64 = 1, cachePages: Int = 256,
        columns: [ColumnDefinition] = TableFixture.columns(), hasPrimary: Bool = true,
        indexes: [IndexDefinition] = [
            index("byNumber", [2], allNulls), index("byName", [128], .unique),
            index("byTag", [256, 2], allNulls.union(.multivalued)),
        ]
    ) throws {
        trees = try TreeFixture(pageSize: pageSize, seed: seed, cachePages: cachePages)
        let tree = try trees.makeTree(pageCount: 4)
        var definition = TableDefinition(objectID: tree.objectID, name: "rows", rootPage: tree.root)
        definition.columns = columns
        let shape = try RecordShape(columns: columns, pageSize: pageSize, keyByteCount: hasPrimary ? 5 : 4)
        var primary: KeyPlan?
        if hasPrimary {
            let index = Self.index("primary", [1], [.unique, .primary, .noNullSegment], objectID: tree.objectID)
            definition.indexes.append(index)
            primary = try KeyPlan(index: index, shape: shape)
        }
        var secondary: [TableIndex] = []
        for index in indexes {
            var index = index
            let flags: PageFlags = index.flags.contains(.unique) ? .index : [.index, .nonUnique]
            let own = try Tree.create(
                in: tree, objectID: trees.database.nextObjectID(), pageFlags: flags, pageCount: 1, withExtents: false,
                greatestKeyByteCount: 512, trees.system)
            index.objectID = own.objectID
            index.rootPage = own.root
            trees.add(own)
            definition.indexes.append(index)
            secondary.append(
                TableIndex(index, plan: try KeyPlan(index: index, shape: shape), tree: own, state: DefinitionState()))
        }
        table = Table(
            trees.database, tree: tree,
            schema: TableSchema(
                number: 1, definition: definition, shape: shape, primary: primary, indexes: secondary))
    }

    func makeSession() -> TableSession {
        TableSession(trees.makeWorker(), versions: trees.versions, log: trees.log, trees: trees)
    }

    func cursor(_ session: TableSession) -> RowCursor { RowCursor(table, session) }

    func index(_ name: String) throws -> TableIndex {
        try #require(table.schema.indexes.first { $0.definition.name == name })
    }

    func begin(_ session: TableSession) throws { try session.worker.begin(trees.versions) }

    func commit(_ session: TableSession) throws {
        let level = session.transaction.level
        _ = try session.worker.commit(trees.versions, trees.log)
        session.committed(level: level, at: nil)
    }

    func rollback(_ session: TableSession) throws {
        let level = session.transaction.level
        try session.worker.rollback(trees.versions, trees.log, trees)
        session.rolledBack(level: level)
    }

    /// Rule S1 for everything.
    func checkSpace() throws {
        let children = trees.trees.filter { $0.root != table.tree.root }
        var owned = Set<UInt32>()
        for child in children { owned.formUnion(try trees.checkSpace(of: child)) }
        try trees.checkSpace(of: table.tree, children: children)
    }
}

/// A row of `TableFixture.columns`.
struct FixtureRow: Hashable {
    var id: Int32
    var number: Int64?
    var name: String?
    var tags: [Int32] = []
}

extension RowCursor {
    func set<T: FixedWidthInteger>(_ key: ColumnKey, _ value: T?, occurrence: Int = 1) throws(JetError) {
        let bytes: [UInt8] = value.map { value in withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) } } ?? []
        try set(key, bytes: value == nil ? nil : bytes, occurrence: occurrence)
    }

    func set(_ key: ColumnKey, bytes: [UInt8]?, occurrence: Int = 1) throws(JetError) {
        let record = try preparedRecord()
        guard let bytes else { return _ = try record.set(key, nil, occurrence: occurrence) }
        try bytes.lend { (bytes: Bytes) throws(JetError) in
            _ = try record.set(key, bytes.buffer, occurrence: occurrence, options: .zeroLength)
        }
    }

    func fill(_ row: FixtureRow, setsID: Bool = true) throws(JetError) {
        if setsID { try set(TableFixture.id, row.id) }
        try set(TableFixture.number, row.number)
        try set(TableFixture.name, bytes: row.name.map { Array($0.utf8) })
        // From the last one on, so that what is left keeps its place.
        let record = try preparedRecord()
        var count = try record.view().valueCount(TableFixture.tags)
        while count > 0 {
            try set(TableFixture.tags, bytes: nil, occurrence: count)
            count -= 1
        }
        for tag in row.tags { try set(TableFixture.tags, tag, occurrence: 0) }
    }

    func insert(_ row: FixtureRow) throws(JetError) {
        try prepare(.insert)
        do throws(JetError) {
            try fill(row)
            try update()
        } catch {
            try cancelUpdate()
            throw error
        }
    }

    func replace(with row: FixtureRow) throws(JetError) {
        try prepare(.replace)
        do throws(JetError) {
            try fill(row)
            try update()
        } catch {
            try cancelUpdate()
            throw error
        }
    }

    func row() throws(JetError) -> FixtureRow {
        try withRecord { (record) throws(JetError) in
            func integer<T: FixedWidthInteger>(_ field: RecordField, _ type: T.Type) -> T? {
                field.isNull ? nil : T(littleEndian: field.bytes.loadUnaligned(as: T.self))
            }
            var row = FixtureRow(
                id: integer(try record.field(TableFixture.id), Int32.self) ?? 0,
                number: integer(try record.field(TableFixture.number), Int64.self))
            let name = try record.field(TableFixture.name)
            row.name = name.isNull ? nil : String(decoding: name.bytes, as: UTF8.self)
            for occurrence in 0..<(try record.valueCount(TableFixture.tags)) {
                let field = try record.field(TableFixture.tags, occurrence: occurrence + 1)
                row.tags.append(integer(field, Int32.self) ?? 0)
            }
            return row
        }
    }

    func seek<T: FixedWidthInteger>(_ values: [T], _ kind: SeekKind) throws(JetError) -> SeekResult {
        for (place, value) in values.enumerated() {
            let bytes = withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
            try bytes.lend { (bytes: Bytes) throws(JetError) in
                try makeKey(bytes.buffer, place == 0 ? .newKey : [])
            }
        }
        return try seek(kind)
    }

    func allRows(forward: Bool = true) throws(JetError) -> [FixtureRow] {
        var rows: [FixtureRow] = []
        var isThere = try forward ? first() : last()
        while isThere {
            rows.append(try row())
            isThere = try forward ? next() : previous()
        }
        return rows
    }
}
