// What recovery does with clean ends, missing files, interruptions, failing calls and databases of Windows.

import ESEFormat
import ESEReader
import ESETestKit
import ESEVerify
import Primitives
import Testing

@testable import ESEEngine

@Suite struct RecoveryTests {
    /// A disk after a crash, and what may be there.
    private func crashed(
        _ plan: RecoveryPlan, seed: UInt64, steps: Int
    ) throws -> (disk: SimulatedDisk, trees: [Tree], possible: [TreeModel]) {
        let disk = SimulatedDisk(seed: seed, sectorByteCount: 4_096)
        let rig = try RecoveryRig(disk, plan, seed: seed)
        try rig.createDatabase(treeCount: 2)
        let work = RecoveryWork(rig, [[:], [:]], seed: seed)
        try work.run(steps: steps)
        try rig.log.flush()
        _ = disk.powerFailure(.losesAll)
        return (disk, rig.trees, work.possible)
    }

    private func look(_ rig: RecoveryRig, _ trees: [Tree]) throws -> TreeModel {
        try rig.attachDatabase(trees)
        return try rig.contents()
    }

    @Test func aCleanEndNeedsNothing() throws {
        let plan = RecoveryPlan()
        let disk = SimulatedDisk(seed: 1, sectorByteCount: 4_096)
        let rig = try RecoveryRig(disk, plan, seed: 1)
        #expect(rig.result.isNew && !rig.result.didRecover)
        try rig.createDatabase(treeCount: 1)
        let worker = Worker(rig.versions.clock.make(session: 1))
        let cursor = TreeCursor(rig.trees[0], worker)
        try worker.begin(rig.versions)
        for number in 0..<500 { try cursor.insert(withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }, [1, 2, 3]) }
        cursor.release()
        _ = try worker.commit(rig.versions, rig.log)
        let model = try rig.contents()
        let trees = rig.trees
        try rig.terminate()
        _ = disk.powerFailure(.losesAll)

        let again = try RecoveryRig(disk, plan, seed: 2)
        #expect(!again.result.isNew && !again.result.didRecover)
        #expect(again.result.redo.counts == RedoCounts())
        #expect(try look(again, trees) == model)
        try again.terminate()
        _ = disk.powerFailure(.losesAll)
        // A clean database needs no logs.
        for name in try disk.list("/log") { try disk.remove("/log/\(name)") }
        let third = try RecoveryRig(disk, plan, seed: 3)
        #expect(third.result.isNew)
        #expect(try look(third, trees) == model)
    }

    @Test func aMissingDatabaseIsAnError() throws {
        let plan = RecoveryPlan()
        let (disk, trees, possible) = try crashed(plan, seed: 5, steps: 300)
        try disk.rename(plan.path, to: "/db/away.edb")
        let error = #expect(throws: JetError.self) { try RecoveryRig(disk, plan, seed: 6, mayFail: true) }
        #expect(error == RedoError.Code.attachedDatabaseMismatch)
        try disk.rename("/db/away.edb", to: plan.path)
        let rig = try RecoveryRig(disk, plan, seed: 7)
        let found = try look(rig, trees)
        #expect(possible.contains(found))
    }

    @Test func aDatabaseThatWasBeingMadeIsRemoved() throws {
        let plan = RecoveryPlan()
        let disk = SimulatedDisk(seed: 8, sectorByteCount: 4_096)
        let rig = try RecoveryRig(disk, plan, seed: 8)
        try rig.createDatabase(treeCount: 1, isFinished: false)
        _ = disk.powerFailure(.keepsAll)
        let again = try RecoveryRig(disk, plan, seed: 9)
        #expect(again.result.databases.map(\.outcome) == [.removed])
        #expect(try !disk.exists(plan.path))
        try again.createDatabase(treeCount: 1)
        #expect(try again.contents() == [[:]])
    }

    @Test func cancelledAndDoneAgain() throws {
        let plan = RecoveryPlan()
        let (disk, trees, possible) = try crashed(plan, seed: 10, steps: 1_200)
        var calls = 0
        let error = #expect(throws: JetError.self) {
            try RecoveryRig(
                disk, plan, seed: 11,
                isCancelled: {
                    calls += 1
                    return calls == 1
                }, mayFail: true)
        }
        #expect(error == .termInProgress)
        var parts: [Int] = []
        let rig = try RecoveryRig(disk, plan, seed: 12, progress: { parts.append($0) })
        #expect(parts == parts.sorted() && parts.last == 1_000, "\(parts)")
        let found = try look(rig, trees)
        #expect(possible.contains(found))
    }

    @Test func everyCallFailsOnce() throws {
        var plan = RecoveryPlan()
        plan.cachePages = 16
        let (disk, trees, possible) = try crashed(plan, seed: 20, steps: 500)
        var number = 1
        while true {
            let copy = disk.copy(seed: UInt64(number))
            copy.failCall(number: copy.callCount + number)
            var rig = try? RecoveryRig(copy, plan, seed: 21, mayFail: true)
            let failed = rig == nil
            copy.clearFaults()
            if rig == nil { rig = try RecoveryRig(copy, plan, seed: 22) }
            if let rig, number % 3 == 1 {
                let found = try look(rig, trees)
                #expect(possible.contains(found), "call \(number)")
            }
            // A call that may fail without harm does not end this.
            if !failed, number > 400 { break }
            number += 9
        }
    }
}

@Suite(.enabled(if: RedoSamples.isAvailable, RedoSamples.skipReason)) struct RecoverySampleTests {
    private func recover(
        _ files: [(path: String, sample: String)], base: String
    ) throws -> (
        SimulatedDisk, RecoveryResult
    ) {
        let disk = try RedoSamples.disk(files)
        try disk.createDirectory("/db")
        let clock = SimulatedClock(seed: 1)
        let reporter = CollectingReporter()
        let buffers = BufferManager(
            pageSize: .kibibytes4, byteLimit: 64 << 10, reporter: reporter, clock: clock,
            check: { bytes, number in
                Page.check(UnsafeMutableRawBufferPointer(mutating: bytes), number: number, size: .kibibytes4) == nil
            })
        let environment = LogEnvironment(
            storage: disk, clock: clock, tasks: ManualTaskRunner(seed: 1), reporter: reporter)
        var options = LogOptions(directory: "/logs", pageSize: .kibibytes4, signature: DatabaseSignature())
        options.baseName = base
        let recovery = Recovery(
            environment, options, buffers: buffers, versions: VersionStore(clock: TransactionClock()),
            mapping: .directory("/db"))
        do {
            let result = try recovery.run()
            result.log.close()
            #expect(!reporter.reports.contains { $0.text.contains("lost pages") })
            return (disk, result)
        } catch {
            Issue.record("\(reporter.reports.map(\.text).joined(separator: "\n"))")
            throw error
        }
    }

    private func check(_ disk: SimulatedDisk, _ path: String) throws -> [UInt8] {
        let bytes = try #require(disk.contents(path))
        let header = try DatabaseHeader.read(start: bytes.span.bytes)
        #expect(header.warnings.isEmpty && header.header.isClean)
        return bytes
    }

    @Test func aDirtyDatabaseOfWindowsBecomesClean() throws {
        let folder = "srum-belkasoft/dirty"
        var files = ["SRU0004E.log", "SRU0004F.log", "SRU00050.log", "SRU00051.log"].map {
            ("/logs/\($0)", "\(folder)/\($0)")
        }
        files.append(("/db/SRUDB.dat", "\(folder)/SRUDB.dat"))
        let (disk, result) = try recover(files, base: "SRU")
        #expect(result.didRecover)
        #expect(result.databases.map(\.outcome) == [.recovered])
        // Windows left no page lost, and its space is understood.
        #expect(result.reclaimedPageCount == 0)
        let bytes = try check(disk, "/db/SRUDB.dat")
        let report = Verification(MemorySource(bytes)).run()
        #expect(report.errorCount == 0, "\(report.lines)")
    }

    @Test func aChainOfWindowsLogsMakesItsDatabase() throws {
        let (disk, result) = try recover(RedoSamples.Chain.all, base: "SRU")
        #expect(!result.didRecover)
        #expect(result.databases.map(\.outcome) == [.recovered])
        _ = try check(disk, "/db/SRUDB.dat")
        let expected = DatabasePages(try RedoSamples.bytes("\(RedoSamples.Chain.folder)/expected-t1/SRUDB.dat"))
        let store = try RedoPageStore(pageSize: .kibibytes4, file: try disk.open("/db/SRUDB.dat", .reading))
        let differences = try expected.differences(store)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }
}
