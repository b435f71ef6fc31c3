// Instances on this machine's files, with threads of their own.

import ESE
@testable import ESEEngine
import ESEFormat
import PlatformIO
import Synchronization
import Testing

@Suite struct StoreFilesTests {
    private func parameters(_ directory: TemporaryDirectory) throws -> InstanceParameters {
        var parameters = InstanceParameters()
        try parameters.set(.logFilePath, to: directory.path)
        try parameters.set(.systemPath, to: directory.path)
        try parameters.set(.tempPath, to: directory.path + "/")
        try parameters.set(.circularLog, to: 1)
        try parameters.set(.logFileSize, to: 128)
        try parameters.set(.checkpointDepthMax, to: 512 << 10)
        try parameters.set(.cacheSizeMax, to: 512)
        return parameters
    }

    private func key(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) } }

    /// Inserts `count` records from `first` on, a few in each transaction.
    private func insert(_ first: Int, _ count: Int, _ tree: Tree, _ session: SessionStore) throws {
        let cursor = TreeCursor(tree, session.worker)
        for start in stride(from: first, to: first + count, by: 20) {
            try session.begin(level: 1, isReadOnly: false)
            for number in start..<min(start + 20, first + count) {
                let data = [UInt8](repeating: UInt8(number & 0xff), count: 150)
                try key(number).lend { (key) throws(JetError) in
                    try data.lend { (data) throws(JetError) in try cursor.insert(Bookmark(key: key), data: data) }
                }
            }
            cursor.release()
            try session.commit(level: 1, flags: start % 3 == 0 ? [] : .lazyFlush, maximumDelay: 5)
        }
    }

    private func count(_ tree: Tree, _ session: SessionStore) throws -> Int {
        try session.begin(level: 1, isReadOnly: true)
        let cursor = TreeCursor(tree, session.worker)
        var count = 0
        var isThere = try cursor.first()
        while isThere {
            count += 1
            isThere = try cursor.next()
        }
        cursor.release()
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        return count
    }

    @Test func severalSessionsAndRuns() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.edb"
        let rounds = 3, threads = 3, records = 600
        for round in 0..<rounds {
            let registry = InstanceRegistry()
            let (instance, store) = try EngineEnvironment(reporter: SilentReporter()).makeInstance(
                name: "test", parameters: try parameters(directory), in: registry)
            try instance.initialise()
            let main = try store.makeSession(number: 1)
            var root: Tree?
            if round == 0 {
                _ = try store.createDatabase(path, main) { (open, worker) throws(JetError) in
                    root = open.register(
                        try Tree.create(
                            in: open.root, objectID: open.database.nextObjectID(), pageFlags: [], pageCount: 1,
                            withExtents: false, greatestKeyByteCount: 255, worker))
                }
            } else {
                try store.attach(path, main)
                root = try store.open(path, main).database.tree(root: PageNumber(4))
            }
            let tree = try #require(root)
            #expect(try count(tree, main) == round * threads * records)
            let failures = Locked<[String]>([])
            var running: [Thread] = []
            for thread in 0..<threads {
                running.append(
                    try Thread.start(name: "session") {
                        do {
                            let session = try store.makeSession(number: UInt16(10 + thread))
                            try insert((round * threads + thread) * records, records, tree, session)
                            try session.closeAll()
                        } catch { failures.withLock { $0.append("\(error)") } }
                    })
            }
            for thread in running { thread.join() }
            #expect(failures.withLock { $0 }.isEmpty)
            #expect(try count(tree, main) == (round + 1) * threads * records)
            #expect(store.memory.bufferByteCount <= 4 << 20)
            try main.closeAll()
            try registry.terminate(instance.gate.handle, .complete)
            #expect(!store.isRunning)
        }
        let names = try FileAccess.list(directory.path)
        #expect(names.contains("edb.log") && names.contains("edb.chk") && names.count < 20, "\(names)")
        let file = try FileStorage().open(path, .reading)
        let start = try file.read(8_192, at: 0)
        file.close()
        #expect(try DatabaseHeader.read(start: start.span.bytes).header.isClean)
    }

    @Test func lockedFilesAreToldFromMissingOnes() throws {
        let directory = try TemporaryDirectory(), other = try TemporaryDirectory()
        let environment = EngineEnvironment(reporter: SilentReporter())
        let one = try environment.makeStore(parameters: try parameters(directory))
        let two = try environment.makeStore(parameters: try parameters(other))
        for store in [one, two] { try store.initialise { _ in } }
        let first = try one.makeSession(number: 1), second = try two.makeSession(number: 1)
        let path = directory.path + "/a.edb"
        _ = try one.createDatabase(path, first) { _, _ in }
        let locked = #expect(throws: JetError.self) { try two.attach(path, second) }
        #expect(locked == .fileAccessDenied)
        let missing = #expect(throws: JetError.self) { try two.attach(path + "x", second) }
        #expect(missing == .databaseNotFound)
        for store in [one, two] { try store.terminate(.abrupt) }
        let again = try environment.makeStore(parameters: try parameters(other))
        try again.initialise { _ in }
        let third = try again.makeSession(number: 1)
        try again.attach(path, third)
        try again.terminate(.complete)
    }

    @Test(arguments: [1, 2]) func laterWorkIsDoneInTimeOrAtOnce(_ threadCount: Int) throws {
        let runner = try ThreadTaskRunner(threadCount: threadCount)
        let count = Atomic<Int>(0)
        runner.schedule(.flushLog, after: 1_000_000_000_000) { count.add(100, ordering: .relaxed) }
        // The earlier one counts.
        let isDone = Latch()
        runner.schedule(.flushLog, after: 1_000_000) {
            count.add(1, ordering: .relaxed)
            isDone.open()
        }
        isDone.wait()
        runner.schedule(.flushLog, after: 1_000_000_000_000) { count.add(10, ordering: .relaxed) }
        runner.drain()
        #expect(count.load(ordering: .relaxed) == 11)
        runner.schedule(.flushLog, after: 1_000_000_000_000) { count.add(1_000, ordering: .relaxed) }
        runner.stop()
        #expect(count.load(ordering: .relaxed) == 11)
    }
}

extension OpenDatabase {
    /// Makes a tree known.
    fileprivate func register(_ tree: Tree) -> Tree {
        trees.add(tree)
        return tree
    }
}
