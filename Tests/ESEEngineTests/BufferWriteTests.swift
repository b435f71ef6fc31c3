// The buffer manager writes pages: what is changed, when the log is durable, in few calls, without losing a change.

import ESEFormat
import PlatformIO
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct BufferWriteTests {
    @Test(arguments: [PageSize.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32])
    func neighboursAreWrittenTogether(_ size: PageSize) throws {
        let rig = try BufferRig(pages: 200, frames: 220, size: size)
        for page: UInt32 in (1...150).reversed() where page != 77 { try rig.write(UInt64(page), to: page, at: page) }
        try rig.write(190, to: 190, at: 190)
        try rig.manager.flush(rig.database)
        for page: UInt32 in 1...150 where page != 77 { #expect(rig.stored(page) == UInt64(page)) }
        #expect(rig.stored(77) == 77 << 32)
        let run = 262_144 / size.byteCount
        let counts = rig.file.writes.map { $0.byteCount / size.byteCount }
        #expect(counts.allSatisfy { $0 <= run })
        #expect(counts.reduce(0, +) == 150)
        // A run may be cut where the memory for copies is full.
        let least = (76 + run - 1) / run + (73 + run - 1) / run + 1
        #expect(counts.count == least || counts.count == least + 1)
        #expect(rig.file.writes.map(\.offset) == rig.file.writes.map(\.offset).sorted())
        #expect(rig.manager.statistics.changedPageCount == 0)
        // Nothing is written twice.
        try rig.manager.flush(rig.database)
        #expect(rig.file.writes.count == counts.count)
    }

    @Test func gateIsAskedBeforeWithTheLastChange() throws {
        let rig = try BufferRig(frames: 16)
        let file = rig.file
        let seen = Seen()
        rig.gate.doing { _, _ in
            seen.writesAtCall.withLock { $0.append(file.writes.count) }
            return nil
        }
        try rig.write(1, to: 4, at: 40)
        try rig.write(1, to: 3, at: 30)
        try rig.write(2, to: 3, at: 50)
        try rig.write(1, to: 9, at: 20)
        try rig.manager.flush(rig.database)
        // It is asked once for all, with the latest; pages 3 and 4 go together.
        #expect(rig.gate.calls.map(\.page) == [PageNumber(3)])
        #expect(rig.gate.calls.map(\.lastChange) == [.at(51)])
        #expect(seen.writesAtCall.withLock { $0 } == [0])
        #expect(file.writes.count == 2)
    }

    private final class Seen: Sendable {
        let writesAtCall = Locked<[Int]>([])
        let count = Atomic(0)
    }

    @Test func nothingIsWrittenWhenTheGateSaysNo() throws {
        let rig = try BufferRig(frames: 4)
        rig.gate.doing { _, _ in .instanceUnavailable }
        for page: UInt32 in 1...4 { try rig.write(5, to: page, at: page) }
        #expect(throws: JetError.instanceUnavailable) { try rig.manager.flush(rig.database) }
        #expect(throws: JetError.instanceUnavailable) { try rig.manager.writeSome(targetPages: 4) }
        // Nor to get a frame.
        #expect(throws: JetError.instanceUnavailable) { try rig.read(9) }
        #expect(rig.file.writes.isEmpty)
        #expect(rig.manager.oldestChange(rig.database) == .at(1))
        #expect(try rig.read(3) == 5)
        rig.gate.doing(nil)
        #expect(try rig.read(9) == 9 << 32)
        try rig.manager.flush(rig.database)
        for page: UInt32 in 1...4 { #expect(rig.stored(page) == 5) }
    }

    @Test func failedWriteLeavesThePageChanged() throws {
        let rig = try BufferRig(frames: 16)
        rig.file.failing { isWrite, offset in isWrite && offset == 4_096 * 6 ? StorageError(.full, "full") : nil }
        for page: UInt32 in [3, 5, 7] { try rig.write(1, to: page, at: page * 10) }
        #expect(throws: JetError.diskFull) { try rig.manager.flush(rig.database) }
        // The others were written.
        #expect(rig.stored(3) == 1)
        #expect(rig.stored(5) == 5 << 32)
        #expect(rig.stored(7) == 1)
        #expect(rig.manager.oldestChange(rig.database) == .at(50))
        #expect(rig.manager.statistics.changedPageCount == 1)
        #expect(rig.manager.statistics.failedWriteCount == 1)
        #expect(rig.reporter.lines.map(\.level) == [.error])
        try rig.write(2, to: 5, at: 100)
        #expect(rig.manager.oldestChange(rig.database) == .at(50))
        rig.file.failing(nil)
        try rig.manager.flush(rig.database)
        #expect(rig.stored(5) == 2)
        #expect(rig.manager.oldestChange(rig.database) == nil)
    }

    @Test func flushWritesWhatChangedBeforeThePosition() throws {
        let rig = try BufferRig(frames: 16)
        for page: UInt32 in 1...6 { try rig.write(1, to: page, at: page * 10) }
        try rig.write(2, to: 2, at: 90)
        let page = try rig.latch(8, .exclusive)
        CounterPage.store(8, in: UnsafeMutableRawBufferPointer(start: page.bytes, count: 4_096))
        rig.manager.changed(page, from: .none, to: .none)
        rig.manager.unlatch(page)
        try rig.manager.flush(rig.database, upTo: .at(40))
        #expect((1...6).map { rig.stored($0) } == [1, 2, 1, 4 << 32, 5 << 32, 6 << 32])
        #expect(rig.manager.oldestChange(rig.database) == .at(40))
        #expect(rig.stored(8) == 8 << 32)
        try rig.manager.flush(rig.database)
        #expect(rig.stored(8) == 8)
        #expect(rig.gate.calls.last?.lastChange == .at(61))
        // Alone it needs nothing of the log.
        let again = try rig.latch(8, .exclusive)
        rig.manager.changed(again, from: .none, to: .none)
        rig.manager.unlatch(again)
        try rig.manager.flush(rig.database)
        #expect(rig.gate.calls.last?.lastChange == LogPosition.none)
    }

    @Test func changeDuringAWriteIsNotLost() throws {
        let rig = try BufferRig(frames: 16)
        try rig.write(1, to: 3, at: 10)
        rig.gate.doing { _, lastChange in
            guard lastChange == .at(11) else { return nil }
            // The write is under way; both changes count.
            try? rig.write(2, to: 3, at: 20)
            #expect(rig.manager.oldestChange(rig.database) == .at(10))
            return nil
        }
        try rig.manager.flush(rig.database)
        #expect(rig.stored(3) == 1)
        #expect(rig.manager.oldestChange(rig.database) == .at(20))
        #expect(try rig.manager.makeDurable(rig.database) == .at(20))
        #expect(rig.file.syncCount == 1)
        try rig.manager.flush(rig.database)
        #expect(rig.stored(3) == 2)
        #expect(try rig.manager.makeDurable(rig.database) == nil)
    }

    @Test func pageBeingWrittenIsNeitherEvictedNorWrittenTwice() throws {
        let rig = try BufferRig(frames: 4)
        try rig.write(1, to: 3, at: 10)
        rig.gate.doing { _, lastChange in
            guard lastChange == .at(11) else { return nil }
            for page: UInt32 in 10..<30 { _ = try? rig.read(page) }
            #expect(rig.isCached(3))
            try? rig.write(2, to: 3, at: 20)
            #expect((try? rig.manager.writeSome(targetPages: 10)) == 0)
            return nil
        }
        try rig.manager.flush(rig.database)
        #expect(rig.stored(3) == 1)
        for page: UInt32 in 10..<30 { try rig.read(page) }
        #expect(!rig.isCached(3))
        #expect(rig.stored(3) == 2)
        #expect(try rig.read(3) == 2)
    }

    @Test func scanDoesNotTakeAPageThatIsBeingWritten() throws {
        let rig = try BufferRig(frames: 4)
        try rig.read(3, hint: .scan)
        try rig.read(4, hint: .scan)
        try rig.write(1, to: 3, at: 10)
        for page: UInt32 in 5...6 { try rig.read(page) }
        rig.gate.doing { _, _ in
            // The page looks unchanged, but the file does not have it yet.
            for page: UInt32 in 10..<30 { _ = try? rig.read(page, hint: .scan) }
            #expect(rig.isCached(3))
            return nil
        }
        try rig.manager.flush(rig.database)
        #expect(rig.stored(3) == 1)
        #expect(try rig.read(3) == 1)
    }

    @Test func announcedChangeHoldsTheCheckpoint() throws {
        let rig = try BufferRig()
        let page = try rig.latch(3, .exclusive)
        rig.manager.announceChange(page, from: .at(5))
        #expect(rig.manager.oldestChange(rig.database) == .at(5))
        rig.set(1, page, at: 7)
        #expect(rig.manager.oldestChange(rig.database) == .at(5))
        rig.manager.unlatch(page)
        try rig.manager.flush(rig.database)
        #expect(rig.gate.calls.map(\.lastChange) == [.at(8)])
    }

    @Test func writeSomeTakesColdPagesAndLeavesLatchedOnes() throws {
        let rig = try BufferRig(frames: 16)
        for page: UInt32 in 1...10 { try rig.write(1, to: page, at: page) }
        let latched = try rig.latch(1, .exclusive)
        #expect(try rig.manager.writeSome(targetPages: 4) == 4)
        #expect(rig.file.writes.count == 1)
        #expect(rig.stored(1) == 1 << 32)
        #expect(try rig.manager.writeSome(targetPages: 100) == 6)
        rig.manager.unlatch(latched)
        #expect(rig.manager.statistics.changedPageCount == 1)
        #expect(try rig.manager.writeSome(targetPages: 100) == 1)
        #expect(try rig.manager.writeSome(targetPages: 100) == 0)
        for page: UInt32 in 1...10 { #expect(rig.stored(page) == 1) }
    }

    @Test func flushWaitsForLatches() throws {
        let rig = try BufferRig(frames: 16)
        for page: UInt32 in 1...5 { try rig.write(1, to: page, at: page) }
        let latched = try rig.latch(3, .exclusive)
        let seen = Seen()
        let thread = try PlatformIO.Thread.start(name: "flush") {
            try? rig.manager.flush(rig.database)
            seen.count.store(1, ordering: .releasing)
        }
        while rig.stored(2) != 1 { SystemClock.sleep(.milliseconds(1)) }
        #expect(seen.count.load(ordering: .acquiring) == 0)
        rig.set(2, latched, at: 9)
        rig.manager.unlatch(latched)
        thread.join()
        #expect((1...5).map { rig.stored($0) } == [1, 1, 2, 1, 1])
    }
}
