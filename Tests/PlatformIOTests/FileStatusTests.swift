import CLinux
import PlatformIO
import Primitives
import Testing

@Suite struct FileStatusTests {
    @Test func replacedAndRewrittenFilesDiffer() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/f"
        try FileAccess.writeAtomically(path, [1, 2, 3], mode: 0o640)
        let first = try FileAccess.status(path)
        #expect(first.byteCount == 3 && first.permissions == 0o640 && first.isRegular)
        #expect(try FileAccess.status(path) == first)
        let age = SystemClock.wallNanoseconds - first.changedNanoseconds
        #expect(age > -1_000_000_000 && age < 60_000_000_000)
        try FileAccess.writeAtomically(path, [1, 2, 3], mode: 0o640)
        #expect(try FileAccess.status(path) != first)
        #expect(chmod(path, 0o600) == 0)
        #expect(try FileAccess.status(path).permissions == 0o600)
    }

    @Test func contentsComeWithTheirOwnStatus() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/f"
        try FileAccess.writeAtomically(path, Array(repeating: 7, count: 10_000))
        let (bytes, status) = try FileAccess.readWithStatus(path, limit: 10_000)
        #expect(bytes == Array(repeating: 7, count: 10_000))
        #expect(try status == FileAccess.status(path))
        let error = #expect(throws: IOError.self) { try FileAccess.readWithStatus(path, limit: 9_999) }
        #expect(error?.isTooLong == true)
    }

    @Test func waitsForNothing() throws {
        let directory = try TemporaryDirectory()
        let pipe = directory.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, directory.path, "/dev/zero", directory.path + "/missing", "a\0b"] {
            #expect(throws: IOError.self) { try FileAccess.readWithStatus(path) }
        }
        #expect(try !FileAccess.status(pipe).isRegular)
        #expect(throws: IOError.self) { try FileAccess.status("a\0b") }
    }
}

@Suite(.timeLimit(.minutes(6))) struct FileLockTests {
    /// Each step reads a number and writes the next one; without exclusion some would be lost.
    @Test func oneAtATime() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        try FileAccess.writeAtomically(path + "/n", Array("0".utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<25 {
                        let lock = try FileLock.waitAndTake(path + "/lock")
                        let number = Int(try FileAccess.readText(path + "/n")) ?? -1_000
                        try FileAccess.writeAtomically(path + "/n", Array(String(number + 1).utf8))
                        withExtendedLifetime(lock) {}
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try FileAccess.readText(path + "/n") == "100")
        #expect(try FileAccess.status(path + "/lock").permissions & 0o077 == 0)
    }

    @Test func aFailureInsideLetsTheNextOneIn() throws {
        let directory = try TemporaryDirectory()
        func fail() throws {
            let lock = try FileLock.waitAndTake(directory.path + "/lock")
            try FileAccess.remove(directory.path + "/missing")
            withExtendedLifetime(lock) {}
        }
        for _ in 0..<2 { #expect(throws: IOError.self) { try fail() } }
        _ = try FileLock.waitAndTake(directory.path + "/lock")
    }

    @Test func linksAreNotFollowed() throws {
        let directory = try TemporaryDirectory()
        #expect(symlink(directory.path + "/elsewhere", directory.path + "/lock") == 0)
        #expect(throws: IOError.self) { _ = try FileLock.waitAndTake(directory.path + "/lock") }
        #expect(!FileAccess.exists(directory.path + "/elsewhere"))
    }
}
