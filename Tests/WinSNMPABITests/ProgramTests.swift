import Foundation
import PeerRig
import Testing

/// Programs of this target: one for each part of the border between C and Swift.
@Suite(.needsLibrary, .timeLimit(.minutes(6)))
struct ProgramTests {
    @Test(arguments: ["descriptors", "pointers", "load"])
    func cProgramSucceeds(name: String) async throws {
        let scratch = try Scratch()
        let program = try Library.compile(name, into: scratch.path)
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run(program, [Library.path], environment: Library.searchPath, seconds: 240)
        }
        #expect(result.status == 0 && result.output == "ok\n", "\(result)")
    }

    @Test func loadsByNameAlone() async throws {
        let scratch = try Scratch()
        let program = try Library.compile("load", into: scratch.path)
        let result = try PeerProgram.run(program, ["libwsnmp32.so"], environment: Library.searchPath)
        #expect(result.status == 0 && result.output == "ok\n", "\(result)")
    }

    /// Loaded, used and unloaded within Python; the interpreter then ends in its own way.
    @Test func pythonLoadsAndUnloads() throws {
        let script = """
            import _ctypes, ctypes, sys
            for _ in range(20):
                library = ctypes.CDLL(sys.argv[1])
                assert library.SnmpStartup(None, None, None, None, None) == 1
                assert library.SnmpGetLastError(None) in (1, 5)
                assert library.SnmpFreeEntity(ctypes.c_void_p(12345)) == 0 and library.SnmpGetLastError(None) == 5
                assert library.SnmpCleanup() == 1
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
    private static let source = """
        #include <stdio.h>
        #include <winsnmp.h>
        int main(void) {
            smiOID name;
            char text[MAXOBJIDSTRSIZE];
            SnmpStartup(NULL, NULL, NULL, NULL, NULL);
            if (SnmpStrToOid("1.3.6.1.2.1.1.1.0", &name) != 9) return 1;
            if (!SnmpOidToStr(&name, sizeof text, text)) return 2;
            SnmpFreeDescriptor(SNMP_SYNTAX_OID, (smiLPOPAQUE)&name);
            puts(text);
            return SnmpCleanup() == SNMPAPI_SUCCESS ? 0 : 3;
        }
        """

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
        let file = try scratch.file("program.c", PackageConfigTests.source)
        let build = try PeerProgram.run(
            "sh",
            ["-ec", "cc -o \"$0\" \"$1\" $(pkg-config --cflags --libs wsnmp32)", "\(scratch.path)/program", file],
            environment: ["PKG_CONFIG_PATH": "\(lib)/pkgconfig"])
        try #require(build.status == 0, "\(build)")
        let result = try PeerProgram.run("\(scratch.path)/program", environment: ["LD_LIBRARY_PATH": lib])
        #expect(result.status == 0 && result.output == "1.3.6.1.2.1.1.1.0\n", "\(result)")
    }

    @Test func saysItsVersion() throws {
        let result = try PeerProgram.run(
            "pkg-config", ["--modversion", "wsnmp32"],
            environment: ["PKG_CONFIG_PATH": "\(Library.directory)/pkgconfig"])
        let version = try String(contentsOfFile: "\(Library.package)/Scripts/exports/VERSION", encoding: .utf8)
        #expect(result.status == 0 && result.output == version, "\(result)")
    }
}
