// C programs that are linked to libesent.so, or load it.

import ESEReader
import ESEVerify
import Foundation
import PeerRig
import PlatformIO
import Testing

@Suite(.needsLibrary, .timeLimit(.minutes(6)))
struct ProgramTests {
    private func succeeds(_ name: String, _ arguments: [String]) async throws {
        let scratch = try Scratch()
        let program = try Library.compile(name, into: scratch.path)
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run(
                program, arguments.map { $0 == "DIRECTORY" ? scratch.path : $0 }, environment: Library.searchPath,
                seconds: 240)
        }
        #expect(result.status == 0 && result.output == "ok\n", "\(result)")
    }

    @Test func sessionsInAllSpellings() async throws { try await succeeds("sessions", ["DIRECTORY"]) }

    @Test func definitionsInAllSpellings() async throws { try await succeeds("definitions", ["DIRECTORY"]) }

    @Test func sessionsOnManyThreads() async throws { try await succeeds("threads", ["DIRECTORY", "500"]) }

    @Test func rowsAndIndexes() async throws { try await succeeds("rows", ["DIRECTORY"]) }

    @Test func memoryRunsOut() async throws { try await succeeds("memory", ["DIRECTORY"]) }

    /// A writing process is killed 200 times, also while it makes its database: what it said was durable is there,
    /// nothing else, and the last database is whole.
    @Test func durableCommitsSurviveKills() throws {
        let scratch = try Scratch()
        let program = try Library.compile("crash", into: scratch.path)
        let seed = String(UInt16.random(in: 1...999))
        let result = try PeerProgram.run(
            program, [scratch.path, "200", seed], environment: Library.searchPath, seconds: 600)
        #expect(result.status == 0 && result.output == "ok\n", "seed \(seed): \(result)")
        let file = try RandomAccessFile(reading: "\(scratch.path)/files/crash.edb")
        let report = Verification(file).run()
        let found = report.groups.filter { $0.errorCount > 0 }.flatMap(\.kept).map(\.description)
        #expect(found.isEmpty, "seed \(seed)")
    }

    @Test func loadsAndUnloadsOnThreadsThatEnd() async throws { try await succeeds("load", [Library.path]) }

    @Test func loadsByNameAlone() async throws { try await succeeds("load", ["libesent.so"]) }

    /// Loaded, used and unloaded within Python; the interpreter then ends in its own way.
    @Test func pythonLoadsAndUnloads() throws {
        let script = """
            import _ctypes, ctypes, sys
            for _ in range(20):
                library = ctypes.CDLL(sys.argv[1])
                session = ctypes.c_size_t()
                assert library.JetDupSession(ctypes.c_size_t(12345), ctypes.byref(session)) == -1029
                assert library.JetTerm(ctypes.c_size_t(12345)) == -1003
                _ctypes.dlclose(library._handle)
            print("ok")
            """
        let result = try PeerProgram.run("python3", ["-c", script, Library.path])
        #expect(result.status == 0 && result.output == "ok\n", "\(result)")
    }
}

/// The pkg-config file, as a program's build uses it.
@Suite(.needsLibrary, .timeLimit(.minutes(6)))
struct PackageConfigTests {
    /// In place, and after lib and include moved together.
    @Test(arguments: [false, true])
    func flagsBuildAProgram(isMoved: Bool) throws {
        let scratch = try Scratch()
        var lib = Library.directory
        if isMoved {
            let prefix = "\(scratch.path)/elsewhere"
            try FileManager.default.createDirectory(atPath: prefix, withIntermediateDirectories: true)
            lib = "\(prefix)/lib"
            try FileManager.default.copyItem(atPath: Library.directory, toPath: lib)
            try FileManager.default.copyItem(atPath: Library.include, toPath: "\(prefix)/include")
        }
        let build = try PeerProgram.run(
            "sh",
            [
                "-ec", "cc -pthread -o \"$0\" \"$1\" $(pkg-config --cflags --libs esent)", "\(scratch.path)/program",
                "\(Library.programs)/sessions.c",
            ],
            environment: ["PKG_CONFIG_PATH": "\(lib)/pkgconfig"])
        try #require(build.status == 0, "\(build)")
        let result = try PeerProgram.run(
            "\(scratch.path)/program", [scratch.path], environment: ["LD_LIBRARY_PATH": lib])
        #expect(result.status == 0 && result.output == "ok\n", "\(result)")
    }

    @Test func saysItsVersion() throws {
        let result = try PeerProgram.run(
            "pkg-config", ["--modversion", "esent"],
            environment: ["PKG_CONFIG_PATH": "\(Library.directory)/pkgconfig"])
        let version = try String(contentsOfFile: "\(Library.package)/Scripts/exports/VERSION", encoding: .utf8)
        #expect(result.status == 0 && result.output == version, "\(result)")
    }
}
