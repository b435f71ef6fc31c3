// Several sessions with records that have long values, against dictionaries: every snapshot reads what was committed
// before it, and at the end each value has as many references as records name it.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct LongValueModelTests {
    static let sizes: [PageSize] = [.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32]

    /// A session, and what it must see: the value of each record.
    private final class Session {
        let worker: Worker
        let records: TreeCursor
        /// What was committed when it began and what each level did since.
        var levels: [[Int: [UInt8]]] = []
        /// What each level changed.
        var touched: [Set<Int>] = []

        init(_ worker: Worker, _ records: Tree) {
            self.worker = worker
            self.records = TreeCursor(records, worker)
        }
    }

    private final class Run {
        let fixture: LongValueFixture
        let records: Tree
        var random: SeededRandom
        let seed: UInt64
        var committed: [Int: [UInt8]] = [:]
        var sessions: [Session] = []
        var conflictCount = 0
        var commitCount = 0

        init(_ size: PageSize, seed: UInt64, sessionCount: Int) throws {
            fixture = try LongValueFixture(pageSize: size, seed: seed, cachePages: seed % 2 == 0 ? 48 : 256)
            records = try fixture.fixture.makeTree()
            random = SeededRandom(seed: seed &* 104_729 &+ UInt64(size.byteCount))
            self.seed = seed
            for _ in 0..<sessionCount { sessions.append(Session(fixture.fixture.makeWorker(), records)) }
        }

        static func key(_ slot: Int) -> [UInt8] { [UInt8(slot)] }

        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

        func bytes() -> [UInt8] {
            let chunk = fixture.values.chunkByteCount
            let count = number(0...9) < 7 ? number(0...(chunk / 3)) : number(0...(3 * chunk))
            let seed = UInt64(number(0...1_000))
            return number(0...1) == 0 ? LongValueBytes.noise(count, seed: seed) : LongValueBytes.text(count, seed: seed)
        }

        func step() throws {
            let session = sessions[number(0...(sessions.count - 1))]
            guard !session.levels.isEmpty else { return try begin(session) }
            switch number(0...19) {
            case 0 where session.levels.count < 4:
                try begin(session)
            case 1, 2: try commit(session)
            case 3: try rollback(session)
            case 4: fixture.fixture.clean()
            case 5...9: try read(session)
            default:
                do throws(JetError) {
                    try change(session)
                } catch {
                    guard error == .writeConflict else { throw error }
                    conflictCount += 1
                    session.records.reset()
                    // As callers do: everything is given up.
                    do { while !session.levels.isEmpty { try rollback(session) } } catch { Issue.record("\(error)") }
                }
            }
        }

        func begin(_ session: Session) throws {
            try session.worker.begin(fixture.fixture.versions)
            session.levels.append(session.levels.last ?? committed)
            session.touched.append([])
        }

        func commit(_ session: Session) throws {
            _ = try session.worker.commit(fixture.fixture.versions, fixture.fixture.log)
            let top = session.levels.removeLast()
            let touched = session.touched.removeLast()
            guard session.levels.isEmpty else {
                session.levels[session.levels.count - 1] = top
                session.touched[session.levels.count - 1].formUnion(touched)
                return
            }
            // What others committed meanwhile stays; nobody else can have changed what it did.
            for slot in touched { committed[slot] = top[slot] }
            commitCount += 1
        }

        func rollback(_ session: Session) throws {
            try fixture.rollback(session.worker)
            session.levels.removeLast()
            session.touched.removeLast()
        }

        func id(_ session: Session, _ slot: Int) throws(JetError) -> LongValueID? {
            guard try session.records.seek(Self.key(slot), .equal) else { return nil }
            defer { session.records.release() }
            let bytes = session.records.data.array()
            guard let id = try? LongValueID(inRecord: bytes.span.bytes) else { throw .databaseCorrupted }
            return id
        }

        func read(_ session: Session) throws {
            let slot = number(0...11)
            let expected = session.levels.last?[slot]
            guard let id = try id(session, slot) else {
                #expect(expected == nil, "seed \(seed)")
                return
            }
            let found = try fixture.values.bytes(of: id, session.worker)
            let isSame: Bool = found == expected
            #expect(isSame, "seed \(seed), slot \(slot), value \(id)")
            let offset = number(0...found.count)
            let count = number(0...(found.count - offset))
            let part = try fixture.values.bytes(of: id, from: offset, count: count, session.worker)
            let isPart: Bool = part == Array(found[offset..<(offset + count)])
            #expect(isPart, "seed \(seed)")
        }

        func change(_ session: Session) throws(JetError) {
            let (values, worker) = (fixture.values, session.worker)
            let slot = number(0...11)
            let isCompressed = number(0...1) == 0
            guard let id = try id(session, slot), var expected = session.levels.last?[slot] else {
                // A new record: with a value of its own, or that of another.
                let source = number(0...11)
                let new: LongValueID
                let value: [UInt8]
                if let shared = try self.id(session, source), let bytes = session.levels.last?[source] {
                    try values.addReference(shared, worker)
                    (new, value) = (shared, bytes)
                } else {
                    value = bytes()
                    new = try values.insert(value, isCompressed: isCompressed, worker)
                }
                do throws(JetError) {
                    try session.records.insert(Self.key(slot), new.recordBytes)
                } catch {
                    // Its record is there, but not for this one.
                    throw error == .keyDuplicate ? .databaseCorrupted : error
                }
                return set(session, slot, value)
            }
            // The record is the session's before its value is touched.
            try session.records.lock()
            var new = id
            let bytes = bytes()
            let offset = number(0...expected.count)
            switch number(0...9) {
            case 0, 1:
                try session.records.delete()
                try values.release(id, worker)
                return set(session, slot, nil)
            case 2, 3, 4:
                new = try values.edit(id, .append, bytes, isCompressed: isCompressed, worker)
                expected += bytes
            case 5, 6:
                new = try values.edit(id, .overwrite, bytes, offset: offset, isCompressed: isCompressed, worker)
                expected.replaceSubrange(offset..<min(expected.count, offset + bytes.count), with: bytes)
            case 7:
                new = try values.edit(
                    id, .overwriteAndResize, bytes, offset: offset, isCompressed: isCompressed, worker)
                expected = Array(expected[..<offset]) + bytes
            case 8:
                new = try values.resize(id, to: bytes.count, isCompressed: isCompressed, worker)
                expected =
                    Array(expected.prefix(bytes.count))
                    + [UInt8](repeating: 0, count: max(0, bytes.count - expected.count))
            default:
                new = try values.edit(id, .replace, bytes, isCompressed: isCompressed, worker)
                expected = bytes
            }
            if new != id { try session.records.replace(new.recordBytes) }
            set(session, slot, expected)
        }

        func set(_ session: Session, _ slot: Int, _ value: [UInt8]?) {
            session.levels[session.levels.count - 1][slot] = value
            session.touched[session.levels.count - 1].insert(slot)
        }

        /// Ends all sessions and compares what is on the pages.
        func finish() throws {
            for session in sessions {
                while !session.levels.isEmpty { try number(0...1) == 0 ? commit(session) : rollback(session) }
            }
            fixture.fixture.clean()
            fixture.fixture.clean()
            #expect(fixture.fixture.versions.brokenLink() == nil, "seed \(seed)")
            #expect(fixture.fixture.versions.laterCount == 0, "seed \(seed)")
            let stored = try fixture.stored()
            var counts: [LongValueID: UInt32] = [:]
            var found: [Int: [UInt8]] = [:]
            for node in try fixture.fixture.nodes(of: records) {
                let id = try LongValueID(inRecord: node.data.span.bytes)
                counts[id, default: 0] += 1
                found[Int(node.key[0])] = stored[id]?.bytes
            }
            let isSame: Bool = found == committed
            #expect(isSame, "seed \(seed)")
            #expect(stored.mapValues(\.count) == counts, "seed \(seed)")
            try fixture.fixture.checkSpace(of: fixture.fixture.root, children: fixture.fixture.trees)
        }
    }

    @Test(arguments: sizes, [1, 2, 9] as [UInt64])
    func everySessionReadsItsSnapshot(size: PageSize, seed: UInt64) throws {
        let run = try Run(size, seed: seed, sessionCount: 4)
        for _ in 0..<500 { try run.step() }
        try run.finish()
        #expect(run.conflictCount > 0 && run.commitCount > 3, "seed \(seed): the run means something")
        try RedoComparison(run.fixture.fixture).expectSamePages("seed \(seed)")
    }
}
