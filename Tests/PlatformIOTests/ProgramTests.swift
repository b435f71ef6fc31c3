import CLinux
@testable import PlatformIO
import Primitives
import Testing

@Suite struct ClockTests {
    @Test func monotonicClockDoesNotGoBack() {
        var last = SystemClock.now
        for _ in 0..<1_000 {
            let now = SystemClock.now
            #expect(now >= last)
            last = now
        }
    }

    @Test func processorTimeGrowsWithWork() {
        let before = SystemClock.processCPUTime
        var random = SeededRandom(seed: 1)
        var sum: UInt64 = 0
        for _ in 0..<100_000 { sum ^= random.next() }
        #expect(sum != 0 && SystemClock.processCPUTime > before)
    }

    @Test func wallClockIsInThisEra() {
        #expect(SystemClock.wallSeconds > 1_700_000_000)
        #expect(LocalTime(wallSeconds: SystemClock.wallSeconds) != nil)
    }

    @Test func secondsBecomeACalendarDate() throws {
        // 2000-02-29 12:34:56 UTC, a Tuesday.
        let time = try #require(LocalTime(utcSeconds: 951_827_696))
        #expect([time.year, time.month, time.day] == [2000, 2, 29])
        #expect([time.hour, time.minute, time.second] == [12, 34, 56])
        #expect(time.weekday == 2 && time.utcOffsetSeconds == 0)
        let local = try #require(LocalTime(wallSeconds: 951_827_696))
        #expect(LocalTime(utcSeconds: 951_827_696 + Int64(local.utcOffsetSeconds))?.hour == local.hour)
        #expect(LocalTime(utcSeconds: .max) == nil && LocalTime(wallSeconds: .max) == nil)
    }

    @Test(
        arguments: [
            (-1, 0), (0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (.max, .max),
        ] as [(Int64, Int32)])
    func waitsAreRoundedUp(nanoseconds: Int64, milliseconds: Int32) {
        #expect(Interval(nanoseconds: nanoseconds).pollMilliseconds == milliseconds)
    }
}

@Suite struct ErrorTextTests {
    @Test func hintFollowsTheReason() {
        let error = IOError(code: EACCES, operation: "bind", subject: "127.0.0.1:161")
        #expect(
            error.description == "cannot bind 127.0.0.1:161: Permission denied (EACCES); "
                + "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE")
        #expect(error.isPermissionDenied)
    }

    @Test func unknownCodeStillHasAText() {
        let text = IOError(code: 99_999, operation: "try").description
        #expect(text.hasPrefix("cannot try: ") && text.contains("99999"))
    }
}

@Suite struct OutputTests {
    /// The two ends of a pipe.
    static func makePipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    static func readSome(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test func textIsCollectedUntilFlush() throws {
        let (reading, writing) = try OutputTests.makePipe()
        defer { close(reading) }
        #expect(oriel_set_nonblocking(reading) == 0)
        let output = BufferedOutput(descriptor: writing, name: "pipe", capacity: 10)
        try output.write("héllo ")
        #expect(OutputTests.readSome(reading) == "")
        try output.flush()
        #expect(OutputTests.readSome(reading) == "héllo ")
        try output.write("more than ten bytes")
        #expect(OutputTests.readSome(reading) == "more than ten bytes")
        close(writing)
    }

    @Test func readerThatHasGoneIsAnError() throws {
        let (reading, writing) = try OutputTests.makePipe()
        defer { close(writing) }
        let output = BufferedOutput(descriptor: writing, name: "standard output", capacity: 0)
        close(reading)
        let error = #expect(throws: IOError.self) { try output.write("x") }
        #expect(error?.isBrokenPipe == true)
        // What couldn't be written isn't tried again at the end.
        try output.flush()
    }

    @Test func slowReaderOfANonblockingPipeGetsEverything() throws {
        let (reading, writing) = try OutputTests.makePipe()
        defer { close(reading) }
        #expect(oriel_set_nonblocking(writing) == 0)
        let text = String(repeating: "0123456789", count: 50_000)
        let writer = try Thread.start(name: "writer") {
            let output = BufferedOutput(descriptor: writing, name: "pipe", capacity: 100)
            do { try output.write(text) } catch { Issue.record("\(error)") }
            close(writing)
        }
        var received = ""
        while case let part = OutputTests.readSome(reading), !part.isEmpty { received += part }
        writer.join()
        #expect(received == text)
    }

    @Test func colorFollowsTerminalAndEnvironment() {
        #expect(Terminal.usesColor(isTerminal: true, term: "xterm", noColor: nil))
        #expect(Terminal.usesColor(isTerminal: true, term: "xterm", noColor: ""))
        #expect(!Terminal.usesColor(isTerminal: true, term: "xterm", noColor: "1"))
        #expect(!Terminal.usesColor(isTerminal: false, term: "xterm", noColor: nil))
        #expect(!Terminal.usesColor(isTerminal: true, term: "dumb", noColor: nil))
        #expect(!Terminal.usesColor(isTerminal: true, term: nil, noColor: nil))
    }

    @Test func environmentIsRead() {
        #expect(Program.environment("PATH")?.isEmpty == false)
        #expect(Program.environment("ORIEL_NOT_SET_ANYWHERE") == nil)
        #expect(Program.environment("PATH\0") == nil)
    }
}

/// Signals go to the process and not to the calling thread, which may have them blocked: whichever thread takes one,
/// the loop must hear of it.
@Suite(.serialized) struct SignalTests {
    @Test func signalsReachTheLoopAndTheDefaultReturns() throws {
        let loop = try EventLoop()
        var seen: [Signal] = []
        let watcher = try SignalWatcher([.user1, .windowChange], on: loop) { seen.append($0) }
        let second = #expect(throws: IOError.self) { try SignalWatcher([.hangup], on: loop) { _ in } }
        #expect(second?.name == "EBUSY")
        kill(Program.id, SIGWINCH)
        try loop.run { seen.count == 1 }
        kill(Program.id, SIGUSR1)
        try loop.run { seen.count == 2 }
        #expect(seen == [.windowChange, .user1])
        watcher.cancel()
        #expect(loop.descriptorCount == 0)
        #if os(Linux)
            for number in [SIGUSR1, SIGWINCH] {
                var action = sigaction()
                #expect(sigaction(number, nil, &action) == 0)
                // The default disposition is the null handler.
                #expect(action.__sigaction_handler.sa_handler == nil)
            }
        #endif
    }

    @Test func watcherCanFollowAWatcher() throws {
        let loop = try EventLoop()
        for _ in 0..<3 {
            var count = 0
            let watcher = try SignalWatcher([.user1], on: loop) { _ in count += 1 }
            kill(Program.id, SIGUSR1)
            try loop.run { count == 1 }
            watcher.cancel()
        }
    }

    @Test func ignoredSignalStaysIgnored() throws {
        #expect(oriel_ignore_signal(SIGHUP) == 0)
        defer { signal(SIGHUP, nil) }
        let loop = try EventLoop()
        var seen: [Signal] = []
        let watcher = try SignalWatcher([.hangup, .user1], on: loop) { seen.append($0) }
        kill(Program.id, SIGHUP)
        kill(Program.id, SIGUSR1)
        try loop.run { !seen.isEmpty }
        #expect(seen == [.user1])
        watcher.cancel()
    }
}

@Suite struct LockTests {
    @Test func onlyOneThreadIsInside() throws {
        let lock = Lock()
        let counter = Box(0)
        let guarded = Locked(0)
        let threads = try (0..<4).map { _ in
            try Thread.start(name: "counter") {
                for _ in 0..<20_000 {
                    lock.withLock { counter.value += 1 }
                    guarded.withLock { $0 += 1 }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.value == 80_000 && guarded.withLock { $0 } == 80_000)
    }

    @Test func lockIsReleasedWhenTheBodyThrows() {
        let lock = Lock()
        #expect(throws: IOError(code: EIO, operation: "try")) {
            try lock.withLock { () throws(IOError) in throw IOError(code: EIO, operation: "try") }
        }
        #expect(lock.withLock { 1 } == 1)
    }
}
