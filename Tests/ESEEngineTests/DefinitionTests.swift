// Layer: ESEEngineTests. Tests: data definition on tables with rows, several sessions, commits and rollbacks.

import ESEFormat
import ESEReader
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite struct DefinitionTests {
    private func filled(_ count: Int = 300) throws -> (CatalogFixture, TableSession, Table) {
        let fixture = try CatalogFixture()
        let session = fixture.makeSession()
        let table = try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.createTable(CatalogTests.people, session).table
        }
        try CatalogTests().fill(table, session, fixture, 1...count)
        return (fixture, session, table)
    }

    private func count(_ table: Table, _ index: TableIndex?, _ session: TableSession) throws -> Int {
        let cursor = ESEEngine.RowCursor(table, session)
        try cursor.setIndex(index)
        var count = 0
        var isThere = try cursor.first()
        while isThere {
            count += 1
            isThere = try cursor.next()
        }
        return count
    }

    @Test func deletedTableGivesItsPagesBack() throws {
        let (fixture, session, _) = try filled()
        let older = fixture.makeSession()
        try fixture.begin(older)
        try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.deleteTable(named: "people", session)
        }
        #expect(throws: JetError.objectNotFound) { try fixture.catalog.table(named: "People", session) }
        #expect(throws: JetError.tableLocked) { try fixture.catalog.table(named: "People", older) }
        fixture.clean()
        #expect(fixture.registry.known(PageNumber(31)) != nil, "an older snapshot is open")
        try fixture.commit(older)
        try fixture.verify()
        #expect(fixture.registry.known(PageNumber(31)) == nil)
        for _ in 0..<4 {
            try fixture.transact(session) { () throws(JetError) in
                _ = try fixture.catalog.createTable(CatalogTests.people, session)
            }
            let table = try fixture.catalog.table(named: "People", session)
            try CatalogTests().fill(table, session, fixture, 1...300)
            try fixture.transact(session) { () throws(JetError) in
                try fixture.catalog.deleteTable(named: "People", session)
            }
            try fixture.verify()
        }
        #expect(fixture.database.lastPage == 254, "pages are used again")
    }

    @Test func statisticsAreKeptInTheCatalog() throws {
        let (fixture, session, table) = try filled(300)
        #expect(try fixture.catalog.statistics(in: table, session) == TreeStatistics())
        let time = LogTime(year: 2_026, month: 3, day: 1, hour: 12)
        try fixture.begin(session)
        try fixture.catalog.computeStatistics(of: table, time, session)
        try fixture.commit(session)
        let counted = try fixture.catalog.statistics(in: table, session)
        #expect(counted.entryCount == 300 && counted.keyCount == 300 && counted.pageCount > 1)
        #expect(counted.date == 46_082.5)
        for index in table.schema.indexes {
            let one = try fixture.catalog.statistics(of: index, in: table, session)
            #expect(Int(one.entryCount) == (try count(table, index, session)), "\(index.definition.name)")
            #expect(one.keyCount <= one.entryCount && one.pageCount <= counted.entryCount)
        }
        #expect(try fixture.catalog.tableInfo(session).first { $0.name == "People" }?.statistics == counted)
        try fixture.verify()
    }

    @Test func tableInUseStays() throws {
        let (fixture, session, table) = try filled(3)
        let cursor = try fixture.catalog.open("People", session)
        try fixture.begin(session)
        #expect(throws: JetError.tableInUse) { try fixture.catalog.deleteTable(named: "People", session) }
        try fixture.rollback(session)
        #expect(try cursor.first())
        #expect(try fixture.catalog.table(named: "People", session) === table)
    }

    @Test func renamedTableHasBothNamesForWhomItMayConcern() throws {
        let (fixture, session, table) = try filled(3)
        let other = fixture.makeSession()
        try fixture.begin(other)
        try fixture.begin(session)
        try fixture.catalog.renameTable("People", to: "Persons", session)
        #expect(try fixture.catalog.table(named: "Persons", session) === table)
        #expect(throws: JetError.objectNotFound) { try fixture.catalog.table(named: "People", session) }
        #expect(try fixture.catalog.table(named: "People", other) === table)
        try fixture.commit(session)
        #expect(try fixture.catalog.table(named: "People", other) === table)
        #expect(throws: JetError.objectNotFound) { try fixture.catalog.table(named: "Persons", other) }
        try fixture.commit(other)
        #expect(try fixture.catalog.table(named: "PERSONS", other) === table)
        try fixture.begin(session)
        try fixture.catalog.renameTable("Persons", to: "Folk", session)
        try fixture.rollback(session)
        #expect(try fixture.catalog.table(named: "Persons", session).name == "Persons")
        try fixture.verify()
    }

    @Test func columnsComeAndGo() throws {
        let (fixture, session, table) = try filled()
        let other = fixture.makeSession()
        try fixture.begin(other)
        try fixture.begin(session)
        let made = try fixture.catalog.addColumn(
            ColumnRequest("Height", .long, defaultValue: [7, 0, 0, 0]), to: table, session)
        #expect(made.key.rawValue == 3)
        #expect(table.schema.column(named: "height", other.transaction) == nil)
        #expect(table.schema.column(named: "height", session.transaction) != nil)
        let cursor = ESEEngine.RowCursor(table, session)
        #expect(try cursor.first())
        let value = try cursor.withRecord { (record) throws(JetError) in [UInt8](try record.field(made.key).bytes) }
        #expect(value == [7, 0, 0, 0])
        try fixture.commit(session)
        #expect(table.schema.column(named: "height", other.transaction) == nil)
        try fixture.commit(other)
        #expect(table.schema.column(named: "height", other.transaction) != nil)
        try fixture.begin(session)
        #expect(throws: JetError.columnDuplicate) {
            try fixture.catalog.addColumn(ColumnRequest("Age", .long), to: table, session)
        }
        #expect(throws: JetError.columnInUse) { try fixture.catalog.deleteColumn(named: "Age", of: table, session) }
        try fixture.catalog.deleteColumn(named: "Height", of: table, session)
        try fixture.catalog.renameColumn("Notes", of: table, to: "Remarks", session)
        #expect(table.schema.column(named: "notes", other.transaction) != nil)
        #expect(table.schema.column(named: "remarks", session.transaction) != nil)
        try fixture.commit(session)
        let again = try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.addColumn(ColumnRequest("Height", .short), to: table, session)
        }
        #expect(again.key.rawValue == 4, "numbers are not used again")
        let reader = try fixture.verify()
        let names = try reader.table("People").definition.columns.map(\.name)
        #expect(names == ["Id", "Age", "Height", "Name", "Remarks", "Tags"])
        try fixture.reopen()
        let read = try fixture.catalog.table(named: "People", session)
        #expect(read.columnInfo(session).map(\.definition.name) == names)
        try fixture.transact(session) { () throws(JetError) in
            let next = try fixture.catalog.addColumn(ColumnRequest("Last", .short), to: read, session)
            #expect(next.key.rawValue == 5)
        }
    }

    @Test func indexOfRowsIsThatOfMaintenance() throws {
        let (fixture, session, table) = try filled()
        try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.createIndex(IndexRequest("ByTag2", on: ["Tags", "-Name"]), on: table, session)
            try fixture.catalog.createIndex(IndexRequest("ByAge", on: ["Age"], .ignoreNull), on: table, session)
            try fixture.catalog.createIndex(IndexRequest("ByName2", on: ["Name"], .unique), on: table, session)
        }
        try CatalogTests().fill(table, session, fixture, 301...400)
        try fixture.verify()
        let index = try #require(table.schema.index(named: "byage", session.transaction))
        #expect(try count(table, index, session) == 400)
        try fixture.begin(session)
        #expect(throws: JetError.keyDuplicate) {
            try fixture.catalog.createIndex(IndexRequest("Unique", on: ["Age"], .unique), on: table, session)
        }
        #expect(throws: JetError.indexHasPrimary) {
            try fixture.catalog.createIndex(IndexRequest("Other", on: ["Age"], .primary), on: table, session)
        }
        #expect(throws: JetError.indexDuplicate) {
            try fixture.catalog.createIndex(IndexRequest("BYAGE", on: ["Age"]), on: table, session)
        }
        #expect(throws: JetError.indexMustStay) { try fixture.catalog.deleteIndex(named: "ById", of: table, session) }
        try fixture.catalog.deleteIndex(named: "ByTag2", of: table, session)
        try fixture.catalog.renameIndex("ByName2", of: table, to: "ByWhat", session)
        try fixture.commit(session)
        try fixture.verify()
        try fixture.reopen()
        let names = try fixture.catalog.table(named: "People", session).indexInfo(session).map(\.definition.name)
        #expect(names == ["ById", "ByName", "ByTag", "ByAge", "ByWhat"])
    }

    @Test func longValuesGetTheirTreeOnce() throws {
        for isRolledBack in [false, true] {
            let (fixture, session, table) = try filled(5)
            let notes = ColumnKey(ColumnID(256))
            try fixture.begin(session)
            let own = try fixture.catalog.createTable(
                TableRequest("Own", columns: CatalogTests.people.columns), session)
            for table in [table, own.table] {
                let cursor = ESEEngine.RowCursor(table, session)
                for count in [5_000, 20_000] {
                    try cursor.prepare(.insert)
                    let bytes = [UInt8](repeating: 0x41, count: count)
                    try bytes.withUnsafeBytes { bytes in
                        _ = try cursor.set(notes, bytes.baseAddress, byteCount: bytes.count)
                    }
                    try cursor.update()
                }
            }
            if isRolledBack { try fixture.rollback(session) } else { try fixture.commit(session) }
            let reader = try fixture.verify("rolled back: \(isRolledBack)")
            let count = reader.tables.filter { $0.definition.longValueRootPage != nil }.count
            #expect(count == (isRolledBack ? 1 : 2), "that of a table which others see stays")
        }
    }

    @Test func localizedIndexIsCounted() throws {
        let (fixture, session, table) = try filled(20)
        for name in ["L1", "L2"] {
            try fixture.transact(session) { () throws(JetError) in
                try fixture.catalog.createIndex(IndexRequest(name, on: ["Notes"]), on: table, session)
            }
        }
        let reader = try fixture.verify()
        let rows = try reader.table("MSysLocales").rows()
        var records: [[UInt8]] = []
        while rows.next() {
            if let record = rows.withRecord({ bytes, range in bytes.bytes(range) }) { records.append(record) }
        }
        let key = "LocaleName=en-US,SortID=00000001-57ee-1e5c-00b4-d0000bb1e11e,Ver=6020f0006020f"
        var octets: [UInt8] = []
        for unit in key.utf16 { octets += [UInt8(unit & 0xff), UInt8(unit >> 8)] }
        let expected: [UInt8] = [2, 0x80, 10, 0, 2, 2, 0, 0, 0, 0xfc, 0x9e, 0] + octets + [0, 0]
        #expect(records.contains(expected), "as Windows writes it")
    }

    @Test func changesThatAreNotSeenKeepIndexesAway() throws {
        let (fixture, session, table) = try filled(50)
        let other = fixture.makeSession()
        try fixture.begin(other)
        let cursor = ESEEngine.RowCursor(table, other)
        #expect(try cursor.first())
        try cursor.delete()
        try fixture.begin(session)
        #expect(throws: JetError.writeConflict) {
            try fixture.catalog.createIndex(IndexRequest("ByAge", on: ["Age"]), on: table, session)
        }
        try fixture.rollback(session)
        try fixture.rollback(other)
        try fixture.verify()
        // Entries of others in an index that is rolled back.
        try fixture.begin(session)
        try fixture.catalog.createIndex(IndexRequest("ByAge", on: ["Age"]), on: table, session)
        try fixture.begin(other)
        #expect(try cursor.first())
        try cursor.delete()
        try fixture.rollback(session)
        try fixture.rollback(other)
        try fixture.verify()
    }

    @Test func templateHandsDownColumnsAndIndexes() throws {
        let fixture = try CatalogFixture()
        let session = fixture.makeSession()
        var template = TableRequest(
            "Form",
            columns: [
                ColumnRequest("A", .long, .notNull), ColumnRequest("B", .text), ColumnRequest("C", .long, .tagged),
            ],
            indexes: [IndexRequest("ByA", on: ["A"], .primary), IndexRequest("ByC", on: ["C", "B"])])
        template.options = .template
        var derived = TableRequest(
            "Leaf", columns: [ColumnRequest("D", .short), ColumnRequest("E", .longBinary)],
            indexes: [IndexRequest("ByD", on: ["D"])])
        derived.templateName = "Form"
        let made = try fixture.transact(session) { () throws(JetError) in
            _ = try fixture.catalog.createTable(template, session)
            return try fixture.catalog.createTable(derived, session)
        }
        #expect(made.columns.map(\.key.rawValue) == [2, 256])
        let cursor = ESEEngine.RowCursor(made.table, session)
        try fixture.transact(session) { () throws(JetError) in
            for number in 0..<100 {
                try cursor.prepare(.insert)
                try cursor.set(ColumnKey(ColumnID(1), isFromTemplate: true), Int32(number))
                try cursor.set(ColumnKey(ColumnID(256), isFromTemplate: true), Int32(number % 9))
                try cursor.set(ColumnKey(ColumnID(2)), Int16(number % 5))
                try cursor.update()
            }
        }
        let reader = try fixture.verify()
        let definition = try reader.table("Leaf").definition
        #expect(definition.columns.map(\.name) == ["A", "B", "C", "D", "E"])
        #expect(definition.indexes.map(\.name) == ["ByA", "ByC", "ByD"])
        try fixture.reopen()
        let again = try fixture.catalog.table(named: "Leaf", session)
        #expect(again.schema.definition.columns == made.table.schema.definition.columns)
        #expect(again.schema.definition.indexes == made.table.schema.definition.indexes)
        try fixture.begin(session)
        #expect(throws: JetError.cannotDeleteTemplateTable) { try fixture.catalog.deleteTable(named: "Form", session) }
        try fixture.rollback(session)
    }
}
