// esent.h for C and C++: it compiles without warnings, and its structures are laid out as on 64-bit Windows.

import Foundation
import PeerRig
import Testing

@Suite struct HeaderTests {
    struct Dialect: Sendable, CustomTestStringConvertible {
        let compiler: String, standard: String, language: String
        let flags: [String]
        var testDescription: String { ([compiler, "-std=\(standard)"] + flags).joined(separator: " ") }

        static let all: [Dialect] =
            [("cc", "c11"), ("cc", "c17"), ("clang", "c11")].flatMap {
                [
                    Dialect(compiler: $0.0, standard: $0.1, language: "c", flags: []),
                    Dialect(compiler: $0.0, standard: $0.1, language: "c", flags: ["-DJET_UNICODE"]),
                ]
            }
            + [("c++", "c++17"), ("c++", "c++20"), ("clang++", "c++17")].flatMap {
                [
                    Dialect(compiler: $0.0, standard: $0.1, language: "c++", flags: []),
                    Dialect(compiler: $0.0, standard: $0.1, language: "c++", flags: ["-DJET_UNICODE"]),
                ]
            }
    }

    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    private static let layout = "\(package)/Tests/JetTests/Programs/layout.c"

    private func compile(_ dialect: Dialect, _ file: String) throws -> PeerToolResult {
        // The toolchain brings clang along; what it was installed with need not be in the path.
        guard PeerRig.path(of: dialect.compiler) != nil else { try Test.cancel("no \(dialect.compiler)") }
        return try PeerProgram.run(
            dialect.compiler,
            [
                "-x", dialect.language, "-std=\(dialect.standard)", "-Wall", "-Wextra", "-Werror",
                "-I\(Self.package)/Sources/CJet/include", "-fsyntax-only",
            ] + dialect.flags + [file])
    }

    private func compile(_ dialect: Dialect, source: String) throws -> PeerToolResult {
        let path = NSTemporaryDirectory() + "oriel-esent-\(UInt64.random(in: 0 ... .max)).c"
        try source.write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try compile(dialect, path)
    }

    @Test(arguments: Dialect.all)
    func layoutsAreThoseOfWindows(dialect: Dialect) throws {
        let result = try compile(dialect, Self.layout)
        #expect(result.status == 0, "\(result)")
    }

    /// The check above can fail: with a wrong size, and with a wrong offset, it does.
    @Test func wrongLayoutsDoNotCompile() throws {
        let source = try String(contentsOfFile: Self.layout, encoding: .utf8)
        for (right, wrong) in [
            ("SIZE(JET_COLUMNDEF, 28)", "SIZE(JET_COLUMNDEF, 32)"),
            ("AT(JET_OBJECTLIST, tableid, 8)", "AT(JET_OBJECTLIST, tableid, 4)"),
        ] {
            try #require(source.contains(right))
            let result = try compile(Dialect.all[0], source: source.replacing(right, with: wrong))
            #expect(result.status != 0, "\(wrong)")
        }
    }

    /// All three spellings of a function, and wide literals, in C and in C++.
    @Test(arguments: Dialect.all)
    func everySpellingCompiles(dialect: Dialect) throws {
        let result = try compile(
            dialect,
            source: """
                #include <esent.h>
                #include <esent.h>
                #ifdef JET_UNICODE
                #define TEXT(x) u##x
                #else
                #define TEXT(x) x
                #endif
                JET_ERR use(JET_SESID sesid, JET_DBID dbid, JET_TABLEID *tableid);
                JET_ERR use(JET_SESID sesid, JET_DBID dbid, JET_TABLEID *tableid) {
                    JET_INDEXCREATE index;
                    index.err = JET_errSuccess;
                    if (JetOpenTableA(sesid, dbid, "rows", 0, 0, JET_bitTableReadOnly, tableid) < index.err) return 1;
                    if (JetOpenTableW(sesid, dbid, u"rows", 0, 0, JET_bitTableReadOnly, tableid) < index.err) return 2;
                    if (JetMove(sesid, *tableid, JET_MoveFirst, 0) == JET_errNoCurrentRecord) return 3;
                    return JetOpenTable(sesid, dbid, TEXT("rows"), 0, 0, JET_bitNil, tableid);
                }
                """)
        #expect(result.status == 0, "\(result)")
    }

    /// The benchmark's program is written against the header.
    @Test func benchmarkCompiles() throws {
        let dialect = Dialect(compiler: "cc", standard: "gnu11", language: "c", flags: [])
        let program = "\(Self.package)/Benchmarks/peers/store_jet.c"
        // A package of some targets only has no benchmarks.
        guard FileManager.default.fileExists(atPath: program) else { try Test.cancel("no \(program)") }
        let result = try compile(dialect, program)
        #expect(result.status == 0, "\(result)")
    }
}
