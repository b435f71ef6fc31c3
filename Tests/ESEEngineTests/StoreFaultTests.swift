// Every call of the storage fails once while databases are made, attached, detached, and while an instance starts and
// ends: nothing traps or hangs, files stay whole, and a later run finds what was committed.

import ESEFormat
import ESETestKit
import Testing

@testable import ESEEngine

@Suite struct StoreFaultTests {
    /// A database with some records, left in order.
    private func prepare(_ machine: StoreMachine, _ path: String) throws {
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create(path, session)
        try run.insert(0..<100, tree, session)
        try session.closeAll()
        try run.store.terminate(.complete)
    }

    /// Runs `body` with call number 1, 2 … of its calls failing until none fails any more.
    private func failEachCall(
        kind: StorageError.Kind, limit: Int = 2_000, _ before: (StoreMachine) throws -> Void,
        _ body: (StoreMachine) throws -> Void, check: (StoreMachine, Int) throws -> Void
    ) throws {
        let original = StoreMachine(seed: 3)
        try before(original)
        for number in 1...limit {
            let machine = StoreMachine(seed: UInt64(1_000 + number), disk: original.disk.copy(seed: UInt64(number)))
            let first = machine.disk.callCount
            machine.disk.failCall(number: first + number, kind: kind)
            do { try body(machine) } catch { #expect(error is JetError, "call \(number): \(error)") }
            let isThrough = machine.disk.callCount < first + number
            machine.disk.clearFaults()
            try check(machine, number)
            if isThrough { return }
        }
        Issue.record("more than \(limit) calls")
    }

    /// Starts again; after a failure only what recovery brings back counts.
    private func restart(_ machine: StoreMachine, _ number: Int, _ body: (StoreRun) throws -> Void) throws {
        let run: StoreRun
        do {
            run = try machine.start()
        } catch {
            Issue.record("call \(number): \(error), \(machine.reporter.reports.suffix(3).map(\.text))")
            return
        }
        try body(run)
        try run.store.terminate(.complete)
    }

    @Test(arguments: [.failed, .full] as [StorageError.Kind])
    func startAndEndWithEachCallFailing(kind: StorageError.Kind) throws {
        try failEachCall(
            kind: kind, { try prepare($0, "/a.edb") },
            { machine in
                let run = try machine.start()
                defer { try? run.store.terminate(.dirty) }
                let session = try run.session()
                let (_, tree) = try run.open("/a.edb", session)
                try run.insert(100..<110, tree, session)
                try session.closeAll()
                try run.store.terminate(.complete)
                #expect(run.tasks.scheduled.isEmpty && !run.store.isRunning)
            },
            check: { machine, number in
                try restart(machine, number) { run in
                    let session = try run.session()
                    let count = try run.keys(try run.open("/a.edb", session).tree, session).count
                    #expect(count == 100 || count == 110, "call \(number)")
                    try session.closeAll()
                }
                #expect(try machine.header("/a.edb").isClean, "call \(number)")
            })
    }

    @Test(arguments: [.failed, .full] as [StorageError.Kind])
    func creationWithEachCallFailing(kind: StorageError.Kind) throws {
        try failEachCall(
            kind: kind, { try prepare($0, "/a.edb") },
            { machine in
                let run = try machine.start()
                defer { try? run.store.terminate(.complete) }
                let session = try run.session()
                let (_, old) = try run.open("/a.edb", session)
                do {
                    let (_, tree) = try run.create("/b.edb", session)
                    try run.insert(0..<10, tree, session)
                } catch {
                    // Either the instance can't be used any more, or the next try works, and the other database.
                    if run.store.failure == nil {
                        try run.insert(200..<210, old, session)
                        let (_, tree) = try run.create("/b.edb", session)
                        try run.insert(0..<10, tree, session)
                    }
                }
                try session.closeAll()
            },
            check: { machine, number in
                try restart(machine, number) { run in
                    let session = try run.session()
                    let count = try run.keys(try run.open("/a.edb", session).tree, session).count
                    #expect(count == 100 || count == 110, "call \(number)")
                    // One that was half made is no obstacle.
                    if try machine.disk.exists("/b.edb") {
                        if try machine.header("/b.edb", mayDiffer: true).state == .justCreated {
                            _ = try run.create("/b.edb", session)
                        } else {
                            _ = try run.open("/b.edb", session)
                        }
                    }
                    try session.closeAll()
                }
            })
    }

    @Test func attachAndDetachWithEachCallFailing() throws {
        try failEachCall(
            kind: .failed, { try prepare($0, "/a.edb") },
            { machine in
                let run = try machine.start()
                defer { try? run.store.terminate(.complete) }
                let session = try run.session()
                for round in 0..<2 {
                    do {
                        let (database, tree) = try run.open("/a.edb", session)
                        try run.insert(300 + round * 10..<310 + round * 10, tree, session)
                        run.store.close(database, session)
                        try run.store.detach("/a.edb", session)
                    } catch {
                        // Nothing stays open behind the user's back.
                        if session.level > 0 { try session.rollback(level: 1) }
                        if let database = session.database(1) { run.store.close(database, session) }
                    }
                }
                try session.closeAll()
            },
            check: { machine, number in
                try restart(machine, number) { run in
                    let session = try run.session()
                    let count = try run.keys(try run.open("/a.edb", session).tree, session).count
                    #expect([100, 110, 120].contains(count), "call \(number): \(count)")
                    try session.closeAll()
                }
                #expect(try machine.header("/a.edb").isClean, "call \(number)")
            })
    }

    @Test func failedLogMakesTheInstanceUnavailable() throws {
        let machine = StoreMachine()
        let registry = InstanceRegistry()
        let run = StoreRun(machine, try StoreMachine.parameters())
        let instance = try registry.create(name: "one", work: run.store)
        try instance.initialise()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        machine.disk.failCall(
            number: machine.disk.callCount + 1, kind: .full, isLasting: true, only: [.write], pathSuffix: ".log")
        let error = #expect(throws: JetError.self) { try run.insert(0..<10, tree, session) }
        #expect(error == .logDiskFull)
        #expect(run.store.failure == .instanceUnavailableDueToFatalLogDiskFull)
        #expect(instance.gate.state.cause == .logDiskFull)
        let next = #expect(throws: JetError.self) { try session.begin(level: 1, isReadOnly: false) }
        #expect(next == .instanceUnavailableDueToFatalLogDiskFull)
        machine.disk.clearFaults()
        try registry.terminate(instance.gate.handle, .complete)
        #expect(!run.store.isRunning)
        #expect(try machine.header("/a.edb").state == .dirtyShutdown)
    }

    @Test func failedSyncOfADatabaseMakesTheInstanceUnavailable() throws {
        let machine = StoreMachine()
        let run = try machine.start()
        let session = try run.session()
        let (_, tree) = try run.create("/a.edb", session)
        try run.insert(0..<100, tree, session)
        machine.disk.failCall(number: machine.disk.callCount + 1, only: [.sync], pathSuffix: "a.edb")
        #expect(throws: JetError.self) { try run.store.advanceCheckpoint() }
        #expect(run.store.failure == .instanceUnavailable)
        #expect(throws: JetError.self) { try run.store.terminate(.complete) }
        #expect(!run.store.isRunning)
        #expect(try machine.header("/a.edb").state == .dirtyShutdown)
    }
}
