import Testing

/// Tries every rule on sources that break it and on sources that look as if they did.
@Suite struct RuleTests {
    /// The problems a rule reports, as `path:line: problem`.
    private func problems(_ rule: Rule, manifest: String = "", _ files: [String: String]) -> [String] {
        rule.check(Tree(manifest: manifest, files)).map { "\($0.path):\($0.line): \($0.problem)" }
    }

    /// The lines on which a rule objects to one file of SNMPCodec.
    private func badLines(_ rule: Rule, _ text: String) -> [Int] {
        rule.check(Tree(["Sources/SNMPCodec/A.swift": text])).map(\.line)
    }

    private func manifest(_ targets: String) -> String {
        """
        let package = Package(name: "p", products: [.library(name: "q", targets: ["wrong"])], targets: [
        \(targets)
        ])
        """
    }

    // MARK: Layers

    @Test func layerTableNamesOnlyRowsAbove() {
        var above: Set<String> = []
        for layer in Layer.all {
            #expect(layer.imports.isSubset(of: above), "\(layer.name)")
            #expect(above.insert(layer.name).inserted, "\(layer.name) stands twice")
        }
    }

    @Test func upwardImportIsReported() {
        let manifest = manifest(#"module("SNMPCodec", ["Primitives"]), module("Primitives")"#)
        let bad = ["Sources/SNMPCodec/A.swift": "import Primitives\npublic import struct SNMPEngine.Manager\n"]
        #expect(
            problems(.layers, manifest: manifest, bad) == [
                "Sources/SNMPCodec/A.swift:2: SNMPCodec may not import SNMPEngine"
            ])
    }

    @Test func upwardDependencyIsReported() {
        let manifest = manifest(#"module("SNMPCodec", ["SNMPEngine"])"#)
        #expect(
            problems(.layers, manifest: manifest, [:]) == ["Package.swift:2: SNMPCodec may not depend on SNMPEngine"])
    }

    @Test func undeclaredImportIsReported() {
        let bad = ["Sources/SNMPCodec/A.swift": "import Primitives"]
        #expect(
            problems(.layers, manifest: manifest(#"module("SNMPCodec")"#), bad) == [
                "Sources/SNMPCodec/A.swift:1: SNMPCodec imports Primitives without declaring it"
            ])
        let test = ["Tests/SNMPCodecTests/A.swift": "import Testing\nimport SNMPCodec"]
        #expect(
            problems(.layers, manifest: manifest(#"tests("SNMPCodecTests", [])"#), test) == [
                "Tests/SNMPCodecTests/A.swift:2: SNMPCodecTests imports SNMPCodec without declaring it"
            ])
    }

    @Test func unknownModuleIsReportedWithWhatToAdd() throws {
        let tree = Tree(manifest: manifest(#"module("Novel")"#), ["Sources/Novel/A.swift": "let a = 1"])
        let findings = Rule.layers.check(tree)
        #expect(findings.map(\.path) == ["Package.swift", "Sources/Novel/A.swift"])
        for finding in findings { #expect(finding.advice.contains(#"Layer("Novel""#)) }
    }

    @Test(arguments: [
        ("SNMPCodec", "ESEFormat"), ("WinSNMP", "Jet"), ("JetABI", "SNMP"), ("ESEEngineTests", "WinSNMP"),
    ])
    func stacksNeverImportEachOther(from: String, to: String) {
        let folder = from.hasSuffix("Tests") ? "Tests" : "Sources"
        let tree = Tree(
            manifest: manifest(#"target("\#(from)", ["\#(to)"])"#), ["\(folder)/\(from)/A.swift": "import \(to)"])
        let problems = Rule.layers.check(tree).map(\.problem)
        #expect(problems.contains("\(from) depends on \(to) of the other stack"))
        // A module without a place in the layers is reported as such first.
        if Layer.named(from) != nil || folder == "Tests" {
            #expect(problems.contains("\(from) imports \(to) of the other stack"))
        }
    }

    @Test func lawfulImportsPass() {
        let manifest = manifest(
            #"""
            // module("Commented", ["SNMPEngine"]),
            module("SNMPCodec", ["Primitives"]),  // "(" in a comment
            .testTarget(name: "SNMPCodecTests", dependencies: ["SNMPCodec"]),
            """#)
        let good = [
            "Sources/SNMPCodec/A.swift": "public import Primitives\n// import SNMPEngine\nimport Synchronization",
            "Tests/SNMPCodecTests/A.swift": "import Foundation\nimport Testing\n@testable import SNMPCodec",
        ]
        #expect(problems(.layers, manifest: manifest, good) == [])
        #expect(problems(.seams, manifest: manifest, good) == [])
        #expect(problems(.usedDependencies, manifest: manifest, good) == [])
    }

    @Test func supportForTestsStandsOutsideTheLayers() {
        let manifest = manifest(
            #"""
            .target(name: "Rig", dependencies: ["SNMPCodec"], path: "Tests/Support/Rig"),
            tests("SNMPCodecTests", ["Rig", "Ghost"]), module("SNMPCodec", ["Rig"]),
            """#)
        let files = ["Tests/Support/Rig/A.swift": "import Foundation\nimport SNMPCodec\nimport SNMPEngine"]
        #expect(
            problems(.layers, manifest: manifest, files) == [
                "Package.swift:3: SNMPCodecTests depends on Ghost, which has no place in the layers",
                "Package.swift:3: SNMPCodec may not depend on Rig",
                "Tests/Support/Rig/A.swift:3: Rig imports SNMPEngine without declaring it",
            ])
        #expect(problems(.seams, manifest: manifest, files) == [])
        #expect(problems(.compiled, manifest: manifest, files) == [])
    }

    @Test func unusedDependencyIsReported() {
        let manifest = manifest(#"module("SNMPCodec", ["Primitives"])"#)
        let bad = ["Sources/SNMPCodec/A.swift": #"let a = "import Primitives""#]
        #expect(
            problems(.usedDependencies, manifest: manifest, bad) == [
                "Package.swift:2: SNMPCodec never imports Primitives"
            ])
    }

    // MARK: Seams

    @Test(arguments: ["Glibc", "Darwin", "Musl", "CLinux", "COpenSSL", "Foundation", "FoundationEssentials"])
    func systemImportOutsideItsSeamIsReported(module: String) {
        #expect(badLines(.seams, "let a = 1\n@preconcurrency internal import \(module)") == [2])
        let user =
            switch module {
            case "COpenSSL": "SNMPSecurity"
            case "Foundation", "FoundationEssentials": "OrielCommand"
            default: "PlatformIO"
            }
        #expect(problems(.seams, ["Sources/\(user)/A.swift": "import \(module)"]) == [])
    }

    @Test func testsMayUseFoundationButNotLibc() {
        let tests = ["Tests/SNMPCodecTests/A.swift": "import Foundation\nimport Glibc"]
        #expect(problems(.seams, tests) == ["Tests/SNMPCodecTests/A.swift:2: SNMPCodecTests imports Glibc"])
    }

    @Test func functionsLinkedByNameAreReported() {
        #expect(badLines(.seams, "@_silgen_name(\"getpid\")\nfunc a() -> Int32\n@_extern(c) func b()") == [1, 3])
    }

    // MARK: Traps

    @Test(arguments: [
        "let a = try! f()", "let a = b as! Int", "fatalError()", "let a = b!", "f(a!, b)", "a[0]!.b = 1", "f()!",
        "var a: Int!", "let a = \"\\(b!)\"", "a!.b != c", "a! != b", "{ b }()!", "let a = try! f()  // fine",
        "let a = b!  // tidy: our bug", "let a = b!  // tidy: our bug, really",
    ])
    func trapIsReported(code: String) {
        #expect(badLines(.traps, "let ok = 1\n" + code) == [2], "\(code)")
    }

    @Test(arguments: [
        "if a != b, !c, (!d) || !e {}", "let a = \"wow!\"", "// a! try! as!", "/* a! */ let b = 1", "a!==b",
        "let a = #\"b\\(c!)\"#", "let a = \"\\(b ? \"x!\" : \"y!\")\"", "\"\"\"\n  a! \"quoted\" b!\n  \"\"\"",
        "let a = b!  // tidy: our bug, the table holds every row", "precondition(a)", "let fatalErrorCount = 1",
    ])
    func harmlessCodePasses(code: String) {
        #expect(badLines(.traps, code) == [], "\(code)")
    }

    @Test func testsMayTrap() {
        #expect(problems(.traps, ["Tests/SNMPCodecTests/A.swift": "try! f()"]) == [])
    }

    // MARK: Files

    @Test func uncompiledFileIsReported() {
        let manifest = manifest(
            #"module("A"), tests("ATests", ["A"]), .target(name: "B", path: "Sources/C", exclude: ["Old"])"#)
        let files = [
            "Package.swift": "", "Sources/A/A.swift": "", "Tests/ATests/A.swift": "", "Sources/C/c.h": "",
            "Sources/B/b.c": "", "Sources/Loose.swift": "", "Tests/Ghost/A.swift": "", "Sources/C/Old/c.c": "",
            // Compiled by a script, but only C.
            "Tests/Support/WinSNMPPrograms/a.c": "", "Tests/Support/WinSNMPPrograms/A.swift": "",
        ]
        #expect(
            problems(.compiled, manifest: manifest, files) == [
                "Sources/B/b.c:1: no target compiles this file",
                "Sources/C/Old/c.c:1: B excludes this file",
                "Sources/Loose.swift:1: no target compiles this file",
                "Tests/Ghost/A.swift:1: no target compiles this file",
                "Tests/Support/WinSNMPPrograms/A.swift:1: no target compiles this file",
            ])
    }

    @Test func emptyTargetIsReported() {
        let manifest = manifest(#"module("A"), module("B"), module("C")"#)
        let files = ["Sources/A/A.swift": "import B\n// a comment\n", "Sources/B/B.swift": "let a = 1"]
        #expect(
            problems(.filled, manifest: manifest, files) == [
                "Package.swift:2: the target A has no code", "Package.swift:2: the target C has no code",
            ])
    }

    // MARK: Docstrings

    @Test(arguments: [
        "public struct A {}", "public final class A {}", "open class A {}", "public enum A {}", "public actor A {}",
        "public protocol A {}", "public typealias A = Int", "public func a() {}", "public let a = 1",
        "public private(set) var a = 1", "public static func < (a: A, b: A) -> Bool { true }",
        "static public let a = 1",
        "public init() {}", "public subscript(i: Int) -> Int { i }", "@inlinable public func a() {}",
        "// not a docstring\npublic func a() {}", "/// For b.\nlet b = 1; \npublic func a() {}",
        "/// Detached.\n\npublic func a() {}", "@available(macOS 10, *)\n@inlinable\npublic func a() {}",
        "public indirect enum A {}", "public class func a() {}", "/// Text.\npublic extension A {}",
        "/// A.\npublic enum A {\n  case b\n}", "/// A.\npublic enum A: Int\n{\n  indirect case b(A)\n}",
        "/// A.\npublic enum A { case b, c }", "/// A.\npublic protocol A {\n  func b()\n}",
        "/// A.\npublic protocol A {\n  associatedtype B\n}",
        "/// A.\npublic protocol A {\n  static var b: Int { get }\n}",
    ])
    func missingDocstringIsReported(code: String) {
        #expect(badLines(.docstrings, code).count == 1, "\(code)")
    }

    @Test(arguments: [
        "public import A", "struct A {}", "package func a() {}", "/// A.\npublic struct A {}",
        "/** A. */\npublic struct A {}", "/// A.\n@inlinable\npublic func a() {}",
        "/// A.\n@available(\n  macOS 10, *\n)\n@inlinable public func a() {}",
        "/// A.\npublic enum A {\n  /// B.\n  case b\n  func c() {\n    switch self {\n    case .b: 1\n    }\n  }\n}",
        "/// A.\npublic protocol A {\n  /// B.\n  func b()\n}", "enum A {\n  case b\n}",
        "/// A.\npublic enum A {\n  /// B.\n  case b\n  enum C {\n    case d\n  }\n}",
        "let a = \"public func b()\"", "/// A.\npublic private(set) var a = 1",
    ])
    func documentedCodePasses(code: String) {
        #expect(badLines(.docstrings, code) == [], "\(code)")
    }

    // MARK: Text

    @Test func longLineIsReported() {
        let widths = [120, 121].map { String(repeating: "é", count: $0) }
        #expect(badLines(.width, widths.joined(separator: "\n")) == [2])
    }

    @Test func leftoverMarkerIsReported() {
        for word in Rule.leftoverWords {
            #expect(badLines(.leftovers, "let a = 1  // \(word): later\nlet \(word)L = 2") == [1])
        }
    }

    @Test func unsafePointersNeedAnAuditEntry() {
        let tree = Tree([
            "Sources/SNMPCodec/A.swift": "// UnsafePointer\nlet a: UnsafeRawPointer? = nil",
            "Sources/SNMPCodec/B.swift": "f { unsafeBitCast($0, to: Int.self) }",
            "Sources/PlatformIO/C.swift": "let a: UnsafeRawPointer? = nil", "Sources/SNMPCodec/D.swift": "let a = 1",
            "Sources/SNMPCodec/E.swift": "await withUnsafeContinuation { nonisolated(unsafe) var a = $0 }",
        ])
        let findings = Rule.unsafeFindings(tree, ["Sources/SNMPCodec/B.swift", "Sources/SNMPCodec/D.swift"])
        #expect(
            findings.map { "\($0.path):\($0.line)" } == ["Sources/SNMPCodec/A.swift:2", "Sources/SNMPCodec/D.swift:1"])
    }

    @Test func findingSaysWhereWhatAndWhatToDo() {
        let findings = Rule.traps.check(Tree(["Sources/SNMPCodec/A.swift": "fatalError()"]))
        #expect(
            findings.map(\.description) == [
                "Sources/SNMPCodec/A.swift:1: fatalError. Throw a typed error, or use precondition for our own bug."
            ])
    }
}
