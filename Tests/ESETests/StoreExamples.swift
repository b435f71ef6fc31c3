// Layer: ESETests. Tests: the examples of docs/ese/store.md, in its order. What is in both is the same.

import ESE
import Testing

@Suite struct StoreExamples {
    // Table as a description.
    static let orders = TableSpec(
        "orders",
        columns: [
            ColumnSpec("id", Int32.self, .autoincrement),
            ColumnSpec("customer", .text),
            ColumnSpec("cents", Int64.self),
            ColumnSpec("tags", .text, [.tagged, .multivalued]),
            ColumnSpec("views", Int32.self, .escrowUpdate, defaultValue: 0),
            ColumnSpec("scan", [UInt8].self, .compressed),
        ],
        indexes: [
            .primary(on: ["id"]),
            IndexSpec("byCustomer", on: ["customer", "-cents"]),
            IndexSpec("byTag", on: ["tags"], .ignoreNull),
        ])

    // Rows as values.
    struct Person: TableRecord {
        var id: Int32
        var name: String

        struct Columns: RecordColumns {
            let id: Column<Int32>, name: Column<String>

            init(_ table: TableCursor) throws(JetError) {
                id = try table.column("id")
                name = try table.column("name")
            }
        }

        static let table = TableSpec(
            "people", columns: [ColumnSpec("id", Int32.self, .notNull), ColumnSpec("name", .text)],
            indexes: [.primary(on: ["id"])])

        init(id: Int32, name: String) {
            self.id = id
            self.name = name
        }

        init(_ row: borrowing Row, _ columns: Columns) throws(JetError) {
            id = try row[columns.id] ?? 0
            name = try row[columns.name] ?? ""
        }

        func write(to row: borrowing RowWriter, _ columns: Columns) throws(JetError) {
            try row.set(columns.id, id)
            try row.set(columns.name, name)
        }
    }

    @Test func examplesOfTheDocumentation() throws {
        let temporary = try TemporaryDirectory()
        let directory = temporary.path

        // A database.
        let instance = try Instance.open(directory: directory)
        let session = try instance.makeSession()
        let database = try session.openDatabase("shop.edb")
        let table = try database.table(Self.orders)

        // Rows.
        let customer: Column<String> = try table.column("customer")
        let cents: Column<Int64> = try table.column("cents")
        let tags: Column<String> = try table.column("tags")

        try session.transaction {
            for number in 1...100 {
                try table.insert { row throws(JetError) in
                    try row.set(customer, "customer \(number % 7)")
                    try row.set(cents, Int64(number) * 100)
                    try row.add(tags, "new")
                }
            }
        }

        // A scan.
        var sum: Int64 = 0
        try table.setIndex("byCustomer")
        try table.scan(equal: ["customer 3"]) { row throws(JetError) in
            sum += try row[cents] ?? 0
            return true
        }
        #expect(sum == 67_900)

        // A search, a change, a counter.
        let views: Column<Int32> = try table.column("views")
        try table.setIndex(nil)
        try session.transaction(.lazy(milliseconds: 50)) {
            guard try table.seek(.equal, Int32(42)) == .equal else { return }
            try table.replace { row throws(JetError) in try row.set(cents, 0) }
            try table.add(1, to: views)
        }

        // A range.
        try session.transaction {
            try table.scan(from: .excluding([90]), to: .including([95])) { _ throws(JetError) in
                try table.delete()
                return true
            }
        }
        #expect(try table.scan { _ in true } == 95)

        // A long value.
        let scan: Column<[UInt8]> = try table.column("scan")
        try session.transaction {
            try table.insert { row throws(JetError) in
                for part in 0..<10 { try row.append(scan, [UInt8](repeating: UInt8(part), count: 100_000)) }
            }
        }
        var count = 0
        if try table.last() {
            try table.withRow { row throws(JetError) in
                try row.forEachPart(of: scan) { part throws(JetError) in count += part.byteCount }
            }
        }
        #expect(count == 1_000_000)

        // Records.
        let people = try RecordTable<Person>(in: database)
        try session.transaction { try people.insert(Person(id: 7, name: "Ada")) }
        let found = try people.find([7])
        #expect(found?.name == "Ada")

        // The end.
        try database.detach()
        try instance.close()
    }
}
