import Foundation
import PeerRig
import Testing

/// The headers for C and C++, old and new: check 71 of the specification.
@Suite(.needsLibrary)
struct HeaderTests {
    struct Dialect: Sendable, CustomTestStringConvertible {
        let compiler: String, standard: String
        var isPlusPlus: Bool { standard.hasPrefix("c++") }
        var testDescription: String { "\(compiler) -std=\(standard)" }

        static let all = [
            ("cc", "c89"), ("cc", "c99"), ("cc", "c17"), ("c++", "c++98"), ("c++", "c++11"), ("c++", "c++20"),
            ("clang", "c89"), ("clang++", "c++98"), ("clang++", "c++20"),
        ].map { Dialect(compiler: $0.0, standard: $0.1) }
    }

    private func compile(_ dialect: Dialect, _ source: String, _ flags: [String] = []) throws -> PeerToolResult {
        let scratch = try Scratch()
        let file = try scratch.file(dialect.isPlusPlus ? "program.cc" : "program.c", source)
        return try PeerProgram.run(
            dialect.compiler,
            [
                "-std=\(dialect.standard)", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-I\(Library.include)",
                "-c", "-o", "\(scratch.path)/program.o",
            ] + flags + [file])
    }

    @Test(arguments: Dialect.all)
    func everySpellingCompiles(dialect: Dialect) throws {
        // The toolchain brings clang along; what it was installed with need not be in the path.
        guard PeerRig.path(of: dialect.compiler) != nil else { try Test.cancel("no \(dialect.compiler)") }
        for header in ["winsnmp.h", "WinSnmp.h", "Winsnmp.h", "WinSNMP.h", "oriel_winsnmp.h"] {
            let result = try compile(
                dialect,
                """
                #include <\(header)>
                #include <winsnmp.h>
                HSNMP_SESSION session = SNMPAPI_FAILURE;
                int isNone(HSNMP_VBL list);
                int isNone(HSNMP_VBL list) { return list == SNMPAPI_FAILURE || SnmpFreeVbl((HSNMP_PDU)list); }
                """)
            #expect(result.status == 0, "\(header): \(result)")
        }
    }

    @Test(arguments: Dialect.all)
    func layoutsAndValuesAreThoseOfWindows(dialect: Dialect) throws {
        guard PeerRig.path(of: dialect.compiler) != nil else { try Test.cancel("no \(dialect.compiler)") }
        let source = try String(contentsOfFile: "\(Library.ownPrograms)/layout.c", encoding: .utf8)
        let result = try compile(dialect, source)
        #expect(result.status == 0, "\(result)")
    }

    /// The check above can fail: with a wrong value it does.
    @Test func wrongValuesDoNotCompile() throws {
        let source = try String(contentsOfFile: "\(Library.ownPrograms)/layout.c", encoding: .utf8)
        let result = try compile(
            Dialect(compiler: "cc", standard: "c89"),
            source.replacing("sizeof(smiVALUE) == 24", with: "sizeof(smiVALUE) == 20"))
        #expect(result.status != 0 && result.errorOutput.contains("layout_"), "\(result)")
    }

    /// A program with a windows.h of its own declares the base types first.
    @Test(arguments: Dialect.all.filter { $0.compiler.first == "c" && $0.compiler.count <= 3 })
    func ownWindowsTypesWin(dialect: Dialect) throws {
        let result = try compile(
            dialect,
            """
            #define ORIEL_WINDOWS_TYPES
            #define WINAPI
            #define CALLBACK
            #define FAR
            typedef void *HANDLE;
            typedef struct window *HWND;
            typedef unsigned int UINT;
            typedef unsigned long WPARAM;
            typedef long LPARAM;
            typedef void *LPVOID;
            typedef char *LPSTR;
            typedef const char *LPCSTR;
            #include <WinSnmp.h>
            #include <oriel_winsnmp.h>
            HSNMP_SESSION open(HWND window);
            HSNMP_SESSION open(HWND window) { return SnmpOpen(window, 1024); }
            """)
        #expect(result.status == 0, "\(result)")
    }
}
