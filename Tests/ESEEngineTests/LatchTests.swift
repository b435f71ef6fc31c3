// Latches of pages: who goes together, who waits, and who must not.

import PlatformIO
import Primitives
import Synchronization
import Testing

@testable import ESEEngine

@Suite struct LatchTests {
    /// A latch in memory of its own.
    private final class Box: @unchecked Sendable {
        let pointer = UnsafeMutablePointer<PageLatch>.allocate(capacity: 1)
        /// Guarded by the latch.
        let values = UnsafeMutablePointer<Int>.allocate(capacity: 2)

        init(identity: UInt64 = 1) {
            pointer.initialize(to: PageLatch(index: 3))
            pointer.pointee.setIdentity(identity)
            values.initialize(repeating: 0, count: 2)
        }

        // Macros of the tests can't take apart calls of what can't be copied.
        func tryAcquire(_ mode: LatchMode) -> Bool { pointer.pointee.tryAcquire(mode) }
        func acquire(_ mode: LatchMode, of identity: UInt64) -> Bool { pointer.pointee.acquire(mode, of: identity) }
        func release(_ mode: LatchMode) { pointer.pointee.release(mode) }
        func upgrade() { pointer.pointee.upgrade() }
        func setIdentity(_ identity: UInt64) { pointer.pointee.setIdentity(identity) }
        func tryUpgrade(from old: LatchMode, to new: LatchMode) -> Bool {
            pointer.pointee.tryUpgrade(from: old, to: new)
        }
        func downgrade(from old: LatchMode, to new: LatchMode) { pointer.pointee.downgrade(from: old, to: new) }

        deinit {
            pointer.deinitialize(count: 1)
            pointer.deallocate()
            values.deallocate()
        }
    }

    private static let modes: [LatchMode] = [.shared, .writeIntent, .exclusive]

    @Test func whoGoesTogether() {
        for first in Self.modes {
            for second in Self.modes {
                let box = Box()
                #expect(box.tryAcquire(first))
                let goesTogether =
                    first != .exclusive && second != .exclusive && (first == .shared || second == .shared)
                #expect(box.tryAcquire(second) == goesTogether, "\(first), \(second)")
                if goesTogether { box.release(second) }
                box.release(first)
                #expect(box.tryAcquire(.exclusive))
            }
        }
    }

    @Test func upgradesAndDowngradesWithoutOthers() {
        let box = Box()
        for first in Self.modes {
            for second in Self.modes where second.rawValue > first.rawValue {
                #expect(box.tryAcquire(first))
                #expect(box.tryUpgrade(from: first, to: second))
                #expect(box.tryAcquire(.shared) == (second != .exclusive))
                if second != .exclusive { box.release(.shared) }
                box.downgrade(from: second, to: first)
                #expect(box.tryAcquire(.writeIntent) == (first == .shared))
                if first == .shared { box.release(.writeIntent) }
                box.release(first)
            }
        }
        #expect(box.tryAcquire(.exclusive))
    }

    @Test func tryUpgradeFailsWhenOthersAreThere() {
        let box = Box()
        #expect(box.tryAcquire(.shared))
        #expect(box.tryAcquire(.shared))
        #expect(!box.tryUpgrade(from: .shared, to: .exclusive))
        #expect(box.tryUpgrade(from: .shared, to: .writeIntent))
        #expect(!box.tryUpgrade(from: .shared, to: .writeIntent))
        #expect(!box.tryUpgrade(from: .writeIntent, to: .exclusive))
        box.release(.shared)
        #expect(box.tryUpgrade(from: .writeIntent, to: .exclusive))
    }

    @Test func waitingWriterKeepsNewReadersOut() throws {
        let box = Box()
        #expect(box.tryAcquire(.shared))
        let thread = try PlatformIO.Thread.start(name: "writer") { [box] in
            if box.acquire(.exclusive, of: 1) { box.values[0] = 1 }
            box.release(.exclusive)
        }
        // The writer comes when it comes; from then on no reader gets in although only a reader has the latch.
        while box.tryAcquire(.shared) {
            box.release(.shared)
            SystemClock.sleep(Interval(nanoseconds: 10_000))
        }
        #expect(box.values[0] == 0)
        box.release(.shared)
        thread.join()
        #expect(box.values[0] == 1)
        #expect(box.tryAcquire(.exclusive))
    }

    @Test func upgradeWaitsForReaders() throws {
        let box = Box()
        #expect(box.tryAcquire(.shared))
        let thread = try PlatformIO.Thread.start(name: "writer") { [box] in
            guard box.acquire(.writeIntent, of: 1) else { return }
            box.upgrade()
            box.values[0] = 1
            box.downgrade(from: .exclusive, to: .shared)
            box.release(.shared)
        }
        for _ in 0..<50 {
            SystemClock.sleep(Interval(nanoseconds: 10_000))
            #expect(box.values[0] == 0)
        }
        box.release(.shared)
        thread.join()
        #expect(box.values[0] == 1)
    }

    @Test(arguments: [LatchMode.shared, .writeIntent, .exclusive])
    func waitEndsWhenTheFrameGetsAnotherPage(_ mode: LatchMode) throws {
        let box = Box()
        let shared = Shared(result: 0)
        #expect(box.tryAcquire(.exclusive))
        let thread = try PlatformIO.Thread.start(name: "waiter") { [box] in
            shared.result.store(box.acquire(mode, of: 1) ? 1 : 2, ordering: .releasing)
        }
        SystemClock.sleep(.milliseconds(2))
        #expect(shared.result.load(ordering: .acquiring) == 0)
        box.setIdentity(2)
        // Although the latch is still held.
        thread.join()
        #expect(shared.result.load(ordering: .acquiring) == 2)
        box.release(.exclusive)
        #expect(!box.acquire(mode, of: 1))
        #expect(box.acquire(mode, of: 2))
    }

    private final class Shared: Sendable {
        let result: Atomic<Int>
        init(result: Int) { self.result = Atomic(result) }
    }

    @Test func threadsSeeOnlyWholeChanges() throws {
        let box = Box()
        let torn = Shared(result: 0)
        let increments = Shared(result: 0)
        try onThreads(4) { [box] number in
            var random = SeededRandom(seed: UInt64(number) + 100)
            for _ in 0..<20_000 {
                let draw = random.next() % 8
                switch draw {
                case 0...4:
                    guard box.acquire(.shared, of: 1) else { continue }
                    if box.values[0] != box.values[1] { torn.result.add(1, ordering: .relaxed) }
                    if draw == 0, box.tryUpgrade(from: .shared, to: .writeIntent) {
                        box.upgrade()
                        box.values[0] += 1
                        box.values[1] += 1
                        increments.result.add(1, ordering: .relaxed)
                        box.release(.exclusive)
                    } else {
                        box.release(.shared)
                    }
                case 5:
                    guard box.acquire(.exclusive, of: 1) else { continue }
                    box.values[0] += 1
                    box.values[1] += 1
                    increments.result.add(1, ordering: .relaxed)
                    box.downgrade(from: .exclusive, to: .writeIntent)
                    if box.values[0] != box.values[1] { torn.result.add(1, ordering: .relaxed) }
                    box.downgrade(from: .writeIntent, to: .shared)
                    box.release(.shared)
                default:
                    guard box.acquire(.writeIntent, of: 1) else { continue }
                    if draw == 6 {
                        box.upgrade()
                        box.values[0] += 1
                        box.values[1] += 1
                        increments.result.add(1, ordering: .relaxed)
                        box.release(.exclusive)
                    } else {
                        box.release(.writeIntent)
                    }
                }
            }
        }
        #expect(torn.result.load(ordering: .relaxed) == 0)
        #expect(box.values[0] == increments.result.load(ordering: .relaxed))
        #expect(box.tryAcquire(.exclusive))
    }
}
