// An engine that loses power at any moment, also while it recovers, has all durable commits afterwards and nothing
// else.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite struct RecoveryCrashTests {
    /// Starts an engine on a disk; power may fail on the way, several times.
    private func restart(
        _ disk: SimulatedDisk, _ plan: RecoveryPlan, _ random: inout SeededRandom, crashes: Int
    ) throws -> RecoveryRig {
        for _ in 0..<crashes {
            disk.cutPower(atCall: disk.callCount + 1 + random.below(120))
            do {
                let rig = try RecoveryRig(disk, plan, seed: random.next())
                // It came through; the power fails right behind it.
                withExtendedLifetime(rig) { _ = disk.powerFailure(.any) }
            } catch {
                #expect(disk.isOff, "\(error)")
                _ = disk.powerFailure(.any)
            }
        }
        return try RecoveryRig(disk, plan, seed: random.next())
    }

    private func check(_ rig: RecoveryRig, _ possible: [TreeModel], _ seed: UInt64, _ round: Int) throws -> TreeModel {
        let found = try rig.contents()
        if let index = possible.lastIndex(of: found) { return possible[index] }
        let wanted = possible[possible.count - 1]
        for (index, tree) in found.enumerated() {
            let missing = wanted[index].keys.filter { tree[$0] == nil }.count
            let extra = tree.keys.filter { wanted[index][$0] == nil }.count
            let other = tree.keys.filter { wanted[index][$0] != nil && wanted[index][$0] != tree[$0] }.count
            Issue.record(
                """
                seed \(seed) round \(round) tree \(index): of \(possible.count) states none; against the last \
                \(missing) missing, \(extra) too many, \(other) others
                """)
        }
        return found
    }

    /// Rounds of work, crash, recovery with crashes, and a look.
    private func rounds(_ plan: RecoveryPlan, seed: UInt64, count: Int, steps: Int, crashes: Int) throws -> Int {
        var random = SeededRandom(seed: seed)
        let disk = SimulatedDisk(seed: seed, sectorByteCount: 4_096)
        var rig = try RecoveryRig(disk, plan, seed: seed)
        #expect(rig.result.isNew)
        try rig.createDatabase(treeCount: 3)
        var model: TreeModel = [[:], [:], [:]]
        var undone = 0
        for round in 0..<count {
            let work = RecoveryWork(rig, model, seed: random.next())
            disk.cutPower(atCall: disk.callCount + 1 + random.below(400))
            do {
                try work.run(steps: steps)
            } catch {
                #expect(disk.isOff, "seed \(seed) round \(round): \(error)")
            }
            _ = disk.powerFailure(.any)
            let trees = rig.trees
            rig = try restart(disk, plan, &random, crashes: crashes > 0 ? random.below(crashes + 1) : 0)
            undone += rig.result.undoneCount
            #expect(rig.result.databases.allSatisfy { $0.header?.isClean == true }, "seed \(seed) round \(round)")
            try rig.attachDatabase(trees)
            model = try check(rig, work.possible, seed, round)
        }
        return undone
    }

    @Test(arguments: [1, 2, 6, 8] as [UInt64])
    func durableCommitsAreThereAndNothingElse(seed: UInt64) throws {
        _ = try rounds(RecoveryPlan(), seed: seed, count: 4, steps: 2_000, crashes: 0)
    }

    @Test(arguments: [11, 13, 16, 201] as [UInt64])
    func crashesDuringRecoveryDoNoHarm(seed: UInt64) throws {
        _ = try rounds(RecoveryPlan(), seed: seed, count: 3, steps: 2_000, crashes: 4)
    }

    @Test(arguments: [21, 22, 26] as [UInt64])
    func aSmallCacheIsEnough(seed: UInt64) throws {
        var plan = RecoveryPlan()
        plan.cachePages = 16
        _ = try rounds(plan, seed: seed, count: 3, steps: 2_000, crashes: 3)
    }

    @Test(arguments: [33, 34] as [UInt64])
    func circularLogsAreEnough(seed: UInt64) throws {
        var plan = RecoveryPlan()
        plan.isCircular = true
        plan.sectorCount = 16
        _ = try rounds(plan, seed: seed, count: 4, steps: 2_000, crashes: 2)
    }

    @Test(arguments: [41, 42] as [UInt64]) func largePages(seed: UInt64) throws {
        var plan = RecoveryPlan()
        plan.pageSize = .kibibytes16
        // A page is written whole or not: torn pages are another matter.
        var random = SeededRandom(seed: seed)
        let disk = SimulatedDisk(seed: seed, sectorByteCount: 16_384)
        let first = try RecoveryRig(disk, plan, seed: seed)
        try first.createDatabase(treeCount: 2)
        let work = RecoveryWork(first, [[:], [:]], seed: seed)
        try work.run(steps: 1_500)
        _ = disk.powerFailure(.inOrder)
        let rig = try restart(disk, plan, &random, crashes: 0)
        try rig.attachDatabase(first.trees)
        _ = try check(rig, work.possible, seed, 0)
    }

    /// The log ends inside of a macro, undoing gives the macro's time away anew, and recovery is cut off after that.
    @Test func recordsOfUndoingBelongToNoMacroThatWasCutOff() throws {
        for call in stride(from: 1, to: 60, by: 3) {
            let disk = SimulatedDisk(seed: 1, sectorByteCount: 4_096)
            let first = try RecoveryRig(disk, RecoveryPlan(), seed: 1)
            try first.createDatabase(treeCount: 1)
            let worker = Worker(first.versions.clock.make(session: 1))
            try worker.begin(first.versions)
            let cursor = TreeCursor(first.trees[0], worker)
            for key in 1...3 as ClosedRange<UInt8> {
                try cursor.insert([key], [1, 2, 3])
                cursor.release()
            }
            let time = DatabaseTime(first.database.lastTime.rawValue + 1)
            _ = try first.log.append(fields: MacroRecord(type: .macroBegin, session: 1, databaseTime: time))
            try first.log.flush()
            _ = disk.powerFailure(.inOrder)
            disk.cutPower(atCall: disk.callCount + call)
            do { _ = try RecoveryRig(disk, RecoveryPlan(), seed: 2) } catch { #expect(disk.isOff, "\(call): \(error)") }
            _ = disk.powerFailure(.inOrder)
            let last = try RecoveryRig(disk, RecoveryPlan(), seed: 3)
            try last.attachDatabase(first.trees)
            #expect(try last.contents() == [[:]], "call \(call)")
        }
    }
}
