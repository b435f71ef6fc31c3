// Layer: ESEEngine/0-Base. Uses: ESEFormat. Used by: log, sessions, recovery.
// The seams to time, chance and threads, and what an engine has to report.

public import ESEFormat

/// Time and random numbers.
public protocol EngineClock: AnyObject, Sendable {
    /// Now, as files carry it.
    func logTime() -> LogTime
    /// Nanoseconds since some moment, never going back.
    func nanoseconds() -> UInt64
    /// 64 random bits.
    func random() -> UInt64
    /// Lets the calling thread wait for about so many nanoseconds; a simulation moves its clock.
    func sleep(nanoseconds: UInt64)
}

/// Who does background work.
public protocol TaskRunner: AnyObject, Sendable {
    /// Calls `work` soon, on another thread or when told. Work that is scheduled again before it started is done once.
    func schedule(_ task: BackgroundTask, _ work: @escaping @Sendable () -> Void)
    /// The same, about so many nanoseconds later. If the task waits already, the earlier time counts.
    func schedule(_ task: BackgroundTask, after nanoseconds: UInt64, _ work: @escaping @Sendable () -> Void)
    /// Waits until nothing is scheduled nor runs; what is to be done later is done now or forgotten.
    func drain()
}

extension TaskRunner {
    /// For runners without a clock: soon.
    public func schedule(
        _ task: BackgroundTask, after nanoseconds: UInt64, _ work: @escaping @Sendable () -> Void
    ) { schedule(task, work) }
}

/// The kinds of background work.
public enum BackgroundTask: UInt8, Sendable, CaseIterable {
    /// Remove revisions that everybody sees, and deleted nodes.
    case cleanVersions
    /// Write old dirty pages, so that the checkpoint moves and frames become free.
    case writePages
    /// Write the checkpoint file and the databases' headers, remove logs.
    case advanceCheckpoint
    /// Make the next log file.
    case prepareLog
    /// Make commits durable that didn't wait for that.
    case flushLog
}

/// What happened that an operator should know: repaired bits, bad pages, failed writes, finished recovery.
public protocol EngineReporter: AnyObject, Sendable {
    /// Takes one line, without a time or a name of the program.
    func report(_ level: ReportLevel, _ text: String)
}

/// How bad it is.
public enum ReportLevel: UInt8, Sendable {
    /// Good to know.
    case information
    /// Something was repaired or worked around.
    case warning
    /// Something failed.
    case error
}
