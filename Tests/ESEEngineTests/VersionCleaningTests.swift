// Cleaning and quotas: map 12.3, 12.4.

import ESEEngine
import ESEFormat
import PlatformIO
import Testing

@Suite struct VersionCleaningTests {
    private static func store(
        limit: Int = 64, reserve: Int = 0, percentage: Int = 100, bytes: Int = 1024,
        requestClean: @escaping @Sendable () -> Void = {}, reclaim: @escaping @Sendable () -> Bool = { true }
    ) -> VersionStore {
        var options = VersionStore.Options()
        options.bucketByteCount = bytes
        options.bucketLimit = limit
        options.bucketReserve = reserve
        options.transactionPercentage = percentage
        return VersionStore(
            clock: TransactionClock(), options: options, requestClean: requestClean, reclaim: reclaim)
    }

    let store = Self.store()
    let a, b: TransactionState

    init() {
        a = store.clock.make(session: 1)
        b = store.clock.make(session: 2)
    }

    private func cleaned(limit: Int = .max, _ outcome: CleanOutcome = .done) -> (keys: String, result: CleanResult) {
        var keys = ""
        let result = store.cleanOldest(limit: limit) { revision in
            keys += text(revision.key)
            return outcome
        }
        return (keys, result)
    }

    @Test func goesInTheOrderOfMakingUntilTheFirstThatSomebodyDoesNotSee() throws {
        try store.clock.begin(a)
        try store.change(a, "1", .insert)
        try store.change(a, "2", .flagDelete)
        try store.clock.begin(b)
        try store.change(b, "3", .insert)
        try store.change(a, "4", .insert)
        store.commit(a)
        #expect(cleaned().keys == "", "the second began before the commit")
        #expect(cleaned().result.isMoreLeft)
        store.commit(b)
        let all = cleaned()
        #expect(all.keys == "1234" && all.result == CleanResult(cleanedCount: 4))
        #expect(store.bucketCount == 0 && store.brokenLink() == nil)
    }

    @Test func uncommittedOneStopsIt() throws {
        try store.clock.begin(a)
        try store.change(a, "1", .insert)
        try store.clock.begin(b)
        try store.change(b, "2", .insert)
        store.commit(b)
        #expect(cleaned().keys == "")
        try store.rollback(a) { (_) throws(JetError) in }
        #expect(cleaned().keys == "2")
        #expect(store.bucketCount == 0)
    }

    @Test func readOnlyTransactionHoldsItUp() throws {
        try store.clock.begin(b, readOnly: true)
        try store.clock.begin(a)
        try store.change(a, "1", .flagDelete)
        store.commit(a)
        #expect(cleaned().keys == "")
        #expect(store.sees(b, "1") == "undeleted")
        store.commit(b)
        #expect(cleaned().keys == "1")
    }

    @Test func limitIsKept() throws {
        try store.clock.begin(a)
        for key in 1...5 { try store.change(a, "\(key)", .insert) }
        store.commit(a)
        #expect(cleaned(limit: 2).keys == "12")
        let next = cleaned(limit: 2)
        #expect(next.keys == "34" && next.result.isMoreLeft)
        #expect(cleaned(limit: 2).result == CleanResult(cleanedCount: 1))
    }

    @Test func revisionIsOutOfTheStoreWhenItIsHandedOut() throws {
        try store.clock.begin(a)
        try store.change(a, "k", .flagDelete)
        let commit = try #require(store.commit(a))
        _ = store.cleanOldest { revision in
            #expect(revision.operation == .flagDelete && revision.commit == commit)
            #expect(store.sees(b, "k") == "unversioned")
            #expect(!store.isActive(revision.node, after: store.clock.oldest))
            #expect(store.cleanOldest { _ in .done }.isBusy)
            return .done
        }
    }

    @Test func whatIsForLaterComesAgainAndKeepsNoBucket() throws {
        try store.clock.begin(a)
        for key in 1...9 { try store.change(a, "\(key)", .flagDelete) }
        store.commit(a)
        let first = cleaned(.later)
        #expect(first.keys == "123456789" && first.result.isMoreLeft)
        #expect(store.bucketCount == 0 && store.laterCount == 9)
        var keys = ""
        _ = store.cleanOldest { revision in
            keys += text(revision.key)
            return text(revision.key) == "5" || text(revision.key) == "9" ? .later : .done
        }
        #expect(keys == "123456789" && store.laterCount == 2)
        try store.clock.begin(a)
        try store.change(a, "x", .flagDelete)
        store.commit(a)
        #expect(cleaned(.later).keys == "59x")
        #expect(cleaned().keys == "59x")
        #expect(store.laterCount == 0 && !cleaned().result.isMoreLeft)
    }

    @Test func detachedDatabaseIsCleanedWhoeverSeesIt() throws {
        try store.clock.begin(b)
        try store.clock.begin(a)
        for database in [1, 2, 1, 2, 1] as [UInt8] {
            try withNode("k", database: database) { node throws(JetError) in
                store.confirm(a, try store.modify(a, node, .delta(1, at: 0)))
            }
        }
        #expect(store.cleanOldest(database: 2) { _ in .done }.isMoreLeft)
        store.commit(a)
        var databases: [UInt8] = []
        let result = store.cleanOldest(database: 2) { revision in
            databases.append(revision.database)
            return .later
        }
        #expect(databases == [2, 2] && result.cleanedCount == 2)
        _ = store.cleanOldest(database: 2) { _ in .later }
        #expect(store.laterCount == 0, "a database that goes has no later")
        #expect(store.brokenLink() == nil)
        store.commit(b)
        #expect(store.clean() == 3)
        #expect(store.bucketCount == 0)
    }

    @Test func operationsOfTheSchemaAreHandedOut() throws {
        try store.clock.begin(a)
        _ = try store.note(
            a, .deleteTable, database: 1, tree: PageNumber(9), payload: UnsafeRawBufferPointer(start: nil, count: 0))
        store.commit(a)
        var trees: [PageNumber] = []
        _ = store.cleanOldest { revision in
            trees.append(revision.tree)
            return .done
        }
        #expect(trees == [PageNumber(9)])
    }

    // MARK: - Quotas

    private func fill(_ store: VersionStore, _ transaction: TransactionState, most: Int = 1000) -> (Int, JetError?) {
        var count = 0
        let error = jetError { () throws(JetError) in
            while count < most {
                try store.change(transaction, "node \(count)", .insert)
                count += 1
            }
        }
        return (count, error)
    }

    @Test func fullStoreRefusesAndGoesOnAfterCleaning() throws {
        let asked = Locked(0)
        let store = Self.store(limit: 3, requestClean: { asked.withLock { $0 += 1 } })
        let a = store.clock.make(session: 1)
        try store.clock.begin(a)
        let (count, error) = fill(store, a)
        #expect(error == .versionStoreOutOfMemory && store.bucketCount == 3 && count > 6)
        #expect(store.isRatherFull && asked.withLock { $0 } >= 3)
        #expect(store.brokenLink() == nil)
        store.commit(a)
        #expect(store.clean() == count)
        try store.clock.begin(a)
        #expect(fill(store, a).0 == count)
    }

    @Test func reserveAsksForACleaningAndFailsIfThatDoesNotHelp() throws {
        let answer = Locked(true)
        let store = Self.store(limit: 2, reserve: 2, reclaim: { answer.withLock { $0 } })
        let (a, b) = (store.clock.make(session: 1), store.clock.make(session: 2))
        try store.clock.begin(b)
        try store.clock.begin(a)
        _ = fill(store, a)
        #expect(store.bucketCount == 4)
        #expect(jetError { () throws(JetError) in try store.reserve(a) } == .versionStoreOutOfMemory)
        answer.withLock { $0 = false }
        #expect(jetError { () throws(JetError) in try store.reserve(a) } == JetError(rawValue: -1066))
    }

    @Test func reserveIsContentOnceSomebodyCleaned() throws {
        let box = Locked<VersionStore?>(nil)
        let store = Self.store(
            limit: 2,
            reclaim: {
                _ = box.withLock { $0 }?.cleanOldest { _ in .done }
                return true
            })
        box.withLock { $0 = store }
        defer { box.withLock { $0 = nil } }
        let a = store.clock.make(session: 1)
        try store.clock.begin(a)
        let (count, _) = fill(store, a)
        store.commit(a)
        try store.clock.begin(a)
        try store.reserve(a)
        #expect(fill(store, a).0 == count)
    }

    @Test func onlyTheOldestTransactionMayNotPassItsShare() throws {
        let store = Self.store(limit: 10, percentage: 50)
        let (a, b) = (store.clock.make(session: 1), store.clock.make(session: 2))
        try store.clock.begin(a)
        try store.clock.begin(b)
        while store.bucketCount <= 5 {
            try store.reserve(a)
            try store.reserve(b)
            try store.change(a, "node", .replace(UnsafeRawBufferPointer(start: nil, count: 0)))
        }
        #expect(jetError { () throws(JetError) in try store.reserve(a) } == .versionStoreOutOfMemory)
        try store.reserve(b)
        try store.rollback(a) { (_) throws(JetError) in }
        store.clean()
        try store.clock.begin(a)
        try store.reserve(a)
    }

    @Test func revisionThatFitsIntoNoBucketIsTooBig() throws {
        try store.clock.begin(a)
        let before = String(repeating: "x", count: 1024)
        #expect(
            jetError { () throws(JetError) in try store.replace(a, "k", before: before) } == .versionStoreEntryTooBig)
        #expect(!a.hasRevisions && store.sees(b, "k") == "unversioned")
        try store.replace(a, "k", before: String(repeating: "x", count: 700))
    }
}
