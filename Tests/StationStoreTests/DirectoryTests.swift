// Layer: StationStoreTests. Tests: data directories on real files.

import ESE
import Foundation
import PlatformIO
import StationStore
import Testing

@Suite struct DirectoryTests {
    private func open(_ path: String) throws -> StationStore {
        var options = StoreOptions()
        options.cacheByteCount = 4 << 20
        return try StationStore.open(
            directory: path, options: options,
            environment: EngineEnvironment(storage: FileStorage(permissions: 0o600), reporter: SilentReporter()))
    }

    private func add(_ store: StationStore) throws -> DeviceRecord {
        try store.recorder.add(
            DeviceRecord(name: "a", address: "udp:127.0.0.1:161", intervalMilliseconds: 1_000, added: 5),
            security: .v2c(community: Array("very-secret".utf8)))
    }

    @Test func directoryAndFilesAreTheOwnersAlone() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path + "/deep/data"
        let store = try open(path)
        #expect(try FileAccess.status(path).permissions == 0o700)
        for name in ["key", "station.edb", "lock"] {
            #expect(try FileAccess.status("\(path)/\(name)").permissions == 0o600, "\(name)")
        }
        #expect(try FileAccess.status("\(path)/key").byteCount == 32)
        #expect(store.dataByteCount > 100_000)
        #expect(!FileAccess.exists("\(path)/making"))
        try store.close()
    }

    @Test func whatWasRecordedIsThereAfterReopening() throws {
        let directory = try TemporaryDirectory()
        let first = try open(directory.path)
        let device = try add(first)
        try first.close()
        let second = try open(directory.path)
        #expect(try second.reader.devices() == [device])
        #expect(try second.reader.security(of: device.id) == .v2c(community: Array("very-secret".utf8)))
        try second.close()
        #expect(storeError { _ = try second.reader.devices() } == .closed)
    }

    @Test func noFileHasTheSecret() throws {
        let directory = try TemporaryDirectory()
        let store = try open(directory.path)
        _ = try add(store)
        try store.close()
        let secret = "very-secret"
        let forms = [Data(secret.utf8), Data(secret.utf16.flatMap { [UInt8($0), 0] })]
        for name in try FileAccess.list(directory.path) {
            let bytes = try Data(contentsOf: URL(filePath: "\(directory.path)/\(name)"))
            for form in forms { #expect(bytes.range(of: form) == nil, "\(name)") }
        }
    }

    @Test func secondStoreOfADirectoryIsRefusedAndNamesTheProcess() throws {
        let directory = try TemporaryDirectory()
        let store = try open(directory.path)
        let error = storeError { _ = try open(directory.path) }
        #expect(error == .inUse(directory: directory.path, process: Program.id))
        #expect(error?.description.contains("process \(Program.id)") == true)
        try store.close()
        try open(directory.path).close()
    }

    @Test func keyThatOthersCanReadIsRefusedWithTheCommandToRun() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/key"
        try FileAccess.writeAtomically(path, [UInt8](repeating: 1, count: 32), mode: 0o640)
        let error = storeError { _ = try open(directory.path) }
        #expect(error == .keyExposed(path: path, permissions: 0o640))
        #expect(error?.description.contains("chmod 600 \(path)") == true)
    }

    @Test func keyOfAnotherLengthIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/key"
        try FileAccess.writeAtomically(path, [1, 2, 3])
        #expect(storeError { _ = try open(directory.path) } == .keyInvalid(path: path, byteCount: 3))
    }

    @Test func lostKeyIsNotMadeAnew() throws {
        let directory = try TemporaryDirectory()
        try open(directory.path).close()
        let path = "\(directory.path)/key"
        try FileAccess.removeFile(path)
        #expect(storeError { _ = try open(directory.path) } == .keyMissing(path: path))
        #expect(!FileAccess.exists(path))
    }

    @Test func anotherKeyOpensTheStoreButNotItsSecrets() throws {
        let directory = try TemporaryDirectory()
        let first = try open(directory.path)
        let device = try add(first)
        try first.close()
        try FileAccess.writeAtomically("\(directory.path)/key", [UInt8](repeating: 1, count: 32))
        let second = try open(directory.path)
        #expect(storeError { _ = try second.reader.security(of: device.id) } == .secretsUnreadable(device: device.id))
        try second.recorder.set(security: .v1(community: [65]), of: device.id)
        #expect(try second.reader.security(of: device.id) == .v1(community: [65]))
        #expect(try second.reader.device(device.id)?.version == .v1)
        try second.close()
    }

    @Test func firstStartThatWasKilledIsBegunAgain() throws {
        let directory = try TemporaryDirectory()
        try FileAccess.writeAtomically("\(directory.path)/making", [])
        try FileAccess.writeAtomically("\(directory.path)/station.edb", [UInt8](repeating: 7, count: 20_000))
        let store = try open(directory.path)
        let device = try add(store)
        try store.close()
        let again = try open(directory.path)
        #expect(try again.reader.devices() == [device])
        try again.close()
    }

    @Test func closingTwiceDoesNothing() throws {
        let directory = try TemporaryDirectory()
        let store = try open(directory.path)
        try store.close()
        try store.close()
        #expect(!FileAccess.exists("\(directory.path)/pid"))
    }
}
