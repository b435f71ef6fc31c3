// Layer: ESEEngineTests. Tests: data definition by several sessions at once, against a model; on databases of Windows.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Primitives
import Testing

@testable import ESEEngine

/// What a table has.
private struct ModelTable: Equatable {
    var columns: [String]
    var indexes: [String]
    var rowCount = 0
}

/// A session that defines tables of its own, and what they should be at each of its levels.
private final class ModelSession {
    let session: TableSession
    let number: Int
    var states: [[String: ModelTable]] = [[:]]

    init(_ fixture: CatalogFixture, _ number: Int) {
        session = fixture.makeSession()
        self.number = number
    }

    var tables: [String: ModelTable] {
        get { states[states.count - 1] }
        set { states[states.count - 1] = newValue }
    }
}

@Suite struct DefinitionModelTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func sessionsSeeWhatTheyDefined(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let fixture = try CatalogFixture(seed: seed)
        let sessions = (0..<3).map { ModelSession(fixture, $0) }
        for step in 0..<160 {
            let one = sessions[Int.random(in: 0..<3, using: &random)]
            do {
                try act(one, fixture, &random)
            } catch {
                Issue.record("seed \(seed) step \(step) session \(one.number): \(error)")
                return
            }
            if step % 8 == 0 { fixture.clean() }
            try check(one, fixture, "seed \(seed) step \(step)")
        }
        for one in sessions {
            while one.states.count > 1 { try end(one, fixture, commits: Bool.random(using: &random)) }
        }
        try fixture.verify("seed \(seed)")
        try fixture.reopen()
        for one in sessions { try check(one, fixture, "seed \(seed) reopened") }
        let names = Set(try fixture.catalog.tableInfo(sessions[0].session).map(\.name).filter { $0.hasPrefix("S") })
        #expect(names == Set(sessions.flatMap(\.tables.keys)), "seed \(seed)")
    }

    private func end(_ one: ModelSession, _ fixture: CatalogFixture, commits: Bool) throws {
        let top = one.states.removeLast()
        if commits {
            try fixture.commit(one.session)
            one.tables = top
        } else {
            try fixture.rollback(one.session)
        }
    }

    private func act(_ one: ModelSession, _ fixture: CatalogFixture, _ random: inout SeededRandom) throws {
        let (session, catalog) = (one.session, fixture.catalog!)
        let choice = Int.random(in: 0..<20, using: &random)
        if one.states.count == 1 || choice == 0 && one.states.count < 4 {
            try fixture.begin(session)
            one.states.append(one.tables)
            return
        }
        if choice <= 4 { return try end(one, fixture, commits: choice < 3) }
        let name = "S\(one.number)T\(Int.random(in: 0..<3, using: &random))"
        guard var model = one.tables[name] else {
            let request = TableRequest(
                name, columns: [ColumnRequest("Id", .long, .autoincrement), ColumnRequest("C0", .text)],
                indexes: choice % 2 == 0 ? [IndexRequest("P", on: ["Id"], .primary)] : [])
            _ = try catalog.createTable(request, session)
            one.tables[name] = ModelTable(columns: ["Id", "C0"], indexes: choice % 2 == 0 ? ["P"] : [])
            return
        }
        if choice == 5 {
            try catalog.deleteTable(named: name, session)
            one.tables[name] = nil
            return
        }
        let table = try catalog.table(named: name, session)
        let part = Int.random(in: 1..<5, using: &random)
        switch choice {
        case 6...8:
            if let place = model.columns.firstIndex(of: "C\(part)") {
                if model.indexes.contains("I\(part)") {
                    #expect(throws: JetError.columnInUse) {
                        try catalog.deleteColumn(named: "C\(part)", of: table, session)
                    }
                    return
                }
                try catalog.deleteColumn(named: "C\(part)", of: table, session)
                model.columns.remove(at: place)
            } else {
                let types: [ColumnType] = [.long, .text, .binary, .longBinary]
                try catalog.addColumn(ColumnRequest("C\(part)", types[part - 1]), to: table, session)
                model.columns.append("C\(part)")
            }
        case 9...11:
            if let place = model.indexes.firstIndex(of: "I\(part)") {
                try catalog.deleteIndex(named: "I\(part)", of: table, session)
                model.indexes.remove(at: place)
            } else {
                let key = model.columns.contains("C\(part)") ? "C\(part)" : "Id"
                guard key != "Id" else { return }
                try catalog.createIndex(IndexRequest("I\(part)", on: [key, "Id"]), on: table, session)
                model.indexes.append("I\(part)")
            }
        default:
            let cursor = ESEEngine.RowCursor(table, session)
            for _ in 0..<20 {
                try cursor.prepare(.insert)
                for column in table.columnInfo(session) where column.definition.name != "Id" {
                    let bytes: [UInt8] = (0..<4).map { _ in UInt8.random(in: 65..<70, using: &random) }
                    try cursor.set(column.key, bytes: bytes)
                }
                try cursor.update()
            }
            model.rowCount += 20
        }
        one.tables[name] = model
    }

    private func check(_ one: ModelSession, _ fixture: CatalogFixture, _ comment: String) throws {
        for place in 0..<3 {
            let name = "S\(one.number)T\(place)"
            guard let model = one.tables[name] else {
                #expect(throws: JetError.objectNotFound, "\(comment): \(name)") {
                    try fixture.catalog.table(named: name, one.session)
                }
                continue
            }
            let table = try fixture.catalog.table(named: name, one.session)
            let columns = table.columnInfo(one.session).map(\.definition.name).sorted()
            #expect(columns == model.columns.sorted(), "\(comment): \(name)")
            let indexes = table.indexInfo(one.session).map(\.definition.name).sorted()
            #expect(indexes == model.indexes.sorted(), "\(comment): \(name)")
            for index in table.schema.indexes where index.state.isVisible(to: one.session.transaction) {
                let cursor = ESEEngine.RowCursor(table, one.session)
                try cursor.setIndex(index)
                var count = 0
                var isThere = try cursor.first()
                while isThere {
                    count += 1
                    isThere = try cursor.next()
                }
                #expect(count == model.rowCount, "\(comment): \(name) \(index.definition.name)")
            }
        }
    }

    // MARK: Windows' databases.

    static let samples = [
        "dissect/basic.edb", "dissect/default.edb", "dissect/index.edb", "dissect/multi.edb", "dissect/text.edb",
        "dissect/binary.edb",
    ]

    @Test(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason), arguments: samples)
    func databaseOfWindowsIsChangedInPlace(path: String) throws {
        let bytes = try RedoSamples.bytes(path)
        let before = Verification(MemorySource(bytes)).run()
        let known = Set(before.findings.filter { $0.severity == .error }.map(\.kind))
        let size = try ESEDatabase(readingFrom: MemorySource(bytes)).pageSize
        let fixture = try CatalogFixture(pageSize: size, sample: bytes)
        let session = fixture.makeSession()
        let infos = try fixture.catalog.tableInfo(session)
        for info in infos where !info.flags.contains(.system) {
            let table = try fixture.catalog.table(named: info.name, session)
            try fixture.transact(session) { () throws(JetError) in
                let made = try fixture.catalog.addColumn(
                    ColumnRequest("OurColumn", .long, defaultValue: [1, 2, 3, 4]), to: table, session)
                try fixture.catalog.createIndex(IndexRequest("OurIndex", on: ["OurColumn"]), on: table, session)
                let cursor = ESEEngine.RowCursor(table, session)
                guard table.schema.definition.primaryIndex == nil, try cursor.first() else { return }
                try cursor.prepare(.replace)
                try cursor.set(made.key, Int32(77))
                try cursor.update()
            }
        }
        try fixture.transact(session) { () throws(JetError) in
            _ = try fixture.catalog.createTable(CatalogTests.people, session)
        }
        let table = try fixture.catalog.table(named: "People", session)
        try CatalogTests().fill(table, session, fixture, 1...200)
        let reader = try fixture.verify(path, allowing: known)
        #expect(reader.tables.count == infos.count + 1)
    }
}
