// Deltas: several sessions add to a number at the same time, each sees what its snapshot says.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct TreeDeltaTests {
    /// A tree with one node that has a number of 64 bits at byte 1 and one of 32 bits at byte 9.
    private struct Counters {
        let fixture: TreeFixture
        let tree: Tree
        static let key: [UInt8] = [7, 7]
        static let start: [UInt8] = [0xaa] + [UInt8](repeating: 0, count: 12) + [0xbb]

        init(seed: UInt64 = 1) throws {
            fixture = try TreeFixture(seed: seed)
            tree = try fixture.makeTree()
            let worker = fixture.makeWorker()
            try worker.begin(fixture.versions)
            let cursor = TreeCursor(tree, worker)
            try cursor.insert(Self.key, Self.start)
            try cursor.insert([1], [1])
            try cursor.insert([9], [9])
            _ = try worker.commit(fixture.versions, fixture.log)
        }

        func begin(_ worker: Worker) throws -> TreeCursor {
            try worker.begin(fixture.versions)
            let cursor = TreeCursor(tree, worker)
            #expect(try cursor.seek(Self.key, .equal))
            cursor.release()
            return cursor
        }

        func commit(_ worker: Worker) throws { _ = try worker.commit(fixture.versions, fixture.log) }
        func rollback(_ worker: Worker) throws { try worker.rollback(fixture.versions, fixture.log, fixture) }

        func value(_ cursor: TreeCursor, wide: Bool = true) throws -> Int64 {
            try cursor.latch()
            defer { cursor.release() }
            return wide
                ? try cursor.number(at: 1, byteCount: 8) : try cursor.number(at: 9, byteCount: 4)
        }
    }

    @Test func twoSessionsAddAtOnceAndSeeTheirOwn() throws {
        let counters = try Counters()
        let (first, second, third) = (
            counters.fixture.makeWorker(), counters.fixture.makeWorker(), counters.fixture.makeWorker()
        )
        let a = try counters.begin(first)
        let b = try counters.begin(second)
        let reader = try counters.begin(third)
        #expect(try a.delta(at: 1, byteCount: 8, 5) == DeltaOutcome(before: 0, onPage: 5))
        #expect(try b.delta(at: 1, byteCount: 8, 7) == DeltaOutcome(before: 0, onPage: 12))
        #expect(try a.delta(at: 1, byteCount: 8, -1) == DeltaOutcome(before: 5, onPage: 11))
        #expect(try counters.value(a) == 4)
        #expect(try counters.value(b) == 7)
        #expect(try counters.value(reader) == 0)
        try counters.commit(first)
        #expect(try counters.value(b) == 7)
        #expect(try counters.value(reader) == 0)
        let late = try counters.begin(first)
        #expect(try counters.value(late) == 4)
        try counters.rollback(second)
        #expect(try counters.value(late) == 4)
        #expect(try counters.value(reader) == 0)
        let after = try counters.begin(second)
        #expect(try counters.value(after) == 4)
        for worker in [first, second, third] { try counters.commit(worker) }
        counters.fixture.clean()
        #expect(counters.fixture.versions.brokenLink() == nil)
    }

    @Test func numbersOf32BitsWrapAndLeaveTheirNeighboursAlone() throws {
        let counters = try Counters()
        let worker = counters.fixture.makeWorker()
        let cursor = try counters.begin(worker)
        #expect(try cursor.delta(at: 9, byteCount: 4, Int64(Int32.max)).onPage == Int64(Int32.max))
        #expect(try cursor.delta(at: 9, byteCount: 4, 1).onPage == Int64(Int32.min))
        #expect(try cursor.delta(at: 1, byteCount: 8, -1).onPage == -1)
        #expect(try counters.value(cursor, wide: false) == Int64(Int32.min))
        try cursor.latch()
        let expected: [UInt8] = [0xaa] + [UInt8](repeating: 0xff, count: 8) + [0, 0, 0, 0x80, 0xbb]
        #expect(cursor.data.array() == expected)
        cursor.release()
        #expect(throws: JetError.databaseCorrupted) { try cursor.delta(at: 11, byteCount: 4, 1) }
        try counters.rollback(worker)
        let nodes = try counters.fixture.nodes(of: counters.tree)
        #expect(nodes[1].data == Counters.start)
    }

    @Test func deltasConflictWithOtherChangesAndTheyWithDeltas() throws {
        let counters = try Counters()
        let (one, two) = (counters.fixture.makeWorker(), counters.fixture.makeWorker())
        // Others' deltas forbid everything else.
        var a = try counters.begin(one)
        var b = try counters.begin(two)
        try a.delta(at: 1, byteCount: 8, 1)
        #expect(throws: JetError.writeConflict) { try b.replace(Counters.start) }
        #expect(throws: JetError.writeConflict) { try b.delete() }
        #expect(throws: JetError.writeConflict) { try b.lock(.writeLock) }
        #expect(throws: JetError.writeConflict) { try b.delta(at: 9, byteCount: 4, 1).onPage == 1 }
        try b.delta(at: 1, byteCount: 8, 1)
        // Not even over one's own.
        #expect(throws: JetError.writeConflict) { try a.replace(Counters.start) }
        try counters.rollback(one)
        try counters.commit(two)
        // Others' replacement, lock, deletion forbid deltas, also when they were committed unseen.
        for operation in 0..<3 {
            a = try counters.begin(one)
            b = try counters.begin(two)
            switch operation {
            case 0: try a.replace(Counters.start)
            case 1: try a.lock(.writeLock)
            default: try a.delete()
            }
            #expect(throws: JetError.writeConflict) { try b.delta(at: 1, byteCount: 8, 1) }
            try counters.commit(one)
            #expect(throws: JetError.writeConflict) { try b.delta(at: 1, byteCount: 8, 1) }
            try counters.commit(two)
        }
        try one.begin(counters.fixture.versions)
        #expect(throws: JetError.recordDeleted) { try a.delta(at: 1, byteCount: 8, 1) }
        #expect(throws: JetError.recordDeleted) { try a.lock(.writeLock) }
        // Nobody adds to what is not committed.
        try a.insert(Counters.key, Counters.start)
        try two.begin(counters.fixture.versions)
        #expect(throws: JetError.writeConflict) { try b.delta(at: 1, byteCount: 8, 1) }
        try a.delta(at: 1, byteCount: 8, 3)
        try counters.commit(one)
        try counters.commit(two)
        counters.fixture.clean()
        #expect(try counters.value(try counters.begin(one)) == 3)
        try counters.commit(one)
    }

    @Test func aSnapshotBeforeAReplacementSeesTheNumberOfItsTime() throws {
        let counters = try Counters()
        let workers = (0..<3).map { _ in counters.fixture.makeWorker() }
        let adding = try counters.begin(workers[0])
        let old = try counters.begin(workers[1])
        try adding.delta(at: 1, byteCount: 8, 100)
        try counters.commit(workers[0])
        let replacing = try counters.begin(workers[0])
        try replacing.latch()
        var data = replacing.data.array()
        replacing.release()
        data[0] = 0x11
        try replacing.replace(data)
        try counters.commit(workers[0])
        let again = try counters.begin(workers[0])
        try again.delta(at: 1, byteCount: 8, 1_000)
        try counters.commit(workers[0])
        // It sees neither the replacement nor what was added before and after.
        #expect(try counters.value(old) == 0)
        let new = try counters.begin(workers[2])
        #expect(try counters.value(new) == 1_100)
        try counters.commit(workers[1])
        try counters.commit(workers[2])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func randomSessionsSeeTheSumsOfTheirSnapshots(seed: UInt64) throws
    {
        var random = SeededRandom(seed: seed &* 31_337)
        let counters = try Counters(seed: seed)
        struct Session {
            let worker: Worker
            let cursor: TreeCursor
            /// The committed value when it began, and what it added: a number for each level.
            var base: Int64 = 0
            var added: [Int64] = []
        }
        var committed: Int64 = 0
        var sessions: [Session] = (0..<5).map { _ in
            let worker = counters.fixture.makeWorker()
            return Session(worker: worker, cursor: TreeCursor(counters.tree, worker))
        }
        for _ in 0..<1_500 {
            let index = Int.random(in: 0..<sessions.count, using: &random)
            let worker = sessions[index].worker
            let cursor = sessions[index].cursor
            switch Int.random(in: 0..<10, using: &random) {
            case 0 where worker.transaction.level < 5:
                try worker.begin(counters.fixture.versions)
                if sessions[index].added.isEmpty { sessions[index].base = committed }
                sessions[index].added.append(0)
                #expect(try cursor.seek(Counters.key, .equal), "seed \(seed)")
                cursor.release()
            case 1 where worker.transaction.level > 0:
                try counters.commit(worker)
                let last = sessions[index].added.removeLast()
                if let level = sessions[index].added.indices.last {
                    sessions[index].added[level] += last
                } else {
                    committed += last
                }
            case 2 where worker.transaction.level > 0:
                try counters.rollback(worker)
                sessions[index].added.removeLast()
            case 3: counters.fixture.clean()
            case 4...6 where worker.transaction.level > 0:
                let delta = Int64.random(in: -1_000...1_000, using: &random)
                let expected = sessions[index].base + sessions[index].added.reduce(0, +)
                let outcome = try cursor.delta(at: 1, byteCount: 8, delta)
                #expect(outcome.before == expected, "seed \(seed)")
                sessions[index].added[sessions[index].added.count - 1] += delta
            default:
                guard worker.transaction.level > 0 else { continue }
                let expected = sessions[index].base + sessions[index].added.reduce(0, +)
                #expect(try counters.value(cursor) == expected, "seed \(seed)")
            }
        }
        for session in sessions {
            while session.worker.transaction.level > 0 { try counters.rollback(session.worker) }
        }
        let nodes = try counters.fixture.nodes(of: counters.tree)
        let value: Int64? = nodes[1].data.lend { Tree.number(in: $0, at: 1, byteCount: 8) }
        #expect(value == committed, "seed \(seed)")
        #expect(counters.fixture.versions.brokenLink() == nil, "seed \(seed)")
        try RedoComparison(counters.fixture).expectSamePages("seed \(seed)")
    }
}
