// Several sessions on one tree at once: transfers between accounts never change the sum that a snapshot sees, while
// records
// grow and shrink so that pages split, others are inserted and deleted, and versions are cleaned.

import ESEFormat
import PlatformIO
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct TreeThreadTests {
    private static let accountCount = 200
    private static let balance = 1_000

    private static func key(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) } }

    private static func record(_ balance: Int, padding: Int) -> [UInt8] {
        withUnsafeBytes(of: Int64(balance).littleEndian) { [UInt8]($0) } + [UInt8](repeating: 0x20, count: padding)
    }

    private static func balance(_ bytes: Bytes) -> Int { Int(bytes.start.loadUnaligned(as: Int64.self)) }

    /// One session's work.
    private final class Teller: @unchecked Sendable {
        let fixture: TreeFixture
        let worker: Worker
        let cursor: TreeCursor
        var random: SeededRandom
        let number: Int
        var conflictCount = 0

        init(_ fixture: TreeFixture, _ tree: Tree, _ number: Int, seed: UInt64) {
            self.fixture = fixture
            worker = fixture.makeWorker()
            cursor = TreeCursor(tree, worker)
            random = SeededRandom(seed: seed &+ UInt64(number))
            self.number = number
        }

        func work(_ count: Int) throws(JetError) {
            for step in 0..<count {
                if step % 16 == 0 { try audit() }
                try worker.begin(fixture.versions)
                do throws(JetError) {
                    try transfer(step)
                    _ = try worker.commit(fixture.versions, fixture.log)
                } catch {
                    cursor.reset()
                    try worker.rollback(fixture.versions, fixture.log, fixture)
                    guard error == .writeConflict else { throw error }
                    conflictCount += 1
                }
            }
        }

        private func transfer(_ step: Int) throws(JetError) {
            let from = Int.random(in: 0..<accountCount, using: &random)
            let to = (from + Int.random(in: 1..<accountCount, using: &random)) % accountCount
            let amount = Int.random(in: 1...50, using: &random)
            for (account, change) in [(from, -amount), (to, amount)] {
                guard try cursor.seek(key(account), .equal) else { throw .recordNotFound }
                let old = balance(cursor.data)
                cursor.release()
                try cursor.replace(record(old + change, padding: Int.random(in: 0...300, using: &random)))
            }
            // Records of its own come and go.
            let own = key(1_000_000 * (number + 1) + step)
            try cursor.insert(own, record(0, padding: 60))
            if step >= 10, try cursor.seek(key(1_000_000 * (number + 1) + step - 10), .equal) { try cursor.delete() }
        }

        /// A snapshot's sum.
        private func audit() throws(JetError) {
            try worker.begin(fixture.versions, readOnly: true)
            var sum = 0
            var count = 0
            var isThere = try number % 2 == 0 ? cursor.first() : cursor.last()
            while isThere {
                if cursor.key[5] == 0, cursor.key.array().prefix(5).allSatisfy({ $0 == 0 }) {
                    sum += balance(cursor.data)
                    count += 1
                }
                cursor.release()
                isThere = try number % 2 == 0 ? cursor.next() : cursor.previous()
            }
            _ = try worker.commit(fixture.versions, fixture.log)
            #expect(count == accountCount)
            #expect(sum == accountCount * TreeThreadTests.balance)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func snapshotsAddUpWhileFourSessionsWork(seed: UInt64) throws {
        let fixture = try TreeFixture(seed: seed, cachePages: seed == 1 ? 24 : 256)
        let tree = try fixture.makeTree()
        let first = fixture.makeWorker()
        let cursor = TreeCursor(tree, first)
        try first.begin(fixture.versions)
        for account in 0..<Self.accountCount {
            try cursor.insert(Self.key(account), Self.record(Self.balance, padding: 10))
        }
        _ = try first.commit(fixture.versions, fixture.log)

        let tellers = (0..<4).map { Teller(fixture, tree, $0, seed: seed * 100) }
        let failures = Locked<[JetError]>([])
        let threads = try tellers.map { teller in
            try Thread.start(name: "teller") {
                do throws(JetError) { try teller.work(200) } catch { failures.withLock { $0.append(error) } }
            }
        }
        let isDone = Atomic(false)
        let cleaner = try Thread.start(name: "cleaner") {
            while !isDone.load(ordering: .acquiring) { fixture.clean() }
        }
        for thread in threads { thread.join() }
        isDone.store(true, ordering: .releasing)
        cleaner.join()
        #expect(failures.withLock { $0 }.isEmpty, "seed \(seed)")
        fixture.clean()
        let nodes = try fixture.nodes(of: tree)
        #expect(nodes.count >= Self.accountCount)
        try fixture.checkSpace(of: fixture.root, children: [tree])
        #expect(fixture.versions.brokenLink() == nil)
    }
}
