// Several threads on a buffer manager that is too small for their pages: no change gets lost, nobody sees half of one.

import ESEFormat
import PlatformIO
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct BufferThreadTests {
    private final class Findings: Sendable {
        let torn = Atomic(0)
        let failures = Atomic(0)
        let early = Atomic(0)
        let position = Atomic<UInt32>(0)
        let durable = Atomic<UInt32>(0)
        /// By page: how often it was incremented.
        let increments = Locked([UInt32: UInt64]())
    }

    /// Increments counters of random pages, checks others, uses hints, flushes and writes in the background.
    private func work(_ rig: BufferRig, _ findings: Findings, thread: Int, seed: UInt64, steps: Int, pages: UInt64) {
        var random = SeededRandom(seed: seed &+ UInt64(thread) &* 7_919)
        var hint = FrameHint()
        var counts: [UInt32: UInt64] = [:]
        for step in 0..<steps {
            let number = UInt32(random.next() % pages) + 1
            do {
                switch random.next() % 16 {
                case 0...5:
                    var page = try rig.latch(number, random.oneIn(2) ? .exclusive : .writeIntent)
                    if page.mode == .writeIntent { page.upgrade() }
                    guard let value = rig.value(page) else {
                        findings.torn.add(1, ordering: .relaxed)
                        rig.manager.unlatch(page)
                        continue
                    }
                    let end = findings.position.load(ordering: .acquiring)
                    rig.manager.announceChange(page, from: .at(end + 1))
                    let position = findings.position.wrappingAdd(2, ordering: .acquiringAndReleasing).oldValue + 1
                    rig.set(value + 1, page, at: position, to: position + 1)
                    page.bytes.storeBytes(of: position + 1, toByteOffset: 200, as: UInt32.self)
                    counts[number, default: 0] += 1
                    if random.oneIn(4) { page.downgrade(to: .shared) }
                    hint = page.hint
                    rig.manager.unlatch(page)
                case 6:
                    guard let page = rig.manager.latchAgain(hint, .shared) else { continue }
                    if rig.value(page) == nil { findings.torn.add(1, ordering: .relaxed) }
                    rig.manager.unlatch(page)
                case 7:
                    guard var page = try rig.manager.tryLatch(rig.database, PageNumber(number), .shared) else {
                        continue
                    }
                    if page.tryUpgrade(to: .exclusive) { page.downgrade(to: .writeIntent) }
                    rig.manager.unlatch(page)
                case 8 where thread == 0 && step % 8 == 0:
                    try rig.manager.flush(rig.database, upTo: random.oneIn(2) ? .at(UInt32(step)) : nil)
                case 9 where thread == 1:
                    try rig.manager.writeSome(targetPages: 3)
                case 10 where thread == 1:
                    _ = rig.manager.oldestChange(rig.database)
                default:
                    let page = try rig.latch(number, .shared, hint: random.oneIn(4) ? .scan : .normal)
                    defer { rig.manager.unlatch(page) }
                    let value = rig.value(page)
                    if value == nil || value.map({ $0 >> 32 != UInt64(number) }) == true {
                        findings.torn.add(1, ordering: .relaxed)
                    }
                    if random.oneIn(8), number < pages {
                        // To the right is allowed.
                        let right = try rig.latch(number + 1, .shared)
                        rig.manager.unlatch(right)
                    }
                }
            } catch {
                findings.failures.add(1, ordering: .relaxed)
            }
        }
        let result = counts
        findings.increments.withLock { $0.merge(result) { $0 + $1 } }
    }

    @Test(arguments: [(6, 40, false), (12, 40, true), (64, 60, false)])
    func countersAgree(_ frames: Int, _ pages: Int, _ fails: Bool) throws {
        let seed: UInt64 = 0x0b0f_fe12
        let rig = try BufferRig(pages: pages, frames: frames)
        let findings = Findings()
        rig.gate.doing { _, lastChange in
            // Rule L2: from here on the log counts as durable.
            let wanted = UInt32(truncatingIfNeeded: lastChange.rawValue)
            var known = findings.durable.load(ordering: .acquiring)
            while known < wanted {
                known =
                    findings.durable.compareExchange(
                        expected: known, desired: wanted, ordering: .acquiringAndReleasing
                    ).original
            }
            return nil
        }
        rig.file.watching { bytes in
            let durable = findings.durable.load(ordering: .acquiring)
            for page in stride(from: 0, to: bytes.count, by: 4_096)
            where bytes.load(fromByteOffset: page + 200, as: UInt32.self) > durable {
                findings.early.add(1, ordering: .relaxed)
            }
        }
        if fails {
            let random = Locked(SeededRandom(seed: seed))
            rig.file.failing { _, _ in
                random.withLock { $0.oneIn(16) } ? StorageError(.failed, "now and then") : nil
            }
        }
        try onThreads(4) { thread in
            work(rig, findings, thread: thread, seed: seed, steps: 6_000, pages: UInt64(pages))
        }
        rig.file.failing(nil)
        #expect(findings.torn.load(ordering: .relaxed) == 0, "seed \(seed)")
        #expect(findings.early.load(ordering: .relaxed) == 0, "seed \(seed)")
        if !fails { #expect(findings.failures.load(ordering: .relaxed) == 0, "seed \(seed)") }
        try rig.manager.flush(rig.database)
        let increments = findings.increments.withLock { $0 }
        for page in 1...UInt32(pages) {
            let value = UInt64(page) << 32 + increments[page, default: 0]
            #expect(try rig.read(page) == value, "page \(page), seed \(seed)")
            #expect(rig.stored(page) == value, "page \(page), seed \(seed)")
        }
        #expect(rig.manager.oldestChange(rig.database) == nil)
        #expect(rig.manager.statistics.frameCount <= frames)
    }

    /// Two that flush at the same time never put an old image over a new one.
    @Test func flushesAtTheSameTimeKeepTheNewest() throws {
        let rig = try BufferRig(pages: 8, frames: 16)
        let wrong = Findings()
        try onThreads(4) { thread in
            for step in 1...400 {
                if thread < 2 {
                    // Each writer has pages of its own.
                    let page = UInt32(thread * 4 + step % 4 + 1)
                    let value = UInt64(step)
                    guard (try? rig.write(value, to: page, at: UInt32(step))) != nil,
                        (try? rig.manager.flush(rig.database)) != nil
                    else {
                        wrong.failures.add(1, ordering: .relaxed)
                        continue
                    }
                    if rig.stored(page) != value { wrong.torn.add(1, ordering: .relaxed) }
                } else {
                    _ = try? rig.manager.writeSome(targetPages: 8)
                }
            }
        }
        #expect(wrong.failures.load(ordering: .relaxed) == 0)
        #expect(wrong.torn.load(ordering: .relaxed) == 0)
    }

    @Test func limitChangesWhileOthersWork() throws {
        let rig = try BufferRig(pages: 200, frames: 150)
        let findings = Findings()
        try onThreads(4) { thread in
            if thread == 3 {
                for step in 0..<60 { try? rig.manager.setByteLimit((step % 2 == 0 ? 20 : 150) * 4_096) }
            } else {
                work(rig, findings, thread: thread, seed: 5, steps: 1_500, pages: 200)
            }
        }
        #expect(findings.torn.load(ordering: .relaxed) == 0)
        #expect(findings.failures.load(ordering: .relaxed) == 0)
        try rig.manager.setByteLimit(20 * 4_096)
        #expect(rig.manager.statistics.frameCount == 20)
        try rig.manager.flush(rig.database)
        let increments = findings.increments.withLock { $0 }
        for page: UInt32 in 1...200 { #expect(rig.stored(page) == UInt64(page) << 32 + increments[page, default: 0]) }
    }
}
