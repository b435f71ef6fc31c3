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
    /// Waits until nothing is scheduled nor runs.
    func drain()
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
