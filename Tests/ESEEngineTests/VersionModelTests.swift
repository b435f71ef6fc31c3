// The version store against a naive model of snapshot isolation: each commit makes a list of whole states of each node
// longer.

import ESEEngine
import ESEFormat
import Primitives
import Testing

/// A record: some contents, and a number that is changed by deltas.
private struct Record: Equatable {
    var contents: UInt64
    var number: Int64

    init(contents: UInt64, number: Int64) {
        self.contents = contents
        self.number = number
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        contents = bytes.loadUnaligned(as: UInt64.self)
        number = bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(JetError) -> Result) throws(JetError) -> Result {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
        defer { bytes.deallocate() }
        bytes.storeBytes(of: contents, as: UInt64.self)
        bytes.storeBytes(of: number, toByteOffset: 8, as: Int64.self)
        return try body(UnsafeRawBufferPointer(bytes))
    }
}

/// A node on the page.
private struct PageNode {
    var record: Record
    var isDeleted = false
}

/// What a step of a transaction did to a node, for the model.
private enum Change {
    case set(Record)
    case delete
    case add(Int64)
    case touch

    func apply(_ record: inout Record?) {
        switch self {
        case .set(let new): record = new
        case .delete: record = nil
        case .add(let delta): record?.number += delta
        case .touch: break
        }
    }
}

private struct Step {
    var node: Int
    var change: Change
    var kind: Int
    var level: Int
    var update: UInt32
}

/// An operation that counts for conflicts: who did it, and when that was committed.
private struct Touch {
    var session: Int
    var kind: Int
    var commit: UInt64
    var transaction: UInt64
}

private struct World {
    var random: SeededRandom
    let store: VersionStore
    let transactions: [TransactionState]
    let names = (0..<5).map { "n\($0)" + String(repeating: "-", count: $0 * 3) }
    var page: [PageNode?]
    var versions: [[(commit: UInt64, record: Record?)]]
    var touches: [[Touch]]
    var steps: [[Step]]
    var conflictCount = 0
    var commitCount = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        var options = VersionStore.Options()
        options.bucketByteCount = 1024
        options.bucketLimit = 10_000
        store = VersionStore(clock: TransactionClock(), options: options)
        let clock = store.clock
        transactions = (0..<4).map { clock.make(session: UInt16($0)) }
        page = Array(repeating: nil, count: names.count)
        versions = Array(repeating: [(0, nil)], count: names.count)
        touches = Array(repeating: [], count: names.count)
        steps = Array(repeating: [], count: transactions.count)
    }

    /// What a session should see of a node, by the model.
    func modelView(_ session: Int, _ node: Int) -> Record? {
        let transaction = transactions[session]
        let horizon = transaction.level == 0 ? UInt64.max : transaction.begin.rawValue
        var record = versions[node].last { $0.commit < horizon }!.record
        for step in steps[session] where step.node == node { step.change.apply(&record) }
        return record
    }

    /// What it sees, by page and version store.
    func realView(_ session: Int, _ node: Int) -> Record? {
        guard let onPage = page[node] else { return nil }
        let transaction = transactions[session]
        return withNode(names[node], cut: 1) { name in
            var image: Record?
            var record: Record?
            switch store.visibility(of: name, to: transaction, before: { image = Record($0) }) {
            case .unversioned, .asOnPage: record = onPage.isDeleted ? nil : onPage.record
            case .invisible: return nil
            case .undeleted: record = onPage.record
            case .beforeImage: record = image
            }
            record?.number += store.compensation(of: name, at: 8, to: transaction)
            return record
        }
    }

    /// Whether an operation conflicts: somebody's that is not seen is there, unless all that are active are alike and
    /// go together.
    func modelConflict(_ session: Int, _ node: Int, _ kind: Int) -> Bool {
        let transaction = transactions[session]
        let active = touches[node].filter { $0.commit > transaction.begin.rawValue }
        guard active.contains(where: { $0.session != session || $0.commit != .max }) else { return false }
        return !((kind == 3 || kind == 4) && active.allSatisfy { $0.kind == kind })
    }

    /// Makes a revision and changes the page; false if that is a conflict.
    mutating func change(
        _ session: Int, _ node: Int, _ modification: Modification, _ kind: Int, _ change: Change, _ update: UInt32,
        _ apply: (inout PageNode?) -> Void
    ) -> Bool {
        let transaction = transactions[session]
        let expected = modelConflict(session, node, kind)
        do {
            let revision = try withNode(names[node], cut: Int(random.next() % 3)) { name throws(JetError) in
                try store.modify(transaction, name, modification.of(update: update))
            }
            if random.oneIn(16) {
                // The page operation fails.
                store.cancel(revision)
                return true
            }
            #expect(!expected, "no conflict where there is one")
            store.confirm(transaction, revision, page: PageNumber(UInt32(node + 1)))
        } catch {
            #expect(error == .writeConflict && expected, "\(error) unexpected")
            conflictCount += 1
            return false
        }
        apply(&page[node])
        steps[session].append(Step(node: node, change: change, kind: kind, level: transaction.level, update: update))
        touches[node].append(
            Touch(session: session, kind: kind, commit: .max, transaction: transaction.begin.rawValue))
        return true
    }

    /// One step of a session.
    mutating func step(_ session: Int) throws {
        let transaction = transactions[session]
        guard transaction.level > 0 else {
            try store.clock.begin(transaction, readOnly: random.oneIn(6))
            return
        }
        let dice = random.next() % 20
        if dice < 2 {
            if transaction.level < 4 { try store.clock.begin(transaction) }
        } else if dice < 5 {
            commit(session)
        } else if dice < 7 {
            try rollBack(session)
        } else if !transaction.isReadOnly {
            write(session)
        }
    }

    mutating func write(_ session: Int) {
        let transaction = transactions[session]
        let node = Int(random.next() % UInt64(names.count))
        let update: UInt32 = random.oneIn(3) ? 1 : 0
        let seen = modelView(session, node)
        let new = Record(contents: random.next(), number: Int64(random.next() % 1000))
        guard let seen else {
            // Not there for this one: insert. What others put there must be a conflict.
            guard change(session, node, .insert, 0, .set(new), update, { _ in }) else { return }
            guard steps[session].last.map({ $0.node == node && $0.kind == 0 }) == true else { return }
            if case .set(let last)? = steps[session].last?.change, last != new { return }
            guard let old = page[node] else {
                page[node] = PageNode(record: new)
                return
            }
            #expect(old.isDeleted, "inserted over a record")
            // A deleted one is revived: its data is replaced, which is a revision of its own.
            let isDone: Void? = try? old.record.withBytes { bytes throws(JetError) in
                let revision = try withNode(names[node]) { name throws(JetError) in
                    try store.modify(transaction, name, .replace(bytes).of(update: update))
                }
                store.confirm(transaction, revision)
            }
            #expect(isDone != nil)
            touches[node].append(
                Touch(session: session, kind: 2, commit: .max, transaction: transaction.begin.rawValue))
            page[node] = PageNode(record: new)
            return
        }
        switch random.next() % 7 {
        case 0:
            _ = change(session, node, .flagDelete, 1, .delete, update) { $0?.isDeleted = true }
        case 1, 2:
            guard let onPage = page[node] else {
                Issue.record("a record that is seen is not on the page")
                return
            }
            // Nobody else's delta is in the number, or this would be a conflict.
            try? onPage.record.withBytes { bytes throws(JetError) in
                _ = change(session, node, .replace(bytes), 2, .set(new), update) { $0?.record = new }
            }
        case 3, 4:
            let delta = Int32(random.next() % 100) - 50
            _ = change(session, node, .delta(delta, at: 8), 3, .add(Int64(delta)), update) {
                $0?.record.number += Int64(delta)
            }
        case 5: _ = change(session, node, .readLock, 4, .touch, update) { _ in }
        default: _ = change(session, node, .writeLock, 5, .touch, update) { _ in }
        }
        _ = seen
    }

    mutating func commit(_ session: Int) {
        let transaction = transactions[session]
        let level = transaction.level
        let begin = transaction.begin.rawValue
        let number = store.commit(transaction)
        guard level == 1 else {
            for index in steps[session].indices where steps[session][index].level == level {
                steps[session][index].level = level - 1
            }
            return
        }
        if let number {
            commitCount += 1
            for node in names.indices {
                for index in touches[node].indices where touches[node][index].transaction == begin {
                    touches[node][index].commit = number.rawValue
                }
                let own = steps[session].filter { $0.node == node }
                guard !own.isEmpty else { continue }
                var record = versions[node].last!.record
                for step in own { step.change.apply(&record) }
                versions[node].append((number.rawValue, record))
            }
        }
        steps[session] = []
    }

    mutating func rollBack(_ session: Int) throws {
        let transaction = transactions[session]
        let level = transaction.level
        let begin = transaction.begin.rawValue
        // Changes of the page by `undo`, with which the closure may not touch this struct.
        var changed = page
        let names = names
        let takesAway = random.oneIn(2)
        let store = store
        let undo = { (revision: Revision) throws(JetError) in
            let node = names.firstIndex(of: text(revision.key))!
            switch revision.operation {
            case .insert: changed[node]!.isDeleted = true
            case .flagDelete: changed[node]!.isDeleted = false
            case .replace: changed[node]!.record = Record(revision.payload)
            case .delta: changed[node]!.record.number -= revision.delta
            default: break
            }
            if takesAway { store.removeUndone(transaction, revision) }
        }
        let oneUpdate = random.oneIn(4)
        if oneUpdate && updatesAreApart(session) {
            try store.rollback(transaction, update: 1, undo: undo)
            steps[session].removeAll { $0.update == 1 }
        } else {
            try store.rollback(transaction, undo: undo)
            steps[session].removeAll { $0.level >= level }
        }
        page = changed
        // What still counts: the kinds of the steps that are left.
        for node in names.indices {
            touches[node].removeAll { $0.transaction == begin && $0.commit == .max }
            for step in steps[session] where step.node == node {
                touches[node].append(Touch(session: session, kind: step.kind, commit: .max, transaction: begin))
                if step.kind == 0 {
                    touches[node].append(Touch(session: session, kind: 2, commit: .max, transaction: begin))
                }
            }
        }
    }

    /// Whether no node was changed by the update and later by something else, which could not be undone alone.
    func updatesAreApart(_ session: Int) -> Bool {
        for node in names.indices {
            let own = steps[session].filter { $0.node == node }
            if own.contains(where: { $0.update == 1 }) && own.contains(where: { $0.update != 1 }) { return false }
        }
        return true
    }

    mutating func clean(limit: Int) -> CleanResult {
        var changed = page
        let names = names
        let store = store
        var random = random
        let result = store.cleanOldest(limit: limit) { revision in
            if random.oneIn(4) { return .later }
            guard revision.operation == .flagDelete else { return .done }
            let node = names.firstIndex(of: text(revision.key))!
            if changed[node]?.isDeleted == true && !store.isActive(revision.node, after: store.clock.oldest) {
                changed[node] = nil
            }
            return .done
        }
        self.random = random
        page = changed
        return result
    }

    func check(_ place: String) -> Bool {
        for session in transactions.indices {
            for node in names.indices where realView(session, node) != modelView(session, node) {
                Issue.record(
                    """
                    \(place): session \(session) at level \(transactions[session].level) sees node \(node) as \
                    \(String(describing: realView(session, node))), not \(String(describing: modelView(session, node)))
                    """)
                return false
            }
        }
        return true
    }
}

@Suite struct VersionModelTests {
    @Test func everySessionSeesWhatTheModelSaysAfterEachStep() throws {
        var conflictCount = 0
        var commitCount = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var world = World(seed: seed)
            for number in 0..<350 {
                let place = "seed \(seed), step \(number)"
                if world.random.oneIn(8) {
                    _ = world.clean(limit: Int(1 + world.random.next() % 40))
                } else {
                    try world.step(Int(world.random.next() % UInt64(world.transactions.count)))
                }
                guard world.check(place) else { return }
                if number % 50 == 0, let broken = world.store.brokenLink() {
                    Issue.record("\(place): \(broken)")
                    return
                }
            }
            for session in world.transactions.indices {
                while world.transactions[session].level > 0 {
                    if world.random.oneIn(2) { world.commit(session) } else { try world.rollBack(session) }
                }
            }
            while world.clean(limit: .max).isMoreLeft {}
            guard world.check("seed \(seed), end") else { return }
            #expect(world.store.bucketCount == 0 && world.store.laterCount == 0, "seed \(seed)")
            #expect(world.store.brokenLink() == nil, "seed \(seed)")
            for page in 1...world.names.count {
                #expect(!world.store.needsUndo(database: 1, page: PageNumber(UInt32(page))), "seed \(seed)")
            }
            conflictCount += world.conflictCount
            commitCount += world.commitCount
        }
        // The runs are worth something.
        #expect(conflictCount > 1000 && commitCount > 500, "\(conflictCount) conflicts, \(commitCount) commits")
    }
}
