// Layer: ESEEngineTests. Tests: Store+Zeroes, RowCursor+Zero: records that go when their counter is zero.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Primitives
import Testing

@testable import ESEEngine

// The reader has types of these names too.
private typealias Catalog = ESEEngine.Catalog
private typealias RowCursor = ESEEngine.RowCursor

@Suite struct StoreZeroTests {
    private static let path = "/one/data.edb"
    private static let id = ColumnKey(ColumnID(1))
    private static let count = ColumnKey(ColumnID(2))

    private static func request(_ option: ColumnOptions, _ type: ColumnType = .long) -> TableRequest {
        var request = TableRequest("rows")
        request.columns = [
            ColumnRequest("id", .long, .notNull),
            ColumnRequest(
                "count", type, [.escrowUpdate, option],
                defaultValue: [UInt8](repeating: 0, count: type == .long ? 4 : 8)),
            ColumnRequest("name", .text), ColumnRequest("memo", .longBinary),
        ]
        request.indexes = [
            IndexRequest("primary", on: ["+id"], [.primary, .unique, .disallowNull]),
            IndexRequest("byName", on: ["+name"]),
        ]
        return request
    }

    /// A running instance with a table of counters, all one.
    private final class Rig {
        let machine: StoreMachine
        let run: StoreRun
        let session: SessionStore
        let catalog: Catalog
        let rows: RowCursor
        private let isWide: Bool

        init(
            _ option: ColumnOptions = .deleteOnZero, _ type: ColumnType = .long, ids: Range<Int32> = 0..<10,
            seed: UInt64 = 1
        ) throws {
            machine = StoreMachine(seed: seed)
            isWide = type != .long
            run = try machine.start()
            session = try run.session()
            catalog = try run.store.createDatabase(StoreZeroTests.path, session).catalog()
            try session.begin(level: 1, isReadOnly: false)
            _ = try catalog.createTable(StoreZeroTests.request(option, type), session.tables)
            try session.commit(level: 1, flags: [], maximumDelay: 0)
            rows = try catalog.open("rows", session.tables)
            try transact { for id in ids { try insert(id) } }
        }

        private func insert(_ id: Int32) throws {
            try rows.prepare(.insert)
            try rows.set(StoreZeroTests.id, id)
            if isWide {
                try rows.set(StoreZeroTests.count, Int64(1))
            } else {
                try rows.set(StoreZeroTests.count, Int32(1))
            }
            try rows.set(ColumnKey(ColumnID(128)), bytes: Array("name \(id % 3)".utf8))
            let memo = [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: 9_000)
            try memo.lend { (bytes: Bytes) throws(JetError) in
                _ = try rows.set(ColumnKey(ColumnID(256)), bytes.start, byteCount: bytes.byteCount)
            }
            try rows.update()
        }

        func transact(_ session: SessionStore? = nil, _ body: () throws -> Void) throws {
            let session = session ?? self.session
            try session.begin(level: 1, isReadOnly: false)
            try body()
            try session.commit(level: 1, flags: [], maximumDelay: 0)
        }

        @discardableResult
        func add(_ delta: Int64, to id: Int32, _ cursor: RowCursor? = nil) throws -> Int64 {
            let cursor = cursor ?? rows
            guard try cursor.seek([id], .equal) == .equal else { throw JetError.recordNotFound }
            return try cursor.escrow(StoreZeroTests.count, by: delta)
        }

        func ids(_ cursor: RowCursor? = nil) throws -> [Int32] {
            let cursor = cursor ?? rows
            var ids: [Int32] = []
            var isThere = try cursor.first()
            while isThere {
                ids.append(
                    try cursor.withRecord { (record) throws(JetError) in
                        Int32(littleEndian: try record.field(StoreZeroTests.id).bytes.loadUnaligned(as: Int32.self))
                    })
                isThere = try cursor.next()
            }
            return ids
        }

        /// Rows that the index has, by their names.
        func entryCount() throws -> Int {
            let cursor = try catalog.open("rows", session.tables)
            try cursor.setIndex(cursor.schema.indexes.first)
            return try ids(cursor).count
        }

        /// Ends the instance; no errors are in the file, and just those rows.
        func finish(_ expected: [Int32], sourceLocation: SourceLocation = #_sourceLocation) throws {
            try session.closeAll()
            try run.store.terminate(.complete)
            try StoreZeroTests.check(machine, expected, sourceLocation)
        }
    }

    private static func check(_ machine: StoreMachine, _ expected: [Int32], _ location: SourceLocation) throws {
        let bytes = try #require(machine.disk.contents(path))
        let report = Verification(MemorySource(bytes, name: path)).run()
        let groups = report.groups.map { "\($0.kind) \($0.errorCount) \($0.kept.map(\.description))" }
        #expect(report.groups.allSatisfy { $0.errorCount == 0 }, "\(groups)", sourceLocation: location)
        let database = try ESEDatabase(readingFrom: MemorySource(bytes, name: path))
        let cursor = try database.table("rows").rows()
        var ids: [Int64] = []
        while cursor.next() { ids.append(try cursor.integer(0) ?? -1) }
        #expect(ids == expected.map(Int64.init), sourceLocation: location)
    }

    @Test(arguments: [ColumnType.long, .longLong]) func recordWhoseCounterIsZeroGoesAfterTheCommit(
        type: ColumnType
    ) throws {
        let rig = try Rig(.deleteOnZero, type)
        try rig.session.begin(level: 1, isReadOnly: false)
        #expect(try rig.add(-1, to: 3) == 1)
        try rig.add(-1, to: 7)
        rig.run.tasks.runAll()
        #expect(try rig.ids() == Array(0..<10), "before the commit")
        try rig.session.commit(level: 1, flags: [], maximumDelay: 0)
        rig.run.tasks.runAll()
        #expect(try rig.ids() == [0, 1, 2, 4, 5, 6, 8, 9])
        #expect(try rig.entryCount() == 8)
        try rig.finish([0, 1, 2, 4, 5, 6, 8, 9])
    }

    @Test func recordStaysAfterARollback() throws {
        let rig = try Rig()
        try rig.session.begin(level: 1, isReadOnly: false)
        try rig.add(-1, to: 3)
        try rig.session.rollback(level: 1)
        rig.run.tasks.runAll()
        #expect(try rig.ids() == Array(0..<10))
        try rig.transact { try rig.add(1, to: 3) }
        try rig.finish(Array(0..<10))
    }

    @Test func counterThatRisesBeforeTheCleaningKeepsItsRecord() throws {
        let rig = try Rig()
        try rig.transact { try rig.add(-1, to: 3) }
        try rig.transact {
            let seen = try rig.add(2, to: 3)
            #expect(seen == 0)
        }
        rig.run.tasks.runAll()
        #expect(try rig.ids() == Array(0..<10))
        try rig.transact { try rig.add(-2, to: 3) }
        rig.run.tasks.runAll()
        try rig.finish([0, 1, 2, 4, 5, 6, 7, 8, 9])
    }

    @Test func olderTransactionKeepsSeeingTheRecord() throws {
        let rig = try Rig()
        let reader = try rig.run.session()
        let seen = try rig.catalog.open("rows", reader.tables)
        try reader.begin(level: 1, isReadOnly: true)
        #expect(try rig.ids(seen).count == 10)
        try rig.transact { try rig.add(-1, to: 3) }
        rig.run.tasks.runAll()
        #expect(try rig.ids(seen).count == 10)
        #expect(try rig.ids().count == 10, "nobody may delete it yet")
        // Its end lets the cleaner go on.
        try reader.commit(level: 1, flags: [], maximumDelay: 0)
        rig.run.tasks.runAll()
        #expect(try rig.ids().count == 9)
        try reader.closeAll()
        try rig.finish([0, 1, 2, 4, 5, 6, 7, 8, 9])
    }

    @Test func zeroThatARollbackOfAnotherLeavesIsFound() throws {
        let rig = try Rig()
        let other = try rig.run.session()
        let cursor = try rig.catalog.open("rows", other.tables)
        try other.begin(level: 1, isReadOnly: false)
        try rig.add(1, to: 3, cursor)
        try rig.transact { try rig.add(-1, to: 3) }
        rig.run.tasks.runAll()
        #expect(try rig.ids().count == 10)
        try other.rollback(level: 1)
        rig.run.tasks.runAll()
        #expect(try rig.ids().count == 9)
        try other.closeAll()
        try rig.finish([0, 1, 2, 4, 5, 6, 7, 8, 9])
    }

    @Test func recordThatSomebodyLocksGoesLater() throws {
        let rig = try Rig()
        let other = try rig.run.session()
        let cursor = try rig.catalog.open("rows", other.tables)
        try rig.transact { try rig.add(-1, to: 3) }
        try other.begin(level: 1, isReadOnly: false)
        #expect(try cursor.seek([Int32(3)], .equal) == .equal)
        try cursor.lockRow(forWriting: true)
        rig.run.tasks.runAll()
        #expect(try rig.ids().count == 10)
        try other.rollback(level: 1)
        rig.run.tasks.runAll()
        #expect(try rig.ids().count == 9)
        try other.closeAll()
        try rig.finish([0, 1, 2, 4, 5, 6, 7, 8, 9])
    }

    @Test func countersThatAreFinalisedDeleteTheirRecordsAtZeroAndOthersDoNot() throws {
        let cases: [(ColumnOptions, [Int32])] = [(.finalize, [0, 1, 2, 4]), ([], [0, 1, 2, 3, 4])]
        for (option, rest) in cases {
            let rig = try Rig(option)
            try rig.transact { try rig.add(-1, to: 3) }
            rig.run.tasks.runAll()
            try rig.finish(rest + [5, 6, 7, 8, 9])
        }
    }

    @Test func recordsGoAtTheLatestWhenTheDatabaseDoes() throws {
        let rig = try Rig()
        try rig.transact { for id in 0..<5 as Range<Int32> { try rig.add(-1, to: id) } }
        rig.run.tasks.forgetAll()
        try rig.session.closeAll()
        let session = try rig.run.session()
        try rig.run.store.detach(Self.path, session)
        try Self.check(rig.machine, [5, 6, 7, 8, 9], #_sourceLocation)
        try rig.run.store.terminate(.complete)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func powerFailureLeavesTheRecordWholeOrGone(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rig = try Rig(ids: 0..<20, seed: seed)
        let disk = rig.machine.disk
        disk.cutPower(atCall: disk.callCount + Int.random(in: 1...30, using: &random))
        var zeroes: Set<Int32> = []
        do {
            for id in 0..<20 as Range<Int32> where Bool.random(using: &random) {
                zeroes.insert(id)
                try rig.transact { try rig.add(-1, to: id) }
                if Int.random(in: 0..<3, using: &random) == 0 { _ = rig.run.tasks.runOne() }
            }
        } catch {
            #expect(disk.isOff, "seed \(seed): \(error)")
        }
        rig.run.tasks.forgetAll()
        _ = disk.powerFailure(.any)
        let machine = StoreMachine(seed: seed + 100, disk: disk)
        let run = try machine.start()
        let session = try run.session()
        try run.store.attach(Self.path, session)
        let catalog = try run.store.open(Self.path, session).database.catalog()
        let cursor = try catalog.open("rows", session.tables)
        let ids = try rig.ids(cursor)
        #expect(Set(ids).isSuperset(of: Set(0..<20).subtracting(zeroes)), "seed \(seed)")
        try session.closeAll()
        try run.store.terminate(.complete)
        try Self.check(machine, ids, #_sourceLocation)
    }
}
