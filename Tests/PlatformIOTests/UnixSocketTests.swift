import Foundation
import PlatformIO
import Primitives
import Testing

extension UnixConnection {
    /// Reads until `count` bytes or the end have come; gives up when nothing comes for ten seconds.
    func readAll(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, try wait(for: .read, timeout: .seconds(10)) {
            if try read(appendingTo: &bytes) == .end { break }
        }
        return bytes
    }
}

@Suite(.timeLimit(.minutes(6))) struct UnixSocketTests {
    private func pair(_ listener: UnixListener) throws -> (client: UnixConnection, server: UnixConnection) {
        let client = try UnixConnection.connect(to: listener.path)
        _ = try listener.waitReadable(timeout: .seconds(10))
        return (client, try #require(try listener.accept()))
    }

    @Test func echoAndClose() throws {
        let directory = try TemporaryDirectory()
        let listener = try UnixListener(binding: directory.path + "/a.sock")
        #expect(try listener.accept() == nil)
        let (client, server) = try pair(listener)
        #expect(try client.write([1, 2, 3]))
        #expect(try server.readAll(3) == [1, 2, 3])
        #expect(try server.write([4, 5]))
        #expect(try client.readAll(2) == [4, 5])
        var nothing: [UInt8] = [9]
        #expect(try client.read(appendingTo: &nothing) == .wouldBlock)
        #expect(nothing == [9])
        server.close()
        #expect(server.isClosed && server.interest == [])
        #expect(try client.read(appendingTo: &nothing) == .end)
        #expect(throws: IOError.self) { try server.write([1]) }
        #expect(throws: IOError.self) { try server.wait(for: .read, timeout: .zero) }
        let error = #expect(throws: IOError.self) { try client.write([1]) }
        #expect(error?.isBrokenPipe == true && error?.subject == listener.path)
        server.close()
    }

    @Test func bothEndsKnowWhoTheOtherIs() throws {
        let directory = try TemporaryDirectory()
        let (client, server) = try pair(try UnixListener(binding: directory.path + "/a.sock"))
        for peer in [client.peer, server.peer] {
            #expect(peer.userID == Program.userID)
            #if os(Linux)
                #expect(peer.processID == Program.id)
            #endif
        }
    }

    @Test func failedConnectsSayWhy() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.sock"
        func problem() -> IOError? { #expect(throws: IOError.self) { try UnixConnection.connect(to: path) } }
        #expect(problem()?.isNotFound == true)
        do { _ = try UnixListener(binding: path) }
        #expect(problem()?.isRefused == true)
        // The path that a listener left must be removed first.
        let taken = #expect(throws: IOError.self) { try UnixListener(binding: path) }
        #expect(taken?.isAddressInUse == true)
        try FileAccess.remove(path)
        let listener = try UnixListener(binding: path, backlog: 0)
        var waiting: [UnixConnection] = []
        while let connection = try? UnixConnection.connect(to: path), waiting.count < 100 { waiting.append(connection) }
        #expect(waiting.count >= 1 && waiting.count < 100)
        #expect(problem()?.isWouldBlock == true)
        #expect(try listener.accept() != nil)
        _ = try UnixConnection.connect(to: path)
    }

    @Test(arguments: ["", "\u{0}a", String(repeating: "x", count: 108), String(repeating: "x", count: 5_000)])
    func impossiblePathsAreErrors(path: String) {
        #expect(throws: IOError.self) { try UnixConnection.connect(to: path) }
        #expect(throws: IOError.self) { try UnixListener(binding: path) }
    }

    @Test func slowReaderStopsTheWriterAndLosesNothing() throws {
        let directory = try TemporaryDirectory()
        let (client, server) = try pair(try UnixListener(binding: directory.path + "/a.sock"))
        client.pendingLimit = 100_000
        let chunk = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var chunkCount = 0
        while try client.write(chunk) { chunkCount += 1 }
        #expect(client.pendingByteCount >= 100_000 && client.pendingByteCount < 150_000)
        #expect(client.interest == [.read, .write])
        var received: [UInt8] = []
        while received.count < chunkCount * chunk.count {
            _ = try client.flush()
            guard try server.wait(for: .read, timeout: .seconds(10)) else { break }
            _ = try server.read(appendingTo: &received)
        }
        #expect(client.pendingByteCount == 0 && client.interest == .read)
        let isEqual = (0..<chunkCount).allSatisfy {
            received[($0 * 50_000)..<(($0 + 1) * 50_000)].elementsEqual(chunk)
        }
        #expect(isEqual)
    }
}

@Suite(.timeLimit(.minutes(6))) struct FileLockHolderTests {
    @Test func onlyOneHasTheLock() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/lock"
        var first = try FileLock.take(path)
        #expect(first != nil)
        #expect(try FileLock.take(path) == nil)
        withExtendedLifetime(first) {}
        first = nil
        #expect(try FileLock.take(path) != nil)
        #expect(throws: IOError.self) { try FileLock.take(directory.path + "/none/lock") }
        #expect(throws: IOError.self) { try FileLock.take("a\u{0}b") }
        // A link could lead into another directory.
        try FileManager.default.createSymbolicLink(atPath: directory.path + "/link", withDestinationPath: path)
        #expect(throws: IOError.self) { try FileLock.take(directory.path + "/link") }
    }

    @Test func otherProcessesAreExcluded() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/lock"
        let lock = try #require(try FileLock.take(path))
        await #expect(processExitsWith: .exitCode(4)) { [path = path as String] in
            exit(try FileLock.take(path) == nil ? 4 : 5)
        }
        withExtendedLifetime(lock) {}
    }

    @Test func locksOfProcessesThatEndedAreFree() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/lock"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try FileLock.take(path)
            if lock != nil { kill(getpid(), SIGKILL) }
        }
        #expect(try FileLock.take(path) != nil)
    }
}

@Suite(.timeLimit(.minutes(6))) struct FileKindTests {
    @Test func statusTellsOwnerAndKind() throws {
        let directory = try TemporaryDirectory()
        let status = try FileAccess.status(directory.path)
        #expect(status.isDirectory && status.userID == Program.userID && status.permissions == 0o700)
        let file = directory.path + "/file"
        try FileAccess.writeAtomically(file, [1], mode: 0o640)
        let fileStatus = try FileAccess.status(file)
        #expect(!fileStatus.isDirectory && fileStatus.permissions == 0o640)
        let link = directory.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(try FileAccess.status(link, followsLinks: false).inode != fileStatus.inode)
        #expect(try FileAccess.status(link) == fileStatus)
        #expect(try FileAccess.readLink(link) == file)
        #expect(throws: IOError.self) { try FileAccess.readLink(file) }
        #expect(throws: IOError.self) { try FileAccess.status(directory.path + "/none") }
        #expect(throws: IOError.self) { try FileAccess.status("a\u{0}b") }
        #expect(throws: IOError.self) { try FileAccess.readLink("a\u{0}b") }
    }
}

@Suite(.timeLimit(.minutes(6))) struct LatchTests {
    @Test func latchHoldsAllUntilItOpens() throws {
        let latch = Latch()
        let passed = Locked(0)
        let isOpen = Locked(false)
        let early = Locked(0)
        let threads = try (0..<8).map { _ in
            try PlatformIO.Thread.start(name: "waiter") {
                latch.wait()
                if !isOpen.withLock({ $0 }) { early.withLock { $0 += 1 } }
                passed.withLock { $0 += 1 }
            }
        }
        isOpen.withLock { $0 = true }
        latch.open()
        for thread in threads { thread.join() }
        latch.wait()
        #expect(passed.withLock { $0 } == 8 && early.withLock { $0 } == 0)
    }
}
