// Who sees what: map 12.1.

import ESEEngine
import ESEFormat
import Testing

@Suite struct VersionVisibilityTests {
    let store = VersionStore(clock: TransactionClock())
    let a, b, c: TransactionState

    init() {
        a = store.clock.make(session: 1)
        b = store.clock.make(session: 2)
        c = store.clock.make(session: 3)
    }

    @Test func nodeWithoutRevisionsIsUnversioned() throws {
        try store.clock.begin(a)
        #expect(store.sees(a, "k") == "unversioned")
        #expect(store.sees(b, "k") == "unversioned")
    }

    @Test func ownUncommittedChangeIsOnThePage() throws {
        try store.clock.begin(a)
        try store.change(a, "k", .insert)
        #expect(store.sees(a, "k") == "page")
        try store.replace(a, "k", before: "old")
        #expect(store.sees(a, "k") == "page")
    }

    @Test func othersUncommittedInsertIsInvisible() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "k", .insert)
        #expect(store.sees(b, "k") == "nothing")
        #expect(store.sees(c, "k") == "nothing")
    }

    @Test func insertStaysInvisibleToWhoBeganBeforeItsCommit() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "k", .insert)
        store.commit(a)
        try store.clock.begin(a)
        #expect(store.sees(b, "k") == "nothing")
        #expect(store.sees(a, "k") == "page")
        #expect(store.sees(c, "k") == "page", "level 0 sees what is committed")
    }

    @Test func readOnlyTransactionHasItsSnapshotToo() throws {
        try store.clock.begin(a)
        try store.change(a, "k", .insert)
        try store.clock.begin(b, readOnly: true)
        store.commit(a)
        try store.clock.begin(c, readOnly: true)
        #expect(store.sees(b, "k") == "nothing")
        #expect(store.sees(c, "k") == "page")
    }

    @Test func oldestUnseenReplacementHasTheData() throws {
        try store.clock.begin(b)
        for before in ["one", "two", "three"] {
            try store.clock.begin(a)
            try store.replace(a, "k", before: before)
            store.commit(a)
        }
        #expect(store.sees(b, "k") == "'one'")
        #expect(store.sees(c, "k") == "page")
        try store.clock.begin(c)
        try store.clock.begin(a)
        try store.replace(a, "k", before: "four")
        #expect(store.sees(b, "k") == "'one'")
        #expect(store.sees(c, "k") == "'four'")
    }

    @Test func deletedRecordIsSeenByOthers() throws {
        try store.clock.begin(b)
        try store.clock.begin(a)
        try store.change(a, "k", .flagDelete)
        #expect(store.sees(b, "k") == "undeleted")
        try store.replace(a, "other", before: "old")
        try store.change(a, "other", .flagDelete)
        #expect(store.sees(b, "other") == "'old'")
    }

    @Test func recordDeletedAndInsertedAgainHasItsOldData() throws {
        try store.clock.begin(b)
        try store.clock.begin(a)
        try store.change(a, "k", .flagDelete)
        store.commit(a)
        try store.clock.begin(a)
        try store.change(a, "k", .insert)
        try store.replace(a, "k", before: "old")
        #expect(store.sees(b, "k") == "'old'")
        #expect(store.sees(c, "k") == "nothing", "committed now: deleted")
    }

    @Test func locksAndDeltasHideNothing() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "r", .readLock)
        try store.change(a, "w", .writeLock)
        try store.change(a, "d", .delta(5, at: 4))
        for key in ["r", "w", "d"] { #expect(store.sees(b, key) == "page") }
    }

    @Test func nameIsTheSameHoweverTheKeyIsCut() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        for length in [1, 7, 8, 9, 16, 23, 40] {
            let key = String("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst".prefix(length))
            try withNode(key, data: "data") { node throws(JetError) in
                store.confirm(a, try store.modify(a, node, .insert))
            }
            for cut in 0...length {
                let visibility = withNode(key, data: "data", cut: cut) { store.visibility(of: $0, to: b) { _ in } }
                #expect(visibility == .invisible, "\(length) bytes cut at \(cut)")
            }
        }
    }

    @Test func treeDatabaseKeyAndDataTellNodesApart() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        try withNode("ab", data: "c") { node throws(JetError) in
            store.confirm(a, try store.modify(a, node, .insert))
        }
        func sees(_ node: NodeName) -> NodeVisibility { store.visibility(of: node, to: b) { _ in } }
        #expect(withNode("ab", data: "c", sees) == .invisible)
        #expect(withNode("ab", tree: 11, data: "c", sees) == .unversioned)
        #expect(withNode("ab", data: "c", database: 2, sees) == .unversioned)
        #expect(withNode("a", data: "bc", sees) == .unversioned)
        #expect(withNode("abc", sees) == .unversioned)
        #expect(withNode("ab", data: "d", sees) == .unversioned)
    }

    @Test func beforeImageIsCopiedAsFarAsItFits() throws {
        try store.clock.begin(b)
        try store.clock.begin(a)
        try store.replace(a, "k", before: "0123456789")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
        defer { buffer.deallocate() }
        let (visibility, byteCount) = withNode("k") { store.visibility(of: $0, to: b, copyingTo: buffer) }
        #expect(visibility == .beforeImage && byteCount == 10)
        #expect(text(UnsafeRawBufferPointer(buffer)) == "0123")
    }

    @Test func preInsertHidesNothingAndCancelsWithoutTrace() throws {
        try store.clock.begin(a)
        try store.clock.begin(b)
        let revision = try withNode("k") { node throws(JetError) in try store.modify(a, node, .insert) }
        #expect(revision.operation == .preInsert)
        #expect(store.sees(b, "k") == "page")
        #expect(jetError { () throws(JetError) in try store.change(b, "k", .insert) } == .writeConflict)
        store.cancel(revision)
        #expect(!a.hasRevisions)
        #expect(store.sees(b, "k") == "unversioned")
        try store.change(b, "k", .insert)
        #expect(store.brokenLink() == nil)
    }

    // MARK: - Escrow

    @Test func othersDeltasAreCompensated() throws {
        func value(_ transaction: TransactionState, onPage: Int64) -> Int64 {
            withNode("k") { store.adjustedValue(onPage, of: $0, at: 8, to: transaction) }
        }
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "k", .delta(5, at: 8))
        try store.change(b, "k", .delta(3, at: 8))
        try store.change(b, "k", .delta(100, at: 12))
        // The page has 10 + 5 + 3.
        #expect(value(a, onPage: 18) == 15)
        #expect(value(b, onPage: 18) == 13)
        #expect(value(c, onPage: 18) == 10)
        store.commit(a)
        #expect(value(b, onPage: 18) == 13)
        #expect(value(c, onPage: 18) == 15)
    }

    @Test func compensationBeginsAtTheBeforeImageItGoesWith() throws {
        try store.clock.begin(c)
        try store.clock.begin(a)
        try store.change(a, "k", .delta64(5, at: 8))
        store.commit(a)
        try store.clock.begin(a)
        try store.replace(a, "k", before: "15")
        store.commit(a)
        try store.clock.begin(a)
        try store.change(a, "k", .delta64(7, at: 8))
        #expect(store.sees(c, "k") == "'15'")
        #expect(withNode("k") { store.compensation(of: $0, at: 8, to: c) } == -5)
    }

    @Test func ownDeltasOfPendingUpdatesAreCompensated() throws {
        try store.clock.begin(a)
        let update = a.makeUpdateNumber()
        try store.change(a, "k", .delta(5, at: 8).of(update: update))
        try store.change(a, "k", .delta(3, at: 8))
        #expect(withNode("k") { store.compensation(of: $0, at: 8, to: a) } == 0)
        let pending = withNode("k") { node in
            store.compensation(of: node, at: 8, to: a) { $0 == update }
        }
        #expect(pending == -5)
    }

    @Test func activeDeltasOfOthersAreKnown() throws {
        func has(_ transaction: TransactionState) -> Bool {
            withNode("k") { store.hasActiveDelta($0, at: 0, notOf: transaction) }
        }
        try store.clock.begin(a)
        try store.clock.begin(b)
        try store.change(a, "k", .delta(0, at: 0))
        #expect(!has(b))
        try store.change(a, "k", .delta(-1, at: 0, isDeferredDelete: true))
        #expect(has(b) && !has(a))
    }
}
