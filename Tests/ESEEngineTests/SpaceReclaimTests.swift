// Layer: ESEEngineTests. Tests: after a crash, recovery gives pages that nobody has back to the trees that own them;
// verification finds no mistake in any space.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Primitives
import Testing

@testable import ESEEngine

@Suite struct SpaceReclaimTests {
    private static let path = "/one/data.edb"

    private static func parameters(_ pageSize: PageSize = .kibibytes4) throws -> InstanceParameters {
        try StoreMachine.parameters { parameters in
            try parameters.set(.circularLog, to: 1)
            try parameters.set(.checkpointDepthMax, to: 128 << 10)
            try parameters.set(.databasePageSize, to: UInt64(pageSize.byteCount))
        }
    }

    private static func request(_ name: String, pageCount: UInt32 = 1) -> TableRequest {
        var request = TableRequest(name)
        request.pageCount = pageCount
        request.columns = [
            ColumnRequest("id", .long, .notNull), ColumnRequest("number", .longLong),
            ColumnRequest("name", .text),
            ColumnRequest("tags", .long, [.tagged, .multivalued]), ColumnRequest("value", .longBinary),
        ]
        request.indexes = [
            IndexRequest("primary", on: ["+id"], [.primary, .unique, .disallowNull]),
            IndexRequest("byNumber", on: ["+number"]), IndexRequest("byTag", on: ["+tags", "+number"]),
        ]
        return request
    }

    private static let value = ColumnKey(ColumnID(257))

    private func insert(_ id: Int32, valueByteCount: Int, _ cursor: ESEEngine.RowCursor) throws(JetError) {
        let row = FixtureRow(
            id: id, number: Int64(id % 50), name: String(repeating: "n", count: Int(id % 200)),
            tags: (0..<(id % 4)).map { $0 * 10 })
        try cursor.prepare(.insert)
        do throws(JetError) {
            try cursor.fill(row)
            if valueByteCount > 0 {
                let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: valueByteCount)
                try bytes.lend { (bytes: Bytes) throws(JetError) in
                    _ = try cursor.set(Self.value, bytes.start, byteCount: bytes.byteCount)
                }
            }
            try cursor.update()
        } catch {
            try cursor.cancelUpdate()
            throw error
        }
    }

    /// What verification finds in the file; notes are left out, and that only one copy of the header was written before
    /// a cut.
    private func errors(_ disk: SimulatedDisk, _ path: String = path) throws -> [String] {
        let bytes = try #require(disk.contents(path), "there is no \(path)")
        let report = Verification(MemorySource(bytes, name: path)).run()
        return report.groups.filter { $0.errorCount > 0 && $0.kind != .headerShadow }.flatMap {
            $0.kept.map(\.description)
        }
    }

    private func reclaimed(_ machine: StoreMachine) -> Int {
        machine.reporter.reports.reduce(0) { sum, report in
            guard report.text.contains("were given back") else { return sum }
            let words = report.text.split(separator: " ")
            return sum + (words.dropFirst().first.flatMap { Int($0) } ?? 0)
        }
    }

    // MARK: At any moment.

    /// Something that changes space; throws when the power is gone.
    private func step(
        _ catalog: ESEEngine.Catalog, _ session: SessionStore, _ next: inout Int32,
        _ random: inout SeededRandom
    ) throws {
        let name = "table\(random.below(3))"
        try session.begin(level: 1, isReadOnly: false)
        do throws(JetError) {
            switch random.below(12) {
            case 0: try catalog.deleteTable(named: name, session.tables)
            case 1:
                try catalog.deleteIndex(
                    named: "byNumber", of: try catalog.table(named: name, session.tables), session.tables)
            case 2:
                try catalog.createIndex(
                    IndexRequest("byNumber", on: ["-number"]),
                    on: try catalog.table(named: name, session.tables),
                    session.tables)
            case 3, 4:
                let pageCount = UInt32([1, 3, 40][random.below(3)])
                _ = try catalog.createTable(Self.request(name, pageCount: pageCount), session.tables)
            case 5:
                let cursor = try catalog.open(name, session.tables)
                var isThere = try cursor.first()
                while isThere {
                    if !random.oneIn(4) { try cursor.delete() }
                    isThere = try cursor.next()
                }
            default:
                let cursor = try catalog.open(name, session.tables)
                for _ in 0..<10 + random.below(40) {
                    try insert(next, valueByteCount: random.oneIn(4) ? 500 + random.below(9_000) : 0, cursor)
                    next += 1
                }
            }
            if random.oneIn(6) { return try session.rollback(level: 1) }
            try session.commit(level: 1, flags: random.oneIn(2) ? .lazyFlush : [], maximumDelay: 0)
        } catch {
            let isUsual = [JetError.objectNotFound, .tableDuplicate, .indexNotFound, .indexDuplicate]
                .contains(error)
            guard isUsual else { throw error }
            try session.rollback(level: 1)
        }
    }

    /// A life of an instance until the power is gone, or that ends without being told.
    private func live(
        _ machine: StoreMachine, _ random: inout SeededRandom, _ pageSize: PageSize
    )
        throws
    {
        let run = try machine.start(try Self.parameters(pageSize))
        let session = try run.session()
        if try !machine.disk.exists(Self.path) {
            _ = try run.store.createDatabase(Self.path, session)
        } else {
            try run.store.attach(Self.path, session)
            _ = try run.store.open(Self.path, session)
        }
        let catalog = try #require(run.store.databases.first).catalog()
        var next = Int32(random.below(1 << 30))
        for _ in 0..<60 {
            if random.oneIn(3) { _ = run.tasks.runOne() }
            try step(catalog, session, &next, &random)
        }
        // What isn't committed is in the log, too.
        try session.begin(level: 1, isReadOnly: false)
        _ = try? catalog.createTable(Self.request("open", pageCount: 40), session.tables)
        try run.store.log?.flush()
    }

    private func crashes(seed: UInt64, _ pageSize: PageSize, roundCount: Int) throws -> Int {
        var random = SeededRandom(seed: seed)
        let disk = SimulatedDisk(seed: seed, sectorByteCount: pageSize.byteCount)
        var count = 0
        for round in 0..<roundCount {
            func machine() -> StoreMachine { StoreMachine(seed: random.next(), disk: disk) }
            let place = "seed \(seed), round \(round)"
            if !random.oneIn(4) { disk.cutPower(atCall: disk.callCount + 1 + random.below(900)) }
            do { try live(machine(), &random, pageSize) } catch {
                #expect(disk.isOff, "\(place): \(error)")
            }
            _ = disk.powerFailure(.any)
            // Recovery is cut off, too, wherever it is.
            for _ in 0..<random.below(4) {
                disk.cutPower(atCall: disk.callCount + 1 + random.below(60))
                do { _ = try machine().start(try Self.parameters(pageSize)) } catch {
                    #expect(disk.isOff, "\(place): \(error)")
                }
                _ = disk.powerFailure(.any)
            }
            let last = machine()
            do {
                let run = try last.start(try Self.parameters(pageSize))
                try run.store.terminate(.complete)
            } catch {
                Issue.record("\(place): \(error) \(last.reporter.reports.map(\.text))")
                return count
            }
            count += reclaimed(last)
            let warnings = last.reporter.reports.filter { $0.text.contains("lost pages") }.map(\.text)
            #expect(warnings.isEmpty, "\(place)")
            if try disk.exists(Self.path), try last.header(Self.path).state == .cleanShutdown {
                let found = try errors(disk)
                #expect(found.isEmpty, "\(place)")
                if !found.isEmpty { return count }
            } else {
                // Its making was cut off.
                if try disk.exists(Self.path) { try disk.remove(Self.path) }
            }
        }
        return count
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func crashesLeaveNoPageWithNobody(
        seed: UInt64
    )
        throws
    {
        let count = try crashes(seed: seed, .kibibytes4, roundCount: 4)
        #expect(count > 0, "seed \(seed): nothing was lost")
    }

    @Test(arguments: [11] as [UInt64]) func crashesWithLargePages(seed: UInt64) throws {
        _ = try crashes(seed: seed, .kibibytes16, roundCount: 3)
    }

    // MARK: One case at a time.

    /// An instance with a table of 300 rows, whose pages are all in the file.
    private func begin(_ machine: StoreMachine) throws -> (StoreRun, SessionStore, OpenDatabase) {
        let run = try machine.start(try Self.parameters())
        let session = try run.session()
        let database = try run.store.createDatabase(Self.path, session)
        let catalog = try database.catalog()
        try session.begin(level: 1, isReadOnly: false)
        _ = try catalog.createTable(Self.request("rows"), session.tables)
        let cursor = try catalog.open("rows", session.tables)
        for id in 0..<300 as Range<Int32> {
            try insert(id, valueByteCount: id % 9 == 0 ? 6_000 : 0, cursor)
        }
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        return (run, session, database)
    }

    private func freePageCount(_ database: OpenDatabase, _ worker: Worker) throws -> UInt32 {
        guard case .space(let space) = database.root.pages else { return 0 }
        _ = try space.ownedExtents(of: database.root, worker)
        let available = try #require(space.extents).available
        return try Space.all(in: available, worker).reduce(0) { $0 + $1.pageCount }
    }

    @Test func tableThatWasNotCommittedIsFreeAgain() throws {
        let machine = StoreMachine()
        let (run, session, database) = try begin(machine)
        let before = try freePageCount(database, session.worker)
        try session.begin(level: 1, isReadOnly: false)
        _ = try database.catalog().createTable(Self.request("other", pageCount: 40), session.tables)
        try run.store.log?.flush()
        #expect(try freePageCount(database, session.worker) + 40 <= before)
        _ = machine.disk.powerFailure(.inOrder)

        let again = StoreMachine(seed: 2, disk: machine.disk)
        let next = try again.start(try Self.parameters())
        #expect(reclaimed(again) >= 40)
        let found = try errors(machine.disk)
        #expect(found.isEmpty)
        let other = try next.session()
        try next.store.attach(Self.path, other)
        let opened = try next.store.open(Self.path, other).database
        #expect(try freePageCount(opened, other.worker) == before)
    }

    @Test func tableWhoseDroppingWasNotDoneIsFreeAgain() throws {
        let machine = StoreMachine()
        let (run, session, database) = try begin(machine)
        try session.begin(level: 1, isReadOnly: false)
        try database.catalog().deleteTable(named: "rows", session.tables)
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        try run.store.log?.flush()
        _ = machine.disk.powerFailure(.inOrder)
        let again = StoreMachine(seed: 2, disk: machine.disk)
        _ = try again.start(try Self.parameters())
        #expect(reclaimed(again) > 30)
        let found = try errors(machine.disk)
        #expect(found.isEmpty)
    }

    @Test func pagesTakenFromEachTreeComeBack() throws {
        let machine = StoreMachine()
        let (run, session, database) = try begin(machine)
        let table = try database.catalog().table(named: "rows", session.tables)
        let trees = [database.root, table.tree] + table.schema.indexes.map(\.tree)
        var count = 0
        for tree in trees {
            guard case .space(let space) = tree.pages else { continue }
            for _ in 0..<5 {
                _ = try space.takePage(for: tree, session.worker)
                count += 1
            }
        }
        #expect(count == 20)
        try run.store.log?.flush()
        _ = machine.disk.powerFailure(.inOrder)
        let again = StoreMachine(seed: 2, disk: machine.disk)
        let next = try again.start(try Self.parameters())
        #expect(reclaimed(again) == count)
        let found = try errors(machine.disk)
        #expect(found.isEmpty)
        // A start after an orderly end looks for nothing.
        try next.store.terminate(.complete)
        let third = StoreMachine(seed: 3, disk: machine.disk)
        _ = try third.start(try Self.parameters())
        #expect(reclaimed(third) == 0)
    }

    @Test func recoveryMayBeCutOffAtAnyCallWhileItGivesBack() throws {
        let machine = StoreMachine()
        let (run, session, database) = try begin(machine)
        let table = try database.catalog().table(named: "rows", session.tables)
        guard case .space(let space) = table.tree.pages else { return }
        for _ in 0..<30 { _ = try space.takePage(for: table.tree, session.worker) }
        try session.begin(level: 1, isReadOnly: false)
        _ = try database.catalog().createTable(Self.request("other", pageCount: 40), session.tables)
        try run.store.log?.flush()
        _ = machine.disk.powerFailure(.inOrder)
        var call = 1
        while call < 400 {
            let disk = machine.disk
            disk.cutPower(atCall: disk.callCount + call)
            let one = StoreMachine(seed: UInt64(call), disk: disk)
            let isDone = (try? one.start(try Self.parameters())) != nil
            _ = disk.powerFailure(.any)
            if isDone { break }
            call += 7
        }
        let last = StoreMachine(seed: 2, disk: machine.disk)
        let next = try last.start(try Self.parameters())
        // A cut between the two copies of the header leaves them different until somebody attaches.
        try next.store.attach(Self.path, try next.session())
        try next.store.terminate(.complete)
        let found = try errors(machine.disk)
        #expect(found.isEmpty, "\(call)")
    }

    // MARK: What isn't understood.

    /// Surveys the trees of a fixture: the root, a table, its other trees.
    private func survey(
        _ fixture: CatalogFixture, _ table: Table, rootOf child: PageNumber? = nil
    ) throws -> SpaceSurvey {
        var survey = SpaceSurvey(fixture.database)
        let place = survey.add(table.tree.root, table.objectID, parent: 0)
        for index in table.schema.indexes {
            _ = survey.add(child ?? index.tree.root, index.tree.objectID, parent: place)
        }
        for place in survey.trees.indices { survey.survey(place) }
        survey.compare()
        return survey
    }

    private func fixture() throws -> (CatalogFixture, TableSession, Table) {
        let fixture = try CatalogFixture()
        let session = fixture.makeSession()
        var request = Self.request("rows")
        request.indexes.removeLast()
        let table = try fixture.transact(session) { () throws(JetError) in
            try fixture.catalog.createTable(request, session).table
        }
        let cursor = try fixture.catalog.open("rows", session)
        try fixture.transact(session) { () throws(JetError) in
            for id in 0..<400 as Range<Int32> { try insert(id, valueByteCount: 0, cursor) }
        }
        return (fixture, session, table)
    }

    @Test func surveyFindsWhatIsLostAndNothingElse() throws {
        let (fixture, session, table) = try fixture()
        #expect(
            try survey(fixture, table).trees[1...].allSatisfy { $0.doubt == nil && $0.lost.isEmpty })
        guard case .space(let space) = table.tree.pages else { return }
        let taken = try space.takeExtent(3, atLeast: 1, for: table.tree, session.worker)
        let found = try survey(fixture, table)
        #expect(found.trees[1].lost == [taken])
        #expect(found.isSure(1) && found.isSure(2) && found.contested == nil)
    }

    @Test func unknownChildMakesItsParentUnsure() throws {
        let (fixture, _, table) = try fixture()
        // The page is there, but is no root of that index.
        let found = try survey(fixture, table, rootOf: PageNumber(table.tree.root.rawValue + 1))
        #expect(!found.isSure(1) && !found.isSure(2) && found.trees[0].doubt == nil)
        #expect(found.trees[1].lost.isEmpty)
    }

    @Test func damagedBranchMakesItsTreeUnsureOnly() throws {
        let (fixture, session, table) = try fixture()
        guard case .space(let space) = table.tree.pages else { return }
        _ = try space.takePage(for: table.tree, session.worker)
        // The root of the table leads to a page of the catalog.
        let held = try fixture.database.latch(table.tree.root, .exclusive)
        #expect(!held.page.isLeaf)
        let tag = held.page.tagWord(1)
        let end = held.page.body + (Int(tag >> 16) & held.page.tagMask) + (Int(tag) & held.page.tagMask)
        let child = held.page.child(0)
        (end - 4).storeBytes(of: PageNumber.catalog.rawValue.littleEndian, as: UInt32.self)
        fixture.database.release(held)
        let found = try survey(fixture, table)
        #expect(
            found.trees[1].doubt != nil && !found.isSure(1) && found.isSure(0) && found.contested == nil)
        #expect(found.trees[1].lost.isEmpty && !found.isSure(2))
        // One page twice: nothing is sure.
        let again = try fixture.database.latch(table.tree.root, .exclusive)
        (end - 4).storeBytes(of: again.page.child(1).rawValue.littleEndian, as: UInt32.self)
        fixture.database.release(again)
        let twice = try survey(fixture, table)
        #expect(
            twice.contested == again.page.child(1) && twice.trees.indices.allSatisfy { !twice.isSure($0) }
        )
        let last = try fixture.database.latch(table.tree.root, .exclusive)
        (end - 4).storeBytes(of: child.rawValue.littleEndian, as: UInt32.self)
        fixture.database.release(last)
    }
}
