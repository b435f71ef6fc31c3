// Numbers of transactions: map 12.1.

import ESEEngine
import Testing

@Suite struct VersionClockTests {
    @Test func eachTransactionIsFourLater() throws {
        let clock = TransactionClock(newest: TransactionNumber(100))
        let (a, b) = (clock.make(session: 1), clock.make(session: 2))
        try clock.begin(a)
        try clock.begin(b)
        #expect(a.begin == TransactionNumber(104))
        #expect(b.begin == TransactionNumber(108))
        #expect(clock.newest == TransactionNumber(108))
    }

    @Test func readOnlyOneIsTwoLaterAndUsesNothingUp() throws {
        let clock = TransactionClock(newest: TransactionNumber(100))
        let (a, b) = (clock.make(session: 1), clock.make(session: 2))
        try clock.begin(a, readOnly: true)
        #expect(a.isReadOnly && a.begin == TransactionNumber(102))
        #expect(clock.newest == TransactionNumber(100))
        try clock.begin(b)
        #expect(!b.isReadOnly && b.begin == TransactionNumber(104))
    }

    @Test func nestedLevelsShareTheNumberAndEndAtSeven() throws {
        let store = VersionStore(clock: TransactionClock())
        let a = store.clock.make(session: 1)
        for level in 1...7 {
            try store.clock.begin(a)
            #expect(a.level == level && a.begin == TransactionNumber(4))
        }
        #expect(jetError { () throws(JetError) in try store.clock.begin(a) } == JetError(rawValue: -1103))
        for level in (0..<7).reversed() {
            store.commit(a)
            #expect(a.level == level)
        }
    }

    @Test func oldestIsTheSmallestBeginOfOpenOnesOfAnyKind() throws {
        let store = VersionStore(clock: TransactionClock(newest: TransactionNumber(100)))
        let clock = store.clock
        let (a, b, c) = (clock.make(session: 1), clock.make(session: 2), clock.make(session: 3))
        #expect(clock.oldest == TransactionNumber(101))
        try clock.begin(a, readOnly: true)
        try clock.begin(b)
        try clock.begin(c)
        #expect(clock.openCount == 3)
        #expect(clock.oldest == a.begin)
        store.commit(b)
        #expect(clock.oldest == a.begin)
        store.commit(a)
        #expect(clock.oldest == c.begin)
        store.commit(c)
        #expect(clock.oldest == TransactionNumber(109))
        #expect(clock.openCount == 0)
    }

    @Test func commitWithoutRevisionsTakesNoNumber() throws {
        let store = VersionStore(clock: TransactionClock())
        let a = store.clock.make(session: 1)
        try store.clock.begin(a)
        #expect(store.commit(a) == nil)
        #expect(store.clock.newest == TransactionNumber(4))
        try store.clock.begin(a)
        try store.change(a, "k", .writeLock)
        #expect(store.clock.approximateCommit == TransactionNumber(12))
        #expect(store.commit(a) == TransactionNumber(12))
    }

    @Test func recoveryBeginsWithTheLogsNumbersInAnyOrder() throws {
        let store = VersionStore(clock: TransactionClock())
        let (a, b) = (store.clock.make(session: 1), store.clock.make(session: 2))
        store.clock.begin(a, at: TransactionNumber(400))
        store.clock.begin(b, at: TransactionNumber(300))
        #expect(store.clock.oldest == TransactionNumber(300))
        #expect(store.clock.newest == TransactionNumber(400))
        try store.change(a, "k", .writeLock)
        #expect(store.commit(a, at: TransactionNumber(500)) == TransactionNumber(500))
        #expect(store.clock.newest == TransactionNumber(500))
    }

    @Test func loggedNumbersAreFoundAgainBeyondThirtyTwoBits() {
        let newest = TransactionNumber(0x3_0000_0010)
        #expect(TransactionNumber(logged: 0x14, near: newest) == TransactionNumber(0x3_0000_0014))
        #expect(TransactionNumber(logged: 0xffff_fff0, near: newest) == TransactionNumber(0x2_ffff_fff0))
        #expect(TransactionNumber(logged: 0xffff_fff0, near: TransactionNumber(4)) == TransactionNumber(0xffff_fff0))
        #expect(TransactionNumber(0x3_0000_0014).logged == 0x14)
    }

    @Test func slotsAreUsedAgainWithTheNewSession() throws {
        let clock = TransactionClock()
        let a = clock.make(session: 1)
        clock.release(a)
        let b = clock.make(session: 7)
        #expect(a == b && b.session == 7 && b.level == 0 && !b.hasRevisions)
        #expect(b.makeUpdateNumber() != b.makeUpdateNumber())
    }
}
