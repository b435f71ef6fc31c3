// Real files: locks between processes, links, space, errors of the system.

@testable import ESE
import ESEEngine
import PeerRig
import PlatformIO
import Testing

@Suite struct FileStorageTests {
    private static let hasPython = PeerRig.path(of: "python3") != nil
    private static let noPython: Comment = "no python3 here: run Scripts/install-deps test"

    /// Locks a file as this library does, says so, and waits to be ended.
    private static let holder = """
        import fcntl, sys, time
        f = open(sys.argv[1], "r+b")
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("locked", flush=True)
        time.sleep(600)
        """

    /// Says whether a file can be locked.
    private static let asker = """
        import fcntl, sys
        f = open(sys.argv[1], "r+b")
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            print("free")
        except BlockingIOError:
            print("locked")
        """

    @Test(.enabled(if: hasPython, noPython)) func anotherProcessesLockIsSeenUntilItEnds() throws {
        let directory = try TemporaryDirectory()
        let storage = FileStorage()
        let path = directory.path + "/f"
        let file = try storage.open(path, .creating)
        try file.write([1, 2, 3], at: 0)
        file.close()
        var other: PeerProgram? = try PeerProgram("python3", ["-c", Self.holder, path])
        #expect(try #require(other).wait(for: "locked"), "\(other?.errorOutput ?? "")")
        let error = #expect(throws: StorageError.self) { try storage.open(path, .writing) }
        #expect(error?.kind == .locked)
        #expect(error?.text.contains(path) == true && error?.text.contains("EAGAIN") == true)
        #expect(kind { _ = try storage.open(path, .replacing) } == .locked)
        #expect(try storage.open(path, .reading).read(3, at: 0) == [1, 2, 3])
        // Killed, not asked to close: the system gives the lock back.
        other = nil
        try storage.open(path, .writing).close()
    }

    @Test(.enabled(if: hasPython, noPython)) func anotherProcessSeesOurLockUntilWeClose() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/f"
        let file = try FileStorage().open(path, .creating)
        // Started while the file is open: it must not get the descriptor, and with it the lock.
        let bystander = try PeerProgram("python3", ["-c", "import time; print('up', flush=True); time.sleep(600)"])
        #expect(bystander.wait(for: "up"))
        #expect(try PeerProgram.run("python3", ["-c", Self.asker, path]).output == "locked\n")
        file.close()
        #expect(try PeerProgram.run("python3", ["-c", Self.asker, path]).output == "free\n")
        withExtendedLifetime(bystander) {}
    }

    @Test func linksLeadToOneFullPathAndOneLock() throws {
        let directory = try TemporaryDirectory()
        let storage = FileStorage()
        try storage.createDirectory(directory.path + "/real")
        let result = try PeerProgram.run(
            "/bin/sh",
            [
                "-c", "cd $0 && ln -s real alias && ln -s ../f real/up && ln -s new real/dangling && ln -s loop loop",
                directory.path,
            ])
        #expect(result.status == 0, "\(result)")
        let root = try storage.fullPath(directory.path)
        try storage.open(directory.path + "/f", .creating).close()
        #expect(try storage.fullPath(directory.path + "/alias/x") == root + "/real/x")
        #expect(try storage.fullPath(directory.path + "/alias/up") == root + "/f")
        // What opening it for creation would make.
        #expect(try storage.fullPath(directory.path + "/alias/dangling") == root + "/real/new")
        #expect(try !storage.exists(directory.path + "/alias/dangling"))
        #expect(kind { _ = try storage.fullPath(directory.path + "/loop") } == .failed)
        let writer = try storage.open(directory.path + "/alias/up", .writing)
        #expect(kind { _ = try storage.open(directory.path + "/f", .writing) } == .locked)
        writer.close()
    }

    @Test func relativePathsBeginAtTheWorkingDirectory() throws {
        let here = try FileStorage().fullPath(".")
        #expect(here.hasPrefix("/"))
        #expect(try FileStorage().fullPath("oriel-none") == (here == "/" ? "" : here) + "/oriel-none")
    }

    @Test func devicesPipesAndImpossiblePathsAreRefused() throws {
        let directory = try TemporaryDirectory()
        let storage = FileStorage()
        #expect(kind { _ = try storage.open("/dev/null", .writing) } == .failed)
        #expect(try PeerProgram.run("mkfifo", [directory.path + "/pipe"]).status == 0)
        #expect(kind { _ = try storage.open(directory.path + "/pipe", .reading) } == .failed)
        #expect(kind { _ = try storage.open(directory.path + "/a\0b", .creating) } == .failed)
        #expect(kind { try storage.rename(directory.path + "/a", to: "/a\0b") } == .failed)
        let long = directory.path + "/" + String(repeating: "x", count: 300)
        #expect(kind { _ = try storage.open(long, .creating) } == .failed)
        #expect(kind { _ = try storage.exists(long) } == .failed)
    }

    @Test func offsetsBeyondTheSystemsAreErrors() throws {
        let directory = try TemporaryDirectory()
        let file = try FileStorage().open(directory.path + "/f", .creating)
        for offset in [UInt64.max, UInt64(Int64.max), UInt64(Int64.max) - 1] {
            #expect(kind { try file.write([1, 2, 3], at: offset) } == .failed)
            #expect(kind { _ = try file.read(3, at: offset) } == .failed)
        }
        #expect(kind { try file.setByteCount(.max) } == .failed)
        #expect(try file.byteCount() == 0)
    }

    @Test func permissionsAreThoseAskedFor() throws {
        let directory = try TemporaryDirectory()
        try FileStorage(permissions: 0o600).open(directory.path + "/f", .creating).close()
        #expect(try FileAccess.status(directory.path + "/f").permissions == 0o600)
    }

    @Test func errorsKeepTheSystemsText() throws {
        let error = #expect(throws: StorageError.self) { try FileStorage().open("/none/f", .reading) }
        #expect(error?.text == "cannot open /none/f: No such file or directory (ENOENT)")
    }

    /// Whether a small file system can be mounted here, which only root can, and not in every container.
    private static let canMount: Bool = {
        guard let directory = try? TemporaryDirectory(),
            let result = try? PeerProgram.run("mount", ["-t", "tmpfs", "-o", "size=64k", "none", directory.path]),
            result.status == 0
        else { return false }
        return (try? PeerProgram.run("umount", [directory.path]).status) == 0
    }()

    @Test(.enabled(if: canMount, "no file system can be mounted here: run as root"))
    func fullDiskIsToldWhenWritingAndWhenGrowing() throws {
        let directory = try TemporaryDirectory()
        let mounted = try PeerProgram.run("mount", ["-t", "tmpfs", "-o", "size=256k", "none", directory.path])
        try #require(mounted.status == 0, "\(mounted)")
        defer { _ = try? PeerProgram.run("umount", ["-l", directory.path]) }
        let storage = FileStorage()
        let file = try storage.open(directory.path + "/f", .creating)
        // A hole takes no space; a write into it does.
        try file.setByteCount(1 << 20)
        #expect(kind { try file.write([UInt8](repeating: 1, count: 1 << 20), at: 0) } == .full)
        try file.setByteCount(0)
        file.close()
        let reserving = try FileStorage(reservesSpace: true).open(directory.path + "/f", .writing)
        try reserving.setByteCount(65_536)
        #expect(kind { try reserving.setByteCount(1 << 20) } == .full)
        #expect(try reserving.byteCount() == 65_536)
        // What the attempt took is free again.
        try reserving.setByteCount(131_072)
        reserving.close()
    }

    @Test func reservedSpaceIsReallyThere() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/f"
        let file = try FileStorage(reservesSpace: true).open(path, .creating)
        try file.setByteCount(1 << 20)
        try file.sync()
        let used = try PeerProgram.run("du", ["-k", path]).output.split(separator: "\t").first.flatMap { Int($0) }
        #expect(try #require(used) >= 1_024)
    }
}
