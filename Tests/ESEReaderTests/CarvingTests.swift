// Layer: ESEReaderTests. Tests: deleted rows in databases that were made for it.

import ESEFormat
import ESEReader
import ESETestKit
import Primitives
import Synchronization
import Testing

@Suite struct CarvingTests {
    static let forms: [(PageSize, UInt32)] = [
        (.kibibytes4, 20), (.kibibytes8, 9), (.kibibytes16, 110), (.kibibytes32, 300),
    ]

    /// What was made already, by size of pages.
    private static let made = Mutex<[PageSize: EditedDatabase]>([:])

    private static func people(_ size: PageSize, _ revision: UInt32) throws -> EditedDatabase {
        try made.withLock { made in
            if let database = made[size] { return database }
            let database = try makePeople(size, revision)
            made[size] = database
            return database
        }
    }

    /// A table with all kinds of columns; every sixth row is flagged as deleted, every fifth has a long value outside.
    private static func makePeople(_ size: PageSize, _ revision: UInt32) throws -> EditedDatabase {
        var table = TableDescription("People")
        table.addColumn("Id", .long)
        table.addColumn("Is", .bit)
        table.addColumn("At", .dateTime)
        table.addColumn("Name", .text, codePage: 1_200)
        table.addColumn("Raw", .binary)
        table.addColumn("Note", .longText, codePage: 1_200)
        table.addColumn("Data", .longBinary)
        table.addColumn("Count", .longLong, .tagged)
        table.addIndex("Primary", on: ["Id"], flags: [.primary, .unique, .noNullSegment])
        for number in 0..<240 {
            var fields: [String: TableDescription.Field] = [
                "Id": .value(.signed(Int64(number * 3))), "Is": .value(.bit(number % 2 == 0)),
                "At": .value(.dateTime(40_000 + Double(number))), "Name": .value(.text("name \(number)")),
                "Note": .value(.text(String(repeating: "n", count: number % 40 + 1))),
            ]
            if number % 3 == 0 { fields["Raw"] = .value(.binary(Array(repeating: 0x7f, count: number % 30))) }
            if number % 5 == 0 {
                fields["Data"] = .separated(.binary(Array(repeating: UInt8(number & 255), count: 2_000)))
            }
            if number % 2 == 1 { fields["Count"] = .value(.signed(Int64(-number))) }
            table.addRow(fields, isDeleted: number % 6 == 5)
        }
        var builder = DatabaseBuilder(pageSize: size, revision: revision)
        builder.tables.append(table)
        return EditedDatabase(try builder.build(), size: size)
    }

    private struct Row {
        var page: PageNumber
        var position: Int
        var values: [[ColumnValue]]
    }

    private static func live(_ database: EditedDatabase, _ name: String = "People") throws -> [[UInt8]: Row] {
        let rows = try database.open().table(name).rows()
        var all: [[UInt8]: Row] = [:]
        while rows.next() {
            all[rows.key] = Row(page: rows.page, position: rows.position, values: try rows.everything())
        }
        return all
    }

    @Test("rows that are flagged as deleted", arguments: forms)
    func flagged(form: (PageSize, UInt32)) throws {
        let database = try Self.people(form.0, form.1)
        let rows = try database.open().table("People").deletedRows()
        var count = 0
        while rows.next() {
            let carved = try #require(rows.carved)
            #expect(carved.origin == .flagDeleted)
            #expect(carved.confidence == .keyMatches)
            #expect(rows.position >= 0 && rows.isDeleted && !carved.isOtherVersion && carved.isEndKnown)
            #expect(try rows["Id"] == .signed(Int64((count * 6 + 5) * 3)))
            count += 1
        }
        #expect(count == 40)
        var options = DeletedRowOptions()
        options.includesFlagDeleted = false
        #expect(try !database.open().table("People").deletedRows(options).next())
    }

    @Test("rows whose nodes were removed", arguments: forms)
    func removed(form: (PageSize, UInt32)) throws {
        var database = try Self.people(form.0, form.1)
        let before = try Self.live(database)
        // Every seventh, from behind, so that positions stay.
        let gone = before.sorted { $1.key.lexicographicallyPrecedes($0.key) }.enumerated()
            .filter { $0.offset % 7 == 3 }.map(\.element)
        for (_, row) in gone { try database.removeNode(row.position, on: row.page) }
        let opened = try database.open()
        let rows = try opened.table("People").deletedRows()
        var found: [[UInt8]: [[ColumnValue]]] = [:]
        while rows.next() {
            let carved = try #require(rows.carved)
            guard carved.origin != .flagDeleted else { continue }
            #expect(carved.origin == .slack && carved.confidence == .keyMatches && !carved.isOtherVersion)
            #expect(rows.position == -1)
            #expect(found.updateValue(try rows.everything(), forKey: rows.key) == nil)
        }
        #expect(Set(found.keys) == Set(gone.map(\.key)))
        for (key, row) in gone { #expect(found[key] == row.values) }
        #expect(rows.damage.isEmpty && opened.damage.isEmpty)
        #expect(try Self.live(database).count == before.count - gone.count)
    }

    @Test("copies of rows are left out, other versions given", arguments: forms)
    func versions(form: (PageSize, UInt32)) throws {
        var database = try Self.people(form.0, form.1)
        // The last leaf has room.
        let row = try #require(
            try Self.live(database).values.filter { $0.position == 1 }.max { $0.page < $1.page })
        let page = database.page(row.page)
        let layout = try PageLayout(page.span.bytes, size: form.0)
        let range = try layout.tag(1 + layout.reservedTagCount, in: page.span.bytes).range
        let slack = try database.slack(of: row.page)
        try #require(slack.count > range.count)
        try database.edit(row.page) {
            $0.replaceSubrange(slack.lowerBound..<(slack.lowerBound + range.count), with: page[range])
        }
        var options = DeletedRowOptions()
        options.includesFlagDeleted = false
        #expect(try !database.open().table("People").deletedRows(options).next())
        // The row changes: its column Is. What is in the slack is the old row.
        let record = try layout.node(1, in: page.span.bytes).data.lowerBound
        try database.edit(row.page) { $0[record + 8] ^= 0xff }
        let rows = try database.open().table("People").deletedRows(options)
        #expect(rows.next())
        #expect(rows.carved?.isOtherVersion == true)
        #expect(rows.carved?.origin == .slack)
        #expect(try rows["Is"] == row.values[1].first)
        #expect(!rows.next())
    }

    @Test("rows of pages that were freed", arguments: forms, [false, true])
    func freed(form: (PageSize, UInt32), isFlagged: Bool) throws {
        var database = try Self.people(form.0, form.1)
        let before = try Self.live(database)
        let number = try #require(before.values.map(\.page).max())
        let there = before.filter { $0.value.page == number }
        let free = PageNumber(try database.open().lastPage.rawValue + 1)
        var copy = database.page(number)
        let flags: UInt32 = try copy.span.bytes.little(36)
        EditedDatabase.set(UInt64(flags & ~1 | (isFlagged ? 8 : 0)), &copy, 36, count: 4)
        try database.put(copy, at: free)
        #expect(try !Self.carved(database, .freedPage).next(), "all of them are rows")
        for row in there.values.sorted(by: { $0.position > $1.position }) where row.position > 0 {
            try database.removeNode(row.position, on: number)
        }
        let rows = try Self.carved(database, .freedPage)
        var found: [[UInt8]: [[ColumnValue]]] = [:]
        while rows.next() {
            #expect(rows.page == free && rows.carved?.origin == .freedPage)
            #expect(rows.carved?.confidence == .keyMatches)
            found[rows.key] = try rows.everything()
        }
        let expected = there.filter { $0.value.position > 0 }
        #expect(found == expected.mapValues(\.values))
    }

    private static func carved(_ database: EditedDatabase, _ origin: CarvedRow.Origin) throws -> RowCursor {
        var options = DeletedRowOptions()
        options.includesFlagDeleted = origin == .flagDeleted
        options.includesSlack = origin == .slack
        options.includesFreedPages = origin == .freedPage
        return try database.open().table("People").deletedRows(options)
    }

    @Test("a long value that is gone is no damage of the database", arguments: forms)
    func longValueGone(form: (PageSize, UInt32)) throws {
        var database = try Self.people(form.0, form.1)
        let row = try #require(try Self.live(database).values.first { $0.values[0] == [.signed(30)] })
        try database.removeNode(row.position, on: row.page)
        let nodes = try #require(try database.open().table("People").longValueNodes())
        var places: [(PageNumber, Int)] = []
        while nodes.next() { places.append((nodes.page, nodes.position)) }
        for (page, position) in places { try database.flagNode(position, on: page) }
        let opened = try database.open()
        let rows = try opened.table("People").deletedRows()
        while rows.next(), try rows["Id"] != .signed(30) {}
        #expect(try rows["Name"] == .text("name 10"))
        #expect(throws: FormatError(.badLongValue, at: 0)) { try rows["Data"] }
        #expect(rows.damage.valueCount == 1)
        #expect(opened.damage.isEmpty)
    }

    @Test("a table without a primary index")
    func sequential() throws {
        var table = TableDescription("Log")
        table.addColumn("At", .longLong)
        table.addColumn("Text", .text, codePage: 1_252)
        for number in 0..<50 {
            table.addRow(["At": .value(.signed(Int64(number))), "Text": .value(.text("line \(number)"))])
        }
        var builder = DatabaseBuilder(pageSize: .kibibytes4, revision: 20)
        builder.tables.append(table)
        var database = EditedDatabase(try builder.build(), size: .kibibytes4)
        let before = try Self.live(database, "Log")
        let row = try #require(before.first { $0.value.position == 7 })
        try database.removeNode(7, on: row.value.page)
        let rows = try database.open().table("Log").deletedRows()
        #expect(rows.next())
        #expect(rows.carved?.confidence == .structureOnly)
        #expect(rows.key == row.key)
        #expect(try rows.everything() == row.value.values)
        #expect(!rows.next())
        var options = DeletedRowOptions()
        options.includesUncertain = false
        #expect(try !database.open().table("Log").deletedRows(options).next())
    }

    @Test("random and overwritten slack has no rows", arguments: forms)
    func randomSlack(form: (PageSize, UInt32)) throws {
        let seed: UInt64 = 0xca5e
        var random = SeededRandom(seed: seed)
        var database = try Self.people(form.0, form.1)
        let pages = Set(try Self.live(database).values.map(\.page))
        for round in 0..<10 {
            for page in pages.sorted().suffix(3) {
                let slack = try database.slack(of: page)
                let fill = Array("DROHdlzu".utf8)[round % 8]
                try database.edit(page) { bytes in
                    for place in slack {
                        bytes[place] = round < 8 ? fill : UInt8(truncatingIfNeeded: random.next())
                    }
                }
            }
            #expect(try !Self.carved(database, .slack).next(), "seed \(seed), round \(round)")
        }
    }

    @Test("malformed pages", arguments: forms)
    func malformed(form: (PageSize, UInt32)) throws {
        let seed: UInt64 = 0xbad5
        var random = SeededRandom(seed: seed)
        let original = try Self.people(form.0, form.1)
        let pages = Set(try Self.live(original).values.map(\.page)).sorted()
        for _ in 0..<8 {
            var database = original
            for page in pages.prefix(4) {
                try database.edit(page) { bytes in
                    for _ in 0..<(1 + random.next() % 60) {
                        // The header's identity stays, so that the page is looked at.
                        let place = 28 + Int(random.next() % UInt64(bytes.count - 28))
                        bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    }
                }
            }
            let opened = try database.open()
            let rows = try opened.table("People").deletedRows()
            while rows.next() {
                #expect(rows.withRecord { $1.upperBound <= $0.byteCount } == true)
                for column in rows.columns.indices { _ = try? rows.values(column) }
            }
        }
    }
}
