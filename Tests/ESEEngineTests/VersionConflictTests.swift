// Write conflicts: map 12.2.

import ESEEngine
import Testing

@Suite struct VersionConflictTests {
    let store = VersionStore(clock: TransactionClock())
    let a, b, c: TransactionState

    init() {
        a = store.clock.make(session: 1)
        b = store.clock.make(session: 2)
        c = store.clock.make(session: 3)
    }

    private func error(_ transaction: TransactionState, _ modification: Modification) -> JetError? {
        jetError { () throws(JetError) in try store.change(transaction, "k", modification) }
    }

    private static var kinds: [Modification] {
        [
            .insert, .flagDelete, .replace(UnsafeRawBufferPointer(start: nil, count: 0)), .readLock, .writeLock,
            .delta(1, at: 0), .delta64(1, at: 0),
        ]
    }

    @Test func onlyEqualReadLocksAndDeltasGoTogether() throws {
        for (i, first) in Self.kinds.enumerated() {
            for (j, second) in Self.kinds.enumerated() {
                let store = VersionStore(clock: TransactionClock())
                let (a, b) = (store.clock.make(session: 1), store.clock.make(session: 2))
                try store.clock.begin(a)
                try store.clock.begin(b)
                try store.change(a, "k", first)
                let error = jetError { () throws(JetError) in try store.change(b, "k", second) }
                let goesTogether = i == j && [3, 5, 6].contains(i)
                #expect(error == (goesTogether ? nil : .writeConflict), "\(i) then \(j)")
                // Committed after the other began, it is the same.
                store.commit(a)
                let later = jetError { () throws(JetError) in try store.change(b, "k", second) }
                #expect(later == (goesTogether ? nil : .writeConflict), "\(i) committed, then \(j)")
            }
        }
    }

    @Test func ownRevisionsNeverConflict() throws {
        try store.clock.begin(a)
        for modification in Self.kinds { #expect(error(a, modification) == nil) }
        #expect(store.brokenLink() == nil)
    }

    @Test func whatWasCommittedBeforeTheBeginDoesNotConflict() throws {
        try store.clock.begin(a)
        try store.change(a, "k", .flagDelete)
        store.commit(a)
        try store.clock.begin(b)
        #expect(error(b, .insert) == nil)
    }

    @Test func conflictLastsUntilTheOtherRollsBack() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "k", .writeLock)
        #expect(error(b, .writeLock) == .writeConflict)
        try store.rollback(a) { (_) throws(JetError) in }
        #expect(error(b, .writeLock) == nil)
    }

    @Test func anotherOperationOverMyDeltasConflictsWithOthersDeltas() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(b, "k", .delta(1, at: 0))
        try store.change(a, "k", .delta(1, at: 0))
        #expect(error(a, .flagDelete) == .writeConflict)
        try store.rollback(b) { (_) throws(JetError) in }
        #expect(error(a, .flagDelete) == nil)
        try store.clock.begin(b)
        #expect(error(b, .delta(1, at: 0)) == .writeConflict)
    }

    @Test func deltaUnderACommittedNewerDeltaStillCounts() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "k", .delta(1, at: 0))
        try store.change(b, "k", .delta(1, at: 0))
        store.commit(b)
        try store.clock.begin(c)
        #expect(error(c, .delta(1, at: 0)) == nil)
        try store.rollback(c) { (_) throws(JetError) in }
        try store.clock.begin(c)
        #expect(error(c, .writeLock) == .writeConflict)
    }

    @Test func insertOverWhatOthersInsertedOrDeletedIsAConflictAndNoDuplicate() throws {
        try store.clock.begin(b)
        try store.clock.begin(a)
        try store.change(a, "k", .flagDelete)
        func hasActiveOther(_ transaction: TransactionState) -> Bool {
            withNode("k") { store.hasActiveOther($0, transaction) }
        }
        #expect(hasActiveOther(b) && !hasActiveOther(a))
        #expect(withNode("k") { store.wouldConflict(b, $0, .insert) })
        store.commit(a)
        #expect(hasActiveOther(b))
        try store.clock.begin(c)
        #expect(!hasActiveOther(c))
        #expect(error(c, .insert) == nil)
    }

    @Test func statusSaysWhoChangedLast() throws {
        func status(_ transaction: TransactionState) -> NodeStatus {
            withNode("k") { store.status(of: $0, to: transaction) }
        }
        #expect(status(a) == .committed)
        try store.clock.begin(a)
        try store.change(a, "k", .insert)
        #expect(status(a) == .uncommittedByCaller)
        #expect(status(b) == .uncommittedByOther)
        store.commit(a)
        #expect(status(b) == .committed)
    }

    @Test func activeAfterANumber() throws {
        func isActive(_ number: TransactionNumber) -> Bool { withNode("k") { store.isActive($0, after: number) } }
        #expect(!isActive(TransactionNumber(0)))
        try store.clock.begin(a)
        try store.change(a, "k", .flagDelete)
        #expect(isActive(TransactionNumber(1_000_000)))
        let commit = try #require(store.commit(a))
        #expect(isActive(TransactionNumber(commit.rawValue - 1)))
        #expect(!isActive(commit))
    }
}
