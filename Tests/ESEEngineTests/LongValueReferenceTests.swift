// Long values that several records have, and several sessions change: copies, conflicts, snapshots, and when a value
// goes.

import ESEFormat
import Testing

@testable import ESEEngine

@Suite struct LongValueReferenceTests {
    private struct Sessions {
        let fixture: LongValueFixture
        let workers: [Worker]
        let id: LongValueID
        let bytes: [UInt8]
        var values: LongValues { fixture.values }

        /// A value of some chunks with one reference, and three sessions.
        init() throws {
            fixture = try LongValueFixture()
            let tree = fixture.fixture
            workers = (0..<3).map { _ in tree.makeWorker() }
            let bytes = LongValueBytes.noise(3 * fixture.values.chunkByteCount + 100, seed: 1)
            let (values, first) = (fixture.values, workers[0])
            id = try fixture.transaction(first) { try values.insert(bytes, first) }
            self.bytes = bytes
        }

        func begin(_ indexes: Int...) throws {
            for index in indexes { try workers[index].begin(fixture.fixture.versions) }
        }
        func commit(_ indexes: Int...) throws {
            for index in indexes { _ = try workers[index].commit(fixture.fixture.versions, fixture.fixture.log) }
        }
        func rollback(_ index: Int) throws { try fixture.rollback(workers[index]) }
        func clean() { fixture.fixture.clean() }
        func read(_ id: LongValueID, _ index: Int) throws -> [UInt8] { try values.bytes(of: id, workers[index]) }
        func count(_ index: Int) throws -> Int { try values.referenceCount(of: id, workers[index]) }
    }

    @Test func aValueWithTwoReferencesIsCopiedBeforeAChange() throws {
        let sessions = try Sessions()
        let (values, worker) = (sessions.values, sessions.workers[0])
        let chunk = values.chunkByteCount
        var expected = sessions.bytes
        for (index, operation) in [LongValueOperation.append, .overwrite, .overwriteAndResize, .resize].enumerated() {
            try sessions.begin(0)
            try values.addReference(sessions.id, worker)
            #expect(try sessions.count(0) == 2)
            let copy: LongValueID
            expected = sessions.bytes
            switch operation {
            case .append:
                copy = try values.edit(sessions.id, .append, [1, 2], worker)
                expected += [1, 2]
            case .overwrite:
                copy = try values.edit(sessions.id, .overwrite, [1, 2], offset: chunk - 1, worker)
                expected.replaceSubrange((chunk - 1)..<(chunk + 1), with: [1, 2])
            case .overwriteAndResize:
                copy = try values.edit(sessions.id, .overwriteAndResize, [1, 2], offset: chunk + 9, worker)
                expected = Array(expected[..<(chunk + 9)]) + [1, 2]
            default:
                copy = try values.resize(sessions.id, to: 2 * chunk + 1, worker)
                expected = Array(expected[..<(2 * chunk + 1)])
            }
            #expect(copy == LongValueID(UInt32(2 + index)))
            #expect(try sessions.count(0) == 1)
            #expect(try values.referenceCount(of: copy, worker) == 1)
            #expect(try sessions.read(copy, 0) == expected)
            #expect(try sessions.read(sessions.id, 0) == sessions.bytes)
            // With one reference it is changed in place.
            #expect(try values.edit(copy, .append, [3], worker) == copy)
            try values.release(copy, worker)
            try sessions.commit(0)
        }
        sessions.clean()
        let stored = try sessions.fixture.stored()
        #expect(stored.count == 1 && stored[sessions.id]?.bytes == sessions.bytes && stored[sessions.id]?.count == 1)
    }

    @Test func aReleasedValueStaysForOlderSnapshotsAndThenGoes() throws {
        let sessions = try Sessions()
        let values = sessions.values
        try sessions.begin(0, 1)
        #expect(try sessions.count(1) == 1)
        try values.release(sessions.id, sessions.workers[0])
        #expect(try sessions.count(0) == 0)
        #expect(try sessions.count(1) == 1)
        #expect(throws: JetError.writeConflict) { try values.addReference(sessions.id, sessions.workers[0]) }
        #expect(throws: JetError.writeConflict) { try values.edit(sessions.id, .append, [1], sessions.workers[0]) }
        #expect(throws: JetError.writeConflict) { try values.release(sessions.id, sessions.workers[0]) }
        // Another's release of the same reference can't be.
        #expect(throws: JetError.writeConflict) { try values.release(sessions.id, sessions.workers[1]) }
        try sessions.commit(0)
        sessions.clean()
        #expect(try sessions.read(sessions.id, 1) == sessions.bytes)
        try sessions.begin(2)
        #expect(throws: JetError.writeConflict) { try values.addReference(sessions.id, sessions.workers[2]) }
        try sessions.commit(2)
        try sessions.commit(1)
        sessions.clean()
        #expect(try sessions.fixture.nodes().isEmpty)
        #expect(sessions.fixture.fixture.versions.laterCount == 0)
        try sessions.begin(0)
        #expect(throws: JetError.lvCorrupted) { try values.addReference(sessions.id, sessions.workers[0]) }
        try sessions.commit(0)
        try sessions.fixture.fixture.checkSpace(of: sessions.fixture.fixture.root, children: [values.tree])
    }

    @Test func aReferenceThatAnOlderSnapshotAddsKeepsTheValue() throws {
        let sessions = try Sessions()
        let values = sessions.values
        try sessions.begin(0, 1)
        try values.release(sessions.id, sessions.workers[0])
        try sessions.commit(0)
        try values.addReference(sessions.id, sessions.workers[1])
        #expect(try sessions.count(1) == 2)
        sessions.clean()
        try sessions.commit(1)
        sessions.clean()
        try sessions.begin(2)
        #expect(try sessions.count(2) == 1)
        #expect(try sessions.read(sessions.id, 2) == sessions.bytes)
        try sessions.commit(2)
    }

    @Test func aRollbackOfTheOtherReferenceLetsTheValueGo() throws {
        for releasesFirst in [true, false] {
            let sessions = try Sessions()
            let values = sessions.values
            try sessions.begin(0, 1)
            if releasesFirst { try values.release(sessions.id, sessions.workers[0]) }
            try values.addReference(sessions.id, sessions.workers[1])
            if !releasesFirst { try values.release(sessions.id, sessions.workers[0]) }
            try sessions.commit(0)
            sessions.clean()
            try sessions.rollback(1)
            sessions.clean()
            #expect(try sessions.fixture.nodes().isEmpty, "releases first: \(releasesFirst)")
        }
    }

    @Test func theLastOfSeveralReleasesDecidesWhateverIsRolledBack() throws {
        let sessions = try Sessions()
        let (values, workers) = (sessions.values, sessions.workers)
        try sessions.fixture.transaction(workers[0]) { try values.addReference(sessions.id, workers[0]) }
        // Both release, one takes it back.
        for index in [0, 1] {
            try sessions.begin(0, 1)
            try values.release(sessions.id, workers[0])
            try values.release(sessions.id, workers[1])
            try sessions.commit(1 - index)
            try sessions.rollback(index)
            sessions.clean()
            try sessions.begin(2)
            #expect(try sessions.count(2) == 1)
            #expect(try sessions.read(sessions.id, 2) == sessions.bytes)
            try values.addReference(sessions.id, workers[2])
            try sessions.commit(2)
        }
        try sessions.begin(0, 1)
        try values.release(sessions.id, workers[0])
        try values.release(sessions.id, workers[1])
        try sessions.commit(0, 1)
        sessions.clean()
        #expect(try sessions.fixture.nodes().isEmpty)
    }

    @Test func twoWhoChangeOneValueConflict() throws {
        let sessions = try Sessions()
        let (values, workers) = (sessions.values, sessions.workers)
        try sessions.begin(0, 1)
        #expect(try values.edit(sessions.id, .overwrite, [1], offset: 5, workers[0]) == sessions.id)
        #expect(throws: JetError.writeConflict) { try values.edit(sessions.id, .append, [1], workers[1]) }
        #expect(throws: JetError.writeConflict) {
            try values.edit(sessions.id, .overwrite, [1], offset: 9_000, workers[1])
        }
        #expect(throws: JetError.writeConflict) { try values.addReference(sessions.id, workers[1]) }
        #expect(throws: JetError.writeConflict) { try values.release(sessions.id, workers[1]) }
        #expect(try sessions.read(sessions.id, 1) == sessions.bytes)
        try sessions.commit(0)
        #expect(try sessions.read(sessions.id, 1) == sessions.bytes)
        #expect(throws: JetError.writeConflict) { try values.edit(sessions.id, .append, [1], workers[1]) }
        try sessions.rollback(1)
        try sessions.begin(1)
        var expected = sessions.bytes
        expected[5] = 1
        #expect(try sessions.read(sessions.id, 1) == expected)
        #expect(try values.resize(sessions.id, to: 10, workers[1]) == sessions.id)
        try sessions.begin(2)
        #expect(try sessions.read(sessions.id, 2) == expected)
        try sessions.commit(1)
        #expect(try sessions.read(sessions.id, 2) == expected)
        try sessions.commit(2)
        sessions.clean()
        #expect(try sessions.fixture.nodes().count == 2)
    }

    @Test func aValueToWhichSomebodyAddsAReferenceUnseenIsCopied() throws {
        for commitsBefore in [true, false] {
            let sessions = try Sessions()
            let (values, workers) = (sessions.values, sessions.workers)
            try sessions.begin(0, 1)
            try values.addReference(sessions.id, workers[1])
            if commitsBefore { try sessions.commit(1) }
            #expect(try sessions.count(0) == 1)
            let copy = try values.edit(sessions.id, .append, [9], workers[0])
            #expect(copy != sessions.id)
            try sessions.commit(0)
            if !commitsBefore { try sessions.commit(1) }
            sessions.clean()
            let stored = try sessions.fixture.stored()
            #expect(stored[sessions.id]?.count == 1 && stored[sessions.id]?.bytes == sessions.bytes)
            #expect(stored[copy]?.count == 1 && stored[copy]?.bytes == sessions.bytes + [9])
        }
    }

    @Test func whatAStopLeftWithoutReferencesIsFound() throws {
        let sessions = try Sessions()
        let (values, workers) = (sessions.values, sessions.workers)
        let system = sessions.fixture.fixture.system
        let other = try sessions.fixture.transaction(workers[0]) { try values.insert([1, 2, 3], workers[0]) }
        // As the pages are after a restart: a count of zero and no versions.
        let cursor = TreeCursor(values.tree, workers[0])
        try workers[0].begin(sessions.fixture.fixture.versions)
        #expect(try cursor.seek(sessions.id.keyBytes, .equal))
        try cursor.replace(LongValueRoot(referenceCount: 0, byteCount: UInt32(sessions.bytes.count)).bytes)
        cursor.reset()
        #expect(try values.removeUnreferenced(system) == 0)
        try sessions.commit(0)
        sessions.clean()
        #expect(try values.removeUnreferenced(system) == 1)
        #expect(try values.removeUnreferenced(system) == 0)
        #expect(try sessions.fixture.stored().keys.sorted() == [other])
    }

    @Test func updatesAreRolledBackAlone() throws {
        let sessions = try Sessions()
        let (values, worker) = (sessions.values, sessions.workers[0])
        let fixture = sessions.fixture.fixture
        try sessions.begin(0)
        #expect(try values.edit(sessions.id, .append, [1], worker) == sessions.id)
        let bytes: [UInt8] = [7, 8, 9]
        let update = worker.transaction.makeUpdateNumber()
        let id = try bytes.lend { (bytes) throws(JetError) in
            try values.insert(bytes.buffer, isCompressed: false, update: update, worker)
        }
        try values.release(sessions.id, update: update, worker)
        try fixture.versions.rollback(worker.transaction, update: update) { (revision) throws(JetError) in
            if revision.operation.isUndoneOnPage { try values.tree.undo(revision, worker) }
        }
        #expect(throws: JetError.lvCorrupted) { try values.byteCount(of: id, worker) }
        #expect(try sessions.count(0) == 1)
        #expect(try sessions.read(sessions.id, 0) == sessions.bytes + [1])
        try sessions.commit(0)
        sessions.clean()
        #expect(try sessions.fixture.stored().keys.sorted() == [sessions.id])
    }
}
