// Background work, the checkpoint, lazy commits, the limits of memory.

import ESEFormat
import ESETestKit
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct StoreBackgroundTests {
    private func error(_ body: () throws -> Void) -> JetError? {
        do { try body() } catch { return error as? JetError }
        return nil
    }

    /// The checkpoint in its file.
    private func checkpoint(_ machine: StoreMachine) throws -> Checkpoint {
        let bytes = try #require(machine.disk.contents("/one/sys/edb.chk"))
        return try Checkpoint.read(file: bytes.span.bytes)
    }

    /// Changes records in small transactions, background tasks come in between.
    private func churn(_ run: StoreRun, _ tree: Tree, _ session: SessionStore, seed: UInt64, steps: Int) throws {
        var random = SeededRandom(seed: seed)
        let cursor = TreeCursor(tree, session.worker)
        for step in 0..<steps {
            try session.begin(level: 1, isReadOnly: false)
            for _ in 0..<4 {
                let key = StoreRun.key(Int.random(in: 0..<400, using: &random))
                let data = [UInt8](repeating: UInt8(step & 0xff), count: Int.random(in: 50...600, using: &random))
                let isThere = try cursor.seek(key, .equal)
                cursor.release()
                if isThere, step % 5 == 0 {
                    try cursor.delete()
                } else if isThere {
                    try cursor.replace(data)
                } else {
                    try cursor.insert(key, data)
                }
                cursor.release()
            }
            if step % 11 == 10 {
                try session.rollback(level: 1)
            } else {
                try session.commit(level: 1, flags: step % 3 == 0 ? .lazyFlush : [], maximumDelay: 0)
            }
            if step % 7 == 0 { _ = run.tasks.runOne() }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func checkpointFollowsAndCircularLogsStayFew(seed: UInt64) throws {
        let machine = StoreMachine(seed: seed)
        let parameters = try StoreMachine.parameters { parameters in
            try parameters.set(.circularLog, to: 1)
            try parameters.set(.checkpointDepthMax, to: 256 << 10)
        }
        let run = try machine.start(parameters)
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        var positions: [LogPosition] = []
        for round in 0..<6 {
            try churn(run, tree, session, seed: seed &+ UInt64(round), steps: 120)
            run.tasks.runAll()
            positions.append(try checkpoint(machine).position)
            let header = try machine.header("/a.edb")
            #expect(header.state == .dirtyShutdown && header.firstRequiredGeneration <= positions[round].generation)
            #expect(try checkpoint(machine).attachments.map(\.path) == ["/a.edb"])
        }
        #expect(positions == positions.sorted() && Set(positions).count > 3, "seed \(seed): \(positions)")
        let logs = try machine.disk.list("/one/log").filter { $0.hasSuffix(".log") }
        #expect(logs.count <= 8, "seed \(seed): \(logs)")
        #expect(try #require(run.store.log).currentFile.generation > 12, "seed \(seed)")
        try session.closeAll()
        try run.store.terminate(.complete)
        #expect(try checkpoint(machine).attachments.isEmpty)
        #expect(machine.reporter.reports.isEmpty, "seed \(seed)")
    }

    @Test func openTransactionHoldsTheCheckpoint() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let one = try run.session(), two = try run.session()
        let (_, tree) = try run.create("/a.edb", one)
        try one.begin(level: 1, isReadOnly: false)
        let cursor = TreeCursor(tree, one.worker)
        try cursor.insert(StoreRun.key(1_000), [1])
        cursor.release()
        let begin = LogPosition(rawValue: one.worker.transaction.loggedBegin)
        try run.insert(0..<500, tree, two)
        try run.store.buffers.flush(DatabaseSlot(rawValue: 1))
        try run.store.advanceCheckpoint()
        #expect(try checkpoint(machine).position == begin)
        try one.rollback(level: 1)
        try run.store.buffers.flush(DatabaseSlot(rawValue: 1))
        try run.store.advanceCheckpoint()
        #expect(try checkpoint(machine).position > begin)
        try run.store.terminate(.complete)
        #expect(try checkpoint(machine).attachments.isEmpty)
    }

    @Test func cleaningRemovesDeletedNodes() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        try run.insert(0..<300, tree, session)
        try session.begin(level: 1, isReadOnly: false)
        let cursor = TreeCursor(tree, session.worker)
        for key in 0..<299 {
            #expect(try cursor.seek(StoreRun.key(key), .equal))
            try cursor.delete()
        }
        cursor.release()
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        run.tasks.runAll()
        #expect(run.store.versions.bucketCount <= 1)
        #expect(try run.keys(tree, session) == [299])
        try run.store.terminate(.complete)
    }

    @Test func lazyCommitIsDurableLater() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        let log = try #require(run.store.log)
        try run.insert(0..<1, tree, session)
        #expect(log.flushedPosition == log.endPosition)
        try run.insert(1..<2, tree, session, flags: .lazyFlush)
        #expect(log.flushedPosition < log.endPosition && run.tasks.scheduled.contains(.flushLog))
        #expect(run.tasks.run(.flushLog))
        #expect(log.flushedPosition == log.endPosition)
        try run.insert(2..<3, tree, session, flags: .lazyFlush)
        try session.waitForLastCommit()
        #expect(log.flushedPosition == log.endPosition)
        try run.insert(3..<4, tree, session, flags: .lazyFlush)
        try run.session().waitForAllCommits()
        #expect(log.flushedPosition == log.endPosition)
        let generation = log.currentFile.generation
        try session.forceNewLog()
        #expect(log.currentFile.generation == generation + 1)
        try run.store.terminate(.complete)
    }

    @Test func stoppedServiceWritesEverything() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        try run.insert(0..<2_000, tree, session)
        #expect(run.store.memory.changedPageCount > 20)
        run.store.setStopped([], all: true)
        run.tasks.runAll()
        #expect(run.store.memory.changedPageCount == 0)
        try session.closeAll()
        try run.store.terminate(.complete)
    }

    @Test func fullVersionStoreLetsOthersGoOn() throws {
        let machine = StoreMachine()
        let run = try machine.start(try StoreMachine.parameters { try $0.set(.maxVerPages, to: 4) })
        let one = try run.session(), two = try run.session()
        let (_, tree) = try run.create("/a.edb", one)
        try two.begin(level: 1, isReadOnly: true)
        var count = 0
        let failure = error {
            try one.begin(level: 1, isReadOnly: false)
            let cursor = TreeCursor(tree, one.worker)
            defer { cursor.release() }
            while count < 20_000 {
                try run.store.versions.reserve(one.worker.transaction)
                try cursor.insert(StoreRun.key(count), [1])
                count += 1
            }
        }
        #expect(failure == .versionStoreOutOfMemory && count > 500)
        try one.rollback(level: 1)
        try two.rollback(level: 1)
        run.tasks.runAll()
        try run.insert(0..<500, tree, one)
        #expect(try run.keys(tree, two).count == 500)
        try run.store.terminate(.complete)
    }

    @Test func smallCacheTakesALargeDatabase() throws {
        let machine = StoreMachine()
        // 16 MiB of pages for some 24 MB of records.
        let run = try machine.start(
            try StoreMachine.parameters { parameters in
                try parameters.set(.cacheSizeMax, to: 4_096)
                try parameters.set(.logFileSize, to: 5_120)
                try parameters.set(.maxVerPages, to: 512)
            })
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        for round in 0..<24 {
            try run.insert(round * 500..<round * 500 + 500, tree, session, byteCount: 2_000, flags: .lazyFlush)
            run.tasks.runAll()
        }
        let memory = run.store.memory
        #expect(memory.bufferByteCount <= 16 << 20 && memory.bufferByteCount > 15 << 20)
        #expect(memory.versionByteCount <= 256 << 10 && memory.logByteCount >= 128 << 10)
        #expect(try run.keys(tree, session).count == 12_000)
        // Less while it runs.
        try run.store.setCacheSize(try StoreMachine.parameters { try $0.set(.cacheSizeMax, to: 1_024) })
        #expect(run.store.memory.bufferByteCount <= 5 << 20)
        try session.closeAll()
        try run.store.terminate(.complete)
        #expect(try machine.header("/a.edb").isClean)
    }

    @Test func membersHearOfTheirSession() throws {
        final class Member: SessionMember {
            var calls: [String] = []
            var session: SessionStore?
            var token: UInt64 = 0
            func rollback(level: Int) { calls.append("rollback \(level)") }
            func undone(level: Int) { calls.append("undone \(level)") }
            func commit(level: Int) {
                calls.append("commit \(level)")
                session?.remove(token)
            }
            func close() { calls.append("close") }
        }
        let run = try StoreMachine().start()
        let session = try run.session()
        let stays = Member(), goes = Member()
        _ = session.add(stays)
        goes.token = session.add(goes)
        goes.session = session
        try session.begin(level: 1, isReadOnly: false)
        try session.begin(level: 2, isReadOnly: false)
        try session.rollback(level: 2)
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        try session.closeAll()
        try session.closeAll()
        #expect(stays.calls == ["rollback 2", "undone 2", "commit 1", "close"])
        #expect(goes.calls == ["rollback 2", "undone 2", "commit 1"])
        goes.session = nil
        try run.store.terminate(.complete)
    }

    @Test func wholeInstanceWithSessionsOfItsOwn() throws {
        let machine = StoreMachine()
        let registry = InstanceRegistry()
        let run = StoreRun(machine, try StoreMachine.parameters())
        let instance = try registry.create(name: "one", work: run.store)
        #expect(error { _ = try run.store.makeSession(number: 1) } == .notInitialized)
        try instance.initialise()
        let handle = try instance.beginSession { number throws(JetError) in
            try run.store.makeSession(number: number)
        }
        let thread = CallThread(id: 7)
        let entry = try registry.table.enterSession(handle, .ordinary, thread)
        let core = try #require(entry.session as? SessionCore<SessionStore>)
        let (_, tree) = try run.create("/a.edb", core.work)
        try core.begin(thread: 7)
        let cursor = TreeCursor(tree, core.work.worker)
        try cursor.insert([1], [2])
        cursor.release()
        registry.table.leave(entry)
        #expect(error { try registry.terminate(instance.gate.handle, .complete) } == .tooManyActiveUsers)
        let again = try registry.table.enterSession(handle, .ordinary, thread)
        try core.commit(thread: 7)
        registry.table.leave(again)
        thread.release()
        try registry.terminate(instance.gate.handle, .complete)
        #expect(try machine.header("/a.edb").isClean)
    }

    @Test func dirtyEndLeavesADirtyDatabase() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        try run.insert(0..<10, tree, session)
        try session.begin(level: 1, isReadOnly: false)
        try session.closeAll()
        try run.store.terminate(.dirty)
        #expect(!run.store.isRunning && run.tasks.scheduled.isEmpty)
        #expect(try machine.header("/a.edb").state == .dirtyShutdown)
    }
}
