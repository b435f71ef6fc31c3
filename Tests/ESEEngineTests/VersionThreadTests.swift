// Many threads: every snapshot sees whole transactions only.

import ESEEngine
import ESEFormat
import PlatformIO
import Primitives
import Testing

/// Accounts on pages of one node each; transfers keep the sum of all.
private final class Bank: @unchecked Sendable {
    let accountCount: Int
    let store: VersionStore
    /// The latches of the pages, and what they guard.
    let latches: [Lock]
    let balances: UnsafeMutablePointer<Int64>
    let failures = Locked<[String]>([])

    init(accountCount: Int = 8) {
        self.accountCount = accountCount
        latches = (0..<accountCount).map { _ in Lock() }
        balances = .allocate(capacity: accountCount)
        var options = VersionStore.Options()
        options.bucketByteCount = 4096
        options.bucketLimit = 100_000
        store = VersionStore(clock: TransactionClock(), options: options)
        balances.initialize(repeating: 100, count: accountCount)
    }

    deinit { balances.deallocate() }

    func withAccount<Result>(_ account: Int, _ body: (NodeName) throws(JetError) -> Result) throws(JetError) -> Result {
        var key = UInt64(account).bigEndian
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
        defer { copy.deallocate() }
        copy.storeBytes(of: key, as: UInt64.self)
        key = 0
        return try body(NodeName(database: 0, tree: PageNumber(5), key: UnsafeRawBufferPointer(copy)))
    }

    func balance(_ transaction: TransactionState, _ account: Int) -> Int64 {
        latches[account].withLock {
            let seen = try? withAccount(account) { node throws(JetError) in
                var image: Int64?
                let visibility = store.visibility(of: node, to: transaction) {
                    image = $0.loadUnaligned(as: Int64.self)
                }
                let value = visibility == .beforeImage ? image! : balances[account]
                return store.adjustedValue(value, of: node, at: 0, to: transaction)
            }
            return seen ?? 0
        }
    }

    func add(_ transaction: TransactionState, _ account: Int, _ amount: Int64, byDelta: Bool) throws(JetError) {
        try latches[account].withLock { () throws(JetError) in
            try withAccount(account) { node throws(JetError) in
                let old = UnsafeRawBufferPointer(start: balances + account, count: 8)
                let revision = try store.modify(
                    transaction, node, byDelta ? .delta64(amount, at: 0) : .replace(old))
                store.confirm(transaction, revision, page: PageNumber(UInt32(account + 1)))
                balances[account] += amount
            }
        }
    }

    func rollBack(_ transaction: TransactionState) {
        try? store.rollbackAll(transaction) { (revision) throws(JetError) in
            let account = Int(UInt64(bigEndian: revision.key.loadUnaligned(as: UInt64.self)))
            latches[account].withLock {
                if revision.operation == .replace {
                    balances[account] = revision.payload.loadUnaligned(as: Int64.self)
                } else {
                    balances[account] -= revision.delta
                }
                store.removeUndone(transaction, revision)
            }
        }
    }

    func sum(_ transaction: TransactionState) -> Int64 {
        (0..<accountCount).reduce(0) { $0 + balance(transaction, $1) }
    }

    func writer(_ number: Int, rounds: Int) {
        let transaction = store.clock.make(session: UInt16(number))
        defer { store.clock.release(transaction) }
        var random = SeededRandom(seed: UInt64(number))
        for _ in 0..<rounds {
            let from = Int(random.next() % UInt64(accountCount))
            let to = (from + 1 + Int(random.next() % UInt64(accountCount - 1))) % accountCount
            let amount = Int64(random.next() % 50)
            let byDelta = random.oneIn(2)
            do {
                try store.clock.begin(transaction)
                try add(transaction, from, -amount, byDelta: byDelta)
                try add(transaction, to, amount, byDelta: byDelta)
                if random.oneIn(5) { rollBack(transaction) } else { store.commit(transaction) }
            } catch {
                rollBack(transaction)
            }
        }
    }

    func reader(_ number: Int, rounds: Int) {
        let transaction = store.clock.make(session: UInt16(number))
        defer { store.clock.release(transaction) }
        for round in 0..<rounds {
            do { try store.clock.begin(transaction, readOnly: round % 2 == 0) } catch { return }
            let (first, second) = (sum(transaction), sum(transaction))
            if first != Int64(100 * accountCount) || second != first {
                failures.withLock { $0.append("round \(round): \(first), then \(second)") }
            }
            store.commit(transaction)
        }
    }

    func cleaner(rounds: Int) {
        var random = SeededRandom(seed: 99)
        for round in 0..<rounds {
            _ = store.cleanOldest(limit: 200) { _ in random.oneIn(10) ? .later : .done }
            // As writes of pages do.
            let account = round % accountCount
            latches[account].withLock {
                if round % 5 == 0 {
                    _ = store.logUndo(database: 0, page: PageNumber(UInt32(account + 1))) { $0.level > 0 }
                }
            }
        }
    }
}

@Suite struct VersionThreadTests {
    @Test func everySnapshotHasTheSameSum() throws {
        let bank = Bank()
        var threads: [PlatformIO.Thread] = []
        for number in 1...3 {
            threads.append(try Thread.start(name: "w\(number)") { bank.writer(number, rounds: 1500) })
        }
        for number in 4...5 {
            threads.append(try Thread.start(name: "r\(number)") { bank.reader(number, rounds: 500) })
        }
        threads.append(try Thread.start(name: "clean") { bank.cleaner(rounds: 2000) })
        for thread in threads { thread.join() }
        #expect(bank.failures.withLock { $0 } == [])
        #expect(bank.store.clock.openCount == 0)
        while bank.store.cleanOldest({ _ in .done }).isMoreLeft {}
        #expect(bank.store.bucketCount == 0 && bank.store.brokenLink() == nil)
        for page in 1...300 { #expect(!bank.store.needsUndo(database: 0, page: PageNumber(UInt32(page)))) }
        let reader = bank.store.clock.make(session: 9)
        #expect(bank.sum(reader) == Int64(100 * bank.accountCount))
    }
    @Test func commitOfManyRevisionsIsSeenAtOnce() throws {
        let bank = Bank(accountCount: 300)
        let last = bank.accountCount - 1
        let writer = try Thread.start(name: "writer") {
            let transaction = bank.store.clock.make(session: 1)
            for _ in 0..<60 {
                do {
                    try bank.store.clock.begin(transaction)
                    for account in 0...last { try bank.add(transaction, account, 1, byDelta: false) }
                    bank.store.commit(transaction)
                } catch {
                    bank.failures.withLock { $0.append("\(error)") }
                }
                _ = bank.store.cleanOldest { _ in .done }
            }
        }
        let reader = try Thread.start(name: "reader") {
            let transaction = bank.store.clock.make(session: 2)
            var newest: Int64 = 0
            while newest < 160 && bank.failures.withLock({ $0.isEmpty }) {
                do { try bank.store.clock.begin(transaction, readOnly: true) } catch { return }
                // A commit goes through the revisions from the newest.
                newest = bank.balance(transaction, last)
                let oldest = bank.balance(transaction, 0)
                if newest != oldest { bank.failures.withLock { $0.append("\(newest) and \(oldest)") } }
                bank.store.commit(transaction)
            }
        }
        writer.join()
        reader.join()
        #expect(bank.failures.withLock { $0 } == [])
    }
}
