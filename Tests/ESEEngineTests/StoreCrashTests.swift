// The power fails at any moment of an instance's life: databases are made, attached, detached, changed by several
// sessions, while the background works. The next start finds what was committed, and nothing else.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite struct StoreCrashTests {
    /// What a database must have, and what it may have instead.
    private struct Model {
        /// By key the data, as it was when the last transaction was durable for sure.
        var certain: [Int: [UInt8]] = [:]
        /// The states that transactions since then may have left, in order.
        var possible: [[Int: [UInt8]]] = []

        func allows(_ state: [Int: [UInt8]]) -> Bool { state == certain || possible.contains(state) }
        var newest: [Int: [UInt8]] { possible.last ?? certain }

        mutating func commit(_ state: [Int: [UInt8]], isDurable: Bool) {
            if isDurable {
                certain = state
                possible = []
            } else {
                possible.append(state)
            }
        }
    }

    private static func parameters() throws -> InstanceParameters {
        try StoreMachine.parameters { parameters in
            try parameters.set(.circularLog, to: 1)
            try parameters.set(.checkpointDepthMax, to: 128 << 10)
            try parameters.set(.cacheSizeMax, to: 64)
        }
    }

    private func contents(_ tree: Tree, _ session: SessionStore) throws -> [Int: [UInt8]] {
        try session.begin(level: 1, isReadOnly: true)
        let cursor = TreeCursor(tree, session.worker)
        var result: [Int: [UInt8]] = [:]
        for (key, data) in try cursor.all() { result[key.reduce(0) { $0 << 8 | Int($1) }] = data }
        cursor.release()
        try session.commit(level: 1, flags: [], maximumDelay: 0)
        return result
    }

    /// One transaction; throws when the power is gone.
    private func change(
        _ run: StoreRun, _ tree: Tree, _ session: SessionStore, _ model: inout Model, _ random: inout SeededRandom
    ) throws {
        var state = model.newest
        try session.begin(level: 1, isReadOnly: false)
        let cursor = TreeCursor(tree, session.worker)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let key = Int.random(in: 0..<120, using: &random)
            let count = Int.random(in: 1...500, using: &random)
            let data = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
            let isThere = try cursor.seek(StoreRun.key(key), .equal)
            cursor.release()
            if !isThere {
                try cursor.insert(StoreRun.key(key), data)
                state[key] = data
            } else if Int.random(in: 0..<3, using: &random) == 0 {
                try cursor.delete()
                state[key] = nil
            } else {
                try cursor.replace(data)
                state[key] = data
            }
            cursor.release()
        }
        if Int.random(in: 0..<5, using: &random) == 0 { return try session.rollback(level: 1) }
        let isLazy = Int.random(in: 0..<4, using: &random) == 0
        // From here on it may be there.
        model.commit(state, isDurable: false)
        try session.commit(level: 1, flags: isLazy ? .lazyFlush : [], maximumDelay: 0)
        if !isLazy { model.commit(state, isDurable: true) }
    }

    /// A life of an instance until the power is gone or it ends in order.
    private func live(_ machine: StoreMachine, _ models: inout [String: Model], _ random: inout SeededRandom) throws {
        let run = try machine.start(try Self.parameters())
        let sessions = [try run.session(), try run.session()]
        for step in 0..<30 {
            if Int.random(in: 0..<3, using: &random) == 0 { _ = run.tasks.runOne() }
            let path = ["/a.edb", "/b.edb"][Int.random(in: 0..<2, using: &random)]
            let session = sessions[step % 2]
            guard models[path] != nil else {
                // Whether it is there after this is not known until the call returns.
                models[path] = Model()
                models[path]?.possible = [[-1: []]]
                _ = try run.create(path, session)
                models[path] = Model()
                continue
            }
            let (database, tree) = try run.open(path, session)
            for _ in 0..<4 { try change(run, tree, session, &models[path, default: Model()], &random) }
            run.store.close(database, session)
            if step % 9 == 8, database.openCount == 0 { try run.store.detach(path, session) }
        }
        for session in sessions { try session.closeAll() }
        try run.store.terminate(.complete)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func nothingIsLostWhenThePowerFails(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let disk = SimulatedDisk(seed: seed, sectorByteCount: 4_096)
        var models: [String: Model] = [:]
        for round in 0..<4 as Range<UInt64> {
            let machine = StoreMachine(seed: seed &* 100 &+ round, disk: disk)
            disk.cutPower(atCall: disk.callCount + Int.random(in: 1...700, using: &random))
            do { try live(machine, &models, &random) } catch {
                #expect(disk.isOff, "seed \(seed), round \(round): \(error)")
            }
            let loss = disk.powerFailure(.any)
            try check(disk, &models, "seed \(seed), round \(round), \(loss)", seed &* 1_000 &+ round)
        }
    }

    /// Starts again and compares; what is there is certain from then on.
    private func check(
        _ disk: SimulatedDisk, _ models: inout [String: Model], _ place: String, _ seed: UInt64
    ) throws {
        let machine = StoreMachine(seed: seed, disk: disk)
        let run: StoreRun
        do { run = try machine.start(try Self.parameters()) } catch {
            Issue.record("\(place): \(error) \(machine.reporter.reports.suffix(4).map(\.text))")
            models = [:]
            return
        }
        let session = try run.session()
        for (path, model) in models {
            let mayBeMissing = model.possible.contains { $0[-1] != nil }
            guard try disk.exists(path) else {
                #expect(mayBeMissing, "\(place): \(path) is gone")
                models[path] = nil
                continue
            }
            do {
                let (database, tree) = try run.open(path, session)
                let state = try contents(tree, session)
                #expect(model.allows(state) || mayBeMissing && state.isEmpty, "\(place): \(path)")
                models[path] = Model(certain: state)
                run.store.close(database, session)
            } catch {
                // A file whose making was cut off is replaced by the next try.
                #expect(mayBeMissing, "\(place): \(path): \(error)")
                models[path] = nil
                try disk.remove(path)
            }
        }
        try session.closeAll()
        try run.store.terminate(.complete)
        for path in models.keys { #expect(try machine.header(path).isClean, "\(place): \(path)") }
    }
}
