// Which pages make room in the buffer manager, and what happens when none can.

import ESEFormat
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct BufferReplacementTests {
    @Test func poolIsNeverGreaterThanItsLimit() throws {
        let rig = try BufferRig(pages: 100, frames: 8)
        for round in 0..<3 {
            for page: UInt32 in 1...100 {
                #expect(try rig.read(page) == UInt64(page) << 32 + (round > 0 && page % 3 == 0 ? UInt64(round) : 0))
                if page % 3 == 0 { try rig.write(UInt64(page) << 32 + UInt64(round) + 1, to: page, at: page) }
            }
        }
        #expect(rig.manager.statistics.frameCount == 8)
        #expect(rig.manager.statistics.byteCount == 8 * 4_096)
        try rig.manager.flush(rig.database)
        for page: UInt32 in 1...100 { #expect(rig.stored(page) == UInt64(page) << 32 + (page % 3 == 0 ? 3 : 0)) }
    }

    @Test func latchedPagesStay() throws {
        let rig = try BufferRig(frames: 4)
        let held = try [1, 2, 3].map { try rig.latch($0, .shared) }
        for page: UInt32 in 4...30 { #expect(try rig.read(page) == UInt64(page) << 32) }
        let last = try rig.latch(31, .shared)
        #expect(throws: JetError(rawValue: -1014)) { try rig.latch(32, .shared) }
        #expect(try rig.manager.tryLatch(rig.database, PageNumber(2), .shared)?.number == PageNumber(2))
        for page in held + [last] { #expect(rig.value(page) == UInt64(page.number.rawValue) << 32) }
        rig.manager.unlatch(last)
        #expect(try rig.read(32) == 32 << 32)
    }

    @Test func failingWritesAreToldWhenNoFrameIsLeft() throws {
        let rig = try BufferRig(frames: 4)
        rig.file.failing { isWrite, _ in isWrite ? StorageError(.failed, "broken") : nil }
        for page: UInt32 in 1...3 { try rig.write(1, to: page, at: page) }
        for page: UInt32 in 4...20 { try rig.read(page) }
        try rig.write(1, to: 4, at: 4)
        #expect(throws: JetError.diskIO) { try rig.read(5) }
        rig.file.failing(nil)
        #expect(try rig.read(5) == 5 << 32)
        try rig.manager.flush(rig.database)
        for page: UInt32 in 1...4 { #expect(rig.stored(page) == 1) }
    }

    /// Pages that are used again and again, with some others now and then, so that they get warm.
    private func warm(_ rig: BufferRig, _ hot: ClosedRange<UInt32>, with others: ClosedRange<UInt32>) throws {
        for page in others {
            try rig.read(page)
            for page in hot { try rig.read(page) }
        }
    }

    @Test(arguments: [AccessHint.normal, .scan])
    func hotPagesSurviveAScan(_ hint: AccessHint) throws {
        let rig = try BufferRig(pages: 2_000, frames: 64)
        try warm(rig, 1...32, with: 100...163)
        let reads = rig.file.readCount
        for page: UInt32 in 1_000..<2_000 {
            // As a cursor does that looks at each record of a page.
            for _ in 0..<30 { try rig.read(page, hint: hint) }
            // The hot pages are in use, but rarely.
            if page % 32 == 0 { for page: UInt32 in 1...32 { try rig.read(page) } }
        }
        #expect(rig.file.readCount - reads == 1_000)
        for page: UInt32 in 1...32 { #expect(rig.isCached(page)) }
    }

    @Test func announcedScanLeavesEvenIdlePages() throws {
        let rig = try BufferRig(pages: 2_000, frames: 64)
        for page: UInt32 in 1...60 { try rig.read(page) }
        for page: UInt32 in 1_000..<2_000 { try rig.read(page, hint: .scan) }
        #expect((1...60).count { rig.isCached($0) } == 60)
    }

    @Test func pageThatAScanMetMayBecomeHot() throws {
        let rig = try BufferRig(pages: 2_000, frames: 64)
        for page: UInt32 in 1...60 { try rig.read(page, hint: .scan) }
        try warm(rig, 1...8, with: 100...163)
        for page: UInt32 in 1_000..<1_100 { try rig.read(page, hint: .scan) }
        for page: UInt32 in 1...8 { #expect(rig.isCached(page)) }
    }

    @Test func coldSetIsReplacedByANewHotOne() throws {
        let rig = try BufferRig(pages: 2_000, frames: 64)
        try warm(rig, 1...48, with: 100...163)
        try warm(rig, 1_001...1_048, with: 1_100...1_400)
        for page: UInt32 in 1_001...1_048 { #expect(rig.isCached(page)) }
    }

    @Test func limitCanBeChanged() throws {
        let rig = try BufferRig(pages: 2_000, frames: 600)
        for page: UInt32 in 1...600 { try rig.write(UInt64(page), to: page, at: page) }
        #expect(rig.manager.statistics.frameCount == 600)
        try rig.manager.setByteLimit(100 * 4_096)
        #expect(rig.manager.statistics.frameCount == 100)
        #expect(rig.manager.statistics.byteCount <= 100 * 4_096 + 1 << 20)
        for page: UInt32 in 1...600 { #expect(try rig.read(page) == UInt64(page)) }
        #expect(rig.manager.statistics.frameCount == 100)
        try rig.manager.setByteLimit(400 * 4_096)
        for page: UInt32 in 1...600 { #expect(try rig.read(page) == UInt64(page)) }
        #expect(rig.manager.statistics.frameCount == 400)
        #expect(rig.manager.statistics.byteCount <= 400 * 4_096 + 1 << 20)
        // Never so few that an operation can't hold its latches.
        try rig.manager.setByteLimit(0)
        #expect(rig.manager.statistics.frameCount == 4)
        try rig.manager.flush(rig.database)
        for page: UInt32 in 1...600 { #expect(rig.stored(page) == UInt64(page)) }
    }

    @Test func latchedPagesHoldBackAShrinkingLimit() throws {
        let rig = try BufferRig(pages: 100, frames: 64)
        for page: UInt32 in 1...63 { try rig.read(page) }
        let held = try rig.latch(64, .exclusive)
        try rig.manager.setByteLimit(16 * 4_096)
        rig.set(9, held, at: 1)
        rig.manager.unlatch(held)
        for page: UInt32 in 1...64 { #expect(try rig.read(page) == (page == 64 ? 9 : UInt64(page) << 32)) }
        try rig.manager.setByteLimit(16 * 4_096)
        #expect(rig.manager.statistics.frameCount == 16)
        #expect(try rig.read(64) == 9)
    }

    @Test func pressureIsToldWhenPagesMustBeWritten() throws {
        let calls = Counter()
        let file = CounterPage.file(20, .kibibytes4)
        let manager = BufferManager(
            pageSize: .kibibytes4, byteLimit: 4 * 4_096, reporter: RecordingReporter(), clock: NappingClock(),
            pressure: { calls.count.add(1, ordering: .relaxed) }, check: { _, _ in true })
        let database = try manager.attach(file, gate: RecordingGate())
        for page: UInt32 in 1...5 {
            let latched = try manager.latch(database, PageNumber(page), .exclusive)
            manager.changed(latched, from: .at(page), to: .at(page + 1))
            manager.unlatch(latched)
        }
        #expect(calls.count.load(ordering: .relaxed) == 1)
        #expect(manager.statistics.evictionCount == 1)
        #expect(manager.statistics.writtenPageCount == 1)
    }

    private final class Counter: Sendable {
        let count = Atomic(0)
    }
}
