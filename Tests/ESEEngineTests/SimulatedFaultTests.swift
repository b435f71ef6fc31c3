// Every fault of the simulated disk does what it says and no more.

import ESEEngine
import ESETestKit
import Testing

@Suite struct SimulatedFaultTests {
    private func sectors(_ count: Int, _ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: count * 512) }

    /// One call of each kind.
    private func everyCall(_ disk: SimulatedDisk) throws {
        try disk.createDirectory("/d")
        let file = try disk.open("/d/f", .creating)
        try file.write(sectors(2, 1), at: 0)
        try file.setByteCount(2_048)
        _ = try file.byteCount()
        _ = try file.read(10, at: 0)
        try file.sync()
        file.close()
        _ = try disk.exists("/d/f")
        try disk.rename("/d/f", to: "/d/g")
        try disk.syncDirectory("/d")
        _ = try disk.list("/d")
        _ = try disk.fullPath("/d/../d")
        try disk.remove("/d/g")
    }

    @Test func traceTellsTheCallsInOrder() throws {
        let disk = SimulatedDisk(seed: 1)
        disk.startTrace()
        try everyCall(disk)
        #expect(
            disk.trace.map(\.description) == [
                "createDirectory /d", "open /d/f", "write /d/f 0+1024", "setByteCount /d/f 2048", "byteCount /d/f",
                "read /d/f 0+10", "sync /d/f", "exists /d/f", "rename /d/f /d/g", "syncDirectory /d", "list /d",
                "fullPath /d/../d", "remove /d/g",
            ])
        #expect(Set(disk.trace.map(\.operation)) == Set(StorageOperation.allCases))
        #expect(disk.callCount == disk.trace.count && disk.writeCount == 1)
    }

    @Test func everyCallCanFailAndFailsOnce() throws {
        for number in 1...13 {
            let disk = SimulatedDisk(seed: 1)
            disk.failCall(number: number)
            let error = #expect(throws: StorageError.self) { try everyCall(disk) }
            #expect(error?.kind == .failed && disk.callCount == number)
            // It was once; what follows works.
            try disk.createDirectory("/e")
        }
        let disk = SimulatedDisk(seed: 1)
        disk.failCall(number: 14)
        try everyCall(disk)
    }

    @Test func lastingFaultLastsUntilCleared() throws {
        let disk = SimulatedDisk(seed: 1)
        disk.failCall(number: 2, kind: .denied, isLasting: true)
        try disk.createDirectory("/d")
        for _ in 0..<3 {
            let error = #expect(throws: StorageError.self) { try disk.exists("/d") }
            #expect(error?.kind == .denied)
        }
        disk.clearFaults()
        #expect(try disk.exists("/d"))
    }

    @Test func fullHitsOnlyWhatTakesSpace() throws {
        let disk = SimulatedDisk(seed: 1)
        disk.putFile("/f", sectors(1, 1))
        disk.failCall(number: 1, kind: .full)
        let file = try disk.open("/f", .writing)
        _ = try file.read(1, at: 0)
        try file.sync()
        let error = #expect(throws: StorageError.self) { try file.write([1], at: 0) }
        #expect(error?.kind == .full)
        try file.write([1], at: 0)
    }

    @Test func faultMayMeanOneKindOfCallAndFile() throws {
        let disk = SimulatedDisk(seed: 1)
        for path in ["/edb.log", "/a.edb"] { disk.putFile(path, sectors(1, 0)) }
        disk.failCall(number: 1, isLasting: true, only: [.write, .sync], pathSuffix: ".log")
        let log = try disk.open("/edb.log", .writing), database = try disk.open("/a.edb", .writing)
        try database.write([1], at: 0)
        try database.sync()
        #expect(throws: StorageError.self) { try log.write([1], at: 0) }
        #expect(throws: StorageError.self) { try log.sync() }
        _ = try log.byteCount()
    }

    @Test func failedWriteMayHaveWrittenWholeSectors() throws {
        var results: Set<[UInt8]> = []
        for seed in 0..<200 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/f", sectors(3, 0))
            let file = try disk.open("/f", .writing)
            disk.failCall(number: disk.callCount + 1)
            #expect(throws: StorageError.self) { try file.write(sectors(3, 1), at: 0) }
            let bytes = try #require(disk.contents("/f"))
            #expect(bytes.count == 1_536)
            results.insert([bytes[0], bytes[600], bytes[1_535]])
        }
        // Everything but all of it.
        #expect(results.count == 7 && !results.contains([1, 1, 1]))
    }

    @Test func afterAFailedSyncNothingMakesTheRestDurable() throws {
        var outcomes: Set<UInt8> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/f", sectors(1, 0))
            let file = try disk.open("/f", .writing)
            try file.write(sectors(1, 1), at: 0)
            disk.failCall(number: disk.callCount + 1, only: [.sync])
            #expect(throws: StorageError.self) { try file.sync() }
            #expect(throws: StorageError.self) { try file.sync() }
            // Still read, and yet perhaps not there; also another open file can't help.
            #expect(try file.read(1, at: 0) == [1])
            file.close()
            let again = try disk.open("/f", .writing)
            try again.sync()
            disk.powerFailure()
            outcomes.insert(disk.contents("/f")?.first ?? 9)
        }
        #expect(outcomes == [0, 1])
    }

    @Test func powerCanBeCutDuringEveryCall() throws {
        for number in 1...13 {
            for seed in 0..<20 as Range<UInt64> {
                let disk = SimulatedDisk(seed: seed)
                disk.cutPower(atCall: number)
                #expect(throws: StorageError.self) { try everyCall(disk) }
                #expect(disk.isOff && disk.callCount == number)
                #expect(throws: StorageError.self) { try disk.exists("/") }
                let summary = disk.powerFailure()
                #expect(!disk.isOff)
                let isSynced = number > 10 && number < 13
                if isSynced {
                    #expect(disk.contents("/d/g")?.count == 2_048, "seed \(seed), call \(number), \(summary)")
                }
                _ = try disk.list("/")
            }
        }
    }

    @Test func tornWriteIsQuietAndPartial() throws {
        for seed in 0..<50 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.open("/f", .creating)
            disk.tornWrite(2)
            try file.write(sectors(4, 1), at: 0)
            try file.write(sectors(4, 2), at: 0)
            try file.write([], at: 0)
            #expect(try file.byteCount() == 2_048)
            let bytes = try file.read(2_048, at: 0)
            #expect(bytes.contains(1) && Set(bytes).isSubset(of: [1, 2]), "seed \(seed)")
        }
    }

    @Test func lostWriteIsQuietAndOnlyOnce() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try disk.open("/f", .creating)
        disk.loseWrite(disk.writeCount + 1)
        try file.write(sectors(1, 1), at: 512)
        try file.sync()
        #expect(disk.contents("/f") == sectors(2, 0) && disk.durableContents("/f") == nil)
        try file.write(sectors(1, 1), at: 512)
        #expect(disk.contents("/f") == sectors(1, 0) + sectors(1, 1))
    }

    @Test func misdirectedWriteGoesElsewhereInTheFile() throws {
        var places: Set<Int> = []
        for seed in 0..<60 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.putFile("/f", sectors(4, 0))
            let file = try disk.open("/f", .writing)
            disk.misdirectWrite(1)
            try file.write(sectors(1, 1), at: 512)
            let bytes = try file.read(2_048, at: 0)
            #expect(bytes.count { $0 == 1 } == 512)
            places.insert(try #require(bytes.firstIndex(of: 1)))
        }
        #expect(places == [0, 1_024, 1_536])
    }

    @Test func flippedBitsAreThereForGood() throws {
        let disk = SimulatedDisk(seed: 1)
        disk.putFile("/f", [0, 0])
        let file = try disk.open("/f", .reading)
        #expect(disk.flipBit("/f", byteOffset: 1, bit: 7))
        #expect(try file.read(2, at: 0) == [0, 0x80])
        disk.powerFailure()
        #expect(disk.contents("/f") == [0, 0x80])
        #expect(!disk.flipBit("/f", byteOffset: 2, bit: 0) && !disk.flipBit("/none", byteOffset: 0, bit: 0))
        let place = try #require(disk.flipRandomBit("/f"))
        #expect(disk.contents("/f")?[place.byteOffset] == (place.byteOffset == 1 ? 0x80 : 0) ^ 1 << UInt8(place.bit))
        #expect(disk.flipRandomBit("/none") == nil)
    }

    @Test func fullDiskIsFullUntilSomethingIsRemoved() throws {
        let disk = SimulatedDisk(seed: 1)
        disk.putFile("/a", sectors(4, 1))
        disk.byteLimit = 3_072
        let file = try disk.open("/b", .creating)
        try file.write(sectors(2, 2), at: 0)
        let error = #expect(throws: StorageError.self) { try file.write(sectors(1, 3), at: 1_024) }
        #expect(error?.kind == .full)
        #expect(throws: StorageError.self) { try file.setByteCount(4_096) }
        try file.write(sectors(2, 4), at: 0)
        try disk.remove("/a")
        try file.setByteCount(3_072)
        #expect(disk.contents("/b") == sectors(2, 4) + sectors(4, 0))
    }
}
