// Layer: test support. Uses: PeerRig. Used by: tests that run programs of their own.
// Any program, with its output captured while it runs: to wait for a line, and for its end.

import Foundation

/// A running program. Ends with this object.
public final class PeerProgram: Sendable {
    private let process: Process
    private let directory: String
    private let name: String
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the program at `path`, or found by its name. `environment` comes on top of this process's own.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil
    ) throws(PeerRigError) {
        guard let executable = path.contains("/") ? path : PeerRig.path(of: path) else {
            throw .cannotStart("\(path) is not installed")
        }
        name = ([path] + arguments).joined(separator: " ")
        // Files instead of pipes: nothing to drain while it runs.
        directory = try PeerRig.makeDirectory()
        let files = ["\(directory)/out", "\(directory)/err"]
        for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
        process.standardInput = FileHandle.nullDevice
        let handles = files.map { FileHandle(forWritingAtPath: $0) }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        process.terminationHandler = { [ended] _ in ended.signal() }
        defer { for handle in handles { try? handle?.close() } }
        try PeerRig.start(process)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What it wrote to its standard output so far.
    public var output: String { text("out") }
    /// What it wrote to its standard error so far.
    public var errorOutput: String { text("err") }

    private func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(directory)/\(file)") ?? Data(), as: UTF8.self)
    }

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
        guard ended.wait(timeout: .now() + seconds) == .success else {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
            ended.signal()
            throw .timedOut("\(name)\n\(output)\(errorOutput)")
        }
        ended.signal()
        let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        return PeerToolResult(status: status, output: output, errorOutput: errorOutput)
    }

    /// Runs a program to its end.
    public static func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], seconds: Double = 60
    ) throws(PeerRigError) -> PeerToolResult {
        try PeerProgram(path, arguments, environment: environment).finish(seconds: seconds)
    }
}
