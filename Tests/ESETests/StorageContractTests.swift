// What every storage promises, asked of real files and of the simulated disk alike.

import ESE
import ESEEngine
import ESETestKit
import Testing

@Suite struct StorageContractTests {
    enum Kind: CaseIterable { case real, realReserving, simulated }

    /// A storage and an empty directory in it; the last holds the directory.
    private func make(_ kind: Kind) throws -> (any StorageSystem, String, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        switch kind {
        case .real: return (FileStorage(), directory.path, directory)
        case .realReserving: return (FileStorage(reservesSpace: true), directory.path, directory)
        case .simulated:
            let disk = SimulatedDisk(seed: 1)
            try disk.createDirectory("/a/b")
            return (disk, "/a/b", directory)
        }
    }

    @Test(arguments: Kind.allCases) func whatIsWrittenIsReadAtItsPlace(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        let file = try storage.open(root + "/f", .creating)
        #expect(try file.byteCount() == 0)
        #expect(try file.read(10, at: 0) == [])
        try file.write([1, 2, 3], at: 5)
        #expect(try file.byteCount() == 8)
        #expect(try file.read(10, at: 0) == [0, 0, 0, 0, 0, 1, 2, 3])
        #expect(try file.read(2, at: 6) == [2, 3])
        #expect(try file.read(2, at: 8) == [])
        #expect(try file.read(2, at: 1 << 39) == [])
        try file.write([], at: 100)
        #expect(try file.byteCount() == 8)
        let large = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        try file.write(large, at: 4_095)
        #expect(try file.read(800_000, at: 4_095) == large)
        try file.sync()
        file.close()
        file.close()
        #expect(try storage.open(root + "/f", .reading).read(3, at: 5) == [1, 2, 3])
    }

    @Test(arguments: Kind.allCases) func sizeGrowsWithZerosAndShrinks(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        let file = try storage.open(root + "/f", .creating)
        try file.write([9, 9, 9, 9], at: 0)
        try file.setByteCount(2)
        #expect(try file.read(10, at: 0) == [9, 9])
        try file.setByteCount(600_000)
        #expect(try file.byteCount() == 600_000)
        #expect(try file.read(600_000, at: 0) == [9, 9] + [UInt8](repeating: 0, count: 599_998))
        try file.setByteCount(0)
        #expect(try file.byteCount() == 0)
    }

    @Test(arguments: Kind.allCases) func modesAskForAndMakeFiles(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        let path = root + "/f"
        for mode in [StorageMode.reading, .writing] {
            #expect(ESETests.kind { _ = try storage.open(path, mode) } == .notFound)
        }
        #expect(try !storage.exists(path))
        let first = try storage.open(path, .creating)
        try first.write([1, 2], at: 0)
        first.close()
        #expect(ESETests.kind { _ = try storage.open(path, .creating) } == .exists)
        let second = try storage.open(path, .writing)
        #expect(try second.read(5, at: 0) == [1, 2])
        // Emptied only by who gets the lock.
        #expect(ESETests.kind { _ = try storage.open(path, .replacing) } == .locked)
        #expect(try second.byteCount() == 2)
        second.close()
        #expect(try storage.open(path, .replacing).byteCount() == 0)
        #expect(try storage.open(root + "/g", .replacing).byteCount() == 0)
        for mode in [StorageMode.reading, .writing, .replacing] {
            #expect(ESETests.kind { _ = try storage.open(root, mode) } == .denied)
        }
        #expect(ESETests.kind { _ = try storage.open(root, .creating) } == .exists)
        #expect(ESETests.kind { _ = try storage.open(root + "/none/f", .creating) } == .notFound)
        #expect(ESETests.kind { _ = try storage.open(path + "/f", .reading) } == .notFound)
    }

    @Test(arguments: Kind.allCases) func oneWriterAndManyReaders(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        let path = root + "/f"
        let writer = try storage.open(path, .creating)
        try writer.write([7], at: 0)
        let readers = try (0..<3).map { _ in try storage.open(path, .reading) }
        for reader in readers { #expect(try reader.read(1, at: 0) == [7]) }
        #expect(ESETests.kind { _ = try storage.open(path, .writing) } == .locked)
        // The lock goes with the file to its new name, and leaves the old one free.
        try storage.rename(path, to: root + "/g")
        #expect(ESETests.kind { _ = try storage.open(root + "/g", .writing) } == .locked)
        let next = try storage.open(path, .creating)
        writer.close()
        try storage.open(root + "/g", .writing).close()
        #expect(ESETests.kind { _ = try storage.open(path, .writing) } == .locked)
        next.close()
        // Readers lock nobody out.
        try storage.open(path, .writing).close()
        withExtendedLifetime(readers) {}
    }

    @Test(arguments: Kind.allCases) func lockGoesWithTheLastReference(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        for _ in 0..<3 { _ = try storage.open(root + "/f", .replacing) }
    }

    @Test(arguments: Kind.allCases) func namesAreListedRenamedAndRemoved(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        for name in ["b", "a", "c"] {
            let file = try storage.open("\(root)/\(name)", .creating)
            try file.write(Array(name.utf8), at: 0)
            file.close()
        }
        try storage.createDirectory(root + "/d/e")
        try storage.createDirectory(root + "/d/e")
        #expect(try storage.list(root) == ["a", "b", "c", "d"])
        #expect(try storage.list(root + "/d") == ["e"])
        #expect(try storage.exists(root + "/d/e") && storage.exists(root + "/a"))
        #expect(try !storage.exists(root + "/a/x"))
        // In the place of another; who has that open goes on with it.
        let replaced = try storage.open(root + "/b", .reading)
        try storage.rename(root + "/a", to: root + "/b")
        #expect(try replaced.read(1, at: 0) == Array("b".utf8))
        #expect(try storage.open(root + "/b", .reading).read(1, at: 0) == Array("a".utf8))
        try storage.rename(root + "/b", to: root + "/b")
        try storage.rename(root + "/b", to: root + "/d/b")
        let removed = try storage.open(root + "/c", .writing)
        try storage.remove(root + "/c")
        try removed.write([5], at: 0)
        #expect(try removed.read(1, at: 0) == [5])
        try removed.sync()
        #expect(try storage.list(root) == ["d"])
        try storage.syncDirectory(root)
        try storage.syncDirectory(root + "/d")
        #expect(ESETests.kind { try storage.remove(root + "/c") } == .notFound)
        #expect(ESETests.kind { try storage.remove(root + "/d") } == .denied)
        #expect(ESETests.kind { try storage.rename(root + "/c", to: root + "/x") } == .notFound)
        #expect(ESETests.kind { try storage.rename(root + "/d/b", to: root + "/none/x") } == .notFound)
        #expect(ESETests.kind { _ = try storage.list(root + "/none") } == .notFound)
        #expect(ESETests.kind { try storage.syncDirectory(root + "/none") } == .notFound)
        #expect(ESETests.kind { try storage.createDirectory(root + "/d/b") } == .exists)
        #expect(ESETests.kind { try storage.createDirectory(root + "/d/b/x") } == .exists)
    }

    @Test(arguments: Kind.allCases) func fullPathIsTheSameForAllSpellings(_ kind: Kind) throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        try storage.createDirectory(root + "/d")
        let whole = try storage.fullPath(root)
        for spelling in ["/f", "//f", "/./f", "/d/../f", "/d/.././/f"] {
            #expect(try storage.fullPath(root + spelling) == whole + "/f")
        }
        try storage.open(root + "/f", .creating).close()
        for spelling in ["/f", "//f", "/./f", "/d/../f"] {
            #expect(try storage.fullPath(root + spelling) == whole + "/f")
        }
        #expect(try storage.fullPath(root + "/none/deep/../x") == whole + "/none/x")
        #expect(try storage.fullPath("/") == "/")
        #expect(try storage.fullPath("/oriel-none") == "/oriel-none")
        #expect(ESETests.kind { _ = try storage.fullPath("") } == .notFound)
    }

    @Test(arguments: Kind.allCases) func threadsUseAFileAtOnce(_ kind: Kind) async throws {
        let (storage, root, holder) = try make(kind)
        defer { withExtendedLifetime(holder) {} }
        let file = try storage.open(root + "/f", .creating)
        await withTaskGroup(of: Bool.self) { group in
            for part in 0..<4 {
                group.addTask {
                    do {
                        for round in 0..<50 {
                            let bytes = [UInt8](repeating: UInt8(part * 50 + round), count: 1_000)
                            try file.write(bytes, at: UInt64(part * 1_000))
                            if try file.read(1_000, at: UInt64(part * 1_000)) != bytes { return false }
                            if round % 10 == 0 { try file.sync() }
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
        #expect(try file.byteCount() == 4_000)
    }
}
