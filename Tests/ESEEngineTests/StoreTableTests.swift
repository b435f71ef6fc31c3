// Layer: ESEEngineTests. Tests: an instance from its start to its end, with tables: what is left is a database that
// readers read.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Testing

@testable import ESEEngine

@Suite struct StoreTableTests {
    private static let path = "/one/data.edb"

    static let request: TableRequest = {
        var request = TableRequest("rows")
        request.columns = [
            ColumnRequest("id", .long, .notNull), ColumnRequest("number", .longLong),
            ColumnRequest("name", .text), ColumnRequest("tags", .long, [.tagged, .multivalued]),
        ]
        request.indexes = [
            IndexRequest("primary", on: ["+id"], [.primary, .unique, .disallowNull]),
            IndexRequest("byNumber", on: ["+number"]), IndexRequest("byName", on: ["-name"], .ignoreNull),
            IndexRequest("byTag", on: ["+tags", "+number"]),
        ]
        return request
    }()

    private func row(_ id: Int32) -> FixtureRow {
        FixtureRow(
            id: id, number: id % 7 == 0 ? nil : Int64(id % 5), name: id % 3 == 0 ? nil : "name \(id)",
            tags: (0..<(id % 4)).map { $0 * 10 })
    }

    /// Does something in a transaction that ends well.
    private func transact(_ session: SessionStore, _ body: () throws -> Void) throws {
        try session.begin(level: 1, isReadOnly: false)
        try body()
        try session.commit(level: 1, flags: [], maximumDelay: 0)
    }

    /// A reader's and a verifier's view of the file.
    private func check(_ machine: StoreMachine, rows: [FixtureRow], _ context: String) throws {
        let bytes = try #require(machine.disk.contents(Self.path))
        let report = Verification(MemorySource(bytes, name: Self.path)).run()
        let groups = report.groups.map { "\($0.kind) \($0.errorCount) \($0.noteCount) \($0.kept.map(\.description))" }
        #expect(report.groups.allSatisfy { $0.errorCount == 0 }, "\(context): \(groups)")
        let database = try ESEDatabase(readingFrom: MemorySource(bytes, name: Self.path))
        let table = try database.table("rows")
        let cursor = table.rows()
        var ids: [Int64] = []
        while cursor.next() { ids.append(try cursor.integer(0) ?? -1) }
        #expect(ids == rows.map { Int64($0.id) }.sorted(), "\(context)")
    }

    @Test(arguments: [4, 8, 16, 32] as [UInt64]) func databaseOfAnInstanceIsReadByReaders(kibibytes: UInt64) throws {
        let machine = StoreMachine()
        let parameters = try StoreMachine.parameters { try $0.set(.databasePageSize, to: kibibytes * 1_024) }
        var rows = (0..<2_000).map { row(Int32($0)) }
        do {
            let run = try machine.start(parameters)
            let session = try run.session()
            let database = try run.store.createDatabase(Self.path, session)
            let catalog = try database.catalog()
            try transact(session) { _ = try catalog.createTable(Self.request, session.tables) }
            let cursor = try catalog.open("rows", session.tables)
            for start in stride(from: 0, to: rows.count, by: 100) {
                try transact(session) { for row in rows[start..<start + 100] { try cursor.insert(row) } }
            }
            try session.closeAll()
            try run.store.terminate(.complete)
        }
        #expect(try machine.header(Self.path).state == .cleanShutdown)
        try check(machine, rows: rows, "after the first instance")
        let run = try machine.start(parameters)
        let session = try run.session()
        try run.store.attach(Self.path, session)
        let database = try run.store.open(Self.path, session).database
        let catalog = try database.catalog()
        let cursor = try catalog.open("rows", session.tables)
        #expect(try cursor.allRows().map(\.id) == rows.map(\.id))
        try transact(session) {
            for id in stride(from: Int32(0), to: 2_000, by: 3) {
                #expect(try cursor.seek([id], .equal) == .equal)
                try cursor.delete()
            }
            for id in stride(from: Int32(1), to: 2_000, by: 3) {
                #expect(try cursor.seek([id], .equal) == .equal)
                try cursor.replace(with: row(id + 1_000_000).with(id: id))
            }
        }
        rows.removeAll { $0.id % 3 == 0 }
        #expect(try cursor.allRows().count == rows.count)
        try transact(session) {
            var other = Self.request
            other.name = "other"
            _ = try catalog.createTable(other, session.tables)
        }
        try session.closeAll()
        try run.store.terminate(.complete)
        try check(machine, rows: rows, "after the second instance")
    }
}

extension FixtureRow {
    fileprivate func with(id: Int32) -> FixtureRow {
        var row = self
        row.id = id
        return row
    }
}
