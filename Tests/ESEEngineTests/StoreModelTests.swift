// Layer: ESEEngineTests. Tests: a whole instance against a model: several sessions, nested transactions, all kinds of
// changes, small caches and version stores, restarts, kills and power cuts, also during recovery.
//
// ORIEL_SOAK=1 makes a campaign of it: ORIEL_SOAK_STEPS steps (2,000,000) from a fresh seed, which is printed, or from
// ORIEL_SEED.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Foundation
import Primitives
import Testing

@testable import ESEEngine

/// How an instance of the test is made.
struct StoreModelPlan: CustomStringConvertible {
    var pageSize = PageSize.kibibytes4
    var cachePages: UInt64 = 64
    var versionPages: UInt64 = 64
    var isCircular = true
    var logKibibytes: UInt64 = 128
    var checkpointDepth: UInt64 = 128 << 10
    var sessionCount = 4
    /// Rows' numbers are below this.
    var idCount = 200
    var tableCount = 2
    /// One in so many blobs is long.
    var longBlobs: UInt64 = 12

    init() {}

    /// A plan by chance.
    init(_ random: inout SeededRandom) {
        pageSize = [.kibibytes4, .kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32][random.below(5)]
        cachePages = [64, 64, 80, 200, 1_000][random.below(5)]
        versionPages = [4, 8, 16, 64][random.below(4)]
        isCircular = !random.oneIn(4)
        logKibibytes = random.oneIn(2) ? 64 : 256
        checkpointDepth = [0, 64 << 10, 512 << 10][random.below(3)]
        sessionCount = 1 + random.below(6)
        idCount = [20, 200, 600][random.below(3)]
        tableCount = 1 + random.below(2)
        longBlobs = random.oneIn(2) ? 4 : 20
    }

    var description: String {
        """
        \(pageSize.byteCount) bytes a page, cache \(cachePages), versions \(versionPages), circular \(isCircular), \
        logs \(logKibibytes), depth \(checkpointDepth), sessions \(sessionCount), ids \(idCount), tables \(tableCount)
        """
    }

    func parameters() throws -> InstanceParameters {
        try StoreMachine.parameters { parameters in
            try parameters.set(.databasePageSize, to: UInt64(pageSize.byteCount))
            try parameters.set(.cacheSizeMax, to: cachePages)
            try parameters.set(.maxVerPages, to: versionPages)
            try parameters.set(.circularLog, to: isCircular ? 1 : 0)
            try parameters.set(.logFileSize, to: logKibibytes)
            try parameters.set(.checkpointDepthMax, to: checkpointDepth)
        }
    }

    static func path(_ table: Int) -> String { "/data\(table).edb" }
}

/// A campaign on one disk.
final class StoreModelRun {
    let plan: StoreModelPlan
    let seed: UInt64
    let disk: SimulatedDisk
    let model = SharedModel()
    private var random: SeededRandom
    private var machine: StoreMachine
    private var run: StoreRun?
    private var sessions: [StoreModelSession] = []
    private(set) var counts = Counts()

    struct Counts {
        var steps = 0, conflicts = 0, fullVersionStores = 0, commits = 0, powerCuts = 0, kills = 0, ends = 0
        var crashesInRecovery = 0, verifications = 0

        static func += (sum: inout Counts, other: Counts) {
            sum.steps += other.steps
            sum.conflicts += other.conflicts
            sum.fullVersionStores += other.fullVersionStores
            sum.commits += other.commits
            sum.powerCuts += other.powerCuts
            sum.kills += other.kills
            sum.ends += other.ends
            sum.crashesInRecovery += other.crashesInRecovery
            sum.verifications += other.verifications
        }
    }

    init(_ plan: StoreModelPlan, seed: UInt64) throws {
        self.plan = plan
        self.seed = seed
        random = SeededRandom(seed: seed)
        disk = SimulatedDisk(seed: seed, sectorByteCount: plan.pageSize.byteCount)
        machine = StoreMachine(seed: seed, disk: disk)
        let run = try machine.start(try plan.parameters())
        let session = try run.session()
        for table in 0..<plan.tableCount {
            let database = try run.store.createDatabase(StoreModelPlan.path(table), session)
            let catalog = try database.catalog()
            try session.begin(level: 1, isReadOnly: false)
            _ = try catalog.createTable(ModelRow.request, session.tables)
            try session.commit(level: 1, flags: [], maximumDelay: 0)
        }
        try session.closeAll()
        try run.store.terminate(.complete)
    }

    private var place: String { "seed \(seed), step \(counts.steps)" }

    // MARK: Lives.

    /// Lives and deaths of the instance until so many steps are done.
    func work(steps: Int) throws {
        while counts.steps < steps {
            if random.oneIn(3) { disk.cutPower(atCall: disk.callCount + 1 + random.below(2_000)) }
            do {
                try start()
                let length = 200 + random.below(3_000)
                for _ in 0..<length { try step() }
                try end()
            } catch {
                if error is Failure { throw error }
                guard disk.isOff else { throw Failure("\(place): \(error) \(reports)") }
                counts.powerCuts += 1
            }
            if disk.isOff || run != nil { try crash() } else { disk.clearFaults() }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ text: String) { description = text }
    }

    private var reports: String { machine.reporter.reports.suffix(6).map(\.text).joined(separator: "\n") }

    private func start() throws {
        machine = StoreMachine(seed: random.next(), disk: disk)
        let run = try machine.start(try plan.parameters())
        self.run = run
        sessions = []
        for _ in 0..<plan.sessionCount {
            let session = try run.session()
            let catalogs = try (0..<plan.tableCount).map { table in
                try run.store.attach(StoreModelPlan.path(table), session)
                return try run.store.open(StoreModelPlan.path(table), session).database.catalog()
            }
            sessions.append(try StoreModelSession(session, catalogs))
        }
    }

    /// An end in order, or none: the program is killed.
    private func end() throws {
        guard let run else { return }
        if random.oneIn(4) {
            counts.kills += 1
            return
        }
        for session in sessions {
            while session.isOpen { try rollback(session) }
            try session.session.closeAll()
        }
        try run.store.terminate(.complete)
        model.settle()
        counts.ends += 1
        sessions = []
        self.run = nil
        for table in 0..<plan.tableCount {
            #expect(try machine.header(StoreModelPlan.path(table)).isClean, "\(place)")
        }
        if random.oneIn(4) { try verify() }
    }

    private func verify() throws {
        counts.verifications += 1
        for table in 0..<plan.tableCount {
            let path = StoreModelPlan.path(table)
            let bytes = try #require(disk.contents(path))
            let report = Verification(MemorySource(bytes, name: path)).run()
            let found = report.groups.filter { $0.errorCount > 0 }.flatMap(\.kept).map(\.description)
            if !found.isEmpty { throw Failure("\(place): \(found.prefix(10))") }
        }
    }

    /// The power is gone, or the program was killed; the next start finds what may be there.
    private func crash() throws {
        sessions = []
        run = nil
        // What a program wrote is there when it was killed; with the power it may be gone.
        disk.powerFailure(disk.isOff ? .any : .keepsAll)
        for _ in 0..<random.below(4) {
            disk.cutPower(atCall: disk.callCount + 1 + random.below(300))
            do {
                machine = StoreMachine(seed: random.next(), disk: disk)
                let run = try machine.start(try plan.parameters())
                withExtendedLifetime(run) { _ = disk.powerFailure(.any) }
            } catch {
                guard disk.isOff else { throw Failure("\(place), recovery: \(error) \(reports)") }
                counts.crashesInRecovery += 1
                disk.powerFailure(.any)
            }
        }
        disk.clearFaults()
        do {
            try start()
            let session = sessions[0]
            try session.session.begin(level: 1, isReadOnly: true)
            var state: ModelState = [:]
            for (table, cursor) in session.cursors.enumerated() {
                var isThere = try cursor.first()
                while isThere {
                    let row = try session.row(cursor)
                    state[ModelKey(table: table, id: row.row.id)] = row
                    isThere = try cursor.next()
                }
            }
            try session.session.commit(level: 1, flags: [], maximumDelay: 0)
            guard model.possible.contains(state) else { throw Failure(difference(state)) }
            model.restart(with: state)
            for session in sessions { try session.session.closeAll() }
            try run?.store.terminate(.complete)
        } catch let error as JetError {
            throw Failure("\(place), after a crash: \(error) \(reports)")
        }
        sessions = []
        run = nil
        if random.oneIn(4) { try verify() }
    }

    private func difference(_ state: ModelState) -> String {
        let wanted = model.committed
        let missing = wanted.keys.filter { state[$0] == nil }.count
        let extra = state.keys.filter { wanted[$0] == nil }.count
        let other = state.filter { wanted[$0.key] != nil && wanted[$0.key] != $0.value }.map(\.key)
        return """
            \(place), after a crash: none of \(model.possible.count) states; against the last \(missing) missing, \
            \(extra) too many, others: \(other.prefix(5)) \(reports)
            """
    }

    // MARK: Steps.

    private func step() throws {
        counts.steps += 1
        let session = sessions[random.below(sessions.count)]
        guard session.isOpen else { return try begin(session) }
        switch random.below(64) {
        case 0...4: try commit(session)
        case 5: try rollback(session)
        case 6, 7: if session.levels.count < 5 { try begin(session) }
        case 8...10: run?.tasks.runOne()
        case 11:
            if random.oneIn(4) { try run?.store.advanceCheckpoint() }
            if random.oneIn(4) { _ = try run?.store.buffers.writeSome(targetPages: 1 + random.below(30)) }
        case 12: if random.oneIn(8) { try check(session) }
        case 13: try checkRange(session)
        case 14...24: try read(session)
        case 25...30: try change(session) { try self.add($0, $1) }
        default: try change(session) { try self.write($0, $1) }
        }
    }

    private func begin(_ session: StoreModelSession) throws {
        if !session.isOpen {
            session.begin = model.time
            session.snapshot = model.committed
        }
        try session.session.begin(level: session.levels.count + 1, isReadOnly: false)
        session.levels.append(session.changes)
    }

    private func commit(_ session: StoreModelSession) throws {
        let level = session.levels.count
        let changes = session.levels.removeLast()
        guard level == 1 else {
            session.levels[level - 2] = changes
            return try session.session.commit(level: level, flags: [], maximumDelay: 0)
        }
        counts.commits += 1
        let isNew = model.commit(changes)
        let isLazy = random.oneIn(2)
        try session.session.commit(level: 1, flags: isLazy ? .lazyFlush : [], maximumDelay: 0)
        if isNew, !isLazy { model.settle() }
    }

    private func rollback(_ session: StoreModelSession) throws {
        try session.session.rollback(level: session.levels.count)
        session.levels.removeLast()
    }

    private func key() -> ModelKey {
        ModelKey(table: random.below(plan.tableCount), id: Int32(random.below(plan.idCount)))
    }

    private func bytes() -> [UInt8] {
        let isLong = random.oneIn(plan.longBlobs)
        let count = random.below(isLong ? 3 * plan.pageSize.byteCount : 200)
        if random.oneIn(2) { return [UInt8](repeating: UInt8(random.below(256)), count: count) }
        var state = random.next()
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    private func row(_ id: Int32) -> FixtureRow {
        let number = random.below(9)
        return FixtureRow(
            id: id, number: number == 0 ? nil : Int64(number - 4),
            name: random.oneIn(4) ? nil : String(repeating: "n", count: random.below(40)) + "\(random.below(9))",
            tags: (0..<random.below(4)).map { _ in Int32(random.below(5)) })
    }

    private func read(_ session: StoreModelSession) throws {
        let key = key()
        let cursor = session.cursors[key.table]
        try cursor.setIndex(nil)
        let isThere = try cursor.seek([key.id], .equal) == .equal
        let found = isThere ? try session.row(cursor) : nil
        let wanted = session.view(key)
        if found != wanted { throw Failure("\(place): \(key) is \(shown(found)), not \(shown(wanted))") }
    }

    private func shown(_ row: ModelRow?) -> String {
        row.map { "\($0.row) count \($0.count) blob \($0.blob?.count ?? -1)" } ?? "not there"
    }

    /// Does something that may be a conflict; afterwards the transaction goes on or is given up.
    private func change(_ session: StoreModelSession, _ body: (StoreModelSession, ModelKey) throws -> Void) throws {
        do { try body(session, key()) } catch {
            let code = (error as? JetError)?.rawValue ?? 0
            if code == JetError.writeConflict.rawValue {
                counts.conflicts += 1
                if random.oneIn(2) { return }
            } else if code == JetError.versionStoreOutOfMemory.rawValue
                || code == JetError.versionStoreOutOfMemoryAndCleanupTimedOut.rawValue
            {
                counts.fullVersionStores += 1
            } else {
                throw error
            }
            while session.isOpen { try rollback(session) }
        }
    }

    /// Whether other transactions allow that a row is written, or its counter changed.
    private func isFree(_ key: ModelKey, _ session: StoreModelSession, forAdding: Bool) -> Bool {
        if model.isWritten(key, after: session.begin) { return false }
        if !forAdding, model.isAddedTo(key, after: session.begin) { return false }
        return !sessions.contains { other in
            other !== session
                && (other.changes.rows[key] != nil || !forAdding && other.changes.deltas[key] != nil)
        }
    }

    private func expect(
        _ key: ModelKey, isFree: Bool, _ what: String, _ body: () throws(JetError) -> Void
    ) throws {
        do throws(JetError) { try body() } catch {
            if error == .writeConflict, isFree { throw Failure("\(place): a conflict with nobody: \(what) of \(key)") }
            throw error
        }
        if !isFree { throw Failure("\(place): \(what) of \(key), which is somebody else's") }
    }

    private func write(_ session: StoreModelSession, _ key: ModelKey) throws {
        let old = session.view(key)
        let cursor = session.cursors[key.table]
        try cursor.setIndex(nil)
        if (try cursor.seek([key.id], .equal) == .equal) != (old != nil) {
            throw Failure("\(place): \(key) is \(old == nil ? "there" : "not there")")
        }
        let isFree = isFree(key, session, forAdding: false)
        if old != nil, random.oneIn(3) {
            try expect(key, isFree: isFree, "deletion") { () throws(JetError) in try cursor.delete() }
            session.changes.rows[key] = .some(nil)
            session.changes.deltas[key] = nil
            return
        }
        var new = ModelRow(row: row(key.id), count: old?.count ?? 0)
        var edit = BlobEdit.set
        if let old, random.oneIn(2) {
            new.blob = old.blob
            edit = .keep
            if let blob = old.blob, random.oneIn(2), blob.count < 60_000 {
                let more = bytes()
                edit = .append(more)
                new.blob = blob + more
            }
        } else if !random.oneIn(5) {
            new.blob = bytes()
        }
        let (row, how) = (new, edit)
        try expect(key, isFree: isFree, old == nil ? "insertion" : "replacing") { () throws(JetError) in
            try session.write(row, over: old, cursor, edit: how)
        }
        session.changes.rows[key] = new
        session.changes.deltas[key] = nil
    }

    private func add(_ session: StoreModelSession, _ key: ModelKey) throws {
        guard let old = session.view(key) else { return try read(session) }
        let cursor = session.cursors[key.table]
        try cursor.setIndex(nil)
        guard try cursor.seek([key.id], .equal) == .equal else { throw Failure("\(place): \(key) is not there") }
        let delta = Int32(1 + random.below(9)) * (random.oneIn(2) ? 1 : -1)
        let isFree = isFree(key, session, forAdding: true)
        var before: Int64 = 0
        try expect(key, isFree: isFree, "addition") { () throws(JetError) in
            before = try cursor.escrow(ModelRow.countKey, by: Int64(delta))
        }
        if before != Int64(old.count) { throw Failure("\(place): the count of \(key) was \(before), not \(old.count)") }
        if var row = session.changes.rows[key] ?? nil {
            row.count &+= delta
            session.changes.rows[key] = row
        } else {
            session.changes.deltas[key, default: 0] &+= delta
        }
    }

    // MARK: Looks.

    /// Everything that the session sees, in an order by chance.
    private func check(_ session: StoreModelSession) throws {
        let table = random.below(plan.tableCount)
        let cursor = session.cursors[table]
        let expected = session.view(table: table)
        let isForward = random.oneIn(2)
        var found: [ModelRow] = []
        let name = ["", "byNumber", "byName", "byTag"][random.below(4)]
        try cursor.setIndex(name.isEmpty ? nil : cursor.table.schema.indexes.first { $0.definition.name == name })
        var isThere = try isForward ? cursor.first() : cursor.last()
        while isThere {
            found.append(try session.row(cursor))
            isThere = try isForward ? cursor.next() : cursor.previous()
        }
        try cursor.setIndex(nil)
        if !isForward { found.reverse() }
        let wanted: [ModelRow]
        switch name {
        case "": wanted = expected
        case "byNumber":
            wanted = expected.sorted { ($0.row.number ?? .min, $0.row.id) < ($1.row.number ?? .min, $1.row.id) }
        case "byName": wanted = expected.filter { $0.row.name != nil }
        default:
            wanted = expected.flatMap { row in [ModelRow](repeating: row, count: max(1, Set(row.row.tags).count)) }
        }
        let isRight: Bool
        switch name {
        case "", "byNumber": isRight = found == wanted
        default: isRight = found.sorted { $0.row.id < $1.row.id } == wanted
        }
        if !isRight { throw Failure("\(place): \(found.count) rows by \(name), not \(wanted.count)") }
    }

    /// The rows with one number.
    private func checkRange(_ session: StoreModelSession) throws {
        let table = random.below(plan.tableCount)
        let cursor = session.cursors[table]
        let number = Int64(random.below(8) - 3)
        try cursor.setIndex(cursor.table.schema.indexes.first { $0.definition.name == "byNumber" })
        var ids: [Int32] = []
        if try cursor.seek([number], .equal) == .equal {
            _ = try withUnsafeBytes(of: number.littleEndian) { bytes in
                try cursor.makeKey(bytes, .newKey)
                return try cursor.setRange(isUpper: true, isInclusive: true)
            }
            repeat { ids.append(try cursor.row().id) } while try cursor.next()
        }
        try cursor.setIndex(nil)
        let wanted = session.view(table: table).filter { $0.row.number == number }.map(\.row.id)
        if ids != wanted { throw Failure("\(place): numbers \(number) have \(ids), not \(wanted)") }
    }
}

@Suite struct StoreModelTests {
    private static let soak = ProcessInfo.processInfo.environment["ORIEL_SOAK"] == "1"

    private func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func sessionsSeeTheirSnapshotsThroughCrashes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let plan = StoreModelPlan(&random)
        let run = try StoreModelRun(plan, seed: seed)
        do { try run.work(steps: 4_000) } catch { Issue.record("\(error) (\(plan))") }
    }

    /// A page was written after a counter's change on it was taken back, the page that a split made before that was
    /// not, and the checkpoint lay between the counter's change and the split: redo put the page back to its image
    /// before the split, and then lacked the change that the record Undo names (rule R3).
    @Test func undoOfACounterIsRedoneOnAPageThatWentBackBeforeItsSplit() throws {
        let seed: UInt64 = 2_839_597_244
        var random = SeededRandom(seed: seed)
        let run = try StoreModelRun(StoreModelPlan(&random), seed: seed)
        try run.work(steps: 20_000)
    }

    @Test(.enabled(if: soak)) func campaign() throws {
        let first = number("ORIEL_SEED") ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let limit = Int(number("ORIEL_SOAK_STEPS") ?? 2_000_000)
        var total = StoreModelRun.Counts()
        var seed = first
        print("campaign of the store from seed \(first)")
        while total.steps < limit {
            var random = SeededRandom(seed: seed)
            let plan = StoreModelPlan(&random)
            let run = try StoreModelRun(plan, seed: seed)
            do { try run.work(steps: min(20_000, limit - total.steps)) } catch {
                print("seed \(seed): \(error) (\(plan))")
                Issue.record("\(error) (\(plan))")
            }
            total += run.counts
            seed += 1
        }
        print("campaign of the store, seeds \(first)..<\(seed): \(total)")
    }
}
