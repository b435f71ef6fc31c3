// The laws of durability: what was synced survives, what wasn't may; for bytes, sizes and names.

import ESEEngine
import ESETestKit
import Primitives
import Testing

@Suite struct SimulatedDiskTests {
    /// `count` sectors of 512 bytes, all of one value.
    private func sectors(_ count: Int, _ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: count * 512) }

    /// A durable file of zeros, open for writing.
    private func openFile(_ disk: SimulatedDisk, _ path: String, sectorCount: Int) throws -> any StorageFile {
        disk.putFile(path, sectors(sectorCount, 0))
        return try disk.open(path, .writing)
    }

    @Test func everySectorIsSyncedOrWrittenSince() throws {
        let sectorCount = 24
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let disk = SimulatedDisk(seed: seed)
            let file = try openFile(disk, "/f", sectorCount: sectorCount)
            // For each sector what may be there; the last is what is read.
            var possible = [[UInt8]](repeating: [0], count: sectorCount)
            for step in 1...Int.random(in: 1...40, using: &random) {
                if random.oneIn(6) {
                    try file.sync()
                    for sector in possible.indices { possible[sector].removeFirst(possible[sector].count - 1) }
                } else {
                    let first = Int.random(in: 0..<sectorCount, using: &random)
                    let count = Int.random(in: 1...min(8, sectorCount - first), using: &random)
                    try file.write(sectors(count, UInt8(step)), at: UInt64(first * 512))
                    for sector in first..<(first + count) { possible[sector].append(UInt8(step)) }
                }
            }
            #expect(try file.read(sectorCount * 512, at: 0) == possible.flatMap { sectors(1, $0.last ?? 0) })
            let summary = disk.powerFailure()
            let bytes = try #require(disk.contents("/f"))
            #expect(bytes.count == sectorCount * 512)
            for sector in possible.indices {
                let part = Array(bytes[(sector * 512)..<(sector * 512 + 512)])
                let isLegal = possible[sector].contains { part == sectors(1, $0) }
                #expect(isLegal, "seed \(seed), sector \(sector), \(summary)")
            }
            // And now it is durable.
            disk.powerFailure()
            #expect(disk.contents("/f") == bytes, "seed \(seed)")
        }
    }

    @Test func unsyncedWriteIsKeptLostOrTornInAnyWay() throws {
        var results: Set<[UInt8]> = []
        for seed in 0..<400 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            try openFile(disk, "/f", sectorCount: 3).write(sectors(3, 1), at: 0)
            disk.powerFailure()
            let bytes = try #require(disk.contents("/f"))
            results.insert([bytes[0], bytes[512], bytes[1_024]])
        }
        #expect(results.count == 8, "\(results)")
    }

    @Test func largerSectorsAreNotTorn() throws {
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed, sectorByteCount: 4_096)
            try openFile(disk, "/f", sectorCount: 16).write(sectors(16, 1), at: 0)
            disk.powerFailure()
            let bytes = try #require(disk.contents("/f"))
            #expect(Set(bytes[..<4_096]).count == 1 && Set(bytes[4_096...]).count == 1, "seed \(seed)")
        }
    }

    @Test func laterWriteMayBeThereWithoutTheEarlierOne() throws {
        var results: Set<[UInt8]> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let first = try openFile(disk, "/a", sectorCount: 1)
            let second = try openFile(disk, "/b", sectorCount: 1)
            try first.write(sectors(1, 1), at: 0)
            try second.write(sectors(1, 1), at: 0)
            disk.powerFailure()
            results.insert([disk.contents("/a")?.first ?? 9, disk.contents("/b")?.first ?? 9])
        }
        #expect(results == [[0, 0], [0, 1], [1, 0], [1, 1]])
    }

    @Test func diskThatKeepsTheOrderLosesOnlyTheEnd() throws {
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let files = try (0..<6).map { try openFile(disk, "/\($0)", sectorCount: 1) }
            for file in files { try file.write(sectors(1, 1), at: 0) }
            disk.powerFailure(.inOrder)
            let kept = (0..<6).map { disk.contents("/\($0)")?.first ?? 9 }
            #expect(kept == kept.sorted(by: >), "seed \(seed)")
        }
    }

    @Test func unsyncedSizeIsOldOrNewAndNewBytesAreZeroOrWritten() throws {
        var sizes: Set<Int> = []
        var sawZeros = false
        for seed in 0..<300 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try openFile(disk, "/f", sectorCount: 2)
            try file.setByteCount(2_048)
            try file.write(sectors(1, 7), at: 2_048)
            disk.powerFailure()
            let bytes = try #require(disk.contents("/f"))
            sizes.insert(bytes.count)
            #expect(bytes.prefix(2_048).allSatisfy { $0 == 0 })
            let end = Set(bytes.dropFirst(2_048))
            #expect(end.count <= 1 && end.isSubset(of: [0, 7]), "seed \(seed)")
            sawZeros = sawZeros || end == [0]
        }
        #expect(sizes == [1_024, 2_048, 2_560])
        #expect(sawZeros)
    }

    @Test func unsyncedShrinkingIsDoneOrNot() throws {
        var sizes: Set<Int> = []
        for seed in 0..<60 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            try openFile(disk, "/f", sectorCount: 4).setByteCount(512)
            disk.powerFailure()
            sizes.insert(try #require(disk.contents("/f")).count)
        }
        #expect(sizes == [512, 2_048])
    }

    @Test func syncedFileWithoutSyncedNameMayBeGone() throws {
        var outcomes: Set<Bool> = []
        for seed in 0..<60 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.open("/f", .creating)
            try file.write([1, 2, 3], at: 0)
            try file.sync()
            disk.powerFailure()
            let contents = disk.contents("/f")
            #expect(contents == nil || contents == [1, 2, 3])
            outcomes.insert(contents == nil)
        }
        #expect(outcomes == [true, false])
    }

    @Test func syncedNameWithoutSyncedFileMayBeEmpty() throws {
        var sizes: Set<Int> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            try disk.open("/f", .creating).write([1, 2, 3], at: 0)
            try disk.syncDirectory("/")
            disk.powerFailure()
            sizes.insert(try #require(disk.contents("/f"), "seed \(seed)").count)
        }
        #expect(sizes == [0, 3])
    }

    @Test func renameIsWholeAndLogsAreNeverWithoutAName() throws {
        var outcomes: Set<[String]> = []
        for seed in 0..<300 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/log/edb.log", [1])
            // The way of a full log: it gets its number, and a new one its name.
            try disk.rename("/log/edb.log", to: "/log/edb00001.log")
            let new = try disk.open("/log/edbtmp.log", .creating)
            try new.write([2], at: 0)
            try new.sync()
            try disk.rename("/log/edbtmp.log", to: "/log/edb.log")
            disk.powerFailure()
            let names = try disk.list("/log")
            outcomes.insert(names)
            let old = ["/log/edb.log", "/log/edb00001.log"].filter { disk.contents($0) == [1] }
            #expect(old.count == 1, "seed \(seed): \(names)")
        }
        #expect(
            outcomes == [
                ["edb.log"], ["edb.log", "edbtmp.log"], ["edb00001.log"], ["edb00001.log", "edbtmp.log"],
                ["edb.log", "edb00001.log"],
            ])
    }

    @Test func syncedNamesSurviveAlsoAcrossDirectories() throws {
        for seed in 0..<60 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/a/f", [1])
            disk.putFile("/b/g", [2])
            try disk.rename("/a/f", to: "/a/h")
            try disk.rename("/a/h", to: "/b/g")
            // Also what happened in the other directory before it.
            try disk.syncDirectory("/b")
            disk.powerFailure()
            #expect(disk.contents("/b/g") == [1] && disk.contents("/a/f") == nil, "seed \(seed)")
            try disk.remove("/b/g")
            try disk.syncDirectory("/b")
            disk.powerFailure()
            #expect(try disk.list("/b") == [], "seed \(seed)")
        }
    }

    @Test func removedFileMayComeBackAsItWas() throws {
        var outcomes: Set<Bool> = []
        for seed in 0..<60 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/f", [1])
            try disk.remove("/f")
            try disk.open("/f", .creating).close()
            try disk.remove("/f")
            disk.powerFailure()
            let contents = disk.contents("/f")
            #expect(contents == nil || contents == [1] || contents == [])
            outcomes.insert(contents == nil)
        }
        #expect(outcomes == [true, false])
    }

    @Test func openFilesAreDeadAndLocksFreeAfterPowerFailure() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try openFile(disk, "/f", sectorCount: 1)
        disk.powerFailure()
        #expect(throws: StorageError.self) { try file.write([1], at: 0) }
        #expect(throws: StorageError.self) { try file.read(1, at: 0) }
        #expect(throws: StorageError.self) { try file.setByteCount(1) }
        #expect(throws: StorageError.self) { try file.sync() }
        #expect(throws: StorageError.self) { try file.byteCount() }
        let next = try disk.open("/f", .writing)
        // Closing the dead one doesn't free the lock of the living one.
        file.close()
        #expect(throws: StorageError.self) { try disk.open("/f", .writing) }
        next.close()
    }

    @Test func lossCanBeChosen() throws {
        for seed in 0..<20 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try openFile(disk, "/f", sectorCount: 2)
            try file.write(sectors(2, 1), at: 0)
            try disk.open("/g", .creating).close()
            let copy = disk.copy(seed: seed)
            let kept = disk.powerFailure(.keepsAll)
            #expect(disk.contents("/f") == sectors(2, 1) && disk.contents("/g") == [])
            #expect(kept.keptCount == 1 && kept.keptNameCount == 1 && kept.lostCount + kept.lostNameCount == 0)
            // The copy has its own fate, and no lock.
            try copy.open("/f", .writing).close()
            let lost = copy.powerFailure(.losesAll)
            #expect(copy.contents("/f") == sectors(2, 0) && copy.contents("/g") == nil)
            #expect(lost.lostCount == 1 && lost.lostNameCount == 1 && lost.keptCount + lost.keptNameCount == 0)
        }
    }

    @Test func sameSeedSameFate() throws {
        func run(_ seed: UInt64) throws -> [[UInt8]?] {
            let disk = SimulatedDisk(seed: seed)
            for number in 0..<8 {
                let file = try openFile(disk, "/\(number)", sectorCount: 8)
                for sector in 0..<8 { try file.write(sectors(1, 1), at: UInt64(sector * 512)) }
                try disk.rename("/\(number)", to: "/n\(number)")
            }
            disk.powerFailure(.mixed)
            return (0..<8).flatMap { [disk.contents("/\($0)"), disk.contents("/n\($0)")] }
        }
        #expect(try run(5) == run(5))
        #expect(try run(5) != run(6))
    }
}
