// Layer: ESETestKitTests. Tests: DatabaseBuilder by an audit of every page, and by what ESEReader reads back.

import ESEFormat
import ESEReader
import ESETestKit
import PeerRig
import Testing

@Suite struct DatabaseBuilderTests {
    /// Page sizes with revisions of their times.
    static let formats: [(size: PageSize, revision: UInt32)] = [
        (.kibibytes2, 9), (.kibibytes4, 9), (.kibibytes4, 0x11), (.kibibytes4, 20), (.kibibytes8, 20),
        (.kibibytes8, 110), (.kibibytes16, 230), (.kibibytes32, 20), (.kibibytes32, 300), (.kibibytes4, 300),
    ]

    private func audit(_ builder: DatabaseBuilder) throws -> (ESEDatabase, DatabaseAudit) {
        let bytes = try builder.build()
        let database = try ESEDatabase(readingFrom: MemorySource(bytes))
        var roots: Set<PageNumber> = []
        for table in database.tables {
            roots.insert(table.definition.rootPage)
            for index in table.definition.indexes { roots.insert(index.rootPage) }
            if let root = table.definition.longValueRootPage { roots.insert(root) }
        }
        return (database, DatabaseAudit(bytes, size: builder.pageSize, roots: roots.sorted()))
    }

    @Test(arguments: formats) func everythingFits(size: PageSize, revision: UInt32) throws {
        var builder = DatabaseBuilder(pageSize: size, revision: revision)
        builder.tables = [SampleDescriptions.allTypes(), SampleDescriptions.many(2_000)]
        builder.tables += SampleDescriptions.templateAndDerived()
        let (database, audit) = try audit(builder)
        #expect(audit.problems == [])
        #expect(audit.levels >= 2)
        #expect(try rowCount(database, "All types") == 57)
        #expect(try rowCount(database, "Many") == 2_000)
        #expect(try rowCount(database, "Derived") == 10)
        #expect(database.damage.pageCount + database.damage.nodeCount + database.damage.valueCount == 0)
    }

    private func rowCount(_ database: ESEDatabase, _ table: String) throws -> Int {
        let rows = try database.table(table).rows()
        var count = 0
        while rows.next() { count += 1 }
        return count
    }

    @Test func emptyDatabaseIsLaidOutAsTheEnginesIs() throws {
        let (database, audit) = try audit(DatabaseBuilder())
        #expect(audit.problems == [])
        let tables = database.tables.map { "\($0.name) \($0.definition.objectID) \($0.definition.rootPage)" }
        #expect(tables == ["MSysObjects 2 4", "MSysObjectsShadow 3 24", "MSysObjids 6 29", "MSysLocales 7 30"])
        #expect(try database.table("MSysObjects").definition.indexes.map(\.rootPage.rawValue) == [4, 7, 10])
    }
}
