// Layer: test support. Uses: PeerRig. Used by: tests that run programs of their own.
// Any program, with its output captured while it runs: to wait for a line, and for its end.

import Foundation

/// A running program. Ends with this object.
public final class PeerProgram: Sendable {
    private let process: ChildProcess
    private let directory: String
    private let name: String

    /// Starts the program at `path`, or found by its name. `environment` comes on top of this process's own.
    public convenience init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil
    ) throws(PeerRigError) {
        let whole = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try self.init(path, arguments, wholeEnvironment: whole, workingDirectory: workingDirectory)
    }

    init(
        _ path: String, _ arguments: [String], wholeEnvironment: [String: String], workingDirectory: String? = nil
    ) throws(PeerRigError) {
        guard let executable = path.contains("/") ? path : PeerRig.path(of: path) else {
            throw .cannotStart("\(path) is not installed")
        }
        name = ([path] + arguments).joined(separator: " ")
        directory = try PeerRig.makeDirectory()
        // Files instead of pipes: nothing to drain while it runs.
        let descriptors = try [
            ChildDescriptor("/dev/null", writing: false), ChildDescriptor("\(directory)/out", writing: true),
            ChildDescriptor("\(directory)/err", writing: true),
        ]
        process = try ChildProcess(
            executable, arguments, environment: wholeEnvironment, workingDirectory: workingDirectory,
            input: descriptors[0].number, output: descriptors[1].number, errorOutput: descriptors[2].number)
        withExtendedLifetime(descriptors) {}
    }

    deinit {
        process.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What it wrote to its standard output so far.
    public var output: String { text("out") }
    /// What it wrote to its standard error so far.
    public var errorOutput: String { text("err") }

    private func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(directory)/\(file)") ?? Data(), as: UTF8.self)
    }

    /// Its process ID.
    public var processID: Int32 { process.processID }

    /// Whether its end has not been seen yet.
    public var isRunning: Bool { process.isRunning }

    /// Sends SIGKILL and waits for its end.
    public func kill() { process.stop() }

    /// Sends SIGINT, as Control-C does, if it runs.
    public func interrupt() { process.interrupt() }

    /// Waits until a line of its output is `line`; false if it ended, or `seconds` passed, without.
    public func wait(for line: String, seconds: Double = 30) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            // The order matters: what it wrote before it ended counts.
            let isRunning = process.isRunning
            if output.split(separator: "\n").contains(Substring(line)) { return true }
            if !isRunning || Date() > deadline { return false }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    /// Waits for its end and returns what became of it; a status above 128 is 128 and the signal that ended it.
    /// Kills it after `seconds` and throws `timedOut` with what it wrote.
    public func finish(seconds: Double = 60) throws(PeerRigError) -> PeerToolResult {
        guard let status = process.wait(seconds: seconds) else {
            process.stop()
            throw .timedOut("\(name)\n\(output)\(errorOutput)")
        }
        return PeerToolResult(status: status, output: output, errorOutput: errorOutput)
    }

    /// Runs a program to its end.
    public static func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], seconds: Double = 60
    ) throws(PeerRigError) -> PeerToolResult {
        try PeerProgram(path, arguments, environment: environment).finish(seconds: seconds)
    }
}
