// Layer: ESEEngineTests. Tests: RowCursor by several sessions against a model of snapshots.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

/// What is committed, and who changed what when: the rules of snapshot isolation in a dictionary.
private final class SnapshotModel {
    private(set) var committed: [Int32: FixtureRow] = [:]
    /// When a row was last committed.
    private var changes: [Int32: Int] = [:]
    /// Which session has changed a row and not committed.
    private var owners: [Int32: Int] = [:]
    private(set) var time = 0

    /// Whether a session whose transaction began at a time may change a row.
    func mayChange(_ id: Int32, _ session: Int, begin: Int) -> Bool {
        if let owner = owners[id] { return owner == session }
        return changes[id] ?? 0 <= begin
    }

    func own(_ id: Int32, _ session: Int) { owners[id] = session }

    func commit(_ rows: [Int32: FixtureRow?], _ session: Int) {
        time += 1
        for (id, row) in rows {
            committed[id] = row
            changes[id] = time
            owners[id] = nil
        }
    }

    func rollback(_ session: Int) { owners = owners.filter { $0.value != session } }
}

/// A session of the test.
private final class Actor {
    let number: Int
    let session: TableSession
    let cursor: RowCursor
    var begin = 0
    var snapshot: [Int32: FixtureRow] = [:]
    var changed: [Int32: FixtureRow?] = [:]
    var isOpen = false

    init(_ number: Int, _ fixture: TableFixture) {
        self.number = number
        session = fixture.makeSession()
        cursor = fixture.cursor(session)
    }

    var view: [Int32: FixtureRow] {
        var rows = snapshot
        for (id, row) in changed { rows[id] = row }
        return rows
    }
}

@Suite struct TableModelTests {
    private func row(_ random: inout SeededRandom) -> FixtureRow {
        let number = Int.random(in: 0..<9, using: &random)
        return FixtureRow(
            id: Int32.random(in: 0..<60, using: &random), number: number == 0 ? nil : Int64(number - 4),
            name: nil,
            tags: (0..<Int.random(in: 0..<4, using: &random)).map { _ in Int32.random(in: 0..<5, using: &random) })
    }

    /// What the session sees, in every order.
    private func check(_ actor: Actor, _ fixture: TableFixture, _ context: String) throws {
        let cursor = fixture.cursor(actor.session)
        let expected = actor.view.values.sorted { $0.id < $1.id }
        #expect(try cursor.allRows() == expected, "\(context)")
        #expect(try cursor.allRows(forward: false) == expected.reversed(), "\(context), backwards")
        try cursor.setIndex(fixture.index("byNumber"))
        let byNumber = expected.sorted { ($0.number ?? .min, $0.id) < ($1.number ?? .min, $1.id) }
        #expect(try cursor.allRows() == byNumber, "\(context), by number")
        try cursor.setIndex(fixture.index("byTag"))
        let entries = expected.reduce(0) { $0 + max(1, Set($1.tags).count) }
        #expect(try cursor.allRows().count == entries, "\(context), by tag")
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func sessionsSeeTheirSnapshots(seed: UInt64) throws {
        let fixture = try TableFixture(
            pageSize: seed % 2 == 0 ? .kibibytes8 : .kibibytes4, seed: seed, cachePages: seed > 2 ? 24 : 256)
        var random = SeededRandom(seed: seed)
        let model = SnapshotModel()
        let actors = (0..<4).map { Actor($0, fixture) }
        for step in 0..<4_000 {
            let actor = actors[Int.random(in: 0..<4, using: &random)]
            let context = "seed \(seed), step \(step), session \(actor.number)"
            if !actor.isOpen {
                try fixture.begin(actor.session)
                (actor.isOpen, actor.begin, actor.snapshot, actor.changed) = (true, model.time, model.committed, [:])
                continue
            }
            switch Int.random(in: 0..<20, using: &random) {
            case 0, 1:
                try fixture.commit(actor.session)
                model.commit(actor.changed, actor.number)
                actor.isOpen = false
            case 2:
                try fixture.rollback(actor.session)
                actor.cursor.rolledBack(level: 1)
                model.rollback(actor.number)
                actor.isOpen = false
            case 3: fixture.trees.clean()
            case 4: if step % 8 == 0 { try check(actor, fixture, context) }
            default: try change(actor, model, fixture, row(&random), isDelete: random.oneIn(3), context)
            }
        }
        for actor in actors where actor.isOpen {
            try fixture.rollback(actor.session)
            model.rollback(actor.number)
        }
        fixture.trees.clean()
        for actor in actors { (actor.snapshot, actor.changed) = (model.committed, [:]) }
        for actor in actors { try check(actor, fixture, "seed \(seed), at the end") }
        try fixture.checkSpace()
    }

    private func change(
        _ actor: Actor, _ model: SnapshotModel, _ fixture: TableFixture, _ row: FixtureRow, isDelete: Bool,
        _ context: String
    ) throws {
        let isThere = actor.view[row.id] != nil
        let mayChange = model.mayChange(row.id, actor.number, begin: actor.begin)
        let found = try actor.cursor.seek([row.id], .equal)
        #expect((found == .equal) == isThere, "\(context): \(row.id)")
        do throws(JetError) {
            if !isThere {
                try actor.cursor.insert(row)
            } else if isDelete {
                try actor.cursor.delete()
            } else {
                try actor.cursor.replace(with: row)
            }
            #expect(mayChange, "\(context): \(row.id) is somebody else's")
            actor.changed[row.id] = isThere && isDelete ? .some(nil) : row
            model.own(row.id, actor.number)
        } catch {
            #expect(error == .writeConflict && !mayChange, "\(context): \(row) \(error)")
        }
    }
}
