// Threads that share, change and give up the same long values while versions are cleaned.

import ESEFormat
import PlatformIO
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct LongValueThreadTests {
    /// A session: moves references between records of its own and those of all, changes and reads values.
    private final class Editor: @unchecked Sendable {
        let fixture: LongValueFixture
        let worker: Worker
        let records: TreeCursor
        var random: SeededRandom
        let number: Int
        var conflictCount = 0
        var commitCount = 0

        init(_ fixture: LongValueFixture, _ records: Tree, _ number: Int) {
            self.fixture = fixture
            worker = fixture.fixture.makeWorker()
            self.records = TreeCursor(records, worker)
            random = SeededRandom(seed: UInt64(number) &+ 99)
            self.number = number
        }

        func work(_ count: Int) throws(JetError) {
            for _ in 0..<count {
                try worker.begin(fixture.fixture.versions)
                do throws(JetError) {
                    for _ in 0..<Int.random(in: 1...3, using: &random) { try step() }
                    _ = try worker.commit(fixture.fixture.versions, fixture.fixture.log)
                    commitCount += 1
                } catch {
                    records.reset()
                    try worker.rollback(fixture.fixture.versions, fixture.fixture.log, fixture.fixture)
                    guard error == .writeConflict else { throw error }
                    conflictCount += 1
                }
            }
        }

        /// The record at a slot and its value, which must be one byte again and again.
        private func value(_ slot: UInt8) throws(JetError) -> LongValueID? {
            guard try records.seek([slot], .equal) else { return nil }
            let data = records.data.array()
            records.release()
            guard let id = try? LongValueID(inRecord: data.span.bytes) else { throw .databaseCorrupted }
            let bytes = try fixture.values.bytes(of: id, worker)
            if let first = bytes.first, !bytes.allSatisfy({ $0 == first }) { Issue.record("slot \(slot) is mixed") }
            return id
        }

        private func step() throws(JetError) {
            let slot = UInt8.random(in: 0..<8, using: &random)
            let values = fixture.values
            guard let id = try value(slot) else {
                let source = UInt8.random(in: 0..<8, using: &random)
                let new: LongValueID
                if source != slot, let shared = try value(source) {
                    try values.addReference(shared, worker)
                    new = shared
                } else {
                    new = try values.insert(filled(), worker)
                }
                return try records.insert([slot], new.recordBytes)
            }
            let kind = Int.random(in: 0..<6, using: &random)
            if kind < 2 { return }
            guard try records.seek([slot], .equal) else { throw .databaseCorrupted }
            records.release()
            try records.lock()
            if kind == 2 {
                try records.delete()
                return try values.release(id, worker)
            }
            let new = try values.edit(id, .overwriteAndResize, filled(), offset: 0, worker)
            if new != id { try records.replace(new.recordBytes) }
        }

        private func filled() -> [UInt8] {
            let count = Int.random(in: 1...12_000, using: &random)
            return [UInt8](repeating: UInt8.random(in: 1...255, using: &random), count: count)
        }
    }

    @Test func valuesStayWholeAndCountedWhileThreadsShareThem() throws {
        let fixture = try LongValueFixture(cachePages: 512)
        let records = try fixture.fixture.makeTree()
        let editors = (0..<3).map { Editor(fixture, records, $0) }
        let failures = Locked<[JetError]>([])
        let threads = try editors.map { editor in
            try Thread.start(name: "editor") {
                do throws(JetError) { try editor.work(120) } catch { failures.withLock { $0.append(error) } }
            }
        }
        let isDone = Atomic(false)
        let cleaner = try Thread.start(name: "cleaner") {
            while !isDone.load(ordering: .acquiring) { fixture.fixture.clean() }
        }
        for thread in threads { thread.join() }
        isDone.store(true, ordering: .releasing)
        cleaner.join()
        #expect(failures.withLock { $0 }.isEmpty)
        fixture.fixture.clean()
        fixture.fixture.clean()
        #expect(editors.reduce(0) { $0 + $1.commitCount } > 20)
        #expect(fixture.fixture.versions.brokenLink() == nil)
        var counts: [LongValueID: UInt32] = [:]
        for node in try fixture.fixture.nodes(of: records) {
            counts[try LongValueID(inRecord: node.data.span.bytes), default: 0] += 1
        }
        let stored = try fixture.stored()
        #expect(stored.mapValues(\.count) == counts)
        try fixture.fixture.checkSpace(of: fixture.fixture.root, children: fixture.fixture.trees)
    }
}
