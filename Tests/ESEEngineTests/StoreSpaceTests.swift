// Layer: ESEEngineTests. Tests: what happens when a database may not or can't grow: the call fails, the transaction is
// rolled back, the instance goes on.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Testing

@testable import ESEEngine

@Suite struct StoreSpaceTests {
    private static let path = "/one/data.edb"

    private final class Rig {
        let machine = StoreMachine()
        let run: StoreRun
        let session: SessionStore
        let database: OpenDatabase
        let rows: ESEEngine.RowCursor
        var next: Int32 = 0

        init(greatestPageCount: UInt32 = 0) throws {
            run = try machine.start()
            session = try run.session()
            database = try run.store.createDatabase(
                StoreSpaceTests.path, session, greatestPageCount: greatestPageCount)
            let catalog = try database.catalog()
            try session.begin(level: 1, isReadOnly: false)
            _ = try catalog.createTable(StoreTableTests.request, session.tables)
            try session.commit(level: 1, flags: [], maximumDelay: 0)
            rows = try catalog.open("rows", session.tables)
        }

        /// Inserts rows in a transaction; after an error it is rolled back.
        func insert(_ count: Int32) throws(JetError) {
            try session.begin(level: 1, isReadOnly: false)
            do throws(JetError) {
                for id in next..<next + count {
                    let name = String(repeating: "n", count: 200) + "\(id)"
                    try rows.insert(FixtureRow(id: id, number: Int64(id), name: name, tags: [id]))
                }
            } catch {
                try session.rollback(level: 1)
                throw error
            }
            try session.commit(level: 1, flags: [], maximumDelay: 0)
            next += count
        }

        /// Inserts until that fails.
        func fill() -> JetError? {
            for _ in 0..<200 {
                do throws(JetError) { try insert(100) } catch { return error }
            }
            return nil
        }

        /// Ends the instance; no errors are in the file, and all rows.
        func finish() throws {
            try session.closeAll()
            try run.store.terminate(.complete)
            let bytes = try #require(machine.disk.contents(StoreSpaceTests.path))
            let report = Verification(MemorySource(bytes, name: StoreSpaceTests.path)).run()
            let groups = report.groups.map { "\($0.kind) \($0.errorCount) \($0.kept.map(\.description))" }
            #expect(report.groups.allSatisfy { $0.errorCount == 0 }, "\(groups)")
            let cursor = try ESEDatabase(readingFrom: MemorySource(bytes)).table("rows").rows()
            var count: Int32 = 0
            while cursor.next() { count += 1 }
            #expect(count == next)
        }
    }

    @Test func databaseDoesNotGrowBeyondItsLimit() throws {
        let rig = try Rig(greatestPageCount: 600)
        #expect(rig.fill() == .outOfDatabaseSpace)
        #expect(rig.database.database.lastPage <= 600)
        #expect(rig.fill() == .outOfDatabaseSpace, "again")
        #expect(throws: JetError.outOfDatabaseSpace) { try rig.database.grow(toPageCount: 601, rig.session) }
        try rig.finish()
    }

    @Test func fullFileSystemFailsTheCallOnly() throws {
        let rig = try Rig()
        try rig.insert(100)
        rig.machine.disk.failCall(
            number: rig.machine.disk.callCount + 1, kind: .full, isLasting: true, only: [.setByteCount],
            pathSuffix: "data.edb")
        #expect(rig.fill() == .diskFull)
        #expect(rig.fill() == .diskFull, "again")
        #expect(rig.run.store.failure == nil)
        rig.machine.disk.clearFaults()
        try rig.insert(500)
        try rig.finish()
    }

    /// There is no room for a usual extension, but for what is asked for.
    @Test func lastPagesOfTheFileSystemAreUsed() throws {
        let rig = try Rig()
        let before = rig.database.database.lastPage
        rig.machine.disk.failCall(
            number: rig.machine.disk.callCount + 1, kind: .full, only: [.setByteCount], pathSuffix: "data.edb")
        while rig.database.database.lastPage == before { try rig.insert(100) }
        #expect(rig.database.database.lastPage < before + 256)
        rig.machine.disk.clearFaults()
        try rig.insert(500)
        try rig.finish()
    }
}
