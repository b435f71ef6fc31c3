// Commit, rollback to a level or of an update, undo information, recovery: map 11.8, 11.9, 12.5.

import ESEEngine
import ESEFormat
import Testing

@Suite struct VersionTransactionTests {
    let store = VersionStore(clock: TransactionClock())
    let a, b: TransactionState

    init() {
        a = store.clock.make(session: 1)
        b = store.clock.make(session: 2)
    }

    /// Rolls back one level; the keys whose revisions were handed out, in that order.
    private func rolledBack(_ transaction: TransactionState) throws -> [String] {
        var keys: [String] = []
        try store.rollback(transaction) { (revision) throws(JetError) in keys.append(text(revision.key)) }
        return keys
    }

    @Test func rollbackGoesFromTheNewestOfItsLevelOnly() throws {
        try store.clock.begin(a)
        try store.change(a, "1", .insert)
        try store.clock.begin(a)
        try store.change(a, "2", .insert)
        try store.change(a, "3", .insert)
        #expect(try rolledBack(a) == ["3", "2"])
        #expect(a.level == 1 && store.sees(b, "1") == "nothing" && store.sees(b, "2") == "unversioned")
        try store.change(a, "4", .insert)
        #expect(try rolledBack(a) == ["4", "1"])
        #expect(a.level == 0 && !a.hasRevisions && store.clock.openCount == 0)
        #expect(store.brokenLink() == nil)
    }

    @Test func committedLevelIsRolledBackWithTheOneAbove() throws {
        try store.clock.begin(a)
        try store.clock.begin(a)
        try store.change(a, "2", .insert)
        store.commit(a)
        try store.change(a, "1", .insert)
        #expect(a.newestRevision?.level == 1)
        #expect(try rolledBack(a) == ["1", "2"])
    }

    @Test func allLevelsAtOnce() throws {
        for level in 1...7 {
            try store.clock.begin(a)
            try store.change(a, "\(level)", .insert)
        }
        var keys = ""
        try store.rollbackAll(a) { (revision) throws(JetError) in keys += text(revision.key) }
        #expect(keys == "7654321" && a.level == 0)
    }

    @Test func failedUndoMayBeRepeated() throws {
        try store.clock.begin(a)
        try store.change(a, "1", .insert)
        try store.change(a, "2", .insert)
        var keys = ""
        let error = jetError { () throws(JetError) in
            try store.rollback(a) { (revision) throws(JetError) in
                if text(revision.key) == "1" { throw .diskIO }
                keys += text(revision.key)
            }
        }
        #expect(error == .diskIO && keys == "2" && a.level == 1)
        #expect(try rolledBack(a) == ["1"])
    }

    @Test func undoMayTakeTheRevisionAwayItself() throws {
        try store.clock.begin(a)
        for key in ["1", "2", "3"] { try store.change(a, key, .insert) }
        var keys = ""
        try store.rollback(a) { (revision) throws(JetError) in
            keys += text(revision.key)
            let key = text(revision.key)
            store.removeUndone(a, revision)
            #expect(store.sees(b, key) == "unversioned")
        }
        #expect(keys == "321" && store.brokenLink() == nil)
    }

    @Test func oneUpdateIsRolledBackFromAmongOthers() throws {
        try store.clock.begin(a)
        let (one, two) = (a.makeUpdateNumber(), a.makeUpdateNumber())
        try store.change(a, "1", .insert.of(update: one))
        try store.change(a, "2", .insert.of(update: two))
        try store.clock.begin(a)
        try store.change(a, "3", .insert.of(update: one))
        try store.change(a, "4", .insert)
        var keys = ""
        try store.rollback(a, update: one) { (revision) throws(JetError) in keys += text(revision.key) }
        #expect(keys == "31" && a.level == 2)
        #expect(try rolledBack(a) == ["4"])
        #expect(try rolledBack(a) == ["2"])
    }

    @Test func revisionTellsWhatUndoNeeds() throws {
        try store.clock.begin(a)
        let replaced = try store.replace(a, "key", before: "before")
        #expect(replaced.operation == .replace && text(replaced.payload) == "before" && text(replaced.key) == "key")
        #expect(replaced.tree == PageNumber(10) && replaced.database == 1 && replaced.session == 1)
        #expect(replaced.begin == a.begin && replaced.commit == .open && replaced.level == 1)
        let delta = try store.change(a, "n", .delta(-3, at: 8, isDeferredDelete: true))
        #expect(delta.delta == -3 && delta.offset == 8 && delta.isDeferredDelete && delta.id == replaced.id + 1)
        let wide = try store.change(a, "w", .delta64(.min, at: 0))
        #expect(wide.operation == .delta64 && wide.delta == .min)
        let names = [UInt8](1...9)
        let note = try names.withUnsafeBytes { bytes in
            try store.note(a, .createTable, database: 1, tree: PageNumber(77), payload: bytes)
        }
        #expect(Array(note.payload) == names && note.tree == PageNumber(77) && note.key.isEmpty)
        var operations: [RevisionOperation] = []
        try store.rollback(a) { (revision) throws(JetError) in operations.append(revision.operation) }
        #expect(operations == [.createTable, .delta64, .delta, .replace])
    }

    @Test func temporaryTablesLeaveNothingAtCommit() throws {
        var options = VersionStore.Options()
        options.temporaryDatabase = 0
        let store = VersionStore(clock: TransactionClock(), options: options)
        let a = store.clock.make(session: 1)
        let reader = store.clock.make(session: 2)
        try store.clock.begin(reader)
        try store.clock.begin(a)
        try withNode("k", database: 0) { node throws(JetError) in
            store.confirm(a, try store.modify(a, node, .insert))
        }
        try store.change(a, "k", .insert)
        store.commit(a)
        #expect(withNode("k", database: 0) { store.visibility(of: $0, to: reader) { _ in } } == .unversioned)
        #expect(store.sees(reader, "k") == "nothing")
        #expect(store.brokenLink() == nil)
    }

    @Test func replacementsKeepRoomForTheirRollback() throws {
        func reserved(_ transaction: TransactionState? = nil) -> Int {
            withNode("k") { store.reservedByteCount($0, of: transaction) }
        }
        try store.clock.begin(a)
        let first = try store.replace(a, "k", before: String(repeating: "x", count: 100))
        #expect(first.greatestDataByteCount == 100)
        #expect(store.setDataByteCount(first, from: 100, to: 60) == 40)
        #expect(reserved() == 40 && reserved(a) == 40 && reserved(b) == 0)
        let second = try store.replace(a, "k", before: String(repeating: "y", count: 60))
        #expect(second.greatestDataByteCount == 100)
        #expect(store.setDataByteCount(second, from: 60, to: 80) == -20)
        #expect(reserved() == 20 && second.reservedByteCount == -20)
        // Longer than ever: all that was kept is used.
        let third = try store.replace(a, "k", before: String(repeating: "z", count: 80))
        #expect(store.setDataByteCount(third, from: 80, to: 130) == -20)
        #expect(reserved() == 0 && third.greatestDataByteCount == 130)
        store.commit(a)
        #expect(reserved() == 0)
    }

    // MARK: - Undo information

    private func logged(_ page: UInt32, limit: Int = .max) -> (keys: String, isComplete: Bool) {
        var keys = ""
        let isComplete = store.logUndo(database: 1, page: PageNumber(page)) { revision in
            if keys.utf8.count >= limit { return false }
            keys += text(revision.key)
            return true
        }
        return (String(keys.sorted()), isComplete)
    }

    @Test func pageWaitsForReplacedAndDeletedOnesOnly() throws {
        try store.clock.begin(a)
        try store.change(a, "i", .insert, page: 50)
        try store.change(a, "d", .flagDelete, page: 50)
        try store.change(a, "e", .delta(1, at: 0), page: 50)
        let replaced = try store.replace(a, "r", before: "x", page: 50)
        try store.replace(a, "s", before: "x", page: 51)
        try store.replace(a, "t", before: "x")
        #expect(store.needsUndo(database: 1, page: PageNumber(50)))
        #expect(!store.needsUndo(database: 2, page: PageNumber(50)))
        let first = logged(50, limit: 1)
        #expect(first.keys.count == 1 && !first.isComplete)
        let second = logged(50)
        #expect((first.keys + second.keys).sorted() == ["d", "r"] && second.isComplete)
        #expect(replaced.undoIsLogged && !store.needsUndo(database: 1, page: PageNumber(50)))
        #expect(logged(51).keys == "s")
    }

    @Test func endOfATransactionTakesItsUndoInformationAway() throws {
        try store.clock.begin(a)
        try store.replace(a, "1", before: "x", page: 50)
        try store.clock.begin(a)
        try store.replace(a, "2", before: "x", page: 50)
        try store.rollback(a) { (_) throws(JetError) in }
        #expect(store.needsUndo(database: 1, page: PageNumber(50)))
        store.commit(a)
        #expect(!store.needsUndo(database: 1, page: PageNumber(50)))
    }

    // MARK: - Recovery

    @Test func redoPutsRevisionsInTheOrderOfTheirNumbersAndKnowsThem() throws {
        store.clock.begin(a, at: TransactionNumber(40))
        func redo(_ id: UInt32, _ before: String, level: Int = 1) throws -> Bool {
            let bytes = Array(before.utf8)
            return try bytes.withUnsafeBytes { bytes in
                try withNode("k") { node throws(JetError) in
                    guard let revision = try store.redo(a, node, .replace(bytes), id: id, level: level) else {
                        return false
                    }
                    store.confirm(a, revision)
                    return true
                }
            }
        }
        #expect(try redo(20, "second"))
        #expect(try redo(10, "first"))
        #expect(try redo(30, "third", level: 2))
        #expect(try !redo(20, "again"))
        #expect(store.sees(b, "k") == "'first'")
        #expect(store.brokenLink() == nil)
        try store.clock.begin(a)
        var images: [String] = []
        try store.rollbackAll(a) { (revision) throws(JetError) in images.append(text(revision.payload)) }
        #expect(images == ["third", "second", "first"])
        try store.clock.begin(b)
        #expect(try store.change(b, "k", .insert).id == 31)
    }

    @Test func redoAsksForNoConflicts() throws {
        store.clock.begin(a, at: TransactionNumber(40))
        store.clock.begin(b, at: TransactionNumber(44))
        for (transaction, id) in [(a, 1), (b, 2)] as [(TransactionState, UInt32)] {
            let revision = try withNode("k") { node throws(JetError) in
                try store.redo(transaction, node, .flagDelete, id: id, level: 1)
            }
            store.confirm(transaction, try #require(revision))
        }
        store.commit(a, at: TransactionNumber(48))
        #expect(store.brokenLink() == nil)
    }
}
