import Foundation
import PeerRig
import Testing

@testable import OrielCommand

/// What the tests of `db` share: samples, damaged copies of them, recorded outputs.
enum DatabaseRig {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Database"
    private static let isRecording = ProcessInfo.processInfo.environment["ORIEL_RECORD"] == "1"

    /// The full path of a sample.
    static func sample(_ name: String) throws -> String { try #require(ESESamples.path(of: name)) }

    /// Runs a sub-command of `db`.
    static func db(_ arguments: String...) async -> CommandResult { await db(arguments: arguments) }

    static func db(arguments: [String]) async -> CommandResult { await oriel(["db"] + arguments) }

    /// Compares an output with the recorded one; ORIEL_RECORD=1 records it. Paths of samples are written as their
    /// names.
    static func check(_ result: CommandResult, _ name: String) throws {
        let path = "\(folder)/\(name).txt"
        let text = result.description.replacing("\(ESESamples.directory ?? "")/", with: "")
        if isRecording { try text.write(toFile: path, atomically: true, encoding: .utf8) }
        let stored = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == stored, "the output of \(name) changed; if that is meant, run the tests with ORIEL_RECORD=1")
    }

    /// A copy of a sample with bytes changed.
    static func damaged(_ name: String, in scratch: Scratch, _ change: (inout Data) -> Void) throws -> String {
        var data = try Data(contentsOf: URL(fileURLWithPath: try sample(name)))
        change(&data)
        let path = "\(scratch.path)/damaged.edb"
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Runs Python's standard library on arguments; the output.
    static func python(_ script: String, _ arguments: String...) throws -> String { try python(script, arguments) }

    static func python(_ script: String, _ arguments: [String]) throws -> String {
        let result = try PeerProgram.run("/usr/bin/env", ["python3", "-c", script] + arguments)
        #expect(result.status == 0, "\(result.errorOutput)")
        return result.output
    }
}
