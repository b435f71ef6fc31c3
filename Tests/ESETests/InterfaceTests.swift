// Layer: ESETests. Tests: the Swift API on real files: databases, rows, searches, transactions, long values.

import ESE
import PlatformIO
import Testing

/// An instance in a directory of its own.
struct InterfaceRig {
    let directory: TemporaryDirectory
    let instance: Instance
    let session: Session
    let database: SessionDatabase

    init(_ change: (inout InstanceOptions) -> Void = { _ in }) throws {
        directory = try TemporaryDirectory()
        instance = try Instance.open(directory: directory.path, Self.options(change))
        session = try instance.makeSession()
        database = try session.openDatabase("test.edb")
    }

    static func options(_ change: (inout InstanceOptions) -> Void = { _ in }) -> InstanceOptions {
        var options = InstanceOptions()
        options.logFileByteCount = 128 << 10
        options.cacheByteCount = 4 << 20
        options.environment = EngineEnvironment(reporter: SilentReporter())
        change(&options)
        return options
    }
}

@Suite struct InterfaceTests {
    static let orders = TableSpec(
        "orders",
        columns: [
            ColumnSpec("id", Int32.self, .autoincrement), ColumnSpec("customer", String.self),
            ColumnSpec("amount", Int64.self), ColumnSpec("tags", .text, [.tagged, .multivalued]),
            ColumnSpec("count", Int32.self, .escrowUpdate, defaultValue: 0), ColumnSpec("scan", [UInt8].self),
        ],
        indexes: [
            .primary(on: ["id"]), IndexSpec("byCustomer", on: ["customer", "-amount"]),
            IndexSpec("byTag", on: ["tags"]),
        ])

    struct Columns: RecordColumns {
        let id: Column<Int32>, customer: Column<String>, amount: Column<Int64>, tags: Column<String>
        let count: Column<Int32>, scan: Column<[UInt8]>

        init(_ table: TableCursor) throws(JetError) {
            id = try table.column("id")
            customer = try table.column("CUSTOMER")
            amount = try table.column("amount")
            tags = try table.column("tags")
            count = try table.column("count")
            scan = try table.column("scan")
        }
    }

    private func fill(_ rig: InterfaceRig, _ table: TableCursor, _ columns: Columns, count: Int) throws {
        try rig.session.transaction {
            for number in 0..<count {
                try table.insert { row throws(JetError) in
                    try row.set(columns.customer, number % 5 == 4 ? nil : "customer \(number % 5)")
                    try row.set(columns.amount, Int64(number))
                    try row.set(columns.tags, all: (0..<(number % 3)).map { "tag \($0)" })
                }
            }
        }
    }

    @Test func rowsAreThereInTheNextRun() throws {
        let directory = try TemporaryDirectory()
        for run in 0..<3 {
            let instance = try Instance.open(directory: directory.path, InterfaceRig.options())
            let session = try instance.makeSession()
            let database = try session.openDatabase("test.edb")
            let table = try database.table(Self.orders)
            let columns = try Columns(table)
            try session.transaction(.lazy()) {
                try table.insert { row throws(JetError) in try row.set(columns.customer, "run \(run)") }
            }
            var found: [String] = []
            try table.scan { row throws(JetError) in
                let id: Int32? = try row[columns.id]
                let customer: String? = try row[columns.customer]
                found.append("\(id ?? -1) \(customer ?? "-")")
                return true
            }
            #expect(found == (0...run).map { "\($0 + 1) run \($0)" })
            #expect(try database.tableNames() == ["orders"])
            #expect(instance.memory.byteCount > 0)
            try instance.close()
            #expect(throws: JetError.self) { try table.first() }
        }
    }

    @Test func valuesOfRowsAndScansOfIndexes() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        try fill(rig, table, columns, count: 100)
        func amounts(
            _ lower: KeyBound?, _ upper: KeyBound?, backward: Bool = false
        ) throws -> [Int64] {
            var result: [Int64] = []
            try table.scan(from: lower, to: upper, backward: backward) { row throws(JetError) in
                result.append(try row[columns.amount] ?? -1)
                return true
            }
            return result
        }
        #expect(try amounts(.including([10]), .excluding([14])) == [9, 10, 11, 12])
        #expect(try amounts(.excluding([10]), .including([14]), backward: true) == [13, 12, 11, 10])
        #expect(try amounts(.including([1000]), nil) == [])
        #expect(try table.scan(from: .including([50]), to: .including([51])) { _ in false } == 1)
        #expect(try table.next() && table.next() && table.next())
        try table.setIndex("byCustomer")
        #expect(try amounts(nil, nil).prefix(2) == [99, 94])
        #expect(
            try amounts(.including(["customer 3"]), .including(["customer 3"]))
                == (0..<20).reversed().map { $0 * 5 + 3 })
        #expect(try amounts(.including(["customer 3", 50]), .including(["customer 3"])).count == 10)
        #expect(try amounts(.beginning(["cust"]), .beginning(["cust"])).count == 80)
        #expect(try amounts(.including([nil]), .including([nil])).count == 20)
        #expect(try table.seek(.greaterOrEqual, "customer 1") == .notEqual)
        #expect(try table.seek(.equal, ["customer 1", 41]) == .equal)
        try table.setIndex("byTag")
        #expect(try amounts(.including(["tag 1"]), nil).count == 33)
        #expect(throws: JetError.indexNotFound) { try table.setIndex("byNothing") }
        try table.setIndex("Primary")
        #expect(try table.seek(.equal, Int32(6)) == .equal)
        let tags: [String] = try table.withRow { row throws(JetError) in try row.values(columns.tags) }
        #expect(tags == ["tag 0", "tag 1"])
        #expect(throws: JetError.invalidColumnType) { try table.column("id", as: Int64.self) }
        #expect(throws: JetError.columnNotFound) { try table.column("no", as: Int64.self) }
        #expect(throws: JetError.invalidBufferSize) { try table.seek(.equal, ["text"]) }
    }

    @Test func transactionsNestAndRollBack() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        struct Mine: Error {}
        #expect(throws: JetError.notInTransaction) { try table.insert { _ throws(JetError) in } }
        #expect(throws: Mine.self) {
            try rig.session.transaction { () throws in
                try table.insert { row throws(JetError) in try row.set(columns.amount, 1) }
                throw Mine()
            }
        }
        #expect(try table.first() == false)
        try rig.session.transaction {
            try table.insert { row throws(JetError) in try row.set(columns.amount, 2) }
            do throws(JetError) {
                try rig.session.transaction { () throws(JetError) in
                    try table.insert { row throws(JetError) in try row.set(columns.amount, 3) }
                    throw JetError.recordNotFound
                }
            } catch {
                #expect(error == .recordNotFound)
            }
            #expect(try rig.session.level == 1)
        }
        #expect(throws: JetError.transReadOnly) {
            try rig.session.transaction(isReadOnly: true) { try table.insert { _ throws(JetError) in } }
        }
        #expect(throws: JetError.recordNotFound) {
            try rig.session.transaction { () throws(JetError) in
                try table.insert { (_) throws(JetError) in throw JetError.recordNotFound }
            }
        }
        #expect(try table.scan { _ in true } == 1)
        // What was opened in a transaction that is rolled back is closed.
        var opened: TableCursor?
        #expect(throws: Mine.self) {
            try rig.session.transaction { () throws in
                try rig.database.createTable(TableSpec("other", columns: [ColumnSpec("a", Bool.self)]))
                opened = try rig.database.table("other")
                #expect(try opened?.first() == false)
                throw Mine()
            }
        }
        #expect(throws: JetError.invalidTableId) { try opened?.first() }
        #expect(throws: JetError.objectNotFound) { try rig.database.table("other") }
    }

    @Test func rowsAreChangedAndDeletedInScans() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        try fill(rig, table, columns, count: 50)
        try rig.session.transaction {
            try table.scan { row throws(JetError) in
                let amount = try row[columns.amount] ?? 0
                if amount % 2 == 0 {
                    try table.delete()
                } else {
                    try table.replace { row throws(JetError) in try row.set(columns.amount, amount * 10) }
                    try table.add(Int32(amount), to: columns.count)
                }
                return true
            }
        }
        var sums: [Int64] = [0, 0]
        try table.scan { row throws(JetError) in
            sums[0] += try row[columns.amount] ?? 0
            sums[1] += Int64(try row[columns.count] ?? 0)
            return true
        }
        #expect(sums == [6_250, 625])
        #expect(try table.first())
        let mark = try table.bookmark()
        #expect(try table.last())
        try table.go(to: mark)
        let amount: Int64? = try table.withRow { row throws(JetError) in try row[columns.amount] }
        #expect(amount == 10)
    }

    @Test func longValuesInParts() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        let part = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try rig.session.transaction {
            try table.insert { row throws(JetError) in
                for _ in 0..<8 { try row.append(columns.scan, part) }
            }
        }
        #expect(try table.first())
        var read: [UInt8] = []
        try table.withRow { row throws(JetError) in
            let count = try row.byteCount(columns.scan)
            #expect(count == 400_000)
            try row.forEachPart(of: columns.scan, partByteCount: 30_000) { span throws(JetError) in
                span.withUnsafeBytes { read.append(contentsOf: $0) }
            }
        }
        #expect(read == Array([[UInt8]](repeating: part, count: 8).joined()))
        try rig.session.transaction {
            try table.replace { row throws(JetError) in try row.resize(columns.scan, to: 10) }
        }
        let rest: [UInt8]? = try table.withRow { row throws(JetError) in try row[columns.scan] }
        #expect(rest == Array(part.prefix(10)))
    }

    @Test func oneThreadAtATime() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let errors = Locked<[JetError?]>([])
        try rig.session.transaction {
            let thread = try? Thread.start(name: "other") {
                do throws(JetError) {
                    _ = try table.first()
                } catch { errors.withLock { $0.append(error) } }
            }
            thread?.join()
            #expect(throws: JetError.tooManyActiveUsers) { try rig.instance.close() }
            #expect(throws: JetError.sessionInUse) { try rig.session.end() }
        }
        #expect(errors.withLock { $0 } == [.sessionSharingViolation])
        try rig.session.end()
        try rig.session.end()
        #expect(throws: JetError.invalidSesid) { try table.first() }
        try rig.instance.close()
        try rig.instance.close()
        #expect(throws: JetError.self) { try rig.instance.makeSession() }
    }

    struct Person: TableRecord, Equatable {
        var id: Int32
        var name: String?
        var born: OLEDate

        struct Columns: RecordColumns {
            let id: Column<Int32>, name: Column<String>, born: Column<OLEDate>

            init(_ table: TableCursor) throws(JetError) {
                id = try table.column("id")
                name = try table.column("name")
                born = try table.column("born")
            }
        }

        static let table = TableSpec(
            "people",
            columns: [
                ColumnSpec("id", Int32.self, .notNull), ColumnSpec("name", .text), ColumnSpec("born", OLEDate.self),
            ], indexes: [.primary(on: ["id"]), IndexSpec("byName", on: ["name"])])

        init(id: Int32, name: String?, born: OLEDate) {
            self.id = id
            self.name = name
            self.born = born
        }

        init(_ row: borrowing Row, _ columns: Columns) throws(JetError) {
            id = try row[columns.id] ?? 0
            name = try row[columns.name]
            born = try row[columns.born] ?? OLEDate(days: 0)
        }

        func write(to row: borrowing RowWriter, _ columns: Columns) throws(JetError) {
            try row.set(columns.id, id)
            try row.set(columns.name, name)
            try row.set(columns.born, born)
        }
    }

    @Test func recordsAreRows() throws {
        let rig = try InterfaceRig()
        let people = try RecordTable<Person>(in: rig.database)
        let all = (0..<20).map { Person(id: $0, name: $0 % 4 == 0 ? nil : "n\($0)", born: OLEDate(days: Double($0))) }
        try rig.session.transaction { for person in all { try people.insert(person) } }
        #expect(try people.all() == all)
        #expect(try people.all(from: .excluding([17])) == Array(all.suffix(2)))
        try people.cursor.setIndex("byName")
        #expect(try people.find(["N7"]) == all[7])
        #expect(try people.find(["n77"]) == nil)
        #expect(throws: JetError.keyDuplicate) { try rig.session.transaction { try people.insert(all[3]) } }
        #expect(OLEDate(unixSeconds: 0).days == 25_569)
        #expect(OLEDate(unixSeconds: -2_209_226_400).days == -1.25)
        #expect(OLEDate(days: -1.25).unixSeconds == -2_209_226_400)
    }

    @Test func sessionsOfSeveralThreadsCountTogether() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        try rig.session.transaction { try table.insert { _ throws(JetError) in } }
        let errors = Locked<[String]>([])
        var threads: [Thread] = []
        for _ in 0..<4 {
            let instance = rig.instance
            threads.append(
                try Thread.start(name: "counter") {
                    do throws(JetError) {
                        let session = try instance.makeSession()
                        let own = try session.openDatabase("test.edb").table("orders")
                        for _ in 0..<50 {
                            try session.transaction(.lazy()) { () throws(JetError) in
                                guard try own.first() else { throw .noCurrentRecord }
                                try own.add(1, to: columns.count)
                                try own.insert { (row) throws(JetError) in try row.set(columns.amount, 1) }
                            }
                        }
                        try session.end()
                    } catch { errors.withLock { $0.append("\(error)") } }
                })
        }
        for thread in threads { thread.join() }
        #expect(errors.withLock { $0 } == [])
        #expect(try table.first())
        let count: Int32? = try table.withRow { row throws(JetError) in try row[columns.count] }
        #expect(count == 200)
        #expect(try table.scan { _ in true } == 201)
    }

    @Test func memoryIsToldAndTheCacheChangesItsSize() throws {
        let rig = try InterfaceRig { $0.versionPageLimit = 100 }
        #expect(rig.instance.memory.bufferByteLimit == 4 << 20)
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        for _ in 0..<12 {
            try rig.session.transaction {
                try table.insert { row throws(JetError) in
                    try row.set(columns.scan, [UInt8](repeating: 7, count: 500_000))
                    try row.append(columns.scan, (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) })
                }
            }
        }
        let full = rig.instance.memory
        #expect(full.pageCount > 400 && full.changedPageCount > 0 && full.changedPageCount <= full.pageCount)
        #expect(full.bufferByteCount <= 4 << 20 && full.pageCount * 8_192 <= full.bufferByteCount)
        #expect(full.logByteCount == 512 << 10 && full.versionByteLimit >= 100 * full.versionByteCount / 100)
        #expect(full.versionByteLimit > 1 << 20)
        try rig.instance.setCacheByteCount(1 << 20)
        let small = rig.instance.memory
        #expect(small.bufferByteLimit == 1 << 20 && small.bufferByteCount <= 2 << 20 && small.pageCount <= 128)
        #expect(try table.scan { _ in true } == 12)
        try rig.instance.setCacheByteCount(8 << 20)
        #expect(rig.instance.memory.bufferByteLimit == 8 << 20)
        #expect(throws: JetError.self) { try rig.instance.setCacheByteCount(-1) }
        try rig.instance.close()
        #expect(rig.instance.memory.byteCount == 0 && rig.instance.memory.bufferByteLimit == 0)
        #expect(throws: JetError.self) { try rig.instance.setCacheByteCount(1 << 20) }
    }

    @Test func schemasChange() throws {
        let rig = try InterfaceRig()
        let table = try rig.database.table(Self.orders)
        let columns = try Columns(table)
        try fill(rig, table, columns, count: 30)
        try table.addColumn(ColumnSpec("note", String.self, defaultValue: "none"))
        let note: Column<String> = try table.column("note")
        try table.createIndex(IndexSpec("byNote", on: ["note", "id"]))
        #expect(try table.indexNames().contains("byNote"))
        try table.setIndex("byNote")
        #expect(try table.scan(equal: ["none"]) { row throws(JetError) in try row[note] == "none" } == 30)
        try table.setIndex(nil)
        try table.deleteIndex("byNote")
        try table.deleteColumn("note")
        #expect(throws: JetError.columnNotFound) { try table.column("note", as: String.self) }
        try table.close()
        try rig.database.renameTable("orders", to: "old")
        try rig.database.deleteTable("old")
        #expect(try rig.database.tableNames() == [])
        try rig.database.detach()
        #expect(throws: JetError.invalidDatabaseId) { try rig.database.tableNames() }
        let again = try rig.session.openDatabase("test.edb", .readOnly)
        #expect(try again.tableNames() == [])
        #expect(throws: JetError.self) { try again.createTable(Self.orders) }
    }
}
