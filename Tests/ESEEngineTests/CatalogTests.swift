// Layer: ESEEngineTests. Tests: Catalog, SystemCatalog, createTable.

import ESEFormat
import ESEReader
import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct CatalogTests {
    static let people = TableRequest(
        "People",
        columns: [
            ColumnRequest("Id", .long, [.notNull, .autoincrement]), ColumnRequest("Age", .short),
            ColumnRequest("Name", .text), ColumnRequest("Notes", .longText, codePage: 1_200),
            ColumnRequest("Tags", .long, [.tagged, .multivalued]),
        ],
        indexes: [
            IndexRequest("ById", on: ["+Id"], .primary), IndexRequest("ByName", on: ["+Name", "-Age"], .ignoreNull),
            IndexRequest("ByTag", on: ["Tags"]),
        ])

    @Test(arguments: PageSize.allCases)
    func newDatabaseIsSound(size: PageSize) throws {
        let fixture = try CatalogFixture(pageSize: size)
        let reader = try fixture.verify()
        let names = reader.tables.map(\.name)
        #expect(names == ["MSysObjects", "MSysObjectsShadow", "MSysObjids", "MSysLocales"])
        let roots = reader.tables.flatMap {
            [$0.definition.rootPage.rawValue] + $0.definition.indexes.map(\.rootPage.rawValue)
        }
        if size != .kibibytes2 { #expect(roots == [4, 4, 7, 10, 24, 24, 29, 29, 30, 30]) }
    }

    @Test(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason))
    func systemTablesAreThoseOfWindows() throws {
        let fixture = try CatalogFixture()
        let sample = try ESEDatabase(readingFrom: MemorySource(try RedoSamples.bytes("dissect/basic.edb")))
        let own = try fixture.verify()
        for name in ["MSysObjects", "MSysObjectsShadow", "MSysObjids", "MSysLocales"] {
            let theirs = try records(sample, name), ours = try records(own, name)
            let count = name == "MSysLocales" ? theirs.count : ours.count
            #expect(count > 0)
            for place in 0..<count { #expect(ours[place] == theirs[place], "\(name) \(place)") }
        }
    }

    private func records(_ database: ESEDatabase, _ name: String) throws -> [[UInt8]] {
        let cursor = try database.table(name).rows()
        var result: [[UInt8]] = []
        while cursor.next() {
            if let record = cursor.withRecord({ bytes, range in bytes.bytes(range) }) { result.append(record) }
        }
        return result
    }

    @Test func tableWithIndexesIsMadeFilledAndFound() throws {
        let fixture = try CatalogFixture()
        let session = fixture.makeSession()
        let made = try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.createTable(Self.people, session)
        }
        #expect(made.columns.map(\.key.rawValue) == [1, 2, 128, 256, 257])
        let table = try fixture.catalog.table(named: "pEOPLE", session)
        #expect(table === made.table)
        try fill(table, session, fixture, 1...500)
        let reader = try fixture.verify()
        #expect(try records(reader, "People").count == 500)
        try fixture.reopen()
        let again = try fixture.catalog.table(named: "people", session)
        let expected = try reader.table("People").definition
        #expect(again.schema.definition == expected)
        let cursor = ESEEngine.RowCursor(again, session)
        #expect(try cursor.last())
    }

    func fill(
        _ table: Table, _ session: TableSession, _ fixture: CatalogFixture, _ numbers: ClosedRange<Int>
    ) throws {
        try fixture.transact(session) { () throws(JetError) in
            let cursor = ESEEngine.RowCursor(table, session)
            for number in numbers {
                try cursor.prepare(.insert)
                try cursor.set(ColumnKey(ColumnID(2)), Int16(number % 90))
                try cursor.set(ColumnKey(ColumnID(128)), bytes: Array("name \(number)".utf8))
                try cursor.set(ColumnKey(ColumnID(257)), Int32(number % 7), occurrence: 0)
                try cursor.set(ColumnKey(ColumnID(257)), Int32(number % 5), occurrence: 0)
                try cursor.update()
            }
        }
    }

    @Test func newTableIsSeenByItsTransactionOnly() throws {
        let fixture = try CatalogFixture()
        let (maker, other, older) = (fixture.makeSession(), fixture.makeSession(), fixture.makeSession())
        try fixture.begin(older)
        try fixture.begin(maker)
        _ = try fixture.catalog.createTable(Self.people, maker)
        #expect(try fixture.catalog.table(named: "People", maker).name == "People")
        #expect(throws: JetError.objectNotFound) { try fixture.catalog.table(named: "People", other) }
        #expect(throws: JetError.tableDuplicate) { try fixture.catalog.createTable(Self.people, maker) }
        try fixture.begin(other)
        #expect(throws: JetError.writeConflict) { try fixture.catalog.createTable(Self.people, other) }
        try fixture.rollback(other)
        try fixture.commit(maker)
        #expect(try fixture.catalog.table(named: "People", other).name == "People")
        #expect(throws: JetError.objectNotFound) { try fixture.catalog.table(named: "People", older) }
        try fixture.commit(older)
        #expect(try fixture.catalog.table(named: "People", older).name == "People")
        try fixture.verify()
    }

    @Test func rolledBackTableLeavesNothing() throws {
        let fixture = try CatalogFixture()
        let session = fixture.makeSession()
        for _ in 0..<5 {
            try fixture.begin(session)
            let table = try fixture.catalog.createTable(Self.people, session).table
            try fixture.begin(session)
            try fill(table, session, fixture, 1...50)
            try fixture.commit(session)
            try fixture.rollback(session)
            #expect(throws: JetError.objectNotFound) { try fixture.catalog.table(named: "People", session) }
            try fixture.verify()
        }
        #expect(fixture.database.lastPage == 254)
    }
}
