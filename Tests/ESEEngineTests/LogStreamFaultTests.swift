// The log on disks that fail, fill up and lose power. The law: what `flush` said to be durable is read back, whatever
// the device made of the writes after the last sync; what is read is a beginning of what was appended.

import ESEFormat
import ESETestKit
import Primitives
import Testing

@testable import ESEEngine

@Suite struct LogStreamFaultTests {
    /// What a workload got done before something failed.
    private final class Progress {
        var appended: [FoundLog.Record] = []
        /// How many of them a flush acknowledged.
        var durableCount = 0
        var checkpoint = LogPosition.none
        var error: JetError?
    }

    private static let circularKeeps = 3

    /// Appends, flushes, rolls and writes checkpoints until it is done or something throws.
    private func work(_ log: TestLog, _ stream: LogStream, _ progress: Progress, seed: UInt64, count: Int) {
        var random = SeededRandom(seed: seed)
        do throws(JetError) {
            for number in 0..<count {
                let byteCount: Int =
                    switch random.next() % 10 {
                    case 0: Int.random(in: 3_000...9_000, using: &random)
                    case 1...3: Int.random(in: 500...2_500, using: &random)
                    default: Int.random(in: 11...250, using: &random)
                    }
                let record = TestRecord(number: UInt32(number), byteCount: byteCount)
                let span = try record.append(to: stream)
                progress.appended.append(FoundLog.Record(record: record, start: span.start, end: span.end))
                if random.oneIn(2) {
                    try stream.flush(upTo: span.end)
                    progress.durableCount = progress.appended.count
                }
                if random.oneIn(5) { log.tasks.runAll() }
                if random.oneIn(40) { try stream.startNewFile() }
                if random.oneIn(15), stream.flushedPosition != .none {
                    let place = progress.appended[max(0, progress.durableCount - 1)].start
                    if progress.durableCount > 0 {
                        let checkpoint = Checkpoint(position: place, signature: DatabaseSignature(), attachments: [])
                        try stream.writeCheckpoint(checkpoint)
                        progress.checkpoint = place
                    }
                }
            }
        } catch {
            progress.error = error
        }
    }

    /// Checks what is found after a failure against what was done.
    private func check(_ found: FoundLog, _ progress: Progress, _ context: String) {
        #expect(found.problem == nil, "\(context)")
        // In a circular log the first ones are gone.
        let first = Int(found.records.first?.record.number ?? 0)
        if let oldest = found.records.first, progress.checkpoint != .none {
            #expect(oldest.start <= progress.checkpoint, "\(context): the checkpoint's file is gone")
        }
        #expect(
            first + found.records.count >= progress.durableCount,
            "\(context): \(first) + \(found.records.count) of \(progress.durableCount)")
        let expected = progress.appended.dropFirst(first).prefix(found.records.count)
        #expect(Array(expected) == found.records, "\(context)")
    }

    @Test(arguments: [false, true])
    func acknowledgedRecordsSurviveAPowerCutAtAnyCall(isCircular: Bool) throws {
        let seed: UInt64 = isCircular ? 21 : 20
        let count = 60
        let whole = TestLog(seed: seed, isCircular: isCircular)
        let stream = try whole.create()
        let done = Progress()
        let first = whole.disk.callCount
        work(whole, stream, done, seed: seed, count: count)
        #expect(done.error == nil)
        let last = whole.disk.callCount
        #expect(last - first > 90)
        for call in first + 1...last {
            let log = TestLog(seed: seed, isCircular: isCircular)
            let stream = try log.create()
            log.disk.cutPower(atCall: call)
            let progress = Progress()
            work(log, stream, progress, seed: seed, count: count)
            stream.close()
            log.tasks.forgetAll()
            // Several outcomes of the same moment.
            for (index, loss) in [PowerLoss.losesAll, .inOrder, .mixed].enumerated() {
                let context = "seed \(seed), call \(call), outcome \(index) \(loss)"
                let after = TestLog(seed: seed, isCircular: isCircular)
                after.disk = log.disk.copy(seed: UInt64(call * 8 + index))
                try after.checkRecovery(loss, context) { check($0, progress, context) }
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func acknowledgedRecordsSurvivePowerCutsInARow(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = TestLog(seed: seed, sectorCount: 24)
        var stream = try log.create()
        var number: UInt32 = 0
        var durable: UInt32 = 0
        for round in 0..<12 {
            log.disk.cutPower(atCall: log.disk.callCount + Int.random(in: 1...40, using: &random))
            do throws(JetError) {
                while true {
                    let span = try TestRecord(number: number, byteCount: Int.random(in: 11...1_200, using: &random))
                        .append(to: stream)
                    number += 1
                    if random.oneIn(2) {
                        try stream.flush(upTo: span.end)
                        durable = number
                    }
                    if random.oneIn(6) { log.tasks.runAll() }
                }
            } catch {}
            stream.close()
            log.tasks.forgetAll()
            log.disk.powerFailure()
            let (next, found) = try log.recover()
            stream = next
            #expect(found.problem == nil, "seed \(seed) round \(round)")
            let numbers = found.records.map(\.record.number)
            #expect(numbers == Array(0..<UInt32(numbers.count)), "seed \(seed) round \(round)")
            #expect(numbers.count >= Int(durable), "seed \(seed) round \(round)")
            number = UInt32(numbers.count)
            durable = number
        }
    }

    @Test func anyFailingCallLatchesTheStreamOrDoesNoHarm() throws {
        let seed: UInt64 = 30
        let whole = TestLog(seed: seed)
        let stream = try whole.create()
        let first = whole.disk.callCount
        work(whole, stream, Progress(), seed: seed, count: 50)
        let last = whole.disk.callCount
        var latchedCount = 0
        for call in first + 1...last {
            let log = TestLog(seed: seed)
            let stream = try log.create()
            log.disk.failCall(number: call)
            let progress = Progress()
            work(log, stream, progress, seed: seed, count: 50)
            let context = "call \(call)"
            if let error = progress.error, error != .diskIO {
                latchedCount += 1
                #expect(error == .logWriteFail, "\(context)")
                // It stays so, though the disk works again.
                #expect(throws: JetError.logWriteFail, "\(context)") {
                    try TestRecord(number: 0, byteCount: 20).append(to: stream)
                }
                let end = stream.endPosition
                if stream.flushedPosition < end {
                    #expect(throws: JetError.logWriteFail, "\(context)") { try stream.flush(upTo: end) }
                }
                #expect(log.reporter.reports.contains { $0.level == .error }, "\(context)")
            }
            stream.close()
            log.tasks.forgetAll()
            let after = TestLog(seed: seed)
            after.disk = log.disk.copy(seed: UInt64(call))
            try after.checkRecovery(.any, context) { check($0, progress, context) }
        }
        #expect(latchedCount > 30)
    }

    @Test func fullDiskUsesTheReservesAndThenLatches() throws {
        let log = TestLog(seed: 40)
        let stream = try log.create()
        // Files in hand: the current one and two reserves.
        log.disk.byteLimit = 3 * 16 * 4_096
        var number: UInt32 = 0
        var durable: UInt32 = 0
        do throws(JetError) {
            while number < 1_000 {
                let span = try TestRecord(number: number, byteCount: 1_000).append(to: stream)
                number += 1
                try stream.flush(upTo: span.end)
                durable = number
                log.tasks.runAll()
            }
            Issue.record("the disk never filled up")
        } catch {
            #expect(error == LogError.diskFull)
        }
        #expect(stream.isShortOfSpace)
        #expect(stream.currentFile.generation == 3)
        #expect(throws: LogError.diskFull) { try TestRecord(number: 0, byteCount: 20).append(to: stream) }
        let found = log.read()
        #expect(found.problem == nil)
        #expect(found.records.count >= Int(durable))
        #expect(found.newestHeader?.flags == 1)
        stream.close()
        log.tasks.forgetAll()
        log.disk.byteLimit = nil
        let (next, again) = try log.recover()
        #expect(again.records.count >= Int(durable))
        #expect(!next.isShortOfSpace)
    }

    @Test func reservesAreMadeAgainWhenThereIsSpace() throws {
        let log = TestLog(seed: 41)
        let stream = try log.create()
        log.disk.byteLimit = 3 * 16 * 4_096
        var number: UInt32 = 0
        while stream.currentFile.generation < 2 {
            try stream.flush(upTo: TestRecord(number: number, byteCount: 1_000).append(to: stream).end)
            number += 1
        }
        #expect(stream.isShortOfSpace)
        log.disk.byteLimit = nil
        log.tasks.runAll()
        #expect(!stream.isShortOfSpace)
        #expect(log.disk.contents(log.names.reserve(1)) != nil && log.disk.contents(log.names.reserve(2)) != nil)
    }

    @Test func oneCopyOfTheCheckpointIsAlwaysWhole() throws {
        var position = LogPosition.none
        for seed in 0..<60 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let log = TestLog(seed: seed)
            let stream = try log.create()
            position = .none
            var tried = LogPosition.none
            log.disk.cutPower(atCall: log.disk.callCount + Int.random(in: 8...60, using: &random))
            do throws(JetError) {
                for number in 0..<100 as Range<UInt32> {
                    let span = try TestRecord(number: number, byteCount: 30).append(to: stream)
                    try stream.flush()
                    tried = span.start
                    try stream.writeCheckpoint(
                        Checkpoint(position: span.start, signature: DatabaseSignature(), attachments: []))
                    position = span.start
                }
            } catch {}
            stream.close()
            log.disk.powerFailure(.mixed)
            guard position != .none else { continue }
            let bytes = try #require(log.disk.contents(log.names.checkpoint), "seed \(seed)")
            let checkpoint = try Checkpoint.read(file: bytes.span.bytes)
            #expect(checkpoint.position == position || checkpoint.position == tried, "seed \(seed)")
            #expect(checkpoint.signature == log.options.signature)
        }
    }

    @Test func checkpointIsRepairedCopyByCopy() throws {
        let log = TestLog(seed: 50)
        let stream = try log.create()
        func write(_ number: UInt32, to stream: LogStream) throws -> LogPosition {
            let span = try TestRecord(number: number, byteCount: 30).append(to: stream)
            try stream.flush()
            try stream.writeCheckpoint(
                Checkpoint(position: span.start, signature: DatabaseSignature(), attachments: []))
            return span.start
        }
        _ = try write(1, to: stream)
        stream.close()
        // The second copy is bad: then the first must not be touched before the second is good.
        #expect(log.disk.flipBit(log.names.checkpoint, byteOffset: 5_000, bit: 1))
        let (next, _) = try log.recover()
        log.disk.startTrace()
        _ = try write(2, to: next)
        let writes = log.disk.trace.filter { $0.operation == .write && $0.path == log.names.checkpoint }
        #expect(writes.map(\.offset) == [4_096, 0])
    }
}

extension TestLog {
    /// Cuts the power of a copy, recovers, checks what is found, then that the log can go on.
    func checkRecovery(_ loss: PowerLoss, _ context: String, _ check: (FoundLog) -> Void) throws {
        disk.powerFailure(loss)
        environment = LogEnvironment(
            storage: disk, clock: SimulatedClock(seed: 1), tasks: tasks, reporter: reporter)
        let stream: LogStream
        let found: FoundLog
        do {
            (stream, found) = try recover()
        } catch {
            Issue.record("\(context): \(error)")
            return
        }
        check(found)
        let more = TestRecord(writer: 9, number: 1, byteCount: 5_000)
        let span = try more.append(to: stream)
        try stream.flush()
        let again = read()
        #expect(again.problem == nil, "\(context), continued")
        #expect(again.records.count == found.records.count + 1, "\(context), continued")
        #expect(again.records.last?.record == more && again.records.last?.start == span.start, "\(context), continued")
        stream.close()
    }
}
