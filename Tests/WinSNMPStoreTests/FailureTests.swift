import ESE
import ESEEngine
import PlatformIO
import Primitives
import Testing
import WinSNMPDatabase
import WinSNMPEntries

@testable import WinSNMPStore

/// What is not as it should be: other writers, damage, permissions, a full disk.
@Suite struct FailureTests {
    private func entity(_ name: String, _ address: String = "192.0.2.1") -> EntityEntry {
        EntityEntry(name: name, address: address)
    }

    private func hurried(_ path: String) -> ESEDatabase {
        var settings = ESEDatabase.Settings()
        settings.patience = .milliseconds(30)
        return ESEDatabase(path: path, takingOver: nil, settings)
    }

    @Test func whoNeverEndsIsNamed() throws {
        let scratch = try Scratch()
        let database = hurried(scratch.path)
        try database.put(entity("a"))
        let lock = try FileLock.take(scratch.path + "/lock")
        #expect(lock != nil)
        let error = #expect(throws: DatabaseError.busy(directory: scratch.path)) { try database.put(entity("b")) }
        #expect(error?.description.contains(scratch.path + "/lock") == true)
        // Who reads a clean file waits for nobody.
        #expect(try database.entityNames() == ["a"])
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: [0o702, 0o777, 0o703] as [UInt32])
    func directoriesThatOthersWriteAreRefused(mode: UInt32) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/d"
        try ESEDatabase(path: path).put(entity("a"))
        try Self.setPermissions(path, mode)
        let database = ESEDatabase(path: path)
        #expect(throws: DatabaseError.writableByOthers(file: path)) { try database.entityNames() }
        #expect(throws: DatabaseError.writableByOthers(file: path)) { try database.put(entity("b")) }
        try Self.setPermissions(path, 0o750)
        #expect(try database.entityNames() == ["a"])
    }

    @Test func filesThatOthersWriteAreRefused() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.put(entity("a"))
        try Self.setPermissions(database.file, 0o646)
        #expect(throws: DatabaseError.writableByOthers(file: database.file)) { try database.entityNames() }
        #expect(throws: DatabaseError.writableByOthers(file: database.file)) { try database.put(entity("b")) }
    }

    @Test func aFileIsNoDirectory() throws {
        let scratch = try Scratch()
        let path = try scratch.file("d", "{}")
        let database = ESEDatabase(path: path)
        for call in [{ _ = try database.put(entity("a")) }, { _ = try database.entityNames() }] as [() throws -> Void] {
            #expect(throws: DatabaseError.noDirectory(path: path)) { try call() }
        }
        #expect(try FileAccess.readText(path) == "{}")
        let missing = ESEDatabase(path: path + "/below")
        #expect(throws: DatabaseError.self) { try missing.put(entity("a")) }
    }

    @Test func whatANewerProgramMadeIsLeftAlone() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.put(entity("a"))
        try Self.setFormat(scratch.path, "2")
        let before = try FileAccess.read(database.file)
        #expect(throws: DatabaseError.newerFormat(file: database.file)) { try database.entityNames() }
        #expect(throws: DatabaseError.newerFormat(file: database.file)) { try database.put(entity("b")) }
        try Self.setFormat(scratch.path, "1")
        #expect(before.count > 0)
        #expect(try database.entityNames() == ["a"])
    }

    /// Random damage is an error or what was there, never a crash or something else.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func damagedFilesDoNoHarm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path)
        try database.change(
            putting: (0..<20).map { entity("e\($0)") } + [fullEntity()], [fullContext()], removingEntities: [],
            removingContexts: [])
        let good = try FileAccess.read(database.file)
        let expected = try database.entries()
        for round in 0..<15 {
            var bytes = good
            if round % 5 == 4 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            } else {
                for _ in 0..<(1 << Int.random(in: 0...8, using: &random)) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            try FileAccess.writeAtomically(database.file, bytes)
            do throws(DatabaseError) {
                let found = try hurried(scratch.path).entries()
                #expect(found.entities == expected.entities && found.contexts == expected.contexts, "seed \(seed)")
            } catch {
                #expect(error.description.contains(database.file), "seed \(seed): \(error)")
            }
        }
    }

    @Test func whatIsDiscardedIsMadeAnew() throws {
        let scratch = try Scratch()
        let database = ESEDatabase(path: scratch.path + "/d")
        try database.discard()
        try database.put(entity("a"))
        try FileAccess.writeAtomically(database.file, [1, 2, 3])
        let error = #expect(throws: DatabaseError.self) { try database.entityNames() }
        guard case .damaged(database.file, _)? = error else { Issue.record("\(String(describing: error))"); return }
        try database.discard()
        #expect(try database.entityNames() == [])
        try database.put(entity("b"))
        #expect(try database.entityNames() == ["b"])
    }

    // MARK: A disk that is full, or a program that ends, after so many writes.

    @Test(arguments: [false, true])
    func aFullDiskChangesNothing(isNew: Bool) throws {
        var (failures, successes) = (0, 0)
        var limit = 0
        while successes < 2 {
            let scratch = try Scratch()
            let path = scratch.path + "/d"
            if !isNew { try ESEDatabase(path: path).put(entity("old")) }
            let disk = FailingStorage(limit: limit)
            var settings = ESEDatabase.Settings()
            settings.environment = {
                var environment = EngineEnvironment(storage: disk, reporter: SilentReporter())
                environment.threadCount = 1
                return environment
            }
            let old = isNew ? [] : ["old"]
            do throws(DatabaseError) {
                try ESEDatabase(path: path, takingOver: nil, settings).put(entity("new"))
                successes += 1
                #expect(try ESEDatabase(path: path).entityNames() == ["new"] + old, "after \(limit) writes")
            } catch {
                failures += 1
                #expect(error == .full(directory: path), "after \(limit) writes: \(error)")
                let names = try ESEDatabase(path: path).entityNames()
                #expect(names == old, "after \(limit) writes")
            }
            // There is room again.
            #expect(try ESEDatabase(path: path).put(entity("next")) == false, "after \(limit) writes")
            limit += 3
            try #require(limit < 2_000)
        }
        #expect(failures > 0)
    }

    // MARK: Help.

    private static func setPermissions(_ path: String, _ mode: UInt32) throws {
        try TestFiles.setPermissions(path, mode)
    }

    private static func setFormat(_ directory: String, _ format: String) throws {
        var options = InstanceOptions()
        options.logFileByteCount = 128 << 10
        options.logBufferByteCount = 64 << 10
        let instance = try Instance.open(directory: directory, options)
        let session = try instance.makeSession()
        let table = try session.openDatabase(ESEDatabase.fileName, .existing).table("settings")
        let value: Column<String> = try table.column("value")
        try session.transaction { () throws(JetError) in
            guard try table.seek(.equal, [.text("format")]) == .equal else { throw .recordNotFound }
            try table.replace { (row) throws(JetError) in try row.set(value, format) }
        }
        try instance.close()
    }
}

/// Files of this machine on a disk that takes so many writes and is full then.
final class FailingStorage: StorageSystem {
    private let files = FileStorage(permissions: 0o600)
    private let left: Left

    /// How many writes it takes.
    final class Left: Sendable {
        private let count: Locked<Int>

        init(_ count: Int) { self.count = Locked(count) }

        func take() throws(StorageError) {
            let isThere = count.withLock { count -> Bool in
                count -= 1
                return count >= 0
            }
            if !isThere { throw StorageError(.full, "no space left") }
        }
    }

    init(limit: Int) { left = Left(limit) }

    func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> any StorageFile {
        if mode == .creating { try left.take() }
        return FailingFile(try files.open(path, mode), left)
    }

    func exists(_ path: String) throws(StorageError) -> Bool { try files.exists(path) }
    func remove(_ path: String) throws(StorageError) { try files.remove(path) }
    func rename(_ path: String, to newPath: String) throws(StorageError) { try files.rename(path, to: newPath) }
    func list(_ directory: String) throws(StorageError) -> [String] { try files.list(directory) }
    func createDirectory(_ path: String) throws(StorageError) { try files.createDirectory(path) }
    func syncDirectory(_ path: String) throws(StorageError) { try files.syncDirectory(path) }
    func fullPath(_ path: String) throws(StorageError) -> String { try files.fullPath(path) }
}

private final class FailingFile: StorageFile {
    private let file: any StorageFile
    private let left: FailingStorage.Left

    init(_ file: any StorageFile, _ left: FailingStorage.Left) {
        self.file = file
        self.left = left
    }

    var path: String { file.path }
    func byteCount() throws(StorageError) -> UInt64 { try file.byteCount() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        try file.read(into: buffer, at: offset)
    }
    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        try left.take()
        try file.write(buffer, at: offset)
    }
    func setByteCount(_ count: UInt64) throws(StorageError) {
        try left.take()
        try file.setByteCount(count)
    }
    func sync() throws(StorageError) { try file.sync() }
    func close() { file.close() }
}
