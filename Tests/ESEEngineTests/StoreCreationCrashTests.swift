// The machine stops at every moment while a database is made and its first table is filled, also while that is
// recovered: afterwards there is a whole database, or none and it can be made.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Testing

@testable import ESEEngine

@Suite struct StoreCreationCrashTests {
    private static let path = "/one/data.edb"
    private static let rowCount = 10

    /// What the lives of a machine were told is durable.
    private struct Told {
        var didStart = false
        var isMade = false
        var hasTable = false
        var rowCount = 0
    }

    private func transact(_ session: SessionStore, _ body: () throws -> Void) throws {
        try session.begin(level: 1, isReadOnly: false)
        try body()
        try session.commit(level: 1, flags: [], maximumDelay: 0)
    }

    /// Attaches the database; nil if there is none.
    private func attach(_ run: StoreRun, _ session: SessionStore) throws -> OpenDatabase? {
        do throws(JetError) {
            try run.store.attach(Self.path, session)
        } catch {
            guard error == .databaseNotFound else { throw error }
            return nil
        }
        return try run.store.open(Self.path, session).database
    }

    /// Opens the table; nil if there is none.
    private func open(_ catalog: ESEEngine.Catalog, _ session: SessionStore) throws -> ESEEngine.RowCursor? {
        do throws(JetError) {
            return try catalog.open("rows", session.tables)
        } catch {
            guard error == .objectNotFound else { throw error }
            return nil
        }
    }

    /// The life of a program: it makes what is not there, and goes on with what is.
    private func live(_ machine: StoreMachine, _ told: inout Told, _ place: String) throws {
        let run = try machine.start()
        // Whatever happened: what it has in memory goes, without a call of the disk that counts.
        defer {
            run.tasks.forgetAll()
            try? run.store.terminate(.dirty)
        }
        told.didStart = true
        let session = try run.session()
        var database = try attach(run, session)
        if database == nil {
            #expect(!told.isMade, "\(place): the database is gone")
            database = try run.store.createDatabase(Self.path, session)
        }
        told.isMade = true
        let catalog = try #require(try database?.catalog())
        var table = try open(catalog, session)
        if table == nil {
            #expect(!told.hasTable, "\(place): the table is gone")
            try transact(session) { _ = try catalog.createTable(StoreTableTests.request, session.tables) }
            table = try open(catalog, session)
        }
        told.hasTable = true
        let cursor = try #require(table)
        let ids = try cursor.allRows().map { Int($0.id) }
        #expect(ids == Array(0..<ids.count), "\(place)")
        #expect(ids.count == told.rowCount || ids.count == told.rowCount + 1, "\(place): \(ids.count), \(told)")
        told.rowCount = ids.count
        for id in ids.count..<max(ids.count, Self.rowCount) {
            try transact(session) { try cursor.insert(FixtureRow(id: Int32(id), number: 7, name: "name \(id)")) }
            told.rowCount = id + 1
            if id % 5 == 0 { _ = run.tasks.runOne() }
        }
        try session.closeAll()
        try run.store.terminate(.complete)
    }

    /// A life that is cut off at its call number `call`; whether it was.
    private func cut(
        _ disk: SimulatedDisk, atCall call: Int, _ loss: PowerLoss, _ told: inout Told, _ place: String
    ) -> Bool {
        let machine = StoreMachine(seed: UInt64(disk.callCount + 1), disk: disk)
        disk.cutPower(atCall: disk.callCount + call)
        var isCut = false
        do { try live(machine, &told, place) } catch {
            isCut = disk.isOff
            let texts = machine.reporter.reports.suffix(4).map(\.text)
            #expect(isCut, "\(place): \(error) \(texts)")
        }
        disk.powerFailure(loss)
        return isCut
    }

    /// A life that ends in order, and a look at what it leaves.
    private func end(_ disk: SimulatedDisk, _ told: Told, _ place: String) throws {
        let machine = StoreMachine(seed: 99, disk: disk)
        var told = told
        do { try live(machine, &told, place) } catch {
            Issue.record("\(place): \(error) \(machine.reporter.reports.suffix(4).map(\.text))")
            return
        }
        // Both copies of the header are whole and agree.
        #expect(try machine.header(Self.path).isClean, "\(place)")
        let bytes = try #require(disk.contents(Self.path))
        #expect(bytes.count >= 256 * 4_096, "\(place)")
        let report = Verification(MemorySource(bytes, name: Self.path)).run()
        let found = report.groups.filter { $0.errorCount > 0 }.flatMap(\.kept).map(\.description)
        #expect(found.isEmpty, "\(place): \(found)")
    }

    /// As of a process that is killed: the system still has what it wrote.
    @Test func killedAtEachCall() throws {
        for call in 1...2_000 {
            let disk = SimulatedDisk(seed: UInt64(call), sectorByteCount: 4_096)
            var told = Told()
            let isCut = cut(disk, atCall: call, .keepsAll, &told, "call \(call)")
            try end(disk, told, "after call \(call)")
            if !isCut { return }
        }
        Issue.record("a life has no end")
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func powerFailsAtEachThirdCall(seed: UInt64) throws {
        for call in stride(from: Int(seed), to: 2_000, by: 3) {
            let disk = SimulatedDisk(seed: seed &* 10_000 &+ UInt64(call), sectorByteCount: 4_096)
            var told = Told()
            let isCut = cut(disk, atCall: call, .any, &told, "seed \(seed), call \(call)")
            try end(disk, told, "seed \(seed), after call \(call)")
            if !isCut { return }
        }
        Issue.record("a life has no end")
    }

    /// Killed while it makes the database, and killed again at each call of the recovery: that it found a database half
    /// made, and removed it, is in the log before the checkpoint knows.
    @Test(arguments: [PowerLoss.keepsAll, .any]) func killedAgainAtEachCall(loss: PowerLoss) throws {
        var first = 1
        var count = 0
        while true {
            let original = SimulatedDisk(seed: UInt64(first), sectorByteCount: 4_096)
            var told = Told()
            guard cut(original, atCall: first, .keepsAll, &told, "call \(first)"), !told.isMade else { break }
            first += 1
            // The log knows of it.
            guard let bytes = original.contents(Self.path),
                let header = try? DatabaseHeader.read(start: Array(bytes.prefix(8_192)).span.bytes),
                header.header.state == .justCreated, header.header.attachPosition != .none
            else { continue }
            count += 1
            guard count % 3 == 1 else { continue }
            for call in 1...2_000 {
                let disk = original.copy(seed: UInt64(call))
                var again = told
                again.didStart = false
                let isCut = cut(disk, atCall: call, loss, &again, "calls \(first), \(call)")
                if isCut { try end(disk, again, "after calls \(first), \(call)") }
                // Once recovery is over it is a life as any other.
                if !isCut || again.didStart { break }
            }
        }
        #expect(count > 3)
    }
}
