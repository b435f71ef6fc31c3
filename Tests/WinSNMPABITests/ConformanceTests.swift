import Foundation
import PeerRig
import Testing

/// The C programs of Tests/Support/WinSNMPPrograms, compiled once for all tests.
private enum Programs {
    static let build: Result<String, PeerRigError> = Result { () throws(PeerRigError) in
        let directory = "\(Library.package)/.build/winsnmp-programs"
        let script = "\(Library.programs)/build-programs.sh"
        let result = try PeerProgram.run(
            "/bin/sh", [script, Library.directory, Library.include, directory], seconds: 300)
        guard result.status == 0 else { throw .cannotStart("\(script): \(result)") }
        return directory
    }

    static func run(_ name: String, _ arguments: [String], seconds: Double) throws(PeerRigError) -> PeerToolResult {
        try PeerProgram.run(
            "\(try build.get())/\(name)", arguments, environment: Library.searchPath, seconds: seconds)
    }
}

/// A numbered check of the specification.
struct ConformanceCheck: Sendable, CustomTestStringConvertible {
    let number: String, title: String
    var testDescription: String { "\(number) \(title)" }

    /// What the program says that it checks; empty when there is no program.
    static let all: [ConformanceCheck] = {
        guard Library.skipReason == nil, let list = try? Programs.run("conformance", ["--list"], seconds: 10) else {
            return []
        }
        return list.output.split(separator: "\n").map {
            let words = $0.split(separator: " ", maxSplits: 1)
            return ConformanceCheck(number: String(words[0]), title: words.count > 1 ? String(words[1]) : "")
        }
    }()
}

/// Every check in a process of its own, one after another: many measure time.
@Suite(.needsLibrary, .serialized, .timeLimit(.minutes(30)))
struct ConformanceTests {
    @Test func programsCompile() throws {
        #expect(throws: Never.self) { try Programs.build.get() }
    }

    /// No check got lost on the way: 72 are numbered in the specification.
    @Test func everyNumberIsChecked() {
        let missing = Set((1...72).map(String.init)).subtracting(ConformanceCheck.all.map(\.number))
        #expect(missing.isEmpty, "\(missing.sorted())")
    }

    @Test(arguments: ConformanceCheck.all)
    func holds(check: ConformanceCheck) async throws {
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try Programs.run("conformance", [check.number], seconds: 240)
        }
        if let reason = result.output.split(separator: "\n").first(where: { $0.hasPrefix("skip \(check.number) ") }) {
            try Test.cancel("\(reason)")
        }
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("ok \(check.number) "), "\(result)")
    }

    /// Load and life cycles, at a fraction of the campaign's size that ORIEL_SOAK runs.
    @Test func survivesStress() async throws {
        let isSoak = ProcessInfo.processInfo.environment["ORIEL_SOAK"] == "1"
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try Programs.run("stress", [isSoak ? "100" : "5"], seconds: isSoak ? 1_200 : 300)
        }
        #expect(result.status == 0 && result.output.contains("\nok "), "\(result)")
    }

    /// Random calls by four threads with live, dead and foreign handles, and random datagrams. Its first line is what
    /// repeats it.
    @Test func survivesRandomCalls() async throws {
        let isSoak = ProcessInfo.processInfo.environment["ORIEL_SOAK"] == "1"
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try Programs.run("fuzz", ["--calls", isSoak ? "2000000" : "20000"], seconds: isSoak ? 1_200 : 300)
        }
        #expect(result.status == 0 && result.output.contains("ok fuzz"), "\(result)")
    }
}
