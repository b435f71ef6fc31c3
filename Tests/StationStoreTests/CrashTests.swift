// Layer: StationStoreTests. Tests: power cuts and full disks, on a simulated disk; threads.

import ESE
import ESEEngine
import ESETestKit
import PlatformIO
import Primitives
import StationSeries
import StationStore
import Synchronization
import Testing

/// What threads share.
private final class Shared: Sendable {
    /// The last round that was recorded.
    let last = Atomic<Int64>(0)
    /// What is older may be deleted.
    let cutoff = Atomic<Int64>(0)
    let isOver = Atomic<Bool>(false)
    let problems = Locked<[String]>([])
    let queries = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
}

@Suite struct CrashTests {
    /// What a store has after the power was cut at a moment of its life: whole rounds, of each series the same, in
    /// order and without a hole; everything that was flushed; all events.
    @Test(arguments: 31..<37 as Range<UInt64>) func powerCutLeavesWholeRounds(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rig = try Rig(seed: seed) { $0.roundsPerBlock = 6 }
        let (id, series) = try rig.addDevice("a", seriesCount: 5)
        var flushed = 0
        var count = 0
        var events = 0
        for _ in 0..<Int.random(in: 5...40, using: &random) {
            let rounds = (0...Int.random(in: 0...3, using: &random)).map { _ in
                count += 1
                return (device: id, round: makeRound(Int64(count) * second, series.map { ($0, UInt64(count)) }))
            }
            try rig.recorder.append(rounds: rounds)
            if random.oneIn(3) { while try rig.recorder.packDue(now: Int64(count) * second) {} }
            if random.oneIn(5) {
                try rig.recorder.flush()
                flushed = count
            }
            if random.oneIn(4) {
                events += try rig.recorder.append(events: [EventRecord(time: 1, kind: "trap", title: "t")]).count
                // Commits are in order.
                flushed = count
            }
        }
        let disk = rig.disk.copy(seed: seed)
        disk.powerFailure()
        try rig.store.close()
        let after = try Rig(disk) { $0.roundsPerBlock = 6 }
        let first = try after.samples(series[0])
        #expect(first.count >= flushed && first.count <= count, "seed \(seed)")
        #expect(first.map(\.bits) == (0..<first.count).map { UInt64($0 + 1) }, "seed \(seed)")
        for other in series { #expect(try after.samples(other) == first, "seed \(seed)") }
        #expect(try after.reader.events(EventQuery()).events.count == min(events, 50), "seed \(seed)")
        // It goes on.
        try after.recorder.append(rounds: [(id, makeRound(1_000 * second, series.map { ($0, 0) }))])
        #expect(try after.samples(series[4]).count == first.count + 1)
        try after.store.close()
    }

    /// The database's file or its log can't be written for a while: calls fail, nothing is there in part, and later
    /// everything works again. A log that fails ends the instance; the next call opens another one.
    @Test(arguments: ["station.edb", ".log"], [StorageError.Kind.full, .failed])
    func diskThatFailsLosesOnlyWhatItRefuses(suffix: String, kind: StorageError.Kind) throws {
        let rig = try Rig { $0.roundsPerBlock = 30 }
        let (id, series) = try rig.addDevice("a", seriesCount: 2)
        var random = SeededRandom(seed: 51)
        func append(_ number: Int64) throws {
            // Values that fill pages, of series that nobody knows.
            let others = (1_000..<1_400).map { (Int32($0), random.next()) }
            try rig.recorder.append(rounds: [
                (id, makeRound(number * second, series.map { ($0, UInt64(number)) } + others))
            ])
            try rig.recorder.flush()
        }
        var stored: [Int64] = []
        for number in 1...10 as ClosedRange<Int64> {
            try append(number)
            stored.append(number)
        }
        rig.disk.failCall(
            number: rig.disk.callCount + 1, kind: kind, isLasting: true, only: [.write, .setByteCount, .sync],
            pathSuffix: suffix)
        var refused = 0
        for number in 11...400 as ClosedRange<Int64> where refused < 4 {
            do {
                try append(number)
                stored.append(number)
            } catch {
                refused += 1
                if kind == .full { #expect(error as? StoreError == .full, "\(error)") }
            }
        }
        #expect(refused == 4, "the disk did not fail")
        rig.disk.clearFaults()
        try append(2_000)
        let times = try rig.samples(series[0]).map { $0.time / second }
        #expect(Set(times).count == times.count, "twice")
        #expect(Set(times).isSuperset(of: stored + [2_000]), "lost")
        #expect(try rig.samples(series[1]).map { $0.time / second } == times)
        try rig.packAll(now: 2_001 * second)
        #expect(try rig.samples(series[0]).map { $0.time / second } == times)
        try rig.store.close()
    }

    /// Readers while rounds are recorded, packed and deleted: each sees every sample once, in order, without a hole.
    @Test func queriesSeeEverySampleOnceWhilePackingAndRetentionRun() throws {
        let rig = try Rig {
            $0.roundsPerBlock = 8
            $0.deletionLimit = 40
        }
        let (id, series) = try rig.addDevice("a", seriesCount: 6)
        let shared = Shared()
        let reader = rig.reader
        var threads: [Thread] = []
        for number in 0..<3 {
            let own = series[number * 2]
            threads.append(
                try Thread.start(name: "reader") {
                    repeat {
                        let known = shared.last.load(ordering: .acquiring)
                        var seen: [Int64] = []
                        do {
                            try reader.samples(of: own, in: 0..<Int64.max) {
                                if $0.value?.bits == UInt64($0.time / second) { seen.append($0.time / second) }
                                return true
                            }
                        } catch {
                            shared.problems.withLock { $0.append("\(error)") }
                        }
                        let oldest = shared.cutoff.load(ordering: .acquiring)
                        let kept = seen.filter { $0 >= oldest }
                        let isWhole = zip(kept, kept.dropFirst()).allSatisfy { $1 == $0 + 1 }
                        let isShort = known >= oldest && (kept.last ?? 0) < known
                        if !isWhole || isShort || (kept.first ?? oldest) > max(oldest, 1) {
                            shared.problems.withLock { $0.append("\(oldest) \(known): \(kept)") }
                        }
                        shared.queries.add(1, ordering: .relaxed)
                    } while !shared.isOver.load(ordering: .acquiring)
                })
        }
        for number in 1...250 as ClosedRange<Int64> {
            try rig.recorder.append(rounds: [
                (id, makeRound(number * second, series.map { ($0, UInt64(number)) }))
            ])
            shared.last.store(number, ordering: .releasing)
            _ = try rig.recorder.packDue(now: number * second)
            if number > 100, number % 5 == 0 {
                shared.cutoff.store(number - 80, ordering: .releasing)
                _ = try rig.recorder.retain(until: (number - 90) * second)
            }
        }
        shared.isOver.store(true, ordering: .releasing)
        for thread in threads { thread.join() }
        #expect(shared.problems.withLock { $0.prefix(3) } == [])
        #expect(shared.queries.load(ordering: .relaxed) >= 3)
        try rig.store.close()
    }

    @Test func recorderMayBeCalledByManyThreads() throws {
        let rig = try Rig { $0.roundsPerBlock = 8 }
        let (id, series) = try rig.addDevice("a", seriesCount: 2)
        let shared = Shared()
        let recorder = rig.recorder
        var threads: [Thread] = []
        for number in 0..<4 {
            let first = series[0]
            let thread = try Thread.start(name: "writer") {
                for step in 0..<25 {
                    let time = Int64(number * 25 + step) * second
                    do {
                        try recorder.append(rounds: [(id, makeRound(time, [(first, UInt64(time))]))])
                        try recorder.append(events: [EventRecord(time: time, kind: "trap", title: "t")])
                        _ = try recorder.packDue(now: time)
                    } catch {
                        shared.failures.add(1, ordering: .relaxed)
                    }
                }
            }
            threads.append(thread)
        }
        for thread in threads { thread.join() }
        #expect(shared.failures.load(ordering: .relaxed) == 0)
        #expect(try rig.samples(series[0]).count == 100)
        #expect(Set(try rig.samples(series[0]).map(\.time)).count == 100)
        var query = EventQuery()
        query.limit = 200
        #expect(try rig.reader.events(query).events.count == 100)
    }
}
