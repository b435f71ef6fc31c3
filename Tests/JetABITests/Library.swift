// libesent.so as `make libs` made it, and programs that use it.

import Foundation
import PeerRig
import Testing

/// The C library under test.
enum Library {
    private static let environment = ProcessInfo.processInfo.environment
    /// The package's directory.
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The directory of libesent.so; ORIEL_ESENT_LIB names another one than build/lib.
    static let directory = environment["ORIEL_ESENT_LIB"] ?? "\(package)/build/lib"
    /// The directory of esent.h; ORIEL_ESENT_INCLUDE names another one than build/include.
    static let include = environment["ORIEL_ESENT_INCLUDE"] ?? "\(package)/build/include"
    static let path = "\(directory)/libesent.so"
    static let programs = "\(package)/Tests/JetABITests/Programs"

    /// Why the tests can't run; nil if they can.
    static let skipReason: String? = {
        let missing = [path, "\(include)/esent.h"].filter { !FileManager.default.fileExists(atPath: $0) }
        if !missing.isEmpty { return "no \(missing.joined(separator: ", ")): run make libs" }
        let tools = ["cc", "nm", "readelf", "python3", "pkg-config"].filter { PeerRig.path(of: $0) == nil }
        return tools.isEmpty ? nil : "no \(tools.joined(separator: ", ")) here: run Scripts/install-deps test"
    }()

    /// What a program that is linked to the library needs in its environment.
    static var searchPath: [String: String] { ["LD_LIBRARY_PATH": directory] }

    /// Compiles a C program of this target and links it to the library.
    static func compile(_ name: String, into directory: String) throws -> String {
        let program = "\(directory)/\(name)"
        let result = try PeerProgram.run(
            "cc",
            [
                "-std=c11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-I\(include)",
                "\(programs)/\(name).c", "-o", program, "-L\(self.directory)", "-lesent", "-ldl",
            ])
        try #require(result.status == 0, "\(result)")
        return program
    }
}

/// A suite over the C library: skipped where it was not made. `LibraryPresenceTests` fails then where it is required.
extension Trait where Self == ConditionTrait {
    static var needsLibrary: Self {
        .enabled(if: Library.skipReason == nil, "\(Library.skipReason ?? "")")
    }
}

/// A directory that goes with the object.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "oriel-jet-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct LibraryPresenceTests {
    /// The suites below skip without the library; this one makes sure that `make test` never skips them.
    @Test(.enabled(if: PeerRig.isRequired, "ORIEL_REQUIRE_PEERS is not 1"))
    func libraryIsPresentWhereItIsRequired() {
        #expect(Library.skipReason == nil)
    }
}
