import CLinux
@testable import PlatformIO
import Primitives
import Testing

/// A directory of its own for one test, removed with everything in it at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/oriel-test-\(Program.id)-\(UInt64.random(in: 0...UInt64.max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { TemporaryDirectory.removeAll(path) }

    private static func removeAll(_ path: String) {
        for name in (try? FileAccess.list(path)) ?? [] { removeAll(path + "/" + name) }
        try? FileAccess.remove(path)
    }
}

@Suite struct FileAccessTests {
    @Test func writtenContentsAreReadBack() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/boots"
        for size in [0, 1, 4_095, 4_096, 4_097, 300_000] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try FileAccess.writeAtomically(path, bytes)
            #expect(try FileAccess.read(path) == bytes)
            // Nothing temporary stays.
            #expect(try FileAccess.list(directory.path) == ["boots"])
        }
    }

    @Test func permissionsAreThoseAskedFor() throws {
        let directory = try TemporaryDirectory()
        for mode in [0o600, 0o640, 0o666] as [UInt32] {
            try FileAccess.writeAtomically(directory.path + "/f", [1], mode: mode)
            var status = stat()
            #expect(stat(directory.path + "/f", &status) == 0)
            #expect(status.st_mode & 0o7777 == mode)
        }
    }

    @Test func failedWriteLeavesTheOldContents() throws {
        let directory = try TemporaryDirectory()
        // A directory can't be replaced by a file: the last step fails.
        let path = directory.path + "/taken"
        try FileAccess.createDirectory(path + "/inside")
        let error = #expect(throws: IOError.self) { try FileAccess.writeAtomically(path, [1]) }
        #expect(error?.subject == path)
        #expect(try FileAccess.list(directory.path) == ["taken"])
        #expect(try FileAccess.list(path) == ["inside"])
    }

    @Test func limitIsExact() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/f"
        try FileAccess.writeAtomically(path, [UInt8](repeating: 1, count: 10_000))
        #expect(try FileAccess.read(path, limit: 10_000).count == 10_000)
        let error = #expect(throws: IOError.self) { try FileAccess.read(path, limit: 9_999) }
        #expect(error?.name == "EFBIG")
        #expect(throws: IOError.self) { try FileAccess.read("/dev/zero", limit: 1 << 20) }
        #expect(throws: IOError.self) { try FileAccess.read(path, limit: 0) }
        try FileAccess.writeAtomically(path, [])
        #expect(try FileAccess.read(path, limit: 0) == [])
    }

    #if os(Linux)
        @Test func procFilesWithoutSizeAreRead() throws {
            #expect(try FileAccess.readText("/proc/self/status").contains("VmRSS:"))
            var bytes: [UInt8] = [1, 2, 3]
            try FileAccess.read("/proc/uptime", into: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self).split(separator: " ").count == 2)
        }

        @Test func residentMemoryIsPlausible() throws {
            let now = try #require(Program.residentByteCount)
            #expect(now > 1 << 20 && now < 1 << 36)
            #expect(Program.peakResidentByteCount > 1 << 20)
        }
    #endif

    @Test func missingFileNamesItsPath() {
        let error = #expect(throws: IOError.self) { try FileAccess.read("/nonexistent/file") }
        #expect(error?.isNotFound == true)
        #expect(error?.description == "cannot open /nonexistent/file: No such file or directory (ENOENT)")
    }

    @Test func pathWithZeroByteIsRefused() {
        #expect(throws: IOError.self) { try FileAccess.read("/etc/hostname\0.txt") }
        #expect(!FileAccess.exists("/\0x"))
        #expect(throws: IOError.self) { try FileAccess.list("/\0x") }
        #expect(throws: IOError.self) { try FileSystemUsage(holding: "/\0x") }
    }

    @Test func directoriesAreMadeListedAndRemoved() throws {
        let directory = try TemporaryDirectory()
        let deep = directory.path + "/a/b/c"
        try FileAccess.createDirectory(deep)
        try FileAccess.createDirectory(deep)
        #expect(FileAccess.exists(deep) && !FileAccess.exists(deep + "/d"))
        try FileAccess.writeAtomically(directory.path + "/z", [])
        #expect(try FileAccess.list(directory.path) == ["a", "z"])
        #expect(throws: IOError.self) { try FileAccess.createDirectory(directory.path + "/z") }
        #expect(throws: IOError.self) { try FileAccess.createDirectory(directory.path + "/z/y") }
        try FileAccess.remove(directory.path + "/z")
        #expect(try FileAccess.list(directory.path) == ["a"])
        #expect(throws: IOError.self) { try FileAccess.remove(directory.path + "/a") }
        #expect(throws: IOError.self) { try FileAccess.list(directory.path + "/z") }
    }

    @Test(
        arguments: [
            ("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b", "a"), ("/a/b/", "/a"), ("/a//b", "/a"),
            ("/", "/"), ("", "."),
        ])
    func parentOfPath(path: String, parent: String) {
        #expect(FileAccess.parentDirectory(of: path) == parent)
    }

    @Test func fileSystemHasSizes() throws {
        let usage = try FileSystemUsage(holding: "/tmp")
        #expect(usage.blockByteCount >= 512 && usage.blockCount > 0)
        #expect(usage.freeBlockCount <= usage.blockCount && usage.availableBlockCount <= usage.freeBlockCount)
        #expect(throws: IOError.self) { try FileSystemUsage(holding: "/nonexistent") }
    }

    @Test func systemNameAgreesWithTheKernel() throws {
        let name = SystemName.current
        #expect(!name.host.isEmpty && !name.machine.isEmpty && !name.version.isEmpty)
        #if os(Linux)
            #expect(name.system == "Linux")
            #expect(try FileAccess.readText("/proc/sys/kernel/osrelease") == name.release + "\n")
        #endif
    }
}
