import Foundation
import Testing

/// Runs the rules over this repository.
@Suite struct RepositoryTests {
    static let tree = Result { try Tree(root: Tree.packageRoot) }

    @Test(arguments: Rule.all) func repositoryObeys(rule: Rule) async throws {
        // On a thread of its own: seconds of reading would hold up other tests that share the few threads of tasks.
        let findings = try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { rule.check(try Self.tree.get()) }) }.start()
        }
        for finding in findings { Issue.record("\(finding)") }
    }

    /// A checker that looks at the wrong folder finds nothing wrong.
    @Test func theTreeIsThisPackage() throws {
        let tree = try Self.tree.get()
        let paths = tree.files.map(\.path)
        #expect(paths.contains("Tests/TidyTests/RepositoryTests.swift"))
        #expect(paths.contains("Sources/Primitives/Instant.swift"))
        #expect(paths.contains("Sources/COpenSSL/shim.h"))
        let primitives = try #require(tree.manifest.targets.first { $0.name == "PrimitivesTests" })
        #expect(primitives.isTest && primitives.dependencies == ["Primitives"])
        #expect(tree.manifest.targets.contains { $0.name == "COpenSSL" && $0.isSystemLibrary })
    }
}
