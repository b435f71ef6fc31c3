// Layer: ESEFuzzTests. Tests: that no damage makes the reader trap, hang or take memory without limit.
// The cases run in a process of their own, whose end, time and memory are what is tested. It names each case before it
// runs it: the last line tells which one did it.

import ESETestKit
import Foundation
import PeerRig
import Testing

@Suite(.serialized) struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// Seconds of all targets together: ORIEL_FUZZ_SECONDS; with ORIEL_SOAK ten minutes.
    private static let seconds =
        environment["ORIEL_FUZZ_SECONDS"].flatMap(Double.init) ?? (environment["ORIEL_SOAK"] == nil ? 60 : 600)
    /// ORIEL_FUZZ_SEED; always the same unless told.
    private static let seed = environment["ORIEL_FUZZ_SEED"].flatMap(UInt64.init) ?? 20_261_121
    /// The program: ORIEL_FUZZ_PROGRAM, which `make test` builds with optimization; else the one built with the tests.
    private static let program =
        environment["ORIEL_FUZZ_PROGRAM"] ?? ".build/debug/ese-fuzz"

    @Test("damaged databases and bytes")
    func campaign() throws {
        let samples = ["dissect/basic.edb", "dissect/multi.edb", "dissect/index.edb", "misc/decompress_test.edb"]
            .compactMap(ESESamples.path)
        let result = try Self.run(
            ["--seconds", String(Self.seconds), "--seed", String(Self.seed)] + samples, seconds: Self.seconds + 60)
        #expect(result.status == 0, "\(Self.report(result))")
        #expect(result.output.contains("done space"), "\(Self.report(result))")
    }

    @Test("the fuzzer finds what is wrong")
    func canary() throws {
        // A limit that every case breaks.
        let result = try Self.run(["--cases", "1", "--target", "database", "--cpu-milliseconds", "-1"], seconds: 120)
        #expect(result.status == 1)
        #expect(result.output.contains("ms of CPU time"))
    }

    /// Runs the program with limits on its memory and on the size of core files.
    private static func run(_ arguments: [String], seconds: Double) throws -> PeerToolResult {
        let program = program.hasPrefix("/") ? program : "\(PeerRig.packageRoot)/\(program)"
        try #require(FileManager.default.isExecutableFile(atPath: program), "no program \(program)")
        return try PeerProgram.run(
            "/bin/sh", ["-c", "ulimit -c 0; ulimit -v 4194304; exec \"$0\" \"$@\"", program] + arguments,
            environment: ["SWIFT_BACKTRACE": "enable=no"], seconds: seconds)
    }

    private static func report(_ result: PeerToolResult) -> String {
        let faults = result.output.split(separator: "\n").filter { $0.hasPrefix("fault") }
        let last = result.output.split(separator: "\n").last { $0.hasPrefix("case ") } ?? ""
        return """
            status \(result.status) \(result.errorOutput.suffix(500))
            \(faults.joined(separator: "\n"))
            the last case: \(last); again: \(program) --case TARGET:SEED, with the same files
            all of it again: ORIEL_FUZZ_SEED=\(seed) swift test --filter ESEFuzzTests
            """
    }
}
