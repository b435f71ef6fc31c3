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
        builder.tables = [SampleDescriptions.allTypes(rowCount: 40), SampleDescriptions.many(600)]
        builder.tables += SampleDescriptions.templateAndDerived()
        let (database, audit) = try audit(builder)
        #expect(audit.problems == [])
        #expect(audit.levels >= 2)
        #expect(try rowCount(database, "All types") == 38)
        #expect(try rowCount(database, "Many") == 600)
        #expect(try rowCount(database, "Derived") == 10)
        #expect(database.damage.pageCount + database.damage.nodeCount + database.damage.valueCount == 0)
    }

    private func rowCount(_ database: ESEDatabase, _ table: String) throws -> Int {
        let rows = try database.table(table).rows()
        var count = 0
        while rows.next() { count += 1 }
        return count
    }

    @Test func treesOfExtentsHaveSeveralLevels() throws {
        // Small pages and two trees that grow in turns, so that extents are many.
        var builder = DatabaseBuilder(pageSize: .kibibytes2)
        builder.keepsSplitBuffers = true
        builder.mostExtentPages = 16
        builder.tables = [SampleDescriptions.many(40), SampleDescriptions.fat(2_600)]
        let (database, audit) = try audit(builder)
        #expect(audit.problems == [])
        #expect(audit.extentLevels >= 2)
        #expect(audit.splitBufferCount >= 2)
        #expect(try rowCount(database, "Fat") == 2_600)
    }

    @Test func longValueIDsOf64Bits() throws {
        var table = SampleDescriptions.allTypes()
        table.hasWideLongValueIDs = true
        table.longValueFlags = 0
        var builder = DatabaseBuilder(pageSize: .kibibytes8, revision: 230)
        builder.tables = [table]
        let (database, audit) = try audit(builder)
        #expect(audit.problems == [])
        let rows = try database.table("All types").rows()
        let column = try #require(rows.columns.firstIndex { $0.name == "long Text" })
        var texts = 0
        while rows.next() {
            guard case .text(let text) = try rows.value(column), let id = try rows.integer(0) else { continue }
            #expect(text.isEmpty || text.hasPrefix("text \(id) "))
            texts += 1
        }
        #expect(texts == 57)
        #expect(database.damage.valueCount == 0)
    }

    @Test func theSameDescriptionMakesTheSameBytes() throws {
        var builder = DatabaseBuilder()
        builder.tables = [SampleDescriptions.allTypes(rowCount: 20)]
        #expect(try builder.build() == builder.build())
    }

    @Test func anAuditFindsDamage() throws {
        var builder = DatabaseBuilder()
        builder.tables = [SampleDescriptions.many(100)]
        var bytes = try builder.build()
        // A bit of the catalog's root.
        bytes[5 * 4_096 + 100] ^= 1
        #expect(!DatabaseAudit(bytes, size: .kibibytes4, roots: [.catalog]).problems.isEmpty)
        // Without the tables' roots their pages belong to nobody.
        bytes[5 * 4_096 + 100] ^= 1
        let problems = DatabaseAudit(bytes, size: .kibibytes4, roots: [.catalog]).problems
        #expect(problems.contains { $0.hasSuffix("belongs to nobody") })
    }

    @Test func keysOutOfOrderAreAnError() {
        var table = TableDescription("T")
        table.addColumn("Id", .long)
        table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
        var ids: [Int32] = [2, 1]
        table.makeRow = { row in
            guard !ids.isEmpty else { return false }
            row.set(0, integer: ids.removeFirst())
            return true
        }
        var builder = DatabaseBuilder()
        builder.tables = [table]
        #expect(throws: FormatError(.badKey, at: 1)) { try builder.build() }
    }

    @Test func emptyDatabaseIsLaidOutAsTheEnginesIs() throws {
        let (database, audit) = try audit(DatabaseBuilder())
        #expect(audit.problems == [])
        let tables = database.tables.map { "\($0.name) \($0.definition.objectID) \($0.definition.rootPage)" }
        #expect(tables == ["MSysObjects 2 4", "MSysObjectsShadow 3 24", "MSysObjids 6 29", "MSysLocales 7 30"])
        #expect(try database.table("MSysObjects").definition.indexes.map(\.rootPage.rawValue) == [4, 7, 10])
    }
}
