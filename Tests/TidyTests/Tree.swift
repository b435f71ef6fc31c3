// Layer: TidyTests. Used by: every rule.
// What the rules look at (the files and the manifest) and what they answer (findings).

import Foundation

/// Something a rule objects to.
struct Finding: CustomStringConvertible, Equatable {
    let path: String
    let line: Int
    /// What is wrong.
    let problem: String
    /// What to do about it.
    let advice: String

    var description: String { "\(path):\(line): \(problem). \(advice)." }
}

/// The part of the repository that is checked.
struct Tree: Sendable {
    let manifest: Manifest
    let files: [SourceFile]

    /// A tree made of texts, for the tests of the rules.
    init(manifest: String = "", _ files: [String: String]) {
        let targets = Manifest(text: manifest)
        self.manifest = targets
        self.files = files.sorted { $0.key < $1.key }
            .map { SourceFile(path: $0.key, text: $0.value, manifest: targets) }
    }

    /// The tree of this package on disk.
    init(root: URL) throws {
        let manifest = Manifest(text: try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8))
        var files = [try SourceFile(at: "Package.swift", below: root, manifest)]
        let elsewhere = manifest.targets.map(\.folder).filter { !$0.hasPrefix("Sources/") && !$0.hasPrefix("Tests/") }
        for folder in ["Sources", "Tests"] + elsewhere {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            for path in paths.sorted() where Self.extensions.contains(where: { path.hasSuffix($0) }) {
                files.append(try SourceFile(at: "\(folder)/\(path)", below: root, manifest))
            }
        }
        self.manifest = manifest
        self.files = files
    }

    /// The root of the package that this file belongs to.
    static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let extensions = [".swift", ".c", ".h", ".modulemap"]
}

extension SourceFile {
    fileprivate init(at path: String, below root: URL, _ manifest: Manifest) throws {
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        self.init(path: path, text: text, manifest: manifest)
    }
}
