import Foundation
import PeerRig
import PlatformIO
import Testing

@testable import OrielCommand

/// What a command wrote, and how it ended.
struct CommandResult: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The lines as JSON objects; records an issue for each that is none.
    var objects: [[String: Any]] {
        lines.compactMap { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            if object == nil { Issue.record("no JSON object: \(line)") }
            return object
        }
    }

    var description: String { "status \(status)\n\(output)\(errors)" }
}

/// Runs commands inside the test process, with their output captured.
final class Capture: Sendable {
    private let output = Locked("")
    private let errors = Locked("")
    private let waiters = Locked<[(text: String, continuation: CheckedContinuation<String, Never>)]>([])
    private let environment: [String: String]

    init(environment: [String: String] = [:]) { self.environment = environment }

    var console: Console {
        Console(
            write: { [self] text throws(IOError) in append(text, to: output) },
            writeError: { [self] text in append(text, to: errors) },
            environment: { [environment] in environment[$0] })
    }

    private func append(_ text: String, to stream: Locked<String>) {
        stream.withLock { $0 += text }
        let due = waiters.withLock { waiters in
            let all = output.withLock { $0 } + errors.withLock { $0 }
            let due = waiters.compactMap { waiter in
                Self.line(with: waiter.text, in: all).map { (waiter.continuation, $0) }
            }
            waiters.removeAll { Self.line(with: $0.text, in: all) != nil }
            return due
        }
        for (continuation, line) in due { continuation.resume(returning: line) }
    }

    private static func line(with text: String, in all: String) -> String? {
        all.split(separator: "\n").map(String.init).first { $0.contains(text) }
    }

    /// Waits for a line that contains `text`, on either stream.
    func line(with text: String) async -> String {
        await withCheckedContinuation { continuation in
            waiters.withLock { $0.append((text, continuation)) }
            // It may have come already.
            append("", to: errors)
        }
    }

    func run(_ arguments: [String]) async -> CommandResult {
        let status = await Oriel.run(arguments, console: console)
        return CommandResult(status: status, output: output.withLock { $0 }, errors: errors.withLock { $0 })
    }
}

/// Runs a command line and waits for its end.
func oriel(_ arguments: [String], environment: [String: String] = [:]) async -> CommandResult {
    await Capture(environment: environment).run(arguments)
}

/// A directory of a test's own, gone with it.
final class Scratch: Sendable {
    let path = NSTemporaryDirectory() + "oriel-command-\(UInt64.random(in: 0 ... .max))"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}
