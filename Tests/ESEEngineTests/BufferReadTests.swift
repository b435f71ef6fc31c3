// The buffer manager reads pages: good ones, damaged ones, and those that are not there.

import ESEFormat
import Testing

@testable import ESEEngine

@Suite struct BufferReadTests {
    @Test(arguments: [PageSize.kibibytes2, .kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32])
    func pageIsReadOnce(_ size: PageSize) throws {
        let rig = try BufferRig(size: size)
        #expect(try rig.read(5) == 5 << 32)
        #expect(try rig.read(5) == 5 << 32)
        #expect(rig.file.readCount == 1)
        #expect(rig.isCached(5))
        #expect(!rig.isCached(6))
        let page = try rig.latch(5, .shared)
        #expect(page.number == PageNumber(5))
        #expect(page.database == rig.database)
        #expect(!page.isChanged)
        rig.manager.unlatch(page)
    }

    @Test func flagsOfTheFileAreNotInMemory() throws {
        let rig = try BufferRig()
        rig.file.edit { bytes in
            var image = Array(bytes[4_096 * 4..<4_096 * 5])
            image[36] = 0x02
            image[38] = 0x01
            image[37] = 0x88
            try? PageChecksum.seal(&image, number: PageNumber(3), size: .kibibytes4)
            bytes.replaceSubrange(4_096 * 4..<4_096 * 5, with: image)
        }
        let page = try rig.latch(3, .exclusive)
        #expect(page.bytes.loadUnaligned(fromByteOffset: 36, as: UInt32.self) == 0x0802)
        rig.set(1, page, at: 1)
        rig.manager.unlatch(page)
        try rig.manager.flush(rig.database)
        #expect(rig.stored(3) == 1)
        #expect(Array(rig.file.contents[4_096 * 4 + 36..<4_096 * 4 + 40]) == [0x02, 0x28, 0, 0])
    }

    @Test func singleBitIsRepairedAndReported() throws {
        let rig = try BufferRig()
        rig.file.edit { $0[4_096 * 4 + 1_000] ^= 0x10 }
        #expect(try rig.read(3) == 3 << 32)
        let page = try rig.latch(3, .shared)
        #expect(page.bytes.load(fromByteOffset: 1_000, as: UInt8.self) == 0)
        rig.manager.unlatch(page)
        #expect(rig.reporter.lines.map(\.level) == [.warning])
        #expect(rig.reporter.lines.first?.text == "page 3 of memory.edb: wrong bits were corrected: 8004")
    }

    @Test func badPagesAreErrorsAndLeaveNoFrame() throws {
        let rig = try BufferRig(check: { bytes, page in
            CounterPage.load(bytes) != nil && page != PageNumber(9)
        })
        rig.file.edit { bytes in
            bytes[4_096 * 4 + 1_000] ^= 0x31
            for offset in 4_096 * 5..<4_096 * 6 { bytes[offset] = 0 }
            bytes.replaceSubrange(4_096 * 6..<4_096 * 7, with: CounterPage.image(1, PageNumber(20), .kibibytes4))
        }
        #expect(throws: JetError.readVerifyFailure) { try rig.read(3) }
        #expect(throws: JetError.pageNotInitialized) { try rig.read(4) }
        #expect(throws: JetError.readVerifyFailure) { try rig.read(5) }
        #expect(throws: JetError.databaseCorrupted) { try rig.read(9) }
        #expect(throws: JetError(rawValue: -4001)) { try rig.read(33) }
        #expect(throws: JetError(rawValue: -4001)) { try rig.read(0x7fef_ffff) }
        #expect(throws: JetError.databaseCorrupted) { try rig.read(0) }
        #expect(throws: JetError.databaseCorrupted) { try rig.read(0xffff_ffff) }
        for page: UInt32 in [3, 4, 5, 9, 33] { #expect(!rig.isCached(page)) }
        #expect(
            rig.reporter.lines.map(\.text) == [
                "page 3 of memory.edb: the checksum is wrong", "page 5 of memory.edb: these are the bytes of page 20",
                "page 9 of memory.edb: its contents are impossible",
            ])
        // All frames are still there for others.
        let pages = try (10..<18).map { try rig.latch($0, .shared) }
        for page in pages { rig.manager.unlatch(page) }
        #expect(rig.manager.statistics.failedReadCount == 4)
    }

    @Test func failedReadCanBeTriedAgain() throws {
        let rig = try BufferRig()
        rig.file.failing { isWrite, _ in isWrite ? nil : StorageError(.failed, "no luck") }
        for _ in 0..<20 { #expect(throws: JetError.diskIO) { try rig.read(3) } }
        rig.file.failing(nil)
        #expect(try rig.read(3) == 3 << 32)
        #expect(rig.reporter.lines.count == 20)
    }

    @Test func fileMayGrow() throws {
        let rig = try BufferRig()
        #expect(throws: JetError(rawValue: -4001)) { try rig.read(33) }
        rig.file.edit { $0 += CounterPage.image(77, PageNumber(33), .kibibytes4) }
        #expect(try rig.read(33) == 77)
    }

    @Test func newPageIsZeroAndNotRead() throws {
        let rig = try BufferRig()
        let page = try rig.manager.latchNew(rig.database, PageNumber(5_000_000))
        #expect(page.mode == .exclusive)
        #expect(rig.value(page) == 0)
        rig.set(9, page, at: 1)
        rig.manager.unlatch(page)
        #expect(try rig.read(5_000_000) == 9)
        #expect(rig.file.readCount == 0)
    }

    @Test func newPageThatWasNotChangedIsForgotten() throws {
        let rig = try BufferRig()
        for _ in 0..<20 {
            let page = try rig.manager.latchNew(rig.database, PageNumber(7))
            rig.manager.unlatch(page)
            #expect(!rig.isCached(7))
        }
        #expect(try rig.read(7) == 7 << 32)
        // One that is in memory keeps what it has.
        try rig.write(70, to: 7, at: 1)
        let page = try rig.manager.latchNew(rig.database, PageNumber(7))
        rig.manager.unlatch(page)
        #expect(try rig.read(7) == 70)
        try rig.manager.flush(rig.database)
        #expect(rig.stored(7) == 70)
    }

    @Test func hintsFindTheFrameWhileItHoldsThePage() throws {
        let rig = try BufferRig(frames: 4)
        let page = try rig.latch(3, .shared)
        let hint = page.hint
        rig.manager.unlatch(page)
        let again = try #require(rig.manager.latchAgain(hint, .exclusive))
        #expect(again.number == PageNumber(3))
        #expect(rig.manager.tryLatchAgain(hint, .shared) == nil)
        rig.manager.unlatch(again)
        for number in 10..<20 { try rig.read(UInt32(number)) }
        #expect(!rig.isCached(3))
        #expect(rig.manager.latchAgain(hint, .shared) == nil)
        #expect(rig.manager.latchAgain(FrameHint(), .shared) == nil)
        // Read again, perhaps elsewhere.
        #expect(try rig.read(3) == 3 << 32)
    }

    @Test func tryLatchReadsButDoesNotWait() throws {
        let rig = try BufferRig()
        let first = try #require(try rig.manager.tryLatch(rig.database, PageNumber(3), .writeIntent))
        #expect(try rig.manager.tryLatch(rig.database, PageNumber(3), .exclusive) == nil)
        #expect(try rig.manager.tryLatch(rig.database, PageNumber(3), .writeIntent) == nil)
        let second = try #require(try rig.manager.tryLatch(rig.database, PageNumber(3), .shared))
        rig.manager.unlatch(first)
        rig.manager.unlatch(second)
    }

    @Test func databasesAreApart() throws {
        let rig = try BufferRig()
        let other = CounterPage.file(4, .kibibytes4)
        other.edit {
            $0.replaceSubrange(4_096 * 4..<4_096 * 5, with: CounterPage.image(99, PageNumber(3), .kibibytes4))
        }
        let gate = RecordingGate()
        let second = try rig.manager.attach(other, gate: gate)
        #expect(second != rig.database)
        #expect(try rig.read(3) == 3 << 32)
        let page = try rig.manager.latch(second, PageNumber(3), .exclusive)
        #expect(rig.value(page) == 99)
        rig.set(100, page, at: 1)
        rig.manager.unlatch(page)
        try rig.manager.flush(rig.database)
        #expect(rig.manager.oldestChange(rig.database) == nil)
        #expect(rig.manager.oldestChange(second) == .at(1))
        // Detaching drops the change.
        rig.manager.detach(second)
        #expect(rig.manager.statistics.changedPageCount == 0)
        #expect(try rig.manager.attach(other, gate: gate) == second)
        let again = try rig.manager.latch(second, PageNumber(3), .shared)
        #expect(rig.value(again) == 99)
        rig.manager.unlatch(again)
        #expect(try rig.read(3) == 3 << 32)
        #expect(rig.file.readCount == 1)
    }
}
