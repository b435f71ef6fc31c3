// What libesent.so exports and needs.

import Foundation
import PeerRig
import Testing

@Suite(.needsLibrary)
struct ExportTests {
    /// The names in Scripts/exports/esent.map.
    private static func listed() throws -> [String] {
        let text = try String(contentsOfFile: "\(Library.package)/Scripts/exports/esent.map", encoding: .utf8)
        return text.matches(of: #/\n    (Jet\w+);/#).map { String($0.1) }
    }

    @Test func exportsExactlyTheListedFunctions() throws {
        let symbols = try PeerProgram.run("nm", ["-D", "--defined-only", Library.path])
        try #require(symbols.status == 0, "\(symbols)")
        // "0000000000012345 T JetInit"
        let exported = symbols.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(exported.allSatisfy { $0.count == 3 && $0[1] == "T" })
        let names = exported.compactMap { $0.last.map(String.init) }
        #expect(names.sorted() == (try Self.listed()).sorted())
    }

    /// Every exported function is declared, and where it has spellings there are all of them.
    @Test func exportsAreDeclaredInAllSpellings() throws {
        let header = try String(contentsOfFile: "\(Library.include)/esent.h", encoding: .utf8)
        let declared = Set(header.matches(of: #/JET_API (Jet\w+)\(/#).map { String($0.1) })
        let names = Set(try Self.listed())
        #expect(!names.isEmpty && names.isSubset(of: declared), "\(names.subtracting(declared))")
        for name in names {
            let stem = name.hasSuffix("A") || name.hasSuffix("W") ? String(name.dropLast()) : name
            let spellings = declared.intersection([stem, "\(stem)A", "\(stem)W"])
            #expect(spellings.isSubset(of: names), "\(spellings.subtracting(names))")
        }
    }

    /// The Swift runtime is inside; a machine needs no more than what every one has.
    @Test func needsOnlySystemLibraries() throws {
        let dynamic = try PeerProgram.run("readelf", ["-dW", Library.path])
        try #require(dynamic.status == 0, "\(dynamic)")
        let needed = dynamic.output.matches(of: #/\(NEEDED\).*\[(.+)\]/#).map { String($0.1) }
        let allowed = ["libc.so", "libm.so", "libstdc++.so", "libgcc_s.so", "ld-linux"]
        #expect(!needed.isEmpty)
        for library in needed { #expect(allowed.contains { library.hasPrefix($0) }, "\(library)") }
        #expect(dynamic.output.contains("Library soname: [libesent.so]"))
        #expect(dynamic.output.contains("NODELETE"))
    }
}
